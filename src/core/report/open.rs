//! What a launch left open, and how a trigger stands that has not cleared.

use super::checks;
use super::fold::trigger_title;
use crate::core::ids::TriggerId;
use crate::core::launch::{
    LaunchState, Near, Status, StepStatus, TriggerStands, next_change, open_incidents_called, trigger_stands,
};
use crate::core::outline::StepOutline;
use crate::core::view::Readout;
use crate::core::words::clock;

/// What nobody has finished.
pub(super) fn open(state: &LaunchState, live: Option<&Readout>) -> Vec<String> {
    let steps = state.outline.steps.iter().filter_map(|step| {
        let status = &state.steps.get(&step.id)?.status;
        let counted = matches!(status, StepStatus::Todo) || undone(state, step);
        (!status.is_over() && !counted).then(|| format!("{}: {}", step.title, state.word(&step.id)))
    });
    let todo = |step: &StepOutline| state.steps.get(&step.id).is_some_and(|own| matches!(own.status, StepStatus::Todo));
    let count =
        |is: &dyn Fn(&StepOutline) -> bool, what: &str| match state.outline.steps.iter().filter(|s| is(s)).count() {
            0 => None,
            1 => Some(format!("1 step was {what}")),
            n => Some(format!("{n} steps were {what}")),
        };
    let untouched = count(&todo, "never begun");
    let undone = count(&|step| undone(state, step), "undone and not done again");
    let incidents = open_incidents_called(state).into_iter().map(|called| format!("{called} is open"));
    let triggers = state.triggers.iter().filter(|(_, own)| own.fired.as_ref().is_some_and(|f| f.dismissed.is_none()));
    let triggers = triggers.map(|(id, _)| format!("{}: {}", trigger_title(state, id), uncleared(state, live, id)));
    let back = matches!(state.status, Status::RollingBack(_)).then(|| "a way back is not at its end".to_owned());
    let half = state.half_backs();
    let half = half.map(|half| format!("a way back was left half done ({}): {}", half.of.title, half.ran(state)));
    let holds = state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why));
    let checks = checks::open(state);
    let offer = state.shifts.offer.as_ref();
    let offer = offer.map(|offer| format!("handover {} by {}: {} did not accept it", offer.number, offer.by, offer.to));
    let change = live
        .and_then(|live| next_change(state, live.at).filter(|c| c.near(live.at) == Near::Overdue).zip(Some(live.at)));
    let change = change.filter(|_| state.shifts.offer.is_none());
    let change = change.map(|(change, now)| format!("{} was to take over: {}", change.turn.who, change.when(now)));
    let channels =
        state.notices.failing().map(|(id, failing, _)| format!("the channel {id} can't send: {}", failing.why));
    back.into_iter()
        .chain(half)
        .chain(holds)
        .chain(incidents)
        .chain(triggers)
        .chain(steps)
        .chain(undone)
        .chain(untouched)
        .chain(checks)
        .chain(offer)
        .chain(change)
        .chain(channels)
        .collect()
}

/// Whether a step was undone itself, and does not merely ask again.
fn undone(state: &LaunchState, step: &StepOutline) -> bool {
    let own = state.steps.get(&step.id);
    own.is_some_and(|own| matches!(own.status, StepStatus::Undone { .. }) && !own.asks_again())
}

/// How a trigger stands that fired and has not cleared. The journal alone knows no more than that.
pub(super) fn uncleared(state: &LaunchState, live: Option<&Readout>, id: &TriggerId) -> String {
    let stands = state.outline.trigger(id).zip(live).map(|(of, readout)| trigger_stands(state, readout, of));
    let now = stands.and_then(|(_, view)| view).and_then(|view| view.now);
    match stands {
        Some((TriggerStands::Clearing, Some(quiet))) => {
            let needs = quiet.needs.map_or_else(String::new, |needs| format!(" of {}", clock(needs)));
            format!("quiet for {}{needs}", clock(quiet.lasted))
        }
        Some(_) if now == Some(true) => "it still holds".to_owned(),
        Some(_) if now.is_none() => "it has not cleared, and there is no data".to_owned(),
        _ => "it has not cleared".to_owned(),
    }
}
