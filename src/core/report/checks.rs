//! What the report says of the checks of watches.

use super::{CheckReport, Said};
use crate::core::event::Actor;
use crate::core::ids::WatchId;
use crate::core::launch::{CheckResult, LaunchState};
use crate::core::time::Timestamp;
use crate::core::wall::Wall;
use crate::core::watch::{CheckFact, CheckReading};
use crate::core::words::count;

/// How a check came to its end by this fact; `state` is that before it.
pub(super) fn ended(state: &LaunchState, fact: &CheckFact, at: Timestamp) -> Option<CheckReport> {
    let watch = |id: &WatchId| state.outline.watch(id);
    let of = |id: &WatchId, check: u32, end: Said, how| CheckReport {
        watch: watch(id).map_or_else(|| id.to_string(), |w| w.title.clone()),
        check,
        count: 1,
        due: state.watches.get(id).and_then(|own| own.open.as_ref()).filter(|o| o.number == check).map(|o| o.due),
        end,
        how,
        open: Vec::new(),
        readings: Vec::new(),
    };
    Some(match fact {
        CheckFact::Done { watch: id, check, by, well, text, open, readings } => {
            let how = if *well { CheckResult::Well } else { CheckResult::Found };
            let open = open.iter().filter_map(|item| watch(id)?.items.get(*item).cloned()).collect();
            let end = Said { at, by: by.to_string(), text: text.clone() };
            CheckReport { open, readings: readings.clone(), ..of(id, *check, end, how) }
        }
        CheckFact::Skipped { watch: id, check, by, why } => {
            of(id, *check, Said { at, by: by.to_string(), text: why.clone() }, CheckResult::Skipped)
        }
        CheckFact::Missed { watch: id, check, count, unattended } => {
            let text = if *unattended { "no engine ran" } else { "nobody did it until the next one was due" };
            let end = Said { at, by: Actor::Engine.to_string(), text: text.to_owned() };
            CheckReport { count: *count, ..of(id, *check, end, CheckResult::Missed) }
        }
        CheckFact::Due { .. } | CheckFact::Ticked { .. } | CheckFact::Unknown => return None,
    })
}

/// Checks that nobody did and that are due still, also where the launch is over.
pub(super) fn open(state: &LaunchState) -> impl Iterator<Item = String> + '_ {
    let open = |id: &WatchId| state.watches.get(id)?.open.as_ref();
    state.outline.watches.iter().filter_map(move |watch| {
        let check = open(&watch.id)?;
        Some(format!("{}: check {} was not done", watch.title, check.number))
    })
}

/// One in a line: `2026-11-21 02:15:00 ana: Metrics, check 1: done; errors 0.06 %`.
pub(super) fn line(check: &CheckReport, wall: Wall) -> String {
    let CheckReport { watch, check: number, end, how, .. } = check;
    let at = wall.full(end.at);
    if *how == CheckResult::Missed {
        let which = if check.count == 1 { format!("check {number}") } else { count(check.count as usize, "check") };
        return format!("{at} {watch}, {which}: missed, {}", end.text);
    }
    let text = if end.text.is_empty() { String::new() } else { format!(": {}", end.text) };
    let open = if check.open.is_empty() { String::new() } else { format!(", without {}", check.open.join(", ")) };
    let readings: Vec<String> = check.readings.iter().map(CheckReading::to_string).collect();
    let readings = if readings.is_empty() { String::new() } else { format!("; {}", readings.join(", ")) };
    format!("{at} {}: {watch}, check {number} {}{open}{text}{readings}", end.by, how.word())
}
