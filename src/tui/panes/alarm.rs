//! The alarm row: the worst thing, what will come of it, the key. Empty while all is well, so that nothing moves.
//!
//! ```text
//!  ■ BREACH  25 % to green: errors[green] 6.10 % > 1 %, blue 0.05 %   2:10 / 3:00 ━━━━━━───  asks: back to blue?  +2  R now
//! ```

use ratatui::style::{Modifier, Style};

use crate::core::launch::answers::Clock;
use crate::core::reading::Level;
use crate::tui::action::Action;
use crate::tui::alarm::{Alarm, shown};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;

/// Columns of the gauge.
const GAUGE: u16 = 9;

/// Draws the one of these that is looked at.
pub fn draw(model: &Model, alarms: &[Alarm], pen: &mut Pen<'_>) {
    let at = shown(model, alarms.len());
    let Some(alarm) = alarms.get(at) else { return };
    let critical = alarm.level == Level::Critical;
    let (fill, text) = if critical { (Role::CritFill, Role::CritText) } else { (Role::WarnFill, Role::WarnText) };
    pen.fill(fill);
    let bold = text.style();
    let plain = bold.remove_modifier(Modifier::BOLD);
    let mut end = pen.width().saturating_sub(1);
    let before = |pen: &mut Pen<'_>, end: u16, text: &str, style: Style| match text {
        "" => end,
        text => pen.right(end, 0, text, style).saturating_sub(2),
    };
    // On the smallest screens the key stands below.
    end = if pen.width() < 40 { end } else { before(pen, end, &alarm.key, bold) };
    let many = match (alarms.len(), at) {
        (..=1, _) => String::new(),
        (n, 0) => format!("+{}", n - 1),
        (n, at) => format!("{} of {n}", at + 1),
    };
    let many = Some(many).filter(|_| pen.width() >= 60).unwrap_or_default();
    let kept = end;
    end = end.saturating_sub(if many.is_empty() { 0 } else { width(&many) + 2 });
    let start = pen.cut(1, 0, &alarm.word, u16::MAX, bold) + 2;
    // What is over which limit stands before all; then what comes of it, then the key of the next alarm, then since when.
    // Where it is narrow, NEXT says what comes of it, and the other version is worth more.
    let mut room = end.saturating_sub(start);
    let when = if pen.width() < 100 { alarm.when.replace(" / ", "/") } else { alarm.when.clone() };
    let clock = alarm.clock.is_some() && pen.width() >= 40;
    room = room.saturating_sub(if clock { width(&when) + 2 } else { 0 });
    let thens = || alarm.then.forms().filter(|form| !form.is_empty());
    let both =
        alarm.text.forms().find_map(|text| Some((text, thens().find(|then| width(text) + width(then) + 2 <= room)?)));
    // Of what is cut a title says more than the beginning of a condition.
    let last = || if room < 20 { alarm.text.forms().next().unwrap_or("") } else { alarm.text.fitting(|_| false) };
    let alone = || alarm.text.forms().find(|text| width(text) <= room).unwrap_or_else(last);
    let (text, then) = both.filter(|_| pen.width() >= 100).unwrap_or_else(|| (alone(), ""));
    room = room.saturating_sub(width(text) + if then.is_empty() { 0 } else { width(then) + 2 });
    let next = format!("  {} next", model.key_of(Action::NextAlarm));
    let has_key = !many.is_empty() && pen.width() >= 100 && room >= width(&next);
    let many = if has_key { format!("{many}{next}") } else { many };
    room = room.saturating_sub(if has_key { width(&next) } else { 0 });
    end = before(pen, kept, &many, plain);
    end = before(pen, end, then, plain);
    if let Some(far) = alarm.clock.filter(|_| room > GAUGE + 2) {
        end -= GAUGE;
        draw_gauge(pen, end, far, bold);
        end -= 2;
    }
    if clock || (alarm.clock.is_none() && room > width(&when) + 2) {
        end = before(pen, end, &when, bold);
    }
    pen.cut(start, 0, text, end.saturating_sub(start), plain);
    // What is over which limit, over the same letters.
    let whole = pen.width() >= 60 || width(text) <= end.saturating_sub(start);
    if let Some(at) = text.find(&alarm.what).filter(|_| whole && !alarm.what.is_empty()) {
        let x = start + width(&text[..at]);
        pen.cut(x, 0, &text[at..at + alarm.what.len()], end.saturating_sub(x), bold);
    }
}

fn draw_gauge(pen: &mut Pen<'_>, x: u16, clock: Clock, style: Style) {
    let part = clock.lasted.millis() as f64 / clock.needs.millis().max(1) as f64;
    let done = ((part * f64::from(GAUGE)).round() as u16).clamp(u16::from(part > 0.0), GAUGE - u16::from(part < 1.0));
    let (heavy, rule) = (pen.glyphs.heavy, pen.glyphs.rule);
    pen.line(x, x + done, 0, heavy, style);
    pen.line(x + done, x + GAUGE, 0, rule, style);
}
