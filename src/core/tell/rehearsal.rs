//! What is told of a rehearsal.

use crate::core::event::Mode;
use crate::core::launch::LaunchState;

/// How a launch is rehearsed, after the words that it was opened: empty in a live one.
pub(super) fn how(state: &LaunchState) -> String {
    if state.mode == Mode::Live {
        return String::new();
    }
    let how = match state.stands_in() {
        false => "a rehearsal for real, commands run and messages are sent",
        true => "a rehearsal, no command runs and nothing is sent",
    };
    let quicker = match state.pace() {
        1 => String::new(),
        pace => format!("; its clock runs {pace} times as fast"),
    };
    format!(": {how}{quicker}")
}
