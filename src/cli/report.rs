//! `tminus report [LAUNCH]`: what a launch was, from the journal; no engine is needed.

use std::process::ExitCode;

use super::reach;
use crate::core::report::{Report, markdown};
use crate::engine::open::OpenError;
use crate::{journal, paths};

/// Which launch, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 printed, 1 it can't be read, 3 no such launch.")]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Prints it.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let id = match reach::launch(args.launch.as_deref()) {
        Ok(id) => id,
        Err(e) => {
            eprintln!("{e}");
            return Ok(ExitCode::from(3));
        }
    };
    let path = paths::journal(&paths::launch(&id)?);
    let events = journal::Reader::open(&path)?.verified()?;
    let report = Report::of(&events).ok_or(OpenError::NoBeginning(path))?;
    let text = if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { markdown(&report) };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
