//! `tminus completions SHELL`: a completion script for a shell, from the command line's own definition.

use std::process::ExitCode;

use clap::CommandFactory;

/// Which shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete for
    shell: clap_complete::Shell,
}

/// Prints the script; `source <(tminus completions bash)` loads it.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    // It panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "tminus", &mut script);
    print!("{}", String::from_utf8_lossy(&script));
    Ok(ExitCode::SUCCESS)
}
