//! Colours as the numbers of a terminal's sequence. The sixteen are said in the words that every terminal knows (`31`, `91`,
//! `41`, `101`): those that have no more need not understand `38;5;1`.

use ratatui::style::Color;

/// The numbers of a colour of letters (`base` 30) or of the ground (40).
pub fn colour(colour: Color, base: u8) -> String {
    let sixteen = |n: u8| (base + if n < 8 { n } else { n + 52 }).to_string();
    match colour {
        Color::Reset => (base + 9).to_string(),
        Color::Black => sixteen(0),
        Color::Red => sixteen(1),
        Color::Green => sixteen(2),
        Color::Yellow => sixteen(3),
        Color::Blue => sixteen(4),
        Color::Magenta => sixteen(5),
        Color::Cyan => sixteen(6),
        Color::Gray => sixteen(7),
        Color::DarkGray => sixteen(8),
        Color::LightRed => sixteen(9),
        Color::LightGreen => sixteen(10),
        Color::LightYellow => sixteen(11),
        Color::LightBlue => sixteen(12),
        Color::LightMagenta => sixteen(13),
        Color::LightCyan => sixteen(14),
        Color::White => sixteen(15),
        Color::Indexed(n @ 0..=15) => sixteen(n),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_colours_are_written_as_all_know_them() {
        for (of, letters, ground) in [
            (Color::Red, "31", "41"),
            (Color::Indexed(1), "31", "41"),
            (Color::LightBlue, "94", "104"),
            (Color::Indexed(15), "97", "107"),
            (Color::Reset, "39", "49"),
            (Color::Indexed(196), "38;5;196", "48;5;196"),
            (Color::Rgb(1, 2, 3), "38;2;1;2;3", "48;2;1;2;3"),
        ] {
            assert_eq!((colour(of, 30).as_str(), colour(of, 40).as_str()), (letters, ground));
        }
    }
}
