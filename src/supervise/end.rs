//! The record of a run's end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::core::event::RunEnd;

/// Room that is taken on the disk before the command starts, so that its end can be written when the disk is full.
const ROOM: usize = 1024;

/// How a run ended, and what it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) end: RunEnd,
    /// Processes that the command started live on.
    #[serde(default)]
    pub(super) left_running: bool,
    /// Bytes of output that are not kept.
    #[serde(default)]
    pub(super) dropped: u64,
}

/// A place for the record, on the disk already.
#[derive(Debug)]
pub(super) struct Place(File);

impl Place {
    pub(super) fn make(dir: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(dir.join("end.tmp"))?;
        file.write_all(&[b' '; ROOM])?;
        file.sync_all()?;
        Ok(Self(file))
    }

    /// Writes the record: it is there whole or not at all.
    pub(super) fn write(&self, dir: &Path, end: &End) -> io::Result<()> {
        let mut text = serde_json::to_vec(end)?;
        // Spaces after JSON are no part of it.
        text.resize(text.len().max(ROOM), b' ');
        self.0.write_all_at(&text, 0)?;
        self.0.sync_all()?;
        fs::rename(dir.join("end.tmp"), dir.join("end"))?;
        File::open(dir)?.sync_all()
    }
}

/// The record, where there is one.
pub(super) fn read(dir: &Path) -> io::Result<Option<End>> {
    let path = dir.join("end");
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|e| io::Error::other(format!("{} is no record of an end: {e}", path.display()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}
