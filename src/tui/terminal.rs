//! The person's terminal: taken, drawn to by a thread of its own, watched, and given back in every case.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;

use super::Error;
use super::run::Screen;

/// Whether the terminal is ours now, so that it is given back once.
static TAKEN: AtomicBool = AtomicBool::new(false);

const PUSH_TITLE: &[u8] = b"\x1b[22;2t";
const POP_TITLE: &[u8] = b"\x1b[23;2t";

/// Gives the terminal back as it was. Safe to call at any time, from a panic too.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = queue!(out, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = out.write_all(POP_TITLE);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    out.write_all(PUSH_TITLE)?;
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)
}

/// Bytes of the frame that is being drawn.
#[derive(Clone, Default)]
pub struct Frame(Rc<RefCell<Vec<u8>>>);

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal of this process. Dropping it gives the terminal back.
pub struct Tty {
    terminal: Terminal<CrosstermBackend<Frame>>,
    frame: Frame,
    writer: SyncSender<Vec<u8>>,
    written: mpsc::Receiver<()>,
    in_flight: bool,
}

impl Tty {
    /// Takes the terminal, and begins to watch it: when it is gone, so is this process.
    pub fn open() -> Result<Self, Error> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(Error::NotATerminal);
        }
        let frame = Frame::default();
        let terminal = Terminal::new(CrosstermBackend::new(frame.clone()))?;
        let before = std::panic::take_hook();
        let ours = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            // A panic elsewhere ends a task, not the screen.
            if std::thread::current().id() == ours {
                restore();
            }
            before(info);
        }));
        take()?;
        std::thread::Builder::new().name("tty watch".into()).spawn(watch)?;
        let (writer, frames) = sync_channel::<Vec<u8>>(1);
        let (done, written) = mpsc::channel(2);
        // A slow terminal holds up this thread and nobody else.
        std::thread::Builder::new().name("tty write".into()).spawn(move || {
            let mut out = io::stdout();
            while let Ok(bytes) = frames.recv() {
                if out.write_all(&bytes).and_then(|()| out.flush()).is_err() || done.blocking_send(()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { terminal, frame, writer, written, in_flight: false })
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
        restore();
    }
}

impl Screen for Tty {
    type Backend = CrosstermBackend<Frame>;

    fn terminal(&mut self) -> &mut Terminal<Self::Backend> {
        &mut self.terminal
    }

    fn ready(&self) -> bool {
        !self.in_flight
    }

    fn title(&mut self, title: &str) {
        let _ = write!(self.frame, "\x1b]2;{title}\x07");
    }

    fn send(&mut self) {
        let bytes = std::mem::take(&mut *self.frame.0.borrow_mut());
        if !bytes.is_empty() && self.writer.send(bytes).is_ok() {
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

    fn suspend(&mut self) {
        restore();
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
        let _ = take();
        let _ = self.terminal.clear();
    }

    fn redraw(&mut self) {
        let _ = self.terminal.clear();
    }
}
