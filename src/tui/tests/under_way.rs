//! While something goes on, what keys offer is about that.

use super::Cockpit;
use super::fixture::{T0, Weather, cockpit_of, stopped_rollback};
use super::typing::{SIZE, select};
use crate::core::event::{RollbackItem, RunEnd};
use crate::core::ids::{RunId, RunKind, Seq};
use crate::core::launch::{LaunchState, RollbackStatus, RunState, StepState, StepStatus};
use crate::core::order::{Found, What};
use crate::core::outline::{OnStop, Outline};
use crate::core::time::Span;
use crate::tui::msg::Effect;
use crate::wire::message::{ClientMessage, EngineMessage};

/// The undo of `share-25` runs as the first of a way back.
pub(super) fn undoing(state: &mut LaunchState) {
    stopped_rollback(state);
    let run = RunId { step: "share-25".into(), kind: RunKind::Undo, attempt: 1 };
    let rollback = state.rollbacks.last_mut().unwrap();
    rollback.status = RollbackStatus::Running;
    rollback.items =
        vec![RollbackItem { title: "undo 25 %".into(), run: run.clone(), command: Some("./weight.sh 0".into()) }];
    let status = StepStatus::Undoing { run: run.clone() };
    state.steps.insert("share-25".into(), StepState { status, attempt: 1, ..StepState::default() });
    let before = state.runs.values().next().unwrap().clone();
    state.runs.insert(run, RunState { end: None, started: state.last_at, ..before });
}

/// The first of a way back is a person's.
fn by_hand(state: &mut LaunchState) {
    stopped_rollback(state);
    let rollback = state.rollbacks.last_mut().unwrap();
    rollback.status = RollbackStatus::Running;
    rollback.awaiting = Some(state.last_at);
    rollback.items[0].command = None;
    let outline = std::sync::Arc::make_mut(&mut state.outline);
    for step in outline.rollbacks.iter_mut().flat_map(|rollback| &mut rollback.steps) {
        step.verify.clear();
    }
}

#[test]
fn what_must_hold_before_a_way_back_goes_on_stands_below_the_item_also_where_the_pane_is_narrow() {
    let waits = |state: &mut LaunchState| {
        undoing(state);
        let now = state.last_at;
        let run = RunId { step: "share-25".into(), kind: RunKind::Undo, attempt: 1 };
        state.runs.get_mut(&run).unwrap().end = Some((now, RunEnd::Exited { code: 0, took: Span::secs(1) }));
        state.rollbacks.last_mut().unwrap().awaiting = Some(now);
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        let step = outline.steps.iter_mut().find(|step| step.id.as_str() == "share-25").unwrap();
        let undo = step.undo.as_mut().unwrap();
        undo.require = vec![crate::core::grammar::parse("errors[blue] < 1%", None).unwrap()];
        assert!(!step.verify.is_empty(), "what must hold after it was done is another matter");
    };
    for size in [(80, 24), SIZE] {
        let text = cockpit_of(size, Weather::Calm, waits).text();
        assert_eq!(text.matches("errors[blue] < 1%").count(), 1, "{text}");
        assert!(!text.contains("errors[green] < 1%"), "what holds while it is being undone asks for nothing: {text}");
    }
}

#[test]
fn what_a_person_does_of_a_way_back_is_said_to_be_done_with_its_key() {
    for size in [(80, 24), SIZE] {
        let mut cockpit = cockpit_of(size, Weather::Calm, by_hand);
        let text = cockpit.text();
        assert!(text.contains("by hand; R: it is done"), "{text}");
        assert!(text.contains("waits for a person"), "{text}");
        assert!(!text.contains("must hold"), "{text}");
        cockpit.keys("R");
        assert!(
            cockpit.text().contains("e  it is done") || cockpit.text().contains("e it is done"),
            "{}",
            cockpit.text()
        );
        cockpit.keys("etold<space>them<enter>");
        assert_eq!(cockpit.orders(), [&What::RollbackByHand { rollback: 1, item: 0, why: "told them".into() }]);
    }
}

#[test]
fn beside_the_way_back_that_is_selected_stands_the_step_that_it_is_at() {
    let text = cockpit_of((200, 60), Weather::Calm, undoing).text();
    assert!(!text.contains("no step is selected") && text.contains("being undone"), "{text}");
}

#[test]
fn how_long_a_step_is_being_undone_counts_from_when_its_undo_began() {
    let cockpit = cockpit_of((200, 60), Weather::Calm, |state| {
        undoing(state);
        state.steps.get_mut("share-25").unwrap().started = Some(state.last_at - Span::mins(30));
    });
    let state = cockpit.model.launch.as_ref().unwrap();
    let (run, undo) = state.runs.iter().find(|(run, own)| run.kind == RunKind::Undo && own.end.is_none()).unwrap();
    let began = state.steps[&run.step].started.unwrap();
    let lasts = |since| crate::core::words::clock(cockpit.model.now().since(since));
    assert_ne!(lasts(undo.started), lasts(began));
    let text = cockpit.text();
    assert!(text.contains(&format!("being undone {}", lasts(undo.started))), "{text}");
}

fn back() -> Cockpit {
    cockpit_of(SIZE, Weather::Calm, undoing)
}

#[test]
fn the_key_that_goes_back_shows_the_way_back_that_runs_and_what_can_be_done_to_it() {
    let mut cockpit = back();
    cockpit.keys("R");
    let text = cockpit.text();
    for part in ["Going back: All traffic to blue v0.9.9", "1 of 1: undo 25 %", "$ ./weight.sh 0", "t stop what runs"] {
        assert!(text.replace("  ", " ").contains(part), "{part}: {text}");
    }
    assert!(!text.contains("READY") || !text.contains("y start 1"), "{text}");
    cockpit.keys("yl1<enter>R");
    assert!(cockpit.orders().is_empty() && cockpit.text().contains("Going back: All"), "{}", cockpit.text());
    cockpit.keys("t");
    assert!(cockpit.text().contains("Stop the undo of 25 % to green?"), "{}", cockpit.text());
    cockpit.keys("y");
    assert_eq!(cockpit.orders(), [&What::Stop { step: "share-25".into(), attempt: 1, let_finish: false }]);
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    cockpit.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    assert!(cockpit.text().contains("25 % to green: its undo is being stopped"), "{}", cockpit.text());
}

#[test]
fn a_way_back_that_only_waits_can_be_left() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        undoing(state);
        for run in state.runs.values_mut() {
            run.end.get_or_insert((T0, crate::core::event::RunEnd::Exited { code: 0, took: Default::default() }));
        }
    });
    cockpit.keys("Rlit is enough<enter>");
    assert_eq!(cockpit.orders(), [&What::RollbackLeave { rollback: 1, why: "it is enough".into() }]);
}

#[test]
fn stop_means_what_the_way_back_runs_also_where_it_is_a_step_of_its_own() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        stopped_rollback(state);
        let rollback = state.rollbacks.last_mut().unwrap();
        rollback.status = RollbackStatus::Running;
        let run = rollback.items[0].run.clone();
        let before = state.runs.values().next().unwrap().clone();
        state.runs.insert(run, RunState { end: None, ..before });
    });
    cockpit.keys("t");
    assert!(cockpit.text().contains("Stop nginx to blue?"), "{}", cockpit.text());
}

#[test]
fn x_at_a_step_that_goes_on_leads_to_what_next_names_for_it() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let mut outline = Outline::clone(&state.outline);
        outline.steps.iter_mut().for_each(|s| s.after.clear());
        state.outline = outline.into();
    });
    let next = |cockpit: &Cockpit| crate::tui::answers::told(&cockpit.model).unwrap().next;
    let wanted = match next(&cockpit).moves.first().map(|one| one.order.clone()) {
        Some(What::Run { step, .. }) => step,
        other => panic!("{other:?}"),
    };
    select(&mut cockpit, "share-5");
    cockpit.keys("x");
    assert!(cockpit.text().contains(" is next; x "), "{}", cockpit.text());
    assert_eq!(cockpit.model.selected_step(), Some(&wanted));
    assert!(cockpit.orders().is_empty());
}

#[test]
fn space_at_a_step_that_goes_on_says_so_and_not_that_r_starts_it() {
    let mut cockpit = super::fixture::cockpit(SIZE, Weather::Calm);
    select(&mut cockpit, "share-5");
    cockpit.keys("<space>");
    assert!(cockpit.text().contains("5 % to green: it goes on; t stops it"), "{}", cockpit.text());
    select(&mut cockpit, "share-50");
    cockpit.keys("<space>");
    assert!(cockpit.text().contains("it has a command: x starts it"), "{}", cockpit.text());
}

#[test]
fn a_gate_is_opened_and_not_started() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let mut outline = Outline::clone(&state.outline);
        outline.steps.iter_mut().for_each(|s| s.after.clear());
        state.outline = outline.into();
    });
    select(&mut cockpit, "go-25");
    cockpit.keys("x");
    assert_eq!(cockpit.orders(), [&What::Run { step: "go-25".into(), attempt: 1 }]);
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    cockpit.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    assert!(cockpit.text().contains("Go for 25 %?: its poll is open"), "{}", cockpit.text());
}

#[test]
fn a_command_that_wrote_nothing_has_no_inner_name() {
    let mut cockpit = back();
    cockpit.keys("9");
    let text = cockpit.text();
    assert!(text.contains("its undo has written nothing yet") && !text.contains("share-25.undo.1"), "{text}");
}

#[test]
fn letters_are_ascii_where_terminal_or_locale_know_no_other() {
    let with = |vars: &'static [(&str, &str)]| {
        crate::tui::speaks_unicode(&|k: &str| vars.iter().find(|(n, _)| *n == k).map(|(_, v)| (*v).to_owned()))
    };
    assert!(with(&[("TERM", "xterm"), ("LANG", "en_US.UTF-8")]) && with(&[("TERM", "xterm"), ("LC_ALL", "C.utf8")]));
    assert!(with(&[("TERM", "xterm")]), "a bare container says nothing");
    assert!(with(&[("TERM", "xterm"), ("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
    assert!(!with(&[("LANG", "en_US.UTF-8")]) && !with(&[("TERM", ""), ("LANG", "en_US.UTF-8")]));
    assert!(!with(&[("TERM", "xterm"), ("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
    assert!(
        !with(&[("TERM", "xterm"), ("LANG", "de_DE.ISO-8859-1")]) && !with(&[("TERM", "linux"), ("LANG", "POSIX")])
    );
}

#[test]
fn the_key_that_stops_offers_for_what_the_plan_lets_finish_only_what_the_engine_does() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let run = RunId { step: "share-25".into(), kind: RunKind::Do, attempt: 1 };
        let mut outline = Outline::clone(&state.outline);
        outline.steps.iter_mut().filter(|s| s.id == run.step).for_each(|s| s.on_stop = OnStop::Finish);
        state.outline = outline.into();
        let status = StepStatus::Running { run: run.clone() };
        state.steps.insert(run.step.clone(), StepState { status, attempt: 1, ..StepState::default() });
        state.runs.insert(run, RunState::new(state.last_at, 80, 24));
    });
    select(&mut cockpit, "share-25");
    cockpit.keys("t");
    let text = cockpit.text();
    assert!(text.contains("The plan lets its command finish") && text.contains("stop it now…"), "{text}");
    assert!(!text.contains("y  stop it"), "{text}");
    cockpit.keys("y");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("nproduction it hangs<enter>");
    let (typed, why) = ("production".to_owned(), "it hangs".to_owned());
    assert_eq!(cockpit.orders(), [&What::StopNow { step: "share-25".into(), attempt: 1, typed, why }]);
}

#[test]
fn what_became_of_an_undo_is_asked_with_its_own_key() {
    let interrupted = |state: &mut LaunchState| {
        let run = RunId { step: "share-25".into(), kind: RunKind::Undo, attempt: 1 };
        let before = state.runs.values().next().unwrap().clone();
        let own = RunState { end: Some((state.last_at, RunEnd::Interrupted)), ..before };
        state.runs.insert(run.clone(), own);
        let status = StepStatus::Interrupted { run, at: state.last_at };
        state.steps.insert("share-25".into(), StepState { status, attempt: 1, touched: true, ..StepState::default() });
    };
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, interrupted);
    select(&mut cockpit, "share-25");
    assert!(cockpit.text().contains("UNDO INTERRUPTED"), "{}", cockpit.text());
    cockpit.keys("x");
    let text = cockpit.text();
    assert!(text.contains("What became of the undo of") && text.contains("it is undone"), "{text}");
    cockpit.keys("d");
    assert!(cockpit.text().contains("What became of"), "that word is the step's");
    cockpit.keys("usaw<space>it<enter>");
    let [What::Resolve { run, found: Found::Done, why }] = &cockpit.orders()[..] else {
        panic!("{:?}", cockpit.orders())
    };
    assert_eq!((run.kind, why.as_str()), (RunKind::Undo, "saw it"));
}

#[test]
fn who_is_asked_what_became_of_a_command_that_still_runs_is_told_so_and_is_offered_nothing_that_is_refused() {
    let run = RunId { step: "share-25".into(), kind: RunKind::Do, attempt: 1 };
    let interrupted = |state: &mut LaunchState| {
        let before = state.runs.values().next().unwrap().clone();
        let own = RunState { end: Some((state.last_at, RunEnd::Interrupted)), left_running: true, ..before };
        state.runs.insert(run.clone(), own);
        let status = StepStatus::Interrupted { run: run.clone(), at: state.last_at };
        state.steps.insert("share-25".into(), StepState { status, attempt: 1, touched: true, ..StepState::default() });
    };
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, interrupted);
    select(&mut cockpit, "share-25");
    cockpit.keys("x");
    assert!(cockpit.text().contains("it did not") && !cockpit.text().contains("kill"), "{}", cockpit.text());
    cockpit.keys("<esc>");
    cockpit.hears(EngineMessage::Processes { runs: [(run.clone(), 31544)].into() });
    cockpit.keys("x");
    let text = cockpit.text();
    assert!(text.contains("It still runs, unwatched, as process 31544: wait for its end, or `kill 31544`."), "{text}");
    assert!(text.contains("it did its work") && !text.contains("it did not"), "{text}");
    cockpit.keys("n");
    assert!(cockpit.text().contains("What became of"), "{}", cockpit.text());
}

/// The way back under way stopped, since no engine ran.
fn engine_died(state: &mut LaunchState) {
    let status = RollbackStatus::Stopped { at: state.last_at, why: "no engine ran for 1s".into() };
    state.rollbacks.last_mut().unwrap().status = status;
}

#[test]
fn beside_an_undo_that_still_runs_only_what_would_be_taken_is_offered() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        undoing(state);
        engine_died(state);
    });
    assert!(cockpit.text().contains("go on, or stop"), "{}", cockpit.text());
    cockpit.keys("R");
    let text = cockpit.text();
    assert!(text.contains("stop what runs") && !text.contains("done by hand") && !text.contains("leave it"), "{text}");
    cockpit.keys("el");
    assert!(cockpit.text().contains("stop what runs"), "neither key is one: {}", cockpit.text());
    cockpit.keys("t");
    assert!(cockpit.text().contains("stop it"), "{}", cockpit.text());
}

#[test]
fn what_a_person_does_of_a_way_back_that_stopped_is_by_hand_still_and_wrote_nothing() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        by_hand(state);
        engine_died(state);
    });
    assert!(!cockpit.text().contains("not begun; R"), "{}", cockpit.text());
    cockpit.keys("R");
    let text = cockpit.text();
    assert!(text.contains("go on") && text.contains("nobody has said that it is done."), "{text}");
    assert!(!text.contains("has what it wrote") && !text.contains("not run twice"), "{text}");
}
