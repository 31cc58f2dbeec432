//! Charts: error rates over time, with their limits and the captured normal (the plan's first one, until the person asks
//! for the next), and the times that both versions take, where there is room for a second one.

mod marks;
mod table;

use super::head;
use crate::core::ids::SignalId;
use crate::core::outline::{Outline, Pane, ProbeOutline};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::units::Unit;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::rows::{new_and_old, show};
use crate::tui::widgets::chart::{self, Chart, Scale, Series};
use crate::tui::words;

/// How many error rates there are; one is seen at a time.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    model.outline().map_or(0, |o| o.probes.iter().filter(|p| p.pane == Pane::Errors).count())
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(outline) = model.outline() else { return };
    let probes: Vec<&ProbeOutline> = match pane {
        PaneId::Second => outline.probes.iter().filter(|p| model.facts.second.as_ref() == Some(&p.id)).collect(),
        _ => outline.probes.iter().filter(|p| p.pane == Pane::Errors).collect(),
    };
    let Some(first) = probes.first().copied() else {
        head(model, pane, pane.title(), pen, &[]);
        let why = match pane {
            PaneId::Second => "the plan measures no time of both versions",
            _ => "the plan measures no error rate",
        };
        pen.put(3, 1, why, Role::Muted);
        return;
    };
    let at = model.scrolled(pane).min(probes.len() - 1);
    let shown = probes.get(at).copied().unwrap_or(first);
    let signals = signals(model, outline, shown);
    let unit = shown.measures.first().map_or(Unit::Percent, |m| m.unit);
    let mut summary = Vec::new();
    for (id, label, role) in &signals {
        let Some(view) = model.readout.signals.get(id) else { continue };
        let style = match view.level {
            Level::Critical => Role::Crit.bold(),
            Level::Warn => Role::Warn.bold(),
            Level::Unknown => Role::Unknown.bold(),
            Level::Ok => role.style(),
        };
        let value = show(unit, view.last.as_ref());
        let value = if value.is_empty() { format!("{} UNKNOWN", model.glyphs.unknown) } else { value };
        summary.push((format!("{label} {value}").trim().to_owned(), style));
    }
    summary.truncate(4);
    let alone = model.zoom && pen.height() >= 26;
    let below = if alone { u16::try_from(signals.len()).unwrap_or(9).min(9) + 2 } else { 0 };
    let (width, height) = (pen.width(), pen.height().saturating_sub(1 + below));
    let empty = Vec::new();
    let series: Vec<Series<'_>> = signals
        .iter()
        .enumerate()
        .map(|(i, (id, label, role))| Series {
            label,
            points: model.traces.get(id).unwrap_or(&empty),
            why: model.readout.signals.get(id).filter(|v| v.level == Level::Unknown).and_then(|v| v.why.as_deref()),
            dotted: i > 0,
            role: *role,
        })
        .collect();
    let marks = marks::limits_of(model, outline, shown, &signals, unit);
    let span = model.chart_span();
    let (from, now) = (model.chart_from(), model.readout.at);
    let scale = Scale::of(&series, &marks, from, model.zoom && height >= 12);
    let mut said = if from + span > now {
        format!("since {}", model.zone.minutes(from))
    } else {
        format!("last {}", words::long(span))
    };
    if scale.log {
        said = format!("log scale   {said}");
    }
    if width >= 56 {
        summary.push((said, Role::Muted.style()));
    }
    if probes.len() > 1 && width >= 56 {
        let (n, of) = (at + 1, probes.len());
        let key = if model.focus != pane {
            ""
        } else if n < of {
            ", j next"
        } else {
            ", k back"
        };
        summary.push((format!("{n} of {of}{key}"), Role::Muted.style()));
    }
    let title = match pane {
        PaneId::Second => shown.title.clone(),
        _ if probes.len() > 1 && width >= 50 => format!("{}: {}", pane.title(), shown.title),
        _ => pane.title().to_owned(),
    };
    head(model, pane, &title, pen, &summary);
    let chart = Chart {
        series: &series,
        marks: &marks,
        moments: &marks::moments(model),
        scale,
        from,
        span,
        now,
        gap: shown.every.max(model.beat()).times(3).max(Span(span.millis() / 100)),
        unit,
        zone: &model.zone,
        t0: model.launch.as_ref().map_or(model.now(), |l| l.t0),
    };
    chart::draw(&mut pen.part(0, 1, width, height), &chart);
    if alone {
        table::draw(model, &signals, unit, &mut pen.part(0, height + 2, width, below - 1));
    }
}

/// The signals to draw, the new version first: id, label, role.
/// A line of the chart: its signal, its name, its colour.
type Line<'a> = (SignalId, &'a str, Role);

fn signals<'a>(model: &'a Model, outline: &Outline, probe: &ProbeOutline) -> Vec<Line<'a>> {
    let pair = new_and_old(outline, &model.readout);
    let measure = probe.measures.first().map(|m| &m.name);
    let mut found: Vec<Line<'_>> = Vec::new();
    for (id, _) in model.readout.signals.iter().filter(|(id, _)| id.probe == probe.id && Some(&id.measure) == measure) {
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
