//! Where the person is: selection, focus, zoom, scroll. Nothing here asks the launch for anything.

use super::checklist;
use super::checks;
use super::cursor;
use super::found;
use super::incidents;
use super::incoming;
use super::model::{Model, PaneId, RHYTHM, Target};
use super::panes;
use super::update::Effects;
use super::view;
use super::war;
use crate::core::ids::StepId;
use crate::core::time::Span;

/// Opens the selected step, opens or closes the selected phase, opens the selected incident, zooms another pane.
pub(super) fn open(model: &mut Model) {
    if model.focus != PaneId::Checklist {
        if checks::has_focus(model) {
            return checks::done(model);
        }
        if model.zoom && matches!(model.focus, PaneId::Health | PaneId::Lag | PaneId::Queues) {
            return chart(model);
        }
        if model.focus != PaneId::Incidents || !incidents::enter(model) {
            zoom(model);
        }
        return;
    }
    let area = view::area_of(model, PaneId::Checklist);
    match model.selected.clone() {
        Some(target @ Target::Phase(_)) => {
            let open = |(t, row): &(Option<Target>, checklist::RowOf<'_>)| {
                t.as_ref() == Some(&target) && matches!(row, checklist::RowOf::Phase { open: true, .. })
            };
            let is_open = checklist::rows(model, area).iter().any(open);
            model.opened.insert(target, !is_open);
        }
        Some(Target::Step(_) | Target::Item(..)) => focus(model, PaneId::Step),
        _ => {}
    }
}

/// From a pane of signals that is alone on the screen to the chart of what is worst in it.
fn chart(model: &mut Model) {
    let Some(at) = panes::errors::of_worst(model, model.focus) else {
        return model.refuse("nothing here has numbers that could be drawn");
    };
    unscroll(model);
    model.focus = PaneId::Errors;
    model.scroll_to(PaneId::Errors, at);
}

/// Opens a step's page, wherever the person is.
pub(super) fn open_page(model: &mut Model, step: StepId) {
    leave_page(model);
    model.selected = Some(Target::Step(step));
    model.selected_at = model.mono;
    // Esc leads back to its row.
    model.filters.remove(&PaneId::Checklist);
    focus(model, PaneId::Step);
}

/// One level back.
pub(super) fn back(model: &mut Model, out: &mut Effects) {
    if model.war {
        war::leave(model);
    } else if model.cursor().is_some() {
        cursor::live(model, out);
    } else if model.filters.remove(&model.focus).is_some() {
    } else if found::leave(model, model.focus) {
        model.scroll.remove(&model.focus);
    } else if model.zoom {
        zoom(model);
    } else if model.scroll.remove(&model.focus).is_none() {
        model.focus = PaneId::Checklist;
        leave_page(model);
    }
    model.toasts.clear();
}

/// The pane in focus large, or beside the others again. Its rows are others then.
pub(super) fn zoom(model: &mut Model) {
    model.zoom = !model.zoom;
    unscroll(model);
    // Beside the others the chart is of an error rate.
    let most = panes::length(model, PaneId::Errors).saturating_sub(1);
    if model.focus == PaneId::Errors && model.scrolled(PaneId::Errors) > most {
        model.scroll_to(PaneId::Errors, 0);
    }
}

/// Who looks away from a pane finds the worst in it at its top again. Log and output are read further up on purpose, and
/// of the charts it is one that was chosen.
fn unscroll(model: &mut Model) {
    if !matches!(model.focus, PaneId::Log | PaneId::Output | PaneId::Errors) {
        model.scroll.remove(&model.focus);
    }
}

fn leave_page(model: &mut Model) {
    model.page = None;
    model.scroll.remove(&PaneId::Step);
    model.scroll.remove(&PaneId::Output);
}

/// The focus to a pane.
pub(super) fn focus(model: &mut Model, pane: PaneId) {
    match pane {
        PaneId::Step if model.page.is_none() => {
            let Some(step) = model.selected_step().cloned() else {
                return model.refuse("choose a step first: j and k move, Enter opens a phase");
            };
            model.page = Some(step);
            model.zoom = false;
        }
        // The page has an output of its own.
        PaneId::Step | PaneId::Output if model.page.is_some() => {}
        _ if model.page.is_some() => leave_page(model),
        _ => {}
    }
    let layout = view::layout(model);
    if pane.is_tab() || (layout.pane(pane).is_none() && pane == PaneId::Triggers) {
        model.tab = pane;
    }
    if model.focus == pane && !model.zoom && layout.pane(pane).is_some() {
        return;
    }
    if model.focus != pane {
        unscroll(model);
    }
    model.focus = pane;
    // A pane that has no place of its own is shown alone.
    model.zoom = view::layout(model).pane(pane).is_none() || model.zoom;
}

/// The focus to the next pane, or the one before.
pub(super) fn cycle(model: &mut Model, by: isize) {
    let layout = view::layout(model);
    let all: Vec<PaneId> = if model.page.is_some() {
        if view::page_has_output(model) { vec![PaneId::Step, PaneId::Output] } else { vec![PaneId::Step] }
    } else if layout.panes.len() > 1 {
        let mut panes: Vec<PaneId> = layout.panes.iter().map(|(p, _)| *p).collect();
        // The step below the checklist follows its selection; its key opens its page.
        panes.retain(|pane| *pane != PaneId::Step);
        panes.extend([PaneId::Log, PaneId::Output, PaneId::Incidents]);
        panes.extend(
            model.outline().is_some_and(|o| !o.watches.is_empty() || !o.criteria.is_empty()).then_some(PaneId::Checks),
        );
        panes.sort_unstable();
        panes.dedup();
        panes
    } else {
        PaneId::ALL.iter().copied().filter(|p| *p != PaneId::Step).collect()
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
    if checks::has_focus(model) {
        return checks::step_by(model, by);
    }
    if pane != PaneId::Checklist {
        // Log and output are read from their end, the others from their beginning.
        let by = if matches!(pane, PaneId::Log | PaneId::Output) { -by } else { by };
        let now = model.scrolled(pane) as isize;
        // The chart shows one error rate at a time.
        let seen = if pane == PaneId::Errors { 1 } else { usize::from(view::height_of(model, pane)) };
        let most = match pane {
            PaneId::Output => panes::output::most(model),
            _ => panes::length(model, pane).saturating_sub(seen),
        };
        let next = now.saturating_add(by).clamp(0, most as isize) as usize;
        model.scroll_to(pane, next);
        return;
    }
    let gone = |at: Span| model.selected_at >= at && model.mono - at < RHYTHM;
    if model.ticked_box.take().is_some_and(gone) && by == 1 {
        return model.toast("the selection went on by itself: this is the next box");
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
    }
}

const SPANS: [i64; 11] = [2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880];

/// From a moment of the past to now; from now on charts show as long as they would where nobody chose.
pub(super) fn own_span(model: &mut Model, out: &mut Effects) {
    if model.cursor().is_some() {
        return cursor::live(model, out);
    }
    model.look_back = None;
    incoming::ask_history(model, out);
}

/// Whether charts may look back so long.
pub(super) fn is_span(span: Span) -> bool {
    SPANS.iter().any(|mins| Span::mins(*mins) == span)
}

/// Charts show a longer or shorter time.
pub(super) fn look_back(model: &mut Model, by: isize, out: &mut Effects) {
    let at = SPANS.iter().position(|m| Span::mins(*m) >= model.chart_span()).unwrap_or(SPANS.len() - 1);
    let next = (at as isize + by).clamp(0, SPANS.len() as isize - 1) as usize;
    let span = Span::mins(SPANS[next]);
    // What it would be by itself goes on growing by itself.
    model.look_back = Some(span).filter(|s| *s != model.own_span());
    if model.cursor().is_some() {
        return cursor::load(model, out);
    }
    incoming::ask_history(model, out);
}
