//! `[[watch]]`: checks that come again, at rounds or at set times.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;

use super::file::{RoundTable, Text, WatchTable};
use super::lost::Lost;
use super::problem::Problem;
use super::sense;
use super::severities::check_role;
use super::steps::plain;
use super::tree::{Value, array, check_id, lengthen_keys, nearest, read, unfilled};
use crate::core::ids::{ProbeId, RoleId, WatchId};
use crate::core::outline::Outline;
use crate::core::time::{Offset, Span};
use crate::core::watch::{Round, WatchOutline};

/// More often than this nobody looks.
const OFTEN: Span = Span::mins(1);

/// Reads all of them, once the steps are known. `roles_known` is false where `[roles]` itself could not be read; `probes`
/// are those that are there.
pub(super) fn watches(
    value: Option<Value<'_>>,
    roles_known: bool,
    probes: &[ProbeId],
    outline: &mut Outline,
    problems: &mut Vec<Problem>,
) {
    let mut seen = BTreeSet::new();
    for mut value in array(value, "watch", &mut Lost::default(), problems) {
        if let DeValue::Table(table) = value.get_mut() {
            lengthen_keys(table, &["at", "items", "signals"]);
        }
        let Some(read) = read::<WatchTable>(&value, &[], problems) else { continue };
        let no_times =
            ["rounds", "at"].into_iter().any(|key| read.left_out.iter().any(|l| nearest(l, [key]).is_some()));
        let (no_id, no_owner) = (read.lacks("id"), read.lacks("owner"));
        let watch = read.table;
        let id = watch.id.get_ref().as_str();
        if !no_id {
            check_id(&watch.id, true, problems);
            unique(&watch.id, !seen.insert(id.to_owned()), outline, problems);
        }
        if let Some(owner) = watch.owner.as_ref().filter(|_| roles_known) {
            check_role(owner, outline.roles.keys(), problems);
        } else if watch.owner.is_none() && !no_id && !no_owner {
            let problem = Problem::warning("no-owner", watch.id.span(), format!("nobody owns `{id}`"));
            problems.push(problem.help("say who with `owner`"));
        }
        sense::items(&watch.items, problems);
        sense::some(watch.grace.as_ref(), problems);
        for probe in &watch.signals {
            signal(probe, probes, problems);
        }
        if !no_times {
            which(&watch, problems);
        }
        let rounds = rounds(&watch.rounds, problems);
        let soonest = rounds.iter().map(|round| round.every).min();
        if let (Some(grace), Some(every)) = (watch.grace.as_ref(), soonest)
            && *grace.get_ref() >= every
        {
            let message = format!("with a grace of {} a check every {every} is never overdue", grace.get_ref());
            let help = "it is missed when the next one is due: make it shorter, or leave it out";
            problems.push(Problem::warning("grace", grace.span(), message).help(help));
        }
        let mut at: Vec<Offset> = watch.at.iter().map(|at| *at.get_ref()).collect();
        at.sort_unstable();
        at.dedup();
        let id = WatchId::from(id);
        outline.watches.push(WatchOutline {
            title: watch.title.unwrap_or_else(|| id.to_string()),
            owner: watch.owner.map(|owner| RoleId::from(owner.into_inner())),
            at: if rounds.is_empty() { at } else { Vec::new() },
            rounds,
            items: watch.items.into_iter().map(Spanned::into_inner).collect(),
            signals: watch.signals.into_iter().map(|probe| ProbeId::from(probe.into_inner())).collect(),
            grace: plain(watch.grace),
            id,
        });
    }
}

/// Orders name a step or a watch by the same words.
fn unique(id: &Text, twice: bool, outline: &Outline, problems: &mut Vec<Problem>) {
    let message = match (twice, outline.step(&id.get_ref().as_str().into()).is_some()) {
        (true, _) => format!("there are two watches `{}`", id.get_ref()),
        (false, true) => format!("there is a step `{}` too", id.get_ref()),
        _ => return,
    };
    problems.push(Problem::error("twice", id.span(), message).help("give one of them another id"));
}

fn signal(name: &Text, probes: &[ProbeId], problems: &mut Vec<Problem>) {
    if probes.iter().any(|id| id.as_str() == name.get_ref()) || unfilled(name, problems) {
        return;
    }
    let near = nearest(name.get_ref(), probes.iter().map(ProbeId::as_str));
    let help = near.map_or_else(|| "name a probe of the plan".to_owned(), |near| format!("did you mean `{near}`?"));
    problems
        .push(Problem::error("no-probe", name.span(), format!("there is no probe `{}`", name.get_ref())).help(help));
}

/// It has rounds or set times.
fn which(watch: &WatchTable, problems: &mut Vec<Problem>) {
    let id = watch.id.get_ref();
    let (message, at) = match (watch.rounds.first(), watch.at.first()) {
        (None, None) => (format!("no check of `{id}` ever comes"), watch.id.span()),
        (Some(_), Some(at)) => (format!("`{id}` has both `rounds` and `at`"), at.span()),
        _ => return,
    };
    let help = match watch.at.first() {
        None => "add rounds = [{ until = \"T+48h\", every = \"2h\" }], or at = [\"T+6h\", \"T+24h\"]",
        Some(_) => "it comes again and again, or at set times: make it two",
    };
    problems.push(Problem::error("two-ways", at, message).help(help));
}

fn rounds(tables: &[Spanned<RoundTable>], problems: &mut Vec<Problem>) -> Vec<Round> {
    let mut start = Offset(Span::ZERO);
    let mut all = Vec::new();
    for table in tables.iter().map(Spanned::get_ref) {
        let (until, every) = (*table.until.get_ref(), *table.every.get_ref());
        if every < OFTEN {
            let message = format!("nobody checks every {every}");
            let help = "write 1m or longer; what is looked at more often is a probe's";
            problems.push(Problem::error("wrong-value", table.every.span(), message).help(help));
            continue;
        }
        if until <= start {
            let message = match all.is_empty() {
                true => format!("{until} is not after T-0, where the rounds begin"),
                false => format!("{until} is not after {start}, where the rounds before it end"),
            };
            let help = "each round begins where the one before it ends: put them in order";
            problems.push(Problem::error("rounds", table.until.span(), message).help(help));
            continue;
        }
        if every > until.0 - start.0 {
            let message = format!("no check every {every} comes between {start} and {until}");
            problems.push(Problem::warning("rounds", table.every.span(), message).help("make the round longer"));
        }
        start = until;
        all.push(Round { until, every });
    }
    all
}
