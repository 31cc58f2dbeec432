//! What events are made of: who did it, on what it rested, what a way back does, what is normal. Journalled for ever, like
//! the events.

use serde::{Deserialize, Serialize};

use super::ids::{PhaseId, RunId, StepId, WatchId};
use super::order::Operator;
use super::time::{Span, Timestamp};
use super::units::Finite;

/// Whether the launch is for real.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// For real.
    #[default]
    Live,
    /// For practice: the header, the journal and the report say so, and nothing else differs.
    Rehearsal,
}

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person.
    Operator(Operator),
    /// The engine, by a rule.
    Engine,
}

/// `ana`, `mia (declared)`, `engine`.
impl Actor {
    /// The name alone; `engine` for the engine.
    pub fn name(&self) -> &str {
        match self {
            Actor::Operator(by) => &by.name,
            Actor::Engine => "engine",
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Operator(by) => by.fmt(f),
            Actor::Engine => f.pad("engine"),
        }
    }
}

/// A reading that a decision rested on, as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The condition, as written.
    pub condition: String,
    /// Whether it held: `true`, `false`, or none for no data.
    pub held: Option<bool>,
    /// What it rested on in words, as `6.10 % > 1 %` or `no data: 401`.
    pub found: String,
    /// For a condition with `for`: how long it had held, in observed time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasted: Option<Span>,
}

/// One item of a way back, in the order it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackItem {
    /// What people read.
    pub title: String,
    /// The run: the undo of a step, or a step of the named rollback.
    pub run: RunId,
    /// The command, as given to the shell; none for an item done by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// A captured normal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The median of the window, in the base unit.
    pub median: Finite,
    /// The 95th percentile of the window, in the base unit: the value that is not exceeded by 95 of 100 readings.
    pub p95: Finite,
    /// How many readings with a number the window had.
    pub samples: u32,
    /// How far the window reaches back from `at`.
    pub over: Span,
    /// When the oldest of them was taken; none in journals from before this was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it was captured.
    pub at: Timestamp,
}

/// A part of the plan that has another time since T-0 was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which.
    pub part: Part,
    /// When it is due from now on.
    pub at: Timestamp,
}

/// What has a time of its own in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A phase.
    Phase(PhaseId),
    /// A step.
    Step(StepId),
    /// The next check of a watch, or a sync.
    Watch(WatchId),
    /// The turn of a person on shift, by name.
    Turn(String),
}

/// What was wrong first when an incident was opened, as far as it was measured then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onset {
    /// Since when.
    pub since: Timestamp,
    /// What: `errors.value is critical`, a trigger's title.
    pub what: String,
}
