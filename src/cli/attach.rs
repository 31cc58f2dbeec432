//! `tminus attach [LAUNCH]`: the screen of a launch.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::plain;
use super::reach::{self, Who};
use crate::core::ids::LaunchId;
use crate::core::time::Span;
use crate::engine::start;
use crate::paths;
use crate::tui::alerts::How;
use crate::tui::{self, Left};
use crate::wire::connect::ConnectError;
use crate::wire::link::Reconnect;

/// How the screen looks.
#[derive(Clone, Debug, clap::Args)]
pub struct Show {
    /// A theme by its name (`tminus themes`), or a theme file [default: by the terminal]
    #[arg(long, value_name = "THEME", env = "TMINUS_THEME")]
    theme: Option<String>,
    /// A file of your own keys [default: keys.toml in your configuration directory; `tminus keys` says which]
    #[arg(long, value_name = "FILE", env = "TMINUS_KEYS")]
    keys: Option<PathBuf>,
    /// Draw with ASCII alone; the plan's own texts stay as they are
    #[arg(long)]
    ascii: bool,
    /// How the terminal calls you when something new breaks while you look elsewhere
    #[arg(long, value_name = "HOW", env = "TMINUS_ALERTS", value_enum, default_value_t)]
    alerts: How,
    /// Take the mouse: a click focuses and selects, the wheel scrolls. Your terminal then selects text with Shift alone
    #[arg(long)]
    mouse: bool,
    /// Write lines instead of a screen, one a change, and read orders line by line, until `quit` or the launch is over: for
    /// a screen reader, for a build
    #[arg(long, conflicts_with_all = ["theme", "keys", "ascii", "alerts", "mouse"])]
    plain: bool,
}

impl Show {
    /// Whether lines are wanted rather than a screen.
    pub fn plain(&self) -> bool {
        self.plain
    }

    /// The same for the screen.
    pub fn options(&self) -> tui::Options {
        let Self { theme, keys, ascii, alerts, mouse, plain: _ } = self.clone();
        tui::Options { theme, keys, ascii, alerts, mouse, ..tui::Options::default() }
    }
}

/// Which launch.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 detached or over, 1 it can't be shown, 2 there is no terminal (`--plain` needs none), 3 there is no \
such launch. With `--plain`, where orders come by a pipe: 0 all were taken, else as `tminus do` ends for the first that was \
not: 2 it can't be read, 4 it was rejected."
)]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    #[command(flatten)]
    who: Who,
    /// Tell what happened in the last SPAN (8h), rather than since your last screen
    #[arg(long, value_name = "SPAN")]
    since: Option<Span>,
    /// Where its journal is not as it was written: start its engine after the last event that is. A copy of the journal is
    /// kept, and the launch holds
    #[arg(long)]
    sound: bool,
    #[command(flatten)]
    show: Show,
}

/// Comes back to a launch.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    if !args.show.plain && !terminal() {
        return Ok(ExitCode::from(2));
    }
    match reach::launch(args.launch.as_deref()) {
        Ok(id) => {
            if args.sound {
                start::start(&["--launch".into(), id.as_str().into(), "--sound".into()])?;
            }
            show(&id, &args.who, &args.show, args.since)
        }
        Err(e) => {
            super::complain(&e);
            Ok(ExitCode::from(3))
        }
    }
}

/// Whether there is a terminal to draw on; says so where there is none.
pub fn terminal() -> bool {
    let there = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if !there {
        eprintln!("{}", tui::Error::NotATerminal);
    }
    there
}

/// Shows a launch until the person detaches.
pub fn show(id: &LaunchId, who: &Who, show: &Show, since: Option<Span>) -> color_eyre::Result<ExitCode> {
    if show.plain {
        return plain::follow(id, who);
    }
    let who = &Who { screen: true, ..who.clone() };
    let left = reach::block_on(async {
        let (link, _) = reach::link(id, who).await?;
        let reconnect = Some(reconnect(id.clone(), who.clone()));
        let options = tui::Options { since, reconnect, kept: paths::screen().ok(), ..show.options() };
        Ok(tui::run(options, link).await?)
    })?;
    Ok(match left {
        Left::Detached => {
            println!("{id} goes on: `tminus attach {id}` comes back");
            ExitCode::SUCCESS
        }
        Left::Over => {
            println!("{id} is over: `tminus log {id}` shows what happened");
            ExitCode::SUCCESS
        }
        Left::Signalled(signal) => {
            eprintln!("{id} goes on: `tminus attach {id}` comes back");
            ExitCode::from(128u8.saturating_add(signal))
        }
    })
}

/// So long a link must have stood for an engine that dies then to be started again as if it were the first.
const STOOD: Duration = Duration::from_secs(600);

/// Whether a screen may start an engine that died: once, so that one that dies at once is not started for ever; and once
/// more after its link stood for a while, since a screen stays open for days.
#[derive(Default)]
struct Starts {
    /// When it was tried last to come back; attempts of one loss are seconds apart.
    tried: Option<Instant>,
}

impl Starts {
    fn may(&mut self, now: Instant) -> bool {
        let before = self.tried.replace(now);
        before.is_none_or(|before| now.duration_since(before) > STOOD)
    }
}

/// A lost link is made again; an engine that died is started again, as [`Starts`] says.
pub(super) fn reconnect(id: LaunchId, who: Who) -> Reconnect {
    let mut starts = Starts::default();
    Box::new(move || {
        let (id, who, may_start) = (id.clone(), who.clone(), starts.may(Instant::now()));
        Box::pin(async move {
            if may_start {
                // It may be on its way up by another client.
                tokio::time::sleep(Duration::from_millis(200)).await;
                return reach::quiet_link(&id, &who).await.map_err(|e| e.to_string());
            }
            reach::present_link(&id, &who).await.map_err(|e| match e {
                // A newer one took the launch up meanwhile.
                ConnectError::OtherVersion { .. } => format!("{e}: detach, and attach again with that one"),
                e => e.to_string(),
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_died_is_started_once_and_again_only_after_its_link_stood_for_a_while() {
        let (mut starts, began) = (Starts::default(), Instant::now());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        assert!(starts.may(at(0)));
        for seconds in [1, 9, 17, 600] {
            assert!(!starts.may(at(seconds)), "the same loss, {seconds}");
        }
        assert!(starts.may(at(600 + 601)), "the link stood since");
        assert!(!starts.may(at(600 + 602)));
    }
}
