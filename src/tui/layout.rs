//! Where everything stands: a pure function of the size, of how many rows the panes have, and of what is zoomed.
//!
//! ```text
//! header
//! alarm                                   empty while all is well, so that nothing moves
//! NOW            NEXT           BACK
//! checklist      new beside old
//!                error rate
//! triggers       health    lag, queues
//! log, output, incidents (tabs)
//! footer
//! ```

use ratatui::layout::Rect;

use super::model::PaneId;

/// How many rows the panes could fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Rows of new beside old; 0 leaves the pane out.
    pub compare: u16,
    /// A step's page is open: it and its output are all that is seen.
    pub page: bool,
    /// Whether there are error rates.
    pub errors: bool,
    /// Rows of health.
    pub health: u16,
    /// Rows of replica lag; 0 leaves the pane out.
    pub lag: u16,
    /// Rows of queues; 0 leaves the pane out.
    pub queues: u16,
    /// Triggers; 0 leaves the pane out.
    pub triggers: u16,
    /// Rows of health, lag and queues that are not ok: they are seen before calm rows of other panes.
    pub bad: [u16; 3],
}

/// Where everything stands. Parts that do not fit have no height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Name, mode, hold, severity, clocks.
    pub header: Rect,
    /// The worst thing.
    pub alarm: Rect,
    /// The three answers.
    pub answers: Rect,
    /// The panes that are seen.
    pub panes: Vec<(PaneId, Rect)>,
    /// Keys or toasts.
    pub footer: Rect,
    /// Only the alarm, the answers and the clock fit.
    pub tiny: bool,
    /// Answers stand one below the other.
    pub stacked: bool,
}

impl Layout {
    /// Where a pane stands, if it is seen.
    pub fn pane(&self, pane: PaneId) -> Option<Rect> {
        self.panes.iter().find(|(p, _)| *p == pane).map(|(_, r)| *r)
    }

    /// Lays out a screen.
    pub fn of((w, h): (u16, u16), wants: Wants, focus: PaneId, zoom: bool, tab: PaneId) -> Layout {
        let row = |y: u16, rows: u16| Rect::new(0, y, w, rows).intersection(Rect::new(0, 0, w, h));
        if w < 40 || h < 12 {
            return tiny(w, h);
        }
        let footer = row(h - 1, 1);
        let mut layout = Layout { header: row(0, 1), alarm: row(1, 1), footer, ..Layout::default() };
        if w < 70 || h < 20 {
            layout.stacked = true;
            layout.answers = row(2, 3);
            layout.panes = vec![(focus, Rect::new(0, 6, w - 1, h - 7))];
            return layout;
        }
        let roomy = h >= 30;
        let top = if roomy { 7 } else { 5 };
        layout.answers = if roomy { row(3, 3) } else { row(2, 2) };
        if zoom {
            layout.panes = vec![(focus, Rect::new(0, top, w - 1, h - top - 1))];
            return layout;
        }
        if wants.page {
            page(&mut layout, Rect::new(0, top, w - 1, h - top - 1));
            return layout;
        }
        let bottom = if roomy { (h / 7).max(5) } else { 5 };
        let body = Rect::new(0, top, w, h - top - 1 - bottom - u16::from(roomy));
        let below = Rect::new(0, h - 1 - bottom, w - 1, bottom);
        let gap = u16::from(roomy);
        if w >= 180 {
            let (left, middle) = (w * 3 / 10, w * 38 / 100);
            let third = left + middle + 5;
            layout.panes.push((PaneId::Checklist, Rect { width: left, ..body }));
            let second = Rect { x: left + 2, width: middle, ..body };
            let mut parts = evidence(wants, 22);
            if tab != PaneId::Output {
                parts.push((PaneId::Output, 0, 0, u16::MAX));
            }
            stack(&mut layout, second, gap, &parts);
            let mut parts = signals(wants);
            if wants.triggers > 0 {
                parts.push((PaneId::Triggers, 1, 1, wants.triggers + 1));
            }
            stack(&mut layout, Rect { x: third, width: w - third - 1, ..body }, gap, &parts);
        } else {
            let left = if w < 100 { w * 46 / 100 } else { w * 45 / 100 };
            left_column(&mut layout, Rect { width: left, ..body }, wants);
            let gutter = if w < 100 { 1 } else { 2 };
            let right = Rect { x: left + gutter, width: w - left - gutter - 1, ..body };
            if right.width >= 56 && roomy {
                pairwise(&mut layout, right, wants);
            } else {
                stack(&mut layout, right, 0, &[evidence(wants, 7), signals(wants)].concat());
            }
        }
        let tab = if tab.is_tab() || layout.pane(tab).is_none() { tab } else { PaneId::Log };
        layout.panes.push((tab, below));
        layout
    }
}

fn tiny(w: u16, h: u16) -> Layout {
    let row = |y: u16| Rect::new(0, y, w, 1).intersection(Rect::new(0, 0, w, h));
    Layout {
        alarm: row(0),
        answers: Rect::new(0, 1, w, 3).intersection(Rect::new(0, 0, w, h)),
        header: row(4),
        tiny: true,
        stacked: true,
        ..Layout::default()
    }
}

/// A step beside its output, or above it where the screen is narrow.
fn page(layout: &mut Layout, area: Rect) {
    if area.width >= 99 {
        let left = (area.width * 3 / 8).clamp(39, 66);
        layout.panes.push((PaneId::Step, Rect { width: left, ..area }));
        layout.panes.push((PaneId::Output, Rect { x: left + 2, width: area.width - left - 2, ..area }));
    } else {
        let below = (area.height / 3).max(4);
        let above = area.height - below;
        layout.panes.push((PaneId::Step, Rect { height: above, ..area }));
        layout.panes.push((PaneId::Output, Rect { y: area.y + above, height: below, ..area }));
    }
}

/// A pane, the rows it must have, those it should have now, and those it could use (head included).
type Part = (PaneId, u16, u16, u16);

fn evidence(wants: Wants, most: u16) -> Vec<Part> {
    let mut parts = Vec::new();
    if wants.compare > 0 {
        parts.push((PaneId::Compare, 3, 3, wants.compare + 2));
    }
    if wants.errors {
        parts.push((PaneId::Errors, 4, 4, most));
    }
    parts
}

fn signals(wants: Wants) -> Vec<Part> {
    let [health, lag, queues] = wants.bad.map(|n| n.min(3) + 1);
    let mut parts = vec![(PaneId::Health, 1, health, wants.health + 1)];
    if wants.lag > 0 {
        parts.push((PaneId::Lag, 1, lag, wants.lag + 1));
    }
    if wants.queues > 0 {
        parts.push((PaneId::Queues, 1, queues, wants.queues + 1));
    }
    parts
}

fn left_column(layout: &mut Layout, area: Rect, wants: Wants) {
    let triggers = wants.triggers.min(area.height / 4) + 1;
    if wants.triggers == 0 || area.height < 20 {
        layout.panes.push((PaneId::Checklist, area));
        return;
    }
    let list = area.height - triggers - 1;
    layout.panes.push((PaneId::Checklist, Rect { height: list, ..area }));
    layout.panes.push((PaneId::Triggers, Rect { y: area.y + list + 1, height: triggers, ..area }));
}

/// Evidence over the whole width, health beside lag and queues below it.
fn pairwise(layout: &mut Layout, area: Rect, wants: Wants) {
    let other = [wants.lag, wants.queues].iter().filter(|n| **n > 0).map(|n| n + 1).sum::<u16>();
    let both = u16::from(wants.lag > 0 && wants.queues > 0);
    let low = (wants.health + 1).max(other + both).min((area.height / 2).max(4));
    let upper = Rect { height: area.height.saturating_sub(low + 1), ..area };
    let parts = evidence(wants, u16::MAX);
    let lower = if parts.is_empty() { area } else { Rect { y: area.y + upper.height + 1, height: low, ..area } };
    stack(layout, upper, 1, &parts);
    let half = if other == 0 { lower.width } else { (lower.width - 2) / 2 };
    layout.panes.push((PaneId::Health, Rect { width: half, ..lower }));
    if other > 0 {
        let right = Rect { x: lower.x + half + 2, width: lower.width - half - 2, ..lower };
        stack(layout, right, both, &signals(wants)[1..]);
    }
}

/// One below the other: first what each must have, then what it could use, in order.
fn stack(layout: &mut Layout, area: Rect, gap: u16, parts: &[Part]) {
    let mut left = area.height;
    let mut heights = vec![0_u16; parts.len()];
    for (i, (_, least, ..)) in parts.iter().enumerate() {
        let need = if i == 0 { *least } else { least + gap };
        if left >= need {
            left -= need;
            heights[i] = *least;
        }
    }
    let mut grow = |up_to: &dyn Fn(&Part) -> u16| {
        for (i, part) in parts.iter().enumerate() {
            if heights[i] == 0 && part.1 > 0 {
                continue;
            }
            let more = left.min(up_to(part).saturating_sub(heights[i]));
            heights[i] += more;
            left -= more;
        }
    };
    grow(&|part| part.2.min(part.3));
    grow(&|part| part.3);
    let mut y = area.y;
    for ((pane, ..), height) in parts.iter().zip(heights) {
        if height == 0 {
            continue;
        }
        let rect = Rect { y, height, ..area }.intersection(area);
        if rect.height > 0 {
            layout.panes.push((*pane, rect));
        }
        y += height + gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_overlaps_and_nothing_is_outside(
            w in 0_u16..260, h in 0_u16..90, zoom: bool,
            rows in proptest::array::uniform5(0_u16..40), focus in 0..PaneId::ALL.len(), errors: bool, page: bool,
        ) {
            let [compare, health, lag, queues, triggers] = rows;
            let wants = Wants { compare, errors, health, lag, queues, triggers, page, bad: [health / 2, lag, 0] };
            let layout = Layout::of((w, h), wants, PaneId::ALL[focus], zoom, PaneId::Log);
            let screen = Rect::new(0, 0, w, h);
            let mut all: Vec<Rect> = layout.panes.iter().map(|(_, r)| *r).collect();
            all.extend([layout.header, layout.alarm, layout.answers, layout.footer]);
            all.retain(|r| !r.is_empty());
            for (i, a) in all.iter().enumerate() {
                prop_assert_eq!(a.intersection(screen), *a);
                for b in &all[i + 1..] {
                    prop_assert!(!a.intersects(*b), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn every_pane_has_its_place_on_common_screens() {
        let wants =
            Wants { compare: 4, errors: true, health: 6, lag: 2, queues: 3, triggers: 5, page: false, bad: [1, 0, 0] };
        for size in [(80, 24), (120, 40), (200, 60)] {
            let layout = Layout::of(size, wants, PaneId::Checklist, false, PaneId::Log);
            for pane in [
                PaneId::Checklist,
                PaneId::Compare,
                PaneId::Errors,
                PaneId::Health,
                PaneId::Lag,
                PaneId::Queues,
                PaneId::Log,
            ] {
                assert!(layout.pane(pane).is_some(), "{size:?} {pane:?} {layout:?}");
            }
        }
    }
}
