use super::back::back;
use crate::core::launch::testing::*;
use crate::core::launch::{RollbackStatus, Status};
use crate::core::order::{Way, What};

/// A step that was done, and whose undo has failed; the way back stopped there.
fn undo_failed() -> Sim {
    let mut sim = Sim::new(plan(vec![runs("one", |s| s.undo = undo(&[]))]));
    sim.does("one");
    sim.order(back(Way::Stage("one".into()))).unwrap();
    sim.ends("one.undo.1", 1);
    assert!(matches!(sim.state.rollbacks[0].status, RollbackStatus::Stopped { .. }));
    sim
}

#[test]
fn a_step_whose_undo_failed_did_not_fail_itself_and_is_still_in_effect() {
    let mut sim = undo_failed();
    assert_eq!((sim.word("one"), sim.explain("one").state.as_str()), ("undo failed", "undo failed"));
    assert!(sim.state.steps[&crate::core::ids::StepId::from("one")].touched, "the way back covers it");
    // Left where it stands it says so still, and the first order that it names undoes it once more.
    sim.order(What::RollbackLeave { rollback: 1, why: "look first".into() }).unwrap();
    assert_eq!(sim.state.status, Status::Live);
    let said = sim.explain("one");
    assert_eq!(said.state, "undo failed");
    assert!(said.because.iter().any(|b| b.starts_with("what it did counts as still in effect")), "{:?}", said.because);
    let What::Rollback { way, .. } = &said.orders[0] else { panic!("{:?}", said.orders) };
    sim.order(back(way.clone())).unwrap();
    sim.ends("one.undo.2", 0);
    assert_eq!(sim.word("one"), "undone");
}

#[test]
fn an_attempt_that_fails_after_a_failed_undo_failed_itself() {
    let mut sim = undo_failed();
    sim.order(What::RollbackLeave { rollback: 1, why: "try again".into() }).unwrap();
    sim.order(What::Release { of: None, seen: None, why: "try again".into() }).unwrap();
    sim.pass(crate::core::time::Span::secs(10));
    sim.start("one").unwrap();
    sim.ends("one.do.2", 1);
    assert_eq!(sim.word("one"), "failed");
}
