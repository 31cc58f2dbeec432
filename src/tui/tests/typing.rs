//! What keys do.

use super::Cockpit;
use super::fixture::{T0, Weather, ana, cockpit, cockpit_of, polling};
use crate::core::event::{Actor, Event, Recorded};
use crate::core::ids::{RunId, RunKind, Seq, StepId};
use crate::core::launch::{Hold, Input, StepState, StepStatus, decide};
use crate::core::order::{Ballot, Found, Operator, Order, Rejection, Way, What};
use crate::core::signals::Signals;
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::dialogs::Overlay;
use crate::tui::model::{Line, PaneId, Target};
use crate::tui::msg::{Effect, Happened};
use crate::wire::message::{ClientMessage, EngineMessage};

pub const SIZE: (u16, u16) = (120, 40);

pub fn calm() -> Cockpit {
    cockpit(SIZE, Weather::Calm)
}

pub fn breach() -> Cockpit {
    cockpit(SIZE, Weather::Breach)
}

pub fn select(cockpit: &mut Cockpit, step: &str) {
    cockpit.model.selected = Some(Target::Step(step.into()));
    cockpit.waits(Span::secs(1));
}

#[test]
fn a_tick_names_its_row_and_is_refused_where_the_selection_moved_by_itself() {
    let mut cockpit = calm();
    select(&mut cockpit, "share-5");
    let done =
        Event::StepDone { step: "share-5".into(), attempt: 1, by: Actor::Engine, over: None, evidence: Vec::new() };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event: done };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert_ne!(cockpit.model.selected, Some(Target::Step("share-5".into())), "taken along");
    cockpit.hastily("<space>");
    assert!(cockpit.orders().is_empty());
    assert!(cockpit.text().contains("the selection had just moved"));
    // Who moves it knows where it is, however fast the link brings the keys.
    select(&mut cockpit, "share-5");
    cockpit.hastily("G<space>");
    assert!(matches!(cockpit.orders()[..], [What::Tick { .. }]), "{:?}", cockpit.orders());
    let mut cockpit = calm();
    select(&mut cockpit, "metrics");
    cockpit.keys("<space>");
    assert_eq!(cockpit.orders(), [&What::Tick { step: "metrics".into(), item: None, on: true }]);
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    cockpit.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    assert!(cockpit.text().contains("ticked: Metrics, payments, webhooks"), "{}", cockpit.text());
}

#[test]
fn boxes_are_ticked_one_by_one_and_back() {
    let mut cockpit = calm();
    cockpit.model.selected = Some(Target::Item("smoke".into(), 2));
    cockpit.waits(Span::secs(1));
    cockpit.keys("<space>");
    assert_eq!(cockpit.orders(), [&What::Tick { step: "smoke".into(), item: Some(2), on: false }]);
}

#[test]
fn who_comes_to_a_step_with_boxes_stands_at_its_first_open_one() {
    let at = |box_number| Some(Target::Item("smoke".into(), box_number));
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        for step in state.steps.values_mut() {
            step.status = StepStatus::Todo;
        }
        let smoke = state.steps.get_mut(&StepId::from("smoke")).unwrap();
        smoke.status = StepStatus::Claimed;
        smoke.ticks.retain(|item, _| *item == 0);
    });
    assert_eq!(checklist::start(&cockpit.model), at(1));
    select(&mut cockpit, "smoke");
    cockpit.waits(Span(400));
    cockpit.hastily("<space><space>");
    assert_eq!(cockpit.model.selected, at(1), "the first press goes there");
    assert!(cockpit.orders().is_empty(), "a second one at once was not meant for a row unseen");
    cockpit.waits(Span(400));
    cockpit.keys("<space>");
    let tick = What::Tick { step: "smoke".into(), item: Some(1), on: true };
    assert_eq!(cockpit.orders(), [&tick], "{}", cockpit.text());
}

/// `smoke` is next; of its boxes these are open.
fn next_is_smoke(open: &[usize]) -> Cockpit {
    cockpit_of(SIZE, Weather::Calm, |state| {
        for id in ["smoke", "go-5", "share-5"] {
            state.steps.get_mut(id).unwrap().status = StepStatus::Todo;
        }
        let smoke = state.steps.get_mut(&StepId::from("smoke")).unwrap();
        smoke.status = StepStatus::Claimed;
        smoke.ticks.retain(|item, _| !open.contains(item));
    })
}

#[test]
fn space_on_what_is_no_box_leads_to_the_box_that_is_next() {
    let mut cockpit = next_is_smoke(&[1, 2]);
    select(&mut cockpit, "start");
    let phase = Target::Phase(cockpit.model.outline().unwrap().phases[0].id.clone());
    for selected in [cockpit.model.selected.clone().unwrap(), phase] {
        cockpit.model.selected = Some(selected);
        cockpit.waits(Span(400));
        cockpit.keys("<space>");
        assert!(cockpit.orders().is_empty(), "a row that was not seen is not ticked");
        assert_eq!(cockpit.model.selected, Some(Target::Item("smoke".into(), 1)), "{}", cockpit.text());
        assert!(cockpit.text().contains("is next: its first open box"), "{}", cockpit.text());
    }
}

#[test]
fn a_box_that_was_passed_over_is_selected_when_the_last_one_is_ticked() {
    let mut cockpit = next_is_smoke(&[1, 2, 3]);
    let mut ticks = |from: usize| {
        cockpit.model.selected = Some(Target::Item("smoke".into(), from));
        cockpit.waits(Span::secs(1));
        cockpit.keys("<space>");
        cockpit.model.selected.clone()
    };
    assert_eq!(ticks(2), Some(Target::Item("smoke".into(), 2)), "one below it is open still");
    let mut cockpit = next_is_smoke(&[1, 3]);
    cockpit.model.selected = Some(Target::Item("smoke".into(), 3));
    cockpit.waits(Span::secs(1));
    cockpit.keys("<space>");
    assert_eq!(cockpit.model.selected, Some(Target::Item("smoke".into(), 1)));
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    cockpit.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    assert!(cockpit.text().contains("(still open: "), "{}", cockpit.text());
}

#[test]
fn on_a_ticked_box_nothing_says_that_space_ticks_the_next_one() {
    // Open boxes, where the selection stands, and what leads to the first of them.
    for (open, from, way) in [
        (&[1, 2][..], 0, "j, Space ticks it"),
        (&[0, 2], 1, "k, Space ticks it"),
        (&[3], 0, "select it, Space ticks it"),
        (&[1, 2], 1, " Space ticks it"),
    ] {
        let mut cockpit = next_is_smoke(open);
        cockpit.model.selected = Some(Target::Item("smoke".into(), from));
        let text = cockpit.waits(Span::secs(1)).text();
        assert!(text.contains(way), "{open:?} from {from}: {text}");
        let ticked = !open.contains(&from);
        assert_eq!(text.contains("Space untick"), ticked, "{text}");
        assert_eq!(text.contains("Space tick "), !ticked, "{text}");
        cockpit.keys("<space>");
        let tick = What::Tick { step: "smoke".into(), item: Some(from), on: !ticked };
        assert_eq!(cockpit.orders(), [&tick], "{text}");
    }
}

#[test]
fn j_after_space_takes_nobody_past_the_box_to_which_the_selection_went_by_itself() {
    let mut cockpit = next_is_smoke(&[1, 3]);
    cockpit.model.selected = Some(Target::Item("smoke".into(), 3));
    cockpit.waits(Span::secs(1));
    cockpit.keys("<space>j");
    assert_eq!(cockpit.model.selected, Some(Target::Item("smoke".into(), 1)), "{}", cockpit.text());
    assert!(cockpit.text().contains("went on by itself"), "{}", cockpit.text());
    cockpit.keys("j");
    assert_eq!(cockpit.model.selected, Some(Target::Item("smoke".into(), 2)), "the next one is a step of its own");
    let mut slow = next_is_smoke(&[1, 3]);
    slow.model.selected = Some(Target::Item("smoke".into(), 3));
    slow.waits(Span::secs(1));
    slow.keys("<space>").waits(Span::secs(3)).keys("j");
    assert_eq!(slow.model.selected, Some(Target::Item("smoke".into(), 2)), "who waited has seen where it is");
}

#[test]
fn a_command_starts_after_y_and_says_which_attempt_was_seen() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let failed = StepStatus::Failed { at: T0, why: "exit 1".into(), evidence: vec![] };
        state.steps.insert("share-25".into(), StepState { status: failed, attempt: 2, ..StepState::default() });
        for before in ["share-5", "go-25"] {
            state.steps.get_mut(before).unwrap().status = StepStatus::Done { at: T0, by: Actor::Engine, over: None };
        }
    });
    select(&mut cockpit, "share-25");
    cockpit.keys("x");
    assert!(cockpit.text().contains("$ ./weight.sh 25"), "{}", cockpit.text());
    cockpit.keys("<enter>x");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("y");
    assert_eq!(cockpit.orders(), [&What::Run { step: "share-25".into(), attempt: 3 }]);
}

#[test]
fn votes_and_decisions_carry_the_round() {
    let open = || {
        let mut cockpit = cockpit_of(SIZE, Weather::Calm, polling);
        select(&mut cockpit, "go-25");
        cockpit
    };
    let mut cockpit = open();
    cockpit.keys("v2g");
    let vote = What::Vote { gate: "go-25".into(), round: 1, role: "dba".into(), vote: Ballot::Go, why: None };
    assert_eq!(cockpit.orders(), [&vote]);
    let mut cockpit = open();
    cockpit.keys("dn<enter>");
    assert!(cockpit.orders().is_empty(), "no-go needs a reason");
    cockpit.keys("lag<enter>");
    let no = What::Decide { gate: "go-25".into(), round: 1, go: false, why: Some("lag".into()) };
    assert_eq!(cockpit.orders(), [&no]);
    let mut cockpit = open();
    cockpit.keys("dg");
    assert!(cockpit.orders().is_empty(), "votes are missing: a go needs a reason");
    cockpit.keys("all agreed by voice<enter>");
    assert!(matches!(cockpit.orders()[..], [What::Decide { go: true, why: Some(_), .. }]));
    let mut cockpit = calm();
    select(&mut cockpit, "go-25");
    cockpit.keys("d");
    assert!(cockpit.text().contains("its poll is not open"));
}

#[test]
fn hold_severity_note_and_the_way_out_of_a_hold() {
    let mut cockpit = calm();
    cockpit.keys("Hlooks odd<enter>S2payments fail<enter>call tom back<enter>S1<enter>");
    let [hold, sev2, note, sev1] = cockpit.orders()[..] else { panic!("{:?}", cockpit.orders()) };
    assert_eq!(*hold, What::Hold { why: "looks odd".into() });
    assert_eq!(*sev2, What::Severity { incident: None, level: 2, text: "payments fail".into() });
    assert_eq!(*note, What::Note { text: "all tom back".into() });
    assert_eq!(*sev1, What::Severity { incident: None, level: 1, text: String::new() });
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |s| {
        s.hold = Some(Hold { since: s.last_at, by: Actor::Operator(ana()), why: "odd".into() });
    });
    assert!(cockpit.text().contains("HOLD ana"));
    cockpit.keys("Hfine again<enter>");
    assert_eq!(
        cockpit.orders(),
        [&What::Release { of: Some("ana".into()), seen: Some("odd".into()), why: "fine again".into() }]
    );
}

#[test]
fn an_interrupted_run_is_resolved_never_run_again_by_a_key() {
    let run = RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 };
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let status = StepStatus::Interrupted { at: T0, run: run.clone() };
        state.steps.insert("share-5".into(), StepState { status, attempt: 1, ..StepState::default() });
    });
    assert!(cockpit.text().contains("INTERRUPTED"));
    cockpit.keys("xy<esc>");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("xdnginx says 5 percent<enter>");
    let what = What::Resolve { run, found: Found::Done, why: "nginx says 5 percent".into() };
    assert_eq!(cockpit.orders(), [&what]);
}

#[test]
fn every_order_can_be_typed_and_the_step_may_be_left_out() {
    let mut cockpit = calm();
    select(&mut cockpit, "share-25");
    cockpit.keys(":skip not tonight<enter>");
    cockpit.keys(":sev 2 #1 payments<enter>");
    cockpit.keys(":rollback traffic typed production slow<enter>");
    cockpit.keys(":lead tom<enter>:note two words<enter>");
    let orders = cockpit.orders();
    assert_eq!(*orders[0], What::Skip { step: "share-25".into(), why: "not tonight".into(), not_applicable: false });
    assert_eq!(*orders[1], What::Severity { incident: Some(1), level: 2, text: "payments".into() });
    assert!(matches!(orders[2], What::Rollback { way: Way::Named(_), typed: Some(_), .. }));
    assert_eq!(*orders[3], What::lead("tom"));
    assert_eq!(*orders[4], What::Note { text: "two words".into() });
    cockpit.keys(":rollbak x<enter>");
    assert!(cockpit.text().contains("did you mean `rollback`?"), "{}", cockpit.text());
}

#[test]
fn a_slip_is_typed_and_the_toast_and_the_log_say_what_moved() {
    let mut cockpit = calm();
    cockpit.keys(":slip +35m \"the freeze overran\"<enter>");
    let to = T0 + Span::mins(35);
    assert_eq!(cockpit.orders(), [&What::Slip { from: T0, to, why: "the freeze overran".into() }]);
    let Some(Effect::Send(ClientMessage::Order { id, what })) = cockpit.effects.last().cloned() else { panic!() };
    // The rules of the engine, then its event and its reply.
    let state = cockpit.model.launch.clone().unwrap();
    let order = Order { id: id.clone(), by: ana(), what };
    let signals = Signals::new(&state.outline);
    let events = decide(&state, &signals, Input::Order(order), cockpit.model.now()).unwrap();
    let seq = Seq(state.head.0 + 1);
    let at = cockpit.model.now();
    let event = events.into_iter().next().unwrap();
    cockpit.hears(EngineMessage::Event(Box::new(Recorded { seq, at, order: None, event })));
    cockpit.hears(EngineMessage::Reply { id, result: Ok(seq) });
    let text = cockpit.text();
    assert!(text.contains("T-0 is 02:35 CET now (+35m): Watch 48 h at 12 Nov 02:35, "), "{text}");
    assert!(text.contains("T-0 moved by +35m to 02:35 CET, says ana: the freeze overran; with it: Watch"), "{text}");
    assert_eq!(cockpit.model.launch.as_ref().unwrap().t0, to);
}

#[test]
fn who_dismisses_a_trigger_after_somebody_went_back_for_it_is_told_that_it_is_too_late() {
    let mut cockpit = calm();
    let trigger = cockpit.model.launch.as_ref().unwrap().outline.triggers[0].id.clone();
    cockpit.keys(&format!(":dismiss {trigger} \"a load test\"<enter>"));
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    // Tom's way back came before it.
    let state = cockpit.model.launch.clone().unwrap();
    let typed = Some(state.outline.environment.clone());
    let what = What::Rollback { way: Way::Named("traffic".into()), trigger: Some(trigger), typed, why: "go".into() };
    let order = Order { id: "toms".into(), by: Operator { name: "tom".into(), ..ana() }, what };
    let at = cockpit.model.now();
    let events = decide(&state, &Signals::new(&state.outline), Input::Order(order), at).unwrap();
    let mut seq = state.head;
    for event in events {
        seq = Seq(seq.0 + 1);
        cockpit.hears(EngineMessage::Event(Box::new(Recorded { seq, at, order: None, event })));
    }
    cockpit.hears(EngineMessage::Reply { id, result: Ok(seq) });
    assert!(cockpit.text().contains("too late, tom went back; your reason is on record"), "{}", cockpit.text());
}

#[test]
fn tab_completes_commands_and_their_words() {
    let mut cockpit = calm();
    cockpit.keys(":rollb<tab>tr<tab>");
    let Some(Overlay::Line(line)) = &cockpit.model.overlay else { panic!() };
    assert_eq!(line.edit.text(), "rollback traffic ");
    cockpit.keys("<esc>:run sh<tab><tab>");
    let Some(Overlay::Line(line)) = &cockpit.model.overlay else { panic!() };
    assert_eq!(line.edit.text(), "run share-25");
}

#[test]
fn a_paste_presses_no_keys() {
    let mut cockpit = breach();
    cockpit.happens(Happened::Paste("Ryyy q :end\n".into()));
    assert!(cockpit.effects.is_empty() && cockpit.model.overlay.is_none());
    assert!(cockpit.text().contains("the paste was not taken"));
    cockpit.keys("R");
    cockpit.happens(Happened::Paste("y".into()));
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<esc>c");
    cockpit.happens(Happened::Paste("from the wiki\n".into()));
    cockpit.keys("<enter>");
    assert_eq!(cockpit.orders(), [&What::Note { text: "from the wiki ".trim().into() }]);
}

#[test]
fn a_rejection_is_shown_with_what_to_do_instead() {
    let mut cockpit = calm();
    cockpit.keys("Hx<enter>");
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    let release = What::Release { of: Some("tom".into()), seen: None, why: String::new() };
    let result = Err(Rejection::but("tom holds", "wait").or(release).or(What::lead("mia")));
    cockpit.hears(EngineMessage::Reply { id, result });
    assert!(cockpit.text().contains("tom holds; wait; H release of tom or :lead mia"), "{}", cockpit.text());
}

#[test]
fn a_lost_link_is_said_and_nothing_is_sent_into_it() {
    let mut cockpit = calm();
    cockpit.happens(Happened::Lost("the engine closed the connection".into()));
    cockpit.waits(Span::secs(12));
    let text = cockpit.text();
    assert!(text.contains("LINK LOST") && text.contains("for 0:12"), "{text}");
    cockpit.keys("Hx<enter>");
    assert!(cockpit.orders().is_empty());
    assert!(cockpit.text().contains("no engine: `tminus attach "));
    assert!(matches!(cockpit.model.line, Line::Lost { .. }));
}

#[test]
fn q_and_ctrl_c_detach_but_close_what_is_open_first() {
    for keys in ["q", "<c-c>", ":quit<enter>", "R<c-c>q", "?<esc>q", ":abc<c-c><c-c>"] {
        let mut cockpit = breach();
        cockpit.keys(keys);
        assert_eq!(cockpit.effects.iter().filter(|e| **e == Effect::Detach).count(), 1, "{keys}");
    }
    let mut cockpit = breach();
    cockpit.keys("R<c-c>:q");
    assert!(!cockpit.effects.contains(&Effect::Detach));
}

#[test]
fn panes_are_focused_zoomed_and_left_again() {
    let mut cockpit = calm();
    cockpit.keys("4");
    assert_eq!(cockpit.model.focus, PaneId::Health);
    cockpit.keys("z");
    assert!(cockpit.model.zoom && !cockpit.text().contains("Checklist"));
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("Checklist"));
    cockpit.keys("9");
    assert_eq!((cockpit.model.focus, cockpit.model.tab), (PaneId::Output, PaneId::Output));
    for _ in 0..12 {
        cockpit.keys("<tab>");
        assert!(cockpit.text().contains(cockpit.model.focus.title().split(' ').next().unwrap()));
    }
}

#[test]
fn the_log_is_filtered_and_the_filter_left() {
    let mut cockpit = calm();
    cockpit.keys("8/vacuum<enter>");
    let text = cockpit.text();
    assert!(text.contains("vacuum on") && !text.contains("GO, decided by ana"), "{text}");
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("GO, decided by ana"));
    cockpit.keys("1/retire<enter>");
    assert!(cockpit.text().contains("Go to retire blue?") && !cockpit.text().contains("Go for 50 %?"));
}

#[test]
fn an_event_moves_the_screen_at_once() {
    let mut cockpit = calm();
    let event = Event::Held { by: Actor::Operator(ana()), why: "odd".into() };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert!(cockpit.text().contains("HOLD ana 0:00") && cockpit.text().contains("ana holds: odd"));
}

#[test]
fn who_passed_a_step_over_is_not_taken_back_up_to_it() {
    let cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        for (id, step) in &mut state.steps {
            let open = ["freeze", "go-25", "share-5"].contains(&id.as_str());
            step.status = if open { StepStatus::Todo } else { step.status.clone() };
        }
    });
    let freeze = Some(Target::Step("freeze".into()));
    assert_eq!(checklist::start(&cockpit.model), freeze);
    assert_eq!(checklist::next(&cockpit.model, Some(&"go-5".into())), Some(Target::Step("share-5".into())));
    assert_eq!(checklist::next(&cockpit.model, Some(&"share-5".into())), freeze, "below it nothing is due");
}

#[test]
fn esc_and_the_next_key_in_one_piece_are_two_keys() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    // As a slow link brings `Esc :`, which a terminal's reader takes for Alt and `:`.
    cockpit.keys("?<a-:>note it is fine<enter>");
    assert_eq!(cockpit.orders(), [&What::Note { text: "it is fine".into() }]);
    // In a text too, and the text can be had again.
    cockpit.keys("c fine<a-:>note second<enter>");
    assert_eq!(cockpit.orders().last(), Some(&&What::Note { text: "second".into() }));
    cockpit.keys("c<up> again<enter>");
    assert_eq!(cockpit.orders().last(), Some(&&What::Note { text: "fine again".into() }));
}

#[test]
fn up_and_down_lead_through_the_lines_that_were_typed_before() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.keys(":note one<enter>:note two<enter>cthree<enter>");
    let shown = |cockpit: &super::Cockpit| match &cockpit.model.overlay {
        Some(Overlay::Line(line)) => line.edit.text().to_owned(),
        _ => panic!("{}", cockpit.text()),
    };
    cockpit.keys(":no");
    for (key, text) in [
        ("<up>", "note two"),
        ("<up>", "note one"),
        ("<up>", "note one"),
        ("<down>", "note two"),
        ("<down>", "no"),
        ("<down>", "no"),
    ] {
        cockpit.keys(key);
        assert_eq!(shown(&cockpit), text, "{key}");
    }
    cockpit.keys("<esc>c<up>");
    assert_eq!(shown(&cockpit), "three", "texts are not commands");
}

#[test]
fn a_long_note_grows_over_more_rows_and_says_where_more_is() {
    let words: Vec<String> = (0..60).map(|n| format!("word-{n:02}")).collect();
    let typed = |size: (u16, u16), text: &str| {
        let mut cockpit = cockpit(size, Weather::Calm);
        cockpit.keys("c");
        cockpit.happens(Happened::Paste(text.to_owned()));
        cockpit
    };
    let text = typed((80, 24), &words[..20].join(" ")).text();
    assert!(words[..20].iter().all(|word| text.contains(word.as_str())), "{text}");
    assert!(text.contains("NOW") && text.contains("Checklist"), "{text}");
    // More than a third of the screen: what is typed is seen, and that there is more.
    let mut long = typed((80, 24), &words.join(" ").repeat(2));
    assert!(!long.text().contains("Note: word-00") && long.text().contains("word-59"), "{}", long.text());
    let row = long.text().lines().nth(16).unwrap_or_default().to_owned();
    assert!(row.starts_with("Note:…"), "{row}");
    long.keys("<home>");
    assert!(long.text().contains("Note: word-00") && long.text().trim_end().contains('…'), "{}", long.text());
    for size in [(1, 1), (20, 5), (40, 10), (60, 15), (200, 60)] {
        for text in ["", "短い", &words.join(" ")] {
            let screen = typed(size, text).screen();
            assert!(!screen.contains("cursor none"), "{size:?} {screen}");
        }
    }
}
