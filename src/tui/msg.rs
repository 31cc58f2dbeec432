//! What comes to the screen, and what the screen wants done.

use ratatui::layout::Position;

use super::clip::Went;
use super::keymap::Key;
use super::mouse::Did;
use crate::core::time::Span;
use crate::wire::message::{ClientMessage, EngineMessage};

/// Something that happened, at a moment of the client's clock.
#[derive(Clone, Debug)]
pub struct Msg {
    /// When; only differences count.
    pub at: Span,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A key was pressed.
    Key(Key),
    /// Something was done with the mouse, at a place.
    Mouse(Did, Position),
    /// A text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The terminal said whether its background is light.
    Background(bool),
    /// The terminal has the focus, or lost it.
    Focus(bool),
    /// The engine says something.
    Engine(Box<EngineMessage>),
    /// The connection was lost, and why.
    Lost(String),
    /// An attempt to come back failed, and why.
    Missed(String),
    /// The connection is there again.
    Joined,
    /// The editor ended: the text, or why it is as it was.
    Edited(Result<String, String>),
    /// What was copied went on its way.
    Copied(Went),
    /// A second passed.
    Tick,
}

/// What the loop must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this to the engine.
    Send(ClientMessage),
    /// Copy this.
    Copy(String),
    /// Have this text edited by this command.
    Edit(String, String),
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Leave the screen.
    Detach,
    /// Go to the shell and come back with `fg`.
    Suspend,
    /// Forget what the terminal shows and draw all of it.
    Redraw,
}
