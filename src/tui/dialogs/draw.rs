//! How overlays look: the only raised surfaces of the screen.

pub mod away;
pub mod explain;
mod gate;
mod go_back;
mod go_back_small;
pub mod help;
mod incident;
mod line;
pub mod ready;
pub mod shift;
mod what_it_does;
mod why;

use crate::core::launch::StoppedItem;
use ratatui::layout::Position;

use super::{Dialog, Kind, Overlay};
use crate::core::event::RollbackItem;
use crate::core::ids::StepId;
use crate::tui::clip;
use crate::tui::facts::explained;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, wrap};
use crate::tui::role::Role;
use crate::tui::words;

/// Draws what lies over the screen; says where the cursor stands.
pub fn draw(model: &Model, layout: &Layout, pen: &mut Pen<'_>) -> Option<Position> {
    match model.overlay.as_ref()? {
        Overlay::Help(help) => help::draw(model, help, layout, pen),
        Overlay::Explain { name, scroll } => explain::draw(model, name.as_deref(), *scroll, layout, pen),
        Overlay::Ready { scroll, .. } => ready::draw(model, *scroll, layout, pen),
        Overlay::Away { scroll, .. } => away::draw(model, *scroll, layout, pen),
        Overlay::Plain { scroll } => plain(model, *scroll, layout, pen),
        Overlay::Line(line) => return Some(line::draw(model, line, pen)),
        Overlay::Dialog(dialog) => return dialog_box(model, dialog, layout, pen),
    }
    None
}

/// What was copied, from edge to edge: whoever selects it with the mouse gets nothing else.
fn plain(model: &Model, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    // A blank row stands between it and the answers.
    let blank = u16::from(!layout.tiny);
    let top = if layout.tiny { 0 } else { layout.answers.y + layout.answers.height + blank };
    let (w, rows) = (pen.width(), pen.height().saturating_sub(top + 1));
    pen.part(0, top - blank, w, rows + blank).fill(Role::Ground);
    let mut part = pen.part(0, top, w, rows);
    for (y, line) in (0..rows).zip(clip::lines(model, w).iter().skip(scroll)) {
        part.put(0, y, line, Role::Text);
    }
}

/// A raised part of the screen below the answers, with a bar at its left.
fn raise<'a>(pen: &'a mut Pen<'_>, layout: &Layout, rows: u16, columns: u16, role: Role) -> (Pen<'a>, u16, u16) {
    let (w, h) = (pen.width(), pen.height());
    let top = if layout.tiny { 0 } else { (layout.answers.y + layout.answers.height + u16::from(h >= 30)).min(h) };
    let room = h.saturating_sub(top + u16::from(h > 5));
    let height = rows.min(room);
    let width = columns.min(w);
    let x = (w - width) / 2;
    let y = top + (room - height) / 3;
    let mut part = pen.part(x, y, width, height);
    part.fill(Role::Panel);
    for row in 0..height {
        let style = role.style();
        let bar = part.glyphs.bar;
        part.cell(0, row, bar, style);
    }
    (part, x, y)
}

fn dialog_box(model: &Model, dialog: &Dialog, layout: &Layout, pen: &mut Pen<'_>) -> Option<Position> {
    match &dialog.kind {
        Kind::GoBack { chosen, typed } if go_back_small::is_better(model, layout, pen) => {
            return go_back_small::draw(model, chosen.as_ref(), typed, layout, pen);
        }
        Kind::GoBack { chosen, typed } => return go_back::draw(model, chosen.as_ref(), typed, layout, pen),
        Kind::Stopped => stopped(model, layout, pen),
        Kind::GoingBack => going_back(model, layout, pen),
        Kind::Run(step) => run(model, step, layout, pen),
        Kind::Sh(command) => sh(model, command, layout, pen),
        Kind::Stop(step) => stop(model, step, layout, pen),
        Kind::Vote(gate, role) => gate::draw(model, gate, Some(*role), layout, pen),
        Kind::Decide(gate) => gate::draw(model, gate, None, layout, pen),
        Kind::Severity(of) => incident::severity(model, *of, layout, pen),
        Kind::Incident(number) => incident::one(model, *number, layout, pen),
        Kind::Handover { scroll } => shift::draw(model, *scroll, layout, pen),
        Kind::Resolve(run) => {
            let step = title(model, &run.step);
            let lives = model.readout.processes.get(run);
            let lines = [
                format!("The end of `{run}` was not observed: what watched over it died."),
                lives.map_or_else(String::new, |pid| {
                    format!("It still runs, unwatched, as process {pid}: wait for its end, or `kill {pid}`.")
                }),
                "It never runs again by itself. Look at the target, then say what you found.".to_owned(),
            ];
            let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            let (mut pen, ..) = sentences(pen, layout, &format!("What became of {}?", run.kind.of(step)), &lines);
            let y = pen.height().saturating_sub(2);
            buttons(&mut pen, y, super::resolve_keys(model, run));
        }
        Kind::Adopt { lines, problems, scroll, .. } => adopt(lines, problems, *scroll, layout, pen),
    }
    None
}

fn title(model: &Model, step: &StepId) -> String {
    model.outline().and_then(|o| o.step(step)).map_or_else(|| step.to_string(), |s| s.title.clone())
}

fn buttons(pen: &mut Pen<'_>, y: u16, keys: &[(&str, &str)]) {
    let mut x = 3;
    for (i, (key, word)) in keys.iter().enumerate() {
        if i == 0 {
            let style = Role::Ground.bold().bg(Role::Hi.ink());
            x = pen.badge(x, y, key, style);
            x = pen.bold(x + 1, y, word, Role::Hi) + 4;
        } else {
            x = pen.bold(x, y, key, Role::Accent);
            x = pen.put(x + 1, y, word, Role::Text) + 4;
        }
    }
}

/// A title and some sentences, with two free rows for keys.
fn sentences<'a>(pen: &'a mut Pen<'_>, layout: &Layout, title: &str, lines: &[String]) -> (Pen<'a>, u16, u16) {
    let columns = 84.min(pen.width());
    let wrapped: Vec<String> = lines.iter().flat_map(|l| wrap(l, columns.saturating_sub(6))).collect();
    let rows = u16::try_from(wrapped.len()).unwrap_or(20) + 6;
    let (mut pen, x, y) = raise(pen, layout, rows, columns, Role::Accent);
    pen.cut(3, 1, title, columns.saturating_sub(4), Role::Hi.style());
    for (y, line) in (3..pen.height().saturating_sub(2)).zip(&wrapped) {
        pen.put(3, y, line, Role::Text);
    }
    (pen, x, y)
}

fn run(model: &Model, step: &StepId, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(plan) = model.outline() else { return };
    let Some(outline) = plan.step(step) else { return };
    let environment = plan.environment.as_str();
    let attempt = super::attempt(model, step) + 1;
    let mut lines = vec![format!("$ {}", plan.as_run(step, outline.run.as_deref().unwrap_or("")))];
    if let Some(estimate) = outline.estimate {
        lines.push(format!("takes {}", words::about(estimate)));
    }
    for condition in &outline.verify {
        lines.push(format!("then must hold: {condition}"));
    }
    if let Some(soak) = outline.soak {
        lines.push(format!("for {soak} (soak)"));
    }
    for condition in &outline.fail {
        lines.push(format!("fails at once if: {condition}"));
    }
    lines.push(match &outline.undo {
        Some(undo) => format!("undo: {}", plan.as_run(step, &undo.run)),
        None => "it has no undo".to_owned(),
    });
    if let Some(e) = explained(model, step).filter(|e| !e.due) {
        lines.push(format!("not due: {}", e.because.join("; ")));
    }
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let (mut pen, ..) = sentences(pen, layout, &format!("Start {}{again}, on {environment}?", outline.title), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("y", "start"), ("Esc", "not now")]);
}

/// A command beside the plan, with where it runs and what that means.
fn sh(model: &Model, command: &str, layout: &Layout, pen: &mut Pen<'_>) {
    let environment = model.outline().map_or("", |o| o.environment.as_str());
    let mut lines: Vec<String> = command.lines().map(|line| format!("$ {line}")).collect();
    lines.push(
        "in the plan's directory, with its shell, variables and secrets; text and output are on record".to_owned(),
    );
    lines.push("nothing undoes it, and a hold does not stand against it".to_owned());
    let (mut pen, ..) = sentences(pen, layout, &format!("Run this beside the plan, on {environment}?"), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("y", "run it"), ("Esc", "not now")]);
}

fn stop(model: &Model, step: &StepId, layout: &Layout, pen: &mut Pen<'_>) {
    if super::finishes(model, step) {
        let environment = model.outline().map_or("", |o| o.environment.as_str());
        let lines = [
            "The plan lets its command finish: a plain stop is refused, and a way back waits for its end.".to_owned(),
            format!("Where it hangs it can be stopped now, an override: {environment} is typed, and why."),
        ];
        let (mut pen, ..) = sentences(pen, layout, &format!("Stop {}?", title(model, step)), &lines);
        let y = pen.height().saturating_sub(2);
        return buttons(&mut pen, y, &[("f", "let it finish"), ("n", "stop it now…"), ("Esc", "not now")]);
    }
    let mut lines = vec![
        "Its command gets a signal, a grace, then is killed with its group. What it began on another machine may go on."
            .to_owned(),
    ];
    let undoes = super::undoes(model, step);
    if undoes {
        lines.push("The way back stops there with it, and asks how to go on.".to_owned());
    }
    let undo = if undoes { "the undo of " } else { "" };
    let (mut pen, ..) = sentences(pen, layout, &format!("Stop {undo}{}?", title(model, step)), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("y", "stop it"), ("f", "let it finish"), ("Esc", "not now")]);
}

/// The way back that is under way: what of it runs, and what can be done to it.
fn going_back(model: &Model, layout: &Layout, pen: &mut Pen<'_>) {
    let Some((_, rollback)) = model.launch.as_ref().and_then(super::under_way) else { return };
    let mut lines = vec![format!(
        "started by {}, {} ago: {}",
        rollback.by,
        words::age(model.now(), rollback.started),
        rollback.why
    )];
    if let Some(item) = rollback.items.get(rollback.next) {
        lines.push(format!("{} of {}: {}", rollback.next + 1, rollback.items.len(), item.title));
        lines.push(shell_line(model, item));
    }
    let undone = rollback.undoes.iter().map(|id| title(model, id)).collect::<Vec<_>>().join(", ");
    if !undone.is_empty() {
        lines.push(format!("undoes: {undone}"));
    }
    lines.push("No other way back starts while it runs. Stopped or left, it asks how to go on.".to_owned());
    let (mut pen, ..) = sentences(pen, layout, &format!("Going back: {}", rollback.title), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, super::going_keys(model));
}

/// What a part of a way back runs.
fn shell_line(model: &Model, item: &RollbackItem) -> String {
    let command = item.command.as_ref().zip(model.outline());
    command.map_or("by hand".to_owned(), |(command, plan)| format!("$ {}", plan.as_run(&item.run.step, command)))
}

fn stopped(model: &Model, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Some((number, item)) = super::stopped_at(launch) else { return };
    let Some(rollback) = launch.rollbacks.get((number as usize).saturating_sub(1)) else { return };
    let mut lines = Vec::new();
    if let crate::core::launch::RollbackStatus::Stopped { why, at } = &rollback.status {
        lines.push(format!("{} ago: {why}", words::age(model.now(), *at)));
    }
    if let Some(failed) = rollback.items.get(item) {
        lines.push(format!("{} of {}: {}", item + 1, rollback.items.len(), failed.title));
        lines.push(shell_line(model, failed));
    }
    let (stands, command) = launch.stopped_item().unwrap_or((StoppedItem::Failed, String::new()));
    let beside = super::runs_beside(model);
    lines.push(match stands {
        _ if beside.is_some() => format!("{}.", beside.as_deref().unwrap_or_default()),
        StoppedItem::Interrupted => format!("{command}. It may have done its work: look at the target first."),
        StoppedItem::Failed
        | StoppedItem::NotHeld
        | StoppedItem::ByHand
        | StoppedItem::NotBegun
        | StoppedItem::Waits => {
            format!("{command}.")
        }
        _ => format!("{command}; it is not run twice."),
    });
    let wrote = !matches!(stands, StoppedItem::ByHand | StoppedItem::NotBegun | StoppedItem::Waits);
    let wrote = if wrote { " The output pane (9) has what it wrote." } else { "" };
    lines.push(format!("Nothing after it runs until you say how to go on.{wrote}"));
    let (mut pen, ..) = sentences(pen, layout, &format!("{} stopped", rollback.title), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &super::stopped_keys(model));
}

fn adopt(lines: &[String], problems: &[String], scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let rows = u16::try_from(lines.len() + problems.len()).unwrap_or(200).saturating_add(6);
    let columns = pen.width().saturating_sub(8).max(40);
    let (mut pen, ..) = raise(pen, layout, rows, columns, Role::Accent);
    pen.put(3, 1, "The plan file is not the plan that was taken in", Role::Hi);
    let mut y = 3;
    for problem in problems {
        pen.put(3, y, problem, Role::Crit);
        y += 1;
    }
    let last = pen.height().saturating_sub(2);
    for line in lines.iter().skip(scroll) {
        if y >= last {
            break;
        }
        let role = match line.chars().next() {
            Some('+') => Role::Ok,
            Some('-') => Role::Crit,
            _ => Role::Muted,
        };
        pen.put(3, y, line, role);
        y += 1;
    }
    if problems.is_empty() {
        buttons(&mut pen, last, &[("y", "take it in"), ("j k", "scroll"), ("Esc", "not now")]);
    } else {
        pen.put(3, last, "it can't be taken in as it is    Esc not now", Role::Warn);
    }
}
