//! Room on the disk that is given up, piece by piece, for what must be written down also when the disk is full: a way
//! back, a hold, a severity.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};

/// Its size, in bytes.
const WHOLE: u64 = 4 * 1024 * 1024;

/// It is given up in pieces of this many bytes: whatever filled the disk would eat more at once.
const PIECE: u64 = 256 * 1024;

/// What the room is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A word that must be said, as a hold. It leaves half for the way back.
    Word,
    /// A way back: all of it.
    WayBack,
    /// The same, and a person typed that it shall go also where nothing of it can be written down.
    Unjournalled,
}

/// How many bytes are free where a file is; none where nobody knows.
type Free = fn(&Path) -> Option<u64>;

/// The file that keeps the room.
#[derive(Debug)]
pub struct Reserve(PathBuf, Free);

impl Reserve {
    /// In this file, which need not be there.
    pub fn new(path: PathBuf) -> Self {
        Self(path, free)
    }

    /// The same on a disk of which a test says what is free.
    #[cfg(test)]
    pub fn on(path: PathBuf, free: Free) -> Self {
        Self(path, free)
    }

    /// Makes it whole. An error means that there is no room beyond it; then it is as large as before.
    pub fn fill(&self) -> io::Result<()> {
        let had = self.len();
        // To try and fail would take the last room from others for a moment.
        if self.free().is_some_and(|free| free + had < WHOLE + PIECE) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let filled = self.open().and_then(|mut file| {
            // Somewhat more, so that the rest of the launch has room too.
            let (zeros, mut at) = (vec![0; PIECE as usize], 0);
            while at < WHOLE + PIECE {
                file.write_all(&zeros)?;
                at += PIECE;
            }
            file.sync_all()?;
            file.set_len(WHOLE)
        });
        if filled.is_err() {
            let _ = self.open().and_then(|file| file.set_len(had));
        }
        filled
    }

    /// Gives up a piece; false where nothing is left for this need.
    pub fn give_up(&self, need: Need) -> bool {
        let keep = if need == Need::Word { WHOLE / 2 } else { 0 };
        let had = self.len();
        if had <= keep {
            return false;
        }
        // A limit on the size of files (`ulimit -f`) is another way of being full, and this is its reserve.
        let limit = getrlimit(Resource::Fsize);
        let _ = setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, maximum: limit.maximum });
        self.open().and_then(|file| file.set_len(had.saturating_sub(PIECE).max(keep))).is_ok()
    }

    /// Gives up a piece of it where the disk is full, for what others must write: the files of a command.
    pub fn make_way(&self, need: Need) {
        if self.is_full().is_some() {
            let _ = self.give_up(need);
        }
    }

    /// Where next to nothing is free beside it: how many bytes are.
    pub fn is_full(&self) -> Option<u64> {
        self.free().filter(|free| *free < PIECE / 2)
    }

    /// What its place lacks where it can't be made whole: `/var/lib/x: 9 KiB are free on the disk`.
    pub fn lacks(&self, e: &io::Error) -> String {
        let place = self.place().display();
        match self.free().filter(|free| *free < WHOLE + PIECE) {
            Some(free) if self.is_full().is_some() => format!("{place}: {} KiB are free on the disk", free / 1024),
            Some(free) => format!("{place}: {} KiB are free on the disk, kept for a way back", free / 1024),
            None => format!("{place}: {e}"),
        }
    }

    fn place(&self) -> &Path {
        self.0.parent().unwrap_or(&self.0)
    }

    /// Whether nothing is left of it.
    pub fn is_spent(&self) -> bool {
        self.len() == 0
    }

    /// Whether some of it was given up.
    pub fn is_short(&self) -> bool {
        self.len() < WHOLE
    }

    fn len(&self) -> u64 {
        std::fs::metadata(&self.0).map_or(0, |about| about.len())
    }

    fn free(&self) -> Option<u64> {
        (self.1)(self.place())
    }

    fn open(&self) -> io::Result<File> {
        File::options().write(true).create(true).truncate(false).mode(0o600).open(&self.0)
    }
}

/// Some of a disk is kept for root.
fn free(dir: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(dir).ok()?;
    let blocks = if geteuid().is_root() { about.f_bfree } else { about.f_bavail };
    Some(blocks.saturating_mul(about.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_left_for_the_way_back_and_it_can_be_made_whole_again() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(dir.path().join("reserve"));
        assert!(reserve.is_short() && !reserve.give_up(Need::WayBack));
        reserve.fill().unwrap();
        assert!(!reserve.is_short());
        let pieces = |need| std::iter::from_fn(|| reserve.give_up(need).then_some(())).count();
        assert_eq!((pieces(Need::Word), pieces(Need::WayBack)), (8, 8));
        reserve.fill().unwrap();
        assert!(!reserve.is_short());
        let nowhere = Reserve::new(dir.path().join("no/such/directory"));
        assert!(nowhere.fill().is_err() && !nowhere.give_up(Need::WayBack));
    }
}
