//! Incidents: what is wrong, how bad, since when, who is on it, and what is due next.

use super::head;
use super::log::tabs;
use crate::core::event::IncidentState;
use crate::core::launch::{LaunchState, duties};
use crate::tui::action::Action;
use crate::tui::incidents;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::Pen;
use crate::tui::role::Role;
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
        pen.put(1, 1, &format!("none; {} opens one", model.key_of(Action::Severity)), Role::Muted);
        return;
    }
    let all = incidents::listed(launch);
    let chosen = incidents::selected(model);
    let rows = usize::from(pen.height().saturating_sub(1)).max(1);
    let at = all.iter().position(|n| Some(*n) == chosen).unwrap_or(0);
    for (y, number) in (1..).zip(all.into_iter().skip((at + 1).saturating_sub(rows)).take(rows)) {
        if Some(number) == chosen && model.focus == pane {
            pen.behind(y, Role::Selection);
            pen.cell(0, y, pen.glyphs.bar, Role::Accent.style());
        }
        row(model, launch, number, y, pen);
    }
}

/// The incident in a row that is shown, counted from the first one, in a pane of so many rows.
pub fn number_at(model: &Model, row: u16, height: u16) -> Option<u32> {
    let all = incidents::listed(model.launch.as_ref()?);
    let rows = usize::from(height.saturating_sub(1)).max(1);
    let at = all.iter().position(|n| Some(*n) == incidents::selected(model)).unwrap_or(0);
    all.get((at + 1).saturating_sub(rows) + usize::from(row)).copied()
}

fn row(model: &Model, launch: &LaunchState, number: u32, y: u16, pen: &mut Pen<'_>) {
    let Some(incident) = incidents::get(launch, number) else { return };
    let now = model.now();
    let open = incident.resolved.is_none();
    let style = match (open, incident.level) {
        (true, 1) => Role::CritText.style(),
        (true, 2) => Role::WarnText.style(),
        (true, _) => Role::Hi.style(),
        (false, _) => Role::Muted.style(),
    };
    pen.cut(1, y, &format!("SEV{}", incident.level), 4, style);
    pen.put(6, y, &format!("#{number}"), Role::Muted);
    let wide = pen.width() >= 100;
    let mut end = pen.width().saturating_sub(1);
    let muted = Role::Muted.style();
    if let Some((at, by)) = &incident.resolved {
        end = pen.right(end, y, &format!("closed {} by {}", model.zone.minutes(*at), by), muted);
    } else {
        let age = words::age(now, incident.opened);
        end = pen.right(end, y, &if wide { format!("open {age:>3}") } else { format!("{age:>3}") }, muted);
        for due in duties(launch, number).into_iter().take(if pen.width() >= 150 { 2 } else { 1 }) {
            let style = incidents::role(due.level(now)).style();
            end = pen.right(end.saturating_sub(2), y, &due.words(now), style);
        }
        if wide {
            let who = incident.answered.as_ref().map_or_else(|| "nobody".to_owned(), |a| a.by.to_string());
            let further = match incident.state {
                IncidentState::Mitigating | IncidentState::Mitigated => format!("{}, ", incident.state.word()),
                IncidentState::Investigating | IncidentState::Resolved => String::new(),
            };
            end = pen.right(end.saturating_sub(2), y, &format!("{further}{who} on it"), muted);
        }
    }
    let mut text = if incident.text.is_empty() { "not described yet".to_owned() } else { incident.text.clone() };
    if !incident.closing.is_empty() {
        text.push_str(&format!("; closed: {}", incident.closing));
    }
    let role = if open { Role::Text } else { Role::Muted };
    pen.cut(10, y, &text, end.saturating_sub(12), role.style());
}
