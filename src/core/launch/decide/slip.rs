//! T-0 is moved. What counts from it and has not begun moves along; what goes on or is over stays as it is.

use super::Case;
use crate::core::event::{Event, Moved, Part};
use crate::core::launch::{LaunchState, due_at};
use crate::core::order::{Operator, Rejection, What};
use crate::core::outline::{PhaseOutline, StepOutline};
use crate::core::time::{Span, Timestamp};
use crate::core::wall::{Wall, signed};

/// Further than this T-0 is not moved at once: that is a slip of the finger.
const FARTHEST: Span = Span::mins(366 * 24 * 60);

/// Any operator may move it, as any may hold: the journal says who did and why.
pub(super) fn slip(
    case: Case<'_>,
    by: &Operator,
    from: Timestamp,
    to: Timestamp,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    let span = to.since(from);
    if from != state.t0 {
        let is = Wall::of(state).zoned(state.t0, case.now);
        let anew = What::Slip { from: state.t0, to: state.t0 + span, why: why.to_owned() };
        let why = format!("T-0 was moved meanwhile by {}, to {is}", signed(state.t0.since(from)));
        return Err(Rejection::but(why, "look whether it must move further").or(anew));
    }
    if span == Span::ZERO {
        return Err(Rejection::new("T-0 is that already"));
    }
    if span.millis().unsigned_abs() > FARTHEST.millis().unsigned_abs() {
        return Err(Rejection::but(format!("{} is more than a year", signed(span)), "plan another launch for then"));
    }
    let why = case.said(why, "moving T-0")?.to_owned();
    Ok(vec![Event::T0Moved { by: by.clone(), from, to, why, moved: moved(state, to) }])
}

/// The phases and steps with a time of their own that are due at another moment by it.
fn moved(state: &LaunchState, to: Timestamp) -> Vec<Moved> {
    let then = LaunchState { t0: to, ..state.clone() };
    let mut all = Vec::new();
    for phase in &state.outline.phases {
        let steps: Vec<&StepOutline> = state.outline.steps.iter().filter(|s| s.phase == phase.id).collect();
        let moves = |s: &&&StepOutline| open(state, s) && due_at(state, s) != due_at(&then, s);
        let with_phase = steps.iter().filter(moves).any(|s| s.at.is_none());
        if let Some(at) = phase_at(&then, phase).filter(|_| with_phase) {
            all.push(Moved { part: Part::Phase(phase.id.clone()), at });
        }
        for step in steps.iter().filter(moves).filter(|s| s.at.is_some()) {
            all.extend(due_at(&then, step).map(|at| Moved { part: Part::Step(step.id.clone()), at }));
        }
    }
    all
}

fn phase_at(state: &LaunchState, phase: &PhaseOutline) -> Option<Timestamp> {
    phase.at.map(|at| state.t0 + at.0)
}

fn open(state: &LaunchState, step: &StepOutline) -> bool {
    state.steps.get(&step.id).is_none_or(|own| !own.status.is_over() && !own.status.is_active())
}
