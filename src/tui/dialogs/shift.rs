//! The change of shift: what is handed over, prefilled, and what the one who looks at it may do.

use crossterm::event::KeyCode;

use super::{Dialog, Kind, Overlay, Purpose, ask, draw};
use crate::core::launch::{LaunchState, on_shift};
use crate::core::order::What;
use crate::core::time::Span;
use crate::tui::model::Model;
use crate::tui::update::{Effects, order};

/// What the one who looks may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// They are on shift, and write the handover.
    HandOver,
    /// It was written for them.
    Accept,
    /// Neither: they may take over with a reason.
    TakeOver,
}

/// What the person of this screen may do.
pub fn may(model: &Model, launch: &LaunchState) -> May {
    let same = |name: &str| model.you.as_ref().is_some_and(|you| you.name.eq_ignore_ascii_case(name));
    let for_you = launch.shifts.offer.as_ref().is_some_and(|offer| same(&offer.to));
    match on_shift(launch) {
        Some(on) if same(on.who) => May::HandOver,
        _ if for_you => May::Accept,
        _ => May::TakeOver,
    }
}

/// The keys of the dialog.
pub fn keys(model: &Model) -> Vec<(&'static str, &'static str)> {
    let own = model.launch.as_ref().filter(|_| !model.observe).map(|launch| match may(model, launch) {
        May::HandOver if launch.shifts.offer.is_some() => ("y", "write it anew"),
        May::HandOver => ("y", "hand over"),
        May::Accept => ("y", "accept: you are on shift"),
        May::TakeOver => ("t", "take over, with a reason"),
    });
    own.into_iter().chain([("j k", "scroll"), ("Esc", "not now")]).collect()
}

/// A key for it.
pub(super) fn key(model: &mut Model, opened: Span, scroll: usize, code: KeyCode, out: &mut Effects) {
    let Some(launch) = &model.launch else { return };
    let most = draw::shift::height(model).saturating_sub(1);
    let scroll = match code {
        KeyCode::Down | KeyCode::Char('j' | ' ') => scroll + 1,
        KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
        KeyCode::PageDown => scroll + 10,
        KeyCode::PageUp => scroll.saturating_sub(10),
        KeyCode::Char(key) => {
            let from = on_shift(launch).map_or_else(String::new, |on| on.who.to_owned());
            let handover = launch.shifts.offer.as_ref().map_or(0, |offer| offer.number);
            match (may(model, launch), key) {
                (May::HandOver, 'y') => {
                    let before = launch.shifts.offer.as_ref().map_or_else(String::new, |offer| offer.text.clone());
                    let what = What::Handover { to: None, text: String::new() };
                    ask(model, "What else the next one must know", Purpose::Text(what), before);
                }
                (May::Accept, 'y') => {
                    model.overlay = None;
                    order(model, What::Accept { handover }, out);
                }
                (May::TakeOver, 't') => {
                    let what = What::TakeOver { from, why: String::new() };
                    ask(model, "Take over without a handover, why", Purpose::Text(what), "");
                }
                _ => {}
            }
            return;
        }
        _ => return,
    };
    let kind = Kind::Handover { scroll: scroll.min(most) };
    model.overlay = Some(Overlay::Dialog(Dialog { opened, kind }));
}
