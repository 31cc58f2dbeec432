//! A step's row: symbol, title, how it stands, when.

use crate::core::event::Actor;
use crate::core::ids::RunKind;
use crate::core::launch::answers::{cut_off, fails_at, unmet};
use crate::core::launch::{LaunchState, StepState, StepStatus, poll_ends};
use crate::core::order::Ballot;
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::tui::answers::{blind, next_reading, planned, soak};
use crate::tui::checklist::{how_far, over_at};
use crate::tui::model::{Model, Target};
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::role::Role;
use crate::tui::widgets::gauge;
use crate::tui::words;

/// How a step stands: its symbol, and what is said at its right, the longest form first.
struct Stand {
    sign: &'static str,
    role: Role,
    words: Vec<String>,
    said: Role,
}

impl Stand {
    fn new(sign: &'static str, role: Role, word: impl Into<String>, said: Role) -> Self {
        Self { sign, role, words: vec![word.into()], said }
    }

    fn or(mut self, shorter: impl Into<String>) -> Self {
        self.words.push(shorter.into());
        self
    }
}

/// While the link is lost what went on is told as what was.
fn stand(model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState) -> Stand {
    let stand = stands(model, launch, step, state);
    if !model.is_past() || !state.status.is_active() {
        return stand;
    }
    let words = stand.words.into_iter().map(|word| format!("was {word}")).collect();
    Stand { role: Role::Unknown, words, said: Role::Unknown, ..stand }
}

fn stands(model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState) -> Stand {
    let g = model.glyphs;
    let now = model.seen();
    let since = |at: Option<Timestamp>| at.map_or_else(String::new, |at| words::clock(now.since(at)));
    let actor = |by: &Actor| match by {
        Actor::Operator(o) => o.to_string(),
        Actor::Engine => String::new(),
    };
    match &state.status {
        StepStatus::Todo | StepStatus::Undone { .. } => todo(model, step, state),
        StepStatus::Running { run } if model.seen_readout().asking.contains_key(run) => {
            Stand::new(g.waiting, Role::Warn, "waits for input", Role::Warn).or("input")
        }
        StepStatus::Running { .. } => {
            let lasted = since(state.started);
            let of = step.estimate.map_or_else(String::new, |e| format!(" / {}", words::about(e)));
            Stand::new(g.running, Role::Accent, format!("running {lasted}{of}"), Role::Hi)
                .or(format!("running {lasted}"))
                .or(lasted)
        }
        StepStatus::Soaking { .. } if launch.soak_is_broken(model.seen_readout(), &step.id) => {
            let lasted = state.broke.map_or_else(String::new, |at| format!(" {}", since(Some(at))));
            Stand::new(g.waiting, Role::Crit, format!("soak broken{lasted}"), Role::Crit).or("soak broken").or("broken")
        }
        StepStatus::Soaking { .. } if step.soak.is_some() && blind(model, step) => {
            let lasted = words::clock(soak(model, step).map_or(Span::ZERO, |(lasted, _)| lasted));
            Stand::new(g.waiting, Role::Unknown, format!("soak {lasted} frozen"), Role::Unknown).or("frozen")
        }
        StepStatus::Soaking { .. } if step.soak.is_none() && blind(model, step) => {
            let left = fails_at(launch, step).map(|at| format!(", {} left", crate::core::words::left(at.since(now))));
            let long = format!("no data{}", left.unwrap_or_default());
            Stand::new(g.waiting, Role::Unknown, long, Role::Unknown).or("no data")
        }
        StepStatus::Soaking { .. } if let Some(unmet) = unmet(launch, model.seen_readout(), step, now) => {
            let left = unmet.fails.map(|at| format!("{} left", crate::core::words::left(at.since(now))));
            let left = left.unwrap_or_else(|| unmet.until(now));
            match (unmet.broken, unmet.going_back) {
                (true, _) => Stand::new(g.waiting, Role::Crit, "soak broken", Role::Crit).or("broken"),
                (_, true) => Stand::new(g.waiting, Role::Warn, unmet.word(), Role::Warn).or("not held"),
                _ => {
                    let long = format!("not held yet, {left}");
                    Stand::new(g.waiting, Role::Warn, long, Role::Warn).or("not held yet").or("not yet")
                }
            }
        }
        StepStatus::Soaking { since: at, .. } => match soak(model, step) {
            Some((lasted, need)) => {
                let (lasted, needs) = (words::clock(lasted), words::clock(need));
                let far = format!("soak {lasted} / {needs}");
                if let Some(at) = cut_off(launch, model.seen_readout(), step, now) {
                    let left = crate::core::words::left(at.since(now));
                    return Stand::new(g.waiting, Role::Warn, format!("{far}, limit in {left}"), Role::Warn)
                        .or(format!("limit in {left}"))
                        .or("too late");
                }
                // Its clock moves from reading to reading: at the end it seems to stand.
                let last = next_reading(model, step).map(words::long).map(|due| {
                    [format!("{far} · next reading in {due}"), format!("{lasted} / {needs} · reading in {due}")]
                });
                let words = last.into_iter().flatten().chain([far]).collect();
                Stand { sign: g.waiting, role: Role::Accent, words, said: Role::Hi }
                    .or(format!("soak {lasted}/{needs}"))
                    .or(format!("soak {lasted}/{}", words::short(need)))
                    .or(format!("soak {lasted}"))
            }
            None if step.verify.is_empty() => {
                let over = format!("its command is over {}", since(Some(*at)));
                Stand::new(g.waiting, Role::Accent, over, Role::Hi).or("its command is over").or("over")
            }
            None => Stand::new(g.waiting, Role::Accent, format!("verify {}", since(Some(*at))), Role::Hi).or("verify"),
        },
        StepStatus::Claimed => {
            let by = state.started_by.as_ref().map(actor).unwrap_or_default();
            Stand::new(g.running, Role::Accent, format!("{by} {}", since(state.started)), Role::Hi).or(by)
        }
        StepStatus::Polling => {
            let votes = state.poll.as_ref().map_or(0, |p| p.votes.values().filter(|v| v.vote == Ballot::Go).count());
            let of = step.gate.as_ref().map_or(0, |g| g.poll.len());
            let left = poll_ends(launch, step).map(|at| format!(", {} left", crate::core::words::left(at.since(now))));
            let left = left.unwrap_or_default();
            match of {
                // Nobody votes: who leads decides.
                0 => Stand::new(g.gate, Role::Accent, format!("{} decides{left}", launch.lead), Role::Hi)
                    .or(format!("to decide{left}"))
                    .or("to decide"),
                _ => Stand::new(g.gate, Role::Accent, format!("polling, go {votes}/{of}{left}"), Role::Hi)
                    .or(format!("go {votes}/{of}{}", left.replace(',', "")))
                    .or(format!("go {votes}/{of}")),
            }
        }
        StepStatus::Done { over: Some(_), .. } => Stand::new(g.done, Role::Warn, "override", Role::Warn),
        StepStatus::Done { by, at, .. } => done(model, step, state, &actor(by), *at),
        StepStatus::Failed { .. } if launch.undo_failed(&step.id) => {
            Stand::new(g.undo_failed, Role::Crit, "UNDO FAILED", Role::Crit)
        }
        StepStatus::Failed { .. } => Stand::new(g.failed, Role::Crit, "FAILED", Role::Crit),
        StepStatus::NoGo { by, .. } => Stand::new(g.decided, Role::Warn, format!("NO-GO {by}"), Role::Warn).or("NO-GO"),
        StepStatus::Expired { .. } => Stand::new(g.gate, Role::Warn, "expired", Role::Warn),
        StepStatus::Skipped { not_applicable: true, .. } => Stand::new(g.skipped, Role::Muted, "n/a", Role::Muted),
        StepStatus::Skipped { by, .. } => {
            Stand::new(g.skipped, Role::Muted, format!("skipped, {by}"), Role::Muted).or("skipped")
        }
        StepStatus::Interrupted { run, .. } if run.kind == RunKind::Undo => {
            Stand::new(g.interrupted, Role::Warn, "UNDO INTERRUPTED", Role::Warn)
        }
        StepStatus::Interrupted { .. } => Stand::new(g.interrupted, Role::Warn, "INTERRUPTED", Role::Warn),
        StepStatus::Undoing { run } => {
            let lasted = since(launch.runs.get(run).map(|run| run.started));
            Stand::new(g.undone, Role::Accent, format!("being undone {lasted}"), Role::Hi).or("being undone")
        }
    }
}

/// Not begun, or undone: whether it is due, who votes, how long it will take.
fn todo(model: &Model, step: &StepOutline, state: &StepState) -> Stand {
    let g = model.glyphs;
    let undone = matches!(state.status, StepStatus::Undone { .. });
    let due = model.facts.due(&step.id);
    let sign = match (undone, step.gate.is_some()) {
        (true, _) => g.undone,
        (false, true) => g.gate,
        (false, false) => g.todo,
    };
    let said = if due { Role::Hi } else { Role::Muted };
    let role = if due && step.gate.is_some() { Role::Accent } else { said };
    let roles = step.gate.as_ref().map_or(&[][..], |g| &g.poll);
    match (undone, due) {
        (true, _) if state.asks_again() => Stand::new(sign, role, "asks again", said),
        (true, _) => Stand::new(sign, role, "undone", said),
        (false, true) => Stand::new(sign, role, "due", said),
        (false, false) if !roles.is_empty() => {
            let all = roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" ");
            Stand::new(sign, role, all, said).or(format!("{} to vote", roles.len()))
        }
        (false, false) => Stand::new(sign, role, step.estimate.map(words::about).unwrap_or_default(), said),
    }
}

/// Done: by whom; by itself: how long it took.
fn done(model: &Model, step: &StepOutline, state: &StepState, by: &str, at: Timestamp) -> Stand {
    let g = model.glyphs;
    let gate = step.gate.is_some();
    let took = |launch: &LaunchState| state.started.map(|from| words::clock(launch.took(&step.id, from, at)));
    let took = model.launch.as_ref().and_then(took).unwrap_or_default();
    let word = match (gate, by.is_empty()) {
        (true, _) => format!("GO {by}"),
        (false, true) => took,
        (false, false) => by.to_owned(),
    };
    let sign = if gate { g.decided } else { g.done };
    match state.overrides.len() {
        0 => Stand::new(sign, Role::Ok, word, Role::Muted).or(""),
        n if n > state.overridden_before => {
            Stand::new(sign, Role::Warn, format!("{word} override"), Role::Warn).or("override")
        }
        _ => Stand::new(sign, Role::Warn, format!("{word} override before"), Role::Warn).or("override before"),
    }
}

/// The clock at the right edge: when it was over, or when it is expected.
fn moment(model: &Model, launch: &LaunchState, step: &StepOutline, status: &StepStatus) -> String {
    if let Some(at) = over_at(status) {
        return model.zone.in_column(at, model.now());
    }
    match status {
        StepStatus::Soaking { .. } if model.is_past() => String::new(),
        StepStatus::Soaking { .. } if launch.soak_is_broken(&model.readout, &step.id) => String::new(),
        StepStatus::Soaking { .. } if !blind(model, step) => soak(model, step)
            .map(|(lasted, need)| format!("{}{}", model.glyphs.to, model.zone.minutes(model.now() + (need - lasted))))
            .unwrap_or_default(),
        StepStatus::Todo => {
            let at = step.at.and_then(|_| planned(launch, step));
            at.map(|at| model.zone.in_column(at, model.now())).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Columns for a title that goes on below, at least.
const LEAST: u16 = 16;

/// What stands where in the row of a step.
struct Place {
    stand: Stand,
    /// What it is called.
    name: String,
    /// Columns for that, from the sixth on.
    room: u16,
    /// Which form of how it stands is said, where that begins and ends.
    said: (String, u16, u16),
    /// The clock at the right edge.
    moment: String,
}

impl Place {
    /// In a row of so many columns. What is said at the right gives way to the title, down to its shortest form; but
    /// not to that of the selected step, which goes on below.
    fn of(model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState, columns: u16) -> Self {
        let stand = stand(model, launch, step, state);
        let name =
            if state.attempt > 1 { format!("{} (attempt {})", step.title, state.attempt) } else { step.title.clone() };
        let wide = |word: &String| 6 + width(&name) + width(word) + 2 * u16::from(!word.is_empty());
        let mut end = columns;
        let mut moment = String::new();
        if super::clock_columns(columns, "") > 0 {
            moment = self::moment(model, launch, step, &state.status);
            end = columns - super::clock_columns(columns, &moment);
            // Who needs the place of a clock that is not there takes it.
            if moment.is_empty() && stand.words.first().is_some_and(|w| wide(w) > end) {
                end = columns;
            }
        }
        let selected = model.selected == Some(Target::Step(step.id.clone()));
        let goes_on = stand.words.iter().find(|w| selected && 8 + LEAST + width(w) <= end);
        let word = stand.words.iter().find(|w| wide(w) <= end).or(goes_on).or(stand.words.last());
        let word = word.cloned().unwrap_or_default();
        let start = end - width(&word).min((end / 2).max(end.saturating_sub(8 + width(&name))));
        let room = start.saturating_sub(if word.is_empty() { 6 } else { 8 });
        Self { stand, name, room, said: (word, start, end), moment }
    }
}

/// A text in lines: as much of it as there is room for in the first one, the rest in wider ones.
pub(super) fn begun_and_rest(text: &str, room: u16, wider: u16) -> Vec<String> {
    let first = wrap(text, room).into_iter().next().unwrap_or_default();
    let rest = text[first.len()..].trim_start();
    let rest = if rest.is_empty() { Vec::new() } else { wrap(rest, wider) };
    std::iter::once(first).chain(rest).collect()
}

/// The title of a step in as many lines as it needs, the first of them in its row of so many columns.
pub fn title_lines(model: &Model, launch: &LaunchState, step: &StepOutline, columns: u16) -> Vec<String> {
    let none = StepState::default();
    let place = Place::of(model, launch, step, launch.steps.get(&step.id).unwrap_or(&none), columns);
    // One that does not fit by a letter or in a row of a few columns is cut all the same.
    if place.room < 8 { vec![place.name] } else { begun_and_rest(&place.name, place.room, columns.saturating_sub(6)) }
}

/// Draws the row of a step. A title that is too long is cut, two blanks before what is said; that of the selected step
/// goes on below.
pub(super) fn draw(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, step: &StepOutline) {
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let place = Place::of(model, launch, step, state, pen.width());
    let stand = &place.stand;
    let bold = !matches!(stand.role, Role::Muted | Role::Ok);
    let sign_style = if bold { stand.role.bold() } else { stand.role.style() };
    pen.cut(4, y, stand.sign, 1, sign_style);
    let title = match &state.status {
        status if status.is_active() => Role::Hi,
        StepStatus::Failed { .. } | StepStatus::Interrupted { .. } => Role::Hi,
        StepStatus::Todo | StepStatus::Undone { .. } if model.facts.due(&step.id) => Role::Text,
        _ => Role::Muted,
    };
    pen.right(pen.width(), y, &place.moment, Role::Muted.style());
    let (word, start, end) = &place.said;
    let style = if stand.said == Role::Muted { stand.said.style() } else { stand.said.bold() };
    pen.cut(*start, y, word, end - start, style);
    let lines = if model.selected == Some(Target::Step(step.id.clone())) {
        title_lines(model, launch, step, pen.width())
    } else {
        vec![place.name.clone()]
    };
    pen.cut(6, y, lines.first().map_or("", |line| line.trim_end()), place.room, title.style());
}

/// Draws how far it is: a gauge, and the part at its right.
pub(super) fn gauge_row(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, step: &StepOutline) {
    let Some(state) = launch.steps.get(&step.id) else { return };
    let Some((lasted, of)) = how_far(model, step, &state.status) else { return };
    let part = lasted.millis() as f64 / of.millis().max(1) as f64;
    let soaks = matches!(state.status, StepStatus::Soaking { .. });
    let broken = launch.soak_is_broken(&model.readout, &step.id);
    let (role, text) = match (soaks, part) {
        (true, _) if broken => (Role::Crit, "starts over".to_owned()),
        (true, _) if blind(model, step) => (Role::Unknown, format!("{:.0} % frozen", (part * 100.0).floor())),
        (true, _) => (Role::Accent, format!("{:.0} %", (part * 100.0).floor())),
        // An estimate that was too short says so; it is no limit.
        (false, part) if part > 1.0 => (Role::Warn, format!("over by {}", words::clock(lasted - of))),
        (false, _) => (Role::Accent, format!("~{} left", words::clock(of - lasted))),
    };
    let style = (if role == Role::Accent { Role::Muted } else { role }).style();
    let start = pen.right(pen.width(), y, &text, style);
    gauge::draw(pen, 6, y, start.saturating_sub(8), part.min(1.0), role);
}
