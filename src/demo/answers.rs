//! What the production answers to a request: health endpoints, a Sentry, a Prometheus, and the deployment's own tools.

use serde_json::{Value, json};

use super::model::{Model, Slot};

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Status and JSON, after so many seconds.
    Json {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
        /// Further headers.
        headers: Vec<(&'static str, String)>,
        /// How long it takes.
        after: f64,
    },
    /// The connection is closed without one.
    HangUp,
}

/// The queries that the Prometheus knows, and what they give: the label and the value of each series.
type Query = (&'static str, &'static str, fn(&Model) -> Vec<(String, f64)>);

const QUERIES: &[Query] = &[
    (
        r#"sum by (slot) (rate(http_requests_total{code=~"5.."}[10s])) / sum by (slot) (rate(http_requests_total[10s]))"#,
        "slot",
        |m| both(|slot| m.errors(slot)),
    ),
    (r"sum by (slot) (increase(http_requests_total[10s]))", "slot", |m| both(|slot| m.requests(slot))),
    (
        r"sum by (slot) (rate(balancer_requests_total[5s])) / ignoring(slot) group_left sum(rate(balancer_requests_total[5s]))",
        "slot",
        |m| both(|slot| m.share(slot)),
    ),
    (r"histogram_quantile(0.95, sum by (slot, le) (rate(http_request_duration_seconds_bucket[30s])))", "slot", |m| {
        // A version that is dead answers nothing that could be slow.
        both(|slot| if m.answers(slot) || !m.deployment().1 { m.latency(slot) * 1.8 } else { f64::NAN })
    }),
    (r"max by (replica) (pg_replication_lag_seconds)", "replica", |m| {
        m.lag().map(|(name, lag)| (name.to_owned(), lag)).into()
    }),
];

fn both(of: impl Fn(Slot) -> f64) -> Vec<(String, f64)> {
    vec![("blue".to_owned(), of(Slot::Blue)), ("green".to_owned(), of(Slot::Green))]
}

/// Answers a request; `target` is its path with the query, as sent.
pub fn answer(model: &mut Model, method: &str, target: &str) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters: Vec<(String, String)> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decode(k), decode(v))).collect();
    let parameter = |name: &str| parameters.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    match (method, parts.as_slice()) {
        ("GET", ["blue", "api", "health"]) => health(model, Slot::Blue),
        ("GET", ["green", "api", "health"]) => health(model, Slot::Green),
        ("GET", ["api", "health"]) => health(model, next(model)),
        ("GET", ["api", "v1", "query"]) => prometheus(model, parameter("query").unwrap_or_default()),
        ("GET", ["api", "0", "organizations", "wallet", call]) => sentry(model, call, parameter("query").unwrap_or("")),
        ("GET", ["admin", "queues"]) => ok(queues(model)),
        ("GET", ["admin", "deploy"]) => {
            let (lines, done) = model.deployment();
            ok(json!({"lines": lines, "done": done}))
        }
        ("POST", ["admin", "deploy"]) => match parameter("version") {
            Some(version) if !version.is_empty() && version.len() < 40 => {
                model.deploy(version);
                ok(json!({}))
            }
            _ => refused("which version? /admin/deploy?version=v1.0.0"),
        },
        ("POST", ["admin", "weight"]) => match parameter("green").and_then(|n| n.parse::<f64>().ok()) {
            Some(share) if (0.0..=100.0).contains(&share) => {
                model.set_share(share);
                ok(json!({"lines": upstream(share)}))
            }
            _ => refused("which share? /admin/weight?green=25"),
        },
        _ => fail(404, json!({"detail": "The requested resource does not exist"})),
    }
}

fn ok(body: Value) -> Reply {
    Reply::Json { status: 200, body, headers: Vec::new(), after: 0.0 }
}

fn fail(status: u16, body: Value) -> Reply {
    Reply::Json { status, body, headers: Vec::new(), after: 0.0 }
}

fn refused(why: &str) -> Reply {
    fail(400, json!({"error": why}))
}

/// Which version the balancer asks next; a dead one it leaves out.
fn next(model: &Model) -> Slot {
    let green = model.answers(Slot::Green) && ((model.turn() * 37 % 100) as f64) < model.set();
    if green { Slot::Green } else { Slot::Blue }
}

fn health(model: &Model, slot: Slot) -> Reply {
    if !model.answers(slot) {
        return Reply::HangUp;
    }
    let strain = model.starved(slot);
    let millis = |seconds: f64| (seconds * 10_000.0).round() / 10.0;
    let mut database = json!({"status": "healthy", "latency_ms": millis(0.003 + 0.4 * strain)});
    if strain > 0.85 {
        database = json!({"status": "degraded", "latency_ms": millis(0.4), "error": "19 of 20 connections in use"});
    }
    let body = json!({
        "status": if strain > 0.85 { "degraded" } else { "healthy" },
        "version": model.version(slot),
        "services": {
            "database": database,
            "redis": {"status": "healthy", "latency_ms": 0.8},
            "stripe": {"status": "healthy", "latency_ms": 61.0},
        },
    });
    Reply::Json { status: 200, body, headers: Vec::new(), after: model.latency(slot) }
}

fn prometheus(model: &Model, query: &str) -> Reply {
    let Some((_, label, series)) = QUERIES.iter().find(|(known, ..)| *known == query) else {
        let known: Vec<&str> = QUERIES.iter().map(|(known, ..)| *known).collect();
        let error = format!("this Prometheus is simulated and knows only: {}", known.join("; "));
        return fail(400, json!({"status": "error", "errorType": "bad_data", "error": error}));
    };
    let now = model.now();
    let result: Vec<Value> = series(model)
        .into_iter()
        .map(|(name, value)| json!({"metric": {(*label): name}, "value": [now, value.to_string()]}))
        .collect();
    ok(json!({"status": "success", "data": {"resultType": "vector", "result": result}}))
}

fn sentry(model: &Model, call: &str, query: &str) -> Reply {
    match call {
        "events-timeseries" => {
            let now = model.now();
            let values: Vec<Value> = model
                .minutes()
                .map(|(at, n)| {
                    // What came in within the last minute and a half may still grow.
                    let incomplete = (at + 60) as f64 > now - 90.0;
                    json!({"timestamp": at * 1000, "value": n, "incomplete": incomplete})
                })
                .collect();
            let meta = json!({"valueType": "integer", "valueUnit": null, "interval": 60_000});
            ok(
                json!({"timeSeries": [{"yAxis": "count()", "values": values, "meta": meta}], "meta": {"dataset": "errors"}}),
            )
        }
        "events" => {
            let (count, rate) = model.reported();
            let row = json!({"failure_rate()": rate, "count()": count});
            ok(json!({"data": [row], "meta": {"fields": {"failure_rate()": "percentage", "count()": "integer"}}}))
        }
        "issues" => {
            let issue = model.issue().filter(|_| !query.contains("is:regressed"));
            let issues: Vec<Value> = issue
                .map(|(title, count)| {
                    json!({
                        "id": "4711", "shortId": "WALLET-2F", "title": title, "level": "error",
                        "count": count.to_string(), "userCount": (count / 4.0).ceil(),
                        "isUnhandled": true, "substatus": "new",
                    })
                })
                .into_iter()
                .collect();
            let headers = vec![("x-hits", issues.len().to_string())];
            Reply::Json { status: 200, body: Value::Array(issues), headers, after: 0.0 }
        }
        _ => fail(404, json!({"detail": "The requested resource does not exist"})),
    }
}

fn queues(model: &Model) -> Value {
    let entries = model.queues().into_iter().map(|(name, ready, oldest)| {
        let oldest = (oldest * 10.0).round() / 10.0;
        (name.to_owned(), json!({"ready": ready, "oldest": oldest}))
    });
    Value::Object(entries.collect())
}

/// What the balancer's configuration says for a share. A weight of 0 is refused by nginx: `down` is the word.
fn upstream(green: f64) -> Vec<String> {
    let server = |port: u16, share: f64| match share {
        0.0 => format!("  server 127.0.0.1:{port} down;"),
        share => format!("  server 127.0.0.1:{port} weight={share};"),
    };
    vec![
        "upstream wallet {".to_owned(),
        server(3001, 100.0 - green),
        server(3002, green),
        "}".to_owned(),
        "nginx: configuration file /etc/nginx/nginx.conf test is successful".to_owned(),
        format!("reloaded: {green} % to green"),
    ]
}

/// Undoes the percent encoding of a query.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                if let (Some(high), Some(low)) = (hex(rest.next()), hex(rest.next())) {
                    bytes.push(high * 16 + low);
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::scenario::{SCENARIOS, find};

    fn model() -> Model {
        Model::new(SCENARIOS[0], 1.0, 1_700_000_000.0)
    }

    fn body(reply: Reply) -> (u16, Value) {
        match reply {
            Reply::Json { status, body, .. } => (status, body),
            Reply::HangUp => (0, Value::Null),
        }
    }

    #[test]
    fn health_names_the_version_and_the_services() {
        let mut model = model();
        let (status, found) = body(answer(&mut model, "GET", "/green/api/health"));
        assert_eq!(
            (status, &found["version"], &found["services"]["database"]["status"]),
            (200, &json!("v0.9.8"), &json!("healthy"))
        );
        assert_eq!(body(answer(&mut model, "POST", "/admin/deploy?version=v1.0.0")).0, 200);
        assert_eq!(answer(&mut model, "GET", "/green/api/health"), Reply::HangUp);
        model.advance(model.now() + 6.0);
        assert_eq!(body(answer(&mut model, "GET", "/green/api/health")).1["version"], "v1.0.0");
        assert_eq!(body(answer(&mut model, "GET", "/admin/deploy")).1["done"], true);
    }

    /// All that is measured of it but the queue of webhooks.
    fn measured(model: &mut Model) -> Vec<(String, Reply)> {
        let queries = QUERIES.iter().map(|(query, ..)| format!("/api/v1/query?query={}", query.replace('+', "%2B")));
        let sentry = ["events-timeseries", "events", "issues"].map(|c| format!("/api/0/organizations/wallet/{c}"));
        let health = ["", "/blue", "/green"].map(|slot| format!("{slot}/api/health"));
        let mut found: Vec<_> =
            queries.chain(sentry).chain(health).map(|target| (target.clone(), answer(model, "GET", &target))).collect();
        let (_, mut queues) = body(answer(model, "GET", "/admin/queues"));
        queues["webhooks"] = Value::Null;
        found.push(("queues".to_owned(), ok(queues)));
        found
    }

    fn webhooks(model: &mut Model) -> (f64, f64) {
        let (_, found) = body(answer(model, "GET", "/admin/queues"));
        let of = |measure: &str| found["webhooks"][measure].as_f64().unwrap();
        (of("ready"), of("oldest"))
    }

    #[test]
    fn in_the_story_of_the_queue_all_but_the_queue_is_as_when_nothing_goes_wrong() {
        for speed in [0.1, 1.0, 3.0, 20.0] {
            let start = 1_700_000_000.0;
            let [mut queue, mut calm] = ["queue", "calm"].map(|name| Model::new(find(name).unwrap(), speed, start));
            for model in [&mut queue, &mut calm] {
                answer(model, "POST", "/admin/deploy?version=v1.0.0");
            }
            let mut worst = 0.0;
            // Seconds of the story, of which each stage has a hundred.
            for second in 0..500 {
                if let (Some(share), 0) = ([0, 25, 50, 100, 0].get(second / 100), second % 100) {
                    let before = webhooks(&mut queue);
                    worst = before.1.max(worst);
                    assert_eq!(
                        before.0 > 1000.0 && before.1 > 60.0,
                        matches!(second, 300 | 400),
                        "{second}: {before:?}"
                    );
                    for model in [&mut queue, &mut calm] {
                        answer(model, "POST", &format!("/admin/weight?green={share}"));
                    }
                }
                for model in [&mut queue, &mut calm] {
                    model.advance(model.now() + 1.0 / speed);
                }
                for (told, well) in measured(&mut queue).into_iter().zip(measured(&mut calm)) {
                    assert_eq!(told, well, "at speed {speed} after {second} s");
                }
            }
            assert!(webhooks(&mut queue).1 < worst / 2.0, "the way back is seen: {:?}", webhooks(&mut queue));
        }
    }

    #[test]
    fn a_dead_version_has_no_latency() {
        let mut model = Model::new(find("green-dies").unwrap(), 1.0, 1_700_000_000.0);
        let p95 = QUERIES.iter().find(|(query, ..)| query.contains("quantile")).unwrap().2;
        answer(&mut model, "POST", "/admin/deploy?version=v1.0.0");
        assert!(p95(&model).iter().all(|(_, p95)| p95.is_finite()), "it is replaced, and was not slow");
        answer(&mut model, "POST", "/admin/weight?green=25");
        model.advance(model.now() + 30.0);
        let [blue, green] = [0, 1].map(|slot| p95(&model)[slot].1);
        assert!(blue.is_finite() && green.is_nan(), "{blue} {green}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut model = model();
        for (method, target, status) in [
            ("GET", "/", 404),
            ("GET", "/admin/weight?green=25", 404),
            ("POST", "/admin/weight?green=101", 400),
            ("POST", "/admin/weight", 400),
            ("POST", "/admin/deploy?version=", 400),
            ("GET", "/api/v1/query?query=up", 400),
            ("GET", "/%zz%?%&=&%f", 404),
        ] {
            assert_eq!(body(answer(&mut model, method, target)).0, status, "{target}");
        }
    }

    #[test]
    fn the_shipped_plan_asks_only_what_it_knows() {
        let asked: Vec<&str> = super::super::PLAN.lines().filter(|l| l.contains("prometheus = {")).collect();
        assert!(asked.len() >= 4, "{asked:?}");
        for line in asked {
            for query in line.split("'''").skip(1).step_by(2) {
                assert!(QUERIES.iter().any(|(known, ..)| *known == query), "{query}");
            }
        }
    }
}
