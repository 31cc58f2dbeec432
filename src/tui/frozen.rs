//! A still picture of what is measured, to be read in peace: as it stood when somebody froze it, or as it was at a moment
//! of the past that a person looks at. What keys act on, the header, the alarm and the answers go on, and nothing stops
//! being measured.

use std::collections::BTreeSet;

use super::answers;
use super::model::{Model, PaneId};
use crate::core::launch::answers::Alarm;
use crate::core::time::{Span, Timestamp};

/// What a still picture is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Still {
    /// The moment at which it was frozen.
    Held,
    /// A moment of the past.
    At(Timestamp),
}

/// What stands while time goes on.
#[derive(Clone)]
pub struct Frozen {
    /// The screen of then; where the person is in it is as now.
    pub(super) was: Box<Model>,
    /// When it was begun, on the client's clock.
    since: Span,
    /// Alarms that were there by now, then or later.
    seen: BTreeSet<String>,
    /// How many came since.
    pub new: usize,
    /// From when to when the past is at hand for all panes, and how fine.
    pub(super) loaded: Option<(Timestamp, Timestamp, Span)>,
    /// Why the past is not at hand, where the engine could not give it.
    pub(super) missed: Option<String>,
}

impl Frozen {
    /// How long ago.
    pub fn lasted(&self, model: &Model) -> Span {
        model.mono - self.since
    }

    /// What it is of.
    pub fn still(&self) -> Option<Still> {
        self.was.still
    }
}

/// Freezes what is measured, or lets it go on.
pub(super) fn toggle(model: &mut Model) {
    if model.frozen.take().is_none() {
        hold(model);
    }
}

/// Freezes what is measured, where nobody did.
pub(super) fn hold(model: &mut Model) {
    if model.frozen.is_some() {
        return;
    }
    let mut was = Box::new(model.clone());
    // Its text is long, and it is live in any case.
    was.output = super::output::Output::default();
    was.still = Some(Still::Held);
    let seen = answers::told(model).into_iter().flat_map(|told| told.alarms).map(|a| a.identity()).collect();
    model.frozen = Some(Frozen { was, since: model.mono, seen, new: 0, loaded: None, missed: None });
}

/// Takes the still picture along to where the person is now, and counts the alarms that came. To be called after each
/// change.
pub(super) fn follow(model: &mut Model) {
    let Some(mut frozen) = model.frozen.take() else { return };
    let alarms = answers::told(model).map_or_else(Vec::new, |told| told.alarms);
    frozen.new += alarms.iter().map(Alarm::identity).filter(|own| frozen.seen.insert(own.clone())).count();
    frozen.went_with(model);
    model.frozen = Some(frozen);
}

impl Frozen {
    /// Where the person is now.
    pub(super) fn went_with(&mut self, model: &Model) {
        let was = &mut *self.was;
        was.size = model.size;
        was.theme.clone_from(&model.theme);
        (was.focus, was.zoom, was.tab, was.look_back) = (model.focus, model.zoom, model.tab, model.look_back);
        was.page.clone_from(&model.page);
        was.scroll.clone_from(&model.scroll);
        was.filters.clone_from(&model.filters);
        was.asked.clone_from(&model.asked);
    }
}

/// What a pane shows: the still picture, or what is now. Of a moment of the past there is only what was measured.
pub fn of(model: &Model, pane: PaneId) -> &Model {
    let measured = matches!(
        pane,
        PaneId::Compare | PaneId::Errors | PaneId::Second | PaneId::Health | PaneId::Lag | PaneId::Queues
    );
    let held = matches!(pane, PaneId::Triggers | PaneId::Log);
    let picture = model.frozen.as_ref().filter(|frozen| match frozen.still() {
        Some(Still::At(_)) => measured,
        _ => measured || held,
    });
    picture.map_or(model, |frozen| &frozen.was)
}
