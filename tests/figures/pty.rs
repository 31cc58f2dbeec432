//! A program on a real pseudo-terminal, and everything it writes with the moment when it came.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// Bytes further apart than this belong to two frames.
const APART: Duration = Duration::from_millis(5);

/// What one read gave, and when.
#[derive(Clone)]
pub struct Chunk {
    pub at: Instant,
    pub bytes: Vec<u8>,
}

/// A program on a terminal. When this goes out of scope the program is killed.
pub struct Pty {
    child: Child,
    /// The moment before the program was started.
    pub began: Instant,
    master: File,
    /// Held open, so that the terminal can be looked at after the program's end.
    slave: File,
    before: Termios,
    size: (u16, u16),
    chunks: Arc<Mutex<Vec<Chunk>>>,
}

impl Pty {
    /// Starts a program on a terminal of so many columns and rows.
    pub fn start(command: &Command, size: (u16, u16)) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_col: size.0, ws_row: size.1, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let before = tcgetattr(&slave).unwrap();
        // `setsid --ctty` makes it the controlling terminal, then becomes the program.
        let mut on_it = Command::new("setsid");
        on_it.arg("--ctty").arg(command.get_program()).args(command.get_args());
        on_it.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").env("LANG", "C.UTF-8");
        for name in ["NO_COLOR", "TMUX", "STY", "COLORFGBG", "LC_ALL", "LC_CTYPE", "TERM_PROGRAM"] {
            on_it.env_remove(name);
        }
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => on_it.env(key, value),
                None => on_it.env_remove(key),
            };
        }
        let open = || slave.try_clone().unwrap();
        on_it.stdin(open()).stdout(open()).stderr(open());
        let chunks = Arc::new(Mutex::new(Vec::new()));
        let master = File::from(master);
        let (mut screen, seen) = (master.try_clone().unwrap(), chunks.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            // The end is an error here: nobody has the terminal open any more.
            while let Ok(n @ 1..) = screen.read(&mut bytes) {
                let at = Instant::now();
                seen.lock().unwrap().push(Chunk { at, bytes: bytes[..n].to_vec() });
            }
        });
        let began = Instant::now();
        let child = on_it.spawn().unwrap_or_else(|e| panic!("{:?}: {e}", command.get_program()));
        Self { child, began, master, slave, before, size, chunks }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Everything since a moment.
    pub fn since(&self, from: Instant) -> Vec<Chunk> {
        self.chunks.lock().unwrap().iter().filter(|c| c.at >= from).cloned().collect()
    }

    /// All bytes so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks.lock().unwrap().iter().flat_map(|c| c.bytes.clone()).collect()
    }

    /// Frames since a moment, each as its bytes: what came without a pause.
    pub fn frames(&self, from: Instant) -> Vec<usize> {
        let mut frames: Vec<usize> = Vec::new();
        let mut last: Option<Instant> = None;
        for chunk in self.since(from) {
            match (frames.last_mut(), last) {
                (Some(frame), Some(last)) if chunk.at - last < APART => *frame += chunk.bytes.len(),
                _ => frames.push(chunk.bytes.len()),
            }
            last = Some(chunk.at);
        }
        frames
    }

    /// When the screen first had all of these texts on it, counted from the program's start.
    pub fn shown_after(&self, texts: &[&str]) -> Option<Duration> {
        let mut parser = self.parser();
        let chunks = self.chunks.lock().unwrap().clone();
        chunks.iter().find_map(|chunk| {
            parser.process(&chunk.bytes);
            let screen = parser.screen().contents();
            texts.iter().all(|text| screen.contains(text)).then(|| chunk.at - self.began)
        })
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        let mut parser = self.parser();
        parser.process(&self.bytes());
        parser.screen().contents()
    }

    fn parser(&self) -> vt100::Parser {
        vt100::Parser::new(self.size.1.try_into().unwrap(), self.size.0.try_into().unwrap(), 0)
    }

    /// Waits until the screen is as it should be; the run ends with the screen where it never is.
    pub fn wait_until(&self, what: &str, mut is: impl FnMut(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let screen = self.screen();
            if is(&screen) {
                return;
            }
            assert!(Instant::now() < deadline, "never on the screen: {what}\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until nothing was written for so long; at most ten seconds.
    pub fn quiet(&self, for_so_long: Duration) {
        let deadline = Instant::now() + Duration::from_secs(10);
        let begun = Instant::now();
        while Instant::now() < deadline {
            let last = self.chunks.lock().unwrap().last().map_or(begun, |c| c.at.max(begun));
            if last.elapsed() >= for_so_long {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The first byte after a moment, waited for as long as this.
    pub fn first_byte(&self, from: Instant, patience: Duration) -> Option<Duration> {
        while from.elapsed() < patience {
            let first = self.chunks.lock().unwrap().iter().rev().take_while(|c| c.at >= from).last().map(|c| c.at);
            if let Some(at) = first {
                return Some(at - from);
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        None
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the program's end, five seconds at most.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }

    /// What the terminal was not given back of: modes that are left on, and its line settings.
    pub fn left_behind(&self) -> Vec<&'static str> {
        self.quiet(Duration::from_millis(50));
        let bytes = self.bytes();
        let mut parser = self.parser();
        parser.process(&bytes);
        let screen = parser.screen();
        let is_on = |on: &[u8], off: &[u8]| last(&bytes, on) > last(&bytes, off);
        let (now, was) = (tcgetattr(&self.slave).unwrap(), &self.before);
        let settings = |t: &Termios| (t.local_modes, t.input_modes, t.output_modes, t.control_modes);
        let coloured = screen.fgcolor() != vt100::Color::Default || screen.bgcolor() != vt100::Color::Default;
        let styled = screen.bold() || screen.dim() || screen.italic() || screen.underline() || screen.inverse();
        [
            ("the alternate screen", screen.alternate_screen()),
            ("a hidden cursor", screen.hide_cursor()),
            ("bracketed paste", screen.bracketed_paste()),
            ("reports of the mouse", screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None),
            ("application cursor keys", screen.application_cursor()),
            ("reports of focus", is_on(b"\x1b[?1004h", b"\x1b[?1004l")),
            ("synchronized output", is_on(b"\x1b[?2026h", b"\x1b[?2026l")),
            ("a colour", coloured || styled),
            ("line settings", settings(&now) != settings(was)),
        ]
        .into_iter()
        .filter_map(|(what, left)| left.then_some(what))
        .collect()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a sequence begins the last time; none is before all.
fn last(bytes: &[u8], sequence: &[u8]) -> Option<usize> {
    bytes.windows(sequence.len()).rposition(|w| w == sequence)
}
