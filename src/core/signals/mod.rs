//! Readings folded into what is known now: levels, conditions with their clocks, baselines.
//!
//! Every clock is a fold over readings since an anchor, computed and never stored, so that batches can't matter and a
//! restarted engine comes to the same result. [`judge`] holds the fold, [`level`] what it makes of a signal.

mod judge;
mod level;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::condition::{Condition, NoDataRule, Operand, Quantifier, Test};
use super::event::{Baseline, Evidence};
use super::ids::{Instance, Measure, ProbeId, SignalId};
use super::outline::{Outline, ProbeOutline, StepOutline};
use super::reading::{Outcome, Poll, Verdict};
use super::time::{Span, Timestamp};
use super::units::Finite;

/// At most this many instances of a probe are kept; further ones are left out, and the probe says so.
pub const MAX_INSTANCES: usize = 64;

/// At most this many readings of a signal are kept, whatever the horizon.
const MAX_READINGS: usize = 50_000;

/// Readings of one signal, oldest first.
type Series = VecDeque<(Timestamp, Outcome)>;

/// Everything measured within the horizon, with what the plan says about it.
#[derive(Clone, Debug)]
pub struct Signals {
    probes: BTreeMap<ProbeId, Tracked>,
    baselines: BTreeMap<SignalId, Baseline>,
    forgotten: BTreeSet<(ProbeId, Instance)>,
    horizon: Span,
}

#[derive(Clone, Debug)]
struct Tracked {
    outline: ProbeOutline,
    series: BTreeMap<(Option<Instance>, Measure), Series>,
}

/// What a condition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// With `k of n`, `for` and the instances taken together.
    pub verdict: Verdict,
    /// The bare comparison at this moment.
    pub now: Verdict,
    /// How long it has held, in observed time; of the instance that is furthest (any) or least far (all). It stops
    /// counting where it has reached what it needs.
    pub lasted: Span,
    /// How long it must hold.
    pub needs: Option<Span>,
    /// The clock stands still for want of data.
    pub frozen: bool,
    /// What it rests on, in words: `6.10 % > 1 %`, `green 6.10 % > 1 %`, `no data: 401`.
    pub found: String,
    /// The instance that decides.
    pub instance: Option<Instance>,
    /// When the clock would be full if every next reading agreed; for a deadline to look at.
    pub full_at: Option<Timestamp>,
}

/// How to judge a condition.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Any or all instances.
    pub of: Quantifier,
    /// Readings before this moment don't count.
    pub from: Timestamp,
    /// What no data does to the clock.
    pub no_data: NoDataRule,
    /// Must hold at least this long, beside the condition's own `for` (a soak).
    pub soak: Option<Span>,
}

impl Judge {
    /// Any instance, since a moment.
    pub fn any(from: Timestamp) -> Self {
        Self { of: Quantifier::Any, from, no_data: NoDataRule::Freeze, soak: None }
    }

    /// All instances, since a moment.
    pub fn all(from: Timestamp) -> Self {
        Self { of: Quantifier::All, from, no_data: NoDataRule::Freeze, soak: None }
    }
}

impl Signals {
    /// With no readings yet.
    pub fn new(outline: &Outline) -> Self {
        let mut new = Self {
            probes: BTreeMap::new(),
            baselines: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            horizon: Span::ZERO,
        };
        new.adopt(outline);
        new
    }

    /// Takes in a changed plan; readings of signals that are still there are kept.
    pub fn adopt(&mut self, outline: &Outline) {
        let mut old = std::mem::take(&mut self.probes);
        for probe in &outline.probes {
            let mut series = old.remove(&probe.id).map(|t| t.series).unwrap_or_default();
            series.retain(|(_, measure), _| probe.measures.iter().any(|m| m.name == *measure));
            self.probes.insert(probe.id.clone(), Tracked { outline: probe.clone(), series });
        }
        self.horizon = horizon(outline);
    }

    /// How far back readings are kept: twice the longest clock of the plan, at least an hour.
    pub fn horizon(&self) -> Span {
        self.horizon
    }

    /// Takes in what the journal says: baselines, and instances that no longer count.
    pub fn inform(&mut self, baselines: &BTreeMap<SignalId, Baseline>, forgotten: &[(ProbeId, Instance)]) {
        self.baselines = baselines.clone();
        self.forgotten = forgotten.iter().cloned().collect();
    }

    /// Takes in a poll. A poll that learnt nothing is no data for each known signal of the probe.
    pub fn observe(&mut self, poll: &Poll) {
        let horizon = self.horizon;
        if let Some(tracked) = self.probes.get_mut(&poll.probe) {
            tracked.observe(poll);
            for series in tracked.series.values_mut() {
                while series.len() > MAX_READINGS || series.front().is_some_and(|(at, _)| poll.at.since(*at) > horizon)
                {
                    series.pop_front();
                }
            }
        }
    }

    /// All signals that are known, or expected and missing.
    pub fn ids(&self) -> Vec<SignalId> {
        self.probes.values().flat_map(|t| self.keys(t).into_iter().map(|(i, m)| t.id(i, m))).collect()
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
            .flat_map(|t| t.series.iter().map(|((i, m), s)| (t.id(i.clone(), m.clone()), s)))
            .filter_map(|(id, series)| {
                let recent = series.iter().filter(|(at, _)| *at <= now && now.since(*at) <= over);
                let mut values: Vec<f64> = recent.filter_map(|(_, o)| o.value()).collect();
                values.sort_by(f64::total_cmp);
                let at = |share: f64| {
                    values.get(((values.len().saturating_sub(1)) as f64 * share).round() as usize).copied()
                };
                let (median, p95) = (Finite::new(at(0.5)?)?, Finite::new(at(0.95)?)?);
                let samples = u32::try_from(values.len()).unwrap_or(u32::MAX);
                Some((id, Baseline { median, p95, samples, over, at: now }))
            })
            .collect()
    }

    /// When the next fresh signal becomes stale.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.probes.values().flat_map(|t| t.series.values().filter_map(|s| Some(s.back()?.0 + t.gap())));
        last.map(|at| at + Span(1)).filter(|at| *at > now).min()
    }

    /// The keys of a probe's signals: those seen, those expected, less those that a person let go.
    fn keys(&self, tracked: &Tracked) -> Vec<(Option<Instance>, Measure)> {
        let mut keys: BTreeSet<(Option<Instance>, Measure)> = tracked.series.keys().cloned().collect();
        for instance in &tracked.outline.expect {
            keys.extend(tracked.outline.measures.iter().map(|m| (Some(instance.clone()), m.name.clone())));
        }
        if keys.is_empty() {
            keys.extend(tracked.outline.measures.first().map(|m| (None, m.name.clone())));
        }
        keys.into_iter().filter(|key| !self.let_go(tracked, key)).collect()
    }

    /// Whether a person said that the instance no longer counts and it has not come back.
    fn let_go(&self, tracked: &Tracked, key: &(Option<Instance>, Measure)) -> bool {
        let Some(instance) = &key.0 else { return false };
        self.forgotten.contains(&(tracked.outline.id.clone(), instance.clone()))
            && !tracked.series.get(key).and_then(VecDeque::back).is_some_and(|(_, o)| !matches!(o, Outcome::NoData(_)))
    }
}

impl Tracked {
    fn id(&self, instance: Option<Instance>, measure: Measure) -> SignalId {
        SignalId { probe: self.outline.id.clone(), instance, measure }
    }

    /// The longest time between two readings that still counts as one after the other: three intervals.
    fn gap(&self) -> Span {
        self.outline.every.times(3)
    }

    fn observe(&mut self, poll: &Poll) {
        let mut fresh: BTreeSet<(Option<Instance>, Measure)> = BTreeSet::new();
        let missing = match &poll.points {
            Ok(points) => {
                for point in points {
                    let key = (point.instance.clone(), point.measure.clone());
                    let known = self.series.contains_key(&key);
                    if !known && (self.instances() >= MAX_INSTANCES || !self.measures(&point.measure)) {
                        continue;
                    }
                    if fresh.insert(key.clone()) {
                        self.push(key, poll.at, point.outcome.clone());
                    }
                }
                // A probe that answered for the first time no longer needs the row that stood for it as a whole.
                if points.iter().any(|p| p.instance.is_some()) && !points.iter().any(|p| p.instance.is_none()) {
                    self.series.retain(|(instance, _), s| {
                        instance.is_some() || s.iter().any(|(_, o)| !matches!(o, Outcome::NoData(_)))
                    });
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
        let expected: Vec<_> = self
            .outline
            .expect
            .iter()
            .flat_map(|instance| self.outline.measures.iter().map(|m| (Some(instance.clone()), m.name.clone())))
            .collect();
        let silent: BTreeSet<_> = self.series.keys().cloned().chain(expected).filter(|k| !fresh.contains(k)).collect();
        for key in silent {
            self.push(key, poll.at, Outcome::NoData(missing.clone()));
        }
    }

    fn push(&mut self, key: (Option<Instance>, Measure), at: Timestamp, outcome: Outcome) {
        let series = self.series.entry(key).or_default();
        // Time on the launch's timeline never runs back; a second reading of one moment replaces the first.
        match series.back_mut() {
            Some(last) if last.0 >= at => last.1 = outcome,
            _ => series.push_back((at, outcome)),
        }
    }

    fn instances(&self) -> usize {
        self.series.keys().filter_map(|(i, _)| i.as_ref()).collect::<BTreeSet<_>>().len()
    }

    fn measures(&self, name: &Measure) -> bool {
        self.outline.measures.iter().any(|m| m.name == *name)
    }
}

impl Finding {
    /// For the journal.
    pub fn evidence(&self, condition: &Condition) -> Evidence {
        let held = match self.verdict {
            Verdict::True => Some(true),
            Verdict::False => Some(false),
            Verdict::NoData(_) => None,
        };
        Evidence {
            condition: condition.to_string(),
            held,
            found: self.found.clone(),
            lasted: self.needs.map(|_| self.lasted),
        }
    }
}

/// Twice the longest clock of the plan, at least an hour.
fn horizon(outline: &Outline) -> Span {
    let mut longest = Span::mins(30);
    let mut add = |conditions: &[Condition], soak: Option<Span>| {
        for condition in conditions {
            let polls = condition.polls.map_or(1, |p| i64::from(p.of));
            let every = outline.probe(&condition.subject.probe).map_or(Span::ZERO, |p| p.every);
            let clock = condition.lasting.unwrap_or_default() + soak.unwrap_or_default() + every.times(polls + 3);
            longest = longest.max(clock);
        }
    };
    for probe in &outline.probes {
        add(&probe.warn, None);
        add(&probe.critical, None);
    }
    for trigger in &outline.triggers {
        add(std::slice::from_ref(&trigger.when), None);
    }
    let mut steps: Vec<&StepOutline> = outline.steps.iter().collect();
    steps.extend(outline.rollbacks.iter().flat_map(|r| &r.steps));
    for step in steps {
        add(&step.verify, step.soak);
        add(&step.fail, None);
        add(step.gate.as_ref().map_or(&[][..], |g| &g.require), None);
        add(step.undo.as_ref().map_or(&[][..], |u| &u.require), None);
    }
    for rollback in &outline.rollbacks {
        add(&rollback.require, None);
    }
    longest.times(2)
}

/// Whether a condition asks about state or level rather than a number.
fn asks_level(condition: &Condition) -> bool {
    matches!(condition.test, Test::Is(_))
}

/// The measure that a condition is about, where it is about one.
fn measure_of<'a>(condition: &'a Condition, probe: &'a ProbeOutline) -> Option<&'a Measure> {
    if let Some(named) = &condition.subject.measure {
        return Some(named);
    }
    match condition.test {
        Test::Is(_) => None,
        Test::Failing => {
            let state = probe.measures.iter().find(|m| m.unit == super::units::Unit::State);
            state.or(probe.measures.first()).map(|m| &m.name)
        }
        Test::Words { .. } => {
            let text = probe.measures.iter().find(|m| m.unit == super::units::Unit::Text);
            text.or(probe.measures.first()).map(|m| &m.name)
        }
        Test::Compare { .. } => probe.measures.first().map(|m| &m.name),
    }
}

/// The other signal of a comparison, if it has one.
fn other(condition: &Condition) -> Option<&super::condition::Subject> {
    match &condition.test {
        Test::Compare { to: Operand::Signal { subject, .. }, .. } => Some(subject),
        _ => None,
    }
}
