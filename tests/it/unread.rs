//! A terminal that stops reading for half a minute, as over a link that hangs, and one that is closed, however the client was
//! told to take that: it costs the engine, its probes and a running step nothing.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tminus::core::event::Event;

use crate::support::launches::Launches;
use crate::support::terminal::Terminal;
use crate::support::web::{Reply, Web};
use crate::support::{eventually, hands, wait_for};

const PLAN: &str = r#"
[plan]
name = "Unread"
environment = "test"

[vars]
dir = "/nowhere"
site = "http://127.0.0.1:9"

[roles]
ops = { name = "Ana" }

[[probe]]
id = "site"
every = "500ms"
http = { url = "${site}" }

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
n=0
until [ -e "$dir/stop" ]; do n=$((n + 1)); echo "line $n of the deploy, with some words that fill it"; sleep 0.02; done
'''
"#;

/// So many polls, half a minute of them.
const POLLS: usize = 60;

/// When the site was asked.
type Visits = Arc<Mutex<Vec<Instant>>>;

/// Memory of a process that is its own and there, in KiB.
fn resident(pid: Pid) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let anonymous = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    anonymous.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A launch whose step writes without an end, and when its site is asked.
async fn start(launches: &Launches) -> (tempfile::TempDir, Web, Visits) {
    let visits = Visits::default();
    let noted = visits.clone();
    let web = Web::start(move |_| {
        noted.lock().unwrap().push(Instant::now());
        Reply::text(200, "text/plain", "well")
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    std::fs::write(&plan, PLAN).unwrap();
    let (files, site) = (format!("dir={}", dir.path().display()), format!("site={}", web.url("/")));
    launches.run(&["launch", plan.to_str().unwrap(), "--headless", "--var", &files, "--var", &site]);
    (dir, web, visits)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_stops_reading_for_half_a_minute_costs_nobody_anything_and_then_shows_what_is() {
    let launches = Launches::new();
    let (dir, _web, visits) = start(&launches).await;
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 200, 60);
    screen.past_ready();
    hands::start(&mut screen, "Deploy", "A long deploy");
    screen.press_until("9", "the output", |s| s.contains("line 1") && s.contains("of the deploy"));
    let engine = launches.engines()[0];
    let count = || visits.lock().unwrap().len();

    screen.reads(false);
    // What the terminal itself holds back is full after some frames.
    let full = count() + 10;
    eventually("five seconds", async || (count() >= full).then_some(())).await;
    let before = (resident(screen.pid()), resident(engine));
    let first = count() - 1;
    let begun = visits.lock().unwrap()[first];
    eventually("half a minute", async || (count() > first + POLLS).then_some(())).await;
    let took = visits.lock().unwrap()[first + POLLS] - begun;
    let after = (resident(screen.pid()), resident(engine));
    let due = Duration::from_millis(500) * u32::try_from(POLLS).unwrap();
    assert!(took.abs_diff(due) < due / 20, "{POLLS} polls took {took:?} of {due:?}");
    let gaps: Vec<Duration> = visits.lock().unwrap()[first..].windows(2).map(|two| two[1] - two[0]).collect();
    assert!(gaps.iter().all(|gap| *gap < Duration::from_millis(1500)), "{gaps:?}");
    assert!(after.0 < before.0 + 3072 && after.1 < before.1 + 3072, "KiB of screen and engine: {before:?}, {after:?}");

    // What the terminal held back comes, then what is now: of the frames between there is none.
    let held = screen.bytes().len();
    let newest = || {
        let mut runs = std::fs::read_dir(launches.directory().join("runs")).unwrap().flatten();
        let text = std::fs::read_to_string(runs.next().unwrap().path().join("output")).unwrap();
        text.lines().rev().find_map(|line| line.strip_prefix("line ")?.split(' ').next()?.parse::<u64>().ok()).unwrap()
    };
    let now = newest();
    screen.reads(true);
    let number = |screen: &str| {
        let lines = screen.lines().filter_map(|l| l.split("line ").nth(1)?.split(' ').next()?.parse::<u64>().ok());
        lines.max().unwrap_or(0)
    };
    screen.wait_until("the newest lines", |s| number(s) >= now);
    let came = screen.bytes().len() - held;
    assert!(came < 64_000, "{came} bytes");

    std::fs::write(dir.path().join("stop"), "").unwrap();
    launches.wait_for("the step's end", |event| matches!(event, Event::RunEnded { .. }));
    screen.kill();
    launches.order(&["end", "test", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_is_closed_ends_the_client_whatever_it_was_told_of_hang_ups() {
    let launches = Launches::new();
    let (dir, _web, _) = start(&launches).await;
    let (mut engine, mut run) = (Vec::new(), Vec::new());
    for told in ["", "trap '' HUP; ", "trap : HUP; "] {
        let tminus = launches.tminus(["attach"]);
        let mut shell = std::process::Command::new("sh");
        // Where the shell has a trap of its own it stays, to take the hang-up beside its child.
        let exec = if told.contains(':') { "" } else { "exec " };
        shell.arg("-c").arg(format!("{told}{exec}\"$0\" attach")).arg(tminus.get_program());
        shell.envs(tminus.get_envs().filter_map(|(key, value)| Some((key, value?))));
        let mut screen = Terminal::start(&shell, 120, 40);
        if engine.is_empty() {
            screen.past_ready();
            hands::start(&mut screen, "Deploy", "A long deploy");
            (engine, run) = (launches.engines(), launches.supervisors());
        }
        screen.wait_for("A long deploy, running");
        let begun = Instant::now();
        screen.close();
        screen.ended();
        assert!(begun.elapsed() < Duration::from_secs(2), "`{told}`: {:?}", begun.elapsed());
        assert_eq!((launches.engines(), launches.supervisors()), (engine.clone(), run.clone()), "{told}");
    }
    assert_eq!((engine.len(), run.len()), (1, 1));
    std::fs::write(dir.path().join("stop"), "").unwrap();
    launches.wait_for("the step's end", |event| matches!(event, Event::RunEnded { .. }));
    launches.order(&["end", "test", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
}
