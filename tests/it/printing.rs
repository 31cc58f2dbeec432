//! What cannot be printed: a reader that has gone, a disk that is full. Every subcommand that prints says so and ends.

use std::fs::File;
use std::process::Stdio;

use super::support::launch::Launch;
use super::support::launches::text;

const PLAN: &str = r#"
[plan]
name = "Print"
environment = "test"

[vars]
site = "none"
flags = "none"

[[phase]]
id = "p"
title = "P"

  [[phase.step]]
  id = "a"
"#;

/// Every subcommand whose answer goes to the standard output.
fn all(launch: &Launch) -> Vec<Vec<String>> {
    let plan = launch.path("plan.toml").display().to_string();
    let of = |words: &str| words.split(' ').map(|w| w.replace("PLAN", &plan)).collect::<Vec<_>>();
    [
        "completions bash",
        "completions elvish",
        "completions fish",
        "completions powershell",
        "completions zsh",
        "man",
        "man do",
        "schema",
        "keys",
        "keys --markdown",
        "ls",
        "ls --json",
        "status",
        "status --json",
        "status --long",
        "do explain",
        "do explain --json",
        "do note hello",
        "log",
        "log --json",
        "log --verify",
        "report",
        "report --json",
        "check PLAN",
        "check --json PLAN",
        "check --sheet PLAN",
        "launch --headless PLAN",
        "--help",
        "do --help",
        "--version",
    ]
    .map(of)
    .into()
}

#[test]
fn a_full_standard_output_is_an_error_and_a_reader_that_has_gone_is_none_and_neither_is_a_panic() {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("http://127.0.0.1:1");
    for args in all(&launch) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let out = launch.command(&args).stdout(full).stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        let said = text(&out.stderr);
        assert_eq!(said.trim_end(), "stdout: No space left on device", "{args:?}");
        assert_eq!(out.status.code(), Some(1), "{args:?}");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = launch.command(&args).stdout(writer).stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(text(&out.stderr), "", "{args:?}");
        assert_eq!(out.status.code(), Some(141), "{args:?}");
    }
}
