//! Our own side is cut off, or back: said once each.

use super::Case;
use crate::core::event::Event;
use crate::core::time::Span;

/// A side that flaps is not said to be cut off again before this long, so that it does not fill the journal.
const AGAIN: Span = Span::mins(1);

/// The difference between what the vantage says and what is on record.
pub(super) fn look(case: Case<'_>, events: &mut Vec<Event>) {
    let side = &case.state.side;
    match (&side.cut, case.signals.cut_off(case.now)) {
        (None, Some(why)) if side.back.is_none_or(|back| case.now.since(back) >= AGAIN) => {
            events.push(Event::SideCutOff { why });
        }
        (Some((since, _)), None) if case.signals.reached(case.now) => {
            events.push(Event::SideBack { after: case.now.since(*since) });
        }
        _ => {}
    }
}
