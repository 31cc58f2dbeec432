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

    /// Whether a blank in this ink looks as one in the other does.
    fn grounds(self, blank: Ink) -> bool {
        let turned = blank.modifier.contains(Modifier::REVERSED) && self.front != blank.front;
        self.back == blank.back && self.modifier & ON_BLANKS == blank.modifier & ON_BLANKS && !turned
    }
}

/// What can be seen of a blank besides its ground.
const ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// The terminal as it was left by the last frame.
pub struct Shown {
    cells: Option<Buffer>,
    /// Where the cursor is seen.
    cursor: Option<Position>,
    hand: Hand,
    /// What is erased takes the ground that is set.
    erases: bool,
}

/// What writes on the terminal.
#[derive(Clone, Copy, Default)]
struct Hand {
    /// How the next letter would look; none is not known.
    ink: Option<Ink>,
    /// Where the next letter would stand; none is not known.
    at: Option<Position>,
    /// Whether every letter that was written since the last absolute move surely has the width that we take it to have.
    sure: bool,
}

/// Cells of one row that are written in one go.
struct Run {
    from: Position,
    end: u16,
    ink: Ink,
    /// Nothing but blanks: of its ink the ground alone is seen.
    blank: bool,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Letters,
    Erased,
    ErasedToTheEnd,
}

impl Shown {
    /// Nothing is known of the terminal yet, but that it shows no cursor. `erases` is whether what is erased takes the
    /// ground that is set, as nearly all terminals do.
    pub fn new(erases: bool) -> Self {
        Self { cells: None, cursor: None, hand: Hand::default(), erases }
    }

    /// Somebody else wrote to the terminal: the next frame is written whole. The cursor is hidden.
    pub fn forget(&mut self) {
        *self = Self::new(self.erases);
    }

    /// Writes what leads to this frame; nothing where it is shown already. The cursor is seen at `cursor` alone.
    pub fn draw(&mut self, next: Buffer, cursor: Option<Position>, out: &mut Vec<u8>) {
        let last = self.cells.take().filter(|last| last.area == next.area);
        if last.is_none() {
            self.hand.at = None;
        }
        let runs: Vec<Run> = (0..next.area.height).flat_map(|y| self.row(y, last.as_ref(), &next)).collect();
        // Long words for colours are worth a move, short ones are not.
        let ((by_row, after_row), (by_ink, after_ink)) =
            (self.hand.in_order(&runs, &next), self.hand.by_ink(&runs, &next));
        let (bytes, hand) = if by_ink.len() < by_row.len() { (by_ink, after_ink) } else { (by_row, after_row) };
        out.extend_from_slice(&bytes);
        self.hand = hand;
        if let Some(at) = cursor {
            self.hand.go(at, &next, out);
        }
        match (self.cursor, cursor) {
            (None, Some(_)) => out.extend_from_slice(b"\x1b[?25h"),
            (Some(_), None) => out.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.cursor = cursor;
        self.cells = Some(next);
    }

    /// What of a row is written.
    fn row(&self, y: u16, last: Option<&Buffer>, next: &Buffer) -> Vec<Run> {
        let width = next.area.width;
        // What stood in two columns and is written over in one leaves nothing to rely on in the other.
        let mut torn = 0;
        let differs = |x: u16, torn: u16| x < torn || last.is_none_or(|last| !look_same(&last[(x, y)], &next[(x, y)]));
        let reach = |x: u16, to: u16| (x..to).map(|x| x + last.map_or(1, |last| columns(&last[(x, y)]))).max();
        let mut runs: Vec<Run> = Vec::new();
        let mut x = 0;
        while x < width {
            let cell = &next[(x, y)];
            let mut to = (x + columns(cell)).min(width);
            if !differs(x, torn) {
                x = to;
                continue;
            }
            let from = Position::new(x, y);
            let erased = if self.erases { erasable(from, next, |x| differs(x, torn)) } else { None };
            if let Some((end, how)) = erased {
                to = end;
                runs.push(Run { from, end, ink: Ink::of(cell), blank: true, how });
            } else if !runs.last_mut().is_some_and(|run| run.takes(from, to, cell)) {
                runs.push(Run { from, end: to, ink: Ink::of(cell), blank: is_blank(cell), how: How::Letters });
            }
            torn = torn.max(reach(x, to).unwrap_or(0));
            x = to;
        }
        runs
    }
}

impl Run {
    /// Takes in the next cell, where it goes on there and needs no other ink.
    fn takes(&mut self, from: Position, to: u16, cell: &Cell) -> bool {
        if self.how != How::Letters || (self.from.y, self.end) != (from.y, from.x) {
            return false;
        }
        let wanted = Ink::of(cell);
        let fits = match (self.blank, is_blank(cell)) {
            (_, true) => self.ink.grounds(wanted),
            (true, false) => wanted.grounds(self.ink),
            (false, false) => wanted == self.ink,
        };
        if fits {
            if self.blank && !is_blank(cell) {
                (self.ink, self.blank) = (wanted, false);
            }
            self.end = to;
        }
        fits
    }
}

/// The blanks from here on that are shorter erased than written, and how.
fn erasable(from: Position, next: &Buffer, differs: impl Fn(u16) -> bool) -> Option<(u16, How)> {
    let first = &next[from];
    let same = |x: &u16| {
        let cell = &next[(*x, from.y)];
        is_blank(cell) && cell.bg == first.bg && !cell.modifier.intersects(ON_BLANKS)
    };
    let end = (from.x..next.area.width).take_while(same).last()? + 1;
    let changed = (from.x..end).rfind(|x| differs(*x))? + 1;
    match changed - from.x {
        4.. if end == next.area.width => Some((end, How::ErasedToTheEnd)),
        11.. => Some((changed, How::Erased)),
        _ => None,
    }
}

impl Hand {
    /// The runs one after the other, and the hand after them.
    fn in_order(mut self, runs: &[Run], next: &Buffer) -> (Vec<u8>, Self) {
        let mut out = Vec::new();
        for run in runs {
            self.write(run, next, &mut out);
        }
        (out, self)
    }

    /// The same with what needs one ink together.
    fn by_ink(mut self, runs: &[Run], next: &Buffer) -> (Vec<u8>, Self) {
        let mut out = Vec::new();
        let mut left: Vec<&Run> = runs.iter().collect();
        while let Some(first) = left.first() {
            self.dip(first, &mut out);
            left.retain(|run| {
                let now = self.ink == Some(self.ink_for(run));
                if now {
                    self.write(run, next, &mut out);
                }
                !now
            });
        }
        (out, self)
    }

    fn write(&mut self, run: &Run, next: &Buffer, out: &mut Vec<u8>) {
        self.go(run.from, next, out);
        self.dip(run, out);
        match run.how {
            How::ErasedToTheEnd => out.extend_from_slice(b"\x1b[K"),
            How::Erased => {
                let _ = write!(out, "\x1b[{}X", run.end - run.from.x);
            }
            How::Letters => {
                let mut x = run.from.x;
                while x < run.end {
                    let cell = &next[(x, run.from.y)];
                    out.extend_from_slice(cell.symbol().as_bytes());
                    self.sure &= is_sure(cell.symbol());
                    x += columns(cell);
                }
                // Behind the last column it depends on the terminal where the cursor is.
                self.at = (run.end < next.area.width).then_some(Position::new(run.end, run.from.y));
            }
        }
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

    /// The letters between, where they need no other ink.
    fn write_over(&self, from: Position, to: Position, next: &Buffer) -> Option<Vec<u8>> {
        let ink = self.ink?;
        if from.y != to.y || from.x >= to.x || to.x - from.x > 8 {
            return None;
        }
        let mut letters = Vec::new();
        for x in from.x..to.x {
            let cell = &next[(x, to.y)];
            let wanted = Ink::of(cell);
            let fits = if is_blank(cell) { ink.grounds(wanted) } else { ink == wanted };
            if !fits || cell.symbol().len() > 1 {
                return None;
            }
            letters.extend_from_slice(cell.symbol().as_bytes());
        }
        Some(letters)
    }

    /// The ink that a run needs, as near as can be to the one that is taken.
    fn ink_for(&self, run: &Run) -> Ink {
        match self.ink {
            Some(ink) if run.blank && !run.ink.modifier.contains(Modifier::REVERSED) => Ink {
                front: ink.front,
                modifier: (ink.modifier - ON_BLANKS) | (run.ink.modifier & ON_BLANKS),
                ..run.ink
            },
            _ => run.ink,
        }
    }

    /// Takes the ink that a run needs.
    fn dip(&mut self, run: &Run, out: &mut Vec<u8>) {
        let to = self.ink_for(run);
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
