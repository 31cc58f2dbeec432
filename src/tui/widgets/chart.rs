//! A line chart over time: limits and a baseline named at the right, gaps shown as gaps. Nothing is interpolated.

use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;
use crate::tui::words::Zone;

use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

/// A line over time.
pub struct Series<'a> {
    /// What it is called, at its right end.
    pub label: &'a str,
    /// When and what; none where nothing was measured.
    pub points: &'a [(Timestamp, Option<f64>)],
    /// Drawn with every second dot, for the old version.
    pub dotted: bool,
    /// Its colour.
    pub role: Role,
}

/// A horizontal line with a name.
pub struct Mark {
    /// Where.
    pub at: f64,
    /// What it is called.
    pub label: String,
    /// Its colour.
    pub role: Role,
    /// A baseline rather than a limit.
    pub baseline: bool,
}

/// What to draw.
pub struct Chart<'a> {
    /// The lines; the first lies on top.
    pub series: &'a [Series<'a>],
    /// Limits and baselines.
    pub marks: &'a [Mark],
    /// The right end of the axis.
    pub until: Timestamp,
    /// How long the axis is.
    pub span: Span,
    /// Points further apart than this have a gap between them.
    pub gap: Span,
    /// How values are written.
    pub unit: Unit,
    /// For the axis.
    pub zone: &'a Zone,
}

/// Columns for names at the right.
fn names(chart: &Chart<'_>, all: u16) -> u16 {
    let widest = chart.marks.iter().map(|m| width(&m.label)).chain(chart.series.iter().map(|s| width(s.label))).max();
    let room = widest.unwrap_or(0) + 1;
    if all < 30 { 0 } else { room.min(all / 4) }
}

/// The top of the axis: just over the largest value, or over the nearest limit above it.
fn top(chart: &Chart<'_>) -> f64 {
    let from = chart.until - chart.span;
    let largest = chart
        .series
        .iter()
        .flat_map(|s| s.points)
        .filter(|(at, _)| *at >= from)
        .filter_map(|(_, v)| *v)
        .fold(0.0, f64::max);
    let limit =
        chart.marks.iter().filter(|m| !m.baseline && m.at >= largest).map(|m| m.at).fold(f64::INFINITY, f64::min);
    let base = chart.marks.iter().filter(|m| m.baseline).map(|m| m.at).fold(0.0, f64::max);
    let top = if limit.is_finite() && limit < largest.max(1e-12) * 40.0 { limit } else { largest };
    let lowest = chart.marks.iter().filter(|m| !m.baseline).map(|m| m.at).fold(f64::INFINITY, f64::min);
    let top = if lowest.is_finite() { top.max(lowest) } else { top };
    let top = top.max(base);
    if top > 0.0 { top * 1.1 } else { 1.0 }
}

/// Draws it over the whole of the pen's part; the last row is the axis where there are at least five.
pub fn draw(pen: &mut Pen<'_>, chart: &Chart<'_>) {
    let (all, rows) = (pen.width(), pen.height());
    if all < 8 || rows < 2 {
        return;
    }
    let axis = rows >= 4;
    let rows = if axis { rows - 1 } else { rows };
    let top = top(chart);
    let high = chart.unit.show(top / 1.1);
    let left = width(&high).max(width(&chart.unit.show(0.0))) + if all >= 50 { 4 } else { 1 };
    let right = names(chart, all);
    if all <= left + right + 4 {
        return;
    }
    let plot = Plot { left, columns: all - left - right, rows, top };

    pen.right(left - 1, plot.row(top / 1.1), &high, pen.theme.style(Role::Muted));
    if rows > 2 {
        pen.right(left - 1, rows - 1, &chart.unit.show(0.0), pen.theme.style(Role::Muted));
    }
    let mut taken = Vec::new();
    for mark in chart.marks.iter().filter(|m| m.at <= top) {
        let y = plot.row(mark.at);
        let symbol = if mark.baseline { pen.glyphs.baseline } else { pen.glyphs.limit };
        let line = if mark.role == Role::Muted { Role::Rule } else { mark.role };
        pen.line(left, left + plot.columns, y, symbol, pen.theme.style(line));
        name(pen, &plot, &mut taken, y, &mark.label, mark.role);
    }
    gaps(pen, chart, &plot);
    for series in chart.series.iter().rev() {
        line(pen, chart, &plot, series);
    }
    for series in chart.series {
        if let Some((_, Some(v))) = series.points.last() {
            name(pen, &plot, &mut taken, plot.row(*v), series.label, series.role);
        }
    }
    if axis {
        times(pen, chart, &plot);
    }
}

struct Plot {
    left: u16,
    columns: u16,
    rows: u16,
    top: f64,
}

impl Plot {
    fn row(&self, value: f64) -> u16 {
        self.dot_y(value) / 4
    }

    fn dot_y(&self, value: f64) -> u16 {
        let dots = self.rows * 4 - 1;
        let up = (value / self.top).clamp(0.0, 1.0) * f64::from(dots);
        dots - (up.round() as u16).min(dots)
    }
}

/// A name at the right end of its line; a row further where another one has that place.
fn name(pen: &mut Pen<'_>, plot: &Plot, taken: &mut Vec<u16>, y: u16, label: &str, role: Role) {
    let free = [y, y + 1, y.saturating_sub(1), y + 2].into_iter().find(|y| *y < plot.rows && !taken.contains(y));
    if let Some(y) = free {
        taken.push(y);
        let style = if role == Role::Hi { pen.theme.style(Role::Hi) } else { pen.theme.style(role) };
        pen.cut(plot.left + plot.columns + 1, y, label, u16::MAX, style);
    }
}

/// What each half column shows of a series: the largest value in it, or that nothing was measured.
fn buckets(chart: &Chart<'_>, plot: &Plot, points: &[(Timestamp, Option<f64>)]) -> Vec<Option<f64>> {
    let n = usize::from(plot.columns) * 2;
    let from = chart.until - chart.span;
    let wide = (chart.span.millis() as f64 / n as f64).max(1.0);
    let mut values: Vec<Option<f64>> = vec![None; n];
    let mut before: Option<(usize, Timestamp, f64)> = None;
    for (at, value) in points {
        if *at < from || *at > chart.until {
            continue;
        }
        let i = ((at.since(from).millis() as f64 / wide) as usize).min(n - 1);
        let Some(value) = *value else {
            before = None;
            continue;
        };
        values[i] = Some(values[i].map_or(value, |v: f64| v.max(value)));
        // Between two readings that are close enough the first one still holds.
        if let Some((j, when, held)) = before
            && at.since(when) <= chart.gap
        {
            for slot in values.iter_mut().take(i).skip(j + 1) {
                *slot = Some(slot.unwrap_or(held));
            }
        }
        before = Some((i, *at, value));
    }
    if let Some((j, when, held)) = before
        && chart.until.since(when) <= chart.gap
    {
        for slot in values.iter_mut().skip(j + 1) {
            *slot = Some(slot.unwrap_or(held));
        }
    }
    values
}

/// Shades the columns in which no series has a value though one had before.
fn gaps(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot) {
    let all: Vec<Vec<Option<f64>>> = chart.series.iter().map(|s| buckets(chart, plot, s.points)).collect();
    let known = |column: u16| {
        let i = usize::from(column) * 2;
        all.iter().any(|v| v.get(i).copied().flatten().is_some() || v.get(i + 1).copied().flatten().is_some())
    };
    let Some(first) = (0..plot.columns).find(|c| known(*c)) else {
        pen.cut(plot.left + 1, plot.rows / 2, "no data yet", plot.columns, pen.theme.style(Role::Unknown));
        return;
    };
    let mut start = None;
    for column in first..=plot.columns {
        let empty = column < plot.columns && !known(column);
        if empty {
            for y in 0..plot.rows {
                pen.cell(plot.left + column, y, pen.glyphs.hatch, pen.theme.style(Role::Rule));
            }
            start.get_or_insert(column);
        } else if let Some(from) = start.take()
            && column - from >= 8
        {
            pen.cut(plot.left + from, plot.rows / 2, "no data", column - from, pen.theme.style(Role::Unknown));
        }
    }
}

const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

fn line(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, series: &Series<'_>) {
    let values = buckets(chart, plot, series.points);
    let limit =
        chart.marks.iter().filter(|m| !m.baseline && m.role == Role::Crit).map(|m| m.at).fold(f64::INFINITY, f64::min);
    let mut cells = vec![0_u8; usize::from(plot.columns) * usize::from(plot.rows)];
    let mut over = vec![false; cells.len()];
    let mut before: Option<u16> = None;
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else {
            before = None;
            continue;
        };
        let y = plot.dot_y(*value);
        let (low, high) = match before {
            Some(b) if b < y => (b + 1, y),
            Some(b) if b > y => (y, b - 1),
            _ => (y, y),
        };
        if !(series.dotted && i % 2 == 1) {
            for dot in low..=high {
                let at = usize::from(dot / 4) * usize::from(plot.columns) + i / 2;
                cells[at] |= DOTS[i % 2][usize::from(dot % 4)];
                over[at] |= *value > limit;
            }
        }
        before = Some(y);
    }
    for (at, dots) in cells.iter().enumerate().filter(|(_, d)| **d != 0) {
        let x = plot.left + u16::try_from(at % usize::from(plot.columns)).unwrap_or(0);
        let y = u16::try_from(at / usize::from(plot.columns)).unwrap_or(0);
        let role = if over[at] && !series.dotted { Role::Crit } else { series.role };
        let mut bytes = [0; 4];
        let symbol: &str = if pen.glyphs.is_ascii() {
            if series.dotted { "." } else { "*" }
        } else {
            char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ').encode_utf8(&mut bytes)
        };
        pen.cell(x, y, symbol, pen.theme.style(role));
    }
}

fn times(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot) {
    let n = (plot.columns / 14).clamp(1, 6);
    for i in 0..=n {
        let back = Span(chart.span.millis() / i64::from(n) * i64::from(n - i));
        let text = chart.zone.minutes(chart.until - back);
        let x = plot.left + (plot.columns * i / n).min(plot.columns);
        if i == n {
            pen.right(plot.left + plot.columns, plot.rows, &text, pen.theme.style(Role::Muted));
        } else if x + 12 < plot.left + plot.columns || i == 0 {
            pen.cut(x, plot.rows, &text, u16::MAX, pen.theme.style(Role::Muted));
        }
    }
}
