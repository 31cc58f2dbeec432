//! Incidents through a real engine, from the command line and in a real terminal: what is due next, and that a killed
//! engine stops no clock.

use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::support::launches::{Launches, text};
use crate::support::terminal::Terminal;
use crate::support::wait_for;

const PLAN: &str = r#"
[plan]
name = "Incidents"
environment = "test"

[roles]
lead = { name = "Ana" }
dba = { name = "Zoe", contact = "+49 30 1", backup = "Carl" }

[[phase]]
id = "watch"

  [[phase.step]]
  id = "look"
  owner = "lead"

[severity.1]
means = ["Nobody can pay"]
respond = "0m"
update = "15m"

[severity.2]
respond = "15m"
update = "1h"

[severity.4]
escalate = [{ after = "0m", to = "dba" }]
then = "hold"
template = "${live.severity} ${live.text}, ${live.state}: ${live.now}"
"#;

fn launched() -> Launches {
    let launches = Launches::new();
    let plan = launches.dir().join("plan.toml");
    std::fs::write(&plan, PLAN).unwrap();
    let out = launches.tminus(["launch".as_ref(), plan.as_os_str(), "--headless".as_ref()]).output().unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    launches
}

fn said(launches: &Launches, args: &[&str]) -> (Option<i32>, String) {
    let out = launches.run(args);
    (out.status.code(), text(&out.stdout) + &text(&out.stderr))
}

fn status(launches: &Launches) -> Value {
    serde_json::from_slice(&launches.run(&["status", "--json"]).stdout).unwrap()
}

#[test]
fn orders_and_status_say_what_is_due_next() {
    let launches = launched();
    let (code, answer) = said(&launches, &["do", "severity", "2", "payments are slow"]);
    assert_eq!(code, Some(0), "{answer}");
    assert!(answer.contains("payments are slow\n  → response due in 15:00, update due in 1:00:00"), "{answer}");
    let (code, line) = said(&launches, &["status"]);
    assert_eq!(code, Some(11), "{line}");
    assert!(line.contains("SEV2 #1 payments are slow: response due in 1"), "{line}");

    launches.order(&["severity", "1", "#1", "nobody can pay"]);
    wait_for("the response overdue", || said(&launches, &["status"]).1.contains("response OVERDUE 0:0").then_some(()));
    let json = status(&launches);
    assert_eq!(
        (&json["due"]["what"], &json["due"]["incident"], &json["due"]["overdue"]),
        (&"response".into(), &1.into(), &true.into())
    );
    assert_eq!((&json["incidents"][0]["number"], &json["incidents"][0]["due"][0]), (&1.into(), &json["due"]), "{json}");

    let (code, answer) = said(&launches, &["do", "respond", "1"]);
    assert!(code == Some(0) && answer.contains("is on it\n  → update due in 14:"), "{answer}");
    let (code, answer) = said(&launches, &["do", "update", "1", "half of them can pay"]);
    assert!(code == Some(0) && answer.contains(": half of them can pay\n  → update due in 15:00"), "{answer}");
    let (code, answer) = said(&launches, &["do", "update", "2", "x"]);
    assert!(code == Some(4) && answer.contains("not taken: there is no incident 2"), "{answer}");
    assert_eq!(said(&launches, &["do", "update", "1"]).0, Some(2));

    for engine in launches.engines() {
        kill_process(engine, Signal::KILL).unwrap();
    }
    wait_for("the engine's death", || (status(&launches)["engine"] == false).then_some(()));
    let left = status(&launches)["due"]["left_ms"].as_i64().unwrap();
    assert!((800_000..900_000).contains(&left), "the clock runs on without an engine: {left}");
    let plan = launches.dir().join("plan.toml");
    let out = launches.tminus(["launch".as_ref(), plan.as_os_str(), "--headless".as_ref()]).output().unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let after = status(&launches)["due"]["left_ms"].as_i64().unwrap();
    assert!(after <= left, "{after} {left}");

    let (code, answer) = said(&launches, &["do", "close", "1", "the pool was full"]);
    assert!(code == Some(0) && answer.trim_end().ends_with(": the pool was full"), "{answer}");
    assert_eq!(status(&launches)["due"], Value::Null);
}

#[test]
fn s_2_enter_in_a_terminal_and_what_follows() {
    let launches = launched();
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 120, 40);
    screen.wait_for("no SEV");
    screen.press_until("S", "the severities", |s| s.contains("How bad is it?") && s.contains("respond in 15m"));
    screen.press_until("2", "the text asked", |s| s.contains("SEV2, what is wrong"));
    // Ctrl-u: what was typed twice is not meant twice.
    screen.press_until("\u{15}\r", "the incident open", |s| s.contains("SEV2 is open"));
    assert_eq!(status(&launches)["incidents"][0]["level"], 2);
    screen.press_until("\u{1b}", "the text left out", |s| !s.contains("what is wrong ("));

    screen.press_until("I", "it in the pane", |s| s.contains("SEV2 #1  not described yet"));
    screen.wait_for("nobody on it  response due in 14:");
    screen.press_until("\r", "the incident alone", |s| s.contains("nobody yet"));
    screen.press_until("t", "the text asked", |s| s.contains("What is wrong, #1"));
    screen.keys("\u{15}payments fail\r");
    screen.wait_for("SEV2 #1  payments fail");
    screen.press_until("a", "the response asked", |s| s.contains("You take on #1 SEV2 payments fail"));
    screen.press_until("\u{15}\r", "the response", |s| s.contains("update due in 59:"));
    screen.press_until("u", "the update asked", |s| s.contains("Update on #1 SEV2 payments fail"));
    screen.keys("\u{15}half of them\r");
    screen.wait_for("the update is told");

    screen.press_until("S", "the choice", |s| s.contains("open another") && s.contains("change #1 SEV2 payments fail"));
    screen.press_until("j", "the open one chosen", |s| s.contains("▸  change #1"));
    screen.press_until("1", "the text asked", |s| s.contains("#1 becomes SEV1"));
    screen.press_until("\u{15}\r", "the change", |s| s.contains("SEV1 #1  payments fail"));
    screen.press_until("\u{1b}", "the text left out", |s| !s.contains("what is wrong ("));
    screen.wait_for("update due in 14:");
    let incident = &status(&launches)["incidents"][0];
    assert_eq!((&incident["level"], &incident["text"]), (&1.into(), &"payments fail".into()), "{incident}");
    assert_eq!(incident["updated"]["text"], "half of them");

    screen.press_until("\r", "the incident alone", |s| s.contains("close"));
    screen.press_until("x", "the end asked", |s| s.contains("Close #1 SEV1"));
    screen.keys("\u{15}restarted\r");
    screen.wait_for("no SEV");
}

#[test]
fn a_severity_holds_says_whom_to_call_and_fills_its_update_and_the_report_has_the_times() {
    let launches = launched();
    let (code, answer) = said(&launches, &["do", "severity", "4", "a typo"]);
    assert!(code == Some(0) && answer.contains("→ call Zoe, dba, +49 30 1, due"), "{answer}");
    assert_eq!(said(&launches, &["do", "run", "look"]).0, Some(4), "the launch holds");
    let (_, line) = said(&launches, &["status", "--long"]);
    assert!(line.contains("SEV4 #1 a typo: call Zoe, dba, +49 30 1, "), "{line}");
    let (code, answer) = said(&launches, &["do", "called", "1", "no-answer"]);
    assert!(code == Some(0) && answer.contains("→ call Carl, backup of dba, due"), "{answer}");
    let (code, answer) = said(&launches, &["do", "called", "1", "answered", "he looks"]);
    assert!(code == Some(0) && answer.contains("called Carl, backup of dba, who answered: he looks"), "{answer}");
    launches.order(&["mitigating", "1"]);
    let (code, answer) = said(&launches, &["do", "update", "1"]);
    assert!(code == Some(0) && answer.contains("SEV4 a typo, mitigating: SEV4: "), "{answer}");
    launches.order(&["mitigated", "1", "the page is down"]);
    let incident = &status(&launches)["incidents"][0];
    assert_eq!((&incident["state"], &incident["resolved"]), (&"mitigated".into(), &Value::Null), "{incident}");
    launches.order(&["close", "1", "corrected"]);
    let report: Value = serde_json::from_slice(&launches.run(&["report", "--json"]).stdout).unwrap();
    let incident = &report["incidents"][0];
    for key in ["answered", "mitigated", "closed"] {
        assert!(!incident[key].is_null(), "{key}: {incident}");
    }
    let (_, page) = said(&launches, &["report"]);
    assert!(page.contains("- mitigated after ") && page.contains("called Carl, backup of dba: answered"), "{page}");
}
