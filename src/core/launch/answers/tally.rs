//! How many things have each level.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Words;
use crate::core::launch::LaunchState;
use crate::core::outline::ProbeOutline;
use crate::core::reading::Level;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{Readout, SignalView};

/// How many things have each level. A thing is a probe, or one instance of it, and has the worst level of its signals; a
/// probe that was never seen is one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Within limits.
    pub ok: usize,
    /// Over `warn`.
    pub warn: usize,
    /// Over `critical`.
    pub critical: usize,
    /// Not known.
    pub unknown: usize,
    /// Not measured yet, with nothing overdue: the first readings are on their way.
    pub awaited: usize,
}

impl Tally {
    /// Counts.
    pub fn of(state: &LaunchState, readout: &Readout, now: Timestamp) -> Self {
        let mut tally = Self::default();
        let mut seen = BTreeSet::new();
        let all: Vec<&SignalView> = readout.signals.values().collect();
        for thing in all.chunk_by(|a, b| a.id.probe == b.id.probe && a.id.instance == b.id.instance) {
            let Some(probe) = thing.first().map(|v| &v.id.probe) else { continue };
            seen.insert(probe);
            let worst = thing.iter().map(|v| v.level).max().unwrap_or(Level::Unknown);
            let unseen = thing.iter().all(|v| v.at.is_none());
            let on_its_way = unseen && state.outline.probe(probe).is_some_and(|p| first_is_due(state, p) > now);
            tally.add(worst, on_its_way);
        }
        for probe in state.outline.probes.iter().filter(|p| !seen.contains(&p.id)) {
            tally.add(Level::Unknown, first_is_due(state, probe) > now);
        }
        tally
    }

    fn add(&mut self, level: Level, awaited: bool) {
        let of = match level {
            Level::Ok => &mut self.ok,
            Level::Warn => &mut self.warn,
            Level::Critical => &mut self.critical,
            Level::Unknown if awaited => &mut self.awaited,
            Level::Unknown => &mut self.unknown,
        };
        *of += 1;
    }

    /// All things.
    pub fn all(&self) -> usize {
        self.ok + self.warn + self.critical + self.unknown + self.awaited
    }

    /// `16 ok  0 warn  0 unknown`; once something is critical `1 critical  2 warn  13 ok`, what there is none of left out.
    /// Where no signal is over its own limit, `breaches` says what is.
    pub fn words(&self, breaches: &str) -> Words {
        let count = |n: usize, word: &str| format!("{n} {word}");
        let mut parts = vec![count(self.ok, "ok"), count(self.warn, "warn"), count(self.unknown, "unknown")];
        let worst = match (self.critical, breaches) {
            (0, "") => None,
            (0, breaches) => Some(breaches.to_owned()),
            (n, _) => Some(count(n, "critical")),
        };
        if let Some(worst) = worst {
            let rest = [(self.warn, "warn"), (self.unknown, "unknown"), (self.ok, "ok")];
            let rest = rest.into_iter().filter(|(n, word)| *n > 0 || *word == "ok");
            parts = [worst].into_iter().chain(rest.map(|(n, w)| count(n, w))).collect();
        }
        parts.extend((self.awaited > 0).then(|| count(self.awaited, "not yet")));
        // Where there is little room the mildest is left out, and never the first.
        let shorter = (1..parts.len()).rev().map(|n| parts[..n].join(" "));
        Words::of([parts.join("  "), parts.join(" ")].into_iter().chain(shorter))
    }
}

/// Until when silence of a probe is no news: three of its intervals and a timeout since the engine took the launch up.
fn first_is_due(state: &LaunchState, probe: &ProbeOutline) -> Timestamp {
    state.engine_since + probe.every.times(3) + probe.timeout + Span::secs(1)
}
