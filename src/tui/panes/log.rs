//! What happened, newest at the bottom.

use ratatui::style::Style;

use super::head;
use crate::core::event::{Event, Recorded};
use crate::core::ids::RunKind;
use crate::core::launch::{TriggerStands, trigger_stands};
use crate::core::outline::TriggerOutline;
use crate::core::tell::{Told, Tone, tell};
use crate::core::time::Span;
use crate::tui::action::Action;
use crate::tui::found::{Place, place};
use crate::tui::model::{Asked, Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// The events that the filter lets through, newest first.
pub fn matching(model: &Model) -> impl Iterator<Item = (&Recorded, Told)> {
    let filter = model.filter(PaneId::Log).to_lowercase();
    all(model).filter(move |(_, told)| {
        filter.is_empty() || told.text.to_lowercase().contains(&filter) || told.kind.contains(&filter)
    })
}

/// All events that say something, newest first.
pub fn all(model: &Model) -> impl Iterator<Item = (&Recorded, Told)> {
    let launch = model.launch.as_ref();
    // Newest first: the start of a step stands behind the start of its command, and says it all.
    let older = model.events.iter().rev().skip(1).map(Some).chain(std::iter::once(None));
    model.events.iter().rev().zip(older).filter_map(move |(e, older)| {
        if older.is_some_and(|older| is_said_by(e, older)) {
            return None;
        }
        // What only held on is in the checks.
        if matches!(&e.event, Event::CriterionMeasured(part) if part.broke == Span::ZERO) {
            return None;
        }
        Some((e, tell(launch?, &e.event)))
    })
}

/// Whether an event is the start of a command by the step's own start, which stands in the line before it.
fn is_said_by(event: &Recorded, older: &Recorded) -> bool {
    match (&event.event, &older.event) {
        (Event::RunStarted { run, .. }, Event::StepStarted { step, .. }) => {
            run.kind == RunKind::Do && run.step == *step && event.at.since(older.at) < Span::secs(1)
        }
        _ => false,
    }
}

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    matching(model).count()
}

/// Draws it.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let filter = model.filter(pane);
    let mut summary = Vec::new();
    if !filter.is_empty() {
        summary.push((format!("/{filter}"), Role::Accent.style()));
    }
    summary.extend(newer(model, pen, pane));
    summary.extend(tabs(model, pen, pane));
    head(model, pane, "Log", pen, &summary);
    let rows = usize::from(pen.height().saturating_sub(1));
    let lines: Vec<_> = matching(model).skip(model.scrolled(pane)).take(rows).collect();
    if lines.is_empty() {
        let awaited = model.asked.values().any(|asked| *asked == Asked::Events);
        let text = match (awaited, filter.is_empty()) {
            (true, _) => format!("{} loading", pen.glyphs.waiting),
            (false, true) => "nothing happened yet".to_owned(),
            (false, false) => "no line has this text".to_owned(),
        };
        pen.put(1, 1, &text, Role::Muted);
    }
    let now = model.now();
    let stamp = |event: &Recorded| model.zone.stamp(event.at, now);
    // A day before its clock takes four columns more.
    let right = if lines.iter().any(|(event, _)| stamp(event).len() > 8) { 4 } else { 0 };
    for (y, (event, told)) in (1..).zip(lines.into_iter().rev()) {
        let (sign, role) = sign(pen, told.tone);
        if place(model, pane) == Some(Place::Event(event.seq)) {
            pen.behind(y, Role::Selection);
        }
        pen.put(1, y, &stamp(event), Role::Muted);
        pen.put(11 + right, y, sign, role);
        let mut x = 13 + right;
        if pen.width() >= 60 {
            pen.cut(x, y, told.kind, 7, Role::Muted.style());
            x += 8;
        }
        let text = if told.tone == Tone::Bad { Role::Crit } else { Role::Text };
        pen.put(x, y, &told.text, text);
    }
}

/// The symbol of a line, and its role.
pub fn sign(pen: &Pen<'_>, tone: Tone) -> (&'static str, Role) {
    let g = pen.glyphs;
    match tone {
        Tone::Plain => (g.said, Role::Muted),
        Tone::Good => (g.done, Role::Ok),
        Tone::Said => (g.said, Role::Text),
        Tone::Decision => (g.decided, Role::Accent),
        Tone::Warn => (g.warn, Role::Warn),
        Tone::Bad => (g.critical, Role::Crit),
    }
}

/// What a pane that is scrolled up says of the lines further down: those that came meanwhile, and the key that leads
/// there.
pub fn newer(model: &Model, pen: &Pen<'_>, pane: PaneId) -> Option<(String, Style)> {
    match (model.unseen(pane), model.scrolled(pane)) {
        (0, 0) => None,
        (0, below) => Some((format!("{below} newer below"), Role::Accent.style())),
        (new, _) => {
            let key = model.key_of(Action::Bottom);
            Some((format!("+{new} new {} {key}", pen.glyphs.down), Role::Accent.bold()))
        }
    }
}

/// The other tabs of the bottom pane with what is in them.
pub fn tabs(model: &Model, pen: &Pen<'_>, shown: PaneId) -> Vec<(String, Style)> {
    let mut tabs = Vec::new();
    if model.zoom || pen.width() < 60 {
        return tabs;
    }
    let muted = Role::Muted.style();
    for pane in [PaneId::Triggers, PaneId::Log, PaneId::Output, PaneId::Incidents, PaneId::Checks] {
        if pane == shown || crate::tui::view::layout(model).pane(pane).is_some() {
            continue;
        }
        let key = pane.key();
        let (text, style) = match pane {
            PaneId::Triggers => {
                let fired = model.launch.as_ref().map_or(0, |launch| {
                    let stands = |of: &&TriggerOutline| trigger_stands(launch, &model.readout, of).0;
                    launch.outline.triggers.iter().filter(|of| stands(of) == TriggerStands::Fired).count()
                });
                match fired {
                    0 => (format!("{key} Triggers"), muted),
                    n => (format!("{key} Triggers {n} fired"), Role::Crit.bold()),
                }
            }
            PaneId::Checks => match super::checks::summary(model) {
                Some((said, style)) => (format!("{key} Checks {said}"), style),
                None => continue,
            },
            PaneId::Incidents => {
                let open =
                    model.launch.as_ref().map_or(0, |l| l.incidents.iter().filter(|i| i.resolved.is_none()).count());
                match open {
                    0 => (format!("{key} Incidents none"), muted),
                    n => (format!("{key} Incidents {n}"), Role::Crit.bold()),
                }
            }
            other => (format!("{key} {}", other.title()), muted),
        };
        tabs.push((text, style));
    }
    tabs
}
