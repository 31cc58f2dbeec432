//! The line that is typed at the bottom, and what could be typed.

use ratatui::layout::Position;

use crate::tui::command;
use crate::tui::dialogs::{LineInput, Purpose};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;

/// The line at the bottom, with its suggestions above it.
pub(super) fn draw(model: &Model, line: &LineInput, pen: &mut Pen<'_>) -> Position {
    let (w, h) = (pen.width(), pen.height());
    let y = h.saturating_sub(1);
    if let Some(problem) = &line.problem {
        let mut part = pen.part(0, y.saturating_sub(1), w, 1);
        part.fill(Role::WarnFill);
        let style = part.theme.style(Role::WarnText);
        part.cut(1, 0, problem, w.saturating_sub(2), style);
    } else if matches!(line.purpose, Purpose::Command) {
        let before = line.completing.as_ref().map_or(line.edit.text(), |(_, before)| before);
        let options = command::complete(model, before);
        let most = usize::from((h / 3).min(10));
        let rows = u16::try_from(options.len().min(most)).unwrap_or(0);
        let mut part = pen.part(0, y.saturating_sub(rows), w, rows);
        part.fill(Role::Panel);
        let chosen =
            line.completing.as_ref().and_then(|(turn, _)| (turn + options.len() - 1).checked_rem(options.len()));
        let first = chosen.map_or(0, |c| (c + 1).saturating_sub(most));
        for (row, (i, (text, hint))) in (0..).zip(options.iter().enumerate().skip(first).take(most)) {
            if chosen == Some(i) {
                part.behind(row, Role::Selection);
            }
            let x = part.cut(1, row, text, w / 2, part.theme.bold(Role::Accent));
            part.put((x + 2).max(14), row, hint, Role::Muted);
        }
    }
    let mut part = pen.part(0, y, w, 1);
    part.fill(Role::Panel);
    let colon = matches!(line.purpose, Purpose::Command | Purpose::Filter(_));
    let prompt = if colon { line.prompt.clone() } else { format!("{}: ", line.prompt) };
    let x = part.cut(0, 0, &prompt, w * 2 / 3, part.theme.bold(Role::Accent));
    let room = w.saturating_sub(x + 1);
    // The end of a long text is what is being typed.
    let before = line.edit.before();
    let mut skip = 0;
    while width(&before[skip..]) > room {
        skip += before[skip..].chars().next().map_or(1, char::len_utf8);
    }
    part.cut(x, 0, &line.edit.text()[skip..], room + 1, part.theme.style(Role::Hi));
    Position::new((x + width(&before[skip..])).min(w.saturating_sub(1)), y)
}
