//! What follows from the present state: the ways back, what each open step waits for, the rows of the panes. Computed
//! once for each change, not for each drawing.

use std::collections::BTreeMap;

use super::model::PaneId;
use super::rows::{Pair, Row, pairs_of, rows_of, second_of};
use crate::core::ids::{ProbeId, StepId};
use crate::core::launch::{Explanation, Forecast, LaunchState, WayView, explain, forecast, ways};
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// Core's sentences about a moment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The ways back, as [`ways`] gives them.
    pub ways: Vec<WayView>,
    /// What each step that is not over waits for.
    pub steps: BTreeMap<StepId, Explanation>,
    /// When the phases and the launch will be over, and the latest safe go.
    pub forecast: Forecast,
    /// The rows of the panes of signals.
    pub rows: BTreeMap<PaneId, Vec<Row>>,
    /// The rows of new beside old.
    pub pairs: Vec<Pair>,
    /// What the second chart shows; none where the plan measures nothing of the kind.
    pub second: Option<ProbeId>,
}

impl Facts {
    /// Asks core.
    pub fn of(launch: &LaunchState, readout: &Readout, now: Timestamp) -> Self {
        let open = |id: &StepId| !launch.steps.get(id).is_some_and(|s| s.status.is_over());
        let steps = launch.outline.steps.iter().map(|s| &s.id).filter(|id| open(id));
        let panes = [PaneId::Errors, PaneId::Health, PaneId::Lag, PaneId::Queues];
        Self {
            rows: panes.map(|pane| (pane, rows_of(&launch.outline, readout, pane))).into(),
            pairs: pairs_of(&launch.outline, readout),
            second: second_of(&launch.outline, readout),
            forecast: forecast(launch, readout, now),
            ways: ways(launch, readout),
            steps: steps.map(|id| (id.clone(), explain(launch, readout, id, now))).collect(),
        }
    }

    /// Whether a step can be started now.
    pub fn due(&self, step: &StepId) -> bool {
        self.steps.get(step).is_some_and(|e| e.due)
    }
}
