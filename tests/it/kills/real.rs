//! The engine's process, killed by `-9` in a launch whose commands run: before the n-th system call of its loop by which
//! something is written, made or started, so before and after each append and between all that follows from it; in the midst
//! of its take-up likewise; and at any moment. What the lives beside this can't show is shown here: processes, files,
//! sockets, and that clients come back.
//!
//! One is repeated by its seed: `TMINUS_KILLS=real:3 tests/run tests --test it -- kills::real`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;
use tminus::core::ids::Seq;
use tminus::core::launch::LaunchState;
use tminus::journal::Reader;

use crate::support::launch::{Client, Launch, hello, kill, say};
use crate::support::{program, wait_for};

/// A system call by which something leaves the process, and the how manieth of its kind in a thread. A kill hits before it,
/// so after the one before.
type Call = (&'static str, u32);

/// Those of the loop over an order that starts a command, each with how many there are: the append, the sign of life, the
/// word to the clients, the run's directory, its supervisor.
const START: &[(&str, RangeInclusive<u32>)] = &[
    ("pwrite64", 1..=4),
    ("fsync", 1..=2),
    ("write", 1..=5),
    ("ftruncate", 1..=2),
    ("mkdir", 1..=2),
    ("clone3", 1..=2),
];

/// Those of the take-up; what SQLite writes to open its files is left out.
const UP: &[(&str, RangeInclusive<u32>)] = &[
    ("pwrite64", 41..=44),
    ("fsync", 1..=3),
    ("write", 1..=5),
    ("ftruncate", 5..=8),
    ("clone3", 1..=7),
    ("rename", 1..=1),
    ("unlink", 1..=1),
];

fn calls(of: &[(&'static str, RangeInclusive<u32>)]) -> Vec<Call> {
    of.iter().flat_map(|(name, nth)| nth.clone().map(|nth| (*name, nth))).collect()
}

/// Each command notes that it began and with what it ends, and takes a moment.
const COMMAND: &str = r#"echo "$TMINUS_STEP" >> "$flags/starts"; echo begins; sleep 0.$((RANDOM % 3)); code=$((RANDOM % 3 == 0)); echo "$TMINUS_STEP $code" >> "$flags/ends"; echo "ends with $code"; exit $code"#;

const STORY: &[&[&str]] = &[
    &["run", "one"],
    &["note", "hello"],
    &["run", "two"],
    &["done", "one", "anyway"],
    &["severity", "2", "slow"],
    &["run", "three"],
    &["done", "two", "anyway"],
    &["tick", "boxes", "1"],
    &["handover", "all is well"],
    &["run", "four"],
    &["hold", "look"],
    &["release", "of", "root", "looked"],
    &["rollback", "all", "back"],
    &["again"],
    &["by-hand", "it was easy"],
    &["by-hand", "this too"],
    &["untick", "boxes", "1"],
    &["run", "one"],
];

/// When it dies.
#[derive(Clone, Copy, Debug)]
enum Blow {
    /// Before a call of its loop, counted from when it is given orders on.
    Call(Call),
    /// Before a call of any of its threads, while it takes the launch up.
    Up(Call),
    /// So long after it was given orders.
    After(Duration),
}

fn plan() -> String {
    let step = |id: &str| {
        let command = COMMAND.replace('\'', "'\\''");
        format!("\n  [[phase.step]]\n  id = \"{id}\"\n  run = '''{command}'''\n  undo = '''{command}'''\n")
    };
    let steps: String = ["one", "two", "three", "four"].map(step).concat();
    let fresh = (0..50).map(|n| format!("\n  [[phase.step]]\n  id = \"fresh-{n}\"\n  run = '''{COMMAND}'''\n"));
    let steps: String = std::iter::once(steps).chain(fresh).collect();
    format!(
        "[plan]\nname = \"Killed\"\nenvironment = \"test\"\n[vars]\nflags = \"/nowhere\"\n[roles]\nlead = {{ name = \"root\" }}\n\
         other = {{ name = \"Ben\" }}\n[shifts]\nrole = \"lead\"\nturns = [{{ at = \"T+0\", who = \"root\" }}, {{ at = \"T+1h\", who = \"Ben\" }}]\n\
         [[phase]]\nid = \"p\"\ntitle = \"P\"\n\n  [[phase.step]]\n  id = \"boxes\"\n  items = [\"One\"]\n{steps}"
    )
}

/// What a client saw until its engine died.
fn seen(launch: &Launch) -> std::thread::JoinHandle<Vec<Value>> {
    let socket = launch.socket();
    say(&socket, &hello());
    std::thread::spawn(move || {
        let lines = BufReader::new(socket).lines().map_while(Result::ok);
        // The last line may be cut.
        let messages = lines.map_while(|line| serde_json::from_str::<Value>(&line).ok());
        messages.filter(|m| m["say"] == "event").collect()
    })
}

fn lines_of(launch: &Launch, file: &str) -> Vec<String> {
    std::fs::read_to_string(launch.path(file)).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn counted(of: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    of.into_iter().for_each(|one| *all.entry(one).or_default() += 1);
    all
}

/// `strace` that kills before a call; not started yet.
fn strace((name, nth): Call) -> Command {
    let mut command = Command::new(program("strace", "strace", &["/usr/bin"]));
    command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={name}")]);
    command.args(["-e", &format!("inject={name}:signal=KILL:when={nth}")]);
    command
}

/// Has the loop of an engine die before a call.
fn stalked(engine: i32, call: Call) -> Child {
    let tasks = std::fs::read_dir(format!("/proc/{engine}/task")).unwrap().flatten().map(|task| task.path());
    let is_loop = |task: &std::path::PathBuf| std::fs::read_to_string(task.join("comm")).is_ok_and(|c| c == "engine\n");
    let task = tasks.into_iter().find(is_loop).unwrap();
    let thread = task.file_name().unwrap().to_str().unwrap();
    let child = strace(call).args(["-p", thread]).stderr(Stdio::null()).spawn().unwrap();
    wait_for("strace to hold the loop", || {
        // Its heart may have beaten meanwhile, and it is dead already.
        let Ok(status) = std::fs::read_to_string(task.join("status")) else { return Some(()) };
        let held = format!("TracerPid:\t{}", child.id());
        status
            .lines()
            .any(|line| line == held || line.starts_with("State:\tZ") || line.starts_with("State:\tX"))
            .then_some(())
    });
    child
}

/// Has an engine begin its take-up, and die over it unless that has fewer calls; says whether it died.
fn dies_over_take_up(launch: &Launch, call: Call) -> bool {
    let engine = launch.command(&[]);
    let mut child = strace(call);
    child.arg("-f").arg(engine.get_program()).arg("engine").arg(launch.path("plan.toml"));
    child
        .envs(engine.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .env_remove("TMINUS_LAUNCH")
        .env_remove("TMINUS_AS");
    let mut child = child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().next();
    let came_up = matches!(said, Some(Ok(line)) if line.starts_with("launch "));
    if came_up {
        kill(launch.engine().unwrap());
    }
    // One that was refused, since a client was quicker to start another, ends by itself.
    child.wait().unwrap().signal() == Some(9) && !came_up
}

/// What must hold of what is on record, whenever no engine runs, or one does.
fn holds(launch: &Launch, saw: &[Value], answered: &[(u64, Value)]) {
    let events = launch.events();
    for event in saw {
        let seq = event["seq"].as_u64().unwrap();
        let Some(durable) = events.get(seq as usize - 1) else {
            panic!("event {seq} that a client saw is missing: {event}")
        };
        assert_eq!(durable["event"]["type"], event["event"]["type"], "event {seq} that a client saw is another one");
        assert_eq!((&durable["at"], &durable["order"]), (&event["at"], &event["order"]), "event {seq}");
    }
    for (seq, event) in answered {
        assert_eq!(
            events.get(*seq as usize - 1).map(|e| &e["event"]),
            Some(event),
            "the answer {seq} is not on record"
        );
    }
    // Nothing starts alone: a person asked for each step, and for each way back since an engine took the launch up.
    for (at, event) in events.iter().enumerate().filter(|(_, e)| e["event"]["type"] == "run-started") {
        let run = event["event"]["run"].as_str().unwrap();
        let asks = |e: &&Value| match e["event"]["type"].as_str().unwrap() {
            "rollback-started" | "rollback-retried" | "engine-started" => run.contains(".undo."),
            "rollback-item-done" => run.contains(".undo.") && e["event"]["by"]["operator"].is_object(),
            "step-started" => run.starts_with(&format!("{}.do.", e["event"]["step"].as_str().unwrap())),
            _ => false,
        };
        let by = events[..at].iter().rev().find(asks).map(|e| &e["event"]);
        let by = by.unwrap_or_else(|| panic!("nobody asked for {run}"));
        let person = by["by"]["name"].is_string() || by["by"]["operator"].is_object();
        assert!(by["type"] != "engine-started" && person, "{run} starts alone, by {by}");
    }
    // Nothing runs twice: each command began at most as often as that is on record, and each run once.
    let began =
        counted(events.iter().filter(|e| e["event"]["type"] == "run-started").map(|e| step_of(&e["event"]["run"])));
    for (step, times) in counted(lines_of(launch, "starts")) {
        assert!(times <= began.get(&step).copied().unwrap_or_default(), "{step} began {times} times, of {began:?}");
    }
    for event in events.iter().filter(|e| e["event"]["type"] == "run-started") {
        let run = event["event"]["run"].as_str().unwrap();
        assert!(launch.output(run).matches("begins").count() <= 1, "{run} ran twice: {}", launch.output(run));
    }
}

/// What an engine that just came up serves is the fold of what is durable, and the launch holds.
fn is_taken_up(launch: &Launch) {
    let client = Client::come(launch);
    let state = client.state();
    let events = Reader::open(&launch.directory().join("journal.db")).unwrap().verified().unwrap();
    let (first, rest) = events.split_first().unwrap();
    let mut fold = LaunchState::open(first).unwrap();
    rest.iter().take_while(|event| event.seq <= state.head).for_each(|event| fold.apply(event));
    assert!(state.head > Seq(1) && fold == *state, "what is served is not the fold of what is durable");
    assert!(state.hold.is_some(), "the launch holds");
}

/// `one` of `one.do.1`.
fn step_of(run: &Value) -> String {
    run.as_str().unwrap().split('.').next().unwrap().to_owned()
}

/// Says how to repeat what fails.
struct Seed(u64, usize);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(seed, n) = self;
            eprintln!("at kill {n}; again: TMINUS_KILLS=real:{seed} tests/run tests --test it -- kills::real");
        }
    }
}

/// A launch whose engine dies of these, one after another. Answers how many of the calls were reached.
fn deaths(seed: u64, blows: impl IntoIterator<Item = Blow>) -> usize {
    let mut place = Seed(seed, 0);
    let mut launch = Launch::planned(&plan());
    launch.id = launch.start("");
    let mut rng = SmallRng::seed_from_u64(seed);
    let (mut saw, mut answered, mut reached) = (Vec::new(), Vec::new(), 0);
    for (n, blow) in blows.into_iter().enumerate() {
        place.1 = n;
        let engine = launch.engine().unwrap();
        let client = seen(&launch);
        let mut strace = if let Blow::Call(call) = blow { Some(stalked(engine, call)) } else { None };
        let mut words: Vec<&[&str]> = (0..rng.random_range(1..3)).map(|k| STORY[(n * 2 + k) % STORY.len()]).collect();
        // It starts whatever else stands; or a step that nobody ran yet.
        let fresh = format!("fresh-{n}");
        let fresh = ["run", fresh.as_str()];
        match blow {
            Blow::Up(_) => {}
            _ if n % 4 == 0 => words.insert(0, &["sh", COMMAND]),
            _ => words.insert(0, &fresh),
        }
        let orders = words.into_iter().map(|words| {
            let mut command = launch.command(&[&["do", "--json"], words].concat());
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        });
        let orders: Vec<Child> = orders.collect();
        match blow {
            Blow::After(span) => std::thread::sleep(span),
            Blow::Up(_) => {}
            Blow::Call(_) => {
                let until = Instant::now() + Duration::from_millis(800);
                while Instant::now() < until && !client.is_finished() {
                    std::thread::sleep(Duration::from_millis(5));
                }
                reached += usize::from(client.is_finished());
            }
        }
        kill(engine);
        saw.extend(client.join().unwrap());
        if let Some(strace) = &mut strace {
            let _ = strace.wait();
        }
        if let Blow::Up(call) = blow {
            reached += usize::from(dies_over_take_up(&launch, call));
        }
        for order in orders {
            let out = order.wait_with_output().unwrap();
            let answer: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
            if let (Some(seq), event) = (answer["seq"].as_u64(), &answer["events"][0])
                && answer["ok"] == true
                && event["seq"] == seq
            {
                answered.push((seq, event["event"].clone()));
            }
        }
        launch.looked_at();
        is_taken_up(&launch);
        holds(&launch, &saw, &answered);
        launch.order(&["release", "of", "engine", "looked"]);
    }
    wait_for("the end of all commands", || {
        let events = launch.events();
        let of = |kind: &str| events.iter().filter(|e| e["event"]["type"] == kind).count();
        (of("run-started") == of("run-ended")).then_some(())
    });
    // Every end is the true one, and its output is there.
    let events = launch.events();
    let ends = events.iter().filter(|e| e["event"]["type"] == "run-ended").filter_map(|e| {
        let (code, run) = (e["event"]["end"]["exited"]["code"].as_i64(), e["event"]["run"].as_str().unwrap());
        let output = launch.output(run);
        let Some(code) = code else {
            assert!(e["event"]["end"]["not-started"].is_object() && output.is_empty(), "{e}: {output}");
            return None;
        };
        assert!(
            output.starts_with("begins") && output.trim_end().ends_with(&format!("ends with {code}")),
            "{e}: {output}"
        );
        Some(format!("{} {code}", step_of(&e["event"]["run"])))
    });
    assert_eq!(counted(ends), counted(lines_of(&launch, "ends")), "of each command the true end");
    holds(&launch, &saw, &answered);
    assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0));
    assert!(launch.count("engine-started") > place.1 / 2 && !saw.is_empty(), "{} events were seen", saw.len());
    reached
}

/// What a seed dies of: 0 of each call, one after another, any other of what comes by chance.
fn blows(seed: u64) -> Vec<Blow> {
    let (start, up) = (calls(START), calls(UP));
    if seed == 0 {
        return start.into_iter().map(Blow::Call).chain(up.into_iter().map(Blow::Up)).collect();
    }
    let mut rng = SmallRng::seed_from_u64(!seed);
    let blow = |n| match n % 4 {
        0 | 1 => Blow::Call(start[rng.random_range(0..start.len())]),
        2 => Blow::After(Duration::from_micros(rng.random_range(0..120_000))),
        _ => Blow::Up(up[rng.random_range(0..up.len())]),
    };
    (0..30).map(blow).collect()
}

#[test]
fn a_real_engine_killed_at_a_dozen_points_loses_nothing_that_was_seen_and_runs_nothing_twice() {
    match std::env::var("TMINUS_KILLS").ok().and_then(|only| only.strip_prefix("real:")?.parse().ok()) {
        Some(seed) => drop(deaths(seed, blows(seed))),
        None => {
            let reached = deaths(1, blows(1).into_iter().take(12));
            println!("12 kills -9, {reached} of 9 at a named call");
            assert!(reached >= 5, "{reached} of 9 calls were reached");
        }
    }
}

/// For `tests/run --long`.
#[test]
#[ignore = "it takes minutes: tests/run --long"]
fn long_a_real_engine_killed_at_hundreds_of_points_loses_nothing_that_was_seen_and_runs_nothing_twice() {
    let (begun, mut kills, mut reached) = (Instant::now(), 0, 0);
    for seed in 0..10 {
        let blows = blows(seed);
        kills += blows.len();
        reached += deaths(seed, blows);
    }
    println!("{kills} kills -9, {reached} of them at a named call, {:.0} s", begun.elapsed().as_secs_f64());
}
