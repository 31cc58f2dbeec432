//! Units as a plan declares them for numbers whose source says none: a query, a command.

use serde::Deserialize;

use super::measure;
use crate::core::outline::MeasureOutline;
use crate::core::reading::Outcome;
use crate::core::units::Unit;

/// What the numbers of an answer are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(transform = with_aliases)]
pub enum Scale {
    /// A share between 0 and 1, shown as percent: 0.061 is 6.1 %.
    #[serde(rename = "ratio")]
    Ratio,
    /// Percent: 6.1 is 6.1 %.
    #[serde(rename = "%")]
    Percent,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
    /// Hours.
    #[serde(rename = "h")]
    Hours,
    /// Days.
    #[serde(rename = "days", alias = "d")]
    Days,
    /// Bytes.
    #[serde(rename = "B")]
    Bytes,
    /// Thousands of bytes.
    #[serde(rename = "kB")]
    Kilobytes,
    /// Millions of bytes.
    #[serde(rename = "MB")]
    Megabytes,
    /// Thousands of millions of bytes.
    #[serde(rename = "GB")]
    Gigabytes,
    /// 1024 bytes.
    #[serde(rename = "KiB")]
    Kibibytes,
    /// 1024² bytes.
    #[serde(rename = "MiB")]
    Mebibytes,
    /// 1024³ bytes.
    #[serde(rename = "GiB")]
    Gibibytes,
    /// Per second.
    #[serde(rename = "/s")]
    PerSecond,
    /// Per minute.
    #[serde(rename = "/min")]
    PerMinute,
    /// Per hour.
    #[serde(rename = "/h")]
    PerHour,
    /// A plain number.
    #[serde(rename = "count")]
    Count,
    /// Whether something is well: 0 and false are failing, other numbers and true are well.
    #[serde(rename = "state")]
    State,
    /// Words, as a version.
    #[serde(rename = "text")]
    Text,
}

/// The schema with the words that are read too: of aliases it knows nothing.
fn with_aliases(schema: &mut schemars::Schema) {
    if let Some(all) = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut) {
        all.push(serde_json::json!({ "description": "Days.", "type": "string", "const": "d" }));
    }
}

impl Scale {
    /// How people read it.
    pub fn unit(self) -> Unit {
        match self {
            Scale::Ratio | Scale::Percent => Unit::Percent,
            Scale::Milliseconds | Scale::Seconds | Scale::Minutes | Scale::Hours | Scale::Days => Unit::Seconds,
            Scale::Bytes
            | Scale::Kilobytes
            | Scale::Megabytes
            | Scale::Gigabytes
            | Scale::Kibibytes
            | Scale::Mebibytes
            | Scale::Gibibytes => Unit::Bytes,
            Scale::PerSecond => Unit::PerSecond,
            Scale::PerMinute | Scale::PerHour => Unit::PerMinute,
            Scale::Count => Unit::Count,
            Scale::State => Unit::State,
            Scale::Text => Unit::Text,
        }
    }

    /// The base unit's scale, for a measure whose unit was found out from its conditions.
    pub fn base_of(unit: Unit) -> Self {
        match unit {
            Unit::Percent => Scale::Ratio,
            Unit::Seconds => Scale::Seconds,
            Unit::Bytes => Scale::Bytes,
            Unit::PerSecond | Unit::PerMinute => Scale::PerSecond,
            Unit::Count => Scale::Count,
            Unit::State => Scale::State,
            Unit::Text => Scale::Text,
        }
    }

    /// A number of this scale as an outcome in base units.
    pub fn outcome(self, number: f64) -> Outcome {
        Outcome::number(match self {
            Scale::Ratio | Scale::Seconds | Scale::Bytes | Scale::PerSecond | Scale::Count => number,
            Scale::Percent => number / 100.0,
            Scale::Milliseconds => number / 1000.0,
            Scale::Minutes => number * 60.0,
            Scale::Hours => number * 3600.0,
            Scale::Days => number * 86_400.0,
            Scale::Kilobytes => number * 1e3,
            Scale::Megabytes => number * 1e6,
            Scale::Gigabytes => number * 1e9,
            Scale::Kibibytes => number * 1024.0,
            Scale::Mebibytes => number * 1_048_576.0,
            Scale::Gibibytes => number * 1_073_741_824.0,
            Scale::PerMinute => number / 60.0,
            Scale::PerHour => number / 3600.0,
            Scale::State if number == 0.0 => return Outcome::Failing("the answer is 0".to_owned()),
            Scale::State if number.is_finite() => 1.0,
            Scale::State => number,
            Scale::Text => return Outcome::Text(number.to_string()),
        })
    }

    /// A JSON value of this scale as an outcome.
    pub fn json(self, value: &serde_json::Value) -> Outcome {
        use serde_json::Value;
        match (self, value) {
            (_, Value::Null) => Outcome::NoData("the answer is null".to_owned()),
            (_, Value::Number(n)) => n.as_f64().map_or_else(
                || Outcome::NoData(format!("{n} is out of the range of numbers")),
                |number| self.outcome(number),
            ),
            (Scale::Text, Value::String(text)) => Outcome::Text(text.clone()),
            (_, Value::String(text)) => self.text(text),
            (Scale::Text, other) => Outcome::Text(other.to_string()),
            (Scale::State, Value::Bool(true)) => Outcome::well(),
            (Scale::State, Value::Bool(false)) => Outcome::Failing("the answer is false".to_owned()),
            (_, other) => Outcome::NoData(format!("{} is no number", brief(&other.to_string()))),
        }
    }

    /// Text of this scale, as databases and commands answer, as an outcome.
    pub fn text(self, text: &str) -> Outcome {
        let text = text.trim();
        match (self, text.parse::<f64>()) {
            (Scale::Text, _) => Outcome::Text(text.to_owned()),
            (_, Ok(number)) => self.outcome(number),
            (Scale::State, _) if matches!(text, "t" | "true") => Outcome::well(),
            (Scale::State, _) if matches!(text, "f" | "false") => Outcome::Failing("the answer is false".to_owned()),
            _ => Outcome::NoData(format!("`{}` is no number", brief(text))),
        }
    }
}

/// A measure that a plan declares for an answer that may hold several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Declared {
    /// Its name: the key or column of the answer.
    pub name: String,
    /// What its numbers are in; without it a plain number, or what its conditions speak in.
    #[serde(default)]
    pub unit: Option<Scale>,
    /// One line on what it is.
    #[serde(default)]
    pub what: Option<String>,
}

impl Declared {
    /// The scale in force.
    pub fn scale(&self) -> Scale {
        self.unit.unwrap_or(Scale::Count)
    }

    /// For the outline.
    pub fn outline(&self) -> MeasureOutline {
        measure(&self.name, self.scale().unit(), self.what.as_deref().unwrap_or("as the plan declares it"))
    }
}

/// Gives the measure of that name a unit, if it has none.
pub fn set_unit(declared: &mut [Declared], name: &str, unit: Unit) -> bool {
    match declared.iter_mut().find(|m| m.name == name) {
        Some(m) if m.unit.is_none() => {
            m.unit = Some(Scale::base_of(unit));
            true
        }
        _ => false,
    }
}

/// The beginning of a text, for a message.
pub(crate) fn brief(text: &str) -> String {
    let mut line = text.trim().split(['\n', '\r']).next().unwrap_or("").trim().to_owned();
    if let Some((end, _)) = line.char_indices().nth(120) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_come_out_in_base_units() {
        for (scale, number, base) in [
            (Scale::Percent, 6.1, 0.061),
            (Scale::Ratio, 0.061, 0.061),
            (Scale::Milliseconds, 250.0, 0.25),
            (Scale::Megabytes, 1.5, 1_500_000.0),
            (Scale::PerMinute, 12.0, 0.2),
            (Scale::Days, 2.0, 172_800.0),
        ] {
            assert_eq!(scale.outcome(number).value(), Some(base), "{scale:?}");
        }
        assert!(matches!(Scale::Count.outcome(f64::NAN), Outcome::NoData(_)));
        assert!(matches!(Scale::State.outcome(0.0), Outcome::Failing(_)));
        assert!(matches!(Scale::State.outcome(f64::NAN), Outcome::NoData(_)));
    }

    #[test]
    fn what_is_no_number_is_no_data() {
        assert!(matches!(Scale::Count.json(&json!(null)), Outcome::NoData(_)));
        assert!(matches!(Scale::Count.json(&json!("many")), Outcome::NoData(_)));
        assert!(matches!(Scale::Count.json(&json!([1])), Outcome::NoData(_)));
        assert_eq!(Scale::Count.json(&json!("17")).value(), Some(17.0));
        assert_eq!(Scale::Text.json(&json!("v1")), Outcome::Text("v1".into()));
        assert_eq!(Scale::State.text("t"), Outcome::well());
        assert!(matches!(Scale::Count.text("nan"), Outcome::NoData(_)));
    }

    #[test]
    fn a_unit_is_found_out_once() {
        let mut list = vec![Declared { name: "oldest".into(), unit: None, what: None }];
        assert!(set_unit(&mut list, "oldest", Unit::Seconds));
        assert_eq!(list[0].outline().unit, Unit::Seconds);
        assert!(!set_unit(&mut list, "oldest", Unit::Bytes));
        assert!(!set_unit(&mut list, "other", Unit::Bytes));
    }
}
