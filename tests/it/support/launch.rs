//! One launch of a plan that has everything an engine does, driven by the built binary as from a shell, and by bare JSON
//! lines over its socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tminus::core::ids::{OrderId, Seq};
use tminus::core::launch::LaunchState;
use tminus::core::order::{Rejection, What};
use tminus::wire::message::{Answer, ClientMessage, EngineMessage, Query};

use super::{PATIENCE, wait_for};

/// Steps that print a secret, wait for a file, ask, have boxes, soak; a gate; a way back.
pub const PLAN: &str = r#"
[plan]
name = "Engine test"
version = "v1"
environment = "test"
rollback = "back"

[vars]
site = "http://127.0.0.1:1"
flags = "/nowhere"
colour = "blue"

[secrets]
token = "${env:ENGINE_TEST_TOKEN}"

[roles]
lead = { name = "Ana" }

[[probe]]
id = "api"
every = "200ms"
http = { url = "${site}/health" }
critical = "is failing for 1s"

[[phase]]
id = "deploy"
title = "Deploy"

  [[phase.step]]
  id = "greet"
  owner = "lead"
  run = 'echo "$token in $TMINUS_STEP of $TMINUS_LAUNCH"'
  undo = "echo undone > \"$flags/undone\""

  [[phase.step]]
  id = "slow"
  owner = "lead"
  run = 'echo begun; echo x >> "$flags/starts"; until [ -e "$flags/go" ]; do sleep 0.05; done; echo ended; exit 7'

  [[phase.step]]
  id = "asks"
  owner = "lead"
  input = true
  run = 'read -r -p "which? " answer; echo "took ${#answer} letters"'

  [[phase.step]]
  id = "boxes"
  owner = "lead"
  items = ["One", "Two"]

  [[phase.step]]
  id = "settle"
  owner = "lead"
  verify = ["api is ok"]
  soak = "1s"

  [[phase.step]]
  id = "go-on"
  owner = "lead"
  require = ["api is ok"]
  poll = ["lead"]

  [[phase.step]]
  id = "after"
  owner = "lead"

[rollback.back]
title = "Back"
estimate = "1m"
undoes = ["greet"]

  [[rollback.back.step]]
  id = "switch"
  title = "Switch back"
  run = "echo back > \"$flags/back\""
"#;

/// A launch in a state directory of its own. Its engine, and what its commands left, end with it.
pub struct Launch {
    pub dir: TempDir,
    pub id: String,
}

impl Launch {
    pub fn new(site: &str) -> Self {
        let mut launch = Self::planned(PLAN);
        launch.id = launch.start(site);
        launch
    }

    /// A plan in a directory of its own, not launched yet.
    pub fn planned(plan: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("plan.toml"), plan).unwrap();
        Self { dir, id: String::new() }
    }

    /// The binary for this launch, not yet run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tminus"));
        command.args(args).env("TMINUS_STATE", self.path("state")).env("ENGINE_TEST_TOKEN", "hunter22");
        command.env_remove("TMINUS_LAUNCH").env_remove("TMINUS_AS").stdin(Stdio::null());
        command
    }

    pub fn start(&self, site: &str) -> String {
        let flags = format!("flags={}", self.dir.path().display());
        let plan = self.path("plan.toml").display().to_string();
        let mut args = vec!["launch", &plan, "--headless", "--var", &flags];
        let of_site = format!("site={site}");
        if !site.is_empty() {
            args.extend(["--var", &of_site]);
        }
        let out = self.tminus(&args);
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn directory(&self) -> PathBuf {
        self.path("state").join(&self.id)
    }

    pub fn tminus(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// An order: its exit status and its answer.
    pub fn order(&self, words: &[&str]) -> (i32, Value) {
        let mut args = vec!["do", "--json"];
        args.extend(words);
        let out = self.tminus(&args);
        let answer = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
        (out.status.code().unwrap(), answer)
    }

    pub fn taken(&self, words: &[&str]) {
        let (status, answer) = self.order(words);
        assert_eq!(status, 0, "{words:?}: {answer}");
    }

    pub fn status(&self) -> Value {
        serde_json::from_slice(&self.tminus(&["status", "--json"]).stdout).unwrap()
    }

    pub fn step(&self, step: &str) -> String {
        self.status()["steps"][step]["is"].as_str().unwrap().to_owned()
    }

    pub fn until(&self, step: &str, is: &str) {
        wait_for(&format!("{step} is {is}"), || (self.step(step) == is).then_some(()));
    }

    pub fn events(&self) -> Vec<Value> {
        let out = self.tminus(&["log", "--json", &self.id]);
        assert!(out.status.success(), "{out:?}");
        out.stdout.lines().map(|l| serde_json::from_str(&l.unwrap()).unwrap()).collect()
    }

    pub fn count(&self, kind: &str) -> usize {
        self.events().iter().filter(|e| e["event"]["type"] == kind).count()
    }

    pub fn engine(&self) -> Option<i32> {
        let text = std::fs::read_to_string(self.directory().join("lock")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    }

    pub fn kill_engine(&self) {
        let pid = self.engine().unwrap();
        kill(pid);
        wait_for("the engine's death", || {
            UnixStream::connect(self.directory().join("engine.sock")).is_err().then_some(())
        });
    }

    /// Somebody starts a dead engine again and looks, which releases nothing.
    pub fn looked_at(&self) {
        let plan = self.path("plan.toml").display().to_string();
        assert!(self.tminus(&["launch", &plan, "--headless"]).status.success());
    }

    pub fn output(&self, run: &str) -> String {
        std::fs::read_to_string(self.directory().join("runs").join(run).join("output")).unwrap_or_default()
    }

    pub fn socket(&self) -> UnixStream {
        let socket = UnixStream::connect(self.directory().join("engine.sock")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket
    }
}

impl Drop for Launch {
    fn drop(&mut self) {
        let _ = std::fs::write(self.path("go"), "");
        self.engine().into_iter().for_each(kill);
        for run in std::fs::read_dir(self.directory().join("runs")).into_iter().flatten().flatten() {
            let claim = std::fs::read_to_string(run.path().join("claim")).unwrap_or_default();
            if !run.path().join("end").exists() {
                claim.trim().parse().ok().into_iter().for_each(kill);
            }
        }
    }
}

pub fn kill(pid: i32) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

pub fn lines(stream: &UnixStream) -> impl Iterator<Item = Value> + use<> {
    let until = Instant::now() + PATIENCE;
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    // An engine that goes on without the message that a test waits for must not hold the test for ever.
    lines.take_while(move |_| Instant::now() < until).map(|l| serde_json::from_str(&l).unwrap())
}

pub fn say(mut stream: &UnixStream, message: &Value) {
    stream.write_all(format!("{message}\n").as_bytes()).unwrap();
}

pub fn hello() -> Value {
    json!({ "say": "hello", "proto": 1, "version": "test", "as": "tester" })
}

/// A client of the wire that folds what it hears.
pub struct Client {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    state: Option<LaunchState>,
    pieces: String,
    /// The numbers of the events that came, in order.
    pub seen: Vec<u64>,
    asked: u64,
}

impl Client {
    /// Says hello, and reads nothing yet.
    pub fn knock(launch: &Launch) -> Self {
        let stream = launch.socket();
        say(&stream, &hello());
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader, state: None, pieces: String::new(), seen: Vec::new(), asked: 0 }
    }

    /// Says hello and takes the state.
    pub fn come(launch: &Launch) -> Self {
        let mut client = Self::knock(launch);
        client.until(|client, _| client.state.is_some().then_some(()));
        client
    }

    /// Reads messages until one gives something; a test fails where the engine hangs up before.
    pub fn until<T>(&mut self, mut look: impl FnMut(&Self, &EngineMessage) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < until, "it never came");
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "the engine hung up");
            let message: EngineMessage = serde_json::from_str(&line).unwrap();
            match &message {
                EngineMessage::State { json, more } => {
                    self.pieces.push_str(json);
                    if !more {
                        self.state = Some(serde_json::from_str(&std::mem::take(&mut self.pieces)).unwrap());
                    }
                }
                EngineMessage::Event(event) => {
                    self.seen.push(event.seq.0);
                    self.state.as_mut().unwrap().apply(event);
                }
                _ => {}
            }
            if let Some(found) = look(self, &message) {
                return found;
            }
        }
    }

    /// Whether the state is there.
    pub fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// The state as folded so far.
    pub fn state(&self) -> &LaunchState {
        self.state.as_ref().unwrap()
    }

    /// Gives an order and does not wait.
    pub fn gives(&mut self, what: What) -> OrderId {
        self.asked += 1;
        let id = OrderId::from(format!("{:p}-{}", &self.pieces, self.asked));
        say(&self.stream, &serde_json::to_value(ClientMessage::Order { id: id.clone(), what }).unwrap());
        id
    }

    /// Waits for the answer to an order.
    pub fn answer(&mut self, id: &OrderId) -> Result<Seq, Rejection> {
        self.until(|_, m| match m {
            EngineMessage::Reply { id: of, result } if of == id => Some(result.clone()),
            _ => None,
        })
    }

    /// Gives an order and waits for the answer.
    pub fn order(&mut self, what: What) -> Result<Seq, Rejection> {
        let id = self.gives(what);
        self.answer(&id)
    }

    /// Asks something and waits for all parts of the answer.
    pub fn asks(&mut self, what: Query) -> Vec<Answer> {
        self.asked += 1;
        let asked = self.asked;
        say(&self.stream, &serde_json::to_value(ClientMessage::Get { id: asked, what }).unwrap());
        let mut parts = Vec::new();
        self.until(|_, m| match m {
            EngineMessage::Part { id, more, answer } if *id == asked => {
                parts.push(answer.clone());
                (!more).then_some(())
            }
            _ => None,
        });
        parts
    }
}
