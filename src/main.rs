//! The `tminus` binary: sets up what a process needs once, then hands over to the command line.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    // The process beside a run is no command for people, and pays for nothing that it does not need.
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|first| first == tminus::supervise::COMMAND) {
        return Ok(tminus::supervise::process(args));
    }
    color_eyre::install()?;
    // One provider for all of TLS; a second one in the process would make rustls panic.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tminus::cli::main()
}
