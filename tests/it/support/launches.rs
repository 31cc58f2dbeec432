//! Launches of a test's own: the built binary with a state directory that ends with the test, engines included.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::{Pid, Signal};
use tminus::core::event::{Event, Recorded};

/// A state directory.
pub struct Launches {
    dir: tempfile::TempDir,
}

impl Launches {
    /// An empty one.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// The binary with some arguments, not yet run.
    pub fn tminus<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tminus"));
        command.args(args).env("TMINUS_STATE", self.dir.path());
        for name in ["TMINUS_AS", "TMINUS_LAUNCH", "TMINUS_THEME", "TMINUS_KEYS"] {
            command.env_remove(name);
        }
        command
    }

    /// What the binary says.
    pub fn run(&self, args: &[&str]) -> Output {
        self.tminus(args).output().unwrap()
    }

    /// An order from the command line, which must be taken.
    pub fn order(&self, words: &[&str]) {
        let out = self.tminus(["do"].iter().chain(words)).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}{}", text(&out.stdout), text(&out.stderr));
    }

    /// The journal of the only live launch.
    pub fn events(&self) -> Vec<Event> {
        let out = self.run(&["log", "--json"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let lines = text(&out.stdout);
        lines.lines().map(|line| serde_json::from_str::<Recorded>(line).unwrap().event).collect()
    }

    /// Waits until the journal has such an event.
    pub fn wait_for(&self, what: &str, is: impl Fn(&Event) -> bool) {
        super::wait_for(what, || self.events().iter().any(&is).then_some(()));
    }

    /// The processes of all engines that hold a lock here.
    pub fn engines(&self) -> Vec<Pid> {
        self.processes("engine")
    }

    /// The processes that hold the commands of steps.
    pub fn supervisors(&self) -> Vec<Pid> {
        self.processes("step")
    }

    /// The processes of one subcommand.
    fn processes(&self, subcommand: &str) -> Vec<Pid> {
        let mine = |pid: &i32| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let has = |bytes: &[u8], part: &str| bytes.split(|b| *b == 0).any(|word| word == part.as_bytes());
            has(&environment, &format!("TMINUS_STATE={}", self.dir.path().display())) && has(&command, subcommand)
        };
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
        pids.filter(mine).filter_map(Pid::from_raw).collect()
    }

    /// The directory of the only launch.
    pub fn directory(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.dir.path()).unwrap().flatten().map(|e| e.path());
        let mut launches: Vec<PathBuf> = entries.filter(|path| path.join("journal.db").exists()).collect();
        assert_eq!(launches.len(), 1, "{launches:?}");
        launches.remove(0)
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Launches {
    fn drop(&mut self) {
        for engine in self.engines() {
            let _ = rustix::process::kill_process(engine, Signal::KILL);
        }
    }
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
