//! No secret of a plan comes out: known ones are planted in every place that can hold one, all of it is run against servers
//! and commands that say them again in every form, and every byte that came out is searched.

mod needles;
mod plan;
mod restart;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use needles::Needles;
use serde_json::{Value, json};

use crate::support::launches::{Launches, text};
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;
use crate::support::terminal::Terminal;
use crate::support::{free_port, wait_for};

/// What stands for a secret.
const MASK: &str = "••••••";

/// All that came out, by where.
type Out = BTreeMap<String, Vec<u8>>;

/// A launch with its secrets, and its servers.
struct Planted {
    launches: Launches,
    dir: tempfile::TempDir,
    values: BTreeMap<String, String>,
    _servers: (Postgres, Redis),
}

impl Planted {
    /// The binary in the shell of the person who has the secrets.
    fn tminus(&self, args: &[&str]) -> Command {
        let mut command = self.launches.tminus(args);
        for (name, value) in &self.values {
            command.env(variable(name), value);
        }
        command.env("TMINUS_LOG", "trace").env("RUST_BACKTRACE", "full").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// What it says, into `out`.
    fn keep(&self, args: &[&str], out: &mut Out) {
        let said = self.tminus(args).output().unwrap();
        out.insert(args.join(" "), [said.stdout, said.stderr].concat());
    }

    fn step(&self, step: &str) -> Value {
        let status = self.tminus(&["status", "--json"]).output().unwrap();
        serde_json::from_slice::<Value>(&status.stdout).unwrap()["steps"][step]["is"].clone()
    }
}

/// The environment variable of a secret.
fn variable(name: &str) -> String {
    format!("LEAKS_{}", name.to_uppercase())
}

/// A value for a secret that is found again, with characters that every encoding changes.
fn value(name: &str) -> String {
    let back: String = name.chars().rev().collect();
    format!("{name}-\"<7/+~>?'{back}")
}

/// The values, and what of them is to be found nowhere either: a password, a path.
fn values(web: u16, down: u16, postgres: u16, redis: u16) -> (BTreeMap<String, String>, Vec<(&'static str, String)>) {
    let mut values: BTreeMap<String, String> =
        plan::NAMES.iter().map(|name| ((*name).to_owned(), value(name))).collect();
    for name in ["step", "number", "siren"] {
        values.entry(name.to_owned()).or_default().push_str(" ü€");
    }
    let encoded = |name: &str| needles::urls(&value(name)).remove(0);
    let path = |name: &str| format!("/{name}/services/T000/{}", encoded(name));
    values.insert("tcp".into(), format!("localhost:{down}"));
    values.insert("postgres".into(), format!("postgres://postgres:{}@127.0.0.1:{postgres}/postgres", encoded("word")));
    values.insert("redis".into(), format!("redis://:{}@127.0.0.1:{redis}", encoded("redis")));
    for name in ["beat", "hook", "slack"] {
        values.insert(name.into(), format!("http://LOCALHOST:{web}{}", path(name)));
    }
    let key = (0..6).map(|n| format!("{n}MIIEpAIBAAKCAQEA{n}KeyKeyKey/Key+{n}"));
    values.insert("key".into(), key.collect::<Vec<_>>().join("\n"));
    let mut all: Vec<(&str, String)> = plan::NAMES.iter().map(|name| (*name, values[*name].clone())).collect();
    all.extend([("word of postgres", value("word")), ("word of redis", value("redis"))]);
    all.extend(["beat", "hook", "slack"].map(|name| (name, path(name))));
    all.extend(values["key"].lines().map(|line| ("line of key", line.to_owned())));
    (values, all)
}

/// The command lines of all processes, for as long as `goes`.
fn command_lines(goes: Arc<AtomicBool>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut seen = BTreeSet::new();
        while goes.load(Ordering::Relaxed) {
            for process in std::fs::read_dir("/proc").unwrap().flatten() {
                seen.extend(std::fs::read(process.path().join("cmdline")));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        seen.into_iter().collect::<Vec<_>>().join(&b'\n')
    })
}

/// Follows the launch, or a run's output, over the bare socket until the engine hangs up.
fn follow(dir: &Path, run: Option<&str>, into: &Arc<Mutex<Vec<u8>>>) -> std::thread::JoinHandle<()> {
    let mut stream = UnixStream::connect(dir.join("engine.sock")).unwrap();
    let hello = json!({ "say": "hello", "proto": 1, "version": "test", "as": "tester" });
    let watch = json!({ "say": "watch", "output": run.map(|run| (run, 0)) });
    stream.write_all(format!("{hello}\n{watch}\n").as_bytes()).unwrap();
    let into = into.clone();
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(n @ 1..) = stream.read(&mut bytes) {
            into.lock().unwrap().extend_from_slice(&bytes[..n]);
        }
    })
}

/// Every file under a directory.
fn files(dir: &Path, out: &mut Out) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.is_file() {
            out.insert(path.display().to_string(), std::fs::read(&path).unwrap_or_default());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_secrets_in_every_place_come_out_nowhere() {
    let down = free_port();
    let (postgres, redis) = tokio::task::spawn_blocking(|| {
        let word = serde_json::to_string(&value("redis")).unwrap();
        (Postgres::primary(), Redis::start(&[&format!("requirepass {word}")]))
    })
    .await
    .unwrap();
    // The server's address is in what it is to say.
    let known = Arc::new(OnceLock::new());
    let web = world::web(known.clone()).await;
    let (values, all) = values(web.address.port(), down, postgres.port, redis.port);
    known.set(values.clone()).unwrap();
    let address = web.address.to_string();
    let run = move || run_all(&address, values, &all, (postgres, redis));
    let used = tokio::task::spawn_blocking(run).await.unwrap();
    // They were in use: each server was told what it says again.
    let told = web.asked().into_iter().map(|a| {
        let headers = a.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
        format!("{} {}\n{headers}\n{}\n", a.method, a.path, a.body)
    });
    let told = told.collect::<String>();
    for name in ["header", "body", "file", "prometheus", "sentry", "outside", "hook_header", "pager"] {
        let known = [used[name].clone(), serde_json::to_string(&used[name]).unwrap().trim_matches('"').to_owned()];
        assert!(known.iter().any(|text| told.contains(text)), "{name} was never sent");
    }
    for path in ["/redirect", "/beat/", "/hook/", "/slack/", "/pager/"] {
        assert!(told.contains(path), "{path} was never asked");
    }
}

/// Runs everything, and searches what came out. Gives the values.
fn run_all(
    web: &str,
    values: BTreeMap<String, String>,
    all: &[(&str, String)],
    servers: (Postgres, Redis),
) -> BTreeMap<String, String> {
    let (postgres, _) = &servers;
    let quoted = values["postgres"].replace('\'', "''");
    let word = value("word").replace('\'', "''");
    postgres.must(&format!(
        "create function leak() returns int language plpgsql as $$ begin raise notice using message = '{quoted}'; \
         raise exception using message = 'no entry for {word} or {quoted}'; end $$",
    ));
    let dir = tempfile::tempdir().unwrap();
    let mail = world::mail(values.clone());
    let names = plan::NAMES.iter().filter(|name| !["file", "key"].contains(name));
    let secrets: Vec<String> = names.map(|name| format!("{name} = \"${{env:{}}}\"", variable(name))).collect();
    let written = plan::PLAN.replace("SECRETS", &secrets.join("\n")).replace("WEB", web);
    let written = written.replace("SMTP", &mail.to_string()).replace("DIR", &dir.path().display().to_string());
    let file = dir.path().join("plan.toml");
    std::fs::write(&file, written).unwrap();
    std::fs::write(dir.path().join("said.py"), plan::SAID.replace("NAMES", &plan::NAMES.join(" "))).unwrap();
    for name in ["file", "key"] {
        std::fs::write(dir.path().join(name), format!("{}\n", values[name])).unwrap();
    }
    let goes = Arc::new(AtomicBool::new(true));
    let lines = command_lines(goes.clone());
    let planted = Planted { launches: Launches::new(), dir, values, _servers: servers };
    let mut out = everything(&planted, file.to_str().unwrap());
    goes.store(false, Ordering::Relaxed);
    out.insert("command lines".to_owned(), lines.join().unwrap());
    files(planted.launches.dir(), &mut out);

    let needles = Needles::of(all);
    let leaks: Vec<String> = out
        .iter()
        .flat_map(|(place, bytes)| needles.found(bytes).into_iter().map(move |leak| format!("{place}: {leak}")))
        .collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    // There was something to mask in each.
    for place in [
        "log",
        "log --json",
        "report",
        "report --json",
        "status",
        "status --json",
        "check --probe",
        "do explain",
        "wire",
        "screen",
        "plain",
        "engine.log",
        "said.do.1/output",
        "pieces.do.1/output",
        "all.do.1/output",
        "said.undo.1/output",
        "asks.do.1/output",
        "journal.db",
    ] {
        let masked = |bytes: &[u8]| text(bytes).contains(MASK) || text(bytes).contains(&"\\u2022".repeat(6));
        let found = out.iter().filter(|(name, _)| name.contains(place)).any(|(_, bytes)| masked(bytes));
        let all: Vec<&String> = out.keys().collect();
        assert!(found, "nothing was masked in {place}: {:?} {all:#?}", out.get(place).map(|b| text(b)));
    }
    assert!(text(&out["command lines"]).contains("said.py"));
    planted.values
}

/// Does all that can be done with a launch. What came out of it, but for what is in files.
fn everything(planted: &Planted, file: &str) -> Out {
    let mut out = Out::new();
    for options in [&[][..], &["--json"], &["--probe"], &["--probe", "--json"], &["--sheet"]] {
        planted.keep(&[&["check"], options, &[file]].concat(), &mut out);
    }
    let begun = planted.tminus(&["launch", file, "--headless", "--as", "ana"]).output().unwrap();
    assert!(begun.status.success(), "{}", text(&begun.stderr));
    let dir = planted.launches.directory();
    let wire = Arc::new(Mutex::new(Vec::new()));
    let mut followers = vec![follow(&dir, None, &wire)];
    let mut screen = Terminal::start(&planted.tminus(&["attach", "--as", "ana"]), 200, 60);
    let mut plain = planted.tminus(&["attach", "--plain", "--as", "ana"]);
    let mut plain = plain.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("a screen", || (!screen.screen().trim().is_empty()).then_some(()));
    screen.keys("\u{1b}");

    let order = |words: &[&str]| {
        let said = planted.tminus(&[&["do", "--as", "ana"], words].concat()).output().unwrap();
        format!("{}{}", text(&said.stdout), text(&said.stderr))
    };
    let ended = |run: &str| {
        let mut runs = std::fs::read_dir(dir.join("runs")).unwrap().flatten().map(|run| run.path());
        runs.find(|path| path.display().to_string().contains(run) && path.join("end").exists())
    };
    let mut said = String::new();
    for step in ["all", "said", "pieces", "keeps"] {
        said += &order(&["run", step, "--wait"]);
        screen.keys("9");
        followers.push(follow(&dir, Some(&format!("{step}.do.1")), &wire));
    }
    said += &order(&["run", "asks"]);
    wait_for("the question", || {
        let asks = planted.tminus(&["status", "--json"]).output().unwrap();
        said += &text(&asks.stdout);
        text(&asks.stdout).contains("is it").then_some(())
    });
    screen.keys("o");
    said += &order(&["input", "asks", "yes"]);
    said += &order(&["severity", "1", "all is lost"]);
    said += &order(&["run", "gate"]);
    said += &order(&["run", "fails", "--wait"]);
    assert_eq!(planted.step("fails"), "failed", "{said}");
    wait_for("what channels say of their failure is on record", || {
        let log = planted.tminus(&["log"]).output().unwrap();
        ["hook", "team", "oncall", "mail", "siren"]
            .iter()
            .all(|channel| text(&log.stdout).matches(channel).count() > 1)
            .then_some(())
    });
    for keys in ["4", "z", "z", "3", "6", "7", "8", "b", "I", "Y", "\u{1b}", "1", "o", "\u{1b}", "?", "\u{1b}"] {
        screen.keys(keys);
        std::thread::sleep(Duration::from_millis(80));
    }
    let all: &[&[&str]] = &[
        &["status"],
        &["status", "--json"],
        &["do", "explain"],
        &["do", "explain", "fails"],
        &["do", "explain", "header"],
        &["do", "explain", "back"],
        &["do", "diff"],
        &["do", "env", "step"],
        &["log"],
        &["ls"],
        &["ls", "--json"],
    ];
    all.iter().for_each(|args| planted.keep(args, &mut out));
    for engine in planted.launches.engines() {
        rustix::process::kill_process(engine, rustix::process::Signal::KILL).unwrap();
    }
    let again = planted.tminus(&["launch", file, "--headless", "--as", "ana"]).output().unwrap();
    assert!(again.status.success(), "{}", text(&again.stderr));
    followers.push(follow(&dir, None, &wire));
    said += &order(&["release", "of", "engine", "seen"]);
    said += &order(&["rollback", "back", "it leaks"]);
    wait_for("the way back", || ended("switch"));
    // The way back before it is at its end a moment after its last command.
    wait_for("the undo that fails", || {
        said += &order(&["rollback", "all", "it leaks still"]);
        ended("said.undo")
    });
    said += &order(&["explain"]);
    planted.keep(&["status"], &mut out);
    said += &order(&["end", "test", "enough"]);
    let all: &[&[&str]] = &[
        &["log"],
        &["log", "--json"],
        &["report"],
        &["report", "--json"],
        &["report", "--estimates"],
        &["status", "--json"],
    ];
    let id = text(&begun.stdout);
    all.iter().for_each(|args| planted.keep(&[args, &[id.trim()][..]].concat(), &mut out));
    plain.stdin.as_mut().unwrap().write_all(b"quit\n").unwrap();
    for engine in planted.launches.engines() {
        rustix::process::kill_process(engine, rustix::process::Signal::TERM).unwrap();
    }
    followers.into_iter().for_each(|follower| follower.join().unwrap());
    let plain = plain.wait_with_output().unwrap();
    out.insert("plain".to_owned(), [plain.stdout, plain.stderr].concat());
    out.insert("screen".to_owned(), screen.bytes());
    out.insert("wire".to_owned(), wire.lock().unwrap().clone());
    out.insert("orders".to_owned(), said.into_bytes());
    out.insert("began".to_owned(), [begun.stdout, begun.stderr, again.stdout, again.stderr].concat());
    let _ = planted.dir.path();
    out
}

/// What `a_panic_masks_what_it_says` runs in a process of its own: the product's report of a panic.
#[test]
#[ignore = "it panics, for another test"]
fn panics_by_hand() {
    let secrets = [("token".to_owned(), value("token"))].into();
    tminus::cli::panics::install().unwrap();
    tminus::engine::log::mask(Arc::new(tminus::core::secret::Secrets::new(secrets)));
    let words = value("token");
    let _ = std::thread::spawn(move || panic!("a library says {words}, and {:?}", words)).join();
}

#[test]
fn a_panic_masks_what_it_says() {
    let mut own = Command::new(std::env::current_exe().unwrap());
    own.args(["--ignored", "--exact", "--nocapture", "secrets::panics_by_hand"]);
    let out = own.output().unwrap();
    let said = text(&out.stderr);
    assert!(said.contains(&format!("a library says {MASK}, and \"{MASK}\"")), "{said}");
    let leaks = Needles::of(&[("token", value("token"))]).found(&[out.stdout, out.stderr].concat());
    assert!(leaks.is_empty(), "{leaks:?}");
}
