//! *Since you were away*: what happened, counted, and what matters first.

use super::raise;
use crate::core::away::{AwayLine, Weight};
use crate::core::tell::Tone;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::panes::log;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::role::Role;
use crate::tui::words;

/// A row.
enum Row<'a> {
    Counts(String),
    Line(&'a AwayLine, String, bool),
    Blank,
}

fn rows(model: &Model, columns: u16) -> Vec<Row<'_>> {
    let Some(told) = model.away.as_ref().and_then(|own| own.told.as_ref()) else { return Vec::new() };
    let mut rows: Vec<Row<'_>> = wrap(&told.counts.join(", "), columns).into_iter().map(Row::Counts).collect();
    let mut weight: Option<Weight> = None;
    for line in &told.lines {
        if weight.replace(line.weight) != Some(line.weight) {
            rows.push(Row::Blank);
        }
        let stamp = width(&model.zone.stamp(line.at, model.now())) + 5;
        let parts = wrap(&line.text, columns.saturating_sub(stamp));
        rows.extend(parts.into_iter().enumerate().map(|(i, part)| Row::Line(line, part, i == 0)));
    }
    rows
}

/// How many rows it has on this screen.
pub fn height(model: &Model) -> usize {
    rows(model, columns(model.size.0)).len()
}

/// How wide its text is on a screen so wide.
fn columns(width: u16) -> u16 {
    100.min(width).saturating_sub(6)
}

/// Draws it.
pub(super) fn draw(model: &Model, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(own) = &model.away else { return };
    let rows = rows(model, columns(pen.width()));
    let high = u16::try_from(rows.len()).unwrap_or(200).saturating_add(4);
    let (mut pen, ..) = raise(pen, layout, high, 100.min(pen.width()), Role::Accent);
    let now = model.now();
    let ago = words::clock(now.since(own.since));
    let x = pen.bold(3, 1, "Since you were away", Role::Hi);
    let since = format!("{}, {ago} ago   Esc leaves, :away opens it again", model.zone.stamp(own.since, now));
    pen.cut(x + 2, 1, &since, pen.width().saturating_sub(x + 4), Role::Muted.style());
    let shown = usize::from(pen.height().saturating_sub(4));
    let scroll = scroll.min(rows.len().saturating_sub(shown));
    for (y, row) in (3..).zip(rows.iter().skip(scroll).take(shown)) {
        match row {
            Row::Counts(text) => {
                pen.bold(3, y, text, Role::Text);
            }
            Row::Line(line, text, first) => {
                let stamp = model.zone.stamp(line.at, now);
                let x = 3 + width(&stamp) + 1;
                let (sign, role) = log::sign(&pen, line.tone);
                if *first {
                    pen.put(3, y, &stamp, Role::Muted);
                    pen.put(x, y, sign, role);
                }
                let role = if line.tone == Tone::Bad { Role::Crit } else { Role::Text };
                pen.put(x + 2, y, text, role);
            }
            Row::Blank => {}
        }
    }
    let below = rows.len().saturating_sub(scroll + shown);
    if below > 0 {
        let (end, y) = (pen.width().saturating_sub(2), pen.height().saturating_sub(1));
        pen.right(end, y, &format!("{below} more, j k scroll"), Role::Muted.style());
    }
}
