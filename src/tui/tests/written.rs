//! What is written to the terminal makes of it what was drawn, and is short.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::shown::Shown;

const SIZE: (u16, u16) = (24, 4);

/// A terminal that is drawn to.
struct Drawn {
    shown: Shown,
    parser: vt100::Parser,
}

impl Drawn {
    fn new(erases: bool) -> Self {
        let parser = vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0);
        Self { shown: Shown::new(erases), parser }
    }

    fn draw(&mut self, frame: &Buffer, cursor: Option<Position>) -> String {
        let mut bytes = Vec::new();
        self.shown.draw(frame.clone(), cursor, &mut bytes);
        self.parser.process(&bytes);
        String::from_utf8(bytes).unwrap().replace('\x1b', "E")
    }
}

fn buffer(texts: &[(u16, u16, &str, Style)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    for (x, y, text, style) in texts {
        buffer.set_string(*x, *y, text, *style);
    }
    buffer
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        _ => vt100::Color::Default,
    }
}

/// What differs between the terminal and the frame.
fn differences(screen: &vt100::Screen, frame: &Buffer) -> Vec<String> {
    let mut all = Vec::new();
    for y in 0..SIZE.1 {
        let mut x = 0;
        while x < SIZE.0 {
            let (cell, is) = (&frame[(x, y)], screen.cell(y, x).unwrap());
            let text = if is.contents().is_empty() { " " } else { is.contents() };
            let modifiers = [
                (Modifier::BOLD, is.bold()),
                (Modifier::DIM, is.dim()),
                (Modifier::UNDERLINED, is.underline()),
                (Modifier::REVERSED, is.inverse()),
            ];
            let modifier = modifiers.into_iter().filter(|(_, on)| *on).map(|(m, _)| m).collect::<Modifier>();
            let blank = cell.symbol() == " ";
            let on_blanks = Modifier::UNDERLINED | Modifier::REVERSED;
            let same = text == cell.symbol()
                && is.bgcolor() == colour(cell.bg)
                && modifier & on_blanks == cell.modifier & on_blanks
                && (blank && !cell.modifier.contains(Modifier::REVERSED) || is.fgcolor() == colour(cell.fg))
                && (blank || modifier == cell.modifier);
            if !same {
                all.push(format!("{x},{y}: {cell:?} is {is:?}"));
            }
            x += u16::try_from(cell.symbol().width()).unwrap().max(1);
        }
    }
    all
}

fn frames() -> impl Strategy<Value = Vec<Buffer>> {
    let colours = [Color::Reset, Color::Red, Color::LightBlue, Color::Rgb(1, 2, 3), Color::Rgb(200, 0, 9)];
    let modifiers =
        [Modifier::empty(), Modifier::empty(), Modifier::BOLD, Modifier::DIM, Modifier::UNDERLINED, Modifier::REVERSED];
    let text =
        prop::sample::select(vec!["a", "bc", "日本", "x日", "─", "●", "              ", "  ", "e f", "        g"]);
    let style = (prop::sample::select(colours.to_vec()), prop::sample::select(colours[..3].to_vec()));
    let part = (0..SIZE.0, 0..SIZE.1, text, style, prop::sample::select(modifiers.to_vec()));
    let frame = prop::collection::vec(part, 0..8).prop_map(|parts| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        for (x, y, text, (front, back), modifier) in parts {
            let style = Style::new().fg(front).bg(back).add_modifier(modifier).remove_modifier(!modifier);
            buffer.set_string(x, y, text, style);
        }
        buffer
    });
    prop::collection::vec(frame, 1..5)
}

proptest! {
    #[test]
    fn the_terminal_shows_what_was_drawn(frames in frames(), erases: bool) {
        let mut drawn = Drawn::new(erases);
        for frame in &frames {
            drawn.draw(frame, None);
            prop_assert_eq!(differences(drawn.parser.screen(), frame), Vec::<String>::new());
            prop_assert_eq!(drawn.draw(frame, None), "", "what is shown is not written again");
        }
    }
}

#[test]
fn what_counts_in_one_place_costs_a_move_and_a_digit() {
    let mut drawn = Drawn::new(true);
    let ink = Style::new().fg(Color::Rgb(9, 9, 9)).bold();
    drawn.draw(&buffer(&[(4, 1, "10:00:08", ink), (20, 2, "7s", ink), (20, 3, "7s", ink)]), None);
    let next = drawn.draw(&buffer(&[(4, 1, "10:00:09", ink), (20, 2, "8s", ink), (20, 3, "8s", ink)]), None);
    assert_eq!(next, "E[2;12H9E[3;21H8E[B\x088", "the colour stands, and a column is gone down");
}

#[test]
fn a_frame_that_is_all_new_erases_what_is_blank() {
    let mut drawn = Drawn::new(true);
    let ground = Style::new().bg(Color::Rgb(1, 2, 3));
    let row = " ".repeat(24);
    let rows: Vec<_> = (0..4).map(|y| (0, y, row.as_str(), ground)).chain([(2, 1, "ab", ground)]).collect();
    let all = "E[HE[0;48;2;1;2;3mE[KE[2H  abE[KE[3HE[KE[4HE[K";
    assert_eq!(drawn.draw(&buffer(&rows), None), all);
    let mut plain = Drawn::new(false);
    assert!(!plain.draw(&buffer(&rows), None).contains("E[K"), "not where the terminal erases with its own ground");
}

#[test]
fn the_cursor_is_seen_where_it_is_wanted_alone() {
    let mut drawn = Drawn::new(true);
    let frame = buffer(&[(0, 0, "ab", Style::new())]);
    drawn.draw(&frame, Some(Position::new(2, 0)));
    assert_eq!((drawn.parser.screen().hide_cursor(), drawn.parser.screen().cursor_position()), (false, (0, 2)));
    assert_eq!(drawn.draw(&frame, Some(Position::new(1, 0))), "\x08");
    assert_eq!(drawn.draw(&frame, None), "E[?25l");
}

#[test]
fn no_colour_is_written_where_there_is_none() {
    let mut drawn = Drawn::new(true);
    let text = drawn.draw(&buffer(&[(0, 0, "a", Style::new().bold()), (1, 0, "b", Style::new())]), None);
    assert_eq!(text, "E[HE[0;1maE[0mbE[KE[2HE[KE[3HE[KE[4HE[K");
}
