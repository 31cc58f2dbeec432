//! The lines themselves, in Braille dots: two to a column, four to a row.

use super::{Chart, Plot, Points, Series, over, times};
use crate::core::time::{Span, Timestamp};
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::words;

/// What each half column of a line shows; none where nothing was measured.
pub type Values = Vec<Option<f64>>;

/// What the half columns of all lines show.
pub fn values(chart: &Chart<'_>, plot: &Plot) -> Vec<Values> {
    chart.series.iter().map(|s| buckets(chart, plot, s.points)).collect()
}

/// Draws all lines, the first on top.
pub fn draw(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, all: &[Values]) {
    for (series, values) in chart.series.iter().zip(all).rev() {
        line(pen, chart, plot, series, values);
    }
}

/// What each half column shows of a series: the largest value in it, or that nothing was measured.
fn buckets(chart: &Chart<'_>, plot: &Plot, points: &Points) -> Values {
    let n = usize::from(plot.columns) * 2;
    let from = chart.from;
    let wide = (chart.span.millis() as f64 / n as f64).max(1.0);
    let mut values: Values = vec![None; n];
    let mut before: Option<(usize, Timestamp, f64)> = None;
    for (at, value) in points {
        if *at < from || *at > chart.until() {
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
        && chart.now.since(when) <= chart.gap
    {
        let end = (chart.now.since(from).millis() as f64 / wide) as usize + 1;
        for slot in values.iter_mut().take(end).skip(j + 1) {
            *slot = Some(slot.unwrap_or(held));
        }
    }
    values
}

/// Shades the columns in which no series has a value though one had before, and says for how long.
pub fn gaps(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, all: &[Values]) {
    let known = |column: u16| {
        let i = usize::from(column) * 2;
        all.iter().any(|v| v.get(i).copied().flatten().is_some() || v.get(i + 1).copied().flatten().is_some())
    };
    let middle = plot.top + plot.rows / 2;
    let Some(first) = (0..plot.columns).find(|c| known(*c)) else {
        pen.cut(plot.left + 1, middle, "no data yet", plot.columns, Role::Unknown.style());
        return;
    };
    // What is to come is no gap.
    let end = times::column(chart, plot, chart.now).map_or(plot.columns, |now| (now + 1).min(plot.columns));
    let mut start = None;
    for column in first..=end {
        let empty = column < end && !known(column);
        if empty {
            for y in plot.top..plot.end().1 {
                let symbol = pen.glyphs.hatch;
                pen.cell(plot.left + column, y, symbol, Role::Rule.style());
            }
            start.get_or_insert(column);
        } else if let Some(from) = start.take()
            && column - from >= 7
        {
            let style = Role::Unknown.style();
            pen.cut(plot.left + from, middle, "no data", column - from, style);
            if plot.rows > 3 {
                let part = f64::from(column - from) / f64::from(plot.columns);
                let lasted = Span((chart.span.millis() as f64 * part) as i64);
                pen.cut(plot.left + from, middle + 1, &format!("~{}", words::short(lasted)), column - from, style);
            }
        }
    }
}

const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

fn line(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, series: &Series<'_>, values: &[Option<f64>]) {
    let columns = usize::from(plot.columns);
    // The dots of each cell, and the largest value among them.
    let mut cells = vec![(0_u8, f64::NEG_INFINITY); columns * usize::from(plot.rows)];
    let mut before: Option<u16> = None;
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else {
            before = None;
            continue;
        };
        let y = plot.dot(&chart.scale, *value);
        let (low, high) = match before {
            Some(b) if b < y => (b + 1, y),
            Some(b) if b > y => (y, b - 1),
            _ => (y, y),
        };
        if !(series.dotted && i % 2 == 1) {
            for dot in low..=high {
                let cell = &mut cells[usize::from(dot / 4) * columns + i / 2];
                cell.0 |= DOTS[i % 2][usize::from(dot % 4)];
                cell.1 = cell.1.max(*value);
            }
        }
        before = Some(y);
    }
    for (at, (dots, value)) in cells.iter().enumerate().filter(|(_, (dots, _))| *dots != 0) {
        let x = plot.left + u16::try_from(at % columns).unwrap_or(0);
        let y = plot.top + u16::try_from(at / columns).unwrap_or(0);
        let role = over(chart, *value).filter(|_| !series.dotted).unwrap_or(series.role);
        let mut bytes = [0; 4];
        let symbol: &str = if pen.glyphs.is_ascii() {
            if series.dotted { "." } else { "*" }
        } else {
            char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ').encode_utf8(&mut bytes)
        };
        let style = if series.dotted { role.style() } else { role.bold() };
        pen.cell(x, y, symbol, style);
    }
}
