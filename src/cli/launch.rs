//! `tminus launch PLAN`: finds or starts the engine of the launch, then shows it.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::attach::{self, Show};
use super::engine::PlanArgs;
use super::reach::Who;
use crate::engine::{open, start};
use crate::plan;

/// The launch's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "A live launch of the same plan and environment is come back to; an ended one never.\n\
With other values than it was launched with (--var, --t0, --env), that is refused and each difference is named.\n\
Exit status: 0 detached or over, 1 the plan is wrong, the live launch is another, or the engine could not be started, \
2 wrong arguments.")]
pub struct Args {
    /// The plan
    plan: PathBuf,
    #[command(flatten)]
    how: PlanArgs,
    #[command(flatten)]
    who: Who,
    /// Start it without a screen, say its name, and come back at once
    #[arg(long)]
    headless: bool,
    /// Do not ask whether a second launch is meant
    #[arg(long, requires = "new")]
    yes: bool,
    #[command(flatten)]
    show: Show,
}

/// Launches.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    if !args.headless && !attach::terminal() {
        return Ok(ExitCode::from(2));
    }
    let wanted = args.how.wanted(&args.plan, args.who.declared.clone())?;
    if args.how.new && !args.yes {
        let text = plan::read(&args.plan);
        let plan = text.and_then(|t| plan::load(&t, &args.plan.display().to_string(), &wanted.origin.choices));
        // A wrong plan is told by the engine in the same words.
        if let Ok(plan) = plan
            && let Ok(Some(id)) = open::live(&plan)
            && !ask(&format!("{id} is live: open a second launch beside it?"))?
        {
            eprintln!("not launched; `tminus attach {id}` comes back to the first, --yes does not ask");
            return Ok(ExitCode::from(2));
        }
    }
    let mut words: Vec<OsString> = vec![wanted.origin.plan.into()];
    let mut flag = |name: &str, value: &str| words.extend([OsString::from(name), OsString::from(value)]);
    if let Some(env) = &args.how.env {
        flag("--env", env);
    }
    for (name, value) in &args.how.vars {
        flag("--var", &format!("{name}={value}"));
    }
    if let Some(t0) = args.how.t0 {
        flag("--t0", &t0.to_string());
    }
    if let Some(declared) = &args.who.declared {
        flag("--as", declared);
    }
    if args.how.new {
        words.push("--new".into());
    }
    let id = match start::start(&words) {
        Ok(id) => id,
        Err(e) => {
            eprintln!("{e}");
            return Ok(ExitCode::FAILURE);
        }
    };
    if args.headless {
        println!("{id}");
        eprintln!("`tminus attach {id}` shows it, `tminus do … --launch {id}` drives it");
        return Ok(ExitCode::SUCCESS);
    }
    attach::show(&id, &args.who, &args.show)
}

/// Asks a person; no where there is none.
fn ask(question: &str) -> std::io::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
