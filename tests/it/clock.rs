//! The clock of a launch through a real engine: T-0, from the command line.

use serde_json::Value;

use super::support::launch::Launch;
use super::support::launches::text;

const PLAN: &str = r#"
[plan]
name = "Clock"
environment = "test"
zone = "Europe/Berlin"

[vars]
site = ""
flags = ""

[[phase]]
id = "deploy"
title = "Deploy"
at = "T+1h"

  [[phase.step]]
  id = "start"
"#;

fn launched(plan: &str) -> Launch {
    let mut launch = Launch::planned(plan);
    launch.id = launch.start("none");
    launch
}

fn said(launch: &Launch, args: &[&str]) -> (Option<i32>, String) {
    let out = launch.tminus(args);
    (out.status.code(), text(&out.stdout) + &text(&out.stderr))
}

#[test]
fn a_slip_moves_t0_and_the_reply_the_log_and_the_report_say_what_moved() {
    let launch = launched(PLAN);
    let t0 = |launch: &Launch| launch.status()["t0"].clone();
    let first = t0(&launch);
    let (code, answer) = said(&launch, &["do", "slip", "+35m", "the freeze overran"]);
    assert_eq!(code, Some(0), "{answer}");
    assert!(answer.starts_with("T-0 moved by +35m to ") && answer.contains("; with it: Deploy at "), "{answer}");
    assert_ne!(t0(&launch), first);
    // A minus is no flag, and what is one is.
    let (code, answer) = said(&launch, &["do", "slip", "-35m", "it did not", "--launch", &launch.id]);
    assert!(code == Some(0) && answer.starts_with("T-0 moved by -35m to "), "{answer}");
    assert_eq!(t0(&launch), first);
    let (code, answer) = said(&launch, &["do", "slip", "+35m", "--lunch", "x"]);
    assert!(code == Some(2) && answer.contains("--lunch"), "{answer}");
    let (code, answer) = said(&launch, &["do", "slip", "-61m", "start at once"]);
    assert_eq!(code, Some(0), "{answer}");
    launch.taken(&["tick", "start"]);
    let (_, log) = said(&launch, &["log", &launch.id]);
    assert_eq!(log.matches("T-0 moved by").count(), 3, "{log}");
    let (_, report) = said(&launch, &["report", &launch.id]);
    assert!(report.contains("T-0 moved by +35m to "), "{report}");
    let moved: Vec<Value> = launch.events().into_iter().filter(|e| e["event"]["type"] == "t0-moved").collect();
    assert_eq!(moved[0]["event"]["moved"][0]["part"]["phase"], "deploy", "{moved:?}");
}

#[test]
fn a_command_outside_its_window_does_not_start_and_the_leads_word_for_it_stays_visible() {
    // A window that opens in two hours, wherever the clock of this machine is.
    let time = |hours: i64| {
        let at = chrono::Utc::now() + chrono::TimeDelta::hours(hours);
        at.format("%H:00").to_string()
    };
    let plan = format!(
        "[plan]\nname = \"Window\"\nenvironment = \"test\"\nwindow = {{ from = \"{}\", to = \"{}\", zone = \"UTC\" }}\n\
         [vars]\nsite = \"\"\nflags = \"\"\n[[phase]]\nid = \"p\"\n[[phase.step]]\nid = \"deploy\"\n\
         run = \"echo x > \\\"$flags/began\\\"\"\n[[phase.step]]\nid = \"watch\"\nat = \"deploy.done + 1h\"\n",
        time(2),
        time(3)
    );
    let launch = launched(&plan);
    let (code, answer) = said(&launch, &["do", "run", "deploy"]);
    assert!(code == Some(4) && answer.contains("`deploy` is outside its window"), "{answer}");
    assert!(answer.contains("→ tminus do outside deploy WHY"), "{answer}");
    let (_, explained) = said(&launch, &["do", "explain", "deploy"]);
    assert!(explained.contains("it opens ") && explained.contains(" UTC, in "), "{explained}");
    assert!(!launch.path("began").exists());
    launch.taken(&["outside", "deploy", "the fix can't wait"]);
    launch.taken(&["run", "deploy"]);
    launch.until("deploy", "done");
    assert!(launch.path("began").exists());
    let (_, report) = said(&launch, &["report", &launch.id]);
    assert!(report.contains("## Overrides") && report.contains("outside its window: the fix can't wait"), "{report}");
    // What counts from what happened is due then.
    let (code, answer) = said(&launch, &["do", "tick", "watch"]);
    assert!(code == Some(4) && answer.contains("`watch` is not due before T+1h"), "{answer}");
}
