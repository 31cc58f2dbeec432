//! Finds the last rehearsal of a plan among the launches on this machine.

use std::path::Path;

use super::open;
use crate::core::event::Mode;
use crate::core::ids::LaunchId;
use crate::core::rehearsed::LastRehearsal;
use crate::paths;
use crate::plan::Plan;

/// The newest rehearsal of this plan, by its name or its file, in whatever environment; none where there was none, or
/// none that can be read. The launch that asks is not meant. Reads journals beside their engines.
pub fn last_rehearsal(plan: &Plan, file: &Path, asks: Option<&LaunchId>) -> Option<LastRehearsal> {
    let ids = paths::launches().unwrap_or_default().into_iter();
    let ids = ids.filter(|id| open::is_rehearsal(id) && asks != Some(id));
    let states = ids.filter_map(|id| open::state(&id).ok()).filter(|state| state.mode == Mode::Rehearsal);
    let whole = open::whole(file);
    let same = |id: &LaunchId| open::origin(id).is_ok_and(|origin| open::whole(&origin.plan) == whole);
    let newest = states
        .filter(|state| state.outline.name == plan.outline.name || same(&state.id))
        .max_by_key(|state| state.opened)?;
    LastRehearsal::of(&newest, &plan.hash)
}
