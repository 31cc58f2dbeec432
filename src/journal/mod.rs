//! What happened, in SQLite: one row an event, appended in transactions that are on disk (`synchronous=FULL`) before
//! [`Journal::append`] returns. Each row carries a hash over its bytes and the hash of the row before, so that a changed
//! history is noticed. The engine is the only writer; anyone may read beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use sha2::{Digest, Sha256};

use crate::core::event::Recorded;
use crate::core::ids::Seq;

/// The format of the rows. An older one is read for ever.
const FORMAT: i64 = 1;

/// Why the journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// SQLite or the disk says no to what is to be written.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rusqlite::Error,
    },
    /// It can't be opened or read.
    #[error("{path}: {source}; {}", way_in(path, source))]
    Closed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rusqlite::Error,
    },
    /// It is no journal, or its pages are not what SQLite wrote.
    #[error(
        "{path}: it is damaged or no journal ({source}); keep it, put a copy in its place, or begin anew with `tminus launch --new`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rusqlite::Error,
    },
    /// The file that is open is no longer the one at its path. What went into it would be lost with the process.
    #[error("{path}: it was moved, removed or replaced under the engine (process {})", std::process::id())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// An event could not be written as JSON.
    #[error("{path}: event {seq}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// The event.
        seq: u64,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A row is not what was written.
    #[error(
        "{path}: event {seq} was changed after it was written, or one before it is missing; keep the file, put a copy in its place, or begin anew with `tminus launch --new`"
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The event.
        seq: u64,
    },
    /// An event that this version doesn't know: only a newer one may go on with the launch.
    #[error("{path}: event {seq} was written by a newer tminus: take up this launch with that one")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The event.
        seq: u64,
    },
    /// Another event than the next one was to be appended.
    #[error("{path}: event {seq} does not follow event {head}")]
    OutOfOrder {
        /// The file.
        path: PathBuf,
        /// The event.
        seq: u64,
        /// The last one there.
        head: u64,
    },
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

/// What helps where the disk is full.
pub const MAKE_ROOM: &str =
    "make room on the disk of the launch's directory; a way back, a hold and a severity have a reserve";

impl JournalError {
    /// Whether there may be no room for what is to be written. (Even reading wants some.)
    pub fn wants_room(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } | Self::Closed { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
            ),
            _ => false,
        }
    }

    /// What may help where nothing can be written.
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Gone { .. } => {
                "move it back; where it is lost, end the engine's process and begin anew with `tminus launch --new`"
            }
            Self::Sqlite { path, source } | Self::Closed { path, source } if !self.wants_room() => way_in(path, source),
            _ => MAKE_ROOM,
        }
    }
}

impl Journal {
    /// Opens the journal for writing, or makes it, and reads all that is in it. Every row's hash is verified; an event that
    /// this version doesn't know is an error, because nothing may be appended after what one doesn't understand.
    pub fn open(path: &Path) -> Result<(Journal, Vec<Recorded>), JournalError> {
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
        let (events, hash) = read(&db, path, Seq(1), Seq(u64::MAX >> 1), true)?;
        if let Some(newer) = events.iter().find(|r| r.event.is_newer()) {
            return Err(JournalError::Newer { path: path.to_owned(), seq: newer.seq.0 });
        }
        let head = events.last().map_or(0, |r| r.seq.0);
        Ok((Journal { path: path.to_owned(), db, head, hash, files: files(path) }, events))
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
            hash = chain(&hash, &body);
            head = seq;
            transaction
                .execute(
                    "INSERT INTO event (seq, v, body, hash) VALUES (?1, ?2, ?3, ?4)",
                    params![seq as i64, FORMAT, body, hash],
                )
                .map_err(wrong)?;
        }
        transaction.commit().map_err(wrong)?;
        (self.head, self.hash) = (head, hash);
        Ok(())
    }
}

/// The journal, open for reading beside its writer.
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

    /// Events of a range, both ends included. An event of a newer version
    /// is [`Event::Unknown`](crate::core::event::Event::Unknown).
    pub fn events(&self, from: Seq, to: Seq) -> Result<Vec<Recorded>, JournalError> {
        Ok(read(&self.db, &self.path, from, to, false)?.0)
    }

    /// Whether the launch was ended, without reading all that happened: those who look for a live launch look at all.
    pub fn is_over(&self) -> Result<bool, JournalError> {
        // Quotes within a text are escaped, so that no text looks like this. Few notes follow an end.
        let over = "SELECT EXISTS (SELECT 1 FROM (SELECT body FROM event ORDER BY seq DESC LIMIT 1000)
                    WHERE instr(body, '\"event\":{\"type\":\"ended\"') > 0)";
        self.db.query_row(over, [], |row| row.get(0)).map_err(|source| closed(&self.path, source))
    }

    /// All events, with every hash verified.
    pub fn verified(&self) -> Result<Vec<Recorded>, JournalError> {
        Ok(read(&self.db, &self.path, Seq(1), Seq(u64::MAX >> 1), true)?.0)
    }
}

fn read(
    db: &Connection,
    path: &Path,
    from: Seq,
    to: Seq,
    verify: bool,
) -> Result<(Vec<Recorded>, Vec<u8>), JournalError> {
    let wrong = |source| closed(path, source);
    let mut select =
        db.prepare("SELECT seq, body, hash, v FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq").map_err(wrong)?;
    let bound = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
    let mut rows = select.query([bound(from), bound(to)]).map_err(wrong)?;
    let (mut events, mut before, mut next) = (Vec::new(), Vec::new(), from.0);
    while let Some(row) = rows.next().map_err(wrong)? {
        let seq: i64 = row.get(0).map_err(wrong)?;
        let body: String = row.get(1).map_err(wrong)?;
        let hash: Vec<u8> = row.get(2).map_err(wrong)?;
        let seq = seq.unsigned_abs();
        if row.get::<_, i64>(3).map_err(wrong)? > FORMAT {
            return Err(JournalError::Newer { path: path.to_owned(), seq });
        }
        let changed = || JournalError::Changed { path: path.to_owned(), seq };
        if verify && (seq != next || chain(&before, &body) != hash) {
            return Err(changed());
        }
        events.push(serde_json::from_str(&body).map_err(|source| JournalError::Json {
            path: path.to_owned(),
            seq,
            source,
        })?);
        (before, next) = (hash, seq + 1);
    }
    Ok((events, before))
}

/// Which files are at the paths of a journal.
fn files(path: &Path) -> [Option<(u64, u64)>; 2] {
    use std::os::unix::fs::MetadataExt as _;
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    [path.as_os_str(), wal.as_os_str()].map(|path| std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino())))
}

fn closed(path: &Path, source: rusqlite::Error) -> JournalError {
    let path = path.to_owned();
    match source.sqlite_error() {
        // 1: there is no such table.
        Some(e) if e.extended_code == 1 => JournalError::Damaged { path, source },
        Some(e) if matches!(e.code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            JournalError::Damaged { path, source }
        }
        Some(_) => JournalError::Closed { path, source },
        // A column is not what we write.
        None => JournalError::Damaged { path, source },
    }
}

/// What may help one whose journal can't be opened.
fn way_in(path: &Path, source: &rusqlite::Error) -> &'static str {
    if path.is_dir() {
        return "this is a directory: put the journal's file in its place, or begin anew with `tminus launch --new`";
    }
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds it: end that one",
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => "make room on the disk, or look whether it fails",
        _ => "it and its directory must be there, and be yours to write",
    }
}

fn chain(before: &[u8], body: &str) -> Vec<u8> {
    Sha256::new().chain_update(before).chain_update(body).finalize().to_vec()
}

/// For its owner alone; SQLite gives its side files the same rights.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Event;
    use crate::core::order::Operator;
    use crate::core::time::Timestamp;

    fn note(seq: u64) -> Recorded {
        let by = Operator { name: "ana".into(), declared: false, session: 1 };
        let event = Event::Noted { by, text: format!("note {seq} ●") };
        Recorded { seq: Seq(seq), at: Timestamp(seq as i64), order: None, event }
    }

    #[test]
    fn what_was_appended_is_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let (mut journal, events) = Journal::open(&path).unwrap();
        assert!(events.is_empty());
        journal.append(&[note(1), note(2)]).unwrap();
        let reader = Reader::open(&path).unwrap();
        journal.append(&[note(3)]).unwrap();
        assert_eq!(reader.events(Seq(2), Seq(3)).unwrap(), [note(2), note(3)]);
        drop(journal);
        let (mut journal, events) = Journal::open(&path).unwrap();
        assert_eq!(events, [note(1), note(2), note(3)]);
        assert!(matches!(journal.append(&[note(3)]), Err(JournalError::OutOfOrder { seq: 3, head: 3, .. })));
        journal.append(&[note(4)]).unwrap();
        assert_eq!(reader.verified().unwrap().len(), 4);
    }

    #[test]
    fn a_changed_row_and_a_missing_one_are_noticed() {
        for change in [
            "UPDATE event SET body = replace(body, 'note 2', 'note 7') WHERE seq = 2",
            "DELETE FROM event WHERE seq = 2",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("journal.db");
            let (mut journal, _) = Journal::open(&path).unwrap();
            journal.append(&[note(1), note(2), note(3)]).unwrap();
            drop(journal);
            assert_eq!(Connection::open(&path).unwrap().execute(change, []).unwrap(), 1);
            assert!(matches!(Journal::open(&path), Err(JournalError::Changed { .. })), "{change}");
        }
    }

    #[test]
    fn an_end_is_seen_without_reading_all_and_no_note_looks_like_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let (mut journal, _) = Journal::open(&path).unwrap();
        let over = || Reader::open(&path).unwrap().is_over().unwrap();
        let by = Operator { name: "ana".into(), declared: false, session: 1 };
        let said = Event::Noted { by: by.clone(), text: r#""event":{"type":"ended""#.into() };
        journal.append(&[note(1), Recorded { event: said, ..note(2) }]).unwrap();
        assert!(!over());
        let ended = Event::Ended { by, why: "done".into() };
        journal.append(&[Recorded { event: ended, ..note(3) }, note(4)]).unwrap();
        assert!(over());
    }

    #[test]
    fn nothing_goes_into_a_file_that_is_no_longer_at_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[note(1)]).unwrap();
        for name in ["journal.db", "journal.db-wal"] {
            let (file, aside) = (dir.path().join(name), dir.path().join("aside"));
            std::fs::rename(&file, &aside).unwrap();
            assert!(matches!(journal.append(&[note(2)]), Err(JournalError::Gone { .. })), "{name}");
            std::fs::copy(&aside, &file).unwrap();
            assert!(matches!(journal.append(&[note(2)]), Err(JournalError::Gone { .. })), "{name}");
            std::fs::rename(&aside, &file).unwrap();
        }
        journal.append(&[note(2)]).unwrap();
        assert_eq!(Reader::open(&path).unwrap().verified().unwrap().len(), 2);
    }

    #[test]
    fn nothing_follows_an_event_of_a_newer_version() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[Recorded { event: Event::Unknown, ..note(1) }]).unwrap();
        drop(journal);
        assert!(matches!(Journal::open(&path), Err(JournalError::Newer { seq: 1, .. })));
        assert_eq!(Reader::open(&path).unwrap().events(Seq(1), Seq(9)).unwrap()[0].event, Event::Unknown);
    }
}
