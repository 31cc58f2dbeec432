//! What is worth telling of shifts: that a change is near, that a handover waits for its acceptance, that it is overdue.

use super::worth::was_due;
use super::{Notice, Worth};
use crate::core::launch::{LaunchState, Near, calls, next_change, on_shift};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::time::Timestamp;
use crate::core::wall::Wall;

/// What of it is so now.
pub(super) fn worth(state: &LaunchState, now: Timestamp) -> Vec<Worth> {
    let Some(on) = on_shift(state) else { return Vec::new() };
    let mut all = Vec::new();
    let offer = state.shifts.offer.as_ref();
    if let Some(offer) = offer {
        let added = if offer.text.is_empty() { String::new() } else { format!(": {}", offer.text) };
        // What leaves the machine bears witness of the journal that it leaves behind.
        let head = offer.head.as_ref().map_or_else(String::new, |head| format!(" (journal {})", head.short()));
        let text = format!("{}: {} hands over to {}, who accepts it{added}{head}", on.role, offer.by, offer.to);
        let nth = format!("offered-{}", offer.number);
        all.push(Worth::new(NoticeKind::Handover, Subject::Shift, nth, text));
    }
    let Some(change) = next_change(state, now) else { return all };
    let nth = change.at.millis() / 1000;
    if change.near(now) > Near::Ahead && offer.is_none() {
        // It may be sent once more, later: how long that is from now is not said.
        let (at, who) = (Wall::of(state).zoned(change.at, now), &change.turn.who);
        let text = format!("{}: {who} takes over from {1} at {at}: {1} writes the handover", change.role, on.who);
        all.push(Worth::new(NoticeKind::Handover, Subject::Shift, nth, text));
    }
    if change.near(now) == Near::Overdue {
        let (role, who, due) = (change.role, &change.turn.who, was_due(state, change.at, now));
        let calls = calls(state, &change);
        let text = format!("{role}: {who} takes over from {0}, {due}: {0} stays on shift; {calls}", on.who);
        all.push(Worth::new(NoticeKind::Overdue, Subject::Shift, nth, text));
    }
    all
}

/// How such a notice came to its end.
pub(super) fn over(state: &LaunchState, notice: &Notice) -> String {
    let reminder = notice.kind == NoticeKind::Handover && !notice.key.contains("/offered-");
    match (on_shift(state), &state.shifts.offer) {
        (Some(_), Some(offer)) if reminder => format!("handed over to {}, who accepts it", offer.to),
        (Some(on), _) if state.shifts.taken.as_ref().is_some_and(|taken| taken.since >= notice.raised) => {
            format!("{} is on shift", on.who)
        }
        (Some(_), _) => "another change of shift is next".to_owned(),
        (None, _) => "the plan has no shifts any more".to_owned(),
    }
}
