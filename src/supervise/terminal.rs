//! The terminal of a command with input: what a person types is never shown by it, so that it is not written down; and
//! whether the command asked for that itself, as for a password, can be told.
//!
//! A terminal that shows nothing because its echo is off looks like one whose command turned it off. So its echo stays on,
//! and `EXTPROC` says that whoever holds the other end shows what is typed: the kernel shows nothing.

use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::pty::ptsname;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// The terminal's name, beside the output.
const NAME: &str = "tty";

/// Lets the terminal show nothing of what is typed.
pub(super) fn keep_quiet(terminal: impl AsFd) -> io::Result<()> {
    let mut modes = tcgetattr(&terminal)?;
    modes.local_modes.insert(LocalModes::EXTPROC);
    Ok(tcsetattr(&terminal, OptionalActions::Now, &modes)?)
}

/// Notes which terminal it is.
pub(super) fn note(dir: &Path, master: impl AsFd) -> io::Result<()> {
    let name: CString = ptsname(master, Vec::new())?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(dir.join(NAME))?;
    file.write_all(name.as_bytes())
}

/// Before a line is typed into it: a command may have set all modes anew. True where the line's end is to be shown, since
/// the command would have its echo.
pub(super) fn before_a_line(master: impl AsFd) -> bool {
    let Ok(modes) = tcgetattr(&master) else { return false };
    if !modes.local_modes.contains(LocalModes::EXTPROC) {
        let _ = keep_quiet(&master);
    }
    modes.local_modes.contains(LocalModes::ECHO)
}

/// Whether the command turned the echo off: what it asks for is not to be seen. False where that can't be told.
pub(super) fn hides(dir: &Path) -> bool {
    let hidden = || -> io::Result<bool> {
        let name = fs::read(dir.join(NAME))?;
        let flags = (OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK).bits().cast_signed();
        let terminal = OpenOptions::new().read(true).custom_flags(flags).open(std::ffi::OsStr::from_bytes(&name))?;
        Ok(!tcgetattr(&terminal)?.local_modes.contains(LocalModes::ECHO))
    };
    hidden().unwrap_or(false)
}
