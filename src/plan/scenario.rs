//! A scenario: what a rehearsal injects into the signals. A TOML file of its own, read against a plan.
//!
//! ```toml
//! [[set]]                              # any number; of two about one signal the lower one counts
//! signal = "errors[green]"             # as in conditions: probe, probe[instance], probe.measure
//! value = "8%"                         # or failing = "connection refused", or no-data = "401"
//! from = "share-25.started + 2m"       # or T+5m, STEP.done, STEP.failed, rollback.started; the beginning unless given
//! until = "rollback.done"              # or for = "10m"; to the end unless given
//! ```

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use super::Wrong;
use super::file::{Text, Time};
use super::lost::Lost;
use super::problem::{Problem, Severity};
use super::tree::{array, nearest, read, take, unknown};
use crate::core::condition::{Operand, Subject, Test};
use crate::core::grammar;
use crate::core::ids::StepId;
use crate::core::outline::{MeasureOutline, Outline, ProbeOutline};
use crate::core::practice::{Happening, Injection, Moment};
use crate::core::reading::Outcome;
use crate::core::time::Span;
use crate::core::units::{Dimension, Unit};

/// `[[set]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SetTable {
    signal: Text,
    value: Option<Text>,
    failing: Option<Text>,
    no_data: Option<Text>,
    from: Option<Text>,
    until: Option<Text>,
    #[serde(rename = "for")]
    lasts: Option<Time>,
}

/// Reads a scenario for a plan. `name` stands in messages for the file.
pub fn load(text: &str, name: &str, outline: &Outline) -> Result<Vec<Injection>, Wrong> {
    let (scenario, problems) = check(text, outline);
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Ok(scenario);
    }
    Err(Wrong { problems: errors.iter().map(|p| p.render(text, name)).collect() })
}

/// Reads a scenario and says everything that is wrong with it, in the order of the file.
pub fn check(text: &str, outline: &Outline) -> (Vec<Injection>, Vec<Problem>) {
    let mut problems = Vec::new();
    let (mut root, wrong) = DeTable::parse_recoverable(text);
    for error in wrong {
        problems.push(Problem::error("syntax", error.span().unwrap_or(0..0), error.message().to_owned()));
    }
    if !problems.is_empty() {
        return (Vec::new(), problems);
    }
    let table = root.get_mut();
    for key in table.keys().filter(|key| key.get_ref() != "set") {
        problems.push(unknown(key.get_ref(), key.span(), ["set"].into_iter()));
    }
    let sets = array(take(table, "set"), "set", &mut Lost::default(), &mut problems);
    if sets.is_empty() && problems.is_empty() {
        problems.push(Problem::warning("empty", 0..0, "the scenario sets nothing").help("add [[set]]"));
    }
    let mut scenario = Vec::new();
    for set in &sets {
        let Some(read) = read::<SetTable>(set, &[], &mut problems) else { continue };
        if read.complete() {
            scenario.extend(one(read.table, set.span(), outline, &mut problems));
        }
    }
    problems.sort_by_key(|p| (p.at.start, p.severity));
    (scenario, problems)
}

fn one(set: SetTable, at: std::ops::Range<usize>, outline: &Outline, problems: &mut Vec<Problem>) -> Option<Injection> {
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
    let found =
        subject(signal, set.failing.is_some(), outline).map_err(|wrong| say("signal", set.signal.span(), wrong));
    let (subject, measure) = found.ok()?;
    let (outcome, shown) = match (set.value, set.failing, set.no_data) {
        (Some(text), ..) => {
            let outcome = value(&text, measure).map_err(|wrong| say("value", text.span(), wrong)).ok()?;
            let shown = if measure.unit == Unit::State { "ok".to_owned() } else { outcome.shown(measure.unit)? };
            (outcome, shown)
        }
        (_, Some(why), _) if measure.unit == Unit::State => {
            let why = why.into_inner();
            (Outcome::Failing(why.clone()), format!("failing, {why}"))
        }
        (_, Some(why), _) => {
            let message = format!("`{signal}` is a number, which does not fail: {} of it can", measure.name);
            say("value", why.span(), (message, Some("write value, or no-data".to_owned())));
            return None;
        }
        (.., why) => {
            let why = why?.into_inner();
            (Outcome::NoData(why.clone()), format!("no data, {why}"))
        }
    };
    let (from, until) = (from.transpose().ok()?, until.transpose().ok()?);
    Some(Injection {
        signal: signal.to_owned(),
        probe: subject.probe,
        instance: subject.instance,
        measure: measure.name.clone(),
        shown,
        outcome,
        from,
        until,
        lasts: set.lasts.map(Spanned::into_inner),
    })
}

/// What is wrong, and the way out.
type Amiss = (String, Option<String>);

fn subject<'o>(text: &str, fails: bool, outline: &'o Outline) -> Result<(Subject, &'o MeasureOutline), Amiss> {
    let parsed = grammar::parse(&format!("{text} is ok"), None);
    let subject =
        parsed.map_err(|_| (format!("`{text}` is no signal"), Some("write probe[instance].measure".into())))?.subject;
    let meant = |near: Option<&str>| near.map(|near| format!("did you mean `{near}`?"));
    let Some(probe) = outline.probe(&subject.probe) else {
        let near = nearest(subject.probe.as_str(), outline.probes.iter().map(|p| p.id.as_str()));
        return Err((format!("the plan has no probe `{}`", subject.probe), meant(near)));
    };
    let state = || probe.measures.iter().find(|m| m.unit == Unit::State && fails && subject.measure.is_none());
    let measure = state().or_else(|| probe.measure(subject.measure.as_ref()));
    let Some(measure) = measure else {
        let name = subject.measure.as_ref().map_or("", |m| m.as_str());
        let near = nearest(name, probe.measures.iter().map(|m| m.name.as_str()));
        let help = meant(near).or_else(|| Some(measures(probe)));
        return Err((format!("`{}` has no measure `{name}`", probe.id), help));
    };
    Ok((subject, measure))
}

fn measures(probe: &ProbeOutline) -> String {
    let all: Vec<&str> = probe.measures.iter().map(|m| m.name.as_str()).collect();
    format!("it has {}", all.join(", "))
}

fn value(text: &Text, measure: &MeasureOutline) -> Result<Outcome, Amiss> {
    let text = text.get_ref().trim();
    match measure.unit.dimension() {
        Dimension::Text => return Ok(Outcome::Text(text.to_owned())),
        Dimension::State if text == "ok" => return Ok(Outcome::well()),
        Dimension::State => {
            let help = "write value = \"ok\", or failing = \"connection refused\"".to_owned();
            return Err((format!("`{text}`: {} is up or failing", measure.name), Some(help)));
        }
        _ => {}
    }
    let parsed = grammar::parse(&format!("x = {text}"), None).map(|condition| condition.test);
    let wanted = measure.unit.show(1.0);
    match parsed {
        Ok(Test::Compare { to: Operand::Const(q), within: None, .. }) if q.dimension == measure.unit.dimension() => {
            Ok(Outcome::number(q.base.get()))
        }
        _ => Err((format!("`{text}` is no value of {}", measure.name), Some(format!("write it as `{wanted}`")))),
    }
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
