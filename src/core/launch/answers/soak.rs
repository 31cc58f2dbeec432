//! How far a soak is.

use super::measured::of_probe;
use super::unmet::{HEARD, fails_at};
use crate::core::condition::Condition;
use crate::core::launch::due::appointment;
use crate::core::launch::{LaunchState, StepStatus};
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, ConditionView, Readout};

/// How far the soak of a step is: of the condition that is least far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soak {
    /// How long it has held.
    pub lasted: Span,
    /// How long it must hold.
    pub needs: Span,
    /// There is no data for something that must hold, so its clock stands still.
    pub frozen: bool,
    /// When the next reading is due, where that one may fill it.
    pub reading: Option<Timestamp>,
}

impl Soak {
    /// How long is left if nothing breaks it. Its clock moves from reading to reading, so that the last stretch lasts
    /// until the next one.
    pub fn left(&self, now: Timestamp) -> Span {
        self.reading.map_or(self.needs - self.lasted, |due| due.since(now).max(Span::ZERO))
    }
}

/// How far the soak of a step is; none for a step that has none, or is not soaking.
pub fn soak(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> Option<Soak> {
    let needs = step.soak?;
    let StepStatus::Soaking { since, .. } = state.steps.get(&step.id)?.status else { return None };
    if step.verify.is_empty() {
        // A soak with nothing to verify is a wait.
        let left = appointment(state, since, needs).since(now).max(Span::ZERO);
        return Some(Soak { lasted: needs - left.min(needs), needs, frozen: false, reading: None });
    }
    let of = |i| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    let blind = |view| is_blind(view, since, now);
    let far = |view: Option<&ConditionView>| {
        let needs = view.and_then(|v| v.needs).unwrap_or(needs);
        (view.map_or(Span::ZERO, |v| v.lasted).min(needs), needs)
    };
    let frozen = (0..step.verify.len()).any(|i| blind(of(i)));
    let all = step.verify.iter().enumerate().map(|(i, condition)| (condition, of(i), far(of(i))));
    // Where one clock stands still it is that one which keeps the step: what others have is no news.
    let all = all.filter(|(_, view, _)| !frozen || blind(*view));
    let (condition, view, (lasted, needs)) = all.max_by_key(|(.., (lasted, needs))| *needs - *lasted)?;
    let counts = !frozen && lasted < needs && view.is_some_and(|v| v.now == Some(true));
    let reading = if counts { next_reading(state, readout, condition) } else { None };
    let reading = reading.filter(|(_, every)| lasted + *every >= needs).map(|(due, _)| due);
    Some(Soak { lasted, needs, frozen, reading })
}

/// Whether there is no data for a condition of a step that soaks since then. In the first moments nobody knows.
fn is_blind(view: Option<&ConditionView>, since: Timestamp, now: Timestamp) -> bool {
    now.since(since) > HEARD && view.is_none_or(|v| (v.frozen || v.now.is_none()) && !v.waits)
}

/// Whether a step whose command is over waits for data of something that must hold, with a soak or without one.
pub fn lacks_data(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> bool {
    let Some(StepStatus::Soaking { since, .. }) = state.steps.get(&step.id).map(|own| &own.status) else {
        return false;
    };
    let view = |i| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    (0..step.verify.len()).any(|i| is_blind(view(i), *since, now))
}

/// When its `limit` ends a step whose soak would last longer than that; none where the soak is over before, or its clock
/// does not run.
pub fn cut_off(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> Option<Timestamp> {
    let soak = soak(state, readout, step, now).filter(|soak| !soak.frozen)?;
    fails_at(state, step).filter(|at| now + soak.left(now) > *at)
}

/// Whether all that keeps a step from being done are boxes that a person ticks: what must hold does, and did long enough.
pub fn only_boxes(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> bool {
    let Some(own) = state.steps.get(&step.id) else { return false };
    let StepStatus::Soaking { broken, .. } = own.status else { return false };
    let open = (0..step.items.len()).any(|i| !own.ticks.contains_key(&i));
    let holds = (0..step.verify.len()).all(|i| {
        let view = readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
        view.is_some_and(|view| view.held == Some(true))
    });
    let soaked = soak(state, readout, step, now).is_none_or(|soak| soak.lasted >= soak.needs);
    open && holds && soaked && !broken
}

/// When the next reading of what a condition is about is due, and how long lies between two.
fn next_reading(state: &LaunchState, readout: &Readout, condition: &Condition) -> Option<(Timestamp, Span)> {
    let probe = state.outline.probe(&condition.subject.probe)?;
    let last = of_probe(readout, &probe.id).filter_map(|view| view.at).max()?;
    Some((last + probe.every, probe.every))
}
