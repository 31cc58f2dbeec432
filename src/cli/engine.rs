//! `tminus engine`: a launch's engine in the foreground. systemd: `Type=notify`, `Restart=on-failure`, and
//! `KillMode=process`, so that a restart of the engine ends no step.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::check::variable;
use super::t0::T0;
use super::{init, reach};
use crate::core::ids::LaunchId;
use crate::core::practice::FASTEST;
use crate::engine::log::Log;
use crate::engine::open::{self, Found, OpenError, Origin, Wanted};
use crate::engine::{daemon, lock, start};
use crate::plan::Choices;
use crate::{hub, paths, plan};

/// How long another engine may take to begin or to go, and how often it is looked at meanwhile.
const SETTLED: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(20);

/// Which plan, and how it is launched.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    /// The overlay of this environment
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Set a variable of the plan
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub vars: Vec<(String, String)>,
    /// The planned moment for a new launch: now, +30m, 02:00 in the plan's zone, or an RFC 3339 time [default: now]
    #[arg(long, value_name = "TIME", value_parser = super::t0::parse)]
    pub t0: Option<T0>,
    /// A rehearsal, a launch of its own: no command runs and nothing is sent, stand-ins take the estimates' time; real only
    /// with --env where the plan marks that environment with rehearse = "real"
    #[arg(long)]
    pub rehearse: bool,
    /// In a rehearsal, its whole clock runs so many times as fast: estimates, soaks, rounds, all but commands that really
    /// run [1 to 3600]
    #[arg(long, value_name = "N", requires = "rehearse", value_parser = clap::value_parser!(u32).range(1..=i64::from(FASTEST)))]
    pub speed: Option<u32>,
    /// In a rehearsal, inject values and faults into the signals as this file says; `tminus check --scenario` reads it
    #[arg(long, value_name = "FILE", requires = "rehearse")]
    pub scenario: Option<PathBuf>,
    /// Make another launch although one of this plan and environment is live
    #[arg(long)]
    pub new: bool,
}

impl PlanArgs {
    /// What is wanted of the launch.
    pub fn wanted(&self, plan: &std::path::Path, declared: Option<String>) -> std::io::Result<Wanted> {
        let choices = Choices { environment: self.env.clone(), vars: self.vars.iter().cloned().collect() };
        let origin = Origin { plan: std::path::absolute(plan)?, choices };
        // A plan that can't be read is told by whoever opens it.
        let read = || plan::read(plan).and_then(|text| plan::load(&text, "", &origin.choices)).ok();
        let zone = || read()?.outline.zone?.parse().ok();
        let t0 = self.t0.map(|t0| t0.moment(zone())).transpose().map_err(std::io::Error::other)?;
        Ok(Wanted {
            origin,
            t0,
            by: hub::owner(declared),
            rehearse: self.rehearse,
            speed: self.speed,
            scenario: self.scenario.as_ref().map(std::path::absolute).transpose()?,
            new: self.new,
            as_it_is: false,
        })
    }
}

/// The engine's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 ended on request or with the launch, 1 it could not be started or failed.\n\
SIGTERM ends the engine alone: commands go on under their supervisors, and the next engine takes them up. As process 1 \
of a container, with which everything ends, it stops the commands first, and reaps what they leave behind.")]
pub struct Args {
    /// The plan
    #[arg(required_unless_present = "launch")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    how: PlanArgs,
    /// The name you go by, in a shared account
    #[arg(long = "as", value_name = "NAME", env = "TMINUS_AS", value_parser = hub::name_to_go_by)]
    declared: Option<String>,
    /// Take up this launch, whose engine is gone
    #[arg(long, value_name = "LAUNCH", conflicts_with_all = ["plan", "env", "vars", "t0", "new", "rehearse"])]
    launch: Option<String>,
    /// Where its journal is not as it was written: go on after the last event that is, keep a copy of the rest, and hold
    #[arg(long, requires = "launch")]
    sound: bool,
    /// There is no screen anyway; accepted so that `launch` and `engine` take the same flags
    #[arg(long, hide = true)]
    headless: bool,
    /// Leave the terminal and say on standard output when clients can come
    #[arg(long, hide = true)]
    daemon: bool,
    /// End, and end the commands too, when standard input ends
    #[arg(long, hide = true)]
    tied: bool,
    /// Everything ends with this process: end the commands too when a signal comes
    #[arg(long, hide = true)]
    contained: bool,
}

/// Looks until the launch is ours or the engine that has it listens. One that has it and does not listen is about to, or
/// is about to go.
fn settled(look: impl Fn() -> Result<Found, OpenError>) -> Result<Found, OpenError> {
    let until = Instant::now() + SETTLED;
    loop {
        match look()? {
            Found::Running(id) if !start::listens(&id) && Instant::now() < until => std::thread::sleep(AGAIN),
            found => return Ok(found),
        }
    }
}

/// Runs the engine until the launch is over or a signal comes.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    if init::is_needed() && !args.contained {
        return reach::block_on(async { Ok(init::run().await?) });
    }
    if args.daemon {
        start::detach();
    }
    let level = tracing_subscriber::EnvFilter::try_from_env("TMINUS_LOG").unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(level)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(Log::default)
        .try_init();
    let found = match (&args.launch, &args.plan) {
        (Some(launch), _) => settled(|| open::take_up(&LaunchId::from(launch.as_str()), args.sound)),
        (None, Some(plan)) => {
            let mut wanted = args.how.wanted(plan, args.declared.clone())?;
            // Whoever runs it in the foreground starts it again with the same words: `--t0 +30m` is another one then.
            wanted.as_it_is = !args.daemon;
            settled(|| open::find_or_make(&wanted))
        }
        (None, None) => return Ok(ExitCode::from(2)),
    };
    match found {
        Err(error) => {
            if args.daemon {
                start::refuse(&error);
            } else {
                super::complain(&error);
            }
            Ok(ExitCode::FAILURE)
        }
        Ok(Found::Running(id)) if args.daemon => {
            start::ready(&id, None);
            Ok(ExitCode::SUCCESS)
        }
        Ok(Found::Running(id)) => {
            let pid = paths::launch(&id).ok().and_then(|dir| lock::holder(&dir));
            let pid = pid.map_or_else(String::new, |pid| format!(", process {pid}"));
            eprintln!("{id} has an engine already{pid}: `tminus attach {id}`");
            Ok(ExitCode::FAILURE)
        }
        Ok(Found::Ours(ours)) => {
            let log = paths::log(&ours.dir);
            let socket = paths::socket(&ours.dir);
            let ties = daemon::Ties { stdin: args.tied, signal: args.contained };
            let mut up = false;
            let served = daemon::serve(*ours, ties, |id| {
                up = true;
                if args.daemon {
                    start::ready(id, Some(&log));
                } else {
                    // Whoever read it may be gone; the engine is not to end by that.
                    let _ = writeln!(std::io::stdout(), "launch {id}\nsocket {}", socket.display());
                }
            });
            match served {
                Err(error) if args.daemon && !up => {
                    start::refuse(&error);
                    Ok(ExitCode::FAILURE)
                }
                served => Ok(served.map(|()| ExitCode::SUCCESS)?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::cli::t0;

    #[test]
    fn t0_is_a_time_of_day_in_the_plans_zone() {
        let dir = tempfile::tempdir().unwrap();
        for zone in [Tz::Pacific__Auckland, Tz::America__Los_Angeles] {
            let plan = dir.path().join("plan.toml");
            let text =
                format!("[plan]\nname='x'\nenvironment='t'\nzone='{zone}'\n[[phase]]\nid='p'\nstep=[{{id='a'}}]\n");
            std::fs::write(&plan, text).unwrap();
            let how = PlanArgs {
                env: None,
                vars: Vec::new(),
                t0: Some(t0::parse("23:40").unwrap()),
                rehearse: false,
                speed: None,
                scenario: None,
                new: false,
            };
            let wanted = how.wanted(&plan, None).unwrap().t0.unwrap();
            assert_eq!(wanted.utc().with_timezone(&zone).format("%H:%M").to_string(), "23:40", "{zone}");
        }
    }
}
