//! Whether a journal is what was written into it: every row carries a hash over its text and the hash of the row before, so
//! the first one that is not can be named. The chain proves the order and the text of what is there. It can't prove that
//! nothing followed, nor that nobody wrote all of it anew with fresh hashes: for that it is compared with a [`Head`] that
//! somebody kept elsewhere (the engine's last sign of life, a handover, a report).

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, params};
use sha2::{Digest, Sha256};

use super::FORMAT;
use super::error::{JournalError, closed};
use super::late;
use crate::core::event::{Event, Recorded};
use crate::core::head::Head;
use crate::core::ids::Seq;

/// What a row has.
#[derive(Debug)]
pub(super) struct Row {
    pub seq: u64,
    pub v: i64,
    pub body: String,
    pub hash: Vec<u8>,
}

/// A journal that was read from its first row on, as far as it can be.
#[derive(Debug, Default)]
pub struct Checked {
    /// The events up to the first that is not as it was written.
    pub events: Vec<Recorded>,
    /// The hash of each of them.
    hashes: Vec<Vec<u8>>,
    /// The first that is not; none where all are.
    pub broken: Option<Broken>,
    /// What can be read behind it, of which nothing is sure.
    pub beyond: Vec<Recorded>,
}

/// The first event that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub seq: Seq,
    /// What is wrong with it.
    pub how: How,
}

/// What is wrong with an event in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Its hash is not that of its text after the one before: it was edited, or that one was and got a fresh hash.
    Edited,
    /// It is missing, and all up to this one.
    Removed(Seq),
    /// In its place stands this one.
    Swapped(Seq),
    /// Its page can't be read, and why.
    Unreadable(String),
    /// It is missing, and all after it: somebody knows of a later one.
    Cut(Witness, Seq),
    /// It has another hash than somebody knows of: it or one before was written anew, with fresh hashes.
    Rewritten(Witness),
}

/// Who knows of an event and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// The engine's last sign of life, beside the journal.
    Engine,
    /// A handover or a take-over in the journal itself: this event.
    Shift(Seq),
    /// Whoever gave it, as it stands in a report.
    Given,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine => f.write_str("the engine's last sign of life"),
            Self::Shift(seq) => write!(f, "the handover in event {seq}"),
            Self::Given => f.write_str("the head that was given"),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, how } = self;
        match how {
            How::Edited if seq.0 <= 1 => write!(f, "event {seq} was edited after it was written"),
            How::Edited => {
                write!(
                    f,
                    "event {seq} was edited after it was written, or event {} was and got a fresh hash",
                    seq.0 - 1
                )
            }
            How::Removed(to) if to == seq => write!(f, "event {seq} is missing"),
            How::Removed(to) => write!(f, "events {seq} to {to} are missing"),
            How::Swapped(other) => {
                write!(f, "event {other} stands in the place of event {seq}: they were swapped, or some are missing")
            }
            How::Unreadable(why) => write!(f, "event {seq} can't be read: {why}"),
            How::Cut(who, had) if had == seq => write!(f, "event {seq} is missing: {who} knows of it"),
            How::Cut(who, had) => write!(f, "events {seq} to {had} are missing: {who} knows of event {had}"),
            How::Rewritten(who) => {
                write!(f, "event {seq} is not the one that {who} knows of: it or one before it was written anew")
            }
        }
    }
}

impl Broken {
    /// Whether one can go on after what is sound.
    pub fn leaves_some(&self) -> bool {
        self.seq.0 > 1 && !matches!(self.how, How::Rewritten(_))
    }

    /// What of the journal can be relied on, as a clause.
    pub fn sound(&self) -> String {
        match self.seq.0.saturating_sub(1) {
            _ if matches!(self.how, How::Rewritten(_)) => "what stands before is in doubt".to_owned(),
            0 => "nothing of it is sound".to_owned(),
            1 => "event 1 is sound: `tminus log` tells it".to_owned(),
            last => format!("events 1 to {last} are sound: `tminus log` tells them"),
        }
    }
}

impl How {
    /// What is wrong, in a word for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            How::Edited => "edited",
            How::Removed(_) => "removed",
            How::Swapped(_) => "swapped",
            How::Unreadable(_) => "unreadable",
            How::Cut(..) => "truncated",
            How::Rewritten(_) => "rewritten",
        }
    }
}

impl Checked {
    /// Reads and checks all of it. An error where nothing of it can be read, or it was written by a newer tminus.
    pub(super) fn of(db: &Connection, path: &Path) -> Result<Self, JournalError> {
        let (rows, stopped) = rows(db, path, Seq(1), Seq(u64::MAX >> 1))?;
        let mut checked = Self::default();
        let mut before: &[u8] = &[];
        for (n, row) in rows.iter().enumerate() {
            let seq = Seq(n as u64 + 1);
            if let Some(how) = row.wrong(seq, before) {
                checked.broken = Some(Broken { seq, how });
                checked.beyond = rows.iter().skip(n).filter_map(|row| serde_json::from_str(&row.body).ok()).collect();
                break;
            }
            checked.events.push(row.event(path)?);
            checked.hashes.push(row.hash.clone());
            before = &row.hash;
        }
        let next = Seq(checked.events.len() as u64 + 1);
        if let (Some(source), None) = (stopped, &checked.broken) {
            let busy = matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
            if busy || next == Seq(1) {
                return Err(closed(path, source));
            }
            let why = match source.sqlite_error() {
                Some(_) => source.to_string(),
                None => format!("what stands there is no event ({source})"),
            };
            checked.broken = Some(Broken { seq: next, how: How::Unreadable(why) });
        }
        let told = checked.events.iter().filter_map(|r| Some((r.seq, head_in(&r.event)?)));
        let other = told.filter_map(|(seq, head)| checked.differs(head, Witness::Shift(seq))).min_by_key(|b| b.seq);
        if let Some(other) = other {
            checked.broken = Some(other);
        }
        Ok(checked)
    }

    /// Of a file that could be read only with force: nothing is known to follow.
    pub(super) fn ends_with(mut self, source: &rusqlite::Error) -> Self {
        let seq = Seq(self.events.len() as u64 + 1);
        self.broken = self.broken.or_else(|| Some(Broken { seq, how: How::Unreadable(source.to_string()) }));
        self
    }

    /// The last event that is sound; none where there is none.
    pub fn head(&self) -> Option<Head> {
        Some(Head::new(self.events.last()?.seq, self.hashes.last()?))
    }

    /// How this journal differs from what somebody knows of it; none where it has that event as they know it.
    pub fn differs(&self, known: &Head, who: Witness) -> Option<Broken> {
        let at = usize::try_from(known.seq.0).ok().and_then(|n| n.checked_sub(1))?;
        match self.hashes.get(at) {
            Some(hash) if Head::new(known.seq, hash).is(known) => None,
            Some(_) => Some(Broken { seq: known.seq, how: How::Rewritten(who) }),
            None => Some(Broken { seq: Seq(self.hashes.len() as u64 + 1), how: How::Cut(who, known.seq) }),
        }
    }

    /// The same in place: what is known to be wrong already goes before.
    #[must_use]
    pub fn known_by(mut self, known: Option<&Head>, who: Witness) -> Self {
        self.broken = self.broken.take().or_else(|| self.differs(known?, who));
        self
    }

    /// All events; an error where one is not as it was written.
    pub fn whole(self, path: &Path) -> Result<Vec<Recorded>, JournalError> {
        match self.broken {
            Some(broken) => Err(JournalError::Broken { path: path.to_owned(), broken }),
            None => Ok(self.events),
        }
    }

    /// The last event that is sound with the bytes of its hash, for whoever goes on after it.
    pub(super) fn end(&self) -> (u64, Vec<u8>) {
        (self.events.len() as u64, self.hashes.last().cloned().unwrap_or_default())
    }
}

impl Row {
    /// What is wrong with it as the event `seq`, after a row of this hash.
    fn wrong(&self, seq: Seq, before: &[u8]) -> Option<How> {
        if self.seq > seq.0 {
            return Some(How::Removed(Seq(self.seq - 1)));
        }
        let told = serde_json::from_str::<Place>(&self.body).ok().map(|place| place.seq);
        match told.filter(|told| *told != seq) {
            Some(other) => Some(How::Swapped(other)),
            None if chain(before, &self.body) == self.hash => None,
            None => Some(How::Edited),
        }
    }

    /// Puts it into a journal as it is.
    pub fn insert(&self, into: &Connection) -> rusqlite::Result<usize> {
        let Self { seq, v, body, hash } = self;
        let seq = i64::try_from(*seq).unwrap_or(i64::MAX);
        into.execute("INSERT INTO event (seq, v, body, hash) VALUES (?1, ?2, ?3, ?4)", params![seq, v, body, hash])
    }

    pub fn event(&self, path: &Path) -> Result<Recorded, JournalError> {
        let wrong = |source| JournalError::Json { path: path.to_owned(), seq: self.seq, source };
        serde_json::from_str(&self.body).map_err(wrong)
    }
}

/// Where an event says that it stands.
#[derive(serde::Deserialize)]
struct Place {
    seq: Seq,
}

/// What an event says of the journal before it.
fn head_in(event: &Event) -> Option<&Head> {
    match event {
        Event::Shift(fact) => fact.head(),
        _ => None,
    }
}

/// The rows of a range, both ends included, and why there are no more, where they can't be read.
pub(super) fn rows(
    db: &Connection,
    path: &Path,
    from: Seq,
    to: Seq,
) -> Result<(Vec<Row>, Option<rusqlite::Error>), JournalError> {
    let wrong = |source| closed(path, source);
    let kept = late::read(path);
    // What is moved into it meanwhile is seen by both reads or by none.
    let _snapshot = db.unchecked_transaction().map_err(wrong)?;
    let mut select =
        db.prepare("SELECT seq, v, body, hash FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq").map_err(wrong)?;
    let bound = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
    let mut found = select.query([bound(from), bound(to)]).map_err(wrong)?;
    let mut rows = Vec::new();
    loop {
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(source) => return Ok((rows, Some(source))),
        };
        let read = || -> rusqlite::Result<Row> {
            let seq: i64 = row.get(0)?;
            Ok(Row { seq: seq.unsigned_abs(), v: row.get(1)?, body: row.get(2)?, hash: row.get(3)? })
        };
        match read() {
            Ok(row) if row.v > FORMAT => return Err(JournalError::Newer { path: path.to_owned(), seq: row.seq }),
            Ok(row) => rows.push(row),
            Err(source) => return Ok((rows, Some(source))),
        }
    }
    match late::following(kept, db) {
        Ok(late) => rows.extend(late.into_iter().filter(|row| (from.0..=to.0).contains(&row.seq))),
        Err(source) => return Ok((rows, Some(source))),
    }
    Ok((rows, None))
}

/// The hash of a row with this text after one of this hash; nothing is before the first.
pub(super) fn chain(before: &[u8], body: &str) -> Vec<u8> {
    Sha256::new().chain_update(before).chain_update(body).finalize().to_vec()
}
