//! The screen: a thin client of the engine. It folds the same events with the same `apply`, holds the same readout, and
//! asks core for every sentence about what may happen next.

mod act;
pub mod action;
pub mod alarm;
pub mod alerts;
mod along;
pub mod ansi;
pub mod answers;
mod away;
pub mod background;
pub mod checklist;
mod checks;
pub mod clip;
pub mod command;
mod cursor;
pub mod depth;
pub mod dialogs;
pub mod edit;
mod editor;
pub mod facts;
mod found;
pub mod frozen;
mod fuzzy;
pub mod glyphs;
mod held;
pub mod hints;
pub mod incidents;
mod incoming;
mod kept;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod mouse;
mod moves;
pub mod msg;
mod notices;
mod only;
pub mod output;
pub mod panes;
pub mod pen;
pub mod ready;
mod recall;
pub mod refusal;
mod replies;
pub mod role;
mod rows;
pub mod run;
pub mod sgr;
pub mod shown;
mod silence;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
mod ticks;
pub mod timeline;
mod tmux;
pub mod told;
mod torn;
mod typed;
pub mod update;
pub mod veil;
pub mod view;
pub mod war;
pub mod widgets;
pub mod words;
pub mod writer;

use std::path::PathBuf;

use tokio::signal::unix::{Signal, SignalKind, signal};

use self::alerts::How;
use self::depth::Depth;
use self::model::Model;
use crate::core::launch::Status;
use crate::core::time::Span;
use crate::wire::link::{Link, Reconnect};

/// How to show a launch.
#[derive(Default)]
pub struct Options {
    /// A theme by its name, or the path of a theme file; none chooses by the terminal's background.
    pub theme: Option<String>,
    /// The file of the person's own keys; none looks for it where it is kept.
    pub keys: Option<PathBuf>,
    /// Draw with ASCII alone.
    pub ascii: bool,
    /// How the terminal calls who looks elsewhere.
    pub alerts: How,
    /// Tell what happened in the last so long, rather than since the person's last screen.
    pub since: Option<Span>,
    /// Let the READY card not come by itself: there is nothing to get ready for.
    pub quiet: bool,
    /// Take the mouse, which the terminal else keeps to select text.
    pub mouse: bool,
    /// Where what a person made of the screen is kept for the next time.
    pub kept: Option<PathBuf>,
    /// How to reach the engine again after the link was lost; none shows the loss and stays.
    pub reconnect: Option<Reconnect>,
}

/// Why there is no screen, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Standard output or input is no terminal.
    #[error(
        "this is no terminal: use `tminus status` or `tminus do` in scripts, `--headless` to launch without a screen"
    )]
    NotATerminal,
    /// The terminal takes nothing but lines.
    #[error("TERM=dumb: this terminal can't be drawn on; the launch goes on, and `tminus status` says how it stands")]
    Dumb,
    /// The terminal can't be used.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// The theme can't be used.
    #[error(transparent)]
    Theme(#[from] theme::ThemeError),
}

/// How the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The person detached; the launch goes on.
    Detached,
    /// The launch is over.
    Over,
    /// A signal ended the screen: its number. The launch goes on.
    Signalled(u8),
}

/// Shows the launch until the person detaches. The terminal is restored in every case: also on a panic, SIGTERM,
/// SIGHUP, SIGINT and SIGQUIT. When the terminal disappears the process ends with status 129.
pub async fn run(options: Options, link: Link) -> Result<Left, Error> {
    let var = |name: &str| std::env::var(name).ok();
    if var("TERM").is_some_and(|term| term == "dumb") {
        return Err(Error::Dumb);
    }
    let theme = theme::load(options.theme.as_deref().unwrap_or_else(|| by_background(&var)))?;
    let depth = Depth::detect(var);
    let ascii = options.ascii || !speaks_unicode(&var);
    // The console of Linux shows what it does not understand.
    let asks = options.theme.is_none() && depth != Depth::None && var("TERM").is_none_or(|t| t != "linux");
    let mut tty = terminal::Tty::open(asks)?;
    let size = crossterm::terminal::size()?;
    let mut model = Model::new(size, theme, ascii, rand::random());
    model.by_background = asks;
    model.since = options.since;
    model.quiet = options.quiet;
    model.calls_by = options.alerts.here(var);
    model.editor = editor::command(var);
    if let Some(file) = &options.kept {
        kept::bring(&mut model, file);
    }
    match keymap::load(options.keys.as_deref()) {
        Ok(own) => model.keymap = own,
        Err(wrong) => {
            let first = wrong.to_string().lines().next().unwrap_or_default().to_owned();
            model.refuse(format!("the standard keys are used: {first}; `tminus keys` says all"));
        }
    }
    model.mouse |= options.mouse;
    run::Screen::mouse(&mut tty, model.mouse);
    let mut term = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    // One that is dropped reads no more: an editor has the keys to itself.
    let input = || Box::pin(crossterm::event::EventStream::new()) as run::Input;
    let left = tokio::select! {
        () = run::run(&mut model, depth, &mut tty, input, link, options.reconnect) => {
            match model.launch.as_ref().map(|l| &l.status) {
                Some(Status::Ended { .. }) => Left::Over,
                _ => Left::Detached,
            }
        }
        _ = term.recv() => Left::Signalled(15),
        _ = hangup.recv() => Left::Signalled(1),
        () = meant_for_us(&mut interrupt) => Left::Signalled(2),
        () = meant_for_us(&mut quit) => Left::Signalled(3),
    };
    drop(tty);
    if let Some(file) = &options.kept {
        kept::keep(&model, file);
    }
    Ok(left)
}

/// Waits for a signal that the terminal sends at a key, as long as the terminal is ours: an editor's are not for us.
async fn meant_for_us(signal: &mut Signal) {
    while signal.recv().await.is_some() {
        if !terminal::is_lent() {
            return;
        }
    }
    std::future::pending().await
}

/// The theme for the terminal's background, as far as the environment tells; the terminal's own answer comes later.
fn by_background(var: &impl Fn(&str) -> Option<String>) -> &'static str {
    let light =
        var("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok()).is_some_and(|bg| bg == 7 || bg > 8);
    if light { "light" } else { "dark" }
}

/// Whether terminal and locale take UTF-8, as far as the environment tells.
fn speaks_unicode(var: &impl Fn(&str) -> Option<String>) -> bool {
    let said = |name: &str| var(name).filter(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(said).map(|l| l.to_lowercase());
    // Without any locale (a bare container) the terminal at the other end still is a modern one.
    said("TERM").is_some() && locale.is_none_or(|l| l.contains("utf-8") || l.contains("utf8"))
}
