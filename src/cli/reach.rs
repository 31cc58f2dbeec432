//! What the client's subcommands share: which launch is meant, and how its engine is reached.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::time::SystemTime;

use color_eyre::eyre::eyre;

use crate::core::ids::LaunchId;
use crate::core::launch::{LaunchState, Status};
use crate::core::text::clean;
use crate::core::time::Timestamp;
use crate::engine::{open, start};
use crate::tui::words::Zone;
use crate::wire::connect::{ConnectError, Hello, connect};
use crate::wire::link::Link;
use crate::{hub, paths};

/// Set in the process that another one has become because the engine's version was another.
const BECAME: &str = "TMINUS_BECAME";

/// Which launch, and as whom.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Who {
    /// The name you go by, in a shared account; shown as declared
    #[arg(long = "as", value_name = "NAME", env = "TMINUS_AS", value_parser = hub::name_to_go_by)]
    pub declared: Option<String>,
    /// Look, note and hold, nothing else
    #[arg(long)]
    pub observe: bool,
    /// It is for a screen.
    #[arg(skip)]
    pub screen: bool,
}

impl Who {
    pub fn hello(&self) -> Hello {
        Hello { declared: self.declared.clone(), observe: self.observe, screen: self.screen }
    }
}

/// Why there is no launch to speak of; the exit status of these is 3.
#[derive(Debug, thiserror::Error)]
pub enum NoLaunch {
    #[error("no launch is live: {0}")]
    None(String),
    #[error(
        "several launches are live, say which by its name or a part of it (`do --launch NAME`, `status NAME`): {0}"
    )]
    Several(String),
    #[error("there is no launch `{0}`: `tminus ls` lists them")]
    Unknown(String),
    #[error("`{0}` fits {1} launches, and none of them is live; say the whole name of the one that is meant: {2}")]
    Over(String, usize, String),
}

/// The launch that is meant: by its id or a part of it, or the only one that is live.
pub fn launch(name: Option<&str>) -> color_eyre::Result<LaunchId> {
    let all = paths::launches()?;
    if let Some(name) = name {
        if let Some(exact) = all.iter().find(|id| id.as_str() == name) {
            return Ok(exact.clone());
        }
        let fits: Vec<&LaunchId> = all.iter().filter(|id| id.as_str().contains(name)).collect();
        return match fits.as_slice() {
            [] => Err(NoLaunch::Unknown(name.to_owned()).into()),
            [one] => Ok((*one).clone()),
            several => one_live(several.iter().map(|id| (*id).clone()))?.ok_or_else(|| {
                let names: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
                NoLaunch::Over(name.to_owned(), names.len(), names.join(", ")).into()
            }),
        };
    }
    one_live(all.into_iter())?.ok_or_else(|| NoLaunch::None(last_words()).into())
}

/// The only one of these that is live; none where none is.
fn one_live(ids: impl Iterator<Item = LaunchId>) -> Result<Option<LaunchId>, NoLaunch> {
    let (mut live, mut unread) = (Vec::new(), Vec::new());
    for id in ids {
        match open::is_over(&id) {
            Ok(true) => {}
            Ok(false) => live.push(id),
            Err(_) => unread.push(id),
        }
    }
    // One that can't be read may be the one: whoever opens it says what is wrong.
    if live.is_empty() {
        live = unread;
    }
    match live.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => {
            let names: Vec<&str> = several.iter().map(LaunchId::as_str).collect();
            Err(NoLaunch::Several(names.join(", ")))
        }
    }
}

/// The launch that ended last, and how to see it.
fn last_words() -> String {
    let Some(state) = last() else { return "`tminus launch PLAN` starts one".to_owned() };
    let Status::Ended { at, by, why } = &state.status else {
        return "`tminus launch PLAN` starts one".to_owned();
    };
    let (id, at, why) = (&state.id, stamp(&state, *at), clean(why));
    format!("{id} was ended last, {at} by {by}: {why}; `tminus report {id}` shows it, `tminus ls` lists all")
}

/// Of so many launches that are over, those whose engines lived last, it is looked up when they were ended.
const LOOKED_AT: usize = 20;

/// The launch that ended last, as far as journals can be read.
pub fn last() -> Option<LaunchState> {
    let mut all: Vec<(SystemTime, LaunchId)> = Vec::new();
    for id in paths::launches().ok()? {
        // An engine writes there as long as it lives.
        let alive = paths::launch(&id).and_then(|dir| std::fs::metadata(paths::alive(&dir))?.modified());
        all.push((alive.unwrap_or(SystemTime::UNIX_EPOCH), id));
    }
    all.sort();
    // The engine of one that is over writes on while somebody looks at it: among the newest the time of the end decides.
    let newest = all.iter().rev().filter_map(|(_, id)| open::state(id).ok()).filter(over).take(LOOKED_AT);
    newest.max_by_key(|state| match state.status {
        Status::Ended { at, .. } => Some(at),
        _ => None,
    })
}

/// Whether a launch was ended.
pub fn over(state: &LaunchState) -> bool {
    matches!(state.status, Status::Ended { .. })
}

/// A link to a launch's engine, and whether that had died: then it was started again, once, and it is said.
pub async fn link(id: &LaunchId, who: &Who) -> color_eyre::Result<(Link, bool)> {
    match present_link(id, who).await {
        Err(ConnectError::OtherVersion { pid: Some(pid), version, .. }) if std::env::var_os(BECAME).is_none() => {
            Err(become_engines_own(pid, &version))
        }
        Err(ConnectError::NoEngine { .. }) => {
            may_start(id)?;
            eprintln!("the engine of {id} is gone: starting it again; the launch holds until it is released");
            start_again(id).await?;
            Ok((present_link(id, who).await?, true))
        }
        other => Ok((other?, false)),
    }
}

/// The same without a word, for one who has a screen.
pub async fn quiet_link(id: &LaunchId, who: &Who) -> color_eyre::Result<Link> {
    match present_link(id, who).await {
        Err(ConnectError::NoEngine { .. }) => {
            may_start(id)?;
            start_again(id).await?;
            Ok(present_link(id, who).await?)
        }
        other => Ok(other?),
    }
}

/// A link to an engine if one is there; none is started.
pub async fn link_if_present(id: &LaunchId, who: &Who) -> color_eyre::Result<Option<Link>> {
    match present_link(id, who).await {
        Ok(link) => Ok(Some(link)),
        Err(ConnectError::NoEngine { .. }) => Ok(None),
        Err(ConnectError::OtherVersion { pid: Some(pid), version, .. }) if std::env::var_os(BECAME).is_none() => {
            Err(become_engines_own(pid, &version))
        }
        Err(other) => Err(other.into()),
    }
}

/// A link to an engine that is there.
pub async fn present_link(id: &LaunchId, who: &Who) -> Result<Link, ConnectError> {
    let dir = paths::launch(id).map_err(|source| ConnectError::NoEngine { path: id.to_string(), source })?;
    connect(&paths::socket(&dir), &who.hello()).await
}

/// Whether we are the one to start the engine again.
fn may_start(id: &LaunchId) -> color_eyre::Result<()> {
    let owner = std::fs::metadata(paths::launch(id)?)?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        return Err(eyre!("the engine of {id} is gone; its owner (uid {owner}) starts it again: `tminus attach {id}`"));
    }
    if open::is_over(id).unwrap_or_default() {
        return Err(open::OpenError::Over(id.clone()).into());
    }
    Ok(())
}

async fn start_again(id: &LaunchId) -> color_eyre::Result<()> {
    let args = ["--launch".into(), OsString::from(id.as_str())];
    tokio::task::spawn_blocking(move || start::start(&args)).await??;
    Ok(())
}

/// Runs the same command with the binary that the engine was started from. Comes back only where that fails.
fn become_engines_own(pid: i32, version: &str) -> color_eyre::Report {
    eprintln!("the engine is tminus {version}: going on with its own binary");
    let error = std::process::Command::new(format!("/proc/{pid}/exe"))
        .args(std::env::args_os().skip(1))
        .env(BECAME, version)
        .exec();
    eyre!("the engine is tminus {version}, this is {}, and its binary can't be run: {error}", env!("CARGO_PKG_VERSION"))
}

/// A moment as people of this launch read it: in the plan's zone, named.
pub fn stamp(state: &LaunchState, at: Timestamp) -> String {
    Zone::new(state.outline.zone.as_deref(), state.wall).full(at)
}

/// Runs a client: one thread is enough.
pub fn block_on<T>(future: impl Future<Output = color_eyre::Result<T>>) -> color_eyre::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}
