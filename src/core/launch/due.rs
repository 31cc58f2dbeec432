//! When a step is due and what it waits for. Derived, never stored.

use super::{LaunchState, RollbackState, RollbackStatus, Status, StepStatus};
use crate::core::event::Actor;
use crate::core::ids::{RunId, StepId};
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

/// What stands against starting a step now: its own state, the launch's, or what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The launch is over.
    Ended,
    /// It has started.
    UnderWay,
    /// It is done.
    Done,
    /// A command of an earlier attempt, or its undo, has not ended.
    Runs(RunId),
    /// The way back of that number is under way or has stopped.
    GoingBack(u32),
    /// Somebody holds the launch.
    Held,
    /// These must be over first.
    After(Vec<StepId>),
    /// Its time has not come.
    Until(Timestamp),
}

impl Obstacle {
    /// The first thing that stands against it, if anything does.
    pub(super) fn of(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Self> {
        if let Status::Ended { .. } = state.status {
            return Some(Self::Ended);
        }
        match state.steps.get(&step.id).map(|own| &own.status) {
            Some(status) if status.is_active() => return Some(Self::UnderWay),
            Some(StepStatus::Done { .. }) => return Some(Self::Done),
            _ => {}
        }
        if let Some((run, _)) = state.runs.iter().find(|(run, s)| run.step == step.id && s.end.is_none()) {
            return Some(Self::Runs(run.clone()));
        }
        if let Status::RollingBack(number) = state.status {
            return Some(Self::GoingBack(number));
        }
        if state.hold.is_some() {
            return Some(Self::Held);
        }
        let waits = waits(state, step, now);
        if !waits.after.is_empty() {
            return Some(Self::After(waits.after));
        }
        waits.until.map(Self::Until)
    }

    /// It in words, a lower-case fragment.
    pub(super) fn words(&self, state: &LaunchState, id: &StepId, now: Timestamp) -> String {
        let own = state.steps.get(id);
        match self {
            Self::Ended => ended(state),
            Self::UnderWay => {
                let by = own.and_then(|s| s.started_by.as_ref()).unwrap_or(&Actor::Engine);
                format!("`{id}` is under way, started by {by}")
            }
            Self::Done => match own.map(|s| &s.status) {
                Some(StepStatus::Done { by, .. }) => format!("`{id}` is done, says {by}"),
                _ => format!("`{id}` is done"),
            },
            Self::Runs(run) => format!("{} has not ended yet", run.words()),
            Self::GoingBack(number) => going_back(state, *number),
            Self::Held => {
                let all: Vec<_> = state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why)).collect();
                format!("the launch is held: {}", all.join("; "))
            }
            Self::After(first) => {
                let word = |id: &StepId| state.steps.get(id).map_or("not begun", |own| own.status.word());
                let all: Vec<_> = first.iter().map(|id| format!("`{id}` ({})", word(id))).collect();
                format!("`{id}` waits for {}", all.join(", "))
            }
            Self::Until(at) => format!("`{id}` is not due before {}", when(state, *at, now)),
        }
    }
}

/// Whether a hold is all that stands against starting a step that is not over.
pub(super) fn is_only_held(state: &LaunchState, step: &StepOutline, now: Timestamp) -> bool {
    let over = state.steps.get(&step.id).is_some_and(|own| own.status.is_over());
    !over && Obstacle::of(state, step, now) == Some(Obstacle::Held) && waits(state, step, now).is_due()
}

/// `the launch was ended by ana`.
pub(super) fn ended(state: &LaunchState) -> String {
    match &state.status {
        Status::Ended { by, .. } => format!("the launch was ended by {by}"),
        _ => "the launch was ended".to_owned(),
    }
}

/// `rollback 1, traffic to blue, stopped: …`, `… is under way`.
pub(super) fn going_back(state: &LaunchState, number: u32) -> String {
    match state.rollbacks.get((number as usize).wrapping_sub(1)) {
        Some(RollbackState { title, status: RollbackStatus::Stopped { why, .. }, .. }) => {
            format!("rollback {number}, {title}, stopped: {why}")
        }
        Some(rollback) => format!("rollback {number}, {}, is under way", rollback.title),
        None => format!("rollback {number} is under way"),
    }
}
