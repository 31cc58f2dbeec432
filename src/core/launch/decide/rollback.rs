//! The way back: begun by a person, in every state but the end; stopped by what fails; gone on with by a person.

use super::Case;
use crate::core::event::{Actor, Event};
use crate::core::ids::{RunId, RunKind, TriggerId};
use crate::core::launch::due::going_back;
use crate::core::launch::explain::go_on;
use crate::core::launch::follows;
use crate::core::launch::rests::undone;
use crate::core::launch::ways::prepare;
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, Status};
use crate::core::order::{Operator, Rejection, Way, What};
use crate::core::outline::OnStop;

pub(super) fn start(
    case: Case<'_>,
    by: &Operator,
    way: &Way,
    trigger: Option<&TriggerId>,
    typed: Option<&str>,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if let Status::RollingBack(number) = state.status {
        let why = format!("{}; another may be started once it is done or left", going_back(state, number));
        return Err(case.going_back(why, number));
    }
    if let Some(trigger) = trigger.filter(|t| state.outline.trigger(t).is_none()) {
        return Err(Rejection::new(format!("the plan has no trigger `{trigger}`")));
    }
    let prepared = prepare(state, way).map_err(|no| no.any(case.ways_but(Some(way))))?;
    if let Some(closed) = prepared.closed {
        return Err(Rejection::new(closed).any(case.ways_but(Some(way))));
    }
    let (evidence, unmet) = case.requirements(&prepared.require);
    let environment = &state.outline.environment;
    let against = prepared.loses.iter().map(|l| format!("it loses {l}")).chain(unmet.iter().cloned());
    let against: Vec<_> = against.collect();
    if !against.is_empty() && typed != Some(environment.as_str()) {
        let typed = Some(environment.clone());
        let order = What::Rollback { way: way.clone(), trigger: trigger.cloned(), typed, why: why.trim().to_owned() };
        return Err(Rejection::unless_typed(against.join("; "), "to do it", environment, order));
    }
    let why = match (why.trim(), trigger) {
        ("", Some(trigger)) => format!("trigger {trigger}"),
        (why, _) => case.said(why, "going back")?.to_owned(),
    };
    let number = u32::try_from(state.rollbacks.len()).unwrap_or(u32::MAX).saturating_add(1);
    let running = prepared.undoes.iter().filter(|id| case.open_run(id).is_some());
    let stops = running.map(|id| Event::StopAsked {
        step: id.clone(),
        by: by.clone(),
        let_finish: state.outline.step(id).is_some_and(|s| s.on_stop == OnStop::Finish),
        undo: case.open_run(id).is_some_and(|run| run.kind == RunKind::Undo),
        over: None,
    });
    let stops: Vec<_> = stops.collect();
    let asked = |id: &TriggerId| state.triggers.get(id)?.fired.as_ref().filter(|fired| fired.dismissed.is_none());
    let others = state.outline.triggers.iter().filter(|t| Some(&t.id) != trigger && asked(&t.id).is_some());
    let others = others.filter(|t| follows(state, t, way, &prepared.undoes)).map(|t| t.id.clone()).collect();
    // Two decided at once: going back goes before, and what it goes over is said.
    let dismissed = trigger.and_then(|id| state.triggers.get(id)?.fired.as_ref()?.dismissed.as_ref());
    let dismissed = dismissed.map(|said| format!("the dismissal of its trigger by {}: {}", said.by, said.text));
    let mut events = vec![Event::RollbackStarted {
        rollback: number,
        way: way.clone(),
        title: prepared.title,
        items: prepared.items,
        undoes: prepared.undoes,
        asks: prepared.asks,
        by: by.clone(),
        trigger: trigger.cloned(),
        why,
        evidence,
        over: unmet.into_iter().chain(dismissed).collect(),
        loses: prepared.loses,
        stays: prepared.stays,
        follows: others,
    }];
    events.extend(stops);
    Ok(events)
}

/// The way back of that number, if it is under way, and stands at that item.
fn at(case: Case<'_>, number: u32, item: Option<usize>) -> Result<&RollbackState, Rejection> {
    if case.state.rollbacks.is_empty() {
        return Err(Rejection::new("no way back was started, so none has stopped").any(case.ways_but(None)));
    }
    let rollback = (number as usize).checked_sub(1).and_then(|i| case.state.rollbacks.get(i));
    let rollback = rollback.ok_or_else(|| Rejection::new(format!("there is no rollback {number}")))?;
    match &rollback.status {
        RollbackStatus::Done { .. } => return Err(Rejection::new(format!("rollback {number} is done"))),
        RollbackStatus::Left { .. } => {
            let why = format!("rollback {number} was left where it stood; another may be started");
            return Err(Rejection::new(why).any(case.ways_but(None)));
        }
        RollbackStatus::Running | RollbackStatus::Stopped { .. } => {}
    }
    if let Some(item) = item.filter(|i| *i != rollback.next) {
        return Err(Rejection::but(
            format!("rollback {number} is at item {}, not {}", rollback.next + 1, item.saturating_add(1)),
            "look again, then order it",
        )
        .any(go_on(case.state, number)));
    }
    Ok(rollback)
}

pub(super) fn again(case: Case<'_>, by: &Operator, number: u32, item: usize) -> Result<Vec<Event>, Rejection> {
    let rollback = at(case, number, Some(item))?;
    if rollback.status == RollbackStatus::Running {
        if let Some(done) = case.state.way_back_done_by_hand() {
            let why = format!("rollback {number} has not stopped, it waits for a person");
            return Err(Rejection::new(why).any([done]));
        }
        let why = format!("rollback {number} is under way, it has not stopped");
        return Err(Rejection::but(why, "wait for its end"));
    }
    let Some(current) = rollback.items.get(item) else {
        return Err(Rejection::new(format!("rollback {number} has no item {}", item.saturating_add(1))));
    };
    // What still runs, has ended well or never began is gone on with; only what failed runs anew.
    let failed = case.state.runs.get(&current.run).is_some_and(|r| r.end.is_some() && !r.succeeded());
    let last = case.state.steps.get(&current.run.step).map_or(0, |s| match current.run.kind {
        RunKind::Do => s.attempt,
        RunKind::Undo => s.undo_attempts,
    });
    let run = if failed {
        RunId { attempt: last.max(current.run.attempt).saturating_add(1), ..current.run.clone() }
    } else {
        current.run.clone()
    };
    Ok(vec![Event::RollbackRetried { rollback: number, item, run, by: by.clone() }])
}

pub(super) fn by_hand(
    case: Case<'_>,
    by: &Operator,
    number: u32,
    item: usize,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let rollback = at(case, number, Some(item))?;
    let Some(current) = rollback.items.get(item) else {
        return Err(Rejection::new(format!("rollback {number} has no item {}", item.saturating_add(1))));
    };
    if let Some(run) = case.open_run(&current.run.step) {
        let why = format!("{} still runs", run.words());
        return Err(case.runs_on(why, &current.run.step, ""));
    }
    let how = case.said(why, "doing it by hand")?.to_owned();
    Ok(item_done(case.state, number, item, &current.run, Actor::Operator(by.clone()), Some(how)))
}

/// An item is done; the step whose undo it is becomes undone with it.
pub(super) fn item_done(
    state: &LaunchState,
    number: u32,
    item: usize,
    run: &RunId,
    by: Actor,
    by_hand: Option<String>,
) -> Vec<Event> {
    let mut events = vec![Event::RollbackItemDone { rollback: number, item, by, by_hand }];
    if run.kind == RunKind::Undo {
        events.extend(undone(state, std::slice::from_ref(&run.step)));
    }
    events
}

pub(super) fn leave(case: Case<'_>, by: &Operator, number: u32, why: &str) -> Result<Vec<Event>, Rejection> {
    let rollback = at(case, number, None)?;
    if let Some(run) = rollback.items.get(rollback.next).and_then(|i| case.open_run(&i.run.step)) {
        let why = format!("{} still runs", run.words());
        return Err(case.runs_on(why, &run.step, ", then leave"));
    }
    let why = case.said(why, "leaving a way back unfinished")?.to_owned();
    let mut events = vec![Event::RollbackLeft { rollback: number, by: by.clone(), why: why.clone() }];
    let left = format!("{} was left unfinished: ", rollback.title);
    events.extend(case.hold(&left, format!("{left}{why}")));
    Ok(events)
}

/// What was left half done was put right: it is told of no more.
pub(super) fn settled(case: Case<'_>, by: &Operator, number: u32, why: &str) -> Result<Vec<Event>, Rejection> {
    let half = case.state.half_backs().find(|half| half.number == number);
    if half.is_none() {
        return Err(match case.state.status {
            Status::RollingBack(number) => case.going_back(going_back(case.state, number), number),
            _ if case.state.half_back().is_some() => {
                let others = case.state.half_backs().map(|half| half.settled());
                Rejection::new(format!("rollback {number} was not left half done, or is put right")).any(others)
            }
            _ => Rejection::new("no way back was left half done"),
        });
    }
    let why = case.said(why, "putting a way back right")?.to_owned();
    let mut events = vec![Event::RollbackSettled { rollback: number, by: by.clone(), why }];
    // What it began to undo and did not is undone by other means; what it had not come to yet is in effect still.
    let at = half.and_then(|half| half.of.items.get(half.of.next)).map(|item| &item.run);
    if let Some(run) = at.filter(|run| run.kind == RunKind::Undo && case.state.undo_failed(&run.step)) {
        events.extend(undone(case.state, std::slice::from_ref(&run.step)));
    }
    Ok(events)
}
