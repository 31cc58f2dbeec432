//! How often each step was begun, and what became of it each time.

use std::collections::BTreeMap;

use super::fold::{acted, said};
use super::{Attempt, Said};
use crate::core::event::{Actor, Event, Recorded, RunEnd};
use crate::core::ids::{RunKind, StepId};
use crate::core::launch::{LaunchState, Status, due_at};
use crate::core::tell;
use crate::core::time::Timestamp;

/// How the outcome of an attempt begins whose end nobody observed.
const INTERRUPTED: &str = "interrupted";

/// The attempts at each step, in the order in which they began; and when what a way back cut short was over, which nobody
/// said to be done or failed.
#[derive(Default)]
pub(super) struct Attempts(BTreeMap<StepId, Vec<Attempt>>, BTreeMap<StepId, Timestamp>);

impl Attempts {
    /// Takes an event in; the state is that after it.
    pub(super) fn fold(&mut self, state: &LaunchState, recorded: &Recorded) {
        let at = recorded.at;
        match &recorded.event {
            Event::StepStarted { step, by, .. } => self.begin(state, step, acted(at, by, "")),
            Event::PollOpened { gate, by, .. } => self.begin(state, gate, acted(at, by, "")),
            Event::RunEnded { run, end, .. } => match run.kind {
                RunKind::Undo if state.undo_failed(&run.step) => self.came_to(&run.step, at, "undo failed"),
                RunKind::Do if *end == RunEnd::Interrupted => self.came_to(&run.step, at, INTERRUPTED),
                RunKind::Do if matches!(state.status, Status::RollingBack(_)) => {
                    self.1.insert(run.step.clone(), at);
                }
                _ => {}
            },
            Event::RollbackStarted { undoes, .. } => {
                let runs = |id: &StepId| state.runs.iter().any(|(run, own)| run.step == *id && own.end.is_none());
                self.1.extend(undoes.iter().filter(|id| !runs(id)).map(|id| (id.clone(), at)));
            }
            Event::RunResolved { run, by, found, why } => {
                let word = format!("{}, says {by}: {why}", tell::found(*found));
                match run.kind {
                    RunKind::Undo => self.came_to(&run.step, at, &format!("undo interrupted; {word}")),
                    RunKind::Do => self.resolved(&run.step, &word),
                }
            }
            Event::StepDone { step, attempt, by, over, evidence } => {
                let word = if over.is_some() { "counted as done" } else { "done" };
                self.end(state, step, acted(at, &state.who_says_done(step, *attempt, by, evidence), word));
            }
            Event::StepFailed { step, .. } if state.undo_failed(step) => self.came_to(step, at, "undo failed"),
            Event::StepFailed { step, why, .. } => {
                self.end(state, step, acted(at, &Actor::Engine, format!("failed: {why}")))
            }
            Event::StepSkipped { step, by, why, not_applicable } => {
                let word = if *not_applicable { "n/a" } else { "skipped" };
                let began = self.0.get(step).map_or(0, Vec::len);
                self.end(state, step, said(at, by, format!("{word}: {why}")));
                // To leave it out is no attempt.
                self.0.entry(step.clone()).or_default().iter_mut().skip(began).for_each(|own| own.started = None);
            }
            Event::GateDecided { gate, by, go, .. } => {
                self.end(state, gate, said(at, by, if *go { "GO" } else { "NO-GO" }))
            }
            Event::GateExpired { gate, .. } => self.end(state, gate, acted(at, &Actor::Engine, "expired")),
            Event::StepUndone { step, since: None } => self.came_to(step, at, "undone"),
            Event::StepUndone { step, since: Some(_) } => self.came_to(step, at, "asks again"),
            _ => {}
        }
    }

    /// Those at a step, each with how long it took.
    pub(super) fn of(&mut self, state: &LaunchState, step: &StepId) -> Vec<Attempt> {
        let took = |own: &Attempt| Some(state.took(step, own.started?, own.ended?));
        let all = self.0.remove(step).unwrap_or_default();
        all.into_iter().map(|own| Attempt { took: took(&own), ..own }).collect()
    }

    fn begin(&mut self, state: &LaunchState, step: &StepId, by: Said) {
        self.1.remove(step);
        self.0.entry(step.clone()).or_default().push(begun(state, step, by));
    }

    /// Ends the attempt under way; what ends without having begun (a box that is ticked, a step left out) began then. What
    /// is said of one that failed or was interrupted is what became of it, and no further attempt.
    fn end(&mut self, state: &LaunchState, step: &StepId, how: Said) {
        let all = self.0.entry(step.clone()).or_default();
        let failed = |a: &&mut Attempt| a.outcome.starts_with("failed") || a.outcome.ends_with("undo failed");
        if let Some(failed) = all.last_mut().filter(|a| a.ended.is_some()).filter(failed) {
            failed.outcome.push_str(&format!(", then {} by {}", how.text, how.by));
            return;
        }
        if let Some(resolved) = all.last_mut().filter(|a| a.outcome.starts_with(INTERRUPTED)) {
            resolved.outcome.push_str(&format!(", then {}", how.text));
            resolved.ended = Some(how.at);
            return;
        }
        if all.last().is_none_or(|attempt| attempt.ended.is_some()) {
            all.push(begun(state, step, how.clone()));
        }
        if let Some(attempt) = all.last_mut() {
            (attempt.ended, attempt.outcome) = (Some(how.at), how.text);
        }
    }

    /// What a person found of the newest attempt, which was interrupted.
    fn resolved(&mut self, step: &StepId, word: &str) {
        let last = self.0.get_mut(step).and_then(|all| all.last_mut());
        if let Some(attempt) = last.filter(|a| a.outcome.starts_with(INTERRUPTED)) {
            attempt.outcome.push_str(&format!("; {word}"));
        }
    }

    /// What became of the newest attempt once it was over: `done, then undone`.
    fn came_to(&mut self, step: &StepId, at: Timestamp, what: &str) {
        let Some(attempt) = self.0.get_mut(step).and_then(|all| all.last_mut()) else { return };
        attempt.ended.get_or_insert(self.1.remove(step).unwrap_or(at));
        attempt.outcome = match attempt.outcome.as_str() {
            "" => what.to_owned(),
            was => format!("{was}, then {what}"),
        };
    }
}

/// One that begins now, beside what was planned for it.
fn begun(state: &LaunchState, step: &StepId, by: Said) -> Attempt {
    Attempt {
        planned: state.outline.step(step).and_then(|step| due_at(state, step)),
        t0: state.t0,
        started: Some(by.at),
        by: by.by,
        ended: None,
        took: None,
        outcome: String::new(),
    }
}
