//! One engine a launch: it holds the file `lock`, in which its process and version stand for people, and the launch's
//! directory itself, which nobody can tidy away from under it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::open::{OpenError, io_error};
use crate::paths;
use crate::wire::connect::reach;

/// Held while this process is the launch's engine.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// None on a file system that locks no directories.
    _dir: Option<File>,
}

/// The lock of a launch; none where another engine has it.
pub(super) fn lock(dir: &Path) -> Result<Option<Lock>, OpenError> {
    let whole = File::open(dir).map_err(io_error(dir))?;
    let held = match whole.try_lock() {
        Ok(()) => Some(whole),
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(_)) => None,
    };
    let path = paths::lock(dir);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = open.map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { file, _dir: held })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(io_error(&path)(e)),
    }
}

impl Lock {
    /// Writes into it who holds it. Over what stood there: on a full disk there may be no room for it again once it is
    /// given back.
    pub(super) fn sign(&self) {
        let mut file = &self.file;
        let text = format!("{} {}\n", std::process::id(), env!("CARGO_PKG_VERSION"));
        if let Err(e) = file.write_all(text.as_bytes()).and_then(|()| file.set_len(text.len() as u64)) {
            tracing::warn!("the lock can't be signed: {e}");
        }
    }
}

/// The process of the engine that has a launch; none where none has, and where nobody knows.
pub fn holder(dir: &Path) -> Option<i32> {
    match File::open(dir).ok()?.try_lock() {
        Err(TryLockError::WouldBlock) => {}
        // An older version holds the file alone.
        Ok(()) | Err(TryLockError::Error(_)) => match File::open(paths::lock(dir)).ok()?.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            _ => return None,
        },
    }
    let signed = fs::read_to_string(paths::lock(dir)).ok();
    let signed = signed.and_then(|text| text.split_whitespace().next()?.parse().ok());
    signed.or_else(|| listener(dir))
}

/// Whose the socket is.
fn listener(dir: &Path) -> Option<i32> {
    let socket = reach(&paths::socket(dir), |path| UnixStream::connect(path)).ok()?;
    Some(rustix::net::sockopt::socket_peercred(&socket).ok()?.pid.as_raw_nonzero().get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_engine_has_a_launch_also_where_its_lock_is_tidied_away() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(holder(dir.path()), None);
        let first = lock(dir.path()).unwrap().unwrap();
        first.sign();
        let me = i32::try_from(std::process::id()).unwrap();
        assert!(lock(dir.path()).unwrap().is_none());
        assert_eq!(holder(dir.path()), Some(me));
        fs::remove_file(paths::lock(dir.path())).unwrap();
        assert!(lock(dir.path()).unwrap().is_none(), "the directory is held");
        drop(first);
        assert_eq!(holder(dir.path()), None);
        // An engine of an older version holds the file alone.
        let file = File::create(paths::lock(dir.path())).unwrap();
        file.try_lock().unwrap();
        (&file).write_all(b"4711 0.0.9\n").unwrap();
        assert!(lock(dir.path()).unwrap().is_none());
        assert_eq!(holder(dir.path()), Some(4711));
    }
}
