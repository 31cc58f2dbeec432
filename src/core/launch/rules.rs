//! Signatures that the engine and the clients call. (To be split into decide, apply, explain, ways, answers.)

use super::{Effect, LaunchState};
use crate::core::event::{Event, Recorded, RollbackItem, RunEnd};
use crate::core::ids::{RunId, StepId};
use crate::core::order::{Order, Rejection, Way, What};
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;

/// What comes to the rules.
#[derive(Clone, Debug)]
pub enum Input {
    /// A person asks.
    Order(Order),
    /// A run ended, or was found to have ended or to be interrupted.
    Ended(RunId, RunEnd),
    /// Time passed or readings came in: compare what holds with what is recorded.
    Look,
}

/// What an input comes to. A [`Input::Look`] and a report are never rejected.
pub fn decide(
    _state: &LaunchState,
    _signals: &Signals,
    _input: Input,
    _now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    unimplemented!()
}

impl LaunchState {
    /// The state after the first event; none where that is not `Opened`.
    pub fn open(_first: &Recorded) -> Option<LaunchState> {
        unimplemented!()
    }

    /// Folds an event in. Total; ignores events at or before `head`.
    pub fn apply(&mut self, _recorded: &Recorded) {
        unimplemented!()
    }
}

/// What the engine must do after an event is durable and applied.
pub fn effects(_state: &LaunchState, _event: &Event) -> Vec<Effect> {
    unimplemented!()
}

/// When a look is due though nothing happens: a step's limit, a gate's expiry, a phase's time, a clock that would be full.
pub fn next_deadline(_state: &LaunchState, _signals: &Signals, _now: Timestamp) -> Option<Timestamp> {
    unimplemented!()
}

/// Whether and why a step can or can't go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The state in a word or two: `due`, `not due`, `running`, `soaking`, `waits for approval`, ….
    pub state: String,
    /// What it waits for, on whom, since when; a sentence each.
    pub because: Vec<String>,
    /// Orders that would move it, best first.
    pub orders: Vec<What>,
    /// Whether it can be started now.
    pub due: bool,
    /// Since when it has been so, where that is known.
    pub since: Option<Timestamp>,
}

/// What a step waits for, and which order moves it. Core names the order; the screen prints its key, the command line
/// its `do`.
pub fn explain(_state: &LaunchState, _readout: &Readout, _step: &StepId, _now: Timestamp) -> Explanation {
    unimplemented!()
}

/// A way back as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayView {
    /// Which.
    pub way: Way,
    /// `back to 5 %`, `traffic to blue`.
    pub title: String,
    /// How long it is expected to take; none where the plan says nothing for a part of it.
    pub estimate: Option<Span>,
    /// What it would do, in order.
    pub items: Vec<RollbackItem>,
    /// Steps that count as undone when it is done.
    pub undoes: Vec<StepId>,
    /// Steps that ever started and have no undo: they stay as they are.
    pub stays: Vec<StepId>,
    /// What is lost.
    pub loses: Option<String>,
    /// Whether it is ready; else why not.
    pub ready: Result<(), String>,
    /// Whether the environment's name must be typed.
    pub typed: bool,
    /// Closed for good (its `possible-until` has started), and why.
    pub closed: Option<String>,
}

/// All ways back, the one that `R` offers first at the top: one stage, the plan's first, the other named ones, everything.
pub fn ways(_state: &LaunchState, _readout: &Readout, _now: Timestamp) -> Vec<WayView> {
    unimplemented!()
}
