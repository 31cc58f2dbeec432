//! How bad it is, and one incident with all that is known of it.

use super::{buttons, raise};
use crate::core::event::IncidentState;
use crate::core::launch::{DutyKind, Incident, Said, duties, next_call};
use crate::core::outline::SeverityOutline;
use crate::core::time::Span;
use crate::tui::action::Action;
use crate::tui::dialogs::incident::{keys, targets};
use crate::tui::incidents::{self, name};
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::panes::PaneId;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// Columns of one incident.
const WIDE: u16 = 84;

/// So many of the open incidents are shown at once.
const SHOWN: usize = 4;

/// The choice of a severity, for a new incident or for one that is open.
pub(super) fn severity(model: &Model, of: Option<u32>, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let targets = targets(model);
    let shown = targets.len().min(SHOWN + 1);
    let rows = u16::try_from(shown).unwrap_or(1) + 11;
    let (mut pen, ..) = raise(pen, layout, rows, 84, Role::Crit);
    let end = pen.width().saturating_sub(3);
    pen.put(3, 1, "How bad is it?", Role::Hi);
    pen.put(19, 1, "unsure between two: take the worse", Role::Muted);
    for level in 1..=4_u8 {
        let y = u16::from(level) + 2;
        pen.bold(3, y, &level.to_string(), Role::Accent);
        pen.put(6, y, &format!("SEV{level}"), Role::Hi);
        let Some(plan) = launch.outline.severities.get(&level) else { continue };
        let start = pen.right(end, y, &clocks(plan), Role::Muted.style());
        pen.cut(12, y, &plan.means.join(", "), start.saturating_sub(14), Role::Text.style());
    }
    if targets.len() == 1 {
        let pane = model.key_of(Action::Pane(PaneId::Incidents));
        let text = format!("opens an incident; the text may come later: {pane}, then Enter on it");
        pen.cut(3, 8, &text, end.saturating_sub(3), Role::Muted.style());
    } else {
        let at = targets.iter().position(|t| *t == of).unwrap_or(0);
        let skip = (at + 1).saturating_sub(shown);
        for (y, target) in (8..).zip(targets.iter().skip(skip).take(shown)) {
            let text = target.map_or_else(|| "open another".to_owned(), |n| format!("change {}", name(launch, n)));
            let mut role = Role::Muted;
            if *target == of {
                pen.behind(y, Role::Selection);
                pen.bold(3, y, pen.glyphs.running, Role::Accent);
                role = Role::Hi;
            }
            pen.cut(6, y, &text, end.saturating_sub(6), role.style());
        }
    }
    let y = pen.height().saturating_sub(2);
    let more = if targets.len() > 1 { "    j k which one    Enter shows it" } else { "" };
    pen.put(3, y, &format!("1 2 3 4 choose{more}    Esc not now"), Role::Muted);
}

/// `respond in 15m, update every 30m`
fn clocks(plan: &SeverityOutline) -> String {
    let respond = plan.respond.map(|span| match span {
        Span::ZERO => "respond at once".to_owned(),
        span => format!("respond in {span}"),
    });
    let update = plan.update.map(|span| format!("update every {span}"));
    respond.into_iter().chain(update).collect::<Vec<_>>().join(", ")
}

/// One incident: what it is, who is on it, what was said of it, and what it wants next.
pub(super) fn one(model: &Model, number: u32, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Some(incident) = incidents::get(launch, number) else { return };
    let call = next_call(launch, number);
    let keys = keys(model, number);
    // The keys stand in two rows where they are many; the first key has a badge.
    let room = pen.width().min(WIDE).saturating_sub(8);
    let mut used = 0;
    let fits = keys.iter().take_while(|(key, word)| {
        used += width(key) + 1 + width(word) + 4;
        used <= room + 4
    });
    let (first, more) = keys.split_at(fits.count());
    let rows = 10 + u16::from(call.is_some() || !incident.calls.is_empty()) + u16::from(!more.is_empty());
    let (mut pen, ..) = raise(pen, layout, rows, WIDE, Role::Crit);
    let end = pen.width().saturating_sub(3);
    let now = model.now();
    let x = pen.bold(3, 1, &format!("#{number} SEV{}", incident.level), Role::Hi);
    let x = match incident.state {
        IncidentState::Investigating | IncidentState::Resolved => x,
        state => pen.put(x + 2, 1, state.word(), Role::Accent),
    };
    let text = if incident.text.is_empty() { "not described yet" } else { &incident.text };
    pen.cut(x + 2, 1, text, end.saturating_sub(x + 2), Role::Text.style());

    let said = |said: &Option<Said>, none: &str, before: &str| match said {
        None => none.to_owned(),
        Some(s) => format!("{}, {}{before}{}", s.by, words::age(now, s.at), colon(&s.text)),
    };
    let open = format!("{}, by {}{}", words::age(now, incident.opened), incident.by, was(model, incident));
    let duties = duties(launch, number);
    let mut rows =
        vec![("open", open, None), ("on it", said(&incident.answered, "nobody yet", ""), Some(DutyKind::Response))];
    if let Some(call) = &call {
        let then = call.then.as_ref().map_or_else(String::new, |then| format!("; then {then}"));
        rows.push(("call", format!("{}{then}", call.words()), Some(DutyKind::Call)));
    } else if let Some(last) = incident.calls.last() {
        let how = if last.answered { "answered" } else { "did not answer" };
        let text = format!("{} {how}, {} ago{}", last.who, words::age(now, last.at), colon(&last.text));
        rows.push(("called", text, None));
    }
    rows.push(("update", said(&incident.updated, "none yet", " ago"), Some(DutyKind::Update)));
    for (y, (label, text, kind)) in (3..).zip(rows) {
        pen.put(3, y, label, Role::Muted);
        let due = duties.iter().find(|d| Some(d.kind) == kind);
        let start = due.map_or(end, |due| {
            let style = incidents::role(due.level(now)).style();
            let text = if due.kind == DutyKind::Call { due.when(now) } else { due.words(now) };
            pen.right(end, y, &text, style)
        });
        pen.cut(11, y, &text, start.saturating_sub(13), Role::Text.style());
    }
    let y = pen.height().saturating_sub(2 + u16::from(!more.is_empty()));
    if let (Some((at, _)), Some(closed)) = (&incident.resolved, incident.closed()) {
        let closed = format!("closed at {} {closed}", model.zone.minutes(*at));
        pen.cut(3, y.saturating_sub(2), &closed, end.saturating_sub(3), Role::Text.style());
    }
    buttons(&mut pen, y, first);
    let mut x = 3;
    for (key, word) in more {
        x = pen.bold(x, y + 1, key, Role::Accent);
        x = pen.put(x + 1, y + 1, word, Role::Text) + 4;
    }
}

fn colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// The severities it had before, with when each was set: `, SEV3 at 02:10`.
fn was(model: &Model, incident: &Incident) -> String {
    let all = incident.levels.iter().skip(1);
    all.map(|(at, level)| format!(", SEV{level} at {}", model.zone.minutes(*at))).collect()
}
