//! When what an incident is about began, as far as tminus saw it.

use std::collections::BTreeMap;

use crate::core::event::Event;
use crate::core::ids::{StepId, TriggerId};
use crate::core::launch::{LaunchState, StepStatus, observed_before};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::{Span, Timestamp};

/// When what is wrong began. A step that did not come to a good end since it failed first: one that is tried again and
/// again did not begin to fail with its last attempt. A trigger that has not cleared since it fired: one that led to a way
/// back did not begin with what is opened about it then.
#[derive(Default)]
pub(super) struct Failing {
    steps: BTreeMap<StepId, Timestamp>,
    triggers: BTreeMap<TriggerId, Timestamp>,
}

impl Failing {
    /// Takes in what happened, in a state of that moment.
    pub fn fold(&mut self, state: &LaunchState, event: &Event, at: Timestamp) {
        match event {
            Event::StepFailed { step, evidence, .. } | Event::SoakBroken { step, evidence } => {
                let lasted = evidence.iter().filter_map(|e| e.lasted).max().unwrap_or(Span::ZERO);
                self.steps.entry(step.clone()).or_insert(observed_before(state, at, lasted));
            }
            Event::StepDone { step, .. }
            | Event::StepSkipped { step, .. }
            | Event::StepUndone { step, .. }
            | Event::SoakMended { step } => _ = self.steps.remove(step),
            // A trigger's clock began before it fired.
            Event::TriggerFired { trigger, evidence, .. } => {
                let lasted = evidence.lasted.unwrap_or(Span::ZERO);
                self.triggers.insert(trigger.clone(), observed_before(state, at, lasted));
            }
            Event::TriggerCleared { trigger, .. } => _ = self.triggers.remove(trigger),
            _ => {}
        }
    }
}

/// What is wrong at this moment: since when, and what.
pub(super) fn wrong(state: &LaunchState, failing: &Failing) -> Vec<(Timestamp, String)> {
    let outline = &state.outline;
    let fired = failing.triggers.iter().map(|(id, began)| {
        let title = outline.trigger(id).map_or_else(|| id.to_string(), |t| t.title.clone());
        (*began, title)
    });
    let critical = state.notices.standing().filter(|n| n.kind == NoticeKind::Critical);
    let critical = critical.filter_map(|n| match &n.subject {
        Subject::Probe(id) => Some((n.raised, format!("{id} was critical"))),
        _ => None,
    });
    let steps = outline.steps.iter().filter_map(|step| {
        let first = *failing.steps.get(&step.id)?;
        let soaks = matches!(state.steps.get(&step.id)?.status, StepStatus::Soaking { .. });
        Some((first, format!("{}{}", step.title, if soaks { ": its soak broke" } else { " failed" })))
    });
    fired.chain(critical).chain(steps).collect()
}
