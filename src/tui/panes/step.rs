//! One step: how it stands and what it waits for, its facts, what must hold, what fails it, its undo, its attempts. As a
//! page of its own it says all; below the checklist of a wide screen what the rows of the selected step do not say.

mod rows;

pub use self::rows::sign;
pub(super) use self::rows::{Row, gate_rows};
use self::rows::{detail_rows, rows};
use super::checklist::draw_condition;
use crate::core::ids::StepId;
use crate::core::launch::Status;
use crate::core::outline::{Outline, StepOutline};
use crate::tui::model::{Model, PaneId, Target};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::widgets::gauge;

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    let wide = crate::tui::view::area_of(model, pane).0;
    shown(model).map_or(0, |(_, step)| rows(model, step, wide).len())
}

fn shown(model: &Model) -> Option<(&Outline, &StepOutline)> {
    let outline = model.outline()?;
    let id = model.page.as_ref().or(model.selected_step()).or_else(|| of_way_back(model))?;
    Some((outline, outline.step(id)?))
}

/// The step that a way back is at, where that is selected.
fn of_way_back(model: &Model) -> Option<&StepId> {
    let launch = model.launch.as_ref().filter(|_| model.selected == Some(Target::Rollback))?;
    let Status::RollingBack(number) = launch.status else { return None };
    let rollback = launch.rollbacks.get((number as usize).checked_sub(1)?)?;
    Some(&rollback.items.get(rollback.next)?.run.step)
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some((outline, step)) = shown(model) else {
        super::head(model, pane, pane.title(), pen, &[]);
        pen.put(1, 1, "no step is selected", Role::Muted);
        return;
    };
    let at = outline.phases.iter().position(|p| p.id == step.phase);
    let title = at.map_or("", |i| outline.phases[i].title.as_str());
    let siblings: Vec<_> = outline.steps_of(&step.phase).map(|s| &s.id).collect();
    let nth = siblings.iter().position(|id| **id == step.id).map_or(0, |i| i + 1);
    let count = format!("{nth} of {}", siblings.len());
    let muted = Role::Muted.style();
    if model.page.is_none() {
        super::head(model, pane, pane.title(), pen, &[(format!("{title}  {count}"), muted)]);
        return draw_rows(pen, &detail_rows(model, step, pen.width()), 0);
    }
    let rows = rows(model, step, pen.width());
    let first = model.first_row(pane, rows.len(), usize::from(pen.height().saturating_sub(1)));
    let x = pen.bold(1, 0, "Esc", Role::Accent);
    let mut start = pen.right(pen.width(), 0, &count, muted);
    if let Some((text, style)) = super::above(pen, rows[..first].iter().map(Row::level)) {
        start = pen.right(start.saturating_sub(2), 0, &text, style);
    }
    let head = format!("{} {title}", at.map_or(0, |i| i + 1));
    let role = if model.focus == pane { Role::Accent } else { Role::Muted };
    pen.cut(x + 2, 0, &head, start.saturating_sub(x + 4), role.style());
    draw_rows(pen, &rows, first);
}

/// Draws rows below the head, and says how many more there are.
fn draw_rows(pen: &mut Pen<'_>, rows: &[Row<'_>], first: usize) {
    let height = usize::from(pen.height().saturating_sub(1));
    for (y, row) in (1..).zip(rows.iter().skip(first).take(height)) {
        draw_row(pen, y, row);
    }
    let below = rows.len().saturating_sub(first + height);
    if below > 0 && height > 3 {
        let y = pen.height() - 1;
        let text = format!("  +{below} below");
        let end = pen.width();
        pen.part(end.saturating_sub(width(&text)), y, end, 1).fill(Role::Ground);
        pen.right(end, y, &text, Role::Muted.style());
    }
}

/// Draws a row of a page.
pub(super) fn draw_row(pen: &mut Pen<'_>, y: u16, row: &Row<'_>) {
    let end = pen.width();
    let muted = Role::Muted.style();
    match row {
        Row::Blank => {}
        Row::Section(title) => {
            let x = pen.bold(1, y, title, Role::Hi);
            let rule = pen.glyphs.rule;
            pen.line(x + 1, end, y, rule, Role::Rule.style());
        }
        Row::Title { sign, role, text } => {
            pen.bold(1, y, sign, *role);
            pen.cut(3, y, text, end, Role::Hi.style());
        }
        Row::State { role, word, clock } => {
            let start = pen.right(end, y, clock, Role::Hi.style());
            pen.cut(3, y, word, start.saturating_sub(5), role.bold());
        }
        Row::Gauge { role, part } => gauge::draw(pen, 3, y, end.saturating_sub(3), *part, *role),
        Row::Text(text) => {
            pen.cut(3, y, text, end.saturating_sub(3), Role::Text.style());
        }
        Row::Hint(text) => {
            pen.cut(3, y, text, end.saturating_sub(3), muted);
        }
        Row::Label(text) => {
            pen.cut(3, y, text, end.saturating_sub(3), muted);
        }
        Row::Keys(keys) => {
            let mut x = 3;
            for (key, word) in keys {
                x = pen.bold(x, y, key, Role::Accent);
                x = pen.put(x + 1, y, word, Role::Muted) + 2;
            }
        }
        Row::Fact { label, text } => {
            pen.cut(3, y, label, 10, muted);
            pen.put(14, y, text, Role::Text);
        }
        Row::Signed { sign, role, text, right } => {
            pen.bold(1, y, sign, *role);
            let start = pen.right(end, y, right, muted);
            pen.cut(3, y, text, start.saturating_sub(5), Role::Text.style());
        }
        Row::Condition { condition, view, fails } => {
            let mut part = pen.part(1, y, end.saturating_sub(1), 1);
            draw_condition(&mut part, if *fails { Some("") } else { None }, condition, *view);
        }
    }
}
