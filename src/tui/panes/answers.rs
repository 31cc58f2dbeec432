//! The three answers: NOW (are we OK), NEXT (what, when, who), BACK (can I, to what, how long).

use ratatui::style::Style;

use crate::core::launch::answers::Words;
use crate::tui::answers::{Answer, Answers};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;

/// Draws them side by side, or one below the other.
pub fn draw(model: &Model, pen: &mut Pen<'_>, stacked: bool) {
    let Some(answers) = Answers::of(model) else { return };
    let parts = [("NOW", &answers.now), ("NEXT", &answers.next), ("BACK", &answers.back)];
    if stacked {
        for (y, (label, answer)) in (0..).zip(parts) {
            let x = if pen.width() < 40 { 0 } else { 1 };
            pen.bold(x, y, label, Role::Muted);
            let x = headline(pen, x + 5, y, pen.width(), answer);
            if let Some(line) = answer.lines.first() {
                let text = fitting(line, pen.width().saturating_sub(x + 2));
                pen.put(x + 2, y, text, Role::Muted);
            }
        }
        return;
    }
    // What goes on has the longest words, so where it is narrow its column is a little wider.
    let (narrow, third) = (pen.width() < 100, pen.width() / 3);
    let (second, last) = if narrow { (third + 3, 2 * third + 3) } else { (third, 2 * third) };
    let columns = [(0, second), (second, last), (last, pen.width())];
    for ((left, end), (label, answer)) in columns.into_iter().zip(parts) {
        let indent = if narrow { 5 } else { 6 };
        let room = (end - left).saturating_sub(indent + 2);
        pen.bold(left + 1, 0, label, Role::Muted);
        headline(pen, left + 1 + indent, 0, left + 1 + indent + room, answer);
        for (y, line) in (1..pen.height()).zip(&answer.lines) {
            let role = if y == 1 { Role::Text } else { Role::Muted };
            pen.cut(left + 1 + indent, y, fitting(line, room), room, pen.theme.style(role));
        }
    }
}

/// The longest form for which there is room.
fn fitting(words: &Words, room: u16) -> &str {
    words.fitting(|form| width(form) <= room)
}

/// The answer and what stands beside it; that gives up words before it goes.
fn headline(pen: &mut Pen<'_>, x: u16, y: u16, end: u16, answer: &Answer) -> u16 {
    let style: Style = match answer.fill {
        Some(role) => pen.theme.style(role),
        None => pen.theme.bold(answer.role),
    };
    let room = end.saturating_sub(x + if answer.fill.is_some() { 2 } else { 0 });
    let beside = answer.more.forms().filter(|more| !more.is_empty()).find_map(|more| {
        let fits = |head: &&str| width(head) + width(more) + 2 <= room;
        Some((answer.head.forms().find(fits)?, more))
    });
    let (head, more) = beside.unwrap_or((fitting(&answer.head, room), ""));
    let text = if answer.fill.is_some() { format!(" {head} ") } else { head.to_owned() };
    let x = pen.cut(x, y, &text, end.saturating_sub(x), style);
    if more.is_empty() { x } else { pen.cut(x + 2, y, more, end.saturating_sub(x + 2), pen.theme.style(Role::Hi)) }
}
