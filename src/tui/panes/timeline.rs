//! The timeline: the phases along the launch and, on the rail below them, the T-clock at which each began or is planned,
//! and where the launch stands. The rail is heavy as far as it has come.

use crate::core::launch::Status;
use crate::core::time::{Span, Timestamp};
use crate::tui::dialogs::stopped_at;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::timeline::{Stop, stops};
use crate::tui::words;

/// Rows that it needs.
pub const ROWS: u16 = 2;

/// Columns at both ends.
const EDGE: u16 = 1;

/// Columns from the mark of where the launch stands to a phase before which it waits.
const MARK: u16 = 7;

/// Draws it.
pub fn draw(model: &Model, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let (all, rows) = (pen.width(), pen.height());
    if rows < ROWS || all < 20 {
        return;
    }
    let stops = stops(model, all - 2 * EDGE);
    let x = |stop: &Stop| stop.x + EDGE;
    // The phase under way stands on a ground of its own, from its sign to its last step.
    let mut open = stops.iter().filter(|s| s.open);
    if let Some(first) = open.next() {
        let last = open.next_back().unwrap_or(first);
        let (from, end) = (x(first).saturating_sub(1), x(last) + last.width() + 1);
        pen.part(from, 0, end.saturating_sub(from), 1).behind(0, Role::Panel);
    }
    for stop in &stops {
        let style = if stop.here { stop.role.bold() } else { stop.role.style() };
        pen.cut(x(stop), 0, stop.sign, 1, style);
        pen.cut(x(stop) + 2, 0, &stop.text, width(&stop.text), stop.name.style());
    }
    let here = stops.iter().find(|s| s.here);
    let over = here.is_none() || matches!(launch.status, Status::Ended { .. });
    // What it waits for before a phase that is still to come: it stands before that phase, not in it.
    let before = stops.iter().find(|s| s.open).filter(|s| s.at.is_some_and(|at| at > model.now()));
    let stands = |here: &Stop| before.map_or(x(here), |phase| x(phase).saturating_sub(MARK).max(EDGE));
    let come = if over { all - EDGE } else { here.map_or(EDGE, stands) };
    let (heavy, rule) = (pen.glyphs.heavy, pen.glyphs.rule);
    pen.line(EDGE, come, 1, heavy, Role::Muted.style());
    pen.line(come, all - EDGE, 1, rule, Role::Rule.style());
    let mut taken = Vec::new();
    if let (Some(here), false) = (here, over) {
        let (text, role) = match launch.status {
            Status::RollingBack(_) if stopped_at(launch).is_some() => {
                (format!("{} STOPPED going back", pen.glyphs.failed), Role::Crit)
            }
            Status::RollingBack(_) => (format!("{} going back", pen.glyphs.undone), Role::Warn),
            _ => (format!("{} now", pen.glyphs.here), Role::Accent),
        };
        let style = role.bold();
        label(pen, stands(here), &text, style, &mut taken);
    }
    let near = |at: Timestamp| Span(at.since(launch.t0).millis().abs()) < Span::mins(60);
    let seconds = model.seconds() && stops.iter().filter_map(|stop| stop.at).all(near);
    let clock = |stop: &Stop| Some(words::t_clock(stop.at?.since(launch.t0), seconds));
    // A step that begins with its phase has no time of its own.
    let own = |i: &usize| *i == 0 || !stops[*i].step || clock(&stops[*i]) != clock(&stops[*i - 1]);
    let (steps, phases): (Vec<_>, Vec<_>) = (0..stops.len()).filter(own).map(|i| &stops[i]).partition(|stop| stop.step);
    // Phases first: their times are what the rail is for.
    for stop in phases.into_iter().chain(steps) {
        if let Some(text) = clock(stop) {
            label(pen, x(stop), &text, Role::Muted.style(), &mut taken);
        }
    }
}

/// A label on the rail, a blank behind it, where it touches no other.
fn label(pen: &mut Pen<'_>, x: u16, text: &str, style: ratatui::style::Style, taken: &mut Vec<(u16, u16)>) {
    let end = x + width(text) + 1;
    let free = taken.iter().all(|(from, to)| end < *from || x > *to);
    if !free || end > pen.width() {
        return;
    }
    taken.push((x, end));
    pen.cut(x, 1, text, u16::MAX, style);
    pen.cell(end - 1, 1, " ", style);
    if x > 0 {
        pen.cell(x - 1, 1, " ", style);
    }
}
