//! Incidents: what is wrong, how bad, since when.

use super::head;
use super::log::tabs;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::theme::Role;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    model.launch.as_ref().map_or(0, |l| l.incidents.len())
}

/// Draws it: open ones first, the worst at the top.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let summary = tabs(model, pen, pane);
    head(model, pane, pane.title(), pen, &summary);
    let Some(launch) = &model.launch else { return };
    if launch.incidents.is_empty() {
        pen.put(1, 1, "none; S opens one", Role::Muted);
        return;
    }
    let mut all: Vec<_> = launch.incidents.iter().enumerate().collect();
    all.sort_by_key(|(i, incident)| (incident.resolved.is_some(), incident.level, *i));
    let rows = usize::from(pen.height().saturating_sub(1));
    for (y, (i, incident)) in (1..).zip(all.into_iter().skip(model.scrolled(pane)).take(rows)) {
        let open = incident.resolved.is_none();
        let level = format!("SEV{}", incident.level);
        let style = match (open, incident.level) {
            (true, 1) => pen.theme.style(Role::CritText),
            (true, 2) => pen.theme.style(Role::WarnText),
            (true, _) => pen.theme.style(Role::Hi),
            (false, _) => pen.theme.style(Role::Muted),
        };
        pen.cut(1, y, &level, 4, style);
        pen.put(7, y, &format!("#{}", i + 1), Role::Muted);
        let when = match &incident.resolved {
            None => format!("open {}, {}", words::clock(model.now().since(incident.opened)), incident.by.name),
            Some((at, by)) => format!("resolved {} by {}", model.zone.minutes(*at), by.name),
        };
        let start = pen.right(pen.width() - 1, y, &when, pen.theme.style(Role::Muted));
        let text = if incident.text.is_empty() { "not described yet" } else { &incident.text };
        let role = if open { Role::Text } else { Role::Muted };
        pen.cut(11, y, text, start.saturating_sub(12), pen.theme.style(role));
    }
}
