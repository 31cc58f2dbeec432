//! Where the selection goes by itself. A key that starts something means the row that the person chose, so the selection
//! stays there as long as that row is something to be done.

use super::checklist;
use super::model::{Model, Target};
use crate::core::ids::StepId;
use crate::core::launch::{Status, StepStatus};

/// Where the selection stands, and what could take it along.
pub(super) struct Stands {
    /// At what deserves the selection: the person has not looked elsewhere.
    at_next: bool,
    /// The selected step is over.
    over: bool,
    /// A way back is under way.
    going_back: bool,
}

impl Stands {
    /// As it is now.
    pub(super) fn now(model: &Model) -> Self {
        let start = checklist::start(model);
        let step = |t: &Option<Target>| t.as_ref().and_then(|t| t.step().cloned());
        let status = |step: &StepId| Some(&model.launch.as_ref()?.steps.get(step)?.status);
        // What goes on or is due is something to be done too, whatever else runs beside it.
        let open = |id: &StepId| model.facts.due(id) || status(id).is_some_and(StepStatus::is_active);
        Self {
            // Who ticked its last box stood at the step too.
            at_next: model.selected == start
                || step(&start).is_some_and(|s| step(&model.selected) == Some(s))
                || model.selected_step().is_some_and(open),
            over: model.selected_step().and_then(status).is_some_and(StepStatus::is_over),
            going_back: model.launch.as_ref().is_some_and(|l| matches!(l.status, Status::RollingBack(_))),
        }
    }
}

/// Who stood at what was next is taken along once that is over, and where a way back begins or ends. Nothing else moves
/// the selection: not a note, and not what becomes of another step.
pub(super) fn go(model: &mut Model, before: &Stands) {
    let after = Stands::now(model);
    let moved_on = (after.over && !before.over) || after.going_back != before.going_back;
    let goes = model.selected.is_none() || (before.at_next && moved_on);
    if !goes || model.page.is_some() {
        return;
    }
    let next = checklist::next(model, model.selected_step());
    if next == model.selected {
        return;
    }
    let stood = std::mem::replace(&mut model.selected, next);
    if checklist::has_row(model) {
        model.selected_at = model.mono;
    } else {
        // A filter or a closed phase hides it: no key may act on what isn't shown.
        model.selected = stood;
    }
}
