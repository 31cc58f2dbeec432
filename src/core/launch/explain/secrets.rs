//! What a step's command lacks that only the engine's surroundings can give: the values of secrets.

use crate::core::launch::LaunchState;
use crate::core::text::mentions;
use crate::core::view::Readout;

/// A sentence for each secret that a command speaks of and that has no value, with the way out. On stand-ins nothing
/// needs one.
pub(super) fn missing(state: &LaunchState, readout: &Readout, command: &str) -> Vec<String> {
    if state.stands_in() {
        return Vec::new();
    }
    // `primary: PRIMARY_URL is not set; give it with …`
    let named = readout.secrets.iter().filter_map(|said| said.split_once(": "));
    let wanted = named.filter(|(name, _)| mentions(command, name));
    wanted.map(|(name, said)| format!("its command needs the secret `{name}`: {said}")).collect()
}
