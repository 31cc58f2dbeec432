//! What a launch or a rehearsal measured of the plan's `estimate`s. A fold over the events and nothing else. Only what
//! people did and what really ran counts: the time of a stand-in is the estimate itself, and says nothing; nor does time
//! in which no engine ran and no command either.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, Recorded, RunEnd};
use super::ids::{RollbackId, RunKind, StepId};
use super::launch::LaunchState;
use super::order::Way;
use super::time::{Span, Timestamp};

/// Less than this is no measurement: a box that was ticked at once, a command that does nothing.
const LEAST: Span = Span::secs(1);

/// How long things took, the last time that each came to a good end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Steps of phases and of rollbacks, from their start to their end, what must hold after them included.
    pub steps: BTreeMap<StepId, Span>,
    /// Undos of steps: their command.
    pub undos: BTreeMap<StepId, Span>,
    /// Rollbacks that the plan names, whole.
    pub rollbacks: BTreeMap<RollbackId, Span>,
}

impl Measured {
    /// What these events, a launch's from its first on, measured; none where they are not. On a clock that is quicker than
    /// the wall's, real minutes and planned ones can't be told apart: that measures nothing.
    pub fn of(events: &[Recorded]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut state = LaunchState::open(first)?;
        if state.pace() > 1 {
            return Some(Self::default());
        }
        let mut measured = Self::default();
        let mut began: BTreeMap<StepId, Timestamp> = BTreeMap::new();
        let mut stood_in: BTreeSet<StepId> = BTreeSet::new();
        let mut back: Option<(Option<RollbackId>, bool)> = None;
        for recorded in rest {
            state.apply(recorded);
            let at = recorded.at;
            match &recorded.event {
                Event::StepStarted { step, .. } => {
                    began.insert(step.clone(), at);
                    stood_in.remove(step);
                }
                Event::RunStarted { run, .. } if run.kind == RunKind::Do => {
                    began.entry(run.step.clone()).or_insert(at);
                }
                Event::RunEnded { run, end, .. } => match end {
                    RunEnd::StoodIn { .. } => {
                        stood_in.insert(run.step.clone());
                        if let Some((_, real)) = &mut back {
                            *real = false;
                        }
                    }
                    RunEnd::Exited { code: 0, took } if run.kind == RunKind::Undo && *took >= LEAST => {
                        measured.undos.insert(run.step.clone(), *took);
                    }
                    _ => {}
                },
                Event::StepDone { step, over: None, .. } => {
                    let Some(planned) = state.outline.step(step) else { continue };
                    let assumed = state.stands_in() && !(planned.verify.is_empty() && planned.soak.is_none());
                    let took = began.remove(step).map(|from| state.took(step, from, at)).filter(|took| *took >= LEAST);
                    if let Some(took) = took.filter(|_| !assumed && !stood_in.contains(step)) {
                        measured.steps.insert(step.clone(), took);
                    }
                }
                Event::RollbackStarted { way, .. } => {
                    let name = if let Way::Named(name) = way { Some(name.clone()) } else { None };
                    back = Some((name, true));
                }
                Event::RollbackDone { .. } => {
                    let took = state.rollbacks.last().map(|back| state.back_took(back, at));
                    if let Some((Some(name), true)) = back.take()
                        && let Some(took) = took.filter(|took| *took >= LEAST)
                    {
                        measured.rollbacks.insert(name, took);
                    }
                }
                _ => {}
            }
        }
        Some(measured)
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.undos.is_empty() && self.rollbacks.is_empty()
    }
}

/// As an estimate is written: seconds under two minutes, else whole minutes, rounded up.
pub fn rounded(span: Span) -> Span {
    let seconds = (span.millis().max(0) + 999) / 1000;
    if seconds < 120 { Span::secs(seconds) } else { Span::mins((seconds + 59) / 60) }
}
