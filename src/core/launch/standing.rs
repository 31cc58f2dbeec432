//! How a step stands, where its status alone does not say it.

use super::{LaunchState, Said, StepStatus};
use crate::core::event::{Actor, Evidence};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::time::Span;
use crate::core::view::{ConditionOf, ConditionView, Readout};

/// A broken soak counts as mended once its `verify` has held again for so long, or a quarter of the soak, where that is
/// less, so that one that flaps does not fill the journal.
pub(super) const MENDED: Span = Span::mins(1);

/// How long that is for a soak.
pub(in crate::core) fn mended_after(soak: Span) -> Span {
    Span(soak.millis() / 4).min(MENDED)
}

impl LaunchState {
    /// Whether it is the undo of a step that failed, not the step: what the step did counts as still in effect, and the
    /// way back covers it still.
    pub fn undo_failed(&self, id: &StepId) -> bool {
        let Some(own) = self.steps.get(id) else { return false };
        let run = RunId { step: id.clone(), kind: RunKind::Undo, attempt: own.undo_attempts };
        let undone_last = |undo: &super::RunState| own.started.is_none_or(|began| undo.started >= began);
        matches!(own.status, StepStatus::Failed { .. }) && self.runs.get(&run).is_some_and(undone_last)
    }

    /// Whether a step came to its end because a person stopped it.
    pub fn was_stopped(&self, id: &StepId) -> bool {
        let stopped =
            |own: &super::StepState| matches!(own.status, StepStatus::Failed { .. }) && own.stopped_by.is_some();
        self.steps.get(id).is_some_and(stopped) && !self.undo_failed(id)
    }

    /// Whether a soak that broke does not hold yet. On record it is mended only once it has held again for a while, so
    /// that one that flaps fills no journal; people are told what is measured.
    pub fn soak_is_broken(&self, readout: &Readout, id: &StepId) -> bool {
        let of_step = ConditionOf::Verify(id.clone(), 0)..=ConditionOf::Verify(id.clone(), usize::MAX);
        let mut verify = readout.conditions.range(of_step).map(|(_, view)| view).peekable();
        // What held again and has no data since stands still; what broke and has none has not held again.
        let again = |view: &ConditionView| view.now.unwrap_or(view.lasted > Span::ZERO);
        let holds = verify.peek().is_some() && verify.all(again);
        let broke = |own: &super::StepState| matches!(own.status, StepStatus::Soaking { broken: true, .. });
        self.steps.get(id).is_some_and(broke) && !holds
    }

    /// The person who said that a step's command did its work though nobody observed its end, and how they know.
    pub fn found_done(&self, step: &StepId, attempt: u32) -> Option<&Said> {
        let run = RunId { step: step.clone(), kind: RunKind::Do, attempt };
        self.runs.get(&run)?.found_done.as_ref()
    }

    /// Who says that a step is done. Where a person said what became of its command and nothing was measured that would
    /// say it too, it is that person; older journals name the engine there.
    pub fn who_says_done(&self, step: &StepId, attempt: u32, by: &Actor, evidence: &[Evidence]) -> Actor {
        let person = self.found_done(step, attempt).filter(|_| *by == Actor::Engine && evidence.is_empty());
        person.map_or_else(|| by.clone(), |said| Actor::Operator(said.by.clone()))
    }

    /// How a step stands in a word or two, as people read it: [`StepStatus::word`], and `undo failed`.
    pub fn word(&self, id: &StepId) -> &'static str {
        match self.steps.get(id) {
            _ if self.undo_failed(id) => "undo failed",
            Some(own) if own.asks_again() => "asks again",
            Some(own) => own.status.word(),
            None => StepStatus::Todo.word(),
        }
    }
}
