//! What happened about shifts, in words.

use super::{Told, Tone, colon};
use crate::core::launch::LaunchState;
use crate::core::shift::Fact;

pub(super) fn tell(state: &LaunchState, fact: &Fact) -> Told {
    let told = |tone, text: String| Told { tone, kind: "shift", text };
    let role = state.outline.shifts.as_ref().map_or("shift", |plan| plan.role.as_str());
    match fact {
        Fact::Offered { handover, by, to, text, .. } => {
            told(Tone::Said, format!("{role}: handover {handover} by {by} to {to}, who accepts it{}", colon(text)))
        }
        Fact::Accepted { handover, by } => {
            told(Tone::Good, format!("{role}: {by} accepted handover {handover} and is on shift"))
        }
        Fact::TakenOver { by, from, why, .. } => {
            told(Tone::Warn, format!("{role}: {by} took over from {from} without a handover: {why}"))
        }
        Fact::Unknown => told(Tone::Warn, "written by a newer tminus".to_owned()),
    }
}
