//! Charts: error rates over time, with their limits and the captured normal (the plan's first one, until the person asks
//! for the next), and the times that both versions take, where there is room for a second one.

mod line;
mod marks;
mod room;
mod strips;
mod table;

use ratatui::style::Style;

pub use marks::moments;
pub use room::{bare, figures};

use super::head;
use crate::core::ids::SignalId;
use crate::core::outline::{MeasureOutline, Outline, Pane, ProbeOutline};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::units::Unit;
use crate::core::view::SignalView;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::rows::{new_and_old, show, things};
use crate::tui::view;
use crate::tui::widgets::chart::{self, Axis, Chart, Scale, Series};
use crate::tui::words;

/// How many charts there are; one is seen at a time.
pub fn length(model: &Model, pane: PaneId) -> usize {
    charted(model, pane, model.zoom).len()
}

/// What a pane has charts of: the error rates; `alone` on the screen also everything else that has numbers.
fn charted(model: &Model, pane: PaneId, alone: bool) -> Vec<&ProbeOutline> {
    let Some(outline) = model.outline() else { return Vec::new() };
    if pane == PaneId::Second {
        return outline.probes.iter().filter(|p| model.facts.second.as_ref() == Some(&p.id)).collect();
    }
    let (rates, others): (Vec<_>, Vec<_>) = outline.probes.iter().partition(|p| p.pane == Pane::Errors);
    let others = others.into_iter().filter(|p| alone && numbers(p).is_some());
    rates.into_iter().chain(others).collect()
}

/// The first measure of a probe that can be drawn.
fn numbers(probe: &ProbeOutline) -> Option<&MeasureOutline> {
    probe.measures.iter().find(|m| !matches!(m.unit, Unit::State | Unit::Text))
}

/// The signals that the zoomed chart of all charts draws now.
pub fn alone(model: &Model) -> Vec<SignalId> {
    let zoomed = model.zoom && model.focus == PaneId::Errors;
    let of = if zoomed { Of::shown(model, PaneId::Errors) } else { None };
    of.map_or_else(Vec::new, |of| of.lines.into_iter().map(|(id, ..)| id).collect())
}

/// Which chart shows what is worst in a pane of signals; none where nothing there has numbers.
pub fn of_worst(model: &Model, pane: PaneId) -> Option<usize> {
    let all = charted(model, PaneId::Errors, true);
    let level = |views: &[&SignalView]| views.iter().map(|v| v.level).max();
    let things = things(model.outline()?, &model.readout, pane);
    let drawn = things.filter(|(probe, _)| all.iter().any(|p| p.id == probe.id));
    let worst = drawn.map(|(probe, things)| (things.values().filter_map(|views| level(views)).max(), probe));
    // Of those that are as bad the first.
    let worst = worst.reduce(|a, b| if b.0 > a.0 { b } else { a })?.1;
    all.iter().position(|p| p.id == worst.id)
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(of) = Of::shown(model, pane) else {
        head(model, pane, pane.title(), pen, &[]);
        let why = match pane {
            PaneId::Second => "the plan measures no time of both versions",
            _ => "the plan measures no error rate",
        };
        pen.put(3, 1, why, Role::Muted);
        return;
    };
    let strips = if model.zoom { strips::of(model, of.probe, of.measure) } else { Vec::new() };
    let (width, parts) = (pen.width(), Parts::of(model.zoom, pen.height(), of.lines.len(), strips.len()));
    let axis = of.chart(model, parts.chart, |chart| {
        let summary = of.summary(model, pane, width, chart.scale.log);
        head(model, pane, &of.title(pane, width), pen, &summary);
        chart::draw(&mut pen.part(0, 1, width, parts.chart), chart)
    });
    let mut y = 1 + parts.chart;
    if let Some(axis) = axis.filter(|_| parts.strips > 0) {
        y += parts.gap;
        let shown = &strips[..usize::from(parts.strips).min(strips.len())];
        strips::draw(model, shown, &axis, model.cursor().is_some(), &mut pen.part(0, y, width, parts.strips));
        y += parts.strips;
    }
    if parts.table > 0 {
        y += parts.gap;
        table::draw(model, &of.lines, of.unit, &mut pen.part(0, y, width, parts.table));
        y += parts.table;
    }
    if parts.line > 0 {
        y += parts.gap;
        line::draw(model, &of.lines, of.unit, parts.table == 0, &mut pen.part(0, y, width, 1));
    }
}

/// The time axis as it stands on the screen; none where no chart is seen.
pub fn axis(model: &Model, pane: PaneId) -> Option<Axis> {
    let of = Of::shown(model, pane)?;
    let (width, height) = view::area_of(model, pane);
    let strips = if model.zoom { strips::of(model, of.probe, of.measure).len() } else { 0 };
    let parts = Parts::of(model.zoom, height + 1, of.lines.len(), strips);
    of.chart(model, parts.chart, |chart| chart::axis(chart, width, parts.chart))
}

/// The longest time between two readings of a probe that still counts as one after the other, in a chart as long as it
/// is now.
pub fn gap(model: &Model, probe: &ProbeOutline) -> Span {
    probe.every.max(model.beat()).times(3).max(Span(model.chart_span().millis() / 100))
}

/// Rows of what a chart is drawn with; a row between them where there are rows to spare.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    chart: u16,
    strips: u16,
    table: u16,
    line: u16,
    gap: u16,
}

impl Parts {
    /// For a pane of so many rows. Alone on the screen it has a table of its lines, a line on the moment, and strips
    /// along its axis; where there is little room strips go first, then the table.
    fn of(alone: bool, height: u16, lines: usize, strips: usize) -> Self {
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).min(9);
        let mut parts = Self { chart: height.saturating_sub(1), strips: 0, table: 0, line: 0, gap: 0 };
        if !alone {
            return parts;
        }
        parts.gap = u16::from(height >= 26);
        let mut take = |rows: u16, least: u16| {
            let taken = rows > 0 && parts.chart >= rows + parts.gap + least;
            parts.chart -= if taken { rows + parts.gap } else { 0 };
            if taken { rows } else { 0 }
        };
        parts.line = take(1, 6);
        parts.table = take(count(lines) + 1, 8);
        parts.strips = (1..=count(strips)).rev().map(|rows| take(rows, 10)).find(|rows| *rows > 0).unwrap_or(0);
        parts
    }
}

/// A line of the chart: its signal, its name, its colour.
type Line<'a> = (SignalId, &'a str, Role);

/// What a chart shows.
struct Of<'a> {
    probe: &'a ProbeOutline,
    measure: &'a MeasureOutline,
    /// The lines, the new version first.
    lines: Vec<Line<'a>>,
    unit: Unit,
    /// Which of how many it is, from 0.
    at: usize,
    all: usize,
    /// It is alone on the screen.
    alone: bool,
}

impl<'a> Of<'a> {
    /// What a pane shows now.
    fn shown(model: &'a Model, pane: PaneId) -> Option<Self> {
        let probes = charted(model, pane, model.zoom);
        let at = model.scrolled(pane).min(probes.len().checked_sub(1)?);
        Self::at(model, &probes, at, model.zoom)
    }

    /// One of several.
    fn at(model: &'a Model, probes: &[&'a ProbeOutline], at: usize, alone: bool) -> Option<Self> {
        let probe = *probes.get(at)?;
        let measure = numbers(probe)?;
        let lines = signals(model, model.outline()?, probe, measure);
        Some(Self { probe, measure, lines, unit: measure.unit, at, all: probes.len(), alone })
    }

    fn title(&self, pane: PaneId, width: u16) -> String {
        match pane {
            PaneId::Second => self.probe.title.clone(),
            _ if self.probe.pane != Pane::Errors && self.probe.measures.len() > 1 => {
                format!("{} {}", self.probe.title, self.measure.name)
            }
            _ if self.probe.pane != Pane::Errors => self.probe.title.clone(),
            _ if self.all > 1 && width >= 50 => format!("{}: {}", pane.title(), self.probe.title),
            _ => pane.title().to_owned(),
        }
    }

    /// The newest value of each line, since when the chart is, and which of how many.
    fn summary(&self, model: &Model, pane: PaneId, width: u16, log: bool) -> Vec<(String, Style)> {
        let mut summary = Vec::new();
        for (id, label, role) in &self.lines {
            let Some(view) = model.readout.signals.get(id) else { continue };
            let style = match view.level {
                Level::Critical => Role::Crit.bold(),
                Level::Warn => Role::Warn.bold(),
                Level::Unknown => Role::Unknown.bold(),
                Level::Ok => role.style(),
            };
            let value = show(self.unit, view.last.as_ref());
            let value = if value.is_empty() { format!("{} UNKNOWN", model.glyphs.unknown) } else { value };
            summary.push((format!("{label} {value}").trim().to_owned(), style));
        }
        summary.truncate(4);
        if width < 56 {
            return summary;
        }
        let (from, span) = (model.chart_from(), model.chart_span());
        let mut said = if from + span < model.readout.at {
            format!("{} to {}", model.zone.minutes(from), model.zone.minutes(from + span))
        } else if from + span > model.readout.at {
            format!("since {}", model.zone.minutes(from))
        } else {
            format!("last {}", words::long(span))
        };
        if log {
            said = format!("log scale   {said}");
        }
        if model.loading() && (model.cursor().is_some() || model.look_back.is_some()) {
            summary.push(("loading".to_owned(), Role::Unknown.bold()));
        }
        summary.push((said, Role::Muted.style()));
        if self.all > 1 {
            let (n, of) = (self.at + 1, self.all);
            let key = match (model.focus == pane, n < of) {
                (false, _) => "",
                (true, true) => ", j next",
                (true, false) => ", k back",
            };
            summary.push((format!("{n} of {of}{key}"), Role::Muted.style()));
        }
        summary
    }

    /// Hands on the chart as it is drawn in so many rows.
    fn chart<T>(&self, model: &Model, height: u16, with: impl FnOnce(&Chart<'_>) -> T) -> T {
        let empty = Vec::new();
        let points = |id| model.traces.get(id).unwrap_or(&empty);
        let series = self.lines.iter().enumerate().map(|(i, (id, label, role))| Series {
            label,
            points: points(id),
            why: model.readout.signals.get(id).filter(|v| v.level == Level::Unknown).and_then(|v| v.why.as_deref()),
            dotted: i > 0,
            role: *role,
        });
        let series: Vec<Series<'_>> = series.collect();
        let marks = model
            .outline()
            .map_or_else(Vec::new, |o| marks::limits_of(model, o, (self.probe, self.measure), &self.lines));
        let from = model.chart_from();
        with(&Chart {
            series: &series,
            marks: &marks,
            moments: &marks::moments(model),
            scale: Scale::of(&series, &marks, from, self.alone && height >= 12),
            from,
            span: model.chart_span(),
            now: model.readout.at,
            gap: gap(model, self.probe),
            unit: self.unit,
            zone: &model.zone,
            t0: model.launch.as_ref().map_or(model.now(), |l| l.t0),
            cursor: model.cursor(),
            margin: if self.alone { strips::label_width(model, self.probe, self.measure) } else { 0 },
        })
    }
}

/// The signals to draw, the new version first: id, label, role.
fn signals<'a>(model: &'a Model, outline: &Outline, probe: &ProbeOutline, measure: &MeasureOutline) -> Vec<Line<'a>> {
    let pair = new_and_old(outline, &model.readout);
    let mut found: Vec<Line<'_>> = Vec::new();
    for (id, _) in model.readout.signals.iter().filter(|(id, _)| id.probe == probe.id && id.measure == measure.name) {
        let label = id.instance.as_ref().map_or("", |i| i.as_str());
        let old = pair.as_ref().is_some_and(|(_, old)| Some(old) == id.instance.as_ref());
        found.push((id.clone(), label, if old { Role::Muted } else { Role::Hi }));
    }
    found.sort_by_key(|(_, _, role)| *role == Role::Muted);
    for other in found.iter_mut().skip(1) {
        other.2 = Role::Muted;
    }
    found
}
