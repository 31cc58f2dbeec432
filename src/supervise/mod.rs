//! The process beside a run: `tminus step DIR`, one a command, that holds the command's terminal, appends its output to a
//! file and writes down its end. It outlives the engine, so a deploy survives the engine's death and its exit code is
//! never lost.
//!
//! ```text
//! runs/RUN/claim    made once, held locked while the supervisor lives; its process, or `void`
//! runs/RUN/command  its process, to find it by where its supervisor is gone
//! runs/RUN/output   what the command wrote, secrets masked
//! runs/RUN/input    a pipe for lines, for a command with input
//! runs/RUN/tty      the name of its terminal, likewise
//! runs/RUN/end      how it ended, written whole
//! ```
//!
//! The engine, new or restarted, has one path: [`look`]. There is no protocol, so any two versions fit each other. A
//! command has a terminal for its output, but no controlling one and no input: prompts fail at once, and servers in the
//! background live on after the step. With `input` it has both; then what it leaves in the background is hung up.

mod children;
mod claim;
mod end;
mod outlived;
mod sink;
mod spec;
mod step;
mod terminal;

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

pub use outlived::outlived;
pub use spec::Spec;
pub use step::{COMMAND, process};

use crate::core::event::RunEnd;
use claim::Standing;

/// How long a command with input must be quiet after words without a line's end to be seen as asking.
const ASKS_AFTER: Duration = Duration::from_secs(1);

/// As much of what a command wrote last is looked at for its question, in bytes.
const LONGEST_PROMPT: u64 = 4096;

/// The longest line of input, in bytes with its end: a terminal takes no longer one.
const LONGEST_LINE: usize = 4095;

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nobody claimed it. A supervisor may be about to: [`void_claim`] makes sure that none can.
    NeverStarted,
    /// Its supervisor lives.
    Running {
        /// Bytes of output so far.
        output: u64,
        /// It can be sent lines and seems to wait for one: its output stands in the middle of a line, or it turned its
        /// terminal's echo off.
        asks: Option<Asks>,
    },
    /// Its end is on record.
    Ended {
        /// How it ended.
        end: RunEnd,
        /// Bytes of output.
        output: u64,
        /// It left processes behind in the background.
        left_running: bool,
        /// Bytes in the midst of its output that were not kept, since it was too long.
        unkept: u64,
    },
    /// It was claimed, its supervisor is gone, and no end is on record.
    Interrupted {
        /// Bytes of output.
        output: u64,
    },
}

/// What a command that waits for a line stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// How long it has written nothing.
    pub quiet: Duration,
    /// What it wrote last, from the beginning of its line on, as it is: colours, returns of the carriage and all.
    pub line: Vec<u8>,
    /// It turned its terminal's echo off: what it asks for is not to be seen.
    pub hidden: bool,
}

/// Starts a supervisor for a run whose intent is durable, and makes its directory. When this returns, the run is claimed.
/// It blocks for a few milliseconds. `AlreadyExists` where somebody else claimed it: nothing runs twice.
pub fn start(dir: &Path, spec: &Spec) -> io::Result<()> {
    // Also right after the file of this program was replaced.
    start_with(Path::new("/proc/self/exe"), dir, spec)
}

/// The same with another program than this one as the supervisor, for tests.
pub fn start_with(program: &Path, dir: &Path, spec: &Spec) -> io::Result<()> {
    let dir = std::path::absolute(dir)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let spec = serde_json::to_vec(spec)?;
    let mut command = Command::new(program);
    command
        .arg0("tminus")
        .arg(COMMAND)
        .arg(&dir)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    // Reaps it, whenever that will be.
    std::thread::Builder::new().name("reap".to_owned()).stack_size(64 * 1024).spawn(move || child.wait())?;
    let (Some(mut stdin), Some(mut stdout)) = (stdin, stdout) else {
        return Err(io::Error::other("the supervisor has no pipes"));
    };
    let told = stdin.write_all(&spec);
    drop(stdin);
    let mut answer = String::new();
    stdout.read_to_string(&mut answer)?;
    match answer.trim_end() {
        step::CLAIMED => Ok(()),
        step::TAKEN => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} was claimed before", dir.display())))
        }
        "" => Err(told.err().unwrap_or_else(|| io::Error::other("the supervisor ended before it claimed the run"))),
        why => Err(io::Error::other(why.to_owned())),
    }
}

/// How a run stands. Cheap: to be asked ten times a second.
pub fn look(dir: &Path) -> io::Result<Look> {
    let standing = claim::standing(dir)?;
    // After the claim: a supervisor that is gone has written all that it will ever write.
    if let Some(end) = end::read(dir)? {
        return Ok(Look::Ended {
            end: end.end,
            output: output_len(dir)?,
            left_running: end.left_running,
            unkept: end.dropped,
        });
    }
    Ok(match standing {
        Standing::None => Look::NeverStarted,
        Standing::Held(_) => Look::Running { output: output_len(dir)?, asks: asks(dir) },
        Standing::Left => Look::Interrupted { output: output_len(dir)? },
        Standing::Void => {
            let why = "the engine stopped between the decision and the start of the command".to_owned();
            Look::Ended { end: RunEnd::NotStarted { why }, output: 0, left_running: false, unkept: 0 }
        }
    })
}

/// The file that claims a run: as old as the run.
pub fn claimed(dir: &Path) -> io::Result<fs::Metadata> {
    fs::metadata(claim::path(dir))
}

/// Claims a run that nobody claimed, so that no late supervisor can start it; from then on it has ended as not started.
/// False where somebody was first: look again.
pub fn void_claim(dir: &Path) -> io::Result<bool> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    claim::make_void(dir)
}

/// Asks the supervisor to end the run: the signal to the command, the grace, then kill of all that is left. Its end comes
/// by [`look`]. Asking again changes nothing. False where no supervisor lives.
pub fn stop(dir: &Path) -> io::Result<bool> {
    let Standing::Held(pid) = claim::standing(dir)? else { return Ok(false) };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("the claim names no process"))?;
    let fd = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::SRCH) => return Ok(false),
        Err(e) => return Err(e.into()),
    };
    // Still held, so the process that we hold now is the one that the claim names.
    let Standing::Held(_) = claim::standing(dir)? else { return Ok(false) };
    pidfd_send_signal(fd, Signal::TERM)?;
    Ok(true)
}

/// Sends a line to a command that was started with input. The line is not written down anywhere: the terminal does not
/// echo it.
pub fn send_line(dir: &Path, line: &str) -> io::Result<()> {
    if line.len() >= LONGEST_LINE || line.contains(['\n', '\0']) {
        return Err(io::Error::other(format!("a line of input is one line of fewer than {LONGEST_LINE} bytes")));
    }
    let Standing::Held(_) = claim::standing(dir)? else { return Err(io::Error::other("the command is not running")) };
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let pipe = fs::OpenOptions::new().write(true).custom_flags(flags).open(dir.join("input"));
    let mut pipe = pipe.map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => io::Error::other("the command takes no input: its step has no `input = true`"),
        _ => e,
    })?;
    if !pipe.metadata()?.file_type().is_fifo() {
        return Err(io::Error::other("the input is no pipe"));
    }
    // In one piece: two people's lines are never mixed.
    pipe.write_all(format!("{line}\n").as_bytes())
}

/// Up to `max` bytes of output from a byte on, and how long the output is now. A run without output has none.
pub fn read_output(dir: &Path, from: u64, max: usize) -> io::Result<(Vec<u8>, u64)> {
    let mut file = match File::open(dir.join("output")) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(e),
    };
    let total = file.metadata()?.len();
    let mut data = Vec::new();
    if from < total {
        file.seek(SeekFrom::Start(from))?;
        file.take(max as u64).read_to_end(&mut data)?;
    }
    Ok((data, total))
}

/// The last bytes of output, at most `max`.
pub fn read_last(dir: &Path, max: u64) -> io::Result<Vec<u8>> {
    let from = output_len(dir)?.saturating_sub(max);
    Ok(read_output(dir, from, usize::try_from(max).unwrap_or(usize::MAX))?.0)
}

fn output_len(dir: &Path) -> io::Result<u64> {
    match fs::metadata(dir.join("output")) {
        Ok(about) => Ok(about.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(e),
    }
}

fn asks(dir: &Path) -> Option<Asks> {
    if !dir.join("input").exists() {
        return None;
    }
    let about = fs::metadata(dir.join("output")).ok()?;
    let quiet = SystemTime::now().duration_since(about.modified().ok()?).ok()?;
    if quiet < ASKS_AFTER {
        return None;
    }
    let (data, _) = read_output(dir, about.len().saturating_sub(LONGEST_PROMPT), LONGEST_PROMPT as usize).ok()?;
    let hidden = terminal::hides(dir);
    let line = data.rsplit(|b| *b == b'\n').next().filter(|line| hidden || !line.is_empty())?;
    Some(Asks { quiet, line: line.to_vec(), hidden })
}
