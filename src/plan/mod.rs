//! The plan file: TOML to what a launch needs. All problems are found at once; a wrong plan never becomes a launch.
//!
//! | file | what |
//! |---|---|
//! | [`estimates`] | measured minutes as a proposed difference of the file |
//! | [`mod@file`] | the tables as people write them, with the docs of the schema |
//! | [`tree`] | the TOML tree before it is typed: variables, short forms, reading past mistakes |
//! | `words` | what the reader of TOML says, in our words |
//! | [`build`] | from tables to the outline, with `vars`, `probes`, `vantage`, `channels`, `steps` and `sense` beside it |
//! | [`clock`] | `at`, `not-before`, windows |
//! | [`commands`] | what a reviewer says of commands, secrets in clear and blanks |
//! | [`conditions`] | conditions against the probes: names, measures, dimensions |
//! | [`order`] | `after`, barriers, cycles |
//! | [`lint`] | what a good reviewer would ask |
//! | [`places`] | where the parts of a plan stand in the file |
//! | `never` | conditions that can never hold |
//! | [`problem`] | problems with their place |
//! | [`scenario`] | what a rehearsal injects into the signals |
//! | [`schema`] | the JSON Schema |
//! | [`source`] | the file's text, and why it can't be read |

pub mod build;
mod channels;
pub mod clock;
mod closing;
pub mod commands;
pub mod conditions;
mod criteria;
pub mod estimates;
pub mod file;
mod forms;
mod gates;
pub mod lint;
mod lost;
mod never;
pub mod order;
mod outputs;
pub mod places;
mod probes;
pub mod problem;
pub mod scenario;
pub mod schema;
mod sense;
mod severities;
mod shifts;
pub mod source;
mod steps;
#[cfg(test)]
mod tests;
pub mod tree;
mod triggers;
mod vantage;
mod vars;
mod watches;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::core::ids::{ChannelId, ProbeId};
use crate::core::outline::Outline;
use crate::notify;
use crate::probes::Spec;
use conditions::Named;
use problem::{Problem, Severity};
use source::Unreadable;

/// What was chosen on the command line for this launch of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Choices {
    /// `--env`: which overlay.
    #[serde(default)]
    pub environment: Option<String>,
    /// `--var NAME=VALUE`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
}

/// A plan without errors.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the launch carries.
    pub outline: Outline,
    /// What each probe asks; secrets in it are references still.
    pub probes: BTreeMap<ProbeId, Spec>,
    /// What each channel does; secrets in it are references still.
    pub channels: BTreeMap<ChannelId, notify::Spec>,
    /// What is told that the engine lives.
    pub heartbeat: Option<String>,
    /// A rehearsal in the environment that was chosen runs commands and sends messages.
    pub rehearse_real: bool,
    /// The instances that its conditions name.
    pub named: Vec<Named>,
    /// SHA-256 of the text, hexadecimal.
    pub hash: String,
}

/// Why a plan can't be launched: every problem at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct Wrong {
    /// One text each, as `plan.toml:12:3: there is no key `evry`; did you mean `every`?`; may have several lines.
    pub problems: Vec<String>,
}

impl From<Unreadable> for Wrong {
    fn from(why: Unreadable) -> Self {
        Self { problems: vec![why.to_string()] }
    }
}

/// Reads a plan's text; what is no plan's text is one clear message.
pub fn read(path: &Path) -> Result<String, Wrong> {
    Ok(source::text(path)?)
}

/// Makes a plan of its text. `name` stands in messages for the file. Warnings are left to `tminus check`.
pub fn load(text: &str, name: &str, choices: &Choices) -> Result<Plan, Wrong> {
    let (plan, problems) = check(text, choices);
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    match plan {
        Some(plan) if errors.is_empty() => Ok(plan),
        _ => Err(Wrong { problems: errors.iter().map(|p| p.render(text, name)).collect() }),
    }
}

/// Reads a plan that a launch was begun with. It was found good then; what a newer tminus forbids ends no launch that
/// goes on, as long as a plan comes of it. That is written into the engine's log.
///
/// # Errors
/// No plan comes of it.
pub fn load_again(text: &str, name: &str, choices: &Choices) -> Result<Plan, Wrong> {
    let mut problems = Vec::new();
    let plan = build::build(text, choices, &mut problems);
    problems.retain(|p| p.severity == Severity::Error);
    let (plan, _) = plan.ok_or_else(|| Wrong { problems: problems.iter().map(|p| p.render(text, name)).collect() })?;
    for problem in &problems {
        tracing::warn!("the launch goes on with a plan that would not start any more: {}", problem.message);
    }
    Ok(plan)
}

/// Reads a plan and says everything that is wrong and everything that is risky, in the order of the file. The plan is
/// there unless something is an error. What could not be read because it is wrong is not said to be missing too.
pub fn check(text: &str, choices: &Choices) -> (Option<Plan>, Vec<Problem>) {
    let mut problems = Vec::new();
    let (plan, places) = build::build(text, choices, &mut problems).unzip();
    let wrong = problems.iter().any(|p| p.severity == Severity::Error);
    if let Some((plan, places)) = plan.as_ref().zip(places) {
        lint::lint(text, &plan.outline, &places, &mut problems);
    }
    let errors: Vec<Problem> = problems.iter().filter(|p| covers(text, p)).cloned().collect();
    let over = |p: &Problem| errors.iter().any(|e| e.at.start < p.at.end && p.at.start < e.at.end);
    problems.retain(|p| p.severity == Severity::Error || !over(p));
    problems.sort_by_key(|p| (p.at.start, p.severity));
    let mut seen = BTreeSet::new();
    problems.retain(|p| seen.insert((p.at.start, p.at.end, p.message.clone())));
    (plan.filter(|_| !wrong), problems)
}

/// What is wrong with a plan, or risky, in an environment of its own and not without it, beside what was said already: who
/// looks at the plan before the launch does not name each with `--env`.
pub fn check_environments(text: &str, choices: &Choices, said: &[Problem]) -> Vec<Problem> {
    let known = |problem: &Problem| said.iter().any(|p| p.at == problem.at && p.message == problem.message);
    let of = |environment: String| {
        let (_, mut problems) = check(text, &Choices { environment: Some(environment.clone()), ..choices.clone() });
        problems.retain(|problem| !known(problem));
        problems.iter_mut().for_each(|p| p.message = format!("with --env {environment}: {}", p.message));
        problems
    };
    build::environments(text).into_iter().flat_map(of).collect()
}

/// Whether what stands in a place is wrong, so that nothing more is said of it: not where it is a whole table, nor where it
/// is a command with a secret in it.
fn covers(text: &str, problem: &Problem) -> bool {
    let whole = text.get(problem.at.clone()).is_some_and(|t| t.contains('\n'));
    problem.severity == Severity::Error && !whole && problem.code != "secret-in-command"
}

/// SHA-256 of a text, hexadecimal.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
