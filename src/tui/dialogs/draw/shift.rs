//! ```text
//!  on-call: Ana, until 16:00                            Ben takes over in 14m
//!  Open incidents
//!    SEV3 #1 investigating, open 3m: webhooks late; nobody is on it
//!  Triggers
//!    none
//! ```

use super::{buttons, raise};
use crate::core::launch::{Near, handover, next_change, on_shift};
use crate::core::reading::Level;
use crate::core::shift::Part;
use crate::core::wall::Wall;
use crate::tui::dialogs::shift::keys;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, wrap};
use crate::tui::role::Role;
use crate::tui::words;

/// At most so wide.
const WIDE: u16 = 100;

/// A row of the page.
struct Row {
    text: String,
    role: Role,
    bold: bool,
    indent: u16,
}

fn row(text: impl Into<String>, role: Role, indent: u16) -> Row {
    Row { text: text.into(), role, bold: false, indent }
}

/// The page: as it was handed over, where it was, else as it is now.
fn rows(model: &Model, columns: u16) -> Vec<Row> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let mut rows = Vec::new();
    let sheet: Vec<Part> = match &launch.shifts.offer {
        Some(offer) => {
            let age = words::age(model.now(), offer.at);
            let said = format!("Handed over by {} to {}, {age} ago; what stood then:", offer.by, offer.to);
            rows.extend(wrap(&said, columns).into_iter().map(|line| row(line, Role::Accent, 3)));
            rows.extend(wrap(&offer.text, columns).into_iter().map(|line| row(line, Role::Hi, 3)));
            rows.push(row("", Role::Text, 3));
            offer.sheet.clone()
        }
        None => handover(launch, &model.readout, model.now()),
    };
    for Part { head, lines } in sheet {
        if lines.is_empty() {
            rows.push(row(format!("{head}: none"), Role::Muted, 3));
            continue;
        }
        rows.push(Row { bold: true, ..row(head, Role::Hi, 3) });
        let lines = lines.iter().flat_map(|line| wrap(line, columns.saturating_sub(2)));
        rows.extend(lines.map(|line| row(line, Role::Text, 5)));
    }
    rows
}

fn columns(width: u16) -> u16 {
    WIDE.min(width).saturating_sub(6)
}

/// How many rows the page has on this screen.
pub fn height(model: &Model) -> usize {
    rows(model, columns(model.size.0)).len()
}

/// Draws it.
pub(super) fn draw(model: &Model, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Some(on) = on_shift(launch) else { return };
    let (now, wall) = (model.now(), Wall::of(launch));
    let rows = rows(model, columns(pen.width()));
    let high = u16::try_from(rows.len()).unwrap_or(200).saturating_add(6);
    let change = next_change(launch, now);
    let level = change.as_ref().map_or(Level::Ok, |change| change.level(now));
    let role = match level {
        Level::Critical => Role::Crit,
        Level::Warn => Role::Warn,
        _ => Role::Accent,
    };
    let (mut pen, ..) = raise(pen, layout, high, WIDE.min(pen.width()), role);
    let end = pen.width().saturating_sub(3);
    let since = if on.since > now { format!(" from {}", wall.near(on.since, now)) } else { String::new() };
    let next = change.map_or_else(
        || "no turn after this one".to_owned(),
        |change| match change.near(now) {
            Near::Ahead | Near::Soon => {
                format!("{} at {}, {}", change.turn.who, wall.near(change.at, now), change.when(now))
            }
            Near::Due | Near::Overdue => format!("{} is {}", change.turn.who, change.when(now)),
        },
    );
    let start = pen.right(end, 1, &next, role.style());
    let style = Role::Hi.bold();
    pen.cut(3, 1, &format!("On shift, {}: {}{since}", on.role, on.who), start.saturating_sub(5), style);
    let shown = usize::from(pen.height().saturating_sub(6));
    let scroll = scroll.min(rows.len().saturating_sub(shown));
    for (y, row) in (3..).zip(rows.iter().skip(scroll).take(shown)) {
        match row.bold {
            true => pen.bold(row.indent, y, &row.text, row.role),
            false => pen.put(row.indent, y, &row.text, row.role),
        };
    }
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &keys(model));
    let below = rows.len().saturating_sub(scroll + shown);
    if below > 0 {
        let y = y.saturating_sub(1);
        pen.right(end, y, &format!("{below} more"), Role::Muted.style());
    }
}
