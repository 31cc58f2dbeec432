//! The names at the right of a chart. Each stands in the row of its line and nowhere else; side by side where lines share
//! a row. What has no room there is left out: a name beside another line would be false.

use super::{Chart, Mark, Plot, over};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;

/// A name in its row.
pub(super) struct Name {
    row: u16,
    /// Counted from the first column of the names.
    column: u16,
    text: String,
    role: Role,
    bold: bool,
}

impl Name {
    fn new(row: u16, text: &str, role: Role, bold: bool) -> Self {
        Self { row, column: 0, text: text.to_owned(), role, bold }
    }
}

/// Limits and baselines that are seen, in the order of their weight: what was crossed, the graver first; what sleeps;
/// the baseline.
pub(super) fn marks<'a>(chart: &'a Chart<'_>) -> Vec<&'a Mark> {
    let mut marks: Vec<&Mark> = chart.marks.iter().filter(|m| chart.scale.shows(m.at)).collect();
    marks.sort_by_key(|m| match (m.over, m.role) {
        (None, _) => 3,
        (_, Role::Muted) => 2,
        (Some(Role::Crit), _) => 0,
        _ => 1,
    });
    marks
}

/// The names of the lines, for a chart of so many columns.
pub(super) fn of_lines(chart: &Chart<'_>, plot: &Plot, all: u16) -> Vec<Name> {
    let mut names = Vec::new();
    for series in chart.series {
        let last = series.points.iter().rev().find(|(at, _)| *at <= chart.until());
        let Some((_, Some(value))) = last else { continue };
        let role = over(chart, *value).filter(|_| !series.dotted).unwrap_or(series.role);
        let row = plot.row(&chart.scale, *value);
        add(&mut names, &[], all, Name::new(row, series.label, role, !series.dotted));
    }
    names
}

/// The names of limits and baselines, beside those names that stand there already.
pub(super) fn of_limits(chart: &Chart<'_>, plot: &Plot, all: u16, beside: &[Name]) -> Vec<Name> {
    let mut names = Vec::new();
    for mark in marks(chart) {
        let row = plot.row(&chart.scale, mark.at);
        add(&mut names, beside, all, Name::new(row, &mark.label, mark.role, false));
    }
    names
}

/// One more name, behind those in its row, if there is room for it.
fn add(names: &mut Vec<Name>, beside: &[Name], all: u16, name: Name) {
    let room = if all < 30 { 0 } else { (all * 2 / 5).min(36) };
    let taken = names.iter().chain(beside).filter(|n| n.row == name.row).map(|n| n.column + width(&n.text) + 1).max();
    let column = taken.unwrap_or(0);
    if !name.text.is_empty() && column + width(&name.text) <= room {
        names.push(Name { column, ..name });
    }
}

/// Columns that they need, with the blank before them.
pub(super) fn width_of(names: &[Name]) -> u16 {
    names.iter().map(|n| n.column + width(&n.text) + 1).max().unwrap_or(0)
}

/// Draws them from a column on.
pub(super) fn draw(pen: &mut Pen<'_>, names: &[Name], x: u16) {
    for name in names {
        let style = if name.bold { name.role.bold() } else { name.role.style() };
        pen.cut(x + name.column, name.row, &name.text, u16::MAX, style);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scale, Series};
    use super::*;
    use crate::core::time::{Span, Timestamp};
    use crate::core::units::Unit;
    use crate::tui::words::Zone;

    #[test]
    fn a_name_stands_in_the_row_of_its_line_or_nowhere() {
        let points = [(Timestamp(1), Some(0.47))];
        let mark = |at: f64, label: &str, role| Mark { at, label: label.into(), role, over: Some(role) };
        let marks = [mark(0.01, "warn 1 %", Role::Warn), mark(0.05, "crit 5 %", Role::Crit)];
        let series = [Series { label: "green", points: &points, why: None, dotted: false, role: Role::Hi }];
        let chart = Chart {
            series: &series,
            marks: &marks,
            moments: &[],
            scale: Scale::of(&series, &marks, Timestamp(0), false),
            from: Timestamp(0) - Span::secs(59),
            span: Span::secs(60),
            now: Timestamp(1),
            gap: Span::secs(6),
            unit: Unit::Percent,
            zone: &Zone::default(),
            t0: Timestamp(0),
            cursor: None,
            margin: 0,
        };
        for rows in 2..20 {
            let plot = Plot { left: 8, top: 1, columns: 0, rows };
            for all in [20, 38, 62, 120] {
                let lines = of_lines(&chart, &plot, all);
                let limits = of_limits(&chart, &plot, all, &lines);
                for name in lines.into_iter().chain(limits) {
                    let at = marks.iter().find(|m| m.label == name.text).map_or(0.47, |m| m.at);
                    assert_eq!(name.row, plot.row(&chart.scale, at), "{} at {rows} rows", name.text);
                }
            }
            let named = of_limits(&chart, &plot, 62, &of_lines(&chart, &plot, 62));
            assert!(named.iter().any(|n| n.text == "crit 5 %"), "the graver limit is named, {rows} rows");
        }
    }
}
