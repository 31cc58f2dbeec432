//! `tminus ls`: all launches, live and ended, as their journals have them.

use std::fs::File;
use std::process::ExitCode;

use serde_json::json;

use super::reach;
use crate::core::ids::LaunchId;
use crate::core::launch::{LaunchState, Status};
use crate::engine::open;
use crate::paths;

/// How to list.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those that are live
    #[arg(long)]
    live: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let mut wrong = 0;
    for id in paths::launches()? {
        let state = match open::state(&id) {
            Ok(state) => state,
            Err(e) => {
                eprintln!("{id}: {e}");
                wrong += 1;
                continue;
            }
        };
        let ended = matches!(state.status, Status::Ended { .. });
        if args.live && ended {
            continue;
        }
        let engine = engine(&id);
        let over = |s: &&crate::core::outline::StepOutline| state.steps.get(&s.id).is_some_and(|s| s.status.is_over());
        let (done, of) = (state.outline.steps.iter().filter(over).count(), state.outline.steps.len());
        if args.json {
            println!(
                "{}",
                json!({ "launch": id, "environment": state.outline.environment, "state": word(&state), "opened": state.opened, "engine": engine, "done": done, "of": of })
            );
        } else {
            let engine = match engine {
                _ if ended => String::new(),
                Some(pid) => format!("engine {pid}"),
                None => "no engine".to_owned(),
            };
            let opened = reach::local(state.opened);
            println!("{id:<44} {:<19} {opened}  {done:>3}/{of:<3} {engine}", word(&state));
        }
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn word(state: &LaunchState) -> &'static str {
    match &state.status {
        Status::Ended { .. } => "over",
        Status::RollingBack(_) if state.hold.is_some() => "rolling back, holds",
        Status::RollingBack(_) => "rolling back",
        Status::RolledBack(_) if state.hold.is_some() => "rolled back, holds",
        Status::RolledBack(_) => "rolled back",
        Status::Live if state.hold.is_some() => "holds",
        Status::Live => "live",
    }
}

/// The engine's process: the lock is held while it lives.
fn engine(id: &LaunchId) -> Option<u32> {
    let path = paths::lock(&paths::launch(id).ok()?);
    let file = File::open(&path).ok()?;
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => {
            std::fs::read_to_string(&path).ok()?.split_whitespace().next()?.parse().ok()
        }
        _ => None,
    }
}
