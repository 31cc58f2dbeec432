//! NEXT of what waits for nothing but its clock: the soonest of that, whether or not something else goes on meanwhile.

use super::{Next, who_of};
use crate::core::launch::StepStatus;
use crate::core::launch::answers::{Moment, Scene, Words, checks};
use crate::core::launch::due::{Obstacle, due_at, starts_at};
use crate::core::launch::explain::explain;
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::words::left;

/// The step that can start soonest by the clock alone, and when.
fn soonest<'a>(m: &Moment<'a>) -> Option<(&'a StepOutline, Timestamp)> {
    let open = |step: &&StepOutline| !m.status(step).is_some_and(|status| status.is_over() || status.is_active());
    let clocked = |step: &&StepOutline| {
        matches!(Obstacle::of(m.state, step, m.now), Some(Obstacle::Until(_) | Obstacle::Outside(_)))
    };
    let all = m.state.outline.steps.iter().filter(open).filter(clocked);
    all.filter_map(|step| Some((step, starts_at(m.state, step, m.now)?))).min_by_key(|(_, at)| *at)
}

/// What it is told as.
pub(super) fn clocked(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let (step, at) = soonest(m)?;
    let shut = due_at(m.state, step).is_none_or(|due| due < at);
    let who = match shut {
        true => Words::of(["its window is closed until then", "its window is closed", "no window"]),
        false => who(m, step),
    };
    let next = Next::new(format!("in {}", left(at.since(m.now))), step.title.as_str(), who).at(m, at);
    Some(checks::sooner(scene, Next { gate: step.gate.is_some(), ..next }))
}

/// Who starts it; the engine where it starts by itself.
pub(super) fn who(m: &Moment<'_>, step: &StepOutline) -> Words {
    let first = m.own(&step.id).is_none_or(|own| own.attempt == 0 && own.status == StepStatus::Todo);
    if step.auto && first { "it starts by itself".into() } else { who_of(m, step) }
}

/// Nothing goes on: what waits for its time, or for something else.
pub(super) fn planned(scene: &Scene<'_>) -> Option<Next> {
    if let Some(next) = clocked(scene) {
        return Some(next);
    }
    let m = scene.moment;
    let open = |s: &&StepOutline| !m.status(s).is_some_and(StepStatus::is_over);
    let step = m.state.outline.steps.iter().find(open)?;
    let next = match due_at(m.state, step).filter(|at| *at > m.now) {
        Some(at) => {
            let head = format!("in {}", left(at.since(m.now)));
            Next::new(head, step.title.as_str(), who_of(m, step)).at(m, at)
        }
        None => {
            let because = explain(m.state, m.readout, &step.id, m.now).because.into_iter().next().unwrap_or_default();
            Next::new("waits", step.title.as_str(), because)
        }
    };
    Some(checks::sooner(scene, Next { gate: step.gate.is_some(), ..next }))
}
