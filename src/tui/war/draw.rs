//! The war room, drawn: a band from edge to edge, two rows of numbers, a line over time, what happened last.

use ratatui::style::Style;

use super::big::{self, Type};
use super::figures::{Figure, estimate, figures, parts as parts_of, role_of};
use super::parts::{APART, Parts};
use crate::core::launch::Progress;
use crate::core::launch::answers::Words;
use crate::core::reading::Level;
use crate::tui::alarm::Alarm;
use crate::tui::answers::{Answer, Answers};
use crate::tui::model::Model;
use crate::tui::panes::{self, errors, level_word, log, sign};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::rows::{new_and_old, pairs};
use crate::tui::words;

/// A column of numbers: what it is, the number, what is said of it.
struct Column {
    /// The row above it: words with their styles, from the left.
    above: Vec<(Words, Style)>,
    /// The number or the word, in large type; the longest form first.
    large: Words,
    /// What stands behind it in the terminal's own type.
    unit: String,
    style: Style,
    /// The rows below it.
    below: Vec<Words>,
    /// How the first of these is drawn.
    first: Style,
}

/// Draws all of it; header and footer are drawn as everywhere.
pub fn room(model: &Model, parts: &Parts, answers: &Answers, alarms: &[Alarm], pen: &mut Pen<'_>) {
    band(model, parts, answers, alarms, &mut pen.within(parts.band));
    panes::alarm::draw(model, alarms, &mut pen.within(parts.alarm));
    let three = [share(model, &answers.now), Some(coming(&answers.next)), Some(way_back(&answers.back))];
    side_by_side(&three.into_iter().flatten().collect::<Vec<_>>(), parts, &mut pen.within(parts.answers));
    let measured: Vec<Column> = figures(model).into_iter().map(|figure| measured(figure, pen)).collect();
    side_by_side(&measured, parts, &mut pen.within(parts.figures));
    let Parts { chart, log, margin, .. } = *parts;
    errors::bare(model, &mut pen.within(chart).part(margin, 0, chart.width.saturating_sub(2 * margin), chart.height));
    last(model, &mut pen.within(log).part(margin, 0, log.width.saturating_sub(2 * margin), log.height));
}

/// How it stands; beside it how long the launch has gone, where the screen is wide enough.
fn band(model: &Model, parts: &Parts, answers: &Answers, alarms: &[Alarm], pen: &mut Pen<'_>) {
    let now = &answers.now;
    if let Some(role) = now.fill {
        pen.fill(if role == Role::CritText { Role::CritFill } else { Role::WarnFill });
    }
    let style = now.fill.map_or(now.role.bold(), Role::style);
    // What breaks says more than that something does.
    let breaks = alarms.first().filter(|a| a.level == Level::Critical && now.fill.is_some());
    let words = breaks.iter().map(|alarm| alarm.word.as_str()).chain(now.head.forms());
    let words = Words::of(words.map(signless));
    let all = pen.width();
    let right = if all < 100 { 0 } else { (all * 3 / 10).max(38) };
    let room = all.saturating_sub(right + 2 * parts.margin + if right > 0 { 3 } else { 0 });
    let said = match fitting(&words, room, parts.word) {
        Some((one, text)) => {
            one.draw(pen, parts.margin, parts.air + (parts.word - one.rows()) / 2, text, style);
            text
        }
        None => {
            let text = words.fitting(|text| width(text) <= room);
            pen.cut(parts.margin, parts.air + parts.word / 2, text, room, style);
            text
        }
    };
    if right == 0 {
        return;
    }
    let end = all - parts.margin;
    let since = model.launch.as_ref().map(|launch| model.now().since(launch.t0));
    let clock = since.map(|since| words::t_clock(since, false)).unwrap_or_default();
    let large = fitting(&clock.as_str().into(), right, (parts.word * 4 / 7).max(3))
        .and_then(|(one, text)| Some((one, one.columns(text)?)));
    if let Some((one, wide)) = large {
        let style = now.fill.map_or(Role::Hi.style(), Role::style);
        one.draw(pen, end - wide, parts.air, &clock, style);
    }
    let head = now.head.fitting(|head| width(head) <= right);
    // Where something breaks its own word stands large, and beside it how it stands.
    if signless(head) != said {
        pen.right(end, parts.air + parts.word - 1, head, style);
    }
}

/// The longest of several forms that can be written large, and how.
fn fitting(texts: &Words, room: u16, rows: u16) -> Option<(Type, &str)> {
    texts.forms().find_map(|text| Some((big::fitting(text, room, rows)?, text)))
}

/// A text without the symbol before it.
fn signless(text: &str) -> &str {
    match text.split_once(' ') {
        Some((sign, rest)) if sign.chars().count() == 1 && !sign.chars().all(|c| c.is_ascii_digit()) => rest,
        _ => text,
    }
}

/// Three columns at most. Their numbers are of one size: of the largest in which each of them has room.
fn side_by_side(columns: &[Column], parts: &Parts, pen: &mut Pen<'_>) {
    let (places, rows) = places(columns, parts);
    for (i, (column, (x, wide))) in columns.iter().zip(places).enumerate() {
        let mut pen = pen.part(x, 0, wide, pen.height());
        let mut x = 0;
        for (text, style) in column.above.iter().filter(|(text, _)| !text.is_empty()) {
            let rest = wide.saturating_sub(x);
            let text = text.fitting(|text| width(text) <= rest);
            // Of what has no room nothing is shown, but of the first.
            if x == 0 || width(text) <= rest {
                x = pen.cut(x, 0, text, rest, *style) + 2;
            }
        }
        let bottom = parts.air + parts.number;
        let end = match column.fitting(wide, i + 1 < columns.len(), rows) {
            Some((one, text)) => one.draw(&mut pen, 0, bottom + 1 - one.rows(), text, column.style),
            None => {
                let room = wide.saturating_sub(column.behind());
                pen.cut(0, bottom, column.large.fitting(|text| width(text) <= room), room, column.style)
            }
        };
        pen.cut(end + 1, bottom, &column.unit, wide, column.style);
        let below = (bottom + parts.air + 1..pen.height()).zip(column.below.iter().filter(|line| !line.is_empty()));
        for (i, (y, line)) in below.enumerate() {
            let style = if i == 0 { column.first } else { Role::Muted.style() };
            pen.cut(0, y, line.fitting(|text| width(text) <= wide), wide, style);
        }
    }
}

/// Where the columns stand, and how high their numbers are at most: in thirds, or, where their numbers are larger so, with a
/// last one that is as narrow as it can be.
fn places(columns: &[Column], parts: &Parts) -> ([(u16, u16); 3], u16) {
    let thirds = parts.columns();
    let last = columns.get(2).map_or(0, |last| {
        let large = fitting(&last.large, thirds[2].1, parts.number).and_then(|(one, text)| one.columns(text));
        let above = last.above.iter().map(|(text, _)| width(text.fitting(|_| false)) + APART).sum::<u16>();
        (large.unwrap_or(0) + last.behind()).max(above.saturating_sub(APART)).min(thirds[2].1)
    });
    let large = |places: [(u16, u16); 3]| {
        let all = columns.iter().zip(places).enumerate();
        let fits = all.filter_map(|(i, (column, (_, wide)))| column.fitting(wide, i + 1 < columns.len(), parts.number));
        let rows: Vec<u16> = fits.map(|(one, _)| one.rows()).collect();
        (rows.len(), rows.into_iter().min().unwrap_or(1))
    };
    let narrow = (0..=MOVED).flat_map(|by| [parts.columns_before(last, by), parts.columns_before(last, -by)]);
    let (place, (_, rows)) = std::iter::once(thirds)
        .chain(narrow)
        .map(|place| (place, large(place)))
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
        .unwrap_or((thirds, (0, 1)));
    (place, rows)
}

/// Columns by which one of the first two may be wider than half of what they have.
const MOVED: i16 = 8;

impl Column {
    /// The longest of its forms that can be written large, and how. Where another number stands beside it, the blank between
    /// the two is much wider than one within a number.
    fn fitting(&self, wide: u16, beside: bool, rows: u16) -> Option<(Type, &str)> {
        let room = |one: Type| {
            let blank = if beside { one.apart().saturating_sub(APART) } else { 0 };
            wide.saturating_sub(self.behind().max(blank))
        };
        self.large.forms().find_map(|text| Some((big::fitting_in(text, room, rows)?, text)))
    }

    /// Columns of what stands behind the number.
    fn behind(&self) -> u16 {
        if self.unit.is_empty() { 0 } else { width(&self.unit) + 1 }
    }
}

/// How a caption is drawn: as loud as what it says is grave.
fn caption(role: Role) -> Style {
    if matches!(role, Role::Ok | Role::Hi) { Role::Text.bold() } else { role.bold() }
}

/// How much goes to the new version, where that is measured; else how much of the plan is done. Below it what goes on.
fn share(model: &Model, now: &Answer) -> Option<Column> {
    let split = pairs(model).iter().find(|pair| pair.split.is_some());
    let new = new_and_old(model.outline()?, &model.readout).map(|(new, _)| new);
    let (name, value, role) = match split.zip(new) {
        Some((pair, new)) => (format!("{} {new}", pair.name), pair.new.clone(), role_of(pair.level, Role::Hi)),
        None => {
            let Progress { done, of, .. } = Progress::of_all(model.launch.as_ref()?);
            ("steps done".to_owned(), format!("{done}/{of}"), Role::Hi)
        }
    };
    let (value, unit) = parts_of(&value);
    let sign = now.head.long().split_once(' ').map_or("", |(sign, _)| sign);
    let mut below = now.lines.clone();
    if let Some(doing) = below.first_mut() {
        *doing = doing.map(|text| format!("{sign} {text}"));
    }
    Some(Column {
        above: vec![("NOW".into(), Role::Muted.bold()), (name.into(), Role::Muted.style())],
        large: value.into(),
        unit,
        style: role.bold(),
        below,
        first: caption(now.role),
    })
}

/// When what comes next comes, and what that is.
fn coming(next: &Answer) -> Column {
    let head = next.head.long();
    let clock = head.strip_prefix("in ");
    // More than an hour needs no seconds.
    let hours = clock.and_then(|clock| clock.rsplit_once(':')).map(|(hours, _)| hours).filter(|h| h.contains(':'));
    let (label, first) = match (hours, clock) {
        (Some(hours), _) => ("NEXT in h:mm", hours),
        (None, Some(clock)) => ("NEXT in", clock),
        (None, None) => ("NEXT", head),
    };
    let others = next.head.forms().skip(1).filter(|_| clock.is_none());
    Column {
        above: vec![(label.into(), Role::Muted.bold()), (next.more.clone(), Role::Hi.style())],
        large: Words::of(std::iter::once(first).chain(others)),
        unit: String::new(),
        style: next.role.bold(),
        below: next.lines.clone(),
        first: caption(next.role),
    }
}

/// Whether one can go back, how long it takes, and to what.
fn way_back(back: &Answer) -> Column {
    let takes = back.more.long();
    let head = match back.fill {
        Some(fill) => (back.head.map(|head| format!(" {head} ")), fill.style()),
        None => (back.head.clone(), back.role.bold()),
    };
    let (said, large, unit) = if takes.starts_with('~') && back.fill.is_none() {
        let (value, unit) = estimate(takes);
        (head, value.into(), unit)
    } else {
        let no = Some("NO").filter(|_| back.fill.is_some());
        let heads = back.head.forms().map(|head| signless(head).replace(" of ", "/"));
        let said = if back.fill.is_some() { head } else { (takes.into(), Role::Muted.style()) };
        (said, Words::of(heads.chain(no.map(str::to_owned))), String::new())
    };
    Column {
        above: vec![("BACK".into(), Role::Muted.bold()), said],
        large,
        unit,
        style: back.role.bold(),
        below: back.lines.clone(),
        first: Role::Text.bold(),
    }
}

/// A value, how it stands, and how old it is.
fn measured(figure: Figure, pen: &Pen<'_>) -> Column {
    let level = figure.level.map(|level| {
        let (glyph, role) = sign(pen, level);
        (format!("{glyph} {}", level_word(level)), if level == Level::Ok { role.style() } else { role.bold() })
    });
    let (value, unit) = parts_of(&figure.value);
    let room = pen.width() / 3;
    let beside = level.as_ref().map_or(0, |(word, _)| width(word) + 5);
    let name = figure.name.fitting(|name| width(name) + beside <= room);
    let level = level.map(|(word, style)| (word.into(), style));
    let said = [(name.into(), Role::Muted.style())].into_iter().chain(level);
    Column {
        above: said.chain([(figure.beside, Role::Muted.style())]).collect(),
        large: value.into(),
        unit,
        style: figure.role.bold(),
        below: Vec::new(),
        first: Role::Text.style(),
    }
}

/// What happened last.
fn last(model: &Model, pen: &mut Pen<'_>) {
    let Some((event, told)) = log::all(model).next() else { return };
    let (sign, role) = log::sign(pen, told.tone);
    let x = pen.put(0, 0, &model.zone.stamp(event.at, model.now()), Role::Muted);
    let x = pen.put(x + 2, 0, sign, role);
    pen.put(x + 1, 0, &told.text, Role::Text);
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::tui::glyphs::UNICODE;

    fn column(value: &str) -> Column {
        let (value, unit) = parts_of(value);
        let above = vec![("errors green".into(), Style::new())];
        Column { above, large: value.into(), unit, style: Style::new(), below: Vec::new(), first: Style::new() }
    }

    /// From where to where each large letter of a row of numbers goes.
    fn letters(values: [&str; 3], parts: &Parts) -> Vec<(u16, u16)> {
        let mut buffer = Buffer::empty(parts.figures);
        let area = buffer.area;
        let columns = values.map(column);
        side_by_side(&columns, parts, &mut Pen::new(&mut buffer, area, &UNICODE));
        let numbers = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let ink = |x: &u16| (numbers.top()..numbers.bottom()).any(|y| "█▀▄".contains(buffer[(*x, y)].symbol()));
        let mut found: Vec<(u16, u16)> = Vec::new();
        for x in (area.left()..area.right()).filter(ink) {
            match found.last_mut() {
                Some(last) if last.1 == x => last.1 = x + 1,
                _ => found.push((x, x + 1)),
            }
        }
        found
    }

    #[test]
    fn between_two_numbers_is_much_more_blank_than_within_one() {
        for (w, h) in (60..=200).flat_map(|w| [15, 18, 24, 30, 40, 60].map(|h| (w, h))) {
            let parts = Parts::of((w, h)).unwrap();
            for values in [["1.56 %", "0.11 %", "1 %"], ["0.08 %", "0.11 %", "0.5 %"], ["10.16 %", "11.11 %", "1.25 %"]]
            {
                let letters = letters(values, &parts);
                let of = values.map(|value| parts_of(value).0.len());
                // What has no room is in the terminal's own type.
                if letters.len() < of.iter().sum() {
                    continue;
                }
                let blank: Vec<u16> = letters.windows(2).map(|pair| pair[1].0 - pair[0].1).collect();
                let (between, within): (Vec<_>, Vec<_>) =
                    blank.iter().enumerate().partition(|(i, _)| [of[0], of[0] + of[1]].contains(&(i + 1)));
                let (least, most) = (between.iter().map(|b| b.1).min(), within.iter().map(|b| b.1).max());
                assert!(least.unwrap() >= &(most.unwrap() * 2), "{w}x{h} {values:?}: {least:?} {most:?}");
            }
        }
    }

    #[test]
    fn where_it_fits_the_numbers_stay_large() {
        for (size, rows) in [((60, 15), 3), ((80, 24), 4), ((120, 40), 4), ((200, 60), 7)] {
            let parts = Parts::of(size).unwrap();
            let (places, high) = places(&["1.56 %", "0.11 %", "1 %"].map(column), &parts);
            assert_eq!(high, rows, "{size:?} {places:?}");
            assert_eq!(letters(["1.56 %", "0.11 %", "1 %"], &parts).len(), 12, "{size:?}");
        }
    }
}
