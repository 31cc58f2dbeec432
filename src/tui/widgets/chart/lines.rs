//! The lines themselves, in Braille dots: two to a column, four to a row.

use super::{Chart, Plot, Points, Series, over, times};
use crate::core::time::{Span, Timestamp};
use crate::tui::pen::{Pen, width};
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
    sampled(points, (chart.from, chart.span), chart.now, chart.gap, usize::from(plot.columns) * 2)
}

/// What was measured over a time in `n` equal parts: the largest value in each; between two readings no further apart
/// than `gap` the first one holds, and the newest does until `now`.
pub fn sampled(points: &Points, (from, span): (Timestamp, Span), now: Timestamp, gap: Span, n: usize) -> Values {
    let wide = (span.millis() as f64 / n.max(1) as f64).max(1.0);
    let mut values: Values = vec![None; n];
    let mut before: Option<(usize, Timestamp, f64)> = None;
    for (at, value) in points {
        if *at < from || *at > from + span || n == 0 {
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
            && at.since(when) <= gap
        {
            for slot in values.iter_mut().take(i).skip(j + 1) {
                *slot = Some(slot.unwrap_or(held));
            }
        }
        before = Some((i, *at, value));
    }
    if let Some((j, when, held)) = before
        && now.since(when) <= gap
    {
        let end = (now.since(from).millis() as f64 / wide) as usize + 1;
        for slot in values.iter_mut().take(end).skip(j + 1) {
            *slot = Some(slot.unwrap_or(held));
        }
    }
    values
}

/// Where a column of a line has a value.
fn has(values: &Values, column: u16) -> bool {
    let i = usize::from(column) * 2;
    values.iter().skip(i).take(2).any(Option::is_some)
}

/// Marks where nothing was measured though something was before, with for how long and, up to now, why: of all lines as
/// shaded columns; of one among others in the row of its last value, so that a baseline there looks like no line.
pub fn gaps(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, all: &[Values]) {
    let known = |column: u16| all.iter().any(|values| has(values, column));
    let middle = plot.top + plot.rows / 2;
    let Some(first) = (0..plot.columns).find(|c| known(*c)) else {
        let why = chart.series.iter().find_map(|series| series.why).filter(|why| *why != "never seen");
        let text = why.map_or_else(|| "no data yet".to_owned(), |why| format!("no data yet: {why}"));
        pen.cut(plot.left + 1, middle, &text, plot.columns.saturating_sub(1), Role::Unknown.style());
        return;
    };
    // What is to come is no gap.
    let end = times::column(chart, plot, chart.now).map_or(plot.columns, |now| (now + 1).min(plot.columns));
    let style = Role::Unknown.style();
    let lasted = |from: u16, to: u16| {
        let part = f64::from(to - from) / f64::from(plot.columns);
        words::short(Span((chart.span.millis() as f64 * part) as i64))
    };
    for (from, to) in runs(first, end, |column| !known(column)) {
        for column in from..to {
            for y in plot.top..plot.end().1 {
                let symbol = pen.glyphs.hatch;
                pen.cell(plot.left + column, y, symbol, style);
            }
        }
        if to - from < 7 {
            longest(pen, (plot.left + from, middle), to - from, &[format!("~{}", lasted(from, to))]);
        } else {
            let why = chart.series.iter().find_map(|series| series.why).filter(|_| to == end);
            let said = ["no data".to_owned(), format!("~{}", lasted(from, to)), why.unwrap_or_default().to_owned()];
            for (y, text) in (middle..plot.end().1).zip(said) {
                pen.cut(plot.left + from, y, &text, to - from, style);
            }
        }
    }
    for (series, values) in chart.series.iter().zip(all) {
        let Some(first) = (0..plot.columns).find(|column| has(values, *column)) else { continue };
        for (from, to) in runs(first, end, |column| known(column) && !has(values, column)) {
            let last = values.iter().take(usize::from(from) * 2).rev().find_map(|value| *value);
            let Some(y) = last.map(|value| plot.row(&chart.scale, value)) else { continue };
            let hatch = pen.glyphs.hatch;
            pen.line(plot.left + from, plot.left + to, y, hatch, style);
            let long = format!("~{}", lasted(from, to));
            let named = format!("{} no data {long}", series.label).trim_start().to_owned();
            let why = series.why.filter(|_| to == end).map(|why| format!("{named}: {why}"));
            let forms = [named, format!("no data {long}"), "no data".to_owned(), long];
            let forms: Vec<String> = why.into_iter().chain(forms).collect();
            longest(pen, (plot.left + from, y), to - from, &forms);
        }
    }
}

/// Puts the longest form that fits whole, if any does: of a cut one nobody learns anything.
fn longest(pen: &mut Pen<'_>, (x, y): (u16, u16), room: u16, forms: &[String]) {
    if let Some(form) = forms.iter().find(|form| width(form) <= room) {
        pen.put(x, y, form, Role::Unknown);
    }
}

/// The runs of columns of which something is true: from, and the column after the last.
fn runs(first: u16, end: u16, is_so: impl Fn(u16) -> bool) -> Vec<(u16, u16)> {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for column in (first..end).filter(|column| is_so(*column)) {
        match runs.last_mut() {
            Some((_, to)) if *to == column => *to += 1,
            _ => runs.push((column, column + 1)),
        }
    }
    runs
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

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::super::{Mark, Scale, draw as draw_chart};
    use super::*;
    use crate::core::units::Unit;
    use crate::tui::glyphs::UNICODE;
    use crate::tui::words::Zone;

    #[test]
    fn a_line_that_ends_while_others_go_on_has_a_gap_with_its_reason() {
        let at = |s: i64| Timestamp(s * 1000);
        let blue: Vec<_> = (0..100).map(|s| (at(s), Some(0.01))).collect();
        let green: Vec<_> = (0..100).map(|s| (at(s), Some(0.03).filter(|_| s < 40))).collect();
        let line = |label, points, why, dotted| Series { label, points, why, dotted, role: Role::Hi };
        let series = [line("green", &green[..], Some("NaN"), false), line("blue", &blue[..], None, true)];
        let normal = [Mark { at: 0.03, label: "normal 3 %".into(), role: Role::Muted, over: None }];
        let zone = Zone::default();
        let chart = Chart {
            series: &series,
            marks: &normal,
            moments: &[],
            scale: Scale::of(&series, &normal, at(0), false),
            from: at(0),
            span: Span::secs(100),
            now: at(100),
            gap: Span::secs(3),
            unit: Unit::Percent,
            zone: &zone,
            t0: at(0),
            cursor: None,
            margin: 0,
        };
        let drawn = |columns: u16| {
            let area = Rect::new(0, 0, columns, 12);
            let mut buffer = Buffer::empty(area);
            draw_chart(&mut Pen::new(&mut buffer, area, &UNICODE), &chart);
            crate::tui::tests::rows(&buffer)
        };
        // The longest that fits whole.
        for columns in 30..100 {
            let rows = drawn(columns);
            let said = rows.iter().any(|row| row.contains("no data") || row.contains('~'));
            assert!(said && !rows.iter().any(|row| row.contains('…')), "{columns}: {rows:#?}");
        }
        let row = |columns| drawn(columns).into_iter().find(|row| row.contains("green no data ~"));
        assert!(row(70).is_some_and(|row| row.contains(": NaN")) && row(52).is_some_and(|row| !row.contains("NaN")));
        let rows = drawn(100);
        let row = rows.iter().find(|row| row.contains("green no data ~")).unwrap_or_else(|| panic!("{rows:#?}"));
        assert!(row.contains(": NaN░"), "{row}");
        assert!(row.contains("normal 3 %") && !row.contains('┈'), "the normal runs on beneath: {row}");
    }
}
