//! The head of a pane: digit, title, a rule to the summary at the right. Heavy where the focus is.

use ratatui::style::Style;

use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;

/// Draws it in row 0. The summary's parts stand at the right, the last one outermost.
pub fn draw(pen: &mut Pen<'_>, digit: char, title: &str, focus: bool, summary: &[(String, Style)]) {
    let all = pen.width();
    let mut end = all;
    for (text, style) in summary.iter().rev() {
        if text.is_empty() {
            continue;
        }
        let need = width(text);
        if end < need + 12 {
            break;
        }
        end = pen.right(end, 0, text, *style).saturating_sub(2);
    }
    let role = if focus { Role::Accent } else { Role::Hi };
    let digit_style = pen.theme.style(if focus { Role::Accent } else { Role::Muted });
    let x = pen.cut(1, 0, &digit.to_string(), 1, digit_style);
    let room = (end + 1).saturating_sub(x + 1);
    let x = pen.cut(x + 1, 0, title, room, pen.theme.bold(role));
    let (symbol, style) = if focus {
        (pen.glyphs.heavy, pen.theme.style(Role::Accent))
    } else {
        (pen.glyphs.rule, pen.theme.style(Role::Rule))
    };
    pen.line(x + 1, if end == all { all } else { end + 1 }, 0, symbol, style);
}
