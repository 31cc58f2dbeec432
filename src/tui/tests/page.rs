//! The page of a step: what it says, how one comes to it and back.

use base64::Engine as _;

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit, cockpit_of, polling};
use crate::core::event::{Actor, Event, Recorded, RunEnd};
use crate::core::ids::{RunId, RunKind, Seq};
use crate::core::launch::{LaunchState, RunState, StepState, StepStatus};
use crate::core::time::Span;
use crate::tui::model::{PaneId, Target};
use crate::tui::msg::Effect;
use crate::wire::message::{ClientMessage, EngineMessage};

const SIZE: (u16, u16) = (120, 40);

fn run(attempt: u32) -> RunId {
    RunId { step: "start".into(), kind: RunKind::Do, attempt }
}

/// A command in its second attempt, 5:21 after it began.
fn second_attempt(state: &mut LaunchState) {
    let started = super::fixture::NOW - Span::secs(321);
    let shape = |started, end| RunState { end, ..RunState::new(started, 120, 40) };
    let failed = (started - Span::secs(13), RunEnd::Exited { code: 1, took: Span::secs(9) });
    state.runs.insert(run(1), shape(started - Span::secs(22), Some(failed)));
    state.runs.insert(run(2), shape(started, None));
    let step = StepState {
        status: StepStatus::Running { run: run(2) },
        attempt: 2,
        touched: true,
        started: Some(started),
        started_by: Some(Actor::Operator(ana())),
        ..StepState::default()
    };
    state.steps.insert("start".into(), step);
    for later in ["smoke", "go-5", "share-5"] {
        state.steps.insert(later.into(), StepState::default());
    }
}

fn opened(size: (u16, u16)) -> Cockpit {
    let mut cockpit = cockpit_of(size, Weather::Calm, second_attempt);
    cockpit.model.selected = Some(Target::Step("start".into()));
    cockpit.keys("<enter>");
    let writes = |cockpit: &mut Cockpit, offset: usize, text: &str| {
        let data = base64::engine::general_purpose::STANDARD.encode(text);
        let total = (offset + text.len()) as u64;
        cockpit.hears(EngineMessage::Output { run: run(2), offset: offset as u64, data, total });
    };
    let old = "$ npm ci\n\x1b[33mnpm warn\x1b[0m deprecated inflight@1.0.6\nadded 1,184 packages in 1m\n";
    writes(&mut cockpit, 0, old);
    writes(&mut cockpit, old.len(), "> next build\n\x1b[32m✓ Compiled successfully\x1b[0m\n");
    cockpit.waits(Span::secs(8));
    cockpit
}

#[test]
fn enter_opens_the_page_of_a_step_and_esc_comes_back() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, second_attempt);
    cockpit.keys("<enter>");
    let text = cockpit.text();
    for part in [
        "2 Green on 3002",
        "1 of 2",
        "running",
        "5:23 / ~10 m",
        "owner      devops: Raj",
        "began      06:13:21 CET, by ana",
        "Undo",
        "it has none: it stays as it is",
        "✗ 1  exit 1 after 0:09",
        "▸ 2  running",
        "Esc back",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("1 Checklist"));
    let watched = cockpit
        .effects
        .iter()
        .any(|e| matches!(e, Effect::Send(ClientMessage::Watch { output: Some((r, 0)) }) if *r == run(2)));
    assert!(watched || cockpit.model.output.run == Some(run(2)));
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("1 Checklist") && cockpit.model.page.is_none());
    assert_eq!(cockpit.model.focus, PaneId::Checklist);
    assert!(!cockpit.effects.contains(&Effect::Detach));
}

#[test]
fn output_stands_beside_it_with_the_times_at_which_it_came() {
    let text = opened(SIZE).text();
    for part in [
        "attempt 2, 5 lines",
        "following",
        "         added 1,184 packages in 1m",
        "   5:23  > next build",
        "silent for 8 s",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn tab_goes_to_the_output_and_another_pane_leaves_the_page() {
    let mut cockpit = opened(SIZE);
    cockpit.keys("<tab>");
    assert_eq!(cockpit.model.focus, PaneId::Output);
    cockpit.keys("z");
    assert!(!cockpit.text().contains("Attempts") && cockpit.text().contains("Compiled successfully"));
    cockpit.keys("<esc><esc>");
    assert!(cockpit.text().contains("1 Checklist"));
    cockpit.keys("o3");
    assert!(cockpit.model.page.is_none() && cockpit.text().contains("1 Checklist"));
}

#[test]
fn the_page_stays_where_events_lead_elsewhere() {
    let mut cockpit = opened(SIZE);
    let end = RunEnd::Exited { code: 2, took: Span::secs(330) };
    let event = Event::RunEnded { run: run(2), end, left_running: false, asked: None, unkept: 0 };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    let text = cockpit.text();
    assert!(text.contains("Start the green instances") && text.contains("✗ 2  exit 2 after 5:30"), "{text}");
}

#[test]
fn keys_mean_the_step_of_the_page() {
    let mut cockpit = opened(SIZE);
    cockpit.keys("ty");
    assert!(
        matches!(cockpit.orders()[..], [crate::core::order::What::Stop { attempt: 2, .. }]),
        "{:?}",
        cockpit.orders()
    );
}

#[test]
fn a_gate_says_who_votes_and_a_step_without_output_does_not_show_anothers() {
    let mut gate = cockpit_of(SIZE, Weather::Calm, polling);
    gate.model.selected = Some(Target::Step("go-25".into()));
    gate.keys("o");
    let text = gate.text();
    for part in ["Must hold", "Votes", "dba  Tom", "no vote yet"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("9 Output") && !text.contains("Tab output"), "a gate has no command: {text}");
    let mut command = cockpit(SIZE, Weather::Calm);
    command.model.selected = Some(Target::Step("share-25".into()));
    assert!(command.keys("o").text().contains("its command has not run"), "{}", command.text());
    let mut nothing = cockpit(SIZE, Weather::Calm);
    nothing.model.selected = Some(Target::Phase("prepare".into()));
    nothing.keys("o");
    assert!(nothing.text().contains("choose a step first"));
}

#[test]
fn pages_are_as_they_were_found_good() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let (w, h) = size;
        insta::assert_snapshot!(format!("running-{w}x{h}"), opened(size).screen());
        let mut soaking = cockpit(size, Weather::Breach);
        soaking.keys("<enter>");
        insta::assert_snapshot!(format!("soaking-{w}x{h}"), soaking.screen());
    }
    super::screens::look("page", &opened(SIZE));
    let mut soaking = cockpit(SIZE, Weather::Breach);
    soaking.keys("<enter>");
    super::screens::look("page-breach", &soaking);
}

#[test]
fn no_size_breaks_a_page() {
    for size in [(1, 1), (20, 5), (40, 12), (60, 16), (70, 20), (99, 21), (300, 9)] {
        for keys in ["", "jjjG", "<tab>kkgg", "z", "<tab>z<esc>", "R<esc>?"] {
            opened(size).keys(keys).screen();
        }
    }
}
