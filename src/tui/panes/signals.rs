//! Health, replica lag and queues: a row for each thing. Name, value, second value, limit, history and age stand in
//! columns; where there is little room history goes first, then the limit, then the second value.

use super::{head, level_word, sign, tally};
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
    // Rows to spare tell why what is not ok is not.
    let mut spare = height.saturating_sub(shown.len());
    let columns = Columns::of(all, pen.width());
    let mut y = 1;
    for row in shown.into_iter().skip(model.scrolled(pane)).take(height) {
        if usize::from(y) > height {
            break;
        }
        let told = draw_row(model, pen, y, row, &columns, spare > 0);
        y += 1;
        if told != Told::All && spare > 0 {
            let (_, role) = sign(pen, row.level);
            let word = if told == Told::Word { String::new() } else { format!("{}: ", level_word(row.level)) };
            let style = pen.theme.style(role);
            pen.cut(5, y, &format!("{word}{}", reason(row)), pen.width().saturating_sub(5), style);
            spare -= 1;
            y += 1;
        }
    }
}

/// Where the columns end; a column of no width is left out.
struct Columns {
    names: u16,
    value: u16,
    second: u16,
    limit: u16,
    /// Where the history ends; the age stands behind it.
    end: u16,
}

/// Columns for the age.
const AGE: u16 = 5;

impl Columns {
    fn of(rows: &[Row], all: u16) -> Self {
        let widest = |of: fn(&Row) -> &str| rows.iter().map(|r| width(of(r))).max().unwrap_or(0);
        let value = widest(|r| &r.value).clamp(6, 16);
        let names = widest(|r| &r.name).clamp(4, (all / 2).max(all.saturating_sub(3 + value + 2 + AGE)).max(4));
        let end = all.saturating_sub(AGE);
        let mut columns = Self { names, value: (3 + names + 1 + value).min(end), second: 0, limit: 0, end };
        let mut last = columns.value;
        let second = widest(|r| r.second.as_deref().unwrap_or(""));
        if second > 0 && last + second + 2 <= end {
            last += second + 2;
            columns.second = last;
        }
        let limit = widest(|r| &r.limit_text);
        if limit > 0 && last + limit + 2 + 12 <= end {
            columns.limit = last + limit + 2;
        }
        columns
    }

    /// Where the last column of figures ends.
    fn figures(&self) -> u16 {
        self.limit.max(self.second).max(self.value)
    }
}

/// How much of what is wrong is said in a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    All,
    Word,
    Nothing,
}

/// Why it is not ok, and what it was.
fn reason(row: &Row) -> String {
    let why = row.why.as_deref().unwrap_or("no data");
    match &row.was {
        Some(was) => format!("was {was}; {why}"),
        None => why.to_owned(),
    }
}

/// Draws a row; says how much of what is wrong is told.
fn draw_row(model: &Model, pen: &mut Pen<'_>, y: u16, row: &Row, columns: &Columns, spare: bool) -> Told {
    let (glyph, role) = sign(pen, row.level);
    let ok = row.level == Level::Ok;
    let style = if ok { pen.theme.style(role) } else { pen.theme.bold(role) };
    pen.cut(1, y, glyph, 1, style);
    if let Some(at) = row.at {
        let stale = model.now().since(at) > row.every.times(3);
        let role = if stale { Role::Unknown } else { Role::Muted };
        pen.right(pen.width(), y, &words::age(model.now(), at), pen.theme.style(role));
    }
    let text_style = if ok { pen.theme.style(Role::Text) } else { style };
    pen.cut(3, y, &row.name, columns.names, text_style);
    if row.level == Level::Unknown {
        let x = 3 + columns.names + 1;
        return say(pen, y, (x, columns.end), row, role, spare);
    }
    let style = match row.level {
        Level::Critical => pen.theme.style(Role::CritText),
        Level::Ok => pen.theme.style(Role::Text),
        _ => pen.theme.bold(role),
    };
    let room = columns.value.saturating_sub(3 + columns.names + 1);
    let start = columns.value - width(&row.value).min(room);
    pen.cut(start, y, &row.value, room, style);
    if !ok {
        return say(pen, y, (columns.value + 2, columns.end), row, role, spare);
    }
    if let (Some(second), true) = (&row.second, columns.second > 0) {
        pen.right(columns.second, y, second, pen.theme.style(Role::Text));
    }
    if columns.limit > 0 {
        pen.right(columns.limit, y, &row.limit_text, pen.theme.style(Role::Muted));
    }
    let x = columns.figures() + 2;
    if columns.end > x + 4 {
        let bars = (columns.end - x).min(60);
        spark::draw(pen, columns.end - bars, y, bars, &row.spark, row.limit, role);
    }
    Told::All
}

/// Says in a row what is wrong, as far as there is room; where no row is to spare, as much of it as fits.
fn say(pen: &mut Pen<'_>, y: u16, (x, end): (u16, u16), row: &Row, role: Role, spare: bool) -> Told {
    let room = end.saturating_sub(x);
    let word = level_word(row.level);
    let all = format!("{word}: {}", reason(row));
    let style = pen.theme.bold(role);
    if width(&all) <= room || (!spare && room >= 16) {
        pen.cut(x, y, &all, room, style);
        return Told::All;
    }
    if width(word) > room {
        return Told::Nothing;
    }
    pen.cut(x, y, word, room, style);
    Told::Word
}
