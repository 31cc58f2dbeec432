//! What the engine must do once an event is durable.

use super::{Effect, LaunchState};
use crate::core::event::Event;
use crate::core::ids::StepId;

/// What the engine must do after an event is durable and applied.
pub fn effects(state: &LaunchState, event: &Event) -> Vec<Effect> {
    match event {
        Event::RunStarted { run, .. } => vec![Effect::Start(run.clone())],
        Event::StopAsked { step, let_finish: false, .. } | Event::StepFailed { step, .. } => stops(state, step),
        Event::PlanAdopted { .. } => vec![Effect::Reschedule],
        Event::Ended { .. } => vec![Effect::Retire],
        _ => Vec::new(),
    }
}

fn stops(state: &LaunchState, step: &StepId) -> Vec<Effect> {
    let open = state.runs.iter().filter(|(run, s)| run.step == *step && s.end.is_none() && s.stopping);
    open.map(|(run, _)| Effect::Stop(run.clone())).collect()
}
