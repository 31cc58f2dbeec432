//! How long is waited for what must hold after a command has ended well. A way back waits for it so long, then it stops
//! and asks, as after a failure: nothing waits for ever. A soak waits so long for its first data before that is an alarm:
//! a canary that was just started has not had enough requests yet, and a screen that is yellow at every stage is not read.

use super::due::appointment;
use super::{LaunchState, RollbackState};
use crate::core::condition::Condition;
use crate::core::ids::RunKind;
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};

/// The least, where the plan names no time.
const LEAST: Span = Span::mins(5);

/// How long a soak may be without data at its start, at least.
const FIRST_DATA: Span = Span::secs(30);

/// For how long an item that has ended well may wait: an undo for its `timeout`, else for three times its estimate, five
/// minutes at least; twice the longest `for` and `soak` in any case. None where the step's own `limit` bounds it.
pub(super) fn patience(step: &StepOutline, kind: RunKind) -> Option<Span> {
    let longest = |all: &[Condition]| all.iter().filter_map(|c| c.lasting).max().unwrap_or(Span::ZERO);
    let (given, estimate, clocks) = match (kind, &step.undo) {
        (RunKind::Do, _) if step.limit.is_some() => return None,
        (RunKind::Do, _) => (None, step.estimate, longest(&step.verify).max(step.soak.unwrap_or(Span::ZERO))),
        (RunKind::Undo, Some(undo)) => (undo.timeout, undo.estimate, longest(&undo.require)),
        (RunKind::Undo, None) => (None, None, Span::ZERO),
    };
    let given = given.unwrap_or_else(|| estimate.map_or(LEAST, |e| e.times(3).max(LEAST)));
    Some(given.max(clocks.times(2)))
}

/// When the item that a way back is at stops and asks, unless what it waits for holds before; none where it does not wait.
pub(super) fn gives_up(state: &LaunchState, rollback: &RollbackState) -> Option<Timestamp> {
    let since = rollback.awaiting?;
    let item = rollback.items.get(rollback.next).filter(|item| item.command.is_some())?;
    let step = state.outline.step(&item.run.step)?;
    Some(appointment(state, since, patience(step, item.run.kind)?))
}

/// From when on there ought to be data for what must hold, or must not, since then: half a minute, or three readings of the
/// slowest probe, counted anew when an engine came back.
pub(super) fn data_due(state: &LaunchState, conditions: &[Condition], since: Timestamp) -> Timestamp {
    let every = |c: &Condition| state.outline.probe(&c.subject.probe).map(|probe| probe.every.times(3));
    let slowest = conditions.iter().filter_map(every).max().unwrap_or(Span::ZERO);
    since.max(state.engine_since) + slowest.max(FIRST_DATA)
}
