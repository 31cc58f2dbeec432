//! What a step waits for that a way back undoes, or that is a part of one.

use super::goes_on::overtime;
use super::{Explanation, found, open_run};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::launch::patience::gives_up;
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, Status, StepState, StepStatus};
use crate::core::order::What;
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::left;

pub(super) fn rollback_of(state: &LaunchState, number: u32) -> Option<&RollbackState> {
    state.rollbacks.get((number as usize).checked_sub(1)?)
}

/// The orders by which a way back goes on or is given up where it stands.
pub(in crate::core::launch) fn go_on(state: &LaunchState, rollback: u32) -> Vec<What> {
    let Some(of) = rollback_of(state, rollback) else { return Vec::new() };
    let item = of.next;
    let mut orders = Vec::new();
    if matches!(of.status, RollbackStatus::Stopped { .. }) {
        orders.push(What::RollbackAgain { rollback, item });
    }
    let step = of.items.get(item).map(|item| &item.run.step);
    match step.and_then(|step| open_run(state, step)) {
        Some(run) => orders.extend(stops(state, run)),
        None => {
            orders.push(What::RollbackByHand { rollback, item, why: String::new() });
            orders.push(What::RollbackLeave { rollback, why: String::new() });
        }
    }
    orders
}

/// The order that ends a command that runs: an override where the plan lets it finish. None where it is being stopped.
pub(in crate::core::launch) fn stops(state: &LaunchState, run: &RunId) -> Option<What> {
    let (step, attempt) = (run.step.clone(), run.attempt);
    if !state.lets_finish(run) {
        return Some(What::Stop { step, attempt, let_finish: false });
    }
    let stopping = state.runs.get(run).is_some_and(|known| known.stopping);
    (!stopping).then(|| What::StopNow { step, attempt, typed: String::new(), why: String::new() })
}

/// The way back that stopped at this step, with its number and why.
pub(super) fn stopped_at<'a>(state: &'a LaunchState, id: &StepId) -> Option<(u32, &'a RollbackState, &'a str)> {
    let Status::RollingBack(number) = state.status else { return None };
    let rollback = rollback_of(state, number)?;
    let RollbackStatus::Stopped { why, .. } = &rollback.status else { return None };
    let here = rollback.items.get(rollback.next).is_some_and(|item| item.run.step == *id);
    here.then_some((number, rollback, why))
}

/// A way back that stopped at this step says so here first.
pub(super) fn stopped(said: &mut Explanation, state: &LaunchState, id: &StepId) {
    let Some((number, rollback, why)) = stopped_at(state, id) else { return };
    said.because.push(format!("rollback {number}, {}, stopped here: {why}", rollback.title));
    said.elsewhere.clear();
    said.orders.splice(0..0, go_on(state, number));
}

/// Its undo runs, or has run and what it requires is awaited.
pub(super) fn undoing(said: &mut Explanation, state: &LaunchState, readout: &Readout, step: &StepOutline, run: &RunId) {
    let rollback = state.rollbacks.iter().enumerate().rev().find(|(_, r)| r.items.iter().any(|i| i.run == *run));
    if let Some((index, rollback)) = rollback.filter(|_| stopped_at(state, &step.id).is_none()) {
        said.because.push(format!("rollback {}, {}, undoes it, started by {}", index + 1, rollback.title, rollback.by));
    }
    undo_goes_on(said, state, readout, step, run);
}

/// What the item is at that a way back under way does now, and the orders that move it.
pub(in crate::core::launch) fn item(said: &mut Explanation, state: &LaunchState, readout: &Readout, number: u32) {
    let item = rollback_of(state, number).and_then(|of| of.items.get(of.next));
    let Some((run, step)) = item.and_then(|item| Some((&item.run, state.outline.step(&item.run.step)?))) else {
        return;
    };
    if awaits(said, state, readout) {
        return;
    }
    match run.kind {
        RunKind::Undo => undo_goes_on(said, state, readout, step, run),
        RunKind::Do => step_goes_on(said, state, readout, step, number),
    }
}

/// A command that was begun before must end first; whether there is one.
fn awaits(said: &mut Explanation, state: &LaunchState, readout: &Readout) -> bool {
    let Some((run, _)) = state.way_back_awaits() else { return false };
    said.because.push(format!("waits until {}", state.way_back_awaits_words(readout).unwrap_or_default()));
    said.orders.extend(stops(state, run));
    true
}

/// When a way back that waits stops and asks.
fn until(state: &LaunchState, now: Timestamp) -> Option<String> {
    let Status::RollingBack(number) = state.status else { return None };
    let rollback = rollback_of(state, number).filter(|of| of.status == RollbackStatus::Running)?;
    let at = gives_up(state, rollback)?;
    Some(format!("if that does not hold, the way back stops and asks in {}", left(at.since(now))))
}

/// An undo runs, or waits for what it requires.
fn undo_goes_on(said: &mut Explanation, state: &LaunchState, readout: &Readout, step: &StepOutline, run: &RunId) {
    if !state.runs.contains_key(run) {
        let here = state.way_back_awaits().is_some_and(|(awaited, _)| awaited.step == step.id);
        if !here || !awaits(said, state, readout) {
            said.because.push("its undo comes later in the way back".to_owned());
        }
        return;
    }
    let Some(end) = state.runs.get(run).and_then(|r| r.end.as_ref()) else {
        said.because.push("its undo runs; when that is over it may run again".into());
        if let Some(overtime) = overtime(state, run, readout.at) {
            said.because.push(overtime);
            return;
        }
        said.because.push("stopped, the way back stops there with it and asks how to go on".into());
        said.orders.push(What::Stop { step: step.id.clone(), attempt: run.attempt, let_finish: false });
        return;
    };
    said.because.push(format!("its undo {}", end.1.words()));
    let require = step.undo.as_ref().map_or(&[][..], |undo| &undo.require);
    for (i, condition) in require.iter().enumerate() {
        let of = ConditionOf::Undo(step.id.clone(), i);
        if readout.conditions.get(&of).is_none_or(|v| v.held != Some(true)) {
            said.because.push(format!("waits for {}", found(readout, condition, &of)));
        }
    }
    said.because.extend(until(state, readout.at));
    let under_way =
        |of: &RollbackState| of.status == RollbackStatus::Running && of.items.iter().any(|item| item.run == *run);
    if let Status::RollingBack(number) = state.status
        && rollback_of(state, number).is_some_and(under_way)
    {
        said.orders.extend(go_on(state, number));
    }
}

/// A step of a named way back.
pub(super) fn of_rollback(state: &LaunchState, readout: &Readout, step: &StepOutline, own: &StepState) -> Explanation {
    let hand = state.way_back_by_hand().filter(|(_, _, item)| item.run.step == step.id);
    let since = state.rollbacks.last().filter(|_| hand.is_some()).and_then(|of| of.awaiting);
    let word = match own.status {
        _ if hand.is_some() => "waits for a person",
        StepStatus::Soaking { .. } if step.soak.is_none() => "verifying",
        _ => own.status.word(),
    };
    let held = match own.status {
        StepStatus::Soaking { since: at, .. }
        | StepStatus::Failed { at, .. }
        | StepStatus::Interrupted { at, .. }
        | StepStatus::Done { at, .. }
        | StepStatus::Skipped { at, .. }
        | StepStatus::Undone { at } => Some(at),
        _ => own.started,
    };
    let said = Explanation::new(word, since.or(held));
    let Status::RollingBack(number) = state.status else {
        return said.because("a part of a rollback that is not under way".into());
    };
    let mut said = said.because(format!("a part of rollback {number}"));
    let Some(rollback) = rollback_of(state, number) else { return said };
    if rollback.items.get(rollback.next).is_none_or(|item| item.run.step != step.id) {
        said.because.push(format!("which is at {} of {}", rollback.next + 1, rollback.items.len()));
        return said;
    }
    if let RollbackStatus::Stopped { .. } = rollback.status {
        stopped(&mut said, state, &step.id);
        return said;
    }
    if !awaits(&mut said, state, readout) {
        step_goes_on(&mut said, state, readout, step, number);
    }
    said
}

/// A step of a named way back runs, or waits for what it verifies.
fn step_goes_on(said: &mut Explanation, state: &LaunchState, readout: &Readout, step: &StepOutline, number: u32) {
    if state.way_back_by_hand().is_some() {
        said.because.push("waits for a person to do it, and to say what was done".to_owned());
    }
    for (i, condition) in step.verify.iter().enumerate() {
        said.because.push(found(readout, condition, &ConditionOf::Verify(step.id.clone(), i)));
    }
    said.because.extend(until(state, readout.at));
    said.orders.extend(go_on(state, number));
}
