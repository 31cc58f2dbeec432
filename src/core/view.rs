//! What the screens know of the signals: views that the engine computes and clients receive. A [`Readout`] is the same
//! on both sides of the wire, so that *explain*, the ways back and the three answers are computed anywhere alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{RollbackId, SignalId, StepId, TriggerId};
use super::launch::LaunchState;
use super::reading::{Level, Outcome};
use super::signals::Signals;
use super::time::{Span, Timestamp};
use super::units::Finite;

/// How a signal is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalView {
    /// Which.
    pub id: SignalId,
    /// Its level.
    pub level: Level,
    /// Why it is unknown, or which limit it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The newest outcome; none where it was never seen.
    pub last: Option<Outcome>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// The newest value that there was, where the newest outcome has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Outcome>,
    /// The last up to 60 values, oldest first, one a poll; none where nothing was measured. Sent whole in the first
    /// telemetry and left out later: the client appends `last`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spark: Vec<Option<Finite>>,
}

/// Which of the plan's conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionOf {
    /// A trigger's `when`.
    Trigger(TriggerId),
    /// One of a step's `verify`, counted from 0.
    Verify(StepId, usize),
    /// One of a step's `fail`.
    Fail(StepId, usize),
    /// One of a gate's `require`.
    Require(StepId, usize),
    /// One of an undo's `require`.
    Undo(StepId, usize),
    /// One of a rollback's `require`.
    Rollback(RollbackId, usize),
}

/// What a condition comes to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionView {
    /// Which.
    pub of: ConditionOf,
    /// Whether it holds, `for` and `soak` included; none for no data.
    pub held: Option<bool>,
    /// Whether the bare comparison holds at this moment; none for no data.
    pub now: Option<bool>,
    /// What it rests on, in words: `6.10 % > 1 %`, or why there is no data.
    pub found: String,
    /// How long it has held, in observed time.
    pub lasted: Span,
    /// How long it must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Span>,
    /// The clock stands still for want of data.
    #[serde(default)]
    pub frozen: bool,
}

/// All views at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readout {
    /// When.
    pub at: Timestamp,
    /// One entry a signal that is known, or expected and missing.
    pub signals: BTreeMap<SignalId, SignalView>,
    /// One entry a condition that matters now: all triggers and rollbacks; `verify`, `fail` and `require` of active steps and
    /// gates, and of those that are due.
    pub conditions: BTreeMap<ConditionOf, ConditionView>,
}

impl Readout {
    /// Computes all views.
    pub fn of(_state: &LaunchState, _signals: &Signals, _now: Timestamp) -> Self {
        unimplemented!()
    }

    /// Takes in what changed, as a client does. A signal's `last` is appended to its `spark` where `at` moved.
    pub fn take(&mut self, _at: Timestamp, _signals: Vec<SignalView>, _conditions: Vec<ConditionView>) {
        unimplemented!()
    }

    /// What changed since `before`, as telemetry sends it.
    pub fn changes(&self, _before: &Readout) -> (Vec<SignalView>, Vec<ConditionView>) {
        unimplemented!()
    }

    /// The worst level, and how many signals have each: ok, warn, critical, unknown. A probe's signals count once, as one row.
    pub fn tally(&self) -> Tally {
        unimplemented!()
    }
}

/// How many signals have each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Within limits.
    pub ok: usize,
    /// Over `warn`.
    pub warn: usize,
    /// Over `critical`.
    pub critical: usize,
    /// Not known.
    pub unknown: usize,
}
