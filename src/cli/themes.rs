//! `tminus themes`: the themes that can be chosen, each in its own colours.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::depth::{self, Depth};
use crate::tui::glyphs;
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::{ansi, theme};

/// There is nothing to choose.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Columns of a sample.
const WIDTH: u16 = 80;

/// Prints every theme by name with a sample of it; the names alone where the output is no terminal.
pub fn run(_: Args) -> color_eyre::Result<ExitCode> {
    let depth = Depth::detect(|name| std::env::var(name).ok());
    for name in theme::names() {
        if !std::io::stdout().is_terminal() {
            println!("{name}");
            continue;
        }
        match theme::load(&name) {
            Ok(theme) => {
                let mut buffer = sample(&name);
                depth::adapt(&mut buffer, &theme.of_environment("production"), depth);
                println!("{}", ansi::rows(&buffer, "\n"));
            }
            Err(e) => println!("{name}: {e}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn sample(name: &str) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, WIDTH, 1));
    let area = buffer.area;
    let mut pen = Pen::new(&mut buffer, area, &glyphs::UNICODE);
    pen.fill(Role::Ground);
    let mut x = pen.bold(1, 0, name, Role::Hi).max(15);
    let words = [
        (" prod ", Role::EnvironmentText),
        ("muted", Role::Muted),
        ("▸ runs", Role::Accent),
        ("● ok", Role::Ok),
        ("▲ warn", Role::Warn),
        ("■ crit", Role::Crit),
        ("? unknown", Role::Unknown),
        (" BREACH ", Role::CritText),
        (" HOLD ", Role::WarnText),
    ];
    for (word, role) in words {
        x = pen.put(x, 0, word, role) + 1;
    }
    buffer
}
