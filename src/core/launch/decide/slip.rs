//! Orders about the clock. T-0 is moved: what counts from it and has not begun moves along; what goes on or is over stays
//! as it is. And a step is let start outside its window.

use super::Case;
use super::steps::fresh;
use crate::core::event::{Event, Moved, Part};
use crate::core::ids::StepId;
use crate::core::launch::due::{closed, time_of};
use crate::core::launch::{LaunchState, due_at, next_check, turns_left};
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
    if span == Span::ZERO {
        return Err(Rejection::new("T-0 is that already"));
    }
    if from != state.t0 {
        let is = Wall::of(state).zoned(state.t0, case.now);
        let anew = What::Slip { from: state.t0, to: state.t0 + span, why: why.to_owned() };
        let why = format!("T-0 was moved meanwhile by {}, to {is}", signed(state.t0.since(from)));
        return Err(Rejection::but(why, "look whether it must move further").or(anew));
    }
    if span.millis().unsigned_abs() > FARTHEST.millis().unsigned_abs() {
        return Err(Rejection::but(format!("{} is more than a year", signed(span)), "plan another launch for then"));
    }
    let why = case.said(why, "moving T-0")?.to_owned();
    Ok(vec![Event::T0Moved { by: by.clone(), from, to, why, moved: moved(state, to, case.now) }])
}

/// The phases and steps with a time of their own that are due at another moment by it; then the next check of each watch
/// and each turn on shift that nobody took.
fn moved(state: &LaunchState, to: Timestamp, now: Timestamp) -> Vec<Moved> {
    let then = LaunchState { t0: to, ..state.clone() };
    let mut all = Vec::new();
    for phase in &state.outline.phases {
        let steps: Vec<&StepOutline> = state.outline.steps.iter().filter(|s| s.phase == phase.id).collect();
        let moves = |s: &&&StepOutline| open(state, s) && due_at(state, s) != due_at(&then, s);
        let own = |s: &&&StepOutline| s.at.is_some() || s.since.is_some() || s.not_before.is_some();
        let with_phase = steps.iter().filter(moves).any(|s| !own(&s));
        if let Some(at) = phase_at(&then, phase).filter(|_| with_phase) {
            all.push(Moved { part: Part::Phase(phase.id.clone()), at });
        }
        for step in steps.iter().filter(moves).filter(own) {
            all.extend(due_at(&then, step).map(|at| Moved { part: Part::Step(step.id.clone()), at }));
        }
    }
    let watches = state.outline.watches.iter().filter_map(|watch| {
        let at = next_check(&then, watch, now).filter(|at| next_check(state, watch, now) != Some(*at))?;
        Some(Moved { part: Part::Watch(watch.id.clone()), at })
    });
    let mut watches: Vec<Moved> = watches.collect();
    watches.sort_by_key(|one| one.at);
    all.extend(watches);
    all.extend(turns_left(&then).map(|(turn, at)| Moved { part: Part::Turn(turn.who.clone()), at }));
    all
}

fn phase_at(state: &LaunchState, phase: &PhaseOutline) -> Option<Timestamp> {
    time_of(state, phase.at, phase.since.as_ref(), phase.not_before)
}

fn open(state: &LaunchState, step: &StepOutline) -> bool {
    state.steps.get(&step.id).is_none_or(|own| !own.status.is_over() && !own.status.is_active())
}

/// The lead alone: whom a window protects did not agree to more. It stays visible as an override.
pub(super) fn outside(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    attempt: u32,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    let state = case.state;
    if by.name != state.lead {
        let why = format!("only the lead, {}, lets a step start outside its window", state.lead);
        return Err(Rejection::but(why, "ask the lead, or take the lead").or(What::lead(by.name.clone())));
    }
    if closed(state, step, case.now).is_none() {
        let why = match step.run {
            Some(_) => format!("no window is closed for `{id}`"),
            None => format!("no window binds `{id}`: it runs no command"),
        };
        return Err(Rejection::new(why).any(case.moves(id)));
    }
    let own = state.steps.get(id);
    if own.is_some_and(|own| own.status.is_over() || own.status.is_active()) {
        return Err(Rejection::new(format!("`{id}` has started already")));
    }
    if own.is_some_and(|own| own.outside == Some(attempt)) {
        return Err(Rejection::new(format!("`{id}` may start outside its window already")).any(case.moves(id)));
    }
    fresh(case, step, attempt)?;
    let why = case.said(why, "a start outside its window")?.to_owned();
    Ok(vec![Event::WindowPassed { step: id.clone(), attempt, by: by.clone(), why }])
}
