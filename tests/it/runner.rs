//! The schedule of many probes at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tminus::core::reading::Outcome;
use tminus::core::time::Span;
use tminus::probes::runner::{Job, run, spread};

use crate::support::probe::{setup, spec};
use crate::support::web::{Reply, Web};

/// Names that can't be looked up, servers that never answer, ports that refuse, to every kind of probe: one live endpoint
/// is measured as if they were not there, and each of them reports at every interval too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_endpoints_delay_nothing() {
    let web = Web::start(|_| Reply::text(200, "text/plain", "ok")).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut all = vec![("live".to_owned(), "http", json!({ "url": web.url("/") }))];
    for n in 0..3 {
        let places = [
            ("nameless", format!("nameless-{n}.invalid:80")),
            ("silent", silent.local_addr().unwrap().to_string()),
            ("refused", "127.0.0.1:1".to_owned()),
        ];
        for (trouble, place) in places {
            for (kind, table) in [
                ("tcp", json!(place)),
                ("http", json!({ "url": format!("http://{place}/") })),
                ("prometheus", json!({ "url": format!("http://{place}"), "query": "up" })),
                ("redis", json!({ "url": format!("redis://{place}"), "layout": "list", "queues": ["q"] })),
                ("postgres", json!({ "url": format!("postgres://u@{place}/d"), "measure": "locks" })),
                ("sentry", json!({ "url": format!("http://{place}"), "organization": "o", "token": "t" })),
            ] {
                all.push((format!("{trouble}-{kind}-{n}"), kind, table));
            }
        }
    }
    all.push(("hanging".to_owned(), "command", json!({ "run": "sleep 60" })));
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let every = Span(300);
    let mut tasks = Vec::new();
    for (index, (id, kind, table)) in all.iter().enumerate() {
        let mut setup = setup(&[]);
        (setup.every, setup.timeout) = (every, every);
        let spec = spec(kind, table.clone());
        let job = Job { probe: id.as_str().into(), spec, setup, phase: spread(index, every) };
        let tx = tx.clone();
        tasks.push(tokio::spawn(run(job, move |report| drop(tx.send((Instant::now(), report))))));
    }
    let mut seen: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        let Ok(Some((at, report))) = tokio::time::timeout(Duration::from_secs(1), rx.recv()).await else { continue };
        let id = report.probe.to_string();
        if id == "live" {
            assert_eq!(report.points.unwrap()[0].outcome, Outcome::well());
        } else if let Ok(points) = report.points {
            // The silent port does take connections.
            let open = id.starts_with("silent-tcp") && points[0].outcome == Outcome::well();
            assert!(open || matches!(points[0].outcome, Outcome::Failing(_)), "{id}: {points:?}");
        }
        seen.entry(id).or_default().push(at);
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    assert_eq!(seen.len(), all.len());
    // Sixteen intervals; some may be late on a busy machine, none may be lost to another probe's trouble.
    for (id, times) in &seen {
        assert!(times.len() >= 10, "{id} reported {} times in 5 s", times.len());
    }
}

/// A server that says when to come back is left alone until then, and what is shown meanwhile says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_kept_by_the_schedule() {
    let (times, first) = (Arc::new(Mutex::new(Vec::new())), AtomicBool::new(true));
    let asked = times.clone();
    let web = Web::start(move |_| {
        asked.lock().unwrap().push(Instant::now());
        match first.swap(false, Ordering::Relaxed) {
            true => Reply::text(429, "text/plain", "slow down").with("retry-after", "1"),
            false => Reply::text(200, "text/plain", "ok"),
        }
    })
    .await;
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let mut setup = setup(&[]);
    (setup.every, setup.timeout) = (Span(100), Span(100));
    let spec = spec("http", json!({ "url": web.url("/") }));
    let job = Job { probe: "limited".into(), spec, setup, phase: Span::ZERO };
    let task = tokio::spawn(run(job, move |report| drop(tx.send(report))));
    let mut whys = Vec::new();
    loop {
        let report = tokio::time::timeout(Duration::from_secs(30), rx.recv()).await.unwrap().unwrap();
        match report.points {
            Err(why) => whys.push(why),
            Ok(points) => {
                assert_eq!(points[0].outcome, Outcome::well());
                break;
            }
        }
    }
    task.abort();
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= Duration::from_secs(1), "asked again too soon");
    assert_eq!(whys[0], "it answered 429: asked too often");
    assert!(
        whys.len() > 3 && whys[1..].iter().all(|why| why == &format!("{}; asked again in 1s", whys[0])),
        "{whys:?}"
    );
}
