//! The `[[probe]]` tables: kinds, overlays of an environment, limits.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::conditions::Probes;
use super::file::{ProbeTable, Text};
use super::lost::Lost;
use super::places::Places;
use super::problem::Problem;
use super::sense;
use super::tree::{Value, array, check_id, lengthen, nearest, read, read_by, tables_by_name, take, take_meant};
use crate::core::ids::ProbeId;
use crate::core::outline::ProbeOutline;
use crate::core::time::Span;
use crate::probes::{KINDS, Spec};

/// Keys of kinds that say where and how is asked, not what is measured: a probe measures the same whatever is wrong there.
const ASKED: &[&str] = &[
    "url",
    "method",
    "headers",
    "body",
    "follow",
    "ca",
    "token",
    "user",
    "password",
    "run",
    "organization",
    "projects",
];

/// Keys of a probe that are not its kind's.
const OWN: &[&str] = &["id", "title", "pane", "every", "timeout", "min-samples", "warn", "critical"];

/// Reads the tables, each with the environment's over it, then their limits.
pub(super) fn probes<'f>(
    file: &'f str,
    values: Option<Value<'_>>,
    overlays: Option<Value<'_>>,
    places: &mut Places,
    problems: &mut Vec<Problem>,
) -> Probes<'f> {
    let mut lost = Lost::default();
    let values = array(values, "probe", &mut lost, problems);
    let mut overlays: Vec<(Spanned<String>, Value<'_>)> = tables_by_name(overlays, "environment.ENV.probe", problems);
    let mut outlines: Vec<ProbeOutline> = Vec::new();
    let mut specs = BTreeMap::new();
    let mut limits: Vec<(ProbeId, Vec<Text>, Vec<Text>)> = Vec::new();
    for mut value in values {
        let whole = value.span();
        let DeValue::Table(table) = value.get_mut() else { continue };
        let own = table.get("id").and_then(|v| v.get_ref().as_str().map(str::to_owned));
        if let Some(at) = overlays.iter().position(|(name, _)| Some(name.get_ref()) == own.as_ref()) {
            overlay(table, overlays.swap_remove(at).1.into_inner());
        }
        let mut kinds: Vec<(&str, Value<'_>)> = KINDS.iter().filter_map(|k| Some((*k, take(table, k)?))).collect();
        if kinds.is_empty() {
            kinds.extend(KINDS.iter().find_map(|k| Some((*k, take_meant(table, k)?))));
        }
        lengthen(table);
        let Some(read) = read::<ProbeTable>(&value, KINDS, problems) else {
            lost.add(own.as_deref());
            continue;
        };
        let known_id = !read.lacks("id");
        let times = !read.lacks("every") && !read.lacks("timeout");
        let whole_table = read.complete();
        let probe = read.table;
        let id = ProbeId::from(probe.id.get_ref().as_str());
        if known_id {
            check_id(&probe.id, false, problems);
            if limits.iter().any(|(other, ..)| *other == id) {
                let problem = Problem::error("twice", probe.id.span(), format!("there are two probes `{id}`"));
                problems.push(problem.help("give one of them another id"));
            }
        } else {
            lost.add(own.as_deref());
        }
        limits.push((id.clone(), probe.warn, probe.critical));
        let (Some((kind, asked)), true) = (kinds.pop(), kinds.is_empty()) else {
            let message = format!("a probe has exactly one kind: {}", KINDS.join(", "));
            // A kind of the wrong name was reported as a key that is not known.
            if read.left_out.iter().all(|key| nearest(key, KINDS.iter().copied()).is_none()) {
                problems.push(Problem::error("probe-kind", whole, message));
            }
            lost.add(Some(id.as_str()));
            continue;
        };
        let at = asked.span();
        if let Some(run) = asked.get_ref().get("run").filter(|_| kind == "command")
            && let Some(text) = run.get_ref().as_str()
        {
            places.polled.insert(run.span().start, Text::new(run.span(), text.to_owned()));
        }
        // A list would be read as the values of the keys in their order.
        if matches!(asked.get_ref(), DeValue::Array(_)) {
            problems.push(Problem::error("wrong-value", at, format!("`{kind}` is no list")));
            lost.add(Some(id.as_str()));
            continue;
        }
        if matches!(asked.get_ref(), DeValue::String(_)) && kind != "tcp" {
            let problem = Problem::error("wrong-value", at, format!("`{kind}` is a table, not a text"));
            let first = if kind == "command" { "run" } else { "url" };
            problems.push(problem.help(format!("write {kind} = {{ {first} = \"…\" }}")));
            lost.add(Some(id.as_str()));
            continue;
        }
        let before = problems.len();
        let by = |table| Spec::read(kind, table).unwrap_or_else(|| Err(serde::de::Error::custom("no such kind")));
        let read = read_by(&asked, &[], problems, by);
        beside(kind, file, &mut problems[before..]);
        let Some(spec) = read else {
            lost.add(Some(id.as_str()));
            continue;
        };
        if !spec.left_out.iter().all(|key| ASKED.contains(&key.as_str())) {
            lost.add(Some(id.as_str()));
        }
        if !whole_table || !spec.complete() || spec.guessed {
            places.gaps.probes.insert(id.clone());
        }
        let (mut spec, guessed, wrong) = (spec.table, spec.guessed, spec.left_out);
        if let Some(samples) = probe.min_samples.filter(|n| !spec.set_min_samples(*n)) {
            problems.push(Problem::error(
                "min-samples",
                at.clone(),
                format!("`{kind}` counts no samples: min-samples = {samples} can't be met"),
            ));
        }
        // Of a key that could not be read, what it would say is not known.
        let known = |(key, _): &(&str, String)| !guessed && !wrong.iter().any(|w| w == key);
        for (key, why) in spec.problems().into_iter().filter(known) {
            let near = || asked.get_ref().as_table()?.iter().find(|(k, _)| nearest(k.get_ref(), [key]).is_some());
            let there = asked.get_ref().get(key).or_else(|| near().map(|(_, value)| value));
            let at = there.map_or_else(|| at.clone(), Spanned::span);
            problems.push(Problem::error("probe", at, format!("{key}: {why}")));
        }
        let (pane, every, timeout) = spec.defaults();
        sense::some(probe.timeout.as_ref(), problems);
        let every = probe.every.map_or(every, Spanned::into_inner);
        let given = probe.timeout.map(Spanned::into_inner);
        if let Some(long) = given.filter(|t| times && *t > every) {
            let message = format!("`{id}` gives a poll up after {long}, but asks again every {every}");
            problems.push(
                Problem::warning("timeout", probe.id.span(), message)
                    .help("a poll is given up after the interval at the latest"),
            );
        }
        if every < Span(100) {
            problems.push(Problem::error(
                "interval",
                probe.id.span(),
                format!("`{id}` asks every {every}: at least 100ms"),
            ));
        }
        outlines.push(ProbeOutline {
            title: probe.title.unwrap_or_else(|| id.to_string()),
            pane: probe.pane.unwrap_or(pane),
            kind: kind.to_owned(),
            target: spec.target(),
            every: every.max(Span(100)),
            timeout: given.unwrap_or_else(|| timeout.min(every.max(Span(100)))),
            measures: spec.measures(),
            expect: spec.expect(),
            warn: Vec::new(),
            critical: Vec::new(),
            id: id.clone(),
        });
        specs.insert(id, spec);
    }
    for (name, _) in overlays.into_iter().filter(|(name, _)| !lost.may_be(name.get_ref())) {
        problems.push(Problem::error(
            "no-probe",
            name.span(),
            format!("there is no probe `{}` to lay this over", name.get_ref()),
        ));
    }
    let mut probes = Probes::new(outlines, specs, lost, file);
    for (id, warn, critical) in limits {
        let own = |conditions: &[crate::core::condition::Condition], problems: &mut Vec<Problem>, at: &[Text]| {
            for (condition, text) in conditions.iter().zip(at).filter(|(c, _)| c.subject.probe != id) {
                let message = format!("a limit of `{id}` is about its own measures, not about `{}`", condition.subject);
                problems.push(Problem::error("limit", text.span(), message).help("make it a trigger"));
            }
        };
        let warn_read = probes.limits(&warn, &id, problems);
        let critical_read = probes.limits(&critical, &id, problems);
        own(&warn_read, problems, &warn);
        own(&critical_read, problems, &critical);
        if warn_read.len() < warn.len() || critical_read.len() < critical.len() {
            places.gaps.probes.insert(id.clone());
        }
        if let Some(outline) = probes.outlines.iter_mut().find(|p| p.id == id) {
            outline.warn = warn_read;
            outline.critical = critical_read;
        }
    }
    probes
}

/// Of a key that stands in the table of a kind and belongs to the probe's own: where it goes.
fn beside(kind: &str, file: &str, problems: &mut [Problem]) {
    for problem in problems.iter_mut().filter(|p| p.code == "unknown-key") {
        let key = file.get(problem.at.clone()).unwrap_or_default();
        if OWN.contains(&key) {
            problem.help = Some(format!("write `{key}` beside `{kind}`, under [[probe]]"));
        }
    }
}

/// Lays one table over another, tables in it as well.
fn overlay<'i>(under: &mut DeTable<'i>, over: DeValue<'i>) {
    let DeValue::Table(over) = over else { return };
    for (key, value) in over {
        let known = under.keys().find(|k| k.get_ref() == key.get_ref()).cloned();
        match known.and_then(|k| under.get_mut(&k)) {
            Some(old) if matches!((old.get_ref(), value.get_ref()), (DeValue::Table(_), DeValue::Table(_))) => {
                if let DeValue::Table(table) = old.get_mut() {
                    overlay(table, value.into_inner());
                }
            }
            Some(old) => *old = value,
            None => {
                under.insert(key, value);
            }
        }
    }
}
