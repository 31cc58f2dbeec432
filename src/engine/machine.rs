//! The step function: decide → append (durable) → apply. Synchronous and total, without clocks, processes or clients, so
//! that a simulation and the crash harness call what the daemon calls.

use std::path::PathBuf;
use std::sync::Arc;

use crate::core::event::{Event, Recorded};
use crate::core::ids::{OrderId, Seq};
use crate::core::launch::{Effect, Input, LaunchState, decide, effects};
use crate::core::order::{Rejection, What};
use crate::core::reading::Poll;
use crate::core::signals::Signals;
use crate::core::time::Timestamp;
use crate::journal::Journal;

/// A look that leads to another look leads to at most this many.
const LOOKS: usize = 64;

/// The owner of a launch's state.
#[derive(Debug)]
pub struct Engine {
    state: Arc<LaunchState>,
    signals: Signals,
    journal: Journal,
    reserve: PathBuf,
}

/// What a step came to.
#[derive(Debug)]
pub struct Stepped {
    /// For an order: the event that answers it, or why it was not taken.
    pub reply: Result<Seq, Rejection>,
    /// What is durable now and was not before.
    pub recorded: Vec<Recorded>,
    /// What must be done now.
    pub effects: Vec<Effect>,
}

impl Engine {
    /// Over a state that was folded from this journal. `reserve` is a file that is given up for a way back when the
    /// disk is full.
    pub fn new(state: LaunchState, signals: Signals, journal: Journal, reserve: PathBuf) -> Self {
        Self { state: Arc::new(state), signals, journal, reserve }
    }

    /// The state.
    pub fn state(&self) -> &Arc<LaunchState> {
        &self.state
    }

    /// What is known of the signals.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Takes in a poll. A look should follow.
    pub fn observe(&mut self, poll: &Poll) {
        self.signals.observe(poll);
    }

    /// An input, then looks until nothing follows from anything any more.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Stepped {
        let order = match &input {
            Input::Order(order) => {
                if let Some(seq) = self.state.orders.get(&order.id) {
                    return Stepped { reply: Ok(*seq), recorded: Vec::new(), effects: Vec::new() };
                }
                Some((order.id.clone(), matches!(order.what, What::Rollback { .. })))
            }
            _ => None,
        };
        let is_look = matches!(input, Input::Look);
        let decided = decide(&self.state, &self.signals, input, now);
        let mut stepped = match decided {
            Ok(events) => self.record(events, order, now),
            Err(why) => Stepped { reply: Err(why), recorded: Vec::new(), effects: Vec::new() },
        };
        if stepped.reply.is_err() || (is_look && stepped.recorded.is_empty()) {
            return stepped;
        }
        for _ in 0..LOOKS {
            let Ok(events) = decide(&self.state, &self.signals, Input::Look, now) else { break };
            if events.is_empty() {
                break;
            }
            let more = self.record(events, None, now);
            if more.reply.is_err() {
                break;
            }
            stepped.recorded.extend(more.recorded);
            stepped.effects.extend(more.effects);
        }
        stepped
    }

    /// Makes facts durable and folds them in. With `order`, the first of them answers it; the flag says that it is a way
    /// back, for which the reserve on the disk is given up.
    pub fn record(&mut self, events: Vec<Event>, order: Option<(OrderId, bool)>, now: Timestamp) -> Stepped {
        let mut stepped = Stepped { reply: Ok(self.state.head), recorded: Vec::new(), effects: Vec::new() };
        let at = now.max(self.state.last_at);
        let (mut id, way_back) = order.map_or((None, false), |(id, way_back)| (Some(id), way_back));
        let mut seq = self.state.head.0;
        let recorded: Vec<Recorded> = events
            .into_iter()
            .map(|event| {
                seq += 1;
                Recorded { seq: Seq(seq), at, order: id.take(), event }
            })
            .collect();
        let Some(first) = recorded.first().map(|r| r.seq) else { return stepped };
        if let Err(e) = self.append(&recorded, way_back) {
            tracing::error!("the journal can't be written: {e}");
            stepped.reply = Err(Rejection::but(
                format!("it can't be made durable, so it was not done: {e}"),
                "make room on the disk of the launch's directory; a way back still has its reserve",
            ));
            return stepped;
        }
        stepped.reply = Ok(first);
        let state = Arc::make_mut(&mut self.state);
        for r in &recorded {
            state.apply(r);
            if let Event::PlanAdopted { outline, .. } = &r.event {
                self.signals.adopt(outline);
            }
            stepped.effects.extend(effects(state, &r.event));
        }
        if recorded.iter().any(|r| {
            matches!(
                r.event,
                Event::BaselineCaptured { .. } | Event::InstanceForgotten { .. } | Event::PlanAdopted { .. }
            )
        }) {
            self.signals.inform(&self.state.baselines, &self.state.forgotten);
        }
        stepped.recorded = recorded;
        stepped
    }

    fn append(&mut self, recorded: &[Recorded], way_back: bool) -> Result<(), crate::journal::JournalError> {
        let going_back = way_back || matches!(self.state.status, crate::core::launch::Status::RollingBack(_));
        match self.journal.append(recorded) {
            Err(e) if going_back && self.reserve.exists() => {
                tracing::warn!("the journal can't be written ({e}): the reserve is given up for the way back");
                let _ = std::fs::remove_file(&self.reserve);
                self.journal.append(recorded)
            }
            done => done,
        }
    }
}
