//! What the war room shows of the charts: the worst error rate in numbers, and as a line over time.

use super::{Of, charted, marks};
use crate::core::launch::answers::Words;
use crate::core::outline::ProbeOutline;
use crate::core::reading::Level;
use crate::tui::model::{Model, PaneId};
use crate::tui::panes::level_word;
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::rows::{INJECTED, nothing_of, of_probe, show};
use crate::tui::war::figures::{Figure, beside, role_of};
use crate::tui::widgets::chart;
use crate::tui::words;

/// The worst of the error rates.
fn worst(model: &Model) -> Option<Of<'_>> {
    let probes = charted(model, PaneId::Errors, false);
    let level = |probe: &ProbeOutline| of_probe(&model.readout, &probe.id).map(|view| view.level).max();
    // Of those that are as bad the first.
    let at = (0..probes.len()).rev().max_by_key(|at| level(probes[*at]))?;
    Of::at(model, &probes, at, false)
}

/// The error rate of the new version, of the old one, and the limit that is next; nothing where none is measured.
pub fn figures(model: &Model) -> Vec<Figure> {
    let Some(of) = worst(model) else { return Vec::new() };
    let mut found = Vec::new();
    for (id, label, role) in of.lines.iter().take(2) {
        let Some(view) = model.readout.signals.get(id) else { continue };
        let unknown = view.level == Level::Unknown;
        let value = Some(show(of.unit, view.last.as_ref())).filter(|value| !unknown && !value.is_empty());
        let injected = if view.injected { INJECTED } else { "" };
        let was = view.was.as_ref().or(view.last.as_ref()).map(|was| show(of.unit, Some(was)));
        let pending = view.pending.map(|p| words::far(p.lasted, p.needs)).unwrap_or_default();
        found.push(Figure {
            name: names(injected, &of.probe.title, label),
            value: value.unwrap_or_else(|| level_word(Level::Unknown).to_owned()),
            role: role_of(view.level, *role),
            level: Some(view.level),
            beside: beside(model, view.level, &pending, (was.as_deref(), view.why.as_deref()), view.at),
        });
    }
    if found.is_empty() {
        let (name, value) = (of.probe.title.clone().into(), level_word(Level::Unknown).to_owned());
        let forgotten = model.launch.as_ref().map_or(&[][..], |launch| &launch.forgotten);
        let beside = nothing_of(&of.probe.id, forgotten).into();
        found.push(Figure { name, value, role: Role::Unknown, level: Some(Level::Unknown), beside });
    }
    found.extend(limit(model, &of));
    found
}

/// What a line is called: with what is measured, else by its version alone.
fn names(injected: &str, title: &str, label: &str) -> Words {
    let long = format!("{injected}{title} {label}").trim_end().to_owned();
    if label.is_empty() { long.into() } else { Words::of([long, format!("{injected}{label}")]) }
}

/// The lowest limit: it is the one that is met first, and it stays the same one when it is.
fn limit(model: &Model, of: &Of<'_>) -> Option<Figure> {
    let marks = marks::limits_of(model, model.outline()?, (of.probe, of.measure), &of.lines);
    let mark = marks.into_iter().filter(|mark| mark.over.is_some()).min_by(|a, b| a.at.total_cmp(&b.at))?;
    let word = mark.label.split(' ').next().unwrap_or_default();
    let (name, value) = (format!("limit, {word}").into(), of.unit.show(mark.at));
    Some(Figure { name, value, role: Role::Muted, level: None, beside: Words::default() })
}

/// Draws the worst over time, below a rule that names it.
pub fn bare(model: &Model, pen: &mut Pen<'_>) {
    let Some(of) = worst(model) else { return };
    let wide = pen.width();
    let since = format!("since {}", model.zone.minutes(model.chart_from()));
    let x = pen.put(0, 0, &of.probe.title, Role::Muted);
    let end = pen.right(wide, 0, &since, Role::Muted.style());
    let rule = pen.glyphs.rule;
    pen.line(x + 1, end.saturating_sub(1), 0, rule, Role::Rule.style());
    let rows = pen.height().saturating_sub(1);
    of.chart(model, rows, |chart| chart::draw(&mut pen.part(0, 1, wide, rows), chart));
}
