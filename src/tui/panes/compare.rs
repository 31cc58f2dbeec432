//! The new version beside the old one: new bright, old grey.

use super::{head, level_word, sign, tally};
use crate::core::reading::Level;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::rows::{Pair, counts, new_and_old, pairs};
use crate::tui::theme::Role;
use crate::tui::widgets::spark;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    pairs(model).len() + 1
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let pairs = pairs(model);
    let summary = tally(pen, counts(pairs.iter().map(|p| &p.level)));
    head(model, pane, pane.title(), pen, &summary);
    let Some((new, old)) = model.outline().and_then(|o| new_and_old(o, &model.readout)) else {
        pen.put(3, 1, "the plan compares no two versions", Role::Muted);
        return;
    };
    let all = pen.width();
    let wide = all >= 56;
    let age = if wide { 5 } else { 0 };
    let bars = if all >= 74 {
        16
    } else if wide {
        7
    } else {
        0
    };
    let limit = all - age - bars;
    let column = 11;
    let second = limit.saturating_sub(column);
    let first = second.saturating_sub(column);
    let muted = pen.theme.style(Role::Muted);
    pen.right(first, 1, new.as_str(), pen.theme.style(Role::Hi));
    pen.right(second, 1, old.as_str(), muted);
    pen.right(limit, 1, "limit", muted);
    if wide {
        pen.right(all, 1, "age", muted);
    }
    let rows = usize::from(pen.height().saturating_sub(2));
    let mut shown: Vec<&Pair> = pairs.iter().collect();
    if shown.len() > rows {
        shown.sort_by_key(|p| std::cmp::Reverse(p.level));
    }
    for (y, pair) in (2..).zip(shown.into_iter().skip(model.scrolled(pane)).take(rows)) {
        let (glyph, role) = sign(pen, pair.level);
        let ok = pair.level == Level::Ok;
        pen.cut(1, y, glyph, 1, if ok { pen.theme.style(role) } else { pen.theme.bold(role) });
        let unknown = pair.level == Level::Unknown;
        let name = if ok || unknown { pair.name.clone() } else { format!("{} {}", pair.name, level_word(pair.level)) };
        let value = if unknown { level_word(pair.level) } else { &pair.new };
        let style = match pair.level {
            Level::Critical => pen.theme.style(Role::CritText),
            Level::Ok => pen.theme.style(Role::Hi),
            _ => pen.theme.bold(role),
        };
        let start = pen.right(first, y, value, style);
        let name_style = if ok { pen.theme.style(Role::Text) } else { pen.theme.bold(role) };
        pen.cut(3, y, &name, start.saturating_sub(4), name_style);
        pen.right(second, y, &pair.old, muted);
        // What it was takes the place of the limit: no value is held against it now.
        let beside = pair.was.as_ref().filter(|_| unknown).map(|w| format!("was {w}"));
        let beside = beside.as_ref().unwrap_or(&pair.limit);
        if width(beside) < column + 2 {
            pen.right(limit, y, beside, muted);
        }
        if bars > 0 {
            spark::draw(pen, limit + 1, y, bars - 1, &pair.spark, pair.full, role);
        }
        if let (true, Some(at)) = (wide, pair.at) {
            pen.right(all, y, &words::age(model.now(), at), muted);
        }
    }
}
