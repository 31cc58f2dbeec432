//! `tminus man`: the manual page in roff, from the command line's own definition.

use std::process::ExitCode;

use clap::CommandFactory;

/// No arguments: the page of `tminus` or of one subcommand.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The subcommand whose page is wanted; without one, the page of tminus
    subcommand: Option<String>,
}

/// Prints the page; `tminus man | man -l -` shows it.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let mut tminus = super::Cli::command();
    let page = match &args.subcommand {
        None => tminus,
        Some(name) => match tminus.find_subcommand_mut(name) {
            Some(found) => found.clone().display_name(format!("tminus-{name}")),
            None => {
                eprintln!("there is no subcommand `{name}`: see `tminus --help`");
                return Ok(ExitCode::from(2));
            }
        },
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    print!("{}", String::from_utf8_lossy(&roff));
    Ok(ExitCode::SUCCESS)
}
