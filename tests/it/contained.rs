//! The engine as process 1 of a container, and under a supervisor that gives it nothing: no home, no terminal, no input.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::support::launch::Launch;
use super::support::{goes_without, program, right, wait_for};

const PLAN: &str = r#"
[plan]
name = "Contained"
environment = "test"

[roles]
ops = { name = "Ana" }

[[phase]]
id = "only"
title = "Only"

  [[phase.step]]
  id = "orphans"
  owner = "ops"
  run = "(sleep 0.1 &); (setsid sleep 0.2 &); echo begun"

  [[phase.step]]
  id = "long"
  owner = "ops"
  run = 'trap "echo told; exit 3" TERM; echo begun; while :; do sleep 0.05; done'
"#;

fn begun(launch: &mut Launch, command: &mut Command) -> Child {
    let mut engine = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(engine.stdout.take().unwrap()).read_line(&mut said).unwrap();
    launch.id = said.trim().strip_prefix("launch ").unwrap_or_else(|| panic!("{said}")).to_owned();
    engine
}

fn ends_well(mut engine: Child, pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    assert_eq!(engine.wait().unwrap().code(), Some(0));
}

/// Processes with this parent, and the letters of their states.
fn children(parent: i32) -> Vec<(i32, char)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let of = |pid: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut rest = stat.rsplit(')').next()?.split_whitespace();
        let (state, of) = (rest.next()?.chars().next()?, rest.next()?.parse::<i32>().ok()?);
        (of == parent).then_some((pid, state))
    };
    pids.filter_map(of).collect()
}

#[test]
fn an_engine_that_is_given_nothing_works_and_ends_well() {
    let mut launch = Launch::planned(PLAN);
    let shell = "exec \"$0\" engine plan.toml <&- 2>&-";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", shell, env!("CARGO_BIN_EXE_tminus")]).current_dir(launch.dir.path());
    command.env_clear().env("TMINUS_STATE", launch.path("state"));
    let engine = begun(&mut launch, &mut command);
    launch.taken(&["run", "orphans", "--wait"]);
    launch.until("orphans", "done");
    let pid = i32::try_from(engine.id()).unwrap();
    ends_well(engine, pid);
    assert_eq!(launch.count("engine-ended"), 1);
}

#[test]
fn process_1_of_a_container_reaps_what_commands_leave_and_stops_them_when_it_ends() {
    let unshare = program("unshare", "util-linux", &["/usr/bin"]);
    let namespaces: [&[&str]; 2] = [&[], &["--user", "--map-root-user"]];
    let may = |more: &&&[&str]| {
        let mut command = Command::new(&unshare);
        command.args(**more).args(["--fork", "--pid", "--mount-proc", "true"]).stderr(Stdio::null());
        command.status().unwrap().success()
    };
    if goes_without("namespaces") {
        return;
    }
    let how = "a PID namespace, in which it is process 1: root, or a kernel that lets users make namespaces";
    let more = right("namespaces", namespaces.iter().find(may), how);
    let mut launch = Launch::planned(PLAN);
    let mut command = Command::new(&unshare);
    command.args(*more).args(["--fork", "--pid", "--mount-proc", env!("CARGO_BIN_EXE_tminus"), "engine", "plan.toml"]);
    command.current_dir(launch.dir.path()).env("TMINUS_STATE", launch.path("state")).stdin(Stdio::null());
    let container = begun(&mut launch, &mut command);
    // It says the engine's number in there, which is somebody else out here.
    std::fs::remove_file(launch.directory().join("lock")).unwrap();
    let outside = i32::try_from(container.id()).unwrap();
    let first = wait_for("process 1", || children(outside).first().copied()).0;

    launch.taken(&["run", "orphans"]);
    launch.until("orphans", "done");
    // Its only child is the engine, and stays it.
    wait_for("the orphans' end", || (children(first).len() == 1).then_some(()));
    let engine = children(first)[0];
    assert_ne!(engine.1, 'Z');
    wait_for("the reaping of the supervisor", || children(engine.0).is_empty().then_some(()));

    launch.taken(&["run", "long"]);
    wait_for("the command", || launch.output("long.do.1").contains("begun").then_some(()));
    ends_well(container, first);
    assert!(launch.output("long.do.1").contains("told"), "{}", launch.output("long.do.1"));
    let events = launch.events();
    let ended = events.iter().rfind(|e| e["event"]["type"] == "run-ended").unwrap();
    assert_eq!(ended["event"]["end"]["exited"]["code"], 3, "{ended}");
    let left = events.iter().find(|e| e["event"]["type"] == "engine-ended").unwrap();
    assert_eq!(left["event"]["why"], "was asked to end, and its commands with it");
}
