//! Numbers with a dimension. Inside tminus every value is in its dimension's base unit: seconds, a ratio (1 % is 0.01),
//! bytes, events per second, a count. [`Unit`] says how people write and read it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Span;

/// A number that is never NaN and never infinite, so that comparing it and writing it as JSON can't go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Finite(f64);

impl Finite {
    /// None for NaN and the infinities.
    pub fn new(value: f64) -> Option<Self> {
        // `-0.0` would print as `-0`; adding zero makes it `0`.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Finite {}

impl From<i32> for Finite {
    fn from(n: i32) -> Self {
        Self(f64::from(n))
    }
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(d)?).ok_or_else(|| serde::de::Error::custom("not a finite number"))
    }
}

/// What kind of quantity a value is. Values of different dimensions are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// A share or rate of something: 0.01 is 1 %.
    Ratio,
    /// Seconds.
    Time,
    /// Bytes.
    Bytes,
    /// Events per second.
    Rate,
    /// A plain number.
    Count,
    /// Up (1) or failing: what `is failing` asks about.
    State,
    /// Words, as a version. Compared for equality only.
    Text,
}

/// How people write and read a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// `%`
    Percent,
    /// Milliseconds below one second, seconds, minutes, hours above.
    Seconds,
    /// Bytes, in powers of 1000 as disks and networks count (`MB`); `MiB` is read too.
    Bytes,
    /// `/s`
    PerSecond,
    /// `/min`
    PerMinute,
    /// A plain number.
    Count,
    /// Up or failing.
    State,
    /// Words.
    Text,
}

impl Unit {
    /// The dimension it measures.
    pub fn dimension(self) -> Dimension {
        match self {
            Unit::Percent => Dimension::Ratio,
            Unit::Seconds => Dimension::Time,
            Unit::Bytes => Dimension::Bytes,
            Unit::PerSecond | Unit::PerMinute => Dimension::Rate,
            Unit::Count => Dimension::Count,
            Unit::State => Dimension::State,
            Unit::Text => Dimension::Text,
        }
    }

    /// A value in base units as people read it, with its unit: `6.10 %`, `1,840 ms`, `1.2 MB`, `12.4 /min`, `3,201`.
    pub fn show(self, base: f64) -> String {
        match self {
            Unit::Percent => format!("{} %", number(base * 100.0)),
            Unit::Seconds => show_seconds(base),
            Unit::Bytes => show_bytes(base),
            Unit::PerSecond => format!("{} /s", number(base)),
            Unit::PerMinute => format!("{} /min", number(base * 60.0)),
            Unit::Count | Unit::Text => number(base),
            Unit::State => if base > 0.0 { "ok" } else { "failing" }.to_owned(),
        }
    }
}

fn show_seconds(s: f64) -> String {
    if s.abs() < 1.0 {
        return if s == 0.0 { "0 s".to_owned() } else { format!("{} ms", number(s * 1000.0)) };
    }
    if s.abs() < 120.0 {
        return format!("{} s", number(s));
    }
    let whole = s.abs().round() as u64;
    let sign = if s < 0.0 { "-" } else { "" };
    let (d, h, m, s) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    match (d, h) {
        (0, 0) => format!("{sign}{m}:{s:02}"),
        (0, _) => format!("{sign}{h}:{m:02}:{s:02}"),
        _ => format!("{sign}{d}d {h}h"),
    }
}

fn show_bytes(b: f64) -> String {
    for (unit, size) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
        if b.abs() >= size {
            return format!("{} {unit}", number(b / size));
        }
    }
    format!("{} B", number(b))
}

/// A number with three to four figures that matter and commas between thousands.
pub fn number(n: f64) -> String {
    let a = n.abs();
    let digits = if a == 0.0 || a >= 100.0 || (a >= 1.0 && (n - n.round()).abs() < 1e-9) {
        0
    } else if a >= 10.0 {
        1
    } else if a >= 0.01 {
        2
    } else if a >= 0.00005 {
        4
    } else if a >= 0.0000005 {
        6
    } else {
        // What a sum of floats leaves behind is nothing.
        0
    };
    let text = format!("{n:.digits$}");
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let sign = if rest == "0" { "" } else { sign };
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A number with the unit it was written with, as `1%`, `300ms`, `64MB`, `2/s`, `5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// In the dimension's base unit.
    pub base: Finite,
    /// What it is a quantity of.
    pub dimension: Dimension,
}

const SUFFIXES: [(&str, Dimension, f64); 32] = [
    ("%", Dimension::Ratio, 0.01),
    ("ms", Dimension::Time, 0.001),
    ("s", Dimension::Time, 1.0),
    ("sec", Dimension::Time, 1.0),
    ("m", Dimension::Time, 60.0),
    ("min", Dimension::Time, 60.0),
    ("h", Dimension::Time, 3600.0),
    ("d", Dimension::Time, 86_400.0),
    ("day", Dimension::Time, 86_400.0),
    ("days", Dimension::Time, 86_400.0),
    ("B", Dimension::Bytes, 1.0),
    ("kB", Dimension::Bytes, 1e3),
    ("KB", Dimension::Bytes, 1e3),
    ("MB", Dimension::Bytes, 1e6),
    ("GB", Dimension::Bytes, 1e9),
    ("TB", Dimension::Bytes, 1e12),
    ("KiB", Dimension::Bytes, 1024.0),
    ("kiB", Dimension::Bytes, 1024.0),
    ("MiB", Dimension::Bytes, 1_048_576.0),
    ("GiB", Dimension::Bytes, 1_073_741_824.0),
    ("TiB", Dimension::Bytes, 1_099_511_627_776.0),
    ("/s", Dimension::Rate, 1.0),
    ("/sec", Dimension::Rate, 1.0),
    ("/m", Dimension::Rate, 1.0 / 60.0),
    ("/min", Dimension::Rate, 1.0 / 60.0),
    ("/h", Dimension::Rate, 1.0 / 3600.0),
    ("per second", Dimension::Rate, 1.0),
    ("per minute", Dimension::Rate, 1.0 / 60.0),
    ("per hour", Dimension::Rate, 1.0 / 3600.0),
    ("hours", Dimension::Time, 3600.0),
    ("minutes", Dimension::Time, 60.0),
    ("seconds", Dimension::Time, 1.0),
];

impl Quantity {
    /// A plain number.
    pub fn count(n: i32) -> Self {
        Self { base: Finite::from(n), dimension: Dimension::Count }
    }

    /// A length of time.
    pub fn time(span: Span) -> Self {
        Self { base: Finite(span.as_secs_f64()), dimension: Dimension::Time }
    }

    /// Builds it from a number as written and the unit behind it; none where the unit is unknown or the number overflows.
    pub fn from_parts(number: f64, unit: &str) -> Option<Self> {
        let (dimension, factor) = match unit {
            "" => (Dimension::Count, 1.0),
            _ => SUFFIXES.iter().find(|(s, ..)| *s == unit).map(|(_, d, f)| (*d, *f))?,
        };
        // Dividing keeps `5%` the same float as 5.0/100.0, which printing multiplies back exactly more often than 5.0*0.01.
        let base = if factor == 0.01 { number / 100.0 } else { number * factor };
        Some(Self { base: Finite::new(base)?, dimension })
    }

    /// All units that can be written, for messages.
    pub fn known_units() -> impl Iterator<Item = &'static str> {
        SUFFIXES.iter().map(|(s, ..)| *s)
    }
}

impl fmt::Display for Quantity {
    /// The shortest text that reads back as exactly this quantity, as 300ms rather than 0.3s.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base.get();
        let candidates: &[&str] = match self.dimension {
            Dimension::Ratio => &["%"],
            Dimension::Time => &["d", "h", "m", "s", "ms"],
            Dimension::Bytes => &["GB", "MB", "kB", "GiB", "MiB", "KiB", "B"],
            Dimension::Rate => &["/s", "/min", "/h"],
            Dimension::Count | Dimension::State | Dimension::Text => &[""],
        };
        let base_unit = match self.dimension {
            Dimension::Time => "s",
            Dimension::Rate => "/s",
            _ => candidates[candidates.len() - 1],
        };
        if base == 0.0 {
            return f.pad(&format!("0{base_unit}"));
        }
        let mut best: Option<(bool, String)> = None;
        for unit in candidates {
            let factor = Quantity::from_parts(1.0, unit).map_or(1.0, |q| q.base.get());
            for guess in [base / factor, base * (1.0 / factor), (base / factor * 1e6).round() / 1e6] {
                let exact = Quantity::from_parts(guess, unit).is_some_and(|q| q.base == self.base);
                let text = format!("{guess}{unit}");
                let part = guess != 0.0 && guess.abs() < 1.0;
                if exact && best.as_ref().is_none_or(|(p, b)| (part, text.len()) < (*p, b.len())) {
                    best = Some((part, text));
                }
            }
        }
        f.pad(&best.map_or_else(|| format!("{base}{base_unit}"), |(_, text)| text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_read_them() {
        for (unit, base, shown) in [
            (Unit::Percent, 0.061, "6.10 %"),
            (Unit::Percent, 0.0005, "0.05 %"),
            (Unit::Percent, 0.0, "0 %"),
            (Unit::Seconds, 0.043, "43 ms"),
            (Unit::Seconds, 1.84, "1.84 s"),
            (Unit::Seconds, 372.0, "6:12"),
            (Unit::Seconds, 0.0, "0 s"),
            (Unit::Bytes, 1_200_000.0, "1.20 MB"),
            (Unit::Count, 3201.0, "3,201"),
            (Unit::Count, 1_234_567.0, "1,234,567"),
            (Unit::PerMinute, 0.2, "12 /min"),
            (Unit::Count, -0.5, "-0.50"),
            (Unit::Percent, -1.1e-16, "0 %"),
            (Unit::Percent, 1.1e-16, "0 %"),
            (Unit::Seconds, -1e-12, "0 ms"),
            (Unit::PerSecond, -0.0, "0 /s"),
            (Unit::Percent, 3e-7, "0.000030 %"),
            (Unit::Percent, -0.00004, "-0.0040 %"),
        ] {
            assert_eq!(unit.show(base), shown);
        }
    }

    #[test]
    fn a_number_is_never_nan() {
        assert_eq!(Finite::new(f64::NAN), None);
        assert_eq!(Finite::new(f64::INFINITY), None);
        assert!(serde_json::from_str::<Finite>("null").is_err());
    }

    #[test]
    fn nothing_of_a_quantity_is_written_in_its_plain_unit() {
        for (written, shown) in [("ms", "0s"), ("d", "0s"), ("GB", "0B"), ("/min", "0/s"), ("%", "0%"), ("", "0")] {
            assert_eq!(Quantity::from_parts(0.0, written).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn quantities_read_back_what_they_print() {
        for (n, unit) in [
            (1.0, "%"),
            (1.5, "%"),
            (0.1, "%"),
            (300.0, "ms"),
            (5.0, "s"),
            (90.0, "min"),
            (64.0, "MB"),
            (3.0, "MiB"),
            (7.0, "/min"),
            (3.0, ""),
            (21.0, "days"),
        ] {
            let q = Quantity::from_parts(n, unit).unwrap();
            let text = q.to_string();
            let split =
                text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-' && c != 'e').unwrap_or(text.len());
            assert_eq!(Quantity::from_parts(text[..split].parse().unwrap(), &text[split..]), Some(q), "{text}");
        }
    }
}
