//! The axis of time: round times of day, and the launch's own clock below them where there is room.

use super::{Chart, Plot};
use crate::core::time::{Span, Timestamp};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// Steps of the axis, in seconds.
const STEPS: [i64; 14] = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800];

/// The column of a moment, counted from the left of the plot; none where it is outside.
pub fn column(chart: &Chart<'_>, plot: &Plot, at: Timestamp) -> Option<u16> {
    if at < chart.from || at > chart.until() {
        return None;
    }
    let part = at.since(chart.from).millis() as f64 / chart.span.millis().max(1) as f64;
    Some(((part * f64::from(plot.columns)) as u16).min(plot.columns - 1))
}

/// Draws it below the plot.
pub fn draw(pen: &mut Pen<'_>, chart: &Chart<'_>, plot: &Plot, launch_clock: bool) {
    let most = i64::from(plot.columns / 11).max(1);
    let step = STEPS.into_iter().map(Span::secs).find(|s| chart.span.millis() <= s.millis() * most);
    let step = step.unwrap_or(Span(chart.span.millis() / most)).max(Span(1));
    let muted = Role::Muted.style();
    let (end, y) = plot.end();
    let wall = |at: Timestamp| (at + chart.zone.wall).0;
    let from = chart.from;
    // The first round time of day in the plot.
    let mut at = from + Span((step.0 - wall(from).rem_euclid(step.0)) % step.0);
    let mut free = plot.left;
    while at <= chart.until() {
        let text = if step < Span::mins(1) {
            chart.zone.seconds(at)
        } else if chart.span > Span::mins(24 * 60) {
            chart.zone.in_column(at, chart.now)
        } else {
            chart.zone.minutes(at)
        };
        let x = plot.left + column(chart, plot, at).unwrap_or(0);
        if x >= free && x + width(&text) <= end {
            free = pen.cut(x, y, &text, u16::MAX, muted) + 2;
            if launch_clock {
                let clock = words::t_clock(at.since(chart.t0), chart.span <= Span::mins(15));
                if x + width(&clock) <= end {
                    pen.cut(x, y + 1, &clock, u16::MAX, muted);
                }
                free = free.max(x + width(&clock) + 2);
            }
        }
        at = at + step;
    }
}
