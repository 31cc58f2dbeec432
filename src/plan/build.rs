//! From the file's tables to the outline. Goes on past mistakes, so that all are found at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::conditions::Probes;
use super::file::*;
use super::order::{self, Written, fits};
use super::problem::Problem;
use super::tree::{Value, fill_in, lengthen, nearest, read, said, take, unknown};
use super::{Choices, Plan, hash};
use crate::core::ids::{PhaseId, ProbeId, RoleId, RollbackId, StepId};
use crate::core::outline::*;
use crate::core::text::fill;
use crate::core::time::Span;
use crate::probes::{KINDS, Spec};

const TOP: &[&str] =
    &["plan", "vars", "secrets", "environment", "roles", "probe", "phase", "trigger", "rollback", "severity"];

/// Reads the whole plan. What it returns is complete only where no error was reported.
pub fn build(text: &str, choices: &Choices, problems: &mut Vec<Problem>) -> Option<Plan> {
    let (mut root, wrong) = DeTable::parse_recoverable(text);
    for error in wrong {
        problems.push(Problem::error("syntax", error.span().unwrap_or(0..0), error.message().to_owned()));
    }
    if !problems.is_empty() {
        return None;
    }
    let table = root.get_mut();
    for key in table.keys().filter(|k| !TOP.contains(&k.get_ref().as_ref())) {
        problems.push(unknown(key.get_ref(), key.span(), TOP.iter().copied()));
    }
    let mut environments = tables_by_name(take(table, "environment"), problems);
    let chosen = choose(choices, &mut environments, problems);
    let Chosen { vars: over, secrets: more_secrets, probes: overlays } = chosen;
    let vars = variables(take(table, "vars"), over, &choices.vars, problems);
    let get = |name: &str| -> Result<String, String> {
        vars.get(name).cloned().ok_or_else(|| match nearest(name, vars.keys().map(String::as_str)) {
            Some(near) => format!("there is no variable `{name}`; did you mean `{near}`?"),
            None => format!("there is no variable `{name}`; set it in [vars] or with --var {name}=…"),
        })
    };
    let secrets = secrets(take(table, "secrets"), more_secrets, problems);
    let mut phases = array(take(table, "phase"), "phase", problems);
    let mut rest: Vec<&mut Value<'_>> = table.iter_mut().map(|(_, v)| v).collect();
    rest.iter_mut().for_each(|v| fill_in(v, problems, &get));

    let plan: Option<PlanTable> = match take(table, "plan") {
        Some(value) => read(&value, &[], problems),
        None => {
            problems.push(
                Problem::error("missing-key", 0..0, "there is no [plan] table")
                    .help("begin with [plan], name = \"…\", environment = \"…\""),
            );
            None
        }
    };
    let roles = roles(take(table, "roles"), problems);
    let mut probes = probes(array(take(table, "probe"), "probe", problems), overlays, problems);
    check_secrets(text, &secrets, problems);

    let mut reader =
        Reader { problems, probes: &mut probes, roles: &roles, seen: BTreeMap::new(), written: Vec::new() };
    let mut outline = Outline {
        vars: vars.clone(),
        secrets,
        roles: roles.clone(),
        shell: ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).to_vec(),
        ..Outline::default()
    };
    reader.phases(&mut phases, &vars, &mut outline);
    reader.rollbacks(take(table, "rollback"), &mut outline);
    let triggers = array(take(table, "trigger"), "trigger", reader.problems);
    reader.triggers(triggers, &mut outline);
    let written = std::mem::take(&mut reader.written);
    let ids: Vec<PhaseId> = outline.phases.iter().map(|p| p.id.clone()).collect();
    order::resolve(&mut outline.steps, &ids, &written, problems);
    severities(take(table, "severity"), &mut outline, problems);
    if let Some(plan) = plan {
        about(plan, &mut outline, problems);
    }
    outline.probes = probes.outlines;
    Some(Plan { outline, probes: probes.specs, hash: hash(text) })
}

fn about(plan: PlanTable, outline: &mut Outline, problems: &mut Vec<Problem>) {
    outline.name = plan.name.into_inner();
    outline.version = plan.version;
    outline.environment = plan.environment;
    if !plan.shell.is_empty() {
        outline.shell = plan.shell;
    }
    if let Some(zone) = plan.zone {
        if zone.get_ref().parse::<Tz>().is_err() {
            let message = format!("`{}` is no time zone", zone.get_ref());
            problems.push(Problem::error("zone", zone.span(), message).help("write an IANA name, as Europe/Berlin"));
        }
        outline.zone = Some(zone.into_inner());
    }
    if let Some(name) = plan.rollback {
        outline.rollback = rollback_named(&name, outline, problems);
    }
}

fn rollback_named(name: &Text, outline: &Outline, problems: &mut Vec<Problem>) -> Option<RollbackId> {
    let id = RollbackId::from(name.get_ref().as_str());
    if outline.rollback(&id).is_some() {
        return Some(id);
    }
    let near = nearest(id.as_str(), outline.rollbacks.iter().map(|r| r.id.as_str()));
    let mut problem = Problem::error("no-rollback", name.span(), format!("there is no rollback `{id}`"));
    problem.help = near.map(|n| format!("did you mean `{n}`?"));
    problems.push(problem);
    None
}

#[derive(Default)]
struct Chosen<'i> {
    vars: BTreeMap<String, toml::Value>,
    secrets: BTreeMap<String, String>,
    probes: Option<Value<'i>>,
}

fn choose<'i>(
    choices: &Choices,
    environments: &mut Vec<(Spanned<String>, Value<'i>)>,
    problems: &mut Vec<Problem>,
) -> Chosen<'i> {
    let mut chosen = Chosen::default();
    let mut found = false;
    for (name, value) in environments.iter_mut() {
        let probes = match value.get_mut() {
            DeValue::Table(table) => take(table, "probe"),
            _ => None,
        };
        let table: Option<EnvironmentTable> = read(value, &["probe"], problems);
        if choices.environment.as_deref() == Some(name.get_ref().as_str()) {
            found = true;
            let table = table.unwrap_or_default();
            chosen = Chosen { vars: table.vars, secrets: table.secrets, probes };
        }
    }
    if let Some(wanted) = choices.environment.as_deref().filter(|_| !found) {
        let names: Vec<&str> = environments.iter().map(|(n, _)| n.get_ref().as_str()).collect();
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        problems.push(Problem::error(
            "no-environment",
            0..0,
            format!("the plan has no [environment.{wanted}]: {known}"),
        ));
    }
    chosen
}

/// `[vars]`, overlaid and filled: a variable may use others, but not itself.
fn variables(
    value: Option<Value<'_>>,
    over: BTreeMap<String, toml::Value>,
    given: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut raw: BTreeMap<String, (String, std::ops::Range<usize>)> = BTreeMap::new();
    for (name, value) in tables_or_values(value, problems) {
        let at = value.span();
        match scalar(value.get_ref()) {
            Some(text) => {
                raw.insert(name.into_inner(), (text, at));
            }
            None => problems.push(Problem::error("wrong-value", at, "a variable is a text, a number or true/false")),
        }
    }
    for (name, value) in over {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        raw.insert(name, (text, 0..0));
    }
    for (name, value) in given {
        // What is given on the command line is taken as it is.
        raw.insert(name.clone(), (value.replace("${", "$${"), 0..0));
    }
    let mut done = BTreeMap::new();
    for name in raw.keys() {
        let mut path = Vec::new();
        match one_variable(name, &raw, &mut path, &mut done) {
            Ok(_) => {}
            Err(why) => problems.push(Problem::error("variable", raw[name].1.clone(), why)),
        }
    }
    done
}

fn one_variable(
    name: &str,
    raw: &BTreeMap<String, (String, std::ops::Range<usize>)>,
    path: &mut Vec<String>,
    done: &mut BTreeMap<String, String>,
) -> Result<String, String> {
    if let Some(known) = done.get(name) {
        return Ok(known.clone());
    }
    if path.iter().any(|p| p == name) || path.len() > 32 {
        return Err(format!("the variable `{name}` is made of itself: {} → {name}", path.join(" → ")));
    }
    let Some((text, _)) = raw.get(name) else { return Err(format!("there is no variable `{name}`")) };
    path.push(name.to_owned());
    let filled = fill(text, |inner| match inner.strip_prefix("secret.") {
        Some(_) => Err(format!("a variable can't hold a secret (`${{{inner}}}`): everybody sees variables")),
        None => one_variable(inner, raw, path, done),
    })?;
    path.pop();
    if filled.len() > 64 * 1024 {
        return Err(format!("the variable `{name}` grows beyond 64 KiB"));
    }
    done.insert(name.to_owned(), filled.clone());
    Ok(filled)
}

fn secrets(
    value: Option<Value<'_>>,
    over: BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in tables_or_values(value, problems) {
        let text = scalar(value.get_ref()).unwrap_or_default();
        let reference = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
        let good = reference
            .and_then(|r| r.split_once(':'))
            .is_some_and(|(kind, rest)| matches!(kind, "env" | "file") && !rest.is_empty());
        if !good {
            problems.push(
                Problem::error(
                    "secret",
                    value.span(),
                    format!("the secret `{}` must be a reference, not a value", name.get_ref()),
                )
                .help("write \"${env:NAME}\" or \"${file:/path}\""),
            );
        }
        found.insert(name.into_inner(), text);
    }
    found.extend(over);
    found
}

/// Every `${secret.NAME}` in the text must be one that the plan has, and none may stand in a command.
fn check_secrets(text: &str, secrets: &BTreeMap<String, String>, problems: &mut Vec<Problem>) {
    for (at, _) in text.match_indices("${secret.") {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            continue;
        }
        let name: String = text[at + 9..].chars().take_while(|c| *c != '}' && !c.is_whitespace()).collect();
        if !secrets.contains_key(&name) {
            let near = nearest(&name, secrets.keys().map(String::as_str));
            let mut problem =
                Problem::error("no-secret", at..at + 10 + name.len(), format!("there is no secret `{name}`"));
            problem.help = Some(near.map_or_else(
                || format!("add {name} = \"${{env:…}}\" under [secrets]"),
                |n| format!("did you mean `{n}`?"),
            ));
            problems.push(problem);
        }
    }
}

fn roles(value: Option<Value<'_>>, problems: &mut Vec<Problem>) -> BTreeMap<RoleId, Role> {
    let found = tables_by_name(value, problems).into_iter();
    found.filter_map(|(name, value)| Some((RoleId::from(name.into_inner()), read(&value, &[], problems)?))).collect()
}

fn probes(values: Vec<Value<'_>>, overlays: Option<Value<'_>>, problems: &mut Vec<Problem>) -> Probes {
    let mut overlays: Vec<(Spanned<String>, Value<'_>)> = tables_by_name(overlays, problems);
    let mut outlines: Vec<ProbeOutline> = Vec::new();
    let mut specs = BTreeMap::new();
    let mut limits = Vec::new();
    for mut value in values {
        let whole = value.span();
        let DeValue::Table(table) = value.get_mut() else { continue };
        let own = table.get("id").and_then(|v| v.get_ref().as_str().map(str::to_owned));
        if let Some(at) = overlays.iter().position(|(name, _)| Some(name.get_ref()) == own.as_ref()) {
            overlay(table, overlays.swap_remove(at).1.into_inner());
        }
        let mut kinds: Vec<(&str, Value<'_>)> = KINDS.iter().filter_map(|k| Some((*k, take(table, k)?))).collect();
        lengthen(table);
        let probe: Option<ProbeTable> = read(&value, KINDS, problems);
        let (Some((kind, spec)), true) = (kinds.pop(), kinds.is_empty()) else {
            let message = format!("a probe has exactly one kind: {}", KINDS.join(", "));
            problems.push(Problem::error("probe-kind", whole, message));
            continue;
        };
        let at = spec.span();
        let mut spec = match Spec::read(kind, ValueDeserializer::from(spec)) {
            Some(Ok(spec)) => spec,
            Some(Err(e)) => {
                problems.push(said(e.message(), e.span().unwrap_or(at), &[]));
                continue;
            }
            None => continue,
        };
        let Some(probe) = probe else { continue };
        if let Some(samples) = probe.min_samples.filter(|n| !spec.set_min_samples(*n)) {
            problems.push(Problem::error(
                "min-samples",
                at.clone(),
                format!("`{kind}` counts no samples: min-samples = {samples} can't be met"),
            ));
        }
        problems.extend(
            spec.problems().into_iter().map(|(key, why)| Problem::error("probe", at.clone(), format!("{key}: {why}"))),
        );
        let id = ProbeId::from(probe.id.get_ref().as_str());
        check_id(&probe.id, false, problems);
        if outlines.iter().any(|p| p.id == id) {
            problems.push(Problem::error("twice", probe.id.span(), format!("there are two probes `{id}`")));
        }
        let (pane, every, timeout) = spec.defaults();
        let every = probe.every.unwrap_or(every);
        if let Some(long) = probe.timeout.filter(|t| *t > every) {
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
            timeout: probe.timeout.unwrap_or_else(|| timeout.min(every.max(Span(100)))),
            measures: spec.measures(),
            expect: spec.expect(),
            warn: Vec::new(),
            critical: Vec::new(),
            id: id.clone(),
        });
        specs.insert(id.clone(), spec);
        limits.push((id, probe.warn, probe.critical));
    }
    for (name, _) in overlays {
        problems.push(Problem::error(
            "no-probe",
            name.span(),
            format!("there is no probe `{}` to lay this over", name.get_ref()),
        ));
    }
    let mut probes = Probes::new(outlines, specs);
    for (id, warn, critical) in limits {
        let own = |conditions: &[crate::core::condition::Condition], problems: &mut Vec<Problem>, at: &[Text]| {
            for (condition, text) in conditions.iter().zip(at).filter(|(c, _)| c.subject.probe != id) {
                let message = format!("a limit of `{id}` is about its own measures, not about `{}`", condition.subject);
                problems.push(Problem::error("limit", text.span(), message).help("make it a trigger"));
            }
        };
        let warn_read = probes.read(&warn, Some(&id), problems);
        let critical_read = probes.read(&critical, Some(&id), problems);
        own(&warn_read, problems, &warn);
        own(&critical_read, problems, &critical);
        if let Some(outline) = probes.outlines.iter_mut().find(|p| p.id == id) {
            outline.warn = warn_read;
            outline.critical = critical_read;
        }
    }
    probes
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

struct Reader<'a> {
    problems: &'a mut Vec<Problem>,
    probes: &'a mut Probes,
    roles: &'a BTreeMap<RoleId, Role>,
    /// Ids of steps and phases, with the place of the first.
    seen: BTreeMap<String, std::ops::Range<usize>>,
    written: Vec<Written>,
}

impl Reader<'_> {
    fn phases(&mut self, values: &mut [Value<'_>], vars: &BTreeMap<String, String>, outline: &mut Outline) {
        for value in values {
            let DeValue::Table(table) = value.get_mut() else { continue };
            let each = take(table, "each");
            let steps = array(take(table, "step"), "step", self.problems);
            lengthen(table);
            fill_in(value, self.problems, &lookup(vars));
            let Some(phase) = read::<PhaseTable>(value, &["step", "each"], self.problems) else { continue };
            self.unique(&phase.id);
            let id = PhaseId::from(phase.id.get_ref().as_str());
            let title = phase.title.unwrap_or_else(|| id.to_string());
            outline.phases.push(PhaseOutline { id: id.clone(), title, at: phase.at });
            for row in self.rows(each) {
                let mut all = vars.clone();
                all.extend(row.clone());
                for step in &steps {
                    let mut step = step.clone();
                    fill_in(&mut step, self.problems, &lookup(&all));
                    if let Some((read, after)) = self.step(step, &id, row.clone(), None) {
                        let after = phase.after.iter().cloned().chain(after).collect();
                        self.written.push(Written { step: read.id.clone(), after });
                        outline.steps.push(read);
                    }
                }
            }
        }
    }

    /// The rows of `each` with the row before as `previous_…`; one empty row where there is none.
    fn rows(&mut self, each: Option<Value<'_>>) -> Vec<BTreeMap<String, String>> {
        let Some(each) = each else { return vec![BTreeMap::new()] };
        let at = each.span();
        let DeValue::Array(values) = each.into_inner() else {
            self.problems.push(Problem::error(
                "wrong-value",
                at,
                "`each` is a list of rows, as [{ n = 5 }, { n = 25 }]",
            ));
            return Vec::new();
        };
        let mut rows: Vec<BTreeMap<String, String>> = Vec::new();
        for value in values {
            let row: BTreeMap<String, String> = match value.get_ref() {
                DeValue::Table(table) => {
                    table.iter().filter_map(|(k, v)| Some((k.get_ref().to_string(), scalar(v.get_ref())?))).collect()
                }
                _ => {
                    self.problems.push(Problem::error(
                        "wrong-value",
                        value.span(),
                        "a row of `each` is a table, as { n = 5 }",
                    ));
                    continue;
                }
            };
            let mut all = row.clone();
            for name in row.keys() {
                let previous = rows.last().and_then(|r| r.get(name)).cloned().unwrap_or_else(|| "0".to_owned());
                all.insert(format!("previous_{name}"), previous);
            }
            rows.push(all);
        }
        rows
    }

    fn step(
        &mut self,
        mut value: Value<'_>,
        phase: &PhaseId,
        row: BTreeMap<String, String>,
        rollback: Option<&RollbackId>,
    ) -> Option<(StepOutline, Vec<Text>)> {
        let DeValue::Table(table) = value.get_mut() else { return None };
        lengthen(table);
        if let Some(undo) = table.iter_mut().find(|(k, _)| k.get_ref() == "undo").map(|(_, v)| v)
            && let DeValue::Table(undo) = undo.get_mut()
        {
            lengthen(undo);
        }
        let step: StepTable = read(&value, &[], self.problems)?;
        check_id(&step.id, true, self.problems);
        let id = match rollback {
            Some(rollback) => StepId::from(format!("{rollback}/{}", step.id.get_ref())),
            None => StepId::from(step.id.get_ref().as_str()),
        };
        self.unique(&Spanned::new(step.id.span(), id.to_string()));
        for owner in step.owner.iter().chain(step.poll.iter().flatten()) {
            self.role(owner);
        }
        for run in step.run.iter().chain(step.undo.as_ref().map(|u| &u.run)) {
            if run.get_ref().contains("${secret.") {
                let message = "a secret is never pasted into a command: anybody would see it in `ps`";
                let help = "use its name as an environment variable, as \"$primary\"";
                self.problems.push(Problem::error("secret-in-command", run.span(), message).help(help));
            }
        }
        let gate = (step.require.is_some() || step.poll.is_some()).then(|| Gate {
            require: self.probes.read(step.require.as_deref().unwrap_or_default(), None, self.problems),
            poll: step.poll.iter().flatten().map(|r| RoleId::from(r.get_ref().as_str())).collect(),
            expires: step.expires,
        });
        if gate.is_some() && (step.run.is_some() || !step.items.is_empty()) {
            let message = format!("`{id}` is a gate (require, poll): it runs nothing and has no items");
            self.problems
                .push(Problem::error("gate", step.id.span(), message).help("make the command a step of its own"));
        }
        if gate.is_none() && step.expires.is_some() {
            let message = format!("`{id}` is no gate: nothing expires");
            self.problems.push(Problem::error("gate", step.id.span(), message).help("use `limit` for a step"));
        }
        if step.soak.is_some() && step.verify.is_empty() {
            let message = format!("`{id}` soaks but verifies nothing");
            self.problems
                .push(Problem::error("soak", step.id.span(), message).help("say with `verify` what must hold"));
        }
        let undo = step.undo.map(|undo| Undo {
            require: self.probes.read(&undo.require, None, self.problems),
            run: undo.run.into_inner(),
            timeout: undo.timeout,
            estimate: undo.estimate,
        });
        let read = StepOutline {
            title: step.title.unwrap_or_else(|| step.id.get_ref().clone()),
            phase: phase.clone(),
            owner: step.owner.map(|o| RoleId::from(o.into_inner())),
            estimate: step.estimate,
            at: step.at,
            after: Vec::new(),
            items: step.items,
            run: step.run.map(Spanned::into_inner),
            vars: row,
            timeout: step.timeout,
            verify: self.probes.read(&step.verify, None, self.problems),
            soak: step.soak,
            limit: step.limit,
            fail: self.probes.read(&step.fail, None, self.problems),
            on_fail: step.on_fail,
            undo,
            gate,
            approvals: step.approvals,
            on_stop: step.on_stop,
            auto: step.auto,
            input: step.input,
            id,
        };
        Some((read, step.after))
    }

    fn rollbacks(&mut self, value: Option<Value<'_>>, outline: &mut Outline) {
        for (name, mut value) in tables_by_name(value, self.problems) {
            let id = RollbackId::from(name.get_ref().as_str());
            check_id(&name, true, self.problems);
            let DeValue::Table(table) = value.get_mut() else { continue };
            let steps = array(take(table, "step"), "step", self.problems);
            lengthen(table);
            let Some(rollback) = read::<RollbackTable>(&value, &["step"], self.problems) else { continue };
            let mut undoes = Vec::new();
            for pattern in &rollback.undoes {
                let before = undoes.len();
                undoes.extend(
                    outline.steps.iter().map(|s| &s.id).filter(|s| fits(pattern.get_ref(), s.as_str())).cloned(),
                );
                if undoes.len() == before {
                    let message = format!("no step fits `{}`", pattern.get_ref());
                    let mut problem = Problem::error("no-step", pattern.span(), message);
                    let near = nearest(pattern.get_ref(), outline.steps.iter().map(|s| s.id.as_str()));
                    problem.help = near.map(|n| format!("did you mean `{n}`?"));
                    self.problems.push(problem);
                }
            }
            let possible_until = rollback.possible_until.and_then(|step| {
                let id = StepId::from(step.get_ref().as_str());
                if outline.steps.iter().any(|s| s.id == id) {
                    return Some(id);
                }
                let near = nearest(id.as_str(), outline.steps.iter().map(|s| s.id.as_str()));
                let mut problem = Problem::error("no-step", step.span(), format!("there is no step `{id}`"));
                problem.help = near.map(|n| format!("did you mean `{n}`?"));
                self.problems.push(problem);
                None
            });
            let phase = PhaseId::from(id.as_str());
            if steps.is_empty() {
                let message = format!("the rollback `{id}` does nothing");
                self.problems
                    .push(Problem::error("rollback", name.span(), message).help(format!("add [[rollback.{id}.step]]")));
            }
            let steps = steps.into_iter().filter_map(|s| self.step(s, &phase, BTreeMap::new(), Some(&id)));
            let steps: Vec<StepOutline> = steps.map(|(step, _)| step).collect();
            outline.rollbacks.push(RollbackOutline {
                title: rollback.title.unwrap_or_else(|| id.to_string()),
                estimate: rollback.estimate,
                require: self.probes.read(&rollback.require, None, self.problems),
                undoes,
                loses: rollback.loses,
                possible_until,
                steps,
                id,
            });
        }
    }

    fn triggers(&mut self, values: Vec<Value<'_>>, outline: &mut Outline) {
        let mut seen = BTreeSet::new();
        for value in values {
            let Some(trigger) = read::<TriggerTable>(&value, &[], self.problems) else { continue };
            check_id(&trigger.id, true, self.problems);
            if !seen.insert(trigger.id.get_ref().clone()) {
                let message = format!("there are two triggers `{}`", trigger.id.get_ref());
                self.problems.push(Problem::error("twice", trigger.id.span(), message));
            }
            let rollback = trigger.rollback.and_then(|name| rollback_named(&name, outline, self.problems));
            let Some(when) = self.probes.one(&trigger.when, None, self.problems) else { continue };
            outline.triggers.push(TriggerOutline {
                id: trigger.id.into_inner().into(),
                title: trigger.title.unwrap_or_else(|| when.to_string()),
                when,
                action: trigger.action,
                rollback,
                no_data: trigger.no_data,
                clear_after: trigger.clear_after.unwrap_or(Span::mins(2)),
            });
        }
    }

    fn role(&mut self, name: &Text) {
        if !self.roles.contains_key(name.get_ref().as_str()) {
            let near = nearest(name.get_ref(), self.roles.keys().map(RoleId::as_str));
            let mut problem = Problem::error("no-role", name.span(), format!("there is no role `{}`", name.get_ref()));
            problem.help =
                Some(near.map_or_else(|| "add it under [roles]".to_owned(), |n| format!("did you mean `{n}`?")));
            self.problems.push(problem);
        }
    }

    fn unique(&mut self, id: &Text) {
        if let Some(first) = self.seen.insert(id.get_ref().clone(), id.span()) {
            let message = format!("there are two steps or phases `{}`", id.get_ref());
            let help = match first == id.span() {
                true => "put the row's variable into the id, as share-${n}".to_owned(),
                false => "give one of them another id".to_owned(),
            };
            self.problems.push(Problem::error("twice", id.span(), message).help(help));
        }
    }
}

fn lookup(vars: &BTreeMap<String, String>) -> impl Fn(&str) -> Result<String, String> {
    move |name| {
        vars.get(name).cloned().ok_or_else(|| match nearest(name, vars.keys().map(String::as_str)) {
            Some(near) => format!("there is no variable `{name}`; did you mean `{near}`?"),
            None => format!("there is no variable `{name}`; set it in [vars] or with --var {name}=…"),
        })
    }
}

fn severities(value: Option<Value<'_>>, outline: &mut Outline, problems: &mut Vec<Problem>) {
    for (name, value) in tables_by_name(value, problems) {
        match name.get_ref().parse::<u8>() {
            Ok(level @ 1..=4) => {
                if let Some(SeverityTable { means }) = read(&value, &[], problems) {
                    outline.severities.insert(level, SeverityOutline { means });
                }
            }
            _ => problems.push(Problem::error(
                "severity",
                name.span(),
                format!("there is no SEV{}: 1 to 4", name.get_ref()),
            )),
        }
    }
}

/// Ids are letters, digits, `-` and `_`; those of steps may have dots.
fn check_id(id: &Text, dots: bool, problems: &mut Vec<Problem>) {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_') || (dots && c == '.');
    let text = id.get_ref();
    let reserved = matches!(text.as_str(), "and" | "or" | "not" | "is" | "baseline" | "for" | "of");
    if text.is_empty()
        || text.len() > 64
        || !text.chars().all(good)
        || !text.starts_with(char::is_alphanumeric)
        || (!dots && reserved)
    {
        let what = if dots { "letters, digits, - _ and ." } else { "letters, digits, - and _" };
        problems.push(Problem::error("id", id.span(), format!("`{text}` is no id: write {what}, at most 64")));
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) => Some(n.to_string()),
        DeValue::Float(n) => Some(n.to_string()),
        DeValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

/// The entries of a table; the value is reported where it is none.
fn tables_or_values<'i>(value: Option<Value<'i>>, problems: &mut Vec<Problem>) -> Vec<(Spanned<String>, Value<'i>)> {
    let Some(value) = value else { return Vec::new() };
    let at = value.span();
    match value.into_inner() {
        DeValue::Table(table) => {
            table.into_iter().map(|(k, v)| (Spanned::new(k.span(), k.into_inner().into_owned()), v)).collect()
        }
        _ => {
            problems.push(Problem::error("wrong-value", at, "a table belongs here"));
            Vec::new()
        }
    }
}

fn tables_by_name<'i>(value: Option<Value<'i>>, problems: &mut Vec<Problem>) -> Vec<(Spanned<String>, Value<'i>)> {
    let mut entries = tables_or_values(value, problems);
    // The file's order, which the tree does not keep.
    entries.sort_by_key(|(name, _)| name.span().start);
    entries.retain(|(name, value)| {
        let table = matches!(value.get_ref(), DeValue::Table(_));
        if !table {
            let message = format!("`{}` must be a table", name.get_ref());
            problems.push(Problem::error("wrong-value", value.span(), message));
        }
        table
    });
    entries
}

fn array<'i>(value: Option<Value<'i>>, key: &str, problems: &mut Vec<Problem>) -> Vec<Value<'i>> {
    let Some(value) = value else { return Vec::new() };
    let at = value.span();
    let values = match value.into_inner() {
        DeValue::Array(values) => values.into_iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    if values.is_empty() || !values.iter().all(|v| matches!(v.get_ref(), DeValue::Table(_))) {
        problems.push(Problem::error("wrong-value", at, format!("write each one as [[{key}]]")));
        return Vec::new();
    }
    values
}
