//! What is worth telling of error budgets and of our own side: that half of a budget is used, or all, that we are
//! cut off.

use super::Worth;
use crate::core::criterion::CriterionOutline;
use crate::core::launch::LaunchState;
use crate::core::launch::criteria::budget_words;
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::Timestamp;

/// An error budget of which half is used, or all, until the criterion's time is over or it counts anew.
pub(super) fn budget(state: &LaunchState, of: &CriterionOutline, now: Timestamp) -> Option<Worth> {
    let own = state.criteria.get(&of.id).filter(|_| state.t0 + of.over > now)?;
    let (nth, how) = match (own.used_up, own.half_used) {
        (Some(since), _) => ((since.millis() / 1000).to_string(), "its error budget is used up"),
        (None, Some(since)) => (format!("half-{}", since.millis() / 1000), "half of its error budget is used"),
        (None, None) => return None,
    };
    let text = budget_words(state, of, how, now);
    Some(Worth::new(NoticeKind::Budget, Subject::Criterion(of.id.clone()), nth, text))
}

/// How it came to its end.
pub(super) fn budget_over(state: &LaunchState, id: &str, now: Timestamp) -> String {
    match state.outline.criteria.iter().find(|of| of.id == id) {
        Some(of) if state.t0 + of.over <= now => "its time is over".to_owned(),
        Some(_) if state.criteria.get(id).is_some_and(|own| own.used_up.is_some()) => "it is used up".to_owned(),
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
