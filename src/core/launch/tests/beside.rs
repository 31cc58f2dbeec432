//! Commands that are not in the plan.

use crate::core::event::RunEnd;
use crate::core::launch::testing::*;
use crate::core::launch::{Input, Progress, StepStatus};
use crate::core::order::{Way, What};
use crate::core::spell;
use crate::core::time::Span;

fn sh(sim: &mut Sim, command: &str) -> Result<(), crate::core::order::Rejection> {
    sim.order_by("bea", What::Sh { command: command.into() })
}

fn done() -> Sim {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {})]));
    sim.pass(Span::secs(20));
    sim.does("a");
    sim
}

#[test]
fn a_command_that_is_not_in_the_plan_is_a_step_on_the_record() {
    let mut sim = done();
    sh(&mut sim, "nginx -T\n").unwrap();
    assert_eq!(sim.started().last().map(String::as_str), Some("sh-1.do.1"));
    let step = sim.state.outline.step(&"sh-1".into()).unwrap();
    assert_eq!((step.title.as_str(), step.run.as_deref()), ("$ nginx -T", Some("nginx -T")));
    assert_eq!(sim.state.outline.phases.last().unwrap().title, "Not in the plan");
    sim.ends("sh-1.do.1", 0);
    assert_eq!(sim.word("sh-1"), "done");
    sh(&mut sim, "df -h").unwrap();
    assert_eq!(sim.started().last().map(String::as_str), Some("sh-2.do.1"));
    assert_eq!(sim.state.outline.phases.iter().filter(|p| p.id.as_str() == "sh").count(), 1);
    assert!(why(sh(&mut sim, " ")).starts_with("there is no command to run"));
}

#[test]
fn neither_a_hold_nor_a_way_back_stands_against_it_and_it_moves_nothing_of_the_plan() {
    let mut sim = done();
    sim.order(What::Hold { why: "look".into() }).unwrap();
    sh(&mut sim, "df -h").unwrap();
    assert!(sim.start("b").is_err(), "the plan's steps are held still");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sh(&mut sim, "nginx -T").unwrap();
    assert!(matches!(sim.status("sh-2"), StepStatus::Running { .. }));
    sim.ends("a.undo.1", 0);
    let Progress { done, of, .. } = Progress::of_all(&sim.state);
    assert_eq!((done, of), (0, 2), "it counts for no progress");
}

#[test]
fn one_that_fails_holds_nothing_and_alarms_nobody() {
    let mut sim = done();
    let before = sim.answers();
    sh(&mut sim, "grep x y").unwrap();
    sim.ends("sh-1.do.1", 1);
    assert_eq!(sim.word("sh-1"), "failed");
    assert!(sim.state.hold.is_none());
    let after = sim.answers();
    assert_eq!((after.alarms, after.now.head, after.next), (before.alarms, before.now.head, before.next));
    sh(&mut sim, "true").unwrap();
    sim.ended("sh-2.do.1", RunEnd::Interrupted);
    assert_eq!(sim.answers().now.head.long(), "INTERRUPTED", "whose end nobody saw is asked of a person");
}

#[test]
fn it_outlives_a_changed_plan_and_an_ended_launch_takes_none() {
    let mut sim = done();
    sh(&mut sim, "df -h").unwrap();
    let new = Box::new(plan(vec![runs("a", |s| s.undo = undo(&[])), runs("c", |_| {})]));
    sim.input(Input::Adopt { by: who("ana"), hash: "1".into(), outline: new, strays: Vec::new() }).unwrap();
    assert!(sim.state.outline.step(&"sh-1".into()).is_some() && sim.state.outline.step(&"b".into()).is_none());
    sim.ends("sh-1.do.1", 0);
    assert_eq!(sim.word("sh-1"), "done");
    sim.order(What::End { typed: "production".into(), why: "over".into() }).unwrap();
    assert!(why(sh(&mut sim, "ls")).starts_with("the launch was ended by ana"));
}

#[test]
fn its_quotes_are_the_shells() {
    let sim = done();
    let line = "sh grep \"a b\" log | wc -l";
    assert_eq!(spell::command_of(line), Some("grep \"a b\" log | wc -l"));
    assert_eq!((spell::command_of("sh"), spell::command_of("show x"), spell::command_of("sh  ")), (None, None, None));
    let read = spell::read(&["sh".into(), "df -h".into()], &sim.state, &sim.readout()).unwrap();
    assert_eq!((spell::write(&read), read), ("sh \"df -h\"".into(), What::Sh { command: "df -h".into() }));
}
