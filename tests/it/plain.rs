//! A launch as lines: what is typed is ordered, what changes is written, and the launch goes on when the reader leaves.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::launches::{Launches, text};

const PLAN: &str = r#"
[plan]
name = "Plain"
environment = "test"

[[phase]]
id = "p"
title = "P"

  [[phase.step]]
  id = "first"
  run = "echo the first line; echo; printf 'half a'; echo ' line'"

  [[phase.step]]
  id = "second"
  run = "echo of no use; exit 3"
  after = ["first"]
"#;

/// For a line to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a line begins with a time of day and its kind.
fn is_timed(line: &str, kind: &str) -> bool {
    let mut words = line.split_whitespace();
    let time = words.next().unwrap_or_default();
    time.len() == 8 && time.split(':').all(|part| part.parse::<u8>().is_ok()) && words.next() == Some(kind)
}

#[test]
fn a_launch_is_driven_and_followed_line_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    std::fs::write(&plan, PLAN).unwrap();
    let launches = Launches::new();
    let mut command = launches.tminus(["launch", plan.to_str().unwrap(), "--plain", "--as", "ana"]);
    let mut reader = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut typed = reader.stdin.take().unwrap();
    let out = BufReader::new(reader.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let mut seen = Vec::new();
    let mut until = |what: &str| loop {
        let line = told.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("`{what}` never came, {e}: {seen:#?}"));
        assert!(!line.contains('\u{1b}'), "plain: {line:?}");
        seen.push(line.clone());
        if line.contains(what) {
            return line;
        }
    };
    assert!(until("next ").contains("`run first`"));
    writeln!(typed, "run second").unwrap();
    assert!(is_timed(&until("not taken: "), "answer"), "an answer has its time");
    writeln!(typed, "status").unwrap();
    assert!(is_timed(&until("0/2 boxes"), "answer"));
    until("NEXT");
    writeln!(typed, "output").unwrap();
    until("no command has run yet");
    typed.write_all(b"note gr\xfc\xdfe\n").unwrap();
    until("not taken: the line is no UTF-8");
    writeln!(typed, "tminus do note pasted").unwrap();
    until("ana (declared): pasted");
    writeln!(typed, ":run first").unwrap();
    assert!(is_timed(&until("first: the first line"), "output"));
    until("first  done");
    writeln!(typed, "quiet").unwrap();
    until("is not said any more");
    writeln!(typed, "run second").unwrap();
    until("alarm    STEP FAILED");
    writeln!(typed, "output second").unwrap();
    assert!(is_timed(&until("second: of no use"), "answer"));
    writeln!(typed, "explain second").unwrap();
    until("  exited with 3 after");
    for engine in launches.engines() {
        rustix::process::kill_process(engine, rustix::process::Signal::KILL).unwrap();
    }
    until("link     lost, and tried again");
    until("link     back");
    writeln!(typed, "quit").unwrap();
    until("goes on: `tminus attach");
    assert_eq!(reader.wait().unwrap().code(), Some(4), "the first order that was not taken was rejected");
    assert_eq!(launches.engines().len(), 1, "the launch goes on");
    // A build that types nothing reads until it is over.
    let build = launches.tminus(["attach", "--plain"]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    launches.order(&["--as", "ana", "end", "test", "enough"]);
    let out = build.wait_with_output().unwrap();
    assert!(out.status.success() && text(&out.stdout).contains("is over: `tminus report"), "{}", text(&out.stdout));
}
