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
