use super::back::back;
use crate::core::event::RunEnd;
use crate::core::launch::testing::*;
use crate::core::launch::{RollbackStatus, Status};
use crate::core::order::{Found, Way, What};

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
fn a_step_whose_undo_failed_is_not_left_out_since_what_it_did_is_still_in_effect() {
    let mut sim = undo_failed();
    let skip = |na| What::Skip { step: "one".into(), why: "not today".into(), not_applicable: na };
    let said = why(sim.order(skip(false)));
    assert!(said.contains("its undo failed") && said.contains("do again; do by-hand WHY"), "{said}");
    sim.order(What::RollbackLeave { rollback: 1, why: "look first".into() }).unwrap();
    let said = why(sim.order(skip(true)));
    assert!(said.contains("what `one` did is still in effect") && said.contains("do rollback stage WHY"), "{said}");
    let orders = sim.explain("one").orders;
    assert!(!orders.iter().any(|o| matches!(o, What::Skip { .. })), "{orders:?}");
    // Nobody saw the end of its undo: no other word for it.
    sim.order(back(Way::Stage("one".into()))).unwrap();
    sim.ended("one.undo.2", RunEnd::Interrupted);
    sim.order(What::RollbackLeave { rollback: 2, why: "look first".into() }).unwrap();
    assert!(why(sim.order(skip(false))).contains("nobody knows whether its undo did its work"));
    assert_eq!(sim.word("one"), "undo interrupted");
}

#[test]
fn a_step_whose_undo_failed_can_be_undone_once_more_though_others_began_since() {
    let mut sim = Sim::new(plan(vec![runs("one", |s| s.undo = undo(&[])), runs("two", |s| s.undo = undo(&[]))]));
    sim.does("one");
    sim.order(back(Way::Stage("one".into()))).unwrap();
    sim.ends("one.undo.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "look first".into() }).unwrap();
    sim.order(What::Release { of: None, seen: None, why: "go on".into() }).unwrap();
    sim.pass(crate::core::time::Span::secs(10));
    sim.does("two");
    assert!(matches!(&sim.explain("one").orders[0], What::Rollback { way: Way::All, .. }));
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

#[test]
fn of_an_undo_that_was_interrupted_no_word_is_taken_that_is_meant_of_its_step() {
    let mut sim = Sim::new(plan(vec![runs("migrate", |s| s.undo = undo(&[]))]));
    sim.does("migrate");
    sim.order(back(Way::All)).unwrap();
    sim.ended("migrate.undo.1", RunEnd::Interrupted);
    let said = sim.explain("migrate");
    assert_eq!(said.state, "undo interrupted");
    assert!(said.because[0].starts_with("the end of its undo was not observed"), "{said:?}");
    let spelled: Vec<String> = said.orders.iter().map(crate::core::spell::write).collect();
    assert_eq!(spelled[3..], ["resolve migrate undone WHY", "resolve migrate not-undone WHY"]);
    let told = sim.answers();
    let alarm = told.alarms.iter().find(|alarm| alarm.line().starts_with("INTERRUPTED")).unwrap().line();
    assert!(alarm.contains("the undo of Step migrate: the end of its undo was not observed"), "{alarm}");
    let read = |word: &str| {
        let words: Vec<String> = ["resolve", "migrate", word, "looked"].map(str::to_owned).into();
        crate::core::spell::read(&words, &sim.state, &sim.readout())
    };
    let refused = read("done").unwrap_err();
    let what = "`done` is neither undone nor not-undone: what is asked is what became of the undo of `migrate`";
    assert!(refused.starts_with(what), "{refused}");
    let order = read("not-undone").unwrap();
    let What::Resolve { found: Found::NotDone, .. } = &order else { panic!("{order:?}") };
    assert_eq!(read("undone").map(|order| crate::core::spell::write(&order)).unwrap(), "resolve migrate undone looked");
}
