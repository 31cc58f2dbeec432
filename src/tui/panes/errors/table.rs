//! The lines of the chart in numbers, over the time that it shows.

use super::Line;
use crate::core::units::Unit;
use crate::tui::model::Model;
use crate::tui::panes::sign;
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::rows::show;
use crate::tui::words;

const COLUMN: u16 = 12;

/// Draws a head and a row for each line, of the points that are drawn: now, median, 95th percentile, largest; and the captured normal.
pub(super) fn draw(model: &Model, lines: &[Line<'_>], unit: Unit, pen: &mut Pen<'_>) {
    let names = 16.min(pen.width() / 4);
    let muted = Role::Muted.style();
    pen.put(5, 0, "as drawn", Role::Muted);
    for (i, word) in (1..).zip(["now", "median", "p95", "largest"]) {
        pen.right(names + i * COLUMN, 0, word, muted);
    }
    pen.cut(names + 4 * COLUMN + 4, 0, "normal", u16::MAX, muted);
    let from = model.chart_from();
    for (y, (id, label, role)) in (1..).zip(lines) {
        let Some(view) = model.readout.signals.get(id) else { continue };
        let (glyph, level) = sign(pen, view.level);
        pen.bold(3, y, glyph, level);
        let name = if label.is_empty() { id.probe.as_str() } else { label };
        pen.cut(5, y, name, names - 4, role.style());
        let points = model.traces.get(id).into_iter().flatten().filter(|(at, _)| *at >= from);
        let mut values: Vec<f64> = points.filter_map(|(_, v)| *v).collect();
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values.get((values.len().saturating_sub(1) as f64 * part).round() as usize);
        let say = |v: Option<&f64>| v.map_or_else(|| "?".to_owned(), |v| unit.show(*v));
        let now = Some(show(unit, view.last.as_ref())).filter(|s| !s.is_empty()).unwrap_or_else(|| "?".to_owned());
        let figures = [now, say(at(0.5)), say(at(0.95)), say(values.last())];
        for (i, text) in (1..).zip(figures) {
            let style = if i == 1 { role.style() } else { Role::Text.style() };
            pen.right(names + i * COLUMN, y, &text, style);
        }
        let normal = model.launch.as_ref().and_then(|l| l.baselines.get(id)).map_or_else(
            || "none captured".to_owned(),
            |b| format!("{} over {}, {} readings", unit.show(b.median.get()), words::long(b.over), b.samples),
        );
        pen.cut(names + 4 * COLUMN + 4, y, &normal, u16::MAX, muted);
    }
}
