//! How long ago was written what a replica has not replayed: told from where the log stood when. PostgreSQL's own
//! `replay_lag` stands still when a replica stalls and nothing new is written, and its folk formula on a replica counts
//! idle time as lag.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// So many positions are kept; at one in five seconds, the last three hours of steady writing.
const KEPT: usize = 2000;

/// Where the log stood at each poll, and how far each replica was at the last one.
#[derive(Debug, Default)]
pub(super) struct Track {
    stood: VecDeque<(Instant, f64)>,
    replayed: BTreeMap<String, f64>,
}

/// What can be said of a replica's delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delay {
    /// The first thing that it lacks was written at least this long ago.
    pub at_least: Duration,
    /// It was seen to have all when the log stood a poll earlier: the figure is right but for one interval.
    pub bounded: bool,
}

impl Track {
    /// Notes where the log stands, in bytes from its beginning.
    pub fn note(&mut self, position: f64, now: Instant) {
        // A position that went back means another timeline: the past says nothing about it.
        if self.stood.back().is_some_and(|(_, last)| position < *last) {
            self.stood.clear();
        }
        if self.stood.back().is_none_or(|(_, last)| position > *last) {
            self.stood.push_back((now, position));
        }
        if self.stood.len() > KEPT {
            self.stood.pop_front();
        }
    }

    /// Nothing was noted yet.
    pub fn is_new(&self) -> bool {
        self.stood.is_empty()
    }

    /// Notes how far a replica is. True where it was seen before and has moved since.
    pub fn moves(&mut self, replica: &str, replayed: f64) -> bool {
        if self.replayed.len() > KEPT {
            self.replayed.clear();
        }
        self.replayed.insert(replica.to_owned(), replayed).is_some_and(|last| last < replayed)
    }

    /// How long ago the first thing was written that stands after `replayed`.
    pub fn delay(&self, replayed: f64, now: Instant) -> Delay {
        let first = self.stood.partition_point(|(_, position)| *position <= replayed);
        let at_least = self.stood.get(first).map_or(Duration::ZERO, |(at, _)| now.saturating_duration_since(*at));
        Delay { at_least, bounded: first > 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_is_the_age_of_the_first_thing_lacking() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut track = Track::default();
        for (s, position) in [(0, 100.0), (5, 100.0), (10, 200.0), (15, 300.0)] {
            track.note(position, at(s));
        }
        for (replayed, delay, bounded) in [(300.0, 0, true), (250.0, 0, true), (100.0, 5, true), (50.0, 15, false)] {
            let found = track.delay(replayed, at(15));
            assert_eq!((found.at_least.as_secs(), found.bounded), (delay, bounded), "{replayed}");
        }
        // Nothing new is written: the delay grows all the same.
        assert_eq!(track.delay(100.0, at(60)).at_least.as_secs(), 50);
        // Another timeline begins.
        track.note(10.0, at(61));
        assert_eq!(track.delay(0.0, at(65)).at_least.as_secs(), 4);
    }
}
