//! `output`: what steps give to later commands. Their names are those of environment variables, and each is given once.

use std::collections::BTreeMap;

use super::places::Places;
use super::problem::Problem;
use super::vars::check_name;
use crate::core::outline::{Outline, StepOutline};

/// Says which names can't be, or would be lost; and where one stands that only commands know.
pub(super) fn outputs(outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let steps = || outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps));
    let mut seen: BTreeMap<&str, &StepOutline> = BTreeMap::new();
    for (step, name) in steps().filter_map(|step| Some((step, step.output.as_deref()?))) {
        let at = places.outputs.get(&step.id).cloned().unwrap_or(0..0);
        check_name(name, at.clone(), "step's output", problems);
        let other = match name {
            _ if outline.vars.contains_key(name) || step.vars.contains_key(name) => Some("a variable"),
            _ if outline.secrets.contains_key(name) => Some("a secret"),
            _ => None,
        };
        if let Some(other) = other {
            let message = format!("`{name}` is {other} and an output: commands receive both under one name");
            problems.push(Problem::error("twice", at.clone(), message).help("give one of them another name"));
        }
        if let Some(first) = seen.insert(name, step) {
            let message = format!("`{}` and `{}` both give `{name}`: one would be lost", first.id, step.id);
            let help = match places.rows.contains_key(&step.id) {
                true => "put the row's variable into the name, as IMAGE_${n}",
                false => "give one of them another name",
            };
            problems.push(Problem::error("twice", at, message).help(help));
        }
    }
    // Elsewhere names are filled in when the plan is read.
    for problem in problems.iter_mut().filter(|problem| problem.code == "variable") {
        let of = |(name, step): (&&str, &&StepOutline)| {
            let unknown = format!("there is no variable `{name}`");
            let is_meant =
                problem.message.strip_prefix(&unknown).is_some_and(|rest| rest.is_empty() || rest.starts_with(';'));
            is_meant.then(|| ((*name).to_owned(), step.id.clone()))
        };
        if let Some((name, step)) = seen.iter().find_map(of) {
            problem.message = format!("`{name}` is an output: it is known once `{step}` ran, and to commands alone");
            problem.help = Some(format!("use it in a `run`, as \"${name}\""));
        }
    }
}
