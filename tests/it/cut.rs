//! An engine whose network is cut: nothing is known, no trigger fires, no clock runs and the heartbeat stops; orders are
//! taken as before. When the line is back the clocks go on where they stood, what was to be told is told once, and nothing
//! catches up. Behind a real cable between network namespaces, and behind a relay wherever no namespace can be made.

use serde_json::Value;

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::line::{Cable, FAR, Had, Line, Relay, had, wait_had};
use super::support::{goes_without, wait_for};

/// What is measured, what is verified, what would fire, what is told and the heart are all at the other end.
const PLAN: &str = r#"
[plan]
name = "Cut"
environment = "test"
vantage = { http = { url = "http://FAR/vantage" }, every = "200ms" }
heartbeat = { url = "http://FAR/beat", every = "1s" }

[[probe]]
id = "api"
every = "200ms"
http = { url = "http://FAR/health" }

[channel.hook]
webhook = { url = "http://FAR/hook" }

[[notify]]
on = ["sev1", "trigger"]
to = ["hook"]

[[phase]]
id = "p"

[[phase.step]]
id = "soaks"
verify = ["api is ok"]
soak = "9s"

[[trigger]]
id = "down"
when = "api is failing for 1s"
action = "propose"
rollback = "back"

[[trigger]]
id = "gone"
when = "api is failing for 2s"
no-data = "breach"
action = "propose"
rollback = "back"

[rollback.back]
title = "Back"
estimate = "1m"

[[rollback.back.step]]
id = "switch"
run = "true"
"#;

#[test]
fn an_engine_behind_a_cut_cable_knows_nothing_fires_nothing_and_goes_on_where_it_stood() {
    if goes_without("network") {
        return;
    }
    let mut launch = Launch::planned(&PLAN.replace("FAR", FAR));
    let line = Line::Cable(Cable::start(&mut launch));
    cut_and_mended(&launch, line);
}

#[test]
fn an_engine_behind_a_dead_relay_knows_nothing_fires_nothing_and_goes_on_where_it_stood() {
    let mut launch = Launch::planned("");
    let relay = Relay::start(launch.dir.path());
    std::fs::write(launch.path("plan.toml"), PLAN.replace("FAR", &format!("127.0.0.1:{}", relay.port))).unwrap();
    let out = launch.tminus(&["launch", &launch.path("plan.toml").display().to_string(), "--headless"]);
    assert!(out.status.success(), "{out:?}");
    launch.id = text(&out.stdout).trim().to_owned();
    cut_and_mended(&launch, Line::Relay(relay));
}

/// How long a soak has lasted.
fn soaked(launch: &Launch) -> Option<i64> {
    let status = launch.status();
    let active = status["active"].as_array()?.iter().find(|a| a["step"] == "soaks")?.clone();
    active["soak"]["lasted_ms"].as_i64()
}

/// When an event of a kind is on record.
fn at(launch: &Launch, kind: &str) -> Option<i64> {
    let event = launch.events().into_iter().find(|e| e["event"]["type"] == kind)?;
    Some(moment(&event["at"]))
}

fn moment(at: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(at.as_str().unwrap()).unwrap().timestamp_millis()
}

fn cut_and_mended(launch: &Launch, mut line: Line) {
    wait_had(launch, "/beat", 2);
    launch.taken(&["run", "soaks"]);
    wait_for("half of the soak", || soaked(launch).filter(|lasted| *lasted >= 5000));
    line.cut();
    wait_for("the api is unknown", || {
        let signals = launch.status()["signals"].clone();
        let why = signals["api.up"]["why"].as_str().unwrap_or_default().contains("our own side is cut off");
        (signals["api.up"]["level"] == "unknown" && why).then_some(())
    });
    let stood = wait_for("the soak stands", || {
        let status = launch.status();
        let soak = &status["active"][0]["soak"];
        soak["frozen"].as_bool()?.then(|| soak["lasted_ms"].as_i64())?
    });
    // Orders are taken, and what is to be told waits.
    launch.taken(&["severity", "1", "nobody can pay"]);
    let failed = || launch.events().into_iter().filter(|e| e["event"]["fact"] == "failed").count();
    let beats = had(launch, "/beat");
    wait_for("the message is tried in vain", || (failed() > 0).then_some(()));
    wait_for("nobody hears the heart", || launch.status()["heartbeat"].is_string().then_some(()));
    assert_eq!(had(launch, "/beat").len(), beats.len(), "the heartbeat stops");
    let silent = launch.status();
    assert_eq!(
        silent["active"][0]["soak"]["lasted_ms"].as_i64(),
        Some(stood),
        "the soak's clock stands still: {silent}"
    );
    assert_eq!(launch.count("trigger-fired"), 0);
    let mended = chrono::Utc::now().timestamp_millis();
    line.mend();
    wait_for("our side is back", || (launch.count("side-back") == 1).then_some(()));
    launch.until("soaks", "done");

    // What was to be told is told, once.
    let hook = wait_had(launch, "/hook", 1);
    wait_for("it is on record", || launch.events().iter().any(|e| e["event"]["fact"] == "sent").then_some(()));
    let beats = wait_for("the heart beats", || {
        let new: Vec<Had> = had(launch, "/beat").into_iter().filter(|beat| beat.at >= mended).collect();
        (new.len() >= 4).then_some(new)
    });
    launch.taken(&["end", "test", "the test is over"]);

    // One may have been on its way, and one was due at once: more than the cut has none to make up for.
    let first = beats.iter().filter(|beat| beat.at - beats[0].at < 900).count();
    assert!(first <= 3, "the heart catches up: {beats:#?}");
    let named = |words: &str| hook.iter().filter(|had| had.body.contains(words)).count();
    assert_eq!(named("nobody can pay"), 1, "{hook:#?}");
    let (done, back) = (at(launch, "step-done").unwrap(), at(launch, "side-back").unwrap());
    let left = done - back;
    assert!((9000 - stood - 1500..9000 - stood + 3000).contains(&left), "{left} after it stood at {stood}");
    let counts = ["trigger-fired", "rollback-begun", "side-cut-off", "side-back"].map(|kind| launch.count(kind));
    assert_eq!(counts, [0, 0, 1, 1]);
}
