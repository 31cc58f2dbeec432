//! A scenario: what a rehearsal injects into the signals. A TOML file of its own, read against a plan.
//!
//! ```toml
//! [[set]]                              # any number; of two about one signal the lower one counts
//! signal = "errors[green]"             # as in conditions: probe, probe[instance], probe.measure
//! value = "8%"                         # or failing = "connection refused", or no-data = "401"
//! from = "share-25.started + 2m"       # or T+5m, STEP.done, STEP.failed, rollback.started; the beginning unless given
//! until = "rollback.done"              # or for = "10m"; to the end unless given
//! ```
//!
//! A line for a whole probe (no measure named) is about all that it measures. `value = "ok"` is what its kind reads where
//! all is well, as far as that can be said ([`Spec::well`](crate::probes::Spec::well)): it is up, answers at once, with
//! the status that the plan expects; nothing waits, nothing is behind, there is no error. What nobody can know (a version,
//! a number of the plan's own query) stays as it is measured, unless a line of its own sets it. `failing` and `no-data`
//! leave nothing else known of the probe, as when it does not answer. A number sets the first measure, which is what the
//! bare name means in a condition.

mod part;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;

use super::build::syntax;
use super::file::{Text, Time};
use super::forms::{self, Words};
use super::lost::Lost;
use super::problem::{Problem, Severity};
use super::tree::{array, read, take, unknown};
use super::{Plan, Wrong};
use crate::core::practice::Injection;

/// `[[set]]`: what takes the place of what is measured, and when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SetTable {
    /// Which signal, as in conditions: `probe` (all that it measures), `probe[instance]`, `probe.measure`.
    #[schemars(with = "Words")]
    signal: Text,
    /// What it is: `8%`, `400ms`, `v1.0.0`; `ok` of a state, and of a whole probe where all is well.
    #[schemars(with = "Option<String>")]
    value: Option<Text>,
    /// It does not work, and why: `connection refused`.
    #[schemars(with = "Option<String>")]
    failing: Option<Text>,
    /// Nothing is learnt, and why: `401`.
    #[schemars(with = "Option<String>")]
    no_data: Option<Text>,
    /// From when on; the beginning unless given.
    #[schemars(with = "Option<forms::Moment>")]
    from: Option<Text>,
    /// Until when; the end unless given.
    #[schemars(with = "Option<forms::Moment>")]
    until: Option<Text>,
    /// For how long.
    #[serde(rename = "for")]
    #[schemars(with = "Option<forms::Some>")]
    lasts: Option<Time>,
}

/// Reads a scenario for a plan. `name` stands in messages for the file.
pub fn load(text: &str, name: &str, plan: &Plan) -> Result<Vec<Injection>, Wrong> {
    let (scenario, problems) = check(text, plan);
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Ok(scenario);
    }
    Err(Wrong { problems: errors.iter().map(|p| p.render(text, name)).collect() })
}

/// Reads a scenario and says everything that is wrong with it, in the order of the file.
pub fn check(text: &str, plan: &Plan) -> (Vec<Injection>, Vec<Problem>) {
    let mut problems = Vec::new();
    let (mut root, wrong) = DeTable::parse_recoverable(text);
    problems.extend(syntax(&wrong));
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
            scenario.extend(part::of(read.table, set.span(), plan, &mut problems));
        }
    }
    problems.sort_by_key(|p| (p.at.start, p.severity));
    (scenario, problems)
}
