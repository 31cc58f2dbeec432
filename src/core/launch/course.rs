//! The state of what goes wrong and of what is done about it: triggers, ways back, incidents. Like [`super::state`] only
//! `apply` writes it.

use serde::{Deserialize, Serialize};

use super::due::appointment;
use super::patience::patience;
use super::{LaunchState, RunState, Status};
use crate::core::event::{Evidence, IncidentState, Onset, RollbackItem, RunEnd};
use crate::core::ids::{Instance, RoleId, RunId, RunKind, StepId, TriggerId};
use crate::core::order::{Operator, Way, What};
use crate::core::outline::OnStop;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;

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
    /// Someone answers for not following it: who, when and why.
    pub dismissed: Option<Said>,
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
    /// Those of `undoes` that are not undone themselves: they rested on what is, and ask again.
    #[serde(default)]
    pub asks: Vec<StepId>,
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
    /// It was left half done, and a person says that this was put right by other means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Said>,
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

/// How the command of the item stands at which a way back stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedItem {
    /// A person does it, and has not said that it is done.
    ByHand,
    /// It was not begun.
    NotBegun,
    /// It was not begun: another command of its step still runs, and it waits for the end of that.
    Waits,
    /// It still runs.
    Runs,
    /// It ended well: what stopped the way back was something else, as an engine that died.
    Well,
    /// It ended well, but what must hold afterwards did not.
    NotHeld,
    /// Nobody saw its end.
    Interrupted,
    /// It failed.
    Failed,
}

impl StoppedItem {
    /// As a word beside its title.
    pub fn word(self) -> &'static str {
        match self {
            StoppedItem::ByHand => "by hand",
            StoppedItem::NotBegun | StoppedItem::Waits => "not begun",
            StoppedItem::Runs => "still runs",
            StoppedItem::Well => "ended well",
            StoppedItem::NotHeld => "not held",
            StoppedItem::Interrupted => "INTERRUPTED",
            StoppedItem::Failed => "failed",
        }
    }

    /// What the order `again` does with it.
    pub fn again(self) -> &'static str {
        match self {
            StoppedItem::NotBegun => "begin it",
            StoppedItem::Waits => "wait for it",
            StoppedItem::ByHand | StoppedItem::Runs | StoppedItem::Well => "go on",
            StoppedItem::NotHeld => "wait again",
            StoppedItem::Interrupted => "run it again",
            StoppedItem::Failed => "try again",
        }
    }
}

impl LaunchState {
    /// How the item stands at which the way back under way stopped, with a sentence on its command; none where none
    /// stopped.
    pub fn stopped_item(&self) -> Option<(StoppedItem, String)> {
        let Status::RollingBack(number) = self.status else { return None };
        let rollback = self.rollbacks.get((number as usize).checked_sub(1)?)?;
        let RollbackStatus::Stopped { at, .. } = rollback.status else { return None };
        self.item_stands(rollback, at)
    }

    /// What its command did, where the reason that it stopped for does not say so: no engine watched how it ended, say.
    pub fn stopped_command(&self) -> Option<String> {
        let (stands, command) = self.stopped_item()?;
        let back = self.rollbacks.last()?;
        let RollbackStatus::Stopped { why, .. } = &back.status else { return None };
        let run = back.items.get(back.next).and_then(|item| self.runs.get(&item.run));
        let said = match stands {
            StoppedItem::Failed => run.is_some_and(|run| why.contains(&run.words())),
            // That is why it stopped.
            StoppedItem::NotHeld => why.contains("ended well"),
            _ => false,
        };
        (!said).then_some(command)
    }

    /// What follows upon the word *stopped*: ` at the undo of Migrate: no engine ran for 3s`, or `: ` and the reason alone
    /// where that names the item itself.
    pub fn stopped_at(&self, rollback: u32, item: usize, why: &str) -> String {
        let of = (rollback as usize).checked_sub(1).and_then(|i| self.rollbacks.get(i)?.items.get(item));
        let unnamed = of.filter(|of| !why.contains(of.title.as_str()));
        unnamed.map_or_else(|| format!(": {why}"), |of| format!(" at {}: {why}", of.run.kind.of(&of.title)))
    }

    /// The same of a way back that came to a halt at that moment.
    pub(super) fn item_stands(&self, rollback: &RollbackState, stopped: Timestamp) -> Option<(StoppedItem, String)> {
        let item = rollback.items.get(rollback.next)?;
        let what = item.run.kind.its();
        if item.command.is_none() {
            return Some((StoppedItem::ByHand, "a person does it, and nobody has said that it is done".to_owned()));
        }
        let Some(run) = self.runs.get(&item.run) else {
            let open = self.runs.iter().find(|(run, known)| run.step == item.run.step && known.end.is_none());
            return Some(match open {
                Some((run, _)) => {
                    let why = format!("{what} was not begun: {} still runs, and it waits for its end", run.words());
                    (StoppedItem::Waits, why)
                }
                None => (StoppedItem::NotBegun, format!("{what} was not begun")),
            });
        };
        let stands = match &run.end {
            None => StoppedItem::Runs,
            Some((_, RunEnd::Interrupted)) => StoppedItem::Interrupted,
            Some((at, _)) if run.succeeded() => {
                let step = self.outline.step(&item.run.step);
                let awaits = step.is_some_and(|step| match item.run.kind {
                    RunKind::Do => !step.verify.is_empty(),
                    RunKind::Undo => step.undo.as_ref().is_some_and(|undo| !undo.require.is_empty()),
                });
                // Where it stopped before its patience was over, nobody waited for that: an engine died, say.
                let bound = step.and_then(|step| patience(step, item.run.kind));
                let waited = bound.is_none_or(|bound| appointment(self, *at, bound) <= stopped);
                if awaits && waited && *at < stopped { StoppedItem::NotHeld } else { StoppedItem::Well }
            }
            Some(_) => StoppedItem::Failed,
        };
        Some((stands, format!("{what} {}", run.words())))
    }

    /// Whether the plan lets a run finish that is to be stopped: a migration. An undo is none.
    pub fn lets_finish(&self, run: &RunId) -> bool {
        let step = self.outline.step(&run.step);
        run.kind == RunKind::Do && step.is_some_and(|step| step.on_stop == OnStop::Finish)
    }

    /// The part of the way back under way that a person does and says to be done: it has no command, and nothing that is
    /// measured ends it. With its rollback and its place in it.
    pub fn way_back_by_hand(&self) -> Option<(u32, usize, &RollbackItem)> {
        let Status::RollingBack(number) = self.status else { return None };
        let rollback = self.rollbacks.get((number as usize).checked_sub(1)?)?;
        let item = rollback.items.get(rollback.next).filter(|item| item.command.is_none())?;
        let measured = self.outline.step(&item.run.step).is_some_and(|step| !step.verify.is_empty());
        let waits = rollback.status == RollbackStatus::Running && !measured && rollback.awaiting.is_some();
        waits.then_some((number, rollback.next, item))
    }

    /// The order that says that it is done.
    pub fn way_back_done_by_hand(&self) -> Option<What> {
        let (rollback, item, _) = self.way_back_by_hand()?;
        Some(What::RollbackByHand { rollback, item, why: String::new() })
    }

    /// The command that must end before the way back under way goes on: it was begun before that, and is being stopped,
    /// or the plan lets it finish.
    pub fn way_back_awaits(&self) -> Option<(&RunId, &RunState)> {
        let Status::RollingBack(number) = self.status else { return None };
        let rollback = self.rollbacks.get((number as usize).checked_sub(1)?)?;
        let open = |id: &StepId| self.runs.iter().find(|(run, known)| run.step == *id && known.end.is_none());
        let undone = || rollback.undoes.iter().find_map(open);
        match rollback.items.get(rollback.next) {
            _ if rollback.status != RollbackStatus::Running => None,
            None => undone(),
            Some(item) if self.runs.contains_key(&item.run) || item.command.is_none() => None,
            Some(item) if item.run.kind == RunKind::Do => open(&item.run.step).or_else(undone),
            Some(item) => open(&item.run.step),
        }
    }

    /// The same in words: `the command of 25 % to green (process 4711) ends, which the plan lets finish`.
    pub fn way_back_awaits_words(&self, readout: &Readout) -> Option<String> {
        let (run, known) = self.way_back_awaits()?;
        let step = self.outline.step(&run.step);
        let title = step.map_or(run.step.as_str(), |step| step.title.as_str());
        let how = match (self.lets_finish(run), known.stopping) {
            (_, true) => ", which is being stopped",
            (true, _) => ", which the plan lets finish",
            _ => "",
        };
        Some(format!("the command of {title}{} ends{how}", readout.process(run)))
    }
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
    /// What was measured to be wrong first when it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<Onset>,
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
    /// What was said when it was closed; may be empty. It keeps its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub closing: String,
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
            onset: None,
            levels: vec![(opened, level)],
            answered: None,
            updated: None,
            resolved: None,
            closing: String::new(),
            state: IncidentState::Investigating,
            states: Vec::new(),
            calls: Vec::new(),
        }
    }
}

impl Incident {
    /// Who closed it and what they said then: `by ana: was failover`; none while it is open.
    pub fn closed(&self) -> Option<String> {
        let (_, by) = self.resolved.as_ref()?;
        Some(if self.closing.is_empty() { format!("by {by}") } else { format!("by {by}: {}", self.closing) })
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
