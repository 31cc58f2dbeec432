//! What is told of a rehearsal.

use crate::core::event::Mode;
use crate::core::launch::LaunchState;

/// How a launch is rehearsed, after the words that it was opened: empty in a live one.
pub(super) fn how(state: &LaunchState) -> String {
    if state.mode == Mode::Live {
        return String::new();
    }
    let speed = state.practice.as_ref().map_or(1, |p| p.speed);
    match (state.stands_in(), speed) {
        (false, _) => ": a rehearsal for real, commands run and messages are sent".to_owned(),
        (true, 1) => ": a rehearsal, no command runs and nothing is sent".to_owned(),
        (true, n) => format!(": a rehearsal at {n} times the speed, no command runs and nothing is sent"),
    }
}
