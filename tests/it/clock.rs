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
