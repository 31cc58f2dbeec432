//! A terminal of the test's own: a real pseudo-terminal with a program on it, keys that are typed, and a screen that is
//! read as a person would.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A program on a terminal. When this goes out of scope the program is killed.
pub struct Terminal {
    keyboard: Option<File>,
    reader: Option<std::thread::JoinHandle<()>>,
    closed: Arc<AtomicBool>,
    paused: Arc<AtomicBool>,
    parser: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    child: Child,
}

impl Terminal {
    /// Starts a program on a terminal of so many columns and rows.
    pub fn start(command: &Command, cols: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_col: cols, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let open = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        // `setsid --ctty` makes it the controlling terminal, then becomes the program.
        let mut on_it = Command::new("setsid");
        on_it.arg("--ctty").arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => on_it.env(key, value),
                None => on_it.env_remove(key),
            };
        }
        on_it.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").env("LANG", "C.UTF-8").env_remove("NO_COLOR");
        if let Some(dir) = command.get_current_dir() {
            on_it.current_dir(dir);
        }
        let child = on_it.stdin(open()).stdout(open()).stderr(open()).spawn().unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 0)));
        let master: OwnedFd = master;
        let mut screen = File::from(master.try_clone().unwrap());
        let seen = parser.clone();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let all = kept.clone();
        let closed = Arc::new(AtomicBool::new(false));
        let over = closed.clone();
        let paused = Arc::new(AtomicBool::new(false));
        let waits = paused.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            let tick = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            while !over.load(Ordering::Relaxed) {
                if waits.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                }
                if poll(&mut [PollFd::new(&screen, PollFlags::IN)], Some(&tick)).is_ok_and(|ready| ready == 0) {
                    continue;
                }
                // The end is an error here: nobody has the terminal open any more.
                let Ok(n @ 1..) = screen.read(&mut bytes) else { return };
                seen.lock().unwrap().process(&bytes[..n]);
                all.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        Self { keyboard: Some(File::from(master)), reader: Some(reader), closed, paused, parser, bytes: kept, child }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Reads nothing from here on, as a link that hangs; or reads again.
    pub fn reads(&self, reads: bool) {
        self.paused.store(!reads, Ordering::Relaxed);
    }

    /// Closes the terminal under the program, as a window is closed or a connection breaks.
    pub fn close(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        self.reader.take().unwrap().join().unwrap();
        self.keyboard = None;
    }

    /// Types the keys again and again until the screen is as it should be: a dialog is deaf in its first moments, and a
    /// list moves by one.
    pub fn press_until(&mut self, keys: &str, what: &str, mut is: impl FnMut(&str) -> bool) {
        let deadline = Instant::now() + super::PATIENCE;
        while !is(&self.screen()) {
            self.keys(keys);
            let look_again = Instant::now() + Duration::from_millis(400);
            while !is(&self.screen()) && Instant::now() < look_again {
                assert!(Instant::now() < deadline, "never on the screen: {what}\n{}", self.screen());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Waits for the READY card, which comes by itself before the first step, and closes it.
    pub fn past_ready(&mut self) {
        self.wait_for("Esc closes");
        self.press_until("\u{1b}", "the READY card closed", |s| !s.contains("Esc closes"));
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Every byte that came.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// The screen with its colours.
    pub fn cells(&self) -> vt100::Screen {
        self.parser.lock().unwrap().screen().clone()
    }

    /// Waits until the screen has this text on it; fails the test with the screen if it never does.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text));
    }

    /// Waits until the screen no longer has this text on it.
    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("the end of {text}"), |screen| !screen.contains(text));
    }

    /// Waits until the screen is as it should be.
    pub fn wait_until(&self, what: &str, mut is: impl FnMut(&str) -> bool) {
        let deadline = Instant::now() + super::PATIENCE;
        loop {
            let screen = self.screen();
            if is(&screen) {
                return;
            }
            assert!(Instant::now() < deadline, "never on the screen: {what}\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The program's process.
    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Kills the program as nothing can prevent.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the program's end.
    pub fn ended(&mut self) -> ExitStatus {
        super::wait_for("the program's end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
