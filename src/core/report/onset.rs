//! When what an incident is about began, as far as tminus saw it.

use std::collections::BTreeMap;

use crate::core::event::{Event, Evidence};
use crate::core::ids::{RunKind, StepId, TriggerId};
use crate::core::launch::{LaunchState, StepStatus, observed_before};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::{Span, Timestamp};

/// When what is wrong began. What was wrong with an attempt is over with the next one: that goes on, and what breaks then
/// began then. Only where it fails, too, a step that is tried again and again did not begin to fail with its last attempt.
/// A trigger that has not cleared since it fired: one that led to a way back did not begin with what is opened about it
/// then.
#[derive(Default)]
pub(super) struct Failing {
    steps: BTreeMap<StepId, Wrong>,
    /// When the first failed of the attempts in a row that have failed before the one that goes on.
    before: BTreeMap<StepId, Timestamp>,
    triggers: BTreeMap<TriggerId, Timestamp>,
}

/// What is wrong with the newest attempt at a step.
struct Wrong {
    since: Timestamp,
    /// A person stopped it: that is no failure in a row.
    stopped: bool,
}

impl Failing {
    /// Takes in what happened, in a state of that moment.
    pub fn fold(&mut self, state: &LaunchState, event: &Event, at: Timestamp) {
        match event {
            Event::StepStarted { step, .. } => self.begins(step),
            Event::RunFound { run, .. } if run.kind == RunKind::Do => self.begins(&run.step),
            Event::StepFailed { step, evidence, .. } => {
                let since = began(state, evidence, at);
                let stopped = state.steps.get(step).is_some_and(|own| own.stopped_by.is_some());
                self.steps.entry(step.clone()).or_insert(Wrong { since, stopped }).stopped = stopped;
            }
            Event::SoakBroken { step, evidence } => {
                let since = began(state, evidence, at);
                self.steps.entry(step.clone()).or_insert(Wrong { since, stopped: false });
            }
            Event::StepDone { step, .. }
            | Event::StepSkipped { step, .. }
            | Event::StepUndone { step, .. }
            | Event::SoakMended { step } => {
                self.steps.remove(step);
                self.before.remove(step);
            }
            // A trigger's clock began before it fired.
            Event::TriggerFired { trigger, evidence, .. } => {
                let began = began(state, std::slice::from_ref(evidence), at);
                self.triggers.insert(trigger.clone(), began);
            }
            Event::TriggerCleared { trigger, .. } => _ = self.triggers.remove(trigger),
            _ => {}
        }
    }

    /// A new attempt: what was wrong with the one before is over.
    fn begins(&mut self, step: &StepId) {
        match self.steps.remove(step) {
            Some(Wrong { since, stopped: false }) => _ = self.before.entry(step.clone()).or_insert(since),
            _ => _ = self.before.remove(step),
        }
    }
}

/// When that began which was found at this moment: what held for a while did so before.
fn began(state: &LaunchState, evidence: &[Evidence], at: Timestamp) -> Timestamp {
    let lasted = evidence.iter().filter_map(|e| e.lasted).max().unwrap_or(Span::ZERO);
    observed_before(state, at, lasted)
}

/// What is wrong at this moment: since when, and what. A step that failed again is there twice: since its last failure, and
/// since the first in that row.
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
    let steps = outline.steps.iter().flat_map(|step| {
        let own = failing.steps.get(&step.id).zip(state.steps.get(&step.id));
        let soaks = own.is_some_and(|(_, own)| matches!(own.status, StepStatus::Soaking { .. }));
        let first = failing.before.get(&step.id).filter(|_| own.is_some() && !soaks);
        let what = format!("{}{}", step.title, if soaks { ": its soak broke" } else { " failed" });
        let all = own.map(|(wrong, _)| wrong.since).into_iter().chain(first.copied());
        all.map(|since| (since, what.clone())).collect::<Vec<_>>()
    });
    fired.chain(critical).chain(steps).collect()
}
