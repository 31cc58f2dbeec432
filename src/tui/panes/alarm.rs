//! The alarm row: the worst thing, what will come of it, the key. Empty while all is well, so that nothing moves.

use crate::core::reading::Level;
use crate::tui::alarm::alarms;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;
use crate::tui::words;

/// Draws it.
pub fn draw(model: &Model, pen: &mut Pen<'_>) {
    let alarms = alarms(model);
    let Some(alarm) = alarms.first() else { return };
    let (fill, text) = if alarm.level == Level::Critical {
        (Role::CritFill, Role::CritText)
    } else {
        (Role::WarnFill, Role::WarnText)
    };
    pen.fill(fill);
    let bold = pen.theme.style(text);
    let plain = bold.remove_modifier(ratatui::style::Modifier::BOLD);
    let wide = pen.width() >= 100;
    let mut end = pen.width().saturating_sub(1);
    if !alarm.key.is_empty() {
        end = pen.right(end, 0, &alarm.key, bold).saturating_sub(2);
    }
    if alarms.len() > 1 && pen.width() >= 60 {
        end = pen.right(end, 0, &format!("+{}", alarms.len() - 1), plain).saturating_sub(2);
    }
    let room = end.saturating_sub(width(&alarm.word) + 3);
    if wide && !alarm.then.is_empty() && width(&alarm.text) + width(&alarm.then) + 24 < room {
        end = pen.right(end, 0, &alarm.then, plain).saturating_sub(2);
    }
    if let Some((lasted, needs)) = alarm.clock
        && pen.width() >= 40
    {
        let frozen = if alarm.frozen { " frozen" } else { "" };
        let text = format!("{} / {}{frozen}", words::clock(lasted), words::clock(needs));
        end = pen.right(end, 0, &text, bold).saturating_sub(2);
    }
    let x = pen.cut(1, 0, &alarm.word, u16::MAX, bold);
    pen.cut(x + 2, 0, &alarm.text, end.saturating_sub(x + 2), plain);
}
