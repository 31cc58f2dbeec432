//! The command line: one file a subcommand, each with `Args` (clap) and `run(args) -> color_eyre::Result<ExitCode>`.
//! A new subcommand is one file, one `pub mod` line and one line in `commands!` below.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An error in one line: what it is, and what is behind it where it doesn't say that itself.
pub fn told(error: &color_eyre::Report) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) && !cause.starts_with("Error code ") {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// Says on stderr what is wrong: what is quoted in it may hold anything, so each line is cleaned.
pub fn complain(what: impl std::fmt::Display) {
    for line in what.to_string().lines() {
        eprintln!("{}", crate::core::text::clean(line));
    }
}

/// Ends the process because `why` (`stdout: No space left on device`) nothing can be printed. `tminus log | head` is no
/// fault: where nobody reads any more, we end as other programs do.
pub fn unprinted(why: &str) -> ! {
    if why.contains("Broken pipe") {
        std::process::exit(141);
    }
    let why = why.split(" (os error").next().unwrap_or_default();
    let _ = writeln!(std::io::stderr(), "{why}");
    std::process::exit(1);
}

/// A launch cockpit for the terminal.
#[derive(Debug, Parser)]
#[command(name = "tminus", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

macro_rules! commands {
    ($($(#[$attribute:meta])* $module:ident: $variant:ident),* $(,)?) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($(#[$attribute])* $variant($module::Args),)*
        }

        /// Reads the command line and does what it says.
        pub fn main() -> color_eyre::Result<ExitCode> {
            let cli = Cli::try_parse_from(do_::arguments(std::env::args_os())).unwrap_or_else(|said| match said.print() {
                Ok(()) => std::process::exit(said.exit_code()),
                Err(why) => unprinted(&format!("stdout: {why}")),
            });
            match cli.command {
                $(Command::$variant(args) => $module::run(args),)*
            }
        }
    };
}

pub mod attach;
pub mod check;
pub mod completions;
pub mod demo;
pub mod do_;
pub mod engine;
pub mod keys;
pub mod launch;
pub mod log;
pub mod ls;
pub mod man;
pub mod panics;
pub mod report;
pub mod schema;
pub mod status;
pub mod themes;
mod triggers;

mod init;
mod json;
mod measure;
mod plain;
mod reach;
mod recorded;
mod session;
mod sheet;
mod standing;
mod t0;

commands! {
    /// Try tminus on a simulated production
    demo: Demo,
    /// Start a launch, or come back to it
    launch: Launch,
    /// Come back to a launch
    attach: Attach,
    /// List launches, live and ended
    ls: Ls,
    /// Say in one line how a launch stands
    status: Status,
    /// Give an order: run a step, tick, vote, hold, roll back, …
    #[command(name = "do")]
    do_: Do,
    /// Print what happened
    log: Log,
    /// Print what a launch was: planned and actual, decisions, incidents, ways back
    report: Report,
    /// Run a launch's engine in the foreground, for systemd or a container
    engine: Engine,
    /// Say everything that is wrong or risky in a plan
    check: Check,
    /// Print the JSON Schema of the plan file
    schema: Schema,
    /// Print the keys of the screen
    keys: Keys,
    /// Print the themes of the screen
    themes: Themes,
    /// Print a completion script for a shell
    completions: Completions,
    /// Print the manual page
    man: Man,
}

#[cfg(test)]
mod tests {
    use color_eyre::eyre::{WrapErr as _, eyre};

    #[test]
    fn an_error_is_told_once() {
        let error = Err::<(), _>(std::io::Error::other("no such disk")).wrap_err("launches can't be listed");
        assert_eq!(super::told(&error.unwrap_err()), "launches can't be listed: no such disk");
        let error = eyre!("no such disk").wrap_err("/x: no such disk, so look for it");
        assert_eq!(super::told(&error), "/x: no such disk, so look for it");
    }
}
