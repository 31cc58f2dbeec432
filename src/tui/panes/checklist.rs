//! The checklist: phases, steps, boxes, conditions.

mod condition;
mod rollback;
mod step;

pub use condition::{draw as draw_condition, measured};
pub use step::title_lines;

use super::head;
use crate::core::launch::{LaunchState, Progress, StepState, due_at};
use crate::core::outline::{PhaseOutline, StepOutline};
use crate::core::time::Timestamp;
use crate::tui::checklist::{RowOf, has_begun, over_at, position, rows};
use crate::tui::model::{Model, PaneId, Target};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::view;
use crate::tui::widgets::gauge;

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    rows(model, view::area_of(model, pane)).len()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Progress { done, of, .. } = Progress::of_all(launch);
    let muted = Role::Muted.style();
    let filter = model.filter(pane);
    let mut summary = vec![(format!("{done}/{of}"), Role::Text.style())];
    if !filter.is_empty() {
        summary.insert(0, (format!("/{filter}"), Role::Accent.style()));
    } else if of > 0 && pen.width() > 40 {
        summary.push((format!("{} %", done * 100 / of), muted));
    }
    let (from, to) = head(model, pane, "Checklist", pen, &summary);
    // The rule is the gauge of the whole launch.
    let role = if model.focus == pane { Role::Accent } else { Role::Muted };
    gauge::draw(pen, from, 0, to.saturating_sub(from), done as f64 / of.max(1) as f64, role);
    let mut pen = pen.part(0, 1, pen.width(), pen.height().saturating_sub(1));
    let rows = rows(model, (pen.width(), pen.height()));
    let at = position(&rows, model.selected.as_ref());
    let height = usize::from(pen.height());
    let first = first(at, rows.len(), height);
    if !filter.is_empty() && !rows.iter().any(|(_, row)| matches!(row, RowOf::Step(_))) {
        pen.put(1, 0, "no step has this text", Role::Muted);
        return;
    }
    let below = rows.len().saturating_sub(first + height);
    let more = if below > 0 && height > 3 { format!("+{below} below") } else { String::new() };
    for (y, (i, (_, row))) in (0..).zip(rows.iter().enumerate().skip(first).take(height)) {
        // What goes on below the selected row belongs to it.
        let selected = at == Some(i) || matches!(row, RowOf::More(..));
        if selected {
            pen.behind(y, Role::Selection);
            let role = if model.focus == pane { Role::Accent } else { Role::Muted };
            pen.cell(0, y, pen.glyphs.bar, role.style());
        }
        // The last row makes room for how many more there are.
        let kept = if y + 1 == pen.height() && !more.is_empty() { width(&more) + 2 } else { 0 };
        let all = pen.width().saturating_sub(kept);
        draw_row(model, launch, &mut pen.part(0, 0, all, y + 1), y, row);
    }
    let (last, end) = (pen.height().saturating_sub(1), pen.width());
    pen.right(end, last, &more, muted);
}

/// The first row that is shown: the selection stands in the upper third, so that what follows from it is seen.
fn first(at: Option<usize>, all: usize, height: usize) -> usize {
    at.map_or(0, |at| at.saturating_sub(height / 3)).min(all.saturating_sub(height))
}

/// What is selected with a row that is shown, counted from the first one; none where it is no row of its own.
pub fn target_at(model: &Model, row: u16) -> Option<Target> {
    let area = view::area_of(model, PaneId::Checklist);
    let rows = rows(model, area);
    let at = position(&rows, model.selected.as_ref());
    rows.get(first(at, rows.len(), usize::from(area.1)) + usize::from(row))?.0.clone()
}

/// The text of a box in as many lines as it needs, the first of them in its row of so many columns.
pub fn box_lines(step: &StepOutline, state: Option<&StepState>, i: usize, columns: u16) -> Vec<String> {
    let text = step.items.get(i).map_or("", String::as_str);
    let by = state.and_then(|s| s.ticks.get(&i)).map_or(0, |t| width(&t.by.to_string()));
    let room = columns.saturating_sub(by + 10);
    if room < 8 { vec![text.to_owned()] } else { step::begun_and_rest(text, room, columns.saturating_sub(8)) }
}

/// Columns at the right that are kept for the clock of a row; none on narrow screens, more where a day stands with it.
fn clock_columns(columns: u16, clock: &str) -> u16 {
    if columns > 40 { (width(clock) + 1).max(7) } else { 0 }
}

fn draw_row(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, row: &RowOf<'_>) {
    let end = pen.width();
    let muted = Role::Muted.style();
    match row {
        RowOf::Rollback => rollback::title(launch, pen, y),
        RowOf::RollbackItem(i) => rollback::item(model, launch, pen, y, *i),
        RowOf::Phase { phase, done, of, open } => {
            if let Some(outline) = launch.outline.phases.get(*phase) {
                phase_row(model, launch, pen, y, (*phase, outline), (*done, *of), *open);
            }
        }
        RowOf::Done { phases, of } => {
            let x = pen.put(1, y, pen.glyphs.done, Role::Ok);
            pen.cut(x + 1, y, &format!("1–{phases}  done"), end, muted);
            let right = end - clock_columns(pen.width(), "");
            pen.right(right, y, &format!("{of}/{of}"), muted);
        }
        RowOf::Step(step) => step::draw(model, launch, pen, y, step),
        RowOf::Gauge(step) => step::gauge_row(model, launch, pen, y, step),
        RowOf::Item(step, i) => {
            let state = launch.steps.get(&step.id);
            let tick = state.and_then(|s| s.ticks.get(i));
            let sign = if tick.is_some() { pen.glyphs.ticked } else { pen.glyphs.unticked };
            pen.put(6, y, sign, if tick.is_some() { Role::Ok } else { Role::Text });
            let by = tick.map_or_else(String::new, |t| t.by.to_string());
            let start = pen.right(end, y, &by, muted);
            let role = if tick.is_some() { Role::Muted } else { Role::Text };
            let text = step.items.get(*i).map_or("", String::as_str);
            let chosen = model.selected == Some(Target::Item(step.id.clone(), *i));
            let lines = if chosen { box_lines(step, state, *i, end) } else { vec![text.to_owned()] };
            let text = lines.first().map_or("", |line| line.trim_end());
            pen.cut(8, y, text, start.saturating_sub(10), role.style());
        }
        RowOf::Condition { fails, condition, view } => {
            condition::draw(&mut pen.part(6, y, end.saturating_sub(6), 1), fails.then_some("fail: "), condition, *view);
        }
        RowOf::Keys(keys) => {
            let all: u16 = keys.iter().map(|(key, word)| width(key) + 1 + width(word) + 2).sum();
            let gap = if 4 + all <= end { 2 } else { 1 };
            let mut x = 6;
            for (key, word) in keys {
                x = pen.bold(x, y, key, Role::Accent);
                x = pen.put(x + 1, y, word, Role::Muted) + gap;
            }
        }
        RowOf::More(x, text) => {
            pen.cut(*x, y, text, end.saturating_sub(*x), Role::Text.style());
        }
        RowOf::Because(text) => {
            pen.cut(6, y, text, end.saturating_sub(6), muted);
        }
    }
}

/// A phase: how far it is, and when it was over or will begin.
fn phase_row(
    model: &Model,
    launch: &LaunchState,
    pen: &mut Pen<'_>,
    y: u16,
    (index, outline): (usize, &PhaseOutline),
    (done, of): (usize, usize),
    open: bool,
) {
    let over = done >= of;
    let status = |id| launch.steps.get(id).map(|s| &s.status);
    let begun = has_begun(launch, &outline.id);
    let g = pen.glyphs;
    let (sign, role) = match (over, begun) {
        (true, _) => (g.done, Role::Ok),
        (false, true) => (g.running, Role::Accent),
        (false, false) => (g.todo, Role::Muted),
    };
    let title = (if !over && (begun || open) { Role::Hi } else { Role::Muted }).style();
    let muted = Role::Muted.style();
    pen.put(1, y, sign, role);
    pen.cut(3, y, &(index + 1).to_string(), 3, title);
    let mut right = pen.width();
    if clock_columns(pen.width(), "") > 0 {
        let steps = launch.outline.steps_of(&outline.id);
        let ended = steps.filter_map(|s| over_at(status(&s.id)?)).max().filter(|_| over);
        let due = launch.outline.steps_of(&outline.id).filter_map(|s| due_at(launch, s)).min();
        let begins = due.filter(|at| !over && !begun && *at > model.now());
        let will = model.facts.forecast.phases.get(index).and_then(|p| p.projected).filter(|_| begun && !over);
        let near = |at: Timestamp| model.zone.in_column(at, model.now());
        let will = will.filter(|at| *at > model.now()).map(|at| format!("{}{}", pen.glyphs.to, near(at)));
        let text = ended.or(begins).map(near).or(will).unwrap_or_default();
        pen.right(pen.width(), y, &text, muted);
        right -= clock_columns(pen.width(), &text);
    }
    let start = pen.right(right, y, &format!("{done}/{of}"), muted);
    let x = pen.cut(6, y, &outline.title, start.saturating_sub(8), title);
    if begun && !over && start > x + 8 {
        let wide = (start - x - 4).min(16);
        gauge::draw(pen, start - 2 - wide, y, wide, done as f64 / of.max(1) as f64, Role::Accent);
    }
}
