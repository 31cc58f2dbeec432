//! Another person's shell starts a dead engine again: secrets that are missing there, or others, are named and wait for a
//! person. Until then what needs them neither measures nor runs.

use serde_json::Value;

use crate::support::launches::{Launches, text};
use crate::support::wait_for;
use crate::support::web::{Reply, Web};

const PLAN: &str = r#"
[plan]
name = "Restart"
environment = "test"

[secrets]
token = "${env:RESTART_TOKEN}"

[[probe]]
id = "api"
every = "200ms"
http = { url = "http://WEB/api", headers = { X-Token = "${secret.token}" } }

[[probe]]
id = "free"
every = "200ms"
http = { url = "http://WEB/free" }

[[phase]]
id = "p"

  [[phase.step]]
  id = "needs"
  run = "echo \"with $token\""

  [[phase.step]]
  id = "all"
  run = "env"
"#;

/// An answer in JSON of a shell with that value.
fn json(launches: &Launches, value: Option<&str>, args: &[&str]) -> Value {
    let out = said(launches, value, args);
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
}

/// The same in words.
fn said(launches: &Launches, value: Option<&str>, args: &[&str]) -> String {
    let mut command = launches.tminus(args);
    command.env_remove("RESTART_TOKEN").envs(value.map(|value| ("RESTART_TOKEN", value)));
    text(&command.stdin(std::process::Stdio::null()).output().unwrap().stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_secret_that_is_missing_or_another_one_waits_for_a_person() {
    let web = Web::start(|_| Reply::json(200, serde_json::json!({ "status": "ok" }))).await;
    let sent = |value: &str| web.asked().iter().any(|asked| asked.header("x-token") == Some(value));
    let address = web.address.to_string();
    tokio::task::block_in_place(|| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.toml");
        std::fs::write(&file, PLAN.replace("WEB", &address)).unwrap();
        let launches = Launches::new();
        let plan = file.to_str().unwrap();
        said(&launches, Some("the-first"), &["launch", plan, "--headless", "--as", "ana"]);
        let level = |value: Option<&str>, signal: &str| {
            let status = json(&launches, value, &["status", "--json"]);
            status["signals"][signal].clone()
        };
        let is = |value: Option<&str>, signal: &str, wanted: &str| {
            wait_for(&format!("{signal} is {wanted}"), || (level(value, signal)["level"] == wanted).then_some(()));
        };
        is(Some("the-first"), "api.up", "ok");
        assert!(sent("the-first"));
        for (value, why) in [(None, "RESTART_TOKEN is not set"), (Some("the-second"), "another value than before")] {
            for engine in launches.engines() {
                rustix::process::kill_process(engine, rustix::process::Signal::KILL).unwrap();
            }
            wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
            said(&launches, value, &["launch", plan, "--headless", "--as", "ben"]);
            said(&launches, value, &["do", "--as", "ben", "release", "of", "engine", "seen"]);
            is(value, "free.up", "ok");
            is(value, "api.up", "unknown");
            let signal = level(value, "api.up").to_string();
            assert!(signal.contains("the secret `token` has no value here"), "{signal}");
            let status = json(&launches, value, &["status", "--json"]);
            assert!(status["missing_secrets"].to_string().contains(why), "{status}");
            let refused = said(&launches, value, &["do", "--as", "ben", "--json", "run", "needs"]);
            assert!(refused.contains("needs the secret `token`") && refused.contains("do env token"), "{refused}");
        }
        assert!(!sent("the-second"), "a value that nobody confirmed was sent");
        // A command has the shell's environment whatever the plan names in it: what waits is masked all the same.
        said(&launches, Some("the-second"), &["do", "--as", "ben", "run", "all", "--wait"]);
        let output = std::fs::read_to_string(launches.directory().join("runs/all.do.1/output")).unwrap();
        assert!(output.contains("RESTART_TOKEN=••••••") && !output.contains("the-second"), "{output}");

        said(&launches, Some("the-second"), &["do", "--as", "ben", "env", "token"]);
        is(Some("the-second"), "api.up", "ok");
        assert!(sent("the-second"));
        let done = said(&launches, None, &["do", "--as", "ben", "--json", "run", "needs", "--wait"]);
        assert!(!done.contains("needs the secret"), "{done}");
        let log = said(&launches, None, &["log"]);
        assert!(log.contains("gave the engine token, another value than before"), "{log}");
    });
}
