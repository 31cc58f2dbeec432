//! A real engine that is stopped for a while, as `kill -STOP` does or a suspended laptop, and goes on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::DateTime;
use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::support::launches::{Launches, text};
use crate::support::wait_for;
use crate::support::web::{Reply, Web};

const PLAN: &str = r#"
[plan]
name = "Stopped"
environment = "test"

[[probe]]
id = "api"
every = "300ms"
http = { url = "http://WEB/api" }

[[probe]]
id = "late"
every = "5s"
timeout = "5s"
http = { url = "http://WEB/late" }

[[probe]]
id = "never"
every = "5s"
timeout = "5s"
http = { url = "http://WEB/never" }

[[trigger]]
id = "slow"
when = "late.latency > 3s"
action = "notify"

[[trigger]]
id = "gone"
when = "never is failing"
action = "notify"

[[phase]]
id = "p"

  [[phase.step]]
  id = "settle"
  run = "true"
  verify = ["api is ok"]
  soak = "12s"

[[phase]]
id = "later"
at = "T+15s"

  [[phase.step]]
  id = "by-itself"
  auto = true
  run = "true"
"#;

/// How long it is stopped: longer than what counts as polls that were missed.
const STOPPED: Duration = Duration::from_secs(13);

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_was_stopped_has_observed_nothing_and_catches_up_with_nothing() {
    let (held, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(BTreeSet::new())));
    let (holds, those) = (held.clone(), asked.clone());
    let web = Web::start(move |asked| {
        if asked.path != "/api" && holds.load(Ordering::SeqCst) {
            those.lock().unwrap().insert(asked.path.clone());
            tokio::task::block_in_place(|| {
                wait_for("the answer's time", || (!holds.load(Ordering::SeqCst)).then_some(()));
                // Its answer is not there yet when the engine goes on.
                if asked.path == "/never" {
                    std::thread::sleep(Duration::from_millis(1500));
                }
            });
        }
        Reply::json(200, serde_json::json!({ "status": "ok" }))
    })
    .await;
    let address = web.address.to_string();
    tokio::task::spawn_blocking(move || stopped(&address, &held, &asked)).await.unwrap();
}

fn stopped(address: &str, held: &AtomicBool, asked: &Mutex<BTreeSet<String>>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.toml");
    std::fs::write(&file, PLAN.replace("WEB", address)).unwrap();
    let launches = Launches::new();
    let begun = launches.run(&["launch", file.to_str().unwrap(), "--headless", "--as", "ana"]);
    assert!(begun.status.success(), "{}", text(&begun.stderr));
    let status = || serde_json::from_slice::<Value>(&launches.run(&["status", "--json"]).stdout).unwrap();
    let known =
        |status: &Value| ["api.up", "late.up", "never.up"].iter().all(|s| status["signals"][s]["level"] == "ok");
    wait_for("all is measured", || known(&status()).then_some(()));
    launches.order(&["--as", "ana", "run", "settle"]);
    // Both are being asked when it stops.
    held.store(true, Ordering::SeqCst);
    wait_for("the questions", || (asked.lock().unwrap().len() == 2).then_some(()));
    let [engine] = launches.engines()[..] else { panic!("one engine") };
    kill_process(engine, Signal::STOP).unwrap();
    let since = Instant::now();
    wait_for("the time to go on", || (since.elapsed() >= STOPPED).then_some(()));
    held.store(false, Ordering::SeqCst);
    // The one answer is there when it goes on, the other is not.
    std::thread::sleep(Duration::from_millis(300));
    kill_process(engine, Signal::CONT).unwrap();
    wait_for("all is measured again", || known(&status()).then_some(()));

    let events = || {
        let log = launches.run(&["log", "--json"]);
        let lines = text(&log.stdout);
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let of = |kind: &str| events().into_iter().filter(|e| e["event"]["type"] == kind).collect::<Vec<_>>();
    assert_eq!(of("stood-still").len(), 1, "{:?}", events());
    assert!(text(&launches.run(&["log"]).stdout).contains("the engine stood still for 0:1"));
    wait_for("the end of the soak", || (status()["steps"]["settle"]["is"] == "done").then_some(()));
    let at = |event: &Value| DateTime::parse_from_rfc3339(event["at"].as_str().unwrap()).unwrap();
    let soaked = at(&of("step-done")[0]) - at(&of("step-started")[0]);
    assert!(soaked.num_milliseconds() >= 12_000 + 13_000 - 1500, "what nobody saw is no soak: {soaked}");
    assert_eq!(of("trigger-fired"), Vec::<Value>::new(), "a poll over which it stood still says nothing");
    assert_eq!(status()["steps"]["by-itself"]["is"], "todo", "it was due meanwhile: a person starts it");
    assert!(status()["hold"].is_null());
    launches.order(&["--as", "ana", "run", "by-itself"]);
    let report = text(&launches.run(&["report"]).stdout);
    assert!(report.contains("## Without an engine") && report.contains("nothing was measured"), "{report}");
}
