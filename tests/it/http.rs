//! The `http` probe against a server of the test's own.

use serde_json::{Value, json};
use tminus::core::reading::Outcome;
use tminus::core::time::Span;

use crate::support::free_port;
use crate::support::probe::{Asker, Found, ask, setup};
use crate::support::web::{Reply, Web};

async fn http(web: &Web, path: &str, rest: Value) -> Result<Found, String> {
    let mut table = json!({ "url": web.url(path) });
    table.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    ask("http", table, setup(&[("token", "hunter2hunter2")])).await
}

#[tokio::test]
async fn a_good_answer_tells_status_latency_version_and_services() {
    let web = Web::start(|_| {
        Reply::json(
            200,
            json!({
                "status": "healthy", "version": "v1.0.0",
                "services": {"database": {"status": "up", "latency_ms": 12}, "stripe": "down", "search": "warming"}
            }),
        )
    })
    .await;
    let rest = json!({
        "expect": {"status": 200, "json": {"$.status": ["ok", "healthy"]}}, "services": "$.services.*", "version": "$.version"
    });
    let found = http(&web, "/api/health", rest).await.unwrap();
    assert_eq!(found.get("up"), &Outcome::well());
    assert_eq!(found.number("status"), 200.0);
    assert!(found.number("latency") > 0.0 && found.number("latency") < 10.0);
    assert_eq!(found.get("version"), &Outcome::Text("v1.0.0".into()));
    assert_eq!(found.get("database up"), &Outcome::well());
    assert_eq!(found.number("database latency"), 0.012);
    assert_eq!(found.failing("stripe up"), "says `down`");
    assert!(found.no_data("search up").contains("`warming`"));
}

#[tokio::test]
async fn a_wrong_answer_is_failing_and_says_how() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/500" => Reply::text(500, "text/html", "<h1>Oops</h1>"),
        "/html" => Reply::text(200, "text/html", "<!doctype html><title>Log in</title>"),
        "/moved" => Reply::text(301, "text/plain", "").with("location", "https://old.example/login"),
        "/down" => Reply::json(200, json!({"status": "DOWN"})),
        "/degraded" => Reply::json(200, json!({"status": "degraded"})),
        _ => Reply::text(200, "text/plain", "fine"),
    })
    .await;
    let healthy = json!({"expect": {"json": {"$.status": "healthy"}}});
    for (path, rest, why) in [
        ("/500", json!({}), "answers 500, not 2xx"),
        ("/500", json!({"expect": {"status": [200, 204]}}), "answers 500, not 200 or 204"),
        ("/html", healthy.clone(), "the body is no JSON (text/html): `<!doctype html><title>Log in</title>`"),
        ("/moved", json!({}), "answers 301, a redirect to https://old.example/login, which is not followed"),
        ("/down", json!({}), "its status says `DOWN`"),
        ("/degraded", healthy, "$['status'] is `degraded`, not `healthy`"),
        ("/text", json!({"expect": {"text": "ready"}}), "the body does not have `ready` in it"),
    ] {
        let found = http(&web, path, rest).await.unwrap();
        assert_eq!(found.failing("up").replace("$.status", "$['status']"), why, "{path}");
        assert!(found.number("latency") > 0.0);
    }
    assert_eq!(http(&web, "/degraded", json!({})).await.unwrap().get("up"), &Outcome::well());
}

#[tokio::test]
async fn refused_and_timed_out_are_failing_but_our_own_troubles_are_no_data() {
    let refused = ask("http", json!({"url": format!("http://127.0.0.1:{}/", free_port())}), setup(&[])).await.unwrap();
    assert!(refused.failing("up").starts_with("connection refused by 127.0.0.1:"), "{refused:?}");
    assert_eq!(refused.no_data("latency"), "no HTTP answer");

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut hurried = setup(&[]);
    hurried.timeout = Span(200);
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let hung = ask("http", json!({ "url": url }), hurried).await.unwrap();
    assert_eq!(hung.failing("up"), "no answer within 200ms");

    let unknown = ask("http", json!({"url": "http://no-such-host.invalid/"}), setup(&[])).await.unwrap_err();
    assert!(unknown.starts_with("`no-such-host.invalid` can't be looked up: "), "{unknown}");

    let web = Web::start(|asked| match asked.path.as_str() {
        "/401" => Reply::text(401, "text/plain", "no"),
        _ => Reply::text(429, "text/plain", "slow down").with("retry-after", "17"),
    })
    .await;
    assert!(http(&web, "/401", json!({})).await.unwrap_err().contains("401"));
    assert!(http(&web, "/429", json!({})).await.unwrap_err().contains("asked too often"));
    assert_eq!(http(&web, "/401", json!({"expect": {"status": 401}})).await.unwrap().get("up"), &Outcome::well());
}

#[tokio::test]
async fn a_plain_server_behind_https_is_told_from_a_bad_certificate() {
    let web = Web::start(|_| Reply::text(200, "text/plain", "hello")).await;
    let found = ask("http", json!({"url": web.url("/").replace("http:", "https:")}), setup(&[])).await;
    match found {
        Ok(found) => assert!(found.failing("up").contains("does not speak TLS"), "{found:?}"),
        // A machine without any certificates can't even ask.
        Err(why) => assert!(why.contains("ca-certificates"), "{why}"),
    }
}

#[tokio::test]
async fn redirects_are_followed_if_asked_and_secrets_stay_with_their_host() {
    let other = Web::start(|_| Reply::text(200, "text/plain", "here")).await;
    let to = other.url("/final");
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/loop" => Reply::text(302, "text/plain", "").with("location", "/loop"),
        _ => Reply::text(302, "text/plain", "").with("location", &to),
    })
    .await;
    let rest =
        json!({"follow": true, "headers": {"Authorization": "Bearer ${secret.token}", "X-Key": "${secret.token}"}});
    let found = http(&web, "/start", rest.clone()).await.unwrap();
    assert_eq!(found.get("up"), &Outcome::well());
    assert_eq!(web.asked()[0].header("authorization"), Some("Bearer hunter2hunter2"));
    assert_eq!((other.asked()[0].header("authorization"), other.asked()[0].header("x-key")), (None, None));
    let circle = http(&web, "/loop", rest).await.unwrap();
    assert!(circle.failing("up").starts_with("redirected more than 5 times, last to http://127.0.0.1:"), "{circle:?}");
    assert_eq!(circle.number("status"), 302.0, "it did answer");
    assert!(circle.number("latency") > 0.0);
}

#[tokio::test]
async fn services_have_no_data_while_nobody_answers() {
    let web = Web::start(|_| Reply::json(200, json!({"services": {"database": "up"}}))).await;
    let address = web.address;
    let mut asker = Asker::open("http", json!({"url": web.url("/"), "services": "$.services.*"}));
    assert_eq!(asker.ask().await.unwrap().get("database up"), &Outcome::well());
    drop(web);
    let gone = crate::support::eventually("the server to be gone", async || {
        std::net::TcpStream::connect(address).is_err().then_some(())
    });
    gone.await;
    let found = asker.ask().await.unwrap();
    assert!(found.failing("up").contains("refused"));
    assert_eq!(found.no_data("database up"), "no answer to read it from");
}

#[tokio::test]
async fn a_secret_in_the_url_is_masked_in_what_is_said() {
    let url = "http://127.0.0.1:1/?key=${secret.token}";
    let setup = setup(&[("token", "127.0.0.1:1")]);
    let found = ask("http", json!({ "url": url }), setup).await.unwrap();
    assert_eq!(found.failing("up"), "connection refused by ••••••");
    let missing = ask("http", json!({ "url": "http://h/${secret.other}" }), self::setup(&[])).await.unwrap_err();
    assert!(missing.contains("`other`"), "{missing}");
}
