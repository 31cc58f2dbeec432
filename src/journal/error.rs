//! Why the journal can't be used, with the path and the way out.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::check::Broken;

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
    /// A file beside it can't be written or moved.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: std::io::Error,
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
    /// It is not what was written, from an event on.
    #[error("{path}: {broken}; {}{}; or put a copy in its place, or begin anew with `tminus launch --new`", broken.sound(), goes_on(path, broken))]
    Broken {
        /// The file.
        path: PathBuf,
        /// The first event that is not, and how.
        broken: Broken,
    },
    /// An event that this version doesn't know: only a newer one may go on with the launch.
    #[error("{path}: event {seq} was written by a newer tminus: take up this launch with that one")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The event.
        seq: u64,
    },
    /// Events before are kept in memory and must be written first.
    #[error("{path}: what happened from event {seq} on is not written down yet")]
    Late {
        /// The file.
        path: PathBuf,
        /// The first of them.
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

/// What helps where the disk is full.
pub const MAKE_ROOM: &str = "make room on the disk of the launch's directory";

impl JournalError {
    /// Whether there may be no room for what is to be written. (Even reading wants some.)
    pub fn wants_room(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } | Self::Closed { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
            ),
            Self::Late { .. } => true,
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

pub(super) fn closed(path: &Path, source: rusqlite::Error) -> JournalError {
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

/// How to go on with a journal of which some is sound. Its directory has the launch's name.
fn goes_on(path: &Path, broken: &Broken) -> String {
    match path.parent().and_then(Path::file_name) {
        Some(id) if broken.leaves_some() => {
            format!("; `tminus attach {} --sound` goes on after what is sound, and holds", id.display())
        }
        _ => String::new(),
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
