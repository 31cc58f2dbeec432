//! Error rates over time, with their limits and the captured normal.

use super::head;
use crate::core::condition::Subject;
use crate::core::ids::SignalId;
use crate::core::outline::{Outline, Pane, ProbeOutline};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::units::Unit;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::rows::{limits, new_and_old, of_probe, show, upper};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{self, Chart, Mark, Series};
use crate::tui::words;

/// How many rows it has.
pub fn length(_model: &Model, _pane: PaneId) -> usize {
    0
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let Some(outline) = model.outline() else { return };
    let probes: Vec<&ProbeOutline> = outline.probes.iter().filter(|p| p.pane == Pane::Errors).collect();
    let Some(first) = probes.first().copied() else {
        head(model, pane, pane.title(), pen, &[]);
        pen.put(3, 1, "the plan measures no error rate", Role::Muted);
        return;
    };
    let worst = |p: &&ProbeOutline| of_probe(&model.readout, &p.id).map(|v| v.level).max();
    let shown = probes.iter().copied().max_by_key(|p| (worst(p), p.id == first.id)).unwrap_or(first);
    let signals = signals(model, outline, shown);
    let unit = shown.measures.first().map_or(Unit::Percent, |m| m.unit);
    let mut summary = Vec::new();
    if pen.width() >= 60 {
        summary.push((format!("last {}", words::short(model.chart_span)), pen.theme.style(Role::Muted)));
    }
    for (id, label, role) in &signals {
        let Some(view) = model.readout.signals.get(id) else { continue };
        let style = match view.level {
            Level::Critical => pen.theme.bold(Role::Crit),
            Level::Warn => pen.theme.bold(Role::Warn),
            Level::Unknown => pen.theme.bold(Role::Unknown),
            Level::Ok => pen.theme.style(*role),
        };
        let value = show(unit, view.last.as_ref());
        let value = if value.is_empty() { "? unknown".to_owned() } else { value };
        summary.push((format!("{label} {value}").trim().to_owned(), style));
    }
    summary.truncate(4);
    let title = if probes.len() > 1 { shown.title.as_str() } else { pane.title() };
    head(model, pane, title, pen, &summary);

    let empty = Vec::new();
    let series: Vec<Series<'_>> = signals
        .iter()
        .enumerate()
        .map(|(i, (id, label, role))| Series {
            label,
            points: model.traces.get(id).unwrap_or(&empty),
            dotted: i > 0,
            role: *role,
        })
        .collect();
    let marks = marks(model, outline, shown, &signals, unit);
    let width = pen.width();
    let height = pen.height().saturating_sub(1);
    let chart = Chart {
        series: &series,
        marks: &marks,
        until: model.readout.at,
        span: model.chart_span,
        gap: shown.every.times(3).max(Span(model.chart_span.millis() / 100)),
        unit,
        zone: &model.zone,
    };
    chart::draw(&mut pen.part(0, 1, width, height), &chart);
}

/// The signals to draw, the new version first: id, label, role.
fn signals<'a>(model: &'a Model, outline: &Outline, probe: &ProbeOutline) -> Vec<(SignalId, &'a str, Role)> {
    let pair = new_and_old(outline, &model.readout);
    let measure = probe.measures.first().map(|m| &m.name);
    let mut found: Vec<(SignalId, &str, Role)> = Vec::new();
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

fn marks(
    model: &Model,
    outline: &Outline,
    probe: &ProbeOutline,
    signals: &[(SignalId, &str, Role)],
    unit: Unit,
) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut add = |at: f64, word: &str, role: Role| {
        if !marks.iter().any(|m| (m.at - at).abs() < 1e-12) {
            marks.push(Mark { at, label: format!("{word} {}", unit.show(at)), role, baseline: false });
        }
    };
    let views: Vec<_> = signals.iter().filter_map(|(id, ..)| model.readout.signals.get(id)).collect();
    for (level, at) in views.into_iter().flat_map(|v| limits(probe, v)) {
        let (word, role) = if level == Level::Critical { ("crit", Role::Crit) } else { ("warn", Role::Warn) };
        add(at, word, role);
    }
    let here = |s: &Subject| {
        s.probe == probe.id && s.measure.as_ref().is_none_or(|m| Some(m) == probe.measures.first().map(|f| &f.name))
    };
    for step in &outline.steps {
        let active = model.launch.as_ref().and_then(|l| l.steps.get(&step.id)).is_some_and(|s| s.status.is_active());
        if active {
            step.fail.iter().filter(|c| here(&c.subject)).filter_map(upper).for_each(|at| add(at, "fail", Role::Crit));
        }
    }
    for trigger in outline.triggers.iter().filter(|t| here(&t.when.subject)) {
        if let Some(at) = upper(&trigger.when) {
            add(at, "ask", Role::Muted);
        }
    }
    // Limits sleep until they are crossed.
    let from = model.readout.at - model.chart_span;
    let points = signals.iter().filter_map(|(id, ..)| model.traces.get(id)).flatten();
    let highest = points.filter(|(at, _)| *at >= from).filter_map(|(_, v)| *v).fold(0.0, f64::max);
    for mark in marks.iter_mut().filter(|m| m.at >= highest) {
        mark.role = Role::Muted;
    }
    if let Some((id, ..)) = signals.last()
        && let Some(normal) = model.launch.as_ref().and_then(|l| l.baselines.get(id))
    {
        let at = normal.median.get();
        marks.push(Mark { at, label: format!("normal {}", unit.show(at)), role: Role::Muted, baseline: true });
    }
    marks
}
