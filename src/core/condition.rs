//! Conditions as data: `error-rate > 1% for 10m`. One comparison each. `parse` (in [`super::grammar`]) reads them, and
//! `Display` prints them back; [`super::signals`] says what they come to.
//!
//! ```text
//! condition = [subject] test [k "of" n] ["for" span]
//! subject   = probe ["[" instance "]"] ["." measure]        left out inside the probe's own `warn` and `critical`
//! test      = op operand ["±" quantity] | "is" level | "is" "failing" | ("=" | "!=") "words"
//! operand   = quantity | ("baseline" | subject) ["*" number] [("+" | "-") quantity]
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Instance, Measure, ProbeId, write_instance};
use super::reading::Level;
use super::time::Span;
use super::units::{Finite, Quantity};

/// One comparison over signals, with how often and how long it must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The signal or signals on the left side.
    pub subject: Subject,
    /// The operator and its right side.
    pub test: Test,
    /// `3 of 5`: how many of the last polls must agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls: Option<Polls>,
    /// `for 10m`: how long, in observed time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Span>,
}

/// A signal or a set of them: without an instance, all the probe's instances are meant (any or all, by role).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The probe.
    pub probe: ProbeId,
    /// One instance, or all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// The measure, or the probe's first; for `is …`, none means the probe (or instance) as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
}

/// What is asked of a signal. A signal without data answers none of these: the condition is then unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// `> 5%`, `<= errors[blue] * 1.5`, `= 25% ± 3%`.
    Compare {
        /// The operator.
        op: Op,
        /// The right side.
        to: Operand,
        /// For `=` and `!=`: how far off still counts as equal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Quantity>,
    },
    /// `is ok`, `is warn`, `is critical`, `is unknown`.
    Is(Level),
    /// `is failing`.
    Failing,
    /// `= "v1.0.0"`, `!= "v0.9.9"`.
    Words {
        /// Whether they must be equal or must differ.
        equal: bool,
        /// The words.
        text: String,
    },
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operand {
    /// A number with its unit.
    Const(Quantity),
    /// The captured normal of the left side's signal, times a factor, plus an amount.
    Baseline {
        /// 1 where none is written.
        times: Finite,
        /// Zero where none is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plus: Option<Quantity>,
    },
    /// Another signal's latest value, times a factor, plus an amount.
    Signal {
        /// The other signal. Without an instance it takes the left side's instance where the probe has one.
        subject: Subject,
        /// 1 where none is written.
        times: Finite,
        /// Zero where none is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plus: Option<Quantity>,
    },
}

/// `k of n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polls {
    /// At least this many, 1 to `of`.
    pub k: u8,
    /// Of the last this many, 1 to 100.
    pub of: u8,
}

/// What no data does to a clock that is running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoDataRule {
    /// The clock stands still (the default).
    #[default]
    Freeze,
    /// The clock starts over.
    Reset,
    /// No data counts as if the condition held.
    Breach,
}

/// Whether one instance is enough or all must agree. Set by where the condition stands, never written in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Triggers, levels and `fail`: any one, each with its own clock.
    Any,
    /// `verify` and `require`: all that are known or expected.
    All,
}

impl Condition {
    /// With what was found of it: `lag < 5s: 0.4 s`.
    pub fn with(&self, found: &str) -> String {
        with_found(&self.to_string(), found)
    }
}

/// A condition, or what else stands for it, with what was found of it. That something is failing is said once.
pub fn with_found(asked: &str, found: &str) -> String {
    let instance = |before: &str| before.is_empty() || before.ends_with(' ') && !before.trim_end().contains(' ');
    match found.split_once("failing: ") {
        Some((before, why)) if asked.contains(" is failing") && instance(before) => format!("{asked}: {before}{why}"),
        _ => format!("{asked}: {found}"),
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Op::Less => "<",
            Op::AtMost => "<=",
            Op::More => ">",
            Op::AtLeast => ">=",
            Op::Equal => "=",
            Op::NotEqual => "!=",
        })
    }
}

impl Op {
    /// Compares; `within` widens equality only.
    pub fn holds(self, left: f64, right: f64, within: f64) -> bool {
        // Sums of floats: 0.28 must be within 25 % ± 3 %.
        let near = (left - right).abs() <= within + 1e-12 * left.abs().max(right.abs());
        match self {
            Op::Less => left < right,
            Op::AtMost => left <= right,
            Op::More => left > right,
            Op::AtLeast => left >= right,
            Op::Equal => near,
            Op::NotEqual => !near,
        }
    }

    /// Compares a number that is at least `left`; none where that depends on how much more it is.
    pub fn holds_from(self, left: f64, right: f64, within: f64) -> Option<bool> {
        let now = self.holds(left, right, within);
        let settled = match self {
            Op::More | Op::AtLeast => now,
            Op::Less | Op::AtMost => !now,
            Op::Equal | Op::NotEqual => left > right && !Op::Equal.holds(left, right, within),
        };
        settled.then_some(now)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.probe)?;
        if let Some(instance) = &self.instance {
            write_instance(f, instance)?;
        }
        if let Some(measure) = &self.measure {
            write!(f, ".{measure}")?;
        }
        Ok(())
    }
}

fn scaled(f: &mut fmt::Formatter<'_>, times: Finite, plus: Option<Quantity>) -> fmt::Result {
    if times != Finite::from(1) {
        write!(f, " * {}", times.get())?;
    }
    match plus {
        Some(q) if q.base.get() < 0.0 => {
            let positive = Finite::new(-q.base.get()).unwrap_or_default();
            write!(f, " - {}", Quantity { base: positive, dimension: q.dimension })
        }
        Some(q) => write!(f, " + {q}"),
        None => Ok(()),
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Const(q) => q.fmt(f),
            Operand::Baseline { times, plus } => {
                f.write_str("baseline")?;
                scaled(f, *times, *plus)
            }
            Operand::Signal { subject, times, plus } => {
                subject.fmt(f)?;
                scaled(f, *times, *plus)
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Compare { op, to, within } => {
                write!(f, "{op} {to}")?;
                within.map_or(Ok(()), |w| write!(f, " ± {w}"))
            }
            Test::Is(level) => write!(f, "is {level}"),
            Test::Failing => f.write_str("is failing"),
            Test::Words { equal, text } => {
                write!(f, "{} {}", if *equal { "=" } else { "!=" }, serde_json::Value::from(text.as_str()))
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.test)?;
        if let Some(Polls { k, of }) = self.polls {
            write!(f, " {k} of {of}")?;
        }
        self.lasting.map_or(Ok(()), |span| write!(f, " for {span}"))
    }
}
