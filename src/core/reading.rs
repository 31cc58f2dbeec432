//! What probes report. A prober reports at every interval, always: a value, a failure, or no data with the reason. So
//! the absence of a reading means one thing only: no engine was running.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Instance, Measure, ProbeId, SignalId};
use super::time::Timestamp;
use super::units::{Finite, Unit, number};

/// What one measurement of one signal found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A number in the measure's base unit. A `State` measure that is well has the value 1.
    Value(Finite),
    /// A number that was counted up to here and may be higher: `> 100` is true of at least 500, `< 1000` is not known.
    AtLeast(Finite),
    /// Words, as the version that answers.
    Text(String),
    /// The thing measured does not work: refused, timed out, a status out of the expected. Only for measures of state.
    Failing(String),
    /// Nothing was learnt, and why: 401, an empty answer. Never counts as well, never as failing.
    NoData(String),
    /// A number that rests on fewer samples than the plan wants: shown as it is so far, and no data for every rule.
    Few(Box<Few>),
    /// It failed or gave nothing while none of the plan's vantage answered: our own side is cut off, and why that is
    /// known. No prober says so; it is made of what they say.
    CutOff(String),
}

/// A number that rests on too few samples to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Few {
    /// The number as it is so far, in the measure's base unit; none where there is none yet.
    pub value: Option<Finite>,
    /// How many samples it rests on, at least 0.
    pub samples: Finite,
    /// How many the plan wants.
    pub needs: Finite,
    /// What a sample is, in the plural: `requests`.
    pub of: String,
}

impl Few {
    /// `0.00 % of 212/300 requests`.
    pub fn words(&self, unit: Unit) -> String {
        let count = format!("{}/{} {}", number(self.samples.get().floor()), number(self.needs.get()), self.of);
        self.value.map_or_else(|| count.clone(), |value| format!("{} of {count}", unit.show(value.get())))
    }
}

impl Outcome {
    /// A value, or no data where the number is not finite.
    pub fn number(value: f64) -> Self {
        Finite::new(value)
            .map_or_else(|| Outcome::NoData(format!("the answer is {value}, not a number to compare")), Outcome::Value)
    }

    /// Up or well.
    pub fn well() -> Self {
        Outcome::Value(Finite::from(1))
    }

    /// The number, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Outcome::Value(v) => Some(v.get()),
            _ => None,
        }
    }

    /// The number, or the least that it is, for what is drawn.
    pub fn least(&self) -> Option<f64> {
        match self {
            Outcome::Value(v) | Outcome::AtLeast(v) => Some(v.get()),
            _ => None,
        }
    }

    /// A value as people read it; none where nothing is known.
    pub fn shown(&self, unit: Unit) -> Option<String> {
        match self {
            Outcome::Value(v) => Some(unit.show(v.get())),
            Outcome::AtLeast(v) => Some(format!(">= {}", unit.show(v.get()))),
            Outcome::Text(t) => Some(t.clone()),
            Outcome::Failing(_) => Some("failing".to_owned()),
            Outcome::NoData(_) | Outcome::Few(_) | Outcome::CutOff(_) => None,
        }
    }

    /// Whether something was learnt that counts.
    pub fn counts(&self) -> bool {
        !matches!(self, Outcome::NoData(_) | Outcome::Few(_) | Outcome::CutOff(_))
    }
}

/// Stands for the instances of a probe that looked for them and found none. It is gone as soon as there is one.
pub const NONE_FOUND: &str = "(none)";

/// One result for one signal of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Which of the probe's instances; none for a probe that measures one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// What was measured.
    pub measure: Measure,
    /// What was found.
    pub outcome: Outcome,
}

impl Point {
    /// A point of a probe that measures one thing.
    pub fn new(measure: &str, outcome: Outcome) -> Self {
        Self { instance: None, measure: measure.into(), outcome }
    }

    /// A point of one instance.
    pub fn of(instance: &str, measure: &str, outcome: Outcome) -> Self {
        Self { instance: Some(instance.into()), measure: measure.into(), outcome }
    }
}

/// One poll of one probe: everything it learnt at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The probe.
    pub probe: ProbeId,
    /// When the engine received it, on the launch's timeline.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The points, or why the probe as a whole learnt nothing (then each of its known signals has no data).
    pub points: Result<Vec<Point>, String>,
}

/// One reading of one signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The signal.
    pub signal: SignalId,
    /// When, on the launch's timeline.
    pub at: Timestamp,
    /// What was found.
    pub outcome: Outcome,
}

/// How a signal is. Worst last but one: `Unknown` is no degree of bad, it is not knowing, and never counts as ok.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Measured, fresh, within limits.
    Ok,
    /// Stale, errored, too few samples, or never seen.
    Unknown,
    /// Its `warn` holds.
    Warn,
    /// Its `critical` holds, or it is failing and has no limits of its own.
    Critical,
}

impl Level {
    /// The word shown beside the symbol.
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Unknown => "unknown",
            Level::Warn => "warn",
            Level::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Three-valued truth: what a condition comes to at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It can't be said, and why.
    NoData(String),
}

impl Verdict {
    /// Whether it holds; no data does not.
    pub fn is_true(&self) -> bool {
        matches!(self, Verdict::True)
    }

    /// Whether it is known not to hold.
    pub fn is_false(&self) -> bool {
        matches!(self, Verdict::False)
    }
}
