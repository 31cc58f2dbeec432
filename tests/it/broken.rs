//! State directories and journals that are not as they should be: each is said once, with the path and the way out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tminus::core::order::What;

use super::support::launch::{Client, Launch, PLAN, hello, lines, say};
use super::support::launches::text;
use super::support::wait_for;

/// What the binary says, to both outputs, and its exit status.
fn says(command: &mut Command) -> (Option<i32>, String) {
    let out = command.output().unwrap();
    (out.status.code(), text(&out.stdout) + &text(&out.stderr))
}

#[test]
fn a_state_directory_that_can_not_be_is_said_with_the_way_out() {
    let launch = Launch::planned(PLAN);
    let plan = launch.path("plan.toml").display().to_string();
    let file = launch.path("file");
    fs::write(&file, "").unwrap();
    // Neither can anything be made in it, whoever asks.
    for state in [&file, Path::new("/proc/self/no-launches")] {
        for args in [vec!["launch", &plan, "--headless"], vec!["engine", &plan]] {
            let (status, said) = says(launch.command(&args).env("TMINUS_STATE", state));
            assert_eq!(status, Some(1), "{said}");
            assert!(said.starts_with(&state.display().to_string()) && said.contains("set TMINUS_STATE"), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
    for args in [vec!["ls"], vec!["status"], vec!["log"], vec!["do", "note", "x"]] {
        let (status, said) = says(launch.command(&args).env("TMINUS_STATE", &file));
        assert!(matches!(status, Some(1 | 3)), "{args:?}: {status:?} {said}");
        assert!(said.contains(&file.display().to_string()) && said.contains("set TMINUS_STATE"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_journal_that_can_not_be_read_is_said_and_no_other_launch_begins_unasked() {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("http://127.0.0.1:1");
    for n in 0..9 {
        launch.taken(&["note", &format!("note {n}")]);
    }
    launch.kill_engine();
    let journal = launch.directory().join("journal.db");
    // What is still beside it comes into it.
    assert_eq!(launch.tminus(&["log", "--verify"]).status.code(), Some(0));
    rusqlite::Connection::open(&journal).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let whole = fs::read(&journal).unwrap();
    let pieces: [(&str, &dyn Fn()); 5] = [
        ("gone", &|| ()),
        ("garbage", &|| fs::write(&journal, "no journal ".repeat(900)).unwrap()),
        ("nothing", &|| fs::write(&journal, "").unwrap()),
        ("a piece", &|| fs::write(&journal, &whole[..whole.len() - 4000]).unwrap()),
        ("a directory", &|| fs::create_dir(&journal).unwrap()),
    ];
    for (what, breaks) in pieces {
        for side in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(launch.directory().join(format!("journal.db{side}")));
        }
        breaks();
        let plan = launch.path("plan.toml").display().to_string();
        let all: [(&[&str], i32); 8] = [
            (&["status"], 1),
            (&["ls"], 1),
            (&["log"], 1),
            (&["log", "--verify"], 1),
            (&["report"], 1),
            (&["do", "note", "x"], 3),
            (&["engine", "--launch", &launch.id], 1),
            (&["launch", &plan, "--headless"], 1),
        ];
        for (args, expected) in all {
            // Some of it can be read, and is told.
            let expected = if what == "a piece" && ["log", "report"].contains(&args[0]) { 4 } else { expected };
            let (status, said) = says(&mut launch.command(args));
            assert_eq!(status, Some(expected), "{what}: {args:?}: {said}");
            let first = args.contains(&"--verify") && said.contains("can't be read");
            assert!(said.contains(&journal.display().to_string()) || first, "{what}: {args:?}: {said}");
            assert!(said.contains("tminus launch --new") || first, "{what}: {args:?}: {said}");
        }
    }
    fs::remove_dir(&journal).unwrap();
    fs::write(&journal, &whole).unwrap();
    launch.taken(&["note", "a copy is in its place"]);
    launch.kill_engine();

    // Another one, where it is asked for, is then the one that is come back to.
    fs::write(&journal, "no journal").unwrap();
    let plan = launch.path("plan.toml").display().to_string();
    let out = launch.tminus(&["launch", &plan, "--headless", "--new"]);
    let new = text(&out.stdout).trim().to_owned();
    assert!(new.ends_with(".2"), "{out:?}");
    assert_eq!(text(&launch.tminus(&["launch", &plan, "--headless"]).stdout).trim(), new);
    launch.id = new;
}

#[test]
fn a_launch_whose_directory_is_moved_away_starts_nothing_and_goes_on_when_it_is_back() {
    let launch = Launch::new("http://127.0.0.1:1");
    let note = || What::Note { text: "x".to_owned() };
    let mut client = Client::come(&launch);
    let hears = launch.socket();
    say(&hears, &hello());
    let mut hears = lines(&hears);
    let aside = launch.path("aside");
    fs::rename(launch.directory(), &aside).unwrap();
    let why = client.order(What::Run { step: "greet".into(), attempt: 1 }).unwrap_err();
    assert!(why.why.contains("journal.db: it was moved, removed or replaced"), "{why:?}");
    assert!(why.instead.as_ref().is_some_and(|i| i.starts_with("move it back")), "{why:?}");
    let trouble = |m: &serde_json::Value| m["say"] == "trouble" && m["journal"].is_object();
    assert!(hears.any(|m| trouble(&m)), "who is attached is told");
    // A new launch has the name and the place of the old one; its engine is harmed by nothing.
    let plan = launch.path("plan.toml").display().to_string();
    let flags = format!("flags={}", launch.dir.path().display());
    let out = launch.tminus(&["launch", &plan, "--headless", "--var", &flags]);
    assert_eq!(text(&out.stdout).trim(), launch.id);
    assert!(client.order(note()).is_err());
    launch.taken(&["note", "of the new one"]);
    assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0));
    // Each of them says every second that it lives, and only the new one there.
    let alive = || fs::metadata(launch.directory().join("alive")).unwrap().modified().unwrap();
    for _ in 0..3 {
        let before = alive();
        wait_for("a sign of life", || (alive() != before).then_some(()));
        assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0));
    }
    assert_eq!((launch.count("noted"), launch.count("run-started")), (1, 0));
    launch.kill_engine();

    fs::remove_dir_all(launch.directory()).unwrap();
    fs::rename(&aside, launch.directory()).unwrap();
    client.order(note()).unwrap();
    assert!(hears.any(|m| m["say"] == "trouble" && m["journal"] == json!(null)), "and when it is over");
    launch.taken(&["run", "greet", "--wait"]);
    assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0));

    // Nobody orders anything, and all know it within seconds.
    fs::remove_file(launch.directory().join("journal.db")).unwrap();
    assert!(hears.any(|m| trouble(&m)));
    wait_for("the log", || {
        let log = fs::read_to_string(launch.directory().join("engine.log")).unwrap();
        log.contains("moved, removed or replaced").then_some(())
    });
}

fn journal_files() -> [String; 3] {
    ["", "-wal", "-shm"].map(|side| format!("journal.db{side}"))
}

/// Copies a journal whose engine is gone.
fn copy_journal(launch: &Launch) -> PathBuf {
    let copy = launch.path("copy");
    fs::create_dir(&copy).unwrap();
    for file in journal_files() {
        let _ = fs::copy(launch.directory().join(&file), copy.join(&file));
    }
    copy
}

/// Puts the copy in the place of a journal whose engine is gone.
fn put_back(launch: &Launch, copy: &Path) {
    for file in journal_files() {
        let _ = fs::remove_file(launch.directory().join(&file));
        let _ = fs::copy(copy.join(&file), launch.directory().join(&file));
    }
}

#[test]
fn a_journal_put_back_from_before_a_changed_plan_goes_on_with_the_plan_of_before_and_knows_what_ran_once_it_is_taken_in()
 {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.kill_engine();
    let copy = copy_journal(&launch);
    launch.taken(&["note", "the engine is back"]);
    launch.taken(&["release", "looked"]);
    let step = "  [[phase.step]]\n  id = \"extra\"\n  run = \"echo x >> extras\"\n  timeout = \"10s\"\n";
    let plan = fs::read_to_string(launch.path("plan.toml")).unwrap();
    let at = plan.find("  [[phase.step]]").unwrap();
    let (before, after) = plan.split_at(at);
    fs::write(launch.path("plan.toml"), format!("{before}{step}\n{after}")).unwrap();
    let hash = launch.order(&["diff"]).1["hash"].as_str().unwrap().to_owned();
    launch.taken(&["adopt", &hash]);
    launch.taken(&["run", "extra"]);
    launch.until("extra", "done");
    launch.kill_engine();
    put_back(&launch, &copy);
    launch.taken(&["note", "the engine is back"]);
    let hold = || launch.status()["hold"]["why"].as_str().unwrap().to_owned();
    assert!(hold().contains("it did not know `extra.do.1`"), "{}", hold());
    wait_for("the plan file is seen", || {
        launch.status()["plan_file"].to_string().contains("no longer the plan that the launch runs").then_some(())
    });
    launch.taken(&["release", "looked"]);
    launch.taken(&["adopt", &hash]);
    assert!(hold().contains("commands that the journal did not know: `extra.do.1`"), "{}", hold());
    launch.until("extra", "done");
    assert_eq!(fs::read_to_string(launch.path("extras")).unwrap(), "x\n", "it ran once");
}

#[test]
fn a_journal_put_back_from_a_copy_says_which_runs_it_did_not_know_and_takes_them_up_as_they_ended() {
    let launch = Launch::new("http://127.0.0.1:1");
    let restarted = || {
        launch.taken(&["note", "the engine is back"]);
        let hold = launch.status()["hold"]["why"].as_str().unwrap().to_owned();
        launch.taken(&["release", "looked"]);
        hold
    };
    launch.kill_engine();
    let copy = copy_journal(&launch);
    assert!(!restarted().contains("did not know"));
    fs::write(launch.path("go"), "").unwrap();
    launch.taken(&["run", "slow"]);
    launch.until("slow", "failed");
    launch.kill_engine();
    put_back(&launch, &copy);
    let hold = restarted();
    assert!(hold.contains("the journal is older than what was done: it did not know `slow.do.1`."), "{hold}");
    assert!(hold.contains("slow failed: exited with 7"), "its true end: {hold}");
    assert_eq!(launch.step("slow"), "failed");
    launch.taken(&["run", "slow"]);
    wait_for("its second end", || (launch.count("run-ended") == 2).then_some(()));
    assert_eq!(fs::read_to_string(launch.path("starts")).unwrap(), "x\nx\n", "it ran, and did not take an old end");
}

#[test]
fn verify_says_whole_with_the_head_or_names_the_first_event_that_is_not_as_it_was_written() {
    let launch = Launch::new("http://127.0.0.1:1");
    let verify = |more: &[&str]| says(&mut launch.command(&[&["log", "--verify", launch.id.as_str()], more].concat()));
    for n in 0..6 {
        launch.taken(&["note", &format!("note {n}")]);
    }
    let (status, said) = verify(&[]);
    let events = launch.events().len();
    assert!(
        status == Some(0) && said.contains(&format!("{events} events, each as it was written, head {events}:")),
        "{said}"
    );
    let report = text(&launch.tminus(&["report", &launch.id]).stdout);
    let head = report.split("--head ").nth(1).and_then(|rest| rest.split('`').next()).unwrap().to_owned();
    launch.taken(&["note", "after the report"]);
    assert_eq!(verify(&["--head", &head]).0, Some(0), "a report knows what was before it");
    let of =
        |head: &str, digits: usize| head.split_once(':').map(|(seq, hash)| format!("{seq}:{hash:.digits$}")).unwrap();
    assert_eq!(verify(&["--head", &of(&head, 16)]).0, Some(0));
    assert_eq!(verify(&["--head", &of(&head, 15)]).0, Some(2));

    launch.kill_engine();
    let journal = launch.directory().join("journal.db");
    let sql = |text: &str| rusqlite::Connection::open(&journal).unwrap().execute_batch(text).unwrap();
    let whole = || fs::copy(&journal, launch.path("whole.db")).unwrap();
    let back = || fs::copy(launch.path("whole.db"), &journal).unwrap();
    sql("PRAGMA wal_checkpoint(TRUNCATE)");
    whole();
    // Cut off at the end: the chain is whole, and the engine's last sign of life knows better. Here the report does, too.
    let last = events as u64;
    sql(&format!("DELETE FROM event WHERE seq >= {last}"));
    for (alive, knows) in [(true, "the engine's last sign of life"), (false, "the head that was given")] {
        if !alive {
            fs::remove_file(launch.directory().join("alive")).unwrap();
            let (status, said) = verify(&[]);
            assert!(status == Some(0) && said.contains("whether later ones are missing is not known"), "{said}");
        }
        let (status, said) = verify(&["--head", &head]);
        assert!(status == Some(4) && said.contains(knows) && said.contains("missing"), "{said}");
    }
    back();
    sql("UPDATE event SET body = replace(body, 'note 1', 'note 7')");
    let (status, said) = verify(&["--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, &said["whole"], &said["broken"]["how"]), (Some(4), &json!(false), &json!("edited")), "{said}");
    let first = said["broken"]["event"].as_u64().unwrap();
    let edited = launch.tminus(&["log", "--json", &launch.id]);
    assert_eq!(edited.status.code(), Some(4));
    let of = |line: &str| line.contains("note 7");
    let lines = text(&edited.stdout);
    assert_eq!(lines.lines().position(of), Some(first as usize - 1), "all that can be read is told: {lines}");
    assert!(text(&edited.stderr).contains("of what follows nothing is sure"), "{edited:?}");
    let report = launch.tminus(&["report", &launch.id]);
    assert!(
        report.status.code() == Some(4) && text(&report.stdout).contains("the journal is not as it was written"),
        "{report:?}"
    );
    back();
}

/// What happens to the bytes of a file.
type Breaks<'a> = &'a dyn Fn(&mut Vec<u8>);

/// A launch whose engine is dead, with a journal of some twenty pages, of which the last events are beside it or in it.
fn long(checkpoint: bool) -> Launch {
    let launch = Launch::new("http://127.0.0.1:1");
    for n in 0..20 {
        launch.taken(&["note", &format!("note {n} {}", "x".repeat(3000))]);
    }
    let journal = launch.directory().join("journal.db");
    if checkpoint {
        let db = rusqlite::Connection::open(&journal).unwrap();
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
    launch.kill_engine();
    launch
}

/// The journal's files as they are, and the copies that were kept.
fn files(launch: &Launch) -> Vec<Vec<u8>> {
    ["", "-wal"].iter().filter_map(|side| fs::read(launch.directory().join(format!("journal.db{side}"))).ok()).collect()
}

fn kept(launch: &Launch) -> Vec<Vec<Vec<u8>>> {
    let copies = fs::read_dir(launch.directory().join("damaged")).into_iter().flatten().flatten();
    let file = |dir: &Path, side: &str| fs::read(dir.join(format!("journal.db{side}"))).ok();
    copies.map(|copy| ["", "-wal"].iter().filter_map(|side| file(&copy.path(), side)).collect()).collect()
}

#[test]
fn a_damaged_page_costs_what_is_behind_it_and_a_copy_is_kept_before_anything_is_mended() {
    let overwritten = |bytes: &mut Vec<u8>| bytes[10 * 4096..11 * 4096].fill(0x5a);
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(12 * 4096 + 100);
    let pieces: [(&str, Breaks<'_>); 2] = [("a page overwritten", &overwritten), ("cut short", &cut)];
    for (what, breaks) in pieces {
        let launch = long(true);
        let events = launch.events();
        let journal = launch.directory().join("journal.db");
        let mut bytes = fs::read(&journal).unwrap();
        assert!(bytes.len() > 14 * 4096, "{}", bytes.len());
        breaks(&mut bytes);
        fs::write(&journal, &bytes).unwrap();
        let found = files(&launch);

        let log = launch.tminus(&["log", "--json", &launch.id]);
        let sound = text(&log.stdout).lines().count();
        assert_eq!(log.status.code(), Some(4), "{what}");
        assert!(sound > 2 && sound < events.len(), "{what}: {sound} of {}", events.len());
        for (line, event) in text(&log.stdout).lines().zip(&events) {
            assert_eq!(&serde_json::from_str::<serde_json::Value>(line).unwrap(), event, "{what}");
        }
        let said = text(&log.stderr);
        assert!(said.contains(&format!("event {} can't be read", sound + 1)), "{what}: {said}");
        assert!(said.contains(&format!("events 1 to {sound} are sound")), "{what}: {said}");
        // Whoever comes twice finds one copy, and the journal as it was.
        for _ in 0..2 {
            let (status, said) = says(&mut launch.command(&["do", "hold", "look", "--launch", &launch.id]));
            assert_eq!(status, Some(3), "{what}: {said}");
            assert!(
                said.contains("damaged/") && said.contains(&format!("tminus attach {} --sound", launch.id)),
                "{said}"
            );
            assert_eq!(files(&launch), found, "{what}");
            assert_eq!(kept(&launch), std::slice::from_ref(&found), "{what}");
        }
        // By a person's word it goes on after what is sound.
        fs::write(launch.path("typed"), "quit\n").unwrap();
        let mut attach = launch.command(&["attach", "--plain", "--sound", &launch.id]);
        let out = attach.stdin(fs::File::open(launch.path("typed")).unwrap()).output().unwrap();
        assert!(out.status.success(), "{what}: {out:?}");
        let hold = launch.status()["hold"]["why"].as_str().unwrap().to_owned();
        assert!(hold.contains(&format!("the journal lost something: event {} can't be read", sound + 1)), "{hold}");
        assert!(hold.contains("damaged/"), "{hold}");
        launch.taken(&["note", "it goes on"]);
        assert_eq!(launch.events()[..sound], events[..sound], "{what}");
        assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0), "{what}");
        assert_eq!(kept(&launch), [found], "{what}");
    }
}

#[test]
fn an_end_that_was_torn_off_beside_the_journal_is_missed_told_and_kept() {
    let torn = |bytes: &mut Vec<u8>| {
        let half = bytes.len() / 2;
        bytes[half..half + 64].fill(0x5a);
    };
    let short = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    let gone = |bytes: &mut Vec<u8>| bytes.clear();
    let pieces: [(&str, Breaks<'_>); 3] = [("torn", &torn), ("cut short", &short), ("gone", &gone)];
    for (what, breaks) in pieces {
        let launch = long(false);
        let events = launch.events();
        let wal = launch.directory().join("journal.db-wal");
        let mut bytes = fs::read(&wal).unwrap();
        assert!(bytes.len() > 20 * 4096, "{}", bytes.len());
        breaks(&mut bytes);
        // What an index of it says is not to be believed either.
        let _ = fs::remove_file(launch.directory().join("journal.db-shm"));
        fs::write(&wal, &bytes).unwrap();
        let found = files(&launch);
        let (status, said) = says(&mut launch.command(&["log", "--verify", &launch.id]));
        if what == "gone" {
            // Then there is not even a table.
            assert!(status == Some(1) && said.contains("damaged or no journal"), "{said}");
            continue;
        }
        let missing = format!("to {} are missing: the engine's last sign of life knows of event", events.len());
        assert!(status == Some(4) && said.contains(&missing), "{what}: {said}");
        assert_eq!(files(&launch), found, "to look changes nothing");

        launch.looked_at();
        let hold = launch.status()["hold"]["why"].as_str().unwrap().to_owned();
        assert!(hold.contains("the journal lost something") && hold.contains(&missing), "{what}: {hold}");
        assert_eq!(kept(&launch), [found], "{what}: {hold}");
        let log = text(&launch.tminus(&["log", &launch.id]).stdout);
        assert!(log.contains("the journal lost something"), "{log}");
        assert_eq!(launch.tminus(&["log", "--verify", &launch.id]).status.code(), Some(0), "{what}");
    }
}
