//! A proxy of the test's own in front of a real server, which hangs and lies by order: it is slow, silent, it resets, its
//! far side vanishes, it trickles. It counts the connections that somebody still holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::eventually;

/// What the proxy does to what passes through it, also on connections that stand already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Through,
    /// Each piece of the answer comes so much later.
    Late(Duration),
    /// It takes the connection, reads what is asked, and says nothing.
    Silent,
    /// It takes the connection, and at the first question tears it down with an RST.
    Reset,
    /// It passes the question on and keeps the answer; the far side is gone, and nobody hears of it.
    HalfOpen,
    /// So many bytes of the answer come as they are, the others one a second.
    Trickle(usize),
}

/// A running proxy; it ends with the test's runtime.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    open: Arc<AtomicUsize>,
    taken: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Starts one before `to`.
    pub async fn start(to: SocketAddr, mode: Mode) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, now) = watch::channel(mode);
        let (open, taken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, all) = (open.clone(), taken.clone());
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                all.fetch_add(1, Ordering::SeqCst);
                let held = Held::of(&count);
                tokio::spawn(serve(near, to, now.clone(), held));
            }
        });
        Self { address, mode, open, taken, task }
    }

    /// Does something else from now on.
    pub fn turn(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How many connections it was asked for so far.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    /// How many connections stand that the other side has not closed.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until nobody holds a connection any more.
    pub async fn freed(&self, what: &str) {
        eventually(&format!("{what}: no socket is held"), async || (self.open() == 0).then_some(())).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that is counted for as long as it stands.
struct Held(Arc<AtomicUsize>);

impl Held {
    fn of(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(mut near: TcpStream, to: SocketAddr, mode: watch::Receiver<Mode>, _held: Held) {
    let now = || *mode.borrow();
    let (mut asks, mut hears) = near.split();
    // What is far is let go of as soon as the line is to be half-open; who is near is not told.
    let far = if now() == Mode::Silent { None } else { TcpStream::connect(to).await.ok() };
    let (mut answers, mut asked) = far.map(TcpStream::into_split).unzip();
    let questions = async {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = asks.read(&mut bytes).await {
            match (now(), &mut asked) {
                (Mode::Reset, _) => return,
                (Mode::Silent, _) | (_, None) => {}
                (_, Some(far)) => {
                    let _ = far.write_all(&bytes[..n]).await;
                }
            }
            if now() == Mode::HalfOpen {
                asked = None;
            }
        }
    };
    let answered = async {
        let mut bytes = [0; 4096];
        let mut said = 0;
        while let Some(far) = &mut answers {
            let Ok(n @ 1..) = far.read(&mut bytes).await else { break };
            match now() {
                Mode::Through => drop(hears.write_all(&bytes[..n]).await),
                Mode::Late(by) => {
                    tokio::time::sleep(by).await;
                    let _ = hears.write_all(&bytes[..n]).await;
                }
                Mode::Silent | Mode::Reset | Mode::HalfOpen => answers = None,
                Mode::Trickle(free) => {
                    for byte in &bytes[..n] {
                        if said > free {
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                        let _ = hears.write_all(&[*byte]).await;
                        said += 1;
                    }
                }
            }
        }
        // A far side that closed is passed on, unless nobody is to hear of it.
        if matches!(now(), Mode::Silent | Mode::Reset | Mode::HalfOpen) {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! { () = questions => {} () = answered => {} }
    if now() == Mode::Reset {
        let _ = near.set_zero_linger();
    }
}
