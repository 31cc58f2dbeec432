//! The output of a step's command, as it comes.

use ratatui::style::{Modifier, Style};

use super::head;
use super::log::tabs;
use crate::core::ids::RunKind;
use crate::core::time::Span;
use crate::tui::model::{Model, PaneId};
use crate::tui::output::{Ink, Look};
use crate::tui::pen::Pen;
use crate::tui::theme::Role;
use crate::tui::view::page_has_output;
use crate::tui::words;

/// A command that writes nothing for so long is said to be silent.
const QUIET: Span = Span(5000);

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    model.output.lines.len()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let page = model.page.as_ref();
    let run = model.output.run.as_ref().filter(|r| page.is_none_or(|p| r.step == *p));
    let state = run.and_then(|r| model.launch.as_ref()?.runs.get(r));
    let mut summary = Vec::new();
    let muted = pen.theme.style(Role::Muted);
    match state.map(|s| (&s.end, s.started)) {
        Some((Some((_, end)), _)) => {
            let role = if end.succeeded() { Role::Muted } else { Role::Crit };
            summary.push((crate::core::tell::end(end), pen.theme.style(role)));
        }
        Some((None, started)) => {
            let text = format!("running {}", words::clock(model.now().since(started)));
            summary.push((text, pen.theme.bold(Role::Accent)));
        }
        None => {}
    }
    let scrolled = model.scrolled(pane);
    if scrolled > 0 {
        summary.push((format!("{scrolled} newer below"), pen.theme.style(Role::Accent)));
    }
    if page.is_none() {
        summary.extend(tabs(model, pen, pane));
    } else if let Some(run) = run {
        if scrolled == 0 && state.is_some_and(|s| s.end.is_none()) {
            summary.push(("following".to_owned(), pen.theme.bold(Role::Accent)));
        }
        summary.push((format!("attempt {}, {}", run.attempt, words::count(model.output.written(), "line")), muted));
    }
    let title = match run.filter(|_| page.is_none()).and_then(|r| model.outline()?.step(&r.step)) {
        Some(step) => format!("Output: {}", step.title),
        None => "Output".to_owned(),
    };
    head(model, pane, &title, pen, &summary);
    let Some(run) = run else {
        let none = match page {
            Some(_) if !page_has_output(model) => "it has no command",
            Some(_) => "its command has not run",
            None => "no command has run yet",
        };
        pen.put(1, 1, none, Role::Muted);
        return;
    };
    let lines = &model.output.lines;
    // The last line is empty while the output ends with a line end.
    let count = lines.len() - usize::from(lines.back().is_some_and(|l| l.text.is_empty()));
    if count == 0 {
        let what = if run.kind == RunKind::Undo { "its undo" } else { "its command" };
        let yet = if state.is_some_and(|s| s.end.is_none()) { " yet" } else { "" };
        pen.cut(1, 1, &format!("{what} has written nothing{yet}"), pen.width(), muted);
        return;
    }
    let started = state.map(|s| s.started);
    let clocks = pen.width() >= 60 && lines.iter().any(|l| l.came.is_some());
    let left = if clocks { 9 } else { 1 };
    let silent = state.is_some_and(|s| s.end.is_none() && !s.stopping) && scrolled == 0;
    let silent = lines.back().and_then(|l| l.came).map(|at| model.now().since(at)).filter(|s| silent && *s >= QUIET);
    let rows = usize::from(pen.height().saturating_sub(1 + u16::from(silent.is_some())));
    let last = count.saturating_sub(scrolled).max(rows.min(count));
    let first = last.saturating_sub(rows);
    let mut y = 1;
    for line in lines.iter().skip(first).take(last - first) {
        if let (true, Some(came), Some(started)) = (clocks, line.came, started) {
            pen.right(7, y, &words::clock(came.since(started)), muted);
        }
        let mut x = left;
        for (text, look) in line.pieces() {
            x = pen.cut(x, y, text, u16::MAX, style_of(pen, look));
        }
        y += 1;
    }
    if let Some(lasted) = silent {
        let text = format!("silent for {}", words::long(lasted));
        pen.put(left, y, &text, Role::Muted);
    }
}

/// A program's colours as the theme has them.
fn style_of(pen: &Pen<'_>, look: Look) -> Style {
    let role = |ink: Ink| match ink {
        Ink::Grey => Role::Muted,
        Ink::Red => Role::Crit,
        Ink::Green => Role::Ok,
        Ink::Yellow => Role::Warn,
        Ink::Blue => Role::Accent,
        Ink::Magenta => Role::Unknown,
        Ink::White => Role::Text,
    };
    let plain = if look.dim { Role::Muted } else { Role::Text };
    let front = pen.theme.colour(look.ink.map_or(plain, role));
    // What has a hue behind it is shown as that hue turned around: its words stay readable on any theme.
    let behind = look.behind.filter(|b| *b != Ink::White).map(|b| pen.theme.colour(role(b)));
    let mut style = Style::new().fg(behind.unwrap_or(front));
    if behind.is_some() || look.reversed {
        style = style.add_modifier(Modifier::REVERSED);
    }
    if look.bold {
        style = style.add_modifier(Modifier::BOLD);
    }
    if look.underlined {
        style = style.add_modifier(Modifier::UNDERLINED);
    }
    style
}
