//! The journal of a launch that is taken up. It is read before anything may write into it: SQLite mends what it can as soon
//! as it may, and what it mends is lost. Where the journal is not as it was written, it is kept as it was found.

use std::path::Path;

use super::last::Alive;
use super::open::OpenError;
use crate::core::event::Recorded;
use crate::journal::check::Witness;
use crate::journal::keep::{self, go_back_to_sound};
use crate::journal::{Journal, JournalError, Reader};
use crate::paths;

/// A journal that can be gone on with.
pub(super) struct Taken {
    pub journal: Journal,
    pub events: Vec<Recorded>,
    /// What of it is missing; none where nothing is known to be.
    pub torn: Option<String>,
}

/// Opens the journal of the launch in a directory. One of which an event is not as it was written is an error, unless
/// `sound` says to go on after the last that is. One that lost its end is gone on with, since all that is there stands; it is
/// told.
pub(super) fn taken(dir: &Path, sound: bool) -> Result<Taken, OpenError> {
    let path = paths::journal(dir);
    let mut checked = match Reader::open(&path).and_then(|reader| reader.checked()) {
        Ok(checked) => checked,
        Err(source @ JournalError::Damaged { .. }) => return Err(damaged(dir, source)),
        Err(other) => return Err(other.into()),
    };
    let mut torn = None;
    if let Some(broken) = checked.broken.clone() {
        if !(sound && broken.leaves_some()) {
            return Err(damaged(dir, JournalError::Broken { path, broken }));
        }
        // Without a copy nothing is taken from it.
        let kept = keep::keep(&path, &paths::damaged(dir)).map_err(super::open::io_error(&paths::damaged(dir)))?;
        torn = Some(format!("{broken}; it is kept as it was found in {}", kept.display()));
        go_back_to_sound(&path, checked.events.len() as u64)?;
        checked.broken = None;
    } else if let Some(known) = Alive::read(dir).and_then(|alive| alive.head)
        && let Some(missing) = checked.differs(&known, Witness::Engine)
    {
        torn = Some(format!("{missing}; {}", kept(dir)));
    }
    let (journal, events) = Journal::go_on(&path, checked)?;
    Ok(Taken { journal, events, torn })
}

fn damaged(dir: &Path, source: JournalError) -> OpenError {
    OpenError::Damaged { source: Box::new(source), kept: kept(dir) }
}

/// Keeps the journal as it was found, and says where.
fn kept(dir: &Path) -> String {
    match keep::keep(&paths::journal(dir), &paths::damaged(dir)) {
        Ok(kept) => format!("it is kept as it was found in {}", kept.display()),
        Err(e) => format!("it could not be copied to {}: {e}", paths::damaged(dir).display()),
    }
}
