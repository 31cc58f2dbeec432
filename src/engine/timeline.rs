//! The launch's timeline, read from the system's clocks. It never jumps and never runs backwards: it begins at the wall
//! clock, or just after the last event where that is later, and goes on by the clock that also counts suspended time.

use rustix::time::{ClockId, clock_gettime};

use crate::core::time::{Span, Timestamp};

/// A departure of the wall clock that is worth an event.
const STEP: i64 = 2000;

/// The timeline of this engine's life.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    begin: Timestamp,
    boot: i64,
}

impl Timeline {
    /// Begins after the last moment that is on record.
    pub fn after(last: Option<Timestamp>) -> Self {
        let begin = last.map_or(utc(), |last| utc().max(last + Span(1)));
        Self { begin, boot: boot() }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.begin + Span(boot().saturating_sub(self.boot))
    }

    /// What to add to the timeline for the wall clock.
    pub fn wall(&self) -> Span {
        utc().since(self.now())
    }
}

/// Watches the wall clock for steps.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    wall: Span,
}

impl WallClock {
    /// Takes the wall clock as it is.
    pub fn new(wall: Span) -> Self {
        Self { wall }
    }

    /// What to add to the timeline for the wall clock, as last taken.
    pub fn wall(&self) -> Span {
        self.wall
    }

    /// By how much the wall clock has stepped since it was last taken, if by more than 2 s.
    pub fn stepped(&mut self, wall: Span) -> Option<Span> {
        let by = wall - self.wall;
        (by.millis().abs() > STEP).then(|| {
            self.wall = wall;
            by
        })
    }
}

fn utc() -> Timestamp {
    let now = clock_gettime(ClockId::Realtime);
    Timestamp(now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000))
}

fn boot() -> i64 {
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_after_the_last_record_also_where_the_wall_clock_is_behind() {
        let ahead = utc() + Span::mins(60);
        let timeline = Timeline::after(Some(ahead));
        assert!(timeline.now() > ahead);
        assert!(timeline.wall() <= Span::mins(-60));
        assert!(timeline.now() >= timeline.begin);
        assert!(Timeline::after(None).wall().millis().abs() < 1000);
    }

    #[test]
    fn only_a_step_is_told_and_once() {
        let mut wall = WallClock::new(Span::ZERO);
        assert_eq!(wall.stepped(Span(1900)), None);
        assert_eq!(wall.stepped(Span::mins(-60)), Some(Span::mins(-60)));
        assert_eq!(wall.stepped(Span::mins(-60)), None);
    }
}
