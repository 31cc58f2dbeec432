//! What the integration tests share: servers that a test starts in a temporary directory on a free loopback port and that
//! end with it, and waiting on conditions instead of sleeping. Not every test uses all of it.
#![allow(dead_code)]

pub mod app;
pub mod hands;
pub mod launch;
pub mod launches;
pub mod line;
pub mod mail;
pub mod nginx;
pub mod picture;
pub mod postgres;
pub mod probe;
pub mod production;
pub mod prometheus;
pub mod proxy;
pub mod redis;
pub mod terminal;
pub mod users;
pub mod web;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A port of the loopback interface that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until `look` gives something, and fails the test with `what` if it never does.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same for what is asked asynchronously.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A program that tests need, by its name or one of the places where Debian puts it. Its absence fails the test.
pub fn program(name: &str, package: &str, places: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(places.iter().map(PathBuf::from));
    dirs.map(|dir| dir.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{name}` is needed for this test: apt-get install {package}"))
}

/// Names what must not fail for want of a right: `second-user`, `namespaces`, `network`. `tests/run` says what it left out.
pub const WITHOUT: &str = "TMINUS_TESTS_WITHOUT";

/// Whether a test does without a right, because whoever runs it said so; then it is not asked for even where it is there.
pub fn goes_without(right: &str) -> bool {
    std::env::var(WITHOUT).is_ok_and(|without| without.split([' ', ',']).any(|word| word == right))
}

/// A right that a test needs. Its absence fails the test, with the ways out.
pub fn right<T>(name: &str, found: Option<T>, how: &str) -> T {
    found.unwrap_or_else(|| panic!("this test needs {how}; to do without it and be told so, set {WITHOUT}={name}"))
}

/// A server's process, killed by its id when it goes out of scope.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a program whose output goes to a log in `dir`.
    pub fn start(mut command: Command, dir: &Path) -> Self {
        let log = dir.join("server.log");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        Self { child, log }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Sends it a signal and waits until it has ended, ten seconds at most.
    pub fn stop(&mut self, signal: rustix::process::Signal) {
        self.signal(signal);
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until a port accepts connections; fails with the log if the process ends instead.
    pub fn wait_for_port(&mut self, port: u16) {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        wait_for(&format!("a server on port {port}; see {}", self.log.display()), || {
            self.check_alive();
            TcpStream::connect(address).ok()
        });
    }

    /// Fails the test with the log if the process has ended.
    pub fn check_alive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the server ended with {status}: {}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
