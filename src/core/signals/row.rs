//! One condition over one signal, with everything that it needs looked up once: then asking how it stood at a reading
//! costs a comparison and no memory, so that a clock of hours can be folded at every look.

use super::clock::{self, Clock, Rule};
use super::few;
use super::level::Watched;
use super::{Series, Signals, Tracked, measure_of};
use crate::core::condition::{Condition, Op, Operand, Subject, Test};
use crate::core::ids::{Instance, SignalId};
use crate::core::reading::{Level, Outcome};
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Quantity, Unit};

/// A [`Verdict`](crate::core::reading::Verdict) without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    NoData,
    /// No data, since our own side is cut off: no rule of the plan makes more of it.
    CutOff,
}

/// A condition over one signal, or over one instance as a whole where it asks for a level.
pub(super) struct Row<'a> {
    /// The readings at which it is asked.
    pub series: Option<&'a Series>,
    /// The longest time between two readings that still counts as one after the other.
    pub gap: Span,
    /// The times in which nobody observed anything.
    pub unobserved: &'a [(Timestamp, Timestamp)],
    /// The unit of what is measured.
    unit: Unit,
    ask: Ask<'a>,
}

enum Ask<'a> {
    Compare { op: Op, right: Right<'a>, within: Option<Quantity> },
    Words { equal: bool, text: &'a str },
    Failing,
    Level { wanted: Level, of: Vec<Watched<'a>> },
}

enum Right<'a> {
    Number(f64),
    Latest { subject: &'a Subject, series: Option<&'a Series>, gap: Span, unit: Unit, times: f64, plus: f64 },
    Unknown(String),
}

impl Signals {
    pub(super) fn row<'a>(
        &'a self,
        tracked: &'a Tracked,
        condition: &'a Condition,
        instance: Option<&Instance>,
    ) -> Row<'a> {
        let gap = tracked.gap();
        if let Test::Is(wanted) = condition.test {
            let measure = condition.subject.measure.as_ref();
            let keys = self.keys(tracked).into_iter().filter(|(i, m)| {
                (instance.is_none() || i.as_ref() == instance) && measure.is_none_or(|wanted| wanted == m)
            });
            let of: Vec<Watched> = keys.map(|key| self.watched(tracked, &key)).collect();
            // All signals of a probe are read at once, so the one that is known longest has every moment.
            let series = of.iter().filter_map(|w| w.series).max_by_key(|s| s.len());
            let unobserved = &self.unobserved;
            return Row { series, gap, unobserved, unit: Unit::Count, ask: Ask::Level { wanted, of } };
        }
        let measure = measure_of(condition, &tracked.outline);
        let series = measure.and_then(|m| tracked.series.get(&(instance.cloned(), m.clone())));
        let ask = match &condition.test {
            Test::Compare { op, to, within } => {
                let right = match measure {
                    Some(m) => self.right(to, &tracked.id(instance.cloned(), m.clone())),
                    None => Right::Unknown("it measures nothing".to_owned()),
                };
                Ask::Compare { op: *op, right, within: *within }
            }
            Test::Words { equal, text } => Ask::Words { equal: *equal, text },
            Test::Failing | Test::Is(_) => Ask::Failing,
        };
        let unit = tracked.outline.measure(measure).map_or(Unit::Count, |m| m.unit);
        Row { series, gap, unobserved: &self.unobserved, unit, ask }
    }

    fn right<'a>(&'a self, to: &'a Operand, left: &SignalId) -> Right<'a> {
        let amount = |plus: &Option<Quantity>| plus.map_or(0.0, |q| q.base.get());
        match to {
            Operand::Const(q) => Right::Number(q.base.get()),
            Operand::Baseline { times, plus } => match self.baselines.get(left) {
                Some(baseline) => Right::Number(baseline.median.get() * times.get() + amount(plus)),
                None => Right::Unknown(format!("no baseline of {left} was captured")),
            },
            Operand::Signal { subject, times, plus } => {
                let Some(tracked) = self.probes.get(&subject.probe) else {
                    return Right::Unknown(format!("the plan has no probe {}", subject.probe));
                };
                let Some(measure) = tracked.outline.measure(subject.measure.as_ref()) else {
                    return Right::Unknown(format!("{subject} measures nothing"));
                };
                if let Some(gone) = self.gone(subject) {
                    return Right::Unknown(gone);
                }
                let of = |instance: Option<Instance>| tracked.series.get(&(instance, measure.name.clone()));
                let series = match &subject.instance {
                    Some(one) => of(Some(one.clone())),
                    None => of(left.instance.clone()).or_else(|| of(None)),
                };
                Right::Latest {
                    subject,
                    series,
                    gap: tracked.gap(),
                    unit: measure.unit,
                    times: times.get(),
                    plus: amount(plus),
                }
            }
        }
    }
}

impl Row<'_> {
    /// How it stood at a reading of its series.
    pub fn truth(&self, (at, outcome): &(Timestamp, Outcome)) -> Truth {
        if matches!(outcome, Outcome::CutOff(_)) && !matches!(self.ask, Ask::Level { .. }) {
            return Truth::CutOff;
        }
        match &self.ask {
            Ask::Level { of, .. } if of.iter().any(|w| w.is_cut_off(*at)) => Truth::CutOff,
            Ask::Level { wanted, of } => match (worst(of, *at), wanted) {
                (Level::Unknown, Level::Unknown) => Truth::True,
                (Level::Unknown, _) => Truth::NoData,
                (level, wanted) => truth(level == *wanted),
            },
            Ask::Failing => match outcome {
                Outcome::NoData(_) | Outcome::Few(_) | Outcome::CutOff(_) => Truth::NoData,
                outcome => truth(matches!(outcome, Outcome::Failing(_))),
            },
            Ask::Words { equal, text } => match outcome {
                Outcome::Text(found) => truth((found == text) == *equal),
                Outcome::Value(found) => truth((found.get().to_string() == *text) == *equal),
                _ => Truth::NoData,
            },
            Ask::Compare { op, right, within, .. } => match (outcome, right.at(*at)) {
                (Outcome::Value(left), Some(right)) => {
                    truth(op.holds(left.get(), right, within.map_or(0.0, |q| q.base.get().abs())))
                }
                (Outcome::AtLeast(left), Some(right)) => {
                    let holds = op.holds_from(left.get(), right, within.map_or(0.0, |q| q.base.get().abs()));
                    holds.map_or(Truth::NoData, truth)
                }
                _ if right.is_cut_off(*at) => Truth::CutOff,
                _ => Truth::NoData,
            },
        }
    }

    /// What it rests on at a reading, in words; where it has no data, why.
    pub fn words(&self, entry: &(Timestamp, Outcome)) -> String {
        let (at, outcome) = entry;
        match (&self.ask, outcome) {
            (Ask::Level { of, .. }, _) => {
                let level = worst(of, *at);
                let why = of.iter().filter(|w| w.level(*at) == level).find_map(|w| w.why(level, *at));
                why.map_or_else(|| level.to_string(), |why| format!("{level}: {why}"))
            }
            (Ask::Failing, Outcome::Value(_) | Outcome::AtLeast(_) | Outcome::Text(_)) => "not failing".to_owned(),
            (_, Outcome::NoData(why) | Outcome::CutOff(why)) => why.clone(),
            (_, Outcome::Few(few)) => few::words(self.series, *at, few, self.unit),
            (_, Outcome::Failing(why)) => format!("failing: {why}"),
            (Ask::Words { text, .. }, Outcome::Text(found)) => unequal(found, text),
            (Ask::Words { text, .. }, Outcome::Value(found)) => unequal(&found.get().to_string(), text),
            (Ask::Words { text, .. }, Outcome::AtLeast(found)) => {
                format!("at least {}: whether that is {text} is not known", found.get())
            }
            (Ask::Compare { .. }, Outcome::Text(text)) => format!("`{text}` is no number"),
            (Ask::Compare { op, right, within }, Outcome::Value(left)) => match right.at(*at) {
                Some(number) => compared(self.unit, left.get(), *op, number, *within, self.truth(entry) == Truth::True),
                None => right.why(*at),
            },
            (Ask::Compare { op, right, within }, Outcome::AtLeast(left)) => match (right.at(*at), self.truth(entry)) {
                (Some(number), Truth::NoData) => {
                    let asked = against(self.unit, *op, number, *within, true);
                    format!("at least {}, not known whether {asked}", self.unit.show(left.get()))
                }
                (Some(number), truth) => {
                    let holds = truth == Truth::True;
                    format!("at least {}", compared(self.unit, left.get(), *op, number, *within, holds))
                }
                (None, _) => right.why(*at),
            },
        }
    }

    /// How far a value is on the side that is asked about, as a part of what it is held against: above 0 where the
    /// comparison holds. 0 where nothing is compared by size.
    pub fn margin(&self, (at, outcome): &(Timestamp, Outcome)) -> f64 {
        let Ask::Compare { op, right, .. } = &self.ask else { return 0.0 };
        let (Some(left), Some(right)) = (outcome.least(), right.at(*at)) else { return 0.0 };
        let over = (left - right) / if right == 0.0 { 1.0 } else { right.abs() };
        match op {
            Op::More | Op::AtLeast => over,
            Op::Less | Op::AtMost => -over,
            Op::Equal => -over.abs(),
            Op::NotEqual => over.abs(),
        }
    }

    /// Whether it holds at a moment, with its own `k of n` and `for`.
    pub fn holds(&self, condition: &Condition, at: Timestamp) -> bool {
        self.clock(condition, at).verdict() == Truth::True
    }

    /// How it stands at a moment by the condition's own `k of n` and `for`.
    pub fn clock(&self, condition: &Condition, at: Timestamp) -> Clock {
        let rule = Rule { needs: condition.lasting, polls: condition.polls, ..Rule::default() };
        clock::fold(self, rule, at)
    }
}

impl Right<'_> {
    fn at(&self, at: Timestamp) -> Option<f64> {
        match self {
            Right::Number(number) => Some(*number),
            Right::Unknown(_) => None,
            Right::Latest { series, gap, times, plus, .. } => {
                let (then, outcome) = latest((*series)?, at)?;
                (at.since(*then) <= *gap).then(|| outcome.value()).flatten().map(|v| v * times + plus)
            }
        }
    }

    fn is_cut_off(&self, at: Timestamp) -> bool {
        let Right::Latest { series: Some(series), .. } = self else { return false };
        matches!(latest(series, at), Some((_, Outcome::CutOff(_))))
    }

    fn why(&self, at: Timestamp) -> String {
        match self {
            Right::Number(number) => number.to_string(),
            Right::Unknown(why) => why.clone(),
            Right::Latest { subject, series, gap, unit, .. } => match series.and_then(|s| latest(s, at)) {
                None => format!("{subject} was never seen"),
                Some((then, _)) if at.since(*then) > *gap => format!("{subject} is {}", stale(at, *then)),
                Some((_, Outcome::NoData(why) | Outcome::CutOff(why) | Outcome::Failing(why))) => {
                    format!("{subject}: {why}")
                }
                Some((then, Outcome::Few(few))) => format!("{subject}: {}", few::words(*series, *then, few, *unit)),
                Some((_, Outcome::AtLeast(_))) => format!("of {subject} only the least is known"),
                Some(_) => format!("{subject} is no number"),
            },
        }
    }
}

/// The newest reading at or before a moment.
pub(super) fn latest(series: &Series, at: Timestamp) -> Option<&(Timestamp, Outcome)> {
    match series.back() {
        Some(last) if last.0 <= at => Some(last),
        _ => series.partition_point(|(then, _)| *then <= at).checked_sub(1).and_then(|index| series.get(index)),
    }
}

/// `stale: no reading for 31s`.
pub(super) fn stale(now: Timestamp, last: Timestamp) -> String {
    format!("stale: no reading for {}", Span(now.since(last).millis() / 1000 * 1000))
}

fn worst(of: &[Watched], at: Timestamp) -> Level {
    of.iter().map(|w| w.level(at)).max().unwrap_or(Level::Unknown)
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

fn unequal(found: &str, text: &str) -> String {
    format!("{found} {} {text}", if found == text { "=" } else { "!=" })
}

/// `6.10 % > 1 %`: what is, said so that it is true.
fn compared(unit: Unit, left: f64, op: Op, right: f64, within: Option<Quantity>, holds: bool) -> String {
    format!("{} {}", unit.show(left), against(unit, op, right, within, holds))
}

/// `> 1 %`, or the opposite where it does not hold.
fn against(unit: Unit, op: Op, right: f64, within: Option<Quantity>, holds: bool) -> String {
    let sign = match (op, holds) {
        (Op::Less, true) | (Op::AtLeast, false) => "<",
        (Op::Less, false) | (Op::AtLeast, true) => ">=",
        (Op::AtMost, true) | (Op::More, false) => "<=",
        (Op::AtMost, false) | (Op::More, true) => ">",
        (Op::Equal, true) | (Op::NotEqual, false) => "=",
        (Op::Equal, false) | (Op::NotEqual, true) => "!=",
    };
    let within = within.map_or_else(String::new, |q| format!(" ± {}", unit.show(q.base.get())));
    format!("{sign} {}{within}", unit.show(right))
}
