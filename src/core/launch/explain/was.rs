//! What asks again since a step was undone on which it rested: which, and what it had come to.

use super::Explanation;
use crate::core::event::{Actor, RollbackItem};
use crate::core::ids::{RunKind, StepId};
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, Said, Status, StepState, StepStatus, Was};
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;

/// It was undone, or it asks again.
pub(super) fn undone(state: &LaunchState, step: &StepOutline, own: &StepState, at: Timestamp) -> Explanation {
    let next = own.attempt.saturating_add(1);
    let Some(was) = own.was.as_ref() else {
        let how = settled(state, step).unwrap_or_else(|| by_whom(state, step));
        let said = match state.status {
            Status::Ended { .. } => how,
            _ => format!("{how}; it may run again as attempt {next}"),
        };
        return Explanation::new("undone", Some(at)).because(said);
    };
    let since = state.outline.step(&was.since).map_or(was.since.as_str(), |s| s.title.as_str());
    let place = |id: &StepId| state.outline.steps.iter().position(|known| known.id == *id);
    let why = match step.gate.is_some() {
        true if was.status == StepStatus::Polling => {
            format!(
                "`{}` ({since}) was undone under its open poll: that is closed, and its votes count no more",
                was.since
            )
        }
        true if place(&was.since) > place(&step.id) => {
            format!("`{}` ({since}), which it let through, was undone: what comes next is decided anew", was.since)
        }
        true => format!("`{}` ({since}) was undone, and its decision rested on it: it counts no more", was.since),
        false => format!("`{}` ({since}) was undone, and what people saw rested on it: it counts no more", was.since),
    };
    Explanation::new("asks again", Some(at)).because(why).because(words(step, was))
}

/// The newest way back that undid it, and its own undo in it: a named way back may count it as undone without one.
fn undid<'a>(state: &'a LaunchState, step: &StepOutline) -> Option<(&'a RollbackState, Option<usize>)> {
    state.rollbacks.iter().rev().find_map(|of| {
        let its = |item: &RollbackItem| item.run.step == step.id && item.run.kind == RunKind::Undo;
        let found = |item: &RollbackItem| state.runs.get(&item.run).is_some_and(|run| run.found_done.is_some());
        // What was settled, or a person found done, counts as done where it stopped.
        let counted = of.settled.is_some() || of.items.get(of.next).is_some_and(found);
        let went = of.next + usize::from(counted);
        let own = of.items.iter().take(went).rposition(its);
        let counts = matches!(of.status, RollbackStatus::Done { .. }) && of.undoes.contains(&step.id);
        (own.is_some() || counts).then_some((of, own))
    })
}

/// A way back undid it, or a person did where that stood: by hand, or as they found.
fn by_whom(state: &LaunchState, step: &StepOutline) -> String {
    let item = undid(state, step).and_then(|(of, own)| of.items.get(own?));
    match item.map(|item| state.runs.get(&item.run)) {
        Some(Some(run)) if let Some(found) = &run.found_done => format!("its undo did its work, says {}", found.by),
        Some(run) if run.is_none_or(|run| !run.succeeded()) => "a person undid it by hand".to_owned(),
        _ => "a way back undid it".to_owned(),
    }
}

/// Its undo did not do it: a person says that it was put right by other means.
fn settled(state: &LaunchState, step: &StepOutline) -> Option<String> {
    let (of, own) = undid(state, step)?;
    let item = of.items.get(own?).filter(|_| own == Some(of.next))?;
    let (_, end) = state.runs.get(&item.run)?.end.as_ref()?;
    let Said { by, text, .. } = of.settled.as_ref()?;
    Some(format!("its undo {}; it was put right by other means, says {by}: {text}", end.words()))
}

/// What it had come to: `was GO, decided by ana`, `was done by ana; ticked: Home, Sign in (mia)`.
pub(super) fn words(step: &StepOutline, was: &Was) -> String {
    let stood = match &was.status {
        StepStatus::Done { by, over, .. } => {
            let word = if step.gate.is_some() { "GO, decided" } else { "done" };
            let over = over.as_ref().map_or_else(String::new, |over| format!(", by override: {over}"));
            format!("was {word} by {by}{over}")
        }
        StepStatus::NoGo { by, .. } => format!("was no-go, decided by {by}"),
        StepStatus::Skipped { by, why, .. } => format!("was left out by {by}: {why}"),
        StepStatus::Polling => "nobody had decided".to_owned(),
        status => format!("was: {}", status.word()),
    };
    let by = match &was.status {
        StepStatus::Done { by: Actor::Operator(by), .. } => Some(&by.name),
        _ => None,
    };
    let ticked = was.ticks.iter().filter_map(|(item, tick)| {
        let item = step.items.get(*item)?;
        Some(if by == Some(&tick.by.name) { item.clone() } else { format!("{item} ({})", tick.by) })
    });
    let ticked: Vec<String> = ticked.collect();
    if ticked.is_empty() { stood } else { format!("{stood}; ticked: {}", ticked.join(", ")) }
}
