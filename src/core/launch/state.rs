//! The state as data. Only `apply` writes it; everything that can be derived is derived.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CriterionState, Hold, Incident, Kept, Notices, RollbackState, Said, Shifts, TriggerState, WatchState};
use crate::core::event::{Actor, Baseline, Evidence, Mode, RunEnd};
use crate::core::ids::{
    Instance, LaunchId, OrderId, ProbeId, RoleId, RunId, RunKind, Seq, SignalId, StepId, TriggerId, WatchId,
};
use crate::core::order::{Ballot, Operator};
use crate::core::outline::{Outline, StepOutline};
use crate::core::practice::Practice;
use crate::core::time::{Span, Timestamp};

/// Everything that is known of a launch, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchState {
    /// The name of its directory, as `wallet.production.2025-11-21.1`: plan, environment, day and a count.
    pub id: LaunchId,
    /// Live or rehearsal.
    pub mode: Mode,
    /// How it is rehearsed; none in a live launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<Practice>,
    /// The last event folded in.
    pub head: Seq,
    /// When that event happened, on the launch's timeline. No event is older than the one before it.
    pub last_at: Timestamp,
    /// When it was opened.
    pub opened: Timestamp,
    /// The planned moment from which offsets count.
    pub t0: Timestamp,
    /// The plan as it was taken in last, with vars filled in and `each` written out.
    pub outline: Arc<Outline>,
    /// SHA-256 of the plan's text, 64 hexadecimal digits.
    pub plan_hash: String,
    /// The name of the person who decides gates and ends the launch.
    pub lead: String,
    /// It was opened under a declared name: several people share the account, and who gives no name in it observes.
    #[serde(default)]
    pub shared: bool,
    /// Where it stands as a whole.
    pub status: Status,
    /// A stop that no new step passes: the oldest that stands.
    pub hold: Option<Hold>,
    /// The holds that stand beside it, oldest first; one a person, and one of the engine. Each is released by itself.
    #[serde(default)]
    pub more_holds: Vec<Hold>,
    /// One entry a step, those of named rollbacks included.
    pub steps: BTreeMap<StepId, StepState>,
    /// Steps that people added beside the plan, oldest first. They stand in `outline` too, in a phase of their own.
    #[serde(default)]
    pub added: Vec<StepOutline>,
    /// What commands gave to later ones, by name.
    #[serde(default)]
    pub outputs: BTreeMap<String, Kept>,
    /// Runs that have started, with their ends.
    pub runs: BTreeMap<RunId, RunState>,
    /// One entry a trigger.
    pub triggers: BTreeMap<TriggerId, TriggerState>,
    /// Every way back taken, oldest first; its number is its index plus one.
    pub rollbacks: Vec<RollbackState>,
    /// Every incident, oldest first; its number is its index plus one.
    pub incidents: Vec<Incident>,
    /// One entry a watch.
    #[serde(default)]
    pub watches: BTreeMap<WatchId, WatchState>,
    /// What is on record of success over time, one entry a criterion.
    #[serde(default)]
    pub criteria: BTreeMap<String, CriterionState>,
    /// What people are told, acknowledge and mute.
    #[serde(default)]
    pub notices: Notices,
    /// Who took over the shift, and what is handed over.
    #[serde(default)]
    pub shifts: Shifts,
    /// Whether our own side sees anything, where the plan names a vantage.
    #[serde(default)]
    pub side: super::Side,
    /// The normal of each signal as it was captured last; what `baseline` stands for in a condition.
    pub baselines: BTreeMap<SignalId, Baseline>,
    /// Which parts of the scenario have begun: since when, and until when where that is over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub injections: BTreeMap<usize, (Timestamp, Option<Timestamp>)>,
    /// What is to be mended in the plan, as people noted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
    /// Instances that no longer count, until they are back.
    pub forgotten: Vec<(ProbeId, Instance)>,
    /// When an instance of a probe was let go last: what was false before is not taken back by that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub let_go: BTreeMap<ProbeId, Timestamp>,
    /// When the present engine took up the launch: readings and automatic starts count from here after a gap.
    pub engine_since: Timestamp,
    /// Why the last engine ended; none while one runs, and after one that ended without a word.
    #[serde(default)]
    pub engine_ended: Option<String>,
    /// Since when a probe asks what it asks now, where a changed plan made it ask something else.
    pub asked_since: BTreeMap<ProbeId, Timestamp>,
    /// Runs that the engine found, and of which the plan in force has no step: no way back undoes what they did.
    pub unplanned: BTreeSet<RunId>,
    /// The version of the present engine, or of the last one; none in the state of an older version.
    #[serde(default)]
    pub engine_version: Option<String>,
    /// How many engines have taken it up, the present one among them.
    pub engines: u32,
    /// Time in which no engine ran, newest last: (from, to). Clocks of people stand still in it.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// What to add to the launch's timeline for the clock on the wall, as the engine saw it last.
    #[serde(default)]
    pub wall: Span,
    /// Orders that were taken, with the event that answers each; the newest 1,000.
    pub orders: BTreeMap<OrderId, Seq>,
}

/// Something to be mended in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// When it was noted.
    pub at: Timestamp,
    /// Who noted it.
    pub by: Operator,
    /// The step that it is about; none where it is about the plan.
    pub step: Option<StepId>,
    /// What is to be mended.
    pub text: String,
}

impl Fix {
    /// `deploy: the script wants sudo`.
    pub fn words(&self) -> String {
        self.step.as_ref().map_or_else(|| self.text.clone(), |step| format!("{step}: {}", self.text))
    }
}

/// Where the launch stands as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Under way.
    #[default]
    Live,
    /// A way back is under way or stopped: its number.
    RollingBack(u32),
    /// A way back was completed and no step has started since: its number.
    RolledBack(u32),
    /// Over.
    Ended {
        /// When.
        at: Timestamp,
        /// Who ended it.
        by: Operator,
        /// Why.
        why: String,
    },
}

/// A step in the course of the launch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// Where it stands.
    pub status: StepStatus,
    /// The newest attempt; 0 before the first.
    pub attempt: u32,
    /// How many runs of its `undo` have started.
    pub undo_attempts: u32,
    /// The boxes that are ticked, counted from 0 in the order of `items`.
    pub ticks: BTreeMap<usize, Tick>,
    /// Whether it ever started since it was last undone: then the way back covers it.
    pub touched: bool,
    /// When the newest attempt started.
    pub started: Option<Timestamp>,
    /// When the first attempt started since it was undone, or at all.
    #[serde(default)]
    pub begun: Option<Timestamp>,
    /// Who started the newest attempt; the engine for a step that is `auto`.
    pub started_by: Option<Actor>,
    /// Who has agreed that the next attempt may start; emptied when it does.
    pub approvals: Vec<Approval>,
    /// What was passed over for it, in words. Never emptied, so that it stays visible.
    pub overrides: Vec<String>,
    /// How many of those were for attempts that failed or were undone.
    #[serde(default)]
    pub overridden_before: usize,
    /// For a gate: the newest poll.
    pub poll: Option<PollState>,
    /// What it had come to when it last went back with a step that was undone. It counts for nothing; it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Was>,
    /// Who asked for the end of the newest attempt, be it of its command, its soak, or by hand.
    #[serde(default)]
    pub stopped_by: Option<Operator>,
    /// The attempt that may start outside its window, because the lead said so.
    #[serde(default)]
    pub outside: Option<u32>,
    /// When its newest soak last broke: what an engine that takes up the launch may count from.
    #[serde(default)]
    pub broke: Option<Timestamp>,
    /// Since when there is no data for what must hold after it, where that was put on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Timestamp>,
}

impl StepState {
    /// Whether it asks again since a step was undone on which it rested; it was not undone itself.
    pub fn asks_again(&self) -> bool {
        matches!(self.status, StepStatus::Undone { .. }) && self.was.is_some()
    }

    /// Whether what would begin next is another attempt, in which no box counts that was ticked.
    pub fn begins_anew(&self) -> bool {
        matches!(self.status, StepStatus::Failed { .. })
    }
}

/// What a gate or a step of boxes had come to before a step was undone on which it rested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Was {
    /// The step that was undone.
    pub since: StepId,
    /// Where it stood.
    pub status: StepStatus,
    /// The boxes that were ticked, as in [`StepState::ticks`].
    pub ticks: BTreeMap<usize, Tick>,
}

/// A ticked box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Operator,
}

/// Someone's agreement to a step's start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: Operator,
    /// When.
    pub at: Timestamp,
    /// Where one person stands for several: the reason that they gave.
    pub alone: Option<String>,
}

/// The votes at a gate, from the opening of a poll to its decision or its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollState {
    /// How many polls this gate has had, this one included; a vote names it, so that a late one can't count in the
    /// next.
    pub round: u32,
    /// When it was opened.
    pub opened: Timestamp,
    /// The newest vote of each role.
    pub votes: BTreeMap<RoleId, Vote>,
}

/// A vote at a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Go or no-go.
    pub vote: Ballot,
    /// Who.
    pub by: Operator,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: Option<String>,
}

/// Where a step stands. *Due* is not here: it is derived from time, `after` and the hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum StepStatus {
    /// Not begun.
    #[default]
    Todo,
    /// Its command runs.
    Running {
        /// The run.
        run: RunId,
    },
    /// Its command ended well (or it has none) and its `verify` must hold, for its `soak`.
    Soaking {
        /// The anchor of the soak's clock.
        since: Timestamp,
        /// Whether the newest look found it broken.
        broken: bool,
    },
    /// A person has begun it by hand.
    Claimed,
    /// A gate whose poll is open.
    Polling,
    /// Done.
    Done {
        /// When it was done, on the launch's timeline.
        at: Timestamp,
        /// Who or what says so.
        by: Actor,
        /// Why it counts as done though it was not.
        over: Option<String>,
    },
    /// Its command, its `verify` within the `limit`, or one of its `fail` conditions went wrong. A retry is a new
    /// attempt.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
        /// What that rested on.
        evidence: Vec<Evidence>,
    },
    /// A gate that was decided no-go.
    NoGo {
        /// When.
        at: Timestamp,
        /// Who decided.
        by: Operator,
        /// Why.
        why: Option<String>,
    },
    /// A gate whose poll ran out.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Left out, or not applicable.
    Skipped {
        /// When.
        at: Timestamp,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
        /// It does not apply.
        not_applicable: bool,
    },
    /// The end of its run was not observed; a person must say what happened.
    Interrupted {
        /// Since when that is known.
        at: Timestamp,
        /// The run.
        run: RunId,
    },
    /// Its undo runs.
    Undoing {
        /// The run.
        run: RunId,
    },
    /// Undone; it may run again.
    Undone {
        /// When.
        at: Timestamp,
    },
}

impl StepStatus {
    /// Whether what waits for the step may go on: done (also by override), left out, or not applicable.
    pub fn is_over(&self) -> bool {
        matches!(self, StepStatus::Done { .. } | StepStatus::Skipped { .. })
    }

    /// The status as a word or two, as people read it.
    pub fn word(&self) -> &'static str {
        match self {
            StepStatus::Todo => "not begun",
            StepStatus::Running { .. } => "running",
            StepStatus::Soaking { broken: true, .. } => "soak broken",
            StepStatus::Soaking { .. } => "soaking",
            StepStatus::Claimed => "in progress",
            StepStatus::Polling => "waits for a decision",
            StepStatus::Done { over: Some(_), .. } => "done by override",
            StepStatus::Done { .. } => "done",
            StepStatus::Failed { .. } => "failed",
            StepStatus::NoGo { .. } => "no-go",
            StepStatus::Expired { .. } => "expired",
            StepStatus::Skipped { not_applicable: true, .. } => "n/a",
            StepStatus::Skipped { .. } => "skipped",
            StepStatus::Interrupted { run, .. } if run.kind == RunKind::Undo => "undo interrupted",
            StepStatus::Interrupted { .. } => "interrupted",
            StepStatus::Undoing { .. } => "undoing",
            StepStatus::Undone { .. } => "undone",
        }
    }

    /// Whether something is going on: a command, a soak, a person, a poll, an undo.
    pub fn is_active(&self) -> bool {
        matches!(
            self,
            StepStatus::Running { .. }
                | StepStatus::Soaking { .. }
                | StepStatus::Claimed
                | StepStatus::Polling
                | StepStatus::Undoing { .. }
        )
    }
}

/// The terminal that a command gets: columns and rows.
pub const TERMINAL: (u16, u16) = (120, 40);

/// A run that has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunState {
    /// When its start was written down, which is just before the command began.
    pub started: Timestamp,
    /// Columns of its terminal.
    pub cols: u16,
    /// Rows of its terminal.
    pub rows: u16,
    /// How it ended, and when.
    pub end: Option<(Timestamp, RunEnd)>,
    /// Someone asked for its end.
    pub stopping: bool,
    /// The person who did, where it was one.
    #[serde(default)]
    pub stopped_by: Option<Operator>,
    /// The person who said that it is let finish.
    #[serde(default)]
    pub let_finish: Option<Operator>,
    /// Processes that it started run on in the background.
    #[serde(default)]
    pub left_running: bool,
    /// It failed without input and may have asked for some: why that is thought, and the way out.
    #[serde(default)]
    pub asked: Option<String>,
    /// Nobody observed its end: who said that it did its work, and how they know.
    #[serde(default)]
    pub found_done: Option<Said>,
}

impl RunState {
    /// One that starts now, on a terminal of this size.
    pub fn new(started: Timestamp, cols: u16, rows: u16) -> Self {
        Self {
            started,
            cols,
            rows,
            end: None,
            stopping: false,
            stopped_by: None,
            let_finish: None,
            left_running: false,
            asked: None,
            found_done: None,
        }
    }

    /// Whether it exited with 0 and nobody had asked for its end: how far a command came that was told to stop, its exit
    /// status does not say.
    pub fn succeeded(&self) -> bool {
        !self.stopping && self.end.as_ref().is_some_and(|(_, end)| end.succeeded())
    }

    /// How it ended, as the end of a sentence: `exited with 1 after 9s`, `was stopped by ana (exited with 0 after 9s)`.
    pub fn words(&self) -> String {
        let Some((_, end)) = &self.end else { return "still runs".to_owned() };
        match (end, &self.stopped_by) {
            (RunEnd::Exited { .. } | RunEnd::StoodIn { .. }, Some(by)) => {
                format!("was stopped by {by} ({})", end.words())
            }
            (RunEnd::Signalled { took, stopped: true, .. }, Some(by)) => {
                format!("was stopped by {by} after {}", took.seconds())
            }
            _ => match &self.asked {
                Some(asked) => format!("{}; {asked}", end.words()),
                None => end.words(),
            },
        }
    }
}

/// What the engine must do once an event is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Start a run's command beside its supervisor.
    Start(RunId),
    /// End a run: signal, grace, kill of the group.
    Stop(RunId),
    /// The outline changed: probes must be scheduled anew.
    Reschedule,
    /// The launch is over: the engine may leave once its clients have.
    Retire,
}
