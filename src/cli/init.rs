//! Process 1 of a container: whatever loses its parent there becomes its child, and nobody else would ever reap it. So it
//! does that alone, beside the engine, and hands signals on.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitCode, ExitStatus};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use tokio::signal::unix::{SignalKind, signal};

/// Tells the engine that everything ends with it.
pub const FLAG: &str = "--contained";

/// Whether this is process 1.
pub fn is_needed() -> bool {
    std::process::id() == 1
}

/// Starts `tminus engine` with the arguments of this process, and ends with it, by its exit status.
pub async fn run() -> io::Result<ExitCode> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (mut hangup, mut child) = (signal(SignalKind::hangup())?, signal(SignalKind::child())?);
    // The first word is the subcommand.
    let mut words: Vec<_> = std::env::args_os().skip(1).collect();
    words.insert(1, FLAG.into());
    let engine = Command::new("/proc/self/exe").arg0("tminus").args(words).spawn()?;
    let engine = Pid::from_child(&engine);
    loop {
        let signal = tokio::select! {
            _ = terminate.recv() => Some(Signal::TERM),
            _ = interrupt.recv() => Some(Signal::INT),
            _ = hangup.recv() => Some(Signal::HUP),
            _ = child.recv() => None,
        };
        if let Some(signal) = signal {
            let _ = kill_process(engine, signal);
        }
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == engine {
                let status = ExitStatus::from_raw(status.as_raw());
                let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
                return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
            }
        }
    }
}
