//! `tminus log [LAUNCH]`: what happened, from the journal; no engine is needed.

use std::process::ExitCode;
use std::time::Duration;

use super::reach;
use crate::core::event::Recorded;
use crate::core::head::Head;
use crate::core::ids::Seq;
use crate::core::launch::LaunchState;
use crate::core::{tell, text};
use crate::engine::open::{self, OpenError};
use crate::journal;

mod verify;

/// The exit status where a journal is not as it was written.
pub(super) const NOT_AS_WRITTEN: u8 = 4;

/// Which launch, and how.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "--verify proves that what is in the journal has the text and the order in which it was written. That no \
later events are missing it knows from the engine's last sign of life, in the same directory. Whoever may write there can \
write all of it anew with fresh hashes: only a head that was kept elsewhere shows that, in a report, a handover or its \
message (--head).\n\
Exit status: 0 printed, and every event as it was written; 1 it can't be read; 3 no such launch; 4 an event is not as it \
was written, or missing."
)]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    /// One JSON object a line, as in the journal; with --verify one object
    #[arg(long)]
    json: bool,
    /// Go on with what happens from now on
    #[arg(long, short)]
    follow: bool,
    /// Verify that nothing was edited, removed, swapped or cut off after it was written, and print only that: that it is
    /// whole, with its head, or the first event that is not
    #[arg(long, conflicts_with = "follow")]
    verify: bool,
    /// With --verify: it still has the history of which a report or a handover gives this head; may be repeated
    #[arg(long, value_name = "SEQ:HASH", requires = "verify")]
    head: Vec<Head>,
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
    if args.verify {
        return verify::verify(&id, &args.head, args.json);
    }
    let (path, checked) = open::checked(&id)?;
    let mut state: Option<LaunchState> = None;
    let mut told = |events: &[Recorded]| -> color_eyre::Result<bool> {
        for event in events {
            match &mut state {
                None => state = LaunchState::open(event),
                Some(state) => state.apply(event),
            }
            print(&args, state.as_ref(), event)?;
        }
        if state.is_none() {
            return Err(OpenError::NoBeginning(path.clone()).into());
        }
        Ok(state.as_ref().is_some_and(reach::over))
    };
    let mut over = told(&checked.events)?;
    if let Some(broken) = &checked.broken {
        if !checked.beyond.is_empty() {
            eprintln!("{id}: {broken}; of what follows nothing is sure");
            told(&checked.beyond)?;
        }
        super::complain(journal::JournalError::Broken { path: path.clone(), broken: broken.clone() });
        return Ok(NOT_AS_WRITTEN.into());
    }
    let journal = journal::Reader::open(&path)?;
    let mut after = checked.events.len() as u64;
    while args.follow && !over {
        std::thread::sleep(Duration::from_millis(300));
        let events = journal.events(Seq(after + 1), Seq(u64::MAX >> 1))?;
        after += events.len() as u64;
        over = told(&events)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Args, state: Option<&LaunchState>, event: &Recorded) -> color_eyre::Result<()> {
    match state {
        Some(state) if !args.json => {
            let told = tell::tell(state, &event.event);
            let at = reach::stamp(state, event.at);
            println!("{at}  {:<9} {}", told.kind, text::clean(&told.text));
        }
        _ => println!("{}", super::json::line(event)?),
    }
    Ok(())
}
