//! `tminus ls`: all launches, live and ended, as their journals have them, with the plan's name and its boxes.

use std::process::ExitCode;

use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::reach;
use crate::core::launch::{LaunchState, Progress, Status};
use crate::core::text::clean;
use crate::engine::{lock, open};
use crate::paths;

/// How to list.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those that are live
    #[arg(long)]
    live: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let (mut wrong, mut rows) = (0, Vec::new());
    for id in paths::launches()? {
        let state = match open::state(&id) {
            Ok(state) => state,
            Err(e) => {
                super::complain(format!("{id}: {e}"));
                wrong += 1;
                continue;
            }
        };
        let ended = matches!(state.status, Status::Ended { .. });
        if args.live && ended {
            continue;
        }
        let engine = paths::launch(&id).ok().and_then(|dir| lock::holder(&dir));
        let Progress { done, of, .. } = Progress::of_all(&state);
        let (name, version) = (&state.outline.name, &state.outline.version);
        if args.json {
            let row = json!({
                "launch": id, "mode": state.mode, "pace": state.pace(), "plan": name, "version": version, "environment": state.outline.environment,
                "state": word(&state), "opened": state.opened, "engine": engine, "done": done, "of": of,
            });
            println!("{}", super::json::line(&row)?);
            continue;
        }
        let engine = match engine {
            _ if ended => String::new(),
            Some(pid) => format!("engine {pid}"),
            None => "no engine".to_owned(),
        };
        let boxes = format!("{done:>3}/{of} boxes");
        let opened = reach::stamp(&state, state.opened);
        let plan = clean(format!("{name} {version}").trim_end());
        let rehearsal = state.rehearsal().map_or_else(String::new, |word| format!("{word}, "));
        rows.push([id.to_string(), format!("{rehearsal}{}", word(&state)), opened, boxes, engine, plan]);
    }
    table(&rows).iter().for_each(|line| println!("{line}"));
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rows with each column as wide as its widest cell; wide letters count as the two columns that they take.
fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(widest);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn word(state: &LaunchState) -> &'static str {
    match &state.status {
        Status::Ended { .. } => "over",
        Status::RollingBack(_) if state.hold.is_some() => "rolling back, holds",
        Status::RollingBack(_) => "rolling back",
        Status::RolledBack(_) if state.hold.is_some() => "rolled back, holds",
        Status::RolledBack(_) => "rolled back",
        Status::Live if state.hold.is_some() => "holds",
        Status::Live => "live",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_also_with_wide_letters() {
        let row = |id: &str, state: &str, plan: &str| [id, state, plan].map(str::to_owned);
        let lines =
            table(&[row("決済.test.1", "live", "決済"), row("wallet.test.1", "rolled back", ""), row("x", "", "X")]);
        assert_eq!(
            lines,
            ["決済.test.1    live         決済", "wallet.test.1  rolled back", "x                           X"]
        );
    }
}
