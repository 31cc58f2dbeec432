//! What runs along the time axis of a zoomed chart, below it: the soak and the fail clocks of the steps that watch what
//! it shows, the clocks of triggers, and how much goes to the new version.

use super::marks::watches;
use crate::core::launch::answers::unmet;
use crate::core::launch::{LaunchState, StepState, StepStatus, TriggerStands, trigger_stands};
use crate::core::outline::{MeasureOutline, OnFail, Pane, ProbeOutline, StepOutline, TriggerAction};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::{ConditionOf, ConditionView};
use crate::tui::answers::{blind, soak};
use crate::tui::glyphs::{BLOCKS, STEPS};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, fit, width};
use crate::tui::role::Role;
use crate::tui::rows::show;
use crate::tui::widgets::chart::{Axis, Points, sampled};
use crate::tui::words;

/// Columns of their names: so many, and more where a screen is wide.
const LABEL: u16 = 8;
const WIDE_LABEL: u16 = 20;

/// Columns of their names beside a chart of a probe's measure.
pub(super) fn label_width(model: &Model, probe: &ProbeOutline, measure: &MeasureOutline) -> u16 {
    let most = if model.size.0 >= 100 { WIDE_LABEL } else { LABEL };
    let longest = of(model, probe, measure).iter().map(|strip| width(strip.label)).max();
    longest.unwrap_or(0).clamp(LABEL, most)
}

/// At most so many are shown.
const MOST: usize = 6;

/// A row along the axis.
pub(super) struct Strip<'a> {
    label: &'a str,
    /// What is said of it, the longest form first.
    text: Vec<String>,
    role: Role,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// From when to when it ran, what it ends with, and until when it would run on.
    Clock { from: Timestamp, to: Timestamp, until: Option<Timestamp>, sign: Option<&'static str> },
    /// It does not run.
    Still,
    /// What was measured, the longest time between two readings, and the whole where it is a part of one.
    Volume(&'a Points, Span, Option<f64>),
}

/// Those of a chart of a probe's measure, in the order of their weight.
pub(super) fn of<'a>(model: &'a Model, probe: &ProbeOutline, measure: &MeasureOutline) -> Vec<Strip<'a>> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let active = launch.outline.steps.iter().filter_map(|step| {
        let own = launch.steps.get(&step.id)?;
        own.status.is_active().then_some((step, own))
    });
    let active: Vec<_> = active.collect();
    let mut strips: Vec<Strip<'_>> = Vec::new();
    strips.extend(active.iter().filter_map(|(step, own)| soaks(model, launch, (probe, measure), step, own)));
    for (step, _) in &active {
        let fails = step.fail.iter().enumerate().filter(|(_, condition)| watches(condition, probe, measure));
        strips.extend(fails.filter_map(|(i, condition)| {
            let view = model.readout.conditions.get(&ConditionOf::Fail(step.id.clone(), i))?;
            let then =
                if step.on_fail == OnFail::Propose { "then it asks to go back" } else { "then the launch holds" };
            clock(model, "fail", view, &condition.to_string(), then)
        }));
    }
    for trigger in &launch.outline.triggers {
        let Some(when) = trigger.when().filter(|when| watches(when, probe, measure)) else { continue };
        let (TriggerStands::Armed | TriggerStands::Pending | TriggerStands::Unknown, Some(view)) =
            trigger_stands(launch, &model.readout, trigger)
        else {
            continue;
        };
        let then = match trigger.action {
            TriggerAction::Propose => "then it asks to go back",
            TriggerAction::Consider => "then going back is to be considered",
            TriggerAction::Notify => "then it is said",
        };
        strips.extend(clock(model, "trigger", view, &when.to_string(), then));
    }
    strips.extend(model.facts.volumes.iter().filter_map(|id| {
        let of = launch.outline.probe(&id.probe)?;
        let own = id.probe == probe.id;
        if own && id.measure == measure.name {
            return None;
        }
        // On how much an error rate rests stands below that one alone.
        if own == of.measures.first().is_some_and(|m| m.name == id.measure) || (of.pane == Pane::Errors && !own) {
            return None;
        }
        let label = if own { id.measure.as_str() } else { &of.title };
        let (view, points) = (model.readout.signals.get(id)?, model.traces.get(id)?);
        let unit = of.measure(Some(&id.measure))?.unit;
        let value = show(unit, view.last.as_ref());
        let value = if value.is_empty() { "?".to_owned() } else { value };
        let whose = id.instance.as_ref().map_or("", |i| i.as_str());
        let text = vec![format!("{value} {whose}"), value];
        let kind = Kind::Volume(points, super::gap(model, of), (unit == Unit::Percent).then_some(1.0));
        Some(Strip { label, text, role: Role::Text, kind })
    }));
    strips.truncate(MOST);
    strips
}

/// How far the soak of a step is that must see this well; without a soak, how long it has been looked at.
fn soaks<'a>(
    model: &Model,
    launch: &LaunchState,
    (probe, measure): (&ProbeOutline, &MeasureOutline),
    step: &StepOutline,
    own: &StepState,
) -> Option<Strip<'a>> {
    let StepStatus::Soaking { since, .. } = own.status else { return None };
    step.verify.iter().find(|condition| watches(condition, probe, measure))?;
    let now = model.readout.at;
    let Some((lasted, needs)) = soak(model, step) else {
        let open = unmet(launch, &model.readout, step, now);
        let until = open.as_ref().and_then(|open| open.fails);
        let left = until.map_or_else(String::new, |at| format!(", {} left", words::clock(at.since(now))));
        let (text, role) = match open {
            Some(_) => (format!("not held yet{left}"), Role::Warn),
            None => ("holds".to_owned(), Role::Accent),
        };
        let kind = Kind::Clock { from: since, to: now, until, sign: None };
        return Some(Strip { label: "verify", text: vec![text], role, kind });
    };
    let strip = |text, role, kind| Some(Strip { label: "soak", text, role, kind });
    let all = words::clock(needs);
    if let Some(broke) = own.broke.filter(|_| launch.soak_is_broken(&model.readout, &step.id)) {
        let after = words::clock(broke.since(since));
        let text = vec![format!("broken after {after} of {all}"), format!("broken after {after}"), "broken".to_owned()];
        let kind = Kind::Clock { from: since, to: broke, until: None, sign: Some(model.glyphs.failed) };
        return strip(text, Role::Crit, kind);
    }
    let far = format!("{} / {all}", words::clock(lasted));
    if lasted == Span::ZERO {
        let blind = blind(model, step);
        let text = vec![if blind { format!("{far} frozen") } else { far }];
        return strip(text, if blind { Role::Unknown } else { Role::Muted }, Kind::Still);
    }
    let until = (lasted < needs).then(|| now + (needs - lasted));
    let (text, role, until) = match blind(model, step) {
        true => (vec![format!("{far} frozen"), "frozen".to_owned()], Role::Unknown, None),
        false => (vec![far], Role::Accent, until),
    };
    strip(text, role, Kind::Clock { from: now - lasted, to: now, until, sign: None })
}

/// The clock of a condition that must hold for a time before something comes of it.
fn clock<'a>(model: &Model, label: &'a str, view: &ConditionView, condition: &str, then: &str) -> Option<Strip<'a>> {
    let needs = view.needs?;
    let now = model.readout.at;
    let far = format!("{} / {}", words::clock(view.lasted), words::clock(needs));
    if view.frozen && view.lasted > Span::ZERO {
        let kind = Kind::Clock { from: now - view.lasted, to: now, until: None, sign: None };
        let text = vec![format!("{far} frozen: {}", view.found), format!("{far} frozen"), "frozen".to_owned()];
        return Some(Strip { label, text, role: Role::Unknown, kind });
    }
    if view.now != Some(true) {
        let text = vec![format!("{far}  {condition}"), far];
        return Some(Strip { label, text, role: Role::Muted, kind: Kind::Still });
    }
    let until = Some(now + (needs - view.lasted)).filter(|until| *until > now);
    let sign = Some(model.glyphs.warn);
    let text = vec![format!("{far}, {then}"), far];
    let kind = Kind::Clock { from: now - view.lasted, to: now, until, sign };
    Some(Strip { label, text, role: Role::Crit, kind })
}

/// Draws them along the axis of the chart above, a row each. `quiet` leaves out how far clocks are by now.
pub(super) fn draw(model: &Model, strips: &[Strip<'_>], axis: &Axis, quiet: bool, pen: &mut Pen<'_>) {
    for (y, strip) in (0..).zip(strips) {
        let (label, more) = fit(strip.label, usize::from(axis.left.saturating_sub(2)), pen.glyphs.more);
        let label = if more { format!("{label}{}", pen.glyphs.more) } else { label.to_owned() };
        pen.right(axis.left.saturating_sub(1), y, &label, Role::Muted.style());
        let used = match &strip.kind {
            Kind::Clock { from, to, until, sign } => bar(pen, y, axis, strip, (*from, *to, *until), *sign),
            Kind::Still => (axis.left, axis.left),
            Kind::Volume(points, gap, whole) => {
                let values = sampled(points, (axis.from, axis.span), model.readout.at, *gap, usize::from(axis.columns));
                blocks(pen, y, axis, model.readout.at, &values, *whole);
                (axis.left, axis.left + axis.columns)
            }
        };
        let clock = !matches!(strip.kind, Kind::Volume(..));
        if !(quiet && clock) {
            say(pen, y, strip, axis.left, used);
        }
        let cursor = model.cursor().filter(|at| *at >= axis.from && *at <= axis.from + axis.span);
        if let Some(at) = cursor {
            let bar = pen.glyphs.cursor;
            pen.cell(axis.at(at), y, bar, Role::Accent.style());
        }
    }
}

/// A bar for what has run, a thin one for what is to come. Says from where to where it is.
fn bar(
    pen: &mut Pen<'_>,
    y: u16,
    axis: &Axis,
    strip: &Strip<'_>,
    (from, to, until): (Timestamp, Timestamp, Option<Timestamp>),
    sign: Option<&str>,
) -> (u16, u16) {
    let end = axis.left + axis.columns;
    let seen = |at: Timestamp| at >= axis.from && at <= axis.from + axis.span;
    if to < axis.from || from > axis.from + axis.span {
        return (axis.left, axis.left);
    }
    let (start, done) = (axis.at(from), axis.at(to) + 1);
    let (heavy, rule) = (pen.glyphs.heavy, pen.glyphs.rule);
    let mut last = until.map_or(done, |until| (axis.at(until) + 1).max(done));
    pen.line(done, last, y, rule, Role::Rule.style());
    // What broke was well before.
    let held = if until.is_none() && sign.is_some() { Role::Accent } else { strip.role };
    pen.line(start, done, y, heavy, held.bold());
    let ends = until.unwrap_or(to);
    if let Some(sign) = sign.filter(|_| seen(ends)) {
        // It stands behind the bar, as long as the row has room for it.
        let x = if until.is_none() { last.min(pen.width().saturating_sub(1)) } else { last - 1 };
        pen.cell(x, y, sign, strip.role.bold());
        last = last.max(x + 1);
    }
    (start, last.max(done).min(end + 1))
}

/// Each column as high as the largest value in it: the whole is full; or else there is some room above the
/// highest of all.
fn blocks(pen: &mut Pen<'_>, y: u16, axis: &Axis, now: Timestamp, values: &[Option<f64>], whole: Option<f64>) {
    let largest = whole.unwrap_or_else(|| values.iter().flatten().copied().fold(0.0, f64::max) * 1.3);
    let steps = if pen.glyphs.is_ascii() { STEPS } else { BLOCKS };
    let first = values.iter().position(Option::is_some).unwrap_or(values.len());
    let end = if now > axis.from + axis.span { values.len() } else { usize::from(axis.at(now) - axis.left) + 1 };
    for (x, value) in (axis.left..).zip(values.iter().take(end)).skip(first) {
        let Some(value) = value else {
            pen.cell(x, y, "·", Role::Unknown.style());
            continue;
        };
        let part = if largest > 0.0 { (value / largest).clamp(0.0, 1.0) } else { 0.0 };
        pen.cell(x, y, steps[((part * 7.0).round() as usize).min(7)], Role::Spark.style());
    }
}

/// What is said of a strip: behind what is drawn, or before it, or else over its end.
fn say(pen: &mut Pen<'_>, y: u16, strip: &Strip<'_>, axis: u16, (start, end): (u16, u16)) {
    let all = pen.width();
    let style = if strip.role == Role::Muted { strip.role.style() } else { strip.role.bold() };
    let left = end + u16::from(end > start);
    let clock = matches!(strip.kind, Kind::Clock { .. });
    for text in &strip.text {
        if left + width(text) <= all {
            pen.cut(left, y, text, u16::MAX, style);
            return;
        }
        if clock && axis + width(text) < start {
            pen.right(start - 1, y, text, style);
            return;
        }
    }
    if let Some(text) = strip.text.last() {
        let x = all.saturating_sub(width(text) + 1);
        pen.cut(x, y, " ", 1, style);
        pen.right(all, y, text, style);
    }
}
