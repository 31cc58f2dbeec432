//! Screens, tested as a person meets them: keys typed, text read. A snapshot is the text and a hash of the styles.

mod alerts;
mod along;
mod away;
mod beside;
mod cells;
mod checks;
mod clock;
mod colours;
mod commands;
mod copied;
mod cursor;
mod emergency;
mod escalation;
mod failed;
mod fire;
mod fixture;
mod found;
mod frozen;
mod gate;
mod going_back;
mod held;
mod help;
mod incidents;
mod looping;
mod measured;
mod monkey;
mod mouse;
mod notices;
mod own_keys;
mod page;
mod plan;
mod ready;
mod screens;
mod scroll;
mod shift;
mod shown;
mod silence;
mod sizes;
mod timeline;
mod toasts;
mod triggers;
mod truth;
mod typing;
mod under_way;
mod wants;
mod war;
mod wide;
mod written;
mod zoom;

use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::depth::{self, Depth};
use super::keymap;
use super::model::Model;
use super::msg::{Effect, Happened, Msg};
use super::told::Told;
use super::update::update;
use super::{theme, view};
use crate::core::order::What;
use crate::core::time::Span;
use crate::wire::message::{ClientMessage, EngineMessage};

/// A screen without a terminal.
pub struct Cockpit {
    /// What it knows.
    pub model: Model,
    /// What it wanted done.
    pub effects: Vec<Effect>,
    at: Span,
}

impl Cockpit {
    /// A screen that has met no engine yet.
    pub fn new(size: (u16, u16)) -> Self {
        Self { model: Model::new(size, theme::load("dark").unwrap(), false, 7), effects: Vec::new(), at: Span::ZERO }
    }

    /// Something happens now.
    pub fn happens(&mut self, what: Happened) {
        self.effects.extend(update(&mut self.model, Msg { at: self.at, what }));
    }

    /// The engine says something.
    pub fn hears(&mut self, message: EngineMessage) {
        self.happens(Happened::Engine(Box::new(message)));
    }

    /// Types keys, with time to look at the screen before each.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keymap::parse(keys).unwrap() {
            self.at = self.at + Span(400);
            self.happens(Happened::Key(key));
        }
        self
    }

    /// Types keys as fast as they come.
    pub fn hastily(&mut self, keys: &str) -> &mut Self {
        for key in keymap::parse(keys).unwrap() {
            self.happens(Happened::Key(key));
        }
        self
    }

    /// Time passes.
    pub fn waits(&mut self, span: Span) -> &mut Self {
        self.at = self.at + span;
        self.happens(Happened::Tick);
        self
    }

    /// The orders that were sent.
    pub fn orders(&self) -> Vec<&What> {
        let orders = self.effects.iter().filter_map(|e| match e {
            Effect::Send(ClientMessage::Order { what, .. }) => Some(what),
            _ => None,
        });
        orders.collect()
    }

    fn painted(&self, depth: Depth) -> (Buffer, Option<Position>) {
        let (w, h) = self.model.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
        let cursor = view::paint(&self.model, &Told::of(&self.model), &mut buffer);
        depth::adapt(&mut buffer, &self.model.colours(), depth);
        (buffer, cursor)
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        let (buffer, _) = self.painted(Depth::True);
        rows(&buffer).into_iter().map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// The text, where the cursor is, and a hash of the styles.
    pub fn screen(&self) -> String {
        let (buffer, cursor) = self.painted(Depth::True);
        let mut hasher = DefaultHasher::new();
        for cell in &buffer.content {
            (cell.fg, cell.bg, cell.modifier).hash(&mut hasher);
        }
        let cursor = cursor.map_or("none".to_owned(), |p| format!("{},{}", p.x, p.y));
        format!("{}styles {:016x}  cursor {cursor}\n", self.text(), hasher.finish())
    }

    /// The screen as a terminal would be sent it, for looking at it.
    pub fn ansi(&self, depth: Depth) -> String {
        super::ansi::rows(&self.painted(depth).0, "\r\n")
    }
}

/// The rows of a buffer, as they are read.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let row = |y| {
        let mut text = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
            } else {
                text.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            }
        }
        text
    };
    (0..buffer.area.height).map(row).collect()
}
