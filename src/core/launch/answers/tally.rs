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
        let levels = [(self.warn, "warn"), (self.unknown, "unknown")];
        let ok = (self.ok, "ok");
        let mut parts: Vec<(usize, &str)> = vec![ok];
        // While something is not measured yet, nobody is told that nothing is unknown.
        parts.extend(levels.into_iter().filter(|(n, word)| *n > 0 || *word != "unknown" || self.awaited == 0));
        let worst = match (self.critical, breaches) {
            (0, "") => None,
            (0, breaches) => Some((0, breaches)),
            (n, _) => Some((n, "critical")),
        };
        if worst.is_some() {
            parts = levels.into_iter().filter(|(n, _)| *n > 0).chain([ok]).collect();
        }
        parts.extend((self.awaited > 0).then_some((self.awaited, "not yet")));
        let said = |parts: &[(usize, &str)], between: &str| {
            let worst = worst.map(|(n, word)| if n == 0 { word.to_owned() } else { format!("{n} {word}") });
            let rest = parts.iter().map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(between);
            match worst {
                // What breaches may be several things: what comes after it must not look like one of them.
                Some(breach) if self.critical == 0 && !rest.is_empty() => format!("{breach}  {rest}"),
                Some(worst) if !rest.is_empty() => format!("{worst}{between}{rest}"),
                worst => worst.unwrap_or(rest),
            }
        };
        let mut forms = vec![said(&parts, "  "), said(&parts, " ")];
        // Where there is little room, what there is none of is left out, then the mildest; what is bad or not known never.
        let mild = |(n, word): &(usize, &str)| *n == 0 || matches!(*word, "ok" | "not yet");
        while parts.len() + usize::from(worst.is_some()) > 1 {
            let none = parts.iter().rposition(|(n, _)| *n == 0);
            let Some(at) = none.or_else(|| parts.iter().rposition(mild)) else { break };
            parts.remove(at);
            forms.push(said(&parts, " "));
        }
        forms.dedup();
        Words::of(forms)
    }
}

/// Until when silence of a probe is no news: three of its intervals and a timeout since the engine took the launch up.
fn first_is_due(state: &LaunchState, probe: &ProbeOutline) -> Timestamp {
    state.engine_since + probe.every.times(3) + probe.timeout + Span::secs(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(ok: usize, warn: usize, critical: usize, unknown: usize, breaches: &str) -> Vec<String> {
        let tally = Tally { ok, warn, critical, unknown, awaited: 0 };
        tally.words(breaches).forms().map(str::to_owned).collect()
    }

    #[test]
    fn before_the_first_readings_nobody_is_told_that_nothing_is_unknown() {
        let words = |unknown| Tally { ok: 1, unknown, awaited: 2, ..Tally::default() }.words("").long().to_owned();
        assert_eq!(words(0), "1 ok  0 warn  2 not yet");
        assert_eq!(words(3), "1 ok  0 warn  3 unknown  2 not yet");
    }

    #[test]
    fn where_there_is_little_room_what_is_not_known_stays() {
        assert_eq!(forms(3, 1, 0, 2, ""), ["3 ok  1 warn  2 unknown", "3 ok 1 warn 2 unknown", "1 warn 2 unknown"]);
        assert_eq!(
            forms(3, 0, 0, 2, ""),
            ["3 ok  0 warn  2 unknown", "3 ok 0 warn 2 unknown", "3 ok 2 unknown", "2 unknown"]
        );
        assert_eq!(forms(9, 0, 0, 0, ""), ["9 ok  0 warn  0 unknown", "9 ok 0 warn 0 unknown", "9 ok 0 warn", "9 ok"]);
        let critical = ["1 critical  2 unknown  3 ok", "1 critical 2 unknown 3 ok", "1 critical 2 unknown"];
        assert_eq!(forms(3, 0, 1, 2, ""), critical);
        assert_eq!(forms(0, 0, 0, 0, "1 trigger"), ["1 trigger  0 ok", "1 trigger"]);
        let many = forms(3, 4, 0, 1, "1 trigger, 1 fail clock");
        assert_eq!(many[1], "1 trigger, 1 fail clock  4 warn 1 unknown 3 ok", "the blanks tell them apart");
    }
}
