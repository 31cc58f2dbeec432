//! What a step waits for, on whom, since when, and which order moves it.

mod back;
mod checks;
mod goes_on;
pub(super) mod secrets;
mod told;
mod was;

pub(super) use back::{go_on, item, stops};
pub(super) use checks::{criterion, watch};
pub(super) use told::{notice, told_of};

use back::{of_rollback, rollback_of, stopped, stopped_at, undoing};
use goes_on::{running, soaking};

use super::answers::fails_at;
use super::due::{
    Obstacle, about, appointment, due_at, due_since, ended, going_back, is_only_held, missed, outside, poll_ends, when,
};
use super::proposed::proposed;
use super::{
    LaunchState, RollbackStatus, Said, Status, StepState, StepStatus, missing_outputs, newest_stage, waits,
    wanted_baseline, ways, who_fills,
};
use crate::core::condition::Condition;
use crate::core::event::Actor;
use crate::core::ids::{RoleId, RunId, RunKind, StepId};
use crate::core::order::{Ballot, Found, Way, What};
use crate::core::outline::{Gate, StepOutline};
use crate::core::spell;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, ConditionView, Readout};
use crate::core::wall::Wall;

/// Whether and why a step can or can't go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The state in a word or two: `due`, `not due`, `running`, `soaking`, `waits for approval`, ….
    pub state: String,
    /// What it waits for, on whom, since when; a sentence each.
    pub because: Vec<String>,
    /// Orders that would move it, best first. Texts in them that a person must give are empty.
    pub orders: Vec<What>,
    /// Orders that would move what it waits for: another step, a way back.
    pub elsewhere: Vec<What>,
    /// Whether it can be started now.
    pub due: bool,
    /// Since when it has been so, where that is known.
    pub since: Option<Timestamp>,
}

/// What a step waits for, and which order moves it. Core names the order; the screen prints its key, the command line
/// its `do`.
pub fn explain(state: &LaunchState, readout: &Readout, id: &StepId, now: Timestamp) -> Explanation {
    of_step(state, readout, id, now).beside_nothing(state, readout).only_taken(state, readout)
}

fn of_step(state: &LaunchState, readout: &Readout, id: &StepId, now: Timestamp) -> Explanation {
    let fallback = StepState::default();
    let own = state.steps.get(id).unwrap_or(&fallback);
    let Some(step) = state.outline.step(id) else {
        return Explanation::new("not in the plan", None).because("the plan that is in force does not have it".into());
    };
    if !state.outline.steps.iter().any(|s| s.id == *id) {
        return of_rollback(state, readout, step, own);
    }
    let mut said = match &own.status {
        StepStatus::Running { run } => running(state, readout, step, own, run, now),
        StepStatus::Soaking { since, .. } => soaking(state, readout, step, own, *since, now),
        StepStatus::Claimed => claimed(state, step, own, now),
        StepStatus::Polling => polling(state, readout, step, own, now),
        StepStatus::Undoing { run } => {
            let mut said = Explanation::new("undoing", state.runs.get(run).map(|r| r.started));
            undoing(&mut said, state, readout, step, run);
            said
        }
        StepStatus::Done { at, by, over } => {
            let gate = step.gate.is_some();
            let mut said = Explanation::new(if gate { "GO" } else { "done" }, Some(*at));
            said.because.push(match state.found_done(id, own.attempt) {
                Some(found) if *by == Actor::Operator(found.by.clone()) => format!("{by} says so: {}", found.text),
                Some(Said { by: person, text, .. }) => {
                    format!("{by} says so; that its command did its work, says {person}: {text}")
                }
                None if gate => format!("decided by {by}"),
                None => format!("{by} says so"),
            });
            said.because.extend(over.iter().map(|over| format!("by override: {over}")));
            return said;
        }
        StepStatus::Skipped { at, by, why, not_applicable } => {
            let word = if *not_applicable { "n/a" } else { "skipped" };
            return Explanation::new(word, Some(*at)).because(format!("by {by}: {why}"));
        }
        StepStatus::Interrupted { at, run } => {
            let resolve = |found| What::Resolve { run: run.clone(), found, why: String::new() };
            let its = run.kind.its();
            let mut said = Explanation::new(own.status.word(), Some(*at))
                .because(format!("the end of {its} was not observed; nobody knows whether it did its work"));
            // Whether it runs now is said where it is known.
            if state.runs.get(run).is_some_and(|run| run.left_running) && !readout.processes.contains_key(run) {
                said.because.push(format!("{its} still ran when that was found"));
            }
            said.because.push(match run.kind {
                RunKind::Do => "a person looks, then says done or not done, or runs it again".to_owned(),
                RunKind::Undo => "a person looks, then says whether it is undone".to_owned(),
            });
            said.orders.extend([resolve(Found::Done), resolve(Found::NotDone)]);
            said.then_start(state, readout, step, own, now)
        }
        StepStatus::Failed { at, why, .. } => {
            let mut said = Explanation::new(state.word(id), Some(*at)).because(why.clone());
            if state.undo_failed(id) {
                let going_back = matches!(state.status, Status::RollingBack(_));
                let anew = if going_back { "" } else { ", or start it anew" };
                said.because.push(format!("what it did counts as still in effect; undo it again{anew}"));
                said.orders.extend(undo_again(state, id));
            }
            if state.proposes_back(step) {
                said.orders.extend(proposed(state, &ways(state, readout), step).map(|(_, order)| order));
            }
            let mut said = said.then_start(state, readout, step, own, now);
            let undone = matches!(state.status, Status::RollingBack(_))
                && state.rollbacks.last().is_some_and(|back| back.undoes.contains(id));
            if open_run(state, id).is_none() && !state.undo_failed(id) && !undone {
                said.orders.push(What::Skip { step: id.clone(), why: String::new(), not_applicable: false });
            }
            let may = said.due || is_only_held(state, step, now);
            if may && step.gate.is_none() && needs_people(step, own) == 0 {
                said.orders.push(What::Done { step: id.clone(), why: Some(String::new()) });
            }
            said
        }
        StepStatus::NoGo { at, by, why } => {
            let why = why.as_deref().unwrap_or("no reason given");
            Explanation::new("no-go", Some(*at))
                .because(format!("{} decided no-go: {why}; it can be polled again", by))
                .then_start(state, readout, step, own, now)
        }
        StepStatus::Expired { at } => Explanation::new("expired", Some(*at))
            .because("nobody decided while the poll was open; it can be polled again".into())
            .then_start(state, readout, step, own, now),
        StepStatus::Undone { at } => was::undone(state, step, own, *at).then_start(state, readout, step, own, now),
        StepStatus::Todo => {
            let said = Explanation::new("", due_since(state, step, now)).then_start(state, readout, step, own, now);
            let word = match said.due {
                true if needs_people(step, own) > 0 => "waits for approval",
                true => "due",
                false if waits(state, step, now).is_due() && state.hold.is_some() => "held",
                false => "not due",
            };
            Explanation { state: word.to_owned(), ..said }
        }
    };
    stopped(&mut said, state, id);
    // A part of a way back that runs no command is moved by the way back.
    if let Status::RollingBack(number) = state.status
        && rollback_of(state, number).is_some_and(|r| r.items.iter().any(|item| item.run.step == *id))
        && open_run(state, id).is_none()
    {
        said.orders.retain(|order| !matches!(order, What::Stop { .. } | What::Tick { .. } | What::Done { .. }));
        if matches!(own.status, StepStatus::Claimed) {
            said.because.push(format!("{}: it undoes this too", going_back(state, number)));
        }
    }
    let mut told = Vec::new();
    said.orders.retain(|order| {
        !told.contains(order) && {
            told.push(order.clone());
            true
        }
    });
    if matches!(state.status, Status::Ended { .. }) {
        said.orders.clear();
        said.elsewhere.clear();
    }
    said
}

impl Explanation {
    pub(super) fn new(state: &str, since: Option<Timestamp>) -> Self {
        Self {
            state: state.to_owned(),
            because: Vec::new(),
            orders: Vec::new(),
            elsewhere: Vec::new(),
            due: false,
            since,
        }
    }

    pub(super) fn because(mut self, sentence: String) -> Self {
        self.because.push(sentence);
        self
    }

    /// What stands against its start, or that nothing does.
    fn then_start(
        mut self,
        state: &LaunchState,
        readout: &Readout,
        step: &StepOutline,
        own: &StepState,
        now: Timestamp,
    ) -> Self {
        let attempt = own.attempt.saturating_add(1);
        self.due = Obstacle::of(state, step, now).is_none();
        let command = step.run.as_deref().unwrap_or_default();
        let lacks = secrets::missing(state, &readout.secrets, command);
        if self.due {
            let missing = needs_people(step, own);
            if let Some(already) = approved(own) {
                self.because.push(format!("approved by {already}"));
            }
            if missing > 0 {
                self.because.push(format!("{missing} more must approve; the one who starts it counts as one"));
                let approve = |alone| What::Approve { step: step.id.clone(), attempt, alone };
                self.orders.extend([approve(None), approve(Some(String::new()))]);
                return self;
            }
            if step.auto && attempt == 1 {
                self.because.push("it could not start by itself when it became due".to_owned());
            }
            let owner = step.owner.as_ref().map_or("an operator".to_owned(), |role| person(state, role));
            let owner = other_than(step, own).unwrap_or(owner);
            let how = match own.status {
                StepStatus::Interrupted { .. } => "may start it anew, once they know",
                _ if step.is_ticked() => "does it by hand",
                _ if step.by_hand() && step.items.is_empty() => {
                    "starts it; it has no box to tick, so it is done once what must hold does"
                }
                _ => "starts it",
            };
            let anew = own.begins_anew() && step.is_ticked() && !own.ticks.is_empty();
            let anew = if anew { ", with all its boxes open again" } else { "" };
            self.because.push(format!("{owner} {how}{anew}"));
            // It could only fail, and hold the launch.
            if lacks.is_empty() {
                self.orders.push(start(step, Some(own), attempt));
            }
            self.because.extend(lacks);
            return self;
        }
        match &state.status {
            // Where it stopped that is said by itself.
            Status::RollingBack(_) if stopped_at(state, &step.id).is_some() => {}
            Status::RollingBack(number) => {
                self.because.push(going_back(state, *number));
                if rollback_of(state, *number).is_some_and(|r| r.status != RollbackStatus::Running) {
                    self.elsewhere.extend(go_on(state, *number));
                }
            }
            Status::Ended { .. } => self.because.push(ended(state)),
            Status::Live | Status::RolledBack(_) => {}
        }
        // Why it failed is said already.
        let failed = match &own.status {
            StepStatus::Failed { why, .. } => format!("{} failed: {why}", step.title),
            _ => String::new(),
        };
        for hold in state.holds() {
            let why = match hold.why.split_once(&failed).filter(|_| !failed.is_empty()) {
                Some(("", after)) => format!(" over this{after}"),
                _ => format!(": {}", hold.why),
            };
            self.because.push(format!("{} has held the launch for {}{why}", hold.by, about(now.since(hold.since))));
        }
        self.orders.extend(state.releases(""));
        if is_only_held(state, step, now) && lacks.is_empty() {
            self.because.push(match needs_people(step, own) {
                // What it requires is asked when it is decided.
                0 if step.gate.is_some() => "nothing else of the plan stands against its poll".to_owned(),
                0 => match other_than(step, own) {
                    Some(who) => format!("then {who} starts it; nothing else of the plan stands against it"),
                    None => "nothing else of the plan stands against it".to_owned(),
                },
                missing => format!("then {missing} more must approve; nothing else of the plan stands against it"),
            });
        }
        let waits = waits(state, step, now);
        if needs_people(step, own) > 0 && state.hold.is_none() && !matches!(state.status, Status::Ended { .. }) {
            let already = approved(own).map_or_else(String::new, |by| format!(", beside {by}"));
            let missing = needs_people(step, own);
            self.because.push(format!("{missing} more must approve before it starts{already}; they may do so now"));
            self.elsewhere.push(What::Approve { step: step.id.clone(), attempt, alone: None });
        }
        for id in &waits.after {
            let planned = state.outline.step(id);
            let first = planned.map_or(id.as_str(), |s| s.title.as_str());
            let broke = state.steps.get(id).is_some_and(|own| matches!(own.status, StepStatus::Soaking { .. }));
            let holds_again = broke && !state.soak_is_broken(readout, id);
            let word = if holds_again { "soaking" } else { state.word(id) };
            let held = planned.filter(|first| is_only_held(state, first, now)).map(|first| {
                let attempt = state.steps.get(id).map_or(0, |own| own.attempt).saturating_add(1);
                let order = start(first, state.steps.get(id), attempt);
                format!("; once nothing holds the launch: `{}`", spell::write(&order))
            });
            self.because.push(format!("waits for `{id}` ({first}): {word}{}", held.unwrap_or_default()));
        }
        if let Some(first) = waits.after.first() {
            // What moves the first that it waits for, or what that waits for in turn.
            let first = explain(state, readout, first, now);
            let all = first.orders.into_iter().chain(first.elsewhere).filter(leads_on);
            let other = all.into_iter().find(|order| !self.orders.contains(order));
            self.elsewhere.extend(other);
        }
        self.because.extend(waits.until.map(|at| format!("due at {}", when(state, at, now))));
        self.because.extend(counted(state, step, waits.until));
        let then = waits.until.and_then(|at| outside(state, step, at));
        if let Some(closed) = &then {
            self.because.push(format!("its window is closed then, {}", closed.words(state, now)));
        } else if let Some(closed) = &waits.outside {
            self.because.push(format!("outside its window, {}", closed.words(state, now)));
            if waits.after.is_empty() && waits.until.is_none() {
                self.orders.push(What::Outside { step: step.id.clone(), attempt, why: String::new() });
            }
        }
        let run = RunId { step: step.id.clone(), kind: RunKind::Do, attempt };
        for missing in step.run.iter().flat_map(|command| missing_outputs(state, &run, command)) {
            self.because.push(missing.words());
            // The step that gives it, where it can be started now, comes before what a person would make up.
            let gives = state.outline.step(&missing.of).zip(state.steps.get(&missing.of));
            let begins = |(of, own): &(&StepOutline, &StepState)| {
                Obstacle::of(state, of, now).is_none() && !own.status.is_over() && needs_people(of, own) == 0
            };
            let gives = gives.filter(begins);
            self.orders.extend(gives.map(|(of, own)| start(of, Some(own), own.attempt.saturating_add(1))));
            self.orders.push(What::Output { name: missing.name, value: String::new(), why: String::new() });
        }
        self.because.extend(lacks);
        if let Some(run) = open_run(state, &step.id) {
            self.because.push(format!("{} has not ended yet", run.words()));
        }
        if step.auto && attempt == 1 {
            self.because.push(match missed(state, step, now) {
                true => {
                    "it became due while no engine ran, so it does not start by itself: a person starts it".to_owned()
                }
                false => "then it starts by itself".to_owned(),
            });
        }
        self
    }
}

/// From what the time of a step counts, where that is not T-0: its own or its phase's.
fn counted(state: &LaunchState, step: &StepOutline, until: Option<Timestamp>) -> Vec<String> {
    let phase = state.outline.phase(&step.phase);
    let since = step.since.iter().chain(phase.and_then(|p| p.since.as_ref()));
    // What lies behind it stands against nothing.
    let to_come = until.is_some() || due_at(state, step).is_none();
    let since = since.filter(|since| since.plus > Span::ZERO && to_come);
    let since = since.map(|since| format!("{} after `{}` is done", since.plus, since.name));
    let not_before =
        step.not_before.iter().chain(phase.and_then(|p| p.not_before.as_ref())).filter(|_| until.is_some());
    let zone = Wall::of(state).zone();
    since.chain(not_before.map(|time| format!("not before {time} {zone}"))).collect()
}

/// The order that starts a step.
fn start(step: &StepOutline, own: Option<&StepState>, attempt: u32) -> What {
    if !step.is_ticked() {
        return What::Run { step: step.id.clone(), attempt };
    }
    let none = StepState::default();
    What::Tick { step: step.id.clone(), item: first_open(step, own.unwrap_or(&none)), on: true }
}

/// A role with the person behind it.
fn person(state: &LaunchState, role: &RoleId) -> String {
    match who_fills(state, role) {
        Some(name) => format!("{role} ({name})"),
        None => role.to_string(),
    }
}

/// How many more must approve before somebody may start it.
pub(super) fn needs_people(step: &StepOutline, own: &StepState) -> usize {
    if own.approvals.iter().any(|a| a.alone.is_some()) {
        return 0;
    }
    usize::from(step.approvals).saturating_sub(1).saturating_sub(own.approvals.len())
}

/// Who approved, unless one did alone: `root, mia (declared)`.
fn approved(own: &StepState) -> Option<String> {
    if own.approvals.is_empty() || own.approvals.iter().any(|a| a.alone.is_some()) {
        return None;
    }
    Some(own.approvals.iter().map(|a| a.by.to_string()).collect::<Vec<_>>().join(", "))
}

/// The first open box of a step that has several. A new attempt begins with all of them open.
pub(super) fn first_open(step: &StepOutline, own: &StepState) -> Option<usize> {
    (0..step.items.len()).find(|i| own.begins_anew() || !own.ticks.contains_key(i))
}

/// Who may start a step that just so many approved that one more person is needed: `someone other than root`.
pub(super) fn other_than(step: &StepOutline, own: &StepState) -> Option<String> {
    let all_but_one = usize::from(step.approvals) == own.approvals.len() + 1;
    approved(own).filter(|_| all_but_one).map(|names| format!("someone other than {names}"))
}

/// The order that undoes a step once more: as the one stage to go back, or with all that began since.
fn undo_again(state: &LaunchState, id: &StepId) -> Option<What> {
    let way = if newest_stage(state) == Some(id) { Way::Stage(id.clone()) } else { Way::All };
    let may = !matches!(state.status, Status::RollingBack(_));
    may.then(|| What::Rollback { way, trigger: None, typed: None, why: String::new() })
}

/// Whether people may be led to an order: a stop and an override move what waits too, but nobody should be led to those.
pub(super) fn leads_on(order: &What) -> bool {
    !matches!(order, What::Stop { .. } | What::StopNow { .. } | What::Done { why: Some(_), .. })
}

fn open_run<'a>(state: &'a LaunchState, step: &StepId) -> Option<&'a RunId> {
    state.runs.iter().find(|(run, s)| run.step == *step && s.end.is_none()).map(|(run, _)| run)
}

/// A condition with how it stands: `lag.time < 5s: 0.4 s`.
fn found(readout: &Readout, condition: &Condition, of: &ConditionOf) -> String {
    condition.with(&readout.conditions.get(of).map_or("not measured yet".to_owned(), stands))
}

/// How a condition stands: `5.1 %, for 1h of 2h`.
pub(super) fn stands(view: &ConditionView) -> String {
    let clock = view.needs.map(|needs| format!(", held {} of {needs}", view.lasted.seconds())).unwrap_or_default();
    let frozen = if view.frozen { ", the clock stands still for want of data" } else { "" };
    format!("{}{clock}{frozen}", view.found)
}

fn claimed(state: &LaunchState, step: &StepOutline, own: &StepState, now: Timestamp) -> Explanation {
    let by = own.started_by.as_ref().map_or_else(|| "engine".to_owned(), Actor::to_string);
    let mut said = Explanation::new("in progress", own.started).because(format!("{by} does it by hand"));
    let open: Vec<usize> = (0..step.items.len()).filter(|i| !own.ticks.contains_key(i)).collect();
    if let Some(first) = open.first() {
        said.because.push(format!("{} of {} boxes are open", open.len(), step.items.len()));
        said.orders.push(What::Tick { step: step.id.clone(), item: Some(*first), on: true });
    }
    if let (Some(at), Some(limit)) = (fails_at(state, step), step.limit) {
        said.because.push(format!("it fails at its limit of {limit}, in {}", crate::core::words::left(at.since(now))));
    }
    // With a box open it is an override.
    said.orders.push(What::Done { step: step.id.clone(), why: open.first().map(|_| String::new()) });
    said.orders.push(What::Stop { step: step.id.clone(), attempt: own.attempt, let_finish: false });
    said
}

fn polling(state: &LaunchState, readout: &Readout, step: &StepOutline, own: &StepState, now: Timestamp) -> Explanation {
    let default = Gate::default();
    let gate = step.gate.as_ref().unwrap_or(&default);
    let mut said = Explanation::new("waits for a decision", own.started);
    let Some(poll) = &own.poll else { return said };
    for role in &gate.poll {
        let text = match poll.votes.get(role) {
            Some(v) if v.vote == Ballot::Go => format!("{role}: go, says {}", v.by),
            Some(v) => {
                format!("{role}: no-go, says {}: {}", v.by, v.why.as_deref().unwrap_or("no reason given"))
            }
            None => {
                let vote = What::Vote {
                    gate: step.id.clone(),
                    round: poll.round,
                    role: role.clone(),
                    vote: Ballot::Go,
                    why: None,
                };
                said.orders.push(vote);
                format!("{} has not voted", person(state, role))
            }
        };
        said.because.push(text);
    }
    let all_go = gate.poll.iter().all(|role| poll.votes.get(role).is_some_and(|v| v.vote == Ballot::Go));
    let mut unmet = false;
    for (i, condition) in gate.require.iter().enumerate() {
        let of = ConditionOf::Require(step.id.clone(), i);
        if readout.conditions.get(&of).is_none_or(|v| v.held != Some(true)) {
            unmet = true;
            said.because.push(found(readout, condition, &of));
        }
    }
    said.orders.splice(0..0, wanted_baseline(state, &gate.require));
    said.because.push(format!("the lead, {}, decides", state.lead));
    if let Some(at) = poll_ends(state, step) {
        said.because.push(format!("the poll runs out in {}", about(at.since(now).min(at.since(poll.opened)))));
    }
    // Over a missing vote or an unmet requirement a reason is needed, for no-go always.
    let why = (unmet || !all_go).then(String::new);
    said.orders.push(What::Decide { gate: step.id.clone(), round: poll.round, go: true, why });
    said.orders.push(What::Decide { gate: step.id.clone(), round: poll.round, go: false, why: Some(String::new()) });
    said
}
