//! How a piece of output looks, as its program asked for with `ESC [ … m`.
//!
//! A program's colours are made for some other background. Only their hue is kept; which colour that is, the theme says.

/// A hue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Black and greys.
    Grey,
    /// Red.
    Red,
    /// Green.
    Green,
    /// Yellow.
    Yellow,
    /// Blue and cyan.
    Blue,
    /// Magenta.
    Magenta,
    /// White.
    White,
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its hue, where it has one.
    pub ink: Option<Ink>,
    /// What is behind it, where that has a hue.
    pub behind: Option<Ink>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Underlined.
    pub underlined: bool,
    /// Front and back are exchanged.
    pub reversed: bool,
}

impl Look {
    /// What becomes of it by a sequence with these parameters; what is not known changes nothing.
    pub fn after(mut self, parameters: &[u8]) -> Look {
        let text = String::from_utf8_lossy(parameters);
        // Private sequences are no colours.
        if text.starts_with(['<', '=', '>', '?']) {
            return self;
        }
        let mut all = text.split(';');
        while let Some(group) = all.next() {
            let mut parts = group.split(':').map(|p| p.parse::<u16>().unwrap_or(0));
            match parts.next().unwrap_or(0) {
                0 => self = Look::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                4 => self.underlined = parts.next() != Some(0),
                7 => self.reversed = true,
                22 => (self.bold, self.dim) = (false, false),
                24 => self.underlined = false,
                27 => self.reversed = false,
                n @ (30..=37 | 90..=97) => self.ink = Some(of_sixteen(n % 10, n >= 90)),
                39 => self.ink = None,
                n @ (40..=47 | 100..=107) => self.behind = Some(of_sixteen(n % 10, n >= 100)),
                49 => self.behind = None,
                n @ (38 | 48) => {
                    let mut rest: Vec<u16> = parts.collect();
                    if rest.is_empty() {
                        let mut next = || all.next().and_then(|p| p.parse().ok()).unwrap_or(0);
                        rest.push(next());
                        let more = if rest[0] == 5 { 1 } else { 3 };
                        rest.extend((0..more).map(|_| next()));
                    }
                    let ink = extended(&rest);
                    *(if n == 38 { &mut self.ink } else { &mut self.behind }) = ink;
                }
                _ => {}
            }
        }
        self
    }
}

fn of_sixteen(n: u16, bright: bool) -> Ink {
    match n {
        0 => Ink::Grey,
        1 => Ink::Red,
        2 => Ink::Green,
        3 => Ink::Yellow,
        4 | 6 => Ink::Blue,
        5 => Ink::Magenta,
        _ if bright => Ink::White,
        _ => Ink::Grey,
    }
}

/// `5;N` of the 256, or `2;R;G;B` (with a colour space before R where there are more).
fn extended(parameters: &[u16]) -> Option<Ink> {
    match parameters {
        [5, n @ 0..=15, ..] => Some(of_sixteen(n % 8, *n >= 8)),
        [5, n @ 16..=231, ..] => {
            let n = n - 16;
            Some(of_rgb(n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51))
        }
        [5, n @ 232..=255, ..] => Some(of_rgb((n - 232) * 11, (n - 232) * 11, (n - 232) * 11)),
        [2, _, r, g, b, ..] | [2, r, g, b] => Some(of_rgb(*r, *g, *b)),
        _ => None,
    }
}

fn of_rgb(r: u16, g: u16, b: u16) -> Ink {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    if most.saturating_sub(least) < 40 {
        return if most > 200 { Ink::White } else { Ink::Grey };
    }
    // A channel counts where it is nearer to the largest than to the smallest.
    let strong = |c: u16| u32::from(c) * 2 > u32::from(most) + u32::from(least);
    match (strong(r), strong(g), strong(b)) {
        (true, true, _) => Ink::Yellow,
        (true, false, true) => Ink::Magenta,
        (true, false, false) => Ink::Red,
        (false, true, false) => Ink::Green,
        _ => Ink::Blue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ink(parameters: &str) -> Option<Ink> {
        Look::default().after(parameters.as_bytes()).ink
    }

    #[test]
    fn every_way_to_say_a_colour_is_understood() {
        for red in ["31", "1;31", "91", "38;5;196", "38;5;9", "38;2;255;0;0", "38:2::220:40:30", "38:5:160", "0;4;31"] {
            assert_eq!(ink(red), Some(Ink::Red), "{red}");
        }
        assert_eq!((ink("38;5;244"), ink("38;5;255"), ink("37")), (Some(Ink::Grey), Some(Ink::White), Some(Ink::Grey)));
        assert_eq!((ink("31;39"), ink("31;0"), ink("31;"), ink("?31")), (None, None, None, None));
        let look = Look::default().after(b"41;97;1;4").after(b"22;24");
        assert_eq!(look, Look { ink: Some(Ink::White), behind: Some(Ink::Red), ..Look::default() });
    }

    proptest! {
        #[test]
        fn no_parameters_break_it(parameters in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Look::default().after(&parameters);
        }
    }
}
