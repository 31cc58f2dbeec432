//! What breaks in a step: its `fail` clocks, want of data, its end that nobody saw, its failure.

use super::{Alarm, AlarmKind, Clock};
use crate::core::condition::Condition;
use crate::core::launch::StepStatus;
use crate::core::launch::answers::measured::{live, other};
use crate::core::launch::answers::{Moment, Move, Words, soak};
use crate::core::launch::explain::explain;
use crate::core::launch::patience::data_due;
use crate::core::order::{Found, What};
use crate::core::outline::{OnFail, StepOutline};
use crate::core::reading::Level;
use crate::core::view::{ConditionOf, ConditionView};

/// What is wrong with a step that goes on, or that nobody saw the end of.
pub(super) fn of_step(m: &Moment<'_>, step: &StepOutline) -> Vec<Alarm> {
    let Some(status) = m.status(step) else { return Vec::new() };
    if let StepStatus::Interrupted { run, .. } = status {
        let found = m.state.runs.get(run).is_some_and(|run| run.left_running);
        let lives = m.readout.processes.get(run);
        let still = match lives {
            Some(pid) => format!("; it still runs, unwatched, as process {pid}"),
            None if found => "; when that was found it still ran".to_owned(),
            None => String::new(),
        };
        let text = format!("the end of {} was not observed{still}", run.kind.its());
        let mut alarm = Alarm::new(Level::Warn, AlarmKind::Interrupted, run.kind.of(&step.title), text);
        let says = "a person must say what became of it";
        alarm.then = match lives {
            Some(pid) => {
                Words::of([format!("wait for its end, or `kill {pid}`; then {says}"), format!("`kill {pid}`?")])
            }
            None => says.into(),
        };
        let order = What::Resolve { run: run.clone(), found: Found::Done, why: String::new() };
        alarm.answer = Some(Move::new(order, "say what became of it"));
        return vec![alarm];
    }
    // What is being undone fails no more.
    if !status.is_active() || m.going_back().is_some_and(|(_, r)| r.undoes.contains(&step.id)) {
        return Vec::new();
    }
    let conditions = step.fail.iter().enumerate();
    let breaches = conditions.filter_map(|(i, condition)| {
        let view = m.readout.conditions.get(&ConditionOf::Fail(step.id.clone(), i))?;
        if view.now != Some(true) {
            return None;
        }
        let mut alarm = Alarm::new(Level::Critical, AlarmKind::Breach, &step.title, live(condition, view));
        alarm.other = other(&m.state.outline, m.readout, condition, view);
        alarm.about = Some((condition.subject.probe.clone(), view.instance.clone()));
        alarm.clock = Clock::of(view);
        alarm.of_step = true;
        alarm.propose_for(m, step);
        if step.on_fail == OnFail::Hold {
            (alarm.then, alarm.asks) = (Words::of(["it fails and the launch holds", "fails and holds"]), false);
        }
        Some(alarm)
    });
    let unseen = |only: fn(&ConditionView) -> bool| {
        step.fail.iter().enumerate().find_map(|(i, condition)| {
            let view = m.readout.conditions.get(&ConditionOf::Fail(step.id.clone(), i)).filter(|view| only(view))?;
            let mut alarm = without_data(m, step, condition, view);
            if view.stands_still() {
                alarm.clock = Clock::of(view).map(|clock| Clock { frozen: true, ..clock });
            } else {
                alarm.then = "nothing shows whether it fails".into();
            }
            Some(alarm)
        })
    };
    let began = m.own(&step.id).and_then(|own| own.started).unwrap_or(m.now);
    let heard = || m.now >= data_due(m.state, &step.fail, began);
    // One word of a step that its data is gone: of the clock that was running against it first.
    let first = unseen(ConditionView::stands_still).or_else(|| no_data(m, step));
    let first = first.or_else(|| unseen(|view| view.now.is_none() && !view.waits).filter(|_| heard()));
    breaches.chain(first).collect()
}

/// The clock of what must hold after a step stands still for want of data.
fn no_data(m: &Moment<'_>, step: &StepOutline) -> Option<Alarm> {
    let StepStatus::Soaking { since, .. } = m.status(step)? else { return None };
    let heard = m.now >= data_due(m.state, &step.verify, *since);
    let views = step.verify.iter().enumerate();
    let mut views =
        views.filter_map(|(i, c)| Some((c, m.readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i))?)));
    let (condition, view) = views.find(|(_, view)| heard && view.now.is_none() && !view.waits)?;
    let mut alarm = without_data(m, step, condition, view);
    alarm.clock = soak(m.state, m.readout, step, m.now).map(|soak| Clock {
        lasted: soak.lasted,
        needs: soak.needs,
        frozen: true,
    });
    Some(alarm)
}

/// There is no data for a condition of a step.
fn without_data(m: &Moment<'_>, step: &StepOutline, condition: &Condition, view: &ConditionView) -> Alarm {
    let mut alarm = Alarm::new(Level::Unknown, AlarmKind::NoData, &step.title, condition.with(&view.found));
    alarm.then = "its clock stands still".into();
    alarm.look = m.state.outline.probe(&condition.subject.probe).map(|probe| probe.pane);
    alarm
}

/// A step that failed, or that a person stopped.
pub(super) fn failed(m: &Moment<'_>, step: &StepOutline, bad: bool) -> Option<Alarm> {
    let StepStatus::Failed { at, why, .. } = m.status(step)? else { return None };
    if m.going_back().is_some_and(|(_, r)| r.undoes.contains(&step.id)) {
        return None;
    }
    let kind = match (m.state.undo_failed(&step.id), m.state.was_stopped(&step.id)) {
        (true, _) => AlarmKind::UndoFailed,
        (false, true) => AlarmKind::Stopped,
        (false, false) => AlarmKind::Failed,
    };
    let proposes = kind == AlarmKind::UndoFailed || m.state.proposes_back(step);
    let level = if proposes && bad { Level::Critical } else { Level::Warn };
    let mut alarm = Alarm::new(level, kind, &step.title, why);
    alarm.since = Some(format!("since {}", (m.wall)(*at)));
    if proposes {
        alarm.propose_for(m, step);
    } else {
        alarm.answer = moves_on(m, step);
    }
    Some(alarm)
}

/// The first order that the engine takes now and that brings a failed step on.
fn moves_on(m: &Moment<'_>, step: &StepOutline) -> Option<Move> {
    let said = explain(m.state, m.readout, &step.id, m.now);
    let does = |order: &What| match order {
        What::Release { .. } => Some("releases the hold"),
        What::Run { .. } => Some("runs it again"),
        What::Tick { .. } => Some("ticks it"),
        What::Approve { .. } => Some("approves"),
        _ => None,
    };
    said.orders.into_iter().find_map(|order| Some(Move::new(order.clone(), does(&order)?)))
}
