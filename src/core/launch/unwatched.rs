//! Commands that outlived their supervisor: they run on and nobody watches them. Nothing is begun, undone or said beside
//! them. One rule: the engine asks it before it takes an order, and every sentence that offers one asks it too.

use super::{Explanation, LaunchState, RunState};
use crate::core::event::RunEnd;
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::order::{Found, Way, What};
use crate::core::view::Readout;

/// What stands against an order: the command that runs on unwatched, and its process. `lives` says which
/// process of a command is alive, where the engine is.
pub fn beside_unwatched(
    state: &LaunchState,
    what: &What,
    lives: impl Fn(&RunId) -> Option<i32>,
) -> Option<(RunId, i32)> {
    let item = |rollback: u32, item: usize| {
        let rollback = (rollback as usize).checked_sub(1).and_then(|i| state.rollbacks.get(i));
        rollback.and_then(|r| r.items.get(item)).map(|item| item.run.step.clone()).into_iter().collect()
    };
    let steps: Vec<StepId> = match what {
        What::End { .. } => return alive(state, lives, |_| true),
        What::Run { step, .. } | What::Skip { step, .. } => vec![step.clone()],
        // Of a step it may be said that it did its work; an undo leads on to the next one.
        What::Resolve { run, found, .. } if *found == Found::NotDone || run.kind == RunKind::Undo => {
            vec![run.step.clone()]
        }
        What::Rollback { way, .. } => return against(state, way, lives),
        What::RollbackAgain { rollback, item: at } | What::RollbackByHand { rollback, item: at, .. } => {
            item(*rollback, *at)
        }
        _ => return None,
    };
    alive(state, lives, |run| steps.contains(&run.step))
}

/// What stands against a way back: a command of what it undoes or of its own, and any of another way back. Two never run
/// at once.
pub(super) fn against(state: &LaunchState, way: &Way, lives: impl Fn(&RunId) -> Option<i32>) -> Option<(RunId, i32)> {
    let steps = super::ways::steps_of_way(state, way);
    let goes_back = |run: &RunId| {
        let of_a_rollback =
            |step: &StepId| state.outline.rollbacks.iter().any(|r| r.steps.iter().any(|s| s.id == *step));
        run.kind == RunKind::Undo || of_a_rollback(&run.step)
    };
    alive(state, lives, |run| steps.contains(&run.step) || goes_back(run))
}

fn alive(
    state: &LaunchState,
    lives: impl Fn(&RunId) -> Option<i32>,
    counts: impl Fn(&RunId) -> bool,
) -> Option<(RunId, i32)> {
    let lost = state.runs.iter().filter(|(_, known)| was_lost(known)).map(|(run, _)| run);
    lost.filter(|run| counts(run)).find_map(|run| Some((run.clone(), lives(run)?)))
}

fn was_lost(known: &RunState) -> bool {
    matches!(known.end, Some((_, RunEnd::Interrupted)))
}

/// `` `start` still runs, unwatched, as process 4711: wait for its end, or `kill 4711` ``
pub fn still_runs(run: &RunId, pid: i32) -> String {
    let what = run.kind.of(format_args!("`{}`", run.step));
    format!("{what} still runs, unwatched, as process {pid}: wait for its end, or `kill {pid}`")
}

/// The same where room is scarce: `` wait for the end of `start`, or `kill 4711` ``
pub fn ends_first(run: &RunId, pid: i32) -> String {
    let what = run.kind.of(format_args!("`{}`", run.step));
    format!("wait for the end of {what}, or `kill {pid}`")
}

impl LaunchState {
    /// Commands whose end was not observed and of which a process is alive, as far as is known where the engine is.
    pub fn outlived<'a>(&'a self, readout: &'a Readout) -> impl Iterator<Item = (&'a RunId, i32)> {
        let lost = |run: &RunId| self.runs.get(run).is_some_and(was_lost);
        readout.processes.iter().filter(move |(run, _)| lost(run)).map(|(run, pid)| (run, *pid))
    }

    /// The same as [`beside_unwatched`], as far as a client knows what lives.
    pub fn stands_beside(&self, readout: &Readout, what: &What) -> Option<(RunId, i32)> {
        beside_unwatched(self, what, |run| readout.processes.get(run).copied())
    }
}

impl Explanation {
    /// Offers nothing that would be refused because of what runs on unwatched, and says what that is.
    pub(super) fn beside_nothing(mut self, state: &LaunchState, readout: &Readout) -> Self {
        let mut found = None;
        let mut may = |order: &What| match state.stands_beside(readout, order) {
            Some(stands) => {
                found.get_or_insert(stands);
                false
            }
            None => true,
        };
        let starts = |order: &What| matches!(order, What::Run { .. });
        let could = self.orders.iter().any(starts);
        self.orders.retain(&mut may);
        self.elsewhere.retain(&mut may);
        if could && !self.orders.iter().any(starts) {
            self.due = false;
        }
        if let Some((run, pid)) = found {
            let said = still_runs(&run, pid);
            if !self.because.contains(&said) {
                self.because.push(said);
            }
        }
        self
    }
}
