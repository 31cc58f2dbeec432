//! Drawing in a part of the screen. Coordinates count from the part's own corner; what is outside is cut, never a panic.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

use super::glyphs::Glyphs;
use super::role::Role;
use crate::core::text::{clean, hides};

/// A part of the screen that can be drawn on.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    /// The symbols.
    pub glyphs: &'a Glyphs,
}

impl<'a> Pen<'a> {
    /// Draws on `area` of the buffer, as far as it is there.
    pub fn new(buffer: &'a mut Buffer, area: Rect, glyphs: &'a Glyphs) -> Self {
        let area = area.intersection(buffer.area);
        Self { buffer, area, glyphs }
    }

    /// The same on a part of this part.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Pen<'_> {
        let area = Rect { x: self.area.x.saturating_add(x), y: self.area.y.saturating_add(y), width, height }
            .intersection(self.area);
        Pen { buffer: self.buffer, area, glyphs: self.glyphs }
    }

    /// The same on a part that is a rectangle.
    pub fn within(&mut self, rect: Rect) -> Pen<'_> {
        self.part(rect.x, rect.y, rect.width, rect.height)
    }

    /// Columns.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Text at a place, cut with `…` where it is longer than `max` columns. Returns the column after it.
    pub fn cut(&mut self, x: u16, y: u16, text: &str, max: u16, style: impl Into<Style>) -> u16 {
        let room = max.min(self.area.width.saturating_sub(x));
        if y >= self.area.height || room == 0 {
            return x;
        }
        let text = safe(text);
        let (shown, more) = fit(&text, usize::from(room), self.glyphs.more);
        let style = style.into();
        let (mut end, _) = self.buffer.set_stringn(self.area.x + x, self.area.y + y, shown, usize::from(room), style);
        if more {
            (end, _) = self.buffer.set_stringn(end, self.area.y + y, self.glyphs.more, 1, style);
        }
        end - self.area.x
    }

    /// Text in a role, as far as there is room. Returns the column after it.
    pub fn put(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        self.cut(x, y, text, u16::MAX, role.style())
    }

    /// Bold text in a role. Returns the column after it.
    pub fn bold(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        self.cut(x, y, text, u16::MAX, role.bold())
    }

    /// Text that ends before column `end`. Returns the column where it begins.
    pub fn right(&mut self, end: u16, y: u16, text: &str, style: impl Into<Style>) -> u16 {
        let end = end.min(self.area.width);
        let start = end.saturating_sub(width(text));
        self.cut(start, y, text, end - start, style);
        start
    }

    /// Words on a fill, with a space on both sides: `LIVE`, `CRITICAL`. Returns the column after it.
    pub fn badge(&mut self, x: u16, y: u16, text: &str, style: impl Into<Style>) -> u16 {
        self.cut(x, y, &format!(" {text} "), u16::MAX, style)
    }

    /// A symbol repeated from `x` up to `end`.
    pub fn line(&mut self, x: u16, end: u16, y: u16, symbol: &str, style: impl Into<Style>) {
        let style = style.into();
        for x in x..end.min(self.area.width) {
            self.cell(x, y, symbol, style);
        }
    }

    /// One cell.
    pub fn cell(&mut self, x: u16, y: u16, symbol: &str, style: impl Into<Style>) {
        if x < self.area.width
            && y < self.area.height
            && let Some(cell) = self.buffer.cell_mut((self.area.x + x, self.area.y + y))
        {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// Blank rows in a role's colour behind and `text` in front.
    pub fn fill(&mut self, behind: Role) {
        let style = Style::new().fg(Role::Text.ink()).bg(behind.ink());
        for y in 0..self.area.height {
            // A wide character that reaches into this part would be written over its first cell.
            let before = self.area.x.checked_sub(1).and_then(|x| self.buffer.cell_mut((x, self.area.y + y)));
            if let Some(cell) = before.filter(|cell| cell.symbol().width() > 1) {
                cell.set_symbol(" ");
            }
            for x in 0..self.area.width {
                if let Some(cell) = self.buffer.cell_mut((self.area.x + x, self.area.y + y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// A colour behind a row that is drawn already or will be.
    pub fn behind(&mut self, y: u16, role: Role) {
        if y < self.area.height {
            let row = Rect { y: self.area.y + y, height: 1, ..self.area };
            self.buffer.set_style(row, Style::new().bg(role.ink()));
        }
    }

    /// Everything drawn so far in this part becomes quiet, for what is behind a dialog.
    pub fn mute(&mut self) {
        let plain = Style::new().fg(Role::Muted.ink()).bg(Role::Ground.ink()).remove_modifier(Modifier::all());
        self.buffer.set_style(self.area, plain);
    }
}

/// Columns of a text on a terminal.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// As much of a text as fits in `room` columns, one of them for the sign that there is more. Where the end of a word is
/// near, it ends there.
pub fn fit<'t>(text: &'t str, room: usize, more: &str) -> (&'t str, bool) {
    if text.len() <= room || text.width() <= room {
        return (text, false);
    }
    let room = room.saturating_sub(more.width());
    let end = first_columns(text, room);
    let word = text.split_word_bound_indices().map(|(at, _)| at).take_while(|at| *at <= end).last().unwrap_or(0);
    let whole = text[..word].trim_end_matches(|c: char| c.is_whitespace() || ",;:/-–([<>=±*".contains(c));
    let lost = room.saturating_sub(whole.width());
    let near = word == end || (lost <= NEAR && lost * 2 <= room);
    (if near && !whole.is_empty() { whole } else { &text[..end] }, true)
}

/// So many columns are given up for a whole word.
const NEAR: usize = 6;

/// Where the first `room` columns of a text end.
fn first_columns(text: &str, room: usize) -> usize {
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        end = at + grapheme.len();
    }
    end
}

/// A name cut in its middle where it is longer than `room` columns.
pub fn both_ends(name: &str, room: usize, more: &str) -> String {
    if name.width() > room { without_middle(name, room, room / 3, more) } else { name.to_owned() }
}

/// The first `head` columns of a name and as many of its end as there is room for.
fn without_middle(name: &str, room: usize, head: usize, more: &str) -> String {
    let head = &name[..first_columns(name, head)];
    let tail = room.saturating_sub(more.width() + head.width());
    let mut from = name.len();
    for (at, _) in name.grapheme_indices(true).rev() {
        if name[at..].width() > tail {
            break;
        }
        from = at;
    }
    format!("{head}{more}{}", &name[from..])
}

/// Names for a column of `room` columns. What is too long is cut, and so that names which differ still do: in the middle,
/// or else at the front.
pub fn apart(names: &[&str], room: usize, more: &str) -> Vec<String> {
    let long = |name: &str| name.width() > room;
    let end = |name: &str| {
        let (shown, cut) = fit(name, room, more);
        if cut { format!("{shown}{more}") } else { shown.to_owned() }
    };
    let shown: Vec<String> = names.iter().map(|name| end(name)).collect();
    let same = |i: usize, all: &[String]| all.iter().enumerate().any(|(j, other)| j != i && *other == all[i]);
    let middle: Vec<String> = names.iter().map(|name| both_ends(name, room, more)).collect();
    let each = (0..names.len()).map(|i| match (long(names[i]), same(i, &shown), same(i, &middle)) {
        (true, true, false) => middle[i].clone(),
        (true, true, true) => without_middle(names[i], room, 0, more),
        _ => shown[i].clone(),
    });
    each.collect()
}

/// What stays on one line: a word with its signs, a clock; of one that is longer than a line its parts.
fn pieces(text: &str, room: usize) -> impl Iterator<Item = &str> {
    let blank = |c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}');
    text.split_inclusive(blank).flat_map(move |part| {
        let (word, space) = part.split_at(part.trim_end_matches(blank).len());
        let whole = word.width() <= room;
        let parts = word.split_word_bounds().filter(move |_| !whole);
        std::iter::once(word).filter(move |word| whole && !word.is_empty()).chain(parts).chain(std::iter::once(space))
    })
}

/// Breaks a text into lines of at most `room` columns, at spaces where there are any.
pub fn wrap(text: &str, room: u16) -> Vec<String> {
    let room = usize::from(room.max(1));
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in pieces(text, room) {
        let wide = word.width();
        if used + wide > room && used > 0 {
            lines.push(String::new());
            used = 0;
            if word.trim().is_empty() {
                continue;
            }
        }
        for grapheme in word.graphemes(true) {
            if used + grapheme.width() > room {
                lines.push(String::new());
                used = 0;
            }
            used += grapheme.width();
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
        }
    }
    lines
}

fn safe(text: &str) -> std::borrow::Cow<'_, str> {
    let plain = |c: char| !c.is_control() && !hides(c) && c.width() != Some(0);
    if text.chars().all(plain) { text.into() } else { clean(text).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_within_words_only_where_one_is_longer_than_a_line() {
        let clock = "errors[green] > 2%: 11.1 % > 2 % for 0:06 and on";
        for room in 10..60 {
            let lines = wrap(clock, room);
            let begins = |line: &String| clock.split(' ').any(|word| line.trim_start().starts_with(word));
            assert!(lines.iter().all(begins) || room < 13, "{room}: {lines:?}");
            assert!(lines.iter().all(|line| width(line) <= room), "{room}: {lines:?}");
        }
        let said = wrap("then it asks to go back: All traffic to blue; over once it was quiet for 2m", 45);
        assert_eq!(said[1], "over once it was quiet for 2m");
        assert!(wrap("/a/path/that/is/longer/than/a/line", 12).iter().all(|line| width(line) <= 12));
    }

    #[test]
    fn long_texts_are_cut_by_columns() {
        assert_eq!(fit("abcdef", 6, "…"), ("abcdef", false));
        assert_eq!(fit("abcdef", 4, "…"), ("abc", true));
        assert_eq!(fit("日本語の計画", 7, "…"), ("日本語", true));
        assert_eq!(fit("日本語", 2, "…"), ("", true));
        assert_eq!(fit("5 % to green, soaking", 18, "…"), ("5 % to green", true));
        assert_eq!(fit("errors[green] 6.10 %", 10, "…"), ("errors", true));
        assert_eq!(fit("errors[green] 6.10 % > 1 %", 17, "…"), ("errors[green]", true), "no half of a number");
        assert_eq!(fit("an unspeakablylongword", 14, "…"), ("an unspeakabl", true), "no word's end is near");
        assert_eq!(wrap("日本語の計画", 5), ["日本", "語の", "計画"]);
        assert_eq!(wrap("share is 24.8 %", 9), ["share is ", "24.8 %"]);
    }

    #[test]
    fn names_stay_apart() {
        let cut = |names: &[&str], room| apart(names, room, "…");
        assert_eq!(cut(&["short", "replica-1"], 9), ["short", "replica-1"]);
        assert_eq!(cut(&["payments database", "orders database"], 10), ["payments…", "orders…"]);
        let endpoints = ["決済API エンドポイント 一", "決済API エンドポイント 二"];
        assert_eq!(cut(&endpoints, 14), ["決済…イント 一", "決済…イント 二"]);
        assert_eq!(cut(&["sub-service-1-of-three", "sub-service-2-of-three"], 13), ["…e-1-of-three", "…e-2-of-three"]);
        assert_eq!(cut(&["same", "same"], 3), ["…me", "…me"]);
    }

    #[test]
    fn a_wide_character_does_not_reach_into_what_is_raised_over_it() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        let mut pen = Pen::new(&mut buffer, Rect::new(0, 0, 6, 1), &super::super::glyphs::UNICODE);
        pen.put(0, 0, "日本語", Role::Text);
        pen.part(3, 0, 3, 1).fill(Role::Panel);
        assert_eq!([0, 2, 3].map(|x| buffer[(x, 0)].symbol().to_owned()), ["日", " ", " "]);
    }

    #[test]
    fn outside_is_no_panic() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        let mut pen = Pen::new(&mut buffer, Rect::new(5, 5, 10, 10), &super::super::glyphs::UNICODE);
        pen.fill(Role::Panel);
        pen.put(0, 0, "x", Role::Text);
        pen.right(40, 3, "yy", Style::new());
        pen.part(9, 9, 100, 100).line(0, 50, 0, "─", Style::new());
        pen.behind(3, Role::Panel);
        pen.mute();
    }
}
