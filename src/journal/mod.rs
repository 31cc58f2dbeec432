//! What happened, in SQLite: one row an event, appended in transactions that are on disk (`synchronous=FULL`) before
//! [`Journal::append`] returns. Each row carries a hash over its bytes and the hash of the row before, so that a changed
//! history is noticed. The engine is the only writer; anyone may read beside it.
//!
//! Every released version has written these hashes, so there is no journal without. What they prove and what they can't is
//! said in [`check`].

pub mod check;
mod error;
pub mod keep;
mod reader;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::core::event::Recorded;
use crate::core::head::Head;
use crate::core::ids::Seq;
use check::{Checked, Row, chain};
use error::closed;

pub use error::{JournalError, MAKE_ROOM};
pub use reader::Reader;

/// The format of the rows. An older one is read for ever.
const FORMAT: i64 = 1;

/// Where an engine puts events: the file, or what a simulation has in its place that dies at will.
pub trait Log {
    /// As [`Journal::head`].
    fn head(&self) -> Option<Head>;

    /// As [`Journal::is_there`].
    fn is_there(&self) -> Result<(), JournalError>;

    /// As [`Journal::append`].
    fn append(&mut self, events: &[Recorded]) -> Result<(), JournalError>;
}

/// The journal, open for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    db: Connection,
    head: u64,
    hash: Vec<u8>,
    /// The files that are open: the journal, and what is not in it yet.
    files: [Option<(u64, u64)>; 2],
}

impl Journal {
    /// Opens the journal for writing, or makes it, and reads all that is in it; an error where that is not what was written.
    pub fn open(path: &Path) -> Result<(Journal, Vec<Recorded>), JournalError> {
        let checked = if path.exists() { Reader::open(path)?.checked()? } else { Checked::default() };
        Self::go_on(path, checked)
    }

    /// Opens it for writing after it was checked. Nothing may be appended after what is not as it was written, nor after what
    /// one doesn't understand; a file of which either is so was not touched when the error comes.
    pub fn go_on(path: &Path, checked: Checked) -> Result<(Journal, Vec<Recorded>), JournalError> {
        let wrong = |source| closed(path, source);
        let (head, hash) = checked.end();
        let events = checked.whole(path)?;
        if let Some(newer) = events.iter().find(|r| r.event.is_newer()) {
            return Err(JournalError::Newer { path: path.to_owned(), seq: newer.seq.0 });
        }
        let db = make(path)?;
        let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0)).map_err(wrong)?;
        if last.unsigned_abs() != head {
            return Err(JournalError::OutOfOrder { path: path.to_owned(), seq: last.unsigned_abs(), head });
        }
        Ok((Journal { path: path.to_owned(), db, head, hash, files: files(path) }, events))
    }

    /// The last event and its hash; none before the first.
    pub fn head(&self) -> Option<Head> {
        (self.head > 0).then(|| Head::new(Seq(self.head), &self.hash))
    }

    /// Whether the files that are open are still those at their paths.
    pub fn is_there(&self) -> Result<(), JournalError> {
        if files(&self.path) == self.files { Ok(()) } else { Err(JournalError::Gone { path: self.path.clone() }) }
    }

    /// Appends events in one transaction; they are on disk when this returns. After an error none of them is.
    pub fn append(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        self.is_there()?;
        let path = self.path.clone();
        let wrong = |source| JournalError::Sqlite { path: path.clone(), source };
        let (mut head, mut hash) = (self.head, self.hash.clone());
        let transaction = self.db.transaction().map_err(wrong)?;
        for event in events {
            let seq = event.seq.0;
            if seq != head + 1 {
                return Err(JournalError::OutOfOrder { path, seq, head });
            }
            let body = serde_json::to_string(event).map_err(|source| JournalError::Json {
                path: path.clone(),
                seq,
                source,
            })?;
            (head, hash) = (seq, chain(&hash, &body));
            let row = Row { seq, v: FORMAT, body, hash };
            row.insert(&transaction).map_err(wrong)?;
            hash = row.hash;
        }
        transaction.commit().map_err(wrong)?;
        (self.head, self.hash) = (head, hash);
        Ok(())
    }
}

impl Log for Journal {
    fn head(&self) -> Option<Head> {
        self.head()
    }

    fn is_there(&self) -> Result<(), JournalError> {
        self.is_there()
    }

    fn append(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        self.append(events)
    }
}

/// Opens the file for writing, and makes it where it is not there.
fn make(path: &Path) -> Result<Connection, JournalError> {
    let wrong = |source| closed(path, source);
    let db = Connection::open(path).map_err(wrong)?;
    private(path);
    db.busy_timeout(Duration::from_secs(5)).map_err(wrong)?;
    let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0)).map_err(wrong)?;
    if mode != "wal" {
        tracing::warn!("{}: this file system has no shared memory, the journal is in mode {mode}", path.display());
    }
    db.execute_batch(
        "PRAGMA synchronous=FULL;
         CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, v INTEGER NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT;",
    )
    .map_err(wrong)?;
    Ok(db)
}

/// Which files are at the paths of a journal.
fn files(path: &Path) -> [Option<(u64, u64)>; 2] {
    use std::os::unix::fs::MetadataExt as _;
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    [path.as_os_str(), wal.as_os_str()].map(|path| std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino())))
}

/// For its owner alone; SQLite gives its side files the same rights.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}
