//! A way back that fails stops and asks, on the screen: again, done by hand, or leave it and take another way.

use tminus::core::event::{Actor, Event};
use tminus::core::order::Way;

use crate::support::launches::Launches;
use crate::support::terminal::Terminal;
use crate::support::{hands, wait_for};

const PLAN: &str = r#"
[plan]
name = "Stops"
environment = "test"

[vars]
dir = "/nowhere"

[roles]
ops = { name = "Ana" }

[[phase]]
id = "traffic"
title = "Traffic"

  [[phase.step]]
  id = "one"
  title = "Stage one"
  owner = "ops"
  run = "true"
  undo = 'test -e "$dir/one" || { echo "one sticks"; exit 3; }'

  [[phase.step]]
  id = "two"
  title = "Stage two"
  owner = "ops"
  after = "one"
  run = "true"
  undo = 'test -e "$dir/two" || { echo "two sticks"; exit 3; }'

  [[phase.step]]
  id = "three"
  title = "Stage three"
  owner = "ops"
  after = "two"
  run = "true"
  undo = 'test -e "$dir/three" || { echo "three sticks"; exit 3; }'

[rollback.blue]
title = "All of it to blue"
estimate = "5s"
undoes = ["one", "two", "three"]

  [[rollback.blue.step]]
  id = "to-blue"
  title = "Balancer to blue"
  owner = "ops"
  run = 'echo blue > "$dir/blue"'
"#;

#[test]
fn a_way_back_that_fails_asks_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    std::fs::write(&plan, PLAN).unwrap();
    let launches = Launches::new();
    let var = format!("dir={}", dir.path().display());
    let launch = launches.tminus(["launch", plan.to_str().unwrap(), "--var", &var]);
    let mut screen = Terminal::start(&launch, 120, 40);
    screen.past_ready();
    for stage in ["Stage one", "Stage two", "Stage three"] {
        hands::start(&mut screen, "Traffic", stage);
        screen.wait_until(stage, |s| s.contains(&format!("{stage}  done")));
    }
    let asks = |screen: &mut Terminal, at: &str| {
        screen.wait_until("the alarm", |s| {
            s.contains(&format!("ROLLBACK STOPPED  undo all 3 steps, newest first: at {at}"))
        });
        screen.press_until("R", "what to do", |s| s.contains("Nothing after it runs"));
        screen.wait_for("exited with 3");
    };

    // All of it back: the newest undo fails.
    hands::back(&mut screen, "undo all 3 steps");
    asks(&mut screen, "1 of 3, Stage three");

    // Again: it fails again; again, after it was mended: it goes on, to the next that fails.
    screen.press_until("x", "tried again", |s| !s.contains("Nothing after it runs"));
    let stops = || launches.events().iter().filter(|e| matches!(e, Event::RollbackStopped { .. })).count();
    wait_for("the second failure", || (stops() == 2).then_some(()));
    asks(&mut screen, "1 of 3, Stage three");
    std::fs::write(dir.path().join("three"), "").unwrap();
    screen.press_until("x", "tried again", |s| !s.contains("Nothing after it runs"));

    // By hand, which needs a word: it goes on, and the last fails too.
    asks(&mut screen, "2 of 3, Stage two");
    screen.press_until("e", "how one knows", |s| s.contains("Done by hand, how do you know"));
    hands::says(&mut screen, "Done by hand, how do you know", "the balancer shows it");
    asks(&mut screen, "3 of 3, Stage one");

    // Left as it stands, and another way back is taken.
    screen.press_until("l", "why it is left", |s| s.contains("Leave it as it stands, why"));
    hands::says(&mut screen, "Leave it as it stands, why", "blue is ready anyway");
    screen.wait_gone("ROLLBACK STOPPED");
    hands::back(&mut screen, "All of it to blue");
    screen.wait_for("rolled back");
    assert!(dir.path().join("blue").exists());
    screen.kill();

    let events = launches.events();
    let at = |what: &str, is: &dyn Fn(&Event) -> bool| {
        events.iter().position(is).unwrap_or_else(|| panic!("not in the journal: {what}\n{events:?}"))
    };
    let stopped = |n| move |e: &Event| matches!(e, Event::RollbackStopped { rollback: 1, item, .. } if *item == n);
    let done = |n| move |e: &Event| matches!(e, Event::RollbackItemDone { rollback: 1, item, by: Actor::Engine, .. } if *item == n);
    let order = [
        at("all", &|e| matches!(e, Event::RollbackStarted { rollback: 1, way: Way::All, .. })),
        at("stopped at three", &stopped(0)),
        at("again", &|e| matches!(e, Event::RollbackRetried { item: 0, .. })),
        at("three undone", &done(0)),
        at("stopped at two", &stopped(1)),
        at(
            "by hand",
            &|e| matches!(e, Event::RollbackItemDone { item: 1, by_hand: Some(how), .. } if how == "the balancer shows it"),
        ),
        at("stopped at one", &stopped(2)),
        at("left", &|e| matches!(e, Event::RollbackLeft { rollback: 1, .. })),
        at("another", &|e| matches!(e, Event::RollbackStarted { rollback: 2, way: Way::Named(_), .. })),
        at("done", &|e| matches!(e, Event::RollbackDone { rollback: 2, .. })),
    ];
    assert!(order.is_sorted(), "{order:?}\n{events:?}");
    assert_eq!(stops(), 4);
    launches.order(&["end", "test", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
}
