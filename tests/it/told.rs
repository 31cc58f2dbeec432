//! What people are told leaves the engine: to real sinks over HTTP, a real mail server, a command; once, and again where an
//! engine died over it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::support::launch::Launch;
use crate::support::mail::{Mail, PASSWORD, USER};
use crate::support::web::{Asked, Reply, Web};
use crate::support::{free_port, wait_for};

/// A launch with these channels, each told of everything, and secrets in files.
fn plan(channels: &str, names: &[&str], more: &str) -> String {
    let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"
[plan]
name = "Told"
environment = "test"
{more}
[secrets]
key = "${{file:/KEY}}"
{channels}
[[notify]]
on = ["sev1", "sev2", "step-failed", "gate", "ended"]
to = [{names}]

[[phase]]
id = "p"

[[phase.step]]
id = "deploy"
run = "exit 3"
"#
    )
}

/// The plan in a directory of its own, with this value of its secret; launched.
fn launched(plan: &str, secret: &str) -> Launch {
    let mut launch = Launch::planned("");
    let key = launch.path("key");
    std::fs::write(&key, secret).unwrap();
    let plan = plan.replace("/KEY", &key.display().to_string());
    std::fs::write(launch.path("plan.toml"), plan).unwrap();
    let out = launch.tminus(&["launch", &launch.path("plan.toml").display().to_string(), "--headless"]);
    assert!(out.status.success(), "{out:?}");
    launch.id = String::from_utf8(out.stdout).unwrap().trim().to_owned();
    launch
}

/// What the log says about notices: the facts' names.
fn facts(launch: &Launch, fact: &str) -> Vec<Value> {
    let all = launch.events().into_iter().map(|e| e["event"].clone());
    all.filter(|e| e["type"] == "notice" && e["fact"] == fact).collect()
}

fn json(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).unwrap()
}

/// Waits until a sink was asked so often.
fn asked(web: &Web, path: &str, count: usize) -> Vec<Asked> {
    wait_for(&format!("{count} requests of {path}"), || {
        let these: Vec<Asked> = web.asked().into_iter().filter(|a| a.path == path).collect();
        (these.len() >= count).then_some(these)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_its_acknowledgement_and_its_end_reach_each_channel() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/pd/v2/enqueue" => Reply::json(202, serde_json::json!({ "status": "success" })),
        _ => Reply::text(200, "text/plain", "ok"),
    })
    .await;
    let channels = format!(
        r#"
[channel.hook]
webhook = {{ url = "{0}", secret = "${{secret.key}}" }}
[channel.team]
slack = {{ url = "{1}" }}
[channel.oncall]
pagerduty = {{ routing-key = "${{secret.key}}", url = "{2}" }}
[channel.own]
command = {{ run = 'echo "$TMINUS_NOTICE_ACT $TMINUS_NOTICE_TITLE" >> told' }}
"#,
        web.url("/hook"),
        web.url("/slack"),
        web.url("/pd")
    );
    let names = ["hook", "team", "oncall", "own"];
    let launch =
        tokio::task::spawn_blocking(move || launched(&plan(&channels, &names, ""), "s3cret-key")).await.unwrap();
    launch.taken(&["severity", "1", "checkout", "is", "down"]);
    asked(&web, "/hook", 1);
    launch.taken(&["ack", "all", "looking at it"]);
    asked(&web, "/hook", 2);
    launch.taken(&["close", "1"]);

    let hook = asked(&web, "/hook", 3);
    for request in &hook {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret-key").unwrap();
        mac.update(format!("{}.{}", request.header("x-tminus-timestamp").unwrap(), request.body).as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(request.header("x-tminus-signature").unwrap(), format!("sha256={hex}"));
    }
    let told: Vec<Value> = hook.iter().map(json).collect();
    assert_eq!(
        told.iter().map(|t| t["act"].as_str().unwrap()).collect::<Vec<_>>(),
        ["trigger", "acknowledge", "resolve"]
    );
    let title = told[0]["title"].as_str().unwrap();
    assert!(title.starts_with("[test] Told: SEV1 #1, opened by ") && title.ends_with("checkout is down"), "{title}");
    assert!(told[1]["notices"][0]["text"].as_str().unwrap().contains("looking at it"), "{}", told[1]);
    let keys: BTreeSet<&str> = told.iter().map(|t| t["notices"][0]["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 1, "one key for all of it: {keys:?}");

    let events: Vec<Value> = asked(&web, "/pd/v2/enqueue", 3).iter().map(json).collect();
    assert_eq!(
        events.iter().map(|e| e["event_action"].as_str().unwrap()).collect::<Vec<_>>(),
        ["trigger", "acknowledge", "resolve"]
    );
    let dedup: BTreeSet<&str> = events.iter().map(|e| e["dedup_key"].as_str().unwrap()).collect();
    assert_eq!(dedup, keys, "and the same in PagerDuty");
    assert_eq!(
        (&events[0]["routing_key"], &events[0]["payload"]["severity"]),
        (&"s3cret-key".into(), &"critical".into())
    );
    assert!(events[2].get("payload").is_none());

    let slack = json(&asked(&web, "/slack", 3)[0]);
    assert!(slack["text"].as_str().unwrap().contains("checkout is down"), "{slack}");
    let own = wait_for("the command ran three times", || {
        let text = std::fs::read_to_string(launch.path("told")).ok()?;
        (text.lines().count() == 3).then_some(text)
    });
    assert!(own.starts_with("trigger [test] Told: SEV1 #1"), "{own}");

    // What was sent is in the log, each once.
    wait_for("all twelve are on record", || (facts(&launch, "sent").len() == 12).then_some(()));
    let log = String::from_utf8(launch.tminus(&["log", &launch.id]).stdout).unwrap();
    assert!(log.contains("hook told of notice 1") && !log.contains("s3cret"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_killed_over_a_message_is_followed_by_one_that_sends_it_again_with_the_same_key() {
    let answers = Arc::new(AtomicBool::new(false));
    let (may, seen) = (answers.clone(), Arc::new(AtomicUsize::new(0)));
    let count = seen.clone();
    let web = Web::start(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        // The first engine gets no answer.
        while !may.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Reply::text(200, "text/plain", "ok")
    })
    .await;
    let channels = format!("[channel.hook]\nwebhook = {{ url = \"{}\" }}\n", web.url("/hook"));
    let launch = tokio::task::spawn_blocking(move || launched(&plan(&channels, &["hook"], ""), "x")).await.unwrap();
    launch.taken(&["severity", "1", "down"]);
    wait_for("the message is under way", || (seen.load(Ordering::SeqCst) == 1).then_some(()));
    assert_eq!((facts(&launch, "raised").len(), facts(&launch, "sent").len()), (1, 0));
    launch.kill_engine();
    answers.store(true, Ordering::SeqCst);
    launch.taken(&["note", "another engine"]);
    let told = asked(&web, "/hook", 2);
    assert_eq!(told[0].header("x-tminus-event"), told[1].header("x-tminus-event"));
    assert_eq!(json(&told[0])["notices"][0]["key"], json(&told[1])["notices"][0]["key"]);
    wait_for("it is on record", || (facts(&launch, "sent").len() == 1).then_some(()));
    // Once more, and never again.
    launch.taken(&["severity", "2", "another"]);
    let told = asked(&web, "/hook", 3);
    assert_eq!(told.len(), 3);
    assert_eq!(json(&told[2])["notices"][0]["kind"], "sev2");
    assert_eq!(facts(&launch, "raised").len(), 2, "nothing was raised twice");
}

#[test]
fn a_mail_is_sent_by_starttls_and_login_and_its_end_answers_it() {
    let mail = Mail::start();
    let channels = |password: &str| {
        format!(
            r#"
[channel.mail]
smtp = {{ host = "localhost", port = {}, ca = "{}", user = "{USER}", password = "{password}", from = "tminus <tminus@example.com>", to = "oncall@example.com" }}
"#,
            mail.port,
            mail.certificate().display()
        )
    };
    let launch = launched(&plan(&channels("${secret.key}"), &["mail"], ""), PASSWORD);
    launch.taken(&["run", "deploy"]);
    let first = mail.wait("Subject: [test] Told: deploy");
    assert!(first.contains("To: oncall@example.com") && first.contains("Auto-Submitted: auto-generated"), "{first}");
    assert!(first.contains(&format!("tminus attach {}", launch.id)), "{first}");
    let id = first.lines().find_map(|l| l.strip_prefix("Message-ID: ")).unwrap().to_owned();
    launch.taken(&["skip", "deploy", "not", "today"]);
    let over = mail.wait("OVER: skipped");
    assert!(over.contains(&format!("In-Reply-To: {id}")), "{over}");
    wait_for("both are on record", || (facts(&launch, "sent").len() == 2).then_some(()));

    // A wrong password is refused, tried a few times, and is never told.
    let wrong = launched(&plan(&channels("${secret.key}"), &["mail"], ""), "s3cret-and-wrong");
    wrong.taken(&["severity", "1", "down"]);
    let failed = wait_for("the refusal", || facts(&wrong, "failed").first().cloned());
    let why = failed["why"].as_str().unwrap();
    assert!(why.contains("Authentication credentials invalid") && !why.contains("s3cret"), "{why}");
    assert!(failed["next"].is_string(), "it is tried again: {failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_can_not_be_sent_blocks_the_launch_and_its_end_is_told() {
    let port = free_port();
    let up = Arc::new(Mutex::new(0));
    let counted = up.clone();
    let web = Web::start(move |_| {
        *counted.lock().unwrap() += 1;
        Reply::text(200, "text/plain", "ok")
    })
    .await;
    let channels = format!(
        "[channel.dead]\nwebhook = {{ url = \"http://127.0.0.1:{port}/${{secret.key}}\" }}\n\
         [channel.hook]\nwebhook = {{ url = \"{}\" }}\n",
        web.url("/hook")
    );
    let heart = format!("heartbeat = {{ url = \"{}\", every = \"1s\" }}", web.url("/alive"));
    let text = plan(&channels, &["dead", "hook"], &heart);
    let launch = tokio::task::spawn_blocking(move || launched(&text, "t0ken-in-a-url")).await.unwrap();
    asked(&web, "/alive", 2);
    launch.taken(&["severity", "1", "down"]);
    let failed = wait_for("the refused connection", || facts(&launch, "failed").first().cloned());
    let why = failed["why"].as_str().unwrap();
    assert!(why.contains("connection refused") && !why.contains("t0ken"), "{why}");
    launch.taken(&["run", "deploy"]);
    launch.until("deploy", "failed");
    launch.taken(&["notify-test", "hook"]);
    launch.taken(&["close", "1"]);
    launch.taken(&["end", "test", "enough"]);
    wait_for("the end is told", || {
        web.asked().iter().any(|a| a.body.contains("the launch was ended by")).then_some(())
    });
    let tried = web.asked().iter().any(|a| a.body.contains("this is a test of the channel hook"));
    assert!(tried);
    // The heart stands still with the launch.
    let beats = || web.asked().iter().filter(|a| a.path == "/alive").count();
    let before = beats();
    wait_for("more than two intervals", {
        let begun = std::time::Instant::now();
        move || (begun.elapsed().as_millis() > 2500).then_some(())
    });
    assert!(beats() <= before + 1, "{before} and {}", beats());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heart_that_nobody_hears_is_said_and_a_dead_engine_has_none() {
    let hears = Arc::new(AtomicBool::new(false));
    let may = hears.clone();
    let web = Web::start(move |_| {
        if may.load(Ordering::SeqCst) {
            Reply::text(200, "text/plain", "ok")
        } else {
            Reply::text(503, "text/plain", "gone")
        }
    })
    .await;
    let heart = format!("heartbeat = {{ url = \"{}\", every = \"1s\" }}", web.url("/alive/${secret.key}"));
    let text = plan("", &[], &heart)
        .replace("[[notify]]\non = [\"sev1\", \"sev2\", \"step-failed\", \"gate\", \"ended\"]\nto = []\n", "");
    let launch = tokio::task::spawn_blocking(move || launched(&text, "t0ken-in-a-url")).await.unwrap();
    let said = wait_for("the trouble", || launch.status()["heartbeat"].as_str().map(str::to_owned));
    assert!(said.contains("503") && !said.contains("t0ken"), "{said}");
    hears.store(true, Ordering::SeqCst);
    wait_for("the end of the trouble", || launch.status()["heartbeat"].is_null().then_some(()));
    launch.kill_engine();
    let beats = web.asked().len();
    let begun = std::time::Instant::now();
    wait_for("more than two intervals", || (begun.elapsed().as_millis() > 2500).then_some(()));
    assert!(web.asked().len() <= beats + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_that_nobody_heard_is_said_again_soon_and_not_only_at_the_next_one() {
    let tried = AtomicUsize::new(0);
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/beat" if tried.fetch_add(1, Ordering::SeqCst) == 0 => Reply::text(503, "text/plain", "down"),
        _ => Reply::text(200, "text/plain", "ok"),
    })
    .await;
    let hook = format!("[channel.hook]\nwebhook = {{ url = \"{}\" }}\n", web.url("/hook"));
    let beat = format!("heartbeat = {{ url = \"{}\", every = \"10m\" }}", web.url("/beat"));
    tokio::task::spawn_blocking(move || {
        let launch = launched(&plan(&hook, &["hook"], &beat), "k");
        asked(&web, "/beat", 2);
        wait_for("it is heard", || launch.status()["heartbeat"].is_null().then_some(()));
    })
    .await
    .unwrap();
}
