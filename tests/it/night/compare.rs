//! What came, beside what was to come.

use serde_json::Value;
use tminus::core::time::Span;

use super::{LATE, MINUTE, Night, moment};
use crate::support::wait_for;

/// A message: the channel, what it says of a notice, words of that; when it was to be raised, routed, acknowledged or over,
/// in milliseconds after T-0.
pub type Expected = (&'static str, &'static str, &'static str, i64);

/// So long a message may be on its way: sending is as slow as ever, two seconds of the wall clock, and a mail waits for the
/// one before it.
const SENDING: i64 = 60 * MINUTE;

/// Every message that is expected came, once and in time, and no other.
pub fn messages(night: &Night, expected: &[Expected]) {
    wait_for("the last message", || (came(night).len() >= expected.len()).then_some(()));
    let mut came = came(night);
    // What came is put on record after that.
    let facts = wait_for("it to be on record", || {
        let facts: Vec<(i64, Value)> = night.launch.events().iter().filter_map(|e| fact(night, e)).collect();
        let posts = |(_, f): &(i64, Value)| f["posts"].as_array().filter(|_| f["fact"] == "sent").map_or(0, Vec::len);
        (facts.iter().map(posts).sum::<usize>() >= expected.len()).then_some(facts)
    });
    for (channel, act, words, due) in expected {
        let found = came.iter().position(|(c, a, text)| c == channel && a == act && text.contains(words));
        let found = found.unwrap_or_else(|| panic!("{channel} did not hear {act} of {words}; left are {came:#?}"));
        came.swap_remove(found);
        let raised = |(_, f): &&(i64, Value)| f["fact"] == "raised" && f["text"].as_str().unwrap().contains(words);
        let tells = |notice: &Value| facts.iter().any(|(_, f)| f["notice"] == *notice && names(&f["to"], channel));
        let mut notices = facts.iter().filter(raised).filter(|(_, f)| tells(&f["notice"]));
        let (at, first) = notices.next().unwrap_or_else(|| panic!("nothing says why {channel} heard {words}"));
        let notice = &first["notice"];
        let is = |f: &Value| match *act {
            "trigger" => f["notice"] == *notice && f["fact"] == "routed" && names(&f["to"], channel),
            "acknowledge" => f["fact"] == "acknowledged" && f["notices"].as_array().unwrap().contains(notice),
            _ => f["notice"] == *notice && f["fact"] == "over",
        };
        let cause = facts.iter().find(|(_, f)| is(f)).map_or(*at, |(at, _)| *at);
        let said = format!("{channel}: {act} of {words}");
        assert!((*due..due + LATE).contains(&cause), "{said}: due {} min, was {}", due / MINUTE, cause / MINUTE);
        let posted = |f: &Value| {
            let mut posts = f["posts"].as_array().into_iter().flatten();
            f["fact"] == "sent" && f["channel"] == *channel && posts.any(|post| post[0] == *notice && post[1] == *act)
        };
        let sent: Vec<i64> = facts.iter().filter(|(_, f)| posted(f)).map(|(at, _)| *at).collect();
        assert!(sent.len() == 1 && (cause..cause + SENDING).contains(&sent[0]), "{said}: {cause} {sent:?}");
    }
    assert!(came.is_empty(), "nobody expected {came:#?}");
    assert!(facts.iter().all(|(_, f)| f["fact"] != "failed"), "each at its first try");
}

fn fact(night: &Night, event: &Value) -> Option<(i64, Value)> {
    (event["event"]["type"] == "notice").then(|| (moment(&event["at"]) - night.t0, event["event"].clone()))
}

fn names(to: &Value, channel: &str) -> bool {
    to.as_array().is_some_and(|to| to.iter().any(|id| id == channel))
}

/// All messages that came: channel, what they say of a notice, its words.
fn came(night: &Night) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for asked in night.web.asked().iter().filter(|asked| asked.method == "POST") {
        let channel = asked.path.trim_start_matches('/');
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        assert!(body["title"].as_str().unwrap().starts_with("REHEARSAL: [drill] Thirty hours v1: "), "{body}");
        for notice in body["notices"].as_array().unwrap() {
            let word = |key: &str| notice[key].as_str().unwrap().to_owned();
            all.push((channel.to_owned(), word("act"), word("text")));
        }
    }
    for mail in night.mail.mails() {
        // Quoted-printable: a line that goes on ends with `=`.
        let mail = mail.replace("\r\n", "\n").replace("=\n", "");
        assert!(mail.contains("Subject: REHEARSAL: [drill] Thirty hours v1"), "{mail}");
        let lines = mail.lines().filter_map(|line| line.split_once(" UTC  "));
        for (_, text) in lines.filter(|(time, _)| time.len() == 8) {
            let act = match text {
                over if over.starts_with("OVER: ") => "resolve",
                on_it if on_it.starts_with("ACKNOWLEDGED by ") => "acknowledge",
                _ => "trigger",
            };
            all.push(("mail".to_owned(), act.to_owned(), text.to_owned()));
        }
    }
    all
}

/// The moments of the SEV1, in milliseconds after T-0.
pub struct Sev1 {
    /// The first reading that was wrong.
    pub began: i64,
    /// It was opened.
    pub opened: i64,
    /// Somebody said to be on it.
    pub on_it: i64,
    /// It was mitigated.
    pub mitigated: i64,
    /// It was closed.
    pub closed: i64,
}

/// The report has what happened.
pub fn report(night: &Night, sev1: &Sev1, fired: i64) {
    let out = night.launch.tminus(&["report", "--json", &night.launch.id]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let list = |key: &str| report[key].as_array().unwrap().clone();
    let levels: Vec<Value> = list("incidents").iter().map(|incident| incident["worst"].clone()).collect();
    assert_eq!(levels, [3, 3, 1]);
    let incident = &list("incidents")[2];
    let span = |key: &str| serde_json::from_value::<Span>(incident[key].clone()).unwrap().millis();
    let times = [span("answered"), span("mitigated"), span("closed")];
    assert_eq!(times, [sev1.on_it, sev1.mitigated, sev1.closed].map(|at| at - sev1.opened), "{incident}");
    // The trigger's clock had gone on for at least its 30 minutes when it was looked at.
    let detected = span("detected");
    assert!((sev1.opened - sev1.began..sev1.opened - sev1.began + LATE).contains(&detected), "{incident}");
    // Both began with the same reading; at this pace either may be the earlier by a millisecond.
    let onset = incident["onset"].as_str().unwrap();
    assert!(["api is failing for 30m", "api.up was critical"].contains(&onset), "{incident}");

    let handovers = list("handovers");
    let people: Vec<_> = handovers.iter().map(|h| (h["from"].as_str().unwrap(), h["to"].as_str().unwrap())).collect();
    assert_eq!(people, [("mia (declared)", "Ben"), ("ben (declared)", "Zoe")]);
    let late = |n: usize| moment(&handovers[n]["taken"]["at"]) - moment(&handovers[n]["due"]);
    assert!(late(0) < 0 && late(1) >= 120 * MINUTE, "{} {}", late(0), late(1));

    let checks = list("checks");
    let how: Vec<&str> = checks.iter().map(|check| check["how"].as_str().unwrap()).collect();
    assert_eq!(how, ["well", "well", "well", "well", "missed", "well", "well", "well", "well", "well"]);
    assert_eq!(checks[0]["readings"][0]["signal"], "api.up");
    assert_eq!(checks[7]["readings"][0]["level"], "critical", "in the eighth production failed: {}", checks[7]);

    assert_eq!(list("gaps").len(), 1, "one engine was killed");
    assert_eq!(list("triggers").len(), 1);
    assert!((moment(&list("triggers")[0]["at"]) - night.t0 - fired).abs() < 1000);
    let back = &list("rollbacks")[0];
    assert_eq!((&back["outcome"], &back["estimate"]), (&"done".into(), &"30m".into()), "{back}");
    assert!(list("messages").iter().all(|message| message["failed"].as_array().is_none_or(Vec::is_empty)));
    assert_eq!(report["open"], Value::Array(Vec::new()), "nothing is left open");
}
