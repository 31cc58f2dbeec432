//! When what an incident is about began, as far as tminus saw it.

use std::collections::BTreeMap;

use crate::core::event::Event;
use crate::core::ids::StepId;
use crate::core::launch::{LaunchState, StepStatus};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::{Span, Timestamp};

/// When each step failed first of those that did not come to a good end since: one that is tried again and again did not
/// begin to fail with its last attempt.
#[derive(Default)]
pub(super) struct Failing(BTreeMap<StepId, Timestamp>);

impl Failing {
    /// Takes in what happened.
    pub fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::StepFailed { step, evidence, .. } | Event::SoakBroken { step, evidence } => {
                let lasted = evidence.iter().filter_map(|e| e.lasted).max().unwrap_or(Span::ZERO);
                self.0.entry(step.clone()).or_insert(at - lasted);
            }
            Event::StepDone { step, .. }
            | Event::StepSkipped { step, .. }
            | Event::StepUndone { step, .. }
            | Event::SoakMended { step } => _ = self.0.remove(step),
            _ => {}
        }
    }
}

/// The first thing that is wrong at this moment: since when, and what. A trigger's clock began before it fired.
pub(super) fn onset(state: &LaunchState, failing: &Failing) -> Option<(Timestamp, String)> {
    let outline = &state.outline;
    let fired = state.triggers.iter().filter_map(|(id, own)| {
        let fired = own.fired.as_ref()?;
        let title = outline.trigger(id).map_or_else(|| id.to_string(), |t| t.title.clone());
        let began = fired.evidence.lasted.map_or(fired.at, |lasted| fired.at - lasted);
        Some((began, title))
    });
    let critical = state.notices.standing().filter(|n| n.kind == NoticeKind::Critical);
    let critical = critical.filter_map(|n| match &n.subject {
        Subject::Probe(id) => Some((n.raised, format!("{id} was critical"))),
        _ => None,
    });
    let steps = outline.steps.iter().filter_map(|step| {
        let first = *failing.0.get(&step.id)?;
        let soaks = matches!(state.steps.get(&step.id)?.status, StepStatus::Soaking { .. });
        Some((first, format!("{}{}", step.title, if soaks { ": its soak broke" } else { " failed" })))
    });
    fired.chain(critical).chain(steps).min_by_key(|(at, _)| *at)
}
