//! What a way back does, in order: what is lost by it, its commands as they will run and what must hold after each, what is
//! undone and asks again, what stays. A text that is too long for its row goes on below: what decides is often at its end.

use std::ops::Range;

use super::go_back::is_gate;
use super::title;
use crate::core::condition::Condition;
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::{LaunchState, WayView};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::role::Role;

/// A row: its sign, what, how.
struct Row {
    sign: String,
    what: String,
    how: String,
    role: Role,
}

/// How many rows all of it would take, up to the column `end`.
pub(super) fn height(model: &Model, launch: &LaunchState, way: &WayView, end: u16) -> usize {
    let all = rows_of(model, launch, way);
    let how = how_at(&all, end);
    let loses = loses(model, way).map_or(0, |text| wrap(&text, end.saturating_sub(3)).len());
    loses + all.iter().map(|row| wrap(&row.how, end.saturating_sub(how)).len()).sum::<usize>()
}

fn loses(model: &Model, way: &WayView) -> Option<String> {
    way.loses.as_ref().map(|what| format!("{} loses {what}", model.glyphs.warn))
}

/// The column in which it says how.
fn how_at(all: &[Row], end: u16) -> u16 {
    let widest = all.iter().filter(|row| !row.how.is_empty()).map(|row| width(&row.what)).max().unwrap_or(0);
    6 + widest.min(end.saturating_sub(6) / 2) + 2
}

/// Draws it into the rows given, up to the column `end`.
pub(super) fn draw(model: &Model, launch: &LaunchState, way: &WayView, pen: &mut Pen<'_>, rows: Range<u16>, end: u16) {
    let Range { start: mut y, end: last } = rows;
    for line in loses(model, way).iter().flat_map(|text| wrap(text, end.saturating_sub(3))) {
        if y < last {
            pen.bold(3, y, &line, Role::Warn);
            y += 1;
        }
    }
    let all = rows_of(model, launch, way);
    let how = how_at(&all, end);
    let room = usize::from(last.saturating_sub(y));
    let mut drawn = 0;
    for (i, row) in all.iter().enumerate() {
        let lines = wrap(&row.how, end.saturating_sub(how));
        let left = room.saturating_sub(drawn);
        // The last row says how many more there are.
        let spare = usize::from(i + 1 < all.len());
        if left < 1 + spare {
            if left > 0 {
                pen.put(6, y, &format!("and {} more", all.len() - i), Role::Muted);
            }
            return;
        }
        pen.put(3, y, &row.sign, Role::Muted);
        pen.cut(6, y, &row.what, how.saturating_sub(8), row.role.style());
        for line in lines.iter().take(left - spare) {
            pen.cut(how, y, line, end.saturating_sub(how), Role::Muted.style());
            y += 1;
            drawn += 1;
        }
    }
}

/// What must hold after a command of a way back before it goes on.
fn required<'a>(launch: &'a LaunchState, run: &RunId) -> &'a [Condition] {
    let step = launch.outline.step(&run.step);
    match run.kind {
        RunKind::Do => step.map_or(&[], |step| &step.verify),
        RunKind::Undo => step.and_then(|step| step.undo.as_ref()).map_or(&[], |undo| &undo.require),
    }
}

fn rows_of(model: &Model, launch: &LaunchState, way: &WayView) -> Vec<Row> {
    let mut all = Vec::new();
    for (i, item) in way.items.iter().enumerate() {
        let how = item.command.as_ref().map_or("by hand".to_owned(), |command| {
            let command = launch.outline.as_run(&item.run.step, command);
            let mut lines = command.trim().lines();
            let first = lines.next().unwrap_or("").to_owned();
            match lines.count() {
                0 => first,
                more => format!("{first} … {}", crate::tui::words::count(more, "more line")),
            }
        });
        all.push(Row { sign: (i + 1).to_string(), what: item.title.clone(), how, role: Role::Text });
        // The next one waits for it, and the way back stops where it does not come to hold.
        let must: Vec<String> = required(launch, &item.run).iter().map(Condition::to_string).collect();
        if !must.is_empty() {
            all.push(Row {
                sign: String::new(),
                what: "then must hold".into(),
                how: must.join(", "),
                role: Role::Muted,
            });
        }
    }
    for step in &way.undoes {
        let name = title(model, step);
        let (what, how) = match (is_gate(launch, step), way.asks.contains(step)) {
            (true, _) => (format!("{name} asks again"), "to be decided anew"),
            (false, true) => (format!("{name} asks again"), "done by hand, and it rested on what is undone"),
            (false, false) => (format!("{name} is undone"), "may run again"),
        };
        all.push(Row { sign: model.glyphs.undone.into(), what, how: how.into(), role: Role::Muted });
    }
    for step in &way.stays {
        let what = format!("{} stays", title(model, step));
        all.push(Row { sign: model.glyphs.warn.into(), what, how: "it has no undo".into(), role: Role::Warn });
    }
    all
}
