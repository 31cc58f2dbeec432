//! A step of the plan as the launch carries it: what is done, what must hold, how it is undone, who is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Since;
use crate::core::condition::Condition;
use crate::core::ids::{PhaseId, RoleId, StepId};
use crate::core::time::{Offset, Span};
use crate::core::window::DayTime;

/// A step with all its aspects. With none of them it is one box to tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutline {
    /// Its id.
    pub id: StepId,
    /// Its title.
    pub title: String,
    /// The phase it stands in; for a rollback's step the rollback's id.
    pub phase: PhaseId,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleId>,
    /// How long it is expected to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Span>,
    /// When it becomes due, beyond its phase's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Offset>,
    /// The same counted from what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The time of day before which it is not due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DayTime>,
    /// Steps that must be over first: written ones, those of phases it comes after, and the gates above it in its phase.
    #[serde(default)]
    pub after: Vec<StepId>,
    /// Boxes to tick.
    #[serde(default)]
    pub items: Vec<String>,
    /// The command, as given to the shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Variables of its row of `each`, which commands receive too.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// Limit of the command alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Must hold after the command, all of them.
    #[serde(default)]
    pub verify: Vec<Condition>,
    /// How long `verify` must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak: Option<Span>,
    /// Limit of the whole step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Span>,
    /// Any of these ends it at once.
    #[serde(default)]
    pub fail: Vec<Condition>,
    /// What a failure does beyond failing.
    #[serde(default)]
    pub on_fail: OnFail,
    /// How it is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Where it is a gate: what it requires, and who votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// How many people must agree before it starts, the one who starts it among them. 0 and 1 mean no one else.
    #[serde(default)]
    pub approvals: u8,
    /// What becomes of its command when someone stops it.
    #[serde(default)]
    pub on_stop: OnStop,
    /// It starts by itself when due, but never past a hold or after a gap.
    #[serde(default)]
    pub auto: bool,
    /// Its command may be sent lines of input.
    #[serde(default)]
    pub input: bool,
    /// The name under which the last line of its command's output reaches later commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// The question a gate asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Must hold when the lead decides; `go` over an unmet one is an override.
    #[serde(default)]
    pub require: Vec<Condition>,
    /// Roles that vote; the lead decides.
    #[serde(default)]
    pub poll: Vec<RoleId>,
    /// How long an opened poll stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Span>,
}

/// How a step is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The command.
    pub run: String,
    /// Must hold before the next undo may start, all of them.
    #[serde(default)]
    pub require: Vec<Condition>,
    /// Limit of the command; and of the wait for `require` after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// How long it is expected to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Span>,
}

/// What a step's failure does beyond failing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFail {
    /// The launch holds.
    #[default]
    Hold,
    /// The launch holds and the way back is offered.
    Propose,
}

/// What becomes of a running command when someone stops its step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnStop {
    /// The person is asked: signal it or let it finish.
    #[default]
    Ask,
    /// Signal, grace, kill of the group.
    Signal,
    /// It is let finish (a migration); only who types the environment's name and says why stops it.
    Finish,
}

impl StepOutline {
    /// A step that runs a command and nothing else.
    pub fn command(id: StepId, title: String, phase: PhaseId, run: &str) -> Self {
        Self {
            id,
            title,
            phase,
            owner: None,
            estimate: None,
            at: None,
            since: None,
            not_before: None,
            after: Vec::new(),
            items: Vec::new(),
            run: Some(run.to_owned()),
            vars: BTreeMap::new(),
            timeout: None,
            verify: Vec::new(),
            soak: None,
            limit: None,
            fail: Vec::new(),
            on_fail: OnFail::Hold,
            undo: None,
            gate: None,
            approvals: 0,
            on_stop: OnStop::Ask,
            auto: false,
            input: false,
            output: None,
        }
    }

    /// Whether a person does it by hand: nothing runs, nothing is asked.
    pub fn by_hand(&self) -> bool {
        self.run.is_none() && self.gate.is_none()
    }

    /// Whether a tick begins and ends it: done by hand, with nothing that must hold afterwards.
    pub fn is_ticked(&self) -> bool {
        self.by_hand() && self.verify.is_empty() && self.soak.is_none()
    }

    /// The boxes of this step on a checklist: its items, or itself.
    pub fn boxes(&self) -> usize {
        self.items.len().max(1)
    }
}
