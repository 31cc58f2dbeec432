//! The output of a step's command, as it comes.

use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use super::head;
use super::log::{newer, tabs};
use crate::core::time::Span;
use crate::tui::found::{Place, place};
use crate::tui::model::{Model, PaneId};
use crate::tui::output::{Ink, Line, Look, Output};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::view::{self, page_has_output};
use crate::tui::words;

/// A command that writes nothing for so long is said to be silent.
const QUIET: Span = Span(5000);

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    matching(model).map_or_else(|| model.output.lines.len(), |found| found.len())
}

/// The lines that the filter lets through; none where there is no filter.
fn matching(model: &Model) -> Option<Vec<usize>> {
    let filter = model.filter(PaneId::Output).to_lowercase();
    let lines = model.output.lines.iter().enumerate();
    let found = lines.filter(|(_, line)| line.text.to_lowercase().contains(&filter)).map(|(i, _)| i);
    (!filter.is_empty()).then(|| found.collect())
}

/// Lines that are held. The last one is empty while the output ends with a line end.
fn begun(output: &Output) -> usize {
    output.lines.len() - usize::from(output.lines.back().is_some_and(|l| l.text.is_empty()))
}

/// Lines that there ever were, long ones counted for each part that they are held in.
pub fn ever(output: &Output) -> usize {
    output.dropped + begun(output)
}

/// How many of those after the first so many the filter lets through.
pub fn shown_since(model: &Model, before: usize) -> usize {
    let (first, end) = (before.saturating_sub(model.output.dropped), begun(&model.output));
    match matching(model) {
        Some(found) => found.iter().filter(|i| (first..end).contains(*i)).count(),
        None => end.saturating_sub(first),
    }
}

/// Whether long lines are shown whole, in several rows: where the pane stands alone or on a step's page.
fn wraps(model: &Model) -> bool {
    model.page.is_some() || model.zoom
}

/// How far it can be scrolled up from its end: until its first line stands at the top.
pub fn most(model: &Model) -> usize {
    let (columns, height) = view::area_of(model, PaneId::Output);
    let found = matching(model);
    let count = length(model, PaneId::Output);
    let room = columns.saturating_sub(if columns >= 60 && model.output.timed { 9 } else { 1 }).max(1);
    let mut rows = usize::from(height).saturating_sub(usize::from(model.output.dropped > 0));
    let mut fit = 0;
    while fit < count {
        let line = model.output.lines.get(found.as_ref().map_or(fit, |found| found[fit]));
        let tall = if wraps(model) { line.map_or(1, |line| folded(line, room).len()) } else { 1 };
        if tall > rows {
            break;
        }
        (rows, fit) = (rows - tall, fit + 1);
    }
    count - fit.max(1).min(count)
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let page = model.page.as_ref();
    let run = model.output.run.as_ref().filter(|r| page.is_none_or(|p| r.step == *p));
    let state = run.and_then(|r| model.launch.as_ref()?.runs.get(r));
    let mut summary = Vec::new();
    let muted = Role::Muted.style();
    match state.map(|s| (&s.end, s.started)) {
        Some((Some((_, end)), _)) => {
            let role = if end.succeeded() { Role::Muted } else { Role::Crit };
            summary.push((crate::core::tell::end(end), role.style()));
        }
        Some((None, started)) => {
            let lasted = words::clock(model.seen().since(started));
            summary.push(match model.is_past() {
                true => (format!("was running {lasted}"), Role::Unknown.style()),
                false => (format!("running {lasted}"), Role::Accent.bold()),
            });
        }
        None => {}
    }
    let scrolled = model.scrolled(pane);
    let filter = model.filter(pane);
    if !filter.is_empty() {
        summary.push((format!("/{filter}"), Role::Accent.style()));
    }
    summary.extend(newer(model, pen, pane));
    if page.is_none() {
        summary.extend(tabs(model, pen, pane));
    } else if let Some(run) = run {
        if scrolled == 0 && state.is_some_and(|s| s.end.is_none()) {
            summary.push(("following".to_owned(), Role::Accent.bold()));
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
    let count = begun(&model.output);
    if count == 0 {
        let what = run.kind.its();
        let yet = if state.is_some_and(|s| s.end.is_none()) { " yet" } else { "" };
        pen.cut(1, 1, &format!("{what} has written nothing{yet}"), pen.width(), muted);
        return;
    }
    let started = state.map(|s| s.started);
    let found = matching(model);
    let count = found.as_ref().map_or(count, Vec::len);
    if count == 0 {
        pen.put(1, 1, "no line has this text", Role::Muted);
        return;
    }
    let clocks = pen.width() >= 60 && model.output.timed;
    let left = if clocks { 9 } else { 1 };
    let silent = state.is_some_and(|s| s.end.is_none() && !s.stopping) && scrolled == 0;
    let silent = lines.back().and_then(|l| l.came).map(|at| model.now().since(at)).filter(|s| silent && *s >= QUIET);
    let older = model.output.dropped;
    let mut y = 1;
    if older > 0 {
        pen.put(left, y, &format!("{} before these are no longer held here", words::count(older, "line")), Role::Warn);
        y += 1;
    }
    let rows = usize::from(pen.height().saturating_sub(y + u16::from(silent.is_some())));
    let wraps = wraps(model);
    let line = |i: usize| lines.get(found.as_ref().map_or(i, |found| found[i]));
    let room = pen.width().saturating_sub(left).max(1);
    let tall = |i: usize| if wraps { line(i).map_or(1, |l| folded(l, room).len()) } else { 1 };
    // From the last line upwards, as many as fit; at the top the pane is filled downwards.
    let mut last = count.saturating_sub(scrolled).max(1);
    let (mut first, mut used) = (last, 0);
    while first > 0 && used < rows {
        first -= 1;
        used += tall(first);
    }
    let skip = used.saturating_sub(rows);
    while used < rows && last < count {
        used += tall(last);
        last += 1;
    }
    let end = y + u16::try_from(rows).unwrap_or(u16::MAX);
    for (line, number) in (first..last).filter_map(|i| Some((line(i)?, i))) {
        let pieces = if wraps { folded(line, room) } else { vec![line.pieces().collect()] };
        for (n, pieces) in pieces.into_iter().enumerate() {
            if number == first && n < skip {
                continue;
            }
            if y >= end {
                break;
            }
            if let (true, 0, false, Some(came), Some(started)) = (clocks, n, line.goes_on, line.came, started) {
                pen.right(7, y, &words::clock(came.since(started)), muted);
            }
            let held = found.as_ref().map_or(number, |found| found[number]);
            if place(model, pane) == Some(Place::Line(older + held)) {
                pen.behind(y, Role::Selection);
            }
            let mut x = left;
            for (text, look) in pieces {
                x = pen.cut(x, y, text, u16::MAX, style_of(look));
            }
            y += 1;
        }
    }
    if let Some(lasted) = silent {
        let text = format!("silent for {}", words::long(lasted));
        pen.put(left, y, &text, Role::Muted);
    }
}

/// A line in rows of at most `room` columns, each in pieces of one look; at least one row.
fn folded(line: &Line, room: u16) -> Vec<Vec<(&str, Look)>> {
    let mut rows = vec![Vec::new()];
    let mut used = 0;
    for (text, look) in line.pieces() {
        let mut from = 0;
        for (at, grapheme) in text.grapheme_indices(true) {
            let wide = width(grapheme);
            if used + wide > room && used > 0 {
                rows.last_mut().into_iter().for_each(|row| row.push((&text[from..at], look)));
                rows.push(Vec::new());
                (from, used) = (at, 0);
            }
            used += wide;
        }
        rows.last_mut().into_iter().for_each(|row| row.push((&text[from..], look)));
    }
    rows
}

/// A program's colours as the theme has them.
fn style_of(look: Look) -> Style {
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
    let front = look.ink.map_or(plain, role).ink();
    // What has a hue behind it is shown as that hue turned around: its words stay readable on any theme.
    let behind = look.behind.filter(|b| *b != Ink::White).map(|b| role(b).ink());
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
