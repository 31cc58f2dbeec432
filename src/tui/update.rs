//! How the model changes: keys become actions and orders, messages become state. Pure but for its argument.

use super::act::act;
use super::answers;
use super::clip;
use super::dialogs::{self, Overlay};
use super::edit::Edit;
use super::frozen;
use super::held;
use super::incidents;
use super::incoming;
use super::keymap::{Key, Match};
use super::model::{Asked, Line, Model};
use super::mouse;
use super::msg::{Effect, Happened, Msg};
use super::silence;
use super::theme::Theme;
use super::typed::{edited, on_line};
use super::{veil, view};
use crate::core::ids::OrderId;
use crate::core::order::What;
use crate::core::time::Span;
use crate::wire::message::{ClientMessage, Query};
use crossterm::event::KeyCode;

/// What the loop must do, in order.
pub type Effects = Vec<Effect>;

/// Takes in what happened.
pub fn update(model: &mut Model, msg: Msg) -> Effects {
    let mut out = Vec::new();
    model.mono = msg.at;
    match msg.what {
        Happened::Key(key) => {
            model.dirty = true;
            incoming::flush(model);
            on_key(model, key, &mut out);
        }
        Happened::Mouse(did, at) => {
            incoming::flush(model);
            mouse::happened(model, did, at, &mut out);
        }
        Happened::Paste(text) => paste(model, &text),
        Happened::Resize(columns, rows) => {
            model.size = (columns, rows);
            model.dirty = true;
        }
        Happened::Background(light) => {
            if model.by_background {
                model.theme = if light { Theme::light() } else { Theme::dark() };
                model.dirty = true;
            }
        }
        Happened::Edited(text) => edited(model, text),
        Happened::Focus(has) => model.focused = has,
        Happened::Engine(message) => {
            silence::heard(model);
            let read = held::Read::now(model);
            incoming::message(model, *message, &mut out);
            held::stay(model, &read);
            incidents::described(model, &mut out);
            veil::follow(model);
        }
        Happened::Lost(why) => {
            incoming::flush(model);
            model.silent = false;
            model.line = Line::Lost { since: msg.at, why, attempts: 0, given_up: false };
            incoming::refresh(model);
            model.dirty = true;
        }
        Happened::Missed(error) => {
            if let Line::Lost { why, attempts, .. } = &mut model.line {
                *why = error;
                *attempts += 1;
            }
            model.dirty = true;
        }
        Happened::Joined => {
            model.line = Line::Joining;
            model.dirty = true;
        }
        Happened::Copied(went) => clip::went(model, &went),
        Happened::Tick => tick(model),
    }
    frozen::follow(model);
    out
}

/// The shared beat: every second, every other one on small screens; data that waited is shown.
fn tick(model: &mut Model) {
    silence::watch(model);
    let before = model.toasts.len();
    model.toasts.retain(|t| t.until > model.mono);
    let slow = model.size.0 * model.size.1 <= 80 * 24;
    let beat = !slow || model.mono.millis() / 1000 % 2 == 0;
    if beat && !model.waiting.is_empty() {
        incoming::flush(model);
    }
    let lost = matches!(model.line, Line::Lost { .. });
    if model.seconds() || beat || lost || model.toasts.len() != before {
        incoming::refresh(model);
        model.dirty = true;
    }
}

fn paste(model: &mut Model, text: &str) {
    model.dirty = true;
    match &mut model.overlay {
        Some(Overlay::Line(line)) => {
            // Terminals paste a line's end as a carriage return.
            let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty()).collect();
            if lines.len() > 1 {
                line.edit.insert(&lines.join(" "));
                line.problem =
                    Some(format!("{} lines were pasted; this is one line: their ends became blanks", lines.len()));
            } else {
                line.edit.insert(text.trim_end_matches(['\n', '\r']));
            }
        }
        _ => model.refuse("the paste was not taken: it would have pressed keys; open a line with : or c first"),
    }
}

fn on_key(model: &mut Model, key: Key, out: &mut Effects) {
    // Escape and a key that come in one read look like Alt. Alt means something in a text alone, and little there. What
    // Escape leaves of a text can be had again.
    if key.alt && !(dialogs::takes_text(model) && Edit::takes_alt(key)) {
        on_key(model, Key { code: KeyCode::Esc, ctrl: false, alt: false }, out);
        return on_key(model, Key { alt: false, ..key }, out);
    }
    if let Some(action) = dialogs::outranked(model, key) {
        // What was said of it goes with it.
        model.overlay = None;
        model.toasts.clear();
        return act(model, action, out);
    }
    if view::is_in_the_way(model, &view::layout(model)) {
        model.overlay = None;
    }
    match model.overlay.clone() {
        Some(Overlay::Dialog(dialog)) => dialogs::key(model, dialog, key, out),
        Some(Overlay::Line(line)) => on_line(model, line, key, out),
        Some(card @ (Overlay::Ready { came: Some(at), .. } | Overlay::Away { came: Some(at), .. })) => {
            on_card(model, card, at, key, out);
        }
        Some(Overlay::Help(help)) => dialogs::help::key(model, help, key, out),
        Some(Overlay::Plain { .. } | Overlay::Explain { .. } | Overlay::Ready { .. } | Overlay::Away { .. }) => {
            on_text(model, key);
        }
        None => {
            model.typed.push(key);
            match model.keymap.find(&model.typed) {
                Match::Prefix => {}
                Match::Action(action) => {
                    model.typed.clear();
                    act(model, action, out);
                }
                Match::None => {
                    let again = model.typed.len() > 1;
                    model.typed.clear();
                    if again {
                        on_key(model, key, out);
                    }
                }
            }
        }
    }
}

/// A key while a card lies over the screen that came by itself. Who came to do something does it: what does not scroll
/// closes the card and does what it does below. In its first moments no key but Esc is for the card, which then stays.
fn on_card(model: &mut Model, card: Overlay, came: Span, key: Key, out: &mut Effects) {
    if model.mono - came < dialogs::DEAF && key.code != KeyCode::Esc {
        model.overlay = None;
        on_key(model, key, out);
        model.overlay = model.overlay.take().or(Some(card));
        return;
    }
    on_text(model, key);
    if model.overlay.is_some() {
        return;
    }
    if key.code != KeyCode::Esc {
        on_key(model, key, out);
    } else if matches!(card, Overlay::Away { .. }) {
        super::ready::come(model);
    }
}

/// A key for a text that is read: it scrolls, or is closed.
pub(super) fn on_text(model: &mut Model, key: Key) {
    let most = match &model.overlay {
        Some(Overlay::Explain { name, .. }) => dialogs::draw::explain::height(model, name.as_deref()),
        Some(Overlay::Ready { .. }) => dialogs::draw::ready::height(model),
        Some(Overlay::Plain { .. }) => clip::lines(model, model.size.0).len(),
        _ => dialogs::draw::away::height(model),
    };
    let (Some(Overlay::Plain { scroll })
    | Some(Overlay::Explain { scroll, .. })
    | Some(Overlay::Ready { scroll, .. })
    | Some(Overlay::Away { scroll, .. })) = &mut model.overlay
    else {
        return;
    };
    let to = match key.code {
        KeyCode::Down | KeyCode::Char('j' | ' ') => *scroll + 1,
        KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
        KeyCode::PageDown | KeyCode::Char('d') => *scroll + 10,
        KeyCode::PageUp | KeyCode::Char('u') => scroll.saturating_sub(10),
        _ => {
            model.overlay = None;
            return;
        }
    };
    *scroll = to.min(most.saturating_sub(1));
}

/// Sends an order.
pub fn order(model: &mut Model, what: What, out: &mut Effects) {
    send(model, what, out);
}

/// Sends an order; says which, where it was sent.
pub(super) fn send(model: &mut Model, what: What, out: &mut Effects) -> Option<OrderId> {
    if !answers::may(model, &what) {
        model.refuse("you observe: you may look, note and hold; come without --observe");
        return None;
    }
    if model.line != Line::Up {
        let why = silence::no_engine(model);
        model.refuse(why.unwrap_or_else(|| "not sent: the link is down; nothing is queued".to_owned()));
        return None;
    }
    model.next_id += 1;
    let id = OrderId::from(format!("{:016x}-{}", model.seed, model.next_id));
    model.sent.insert(id.clone(), (model.mono, what.clone()));
    model.dirty = true;
    out.push(Effect::Send(ClientMessage::Order { id: id.clone(), what }));
    Some(id)
}

/// Asks the engine for something.
pub(super) fn get(model: &mut Model, asked: Asked, what: Query, out: &mut Effects) {
    model.next_id += 1;
    model.asked.insert(model.next_id, asked);
    out.push(Effect::Send(ClientMessage::Get { id: model.next_id, what }));
}
