//! How far the checklist is: boxes that are over, of all. A step counts as many boxes as it has items, at least one;
//! the last of them once it is over, so that all is done only where nothing has to hold any more.

use super::{LaunchState, StepState, StepStatus};
use crate::core::ids::PhaseId;
use crate::core::outline::StepOutline;

/// How many boxes are over, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Boxes that are ticked, or whose step is done, skipped or n/a.
    pub done: usize,
    /// All boxes.
    pub of: usize,
    /// Of those that are over: boxes of steps that were left out.
    pub skipped: usize,
    /// Of those that are over: boxes of steps that do not apply.
    pub not_applicable: usize,
}

impl Progress {
    /// Of one phase.
    pub fn of_phase(state: &LaunchState, phase: &PhaseId) -> Self {
        Self::of(state, state.outline.steps_of(phase))
    }

    /// Of the whole plan; the steps of rollbacks and commands beside the plan don't count.
    pub fn of_all(state: &LaunchState) -> Self {
        Self::of(state, state.outline.steps.iter().filter(|step| !state.is_added(&step.id)))
    }

    fn of<'a>(state: &LaunchState, steps: impl Iterator<Item = &'a StepOutline>) -> Self {
        steps.fold(Self::default(), |all, step| {
            let boxes = step.boxes();
            let own = state.steps.get(&step.id);
            let ticked = own.map_or(0, |s| s.ticks.len()).min(boxes - 1);
            let (skipped, not_applicable) = match own.map(|s| &s.status) {
                Some(StepStatus::Skipped { not_applicable: true, .. }) => (0, boxes),
                Some(StepStatus::Skipped { .. }) => (boxes, 0),
                _ => (0, 0),
            };
            // Beside the plan a command is over however it ended.
            let ended = |s: &StepState| !s.status.is_active() && state.is_added(&step.id);
            let done = if own.is_some_and(|s| s.status.is_over() || ended(s)) { boxes } else { ticked };
            Self {
                done: all.done + done,
                of: all.of + boxes,
                skipped: all.skipped + skipped,
                not_applicable: all.not_applicable + not_applicable,
            }
        })
    }

    /// `, 1 skipped, 2 n/a`; nothing where nothing was.
    pub fn but(self) -> String {
        let part = |n: usize, word: &str| if n == 0 { String::new() } else { format!(", {n} {word}") };
        part(self.skipped, "skipped") + &part(self.not_applicable, "n/a")
    }

    /// Whether nothing is left.
    pub fn is_over(self) -> bool {
        self.done == self.of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::{Sim, plan, runs, step};
    use crate::core::order::What;

    fn of_all(sim: &Sim) -> (usize, usize) {
        let Progress { done, of, .. } = Progress::of_all(&sim.state);
        (done, of)
    }

    #[test]
    fn boxes_are_counted_and_not_steps() {
        let boxes = step("smoke", |s| s.items = ["home", "login", "pay"].map(Into::into).into());
        let mut sim = Sim::new(plan(vec![boxes, runs("deploy", |_| {})]));
        assert_eq!(of_all(&sim), (0, 4));
        sim.start("smoke").unwrap();
        sim.order(What::Tick { step: "smoke".into(), item: Some(1), on: true }).unwrap();
        assert_eq!(of_all(&sim), (1, 4));
        sim.order(What::Done { step: "smoke".into(), why: None }).unwrap_err();
        sim.order(What::Stop { step: "smoke".into(), attempt: 1, let_finish: false }).unwrap();
        sim.order(What::Skip { step: "smoke".into(), why: "not today".into(), not_applicable: false }).unwrap();
        assert_eq!(of_all(&sim), (3, 4), "what is skipped is over, all of it");
        assert_eq!(Progress::of_all(&sim.state).but(), ", 3 skipped");
        sim.order(What::Skip { step: "deploy".into(), why: "no code".into(), not_applicable: true }).unwrap();
        assert_eq!(Progress::of_all(&sim.state).but(), ", 3 skipped, 1 n/a");
        sim.does("deploy");
        assert!(Progress::of_phase(&sim.state, &"p".into()).is_over());
    }
}
