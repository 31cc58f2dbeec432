//! `tminus schema`: the JSON Schema of the plan file, for editors.

use std::process::ExitCode;

/// No arguments.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the schema.
pub fn run(_args: Args) -> color_eyre::Result<ExitCode> {
    println!("{}", serde_json::to_string_pretty(&crate::plan::schema::schema())?);
    Ok(ExitCode::SUCCESS)
}
