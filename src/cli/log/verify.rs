//! `tminus log --verify`: whether the journal is what was written.

use std::process::ExitCode;

use serde_json::json;

use super::NOT_AS_WRITTEN;
use crate::core::head::Head;
use crate::core::ids::LaunchId;
use crate::core::words::count;
use crate::engine::last::Alive;
use crate::engine::open::{self, OpenError};
use crate::journal::check::Witness;
use crate::paths;

/// Says whether it is whole, with its head, or the first event that is not as it was written. `given` are heads that were
/// kept elsewhere.
pub(super) fn verify(id: &LaunchId, given: &[Head], as_json: bool) -> color_eyre::Result<ExitCode> {
    let (path, mut checked) = open::checked(id)?;
    let known = Alive::read(&paths::launch(id)?).and_then(|alive| alive.head);
    for head in given {
        checked = checked.known_by(Some(head), Witness::Given);
    }
    if checked.events.is_empty() && checked.broken.is_none() {
        return Err(OpenError::NoBeginning(path).into());
    }
    let (head, broken, events) = (checked.head(), checked.broken.as_ref(), checked.events.len());
    if as_json {
        let broken = broken.map(|b| json!({ "event": b.seq, "how": b.how.word(), "why": b.to_string() }));
        let head = head.map(|head| head.to_string());
        let known = known.map(|head| head.to_string());
        println!(
            "{}",
            json!({ "launch": id, "whole": broken.is_none(), "events": events, "head": head, "engine": known, "broken": broken })
        );
    } else if let Some(broken) = broken {
        println!("{id}: {broken}; {}", broken.sound());
    } else {
        let head = head.map_or_else(String::new, |head| format!(", head {head}"));
        println!("{id}: {}, each as it was written{head}", count(events, "event"));
        if known.is_none() {
            println!(
                "the engine's last sign of life does not say how many there were: whether later ones are missing is not known"
            );
        }
    }
    Ok(if checked.broken.is_none() { ExitCode::SUCCESS } else { NOT_AS_WRITTEN.into() })
}
