//! What the filter of the checklist lets through: words of titles, boxes and ids, and `@mine` and `@due`.

use super::checklist;
use super::model::{Model, PaneId};
use super::moves::focus;
use crate::core::event::Actor;
use crate::core::launch::{LaunchState, StepStatus, who_fills};
use crate::core::outline::StepOutline;

/// Stands for what is the person's own.
pub const MINE: &str = "@mine";
/// Stands for what is due or goes on.
pub const DUE: &str = "@due";

/// Filters by one of them, or no longer.
pub(super) fn toggle(model: &mut Model, word: &str) {
    focus(model, PaneId::Checklist);
    let had = model.filter(PaneId::Checklist).to_owned();
    let mut words: Vec<&str> = had.split_whitespace().filter(|own| *own != word).collect();
    if words.len() == had.split_whitespace().count() {
        words.insert(0, word);
    }
    if words.is_empty() {
        model.filters.remove(&PaneId::Checklist);
    } else {
        model.filters.insert(PaneId::Checklist, words.join(" "));
    }
    checklist::to_shown(model);
}

/// Whether the filter of the checklist lets a step through.
pub fn lets(model: &Model, launch: &LaunchState, step: &StepOutline) -> bool {
    let filter = model.filter(PaneId::Checklist).to_lowercase();
    let (marks, words): (Vec<&str>, Vec<&str>) = filter.split_whitespace().partition(|w| [MINE, DUE].contains(w));
    let text = words.join(" ");
    let has = |t: &str| t.to_lowercase().contains(&text);
    let named = has(&step.title) || has(step.id.as_str()) || step.items.iter().any(|item| has(item));
    named
        && marks
            .iter()
            .all(|mark| if *mark == MINE { is_mine(model, launch, step) } else { is_due(model, launch, step) })
}

/// A step is somebody's who fills the role that owns it or stands in for that, who votes or decides at it, or who began it.
fn is_mine(model: &Model, launch: &LaunchState, step: &StepOutline) -> bool {
    let Some(you) = model.you.as_ref().map(|you| you.name.as_str()) else { return false };
    let voters = step.gate.iter().flat_map(|gate| &gate.poll);
    let mut roles = step.owner.iter().chain(voters);
    let fills = roles.any(|role| {
        who_fills(launch, role).is_some_and(|name| name == you)
            || launch.outline.roles.get(role).is_some_and(|of| of.names().any(|name| name == you))
    });
    let began = launch.steps.get(&step.id).and_then(|own| own.started_by.as_ref());
    let began = matches!(began, Some(Actor::Operator(by)) if by.name == you);
    fills || (step.gate.is_some() && launch.lead == you) || began
}

fn is_due(model: &Model, launch: &LaunchState, step: &StepOutline) -> bool {
    let asks = |status: &StepStatus| {
        status.is_active()
            || matches!(
                status,
                StepStatus::Failed { .. }
                    | StepStatus::Interrupted { .. }
                    | StepStatus::NoGo { .. }
                    | StepStatus::Expired { .. }
            )
    };
    model.facts.due(&step.id) || launch.steps.get(&step.id).is_some_and(|own| asks(&own.status))
}
