//! When what an incident is about began, as far as tminus saw it.

use crate::core::launch::{LaunchState, StepStatus};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::Timestamp;

/// The first thing that is wrong at this moment: since when, and what. A trigger's clock began before it fired.
pub(super) fn onset(state: &LaunchState) -> Option<(Timestamp, String)> {
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
        let own = state.steps.get(&step.id)?;
        match &own.status {
            StepStatus::Failed { at, .. } => Some((*at, format!("{} failed", step.title))),
            StepStatus::Soaking { broken: true, .. } => Some((own.broke?, format!("{}: its soak broke", step.title))),
            _ => None,
        }
    });
    fired.chain(critical).chain(steps).min_by_key(|(at, _)| *at)
}
