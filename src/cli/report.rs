//! `tminus report [LAUNCH]`: what a launch was, from the journal; no engine is needed. Where one runs, it is asked how a
//! trigger stands that has not cleared.

use std::process::ExitCode;

use super::reach::{self, Who};
use super::session::Session;
use crate::core::ids::LaunchId;
use crate::core::report::{Report, markdown};
use crate::core::view::Readout;
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
    let alone = Report::of(&events, None).ok_or(OpenError::NoBeginning(path))?;
    let stands = alone.ended.is_none() && alone.triggers.iter().any(|firing| firing.cleared.is_none());
    let readout = if stands { measured(&id) } else { None };
    let report = readout.and_then(|readout| Report::of(&events, Some(&readout))).unwrap_or(alone);
    let text = if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { markdown(&report) };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// What the engine measures, if one runs and answers: the report is there without it.
fn measured(id: &LaunchId) -> Option<Readout> {
    let who = Who { declared: None, observe: true };
    let asked = reach::block_on(async {
        let mut session = Session::open(reach::present_link(id, &who).await?).await?;
        session.signals().await?;
        Ok(session.readout)
    });
    asked.ok()
}
