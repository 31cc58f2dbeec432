//! What the plan expects of an answer: its status, literals at JSONPaths, a text.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::scale::brief;

/// `expect = { status = 200, json = { "$.status" = "healthy" }, text = "ready" }`: all of it must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// `200`, `"2xx"`, `"200-399"`, or a list of those. Without it any 2xx is good.
    #[serde(default)]
    pub status: Option<Status>,
    /// JSONPath (RFC 9535) to the literal that must stand there, or to a list of which one must. Where a path finds
    /// several values, all must be so; where it finds none, the answer is wrong.
    #[serde(default)]
    pub json: BTreeMap<String, Value>,
    /// Words that must stand somewhere in the body.
    #[serde(default)]
    pub text: Option<String>,
}

/// Which status codes are good: ranges, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status(Vec<(u16, u16)>);

impl Status {
    /// 200 where that is one of them, else the first.
    pub fn first(&self) -> u16 {
        if self.fits(200) { 200 } else { self.0.first().map_or(200, |(from, _)| *from) }
    }

    /// Whether a status is one of them.
    pub fn fits(&self, status: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (from, to)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" or ")?;
            }
            match (from % 100, to - from) {
                (_, 0) => write!(f, "{from}")?,
                (0, 99) => write!(f, "{}xx", from / 100)?,
                _ => write!(f, "{from}-{to}")?,
            }
        }
        Ok(())
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let code = |text: &str| text.trim().parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    if let Some(class) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
        return Some((class * 100, class * 100 + 99));
    }
    match text.split_once('-') {
        Some((from, to)) => Some((code(from)?, code(to)?)).filter(|(from, to)| from <= to),
        None => code(text).map(|code| (code, code)),
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Status;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status as 200, \"2xx\", \"200-399\", or a list of those")
            }
            fn visit_i64<E: serde::de::Error>(self, code: i64) -> Result<Status, E> {
                self.visit_str(&code.to_string())
            }
            fn visit_u64<E: serde::de::Error>(self, code: u64) -> Result<Status, E> {
                self.visit_str(&code.to_string())
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Status, E> {
                range(text.trim()).map(|range| Status(vec![range])).ok_or_else(|| {
                    E::custom(format_args!("`{text}` is no HTTP status: write 200, \"2xx\" or \"200-399\""))
                })
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Status, A::Error> {
                let mut all = Vec::new();
                while let Some(Status(some)) = seq.next_element()? {
                    all.extend(some);
                }
                if all.is_empty() {
                    return Err(serde::de::Error::custom(
                        "an empty list fits no answer: name a status, or leave it out",
                    ));
                }
                Ok(Status(all))
            }
        }
        d.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Status {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Status".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = serde_json::json!([
            { "type": "integer", "minimum": 100, "maximum": 599 },
            { "type": "string", "pattern": "^\\s*([1-5](xx|XX)|[1-5][0-9]{2}(\\s*-\\s*[1-5][0-9]{2})?)\\s*$" }
        ]);
        schemars::json_schema!({
            "description": "HTTP status codes: 200, \"2xx\", \"200-399\", or a list of those.",
            "anyOf": [one[0], one[1], { "type": "array", "items": { "anyOf": one }, "minItems": 1 }]
        })
    }
}

/// A JSONPath with its text as the plan has it; written from what was read it looks otherwise, and not always like one.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    read: JsonPath,
    text: String,
}

impl Path {
    /// Reads one, or says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = JsonPath::parse(text);
        let read =
            read.map_err(|e| format!("`{text}` is no JSONPath: {} at character {}", e.message(), e.position()))?;
        Ok(Self { read, text: text.to_owned() })
    }
}

impl std::ops::Deref for Path {
    type Target = JsonPath;
    fn deref(&self) -> &JsonPath {
        &self.read
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is wrong with what stands at a path; none if nothing is.
pub(crate) fn literal(path: &Path, wanted: &Value, body: &Value) -> Option<String> {
    let choices = match wanted {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let found = path.query(body);
    if found.is_empty() {
        return Some(format!("the body has nothing at {path}"));
    }
    let wrong = found.iter().find(|value| !choices.iter().any(|choice| same(choice, value)))?;
    let choices = choices.iter().map(|c| format!("`{}`", plain(c))).collect::<Vec<_>>().join(" or ");
    Some(format!("{path} is `{}`, not {choices}", plain(wrong)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => brief(text),
        other => brief(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn statuses_as_people_write_them() {
        let read = |v: Value| serde_json::from_value::<Status>(v);
        for (written, good, bad, shown) in [
            (json!(200), 200, 201, "200"),
            (json!("2xx"), 299, 300, "2xx"),
            (json!([200, "3xx"]), 302, 404, "200 or 3xx"),
            (json!("200-399"), 350, 400, "200-399"),
        ] {
            let status = read(written).unwrap();
            assert!(status.fits(good) && !status.fits(bad), "{shown}");
            assert_eq!(status.to_string(), shown);
        }
        for wrong in [json!(20), json!("ok"), json!([]), json!("9xx"), json!("399-200"), json!(-1)] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn literals_at_paths() {
        let body = json!({"status": "degraded", "n": 1, "checks": [{"ok": true}, {"ok": false}]});
        for (path, wanted, fault) in [
            ("$.status", json!("degraded"), None),
            ("$.status", json!(["healthy", "degraded"]), None),
            ("$.status", json!("healthy"), Some("$.status is `degraded`, not `healthy`")),
            ("$.n", json!(1.0), None),
            ("$.checks[*].ok", json!(true), Some("$.checks[*].ok is `false`, not `true`")),
            ("$.version", json!("1"), Some("the body has nothing at $.version")),
            ("$..status", json!("healthy"), Some("$..status is `degraded`, not `healthy`")),
            ("$.checks[0:2].ok", json!(true), Some("$.checks[0:2].ok is `false`, not `true`")),
            ("$.checks[?@.ok==false]", json!(1), Some("$.checks[?@.ok==false] is `{\"ok\":false}`, not `1`")),
        ] {
            let found = literal(&Path::parse(path).unwrap(), &wanted, &body);
            assert_eq!(found.as_deref(), fault);
        }
    }
}
