//! Stand-ins, where a rehearsal runs no command: no process and no supervisor. When one ends follows from the journal
//! alone, so another engine goes on with it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::runs::Ended;
use crate::core::event::RunEnd;
use crate::core::ids::RunId;
use crate::core::launch::{LaunchState, stand_in};
use crate::core::time::{Span, Timestamp};

/// Begins one: says where the command's output would be what would run.
pub(super) fn start(state: &LaunchState, run: &RunId, dir: &Path) {
    let Some(stand_in) = stand_in(state, run) else { return };
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).and_then(|()| {
        let mut file = fs::File::options().create(true).append(true).mode(0o600).open(dir.join("output"))?;
        file.write_all(stand_in.says().as_bytes())
    });
    if let Err(e) = made {
        tracing::warn!("{}: what would run can't be written: {e}", dir.display());
    }
}

/// When the next one ends; none while none is under way.
pub(super) fn next_end(state: &LaunchState) -> Option<Timestamp> {
    let open = state.runs.iter().filter(|(_, run)| state.stands_in() && run.end.is_none());
    open.filter_map(|(id, run)| Some(run.started + stand_in(state, id)?.takes)).min()
}

/// Its end, where it has come: after its time, or because a person stopped it.
pub(super) fn ended(state: &LaunchState, run: RunId, now: Timestamp) -> Option<Ended> {
    let known = state.runs.get(&run)?;
    let stand_in = stand_in(state, &run);
    let takes = stand_in.as_ref().map_or(Span::ZERO, |s| s.takes);
    let took = now.since(known.started);
    if took < takes && !known.stopping {
        return None;
    }
    let last = stand_in.and_then(|s| s.output).map(|(_, value)| Ok(value));
    Some(Ended {
        run,
        end: RunEnd::StoodIn { took: took.min(takes).max(Span::ZERO) },
        left_running: false,
        asked: None,
        unkept: 0,
        last,
    })
}
