//! The command line: one file a subcommand, each with `Args` (clap) and `run(args) -> color_eyre::Result<ExitCode>`.
//! A new subcommand is one file, one `pub mod` line and one line in [`Command`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A launch cockpit for the terminal.
#[derive(Debug, Parser)]
#[command(name = "tminus", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $module:ident: $variant:ident),* $(,)?) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($(#[$doc])* $variant($module::Args),)*
        }

        /// Reads the command line and does what it says.
        pub fn main() -> color_eyre::Result<ExitCode> {
            match Cli::parse().command {
                $(Command::$variant(args) => $module::run(args),)*
            }
        }
    };
}

pub mod completions;
pub mod demo;
pub mod keys;
pub mod man;

commands! {
    /// Try tminus on a simulated production
    demo: Demo,
    /// Print the keys of the screen
    keys: Keys,
    /// Print a completion script for a shell
    completions: Completions,
    /// Print the manual page
    man: Man,
}
