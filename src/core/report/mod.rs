//! What a launch was, for those who were not there: planned against actual, who decided what on which readings, what was
//! overridden, what ran, what went wrong and for how long, what was left open. A fold over the events and nothing else;
//! [`markdown`] writes it for people, serde for machines.

mod attempts;
mod checks;
mod decisions;
mod fold;
mod markdown;
mod onset;
mod open;
mod planned;
mod shifts;
#[cfg(test)]
mod tests;
mod told;

use serde::Serialize;

use crate::core::event::{Evidence, Mode};
use crate::core::head::Head;
use crate::core::launch::{CheckResult, CriterionView};
use crate::core::notice::NoticeKind;
use crate::core::shift::Part;
use crate::core::time::{Span, Timestamp};
use crate::core::wall::Wall;
use crate::core::watch::CheckReading;

pub use markdown::markdown;

/// What a launch came to, put together from its journal alone: for people who were not there, and for the review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The launch's id.
    pub launch: String,
    /// What it launched, as `Wallet service v1.0.0, production`.
    pub title: String,
    /// Live or rehearsal.
    pub mode: Mode,
    /// The people's clock, in which the page is written; the JSON's own times are UTC.
    #[serde(skip)]
    pub wall: Wall,
    /// When it was opened, and by whom.
    pub opened: Said,
    /// T-0 as it stood last.
    pub t0: Timestamp,
    /// Each time T-0 was moved: by how much, why, and what moved with it.
    pub slips: Vec<Said>,
    /// When it was ended, by whom and why; none while it lives.
    pub ended: Option<Said>,
    /// Boxes that are over, and all boxes.
    pub progress: (usize, usize),
    /// Changed plans that were taken in.
    pub plans: Vec<Said>,
    /// Time in which no engine ran: nothing was measured and nothing started.
    pub gaps: Vec<(Timestamp, Span)>,
    /// Time in which the engine stood still, stopped or with its machine suspended: nothing was measured.
    pub stalls: Vec<(Timestamp, Span)>,
    /// Times in which our own side was cut off, by the plan's vantage: nothing was known of production.
    pub cut_off: Vec<CutOff>,
    /// When the launch was to be over by the plan, from its opening and T-0 as it stood last; what had begun before a slip
    /// as it was planned then.
    pub planned_end: Option<Timestamp>,
    /// Phases in the plan's order.
    pub phases: Vec<PhaseReport>,
    /// Steps in the plan's order.
    pub steps: Vec<StepReport>,
    /// Gates that were decided or ran out, in time.
    pub decisions: Vec<Decision>,
    /// Who agreed to the start of a step that wants it, in time.
    pub approvals: Vec<Approval>,
    /// Everything that was passed over, for ever visible.
    pub overrides: Vec<Said>,
    /// Commands that were run, oldest first; their output is not in it.
    pub commands: Vec<Command>,
    /// Triggers that fired, in time.
    pub triggers: Vec<Firing>,
    /// Each hold that was called and released, and why, oldest first.
    pub holds: Vec<Said>,
    /// Incidents by their number.
    pub incidents: Vec<IncidentReport>,
    /// Ways back that were taken, in time.
    pub rollbacks: Vec<RollbackReport>,
    /// Checks that came again: done by whom on which readings, left out, missed; oldest first.
    pub checks: Vec<CheckReport>,
    /// Changes of shift: handed over, accepted, taken over; oldest first.
    pub handovers: Vec<HandoverReport>,
    /// What people were told, by which channels, and who was on it; oldest first.
    pub messages: Vec<MessageReport>,
    /// Each mute and its end, oldest first.
    pub mutes: Vec<Said>,
    /// Success over time: which share of the observed time it held, and how much of its budget is used.
    pub criteria: Vec<CriterionView>,
    /// Each capture of what is normal, with values, windows and how many samples they rest on, oldest first.
    pub baselines: Vec<Said>,
    /// What people wrote down, oldest first.
    pub notes: Vec<Said>,
    /// What is to be mended in the plan, as people noted it, oldest first.
    pub fixes: Vec<Said>,
    /// What nobody has finished.
    pub open: Vec<String>,
    /// The last event that this tells of, and its hash: it tells later whether the journal still has this history. None
    /// where the events came from elsewhere.
    pub head: Option<Head>,
    /// What of the journal is not in it, since it is not as it was written; none where it is whole.
    pub broken: Option<String>,
}

/// A time in which our own side was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CutOff {
    /// Since when.
    pub from: Timestamp,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
    /// How that was known.
    pub why: String,
}

/// Something that somebody said or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// Who; `engine` for a rule.
    pub by: String,
    /// The words: what was done, or the reason given; may be empty.
    pub text: String,
}

/// How a check of a watch came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// What it was the check of.
    pub watch: String,
    /// Counted from 1; of several that were missed the first.
    pub check: u32,
    /// How many: 1, or more where several were missed in a row.
    pub count: u32,
    /// When it was due; none for those that came due while no engine ran.
    pub due: Option<Timestamp>,
    /// Who and when, and what they said; by `engine` where it was missed.
    pub end: Said,
    /// What became of it.
    pub how: CheckResult,
    /// Boxes that nobody ticked.
    pub open: Vec<String>,
    /// What was measured at that moment.
    pub readings: Vec<CheckReading>,
}

/// A phase, planned and actual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseReport {
    /// Its title.
    pub title: String,
    /// When it was to be over by the plan; what of it had begun before a slip, as it was planned then.
    pub planned_end: Option<Timestamp>,
    /// When it was over; none where it is not.
    pub actual_end: Option<Timestamp>,
}

/// A step, planned and actual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its phase's title.
    pub phase: String,
    /// Whose it is.
    pub owner: Option<String>,
    /// When the plan's clock made it due: where it was begun, as T-0 stood when it first was.
    pub planned: Option<Timestamp>,
    /// How long it was to take.
    pub estimate: Option<Span>,
    /// Where it stands, in a word or two.
    pub status: String,
    /// Each time it was tried.
    pub attempts: Vec<Attempt>,
}

/// One try at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When the plan's clock made it due, as T-0 stood then.
    pub planned: Option<Timestamp>,
    /// T-0 as it stood then.
    pub t0: Timestamp,
    /// When it began; none where the step was only left out.
    pub started: Option<Timestamp>,
    /// Who began it, or left it out.
    pub by: String,
    /// When it was over; none while it goes on.
    pub ended: Option<Timestamp>,
    /// How long it took, without the time in which no engine ran and its command neither; none while it goes on, and
    /// where it never began.
    pub took: Option<Span>,
    /// `done`, `failed: …`, `undone`.
    pub outcome: String,
}

/// A gate's decision, or that it ran out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The gate's title.
    pub gate: String,
    /// Counted from 1.
    pub round: u32,
    /// `GO`, `NO-GO` or `expired`; when, by whom, why.
    #[serde(flatten)]
    pub said: Said,
    /// The reason given.
    pub why: Option<String>,
    /// Votes as they stood: role, vote, who.
    pub votes: Vec<String>,
    /// What was overridden.
    pub over: Vec<String>,
    /// The readings it rested on.
    pub evidence: Vec<Evidence>,
}

/// That somebody agreed to a step's start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The step's title.
    pub step: String,
    /// The attempt that it was for, counted from 1.
    pub attempt: u32,
    /// Why one person stood for several, which is an override, too; none where they did not.
    pub alone: Option<String>,
}

/// A command that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// When it began.
    pub started: Timestamp,
    /// What it did, as `5 % to green` or `undo of 5 % to green`.
    pub what: String,
    /// The command as the shell ran it: with the plan's variables filled in, and secrets by their names.
    pub command: String,
    /// How it ended, in words; none while it runs.
    pub end: Option<String>,
    /// Its exit status, where it exited.
    pub exit: Option<i32>,
    /// How long it took.
    pub took: Option<Span>,
}

/// A trigger that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Firing {
    /// When.
    pub at: Timestamp,
    /// Its title.
    pub trigger: String,
    /// On what.
    pub evidence: Evidence,
    /// When it cleared, or was armed again.
    pub cleared: Option<Timestamp>,
    /// How it stands: `its condition was false for good 5m after it began, and quiet for 2m then`, `quiet for 0:02 of 2:00`, `it still holds`.
    pub stands: String,
    /// Who was on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acked: Option<Said>,
    /// Who answers for not following it, and why.
    pub dismissed: Option<Said>,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentReport {
    /// Counted from 1 in the order in which they were opened; people and orders name it by this.
    pub number: u32,
    /// The worst severity it had.
    pub worst: u8,
    /// What is wrong, as said last.
    pub text: String,
    /// When it was opened, by whom, with which words.
    pub opened: Said,
    /// From when the trouble began to its opening; none where tminus saw nothing wrong. It began with the earliest of what
    /// was wrong at the opening and had not been put right: the start of the clock of a trigger that waits or fired and has
    /// not cleared, the first reading of a signal that is critical, the failure of a step that was not done, left out,
    /// undone or begun anew since (where a condition ended it, when that began to hold; where the attempts before failed,
    /// too, the first failure in that row), or the breaking of its soak. What an earlier incident was opened about is not
    /// counted again.
    pub detected: Option<Span>,
    /// What that was: `errors-5`, `Deploy failed`.
    pub onset: Option<String>,
    /// From its opening to the first response: somebody said to be on it, or to do something against it.
    pub answered: Option<Span>,
    /// From its opening to when people said last that it is mitigated; none where they did not, or took it back.
    pub mitigated: Option<Span>,
    /// From its opening to its close.
    pub closed: Option<Span>,
    /// What was said of it since: changes, responses, updates, the close.
    pub course: Vec<Said>,
}

/// A way back that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RollbackReport {
    /// Its title.
    pub title: String,
    /// When, by whom, why.
    pub began: Said,
    /// The trigger that it answers: the one that proposed it, or that a person named with it.
    pub trigger: Option<String>,
    /// How long it was to take.
    pub estimate: Option<Span>,
    /// How long it took; none where it did not come to its end.
    pub took: Option<Span>,
    /// `done`, `left: …`, `stopped: …`, `under way`.
    pub outcome: String,
    /// What the plan says is lost by going this way, as `orders since the switch`.
    pub loses: Option<String>,
    /// What was required and did not hold when it was begun all the same.
    pub over: Vec<String>,
    /// Titles of steps that had begun and have no undo: it leaves them as they are.
    pub stays: Vec<String>,
    /// Where it stopped and what people did.
    pub course: Vec<Said>,
    /// The readings of that moment.
    pub evidence: Vec<Evidence>,
}

/// A change of shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandoverReport {
    /// The handover, counted from 1; none where somebody took over without one.
    pub number: Option<u32>,
    /// When the turn was to begin; none where somebody stood in for a present one.
    pub due: Option<Timestamp>,
    /// When it was written, by whom, and what they added; none where somebody took over without one.
    pub written: Option<Said>,
    /// Who was on shift.
    pub from: String,
    /// Who was to be.
    pub to: String,
    /// When they were, and why without a handover; none where nobody accepted it.
    pub taken: Option<Said>,
    /// What stood then.
    pub sheet: Vec<Part>,
    /// The journal's head then, where it was written down.
    pub head: Option<Head>,
}

/// Something that people were told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageReport {
    /// The notice, counted from 1.
    pub notice: u32,
    /// When it was raised.
    pub at: Timestamp,
    /// What kind of thing it is.
    pub kind: NoticeKind,
    /// What was told.
    pub text: String,
    /// The channels by which it was to be told.
    pub to: Vec<String>,
    /// Who had muted it when it was raised, and why.
    pub muted: Option<String>,
    /// By which channel (`by`) it was sent, and when.
    pub sent: Vec<Said>,
    /// By which channel it could not be sent, when that was given up, and why.
    pub failed: Vec<Said>,
    /// Who was on it first or last, when, and what they said.
    pub acknowledged: Option<Said>,
    /// When it was over, and how.
    pub over: Option<Said>,
}
