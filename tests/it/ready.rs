//! Can I start? The card of an engine and that of `tminus check --probe`, with real scripts, hosts and secrets.

use std::os::unix::fs::PermissionsExt as _;

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::wait_for;
use super::support::web::{Reply, Web};

fn plan(site: &str) -> String {
    format!(
        "[plan]\nname = 'Ready'\nenvironment = 'test'\n[vars]\nsite = ''\nflags = ''\n\
         [secrets]\ntoken = '${{env:ENGINE_TEST_TOKEN}}'\n\
         [[probe]]\nid = 'api'\nevery = '200ms'\nhttp = {{ url = '{site}/health' }}\n\
         [[phase]]\nid = 'p'\n[[phase.step]]\nid = 'deploy'\nrun = './deploy.sh \"$token\"'\nundo = 'true'\n"
    )
}

#[test]
fn the_card_names_the_blocker_until_it_is_mended_and_check_probe_prints_the_same() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let answer = move |_: &_| Reply::text(200, "text/plain", "ok").with("date", &date);
    let web = runtime.block_on(Web::start(answer));
    let mut launch = Launch::planned(&plan(&web.url("")));
    let script = launch.path("deploy.sh");
    let check = |launch: &Launch| {
        let out = launch.tminus(&["check", "--probe", launch.path("plan.toml").to_str().unwrap()]);
        (out.status.code().unwrap(), text(&out.stdout))
    };
    let (status, said) = check(&launch);
    assert_eq!(status, 1, "{said}");
    for part in ["BLOCKER  script    ./deploy.sh  not there", "NOT READY: 1 blocker", "clock     this machine", "free"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    launch.id = launch.start("");
    let launch = launch;
    let ready = || launch.status()["ready"].clone();
    wait_for("the engine's look", || ready()["rows"].as_array().filter(|rows| rows[0]["grade"] == "blocker").cloned());
    let long = text(&launch.tminus(&["status", "--long"]).stdout);
    for part in ["NOT READY", "./deploy.sh  not there", "NEXT  not ready  script ./deploy.sh: not there"] {
        assert!(long.contains(part), "{part}: {long}");
    }

    std::fs::write(&script, "#!/bin/sh\ntrue\n").unwrap();
    let (status, said) = check(&launch);
    assert!(status == 1 && said.contains("it is not executable  -> chmod +x"), "{said}");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (status, said) = check(&launch);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("script    ./deploy.sh  there and executable") && !said.contains("BLOCKER"), "{said}");
    assert!(
        said.contains("clock     this machine  nothing tells the time: 127.0.0.1 is this machine itself"),
        "{said}"
    );
    // The engine looks again when a person gives it something; that nobody waits a minute for.
    let out = launch.command(&["do", "env", "token"]).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    wait_for("the engine's next look", || {
        let rows = ready()["rows"].as_array().cloned()?;
        rows.iter().all(|row| row["grade"] != "blocker").then_some(())
    });
    // A launch that has begun has no card.
    launch.taken(&["run", "deploy"]);
    launch.until("deploy", "done");
    assert!(launch.status()["ready"].is_null());
    launch.taken(&["end", "test", "the test is over"]);
}
