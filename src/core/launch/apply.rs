//! The fold: events into state. It judges nothing. What an event says happened, so it is taken as said, also where it
//! names what the plan no longer has.

mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::state::TERMINAL;
use super::{
    Approval, Call, Fired, Fix, Hold, Incident, Kept, LaunchState, Notices, PollState, RollbackState, RollbackStatus,
    RunState, Said, Shifts, Status, StepState, StepStatus, Tick, TriggerState, Vote, beside,
};
use crate::core::asked;
use crate::core::event::{Actor, Event, IncidentState, Recorded};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::order::Found;
use crate::core::outline::{OnStop, Outline};
use crate::core::time::{Span, Timestamp};

/// So many answered orders are kept at least.
const ORDERS: usize = 1000;

impl LaunchState {
    /// The state after the first event; none where that is not `Opened`.
    pub fn open(first: &Recorded) -> Option<LaunchState> {
        let Event::Opened { launch, mode, t0, by, plan_hash, outline, practice } = &first.event else { return None };
        let mut state = LaunchState {
            id: launch.clone(),
            mode: *mode,
            practice: practice.clone(),
            head: first.seq,
            last_at: first.at,
            opened: first.at,
            t0: *t0,
            outline: Arc::new(Outline::default()),
            plan_hash: plan_hash.clone(),
            lead: by.name.clone(),
            shared: by.declared,
            status: Status::Live,
            hold: None,
            more_holds: Vec::new(),
            steps: BTreeMap::new(),
            added: Vec::new(),
            outputs: BTreeMap::new(),
            runs: BTreeMap::new(),
            triggers: BTreeMap::new(),
            rollbacks: Vec::new(),
            incidents: Vec::new(),
            watches: BTreeMap::new(),
            criteria: BTreeMap::new(),
            notices: Notices::default(),
            shifts: Shifts::default(),
            side: Default::default(),
            baselines: BTreeMap::new(),
            injections: BTreeMap::new(),
            fixes: Vec::new(),
            forgotten: Vec::new(),
            let_go: BTreeMap::new(),
            engine_since: first.at,
            engine_ended: None,
            unplanned: BTreeSet::new(),
            asked_since: BTreeMap::new(),
            engine_version: None,
            engines: 0,
            gaps: Vec::new(),
            wall: Span::ZERO,
            orders: BTreeMap::new(),
        };
        state.take_outline(outline, first.at);
        state.remember(first);
        Some(state)
    }

    /// Folds an event in. Total; ignores events at or before `head`.
    pub fn apply(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.head {
            return;
        }
        self.head = recorded.seq;
        self.last_at = recorded.at;
        self.remember(recorded);
        self.fold(&recorded.event, recorded.at);
    }

    fn remember(&mut self, recorded: &Recorded) {
        let Some(order) = &recorded.order else { return };
        self.orders.insert(order.clone(), recorded.seq);
        if self.orders.len() > 2 * ORDERS {
            let mut seqs: Vec<_> = self.orders.values().copied().collect();
            seqs.sort_unstable();
            let oldest = seqs.get(seqs.len() - ORDERS).copied().unwrap_or_default();
            self.orders.retain(|_, seq| *seq >= oldest);
        }
    }

    /// Steps and triggers that the new plan lacks are kept: they happened.
    fn take_outline(&mut self, outline: &Outline, at: Timestamp) {
        self.take_watches(outline, at);
        self.take_criteria(outline);
        for step in outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps)) {
            self.steps.entry(step.id.clone()).or_default();
        }
        for trigger in &outline.triggers {
            self.triggers.entry(trigger.id.clone()).or_default();
        }
        let mut outline = outline.clone();
        beside::merge(&mut outline, &self.added);
        self.outline = Arc::new(outline);
    }

    fn step_mut(&mut self, id: &StepId) -> &mut StepState {
        if !self.steps.contains_key(id) {
            self.steps.insert(id.clone(), StepState::default());
        }
        self.steps.entry(id.clone()).or_default()
    }

    fn run_started(&mut self, run: &RunId, (cols, rows): (u16, u16), at: Timestamp) {
        self.runs.insert(run.clone(), RunState::new(at, cols, rows));
        let step = self.step_mut(&run.step);
        match run.kind {
            RunKind::Do => {
                step.attempt = run.attempt;
                step.started = Some(at);
                step.status = StepStatus::Running { run: run.clone() };
            }
            RunKind::Undo => {
                step.undo_attempts = run.attempt;
                step.status = StepStatus::Undoing { run: run.clone() };
            }
        }
    }

    fn rollback_mut(&mut self, number: u32) -> Option<&mut RollbackState> {
        self.rollbacks.get_mut((number as usize).checked_sub(1)?)
    }

    fn incident_mut(&mut self, number: u32) -> Option<&mut Incident> {
        self.incidents.get_mut((number as usize).checked_sub(1)?)
    }

    /// Nobody observed anything for a while, up to now.
    fn fold_gap(&mut self, gap: Span, at: Timestamp) {
        self.gaps.push((at - gap, at));
        self.steps.values_mut().for_each(|s| s.soak_taken_up(at));
    }

    fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::EngineEnded { why } => self.engine_ended = Some(why.clone()),
            Event::Opened { .. } | Event::WrittenLate { .. } | Event::Unknown => {}
            Event::Noted { by, text } => self.fold_note(by, text, at),
            Event::Injected { part, .. } => drop(self.injections.insert(*part, (at, None))),
            Event::InjectionEnded { part, .. } => {
                if let Some((_, end)) = self.injections.get_mut(part) {
                    *end = Some(at);
                }
            }
            Event::FixNoted { by, step, text } => {
                self.fixes.push(Fix { at, by: by.clone(), step: step.clone(), text: text.clone() });
            }
            Event::ClockStepped { by } => self.wall = self.wall + *by,
            Event::T0Moved { to, .. } => {
                self.t0 = *to;
                self.watches_moved(at);
                self.criteria.clear();
            }
            Event::PlanAdopted { plan_hash, outline, .. } => {
                self.plan_hash = plan_hash.clone();
                self.carry_ticks(outline);
                for probe in &outline.probes {
                    if self.outline.probe(&probe.id).is_some_and(|was| !was.asks_as(probe)) {
                        self.asked_since.insert(probe.id.clone(), at);
                    }
                }
                self.take_outline(outline, at);
                self.notices.keep_channels(|id| outline.channels.iter().any(|c| c.id == *id));
            }
            Event::EngineStarted { gap, wall, version, unplanned, .. } => {
                self.unplanned = unplanned.iter().cloned().collect();
                self.wall = *wall;
                self.engine_version = Some(version.clone());
                self.engine_ended = None;
                self.engines += 1;
                self.engine_since = at;
                if let Some(gap) = gap {
                    self.fold_gap(*gap, at);
                }
            }
            Event::StoodStill { gap } => {
                self.engine_since = at;
                self.fold_gap(*gap, at);
            }
            Event::LeadTaken { name, .. } => self.lead = name.clone(),
            Event::StepAdded { step, .. } => {
                self.steps.entry(step.id.clone()).or_default();
                self.added.push((**step).clone());
                beside::merge(Arc::make_mut(&mut self.outline), &self.added);
            }
            Event::StepStarted { step, attempt, by } => self.step_started(step, *attempt, by, at),
            Event::RunStarted { run, cols, rows } => self.run_started(run, (*cols, *rows), at),
            Event::RunFound { run, began } => {
                self.unplanned.remove(run);
                if run.kind == RunKind::Do {
                    self.step_started(&run.step, run.attempt, &Actor::Engine, *began);
                }
                self.run_started(run, TERMINAL, *began);
            }
            Event::RunEnded { run, end, left_running, asked, .. } => {
                if let Some(state) = self.runs.get_mut(run) {
                    state.left_running = *left_running;
                    state.asked = asked.as_ref().map(|sign| asked::reason(sign, run.kind));
                }
                self.run_ended(run, end, at);
            }
            Event::OutputKept { name, step, value, why, .. } => {
                let kept = Kept { step: step.clone(), value: value.clone(), why: why.clone(), at };
                self.outputs.insert(name.clone(), kept);
            }
            Event::StopAsked { step, let_finish: false, by, undo, over } => {
                let over = over.as_ref().map(|why| format!("stopped by {by} though the plan lets it finish: {why}"));
                self.step_mut(step).overrides.extend(over);
                if !undo {
                    self.step_mut(step).stopped_by.get_or_insert_with(|| by.clone());
                }
                for (_, run) in self.runs.iter_mut().filter(|(r, s)| r.step == *step && s.end.is_none()) {
                    run.stopping = true;
                    run.stopped_by.get_or_insert_with(|| by.clone());
                }
            }
            Event::StopAsked { step, let_finish: true, by, .. } => {
                for (_, run) in self.runs.iter_mut().filter(|(r, s)| r.step == *step && s.end.is_none()) {
                    run.let_finish.get_or_insert_with(|| by.clone());
                }
            }
            Event::RunResolved { run, found, why, by } => {
                let step = self.step_mut(&run.step);
                if !matches!(&step.status, StepStatus::Interrupted { run: r, .. } if r == run) {
                    return;
                }
                let not_done = |what: &str| StepStatus::Failed {
                    at,
                    why: format!("{what} interrupted, not done: {why}"),
                    evidence: Vec::new(),
                };
                match (run.kind, found) {
                    (RunKind::Do, Found::Done) => step.status = StepStatus::Soaking { since: at, broken: false },
                    (RunKind::Do, Found::NotDone) => step.status = not_done("it was"),
                    (RunKind::Undo, Found::Done) => step.undone(at),
                    (RunKind::Undo, Found::NotDone) => step.status = not_done("its undo was"),
                }
                if let (Found::Done, Some(state)) = (found, self.runs.get_mut(run)) {
                    state.found_done = Some(Said { at, by: by.clone(), text: why.clone() });
                }
                if let (RunKind::Do, Some(title)) = (run.kind, self.outline.step(&run.step).map(|s| s.title.clone())) {
                    self.hold.iter_mut().chain(&mut self.more_holds).for_each(|hold| hold.found(&title, *found, by));
                }
            }
            Event::Ticked { step: id, item, on, by, .. } => {
                let step = self.step_mut(id);
                if *on {
                    step.ticks.insert(item.unwrap_or(0), Tick { at, by: by.clone() });
                } else {
                    step.ticks.remove(&item.unwrap_or(0));
                    if matches!(step.status, StepStatus::Done { .. }) {
                        step.status = StepStatus::Claimed;
                    }
                }
                self.boxes_moved(id, at);
            }
            Event::StepDone { step, attempt, by, over, evidence } => {
                let by = self.who_says_done(step, *attempt, by, evidence);
                let step = self.step_mut(step);
                step.overrides.extend(over.clone());
                step.status = StepStatus::Done { at, by, over: over.clone() };
            }
            Event::StepFailed { step, why, evidence, .. } => {
                let finishes = self.outline.step(step).is_some_and(|s| s.on_stop == OnStop::Finish);
                if !finishes {
                    self.runs
                        .iter_mut()
                        .filter(|(r, s)| r.step == *step && s.end.is_none())
                        .for_each(|(_, s)| s.stopping = true);
                }
                let step = self.step_mut(step);
                step.overridden_before = step.overrides.len();
                step.status = StepStatus::Failed { at, why: why.clone(), evidence: evidence.clone() };
            }
            Event::SoakBroken { step, .. } => self.soak(step, true, at),
            Event::SoakMended { step } => self.soak(step, false, at),
            Event::SoakFrozen { step, .. } => self.step_mut(step).frozen = Some(at),
            Event::SideCutOff { why } => self.side.cut = Some((at, why.clone())),
            Event::SideBack { .. } => {
                self.side = super::Side { cut: None, back: Some(at) };
                self.notices.line_is_back(at);
            }
            Event::SoakThawed { step } => self.step_mut(step).frozen = None,
            Event::StepSkipped { step, by, why, not_applicable } => {
                self.step_mut(step).status =
                    StepStatus::Skipped { at, by: by.clone(), why: why.clone(), not_applicable: *not_applicable };
            }
            Event::StepUndone { step, since } => {
                if since.is_none() {
                    self.outputs.retain(|_, kept| kept.step != *step);
                }
                let step = self.step_mut(step);
                step.overridden_before = step.overrides.len();
                match since {
                    None => step.undone(at),
                    Some(since) => step.goes_back(since, at),
                }
            }
            Event::PollOpened { gate, round, by } => {
                let step = self.step_mut(gate);
                step.attempt = *round;
                step.begins(at);
                step.started_by = Some(by.clone());
                step.status = StepStatus::Polling;
                step.poll = Some(PollState { round: *round, opened: at, votes: BTreeMap::new() });
            }
            Event::Voted { gate, role, vote, by, why, .. } => {
                if let Some(poll) = &mut self.step_mut(gate).poll {
                    poll.votes.insert(role.clone(), Vote { vote: *vote, by: by.clone(), at, why: why.clone() });
                }
            }
            Event::GateDecided { gate, go, by, why, over, .. } => {
                let step = self.step_mut(gate);
                if *go {
                    let reason = why.as_deref().map_or(String::new(), |w| format!(" ({w})"));
                    let over = (!over.is_empty()).then(|| format!("{}{reason}", over.join("; ")));
                    step.overrides.extend(over.clone());
                    step.status = StepStatus::Done { at, by: Actor::Operator(by.clone()), over };
                } else {
                    step.overridden_before = step.overrides.len();
                    step.status = StepStatus::NoGo { at, by: by.clone(), why: why.clone() };
                }
            }
            Event::GateExpired { gate, .. } => {
                let step = self.step_mut(gate);
                step.overridden_before = step.overrides.len();
                step.status = StepStatus::Expired { at };
            }
            Event::Approved { step, by, alone, .. } => {
                let step = self.step_mut(step);
                step.overrides.extend(alone.as_ref().map(|why| format!("{} alone: {why}", by.name)));
                step.approvals.push(Approval { by: by.clone(), at, alone: alone.clone() });
            }
            Event::WindowPassed { step, attempt, by, why } => {
                let step = self.step_mut(step);
                step.outside = Some(*attempt);
                step.overrides.push(format!("{by} lets it start outside its window: {why}"));
            }
            Event::Held { by, why } => self.held(Hold { since: at, by: by.clone(), why: why.clone() }),
            Event::Released { of, .. } => self.released(of.as_ref()),
            Event::SeveritySet { incident, level, by, text, onset, .. } => match self.incident_mut(*incident) {
                Some(known) => {
                    if known.level != *level {
                        known.level = *level;
                        known.levels.push((at, *level));
                    }
                    if !text.is_empty() {
                        known.text = text.clone();
                    }
                }
                None => {
                    let new = Incident::new(*level, text.clone(), at, by.clone());
                    self.incidents.push(Incident { onset: onset.clone(), ..new });
                }
            },
            Event::IncidentAnswered { incident, by, text } => {
                if let Some(known) = self.incident_mut(*incident) {
                    known.answered = Some(Said { at, by: by.clone(), text: text.clone() });
                }
            }
            Event::IncidentUpdated { incident, by, text } => {
                if let Some(known) = self.incident_mut(*incident) {
                    known.updated = Some(Said { at, by: by.clone(), text: text.clone() });
                }
            }
            Event::IncidentMoved { incident, to, by, text } => {
                if let Some(known) = self.incident_mut(*incident) {
                    known.state = *to;
                    known.states.push((at, *to));
                    // Who does something about it is on it.
                    if *to > IncidentState::Investigating {
                        known.answered.get_or_insert_with(|| Said { at, by: by.clone(), text: text.clone() });
                    }
                }
            }
            Event::IncidentCalled { incident, role, who, backup, answered, by, text } => {
                if let Some(known) = self.incident_mut(*incident) {
                    known.calls.push(Call {
                        at,
                        role: role.clone(),
                        who: who.clone(),
                        backup: *backup,
                        answered: *answered,
                        by: by.clone(),
                        text: text.clone(),
                    });
                }
            }
            Event::IncidentResolved { incident, by, text } => {
                if let Some(known) = self.incident_mut(*incident) {
                    known.state = IncidentState::Resolved;
                    known.resolved = Some((at, by.clone()));
                    known.closing = text.clone();
                }
            }
            Event::TriggerFired { trigger, instance, evidence, by, .. } => {
                let state = self.triggers.entry(trigger.clone()).or_default();
                state.times += 1;
                state.disarmed = None;
                let (instance, evidence) = (instance.clone(), evidence.clone());
                state.fired = Some(Fired { at, instance, evidence, by: by.clone(), dismissed: None, acked: None });
            }
            Event::TriggerCleared { trigger, .. } => {
                let state = self.triggers.entry(trigger.clone()).or_default();
                *state = TriggerState { cleared: Some(at), times: state.times, ..TriggerState::default() };
            }
            Event::TriggerDismissed { trigger, by, why, .. } => {
                if let Some(fired) = self.triggers.get_mut(trigger).and_then(|t| t.fired.as_mut()) {
                    fired.dismissed = Some(Said { at, by: by.clone(), text: why.clone() });
                }
            }
            Event::RollbackStarted { way, title, items, undoes, by, trigger, why, stays, asks, follows, .. } => {
                let by_hand = items.first().is_some_and(|i| i.command.is_none());
                self.rollbacks.push(RollbackState {
                    way: way.clone(),
                    title: title.clone(),
                    items: items.clone(),
                    undoes: undoes.clone(),
                    stays: stays.clone(),
                    asks: asks.clone(),
                    started: at,
                    by: by.clone(),
                    trigger: trigger.clone(),
                    why: why.clone(),
                    next: 0,
                    status: RollbackStatus::Running,
                    awaiting: by_hand.then_some(at),
                    settled: None,
                });
                self.status = Status::RollingBack(u32::try_from(self.rollbacks.len()).unwrap_or(u32::MAX));
                for trigger in trigger.iter().chain(follows) {
                    let state = self.triggers.entry(trigger.clone()).or_default();
                    *state = TriggerState { fired: None, disarmed: Some(at), ..state.clone() };
                }
            }
            Event::RollbackItemDone { rollback, item, by, by_hand } => {
                let Some(state) = self.rollback_mut(*rollback) else { return };
                state.next = item + 1;
                state.status = RollbackStatus::Running;
                state.awaiting = state.items.get(state.next).and_then(|i| i.command.is_none().then_some(at));
                let run = state.items.get(*item).map(|i| i.run.clone());
                if let Some(run) = run.filter(|r| r.kind == RunKind::Do) {
                    self.step_mut(&run.step).status = StepStatus::Done { at, by: by.clone(), over: by_hand.clone() };
                }
            }
            Event::RollbackRetried { rollback, item, run, .. } => {
                let ended_well = self.runs.get(run).is_some_and(RunState::succeeded);
                let Some(state) = self.rollback_mut(*rollback) else { return };
                state.status = RollbackStatus::Running;
                if let Some(item) = state.items.get_mut(*item) {
                    item.run = run.clone();
                    state.awaiting = (ended_well || item.command.is_none()).then_some(at);
                }
            }
            Event::RollbackStopped { rollback, why, .. } => {
                if let Some(state) = self.rollback_mut(*rollback) {
                    state.status = RollbackStatus::Stopped { at, why: why.clone() };
                }
            }
            Event::RollbackLeft { rollback, why, .. } => {
                if let Some(state) = self.rollback_mut(*rollback) {
                    state.status = RollbackStatus::Left { at, why: why.clone() };
                    self.status = Status::Live;
                }
            }
            Event::RollbackSettled { rollback, by, why } => {
                if let Some(state) = self.rollback_mut(*rollback) {
                    state.settled = Some(Said { at, by: by.clone(), text: why.clone() });
                }
            }
            Event::RollbackDone { rollback, took } => {
                if let Some(state) = self.rollback_mut(*rollback) {
                    state.status = RollbackStatus::Done { at, took: *took };
                    self.status = Status::RolledBack(*rollback);
                }
            }
            Event::BaselineCaptured { of, .. } => self.baselines.extend(of.iter().cloned()),
            Event::InstanceForgotten { probe, instance, .. } => {
                let gone = (probe.clone(), instance.clone());
                self.let_go.insert(probe.clone(), at);
                if !self.forgotten.contains(&gone) {
                    self.forgotten.push(gone);
                }
            }
            Event::InstanceBack { probe, instance } => self.forgotten.retain(|(p, i)| p != probe || i != instance),
            Event::Notice(fact) => self.fold_notice(fact, at),
            Event::Check(fact) => self.fold_check(fact, at),
            Event::Shift(fact) => self.fold_shift(fact, at),
            Event::CriterionMeasured(part) => self.fold_measured(part),
            Event::BudgetHalfUsed { criterion, .. } => self.fold_half_used(criterion, at),
            Event::BudgetUsedUp { criterion, .. } => self.fold_used_up(criterion, at),
            Event::Ended { by, why } => self.status = Status::Ended { at, by: by.clone(), why: why.clone() },
        }
    }
}
