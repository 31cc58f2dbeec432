//! What the readings make of a signal: its level, and why.

use super::few;
use super::row::{Row, Truth, latest, stale};
use super::{Key, Series, Signals, Tracked, measure_of};
use crate::core::condition::{Condition, Test};
use crate::core::ids::SignalId;
use crate::core::reading::{Level, Outcome};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::Pending;

/// A signal with its limits looked up.
pub(super) struct Watched<'a> {
    /// Its readings.
    pub series: Option<&'a Series>,
    gap: Span,
    unit: Unit,
    critical: Vec<(&'a Condition, Row<'a>)>,
    warn: Vec<(&'a Condition, Row<'a>)>,
    /// A limit says how long it may fail.
    patient: bool,
}

impl Signals {
    /// A signal's level, and why where it is not ok.
    pub fn level(&self, signal: &SignalId, now: Timestamp) -> (Level, Option<String>) {
        let Some(tracked) = self.probes.get(&signal.probe) else {
            return (Level::Unknown, Some("the plan has no such probe".to_owned()));
        };
        let watched = self.watched(tracked, &(signal.instance.clone(), signal.measure.clone()));
        let level = watched.level(now);
        let why = watched.why(level, now);
        match self.vantage.cut_off_by(&signal.probe, now) {
            // It says where we look from, and nothing of what it looks at.
            true if level > Level::Unknown => {
                (Level::Unknown, Some(format!("{}: our own side is cut off", why.unwrap_or_default())))
            }
            _ => (level, why),
        }
    }

    /// The gravest limit that a signal is over, but not yet for long enough; none where its level is as grave already.
    pub fn pending(&self, signal: &SignalId, now: Timestamp) -> Option<Pending> {
        let tracked = self.probes.get(&signal.probe)?;
        let watched = self.watched(tracked, &(signal.instance.clone(), signal.measure.clone()));
        let level = watched.level(now);
        let of = |level: Level, limits: &[(&Condition, Row<'_>)]| {
            let clocks = limits.iter().filter_map(|(condition, row)| {
                let clock = row.clock(condition, now);
                let needs = clock.needs?;
                (clock.agreed == Truth::True && clock.lasted < needs).then_some((needs, clock.lasted))
            });
            let (needs, lasted) = clocks.min_by_key(|(needs, lasted)| *needs - *lasted)?;
            Some(Pending { level, lasted, needs })
        };
        match level {
            Level::Ok => of(Level::Critical, &watched.critical).or_else(|| of(Level::Warn, &watched.warn)),
            Level::Warn => of(Level::Critical, &watched.critical),
            Level::Critical | Level::Unknown => None,
        }
    }

    pub(super) fn watched<'a>(&'a self, tracked: &'a Tracked, key: &Key) -> Watched<'a> {
        let (instance, measure) = key;
        let mine = |c: &&Condition| {
            // No text gives a limit that asks for a level; one from elsewhere would be about itself, without end.
            !matches!(c.test, Test::Is(_))
                && c.subject.probe == tracked.outline.id
                && measure_of(c, &tracked.outline).is_some_and(|m| m == measure)
                && c.subject.instance.as_ref().is_none_or(|i| Some(i) == instance.as_ref())
        };
        let rows = |limits: &'a [Condition]| -> Vec<_> {
            limits.iter().filter(mine).map(|c| (c, self.row(tracked, c, instance.as_ref()))).collect()
        };
        let (critical, warn) = (rows(&tracked.outline.critical), rows(&tracked.outline.warn));
        let patient = critical.iter().chain(&warn).any(|(c, _)| matches!(c.test, Test::Failing));
        let unit = tracked.outline.measure(Some(measure)).map_or(Unit::Count, |m| m.unit);
        Watched { series: tracked.series.get(key), gap: tracked.gap(), unit, critical, warn, patient }
    }
}

impl Watched<'_> {
    /// The level at a moment.
    pub fn level(&self, at: Timestamp) -> Level {
        match self.series.and_then(|s| latest(s, at)) {
            None | Some((_, Outcome::NoData(_) | Outcome::Few(_) | Outcome::CutOff(_))) => Level::Unknown,
            Some((then, _)) if at.since(*then) > self.gap => Level::Unknown,
            _ if breached(&self.critical, at).is_some() => Level::Critical,
            // With limits of its own, a failure is bad only once it has lasted; until then it is worth a look.
            Some((_, Outcome::Failing(_))) => {
                if self.patient {
                    Level::Warn
                } else {
                    Level::Critical
                }
            }
            _ if breached(&self.warn, at).is_some() => Level::Warn,
            // Whether it is within its limits, nobody can say: there is no baseline yet, say.
            Some(entry) if self.undecided(entry).is_some() => Level::Unknown,
            _ => Level::Ok,
        }
    }

    /// Whether nothing was known at a moment since our own side was cut off.
    pub fn is_cut_off(&self, at: Timestamp) -> bool {
        matches!(self.series.and_then(|s| latest(s, at)), Some((_, Outcome::CutOff(_))))
    }

    /// A limit of which a reading does not tell whether it is kept.
    fn undecided(&self, entry: &(Timestamp, Outcome)) -> Option<&Row<'_>> {
        let limits = self.critical.iter().chain(&self.warn).map(|(_, row)| row);
        limits.into_iter().find(|row| row.truth(entry) == Truth::NoData)
    }

    /// Why it has that level at that moment; none for ok.
    pub fn why(&self, level: Level, at: Timestamp) -> Option<String> {
        let Some((then, outcome)) = self.series.and_then(|s| latest(s, at)) else {
            return Some("never seen".to_owned());
        };
        let limits = match level {
            Level::Ok => return None,
            Level::Unknown => {
                return Some(match outcome {
                    _ if at.since(*then) > self.gap => stale(at, *then),
                    Outcome::NoData(why) | Outcome::CutOff(why) => why.clone(),
                    Outcome::Few(few) => few::words(self.series, *then, few, self.unit),
                    _ => {
                        let entry = (*then, outcome.clone());
                        self.undecided(&entry).map_or_else(|| "not known".to_owned(), |row| row.words(&entry))
                    }
                });
            }
            Level::Warn => &self.warn,
            Level::Critical => &self.critical,
        };
        let words = match (breached(limits, at), outcome) {
            (Some((condition, row)), _) => {
                let found = row.series.and_then(|s| latest(s, at)).map(|entry| row.words(entry)).unwrap_or_default();
                let polls = condition.polls.map(|polls| row.clock(condition, at).of_polls(polls)).unwrap_or_default();
                format!("{found}{polls}")
            }
            (None, Outcome::Failing(why)) => format!("failing: {why}"),
            (None, _) => level.to_string(),
        };
        Some(words)
    }
}

/// The first limit that holds.
fn breached<'a, 'r>(limits: &'r [(&'a Condition, Row<'a>)], at: Timestamp) -> Option<&'r (&'a Condition, Row<'a>)> {
    limits.iter().find(|(condition, row)| row.holds(condition, at))
}
