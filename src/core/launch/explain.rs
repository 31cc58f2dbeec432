//! What a step waits for, on whom, since when, and which order moves it.

use super::due::{about, against, appointment, due_since, when};
use super::{LaunchState, Status, StepState, StepStatus, waits};
use crate::core::event::Actor;
use crate::core::ids::{RoleId, RunId, StepId};
use crate::core::order::{Ballot, Found, What};
use crate::core::outline::{Gate, StepOutline};
use crate::core::time::Timestamp;
use crate::core::view::{ConditionOf, ConditionView, Readout};

/// Whether and why a step can or can't go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The state in a word or two: `due`, `not due`, `running`, `soaking`, `waits for approval`, ….
    pub state: String,
    /// What it waits for, on whom, since when; a sentence each.
    pub because: Vec<String>,
    /// Orders that would move it, best first. Texts in them that a person must give are empty.
    pub orders: Vec<What>,
    /// Whether it can be started now.
    pub due: bool,
    /// Since when it has been so, where that is known.
    pub since: Option<Timestamp>,
}

/// What a step waits for, and which order moves it. Core names the order; the screen prints its key, the command line
/// its `do`.
pub fn explain(state: &LaunchState, readout: &Readout, id: &StepId, now: Timestamp) -> Explanation {
    let fallback = StepState::default();
    let own = state.steps.get(id).unwrap_or(&fallback);
    let Some(step) = state.outline.step(id) else {
        return Explanation::new("not in the plan", None).because("the plan that is in force does not have it".into());
    };
    if !state.outline.steps.iter().any(|s| s.id == *id) {
        return of_rollback(state, own);
    }
    let mut said = match &own.status {
        StepStatus::Running { run } => running(state, readout, step, own, run, now),
        StepStatus::Soaking { since, broken } => soaking(readout, step, own, *since, *broken),
        StepStatus::Claimed => claimed(step, own),
        StepStatus::Polling => polling(state, readout, step, own, now),
        StepStatus::Undoing { .. } => {
            Explanation::new("undoing", None).because("a way back undoes it; when that is over it may run again".into())
        }
        StepStatus::Done { at, by, over } => {
            let mut said = Explanation::new("done", Some(*at)).because(format!("{} says so", who(by)));
            said.because.extend(over.iter().map(|over| format!("by override: {over}")));
            return said;
        }
        StepStatus::Skipped { at, by, why, not_applicable } => {
            let word = if *not_applicable { "n/a" } else { "skipped" };
            return Explanation::new(word, Some(*at)).because(format!("by {}: {why}", by.name));
        }
        StepStatus::Interrupted { at, run } => {
            let resolve = |found| What::Resolve { run: run.clone(), found, why: String::new() };
            let mut said = Explanation::new("interrupted", Some(*at))
                .because("the end of its command was not observed; nobody knows whether it did its work".into())
                .because("a person looks, then says done or not done, or runs it again".into());
            said.orders.extend([resolve(Found::Done), resolve(Found::NotDone)]);
            said.then_start(state, step, own, now)
        }
        StepStatus::Failed { at, why, .. } => {
            let said = Explanation::new("failed", Some(*at)).because(why.clone());
            let mut said = said.then_start(state, step, own, now);
            said.orders.push(What::Skip { step: id.clone(), why: String::new(), not_applicable: false });
            said.orders.push(What::Done { step: id.clone(), why: Some(String::new()) });
            said
        }
        StepStatus::NoGo { at, by, why } => {
            let why = why.as_deref().unwrap_or("no reason given");
            Explanation::new("no-go", Some(*at))
                .because(format!("{} decided no-go: {why}; it can be polled again", by.name))
                .then_start(state, step, own, now)
        }
        StepStatus::Expired { at } => Explanation::new("expired", Some(*at))
            .because("nobody decided while the poll was open; it can be polled again".into())
            .then_start(state, step, own, now),
        StepStatus::Undone { at } => Explanation::new("undone", Some(*at))
            .because(format!("a way back undid it; it may run again as attempt {}", own.attempt + 1))
            .then_start(state, step, own, now),
        StepStatus::Todo => {
            let said = Explanation::new("", due_since(state, step, now)).then_start(state, step, own, now);
            let word = match said.due {
                true if needs_people(step, own) > 0 => "waits for approval",
                true => "due",
                false if waits(state, step, now).is_due() && state.hold.is_some() => "held",
                false => "not due",
            };
            Explanation { state: word.to_owned(), ..said }
        }
    };
    if matches!(state.status, Status::Ended { .. }) {
        said.orders.clear();
    }
    said
}

impl Explanation {
    fn new(state: &str, since: Option<Timestamp>) -> Self {
        Self { state: state.to_owned(), because: Vec::new(), orders: Vec::new(), due: false, since }
    }

    fn because(mut self, sentence: String) -> Self {
        self.because.push(sentence);
        self
    }

    /// What stands against its start, or that nothing does.
    fn then_start(mut self, state: &LaunchState, step: &StepOutline, own: &StepState, now: Timestamp) -> Self {
        let attempt = own.attempt.saturating_add(1);
        self.due = against(state, step, now).is_none();
        if self.due {
            let missing = needs_people(step, own);
            if missing > 0 {
                self.because.push(format!("{missing} more must approve; the one who starts it counts as one"));
                self.orders.push(What::Approve { step: step.id.clone(), attempt, alone: None });
            }
            if step.auto && attempt == 1 {
                self.because.push("it could not start by itself when it became due".to_owned());
            }
            let owner = step.owner.as_ref().map_or("an operator".to_owned(), |role| person(state, role));
            self.because.push(format!("{owner} starts it"));
            self.orders.push(What::Run { step: step.id.clone(), attempt });
            return self;
        }
        match &state.status {
            Status::RollingBack(number) => self.because.push(format!("rollback {number} is under way")),
            Status::Ended { by, .. } => self.because.push(format!("the launch was ended by {}", by.name)),
            Status::Live | Status::RolledBack(_) => {}
        }
        if let Some(hold) = &state.hold {
            self.because.push(format!(
                "the launch holds since {} by {}: {}",
                about(now.since(hold.since)),
                who(&hold.by),
                hold.why
            ));
            self.orders.push(What::Release { why: String::new() });
        }
        let waits = waits(state, step, now);
        for id in &waits.after {
            let first = state.outline.step(id).map_or(id.as_str(), |s| s.title.as_str());
            let word = state.steps.get(id).map_or("not begun", |s| s.status.word());
            self.because.push(format!("waits for `{id}` ({first}): {word}"));
        }
        self.because.extend(waits.until.map(|at| format!("due at {}", when(state, at, now))));
        if let Some((run, _)) = state.runs.iter().find(|(run, s)| run.step == step.id && s.end.is_none()) {
            self.because.push(format!("the command of `{run}` has not ended yet"));
        }
        if step.auto && attempt == 1 {
            self.because.push("then it starts by itself".to_owned());
        }
        self
    }
}

fn who(by: &Actor) -> String {
    match by {
        Actor::Operator(operator) => operator.name.clone(),
        Actor::Engine => "tminus".to_owned(),
    }
}

/// A role with the person behind it.
fn person(state: &LaunchState, role: &RoleId) -> String {
    match state.outline.roles.get(role).map(|r| r.name.as_str()).filter(|name| !name.is_empty()) {
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

fn running(
    state: &LaunchState,
    readout: &Readout,
    step: &StepOutline,
    own: &StepState,
    run: &RunId,
    now: Timestamp,
) -> Explanation {
    let mut said = Explanation::new("running", own.started);
    let by = own.started_by.as_ref().map_or_else(|| "tminus".to_owned(), who);
    if let Some(asks) = readout.asking.get(run) {
        said = Explanation::new("waits for input", Some(asks.since));
        said.because.push(format!("its command asks: {}", asks.words()));
        said.orders.push(What::Input { run: run.clone(), line: String::new() });
    }
    said.because.push(format!("its command runs, started by {by}"));
    if let Some(limit) = step.limit.zip(own.started).map(|(limit, at)| appointment(state, at, limit)) {
        said.because.push(format!("it fails at its limit, in {}", about(limit.since(now))));
    }
    said.orders.push(What::Stop { step: step.id.clone(), attempt: own.attempt, let_finish: false });
    said
}

fn soaking(readout: &Readout, step: &StepOutline, own: &StepState, since: Timestamp, broken: bool) -> Explanation {
    let word = match (broken, step.soak, step.verify.is_empty()) {
        (true, ..) => "soak broken",
        (false, Some(_), _) => "soaking",
        (false, None, false) => "verifying",
        (false, None, true) => "waits for boxes",
    };
    let mut said = Explanation::new(word, Some(since));
    for (i, condition) in step.verify.iter().enumerate() {
        let view = readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
        said.because.push(format!("{condition}: {}", view.map_or("not measured yet".to_owned(), stands)));
    }
    let open = step.items.len() - (0..step.items.len()).filter(|i| own.ticks.contains_key(i)).count();
    if open > 0 {
        said.because.push(format!("{open} of {} boxes are open", step.items.len()));
    }
    said.orders.push(What::Stop { step: step.id.clone(), attempt: own.attempt, let_finish: false });
    said.orders.push(What::Done { step: step.id.clone(), why: Some(String::new()) });
    said
}

/// How a condition stands: `5.1 %, for 1h of 2h`.
fn stands(view: &ConditionView) -> String {
    let clock = view.needs.map(|needs| format!(", held {} of {needs}", view.lasted.seconds())).unwrap_or_default();
    let frozen = if view.frozen { ", the clock stands still for want of data" } else { "" };
    format!("{}{clock}{frozen}", view.found)
}

fn claimed(step: &StepOutline, own: &StepState) -> Explanation {
    let by = own.started_by.as_ref().map_or_else(|| "tminus".to_owned(), who);
    let mut said = Explanation::new("in progress", own.started).because(format!("{by} does it by hand"));
    let open: Vec<usize> = (0..step.items.len()).filter(|i| !own.ticks.contains_key(i)).collect();
    if let Some(first) = open.first() {
        said.because.push(format!("{} of {} boxes are open", open.len(), step.items.len()));
        said.orders.push(What::Tick { step: step.id.clone(), item: Some(*first), on: true });
    }
    said.orders.push(What::Done { step: step.id.clone(), why: None });
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
            Some(v) if v.vote == Ballot::Go => format!("{role}: go, says {}", v.by.name),
            Some(v) => {
                format!("{role}: no-go, says {}: {}", v.by.name, v.why.as_deref().unwrap_or("no reason given"))
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
    for (i, condition) in gate.require.iter().enumerate() {
        let view = readout.conditions.get(&ConditionOf::Require(step.id.clone(), i));
        if view.is_none_or(|v| v.held != Some(true)) {
            said.because.push(format!("{condition}: {}", view.map_or("not measured yet".to_owned(), stands)));
        }
    }
    said.because.push(format!("the lead, {}, decides", state.lead));
    if let Some(expires) = gate.expires {
        let at = appointment(state, poll.opened, expires);
        said.because.push(format!("the poll runs out in {}", about(at.since(now))));
    }
    for go in [true, false] {
        said.orders.push(What::Decide { gate: step.id.clone(), round: poll.round, go, why: None });
    }
    said
}

fn of_rollback(state: &LaunchState, own: &StepState) -> Explanation {
    let said = Explanation::new(own.status.word(), own.started);
    let Status::RollingBack(number) = state.status else {
        return said.because("a part of a rollback that is not under way".into());
    };
    let mut said = said.because(format!("a part of rollback {number}"));
    if let Some(rollback) = state.rollbacks.last() {
        let item = rollback.next;
        if let super::RollbackStatus::Stopped { why, .. } = &rollback.status {
            said.because.push(format!("which stopped: {why}"));
            said.orders.push(What::RollbackAgain { rollback: number, item });
        }
        said.orders.push(What::RollbackByHand { rollback: number, item, why: String::new() });
        said.orders.push(What::RollbackLeave { rollback: number, why: String::new() });
    }
    said
}
