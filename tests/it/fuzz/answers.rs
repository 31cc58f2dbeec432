//! Readers of what servers answer: the real probes, asked of a server that says what the text says, piece by piece. The text
//! begins with which question is asked; pieces are parted by a line `%%`, and after the last the server hangs up. `@5@` is
//! the whole minute five minutes ago, in seconds since 1970.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};

use serde_json::{Value, json};
use tminus::core::reading::Outcome;
use tminus::core::text::hides;
use tminus::core::time::Span;
use tminus::probes::Setup;
use tminus::probes::runner::{Job, once};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::probe::{setup, spec};

const PART: &[u8] = b"\n%%\n";

/// How long a poll may take: what is wrong is mostly seen at once.
const PATIENCE: Span = Span(150);

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether readers are given broken texts on this thread: of thousands of contained panics none is worth a page.
    static BREAKING: Cell<bool> = const { Cell::new(false) };
}

/// What panicked in our own code on this thread since it was asked last, also where the panic was caught or nobody waits
/// for its task. What panics in a library that reads for us is contained: its probe says so and measures on.
pub fn panics() -> Option<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let ours = info.location().is_some_and(|at| Path::new(at.file()).is_relative());
            if ours {
                PANIC.with(|last| *last.borrow_mut() = Some(info.to_string()));
            }
            if ours || !BREAKING.get() {
                before(info);
            }
        }));
    });
    BREAKING.set(true);
    PANIC.with(|last| last.borrow_mut().take())
}

fn parts(mut text: &[u8]) -> VecDeque<Vec<u8>> {
    let mut parts = VecDeque::new();
    while let Some(at) = text.windows(PART.len()).position(|w| w == PART) {
        parts.push_back(text[..at].to_vec());
        text = &text[at + PART.len()..];
    }
    parts.push_back(text.to_vec());
    parts
}

/// The times of minutes put in.
fn timed(part: &[u8]) -> Vec<u8> {
    let this = chrono::Utc::now().timestamp() / 60 * 60;
    let mut out = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.iter().position(|b| *b == b'@') {
        out.extend_from_slice(&rest[..at]);
        let digits = rest[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        let ago = std::str::from_utf8(&rest[at + 1..at + 1 + digits]).ok().and_then(|d| d.parse::<i64>().ok());
        match ago.filter(|ago| *ago < 10_000 && rest.get(at + 1 + digits) == Some(&b'@')) {
            Some(ago) => {
                out.extend_from_slice((this - ago * 60).to_string().as_bytes());
                rest = &rest[at + digits + 2..];
            }
            None => {
                out.push(b'@');
                rest = &rest[at + 1..];
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Says one piece for each thing that is asked, then hangs up; over HTTP one piece a connection, else all from the
/// beginning.
async fn say(mut stream: TcpStream, parts: Arc<Mutex<VecDeque<Vec<u8>>>>, http: bool) {
    let mut asked = vec![0; 65_536];
    let mut own = parts.lock().unwrap().clone();
    while let Ok(1..) = stream.read(&mut asked).await {
        let part = if http { parts.lock().unwrap().pop_front() } else { own.pop_front() };
        let Some(part) = part else { return };
        if stream.write_all(&timed(&part)).await.is_err() || http {
            return;
        }
    }
}

/// Asks the question that the text names, twice; the first question where it names none.
fn ask(kind: &str, scheme: &str, questions: &[(&str, Value)], text: &[u8]) {
    let mut parts = parts(text);
    let which = parts.pop_front().unwrap_or_default();
    let known = questions.iter().find(|(name, _)| name.as_bytes() == which.trim_ascii()).or(questions.first());
    let mut table = known.unwrap().1.clone();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        table["url"] = json!(format!("{scheme}://{}/", listener.local_addr().unwrap()));
        let (parts, http) = (Arc::new(Mutex::new(parts)), scheme == "http");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(say(stream, parts.clone(), http));
            }
        });
        for _ in 0..2 {
            poll(kind, &table, PATIENCE).await;
        }
    });
}

/// Asks once, as the engine does. What is said of it can be shown.
async fn poll(kind: &str, table: &Value, timeout: Span) {
    let setup = Setup { timeout, ..setup(&[]) };
    let report = once(Job { probe: "p".into(), spec: spec(kind, table.clone()), setup, phase: Span::ZERO }).await;
    let bad = |text: &str| text.chars().any(|c| c.is_control() || hides(c));
    match report.points {
        Err(why) => assert!(!bad(&why) && !why.is_empty(), "{why:?}"),
        Ok(points) => {
            for point in points {
                let instance = point.instance.as_ref().map_or("", |own| own.as_str());
                let words = match &point.outcome {
                    Outcome::Text(words) | Outcome::Failing(words) | Outcome::NoData(words) => words,
                    _ => "",
                };
                assert!(!bad(instance) && !bad(words), "{point:?}");
            }
        }
    }
}

pub fn http(text: &[u8]) {
    let services =
        json!({"services": "$.services.*", "version": "$.version", "expect": {"json": {"$.status": ["ok", "UP"]}}});
    let questions =
        [("services", services), ("text", json!({"expect": {"text": "ready"}})), ("plain", json!({"follow": true}))];
    ask("http", "http", &questions, text);
}

pub fn prometheus(text: &[u8]) {
    let vouched = json!({"query": "a", "samples": "b", "min-samples": 300, "unit": "ratio"});
    ask("prometheus", "http", &[("one", json!({"query": "a"})), ("vouched", vouched)], text);
}

pub fn sentry(text: &[u8]) {
    let with = |rest: Value| {
        let mut table = json!({"organization": "acme", "token": "sntryu_0123456789abcdef"});
        table.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        table
    };
    let traced = json!({"projects": ["web"], "query": "release:web@2", "tracing": true, "flavor": "sentry"});
    let questions =
        [("all", with(json!({}))), ("traced", with(traced)), ("glitchtip", with(json!({"flavor": "glitchtip"})))];
    ask("sentry", "http", &questions, text);
}

pub fn redis(text: &[u8]) {
    let layout = |name: &str, queue: &str| json!({"layout": name, "queues": [queue]});
    let mut stream = layout("stream", "orders");
    stream["groups"] = json!(["billing"]);
    let questions = [
        ("bullmq", layout("bullmq", "email")),
        ("bull", layout("bull", "old")),
        ("sidekiq", layout("sidekiq", "default")),
        ("celery", layout("celery", "celery")),
        ("list", layout("list", "jobs")),
        ("stream", stream),
    ];
    ask("redis", "redis", &questions, text);
}

pub fn postgres(text: &[u8]) {
    let query = json!({"query": "select 'a' as instance, 1 as n", "measures": [{"name": "n"}]});
    let mut questions = vec![("query", query)];
    let measures = ["replication", "replica", "connections", "long-queries", "locks"];
    questions.extend(measures.map(|measure| (measure, json!({ "measure": measure }))));
    ask("postgres", "postgres", &questions, text);
}

/// What a command printed, as a number and as JSON.
pub fn command(text: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let run = format!("cat {}", file.path().display());
    for table in [
        json!({ "run": run }),
        json!({"run": run, "answer": "json", "measures": [{"name": "ready"}, {"name": "oldest", "unit": "s"}]}),
    ] {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            poll("command", &table, Span::secs(10)).await;
        });
    }
}
