//! `tminus keys`: the keys of the screen, from the keymap itself.

use std::process::ExitCode;

/// No arguments yet.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the keys.
pub fn run(_args: Args) -> color_eyre::Result<ExitCode> {
    unimplemented!()
}
