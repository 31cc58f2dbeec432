//! `tminus launch PLAN`: finds or starts the engine of the launch, then shows it.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::attach::{self, Show};
use super::engine::PlanArgs;
use super::reach::Who;
use crate::core::event::Mode;
use crate::core::ids::LaunchId;
use crate::core::launch::LaunchState;
use crate::core::time::Timestamp;
use crate::engine::rehearsed::last_rehearsal;
use crate::engine::{open, start};
use crate::{paths, plan};

/// The launch's arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A live launch of the same plan or file, and of the same environment, is come back to; an ended one \
never. It runs the plan that it took in: where the file has changed since, or has errors now, that is said, and `tminus do adopt` takes it in.\n\
With other values than it was launched with (--var, --t0, --env), that is refused and each difference is named.\n\
Exit status: 0 detached or over, 1 the plan is wrong, the live launch is another, or the engine could not be started, \
2 wrong arguments."
)]
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
    if !args.headless && !args.show.plain() && !attach::terminal() {
        return Ok(ExitCode::from(2));
    }
    let wanted = args.how.wanted(&args.plan, args.who.declared.clone())?;
    let mode = if args.how.rehearse { Mode::Rehearsal } else { Mode::Live };
    if args.how.new && !args.yes {
        let text = plan::read(&args.plan);
        let plan = text.and_then(|t| plan::load(&t, &args.plan.display().to_string(), &wanted.origin.choices));
        // A wrong plan is told by the engine in the same words.
        if let Ok(plan) = plan
            && let Ok(Some(id)) = open::live(&plan, &wanted.origin.plan, mode)
            && !ask(&format!("{id} is live: open a second launch beside it?"))?
        {
            eprintln!("not launched; `tminus attach {id}` comes back to the first, --yes does not ask");
            return Ok(ExitCode::from(2));
        }
    }
    let (file, choices) = (wanted.origin.plan.clone(), wanted.origin.choices.clone());
    let mut words: Vec<OsString> = vec![wanted.origin.plan.into()];
    let mut flag = |name: &str, value: &str| words.extend([OsString::from(name), OsString::from(value)]);
    if let Some(env) = &args.how.env {
        flag("--env", env);
    }
    for (name, value) in &args.how.vars {
        flag("--var", &format!("{name}={value}"));
    }
    if let Some(t0) = wanted.t0 {
        flag("--t0", &t0.to_string());
    }
    if let Some(declared) = &args.who.declared {
        flag("--as", declared);
    }
    if let Some(speed) = args.how.speed {
        flag("--speed", &speed.to_string());
    }
    if let Some(scenario) = &wanted.scenario {
        words.extend([OsString::from("--scenario"), scenario.into()]);
    }
    for (on, word) in [(args.how.rehearse, "--rehearse"), (args.how.new, "--new")] {
        words.extend(on.then(|| word.into()));
    }
    let id = match start::start(&words) {
        Ok(id) => id,
        Err(e) => {
            eprintln!("{e}");
            // Of another environment, or beside which a new one was asked for.
            let live: Vec<String> = open::of_file(&file).iter().map(|(_, state)| state.id.to_string()).collect();
            if let (false, Err(_)) = (live.is_empty(), plan::read(&file).and_then(|t| plan::load(&t, "", &choices))) {
                eprintln!("live from this file: {}; `tminus attach` comes back to it", live.join(", "));
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    if let Some(differs) = differs(&id) {
        eprintln!("{differs}");
    }
    if let Some(others) = others(&id, &file) {
        eprintln!("{others}");
    }
    if args.headless {
        println!("{id}");
        // On a screen the card before the start has it.
        if !args.how.rehearse {
            rehearsed(&id).iter().for_each(|line| eprintln!("{line}"));
        }
        eprintln!("`tminus attach {id}` shows it, `tminus do … --launch {id}` drives it");
        return Ok(ExitCode::SUCCESS);
    }
    attach::show(&id, &args.who, &args.show, None)
}

/// How a launch's file differs from the plan that it runs; none where it does not.
fn differs(id: &LaunchId) -> Option<String> {
    let (origin, state) = (open::origin(id).ok()?, open::state(id).ok()?);
    let file = origin.plan.display().to_string();
    let plan = plan::read(&origin.plan).and_then(|text| plan::load(&text, &file, &origin.choices));
    match plan {
        Ok(plan) if plan.hash == state.plan_hash => None,
        Ok(plan) if plan.outline.name != state.outline.name => Some(format!(
            "{file} has changed: the plan is called `{}` there, and {id} is live from this file\n\
            \x20 → it goes on as it is: `tminus do diff` shows what changed, `tminus do adopt HASH` takes it in\n\
            \x20 → a launch of what is there now beside it: --new",
            plan.outline.name
        )),
        Ok(_) => Some(format!(
            "{file} has changed since {id} took it in, and nothing of that counts yet:\n\
            \x20 → `tminus do diff` shows it, `tminus do adopt HASH` takes it in"
        )),
        Err(wrong) => Some(format!(
            "{wrong}\n{id} is live and goes on with the plan that it took in:\n\
            \x20 → mend the file, then `tminus do diff` and `tminus do adopt HASH`"
        )),
    }
}

/// What else is live from this file for the same environment; none where nothing is. The newest is meant, and the others
/// must not be forgotten.
fn others(id: &LaunchId, file: &Path) -> Option<String> {
    let own = open::state(id).ok()?;
    let same = |state: &LaunchState| state.outline.environment == own.outline.environment && state.mode == own.mode;
    let all = open::of_file(file).into_iter().map(|(_, state)| state).filter(|state| state.id != *id && same(state));
    let names: Vec<String> = all.map(|state| state.id.to_string()).collect();
    let which = if names.len() == 1 { "it" } else { "one" };
    (!names.is_empty())
        .then(|| format!("also live from this file: {}; `tminus attach NAME` comes to {which}", names.join(", ")))
}

/// The last rehearsal of a launch in which nothing has begun yet.
fn rehearsed(id: &LaunchId) -> Vec<String> {
    let Some((origin, state)) = open::origin(id).ok().zip(open::state(id).ok()) else { return Vec::new() };
    let dir = paths::launch(id).unwrap_or_default();
    let plan = plan::read(&paths::plan(&dir, &state.plan_hash)).and_then(|text| plan::load(&text, "", &origin.choices));
    match plan {
        Ok(plan) if state.steps.values().all(|step| step.attempt == 0) => last_rehearsal(&plan, &origin.plan, Some(id))
            .map_or_else(Vec::new, |last| last.words(Timestamp::from(chrono::Utc::now()))),
        _ => Vec::new(),
    }
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
