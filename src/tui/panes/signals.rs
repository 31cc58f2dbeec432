//! Health, replica lag and queues: a row for each thing, with its level, value, history and age.

use super::{head, sign, tally};
use crate::core::reading::Level;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::rows::{Row, counts, rows};
use crate::tui::theme::Role;
use crate::tui::widgets::spark;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    rows(model, pane).len()
}

/// Draws one of the three.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let all = rows(model, pane);
    let summary = tally(pen, counts(all.iter().map(|r| &r.level)));
    head(model, pane, pane.title(), pen, &summary);
    if all.is_empty() {
        pen.put(3, 1, "the plan measures nothing here", Role::Muted);
        return;
    }
    let height = usize::from(pen.height().saturating_sub(1));
    let mut shown: Vec<&Row> = all.iter().collect();
    // What is not ok is seen even where not all rows fit.
    if shown.len() > height {
        shown.sort_by_key(|r| std::cmp::Reverse(r.level));
    }
    let names = all.iter().map(|r| width(&r.name)).max().unwrap_or(0).clamp(6, pen.width() / 2);
    let shown_of = |r: &Row| if r.level == Level::Ok { value(r) } else { r.value.clone() };
    let values = all.iter().map(|r| width(&shown_of(r))).max().unwrap_or(0).clamp(6, 16);
    for (y, row) in (1..).zip(shown.into_iter().skip(model.scrolled(pane)).take(height)) {
        draw_row(model, pen, y, row, names, values);
    }
}

fn value(row: &Row) -> String {
    match &row.second {
        Some(second) if !row.value.is_empty() => format!("{}  {second}", row.value),
        _ => row.value.clone(),
    }
}

fn draw_row(model: &Model, pen: &mut Pen<'_>, y: u16, row: &Row, names: u16, values: u16) {
    let (glyph, role) = sign(pen, row.level);
    let ok = row.level == Level::Ok;
    let style = if ok { pen.theme.style(role) } else { pen.theme.bold(role) };
    pen.cut(1, y, glyph, 1, style);
    let mut end = pen.width();
    if let Some(at) = row.at {
        let age = words::age(model.now(), at);
        let stale = model.now().since(at) > row.every.times(3);
        let role = if stale { Role::Unknown } else { Role::Muted };
        pen.right(end, y, &age, pen.theme.style(role));
    }
    end = end.saturating_sub(5);
    let text_style = if ok { pen.theme.style(Role::Text) } else { style };
    let x = pen.cut(3, y, &row.name, names, text_style).max(3 + names);
    if row.level == Level::Unknown {
        let why = row.why.as_deref().unwrap_or("no data");
        let room = end.saturating_sub(x + 1);
        let text = if room < 20 { "unknown".to_owned() } else { format!("unknown: {why}") };
        pen.cut(x + 1, y, &text, room, style);
        return;
    }
    let value = if ok { value(row) } else { row.value.clone() };
    let value_end = (x + 1 + values).min(end);
    let style = match row.level {
        Level::Critical => pen.theme.style(Role::CritText),
        Level::Ok => pen.theme.style(Role::Text),
        _ => pen.theme.bold(role),
    };
    let room = value_end.saturating_sub(x + 1);
    let value = if width(&value) > room { row.value.clone() } else { value };
    pen.right(value_end, y, &value, style);
    let mut x = value_end + 2;
    if !ok {
        let word = match &row.why {
            Some(why) => format!("{}: {why}", row.level),
            None => row.level.word().to_owned(),
        };
        let word =
            if width(&word) > end.saturating_sub(x) && end.saturating_sub(x) < 20 { row.level.word() } else { &word };
        x = pen.cut(x, y, word, end.saturating_sub(x), pen.theme.bold(role)) + 1;
    }
    if end > x + 4 {
        let bars = (end - x).min(60);
        spark::draw(pen, end - bars, y, bars, &row.spark, row.limit, role);
    }
}
