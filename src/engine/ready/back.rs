//! Can I go back? What the machine must have for the commands of the ways back: their scripts, and values of the secrets
//! that they name. The engine looks every few seconds, as long as the launch goes on: a way back is needed when much else
//! is wrong already.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Watch;
use super::scripts::lacking;
use crate::core::ids::StepId;
use crate::core::launch::LaunchState;
use crate::core::outline::Outline;
use crate::core::secret::Secrets;
use crate::core::text::mentions;
use crate::core::view::ConditionView;
use crate::plan::commands::uses;

/// The plan, and its directory.
type Asked = (Arc<Outline>, PathBuf);

/// What scripts of ways back were found to lack last, by step.
pub type Scripts = Watch<Asked, BTreeMap<StepId, String>>;

/// One that looks whether the scripts of the ways back are there.
pub fn scripts() -> Scripts {
    Watch::with(|(outline, dir): &Asked| {
        let lacks = commands(outline).filter_map(|(step, command)| {
            let mut vars = outline.vars.clone();
            vars.extend(outline.step(step).into_iter().flat_map(|step| step.vars.clone()));
            Some((step.clone(), lacking(&uses(command, &vars), dir)?))
        });
        lacks.collect()
    })
}

/// What the commands of the ways back lack now, as conditions that do not hold.
pub fn lacks(state: &LaunchState, secrets: &Secrets, scripts: &Scripts) -> Vec<ConditionView> {
    // Stand-ins need nothing.
    if state.stands_in() {
        return Vec::new();
    }
    let outline = &state.outline;
    let unknown: Vec<&String> = outline.secrets.keys().filter(|name| secrets.get(name).is_none()).collect();
    let found = scripts.found();
    let lacks = commands(outline).filter_map(|(step, command)| {
        let secret = unknown.iter().find(|name| mentions(command, name));
        let secret = secret.map(|name| format!("no value for the secret `{name}`; `tminus do env {name}` gives it"));
        let script = || match found {
            Some(found) => found.get(step).cloned(),
            None => Some("its script was not looked at yet: the directory of the plan does not answer".to_owned()),
        };
        Some(ConditionView::lacks(step.clone(), secret.or_else(script)?))
    });
    lacks.collect()
}

/// The commands by which a way back may go.
fn commands(outline: &Outline) -> impl Iterator<Item = (&StepId, &str)> {
    let undo = outline.steps.iter().filter_map(|step| Some((&step.id, step.undo.as_ref()?.run.as_str())));
    let own = outline.rollbacks.iter().flat_map(|rollback| &rollback.steps);
    undo.chain(own.filter_map(|step| Some((&step.id, step.run.as_deref()?))))
}
