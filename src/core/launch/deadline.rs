//! When a look is due though nothing happens.

use super::decide::notices;
use super::due::{appointment, closed, due_at};
use super::injection::scenario_turns;
use super::patience::gives_up;
use super::{LaunchState, RollbackStatus, Status, StepStatus, checks, criteria, judge_effect, shifts};
use crate::core::condition::{Condition, NoDataRule, Quantifier};
use crate::core::signals::{Judge, Signals};
use crate::core::time::{Span, Timestamp};

/// When a look is due though nothing happens: a step's limit, a gate's expiry, a phase's time, a clock that would be full.
/// Always later than `now`; none where nothing but an event or a reading can change anything.
pub fn next_deadline(state: &LaunchState, signals: &Signals, now: Timestamp) -> Option<Timestamp> {
    if matches!(state.status, Status::Ended { .. }) {
        return None;
    }
    let mut at = Vec::new();
    let full = |condition: &Condition, of, from, no_data, soak: Option<Span>| {
        let judge = Judge { of, from, no_data, soak };
        if condition.lasting.is_none() && soak.is_none() {
            return None;
        }
        signals.judge(condition, judge, now).full_at
    };
    let effect = |condition: &Condition, from, soak: Option<Span>| {
        judge_effect(state, signals, condition, Judge { soak, ..Judge::all(from) }, now).full_at
    };
    for step in &state.outline.steps {
        let Some(own) = state.steps.get(&step.id) else { continue };
        if !own.status.is_active() {
            at.extend(due_at(state, step));
            at.extend(closed(state, step, now).and_then(|closed| closed.opens));
            continue;
        }
        let started = own.started.unwrap_or(state.opened);
        at.extend(step.limit.map(|limit| appointment(state, started, limit)));
        at.extend(step.fail.iter().filter_map(|c| full(c, Quantifier::Any, started, NoDataRule::Freeze, None)));
        match &own.status {
            StepStatus::Polling => {
                let expires = step.gate.as_ref().and_then(|g| g.expires);
                at.extend(own.poll.iter().zip(expires).map(|(poll, span)| appointment(state, poll.opened, span)));
            }
            StepStatus::Soaking { since, .. } => {
                if step.verify.is_empty() {
                    at.extend(step.soak.map(|soak| appointment(state, *since, soak)));
                }
                let soaks = step.verify.iter();
                at.extend(soaks.filter_map(|c| effect(c, *since, step.soak)));
            }
            _ => {}
        }
    }
    for trigger in &state.outline.triggers {
        let Some(when) = trigger.when() else { continue };
        if state.triggers.get(&trigger.id).is_none_or(|t| t.fired.is_none() && t.disarmed.is_none()) {
            at.extend(full(when, Quantifier::Any, state.trigger_since(&trigger.id), trigger.no_data, None));
        }
    }
    if let Some(rollback) = state.rollbacks.last().filter(|r| r.status == RollbackStatus::Running)
        && let Some(item) = rollback.items.get(rollback.next)
        && let Some(step) = state.outline.step(&item.run.step)
    {
        let started = state.runs.get(&item.run).map(|r| r.started);
        at.extend(started.zip(step.limit).map(|(started, limit)| appointment(state, started, limit)));
        at.extend(gives_up(state, rollback));
        if let Some(since) = rollback.awaiting {
            at.extend(step.soak.map(|soak| appointment(state, since, soak)));
            let undo = step.undo.iter().flat_map(|u| &u.require);
            let all = step.verify.iter().chain(undo);
            at.extend(all.filter_map(|c| effect(c, since, step.soak)));
        }
    }
    at.extend(scenario_turns(state));
    at.extend(notices::deadlines(state));
    at.extend(checks::deadlines(state, now));
    at.extend(shifts::moments(state));
    at.extend(criteria::deadlines(state, now));
    at.into_iter().filter(|at| *at > now).min()
}
