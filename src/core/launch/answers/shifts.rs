//! What NEXT says of a change of shift.

use super::next::Next;
use super::{Scene, Words};
use crate::core::launch::{Near, next_change, on_shift};
use crate::core::order::What;

/// A change of shift whose time has come: the one on shift hands over, or the next one accepts.
pub(super) fn due(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let (on, change) = (on_shift(m.state)?, next_change(m.state, m.now)?);
    if change.near(m.now) < Near::Due {
        return None;
    }
    let next = &change.turn.who;
    let what = Words::of([format!("{}: {next} takes over from {}", on.role, on.who), format!("{next} takes over")]);
    let wanted = match &m.state.shifts.offer {
        Some(offer) => {
            let who = format!("{} accepts the handover", offer.to);
            Next::wanted(what, who, What::Accept { handover: offer.number }, "accepts it")
        }
        None => {
            let who = format!("{} writes the handover", on.who);
            Next::wanted(what, who, What::Handover { to: None, text: String::new() }, "hands over")
        }
    };
    Some(Next { head: change.when(m.now).into(), ..wanted.level(change.level(m.now)) }.at(m, change.at))
}
