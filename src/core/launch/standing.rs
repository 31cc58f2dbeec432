//! How a step stands, where its status alone does not say it.

use super::{LaunchState, StepStatus};
use crate::core::ids::{RunId, RunKind, StepId};

impl LaunchState {
    /// Whether it is the undo of a step that failed, not the step: what the step did counts as still in effect, and the
    /// way back covers it still.
    pub fn undo_failed(&self, id: &StepId) -> bool {
        let Some(own) = self.steps.get(id) else { return false };
        let run = RunId { step: id.clone(), kind: RunKind::Undo, attempt: own.undo_attempts };
        let undone_last = |undo: &super::RunState| own.started.is_none_or(|began| undo.started >= began);
        matches!(own.status, StepStatus::Failed { .. }) && self.runs.get(&run).is_some_and(undone_last)
    }

    /// How a step stands in a word or two, as people read it: [`StepStatus::word`], and `undo failed`.
    pub fn word(&self, id: &StepId) -> &'static str {
        match self.steps.get(id) {
            _ if self.undo_failed(id) => "undo failed",
            Some(own) => own.status.word(),
            None => StepStatus::Todo.word(),
        }
    }
}
