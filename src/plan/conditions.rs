//! Conditions against the probes of the plan: names, instances, measures, dimensions.

use std::collections::{BTreeMap, BTreeSet};

use super::file::Text;
use super::lost::Lost;
use super::problem::Problem;
use super::tree::{nearest, unfilled};
use crate::core::condition::{Condition, Operand, Subject, Test};
use crate::core::grammar::parse;
use crate::core::ids::{Measure, ProbeId};
use crate::core::outline::ProbeOutline;
use crate::core::time::Span;
use crate::core::units::{Dimension, Quantity, Unit};
use crate::probes::Spec;

/// The longest clock that a condition may ask for.
const LONGEST: Span = Span::mins(6 * 60);

/// The probes of the plan, against which conditions are read.
pub struct Probes {
    /// In the file's order.
    pub outlines: Vec<ProbeOutline>,
    /// What each asks.
    pub specs: BTreeMap<ProbeId, Spec>,
    /// Measures whose unit came from the first condition that names them.
    inferred: BTreeSet<(ProbeId, Measure)>,
    /// Probes that could not be read, or not wholly: a condition about one of them is not wrong too.
    lost: Lost,
}

impl Probes {
    /// Of what was read.
    pub fn new(outlines: Vec<ProbeOutline>, specs: BTreeMap<ProbeId, Spec>, lost: Lost) -> Self {
        Self { outlines, specs, inferred: BTreeSet::new(), lost }
    }

    /// Reads conditions; those that are wrong are reported and left out.
    pub fn read(&mut self, texts: &[Text], own: Option<&ProbeId>, problems: &mut Vec<Problem>) -> Vec<Condition> {
        texts.iter().filter_map(|text| self.one(text, own, problems)).collect()
    }

    /// Reads one condition.
    pub fn one(&mut self, text: &Text, own: Option<&ProbeId>, problems: &mut Vec<Problem>) -> Option<Condition> {
        let at = text.span();
        if unfilled(text, problems) {
            return None;
        }
        let condition = match parse(text.get_ref(), own) {
            Ok(condition) => condition,
            Err(wrong) => {
                // The span is that of the quoted text: its content begins one byte later, three for '''…'''.
                let plain = at.len() == text.get_ref().len() + 2;
                let inner = at.start + 1 + wrong.at.start..at.start + 1 + wrong.at.end;
                let at = if plain { inner } else { at };
                problems.push(Problem::error("condition", at, format!("in `{}`: {}", text.get_ref(), wrong.why)));
                return None;
            }
        };
        let before = problems.len();
        let mut say = |code: &'static str, message: String, help: Option<String>| {
            let mut problem = Problem::error(code, at.clone(), message);
            problem.help = help;
            problems.push(problem);
        };
        if condition.lasting.is_some_and(|span| span > LONGEST) {
            say("condition", format!("`for` may ask for at most {LONGEST}"), None);
        }
        if let Test::Compare { within: Some(q), .. } = &condition.test
            && q.base.get() < 0.0
        {
            say("condition", format!("a tolerance of `{q}` is less than nothing"), Some("write it without `-`".into()));
        }
        let left = self.subject(&condition.subject, &condition.test, &mut say);
        match (&condition.test, left) {
            (Test::Compare { op: _, to, within }, Some(unit)) => {
                let mut dimension = unit.dimension();
                if let Some(q) = written(to).filter(|q| q.dimension != dimension) {
                    match self.infer(&condition.subject, q.dimension) {
                        true => dimension = q.dimension,
                        false => say("dimension", mismatch(&condition.subject, dimension, q), units(dimension)),
                    }
                }
                for q in [plus(to), *within].into_iter().flatten().filter(|q| q.dimension != dimension) {
                    say("dimension", mismatch(&condition.subject, dimension, q), units(dimension));
                }
                if let Operand::Signal { subject, .. } = to {
                    let right = self.subject(subject, &condition.test, &mut say);
                    if let Some(right) = right.filter(|r| r.dimension() != dimension) {
                        let message = format!(
                            "{} is {} and {subject} is {}: they can't be compared",
                            condition.subject,
                            called(dimension),
                            called(right.dimension())
                        );
                        say("dimension", message, None);
                    }
                }
                if matches!(dimension, Dimension::State | Dimension::Text) {
                    let help = match dimension {
                        Dimension::State => "ask `is failing` or `is ok`",
                        _ => "compare it with words in quotes, as = \"v1.0.0\"",
                    };
                    say("dimension", format!("{} is no number", condition.subject), Some(help.to_owned()));
                }
            }
            (Test::Words { .. }, Some(unit)) if unit.dimension() != Dimension::Text => {
                say("dimension", format!("{} is {}, not words", condition.subject, called(unit.dimension())), None);
            }
            (Test::Failing, Some(unit)) if unit.dimension() != Dimension::State => {
                let help = "ask `is critical`, or compare it with a number";
                say("dimension", format!("{} has no up and down", condition.subject), Some(help.to_owned()));
            }
            _ => {}
        }
        (problems.len() == before).then_some(condition)
    }

    /// The unit of what a subject means, where it is known.
    fn subject(
        &self,
        subject: &Subject,
        test: &Test,
        say: &mut impl FnMut(&'static str, String, Option<String>),
    ) -> Option<Unit> {
        let partly = || self.lost.may_be(subject.probe.as_str());
        let Some(probe) = self.outlines.iter().find(|p| p.id == subject.probe) else {
            if partly() {
                return None;
            }
            let near = nearest(subject.probe.as_str(), self.outlines.iter().map(|p| p.id.as_str()));
            say(
                "no-probe",
                format!("there is no probe `{}`", subject.probe),
                near.map(|n| format!("did you mean `{n}`?")),
            );
            return None;
        };
        if partly() {
            return None;
        }
        if let Some(instance) =
            subject.instance.as_ref().filter(|i| !probe.expect.is_empty() && !probe.expect.contains(i))
        {
            let near = nearest(instance.as_str(), probe.expect.iter().map(|i| i.as_str()));
            let help = near.map(|n| format!("did you mean `{n}`?"));
            say("no-instance", format!("{} does not expect an instance `{instance}`", probe.id), help);
        }
        if let Some(measure) = &subject.measure {
            let Some(known) = probe.measure(Some(measure)) else {
                let names: Vec<&str> = probe.measures.iter().map(|m| m.name.as_str()).collect();
                let help = format!("it measures {}", names.join(", "));
                say("no-measure", format!("{} does not measure `{measure}`", probe.id), Some(help));
                return None;
            };
            return Some(known.unit);
        }
        let wanted = match test {
            Test::Failing => Some(Dimension::State),
            Test::Words { .. } => Some(Dimension::Text),
            _ => None,
        };
        let found = wanted.and_then(|w| probe.measures.iter().find(|m| m.unit.dimension() == w));
        found.or(probe.measures.first()).map(|m| m.unit)
    }

    /// Takes a measure's unit from the condition that names it first, where the plan declares none.
    fn infer(&mut self, subject: &Subject, dimension: Dimension) -> bool {
        let Some(outline) = self.outlines.iter_mut().find(|p| p.id == subject.probe) else { return false };
        let Some(measure) = outline.measure(subject.measure.as_ref()).map(|m| m.name.clone()) else { return false };
        let Some(spec) = self.specs.get_mut(&subject.probe) else { return false };
        let unit = match dimension {
            Dimension::Ratio => Unit::Percent,
            Dimension::Time => Unit::Seconds,
            Dimension::Bytes => Unit::Bytes,
            Dimension::Rate => Unit::PerSecond,
            Dimension::Count | Dimension::State | Dimension::Text => return false,
        };
        let first = !self.inferred.contains(&(subject.probe.clone(), measure.clone()));
        if !first || !spec.set_unit(measure.as_str(), unit) {
            return false;
        }
        outline.measures = spec.measures();
        self.inferred.insert((subject.probe.clone(), measure))
    }
}

fn written(to: &Operand) -> Option<Quantity> {
    match to {
        Operand::Const(q) => Some(*q),
        _ => None,
    }
}

fn plus(to: &Operand) -> Option<Quantity> {
    match to {
        Operand::Baseline { plus, .. } | Operand::Signal { plus, .. } => *plus,
        Operand::Const(_) => None,
    }
}

fn mismatch(subject: &Subject, dimension: Dimension, q: Quantity) -> String {
    format!("{subject} is {}, and `{q}` is {}", called(dimension), called(q.dimension))
}

fn called(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Ratio => "a share",
        Dimension::Time => "a length of time",
        Dimension::Bytes => "a number of bytes",
        Dimension::Rate => "a rate",
        Dimension::Count => "a plain number",
        Dimension::State => "up or failing",
        Dimension::Text => "words",
    }
}

fn units(dimension: Dimension) -> Option<String> {
    Some(format!(
        "write {}",
        match dimension {
            Dimension::Ratio => "%",
            Dimension::Time => "ms, s, min, h or days",
            Dimension::Bytes => "B, kB, MB or GB",
            Dimension::Rate => "/s or /min",
            Dimension::Count => "a number without a unit",
            Dimension::State | Dimension::Text => return None,
        }
    ))
}
