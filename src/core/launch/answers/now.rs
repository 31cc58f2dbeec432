//! NOW: are we OK. The worst of what is measured, of triggers, steps and incidents; then what goes on.

use super::{cut_off, only_boxes};
use serde::Serialize;

use super::{Alarm, AlarmKind, Moment, Scene, Tally, Words, by_time, rollback, soak, unmet, wants};
use crate::core::launch::{Progress, Status, StepStatus, blind};
use crate::core::outline::{PhaseOutline, StepOutline};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::view::ConditionOf;
use crate::core::words::{clock, count, left};

/// How it stands, best first but for the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The launch is over.
    Over,
    /// The first readings are on their way. Not OK, and not unknown either.
    Measuring,
    /// Everything is measured, fresh and within limits.
    Ok,
    /// Something is not known, or nothing is measured.
    Unknown,
    /// Something is worth a look: a limit, a failed step, a minor incident, a trigger that clears.
    Warn,
    /// Something is critical at this moment: measured, fired and not over, declared, or a way back that stopped.
    Critical,
}

/// Are we OK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Now {
    /// How it stands.
    pub standing: Standing,
    /// The answer: `ALL OK`, `CRITICAL`, `2 UNKNOWN`, `CLEARING 0:12 / 1:00`.
    pub head: Words,
    /// A way back is under way.
    pub going_back: bool,
    /// What goes on: the step that runs, or the phase we are in.
    pub doing: Words,
    /// How many things have each level.
    pub tally: Tally,
    /// The same in words: `16 ok  0 warn  0 unknown`.
    pub counts: Words,
}

pub(super) fn now(scene: &Scene<'_>) -> Now {
    let m = scene.moment;
    let (standing, head) = worst(scene);
    let (standing, head) = match &m.state.status {
        Status::Ended { .. } => (Standing::Over, "ENDED".into()),
        Status::RollingBack(_) => match scene.alarms.iter().find(|a| a.kind == AlarmKind::RollbackStopped) {
            Some(a) => (Standing::Critical, Words::of([a.kind.word(), "BACK STOPPED", "STOPPED"])),
            None => (standing.max(Standing::Warn), AlarmKind::GoingBack.word().into()),
        },
        Status::Live | Status::RolledBack(_) => (standing, head),
    };
    let (tally, going_back) = (scene.tally, m.going_back().is_some());
    let critical = scene.alarms.iter().filter(|a| a.level == Level::Critical && (a.of_step || a.trigger.is_some()));
    let (clocks, triggers): (Vec<_>, Vec<_>) = critical.partition(|a| a.of_step);
    let breaches: Vec<String> = [(triggers.len(), "trigger"), (clocks.len(), "fail clock")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| count(n, what))
        .collect();
    Now { standing, head, going_back, doing: doing(m), tally, counts: tally.words(&breaches.join(", ")) }
}

/// The worst of everything, and its name.
fn worst(scene: &Scene<'_>) -> (Standing, Words) {
    let tally = scene.tally;
    let open = scene.moment.state.incidents.iter().filter(|i| i.resolved.is_none());
    let severity = open.map(|i| i.level).min();
    if let Some(alarm) = scene.alarms.iter().find(|a| a.kind == AlarmKind::CutOff) {
        return (Standing::Unknown, alarm.kind.word().into());
    }
    let mut critical = scene.alarms.iter().filter(|a| a.level == Level::Critical);
    if critical.clone().any(|a| !a.kind.is_of_people()) || tally.critical > 0 {
        return (Standing::Critical, "CRITICAL".into());
    }
    if let Some(alarm) = critical.next().filter(|_| severity.is_none_or(|level| level > 2)) {
        return (Standing::Critical, named(alarm));
    }
    if let Some(level) = severity {
        let standing = if level <= 2 { Standing::Critical } else { Standing::Warn };
        return (standing, format!("SEV{level}").into());
    }
    // A file that was edited and a window that is too short say nothing of production: what does goes first.
    let apart = [AlarmKind::GoingBack, AlarmKind::Plan, AlarmKind::Window, AlarmKind::NoData];
    if let Some(alarm) = scene.alarms.iter().find(|a| !apart.contains(&a.kind)) {
        return (Standing::Warn, named(alarm));
    }
    let measured = tally.all() - tally.awaited;
    if tally.warn > 0 {
        return (Standing::Warn, format!("{} WARN", tally.warn).into());
    }
    if let Some(head) = wants::head(scene.moment) {
        return (Standing::Warn, head.into());
    }
    match tally {
        // Who holds the launch knows; what production does, nobody does.
        Tally { unknown: 1.., .. } => (Standing::Unknown, format!("{} UNKNOWN", tally.unknown).into()),
        _ if scene.alarms.iter().any(|a| a.kind == AlarmKind::NoData) => {
            (Standing::Unknown, AlarmKind::NoData.word().into())
        }
        _ if scene.moment.state.hold.is_some() => (Standing::Warn, "HELD".into()),
        Tally { awaited: 1.., .. } if measured == 0 => (Standing::Measuring, "measuring…".into()),
        Tally { awaited: 1.., .. } => (Standing::Measuring, format!("measuring… {measured}/{}", tally.all()).into()),
        Tally { ok: 0, .. } => (Standing::Unknown, "NOT MEASURED".into()),
        _ if blind(scene.moment.state, scene.moment.readout).next().is_some() => {
            let all = blind(scene.moment.state, scene.moment.readout).count();
            (Standing::Unknown, format!("{} UNKNOWN", count(all, "TRIGGER").to_uppercase()).into())
        }
        _ if scene.alarms.iter().any(|a| a.kind == AlarmKind::Window) => {
            (Standing::Warn, AlarmKind::Window.word().into())
        }
        _ if scene.moment.plan.is_some() => (Standing::Warn, AlarmKind::Plan.word().into()),
        _ => (Standing::Ok, "ALL OK".into()),
    }
}

/// An alarm's word; of a trigger that clears also how far it is.
fn named(alarm: &Alarm) -> Words {
    let word = alarm.kind.word();
    match alarm.clock.filter(|_| alarm.kind == AlarmKind::Clearing) {
        None => word.into(),
        Some(far) => Words::of([format!("{word} {}", far.words()), format!("{word} {}", clock(far.lasted))]),
    }
}

/// What goes on, in a sentence.
fn doing(m: &Moment<'_>) -> Words {
    if let Status::Ended { by, why, .. } = &m.state.status {
        return format!("by {by}: {why}").into();
    }
    if let Some((_, rollback)) = m.going_back() {
        let of = rollback.items.len();
        let at = format!("{} of {of}", (rollback.next + 1).min(of));
        return match rollback.items.get(rollback.next) {
            _ if m.state.way_back_awaits().is_some() => {
                let waits = m.state.way_back_awaits_words(m.readout).unwrap_or_default();
                Words::of([format!("{}, waits until {waits}", rollback.title), format!("waits until {waits}")])
            }
            Some(item) if m.state.way_back_by_hand().is_some() => Words::of([
                format!("{}, {at} waits for a person: {}", rollback.title, item.title),
                format!("{at} waits for a person: {}", item.title),
                format!("waits for a person, {at}"),
            ]),
            Some(item) => {
                Words::of([format!("{}, {at}: {}", rollback.title, item.title), format!("{at}: {}", item.title)])
            }
            None => format!("{}, {at}", rollback.title).into(),
        };
    }
    let mut active: Vec<_> = m.active().collect();
    active.sort_by_key(|(step, status)| rank(m, step, status));
    let Some((step, status)) = active.first() else { return idle(m) };
    let more = if active.len() > 1 { format!(", +{}", active.len() - 1) } else { String::new() };
    let held = if m.state.hold.is_some() { "; held" } else { "" };
    let (verb, short) = verb(m, step, status);
    let title = &step.title;
    Words::of([
        format!("{title}, {verb}{more}{held}"),
        format!("{title}, {verb}{more}"),
        format!("{title}, {verb}"),
        format!("{short}: {title}"),
    ])
}

/// What of several things is named: what fails, then what runs, then what people do.
fn rank(m: &Moment<'_>, step: &StepOutline, status: &StepStatus) -> u8 {
    match status {
        _ if is_failing(m, step) => 0,
        StepStatus::Running { .. } | StepStatus::Undoing { .. } => 1,
        StepStatus::Soaking { .. } => 2,
        StepStatus::Polling => 3,
        _ => 4,
    }
}

fn is_failing(m: &Moment<'_>, step: &StepOutline) -> bool {
    let view = |i| m.readout.conditions.get(&ConditionOf::Fail(step.id.clone(), i));
    (0..step.fail.len()).any(|i| view(i).is_some_and(|v| v.now == Some(true)))
}

/// What it does, and the same in a word or two.
fn verb(m: &Moment<'_>, step: &StepOutline, status: &StepStatus) -> (String, &'static str) {
    let took = m.own(&step.id).and_then(|s| s.started).map_or(Span::ZERO, |at| m.now.since(at));
    let frozen = || soak(m.state, m.readout, step, m.now).is_some_and(|s| s.frozen);
    let word = match status {
        _ if is_failing(m, step) => "failing",
        StepStatus::Running { run } if m.readout.asking.contains_key(run) => "waits for input",
        StepStatus::Running { .. } => return (format!("running {}", clock(took)), "running"),
        StepStatus::Claimed => return (format!("by hand {}", clock(took)), "by hand"),
        StepStatus::Polling => return (status.word().to_owned(), "open"),
        StepStatus::Soaking { .. } if only_boxes(m.state, m.readout, step, m.now) => "boxes are open",
        StepStatus::Soaking { .. } if m.state.soak_is_broken(m.readout, &step.id) => "soak broken",
        StepStatus::Soaking { .. } if let Some(unmet) = unmet(m.state, m.readout, step, m.now) => {
            let short = if unmet.broken { "soak broken" } else { "not yet" };
            return (format!("{}, {}", unmet.word(), unmet.until(m.now)), short);
        }
        StepStatus::Soaking { .. } if frozen() => return ("frozen, no data".to_owned(), "frozen"),
        StepStatus::Soaking { .. } if let Some(at) = cut_off(m.state, m.readout, step, m.now) => {
            return (format!("soaks too late, fails in {}", left(at.since(m.now))), "too late");
        }
        StepStatus::Soaking { .. } if step.soak.is_some() => "soaking",
        StepStatus::Soaking { .. } if step.verify.is_empty() => "its command is over",
        StepStatus::Soaking { .. } => "verifying",
        status => status.word(),
    };
    (word.to_owned(), word)
}

/// Nothing goes on: what failed, or the phase we are in.
fn idle(m: &Moment<'_>) -> Words {
    let unwatched = m.state.outlived(m.readout).next();
    let unwatched = unwatched.map(|(run, _)| run.kind.of(format_args!("`{}`", run.step)) + " runs on, unwatched");
    let unwatched = unwatched.or_else(|| still_ends(m));
    let held = if m.state.hold.is_some() { "held" } else { "nothing runs" };
    let held = unwatched.as_deref().unwrap_or(held);
    if let Status::RolledBack(number) = m.state.status {
        let back = format!("rolled back{}", back_at(m, number));
        return Words::of([format!("{back}; {held}"), back]);
    }
    let failed = by_time(m.state);
    // What a person stopped is no news beside what failed by itself.
    let stopped = |step: &&&StepOutline| m.state.was_stopped(&step.id);
    if let Some(step) = failed.iter().find(|step| !stopped(step)).or(failed.first()) {
        let word = if stopped(&step) { "stopped" } else { m.state.word(&step.id) };
        let title = &step.title;
        let more = if failed.len() > 1 { format!(", +{}", failed.len() - 1) } else { String::new() };
        return Words::of([
            format!("{title} {word}{more}; {held}"),
            format!("{title} {word}{more}"),
            format!("{title} {word}"),
            format!("{word}: {title}"),
        ]);
    }
    let Some((phase, Progress { done, of, .. })) = phase(m) else {
        let steps = &m.state.outline.steps;
        let count = |na: bool| {
            let is = |step: &&StepOutline| match m.status(step) {
                Some(StepStatus::Skipped { not_applicable, .. }) => *not_applicable == na,
                _ => false,
            };
            steps.iter().filter(is).count()
        };
        let over = match (steps.len(), count(false), count(true)) {
            (0, ..) => "the plan has no steps".to_owned(),
            (_, 0, 0) => "every step is done".to_owned(),
            (all, skipped, 0) if skipped == all => "every step was skipped".to_owned(),
            (_, skipped, 0) => format!("every step is done, but {skipped} skipped"),
            (_, 0, na) => format!("every step is done, but {na} n/a"),
            (_, skipped, na) => format!("every step is done, but {skipped} skipped, {na} n/a"),
        };
        return match unwatched {
            Some(unwatched) => Words::of([format!("{over}; {unwatched}"), unwatched]),
            None => over.into(),
        };
    };
    let title = &phase.title;
    Words::of([format!("{title} {done}/{of}, {held}"), format!("{title}, {held}"), title.clone()])
}

/// The command of a step that is over, as one that failed by its `fail`, which has not ended yet.
fn still_ends(m: &Moment<'_>) -> Option<String> {
    let (run, known) = m.state.runs.iter().rfind(|(_, known)| known.end.is_none())?;
    let word = if known.stopping { "is being stopped" } else { "still runs" };
    Some(format!("{} {word}", run.kind.of(format_args!("`{}`", run.step))))
}

/// The phase we are in: that of what was begun last, as long as it is open; else the first that is.
fn phase<'a>(m: &Moment<'a>) -> Option<(&'a PhaseOutline, Progress)> {
    let outline = &m.state.outline;
    let newest = outline.steps.iter().filter(|s| m.own(&s.id).is_some_and(|own| own.started.is_some()));
    let newest = newest.max_by_key(|s| m.own(&s.id).and_then(|own| own.started)).map(|s| &s.phase);
    let open = outline.phases.iter().map(|p| (p, Progress::of_phase(m.state, &p.id))).filter(|(_, p)| !p.is_over());
    let mut open: Vec<_> = open.collect();
    open.sort_by_key(|(p, _)| Some(&p.id) != newest);
    open.into_iter().next()
}

/// When the way back was done: ` 09:12`.
pub(super) fn back_at(m: &Moment<'_>, number: u32) -> String {
    match rollback(m.state, number).map(|r| &r.status) {
        Some(super::super::RollbackStatus::Done { at, .. }) => format!(" {}", (m.wall)(*at)),
        _ => String::new(),
    }
}
