//! How high a value stands: linear from 0, or logarithmic where decades differ.

use super::{Mark, Series};
use crate::core::time::Timestamp;
use crate::core::units::Unit;

/// How high a value stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The value at the bottom: 0, or a power of ten on a logarithmic one.
    low: f64,
    /// The value at the top.
    high: f64,
    /// Each step up is so many times more.
    pub log: bool,
}

impl Scale {
    /// For what was measured since `from`: it ends just over the largest value, or over the nearest limit above it. With
    /// `log` it may be logarithmic, and does where values and limits are two decades apart.
    pub fn of(series: &[Series<'_>], marks: &[Mark], from: Timestamp, log: bool) -> Self {
        let values = || {
            let points = series.iter().flat_map(|s| s.points).filter(move |(at, _)| *at >= from);
            points.filter_map(|(_, v)| *v).filter(|v| v.is_finite())
        };
        let limits = || marks.iter().filter(|m| m.over.is_some()).map(|m| m.at);
        let largest = values().fold(0.0, f64::max);
        let base = marks.iter().filter(|m| m.over.is_none()).map(|m| m.at).fold(0.0, f64::max);
        if log {
            let high = limits().fold(largest.max(base), f64::max);
            let low = values().chain(limits()).filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
            if low.is_finite() && high / low >= 100.0 {
                let low = decade(low.max(high / 1e5));
                return Self { low, high: high * 1.3, log: true };
            }
        }
        let nearest = limits().filter(|l| *l >= largest).fold(f64::INFINITY, f64::min);
        let lowest = limits().fold(f64::INFINITY, f64::min);
        let mut top = largest.max(base);
        if lowest.is_finite() {
            top = top.max(lowest);
        }
        if nearest.is_finite() && nearest < largest.max(1e-12) * 40.0 {
            top = top.max(nearest);
        }
        Self { low: 0.0, high: if top > 0.0 { top * 1.1 } else { 1.0 }, log: false }
    }

    /// Where a value stands, from 0 (bottom) to 1 (top); what is outside stands at the edge.
    pub fn part(&self, value: f64) -> f64 {
        let part = if self.log {
            (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            value / self.high
        };
        if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Whether a value is inside.
    pub fn shows(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Round values with what they are called, lowest first, for a plot of so many rows.
    pub fn ticks(&self, unit: Unit, rows: u16) -> Vec<(f64, String)> {
        let mut ticks = Vec::new();
        if self.log {
            let mut at = self.low;
            while at <= self.high && ticks.len() < 8 {
                ticks.push((at, tidy(&unit.show(at))));
                at *= 10.0;
            }
            return ticks;
        }
        let step = step(self.high, (rows / 3).clamp(1, 5));
        let count = ((self.high / step + 1e-9) as u32).min(8);
        ticks.extend((0..=count).map(|i| (f64::from(i) * step, tidy(&unit.show(f64::from(i) * step)))));
        // Two rows can't carry three names.
        if rows < 3 {
            ticks = ticks.into_iter().rev().take(1).collect();
        }
        ticks
    }
}

fn decade(value: f64) -> f64 {
    10_f64.powf(value.log10().floor())
}

/// A round step, so that about `count` of them reach the top.
fn step(high: f64, count: u16) -> f64 {
    let raw = high / f64::from(count) * 0.9;
    let base = decade(raw);
    let up = [1.0, 2.0, 5.0, 10.0].map(|n| n * base).into_iter().find(|s| *s >= raw).unwrap_or(raw);
    if up <= high {
        return up;
    }
    [5.0, 2.0, 1.0].map(|n| n * base).into_iter().find(|s| *s <= high).unwrap_or(high)
}

/// `0.50 %` as `0.5 %`: a round value needs no more figures.
pub fn tidy(text: &str) -> String {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::role::Role;

    fn scale(values: &[f64], limits: &[f64], log: bool) -> Scale {
        let points: Vec<_> = values.iter().map(|v| (Timestamp(1), Some(*v))).collect();
        let series = [Series { label: "", points: &points, why: None, dotted: false, role: Role::Hi }];
        let mark = |at: &f64| Mark { at: *at, label: String::new(), role: Role::Crit, over: Some(Role::Crit) };
        let marks: Vec<_> = limits.iter().map(mark).collect();
        Scale::of(&series, &marks, Timestamp(0), log)
    }

    fn names(scale: Scale, rows: u16) -> Vec<String> {
        scale.ticks(Unit::Percent, rows).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn the_axis_has_round_values() {
        assert_eq!(names(scale(&[0.0006], &[0.01, 0.05], false), 8), ["0 %", "0.5 %", "1 %"]);
        assert_eq!(names(scale(&[0.061], &[0.01, 0.05], false), 8), ["0 %", "5 %"]);
        assert_eq!(names(scale(&[0.0006], &[0.01], false), 2), ["1 %"]);
        assert_eq!(names(scale(&[], &[], false), 3), ["0 %", "100 %"]);
        assert_eq!(names(scale(&[0.0006, 0.061], &[0.01, 0.05], true), 20), ["0.01 %", "0.1 %", "1 %"]);
    }

    #[test]
    fn a_near_limit_is_seen_and_a_far_one_does_not_flatten_the_line() {
        assert!(scale(&[0.03], &[0.01, 0.05], false).shows(0.05));
        assert!(!scale(&[0.0006], &[0.01, 0.05], false).shows(0.05));
        assert!(!scale(&[0.03], &[0.05], true).log, "one decade needs no logarithm");
    }

    #[test]
    fn nothing_odd_comes_of_odd_values() {
        for values in [&[][..], &[0.0], &[-1.0], &[1e300], &[1e-300, 1e300]] {
            for log in [false, true] {
                let scale = scale(values, &[0.0], log);
                assert!((0.0..=1.0).contains(&scale.part(values.first().copied().unwrap_or(0.0))), "{scale:?}");
                assert!(scale.ticks(Unit::Percent, 8).len() < 10);
            }
        }
    }
}
