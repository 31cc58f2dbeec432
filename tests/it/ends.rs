//! The engine ends in good order, by a signal or with what started it; and what the next one makes of it.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::support::launch::{Launch, PLAN, kill};
use super::support::wait_for;

fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

fn silent(launch: &Launch) {
    wait_for("the engine's leaving", || UnixStream::connect(launch.directory().join("engine.sock")).err());
}

fn supervisor(launch: &Launch, run: &str) -> i32 {
    let claim = std::fs::read_to_string(launch.directory().join("runs").join(run).join("claim")).unwrap();
    claim.trim().parse().unwrap()
}

fn lives(pid: i32) -> bool {
    // A zombie is nobody.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

#[test]
fn an_engine_that_is_asked_to_end_leaves_its_command_alone_and_the_next_takes_it_up() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    let supervisor = supervisor(&launch, "slow.do.1");
    signal(launch.engine().unwrap(), Signal::TERM);
    silent(&launch);
    assert!(lives(supervisor));
    assert_eq!(launch.start("http://127.0.0.1:1"), launch.id);
    assert_eq!(launch.step("slow"), "running");
    let hold = launch.status()["hold"]["why"].as_str().unwrap().to_owned();
    assert!(hold.starts_with("no engine ran for ") && hold.ends_with(": the one before was asked to end"), "{hold}");
    std::fs::write(launch.path("go"), "").unwrap();
    launch.until("slow", "failed");
    assert_eq!(std::fs::read_to_string(launch.path("starts")).unwrap(), "x\n", "nothing runs twice");
    let output = launch.output("slow.do.1");
    assert!(output.contains("begun") && output.contains("ended"), "{output}");
    assert_eq!(launch.count("engine-ended"), 1);

    // The same hold after a crash says that it was one.
    launch.taken(&["release", "seen"]);
    launch.kill_engine();
    launch.taken(&["note", "back"]);
    let hold = launch.status()["hold"]["why"].as_str().unwrap().to_owned();
    assert!(hold.ends_with(": the one before died"), "{hold}");
}

#[test]
fn who_starts_a_dead_engine_by_a_release_has_not_seen_what_holds() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["hold", "only the linter"]);
    launch.kill_engine();
    let (status, refused) = launch.order(&["release", "the linter is fine"]);
    let why = refused["why"].as_str().unwrap_or_default();
    assert!(status == 4 && why.contains(": the one before died") && why.contains("only the linter"), "{refused}");
    assert_eq!(launch.count("released"), 0);
    let orders: Vec<&str> = refused["orders"].as_array().unwrap().iter().map(|o| o.as_str().unwrap()).collect();
    let [own, engines] = orders[..] else { panic!("{refused}") };
    assert!(own.starts_with("tminus do release of "), "{own}");
    assert_eq!(engines, "tminus do release of engine \"the linter is fine\"");
    launch.taken(&["release", "of", "engine", "seen"]);
    launch.taken(&["release", "the linter is fine"]);
    assert_eq!(launch.status()["hold"], serde_json::Value::Null);
}

/// An engine in the foreground; its launch's name is what it says first.
fn foreground(launch: &mut Launch, more: &[&str], stdin: Stdio) -> Child {
    let (plan, flags) = (launch.path("plan.toml"), format!("flags={}", launch.dir.path().display()));
    let mut command = launch.command(&["engine", &plan.display().to_string(), "--var", &flags]);
    let mut engine = command.args(more).stdin(stdin).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(engine.stdout.take().unwrap()).read_line(&mut said).unwrap();
    launch.id = said.trim().strip_prefix("launch ").unwrap_or_else(|| panic!("{said}")).to_owned();
    engine
}

#[test]
fn an_engine_in_the_foreground_ends_well_under_term_and_its_supervisor_starts_it_again_with_the_same_words() {
    let mut launch = Launch::planned(PLAN);
    // A planned moment that is another one each time.
    let t0 = ["--t0", "+30m"];
    let mut engine = foreground(&mut launch, &t0, Stdio::null());
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    let supervisor = supervisor(&launch, "slow.do.1");
    signal(i32::try_from(engine.id()).unwrap(), Signal::TERM);
    assert_eq!(engine.wait().unwrap().code(), Some(0));
    assert!(lives(supervisor) && !launch.directory().join("engine.sock").exists());

    let first = launch.id.clone();
    let mut engine = foreground(&mut launch, &t0, Stdio::null());
    assert_eq!(launch.id, first);
    assert_eq!(launch.step("slow"), "running");
    let other = launch.command(&["engine", &launch.path("plan.toml").display().to_string()]).output().unwrap();
    assert_eq!(other.status.code(), Some(1), "one launch has one engine: {other:?}");
    std::fs::write(launch.path("go"), "").unwrap();
    launch.until("slow", "failed");
    signal(i32::try_from(engine.id()).unwrap(), Signal::INT);
    assert_eq!(engine.wait().unwrap().code(), Some(0));
}

#[test]
fn a_tied_engine_takes_its_commands_along() {
    let mut launch = Launch::planned(PLAN);
    let mut engine = foreground(&mut launch, &["--tied"], Stdio::piped());
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    let supervisor = supervisor(&launch, "slow.do.1");
    drop(engine.stdin.take());
    assert_eq!(engine.wait().unwrap().code(), Some(0));
    wait_for("the supervisor's end", || (!lives(supervisor)).then_some(()));
    let ended = launch.events().into_iter().find(|e| e["event"]["type"] == "run-ended").unwrap();
    assert_eq!(ended["event"]["end"]["signalled"]["stopped"], true, "{ended}");
    let left = launch.events().into_iter().find(|e| e["event"]["type"] == "engine-ended").unwrap();
    assert_eq!(left["event"]["why"], "ended with what started it");
    launch.engine().into_iter().for_each(kill);
}
