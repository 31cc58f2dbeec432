//! `tminus keys`: the keys of the screen, from the keymap itself, with the person's own.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::core::spell;
use crate::paths;
use crate::tui::action::Action;
use crate::tui::keymap::{self, Keymap};

/// How to print them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As a Markdown table, without your own.
    #[arg(long)]
    markdown: bool,
    /// A file of your own keys [default: keys.toml in your configuration directory]
    #[arg(long, value_name = "FILE", env = "TMINUS_KEYS")]
    keys: Option<PathBuf>,
}

/// Prints the keys, then what can be typed after `:`, then where one's own keys are. Fails where these can't be used, with
/// all that is wrong.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let own = if args.markdown { Ok(Keymap::standard().clone()) } else { keymap::load(args.keys.as_deref()) };
    let wrong = own.as_ref().err().map(ToString::to_string);
    let map = &own.unwrap_or_else(|_| Keymap::standard().clone());
    let mut group = "";
    if args.markdown {
        println!("| key | action | does |\n| --- | --- | --- |");
    }
    for action in Action::all() {
        let keys = map.keys_of(action);
        if args.markdown {
            let keys: Vec<String> = keys.iter().map(|k| format!("`{k}`")).collect();
            println!("| {} | {} | {} |", keys.join(" "), action.name(), action.doc());
            continue;
        }
        if action.group() != group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = action.group();
            println!("{gap}{group}");
        }
        println!("  {:<18} {:<14} {}", keys.join(" "), action.name(), action.doc());
    }
    if !args.markdown {
        println!("\nOrders, after `:` (the step may be left out: then the selected one is meant)");
        for order in spell::ORDERS {
            println!("  {:<42} {}", format!("{} {}", order.word, order.args), order.what);
        }
    }
    if let Some(file) = args.keys.or_else(paths::keys).filter(|_| !args.markdown) {
        let is = if file.exists() { "your own keys are in" } else { "keys of your own go into" };
        println!("\n{is} {}: a line is `x = \"run\"`, `r = \"none\"` frees a key", file.display());
    }
    if let Some(wrong) = wrong {
        super::complain(format!("{wrong}\nthe standard keys are used until it is mended"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
