//! A copy of a journal as it was found, before anything is done with it: SQLite mends what it can as soon as it may write.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::{JournalError, closed};
use super::{Reader, make};
use crate::core::ids::Seq;

/// Copies the journal's files into a directory under `damaged`, and says which; the same files are copied once. The journal
/// must not be open for writing.
pub fn keep(journal: &Path, damaged: &Path) -> io::Result<PathBuf> {
    let files: Vec<PathBuf> = ["", "-wal"].iter().map(|side| beside(journal, side)).filter(|f| f.exists()).collect();
    let mut hash = Sha256::new();
    for file in &files {
        let mut open = File::open(file)?;
        hash.update(open.metadata()?.len().to_le_bytes());
        let mut piece = vec![0; 64 * 1024];
        loop {
            match open.read(&mut piece)? {
                0 => break,
                n => hash.update(piece.get(..n).unwrap_or_default()),
            }
        }
    }
    let name: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let dir = damaged.join(name);
    if dir.exists() {
        return Ok(dir);
    }
    // Under another name until it is whole.
    let half = damaged.join("half");
    let _ = fs::remove_dir_all(&half);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&half)?;
    for file in &files {
        let name = file.file_name().ok_or_else(|| io::Error::other("the journal has no name"))?;
        let to = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(half.join(name));
        let mut to = to?;
        io::copy(&mut File::open(file)?, &mut to)?;
        to.flush()?;
        to.sync_all()?;
    }
    fs::rename(&half, &dir)?;
    Ok(dir)
}

/// Leaves of a journal its first events, `last` the last of them, row by row as they are. The journal must not be open, and
/// be kept elsewhere.
pub fn go_back_to_sound(journal: &Path, last: u64) -> Result<(), JournalError> {
    let (half, wrong) = (beside(journal, "-sound"), |source| closed(journal, source));
    let io = |e: io::Error| JournalError::Io { path: half.clone(), source: e };
    let _ = fs::remove_file(&half);
    {
        let rows = Reader::open(journal)?.rows(Seq(last))?;
        let mut sound = make(&half)?;
        let transaction = sound.transaction().map_err(wrong)?;
        for row in &rows {
            row.insert(&transaction).map_err(wrong)?;
        }
        transaction.commit().map_err(wrong)?;
        // All of it is in one file then.
        let mode = sound.query_row("PRAGMA journal_mode=DELETE", [], |row| row.get::<_, String>(0));
        mode.map_err(wrong)?;
    }
    // What is beside the damaged one would be taken for a part of the sound one.
    for side in ["-wal", "-shm"] {
        match fs::remove_file(beside(journal, side)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io(e)),
            _ => {}
        }
    }
    fs::rename(&half, journal).map_err(io)?;
    let dir = journal.parent().unwrap_or(Path::new("/"));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)
}

/// A file beside the journal that SQLite keeps for it.
fn beside(journal: &Path, side: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(side);
    path.into()
}
