//! The next gate: what it waits for, what must hold, who has voted.

use super::step::{Row, draw_row, gate_rows};
use super::{above, head};
use crate::core::launch::{LaunchState, StepStatus, due_at};
use crate::core::outline::StepOutline;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// The gate that is polled, else the next in the plan; none where all are decided.
pub fn next(launch: &LaunchState) -> Option<&StepOutline> {
    let status = |step: &StepOutline| launch.steps.get(&step.id).map(|s| &s.status);
    let open = |step: &&StepOutline| step.gate.is_some() && !status(step).is_some_and(StepStatus::is_over);
    let polled = |step: &&StepOutline| matches!(status(step), Some(StepStatus::Polling));
    let mut gates = launch.outline.steps.iter().filter(open);
    gates.clone().find(polled).or_else(|| gates.next())
}

/// Rows that it needs at least, its head included; 0 where there is no gate to come.
pub fn wanted(model: &Model) -> usize {
    let gate = model.launch.as_ref().and_then(next).and_then(|step| step.gate.as_ref());
    gate.map_or(0, |gate| 7 + gate.require.len() + gate.poll.len())
}

fn rows(model: &Model, wide: u16) -> Vec<Row<'_>> {
    model.launch.as_ref().and_then(next).map_or(Vec::new(), |step| gate_rows(model, step, wide))
}

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    rows(model, crate::tui::view::area_of(model, pane).0).len()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let at = model.launch.as_ref().and_then(|launch| due_at(launch, next(launch)?));
    let at = at.map_or_else(String::new, |at| format!("planned {}", model.zone.near(at, model.now())));
    let rows = rows(model, pen.width());
    let height = usize::from(pen.height().saturating_sub(1));
    let first = model.first_row(pane, rows.len(), height);
    let mut summary: Vec<_> = above(pen, rows[..first].iter().map(Row::level)).into_iter().collect();
    summary.push((at, Role::Muted.style()));
    head(model, pane, pane.title(), pen, &summary);
    if rows.is_empty() {
        pen.put(3, 1, "no gate is to come", Role::Muted);
    }
    for (y, row) in (1..).zip(rows.iter().skip(first).take(height)) {
        draw_row(pen, y, row);
    }
}
