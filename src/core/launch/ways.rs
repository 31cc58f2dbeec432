//! Ways back: one stage, everything, and the rollbacks that the plan names. What a way would do is worked out from the
//! state alone; whether it is ready, from the signals.

use super::rests::ask_again;
use super::unwatched::{against, ends_first, still_runs};
use super::{LaunchState, RollbackStatus, StepState, StepStatus};
use crate::core::condition::Condition;
use crate::core::event::RollbackItem;
use crate::core::ids::{RollbackId, RunId, RunKind, StepId};
use crate::core::order::{Rejection, Way};
use crate::core::outline::{Outline, RollbackOutline, StepOutline};
use crate::core::time::Span;
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::clock;

/// A way back as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayView {
    /// Which.
    pub way: Way,
    /// `undo 25 % to green`, `traffic to blue`.
    pub title: String,
    /// How long it is expected to take; none where the plan says nothing for a part of it.
    pub estimate: Option<Span>,
    /// What it would do, in order.
    pub items: Vec<RollbackItem>,
    /// Steps that count as undone when it is done, and those that ask again then.
    pub undoes: Vec<StepId>,
    /// Those of `undoes` that are not undone themselves: gates and boxes that rested on what is.
    pub asks: Vec<StepId>,
    /// Steps that ever started and have no undo: they stay as they are.
    pub stays: Vec<StepId>,
    /// What is lost.
    pub loses: Option<String>,
    /// Whether it is ready; else why not.
    pub ready: Result<(), String>,
    /// Whether the environment's name must be typed.
    pub typed: bool,
    /// What to know first: what must end before it goes on, since the plan lets it finish (`waits for Migrate first, …`),
    /// what it stops (`stops 25 % to green, which runs for 0:12`), or that it was taken already and all of it would run again.
    pub first: Option<String>,
    /// What must end before it may begin, whatever is typed: `` wait for the end of `start`, or `kill 4711` ``.
    pub barred: Option<String>,
    /// Closed while its `possible-until` has started and is not undone: why.
    pub closed: Option<String>,
}

/// What a way back would do.
pub(super) struct Prepared {
    pub title: String,
    pub estimate: Option<Span>,
    pub items: Vec<RollbackItem>,
    pub undoes: Vec<StepId>,
    pub asks: Vec<StepId>,
    pub stays: Vec<StepId>,
    pub loses: Option<String>,
    pub require: Vec<Condition>,
    pub closed: Option<String>,
}

/// How long a way back that was taken was to take by the plan; none where it says nothing for a part of it.
pub fn estimate_of_way(outline: &Outline, way: &Way, items: &[RollbackItem]) -> Option<Span> {
    let undo = |step: &StepId| outline.step(step)?.undo.as_ref()?.estimate;
    match way {
        Way::Named(id) => outline.rollback(id)?.estimate,
        Way::Stage(step) => undo(step),
        Way::All => items.iter().map(|item| undo(&item.run.step)).try_fold(Span::ZERO, |all, one| Some(all + one?)),
    }
}

/// All ways back, the nearest first: one stage, the plan's own, the other named ones, everything; ways that would do
/// nothing are left out. Which one is offered first is for [`super::answers`] to say.
pub fn ways(state: &LaunchState, readout: &Readout) -> Vec<WayView> {
    let mut all: Vec<Way> = touched(state)
        .filter(|(step, _)| step.undo.is_some())
        .map(|(s, _)| s.id.clone())
        .take(1)
        .map(Way::Stage)
        .collect();
    let first = state.outline.rollback.as_ref();
    let rest = state.outline.rollbacks.iter().map(|r| &r.id).filter(|id| Some(*id) != first);
    all.extend(first.into_iter().chain(rest).cloned().map(Way::Named));
    all.push(Way::All);
    let mut views: Vec<_> = all.into_iter().filter_map(|way| way_view(state, readout, way)).collect();
    // With a single stage to undo, "one stage" and "everything" are the same.
    if let [Some(stage), Some(all)] = [views.first(), views.last()]
        && views.len() > 1
        && stage.way != all.way
        && all.way == Way::All
        && matches!(stage.way, Way::Stage(_))
        && stage.items == all.items
    {
        views.pop();
    }
    // A closed way is shown, but last.
    views.sort_by_key(|view| view.closed.is_some());
    views
}

/// One way back as it stands now, whether it is listed or not; none where there is no such way.
pub fn way_view(state: &LaunchState, readout: &Readout, way: Way) -> Option<WayView> {
    let prepared = prepare(state, &way).ok()?;
    let unmet = match &way {
        Way::Named(id) => unmet(readout, id, &prepared.require),
        Way::Stage(_) | Way::All => None,
    };
    let unmet = lacks(readout, &prepared.items).or(unmet);
    let runs_on = against(state, &way, |run| readout.processes.get(run).copied());
    let barred = runs_on.as_ref().map(|(run, pid)| ends_first(run, *pid));
    let runs_on = runs_on.map(|(run, pid)| still_runs(&run, pid));
    let again = was_taken(state, &way).then(|| AGAIN.to_owned());
    Some(WayView {
        typed: prepared.loses.is_some() || unmet.is_some(),
        ready: prepared.closed.clone().or(runs_on).or(unmet).map_or(Ok(()), Err),
        first: finishes_first(state, readout, &prepared.undoes)
            .or_else(|| stops_first(state, readout, &prepared.undoes))
            .or(again),
        way,
        title: prepared.title,
        estimate: prepared.estimate,
        items: prepared.items,
        undoes: prepared.undoes,
        asks: prepared.asks,
        stays: prepared.stays,
        loses: prepared.loses,
        barred,
        closed: prepared.closed,
    })
}

/// What is said of a way that [`was_taken`].
const AGAIN: &str = "it was taken, and no step began since: all of it would run again";

/// A way back was taken to its end, and no step began since: nothing is left that it would bring back.
pub(super) fn was_taken(state: &LaunchState, way: &Way) -> bool {
    let starts = state.outline.steps.iter().filter_map(|step| state.steps.get(&step.id)?.started);
    let last = starts.max();
    let done = state.rollbacks.iter().filter(|r| r.way == *way && matches!(r.status, RollbackStatus::Done { .. }));
    done.map(|r| r.started).any(|taken| last.is_none_or(|last| last <= taken))
}

/// The steps whose commands must not run any more when a way back begins: those that it undoes, and its own.
pub(super) fn steps_of_way(state: &LaunchState, way: &Way) -> Vec<StepId> {
    let Ok(Prepared { undoes, items, .. }) = prepare(state, way) else { return Vec::new() };
    undoes.into_iter().chain(items.into_iter().map(|item| item.run.step)).collect()
}

/// The command among these steps that the plan lets finish, and for how long it has run.
fn finishes_first(state: &LaunchState, readout: &Readout, undoes: &[StepId]) -> Option<String> {
    let mut open = state.runs.iter().filter(|(run, known)| known.end.is_none() && undoes.contains(&run.step));
    let (run, known) = open.rfind(|(run, known)| state.lets_finish(run) && !known.stopping)?;
    let title = state.outline.step(&run.step).map_or(run.step.as_str(), |step| step.title.as_str());
    let lasted = clock(readout.at.since(known.started).max(Span::ZERO));
    Some(format!("waits for {title}{} first, for {lasted} now: the plan says finish", readout.process(run)))
}

/// The command among these steps that is stopped when the way back begins, and for how long it has run.
fn stops_first(state: &LaunchState, readout: &Readout, undoes: &[StepId]) -> Option<String> {
    let mut open = state.runs.iter().filter(|(run, known)| known.end.is_none() && undoes.contains(&run.step));
    let (run, known) = open.rfind(|(run, _)| run.kind == RunKind::Do && !state.lets_finish(run))?;
    let title = state.outline.step(&run.step).map_or(run.step.as_str(), |step| step.title.as_str());
    let lasted = clock(readout.at.since(known.started).max(Span::ZERO));
    Some(format!("stops {title}, which runs for {lasted}"))
}

/// What a command of a way back lacks, so that it could not be started: a secret's value, a script. The engine knows.
pub fn lacks(readout: &Readout, items: &[RollbackItem]) -> Option<String> {
    items.iter().find_map(|item| {
        let view = readout.conditions.get(&ConditionOf::Startable(item.run.step.clone()))?;
        Some(format!("{} could not start: {}", item.title, view.found))
    })
}

fn unmet(readout: &Readout, id: &RollbackId, require: &[Condition]) -> Option<String> {
    let mut unmet = require.iter().enumerate().filter_map(|(i, condition)| {
        match readout.conditions.get(&ConditionOf::Rollback(id.clone(), i)) {
            Some(view) if view.held == Some(true) => None,
            Some(view) => Some(condition.with(&view.found)),
            None => Some(format!("{condition}: not measured yet")),
        }
    });
    unmet.next()
}

/// Steps that ever started since they were last undone, newest first.
fn touched(state: &LaunchState) -> impl Iterator<Item = (&StepOutline, &StepState)> {
    let mut all: Vec<_> = state
        .outline
        .steps
        .iter()
        .enumerate()
        .filter_map(|(i, step)| Some((i, step, state.steps.get(&step.id).filter(|s| s.touched)?)))
        .collect();
    all.sort_by_key(|(i, _, own)| std::cmp::Reverse((own.started, *i)));
    all.into_iter().map(|(_, step, own)| (step, own))
}

/// Why no undo could run.
fn nothing_to_undo(state: &LaunchState) -> &'static str {
    let undone = |step: &&StepOutline| {
        let own = state.steps.get(&step.id);
        step.undo.is_some() && own.is_some_and(|own| matches!(own.status, StepStatus::Undone { .. }))
    };
    match state.outline.steps.iter().find(undone) {
        Some(_) => "every step that started and has an undo is undone",
        None => "no step that started has an undo",
    }
}

/// The step that one stage back would undo: the newest that began and has an undo.
pub fn newest_stage(state: &LaunchState) -> Option<&StepId> {
    touched(state).find(|(step, _)| step.undo.is_some()).map(|(step, _)| &step.id)
}

/// What a way back would do now, or why there is no such way.
pub(super) fn prepare(state: &LaunchState, way: &Way) -> Result<Prepared, Rejection> {
    match way {
        Way::Named(id) => {
            let rollback = state.outline.rollback(id);
            Ok(named(state, rollback.ok_or_else(|| Rejection::new(format!("the plan has no rollback `{id}`")))?))
        }
        Way::Stage(id) => {
            let newest = touched(state).find(|(step, _)| step.undo.is_some()).map(|(step, _)| step);
            let Some(newest) = newest else {
                return Err(Rejection::new(format!("{}: there is no stage to go back", nothing_to_undo(state))));
            };
            if newest.id != *id {
                let why = format!("`{id}` is not the newest step that can be undone, `{}` is", newest.id);
                return Err(Rejection::new(why));
            }
            // What began after it and has no undo stays, also what runs.
            let newer = touched(state).map(|(step, _)| step).take_while(|step| step.undo.is_none());
            let stays = newer.map(|step| step.id.clone()).collect();
            Ok(undo(state, format!("undo {}", newest.title), vec![newest], stays))
        }
        Way::All => {
            let (undone, stays): (Vec<_>, Vec<_>) = touched(state).map(|(s, _)| s).partition(|s| s.undo.is_some());
            if undone.is_empty() {
                return Err(Rejection::new(format!("{}: there is nothing to undo", nothing_to_undo(state))));
            }
            let title = match undone.as_slice() {
                [one] => format!("undo {}", one.title),
                all => format!("undo all {} steps, newest first", all.len()),
            };
            Ok(undo(state, title, undone, stays.into_iter().map(|s| s.id.clone()).collect()))
        }
    }
}

fn asks(state: &LaunchState, undone: &[StepId]) -> Vec<StepId> {
    ask_again(state, undone).into_iter().map(|(step, _)| step).collect()
}

/// Undoes steps in the order given.
fn undo(state: &LaunchState, title: String, steps: Vec<&StepOutline>, stays: Vec<StepId>) -> Prepared {
    let mut undoes: Vec<StepId> = steps.iter().map(|s| s.id.clone()).collect();
    let asks = asks(state, &undoes);
    undoes.extend(asks.iter().cloned());
    let stays = stays.into_iter().filter(|id| !asks.contains(id)).collect();
    let items = steps.iter().filter_map(|step| {
        let undo = step.undo.as_ref()?;
        let attempt = state.steps.get(&step.id).map_or(0, |s| s.undo_attempts).saturating_add(1);
        Some(RollbackItem {
            title: step.title.clone(),
            run: RunId { step: step.id.clone(), kind: RunKind::Undo, attempt },
            command: Some(undo.run.clone()),
        })
    });
    let estimate = steps
        .iter()
        .map(|s| s.undo.as_ref().and_then(|u| u.estimate))
        .try_fold(Span::ZERO, |all, one| Some(all + one?));
    Prepared {
        title,
        estimate,
        items: items.collect(),
        undoes,
        asks,
        stays,
        loses: None,
        require: Vec::new(),
        closed: None,
    }
}

/// Whether there is something of a step to take back: it began and was not undone since. Left out or not: what it did
/// before that is there.
pub(super) fn has_begun(state: &LaunchState, id: &StepId) -> bool {
    state.steps.get(id).is_some_and(|own| {
        let out = matches!(own.status, StepStatus::Todo | StepStatus::Skipped { .. } | StepStatus::Undone { .. });
        own.touched || !out
    })
}

/// Whether a step began and was not undone since; a gate: whether it was polled and has not been made to ask again.
fn stands(state: &LaunchState, id: &StepId) -> bool {
    let asked = |own: &StepState| {
        !matches!(own.status, StepStatus::Todo | StepStatus::Skipped { .. } | StepStatus::Undone { .. })
    };
    let gate = state.outline.step(id).is_some_and(|step| step.gate.is_some());
    state.steps.get(id).is_some_and(|own| if gate { asked(own) } else { own.touched })
}

fn named(state: &LaunchState, rollback: &RollbackOutline) -> Prepared {
    let items = rollback.steps.iter().map(|step| RollbackItem {
        title: step.title.clone(),
        run: RunId {
            step: step.id.clone(),
            kind: RunKind::Do,
            attempt: state.steps.get(&step.id).map_or(0, |s| s.attempt).saturating_add(1),
        },
        command: step.run.clone(),
    });
    let parts = || rollback.steps.iter().map(|s| s.estimate).try_fold(Span::ZERO, |all, one| Some(all + one?));
    let mut undoes: Vec<StepId> = rollback.undoes.iter().filter(|id| has_begun(state, id)).cloned().collect();
    let asks = asks(state, &undoes);
    undoes.extend(asks.iter().cloned());
    Prepared {
        title: rollback.title.clone(),
        estimate: rollback.estimate.or_else(parts),
        items: items.collect(),
        undoes,
        asks,
        stays: Vec::new(),
        loses: rollback.loses.clone(),
        require: rollback.require.clone(),
        closed: closed(state, rollback),
    }
}

/// Why a rollback is possible no more; none where it is.
pub(super) fn closed(state: &LaunchState, rollback: &RollbackOutline) -> Option<String> {
    let until = rollback.possible_until.as_ref().filter(|id| stands(state, id));
    until.map(|id| format!("it was possible until `{id}` started"))
}
