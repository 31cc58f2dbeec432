//! What a launch had come to when its engine was seen last, by what is on disk beside the journal. The engine that takes it
//! up begins there, and `tminus status` tells it where none runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::core::launch::{CriterionState, LaunchState, Status, so_far};
use crate::core::signals::Signals;
use crate::core::time::Timestamp;
use crate::{paths, readings};

/// Success over time up to the last reading that is on disk, where no engine runs: beside what the journal has, the readings
/// tell what came after. Nothing where they can't be read.
pub fn criteria(state: &LaunchState) -> BTreeMap<String, CriterionState> {
    if state.outline.criteria.is_empty() || matches!(state.status, Status::Ended { .. }) {
        return BTreeMap::new();
    }
    let Ok(dir) = paths::launch(&state.id) else { return BTreeMap::new() };
    let polls = match readings::Reader::open(&paths::readings(&dir)).and_then(|past| past.polls()) {
        Ok(polls) => polls,
        Err(e) => {
            tracing::warn!("{e}");
            return BTreeMap::new();
        }
    };
    let mut signals = informed(state);
    polls.iter().for_each(|poll| signals.observe(poll));
    so_far(state, &signals, last_alive(&dir, state))
}

/// The signals of a launch before anything is measured, with what its journal says of them.
pub(super) fn informed(state: &LaunchState) -> Signals {
    let mut signals = Signals::new(&state.outline);
    signals.inform(&state.baselines, &state.forgotten);
    signals.unobserved(&state.gaps);
    signals
}

/// When its engine was seen alive last.
pub(super) fn last_alive(dir: &Path, state: &LaunchState) -> Timestamp {
    let seen = fs::read_to_string(paths::alive(dir)).ok().and_then(|t| t.trim().parse().ok()).map(Timestamp);
    seen.map_or(state.last_at, |seen| seen.max(state.last_at))
}
