//! What the engine wants of people: a line of input for a command, values of secrets. Whoever comes, early or late, knows.

use std::process::{Command, Output, Stdio};

use serde_json::json;

use super::support::launch::{Launch, hello, lines, say};
use super::support::launches::text;
use super::support::{wait_for, web};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_for_input_is_seen_and_its_line_is_kept_nowhere() {
    let web = web::Web::start(|_| web::Reply::json(200, json!({ "status": "ok" }))).await;
    let launch = Launch::new(&web.url(""));
    let early = launch.socket();
    say(&early, &hello());
    let mut early = lines(&early);
    launch.taken(&["run", "asks"]);
    let asked = early.find(|m| m["say"] == "asking").unwrap();
    assert_eq!(asked["runs"]["asks.do.1"]["prompt"], "which?");
    // Also after the engine died.
    for _ in 0..2 {
        let late = launch.socket();
        say(&late, &hello());
        let seen = lines(&late).find(|m| m["say"] == "asking").unwrap();
        assert_eq!(seen["runs"]["asks.do.1"]["prompt"], "which?");
        let status = launch.status();
        assert_eq!(status["asking"]["asks.do.1"]["prompt"], "which?", "{status}");
        let line = text(&launch.tminus(&["status"]).stdout);
        assert!(line.contains("asks waits for input: which? (`tminus do input asks LINE`)"), "{line}");
        let (_, explained) = launch.order(&["explain", "asks"]);
        assert_eq!(explained["explained"][0]["state"], "waits for input");
        assert!(explained["explained"][0]["because"].to_string().contains("which?"), "{explained}");
        assert_eq!(explained["explained"][0]["orders"][0], "tminus do input asks LINE");
        launch.kill_engine();
        launch.looked_at();
        launch.taken(&["release", "it goes on"]);
        wait_for("the question", || launch.status()["asking"]["asks.do.1"].is_object().then_some(()));
    }
    launch.taken(&["input", "asks", "sesame"]);
    launch.until("asks", "done");
    assert_eq!(launch.status()["asking"], json!({}));
    assert!(launch.output("asks.do.1").contains("took 6 letters"));
    assert!(!launch.output("asks.do.1").contains("sesame"));
    for file in ["journal.db", "journal.db-wal", "engine.log"] {
        let bytes = std::fs::read(launch.directory().join(file)).unwrap_or_default();
        assert!(!contains(&bytes, b"sesame"), "{file}");
    }
}

/// The binary in a shell that has no token.
fn without(launch: &Launch, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tminus"));
    command.args(args).env("TMINUS_STATE", launch.path("state")).env_remove("ENGINE_TEST_TOKEN");
    command.stdin(Stdio::null()).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_secret_is_named_to_all_until_it_is_given() {
    let web = web::Web::start(|_| web::Reply::json(200, json!({ "status": "ok" }))).await;
    let launch = Launch::new(&web.url(""));
    launch.kill_engine();
    let plan = launch.path("plan.toml").display().to_string();
    for order in [&["launch", &plan, "--headless"][..], &["do", "release", "go"]] {
        assert_eq!(without(&launch, order).status.code(), Some(0));
    }
    let clients: Vec<_> = (0..2).map(|_| launch.socket()).collect();
    clients.iter().for_each(|c| say(c, &hello()));
    let mut clients: Vec<_> = clients.iter().map(lines).collect();
    for client in &mut clients {
        let trouble = client.find(|m| m["say"] == "trouble").unwrap();
        assert!(trouble["secrets"][0]["why"] == "ENGINE_TEST_TOKEN is not set", "{trouble}");
    }
    assert!(launch.status()["missing_secrets"][0].as_str().unwrap().contains("ENGINE_TEST_TOKEN is not set"));
    let status = launch.tminus(&["status"]);
    assert!(text(&status.stdout).contains("`tminus do env token`"), "{status:?}");
    assert_eq!(status.status.code(), Some(10));
    let refused = without(&launch, &["do", "run", "greet", "--wait"]);
    let said = text(&refused.stderr) + &text(&refused.stdout);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(said.contains("`greet` could not start: its command needs the secret `token`"), "{said}");
    assert!(said.contains("tminus do env token"), "{said}");
    assert_eq!(launch.step("greet"), "todo", "nothing began, and nothing holds the launch");
    assert!(launch.status()["hold"].is_null(), "{}", launch.status());

    launch.taken(&["env", "token"]);
    for client in &mut clients {
        let told = client.find(|m| m["say"] == "trouble" && m["secrets"] == json!([]));
        assert!(told.is_some(), "those attached know that it came");
    }
    assert_eq!(launch.status()["missing_secrets"], json!([]));
    let events = std::fs::read(launch.directory().join("journal.db")).unwrap();
    let wal = std::fs::read(launch.directory().join("journal.db-wal")).unwrap();
    assert!(![events, wal].iter().any(|b| contains(b, b"hunter22")), "a secret is in the journal");
}

#[test]
fn an_engine_that_starts_from_a_shell_with_other_values_waits_for_a_person() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.kill_engine();
    let mut other = Command::new(env!("CARGO_BIN_EXE_tminus"));
    other.args(["do", "note", "back"]).env("TMINUS_STATE", launch.path("state")).env("ENGINE_TEST_TOKEN", "hunter23");
    assert!(other.output().unwrap().status.success());
    let missing = launch.status()["missing_secrets"].to_string();
    assert!(missing.contains("another value than before") && missing.contains("do env token"), "{missing}");
    launch.kill_engine();
    // From a shell that has the value of before nothing is missing.
    launch.looked_at();
    launch.taken(&["release", "go"]);
    assert_eq!(launch.status()["missing_secrets"], json!([]));
}

#[test]
fn a_plan_that_wants_a_new_secret_says_so_at_once() {
    let launch = Launch::new("http://127.0.0.1:1");
    let client = launch.socket();
    say(&client, &hello());
    let mut client = lines(&client);
    let text = std::fs::read_to_string(launch.path("plan.toml")).unwrap();
    let more = text.replace("[secrets]\n", "[secrets]\nextra = \"${env:ENGINE_TEST_NOT_SET}\"\n");
    std::fs::write(launch.path("plan.toml"), more).unwrap();
    let hash = launch.order(&["diff"]).1["hash"].as_str().unwrap().to_owned();
    launch.taken(&["adopt", &hash]);
    let told = client.find(|m| m["say"] == "trouble" && m["secrets"].to_string().contains("extra")).unwrap();
    assert!(told["secrets"].to_string().contains("ENGINE_TEST_NOT_SET is not set"), "{told}");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}
