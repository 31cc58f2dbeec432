//! How a process says that it failed inside.

use crate::engine::log;

/// Errors and panics are reported as people read them, secrets masked; what `println!` makes a panic of where it can't
/// print is told as what it is.
///
/// # Errors
/// It was done before in this process.
pub fn install() -> color_eyre::Result<()> {
    let (panics, errors) = color_eyre::config::HookBuilder::default().into_hooks();
    errors.install()?;
    std::panic::set_hook(Box::new(move |panic| {
        match panic.payload_as_str().unwrap_or_default().strip_prefix("failed printing to ") {
            Some(why) => super::unprinted(why),
            None => eprintln!("{}", log::masked(&panics.panic_report(panic).to_string())),
        }
    }));
    Ok(())
}
