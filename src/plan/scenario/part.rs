//! One `[[set]]` of a scenario, read against the plan: the signal, what it is set to, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;

use super::SetTable;
use crate::core::condition::{Operand, Subject, Test};
use crate::core::grammar;
use crate::core::ids::{Instance, Measure, StepId};
use crate::core::outline::{MeasureOutline, Outline, ProbeOutline};
use crate::core::practice::{Happening, Injection, Moment};
use crate::core::reading::Outcome;
use crate::core::time::Span;
use crate::core::units::{Dimension, Unit};
use crate::plan::Plan;
use crate::plan::file::Text;
use crate::plan::problem::Problem;
use crate::plan::tree::nearest;
use crate::probes::Spec;

/// What a table sets; none where that is wrong, which is then said.
pub(super) fn of(set: SetTable, at: Range<usize>, plan: &Plan, problems: &mut Vec<Problem>) -> Option<Injection> {
    let outline = &plan.outline;
    let mut say = |code, at, (message, help): (String, Option<String>)| {
        let mut problem = Problem::error(code, at, message);
        problem.help = help;
        problems.push(problem);
    };
    let from = set.from.map(|text| moment(&text, outline).map_err(|wrong| say("time", text.span(), wrong)));
    let until = set.until.map(|text| moment(&text, outline).map_err(|wrong| say("time", text.span(), wrong)));
    if let Some(lasts) = set.lasts.as_ref().filter(|lasts| *lasts.get_ref() <= Span::ZERO) {
        say("time", lasts.span(), ("a part of a scenario lasts for some time".to_owned(), None));
    }
    let given = [&set.value, &set.failing, &set.no_data].into_iter().flatten().count();
    if given != 1 {
        let message = if given == 0 { "it does not say what is set" } else { "it says more than one thing" };
        let help = "write one of value = \"8%\", failing = \"why\", no-data = \"why\"".to_owned();
        say("set", at, (message.to_owned(), Some(help)));
        return None;
    }
    let signal = set.signal.get_ref().as_str();
    let found = subject(signal, plan).map_err(|wrong| say("signal", set.signal.span(), wrong));
    let (subject, probe) = found.ok()?;
    let sets = match (&set.value, &set.failing, &set.no_data) {
        (Some(text), ..) => value(text.get_ref().trim(), &subject, probe, plan).map_err(|wrong| (text.span(), wrong)),
        (_, Some(why), _) => failing(why.get_ref(), &subject, probe).map_err(|wrong| (why.span(), wrong)),
        (.., why) => Ok(no_data(why.as_ref()?.get_ref(), &subject, probe)?),
    };
    let sets = sets.map_err(|(at, wrong)| say("value", at, wrong)).ok()?;
    // One that the plan does not name may be there all the same, unless it looks like one that it does.
    if let Some(instance) = &subject.instance
        && let all = instances(plan, probe)
        && !all.contains(instance)
        && let Some(near) = nearest(instance.as_str(), all.iter().map(|i| i.as_str()))
    {
        let message = format!("nothing in the plan speaks of `{}[{instance}]`", probe.id);
        let help = format!("did you mean `{near}`?");
        problems.push(Problem::warning("instance", set.signal.span(), message).help(help));
    }
    let (from, until) = (from.transpose().ok()?, until.transpose().ok()?);
    Some(Injection {
        signal: signal.to_owned(),
        probe: subject.probe,
        instance: subject.instance,
        measure: sets.measure,
        also: sets.also,
        shown: sets.shown,
        outcome: sets.outcome,
        from,
        until,
        lasts: set.lasts.map(Spanned::into_inner),
    })
}

/// What is wrong, and the way out.
type Amiss = (String, Option<String>);

fn subject<'p>(text: &str, plan: &'p Plan) -> Result<(Subject, &'p ProbeOutline), Amiss> {
    let outline = &plan.outline;
    let parsed = grammar::parse(&format!("{text} is ok"), None);
    let no_signal = |_| (format!("`{text}` is no signal"), Some("write probe[instance].measure".into()));
    let subject = parsed.map_err(no_signal)?.subject;
    let meant = |near: Option<&str>| near.map(|near| format!("did you mean `{near}`?"));
    let Some(probe) = outline.probe(&subject.probe) else {
        let near = nearest(subject.probe.as_str(), outline.probes.iter().map(|p| p.id.as_str()));
        return Err((format!("the plan has no probe `{}`", subject.probe), meant(near)));
    };
    if let Some(measure) = subject.measure.as_ref().filter(|measure| probe.measure(Some(measure)).is_none()) {
        let near = nearest(measure.as_str(), probe.measures.iter().map(|m| m.name.as_str()));
        let all: Vec<&str> = probe.measures.iter().map(|m| m.name.as_str()).collect();
        let help = meant(near).or_else(|| Some(format!("it has {}", all.join(", "))));
        return Err((format!("`{}` has no measure `{measure}`", probe.id), help));
    }
    if let Some(instance) = &subject.instance {
        if plan.probes.get(&probe.id).is_some_and(|spec| !spec.many()) && probe.expect.is_empty() {
            let message = format!("{} measures one thing: it has no instance `{instance}`", probe.id);
            return Err((message, Some("leave the brackets out".to_owned())));
        }
        if !probe.expect.is_empty() && !probe.expect.contains(instance) {
            let near = nearest(instance.as_str(), probe.expect.iter().map(|i| i.as_str()));
            let help = meant(near).or_else(|| Some(format!("it expects {}", list(&probe.expect))));
            return Err((format!("{} does not expect an instance `{instance}`", probe.id), help));
        }
    }
    Ok((subject, probe))
}

/// The instances of a probe that the plan names.
fn instances(plan: &Plan, probe: &ProbeOutline) -> Vec<Instance> {
    let named = plan.named.iter().filter(|named| named.probe == probe.id).map(|named| named.instance.clone());
    let all: BTreeSet<Instance> = probe.expect.iter().cloned().chain(named).collect();
    all.into_iter().collect()
}

fn list(all: &[Instance]) -> String {
    all.iter().map(|i| i.as_str()).collect::<Vec<_>>().join(", ")
}

/// What a part sets: a measure, and what else of the same probe.
struct Sets {
    measure: Measure,
    outcome: Outcome,
    also: BTreeMap<Measure, Outcome>,
    shown: String,
}

impl Sets {
    fn one(measure: &MeasureOutline, outcome: Outcome, shown: impl Into<String>) -> Self {
        Self { measure: measure.name.clone(), outcome, also: BTreeMap::new(), shown: shown.into() }
    }

    /// With what a line without a measure says of all others.
    fn with(
        mut self,
        subject: &Subject,
        probe: &ProbeOutline,
        of: impl Fn(&MeasureOutline) -> Option<Outcome>,
    ) -> Self {
        // Services in the answer of an endpoint are up or not, and that is all.
        let bare = subject.instance.is_some() && probe.kind == "http";
        let here = |m: &&MeasureOutline| !(m.whole && subject.instance.is_some()) && (!bare || m.unit == Unit::State);
        let others = probe.measures.iter().filter(|m| subject.measure.is_none() && m.name != self.measure);
        self.also = others.filter(here).filter_map(|m| Some((m.name.clone(), of(m)?))).collect();
        self
    }
}

/// The measure that is named, else the probe's first one.
fn meant<'p>(subject: &Subject, probe: &'p ProbeOutline) -> Option<&'p MeasureOutline> {
    probe.measure(subject.measure.as_ref()).or(probe.measures.first())
}

/// `value = "…"`
fn value(text: &str, subject: &Subject, probe: &ProbeOutline, plan: &Plan) -> Result<Sets, Amiss> {
    let nothing = || (format!("`{}` measures nothing", probe.id), None);
    let measure = meant(subject, probe).ok_or_else(nothing)?;
    if text == "ok" && subject.measure.is_none() {
        let known = plan.probes.get(&probe.id).map(Spec::well).unwrap_or_default();
        let well = |of: &MeasureOutline| match of.unit {
            Unit::State => Some(Outcome::well()),
            _ => known.iter().find(|point| point.measure == of.name).map(|point| point.outcome.clone()),
        };
        let own = well(measure).ok_or_else(|| {
            let message = format!("what is ok of `{}.{}` can't be known from the plan", probe.id, measure.name);
            (message, Some(format!("write it as `{}`", measure.unit.show(1.0))))
        })?;
        return Ok(Sets::one(measure, own, text).with(subject, probe, well));
    }
    match measure.unit.dimension() {
        Dimension::Text => return Ok(Sets::one(measure, Outcome::Text(text.to_owned()), text)),
        Dimension::State if text == "ok" => return Ok(Sets::one(measure, Outcome::well(), text)),
        Dimension::State => {
            let help = "write value = \"ok\", or failing = \"connection refused\"".to_owned();
            return Err((format!("`{text}`: {} is up or failing", measure.name), Some(help)));
        }
        _ => {}
    }
    let parsed = grammar::parse(&format!("x = {text}"), None).map(|condition| condition.test);
    match parsed {
        Ok(Test::Compare { to: Operand::Const(q), within: None, .. }) if q.dimension == measure.unit.dimension() => {
            let outcome = Outcome::number(q.base.get());
            let shown = outcome.shown(measure.unit).unwrap_or_else(|| text.to_owned());
            Ok(Sets::one(measure, outcome, shown))
        }
        _ => {
            let help = format!("write it as `{}`", measure.unit.show(1.0));
            Err((format!("`{text}` is no value of {}", measure.name), Some(help)))
        }
    }
}

/// `failing = "…"`: of a whole probe nothing else is known then.
fn failing(why: &str, subject: &Subject, probe: &ProbeOutline) -> Result<Sets, Amiss> {
    let state = |measure: &&MeasureOutline| measure.unit == Unit::State;
    let named = match &subject.measure {
        Some(measure) => probe.measure(Some(measure)).filter(state),
        None => probe.measures.iter().find(state),
    };
    let Some(named) = named else {
        let message = format!("`{subject}` is a number, which does not fail: a measure of state can");
        return Err((message, Some("write value, or no-data".to_owned())));
    };
    let own = Sets::one(named, Outcome::Failing(why.to_owned()), format!("failing, {why}"));
    Ok(own.with(subject, probe, |_| Some(Outcome::NoData(why.to_owned()))))
}

/// `no-data = "…"`: of the whole probe, or of one measure.
fn no_data(why: &str, subject: &Subject, probe: &ProbeOutline) -> Option<Sets> {
    let none = || Outcome::NoData(why.to_owned());
    let own = Sets::one(meant(subject, probe)?, none(), format!("no data, {why}"));
    Some(own.with(subject, probe, |_| Some(none())))
}

fn moment(text: &Text, outline: &Outline) -> Result<Moment, Amiss> {
    let text = text.get_ref().trim();
    if let Ok(offset) = text.parse() {
        return Ok(Moment::T0(offset));
    }
    let bad = || {
        let help = "write T+5m, share-25.started + 2m, share-25.done, share-25.failed, or rollback.done".to_owned();
        (format!("`{text}` is no moment of a scenario"), Some(help))
    };
    let (head, plus) = match text.rsplit_once('+') {
        Some((head, plus)) => {
            (head.trim(), plus.trim().parse().ok().filter(|plus| *plus >= Span::ZERO).ok_or_else(bad)?)
        }
        None => (text, Span::ZERO),
    };
    let (name, word) = head.rsplit_once('.').ok_or_else(bad)?;
    let what = Happening::ALL.iter().find(|(known, _)| *known == word).map(|(_, what)| *what).ok_or_else(bad)?;
    let step = StepId::from(name);
    if outline.step(&step).is_some() {
        return Ok(Moment::Step { step, what, plus });
    }
    if name == "rollback" {
        return Ok(Moment::Rollback { what, plus });
    }
    let near = nearest(name, outline.steps.iter().map(|s| s.id.as_str()));
    Err((format!("the plan has no step `{name}`"), near.map(|near| format!("did you mean `{near}`?"))))
}
