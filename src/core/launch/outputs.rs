//! What commands give to later ones: the last line of a step's output, under the name that the plan has for it.
//!
//! It reaches commands as an environment variable. A shell takes a variable that is not set for an empty text and goes on
//! (`rm -rf "$dir/"`), so a step whose command speaks of an output that is not there does not start. It goes when its step
//! is undone.

use serde::{Deserialize, Serialize};

use super::LaunchState;
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::outline::StepOutline;
use crate::core::text::mentions;
use crate::core::time::Timestamp;

/// An output as it was kept, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The step that gives it.
    pub step: StepId,
    /// The line; none where there is none to keep.
    pub value: Option<String>,
    /// Why there is none, or why a person gave it.
    pub why: Option<String>,
    /// When it was kept.
    #[serde(default)]
    pub at: Timestamp,
}

/// An output that a command needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// The step that gives it.
    pub of: StepId,
    /// Why it was not kept, where its command ran.
    pub why: Option<String>,
}

impl Missing {
    /// ``it needs the output `IMAGE` of `build`, which is not there yet``
    pub fn words(&self) -> String {
        let Missing { name, of, why } = self;
        let why =
            why.as_ref().map_or_else(|| "which is not there yet".to_owned(), |why| format!("which has none: {why}"));
        format!("it needs the output `{name}` of `{of}`, {why}")
    }
}

/// When the last of the outputs that the command of a step speaks of was there; none where it needs none.
pub(super) fn outputs_since(state: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    let command = step.run.as_deref()?;
    let needs = |(name, kept): &(&String, &Kept)| kept.step != step.id && mentions(command, name);
    state.outputs.iter().filter(needs).map(|(_, kept)| kept.at).max()
}

/// The outputs that the command of a run speaks of and that are not there, in the plan's order. The command that gives one
/// may call a variable of its own by that name.
pub fn missing_outputs(state: &LaunchState, run: &RunId, command: &str) -> Vec<Missing> {
    let itself = |step: &StepId| run.kind == RunKind::Do && run.step == *step;
    let gives = |step: &StepOutline| Some((step.output.clone()?, step.id.clone()));
    let outline = &state.outline;
    let all = outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps)).filter_map(gives);
    let missing = all.filter(|(name, of)| mentions(command, name) && !itself(of)).filter_map(|(name, of)| {
        let kept = state.outputs.get(&name);
        let there = kept.is_some_and(|kept| kept.value.is_some());
        (!there).then(|| Missing { why: kept.and_then(|kept| kept.why.clone()), name, of })
    });
    missing.collect()
}
