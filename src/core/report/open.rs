//! What a launch left open, and how a trigger stands that has not cleared.

use super::checks;
use super::fold::trigger_title;
use crate::core::ids::TriggerId;
use crate::core::launch::{LaunchState, Status, StepStatus, TriggerStands, open_incidents, trigger_stands};
use crate::core::view::Readout;
use crate::core::words::clock;

/// What nobody has finished.
pub(super) fn open(state: &LaunchState, live: Option<&Readout>) -> Vec<String> {
    let steps = state.outline.steps.iter().filter_map(|step| {
        let status = &state.steps.get(&step.id)?.status;
        let settled = status.is_over() || matches!(status, StepStatus::Todo | StepStatus::Undone { .. });
        (!settled).then(|| format!("{}: {}", step.title, state.word(&step.id)))
    });
    let untouched =
        state.outline.steps.iter().filter(|s| state.steps.get(&s.id).is_some_and(|s| s.status == StepStatus::Todo));
    let untouched = match untouched.count() {
        0 => None,
        1 => Some("1 step was never begun".to_owned()),
        n => Some(format!("{n} steps were never begun")),
    };
    let incidents = open_incidents(state).into_iter().filter_map(|number| {
        let own = state.incidents.get((number as usize).checked_sub(1)?)?;
        Some(format!("SEV{} #{number}{} is open", own.level, space(&own.text)))
    });
    let triggers = state.triggers.iter().filter(|(_, own)| own.fired.as_ref().is_some_and(|f| f.dismissed.is_none()));
    let triggers = triggers.map(|(id, _)| format!("{}: {}", trigger_title(state, id), uncleared(state, live, id)));
    let back = match &state.status {
        Status::RollingBack(_) => Some("a way back is not at its end".to_owned()),
        _ => None,
    };
    let holds = state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why));
    let checks = checks::open(state);
    let offer = state.shifts.offer.as_ref();
    let offer = offer.map(|offer| format!("handover {} by {}: {} did not accept it", offer.number, offer.by, offer.to));
    let channels =
        state.notices.failing().map(|(id, failing, _)| format!("the channel {id} can't send: {}", failing.why));
    back.into_iter()
        .chain(holds)
        .chain(incidents)
        .chain(triggers)
        .chain(steps)
        .chain(untouched)
        .chain(checks)
        .chain(offer)
        .chain(channels)
        .collect()
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

fn space(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
