//! What the command line says: reasons, answers, the way out.

use serde_json::json;

use super::support::launch::{Client, Launch};
use super::support::launches::text;
use super::support::{wait_for, web};
use tminus::core::order::What;

const PLAN: &str = r#"
[plan]
name = "Words"
version = "v1"
environment = "test"

[vars]
site = "http://127.0.0.1:1"
flags = "/nowhere"

[[probe]]
id = "api"
every = "200ms"
http = { url = "${site}/health" }

[[trigger]]
id = "high"
when = "api is failing for 10m"
action = "notify"

[[phase]]
id = "deploy"
title = "Deploy"

  [[phase.step]]
  id = "asks"
  input = true
  run = 'read -r -p "which? " answer; read -r -p "sure? " answer'
"#;

fn launched(site: &str) -> Launch {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start(site);
    launch
}

fn said(launch: &Launch, args: &[&str]) -> (i32, String) {
    let out = launch.tminus(args);
    (out.status.code().unwrap(), format!("{}{}", text(&out.stdout), text(&out.stderr)))
}

#[test]
fn orders_that_can_not_be_taken_say_why_and_which_way_out_and_the_exit_status_tells_them_apart() {
    let launch = launched("http://127.0.0.1:1");
    for (words, status, why) in [
        (&["again"][..], 4, "no way back was started"),
        (&["by-hand", "x"], 4, "no way back was started"),
        (&["leave", "x"], 4, "no way back was started"),
        (&["forget", "api[3]", "x"], 4, "`api` never had an instance 3"),
        (&["env"], 2, "the plan has no secrets"),
        (&["by-hand"], 2, "it is spelled: by-hand WHY"),
        (&["again", "now"], 2, "`now` is one word too many; it is spelled: again\n"),
        (&["note", &"x".repeat(70_000)], 2, "the order is too long: with all its texts it may have 65536 bytes"),
    ] {
        let args: Vec<&str> = ["do"].iter().chain(words).copied().collect();
        let (was, text) = said(&launch, &args);
        let shown: String = text.chars().take(200).collect();
        assert!(was == status && text.contains(why), "{:.60?}: {was} {shown}", words);
    }
    let (status, text) = said(&launch, &["do", "note", "a\u{1b}[2Jb\nc"]);
    assert_eq!((status, text.trim_end().ends_with(": a[2Jb c")), (0, true), "{text:?}");
    let (status, text) = said(&launch, &["do", "--as", "engine", "note", "hi"]);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("go by another name"), "{text}");
}

#[test]
fn the_lead_goes_to_who_is_attached_and_to_nobody_unknown_without_a_reason() {
    let launch = launched("http://127.0.0.1:1");
    let (status, no) = said(&launch, &["do", "lead", "tester"]);
    assert_eq!(status, 4, "{no}");
    assert!(no.contains("nobody known goes by `tester`: attached are "), "{no}");
    assert!(no.contains("or say why it is right") && no.contains("tminus do lead tester WHY"), "{no}");
    let mut tester = Client::come(&launch);
    // Who is here, the engine says, not the sender.
    let forged = What::Lead { name: "zoe".into(), why: None, here: vec!["zoe".into()] };
    assert!(tester.order(forged).unwrap_err().why.starts_with("nobody known goes by `zoe`"));
    assert_eq!(said(&launch, &["do", "lead", "tester"]).0, 0);
    assert_eq!(launch.status()["lead"], "tester");
    assert_eq!(said(&launch, &["do", "lead", "zoe", "she is on the train"]).0, 0);
    let log = text(&launch.tminus(&["log"]).stdout).to_owned();
    assert!(log.contains("zoe leads, says ") && log.contains(": she is on the train"), "{log}");
}

#[test]
fn a_line_for_a_command_is_answered_as_sent_and_leaves_a_trace_without_its_text() {
    let launch = launched("http://127.0.0.1:1");
    launch.taken(&["run", "asks"]);
    wait_for("the question", || {
        let (_, said) = said(&launch, &["do", "explain", "asks"]);
        (said.contains("its command asks: which?") && said.contains("→ tminus do input asks LINE")).then_some(())
    });
    let (status, answer) = said(&launch, &["do", "input", "asks", "hunter22"]);
    assert_eq!(status, 0);
    assert!(answer.trim_end().ends_with("sent a line to the command of `asks`"), "{answer}");
    let log = text(&launch.tminus(&["log"]).stdout).to_owned();
    assert!(log.contains("sent a line to the command of `asks`") && !log.contains("hunter22"), "{log}");
    wait_for("the next question", || launch.output("asks.do.1").contains("sure?").then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_whose_clock_runs_is_in_the_status_and_the_log_has_a_zone() {
    let web = web::Web::start(|_| web::Reply::json(500, json!({}))).await;
    let launch = launched(&web.url(""));
    wait_for("the clock", || {
        let status = launch.status();
        (status["triggers"]["high"]["state"] == "pending").then_some(())
    });
    let why = launch.status()["why"].to_string();
    assert!(why.contains("trigger high PENDING: api is failing for 10m: answers 500"), "{why}");
    assert!(why.contains(" / 10:00"), "{why}");
    let zoned = launch.command(&["log"]).env("TZ", "Asia/Tokyo").output().unwrap();
    let first = text(&zoned.stdout).lines().next().unwrap().to_owned();
    assert!(first.contains(" +09:00  launch"), "{first}");
}
