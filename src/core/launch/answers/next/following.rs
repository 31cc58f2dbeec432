//! NEXT while something goes on: the step that follows in the plan's order, when at the earliest, and who has a say in it.

use super::{Next, who_of};
use crate::core::ids::StepId;
use crate::core::launch::answers::{Moment, Scene, Words};
use crate::core::launch::due::{due_by, over_at};
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::words::{clock, left};

/// A step whose command runs: when it should be done by its estimate, and what follows.
pub(super) fn running(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let (step, _) = m.active().next()?;
    let (then, who) = (title(m, step), decides_after(m, step));
    let expected = m.own(&step.id).and_then(|s| s.started).zip(step.estimate).map(|(at, estimate)| at + estimate);
    let next = match expected {
        Some(end) if end > m.now => {
            let from = earliest(m, step, end);
            Next::new(format!("in ~{}", left(from.since(m.now))), then, who).at(m, from)
        }
        late => {
            let late = late.map(|end| format!("{} late", clock(m.now.since(end))));
            let waits = earliest(m, step, m.now).since(m.now);
            let waits = (waits.millis() > 0).then(|| format!("in {} at the earliest", left(waits)));
            let said = |parts: &[&Option<String>]| {
                let parts = parts.iter().filter_map(|part| part.as_deref());
                std::iter::once("when it is done").chain(parts).collect::<Vec<_>>().join(", ")
            };
            let short = late.clone().unwrap_or_else(|| "when done".to_owned());
            Next::new(Words::of([said(&[&late, &waits]), said(&[&late]), short]), then, who)
        }
    };
    Some(gate_after(m, step, next))
}

/// The step that follows one that goes on, in the plan's order.
fn after<'a>(m: &Moment<'a>, step: &StepOutline) -> Option<&'a StepOutline> {
    let mut rest = m.state.outline.steps.iter().skip_while(|s| s.id != step.id).skip(1);
    rest.find(|s| m.status(s).is_none_or(|status| !status.is_over() && !status.is_active()))
}

/// When what follows a step can begin, where that step ends at a moment: then, or when its own clock says.
pub(super) fn earliest(m: &Moment<'_>, step: &StepOutline, end: Timestamp) -> Timestamp {
    let over = |of: &[StepId]| {
        let ends = of.iter().map(|id| if *id == step.id { Some(end) } else { over_at(m.state, id) });
        ends.collect::<Option<Vec<_>>>()?.into_iter().max()
    };
    let due = after(m, step).and_then(|next| due_by(m.state, next, &over));
    due.map_or(end, |due| due.max(end))
}

/// What follows a step, by its title.
pub(super) fn title(m: &Moment<'_>, step: &StepOutline) -> Words {
    after(m, step).map_or("every step is done".into(), |s| s.title.as_str().into())
}

/// Who decides about it, or does it.
pub(super) fn decides_after(m: &Moment<'_>, step: &StepOutline) -> Words {
    after(m, step).map_or_else(Words::default, |s| who_of(m, s))
}

/// The same answer, marked where a gate follows.
pub(super) fn gate_after(m: &Moment<'_>, step: &StepOutline, next: Next) -> Next {
    Next { gate: after(m, step).is_some_and(|s| s.gate.is_some()), ..next }
}
