//! A journal that can't be written: what was ordered is not done, because it would not be on record. One rule: the engine
//! asks it before it takes an order, and every sentence that offers one asks it too.

use serde::{Deserialize, Serialize};

use super::{Explanation, LaunchState, Status, Waiting, WayView};
use crate::core::event::Event;
use crate::core::ids::Seq;
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
    /// There is nothing left of it, and a way back goes once [`WORD`] is typed.
    #[serde(default)]
    pub word: bool,
    /// The first event that is kept in memory, since a person typed [`WORD`]; none where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Seq>,
}

/// What is typed for a way back that goes though nothing of it can be written down.
pub const WORD: &str = "unjournalled";

/// What was typed for a way back, without [`WORD`] at its end, and whether that stood there.
pub fn without_word(typed: Option<&str>) -> (Option<&str>, bool) {
    match typed.and_then(|typed| typed.strip_suffix(WORD)) {
        Some("") => (None, true),
        Some(rest) if rest.ends_with(' ') => (Some(rest.trim_end()), true),
        _ => (typed, false),
    }
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
    /// Whether an order is taken all the same; a way back where [`WORD`] must be typed is.
    pub fn takes(&self, state: &LaunchState, what: &What) -> bool {
        (self.reserve || self.late.is_some()) && has_room(state, what)
            || self.wants_word() && matches!(what, What::Rollback { .. })
    }

    /// An order as it is taken: a way back with what is to be typed.
    fn as_taken(&self, state: &LaunchState, mut what: What) -> Option<What> {
        if let (What::Rollback { typed, .. }, true) = (&mut what, self.wants_word()) {
            *typed = self.to_type(typed.as_ref().map(|_| state.outline.environment.as_str()));
        }
        self.takes(state, &what).then_some(what)
    }

    /// Whether a way back wants [`WORD`] typed.
    pub fn wants_word(&self) -> bool {
        self.word && self.late.is_none()
    }

    /// What is to be typed for a way back; none where nothing is. `environment` where its name is wanted too.
    pub fn to_type(&self, environment: Option<&str>) -> Option<String> {
        match (self.wants_word(), environment) {
            (true, Some(environment)) => Some(format!("{environment} {WORD}")),
            (true, None) => Some(WORD.to_owned()),
            (false, environment) => environment.map(str::to_owned),
        }
    }

    /// What is not done, in a sentence.
    pub fn refuses(&self) -> String {
        match self.reserve || self.late.is_some() {
            true => "nothing can be written down: no order but hold, severity and rollback is taken".to_owned(),
            false if self.word => {
                format!("nothing can be written down: no order but a rollback is taken, with `{WORD}` typed")
            }
            false => "nothing can be written down: no order is taken".to_owned(),
        }
    }

    /// *Explain* of it: why, since when, what to do, and the orders that are taken.
    pub(super) fn waiting(&self, state: &LaunchState, ways: &[WayView]) -> Waiting {
        let mut why = Explanation::new("nothing can be written down", Some(self.since));
        why.because.extend([self.why.clone(), "no step starts, and what is ordered is not done".to_owned()]);
        why.because.push(self.out.clone());
        let rolls = matches!(state.status, Status::RollingBack(_));
        why.because.extend(self.late.map(|first| {
            format!("what happened from event {first} on is kept in memory: it is lost with the machine, not with the engine")
        }));
        let back = ways.iter().find(|way| way.closed.is_none() && !rolls).map(|way| {
            let typed = way.typed.then(String::new);
            What::Rollback { way: way.way.clone(), trigger: None, typed, why: String::new() }
        });
        let hold = What::Hold { why: String::new() };
        let severity = What::Severity { incident: None, level: 2, text: String::new() };
        let orders = [hold, severity].into_iter().chain(back);
        why.orders.extend(orders.filter_map(|order| self.as_taken(state, order)));
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
        for orders in [&mut self.orders, &mut self.elsewhere] {
            *orders = orders.drain(..).filter_map(|order| unwritten.as_taken(state, order)).collect();
        }
        self.due &= !could || self.orders.iter().any(starts);
        if self.orders.len() + self.elsewhere.len() < before {
            self.because.insert(0, unwritten.refuses());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_stands_alone_or_behind_the_environment() {
        for (typed, rest, word) in [
            (None, None, false),
            (Some("production"), Some("production"), false),
            (Some("unjournalled"), None, true),
            (Some("production unjournalled"), Some("production"), true),
            (Some("productionunjournalled"), Some("productionunjournalled"), false),
            (Some("unjournalled production"), Some("unjournalled production"), false),
        ] {
            assert_eq!(without_word(typed), (rest, word), "{typed:?}");
        }
    }
}
