//! The screen, drawn from the model. Nothing here changes anything.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::checklist;
use super::depth::{self, Depth};
use super::dialogs::{Overlay, draw as dialogs};
use super::frozen;
use super::layout::{Layout, Wants};
use super::model::{Model, PaneId};
use super::panes;
use super::pen::Pen;
use super::role::Role;
use super::rows;
use super::told::Told;
use super::war;
use crate::core::reading::Level;
use crate::core::time::Span;

/// Draws everything, then brings the colours down to what the terminal has.
pub fn draw(model: &Model, depth: Depth, frame: &mut Frame<'_>) {
    let cursor = paint(model, &Told::of(model), frame.buffer_mut());
    depth::adapt(frame.buffer_mut(), &model.colours(), depth);
    if let Some(at) = cursor {
        frame.set_cursor_position(at);
    }
}

/// Draws everything, and lays the veil over it; says where the cursor stands, if it is seen.
pub fn paint(model: &Model, told: &Told, buffer: &mut Buffer) -> Option<Position> {
    let (w, h) = (buffer.area.width, buffer.area.height);
    let layout = Layout::of((w, h), wants(model), model.focus, model.zoom, model.tab);
    panes(model, told, &layout, buffer);
    // A name that a dialog cuts in two is none any more: what lies below is covered before.
    cover(model, buffer);
    if !is_here(model) || is_in_the_way(model, &layout) {
        return None;
    }
    let area = buffer.area;
    let cursor = dialogs::draw(model, &layout, &mut Pen::new(buffer, area, model.glyphs));
    cover(model, buffer);
    cursor
}

fn cover(model: &Model, buffer: &mut Buffer) {
    if let Some(veil) = &model.veil {
        veil.cover(buffer, model.glyphs.more, model.glyphs.dot);
    }
}

/// All that a dialog or a text that is to be read may lie over.
fn panes(model: &Model, told: &Told, layout: &Layout, buffer: &mut Buffer) {
    let area = buffer.area;
    let mut pen = Pen::new(buffer, area, model.glyphs);
    pen.fill(Role::Ground);
    if !is_here(model) {
        return panes::joining::draw(model, &mut pen);
    }
    panes::header::draw(model, &mut pen.within(layout.header));
    let Told { answers, alarms } = told;
    if let Some(parts) = &layout.war {
        if let Some(answers) = answers {
            war::draw(model, parts, answers, alarms, &mut pen);
        }
        return panes::footer::draw(model, !alarms.is_empty(), &mut pen.within(layout.footer));
    }
    panes::alarm::draw(model, alarms, &mut pen.within(layout.alarm));
    if let Some(answers) = answers {
        panes::answers::draw(model, answers, &mut pen.within(layout.answers), layout.stacked, layout.thirds);
        if layout.doing != layout.alarm || alarms.is_empty() {
            panes::answers::doing(answers, &mut pen.within(layout.doing));
        }
    }
    let dialog = matches!(
        model.overlay,
        Some(
            Overlay::Dialog(_)
                | Overlay::Help(_)
                | Overlay::Explain { .. }
                | Overlay::Ready { .. }
                | Overlay::Away { .. }
        )
    );
    {
        let mut pen = pen.within(layout.timeline);
        panes::timeline::draw(model, &mut pen);
        if dialog {
            pen.mute();
        }
    }
    for (pane, rect) in &layout.panes {
        let mut pen = pen.within(*rect);
        panes::draw(frozen::of(model, *pane), *pane, &mut pen);
        if dialog {
            pen.mute();
        }
    }
    panes::footer::draw(model, !alarms.is_empty(), &mut pen.within(layout.footer));
}

/// Whether a card that nobody asked for would lie over the alarm and the answers, or over the war room: then it is not
/// shown, and a key means what it says. It is there when the screen grows, and in the cockpit.
pub fn is_in_the_way(model: &Model, layout: &Layout) -> bool {
    (layout.tiny || layout.war.is_some())
        && matches!(model.overlay, Some(Overlay::Away { .. } | Overlay::Ready { came: Some(_), .. }))
}

/// What is measured comes right behind the state; after this long the checklist and the way back wait no longer.
const PATIENCE: Span = Span(1500);

/// Whether the launch is here with what is measured: until then nothing of it is shown.
pub fn is_here(model: &Model) -> bool {
    let measured = model.loaded || !model.readout.signals.is_empty();
    model.launch.is_some() && (measured || model.mono - model.came >= PATIENCE)
}

/// Where everything stands now.
pub fn layout(model: &Model) -> Layout {
    Layout::of(model.size, wants(model), model.focus, model.zoom, model.tab)
}

fn wants(model: &Model) -> Wants {
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).min(500);
    let bad = |pane| count(rows::rows(model, pane).iter().filter(|r| r.level != Level::Ok).count());
    // What is not ok may need a second row for its reason.
    let rows_of = |pane| count(rows::rows(model, pane).len()).saturating_add(bad(pane));
    let triggers = model.outline().map_or(0, |o| o.triggers.len());
    Wants {
        war: war::is_shown(model),
        page: model.page.is_some(),
        output: page_has_output(model),
        compare: count(rows::pairs(model).len()),
        errors: model.outline().is_some_and(|o| o.probes.iter().any(|p| PaneId::Errors.probes().contains(&p.pane))),
        health: rows_of(PaneId::Health),
        lag: rows_of(PaneId::Lag),
        queues: rows_of(PaneId::Queues),
        triggers: count(triggers),
        steps: model.outline().map_or(0, |o| count(checklist::most(o))),
        timeline: model.outline().is_some_and(|o| o.phases.len() > 1),
        second: model.facts.second.is_some(),
        gate: count(panes::gate::wanted(model)),
        widths: [PaneId::Health, PaneId::Lag, PaneId::Queues]
            .map(|pane| panes::signals::wanted(rows::rows(model, pane))),
        bad: [PaneId::Health, PaneId::Lag, PaneId::Queues].map(bad),
    }
}

/// Whether the step whose page is open has a command, or had one.
pub fn page_has_output(model: &Model) -> bool {
    let Some((launch, page)) = model.launch.as_ref().zip(model.page.as_ref()) else { return false };
    let planned = launch.outline.step(page).is_some_and(|s| s.run.is_some() || s.undo.is_some());
    planned || launch.runs.keys().any(|run| run.step == *page)
}

/// Rows that a pane has for its content now, its head left out.
pub fn height_of(model: &Model, pane: PaneId) -> u16 {
    layout(model).pane(pane).map_or(0, |r| r.height.saturating_sub(1))
}

/// Columns of a pane, and rows that it has for its content now.
pub fn area_of(model: &Model, pane: PaneId) -> (u16, u16) {
    layout(model).pane(pane).map_or((0, 0), |r| (r.width, r.height.saturating_sub(1)))
}
