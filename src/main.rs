//! The `tminus` binary: sets up what a process needs once, then hands over to the command line.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::install()?;
    // One provider for all of TLS; a second one in the process would make rustls panic.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tminus::cli::main()
}
