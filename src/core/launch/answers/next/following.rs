//! NEXT while something goes on: the step that follows, when at the earliest, and who has a say in it.

use super::Next;
use super::clocked::{clocked, who};
use super::soaking::soaking;
use crate::core::ids::StepId;
use crate::core::launch::StepStatus;
use crate::core::launch::answers::{Moment, Scene, Words};
use crate::core::launch::due::{due_by, over_at};
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::core::words::{clock, left};

/// What follows a step that goes on.
pub(super) struct Following {
    /// The next step, by its title.
    pub then: Words,
    /// Who decides about it, or does it.
    pub who: Words,
    /// It is a gate.
    pub gate: bool,
    /// When it can begin.
    pub at: Timestamp,
}

/// What follows a step, where that ends at a moment.
pub(super) fn following(m: &Moment<'_>, step: &StepOutline, end: Timestamp) -> Following {
    match after(m, step, end) {
        Some((next, at)) => {
            Following { then: next.title.as_str().into(), who: who(m, next), gate: next.gate.is_some(), at }
        }
        None => Following { then: "every step is done".into(), who: Words::default(), gate: false, at: end },
    }
}

/// Something goes on: what follows it, or what comes before that by its own clock.
pub(super) fn goes_on(scene: &Scene<'_>) -> Option<Next> {
    let follows = soaking(scene).or_else(|| running(scene))?;
    // Where nobody knows when what goes on ends, what waits for that is named, unless the clock strikes soon.
    let known = follows.time.or_else(|| awaited(scene.moment).then(|| scene.moment.now + SOON));
    let sooner = |next: &Next| known.is_none_or(|known| next.time.is_some_and(|at| at <= known));
    Some(clocked(scene).filter(sooner).unwrap_or(follows))
}

/// What comes by the clock within so long is told before what comes nobody knows when.
const SOON: Span = Span::mins(5);

/// Whether a step waits for what goes on.
fn awaited(m: &Moment<'_>) -> bool {
    let open = m.state.outline.steps.iter().filter(|step| !m.status(step).is_some_and(StepStatus::is_over));
    open.flat_map(|step| &step.after).any(|id| m.active().any(|(active, _)| active.id == *id))
}

/// A step whose command runs: when it should be done by its estimate, and what follows.
fn running(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    // Nothing waits for a command that is not in the plan.
    let (step, _) = m.active().find(|(step, _)| !m.state.is_added(&step.id))?;
    let soaks = step.soak.unwrap_or_default();
    let expected = m.own(&step.id).and_then(|s| s.started).zip(step.estimate);
    let expected = expected.map(|(at, estimate)| match at + estimate.max(soaks) {
        // Its soak begins only when its command is over.
        end if soaks > Span::ZERO => end.max(m.now + soaks),
        end => end,
    });
    let Following { then, who, gate, at } = following(m, step, expected.map_or(m.now, |end| end.max(m.now)));
    let next = match expected {
        Some(end) if end > m.now => Next::new(format!("in ~{}", left(at.since(m.now))), then, who).at(m, at),
        late => {
            let late = late.map(|end| format!("{} late", clock(m.now.since(end))));
            let waits = (at > m.now).then(|| format!("in {} at the earliest", left(at.since(m.now))));
            let said = |parts: &[&Option<String>]| {
                let parts = parts.iter().filter_map(|part| part.as_deref());
                std::iter::once("when it is done").chain(parts).collect::<Vec<_>>().join(", ")
            };
            let short = late.clone().unwrap_or_else(|| "when done".to_owned());
            Next::new(Words::of([said(&[&late, &waits]), said(&[&late]), short]), then, who)
        }
    };
    Some(Next { gate, ..next })
}

/// The step that follows one that goes on, and when it can begin: of what can begin then, or waits only for its own clock,
/// what comes first; else the next one in the plan's order.
fn after<'a>(m: &Moment<'a>, step: &StepOutline, end: Timestamp) -> Option<(&'a StepOutline, Timestamp)> {
    let open = |s: &&StepOutline| m.status(s).is_none_or(|status| !status.is_over() && !status.is_active());
    let over = |id: &StepId| if *id == step.id { Some(end) } else { over_at(m.state, id) };
    let begins = |next: &StepOutline| {
        let over = |of: &[StepId]| of.iter().map(over).collect::<Option<Vec<_>>>()?.into_iter().max();
        due_by(m.state, next, &over).map_or(end, |due| due.max(end))
    };
    let ready = |next: &&StepOutline| next.after.iter().all(|id| over(id).is_some());
    let all = m.state.outline.steps.iter().filter(open).filter(|next| next.id != step.id);
    let first = all.clone().filter(ready).map(|next| (next, begins(next))).min_by_key(|(_, at)| *at);
    let rest = || all.clone().find(|next| place(m, next) >= place(m, step)).map(|next| (next, begins(next)));
    first.or_else(rest)
}

fn place(m: &Moment<'_>, step: &StepOutline) -> Option<usize> {
    m.state.outline.steps.iter().position(|known| known.id == step.id)
}
