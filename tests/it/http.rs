//! The `http` probe against a server of the test's own.

use serde_json::{Value, json};
use tminus::core::reading::Outcome;
use tminus::core::time::Span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
        "/failed" => Reply::json(200, json!({"status": "failed", "message": "no disk"})),
        "/false" => Reply::json(200, json!({"ok": false})),
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
        ("/failed", json!({}), "its status says `failed`: no disk"),
        ("/false", json!({"expect": {"status": 200}}), "its ok says `false`"),
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
    let told = "takes the connection and the head of its answer never came whole";
    assert!(
        hung.failing("up").starts_with("no answer within 200ms: 127.0.0.1:") && hung.failing("up").ends_with(told),
        "{hung:?}"
    );

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
    assert_eq!(circle.failing("up"), "it redirects to itself");
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
async fn a_path_that_finds_no_services_says_so() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/words" => Reply::text(200, "text/plain", "fine"),
        _ => Reply::json(200, json!({"status": "ok", "services": {"database": "up"}})),
    })
    .await;
    let found = http(&web, "/", json!({"services": "$.checks.*"})).await.unwrap();
    assert_eq!(found.get("up"), &Outcome::well());
    assert_eq!(found.no_data("(none) up"), "no services at `$.checks.*`");
    let words = http(&web, "/words", json!({"services": "$.checks.*"})).await.unwrap();
    assert!(words.no_data("(none) up").starts_with("no services at `$.checks.*`: "), "{words:?}");

    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    let text = format!(
        "[plan]\nname='x'\nenvironment='test'\n[roles]\nops={{name='Ana'}}\n[[probe]]\nid='api'\nhttp={{url='{}',services='$.checks.*'}}\n\
        [[phase]]\nid='p'\nstep=[{{id='s',owner='ops',verify='api is ok'}}]\n",
        web.url("/")
    );
    std::fs::write(&plan, text).unwrap();
    let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_tminus"));
    let said = check.args(["check", "--probe"]).arg(&plan).output().await.unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("no services at `$.checks.*`"));
    assert!(line.is_some_and(|line| line.contains("api[\"(none)\"].up") && line.contains("unknown")), "{said}");
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

/// Answers every request with these bytes, then with `more` for ever.
async fn raw(first: &'static [u8], more: Vec<u8>) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let more = more.clone();
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                let mut sent = stream.write_all(first).await;
                while sent.is_ok() && !more.is_empty() {
                    sent = stream.write_all(&more).await;
                }
                // Says nothing more, and does not hang up either.
                let _ = stream.read(&mut asked).await;
            });
        }
    });
    address
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nready\r\n";

#[tokio::test]
async fn a_body_without_end_is_read_so_far_and_no_further() {
    let endless = raw(CHUNKED, format!("4000\r\n{}\r\n", "x".repeat(0x4000)).into_bytes()).await;
    let url = format!("http://{endless}/");
    let look = async |expect: Value| ask("http", json!({"url": url, "expect": expect}), setup(&[])).await.unwrap();
    let found = look(json!({"text": "ready"})).await;
    assert_eq!((found.get("up"), found.number("status")), (&Outcome::well(), 200.0));
    let never = look(json!({"text": "never"})).await;
    assert_eq!(never.failing("up"), "the first 1048576 bytes of the body do not have `never` in them");
    let json = look(json!({"json": {"$.a": 1}})).await;
    assert_eq!(json.failing("up"), "the body is longer than 1048576 bytes");

    // One that stops in the middle and keeps the line open is late, whatever it began with.
    let stuck = raw(CHUNKED, Vec::new()).await;
    let mut hurried = setup(&[]);
    hurried.timeout = Span(300);
    let found = ask("http", json!({"url": format!("http://{stuck}/")}), hurried).await.unwrap();
    assert_eq!(found.failing("up"), "no answer within 300ms: 200 came and 5 bytes of the body, which never ended");
    assert_eq!(found.no_data("latency"), "no HTTP answer");

    let large = json!({"status": "ok", "filler": "x".repeat(10 << 20)}).to_string();
    let web = Web::start(move |_| Reply::text(200, "application/json", &large)).await;
    let found = http(&web, "/", json!({"version": "$.status"})).await.unwrap();
    assert_eq!(found.get("up"), &Outcome::well());
    assert_eq!(found.no_data("version"), "the body is longer than 1048576 bytes");
}

#[tokio::test]
async fn what_is_no_answer_in_http_is_failing_and_says_so() {
    for (said, why) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "does not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", "closed the connection before it had answered"),
        (b"", "closed the connection before it had answered"),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            stream.write_all(said).await.unwrap();
        });
        let found = ask("http", json!({ "url": url }), setup(&[])).await.unwrap();
        assert!(found.failing("up").ends_with(why), "{found:?}");
    }
}

#[tokio::test]
async fn what_a_body_is_instead_of_json_is_told_and_no_compression_is_asked_for() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/gzip" => Reply::text(200, "application/json", "\u{1f}\u{8b}…").with("content-encoding", "gzip"),
        "/plain" => Reply::text(200, "text/plain", "{\"status\": \"ok\", \"version\": 7}"),
        "/empty" => Reply::text(200, "application/json", ""),
        _ => Reply::json(
            200,
            json!({"nodes": [{"version": "v1"}, {"version": "v2"}], "both": ["v3", "v3"], "none": null}),
        ),
    })
    .await;
    let ok = |path: &str| json!({"expect": {"json": {"$.status": "ok"}}, "version": path});
    for (path, why) in [
        ("/gzip", "the body is compressed (gzip), which was not asked for"),
        ("/empty", "the body is empty where JSON was expected"),
    ] {
        let found = http(&web, path, ok("$.version")).await.unwrap();
        assert_eq!((found.failing("up"), found.no_data("version")), (why, why));
    }
    let text = http(&web, "/gzip", json!({"expect": {"text": "ok"}})).await.unwrap();
    assert!(text.failing("up").contains("compressed"), "{text:?}");
    let plain = http(&web, "/plain", ok("$.version")).await.unwrap();
    assert_eq!((plain.get("up"), plain.get("version")), (&Outcome::well(), &Outcome::Text("7".into())));
    assert!(web.asked().iter().all(|asked| asked.header("accept-encoding") == Some("identity")));

    let version = async |path: &str| http(&web, "/", json!({ "version": path })).await.unwrap();
    let several = version("$.nodes[*].version").await;
    assert!(several.no_data("version").ends_with("as `v1` and `v2`"), "{several:?}");
    assert_eq!(version("$.both[*]").await.get("version"), &Outcome::Text("v3".into()));
    for path in ["$.missing", "$.none"] {
        assert!(version(path).await.no_data("version").starts_with("the body has nothing at"), "{path}");
    }
    let every = json!({"expect": {"json": {"$.nodes[*].version": "v1"}}});
    let found = http(&web, "/", every).await.unwrap();
    assert!(found.failing("up").ends_with("is `v2`, not `v1`"), "{found:?}");
}
