//! The checks of watches on the screen: which row is selected, and what the keys mean there.

use super::dialogs::{Purpose, ask};
use super::model::{Model, PaneId};
use super::update::{Effects, order};
use crate::core::ids::WatchId;
use crate::core::launch::{LaunchState, OpenCheck, WatchState, next_check, open_check};
use crate::core::order::What;
use crate::core::time::Timestamp;
use crate::core::watch::{CheckAct, WatchOutline};

/// A row that can be selected: a watch, or a box of its open check.
pub type CheckRow = (WatchId, Option<usize>);

/// The watches as they are shown: those with an open check first, the one that is or will be overdue first at the top;
/// then those to come, by time; then those that are over.
pub fn listed(launch: &LaunchState, now: Timestamp) -> Vec<&WatchOutline> {
    let mut all: Vec<&WatchOutline> = launch.outline.watches.iter().collect();
    all.sort_by_key(|watch| {
        let open = open_check(launch, &watch.id).map(|open| open.overdue);
        let next = next_check(launch, watch, now);
        (open.is_none(), next.is_none() && open.is_none(), open.or(next))
    });
    all
}

/// The rows that can be selected.
pub fn rows(launch: &LaunchState, now: Timestamp) -> Vec<CheckRow> {
    let of = |watch: &WatchOutline| {
        let boxes = if open_check(launch, &watch.id).is_some() { watch.items.len() } else { 0 };
        std::iter::once((watch.id.clone(), None))
            .chain((0..boxes).map(|item| (watch.id.clone(), Some(item))))
            .collect::<Vec<_>>()
    };
    listed(launch, now).into_iter().flat_map(of).collect()
}

/// The row that keys mean: the selected one, else the first open box of what is due first, else the first row.
pub fn selected(model: &Model) -> Option<CheckRow> {
    let launch = model.launch.as_ref()?;
    let all = rows(launch, model.now());
    let first = || {
        let (id, _) = all.first()?;
        let item = open_check(launch, id).and_then(|open| open.first_open());
        Some((id.clone(), item))
    };
    model.check.clone().filter(|row| all.contains(row)).or_else(first)
}

/// The open check of the selected row.
pub fn meant<'a>(model: &Model, launch: &'a LaunchState) -> Option<OpenCheck<'a>> {
    open_check(launch, &selected(model)?.0)
}

/// Selects another row.
pub(super) fn step_by(model: &mut Model, by: isize) {
    let Some(launch) = &model.launch else { return };
    let all = rows(launch, model.now());
    let at = selected(model).and_then(|row| all.iter().position(|other| *other == row)).unwrap_or(0) as isize;
    let next = at.saturating_add(by).clamp(0, (all.len() as isize - 1).max(0)) as usize;
    model.check = all.get(next).cloned();
}

/// The key that ticks: the selected box, or the next open one; a check without boxes is done.
pub(super) fn tick(model: &mut Model, out: &mut Effects) {
    let Some(launch) = &model.launch else { return };
    let Some(open) = meant(model, launch) else { return none_due(model) };
    let item = selected(model).and_then(|(_, item)| item);
    let what = match item.or(open.first_open()) {
        Some(item) => open.act(CheckAct::Tick { item, on: !open.check.ticks.contains_key(&item) }),
        None => open.act(CheckAct::Done { why: None }),
    };
    // The next open box is what the next press means.
    let next = open.open_items().into_iter().find(|next| Some(*next) > item);
    if matches!(&what, What::Check { act: CheckAct::Tick { on: true, .. }, .. }) {
        model.check = next.map(|next| (open.watch.id.clone(), Some(next)));
    }
    order(model, what, out);
}

/// The key that opens: done with a word, also with boxes that are open.
pub(super) fn done(model: &mut Model) {
    asked(model, "done; what you saw", |open| open.act(CheckAct::Done { why: None }));
}

/// The key of an update: what was found.
pub(super) fn found(model: &mut Model) {
    asked(model, "what is not well", |open| open.act(CheckAct::Found { text: String::new() }));
}

/// The key that stops: left out this time.
pub(super) fn skip(model: &mut Model) {
    asked(model, "left out this time, why", |open| open.act(CheckAct::Skip { why: String::new() }));
}

fn asked(model: &mut Model, what: &str, order: impl Fn(&OpenCheck<'_>) -> What) {
    let Some(launch) = &model.launch else { return };
    let Some(open) = meant(model, launch) else { return none_due(model) };
    let (prompt, what) = (format!("{}: {what}", open.watch.title), order(&open));
    ask(model, prompt, Purpose::Text(what), "");
}

fn none_due(model: &mut Model) {
    model.refuse("no check is due here; what is due stands at the top");
}

/// Whether keys mean a check.
pub(super) fn has_focus(model: &Model) -> bool {
    model.focus == PaneId::Checks && model.outline().is_some_and(|o| !o.watches.is_empty())
}

/// How a watch stood so far: `7 done, 1 missed`.
pub fn so_far(own: &WatchState) -> String {
    let missed = (own.missed > 0).then(|| format!("{} missed", own.missed));
    let skipped = (own.skipped > 0).then(|| format!("{} left out", own.skipped));
    let done = (own.count > 0).then(|| format!("{} done", own.done));
    done.into_iter().chain(missed).chain(skipped).collect::<Vec<_>>().join(", ")
}
