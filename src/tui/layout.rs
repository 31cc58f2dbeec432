//! Where everything stands: a pure function of the size, of how many rows the panes have, and of what is zoomed.
//!
//! ```text
//! header
//! alarm                                   empty while all is well, so that nothing moves
//! NOW            NEXT           BACK
//! timeline                                where there is room
//! checklist      new beside old
//!                error rate
//! triggers       health    lag, queues
//! log, output, incidents (tabs)
//! footer
//! ```
//!
//! Wide screens have three columns, with the selected step, a second chart, the next gate and the output beside the rest.

use ratatui::layout::Rect;

use super::model::PaneId;
use super::panes::timeline;
use super::war::{self, parts::Parts};

/// How many rows the panes could fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Rows of new beside old; 0 leaves the pane out.
    pub compare: u16,
    /// The war room is wanted.
    pub war: bool,
    /// A step's page is open: it and its output are all that is seen.
    pub page: bool,
    /// The step of that page has a command, so that there may be output.
    pub output: bool,
    /// Whether there are error rates.
    pub errors: bool,
    /// Rows of health.
    pub health: u16,
    /// Rows of replica lag; 0 leaves the pane out.
    pub lag: u16,
    /// Rows of queues; 0 leaves the pane out.
    pub queues: u16,
    /// Rows of the checklist with all its phases open; 0 where there is no step.
    pub steps: u16,
    /// Triggers; 0 leaves the pane out.
    pub triggers: u16,
    /// The plan has phases enough for a timeline.
    pub timeline: bool,
    /// There is something for a second chart.
    pub second: bool,
    /// Rows of the next gate; 0 leaves the pane out.
    pub gate: u16,
    /// Columns that health, lag and queues need for whole names and a short history.
    pub widths: [u16; 3],
    /// Rows of health, lag and queues that are not ok: they are seen before calm rows of other panes.
    pub bad: [u16; 3],
}

impl Wants {
    /// The plan measures nothing: the checklist has the whole width.
    fn measures_nothing(&self) -> bool {
        !self.errors && self.compare + self.health + self.lag + self.queues == 0
    }
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
    /// The phases along the launch; nothing of it where the screen is low or narrow.
    pub timeline: Rect,
    /// The panes that are seen.
    pub panes: Vec<(PaneId, Rect)>,
    /// Keys or toasts.
    pub footer: Rect,
    /// What goes on, where no pane shows it; at the alarm's place where there is no row for it alone.
    pub doing: Rect,
    /// The parts of the war room, where that is shown instead of panes.
    pub war: Option<Parts>,
    /// So small that a card covers all of it.
    pub tiny: bool,
    /// Answers stand one below the other.
    pub stacked: bool,
    /// Where the second and the third answer begin, where they stand side by side.
    pub thirds: [u16; 2],
}

impl Layout {
    /// Where a pane stands, if it is seen.
    pub fn pane(&self, pane: PaneId) -> Option<Rect> {
        self.panes.iter().find(|(p, _)| *p == pane).map(|(_, r)| *r)
    }

    /// Lays out a screen.
    pub fn of((w, h): (u16, u16), wants: Wants, focus: PaneId, zoom: bool, tab: PaneId) -> Layout {
        if let Some(room) = war::layout((w, h)).filter(|_| wants.war) {
            return room;
        }
        let row = |y: u16, rows: u16| Rect::new(0, y, w, rows).intersection(Rect::new(0, 0, w, h));
        if w < 40 || h < 12 {
            return tiny(w, h, focus);
        }
        let footer = row(h - 1, 1);
        let thirds = thirds(w);
        let mut layout = Layout { header: row(0, 1), alarm: row(1, 1), footer, thirds, ..Layout::default() };
        if w < 70 || h < 20 {
            layout.stacked = true;
            layout.answers = row(2, 3);
            layout.panes = vec![(focus, Rect::new(0, 6, w - 1, h - 7))];
            return layout;
        }
        let roomy = h >= 30;
        layout.answers = if roomy { row(3, 3) } else { row(2, 2) };
        let mut top = if roomy { 7 } else { 5 };
        if wants.timeline && w >= 100 && h >= 36 {
            // A blank row above it is the first thing that goes.
            let y = if h >= 44 { 7 } else { 6 };
            layout.timeline = row(y, timeline::ROWS);
            top = y + timeline::ROWS + 1;
        }
        if zoom {
            layout.panes = vec![(focus, Rect::new(0, top, w - 1, h - top - 1))];
            return layout;
        }
        if wants.page {
            page(&mut layout, Rect::new(0, top, w - 1, h - top - 1), wants.output);
            return layout;
        }
        let bottom = if h >= 50 { h / 5 } else { 5 + u16::from(roomy) * (h / 7).saturating_sub(5) };
        let body = Rect::new(0, top, w, h - top - 1 - bottom - u16::from(roomy));
        let below = Rect::new(0, h - 1 - bottom, w - 1, bottom);
        let gap = u16::from(roomy);
        if wants.measures_nothing() {
            left_column(&mut layout, Rect { width: w - 1, ..body }, wants);
        } else if w >= WIDE {
            columns(&mut layout, body, wants, gap, tab);
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

/// Screens with so many columns have three of panes.
pub const WIDE: u16 = 180;

/// Where the second and the third of three columns of panes begin.
fn wide(w: u16) -> [u16; 2] {
    let (left, middle) = (w * 3 / 10, w * 38 / 100);
    [left + 2, left + middle + 5]
}

/// Where NEXT and BACK begin: above their columns, zoomed or not; else what goes on has the longest words, so where it
/// is narrow its part is a little wider.
fn thirds(w: u16) -> [u16; 2] {
    match w {
        WIDE.. => wide(w),
        100.. => [w / 3, w / 3 * 2],
        _ => [w / 3 + 3, w / 3 * 2 + 3],
    }
}

/// What never goes, then the keys, then what goes on, then a pane.
fn tiny(w: u16, h: u16, focus: PaneId) -> Layout {
    let rows = |y: u16, rows: u16| Rect::new(0, y, w, rows).intersection(Rect::new(0, 0, w, h));
    let small = Layout { tiny: true, stacked: true, ..Layout::default() };
    if h < 8 {
        let footer = if h > 5 { rows(h - 1, 1) } else { Rect::default() };
        let doing = if h > 6 { rows(5, 1) } else { rows(0, 1) };
        return Layout { alarm: rows(0, 1), answers: rows(1, 3), header: rows(4, 1), doing, footer, ..small };
    }
    let top = if h < 12 { 5 } else { 6 };
    let panes = vec![(focus, Rect::new(0, top, w.saturating_sub(1), h - top - 1))];
    Layout { header: rows(0, 1), alarm: rows(1, 1), answers: rows(2, 3), panes, footer: rows(h - 1, 1), ..small }
}

/// A step beside its output, or above it where the screen is narrow; alone where it has none.
fn page(layout: &mut Layout, area: Rect, output: bool) {
    if !output {
        layout.panes.push((PaneId::Step, area));
    } else if area.width >= 99 {
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
        return checklist(layout, area, wants);
    }
    let list = area.height - triggers - 1;
    checklist(layout, Rect { height: list, ..area }, wants);
    layout.panes.push((PaneId::Triggers, Rect { y: area.y + list + 1, height: triggers, ..area }));
}

/// The checklist and, on a wide screen, the selected step below it: what the list leaves over, at least a third of it.
/// It does not hang on which step that is, so that nothing jumps when the selection moves.
fn checklist(layout: &mut Layout, area: Rect, wants: Wants) {
    let whole = area.height.saturating_sub(1);
    let left = whole.saturating_sub(wants.steps.saturating_add(1));
    let step = left.clamp(whole / 3, whole / 2);
    if layout.header.width < WIDE || wants.steps == 0 || step < 8 {
        layout.panes.push((PaneId::Checklist, area));
        return;
    }
    let list = whole - step;
    layout.panes.push((PaneId::Checklist, Rect { height: list, ..area }));
    layout.panes.push((PaneId::Step, Rect { y: area.y + list + 1, height: step, ..area }));
}

/// Three columns: what is done, how the versions do, everything else.
fn columns(layout: &mut Layout, body: Rect, wants: Wants, gap: u16, tab: PaneId) {
    let w = body.width;
    let (left, middle) = (w * 3 / 10, w * 38 / 100);
    let [second, third] = wide(w);
    left_column(layout, Rect { width: left, ..body }, wants);
    let second = Rect { x: second, width: middle, ..body };
    let third = Rect { x: third, width: w - third - 1, ..body };
    let mut others = signals(wants);
    if wants.gate > 0 {
        others.push((PaneId::Gate, 1, 1, wants.gate));
    }
    let output = (PaneId::Output, 4, 4, u16::MAX);
    let mut parts = evidence(wants, 22);
    if wants.errors && wants.second {
        let charts = body.height.saturating_sub(if wants.compare > 0 { wants.compare + 2 + gap } else { 0 });
        parts = evidence(wants, (charts.saturating_sub(gap)) / 2);
        parts.push((PaneId::Second, 6, 6, u16::MAX));
        if tab != PaneId::Output {
            others.push(output);
        }
    } else if tab != PaneId::Output {
        parts.push(output);
    }
    stack(layout, second, gap, &parts);
    stack(layout, third, gap, &others);
}

/// Evidence over the whole width. Below it health, lag and queues: over the whole width too where there are rows enough,
/// else health beside lag and queues.
fn pairwise(layout: &mut Layout, area: Rect, wants: Wants) {
    let parts = evidence(wants, u16::MAX);
    let below = signals(wants);
    let chart = if wants.errors { 9 } else { 0 };
    let compare = if wants.compare > 0 { wants.compare + 3 } else { 0 };
    let all = below.iter().map(|part| part.3 + 1).sum::<u16>() - 1;
    if compare + chart + u16::from(wants.errors) + all <= area.height {
        let upper = if parts.is_empty() { 0 } else { area.height - all - 1 };
        stack(layout, Rect { height: upper, ..area }, 1, &parts);
        let y = area.y + upper + u16::from(upper > 0);
        stack(layout, Rect { y, height: area.y + area.height - y, ..area }, 1, &below);
        return;
    }
    let other = [wants.lag, wants.queues].iter().filter(|n| **n > 0).map(|n| n + 1).sum::<u16>();
    let both = u16::from(wants.lag > 0 && wants.queues > 0);
    // Why what is not ok is not needs rows of its own; the chart is worth more than those.
    let bare = (wants.health.saturating_sub(wants.bad[0]) + 1).max(other + both);
    let low = (wants.health + 1).max(other + both).min(bare.max(area.height.saturating_sub(compare + chart)));
    let low = low.min((area.height / 2).max(4));
    let upper = Rect { height: area.height.saturating_sub(low + 1), ..area };
    let lower = if parts.is_empty() { area } else { Rect { y: area.y + upper.height + 1, height: low, ..area } };
    stack(layout, upper, 1, &parts);
    let health = if other == 0 { lower.width } else { split(lower.width - 2, wants) };
    layout.panes.push((PaneId::Health, Rect { width: health, ..lower }));
    if other > 0 {
        let right = Rect { x: lower.x + health + 2, width: lower.width - health - 2, ..lower };
        stack(layout, right, both, &below[1..]);
    }
}

/// Columns of health, where lag and queues have the rest: half, or as much more or less as one side needs and the other
/// does not.
fn split(all: u16, wants: Wants) -> u16 {
    let half = all / 2;
    let [health, lag, queues] = wants.widths;
    let others = lag.max(queues);
    let least = 24.min(half);
    let most = all.saturating_sub(others).max(least);
    if health > half { health.min(most).max(half) } else { half.min(most).max(health.min(half)) }
        .clamp(least, all - least)
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
            rows in proptest::array::uniform6(0_u16..40), focus in 0..PaneId::ALL.len(), errors: bool, page: bool,
            widths in proptest::array::uniform3(0_u16..90), second: bool, timeline: bool, steps in 0_u16..90,
        ) {
            let [compare, health, lag, queues, triggers, gate] = rows;
            let bad = [health / 2, lag, 0];
            let wants = Wants { war: false, compare, errors, health, lag, queues, triggers, page, output: w % 2 == 0, bad, widths, second, gate, timeline, steps };
            let layout = Layout::of((w, h), wants, PaneId::ALL[focus], zoom, PaneId::Log);
            let screen = Rect::new(0, 0, w, h);
            let mut all: Vec<Rect> = layout.panes.iter().map(|(_, r)| *r).collect();
            all.extend([layout.header, layout.alarm, layout.answers, layout.timeline, layout.footer]);
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
        let bad = [1, 0, 0];
        let wants =
            Wants { compare: 4, errors: true, health: 6, lag: 2, queues: 3, triggers: 5, bad, ..Wants::default() };
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

    #[test]
    fn no_pane_is_squeezed_beside_blank_rows() {
        let few = Wants { health: 3, lag: 1, queues: 2, widths: [36, 30, 24], ..Wants::default() };
        let layout = Layout::of((120, 40), few, PaneId::Checklist, false, PaneId::Log);
        for pane in [PaneId::Health, PaneId::Lag, PaneId::Queues] {
            assert!(layout.pane(pane).is_some_and(|r| r.width > 60), "{layout:?}");
        }
        let many = Wants { compare: 4, errors: true, health: 7, lag: 2, queues: 3, ..few };
        let layout = Layout::of((120, 40), many, PaneId::Checklist, false, PaneId::Log);
        assert_eq!(layout.pane(PaneId::Health).map(|r| r.width), Some(31), "lag has what it needs: {layout:?}");
    }

    #[test]
    fn where_nothing_is_measured_the_checklist_has_the_width_and_a_page_without_a_command_all_rows() {
        let none = Wants { triggers: 2, ..Wants::default() };
        for size in [(80, 24), (120, 40), (200, 60)] {
            let layout = Layout::of(size, none, PaneId::Checklist, false, PaneId::Log);
            assert_eq!(layout.pane(PaneId::Checklist).map(|r| r.width), Some(size.0 - 1), "{layout:?}");
            assert_eq!(layout.pane(PaneId::Health), None);
            let page = Layout::of(size, Wants { page: true, ..none }, PaneId::Step, false, PaneId::Log);
            assert_eq!(page.panes.len(), 1, "{page:?}");
        }
    }

    #[test]
    fn the_chart_keeps_its_rows_while_much_is_bad() {
        let bad = Wants { compare: 4, errors: true, health: 12, lag: 2, queues: 3, bad: [5, 0, 0], ..Wants::default() };
        let layout = Layout::of((120, 40), bad, PaneId::Checklist, false, PaneId::Log);
        assert!(layout.pane(PaneId::Errors).is_some_and(|r| r.height >= 8), "{layout:?}");
        assert!(layout.pane(PaneId::Health).is_some_and(|r| r.height >= 8), "{layout:?}");
    }

    #[test]
    fn a_wide_screen_has_a_second_chart_and_the_next_gate() {
        let wants = Wants { compare: 4, errors: true, health: 6, lag: 2, queues: 3, triggers: 5, ..Wants::default() };
        let wants = Wants { second: true, gate: 9, ..wants };
        let layout = Layout::of((200, 60), wants, PaneId::Checklist, false, PaneId::Log);
        let rows = |pane| layout.pane(pane).map_or(0, |r| r.height);
        assert!(rows(PaneId::Errors) >= 14 && rows(PaneId::Second) >= 14, "{layout:?}");
        assert!(rows(PaneId::Gate) == 9 && rows(PaneId::Output) >= 8 && rows(PaneId::Triggers) == 6, "{layout:?}");
    }
}
