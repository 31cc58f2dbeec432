//! Where the person is: selection, focus, zoom, scroll. Nothing here asks the launch for anything.

use super::checklist;
use super::incidents;
use super::incoming;
use super::model::{Model, PaneId, Target};
use super::panes;
use super::update::Effects;
use super::view;
use crate::core::time::Span;

/// Opens or closes the selected row, opens the selected incident, zooms another pane.
pub(super) fn toggle(model: &mut Model) {
    if model.focus != PaneId::Checklist {
        if model.focus != PaneId::Incidents || !incidents::enter(model) {
            model.zoom = !model.zoom;
        }
        return;
    }
    let area = view::area_of(model, PaneId::Checklist);
    let Some(target) = model.selected.clone() else { return };
    let rows = checklist::rows(model, area);
    let open = match &target {
        Target::Phase(_) => rows
            .iter()
            .any(|(t, r)| t.as_ref() == Some(&target) && matches!(r, checklist::RowOf::Phase { open: true, .. })),
        Target::Step(id) => {
            let at = checklist::position(&rows, Some(&target)).unwrap_or(0);
            rows.get(at + 1).is_some_and(|(t, r)| match r {
                checklist::RowOf::Item(step, _) => step.id == *id,
                checklist::RowOf::Condition { .. } | checklist::RowOf::Because(_) | checklist::RowOf::Gauge(_) => {
                    t.is_none()
                }
                _ => false,
            })
        }
        _ => return,
    };
    model.opened.insert(target, !open);
}

/// One level back.
pub(super) fn back(model: &mut Model) {
    if model.filters.remove(&model.focus).is_some() {
    } else if model.zoom {
        model.zoom = false;
    } else if model.scroll.remove(&model.focus).is_none() {
        model.focus = PaneId::Checklist;
    }
    model.toasts.clear();
}

/// The focus to a pane.
pub(super) fn focus(model: &mut Model, pane: PaneId) {
    let layout = view::layout(model);
    if pane.is_tab() || (layout.pane(pane).is_none() && pane == PaneId::Triggers) {
        model.tab = pane;
    }
    if model.focus == pane && !model.zoom && layout.pane(pane).is_some() {
        return;
    }
    model.focus = pane;
    // A pane that has no place of its own is shown alone.
    model.zoom = view::layout(model).pane(pane).is_none() || model.zoom;
}

/// The focus to the next pane, or the one before.
pub(super) fn cycle(model: &mut Model, by: isize) {
    let layout = view::layout(model);
    let all: Vec<PaneId> = if layout.panes.len() > 1 {
        let mut panes: Vec<PaneId> = layout.panes.iter().map(|(p, _)| *p).collect();
        panes.extend([PaneId::Log, PaneId::Output, PaneId::Incidents]);
        panes.sort_unstable();
        panes.dedup();
        panes
    } else {
        PaneId::ALL.to_vec()
    };
    let at = all.iter().position(|p| *p == model.focus).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(all.len() as isize) as usize;
    focus(model, all[next]);
}

/// Moves the selection, or scrolls.
pub(super) fn step_by(model: &mut Model, by: isize) {
    let pane = model.focus;
    if pane == PaneId::Incidents {
        return incidents::step_by(model, by);
    }
    if pane != PaneId::Checklist {
        // Log and output are read from their end, the others from their beginning.
        let by = if matches!(pane, PaneId::Log | PaneId::Output) { -by } else { by };
        let now = model.scrolled(pane) as isize;
        let most = panes::length(model, pane).saturating_sub(usize::from(view::height_of(model, pane)));
        let next = now.saturating_add(by).clamp(0, most as isize) as usize;
        model.scroll.insert(pane, next);
        return;
    }
    let area = view::area_of(model, PaneId::Checklist);
    let rows = checklist::rows(model, area);
    let can: Vec<usize> = rows.iter().enumerate().filter(|(_, (t, _))| t.is_some()).map(|(i, _)| i).collect();
    if can.is_empty() {
        return;
    }
    let at = checklist::position(&rows, model.selected.as_ref()).unwrap_or(0);
    let index = can.iter().position(|i| *i >= at).unwrap_or(can.len() - 1) as isize;
    let next = index.saturating_add(by).clamp(0, can.len() as isize - 1) as usize;
    let target = rows[can[next]].0.clone();
    if target != model.selected {
        model.selected = target;
        model.selected_at = model.mono;
    }
}

const SPANS: [i64; 11] = [2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880];

/// Charts show a longer or shorter time.
pub(super) fn look_back(model: &mut Model, by: isize, out: &mut Effects) {
    let at = SPANS.iter().position(|m| Span::mins(*m) >= model.chart_span()).unwrap_or(SPANS.len() - 1);
    let next = (at as isize + by).clamp(0, SPANS.len() as isize - 1) as usize;
    let span = Span::mins(SPANS[next]);
    // What it would be by itself goes on growing by itself.
    model.look_back = Some(span).filter(|s| *s != model.own_span());
    incoming::ask_history(model, out);
}
