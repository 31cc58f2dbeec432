//! What the answers say where a command runs on unwatched: nothing is offered that would be refused beside it.

use super::{Moment, Next, Words};
use crate::core::ids::RunId;
use crate::core::launch::unwatched::{ends_first, still_runs};

/// What would be refused because of a command that runs on unwatched is not offered: its end is awaited.
pub(super) fn beside_nothing(m: &Moment<'_>, mut next: Next) -> Next {
    let Some(stands) = next.moves.iter().find_map(|own| m.state.stands_beside(m.readout, &own.order)) else {
        return next;
    };
    next.moves.retain(|own| m.state.stands_beside(m.readout, &own.order).is_none());
    if next.moves.is_empty() {
        next.who = awaits(&stands);
    }
    next
}

/// What stands against an order, and the way out.
pub(super) fn awaits((run, pid): &(RunId, i32)) -> Words {
    Words::of([
        still_runs(run, *pid),
        ends_first(run, *pid),
        format!("`kill {pid}`, or wait for its end"),
        format!("`kill {pid}`, or wait"),
    ])
}
