//! What was searched for, among all the other rows: the next one, and the one before. A filter shows what has the text;
//! this shows where it stands.

use super::cursor;
use super::model::{Model, PaneId, Target};
use super::only;
use super::panes::log;
use super::update::Effects;
use super::view;
use crate::core::ids::Seq;

/// What was searched for in a pane, and the row at which the person stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The text.
    pub text: String,
    /// The row, where one was gone to.
    pub at: Option<Place>,
}

/// A row that stays the same while others come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An event of the log.
    Event(Seq),
    /// A line of the output, counted from its beginning.
    Line(usize),
}

/// The row that is sought in this pane; none where nobody went to one.
pub fn place(model: &Model, pane: PaneId) -> Option<Place> {
    model.sought.get(&pane)?.at
}

/// Goes to the next row that has the text, or to the one before it.
pub(super) fn next(model: &mut Model, forward: bool, out: &mut Effects) {
    let pane = model.focus;
    if matches!(pane, PaneId::Errors | PaneId::Second) {
        return cursor::mark(model, forward, out);
    }
    if !matches!(pane, PaneId::Checklist | PaneId::Log | PaneId::Output) {
        return model.refuse(format!("{} is not searched; checklist, log and output are", pane.title()));
    }
    let filter = model.filters.remove(&pane).map(|filter| {
        let words = filter.split_whitespace().filter(|word| ![only::MINE, only::DUE].contains(word));
        words.collect::<Vec<_>>().join(" ")
    });
    if let Some(text) = filter.filter(|text| !text.is_empty()) {
        model.sought.insert(pane, Sought { text, at: None });
    }
    let Some(Sought { text, at }) = model.sought.get(&pane).cloned() else {
        return model.refuse("nothing was searched for here; / does");
    };
    let text = text.to_lowercase();
    match pane {
        PaneId::Checklist => in_checklist(model, &text, forward),
        PaneId::Log => in_log(model, &text, at, forward),
        _ => in_output(model, &text, at, forward),
    }
}

fn in_checklist(model: &mut Model, text: &str, forward: bool) {
    let Some(launch) = &model.launch else { return };
    let mut all = Vec::new();
    for step in &launch.outline.steps {
        let has = |t: &str| t.to_lowercase().contains(text);
        all.push((Target::Step(step.id.clone()), step.phase.clone(), has(&step.title) || has(step.id.as_str())));
        let items = step.items.iter().enumerate();
        all.extend(items.map(|(i, item)| (Target::Item(step.id.clone(), i), step.phase.clone(), has(item))));
    }
    let here = all.iter().position(|(target, ..)| Some(target) == model.selected.as_ref());
    let count = all.len();
    let from = here.unwrap_or(if forward { count.saturating_sub(1) } else { 0 });
    let at = |by: usize| if forward { (from + by) % count } else { (from + count - by % count) % count };
    let Some(by) = (1..=count).find(|by| all[at(*by)].2) else {
        return model.refuse("no step has this text");
    };
    let around = if forward { at(by) <= from && here.is_some() } else { at(by) >= from && here.is_some() };
    let (target, phase, _) = all[at(by)].clone();
    model.opened.insert(Target::Phase(phase), true);
    model.selected = Some(target);
    if around {
        model.toast(if forward { "from the top again" } else { "from the end again" });
    }
}

fn in_log(model: &mut Model, text: &str, at: Option<Place>, forward: bool) {
    // Newest first, as the pane counts them.
    let rows: Vec<(Seq, bool)> = log::matching(model)
        .map(|(event, told)| (event.seq, told.text.to_lowercase().contains(text) || told.kind.contains(text)))
        .collect();
    let here = rows.iter().position(|(seq, _)| at == Some(Place::Event(*seq)));
    let found = pick(rows.len(), here, forward, |i| rows[i].1);
    go(model, PaneId::Log, rows.len(), found, |i| Place::Event(rows[i].0), forward);
}

fn in_output(model: &mut Model, text: &str, at: Option<Place>, forward: bool) {
    let lines = &model.output.lines;
    let (dropped, count) = (model.output.dropped, lines.len());
    let line = |i: usize| count - 1 - i;
    let has = |i: usize| lines.get(line(i)).is_some_and(|line| line.text.to_lowercase().contains(text));
    let here = (0..count).find(|i| at == Some(Place::Line(dropped + line(*i))));
    let found = pick(count, here, forward, has);
    go(model, PaneId::Output, count, found, |i| Place::Line(dropped + line(i)), forward);
}

/// The row that is gone to, counted from the end: forward is down, towards the newest; the first time it is the newest.
fn pick(count: usize, here: Option<usize>, forward: bool, has: impl Fn(usize) -> bool) -> Option<usize> {
    match here {
        None => (0..count).find(|i| has(*i)),
        Some(here) if forward => (0..here).rev().find(|i| has(*i)),
        Some(here) => (here + 1..count).find(|i| has(*i)),
    }
}

/// Brings a row into the middle of its pane.
fn go(
    model: &mut Model,
    pane: PaneId,
    count: usize,
    found: Option<usize>,
    place: impl Fn(usize) -> Place,
    forward: bool,
) {
    let Some(row) = found else {
        let none = model.sought.get(&pane).is_none_or(|sought| sought.at.is_none());
        return model.refuse(match (none, forward) {
            (true, _) => "no line has this text",
            (false, true) => "this is the last line with it",
            (false, false) => "this is the first line with it",
        });
    };
    let place = place(row);
    let height = usize::from(view::height_of(model, pane));
    let most = count.saturating_sub(height);
    model.scroll_to(pane, row.saturating_sub(height / 2).min(most));
    if let Some(sought) = model.sought.get_mut(&pane) {
        sought.at = Some(place);
    }
}

/// Forgets what was gone to, where nobody reads there any more.
pub(super) fn leave(model: &mut Model, pane: PaneId) -> bool {
    model.sought.get_mut(&pane).and_then(|sought| sought.at.take()).is_some()
}
