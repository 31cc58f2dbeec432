//! What happened: facts, past tense, in the journal for ever. `apply` (in [`super::launch`]) folds them into the state;
//! the engine, every client, the report and a replay do the same fold.

use serde::{Deserialize, Serialize};

use super::criterion::Measured;
use super::ids::{Instance, LaunchId, OrderId, ProbeId, RoleId, RunId, Seq, SignalId, StepId, TriggerId};
use super::notice::Fact;
use super::order::{Ballot, Found, Operator, Way};
use super::outline::{Outline, StepOutline};
use super::practice::Practice;
use super::shift;
use super::time::{Span, Timestamp};
use super::watch::CheckFact;

pub use super::facts::{Actor, Baseline, Evidence, Mode, Moved, Onset, Part, RollbackItem};
pub use super::incident_state::IncidentState;
pub use super::run_end::RunEnd;

/// An event in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its position; 1 is the first.
    pub seq: Seq,
    /// When, on the launch's timeline.
    pub at: Timestamp,
    /// The order it answers, on the first event of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The fact itself.
    pub event: Event,
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A fact about the launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The first event: the launch exists.
    Opened {
        /// Its id.
        launch: LaunchId,
        /// Live or rehearsal.
        mode: Mode,
        /// T-0.
        t0: Timestamp,
        /// Who opened it; leads at first.
        by: Operator,
        /// SHA-256 of the plan's text, hexadecimal.
        plan_hash: String,
        /// The plan.
        outline: Box<Outline>,
        /// How it is rehearsed; none in a live launch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        practice: Option<Practice>,
    },
    /// A changed plan was taken in.
    PlanAdopted {
        /// Who took it in.
        by: Operator,
        /// SHA-256 of the plan's text.
        plan_hash: String,
        /// The plan.
        outline: Box<Outline>,
        /// Boxes that were ticked and that it does not have, each with its step or watch.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<String>,
        /// How what began is undone in another way by it: `` undo of `share`: `./to.sh 5` -> `./to.sh 7` ``.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        other_undo: Vec<String>,
        /// How what is under way goes on in another way by it: `` `share`: soak 10m -> none ``.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        under_way: Vec<String>,
    },
    /// An engine took up the launch; after the first time, the launch holds.
    EngineStarted {
        /// Its process.
        pid: u32,
        /// Its version.
        version: String,
        /// How long no engine ran, before; none for the first.
        gap: Option<Span>,
        /// Why what was measured before is lost, where it is: what had vanished by then is not known any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lost: Option<String>,
        /// What of the journal it found missing, and where that is kept as it was found; none where nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        torn: Option<String>,
        /// Runs that it found, and of which the plan has no step: no way back undoes them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unplanned: Vec<RunId>,
        /// What it adds to the launch's timeline for the clock on the wall.
        #[serde(default, skip_serializing_if = "is_zero")]
        wall: Span,
    },
    /// An engine ended in good order; commands went on under their supervisors.
    EngineEnded {
        /// What happened to it, as the end of a sentence: `was asked to end`.
        why: String,
    },
    /// The engine stood still: it was stopped, or its machine was suspended. Nobody observed anything meanwhile, as where no
    /// engine runs; commands went on.
    StoodStill {
        /// For how long, up to now.
        gap: Span,
    },
    /// What happened while nothing could be written down is written now: a person had typed
    /// [`WORD`](crate::core::launch::WORD).
    WrittenLate {
        /// The first of those events.
        from: Seq,
        /// When that was.
        since: Timestamp,
        /// How many they are.
        events: u64,
    },
    /// The wall clock departed from the timeline; only wall-clock appointments move.
    ClockStepped {
        /// By how much; positive is forward.
        by: Span,
    },
    /// T-0 was moved (a slip), and with it everything that counts from it and has not begun.
    T0Moved {
        /// Who.
        by: Operator,
        /// T-0 until now.
        from: Timestamp,
        /// T-0 from now on.
        to: Timestamp,
        /// Why.
        why: String,
        /// What has another time by it, in the plan's order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<Moved>,
    },
    /// The lead lets a step start though its window is closed: an override.
    WindowPassed {
        /// The step.
        step: StepId,
        /// The attempt that may.
        attempt: u32,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// Somebody leads from now on.
    LeadTaken {
        /// Who ordered it.
        by: Operator,
        /// Who leads.
        name: String,
        /// Why, where nobody known went by that name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A person adds a step that is not in the plan: a command on the record.
    StepAdded {
        /// Who.
        by: Operator,
        /// The step.
        step: Box<StepOutline>,
    },
    /// An attempt at a step began, by hand or by its command.
    StepStarted {
        /// The step.
        step: StepId,
        /// Counted from 1.
        attempt: u32,
        /// Who.
        by: Actor,
    },
    /// A command is about to be run: the intent, before the effect.
    RunStarted {
        /// The run.
        run: RunId,
        /// Columns of its terminal.
        cols: u16,
        /// Rows of its terminal.
        rows: u16,
    },
    /// A command was found that the journal did not know: it began after what the journal ends with, which was put back from
    /// a copy, or lost its end. It is taken up as it is, and never started.
    RunFound {
        /// The run.
        run: RunId,
        /// When it began, by what it left on the disk.
        began: Timestamp,
    },
    /// A command is over: by itself, stopped, at its timeout, or lost with its supervisor.
    RunEnded {
        /// The run.
        run: RunId,
        /// Its exit status or signal and how long it took, or that nobody can know.
        end: RunEnd,
        /// Processes that it started run on in the background.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        left_running: bool,
        /// It failed without input and may have asked for some: the sign, see [`super::asked`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<String>,
        /// Bytes in the midst of its output that were not kept, since it was too long.
        #[serde(default, skip_serializing_if = "is_zero")]
        unkept: u64,
    },
    /// The last line of a command's output was kept for later commands, or a person gave it; or it could not be kept.
    OutputKept {
        /// Its name.
        name: String,
        /// The step that gives it.
        step: StepId,
        /// The line; none where there is none to keep.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Whose word it is.
        by: Actor,
        /// Why there is none, or why a person gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A person asked for a run's end.
    StopAsked {
        /// The step.
        step: StepId,
        /// Who.
        by: Operator,
        /// Its command is let finish.
        let_finish: bool,
        /// It is the step's undo that ends.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        undo: bool,
        /// The plan lets it finish; why it is stopped all the same, an override.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<String>,
    },
    /// A person said what became of an interrupted run.
    RunResolved {
        /// The run.
        run: RunId,
        /// Who.
        by: Operator,
        /// What they found.
        found: Found,
        /// How they know.
        why: String,
    },
    /// A box was ticked or unticked.
    Ticked {
        /// The step.
        step: StepId,
        /// The item; none for the step itself.
        item: Option<usize>,
        /// What it said then: a changed plan may say something else there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// On or off.
        on: bool,
        /// Who.
        by: Operator,
    },
    /// An attempt came to its end well: command, `verify` and `soak`, all boxes, or a person said so.
    StepDone {
        /// The step.
        step: StepId,
        /// The attempt.
        attempt: u32,
        /// Who or what says so.
        by: Actor,
        /// Why it counts as done though it was not: an override.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<String>,
        /// What its `verify` rested on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// An attempt came to its end badly, and the launch holds.
    StepFailed {
        /// The step.
        step: StepId,
        /// The attempt.
        attempt: u32,
        /// Why.
        why: String,
        /// What that rested on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// A step's soak broke: its `verify` did not hold, and the clock starts over.
    SoakBroken {
        /// The step.
        step: StepId,
        /// What did not hold.
        evidence: Vec<Evidence>,
    },
    /// A broken soak's `verify` holds again, and has for a while; the clock runs.
    SoakMended {
        /// The step.
        step: StepId,
    },
    /// There is no data for what must hold after a step: its clock stands still.
    SoakFrozen {
        /// The step.
        step: StepId,
        /// What is not known, and why: `errors < 1%: no data: 401`.
        why: String,
    },
    /// None of the plan's vantage answers: our own side is cut off. Nothing is known of production, and no trigger fires.
    SideCutOff {
        /// How that is known: `our own side is cut off: vantage gateway does not answer`.
        why: String,
    },
    /// The vantage answers again; clocks go on.
    SideBack {
        /// How long it was cut off.
        after: Span,
    },
    /// What must hold is measured again; the clock goes on.
    SoakThawed {
        /// The step.
        step: StepId,
    },
    /// A step is not done this time.
    StepSkipped {
        /// The step.
        step: StepId,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
        /// It does not apply.
        not_applicable: bool,
    },
    /// A step was undone; it may run again. Or what it came to goes back with another step, on which it rested.
    StepUndone {
        /// The step.
        step: StepId,
        /// The step that was undone and on which this one rested: it asks again. None where it was undone itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<StepId>,
    },
    /// A gate's poll was opened.
    PollOpened {
        /// The gate.
        gate: StepId,
        /// Counted from 1.
        round: u32,
        /// Who.
        by: Actor,
    },
    /// A vote was cast; a later one of the same role replaces it.
    Voted {
        /// The gate.
        gate: StepId,
        /// The round.
        round: u32,
        /// For which role.
        role: RoleId,
        /// The vote.
        vote: Ballot,
        /// Who.
        by: Operator,
        /// Why.
        why: Option<String>,
    },
    /// The lead decided a gate, with all that was known at that moment.
    GateDecided {
        /// The gate.
        gate: StepId,
        /// The round.
        round: u32,
        /// Go or no-go.
        go: bool,
        /// Who.
        by: Operator,
        /// Why.
        why: Option<String>,
        /// What was overridden: unmet requirements and missing or contrary votes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        over: Vec<String>,
        /// The requirements, read at that moment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// An open poll ran out.
    GateExpired {
        /// The gate.
        gate: StepId,
        /// The round.
        round: u32,
    },
    /// Somebody agreed to a step's start.
    Approved {
        /// The step.
        step: StepId,
        /// The attempt this is for.
        attempt: u32,
        /// Who.
        by: Operator,
        /// Alone, and why: an override.
        alone: Option<String>,
    },
    /// The launch holds.
    Held {
        /// Who or what.
        by: Actor,
        /// Why.
        why: String,
    },
    /// A hold was released; the launch goes on when none stands.
    Released {
        /// Whose. None in journals from the time when there was one hold at most: all that stand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Actor>,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// An incident was opened or its severity changed.
    SeveritySet {
        /// Counted from 1.
        incident: u32,
        /// 1 to 4.
        level: u8,
        /// Who.
        by: Operator,
        /// What is wrong; empty where that stays as it was said before.
        text: String,
        /// The severity before, of an incident that was open; the same where only the text changed. None where it was
        /// opened, and in journals from before this was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<u8>,
        /// What was wrong first by what was measured, where it was opened and something was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        onset: Option<Onset>,
    },
    /// Somebody is on it.
    IncidentAnswered {
        /// Which.
        incident: u32,
        /// Who is on it.
        by: Operator,
        /// What they do; may be empty.
        text: String,
    },
    /// People were told how it goes.
    IncidentUpdated {
        /// Which.
        incident: u32,
        /// Who said so.
        by: Operator,
        /// How it goes.
        text: String,
    },
    /// People are further with an incident, or back at the beginning.
    IncidentMoved {
        /// Which.
        incident: u32,
        /// How far they are; never `resolved`, which is an event of its own.
        to: IncidentState,
        /// Who said so.
        by: Operator,
        /// What they do or found; may be empty.
        text: String,
    },
    /// Somebody was called about an incident.
    IncidentCalled {
        /// Which.
        incident: u32,
        /// The role that was called.
        role: RoleId,
        /// Who of it, by name.
        who: String,
        /// It was the role's backup.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        backup: bool,
        /// They answered.
        answered: bool,
        /// Who called.
        by: Operator,
        /// What was said; may be empty.
        text: String,
    },
    /// An incident was closed.
    IncidentResolved {
        /// Which.
        incident: u32,
        /// Who.
        by: Operator,
        /// What is said then, as what it was; may be empty. The incident keeps its name.
        text: String,
    },
    /// A person wrote something down that changes nothing.
    Noted {
        /// Who.
        by: Operator,
        /// The text.
        text: String,
    },
    /// A rehearsal's scenario takes a signal's place from now on.
    Injected {
        /// Which part of the scenario, counted from 0.
        part: usize,
        /// The signal, as the scenario has it.
        signal: String,
        /// What is found instead, in words.
        shown: String,
    },
    /// A part of the scenario is over: what is measured counts again.
    InjectionEnded {
        /// Which part, counted from 0.
        part: usize,
        /// The signal, as the scenario has it.
        signal: String,
    },
    /// A person noted for the plan's author what is to be mended in it.
    FixNoted {
        /// Who.
        by: Operator,
        /// The step that it is about; none where it is about the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        /// What is to be mended.
        text: String,
    },
    /// A trigger's condition has held for as long as it must. What follows of it is the plan's `action`.
    TriggerFired {
        /// Which.
        trigger: TriggerId,
        /// The instance that did it.
        instance: Option<Instance>,
        /// On what; where a person fired it, its question and their answer.
        evidence: Evidence,
        /// The person who fired it; none where its condition did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Operator>,
        /// The way back that it asks for was possible no more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
        /// The way back that answered it before it fired, counted from 1: its condition held before that was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answered: Option<u32>,
    },
    /// A trigger no longer holds, and has not for its `clear-after`; or one that led to a way back was false since; or a
    /// person says of one that people fire that it is over.
    TriggerCleared {
        /// Which.
        trigger: TriggerId,
        /// It led to a way back and may fire again from here on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        rearmed: bool,
        /// The person who says so; none where its condition does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Operator>,
        /// How they know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A person answers for not following a trigger.
    TriggerDismissed {
        /// Which.
        trigger: TriggerId,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
        /// The way back that it had led to by then: nothing is left to dismiss, and what was said stands beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late: Option<u32>,
    },
    /// A way back was begun. The trigger that led to it is disarmed until it has been false once.
    RollbackStarted {
        /// Counted from 1.
        rollback: u32,
        /// Which way.
        way: Way,
        /// Its title.
        title: String,
        /// What it does, in order.
        items: Vec<RollbackItem>,
        /// The steps that count as undone when it is done.
        undoes: Vec<StepId>,
        /// Who.
        by: Operator,
        /// The trigger that led to it.
        trigger: Option<TriggerId>,
        /// Why.
        why: String,
        /// Its requirements and live values, read at that moment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
        /// What was overridden: unmet requirements, in words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        over: Vec<String>,
        /// What is lost by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loses: Option<String>,
        /// Steps that began and have no undo: it leaves them as they are.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stays: Vec<StepId>,
        /// Those of `undoes` that are not undone themselves: they rested on what is, and ask again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        asks: Vec<StepId>,
        /// Other triggers that had fired and asked for no more than this: disarmed like the one that led to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        follows: Vec<TriggerId>,
    },
    /// One item of a way back is done, and the next may begin.
    RollbackItemDone {
        /// Which rollback.
        rollback: u32,
        /// The item, counted from 0.
        item: usize,
        /// Who or what says so.
        by: Actor,
        /// Done by hand: how the person knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_hand: Option<String>,
    },
    /// An item of it is tried again.
    RollbackRetried {
        /// Which rollback.
        rollback: u32,
        /// The item.
        item: usize,
        /// The new run of it.
        run: RunId,
        /// Who.
        by: Operator,
    },
    /// An item of it failed: it stops and asks.
    RollbackStopped {
        /// Which rollback.
        rollback: u32,
        /// The item.
        item: usize,
        /// Why.
        why: String,
    },
    /// It was given up where it stood.
    RollbackLeft {
        /// Which rollback.
        rollback: u32,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// What it left half done was put right by other means.
    RollbackSettled {
        /// Which rollback.
        rollback: u32,
        /// Who says so.
        by: Operator,
        /// How.
        why: String,
    },
    /// It is done: the launch is rolled back, not ended.
    RollbackDone {
        /// Which rollback.
        rollback: u32,
        /// How long it took.
        took: Span,
    },
    /// A normal was captured.
    BaselineCaptured {
        /// Who.
        by: Actor,
        /// Of which signals.
        of: Vec<(SignalId, Baseline)>,
        /// Of which not, though they have numbers, and why; journals of older versions do not say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missed: Vec<(SignalId, String)>,
    },
    /// An instance no longer counts, until it is back.
    InstanceForgotten {
        /// The probe.
        probe: ProbeId,
        /// The instance.
        instance: Instance,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// An instance that was forgotten answers and is well: it counts again.
    InstanceBack {
        /// The probe.
        probe: ProbeId,
        /// The instance.
        instance: Instance,
    },
    /// The launch is over. Nothing may follow but notes.
    Ended {
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// What people are told, acknowledge and mute.
    Notice(Fact),
    /// What happened about the checks that come again.
    Check(CheckFact),
    /// Who is on shift.
    Shift(shift::Fact),
    /// For how long a criterion held in a part of the time.
    CriterionMeasured(Measured),
    /// Half of the error budget of a criterion is used. Said once.
    BudgetHalfUsed {
        /// The criterion.
        criterion: String,
        /// For how long it did not hold.
        broke: Span,
        /// For how long it might.
        budget: Span,
    },
    /// The error budget of a criterion is used up. Said once.
    BudgetUsedUp {
        /// The criterion.
        criterion: String,
        /// For how long it did not hold.
        broke: Span,
        /// For how long it might.
        budget: Span,
    },
    /// Written by a newer tminus. An engine that meets one does not go on; a client shows a banner.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// Whether it was written by a newer tminus, so that nobody here knows what it means.
    pub fn is_newer(&self) -> bool {
        matches!(
            self,
            Event::Unknown
                | Event::Notice(Fact::Unknown)
                | Event::Check(CheckFact::Unknown)
                | Event::Shift(shift::Fact::Unknown)
        )
    }
}
