//! Where the selection goes by itself: along with the step it stands at, and nowhere else.

use super::Cockpit;
use super::fixture::{T0, Weather, ana, cockpit_of};
use super::typing::{SIZE, select};
use crate::core::event::{Actor, Event, Recorded};
use crate::core::ids::{Seq, StepId};
use crate::core::launch::{StepState, StepStatus};
use crate::core::order::What;
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::model::Target;
use crate::wire::message::EngineMessage;

const DUE: [&str; 4] = ["share-5", "share-25", "share-50", "share-100"];

/// Four commands can be started, none waits for another.
fn four_due() -> Cockpit {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        for step in &mut outline.steps {
            step.after.clear();
        }
        state.outline = outline.into();
        for (id, step) in &mut state.steps {
            if DUE.contains(&id.as_str()) {
                *step = StepState::default();
            } else {
                step.status = StepStatus::Done { at: T0, by: Actor::Engine, over: None };
            }
        }
    });
    assert!(DUE.iter().all(|id| cockpit.model.facts.due(&(*id).into())));
    select(&mut cockpit, "share-5");
    assert_eq!(checklist::start(&cockpit.model), step("share-5"));
    cockpit
}

fn step(id: &str) -> Option<Target> {
    Some(Target::Step(id.into()))
}

fn happened(cockpit: &mut Cockpit, event: Event) {
    let seq = Seq(cockpit.model.launch.as_ref().unwrap().head.0 + 1);
    let recorded = Recorded { seq, at: cockpit.model.now(), order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
}

fn done(id: &str) -> Event {
    Event::StepDone { step: id.into(), attempt: 1, by: Actor::Engine, over: None, evidence: Vec::new() }
}

#[test]
fn a_note_an_incident_or_a_hold_leaves_the_selection_where_it_stands() {
    let mut cockpit = four_due();
    let by = ana();
    for event in [
        Event::Noted { by: by.clone(), text: "hello".into() },
        Event::SeveritySet { incident: 1, level: 2, text: String::new(), by: by.clone(), was: None, onset: None },
        Event::Held { by: Actor::Operator(by), why: "odd".into() },
    ] {
        let told = format!("{event:?}");
        happened(&mut cockpit, event);
        assert_eq!(cockpit.model.selected, step("share-5"), "{told}");
    }
}

#[test]
fn what_becomes_of_another_step_leaves_it_too() {
    let mut cockpit = four_due();
    cockpit.keys("x");
    happened(&mut cockpit, done("share-50"));
    let failed = Event::StepFailed { step: "share-25".into(), attempt: 1, why: "exit 1".into(), evidence: Vec::new() };
    happened(&mut cockpit, failed);
    assert_eq!(cockpit.model.selected, step("share-5"));
    cockpit.waits(Span::secs(1)).keys("y");
    assert_eq!(cockpit.orders(), [&What::Run { step: "share-5".into(), attempt: 1 }]);
}

#[test]
fn it_goes_along_once_its_own_step_is_over() {
    let mut cockpit = four_due();
    happened(&mut cockpit, done("share-5"));
    assert_eq!(cockpit.model.selected, step("share-25"));
    cockpit.waits(Span::secs(1)).keys("j");
    let chosen = cockpit.model.selected.clone();
    happened(&mut cockpit, done("share-25"));
    assert_eq!(cockpit.model.selected, chosen, "who looks elsewhere stays there");
}

#[test]
fn who_works_beside_a_step_that_soaks_is_taken_along_too() {
    let mut cockpit = four_due();
    let since = cockpit.model.now();
    let launch = cockpit.model.launch.as_mut().unwrap();
    launch.steps.get_mut(&StepId::from("share-5")).unwrap().status = StepStatus::Soaking { since, broken: false };
    happened(&mut cockpit, Event::Noted { by: ana(), text: "the canary soaks".into() });
    cockpit.model.selected = step("share-25");
    happened(&mut cockpit, done("share-25"));
    assert_eq!(cockpit.model.selected, step("share-5"), "what goes on is next");
    happened(&mut cockpit, done("share-5"));
    assert_eq!(cockpit.model.selected, step("share-50"));
}

#[test]
fn a_typed_order_without_a_step_means_the_one_that_was_selected_when_the_line_was_opened() {
    let mut cockpit = four_due();
    cockpit.keys(":skip not tonight");
    happened(&mut cockpit, done("share-5"));
    cockpit.keys("<enter>");
    assert!(cockpit.orders().is_empty());
    assert!(cockpit.text().contains("the selection moved to share-25 meanwhile"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    let skip = What::Skip { step: "share-25".into(), why: "not tonight".into(), not_applicable: false };
    assert_eq!(cockpit.orders(), [&skip]);
}
