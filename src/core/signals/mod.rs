//! Readings folded into what is known now: levels, conditions with their clocks, baselines.
//!
//! Every clock is a fold over readings since an anchor, computed and never stored, so that batches can't matter and a
//! restarted engine comes to the same result. `tracked` keeps the readings, `row` compares, `few` says how
//! long until there are enough samples, `clock` holds the fold, `judge`
//! takes instances together, and `level` says what they make of a signal; `vantage` lets
//! nothing count that failed while our own side was cut off.

mod clock;
mod few;
mod horizon;
mod judge;
mod level;
mod row;
mod share;
#[cfg(test)]
mod tests;
mod tracked;
mod vantage;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use self::judge::{Finding, Judge};
pub use self::share::Share;
use self::tracked::Tracked;
use self::vantage::Vantage;
use super::condition::{Condition, Subject, Test};
use super::event::Baseline;
use super::ids::{Instance, Measure, ProbeId, SignalId};
use super::outline::{Outline, ProbeOutline};
use super::reading::{Outcome, Poll};
use super::time::{Span, Timestamp};
use super::units::{Finite, Unit};

/// At most this many instances of a probe are kept; further ones are left out, and the probe says so.
pub const MAX_INSTANCES: usize = 64;

/// At most this many readings of a signal are kept, whatever the horizon.
const MAX_READINGS: usize = 50_000;

/// Readings of one signal, oldest first.
type Series = VecDeque<(Timestamp, Outcome)>;

/// A signal within its probe.
type Key = (Option<Instance>, Measure);

/// Everything measured within the horizon, with what the plan says about it.
#[derive(Clone, Debug)]
pub struct Signals {
    probes: BTreeMap<ProbeId, Tracked>,
    baselines: BTreeMap<SignalId, Baseline>,
    forgotten: BTreeSet<(ProbeId, Instance)>,
    vantage: Vantage,
    /// The times in which no engine ran, oldest first.
    unobserved: Vec<(Timestamp, Timestamp)>,
    /// Since when a probe asks what it asks now, where a changed plan made it ask something else.
    asked_since: BTreeMap<ProbeId, Timestamp>,
}

/// That instances of a probe no longer count, since a person let them go: `replica-1 of lag was forgotten, and has not come
/// back`. None where nobody did.
pub fn let_go<'a>(probe: &ProbeId, forgotten: impl IntoIterator<Item = &'a (ProbeId, Instance)>) -> Option<String> {
    let gone: Vec<&str> =
        forgotten.into_iter().filter(|(of, _)| of == probe).map(|(_, instance)| instance.as_str()).collect();
    match gone.as_slice() {
        [] => None,
        [one] => Some(format!("{one} of {probe} was forgotten, and has not come back")),
        all => Some(format!("{} of {probe} were forgotten, and have not come back", all.join(", "))),
    }
}

impl Signals {
    /// With no readings yet.
    pub fn new(outline: &Outline) -> Self {
        let mut new = Self {
            probes: BTreeMap::new(),
            baselines: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            vantage: Vantage::default(),
            unobserved: Vec::new(),
            asked_since: BTreeMap::new(),
        };
        new.adopt(outline);
        new
    }

    /// Takes in a changed plan; readings of signals that are still there are kept.
    pub fn adopt(&mut self, outline: &Outline) {
        self.vantage.adopt(outline);
        let mut old = std::mem::take(&mut self.probes);
        for probe in &outline.probes {
            let before = old.remove(&probe.id).map(|t| (t.series, t.lost, t.polled, t.away));
            let (mut series, lost, polled, away) = before.unwrap_or_default();
            series.retain(|(_, measure), _| probe.measures.iter().any(|m| m.name == *measure));
            let horizon = horizon::horizon(outline, probe);
            let tracked = Tracked { outline: probe.clone(), series, horizon, polled, away, lost };
            self.probes.insert(probe.id.clone(), tracked);
        }
    }

    /// How far back readings are kept at most: twice the longest clock of the plan, at least an hour, and beyond that the
    /// times in which nobody watched, for which clocks stood still.
    pub fn horizon(&self) -> Span {
        self.probes.values().map(Tracked::reach).max().unwrap_or(Span::mins(60))
    }

    /// Readings before this moment are not here, though there may have been some.
    pub fn begin(&mut self, at: Timestamp) {
        self.probes.values_mut().for_each(|t| t.lost = t.lost.max(Some(at)));
    }

    /// A probe (of all, or this one) whose readings do not reach back so far, and how far they do.
    pub fn too_far(&self, probe: Option<&ProbeId>, over: Span, now: Timestamp) -> Option<(ProbeId, Span)> {
        let wanted = self.probes.values().filter(|t| probe.is_none_or(|p| t.outline.id == *p));
        let reaches = wanted.filter_map(|t| Some((t.outline.id.clone(), now.since(t.lost?) - Span(1))));
        reaches.filter(|(_, reach)| *reach < over).min_by_key(|(_, reach)| *reach)
    }

    /// Takes in what the journal says: baselines, and instances that no longer count.
    pub fn inform(&mut self, baselines: &BTreeMap<SignalId, Baseline>, forgotten: &[(ProbeId, Instance)]) {
        self.baselines = baselines.clone();
        self.forgotten = forgotten.iter().cloned().collect();
    }

    /// Takes in the times in which no engine ran, oldest first: nothing was observed then, and no clock runs over them.
    pub fn unobserved(&mut self, gaps: &[(Timestamp, Timestamp)]) {
        gaps.clone_into(&mut self.unobserved);
    }

    /// Takes in since when probes ask what they ask now: what they measured before is of something else, and counts for
    /// nothing.
    pub fn asked(&mut self, since: &BTreeMap<ProbeId, Timestamp>) {
        self.asked_since.clone_from(since);
        for (probe, since) in since {
            if let Some(tracked) = self.probes.get_mut(probe) {
                tracked.forget_before(*since);
            }
        }
    }

    /// Takes in a poll. A poll that learnt nothing is no data for each known signal of the probe. Where the plan names a
    /// vantage, one that failed waits until that has answered.
    pub fn observe(&mut self, poll: &Poll) {
        if self.asked_since.get(&poll.probe).is_some_and(|since| poll.at <= *since) {
            return;
        }
        for (poll, cut) in self.vantage.take(poll) {
            if let Some(tracked) = self.probes.get_mut(&poll.probe) {
                tracked.observe(&poll, cut.as_deref(), &self.forgotten);
            }
        }
    }

    /// Why nothing that is measured now says anything of production; none where any of the plan's vantage answers, where
    /// that was not asked lately, and where the plan has none.
    pub fn cut_off(&self, now: Timestamp) -> Option<String> {
        self.vantage.cut_off(now)
    }

    /// Whether any of the plan's vantage answers, or it has none.
    pub fn reached(&self, now: Timestamp) -> bool {
        self.vantage.reached(now)
    }

    /// All signals that are known, or expected and missing.
    pub fn ids(&self) -> Vec<SignalId> {
        self.probes.values().flat_map(|t| self.keys(t).into_iter().map(|(i, m)| t.id(i, m))).collect()
    }

    /// Whether an instance answers now and is well, as far as it can be either: then nobody has to do without it.
    pub fn is_there(&self, probe: &ProbeId, instance: &Instance, now: Timestamp) -> bool {
        self.probes.get(probe).is_some_and(|t| t.is_there(instance, now))
    }

    /// Why a subject has no readings that count: a person let its instance go, or all that its probe had.
    fn gone(&self, subject: &Subject) -> Option<String> {
        let Some(instance) = subject.instance.as_ref() else {
            let none_left = self.of_probe(&subject.probe).is_empty();
            return let_go(&subject.probe, &self.forgotten).filter(|_| none_left);
        };
        let gone = !self.forgotten.is_empty() && self.forgotten.contains(&(subject.probe.clone(), instance.clone()));
        gone.then(|| format!("{instance} of {} was forgotten, and has not come back", subject.probe))
    }

    /// The signals of one probe: those that are known, or expected and missing.
    pub fn of_probe(&self, probe: &ProbeId) -> Vec<SignalId> {
        self.probes.get(probe).into_iter().flat_map(|t| self.keys(t).into_iter().map(|(i, m)| t.id(i, m))).collect()
    }

    /// The instances of a probe of which something was measured within the horizon.
    pub fn measured(&self, probe: &ProbeId) -> BTreeSet<Instance> {
        let series = self.probes.get(probe).into_iter().flat_map(|tracked| &tracked.series);
        let with_number = series.filter(|(_, series)| series.iter().any(|(_, found)| found.value().is_some()));
        with_number.filter_map(|((instance, _), _)| instance.clone()).collect()
    }

    /// When a signal was measured after a moment, oldest first.
    pub fn readings_since(&self, signal: &SignalId, since: Timestamp) -> Vec<Timestamp> {
        self.series(signal).into_iter().flatten().map(|(at, _)| *at).filter(|at| *at > since).collect()
    }

    /// A signal's readings within the horizon, oldest first.
    pub fn readings(&self, signal: &SignalId) -> Vec<(Timestamp, Outcome)> {
        self.series(signal).into_iter().flatten().cloned().collect()
    }

    /// The newest `count` readings of a signal, oldest first.
    pub fn newest(&self, signal: &SignalId, count: usize) -> impl Iterator<Item = &(Timestamp, Outcome)> {
        self.series(signal).into_iter().flat_map(move |s| s.range(s.len().saturating_sub(count)..))
    }

    fn series(&self, signal: &SignalId) -> Option<&Series> {
        self.probes.get(&signal.probe)?.series.get(&(signal.instance.clone(), signal.measure.clone()))
    }

    /// The captured normal of each signal of a probe (or of all) with a number, over the last `over`.
    pub fn baseline(&self, probe: Option<&ProbeId>, over: Span, now: Timestamp) -> Vec<(SignalId, Baseline)> {
        let wanted = self.probes.values().filter(|t| probe.is_none_or(|p| t.outline.id == *p));
        wanted
            .flat_map(|t| {
                let numbers = |m: &Measure| t.outline.measure(Some(m)).is_some_and(|m| m.unit != Unit::State);
                let series = t.series.iter().filter(move |((_, m), _)| numbers(m));
                series.map(|((i, m), s)| (t.id(i.clone(), m.clone()), s))
            })
            .filter_map(|(id, series)| {
                let recent = series.iter().filter(|(at, _)| *at <= now && now.since(*at) <= over);
                let recent: Vec<(Timestamp, f64)> = recent.filter_map(|(at, o)| Some((*at, o.value()?))).collect();
                let from = recent.first().map(|(at, _)| *at);
                let mut values: Vec<f64> = recent.into_iter().map(|(_, value)| value).collect();
                values.sort_by(f64::total_cmp);
                let at = |share: f64| {
                    values.get(((values.len().saturating_sub(1)) as f64 * share).round() as usize).copied()
                };
                let (median, p95) = (Finite::new(at(0.5)?)?, Finite::new(at(0.95)?)?);
                let samples = u32::try_from(values.len()).unwrap_or(u32::MAX);
                Some((id, Baseline { median, p95, samples, over, from, at: now }))
            })
            .collect()
    }

    /// The signals of a probe (or of all) that have numbers and that a capture left out, and why as far as it is known now.
    pub fn without_number(
        &self,
        probe: Option<&ProbeId>,
        captured: &[(SignalId, Baseline)],
        now: Timestamp,
    ) -> Vec<(SignalId, String)> {
        let numbers = |id: &SignalId| {
            let outline = self.probes.get(&id.probe).map(|t| &t.outline);
            let unit = outline.and_then(|o| o.measure(Some(&id.measure))).map(|m| m.unit);
            unit.is_some_and(|unit| !matches!(unit, Unit::State | Unit::Text))
        };
        let wanted = self.ids().into_iter().filter(|id| probe.is_none_or(|p| *p == id.probe) && numbers(id));
        let left_out = wanted.filter(|id| !captured.iter().any(|(of, _)| of == id));
        let why = |id: &SignalId| self.level(id, now).1.unwrap_or_else(|| "no number".to_owned());
        left_out.map(|id| (id.clone(), why(&id))).collect()
    }

    /// When the next fresh signal becomes stale.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.probes.values().flat_map(|t| t.series.values().filter_map(|s| Some(s.back()?.0 + t.gap())));
        last.map(|at| at + Span(1)).filter(|at| *at > now).min()
    }

    /// The keys of a probe's signals: those seen, those expected and those with a normal, which were there once whatever
    /// became of the readings; less those that a person let go.
    fn keys(&self, tracked: &Tracked) -> Vec<Key> {
        let of = &tracked.outline.id;
        let normal = self.baselines.keys().filter(|id| id.probe == *of && id.instance.is_some());
        tracked.keys(&self.forgotten, normal.map(|id| (id.instance.clone(), id.measure.clone())))
    }
}

/// The measure that a condition is about, where it is about one.
fn measure_of<'a>(condition: &'a Condition, probe: &'a ProbeOutline) -> Option<&'a Measure> {
    if let Some(named) = &condition.subject.measure {
        return Some(named);
    }
    match condition.test {
        Test::Is(_) => None,
        Test::Failing => {
            let state = probe.measures.iter().find(|m| m.unit == Unit::State);
            state.or(probe.measures.first()).map(|m| &m.name)
        }
        Test::Words { .. } => {
            let text = probe.measures.iter().find(|m| m.unit == Unit::Text);
            text.or(probe.measures.first()).map(|m| &m.name)
        }
        Test::Compare { .. } => probe.measures.first().map(|m| &m.name),
    }
}
