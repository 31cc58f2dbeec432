//! Large type: as large as the room there is, drawn in half blocks, and in ASCII in signs that stand high or low. A text that
//! does not fit, or has a letter of another alphabet, is for the terminal's own type.

use ratatui::style::Style;

use super::letters::{LOW, TALL};
use crate::tui::pen::Pen;

/// A size of large type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    letters: &'static [(char, &'static str)],
    /// Rows of a letter before it is made larger.
    high: u16,
    /// Columns of a point.
    wide: u16,
    /// Half rows of a point.
    halves: u16,
}

const fn tall(wide: u16, halves: u16) -> Type {
    Type { letters: TALL, high: 7, wide, halves }
}

const fn low(wide: u16, halves: u16) -> Type {
    Type { letters: LOW, high: 5, wide, halves }
}

/// All of them, the largest first.
const ALL: &[Type] = &[tall(4, 4), tall(3, 3), tall(2, 2), low(2, 2), tall(1, 1), low(1, 1)];

/// The largest type in which a text has so many columns and rows at most; none where there is none.
pub fn fitting(text: &str, columns: u16, rows: u16) -> Option<Type> {
    fitting_in(text, |_| columns, rows)
}

/// The same where how many columns there are depends on the type.
pub fn fitting_in(text: &str, columns: impl Fn(Type) -> u16, rows: u16) -> Option<Type> {
    ALL.iter().copied().find(|one| one.rows() <= rows && one.columns(text).is_some_and(|wide| wide <= columns(*one)))
}

impl Type {
    /// Rows of a line.
    pub fn rows(&self) -> u16 {
        (self.high * self.halves).div_ceil(2)
    }

    /// Columns of a text; none where it has a letter that this type has not.
    pub fn columns(&self, text: &str) -> Option<u16> {
        let mut points = 0_u16;
        for ink in text.chars().map(|c| self.ink(c)) {
            points = points.checked_add(width(ink?) + 1)?;
        }
        points.saturating_sub(1).checked_mul(self.wide)
    }

    /// Columns between a text and the next one, so that nobody reads them as one: as many as a figure that is left out, with
    /// the blanks on both sides of it.
    pub fn apart(&self) -> u16 {
        (self.ink('0').map_or(0, width) + 2) * self.wide
    }

    fn ink(&self, letter: char) -> Option<&'static str> {
        let capital = letter.to_uppercase().next()?;
        self.letters.iter().find(|(c, _)| *c == capital).map(|(_, ink)| *ink)
    }

    /// Draws a text from a place on; says in which column it ends.
    pub fn draw(&self, pen: &mut Pen<'_>, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let mut left = x;
        let [both, upper, lower] = if pen.glyphs.is_ascii() { ["#", "\"", "o"] } else { ["█", "▀", "▄"] };
        for ink in text.chars().filter_map(|c| self.ink(c)) {
            let points: Vec<&[u8]> = ink.split('/').map(str::as_bytes).collect();
            for column in 0..width(ink) {
                for row in 0..self.rows() {
                    let has = |half: u16| {
                        let point = points.get(usize::from(half / self.halves));
                        point.and_then(|points| points.get(usize::from(column))) == Some(&b'#')
                    };
                    let symbol = match (has(row * 2), has(row * 2 + 1)) {
                        (false, false) => continue,
                        (true, true) => both,
                        (true, false) => upper,
                        (false, true) => lower,
                    };
                    pen.line(left + column * self.wide, left + (column + 1) * self.wide, y + row, symbol, style);
                }
            }
            left += (width(ink) + 1) * self.wide;
        }
        left.saturating_sub(self.wide).max(x)
    }
}

fn width(ink: &str) -> u16 {
    u16::try_from(ink.find('/').unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::tui::glyphs::{ASCII, UNICODE};
    use crate::tui::tests::rows;

    fn drawn(text: &str, room: (u16, u16), ascii: bool) -> Option<Vec<String>> {
        let one = fitting(text, room.0, room.1)?;
        let mut buffer = Buffer::empty(Rect::new(0, 0, one.columns(text)?, one.rows()));
        let area = buffer.area;
        let end =
            one.draw(&mut Pen::new(&mut buffer, area, if ascii { &ASCII } else { &UNICODE }), 0, 0, text, Style::new());
        assert_eq!(end, area.width, "it has the columns that it says");
        Some(rows(&buffer))
    }

    #[test]
    fn a_text_is_as_large_as_there_is_room_for_it() {
        assert_eq!(
            drawn("6.1%", (17, 3), false).unwrap(),
            ["█▀▀   ▄█  ▀ █", "█▀█ ▄  █  ▄▀ ", "▀▀▀ ▀ ▀▀▀ ▀ ▀"].map(str::to_owned)
        );
        assert_eq!(fitting("6.1%", 200, 60), Some(ALL[0]));
        assert_eq!(fitting("6.1%", 40, 7), Some(ALL[2]));
        assert_eq!(fitting("6.1%", 8, 3), None);
        let ascii = drawn("25", (12, 4), true).unwrap();
        assert_eq!(
            ascii,
            ["o\"\"\"o #\"\"\"\"", "   o\" \"\"\"\"o", " o\"   o   #", "\"\"\"\"\"  \"\"\" "].map(str::to_owned)
        );
    }

    #[test]
    fn what_has_another_letter_is_not_drawn_large() {
        assert_eq!(fitting("決済", 200, 60), None);
        assert!(fitting("all ok", 200, 60).is_some(), "small letters are capitals");
    }
}
