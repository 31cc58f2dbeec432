//! The demo, as a newcomer meets it: it goes wrong, it goes back, and it leaves nothing. With `TMINUS_PICTURE=FILE` its
//! screen is drawn into an SVG file: the README's picture is made so.

use std::path::PathBuf;
use std::process::Command;

use crate::support::terminal::Terminal;
use crate::support::{hands, picture, wait_for};

const TOP: &str = "Green on 3002";

/// What the demo has under its temporary directory.
fn left(temp: &std::path::Path) -> Vec<PathBuf> {
    std::fs::read_dir(temp).unwrap().flatten().map(|e| e.path()).collect()
}

fn demo(temp: &std::path::Path, speed: &str) -> Terminal {
    demo_of(None, temp, speed)
}

/// The same with a name in the environment.
fn demo_of(name: Option<&str>, temp: &std::path::Path, speed: &str) -> Terminal {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_tminus"));
    demo.args(["demo", "--speed", speed]).env("TMPDIR", temp).env_remove("TMINUS_STATE");
    match name {
        Some(name) => demo.env("TMINUS_AS", name),
        None => demo.env_remove("TMINUS_AS"),
    };
    let screen = Terminal::start(&demo, 120, 40);
    screen.wait_for("Wallet service");
    screen.wait_for("ALL OK");
    screen
}

#[test]
fn the_demo_goes_wrong_and_is_brought_back() {
    let temp = tempfile::tempdir().unwrap();
    let mut screen = demo(temp.path(), "2");
    hands::start(&mut screen, TOP, "Deploy the canary");
    screen.wait_for("Deploy the canary to green  done");
    for item in ["Login", "Payment, then refund", "Webhook arrives"] {
        hands::tick(&mut screen, TOP, item);
    }
    hands::go(&mut screen, TOP, "Go for traffic?");
    hands::start(&mut screen, TOP, "5 % to green");
    screen.wait_for("5 % to green  done");

    // At 25 % it goes wrong.
    hands::start(&mut screen, TOP, "25 % to green");
    screen.wait_for("■ TRIGGER  Too many errors on green");
    screen.wait_for("■ CRITICAL");
    screen.wait_until("the error rate critical", |s| pane(s, "New beside old").contains("critical"));
    if let Some(file) = std::env::var_os("TMINUS_PICTURE") {
        std::fs::write(file, picture::svg(&screen.cells())).unwrap();
    }

    // One stage back, and everything recovers.
    screen.press_until("R", "the ways back", |s| s.contains("Go back"));
    screen.press_until("1", "one stage back chosen", |s| s.contains("WHAT 1 DOES"));
    screen.press_until("y", "the way back begun", |s| !s.contains("WHAT 1 DOES"));
    screen.wait_for("↶ 25 % to green");
    // The issue that is new stays new.
    for (title, well) in [("New beside old", "4 ok"), ("Health", "1 warn"), ("Replica lag", "2 ok"), ("Queues", "3 ok")]
    {
        screen.wait_until(&format!("{title} {well}"), |s| pane(s, title).contains(well));
    }
    screen.keys("q");
    assert!(screen.ended().success());
    assert_eq!(left(temp.path()), Vec::<PathBuf>::new());
}

/// The head of a pane, which counts what is in it.
fn pane<'a>(screen: &'a str, title: &str) -> &'a str {
    screen.lines().find_map(|line| line.find(title).map(|at| &line[at..])).unwrap_or_default()
}

#[test]
fn a_killed_demo_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let mut screen = demo(temp.path(), "1");
    assert_eq!(left(temp.path()).len(), 1);
    screen.kill();
    wait_for("the demo's directory to go", || left(temp.path()).is_empty().then_some(()));
}

#[test]
fn who_goes_by_a_name_drives_the_demo_by_it() {
    let temp = tempfile::tempdir().unwrap();
    let mut screen = demo_of(Some("Ana"), temp.path(), "2");
    screen.wait_for("Ana (declared), lead");
    hands::start(&mut screen, TOP, "Deploy the canary");
    screen.wait_for("Deploy the canary to green  done");
    screen.keys("q");
    assert!(screen.ended().success());
}
