//! The mouse, where a person wants it: a click brings the focus and selects, the wheel scrolls. It is off unless it is asked
//! for, since a terminal that hands us the mouse selects no text by itself any more.
//!
//! A click never gives an order and never answers a dialog: what is dangerous is confirmed by keys alone.

use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::act::act;
use super::action::Action;
use super::dialogs::{self, Overlay};
use super::keymap::Key;
use super::model::{Model, PaneId, Target};
use super::moves;
use super::msg::Effect;
use super::panes::{checklist, incidents};
use super::update::{Effects, on_text};
use super::{pen::Pen, view, war};
use crate::core::time::Span;

/// What was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// The left button was pressed.
    Click,
    /// The wheel was turned by so many notches, down is more.
    Wheel(i8),
}

/// Two clicks on one place within this time are a double click.
const TWICE: Span = Span(400);

/// Rows that a notch of the wheel scrolls.
const NOTCH: isize = 3;

/// What of the terminal's event counts; moves, other buttons and releases do not.
pub fn read(event: MouseEvent) -> Option<(Did, Position)> {
    let did = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Did::Click,
        MouseEventKind::ScrollDown => Did::Wheel(1),
        MouseEventKind::ScrollUp => Did::Wheel(-1),
        _ => return None,
    };
    Some((did, Position::new(event.column, event.row)))
}

/// Takes the mouse, or gives it back to the terminal.
pub(super) fn toggle(model: &mut Model, out: &mut Effects) {
    model.mouse = !model.mouse;
    out.push(Effect::Mouse(model.mouse));
    let key = model.key_of(Action::Mouse);
    model.toast(match model.mouse {
        true => {
            format!("a click focuses and selects, the wheel scrolls; Shift selects text, {key} gives the mouse back")
        }
        false => "the mouse is your terminal's again: it selects text".to_owned(),
    });
}

/// Takes in what was done with it.
pub(super) fn happened(model: &mut Model, did: Did, at: Position, out: &mut Effects) {
    if !model.mouse || !view::is_here(model) {
        return;
    }
    if let Did::Wheel(by) = did {
        return wheel(model, isize::from(by), at, out);
    }
    let twice = model.clicked.take().is_some_and(|(before, place)| place == at && model.mono - before < TWICE);
    model.clicked = Some((model.mono, at)).filter(|_| !twice);
    // Whatever lies over the panes is answered by keys.
    if model.overlay.is_some() || war::is_shown(model) {
        return;
    }
    let Some((pane, rect)) = pane_at(model, at) else { return };
    model.dirty = true;
    if at.y == rect.y {
        let named = head_at(model, rect, at);
        return match named {
            Some(other) if other != pane => act(model, Action::Pane(other), out),
            _ if twice => act(model, Action::Zoom, out),
            _ => focus(model, pane),
        };
    }
    focus(model, pane);
    let row = at.y - rect.y - 1;
    match pane {
        PaneId::Checklist => {
            // The first click may have moved the rows: what it selected opens, a phase or a step's page.
            if twice {
                return act(model, Action::Open, out);
            }
            let Some(target) = checklist::target_at(model, row) else { return };
            model.selected = Some(target);
            if matches!(model.selected, Some(Target::Step(_) | Target::Item(..))) {
                super::incoming::follow_output(model, out);
            }
        }
        PaneId::Incidents => model.incident = incidents::number_at(model, row, rect.height).or(model.incident),
        _ if twice => act(model, Action::Zoom, out),
        _ => {}
    }
}

/// The focus to a pane. The step below the checklist follows the selection and has no focus of its own there.
fn focus(model: &mut Model, pane: PaneId) {
    if pane != PaneId::Step || model.page.is_some() {
        moves::focus(model, pane);
    }
}

fn wheel(model: &mut Model, by: isize, at: Position, out: &mut Effects) {
    model.dirty = true;
    let key = Key { code: if by > 0 { KeyCode::Down } else { KeyCode::Up }, ctrl: false, alt: false };
    match model.overlay.clone() {
        Some(Overlay::Help(help)) => return dialogs::help::key(model, help, key, out),
        Some(Overlay::Plain { .. } | Overlay::Explain { .. } | Overlay::Ready { .. } | Overlay::Away { .. }) => {
            return on_text(model, key);
        }
        Some(_) => return,
        None if war::is_shown(model) => return,
        None => {}
    }
    let Some((pane, _)) = pane_at(model, at) else { return };
    match pane {
        // The charts show one thing at a time; the next one is chosen on purpose.
        PaneId::Errors | PaneId::Second => {}
        PaneId::Step if model.page.is_none() => {}
        _ => {
            let before = std::mem::replace(&mut model.focus, pane);
            moves::step_by(model, by * NOTCH);
            model.focus = before;
        }
    }
}

fn pane_at(model: &Model, at: Position) -> Option<(PaneId, Rect)> {
    view::layout(model).panes.into_iter().find(|(_, rect)| rect.contains(at))
}

/// The pane whose name stands there in a head: its own, or that of a tab.
fn head_at(model: &Model, rect: Rect, at: Position) -> Option<PaneId> {
    let (w, h) = model.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let pane = pane_at(model, at)?.0;
    super::panes::draw(model, pane, &mut Pen::new(&mut buffer, rect, model.glyphs));
    let row: Vec<String> = (rect.left()..rect.right()).map(|x| buffer[(x, rect.y)].symbol().to_owned()).collect();
    PaneId::ALL.iter().copied().filter(|pane| pane.is_tab() || *pane == PaneId::Triggers).find(|pane| {
        let name: Vec<String> = format!("{} {}", pane.key(), word(*pane)).chars().map(String::from).collect();
        let x = usize::from(at.x - rect.x);
        row.windows(name.len()).enumerate().any(|(from, part)| part == name && (from..from + name.len()).contains(&x))
    })
}

/// What a pane is called in the row of tabs.
fn word(pane: PaneId) -> &'static str {
    if pane == PaneId::Triggers { "Triggers" } else { pane.title() }
}
