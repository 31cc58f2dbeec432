//! The new version beside the old one: new bright, old grey.

use super::{above, below, head, is_past, level_word, sign, sign_of, tally};
use crate::core::reading::Level;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::rows::{Pair, counts, new_and_old, pairs};
use crate::tui::widgets::{gauge, spark};
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    pairs(model).len() + 1
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let pairs = pairs(model);
    let rows = usize::from(pen.height().saturating_sub(2));
    let mut shown: Vec<&Pair> = pairs.iter().collect();
    if shown.len() > rows {
        shown.sort_by_key(|p| std::cmp::Reverse(p.level));
    }
    let first = model.first_row(pane, shown.len(), rows);
    let mut summary: Vec<_> = above(pen, shown[..first].iter().map(|p| p.level)).into_iter().collect();
    summary.extend(tally(model, pane, pen.width(), counts(pairs.iter().map(|p| &p.level))));
    summary.extend(below(shown.iter().skip(first + rows).map(|p| p.level)).filter(|_| rows > 0));
    head(model, pane, pane.title(), pen, &summary);
    let Some((new, old)) = model.outline().and_then(|o| new_and_old(o, &model.readout)) else {
        pen.put(3, 1, "the plan compares no two versions", Role::Muted);
        return;
    };
    let shown: Vec<&Pair> = shown.into_iter().skip(first).take(rows).collect();
    let all = pen.width();
    let Columns { first, second, limit, bars, age } = Columns::of(all, &shown);
    let muted = Role::Muted.style();
    pen.right(first, 1, new.as_str(), Role::Hi.style());
    pen.right(second, 1, old.as_str(), muted);
    if limit > second {
        pen.right(limit, 1, "limit", muted);
    }
    if age > 0 {
        pen.right(all, 1, "age", muted);
    }
    for (y, pair) in (2..).zip(shown) {
        let (glyph, role) = sign_of(model, pen, pair.level);
        let ok = pair.level == Level::Ok;
        let was_over = is_past(model) && pair.full.is_some() && pair.spark.last().copied().flatten() > pair.full;
        let over = pair.pending.filter(|_| ok).map(|p| sign(pen, p.level).1);
        let over = over.or(was_over.then_some(Role::Warn));
        pen.cut(1, y, glyph, 1, if ok { role.style() } else { role.bold() });
        let unknown = pair.level == Level::Unknown;
        let word = word(pair);
        let value = value(pair);
        let style = match pair.level {
            Level::Critical => Role::CritText.style(),
            Level::Ok => over.unwrap_or(Role::Hi).style(),
            _ => role.bold(),
        };
        let start = pen.right(first, y, value, style);
        let name_style = if ok { Role::Text.style() } else { role.bold() };
        let behind = if word.is_empty() { 0 } else { width(&word) + 1 };
        let x = pen.cut(3, y, &pair.name, start.saturating_sub(4 + behind), name_style);
        let word_style = over.map_or(name_style, |role| role.style());
        pen.cut(x + u16::from(x > 3), y, &word, start.saturating_sub(x + 1), word_style);
        pen.right(second, y, &pair.old, muted);
        // What it was takes the place of the limit: no value is held against it now.
        let beside = pair.was.clone().filter(|_| unknown);
        let beside = beside.as_ref().unwrap_or(&pair.limit);
        if limit > second && width(beside) < COLUMN {
            pen.right(limit, y, beside, muted);
        }
        if let Some(part) = pair.split.filter(|_| bars > 0) {
            // What is split between the two is seen as that: its history is in the chart.
            gauge::draw(pen, limit + 1, y, bars - 1, part, Role::Hi);
        } else if bars > 0 {
            spark::draw(pen, limit + 1, y, bars - 1, &pair.spark, pair.full, role);
        }
        if let (true, Some(at)) = (age > 0, pair.at) {
            pen.right(all, y, &words::age(model.now(), at), muted);
        }
    }
}

/// The word beside the name; what is unknown has it in the place of its value. What is over a limit but not yet for
/// long enough says how long.
fn word(pair: &Pair) -> String {
    match (pair.level, &pair.pending) {
        (Level::Ok, Some(p)) => words::far(p.lasted, p.needs),
        (Level::Ok | Level::Unknown, _) => String::new(),
        (level, _) => level_word(level).to_owned(),
    }
}

fn value(pair: &Pair) -> &str {
    if pair.level == Level::Unknown { level_word(pair.level) } else { &pair.new }
}

/// Columns of a figure.
const COLUMN: u16 = 11;

/// Where the figures end, and how many columns history and age have. The limit has no place where it ends with the old
/// value.
struct Columns {
    first: u16,
    second: u16,
    limit: u16,
    bars: u16,
    age: u16,
}

impl Columns {
    /// Everything has its place; history, age and limit give it up, in this order, to the words of what is not ok.
    fn of(all: u16, shown: &[&Pair]) -> Self {
        let bars = if all >= 74 { 16 } else { 7 };
        let forms = [(bars, 5, COLUMN), (0, 5, COLUMN), (0, 0, COLUMN), (0, 0, 0)];
        let forms = forms.into_iter().skip(if all >= 56 { 0 } else { 2 });
        let mut forms = forms.map(|(bars, age, limits)| {
            let limit = all.saturating_sub(age + bars);
            let second = limit.saturating_sub(limits);
            Self { first: second.saturating_sub(COLUMN), second, limit, bars, age }
        });
        let fits = |columns: &Self| {
            let said = |p: &&&Pair| 5 + width(&p.name).min(12) + width(&word(p)) + 1 + width(value(p));
            shown.iter().filter(|p| p.level > Level::Ok || p.pending.is_some()).all(|p| said(&p) <= columns.first)
        };
        let last = forms.clone().next_back();
        forms.find(fits).or(last).unwrap_or(Self { first: all, second: all, limit: all, bars: 0, age: 0 })
    }
}
