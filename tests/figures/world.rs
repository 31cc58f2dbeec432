//! What is measured against: servers on the loopback interface whose values move, a plan that asks them, and its engine.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// How the sources of a plan are.
#[derive(Clone, Copy, PartialEq)]
pub enum Sources {
    /// They are asked each 1 to 5 seconds, and answer something new.
    Busy,
    /// They were asked once.
    Still,
    /// So are all but one, which is asked each second and answers the same.
    One,
    /// They take the connection and never answer, or refuse it.
    Dead,
}

/// A production of its own: health endpoints, and a Prometheus.
pub struct Server {
    address: String,
    dead: TcpListener,
    failing: Arc<AtomicBool>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let failing = Arc::new(AtomicBool::new(false));
        let fails = failing.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let fails = fails.clone();
                std::thread::spawn(move || answer(stream, fails.load(Ordering::Relaxed)));
            }
        });
        // Nobody accepts: the kernel does, and that is all.
        let dead = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        Self { address, dead, failing }
    }

    /// Errors from now on, or no more.
    pub fn fail(&self, fails: bool) {
        self.failing.store(fails, Ordering::Relaxed);
    }
}

fn answer(mut stream: TcpStream, fails: bool) {
    let mut request = String::new();
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    if BufReader::new(&stream).read_line(&mut request).is_err() {
        return;
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let wave = |seed: f64| (now / (7.0 + seed)).sin() * 0.4 + (now * 1.7 + seed * 3.1).sin() * 0.3 + 1.0;
    let seed = path.bytes().map(f64::from).sum::<f64>() % 17.0;
    let body = match path.split_once("query=") {
        None => {
            std::thread::sleep(Duration::from_millis((wave(seed) * 40.0) as u64));
            r#"{"status":"ok","version":"v1.0.0"}"#.to_owned()
        }
        Some((_, query)) => {
            let both = ["blue", "green"].as_slice();
            let (of, slots) = match query.split(['_', '&']).next().unwrap_or_default() {
                "steady" => (if fails { 0.5 } else { 0.002 }, both),
                "errors" | "checkout" => (0.002 * wave(seed), both),
                "share" => (0.25 * wave(seed), both),
                "p95" => (0.18 * wave(seed), both),
                "lag" => (0.6 * wave(seed), ["replica"].as_slice()),
                _ => ((120.0 * wave(seed)).round(), ["all"].as_slice()),
            };
            let one = |slot: &&str| format!(r#"{{"metric":{{"slot":"{slot}"}},"value":[{now},"{of:.6}"]}}"#);
            let all: Vec<String> = slots.iter().map(one).collect();
            format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#, all.join(","))
        }
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length";
    let _ = write!(stream, "{head}: {}\r\n\r\n{body}", body.len());
}

/// Thirty sources and forty steps, four triggers, a way back.
pub fn plan(server: &Server, sources: Sources) -> String {
    let mut plan = String::from(HEAD);
    let base = match sources {
        Sources::Dead => server.dead.local_addr().unwrap().to_string(),
        _ => server.address.clone(),
    };
    let mut asked = 0;
    let mut every = || {
        asked += 1;
        match sources {
            Sources::Still | Sources::One => "1h".to_owned(),
            Sources::Busy | Sources::Dead => format!("{}s", asked % 5 + 1),
        }
    };
    for n in 1..=12 {
        // Every third dead one refuses at once.
        let base = if sources == Sources::Dead && n % 3 == 0 { "127.0.0.1:9" } else { &base };
        let _ = write!(
            plan,
            "[[probe]]\nid = \"service-{n}\"\nevery = \"{}\"\nhttp = {{ url = \"http://{base}/health/{n}\", version = \"$.version\" }}\n\
             warn = \"latency > 800ms for 10s\"\ncritical = \"is failing for 10s\"\n",
            every()
        );
    }
    let some = |name: &'static str| (1..=7).map(move |n| format!("{name}-{n}"));
    let errors = ["errors", "checkout"].map(|id| (id.to_owned(), "errors", "ratio", ERRORS)).into_iter();
    let measured = errors
        .chain([("p95".to_owned(), "health", "s", ""), ("share".to_owned(), "health", "ratio", "")])
        .chain(some("lag").map(|id| (id, "replication", "s", "warn = \"> 5s for 1m\"")))
        .chain(some("queue").map(|id| (id, "queues", "count", "warn = \"> 5000 for 1m\"")));
    for (id, pane, unit, limits) in measured {
        let (every, query) = match (id.as_str(), sources) {
            ("errors", Sources::One) => ("1s".to_owned(), "steady".to_owned()),
            _ => (every(), id.replace('-', "_")),
        };
        let _ = write!(
            plan,
            "[[probe]]\nid = \"{id}\"\npane = \"{pane}\"\nevery = \"{every}\"\n\
             prometheus = {{ url = \"http://{base}\", query = \"{query}\", unit = \"{unit}\" }}\n{limits}\n"
        );
    }
    for phase in 1..=8 {
        let _ = write!(plan, "[[phase]]\nid = \"phase-{phase}\"\ntitle = \"Part {phase} of the launch\"\n");
        for step in 1..=5 {
            let _ = write!(
                plan,
                "  [[phase.step]]\n  id = \"step-{phase}-{step}\"\n  title = \"Step {step} of part {phase}\"\n  owner = \"ops\"\n  estimate = \"5m\"\n"
            );
        }
    }
    plan + TAIL
}

const ERRORS: &str = "warn = \"> 4%\"\ncritical = \"> 5%\"";

const HEAD: &str = r#"[plan]
name = "Wallet service"
version = "v1.0.0"
environment = "production"
rollback = "traffic"

[roles]
lead = { name = "Ana" }
ops = { name = "Ben" }

"#;

const TAIL: &str = r#"
[[trigger]]
id = "errors-6"
when = "errors > 6% for 10m"
action = "propose"
rollback = "traffic"

[[trigger]]
id = "errors-8"
when = "errors > 8% for 5m"
action = "propose"
rollback = "traffic"

[[trigger]]
id = "behind"
when = "lag-1 > 30s for 5m"
action = "consider"

[[trigger]]
id = "queues"
when = "queue-1 > 9000 for 5m"
action = "consider"

[rollback.traffic]
title = "Traffic back to blue"
estimate = "2m"
require = ["service-1 is ok"]

  [[rollback.traffic.step]]
  id = "to-blue"
  title = "Balancer to blue"
  owner = "ops"
"#;

/// A launch whose engine runs, in a directory of its own. The engine ends with it.
pub struct Launch {
    binary: PathBuf,
    dir: TempDir,
    id: String,
}

impl Launch {
    pub fn new(binary: &std::path::Path, plan: &str, further: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.toml");
        std::fs::write(&file, plan).unwrap();
        let mut launch = Self { binary: binary.to_owned(), dir, id: String::new() };
        let mut args = vec!["launch", file.to_str().unwrap(), "--headless"];
        args.extend(further);
        launch.id = launch.tminus(&args);
        // Before the first step a card says what is to be made ready.
        launch.tminus(&["do", "tick", "step-1-1"]);
        launch
    }

    /// The binary for this launch, not yet run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).env("TMINUS_STATE", self.dir.path().join("state")).env("HOME", self.dir.path());
        for name in ["TMINUS_LAUNCH", "TMINUS_AS", "TMINUS_THEME", "TMINUS_KEYS", "TMINUS_ALERTS", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        command
    }

    /// The screen.
    pub fn attach(&self) -> Command {
        self.command(&["attach"])
    }

    /// A command that must succeed; what it says.
    pub fn tminus(&self, args: &[&str]) -> String {
        let out = self.command(args).stdin(Stdio::null()).output().unwrap();
        assert!(out.status.success(), "{args:?}: {out:?}");
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// How much its directory takes on disk, in MiB.
    pub fn disk(&self) -> f64 {
        let files = std::fs::read_dir(self.dir.path().join("state").join(&self.id)).into_iter().flatten().flatten();
        let blocks: u64 = files.filter_map(|file| file.metadata().ok()).map(|file| file.blocks()).sum();
        blocks as f64 * 512.0 / f64::from(1 << 20)
    }

    /// Its plan's file.
    pub fn plan(&self) -> String {
        self.dir.path().join("plan.toml").display().to_string()
    }

    /// The engine's process.
    pub fn engine(&self) -> Option<u32> {
        let lock = self.dir.path().join("state").join(&self.id).join("lock");
        std::fs::read_to_string(lock).ok()?.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Launch {
    fn drop(&mut self) {
        let pid = self.engine().and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}
