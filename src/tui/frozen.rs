//! A still picture of what is measured, to be read in peace: the panes of signals, charts, triggers and the log stand as
//! they were. What keys act on, the header, the alarm and the answers go on, and nothing stops being measured.

use std::collections::BTreeSet;

use super::answers;
use super::model::{Model, PaneId};
use crate::core::launch::answers::Alarm;
use crate::core::time::Span;

/// What stood when somebody froze it.
#[derive(Clone)]
pub struct Frozen {
    /// The screen of then; where the person is in it is as now.
    was: Box<Model>,
    /// When, on the client's clock.
    since: Span,
    /// Alarms that were there by now, then or later.
    seen: BTreeSet<String>,
    /// How many came since.
    pub new: usize,
}

impl Frozen {
    /// How long ago.
    pub fn lasted(&self, model: &Model) -> Span {
        model.mono - self.since
    }
}

/// Freezes what is measured, or lets it go on.
pub(super) fn toggle(model: &mut Model) {
    if model.frozen.take().is_some() {
        return;
    }
    let mut was = Box::new(model.clone());
    // Its text is long, and it is live in any case.
    was.output = super::output::Output::default();
    was.still = true;
    let seen = answers::told(model).into_iter().flat_map(|told| told.alarms).map(|a| a.identity()).collect();
    model.frozen = Some(Frozen { was, since: model.mono, seen, new: 0 });
}

/// Takes the still picture along to where the person is now, and counts the alarms that came. To be called after each
/// change.
pub(super) fn follow(model: &mut Model) {
    let Some(mut frozen) = model.frozen.take() else { return };
    let alarms = answers::told(model).map_or_else(Vec::new, |told| told.alarms);
    frozen.new += alarms.iter().map(Alarm::identity).filter(|own| frozen.seen.insert(own.clone())).count();
    let was = &mut *frozen.was;
    was.size = model.size;
    was.theme.clone_from(&model.theme);
    (was.focus, was.zoom, was.tab, was.look_back) = (model.focus, model.zoom, model.tab, model.look_back);
    was.page.clone_from(&model.page);
    was.scroll.clone_from(&model.scroll);
    was.filters.clone_from(&model.filters);
    model.frozen = Some(frozen);
}

/// What a pane shows: the still picture, or what is now.
pub fn of(model: &Model, pane: PaneId) -> &Model {
    let live = matches!(
        pane,
        PaneId::Checklist
            | PaneId::Step
            | PaneId::Gate
            | PaneId::Output
            | PaneId::Incidents
            | PaneId::Checks
            | PaneId::Notices
    );
    model.frozen.as_ref().filter(|_| !live).map_or(model, |frozen| &frozen.was)
}
