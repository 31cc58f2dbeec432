//! The engine's look at its machine, in a thread of its own: a name that is not found or a mount that hangs must not keep
//! the loop.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};

use super::{Needs, gather};
use crate::core::ready::Found;

/// What the machine was found to be last.
#[derive(Debug)]
pub struct Watch<N = Needs, F = Found> {
    /// The needs, with the number of the look.
    ask: SyncSender<(u64, N)>,
    told: Receiver<(u64, F)>,
    /// How many looks were asked for.
    asked: u64,
    found: Option<F>,
}

impl<N: Send + 'static, F: PartialEq + Send + 'static> Watch<N, F> {
    /// Begins. Where no thread can be had, nothing is ever found.
    pub fn with(look: impl Fn(&N) -> F + Send + 'static) -> Self {
        let (ask, asked) = mpsc::sync_channel::<(u64, N)>(1);
        let (tell, told) = mpsc::channel();
        let looks = move || {
            for (number, needs) in asked {
                if tell.send((number, look(&needs))).is_err() {
                    return;
                }
            }
        };
        if let Err(e) = std::thread::Builder::new().name("ready".to_owned()).spawn(looks) {
            tracing::warn!("nobody looks whether the launch can start, or go back: {e}");
        }
        Self { ask, told, asked: 0, found: None }
    }

    /// Asks for a look. Nothing where one waits already.
    pub fn look(&mut self, needs: N) {
        if self.ask.try_send((self.asked + 1, needs)).is_ok() {
            self.asked += 1;
        }
    }

    /// Asks for a look and waits for it, for so long at most: what is said at once must not be said unseen. Nothing is
    /// found where it takes longer.
    pub fn first(&mut self, needs: N, patience: Duration) {
        let until = Instant::now() + patience;
        self.found = None;
        let number = self.asked + 1;
        self.look(needs);
        while let Ok((answered, found)) = self.told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            // One that was asked before may have been about another plan.
            if answered >= number {
                self.found = Some(found);
                return;
            }
        }
    }

    /// Takes in what was found since; whether that is news.
    pub fn hear(&mut self) -> bool {
        let Some((_, found)) = self.told.try_iter().last() else { return false };
        let news = self.found.as_ref() != Some(&found);
        self.found = Some(found);
        news
    }

    /// What was found last; none before the first look.
    pub fn found(&self) -> Option<&F> {
        self.found.as_ref()
    }
}

impl Watch {
    /// One that looks whether the launch can start.
    pub fn new() -> Self {
        Self::with(gather)
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}
