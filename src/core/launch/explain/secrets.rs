//! What a step's command lacks that only the engine's surroundings can give: the values of secrets.

use crate::core::launch::LaunchState;
use crate::core::secret::MissingSecret;
use crate::core::text::mentions;

/// A sentence for each secret that a command speaks of and that has no value, with the way out. On stand-ins nothing
/// needs one.
pub fn missing(state: &LaunchState, secrets: &[MissingSecret], command: &str) -> Vec<String> {
    if state.stands_in() {
        return Vec::new();
    }
    let wanted = secrets.iter().filter(|secret| mentions(command, &secret.name));
    let said = |MissingSecret { name, why, out }: &MissingSecret| {
        format!("its command needs the secret `{name}`: {why}; {out}")
    };
    wanted.map(said).collect()
}
