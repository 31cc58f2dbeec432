//! An engine that says nothing. It speaks every second; where it does not, what stands on the screen is old, and that
//! must be seen. A stopped or hung engine does not close its socket, so nothing else would tell.

use super::model::{Line, Model};
use crate::core::time::Span;

/// After this long without a word the link counts as lost.
pub(super) const SILENT: Span = Span::secs(5);

/// An order that is not answered for this long is said to be so.
const SLOW: Span = Span::secs(1);

/// The engine said something.
pub(super) fn heard(model: &mut Model) {
    model.heard = model.mono;
    if model.silent {
        model.silent = false;
        model.line = Line::Up;
        model.toast("the engine answers again");
    }
}

/// Looks whether the engine is silent; to be called every second.
pub(super) fn watch(model: &mut Model) {
    // After a suspend of our own what the engine said meanwhile is still to be read.
    if model.mono - model.ticked > Span::secs(3) {
        model.heard = model.mono;
    }
    model.ticked = model.mono;
    if model.line == Line::Up && model.launch.is_some() && model.mono - model.heard >= SILENT {
        model.silent = true;
        let why = "the engine says nothing; it may hang or be stopped".to_owned();
        model.line = Line::Lost { since: model.heard, why, attempts: 0, given_up: false };
        model.dirty = true;
    }
    let now = model.mono;
    if model.sent.values().any(|(at, _)| now - *at >= SLOW && now - *at < SILENT) {
        model.refuse("sent, but the engine has not answered yet");
    }
}
