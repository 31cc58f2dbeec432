//! The state of what goes wrong and of what is done about it: triggers, ways back, incidents. Like [`super::state`] only
//! `apply` writes it.

use serde::{Deserialize, Serialize};

use super::LaunchState;
use crate::core::event::{Evidence, IncidentState, RollbackItem};
use crate::core::ids::{Instance, RoleId, StepId, TriggerId};
use crate::core::order::{Operator, Way};
use crate::core::time::{Span, Timestamp};

/// A trigger in the course of the launch. Pending clocks are computed from readings, never stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerState {
    /// It fired and has not cleared.
    pub fired: Option<Fired>,
    /// It led to a rollback and must be false once before it may fire again: readings count from here. One that people
    /// fire they may fire again at any time.
    pub disarmed: Option<Timestamp>,
    /// How often it fired.
    pub times: u32,
    /// When it last cleared; see [`LaunchState::trigger_since`].
    #[serde(default)]
    pub cleared: Option<Timestamp>,
}

impl LaunchState {
    /// From when on readings count for a trigger. The journal knows that it was clear once; the readings that said so may
    /// be lost with the engine that took them.
    pub fn trigger_since(&self, trigger: &TriggerId) -> Timestamp {
        let cleared = self.triggers.get(trigger).and_then(|t| t.cleared);
        cleared.filter(|at| *at < self.engine_since).unwrap_or(self.opened)
    }
}

/// A trigger that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// When the engine found that its clock was full, or a person said so.
    pub at: Timestamp,
    /// The instance that did it.
    pub instance: Option<Instance>,
    /// The reading that filled its clock, as it was at that moment; where a person fired it, the question and the answer.
    pub evidence: Evidence,
    /// The person who fired it; none where its condition did.
    #[serde(default)]
    pub by: Option<Operator>,
    /// Someone answers for not following it: who and why.
    pub dismissed: Option<(Operator, String)>,
    /// Someone is on it: who, and what they do.
    #[serde(default)]
    pub acked: Option<Said>,
}

/// A way back in its course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackState {
    /// One stage, all that ever started, or a rollback that the plan names.
    pub way: Way,
    /// What people read: the title of the plan's rollback, or which stage is undone.
    pub title: String,
    /// What it does, in order.
    pub items: Vec<RollbackItem>,
    /// The steps that count as undone when it is done.
    pub undoes: Vec<StepId>,
    /// Steps that had begun and have no undo: it leaves them as they are.
    #[serde(default)]
    pub stays: Vec<StepId>,
    /// When it began.
    pub started: Timestamp,
    /// Who began it.
    pub by: Operator,
    /// The trigger that led to it.
    pub trigger: Option<TriggerId>,
    /// Why.
    pub why: String,
    /// The item under way or stopped at; `items.len()` when all are done.
    pub next: usize,
    /// Where it stands.
    pub status: RollbackStatus,
    /// Whether the item under way has run and its requirements are awaited, and since when.
    pub awaiting: Option<Timestamp>,
}

/// Where a way back stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RollbackStatus {
    /// Its items are done one after the other.
    Running,
    /// An item failed or was interrupted; nothing after it runs until a person says how to go on.
    Stopped {
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
    /// Given up where it stood.
    Left {
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
    /// Done.
    Done {
        /// When.
        at: Timestamp,
        /// How long it took.
        took: Span,
    },
}

/// Something that is wrong, with a severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The severity now: 1 (worst) to 4.
    pub level: u8,
    /// What is wrong, in the words of whoever opened or last changed it; may be empty.
    pub text: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// Who opened it.
    pub by: Operator,
    /// When it got which severity, oldest first; the last is `level`.
    #[serde(default)]
    pub levels: Vec<(Timestamp, u8)>,
    /// Who is on it, since when, and what they said they do.
    #[serde(default)]
    pub answered: Option<Said>,
    /// The newest update.
    #[serde(default)]
    pub updated: Option<Said>,
    /// When and by whom it was closed.
    pub resolved: Option<(Timestamp, Operator)>,
    /// How far people are with it.
    #[serde(default)]
    pub state: IncidentState,
    /// When people were how far, oldest first; empty while it is being investigated from its opening on.
    #[serde(default)]
    pub states: Vec<(Timestamp, IncidentState)>,
    /// Who was called, oldest first.
    #[serde(default)]
    pub calls: Vec<Call>,
}

impl Incident {
    /// One that is opened now.
    pub fn new(level: u8, text: impl Into<String>, opened: Timestamp, by: Operator) -> Self {
        Self {
            level,
            text: text.into(),
            opened,
            by,
            levels: vec![(opened, level)],
            answered: None,
            updated: None,
            resolved: None,
            state: IncidentState::Investigating,
            states: Vec::new(),
            calls: Vec::new(),
        }
    }
}

/// A call about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// When.
    pub at: Timestamp,
    /// Who was called, as a role.
    pub role: RoleId,
    /// Who of it, by name.
    pub who: String,
    /// It was the role's backup.
    pub backup: bool,
    /// They answered.
    pub answered: bool,
    /// Who called.
    pub by: Operator,
    /// What was said; may be empty.
    pub text: String,
}

/// What somebody said, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Operator,
    /// What; may be empty.
    pub text: String,
}
