//! The head of a pane: digit, title, a rule to the summary at the right. Heavy where the focus is.

use ratatui::style::Style;

use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;

/// Between two parts of a summary.
const GAP: u16 = 2;

/// Draws it in row 0. The summary's parts stand at the right, what is worth most first: where there is little room the
/// last ones are left out. The first one is worth more than the title. Returns where the rule begins and ends.
pub fn draw(pen: &mut Pen<'_>, digit: char, title: &str, focus: bool, summary: &[(String, Style)]) -> (u16, u16) {
    let all = pen.width();
    let parts: Vec<&(String, Style)> = summary.iter().filter(|(text, _)| !text.is_empty()).collect();
    let shown = fitting(all, width(title), &parts.iter().map(|(text, _)| width(text)).collect::<Vec<_>>());
    let mut end = all;
    for (text, style) in parts.iter().take(shown).rev() {
        end = pen.right(end, 0, text, *style).saturating_sub(GAP);
    }
    let role = if focus { Role::Accent } else { Role::Hi };
    let digit_style = (if focus { Role::Accent } else { Role::Muted }).style();
    let x = pen.cut(1, 0, &digit.to_string(), 1, digit_style);
    let room = (end + 1).saturating_sub(x + 1);
    let x = pen.cut(x + 1, 0, title, room, role.bold());
    let (symbol, style) =
        if focus { (pen.glyphs.heavy, Role::Accent.style()) } else { (pen.glyphs.rule, Role::Rule.style()) };
    let end = if end == all { all } else { end + 1 };
    pen.line(x + 1, end, 0, symbol, style);
    (x + 1, end)
}

/// How many of the parts there is room for: the first where a few letters of the title are left, the others beside the
/// whole title.
fn fitting(all: u16, title: u16, parts: &[u16]) -> usize {
    let digit = 3;
    let beside = |title: u16| all.saturating_sub(digit + title + GAP);
    let mut used = 0;
    let mut shown = 0;
    for part in parts {
        used += part + if shown > 0 { GAP } else { 0 };
        if used > beside(if shown == 0 { title.min(8) } else { title }) {
            break;
        }
        shown += 1;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mildest_goes_first() {
        // `4 Health`, `1 critical`, `1 warn`, `1 unknown`
        assert_eq!(fitting(60, 6, &[10, 6, 9]), 3);
        assert_eq!(fitting(30, 6, &[10, 6, 9]), 2);
        assert_eq!(fitting(27, 6, &[10, 6, 9]), 1);
        assert_eq!(fitting(23, 14, &[10, 6]), 1, "the worst count is worth more than the whole title");
        assert_eq!(fitting(12, 6, &[10]), 0);
    }
}
