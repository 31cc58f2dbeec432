//! Coming back to a launch that lives.

use super::support::launch::{Launch, PLAN};
use super::support::launches::text;
use super::support::wait_for;

#[test]
fn who_comes_back_with_other_values_is_told_and_changes_nothing() {
    let launch = Launch::new("http://127.0.0.1:1");
    let plan = launch.path("plan.toml").display().to_string();
    let come_back = |more: &[&str]| {
        let out = launch.tminus(&[&["launch", &plan, "--headless"], more].concat());
        (out.status.code(), format!("{}{}", text(&out.stdout), text(&out.stderr)))
    };
    // Once with its engine, once without.
    for _ in 0..2 {
        let (status, said) = come_back(&["--var", "site=http://127.0.0.1:2", "--t0", "2030-01-02T03:04:05Z"]);
        assert_eq!(status, Some(1), "{said}");
        for part in [
            &launch.id,
            "--var site: was `http://127.0.0.1:1`, asked `http://127.0.0.1:2`",
            ", asked 2030-01-02T03:04:05.000Z",
            "tminus attach",
            "--new",
        ] {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
        assert!(!said.contains("adopt"), "--var stands over the plan file, so editing that would not help: {said}");
        let (status, said) = come_back(&["--var", "colour=green"]);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("--var colour: was `blue`, asked `green`") && said.contains("do adopt"), "{said}");
        launch.engine().into_iter().for_each(super::support::launch::kill);
    }
    // The same, or nothing, is no difference.
    let (status, said) = come_back(&["--var", "site=http://127.0.0.1:1", "--var", "colour=blue"]);
    assert!(status == Some(0) && said.starts_with(&launch.id), "{said}");
    assert_eq!(come_back(&[]).0, Some(0));
    assert_eq!(launch.tminus(&["ls"]).stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count(), 1);
}

#[test]
fn each_environment_has_its_own_launch() {
    let staging =
        "[environment.staging]\nvars = { colour = \"grey\" }\n[environment.test]\nvars = { colour = \"red\" }\n";
    let mut launch = Launch::planned(&PLAN.replace("[roles]", &format!("{staging}[roles]")));
    let plan = launch.path("plan.toml").display().to_string();
    let go = |more: &[&str]| {
        let out = launch.tminus(&[&["launch", &plan, "--headless"], more].concat());
        (out.status.code(), text(&out.stdout).trim().to_owned(), text(&out.stderr))
    };
    let (_, base, _) = go(&[]);
    let (_, other, said) = go(&["--env", "staging"]);
    assert!(
        base.starts_with("engine-test.test.") && other.starts_with("engine-test.staging."),
        "{base} {other} {said}"
    );
    assert_eq!(go(&[]).1, base, "who names no environment never comes to the launch of another one");
    assert_eq!(go(&["--env", "staging"]).1, other);
    // An overlay of the plan's own environment is another launch of the same one.
    let (status, _, said) = go(&["--env", "test"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("--env: was none, asked test") && said.contains(&base), "{said}");
    let status = launch.tminus(&["status", "--json", &other]);
    assert!(text(&status.stdout).contains(&other));
    for id in [other, base] {
        launch.id = id;
        launch.engine().into_iter().for_each(super::support::launch::kill);
    }
}

/// Each of a probe's instances is known by what it measured, and by its normal in the journal.
const SERVICES: &str = r#"
[[probe]]
id = "web"
every = "200ms"
command = { run = 'cat "$flags/web.json"', answer = "json", measures = [{ name = "n", unit = "count" }] }
"#;

#[test]
fn what_had_vanished_stays_unknown_where_the_readings_are_lost_and_the_log_says_that_they_are() {
    let mut launch = Launch::planned(&format!("{PLAN}{SERVICES}"));
    std::fs::write(launch.path("web.json"), r#"{"app": {"n": 1}, "db": {"n": 1}}"#).unwrap();
    launch.id = launch.start("http://127.0.0.1:1");
    let is = |signal: &str, level: &str| {
        wait_for(&format!("{signal} to be {level}"), || {
            (launch.status()["signals"][signal]["level"] == level).then_some(())
        });
    };
    is("web[db].n", "ok");
    wait_for("a normal", || (launch.order(&["baseline", "web", "5s"]).0 == 0).then_some(()));
    std::fs::write(launch.path("web.json"), r#"{"app": {"n": 1}}"#).unwrap();
    is("web[db].n", "unknown");
    launch.kill_engine();
    let readings = std::fs::read_dir(launch.directory()).unwrap().flatten().map(|entry| entry.path());
    let readings = readings.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("readings.db"));
    let removed = readings.map(|path| std::fs::remove_file(path).unwrap()).count();
    assert!(removed > 0);
    launch.looked_at();
    is("web[app].n", "ok");
    is("web[db].n", "unknown");
    let log = text(&launch.tminus(&["log"]).stdout);
    let again = log.lines().find(|line| line.contains("the engine started again")).unwrap_or_else(|| panic!("{log}"));
    assert!(again.contains("what was measured before is lost: ") && again.contains("readings.db is gone"), "{again}");
}
