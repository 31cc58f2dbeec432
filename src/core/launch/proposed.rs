//! The way back that a failed step proposes: whether it does, and which.

use super::{LaunchState, Status, StepStatus, WayView};
use crate::core::event::Actor;
use crate::core::ids::StepId;
use crate::core::order::{Way, What};
use crate::core::outline::{OnFail, StepOutline};

impl LaunchState {
    /// Whether a step failed by itself and the way back is proposed for that, until a person answers: by going back, or by
    /// releasing the hold that came with it. What the launch is held for afterwards proposes nothing for it.
    pub(super) fn proposes_back(&self, step: &StepOutline) -> bool {
        let failed = self.steps.get(&step.id).and_then(|own| match own.status {
            StepStatus::Failed { at, .. } => Some(at),
            _ => None,
        });
        let by_itself = failed.filter(|_| !self.undo_failed(&step.id) && !self.was_stopped(&step.id));
        let held = |at| self.holds().any(|hold| hold.by == Actor::Engine && hold.since <= at);
        step.on_fail == OnFail::Propose && by_itself.is_some_and(held)
    }
}

/// The nearest way that undoes a step, where there is one. A newer step that is well is not in question.
pub(super) fn nearest_way<'w>(ways: &'w [WayView], step: &StepId) -> Option<&'w WayView> {
    let open = || ways.iter().filter(|way| way.closed.is_none());
    let first = open().next()?;
    if !matches!(&first.way, Way::Stage(newest) if newest != step) {
        return Some(first);
    }
    let fewest = open().filter(|way| way.undoes.contains(step)).min_by_key(|way| way.undoes.len());
    fewest.or_else(|| open().find(|way| matches!(way.way, Way::Named(_)))).or(Some(first))
}

/// The way back that a step proposes, with the order that answers with yes. None where it proposes none, a way back is
/// under way, and where that one was taken.
pub(super) fn proposed<'w>(
    state: &LaunchState,
    ways: &'w [WayView],
    step: &StepOutline,
) -> Option<(&'w WayView, What)> {
    let way = nearest_way(ways, &step.id).filter(|_| state.proposes_back(step))?;
    let taken = match state.status {
        Status::Live => false,
        Status::RolledBack(number) => {
            let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
            index.and_then(|i| state.rollbacks.get(i)).is_some_and(|of| of.way == way.way)
        }
        Status::RollingBack(_) | Status::Ended { .. } => true,
    };
    let typed = way.typed.then(String::new);
    let order = What::Rollback { way: way.way.clone(), trigger: None, typed, why: String::new() };
    (!taken).then_some((way, order))
}
