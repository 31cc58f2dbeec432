//! Whether the keys of a step go together: a key that would do nothing and a time that can never be kept are errors.

use std::ops::Range;

use super::file::{StepTable, Text, Time, UndoTable};
use super::problem::Problem;
use crate::core::ids::StepId;
use crate::core::outline::{OnFail, OnStop};
use crate::core::time::Span;

/// What the keys of a step make of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// It asks for a go.
    Gate,
    /// It runs a command.
    Command,
    /// A person does it.
    ByHand,
}

/// Says which keys of a step make no sense together. `rollback` is whether it stands in a rollback.
pub(super) fn together(step: &StepTable, id: &StepId, rollback: bool, problems: &mut Vec<Problem>) {
    let sort = match (step.require.is_some() || step.poll.is_some(), &step.run) {
        (true, _) => Sort::Gate,
        (false, Some(_)) => Sort::Command,
        (false, None) => Sort::ByHand,
    };
    for (key, at) in written(step) {
        let (why, help) = match (key, sort) {
            (
                "after" | "at" | "not-before" | "auto" | "undo" | "approvals" | "on-fail" | "items" | "require"
                | "poll" | "expires",
                _,
            ) if rollback => (
                "the steps of a rollback are done one after the other, by whoever goes back",
                "leave it out, or make it a step of a phase",
            ),
            ("run" | "items", Sort::Gate) => {
                ("a gate (require, poll) runs nothing and has no items", "make it a step of its own")
            }
            (
                "timeout" | "undo" | "verify" | "soak" | "limit" | "fail" | "on-fail" | "on-stop" | "input" | "output",
                Sort::Gate,
            ) => ("a gate (require, poll) only asks for a go", "put it into a step of its own"),
            ("timeout" | "on-stop" | "input" | "output", Sort::ByHand) => {
                ("it runs no command", "add `run`, or leave it out")
            }
            ("expires", Sort::Command | Sort::ByHand) => ("it is no gate: nothing expires", "use `limit` for a step"),
            ("soak", _) if step.verify.is_empty() => ("it verifies nothing", "say with `verify` what must hold"),
            _ => continue,
        };
        let message = format!("`{key}` does nothing in `{id}`: {why}");
        problems.push(Problem::error("no-effect", at, message).help(help));
    }
    if step.auto && step.approvals.as_ref().is_some_and(|n| *n.get_ref() > 1) {
        let message = format!("`{id}` needs approvals, so it never starts by itself");
        problems.push(Problem::error("no-effect", step.id.span(), message).help("take `auto` or `approvals` away"));
    }
}

/// Says which keys of a step make no sense whatever the others are.
pub(super) fn alone(step: &StepTable, id: &StepId, problems: &mut Vec<Problem>) {
    commands(step, id, problems);
    items(&step.items, problems);
    times(step, id, problems);
}

/// The keys that are there, as people write them.
fn written(step: &StepTable) -> Vec<(&'static str, Range<usize>)> {
    let id = step.id.span();
    let first = |texts: &[Text]| texts.first().map(Text::span);
    let time = |time: &Option<Time>| time.as_ref().map(Time::span);
    let asks = |texts: &Option<Vec<Text>>| texts.as_ref().map(|t| first(t).unwrap_or_else(|| id.clone()));
    let there = |is: bool| is.then(|| id.clone());
    [
        ("after", first(&step.after)),
        ("at", step.at.as_ref().map(toml::Spanned::span)),
        ("not-before", step.not_before.as_ref().map(toml::Spanned::span)),
        ("items", first(&step.items)),
        ("run", step.run.as_ref().map(Text::span)),
        ("timeout", time(&step.timeout)),
        ("verify", first(&step.verify)),
        ("soak", time(&step.soak)),
        ("limit", time(&step.limit)),
        ("fail", first(&step.fail)),
        ("on-fail", there(step.on_fail != OnFail::Hold)),
        ("undo", step.undo.as_ref().map(|u| u.run.span())),
        ("require", asks(&step.require)),
        ("poll", asks(&step.poll)),
        ("expires", time(&step.expires)),
        ("approvals", step.approvals.as_ref().map(toml::Spanned::span)),
        ("on-stop", there(step.on_stop != OnStop::Ask)),
        ("auto", there(step.auto)),
        ("input", there(step.input)),
        ("output", step.output.as_ref().map(Text::span)),
    ]
    .into_iter()
    .filter_map(|(key, at)| Some((key, at?)))
    .collect()
}

fn commands(step: &StepTable, id: &StepId, problems: &mut Vec<Problem>) {
    for (key, command) in [("run", step.run.as_ref()), ("undo", step.undo.as_ref().map(|u| &u.run))] {
        let Some(command) = command else { continue };
        if let Some((_, rest)) = command.get_ref().split_once("${secret.") {
            let message = "a secret is never pasted into a command: anybody would see it in `ps`";
            let name = rest.split_once('}').map_or("NAME", |(name, _)| name);
            let help = format!("use its name as an environment variable, as \"${name}\"");
            problems.push(Problem::error("secret-in-command", command.span(), message).help(help));
        }
        let nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if command.get_ref().lines().all(nothing) {
            let help = if key == "run" { "without `run` a person does it by hand" } else { "without it there is none" };
            let message = format!("the `{key}` of `{id}` is an empty command");
            problems.push(Problem::error("empty", command.span(), message).help(format!("leave it out: {help}")));
        }
    }
    if let Some(none) = step.approvals.as_ref().filter(|n| *n.get_ref() == 0) {
        let message = format!("nobody approves `{id}` with 0: the one who starts it counts as well");
        problems.push(Problem::error("wrong-value", none.span(), message).help("leave it out, or write 2"));
    }
}

pub(super) fn items(items: &[Text], problems: &mut Vec<Problem>) {
    for (n, item) in items.iter().enumerate() {
        if item.get_ref().trim().is_empty() {
            let help = "say what is to be looked at";
            problems.push(Problem::error("empty", item.span(), "a box to tick without words").help(help));
        } else if items[..n].iter().any(|other| other.get_ref() == item.get_ref()) {
            let message = format!("there are two boxes `{}`", item.get_ref());
            problems.push(Problem::error("twice", item.span(), message).help("take one of them away"));
        }
    }
}

fn times(step: &StepTable, id: &StepId, problems: &mut Vec<Problem>) {
    for time in [&step.timeout, &step.soak, &step.limit, &step.expires] {
        some(time.as_ref(), problems);
    }
    estimate(step.estimate.as_ref(), problems);
    if let Some(undo) = &step.undo {
        self::undo(undo, problems);
    }
    if let (Some(soak), Some(limit)) = (&step.soak, &step.limit)
        && limit.get_ref() <= soak.get_ref()
    {
        let (soak, at) = (soak.get_ref(), limit.span());
        let message = format!("`{id}` can never be done: it soaks for {soak}, and its limit is {}", limit.get_ref());
        problems
            .push(Problem::error("limit", at, message).help("the limit is that of the whole step: command and soak"));
    }
    if let (Some(timeout), Some(limit)) = (&step.timeout, &step.limit)
        && limit.get_ref() < timeout.get_ref()
    {
        let (command, whole) = (timeout.get_ref(), limit.get_ref());
        let message = format!("the command of `{id}` may take {command}, the whole step only {whole}");
        let help = "the limit is that of the whole step: command, verify and soak";
        problems.push(Problem::warning("limit", limit.span(), message).help(help));
    }
}

fn undo(undo: &UndoTable, problems: &mut Vec<Problem>) {
    some(undo.timeout.as_ref(), problems);
    estimate(undo.estimate.as_ref(), problems);
}

/// A time that must be longer than nothing.
pub(super) fn some(time: Option<&Time>, problems: &mut Vec<Problem>) {
    if let Some(time) = time.filter(|t| *t.get_ref() <= Span::ZERO) {
        let message = format!("`{}` is no time at all", time.get_ref());
        problems.push(Problem::error("wrong-value", time.span(), message).help("write 30s or 5m, or leave it out"));
    }
}

/// A time that may be nothing, but not less.
pub(super) fn estimate(time: Option<&Time>, problems: &mut Vec<Problem>) {
    if let Some(time) = time.filter(|t| *t.get_ref() < Span::ZERO) {
        let message = format!("`{}` is less than nothing", time.get_ref());
        problems.push(Problem::error("wrong-value", time.span(), message).help("write 0s, 30s or 5m"));
    }
}
