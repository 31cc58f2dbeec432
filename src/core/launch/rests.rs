//! What rests on a step, and goes back with it when it is undone: what a gate was decided on, what people saw and ticked,
//! what they agreed to. None of that is true of the next attempt, so it asks again; what it was is kept and shown.
//!
//! A step rests on what it comes after (by its own `after` or its phase's) and on what that rests on. A gate, and a step
//! that people do by hand, rest on all that stands above them in their phase too: people go from top to bottom. What they
//! said before that had begun does not: they did not see it. And a gate asks again when what it let through is undone.
//!
//! A step with a command and no undo does not go back: its effect is in production, whatever it was done after. Nor does
//! one done by hand that has an undo and is not undone.

use std::collections::{BTreeMap, BTreeSet};

use super::{LaunchState, StepState, StepStatus};
use crate::core::event::Event;
use crate::core::ids::StepId;
use crate::core::outline::{Outline, StepOutline};
use crate::core::time::Timestamp;

/// The gates and the steps done by hand that ask again once these steps are undone, in the plan's order, each with the
/// step on which it rested.
pub(super) fn ask_again(state: &LaunchState, undone: &[StepId]) -> Vec<(StepId, StepId)> {
    let asks = |step: &StepOutline| state.steps.get(&step.id).is_some_and(|own| is_word(step, own));
    resting(state, undone).filter(|(step, _)| asks(step)).map(ids).collect()
}

/// These steps are undone, and what rests on them goes back too.
pub(super) fn undone(state: &LaunchState, steps: &[StepId]) -> Vec<Event> {
    let itself = steps.iter().map(|step| Event::StepUndone { step: step.clone(), since: None });
    itself.chain(goes_back(state, steps)).collect()
}

/// What rests on steps that are undone goes back: decisions, ticks, and what people agreed to for a start to come.
pub(super) fn goes_back(state: &LaunchState, undone: &[StepId]) -> Vec<Event> {
    let own = |step: &StepOutline| state.steps.get(&step.id);
    let agreed = |own: &StepState| own.status == StepStatus::Todo && !own.approvals.is_empty();
    let concerned = |step: &StepOutline| own(step).is_some_and(|own| is_word(step, own) || agreed(own));
    let resting = resting(state, undone).filter(|(step, _)| concerned(step));
    resting.map(ids).map(|(step, since)| Event::StepUndone { step, since: Some(since) }).collect()
}

fn ids((step, since): (&StepOutline, &StepId)) -> (StepId, StepId) {
    (step.id.clone(), since.clone())
}

/// Whether what a step came to is the word of people alone, and stands.
fn is_word(step: &StepOutline, own: &StepState) -> bool {
    match &own.status {
        StepStatus::Todo | StepStatus::Undone { .. } | StepStatus::Skipped { not_applicable: true, .. } => false,
        StepStatus::Skipped { .. } => step.gate.is_some(),
        _ => step.gate.is_some() || step.by_hand() && step.undo.is_none(),
    }
}

/// When people said the last of what a step came to; none while they vote, or where they said nothing.
fn last_word(own: &StepState) -> Option<Timestamp> {
    let came_to = match &own.status {
        StepStatus::Done { at, .. }
        | StepStatus::Skipped { at, .. }
        | StepStatus::Failed { at, .. }
        | StepStatus::NoGo { at, .. }
        | StepStatus::Expired { at } => Some(*at),
        StepStatus::Polling => return None,
        _ => own.started,
    };
    let ticked = own.ticks.values().map(|tick| tick.at);
    came_to.into_iter().chain(ticked).chain(own.approvals.iter().map(|approval| approval.at)).max()
}

/// All that rests on some steps, without them.
fn resting<'a>(
    state: &'a LaunchState,
    undone: &'a [StepId],
) -> impl Iterator<Item = (&'a StepOutline, &'a StepId)> + use<'a> {
    let outline: &Outline = &state.outline;
    let seen = |step: &StepOutline, root: &StepId| {
        let begun = state.steps.get(root).and_then(|root| root.begun);
        let said = state.steps.get(&step.id).and_then(last_word);
        begun.zip(said).is_none_or(|(begun, said)| said >= begun)
    };
    let itself: BTreeSet<&StepId> = undone.iter().collect();
    let mut on: BTreeMap<&StepId, &StepId> = undone.iter().map(|id| (id, id)).collect();
    // Until nothing is added: `after` may name what stands further down.
    for _ in 0..outline.steps.len() {
        let known = on.len();
        let mut above = BTreeMap::new();
        for step in &outline.steps {
            let top_down = step.run.is_none();
            let phase = || above.get(&step.phase).copied().filter(|root: &&StepId| top_down && seen(step, root));
            let first = step.after.iter().rev().find_map(|id| on.get(id).copied()).or_else(phase);
            let since = on.get(&step.id).copied().or(first);
            if let Some(since) = since {
                on.insert(&step.id, since);
                above.insert(&step.phase, since);
            }
        }
        if on.len() == known {
            break;
        }
    }
    let through = move |gate: &StepOutline| {
        let let_through = outline.steps.iter().filter(|step| step.after.contains(&gate.id));
        let_through.map(|step| &step.id).find(|id| itself.contains(id)).filter(|_| gate.gate.is_some())
    };
    let others = outline.steps.iter().filter(move |step| !undone.contains(&step.id));
    others.filter_map(move |step| Some((step, on.get(&step.id).copied().or_else(|| through(step))?)))
}
