//! What events say of a step: its start, its run's end, its soak, its undo.

use crate::core::event::{Actor, RunEnd};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::launch::{LaunchState, Status, StepState, StepStatus, Was};
use crate::core::time::Timestamp;

impl LaunchState {
    pub(super) fn step_started(&mut self, id: &StepId, attempt: u32, by: &Actor, at: Timestamp) {
        let outline = self.outline.clone();
        let planned = outline.step(id);
        let step = self.step_mut(id);
        step.attempt = attempt;
        step.touched = true;
        step.begins(at);
        step.started_by = Some(by.clone());
        step.stopped_by = None;
        step.frozen = None;
        step.approvals.clear();
        if attempt > 1 {
            step.ticks.clear();
        }
        step.status = match planned {
            Some(p) if p.run.is_some() => {
                StepStatus::Running { run: RunId { step: id.clone(), kind: RunKind::Do, attempt } }
            }
            Some(p) if !p.verify.is_empty() && p.items.is_empty() => StepStatus::Soaking { since: at, broken: false },
            _ => StepStatus::Claimed,
        };
        if matches!(self.status, Status::RolledBack(_)) {
            self.status = Status::Live;
        }
    }

    /// A box was ticked or opened again: what a person does has to hold, and soaks, from the last box on, as what a command
    /// does from its end.
    pub(super) fn boxes_moved(&mut self, id: &StepId, at: Timestamp) {
        let outline = self.outline.clone();
        let Some(planned) = outline.step(id).filter(|p| p.run.is_none() && !p.items.is_empty()) else { return };
        let holds = !planned.verify.is_empty() || planned.soak.is_some();
        let step = self.step_mut(id);
        let all = (0..planned.items.len()).all(|item| step.ticks.contains_key(&item));
        match step.status {
            StepStatus::Claimed if all && holds => step.status = StepStatus::Soaking { since: at, broken: false },
            StepStatus::Soaking { .. } if !all => step.status = StepStatus::Claimed,
            _ => {}
        }
    }

    pub(super) fn run_ended(&mut self, run: &RunId, end: &RunEnd, at: Timestamp) {
        let Some(state) = self.runs.get_mut(run) else { return };
        state.end = Some((at, end.clone()));
        let (ended_well, words) = (state.succeeded(), state.words());
        let step = self.step_mut(&run.step);
        let current = match &step.status {
            StepStatus::Running { run: r } | StepStatus::Undoing { run: r } => r == run,
            _ => false,
        };
        if current {
            match (end, run.kind) {
                (RunEnd::Interrupted, _) => step.status = StepStatus::Interrupted { at, run: run.clone() },
                (_, RunKind::Do) if ended_well => step.status = StepStatus::Soaking { since: at, broken: false },
                (_, RunKind::Undo) if !ended_well => {
                    let why = format!("its undo {words}");
                    step.status = StepStatus::Failed { at, why, evidence: Vec::new() };
                }
                _ => {}
            }
        }
        if ended_well
            && let Some(rollback) = self.rollbacks.last_mut()
            && rollback.items.get(rollback.next).is_some_and(|i| i.run == *run)
        {
            rollback.awaiting = Some(at);
        }
    }

    pub(super) fn soak(&mut self, id: &StepId, is_broken: bool, at: Timestamp) {
        let step = self.step_mut(id);
        if let StepStatus::Soaking { broken, .. } = &mut step.status {
            *broken = is_broken;
            if is_broken {
                step.broke = Some(at);
            }
        }
    }
}

impl StepState {
    /// The readings that broke a soak may be lost with the engine that took them; the journal has not lost that they
    /// did. A soak that is broken still begins anew; one that was mended counts from its last break.
    pub(super) fn soak_taken_up(&mut self, at: Timestamp) {
        if let StepStatus::Soaking { since, broken } = &mut self.status {
            *since = if *broken { at } else { self.broke.map_or(*since, |broke| broke.max(*since)) };
        }
    }

    /// An attempt starts.
    pub(super) fn begins(&mut self, at: Timestamp) {
        let anew = matches!(self.status, StepStatus::Todo | StepStatus::Undone { .. });
        self.begun = self.begun.filter(|_| !anew).or(Some(at));
        self.started = Some(at);
    }

    pub(super) fn undone(&mut self, at: Timestamp) {
        self.status = StepStatus::Undone { at };
        self.touched = false;
        self.ticks.clear();
        self.approvals.clear();
        self.was = None;
    }

    /// A step on which it rested was undone: what it came to counts no more. What never began loses what people agreed to.
    pub(super) fn goes_back(&mut self, since: &StepId, at: Timestamp) {
        if self.status == StepStatus::Todo {
            return self.approvals.clear();
        }
        let was = Was { since: since.clone(), status: self.status.clone(), ticks: self.ticks.clone() };
        // What people did by hand nobody has undone.
        let touched = self.touched;
        self.undone(at);
        self.was = Some(was);
        self.touched = touched;
    }
}
