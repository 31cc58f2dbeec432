//! Explain of a trigger: how far its clock is, upon what it fired, and what it asks for.

use super::Waiting;
use crate::core::condition::with_found;
use crate::core::launch::explain::{Explanation, stands};
use crate::core::launch::triggers::{
    TriggerStands, answered, asks, closed_way, disarmed, holds_now, trigger_stands, way_was_left,
};
use crate::core::launch::{LaunchState, Said, Status, WayView, wanted_baseline};
use crate::core::order::What;
use crate::core::outline::{TriggerAction, TriggerOutline};
use crate::core::time::Span;
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::clock;

/// By so much a clock may lag behind the time since it began and nobody wonders.
const UNSEEN: Span = Span::secs(5);

/// What a dismissed trigger waits for before it can fire anew, and how far that is.
fn clears(readout: &Readout, of: &TriggerOutline) -> String {
    let clear = readout.conditions.get(&ConditionOf::Clear(of.id.clone()));
    let lasted = clear.filter(|_| !holds_now(readout, of)).map_or(Span::ZERO, |view| view.lasted);
    let (lasted, after) = (clock(lasted), of.clear_after);
    format!("it fires anew only after its condition was false for {after} in one piece: {lasted} of {}", clock(after))
}

/// How a trigger stands, how long it has still to hold or to be false, and what it asks for.
pub(super) fn trigger(state: &LaunchState, readout: &Readout, ways: &[WayView], of: &TriggerOutline) -> Waiting {
    let (stands_now, view) = trigger_stands(state, readout, of);
    let fired = state.triggers.get(&of.id).and_then(|t| t.fired.as_ref());
    let word = match stands_now {
        TriggerStands::Armed => "armed",
        TriggerStands::Pending => "pending",
        TriggerStands::Unknown => "unknown",
        TriggerStands::Fired => "fired",
        TriggerStands::Clearing => "clearing",
        TriggerStands::Dismissed => "fired and dismissed",
        TriggerStands::Followed if fired.is_some() => "fired",
        TriggerStands::Followed if way_was_left(state, of) => "disarmed",
        TriggerStands::Followed => "led to a way back",
    };
    let since = match (stands_now, view) {
        (TriggerStands::Clearing, Some(view)) => view.since.or(fired.map(|f| f.at)),
        (TriggerStands::Dismissed, _) => fired.and_then(|f| f.dismissed.as_ref()).map(|said| said.at),
        _ => fired.map(|f| f.at),
    };
    let mut why = Explanation::new(word, since);
    let found = view.map_or_else(|| "not measured yet".to_owned(), stands);
    match stands_now {
        _ if of.is_asked() => why.because.push(format!("a person is asked: {}", of.fires)),
        TriggerStands::Clearing => {
            why.because.push(format!("{}: false now", of.fires));
            let needs = view.and_then(|v| Some(format!("{} of {}", clock(v.lasted), clock(v.needs?))));
            why.because.push(format!(
                "it clears once that was so for {}: {}",
                of.clear_after,
                needs.unwrap_or_default()
            ));
            let quiet = view.and_then(|v| Some(readout.at.since(v.since?) - v.lasted));
            if let Some(unseen) = quiet.filter(|unseen| *unseen > UNSEEN) {
                why.because.push(format!("nothing was observed for {} of that: its clock stood still", clock(unseen)));
            }
        }
        _ => why.because.push(with_found(&of.fires.to_string(), &found)),
    }
    if let Some(fired) = fired {
        why.because.push(match &fired.by {
            Some(by) => format!("fired by {by}: {}", fired.evidence.found),
            None => format!("it fired upon {}", fired.evidence.found),
        });
        if let Some(Said { by, text, .. }) = fired.acked.as_ref().filter(|_| fired.dismissed.is_none()) {
            let text = if text.is_empty() { String::new() } else { format!(": {text}") };
            why.because.push(format!("{by} is on it{text}"));
        }
        if let Some(Said { by, text, .. }) = &fired.dismissed {
            why.because.push(format!("it fired {} ago", clock(readout.at.since(fired.at))));
            why.because.push(format!("dismissed by {by}: {text}"));
            why.because.extend(Some(clears(readout, of)).filter(|_| !of.is_asked()));
        }
    }
    if stands_now == TriggerStands::Followed {
        why.because.push(match way_was_left(state, of) {
            _ if fired.is_some() => "a way back that does what it asks for is under way".to_owned(),
            _ if of.is_asked() => "it is armed again once a person clears it".to_owned(),
            true => disarmed(state, of).long().to_owned(),
            false => "it is armed again once its condition was false".to_owned(),
        });
    } else if fired.is_none() {
        let closed = closed_way(state, ways, of).filter(|_| of.action != TriggerAction::Notify);
        why.because.push(match (&of.action, &of.rollback) {
            _ if let Some(way) = closed => {
                format!("its way back, {}, is closed: when it fires a person decides", way.title)
            }
            (TriggerAction::Notify, _) => "when it fires it says so and asks for nothing".to_owned(),
            (TriggerAction::Consider, _) => "when it fires it is said, with the way back beside it".to_owned(),
            (TriggerAction::Propose, Some(id)) => format!("when it fires the launch holds and asks to go back: {id}"),
            (TriggerAction::Propose, None) => "when it fires the launch holds and asks to go back".to_owned(),
        });
    }
    why.orders.extend(of.when().and_then(|when| wanted_baseline(state, [when])));
    let open = fired.is_some_and(|fired| fired.dismissed.is_none()) && of.action != TriggerAction::Notify;
    let going = matches!(state.status, Status::RollingBack(_) | Status::Ended { .. });
    if let Some(way) =
        closed_way(state, ways, of).filter(|_| open && !going && answered(state, of, readout.at).is_none())
    {
        let closed = way.closed.as_deref().unwrap_or_default();
        why.because.push(format!("its way back, {}, is closed: {closed}; a person decides", way.title));
        let others = ways.iter().filter(|other| other.closed.is_none());
        why.orders.extend(others.map(|other| {
            let typed = other.typed.then(String::new);
            What::Rollback { way: other.way.clone(), trigger: None, typed, why: String::new() }
        }));
        why.orders.push(What::Dismiss { trigger: of.id.clone(), why: String::new() });
    }
    why.orders.extend(asks(state, ways, of, readout.at));
    // Also where no way back is there to take.
    let stands = fired.is_some_and(|fired| fired.dismissed.is_none()) && stands_now == TriggerStands::Fired;
    let dismiss = What::Dismiss { trigger: of.id.clone(), why: String::new() };
    if stands && !going && !why.orders.contains(&dismiss) {
        why.orders.push(dismiss);
    }
    if of.is_asked() {
        let (trigger, text) = (of.id.clone(), String::new());
        why.orders.push(match stands_now {
            TriggerStands::Armed => What::Fire { trigger, why: text },
            _ => What::Clear { trigger, why: text },
        });
    }
    Waiting { name: of.id.to_string(), title: of.title.clone(), why }
}
