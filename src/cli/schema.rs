//! `tminus schema`: the JSON Schema of the plan file, or of a scenario's, for editors.

use std::process::ExitCode;

use crate::plan::schema;

/// Of which file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of a rehearsal's scenario instead of the plan
    #[arg(long)]
    scenario: bool,
}

/// Prints the schema.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let schema = if args.scenario { schema::scenario() } else { schema::schema() };
    println!("{}", super::json::pretty(&schema)?);
    Ok(ExitCode::SUCCESS)
}
