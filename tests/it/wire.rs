//! The wire as a client sees it: questions, the changed plan, lagging behind, versions, other users.

use serde_json::json;
use tminus::core::order::What;
use tminus::core::time::Span;
use tminus::wire::message::{Answer, EngineMessage, Query};

use super::support::launch::{Client, Launch, PLAN};
use super::support::{wait_for, web};

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_signal_can_be_asked_for_and_has_what_was_measured() {
    let web = web::Web::start(|_| web::Reply::json(200, json!({ "status": "ok" }))).await;
    let launch = Launch::new(&web.url(""));
    let mut client = Client::come(&launch);
    let (signal, mut polls, mut at) = ("api.latency".parse().unwrap(), 0, None);
    // What is not written yet (every 5 s) can't be in the past: waits until enough was measured.
    client.until(|_, m| {
        if let EngineMessage::Telemetry { at: now, signals, .. } = m {
            polls += usize::from(signals.iter().any(|s| s.id == signal));
            at = Some(*now);
        }
        (polls >= 7).then_some(())
    });
    let to = at.unwrap();
    let asked = Query::History { signals: vec![signal.clone()], from: to - Span::mins(1), to, buckets: 60 };
    let answers = client.asks(asked);
    let [Answer::History(series)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((&series.signal, series.values.len(), series.bucket), (&signal, 60, Span::secs(1)));
    let known: Vec<[f64; 3]> = series.values.iter().flatten().map(|v| v.map(|v| v.get())).collect();
    assert!((2..=12).contains(&known.len()), "some seconds of a minute, and nothing before the launch: {known:?}");
    assert!(known.iter().all(|[min, mean, max]| 0.0 < *min && min <= mean && mean <= max && *max < 5.0), "{known:?}");
    assert!(series.values[..40].iter().all(Option::is_none), "{series:?}");
    let none = client.asks(Query::History { signals: vec!["no.such".parse().unwrap()], from: to, to, buckets: 2 });
    assert!(matches!(none.as_slice(), [Answer::History(s)] if s.values.iter().all(Option::is_none)), "{none:?}");
}

#[test]
fn a_changed_plan_is_shown_as_a_difference_and_taken_in_by_an_order() {
    let launch = Launch::new("http://127.0.0.1:1");
    let diff = |client: &mut Client| match client.asks(Query::PlanDiff).remove(0) {
        Answer::PlanDiff { hash, lines, problems } => (hash, lines, problems),
        other => panic!("{other:?}"),
    };
    let mut client = Client::come(&launch);
    let mut other = Client::come(&launch);
    let (first, lines, problems) = diff(&mut client);
    assert_eq!((lines, problems, &first), (vec![], vec![], &client.state().plan_hash));
    assert_eq!(launch.order(&["diff"]).1["same"], true);

    std::fs::write(launch.path("plan.toml"), PLAN.replace("[\"One\", \"Two\"]", "[\"One\"\n")).unwrap();
    let (hash, lines, problems) = diff(&mut client);
    assert!(hash.is_empty() && !lines.is_empty() && problems[0].contains("plan.toml:"), "{lines:?} {problems:?}");

    let new = PLAN.replace("[\"One\", \"Two\"]", "[\"One\", \"Two\", \"Three\"]");
    std::fs::write(launch.path("plan.toml"), &new).unwrap();
    let (hash, lines, problems) = diff(&mut client);
    assert!(problems.is_empty() && hash != first);
    let changed: Vec<&str> = lines.iter().filter(|l| l.starts_with(['-', '+'])).map(String::as_str).collect();
    assert_eq!(changed, ["-  items = [\"One\", \"Two\"]", "+  items = [\"One\", \"Two\", \"Three\"]"]);
    let said = launch.tminus(&["do", "diff"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(changed.iter().all(|l| said.contains(l)) && said.contains(&format!("do adopt {hash}")), "{said}");

    // Seen is what is taken in, nothing else.
    std::fs::write(launch.path("plan.toml"), format!("{new}\n# later\n")).unwrap();
    let late = client.order(What::Adopt { hash: hash.clone() }).unwrap_err();
    assert!(late.why.contains("has changed since you looked"), "{late:?}");
    assert_eq!(client.state().outline.steps.iter().find(|s| s.id.as_str() == "boxes").unwrap().items.len(), 2);
    std::fs::write(launch.path("plan.toml"), &new).unwrap();
    client.order(What::Adopt { hash: hash.clone() }).unwrap();
    for client in [&mut client, &mut other] {
        if client.state().plan_hash != hash {
            client.until(|c, _| (c.state().plan_hash == hash).then_some(()));
        }
        assert_eq!(client.state().outline.steps.iter().find(|s| s.id.as_str() == "boxes").unwrap().items.len(), 3);
    }
    assert!(diff(&mut client).1.is_empty());
    // The next engine has the plan that was taken in, whatever the file is by then.
    std::fs::write(launch.path("plan.toml"), "[plan\n").unwrap();
    launch.kill_engine();
    launch.looked_at();
    launch.taken(&["release", "the test goes on"]);
    launch.taken(&["tick", "boxes", "Three"]);
    wait_for("the tick", || (launch.step("boxes") == "claimed").then_some(()));
}

#[test]
fn who_lags_behind_is_caught_up_from_the_journal_and_ends_with_the_same_state() {
    let launch = Launch::new("http://127.0.0.1:1");
    let mut lags = Client::knock(&launch);
    let mut writes = Client::come(&launch);
    // More than the ring of 1,024 and the buffers of a socket hold together.
    let text = "x".repeat(3000);
    for _ in 0..60 {
        let ids: Vec<_> = (0..30).map(|_| writes.gives(What::Note { text: text.clone() })).collect();
        ids.iter().for_each(|id| assert!(writes.answer(id).is_ok()));
    }
    let head = writes.state().head;
    lags.until(|c, m| {
        (!matches!(m, EngineMessage::State { .. }) && c.has_state() && c.state().head >= head).then_some(())
    });
    let first = lags.seen[0];
    assert!(lags.seen.iter().copied().eq(first..first + lags.seen.len() as u64), "none is lost, none comes twice");
    assert!(lags.seen.len() >= 1800, "{}", lags.seen.len());
    assert_eq!(lags.state(), writes.state());
    assert_eq!(lags.state(), Client::come(&launch).state());
}
