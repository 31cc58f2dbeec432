//! What a launch had come to when its engine was seen last, by what is on disk beside the journal. The engine that takes it
//! up begins there, and `tminus status` tells it where none runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::core::head::Head;
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
    signals.asked(&state.asked_since);
    signals
}

/// When its engine was seen alive last.
pub(super) fn last_alive(dir: &Path, state: &LaunchState) -> Timestamp {
    Alive::read(dir).map_or(state.last_at, |alive| alive.at.max(state.last_at))
}

/// The engine's sign of life: written every second and after each append, never synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alive {
    /// When, on the launch's timeline.
    pub at: Timestamp,
    /// The journal's head then; none where an older version wrote it.
    pub head: Option<Head>,
}

impl Alive {
    /// The last one of a launch in this directory; none where there is none that can be read.
    pub fn read(dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(paths::alive(dir)).ok()?;
        let mut words = text.lines().next()?.split(' ');
        let at = Timestamp(words.next()?.parse().ok()?);
        Some(Self { at, head: words.next().and_then(|head| head.parse().ok()) })
    }

    /// Over what was written before, so that a full disk costs nothing.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let mut options = fs::File::options();
        let mut file = options.write(true).create(true).truncate(false).mode(0o600).open(paths::alive(dir))?;
        let head = self.head.as_ref().map_or_else(String::new, |head| format!(" {head}"));
        let text = format!("{}{head}\n", self.at.millis());
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::Seq;

    #[test]
    fn a_sign_of_life_is_read_as_it_was_written_and_an_older_ones_too() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Alive::read(dir.path()), None);
        let longer = Alive { at: Timestamp(1_700_000_000_123), head: Some(Head::new(Seq(1000), &[7; 32])) };
        let shorter = Alive { at: Timestamp(1_700_000_000_124), head: Some(Head::new(Seq(9), &[8; 32])) };
        for alive in [longer, shorter] {
            alive.write(dir.path()).unwrap();
            assert_eq!(Alive::read(dir.path()), Some(alive));
        }
        fs::write(paths::alive(dir.path()), "1700000000125\n").unwrap();
        assert_eq!(Alive::read(dir.path()), Some(Alive { at: Timestamp(1_700_000_000_125), head: None }));
        for torn in ["", "\n", "17000 9:ab"] {
            fs::write(paths::alive(dir.path()), torn).unwrap();
            assert!(Alive::read(dir.path()).is_none_or(|alive| alive.head.is_none()), "{torn:?}");
        }
    }
}
