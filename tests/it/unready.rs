//! A way back whose commands could not start is not ready, and nobody learns that from its failure.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::launches::{Launches, text};
use crate::support::wait_for;

const PLAN: &str = r#"
[plan]
name = "Unready"
environment = "test"
rollback = "r"

[secrets]
pw = "${env:TMINUS_UNREADY_PW}"

[roles]
ops = { name = "Ana" }

[[phase]]
id = "deploy"

  [[phase.step]]
  id = "change"
  owner = "ops"
  run = "true"

[rollback.r]
title = "Back"
estimate = "5s"
undoes = ["change"]

  [[rollback.r.step]]
  id = "one"
  owner = "ops"
  run = './back.sh "$pw"'
"#;

#[test]
fn a_way_back_is_not_ready_while_its_secret_has_no_value_or_its_script_can_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let (plan, script) = (dir.path().join("plan.toml"), dir.path().join("back.sh"));
    std::fs::write(&plan, PLAN).unwrap();
    std::fs::write(&script, "#!/bin/sh\n").unwrap();
    let executable = |mode| std::fs::set_permissions(&script, std::fs::Permissions::from_mode(mode)).unwrap();
    executable(0o755);
    let launches = Launches::new();
    let out = launches.tminus(["launch", plan.to_str().unwrap(), "--headless", "--as", "ana"]).output().unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let shows = |what: &str| {
        wait_for(what, || {
            let out = text(&launches.run(&["status", "--long"]).stdout);
            out.split_whitespace().collect::<Vec<_>>().join(" ").contains(what).then_some(())
        });
    };
    launches.order(&["--as", "ana", "run", "change", "--wait"]);
    shows("no value for the secret `pw`");
    let out = launches.run(&["do", "--as", "ana", "rollback", "r", "why"]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("tminus do env pw") && said.contains("typed test"), "{said}");
    let given = launches.tminus(["do", "--as", "ana", "env", "pw"]).env("TMINUS_UNREADY_PW", "x").output().unwrap();
    assert!(given.status.success(), "{}", text(&given.stderr));
    shows("BACK READY");
    executable(0o644);
    shows("back.sh: it is not executable");
    // An engine looks before anybody may order.
    for engine in launches.engines() {
        rustix::process::kill_process(engine, rustix::process::Signal::KILL).unwrap();
    }
    let out =
        launches.tminus(["do", "--as", "ana", "rollback", "r", "why"]).env("TMINUS_UNREADY_PW", "x").output().unwrap();
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("it is not executable"), "{said}");
    executable(0o755);
    shows("BACK READY");
    // So it does when a way back is ordered, however short ago it looked.
    executable(0o644);
    let out = launches.run(&["do", "--as", "ana", "rollback", "r", "why"]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("it is not executable"), "{said}");
    executable(0o755);
    // A plan that is taken in is looked at before anybody may order, too.
    let adopts = |text: &str| {
        std::fs::write(&plan, text).unwrap();
        let diff = launches.run(&["do", "--json", "diff"]);
        let diff: serde_json::Value = serde_json::from_slice(&diff.stdout).unwrap();
        launches.order(&["--as", "ana", "adopt", diff["hash"].as_str().unwrap()]);
    };
    adopts(&PLAN.replace("./back.sh", "./gone.sh"));
    let out = launches.run(&["do", "--as", "ana", "rollback", "r", "why"]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("gone.sh"), "{said}");
    adopts(PLAN);
    executable(0o644);
    // Who goes back all the same typed the environment's name, and that stands on record.
    launches.order(&["--as", "ana", "rollback", "r", "typed", "test", "it burns"]);
    let log = text(&launches.run(&["log"]).stdout);
    assert!(log.contains("over one could not start") && log.contains("it is not executable"), "{log}");
}
