//! The launch's timeline. A [`Timestamp`] is a moment on it, a [`Span`] a length of it, both in whole milliseconds.
//!
//! Nothing in core reads a clock: `now` is always an argument. The engine keeps the timeline (it never jumps when the
//! wall clock does); the time library is named here and in [`super::wall`] alone.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A moment on the launch's timeline, in milliseconds since 1970-01-01 UTC. RFC 3339 in UTC on disk and on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// How long before `self` was `earlier`; negative if it was later.
    pub fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The same moment for the time library; the epoch where it is out of that library's range.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        let at = DateTime::parse_from_rfc3339(&text)
            .map_err(|e| serde::de::Error::custom(format_args!("`{text}` is no RFC 3339 time: {e}")))?;
        Ok(Self(at.timestamp_millis()))
    }
}

/// A length of time in milliseconds, as `90s`, `1h30m`, `250ms`; may be negative (an offset before T-0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// Whole seconds.
    pub const fn secs(n: i64) -> Span {
        Span(n.saturating_mul(1000))
    }

    /// Whole minutes.
    pub const fn mins(n: i64) -> Span {
        Span::secs(n.saturating_mul(60))
    }

    /// Milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// For timers; zero where the span is negative.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }

    /// Without the milliseconds, where it is longer than a second.
    pub const fn seconds(self) -> Span {
        if self.0.unsigned_abs() < 1000 { self } else { Span(self.0 - self.0 % 1000) }
    }

    /// Multiplied, without overflow.
    pub const fn times(self, n: i64) -> Span {
        Span(self.0.saturating_mul(n))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.unsigned_abs();
        let mut text = String::new();
        if self.0 < 0 {
            text.push('-');
        }
        if rest == 0 {
            text.push_str("0s");
        }
        for (unit, size) in UNITS {
            let size = size.unsigned_abs();
            if unit == "d" && !rest.is_multiple_of(size) {
                continue;
            }
            if rest / size > 0 {
                text.push_str(&format!("{}{unit}", rest / size));
                rest %= size;
            }
        }
        f.pad(&text)
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no length of time: write 250ms, 30s, 5m, 2h, 1h30m or 3d");
        let trimmed = text.trim();
        let (sign, mut rest) = match trimmed.strip_prefix('-') {
            Some(rest) => (-1, rest.trim_start()),
            None => (1, trimmed),
        };
        if rest.is_empty() {
            return Err(bad());
        }
        let mut total: i64 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
            let number: f64 = rest[..digits].parse().map_err(|_| bad())?;
            rest = rest[digits..].trim_start();
            let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let size = match &rest[..letters] {
                "ms" => 1,
                "s" | "sec" | "second" | "seconds" => 1000,
                "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
                "h" | "hour" | "hours" => 3_600_000,
                "d" | "day" | "days" => 86_400_000,
                "w" | "week" | "weeks" => 604_800_000,
                _ => return Err(bad()),
            };
            rest = rest[letters..].trim_start();
            let millis = number * size as f64;
            if !millis.is_finite() || millis > 1e15 {
                return Err(bad());
            }
            total = total.checked_add(millis.round() as i64).ok_or_else(bad)?;
        }
        Ok(Span(total * sign))
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A part of a span as a pattern of the JSON Schema, as the reader takes it: `1h` of `1h30m`.
pub(crate) const SPAN: &str =
    r"\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*(ms|s|sec|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)";

impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A length of time: 250ms, 30s, 5m, 2h, 1h30m, 3d.",
            "pattern": format!(r"^\s*-?({SPAN})+\s*$|\$\{{")
        })
    }
}

/// A point of the plan's clock: an offset from T-0, as `T-72h`, `T+0`, `T+30m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub Span);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0 < Span::ZERO { format!("T{}", self.0) } else { format!("T+{}", self.0) };
        f.pad(&text)
    }
}

impl std::str::FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no offset from T-0: write T-72h, T+0 or T+30m");
        let rest = text.trim().strip_prefix(['T', 't']).ok_or_else(bad)?.trim_start();
        if matches!(rest, "" | "+0" | "-0") {
            return Ok(Offset(Span::ZERO));
        }
        let (sign, rest) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => return Err(bad()),
        };
        let span: Span = rest.parse().map_err(|_| bad())?;
        if span < Span::ZERO {
            return Err(bad());
        }
        Ok(Offset(span.times(sign)))
    }
}

impl Serialize for Offset {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Offset {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Offset".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "An offset from T-0: T-72h, T+0, T+30m.",
            "pattern": format!(r"^\s*[Tt]\s*([+-]0|[+-]({SPAN})+)?\s*$|\$\{{")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_as_people_write_them() {
        for (text, millis) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("1h 30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("5 min", 300_000),
            ("3 days", 259_200_000),
            ("-2m", -120_000),
        ] {
            assert_eq!(text.parse::<Span>(), Ok(Span(millis)), "{text}");
        }
        for text in ["", "5", "m", "5 parsecs", "--3s", "1e9h", "99999999999999999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn offsets_as_people_write_them() {
        for (text, millis) in [("T-72h", -259_200_000), ("T+0", 0), ("T", 0), ("t+30m", 1_800_000), ("T-0", 0)] {
            assert_eq!(text.parse::<Offset>(), Ok(Offset(Span(millis))), "{text}");
        }
        for text in ["+30m", "T30m", "T+-3m", "deploy.done + 2h"] {
            assert!(text.parse::<Offset>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_span_reads_back_what_it_prints(millis in -10_000_000_000_i64..10_000_000_000) {
            prop_assert_eq!(Span(millis).to_string().parse::<Span>(), Ok(Span(millis)));
            prop_assert_eq!(Offset(Span(millis)).to_string().parse::<Offset>(), Ok(Offset(Span(millis))));
        }

        #[test]
        fn a_timestamp_reads_back_what_it_prints(millis in 0_i64..4_000_000_000_000) {
            let json = serde_json::to_string(&Timestamp(millis)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), Timestamp(millis));
        }
    }
}
