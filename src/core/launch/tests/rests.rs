//! What rests on a step that is undone goes back with it, and asks again.

use super::back::back;
use crate::core::ids::StepId;
use crate::core::launch::testing::*;
use crate::core::launch::{StepStatus, explain_named};
use crate::core::order::{Way, What};
use crate::core::outline::{Outline, StepOutline};
use crate::core::time::Span;

/// A phase as people write it: a step, boxes that are ticked upon it, a gate; then another phase.
fn deploy() -> Sim {
    let smoke = step("smoke", |s| s.items = vec!["Home".into(), "Sign in".into()]);
    Sim::new(then(vec![
        runs("start", |s| s.undo = undo(&[])),
        smoke,
        step("go", |s| s.gate = gate(&[], &["qa"], None)),
    ]))
}

/// Steps of one phase, and `share` in a phase after it.
fn then(steps: Vec<StepOutline>) -> Outline {
    let ids = steps.iter().map(|s| s.id.clone()).collect();
    let mut outline = plan(steps);
    outline.phases.push(phase("traffic", "Traffic", None));
    outline.steps.push(runs("share", |s| {
        s.phase = "traffic".into();
        s.after = ids;
        s.undo = undo(&[]);
    }));
    outline
}

fn ticks(sim: &mut Sim, id: &str, by: &str) {
    for item in 0..2 {
        sim.order_by(by, What::Tick { step: id.into(), item: Some(item), on: true }).unwrap();
    }
}

fn goes(sim: &mut Sim, round: u32) {
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round, go: true, why: Some("qa sleeps".into()) }).unwrap();
}

fn all_back(sim: &mut Sim) {
    sim.order(back(Way::All)).unwrap();
    while let Some(run) = sim.started().last().filter(|run| run.contains(".undo.")).cloned() {
        if sim.state.runs[&run.parse().unwrap()].end.is_some() {
            break;
        }
        sim.ends(&run, 0);
    }
}

#[test]
fn a_gate_asks_again_when_any_step_above_it_in_its_phase_is_undone() {
    let mut sim = deploy();
    sim.does("start");
    ticks(&mut sim, "smoke", "mia");
    goes(&mut sim, 1);
    assert!(sim.ways()[0].asks.contains(&"go".into()), "{:?}", sim.ways()[0]);
    all_back(&mut sim);
    sim.does("start");
    assert_eq!(sim.word("go"), "asks again");
    assert!(why(sim.start("share")).contains("`go` (asks again)"));
    let said = sim.explain("go").because.join("; ");
    assert!(said.contains("`start` (Step start) was undone, and its decision rested on it"), "{said}");
    assert!(said.contains("was GO, decided by ana, by override: qa has not voted (qa sleeps)"), "{said}");
    ticks(&mut sim, "smoke", "mia");
    goes(&mut sim, 2);
    sim.start("share").unwrap();
}

#[test]
fn a_gate_whose_poll_was_open_when_a_step_above_it_was_undone_had_no_decision_to_lose() {
    let mut sim = deploy();
    sim.does("start");
    ticks(&mut sim, "smoke", "mia");
    sim.start("go").unwrap();
    all_back(&mut sim);
    assert_eq!(sim.word("go"), "asks again");
    let said = sim.explain("go").because;
    assert_eq!(
        said[0],
        "`start` (Step start) was undone under its open poll: that is closed, and its votes count no more"
    );
    assert_eq!(said[1], "nobody had decided");
    let told = sim.events.iter().map(|e| crate::core::tell::tell(&sim.state, &e.event).text);
    let told: Vec<_> = told.filter(|text| text.starts_with("Step go ") && text.contains("went back")).collect();
    assert_eq!(told, ["Step go  went back with Step start: no decision or vote on it counts; it asks again"]);
}

#[test]
fn a_way_back_is_explained_with_what_asks_again_after_it() {
    let mut sim = deploy();
    sim.does("start");
    ticks(&mut sim, "smoke", "mia");
    goes(&mut sim, 1);
    let told = explain_named(&sim.state, &sim.readout(), "stage", sim.now).unwrap().remove(0).why.because.join("; ");
    assert!(told.contains("rests on what is undone, and asks again: smoke, go"), "{told}");
}

#[test]
fn boxes_ask_again_when_a_step_above_them_is_undone_and_say_what_they_were() {
    let mut sim = deploy();
    sim.does("start");
    ticks(&mut sim, "smoke", "mia");
    all_back(&mut sim);
    assert_eq!(sim.word("smoke"), "asks again");
    let said = sim.explain("smoke").because.join("; ");
    assert!(said.contains("was done by mia; ticked: Home, Sign in"), "{said}");
    sim.does("start");
    sim.order(What::Tick { step: "smoke".into(), item: Some(0), on: true }).unwrap();
    assert_eq!(sim.word("smoke"), "in progress", "one new tick is not two");
}

#[test]
fn a_gate_whose_poll_is_open_or_that_was_left_out_asks_again_too() {
    for left_out in [false, true] {
        let mut sim = deploy();
        sim.does("start");
        if left_out {
            sim.order(What::Skip { step: "go".into(), why: "late".into(), not_applicable: false }).unwrap();
        } else {
            sim.start("go").unwrap();
        }
        all_back(&mut sim);
        assert_eq!(sim.word("go"), "asks again");
    }
}

#[test]
fn a_gate_asks_again_when_what_it_comes_after_by_other_steps_and_phases_is_undone() {
    let mut outline =
        then(vec![runs("canary", |s| s.undo = undo(&[])), runs("backup", |s| s.after = after(&["canary"]))]);
    outline.steps.push(step("go", |s| {
        s.phase = "later".into();
        s.gate = gate(&[], &[], None);
        s.after = after(&["backup"]);
    }));
    outline.phases.push(phase("later", "Later", None));
    let mut traffic = rollback("r", vec![runs("r/one", |_| {})]);
    traffic.undoes = after(&["canary"]);
    outline.rollbacks = vec![traffic];
    let mut sim = Sim::new(outline);
    sim.does("canary");
    sim.does("backup");
    goes(&mut sim, 1);
    sim.order(back(Way::Named("r".into()))).unwrap();
    sim.ends("r/one.do.1", 0);
    assert_eq!(sim.word("go"), "asks again");
    assert_eq!(sim.word("backup"), "done", "it has a command and no undo: its effect stays");
}

#[test]
fn a_way_back_that_was_left_takes_back_what_rested_on_what_it_undid() {
    let mut sim = deploy();
    sim.does("start");
    ticks(&mut sim, "smoke", "mia");
    goes(&mut sim, 1);
    sim.does("share");
    sim.order(back(Way::All)).unwrap();
    sim.ends("share.undo.1", 0);
    assert_eq!((sim.word("go"), sim.word("smoke")), ("asks again", "done"), "what it let through is undone");
    let said = sim.explain("go").because.join("; ");
    assert!(said.contains("which it let through, was undone: what comes next is decided anew"), "{said}");
    sim.ends("start.undo.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "enough".into() }).unwrap();
    assert_eq!((sim.word("start"), sim.word("smoke")), ("undo failed", "done"), "its effect may still be there");
}

#[test]
fn approvals_given_before_a_way_back_do_not_count_for_a_start_after_it() {
    let mut outline = then(vec![runs("canary", |s| s.undo = undo(&[]))]);
    outline.steps[1].approvals = 2;
    let mut sim = Sim::new(outline);
    sim.does("canary");
    sim.order_by("mia", What::Approve { step: "share".into(), attempt: 1, alone: None }).unwrap();
    all_back(&mut sim);
    assert_eq!(sim.word("share"), "not begun");
    sim.does("canary");
    let said = why(sim.start("share"));
    assert!(said.contains("approve"), "{said}");
}

#[test]
fn what_people_said_before_a_step_began_did_not_rest_on_it() {
    let mut sim = deploy();
    ticks(&mut sim, "smoke", "mia");
    sim.pass(Span::secs(5));
    sim.does("start");
    assert_eq!(sim.ways()[0].asks, Vec::<StepId>::new(), "the boxes were ticked before");
    all_back(&mut sim);
    assert!(matches!(sim.status("smoke"), StepStatus::Done { .. }), "{:?}", sim.status("smoke"));
    // The next attempt is another matter: what is ticked after it began was seen with it in effect.
    let mut sim = deploy();
    sim.order_by("mia", What::Tick { step: "smoke".into(), item: Some(0), on: true }).unwrap();
    sim.pass(Span::secs(5));
    sim.does("start");
    sim.order_by("mia", What::Tick { step: "smoke".into(), item: Some(1), on: true }).unwrap();
    all_back(&mut sim);
    assert!(matches!(sim.status("smoke"), StepStatus::Undone { .. }), "{:?}", sim.status("smoke"));
}
