//! The engine as people meet it: the built binary, real commands, a health endpoint that the test serves, its death by
//! SIGKILL, and clients that misbehave.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::launch::{Launch, PLAN, hello, kill, lines, say};
use super::support::launches::text;
use super::support::{wait_for, web};

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_is_driven_from_the_shell_to_its_end_and_back() {
    let web = web::Web::start(|_| web::Reply::json(200, json!({ "status": "ok" }))).await;
    let mut launch = Launch::new(&web.url(""));
    assert!(launch.id.starts_with("engine-test.test.") && launch.id.ends_with(".1"), "{}", launch.id);
    assert_eq!(launch.start(&web.url("")), launch.id, "a live launch is come back to");

    assert_eq!(launch.tminus(&["do", "run", "greet", "--wait"]).status.code(), Some(0));
    assert_eq!(launch.output("greet.do.1"), format!("•••••• in greet of {}\r\n", launch.id));
    launch.taken(&["tick", "boxes", "1"]);
    launch.taken(&["tick", "boxes", "Tw"]);
    launch.until("boxes", "done");
    assert_eq!(launch.tminus(&["do", "run", "settle", "--wait"]).status.code(), Some(0));

    let (status, answer) = launch.order(&["run", "after"]);
    assert_eq!(status, 4, "{answer}");
    assert!(answer["why"].as_str().unwrap().contains("go-on"), "{answer}");
    launch.taken(&["run", "go-on"]);
    let (status, answer) = launch.order(&["go", "go-on"]);
    assert_eq!(status, 4, "a gate is not passed without its votes: {answer}");
    launch.taken(&["vote", "go-on", "lead", "go"]);
    launch.taken(&["go", "go-on"]);
    let (status, explained) = launch.order(&["explain", "after"]);
    assert_eq!((status, &explained["explained"][0]["due"]), (0, &json!(true)), "{explained}");

    launch.taken(&["rollback", "back", "it was only a test"]);
    wait_for("the way back", || (launch.status()["state"] == "rolled back").then_some(()));
    assert!(launch.path("back").exists());
    assert_eq!(launch.step("greet"), "undone");
    assert_eq!(launch.order(&["hodl", "x"]).0, 2);
    launch.taken(&["end", "test", "done with it"]);
    wait_for("the engine's leaving", || UnixStream::connect(launch.directory().join("engine.sock")).err());
    assert_eq!(launch.tminus(&["status", &launch.id]).status.code(), Some(20));
    assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0));
    let second = launch.start(&web.url(""));
    assert_ne!(second, launch.id, "an ended launch is never come back to");
    launch.id = second;
}

#[test]
fn a_killed_engine_finds_the_true_end_of_what_ran_meanwhile() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    launch.kill_engine();
    assert_eq!(launch.tminus(&["status"]).status.code(), Some(21));
    std::fs::write(launch.path("go"), "").unwrap();
    wait_for("its end", || launch.directory().join("runs/slow.do.1/end").exists().then_some(()));
    // The next client starts the engine again.
    launch.taken(&["note", "back"]);
    launch.until("slow", "failed");
    let status = launch.status();
    assert!(status["hold"]["why"].as_str().unwrap().contains("no engine ran"), "{status}");
    let ended = launch.events().into_iter().find(|e| e["event"]["type"] == "run-ended").unwrap();
    assert_eq!(ended["event"]["end"]["exited"]["code"], 7);
    assert_eq!(std::fs::read_to_string(launch.path("starts")).unwrap(), "x\n", "nothing runs twice");
    assert_eq!(launch.count("engine-started"), 2);
}

#[test]
fn a_killed_engine_takes_up_what_still_runs_and_says_what_it_can_not_know() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    launch.kill_engine();
    launch.taken(&["note", "back"]);
    assert_eq!(launch.step("slow"), "running");
    // Now its supervisor dies too: nobody can know how it ended.
    let claim = std::fs::read_to_string(launch.directory().join("runs/slow.do.1/claim")).unwrap();
    kill(claim.trim().parse().unwrap());
    launch.until("slow", "interrupted");
    assert_eq!(launch.order(&["run", "slow"]).0, 4, "an interrupted step does not simply run again");
    // Its command lives on, and nothing is run beside it.
    let note = std::fs::read_to_string(launch.directory().join("runs/slow.do.1/command")).unwrap();
    let command = note.split_whitespace().next().unwrap();
    let not_done = ["resolve", "slow", "not-done", "the host shows nothing of it"];
    let (code, said) = launch.order(&not_done);
    assert!(code == 4 && said.to_string().contains(&format!("still runs, unwatched, as process {command}")), "{said}");
    let explained = launch.order(&["explain", "slow"]).1;
    assert!(explained.to_string().contains(&format!("still runs, unwatched, as process {command}")), "{explained}");
    kill(command.parse().unwrap());
    wait_for("its end", || (launch.order(&not_done).0 == 0).then_some(()));
    launch.until("slow", "failed");
}

#[test]
fn a_gap_is_measured_from_the_last_second_in_which_the_engine_lived() {
    let launch = Launch::new("http://127.0.0.1:1");
    let alive = || std::fs::read_to_string(launch.directory().join("alive")).unwrap_or_default();
    let another = || {
        let before = alive();
        wait_for("another sign of life", || (alive() != before).then_some(()));
    };
    another();
    let begin = Instant::now();
    another();
    another();
    another();
    assert!(begin.elapsed() < Duration::from_secs(8), "three seconds' signs took {:?}", begin.elapsed());
}

#[test]
fn many_deaths_lose_nothing_that_was_answered() {
    let launch = Launch::new("http://127.0.0.1:1");
    for n in 1..=8 {
        launch.taken(&["note", &format!("note {n}")]);
        launch.kill_engine();
    }
    launch.taken(&["note", "note 9"]);
    let notes: Vec<Value> = launch.events().into_iter().filter(|e| e["event"]["type"] == "noted").collect();
    let texts: Vec<&str> = notes.iter().map(|e| e["event"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, (1..=9).map(|n| format!("note {n}")).collect::<Vec<_>>());
    assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
}

/// The engine is frozen with an order on its way and dies without an answer: it was taken once, whether by that engine
/// (which wrote it down) or the next.
#[test]
fn an_order_whose_engine_dies_over_it_is_given_again_and_taken_once() {
    let launch = Launch::new("http://127.0.0.1:1");
    for n in 0..6 {
        let engine = launch.engine().unwrap();
        let mut client = launch.command(&["do", "--json", "note", &format!("note {n}")]);
        let client = client.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // At another moment of the order each time.
        std::thread::sleep(std::time::Duration::from_millis(8 * n));
        kill(engine);
        let out = client.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
        assert_eq!((out.status.code(), &answer["ok"]), (Some(0), &json!(true)), "{answer}");
        let event = &answer["events"][0];
        assert_eq!((&event["event"]["text"], &event["seq"]), (&json!(format!("note {n}")), &answer["seq"]), "{answer}");
        launch.taken(&["note", "meanwhile"]);
    }
    assert_eq!(launch.count("noted"), 12);
    assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
}

#[test]
fn clients_that_misbehave_harm_only_themselves() {
    let launch = Launch::new("http://127.0.0.1:1");
    let engine = launch.engine();

    // One that never reads, though it asks for much.
    let deaf = launch.socket();
    say(&deaf, &hello());
    let flood = format!("{}\n", json!({ "say": "get", "id": 1, "what": { "events": { "from": 1, "to": 100_000 } } }));
    deaf.set_nonblocking(true).unwrap();
    for _ in 0..20_000 {
        if (&deaf).write_all(flood.as_bytes()).is_err() {
            break;
        }
    }

    let garbage = launch.socket();
    (&garbage).write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(lines(&garbage).any(|m| m["say"] == "goodbye"));

    let endless = launch.socket();
    say(&endless, &hello());
    // The engine hangs up in the midst of it.
    let _ = (&endless).write_all(&vec![b'x'; 10 * 1024 * 1024]);
    let _ = (&endless).read_to_end(&mut Vec::new());

    let other = launch.socket();
    say(&other, &json!({ "say": "hello", "proto": 99, "version": "later" }));
    let answers: Vec<Value> = lines(&other).collect();
    assert_eq!(answers.first().map(|m| (&m["say"], &m["proto"])), Some((&json!("welcome"), &json!(1))));
    assert_eq!(answers.last().map(|m| &m["say"]), Some(&json!("goodbye")));

    let observer = launch.socket();
    say(&observer, &json!({ "say": "hello", "proto": 1, "version": "test", "observe": true }));
    say(&observer, &json!({ "say": "order", "id": "o1", "what": { "run": { "step": "greet", "attempt": 1 } } }));
    let reply = lines(&observer).find(|m| m["say"] == "reply").unwrap();
    assert!(reply["result"]["Err"]["why"].as_str().unwrap().contains("observe"), "{reply}");

    launch.taken(&["note", "still here"]);
    assert_eq!(launch.engine(), engine);
    drop(deaf);
}

#[test]
fn of_two_who_press_at_once_one_wins_and_a_retry_gets_the_first_answer() {
    let launch = Launch::new("http://127.0.0.1:1");
    let order = |id: &str| json!({ "say": "order", "id": id, "what": { "run": { "step": "greet", "attempt": 1 } } });
    let clients = [launch.socket(), launch.socket()];
    for (n, client) in clients.iter().enumerate() {
        say(client, &hello());
        say(client, &order(&format!("client-{n}")));
    }
    let reply = |client: &UnixStream| lines(client).find(|m| m["say"] == "reply").unwrap()["result"].clone();
    let replies: Vec<Value> = clients.iter().map(reply).collect();
    let won = replies.iter().position(|r| r["Ok"].is_u64()).unwrap_or_else(|| panic!("{replies:?}"));
    assert!(replies[1 - won]["Err"]["why"].is_string(), "{replies:?}");
    launch.until("greet", "done");

    let again = launch.socket();
    say(&again, &hello());
    say(&again, &order(&format!("client-{won}")));
    assert_eq!(reply(&again), replies[won]);
    assert_eq!(launch.count("run-started"), 1);
}

#[test]
fn every_event_reaches_a_client_that_came_late_in_order() {
    let launch = Launch::new("http://127.0.0.1:1");
    let client = launch.socket();
    say(&client, &hello());
    let mut messages = lines(&client);
    let mut text = String::new();
    let mut head = 0;
    for message in messages.by_ref() {
        if message["say"] == "state" {
            text.push_str(message["json"].as_str().unwrap());
            if message["more"] == false {
                head = serde_json::from_str::<Value>(&text).unwrap()["head"].as_u64().unwrap();
                break;
            }
        }
    }
    for n in 0..5 {
        launch.taken(&["note", &n.to_string()]);
    }
    let seen: Vec<u64> = messages.filter(|m| m["say"] == "event").map(|m| m["seq"].as_u64().unwrap()).take(5).collect();
    assert_eq!(seen, (head + 1..=head + 5).collect::<Vec<_>>());
}

#[test]
fn a_state_directory_with_a_long_path_works_and_a_removed_socket_comes_back() {
    let mut launch = Launch::new("http://127.0.0.1:1");
    launch.engine().into_iter().for_each(kill);
    let long = launch.path(&"d".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let run = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_tminus"))
            .args(args)
            .env("TMINUS_STATE", &long)
            .env("ENGINE_TEST_TOKEN", "hunter22")
            .output()
            .unwrap()
    };
    let plan = launch.path("plan.toml");
    let out = run(&["launch", &plan.display().to_string(), "--headless"]);
    assert!(out.status.success(), "{out:?}");
    launch.id = String::from_utf8(out.stdout).unwrap().trim().to_owned();
    let dir = long.join(&launch.id);
    assert_eq!(run(&["do", "note", "x"]).status.code(), Some(0));
    std::fs::remove_file(dir.join("engine.sock")).unwrap();
    wait_for("the socket", || dir.join("engine.sock").exists().then_some(()));
    assert_eq!(run(&["do", "note", "y"]).status.code(), Some(0));
    let pid = std::fs::read_to_string(dir.join("lock")).unwrap();
    kill(pid.split_whitespace().next().unwrap().parse().unwrap());
}

#[test]
fn a_wrong_plan_starts_no_launch() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8]); 3] =
        [("not-utf8.toml", b"[plan]\nname = \"\xff\"\n"), ("no-toml.toml", b"[plan\n"), ("no-name.toml", b"[plan]\n")];
    let launch = |plan: &Path| {
        Command::new(env!("CARGO_BIN_EXE_tminus"))
            .args(["launch", "--headless"])
            .arg(plan)
            .env("TMINUS_STATE", dir.path().join("state"))
            .output()
            .unwrap()
    };
    for (name, text) in cases {
        let plan = dir.path().join(name);
        std::fs::write(&plan, text).unwrap();
        let out = launch(&plan);
        assert_eq!(out.status.code(), Some(1), "{out:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains(name), "{out:?}");
    }
    assert_eq!(launch(dir.path()).status.code(), Some(1));
    let made = std::fs::read_dir(dir.path().join("state")).into_iter().flatten().flatten();
    assert_eq!(made.filter(|e| e.path().is_dir()).count(), 0);
}

#[test]
fn a_second_engine_is_refused_with_the_process_of_the_first_also_where_the_lock_was_tidied_away() {
    let launch = Launch::new("http://127.0.0.1:1");
    let first = launch.engine().unwrap();
    let refused = |what: &str| {
        let out = launch.tminus(&["engine", "--launch", &launch.id]);
        let said = text(&out.stderr);
        assert!(
            out.status.code() == Some(1) && said.contains(&format!("an engine already, process {first}:")),
            "{what}: {said}"
        );
        let ls = text(&launch.tminus(&["ls"]).stdout);
        assert!(ls.contains(&format!("engine {first}")), "{what}: {ls}");
    };
    refused("as it is");
    let lock = launch.directory().join("lock");
    let signed = std::fs::read(&lock).unwrap();
    std::fs::remove_file(&lock).unwrap();
    refused("without its lock");
    launch.taken(&["note", "the first is unharmed"]);
    assert_eq!(launch.count("engine-started"), 1);
    std::fs::write(&lock, signed).unwrap();
}

/// A binary of its own for the engine, over which another one comes while it runs.
#[test]
fn an_engine_whose_binary_was_replaced_goes_on_starts_commands_and_is_told_when_another_version_takes_over() {
    let mut launch = Launch::planned(PLAN);
    let binary = launch.path("tminus");
    std::fs::copy(env!("CARGO_BIN_EXE_tminus"), &binary).unwrap();
    let of_client = launch.command(&[]);
    let by = |args: &[&str]| {
        let mut command = Command::new(&binary);
        command.args(args).stdin(Stdio::null());
        command.envs(of_client.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.output().unwrap()
    };
    let flags = format!("flags={}", launch.dir.path().display());
    let plan = launch.path("plan.toml").display().to_string();
    let out = by(&["launch", &plan, "--headless", "--var", &flags]);
    assert!(out.status.success(), "{out:?}");
    launch.id = text(&out.stdout).trim().to_owned();
    launch.taken(&["run", "slow"]);
    wait_for("the command", || launch.path("starts").exists().then_some(()));
    // As a package manager does it.
    std::fs::write(launch.path("newer"), "#!/bin/sh\necho the newer one; exit 9\n").unwrap();
    std::fs::rename(launch.path("newer"), &binary).unwrap();
    let exe = std::fs::read_link(format!("/proc/{}/exe", launch.engine().unwrap())).unwrap();
    assert!(exe.to_string_lossy().ends_with("(deleted)"), "{exe:?}");
    launch.taken(&["run", "greet", "--wait"]);
    assert_eq!(
        launch.step("greet"),
        "done",
        "commands are started from what the engine is, not from what is there now"
    );
    std::fs::write(launch.path("go"), "").unwrap();
    launch.until("slow", "failed");
    launch.kill_engine();
    launch.taken(&["note", "the next one takes it up"]);
    assert_eq!((launch.count("engine-started"), launch.step("greet").as_str()), (2, "done"));
}

/// Twenty who launch the same plan at the same moment.
#[test]
fn twenty_who_launch_at_once_get_one_launch_with_one_engine() {
    let mut launch = Launch::planned(PLAN);
    let plan = launch.path("plan.toml").display().to_string();
    let flags = format!("flags={}", launch.dir.path().display());
    let started: Vec<Child> = (0..20)
        .map(|_| {
            let mut command = launch.command(&["launch", &plan, "--headless", "--var", &flags]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut names: Vec<String> = started
        .into_iter()
        .map(|child| {
            let out = child.wait_with_output().unwrap();
            assert!(out.status.success(), "{out:?}");
            text(&out.stdout).trim().to_owned()
        })
        .collect();
    names.dedup();
    launch.id = names.remove(0);
    assert!(names.is_empty(), "{names:?} beside {}", launch.id);
    assert_eq!(launch.count("engine-started"), 1);

    // And twenty who come when its engine has died start one.
    launch.kill_engine();
    let started: Vec<Child> =
        (0..20).map(|n| launch.command(&["do", "note", &n.to_string()]).spawn().unwrap()).collect();
    for mut child in started {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!((launch.count("engine-started"), launch.count("noted")), (2, 20));
    assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
}
