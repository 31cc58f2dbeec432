//! `tminus keys`: the keys of the screen, from the keymap itself.

use std::process::ExitCode;

use crate::core::spell;
use crate::tui::action::Action;
use crate::tui::keymap::Keymap;

/// How to print them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As a Markdown table.
    #[arg(long)]
    markdown: bool,
}

/// Prints the keys, then what can be typed after `:`.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let map = Keymap::standard();
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
    Ok(ExitCode::SUCCESS)
}
