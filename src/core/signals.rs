//! Readings folded into what is known now: levels, conditions with their clocks, baselines.
//!
//! Every clock is a fold over readings since an anchor, computed and never stored, so that batches can't matter and a
//! restarted engine comes to the same result.

use std::collections::BTreeMap;

use super::condition::{Condition, NoDataRule, Quantifier};
use super::event::{Baseline, Evidence};
use super::ids::{Instance, ProbeId, SignalId};
use super::outline::Outline;
use super::reading::{Level, Outcome, Poll, Verdict};
use super::time::{Span, Timestamp};

/// Everything measured within the horizon, with what the plan says about it.
#[derive(Clone, Debug)]
pub struct Signals {}

/// What a condition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// With `k of n`, `for` and the instances taken together.
    pub verdict: Verdict,
    /// The bare comparison at this moment.
    pub now: Verdict,
    /// How long it has held, in observed time; of the instance that is furthest (any) or least far (all).
    pub lasted: Span,
    /// How long it must hold.
    pub needs: Option<Span>,
    /// The clock stands still for want of data.
    pub frozen: bool,
    /// What it rests on, in words: `6.10 % > 1 %`, `green 6.10 % > 1 %`, `no data: 401`.
    pub found: String,
    /// The instance that decides.
    pub instance: Option<Instance>,
    /// When the clock would be full if every next reading agreed; for a deadline to look at.
    pub full_at: Option<Timestamp>,
}

/// How to judge a condition.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Any or all instances.
    pub of: Quantifier,
    /// Readings before this moment don't count.
    pub from: Timestamp,
    /// What no data does to the clock.
    pub no_data: NoDataRule,
    /// Must hold at least this long, beside the condition's own `for` (a soak).
    pub soak: Option<Span>,
}

impl Signals {
    /// With no readings yet.
    pub fn new(_outline: &Outline) -> Self {
        unimplemented!()
    }

    /// Takes in a changed plan; readings of signals that are still there are kept.
    pub fn adopt(&mut self, _outline: &Outline) {
        unimplemented!()
    }

    /// Takes in what the journal says: baselines, and instances that no longer count.
    pub fn inform(&mut self, _baselines: &BTreeMap<SignalId, Baseline>, _forgotten: &[(ProbeId, Instance)]) {
        unimplemented!()
    }

    /// Takes in a poll. A poll that learnt nothing is no data for each known signal of the probe.
    pub fn observe(&mut self, _poll: &Poll) {
        unimplemented!()
    }

    /// What a condition comes to.
    pub fn judge(&self, _condition: &Condition, _how: Judge, _now: Timestamp) -> Finding {
        unimplemented!()
    }

    /// A signal's level, and why where it is not ok.
    pub fn level(&self, _signal: &SignalId, _now: Timestamp) -> (Level, Option<String>) {
        unimplemented!()
    }

    /// All signals that are known, or expected and missing.
    pub fn ids(&self) -> Vec<SignalId> {
        unimplemented!()
    }

    /// A signal's readings within the horizon, oldest first.
    pub fn readings(&self, _signal: &SignalId) -> Vec<(Timestamp, Outcome)> {
        unimplemented!()
    }

    /// The captured normal of each signal of a probe (or of all) with a number, over the last `over`.
    pub fn baseline(&self, _probe: Option<&ProbeId>, _over: Span, _now: Timestamp) -> Vec<(SignalId, Baseline)> {
        unimplemented!()
    }

    /// When the next fresh signal becomes stale.
    pub fn next_due(&self, _now: Timestamp) -> Option<Timestamp> {
        unimplemented!()
    }
}

impl Finding {
    /// For the journal.
    pub fn evidence(&self, _condition: &Condition) -> Evidence {
        unimplemented!()
    }
}
