//! What people owe each other: incidents that ask or are overdue, a change of shift.

use super::{Alarm, AlarmKind};
use crate::core::launch::answers::next::answer_of;
use crate::core::launch::answers::{Moment, Move, Words};
use crate::core::launch::{Near, calls, duties, next_call, next_change, on_shift, proposes_back, unreached};
use crate::core::order::What;
use crate::core::reading::Level;

/// An incident whose severity asks to go back, and what of it is overdue.
pub(super) fn of_incident(m: &Moment<'_>, number: u32) -> Vec<Alarm> {
    let Some(incident) = m.state.incidents.get(number as usize - 1) else { return Vec::new() };
    let text = if incident.text.is_empty() { "not described yet" } else { &incident.text };
    let place = format!("SEV{} #{number}", incident.level);
    let asks = proposes_back(m.state, number).map(|since| {
        let mut alarm = Alarm::new(Level::Critical, AlarmKind::Incident, &place, text);
        alarm.since = Some(format!("since {}", (m.wall)(since)));
        alarm.propose(m, m.state.outline.rollback.as_ref(), None, since);
        alarm
    });
    let overdue = duties(m.state, number).into_iter().filter(|duty| duty.is_overdue(m.now)).map(|duty| {
        let what = duty.said(m.state, m.now).replace(" OVERDUE ", " overdue for ");
        let mut alarm = Alarm::new(Level::Warn, AlarmKind::Overdue, &place, what);
        alarm.answer = answer_of(m.state, &duty);
        alarm
    });
    let unreached = unreached(m.state, number).map(|of| {
        let what = format!("{} did not answer; nobody is left to call", of.who.join(", "));
        let level = if of.nobody { Level::Critical } else { Level::Warn };
        let mut alarm = Alarm::new(level, AlarmKind::Unreached, &place, what);
        alarm.since = Some(format!("since {}", (m.wall)(of.since)));
        let again = next_call(m.state, number).map(|call| {
            let (role, backup) = (call.role, call.backup);
            What::Called { incident: number, role, backup, answered: true, text: String::new() }
        });
        alarm.then = match again {
            Some(_) => Words::of(["begin again, or reach somebody else by name and note it", "begin again"]),
            None => Words::of(["reach somebody else by name, and note it", "reach somebody else"]),
        };
        alarm.answer = again.map(|order| Move::new(order, "somebody answered"));
        alarm
    });
    asks.into_iter().chain(unreached).chain(overdue).collect()
}

/// A handover that is wanted, or late.
pub(super) fn shift(m: &Moment<'_>) -> Option<Alarm> {
    let (on, change) = (on_shift(m.state)?, next_change(m.state, m.now)?);
    let level = change.level(m.now);
    if level == Level::Ok {
        return None;
    }
    let late = change.near(m.now) == Near::Overdue;
    let kind = if late { AlarmKind::HandoverOverdue } else { AlarmKind::Handover };
    let what = format!("{} takes over from {}", change.turn.who, on.who);
    let mut alarm = Alarm::new(level, kind, on.role.as_str(), what);
    alarm.since = Some(format!("since {}", (m.wall)(change.at)));
    let offer = m.state.shifts.offer.as_ref();
    alarm.then = match (late, offer) {
        (true, _) => Words::of([format!("{} stays; {}", on.who, calls(m.state, &change)), format!("{} stays", on.who)]),
        (false, Some(offer)) => format!("{} stays until {} accepts", on.who, offer.to).into(),
        (false, None) => format!("{} writes the handover, and stays until then", on.who).into(),
    };
    alarm.answer = Some(match offer {
        Some(offer) => Move::new(What::Accept { handover: offer.number }, "accepts it"),
        None => Move::new(What::Handover { to: None, text: String::new() }, "hands over"),
    });
    Some(alarm)
}
