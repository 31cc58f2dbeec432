//! The help, drawn: headings, keys, what they do, and the entry that Enter runs.

use super::raise;
use crate::tui::dialogs::help::{Entry, Help, entries};
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// A row: a heading, an entry with its place among them, or nothing.
enum Row<'a> {
    Heading(&'static str),
    Entry(usize, &'a Entry),
    Blank,
}

fn rows(entries: &[Entry]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut group = "";
    for (i, entry) in entries.iter().enumerate() {
        if entry.group != group {
            group = entry.group;
            if !rows.is_empty() {
                rows.push(Row::Blank);
            }
            rows.push(Row::Heading(group));
        }
        rows.push(Row::Entry(i, entry));
    }
    rows
}

/// Draws it.
pub(super) fn draw(model: &Model, help: &Help, layout: &Layout, pen: &mut Pen<'_>) {
    // Its size stays while it is searched.
    let all = u16::try_from(rows(&entries(model, &Help::default())).len()).unwrap_or(100);
    let entries = entries(model, help);
    let rows = rows(&entries);
    let (mut pen, ..) = raise(pen, layout, all.saturating_add(4), 92, Role::Accent);
    let x = pen.bold(3, 1, "Help", Role::Hi);
    match &help.find {
        Some(find) => {
            let x = pen.bold(x + 3, 1, "/", Role::Accent);
            let x = pen.put(x, 1, find.text(), Role::Hi);
            let cursor = if help.typing { pen.glyphs.bar } else { "" };
            pen.put(x, 1, cursor, Role::Accent);
        }
        None => {
            let observed = "you observe: look, note and hold";
            let rest = if model.observe { observed } else { "/ searches, Enter runs what is selected" };
            pen.put(x + 3, 1, rest, Role::Muted);
        }
    }
    if entries.is_empty() {
        pen.put(3, 3, "nothing here has this text; Esc shows all", Role::Muted);
    }
    let shown = usize::from(pen.height().saturating_sub(4));
    let at = help.at.min(entries.len().saturating_sub(1));
    let place = rows.iter().position(|row| matches!(row, Row::Entry(i, _) if *i == at)).unwrap_or(0);
    let first = (place + 2).saturating_sub(shown).min(rows.len().saturating_sub(shown));
    for (y, row) in (3..).zip(rows.iter().skip(first).take(shown)) {
        match row {
            Row::Heading(heading) => _ = pen.bold(3, y, heading, Role::Muted),
            Row::Entry(i, entry) => {
                if *i == at {
                    pen.behind(y, Role::Selection);
                }
                pen.cut(3, y, &entry.keys, 16, Role::Accent.bold());
                pen.put(20, y, &entry.text, Role::Text);
            }
            Row::Blank => {}
        }
    }
    let below = rows.len().saturating_sub(first + shown);
    if below > 0 {
        let (end, y) = (pen.width().saturating_sub(2), pen.height().saturating_sub(1));
        pen.right(end, y, &format!("{below} more"), Role::Muted.style());
    }
}
