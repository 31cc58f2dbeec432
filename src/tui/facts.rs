//! What follows from the present state: the ways back, what each open step waits for, the rows of the panes. Computed
//! once for each change, not for each drawing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::{Model, PaneId};
use super::rows::{Pair, Row, pairs_of, rows_of, second_of, volumes_of};
use crate::core::ids::{ProbeId, SignalId, StepId};
use crate::core::launch::{Explanation, Forecast, LaunchState, StepStatus, WayView, explain, forecast, ways};
use crate::core::outline::StepOutline;
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// Core's sentences about a moment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The ways back, as [`ways`] gives them.
    pub ways: Vec<WayView>,
    /// How each step stands that is not over, but for those that only wait for others: nothing moves these, and a plan has
    /// hundreds. [`explained`] has them too.
    pub steps: BTreeMap<StepId, Explanation>,
    /// When the phases and the launch will be over, and the latest safe go.
    pub forecast: Forecast,
    /// The rows of the panes of signals.
    pub rows: BTreeMap<PaneId, Vec<Row>>,
    /// The rows of new beside old.
    pub pairs: Vec<Pair>,
    /// What the second chart shows; none where the plan measures nothing of the kind.
    pub second: Option<ProbeId>,
    /// How much goes to the new version: drawn below a zoomed chart.
    pub volumes: Vec<SignalId>,
}

/// Whether a step has not begun and waits for another one.
fn only_waits(launch: &LaunchState, step: &StepOutline) -> bool {
    let status = |id: &StepId| launch.steps.get(id).map(|own| &own.status);
    let open = |id: &StepId| launch.outline.step(id).is_some() && status(id).is_none_or(|status| !status.is_over());
    status(&step.id).is_none_or(|status| *status == StepStatus::Todo) && step.after.iter().any(open)
}

/// How a step that is not over stands, and what it waits for.
pub fn explained<'m>(model: &'m Model, step: &StepId) -> Option<Cow<'m, Explanation>> {
    if let Some(known) = model.facts.steps.get(step) {
        return Some(Cow::Borrowed(known));
    }
    let launch = model.launch.as_ref()?;
    let planned = launch.outline.steps.iter().find(|one| one.id == *step)?;
    only_waits(launch, planned).then(|| Cow::Owned(of_step(model, launch, step)))
}

/// How any step stands, and what it waits for; while the link is lost, how it stood.
pub fn of_step(model: &Model, launch: &LaunchState, step: &StepId) -> Explanation {
    let said = explain(launch, model.seen_readout(), step, model.seen());
    if model.is_past() { past(said) } else { said }
}

/// How a step stood when the engine was heard last: its clocks, and what can be done, nobody knows here.
fn past(said: Explanation) -> Explanation {
    let because = vec!["so it stood when the engine was heard last".to_owned()];
    Explanation { because, orders: Vec::new(), elsewhere: Vec::new(), due: false, ..said }
}

impl Facts {
    /// Asks core.
    pub fn of(launch: &LaunchState, readout: &Readout, now: Timestamp) -> Self {
        let open = |id: &StepId| !launch.steps.get(id).is_some_and(|s| s.status.is_over());
        let steps = launch.outline.steps.iter().filter(|step| open(&step.id) && !only_waits(launch, step));
        let steps = steps.map(|step| &step.id);
        let mut facts = Self {
            forecast: forecast(launch, readout, now),
            ways: ways(launch, readout),
            steps: steps.map(|id| (id.clone(), explain(launch, readout, id, now))).collect(),
            ..Self::default()
        };
        facts.measured(launch, readout);
        facts
    }

    /// The same while the link is lost: of steps and ways back what stood when the engine was heard last, with what was
    /// measured `then`; of signals that they are not seen.
    pub fn past(launch: &LaunchState, then: &Readout, readout: &Readout) -> Self {
        let mut facts = Self::of(launch, then, then.at);
        let steps = std::mem::take(&mut facts.steps);
        facts.steps = steps.into_iter().map(|(id, said)| (id, past(said))).collect();
        facts.measured(launch, readout);
        facts
    }

    /// Works out anew what the panes of signals show.
    pub fn measured(&mut self, launch: &LaunchState, readout: &Readout) {
        let outline = &launch.outline;
        let panes = [PaneId::Errors, PaneId::Health, PaneId::Lag, PaneId::Queues];
        self.rows = panes.map(|pane| (pane, rows_of(outline, readout, &launch.forgotten, pane))).into();
        self.pairs = pairs_of(outline, readout);
        self.second = second_of(outline, readout);
        self.volumes = volumes_of(outline, readout);
    }

    /// Whether a step can be started now.
    pub fn due(&self, step: &StepId) -> bool {
        self.steps.get(step).is_some_and(|e| e.due)
    }
}
