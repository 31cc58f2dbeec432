//! Times and numbers as the screen writes them.

use chrono::{Local, TimeZone};

use crate::core::time::{Span, Timestamp};

/// A running clock: `0:42`, `10:04`, `1:22:11`.
pub fn clock(span: Span) -> String {
    let sign = if span < Span::ZERO { "-" } else { "" };
    let s = span.millis().unsigned_abs() / 1000;
    match s / 3600 {
        0 => format!("{sign}{}:{:02}", s / 60, s % 60),
        h => format!("{sign}{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// A length of time in two figures at most: `9s`, `12m`, `2h`, `1h 12m`, `3d`.
pub fn short(span: Span) -> String {
    let s = span.millis().unsigned_abs() / 1000;
    match s {
        0..=119 => format!("{s}s"),
        120..=7199 => format!("{}m", s / 60),
        7200..=172_799 if (s / 60).is_multiple_of(60) || s > 36_000 => format!("{}h", s / 3600),
        7200..=172_799 => format!("{}h {:02}m", s / 3600, s / 60 % 60),
        _ => format!("{}d", s / 86_400),
    }
}

/// A round length of time: `30 s`, `5 min`, `2 h`.
pub fn long(span: Span) -> String {
    let s = span.millis().unsigned_abs() / 1000;
    match s {
        0..=119 => format!("{s} s"),
        120..=3599 => format!("{} min", s / 60),
        3600..=172_799 => format!("{} h", s / 3600),
        _ => format!("{} days", s / 86_400),
    }
}

/// The age of a thing; nothing for the future.
pub fn age(now: Timestamp, at: Timestamp) -> String {
    short(now.since(at).max(Span::ZERO))
}

/// `T+00:42:10`, or `T-1d 02:00:00` before; without seconds where `seconds` is false.
pub fn t_clock(span: Span, seconds: bool) -> String {
    let sign = if span < Span::ZERO { '-' } else { '+' };
    // Before T-0 the clock runs down to 0: a part of a second still counts.
    let s = if span < Span::ZERO {
        span.millis().unsigned_abs().div_ceil(1000)
    } else {
        span.millis().unsigned_abs() / 1000
    };
    let days = if s >= 86_400 { format!("{}d ", s / 86_400) } else { String::new() };
    let (h, m, s) = (s / 3600 % 24, s / 60 % 60, s % 60);
    if seconds { format!("T{sign}{days}{h:02}:{m:02}:{s:02}") } else { format!("T{sign}{days}{h:02}:{m:02}") }
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
        let utc = (at + self.wall).utc();
        match self.name {
            Some(zone) => zone.from_utc_datetime(&utc.naive_utc()).format(form).to_string(),
            None => Local.from_utc_datetime(&utc.naive_utc()).format(form).to_string(),
        }
    }

    /// `02:42:10`
    pub fn seconds(&self, at: Timestamp) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// `02:42`
    pub fn minutes(&self, at: Timestamp) -> String {
        self.format(at, "%H:%M")
    }

    /// `02:42` today, `13 Nov` on another day.
    pub fn near(&self, at: Timestamp, now: Timestamp) -> String {
        let day = |t| self.format(t, "%Y%m%d");
        if day(at) == day(now) { self.minutes(at) } else { self.format(at, "%e %b").trim().to_owned() }
    }

    /// `CET`; an offset where the zone has no name.
    pub fn name(&self, at: Timestamp) -> String {
        let name = self.format(at, "%Z");
        if name == "+00:00" { "UTC".to_owned() } else { name }
    }
}

/// `~2 m`, `~40 s`, `~1 h 10 m`: an estimate.
pub fn about(span: Span) -> String {
    let s = span.millis().unsigned_abs() / 1000;
    match (s / 3600, s / 60 % 60) {
        (0, 0) => format!("~{s} s"),
        (0, 1) if !s.is_multiple_of(60) => format!("~{s} s"),
        (0, m) => format!("~{m} m"),
        (h, 0) => format!("~{h} h"),
        (h, m) => format!("~{h} h {m} m"),
    }
}

/// `3 steps`, `1 step`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_read_them() {
        assert_eq!(clock(Span::secs(4331)), "1:12:11");
        assert_eq!(clock(Span::secs(-9)), "-0:09");
        assert_eq!(t_clock(Span::secs(2530), true), "T+00:42:10");
        assert_eq!(t_clock(Span(-500), true), "T-00:00:01");
        assert_eq!(t_clock(Span::secs(-260_000), false), "T-3d 00:13");
        assert_eq!(short(Span::secs(7200)), "2h");
        assert_eq!(short(Span::secs(8000)), "2h 13m");
        assert_eq!(about(Span::secs(120)), "~2 m");
        assert_eq!(about(Span::secs(90)), "~90 s");
        let zone = Zone::new(Some("Europe/Berlin"), Span::ZERO);
        assert_eq!((zone.seconds(Timestamp(0)), zone.name(Timestamp(0))), ("01:00:00".into(), "CET".into()));
    }
}
