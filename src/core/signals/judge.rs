//! The fold: from a condition and the readings since an anchor to a finding.
//!
//! In order: reading → comparison per instance → k of the last n → `for` (the clock) → instances taken together.
//! From one true reading to the next, if no more than three intervals lie between, the time counts. A longer gap and no
//! data add nothing and take nothing (or by the rule: start over, or count as true); one false reading starts over.

use super::{Finding, Judge, Series, Signals, Tracked, asks_level, measure_of, other};
use crate::core::condition::{Condition, NoDataRule, Op, Operand, Quantifier, Test};
use crate::core::ids::{Instance, SignalId};
use crate::core::reading::{Level, Outcome, Verdict};
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Quantity, Unit};

impl Signals {
    /// What a condition comes to.
    pub fn judge(&self, condition: &Condition, how: Judge, now: Timestamp) -> Finding {
        let Some(tracked) = self.probes.get(&condition.subject.probe) else {
            return nothing(condition, how, format!("the plan has no probe {}", condition.subject.probe));
        };
        let instances = match &condition.subject.instance {
            Some(one) => vec![Some(one.clone())],
            None => self.instances_of(tracked, condition),
        };
        let named =
            instances.len() > 1 || instances.iter().any(Option::is_some) && condition.subject.instance.is_none();
        let mut findings: Vec<Finding> =
            instances.into_iter().map(|instance| self.one(tracked, condition, instance, named, how, now)).collect();
        let rank = |f: &Finding| match (how.of, &f.verdict) {
            (Quantifier::Any, Verdict::True) | (Quantifier::All, Verdict::False) => 0,
            (_, Verdict::NoData(_)) => 1,
            _ => 2,
        };
        // The instance that decides stands first: by verdict, then by how far its clock has run.
        findings.sort_by_key(|f| (rank(f), if how.of == Quantifier::Any { Span::ZERO - f.lasted } else { f.lasted }));
        let furthest =
            findings.iter().position(|f| how.of == Quantifier::Any && f.now.is_true() && f.verdict.is_false());
        let verdict = findings.first().map(|f| f.verdict.clone());
        match (verdict, furthest) {
            // No instance has held long enough, but one is on its way: show that one, with the verdict of all.
            (Some(verdict @ (Verdict::False | Verdict::NoData(_))), Some(on_its_way)) => {
                Finding { verdict, ..findings.swap_remove(on_its_way) }
            }
            (Some(_), _) => findings.swap_remove(0),
            (None, _) => nothing(condition, how, "never seen".to_owned()),
        }
    }

    /// The instances that a condition without one is about.
    fn instances_of(&self, tracked: &Tracked, condition: &Condition) -> Vec<Option<Instance>> {
        let measure = measure_of(condition, &tracked.outline);
        let keys = self.keys(tracked).into_iter().filter(|(_, m)| measure.is_none_or(|wanted| m == wanted));
        let mut instances: Vec<_> = keys.map(|(instance, _)| instance).collect();
        instances.dedup();
        instances
    }

    fn one(
        &self,
        tracked: &Tracked,
        condition: &Condition,
        instance: Option<Instance>,
        named: bool,
        how: Judge,
        now: Timestamp,
    ) -> Finding {
        let needs = match (condition.lasting, how.soak) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
        };
        let times = self.times(tracked, condition, instance.as_ref(), how.from, now);
        let gap = tracked.gap();
        let bare = |at: Timestamp| self.bare(tracked, condition, instance.as_ref(), at);
        let (current, words) = match times.last() {
            Some(last) if now.since(*last) <= gap => bare(*last),
            Some(last) => {
                let why = format!("stale: no reading for {}", seconds(now.since(*last)));
                (Verdict::NoData(why.clone()), format!("no data: {why}"))
            }
            None => {
                let why = if how.from > Timestamp(0) { "no reading yet since it began" } else { "never seen" };
                (Verdict::NoData(why.to_owned()), format!("no data: {why}"))
            }
        };
        let fresh = times.last().is_some_and(|last| now.since(*last) <= gap);
        let mut lasted = Span::ZERO;
        let mut newer: Option<Timestamp> = None;
        let mut agreed = current.clone();
        let mut last_true = None;
        for (index, at) in times.iter().enumerate().rev() {
            let verdict = self.polled(tracked, condition, instance.as_ref(), &times[..=index], gap);
            if index + 1 == times.len() && fresh {
                agreed = verdict.clone();
            }
            let holds = match (&verdict, how.no_data) {
                (Verdict::True, _) | (Verdict::NoData(_), NoDataRule::Breach) => true,
                (Verdict::False, _) | (Verdict::NoData(_), NoDataRule::Reset) => break,
                (Verdict::NoData(_), NoDataRule::Freeze) => false,
            };
            if holds {
                last_true = last_true.or(Some(*at));
                if let Some(newer) = newer.filter(|newer| newer.since(*at) <= gap) {
                    lasted = lasted + newer.since(*at);
                }
            }
            newer = holds.then_some(*at);
            if needs.is_none_or(|needs| lasted >= needs) {
                break;
            }
        }
        let agreed = match (agreed, how.no_data) {
            (Verdict::NoData(_), NoDataRule::Breach) => Verdict::True,
            (agreed, _) => agreed,
        };
        let full = needs.is_none_or(|needs| lasted >= needs);
        let lasted = needs.map_or(lasted, |needs| lasted.min(needs));
        let frozen = matches!(agreed, Verdict::NoData(_)) && lasted > Span::ZERO;
        let verdict = match &agreed {
            Verdict::True if !full => Verdict::False,
            other => other.clone(),
        };
        let full_at = match (&agreed, needs, last_true) {
            (Verdict::True, Some(needs), Some(last)) if !full => Some(last + (needs - lasted)),
            _ => None,
        };
        let found = match (&instance, named) {
            (Some(name), true) => format!("{name} {words}"),
            _ => words,
        };
        Finding { verdict, now: agreed, lasted, needs, frozen, found, instance, full_at }
    }

    /// The moments at which a condition has a reading, oldest first.
    fn times(
        &self,
        tracked: &Tracked,
        condition: &Condition,
        instance: Option<&Instance>,
        from: Timestamp,
        now: Timestamp,
    ) -> Vec<Timestamp> {
        let measure = measure_of(condition, &tracked.outline);
        let mine = tracked.series.iter().filter(|((i, m), _)| {
            (instance.is_none() && asks_level(condition) || i.as_ref() == instance) && measure.is_none_or(|w| w == m)
        });
        let mut times: Vec<Timestamp> = mine.flat_map(|(_, s)| within(s, from, now)).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// `k of n` over the last readings, the newest at the end: true if enough agree, false if no longer possible.
    fn polled(
        &self,
        tracked: &Tracked,
        condition: &Condition,
        instance: Option<&Instance>,
        times: &[Timestamp],
        gap: Span,
    ) -> Verdict {
        let Some(last) = times.last() else { return Verdict::NoData("never seen".to_owned()) };
        let Some(polls) = condition.polls else { return self.bare(tracked, condition, instance, *last).0 };
        let (mut yes, mut no, mut newer) = (0, 0, *last);
        for at in times.iter().rev().take(usize::from(polls.of)) {
            if newer.since(*at) > gap {
                break;
            }
            newer = *at;
            match self.bare(tracked, condition, instance, *at).0 {
                Verdict::True => yes += 1,
                Verdict::False => no += 1,
                Verdict::NoData(_) => {}
            }
        }
        if yes >= polls.k {
            Verdict::True
        } else if no > polls.of - polls.k {
            Verdict::False
        } else {
            Verdict::NoData(format!("{yes} of the last {} polls, {} needed", polls.of, polls.k))
        }
    }

    /// The comparison as it stood at a reading, and what it rests on in words.
    fn bare(
        &self,
        tracked: &Tracked,
        condition: &Condition,
        instance: Option<&Instance>,
        at: Timestamp,
    ) -> (Verdict, String) {
        let no_data = |why: &str| (Verdict::NoData(why.to_owned()), format!("no data: {why}"));
        if let Test::Is(level) = condition.test {
            return self.bare_level(tracked, condition, instance, level, at);
        }
        let Some(measure) = measure_of(condition, &tracked.outline) else { return no_data("it measures nothing") };
        let key = (instance.cloned(), measure.clone());
        let Some(outcome) = tracked.series.get(&key).and_then(|s| latest(s, at)).map(|(_, o)| o) else {
            return no_data("never seen");
        };
        let unit = tracked.outline.measure(Some(measure)).map_or(Unit::Count, |m| m.unit);
        match (&condition.test, outcome) {
            (_, Outcome::NoData(why)) => no_data(why),
            (Test::Failing, Outcome::Failing(why)) => (Verdict::True, format!("failing: {why}")),
            (Test::Failing, _) => (Verdict::False, "not failing".to_owned()),
            (_, Outcome::Failing(why)) => no_data(&format!("failing: {why}")),
            (Test::Words { equal, text }, found) => {
                let found = match found {
                    Outcome::Text(found) => found.clone(),
                    Outcome::Value(v) => v.get().to_string(),
                    _ => String::new(),
                };
                let sign = if found == *text { "=" } else { "!=" };
                (truth((found == *text) == *equal), format!("{found} {sign} {text}"))
            }
            (Test::Compare { op, to, within }, Outcome::Value(value)) => {
                let signal = tracked.id(instance.cloned(), measure.clone());
                match self.right(to, condition, &signal, at) {
                    Ok(right) => {
                        let margin = within.map_or(0.0, |q| q.base.get().abs());
                        let holds = op.holds(value.get(), right, margin);
                        (truth(holds), compared(unit, value.get(), *op, right, *within, holds))
                    }
                    Err(why) => no_data(&why),
                }
            }
            (Test::Compare { .. }, Outcome::Text(text)) => no_data(&format!("`{text}` is no number")),
            (Test::Is(_), _) => no_data("it has no level"),
        }
    }

    fn bare_level(
        &self,
        tracked: &Tracked,
        condition: &Condition,
        instance: Option<&Instance>,
        wanted: Level,
        at: Timestamp,
    ) -> (Verdict, String) {
        let keys = self.keys(tracked).into_iter().filter(|(i, m)| {
            (instance.is_none() || i.as_ref() == instance) && condition.subject.measure.as_ref().is_none_or(|w| w == m)
        });
        let levels = keys.map(|(i, m)| self.level(&tracked.id(i, m), at));
        let Some((level, why)) = levels.max_by_key(|(level, _)| *level) else {
            return (Verdict::NoData("never seen".to_owned()), "no data: never seen".to_owned());
        };
        let words = why.map_or_else(|| level.to_string(), |why| format!("{level}: {why}"));
        match (level, wanted) {
            (Level::Unknown, Level::Unknown) => (Verdict::True, words),
            (Level::Unknown, _) => (Verdict::NoData(words.clone()), words),
            _ => (truth(level == wanted), words),
        }
    }

    /// The right side's number at a moment.
    fn right(&self, to: &Operand, condition: &Condition, left: &SignalId, at: Timestamp) -> Result<f64, String> {
        let plus = |q: &Option<Quantity>| q.map_or(0.0, |q| q.base.get());
        match to {
            Operand::Const(q) => Ok(q.base.get()),
            Operand::Baseline { times, plus: more } => match self.baselines.get(left) {
                Some(baseline) => Ok(baseline.median.get() * times.get() + plus(more)),
                None => Err(format!("no baseline of {left} was captured")),
            },
            Operand::Signal { times, plus: more, .. } => {
                let value = other(condition).ok_or("no other signal").map_err(str::to_owned)?;
                Ok(self.other_value(value, left, at)? * times.get() + plus(more))
            }
        }
    }

    fn other_value(
        &self,
        subject: &crate::core::condition::Subject,
        left: &SignalId,
        at: Timestamp,
    ) -> Result<f64, String> {
        let tracked =
            self.probes.get(&subject.probe).ok_or_else(|| format!("the plan has no probe {}", subject.probe))?;
        let measure =
            tracked.outline.measure(subject.measure.as_ref()).ok_or_else(|| format!("{subject} measures nothing"))?;
        let series = |instance| tracked.series.get(&(instance, measure.name.clone()));
        let found = match &subject.instance {
            Some(one) => series(Some(one.clone())),
            None => series(left.instance.clone()).or_else(|| series(None)),
        };
        match found.and_then(|s| latest(s, at)) {
            None => Err(format!("{subject} was never seen")),
            Some((then, _)) if at.since(*then) > tracked.gap() => {
                Err(format!("{subject} is stale: no reading for {}", seconds(at.since(*then))))
            }
            Some((_, Outcome::Value(v))) => Ok(v.get()),
            Some((_, Outcome::NoData(why) | Outcome::Failing(why))) => Err(format!("{subject}: {why}")),
            Some((_, Outcome::Text(_))) => Err(format!("{subject} is no number")),
        }
    }
}

/// The moments of a series within the bounds, both included.
fn within(series: &Series, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
    let begin = series.partition_point(|(at, _)| *at < from);
    series.range(begin..).map(|(at, _)| *at).take_while(move |at| *at <= to)
}

/// The newest reading at or before a moment.
pub(super) fn latest(series: &Series, at: Timestamp) -> Option<&(Timestamp, Outcome)> {
    series.partition_point(|(then, _)| *then <= at).checked_sub(1).and_then(|index| series.get(index))
}

fn truth(holds: bool) -> Verdict {
    if holds { Verdict::True } else { Verdict::False }
}

/// Whole seconds, for people.
pub(super) fn seconds(span: Span) -> Span {
    Span(span.millis() / 1000 * 1000)
}

/// `6.10 % > 1 %`: what is, said so that it is true.
fn compared(unit: Unit, left: f64, op: Op, right: f64, within: Option<Quantity>, holds: bool) -> String {
    let sign = match (op, holds) {
        (Op::Less, true) | (Op::AtLeast, false) => "<",
        (Op::Less, false) | (Op::AtLeast, true) => ">=",
        (Op::AtMost, true) | (Op::More, false) => "<=",
        (Op::AtMost, false) | (Op::More, true) => ">",
        (Op::Equal, true) | (Op::NotEqual, false) => "=",
        (Op::Equal, false) | (Op::NotEqual, true) => "!=",
    };
    let within = within.map_or_else(String::new, |q| format!(" ± {}", unit.show(q.base.get())));
    format!("{} {sign} {}{within}", unit.show(left), unit.show(right))
}

fn nothing(condition: &Condition, how: Judge, why: String) -> Finding {
    let needs = match (condition.lasting, how.soak) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
    };
    Finding {
        verdict: Verdict::NoData(why.clone()),
        now: Verdict::NoData(why.clone()),
        lasted: Span::ZERO,
        needs,
        frozen: false,
        found: format!("no data: {why}"),
        instance: None,
        full_at: None,
    }
}
