//! The choice of a severity, and what can be done about one incident.

use crossterm::event::KeyCode;

use super::{Dialog, Kind, Overlay};
use crate::core::event::IncidentState;
use crate::core::launch::next_call;
use crate::core::time::Span;
use crate::tui::incidents::{
    ask_called, ask_close, ask_move, ask_response, ask_severity, ask_text, ask_update, get, opened,
};
use crate::tui::model::Model;

/// A key for the choice of a severity: a digit chooses it, moving chooses whether it is for a new incident or an open one,
/// and Enter opens the one that is marked, where all of it can be changed.
pub(super) fn severity(model: &mut Model, opened_at: Span, of: Option<u32>, code: KeyCode) {
    if let Some(level) = level(code) {
        return ask_severity(model, of, level);
    }
    if code == KeyCode::Enter {
        match of {
            Some(number) => {
                model.overlay = Some(Overlay::Dialog(Dialog { opened: opened_at, kind: Kind::Incident(number) }))
            }
            None => model.refuse("1, 2, 3 or 4 says how bad it is"),
        }
        return;
    }
    let by = match code {
        KeyCode::Char('j') | KeyCode::Down | KeyCode::Tab => 1,
        KeyCode::Char('k') | KeyCode::Up | KeyCode::BackTab => -1,
        _ => return,
    };
    let targets = targets(model);
    let at = targets.iter().position(|t| *t == of).unwrap_or(0) as isize;
    let of = targets[(at + by).rem_euclid(targets.len() as isize) as usize];
    model.overlay = Some(Overlay::Dialog(Dialog { opened: opened_at, kind: Kind::Severity(of) }));
}

/// What a severity may be for: a new incident, or one of those that are open.
pub fn targets(model: &Model) -> Vec<Option<u32>> {
    let open = model.launch.as_ref().map_or_else(Vec::new, opened);
    std::iter::once(None).chain(open.into_iter().map(Some)).collect()
}

/// A key for one incident.
pub(super) fn key(model: &mut Model, number: u32, code: KeyCode) {
    let open = model.launch.as_ref().and_then(|l| get(l, number)).is_some_and(|i| i.resolved.is_none());
    if !open {
        return;
    }
    match code {
        KeyCode::Char('a') => ask_response(model, number),
        KeyCode::Char('u') => ask_update(model, number),
        KeyCode::Char('t') => ask_text(model, number),
        KeyCode::Char('x') => ask_close(model, number),
        KeyCode::Char('i') => back_to_investigating(model, number),
        KeyCode::Char('m') => {
            if let Some(to) = model.launch.as_ref().and_then(|l| get(l, number)).and_then(|i| further(i.state)) {
                ask_move(model, number, to);
            }
        }
        KeyCode::Char('y') => ask_called(model, number, true),
        KeyCode::Char('n') => ask_called(model, number, false),
        _ => {
            if let Some(level) = level(code) {
                ask_severity(model, Some(number), level);
            }
        }
    }
}

fn level(code: KeyCode) -> Option<u8> {
    match code {
        KeyCode::Char(c @ '1'..='4') => c.to_digit(10).and_then(|d| u8::try_from(d).ok()),
        _ => None,
    }
}

fn back_to_investigating(model: &mut Model, number: u32) {
    let state = model.launch.as_ref().and_then(|l| get(l, number)).map(|i| i.state);
    if state.is_some_and(|state| state > IncidentState::Investigating) {
        ask_move(model, number, IncidentState::Investigating);
    }
}

/// What comes after a state; closing has a key of its own.
fn further(state: IncidentState) -> Option<IncidentState> {
    match state {
        IncidentState::Investigating => Some(IncidentState::Mitigating),
        IncidentState::Mitigating => Some(IncidentState::Mitigated),
        IncidentState::Mitigated | IncidentState::Resolved => None,
    }
}

/// The keys of one incident, for the dialog and the footer: those that do something now.
pub fn keys(model: &Model, number: u32) -> Vec<(&'static str, &'static str)> {
    let incident = model.launch.as_ref().and_then(|launch| get(launch, number));
    let Some(incident) = incident.filter(|i| i.resolved.is_none() && !model.observe) else {
        return vec![("Esc", "back")];
    };
    let mut keys = vec![("a", "you are on it"), ("u", "update")];
    keys.extend(further(incident.state).map(|to| ("m", to.word())));
    keys.extend((incident.state > IncidentState::Investigating).then_some(("i", "investigating")));
    let call = model.launch.as_ref().and_then(|launch| next_call(launch, number));
    keys.extend(call.iter().flat_map(|_| [("y", "answered"), ("n", "no answer")]));
    keys.extend([("1-4", "severity"), ("t", "text"), ("x", "close"), ("Esc", "back")]);
    keys
}
