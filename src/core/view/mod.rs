//! What the screens know of the signals: views that the engine computes and clients receive. A [`Readout`] is the same
//! on both sides of the wire, so that *explain*, the ways back and the three answers are computed anywhere alike.

mod compute;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{Instance, ProbeId, RollbackId, RunId, SignalId, StepId, TriggerId};
use super::launch::{CriterionState, LaunchState, Unwritten, so_far};
use super::outline::Outline;
use super::reading::{Level, Outcome};
use super::secret::MissingSecret;
use super::signals::Signals;
use super::time::{Span, Timestamp};
use super::units::Finite;
use super::words::short;

/// A signal as it is shown: its level and why, its newest value, and a short past.
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
    /// It is no measurement: the scenario of a rehearsal injects it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub injected: bool,
    /// It is over a graver limit, but not yet for as long as that must last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The last up to 60 values, oldest first, one a poll; none where nothing was measured. Sent whole in the first
    /// telemetry and left out later: the client appends `last`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spark: Vec<Option<Finite>>,
}

/// A limit that a signal is over, whose clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The level that the signal gets.
    pub level: Level,
    /// How long it has been over, in observed time.
    pub lasted: Span,
    /// How long it must be.
    pub needs: Span,
}

/// Which of the plan's conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionOf {
    /// A trigger's `when`.
    Trigger(TriggerId),
    /// That a fired trigger's `when` was false for its `clear-after`.
    Clear(TriggerId),
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
    /// That the command by which a way back takes a step back, or does its own, can be started. It is the engine that
    /// looks, and it says so only where that is false.
    Startable(StepId),
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
    /// Since when it has held, while it has not held for long enough; later than `lasted` says where not all of that was
    /// observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How long it must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Span>,
    /// The clock stands still for want of data.
    #[serde(default)]
    pub frozen: bool,
    /// There are readings, but none yet that counts, and there was no time for one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
    /// It rests on fewer samples than the plan wants; `found` says how many there are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub few: bool,
    /// Of `k of n`: how many of the last polls agreed; none where nothing was measured lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<u8>,
    /// The instance that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
}

impl ConditionView {
    /// Whether its clock had begun and stands still, since there is no data.
    pub fn stands_still(&self) -> bool {
        self.now.is_none() && self.needs.is_some() && self.lasted > Span::ZERO
    }
}

impl ConditionView {
    /// The command of a way back lacks something, so that it could not be started.
    pub fn lacks(step: StepId, what: String) -> Self {
        Self {
            of: ConditionOf::Startable(step),
            held: Some(false),
            now: Some(false),
            found: what,
            lasted: Span::ZERO,
            since: None,
            needs: None,
            frozen: false,
            waits: false,
            few: false,
            agreed: None,
            instance: None,
        }
    }
}

/// A command that waits for a line of input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    /// Since when it has said no more.
    pub since: Timestamp,
    /// The last line of its output, safe for a screen; at most 120 characters.
    pub prompt: String,
    /// The command turned its terminal's echo off, as for a password: what is typed is not to be seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl Asks {
    /// What it asks, in words.
    pub fn words(&self) -> &str {
        if self.prompt.is_empty() { "a line, without a word" } else { &self.prompt }
    }
}

/// All views at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readout {
    /// When.
    pub at: Timestamp,
    /// One entry a signal that is known, or expected and missing.
    pub signals: BTreeMap<SignalId, SignalView>,
    /// One entry a condition that matters now: of all triggers, gates and rollbacks, of steps that are active, and of what
    /// the way back under way does next.
    pub conditions: BTreeMap<ConditionOf, ConditionView>,
    /// Commands that wait for a line of input, as the engine saw them at its last look.
    pub asking: BTreeMap<RunId, Asks>,
    /// The processes of the commands that run, on the engine's machine, as far as it knows them; also of those that run
    /// on though nobody watches them any more.
    pub processes: BTreeMap<RunId, i32>,
    /// What was seen of each criterion up to the last reading, put on record or not.
    pub criteria: BTreeMap<String, CriterionState>,
    /// Secrets without a usable value where the engine is.
    pub secrets: Vec<MissingSecret>,
    /// Where the engine can't write the journal.
    pub unwritten: Option<Unwritten>,
}

impl Readout {
    /// Computes all views of what was measured; which commands ask, which secrets lack a value and whether the journal can be
    /// written is for others to add.
    pub fn of(state: &LaunchState, signals: &Signals, now: Timestamp) -> Self {
        Self {
            at: now,
            signals: compute::signals(state, signals, now),
            conditions: compute::conditions(state, signals, now),
            asking: BTreeMap::new(),
            processes: BTreeMap::new(),
            criteria: so_far(state, signals, now),
            secrets: Vec::new(),
            unwritten: None,
        }
    }

    /// ` (process 4711)`, after the name of a command that runs; empty where its process is not known.
    pub fn process(&self, run: &RunId) -> String {
        self.processes.get(run).map_or_else(String::new, |pid| format!(" (process {pid})"))
    }

    /// The views of the signals alone, where there is no launch yet.
    pub fn measured(signals: &Signals, now: Timestamp) -> BTreeMap<SignalId, SignalView> {
        compute::measured(signals, now)
    }

    /// Takes in what changed, as a client does. A signal's `last` is appended to its `spark` where `at` moved.
    pub fn take(&mut self, at: Timestamp, signals: Vec<SignalView>, conditions: Vec<ConditionView>) {
        self.at = at;
        for mut new in signals {
            if let Some(old) = self.signals.get_mut(&new.id)
                && new.spark.is_empty()
            {
                new.spark = std::mem::take(&mut old.spark);
                if new.at != old.at {
                    new.spark.push(new.last.as_ref().and_then(Outcome::value).and_then(Finite::new));
                    let over = new.spark.len().saturating_sub(SPARK);
                    new.spark.drain(..over);
                }
            }
            self.signals.insert(new.id.clone(), new);
        }
        for new in conditions {
            self.conditions.insert(new.of.clone(), new);
        }
    }

    /// What changed since `before`, as telemetry sends it: without sparks but for signals that are new.
    pub fn changes(&self, before: &Readout) -> (Vec<SignalView>, Vec<ConditionView>) {
        let signals = self.signals.values().filter_map(|new| match before.signals.get(&new.id) {
            None => Some(new.clone()),
            Some(old) => {
                let same = (new.level, &new.why, &new.last, new.at, new.pending)
                    == (old.level, &old.why, &old.last, old.at, old.pending);
                (!same).then(|| SignalView { spark: Vec::new(), ..new.clone() })
            }
        });
        let conditions = self.conditions.values().filter(|new| before.conditions.get(&new.of) != Some(new));
        (signals.collect(), conditions.cloned().collect())
    }

    /// What is no longer there since `before`: signals that a person let go or a new plan left out, conditions that no
    /// longer matter.
    pub fn gone(&self, before: &Readout) -> (Vec<SignalId>, Vec<ConditionOf>) {
        let signals = before.signals.keys().filter(|id| !self.signals.contains_key(*id));
        let conditions = before.conditions.keys().filter(|of| !self.conditions.contains_key(*of));
        (signals.cloned().collect(), conditions.cloned().collect())
    }

    /// Takes out what is no longer there, as a client does.
    pub fn drop_gone(&mut self, signals: &[SignalId], conditions: &[ConditionOf]) {
        self.signals.retain(|id, _| !signals.contains(id));
        self.conditions.retain(|of, _| !conditions.contains(of));
    }

    /// The same at `now` where nothing came meanwhile: what was measured three intervals ago or longer is only what was,
    /// and of no condition is it known whether it holds.
    pub fn unheard(&self, outline: &Outline, now: Timestamp) -> Self {
        let mut aged = self.clone();
        for view in aged.signals.values_mut() {
            let every = outline.probe(&view.id.probe).map_or(Span::ZERO, |probe| probe.every);
            let Some(age) = view.at.map(|at| now.since(at)).filter(|age| *age >= every.times(3)) else { continue };
            (view.level, view.why, view.pending) = (Level::Unknown, Some(format!("not seen for {}", short(age))), None);
        }
        for view in aged.conditions.values_mut() {
            view.found = format!("not seen, was {}", view.found);
            (view.held, view.now, view.frozen) = (None, None, true);
        }
        aged
    }

    /// The worst level of a probe's signals, with the view that has it.
    pub fn worst(&self, probe: &ProbeId) -> Option<&SignalView> {
        self.signals.iter().filter(|(id, _)| id.probe == *probe).map(|(_, v)| v).max_by_key(|v| v.level)
    }
}

/// How many values a spark holds.
pub const SPARK: usize = 60;
