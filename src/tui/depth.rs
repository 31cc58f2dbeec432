//! How many colours the terminal has, and the one pass that turns the roles of a drawn screen into them.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::role::Role;
use super::theme::Theme;

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

/// Turns the roles of every cell into colours that the terminal has.
pub fn adapt(buffer: &mut Buffer, theme: &Theme, depth: Depth) {
    for cell in &mut buffer.content {
        match depth {
            Depth::True => (cell.fg, cell.bg) = (coloured(theme, cell.fg), coloured(theme, cell.bg)),
            Depth::Indexed => {
                (cell.fg, cell.bg) = (indexed(coloured(theme, cell.fg)), indexed(coloured(theme, cell.bg)))
            }
            Depth::Ansi => sixteen(cell, theme),
            Depth::None => {
                if matches!(Role::of(cell.fg), Some(Role::Muted | Role::Rule | Role::Spark)) {
                    cell.modifier |= Modifier::DIM;
                }
                if fill(cell.bg).is_some() {
                    cell.modifier |= Modifier::REVERSED;
                }
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
            }
        }
    }
}

fn coloured(theme: &Theme, ink: Color) -> Color {
    Role::of(ink).map_or(Color::Reset, |role| theme.colour(role))
}

/// What is filled, rather than only behind.
fn fill(ink: Color) -> Option<Role> {
    Role::of(ink).filter(|role| !matches!(role, Role::Ground | Role::Panel | Role::Selection))
}

/// The terminal's own 16: a role keeps the hue that the theme gives it, and its colour where the theme names one of the 16.
/// What has no hue stays as the terminal has it, and a fill without hue is turned around.
fn sixteen(cell: &mut Cell, theme: &Theme) {
    let (front, light) = (Role::of(cell.fg), theme.is_light());
    if let Some(role) = fill(cell.bg) {
        (cell.fg, cell.bg) = match (named(theme.colour(role)), hue(theme.colour(role))) {
            (Some(behind), _) => (front.and_then(|f| named(theme.colour(f))).unwrap_or(Color::Reset), behind),
            (None, Some(Hue::Red)) => (Color::White, Color::Red),
            (None, Some(Hue::Magenta)) => (Color::White, Color::Magenta),
            (None, Some(Hue::Blue)) => (Color::White, Color::Blue),
            (None, Some(Hue::Yellow)) => (Color::Black, Color::Yellow),
            (None, Some(Hue::Green)) => (Color::Black, Color::Green),
            (None, None) => {
                cell.modifier |= Modifier::REVERSED;
                (Color::Reset, Color::Reset)
            }
        };
        return;
    }
    let behind = Role::of(cell.bg).and_then(|role| named(theme.colour(role))).unwrap_or(Color::Reset);
    let Some(role) = front else { return (cell.fg, cell.bg) = (Color::Reset, behind) };
    let colour = theme.colour(role);
    let drawn = cell.symbol().chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'));
    (cell.fg, cell.bg) = match (named(colour), role, hue(colour)) {
        (Some(named), ..) => (named, behind),
        // Grey letters are too pale on a light ground: there the terminal mutes its own.
        (_, Role::Muted, _) if light && !drawn => {
            cell.modifier |= Modifier::DIM;
            (Color::Reset, behind)
        }
        (_, Role::Muted | Role::Rule | Role::Spark, _) => (Color::DarkGray, behind),
        (_, Role::Text | Role::Hi, _) | (_, _, None) => (Color::Reset, behind),
        // On a light ground nobody can read yellow or green.
        (_, _, Some(Hue::Yellow)) if light && !drawn => (Color::Black, Color::Yellow),
        (_, _, Some(Hue::Yellow | Hue::Green)) if light => (Color::Reset, behind),
        (_, _, Some(hue)) => (hue.colour(light), behind),
    };
}

/// A colour of the terminal's own, if the theme names one.
fn named(colour: Color) -> Option<Color> {
    (!matches!(colour, Color::Rgb(..) | Color::Indexed(_) | Color::Reset)).then_some(colour)
}

/// The hues that 16 colours have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hue {
    Red,
    Yellow,
    Green,
    Blue,
    Magenta,
}

impl Hue {
    /// The dark blue, red and magenta of many terminals can't be read on a dark ground, and their light kin not on a
    /// light one.
    fn colour(self, light: bool) -> Color {
        match self {
            Hue::Red if light => Color::Red,
            Hue::Red => Color::LightRed,
            Hue::Yellow => Color::Yellow,
            Hue::Green => Color::Green,
            Hue::Blue if light => Color::Blue,
            Hue::Blue => Color::Cyan,
            Hue::Magenta if light => Color::Magenta,
            Hue::Magenta => Color::LightMagenta,
        }
    }
}

/// The hue of a colour that has one: where its largest and its smallest part lie far enough apart.
fn hue(colour: Color) -> Option<Hue> {
    let Color::Rgb(r, g, b) = colour else { return None };
    let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let spread = most - least;
    if spread < 24 {
        return None;
    }
    let sixth = |up: i32, down: i32| 60 * (up - down) / spread;
    let degrees = if most == r {
        sixth(g, b).rem_euclid(360)
    } else if most == g {
        120 + sixth(b, r)
    } else {
        240 + sixth(r, g)
    };
    Some(match degrees {
        20..75 => Hue::Yellow,
        75..165 => Hue::Green,
        165..250 => Hue::Blue,
        250..330 => Hue::Magenta,
        _ => Hue::Red,
    })
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
            buffer[(0, 0)].set_symbol(symbol).set_style(role.style());
            adapt(&mut buffer, &theme, Depth::Ansi);
            (buffer[(0, 0)].fg, buffer[(0, 0)].bg)
        };
        assert_eq!(drawn("dark", Role::Accent, "x"), (Color::Cyan, Color::Reset));
        assert_eq!(drawn("light", Role::Accent, "x"), (Color::Blue, Color::Reset));
        assert_eq!(drawn("dark", Role::Warn, "x"), (Color::Yellow, Color::Reset));
        assert_eq!(drawn("light", Role::Warn, "x"), (Color::Black, Color::Yellow));
        assert_eq!(drawn("light", Role::Warn, "─"), (Color::Reset, Color::Reset));
        assert_eq!(drawn("light", Role::Ok, "●"), (Color::Reset, Color::Reset));
        assert_eq!(drawn("light", Role::Crit, "x"), (Color::Red, Color::Reset));
        assert_eq!(drawn("dark", Role::Crit, "x"), (Color::LightRed, Color::Reset));
        assert_eq!(drawn("dark", Role::CritText, "x"), (Color::White, Color::Red));
        assert_eq!(drawn("light", Role::WarnText, "x"), (Color::Black, Color::Yellow));
    }

    #[test]
    fn sixteen_colours_keep_the_hues_of_the_theme() {
        let drawn = |name: &str, role: Role| {
            let theme = super::super::theme::load(name).unwrap().of_environment("production");
            let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 1, 1));
            buffer[(0, 0)].set_symbol("x").set_style(role.style());
            adapt(&mut buffer, &theme, Depth::Ansi);
            (buffer[(0, 0)].fg, buffer[(0, 0)].bg, buffer[(0, 0)].modifier.contains(Modifier::REVERSED))
        };
        assert_eq!(drawn("colour-blind", Role::Ok), (Color::Cyan, Color::Reset, false));
        assert_eq!(drawn("mono", Role::Crit), (Color::Reset, Color::Reset, false));
        assert_eq!(drawn("mono", Role::CritText), (Color::Reset, Color::Reset, true));
        assert_eq!(drawn("dark", Role::EnvironmentText), (Color::White, Color::Magenta, false));
        for name in super::super::theme::built_in().filter(|name| !["mono", "colour-blind"].contains(name)) {
            assert_eq!(drawn(name, Role::Ok).0, if name == "light" { Color::Reset } else { Color::Green }, "{name}");
            let (red, magenta) = match name {
                "light" => (Color::Red, Color::Magenta),
                _ => (Color::LightRed, Color::LightMagenta),
            };
            assert_eq!(drawn(name, Role::Crit).0, red, "{name}");
            assert_eq!(drawn(name, Role::Unknown).0, magenta, "{name}");
        }
    }

    #[test]
    fn colours_come_down_to_the_nearest() {
        assert_eq!(indexed(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(indexed(Color::Rgb(128, 128, 128)), Color::Indexed(244));
        assert_eq!(indexed(Color::Rgb(255, 255, 255)), Color::Indexed(231));
    }
}
