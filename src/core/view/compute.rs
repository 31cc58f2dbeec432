//! Views as the engine computes them. Each condition is judged from the same moment and by the same rule as in `decide`,
//! so that what is shown is what decides.

use std::collections::BTreeMap;

use super::{ConditionOf, ConditionView, SPARK, SignalView};
use crate::core::condition::Condition;
use crate::core::ids::{RunKind, SignalId};
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, StepStatus, injected, judge_effect, marked};
use crate::core::outline::StepOutline;
use crate::core::reading::Verdict;
use crate::core::signals::{Finding, Judge, Signals};
use crate::core::time::Timestamp;
use crate::core::units::Finite;

/// All signals that are known, or expected and missing.
pub(super) fn signals(state: &LaunchState, signals: &Signals, now: Timestamp) -> BTreeMap<SignalId, SignalView> {
    let injected = |view: SignalView| SignalView { injected: injected(state, &view.id), ..view };
    measured(signals, now).into_iter().map(|(id, view)| (id, injected(view))).collect()
}

/// The same where there is no launch yet.
pub(super) fn measured(signals: &Signals, now: Timestamp) -> BTreeMap<SignalId, SignalView> {
    signals.ids().into_iter().map(|id| (id.clone(), signal(signals, id, now))).collect()
}

fn signal(signals: &Signals, id: SignalId, now: Timestamp) -> SignalView {
    let (level, why) = signals.level(&id, now);
    let mut spark = Vec::with_capacity(SPARK);
    let (mut last, mut known) = (None, None);
    for entry @ (_, outcome) in signals.newest(&id, SPARK) {
        spark.push(outcome.least().and_then(Finite::new));
        last = Some(entry);
        known = if outcome.counts() { Some(outcome) } else { known };
    }
    let lost = last.is_none_or(|(_, outcome)| !outcome.counts());
    SignalView {
        level,
        why,
        last: last.map(|(_, outcome)| outcome.clone()),
        at: last.map(|(at, _)| *at),
        was: known.filter(|_| lost).cloned(),
        injected: false,
        pending: signals.pending(&id, now),
        spark,
        id,
    }
}

/// All conditions that matter now.
pub(super) fn conditions(
    state: &LaunchState,
    signals: &Signals,
    now: Timestamp,
) -> BTreeMap<ConditionOf, ConditionView> {
    let mut views = Views { state, signals, now, of: BTreeMap::new() };
    for trigger in &state.outline.triggers {
        let Some(when) = trigger.when() else { continue };
        let own = state.triggers.get(&trigger.id);
        if let Some(fired) = own.and_then(|t| t.fired.as_ref()) {
            let quiet =
                marked(state, when, signals.quiet(when, trigger.clear_after, state.quiet_from(when, fired), now));
            let of = ConditionOf::Clear(trigger.id.clone());
            views.of.insert(of.clone(), view(of, quiet));
        }
        let disarmed = own.and_then(|t| t.disarmed);
        let since = disarmed.unwrap_or_else(|| state.trigger_since(&trigger.id));
        let how = Judge { no_data: trigger.no_data, ..Judge::any(since) };
        views.add(ConditionOf::Trigger(trigger.id.clone()), when, how);
    }
    for rollback in &state.outline.rollbacks {
        let of = |index| ConditionOf::Rollback(rollback.id.clone(), index);
        views.each(&rollback.require, of, Judge::all(state.opened));
    }
    for step in &state.outline.steps {
        if let Some(gate) = &step.gate {
            views.each(&gate.require, |i| ConditionOf::Require(step.id.clone(), i), Judge::all(state.opened));
        }
        let Some(own) = state.steps.get(&step.id).filter(|own| own.status.is_active()) else { continue };
        let started = own.started.unwrap_or(state.opened);
        match own.status {
            StepStatus::Soaking { since, .. } => {
                views.verify(step, Judge { soak: step.soak, ..Judge::all(since) }, started)
            }
            StepStatus::Undoing { .. } => {}
            _ => views.verify(step, Judge::all(started), started),
        }
    }
    way_back(state, &mut views);
    views.of
}

/// What must hold before the way back under way goes on, also while that stands: people decide by it.
fn way_back(state: &LaunchState, views: &mut Views) {
    let under_way = |r: &&RollbackState| matches!(r.status, RollbackStatus::Running | RollbackStatus::Stopped { .. });
    let running = state.rollbacks.last().filter(under_way);
    let Some((rollback, item)) = running.and_then(|r| Some((r, r.items.get(r.next)?))) else { return };
    let Some(step) = state.outline.step(&item.run.step) else { return };
    let run = state.runs.get(&item.run);
    let started = run.map_or(rollback.started, |r| r.started);
    let since = rollback.awaiting.or(run.and_then(|r| Some(r.end.as_ref()?.0))).unwrap_or(started);
    match item.run.kind {
        RunKind::Do => views.verify(step, Judge { soak: step.soak, ..Judge::all(since) }, started),
        RunKind::Undo => {
            let require = step.undo.as_ref().map_or(&[][..], |u| &u.require);
            views.effects(require, |i| ConditionOf::Undo(step.id.clone(), i), Judge::all(since));
        }
    }
}

struct Views<'a> {
    state: &'a LaunchState,
    signals: &'a Signals,
    now: Timestamp,
    of: BTreeMap<ConditionOf, ConditionView>,
}

impl Views<'_> {
    fn add(&mut self, of: ConditionOf, condition: &Condition, how: Judge) {
        let finding = marked(self.state, condition, self.signals.judge(condition, how, self.now));
        self.of.insert(of.clone(), view(of, finding));
    }

    fn each(&mut self, conditions: &[Condition], of: impl Fn(usize) -> ConditionOf, how: Judge) {
        for (index, condition) in conditions.iter().enumerate() {
            self.add(of(index), condition, how);
        }
    }

    /// Of what a step's work brings about.
    fn effects(&mut self, conditions: &[Condition], of: impl Fn(usize) -> ConditionOf, how: Judge) {
        for (index, condition) in conditions.iter().enumerate() {
            let finding = judge_effect(self.state, self.signals, condition, how, self.now);
            self.of.insert(of(index), view(of(index), finding));
        }
    }

    fn verify(&mut self, step: &StepOutline, how: Judge, started: Timestamp) {
        self.effects(&step.verify, |i| ConditionOf::Verify(step.id.clone(), i), how);
        self.effects(&step.fail, |i| ConditionOf::Fail(step.id.clone(), i), Judge::any(started));
    }
}

fn view(of: ConditionOf, finding: Finding) -> ConditionView {
    let known = |verdict: &Verdict| match verdict {
        Verdict::True => Some(true),
        Verdict::False => Some(false),
        Verdict::NoData(_) => None,
    };
    ConditionView {
        of,
        held: known(&finding.verdict),
        now: known(&finding.now),
        found: finding.found,
        lasted: finding.lasted,
        since: finding.since,
        needs: finding.needs,
        frozen: finding.frozen,
        waits: finding.waits,
        few: finding.few,
        agreed: finding.agreed,
        instance: finding.instance,
    }
}
