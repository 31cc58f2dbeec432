//! What happened, in SQLite: one row an event, appended in transactions that are on disk (`synchronous=FULL`) before
//! [`Journal::append`] returns. Each row carries a hash over its bytes and the hash of the row before, so that a changed
//! history is noticed. The engine is the only writer; anyone may read beside it.
//!
//! Where nothing more can be written, a way back may go all the same once a person typed so: its events are kept in memory
//! ([`Journal::append_late`]) and moved into the file as soon as there is room.
//!
//! Every released version has written these hashes, so there is no journal without. What they prove and what they can't is
//! said in [`check`].

pub mod check;
mod error;
pub mod keep;
mod late;
mod reader;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::core::event::Recorded;
use crate::core::head::Head;
use crate::core::ids::Seq;
use crate::core::time::Timestamp;
use check::{Checked, Row, chain};
use error::closed;
use late::Late;

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

    /// As [`Journal::late`].
    fn late(&self) -> Option<IsLate>;

    /// As [`Journal::append_late`].
    fn append_late(&mut self, events: &[Recorded]) -> Result<(), JournalError>;

    /// As [`Journal::write_down`].
    fn write_down(&mut self, told: &Recorded) -> Result<(), JournalError>;
}

/// Events that are kept in memory and not in the journal yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsLate {
    /// The first of them.
    pub first: Seq,
    /// When that was.
    pub since: Timestamp,
    /// How many they are.
    pub events: u64,
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
    /// What found no room in it.
    late: Option<Late>,
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
        if let Some(opening) = opening(&db).map_err(wrong)? {
            late::forget_others(path, &opening);
        }
        let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0)).map_err(wrong)?;
        let rows = late::following(late::read(path), &db).map_err(wrong)?;
        let last = rows.last().map_or(last.unsigned_abs(), |row| row.seq);
        if last != head {
            return Err(JournalError::OutOfOrder { path: path.to_owned(), seq: last, head });
        }
        let late = Late::go_on(path, rows).map_err(|source| JournalError::Io { path: late::dir(path), source })?;
        Ok((Journal { path: path.to_owned(), db, head, hash, files: files(path), late }, events))
    }

    /// The last event and its hash; none before the first.
    pub fn head(&self) -> Option<Head> {
        (self.head > 0).then(|| Head::new(Seq(self.head), &self.hash))
    }

    /// Whether the files that are open are still those at their paths.
    pub fn is_there(&self) -> Result<(), JournalError> {
        if files(&self.path) == self.files { Ok(()) } else { Err(JournalError::Gone { path: self.path.clone() }) }
    }

    /// Appends events in one transaction; they are on disk when this returns. After an error none of them is. While some
    /// are late nothing is appended.
    pub fn append(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        self.is_there()?;
        if let Some(late) = &self.late {
            let seq = late.rows.first().map_or(0, |row| row.seq);
            return Err(JournalError::Late { path: self.path.clone(), seq });
        }
        let rows = self.rows(events)?;
        self.insert(rows.iter())?;
        self.goes_on(&rows);
        Ok(())
    }

    /// What found no room in the journal; none where all did.
    pub fn late(&self) -> Option<IsLate> {
        let late = self.late.as_ref()?;
        let first = late.rows.first()?.event(&self.path).ok()?;
        Some(IsLate { first: first.seq, since: first.at, events: late.rows.len() as u64 })
    }

    /// Keeps events in memory, behind the journal, though they are not on disk. After an error none of them is kept. See
    /// [`Journal::write_down`].
    pub fn append_late(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        let rows = self.rows(events)?;
        if rows.is_empty() {
            return Ok(());
        }
        let io = |source| JournalError::Io { path: late::dir(&self.path), source };
        let opening = opening(&self.db).map_err(|source| closed(&self.path, source))?.unwrap_or_default();
        let mut late = match self.late.take() {
            Some(late) => late,
            None => Late::begin(&self.path, &opening).map_err(io)?,
        };
        let head = rows.last().map(|row| (row.seq, row.hash.clone()));
        let added = late.add(rows).map_err(io);
        if !late.rows.is_empty() {
            self.late = Some(late);
        }
        added?;
        (self.head, self.hash) = head.unwrap_or_default();
        Ok(())
    }

    /// Moves what is late into the journal, and one event behind it that tells so, in one transaction. After an error all
    /// is as before.
    pub fn write_down(&mut self, told: &Recorded) -> Result<(), JournalError> {
        self.is_there()?;
        let rows = self.rows(std::slice::from_ref(told))?;
        self.insert(self.late.iter().flat_map(|late| &late.rows).chain(&rows))?;
        self.goes_on(&rows);
        if let Some(late) = self.late.take() {
            late.end();
        }
        Ok(())
    }

    /// The rows of events that follow what there is.
    fn rows(&self, events: &[Recorded]) -> Result<Vec<Row>, JournalError> {
        let (mut head, mut hash) = (self.head, self.hash.clone());
        let mut rows = Vec::new();
        for event in events {
            let (path, seq) = (self.path.clone(), event.seq.0);
            if seq != head + 1 {
                return Err(JournalError::OutOfOrder { path, seq, head });
            }
            let body = serde_json::to_string(event).map_err(|source| JournalError::Json { path, seq, source })?;
            (head, hash) = (seq, chain(&hash, &body));
            rows.push(Row { seq, v: FORMAT, body, hash: hash.clone() });
        }
        Ok(rows)
    }

    fn insert<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Result<(), JournalError> {
        let wrong = |source| JournalError::Sqlite { path: self.path.clone(), source };
        let transaction = self.db.unchecked_transaction().map_err(wrong)?;
        for row in rows {
            row.insert(&transaction).map_err(wrong)?;
        }
        transaction.commit().map_err(wrong)
    }

    fn goes_on(&mut self, rows: &[Row]) {
        if let Some(last) = rows.last() {
            (self.head, self.hash) = (last.seq, last.hash.clone());
        }
    }
}

/// The hash of the first event; none where there is none.
fn opening(db: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    match db.query_row("SELECT hash FROM event WHERE seq = 1", [], |row| row.get(0)) {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        hash => hash.map(Some),
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

    fn late(&self) -> Option<IsLate> {
        self.late()
    }

    fn append_late(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        self.append_late(events)
    }

    fn write_down(&mut self, told: &Recorded) -> Result<(), JournalError> {
        self.write_down(told)
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
