//! Commands that are not in the plan: `:sh`. Each is a step of its own, so that it has a start, an output, an end and its
//! place in the log and the report; it moves nothing of the plan.

use super::LaunchState;
use crate::core::ids::{PhaseId, StepId};
use crate::core::outline::{Outline, PhaseOutline, StepOutline};

/// The phase in which they stand.
pub(super) const PHASE: &str = "sh";

/// As much of a command is its title, in characters.
const TITLE: usize = 60;

impl LaunchState {
    /// Whether a person added this step beside the plan: it counts for no progress, and its failure holds nothing.
    pub fn is_added(&self, step: &StepId) -> bool {
        self.added.iter().any(|added| added.id == *step)
    }
}

/// Puts what was added at the end of a plan. What is there already stays.
pub(super) fn merge(outline: &mut Outline, added: &[StepOutline]) {
    let phase = PhaseId::from(PHASE);
    for step in added {
        if outline.step(&step.id).is_none() {
            outline.steps.push(step.clone());
        }
    }
    if outline.steps.iter().any(|step| step.phase == phase) && outline.phase(&phase).is_none() {
        outline.phases.push(PhaseOutline {
            id: phase,
            title: "Not in the plan".to_owned(),
            at: None,
            since: None,
            not_before: None,
            window: None,
        });
    }
}

/// Whether a step may have this id that was added in a launch.
pub fn can_be_added(id: &StepId) -> bool {
    id.as_str().strip_prefix("sh-").is_some_and(|n| n.parse::<u32>().is_ok())
}

/// The next one: `sh-1`, `sh-2`, …, with its command as its title.
pub(super) fn next(state: &LaunchState, command: &str) -> StepOutline {
    let ids = (state.added.len() + 1..).map(|n| StepId::from(format!("sh-{n}")));
    let id = ids.into_iter().find(|id| !state.steps.contains_key(id)).unwrap_or_else(|| "sh".into());
    let first = command.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let cut = first.chars().count() > TITLE || first.len() < command.trim().len();
    let title: String = first.chars().take(TITLE).collect();
    let more = if cut { "…" } else { "" };
    StepOutline::command(id, format!("$ {title}{more}"), PHASE.into(), command)
}
