//! What all channels promise.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::core::notice::{Act, NoticeKind, Said};
use crate::core::time::Timestamp;

/// A message of one notice that says this.
pub(super) fn message(text: &str) -> Message {
    let said = Said {
        key: "wallet.production.2026-11-21.1/critical/errors/1".into(),
        notice: 1,
        act: Act::Trigger,
        kind: NoticeKind::Critical,
        gravity: NoticeKind::Critical.gravity(),
        about: "errors".into(),
        text: text.into(),
        at: Timestamp(1_800_000_000_000),
    };
    Message {
        launch: "wallet.production.2026-11-21.1".into(),
        plan: "Wallet v1".into(),
        environment: "production".into(),
        title: format!("[production] Wallet v1: {text}"),
        notices: vec![said],
    }
}

pub(super) fn setup() -> Setup {
    let secrets = [("token".to_owned(), "s3cret-value".to_owned())].into();
    Setup {
        secrets: Arc::new(Secrets::new(secrets)),
        dir: std::env::temp_dir(),
        shell: ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).into(),
        vars: [("site".to_owned(), "example".to_owned())].into(),
    }
}

fn spec(kind: &str, table: serde_json::Value) -> Spec {
    Spec::read(kind, table).unwrap().unwrap()
}

/// The module's docs promise that these can be written.
#[test]
fn the_examples_above_are_read_and_have_no_problems() {
    let docs: String =
        include_str!("mod.rs").lines().map_while(|l| l.strip_prefix("//!")).map(|l| format!("{l}\n")).collect();
    let plan: toml::Table = docs.split("```toml").nth(1).unwrap().split("```").next().unwrap().parse().unwrap();
    let mut seen = BTreeSet::new();
    for channel in plan["channel"].as_table().unwrap().values() {
        let (kind, table) = channel.as_table().unwrap().iter().next().unwrap();
        let spec = Spec::read(kind, table.clone()).unwrap_or_else(|| panic!("no kind `{kind}`")).unwrap();
        assert_eq!(spec.problems(), [], "{channel}");
        assert!(!spec.target().is_empty());
        seen.insert(spec.kind());
    }
    assert_eq!(seen, KINDS.iter().copied().collect());
}

#[test]
fn what_can_not_work_is_said_before_the_launch() {
    for (kind, table, key) in [
        ("webhook", json!({"url": "ftp://x"}), "url"),
        ("webhook", json!({"url": "http://x", "secret": "abc"}), "secret"),
        ("slack", json!({"url": "hooks"}), "url"),
        ("pagerduty", json!({"routing-key": "R0123"}), "routing-key"),
        ("smtp", json!({"host": "mail.example.com", "tls": "none", "from": "a@b.c", "to": ["a@b.c"]}), "tls"),
        ("smtp", json!({"host": "m", "from": "nobody", "to": ["a@b.c"]}), "from"),
        ("smtp", json!({"host": "m", "from": "a@b.c", "to": []}), "to"),
        ("smtp", json!({"host": "m", "from": "a@b.c", "to": ["a@b.c"], "user": "u"}), "user"),
        ("command", json!({"run": "echo ${secret.token}"}), "run"),
        ("command", json!({"run": "true", "timeout": "1m"}), "timeout"),
    ] {
        let problems = spec(kind, table.clone()).problems();
        assert_eq!(problems.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key], "{kind} {table}");
    }
}

#[tokio::test]
async fn a_secret_that_has_no_value_or_stands_in_an_error_is_not_told() {
    let missing = spec("webhook", json!({"url": "${secret.other}"})).send(&message("x"), &setup()).await.unwrap_err();
    assert!(missing.why.contains("`other` has no value") && !missing.refused, "{missing}");
    let run = json!({"run": "echo \"no such token: $token\" >&2; exit 3"});
    let failed = spec("command", run).send(&message("x"), &setup()).await.unwrap_err();
    assert_eq!(failed.why, "exited with 3: no such token: ••••••");
}

#[tokio::test]
async fn a_command_gets_the_notice_in_its_environment_and_as_json_on_its_input() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { dir: dir.path().to_owned(), ..setup() };
    let run = "cat > in.json; echo \"$TMINUS_NOTICE_ACT $TMINUS_NOTICE_KIND $site $TMINUS_NOTICE_TITLE\" > env";
    spec("command", json!({ "run": run })).send(&message("6 % > 5 %"), &setup).await.unwrap();
    let env = std::fs::read_to_string(dir.path().join("env")).unwrap();
    assert_eq!(env, "trigger critical example [production] Wallet v1: 6 % > 5 %\n");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.path().join("in.json")).unwrap()).unwrap();
    assert_eq!(json["notices"][0]["key"], "wallet.production.2026-11-21.1/critical/errors/1");
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { dir: dir.path().to_owned(), ..setup() };
    let run = json!({"run": "sleep 300 & echo $! > pid; wait", "timeout": "1s"});
    let late = spec("command", run).send(&message("x"), &setup).await.unwrap_err();
    assert_eq!(late.why, "took longer than 1s and was killed");
    let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    let gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z"));
    let until = std::time::Instant::now() + Duration::from_secs(10);
    while !gone() {
        assert!(std::time::Instant::now() < until, "its child lives on");
        tokio::task::yield_now().await;
    }
}

#[test]
fn what_does_not_answer_is_named_by_its_place_alone() {
    let mut own = setup();
    own.secrets =
        Arc::new(Secrets::new([("hook".to_owned(), "https://hooks.example.com/T0/s3cret".to_owned())].into()));
    for (address, said) in [
        (Some("${secret.hook}"), "hooks.example.com:443: no answer within 20s"),
        (Some("http://127.0.0.1:9/x"), "127.0.0.1:9: no answer within 20s"),
        (Some("mail.example.com:587"), "mail.example.com:587: no answer within 20s"),
        (None, "no answer within 20s"),
    ] {
        assert_eq!(silent(address, &own).why, said, "{address:?}");
    }
}
