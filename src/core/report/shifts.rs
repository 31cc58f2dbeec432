//! What the report says of changes of shift.

use super::{HandoverReport, Said};
use crate::core::launch::LaunchState;
use crate::core::shift::Fact;
use crate::core::time::Timestamp;

/// What a fact adds to the handovers; `state` is that before it.
pub(super) fn fold(all: &mut Vec<HandoverReport>, state: &LaunchState, fact: &Fact, at: Timestamp) {
    let due = |turn: &Option<crate::core::time::Offset>| turn.map(|turn| state.t0 + turn.0);
    match fact {
        Fact::Offered { handover, by, to, turn, sheet, text, head } => all.push(HandoverReport {
            number: Some(*handover),
            due: due(turn),
            written: Some(Said { at, by: by.to_string(), text: text.clone() }),
            from: by.to_string(),
            to: to.clone(),
            taken: None,
            sheet: sheet.clone(),
            head: head.clone(),
        }),
        Fact::Accepted { handover, by } => {
            if let Some(own) = all.iter_mut().find(|own| own.number == Some(*handover)) {
                own.taken = Some(Said { at, by: by.to_string(), text: String::new() });
            }
        }
        Fact::TakenOver { by, from, turn, why, sheet, head } => all.push(HandoverReport {
            number: None,
            due: due(turn),
            written: None,
            from: from.clone(),
            to: by.to_string(),
            taken: Some(Said { at, by: by.to_string(), text: why.clone() }),
            sheet: sheet.clone(),
            head: head.clone(),
        }),
        Fact::Unknown => {}
    }
}

/// How late somebody took over, where there was a time for it: `12m late`, `on time`.
pub(super) fn late(of: &HandoverReport) -> Option<String> {
    let by = of.taken.as_ref()?.at.since(of.due?);
    Some(if by.millis() < 60_000 { "on time".to_owned() } else { format!("{} late", super::fold::whole(by)) })
}
