//! Signals as rows of a pane: one row for each thing that a probe measures, with its level, value, history and age.

use std::collections::BTreeMap;

use super::model::{Model, PaneId};
use crate::core::condition::{Condition, Op, Operand, Test};
use crate::core::ids::{Instance, ProbeId, SignalId};
use crate::core::outline::{Outline, Pane, ProbeOutline};
use crate::core::reading::{Level, Outcome};
use crate::core::ready::lacks_baseline;
use crate::core::signals::let_go;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::{Pending, Readout, SignalView};

/// A row of a pane.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is measured.
    pub name: String,
    /// The worst level of its signals.
    pub level: Level,
    /// Why it is not ok.
    pub why: Option<String>,
    /// The main value, or what stands for it.
    pub value: String,
    /// A second value, where there is one.
    pub second: Option<String>,
    /// It is the second value's limit that broke.
    pub second_broke: bool,
    /// The last values of the main signal.
    pub spark: Vec<Option<f64>>,
    /// The nearest limit above, for the sparkline.
    pub limit: Option<f64>,
    /// The same as people read it; empty where there is none.
    pub limit_text: String,
    /// The newest value that there was, where there is none now.
    pub was: Option<String>,
    /// It is over a limit, but not yet for long enough.
    pub pending: Option<Pending>,
    /// When it was measured last.
    pub at: Option<Timestamp>,
    /// How often it is measured.
    pub every: Span,
}

/// The rows of a pane, in the plan's order.
pub fn rows(model: &Model, pane: PaneId) -> &[Row] {
    model.facts.rows.get(&pane).map_or(&[], Vec::as_slice)
}

/// What is measured of both the new and the old version.
pub fn pairs(model: &Model) -> &[Pair] {
    &model.facts.pairs
}

/// Works out the rows of a pane. What new beside old shows is not shown twice.
pub fn rows_of(outline: &Outline, readout: &Readout, forgotten: &[(ProbeId, Instance)], pane: PaneId) -> Vec<Row> {
    let pair = new_and_old(outline, readout);
    let beside = |p: &ProbeOutline, instance: Option<&Instance>| {
        matches!(p.pane, Pane::Signals | Pane::Errors)
            && pair.as_ref().is_some_and(|(new, old)| {
                let has = |i: &Instance| of_probe(readout, &p.id).any(|v| v.id.instance.as_ref() == Some(i));
                (instance == Some(new) || instance == Some(old)) && has(new) && has(old)
            })
    };
    let single = outline.probes.iter().filter(|p| shown_in(pane, p.pane)).count() == 1;
    let named = names(outline, readout, pane);
    let twice = |i: &Instance| named.iter().filter(|other| **other == i).count() > 1;
    let alike = |probe: &ProbeOutline| outline.probes.iter().filter(|p| p.title == probe.title).count() > 1;
    let mut rows = Vec::new();
    for (probe, mut things) in things(outline, readout, pane) {
        // People may have called two probes the same: then the plan's word tells them apart.
        let title = if alike(probe) { probe.id.as_str() } else { &probe.title };
        if things.is_empty() {
            rows.push(unseen(probe, title, forgotten));
        }
        things.retain(|instance, _| !beside(probe, *instance));
        for (instance, views) in things {
            let name = match instance {
                None => match views.first().and_then(|v| probe.measure(Some(&v.id.measure))).filter(|m| m.whole) {
                    Some(whole) => format!("{title} {}", whole.name),
                    None => title.to_owned(),
                },
                Some(i) if (single || matches!(pane, PaneId::Lag | PaneId::Queues)) && !twice(i) => i.to_string(),
                Some(i) => format!("{title} {i}"),
            };
            let injected = views.iter().any(|view| view.injected);
            rows.push(row(probe, marked(name, injected), &views));
        }
    }
    rows
}

/// Begins the name of what is injected.
pub const INJECTED: &str = "INJECTED ";

/// What a scenario injects is no measurement, and says so before its name.
fn marked(name: String, injected: bool) -> String {
    if injected { format!("{INJECTED}{name}") } else { name }
}

/// The instances that a pane shows, as often as there are probes that have one of that name.
fn names<'a>(outline: &'a Outline, readout: &'a Readout, pane: PaneId) -> Vec<&'a Instance> {
    things(outline, readout, pane).flat_map(|(_, things)| things.into_keys().flatten()).collect()
}

/// The probes that a pane shows, each with its things: the signals of an instance, or those of the probe itself.
pub fn things<'a>(
    outline: &'a Outline,
    readout: &'a Readout,
    pane: PaneId,
) -> impl Iterator<Item = (&'a ProbeOutline, BTreeMap<Option<&'a Instance>, Vec<&'a SignalView>>)> {
    outline.probes.iter().filter(move |p| shown_in(pane, p.pane)).map(|probe| {
        let mut things: BTreeMap<Option<&Instance>, Vec<&SignalView>> = BTreeMap::new();
        for view in of_probe(readout, &probe.id) {
            things.entry(view.id.instance.as_ref()).or_default().push(view);
        }
        for views in things.values_mut() {
            views.sort_by_key(|v| probe.measures.iter().position(|m| m.name == v.id.measure));
        }
        (probe, things)
    })
}

/// Whether probes of a pane of the plan have their rows there. A chart has no rows: error rates have theirs in health.
fn shown_in(pane: PaneId, of: Pane) -> bool {
    match of {
        Pane::Errors => pane == PaneId::Health,
        of => pane.probes().contains(&of),
    }
}

/// Why a probe has no signals at all.
pub fn nothing_of(probe: &ProbeId, forgotten: &[(ProbeId, Instance)]) -> String {
    let_go(probe, forgotten).unwrap_or_else(|| "never measured yet".to_owned())
}

/// All signals of a probe.
pub fn of_probe<'a>(readout: &'a Readout, probe: &ProbeId) -> impl Iterator<Item = &'a SignalView> {
    let first = SignalId { probe: probe.clone(), instance: None, measure: "".into() };
    let probe = probe.clone();
    readout.signals.range(first..).map(|(_, v)| v).take_while(move |v| v.id.probe == probe)
}

fn unseen(probe: &ProbeOutline, title: &str, forgotten: &[(ProbeId, Instance)]) -> Row {
    Row {
        name: title.to_owned(),
        level: Level::Unknown,
        why: Some(nothing_of(&probe.id, forgotten)),
        value: String::new(),
        second: None,
        second_broke: false,
        spark: Vec::new(),
        limit: None,
        limit_text: String::new(),
        was: None,
        pending: None,
        at: None,
        every: probe.every,
    }
}

fn row(probe: &ProbeOutline, name: String, views: &[&SignalView]) -> Row {
    let worst = views.iter().copied().max_by_key(|v| v.level);
    let unit = |v: &SignalView| probe.measure(Some(&v.id.measure)).map_or(Unit::Count, |m| m.unit);
    let numbers: Vec<&SignalView> =
        views.iter().copied().filter(|v| !matches!(unit(v), Unit::State | Unit::Text)).collect();
    let failing = views.iter().find(|v| matches!(v.last, Some(Outcome::Failing(_))));
    let main = numbers.first().copied().or(views.first().copied());
    let pending = views.iter().copied().filter(|v| v.pending.is_some()).max_by_key(|v| v.pending.map(|p| p.level));
    let value = match (failing, main) {
        (Some(_), _) => "failing".to_owned(),
        (None, Some(v)) => show(unit(v), v.last.as_ref()),
        (None, None) => String::new(),
    };
    let why = worst.and_then(|v| v.why.clone()).or_else(|| match failing.and_then(|v| v.last.as_ref()) {
        Some(Outcome::Failing(why)) => Some(why.clone()),
        _ => None,
    });
    let was = main.and_then(|v| v.was.as_ref().map(|w| show(unit(v), Some(w)))).filter(|w| !w.is_empty());
    // What only lacks its baseline is measured now: it was not.
    let now = main.is_some_and(lacks) && !value.is_empty();
    let why = why.map(|why| if now { format!("{value}; {why}") } else { why });
    let limit = main.and_then(|v| limits(probe, v).map(|(_, l)| l).reduce(f64::min));
    // Beside the main value stands the one whose limit broke.
    let over = worst.filter(|v| v.level > Level::Ok).or(pending);
    let broke = over.filter(|v| main.is_some_and(|main| main.id != v.id));
    let second = broke.or(numbers.get(1).copied());
    // A value that is too old is only what was.
    let unknown = worst.is_some_and(|v| v.level == Level::Unknown);
    Row {
        name,
        level: worst.map_or(Level::Unknown, |v| v.level),
        why,
        was: was.or(Some(value.clone()).filter(|v| !v.is_empty())).filter(|_| unknown && !now),
        value,
        second_broke: broke.is_some(),
        second: second.map(|v| show(unit(v), v.last.as_ref())).filter(|s| !s.is_empty() && failing.is_none()),
        spark: main
            .map(|v| v.spark.iter().map(|f| f.map(crate::core::units::Finite::get)).collect())
            .unwrap_or_default(),
        limit,
        limit_text: match (limit, main) {
            (Some(limit), Some(v)) => limit_text(unit(v), limit),
            _ => String::new(),
        },
        pending: pending.and_then(|v| v.pending).filter(|_| failing.is_none()),
        at: views.iter().filter_map(|v| v.at).max(),
        every: probe.every,
    }
}

/// Whether a signal is measured, and unknown only since nobody captured the baseline of its limit.
fn lacks(view: &SignalView) -> bool {
    view.why.as_deref().is_some_and(lacks_baseline)
}

/// A value as people read it; empty where there is none.
pub fn show(unit: Unit, outcome: Option<&Outcome>) -> String {
    outcome.and_then(|outcome| outcome.shown(unit)).unwrap_or_default()
}

/// `< 400 ms`; `0` where there may be none at all.
fn limit_text(unit: Unit, limit: f64) -> String {
    if limit == 0.0 { unit.show(limit) } else { format!("< {}", unit.show(limit)) }
}

/// Constant upper limits of a signal: whether critical, and where.
pub fn limits<'a>(probe: &'a ProbeOutline, view: &SignalView) -> impl Iterator<Item = (Level, f64)> + use<'a> {
    conditions(probe, view).filter_map(|(level, c)| Some((level, upper(c)?)))
}

/// The conditions that give a signal its level.
pub fn conditions<'a>(
    probe: &'a ProbeOutline,
    view: &SignalView,
) -> impl Iterator<Item = (Level, &'a Condition)> + use<'a> {
    let first = probe.measures.first().is_some_and(|m| m.name == view.id.measure);
    let (measure, instance) = (view.id.measure.clone(), view.id.instance.clone());
    let means = move |c: &Condition| {
        c.subject.measure.as_ref().map_or(first, |m| *m == measure)
            && (c.subject.instance.is_none() || c.subject.instance == instance)
    };
    let warn = probe.warn.iter().map(|c| (Level::Warn, c));
    let critical = probe.critical.iter().map(|c| (Level::Critical, c));
    warn.chain(critical).filter(move |(_, c)| means(c))
}

/// The constant that a condition forbids to exceed.
pub fn upper(condition: &Condition) -> Option<f64> {
    match &condition.test {
        Test::Compare { op: Op::More | Op::AtLeast, to: Operand::Const(q), .. } => Some(q.base.get()),
        _ => None,
    }
}

/// The instances that the plan calls new and old: the sides of the first comparison between two instances of a probe;
/// else the first instance that a step must see well, and its only neighbour.
pub fn new_and_old(outline: &Outline, readout: &Readout) -> Option<(Instance, Instance)> {
    compared(outline).or_else(|| {
        let conditions = outline.steps.iter().flat_map(|s| s.fail.iter().chain(&s.verify));
        conditions.filter_map(|c| Some((&c.subject.probe, c.subject.instance.clone()?))).find_map(|(probe, new)| {
            let mut others: Vec<_> = of_probe(readout, probe).filter_map(|v| v.id.instance.clone()).collect();
            others.sort();
            others.dedup();
            others.retain(|i| *i != new);
            (others.len() == 1).then(|| Some((new, others.pop()?))).flatten()
        })
    })
}

fn compared(outline: &Outline) -> Option<(Instance, Instance)> {
    let conditions = outline.steps.iter().flat_map(|s| s.verify.iter().chain(&s.fail));
    conditions.chain(outline.triggers.iter().filter_map(|t| t.when())).find_map(|c| match &c.test {
        Test::Compare { to: Operand::Signal { subject, .. }, .. } if subject.probe == c.subject.probe => {
            let (new, old) = (c.subject.instance.clone()?, subject.instance.clone()?);
            (new != old).then_some((new, old))
        }
        _ => None,
    })
}

/// A row of new beside old.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What is measured.
    pub name: String,
    /// The level of the new one.
    pub level: Level,
    /// Why it is not ok.
    pub why: Option<String>,
    /// The new one's value.
    pub new: String,
    /// The old one's value.
    pub old: String,
    /// The nearest limit, as people read it.
    pub limit: String,
    /// The last values of the new one.
    pub spark: Vec<Option<f64>>,
    /// The limit, for the sparkline.
    pub full: Option<f64>,
    /// The new one's share of the whole, 0 to 1, where the two are measured to be the parts of one.
    pub split: Option<f64>,
    /// `was 0.3 %`, the newest value that there was, where there is none now; `0.3 %` where only a baseline is lacking.
    pub was: Option<String>,
    /// The new one is over a limit, but not yet for long enough.
    pub pending: Option<Pending>,
    /// When the new one was measured last.
    pub at: Option<Timestamp>,
}

/// Works out the rows of new beside old.
pub fn pairs_of(outline: &Outline, readout: &Readout) -> Vec<Pair> {
    let Some((new, old)) = new_and_old(outline, readout) else { return Vec::new() };
    let mut pairs = Vec::new();
    for probe in &outline.probes {
        for measure in &probe.measures {
            let of = |instance: &Instance| {
                let id = SignalId {
                    probe: probe.id.clone(),
                    instance: Some(instance.clone()),
                    measure: measure.name.clone(),
                };
                readout.signals.get(&id)
            };
            let (Some(a), Some(b)) = (of(&new), of(&old)) else { continue };
            let limit = limits(probe, a).map(|(_, l)| l).reduce(f64::min);
            let name = if probe.measures.len() > 1 && probe.measures[0].name != measure.name {
                format!("{} {}", probe.title, measure.name)
            } else {
                probe.title.clone()
            };
            pairs.push(Pair {
                name: marked(name, a.injected || b.injected),
                level: a.level,
                why: a.why.clone(),
                new: show(measure.unit, a.last.as_ref()),
                old: show(measure.unit, b.last.as_ref()),
                limit: limit.map_or_else(String::new, |l| limit_text(measure.unit, l)),
                spark: a.spark.iter().map(|f| f.map(crate::core::units::Finite::get)).collect(),
                full: limit,
                split: split(outline, a, b).filter(|_| measure.unit == Unit::Percent),
                was: a
                    .was
                    .as_ref()
                    .or(a.last.as_ref())
                    .map(|w| show(measure.unit, Some(w)))
                    .filter(|w| !w.is_empty())
                    .map(
                        // What only lacks its baseline is measured now.
                        |was| if lacks(a) { was } else { format!("was {was}") },
                    ),
                pending: a.pending,
                at: a.at,
            });
        }
    }
    pairs
}

/// The new version's part of a whole of which the old one has the rest: the plan holds it against a share with a tolerance
/// (`share[green] = 25% ± 3%`), and the two are measured to be one whole.
fn split(outline: &Outline, new: &SignalView, old: &SignalView) -> Option<f64> {
    let is_held = |c: &Condition| {
        let of = &c.subject;
        let own = of.probe == new.id.probe && of.instance == new.id.instance;
        own && of.measure.as_ref().is_none_or(|m| *m == new.id.measure)
            && matches!(c.test, Test::Compare { within: Some(_), to: Operand::Const(_), .. })
    };
    let value = |view: &SignalView| view.last.as_ref().filter(|_| view.level != Level::Unknown)?.value();
    let (part, rest) = value(new).zip(value(old))?;
    let whole = (part + rest - 1.0).abs() <= 0.01 && part >= 0.0 && rest >= 0.0;
    (whole && outline.steps.iter().any(|step| step.verify.iter().any(is_held))).then_some(part)
}

/// The first probe that measures a time of both the new and the old version.
pub fn second_of(outline: &Outline, readout: &Readout) -> Option<ProbeId> {
    let (new, old) = new_and_old(outline, readout)?;
    let both = |p: &&ProbeOutline| {
        let has = |i: &Instance| of_probe(readout, &p.id).any(|v| v.id.instance.as_ref() == Some(i));
        p.pane != Pane::Errors && p.measures.first().is_some_and(|m| m.unit == Unit::Seconds) && has(&new) && has(&old)
    };
    outline.probes.iter().find(both).map(|p| p.id.clone())
}

/// Signals of the new version that say how much goes to it: rates of events, its share of the whole, and on how much an
/// error rate rests; of what both versions are measured of.
pub fn volumes_of(outline: &Outline, readout: &Readout) -> Vec<SignalId> {
    let Some((new, old)) = new_and_old(outline, readout) else { return Vec::new() };
    let mut found = Vec::new();
    for probe in &outline.probes {
        for measure in &probe.measures {
            let of = |instance: &Instance| {
                let (probe, instance) = (probe.id.clone(), Some(instance.clone()));
                readout.signals.get(&SignalId { probe, instance, measure: measure.name.clone() })
            };
            let (Some(a), Some(b)) = (of(&new), of(&old)) else { continue };
            let rate = matches!(measure.unit, Unit::PerSecond | Unit::PerMinute);
            let counted = measure.unit == Unit::Count && probe.pane == Pane::Errors;
            let rate = rate || counted && probe.measures.first().is_some_and(|first| first.name != measure.name);
            if rate || measure.unit == Unit::Percent && probe.pane != Pane::Errors && split(outline, a, b).is_some() {
                found.push(a.id.clone());
            }
        }
    }
    found
}

/// How many rows have each level: critical, warn, unknown, ok.
pub fn counts<'a>(levels: impl Iterator<Item = &'a Level>) -> [usize; 4] {
    let mut counts = [0; 4];
    for level in levels {
        counts[match level {
            Level::Critical => 0,
            Level::Warn => 1,
            Level::Unknown => 2,
            Level::Ok => 3,
        }] += 1;
    }
    counts
}
