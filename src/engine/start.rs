//! The client's side of an engine process: it is started with a pipe as its standard output, on which it says one word
//! when clients can come, or why they can't.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::core::ids::LaunchId;
use crate::paths;
use crate::wire::connect::reach;

/// What the engine says when clients can come, before the launch's id.
const READY: &str = "ready ";

/// Why no engine was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It could not be run.
    #[error("the engine could not be started: {0}")]
    Spawn(#[from] io::Error),
    /// It says why not.
    #[error("{0}")]
    Said(String),
}

/// Starts `tminus engine ARGS --daemon` and waits until clients can come. Answers the launch.
pub fn start(args: &[OsString]) -> Result<LaunchId, StartError> {
    let mut engine = Command::new("/proc/self/exe")
        .arg0("tminus")
        .arg("engine")
        .args(args)
        .arg("--daemon")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = engine.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
    let mut stdout = BufReader::new(stdout);
    let mut said = String::new();
    stdout.read_line(&mut said)?;
    if let Some(id) = said.strip_prefix(READY) {
        // One that ends before us would stand in the list of processes until we do.
        std::thread::spawn(move || engine.wait());
        return Ok(LaunchId::from(id.trim()));
    }
    stdout.read_to_string(&mut said)?;
    let status = engine.wait()?;
    let said = said.trim();
    Err(StartError::Said(if said.is_empty() {
        format!("the engine ended before it was ready ({status}) and did not say why")
    } else {
        said.to_owned()
    }))
}

/// Whether an engine of this launch takes clients.
pub fn listens(id: &LaunchId) -> bool {
    let socket = paths::launch(id).map(|dir| paths::socket(&dir));
    socket.and_then(|socket| reach(&socket, |path| UnixStream::connect(path))).is_ok()
}

/// The engine's first act: away from the terminal and the group that it was started in.
pub fn detach() {
    // It fails only where we lead a group already; then there is no terminal to lose either.
    let _ = rustix::process::setsid();
}

/// Says that clients can come, and lets go of the pipe. What the engine says from now on goes to its log.
pub fn ready(id: &LaunchId, log: Option<&Path>) {
    let mut stdout = io::stdout();
    let _ = writeln!(stdout, "{READY}{id}").and_then(|()| stdout.flush());
    let Ok(null) = std::fs::File::options().read(true).write(true).open("/dev/null") else { return };
    let _ = rustix::stdio::dup2_stdout(&null);
    if let Some(log) = log
        && let Ok(log) = open_log(log)
    {
        let _ = rustix::stdio::dup2_stderr(&log);
    }
}

fn open_log(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Says why clients can't come.
pub fn refuse(error: &dyn std::fmt::Display) {
    println!("{error}");
}
