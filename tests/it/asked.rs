//! A command that asks where nobody can answer fails at once, and what it asked is in the reason.

use super::support::launch::Launch;
use super::support::launches::text;

const PLAN: &str = r#"
[plan]
name = "Asked"
version = "v1"
environment = "test"

[vars]
site = "http://127.0.0.1:1"
flags = "/nowhere"

[[phase]]
id = "deploy"
title = "Deploy"

  [[phase.step]]
  id = "prompt"
  run = "printf 'Really deploy? '; read -r answer"

  [[phase.step]]
  id = "terminal"
  run = "read -r answer < /dev/tty"

  [[phase.step]]
  id = "silent"
  run = "echo begins; read -r -p 'Which version? ' answer"

  [[phase.step]]
  id = "wordless"
  run = "echo begins; read -r answer; echo $answer"

  [[phase.step]]
  id = "fed"
  run = "echo one | while read -r line; do false; done"

  [[phase.step]]
  id = "broken"
  run = "printf 'checking health: '; false"
"#;

#[test]
fn a_command_that_asked_without_input_fails_with_that_reason_wherever_one_looks() {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("http://127.0.0.1:1");
    let may = "it may have asked for input: ";
    for (step, sign) in [
        ("prompt", "its output ends with `Really deploy?`"),
        ("terminal", "its output says `bash: line 1: /dev/tty: No such device or address`"),
        ("silent", "its command has `read -r -p 'Which version? ' answer`"),
        ("wordless", "its command has `read -r answer`"),
    ] {
        launch.taken(&["run", step]);
        launch.until(step, "failed");
        let whole = format!("{may}{sign}; set `input = true` on the step, or give the answer in its command");
        let (_, explained) = launch.order(&["explain", step]);
        assert!(explained["explained"][0]["because"].to_string().replace("\\\"", "\"").contains(&whole), "{explained}");
        let status = launch.status();
        assert!(status["why"].to_string().contains(&whole), "{status}");
        let log = text(&launch.tminus(&["log"]).stdout);
        assert!(log.contains(&whole) && log.contains(&format!("; {may}{sign}\n")), "{log}");
        launch.taken(&["release", "looked at"]);
    }
    for other in ["fed", "broken"] {
        launch.taken(&["run", other]);
        launch.until(other, "failed");
        let (_, explained) = launch.order(&["explain", other]);
        assert!(!explained.to_string().contains("asked"), "{explained}");
        launch.taken(&["release", "looked at"]);
    }
}
