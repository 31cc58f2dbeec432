//! A plan's file that is edited, broken or lost while its launch runs.

use serde_json::{Value, json};

use super::support::launch::{Launch, hello, lines, say};
use super::support::launches::text;
use super::support::wait_for;

fn write(launch: &Launch, text: &str) {
    std::fs::write(launch.path("plan.toml"), text).unwrap();
}

/// Waits until `tminus status` says this of the plan's file.
fn until_said(launch: &Launch, part: &str) {
    wait_for(part, || launch.status()["plan_file"].to_string().contains(part).then_some(()));
}

#[test]
fn an_edited_plan_file_is_told_to_all_until_it_is_taken_in_and_harms_nothing() {
    let launch = Launch::new("http://127.0.0.1:1");
    let good = std::fs::read_to_string(launch.path("plan.toml")).unwrap();
    let client = launch.socket();
    say(&client, &hello());
    let mut client = lines(&client);
    let mut trouble = |is: &dyn Fn(&Value) -> bool| client.find(|m| m["say"] == "trouble" && is(&m["plan"])).unwrap();
    trouble(&Value::is_null);

    let edited = good.replace("title = \"Deploy\"", "title = \"Deploy it\"");
    write(&launch, &edited);
    trouble(&|plan| *plan == json!("plan.toml is no longer the plan that the launch runs"));
    let said = text(&launch.tminus(&["status", "--long"]).stdout);
    assert!(said.contains("  plan.toml is no longer the plan that the launch runs (`tminus do diff`)"), "{said}");

    write(&launch, &edited.replace("soak = \"1s\"", "soka = \"1s\""));
    trouble(&|plan| plan.to_string().contains("plan.toml was changed and has an error, in line 55: "));
    std::fs::remove_file(launch.path("plan.toml")).unwrap();
    trouble(&|plan| plan.to_string().contains("can't be read any more: No such file"));
    // The launch goes on meanwhile.
    launch.taken(&["run", "greet"]);
    launch.until("greet", "done");

    write(&launch, &edited);
    let hash = launch.order(&["diff"]).1["hash"].as_str().unwrap().to_owned();
    launch.taken(&["adopt", &hash]);
    trouble(&Value::is_null);
    assert_eq!(launch.status()["plan_file"], Value::Null);
    // Back to what was: that is another plan now.
    write(&launch, &good);
    // Also an engine that comes later sees it.
    launch.kill_engine();
    launch.taken(&["note", "back"]);
    until_said(&launch, "no longer the plan");
    let log = std::fs::read_to_string(launch.directory().join("engine.log")).unwrap();
    assert_eq!(log.matches("can't be read any more").count(), 1, "{log}");
    assert_eq!(log.matches("has an error, in line 55").count(), 1, "{log}");
}

#[test]
fn who_launches_a_file_that_was_broken_comes_back_to_its_live_launch_and_reads_what_is_wrong() {
    let launch = Launch::new("http://127.0.0.1:1");
    let plan = launch.path("plan.toml").display().to_string();
    let good = std::fs::read_to_string(&plan).unwrap();
    let run = |args: &[&str]| {
        let out = launch.tminus(&[args, &[&plan, "--headless"][..]].concat());
        (out.status.code(), text(&out.stdout).trim().to_owned(), text(&out.stderr))
    };
    let comes_back = |parts: &[&str]| {
        let (status, id, said) = run(&["launch"]);
        assert_eq!((status, &id), (Some(0), &launch.id), "{said}");
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
    };
    let (_, _, said) = run(&["launch"]);
    assert_eq!(said.lines().count(), 1, "nothing is said where nothing differs: {said}");

    write(&launch, &good.replace("title = \"Deploy\"", "title = \"Deploy it\""));
    comes_back(&["has changed since", "`tminus do diff`", "`tminus do adopt HASH`"]);
    let broken = good.replace("soak = \"1s\"", "soka = \"1s\"").replace("poll = [\"lead\"]", "poll = [\"leda\"]");
    write(&launch, &broken);
    let both =
        ["plan.toml:55:3", "plan.toml:61:", "is live and goes on with the plan that it took in", "do adopt HASH"];
    comes_back(&both);
    // Whoever else asks for another one is told all the same.
    let (status, _, said) = run(&["launch", "--new", "--yes"]);
    assert_eq!((status, said.contains("plan.toml:55:3"), said.contains(&launch.id)), (Some(1), true, true), "{said}");
    let (status, _, said) = run(&["launch", "--env", "staging"]);
    assert_eq!((status, said.contains(&launch.id)), (Some(1), true), "{said}");
    let (status, _, said) = run(&["launch", "--t0", "2030-01-02T03:04:05Z"]);
    assert_eq!((status, said.contains("was launched otherwise")), (Some(1), true), "{said}");
    // No plan at all, and its engine died.
    launch.kill_engine();
    write(&launch, "[plan\n");
    comes_back(&["plan.toml:1:", "is live and goes on"]);
    launch.kill_engine();
    std::fs::remove_file(&plan).unwrap();
    comes_back(&["plan.toml: No such file", "is live and goes on"]);
    assert_eq!(launch.count("engine-started"), 3);
    launch.taken(&["release", "it is all right"]);
    launch.taken(&["run", "greet"]);
    launch.until("greet", "done");
    launch.taken(&["end", "test", "done with it"]);
    assert_eq!(run(&["launch"]).0, Some(1), "an ended launch is not come back to");
}

#[test]
fn a_plan_that_was_given_another_name_comes_back_to_the_launch_of_its_file() {
    let launch = Launch::new("http://127.0.0.1:1");
    let plan = launch.path("plan.toml").display().to_string();
    let link = launch.path("link.toml");
    std::os::unix::fs::symlink(&plan, &link).unwrap();
    let good = std::fs::read_to_string(&plan).unwrap();
    let run = |file: &str, more: &[&str]| {
        let out = launch.tminus(&[&["launch", file, "--headless"], more].concat());
        (out.status.code(), text(&out.stdout).trim().to_owned(), text(&out.stderr))
    };
    let name = good.lines().find(|line| line.starts_with("name = ")).unwrap();
    write(&launch, &good.replacen(name, "name = \"Renamed\"", 1));
    for file in [&*plan, &link.display().to_string()] {
        let (status, id, said) = run(file, &[]);
        assert_eq!((status, &id), (Some(0), &launch.id), "{said}");
        let other = format!("the plan is called `Renamed` there, and {} is live from this file", launch.id);
        assert!(said.contains(&other) && said.contains("`tminus do adopt HASH`") && said.contains("--new"), "{said}");
    }
    // Nobody is there to be asked whether a second one is meant.
    let (status, _, said) = run(&plan, &["--new"]);
    assert_eq!((status, said.contains(&format!("tminus attach {}", launch.id))), (Some(2), true), "{said}");
}

#[test]
fn another_file_of_the_same_plan_name_does_not_get_the_launch_of_the_first_and_a_moved_file_does() {
    let launch = Launch::new("http://127.0.0.1:1");
    let good = std::fs::read_to_string(launch.path("plan.toml")).unwrap();
    let (moved, other) = (launch.path("moved.toml"), launch.path("other.toml"));
    std::fs::write(&moved, &good).unwrap();
    std::fs::write(&other, good.replace("echo undone", "echo another")).unwrap();
    let run = |file: &std::path::Path, more: &[&str]| {
        let file = file.display().to_string();
        let out = launch.tminus(&[&["launch", &file, "--headless"], more].concat());
        (out.status.code(), text(&out.stdout).trim().to_owned(), text(&out.stderr))
    };
    assert_eq!(run(&moved, &[]).1, launch.id, "the same text somewhere else is the plan moved");
    let (status, id, said) = run(&other, &[]);
    assert_eq!((status, &*id), (Some(1), ""), "{said}");
    let theirs = launch.path("plan.toml").display().to_string();
    for part in [&launch.id, "opened by ", &theirs, "other.toml", &format!("tminus attach {}", launch.id), "--new"] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    // Beside it there is one of its own, to which each file comes back.
    let (status, own, said) = run(&other, &["--new", "--yes"]);
    assert_eq!((status, own != launch.id), (Some(0), true), "{said}");
    assert_eq!(run(&other, &[]).1, own);
    assert_eq!(run(&launch.path("plan.toml"), &[]).1, launch.id);
    // Of two of one file the newest is meant, and the other is not forgotten.
    let file = launch.path("plan.toml");
    let (status, second, said) = run(&file, &["--new", "--yes"]);
    let also = |id: &str| format!("also live from this file: {id}; `tminus attach NAME` comes to it");
    assert_eq!((status, said.contains(&also(&launch.id))), (Some(0), true), "{said}");
    let (_, again, said) = run(&file, &[]);
    assert_eq!((again == second, said.contains(&also(&launch.id))), (true, true), "{said}");
    for id in [own, second] {
        let ended = launch.tminus(&["do", "--launch", &id, "end", "test", "only a test"]);
        assert!(ended.status.success(), "{ended:?}");
    }
}
