//! The claim on a run: a file that one process makes, once, and holds locked for as long as it lives.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What a claim says that no supervisor holds.
const VOID: &str = "void\n";

/// How a claim stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// There is none.
    None,
    /// It is held by this process.
    Held(u32),
    /// The process that held it is gone.
    Left,
    /// It was made so that nobody can make another.
    Void,
}

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("claim")
}

/// Claims for this process. None where there is a claim already. The claim holds until the file is closed.
pub(super) fn take(dir: &Path) -> io::Result<Option<File>> {
    let (name, mut file) = private(dir)?;
    file.write_all(format!("{}\n", std::process::id()).as_bytes())?;
    file.sync_all()?;
    // Locked first, then shown: there is no moment at which the claim is there and not held.
    file.lock()?;
    Ok(show(dir, &name)?.then_some(file))
}

/// Makes a claim that nobody holds. False where there is a claim already.
pub(super) fn make_void(dir: &Path) -> io::Result<bool> {
    let (name, mut file) = private(dir)?;
    file.write_all(VOID.as_bytes())?;
    file.sync_all()?;
    show(dir, &name)
}

fn private(dir: &Path) -> io::Result<(PathBuf, File)> {
    let name = dir.join(format!("claim.{}", std::process::id()));
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&name)?;
    Ok((name, file))
}

fn show(dir: &Path, name: &Path) -> io::Result<bool> {
    let linked = fs::hard_link(name, path(dir));
    let _ = fs::remove_file(name);
    match linked {
        Ok(()) => File::open(dir).and_then(|d| d.sync_all()).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e),
    }
}

/// How the claim on a run stands.
pub(super) fn standing(dir: &Path) -> io::Result<Standing> {
    let mut file = match File::open(path(dir)) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Standing::None),
        Err(e) => return Err(e),
    };
    let mut text = String::new();
    (&mut file).take(64).read_to_string(&mut text)?;
    if text == VOID {
        return Ok(Standing::Void);
    }
    match file.try_lock_shared() {
        Ok(()) => Ok(Standing::Left),
        Err(TryLockError::WouldBlock) => {
            let pid =
                text.trim().parse().map_err(|_| io::Error::other(format!("`{}` names no process", text.trim())))?;
            Ok(Standing::Held(pid))
        }
        Err(TryLockError::Error(e)) => Err(e),
    }
}
