//! Gates that bar nothing: a phase that waits for nothing begins while the poll of a gate above it is open. Warnings only.

use std::collections::BTreeSet;

use super::places::Places;
use super::problem::Problem;
use crate::core::ids::StepId;
use crate::core::outline::{Outline, PhaseOutline, StepOutline};

/// Warns of phases below a gate whose commands wait for nothing above them, and of gates that nothing below waits for.
pub(super) fn lint(outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let mut told = BTreeSet::new();
    for (at, phase) in outline.phases.iter().enumerate() {
        let above = &outline.phases[..at];
        let gate = above.iter().rev().find_map(|phase| Some((phase, gates(outline, phase).last()?)));
        let (Some((barred, gate)), Some(step)) = (gate, free(outline, phase)) else { continue };
        let id = places.phases.get(&phase.id).cloned().unwrap_or(0..0);
        if places.gaps.may_have(&id, "after") {
            continue;
        }
        told.insert(&phase.id);
        let message = format!(
            "the phase `{}` waits for nothing: `{}` can start while the gate `{}` is open",
            phase.id, step.id, gate.id
        );
        problems.push(Problem::warning("gate", id, message).help(format!("write after = [\"{}\"]", barred.id)));
    }
    for (at, phase) in outline.phases.iter().enumerate() {
        // What stands below it in its phase waits for it already.
        for gate in gates(outline, phase).filter(|gate| !outline.steps.iter().any(|s| s.after.contains(&gate.id))) {
            let below = outline.phases[at + 1..].iter();
            let runs = |phase: &&PhaseOutline| outline.steps_of(&phase.id).any(|step| step.run.is_some());
            let Some(next) = below.filter(|phase| !told.contains(&phase.id)).find(runs) else { continue };
            if outline.phases[at + 1..].iter().any(|phase| told.contains(&phase.id)) {
                continue;
            }
            let id = places.steps.get(&gate.id).cloned().unwrap_or(0..0);
            let message =
                format!("nothing waits for the gate `{}`: the phase `{}` goes on without it", gate.id, next.id);
            let help =
                format!("write after = [\"{}\"] in the phase `{}`, or in what the gate decides", phase.id, next.id);
            problems.push(Problem::warning("gate", id, message).help(help));
        }
    }
}

fn gates<'a>(outline: &'a Outline, phase: &'a PhaseOutline) -> impl Iterator<Item = &'a StepOutline> {
    outline.steps_of(&phase.id).filter(|step| step.gate.is_some())
}

/// The first command of a phase that waits for nothing outside it.
fn free<'a>(outline: &'a Outline, phase: &'a PhaseOutline) -> Option<&'a StepOutline> {
    outline.steps_of(&phase.id).find(|step| step.run.is_some() && !leaves(outline, step))
}

/// Whether a step waits, itself or through others, for one of another phase.
fn leaves(outline: &Outline, step: &StepOutline) -> bool {
    let (mut open, mut seen): (Vec<&StepOutline>, BTreeSet<&StepId>) = (vec![step], BTreeSet::new());
    while let Some(one) = open.pop() {
        if one.phase != step.phase {
            return true;
        }
        open.extend(one.after.iter().filter(|id| seen.insert(*id)).filter_map(|id| outline.step(id)));
    }
    false
}
