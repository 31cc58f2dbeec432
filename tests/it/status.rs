//! What `tminus status` and `tminus ls` say, to people and to scripts that watch.

use serde_json::{Value, json};

use super::support::launch::{Launch, PLAN};
use super::support::launches::text;
use super::support::wait_for;

#[test]
fn boxes_are_counted_alike_wherever_progress_is_said() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["tick", "boxes", "1"]);
    launch.taken(&["skip", "slow", "not today"]);
    // Seven steps, one of them with two boxes.
    let status = launch.status();
    assert_eq!((&status["done"], &status["of"]), (&json!(2), &json!(8)), "{status}");
    assert!(text(&launch.tminus(&["status"]).stdout).contains("  2/8 boxes"));
    let listed: Value = serde_json::from_slice(&launch.tminus(&["ls", "--json"]).stdout).unwrap();
    assert_eq!((&listed["done"], &listed["of"]), (&json!(2), &json!(8)), "{listed}");
    let row = text(&launch.tminus(&["ls"]).stdout);
    assert!(row.contains("  2/8 boxes  ") && row.trim_end().ends_with("Engine test v1"), "{row}");
}

#[test]
fn after_the_end_it_is_said_which_launch_ended_last() {
    let mut launch = Launch::planned(PLAN);
    let none = launch.tminus(&["status"]);
    assert_eq!((none.status.code(), text(&none.stderr).contains("`tminus launch PLAN`")), (Some(3), true), "{none:?}");
    for (n, why) in ["the first", "it went well"].iter().enumerate() {
        launch.id = launch.start("http://127.0.0.1:1");
        assert!(launch.id.ends_with(&format!(".{}", n + 1)));
        launch.taken(&["end", "test", why]);
        wait_for("the engine's leaving", || (!launch.directory().join("engine.sock").exists()).then_some(()));
    }
    let out = launch.tminus(&["status"]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{said}");
    for part in ["no launch is live", &launch.id, ": it went well", &format!("`tminus report {}`", launch.id)] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
    let json: Value = serde_json::from_slice(&launch.tminus(&["status", "--json"]).stdout).unwrap();
    assert_eq!((&json["state"], &json["last"]), (&json!("none"), &json!(launch.id)), "{json}");
    assert_eq!(launch.tminus(&["status", &launch.id]).status.code(), Some(20), "who names it sees it");
}

#[test]
fn plans_whose_names_have_no_latin_letters_are_told_apart() {
    let mut launch = Launch::planned(&PLAN.replace("\"Engine test\"", "\"決済サービス\""));
    launch.id = launch.start("http://127.0.0.1:1");
    assert!(launch.id.starts_with("決済サービス.test."), "{}", launch.id);
    assert_eq!(launch.start("http://127.0.0.1:1"), launch.id, "it is come back to");
    launch.taken(&["note", "起動"]);
    let long = PLAN.replace("\"Engine test\"", &format!("\"{}\"", "請求".repeat(200)));
    std::fs::write(launch.path("plan.toml"), long).unwrap();
    let first = std::mem::take(&mut launch.id);
    launch.id = launch.start("http://127.0.0.1:1");
    let rows = text(&launch.tminus(&["ls"]).stdout);
    assert!(rows.contains(&first) && rows.contains(&launch.id) && rows.contains("決済サービス v1"), "{rows}");
    launch.kill_engine();
    launch.id = first;
}

#[test]
fn a_way_back_under_way_goes_before_what_is_critical_and_says_how_far_it_is() {
    let sleeps = r#"run = 'until [ -e "$flags/go" ]; do sleep 0.05; done'"#;
    let mut launch = Launch::planned(&PLAN.replace(r#"run = "echo back > \"$flags/back\"""#, sleeps));
    launch.id = launch.start("http://127.0.0.1:1");
    launch.taken(&["run", "slow"]);
    wait_for("what is critical", || (launch.tminus(&["status"]).status.code() == Some(11)).then_some(()));
    let line = text(&launch.tminus(&["status"]).stdout);
    assert!(line.contains("api.up is critical: ") && line.trim_end().contains("  slow running 0:0"), "{line}");
    launch.taken(&["stop", "slow"]);
    launch.until("slow", "failed");
    launch.taken(&["run", "greet"]);
    launch.until("greet", "done");
    launch.taken(&["rollback", "back", "it is dead"]);
    wait_for("its command", || (launch.status()["rollback"]["is"] == "running").then_some(()));
    let out = launch.tminus(&["status"]);
    let line = text(&out.stdout);
    assert_eq!(out.status.code(), Some(12), "{line}");
    assert!(line.contains("  ROLLING BACK  ") && line.contains(" boxes  Back, 1 of 1 for 0:0"), "{line}");
    assert!(line.contains("Switch back (and ") && line.lines().count() == 1, "{line}");
    let json = launch.status();
    assert_eq!((&json["exit"], &json["back"]["ground"]), (&json!(12), &json!("under-way")), "{json}");
    assert_eq!((&json["rollback"]["item"], &json["rollback"]["of"]), (&json!("Switch back"), &json!(1)), "{json}");
    assert_eq!(json["now"]["going_back"], true);
    let long = text(&launch.tminus(&["status", "--long"]).stdout);
    for part in ["NOW   GOING BACK", "BACK  1 of 1", "  api.up is critical: ", "\n  back/switch running 0:0"] {
        assert!(long.contains(part), "`{part}` is not in: {long}");
    }
    std::fs::write(launch.path("go"), "").unwrap();
    wait_for("the way back", || (launch.status()["rollback"]["is"] == "done").then_some(()));
}

#[test]
fn without_an_engine_the_journal_and_the_last_readings_are_told_and_asking_starts_none() {
    let criterion = "\n[[criterion]]\nid = \"down\"\nwhen = \"api is failing\"\nover = \"1h\"\ntarget = \"99%\"\n";
    let mut launch = Launch::planned(&format!("{PLAN}{criterion}"));
    launch.id = launch.start("http://127.0.0.1:1");
    launch.taken(&["severity", "1", "cards fail"]);
    launch.taken(&["hold", "we look"]);
    wait_for("what the criterion saw", || launch.status()["criteria"][0]["share"].as_f64());
    wait_for("readings on disk", || {
        let file = tminus::paths::readings(&launch.directory());
        let polls = tminus::readings::Reader::open(&file).and_then(|past| past.polls()).ok()?;
        (polls.len() > 5).then_some(())
    });
    launch.kill_engine();
    let out = launch.tminus(&["status"]);
    let line = text(&out.stdout);
    assert_eq!((out.status.code(), line.lines().count()), (Some(21), 1), "{line}");
    for part in
        ["  NO ENGINE  ", " starts it again; as of ", ", the journal's last moment  SEV1 #1 cards fail", "more: --long"]
    {
        assert!(line.contains(part), "`{part}` is not in: {line}");
    }
    let long = text(&launch.tminus(&["status", "--long"]).stdout);
    for part in ["\n  SEV1 #1 cards fail", " holds: we look", "held 100 % of ", "; as of "] {
        assert!(long.contains(part), "`{part}` is not in: {long}");
    }
    assert!(!long.contains("not seen yet"), "{long}");
    let one = launch.tminus(&["do", "explain", "#1"]);
    assert_eq!((one.status.code(), text(&one.stderr).as_str()), (Some(0), ""));
    let said = text(&one.stdout);
    assert!(said.contains("cards fail") && said.contains("no engine runs") && said.contains("; as of "), "{said}");
    let all = launch.tminus(&["do", "explain"]);
    let said = text(&all.stderr);
    assert_eq!(all.status.code(), Some(3));
    assert!(said.contains("no engine runs") && said.contains("tminus attach") && said.contains("cards fail"), "{said}");
    assert_eq!(launch.status()["engine"], false);
}
