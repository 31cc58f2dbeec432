//! Times and numbers as the screen writes them.

use chrono::Local;

use crate::core::time::{Span, Timestamp};
use crate::core::wall::{self, in_zone};
pub use crate::core::words::{about, age, clock, count, long, short};

/// `T+00:42:10`, or `T-1d 02:00:00` before; without seconds where `seconds` is false.
pub fn t_clock(span: Span, seconds: bool) -> String {
    let sign = if span < Span::ZERO { '-' } else { '+' };
    // Before T-0 the clock runs down to 0: a part of what it shows still counts, and nothing reads T-0 before T-0.
    let shown = if seconds { 1 } else { 60 };
    let s = if span < Span::ZERO {
        span.millis().unsigned_abs().div_ceil(shown * 1000) * shown
    } else {
        span.millis().unsigned_abs() / 1000
    };
    let days = if s >= 86_400 { format!("{}d ", s / 86_400) } else { String::new() };
    let (h, m, s) = (s / 3600 % 24, s / 60 % 60, s % 60);
    if seconds { format!("T{sign}{days}{h:02}:{m:02}:{s:02}") } else { format!("T{sign}{days}{h:02}:{m:02}") }
}

/// The keys that choose one of so many: `1 2 3`, `1-7`.
pub fn numbers(of: usize) -> String {
    let of = of.clamp(1, 9);
    if of <= 4 { (1..=of).map(|n| n.to_string()).collect::<Vec<_>>().join(" ") } else { format!("1-{of}") }
}

/// How far a clock is: `0:02/0:04`.
pub fn far(lasted: Span, needs: Span) -> String {
    format!("{}/{}", clock(lasted), clock(needs))
}

/// The time of day in the people's zone.
#[derive(Clone, Debug, Default)]
pub struct Zone {
    name: Option<chrono_tz::Tz>,
    /// What to add to the launch's timeline for the wall clock.
    pub wall: Span,
}

impl Zone {
    /// The plan's zone, or the client's own.
    pub fn new(name: Option<&str>, wall: Span) -> Self {
        Self { name: name.and_then(|n| n.parse().ok()), wall }
    }

    fn format(&self, at: Timestamp, form: &str) -> String {
        match self.name {
            Some(zone) => in_zone(&zone, at + self.wall).format(form).to_string(),
            None => in_zone(&Local, at + self.wall).format(form).to_string(),
        }
    }

    /// `02:42:10`
    pub fn seconds(&self, at: Timestamp) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// `02:42:10` today, `13 Nov 02:42` on another day.
    pub fn stamp(&self, at: Timestamp, now: Timestamp) -> String {
        let day = |t| self.format(t, "%Y%m%d");
        if day(at) == day(now) { self.seconds(at) } else { self.near(at, now) }
    }

    /// `02:42`
    pub fn minutes(&self, at: Timestamp) -> String {
        self.format(at, "%H:%M")
    }

    /// `02:42` today, `13 Nov 02:42` on another day.
    pub fn near(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (at + self.wall, now + self.wall);
        match self.name {
            Some(zone) => wall::near(&in_zone(&zone, at), &in_zone(&zone, now)),
            None => wall::near(&in_zone(&Local, at), &in_zone(&Local, now)),
        }
    }

    /// `02:42` today, `Fri 02:42` within a week, for a column of 10.
    pub fn in_column(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (at + self.wall, now + self.wall);
        match self.name {
            Some(zone) => wall::in_column(&in_zone(&zone, at), &in_zone(&zone, now)),
            None => wall::in_column(&in_zone(&Local, at), &in_zone(&Local, now)),
        }
    }

    /// `2026-11-21 02:42:10 CET`
    pub fn full(&self, at: Timestamp) -> String {
        format!("{} {}", self.format(at, "%Y-%m-%d %H:%M:%S"), self.name(at))
    }

    /// `CET`; an offset where the zone has no name.
    pub fn name(&self, at: Timestamp) -> String {
        let name = self.format(at, "%Z");
        if name == "+00:00" { "UTC".to_owned() } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_read_them() {
        assert_eq!(t_clock(Span::secs(2530), true), "T+00:42:10");
        assert_eq!(t_clock(Span(-500), true), "T-00:00:01");
        assert_eq!(
            [Span::secs(-30), Span::ZERO, Span::secs(59)].map(|s| t_clock(s, false)),
            ["T-00:01", "T+00:00", "T+00:00"]
        );
        assert_eq!(t_clock(Span::secs(-260_000), false), "T-3d 00:14");
        let zone = Zone::new(Some("Europe/Berlin"), Span::ZERO);
        assert_eq!((zone.seconds(Timestamp(0)), zone.name(Timestamp(0))), ("01:00:00".into(), "CET".into()));
        let tomorrow = Timestamp(0) + Span::mins(24 * 60);
        assert_eq!(zone.near(tomorrow, Timestamp(0)), "2 Jan 01:00", "a day never comes without its time");
        assert_eq!(zone.in_column(tomorrow, Timestamp(0)), "Fri 01:00");
        assert_eq!(zone.full(Timestamp(0)), "1970-01-01 01:00:00 CET");
    }
}
