//! Ways back that are closed before what they take back is in effect: their `possible-until` starts too early.

use std::collections::BTreeSet;

use super::places::Places;
use super::problem::Problem;
use crate::core::ids::StepId;
use crate::core::outline::Outline;

/// Warns of each rollback that closes with, or before, the start of a step that it undoes.
pub(super) fn lint(outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    for rollback in &outline.rollbacks {
        let Some(until) = &rollback.possible_until else { continue };
        let at = places.rollbacks.get(&rollback.id).cloned().unwrap_or_default();
        let never = rollback.undoes.iter().find(|id| *id == until || waits_for(outline, id, until));
        let Some(step) = never else { continue };
        let why = if step == until { String::new() } else { format!(", and `{step}` comes after that") };
        let message =
            format!("the rollback `{}` never takes back `{step}`: it closes when `{until}` starts{why}", rollback.id);
        let help = "name in `possible-until` the step from which on nothing goes back, as the one that drops the old";
        problems.push(Problem::warning("never-possible", at, message).help(help));
    }
}

/// Whether a step waits for another one, itself or through others.
fn waits_for(outline: &Outline, step: &StepId, other: &StepId) -> bool {
    let (mut open, mut seen) = (vec![step], BTreeSet::new());
    while let Some(step) = open.pop() {
        let after = outline.step(step).map_or(&[][..], |step| &step.after);
        if after.contains(other) {
            return true;
        }
        open.extend(after.iter().filter(|id| seen.insert(*id)));
    }
    false
}
