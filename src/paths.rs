//! Where a launch lives: one directory each, under the XDG *state* directory (`TMINUS_STATE` overrides), because what is
//! under the runtime directory is removed at the last logout while the engine lives on.
//!
//! ```text
//! STATE/screen.json the tab, the length of charts, the bell, as a person left them
//! STATE/wallet.production.2026-11-21.1/
//!   lock            held by the engine; its process and version
//!   engine.sock     where clients come
//!   plans/          the plan's text, each as it was taken in: HASH.toml
//!   origin.json     where it came from, with --env and --var
//!   secrets.json    salted digests of the secrets
//!   journal.db      what happened
//!   readings.db     what was measured
//!   alive           the last moment at which the engine was seen alive
//!   reserve         given up for a way back when the disk is full
//!   seen.json       when each person's screen was here last
//!   engine.log      what the engine says of itself
//!   runs/RUN/       claim, output, end of each command
//!   damaged/…/      the journal as it was found, where it was not as it was written
//! /dev/shm/tminus-UID/wallet.production.2026-11-21.1.HASH/
//!   journal, runs/  of a way back that went though nothing could be written down, until there is room
//! ```

use std::fs::{self, DirBuilder};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::core::ids::{LaunchId, RunId};

/// The directory of all launches.
pub fn state() -> io::Result<PathBuf> {
    if let Some(dir) = std::env::var_os("TMINUS_STATE").filter(|d| !d.is_empty()) {
        return std::path::absolute(dir);
    }
    let dirs = directories::ProjectDirs::from("", "", "tminus");
    let dir = dirs.as_ref().and_then(|d| d.state_dir()).map(Path::to_owned);
    dir.ok_or_else(|| io::Error::other("there is no home directory for the state: set TMINUS_STATE"))
}

/// Where a person's own themes are: `$XDG_CONFIG_HOME/tminus/themes`. Only ever read.
pub fn themes() -> Option<PathBuf> {
    Some(config()?.join("themes"))
}

/// The person's own keys; the file need not be there.
pub fn keys() -> Option<PathBuf> {
    Some(config()?.join("keys.toml"))
}

/// The largest file of a person's own that is read, in bytes.
pub const MAX_OWN: u64 = 1 << 20;

/// The text of a file of a person's own: keys, a theme.
///
/// # Errors
/// It can't be read, is no text, or is larger than [`MAX_OWN`].
pub fn own_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(MAX_OWN + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_OWN {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB: is it the right file?")),
        false => Ok(text),
    }
}

fn config() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "tminus")?.config_dir().to_owned())
}

/// What of the screen a person finds again as they left it.
pub fn screen() -> io::Result<PathBuf> {
    Ok(state()?.join("screen.json"))
}

/// The directory of a launch; it need not be there.
pub fn launch(id: &LaunchId) -> io::Result<PathBuf> {
    Ok(state()?.join(id.as_str()))
}

/// Makes a directory, and those above it, for its owner alone.
pub fn make(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// An error of the directory of all launches, with its path and the way out.
pub fn no_state(dir: &Path, e: &io::Error) -> io::Error {
    let dir = dir.display();
    io::Error::new(e.kind(), format!("{dir}: {e}; launches are kept there: set TMINUS_STATE to keep them elsewhere"))
}

/// All launches that have a directory, in the order of their names; also one whose journal is gone and that once lived.
pub fn launches() -> io::Result<Vec<LaunchId>> {
    let state = state()?;
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(no_state(&state, &e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| no_state(&state, &e))?;
        if journal(&entry.path()).exists() || alive(&entry.path()).exists() {
            found.push(LaunchId::from(entry.file_name().to_string_lossy().as_ref()));
        }
    }
    found.sort();
    Ok(found)
}

macro_rules! files {
    ($($(#[$doc:meta])* $name:ident: $file:literal),* $(,)?) => {
        $($(#[$doc])*
        pub fn $name(launch: &Path) -> PathBuf {
            launch.join($file)
        })*
    };
}

files! {
    /// Held by the engine.
    lock: "lock",
    /// Where clients come.
    socket: "engine.sock",
    /// The plan's texts, each as it was taken in.
    plans: "plans",
    /// Where the plan came from.
    origin: "origin.json",
    /// Salted digests of the secrets.
    secrets: "secrets.json",
    /// What happened.
    journal: "journal.db",
    /// What was measured.
    readings: "readings.db",
    /// When the engine was last seen alive.
    alive: "alive",
    /// When each person's screen was here last.
    seen: "seen.json",
    /// Given up for a way back when the disk is full.
    reserve: "reserve",
    /// What the engine says of itself.
    log: "engine.log",
    /// Copies of the journal where it was not as it was written.
    damaged: "damaged",
}

/// The text of a plan as it was taken in, by its SHA-256. Those of before stay: a journal that is put back from a copy may
/// rest on one.
pub fn plan(launch: &Path, hash: &str) -> PathBuf {
    plans(launch).join(format!("{hash}.toml"))
}

/// The directory of all runs of a launch.
pub fn runs(launch: &Path) -> PathBuf {
    launch.join("runs")
}

/// The directory of a run.
pub fn run_dir(launch: &Path, run: &RunId) -> PathBuf {
    // The step of a rollback has a slash in its name; `~` can't be in any.
    runs(launch).join(run.to_string().replace('/', "~"))
}

/// Where what of a launch finds no room on its disk is kept until there is some: in memory, by the name of its directory.
/// See [`crate::journal`].
pub fn late(launch: &Path) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let user = rustix::process::geteuid().as_raw();
    let hash = Sha256::digest(launch.as_os_str().as_encoded_bytes());
    let hash: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = launch.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    place.join(format!("tminus-{user}")).join(format!("{name}.{hash}"))
}

/// Where a run is that began, or would begin: where its launch is, or, where that had no room for it, in memory.
pub fn run_now(launch: &Path, run: &RunId) -> PathBuf {
    let own = run_dir(launch, run);
    let late = run_dir(&late(launch), run);
    if !own.exists() && late.exists() { late } else { own }
}

/// The run whose directory has this name; none where it is no run's.
pub fn run_of(name: &str) -> Option<RunId> {
    name.replace('~', "/").parse().ok()
}

/// The most bytes of a word in a directory's name: two of them, a date and a number fit a file's name with room to spare.
const SLUG: usize = 60;

/// A word for a directory's name, of at most 60 bytes: letters and digits of any script in lower case, anything else as
/// `-`.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if slug.len() + c.len_utf8() > SLUG {
            break;
        }
        if c != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(c);
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "launch".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(slug("Wallet service"), "wallet-service");
        assert_eq!(slug("  ../../etc  "), "etc");
        assert_eq!(slug("…"), "launch");
    }

    #[test]
    fn names_of_any_script_are_told_apart_and_fit_a_file_name() {
        assert_eq!(slug("決済サービス v2"), "決済サービス-v2");
        assert_eq!(slug("Кошелёк ＡＢ"), "кошелёк-ａｂ");
        assert_eq!(slug(".. 決済/../x"), "決済-x");
        let long = slug(&"決".repeat(300));
        assert_eq!((long.len(), long.chars().count()), (60, 20), "whole letters, as many as fit");
        assert_eq!(slug(&"x".repeat(300)).len(), 60);
    }

    #[test]
    fn a_run_has_one_directory() {
        let run = "traffic/to-blue.do.1".parse().unwrap();
        assert_eq!(run_dir(Path::new("/x"), &run), Path::new("/x/runs/traffic~to-blue.do.1"));
    }
}
