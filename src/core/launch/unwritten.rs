//! A journal that can't be written: what was ordered is not done, because it would not be on record. One rule: the engine
//! asks it before it takes an order, and every sentence that offers one asks it too.

use serde::{Deserialize, Serialize};

use super::{Explanation, LaunchState, Status, Waiting, WayView};
use crate::core::event::Event;
use crate::core::order::What;
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// Nothing can be written down where the engine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritten {
    /// Why: the file or directory, and what was found of it.
    pub why: String,
    /// Since when, on the launch's timeline.
    pub since: Timestamp,
    /// The way out, an imperative.
    pub out: String,
    /// There is no room, and what must be said has a reserve.
    pub reserve: bool,
}

/// What a nearly full disk still has room for: what must be said, and what moves a way back that is under way.
pub fn has_room(state: &LaunchState, what: &What) -> bool {
    matches!(what, What::Rollback { .. } | What::Hold { .. } | What::Severity { .. })
        || matches!(state.status, Status::RollingBack(_)) && moves_back(what)
}

fn moves_back(what: &What) -> bool {
    matches!(
        what,
        What::RollbackAgain { .. }
            | What::RollbackByHand { .. }
            | What::RollbackLeave { .. }
            | What::RollbackSettled { .. }
            | What::Resolve { .. }
            | What::Stop { .. }
            | What::StopNow { .. }
            | What::Input { .. }
            | What::Tick { .. }
            | What::Done { .. }
    )
}

/// What has room too though nobody ordered it: how a command ended, that a step is done or failed, that a trigger fired;
/// while a way back is under way, how far it is. Without it something would run for ever, and a fault would not hold the
/// launch.
pub fn must_be_said(event: &Event, going_back: bool) -> bool {
    use Event::{GateExpired, Held, RunEnded, SoakBroken, StepDone, StepFailed, TriggerFired};
    use Event::{OutputKept, RunStarted, StepStarted, StepUndone, StopAsked};
    use Event::{RollbackDone, RollbackItemDone, RollbackLeft, RollbackRetried, RollbackSettled, RollbackStopped};
    let back = matches!(
        event,
        OutputKept { .. }
            | RollbackDone { .. }
            | RollbackItemDone { .. }
            | RollbackLeft { .. }
            | RollbackRetried { .. }
            | RollbackSettled { .. }
            | RollbackStopped { .. }
            | RunStarted { .. }
            | StepStarted { .. }
            | StepUndone { .. }
            | StopAsked { .. }
    );
    back && going_back
        || matches!(
            event,
            GateExpired { .. }
                | Held { .. }
                | RunEnded { .. }
                | SoakBroken { .. }
                | StepDone { .. }
                | StepFailed { .. }
                | TriggerFired { .. }
        )
}

impl Unwritten {
    /// Whether an order is taken all the same.
    pub fn takes(&self, state: &LaunchState, what: &What) -> bool {
        self.reserve && has_room(state, what)
    }

    /// What is not done, in a sentence.
    pub fn refuses(&self) -> &'static str {
        match self.reserve {
            true => "nothing can be written down: no order but hold, severity and rollback is taken",
            false => "nothing can be written down: no order is taken",
        }
    }

    /// *Explain* of it: why, since when, what to do, and the orders that are taken.
    pub(super) fn waiting(&self, state: &LaunchState, ways: &[WayView]) -> Waiting {
        let mut why = Explanation::new("nothing can be written down", Some(self.since));
        why.because.extend([self.why.clone(), "no step starts, and what is ordered is not done".to_owned()]);
        why.because.push(self.out.clone());
        let rolls = matches!(state.status, Status::RollingBack(_));
        let back = ways.iter().find(|way| way.closed.is_none() && !rolls).map(|way| {
            let typed = way.typed.then(String::new);
            What::Rollback { way: way.way.clone(), trigger: None, typed, why: String::new() }
        });
        let hold = What::Hold { why: String::new() };
        let severity = What::Severity { incident: None, level: 2, text: String::new() };
        why.orders.extend([hold, severity].into_iter().chain(back).filter(|order| self.takes(state, order)));
        Waiting { name: "journal".to_owned(), title: "The journal".to_owned(), why }
    }
}

impl Explanation {
    /// Offers nothing that would be refused because it can't be written down, and says so first.
    pub(super) fn only_taken(mut self, state: &LaunchState, readout: &Readout) -> Self {
        let Some(unwritten) = &readout.unwritten else { return self };
        let before = self.orders.len() + self.elsewhere.len();
        let starts = |order: &What| matches!(order, What::Run { .. } | What::Tick { .. } | What::Approve { .. });
        let could = self.orders.iter().any(starts);
        self.orders.retain(|order| unwritten.takes(state, order));
        self.elsewhere.retain(|order| unwritten.takes(state, order));
        self.due &= !could || self.orders.iter().any(starts);
        if self.orders.len() + self.elsewhere.len() < before {
            self.because.insert(0, unwritten.refuses().to_owned());
        }
        self
    }
}
