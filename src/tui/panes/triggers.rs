//! Rollback triggers: what is watched in every state, and the clocks that run.

use super::{above, detail, head};
use crate::core::launch::answers::Words;
use crate::core::launch::{LaunchState, Said, Status, TriggerStands, asks, disarmed, trigger_stands, way_was_left};
use crate::core::outline::{TriggerAction, TriggerOutline};
use crate::core::reading::Level;
use crate::core::view::ConditionOf;
use crate::tui::dialogs::stopped_at;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::widgets::gauge;
use crate::tui::words;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stand {
    Fired,
    Clearing,
    Pending,
    Unknown,
    Dismissed,
    Disarmed,
    Armed,
}

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    let Some(launch) = model.launch.as_ref() else { return 0 };
    let all: Vec<_> = launch.outline.triggers.iter().map(|t| (Stand::Armed, t)).collect();
    rows_of(model, launch, pane, crate::tui::view::area_of(model, pane).0, &all).len()
}

/// The rows of so many columns that triggers have, each as bad as what stands in it.
fn rows_of(
    model: &Model,
    launch: &LaunchState,
    pane: PaneId,
    wide: u16,
    all: &[(Stand, &TriggerOutline)],
) -> Vec<Level> {
    let more = |t: &TriggerOutline| {
        if detail::is_open(model, pane) { detail::trigger(model, launch, t, wide).len() } else { 0 }
    };
    let of = |(stand, trigger): &(Stand, &TriggerOutline)| {
        let level = match stand {
            Stand::Fired | Stand::Pending => Level::Critical,
            Stand::Clearing => Level::Warn,
            Stand::Unknown => Level::Unknown,
            Stand::Dismissed | Stand::Disarmed | Stand::Armed => Level::Ok,
        };
        std::iter::once(level).chain(std::iter::repeat_n(Level::Ok, more(trigger))).collect::<Vec<_>>()
    };
    all.iter().flat_map(of).collect()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let mut all: Vec<(Stand, &TriggerOutline)> =
        launch.outline.triggers.iter().map(|t| (stand(model, launch, t), t)).collect();
    all.sort_by_key(|(stand, _)| *stand);
    let count = |s: Stand| all.iter().filter(|(x, _)| *x == s).count();
    let height = usize::from(pen.height().saturating_sub(1));
    let rows = rows_of(model, launch, pane, pen.width(), &all);
    let first = model.first_row(pane, rows.len(), height);
    let mut summary: Vec<_> = above(pen, rows[..first].iter().copied()).into_iter().collect();
    for (stand, word, role) in [
        (Stand::Fired, "fired", Role::Crit),
        (Stand::Clearing, "clearing", Role::Warn),
        (Stand::Pending, "pending", Role::Crit),
        (Stand::Unknown, "unknown", Role::Unknown),
        (Stand::Dismissed, "dismissed", Role::Text),
    ] {
        if count(stand) > 0 {
            let style = if stand == Stand::Dismissed { role.style() } else { role.bold() };
            summary.push((format!("{} {word}", count(stand)), style));
        }
    }
    if all.iter().all(|(stand, _)| matches!(stand, Stand::Armed | Stand::Disarmed)) {
        let muted = Role::Muted.style();
        summary.push((format!("{} armed", count(Stand::Armed)), muted));
        let disarmed = count(Stand::Disarmed);
        summary.extend((disarmed > 0).then(|| (format!("{disarmed} disarmed"), muted)));
    }
    head(model, pane, pane.title(), pen, &summary);
    if all.is_empty() {
        pen.put(3, 1, "the plan has no triggers", Role::Muted);
    }
    if detail::is_open(model, pane) {
        return in_full(model, launch, first, pen, &all);
    }
    for (y, (stand, trigger)) in (1..).zip(all.into_iter().skip(first).take(height)) {
        row(model, launch, pen, y, stand, trigger);
    }
}

/// Each with what it watches and what comes of it.
fn in_full(model: &Model, launch: &LaunchState, first: usize, pen: &mut Pen<'_>, all: &[(Stand, &TriggerOutline)]) {
    let height = usize::from(pen.height().saturating_sub(1));
    let wide = pen.width();
    let mut at = 0_usize;
    for (stand, trigger) in all {
        let lines = detail::trigger(model, launch, trigger, wide);
        for i in 0..=lines.len() {
            let y = u16::try_from((at + 1).saturating_sub(first)).unwrap_or(u16::MAX);
            if at >= first && usize::from(y) <= height {
                match i.checked_sub(1) {
                    None => row(model, launch, pen, y, *stand, trigger),
                    Some(line) => {
                        detail::draw(model, &mut pen.part(0, y - 1, wide, 2), &lines[line..=line], 0);
                    }
                }
            }
            at += 1;
        }
    }
}

/// Core's answer, in the pane's words. What fired and is being followed by a way back that runs is shown as fired; what
/// already led to one is disarmed.
fn stand(model: &Model, launch: &LaunchState, trigger: &TriggerOutline) -> Stand {
    let fired = launch.triggers.get(&trigger.id).is_some_and(|t| t.fired.is_some());
    match trigger_stands(launch, &model.readout, trigger).0 {
        TriggerStands::Armed => Stand::Armed,
        TriggerStands::Pending => Stand::Pending,
        TriggerStands::Unknown => Stand::Unknown,
        TriggerStands::Clearing => Stand::Clearing,
        TriggerStands::Dismissed => Stand::Dismissed,
        TriggerStands::Followed if !fired => Stand::Disarmed,
        TriggerStands::Fired | TriggerStands::Followed => Stand::Fired,
    }
}

/// By whom it was dismissed, and why.
fn dismissed(launch: &LaunchState, trigger: &TriggerOutline) -> Words {
    let fired = launch.triggers.get(&trigger.id).and_then(|own| own.fired.as_ref());
    match fired.and_then(|fired| fired.dismissed.as_ref()) {
        Some(Said { by, text, .. }) => {
            Words::of([format!("dismissed by {by}: {text}"), format!("dismissed by {by}"), "dismissed".to_owned()])
        }
        None => "dismissed".into(),
    }
}

/// Whether a person is asked: not while a way back is under way, nor after one that did as much.
fn asks_now(model: &Model, trigger: &TriggerOutline) -> bool {
    model.launch.as_ref().is_some_and(|launch| asks(launch, &model.facts.ways, trigger, model.now()).is_some())
}

/// How the way back that is under way stands: then it is what a person looks at, not what led to it.
fn going_back(model: &Model) -> Option<(&'static str, Role)> {
    let launch = model.launch.as_ref()?;
    match launch.status {
        Status::RollingBack(_) if stopped_at(launch).is_some() => Some(("the way back STOPPED", Role::Crit)),
        Status::RollingBack(_) => Some(("the way back runs", Role::Accent)),
        _ => None,
    }
}

/// Whether a trigger is followed by a way back that is under way: it fired, or led there and holds still.
fn leads_back(stand: Stand, holds: bool) -> bool {
    stand == Stand::Fired || (stand == Stand::Disarmed && holds)
}

fn row(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, stand: Stand, trigger: &TriggerOutline) {
    let g = pen.glyphs;
    let view = model.readout.conditions.get(&ConditionOf::Trigger(trigger.id.clone()));
    let (sign, role) = match stand {
        Stand::Fired | Stand::Pending => (g.critical, Role::Crit),
        Stand::Clearing => (g.warn, Role::Warn),
        Stand::Unknown => (g.unknown, Role::Unknown),
        Stand::Dismissed => (g.skipped, Role::Text),
        Stand::Disarmed if view.is_some_and(|v| v.now == Some(true)) => (g.critical, Role::Crit),
        Stand::Disarmed => (g.skipped, Role::Muted),
        Stand::Armed => (g.armed, Role::Muted),
    };
    let hot = matches!(stand, Stand::Fired | Stand::Pending);
    let style = if hot { role.bold() } else { role.style() };
    pen.cut(1, y, sign, 1, style);
    let found = view.map_or("", |v| v.found.as_str());
    let back = going_back(model).filter(|_| leads_back(stand, view.is_some_and(|v| v.now == Some(true))));
    let value = || trigger.when().zip(view).map_or_else(String::new, |(when, v)| super::checklist::measured(when, v));
    let said = match (stand, view) {
        _ if back.is_some() => {
            let words = back.map_or("", |(words, _)| words);
            let short = words.trim_start_matches("the way ");
            Words::of([format!("{}  {words}", value()).trim_start(), words, short])
        }
        (Stand::Armed, _) if trigger.is_asked() => {
            Words::of([format!(":fire {}", trigger.id), "you fire it".to_owned(), "asks you".to_owned()])
        }
        (Stand::Fired, _) => match trigger.action {
            TriggerAction::Propose | TriggerAction::Consider if !asks_now(model, trigger) => "FIRED".into(),
            TriggerAction::Propose => Words::of(["FIRED, asks to go back", "FIRED"]),
            TriggerAction::Consider => Words::of(["FIRED, consider", "FIRED"]),
            TriggerAction::Notify => "FIRED".into(),
        },
        (Stand::Pending, Some(v)) => match v.needs {
            Some(needs) => {
                let frozen = if v.frozen { " frozen" } else { "" };
                let far = format!("{} / {}{frozen}", words::clock(v.lasted), words::clock(needs));
                let polls = trigger.when().and_then(|when| when.polls).zip(v.agreed);
                let polls = polls.map(|(polls, agreed)| format!("{agreed} of {}  {far}", polls.of));
                Words::of([format!("{}  {far}", value())].into_iter().chain(polls).chain([far]))
            }
            None => found.into(),
        },
        (Stand::Clearing, _) => {
            let clear = model.readout.conditions.get(&ConditionOf::Clear(trigger.id.clone()));
            let far = clear.and_then(|v| Some(format!("{} / {}", words::clock(v.lasted), words::clock(v.needs?))));
            far.map_or("clearing".into(), |far| Words::of([format!("clearing {far}"), far]))
        }
        (Stand::Dismissed, _) => dismissed(launch, trigger),
        (Stand::Disarmed, _) if way_was_left(launch, trigger) => disarmed(launch, trigger),
        // It led to the way back and holds still: as the alarm row says.
        (Stand::Disarmed, Some(v)) if v.now == Some(true) => Words::of([
            format!("{}  disarmed until it is false", value()),
            "disarmed until it is false".into(),
            "disarmed".into(),
        ]),
        (Stand::Disarmed, _) => "disarmed".into(),
        (Stand::Armed, Some(v)) if v.needs.is_some() => {
            let far = format!("{} / {}", words::clock(v.lasted), words::clock(v.needs.unwrap_or_default()));
            Words::of([format!("{}  {far}", value()), value().to_owned()])
        }
        _ => value().into(),
    };
    let end = pen.width();
    // What is said gives way to the title, down to its shortest form; why there is no data is cut, a clock never is.
    let title = 3 + width(&trigger.title) + 2;
    // How many of the polls agree is worth more than a gauge.
    let gauge = if stand == Stand::Pending && trigger.when().is_none_or(|when| when.polls.is_none()) && end > 50 {
        12
    } else {
        0
    };
    let text = said.fitting(|form| title + gauge + width(form) <= end);
    let least = if stand == Stand::Unknown { title.min(end / 2) } else { title.min(13) };
    let room = width(text).min(end.saturating_sub(least));
    let start = end - room;
    let value_style = if let Some((_, role)) = back {
        role.bold()
    } else if hot || matches!(stand, Stand::Clearing | Stand::Unknown) {
        style
    } else {
        Role::Text.style()
    };
    pen.cut(start, y, text, room, value_style);
    let mut start = start;
    if let (Stand::Pending, Some(v)) = (stand, view)
        && let Some(needs) = v.needs
        && start > 40
    {
        let role = if v.frozen { Role::Unknown } else { Role::Crit };
        gauge::draw(pen, start - 11, y, 10, v.lasted.millis() as f64 / needs.millis().max(1) as f64, role);
        start -= 12;
    }
    let title = if hot { Role::Crit.bold() } else { Role::Muted.style() };
    pen.cut(3, y, &trigger.title, start.saturating_sub(4), title);
}
