//! When a step is due and what it waits for. Derived, never stored.

use super::{LaunchState, Status, StepStatus};
use crate::core::event::Actor;
use crate::core::ids::StepId;
use crate::core::order::Rejection;
use crate::core::outline::StepOutline;
use crate::core::time::{Offset, Span, Timestamp};

/// What stands between a step and its start, of what the plan says. (A hold or a way back under way stand beside it.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Steps that must be over first and are not.
    pub after: Vec<StepId>,
    /// Its time has not come: when it does.
    pub until: Option<Timestamp>,
}

impl Waits {
    /// Whether nothing stands in its way.
    pub fn is_due(&self) -> bool {
        self.after.is_empty() && self.until.is_none()
    }
}

/// When the plan's clock makes a step due: its own time or its phase's, whichever is later.
pub fn due_at(state: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    let phase = state.outline.phase(&step.phase).and_then(|p| p.at);
    phase.into_iter().chain(step.at).map(|Offset(span)| state.t0 + span).max()
}

/// What a step of the plan waits for.
pub fn waits(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Waits {
    let open =
        |id: &&StepId| state.outline.step(id).is_some() && state.steps.get(*id).is_none_or(|s| !s.status.is_over());
    Waits {
        after: step.after.iter().filter(open).cloned().collect(),
        until: due_at(state, step).filter(|at| *at > now),
    }
}

/// Since when a step that is due has been so: its time, the end of what it waited for, the release of nothing. None
/// where it is not due, or was from the beginning.
pub(super) fn due_since(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Timestamp> {
    let over = step.after.iter().filter_map(|id| match state.steps.get(id).map(|s| &s.status) {
        Some(StepStatus::Done { at, .. } | StepStatus::Skipped { at, .. }) => Some(*at),
        _ => None,
    });
    let since = over.chain(due_at(state, step)).max();
    since.filter(|_| waits(state, step, now).is_due())
}

/// The end of an appointment among people: `span` after `start`, later by all time in which no engine ran.
pub(super) fn appointment(state: &LaunchState, start: Timestamp, span: Span) -> Timestamp {
    let mut end = start + span;
    for (from, to) in &state.gaps {
        if *to > start && *from < end {
            end = end + to.since((*from).max(start));
        }
    }
    end
}

/// A length of time for a sentence: whole seconds, rounded, never less than one.
pub(super) fn about(span: Span) -> Span {
    Span::secs(((span.millis() + 500) / 1000).max(1))
}

/// When a moment is, in words: `T+30m, in 12m`.
pub(super) fn when(state: &LaunchState, at: Timestamp, now: Timestamp) -> String {
    format!("{}, in {}", Offset(at.since(state.t0)), about(at.since(now)))
}

/// What stands against starting a step now, if anything: its own state, the launch's, or what it waits for.
pub(super) fn against(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Rejection> {
    let id = &step.id;
    if let Status::Ended { by, .. } = &state.status {
        return Some(Rejection::new(format!("the launch was ended by {by}")));
    }
    let own = state.steps.get(id);
    match own.map(|s| &s.status) {
        Some(status) if status.is_active() => {
            let by = own.and_then(|s| s.started_by.as_ref()).unwrap_or(&Actor::Engine);
            return Some(Rejection::new(format!("`{id}` is under way, started by {by}")));
        }
        Some(StepStatus::Done { by, .. }) => {
            return Some(Rejection::new(format!("`{id}` is done, says {by}")));
        }
        _ => {}
    }
    if let Some((run, _)) = state.runs.iter().find(|(run, s)| run.step == *id && s.end.is_none()) {
        return Some(Rejection::but(format!("the command of `{run}` has not ended yet"), "wait for its end"));
    }
    if let Status::RollingBack(number) = state.status {
        return Some(Rejection::but(
            format!("rollback {number} is under way"),
            "finish it, or leave it where it stands, then start steps",
        ));
    }
    if let Some(hold) = &state.hold {
        return Some(Rejection::but(
            format!("the launch holds: {}", hold.why),
            "release the hold first, with a reason",
        ));
    }
    let waits = waits(state, step, now);
    if !waits.after.is_empty() {
        let names: Vec<_> = waits.after.iter().map(|id| format!("`{id}`")).collect();
        return Some(Rejection::but(
            format!("`{id}` waits for {}", names.join(", ")),
            "they must be done, decided go, or skipped with a reason",
        ));
    }
    waits
        .until
        .map(|at| Rejection::but(format!("`{id}` is not due before {}", when(state, at, now)), "wait for its time"))
}
