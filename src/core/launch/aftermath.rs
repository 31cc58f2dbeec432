//! What a way back that was taken left: rolled back is a word about the steps that it undid, not about the launch.

use super::LaunchState;
use crate::core::time::Timestamp;
use crate::core::words::clock;

/// What a way back that was taken left, a fragment each: what still goes on, a hold, what it left as it is. Empty where
/// that is nothing, and where there is no such way back. `number` is counted from 1.
pub fn aftermath(state: &LaunchState, number: u32, now: Timestamp) -> Vec<String> {
    let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
    let Some(rollback) = index.and_then(|i| state.rollbacks.get(i)) else { return Vec::new() };
    let mut left = Vec::new();
    for step in &state.outline.steps {
        let Some(own) = state.steps.get(&step.id).filter(|own| own.status.is_active()) else { continue };
        let since = own.started.map(|at| format!(" for {}", clock(now.since(at)))).unwrap_or_default();
        left.push(format!("{}: {}{since}", step.id, state.word(&step.id)));
    }
    left.extend(state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why)));
    let goes_on = |id| state.steps.get(id).is_some_and(|own| own.status.is_active());
    let stays: Vec<&str> = rollback.stays.iter().filter(|id| !goes_on(*id)).map(|id| id.as_str()).collect();
    if !stays.is_empty() {
        left.push(format!("without an undo, as it is: {}", stays.join(", ")));
    }
    left
}
