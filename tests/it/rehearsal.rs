//! A rehearsal through a real engine, its system calls written down by `strace`: nothing starts and nothing is sent.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::launch::{Launch, kill};
use crate::support::web::{Reply, Web};
use crate::support::{program, wait_for};

/// Everything that would start a process or send something: commands, an undo, a rollback, a probe that is a command and one
/// that posts, three channels, a heartbeat.
const PLAN: &str = r#"
[plan]
name = "Practised"
environment = "production"
rollback = "back"
heartbeat = { url = "http://SINK/beat", every = "1s" }

[environment.staging]
vars = { site = "http://READ" }
rehearse = "real"

[vars]
site = "http://READ"
flags = "FLAGS"

[[probe]]
id = "api"
every = "200ms"
http = { url = "${site}/health" }

[[probe]]
id = "queue"
every = "200ms"
command = { run = "touch \"$flags/measured\"; echo 1" }

[[probe]]
id = "posts"
every = "200ms"
http = { url = "http://SINK/post", method = "POST" }

[channel.hook]
webhook = { url = "http://SINK/hook", secret = "${secret.key}" }
[channel.chat]
slack = { url = "http://SINK/chat" }
[channel.own]
command = { run = 'touch "$flags/told"' }
[[notify]]
on = ["sev1", "rollback", "ended"]
to = ["hook", "chat", "own"]

[secrets]
key = "${file:/KEY}"

[[phase]]
id = "p"

[[phase.step]]
id = "build"
estimate = "10s"
run = 'touch "$flags/built"; echo image:1'
output = "IMAGE"
undo = 'touch "$flags/unbuilt"'

[[phase.step]]
id = "ship"
estimate = "10s"
run = 'touch "$flags/shipped-$IMAGE"'
verify = ["queue >= 1", "api is failing"]
soak = "1s"

[[trigger]]
id = "queue-high"
when = "queue > 1000 for 500ms"
action = "propose"
rollback = "back"

[rollback.back]
title = "Back"
estimate = "1m"
undoes = ["ship"]

[[rollback.back.step]]
id = "switch"
estimate = "10s"
run = 'touch "$flags/back"'
verify = ["api is failing"]
"#;

/// After the last step the queue, which a rehearsal does not measure, grows.
const SCENARIO: &str = r#"
[[set]]
signal = "queue"
value = "5000"
from = "ship.done"
until = "rollback.started"
"#;

/// An engine whose calls are written down.
struct Traced(Child);

impl Drop for Traced {
    fn drop(&mut self) {
        // Its engine has ended, or ends with the launch.
        let _ = self.0.wait();
    }
}

fn planned(read: &Web, sink: &Web) -> Launch {
    let launch = Launch::planned("");
    let key = launch.path("key");
    std::fs::write(&key, "k").unwrap();
    let flags = launch.dir.path().display().to_string();
    let plan = PLAN.replace("SINK", &sink.address.to_string()).replace("READ", &read.address.to_string());
    let plan = plan.replace("FLAGS", &flags).replace("/KEY", &key.display().to_string());
    std::fs::write(launch.path("plan.toml"), plan).unwrap();
    std::fs::write(launch.path("night.toml"), SCENARIO).unwrap();
    launch
}

/// An engine of a rehearsal under `strace`.
fn traced(launch: &mut Launch) -> Traced {
    let strace = program("strace", "strace", &["/usr/bin"]);
    let engine = launch.command(&[]);
    let mut command = Command::new(strace);
    command.args(["-f", "-qq", "-e", "trace=execve,execveat,connect,sendto,sendmsg", "-o"]).arg(launch.path("calls"));
    command
        .arg(engine.get_program())
        .args(["engine", "--rehearse", "--speed", "10", "--scenario"])
        .arg(launch.path("night.toml"))
        .arg(launch.path("plan.toml"));
    command
        .envs(engine.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .env_remove("TMINUS_LAUNCH")
        .env_remove("TMINUS_AS");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    launch.id = said.strip_prefix("launch ").unwrap().to_owned();
    Traced(child)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_starts_no_process_and_sends_nothing() {
    let read = Web::start(|_| Reply::json(200, serde_json::json!({}))).await;
    let sink = Web::start(|_| Reply::json(200, serde_json::json!({}))).await;
    let mut launch = planned(&read, &sink);
    let traced = tokio::task::block_in_place(|| traced(&mut launch));
    tokio::task::block_in_place(|| {
        assert!(launch.id.starts_with("practised.production.rehearsal-"), "{}", launch.id);
        launch.taken(&["run", "build"]);
        launch.until("build", "done");
        assert!(launch.output("build.do.1").contains("would run\n  touch"), "{}", launch.output("build.do.1"));
        launch.taken(&["run", "ship"]);
        launch.until("ship", "done");
        wait_for("the injected fault fires", || (launch.count("trigger-fired") == 1).then_some(()));
        launch.taken(&["release", "seen"]);
        launch.taken(&["sh", "touch \"$flags/beside\""]);
        launch.until("sh-1", "done");
        launch.taken(&["severity", "1", "try it"]);
        launch.taken(&["rollback", "back", "try it"]);
        wait_for("the way back's end", || (launch.count("rollback-done") == 1).then_some(()));
        launch.taken(&["rollback", "all", "try it too"]);
        launch.until("build", "undone");
        let status = launch.tminus(&["status"]);
        assert!(String::from_utf8(status.stdout).unwrap().contains("REHEARSAL 10x, "));
        launch.taken(&["end", "production", "enough"]);
        wait_for("its end", || (launch.count("ended") == 1).then_some(()));
        launch.engine().into_iter().for_each(kill);
    });
    drop(traced);

    let calls = std::fs::read_to_string(launch.path("calls")).unwrap();
    let started: Vec<&str> = calls.lines().filter(|l| l.contains("execve")).collect();
    assert_eq!(started.len(), 1, "tminus itself and nothing else: {started:#?}");
    let port = format!("htons({})", read.address.port());
    let abroad = |l: &&str| l.contains("sin_port") || l.contains("sin6_port");
    let other: Vec<&str> = calls.lines().filter(abroad).filter(|l| !l.contains(&port)).collect();
    assert_eq!(other, [""; 0], "the probe that reads, and nothing else");
    assert!(calls.contains(&port), "it is measured: {calls}");
    assert!(sink.asked().is_empty(), "{:?}", sink.asked());
    for flag in ["measured", "told", "built", "unbuilt", "beside", "back"] {
        assert!(!launch.path(flag).exists(), "{flag}");
    }
    let log = String::from_utf8(launch.tminus(&["log", &launch.id]).stdout).unwrap();
    assert!(log.contains("would go to hook, chat, own (a rehearsal sends nothing)"), "{log}");
    assert!(log.contains("a stand-in took 0:10; nothing ran"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_and_a_live_launch_are_never_taken_for_each_other_and_a_marked_environment_is_real() {
    let web = Web::start(|_| Reply::json(200, serde_json::json!({}))).await;
    tokio::task::block_in_place(|| {
        let mut launch = planned(&web, &web);
        let plan = launch.path("plan.toml").display().to_string();
        let start = |words: &[&str]| {
            let out = launch.tminus(&[&["launch", plan.as_str(), "--headless"], words].concat());
            assert!(out.status.success(), "{out:?}");
            String::from_utf8(out.stdout).unwrap().trim().to_owned()
        };
        let ids = [start(&["--rehearse"]), start(&[]), start(&["--rehearse", "--env", "staging"])];
        assert_eq!(start(&["--rehearse"]), ids[0], "it is come back to");
        assert_eq!(start(&[]), ids[1]);
        let list = String::from_utf8(launch.tminus(&["ls"]).stdout).unwrap();
        assert_eq!(list.lines().filter(|l| l.contains("REHEARSAL, live")).count(), 2, "{list}");
        let all: Vec<Launch> =
            ids.iter().map(|id| Launch { dir: tempfile::tempdir().unwrap(), id: id.clone() }).collect();
        let ready = |id: &String| {
            let out = launch.tminus(&["status", "--json", id]).stdout;
            String::from_utf8(out).ok().filter(|text| text.contains("\"of this plan\""))
        };
        let own = wait_for("what it found of rehearsals", || ready(&ids[2]));
        assert!(!own.contains(&format!("({})", ids[2])), "a rehearsal is not its own last one: {own}");
        assert!(own.contains(&format!("({})", ids[0])), "{own}");
        launch.id = ids[2].clone();
        launch.taken(&["run", "build", "--launch", &launch.id]);
        wait_for("a command that runs", || launch.path("built").exists().then_some(()));
        wait_for("a heartbeat", || web.asked().iter().any(|a| a.path == "/beat").then_some(()));
        for id in &ids {
            launch.id = id.clone();
            launch.engine().into_iter().for_each(kill);
        }
        drop(all);
    });
}
