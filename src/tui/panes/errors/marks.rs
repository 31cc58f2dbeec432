//! What stands in the chart beside the lines: limits, the captured normal, and what happened when.

use super::Line;
use crate::core::condition::{Condition, Test};
use crate::core::ids::RunKind;
use crate::core::launch::StepStatus;
use crate::core::outline::{MeasureOutline, Outline, ProbeOutline};
use crate::core::reading::Level;
use crate::tui::model::Model;
use crate::tui::pen::fit;
use crate::tui::role::Role;
use crate::tui::rows::{limits, upper};
use crate::tui::widgets::chart::{Mark, Moment};

/// The limits of what is shown, and the captured normal. Limits sleep until they are crossed.
pub(super) fn limits_of(
    model: &Model,
    outline: &Outline,
    (probe, measure): (&ProbeOutline, &MeasureOutline),
    lines: &[Line<'_>],
) -> Vec<Mark> {
    let unit = measure.unit;
    let mut marks: Vec<Mark> = Vec::new();
    let mut add = |at: f64, word: &str, role: Role| {
        if !marks.iter().any(|m| (m.at - at).abs() < 1e-12) {
            marks.push(Mark { at, label: format!("{word} {}", unit.show(at)), role, over: Some(role) });
        }
    };
    let views: Vec<_> = lines.iter().filter_map(|(id, ..)| model.readout.signals.get(id)).collect();
    for (level, at) in views.into_iter().flat_map(|v| limits(probe, v)) {
        let (word, role) = if level == Level::Critical { ("crit", Role::Crit) } else { ("warn", Role::Warn) };
        add(at, word, role);
    }
    for step in &outline.steps {
        let status = model.launch.as_ref().and_then(|l| l.steps.get(&step.id)).map(|s| &s.status);
        // What failed it is what people look for then.
        let counts = |condition: &Condition| match status {
            Some(StepStatus::Failed { why, .. }) => why.starts_with(&condition.to_string()),
            Some(status) => status.is_active(),
            None => false,
        };
        let fail = step.fail.iter().filter(|c| watches(c, probe, measure) && counts(c));
        fail.filter_map(upper).for_each(|at| add(at, "fail", Role::Crit));
    }
    for when in outline.triggers.iter().filter_map(|t| t.when()).filter(|when| watches(when, probe, measure)) {
        if let Some(at) = upper(when) {
            add(at, "ask", Role::Warn);
        }
    }
    let from = model.chart_from();
    let points = lines.iter().filter_map(|(id, ..)| model.traces.get(id)).flatten();
    let highest = points.filter(|(at, _)| *at >= from).filter_map(|(_, v)| *v).fold(0.0, f64::max);
    for mark in marks.iter_mut().filter(|m| m.at >= highest) {
        mark.role = Role::Muted;
    }
    if let Some((id, ..)) = lines.last()
        && let Some(normal) = model.launch.as_ref().and_then(|l| l.baselines.get(id))
    {
        let at = normal.median.get();
        marks.push(Mark { at, label: format!("normal {}", unit.show(at)), role: Role::Muted, over: None });
    }
    marks
}

/// Whether a condition is about what a chart of a probe's measure shows, or about the probe as a whole.
pub(super) fn watches(condition: &Condition, probe: &ProbeOutline, measure: &MeasureOutline) -> bool {
    let of = &condition.subject;
    let whole = !matches!(condition.test, Test::Compare { .. });
    let first = probe.measures.first().is_some_and(|m| m.name == measure.name);
    of.probe == probe.id && of.measure.as_ref().map_or(whole || first, |m| *m == measure.name)
}

/// What happened to the launch, the gravest first: ways back, severities, triggers, failed steps, gates, commands.
pub fn moments(model: &Model) -> Vec<Moment> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let g = model.glyphs;
    let mut found = Vec::new();
    for rollback in &launch.rollbacks {
        found.push(Moment { at: rollback.started, label: format!("{} back", g.undone), role: Role::Accent });
    }
    for incident in &launch.incidents {
        let role = if incident.level <= 2 { Role::Crit } else { Role::Warn };
        found.push(Moment { at: incident.opened, label: format!("SEV{}", incident.level), role });
    }
    for fired in launch.triggers.values().filter_map(|t| t.fired.as_ref()) {
        found.push(Moment { at: fired.at, label: format!("{} trigger", g.critical), role: Role::Crit });
    }
    for step in &launch.outline.steps {
        match launch.steps.get(&step.id).map(|s| &s.status) {
            Some(StepStatus::Failed { at, .. }) => {
                let sign = if launch.undo_failed(&step.id) { g.undo_failed } else { g.failed };
                found.push(Moment { at: *at, label: format!("{sign} {}", launch.word(&step.id)), role: Role::Crit });
            }
            Some(StepStatus::Done { at, .. }) if step.gate.is_some() => {
                found.push(Moment { at: *at, label: format!("{} go", g.decided), role: Role::Muted });
            }
            _ => {}
        }
    }
    for (run, state) in launch.runs.iter().filter(|(run, _)| run.kind == RunKind::Do) {
        if let Some(step) = launch.outline.steps.iter().find(|s| s.id == run.step) {
            let (short, more) = fit(&step.title, 14, g.more);
            let label = if more { format!("{short}{}", g.more) } else { short.to_owned() };
            found.push(Moment { at: state.started, label, role: Role::Muted });
        }
    }
    found
}
