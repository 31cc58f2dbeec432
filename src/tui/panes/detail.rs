//! A zoomed pane of signals or triggers: everything that is known of each, a row for each thing said.

use crate::core::condition::{Condition, with_found};
use crate::core::launch::{LaunchState, TriggerState, disarmed, way_was_left};
use crate::core::outline::{Pane, ProbeOutline, TriggerAction, TriggerOutline};
use crate::core::reading::{Level, Outcome};
use crate::core::units::{Finite, Unit};
use crate::core::view::{ConditionOf, SignalView};
use crate::tui::model::{Model, PaneId};
use crate::tui::panes::{level_word, sign_of};
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::role::Role;
use crate::tui::rows::{conditions, limits, nothing_of, show, things};
use crate::tui::widgets::spark;
use crate::tui::words;

/// A row.
pub struct Line {
    /// The level whose symbol stands before it.
    level: Option<Level>,
    indent: u16,
    text: String,
    role: Role,
    bold: bool,
    /// What follows, quieter.
    more: String,
    /// A value in its column, with its role.
    value: Option<(String, Role)>,
    /// What stands at the right, with its role.
    right: (String, Role),
    history: Option<(Vec<Option<f64>>, Option<f64>)>,
}

impl Line {
    fn new(indent: u16, text: impl Into<String>, role: Role) -> Self {
        let right = (String::new(), Role::Muted);
        Self {
            level: None,
            indent,
            text: text.into(),
            role,
            bold: false,
            more: String::new(),
            value: None,
            right,
            history: None,
        }
    }
}

/// Whether a pane is shown in full: it is zoomed, and nothing else is on the screen.
pub fn is_open(model: &Model, pane: PaneId) -> bool {
    model.zoom && model.focus == pane
}

/// The levels of rows: each that has none of its own is ok.
pub fn levels(lines: &[Line]) -> impl Iterator<Item = Level> {
    lines.iter().map(|line| line.level.unwrap_or(Level::Ok))
}

/// Draws the rows below a pane's head.
pub fn draw(model: &Model, pen: &mut Pen<'_>, lines: &[Line], first: usize) {
    let names = lines.iter().filter(|l| l.value.is_some()).map(|l| l.indent + width(&l.text)).max().unwrap_or(0);
    let values = lines.iter().filter_map(|l| l.value.as_ref()).map(|(v, _)| width(v)).max().unwrap_or(0);
    let all = pen.width();
    let column = (names + 2 + values).min(all / 2);
    let height = usize::from(pen.height().saturating_sub(1));
    more(pen, lines.len().saturating_sub(first + height));
    let last = pen.height().saturating_sub(1);
    for (y, line) in (1..).zip(lines.iter().skip(first).take(height)) {
        // The last row makes room for how many more there are.
        let all = if y == last && lines.len() > first + height { all.saturating_sub(12) } else { all };
        if let Some(level) = line.level {
            let (glyph, role) = sign_of(model, pen, level);
            pen.cut(1, y, glyph, 1, role.bold());
        }
        let (right, role) = &line.right;
        let mut end = pen.right(all, y, right, role.style()).saturating_sub(1);
        let style = if line.bold { line.role.bold() } else { line.role.style() };
        if let Some((value, role)) = &line.value {
            let start = column.saturating_sub(width(value)).max(line.indent + 2);
            pen.cut(start, y, value, end.saturating_sub(start), role.bold());
            if let Some((values, limit)) = &line.history
                && end > column + 12
            {
                let bars = (end - column - 2).min(60);
                spark::draw(pen, end - bars, y, bars, values, *limit, Role::Crit);
            }
            end = start.saturating_sub(1);
        }
        let x = pen.cut(line.indent, y, &line.text, end.saturating_sub(line.indent), style);
        pen.cut(x + 2, y, &line.more, end.saturating_sub(x + 2), Role::Muted.style());
    }
}

/// Says in the last row how many more there are below.
fn more(pen: &mut Pen<'_>, below: usize) {
    if below > 0 && pen.height() > 3 {
        let (end, last) = (pen.width(), pen.height() - 1);
        pen.right(end, last, &format!("+{below} below"), Role::Muted.style());
    }
}

/// Every thing that a pane of signals measures, the worst first: how it is measured, each of its values, and what gives
/// it its level. The levels of the things come with their rows.
pub fn signals(model: &Model, pane: PaneId) -> (Vec<Level>, Vec<Line>) {
    let Some(outline) = model.outline() else { return Default::default() };
    let mut found: Vec<(Level, bool, Vec<Line>)> = Vec::new();
    for (probe, things) in things(outline, &model.readout, pane) {
        let elsewhere = !matches!(probe.pane, Pane::Health | Pane::Replication | Pane::Queues);
        if things.is_empty() {
            let forgotten = model.launch.as_ref().map_or(&[][..], |launch| &launch.forgotten);
            let unseen = Line::new(5, nothing_of(&probe.id, forgotten), Role::Unknown);
            let lines = vec![title(model, probe, &probe.title, Level::Unknown, None), unseen];
            found.push((Level::Unknown, elsewhere, lines));
        }
        for (instance, views) in things {
            let name = instance.map_or_else(|| probe.title.clone(), |i| format!("{} {i}", probe.title));
            let level = views.iter().map(|v| v.level).max().unwrap_or(Level::Unknown);
            let mut lines = vec![title(model, probe, &name, level, views.iter().filter_map(|v| v.at).max())];
            views.iter().for_each(|view| measure(&mut lines, probe, view));
            found.push((level, elsewhere, lines));
        }
    }
    // What has its place in another pane too comes last of what is as bad.
    found.sort_by_key(|(level, elsewhere, _)| (std::cmp::Reverse(*level), *elsewhere));
    let levels = found.iter().map(|(level, ..)| *level).collect();
    (levels, found.into_iter().flat_map(|(.., lines)| lines).collect())
}

/// `api   http every 5s, at most 2s   https://…   3s`
fn title(
    model: &Model,
    probe: &ProbeOutline,
    name: &str,
    level: Level,
    at: Option<crate::core::time::Timestamp>,
) -> Line {
    let target = if probe.target.is_empty() { String::new() } else { format!("  {}", probe.target) };
    let word = if level == Level::Ok { String::new() } else { format!("  {}", level_word(level)) };
    let mut line = Line::new(3, format!("{name}{word}"), Role::Hi);
    line.more = format!("{} every {}, at most {}{target}", probe.kind, probe.every, probe.timeout);
    (line.level, line.bold) = (Some(level), level != Level::Ok);
    line.right.0 = at.map_or_else(|| "never".to_owned(), |at| words::age(model.now(), at));
    line
}

/// A value, what it means, why it is not ok, and its limits.
fn measure(lines: &mut Vec<Line>, probe: &ProbeOutline, view: &SignalView) {
    let of = probe.measure(Some(&view.id.measure));
    let unit = of.map_or(Unit::Count, |m| m.unit);
    let role = match view.level {
        Level::Ok => Role::Text,
        Level::Warn => Role::Warn,
        Level::Critical => Role::Crit,
        Level::Unknown => Role::Unknown,
    };
    let value = match &view.last {
        Some(Outcome::NoData(_) | Outcome::CutOff(_)) | None => "no data".to_owned(),
        Some(Outcome::Few(_)) => "too few samples".to_owned(),
        last => show(unit, last.as_ref()),
    };
    let mut line = Line::new(5, view.id.measure.to_string(), Role::Text);
    line.value = Some((value, role));
    let nearest = limits(probe, view).map(|(_, l)| l).reduce(f64::min);
    let values: Vec<_> = view.spark.iter().map(|f| f.map(Finite::get)).collect();
    line.history = (!matches!(unit, Unit::State | Unit::Text)).then_some((values, nearest));
    lines.push(line);
    let failing = match &view.last {
        Some(Outcome::Failing(why) | Outcome::NoData(why) | Outcome::CutOff(why)) => Some(why.clone()),
        _ => None,
    };
    let why = view.why.clone().or(failing).filter(|why| !why.is_empty());
    let was = view.was.as_ref().map(|was| format!("was {}", show(unit, Some(was))));
    let said: Vec<String> = was.into_iter().chain(why).collect();
    if !said.is_empty() {
        lines.push(Line::new(7, said.join("; "), role));
    }
    for (level, condition) in conditions(probe, view) {
        lines.push(limit(level, condition, view));
    }
}

/// A limit, and its clock where that runs.
fn limit(level: Level, condition: &Condition, view: &SignalView) -> Line {
    let word = if level == Level::Critical { "critical" } else { "warn" };
    let mut line = Line::new(7, format!("{word} where {condition}"), Role::Muted);
    if let Some(pending) = view.pending.filter(|p| p.level == level) {
        let role = if level == Level::Critical { Role::Crit } else { Role::Warn };
        line.right = (words::far(pending.lasted, pending.needs), role);
    }
    line
}

/// What a trigger watches, what comes of it, and what came of it so far.
pub fn trigger(model: &Model, launch: &LaunchState, trigger: &TriggerOutline, wide: u16) -> Vec<Line> {
    let mut said: Vec<(String, Role)> = Vec::new();
    let view = model.readout.conditions.get(&ConditionOf::Trigger(trigger.id.clone()));
    let found = view.map_or("not measured yet", |v| v.found.as_str());
    let when = trigger.fires.to_string();
    let known = trigger.title == when;
    said.push((
        match trigger.is_asked() {
            true if known => format!("a person answers: `:fire {} WHY`", trigger.id),
            true => format!("{when} A person answers: `:fire {} WHY`", trigger.id),
            false if known => found.to_owned(),
            false => with_found(&when, found),
        },
        Role::Text,
    ));
    let named = trigger.rollback.as_ref().or(launch.outline.rollback.as_ref());
    let way = named.and_then(|id| launch.outline.rollback(id));
    let to = way.map_or_else(String::new, |way| format!(": {}", way.title));
    let then = match trigger.action {
        TriggerAction::Propose => format!("then the launch holds and it asks to go back{to}"),
        TriggerAction::Consider => format!("then going back is to be considered{to}"),
        TriggerAction::Notify => "then it is said".to_owned(),
    };
    let over = match trigger.is_asked() {
        true => format!("over once a person says so: `:clear {} WHY`", trigger.id),
        false => format!("over once it was quiet for {}", trigger.clear_after),
    };
    said.push((format!("{then}; {over}"), Role::Muted));
    let none = TriggerState::default();
    let own = launch.triggers.get(&trigger.id).unwrap_or(&none);
    if own.times > 0 {
        let mut text = words::count(own.times as usize, "time").replace("1 time", "once");
        if let Some(fired) = &own.fired {
            let at = model.zone.seconds(fired.at);
            let by = fired.by.as_ref().map_or_else(|| "on ".to_owned(), |by| format!("by {by}: "));
            text = format!("{text}, last at {at} {by}{}", fired.evidence.found);
        }
        said.push((format!("fired {text}"), Role::Text));
    }
    if let Some(dismissed) = own.fired.as_ref().and_then(|f| f.dismissed.as_ref()) {
        said.push((format!("dismissed by {}: {}", dismissed.by, dismissed.text), Role::Text));
    }
    if way_was_left(launch, trigger) {
        said.push((disarmed(launch, trigger).long().to_owned(), Role::Text));
    } else if own.disarmed.is_some() {
        let until = if trigger.is_asked() { "cleared or fired again" } else { "it is false once" };
        said.push((format!("disarmed until {until}: it led to a way back"), Role::Text));
    }
    let wrapped = said.into_iter().flat_map(|(text, role)| {
        wrap(&text, wide.saturating_sub(6)).into_iter().map(move |line| Line::new(5, line, role)).collect::<Vec<_>>()
    });
    wrapped.collect()
}
