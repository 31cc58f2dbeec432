//! The same of `btm` and `htop`, where they are there and a row says something about them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::cost::{memory, watch};
use super::pty::Pty;
use super::rows::{ENDS, LARGE, MIDDLE, SMALL, cheap, colours, end, latency, moves, spread};

/// What a peer showed, by the row's name.
pub type Figures = BTreeMap<String, String>;

/// Another program.
pub struct Peer {
    name: &'static str,
    /// What brings it here.
    install: &'static str,
}

pub const PEERS: &[Peer] = &[
    Peer { name: "btm", install: "cargo install bottom --locked" },
    Peer { name: "htop", install: "apt-get install htop" },
];

/// Up and down through a list of processes.
const KEYS: [&str; 2] = ["\x1b[B", "\x1b[A"];

impl Peer {
    /// Its figures under its name with the version; none where it is not here.
    pub fn measure(&self, span: &impl Fn(u64) -> Duration) -> (&'static str, Figures) {
        let mut figures = Figures::new();
        let Some(program) = found(self.name) else {
            eprintln!("{} is not here: {}", self.name, self.install);
            return (self.name, figures);
        };
        let version = Command::new(&program).arg("--version").output().map(|out| out.stdout).unwrap_or_default();
        eprintln!("{}", String::from_utf8_lossy(&version).lines().next().unwrap_or(self.name));
        let mut say = |what: &str, is: String| {
            eprintln!("{} {what}: {is}", self.name);
            figures.insert(what.to_owned(), is);
        };
        // Settings that somebody made of it stay out.
        let nowhere = tempfile::tempdir().unwrap();
        let mut command = Command::new(&program);
        command.env("HOME", nowhere.path()).env("XDG_CONFIG_HOME", nowhere.path());
        let come = |command: &Command, size| {
            let screen = Pty::start(command, size);
            std::thread::sleep(Duration::from_secs(6));
            screen
        };
        let (mut small, mut large) = (come(&command, SMALL), come(&command, LARGE));
        let (costs, _) = watch(&[&small, &large], None, span(60));
        for ((name, cost), screen) in [("80×24", &costs[0]), ("200×50", &costs[1])].into_iter().zip([&small, &large])
        {
            let is = format!("{}, {:.1} frames/s", cheap(cost), cost.frames_a_second());
            say(&format!("live, all sources, {name}"), is);
            let largest = screen.frames(screen.began).into_iter().max().unwrap_or(0);
            say(&format!("any one frame, {name}"), format!("{largest} B"));
        }
        for (name, screen) in [("80×24", &mut small), ("200×50", &mut large)] {
            say(&format!("key → first byte, all sources, {name}"), spread(&mut latency(screen, KEYS), "ms"));
        }
        let (pss, rss) = memory(large.pid());
        say("client memory", format!("{pss:.1} MiB Pss, {rss:.1} Rss"));
        say("a selection move, 120×36", spread(&mut moves(&mut come(&command, MIDDLE), KEYS), "B"));
        let mut starts: Vec<f64> = (0..20).filter_map(|_| start(&command)).collect();
        say("start → first full frame, 200×50", spread(&mut starts, "ms"));
        for (name, kind) in [("no COLORTERM", 0), ("NO_COLOR", 1)] {
            let mut command = Command::new(&program);
            command.env("HOME", nowhere.path()).env("XDG_CONFIG_HOME", nowhere.path());
            match kind {
                0 => command.env_remove("COLORTERM"),
                _ => command.env("NO_COLOR", "1"),
            };
            let (any, rgb) = colours(&come(&command, LARGE).bytes());
            say(name, if kind == 0 { rgb } else { any }.to_string());
        }
        for (name, signal) in ENDS {
            say(&format!("terminal after {name}"), end(come(&command, SMALL), *signal));
        }
        (self.name, figures)
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo/bin"));
    std::env::split_paths(&path).chain(home).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// From the start to the end of the first frame worth the name, in milliseconds.
fn start(command: &Command) -> Option<f64> {
    let screen = Pty::start(command, LARGE);
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let mut bytes = 0;
        for chunk in screen.since(screen.began) {
            bytes += chunk.bytes.len();
            if bytes >= 1500 {
                return Some((chunk.at - screen.began).as_secs_f64() * 1e3);
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}
