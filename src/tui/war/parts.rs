//! Where the parts of the war room stand: a pure function of the size.

use ratatui::layout::Rect;

/// The smallest screen that has a war room; a smaller one has what every small screen has.
pub const LEAST: (u16, u16) = (60, 15);

/// Where everything stands. A part that has no room has no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Are we OK, as large as it can be, from edge to edge.
    pub band: Rect,
    /// The worst thing, in a row.
    pub alarm: Rect,
    /// NOW, NEXT and BACK.
    pub answers: Rect,
    /// What is measured.
    pub figures: Rect,
    /// The same over time.
    pub chart: Rect,
    /// What happened last.
    pub log: Rect,
    /// Rows of the band's large type, at most.
    pub word: u16,
    /// Rows of the numbers' large type, at most.
    pub number: u16,
    /// Blank rows around numbers.
    pub air: u16,
    /// Columns left of everything.
    pub margin: u16,
}

impl Parts {
    /// Divides a screen; none where it is too small.
    pub fn of((w, h): (u16, u16)) -> Option<Self> {
        if w < LEAST.0 || h < LEAST.1 {
            return None;
        }
        let word = match (w, h) {
            (_, ..18) => 3,
            (_, ..24) => 4,
            (..100, _) | (_, ..30) => 5,
            (150.., 55..) => 11,
            _ => 7,
        };
        let number = match (w, h) {
            (150.., 55..) => 7,
            (_, 24..) => 4,
            _ => 3,
        };
        let captions = if h >= 24 { 2 } else { 1 };
        let (gap, air) = (u16::from(h >= 23), u16::from(h >= 36));
        let log = u16::from(h >= 16);
        let margin = if w >= 100 { 3 } else { 1 };
        let mut y = 1;
        let mut part = |rows: u16, gap: u16| {
            let rect = Rect::new(0, y, w, rows);
            y += rows + gap;
            rect
        };
        let band = part(word + 2 * air, 0);
        let alarm = part(1, gap);
        let answers = part(1 + air + number + air + captions, gap + air);
        let figures = part(1 + air + number, gap);
        let rest = (h - 1 - log).saturating_sub(y);
        let chart = if rest >= CHART { Rect::new(0, y, w, rest) } else { Rect::default() };
        let log = Rect::new(0, h - 1 - log, w, log);
        Some(Self { band, alarm, answers, figures, chart, log, word, number, air, margin })
    }

    /// The columns of a row of three: where each begins, and how wide it is.
    pub fn columns(&self) -> [(u16, u16); 3] {
        // What stands last is short: where there is little room the others have more of it.
        let all = self.band.width - self.margin;
        let each = if self.band.width >= 100 { all / 3 } else { all.div_ceil(3) };
        self.from([each, 2 * each])
    }

    /// The same where the last of them is so narrow, and the first has so many columns more than the second.
    pub fn columns_before(&self, last: u16, more: i16) -> [(u16, u16); 3] {
        let both = (self.band.width - self.margin).saturating_sub(last + 1);
        self.from([(both / 2).saturating_add_signed(more).min(both), both])
    }

    /// Where the second and the third begin so far behind the first.
    fn from(&self, [second, third]: [u16; 2]) -> [(u16, u16); 3] {
        let all = self.band.width - self.margin;
        let wide = |from: u16, to: u16| (self.margin + from, to.saturating_sub(from));
        [wide(0, second.saturating_sub(APART)), wide(second, third.saturating_sub(APART)), wide(third, all - 1)]
    }
}

/// Blank columns between two columns, at least.
pub const APART: u16 = 2;

/// A chart of fewer rows says nothing.
const CHART: u16 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_is_outside_at_any_size() {
        for w in 0..260 {
            for h in 0..90 {
                let Some(parts) = Parts::of((w, h)) else {
                    assert!(w < LEAST.0 || h < LEAST.1);
                    continue;
                };
                let Parts { band, alarm, answers, figures, chart, log, .. } = parts;
                let all = [Rect::new(0, 0, w, 1), band, alarm, answers, figures, chart, log, Rect::new(0, h - 1, w, 1)];
                let screen = Rect::new(0, 0, w, h);
                for (i, a) in all.iter().enumerate().filter(|(_, rect)| !rect.is_empty()) {
                    assert_eq!(a.intersection(screen), *a, "{w}x{h} {parts:?}");
                    assert!(all[i + 1..].iter().all(|b| !a.intersects(*b)), "{w}x{h} {parts:?}");
                }
                for part in [band, alarm, answers, figures] {
                    assert!(!part.is_empty(), "{w}x{h} {parts:?}");
                }
            }
        }
    }
}
