//! What health endpoints say of themselves and of the services behind them: words, and the shapes they come in.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use super::scale::brief;
use crate::core::reading::{Outcome, Point};

/// What a word of a health body means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// `ok`, `up`, `pass`, `healthy`, …
    Well,
    /// `warn`, `degraded`, …
    Degraded,
    /// `down`, `error`, `failed`, …
    Failing,
    /// None of the words that are in use.
    Unknown,
}

/// Reads a word, in any case; `well` has further words that count as well.
fn word(text: &str, well: &[String]) -> Word {
    let lower = text.trim().to_lowercase();
    if well.iter().any(|w| w.to_lowercase() == lower) {
        return Word::Well;
    }
    match lower.as_str() {
        "pass" | "ok" | "up" | "healthy" | "green" | "true" => Word::Well,
        "warn" | "warning" | "degraded" | "yellow" => Word::Degraded,
        "fail" | "failed" | "failing" | "failure" | "error" | "down" | "unhealthy" | "critical" | "fatal"
        | "unavailable" | "offline" | "out_of_service" | "ko" | "nok" | "red" | "false" => Word::Failing,
        _ => Word::Unknown,
    }
}

/// Where a body or a service says how it is.
const KEYS: [&str; 6] = ["status", "state", "health", "healthy", "ok", "up"];

/// What a body says of itself, at its top, that means down: a word, `false`, a status of 500 or more, or a part that is
/// down. None where it says nothing of the kind: many an answer has a `status` that means something else.
pub(crate) fn down(body: &Value, well: &[String]) -> Option<String> {
    let failing = |text: &str| word(text, well) == Word::Failing;
    let says = KEYS.iter().find_map(|key| {
        let says = match body.get(*key)? {
            Value::String(text) if failing(text) => brief(text),
            Value::Bool(false) => "false".to_owned(),
            Value::Number(n) if *key == "status" && n.as_u64().is_some_and(|n| (500..600).contains(&n)) => {
                n.to_string()
            }
            Value::Object(parts) => parts.iter().find_map(|(part, value)| {
                value.as_str().filter(|text| failing(text)).map(|text| brief(&format!("{part}: {text}")))
            })?,
            _ => return None,
        };
        Some(format!("its {key} says `{says}`"))
    })?;
    Some(match reason(body) {
        Some(reason) => format!("{says}: {reason}"),
        None => says,
    })
}

/// The state of a service: a word, true or false, an object with `status`, or a list of those, of which the worst counts.
fn state(value: &Value, well: &[String]) -> Outcome {
    match value {
        Value::Bool(true) => Outcome::well(),
        Value::Bool(false) => Outcome::Failing("says false".to_owned()),
        Value::String(text) => match word(text, well) {
            Word::Well => Outcome::well(),
            Word::Degraded | Word::Failing => Outcome::Failing(format!("says `{}`", brief(text))),
            Word::Unknown => {
                Outcome::NoData(format!("says `{}`, which means neither well nor failing; see `well`", brief(text)))
            }
        },
        Value::Object(map) => match KEYS.iter().find_map(|k| map.get(*k)) {
            Some(inner @ (Value::String(_) | Value::Bool(_))) => match (state(inner, well), reason(value)) {
                (Outcome::Failing(says), Some(reason)) => Outcome::Failing(format!("{says}: {reason}")),
                (outcome, _) => outcome,
            },
            _ => Outcome::NoData("the body has no status for it".to_owned()),
        },
        Value::Array(list) => {
            let states: Vec<Outcome> = list.iter().map(|v| state(v, well)).collect();
            let worst = |wanted: fn(&Outcome) -> bool| states.iter().find(|o| wanted(o)).cloned();
            worst(|o| matches!(o, Outcome::Failing(_)))
                .or_else(|| worst(|o| matches!(o, Outcome::NoData(_))))
                .or_else(|| worst(|_| true))
                .unwrap_or_else(|| Outcome::NoData("the body has an empty list for it".to_owned()))
        }
        Value::Null => Outcome::NoData("the body has null for it".to_owned()),
        Value::Number(n) => Outcome::NoData(format!("says {n}, which means neither well nor failing")),
    }
}

/// Why a service is not well, where the body tells it.
fn reason(value: &Value) -> Option<String> {
    ["error", "message", "output", "detail"].iter().find_map(|k| value.get(*k)).and_then(Value::as_str).map(brief)
}

/// How long a service took to answer, where the body tells it. What can't be true is no data: below zero, or above a day.
fn latency(value: &Value) -> Option<Outcome> {
    let seconds = told_latency(value)?;
    Some(match (0.0..=86_400.0).contains(&seconds) {
        true => Outcome::number(seconds),
        false => Outcome::NoData(format!("says that it took {} ms, which can't be", seconds * 1000.0)),
    })
}

/// That, as the body tells it, in seconds.
fn told_latency(value: &Value) -> Option<f64> {
    let value = match value {
        Value::Array(list) => list.first()?,
        other => other,
    };
    let millis =
        ["latency_ms", "latencyMs", "response_time_ms", "responseTimeMs", "responseTime", "response_time", "latency"];
    if let Some(ms) = millis.iter().find_map(|k| value.get(*k)).and_then(Value::as_f64) {
        return Some(ms / 1000.0);
    }
    let observed = value.get("observedValue").and_then(Value::as_f64)?;
    match value.get("observedUnit").and_then(Value::as_str)? {
        "ms" => Some(observed / 1000.0),
        "s" => Some(observed),
        _ => None,
    }
}

/// The services that a path finds in a body, each as an instance with `up` and, where it tells it, `latency`. Of two with
/// one name, as in health bodies within health bodies, the later is called by its place in the body.
pub(crate) fn services(body: &Value, path: &JsonPath, well: &[String]) -> Vec<Point> {
    let mut points = Vec::new();
    let mut names = BTreeSet::new();
    for node in path.query_located(body).iter() {
        let value = node.node();
        let named = ["name", "component", "id"].iter().find_map(|k| value.get(*k)).and_then(Value::as_str);
        let key = node.location().iter().rev().find_map(|element| match element {
            PathElement::Name(name) if !matches!(*name, "status" | "state" | "health") => Some((*name).to_owned()),
            _ => None,
        });
        let indexed = matches!(node.location().iter().last(), Some(PathElement::Index(_)));
        let name = match (indexed, named, key) {
            (true, Some(name), _) | (false, Some(name), None) => name.to_owned(),
            (_, _, Some(key)) => key,
            (true, None, None) | (false, None, None) => node.location().to_string(),
        };
        let name = if names.insert(name.clone()) { name } else { node.location().to_string() };
        points.push(Point::of(&name, "up", state(value, well)));
        if let Some(took) = latency(value) {
            points.push(Point::of(&name, "latency", took));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(path: &str, body: Value) -> Vec<String> {
        services(&body, &JsonPath::parse(path).unwrap(), &["idle".to_owned()])
            .into_iter()
            .map(|p| {
                let outcome = match p.outcome {
                    Outcome::Value(v) => v.get().to_string(),
                    Outcome::Failing(why) => format!("failing: {why}"),
                    other => format!("{other:?}"),
                };
                format!("{}.{} {outcome}", p.instance.unwrap(), p.measure)
            })
            .collect()
    }

    #[test]
    fn services_in_the_shapes_that_are_in_use() {
        let flat = json!({"services": {"database": "healthy", "cache": "Degraded", "worker": "idle"}});
        assert_eq!(read("$.services.*", flat), ["cache.up failing: says `Degraded`", "database.up 1", "worker.up 1"]);
        let spring = json!({"components": {"db": {"status": "UP"}, "disk": {"status": "DOWN", "error": "full"}}});
        assert_eq!(read("$.components.*", spring), ["db.up 1", "disk.up failing: says `DOWN`: full"]);
        let draft =
            json!({"checks": {"pg:responseTime": [{"status": "pass", "observedValue": 12, "observedUnit": "ms"}]}});
        assert_eq!(read("$.checks.*", draft), ["pg:responseTime.up 1", "pg:responseTime.latency 0.012"]);
        let list =
            json!({"checks": [{"name": "stripe", "ok": true, "latency_ms": 187}, {"name": "mail", "ok": false}]});
        assert_eq!(read("$.checks[*]", list), ["stripe.up 1", "stripe.latency 0.187", "mail.up failing: says false"]);
        let inner = json!({"services": {"redis": {"status": "ok"}}});
        assert_eq!(read("$.services.*.status", inner), ["redis.up 1"]);
        let deep = json!({"components": {
            "a": {"status": "UP", "components": {"db": {"status": "UP"}}},
            "b": {"status": "DOWN", "components": {"db": {"status": "DOWN"}}},
        }});
        let second = "$['components']['b']['components']['db'].up failing: says `DOWN`";
        assert_eq!(read("$.components.*.components.*", deep.clone()), ["db.up 1", second], "neither hides the other");
        assert_eq!(read("$..components.*", deep), ["a.up 1", "b.up failing: says `DOWN`", "db.up 1", second]);
        assert_eq!(read("$.none.*", json!({})), [""; 0]);
    }

    #[test]
    fn a_body_that_says_of_itself_that_it_is_down() {
        let says = |body: Value| down(&body, &["Offline".to_owned()]);
        for word in ["failed", "critical", "unavailable", "KO", "nok", "DOWN", "failure", "error", "unhealthy"] {
            assert_eq!(says(json!({"status": word})), Some(format!("its status says `{word}`")));
        }
        for (body, why) in [
            (json!({"status": false}), "its status says `false`"),
            (json!({"status": 503}), "its status says `503`"),
            (json!({"status": {"cache": "up", "db": "down"}}), "its status says `db: down`"),
            (json!({"status": "starting", "state": "down"}), "its state says `down`"),
            (json!({"healthy": false, "error": "no disk"}), "its healthy says `false`: no disk"),
            (json!({"ok": false}), "its ok says `false`"),
        ] {
            assert_eq!(says(body).as_deref(), Some(why));
        }
        // What means neither well nor down is left alone, and so is what the plan calls well.
        for word in ["ok", "pass", "degraded", "shipped", "offline", ""] {
            assert_eq!(says(json!({"status": word})), None, "{word}");
        }
        for body in
            [json!({"status": 200}), json!({"status": null}), json!(["down"]), json!("down"), json!({"a": "down"})]
        {
            assert_eq!(says(body), None);
        }
    }

    #[test]
    fn a_latency_that_cannot_be_is_no_data() {
        let body = json!({"a": {"status": "up", "latency_ms": -3}, "b": {"status": "up", "latency_ms": 1e19}});
        let found = read("$.*", body);
        assert!(found[1].contains(r#"a.latency NoData("says that it took -3 ms, which can't be")"#), "{found:?}");
        assert!(found[3].starts_with("b.latency NoData("), "{found:?}");
    }

    #[test]
    fn a_word_that_nobody_knows_is_no_data() {
        let odd = services(&json!({"a": "starting", "b": null, "c": 3}), &JsonPath::parse("$.*").unwrap(), &[]);
        assert!(odd.iter().all(|p| matches!(p.outcome, Outcome::NoData(_))), "{odd:?}");
    }
}
