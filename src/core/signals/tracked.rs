//! What was measured of one probe: its series, and what each poll makes of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::vantage::says_nothing;
use super::{Key, MAX_INSTANCES, MAX_READINGS, Series};
use crate::core::ids::{Instance, Measure, ProbeId, SignalId};
use crate::core::outline::ProbeOutline;
use crate::core::reading::{NONE_FOUND, Outcome, Poll};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

/// Stands for the instances that are left out, so that *all* is never true of a part.
const LEFT_OUT: &str = "(more)";

#[derive(Clone, Debug)]
pub(super) struct Tracked {
    pub outline: ProbeOutline,
    pub series: BTreeMap<Key, Series>,
    /// How far back its readings are kept, in time that somebody watched.
    pub horizon: Span,
    /// When it was polled last.
    pub polled: Option<Timestamp>,
    /// The times in which nobody watched, as far back as readings are kept: when each ended, and how long it was.
    pub away: VecDeque<(Timestamp, Span)>,
    /// The newest moment of which readings were let go.
    pub lost: Option<Timestamp>,
}

impl Tracked {
    pub fn id(&self, instance: Option<Instance>, measure: Measure) -> SignalId {
        SignalId { probe: self.outline.id.clone(), instance, measure }
    }

    /// The longest time between two readings that still counts as one after the other: three intervals.
    pub fn gap(&self) -> Span {
        self.outline.every.times(3)
    }

    /// The keys of its signals: those seen and those expected, less those that a person let go.
    pub fn keys(&self, forgotten: &BTreeSet<(ProbeId, Instance)>, normal: impl Iterator<Item = Key>) -> Vec<Key> {
        let known = |(_, measure): &Key| self.outline.measure(Some(measure)).is_some();
        let all = self.series.keys().cloned().chain(self.expected()).chain(normal.filter(known));
        let mut keys: BTreeSet<Key> = all.collect();
        if keys.is_empty() {
            keys.extend(self.outline.measures.first().map(|m| (None, m.name.clone())));
        }
        keys.retain(|key| !self.let_go(key, forgotten));
        keys.into_iter().collect()
    }

    /// Those of the instances that must be there, and those that the probe has once for all of them.
    fn expected(&self) -> impl Iterator<Item = Key> {
        let whole = self.outline.measures.iter().filter(|m| m.whole).map(|m| (None, m.name.clone()));
        self.outline.expect.iter().flat_map(|instance| self.each(instance.clone())).chain(whole)
    }

    /// The keys of an instance: of each measure that it has of its own.
    fn each(&self, instance: Instance) -> impl Iterator<Item = Key> {
        let own = self.outline.measures.iter().filter(|m| !m.whole);
        own.map(move |m| (Some(instance.clone()), m.name.clone()))
    }

    /// Whether a person said that the instance no longer counts.
    fn let_go(&self, key: &Key, forgotten: &BTreeSet<(ProbeId, Instance)>) -> bool {
        let Some(instance) = &key.0 else { return false };
        !forgotten.is_empty() && forgotten.contains(&(self.outline.id.clone(), instance.clone()))
    }

    /// Whether an instance is there now: all that is up or failing of it is up, or it has a number where nothing is.
    pub fn is_there(&self, instance: &Instance, now: Timestamp) -> bool {
        let own = self.series.iter().filter(|((i, _), _)| i.as_ref() == Some(instance));
        let newest = own.filter_map(|((_, measure), series)| {
            let (at, outcome) = series.back()?;
            let state = self.outline.measure(Some(measure)).is_some_and(|m| m.unit == Unit::State);
            let answers = outcome.counts() && !matches!(outcome, Outcome::Failing(_));
            (now.since(*at) <= self.gap()).then_some((state, answers))
        });
        let (states, others): (Vec<_>, Vec<_>) = newest.partition(|(state, _)| *state);
        let well = |(_, answers): &(bool, bool)| *answers;
        if states.is_empty() { others.iter().any(well) } else { states.iter().all(well) }
    }

    /// How far back its readings are kept, with the times in which nobody watched.
    pub fn reach(&self) -> Span {
        self.away.iter().fold(self.horizon, |all, (_, length)| all + *length)
    }

    /// Takes in a poll; with `cut`, what failed in it says nothing, and this is why.
    pub fn observe(&mut self, poll: &Poll, cut: Option<&str>, forgotten: &BTreeSet<(ProbeId, Instance)>) {
        let since = self.polled.replace(poll.at).map(|before| poll.at.since(before));
        self.away.extend(since.filter(|length| *length > self.gap()).map(|length| (poll.at, length)));
        let mut fresh: BTreeSet<Key> = BTreeSet::new();
        let missing = match &poll.points {
            Ok(points) => {
                let mut left_out: BTreeSet<&Instance> = BTreeSet::new();
                for point in points {
                    let key = (point.instance.clone(), point.measure.clone());
                    if !self.outline.measures.iter().any(|m| m.name == point.measure) {
                        continue;
                    }
                    if let Some(instance) = &point.instance
                        && !self.series.contains_key(&key)
                        && !self.has_room_for(instance, forgotten)
                    {
                        left_out.insert(instance);
                    } else if fresh.insert(key.clone()) {
                        let outcome = point.outcome.clone();
                        let cut = cut.filter(|_| says_nothing(&outcome)).map(|why| Outcome::CutOff(why.to_owned()));
                        self.push(key, poll.at, cut.unwrap_or(outcome));
                    }
                }
                self.tell_left_out(left_out.len(), poll.at, &mut fresh);
                self.series.retain(|key, _| {
                    fresh.contains(key) || key.0.as_ref().is_none_or(|instance| instance.as_str() != NONE_FOUND)
                });
                let learnt = |s: &Series| s.iter().any(|(_, o)| !matches!(o, Outcome::NoData(_) | Outcome::CutOff(_)));
                // Nor does a stream that was missing, once its groups are named.
                let parts = |whole: &Instance| {
                    let part =
                        |p: &Instance| p.as_str().strip_prefix(whole.as_str()).is_some_and(|p| p.starts_with('/'));
                    fresh.iter().any(|(instance, _)| instance.as_ref().is_some_and(part))
                };
                self.series.retain(|(instance, measure), s| {
                    let own = fresh.contains(&(instance.clone(), measure.clone())) || learnt(s);
                    own || !instance.as_ref().is_some_and(parts)
                });
                // A probe that named its instances no longer needs the row that stood for it as a whole.
                if points.iter().any(|p| p.instance.is_some()) && !points.iter().any(|p| p.instance.is_none()) {
                    self.series.retain(|(instance, _), s| instance.is_some() || learnt(s));
                }
                "not in the answer".to_owned()
            }
            Err(why) => {
                if self.series.is_empty()
                    && self.outline.expect.is_empty()
                    && let Some(first) = self.outline.measures.first()
                {
                    self.series.insert((None, first.name.clone()), Series::new());
                }
                why.clone()
            }
        };
        let known = self.series.keys().cloned().chain(self.expected());
        let silent: BTreeSet<Key> = known.filter(|k| !fresh.contains(k) && !self.let_go(k, forgotten)).collect();
        for key in silent {
            let missing = cut.map_or_else(|| Outcome::NoData(missing.clone()), |why| Outcome::CutOff(why.to_owned()));
            self.push(key, poll.at, missing);
        }
        self.trim(poll.at);
    }

    /// Lets go what was measured up to this moment.
    pub fn forget_before(&mut self, since: Timestamp) {
        if self.lost.is_some_and(|lost| lost >= since) {
            return;
        }
        self.lost = Some(since);
        self.series.values_mut().for_each(|series| series.retain(|(at, _)| *at > since));
        self.series.retain(|_, series| !series.is_empty());
    }

    fn has_room_for(&self, instance: &Instance, forgotten: &BTreeSet<(ProbeId, Instance)>) -> bool {
        let counted = self.series.keys().filter(|key| !self.let_go(key, forgotten)).filter_map(|(i, _)| i.as_ref());
        let mut counted: Vec<&Instance> = counted.filter(|i| i.as_str() != LEFT_OUT).collect();
        counted.dedup();
        counted.len() < MAX_INSTANCES || counted.contains(&instance)
    }

    fn tell_left_out(&mut self, count: usize, at: Timestamp, fresh: &mut BTreeSet<Key>) {
        let keys: Vec<Key> = self.each(LEFT_OUT.into()).collect();
        for key in keys {
            if count == 0 {
                self.series.remove(&key);
            } else {
                let why = format!("{count} more instances are not watched: {MAX_INSTANCES} at most");
                fresh.insert(key.clone());
                self.push(key, at, Outcome::NoData(why));
            }
        }
    }

    fn push(&mut self, key: Key, at: Timestamp, outcome: Outcome) {
        let series = self.series.entry(key).or_default();
        // Time on the launch's timeline never runs back; a second reading of one moment replaces the first.
        match series.back_mut() {
            Some(last) if last.0 >= at => last.1 = outcome,
            _ => {
                // Of hundreds of signals that would be doubled, most of it would never be used.
                if series.len() == series.capacity() {
                    series.reserve_exact(series.len() / 4 + 4);
                }
                series.push_back((at, outcome));
            }
        }
    }

    fn trim(&mut self, now: Timestamp) {
        // A clock that stood still while nobody watched goes on with what it had before.
        let (horizon, away) = (self.horizon, &mut self.away);
        let watched = |at: Timestamp, away: &VecDeque<(Timestamp, Span)>| {
            let after = away.iter().rev().take_while(|(end, _)| *end > at);
            after.fold(now.since(at), |all, (_, length)| all - *length)
        };
        while away.front().is_some_and(|(end, _)| watched(*end, away) > horizon) {
            away.pop_front();
        }
        let away = &self.away;
        let old = |at: &Timestamp| watched(*at, away) > horizon;
        for series in self.series.values_mut() {
            while series.len() > MAX_READINGS || series.front().is_some_and(|(at, _)| old(at)) {
                self.lost = self.lost.max(series.pop_front().map(|(at, _)| at));
            }
        }
        self.series.retain(|_, series| !series.is_empty());
    }
}
