//! `tminus log [LAUNCH]`: what happened, from the journal; no engine is needed.

use std::process::ExitCode;
use std::time::Duration;

use super::reach;
use crate::core::event::Recorded;
use crate::core::ids::Seq;
use crate::core::launch::LaunchState;
use crate::core::{tell, text};
use crate::engine::open::{self, OpenError};
use crate::journal;

/// Which launch, and how.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 printed (and, with --verify, unchanged), 1 it can't be read or was changed, 3 no such launch."
)]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    /// One JSON object a line, as in the journal
    #[arg(long)]
    json: bool,
    /// Go on with what happens from now on
    #[arg(long, short)]
    follow: bool,
    /// Verify that nothing was changed after it was written, and print only that
    #[arg(long, conflicts_with = "follow")]
    verify: bool,
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
    let path = open::journal_of(&id)?;
    let journal = journal::Reader::open(&path)?;
    if args.verify {
        let events = journal.verified()?;
        if events.is_empty() {
            return Err(OpenError::NoBeginning(path).into());
        }
        println!("{id}: {} events, each as it was written", events.len());
        return Ok(ExitCode::SUCCESS);
    }
    let mut state: Option<LaunchState> = None;
    let (mut next, mut complete) = (Seq(1), true);
    loop {
        let events = journal.events(next, Seq(u64::MAX >> 1))?;
        for event in &events {
            if event.seq != next {
                eprintln!("{id}: events {next} to {} are missing from the journal", event.seq.0 - 1);
                complete = false;
            }
            match &mut state {
                None => state = LaunchState::open(event),
                Some(state) => state.apply(event),
            }
            next = Seq(event.seq.0 + 1);
            print(&args, state.as_ref(), event)?;
        }
        if next == Seq(1) {
            return Err(OpenError::NoBeginning(path).into());
        }
        let over = state.as_ref().is_some_and(reach::over);
        if !args.follow || over {
            return Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn print(args: &Args, state: Option<&LaunchState>, event: &Recorded) -> color_eyre::Result<()> {
    match state {
        Some(state) if !args.json => {
            let told = tell::tell(state, &event.event);
            let at = reach::stamp(state, event.at);
            println!("{at}  {:<9} {}", told.kind, text::clean(&told.text));
        }
        _ => println!("{}", serde_json::to_string(event)?),
    }
    Ok(())
}
