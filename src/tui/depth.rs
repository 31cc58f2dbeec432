//! How many colours the terminal has, and the one pass that brings a drawn screen down to them.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::theme::{Role, Theme};

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// 24 bits.
    #[default]
    True,
    /// The 256 of xterm.
    Indexed,
    /// The terminal's own 16.
    Ansi,
    /// None: bold, dim and reverse alone.
    None,
}

impl Depth {
    /// From the environment: `NO_COLOR`, `TERM`, `COLORTERM`.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        let term = var("TERM").unwrap_or_default();
        if var("NO_COLOR").is_some_and(|v| !v.is_empty()) || term == "dumb" {
            return Depth::None;
        }
        if var("COLORTERM").is_some_and(|v| matches!(v.as_str(), "truecolor" | "24bit")) || term.contains("direct") {
            return Depth::True;
        }
        if term.contains("256color") || matches!(term.as_str(), "xterm-kitty" | "alacritty" | "foot") {
            return Depth::Indexed;
        }
        Depth::Ansi
    }
}

/// Brings every cell down to what the terminal has.
pub fn adapt(buffer: &mut Buffer, theme: &Theme, depth: Depth) {
    match depth {
        Depth::True => {}
        Depth::Indexed => {
            for cell in &mut buffer.content {
                cell.fg = indexed(cell.fg);
                cell.bg = indexed(cell.bg);
            }
        }
        Depth::Ansi => {
            for cell in &mut buffer.content {
                let under = fill(theme, cell.bg);
                let role = theme.role_of(cell.fg);
                let drawn =
                    cell.symbol().chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'));
                (cell.fg, cell.bg) = match (under, role) {
                    (Some(Role::CritFill), _) => (Color::White, Color::Red),
                    (Some(Role::WarnFill), _) => (Color::Black, Color::Yellow),
                    (Some(_), _) => {
                        cell.modifier |= Modifier::REVERSED;
                        (Color::Reset, Color::Reset)
                    }
                    // On a light ground nobody can read yellow or green letters.
                    (None, Some(Role::Warn)) if theme.is_light() && !drawn => (Color::Black, Color::Yellow),
                    (None, Some(Role::Ok)) if theme.is_light() && cell.symbol().chars().all(char::is_alphanumeric) => {
                        (Color::Reset, Color::Reset)
                    }
                    _ => (ansi(theme, cell.fg), Color::Reset),
                };
            }
        }
        Depth::None => {
            for cell in &mut buffer.content {
                if matches!(theme.role_of(cell.fg), Some(Role::Muted | Role::Rule | Role::Spark)) {
                    cell.modifier |= Modifier::DIM;
                }
                if fill(theme, cell.bg).is_some() {
                    cell.modifier |= Modifier::REVERSED;
                }
                cell.fg = Color::Reset;
                cell.bg = Color::Reset;
            }
        }
    }
}

/// What is filled, rather than only behind.
fn fill(theme: &Theme, bg: Color) -> Option<Role> {
    [Role::CritFill, Role::WarnFill, Role::Hi].into_iter().find(|r| theme.colour(*r) == bg)
}

fn indexed(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    let level = |c: u8| -> u8 {
        if c < 48 {
            0
        } else if c < 115 {
            1
        } else {
            (c - 35) / 40
        }
    };
    let value = |l: u8| -> i32 { if l == 0 { 0 } else { 55 + 40 * i32::from(l) } };
    let (lr, lg, lb) = (level(r), level(g), level(b));
    let grey = ((i32::from(r) + i32::from(g) + i32::from(b)) / 3 - 3) / 10;
    let grey = grey.clamp(0, 23);
    let away =
        |x: i32, y: i32, z: i32| (x - i32::from(r)).pow(2) + (y - i32::from(g)).pow(2) + (z - i32::from(b)).pow(2);
    let shade = 8 + 10 * grey;
    if away(shade, shade, shade) < away(value(lr), value(lg), value(lb)) {
        Color::Indexed(232 + u8::try_from(grey).unwrap_or(0))
    } else {
        Color::Indexed(16 + 36 * lr + 6 * lg + lb)
    }
}

/// The dark blue of many terminals can't be read on a dark ground, and cyan not on a light one.
fn ansi(theme: &Theme, colour: Color) -> Color {
    let Some(role) = theme.role_of(colour) else {
        return match colour {
            Color::Rgb(..) | Color::Indexed(16..) => Color::Reset,
            named => named,
        };
    };
    match role {
        Role::Muted | Role::Rule | Role::Spark => Color::DarkGray,
        Role::Accent if theme.is_light() => Color::Blue,
        Role::Accent => Color::Cyan,
        Role::Ok => Color::Green,
        Role::Warn | Role::WarnFill => Color::Yellow,
        Role::Crit | Role::CritFill => Color::Red,
        Role::Unknown => Color::Magenta,
        _ => Color::Reset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_how_many_colours() {
        let with =
            |vars: &[(&str, &str)]| Depth::detect(|k| vars.iter().find(|(n, _)| *n == k).map(|(_, v)| (*v).to_owned()));
        assert_eq!(with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(with(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
        assert_eq!(with(&[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(with(&[("TERM", "dumb")]), Depth::None);
        assert_eq!(with(&[]), Depth::Ansi);
    }

    #[test]
    fn sixteen_colours_can_be_read_on_both_grounds() {
        let drawn = |name: &str, role: Role, symbol: &str| {
            let theme = super::super::theme::load(name).unwrap();
            let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 1, 1));
            buffer[(0, 0)].set_symbol(symbol).set_style(theme.style(role));
            adapt(&mut buffer, &theme, Depth::Ansi);
            (buffer[(0, 0)].fg, buffer[(0, 0)].bg)
        };
        assert_eq!(drawn("dark", Role::Accent, "x"), (Color::Cyan, Color::Reset));
        assert_eq!(drawn("light", Role::Accent, "x"), (Color::Blue, Color::Reset));
        assert_eq!(drawn("dark", Role::Warn, "x"), (Color::Yellow, Color::Reset));
        assert_eq!(drawn("light", Role::Warn, "x"), (Color::Black, Color::Yellow));
        assert_eq!(drawn("light", Role::Warn, "─"), (Color::Yellow, Color::Reset));
        assert_eq!(drawn("light", Role::Ok, "R"), (Color::Reset, Color::Reset));
        assert_eq!(drawn("light", Role::Ok, "●"), (Color::Green, Color::Reset));
        assert_eq!(drawn("dark", Role::CritText, "x"), (Color::White, Color::Red));
        assert_eq!(drawn("light", Role::WarnText, "x"), (Color::Black, Color::Yellow));
    }

    #[test]
    fn colours_come_down_to_the_nearest() {
        assert_eq!(indexed(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(indexed(Color::Rgb(128, 128, 128)), Color::Indexed(244));
        assert_eq!(indexed(Color::Rgb(255, 255, 255)), Color::Indexed(231));
    }
}
