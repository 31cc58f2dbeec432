//! The `tminus` binary: sets up what a process needs once, then hands over to the command line.

use std::process::ExitCode;
use std::sync::Arc;

fn main() -> color_eyre::Result<ExitCode> {
    outlive_full_files();
    // Engines and the processes beside runs start from `/proc/self/exe`, and would be `exe` in `top`.
    let _ = rustix::thread::set_name(c"tminus");
    // The process beside a run is no command for people, and pays for nothing that it does not need.
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|first| first == tminus::supervise::COMMAND) {
        return Ok(tminus::supervise::process(args));
    }
    tminus::cli::panics::install()?;
    // One provider for all of TLS; a second one in the process would make rustls panic.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // What went wrong is said once and in words. Where in the source it was noticed helps nobody; a panic says that.
    tminus::cli::main().or_else(|error| {
        tminus::cli::complain(tminus::cli::told(&error));
        Ok(ExitCode::FAILURE)
    })
}

/// Beyond a limit on the size of files (`ulimit -f`) a write shall fail as on a full disk, not end the process.
fn outlive_full_files() {
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
