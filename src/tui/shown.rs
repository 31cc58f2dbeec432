//! What the terminal shows, and the fewest bytes that turn it into the next frame: over a bad link bytes are what a screen
//! costs. Nothing is said twice: colours stand until a cell needs others, moves are the shortest there are, and what is
//! blank to the end of a row is erased.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::sgr::colour;

/// How letters look that are written now.
#[derive(Clone, Copy, PartialEq)]
struct Ink {
    front: Color,
    back: Color,
    modifier: Modifier,
}

impl Ink {
    const PLAIN: Ink = Ink { front: Color::Reset, back: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { front: cell.fg, back: cell.bg, modifier: cell.modifier }
    }
}

/// What can be seen of a blank besides its ground.
const ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// The terminal as it was left by the last frame.
pub struct Shown {
    cells: Option<Buffer>,
    /// Where the cursor is seen.
    cursor: Option<Position>,
    /// How the next letter would look; none is not known.
    ink: Option<Ink>,
    /// Where the next letter would stand; none is not known.
    at: Option<Position>,
    /// Whether every letter that was written since the last absolute move surely has the width that we take it to have.
    sure: bool,
    /// What is erased takes the ground that is set.
    erases: bool,
}

impl Shown {
    /// Nothing is known of the terminal yet, but that it shows no cursor. `erases` is whether what is erased takes the
    /// ground that is set, as nearly all terminals do.
    pub fn new(erases: bool) -> Self {
        Self { cells: None, cursor: None, ink: None, at: None, sure: false, erases }
    }

    /// Somebody else wrote to the terminal: the next frame is written whole. The cursor is hidden.
    pub fn forget(&mut self) {
        *self = Self::new(self.erases);
    }

    /// Writes what leads to this frame; nothing where it is shown already. The cursor is seen at `cursor` alone.
    pub fn draw(&mut self, next: Buffer, cursor: Option<Position>, out: &mut Vec<u8>) {
        let last = self.cells.take().filter(|last| last.area == next.area);
        if last.is_none() {
            self.at = None;
        }
        for y in 0..next.area.height {
            self.row(y, last.as_ref(), &next, out);
        }
        if let Some(at) = cursor {
            self.go(at, &next, out);
        }
        match (self.cursor, cursor) {
            (None, Some(_)) => out.extend_from_slice(b"\x1b[?25h"),
            (Some(_), None) => out.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.cursor = cursor;
        self.cells = Some(next);
    }

    fn row(&mut self, y: u16, last: Option<&Buffer>, next: &Buffer, out: &mut Vec<u8>) {
        let width = next.area.width;
        // What stood in two columns and is written over in one leaves nothing to rely on in the other.
        let mut torn = 0;
        let differs = |x: u16, torn: u16| x < torn || last.is_none_or(|last| !look_same(&last[(x, y)], &next[(x, y)]));
        let reach = |x: u16, to: u16| (x..to).map(|x| x + last.map_or(1, |last| columns(&last[(x, y)]))).max();
        let mut x = 0;
        while x < width {
            let cell = &next[(x, y)];
            let to = (x + columns(cell)).min(width);
            if !differs(x, torn) {
                x = to;
                continue;
            }
            if self.erases
                && let Some(end) = self.erase(Position::new(x, y), next, |x| differs(x, torn), out)
            {
                torn = torn.max(reach(x, end).unwrap_or(0));
                x = end;
                continue;
            }
            self.go(Position::new(x, y), next, out);
            self.dip(cell, out);
            out.extend_from_slice(cell.symbol().as_bytes());
            self.sure &= is_sure(cell.symbol());
            // Behind the last column it depends on the terminal where the cursor is.
            self.at = (to < width).then_some(Position::new(to, y));
            torn = torn.max(reach(x, to).unwrap_or(0));
            x = to;
        }
    }

    /// Erases the blanks from here on, where that is shorter than to write them; says up to where.
    fn erase(
        &mut self,
        from: Position,
        next: &Buffer,
        differs: impl Fn(u16) -> bool,
        out: &mut Vec<u8>,
    ) -> Option<u16> {
        let width = next.area.width;
        let first = &next[from];
        let erasable = |x: &u16| {
            let cell = &next[(*x, from.y)];
            is_blank(cell) && cell.bg == first.bg && !cell.modifier.intersects(ON_BLANKS)
        };
        let end = (from.x..width).take_while(erasable).last()? + 1;
        let changed = (from.x..end).rfind(|x| differs(*x))? + 1;
        let to_the_end = end == width && changed - from.x > 3;
        if !to_the_end && changed - from.x <= 10 {
            return None;
        }
        self.go(from, next, out);
        self.dip(first, out);
        if to_the_end {
            out.extend_from_slice(b"\x1b[K");
            return Some(width);
        }
        let _ = write!(out, "\x1b[{}X", changed - from.x);
        Some(changed)
    }

    /// Moves the cursor.
    fn go(&mut self, to: Position, next: &Buffer, out: &mut Vec<u8>) {
        if self.at == Some(to) {
            return;
        }
        let mut way = match (to.x, to.y) {
            (0, 0) => b"\x1b[H".to_vec(),
            (0, y) => format!("\x1b[{}H", y + 1).into_bytes(),
            (x, y) => format!("\x1b[{};{}H", y + 1, x + 1).into_bytes(),
        };
        let mut absolute = true;
        if let Some(from) = self.at {
            let over = self.write_over(from, to, next);
            let step = if self.sure { step(from, to) } else { None };
            for shorter in [over, step].into_iter().flatten() {
                if shorter.len() < way.len() {
                    (way, absolute) = (shorter, false);
                }
            }
        }
        out.extend_from_slice(&way);
        self.at = Some(to);
        self.sure |= absolute;
    }

    /// The letters between, where they stand there already and need no other ink.
    fn write_over(&self, from: Position, to: Position, next: &Buffer) -> Option<Vec<u8>> {
        if from.y != to.y || from.x >= to.x || to.x - from.x > 8 {
            return None;
        }
        let mut letters = Vec::new();
        for x in from.x..to.x {
            let cell = &next[(x, to.y)];
            if self.ink_for(cell) != self.ink || cell.symbol().len() > 1 {
                return None;
            }
            letters.extend_from_slice(cell.symbol().as_bytes());
        }
        Some(letters)
    }

    /// The ink that this cell needs: of a blank no letter is seen.
    fn ink_for(&self, cell: &Cell) -> Option<Ink> {
        let wanted = Ink::of(cell);
        match self.ink {
            Some(ink) if is_blank(cell) && !cell.modifier.contains(Modifier::REVERSED) => Some(Ink {
                front: ink.front,
                modifier: (ink.modifier - ON_BLANKS) | (wanted.modifier & ON_BLANKS),
                ..wanted
            }),
            _ => Some(wanted),
        }
    }

    /// Takes the ink that a cell needs.
    fn dip(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        let Some(to) = self.ink_for(cell) else { return };
        if self.ink == Some(to) {
            return;
        }
        let anew = format!("\x1b[{}m", join("0".to_owned(), &change(Ink::PLAIN, to)));
        let on = self.ink.map(|ink| format!("\x1b[{}m", change(ink, to)));
        let shortest = on.filter(|on| on.len() <= anew.len()).unwrap_or(anew);
        out.extend_from_slice(shortest.as_bytes());
        self.ink = Some(to);
    }
}

/// Whether a person could tell two cells apart.
fn look_same(a: &Cell, b: &Cell) -> bool {
    if a == b {
        return true;
    }
    let (of_a, of_b) = (a.modifier & ON_BLANKS, b.modifier & ON_BLANKS);
    is_blank(a) && is_blank(b) && a.bg == b.bg && of_a == of_b && !of_a.contains(Modifier::REVERSED)
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
}

fn columns(cell: &Cell) -> u16 {
    if cell.symbol().len() == 1 { 1 } else { u16::try_from(cell.symbol().width()).unwrap_or(1).max(1) }
}

/// Whether all terminals take this to be one column wide.
fn is_sure(symbol: &str) -> bool {
    symbol.chars().all(|c| matches!(c, ' '..='~' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'))
}

/// The shortest relative move.
fn step(from: Position, to: Position) -> Option<Vec<u8>> {
    let mut way = Vec::new();
    let times = |n: u16, letter: char| if n == 1 { format!("\x1b[{letter}") } else { format!("\x1b[{n}{letter}") };
    match (from.y, to.y) {
        (y, to) if to > y => way.extend_from_slice(times(to - y, 'B').as_bytes()),
        (y, to) if to < y => way.extend_from_slice(times(y - to, 'A').as_bytes()),
        _ => {}
    }
    match (from.x, to.x) {
        (_, 0) => way.push(b'\r'),
        (x, to) if to > x => way.extend_from_slice(times(to - x, 'C').as_bytes()),
        (x, to) if x - to <= 4 => way.resize(way.len() + usize::from(x - to), 8),
        (x, to) => way.extend_from_slice(times(x - to, 'D').as_bytes()),
    }
    Some(way)
}

/// Numbers of the sequence that leads from one ink to another.
fn change(from: Ink, to: Ink) -> String {
    let mut numbers = String::new();
    let (mut gone, mut new) = (from.modifier - to.modifier, to.modifier - from.modifier);
    // One number ends both.
    if gone.intersects(Modifier::BOLD | Modifier::DIM) {
        numbers = join(numbers, "22");
        new |= to.modifier & (Modifier::BOLD | Modifier::DIM);
        gone -= Modifier::BOLD | Modifier::DIM;
    }
    for (modifier, on, off) in MODIFIERS {
        if gone.contains(*modifier) {
            numbers = join(numbers, off);
        }
        if new.contains(*modifier) {
            numbers = join(numbers, on);
        }
    }
    if from.front != to.front {
        numbers = join(numbers, &colour(to.front, 30));
    }
    if from.back != to.back {
        numbers = join(numbers, &colour(to.back, 40));
    }
    numbers
}

const MODIFIERS: &[(Modifier, &str, &str)] = &[
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::RAPID_BLINK, "6", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

fn join(mut numbers: String, more: &str) -> String {
    if !numbers.is_empty() && !more.is_empty() {
        numbers.push(';');
    }
    numbers + more
}
