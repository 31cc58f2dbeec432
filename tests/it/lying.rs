//! Hung and lying dependencies: a proxy makes real servers late, silent, half-open, resetting and trickling, servers lie
//! about where they are, what they send and who they are. Every probe of every kind keeps its timeout, says which of these
//! it met, and holds no socket afterwards.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tminus::core::reading::Outcome;
use tminus::core::time::Span;

use crate::support::postgres::Postgres;
use crate::support::probe::{Asker, Found, ask, setup};
use crate::support::proxy::{Mode, Proxy};
use crate::support::redis::Redis;
use crate::support::web::{Asked, Reply, Web};
use crate::tls::{openssl, show};

/// How long each probe may take.
const TIMEOUT: Span = Span::secs(2);
/// What a machine with other work to do may add to it.
const SLACK: Duration = Duration::from_secs(8);

/// The kinds, and whether each keeps its connection between polls.
const KINDS: [(&str, bool); 7] = [
    ("tcp", false),
    ("http", false),
    ("prometheus", true),
    ("sentry", true),
    ("command", false),
    ("redis", true),
    ("postgres", true),
];

/// What answers as a health endpoint, a Prometheus and a Sentry do.
pub fn answers(asked: &Asked) -> Reply {
    let value = json!([{"metric": {}, "value": [1.0, "1"]}]);
    match asked.path.as_str() {
        path if path.starts_with("/api/v1/query") => {
            Reply::json(200, json!({"status": "success", "data": {"resultType": "vector", "result": value}}))
        }
        path if path.contains("/issues/") => Reply::json(200, json!([])),
        _ => Reply::json(200, json!({"status": "ok"})),
    }
}

/// The real servers.
pub struct Servers {
    web: Web,
    redis: Redis,
    postgres: Postgres,
}

impl Servers {
    pub async fn start() -> Self {
        Self { web: Web::start(answers).await, redis: Redis::start(&[]), postgres: Postgres::primary() }
    }

    /// Where what that kind asks is.
    pub fn of(&self, kind: &str) -> SocketAddr {
        match kind {
            "redis" => SocketAddr::from(([127, 0, 0, 1], self.redis.port)),
            "postgres" => SocketAddr::from(([127, 0, 0, 1], self.postgres.port)),
            _ => self.web.address,
        }
    }
}

/// A probe of a kind at an address.
pub fn table(kind: &str, at: SocketAddr) -> Value {
    match kind {
        "tcp" => json!(at.to_string()),
        "http" => json!({"url": format!("http://{at}/health")}),
        "prometheus" => json!({"url": format!("http://{at}"), "query": "up"}),
        "sentry" => json!({"url": format!("http://{at}"), "organization": "o", "token": "t", "flavor": "sentry"}),
        "redis" => json!({"url": format!("redis://{at}"), "layout": "list", "queues": ["q"], "missing": "empty"}),
        "postgres" => json!({"url": format!("postgres://postgres@{at}/postgres"), "measure": "locks"}),
        _ => {
            let port = at.port();
            let ask = "printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3";
            json!({"run": format!("exec 3<>/dev/tcp/127.0.0.1/{port}; {ask}; grep -c ok <&3")})
        }
    }
}

/// What a poll came to: `well`, `failing: …` or `no data: …`.
fn told(found: &Result<Found, String>) -> String {
    match found {
        Err(why) => format!("no data: {why}"),
        Ok(found) => match found.0.iter().map(|p| &p.outcome).find(|o| matches!(o, Outcome::Failing(_))) {
            Some(Outcome::Failing(why)) => format!("failing: {why}"),
            _ => "well".to_owned(),
        },
    }
}

/// What a probe of a kind must say of what the proxy at an address does to it.
fn expected(kind: &str, mode: Mode, at: SocketAddr) -> String {
    let level = if kind == "http" { "failing" } else { "no data" };
    let late = format!("{level}: no answer within 2s");
    let silent = match kind {
        "redis" => format!("{late}: {at} takes the connection and says nothing: it hangs, or it is no Redis server"),
        "postgres" => {
            format!("{late}: {at} takes the connection and says nothing: it hangs, or it is no PostgreSQL server")
        }
        _ => format!("{late}: {at} takes the connection and the head of its answer never came whole"),
    };
    match (kind, mode) {
        // All that it asks for is a connection.
        ("tcp", _) | (_, Mode::Through) => "well".to_owned(),
        ("command", Mode::Reset) => "no data: exited with ".to_owned(),
        ("command", _) => late,
        (_, Mode::Reset) => format!("{level}: connection reset by {at}"),
        ("redis" | "postgres", Mode::Trickle(_)) => {
            format!("{late}: {at} answers who connects anew, and this answer did not come whole")
        }
        (_, Mode::Trickle(1..)) => format!("{late}: 200 came and "),
        _ => silent,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_keeps_its_timeout_frees_its_socket_and_says_what_it_met() {
    let servers = Servers::start().await;
    // The head of an answer, and a little of its body.
    let head = 112;
    let modes = [
        Mode::Through,
        Mode::Late(Duration::from_secs(9)),
        Mode::Silent,
        Mode::Reset,
        Mode::HalfOpen,
        Mode::Trickle(0),
        Mode::Trickle(head),
    ];
    let mut all = Vec::new();
    for (kind, _) in KINDS {
        let to = servers.of(kind);
        // A Redis has said all in that many bytes.
        for mode in modes.into_iter().filter(|mode| kind != "redis" || *mode != Mode::Trickle(head)) {
            all.push(async move {
                let proxy = Proxy::start(to, mode).await;
                let mut setup = setup(&[]);
                setup.timeout = TIMEOUT;
                let begun = Instant::now();
                let said = told(&ask(kind, table(kind, proxy.address), setup).await);
                let took = begun.elapsed();
                proxy.freed(&format!("{kind}, {mode:?}")).await;
                let wanted = expected(kind, mode, proxy.address);
                assert!(said.starts_with(&wanted), "{kind}, {mode:?}: {said}; not {wanted}");
                assert!(took < TIMEOUT.to_std() + SLACK, "{kind}, {mode:?}: {took:?}");
                assert!(proxy.taken() > 0);
            });
        }
    }
    join_all(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_late_within_the_timeout_is_an_answer() {
    let servers = Servers::start().await;
    let late = Mode::Late(Duration::from_millis(300));
    let all = KINDS.map(|(kind, _)| {
        let to = servers.of(kind);
        async move {
            let proxy = Proxy::start(to, late).await;
            let found = ask(kind, table(kind, proxy.address), setup(&[])).await;
            assert_eq!(told(&found), "well", "{kind}");
            if kind == "http" {
                assert!(found.unwrap().number("latency") >= 0.3, "its latency says so");
            }
            proxy.freed(kind).await;
        }
    });
    join_all(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_kept_and_goes_bad_is_told_let_go_of_and_made_anew() {
    let servers = Servers::start().await;
    let mut all = Vec::new();
    for (kind, _) in KINDS.into_iter().filter(|(_, keeps)| *keeps) {
        let to = servers.of(kind);
        for mode in [Mode::Silent, Mode::HalfOpen, Mode::Trickle(0), Mode::Reset] {
            all.push(async move {
                let proxy = Proxy::start(to, Mode::Through).await;
                let mut asker = Asker::within(kind, table(kind, proxy.address), TIMEOUT);
                assert_eq!(told(&asker.ask().await), "well", "{kind}");
                assert!(proxy.open() > 0, "{kind} keeps it");
                proxy.turn(mode);
                let begun = Instant::now();
                let said = told(&asker.ask().await);
                assert!(begun.elapsed() < TIMEOUT.to_std() + SLACK, "{kind}, {mode:?}: {:?}", begun.elapsed());
                let wanted = expected(kind, mode, proxy.address);
                assert!(said.starts_with(&wanted), "{kind}, {mode:?}: {said}; not {wanted}");
                proxy.freed(&format!("{kind}, {mode:?}")).await;
                proxy.turn(Mode::Through);
                assert_eq!(told(&asker.ask().await), "well", "{kind} after {mode:?}");
                drop(asker);
                proxy.freed(&format!("{kind} after {mode:?}")).await;
            });
        }
    }
    join_all(all).await;
}

#[tokio::test]
async fn a_redirect_to_itself_and_a_body_of_another_type_are_told() {
    let web = Web::start(|asked| {
        let path = &asked.path;
        match path.as_str() {
            "/a" => Reply::text(307, "text/plain", "").with("location", "/b"),
            "/b" => Reply::text(307, "text/plain", "").with("location", "/a"),
            path if path.contains("html") => Reply::text(200, "text/html", "<html>Log in</html>"),
            path => Reply::text(302, "text/plain", "").with("location", path),
        }
    })
    .await;
    let html = "the body is no JSON (text/html): `<html>Log in</html>`";
    let json = json!({"json": {"$.status": "ok"}});
    for (kind, table, said) in [
        ("http", json!({"url": web.url("/self")}), "failing: answers 302, a redirect to itself, which is not followed"),
        ("http", json!({"url": web.url("/self"), "follow": true}), "failing: it redirects to itself"),
        ("http", json!({"url": web.url("/a"), "follow": true}), "failing: it redirects in a circle, back to "),
        ("http", json!({"url": web.url("/html"), "expect": json}), &format!("failing: {html}")),
        (
            "prometheus",
            json!({"url": web.url(""), "query": "up"}),
            "no data: prometheus answered 302, a redirect to itself: is the `url` right?",
        ),
        ("prometheus", json!({"url": web.url("/html"), "query": "up"}), &format!("no data: answered 200: {html}")),
    ] {
        let found = ask(kind, table.clone(), setup(&[])).await;
        assert!(told(&found).starts_with(said), "{kind} {table}: {}", told(&found));
    }
    for (path, said) in [("", "Sentry answered 302, a redirect to itself"), ("/html", html)] {
        let table = json!({"url": web.url(path), "organization": "o", "token": "t", "flavor": "sentry"});
        let found = ask("sentry", table, setup(&[])).await.unwrap();
        assert_eq!((found.no_data("errors"), found.no_data("new-issues")), (said, said));
    }
}

/// What `openssl ca` needs to sign with the very key, for days of one's choice.
const CA: &str = "
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
basicConstraints = critical,CA:OWN
subjectAltName = IP:127.0.0.1
";

/// A self-signed certificate for this machine, valid until a moment, of what calls itself an authority or does not: its
/// key and itself.
fn certificate(dir: &Path, name: &str, until: &str, ca: &str) -> (String, String) {
    std::fs::write(dir.join("ca.conf"), CA.replace("CA:OWN", ca)).unwrap();
    std::fs::write(dir.join("index"), "").unwrap();
    openssl(dir, &format!("req -newkey rsa:2048 -nodes -keyout {name}-key.pem -out {name}.csr -subj /CN=own"));
    openssl(
        dir,
        &format!(
            "ca -config ca.conf -batch -notext -selfsign -keyfile {name}-key.pem -in {name}.csr -out {name}.pem \
             -startdate 20200101000000Z -enddate {until}"
        ),
    );
    let read = |file: String| std::fs::read_to_string(dir.join(file)).unwrap();
    (read(format!("{name}-key.pem")), read(format!("{name}.pem")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_expired_or_signed_itself_is_told_by_every_kind_that_speaks_tls() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let long = "20491231235959Z";
    for (name, until, ca, said) in [
        ("old", "20200201120000Z", "CA:TRUE", "the certificate of PLACE has expired, on 2020-02-01 at 12:00 UTC"),
        ("own", long, "CA:TRUE", "the certificate of PLACE is an authority's own, as a self-signed one is: "),
        (
            "leaf",
            long,
            "CA:FALSE",
            "PLACE has a certificate that is self-signed, or from an authority that this machine does not know: ",
        ),
    ] {
        let (key, certificate) = certificate(dir, name, until, ca);
        let (_web, port) = show(dir, &format!("{name}-key.pem"), &format!("{name}.pem"));
        let file = |what: &str| dir.join(format!("{name}{what}.pem")).display().to_string();
        let tls = crate::support::free_port();
        let _redis = Redis::start(&[
            &format!("tls-port {tls}"),
            &format!("tls-cert-file {}", file("")),
            &format!("tls-key-file {}", file("-key")),
            &format!("tls-ca-cert-file {}", file("")),
            "tls-auth-clients no",
        ]);
        let postgres = Postgres::secured(&key, &certificate);
        let web = format!("https://127.0.0.1:{port}");
        let (redis, sql) = (format!("rediss://127.0.0.1:{tls}"), format!("127.0.0.1:{}", postgres.port));
        for (kind, place, table) in [
            ("http", format!("127.0.0.1:{port}"), json!({"url": web})),
            ("prometheus", format!("127.0.0.1:{port}"), json!({"url": web, "query": "up"})),
            ("sentry", format!("127.0.0.1:{port}"), json!({"url": web, "organization": "o", "token": "t"})),
            ("redis", format!("127.0.0.1:{tls}"), json!({"url": redis, "layout": "list", "queues": ["q"]})),
            (
                "postgres",
                sql.clone(),
                json!({"url": format!("postgres://postgres@{sql}/postgres?sslmode=verify-full"), "measure": "locks"}),
            ),
        ] {
            let found = told(&ask(kind, table, setup(&[])).await);
            // That it is expired is the server's fault; whom we trust is our own.
            let level = if kind == "http" && name == "old" { "failing" } else { "no data" };
            let wanted = format!("{level}: {}", said.replace("PLACE", &place));
            assert!(found.starts_with(&wanted), "{kind}, {name}: {found}");
            // Nobody is sent to a key that the kind does not have.
            let way = match (name, kind) {
                ("old", _) => "",
                (_, "http" | "prometheus") => "with `ca`",
                ("leaf", "postgres") => "with `sslrootcert` in the url",
                ("leaf", _) => "update-ca-certificates",
                _ => "the server needs one that an authority has signed",
            };
            assert!(found.ends_with(way), "{kind}, {name}: {found}");
        }
        if name == "leaf" {
            let url = format!("postgres://postgres@{sql}/postgres?sslmode=verify-full&sslrootcert={}", file(""));
            let found = ask("postgres", json!({"url": url, "measure": "locks"}), setup(&[])).await;
            assert_eq!(told(&found), "well", "the way out is one");
        }
    }
}
