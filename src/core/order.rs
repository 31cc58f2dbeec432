//! What an operator asks. The engine accepts an order as events, or answers a [`Rejection`] with the reason and the way
//! out. Orders name what they saw (attempt, round), so that of two people who press at once one wins and the other is
//! told why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, OrderId, RoleId, RollbackId, RunId, SignalId, StepId, TriggerId, WatchId};
use super::incident_state::IncidentState;
use super::notice::Muted;
use super::time::Timestamp;
use super::watch::CheckAct;

pub use super::rejection::Rejection;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Operator {
    /// The name: the kernel's for the user of the connection, or the declared one.
    pub name: String,
    /// Whether the name was only declared (`--as`), not known from the kernel.
    #[serde(default)]
    pub declared: bool,
    /// Which connection, so that a second approval comes from another one.
    #[serde(default)]
    pub session: u64,
}

/// `ana`, `mia (declared)`.
impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&if self.declared { format!("{} (declared)", self.name) } else { self.name.clone() })
    }
}

/// One order with its sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Made by the client; a repeated id gets the first reply again.
    pub id: OrderId,
    /// Who asks.
    pub by: Operator,
    /// What for.
    pub what: What,
}

/// What can be ordered. `tminus do` spells each of them; the screen's keys send the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Start a step: its command, its soak, or claim it when it is done by hand. For a gate: open the poll.
    Run {
        /// The step.
        step: StepId,
        /// The attempt this would be, counted from 1; what the sender saw plus one.
        attempt: u32,
    },
    /// Run a command that is not in the plan, on the record, as a step of its own. A hold does not stand against it: it
    /// stops the plan's steps, and who looks for the cause must be able to look.
    Sh {
        /// The command, as given to the plan's shell. Its text is on record.
        command: String,
    },
    /// Tick or untick a box.
    Tick {
        /// The step.
        step: StepId,
        /// Which of its items, counted from 0; none for a step without items.
        item: Option<usize>,
        /// On or off.
        on: bool,
    },
    /// A step done by hand is done.
    Done {
        /// The step.
        step: StepId,
        /// For a step that is not done by hand (a failed one, say): why it counts as done. An override.
        why: Option<String>,
    },
    /// A step is not done this time.
    Skip {
        /// The step.
        step: StepId,
        /// Why.
        why: String,
        /// It does not apply (n/a), rather than being left out.
        not_applicable: bool,
    },
    /// Stop a running step.
    Stop {
        /// The step.
        step: StepId,
        /// The attempt that the sender saw running.
        attempt: u32,
        /// For a step that asks: let its command finish instead of signalling it.
        let_finish: bool,
    },
    /// Stop a running step though the plan lets its command finish: an override.
    StopNow {
        /// The step.
        step: StepId,
        /// The attempt that the sender saw running.
        attempt: u32,
        /// The environment's name, typed.
        typed: String,
        /// Why it can't be waited for.
        why: String,
    },
    /// Send a line to a step's command.
    Input {
        /// The run.
        run: RunId,
        /// The line, without its end. Never journalled.
        line: String,
    },
    /// Say what a step's `output` is, where its command did not: it was done by hand, say.
    Output {
        /// Its name.
        name: String,
        /// What later commands receive: one line.
        value: String,
        /// How the person knows.
        why: String,
    },
    /// Say what became of an interrupted run.
    Resolve {
        /// The run.
        run: RunId,
        /// What the person found.
        found: Found,
        /// How they know.
        why: String,
    },
    /// Do something about a check of a watch that is due.
    Check {
        /// The watch.
        watch: WatchId,
        /// The check that the sender saw.
        check: u32,
        /// What.
        act: CheckAct,
    },
    /// Vote at an open gate.
    Vote {
        /// The gate.
        gate: StepId,
        /// The round that the sender saw.
        round: u32,
        /// For which role.
        role: RoleId,
        /// The vote.
        vote: Ballot,
        /// Why; needed for no-go.
        why: Option<String>,
    },
    /// The lead decides an open gate.
    Decide {
        /// The gate.
        gate: StepId,
        /// The round that the sender saw.
        round: u32,
        /// Go or no-go.
        go: bool,
        /// Why; needed for no-go and for a go over an unmet requirement or a missing vote.
        why: Option<String>,
    },
    /// Agree to the start of a step that needs more than one person.
    Approve {
        /// The step.
        step: StepId,
        /// The attempt this would be.
        attempt: u32,
        /// Alone, with a reason: an override that stays visible.
        alone: Option<String>,
    },
    /// No new step starts until released.
    Hold {
        /// Why.
        why: String,
    },
    /// Release a hold.
    Release {
        /// Whose, by name; `engine`'s too. Without it: one's own, or the only one.
        #[serde(default)]
        of: Option<String>,
        /// Its reason as the sender saw it: a reason that came since is not released with it. None: whatever it is.
        #[serde(default)]
        seen: Option<String>,
        /// Why.
        why: String,
    },
    /// Open an incident, or change one.
    Severity {
        /// The incident to change, or a new one.
        incident: Option<u32>,
        /// 1 (worst) to 4.
        level: u8,
        /// What is wrong; may be empty and filled in later.
        text: String,
    },
    /// Say what is wrong, anew; the severity stays.
    Describe {
        /// The incident.
        incident: u32,
        /// What is wrong.
        text: String,
    },
    /// The sender is on it from now on. Opening an incident does not say so.
    Respond {
        /// The incident.
        incident: u32,
        /// What they do; may be empty.
        text: String,
    },
    /// Tell people how it goes.
    Update {
        /// The incident.
        incident: u32,
        /// How it goes.
        text: String,
    },
    /// Say how far people are with an incident.
    Move {
        /// The incident.
        incident: u32,
        /// How far they are; `resolved` is an order of its own.
        to: IncidentState,
        /// What they do or found; may be empty.
        text: String,
    },
    /// Somebody was called about an incident, as its escalation says or beside it.
    Called {
        /// The incident.
        incident: u32,
        /// The role that was called.
        role: RoleId,
        /// It was the role's backup.
        #[serde(default)]
        backup: bool,
        /// They answered. Where not, their backup comes next, then the next role.
        answered: bool,
        /// What was said; may be empty.
        text: String,
    },
    /// Close an incident.
    Resolved {
        /// The incident.
        incident: u32,
        /// What it was.
        text: String,
    },
    /// Write into the log.
    Note {
        /// The text.
        text: String,
    },
    /// Note for the plan's author what is to be mended in it. Also when the launch is over.
    Fix {
        /// The step that it is about; none where it is about the plan.
        #[serde(default)]
        step: Option<StepId>,
        /// What is to be mended.
        text: String,
    },
    /// Start a way back.
    Rollback {
        /// Which.
        way: Way,
        /// The trigger that led to it.
        trigger: Option<TriggerId>,
        /// The environment's name, typed, where something is lost or its requirements do not hold.
        typed: Option<String>,
        /// Why.
        why: String,
    },
    /// A rollback that stopped: try its failed item again.
    RollbackAgain {
        /// Which rollback of this launch, counted from 1.
        rollback: u32,
        /// The item that stopped, counted from 0.
        item: usize,
    },
    /// A rollback that stopped: its failed item was done by hand.
    RollbackByHand {
        /// Which rollback of this launch, counted from 1.
        rollback: u32,
        /// The item that stopped, counted from 0.
        item: usize,
        /// How the person knows.
        why: String,
    },
    /// A rollback that stopped is given up where it stands; another may be started.
    RollbackLeave {
        /// Which rollback of this launch, counted from 1.
        rollback: u32,
        /// Why.
        why: String,
    },
    /// What a way back that was left half done left is put right by other means; it is not told of any more.
    RollbackSettled {
        /// Which rollback of this launch, counted from 1.
        rollback: u32,
        /// How.
        why: String,
    },
    /// Fire a trigger that people fire: the answer to its question is yes.
    Fire {
        /// The trigger.
        trigger: TriggerId,
        /// What was seen.
        why: String,
    },
    /// What a trigger that people fire was fired for is over; it is armed again.
    Clear {
        /// The trigger.
        trigger: TriggerId,
        /// How they know.
        why: String,
    },
    /// A fired trigger was seen, and a person answers for not following it.
    Dismiss {
        /// The trigger.
        trigger: TriggerId,
        /// Why.
        why: String,
    },
    /// The sender knows and is on it: backups are not told.
    Acknowledge {
        /// Notices that the sender saw, by their numbers.
        notices: Vec<u32>,
        /// Fired triggers that the sender saw, also those that no notice tells of.
        triggers: Vec<TriggerId>,
        /// What they do; may be empty.
        text: String,
    },
    /// Silence: nothing is sent of it for a while. It is evaluated as before.
    Mute {
        /// Of what.
        of: Muted,
        /// For how long, from now on; at most a day.
        span: super::time::Span,
        /// Why.
        why: String,
    },
    /// End a mute.
    Unmute {
        /// Of what.
        of: Muted,
    },
    /// Send a message that says that it is a test.
    NotifyTest {
        /// By which channel.
        channel: ChannelId,
    },
    /// An instance that vanished, is missing or fails no longer counts: no limit, trigger or gate looks at any of its
    /// measures. Once it answers and is well it counts again, also should it go once more.
    Forget {
        /// Any signal of the instance.
        signal: SignalId,
        /// Why.
        why: String,
    },
    /// Capture the normal of a probe's signals from the last `over`.
    Baseline {
        /// The probe, or all.
        probe: Option<super::ids::ProbeId>,
        /// How far back.
        over: super::time::Span,
    },
    /// Move T-0, and with it everything that counts from it and has not begun.
    Slip {
        /// T-0 as the sender saw it.
        from: Timestamp,
        /// T-0 as it is to be; may be earlier, also past.
        to: Timestamp,
        /// Why.
        why: String,
    },
    /// Let a step start though its window is closed (the lead). An override.
    Outside {
        /// The step.
        step: StepId,
        /// The attempt this would be.
        attempt: u32,
        /// Why.
        why: String,
    },
    /// Take or hand over the lead.
    Lead {
        /// Who leads from now on.
        name: String,
        /// Why, where nobody known goes by that name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// The names of those who are attached: said by who takes the order in, whatever the sender wrote there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        here: Vec<String>,
    },
    /// Hand the shift over, with what stands now and what the sender adds. The sender stays on it until it is accepted.
    Handover {
        /// To whom, by name; the next one of the plan unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// What the next one must know beside what tminus knows; may be empty.
        text: String,
    },
    /// The sender accepts a handover, and is on shift from now on.
    Accept {
        /// Which, as the sender read it.
        handover: u32,
    },
    /// The sender is on shift from now on, without a handover that was written for them. An override.
    TakeOver {
        /// Who was on shift as the sender saw it, by name.
        from: String,
        /// Why.
        why: String,
    },
    /// Take in the plan file as it is now.
    Adopt {
        /// The text's SHA-256 that the sender saw in the difference.
        hash: String,
    },
    /// End the launch. It can't be undone.
    End {
        /// The environment's name, typed.
        typed: String,
        /// Why.
        why: String,
    },
}

impl What {
    /// That somebody leads from now on.
    pub fn lead(name: impl Into<String>) -> Self {
        Self::Lead { name: name.into(), why: None, here: Vec::new() }
    }
}

/// What a person found out about an interrupted run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// It did its work.
    Done,
    /// It did not; the step counts as failed and may run again.
    NotDone,
}

/// What a role says at a gate. Neither decides: the lead does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ballot {
    /// Go.
    Go,
    /// No-go.
    NoGo,
}

/// What a way back takes back, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// One stage: undo this step, the newest that started.
    Stage(StepId),
    /// Undo every step that ever started, newest first.
    All,
    /// A rollback that the plan names.
    Named(RollbackId),
}
