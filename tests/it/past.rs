//! What was measured outlives the engine that measured it: the history of a signal, what a baseline rests on, and the
//! baseline itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tminus::core::time::{Span, Timestamp};
use tminus::wire::message::{Answer, Query};

use super::support::launch::{Client, Launch};
use super::support::wait_for;
use super::support::web::{Reply, Web};

/// How many seconds of those up to `to` have a number, and the mean of the newest.
fn known(client: &mut Client, to: Timestamp) -> (usize, f64) {
    let from = to - Span::mins(5);
    let asked = Query::History { signals: vec!["api.status".parse().unwrap()], from, to, buckets: 300 };
    let answers = client.asks(asked);
    let [Answer::History(series)] = answers.as_slice() else { panic!("{answers:?}") };
    let means: Vec<f64> = series.values.iter().flatten().map(|[_, mean, _]| mean.get()).collect();
    (means.len(), means.last().copied().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_and_baselines_outlive_the_engine() {
    let ill = Arc::new(AtomicBool::new(false));
    let is = ill.clone();
    let web = Web::start(move |_| match is.load(Ordering::Relaxed) {
        true => Reply::json(503, json!({ "status": "down" })),
        false => Reply::json(200, json!({ "status": "ok" })),
    })
    .await;
    let launch = Launch::new(&web.url(""));
    let now = || Timestamp(chrono::Utc::now().timestamp_millis());
    // An engine that is killed may lose what it had not written, so waits until enough was.
    let mut client = Client::come(&launch);
    let before = wait_for("some seconds of measurements in the file", || {
        let (seconds, status) = known(&mut client, now());
        (seconds >= 4).then_some((seconds, status))
    });
    assert_eq!(before.1, 200.0);
    let died = now();
    launch.kill_engine();
    ill.store(true, Ordering::Relaxed);

    launch.taken(&["note", "back"]);
    let mut client = Client::come(&launch);
    let (seconds, status) = known(&mut client, died);
    assert!(seconds >= before.0 && status == 200.0, "{before:?}, then {seconds} with {status}");
    // At five polls a second: without those of the first engine it would take long until there are as many.
    launch.taken(&["baseline", "api", "10m"]);
    let captured = client.until(|client, _| client.state().baselines.get(&"api.status".parse().unwrap()).cloned());
    assert_eq!((captured.median.get(), captured.over), (200.0, Span::mins(10)));
    assert!(captured.samples >= 10, "{captured:?}");

    launch.kill_engine();
    launch.taken(&["note", "back again"]);
    let client = Client::come(&launch);
    assert_eq!(client.state().baselines.get(&"api.status".parse().unwrap()), Some(&captured));
}
