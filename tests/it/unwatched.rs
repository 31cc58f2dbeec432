//! The processes of commands: the one that a way back waits for is named, and beside one that nobody watches any more
//! nothing is begun.

use crate::support::launch::{Launch, kill};
use crate::support::wait_for;

/// What both plans begin with.
const HEAD: &str = r#"
[plan]
name = "Unwatched"
environment = "test"

[vars]
site = ""
flags = "/nowhere"

[roles]
lead = { name = "Ana" }

[[phase]]
id = "deploy"
title = "Deploy"
"#;

const TWO: &str = r#"
  [[phase.step]]
  id = "first"
  owner = "lead"
  run = "true"
  undo = 'echo x > "$flags/first-is-undone"'

  [[phase.step]]
  id = "migrate"
  owner = "lead"
  on-stop = "finish"
  timeout = "5m"
  run = 'until [ -e "$flags/migrated" ]; do sleep 0.05; done'
  undo = 'echo x > "$flags/undoing"; until [ -e "$flags/go" ]; do sleep 0.05; done'
"#;

/// The process of a run's command, as its supervisor noted it.
fn process(launch: &Launch, run: &str) -> String {
    let note = launch.directory().join("runs").join(run).join("command");
    let note =
        wait_for("the note of the process", || std::fs::read_to_string(&note).ok().filter(|n| n.ends_with('\n')));
    note.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn what_a_way_back_waits_for_has_its_process_and_an_undo_that_nobody_watches_is_not_said_to_be_done() {
    let mut launch = Launch::planned(&[HEAD, TWO].concat());
    launch.id = launch.start("none");
    let flag = |name: &str| std::fs::write(launch.path(name), "").unwrap();
    launch.taken(&["run", "first"]);
    launch.until("first", "done");
    launch.taken(&["run", "migrate"]);
    let named = format!("waits for migrate (process {}) first", process(&launch, "migrate.do.1"));
    wait_for("BACK to name it", || launch.status()["back"]["why"].as_str()?.contains(&named).then_some(()));
    flag("migrated");
    launch.until("migrate", "done");

    launch.taken(&["rollback", "all", "it was only a test"]);
    wait_for("the undo", || launch.path("undoing").exists().then_some(()));
    let undo = process(&launch, "migrate.undo.1");
    launch.kill_engine();
    launch.looked_at();
    let claim = std::fs::read_to_string(launch.directory().join("runs/migrate.undo.1/claim")).unwrap();
    kill(claim.trim().parse().unwrap());
    launch.until("migrate", "interrupted");
    for order in [&["by-hand", "I did it"][..], &["resolve", "migrate", "undone", "I saw it"], &["again"]] {
        let (code, said) = launch.order(order);
        assert!(
            code == 4 && said.to_string().contains(&format!("still runs, unwatched, as process {undo}")),
            "{order:?}: {said}"
        );
    }
    assert!(!launch.path("first-is-undone").exists(), "the next undo began beside it");
    kill(undo.parse().unwrap());
    wait_for("its end", || (launch.order(&["by-hand", "I did it"]).0 == 0).then_some(()));
    wait_for("the next undo", || launch.path("first-is-undone").exists().then_some(()));
    launch.until("migrate", "undone");
}

const ONE: &str = r#"
  [[phase.step]]
  id = "change"
  owner = "lead"
  run = 'until [ -e "$flags/changed" ]; do sleep 0.05; done'
  undo = 'echo x > "$flags/change-is-undone"'
"#;

#[test]
fn no_way_back_is_ready_or_taken_while_a_command_that_it_undoes_runs_on_unwatched() {
    let mut launch = Launch::planned(&[HEAD, ONE].concat());
    launch.id = launch.start("none");
    launch.taken(&["run", "change"]);
    let command = process(&launch, "change.do.1");
    let claim = std::fs::read_to_string(launch.directory().join("runs/change.do.1/claim")).unwrap();
    kill(claim.trim().parse().unwrap());
    launch.until("change", "interrupted");
    let said = format!("`change` still runs, unwatched, as process {command}: wait for its end, or `kill {command}`");
    wait_for("BACK to say so", || {
        let status = launch.status();
        let why = status["back"]["why"].as_str()?.contains(&said);
        (why && status["back"]["head"] == "NOT READY").then_some(())
    });
    let doing = launch.status()["now"]["doing"].to_string();
    assert!(doing.contains("runs on, unwatched"), "{doing}");
    // Where there is one step to undo, everything is the same as the one stage.
    for way in [&["rollback", "stage", "why"][..], &["rollback", "all", "why"]] {
        let (code, answer) = launch.order(way);
        assert!(code == 4 && answer.to_string().contains(&said), "{way:?}: {answer}");
    }
    kill(command.parse().unwrap());
    wait_for("the way back", || (launch.order(&["rollback", "all", "why"]).0 == 0).then_some(()));
    wait_for("the undo", || launch.path("change-is-undone").exists().then_some(()));
    launch.until("change", "undone");
}
