//! What follows without anyone's order: a comparison of what holds with what is recorded. The difference is the events.
//! A look that finds nothing says nothing; the engine looks again after every event until then.

use super::rollback::item_done;
use super::steps::{next_attempt, open_boxes, run_starts, starts};
use super::watch::fires;
use super::{Case, Finding, checks, notices};
use crate::core::condition::{Condition, Polls, with_found};
use crate::core::event::{Actor, Event, Evidence};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::launch::criteria::{measured, used_up};
use crate::core::launch::due::{Obstacle, appointment, closed, missed};
use crate::core::launch::injection::{played_here, scenario_goes_on};
use crate::core::launch::patience::{data_due, patience};
use crate::core::launch::rests::undone;
use crate::core::launch::standing::{MENDED, mended_after};
use crate::core::launch::{RollbackState, RollbackStatus, Status, StepState, StepStatus};
use crate::core::outline::{OnFail, StepOutline, TriggerOutline};
use crate::core::reading::Verdict;
use crate::core::time::Timestamp;

pub(super) fn look(case: Case<'_>) -> Vec<Event> {
    if case.is_ended() {
        return Vec::new();
    }
    let mut events = super::watch::back(case);
    events.extend(scenario_goes_on(case.state, case.now));
    super::side::look(case, &mut events);
    for step in &case.state.outline.steps {
        if let Some(own) = case.state.steps.get(&step.id) {
            look_step(case, step, own, &mut events);
        }
    }
    for step in case.state.outline.rollbacks.iter().flat_map(|r| &r.steps) {
        if let Some(own) = case.state.steps.get(&step.id) {
            settle(case, step, own, &mut events);
        }
    }
    for trigger in &case.state.outline.triggers {
        look_trigger(case, trigger, &mut events);
    }
    if let (Status::RollingBack(number), Some(rollback)) = (&case.state.status, case.state.rollbacks.last()) {
        look_rollback(case, *number, rollback, &mut events);
    }
    checks::look(case, &mut events);
    events.extend(measured(case.state, case.signals, case.now, false).into_iter().map(Event::CriterionMeasured));
    events.extend(used_up(case.state));
    // What follows of this look is told by the next.
    if events.is_empty() {
        notices::look(case, &mut events);
    }
    // A hold that was just called must be seen before anything starts.
    if events.is_empty() {
        start_by_itself(case, &mut events);
    }
    events
}

fn look_step(case: Case<'_>, step: &StepOutline, own: &StepState, events: &mut Vec<Event>) {
    if !own.status.is_active() {
        return;
    }
    let going_back = matches!(case.state.status, Status::RollingBack(_))
        && case.state.rollbacks.last().is_some_and(|r| r.undoes.contains(&step.id));
    let ended = match &own.status {
        StepStatus::Running { run } => case.state.runs.get(run).filter(|r| r.end.is_some()),
        _ => None,
    };
    if let Some(run) = ended {
        // A person who stopped it knows.
        fail(case, step, own, run.words(), Vec::new(), !run.stopping, events);
        return;
    }
    if let StepStatus::Undoing { .. } = own.status {
        return settle(case, step, own, events);
    }
    if let StepStatus::Polling = own.status {
        let expires = step.gate.as_ref().and_then(|g| g.expires);
        if let (Some(expires), Some(poll)) = (expires, &own.poll)
            && appointment(case.state, poll.opened, expires) <= case.now
        {
            events.push(Event::GateExpired { gate: step.id.clone(), round: poll.round });
        }
        return;
    }
    if going_back {
        return;
    }
    let started = own.started.unwrap_or(case.state.opened);
    for condition in &step.fail {
        let finding = case.fails(condition, started);
        if finding.verdict.is_true() {
            let why = condition.with(&finding.found);
            fail(case, step, own, why, vec![finding.evidence(condition)], true, events);
            return;
        }
    }
    if let Some(limit) = step.limit
        && appointment(case.state, started, limit) <= case.now
    {
        let (_, evidence) = match own.status {
            StepStatus::Soaking { since, .. } => findings(case, step, since),
            _ => Default::default(),
        };
        let unmet = evidence.iter().find(|found: &&Evidence| found.held != Some(true));
        let unmet = unmet.map_or_else(String::new, |of| format!("; {}", with_found(&of.condition, &of.found)));
        let why = format!("it took longer than its limit of {limit}{unmet}");
        fail(case, step, own, why, evidence, true, events);
        return;
    }
    match own.status {
        StepStatus::Soaking { since, broken } => look_soak(case, step, own, since, broken, events),
        StepStatus::Claimed => {
            let last = own.ticks.values().max_by_key(|t| t.at);
            if let (0, Some(last)) = (open_boxes(step, own), last) {
                let by = Actor::Operator(last.by.clone());
                done(step, own, by, Vec::new(), events);
            }
        }
        _ => {}
    }
}

/// A step whose undo has run, or a step of a rollback: once its command has ended and no way back waits for it any more,
/// it comes to what is on record. Nothing stays under way because nobody asks.
fn settle(case: Case<'_>, step: &StepOutline, own: &StepState, events: &mut Vec<Event>) {
    let (run, soaking) = match &own.status {
        StepStatus::Undoing { run } | StepStatus::Running { run } => (run.clone(), None),
        StepStatus::Soaking { since, .. } => {
            (RunId { step: step.id.clone(), kind: RunKind::Do, attempt: own.attempt }, Some(*since))
        }
        _ => return,
    };
    let Some((known, at)) = case.state.runs.get(&run).and_then(|r| Some((r, r.end.as_ref()?.0))) else { return };
    let failed = |why| Event::StepFailed { step: step.id.clone(), attempt: own.attempt, why, evidence: Vec::new() };
    if soaking.is_none() && !known.succeeded() {
        events.push(failed(known.words()));
        return;
    }
    let rollback = case.state.rollbacks.last().filter(|_| matches!(case.state.status, Status::RollingBack(_)));
    if rollback.and_then(|r| r.items.get(r.next)).is_some_and(|item| item.run == run) {
        return;
    }
    let since = soaking.unwrap_or(at);
    let soak = if run.kind == RunKind::Do { step.soak } else { None };
    let required = requires(step, run.kind);
    let found: Vec<Finding> = required.iter().map(|c| case.effect(c, since, soak)).collect();
    let unmet = found.iter().zip(required).find(|(f, _)| !f.verdict.is_true());
    match (unmet, run.kind) {
        (Some((f, condition)), kind) => {
            let what = if kind == RunKind::Undo { "its undo" } else { "it" };
            events.push(failed(format!("{what} ended well but was left before {condition} held: {}", f.found)));
        }
        (None, RunKind::Undo) => events.extend(undone(case.state, std::slice::from_ref(&step.id))),
        (None, RunKind::Do) => {
            let evidence: Vec<Evidence> = found.iter().zip(required).map(|(f, c)| f.evidence(c)).collect();
            done(step, own, says_done(case, step, own, &evidence), evidence, events);
        }
    }
}

fn says_done(case: Case<'_>, step: &StepOutline, own: &StepState, evidence: &[Evidence]) -> Actor {
    case.state.who_says_done(&step.id, own.attempt, &Actor::Engine, evidence)
}

fn done(step: &StepOutline, own: &StepState, by: Actor, evidence: Vec<Evidence>, events: &mut Vec<Event>) {
    events.push(Event::StepDone { step: step.id.clone(), attempt: own.attempt, by, over: None, evidence });
}

fn fail(
    case: Case<'_>,
    step: &StepOutline,
    own: &StepState,
    why: String,
    evidence: Vec<Evidence>,
    hold: bool,
    events: &mut Vec<Event>,
) {
    let offer = match step.on_fail {
        OnFail::Hold => "",
        OnFail::Propose => "; a way back was proposed",
    };
    let begins = format!("{} failed: ", step.title);
    let held =
        if hold && !case.state.is_added(&step.id) { case.hold(&begins, format!("{begins}{why}{offer}")) } else { None };
    events.push(Event::StepFailed { step: step.id.clone(), attempt: own.attempt, why, evidence });
    events.extend(held);
}

fn findings(case: Case<'_>, step: &StepOutline, since: Timestamp) -> (Vec<Finding>, Vec<Evidence>) {
    let pairs = step.verify.iter().map(|condition| {
        let finding = case.effect(condition, since, step.soak);
        let evidence = finding.evidence(condition);
        (finding, evidence)
    });
    pairs.unzip()
}

fn look_soak(
    case: Case<'_>,
    step: &StepOutline,
    own: &StepState,
    since: Timestamp,
    broken: bool,
    events: &mut Vec<Event>,
) {
    let (found, evidence) = findings(case, step, since);
    if found.iter().all(|f| f.verdict.is_true()) && soaked(case, step, since) {
        if open_boxes(step, own) == 0 {
            done(step, own, says_done(case, step, own, &evidence), evidence, events);
        }
        return;
    }
    look_data(case, step, own, since, &found, events);
    let Some(soak) = step.soak else { return };
    if broken {
        let enough = mended_after(soak);
        if found.iter().all(|f| f.now.is_true() && f.lasted >= enough) {
            events.push(Event::SoakMended { step: step.id.clone() });
        }
        return;
    }
    // A soak whose conditions have not all held has not begun.
    if found.iter().any(|f| f.now.is_false()) && step.verify.iter().all(|c| has_held(case, c, since)) {
        let open = found.iter().zip(evidence).filter(|(f, _)| f.now.is_false());
        let evidence = open.map(|(_, evidence)| evidence).collect();
        events.push(Event::SoakBroken { step: step.id.clone(), evidence });
    }
}

/// Says once that there is no data for what must hold, and once that there is again; not before there ought to be
/// any, and not more often than once in [`MENDED`], so that a probe that flaps does not fill the journal.
fn look_data(
    case: Case<'_>,
    step: &StepOutline,
    own: &StepState,
    since: Timestamp,
    found: &[Finding],
    events: &mut Vec<Event>,
) {
    let blind = |f: &Finding| !f.waits && matches!(f.now, Verdict::NoData(_));
    let blind = found.iter().zip(&step.verify).find(|(f, _)| blind(f));
    match (blind, own.frozen) {
        (Some((f, condition)), None) if case.now >= data_due(case.state, &step.verify, since) => {
            events.push(Event::SoakFrozen { step: step.id.clone(), why: condition.with(&f.found) });
        }
        (None, Some(at)) if case.now.since(at) >= MENDED => {
            events.push(Event::SoakThawed { step: step.id.clone() });
        }
        _ => {}
    }
}

/// A soak with nothing to verify is a wait.
fn soaked(case: Case<'_>, step: &StepOutline, since: Timestamp) -> bool {
    !step.verify.is_empty() || step.soak.is_none_or(|soak| appointment(case.state, since, soak) <= case.now)
}

/// Whether a condition has held at all since then: what never held can't break.
fn has_held(case: Case<'_>, condition: &Condition, since: Timestamp) -> bool {
    let once = Condition { polls: Some(Polls { k: 1, of: 100 }), lasting: None, ..condition.clone() };
    // On stand-ins it was taken as held until the scenario spoke of it.
    case.state.stands_in() || case.effect(&once, since, None).verdict.is_true()
}

/// Triggers are looked at in every state. One that led to a way back is disarmed until its comparison was false once.
fn look_trigger(case: Case<'_>, trigger: &TriggerOutline, events: &mut Vec<Event>) {
    let Some(when) = trigger.when() else { return };
    let own = case.state.triggers.get(&trigger.id);
    if let Some(at) = own.and_then(|t| t.disarmed) {
        if case.any(when, at, trigger.no_data).now.is_false() {
            events.push(Event::TriggerCleared { trigger: trigger.id.clone(), rearmed: true, by: None, why: None });
        }
        return;
    }
    if let Some(fired) = own.and_then(|t| t.fired.as_ref()) {
        if case.signals.quiet(when, trigger.clear_after, case.state.quiet_from(when, fired), case.now).verdict.is_true()
        {
            events.push(Event::TriggerCleared { trigger: trigger.id.clone(), rearmed: false, by: None, why: None });
        }
        return;
    }
    let finding = case.any(when, case.state.trigger_since(&trigger.id), trigger.no_data);
    // Not even what is measured on our own side: from there nobody could act on it. It is cut off until the vantage has
    // answered again, also while nothing is heard of that.
    let cut_off = case.state.side.cut.is_some() || case.signals.cut_off(case.now).is_some();
    if !finding.verdict.is_true() || cut_off && !played_here(case.state, when) {
        return;
    }
    events.extend(fires(case, trigger, finding.instance.clone(), finding.evidence(when), None));
}

/// Brings the way back one event further, if it can go on.
fn look_rollback(case: Case<'_>, number: u32, rollback: &RollbackState, events: &mut Vec<Event>) {
    if rollback.status != RollbackStatus::Running {
        return;
    }
    let Some(item) = rollback.items.get(rollback.next) else {
        let open = |id: &&_| !case.state.steps.get(*id).is_some_and(|s| matches!(s.status, StepStatus::Undone { .. }));
        // Its command may still be let finish.
        if case.state.way_back_awaits().is_some() {
            return;
        }
        let itself: Vec<StepId> =
            rollback.undoes.iter().filter(|id| !rollback.asks.contains(id)).filter(open).cloned().collect();
        events.extend(undone(case.state, &itself));
        events.push(Event::RollbackDone { rollback: number, took: case.now.since(rollback.started) });
        return;
    };
    let stopped = |why: String| Event::RollbackStopped { rollback: number, item: rollback.next, why };
    let Some(planned) = case.state.outline.step(&item.run.step) else {
        events.push(stopped(format!("`{}` is no longer in the plan", item.run.step)));
        return;
    };
    let run = case.state.runs.get(&item.run);
    let Some(run) = run else {
        if item.command.is_some() {
            if case.state.way_back_awaits().is_none() {
                events.push(run_starts(item.run.clone()));
            }
        } else if let Some(since) = rollback.awaiting.filter(|_| !requires(planned, item.run.kind).is_empty()) {
            await_requirements(case, number, rollback, planned, since, events);
        }
        return;
    };
    match (&run.end, rollback.awaiting) {
        (None, _) => {
            if let Some(why) = failing(case, planned, item.run.kind, run.started) {
                events.push(stopped(why));
            }
        }
        (Some(_), _) if !run.succeeded() => {
            let what = if item.run.kind == RunKind::Undo { "undo of " } else { "" };
            events.push(stopped(format!("{what}{} {}", item.title, run.words())));
        }
        (Some((at, _)), awaiting) => {
            let since = awaiting.unwrap_or(*at);
            if let Some(why) = failing(case, planned, item.run.kind, run.started) {
                events.push(stopped(why));
            } else {
                await_requirements(case, number, rollback, planned, since, events);
            }
        }
    }
}

fn requires(step: &StepOutline, kind: RunKind) -> &[Condition] {
    match kind {
        RunKind::Do => &step.verify,
        RunKind::Undo => step.undo.as_ref().map_or(&[], |u| &u.require),
    }
}

/// For a step of a named rollback: what ends it.
fn failing(case: Case<'_>, step: &StepOutline, kind: RunKind, started: Timestamp) -> Option<String> {
    if kind == RunKind::Undo {
        return None;
    }
    let failed = step.fail.iter().find_map(|condition| {
        let finding = case.fails(condition, started);
        finding.verdict.is_true().then(|| condition.with(&finding.found))
    });
    let late = || {
        let limit = step.limit.filter(|limit| appointment(case.state, started, *limit) <= case.now)?;
        Some(format!("{} took longer than its limit of {limit}", step.title))
    };
    failed.or_else(late)
}

fn await_requirements(
    case: Case<'_>,
    number: u32,
    rollback: &RollbackState,
    step: &StepOutline,
    since: Timestamp,
    events: &mut Vec<Event>,
) {
    let Some(item) = rollback.items.get(rollback.next) else { return };
    let soak = if item.run.kind == RunKind::Do { step.soak } else { None };
    let unmet = requires(step, item.run.kind).iter().find_map(|condition| {
        let finding = case.effect(condition, since, soak);
        (!finding.verdict.is_true()).then(|| (finding.now.is_true(), condition.with(&finding.found)))
    });
    let waited = item.run.kind == RunKind::Undo || soaked(case, step, since);
    if unmet.is_none() && waited {
        return events.extend(item_done(case.state, number, rollback.next, &item.run, Actor::Engine, None));
    }
    let bound = patience(step, item.run.kind).filter(|_| item.command.is_some());
    // What holds at this moment is let hold until its clock is full.
    if let (Some((false, unmet)), Some(bound)) = (unmet, bound)
        && appointment(case.state, since, bound) <= case.now
    {
        let what = if item.run.kind == RunKind::Undo { "the undo of " } else { "" };
        let why = format!("{what}{} ended well, but what must hold then did not within {bound}: {unmet}", item.title);
        events.push(Event::RollbackStopped { rollback: number, item: rollback.next, why });
    }
}

/// Steps that the plan lets start by themselves: once, never past a hold or beside a way back, and never when they
/// became due before this engine took the launch up after a gap.
fn start_by_itself(case: Case<'_>, events: &mut Vec<Event>) {
    let state = case.state;
    if state.hold.is_some() || state.status != Status::Live {
        return;
    }
    for step in state.outline.steps.iter().filter(|s| s.auto && s.approvals <= 1) {
        let own = state.steps.get(&step.id);
        let begun = own.is_some_and(|s| s.attempt > 0 || s.status != StepStatus::Todo);
        let closed = closed(state, step, case.now).is_some();
        if begun || closed || Obstacle::of(state, step, case.now).is_some() || missed(state, step, case.now) {
            continue;
        }
        events.extend(starts(step, next_attempt(own), Actor::Engine));
    }
}
