//! What was planned when: a slip moves what has not begun; what goes on or is over stays as it was planned until then.

use std::collections::BTreeMap;

use super::PhaseReport;
use crate::core::event::Event;
use crate::core::ids::StepId;
use crate::core::launch::{LaunchState, Slot, forecast, planned_slots};
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// The planned start and end of what had begun when T-0 was moved last.
#[derive(Default)]
pub(super) struct Planned(BTreeMap<StepId, Slot>);

impl Planned {
    /// Takes an event in; the state is that before it.
    pub(super) fn fold(&mut self, state: &LaunchState, event: &Event) {
        if !matches!(event, Event::T0Moved { .. }) {
            return;
        }
        let begun = |step: &StepOutline| {
            state.steps.get(&step.id).is_some_and(|own| own.status.is_over() || own.status.is_active())
        };
        let slots = planned_slots(state, &self.0);
        let all = state.outline.steps.iter().zip(slots).filter(|(step, _)| begun(step));
        self.0 = all.map(|(step, slot)| (step.id.clone(), slot)).collect();
    }

    /// The phases, planned and actual, and when the launch was to be over.
    pub(super) fn ends(&self, state: &LaunchState) -> (Vec<PhaseReport>, Option<Timestamp>) {
        let outline = &state.outline;
        let slots = planned_slots(state, &self.0);
        let end = |of: &dyn Fn(&StepOutline) -> bool| {
            outline.steps.iter().zip(&slots).filter(|(step, _)| of(step)).map(|(_, (_, end))| *end).max()
        };
        // What was planned and what was rests on nothing that is measured.
        let actual = forecast(state, &Readout::default(), state.last_at);
        let phases = outline.phases.iter().zip(actual.phases).map(|(phase, ends)| PhaseReport {
            title: phase.title.clone(),
            planned_end: end(&|step| step.phase == phase.id)
                .filter(|_| !outline.steps_of(&phase.id).all(|step| state.is_added(&step.id))),
            actual_end: ends.actual,
        });
        (phases.collect(), end(&|_| true))
    }
}
