//! Explain of the shifts: who is on, who is next, and the page that is handed over.

use super::Waiting;
use crate::core::launch::explain::Explanation;
use crate::core::launch::{LaunchState, Near, calls, change_words, handover, next_change, on_shift};
use crate::core::order::What;
use crate::core::shift::Part;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::core::wall::Wall;
use crate::core::words::clock;

/// Whether somebody is to write a handover, or to accept it.
pub(super) fn change_wants(state: &LaunchState, now: Timestamp) -> bool {
    let near = next_change(state, now).is_some_and(|change| change.near(now) > Near::Ahead);
    near || state.shifts.offer.is_some()
}

/// Who is on shift, who is next, and what the change waits for.
pub(super) fn shift(state: &LaunchState, now: Timestamp) -> Option<Waiting> {
    let on = on_shift(state)?;
    let wall = Wall::of(state);
    let title = format!("{}: {}", on.role, on.who);
    // What was just taken may be a moment ahead of what was measured last.
    let since = Some(on.since).filter(|since| since.since(now) < Span::secs(1));
    let mut why = match since {
        Some(_) => Explanation::new("on shift", since),
        None => Explanation::new("on shift", None).because(format!("it begins at {}", wall.zoned(on.since, now))),
    };
    let change = next_change(state, now);
    why.because.push(match &change {
        Some(change) => change_words(state, change, now),
        None => "the plan has no turn after this one".to_owned(),
    });
    let take_over = What::TakeOver { from: on.who.to_owned(), why: String::new() };
    if let Some(offer) = &state.shifts.offer {
        why.state = "handed over".to_owned();
        why.since = Some(offer.at);
        let to = &offer.to;
        why.because.push(format!("handover {} by {} to {to}: {to} accepts it", offer.number, offer.by));
        why.because.push(format!("until then {} stays on shift", on.who));
        why.orders.push(What::Accept { handover: offer.number });
        why.orders.push(take_over);
    } else if let Some(change) = &change {
        let near = change.near(now);
        if near > Near::Ahead {
            why.because.push(format!("{} writes the handover, and stays on shift until it is accepted", on.who));
        }
        if near == Near::Overdue {
            why.because.push(calls(state, change));
        }
        why.orders.push(What::Handover { to: None, text: String::new() });
        why.orders.extend((near > Near::Soon).then_some(take_over));
    }
    Some(Waiting { name: "handover".to_owned(), title, why })
}

/// The same with the page: as it was handed over, where it was, else as it is now.
pub(super) fn with_sheet(state: &LaunchState, readout: &Readout, mut told: Waiting, now: Timestamp) -> Waiting {
    let offer = state.shifts.offer.as_ref();
    let sheet = offer.map_or_else(|| handover(state, readout, now), |offer| offer.sheet.clone());
    let said = offer.filter(|offer| !offer.text.is_empty()).map(|offer| format!("{}: {}", offer.by, offer.text));
    told.why.because.extend(said);
    let wrote =
        offer.map(|offer| format!("what stood {} ago, when {} wrote it:", clock(now.since(offer.at)), offer.by));
    told.why.because.extend(wrote);
    for Part { head, lines } in sheet {
        match lines.is_empty() {
            true => told.why.because.push(format!("{head}: none")),
            false => told.why.because.extend(lines.iter().map(|line| format!("{head}: {}", line.trim()))),
        }
    }
    told
}
