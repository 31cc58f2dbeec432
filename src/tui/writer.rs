//! The thread that writes frames to the terminal: a slow terminal holds it up and nobody else. Whoever gives the terminal
//! back waits first for the frame that is on its way, so that nothing is written after what ends the screen.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

/// Frames that were given to the thread and are not written yet.
#[derive(Default)]
struct Pending {
    frames: Mutex<usize>,
    fewer: Condvar,
}

/// To give frames to the thread.
pub struct Writer {
    frames: SyncSender<Vec<u8>>,
    way: OnItsWay,
}

/// What is on its way, for those who wait for it.
#[derive(Clone, Default)]
pub struct OnItsWay(Arc<Pending>);

impl OnItsWay {
    /// Waits until all frames are written, at most so long; whether they are. A terminal that takes nothing any more is
    /// not waited for without end.
    pub fn settle(&self, most: Duration) -> bool {
        let frames = self.0.frames.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.0.fewer.wait_timeout_while(frames, most, |frames| *frames > 0);
        let (frames, _) = all.unwrap_or_else(PoisonError::into_inner);
        *frames == 0
    }

    fn count(&self, change: impl FnOnce(usize) -> usize) {
        let mut frames = self.0.frames.lock().unwrap_or_else(PoisonError::into_inner);
        *frames = change(*frames);
        self.0.fewer.notify_all();
    }
}

impl Writer {
    /// Starts the thread. It says each time when a frame is written. Fails where no thread can be started.
    pub fn start(mut out: impl Write + Send + 'static) -> io::Result<(Self, mpsc::Receiver<()>)> {
        let (frames, given) = sync_channel::<Vec<u8>>(1);
        let (done, written) = mpsc::channel(2);
        let way = OnItsWay::default();
        let pending = way.clone();
        std::thread::Builder::new().name("tty write".into()).spawn(move || {
            while let Ok(bytes) = given.recv() {
                let good = out.write_all(&bytes).and_then(|()| out.flush()).is_ok();
                pending.count(|frames| frames.saturating_sub(1));
                if !good || done.blocking_send(()).is_err() {
                    return;
                }
            }
        })?;
        Ok((Self { frames, way }, written))
    }

    /// Gives it a frame; whether it takes one still.
    pub fn send(&self, frame: Vec<u8>) -> bool {
        self.way.count(|frames| frames + 1);
        let taken = self.frames.send(frame).is_ok();
        if !taken {
            self.way.count(|frames| frames.saturating_sub(1));
        }
        taken
    }

    /// What is on its way.
    pub fn on_its_way(&self) -> OnItsWay {
        self.way.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that takes what it is given when it is told to.
    struct Slow {
        go: std::sync::mpsc::Receiver<()>,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.go.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            self.seen.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_ends_the_screen_waits_for_the_frame_on_its_way_and_not_without_end() {
        let (go, told) = std::sync::mpsc::channel();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (writer, _written) = Writer::start(Slow { go: told, seen: seen.clone() }).unwrap();
        let way = writer.on_its_way();
        assert!(way.settle(Duration::ZERO), "nothing is on its way");
        assert!(writer.send(b"frame".to_vec()));
        assert!(!way.settle(Duration::from_millis(20)), "it takes nothing");
        assert!(seen.lock().unwrap().is_empty());
        let waits = std::thread::spawn(move || way.settle(Duration::from_secs(20)));
        go.send(()).unwrap();
        assert!(waits.join().unwrap());
        assert_eq!(*seen.lock().unwrap(), b"frame");
    }

    #[test]
    fn a_terminal_that_is_gone_is_not_waited_for() {
        let (go, told) = std::sync::mpsc::channel();
        let (writer, _written) = Writer::start(Slow { go: told, seen: Arc::default() }).unwrap();
        drop(go);
        writer.send(b"frame".to_vec());
        assert!(writer.on_its_way().settle(Duration::from_secs(20)));
    }
}
