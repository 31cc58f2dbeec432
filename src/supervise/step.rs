//! What the supervisor does: claim, start, copy output, wait, write down the end. One thread, one `poll`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags, mkfifoat};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, kill_process_group, set_child_subreaper, setsid, wait,
};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::end::{End, Place};
use super::sink::Sink;
use super::{Spec, children, claim, outlived, terminal};
use crate::core::event::RunEnd;
use crate::core::mask::Stream;
use crate::core::secret::Hidden;
use crate::core::time::Span;

/// The first argument of a supervisor's command line. No command for people.
pub const COMMAND: &str = "step";

/// The supervisor's answers.
pub(super) const CLAIMED: &str = "claimed";
pub(super) const TAKEN: &str = "taken";

/// After the command's end its output is awaited this long: a process in the background may hold the terminal for ever.
const DRAIN: Duration = Duration::from_millis(300);

/// How long killed processes are awaited.
const BURY: Duration = Duration::from_secs(2);

/// The process itself: `tminus step DIR` with a [`Spec`] on stdin, or `tminus step --exec PROGRAM ARGS` between the
/// supervisor and a command with input. Exit codes: 0, 75 where the run was claimed before, 1 for all else.
pub fn process(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let done = match args.next() {
        Some(first) if first == "--exec" => Err(exec(args)),
        Some(dir) => supervise(&PathBuf::from(dir)),
        None => Err(io::Error::other("this is no command for people: the engine starts it for each run")),
    };
    match done {
        Ok(code) => code,
        Err(e) => {
            // On stdout, where the engine reads why nothing was claimed; stderr is for a person who tries it.
            let _ = writeln!(io::stdout(), "{e}");
            eprintln!("tminus {COMMAND}: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Makes the terminal on stdin the controlling one of a new session, and becomes the command.
fn exec(mut args: impl Iterator<Item = OsString>) -> io::Error {
    let become_it = || -> io::Result<io::Error> {
        setsid()?;
        rustix::process::ioctl_tiocsctty(io::stdin())?;
        let program = args.next().ok_or_else(|| io::Error::other("no program"))?;
        let e = Command::new(&program).args(args).exec();
        Ok(io::Error::new(e.kind(), format!("{}: {e}", program.display())))
    };
    become_it().unwrap_or_else(|e| e)
}

fn supervise(dir: &Path) -> io::Result<ExitCode> {
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    let spec: Spec = serde_json::from_slice(&text)?;
    drop(text);
    // A leader of a group can't; it was not started by an engine then, and does without.
    let _ = setsid();
    set_child_subreaper(Some(getpid()))?;
    let signals = Signals::catch()?;
    let Some(_claim) = claim::take(dir)? else {
        answer(TAKEN)?;
        return Ok(ExitCode::from(75));
    };
    let place = Place::make(dir);
    answer(CLAIMED)?;
    let (place, mut sink) = match place.and_then(|place| Ok((place, Sink::open(&dir.join("output"), spec.cap)?))) {
        Ok(both) => both,
        Err(e) => {
            record(dir, Place::make(dir), &not_started(&e));
            return Ok(ExitCode::FAILURE);
        }
    };
    let end = match Run::start(dir, &spec) {
        Ok(run) => {
            // Without the note only less is known of it, should this process be killed.
            let _ = outlived::note(dir, run.pid);
            run.watch(&spec, &signals, &mut sink)
        }
        Err(e) => not_started(&e),
    };
    let end = End { dropped: sink.finish(), ..end };
    record(dir, Ok(place), &end);
    Ok(ExitCode::SUCCESS)
}

fn not_started(e: &io::Error) -> End {
    End { end: RunEnd::NotStarted { why: e.to_string() }, left_running: false, dropped: 0 }
}

/// Answers the engine, and lets go of its pipes.
fn answer(word: &str) -> io::Result<()> {
    // An engine that is gone by now does not change what is to be done.
    let _ = writeln!(io::stdout(), "{word}");
    let _ = io::stdout().flush();
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}

/// Writes the end down, for as long as that takes: the disk may be full. Gives up where the directory is gone.
fn record(dir: &Path, place: io::Result<Place>, end: &End) {
    let mut place = place;
    loop {
        let written = place.as_ref().map_err(|e| e.kind()).and_then(|p| p.write(dir, end).map_err(|e| e.kind()));
        match written {
            Ok(()) => return,
            Err(io::ErrorKind::NotFound) if !dir.exists() => return,
            Err(_) => std::thread::sleep(Duration::from_secs(1)),
        }
        place = Place::make(dir);
    }
}

/// Signals as bytes in pipes, so that one `poll` waits for all.
struct Signals {
    /// A child ended.
    child: UnixStream,
    /// The run is to be stopped.
    stop: UnixStream,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        let (child, raise_child) = UnixStream::pair()?;
        let (stop, raise_stop) = UnixStream::pair()?;
        child.set_nonblocking(true)?;
        stop.set_nonblocking(true)?;
        pipe::register(SIGCHLD, raise_child)?;
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            pipe::register(signal, raise_stop.try_clone()?)?;
        }
        Ok(Self { child, stop })
    }
}

/// Whether a byte was there; takes all that are.
fn drain(mut pipe: &UnixStream) -> bool {
    let mut any = false;
    while matches!(pipe.read(&mut [0; 64]), Ok(n) if n > 0) {
        any = true;
    }
    any
}

/// A command that runs.
struct Run {
    pid: Pid,
    begun: Instant,
    master: Option<OwnedFd>,
    input: Option<File>,
}

/// Why and until when a run that is being ended may still end by itself.
struct Ending {
    timed_out: bool,
    kill_at: Instant,
}

impl Run {
    fn start(dir: &Path, spec: &Spec) -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let slave = ioctl_tiocgptpeer(&master, flags)?;
        tcsetwinsize(&slave, Winsize { ws_row: spec.rows, ws_col: spec.cols, ws_xpixel: 0, ws_ypixel: 0 })?;
        let program = spec.argv.first().ok_or_else(|| io::Error::other("there is no command"))?;
        let (mut command, input) = if spec.input {
            terminal::keep_quiet(&slave)?;
            // Without the note nobody can tell whether what it asks for is to be hidden.
            let _ = terminal::note(dir, &master);
            let mut command = Command::new("/proc/self/exe");
            command.arg0("tminus").args([COMMAND, "--exec"]).args(&spec.argv);
            command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
            (command, Some(open_input(dir)?))
        } else {
            let mut command = Command::new(program);
            command.args(spec.argv.iter().skip(1)).process_group(0);
            // Writing only: a command that reads its answers from stderr fails at once as well.
            let shown = OpenOptions::new()
                .write(true)
                .custom_flags((OFlags::NOCTTY | OFlags::CLOEXEC).bits().cast_signed())
                .open(format!("/proc/self/fd/{}", slave.as_raw_fd()))?;
            command.stdin(Stdio::null()).stdout(shown.try_clone()?).stderr(shown);
            (command, None)
        };
        let secrets = spec.secrets.0.iter().map(|(name, value)| (name, Hidden::reveal(value)));
        command.env("TERM", "xterm-256color").envs(&spec.env).envs(secrets).current_dir(&spec.cwd);
        let begun = Instant::now();
        let child = command.spawn().map_err(|e| {
            let place =
                if spec.cwd.is_dir() { String::new() } else { format!(": {} is no directory", spec.cwd.display()) };
            io::Error::new(e.kind(), format!("{program} can't be started: {e}{place}"))
        })?;
        rustix::io::ioctl_fionbio(&master, true)?;
        Ok(Self { pid: Pid::from_child(&child), begun, master: Some(master), input })
    }

    /// Copies output until the command has ended and, where it is ended, all that it started.
    fn watch(mut self, spec: &Spec, signals: &Signals, sink: &mut Sink) -> End {
        let mut masker = Stream::new(Arc::new(spec.mask()));
        let asked = Signal::from_named_raw(spec.signal).unwrap_or(Signal::TERM);
        let deadline = spec.timeout.and_then(|timeout| self.begun.checked_add(timeout));
        let (mut ended, mut ending): (Option<(WaitStatus, Instant)>, Option<Ending>) = (None, None);
        let (mut killed, mut told_orphans) = (false, false);
        let mut alone = false;
        loop {
            let now = Instant::now();
            if let Some(Ending { kill_at, .. }) = &ending
                && now >= *kill_at
                && !killed
            {
                killed = true;
                self.signal(Signal::KILL);
                for (pid, _) in children::below() {
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
            if ended.is_none() && ending.is_none() && deadline.is_some_and(|at| now >= at) {
                ending = Some(Ending { timed_out: true, kill_at: now + spec.grace });
                self.signal(asked);
            }
            // What outlived a command that is being ended was not asked yet, unless it is of its group.
            if ended.is_some() && ending.is_some() && !told_orphans {
                told_orphans = true;
                children::signal_outside(self.pid, asked);
            }
            let drained = self.master.is_none() || ended.is_some_and(|(_, at)| now >= at + DRAIN);
            let buried = match &ending {
                None => true,
                Some(e) => alone || (killed && now >= e.kill_at + BURY),
            };
            if let Some((status, at)) = ended
                && drained
                && buried
            {
                sink.push(&masker.finish());
                let took = Span(i64::try_from(at.duration_since(self.begun).as_millis()).unwrap_or(i64::MAX));
                return End { end: how(status, took, ending.as_ref()), left_running: !alone, dropped: 0 };
            }
            let next = [
                deadline.filter(|_| ended.is_none() && ending.is_none()),
                ending.as_ref().map(|e| if killed { now + Duration::from_millis(20) } else { e.kill_at }),
                ended.filter(|_| !drained).map(|(_, at)| at + DRAIN),
            ];
            let next = next.into_iter().flatten().min().map(|at| at.saturating_duration_since(now));
            self.wait(signals, next);
            if drain(&signals.stop) && ending.is_none() && ended.is_none() {
                ending = Some(Ending { timed_out: false, kill_at: Instant::now() + spec.grace });
                self.signal(asked);
            }
            self.copy_output(&mut masker, sink);
            self.copy_input(&mut masker, sink);
            drain(&signals.child);
            alone = self.reap(&mut ended);
        }
    }

    /// Waits until something is to be done, or for this long.
    fn wait(&self, signals: &Signals, at_most: Option<Duration>) {
        let mut fds = vec![PollFd::new(&signals.child, PollFlags::IN), PollFd::new(&signals.stop, PollFlags::IN)];
        fds.extend(self.master.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
        fds.extend(self.input.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
        // A millisecond more, so that the moment has come when it returns.
        let timeout = at_most.and_then(|d| Timespec::try_from(d + Duration::from_millis(1)).ok());
        let _ = poll(&mut fds, timeout.as_ref());
    }

    /// Sends a signal to the command's process group, or to the command before it has one.
    fn signal(&self, signal: Signal) {
        if kill_process_group(self.pid, signal).is_err() {
            let _ = kill_process(self.pid, signal);
        }
    }

    fn copy_output(&mut self, masker: &mut Stream, sink: &mut Sink) {
        let mut buffer = [0; 16 * 1024];
        // Not for ever: a command that writes without end must not keep us from its timeout.
        for _ in 0..16 {
            let Some(master) = &self.master else { return };
            match rustix::io::read(master, &mut buffer) {
                Ok(n) if n > 0 => sink.push(&masker.push(buffer.get(..n).unwrap_or_default())),
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                // EIO: nobody has the terminal open any more.
                Ok(_) | Err(_) => self.master = None,
            }
        }
    }

    fn copy_input(&mut self, masker: &mut Stream, sink: &mut Sink) {
        let (Some(input), Some(master)) = (&mut self.input, &self.master) else { return };
        let mut buffer = [0; 4096];
        while let Ok(n) = input.read(&mut buffer) {
            let mut rest = buffer.get(..n).unwrap_or_default();
            // Only that a line was typed is written down.
            if terminal::before_a_line(master) {
                rest.iter().filter(|byte| **byte == b'\n').for_each(|_| sink.push(&masker.push(b"\r\n")));
            }
            // A terminal that takes no more loses the rest, as any terminal does.
            while let Ok(taken) = rustix::io::write(master, rest)
                && taken > 0
            {
                rest = rest.get(taken..).unwrap_or_default();
            }
            if n == 0 {
                return;
            }
        }
    }

    /// Takes the ends of children; the command's is kept. True where no child is left.
    fn reap(&self, ended: &mut Option<(WaitStatus, Instant)>) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.pid => *ended = Some((status, Instant::now())),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    }
}

fn how(status: WaitStatus, took: Span, ending: Option<&Ending>) -> RunEnd {
    match (ending, status.exit_status(), status.terminating_signal()) {
        (Some(Ending { timed_out: true, .. }), _, _) => RunEnd::TimedOut { took },
        (_, Some(code), _) => RunEnd::Exited { code, took },
        (_, None, signal) => RunEnd::Signalled { signal: signal.unwrap_or_default(), took, stopped: ending.is_some() },
    }
}

/// The pipe for lines. Open for both, so that it never ends while nobody writes.
fn open_input(dir: &Path) -> io::Result<File> {
    let path = dir.join("input");
    match mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(e) => return Err(e.into()),
    }
    OpenOptions::new().read(true).write(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}
