//! Commands that are not in the plan, and outputs that reach later commands, through a real engine and real processes.

use super::support::launch::Launch;
use super::support::launches::text;

const PLAN: &str = r#"
[plan]
name = "Beside"
environment = "test"

[vars]
site = ""
flags = "/nowhere"

[secrets]
token = "${env:ENGINE_TEST_TOKEN}"

[[phase]]
id = "deploy"

  [[phase.step]]
  id = "build"
  run = 'echo working; printf "\033[32mapp@sha256:1\033[0m\r\n\n"'
  output = "IMAGE"
  undo = 'echo "$IMAGE" > "$flags/removed"'

  [[phase.step]]
  id = "hidden"
  run = 'echo "key $token"'
  output = "KEY"

  [[phase.step]]
  id = "ship"
  run = 'echo "${IMAGE}" > "$flags/shipped"'

  [[phase.step]]
  id = "unlock"
  run = 'echo "$KEY" > "$flags/unlocked"'
"#;

fn launched() -> Launch {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("");
    launch
}

#[test]
fn the_last_line_of_a_step_reaches_later_commands_and_a_secret_never_does() {
    let launch = launched();
    let (status, refused) = launch.order(&["run", "ship"]);
    assert_eq!(status, 4, "{refused}");
    assert!(refused["why"].as_str().unwrap().contains("it needs the output `IMAGE` of `build`"), "{refused}");
    launch.taken(&["run", "build"]);
    launch.until("build", "done");
    launch.taken(&["run", "ship"]);
    launch.until("ship", "done");
    assert_eq!(std::fs::read_to_string(launch.path("shipped")).unwrap(), "app@sha256:1\n", "as a terminal shows it");

    launch.taken(&["run", "hidden"]);
    launch.until("hidden", "done");
    let (status, refused) = launch.order(&["run", "unlock"]);
    assert!(status == 4 && refused["why"].as_str().unwrap().contains("holds a secret"), "{refused}");
    launch.taken(&["output", "KEY", "by-hand", "read it there"]);
    launch.kill_engine();
    launch.looked_at();
    launch.taken(&["release", "looked"]);
    launch.taken(&["run", "unlock"]);
    launch.until("unlock", "done");
    assert_eq!(std::fs::read_to_string(launch.path("unlocked")).unwrap(), "by-hand\n", "also by another engine");
    launch.taken(&["rollback", "all", "bad"]);
    launch.until("build", "undone");
    assert_eq!(std::fs::read_to_string(launch.path("removed")).unwrap(), "app@sha256:1\n", "its undo has it");
}

#[test]
fn sh_runs_on_the_record_also_under_a_hold_and_hides_secrets() {
    let launch = launched();
    launch.taken(&["hold", "look"]);
    launch.taken(&["sh", "echo \"token $token\" 'two  blanks' | cat; false"]);
    launch.until("sh-1", "failed");
    let output = launch.output("sh-1.do.1");
    assert!(
        output.contains("token ••••••") && output.contains("two  blanks") && !output.contains("hunter22"),
        "{output}"
    );
    assert_eq!(launch.status()["holds"].as_array().map_or(1, Vec::len), 1, "its failure holds nothing");
    let log = text(&launch.tminus(&["log", &launch.id]).stdout);
    assert!(log.contains("sh-1  is not in the plan") && log.contains("two  blanks"), "{log}");
    let report = text(&launch.tminus(&["report"]).stdout);
    assert!(report.contains("two  blanks"), "{report}");
    let empty = launch.tminus(&["do", "sh", ""]);
    assert!(!empty.status.success());
    launch.taken(&["sh", "echo", "again"]);
    launch.until("sh-2", "done");
    assert!(launch.output("sh-2.do.1").contains("again"));
}
