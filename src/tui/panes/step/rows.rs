//! What a step's page says, row by row.

use crate::core::condition::Condition;
use crate::core::event::{Actor, Event};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::{LaunchState, RunState, StepState, StepStatus, who_fills};
use crate::core::order::Ballot;
use crate::core::outline::{OnFail, StepOutline};
use crate::core::reading::Level;
use crate::core::view::{ConditionOf, ConditionView};
use crate::tui::answers::{blind, planned};
use crate::tui::checklist::{how_far, keys_for};
use crate::tui::facts::of_step;
use crate::tui::model::Model;
use crate::tui::pen::wrap;
use crate::tui::role::Role;
use crate::tui::words;

/// A row of the page.
pub enum Row<'a> {
    Blank,
    Section(&'static str),
    Title { sign: &'static str, role: Role, text: String },
    State { role: Role, word: String, clock: String },
    Gauge { role: Role, part: f64 },
    Text(String),
    Hint(String),
    Label(&'static str),
    Keys(Vec<(String, &'static str)>),
    Fact { label: &'static str, text: String },
    Signed { sign: &'static str, role: Role, text: String, right: String },
    Condition { condition: &'a Condition, view: Option<&'a ConditionView>, fails: bool },
}

impl Row<'_> {
    /// How bad what stands in it is.
    pub fn level(&self) -> Level {
        match self {
            Row::State { role, .. } | Row::Signed { role, .. } => role.level(),
            Row::Condition { view: Some(view), fails, .. } => match view.now {
                None => Level::Unknown,
                Some(holds) if holds == *fails => Level::Critical,
                Some(_) => Level::Ok,
            },
            _ => Level::Ok,
        }
    }
}

/// All rows for a page of so many columns.
pub fn rows<'a>(model: &'a Model, step: &'a StepOutline, wide: u16) -> Vec<Row<'a>> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let mut rows = stands(model, launch, step, state, wide);
    facts(&mut rows, model, launch, step, state);
    boxes(&mut rows, model, step, state);
    command(&mut rows, launch, step, wide);
    conditions(&mut rows, model, step);
    votes(&mut rows, model, launch, step, state);
    undo(&mut rows, model, launch, step, wide);
    attempts(&mut rows, model, launch, step);
    evidence(&mut rows, model, step, wide);
    rows
}

/// The same in short, beside the checklist that shows boxes, conditions and votes already.
pub fn detail_rows<'a>(model: &'a Model, step: &'a StepOutline, wide: u16) -> Vec<Row<'a>> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let mut rows = stands(model, launch, step, state, wide);
    rows.retain(|row| matches!(row, Row::Title { .. } | Row::State { .. }));
    let section = |of: &dyn Fn(&mut Vec<Row<'a>>)| {
        let mut rows = Vec::new();
        of(&mut rows);
        rows.retain(|row| !matches!(row, Row::Blank | Row::Section(_)));
        rows
    };
    // Commands and their undo are facts here: a label, not a head.
    let labelled = |label: &'static str, rows: Vec<Row<'a>>| {
        let mut next = label;
        let facts = rows.into_iter().flat_map(|row| {
            let (label, texts) = match row {
                Row::Text(text) | Row::Hint(text) | Row::Signed { text, .. } => (next, vec![text]),
                Row::Condition { condition, .. } => (next, wrap(&condition.to_string(), wide.saturating_sub(14))),
                Row::Label(label) => {
                    next = label;
                    return Vec::new();
                }
                _ => return Vec::new(),
            };
            next = "";
            let fact = |(i, text)| Row::Fact { label: if i == 0 { label } else { "" }, text };
            texts.into_iter().enumerate().map(fact).collect::<Vec<_>>()
        });
        facts.collect::<Vec<_>>()
    };
    let room = wide.saturating_sub(11);
    rows.extend(labelled("runs", section(&|rows| command(rows, launch, step, room))));
    rows.extend(section(&|rows| attempts(rows, model, launch, step)));
    rows.extend(section(&|rows| evidence(rows, model, step, wide)));
    rows.extend(labelled("undo", section(&|rows| undo(rows, model, launch, step, room))));
    rows.extend(section(&|rows| facts(rows, model, launch, step, state)));
    rows
}

/// What a gate waits for, without the heads of its sections: for a small place.
pub fn gate_rows<'a>(model: &'a Model, step: &'a StepOutline, wide: u16) -> Vec<Row<'a>> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let mut rows = stands(model, launch, step, state, wide);
    conditions(&mut rows, model, step);
    votes(&mut rows, model, launch, step, state);
    rows.retain(|row| !matches!(row, Row::Blank | Row::Section(_)));
    rows
}

/// A step's symbol and its colour.
pub fn sign(model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState) -> (&'static str, Role) {
    let g = model.glyphs;
    match &state.status {
        StepStatus::Soaking { .. } if launch.soak_is_broken(&model.readout, &step.id) => (g.waiting, Role::Crit),
        StepStatus::Soaking { .. } if blind(model, step) => (g.waiting, Role::Unknown),
        StepStatus::Soaking { .. } => (g.waiting, Role::Accent),
        StepStatus::Done { .. } => (if step.gate.is_some() { g.decided } else { g.done }, Role::Ok),
        StepStatus::Failed { .. } if launch.undo_failed(&step.id) => (g.undo_failed, Role::Crit),
        StepStatus::Failed { .. } => (g.failed, Role::Crit),
        StepStatus::Interrupted { .. } => (g.interrupted, Role::Warn),
        StepStatus::NoGo { .. } | StepStatus::Expired { .. } => (g.gate, Role::Warn),
        StepStatus::Skipped { .. } => (g.skipped, Role::Muted),
        StepStatus::Undone { .. } => (g.undone, Role::Muted),
        StepStatus::Undoing { .. } => (g.undone, Role::Accent),
        StepStatus::Polling => (g.gate, Role::Accent),
        StepStatus::Running { .. } | StepStatus::Claimed => (g.running, Role::Accent),
        StepStatus::Todo if step.gate.is_some() => (g.gate, Role::Accent),
        StepStatus::Todo => (g.todo, Role::Muted),
    }
}

/// Title, state, how far it is, what it waits for, which key moves it.
fn stands<'a>(model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState, wide: u16) -> Vec<Row<'a>> {
    let (sign, role) = sign(model, launch, step, state);
    let mut rows = vec![Row::Blank];
    for (i, text) in wrap(&step.title, wide.saturating_sub(4)).into_iter().enumerate() {
        rows.push(Row::Title { sign: if i == 0 { sign } else { " " }, role, text });
    }
    let said = of_step(model, launch, &step.id);
    let far = how_far(model, step, &state.status);
    let clock = match (far, state.status.is_active(), state.started) {
        (Some((lasted, of)), ..) if matches!(state.status, StepStatus::Soaking { .. }) => {
            format!("{} / {}", words::clock(lasted), words::clock(of))
        }
        (Some((lasted, of)), ..) => format!("{} / {}", words::clock(lasted), words::about(of)),
        (None, true, Some(started)) => words::clock(model.seen().since(started)),
        _ => String::new(),
    };
    let word_role = if role == Role::Muted { Role::Text } else { role };
    rows.push(Row::State { role: word_role, word: said.state.clone(), clock });
    if let Some((lasted, of)) = far {
        let part = lasted.millis() as f64 / of.millis().max(1) as f64;
        rows.push(Row::Gauge { role, part: part.min(1.0) });
    }
    let shown: Vec<String> = step.verify.iter().map(|c| format!("{c}: ")).collect();
    let because = said.because.iter().filter(|b| !shown.iter().any(|s| b.starts_with(s)));
    rows.extend(because.flat_map(|b| wrap(b, wide.saturating_sub(4))).map(Row::Text));
    let keys = keys_for(model, &said.orders);
    if !keys.is_empty() {
        rows.push(Row::Keys(keys));
    }
    rows
}

fn facts<'a>(rows: &mut Vec<Row<'a>>, model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState) {
    rows.push(Row::Blank);
    let mut fact = |label, text: String| rows.push(Row::Fact { label, text });
    let by = match &state.started_by {
        Some(Actor::Operator(o)) => format!(", by {o}"),
        Some(Actor::Engine) => ", by itself".to_owned(),
        None => String::new(),
    };
    let owner = step.owner.as_ref().map_or_else(
        || "nobody".to_owned(),
        |o| match who_fills(launch, o) {
            Some(name) => format!("{o}: {name}"),
            None => o.to_string(),
        },
    );
    fact("owner", owner);
    if let Some(at) = state.started {
        fact("began", format!("{} {}{by}", model.zone.seconds(at), model.zone.name(at)));
    } else if let Some(at) = planned(launch, step) {
        fact("planned", format!("{} {}", model.zone.near(at, model.now()), model.zone.name(at)));
    }
    if let Some(timeout) = step.timeout {
        fact("timeout", timeout.to_string());
    }
    if let Some(estimate) = step.estimate {
        fact("estimate", words::about(estimate));
    }
    for (i, id) in step.after.iter().enumerate() {
        let name = launch.outline.step(id).map_or_else(|| id.to_string(), |s| s.title.clone());
        fact(if i == 0 { "after" } else { "" }, name);
    }
}

fn boxes<'a>(rows: &mut Vec<Row<'a>>, model: &Model, step: &StepOutline, state: &StepState) {
    if step.items.is_empty() {
        return;
    }
    section(rows, "Boxes");
    for (i, text) in step.items.iter().enumerate() {
        let tick = state.ticks.get(&i);
        rows.push(Row::Signed {
            sign: if tick.is_some() { model.glyphs.ticked } else { model.glyphs.unticked },
            role: if tick.is_some() { Role::Ok } else { Role::Text },
            text: text.clone(),
            right: match (tick, state.was.as_ref().and_then(|was| was.ticks.get(&i))) {
                (Some(t), _) => format!("{} {}", t.by, model.zone.minutes(t.at)),
                // A step was undone on which it rested.
                (None, Some(t)) if !state.status.is_over() => format!("was {} {}", t.by, model.zone.minutes(t.at)),
                (None, _) => String::new(),
            },
        });
    }
}

fn command(rows: &mut Vec<Row<'_>>, launch: &LaunchState, step: &StepOutline, wide: u16) {
    let Some(run) = &step.run else { return };
    section(rows, "Runs");
    let run = launch.outline.as_run(&step.id, run);
    for line in run.trim().lines().flat_map(|l| wrap(l, wide.saturating_sub(4))) {
        rows.push(Row::Text(line));
    }
}

fn conditions<'a>(rows: &mut Vec<Row<'a>>, model: &'a Model, step: &'a StepOutline) {
    let view = |of: ConditionOf| model.readout.conditions.get(&of);
    let require = step.gate.as_ref().map_or(&[][..], |g| &g.require);
    if !require.is_empty() {
        section(rows, "Must hold");
        for (i, condition) in require.iter().enumerate() {
            let view = view(ConditionOf::Require(step.id.clone(), i));
            rows.push(Row::Condition { condition, view, fails: false });
        }
    }
    if !step.verify.is_empty() || step.soak.is_some() {
        section(rows, "Then must hold");
        for (i, condition) in step.verify.iter().enumerate() {
            let view = view(ConditionOf::Verify(step.id.clone(), i));
            rows.push(Row::Condition { condition, view, fails: false });
        }
        let soak = step.soak.map(|s| format!("for {s} (soak)"));
        let limit = step.limit.map(|l| format!("within {l}"));
        let both: Vec<String> = [soak, limit].into_iter().flatten().collect();
        if !both.is_empty() {
            rows.push(Row::Hint(both.join(", ")));
        }
    }
    if !step.fail.is_empty() {
        section(rows, "Fails at once if");
        for (i, condition) in step.fail.iter().enumerate() {
            let view = view(ConditionOf::Fail(step.id.clone(), i));
            rows.push(Row::Condition { condition, view, fails: true });
        }
        rows.push(Row::Hint(
            match step.on_fail {
                OnFail::Hold => "then it holds",
                OnFail::Propose => "then it holds and asks to go back",
            }
            .to_owned(),
        ));
    }
}

fn votes(rows: &mut Vec<Row<'_>>, model: &Model, launch: &LaunchState, step: &StepOutline, state: &StepState) {
    let Some(gate) = step.gate.as_ref().filter(|g| !g.poll.is_empty()) else { return };
    section(rows, "Votes");
    for role in &gate.poll {
        let vote = state.poll.as_ref().and_then(|p| p.votes.get(role));
        let (sign, colour, word) = match vote.map(|v| v.vote) {
            Some(Ballot::Go) => (model.glyphs.decided, Role::Ok, "go"),
            Some(Ballot::NoGo) => (model.glyphs.decided, Role::Crit, "NO-GO"),
            None => (model.glyphs.todo, Role::Muted, "no vote yet"),
        };
        let name = who_fills(launch, role).unwrap_or_default();
        let by = vote.map_or_else(String::new, |v| format!(" {}", v.by));
        let (text, right) = (format!("{role}  {name}"), format!("{word}{by}"));
        rows.push(Row::Signed { sign, role: colour, text, right });
    }
}

fn undo<'a>(rows: &mut Vec<Row<'a>>, model: &'a Model, launch: &'a LaunchState, step: &'a StepOutline, wide: u16) {
    if step.run.is_none() && step.undo.is_none() {
        return;
    }
    section(rows, "Undo");
    let Some(undo) = &step.undo else {
        return rows.push(Row::Hint("it has none: it stays as it is".to_owned()));
    };
    let about = undo.estimate.map(words::about).unwrap_or_default();
    let room = wide.saturating_sub(6 + u16::try_from(about.len()).unwrap_or(0));
    let run = launch.outline.as_run(&step.id, &undo.run);
    for (i, line) in run.trim().lines().flat_map(|l| wrap(l, room)).enumerate() {
        let (sign, right) = if i == 0 { (model.glyphs.undone, about.clone()) } else { (" ", String::new()) };
        rows.push(Row::Signed { sign, role: Role::Muted, text: line, right });
    }
    if !undo.require.is_empty() {
        rows.push(Row::Label("needs"));
        for (i, condition) in undo.require.iter().enumerate() {
            let view = model.readout.conditions.get(&ConditionOf::Undo(step.id.clone(), i));
            rows.push(Row::Condition { condition, view, fails: false });
        }
    }
}

/// Every run of the step and of its undo, with its end.
fn attempts(rows: &mut Vec<Row<'_>>, model: &Model, launch: &LaunchState, step: &StepOutline) {
    let mut runs: Vec<(&RunId, &RunState)> = launch.runs.iter().filter(|(id, _)| id.step == step.id).collect();
    if runs.is_empty() {
        return;
    }
    runs.sort_by_key(|(_, state)| state.started);
    section(rows, "Attempts");
    let g = model.glyphs;
    for (id, state) in runs {
        let (sign, role, text) = match &state.end {
            None if state.stopping => (g.running, Role::Warn, "being stopped".to_owned()),
            None => (g.running, Role::Accent, "running".to_owned()),
            Some((_, end)) if end.succeeded() => (g.done, Role::Ok, crate::core::tell::end(end)),
            Some((_, end)) => (g.failed, Role::Crit, crate::core::tell::end(end)),
        };
        let kind = if id.kind == RunKind::Do { "" } else { "undo: " };
        let text = format!("{}  {kind}{text}", id.attempt);
        rows.push(Row::Signed { sign, role, text, right: model.zone.seconds(state.started) });
    }
}

/// What its last end rested on, as it was at that moment; nothing where that is longer ago than the log reaches.
fn evidence(rows: &mut Vec<Row<'_>>, model: &Model, step: &StepOutline, wide: u16) {
    let seen = model.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::StepDone { step: id, evidence, .. } | Event::StepFailed { step: id, evidence, .. } if *id == step.id => {
            Some((recorded.at, evidence, step.fail.as_slice()))
        }
        Event::GateDecided { gate, evidence, .. } if *gate == step.id => Some((recorded.at, evidence, [].as_slice())),
        _ => None,
    });
    let Some((at, evidence, fails)) = seen.filter(|(_, evidence, _)| !evidence.is_empty()) else { return };
    section(rows, "Evidence");
    for seen in evidence {
        // Of what makes it fail it is bad news that it holds.
        let bad = fails.iter().any(|c| c.to_string() == seen.condition);
        let (sign, role) = match seen.held {
            None => (model.glyphs.unknown, Role::Unknown),
            Some(held) if held != bad => (model.glyphs.done, Role::Ok),
            Some(_) => (model.glyphs.critical, Role::Crit),
        };
        let lasted = seen.lasted.map_or_else(String::new, |lasted| format!(" for {}", words::clock(lasted)));
        let said = format!("{}: {}{lasted}", seen.condition, seen.found);
        let at = model.zone.seconds(at);
        let room = wide.saturating_sub(6 + u16::try_from(at.len()).unwrap_or(8));
        for (i, text) in wrap(&said, room).into_iter().enumerate() {
            let (sign, right) = if i == 0 { (sign, at.clone()) } else { (" ", String::new()) };
            rows.push(Row::Signed { sign, role, text, right });
        }
    }
}

fn section(rows: &mut Vec<Row<'_>>, title: &'static str) {
    rows.push(Row::Blank);
    rows.push(Row::Section(title));
}
