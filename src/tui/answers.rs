//! NOW, NEXT and BACK in words.

use super::model::{Model, PaneId};
use super::rows;
use super::theme::Role;
use super::words;
use crate::core::launch::{LaunchState, Status, StepStatus};
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::core::view::ConditionOf;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer itself.
    pub head: String,
    /// Its colour.
    pub role: Role,
    /// It stands on a fill.
    pub fill: Option<Role>,
    /// What stands beside it: an estimate.
    pub more: String,
    /// What it is, and its ground.
    pub lines: Vec<String>,
}

/// All three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Are we OK.
    pub now: Answer,
    /// What comes next, when, who.
    pub next: Answer,
    /// Can I go back, to what, how long does it take.
    pub back: Answer,
}

fn answer(head: impl Into<String>, role: Role, lines: Vec<String>) -> Answer {
    Answer { head: head.into(), role, fill: None, more: String::new(), lines }
}

impl Answers {
    /// From what is known now.
    pub fn of(model: &Model) -> Self {
        let none = || answer("", Role::Muted, Vec::new());
        let Some(launch) = &model.launch else { return Self { now: none(), next: none(), back: none() } };
        Self { now: now(model, launch), next: next(model, launch), back: back(model) }
    }
}

fn now(model: &Model, launch: &LaunchState) -> Answer {
    let panes = [PaneId::Errors, PaneId::Health, PaneId::Lag, PaneId::Queues];
    let all: Vec<_> = panes.iter().flat_map(|p| rows::rows(model, *p)).collect();
    let [critical, warn, unknown, ok] = rows::counts(all.iter().map(|r| &r.level));
    let g = model.glyphs;
    let what = doing(model, launch);
    let counts = [(critical, "critical"), (warn, "warn"), (unknown, "unknown"), (ok, "ok")]
        .iter()
        .filter(|(n, word)| *n > 0 || *word == "ok")
        .map(|(n, word)| format!("{n} {word}"))
        .collect::<Vec<_>>()
        .join("  ");
    let lines = vec![what, counts];
    let breach = super::alarm::alarms(model).iter().any(|a| a.level == crate::core::reading::Level::Critical);
    match launch.status {
        Status::Ended { .. } => return answer(format!("{} ENDED", g.done), Role::Muted, lines),
        Status::RollingBack(_) => {
            let fill = Some(if breach { Role::CritText } else { Role::WarnText });
            return Answer { fill, ..answer(format!("{} GOING BACK", g.undone), Role::Warn, lines) };
        }
        _ => {}
    }
    if critical > 0 || breach {
        return Answer { fill: Some(Role::CritText), ..answer(format!("{} CRITICAL", g.critical), Role::Crit, lines) };
    }
    if warn > 0 {
        return answer(format!("{} {warn} WARN", g.warn), Role::Warn, lines);
    }
    if unknown > 0 {
        return answer(format!("{} {unknown} UNKNOWN", g.unknown), Role::Unknown, lines);
    }
    if ok == 0 {
        return answer(format!("{} NOT MEASURED", g.unknown), Role::Unknown, lines);
    }
    answer(format!("{} ALL OK", g.ok), Role::Ok, lines)
}

/// What goes on, in a sentence.
fn doing(model: &Model, launch: &LaunchState) -> String {
    match &launch.status {
        Status::Ended { by, why, .. } => return format!("by {}: {why}", by.name),
        Status::RollingBack(n) => {
            let rollback = launch.rollbacks.get((*n as usize).saturating_sub(1));
            return rollback.map_or_else(String::new, |r| {
                format!("{}, {} of {}", r.title, (r.next + 1).min(r.items.len()), r.items.len())
            });
        }
        _ => {}
    }
    let active: Vec<(&StepOutline, &StepStatus)> = launch
        .outline
        .steps
        .iter()
        .filter_map(|s| launch.steps.get(&s.id).map(|state| (s, &state.status)))
        .filter(|(_, s)| s.is_active())
        .collect();
    let back = if matches!(launch.status, Status::RolledBack(_)) { "rolled back; " } else { "" };
    match active.as_slice() {
        [] => format!("{back}nothing runs"),
        [(step, status)] => format!("{back}{}, {}", step.title, verb(model, step, status)),
        [(step, status), rest @ ..] => format!("{}, {}, +{}", step.title, verb(model, step, status), rest.len()),
    }
}

fn verb(model: &Model, step: &StepOutline, status: &StepStatus) -> String {
    let attempt = model.launch.as_ref().and_then(|l| l.steps.get(&step.id));
    let took = attempt.and_then(|s| s.started).map_or(String::new(), |s| words::clock(model.now().since(s)));
    match status {
        StepStatus::Running { run } if model.readout.asking.contains_key(run) => "waits for input".to_owned(),
        StepStatus::Running { .. } => format!("running {took}"),
        StepStatus::Soaking { broken: true, .. } => "soak broken".to_owned(),
        StepStatus::Soaking { .. } if step.soak.is_some() => "soaking".to_owned(),
        StepStatus::Soaking { .. } => "verifying".to_owned(),
        StepStatus::Claimed => format!("by hand {took}"),
        StepStatus::Polling => "polling".to_owned(),
        StepStatus::Undoing { .. } => "being undone".to_owned(),
        _ => String::new(),
    }
}

/// How far a soak is, and how long it must be.
pub fn soak(model: &Model, step: &StepOutline) -> Option<(Span, Span)> {
    let need = step.soak?;
    let of = |i| model.readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    let lasted = (0..step.verify.len()).map(|i| of(i).map_or(Span::ZERO, |v| v.lasted)).min()?;
    Some((lasted.min(need), need))
}

/// Whether there is no data for something that must hold, so that its clock stands still.
pub fn blind(model: &Model, step: &StepOutline) -> bool {
    let of = |i| model.readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    (0..step.verify.len()).any(|i| of(i).is_none_or(|v| v.frozen || v.now.is_none()))
}

fn next(model: &Model, launch: &LaunchState) -> Answer {
    let g = model.glyphs;
    let steps = &launch.outline.steps;
    let status = |s: &&StepOutline| launch.steps.get(&s.id).map(|s| s.status.clone()).unwrap_or_default();
    if matches!(launch.status, Status::Ended { .. }) {
        return answer("nothing", Role::Muted, Vec::new());
    }
    if super::dialogs::stopped_at(launch).is_some() {
        let lines = vec!["the rollback stopped".to_owned(), "again, by hand, or another way".to_owned()];
        return answer("R: you decide", Role::Warn, lines);
    }
    if let Some(step) = steps.iter().find(|s| matches!(status(s), StepStatus::Interrupted { .. })) {
        return answer("r: say what became of", Role::Warn, vec![format!("{} {}", g.interrupted, step.title)]);
    }
    if let Some(gate) = steps.iter().find(|s| status(s) == StepStatus::Polling) {
        let lines = vec![format!("{} {}", g.gate, gate.title), deciders(launch, gate)];
        return answer("now", Role::Hi, lines);
    }
    if let Some(alarm) = super::alarm::alarms(model).into_iter().find(|a| a.key == "R now") {
        let (head, at) = match alarm.clock {
            Some((lasted, needs)) if !alarm.frozen => {
                let left = needs - lasted;
                (format!("in {}", words::clock(left)), format!("at {}", model.zone.minutes(model.now() + left)))
            }
            _ => ("now".to_owned(), String::new()),
        };
        let lines = vec![alarm.then.clone(), "R goes back now, by any operator".to_owned()];
        return Answer { more: at, ..answer(head, Role::Hi, lines) };
    }
    if let Some(due) = super::incidents::next(model) {
        return due;
    }
    if let Some(hold) = &launch.hold {
        let lines = vec![hold.why.clone(), "H releases it".to_owned()];
        return answer("held", Role::Warn, lines);
    }
    if let Some(step) = steps.iter().find(|s| matches!(status(s), StepStatus::Soaking { broken: false, .. })) {
        let after = steps.iter().skip_while(|s| s.id != step.id).skip(1).find(|s| !status(s).is_over());
        let then = after.map_or_else(|| "the end".to_owned(), |s| next_line(model, s));
        let blind = blind(model, step);
        let left = soak(model, step).filter(|_| !blind).map(|(lasted, need)| need - lasted);
        let head = match left {
            Some(left) => format!("in ~{}", words::clock(left)),
            None if blind => "clock stands still".to_owned(),
            None => "when it holds".to_owned(),
        };
        let ground = if blind { "no data for what must hold".to_owned() } else { format!("{} must hold", step.title) };
        let mut answer = answer(head, if blind { Role::Unknown } else { Role::Hi }, vec![then, ground]);
        if let Some(left) = left {
            answer.more = format!("at {}", model.zone.minutes(model.now() + left));
        }
        return answer;
    }
    let running = steps.iter().find(|s| status(s).is_active());
    if let Some(step) = steps.iter().find(|s| model.facts.due(&s.id) && !status(s).is_active()) {
        let owner = step.owner.as_ref().map_or_else(|| "anyone".to_owned(), |o| person(launch, o.as_str()));
        let key = if step.run.is_some() || step.gate.is_some() { "r starts it" } else { "Space ticks it" };
        return answer("now", Role::Hi, vec![next_line(model, step), format!("{owner}; {key}")]);
    }
    if let Some(step) = running {
        return answer("when it is done", Role::Hi, vec![next_line(model, step)]);
    }
    match steps.iter().find(|s| !status(s).is_over()) {
        Some(step) => {
            let because = model.facts.steps.get(&step.id).and_then(|e| e.because.first().cloned()).unwrap_or_default();
            match planned(launch, step).filter(|at| *at > model.now()) {
                Some(at) => {
                    let head = format!("in {}", words::clock(at.since(model.now())));
                    let mut answer = answer(head, Role::Hi, vec![next_line(model, step), because]);
                    answer.more = format!("at {}", model.zone.near(at, model.now()));
                    answer
                }
                None => answer("waits", Role::Hi, vec![next_line(model, step), because]),
            }
        }
        None => answer("nothing is left", Role::Hi, vec!["`:end` ends the launch".to_owned()]),
    }
}

fn next_line(model: &Model, step: &StepOutline) -> String {
    let glyph = if step.gate.is_some() { model.glyphs.gate } else { model.glyphs.due };
    format!("{glyph} {}", step.title)
}

/// When a step is to become due, where the plan gives it or its phase a time.
pub fn planned(launch: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    let offset = step.at.or_else(|| launch.outline.phase(&step.phase).and_then(|p| p.at))?;
    Some(launch.t0 + offset.0)
}

fn person(launch: &LaunchState, role: &str) -> String {
    launch.outline.roles.get(role).map_or_else(|| role.to_owned(), |r| format!("{role}: {}", r.name))
}

fn deciders(launch: &LaunchState, gate: &StepOutline) -> String {
    let roles = gate.gate.as_ref().map_or(&[][..], |g| &g.poll);
    let voters: Vec<&str> = roles.iter().map(crate::core::ids::RoleId::as_str).collect();
    if voters.is_empty() {
        format!("{} decides", launch.lead)
    } else {
        format!("{} decides; {} vote", launch.lead, voters.join(", "))
    }
}

fn back(model: &Model) -> Answer {
    let Some(way) = model.facts.ways.first() else {
        return answer("nothing to undo", Role::Muted, vec!["no way back is planned".to_owned()]);
    };
    let estimate = way.estimate.map_or_else(|| "time unknown".to_owned(), words::about);
    let loses = way.loses.as_ref().map_or_else(|| "loses nothing".to_owned(), |l| format!("loses {l}"));
    let g = model.glyphs;
    let others = model.facts.ways.len() - 1;
    let others = if others > 0 { format!("; R shows {others} more") } else { String::new() };
    if let Some(why) = &way.closed {
        return answer("CLOSED", Role::Muted, vec![way.title.clone(), why.clone()]);
    }
    match &way.ready {
        Ok(()) => {
            let mut answer =
                answer(format!("{} READY", g.done), Role::Ok, vec![way.title.clone(), format!("{loses}{others}")]);
            answer.more = estimate;
            answer
        }
        Err(why) => {
            let mut answer = answer("NOT READY", Role::Warn, vec![way.title.clone(), why.clone()]);
            answer.fill = Some(Role::WarnText);
            answer.more = estimate;
            answer
        }
    }
}
