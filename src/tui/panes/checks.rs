//! Watches: which check is due, overdue or next, its boxes, by whom, and how the last one ended.

use ratatui::style::Style;

use super::head;
use super::log::tabs;
use crate::core::ids::WatchId;
use crate::core::launch::{
    CheckResult, CriterionView, LaunchState, check_in, coming_check, criteria, next_check, open_check, open_checks,
    who_fills,
};
use crate::core::reading::Level;
use crate::core::watch::WatchOutline;
use crate::core::words::count;
use crate::tui::checks::{self, CheckRow};
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// A row, and what is selected with it.
enum Row<'a> {
    Watch(&'a WatchOutline),
    Item(&'a WatchOutline, usize),
    Last(&'a WatchOutline),
    Criterion(CriterionView),
}

impl Row<'_> {
    fn target(&self) -> Option<CheckRow> {
        match self {
            Row::Watch(watch) => Some((watch.id.clone(), None)),
            Row::Item(watch, item) => Some((watch.id.clone(), Some(*item))),
            Row::Last(_) | Row::Criterion(_) => None,
        }
    }
}

fn rows<'a>(model: &Model, launch: &'a LaunchState) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for watch in checks::listed(launch, model.now()) {
        rows.push(Row::Watch(watch));
        if open_check(launch, &watch.id).is_some() {
            rows.extend((0..watch.items.len()).map(|item| Row::Item(watch, item)));
        }
        if launch.watches.get(&watch.id).is_some_and(|own| own.end.is_some()) {
            rows.push(Row::Last(watch));
        }
    }
    rows.extend(criteria(launch, &model.readout, model.now()).into_iter().map(Row::Criterion));
    rows
}

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    model.launch.as_ref().map_or(0, |launch| rows(model, launch).len())
}

/// What of it is said in few words: `1 overdue`, `2 due`, `next in 4:10`; whether somebody is wanted. None where the plan
/// has no watch.
pub fn summary(model: &Model) -> Option<(String, Style)> {
    let (launch, now) = (model.launch.as_ref()?, model.now());
    if launch.outline.watches.is_empty() {
        // Success over time alone.
        let levels: Vec<Level> = criteria(launch, &model.readout, now).iter().map(|view| view.level()).collect();
        let used_up = levels.iter().filter(|level| **level == Level::Critical).count();
        let bad = levels.iter().filter(|level| **level >= Level::Warn).count();
        let seen = levels.iter().any(|level| *level != Level::Unknown);
        return (!launch.outline.criteria.is_empty()).then(|| match bad {
            0 if !seen => ("not seen yet".to_owned(), Role::Muted.style()),
            0 => ("success over time".to_owned(), Role::Muted.style()),
            _ if used_up > 0 => (format!("{} USED UP", count(used_up, "budget")), Role::Crit.bold()),
            n => (format!("{} at risk", count(n, "budget")), Role::Warn.bold()),
        });
    }
    let open = open_checks(launch);
    let late = open.iter().filter(|open| open.is_overdue(now)).count();
    Some(match (late, open.len()) {
        (0, 0) => {
            let next = coming_check(launch, now).map(|(_, at)| format!("next {}", check_in(at, now)));
            (next.unwrap_or_else(|| "over".to_owned()), Role::Muted.style())
        }
        (0, due) => (format!("{due} due"), Role::Hi.bold()),
        (late, _) => (format!("{late} overdue"), Role::Warn.bold()),
    })
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let mut said: Vec<(String, Style)> = summary(model).into_iter().collect();
    said.extend(tabs(model, pen, pane));
    head(model, pane, pane.title(), pen, &said);
    let Some(launch) = &model.launch else { return };
    let rows = rows(model, launch);
    if rows.is_empty() {
        pen.put(1, 1, "the plan has no checks that come again: it has no [[watch]] and no [[criterion]]", Role::Muted);
        return;
    }
    let chosen = checks::selected(model);
    let height = usize::from(pen.height().saturating_sub(1)).max(1);
    let at = rows.iter().position(|row| row.target().is_some() && row.target() == chosen).unwrap_or(0);
    // The watch of a selected box stays in sight where it can.
    let top = (0..=at).rev().find(|i| matches!(rows[*i], Row::Watch(_))).unwrap_or(0);
    let first = if at - top < height { top } else { at + 1 - height };
    let first = first.min(rows.len().saturating_sub(height));
    for (y, row) in (1..).zip(rows.iter().skip(first).take(height)) {
        if row.target().is_some() && row.target() == chosen && model.focus == pane {
            pen.behind(y, Role::Selection);
            pen.cell(0, y, pen.glyphs.bar, Role::Accent.style());
        }
        match row {
            Row::Watch(watch) => watch_row(model, launch, watch, y, pen),
            Row::Item(watch, item) => item_row(launch, watch, *item, y, pen),
            Row::Last(watch) => last_row(model, launch, &watch.id, y, pen),
            Row::Criterion(view) => criterion_row(model, view, y, pen),
        }
    }
}

/// Success over time: `errors < 1% over 24h   held 99.95 % of 5h 12m seen   43s of 1m26s budget used, 50 %   as of 05:48`.
fn criterion_row(model: &Model, view: &CriterionView, y: u16, pen: &mut Pen<'_>) {
    let (sign, role) = super::sign(pen, view.level());
    let loud = view.level() >= Level::Warn;
    pen.put(1, y, sign, role);
    let style = if loud { role.bold() } else { Role::Text.style() };
    let spent = view.spent();
    let short = view.used.map(|used| format!("budget {:.0} %", used.get() * 100.0));
    let long = spent.map_or_else(|| view.held(), |spent| format!("{}  {spent}", view.held()));
    let short = short.map_or_else(|| view.held(), |short| format!("{}  {short}", view.held()));
    let title = format!("{} over {}", view.title, words::short(view.over));
    let end = pen.width().saturating_sub(1);
    let fits = |text: &&String| 3 + width(&title) + 2 + width(text) <= end;
    let as_of = view.as_of(&|at| model.zone.near(at, model.now())).map_or_else(String::new, |said| format!("  {said}"));
    let forms = [format!("{long}{as_of}"), format!("{short}{as_of}"), long, short];
    let text = forms.iter().find(fits).unwrap_or(&forms[3]);
    let start = pen.right(end, y, text, style);
    pen.cut(3, y, &title, start.saturating_sub(4), Role::Text.style());
}

fn watch_row(model: &Model, launch: &LaunchState, watch: &WatchOutline, y: u16, pen: &mut Pen<'_>) {
    let (g, now) = (pen.glyphs, model.now());
    let open = open_check(launch, &watch.id);
    let next = next_check(launch, watch, now);
    let (sign, role, said) = match (&open, next) {
        (Some(open), _) if open.level(now) > Level::Ok => (g.warn, Role::Warn, open.words(now)),
        (Some(open), _) => (g.due, Role::Hi, open.words(now)),
        (None, Some(at)) => (g.todo, Role::Muted, format!("{} at {}", check_in(at, now), model.zone.near(at, now))),
        (None, None) => (g.done, Role::Muted, "no more of it comes".to_owned()),
    };
    pen.put(1, y, sign, role);
    let end = pen.width().saturating_sub(1);
    let style = if open.is_some() { role.bold() } else { role.style() };
    let mut start = pen.right(end, y, &said, style);
    let muted = Role::Muted.style();
    let wanted = 3 + width(&watch.title) + 2;
    let so_far = launch.watches.get(&watch.id).map(checks::so_far).unwrap_or_default();
    for more in [owner(launch, watch), so_far] {
        if !more.is_empty() && start > wanted + width(&more) + 2 {
            start = pen.right(start - 2, y, &more, muted);
        }
    }
    let title = (if open.is_some() { Role::Hi } else { Role::Text }).style();
    pen.cut(3, y, &watch.title, start.saturating_sub(4), title);
}

/// `on-call: Ana`: who fills the role now.
fn owner(launch: &LaunchState, watch: &WatchOutline) -> String {
    let Some(role) = &watch.owner else { return String::new() };
    who_fills(launch, role).map_or_else(|| role.to_string(), |name| format!("{role}: {name}"))
}

fn item_row(launch: &LaunchState, watch: &WatchOutline, item: usize, y: u16, pen: &mut Pen<'_>) {
    let open = open_check(launch, &watch.id);
    let tick = open.and_then(|open| open.check.ticks.get(&item));
    let (sign, role) = match tick {
        Some(_) => (pen.glyphs.ticked, Role::Muted),
        None => (pen.glyphs.unticked, Role::Text),
    };
    pen.put(3, y, sign, if tick.is_some() { Role::Ok } else { Role::Text });
    let by = tick.map_or_else(String::new, |tick| tick.by.to_string());
    let start = pen.right(pen.width().saturating_sub(1), y, &by, Role::Muted.style());
    let text = watch.items.get(item).map_or("", String::as_str);
    pen.cut(5, y, text, start.saturating_sub(6), role.style());
}

fn last_row(model: &Model, launch: &LaunchState, id: &WatchId, y: u16, pen: &mut Pen<'_>) {
    let Some(end) = launch.watches.get(id).and_then(|own| own.end.as_ref()) else { return };
    let by = end.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    let text = if end.text.is_empty() { String::new() } else { format!(": {}", end.text) };
    let role = match end.how {
        CheckResult::Found => Role::Warn,
        CheckResult::Missed => Role::Text,
        CheckResult::Well | CheckResult::Skipped => Role::Muted,
    };
    let ago = words::clock(model.now().since(end.at));
    let text = format!("last: {}{by} {ago} ago{text}", end.how.word());
    pen.cut(3, y, &text, pen.width().saturating_sub(4), role.style());
}
