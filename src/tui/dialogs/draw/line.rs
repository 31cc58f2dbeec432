//! The line that is typed at the bottom, and what could be typed.

use std::ops::Range;

use ratatui::layout::Position;
use unicode_segmentation::UnicodeSegmentation;

use crate::core::order::What;
use crate::tui::action::Action;
use crate::tui::command;
use crate::tui::dialogs::{LineInput, Purpose, hides};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::role::Role;
use crate::tui::typed::takes_editor;

/// The line at the bottom, with its suggestions or what is wrong with it above. A text that is too long for a row goes on
/// in more of them, a third of the screen at most; `…` says that there is more above or below.
pub(super) fn draw(model: &Model, line: &LineInput, pen: &mut Pen<'_>) -> Position {
    let (w, h) = (pen.width(), pen.height());
    let colon = matches!(line.purpose, Purpose::Command | Purpose::Filter(_));
    let prompt = if colon { line.prompt.clone() } else { format!("{}: ", line.prompt) };
    // A long prompt has a row of its own, where there are rows enough.
    let above = w.saturating_sub(width(&prompt)) < 24 && h >= 12;
    let x = if above { 1 } else { width(&prompt).min(w * 2 / 3) };
    let secret = hides(model, line);
    let seen = |text: &str| if secret { masked(text, pen.glyphs.dot) } else { text.to_owned() };
    let (text, before) = (seen(line.edit.text()), seen(line.edit.before()));
    let rows = broken(&text, w.saturating_sub(x + 1));
    let cursor = before.len();
    let at = rows.iter().rposition(|row| row.start <= cursor).unwrap_or(0);
    let most = usize::from((h / 3).max(1));
    let first = (at + 1).saturating_sub(most);
    let shown = &rows[first..rows.len().min(first + most)];
    let height = u16::try_from(shown.len()).unwrap_or(1) + u16::from(above);
    let y = h.saturating_sub(height);
    match &line.problem {
        Some(problem) => tell(problem, y, Role::WarnFill, Role::WarnText, pen),
        None if let Some(said) = misplaced(model, line) => tell(&said, y, Role::WarnFill, Role::WarnText, pen),
        None if matches!(line.purpose, Purpose::Command) => suggest(model, line, y, pen),
        None if secret => tell(HIDDEN, y, Role::Panel, Role::Muted, pen),
        // A longer text is written elsewhere, where one said with what.
        None if model.editor.is_some() && takes_editor(&line.purpose) => tell(EDITOR, y, Role::Panel, Role::Muted, pen),
        None => {}
    }
    let mut part = pen.part(0, y, w, height);
    part.fill(Role::Panel);
    let (style, hidden) = (Role::Accent.bold(), Role::Accent.bold());
    part.cut(0, 0, &prompt, if above { w } else { x }, style);
    for (row, range) in (u16::from(above)..).zip(shown) {
        part.cut(x, row, &text[range.clone()], w, Role::Hi.style());
    }
    let more = part.glyphs.more;
    if first > 0 {
        part.cell(x.saturating_sub(1), u16::from(above), more, hidden);
    }
    if first + shown.len() < rows.len() {
        part.cell(w.saturating_sub(1), height.saturating_sub(1), more, hidden);
    }
    let column = x + width(&text[rows[at].start..cursor]);
    let row = y + u16::from(above) + u16::try_from(at - first).unwrap_or(0);
    Position::new(column.min(w.saturating_sub(1)), row.min(h.saturating_sub(1)))
}

/// What is typed after a severity begins as the key that goes back: whoever means that must know that a text takes it.
fn misplaced(model: &Model, line: &LineInput) -> Option<String> {
    let back = model.key_of(Action::GoBack);
    let typed = line.edit.text();
    let begins = !back.is_empty() && typed.starts_with(&back) && typed.chars().count() <= back.chars().count() + 1;
    let asked = matches!(line.purpose, Purpose::Describe(_) | Purpose::Text(What::Severity { .. }));
    (begins && asked).then(|| format!("this is the text of the incident; Esc, then {back} goes back"))
}

/// Why what is typed can't be read.
const HIDDEN: &str = "hidden: the command asked for no echo";

/// How a longer text is written.
const EDITOR: &str = "Ctrl-x writes it in your editor, Up brings back an earlier one";

/// The same length, nothing of the text.
fn masked(text: &str, dot: &str) -> String {
    text.graphemes(true).map(|_| dot).collect()
}

/// What is wrong with the line, or is to be known of it, above it.
fn tell(said: &str, y: u16, fill: Role, role: Role, pen: &mut Pen<'_>) {
    let w = pen.width();
    let lines = wrap(said, w.saturating_sub(2));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(3).min(y.max(1));
    let mut part = pen.part(0, y.saturating_sub(rows), w, rows);
    part.fill(fill);
    let style = role.style();
    for (row, text) in (0..rows).zip(&lines) {
        part.cut(1, row, text, w.saturating_sub(2), style);
    }
}

/// What could be typed, above the line.
fn suggest(model: &Model, line: &LineInput, y: u16, pen: &mut Pen<'_>) {
    let (w, h) = (pen.width(), pen.height());
    let before = line.completing.as_ref().map_or(line.edit.text(), |(_, before)| before);
    let options = command::complete(model, before);
    let most = usize::from((h / 3).min(10).min(y));
    let rows = u16::try_from(options.len().min(most)).unwrap_or(0);
    let mut part = pen.part(0, y.saturating_sub(rows), w, rows);
    part.fill(Role::Panel);
    let chosen = line.completing.as_ref().and_then(|(turn, _)| (turn + options.len() - 1).checked_rem(options.len()));
    let first = chosen.map_or(0, |c| (c + 1).saturating_sub(most));
    for (row, (i, (text, hint))) in (0..).zip(options.iter().enumerate().skip(first).take(most)) {
        if chosen == Some(i) {
            part.behind(row, Role::Selection);
        }
        let x = part.cut(1, row, text, w / 2, Role::Accent.bold());
        part.put((x + 2).max(14), row, hint, Role::Muted);
    }
}

/// The rows of a text, at most so many columns wide; a blank may hang over. There is at least one.
fn broken(text: &str, room: u16) -> Vec<Range<usize>> {
    let room = room.max(1);
    let mut rows: Vec<Range<usize>> = Vec::from([Range::default()]);
    let mut used = 0;
    for (at, word) in text.split_word_bound_indices() {
        let wide = width(word);
        if used > 0 && used + wide > room && wide <= room && !word.trim().is_empty() {
            rows.push(at..at);
            used = 0;
        }
        for (i, letter) in word.grapheme_indices(true) {
            let hangs = letter == " " && used == room;
            if used > 0 && used + width(letter) > room && !hangs {
                rows.push(at + i..at + i);
                used = 0;
            }
            used += width(letter);
            rows.last_mut().into_iter().for_each(|row| row.end = at + i + letter.len());
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_on_in_the_next_row_and_loses_nothing() {
        let rows = |text: &'static str, room| broken(text, room).into_iter().map(|r| &text[r]).collect::<Vec<_>>();
        assert_eq!(rows("", 9), [""]);
        assert_eq!(rows("locks are normal", 10), ["locks are ", "normal"]);
        assert_eq!(rows("locks are normal", 9), ["locks are ", "normal"], "a blank hangs over");
        assert_eq!(rows("an unspeakablylongword", 8), ["an unspe", "akablylo", "ngword"]);
        assert_eq!(rows("日本語", 3), ["日", "本", "語"]);
        assert_eq!(rows("x", 0), ["x"]);
    }
}
