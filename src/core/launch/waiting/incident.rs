//! Explain of an incident: how it stands, what is due, who is called next, and the way back that it asks for.

use super::{Explanation, Waiting};
use crate::core::event::IncidentState;
use crate::core::launch::{LaunchState, NextCall, Status, WayView, duties, next_call, proposes_back};
use crate::core::order::{Way, What};
use crate::core::time::Timestamp;
use crate::core::words::clock;

/// The way back that an incident asks for: the plan's, unless that is closed; where it names none, the first that is open.
fn asked_way<'w>(state: &LaunchState, ways: &'w [WayView]) -> Option<&'w WayView> {
    let named = state.outline.rollback.as_ref().map(|id| Way::Named(id.clone()));
    let of_plan = ways.iter().find(|view| Some(&view.way) == named.as_ref());
    of_plan.or_else(|| ways.iter().find(|view| view.closed.is_none())).filter(|view| view.closed.is_none())
}

/// How an incident stands, what is due for it, and who moves it next.
pub(super) fn incident(state: &LaunchState, ways: &[WayView], number: u32, now: Timestamp) -> Waiting {
    let name = format!("#{number}");
    let Some(of) = (number as usize).checked_sub(1).and_then(|i| state.incidents.get(i)) else {
        return Waiting { title: name.clone(), name, why: Explanation::new("not known", None) };
    };
    let title = format!("SEV{} {name} {}", of.level, of.text).trim_end().to_owned();
    if let (Some((at, _)), Some(closed)) = (&of.resolved, of.closed()) {
        let why = Explanation::new("closed", Some(*at)).because(closed);
        return Waiting { name, title, why };
    }
    let since = of.states.last().map_or(of.opened, |(at, _)| *at);
    let opened = match since > of.opened {
        true => format!("opened by {} {} ago", of.by, clock(now.since(of.opened))),
        false => format!("opened by {}", of.by),
    };
    let mut why = Explanation::new(of.state.word(), Some(since)).because(opened);
    why.because.push(match &of.answered {
        Some(said) => format!("{} is on it", said.by),
        None => "nobody has said to be on it".to_owned(),
    });
    why.because.extend(duties(state, number).iter().map(|duty| duty.said(state, now)));
    if proposes_back(state, number).is_some() {
        match asked_way(state, ways) {
            Some(way) => {
                why.because.push(format!("it asks: {}? until something is done against it", way.title));
                let typed = way.typed.then(String::new);
                let order = What::Rollback { way: way.way.clone(), trigger: None, typed, why: String::new() };
                why.orders.extend((!matches!(state.status, Status::RollingBack(_))).then_some(order));
            }
            None => why.because.push("it asks to go back, and there is no way back that is open".to_owned()),
        }
    }
    let text = String::new;
    if of.answered.is_none() {
        why.orders.push(What::Respond { incident: number, text: String::new() });
    }
    if let Some(NextCall { role, backup, .. }) = next_call(state, number) {
        let called = |answered| What::Called { incident: number, role: role.clone(), backup, answered, text: text() };
        why.orders.extend([called(true), called(false)]);
    }
    let further = match of.state {
        IncidentState::Investigating => &[IncidentState::Mitigating, IncidentState::Mitigated][..],
        IncidentState::Mitigating => &[IncidentState::Mitigated],
        IncidentState::Mitigated | IncidentState::Resolved => &[],
    };
    why.orders.extend(further.iter().map(|to| What::Move { incident: number, to: *to, text: text() }));
    why.orders.push(What::Update { incident: number, text: String::new() });
    why.orders.push(What::Resolved { incident: number, text: String::new() });
    if matches!(state.status, Status::Ended { .. }) {
        why.orders.clear();
    }
    Waiting { name, title, why }
}
