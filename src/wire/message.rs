//! The messages. Unknown fields are ignored by both sides; unknown kinds of message are an error that is said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::event::Recorded;
use crate::core::ids::{LaunchId, OrderId, RunId, Seq, SignalId};
use crate::core::launch::{CriterionState, Unwritten};
use crate::core::order::{Operator, Rejection, What};
use crate::core::ready::Found;
use crate::core::secret::{Carried, MissingSecret};
use crate::core::time::{Span, Timestamp};
use crate::core::view::{Asks, ConditionOf, ConditionView, SignalView};

/// A line from a client to the engine. One that is no such message is answered with a goodbye.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum ClientMessage {
    /// The first line.
    Hello {
        /// The client's [`super::PROTO`].
        proto: u32,
        /// The client's version.
        version: String,
        /// The name declared with `--as`.
        #[serde(default, rename = "as")]
        declared: Option<String>,
        /// This link may look and nothing else.
        #[serde(default)]
        observe: bool,
        /// It is a person's screen: once it closes, that person is away.
        #[serde(default)]
        screen: bool,
    },
    /// Something that is to happen. Answered with a reply that carries the same id; to send it again is safe.
    Order {
        /// Made by the client.
        id: OrderId,
        /// What for.
        what: What,
    },
    /// Values of secrets, for an engine whose environment lacks them. Never journalled. Answered with a reply.
    Env {
        /// Made by the client.
        id: OrderId,
        /// By the names that the plan gives them.
        values: Carried,
    },
    /// Follow a run's output from a byte on; none follows nothing.
    Watch {
        /// The run and where to start.
        output: Option<(RunId, u64)>,
    },
    /// Ask for something that is not sent by itself.
    Get {
        /// Chosen by the client; the parts of the answer carry it.
        id: u64,
        /// What.
        what: Query,
    },
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// Events, both ends included.
    Events {
        /// The first.
        from: Seq,
        /// The last.
        to: Seq,
    },
    /// The past of signals, in at most 400 buckets each.
    History {
        /// Which.
        signals: Vec<SignalId>,
        /// From when.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
        /// In how many buckets.
        buckets: u16,
    },
    /// A part of a run's output.
    Output {
        /// The run.
        run: RunId,
        /// The first byte.
        from: u64,
        /// At most this many bytes.
        max: u32,
    },
    /// How the plan file differs from the plan that was taken in.
    PlanDiff,
}

/// A line from the engine to a client. A client passes over kinds that it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum EngineMessage {
    /// The answer to a hello. The state follows in [`EngineMessage::State`] lines, then events as they happen.
    Welcome {
        /// The engine's [`super::PROTO`].
        proto: u32,
        /// The engine's version.
        version: String,
        /// The launch.
        launch: LaunchId,
        /// Who the client is to the engine.
        you: Operator,
        /// Whether this link may only look.
        observe: bool,
        /// Now, on the launch's timeline.
        now: Timestamp,
        /// What to add to the timeline for the wall clock.
        wall: Span,
        /// When this person's last screen was here, for a screen of somebody who has been here and has no other one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_here: Option<LastHere>,
    },
    /// A piece of the state's JSON text; the pieces joined are one `LaunchState`. Comes once after the welcome, and again
    /// where an event is too long for a line (a plan taken in): it then replaces the client's state, and the event
    /// follows with an empty outline.
    State {
        /// The piece.
        json: String,
        /// Whether more follow.
        more: bool,
    },
    /// Something happened.
    Event(Box<Recorded>),
    /// How signals and conditions are; only what changed since the last one, everything in the first. What is no longer
    /// there comes as [`EngineMessage::Gone`].
    Telemetry {
        /// Now, on the launch's timeline.
        at: Timestamp,
        /// Signals that changed.
        signals: Vec<SignalView>,
        /// Conditions that changed.
        conditions: Vec<ConditionView>,
        /// The rest of the same moment follows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// Signals and conditions that are no longer there.
    Gone {
        /// Signals that were let go, or that a new plan left out.
        signals: Vec<SignalId>,
        /// Conditions that no longer matter.
        conditions: Vec<ConditionOf>,
    },
    /// A piece of the followed run's output.
    Output {
        /// The run.
        run: RunId,
        /// Where the piece begins.
        offset: u64,
        /// The bytes, in base64.
        data: String,
        /// How long the output is now.
        total: u64,
    },
    /// Commands that wait for a line of input, all of them; comes where that changes.
    Asking {
        /// Their runs.
        runs: BTreeMap<RunId, Asks>,
    },
    /// The processes of the commands that run, all of them; comes where that changes.
    Processes {
        /// By their runs; on the engine's machine.
        runs: BTreeMap<RunId, i32>,
    },
    /// How each `[[criterion]]` stands up to the last reading, all of them; comes where that changes.
    Criteria {
        /// By their ids.
        of: BTreeMap<String, CriterionState>,
    },
    /// What keeps the engine from its work, all of it; comes after the state, and where it changes.
    Trouble(Trouble),
    /// The answer to an order: the event that answers it, or why it was not taken.
    Reply {
        /// The order.
        id: OrderId,
        /// The outcome.
        result: Result<Seq, Rejection>,
    },
    /// A part of an answer to a `get`.
    Part {
        /// The client's number.
        id: u64,
        /// Whether more parts follow.
        more: bool,
        /// The part.
        answer: Answer,
    },
    /// Who is attached.
    Here {
        /// Everyone, the receiver included.
        people: Vec<Person>,
    },
    /// The link ends.
    Goodbye {
        /// Why.
        why: String,
    },
}

/// When a person's screen was here last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastHere {
    /// The last event that it could show.
    pub head: Seq,
    /// When.
    pub at: Timestamp,
}

/// What keeps the engine from its work; nothing where all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Secrets that have no value here, or another one than before, each with the reason and the way out.
    #[serde(default)]
    pub secrets: Vec<MissingSecret>,
    /// That nothing can be written into the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<Unwritten>,
    /// How the plan's file differs from the plan that the launch runs: it was changed, is wrong, or can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Why nobody heard the heartbeat, so that somebody else may take the engine for dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<String>,
    /// What the engine's machine was found to have of what the launch needs; none before the first look, and where the
    /// engine looks no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Found>,
}

/// Someone who is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub who: Operator,
    /// When they came, on the launch's timeline.
    pub since: Timestamp,
    /// Their link may only look.
    pub observe: bool,
}

/// A part of an answer to a [`Query`]; `more` in [`EngineMessage::Part`] says whether others follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Events. The outline in one is empty where it would be too long for a line.
    Events(Vec<Recorded>),
    /// The past of one signal.
    History(Series),
    /// Output bytes.
    Output {
        /// Where the piece begins.
        offset: u64,
        /// The bytes, in base64.
        data: String,
        /// How long the output is now.
        total: u64,
    },
    /// How the plan file differs.
    PlanDiff {
        /// SHA-256 of the file's text now.
        hash: String,
        /// The difference, a line each, with ` `, `+` or `-` in front; empty where there is none.
        lines: Vec<String>,
        /// What is wrong with it; it can be taken in only where nothing is.
        problems: Vec<String>,
    },
    /// It can't be answered, and why, as a lower-case fragment.
    Failed(String),
}

/// The past of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Which.
    pub signal: SignalId,
    /// When the first bucket begins.
    pub from: Timestamp,
    /// How long each bucket is.
    pub bucket: Span,
    /// Minimum, mean and maximum of each bucket; none where nothing was measured.
    pub values: Vec<Option<[crate::core::units::Finite; 3]>>,
}
