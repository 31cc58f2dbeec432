//! The lines of the chart in numbers, over the time that it shows.

use super::Line;
use crate::core::ids::SignalId;
use crate::core::outline::Pane;
use crate::core::units::Unit;
use crate::tui::model::Model;
use crate::tui::panes::sign_of;
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::rows::show;
use crate::tui::words;

/// Draws a head and a row for each line, of the points that are drawn: the value of now or of the
/// cursor's moment, median, 95th percentile, largest; on how much it rests; and the captured normal.
pub(super) fn draw(model: &Model, lines: &[Line<'_>], unit: Unit, pen: &mut Pen<'_>) {
    let names = 16.min(pen.width() / 4);
    let column = if pen.width() < 100 { 10 } else { 12 };
    let muted = Role::Muted.style();
    pen.put(5, 0, "as drawn", Role::Muted);
    let when = model.cursor().map_or_else(|| "now".to_owned(), |at| model.zone.seconds(at));
    for (i, word) in (1..).zip([when.as_str(), "median", "p95", "largest"]) {
        let style = if i == 1 && model.cursor().is_some() { Role::Accent.bold() } else { muted };
        pen.right(names + i * column, 0, word, style);
    }
    // On how much it rests, where that is measured.
    let counted = lines.first().and_then(|(id, ..)| {
        let probe = model.outline()?.probe(&id.probe).filter(|probe| probe.pane == Pane::Errors)?;
        probe.measures.iter().skip(1).find(|m| m.unit == Unit::Count)
    });
    let figures = if counted.is_some() { 5 } else { 4 };
    let normal_at = names + figures * column + 4;
    if let Some(counted) = counted {
        pen.right(names + figures * column, 0, counted.name.as_str(), muted);
    }
    pen.cut(normal_at, 0, "normal", u16::MAX, muted);
    let from = model.chart_from();
    let until = from + model.chart_span();
    for (y, (id, label, role)) in (1..).zip(lines) {
        let Some(view) = model.readout.signals.get(id) else { continue };
        let (glyph, level) = sign_of(model, pen, view.level);
        pen.bold(3, y, glyph, level);
        let name = if label.is_empty() { id.probe.as_str() } else { label };
        pen.cut(5, y, name, names - 4, role.style());
        let points = model.traces.get(id).into_iter().flatten().filter(|(at, _)| *at >= from && *at <= until);
        let mut values: Vec<f64> = points.filter_map(|(_, v)| *v).collect();
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values.get((values.len().saturating_sub(1) as f64 * part).round() as usize);
        let say = |v: Option<&f64>| v.map_or_else(|| "?".to_owned(), |v| unit.show(*v));
        let now = Some(show(unit, view.last.as_ref())).filter(|s| !s.is_empty()).unwrap_or_else(|| "?".to_owned());
        let figures = [now, say(at(0.5)), say(at(0.95)), say(values.last())];
        for (i, text) in (1..).zip(figures) {
            let style = if i == 1 { role.style() } else { Role::Text.style() };
            pen.right(names + i * column, y, &text, style);
        }
        if let Some(counted) = counted {
            let view = model.readout.signals.get(&SignalId { measure: counted.name.clone(), ..id.clone() });
            let count = view.map_or_else(String::new, |view| show(counted.unit, view.last.as_ref()));
            let count = if count.is_empty() { "?".to_owned() } else { count };
            pen.right(names + 5 * column, y, &count, Role::Text.style());
        }
        let normal = model.launch.as_ref().and_then(|l| l.baselines.get(id)).map_or_else(
            || "none captured".to_owned(),
            |b| format!("{} over {}, {} readings", unit.show(b.median.get()), words::long(b.over), b.samples),
        );
        pen.cut(normal_at, y, &normal, u16::MAX, muted);
    }
}
