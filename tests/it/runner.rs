//! The schedule of many probes at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tminus::core::reading::Outcome;
use tminus::core::time::Span;
use tminus::probes::runner::{Job, run, spread};

use crate::support::probe::{setup, spec};
use crate::support::web::{Reply, Web};

/// Names that can't be looked up, servers that never answer, ports that refuse: one live endpoint is measured as if they
/// were not there, and each of them reports at every interval too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_endpoints_delay_nothing() {
    let web = Web::start(|_| Reply::text(200, "text/plain", "ok")).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut urls = vec![("live".to_owned(), web.url("/"))];
    for n in 0..15 {
        urls.push((format!("nameless-{n}"), format!("http://nameless-{n}.invalid/")));
        urls.push((format!("silent-{n}"), format!("http://{}/", silent.local_addr().unwrap())));
        urls.push((format!("refused-{n}"), "http://127.0.0.1:1/".to_owned()));
    }
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let every = Span(200);
    let mut tasks = Vec::new();
    for (index, (id, url)) in urls.iter().enumerate() {
        let mut setup = setup(&[]);
        (setup.every, setup.timeout) = (every, every);
        let spec = spec("http", json!({ "url": url }));
        let job = Job { probe: id.as_str().into(), spec, setup, phase: spread(index, every) };
        let tx = tx.clone();
        tasks.push(tokio::spawn(run(job, move |report| drop(tx.send((Instant::now(), report))))));
    }
    let mut seen: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let Ok(Some((at, report))) = tokio::time::timeout(Duration::from_secs(1), rx.recv()).await else { continue };
        let id = report.probe.to_string();
        if id == "live" {
            assert_eq!(report.points.unwrap()[0].outcome, Outcome::well());
        } else if let Ok(points) = report.points {
            assert!(matches!(points[0].outcome, Outcome::Failing(_)), "{id}: {points:?}");
        }
        seen.entry(id).or_default().push(at);
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    assert_eq!(seen.len(), urls.len());
    // Twenty intervals; some may be late on a busy machine, none may be lost to another probe's trouble.
    for (id, times) in &seen {
        assert!(times.len() >= 15, "{id} reported {} times in 4 s", times.len());
    }
}
