//! Thirty hours after a launch in less than a minute and a half, with nobody attached: a rehearsal for real at 1800 times the
//! speed, whose commands run and whose messages go out, to a real mail server and an HTTP sink. Two SEV3 wake nobody, a round
//! is forgotten, a handover is late, the engine is killed, and in the last night production fails. Every message that came
//! is compared with what the plan says was to come, and when.

mod compare;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use serde_json::Value;
use tminus::core::event::Recorded;
use tminus::core::launch::LaunchState;

use crate::support::launch::{Client, Launch};
use crate::support::launches::text;
use crate::support::mail::{Mail, PASSWORD};
use crate::support::wait_for;
use crate::support::web::{Reply, Web};

/// How many times as fast as the wall clock.
const SPEED: i64 = 1800;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// Nothing is raised before its moment, and nothing so long after it: half a second of the wall clock, for a machine that
/// has more to do.
const LATE: i64 = 15 * MINUTE;

/// A reading of a probe tells of what was up to so long before.
const READING: i64 = 5 * MINUTE;

/// The launch, and what it is told and measured by.
struct Night {
    launch: Launch,
    web: Web,
    mail: Mail,
    fails: Arc<AtomicBool>,
    t0: i64,
}

/// So long after T-0, in milliseconds.
fn at(hours: i64, minutes: i64) -> i64 {
    (hours * 60 + minutes) * MINUTE
}

fn moment(at: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(at.as_str().unwrap()).unwrap().timestamp_millis()
}

impl Night {
    fn start(web: Web, fails: Arc<AtomicBool>) -> Self {
        let mail = Mail::start();
        let plan = std::fs::read_to_string("tests/plans/thirty-hours.toml").unwrap();
        let plan = plan.replace("port = 2525", &format!("port = {}", mail.port));
        let plan = plan.replace("cert.pem", &mail.certificate().display().to_string());
        let mut night = Self { launch: Launch::planned(&plan), web, mail, fails, t0: 0 };
        night.launch.id = night.take_up();
        night.t0 = moment(&night.launch.status()["t0"]);
        night
    }

    /// Opens the launch, or takes it up.
    fn take_up(&self) -> String {
        let launch = &self.launch;
        let (sink, site) = (format!("sink={}", self.web.url("")), format!("site={}", self.web.url("")));
        let (plan, flags) = (launch.path("plan.toml"), format!("flags={}", launch.dir.path().display()));
        let mut command =
            launch.command(&["launch", "--headless", "--as", "ana", "--rehearse", "--env", "drill", "--speed"]);
        command.arg(SPEED.to_string()).args(["--var", &sink, "--var", &site, "--var", &flags]).arg(plan);
        let out = command.env("NIGHT_MAIL", PASSWORD).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        text(&out.stdout).trim().to_owned()
    }

    /// What the clock shows, in milliseconds after T-0: the engine says each second that it lives, and when.
    fn now(&self) -> i64 {
        let file = self.launch.directory().join("alive");
        let text = std::fs::read_to_string(&file).unwrap();
        let said: i64 = text.split_whitespace().next().unwrap().parse().unwrap();
        let when = std::fs::metadata(&file).unwrap().modified().unwrap();
        let since = SystemTime::now().duration_since(when).unwrap_or_default();
        said - self.t0 + i64::try_from(since.as_millis()).unwrap() * SPEED
    }

    fn until(&self, after: i64) {
        wait_for(&format!("T+{} min", after / MINUTE), || (self.now() >= after).then_some(()));
    }

    /// An order of somebody's; when it is on record, after T-0.
    fn by(&self, who: &str, words: &[&str]) -> i64 {
        let out = self.launch.tminus(&[&["do", "--json", "--as", who], words].concat());
        let said = text(&out.stdout);
        assert!(out.status.success(), "T+{} min, {words:?}: {said}", self.now() / MINUTE);
        let seq = serde_json::from_str::<Value>(&said).unwrap()["seq"].clone();
        self.when(&format!("{words:?}"), |event| event["seq"] == seq)
    }

    /// When something is on record for the first time, after T-0; waits for it.
    fn when(&self, what: &str, is: impl Fn(&Value) -> bool) -> i64 {
        let event = wait_for(what, || self.launch.events().into_iter().find(&is));
        moment(&event["at"]) - self.t0
    }

    fn recorded(&self) -> Vec<Recorded> {
        let events = self.launch.events();
        events.into_iter().map(|event| serde_json::from_value(event).unwrap()).collect()
    }
}

/// The journal, folded.
fn folded(events: &[Recorded], head: u64) -> Value {
    let (first, rest) = events.split_first().unwrap();
    let mut state = LaunchState::open(first).unwrap();
    rest.iter().filter(|event| event.seq.0 <= head).for_each(|event| state.apply(event));
    serde_json::to_value(state).unwrap()
}

/// What the engine has, and what its journal says that it has.
fn the_journal_says_the_same(night: &Night) {
    let client = Client::come(&night.launch);
    let state = client.state();
    let head = state.head.0;
    let own = serde_json::to_value(state).unwrap();
    drop(client);
    assert_eq!(own, folded(&night.recorded(), head), "the state at {head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_hours_with_two_sev3_a_sev1_a_late_handover_an_overdue_check_and_a_killed_engine() {
    let fails = Arc::new(AtomicBool::new(false));
    let broken = fails.clone();
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/health" if broken.load(Ordering::SeqCst) => Reply::text(500, "text/plain", "no"),
        _ => Reply::text(200, "text/plain", "ok"),
    })
    .await;
    tokio::task::spawn_blocking(move || thirty_hours(&Night::start(web, fails))).await.unwrap();
}

fn thirty_hours(night: &Night) {
    let begun = std::time::Instant::now();
    let mut expected = Vec::new();
    night.by("ana", &["run", "switch"]);
    night.until(at(3, 5));
    night.by("mia", &["done", "round", "all quiet"]);

    // A typo: the chat hears of it, nobody else.
    let opened = night.by("mia", &["severity", "3", "a typo on the page"]);
    night.until(at(5, 0));
    let on_it = night.by("mia", &["respond", "1"]);
    night.until(at(6, 5));
    night.by("mia", &["done", "round"]);
    let closed = night.by("mia", &["close", "1", "corrected"]);
    expected.extend([
        ("chat", "trigger", "a typo on the page", opened),
        ("chat", "acknowledge", "a typo on the page", on_it),
        ("chat", "resolve", "a typo on the page", closed),
    ]);

    // The first handover is in time.
    night.until(at(9, 5));
    night.by("mia", &["done", "round"]);
    let written = night.by("mia", &["handover", "a quiet day"]);
    let accepted = night.by("ben", &["accept"]);
    expected.extend([
        ("mail", "trigger", "Mia writes the handover", at(9, 0)),
        ("mail", "resolve", "Mia writes the handover", written),
        ("mail", "trigger", "a quiet day", written),
        ("mail", "resolve", "a quiet day", accepted),
    ]);

    // The engine is killed in the middle of it. The next one has the same state, and holds until a person has looked.
    night.until(at(12, 5));
    night.by("ben", &["done", "round"]);
    the_journal_says_the_same(night);
    let before = night.recorded();
    night.launch.kill_engine();
    assert_eq!(night.take_up(), night.launch.id);
    the_journal_says_the_same(night);
    assert_eq!(night.recorded()[..before.len()], before[..], "what was on record is on record");
    night.by("ben", &["release", "nothing was under way"]);

    // Nobody answers the second SEV3 within its four hours. That is read, and wakes nobody. The round of T+15h is
    // forgotten: it is overdue two hours later, and missed when the next one is due.
    let opened = night.by("ben", &["severity", "3", "a slow search"]);
    night.until(at(18, 5));
    let closed = night.by("ben", &["close", "2", "the index was built"]);
    night.by("ben", &["done", "round"]);
    expected.extend([
        ("chat", "trigger", "a slow search", opened),
        ("chat", "resolve", "a slow search", closed),
        ("mail", "trigger", "SEV3 #2: response OVERDUE", opened + at(4, 0)),
        ("mail", "resolve", "SEV3 #2: response OVERDUE", closed),
        ("mail", "trigger", "Round: the check of ", at(17, 0)),
        ("mail", "resolve", "Round: the check of ", at(18, 0)),
    ]);

    // Nobody relieves Ben for two hours. His backup hears of it at once, and he stays.
    night.until(at(21, 5));
    night.by("ben", &["done", "round"]);
    assert_eq!(night.launch.status()["shift"]["who"], "Ben");
    night.until(at(22, 0));
    let written = night.by("ben", &["handover", "the last one was late"]);
    let accepted = night.by("zoe", &["accept"]);
    let stays = "Ben stays on shift; call Zoe, +49 30 4, else the backup Tom, +49 30 5";
    expected.extend(
        ["mail", "backup"]
            .into_iter()
            .flat_map(|channel| [(channel, "trigger", stays, at(21, 0)), (channel, "resolve", stays, accepted)]),
    );
    expected.extend([
        ("mail", "trigger", "Ben writes the handover", at(19, 0)),
        ("mail", "resolve", "Ben writes the handover", written),
        ("mail", "trigger", "the last one was late", written),
        ("mail", "resolve", "the last one was late", accepted),
    ]);

    // Production fails, and who is on call is woken.
    let broke = night.now();
    night.fails.store(true, Ordering::SeqCst);
    let fired = night.when("the trigger", |e| e["event"]["type"] == "trigger-fired");
    let due = broke + 30 * MINUTE;
    assert!((due..due + READING + LATE).contains(&fired), "it failed at {broke}, the trigger fired at {fired}");
    let opened = night.by("zoe", &["severity", "1", "nobody can pay"]);
    // She does not answer it. The backup is told, then the dba is to be called, then those who wait want to know.
    night.until(opened + 45 * MINUTE);
    let on_it = night.by("zoe", &["respond", "3", "it is the database"]);
    night.until(at(24, 5));
    night.by("zoe", &["done", "round", "all but the payments"]);
    night.until(opened + at(3, 15));
    let called = night.by("zoe", &["called", "3", "answered"]);
    let updated = night.by("zoe", &["update", "3", "we go back"]);
    night.by("zoe", &["mitigating", "3"]);
    let back = night.by("ana", &["rollback", "back", "nobody can pay"]);
    wait_for("the command of the way back", || night.launch.path("back").exists().then_some(()));
    night.fails.store(false, Ordering::SeqCst);
    let done = night.when("the end of the way back", |e| e["event"]["type"] == "rollback-done");
    let mitigated = night.by("zoe", &["mitigated", "3"]);
    night.by("zoe", &["release", "we are back"]);
    let closed = night.by("zoe", &["close", "3", "the old one carries it"]);
    let (failing, sev1) = ("down FIRED: api is failing for 30m", "SEV1 #3, opened by zoe");
    for (channel, after) in [("phone", 0), ("mail", 0), ("backup", 30 * MINUTE)] {
        expected.extend([
            (channel, "trigger", failing, fired + after),
            (channel, "resolve", failing, back),
            (channel, "trigger", sev1, opened + after),
            (channel, "acknowledge", sev1, on_it),
            (channel, "resolve", sev1, closed),
        ]);
    }
    let (response, call, update) = ("SEV1 #3: response OVERDUE", "SEV1 #3: call OVERDUE", "SEV1 #3: update OVERDUE");
    expected.extend([
        ("mail", "trigger", response, opened + 30 * MINUTE),
        ("mail", "resolve", response, on_it),
        ("mail", "trigger", call, opened + at(1, 0)),
        ("backup", "trigger", call, opened + at(3, 0)),
        ("mail", "resolve", call, called),
        ("backup", "resolve", call, called),
        ("mail", "trigger", update, opened + at(3, 0)),
        ("mail", "resolve", update, updated),
        ("chat", "trigger", "rollback 1, Back to the old one, started by ana", back),
        ("chat", "resolve", "rollback 1, Back to the old one, started by ana", done),
    ]);

    night.until(at(27, 5));
    night.by("zoe", &["done", "round"]);
    night.until(at(30, 5));
    night.by("zoe", &["done", "round"]);
    let ended = night.by("ana", &["end", "drill", "thirty hours are over"]);
    expected.push(("chat", "trigger", "thirty hours are over", ended));
    compare::messages(night, &expected);
    let sev1 = compare::Sev1 { began: fired - 30 * MINUTE, opened, on_it, mitigated, closed };
    compare::report(night, &sev1, fired);
    // The heart beat in real time, and not while nobody lived.
    let beats = night.web.asked().iter().filter(|asked| asked.path == "/beat").count();
    let seconds = begun.elapsed().as_secs();
    assert!((seconds / 2..seconds + 4).contains(&(beats as u64)), "{beats} beats in {seconds} s");
}
