//! The war room: the few numbers that matter in large type, for a projector or a screen at the wall. It shows what is now:
//! how it stands, NOW, NEXT and BACK, the error rates with their limit, and what happened last.
//!
//! It is a view to look at and to act from. The alarm row, what is typed and the footer are where they always are; a
//! dialog or a text that is to be read has the screen that it always has, and the room is there again behind it. There is
//! no selection here, so that what acts on a row does not.

mod big;
mod draw;
pub mod figures;
mod letters;
pub mod parts;

use ratatui::layout::Rect;

pub use self::draw::room as draw;
use self::parts::{LEAST, Parts};
use super::action::Action;
use super::cursor;
use super::dialogs::Overlay;
use super::layout::Layout;
use super::model::{Model, PaneId};
use super::update::Effects;

/// Goes into it, or back to the cockpit.
pub(super) fn toggle(model: &mut Model, out: &mut Effects) {
    if model.war {
        return leave(model);
    }
    let (w, h) = LEAST;
    if Parts::of(model.size).is_none() {
        return model.refuse(format!("the war room needs {w} columns and {h} rows"));
    }
    // What is on the wall is now, not what somebody looks back at.
    if model.frozen.is_some() {
        cursor::live(model, out);
    }
    model.toasts.clear();
    model.war = true;
}

/// Back to the cockpit, as it was left.
pub(super) fn leave(model: &mut Model) {
    model.war = false;
    model.toasts.clear();
}

/// What an action is in it: `Some(true)` leads out of it first, `Some(false)` is not for it. None for all others.
pub(super) fn leads_out(action: Action) -> Option<bool> {
    match action {
        Action::Pane(_) | Action::Filter | Action::Mine | Action::Due => Some(true),
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::Top
        | Action::Bottom
        | Action::Open
        | Action::Found
        | Action::FoundBefore
        | Action::NextPane
        | Action::PreviousPane
        | Action::Zoom
        | Action::Earlier
        | Action::Later
        | Action::Freeze
        | Action::Run
        | Action::Tick
        | Action::Copy => Some(false),
        _ => None,
    }
}

/// Whether it is what is seen, where it has the room: not below a dialog or a text that is to be read. A card that came by
/// itself waits until somebody is back in the cockpit.
pub fn is_shown(model: &Model) -> bool {
    let covered = match &model.overlay {
        None | Some(Overlay::Line(_)) => false,
        Some(Overlay::Ready { came, .. } | Overlay::Away { came, .. }) => came.is_none(),
        Some(_) => true,
    };
    model.war && !covered
}

/// Why what acts on a row does nothing here.
pub(super) fn refusal(model: &Model) -> String {
    let (key, list) = (model.key_of(Action::WarRoom), PaneId::Checklist.key());
    format!("nothing is selected in the war room: {key} is the cockpit, {list} its checklist")
}

/// The layout of the room, for what lies over it.
pub(super) fn layout((w, h): (u16, u16)) -> Option<Layout> {
    let parts = Parts::of((w, h))?;
    let row = |y: u16| Rect::new(0, y, w, 1);
    Some(Layout {
        header: row(0),
        alarm: parts.alarm,
        answers: parts.answers,
        footer: row(h - 1),
        war: Some(parts),
        ..Layout::default()
    })
}
