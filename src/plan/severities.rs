//! `[severity.N]`: what an incident means, its clocks, who is called, what follows of it, and what people are told.

use toml::de::{DeArray, DeValue};

use super::file::{RungTable, SeverityTable, Text, Time};
use super::places::Places;
use super::problem::Problem;
use super::steps::plain;
use super::tree::{Value, lengthen, nearest, read, tables_by_name, unfilled};
use crate::core::ids::RoleId;
use crate::core::launch::LIVE;
use crate::core::outline::{Outline, Rung, SeverityOutline, Then};
use crate::core::text::fill;
use crate::core::time::Span;

/// Reads all of them. `roles_known` is false where `[roles]` itself could not be read.
pub(super) fn severities(
    value: Option<Value<'_>>,
    roles_known: bool,
    outline: &mut Outline,
    places: &mut Places,
    problems: &mut Vec<Problem>,
) {
    for (name, mut value) in tables_by_name(value, "severity", problems) {
        let written = name.get_ref().as_str();
        match written.parse::<u8>() {
            Ok(level @ 1..=4) if written.len() == 1 => {
                if let DeValue::Table(table) = value.get_mut() {
                    lengthen(table);
                    table.iter_mut().filter(|(key, _)| key.get_ref() == "escalate").for_each(|(_, rungs)| long(rungs));
                }
                if let Some(table) = read(&value, &[], problems) {
                    let known = roles_known.then_some(&*outline);
                    let severity = one(table.table, known, places.gaps.may_undo(), problems);
                    places.severities.insert(level, name.span());
                    outline.severities.insert(level, severity);
                }
            }
            _ => {
                let message = format!("there is no severity `{written}`");
                let level = written.trim_start_matches(|c: char| !matches!(c, '1'..='9'));
                let help = match level {
                    "1" | "2" | "3" | "4" => format!("write [severity.{level}]"),
                    _ => "they are 1 to 4, the worst first".to_owned(),
                };
                problems.push(Problem::error("severity", name.span(), message).help(help));
            }
        }
    }
}

/// `to = "dba"` as `to = ["dba"]`, in each rung.
fn long(rungs: &mut Value<'_>) {
    let DeValue::Array(rungs) = rungs.get_mut() else { return };
    for rung in rungs.iter_mut() {
        let DeValue::Table(rung) = rung.get_mut() else { continue };
        for (_, to) in rung.iter_mut().filter(|(key, _)| key.get_ref() == "to") {
            if let DeValue::String(_) = to.get_ref() {
                let text = to.clone();
                let mut list = DeArray::default();
                list.push(text);
                *to.get_mut() = DeValue::Array(list);
            }
        }
    }
}

/// One of them. `may_undo`: there may be a way back that could not be read.
fn one(table: SeverityTable, known: Option<&Outline>, may_undo: bool, problems: &mut Vec<Problem>) -> SeverityOutline {
    let mut span = |given: Option<Time>, least: Span, why: &str| {
        let given = given?;
        if *given.get_ref() < least {
            problems.push(Problem::error("wrong-value", given.span(), format!("`{}` {why}", given.get_ref())));
        }
        Some(given.into_inner())
    };
    let respond = span(table.respond, Span::ZERO, "is before the incident: write 0m for at once, or 15m");
    let update = span(table.update, Span(1), "is no time between two updates: write 15m or 1h");
    let rungs: Vec<Rung> =
        table.escalate.into_iter().map(|rung| one_rung(rung.into_inner(), known, problems)).collect();
    let proposes = table.then.iter().find(|then| *then.get_ref() == Then::Propose).map(toml::Spanned::span);
    let mut then: Vec<Then> = table.then.into_iter().map(toml::Spanned::into_inner).collect();
    then.dedup();
    let back = known.is_none_or(|o| !o.rollbacks.is_empty() || o.steps.iter().any(|step| step.undo.is_some()));
    if let Some(at) = proposes.filter(|_| !back && !may_undo) {
        let message = "it proposes a way back, and the plan has none";
        let help = "give steps an `undo`, or add [rollback.NAME]; or leave `propose` out";
        problems.push(Problem::warning("no-way-back", at, message).help(help));
    }
    if let Some(template) = &table.template {
        check_template(template, problems);
    }
    SeverityOutline { means: table.means, respond, update, escalate: rungs, then, template: plain(table.template) }
}

fn one_rung(rung: RungTable, known: Option<&Outline>, problems: &mut Vec<Problem>) -> Rung {
    if *rung.after.get_ref() < Span::ZERO {
        let message = format!("`{}` is before the incident: write 0m for at once, or 15m", rung.after.get_ref());
        problems.push(Problem::error("wrong-value", rung.after.span(), message));
    }
    if rung.to.is_empty() {
        let message = "`to` is empty: nobody would be called";
        problems
            .push(Problem::error("empty", rung.after.span(), message).help("name a role, as to = [\"release-lead\"]"));
    }
    for role in rung.to.iter().filter(|_| known.is_some()) {
        let roles = known.map(|outline| &outline.roles);
        check_role(role, roles.into_iter().flat_map(|roles| roles.keys()), problems);
        let who = roles.and_then(|roles| roles.get(role.get_ref().as_str()));
        if who.is_some_and(|who| who.contact.is_none()) {
            let message = format!("`{}` is to be called, and the plan does not say how", role.get_ref());
            let help = "add contact = \"+49 …\" to it under [roles]";
            problems.push(Problem::warning("no-contact", role.span(), message).help(help));
        }
    }
    let to = rung.to.into_iter().map(|role| RoleId::from(role.into_inner())).collect();
    Rung { after: rung.after.into_inner(), to }
}

pub(super) fn check_role<'a>(
    role: &Text,
    known: impl Iterator<Item = &'a RoleId> + Clone,
    problems: &mut Vec<Problem>,
) {
    if known.clone().any(|id| id.as_str() == role.get_ref()) || unfilled(role, problems) {
        return;
    }
    let near = nearest(role.get_ref(), known.map(RoleId::as_str));
    let help = near.map_or_else(|| "add it under [roles]".to_owned(), |near| format!("did you mean `{near}`?"));
    problems.push(Problem::error("no-role", role.span(), format!("there is no role `{}`", role.get_ref())).help(help));
}

/// Says which names of a template are never filled in.
fn check_template(template: &Text, problems: &mut Vec<Problem>) {
    if template.get_ref().trim().is_empty() {
        let problem = Problem::error("empty", template.span(), "`template` is empty: the update would say nothing");
        return problems.push(problem.help("write it, as \"${live.severity}: ${live.now}\", or leave it out"));
    }
    let known = || LIVE.iter().map(|(name, _)| *name);
    let mut wrong = Vec::new();
    let _ = fill(template.get_ref(), |name| {
        if let Some(live) = name.strip_prefix("live.").filter(|live| !known().any(|name| name == *live)) {
            wrong.push(live.to_owned());
        }
        Ok(String::new())
    });
    for name in wrong {
        let help = match nearest(&name, known()) {
            Some(near) => format!("did you mean `${{live.{near}}}`?"),
            None => format!("there are {}", known().map(|name| format!("live.{name}")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("nothing is called `${{live.{name}}}`");
        problems.push(Problem::error("template", template.span(), message).help(help));
    }
}
