//! What is worth telling of error budgets and of our own side: that a budget is used up, that we are cut off.

use super::Worth;
use crate::core::criterion::CriterionOutline;
use crate::core::launch::{LaunchState, budget_used_up};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::Timestamp;

/// An error budget that is used up, until the criterion's time is over or it counts anew.
pub(super) fn budget(state: &LaunchState, of: &CriterionOutline, now: Timestamp) -> Option<Worth> {
    let since = state.criteria.get(&of.id)?.used_up.filter(|_| state.t0 + of.over > now)?;
    let text = budget_used_up(state, of, now);
    Some(Worth::new(NoticeKind::Budget, Subject::Criterion(of.id.clone()), since.millis() / 1000, text))
}

/// How it came to its end.
pub(super) fn budget_over(state: &LaunchState, id: &str, now: Timestamp) -> String {
    match state.outline.criteria.iter().find(|of| of.id == id) {
        Some(of) if state.t0 + of.over <= now => "its time is over".to_owned(),
        Some(_) => "it counts anew".to_owned(),
        None => "no longer in the plan".to_owned(),
    }
}

/// Our own side is cut off.
pub(super) fn side(state: &LaunchState) -> Option<Worth> {
    let (since, why) = state.side.cut.as_ref()?;
    let text = format!("{why}: nothing is known of production, and no trigger fires");
    Some(Worth::new(NoticeKind::SideCutOff, Subject::Side, since.millis() / 1000, text))
}
