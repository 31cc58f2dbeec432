//! From the file's tables to the outline. Goes on past mistakes, so that all are found at once.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::clock::{self, Clocks};
use super::file::{LATER, PlanTable, Text};
use super::lost::Lost;
use super::order;
use super::outputs::outputs;
use super::places::Places;
use super::probes::probes;
use super::problem::Problem;
use super::severities::severities;
use super::shifts::shifts;
use super::steps::Reader;
use super::tree::{Read, Value, array, fill_in, nearest, read, tables_by_name, take, unfilled, unknown};
use super::vars::{Chosen, check_marked, check_overlaid, check_secrets, choose, lookup, named, secrets, variables};
use super::watches::watches;
use super::{Choices, Plan, channels, hash, vantage};
use crate::core::ids::{PhaseId, ProbeId, RoleId, RollbackId};
use crate::core::outline::{Outline, Role};

const TOP: &[&str] = &[
    "plan",
    "vars",
    "secrets",
    "environment",
    "roles",
    "probe",
    "phase",
    "trigger",
    "rollback",
    "severity",
    "channel",
    "notify",
    "watch",
    "shifts",
    "criterion",
];

/// What of a file is no TOML; the last says that nothing else was looked at.
pub(super) fn syntax(wrong: &[toml::de::Error]) -> Vec<Problem> {
    let problem = |e: &toml::de::Error| Problem::error("syntax", e.span().unwrap_or(0..0), e.message().to_owned());
    let mut problems: Vec<Problem> = wrong.iter().map(problem).collect();
    if let Some(last) = problems.last_mut() {
        last.help = Some("the rest was not looked at: all of the file must be TOML first".to_owned());
    }
    problems
}

/// The names of a plan's environments; none where it is no TOML.
pub(super) fn environments(text: &str) -> Vec<String> {
    let Ok(root) = DeTable::parse(text) else { return Vec::new() };
    let all = root.get_ref().get("environment").and_then(|value| value.get_ref().as_table());
    all.into_iter().flat_map(|all| all.keys().map(|name| name.get_ref().to_string())).collect()
}

/// Reads the whole plan, and where its parts stand. What it returns is complete only where no error was reported.
pub fn build(text: &str, choices: &Choices, problems: &mut Vec<Problem>) -> Option<(Plan, Places)> {
    let (mut root, wrong) = DeTable::parse_recoverable(text);
    problems.extend(syntax(&wrong));
    if !problems.is_empty() {
        return None;
    }
    let table = root.get_mut();
    let unknown_tables = strangers(table, problems);
    let mut environments = tables_by_name(take(table, "environment"), "environment", problems);
    let chosen = choose(choices, &mut environments, problems);
    let Chosen { vars: over, secrets: more_secrets, probes: mut overlays, overlaid, real, marked } = chosen;
    let written = named(take(table, "vars"), "variable", problems);
    check_overlaid(&overlaid.0, &written, "variable", "vars", problems);
    let vars = variables(written, over, &choices.vars, problems);
    let get = lookup(&vars.known, &vars.lost);
    let written = named(take(table, "secrets"), "secret", problems);
    check_overlaid(&overlaid.1, &written, "secret", "secrets", problems);
    let secrets = secrets(written, more_secrets, &vars, problems);
    let mut lost = Lost::default();
    let mut phases = array(take(table, "phase"), "phase", &mut lost, problems);
    let mut rest: Vec<&mut Value<'_>> = table.iter_mut().map(|(_, v)| v).collect();
    rest.iter_mut().map(|v| &mut **v).chain(&mut overlays).for_each(|v| fill_in(v, problems, &get));

    let (mut about_plan, mut probed) = (take(table, "plan"), take(table, "probe"));
    let side = vantage::take_out(about_plan.as_mut(), &mut probed, problems);
    let plan: Option<Read<PlanTable>> = match about_plan {
        Some(value) if !matches!(value.get_ref(), DeValue::Table(_)) => {
            problems.push(Problem::error("wrong-value", value.span(), "write it as [plan]"));
            None
        }
        Some(value) => read(&value, &["vantage"], problems),
        None => {
            problems.push(
                Problem::error("missing-key", 0..0, "there is no [plan] table")
                    .help("begin with [plan], name = \"…\", environment = \"…\""),
            );
            None
        }
    };
    let roles = roles(take(table, "roles"), problems);
    let mut places = Places::default();
    let probes = probes(text, probed, overlays, &mut places, problems);
    check_secrets(text, &secrets, problems);

    let mut reader = Reader {
        problems,
        probes,
        roles: roles.as_ref(),
        vars: &vars,
        seen: BTreeMap::new(),
        lost,
        lost_rollbacks: Lost::default(),
        written: Vec::new(),
        clocks: Clocks::default(),
        places,
    };
    let mut outline = Outline {
        vars: vars.known.clone(),
        secrets,
        roles: roles.clone().unwrap_or_default(),
        shell: ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).to_vec(),
        ..Outline::default()
    };
    if phases.is_empty() && reader.lost.is_empty() && !unknown_tables && plan.is_some() {
        let message = "the plan has no phase: there is nothing to do in it";
        reader.problems.push(Problem::warning("empty", 0..0, message).help("add [[phase]] and [[phase.step]]"));
    }
    reader.phases(&mut phases, &mut outline);
    reader.rollbacks(take(table, "rollback"), &mut outline);
    reader.triggers(take(table, "trigger"), &mut outline);
    reader.criteria(take(table, "criterion"), &mut outline);
    let Reader { written, lost, lost_rollbacks, probes, mut places, clocks, .. } = reader;
    places.gaps.lost = !lost.is_empty() || !lost_rollbacks.is_empty();
    places.gaps.names.clone_from(&vars.lost);
    let ids: Vec<PhaseId> = outline.phases.iter().map(|p| p.id.clone()).collect();
    order::resolve(&mut outline.steps, &ids, &written, &lost, problems);
    clock::anchors(&mut outline);
    outputs(&outline, &places, problems);
    severities(take(table, "severity"), roles.is_some(), &mut outline, &mut places, problems);
    let ids: Vec<ProbeId> = probes.outlines.iter().map(|p| p.id.clone()).collect();
    watches(take(table, "watch"), roles.is_some(), &ids, &mut outline, problems);
    let told = channels::channels(take(table, "channel"), &mut outline, &mut places, problems);
    channels::rules(take(table, "notify"), &told, &mut outline, &mut places, problems);
    shifts(take(table, "shifts"), roles.is_some(), &mut outline, problems);
    let mut heartbeat = None;
    if let Some(mut plan) = plan {
        heartbeat = plan.table.heartbeat.take().map(|table| channels::beats(table, &mut outline, problems));
        about(plan.table, &mut outline, clocks, &lost_rollbacks, problems);
        check_marked(&marked, &outline.environment, problems);
    }
    // An overlay is an environment of its own: what is launched there must not pass for the plan's.
    if let Some(chosen) = &choices.environment {
        outline.environment.clone_from(chosen);
    }
    outline.vantage = vantage::named(&side, &probes, &places.gaps, problems);
    outline.probes = probes.outlines;
    let plan = Plan {
        outline,
        probes: probes.specs,
        channels: told.specs,
        heartbeat,
        rehearse_real: real,
        named: probes.named,
        hash: hash(text),
    };
    Some((plan, places))
}

/// Reports the tables that are not known. One that is nearly called like one of ours is taken for it; whether others are
/// left.
fn strangers(table: &mut DeTable<'_>, problems: &mut Vec<Problem>) -> bool {
    let mut left = false;
    let strange: Vec<_> = table.keys().filter(|k| !TOP.contains(&k.get_ref().as_ref())).cloned().collect();
    for key in strange {
        problems.push(unknown(key.get_ref(), key.span(), TOP.iter().copied()));
        let meant = nearest(key.get_ref(), TOP.iter().copied()).filter(|_| !LATER.contains(&key.get_ref().as_ref()));
        let (Some(meant), Some(value)) = (meant, table.remove(&key)) else {
            left = true;
            continue;
        };
        match (table.get_mut(meant).map(Spanned::get_mut), value.get_ref()) {
            (None, _) => drop(table.insert(Spanned::new(key.span(), meant.into()), value)),
            (Some(DeValue::Array(all)), DeValue::Array(_)) => {
                let DeValue::Array(more) = value.into_inner() else { continue };
                more.into_iter().for_each(|one| all.push(one));
            }
            _ => left = true,
        }
    }
    left
}

fn about(plan: PlanTable, outline: &mut Outline, clocks: Clocks, lost: &Lost, problems: &mut Vec<Problem>) {
    outline.name = plan.name.into_inner();
    outline.version = plan.version;
    outline.environment = plan.environment;
    if !plan.shell.is_empty() {
        outline.shell = plan.shell;
    }
    if let Some(zone) = plan.zone {
        clock::zone(&zone, problems);
        outline.zone = Some(zone.into_inner());
    }
    clock::windows(plan.window, clocks, outline, problems);
    if let Some(name) = plan.rollback {
        outline.rollback = rollback_named(&name, outline, lost, problems);
    }
}

/// The rollback of that name.
pub(super) fn rollback_named(
    name: &Text,
    outline: &Outline,
    lost: &Lost,
    problems: &mut Vec<Problem>,
) -> Option<RollbackId> {
    let id = RollbackId::from(name.get_ref().as_str());
    if outline.rollback(&id).is_some() {
        return Some(id);
    }
    if lost.may_be(id.as_str()) || unfilled(name, problems) {
        return None;
    }
    let near = nearest(id.as_str(), outline.rollbacks.iter().map(|r| r.id.as_str()));
    let mut problem = Problem::error("no-rollback", name.span(), format!("there is no rollback `{id}`"));
    problem.help = near.map(|n| format!("did you mean `{n}`?"));
    problems.push(problem);
    None
}

/// `[roles]`; none where it could not be read at all. A role that is wrong is there all the same.
fn roles(value: Option<Value<'_>>, problems: &mut Vec<Problem>) -> Option<BTreeMap<RoleId, Role>> {
    if value.as_ref().is_some_and(|v| !matches!(v.get_ref(), DeValue::Table(_))) {
        tables_by_name(value, "roles", problems);
        return None;
    }
    let unread = || Role { name: "?".to_owned(), contact: None, backup: None };
    let found = tables_by_name(value, "roles", problems);
    let role = |(name, value): (Text, Value<'_>)| {
        let role = read(&value, &[], problems).map_or_else(unread, |read| read.table);
        (RoleId::from(name.into_inner()), role)
    };
    Some(found.into_iter().map(role).collect())
}
