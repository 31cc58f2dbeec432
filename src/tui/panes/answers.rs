//! The three answers: NOW (are we OK), NEXT (what, when, who), BACK (can I, to what, how long).

use ratatui::style::Style;

use crate::tui::answers::{Answer, Answers};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;

/// Draws them side by side, or one below the other.
pub fn draw(model: &Model, pen: &mut Pen<'_>, stacked: bool) {
    let answers = Answers::of(model);
    let parts = [("NOW", &answers.now), ("NEXT", &answers.next), ("BACK", &answers.back)];
    if stacked {
        for (y, (label, answer)) in (0..).zip(parts) {
            let x = if pen.width() < 40 { 0 } else { 1 };
            pen.bold(x, y, label, Role::Muted);
            let x = headline(pen, x + 5, y, pen.width(), answer);
            if let Some(line) = answer.lines.first() {
                pen.put(x + 2, y, line, Role::Muted);
            }
        }
        return;
    }
    let third = pen.width() / 3;
    for (i, (label, answer)) in (0..).zip(parts) {
        let left = i * third;
        let indent = if pen.width() < 100 { 5 } else { 6 };
        let room = (if i == 2 { pen.width() - left } else { third }).saturating_sub(indent + 2);
        pen.bold(left + 1, 0, label, Role::Muted);
        headline(pen, left + 1 + indent, 0, left + 1 + indent + room, answer);
        for (y, line) in (1..pen.height()).zip(&answer.lines) {
            let role = if y == 1 { Role::Text } else { Role::Muted };
            pen.cut(left + 1 + indent, y, line, room, pen.theme.style(role));
        }
    }
}

fn headline(pen: &mut Pen<'_>, x: u16, y: u16, end: u16, answer: &Answer) -> u16 {
    let style: Style = match answer.fill {
        Some(role) => pen.theme.style(role),
        None => pen.theme.bold(answer.role),
    };
    let text = if answer.fill.is_some() { format!(" {} ", answer.head) } else { answer.head.clone() };
    let x = pen.cut(x, y, &text, end.saturating_sub(x), style);
    if answer.more.is_empty() || x + 2 + width(&answer.more) > end {
        return x;
    }
    pen.cut(x + 2, y, &answer.more, end.saturating_sub(x + 2), pen.theme.style(Role::Hi))
}
