//! Texts from outside that would move the cursor, name the window, fill the clipboard, ask the terminal, turn the line
//! round or hide in it: they stand wherever a launch takes a text, and nothing of them comes out but letters.

use redis::AsyncTypedCommands as _;
use serde_json::json;
use tminus::core::event::{Event, Recorded};
use tminus::core::ids::Seq;
use tminus::core::order::Operator;
use tminus::journal::Journal;

use super::support::launch::{Launch, hello, lines, say};
use super::support::postgres::Postgres;
use super::support::redis::Redis;
use super::support::terminal::Terminal;
use super::support::wait_for;
use super::support::web::{Reply, Web};

/// What a terminal would obey, or a person be misled by. Ours never writes any of it.
const HOSTILE: &[&str] = &[
    "\u{1b}[31337m",
    "\u{1b}[777;7777H",
    "\u{1b}[5i",
    "\u{1b}c",
    "\u{1b}]0;evil\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]8;;http://evil/\u{1b}\\",
    "\u{1b}P$qm\u{1b}\\",
    "\u{1b}[>c",
    "\u{1b}[6n",
    "\u{9b}31m",
    "\u{9d}0;evil\u{9c}",
];

/// Characters that no text of a screen needs and that hide or turn what stands there.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || ('\u{80}'..='\u{9f}').contains(&c)
}

/// All of it in one line, with a name by which it is found again.
fn hostile(name: &str) -> String {
    let unseen = "\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{61c}\u{2028}\u{2060}";
    let flood: String = std::iter::once('o').chain(std::iter::repeat_n('\u{301}', 300)).collect();
    format!("{name}{}\r\u{8}\u{7}{unseen}{flood}", HOSTILE.concat())
}

/// What of an output nobody may be given: the text that was found.
fn wrong(bytes: &[u8], terminal: bool) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    if let Some(found) = HOSTILE.iter().find(|hostile| text.contains(**hostile)) {
        return Some(format!("{found:?}"));
    }
    if let Some(at) = text.find(is_unseen) {
        let around: String = text[at..].chars().take(20).collect();
        return Some(format!("{around:?}"));
    }
    if let Some(at) = text.find("\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}") {
        let around: String = text[..at].chars().rev().take(30).collect::<String>().chars().rev().collect();
        return Some(format!("a flood of marks after {around:?}"));
    }
    let control = |c: char| c.is_control() && c != '\n';
    (!terminal).then(|| text.find(control)).flatten().map(|at| {
        let around: String = text[at..].chars().take(20).collect();
        format!("{around:?}")
    })
}

/// A text in a TOML file.
fn quoted(text: &str) -> String {
    let escaped: String =
        text.chars()
            .map(|c| {
                if c.is_control() || c == '"' || c == '\\' { format!("\\U{:08X}", u32::from(c)) } else { c.to_string() }
            })
            .collect();
    format!("\"{escaped}\"")
}

/// SQL that says the text, which stands in the query as bytes.
fn sql(text: &str) -> String {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("convert_from(decode('{hex}', 'hex'), 'UTF8')")
}

/// The probes whose servers are real, or answer as Prometheus and Sentry do.
fn sources(pg: &Postgres, redis: &Redis) -> String {
    let url = pg.url("postgres", "postgres");
    let (row, words, number) = (sql(&hostile("row")), sql(&hostile("words")), sql(&hostile("number")));
    format!(
        r#"
[[probe]]
id = "rows"
every = "300ms"
[probe.postgres]
url = "{url}"
query = "select {row} as queue, {words} as said, {number} as n"
instance = "queue"
measures = [{{ name = "said", unit = "text" }}, {{ name = "n" }}]

[[probe]]
id = "refused"
every = "300ms"
[probe.postgres]
url = "{url}"
query = "select cast({number} as integer) as n"
measures = [{{ name = "n" }}]

[[probe]]
id = "stream"
every = "300ms"
redis = {{ url = "{redis}", layout = "stream", queues = ["orders"] }}

[[probe]]
id = "series"
every = "300ms"
prometheus = {{ url = "${{site}}", query = "up" }}

[[probe]]
id = "no-series"
every = "300ms"
prometheus = {{ url = "${{site}}", query = "wrong" }}

[[probe]]
id = "partial"
every = "300ms"
prometheus = {{ url = "${{site}}", query = "part" }}

[[probe]]
id = "issues"
every = "300ms"
sentry = {{ url = "${{site}}", organization = "acme", token = "${{secret.token}}" }}
"#,
        redis = redis.url(),
    )
}

fn plan(sources: &str) -> String {
    let text = |name: &str| quoted(&hostile(name));
    format!(
        r#"
[plan]
name = {plan}
version = {version}
environment = "test"
rollback = "back"

[vars]
site = "http://127.0.0.1:1"
flags = "/nowhere"

[secrets]
token = "${{env:ENGINE_TEST_TOKEN}}"

[roles]
lead = {{ name = {role}, contact = {contact} }}

[[probe]]
id = "api"
title = {probe}
every = "200ms"
http = {{ url = "${{site}}/health", version = "$.version", services = "$.services.*" }}

[[probe]]
id = "said"
every = "300ms"
command = {{ run = 'cat "${{flags}}/said"', answer = "json", measures = [{{ name = "ready", unit = "count" }}] }}

{sources}
[[trigger]]
id = "high"
title = {trigger}
when = "api is failing for 10m"
action = "notify"

[[phase]]
id = "one"
title = {phase}

  [[phase.step]]
  id = "talk"
  title = {step}
  owner = "lead"
  run = 'cat "$flags/out"'
  undo = "true"

  [[phase.step]]
  id = "fails"
  title = {fails}
  run = 'cat "$flags/out" >&2; exit 3'
  on-fail = "hold"

  [[phase.step]]
  id = "boxes"
  title = {boxes}
  items = [{item}, "two"]

[rollback.back]
title = {back}
estimate = "1m"
loses = {loses}
undoes = ["talk"]

  [[rollback.back.step]]
  id = "switch"
  title = {switch}
  run = "true"
"#,
        // They are in the name of its directory, and its socket has a short name.
        plan = quoted("plan\u{1b}]0;evil\u{7}\u{9b}31m\u{202e}"),
        version = quoted("v\u{1b}[5i\u{200b}"),
        role = text("Ana"),
        contact = text("contact"),
        probe = text("probe"),
        trigger = text("trigger"),
        phase = text("phase"),
        step = text("step"),
        fails = text("fails"),
        boxes = text("boxes"),
        item = text("item"),
        back = text("way"),
        loses = text("loses"),
        switch = text("switch"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_hostile_text_comes_out_but_letters_wherever_it_is_taken() {
    let web = Web::start(|asked| {
        let now = chrono::Utc::now().timestamp();
        match asked.path.split('?').next().unwrap_or_default().trim_end_matches('/') {
            "/api/v1/query" if asked.path.contains("wrong") || asked.body.contains("wrong") => {
                let why = hostile("no series");
                Reply::json(400, json!({ "status": "error", "errorType": hostile("bad_data"), "error": why }))
            }
            "/api/v1/query" => {
                let metric = json!({ "pod": hostile("label"), "__name__": "up" });
                let data = json!({ "resultType": "vector", "result": [{ "metric": metric, "value": [now, "5"] }] });
                let partial = asked.path.contains("part") || asked.body.contains("part");
                let warnings: Vec<String> = partial.then(|| hostile("warning")).into_iter().collect();
                Reply::json(200, json!({ "status": "success", "data": data, "warnings": warnings }))
            }
            path if path.ends_with("/issues") => Reply::json(
                200,
                json!([{
                    "id": "1", "shortId": hostile("WEB-1"), "title": hostile("title"), "level": hostile("fatal"),
                    "count": "7", "userCount": 2, "isUnhandled": true, "substatus": null
                }]),
            )
            .with("x-hits", "1"),
            path if path.starts_with("/api/0/") => Reply::json(403, json!({ "detail": hostile("not yours") })),
            _ => {
                let services = json!({ hostile("service"): { "status": hostile("up") }, "cache": "down" });
                Reply::json(503, json!({ "status": hostile("bad"), "version": hostile("v9"), "services": services }))
            }
        }
    })
    .await;
    let redis = Redis::start(&[]);
    let group = hostile("group");
    let _: () = redis.connect().await.xgroup_create_mkstream("orders", group, "0").await.unwrap();
    tokio::task::spawn_blocking(move || everywhere(&web.url(""), &sources(&Postgres::primary(), &redis)))
        .await
        .unwrap();
}

fn everywhere(site: &str, sources: &str) {
    let mut launch = Launch::planned(&plan(sources));
    std::fs::write(launch.path("out"), hostile("output").repeat(3) + "\n" + &hostile("last")).unwrap();
    std::fs::write(launch.path("said"), hostile("no number")).unwrap();
    let mut found = Vec::new();
    let mut told = |launch: &Launch, args: &[&str]| {
        let out = launch.tminus(args);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!said.contains("try '--help'"), "there is no such command: {args:?}");
        for (which, bytes) in [("stdout", &out.stdout), ("stderr", &out.stderr)] {
            found.extend(wrong(bytes, false).map(|what| format!("{args:?} {which}: {what}")));
        }
    };
    let plan = launch.path("plan.toml").display().to_string();
    let (flags, of_site) = (format!("flags={}", launch.dir.path().display()), format!("site={site}"));
    let vars = ["--var", flags.as_str(), "--var", of_site.as_str()];
    told(&launch, &[&["check", &plan][..], &vars].concat());
    told(&launch, &[&["check", &plan, "--probe"][..], &vars].concat());
    told(&launch, &[&["check", &plan, "--sheet"][..], &vars].concat());
    told(&launch, &[&["check", &plan, "--probe", "--json"][..], &vars].concat());
    told(&launch, &["check", &hostile("no such file").replace('\0', "")]);
    launch.id = launch.start(site);

    // What servers say came in.
    for name in ["row", "words", "number", "group", "label", "no series", "warning", "title", "service"] {
        let said = || String::from_utf8_lossy(&launch.tminus(&["status", "--json"]).stdout).into_owned();
        wait_for(name, || said().contains(name).then_some(()));
    }

    let ana = hostile("ana");
    for order in [
        vec!["run", "talk", "--wait"],
        vec!["run", "fails", "--wait"],
        vec!["note", &hostile("noted")],
        vec!["sh", "cat /dev/null", &hostile("because")],
        vec!["hold", &hostile("held")],
        vec!["severity", "2", &hostile("incident")],
        vec!["tick", "boxes", "1"],
        vec![&hostile("order")],
        vec!["run", &hostile("nothing")],
        vec!["note", "by a stranger", "--as", &ana],
        vec!["explain"],
        vec!["explain", "talk"],
        vec!["explain", "fails"],
        vec!["explain", "api"],
        vec!["explain", "said"],
        vec!["explain", "rows"],
        vec!["explain", "refused"],
        vec!["explain", "stream"],
        vec!["explain", "series"],
        vec!["explain", "no-series"],
        vec!["explain", "issues"],
        vec!["explain", "back"],
        vec!["explain", "#1"],
        vec!["explain", &hostile("who")],
    ] {
        told(&launch, &[&["do"][..], &order].concat());
    }
    // What a client of another making says on the wire, and what stands in a journal that somebody wrote.
    let client = launch.socket();
    let mut hello = hello();
    hello["as"] = json!(hostile("wire"));
    say(&client, &hello);
    let _ = lines(&client).next();
    launch.kill_engine();
    let path = launch.directory().join("journal.db");
    let (mut journal, events) = Journal::open(&path).unwrap();
    let last = events.last().unwrap();
    let by = Operator { name: hostile("writer"), declared: true, session: 9 };
    let event = Event::Noted { by, text: hostile("written") };
    journal.append(&[Recorded { seq: Seq(last.seq.0 + 1), at: last.at, order: None, event }]).unwrap();
    drop(journal);
    told(&launch, &["status"]);
    wait_for("the failing step", || (launch.step("fails") == "failed").then_some(()));
    for args in [
        &["status"][..],
        &["status", "--long"],
        &["log"],
        &["report"],
        &["ls"],
        &["do", "diff"],
        &["do", "explain"],
        &["status", "--json"],
        &["log", "--json"],
        &["report", "--json"],
        &["ls", "--json"],
        &["do", "explain", "--json"],
    ] {
        told(&launch, args);
    }

    let log = String::from_utf8_lossy(&launch.tminus(&["log"]).stdout).into_owned();
    for name in ["noted", "written", "writer", "incident", "because", "held", "by a stranger"] {
        assert!(log.contains(name), "{name} is not even in the log: {log}");
    }

    for (cols, rows) in [(120, 40), (80, 24)] {
        let mut screen = Terminal::start(&launch.command(&["attach"]), cols, rows);
        screen.wait_for("NEXT");
        // Every pane, the pages of a step and of an incident, the dialogs, the help, what is copied.
        for key in [
            "1", "2", "4", "7", "8", "9", "I", "jj", "o", "\u{1b}", "R", "\u{1b}", "?", "\u{1b}", "c", "\u{1b}", "z",
            "z", "y",
        ] {
            // At the latest its clock answers.
            let before = screen.bytes().len();
            screen.keys(key);
            wait_for("an answer", || (screen.bytes().len() > before).then_some(()));
        }
        found.extend(wrong(&screen.bytes(), true).map(|what| format!("the screen at {cols}x{rows}: {what}")));
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}
