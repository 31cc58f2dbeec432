//! The history of signals, in SQLite: raw readings of the last hours, a row a minute after that for 48 hours, a row each
//! 15 minutes for ever. It is no part of the truth: a file that can't be read is put aside and begun anew.

use std::path::{Path, PathBuf};

use crate::core::ids::SignalId;
use crate::core::reading::Poll;
use crate::core::time::{Span, Timestamp};
use crate::wire::message::Series;

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

/// The history, open for writing. The engine is its only writer.
#[derive(Debug)]
pub struct History {}

impl History {
    /// Opens the history, or makes it. `horizon` is how long raw readings are kept: one hour at least. A file that can't
    /// be read is renamed; then the text says so.
    pub fn open(_path: &Path, _horizon: Span) -> Result<(History, Option<String>), ReadingsError> {
        unimplemented!()
    }

    /// Takes a poll into the buffer.
    pub fn add(&mut self, _poll: &Poll) {
        unimplemented!()
    }

    /// Writes what was added since the last time, in one transaction, and lets go of what is too old. To be called
    /// every few seconds and at the end. What could not be written stays in the buffer, up to a bound.
    pub fn flush(&mut self, _now: Timestamp) -> Result<(), ReadingsError> {
        unimplemented!()
    }

    /// The raw polls since a moment that are still there, in order, to rebuild the signals after a restart.
    pub fn since(&self, _from: Timestamp) -> Result<Vec<Poll>, ReadingsError> {
        unimplemented!()
    }
}

/// The history, open for reading beside its writer.
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// Opens a history that is there.
    pub fn open(_path: &Path) -> Result<Self, ReadingsError> {
        unimplemented!()
    }

    /// The past of a signal in `buckets` buckets of equal length: raw where that is there, else minutes, else quarters
    /// of an hour. A bucket without a measured number is none.
    pub fn history(
        &self,
        _signal: &SignalId,
        _from: Timestamp,
        _to: Timestamp,
        _buckets: u16,
    ) -> Result<Series, ReadingsError> {
        unimplemented!()
    }
}
