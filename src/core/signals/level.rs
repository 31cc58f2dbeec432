//! What the readings make of a signal: its level, and why.

use super::judge::{latest, seconds};
use super::{Judge, Signals, measure_of};
use crate::core::condition::{Condition, Test};
use crate::core::ids::SignalId;
use crate::core::reading::{Level, Outcome};
use crate::core::time::Timestamp;

impl Signals {
    /// A signal's level, and why where it is not ok.
    pub fn level(&self, signal: &SignalId, now: Timestamp) -> (Level, Option<String>) {
        let Some(tracked) = self.probes.get(&signal.probe) else {
            return (Level::Unknown, Some("the plan has no such probe".to_owned()));
        };
        let key = (signal.instance.clone(), signal.measure.clone());
        let Some((at, outcome)) = tracked.series.get(&key).and_then(|s| latest(s, now)) else {
            return (Level::Unknown, Some("never seen".to_owned()));
        };
        if now.since(*at) > tracked.gap() {
            return (Level::Unknown, Some(format!("stale: no reading for {}", seconds(now.since(*at)))));
        }
        if let Outcome::NoData(why) = outcome {
            return (Level::Unknown, Some(why.clone()));
        }
        let mine = |c: &&Condition| {
            let about = measure_of(c, &tracked.outline).is_some_and(|m| *m == signal.measure);
            about && c.subject.instance.as_ref().is_none_or(|i| Some(i) == signal.instance.as_ref())
        };
        let breached = |conditions: &[Condition]| {
            conditions.iter().filter(mine).find_map(|c| {
                let mut one = c.clone();
                one.subject.instance.clone_from(&signal.instance);
                let found = self.judge(&one, Judge::any(Timestamp(0)), now);
                found.verdict.is_true().then_some((c.clone(), found.found))
            })
        };
        if let Some((condition, found)) = breached(&tracked.outline.critical) {
            return (Level::Critical, Some(with_clock(&condition, found)));
        }
        if let Some((condition, found)) = breached(&tracked.outline.warn) {
            return (Level::Warn, Some(with_clock(&condition, found)));
        }
        if let Outcome::Failing(why) = outcome {
            // With limits of its own, a failure is bad only once it has lasted; until then it is worth a look.
            let limits = tracked.outline.critical.iter().chain(&tracked.outline.warn);
            let limited = limits.filter(mine).any(|c| matches!(c.test, Test::Failing));
            return (if limited { Level::Warn } else { Level::Critical }, Some(format!("failing: {why}")));
        }
        (Level::Ok, None)
    }
}

fn with_clock(condition: &Condition, found: String) -> String {
    match condition.lasting {
        Some(span) => format!("{found} for {span}"),
        None => found,
    }
}
