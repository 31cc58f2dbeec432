//! The output of a step's command, as it comes.

use super::head;
use super::log::tabs;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::theme::Role;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    model.output.lines.len()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let run = model.output.run.as_ref();
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
    summary.extend(tabs(model, pen, pane));
    let title = match run.and_then(|r| model.outline()?.step(&r.step)) {
        Some(step) => format!("Output: {}", step.title),
        None => "Output".to_owned(),
    };
    head(model, pane, &title, pen, &summary);
    let Some(run) = run else {
        pen.put(1, 1, "no command has run yet", Role::Muted);
        return;
    };
    let lines = &model.output.lines;
    // The last line is empty while the output ends with a line end.
    let count = lines.len() - usize::from(lines.back().is_some_and(String::is_empty));
    if count == 0 {
        pen.cut(1, 1, &format!("{run} has written nothing"), pen.width(), muted);
        return;
    }
    let rows = usize::from(pen.height().saturating_sub(1));
    let last = count.saturating_sub(scrolled).max(rows.min(count));
    let first = last.saturating_sub(rows);
    for (y, line) in (1..).zip(lines.iter().skip(first).take(last - first)) {
        pen.put(1, y, line, Role::Text);
    }
}
