//! A `verify` that does not hold, yet or any more: what is missing, and until when it may be.

use super::measured::live;
use crate::core::launch::due::appointment;
use crate::core::launch::{LaunchState, Status, StepStatus};
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::left;

/// What is known in the first moments is from before the command ended.
pub(super) const HEARD: Span = Span::secs(3);

/// What a step still waits for after its command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The first condition that does not hold, with the live value: `share[green] 5.00 % != 25 %`.
    pub what: String,
    /// When it fails, if that still does not hold; none where the plan sets no `limit`.
    pub fails: Option<Timestamp>,
    /// It did hold, and its soak broke.
    pub broken: bool,
    /// A way back runs: meanwhile nothing comes of it, neither good nor bad.
    pub going_back: bool,
}

impl Unmet {
    /// `soak broken`, `does not hold yet`. While a way back runs nobody notes whether it did before.
    pub fn word(&self) -> &'static str {
        match (self.broken, self.going_back) {
            (true, _) => "soak broken",
            (false, true) => "does not hold",
            (false, false) => "does not hold yet",
        }
    }

    /// `fails in 0:12`, `no limit`.
    pub fn until(&self, now: Timestamp) -> String {
        if self.going_back {
            return "the way back runs".to_owned();
        }
        self.fails.map_or_else(|| "no limit".to_owned(), |at| format!("fails in {}", left(at.since(now))))
    }
}

/// When a step that goes on fails by its `limit`, which also runs on while there is no data; none while a way back runs.
pub fn fails_at(state: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    if matches!(state.status, Status::RollingBack(_)) {
        return None;
    }
    let started = state.steps.get(&step.id)?.started?;
    Some(appointment(state, started, step.limit?))
}

/// What the `verify` of a step lacks: the first condition that is false. What has no data stands still.
pub fn unmet(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> Option<Unmet> {
    let own = state.steps.get(&step.id)?;
    let StepStatus::Soaking { since, .. } = own.status else { return None };
    if now.since(since) <= HEARD {
        return None;
    }
    let all = (0..).zip(&step.verify);
    let mut views =
        all.filter_map(|(i, c)| Some((c, readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i))?)));
    let (condition, view) = views.find(|(_, view)| view.now == Some(false))?;
    let fails = fails_at(state, step);
    // What broke once had held, whatever is on record of it now.
    let broken = state.soak_is_broken(readout, &step.id) || own.broke.is_some_and(|broke| broke >= since);
    let going_back = matches!(state.status, Status::RollingBack(_));
    Some(Unmet { what: live(condition, view), fails, broken, going_back })
}
