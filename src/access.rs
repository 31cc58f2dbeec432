//! Who else could change what the engine trusts: a directory that is not ours alone, a plan file that others can write.
//! Asked where a launch is made or taken up and where a changed plan is taken in; a bare fact of the file system, and no
//! part of the rules.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What others may do with a file or directory, by its mode.
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// In such a directory nobody moves or removes what is not theirs.
const STICKY: u32 = 0o1000;

/// Who else could change something, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}; {out}")]
pub struct Shared {
    /// The file or directory.
    pub path: PathBuf,
    /// Who can, or could have.
    pub why: String,
    /// The way out, an imperative.
    pub out: String,
}

/// Whether the directory of all launches is a directory of our own in which nobody else can put or move things.
///
/// # Errors
/// It is a symbolic link, belongs to somebody else, or others can write into it.
pub fn root(dir: &Path) -> io::Result<Result<(), Shared>> {
    let about = fs::symlink_metadata(dir)?;
    let shared = |why: String, out: String| Err(Shared { path: dir.to_owned(), why, out });
    if about.is_symlink() {
        let to = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        let out = format!("launches are kept in a directory itself: set TMINUS_STATE={}", to.display());
        return Ok(shared("this is a symbolic link, which could lead elsewhere tomorrow".to_owned(), out));
    }
    let own = rustix::process::geteuid().as_raw();
    if about.uid() != own {
        let why = format!("it belongs to user {}, and you are user {own}", about.uid());
        return Ok(shared(why, "set TMINUS_STATE to a directory of your own".to_owned()));
    }
    if about.mode() & OTHERS_WRITE != 0 && about.mode() & STICKY == 0 || by_group(&about) {
        let why = format!("others can write into it (mode {:04o})", about.mode() & 0o7777);
        return Ok(shared(why, format!("`chmod go-w {}`", dir.display())));
    }
    Ok(Ok(()))
}

/// The same of the directory of one launch, which nobody else may even read: where it can be read, as after `cp -r`, it is
/// closed.
///
/// # Errors
/// As of [`root`]; or it can't be closed.
pub fn launch(dir: &Path) -> io::Result<Result<(), Shared>> {
    if let Err(shared) = root(dir)? {
        return Ok(Err(shared));
    }
    let about = fs::symlink_metadata(dir)?;
    if about.mode() & 0o077 != 0 {
        fs::set_permissions(dir, Permissions::from_mode(0o700))?;
    }
    Ok(Ok(()))
}

/// Whether nobody else can write a plan file, nor put another in its place. What commands a launch runs is in it. Who is
/// root may launch anybody's, as in a container.
///
/// # Errors
/// Others can, or it belongs to somebody else.
pub fn plan(file: &Path) -> io::Result<Result<(), Shared>> {
    let file = fs::canonicalize(file)?;
    let shared = |path: &Path, why: String, out: String| Err(Shared { path: path.to_owned(), why, out });
    let (about, own) = (fs::metadata(&file)?, rustix::process::geteuid().as_raw());
    let theirs = |about: &Metadata| own != 0 && about.uid() != own && about.uid() != 0;
    let others = |about: &Metadata| about.mode() & OTHERS_WRITE != 0 || by_group(about);
    let mode = |about: &Metadata| format!("{:04o}", about.mode() & 0o7777);
    if theirs(&about) {
        let why = format!("this plan belongs to user {}, who could change what a launch runs as you", about.uid());
        return Ok(shared(&file, why, "launch a copy of your own".to_owned()));
    }
    if others(&about) {
        let why = format!("others can write this plan (mode {}), and with it what a launch runs as you", mode(&about));
        let out = format!("look what is in it, then `chmod go-w {}`", file.display());
        return Ok(shared(&file, why, out));
    }
    let Some(dir) = file.parent() else { return Ok(Ok(())) };
    let about = fs::metadata(dir)?;
    if about.mode() & STICKY == 0 && others(&about) {
        let why = format!("others can put another plan in this one's place: its directory has mode {}", mode(&about));
        return Ok(shared(&file, why, format!("`chmod go-w {}`, or launch a copy elsewhere", dir.display())));
    }
    Ok(Ok(()))
}

/// Others are in a group that can write. A person's own group, which many systems make with the user, has their number.
fn by_group(about: &Metadata) -> bool {
    about.mode() & GROUP_WRITES != 0 && about.gid() != about.uid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// A group that is nobody's own where the test is root; elsewhere the group can't be changed.
    fn for_a_group(path: &Path) -> bool {
        std::os::unix::fs::chown(path, None, Some(12345)).is_ok()
    }

    #[test]
    fn the_directory_of_all_launches_is_ours_and_nobody_else_writes_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        fs::create_dir(&state).unwrap();
        let said = |path: &Path| root(path).unwrap().map_err(|e| e.to_string());
        for (mode, fine) in [(0o700, true), (0o755, true), (0o777, false), (0o1777, true), (0o775, true)] {
            with_mode(&state, mode);
            assert_eq!(said(&state).is_ok(), fine, "{mode:o}: {:?}", said(&state));
        }
        with_mode(&state, 0o777);
        let path = state.display();
        assert_eq!(said(&state), Err(format!("{path}: others can write into it (mode 0777); `chmod go-w {path}`")));
        with_mode(&state, 0o775);
        if for_a_group(&state) {
            assert!(said(&state).unwrap_err().contains("(mode 0775)"));
        }
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&state, &link).unwrap();
        let told = said(&link).unwrap_err();
        assert!(told.contains("symbolic link") && told.ends_with(&format!("TMINUS_STATE={path}")), "{told}");
        if std::os::unix::fs::chown(&state, Some(12345), None).is_ok() {
            assert!(said(&state).unwrap_err().contains("it belongs to user 12345, and you are user "));
        }
    }

    #[test]
    fn a_launchs_directory_that_can_be_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        with_mode(dir.path(), 0o755);
        launch(dir.path()).unwrap().unwrap();
        assert_eq!(fs::metadata(dir.path()).unwrap().mode() & 0o777, 0o700);
        with_mode(dir.path(), 0o777);
        assert!(launch(dir.path()).unwrap().is_err(), "who could write into it may have");
    }

    #[test]
    fn a_plan_that_others_can_write_or_replace_is_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.toml");
        fs::write(&file, "").unwrap();
        let said = |path: &Path| plan(path).unwrap().map_err(|e| e.to_string());
        for (mode, of_dir, fine) in [
            (0o600, 0o700, true),
            (0o644, 0o755, true),
            (0o664, 0o775, true),
            (0o646, 0o755, false),
            (0o644, 0o777, false),
            (0o644, 0o1777, true),
            (0o666, 0o1777, false),
        ] {
            with_mode(&file, mode);
            with_mode(dir.path(), of_dir);
            assert_eq!(said(&file).is_ok(), fine, "{mode:o} in {of_dir:o}: {:?}", said(&file));
        }
        let told = said(&file).unwrap_err();
        let path = fs::canonicalize(&file).unwrap().display().to_string();
        assert!(told.contains("(mode 0666)") && told.ends_with(&format!("`chmod go-w {path}`")), "{told}");
        with_mode(&file, 0o664);
        if for_a_group(&file) {
            assert!(said(&file).unwrap_err().contains("(mode 0664)"));
        }
        with_mode(&file, 0o644);
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(said(&link), Ok(()), "what it leads to counts");
    }
}
