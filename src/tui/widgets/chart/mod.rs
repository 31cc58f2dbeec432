//! A line chart over time: limits and a baseline named at the right, what happened named above, gaps shown as gaps.
//! Nothing is interpolated.

mod lines;
mod names;
mod scale;
mod times;

pub use scale::Scale;

use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words::Zone;

/// A value over time: when and what; none where nothing was measured.
pub type Points = [(Timestamp, Option<f64>)];

/// A line over time.
pub struct Series<'a> {
    /// What it is called, at its right end.
    pub label: &'a str,
    /// What was measured, oldest first.
    pub points: &'a Points,
    /// Why there is no data now; none where there is.
    pub why: Option<&'a str>,
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
    /// The colour of a line that is over it; none for a baseline.
    pub over: Option<Role>,
}

/// Something that happened: a vertical line with a name above it.
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What it is called.
    pub label: String,
    /// Its colour.
    pub role: Role,
}

/// What to draw.
pub struct Chart<'a> {
    /// The lines; the first lies on top.
    pub series: &'a [Series<'a>],
    /// Limits and baselines.
    pub marks: &'a [Mark],
    /// What happened, the most important first: its name is seen where two are too close.
    pub moments: &'a [Moment],
    /// How high a value stands.
    pub scale: Scale,
    /// The left end of the axis.
    pub from: Timestamp,
    /// How long the axis is.
    pub span: Span,
    /// Up to where anything can have been measured; the axis may go on behind it.
    pub now: Timestamp,
    /// Points further apart than this have a gap between them.
    pub gap: Span,
    /// How values are written.
    pub unit: Unit,
    /// For the axis.
    pub zone: &'a Zone,
    /// T-0, for a second axis where there is room.
    pub t0: Timestamp,
}

/// The part of the screen where lines are: its left column and its first row, columns and rows.
struct Plot {
    left: u16,
    top: u16,
    columns: u16,
    rows: u16,
}

impl Chart<'_> {
    /// The right end of the axis.
    fn until(&self) -> Timestamp {
        self.from + self.span
    }
}

impl Plot {
    /// The end of the plot: the column after it, the row after it.
    fn end(&self) -> (u16, u16) {
        (self.left + self.columns, self.top + self.rows)
    }

    /// The row of a value.
    fn row(&self, scale: &Scale, value: f64) -> u16 {
        self.top + self.dot(scale, value) / 4
    }

    /// The dot of a value, four to a row, counted from the top of the plot.
    fn dot(&self, scale: &Scale, value: f64) -> u16 {
        let dots = self.rows * 4 - 1;
        dots - ((scale.part(value) * f64::from(dots)).round() as u16).min(dots)
    }
}

/// Draws it over the whole of the pen's part: names of what happened, the plot, the axis, where there are rows for them.
pub fn draw(pen: &mut Pen<'_>, chart: &Chart<'_>) {
    let (all, rows) = (pen.width(), pen.height());
    if all < 8 || rows < 2 {
        return;
    }
    let above = u16::from(rows >= 8);
    let axes = u16::from(rows >= 4) + u16::from(rows >= 16);
    let inner = rows - above - axes;
    let ticks = chart.scale.ticks(chart.unit, inner);
    let left = ticks.iter().map(|(_, text)| width(text)).max().unwrap_or(0).max(if all >= 50 { 6 } else { 3 }) + 2;
    let mut plot = Plot { left, top: above, columns: 0, rows: inner };
    // The names of the lines stand where these end: at the right, or behind now where the axis goes on.
    let (lines, limits) = (names::of_lines(chart, &plot, all), names::of_limits(chart, &plot, all, &[]));
    plot.columns = all.saturating_sub(left + names::width_of(&limits)).max(1);
    let now = times::column(chart, &plot, chart.now).filter(|x| x + 2 + names::width_of(&lines) < plot.columns);
    let limits = if now.is_some() { limits } else { names::of_limits(chart, &plot, all, &lines) };
    let right = names::width_of(&limits).max(if now.is_some() { 0 } else { names::width_of(&lines) });
    if all <= left + right + 4 {
        return;
    }
    plot.columns = all - left - right;
    let now = now.map(|x| plot.left + x);
    let muted = Role::Muted.style();
    for (value, text) in &ticks {
        pen.right(left - 1, plot.row(&chart.scale, *value), text, muted);
    }
    // Where lines share a row the gravest is seen; it is drawn last.
    for mark in names::marks(chart).into_iter().rev() {
        let symbol = if mark.over.is_none() { pen.glyphs.baseline } else { pen.glyphs.limit };
        let role = if mark.role == Role::Muted { Role::Rule } else { mark.role };
        pen.line(left, plot.end().0, plot.row(&chart.scale, mark.at), symbol, role.style());
    }
    for y in plot.top..plot.end().1 {
        let bar = pen.glyphs.now;
        now.into_iter().for_each(|x| pen.cell(x, y, bar, Role::Rule.style()));
    }
    let values = lines::values(chart, &plot);
    lines::gaps(pen, chart, &plot, &values);
    // Without a name a line says nothing.
    if above > 0 {
        moments(pen, chart, &plot);
    }
    lines::draw(pen, chart, &plot, &values);
    names::draw(pen, &limits, plot.end().0 + 1);
    names::draw(pen, &lines, now.unwrap_or(plot.end().0) + if now.is_some() { 2 } else { 1 });
    if axes > 0 {
        times::draw(pen, chart, &plot, axes > 1);
    }
}

/// The colour of a value: of the gravest limit that it is over.
fn over(chart: &Chart<'_>, value: f64) -> Option<Role> {
    let mut passed = chart.marks.iter().filter(|m| value > m.at).filter_map(|m| m.over);
    let first = passed.next()?;
    Some(if passed.any(|r| r == Role::Crit) { Role::Crit } else { first })
}

fn moments(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot) {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for moment in chart.moments {
        let Some(x) = times::column(chart, plot, moment.at) else { continue };
        let style = (if moment.role == Role::Muted { Role::Rule } else { moment.role }).style();
        for y in plot.top..plot.end().1 {
            let symbol = pen.glyphs.moment;
            pen.cell(plot.left + x, y, symbol, style);
        }
        // A name begins at its line, or ends there where the plot does.
        let wide = width(&moment.label);
        let start = (plot.left + x).min(pen.width().saturating_sub(wide));
        let free = taken.iter().all(|(from, to)| start + wide + 1 < *from || start > to + 1);
        if free {
            pen.cut(start, 0, &moment.label, u16::MAX, moment.role.style());
            taken.push((start, start + wide));
        }
    }
}
