//! Alarms of triggers: measured ones that fired, clear or are about to fire, and those that a person fired.

use super::{Alarm, AlarmKind, Clock};
use crate::core::launch::answers::measured::{fired_upon, live, other};
use crate::core::launch::answers::{Moment, Move};
use crate::core::launch::{Fired, TriggerStands, disarmed, trigger_stands};
use crate::core::order::What;
use crate::core::outline::{TriggerAction, TriggerOutline};
use crate::core::reading::Level;

/// A trigger that fired, clears, or is about to fire.
pub(super) fn of_trigger(m: &Moment<'_>, trigger: &TriggerOutline) -> Option<Alarm> {
    let Some(when) = trigger.when() else { return of_asked(m, trigger) };
    let (stands, view) = trigger_stands(m.state, m.readout, trigger);
    let fired = m.state.triggers.get(&trigger.id).and_then(|own| own.fired.as_ref());
    let notifies = trigger.action == TriggerAction::Notify;
    let kind = match (stands, fired) {
        (TriggerStands::Armed | TriggerStands::Unknown | TriggerStands::Dismissed, _) => return None,
        (TriggerStands::Pending, _) if notifies => return None,
        (TriggerStands::Pending, _) => AlarmKind::Breach,
        (TriggerStands::Clearing, _) => AlarmKind::Clearing,
        (TriggerStands::Fired, _) | (TriggerStands::Followed, Some(_)) => AlarmKind::Trigger,
        (TriggerStands::Followed, None) if view.is_some_and(|v| v.now == Some(true)) => AlarmKind::Breach,
        (TriggerStands::Followed, None) => return None,
    };
    let place = if trigger.title == when.to_string() { "" } else { trigger.title.as_str() };
    let loud = if notifies || kind == AlarmKind::Clearing { Level::Warn } else { Level::Critical };
    let what = match (view.filter(|v| v.now.is_some()), fired) {
        (None, Some(fired)) => fired_upon(when, fired, view),
        (known, _) => live(when, known.or(view)?),
    };
    let mut alarm = Alarm::new(loud, kind, place, what);
    alarm.trigger = Some(trigger.id.clone());
    alarm.other = view.and_then(|view| other(&m.state.outline, m.readout, when, view));
    let instance = view.and_then(|v| v.instance.clone()).or_else(|| fired?.instance.clone());
    alarm.about = Some((when.subject.probe.clone(), instance));
    match stands {
        TriggerStands::Pending => alarm.clock = view.and_then(Clock::of),
        TriggerStands::Clearing => {
            (alarm.clock, alarm.then) = (view.and_then(Clock::of), "its condition is false now".into());
            return Some(alarm);
        }
        TriggerStands::Followed if fired.is_none() => {
            alarm.then = disarmed(m.state, trigger);
            return Some(alarm);
        }
        _ => alarm.since = fired.map(|fired| since(m, fired)),
    }
    if notifies {
        return Some(alarm);
    }
    Some(proposed(m, trigger, alarm))
}

/// `since 09:05`, and who is on it.
fn since(m: &Moment<'_>, fired: &Fired) -> String {
    let on_it = fired.acked.as_ref().map_or_else(String::new, |said| format!(", {} is on it", said.by));
    format!("since {}{on_it}", (m.wall)(fired.at))
}

/// With the question whether to go back, as the trigger puts it.
fn proposed(m: &Moment<'_>, trigger: &TriggerOutline, mut alarm: Alarm) -> Alarm {
    let named = trigger.rollback.as_ref().or(m.state.outline.rollback.as_ref());
    alarm.propose(m, named, Some(&trigger.id), m.now);
    if trigger.action == TriggerAction::Consider {
        alarm.asks = false;
        if alarm.answer.is_some() {
            alarm.then = "consider going back".into();
        }
    }
    alarm
}

/// A trigger that a person fired. It stands until a person clears it or answers for not following it.
fn of_asked(m: &Moment<'_>, trigger: &TriggerOutline) -> Option<Alarm> {
    let fired = m.state.triggers.get(&trigger.id)?.fired.as_ref().filter(|fired| fired.dismissed.is_none())?;
    let notify = trigger.action == TriggerAction::Notify;
    let level = if notify { Level::Warn } else { Level::Critical };
    let by = fired.by.as_ref().map_or_else(String::new, |by| format!(", says {by}"));
    let what = format!("{}{by}", fired.evidence.found);
    let mut alarm = Alarm::new(level, AlarmKind::Trigger, trigger.title.trim_end_matches('?'), what);
    alarm.trigger = Some(trigger.id.clone());
    alarm.since = Some(since(m, fired));
    if !notify {
        return Some(proposed(m, trigger, alarm));
    }
    let clear = What::Clear { trigger: trigger.id.clone(), why: String::new() };
    alarm.answer = Some(Move::new(clear, "clears it"));
    Some(alarm)
}
