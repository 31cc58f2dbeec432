//! The cursor of the charts: a moment of the past, and what all panes of signals show of it. It stands in a still picture
//! of the screen; what was measured then comes from the past that is at hand, and is asked for where it is not.

use super::frozen::{self, Still};
use super::incoming;
use super::model::{Asked, Line, Model, PaneId};
use super::panes::errors;
use super::update::{Effects, get};
use crate::core::ids::SignalId;
use crate::core::outline::ProbeOutline;
use crate::core::reading::{Level, Outcome};
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Finite, Unit};
use crate::core::view::{SPARK, SignalView};
use crate::wire::message::Query;

/// Signals whose past is asked for at once.
const AT_ONCE: usize = 64;

/// Parts of time in which it is asked for.
const PARTS: u16 = 400;

/// Moves it by so many columns of the chart; before it stood anywhere it begins at now, and there it goes away again.
pub(super) fn step(model: &mut Model, by: i64, out: &mut Effects) {
    let pane = if model.focus == PaneId::Second { PaneId::Second } else { PaneId::Errors };
    let before = model.cursor();
    if before.is_none() && model.focus != pane {
        let key = PaneId::Errors.key();
        return model.refuse(format!("the cursor stands in a chart: {key} leads to one"));
    }
    let Some(axis) = errors::axis(frozen::of(model, pane), pane) else {
        return model.refuse("no chart is seen here");
    };
    let held = frozen::of(model, pane);
    let (now, column) = (held.readout.at, axis.step());
    let to = before.unwrap_or(now) + column.times(by);
    if to >= now {
        return if before.is_some() {
            live(model, out)
        } else {
            model.refuse("this is now; the other way is the past")
        };
    }
    let opened = model.launch.as_ref().map_or(now, |l| l.opened);
    if to < opened && before.is_some_and(|at| at <= opened) {
        return model.refuse("nothing was measured before the launch was opened");
    }
    frozen::hold(model);
    stand(model, to.max(opened), out);
}

/// The cursor to what happened next, or before.
pub(super) fn mark(model: &mut Model, forward: bool, out: &mut Effects) {
    let now = model.frozen.as_ref().map_or(model.readout.at, |frozen| frozen.was.readout.at);
    let at = model.cursor().unwrap_or(now);
    let opened = model.launch.as_ref().map_or(now, |l| l.opened);
    let marks = errors::moments(model).into_iter().map(|moment| moment.at).filter(|at| *at >= opened && *at < now);
    let next = if forward { marks.filter(|to| *to > at).min() } else { marks.filter(|to| *to < at).max() };
    let Some(next) = next else {
        let where_to = if forward { "after" } else { "before" };
        return model.refuse(format!("nothing happened {where_to} that"));
    };
    frozen::hold(model);
    stand(model, next, out);
}

/// Lets all panes go on.
pub(super) fn live(model: &mut Model, out: &mut Effects) {
    model.frozen = None;
    incoming::ask_history(model, out);
}

/// The cursor to a moment.
fn stand(model: &mut Model, at: Timestamp, out: &mut Effects) {
    if let Some(frozen) = &mut model.frozen {
        frozen.was.still = Some(Still::At(at));
    }
    load(model, out);
    show(model);
}

/// Asks for the past that the panes show, where it is not at hand as far back and as fine as the chart is.
pub(super) fn load(model: &mut Model, out: &mut Effects) {
    let Some(mut frozen) = model.frozen.take() else { return };
    frozen.went_with(model);
    let was = &frozen.was;
    let (span, from) = (was.chart_span(), was.chart_from());
    let opened = was.launch.as_ref().map_or(from, |l| l.opened);
    // To the left there is as much again, and to the right of it what is seen.
    let begin = (from - span).max(opened);
    let end = (from + span.times(2)).min(was.readout.at);
    let fine = Span(end.since(begin).millis() / i64::from(PARTS)).max(Span(1));
    let seen = (from + span).min(was.readout.at);
    let here =
        frozen.loaded.is_some_and(|(far, near, had)| far <= from.max(opened) && near >= seen && had <= fine.times(2));
    let heard = model.line == Line::Up;
    if !here && !heard {
        frozen.missed = Some("the past can't be had: no engine is heard".to_owned());
    }
    // What was asked for is waited for; then it is looked at anew.
    if !here && heard && !was.loading() {
        frozen.missed = None;
        frozen.loaded = Some((begin, end, fine));
        let signals: Vec<SignalId> = was.readout.signals.keys().cloned().collect();
        for some in signals.chunks(AT_ONCE) {
            let what = Query::History { signals: some.to_vec(), from: begin, to: end, buckets: PARTS };
            get(model, Asked::History, what, out);
        }
        frozen.went_with(model);
    }
    model.frozen = Some(frozen);
}

/// The engine can't give the past, and why.
pub(super) fn missed(model: &mut Model, why: &str) {
    if let Some(frozen) = &mut model.frozen {
        (frozen.missed, frozen.loaded) = (Some(format!("the past can't be had: {why}")), None);
    }
}

/// More of the past is here: what the person has gone on to meanwhile is asked for, where the engine gives any.
pub(super) fn came(model: &mut Model, out: &mut Effects) {
    if model.cursor().is_some() && model.frozen.as_ref().is_some_and(|frozen| frozen.missed.is_none()) {
        load(model, out);
    }
    show(model);
}

/// Works out what the panes show of that moment. To be called when it moved, and when more of the past came.
pub(super) fn show(model: &mut Model) {
    let (Some(at), Some(frozen)) = (model.cursor(), &mut model.frozen) else { return };
    let was = &mut *frozen.was;
    was.asked.clone_from(&model.asked);
    let Some(launch) = was.launch.as_ref() else { return };
    let none = match &frozen.missed {
        _ if was.loading() => "loading",
        Some(why) => why.as_str(),
        None => "nothing was measured then",
    };
    // What is known of a moment is as old as it was then.
    let then = |view: &SignalView| {
        let probe = launch.outline.probe(&view.id.probe)?;
        let points = was.traces.get(&view.id).map_or(&[][..], Vec::as_slice);
        Some(view_at(view, probe, points, at, errors::gap(was, probe), none))
    };
    let views: Vec<SignalView> = was.readout.signals.values().filter_map(then).collect();
    for view in views {
        was.readout.signals.insert(view.id.clone(), view);
    }
    was.facts.measured(launch, &was.readout);
    was.told = (at, was.mono);
    model.dirty = true;
}

/// A signal as it was at a moment: the newest value before it that is no older than `gap`, or why there is `none`. Which
/// level it had then is not known: clocks have run since.
fn view_at(
    view: &SignalView,
    probe: &ProbeOutline,
    points: &[(Timestamp, Option<f64>)],
    at: Timestamp,
    gap: Span,
    none: &str,
) -> SignalView {
    let unit = probe.measure(Some(&view.id.measure)).map_or(Unit::Count, |m| m.unit);
    let known = &points[..points.partition_point(|(then, _)| *then <= at)];
    let newest = known.last().filter(|(then, _)| at.since(*then) <= gap);
    let value = newest.and_then(|(then, value)| Some((*then, (*value)?)));
    // Of words no past is kept; that says nothing of what was measured beside them.
    let words = (unit == Unit::Text).then(|| Outcome::Text("not kept".to_owned()));
    let known_then = words.is_some() || value.is_some();
    let spark = known[known.len().saturating_sub(SPARK)..].iter().map(|(_, v)| v.and_then(Finite::new));
    SignalView {
        id: view.id.clone(),
        level: if known_then { Level::Ok } else { Level::Unknown },
        why: (!known_then).then(|| none.to_owned()),
        last: words.or(value.map(|(_, value)| match unit {
            Unit::State if value <= 0.0 => Outcome::Failing(String::new()),
            _ => Outcome::number(value),
        })),
        at: value.map(|(then, _)| then),
        was: None,
        injected: view.injected,
        pending: None,
        spark: spark.collect(),
    }
}
