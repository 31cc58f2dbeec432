//! The three answers: NOW (are we OK), NEXT (what, when, who), BACK (can I, to what, how long).

use ratatui::style::Style;

use crate::core::launch::answers::Words;
use crate::tui::action::Action;
use crate::tui::answers::{Answer, Answers};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;

/// Rows from which on a screen has a footer.
const FOOTED: u16 = 6;

/// Draws them side by side, the second and the third from `thirds` on; or one below the other.
pub fn draw(model: &Model, answers: &Answers, pen: &mut Pen<'_>, stacked: bool, [second, last]: [u16; 2]) {
    let parts = [("NOW", &answers.now), ("NEXT", &answers.next), ("BACK", &answers.back)];
    if stacked {
        for (y, (label, answer)) in (0..).zip(parts) {
            let x = if pen.width() < 40 { 0 } else { 1 };
            pen.bold(x, y, label, Role::Muted);
            let mut end = pen.width();
            // Without a footer the key that goes back stands here.
            if label == "BACK" && model.size.1 < FOOTED {
                end = end.saturating_sub(2);
                pen.right(end + 2, y, &model.key_of(Action::GoBack), Role::Accent.bold());
            }
            let x = headline(pen, x + 5, y, end, answer);
            if let Some(line) = answer.lines.first() {
                let room = end.saturating_sub(x + 2);
                let text = fitting(line, room);
                // Of a few letters nobody learns anything.
                if room >= 6 || width(text) <= room {
                    pen.cut(x + 2, y, text, room, Role::Muted.style());
                }
            }
        }
        return;
    }
    let narrow = pen.width() < 100;
    let columns = [(0, second), (second, last), (last, pen.width())];
    for ((left, end), (label, answer)) in columns.into_iter().zip(parts) {
        let indent = if narrow { 5 } else { 6 };
        let room = (end - left).saturating_sub(indent + 2);
        pen.bold(left + 1, 0, label, Role::Muted);
        headline(pen, left + 1 + indent, 0, left + 1 + indent + room, answer);
        for (y, line) in (1..pen.height()).zip(&answer.lines) {
            let (x, text) = (left + 1 + indent, fitting(line, room));
            match (label, y) {
                // What goes on while something breaks is read first.
                ("NOW", 1) if answer.fill.is_some() => pen.cut(x, y, text, room, Role::Hi.bold()),
                (_, 1) => pen.cut(x, y, text, room, Role::Text.style()),
                ("NOW", 2) => counts(pen, x, y, text, room),
                _ => pen.cut(x, y, text, room, Role::Muted.style()),
            };
        }
    }
}

/// What goes on, in a row of its own.
pub fn doing(answers: &Answers, pen: &mut Pen<'_>) {
    let room = pen.width().saturating_sub(1);
    let text = answers.now.lines.first().map_or("", |line| fitting(line, room));
    pen.cut(1, 0, text, room, Role::Hi.style());
}

/// How many there are of what: what there is none of is quiet, what is not well has its colour.
fn counts(pen: &mut Pen<'_>, x: u16, y: u16, text: &str, room: u16) -> u16 {
    let mut at = x;
    for part in parts(text) {
        let none = part.starts_with("0 ");
        let has = |words: &[&str]| !none && words.iter().any(|word| part.contains(word));
        let style = if has(&["critical", "trigger", "fail"]) {
            Role::Crit.bold()
        } else if has(&["warn"]) {
            Role::Warn.style()
        } else if has(&["unknown"]) {
            Role::Unknown.style()
        } else {
            Role::Muted.style()
        };
        // Some colours have a ground of their own: it ends with the word.
        pen.cut(at, y, part.trim_end(), (x + room).saturating_sub(at), style);
        at += width(part);
    }
    at
}

/// Each count with its word, and the blanks behind it.
fn parts(text: &str) -> Vec<&str> {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let begins = |at: &usize| *at == 0 || digit(*at) && text.as_bytes()[*at - 1] == b' ';
    let begins: Vec<usize> = (0..text.len()).filter(begins).chain([text.len()]).collect();
    begins.windows(2).filter_map(|range| text.get(range[0]..range[1])).collect()
}

/// The longest form for which there is room.
fn fitting(words: &Words, room: u16) -> &str {
    words.fitting(|form| width(form) <= room)
}

/// The answer and what stands beside it; that gives up words before it goes.
fn headline(pen: &mut Pen<'_>, x: u16, y: u16, end: u16, answer: &Answer) -> u16 {
    let style: Style = match answer.fill {
        Some(role) => role.style(),
        None => answer.role.bold(),
    };
    let room = end.saturating_sub(x + if answer.fill.is_some() { 2 } else { 0 });
    let beside = answer.more.forms().filter(|more| !more.is_empty()).find_map(|more| {
        let fits = |head: &&str| width(head) + width(more) + 2 <= room;
        Some((answer.head.forms().find(fits)?, more))
    });
    let (head, more) = beside.unwrap_or((fitting(&answer.head, room), ""));
    let text = if answer.fill.is_some() { format!(" {head} ") } else { head.to_owned() };
    let x = pen.cut(x, y, &text, end.saturating_sub(x), style);
    if more.is_empty() { x } else { pen.cut(x + 2, y, more, end.saturating_sub(x + 2), Role::Hi.style()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    #[test]
    fn each_count_has_its_colour_also_where_they_stand_close() {
        let mut found = Vec::new();
        for text in ["2 critical 1 warn 4 unknown", "2 critical  1 warn  4 unknown", "1 trigger, 1 fail clock  3 ok"] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
            let mut pen = Pen::new(&mut buffer, Rect::new(0, 0, 40, 1), &crate::tui::glyphs::UNICODE);
            counts(&mut pen, 0, 0, text, 40);
            let at = |part: &str| buffer[(text.find(part).unwrap() as u16, 0)].fg;
            found.push(match text.contains("warn") {
                true => vec![at("critical"), at("warn"), at("unknown")],
                false => vec![at("trigger"), at("fail"), at("ok")],
            });
        }
        assert_eq!(found[0], found[1]);
        assert!(found[0][0] != found[0][1] && found[0][1] != found[0][2], "{found:?}");
        assert!(found[2][0] == found[2][1] && found[2][1] != found[2][2], "{found:?}");
    }
}
