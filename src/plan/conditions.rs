//! Conditions against the probes of the plan: names, instances, measures, dimensions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::file::Text;
use super::lint::bare_baseline;
use super::lost::Lost;
use super::places::inside;
use super::problem::Problem;
use super::tree::{nearest, unfilled};
use crate::core::condition::{Condition, Operand, Quantifier, Subject, Test};
use crate::core::grammar::{NameParts, parse_parts};
use crate::core::ids::{Instance, Measure, ProbeId};
use crate::core::outline::ProbeOutline;
use crate::core::time::Span;
use crate::core::units::{Dimension, Quantity, Unit};
use crate::probes::Spec;

/// The longest clock that a condition may ask for.
const LONGEST: Span = Span::mins(6 * 60);

/// An instance that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The probe whose instance it is.
    pub probe: ProbeId,
    /// The name.
    pub instance: Instance,
    /// The bytes of the file that it stands in.
    pub at: Range<usize>,
}

/// What to write for several comparisons in one, by what stands there: a list of which all must hold or any is enough, or
/// one condition alone.
fn joined(text: &str, at: Range<usize>, list: Option<Quantifier>) -> Option<String> {
    let (first, second) = (text.get(..at.start)?.trim(), text.get(at.end..)?.trim());
    Some(match (text.get(at)?, list) {
        ("not", _) => "ask for the opposite: `is ok` for what is not failing, `<=` for what is not `>`".to_owned(),
        ("and", Some(Quantifier::All)) => format!("write a list, all of it must hold: [{first:?}, {second:?}]"),
        ("or", Some(Quantifier::Any)) => format!("write a list, any of it is enough: [{first:?}, {second:?}]"),
        ("and", Some(Quantifier::Any)) => format!("any of a list is enough here: keep one of the two, as {first:?}"),
        ("or", Some(Quantifier::All)) => format!("all of a list must hold here: keep one of the two, as {first:?}"),
        ("or", None) => format!("make it two, one with when = {first:?} and one with when = {second:?}"),
        ("and", None) => {
            format!("only one stands here: keep one of the two, as when = {first:?}, or have a command measure both")
        }
        _ => return None,
    })
}

/// The probes of the plan, against which conditions are read.
pub struct Probes<'f> {
    /// In the file's order.
    pub outlines: Vec<ProbeOutline>,
    /// What each asks.
    pub specs: BTreeMap<ProbeId, Spec>,
    /// The instances that conditions have named so far.
    pub named: Vec<Named>,
    /// Measures whose unit came from the first condition that names them.
    inferred: BTreeSet<(ProbeId, Measure)>,
    /// Probes that could not be read, or not wholly: a condition about one of them is not wrong too.
    lost: Lost,
    /// The text of the file.
    file: &'f str,
}

/// Where what a condition is about ends: at the first blank or sign outside of brackets.
fn subject_end(text: &str) -> usize {
    let mut inside = false;
    let ends = |c: char| match c {
        '[' | ']' => {
            inside = c == '[';
            false
        }
        _ => !inside && (c.is_whitespace() || "<>=!".contains(c)),
    };
    text.find(ends).unwrap_or(text.len())
}

impl<'f> Probes<'f> {
    /// Of what was read.
    pub fn new(outlines: Vec<ProbeOutline>, specs: BTreeMap<ProbeId, Spec>, lost: Lost, file: &'f str) -> Self {
        Self { outlines, specs, named: Vec::new(), inferred: BTreeSet::new(), lost, file }
    }

    /// Whether a probe of that name may be there, though it could not be read.
    pub fn may_be(&self, name: &str) -> bool {
        self.lost.may_be(name)
    }

    /// Reads conditions of which all must hold, or any is enough; those that are wrong are reported and left out.
    pub fn read(&mut self, texts: &[Text], holds: Quantifier, problems: &mut Vec<Problem>) -> Vec<Condition> {
        texts.iter().filter_map(|text| self.condition(text, None, Some(holds), problems)).collect()
    }

    /// Reads the limits of a probe: any is enough.
    pub fn limits(&mut self, texts: &[Text], own: &ProbeId, problems: &mut Vec<Problem>) -> Vec<Condition> {
        let any = Some(Quantifier::Any);
        texts.iter().filter_map(|text| self.condition(text, Some(own), any, problems)).collect()
    }

    /// Reads one condition, where only one can stand.
    pub fn one(&mut self, text: &Text, problems: &mut Vec<Problem>) -> Option<Condition> {
        self.condition(text, None, None, problems)
    }

    fn condition(
        &mut self,
        text: &Text,
        own: Option<&ProbeId>,
        list: Option<Quantifier>,
        problems: &mut Vec<Problem>,
    ) -> Option<Condition> {
        if unfilled(text, problems) {
            return None;
        }
        let file = self.file;
        let place = |part: Option<&Range<usize>>| inside(file, text, part);
        let (condition, parts) = match parse_parts(text.get_ref(), own) {
            Ok(read) => read,
            Err(wrong) => {
                let message = format!("in `{}`: {}", text.get_ref(), wrong.why);
                let mut problem = Problem::error("condition", place(Some(&wrong.at)), message);
                problem.help = joined(text.get_ref(), wrong.at.clone(), list);
                problems.push(problem);
                if own.is_none() {
                    self.subject_alone(text, wrong.at.start, problems);
                }
                return None;
            }
        };
        let before = problems.len();
        let mut say = |code: &'static str, part: Option<&Range<usize>>, message: String, help: Option<String>| {
            let mut problem = Problem::error(code, place(part), message);
            problem.help = help;
            problems.push(problem);
        };
        let (name, other) = (parts.names.first().cloned().unwrap_or_default(), parts.names.get(1).cloned());
        if condition.lasting.is_some_and(|span| span > LONGEST) {
            let help = "use `soak` for what must hold longer";
            say("condition", None, format!("`for` may ask for at most {LONGEST}"), Some(help.into()));
        }
        if let Test::Compare { within: Some(q), .. } = &condition.test
            && q.base.get() < 0.0
        {
            let message = format!("a tolerance of `{q}` is less than nothing");
            say("condition", parts.quantities.last(), message, Some("write it without `-`".into()));
        }
        let left = self.subject(&condition.subject, &condition.test, &name, &mut say);
        let mut guessed = None;
        match (&condition.test, left) {
            (Test::Compare { op: _, to, within }, Some(unit)) => {
                let mut dimension = unit.dimension();
                if let Some(q) = written(to).filter(|q| q.dimension != dimension)
                    && self.infer(&condition.subject, q.dimension)
                {
                    dimension = q.dimension;
                    guessed = parts.quantities.first().filter(|_| dimension == Dimension::Ratio).cloned();
                }
                let no_number = matches!(dimension, Dimension::State | Dimension::Text);
                let quantities = [written(to).or(plus(to)), *within].into_iter().flatten().zip(&parts.quantities);
                for (q, at) in quantities.filter(|(q, _)| q.dimension != dimension && !no_number) {
                    let wanted = text.get_ref().get(at.clone()).unwrap_or_default();
                    let better = self.better(&condition.subject, q.dimension);
                    let message = mismatch(&condition.subject, dimension, q, wanted);
                    say("dimension", Some(at), message, better.or_else(|| units(dimension)));
                }
                if no_number {
                    let better = written(to).and_then(|q| self.better(&condition.subject, q.dimension));
                    let help = match dimension {
                        Dimension::State => "ask `is failing` or `is ok`",
                        _ => "compare it with words in quotes, as = \"v1.0.0\"",
                    };
                    let message = format!("{} is {}, no number", condition.subject, called(dimension));
                    let at = name.whole().or_else(|| parts.quantities.first().cloned());
                    say("dimension", at.as_ref(), message, Some(better.unwrap_or_else(|| help.to_owned())));
                }
                if let Operand::Signal { subject, .. } = to {
                    let name = other.clone().unwrap_or_default();
                    let right = self.subject(subject, &condition.test, &name, &mut say);
                    if let Some(right) = right.filter(|r| r.dimension() != dimension) {
                        let message = format!(
                            "{} is {} and {subject} is {}: they can't be compared",
                            condition.subject,
                            called(dimension),
                            called(right.dimension())
                        );
                        say("dimension", name.whole().as_ref(), message, None);
                    }
                }
            }
            (Test::Words { .. }, Some(unit)) if unit.dimension() != Dimension::Text => {
                let message = format!("{} is {}, not words", condition.subject, called(unit.dimension()));
                say("dimension", name.whole().as_ref(), message, None);
            }
            (Test::Failing, Some(unit)) if unit.dimension() != Dimension::State => {
                let help = "ask `is critical`, or compare it with a number";
                let message = format!("{} has no up and down", condition.subject);
                say("dimension", name.whole().as_ref(), message, Some(help.to_owned()));
            }
            _ => {}
        }
        if problems.len() > before {
            return None;
        }
        if let Some(at) = guessed {
            let message = format!("nothing says whether {} counts 5 or 0.05 for 5 %: 0.05 is taken", condition.subject);
            let help = "say unit = \"%\" or unit = \"ratio\" at the probe";
            problems.push(Problem::warning("unit", place(Some(&at)), message).help(help));
        }
        let right = match &condition.test {
            Test::Compare { to: Operand::Signal { subject, .. }, .. } => Some(subject),
            _ => None,
        };
        for (subject, name) in [(&condition.subject, Some(&name))].into_iter().chain(right.map(|r| (r, other.as_ref())))
        {
            let Some(instance) = &subject.instance else { continue };
            let at = place(name.and_then(|n| n.instance.as_ref()));
            // The condition stays: a launch that was begun with it must not do without.
            problems.extend(
                self.alone(subject).map(|(why, help)| Problem::error("no-instance", at.clone(), why).help(help)),
            );
            self.named.push(Named { probe: subject.probe.clone(), instance: instance.clone(), at });
        }
        let at = || text.get_ref().rfind("baseline").map(|at| at..at + "baseline".len());
        problems.extend(bare_baseline(&condition, || place(at().as_ref())));
        Some(condition)
    }

    /// Why a probe has no instances at all, or none of that measure, and the way out.
    fn alone(&self, subject: &Subject) -> Option<(String, String)> {
        let (probe, instance) = (&subject.probe, subject.instance.as_ref()?);
        let outline = self.outlines.iter().find(|p| p.id == *probe);
        if let Some(whole) = outline.and_then(|p| p.measure(subject.measure.as_ref())).filter(|m| m.whole) {
            let message = format!("{probe} has one `{}` for all its instances together", whole.name);
            return Some((message, format!("leave the brackets out: `{probe}.{}`", whole.name)));
        }
        let spec = self.specs.get(probe).filter(|spec| !spec.many() && !self.lost.may_be(probe.as_str()))?;
        let way = match spec.kind() {
            "http" => "say where its answer has them, as services = \"$.services.*\", or leave the brackets out",
            _ => "leave the brackets out",
        };
        Some((format!("{probe} measures one thing: it has no instance `{instance}`"), way.to_owned()))
    }

    /// Another measure of the probe with which a quantity could be compared, in words, where the plan names none.
    fn better(&self, subject: &Subject, dimension: Dimension) -> Option<String> {
        let probe = self.outlines.iter().find(|p| p.id == subject.probe && subject.measure.is_none())?;
        let measure = probe.measures.iter().find(|m| m.unit.dimension() == dimension)?;
        let full = Subject { measure: Some(measure.name.clone()), ..subject.clone() };
        Some(format!("did you mean `{full}`?"))
    }

    /// The unit of what a subject means, where it is known.
    /// Of a condition that is none from some byte on: whether what it is about is there, where it ends before.
    fn subject_alone(&self, text: &Text, wrong: usize, problems: &mut Vec<Problem>) {
        let file = self.file;
        let end = subject_end(text.get_ref());
        let subject = text.get_ref().get(..end).filter(|subject| end <= wrong && *subject != "is").unwrap_or_default();
        let Ok((condition, parts)) = parse_parts(&format!("{subject} is ok"), None) else { return };
        let name = parts.names.first().cloned().unwrap_or_default();
        self.subject(&condition.subject, &condition.test, &name, &mut |code, part, message, help| {
            let mut problem = Problem::error(code, inside(file, text, part), message);
            problem.help = help;
            problems.push(problem);
        });
    }

    fn subject(
        &self,
        subject: &Subject,
        test: &Test,
        name: &NameParts,
        say: &mut impl FnMut(&'static str, Option<&Range<usize>>, String, Option<String>),
    ) -> Option<Unit> {
        let partly = || self.lost.may_be(subject.probe.as_str());
        let Some(probe) = self.outlines.iter().find(|p| p.id == subject.probe) else {
            if partly() {
                return None;
            }
            let near = nearest(subject.probe.as_str(), self.outlines.iter().map(|p| p.id.as_str()));
            let message = format!("there is no probe `{}`", subject.probe);
            say("no-probe", name.probe.as_ref(), message, near.map(|n| format!("did you mean `{n}`?")));
            return None;
        };
        if partly() {
            // What its kind measures whatever its table says.
            let own = ["http", "tcp", "redis", "sentry"].contains(&probe.kind.as_str());
            let measure = subject.measure.as_ref().filter(|_| own)?;
            return probe.measure(Some(measure)).map(|m| m.unit);
        }
        if let Some(instance) =
            subject.instance.as_ref().filter(|i| !probe.expect.is_empty() && !probe.expect.contains(i))
        {
            let near = nearest(instance.as_str(), probe.expect.iter().map(|i| i.as_str()));
            let help = near.map(|n| format!("did you mean `{n}`?"));
            let message = format!("{} does not expect an instance `{instance}`", probe.id);
            say("no-instance", name.instance.as_ref(), message, help);
        }
        if let Some(measure) = &subject.measure {
            let Some(known) = probe.measure(Some(measure)) else {
                let message = format!("{} does not measure `{measure}`", probe.id);
                say("no-measure", name.measure.as_ref(), message, Some(Self::measured(probe, measure)));
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

    /// What a probe measures instead, or what makes it measure that.
    fn measured(probe: &ProbeOutline, wanted: &Measure) -> String {
        let hidden = match (probe.kind.as_str(), wanted.as_str()) {
            ("sentry", "error-rate") => Some("with `tracing = true` in its table it does"),
            ("http", "version") => Some("with `version = \"$.version\"` in its table it does"),
            _ => None,
        };
        let names: Vec<&str> = probe.measures.iter().map(|m| m.name.as_str()).collect();
        let near = nearest(wanted.as_str(), names.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        hidden.map_or_else(|| format!("{near}it measures {}", names.join(", ")), str::to_owned)
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

fn mismatch(subject: &Subject, dimension: Dimension, q: Quantity, written: &str) -> String {
    format!("{subject} is {}, and `{written}` is {}", called(dimension), called(q.dimension))
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
