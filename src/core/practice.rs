//! How a launch is rehearsed: on stand-ins or for real, how fast, and what goes wrong in it. It is in the first event of
//! the journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Instance, Measure, ProbeId, StepId};
use super::reading::Outcome;
use super::time::{Offset, Span};

/// The fastest that stand-ins can be.
pub const FASTEST: u32 = 1000;

/// How a rehearsal is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Commands run and messages are sent: the plan says so of its environment, which is not the live one.
    #[serde(default)]
    pub real: bool,
    /// Stand-ins, and clocks for which nothing is measured, take so many times less than the plan says; 1 to [`FASTEST`].
    #[serde(default = "one")]
    pub speed: u32,
    /// What is injected into the signals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenario: Vec<Injection>,
}

/// A value or a fault that takes the place of what a probe measures, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injection {
    /// The signal as the scenario has it: `errors[green]`.
    pub signal: String,
    /// The probe.
    pub probe: ProbeId,
    /// One instance, or all that there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// The measure.
    pub measure: Measure,
    /// What it is, in words: `8 %`, `failing: refused`.
    pub shown: String,
    /// What is found instead.
    pub outcome: Outcome,
    /// From when on; from the beginning where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Until when; else for as long as `lasts`, else until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// How long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
}

/// A moment of a scenario. Its times are as written, however fast the rehearsal is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// `T+5m`
    T0(Offset),
    /// `share-25.started + 2m`
    Step {
        /// The step.
        step: StepId,
        /// What became of it.
        what: Happening,
        /// How long after that.
        plus: Span,
    },
    /// `rollback.done`: of any way back.
    Rollback {
        /// What became of it; never failed.
        what: Happening,
        /// How long after that.
        plus: Span,
    },
}

/// What becomes of a step or a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// It began.
    Started,
    /// It is done.
    Done,
    /// It failed; a way back stopped.
    Failed,
}

impl Happening {
    /// All, by the word of a scenario.
    pub const ALL: [(&str, Happening); 3] =
        [("started", Happening::Started), ("done", Happening::Done), ("failed", Happening::Failed)];
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find(|(_, known)| known == self).map_or("", |(word, _)| word);
        f.write_str(word)
    }
}

fn one() -> u32 {
    1
}

impl Default for Practice {
    fn default() -> Self {
        Self { real: false, speed: one(), scenario: Vec::new() }
    }
}
