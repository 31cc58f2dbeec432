//! The screen: a thin client of the engine. It folds the same events with the same `apply`, holds the same readout, and
//! asks core for every sentence about what may happen next.

pub mod action;
pub mod alarm;
pub mod answers;
pub mod checklist;
pub mod command;
pub mod depth;
pub mod dialogs;
pub mod edit;
pub mod facts;
pub mod glyphs;
mod incoming;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod output;
pub mod panes;
pub mod pen;
pub mod rows;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;
pub mod words;

use crate::wire::link::{Link, Reconnect};

/// How to show a launch.
#[derive(Default)]
pub struct Options {
    /// `dark`, `light`, or the path of a theme file; none chooses by the environment.
    pub theme: Option<String>,
    /// Draw with ASCII alone.
    pub ascii: bool,
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
    /// The terminal can't be used.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
}

/// How the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The person detached; the launch goes on.
    Detached,
    /// The engine said goodbye and the launch is over.
    Over,
}

/// Shows the launch until the person detaches. The terminal is restored in every case.
pub async fn run(_options: Options, _link: Link) -> Result<Left, Error> {
    unimplemented!()
}
