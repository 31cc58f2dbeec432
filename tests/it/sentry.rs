//! The `sentry` probe against servers of the test's own that answer as Sentry and GlitchTip do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tminus::core::reading::Outcome;
use tminus::core::time::{Span, Timestamp};
use tminus::probes::{Prober, Setup};

use crate::support::probe::{Found, ask, setup, spec};
use crate::support::web::{Asked, Reply, Web};

const ORG: &str = "/api/0/organizations/acme";

fn secrets() -> Setup {
    setup(&[("sentry", "sntryu_0123456789abcdef")])
}

fn table(web: &Web, rest: Value) -> Value {
    let mut table = json!({"url": web.url(""), "organization": "acme", "token": "${secret.sentry}"});
    table.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    table
}

async fn sentry(web: &Web, rest: Value) -> Result<Found, String> {
    ask("sentry", table(web, rest), secrets()).await
}

/// The path below the organization, without its query.
fn call(asked: &Asked) -> &str {
    let path = asked.path.split('?').next().unwrap_or("");
    path.strip_prefix(ORG).unwrap_or(path).trim_matches('/')
}

fn parameters(asked: &Asked) -> Vec<(String, String)> {
    let url = format!("http://x{}", asked.path);
    reqwest::Url::parse(&url).unwrap().query_pairs().into_owned().collect()
}

fn parameter(asked: &Asked, key: &str) -> Option<String> {
    parameters(asked).into_iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

/// The starts of the last ten whole minutes and the running one, in seconds since 1970.
fn minutes() -> Vec<i64> {
    let this = chrono::Utc::now().timestamp() / 60 * 60;
    (0..=10).rev().map(|back| this - back * 60).collect()
}

fn timeseries() -> Value {
    let all = minutes();
    let values: Vec<Value> = all
        .iter()
        .map(|m| {
            let incomplete = all.iter().rev().take(3).any(|last| last == m);
            json!({"timestamp": m * 1000, "value": if incomplete { 0 } else { 12 }, "incomplete": incomplete})
        })
        .collect();
    json!({"timeSeries": [{"yAxis": "count()", "values": values, "meta": {"interval": 60_000}}], "meta": {}})
}

fn issue(id: usize, level: &str, title: &str) -> Value {
    json!({"id": id.to_string(), "shortId": format!("WEB-{id}"), "title": title, "level": level, "count": "7", "userCount": 2,
        "isUnhandled": level == "fatal", "substatus": null, "extra": {"unknown": [1]}})
}

#[tokio::test]
async fn sentry_tells_errors_rate_and_issues_since_t0() {
    let web = Web::start(|asked| match call(asked) {
        "api/settings" => Reply::json(404, json!({"detail": "not found"})),
        "events-timeseries" => Reply::json(200, timeseries()),
        "events" => Reply::json(200, json!({"data": [{"failure_rate()": 0.031, "count()": 4000}], "meta": {}})),
        "issues" if parameter(asked, "query").unwrap().contains("is:regressed") => Reply::json(200, json!([])),
        "issues" => Reply::json(200, json!([issue(1, "error", "TypeError: x"), issue(2, "fatal", "Out of memory")]))
            .with("x-hits", "2")
            .with("link", "<http://x>; rel=\"next\"; results=\"false\"; cursor=\"0:100:0\""),
        other => panic!("asked {other}"),
    })
    .await;
    let rest = json!({"projects": ["1", "web"], "environment": "production", "tracing": true, "min-samples": 300});
    let found = sentry(&web, rest).await.unwrap();
    assert!((found.number("errors") - 12.0 / 60.0).abs() < 1e-9, "{found:?}");
    assert_eq!(found.number("error-rate"), 0.031);
    assert_eq!((found.number("new-issues"), found.number("regressed-issues")), (2.0, 0.0));
    assert_eq!(found.get("worst-issue"), &Outcome::Text("WEB-2 Out of memory (fatal, 7 events)".into()));
    for asked in web.asked().iter().skip(1) {
        assert_eq!(asked.header("authorization"), Some("Bearer sntryu_0123456789abcdef"));
        assert!(asked.path.split('?').next().unwrap().ends_with('/'), "{}", asked.path);
        let projects: Vec<String> =
            parameters(asked).into_iter().filter(|(k, _)| k == "project").map(|(_, v)| v).collect();
        assert_eq!(projects, ["1", "web"]);
        assert_eq!(parameter(asked, "environment").as_deref(), Some("production"));
    }
    let new = web.asked().into_iter().find(|a| call(a) == "issues").unwrap();
    assert!(parameter(&new, "query").unwrap().contains("firstSeen:>20"), "{new:?}");
}

#[tokio::test]
async fn too_few_samples_and_no_traces_are_no_data() {
    let count = Arc::new(AtomicUsize::new(0));
    let transactions = count.clone();
    let web = Web::start(move |asked| match call(asked) {
        "events" => {
            let n = transactions.load(Ordering::Relaxed);
            Reply::json(
                200,
                json!({"data": [{"failure_rate()": if n == 0 { json!(null) } else { json!(1.0) }, "count()": n}]}),
            )
        }
        "issues" => Reply::json(200, json!([])),
        _ => Reply::json(200, timeseries()),
    })
    .await;
    let rest = json!({"flavor": "sentry", "tracing": true, "min-samples": 300});
    assert!(sentry(&web, rest.clone()).await.unwrap().no_data("error-rate").starts_with("no transactions"));
    count.store(212, Ordering::Relaxed);
    assert_eq!(sentry(&web, rest).await.unwrap().few("error-rate"), "100 % of 212/300 transactions");
}

#[tokio::test]
async fn an_older_sentry_is_asked_in_the_older_way() {
    let web = Web::start(|asked| match call(asked) {
        "events-timeseries" => Reply::text(404, "text/html", "<h1>404</h1>"),
        "events-stats" => {
            let data: Vec<Value> = minutes().iter().map(|m| json!([m, [{"count": 6}]])).collect();
            Reply::json(200, json!({"data": data, "start": 0, "end": 0}))
        }
        "events" if parameter(asked, "dataset").as_deref() == Some("spans") => {
            Reply::json(400, json!({"detail": "dataset must be one of: …"}))
        }
        "events" => Reply::json(200, json!({"data": [{"failure_rate()": 0.018, "count()": "500"}]})),
        _ => Reply::json(200, json!([])),
    })
    .await;
    let found = sentry(&web, json!({"flavor": "sentry", "tracing": true})).await.unwrap();
    assert!((found.number("errors") - 0.1).abs() < 1e-9);
    assert_eq!(found.number("error-rate"), 0.018);
}

#[tokio::test]
async fn glitchtip_is_recognised_and_asked_in_its_own_words() {
    let web = Web::start(|asked| match call(asked) {
        "api/settings" => Reply::json(200, json!({"glitchtipInstanceName": null, "version": "5.1"})),
        "stats_v2" => {
            let times: Vec<String> = minutes()
                .iter()
                .map(|m| chrono::DateTime::from_timestamp(*m, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string())
                .collect();
            Reply::json(
                200,
                json!({"groups": [{"series": {"sum(quantity)": vec![3; times.len()]}}], "intervals": times}),
            )
        }
        "issues" => Reply::json(200, json!([issue(1, "error", "boom")]))
            .with("x-hits", "41")
            .with("link", "{'<http://x>; rel=\"next\"; results=\"true\"; cursor=\"abc\"'}"),
        other => panic!("asked {other}"),
    })
    .await;
    let found = sentry(&web, json!({})).await.unwrap();
    assert!((found.number("errors") - 0.05).abs() < 1e-9);
    assert_eq!(found.number("new-issues"), 41.0);
    assert!(found.no_data("regressed-issues").contains("GlitchTip"));
    let issues = web.asked().into_iter().find(|a| call(a) == "issues").unwrap();
    assert!(parameter(&issues, "start").is_some() && !parameter(&issues, "query").unwrap().contains("firstSeen"));
}

#[tokio::test]
async fn a_refusal_of_glitchtip_has_its_name_and_its_words() {
    let wrong = json!({"detail": [
        {"type": "literal_error", "loc": ["query", "sort"], "msg": "Input should be 'last_seen' or '-last_seen'"},
        {"type": "missing", "loc": ["query", "start"], "msg": "Field required"},
    ]});
    let web = Web::start(move |asked| match call(asked) {
        "api/settings" => Reply::json(200, json!({"glitchtipInstanceName": null, "version": "5.1"})),
        _ => Reply::json(422, wrong.clone()),
    })
    .await;
    let found = sentry(&web, json!({})).await.unwrap();
    let said = "GlitchTip answered 422: sort: Input should be 'last_seen' or '-last_seen'; start: Field required";
    assert_eq!(found.no_data("new-issues"), said);
    let web = Web::start(|asked| match call(asked) {
        "api/settings" => Reply::json(404, json!({})),
        _ => Reply::json(422, json!({"detail": {"message": "Query timeout"}})),
    })
    .await;
    let found = sentry(&web, json!({})).await.unwrap();
    assert_eq!(found.no_data("new-issues"), "Sentry answered 422: Query timeout");
}

/// Three pages where the server does not tell how many there are in all; the worst of them all is named.
#[tokio::test]
async fn pages_are_followed_to_the_last() {
    let web = Web::start(|asked| match call(asked) {
        "issues" => {
            let cursor = parameter(asked, "cursor");
            let (page, next) = match cursor.as_deref() {
                None => (0, "results=\"true\"; cursor=\"0:100:0\""),
                Some("0:100:0") => (1, "results=\"true\"; cursor=\"0:200:0\""),
                Some("0:200:0") => (2, "results=\"false\"; cursor=\"0:300:0\""),
                Some(other) => panic!("no such page: {other}"),
            };
            let level = if page == 1 { "fatal" } else { "warning" };
            let previous = "<http://x>; rel=\"previous\"; results=\"true\"; cursor=\"0:0:1\"";
            Reply::json(200, json!([issue(page * 2, "info", "x"), issue(page * 2 + 1, level, "y")]))
                .with("link", &format!("{previous}, <http://x>; rel=\"next\"; {next}"))
        }
        _ => Reply::json(200, timeseries()),
    })
    .await;
    let found = sentry(&web, json!({"flavor": "sentry"})).await.unwrap();
    assert_eq!((found.number("new-issues"), found.number("regressed-issues")), (6.0, 6.0));
    assert_eq!(found.get("worst-issue"), &Outcome::Text("WEB-3 y (fatal, 7 events)".into()));
}

#[tokio::test]
async fn beyond_what_is_counted_a_number_is_the_least_that_it_is() {
    let at_least = |n: i32| Outcome::AtLeast(n.into());
    let next = |cursor: usize| format!("<http://x>; rel=\"next\"; results=\"true\"; cursor=\"0:{cursor}:0\"");
    for (headers, count) in [
        // Page after page, and no number.
        (vec![], at_least(500)),
        (vec![("x-hits", "700"), ("x-max-hits", "1000")], Outcome::Value(700.into())),
        (vec![("x-hits", "1000"), ("x-max-hits", "1000")], at_least(1000)),
        (vec![("x-hits", "1000")], at_least(1000)),
        (vec![("x-hits", "1000"), ("x-max-hits", "10000")], Outcome::Value(1000.into())),
    ] {
        let told = headers.clone();
        let web = Web::start(move |asked| match call(asked) {
            "issues" => {
                let page = (0..100).map(|n| issue(n, "error", "x")).collect::<Vec<_>>();
                let reply = Reply::json(200, json!(page)).with("link", &next(1));
                headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value))
            }
            _ => Reply::json(200, timeseries()),
        })
        .await;
        let found = sentry(&web, json!({"flavor": "sentry"})).await.unwrap();
        assert_eq!((found.get("new-issues"), found.get("regressed-issues")), (&count, &count), "{told:?}");
    }
}

/// T-0 moves with a launch that slips: what is new is asked from where it is now.
#[tokio::test]
async fn new_and_regressed_count_from_t0_as_it_is() {
    let web = Web::start(|asked| match call(asked) {
        "issues" => Reply::json(200, json!([])),
        _ => Reply::json(200, timeseries()),
    })
    .await;
    let (moves, t0) = tokio::sync::watch::channel(Timestamp(1_763_690_400_000));
    let mut prober = spec("sentry", table(&web, json!({"flavor": "sentry", "query": "release:web@1"})))
        .open(Setup { t0, ..secrets() })
        .unwrap();
    for (at, told) in [(1_763_690_400_000, "2025-11-21T02:00:00"), (1_763_694_000_000, "2025-11-21T03:00:00")] {
        moves.send(Timestamp(at)).unwrap();
        let before = web.asked().len();
        prober.poll().await.unwrap();
        let asked: Vec<Asked> = web.asked().into_iter().skip(before).filter(|asked| call(asked) == "issues").collect();
        let queries: Vec<String> = asked.iter().map(|asked| parameter(asked, "query").unwrap()).collect();
        assert_eq!(
            queries,
            [
                format!("is:unresolved firstSeen:>{told} release:web@1"),
                format!("is:unresolved is:regressed lastSeen:>{told} release:web@1"),
            ]
        );
    }
}

#[tokio::test]
async fn a_missing_scope_is_named_and_the_rest_goes_on() {
    let web = Web::start(|asked| match call(asked) {
        "issues" => Reply::json(403, json!({"detail": "You do not have permission to perform this action."})),
        _ => Reply::json(200, timeseries()),
    })
    .await;
    let found = sentry(&web, json!({"flavor": "sentry"})).await.unwrap();
    assert!(found.number("errors") > 0.0);
    assert_eq!(found.no_data("new-issues"), "403: the token lacks the scope event:read");
    assert_eq!(found.no_data("worst-issue"), "403: the token lacks the scope event:read");

    let gone = Web::start(|_| Reply::json(404, json!({"detail": "The requested resource does not exist"}))).await;
    let found = sentry(&gone, json!({"flavor": "sentry"})).await.unwrap();
    assert!(found.no_data("errors").contains("no organization `acme`"));
    let shut = Web::start(|_| Reply::json(401, json!({"detail": "Invalid token"}))).await;
    assert!(sentry(&shut, json!({"flavor": "sentry"})).await.unwrap_err().contains("the token is wrong or expired"));
}

#[tokio::test]
async fn limits_are_kept() {
    for (name, value, least, most) in [
        ("retry-after", "40".to_owned(), 40, 42),
        ("x-sentry-rate-limit-reset", (chrono::Utc::now().timestamp() + 25).to_string(), 20, 27),
        ("x-sentry-rate-limits", "45:error:organization, 12:transaction:project".to_owned(), 45, 47),
        ("x-sentry-rate-limits", "nonsense".to_owned(), 30, 32),
        ("retry-after", "0".to_owned(), 1, 3),
        ("x-nothing", "1".to_owned(), 30, 32),
    ] {
        // As Sentry's middleware answers: JSON that calls itself text.
        let web = Web::start(move |_| {
            Reply::text(429, "text/html", "{\"detail\": \"You are attempting to use this endpoint too frequently.\"}")
                .with(name, &value)
        })
        .await;
        let mut prober = spec("sentry", table(&web, json!({"flavor": "sentry"}))).open(secrets()).unwrap();
        let miss = prober.poll().await.unwrap_err();
        let wait = miss.retry_after.unwrap();
        assert!((Span::secs(least)..Span::secs(most)).contains(&wait), "{name}: {wait}");
        assert_eq!(web.asked().len(), 1, "one call, then none");
    }
}

#[tokio::test]
async fn tokens_that_can_not_read_are_told_at_once() {
    let web = Web::start(|other| panic!("asked {other:?}")).await;
    for (token, why) in [("https://key@o1.ingest.sentry.io/2", "DSN"), ("sntrys_abc", "organization token")] {
        let said = ask("sentry", table(&web, json!({})), setup(&[("sentry", token)])).await.unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}
