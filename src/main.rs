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
    quiet_when_nobody_reads();
    // One provider for all of TLS; a second one in the process would make rustls panic.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tminus::cli::main()
}

/// `tminus log | head` is no fault: where nobody reads our standard output any more, we end as other programs do.
fn quiet_when_nobody_reads() {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let what = panic.payload_as_str().unwrap_or_default();
        if what.starts_with("failed printing to std") && what.contains("Broken pipe") {
            std::process::exit(141);
        }
        say(panic);
    }));
}
