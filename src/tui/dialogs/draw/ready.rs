//! The READY card: blockers, warnings, what is not known, what is well; each with what was found and what to do.

use super::raise;
use crate::core::ready::{Card, Grade};
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::ready;
use crate::tui::role::Role;

/// How wide the kinds are.
const KIND: u16 = 10;

/// A row on the screen.
enum Line {
    /// A thing: its grade, kind, name and what was found.
    Thing(Grade, &'static str, String, String),
    /// What it goes on with.
    More(String),
    /// What to do about it.
    Todo(String),
}

fn lines(card: &Card, columns: u16) -> Vec<Line> {
    let room = columns.saturating_sub(KIND + 8);
    let mut lines = Vec::new();
    for row in &card.rows {
        let fits = width(&row.what) + 2 + width(&row.found) <= room;
        if fits {
            lines.push(Line::Thing(row.grade, row.kind.word(), row.what.clone(), row.found.clone()));
        } else {
            let mut names = wrap(&row.what, room).into_iter();
            lines.push(Line::Thing(row.grade, row.kind.word(), names.next().unwrap_or_default(), String::new()));
            lines.extend(names.chain(wrap(&row.found, room)).map(Line::More));
        }
        lines.extend(wrap(&row.todo, room.saturating_sub(2)).into_iter().filter(|t| !t.is_empty()).map(Line::Todo));
    }
    lines
}

fn columns(width: u16) -> u16 {
    104.min(width)
}

/// How many rows it has on this screen.
pub fn height(model: &Model) -> usize {
    ready::card(model).map_or(0, |card| lines(&card, columns(model.size.0)).len())
}

/// Draws it.
pub(super) fn draw(model: &Model, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(card) = ready::card(model) else { return };
    let columns = columns(pen.width());
    let lines = lines(&card, columns);
    let role = if card.blocker().is_some() { Role::Crit } else { Role::Accent };
    let high = u16::try_from(lines.len()).unwrap_or(200).saturating_add(4);
    let (mut pen, ..) = raise(pen, layout, high, columns, role);
    let head = match card.word() {
        "READY" => Role::Ok,
        "NOT READY" => Role::Crit,
        _ => Role::Unknown,
    };
    let end = pen.width().saturating_sub(3);
    let x = pen.bold(3, 1, card.word(), head);
    let at = card.at.map_or_else(String::new, |at| {
        let mut zone = model.zone.clone();
        zone.wall = crate::core::time::Span::ZERO;
        format!("as of {}", zone.near(at, at))
    });
    let start = pen.right(end, 1, &at, Role::Muted.style());
    pen.cut(x + 2, 1, &card.summary(), start.saturating_sub(x + 4), Role::Text.style());
    let shown = usize::from(pen.height().saturating_sub(4));
    let scroll = scroll.min(lines.len().saturating_sub(shown));
    for (y, line) in (3..).zip(lines.iter().skip(scroll).take(shown)) {
        one(&mut pen, y, end, line);
    }
    let below = lines.len().saturating_sub(scroll + shown);
    let y = pen.height().saturating_sub(1);
    let end = pen.width().saturating_sub(2);
    let more = if below > 0 { format!("{below} more, j k scroll; Esc closes") } else { "Esc closes".to_owned() };
    pen.right(end, y, &more, Role::Muted.style());
}

fn one(pen: &mut Pen<'_>, y: u16, end: u16, line: &Line) {
    let start = 5 + KIND;
    match line {
        Line::Thing(grade, kind, what, found) => {
            let (sign, role) = match grade {
                Grade::Blocker => (pen.glyphs.critical, Role::Crit),
                Grade::Warning => (pen.glyphs.warn, Role::Warn),
                Grade::Unknown => (pen.glyphs.unknown, Role::Unknown),
                Grade::Ok => (pen.glyphs.done, Role::Ok),
            };
            pen.bold(3, y, sign, role);
            pen.put(5, y, kind, Role::Muted);
            let style = if *grade == Grade::Ok { Role::Text.style() } else { role.bold() };
            let x = pen.cut(start, y, what, end.saturating_sub(start), style);
            let style = (if *grade == Grade::Ok { Role::Muted } else { Role::Text }).style();
            pen.cut(x + 2, y, found, end.saturating_sub(x + 2), style);
        }
        Line::More(said) => {
            pen.put(start, y, said, Role::Text);
        }
        Line::Todo(said) => {
            let x = pen.put(start, y, pen.glyphs.to, Role::Accent);
            pen.put(x + 1, y, said, Role::Accent);
        }
    }
}
