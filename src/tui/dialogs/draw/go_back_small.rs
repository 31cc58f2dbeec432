//! The choice of a way back where there is little room: the ways, a row each, and how the chosen one is started.

use ratatui::layout::Position;

use super::raise;
use crate::core::launch::WayView;
use crate::core::launch::answers::failed_undo;
use crate::core::order::Way;
use crate::tui::dialogs::go_back::{must_type, place};
use crate::tui::edit::Edit;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, wrap};
use crate::tui::role::Role;
use crate::tui::words;

/// Narrower screens than this have no room for columns.
const NARROW: u16 = 60;

/// Rows beside those of the ways: titles, why, what the chosen one does in two rows, how it is started.
const BESIDE: usize = 7;

/// Whether the screen is too narrow for columns, or too low for all ways and what the chosen one does.
pub(super) fn is_better(model: &Model, layout: &Layout, pen: &Pen<'_>) -> bool {
    let room = pen.height().saturating_sub(layout.answers.y + layout.answers.height + 1);
    pen.width() < NARROW || usize::from(room) < model.facts.ways.len() + BESIDE
}

/// Draws it; says where the cursor stands, where something must be typed.
pub(super) fn draw(
    model: &Model,
    chosen: Option<&Way>,
    typed: &Edit,
    layout: &Layout,
    pen: &mut Pen<'_>,
) -> Option<Position> {
    let ways = &model.facts.ways;
    let at = place(model, chosen);
    let all = pen.width();
    let does = at.and_then(|at| ways.get(at)).map_or_else(Vec::new, |way| what(model, way, all));
    let rows = u16::try_from(ways.len() + does.len()).unwrap_or(20) + 3;
    let (mut pen, left, top) = raise(pen, layout, rows, all, Role::Crit);
    let (end, last) = (pen.width(), pen.height().saturating_sub(1));
    pen.bold(2, 0, "Go back", Role::Hi);
    // What it does gives way to the ways, but for what is lost.
    let room = usize::from(last.saturating_sub(1));
    let kept = does.iter().filter(|(_, role)| *role == Role::Warn).count().min(room.saturating_sub(1));
    let does = &does[..does.len().min(room.saturating_sub(ways.len()).max(kept))];
    let below = last.saturating_sub(u16::try_from(does.len()).unwrap_or(last));
    for (y, (line, role)) in (below..last).zip(does) {
        pen.cut(4, y, line, end.saturating_sub(4), role.style());
    }
    let room = usize::from(below.saturating_sub(1));
    // The chosen one is seen.
    let first = at.map_or(0, |at| (at + 1).saturating_sub(room));
    for (y, (i, way)) in (1..below).zip(ways.iter().enumerate().skip(first)) {
        let here = at == Some(i);
        if here {
            pen.behind(y, Role::Selection);
        }
        let (word, role) = stands(way);
        let start = pen.right(end, y, &word, role.bold());
        pen.bold(2, y, &(i + 1).to_string(), Role::Accent);
        let title = (if here { Role::Hi } else { Role::Text }).style();
        pen.cut(4, y, &way.title, start.saturating_sub(5), title);
    }
    let way = at.and_then(|at| ways.get(at));
    let said = |pen: &mut Pen<'_>, text: &str| {
        pen.cut(2, last, text, end.saturating_sub(2), Role::Warn.style());
    };
    match way {
        None if ways.is_empty() => said(&mut pen, "there is no way back now"),
        None => said(&mut pen, "it is gone; choose another"),
        Some(WayView { closed: Some(why), .. }) => said(&mut pen, &format!("closed: {why}")),
        Some(WayView { barred: Some(first), .. }) => said(&mut pen, &format!("not yet: {first}")),
        Some(_) if model.observe => said(&mut pen, "you observe: those who drive start it"),
        Some(way) if let Some(wanted) = must_type(model, way, typed) => {
            let x = pen.put(2, last, &format!("type {wanted}: "), Role::Warn);
            // What does not fit goes at its beginning.
            let room = usize::from(end.saturating_sub(x + 1));
            let from = typed.text().char_indices().rev().take(room).last().map_or(0, |(i, _)| i);
            let x = pen.bold(x, last, &typed.text()[from..], Role::Hi);
            return Some(Position::new(left + x.min(end.saturating_sub(1)), top + last));
        }
        Some(way) => {
            let x = pen.badge(2, last, "y", Role::Ground.bold().bg(Role::Hi.ink()));
            pen.cut(x + 1, last, &format!("start {}", way.title), end.saturating_sub(x + 1), Role::Hi.style());
        }
    }
    None
}

/// What is lost, why it is not ready, and its commands, a row each.
fn what(model: &Model, way: &WayView, columns: u16) -> Vec<(String, Role)> {
    let loses = way.loses.iter().map(|what| format!("{} loses {what}", model.glyphs.warn));
    let loses = loses.flat_map(|text| wrap(&text, columns.saturating_sub(6))).map(|line| (line, Role::Warn));
    let failed = model.launch.as_ref().and_then(|launch| failed_undo(launch, way, model.now()));
    let unready = way.ready.as_ref().err().or(way.first.as_ref()).cloned().or(failed).map(|why| (why, Role::Warn));
    let commands = way.items.iter().map(|item| match &item.command {
        Some(command) => {
            let command = model.outline().map_or_else(|| command.clone(), |o| o.as_run(&item.run.step, command));
            format!("$ {}", command.trim().lines().next().unwrap_or_default())
        }
        None => format!("by hand: {}", item.title),
    });
    loses.chain(unready).chain(commands.map(|line| (line, Role::Muted))).collect()
}

/// Whether it is ready; then how long it takes and whether something is lost.
fn stands(way: &WayView) -> (String, Role) {
    match (&way.closed, &way.ready, &way.loses) {
        (Some(_), ..) => ("closed".to_owned(), Role::Muted),
        (None, Err(_), _) => ("NOT READY".to_owned(), Role::Warn),
        (None, Ok(()), Some(_)) => ("LOSES".to_owned(), Role::Warn),
        (None, Ok(()), None) => (way.estimate.map_or_else(|| "?".to_owned(), words::about), Role::Ok),
    }
}
