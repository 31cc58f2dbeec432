//! The demo leaves nothing behind, however it ends.

use std::path::PathBuf;
use std::process::Command;

use crate::support::terminal::Terminal;
use crate::support::wait_for;

/// What the demo has under its temporary directory.
fn left(temp: &std::path::Path) -> Vec<PathBuf> {
    std::fs::read_dir(temp).unwrap().flatten().map(|e| e.path()).collect()
}

fn demo(temp: &std::path::Path) -> Terminal {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_tminus"));
    demo.arg("demo").env("TMPDIR", temp).env_remove("TMINUS_STATE");
    let screen = Terminal::start(&demo, 120, 40);
    screen.wait_for("Wallet service");
    screen.wait_for("ALL OK");
    screen
}

#[test]
fn a_killed_demo_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let mut screen = demo(temp.path());
    assert_eq!(left(temp.path()).len(), 1);
    screen.kill();
    wait_for("the demo's directory to go", || left(temp.path()).is_empty().then_some(()));
}
