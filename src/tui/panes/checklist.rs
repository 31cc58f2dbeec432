//! The checklist: phases, steps, boxes, conditions.

use ratatui::style::Style;

use super::head;
use crate::core::event::Actor;
use crate::core::launch::{LaunchState, Progress, RollbackStatus, Status, StepState, StepStatus};
use crate::core::order::Ballot;
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::view::ConditionView;
use crate::tui::answers::{blind, planned, soak};
use crate::tui::checklist::{RowOf, position, rows};
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;
use crate::tui::view;
use crate::tui::widgets::gauge;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    crate::tui::checklist::rows(model, view::height_of(model, pane)).len()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Progress { done, of } = Progress::of_all(launch);
    let muted = pen.theme.style(Role::Muted);
    let filter = model.filter(pane);
    let mut summary = vec![(format!("{done}/{of}"), pen.theme.style(Role::Text))];
    if !filter.is_empty() {
        summary.insert(0, (format!("/{filter}"), pen.theme.style(Role::Accent)));
    } else if of > 0 && pen.width() > 40 {
        summary.push((format!("{} %", done * 100 / of), muted));
    }
    head(model, pane, "Checklist", pen, &summary);
    let mut pen = pen.part(0, 1, pen.width(), pen.height().saturating_sub(1));
    let rows = rows(model, pen.height());
    let at = position(&rows, model.selected.as_ref());
    let height = usize::from(pen.height());
    // The selection stands in the upper third, so that what follows from it is seen.
    let first = at.map_or(0, |at| at.saturating_sub(height / 3)).min(rows.len().saturating_sub(height));
    for (y, (i, (_, row))) in (0..).zip(rows.iter().enumerate().skip(first).take(height)) {
        let selected = at == Some(i);
        if selected {
            pen.behind(y, Role::Selection);
            let role = if model.focus == pane { Role::Accent } else { Role::Muted };
            pen.cell(0, y, pen.glyphs.bar, pen.theme.style(role));
        }
        draw_row(model, launch, &mut pen, y, row);
    }
    let below = rows.len().saturating_sub(first + height);
    if below > 0 && height > 3 {
        let y = pen.height() - 1;
        let text = format!("  +{below} below");
        let last = pen.width();
        pen.part(last.saturating_sub(width(&text)), y, last, 1).fill(Role::Ground);
        pen.right(last, y, &text, muted);
    }
}

fn draw_row(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, row: &RowOf<'_>) {
    let end = pen.width();
    match row {
        RowOf::Rollback => rollback(launch, pen, y),
        RowOf::RollbackItem(i) => rollback_item(model, launch, pen, y, *i),
        RowOf::Phase { phase, done, of, open } => {
            let Some(outline) = launch.outline.phases.get(*phase) else { return };
            let over = done >= of;
            let begun = *done > 0
                || launch
                    .outline
                    .steps_of(&outline.id)
                    .any(|s| launch.steps.get(&s.id).is_some_and(|s| s.status.is_active()));
            let g = pen.glyphs;
            let (sign, role) = match (over, begun) {
                (true, _) => (g.done, Role::Ok),
                (false, true) => (g.running, Role::Accent),
                (false, false) => (g.todo, Role::Muted),
            };
            let title =
                if !over && (begun || *open) { pen.theme.style(Role::Hi) } else { pen.theme.style(Role::Muted) };
            pen.put(1, y, sign, role);
            pen.cut(3, y, &(phase + 1).to_string(), 3, title);
            let when = outline.at.map(|at| launch.t0 + at.0).filter(|at| !over && !begun && *at > model.now());
            let mut right = end;
            if end > 40 {
                let text = when.map_or_else(String::new, |at| model.zone.near(at, model.now()));
                pen.right(end, y, &text, pen.theme.style(Role::Muted));
                right = end - 7;
            }
            let start = pen.right(right, y, &format!("{done}/{of}"), pen.theme.style(Role::Muted));
            pen.cut(6, y, &outline.title, start.saturating_sub(7), title);
        }
        RowOf::Step(step) => step_row(model, launch, pen, y, step),
        RowOf::Item(step, i) => {
            let state = launch.steps.get(&step.id);
            let tick = state.and_then(|s| s.ticks.get(i));
            let sign = if tick.is_some() { pen.glyphs.ticked } else { pen.glyphs.unticked };
            pen.put(6, y, sign, if tick.is_some() { Role::Ok } else { Role::Text });
            let by = tick.map_or_else(String::new, |t| t.by.name.clone());
            let start = pen.right(end, y, &by, pen.theme.style(Role::Muted));
            let role = if tick.is_some() { Role::Muted } else { Role::Text };
            let text = step.items.get(*i).map_or("", String::as_str);
            pen.cut(8, y, text, start.saturating_sub(9), pen.theme.style(role));
        }
        RowOf::Condition { word, text, view } => condition(pen, y, word, text, *view),
        RowOf::Keys(keys) => {
            let mut x = 6;
            for (key, word) in keys {
                x = pen.bold(x, y, key, Role::Accent);
                x = pen.put(x + 1, y, word, Role::Muted) + 2;
            }
        }
        RowOf::Because(text) => {
            pen.cut(6, y, text, end.saturating_sub(6), pen.theme.style(Role::Muted));
        }
    }
}

fn rollback(launch: &LaunchState, pen: &mut Pen<'_>, y: u16) {
    let Status::RollingBack(n) = launch.status else { return };
    let Some(rollback) = launch.rollbacks.get((n as usize).saturating_sub(1)) else { return };
    let stopped = matches!(rollback.status, RollbackStatus::Stopped { .. });
    let role = if stopped { Role::Crit } else { Role::Warn };
    pen.bold(1, y, pen.glyphs.undone, role);
    let word = if stopped { "STOPPED" } else { "going back" };
    let right = format!("{word} {}/{}", rollback.next, rollback.items.len());
    let start = pen.right(pen.width(), y, &right, pen.theme.bold(role));
    pen.cut(3, y, &rollback.title, start.saturating_sub(4), pen.theme.style(Role::Hi));
}

fn rollback_item(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, i: usize) {
    let Status::RollingBack(n) = launch.status else { return };
    let Some(rollback) = launch.rollbacks.get((n as usize).saturating_sub(1)) else { return };
    let Some(item) = rollback.items.get(i) else { return };
    let g = pen.glyphs;
    let stopped = matches!(rollback.status, RollbackStatus::Stopped { .. });
    let run = launch.runs.get(&item.run).filter(|r| r.end.is_none());
    let (sign, role, word) = match i.cmp(&rollback.next) {
        std::cmp::Ordering::Less => (g.done, Role::Ok, "done".to_owned()),
        std::cmp::Ordering::Equal if stopped => (g.failed, Role::Crit, "failed; R decides".to_owned()),
        std::cmp::Ordering::Equal => match (run, rollback.awaiting) {
            (Some(run), _) => {
                (g.running, Role::Accent, format!("running {}", words::clock(model.now().since(run.started))))
            }
            (None, Some(since)) => {
                (g.waiting, Role::Accent, format!("must hold {}", words::clock(model.now().since(since))))
            }
            (None, None) => (g.due, Role::Accent, "next".to_owned()),
        },
        std::cmp::Ordering::Greater => (g.todo, Role::Muted, String::new()),
    };
    pen.bold(4, y, sign, role);
    let start = pen.right(pen.width(), y, &word, pen.theme.style(role));
    let title = if i == rollback.next { Role::Hi } else { Role::Muted };
    pen.cut(6, y, &item.title, start.saturating_sub(7), pen.theme.style(title));
}

/// A step's symbol, its role, and what stands at its right.
fn state_of(model: &Model, pen: &Pen<'_>, step: &StepOutline, state: &StepState) -> (&'static str, Role, String, Role) {
    let g = pen.glyphs;
    let now = model.now();
    let since = |at: Option<Timestamp>| at.map_or_else(String::new, |at| words::clock(now.since(at)));
    let actor = |by: &Actor| match by {
        Actor::Operator(o) => o.name.clone(),
        Actor::Engine => String::new(),
    };
    match &state.status {
        StepStatus::Todo | StepStatus::Undone { .. } => {
            let undone = matches!(state.status, StepStatus::Undone { .. });
            let due = model.facts.due(&step.id);
            let word = match (undone, due) {
                (true, _) => "undone".to_owned(),
                (false, true) => "due".to_owned(),
                (false, false) => voters(step).or_else(|| step.estimate.map(words::about)).unwrap_or_default(),
            };
            let sign = match (undone, step.gate.is_some()) {
                (true, _) => g.undone,
                (false, true) => g.gate,
                (false, false) => g.todo,
            };
            let role = if due { Role::Hi } else { Role::Muted };
            (sign, if due && step.gate.is_some() { Role::Accent } else { role }, word, role)
        }
        StepStatus::Running { .. } => {
            let of = step.estimate.map_or_else(String::new, |e| format!(" / {}", words::about(e)));
            (g.running, Role::Accent, format!("running {}{of}", since(state.started)), Role::Hi)
        }
        StepStatus::Soaking { broken: true, .. } => (g.waiting, Role::Crit, "soak broken".to_owned(), Role::Crit),
        StepStatus::Soaking { .. } if step.soak.is_some() && blind(model, step) => {
            let lasted = soak(model, step).map_or(crate::core::time::Span::ZERO, |(lasted, _)| lasted);
            (g.waiting, Role::Unknown, format!("soak {} frozen", words::clock(lasted)), Role::Unknown)
        }
        StepStatus::Soaking { since: at, .. } => {
            let text = match soak(model, step) {
                Some((lasted, need)) if pen.width() < 50 => {
                    format!("soak {}/{}", words::clock(lasted), words::short(need))
                }
                Some((lasted, need)) => format!("soak {} / {}", words::clock(lasted), words::clock(need)),
                None => format!("verify {}", since(Some(*at))),
            };
            (g.waiting, Role::Accent, text, Role::Hi)
        }
        StepStatus::Claimed => {
            let by = state.started_by.as_ref().map(actor).unwrap_or_default();
            (g.running, Role::Accent, format!("{by} {}", since(state.started)), Role::Hi)
        }
        StepStatus::Polling => {
            let votes = state.poll.as_ref().map_or(0, |p| p.votes.values().filter(|v| v.vote == Ballot::Go).count());
            let of = step.gate.as_ref().map_or(0, |g| g.poll.len());
            (g.gate, Role::Accent, format!("polling, go {votes}/{of}"), Role::Hi)
        }
        StepStatus::Done { over: Some(_), .. } => (g.done, Role::Warn, "override".to_owned(), Role::Warn),
        StepStatus::Done { by, .. } => {
            let sign = if step.gate.is_some() { g.decided } else { g.done };
            let word = if step.gate.is_some() { format!("GO {}", actor(by)) } else { actor(by) };
            let overridden = !state.overrides.is_empty();
            let role = if overridden { Role::Warn } else { Role::Muted };
            let word = if overridden { format!("{word} override") } else { word };
            (sign, if overridden { Role::Warn } else { Role::Ok }, word, role)
        }
        StepStatus::Failed { .. } => (g.failed, Role::Crit, "FAILED".to_owned(), Role::Crit),
        StepStatus::NoGo { by, .. } => (g.decided, Role::Warn, format!("NO-GO {}", by.name), Role::Warn),
        StepStatus::Expired { .. } => (g.gate, Role::Warn, "expired".to_owned(), Role::Warn),
        StepStatus::Skipped { not_applicable: true, .. } => (g.skipped, Role::Muted, "n/a".to_owned(), Role::Muted),
        StepStatus::Skipped { .. } => (g.skipped, Role::Muted, "skipped".to_owned(), Role::Muted),
        StepStatus::Interrupted { .. } => (g.interrupted, Role::Warn, "INTERRUPTED".to_owned(), Role::Warn),
        StepStatus::Undoing { .. } => (g.undone, Role::Accent, "being undone".to_owned(), Role::Hi),
    }
}

fn voters(step: &StepOutline) -> Option<String> {
    let gate = step.gate.as_ref()?;
    Some(gate.poll.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty())
}

/// The clock at the right edge: when it was over, or when it is expected.
fn moment(model: &Model, launch: &LaunchState, step: &StepOutline, status: &StepStatus) -> String {
    match status {
        StepStatus::Done { at, .. }
        | StepStatus::Failed { at, .. }
        | StepStatus::NoGo { at, .. }
        | StepStatus::Expired { at }
        | StepStatus::Skipped { at, .. }
        | StepStatus::Interrupted { at, .. }
        | StepStatus::Undone { at } => model.zone.near(*at, model.now()),
        StepStatus::Soaking { broken: false, .. } if !blind(model, step) => soak(model, step)
            .map(|(lasted, need)| format!("{}{}", model.glyphs.to, model.zone.minutes(model.now() + (need - lasted))))
            .unwrap_or_default(),
        StepStatus::Todo => {
            step.at.and_then(|_| planned(launch, step)).map(|at| model.zone.near(at, model.now())).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn step_row(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, step: &StepOutline) {
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let (sign, role, word, word_role) = state_of(model, pen, step, state);
    let bold = !matches!(role, Role::Muted | Role::Ok);
    let sign_style = if bold { pen.theme.bold(role) } else { pen.theme.style(role) };
    pen.cut(4, y, sign, 1, sign_style);
    let mut end = pen.width();
    if end > 40 {
        let moment = moment(model, launch, step, &state.status);
        pen.right(end, y, &moment, pen.theme.style(Role::Muted));
        end -= 7;
    }
    let word_style: Style =
        if matches!(word_role, Role::Muted) { pen.theme.style(word_role) } else { pen.theme.bold(word_role) };
    let room = end.saturating_sub(6);
    let start = end - width(&word).min(room / 2);
    pen.cut(start, y, &word, end - start, word_style);
    let active = state.status.is_active();
    let title = match &state.status {
        _ if active => Role::Hi,
        StepStatus::Failed { .. } | StepStatus::Interrupted { .. } => Role::Hi,
        StepStatus::Todo | StepStatus::Undone { .. } if model.facts.due(&step.id) => Role::Text,
        _ => Role::Muted,
    };
    let again =
        if state.attempt > 1 { format!("{} (attempt {})", step.title, state.attempt) } else { step.title.clone() };
    let x = pen.cut(6, y, &again, start.saturating_sub(7), pen.theme.style(title));
    if let (StepStatus::Soaking { broken: false, .. }, Some((lasted, need))) = (&state.status, soak(model, step))
        && start > x + 10
    {
        let part = lasted.millis() as f64 / need.millis().max(1) as f64;
        let role = if blind(model, step) { Role::Unknown } else { Role::Accent };
        gauge::draw(pen, x + 1, y, (start - x - 2).min(16), part, role);
    }
}

fn condition(pen: &mut Pen<'_>, y: u16, word: &str, text: &str, view: Option<&ConditionView>) {
    let g = pen.glyphs;
    let fails = !word.is_empty();
    let bad = view.is_some_and(|v| if fails { v.now == Some(true) } else { v.now == Some(false) });
    let (sign, role) = match view.map(|v| v.now) {
        None => (g.todo, Role::Muted),
        Some(None) => (g.unknown, Role::Unknown),
        Some(Some(_)) if bad => (g.critical, Role::Crit),
        Some(Some(_)) if fails => (g.armed, Role::Muted),
        Some(Some(_)) => (g.done, Role::Ok),
    };
    pen.bold(6, y, sign, role);
    let found = view.map_or_else(String::new, |v| match v.needs {
        Some(needs) if fails && v.now == Some(true) => {
            format!("{} / {}{}", words::clock(v.lasted), words::clock(needs), if v.frozen { " frozen" } else { "" })
        }
        _ => v.found.clone(),
    });
    let style = if bad {
        pen.theme.bold(Role::Crit)
    } else if role == Role::Unknown {
        pen.theme.style(Role::Unknown)
    } else {
        pen.theme.style(Role::Text)
    };
    let end = pen.width();
    let room = (end / 2).min(width(&found));
    let start = end - room;
    pen.cut(start, y, &found, room, style);
    let label = format!("{word}{text}");
    pen.cut(8, y, &label, start.saturating_sub(9), pen.theme.style(if bad { Role::Crit } else { Role::Muted }));
}
