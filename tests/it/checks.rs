//! Checks that come again, and who was away, through a real engine and a real terminal.

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::terminal::Terminal;
use super::support::wait_for;

const PLAN: &str = r#"
[plan]
name = "Watch"
environment = "test"

[vars]
site = ""
flags = "/nowhere"

[[watch]]
id = "sync"
title = "Sync with product"
at = ["T+1s", "T+24h"]
items = ["Errors", "Payments"]

[[phase]]
id = "ship"
step = [{ id = "tell" }]
"#;

#[test]
fn a_check_comes_due_is_done_box_by_box_and_who_was_away_is_told_of_it() {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("");
    let mut screen = Terminal::start(&launch.command(&["attach"]), 120, 40);
    screen.wait_for("w Checks 1 due");
    assert!(!screen.screen().contains("Since you were away"), "{}", screen.screen());
    screen.keys("w");
    screen.wait_for("□ Errors");
    screen.keys(" ");
    wait_for("the tick", || (launch.count("check") == 2).then_some(()));
    screen.keys("q");
    screen.wait_for("comes back");

    let (status, refused) = launch.order(&["done", "sync"]);
    assert_eq!(status, 4, "{refused}");
    assert_eq!(refused["why"], "1 of 2 boxes of `sync` are open");
    let done = launch.tminus(&["do", "--as", "mia", "tick", "sync", "payments"]);
    assert!(done.status.success(), "{done:?}");
    wait_for("its end", || launch.status()["checks"].as_array().is_some_and(Vec::is_empty).then_some(()));
    let said = text(&launch.tminus(&["do", "explain", "sync"]).stdout);
    assert!(said.contains("1 done, 0 missed so far") && said.contains("by mia (declared)"), "{said}");
    let report = text(&launch.tminus(&["report"]).stdout);
    assert!(report.contains("mia (declared): Sync with product, check 1 done"), "{report}");

    let mut screen = Terminal::start(&launch.command(&["attach"]), 120, 40);
    screen.wait_for("Since you were away");
    screen.wait_for("1 check done");
    screen.keys("\u{1b}");
    screen.wait_gone("Since you were away");
    screen.keys(":away\r");
    screen.wait_for("checked by mia");
}
