//! The person's terminal: taken, drawn to by [a thread of its own](super::writer), watched, and given back in every case.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::queue;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::stdio::{dup2_stderr, dup2_stdout};
use tokio::sync::mpsc;

use super::Error;
use super::background::ASK;
use super::run::Screen;
use super::shown::Shown;
use super::writer::{OnItsWay, Writer};

/// Whether the terminal is ours now, so that it is given back once.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether an editor has it meanwhile.
static LENT: AtomicBool = AtomicBool::new(false);

/// Whether somebody else has the terminal for a while: what its keys send is not for us then.
pub fn is_lent() -> bool {
    LENT.load(Ordering::SeqCst)
}

/// Whether we have the mouse, so that it is taken again where the terminal comes back from somebody else.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Presses and the wheel, with places as numbers; no moves, which would come by the hundred.
const TAKE_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const LEAVE_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// The frames on their way to it.
static FRAMES: Mutex<Option<OnItsWay>> = Mutex::new(None);
/// So long the one that is on its way is waited for when the terminal is given back. Where a terminal is gone, its watcher
/// ends the process before.
const FAREWELL: Duration = Duration::from_secs(3);

/// When the terminal was asked for its background and has not answered.
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);
/// An answer that is not there after so long is not expected any more.
const SOON: Duration = Duration::from_secs(2);

const PUSH_TITLE: &[u8] = b"\x1b[22;2t";
const POP_TITLE: &[u8] = b"\x1b[23;2t";
const PLAIN: &[u8] = b"\x1b[m";

/// Gives the terminal back as it was. Safe to call at any time, from a panic too. Says whether it was told so: to one that
/// takes nothing, nothing is written, for a write would wait until somebody reads. Its modes it has back all the same.
pub fn restore() -> bool {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return true;
    }
    let until = Instant::now() + FAREWELL;
    let frames = FRAMES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let told = frames.is_none_or(|frames| frames.settle(FAREWELL)) && takes_more(until);
    if told {
        let mut out = io::stdout();
        if MOUSE.load(Ordering::SeqCst) {
            let _ = out.write_all(LEAVE_MOUSE);
        }
        let _ = out.write_all(PLAIN);
        let _ = queue!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = out.write_all(POP_TITLE);
        let _ = out.flush();
        swallow_answer();
    }
    let _ = disable_raw_mode();
    told
}

/// Waits until standard output takes more, at most until then; whether it does.
fn takes_more(until: Instant) -> bool {
    let out = io::stdout();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let wait = rustix::event::Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut fds = [PollFd::new(&out, PollFlags::OUT)];
        match poll(&mut fds, Some(&wait)) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return fds[0].revents().contains(PollFlags::OUT),
            Err(_) => return false,
        }
    }
}

/// The same at the end of the screen: what is said after it to a terminal that takes nothing goes nowhere.
fn leave() {
    if !restore()
        && let Ok(nowhere) = File::options().write(true).open("/dev/null")
    {
        let _ = dup2_stdout(&nowhere);
        let _ = dup2_stderr(&nowhere);
    }
}

/// Takes the terminal; where `asks` is true, asks for its background too. Nothing waits for the answer.
fn take(asks: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    out.write_all(PUSH_TITLE)?;
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)?;
    if MOUSE.load(Ordering::SeqCst) {
        out.write_all(TAKE_MOUSE)?;
    }
    if asks {
        out.write_all(ASK)?;
        *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
    out.flush()
}

/// An answer that was not read would be typed into the shell.
fn swallow_answer() {
    let asked = ASKED.try_lock().ok().and_then(|mut asked| asked.take());
    if asked.is_some_and(|at| at.elapsed() < SOON) {
        let stdin = io::stdin();
        let wait = rustix::event::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let _ = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&wait));
        let _ = rustix::termios::tcflush(&stdin, rustix::termios::QueueSelector::IFlush);
    }
}

/// The terminal of this process. Dropping it gives the terminal back.
pub struct Tty {
    shown: Shown,
    frame: Vec<u8>,
    writer: Writer,
    written: mpsc::Receiver<()>,
    in_flight: bool,
    asks: bool,
}

impl Tty {
    /// Takes the terminal, and begins to watch it: when it is gone, so is this process. Where `asks` is true, the terminal
    /// is asked for its background.
    pub fn open(asks: bool) -> Result<Self, Error> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(Error::NotATerminal);
        }
        let before = std::panic::take_hook();
        let ours = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            // A panic elsewhere ends a task, not the screen; in what reads the keys it would leave a screen that hears nothing.
            let deaf = info.location().is_some_and(|place| place.file().contains("crossterm"));
            if deaf || std::thread::current().id() == ours {
                leave();
            }
            before(info);
            if deaf {
                eprintln!(
                    "tminus: what is typed can't be read any more; the launch goes on, `tminus attach` comes back to it"
                );
                std::process::exit(70);
            }
        }));
        take(asks)?;
        std::thread::Builder::new().name("tty watch".into()).spawn(watch)?;
        let (writer, written) = Writer::start(File::from(io::stdout().as_fd().try_clone_to_owned()?))?;
        *FRAMES.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer.on_its_way());
        // GNU screen erases with the terminal's own ground.
        let in_screen = std::env::var_os("STY").is_some_and(|value| !value.is_empty());
        let shown = Shown::new(!in_screen);
        Ok(Self { shown, frame: Vec::new(), writer, written, in_flight: false, asks })
    }
}

/// Waits, without a wake-up, until the terminal is gone.
fn watch() {
    loop {
        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_) => {
                let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                if fds[0].revents().intersects(gone) {
                    // Nobody is there to see it; the engine goes on, and whoever comes back attaches again.
                    std::process::exit(129);
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        leave();
    }
}

impl Screen for Tty {
    fn size(&self) -> Option<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        Some((size.ws_col, size.ws_row))
    }

    fn draw(&mut self, frame: Buffer, cursor: Option<Position>) {
        self.shown.draw(frame, cursor, &mut self.frame);
    }

    fn ready(&self) -> bool {
        !self.in_flight
    }

    fn title(&mut self, title: &str) {
        let _ = write!(self.frame, "\x1b]2;{title}\x07");
    }

    fn send(&mut self) {
        let bytes = std::mem::take(&mut self.frame);
        if !bytes.is_empty() && self.writer.send(bytes) {
            self.in_flight = true;
        }
    }

    async fn landed(&mut self) {
        if !self.in_flight {
            std::future::pending::<()>().await;
        }
        if self.written.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.in_flight = false;
    }

    fn answered(&mut self) {
        *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn suspend(&mut self) {
        restore();
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
        let _ = take(self.asks);
        self.shown.forget();
    }

    fn lend(&mut self) {
        LENT.store(true, Ordering::SeqCst);
        restore();
    }

    fn take_back(&mut self) {
        let _ = take(self.asks);
        self.shown.forget();
        LENT.store(false, Ordering::SeqCst);
    }

    fn redraw(&mut self) {
        self.shown.forget();
    }

    fn in_tmux(&self) -> bool {
        std::env::var_os("TMUX").is_some_and(|tmux| !tmux.is_empty())
    }

    fn clip(&mut self, encoded: &str) {
        let _ = write!(self.frame, "\x1b]52;c;{encoded}\x07");
    }

    fn mouse(&mut self, on: bool) {
        // Until it was wanted once the terminal is told nothing of it.
        let was = MOUSE.swap(on, Ordering::SeqCst);
        if on != was {
            let _ = self.frame.write_all(if on { TAKE_MOUSE } else { LEAVE_MOUSE });
        }
    }

    fn call(&mut self, sequence: &str) {
        let _ = self.frame.write_all(sequence.as_bytes());
    }
}
