//! The screen dies or its terminal is closed in the middle of a step: the engine and the step go on, and who attaches sees
//! what came meanwhile.

use tminus::core::event::{Event, RunEnd};

use crate::support::launches::Launches;
use crate::support::terminal::Terminal;
use crate::support::{hands, wait_for};

const PLAN: &str = r#"
[plan]
name = "Gone"
environment = "test"

[vars]
dir = "/nowhere"

[roles]
ops = { name = "Ana" }

[[phase]]
id = "deploy"
title = "Deploy"

  [[phase.step]]
  id = "long"
  title = "A long deploy"
  owner = "ops"
  timeout = "5m"
  undo = "true"
  run = '''
echo "deploy begins"; echo x >> "$dir/starts"
until [ -e "$dir/one" ]; do sleep 0.05; done; echo "the first half is copied"
until [ -e "$dir/two" ]; do sleep 0.05; done; echo "the second half is copied"
until [ -e "$dir/three" ]; do sleep 0.05; done; echo "deploy ends"
'''
"#;

#[test]
fn the_death_of_a_screen_and_the_end_of_a_terminal_cost_a_step_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    std::fs::write(&plan, PLAN).unwrap();
    let flag = |name: &str| std::fs::write(dir.path().join(name), "").unwrap();
    let launches = Launches::new();
    let var = format!("dir={}", dir.path().display());
    let launch = launches.tminus(["launch", plan.to_str().unwrap(), "--var", &var]);
    let mut screen = Terminal::start(&launch, 120, 40);
    screen.past_ready();
    hands::start(&mut screen, "Deploy", "A long deploy");
    screen.wait_for("A long deploy, running");
    screen.press_until("9", "the output", |s| s.contains("deploy begins"));
    let (engine, run) = (launches.engines(), launches.supervisors());
    assert_eq!((engine.len(), run.len()), (1, 1));

    // kill -9, and output comes while nobody looks.
    screen.kill();
    flag("one");
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 120, 40);
    screen.wait_for("A long deploy, running");
    screen.press_until("9", "the output meanwhile", |s| s.contains("the first half is copied"));
    assert_eq!((launches.engines(), launches.supervisors()), (engine.clone(), run.clone()));

    // The window is closed: the screen leaves by itself.
    screen.close();
    screen.ended();
    flag("two");
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 120, 40);
    screen.press_until("9", "the output meanwhile", |s| s.contains("the second half is copied"));
    assert!(screen.screen().contains("deploy begins"), "{}", screen.screen());
    assert_eq!((launches.engines(), launches.supervisors()), (engine, run));

    flag("three");
    screen.wait_for("deploy ends");
    screen.wait_for("✓ 1  Deploy  ");
    screen.kill();
    assert_eq!(std::fs::read_to_string(dir.path().join("starts")).unwrap(), "x\n", "it ran once");
    let events = launches.events();
    let count = |is: fn(&Event) -> bool| events.iter().filter(|e| is(e)).count();
    assert_eq!(count(|e| matches!(e, Event::RunStarted { .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::RunEnded { end: RunEnd::Exited { code: 0, .. }, .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::EngineStarted { .. })), 1);
    launches.order(&["end", "test", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
}
