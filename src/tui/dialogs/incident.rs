//! The choice of a severity, and what can be done about one incident.

use crossterm::event::KeyCode;

use super::{Dialog, Kind, Overlay};
use crate::core::time::Span;
use crate::tui::incidents::{ask_close, ask_response, ask_severity, ask_text, ask_update, get, opened};
use crate::tui::model::Model;

/// A key for the choice of a severity: a digit chooses it, moving chooses whether it is for a new incident or an open one.
pub(super) fn severity(model: &mut Model, opened_at: Span, of: Option<u32>, code: KeyCode) {
    if let Some(level) = level(code) {
        return ask_severity(model, of, level);
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

/// The keys of one incident, for the dialog and the footer.
pub const KEYS: &[(&str, &str)] =
    &[("a", "you are on it"), ("u", "update"), ("1-4", "severity"), ("t", "text"), ("x", "close"), ("Esc", "back")];
