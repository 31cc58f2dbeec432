//! `tminus report [LAUNCH]`: what a launch was, from the journal; no engine is needed. Where one runs, it is asked how a
//! trigger stands that has not cleared.

use std::process::ExitCode;

use super::log::NOT_AS_WRITTEN;
use super::reach::{self, Who};
use super::session::Session;
use crate::core::estimates::Measured;
use crate::core::event::Recorded;
use crate::core::ids::LaunchId;
use crate::core::launch::LaunchState;
use crate::core::report::{Report, markdown};
use crate::core::view::Readout;
use crate::engine::open::{self, OpenError};
use crate::journal::JournalError;
use crate::plan;
use crate::plan::estimates::propose;

/// Which launch, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 printed; 1 it can't be read; 3 no such launch; 4 the journal is not as it was \
written, and what is told ends before the first event that is not.")]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Print what was measured as proposed estimates instead: a difference of the plan's file, for `patch`; nothing is
    /// written. The time of a rehearsal's stand-ins is no measurement
    #[arg(long, conflicts_with = "json")]
    estimates: bool,
}

/// Prints it.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let id = match reach::launch(args.launch.as_deref()) {
        Ok(id) => id,
        Err(e) => {
            super::complain(&e);
            return Ok(ExitCode::from(3));
        }
    };
    let (path, checked) = open::checked(&id)?;
    if args.estimates {
        return estimates(&id, &checked.whole(&path)?);
    }
    let (events, head, broken) = (&checked.events, checked.head(), checked.broken.as_ref());
    let alone = Report::of(events, None).ok_or_else(|| match broken.cloned() {
        Some(broken) => JournalError::Broken { path: path.clone(), broken }.into(),
        None => OpenError::NoBeginning(path.clone()),
    })?;
    let stands = alone.ended.is_none() && alone.triggers.iter().any(|firing| firing.cleared.is_none());
    let readout = if stands { measured(&id) } else { None };
    let report = readout.and_then(|readout| Report::of(events, Some(&readout))).unwrap_or(alone);
    let report = Report { head, broken: broken.map(ToString::to_string), ..report };
    let text = if args.json { super::json::pretty(&report)? + "\n" } else { markdown(&report) };
    print!("{text}");
    match broken.cloned() {
        None => Ok(ExitCode::SUCCESS),
        Some(broken) => {
            super::complain(JournalError::Broken { path, broken });
            Ok(NOT_AS_WRITTEN.into())
        }
    }
}

/// Prints the difference that what was measured makes in the plan's file as it is now.
fn estimates(id: &LaunchId, events: &[Recorded]) -> color_eyre::Result<ExitCode> {
    let measured = Measured::of(events).unwrap_or_default();
    if measured.is_empty() {
        let quicker = events.first().and_then(LaunchState::open).filter(|state| state.pace() > 1);
        let why = match quicker {
            Some(state) => format!("its clock ran {} times as fast, and people and commands did not", state.pace()),
            None => format!("no step that people do or that really ran came to its end in {id}"),
        };
        super::complain(format!("nothing was measured: {why}"));
        return Ok(ExitCode::SUCCESS);
    }
    let origin = open::origin(id)?;
    let (text, name) = (plan::read(&origin.plan)?, origin.plan.display().to_string());
    let Some((plan, places)) = plan::build::build(&text, &origin.choices, &mut Vec::new()) else {
        eprintln!("{name} can't be read as a plan: `tminus check` says why");
        return Ok(ExitCode::FAILURE);
    };
    let proposal = propose(&text, &name, &plan.outline, &places, &measured);
    print!("{}", proposal.diff);
    if proposal.diff.is_empty() {
        eprintln!("the estimates in {name} are what was measured, as far as it was");
    }
    proposal.left_out.iter().for_each(|line| eprintln!("{line}"));
    Ok(ExitCode::SUCCESS)
}

/// What the engine measures, if one runs and answers: the report is there without it.
fn measured(id: &LaunchId) -> Option<Readout> {
    let who = Who { observe: true, ..Who::default() };
    let asked = reach::block_on(async {
        let mut session = Session::open(reach::present_link(id, &who).await?).await?;
        session.signals().await?;
        Ok(session.readout)
    });
    asked.ok()
}
