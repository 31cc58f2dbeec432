//! A disk that is full: nothing starts that can't be written down, everyone is told, and what must be said still is.
//!
//! The disk is a limit on the size of files that the test puts on the running engine from outside: no further byte goes
//! into any file. That works for every user, where a small file system would want root. The reserve stands for both.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use super::support::launch::{Launch, hello, lines, say};
use super::support::wait_for;

/// Lets no byte more into any file of the engine, or everything again.
fn disk(launch: &Launch, full: bool) {
    let limit = Rlimit { current: full.then_some(1), maximum: None };
    prlimit(Pid::from_raw(launch.engine().unwrap()), Resource::Fsize, limit).unwrap();
}

fn reserve(launch: &Launch) -> u64 {
    std::fs::metadata(launch.directory().join("reserve")).unwrap().len()
}

/// How often a piece of it was given up: it is whole again within seconds of there being room.
fn given_up(launch: &Launch) -> usize {
    let log = std::fs::read_to_string(launch.directory().join("engine.log")).unwrap();
    log.matches("a piece of the reserve is given up").count()
}

#[test]
fn on_a_full_disk_nothing_starts_all_are_told_and_the_way_back_stays_open() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "greet", "--wait"]);
    let client = launch.socket();
    say(&client, &hello());
    let mut heard = lines(&client);
    let mut trouble = |is: &dyn Fn(&Value) -> bool| {
        heard.find(|m| m["say"] == "trouble" && is(&m["journal"])).expect("to be told");
    };
    trouble(&Value::is_null);
    let whole = reserve(&launch);
    assert!(whole >= 4 * 1024 * 1024);

    disk(&launch, true);
    for order in [&["run", "slow"][..], &["note", "x"], &["tick", "boxes", "1"]] {
        let (status, answer) = launch.order(order);
        assert_eq!(status, 4, "{answer}");
        assert!(answer["why"].as_str().unwrap().contains("can't be made durable, so it was not done"), "{answer}");
    }
    trouble(&Value::is_object);
    assert!(!launch.path("starts").exists() && !launch.directory().join("runs/slow.do.1").exists());
    assert_eq!(launch.step("slow"), "todo");
    let status = launch.tminus(&["status"]);
    assert_eq!(status.status.code(), Some(11), "{status:?}");
    assert!(String::from_utf8_lossy(&status.stdout).contains("nothing can be written down: "), "{status:?}");
    let explained = launch.tminus(&["do", "explain"]);
    let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(explained.starts_with("The journal: nothing can be written down"), "{explained}");
    assert!(explained.contains("→ tminus do hold WHY") && !explained.contains("do run"), "{explained}");
    assert_eq!(reserve(&launch), whole, "it is not given up for what can wait");

    // Each finds the disk full anew. What is given up for one is room for the rest too.
    for order in
        [&["hold", "the disk is full"][..], &["severity", "2", "disk"], &["rollback", "back", "before it is worse"]]
    {
        disk(&launch, true);
        assert_eq!(launch.order(&["note", "x"]).0, 4);
        let before = given_up(&launch);
        launch.taken(order);
        assert!(given_up(&launch) > before, "{order:?}");
        trouble(&Value::is_null);
    }
    wait_for("the way back", || (launch.status()["status"] == json!({ "rolled-back": 1 })).then_some(()));
    assert!(launch.path("back").exists());
    for kind in ["held", "severity-set", "rollback-started", "rollback-done"] {
        assert_eq!(launch.count(kind), 1, "{kind}");
    }
    assert_eq!(launch.count("run-started"), 2, "greet and the switch back");

    // Room again: it is found without anybody's order, and the reserve is whole.
    disk(&launch, true);
    assert_eq!(launch.order(&["note", "x"]).0, 4);
    trouble(&Value::is_object);
    disk(&launch, false);
    trouble(&Value::is_null);
    assert_eq!(reserve(&launch), whole);
    launch.taken(&["note", "there is room"]);
    assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
}

#[test]
fn an_engine_comes_back_on_a_full_disk_and_holds_or_says_why_it_can_not() {
    let launch = Launch::new("http://127.0.0.1:1");
    // A client on the full disk, and the engine that it starts.
    let full = |kib: u32| {
        let client = launch.command(&[]);
        let mut bash = Command::new("bash");
        let limited = format!("ulimit -S -f {kib}; exec \"$0\" do hold \"look at it\"");
        bash.args(["-c", &limited]).arg(client.get_program());
        bash.envs(client.get_envs().filter_map(|(name, value)| Some((name, value?))));
        bash.stdin(Stdio::null()).output().unwrap()
    };
    launch.kill_engine();
    let out = full(0);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{said}");
    // The engine's own hold, then the person's.
    assert_eq!((launch.count("engine-started"), launch.count("held")), (2, 2));

    // Nothing is left to give up: an engine that can't say that it holds is none.
    for _ in 0..20 {
        launch.taken(&["note", &"x".repeat(2000)]);
    }
    launch.kill_engine();
    std::fs::write(launch.directory().join("reserve"), "").unwrap();
    // With no room at all it can't even read; with some it reads and can't write.
    for (kib, cant) in [(0, "journal.db: disk I/O error"), (33, "can't be made durable")] {
        let out = full(kib);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "{said}");
        assert!(said.contains(cant) && said.contains("make room on the disk"), "{said}");
        assert_eq!(launch.tminus(&["status"]).status.code(), Some(21), "no engine runs");
    }
    launch.taken(&["note", "there is room again"]);
    assert_eq!(launch.count("engine-started"), 3);
}

/// No byte more goes into the journal, and nothing is left of the reserve: a large file can't grow. Small ones can, which
/// stands for the memory beside a disk.
fn spent(launch: &Launch) {
    std::fs::write(launch.directory().join("reserve"), "").unwrap();
    let limit = Rlimit { current: Some(32 * 1024), maximum: None };
    prlimit(Pid::from_raw(launch.engine().unwrap()), Resource::Fsize, limit).unwrap();
}

#[test]
fn where_the_reserve_is_gone_too_a_way_back_goes_with_a_word_and_is_written_down_later() {
    for dies in [false, true] {
        let launch = Launch::new("http://127.0.0.1:1");
        launch.taken(&["run", "greet", "--wait"]);
        for _ in 0..40 {
            launch.taken(&["note", &"x".repeat(2000)]);
        }
        spent(&launch);
        let (status, answer) = launch.order(&["hold", "look"]);
        assert_eq!(status, 4, "{answer}");
        assert!(answer["why"].as_str().unwrap().contains("can't be made durable"), "{answer}");
        let (status, answer) = launch.order(&["rollback", "back", "before it is worse"]);
        assert_eq!(status, 4, "{answer}");
        assert!(answer.to_string().contains("rollback back typed unjournalled"), "{answer}");
        assert!(!answer.to_string().contains("have a reserve"), "{answer}");
        let explained = launch.tminus(&["do", "explain"]);
        let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
        assert!(explained.contains(" typed unjournalled WHY") && !explained.contains("have a reserve"), "{explained}");
        assert!(!explained.contains("do hold"), "{explained}");
        assert!(!launch.path("back").exists(), "nothing goes without the word");

        let before = launch.count("note");
        launch.taken(&["rollback", "back", "typed", "unjournalled", "before it is worse"]);
        wait_for("the way back", || (launch.status()["status"] == json!({ "rolled-back": 1 })).then_some(()));
        assert!(launch.path("back").exists());
        let standing = String::from_utf8_lossy(&launch.tminus(&["status", "--long"]).stdout).into_owned();
        assert!(standing.contains("nothing can be written down: "), "{standing}");
        // What is kept in memory is read as the rest of the journal is, a hold goes too, and what can wait does not.
        let log = String::from_utf8_lossy(&launch.tminus(&["log"]).stdout).into_owned();
        assert!(log.contains("before it is worse") && !log.contains("are written down now"), "{log}");
        assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
        launch.taken(&["hold", "the disk is full"]);
        assert_eq!(launch.order(&["note", "x"]).0, 4);
        let written = |kind: &str| {
            let file = rusqlite::Connection::open(launch.directory().join("journal.db")).unwrap();
            let of = format!("%\"type\":\"{kind}\"%");
            file.query_row("SELECT count(*) FROM event WHERE body LIKE ?1", [of], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((launch.count("note"), launch.count("rollback-done")), (before, 1));
        assert_eq!((written("note"), written("rollback-started"), written("rollback-done")), (before as i64, 0, 0));

        if dies {
            launch.kill_engine();
            launch.taken(&["note", "another engine, and room"]);
        } else {
            disk(&launch, false);
        }
        wait_for("the journal", || (launch.count("written-late") == 1).then_some(()));
        assert_eq!((launch.count("rollback-started"), launch.count("rollback-done")), (1, 1));
        assert_eq!(launch.status()["status"], json!({ "rolled-back": 1 }));
        assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
        let log = String::from_utf8_lossy(&launch.tminus(&["log"]).stdout).into_owned();
        assert!(log.contains("were kept in memory since") && log.contains("nothing can be written down: "), "{log}");
        wait_for("its files", || launch.directory().join("runs/back~switch.do.1/output").exists().then_some(()));
        launch.taken(&["note", "there is room"]);
    }
}

#[test]
fn on_a_full_disk_a_command_that_fails_is_told_and_the_launch_holds() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    disk(&launch, true);
    assert_eq!(launch.order(&["note", "x"]).0, 4);
    std::fs::write(launch.path("go"), "").unwrap();
    wait_for("its end", || (launch.step("slow") == "failed").then_some(()));
    assert_eq!((launch.count("run-ended"), launch.count("step-failed"), launch.count("held")), (1, 1, 1));
    assert!(given_up(&launch) > 0 && reserve(&launch) >= 2 * 1024 * 1024, "half is left for the way back");
}

#[test]
fn on_a_full_disk_a_line_that_could_not_be_put_on_record_is_not_sent() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "asks"]);
    wait_for("the question", || launch.output("asks.do.1").contains("which?").then_some(()));
    disk(&launch, true);
    let (status, answer) = launch.order(&["input", "asks", "blue"]);
    assert_eq!(status, 4, "{answer}");
    assert!(answer["why"].as_str().unwrap().contains("can't be made durable, so it was not done"), "{answer}");
    disk(&launch, false);
    wait_for("room", || (launch.order(&["input", "asks", "green!"]).0 == 0).then_some(()));
    wait_for("the end", || (launch.step("asks") == "done").then_some(()));
    assert!(launch.output("asks.do.1").contains("took 6 letters"), "{}", launch.output("asks.do.1"));
    assert!(launch.tminus(&["log"]).stdout.windows(11).any(|w| w == b"sent a line"));
}
