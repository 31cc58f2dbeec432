//! Lengths of time and counts as people read them, for the screen and the command line alike.

use super::time::{Span, Timestamp};

/// A running clock: `0:42`, `10:04`, `1:22:11`. What a clock that is ahead of ours has seen began now: `0:00`.
pub fn clock(span: Span) -> String {
    let s = span.millis().max(0) / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// A clock that runs down: a part of a second still counts.
pub fn left(span: Span) -> String {
    clock(Span::secs(span.millis().max(0).saturating_add(999) / 1000))
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

/// A length of time that is added to another one, to the second up to ten hours: `35s`, `2m35s`, `1h50m`, `12h`.
pub fn exact(span: Span) -> String {
    let s = span.millis().unsigned_abs() / 1000;
    if s > 36_000 { short(span) } else { Span::secs(s as i64).to_string() }
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

/// `3 steps`, `1 step`, `100,000 lines`.
pub fn count(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {one}s", super::units::Unit::Count.show(n as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_read_them() {
        assert_eq!(clock(Span::secs(4331)), "1:12:11");
        assert_eq!([Span(-9_000), Span(-1), Span(0), Span(999)].map(clock), ["0:00"; 4], "no clock is negative");
        assert_eq!(left(Span(8_100)), "0:09");
        assert_eq!(left(Span(-8_100)), "0:00");
        assert_eq!(short(Span::secs(7200)), "2h");
        assert_eq!(short(Span::secs(8000)), "2h 13m");
        assert_eq!(about(Span::secs(120)), "~2 m");
        assert_eq!(about(Span::secs(90)), "~90 s");
    }
}
