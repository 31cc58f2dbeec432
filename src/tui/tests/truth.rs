//! One truth: what a key offers is what the engine takes, and row, footer, NEXT, alarm row and panes say the same of it.

use base64::Engine as _;

use super::Cockpit;
use super::fixture::{NOW, T0, Weather, cockpit, cockpit_of, stopped_rollback};
use super::typing::{SIZE, select};
use crate::core::event::{Evidence, RunEnd};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::{Fired, LaunchState, RollbackStatus, RunState, StepState, StepStatus};
use crate::core::order::{Way, What};
use crate::core::time::Span;
use crate::wire::message::EngineMessage;

fn footer(cockpit: &Cockpit) -> String {
    cockpit.text().lines().last().unwrap().to_owned()
}

#[test]
fn on_a_step_that_is_over_r_offers_nothing_and_says_which_key_does() {
    for (step, said) in [
        ("share-5", "5 % to green: it is done; R goes back, then it may run again"),
        ("go-25", "Go for 25 %?: it is decided; R goes back, then it asks again"),
        ("start", "Start the green instances: it is done, and no way back undoes it: it does not run again"),
        ("share-25", "25 % to green: it goes on; t stops it"),
        ("metrics", "not started: `metrics` waits for `share-100`"),
    ] {
        let mut cockpit = cockpit(SIZE, Weather::Breach);
        select(&mut cockpit, step);
        cockpit.keys("x");
        assert!(cockpit.model.overlay.is_none(), "{step}: {}", cockpit.text());
        assert!(footer(&cockpit).contains(said), "{step}: {}", footer(&cockpit));
        cockpit.keys("y");
        assert!(cockpit.orders().is_empty(), "{step}");
    }
}

#[test]
fn a_hold_and_a_way_back_are_named_with_their_key() {
    let due = |state: &mut LaunchState| {
        state.steps.insert("share-5".into(), StepState::default());
    };
    let mut held = cockpit_of(SIZE, Weather::Calm, |state| {
        due(state);
        let by = crate::core::event::Actor::Engine;
        state.hold = Some(crate::core::launch::Hold { since: state.last_at, by, why: "odd".into() });
    });
    select(&mut held, "share-5");
    held.keys("x");
    assert!(
        footer(&held).contains("not started: the launch is held: engine holds: odd; H release"),
        "{}",
        footer(&held)
    );
    let mut back = cockpit_of(SIZE, Weather::Calm, |state| {
        due(state);
        stopped_rollback(state);
    });
    select(&mut back, "share-5");
    back.keys("x");
    assert!(footer(&back).contains("; R again, by-hand, leave"), "{}", footer(&back));
    // What nothing stands against is offered.
    let mut free = cockpit_of(SIZE, Weather::Calm, due);
    select(&mut free, "share-5");
    free.keys("xy");
    assert_eq!(free.orders(), [&What::Run { step: "share-5".into(), attempt: 1 }]);
}

#[test]
fn a_hand_step_has_one_key_in_its_row_the_footer_and_next() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, |state| {
            for later in ["freeze", "start", "smoke", "go-5", "share-5"] {
                state.steps.insert(later.into(), StepState::default());
            }
        });
        select(&mut cockpit, "freeze");
        let text = cockpit.text();
        assert!(text.contains("Space ticks it"), "{text}");
        assert!(text.contains("devops (Raj) does it by hand") && text.contains("      Space tick"), "{text}");
        assert!(
            footer(&cockpit).contains("R go back   Space tick") || footer(&cockpit).contains("go back  Space tick")
        );
        assert!(!footer(&cockpit).contains("x run"), "{text}");
        cockpit.keys("<space>");
        assert!(matches!(cockpit.orders()[..], [What::Tick { .. }]));
    }
}

#[test]
fn the_footer_has_the_keys_of_the_selected_row() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    select(&mut cockpit, "share-5");
    assert!(footer(&cockpit).contains(" R go back   t stop   H hold"), "{}", footer(&cockpit));
    select(&mut cockpit, "start");
    assert!(footer(&cockpit).contains(" R go back   H hold"), "nothing moves it: {}", footer(&cockpit));
    let mut poll = cockpit_of(SIZE, Weather::Calm, super::fixture::polling);
    select(&mut poll, "start");
    assert!(footer(&poll).contains("v vote   d decide"), "{}", footer(&poll));
}

/// A step that was done; its undo began five minutes ago and failed, and the way back was left.
fn undo_failed(state: &mut LaunchState) {
    let run = RunId { step: "share-5".into(), kind: RunKind::Undo, attempt: 1 };
    let end = (NOW - Span::mins(4), RunEnd::Exited { code: 1, took: Span::secs(60) });
    let undo = RunState { end: Some(end), ..RunState::new(NOW - Span::mins(5), 120, 40) };
    state.runs.insert(run, undo);
    let status =
        StepStatus::Failed { at: NOW - Span::mins(4), why: "its undo exited with 1 after 1m".into(), evidence: vec![] };
    let step = StepState {
        status,
        attempt: 1,
        undo_attempts: 1,
        touched: true,
        started: Some(NOW - Span::mins(60)),
        ..StepState::default()
    };
    state.steps.insert("share-5".into(), step);
}

#[test]
fn a_step_whose_undo_failed_says_so_everywhere_and_never_that_it_failed() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, undo_failed);
        select(&mut cockpit, "share-5");
        let text = cockpit.text();
        assert!(text.contains("↚ 5 % to green") && text.contains("  UNDO FAILED  "), "{text}");
        assert!(!text.contains("✗ 5 % to green") && !text.contains("STEP FAILED"), "{text}");
        assert!(text.lines().any(|l| l.contains("▲ UNDO FAILED")), "the alarm row: {text}");
        assert!(text.contains("counts as still in"), "{text}");
        assert!(["asks: undo 5 % to green?", "▲ asks to go back"].iter().any(|a| text.contains(a)), "NEXT: {text}");
        cockpit.keys("<enter>");
        let page = cockpit.text();
        assert!(page.contains("↚ 5 % to green") && page.contains("undo failed"), "{page}");
        cockpit.keys("<esc>Ry");
        let way = Way::Stage("share-5".into());
        assert!(matches!(cockpit.orders()[..], [What::Rollback { way: w, .. }] if *w == way), "{:?}", cockpit.orders());
    }
    let now = cockpit_of((200, 60), Weather::Calm, undo_failed).text();
    assert!(now.contains("5 % to green undo failed"), "NOW: {now}");
}

#[test]
fn no_clock_is_negative_though_ours_is_behind_the_engines() {
    let run = RunId { step: "start".into(), kind: RunKind::Do, attempt: 1 };
    let ahead = NOW + Span::secs(6) + Span(700);
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let started = RunState::new(ahead, 120, 40);
        state.runs.insert(run.clone(), started);
        let status = StepStatus::Running { run: run.clone() };
        let step = StepState { status, attempt: 1, started: Some(ahead), touched: true, ..StepState::default() };
        state.steps.insert("start".into(), step);
        state.t0 = ahead;
    });
    select(&mut cockpit, "start");
    cockpit.model.told.0 = cockpit.model.told.0 - Span::secs(1);
    cockpit.keys("9");
    let data = base64::engine::general_purpose::STANDARD.encode("undo a\n");
    cockpit.hears(EngineMessage::Output { run, offset: 0, data, total: 7 });
    let text = cockpit.text();
    assert!(text.contains("   0:00  undo a"), "{text}");
    assert!(text.contains("running 0:00") && !text.contains("-0:0"), "{text}");
    assert!(text.contains("T-00:00:0"), "before T-0 it counts down: {text}");
}

#[test]
fn what_the_trigger_asks_for_is_kept_before_the_key_of_the_next_alarm() {
    let row = |cockpit: &Cockpit| cockpit.text().lines().nth(1).unwrap().to_owned();
    let with = |title: &'static str| {
        move |state: &mut LaunchState| {
            let mut outline = (*state.outline).clone();
            outline.steps.iter_mut().find(|s| s.id == "share-25".into()).unwrap().title = title.into();
            state.outline = std::sync::Arc::new(outline);
        }
    };
    for title in ["25 %", "25 % to green", "25 % of all traffic to green", "25 % of all traffic of wallet to green now"]
    {
        let shown = row(&cockpit_of(SIZE, Weather::Breach, with(title)));
        assert!(
            ["asks: ", "asks to go back", &format!("undo {title}?")].iter().any(|asked| shown.contains(asked)),
            "{title}: {shown}"
        );
        assert!(shown.contains("+2"), "{shown}");
    }
    let shown = row(&cockpit_of((200, 60), Weather::Breach, with("25 % to green")));
    assert!(shown.contains("A next") && shown.contains("asks: "), "{shown}");
}

/// A trigger that fired and holds, and a way back that somebody else began.
fn fired(state: &mut LaunchState) {
    stopped_rollback(state);
    let evidence = Evidence {
        condition: "errors[green] > 1%".into(),
        found: "6.1 %".into(),
        held: Some(true),
        lasted: Some(Span::mins(3)),
    };
    let fired = Fired { at: T0, instance: Some("green".into()), evidence, by: None, dismissed: None, acked: None };
    state.triggers.get_mut("errors-green").unwrap().fired = Some(fired);
}

#[test]
fn while_a_way_back_runs_or_is_stopped_no_trigger_asks_for_one() {
    let triggers = |cockpit: &Cockpit| {
        let text = cockpit.text();
        text.lines().filter(|l| l.contains("errors[green] > 1% for 3m")).collect::<Vec<_>>().join("\n")
    };
    for size in [SIZE, (200, 60)] {
        let stopped = cockpit_of(size, Weather::Breach, fired);
        let rows = triggers(&stopped);
        assert!(rows.contains("the way back STOPPED") && !rows.contains("asks"), "{rows}");
        assert!(stopped.text().lines().nth(1).unwrap().contains("ROLLBACK STOPPED"), "{}", stopped.text());
        let runs = cockpit_of(size, Weather::Breach, |state| {
            fired(state);
            state.rollbacks[0].status = RollbackStatus::Running;
        });
        let rows = triggers(&runs);
        assert!(rows.contains("the way back runs") && !rows.contains("asks"), "{rows}");
    }
}

#[test]
fn no_loss_is_claimed_where_the_plan_names_none() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        // On the smallest BACK has no room for it.
        assert!(size.0 == 80 || cockpit.text().contains("no loss named"), "{}", cockpit.text());
        cockpit.keys("R");
        let text = cockpit.text();
        assert!(text.matches("no loss named").count() >= 2, "{text}");
    }
}

#[test]
fn who_does_not_lead_reads_who_does() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let led = |lead: &'static str| cockpit_of(size, Weather::Calm, move |state| state.lead = lead.into()).text();
        let head = |text: String| text.lines().next().unwrap().to_owned();
        assert!(head(led("tom")).contains("ana; tom leads"), "{}", head(led("tom")));
        let own = head(led("ana"));
        assert!(own.contains("ana, lead") && !own.contains("leads"), "{own}");
    }
}

#[test]
fn a_soak_that_waits_for_its_last_reading_says_so_in_its_row() {
    let row = |size| {
        let cockpit = cockpit_of(size, Weather::Calm, |state| {
            let mut outline = (*state.outline).clone();
            outline.steps.iter_mut().find(|s| s.id == "share-5".into()).unwrap().soak = Some(Span::secs(29 * 60 + 58));
            state.outline = std::sync::Arc::new(outline);
        });
        let text = cockpit.text();
        text.lines()
            .find(|l| l.contains("5 % to green ") && l.contains("29:45 /"))
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    };
    let (wide, narrow) = (row((200, 60)), row((120, 40)));
    assert!(wide.contains(" 29:45 / 29:58 · reading in "), "{wide}");
    assert!(narrow.contains("soak 29:45 / 29:58"), "there is no room: {narrow}");
}

#[test]
fn a_soak_that_holds_again_is_not_shown_as_broken() {
    let cockpit = cockpit_of((200, 60), Weather::Calm, |state| {
        let own = state.steps.get_mut("share-5").unwrap();
        let StepStatus::Soaking { broken, .. } = &mut own.status else { panic!() };
        *broken = true;
    });
    assert!(!cockpit.text().contains("broken"), "{}", cockpit.text());
}
