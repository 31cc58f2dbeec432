//! Who reads the log or the output scrolled up stays at the place: what comes meanwhile is counted, not shown.

use super::model::{Model, PaneId};
use super::panes::{log, output};
use crate::core::ids::Seq;

/// How much there was before a message came.
pub(super) struct Read {
    /// Lines of output, those no longer held included.
    lines: usize,
    /// The newest event; none where there was none.
    event: Option<Seq>,
}

impl Read {
    /// As it is now.
    pub(super) fn now(model: &Model) -> Self {
        Self { lines: output::ever(&model.output), event: model.events.back().map(|e| e.seq) }
    }
}

/// Scrolls on by what came since, where somebody reads further up.
pub(super) fn stay(model: &mut Model, before: &Read) {
    if model.scrolled(PaneId::Output) > 0 {
        push_up(model, PaneId::Output, output::shown_since(model, before.lines));
    }
    if let (true, Some(event)) = (model.scrolled(PaneId::Log) > 0, before.event) {
        push_up(model, PaneId::Log, log::matching(model).take_while(|(e, _)| e.seq > event).count());
    }
}

fn push_up(model: &mut Model, pane: PaneId, new: usize) {
    if new > 0 {
        *model.scroll.entry(pane).or_default() += new;
        *model.fresh.entry(pane).or_default() += new;
    }
}
