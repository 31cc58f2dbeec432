//! The process beside a run: `tminus step DIR`, one a command, that holds the command's terminal, appends its output to a
//! file and writes down its end. It outlives the engine, so a deploy survives the engine's death and its exit code is
//! never lost.
//!
//! ```text
//! runs/RUN/claim    made once, held locked while the supervisor lives; its process, or `void`
//! runs/RUN/output   what the command wrote, secrets masked
//! runs/RUN/input    a pipe for lines, for a command with input
//! runs/RUN/end      how it ended, written whole
//! ```
//!
//! The engine, new or restarted, has one path: [`look`]. There is no protocol, so any two versions fit each other.

mod spec;

use std::io;
use std::path::Path;

pub use spec::Spec;

use crate::core::event::RunEnd;

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nobody claimed it. A supervisor may be about to: [`void_claim`] makes sure that none can.
    NeverStarted,
    /// Its supervisor lives.
    Running {
        /// Bytes of output so far.
        output: u64,
    },
    /// Its end is on record.
    Ended {
        /// How it ended.
        end: RunEnd,
        /// Bytes of output.
        output: u64,
        /// It left processes behind in the background.
        left_running: bool,
    },
    /// It was claimed, its supervisor is gone, and no end is on record.
    Interrupted {
        /// Bytes of output.
        output: u64,
    },
}

/// Starts a supervisor for a run whose intent is durable. Makes the directory. When this returns the supervisor has its
/// orders, but may not have claimed yet.
pub fn start(_dir: &Path, _spec: &Spec) -> io::Result<()> {
    unimplemented!()
}

/// How a run stands. Cheap: to be asked ten times a second.
pub fn look(_dir: &Path) -> io::Result<Look> {
    unimplemented!()
}

/// Claims a run that nobody claimed, so that no late supervisor can start it. False where somebody was first: look again.
pub fn void_claim(_dir: &Path) -> io::Result<bool> {
    unimplemented!()
}

/// Asks the supervisor to end the run: the signal to the command, the grace, then kill of all that is left. Its end comes
/// by [`look`]. False where no supervisor lives.
pub fn stop(_dir: &Path) -> io::Result<bool> {
    unimplemented!()
}

/// Sends a line to a command that was started with input. The line is not written down anywhere.
pub fn send_line(_dir: &Path, _line: &str) -> io::Result<()> {
    unimplemented!()
}

/// Up to `max` bytes of output from a byte on, and how long the output is now. A run without output has none.
pub fn read_output(_dir: &Path, _from: u64, _max: usize) -> io::Result<(Vec<u8>, u64)> {
    unimplemented!()
}
