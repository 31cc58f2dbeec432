//! A line chart over time: limits and a baseline named at the right, what happened named above, gaps shown as gaps.
//! Nothing is interpolated.

mod lines;
mod names;
mod scale;
mod times;

pub use lines::sampled;
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
    /// The moment that a person looks at.
    pub cursor: Option<Timestamp>,
    /// Columns left of the plot at least, for the names of what stands below.
    pub margin: u16,
}

/// The time axis on the screen, for what is drawn below a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The column of its left end.
    pub left: u16,
    /// How many columns it has.
    pub columns: u16,
    /// The moment at its left end.
    pub from: Timestamp,
    /// How long it is.
    pub span: Span,
}

impl Axis {
    /// How long a column is.
    pub fn step(&self) -> Span {
        Span((self.span.millis() / i64::from(self.columns.max(1))).max(1))
    }

    /// The column of a moment, counted from the left of the pen; of one outside the nearer end.
    pub fn at(&self, at: Timestamp) -> u16 {
        let part = at.since(self.from).millis() as f64 / self.span.millis().max(1) as f64;
        self.left + ((part * f64::from(self.columns)) as u16).min(self.columns.saturating_sub(1))
    }
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

/// What stands where.
struct Frame {
    plot: Plot,
    ticks: Vec<(f64, String)>,
    lines: Vec<names::Name>,
    limits: Vec<names::Name>,
    /// The column of the present moment, where the axis goes on behind it.
    now: Option<u16>,
    /// Rows of the axis.
    axes: u16,
}

/// Divides so many columns and rows; none where they are too few.
fn frame(chart: &Chart<'_>, all: u16, rows: u16) -> Option<Frame> {
    if all < 8 || rows < 2 {
        return None;
    }
    let above = u16::from(rows >= 8);
    let axes = u16::from(rows >= 4) + u16::from(rows >= 16);
    let inner = rows - above - axes;
    let ticks = chart.scale.ticks(chart.unit, inner);
    let left = ticks.iter().map(|(_, text)| width(text)).max().unwrap_or(0).max(if all >= 50 { 6 } else { 3 });
    let left = left.max(chart.margin) + 2;
    let mut plot = Plot { left, top: above, columns: 0, rows: inner };
    // The names of the lines stand where these end: at the right, or behind now where the axis goes on.
    let (lines, limits) = (names::of_lines(chart, &plot, all), names::of_limits(chart, &plot, all, &[]));
    plot.columns = all.saturating_sub(left + names::width_of(&limits)).max(1);
    let now = times::column(chart, &plot, chart.now).filter(|x| x + 2 + names::width_of(&lines) < plot.columns);
    let limits = if now.is_some() { limits } else { names::of_limits(chart, &plot, all, &lines) };
    let right = names::width_of(&limits).max(if now.is_some() { 0 } else { names::width_of(&lines) });
    if all <= left + right + 4 {
        return None;
    }
    plot.columns = all - left - right;
    let now = now.map(|x| plot.left + x);
    Some(Frame { plot, ticks, lines, limits, now, axes })
}

/// The time axis of a chart over so many columns and rows; none where there is no room for one.
pub fn axis(chart: &Chart<'_>, all: u16, rows: u16) -> Option<Axis> {
    frame(chart, all, rows).map(|frame| frame.axis(chart))
}

impl Frame {
    fn axis(&self, chart: &Chart<'_>) -> Axis {
        Axis { left: self.plot.left, columns: self.plot.columns, from: chart.from, span: chart.span }
    }
}

/// Draws it over the whole of the pen's part: names of what happened, the plot, the axis, where there are rows for them.
/// Says where its axis is.
pub fn draw(pen: &mut Pen<'_>, chart: &Chart<'_>) -> Option<Axis> {
    let frame = frame(chart, pen.width(), pen.height())?;
    let plot = &frame.plot;
    let muted = Role::Muted.style();
    for (value, text) in &frame.ticks {
        pen.right(plot.left - 1, plot.row(&chart.scale, *value), text, muted);
    }
    // Where lines share a row the gravest is seen; it is drawn last.
    for mark in names::marks(chart).into_iter().rev() {
        let symbol = if mark.over.is_none() { pen.glyphs.baseline } else { pen.glyphs.limit };
        let role = if mark.role == Role::Muted { Role::Rule } else { mark.role };
        pen.line(plot.left, plot.end().0, plot.row(&chart.scale, mark.at), symbol, role.style());
    }
    for y in plot.top..plot.end().1 {
        let bar = pen.glyphs.now;
        frame.now.into_iter().for_each(|x| pen.cell(x, y, bar, Role::Rule.style()));
    }
    let values = lines::values(chart, plot);
    lines::gaps(pen, chart, plot, &values);
    // Without a name a line says nothing.
    if plot.top > 0 {
        moments(pen, chart, plot);
    }
    let cursor = chart.cursor.and_then(|at| times::column(chart, plot, at));
    for (x, y) in cursor.into_iter().flat_map(|x| (plot.top..plot.end().1).map(move |y| (plot.left + x, y))) {
        let bar = pen.glyphs.cursor;
        pen.cell(x, y, bar, Role::Accent.style());
    }
    lines::draw(pen, chart, plot, &values);
    names::draw(pen, &frame.limits, plot.end().0 + 1);
    names::draw(pen, &frame.lines, frame.now.unwrap_or(plot.end().0) + if frame.now.is_some() { 2 } else { 1 });
    if frame.axes > 0 {
        times::draw(pen, chart, plot, frame.axes > 1);
    }
    Some(frame.axis(chart))
}

/// The colour of a value: of the gravest limit that it is over.
fn over(chart: &Chart<'_>, value: f64) -> Option<Role> {
    let mut passed = chart.marks.iter().filter(|m| value > m.at).filter_map(|m| m.over);
    let first = passed.next()?;
    Some(if passed.any(|r| r == Role::Crit) { Role::Crit } else { first })
}

fn moments(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot) {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    if let Some((x, at)) = chart.cursor.and_then(|at| Some((times::column(chart, plot, at)?, at))) {
        let text = chart.zone.seconds(at);
        let start = (plot.left + x).min(pen.width().saturating_sub(width(&text)));
        pen.bold(start, 0, &text, Role::Accent);
        taken.push((start, start + width(&text)));
    }
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
