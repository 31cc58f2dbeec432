//! What happened about shifts, in words.

use super::{Told, Tone, colon};
use crate::core::head::Head;
use crate::core::launch::LaunchState;
use crate::core::shift::Fact;

pub(super) fn tell(state: &LaunchState, fact: &Fact) -> Told {
    let told = |tone, text: String| Told { tone, kind: "shift", text };
    let role = state.outline.shifts.as_ref().map_or("shift", |plan| plan.role.as_str());
    match fact {
        Fact::Offered { handover, by, to, text, head, .. } => {
            let text = format!("{role}: handover {handover} by {by} to {to}, who accepts it{}", colon(text));
            told(Tone::Said, text + &journal(head.as_ref()))
        }
        Fact::Accepted { handover, by } => {
            told(Tone::Good, format!("{role}: {by} accepted handover {handover} and is on shift"))
        }
        Fact::TakenOver { by, from, why, head, .. } => {
            let text = format!("{role}: {by} took over from {from} without a handover: {why}");
            told(Tone::Warn, text + &journal(head.as_ref()))
        }
        Fact::Unknown => told(Tone::Warn, "written by a newer tminus".to_owned()),
    }
}

/// The journal's head at that moment, as it can be said over a telephone.
fn journal(head: Option<&Head>) -> String {
    head.map_or_else(String::new, |head| format!(" (journal {})", head.short()))
}
