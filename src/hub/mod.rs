//! What happens per client, beside the loop: welcome, catch-up, telemetry, the past, output. The loop publishes, the
//! clients take; nothing that a client does or leaves undone can hold the loop up. The same hub serves a replay.
//!
//! ```text
//!  loop ──Shown (watch, latest wins)──▶ a task per client ──lines──▶ socket
//!       ──Recorded (ring, caught up from the journal)──▶
//!       ◀──Ask (bounded)── orders          Get ──▶ one reader thread ──parts──▶
//! ```

mod client;
mod output;
mod people;
mod reader;
mod seen;
mod telemetry;

pub use people::{name_to_go_by, owner};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::UnixListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::core::event::Recorded;
use crate::core::ids::Seq;
use crate::core::launch::LaunchState;
use crate::core::order::{Operator, Order, Rejection};
use crate::core::secret::Carried;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::paths;
use crate::wire::message::{Answer, LastHere, Person, Trouble};

/// Events that a client may lag behind before it is caught up from the journal.
const RING: usize = 1024;

/// Links at a time; one more is refused with the reason.
const MOST: usize = 100;

/// What a client asks of the loop.
#[derive(Debug)]
pub enum Ask {
    /// An order. The answer is the event that answers it, or why it was not taken.
    Order(Order, oneshot::Sender<Result<Seq, Rejection>>),
    /// Values of secrets, by the plan's names.
    Env(Operator, Carried, oneshot::Sender<Result<Seq, Rejection>>),
}

/// What the loop shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The state after the newest event.
    pub state: Arc<LaunchState>,
    /// What to add to the timeline for the wall clock.
    pub wall: Span,
}

/// The loop's end of a hub.
#[derive(Debug)]
pub struct Publisher {
    shown: watch::Sender<Shown>,
    readout: watch::Sender<Arc<Readout>>,
    events: broadcast::Sender<Arc<Recorded>>,
    trouble: watch::Sender<Trouble>,
    goodbye: watch::Sender<Option<String>>,
}

impl Publisher {
    /// Shows a new state together with the events that led to it.
    pub fn events(&self, shown: Shown, events: Vec<Recorded>) {
        self.shown.send_replace(shown);
        for event in events {
            // Nobody listening is no error.
            let _ = self.events.send(Arc::new(event));
        }
    }

    /// Shows what is known of the signals.
    pub fn readout(&self, readout: Arc<Readout>) {
        self.readout.send_replace(readout);
    }

    /// Shows what keeps the engine from its work.
    pub fn trouble(&self, now: Trouble) {
        self.trouble.send_if_modified(|shown| std::mem::replace(shown, now) != *shown);
    }

    /// Says goodbye to all clients, also to those that come later.
    pub fn goodbye(&self, why: &str) {
        self.goodbye.send_replace(Some(why.to_owned()));
    }

    /// How many clients there are.
    pub fn clients(&self) -> usize {
        self.goodbye.receiver_count().saturating_sub(1)
    }
}

/// What a hub needs to know beside what the loop shows.
pub struct Source {
    /// The launch's directory: journal, readings and output are read from it.
    pub dir: PathBuf,
    /// Now, on the launch's timeline.
    pub now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// How the plan file differs from the plan taken in. May read files; called beside the loop.
    pub plan_diff: Box<dyn Fn(&LaunchState) -> Answer + Send + Sync>,
}

/// Serves clients.
pub struct Hub {
    source: Arc<Source>,
    shown: watch::Receiver<Shown>,
    readout: watch::Receiver<Arc<Readout>>,
    events: broadcast::Sender<Arc<Recorded>>,
    trouble: watch::Receiver<Trouble>,
    goodbye: watch::Receiver<Option<String>>,
    asks: mpsc::Sender<Ask>,
    people: watch::Sender<Vec<(u64, Person)>>,
    seen: seen::Seen,
    reader: reader::Reader,
    sessions: AtomicU64,
}

impl Hub {
    /// A hub, the loop's end of it, and the queue of what clients ask. `died` says when the engine before this one showed a
    /// sign of life last, and what it had made durable; none where this is the first.
    pub fn new(
        source: Source,
        shown: Shown,
        died: Option<LastHere>,
    ) -> std::io::Result<(Arc<Hub>, Publisher, mpsc::Receiver<Ask>)> {
        let source = Arc::new(source);
        let (asks, asked) = mpsc::channel(64);
        let (shown_tx, shown) = watch::channel(shown);
        let (readout_tx, readout) = watch::channel(Arc::default());
        let (goodbye_tx, goodbye) = watch::channel(None);
        let (trouble_tx, trouble) = watch::channel(Trouble::default());
        let events = broadcast::Sender::new(RING);
        let publisher = Publisher {
            shown: shown_tx,
            readout: readout_tx,
            events: events.clone(),
            trouble: trouble_tx,
            goodbye: goodbye_tx,
        };
        let hub = Hub {
            seen: seen::Seen::open(paths::seen(&source.dir), died),
            reader: reader::Reader::start(source.clone())?,
            source,
            shown,
            readout,
            events,
            trouble,
            goodbye,
            asks,
            people: watch::Sender::new(Vec::new()),
            sessions: AtomicU64::new(0),
        };
        Ok((Arc::new(hub), publisher, asked))
    }

    /// Takes clients for ever, each in a task of its own.
    pub async fn run(self: Arc<Self>, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let session = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
                    tokio::spawn(client::serve(self.clone(), stream, session));
                }
                Err(e) => {
                    // Out of descriptors, most likely: that passes when a client leaves.
                    tracing::warn!("a client could not be taken: {e}");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        }
    }
}
