//! A line between an engine and the world, which a test cuts and mends: a cable between two network namespaces, or, where
//! only what is measured and sent over TCP shall be cut, a relay of the test's own. The world is an HTTP server that writes
//! down what it is asked, and when.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::launch::Launch;
use super::{Server, free_port, program, right, wait_for};

/// A line, the engine at its one end and the world at the other.
pub enum Line {
    /// The engine's namespace, the world's, and a cable that can be pulled.
    Cable(Cable),
    /// A relay on the loopback interface.
    Relay(Relay),
}

impl Line {
    /// Pulls it.
    pub fn cut(&mut self) {
        match self {
            Line::Cable(cable) => cable.say("cut"),
            Line::Relay(relay) => relay.cut(),
        }
    }

    /// Puts it back.
    pub fn mend(&mut self) {
        match self {
            Line::Cable(cable) => cable.say("mend"),
            Line::Relay(relay) => relay.mend(),
        }
    }
}

/// Where the world is for an engine behind a cable.
pub const FAR: &str = "10.77.0.1:8080";

/// Two network namespaces, which end with it.
pub struct Cable {
    script: Child,
    words: Option<ChildStdin>,
}

impl Cable {
    /// How this machine makes a network namespace with a cable to it: as root, or as a user of its own namespace.
    pub fn how() -> &'static [&'static str] {
        let unshare = program("unshare", "util-linux", &["/usr/bin"]);
        let ip = program("ip", "iproute2", &["/usr/sbin", "/sbin"]);
        let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
        let may = |way: &&&[&str]| {
            let mut command = Command::new(&unshare);
            command.args(**way).arg(&ip).args(["link", "add", "name", "cable", "type", "veth", "peer", "name", "end"]);
            command.stderr(Stdio::null()).status().unwrap().success()
        };
        let how = "a network namespace with a virtual cable: root, or a kernel that lets users make namespaces";
        right("network", ways.iter().find(may).copied(), how)
    }

    /// Starts the world, and the engine of a planned launch at the other end.
    pub fn start(launch: &mut Launch) -> Self {
        let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support");
        let engine = launch.command(&[]);
        let mut command = Command::new("unshare");
        command.args(Self::how()).arg("sh").args([support.join("namespace.sh"), support.join("sink.py")]);
        command.arg(FAR.rsplit(':').next().unwrap()).arg(launch.path("asked")).arg(engine.get_program());
        command.args(["engine".as_ref(), launch.path("plan.toml").as_os_str()]);
        command.envs(engine.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let words = script.stdin.take();
        let said = BufReader::new(script.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        launch.id = said.strip_prefix("launch ").unwrap_or_else(|| panic!("{said}")).to_owned();
        Self { script, words }
    }

    fn say(&mut self, word: &str) {
        writeln!(self.words.as_mut().unwrap(), "{word}").unwrap();
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // Both sides end when nothing can be said to them any more.
        drop(self.words.take());
        let _ = self.script.wait();
    }
}

/// A relay to the world. While it is cut it is as silent as a cut cable: nothing is refused and nothing answered.
pub struct Relay {
    /// Where the world is for an engine.
    pub port: u16,
    open: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    _world: Server,
}

impl Relay {
    /// Starts the world and the relay. `dir` has what the world was asked, in `asked`.
    pub fn start(dir: &Path) -> Self {
        let far = free_port();
        let mut command = Command::new("/usr/bin/python3");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/sink.py"));
        command.args(["127.0.0.1", &far.to_string()]).arg(dir.join("asked"));
        let mut world = Server::start(command, dir);
        world.wait_for_port(far);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, streams) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (may, all) = (open.clone(), streams.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if !may.load(Ordering::SeqCst) {
                    all.lock().unwrap().push(near);
                    continue;
                }
                let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, far)) else { return };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to, may) = (from.try_clone().unwrap(), to.try_clone().unwrap(), may.clone());
                    std::thread::spawn(move || pass(from, to, &may));
                }
            }
        });
        Self { port, open, streams, _world: world }
    }

    fn cut(&self) {
        self.open.store(false, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.open.store(true, Ordering::SeqCst);
        // Who waited meanwhile hears that nobody answers, and may try again.
        self.streams.lock().unwrap().clear();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.streams.lock().unwrap().clear();
    }
}

/// Passes bytes on. What comes while the line is cut is lost, and the connection with it.
fn pass(mut from: TcpStream, mut to: TcpStream, open: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        if !open.load(Ordering::SeqCst) {
            // Nobody hears of it: both ends stay as they are until they give up.
            continue;
        }
        if to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// One request that the world had: when, in milliseconds since 1970, and what.
#[derive(Clone, Debug)]
pub struct Had {
    /// When.
    pub at: i64,
    /// The path.
    pub path: String,
    /// The body.
    pub body: String,
}

/// What the world of a launch was asked so far.
pub fn had(launch: &Launch, path: &str) -> Vec<Had> {
    let file: PathBuf = launch.path("asked");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // The last line may be half written.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let all = whole.lines().map(|line| {
        let had: Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| had[key].as_str().unwrap().to_owned();
        Had { at: (had["at"].as_f64().unwrap() * 1000.0) as i64, path: word("path"), body: word("body") }
    });
    all.filter(|had| had.path == path).collect()
}

/// Waits until the world was asked so often.
pub fn wait_had(launch: &Launch, path: &str, count: usize) -> Vec<Had> {
    wait_for(&format!("{count} requests of {path}"), || {
        let all = had(launch, path);
        (all.len() >= count).then_some(all)
    })
}
