//! How far a soak is.

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
}

impl Soak {
    /// How long is left if nothing breaks it.
    pub fn left(&self) -> Span {
        self.needs - self.lasted
    }
}

/// How far the soak of a step is; none for a step that has none, or is not soaking.
pub fn soak(state: &LaunchState, readout: &Readout, step: &StepOutline, now: Timestamp) -> Option<Soak> {
    let needs = step.soak?;
    let StepStatus::Soaking { since, .. } = state.steps.get(&step.id)?.status else { return None };
    if step.verify.is_empty() {
        // A soak with nothing to verify is a wait.
        let left = appointment(state, since, needs).since(now).max(Span::ZERO);
        return Some(Soak { lasted: needs - left.min(needs), needs, frozen: false });
    }
    let of = |i| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    // What is known in the first moments is from before the command ended.
    let heard = now.since(since) > Span::secs(3);
    let blind = |view: Option<&ConditionView>| heard && view.is_none_or(|v| (v.frozen || v.now.is_none()) && !v.waits);
    let far = |view: Option<&ConditionView>| {
        let needs = view.and_then(|v| v.needs).unwrap_or(needs);
        (view.map_or(Span::ZERO, |v| v.lasted).min(needs), needs)
    };
    let (lasted, needs) = (0..step.verify.len()).map(|i| far(of(i))).max_by_key(|(lasted, needs)| *needs - *lasted)?;
    Some(Soak { lasted, needs, frozen: (0..step.verify.len()).any(|i| blind(of(i))) })
}
