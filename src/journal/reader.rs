//! The journal, read beside its writer or without one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::check::{Checked, Row, rows};
use super::error::{JournalError, closed};
use crate::core::event::Recorded;
use crate::core::ids::Seq;

/// The journal, open for reading. It writes nothing into the file, whatever is wrong with it.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    db: Connection,
}

impl Reader {
    /// Opens a journal that is there.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let wrong = |source| closed(path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(wrong)?;
        db.busy_timeout(Duration::from_secs(5)).map_err(wrong)?;
        Ok(Self { path: path.to_owned(), db })
    }

    /// Events of a range, both ends included, whatever their hashes say. An event of a newer version
    /// is [`Event::Unknown`](crate::core::event::Event::Unknown).
    pub fn events(&self, from: Seq, to: Seq) -> Result<Vec<Recorded>, JournalError> {
        let (rows, stopped) = rows(&self.db, &self.path, from, to)?;
        match stopped {
            Some(source) => Err(closed(&self.path, source)),
            None => rows.iter().map(|row| row.event(&self.path)).collect(),
        }
    }

    /// Whether the launch was ended, without reading all that happened: those who look for a live launch look at all.
    pub fn is_over(&self) -> Result<bool, JournalError> {
        // Quotes within a text are escaped, so that no text looks like this. Few notes follow an end.
        let over = "SELECT EXISTS (SELECT 1 FROM (SELECT body FROM event ORDER BY seq DESC LIMIT 1000)
                    WHERE instr(body, '\"event\":{\"type\":\"ended\"') > 0)";
        self.db.query_row(over, [], |row| row.get(0)).map_err(|source| closed(&self.path, source))
    }

    /// All events as far as they are what was written, with every hash verified. An error where nothing can be read, and
    /// where another process keeps it from being read.
    pub fn checked(&self) -> Result<Checked, JournalError> {
        match Checked::of(&self.db, &self.path) {
            Err(JournalError::Damaged { source, .. }) => {
                self.read_what_is_left()?;
                let checked = Checked::of(&self.db, &self.path)?;
                Ok(checked.ends_with(&source))
            }
            checked => checked,
        }
    }

    /// Rows up to one, as they are.
    pub(super) fn rows(&self, to: Seq) -> Result<Vec<Row>, JournalError> {
        self.read_what_is_left()?;
        Ok(rows(&self.db, &self.path, Seq(1), to)?.0)
    }

    /// Has SQLite read a file that is shorter than its first page says. It writes nothing.
    fn read_what_is_left(&self) -> Result<(), JournalError> {
        self.db.pragma_update(None, "writable_schema", true).map_err(|source| closed(&self.path, source))
    }

    /// All events; an error where one is not as it was written.
    pub fn verified(&self) -> Result<Vec<Recorded>, JournalError> {
        self.checked()?.whole(&self.path)
    }
}
