//! A drawn buffer as text with SGR sequences: for what is printed rather than shown, and for looking at screens in tests.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::sgr::colour;

/// The rows, joined by `between`. Each row ends in plain style.
pub fn rows(buffer: &Buffer, between: &str) -> String {
    let row = |y| {
        let mut out = String::new();
        let (mut skip, mut last) = (0, String::new());
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let sgr = sgr(cell);
            if sgr != last {
                out.push_str(&sgr);
                last = sgr;
            }
            out.push_str(cell.symbol());
            skip = cell.symbol().width().saturating_sub(1);
        }
        if last != "\x1b[0m" {
            out.push_str("\x1b[0m");
        }
        out
    };
    (0..buffer.area.height).map(row).collect::<Vec<_>>().join(between)
}

fn sgr(cell: &Cell) -> String {
    let mut out = "\x1b[0".to_owned();
    let modifiers = [(Modifier::BOLD, 1), (Modifier::DIM, 2), (Modifier::UNDERLINED, 4), (Modifier::REVERSED, 7)];
    for (modifier, code) in modifiers {
        if cell.modifier.contains(modifier) {
            let _ = write!(out, ";{code}");
        }
    }
    for (ink, base) in [(cell.fg, 30), (cell.bg, 40)] {
        if ink != Color::Reset {
            let _ = write!(out, ";{}", colour(ink, base));
        }
    }
    out.push('m');
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_buffer_is_text_with_its_styles() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
        buffer.set_string(0, 0, "日a", Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Red).bold());
        buffer.set_string(0, 1, "x", Style::new().fg(Color::LightGreen).bg(Color::Indexed(40)));
        assert_eq!(rows(&buffer, "\n"), "\x1b[0;1;38;2;1;2;3;41m日a\x1b[0m \n\x1b[0;92;48;5;40mx\x1b[0m   ");
    }
}
