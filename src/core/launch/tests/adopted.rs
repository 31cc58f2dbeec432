//! A changed plan in mid-launch: what people ticked, and what can be undone.

use super::back::back;
use crate::core::launch::Input;
use crate::core::launch::testing::*;
use crate::core::order::{Rejection, Way, What};
use crate::core::outline::Outline;
use crate::core::tell::tell;

fn adopts(sim: &mut Sim, outline: Outline) -> Result<(), Rejection> {
    let hash = format!("{}", sim.state.head.0);
    sim.input(Input::Adopt { by: who("ana"), hash, outline: Box::new(outline) })
}

#[test]
fn a_tick_goes_where_the_text_of_its_box_went_and_the_log_says_what_was_ticked() {
    let boxes = |items: &[&str]| plan(vec![step("c", |s| s.items = items.iter().map(|i| (*i).to_owned()).collect())]);
    let mut sim = Sim::new(boxes(&["One", "Two", "Three", "Two"]));
    for item in [0, 1] {
        sim.order(What::Tick { step: "c".into(), item: Some(item), on: true }).unwrap();
    }
    let ticked = |sim: &Sim| sim.state.steps["c"].ticks.keys().copied().collect::<Vec<_>>();
    adopts(&mut sim, boxes(&["Four", "Two", "Three", "Two"])).unwrap();
    assert_eq!(ticked(&sim), [1], "the first of the two");
    let told: Vec<String> = sim.events.iter().map(|r| tell(&sim.state, &r.event).text).collect();
    assert!(told.iter().any(|line| line == "Step c: One  ticked by ana"), "{told:?}");
    assert!(told.last().unwrap().ends_with("; ticked boxes that it does not have: Step c: One"), "{told:?}");
    adopts(&mut sim, boxes(&["Two", "Three"])).unwrap();
    assert_eq!(ticked(&sim), [0]);
    // Of two boxes of one text that are ticked one may go.
    sim.order(What::Tick { step: "c".into(), item: Some(0), on: false }).unwrap();
    adopts(&mut sim, boxes(&["Two", "Three", "Two"])).unwrap();
    for item in [0, 2] {
        sim.order(What::Tick { step: "c".into(), item: Some(item), on: true }).unwrap();
    }
    adopts(&mut sim, boxes(&["Two", "Three"])).unwrap();
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(last.ends_with("that it does not have: Step c: Two"), "{last}");
    assert_eq!(ticked(&sim), [0]);
    adopts(&mut sim, boxes(&["Two", "Three", "Four"])).unwrap();
    assert_ne!(sim.word("c"), "done", "nobody ticked Three");
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(!last.contains("does not have"), "nothing that was ticked is gone: {last}");
}

#[test]
fn a_plan_that_lost_the_undo_of_a_step_that_began_is_not_taken_in() {
    let with = |undone: bool| plan(vec![runs("a", |s| s.undo = undo(&[]).filter(|_| undone)), runs("b", |_| {})]);
    let mut sim = Sim::new(with(true));
    adopts(&mut sim, with(true)).unwrap();
    sim.does("a");
    let without = || plan(vec![runs("b", |_| {})]);
    assert!(
        why(adopts(&mut sim, without())).contains("`a` began, and the new plan does not have it: its undo would be")
    );
    assert!(
        why(adopts(&mut sim, with(false)))
            .contains("the new plan takes its undo away; keep it in the file, or go back")
    );
    sim.order(back(Way::All)).unwrap();
    sim.ends("a.undo.1", 0);
    adopts(&mut sim, without()).unwrap();
}
