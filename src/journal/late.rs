//! What must happen though the journal can't be written, its reserve included: its events stand here, in a file in memory,
//! as rows that follow the journal's last one, until there is room and they are moved into it. They outlive the engine's
//! process and not the machine; the plan's people are told so, and type a word before it begins.
//!
//! Whoever reads a journal reads these rows behind it. Rows that do not follow its last one are of another journal, and
//! are left alone.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::check::{Row, chain};
use crate::{access, paths};

/// The rows, in the directory that stands for a launch's.
const ROWS: &str = "journal";

/// Which launch the directory is of: the hash of its opening.
const OF: &str = "of";

/// A row as it stands in the file, a line each.
#[derive(Serialize, Deserialize)]
struct Line {
    seq: u64,
    v: i64,
    body: String,
    hash: Vec<u8>,
}

/// Events that are not in the journal yet.
#[derive(Debug)]
pub(super) struct Late {
    file: File,
    path: PathBuf,
    /// All of them.
    pub rows: Vec<Row>,
}

impl Late {
    /// Makes the file anew, for rows of a launch with an opening of this hash.
    pub fn begin(journal: &Path, opening: &[u8]) -> io::Result<Self> {
        let dir = dir(journal);
        if !is_of(&dir, opening) {
            let _ = fs::remove_dir_all(&dir);
        }
        let above = dir.parent().unwrap_or(&dir);
        paths::make(above)?;
        if !is_ours(above) {
            let why = format!("{} is not ours alone: remove it", above.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        paths::make(&dir)?;
        let make = |name| File::options().write(true).create(true).truncate(true).mode(0o600).open(dir.join(name));
        make(OF)?.write_all(opening)?;
        Ok(Self { file: make(ROWS)?, path: dir.join(ROWS), rows: Vec::new() })
    }

    /// Goes on with those that an engine before left.
    pub fn go_on(journal: &Path, rows: Vec<Row>) -> io::Result<Option<Self>> {
        if rows.is_empty() {
            return Ok(None);
        }
        let path = dir(journal).join(ROWS);
        // A line that was torn is no row.
        let whole: String = rows.iter().map(line).collect::<Result<_, _>>()?;
        let file = File::options().append(true).open(&path)?;
        file.set_len(whole.len() as u64)?;
        Ok(Some(Self { file, path, rows }))
    }

    /// Adds rows. After an error none of them is there.
    pub fn add(&mut self, rows: Vec<Row>) -> io::Result<()> {
        let lines: String = rows.iter().map(line).collect::<Result<_, _>>()?;
        let had = self.file.metadata()?.len();
        if let Err(e) = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data()) {
            let _ = self.file.set_len(had);
            return Err(e);
        }
        self.rows.extend(rows);
        Ok(())
    }

    /// They are in the journal now.
    pub fn end(self) {
        if let Err(e) = fs::remove_file(&self.path) {
            tracing::warn!("{}: {e}", self.path.display());
        }
    }
}

/// All rows that are kept beside a journal, to be read before it: they are moved into it, and never out of it.
pub(super) fn read(journal: &Path) -> Vec<Row> {
    let dir = dir(journal);
    if !dir.parent().is_some_and(is_ours) {
        return Vec::new();
    }
    let text = fs::read_to_string(dir.join(ROWS)).unwrap_or_default();
    let all = text.split_inclusive('\n').map_while(|line| line.strip_suffix('\n'));
    let all = all.map_while(|line| serde_json::from_str::<Line>(line).ok());
    all.map(|Line { seq, v, body, hash }| Row { seq, v, body, hash }).collect()
}

/// Those of them that follow the journal's last one; none where they are of another journal.
pub(super) fn following(kept: Vec<Row>, db: &Connection) -> rusqlite::Result<Vec<Row>> {
    if kept.is_empty() {
        return Ok(kept);
    }
    let last = db.query_row("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", [], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, Vec<u8>>(1)?))
    });
    let (last, hash) = match last {
        Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(Vec::new()),
        last => last?,
    };
    let mut rows = kept.into_iter().skip_while(|row| row.seq <= last);
    match rows.next().filter(|row| row.seq == last + 1 && chain(&hash, &row.body) == row.hash) {
        Some(first) => Ok(std::iter::once(first).chain(rows).collect()),
        None => Ok(Vec::new()),
    }
}

/// Removes what is left of another launch that had this one's directory.
pub(super) fn forget_others(journal: &Path, opening: &[u8]) {
    let dir = dir(journal);
    if dir.exists() && !is_of(&dir, opening) && dir.parent().is_some_and(is_ours) {
        let _ = fs::remove_dir_all(dir);
    }
}

fn line(row: &Row) -> Result<String, serde_json::Error> {
    let Row { seq, v, body, hash } = row;
    let line = Line { seq: *seq, v: *v, body: body.clone(), hash: hash.clone() };
    serde_json::to_string(&line).map(|line| line + "\n")
}

/// Where the rows are of a journal.
pub(super) fn dir(journal: &Path) -> PathBuf {
    paths::late(journal.parent().unwrap_or(Path::new("/")))
}

fn is_of(dir: &Path, opening: &[u8]) -> bool {
    fs::read(dir.join(OF)).is_ok_and(|of| of == opening)
}

/// Anyone may make a directory in memory: only one that is ours alone is believed.
fn is_ours(dir: &Path) -> bool {
    access::root(dir).is_ok_and(|shared| shared.is_ok())
}
