use super::super::answers::Alarm;
use super::back::back;
use crate::core::launch::testing::*;
use crate::core::launch::{LaunchState, explain, explain_named, waiting};
use crate::core::order::{Way, What};
use crate::core::spell;
use crate::core::time::Span;
use crate::core::view::Readout;

const REFUSES: &str = "nothing can be written down: no order but hold, severity and rollback is taken";

/// A step that is done and can be undone, boxes that are due, and a gate.
fn sim() -> Sim {
    let mut sim = Sim::new(plan(vec![
        runs("a", |s| s.undo = undo(&[])),
        step("boxes", |s| s.items = vec!["Home".into(), "Sign in".into()]),
        step("go", |s| s.gate = gate(&[], &["dba"], None)),
    ]));
    sim.pass(Span::secs(20));
    sim.does("a");
    sim.pass(Span::secs(20));
    sim
}

fn orders(all: &[What]) -> Vec<String> {
    all.iter().map(spell::write).collect()
}

fn all(state: &LaunchState, readout: &Readout) -> Vec<(String, String, Vec<String>)> {
    let found = waiting(state, readout, readout.at);
    found.into_iter().map(|one| (one.name, one.why.because[0].clone(), orders(&one.why.orders))).collect()
}

#[test]
fn where_nothing_can_be_written_down_explain_says_so_first_and_offers_only_what_is_taken_then() {
    let sim = sim();
    let taken = ["hold WHY", "severity 2", "rollback stage WHY"].map(str::to_owned).to_vec();
    let found = all(&sim.state, &sim.readout_full());
    assert_eq!(found[0], ("journal".to_owned(), "no space left".to_owned(), taken));
    let rest = [("boxes", REFUSES), ("go", REFUSES)].map(|(id, said)| (id.to_owned(), said.to_owned(), vec![]));
    assert_eq!(found[1..], rest);
    let named = explain_named(&sim.state, &sim.readout_full(), "boxes", sim.now).unwrap();
    assert_eq!(named[0].name, "journal");
    let [_, _, out] = &named[0].why.because[..] else { panic!("{:?}", named[0]) };
    assert_eq!((out.as_str(), named[0].why.since), ("make room", Some(sim.now - Span::secs(10))));
    let boxes = &named[1].why;
    assert!(boxes.because[0] == REFUSES && boxes.orders.is_empty() && !boxes.due, "{boxes:?}");
    // The same on the screen, step by step.
    assert_eq!(explain(&sim.state, &sim.readout_full(), &"boxes".into(), sim.now), *boxes);
    let why = explain_named(&sim.state, &sim.readout_full(), "journal", sim.now).unwrap();
    assert_eq!((why.len(), &why[0]), (1, &named[0]));
    assert_eq!(explain_named(&sim.state, &sim.readout(), "journal", sim.now), Err("the journal can be written".into()));
}

#[test]
fn where_nothing_can_be_written_down_next_is_that_and_no_alarm_offers_what_is_refused() {
    let mut sim = sim();
    let next = sim.answers_on(&sim.readout_full()).next;
    assert_eq!((next.head.long(), next.wanted), ("now", true));
    assert!(next.what.long().starts_with("make room on the disk"), "{next:?}");
    let moves: Vec<What> = next.moves.into_iter().map(|own| own.order).collect();
    assert_eq!(orders(&moves), ["hold WHY"]);
    sim.order(What::Severity { incident: None, level: 2, text: "x".into() }).unwrap();
    sim.start("go").unwrap();
    let told = sim.answers_on(&sim.readout_full());
    assert!(told.next.what.long().starts_with("make room on the disk"), "{:?}", told.next);
    let answered = told.alarms.iter().filter(|alarm| alarm.answer.is_some()).map(Alarm::line);
    assert_eq!(answered.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_way_back_that_is_under_way_is_offered_what_it_needs_on_a_full_disk_too() {
    let mut sim = sim();
    sim.order(back(Way::Stage("a".into()))).unwrap();
    sim.ends("a.undo.1", 7);
    let found = all(&sim.state, &sim.readout_full());
    let (_, _, orders) = found.iter().find(|(name, ..)| name == "rollback").unwrap();
    assert!(orders[0] == "again" && orders.len() == 3, "{found:?}");
    assert!(sim.answers_on(&sim.readout_full()).next.what.long().starts_with("the rollback stopped"));
    let by = sim.readout_full().unwritten.unwrap();
    assert!(by.takes(&sim.state, &What::RollbackAgain { rollback: 1, item: 0 }));
    assert!(!by.takes(&sim.state, &What::Note { text: "x".into() }), "it would eat what the way back needs");
}
