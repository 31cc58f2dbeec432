//! The regions of the screen, one file each. A pane draws its own head in row 0 of its part.

pub mod alarm;
pub mod answers;
pub mod checklist;
pub mod compare;
pub mod errors;
pub mod footer;
pub mod header;
pub mod incidents;
pub mod joining;
pub mod log;
pub mod output;
pub mod signals;
pub mod triggers;

use ratatui::style::Style;

use super::model::{Model, PaneId};
use super::pen::Pen;
use super::theme::Role;
use super::widgets::section;
use crate::core::reading::Level;

/// Draws a pane.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    match pane {
        PaneId::Checklist => checklist::draw(model, pen),
        PaneId::Compare => compare::draw(model, pen),
        PaneId::Errors => errors::draw(model, pen),
        PaneId::Health | PaneId::Lag | PaneId::Queues => signals::draw(model, pane, pen),
        PaneId::Triggers => triggers::draw(model, pen),
        PaneId::Log => log::draw(model, pen),
        PaneId::Output => output::draw(model, pen),
        PaneId::Incidents => incidents::draw(model, pen),
    }
}

/// A pane's head.
fn head(model: &Model, pane: PaneId, title: &str, pen: &mut Pen<'_>, summary: &[(String, Style)]) {
    section::draw(pen, pane.digit(), title, model.focus == pane, summary);
}

/// A level's symbol and its role.
pub fn sign(pen: &Pen<'_>, level: Level) -> (&'static str, Role) {
    let g = pen.glyphs;
    match level {
        Level::Ok => (g.ok, Role::Ok),
        Level::Warn => (g.warn, Role::Warn),
        Level::Critical => (g.critical, Role::Crit),
        Level::Unknown => (g.unknown, Role::Unknown),
    }
}

/// Counts of levels as the right end of a head: what is not ok first; else how many are ok.
fn tally(pen: &Pen<'_>, [critical, warn, unknown, ok]: [usize; 4]) -> Vec<(String, Style)> {
    let mut parts = Vec::new();
    for (n, word, role) in
        [(critical, "critical", Role::Crit), (warn, "warn", Role::Warn), (unknown, "unknown", Role::Unknown)]
    {
        if n > 0 {
            parts.push((format!("{n} {word}"), pen.theme.bold(role)));
        }
    }
    if parts.is_empty() {
        parts.push((format!("{ok} ok"), pen.theme.style(Role::Muted)));
    }
    parts
}
