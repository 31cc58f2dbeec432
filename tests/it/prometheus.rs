//! The `prometheus` probe against a real Prometheus that scrapes a small application.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use tminus::core::time::Span;
use tminus::probes::Prober;

use crate::support::eventually;
use crate::support::probe::{Asker, ask, setup, spec};
use crate::support::prometheus::Prometheus;
use crate::support::web::{Reply, Web};

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_a_label_set_and_no_data_where_there_is_too_little() {
    let requests = Arc::new(AtomicU64::new(0));
    let served = requests.clone();
    let app = Web::start(move |_| {
        let n = served.fetch_add(50, Ordering::Relaxed);
        let lines = [
            format!("http_requests_total{{version=\"green\",code=\"200\"}} {}", n * 9 / 10),
            format!("http_requests_total{{version=\"green\",code=\"500\"}} {}", n / 10),
            format!("http_requests_total{{version=\"blue\",code=\"200\"}} {}", n / 50),
            "http_requests_total{version=\"blue\",code=\"500\"} 0".to_owned(),
            "queue_age_seconds 12.5\nnothing_yet NaN".to_owned(),
        ];
        Reply::text(200, "text/plain; version=0.0.4", &format!("{}\n", lines.join("\n")))
    })
    .await;
    let prometheus = Prometheus::start(&app.address.to_string());

    let mut asker = Asker::open(
        "prometheus",
        json!({
            "url": prometheus.url(), "unit": "ratio", "min-samples": 20,
            "query": "sum by (version) (rate(http_requests_total{code=~'5..'}[20s])) / sum by (version) (rate(http_requests_total[20s]))",
            "samples": "sum by (version) (increase(http_requests_total[20s]))",
        }),
    );
    let found = eventually("rates over some scrapes", async || {
        let found = asker.ask().await.ok()?;
        let green =
            |p: &&tminus::core::reading::Point| p.instance == Some("green".into()) && p.measure.as_str() == "value";
        found.0.iter().find(green)?.outcome.value()?;
        Some(found)
    });
    let found = found.await;
    assert!((found.number("green value") - 0.1).abs() < 0.02, "{found:?}");
    assert!(found.number("green samples") > 20.0);
    let few = found.few("blue value");
    assert!(few.starts_with("0 % of ") && few.ends_with("/20 samples"), "{few}");

    let plain = |query: &str| json!({"url": prometheus.url(), "query": query});
    assert_eq!(ask("prometheus", plain("sum(queue_age_seconds)"), setup(&[])).await.unwrap().number("value"), 12.5);
    assert_eq!(
        ask("prometheus", plain("up"), setup(&[])).await.unwrap().number(&format!("{}/app value", app.address)),
        1.0
    );
    assert_eq!(ask("prometheus", plain("scalar(queue_age_seconds)"), setup(&[])).await.unwrap().number("value"), 12.5);
    let nan = ask("prometheus", plain("sum(nothing_yet)"), setup(&[])).await.unwrap();
    assert!(nan.no_data("value").contains("NaN"));
    let zero = ask("prometheus", plain("vector(1) / 0"), setup(&[])).await.unwrap();
    assert_eq!(zero.no_data("value"), "the answer is inf, not a number to compare");
    // Samples that are NaN, or of another label set, vouch for nothing.
    let vouched = |samples: &str| json!({"url": prometheus.url(), "query": "sum(queue_age_seconds)", "samples": samples, "min-samples": 1});
    for (samples, why) in [
        ("sum(nothing_yet)", "the samples query gives nothing for it"),
        ("no_such_metric", "the samples query gives nothing for it"),
    ] {
        let found = ask("prometheus", vouched(samples), setup(&[])).await.unwrap();
        assert_eq!(found.no_data("value"), why, "{samples}");
    }
    let found = ask("prometheus", vouched("vector(0.9)"), setup(&[])).await.unwrap();
    assert!(found.few("value").ends_with(" of 0/1 samples"), "{found:?}");
    assert_eq!(ask("prometheus", vouched("vector(1)"), setup(&[])).await.unwrap().number("value"), 12.5);
    for (query, why) in
        [("no_such_metric", "gives nothing"), ("sum(", "bad_data: "), ("queue_age_seconds[1m]", "matrix")]
    {
        let said = ask("prometheus", plain(query), setup(&[])).await.unwrap_err();
        assert!(said.contains(why), "{query}: {said}");
    }
    let long = format!("sum(queue_age_seconds) {}", "+ 0 ".repeat(2000));
    assert_eq!(ask("prometheus", plain(&long), setup(&[])).await.unwrap().number("value"), 12.5);
}

#[tokio::test]
async fn a_proxy_that_answers_html_is_told() {
    let proxy = Web::start(|_| Reply::text(502, "text/html", "<html>Bad Gateway</html>")).await;
    let said = ask("prometheus", json!({"url": proxy.url("/prom"), "query": "up"}), setup(&[])).await.unwrap_err();
    assert_eq!(said, "answered 502: the body is no JSON (text/html): `<html>Bad Gateway</html>`");
    assert_eq!(proxy.asked()[0].path, "/prom/api/v1/query?query=up");
}

/// What stands between us and a Prometheus, and one that is too busy, answer in their own ways.
#[tokio::test]
async fn errors_are_told_in_their_own_words() {
    let web = Web::start(|asked| match asked.path.split('?').next().unwrap_or("") {
        "/busy/api/v1/query" => Reply::json(
            503,
            json!({"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}),
        ),
        "/shut/api/v1/query" => Reply::text(401, "text/plain", "Unauthorized"),
        "/often/api/v1/query" => Reply::text(429, "text/plain", "slow down").with("retry-after", "9"),
        "/other/api/v1/query" => Reply::json(200, json!({"hello": 1})),
        "/partial/api/v1/query" => Reply::json(
            200,
            json!({
                "status": "success", "warnings": ["store b is unavailable"],
                "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1.0, "0"]}]},
            }),
        ),
        "/bare/api/v1/query" => Reply::json(200, json!({"status": "success"})),
        other => panic!("asked {other}"),
    })
    .await;
    for (path, why) in [
        ("/busy", "timeout: query timed out in expression evaluation"),
        ("/shut/", "prometheus answered 401: the credential is wrong, missing or expired"),
        ("/often", "prometheus answered 429: asked too often"),
        ("/other", "answered 200 with JSON that is not Prometheus'"),
        ("/bare", "answered 200 without data"),
        ("/partial", "partial answer: store b is unavailable"),
    ] {
        let said = ask("prometheus", json!({"url": web.url(path), "query": "up"}), setup(&[])).await.unwrap_err();
        assert_eq!(said, why, "{path}");
    }
    let mut prober = spec("prometheus", json!({"url": web.url("/often"), "query": "up"})).open(setup(&[])).unwrap();
    assert_eq!(prober.poll().await.unwrap_err().retry_after, Some(Span::secs(9)));
}
