//! What the loop shows to clients: the state, how the signals are, what keeps the engine from its work.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::ready::back;
use super::turn::Turn;
use crate::core::launch::LaunchState;
use crate::core::time::Span;
use crate::core::view::Readout;
use crate::hub::Shown;
use crate::wire::message::Trouble;

/// How often telemetry is sent at most, when something remarkable happens.
pub(super) const QUICK: Duration = Duration::from_millis(200);

impl Turn {
    pub(super) fn shown(&self) -> Shown {
        shown(self.state(), self.wall.wall())
    }

    /// Shows what keeps the engine from its work, where that changed.
    pub(super) fn show_trouble(&self) {
        let journal = self.engine.trouble().cloned();
        let plan = self.file.words(&self.state().plan_hash);
        let heartbeat = self.post.unheard().map(str::to_owned);
        let ready = self.ready.found().cloned();
        self.publisher.trouble(Trouble { secrets: self.vault.missing().to_vec(), journal, plan, heartbeat, ready });
    }

    /// Shows how the signals are.
    pub(super) fn show(&mut self) {
        let readout = self.read();
        self.send(readout);
    }

    /// The same before the beat, where a signal has come to another level, or a condition to another verdict.
    pub(super) fn show_edges(&mut self) {
        let readout = self.read();
        let (signals, conditions) = readout.changes(&self.readout);
        let edge = signals.iter().any(|s| self.readout.signals.get(&s.id).map(|b| b.level) != Some(s.level))
            || conditions.iter().any(|c| {
                let before = self.readout.conditions.get(&c.of);
                before.map(|b| (b.held, b.now)) != Some((c.held, c.now))
            });
        if edge {
            self.send(readout);
        } else {
            self.fresh = false;
        }
    }

    /// How all is now, with what only the engine knows.
    pub(super) fn read(&self) -> Readout {
        let mut readout = Readout::of(self.state(), self.engine.signals(), self.now());
        readout.asking.clone_from(self.runs.asking());
        readout.processes.clone_from(self.runs.processes());
        let lacks = back::lacks(self.state(), &self.vault.secrets(), &self.back);
        readout.conditions.extend(lacks.into_iter().map(|view| (view.of.clone(), view)));
        readout
    }

    fn send(&mut self, readout: Readout) {
        self.readout = Arc::new(readout);
        self.publisher.readout(self.readout.clone());
        self.fresh = false;
        self.shown_at = Instant::now();
    }
}

/// What clients are shown of a state.
pub fn shown(state: &Arc<LaunchState>, wall: Span) -> Shown {
    Shown { state: state.clone(), wall }
}
