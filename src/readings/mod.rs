//! The history of signals, in SQLite: the raw polls of the last hours, a row a minute for 48 hours, a row each quarter of
//! an hour after that. It is no part of the truth, and never costs a launch: a file that can't be read is put aside and
//! begun anew, and where none can be made the history is kept in memory. The engine is the only writer.
//!
//! The file has an end. A row takes about 90 bytes. Minutes: 2,940 rows a signal, 0.27 MB. Quarters: 90 days, 8,640 rows or
//! 0.8 MB a signal, and 1,000,000 rows or 90 MB of all, so that above 115 signals fewer days are kept; of 4096 signals, of
//! which no more are written, two and a half. Raw polls: an hour, or twice the longest clock of the plan, of time
//! that an engine ran; a poll of one probe has 64 instances at most.

mod bucket;
mod store;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use crate::core::ids::SignalId;
use crate::core::reading::{Outcome, Poll};
use crate::core::time::{Span, Timestamp};
use crate::wire::message::Series;
use bucket::{Buckets, Row};
use store::{MINUTE, QUARTER, QUARTERS, WAIT};

/// Raw polls are kept at least this long.
const RAW: Span = Span::mins(60);

/// Polls that wait to be written while the disk is full; older ones are let go of.
const WAITING: usize = 50_000;

/// More signals than this are no longer written: production makes names as it likes.
const SIGNALS: usize = 4096;

/// What is too old is let go of this often.
const TIDY: Span = Span::mins(1);

/// Why the history can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadingsError {
    /// SQLite or the disk says no.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rusqlite::Error,
    },
}

/// The history, open for writing.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    db: Connection,
    keep: Span,
    waiting: VecDeque<Poll>,
    tidied: Timestamp,
    /// At most so many rows of quarters.
    quarters: i64,
    /// Ids of probes and signals in the file.
    names: BTreeMap<String, i64>,
}

impl History {
    /// Opens the history, or makes it. `horizon` is how long raw polls are kept; it is one hour at least. The text says
    /// what was wrong with the file that was there.
    pub fn open(path: &Path, horizon: Span) -> Result<(History, Option<String>), ReadingsError> {
        let wrong = |source| ReadingsError::Sqlite { path: path.to_owned(), source };
        let (db, said) = store::open(path).map_err(wrong)?;
        let mut history = History {
            path: path.to_owned(),
            db,
            keep: horizon.max(RAW),
            waiting: VecDeque::new(),
            tidied: Timestamp::default(),
            quarters: QUARTERS,
            names: BTreeMap::new(),
        };
        history.names = store::names(&history.db).map_err(wrong)?;
        Ok((history, said))
    }

    /// Keeps raw polls for another time, as a changed plan wants it.
    pub fn keep(&mut self, horizon: Span) {
        self.keep = horizon.max(RAW);
    }

    /// Takes a poll into the buffer.
    pub fn add(&mut self, poll: &Poll) {
        if self.waiting.len() >= WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(poll.clone());
    }

    /// Writes what was added since the last time, in one transaction, and lets go of what is too old. To be called
    /// every few seconds and at the end. What could not be written is written the next time.
    pub fn flush(&mut self, now: Timestamp) -> Result<(), ReadingsError> {
        match self.write(now) {
            Ok(()) => {
                self.waiting.clear();
                Ok(())
            }
            Err(source) => {
                // Names of a transaction that did not happen.
                self.names = store::names(&self.db).unwrap_or_default();
                if store::is_broken(&source)
                    && let Ok((db, said)) = store::begin_anew(&self.path, &source)
                {
                    tracing::warn!("{said}");
                    (self.db, self.names) = (db, BTreeMap::new());
                }
                Err(ReadingsError::Sqlite { path: self.path.clone(), source })
            }
        }
    }

    /// The raw polls since a moment that are still there, in order of time, to rebuild the signals after a restart. What
    /// can't be read is left out.
    pub fn since(&self, from: Timestamp) -> Result<Vec<Poll>, ReadingsError> {
        let mut polls = Vec::new();
        if let Err(e) = store::polls(&self.db, from, |poll| polls.push(poll)) {
            tracing::warn!("{}: the past can't be read: {e}", self.path.display());
        }
        polls.sort_by_key(|p: &Poll| p.at);
        polls.extend(self.waiting.iter().filter(|p| p.at >= from).cloned());
        Ok(polls)
    }

    fn write(&mut self, now: Timestamp) -> rusqlite::Result<()> {
        if self.waiting.is_empty() && now.since(self.tidied) < TIDY {
            return Ok(());
        }
        let transaction = self.db.transaction()?;
        let mut rows: BTreeMap<(Span, i64, i64), Row> = BTreeMap::new();
        {
            let mut insert =
                transaction.prepare("INSERT OR REPLACE INTO poll (probe, at, took, points) VALUES (?1, ?2, ?3, ?4)")?;
            for poll in &self.waiting {
                let Some(probe) = store::id(&transaction, &mut self.names, poll.probe.as_str())? else { continue };
                let text = serde_json::to_string(&poll.points).unwrap_or_default();
                insert.execute(params![probe, poll.at.millis(), poll.took_ms, text])?;
                for point in poll.points.iter().flatten() {
                    let Some(value) = number(&point.outcome) else { continue };
                    let (probe, instance) = (poll.probe.clone(), point.instance.clone());
                    let name = SignalId { probe, instance, measure: point.measure.clone() }.to_string();
                    let Some(signal) = store::id(&transaction, &mut self.names, &name)? else { continue };
                    for length in [MINUTE, QUARTER] {
                        let begin = poll.at.millis() - poll.at.millis().rem_euclid(length.millis());
                        let row = rows.entry((length, signal, begin));
                        row.and_modify(|r| r.add(value)).or_insert_with(|| Row::of(value));
                    }
                }
            }
            for ((length, signal, begin), row) in rows {
                store::merge(&transaction, length, signal, begin, row)?;
            }
        }
        let tidy = now.since(self.tidied) >= TIDY;
        if tidy {
            store::tidy(&transaction, now, self.keep, self.names.len(), self.quarters)?;
        }
        transaction.commit()?;
        if tidy {
            self.tidied = now;
        }
        Ok(())
    }
}

/// What an outcome is in a chart: a number of which only the least is known is that, and a failing thing is at zero, which is not the same as nothing known.
fn number(outcome: &Outcome) -> Option<f64> {
    match outcome {
        Outcome::Value(v) | Outcome::AtLeast(v) => Some(v.get()),
        Outcome::Failing(_) => Some(0.0),
        Outcome::Text(_) | Outcome::NoData(_) | Outcome::Few(_) | Outcome::CutOff(_) => None,
    }
}

/// The history, open for reading beside its writer.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    db: Connection,
}

impl Reader {
    /// Opens a history that is there.
    pub fn open(path: &Path) -> Result<Self, ReadingsError> {
        let wrong = |source| ReadingsError::Sqlite { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(wrong)?;
        db.busy_timeout(WAIT).map_err(wrong)?;
        Ok(Self { path: path.to_owned(), db })
    }

    /// The raw polls that are there, in order of time.
    pub fn polls(&self) -> Result<Vec<Poll>, ReadingsError> {
        let mut polls = Vec::new();
        store::polls(&self.db, Timestamp::default(), |poll| polls.push(poll))
            .map_err(|source| ReadingsError::Sqlite { path: self.path.clone(), source })?;
        polls.sort_by_key(|p: &Poll| p.at);
        Ok(polls)
    }

    /// The past of a signal in `buckets` buckets of equal length, 1 at least: from raw polls where they are there and
    /// finer ones are asked for, else from minutes, else from quarters of an hour. A bucket without a number is none; a
    /// thing that was failing is at zero.
    pub fn history(
        &self,
        signal: &SignalId,
        from: Timestamp,
        to: Timestamp,
        buckets: u16,
    ) -> Result<Series, ReadingsError> {
        let mut into = Buckets::new(from, to, buckets);
        self.fill(signal, &mut into).map_err(|source| ReadingsError::Sqlite { path: self.path.clone(), source })?;
        Ok(Series { signal: signal.clone(), from, bucket: into.length(), values: into.values() })
    }

    fn fill(&self, signal: &SignalId, into: &mut Buckets) -> rusqlite::Result<()> {
        let Some(id) = store::known(&self.db, &signal.to_string())? else { return Ok(()) };
        let probe = store::known(&self.db, signal.probe.as_str())?;
        let (from, to) = into.range();
        // Each source is used from its first whole row on; before that the next coarser one, where that goes further back.
        // Where it does not, nothing was measured before, and a coarse row must not be drawn over that time.
        let quarters = store::first(&self.db, QUARTER, id)?;
        let first_minute = store::first(&self.db, MINUTE, id)?;
        let (minutes, quarters_end) = first_minute.map_or((to, to), |at| begin(at, QUARTER, quarters));
        let (raw, minutes_end) = match probe {
            Some(probe) if into.length() < MINUTE => {
                store::first_poll(&self.db, probe)?.map_or((to, to), |at| begin(at, MINUTE, first_minute))
            }
            _ => (to, to),
        };
        let quarters_end = quarters_end.min(raw).min(to);
        store::rows(&self.db, QUARTER, id, from, quarters_end, |at, row| into.add(at, QUARTER, row))?;
        let minutes = from.max(minutes.min(raw));
        store::rows(&self.db, MINUTE, id, minutes, minutes_end.min(to), |at, row| into.add(at, MINUTE, row))?;
        if let Some(probe) = probe {
            store::poll_points(&self.db, probe, from.max(raw), to, |at, points| {
                let mine =
                    |p: &&crate::core::reading::Point| p.instance == signal.instance && p.measure == signal.measure;
                let values = points.iter().filter(mine).filter_map(|p| number(&p.outcome));
                values.for_each(|value| into.add(at, Span(1), Row::of(value)));
            })?;
        }
        Ok(())
    }
}

/// From when on a source whose first row is `at` is used, and until when the coarser one, whose rows of `length` go back
/// to `coarser`.
fn begin(at: Timestamp, length: Span, coarser: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let row = round_up(at + Span(1), length) - length;
    if coarser.is_none_or(|first| first >= row) { (at, row) } else { (round_up(at, length), round_up(at, length)) }
}

fn round_up(at: Timestamp, length: Span) -> Timestamp {
    at + Span((-at.millis()).rem_euclid(length.millis()))
}

#[cfg(test)]
mod tests;
