//! The launch's timeline, read from the system's clocks. It never jumps and never runs backwards: it begins at the wall
//! clock, or just after the last event where that is later, and goes on by the clock that also counts suspended time.
//!
//! In a rehearsal that is quicker than the plan (`--speed 60`, [`crate::core::practice`]) the whole timeline runs that
//! much faster: soaks, limits, rounds, shifts, clocks of triggers, all that is measured in its time. Nothing else knows of
//! speed but who leaves the timeline: who waits for a moment of it ([`Timeline::until`]), who speaks with the outer world
//! ([`Timeline::real`]), and the clients' clock. Such a timeline is a time of its own: what is shown as wall time is the
//! time of the rehearsal, a step of the wall clock is none of it, and while no engine runs it stands still.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::core::time::{Span, Timestamp};

/// A departure of the wall clock that is worth an event.
const STEP: i64 = 2000;

/// An engine that died may have measured for so long after it last said that it lives, on the wall clock.
const UNSAID: Span = Span::secs(2);

/// The timeline of this engine's life.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    begin: Timestamp,
    boot: i64,
    /// The wall clock at the beginning.
    utc: Timestamp,
    pace: i64,
}

impl Timeline {
    /// Of a new launch. `pace` is how many times as fast as the wall clock it runs, 1 or more.
    pub fn new(pace: i64) -> Self {
        let utc = utc();
        Self { begin: utc, boot: boot(), utc, pace: pace.max(1) }
    }

    /// Begins after the last moment that is on record.
    pub fn after(last: Timestamp, pace: i64) -> Self {
        let new = Self::new(pace);
        let begin = if new.pace > 1 { last + UNSAID.times(new.pace) } else { new.utc.max(last + Span(1)) };
        Self { begin, ..new }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.begin + Span(boot().saturating_sub(self.boot)).times(self.pace)
    }

    /// What to add to the timeline for the wall clock that people are shown: nothing where the timeline is quicker.
    pub fn wall(&self) -> Span {
        if self.pace > 1 { Span::ZERO } else { utc().since(self.now()) }
    }

    /// How long it is until a moment; nothing where it has passed.
    pub fn until(&self, at: Timestamp) -> Duration {
        Span(at.since(self.now()).millis() / self.pace).to_std()
    }

    /// How long it is since a moment, in its own time, where that is by `much` of the wall clock longer than somebody wanted
    /// to wait from then on.
    pub fn overslept(&self, since: Timestamp, wanted: Duration, much: Duration) -> Option<Span> {
        let passed = self.now().since(since);
        (Span(passed.millis() / self.pace).to_std() > wanted + much).then_some(passed)
    }

    /// What the outer world's clock shows at a moment, or showed; in an earlier engine's life that is a guess where the
    /// timeline is quicker. `wall` is what people's clock adds.
    pub fn real(&self, at: Timestamp, wall: Span) -> Timestamp {
        if self.pace > 1 { self.utc + Span(at.since(self.begin).millis() / self.pace) } else { at + wall }
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
        let timeline = Timeline::after(ahead, 1);
        assert!(timeline.now() > ahead);
        assert!(timeline.wall() <= Span::mins(-60));
        assert!(timeline.now() >= timeline.begin);
        assert!(Timeline::new(1).wall().millis().abs() < 1000);
    }

    #[test]
    fn one_that_is_quicker_is_a_time_of_its_own() {
        let timeline = Timeline { boot: boot() - 1000, ..Timeline::new(60) };
        let passed = timeline.now().since(timeline.begin);
        assert!(passed >= Span::mins(1) && passed < Span::mins(2), "{passed}");
        assert_eq!(timeline.wall(), Span::ZERO, "no step of the wall clock");
        let until = timeline.until(timeline.now() + Span::mins(10));
        assert!(until <= Duration::from_secs(10) && until > Duration::from_secs(9), "{until:?}");
        assert_eq!(timeline.until(timeline.begin), Duration::ZERO);
        assert_eq!(timeline.real(timeline.begin + Span::mins(60), Span::secs(9)), timeline.utc + Span::mins(1));
    }

    #[test]
    fn a_long_sleep_is_told_by_the_clock_that_also_counts_suspended_time() {
        for pace in [1, 60] {
            let timeline = Timeline { boot: boot() - 30_000, ..Timeline::new(pace) };
            let overslept =
                |wanted| timeline.overslept(timeline.begin, Duration::from_secs(wanted), Duration::from_secs(10));
            assert_eq!(overslept(25), None, "{pace}");
            let gap = overslept(1).unwrap();
            assert!(gap >= Span::secs(30 * pace) && gap < Span::secs(33 * pace), "{gap}");
        }
    }

    #[test]
    fn one_that_is_quicker_stands_still_while_no_engine_runs() {
        let yesterday = utc() - Span::mins(24 * 60);
        let timeline = Timeline::after(yesterday, 60);
        assert!(timeline.now() > yesterday && timeline.now() < yesterday + Span::mins(5));
    }

    #[test]
    fn only_a_step_is_told_and_once() {
        let mut wall = WallClock::new(Span::ZERO);
        assert_eq!(wall.stepped(Span(1900)), None);
        assert_eq!(wall.stepped(Span::mins(-60)), Some(Span::mins(-60)));
        assert_eq!(wall.stepped(Span::mins(-60)), None);
    }
}
