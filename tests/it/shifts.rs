//! A change of shift through the real engine: nobody comes, the backup hears of it over HTTP, and the one on shift stays until
//! the next one accepts.

use serde_json::Value;

use crate::support::launch::Launch;
use crate::support::wait_for;
use crate::support::web::{Reply, Web};

fn plan(oncall: &str, backup: &str) -> String {
    format!(
        r#"
[plan]
name = "Shifts"
environment = "test"
[roles]
on-call = {{ name = "Ana", contact = "+49 1", backup = "Tom" }}
night = {{ name = "Ben", contact = "+49 2" }}
standby = {{ name = "Tom", contact = "+49 3" }}
[channel.oncall]
webhook = {{ url = "{oncall}" }}
[channel.backup]
webhook = {{ url = "{backup}" }}
[[notify]]
on = ["overdue", "handover"]
to = ["oncall"]
unacked = {{ after = "1h", to = ["backup"] }}
[shifts]
role = "on-call"
remind = "0s"
late = "1s"
turns = [{{ at = "T+0", who = "Ana" }}, {{ at = "T+1s", who = "Ben" }}]
[[phase]]
id = "p"
step = [{{ id = "tell", owner = "on-call" }}]
"#
    )
}

fn told(web: &Web, path: &str, words: &str) -> Value {
    wait_for(&format!("{words} at {path}"), || {
        let mut asked = web.asked().into_iter().filter(|asked| asked.path == path && asked.body.contains(words));
        asked.next().map(|asked| serde_json::from_str(&asked.body).unwrap())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_handover_reaches_the_backup_and_the_current_one_stays_until_the_next_one_accepts() {
    let web = Web::start(|_| Reply::text(200, "text/plain", "ok")).await;
    let plan = plan(&web.url("/oncall"), &web.url("/backup"));
    tokio::task::spawn_blocking(move || {
        let mut launch = Launch::planned(&plan);
        let file = launch.path("plan.toml").display().to_string();
        let out = launch.tminus(&["launch", &file, "--headless", "--as", "ana"]);
        assert!(out.status.success(), "{out:?}");
        launch.id = String::from_utf8(out.stdout).unwrap().trim().to_owned();

        told(&web, "/oncall", "Ana writes the handover");
        let late = told(&web, "/backup", "OVERDUE");
        let text = late["notices"][0]["text"].as_str().unwrap();
        assert!(text.contains("Ana stays on shift; call Ben, +49 2, else the backup Tom, +49 3"), "{text}");
        let status = launch.status();
        assert_eq!((&status["shift"]["who"], &status["shift"]["next"]["overdue"]), (&"Ana".into(), &true.into()));
        assert_eq!(status["state"], "critical", "its grace is over");

        let run = |who: &str, words: &[&str]| {
            let out = launch.tminus(&[&["do", "--as", who][..], words].concat());
            (out.status.success(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
        };
        let (taken, said) = run("ben", &["accept"]);
        assert!(!taken && said.contains("nothing was handed over yet: Ana writes it"), "{said}");
        let (taken, said) = run("ana", &["handover", "watch the queue"]);
        assert!(taken && said.contains("on-call: handover 1 by ana (declared) to Ben"), "{said}");
        assert_eq!(launch.status()["shift"]["who"], "Ana", "it was not accepted yet");
        let (_, page) = run("ben", &["explain", "handover"]);
        assert!(page.contains("watch the queue") && page.contains("Open incidents: none"), "{page}");
        let (taken, said) = run("ben", &["accept"]);
        assert!(taken, "{said}");
        told(&web, "/backup", "Ben is on shift");
        assert_eq!(launch.status()["shift"]["who"], "Ben");
        let report = launch.tminus(&["report", &launch.id]);
        let report = String::from_utf8(report.stdout).unwrap();
        assert!(report.contains("## Handovers") && report.contains("sent by oncall"), "{report}");
    })
    .await
    .unwrap();
}
