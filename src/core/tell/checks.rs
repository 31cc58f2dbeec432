//! What happened about the checks of a watch, and about success over time, in words.

use super::{Told, Tone, colon};
use crate::core::criterion::Measured;
use crate::core::ids::WatchId;
use crate::core::launch::{LaunchState, check_offset};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::watch::{CheckFact, CheckReading, WatchOutline};
use crate::core::words::{clock, count};

/// So many readings stand in a line.
const SHOWN: usize = 4;

pub(super) fn tell(state: &LaunchState, fact: &CheckFact) -> Told {
    let told = |tone, text: String| Told { tone, kind: "check", text };
    let watch = |id: &WatchId| state.outline.watch(id);
    let title = |id: &WatchId| watch(id).map_or_else(|| id.to_string(), |w| w.title.clone());
    match fact {
        CheckFact::Due { watch: id, check, due, .. } => {
            let owner = watch(id).and_then(|w| w.owner.as_ref()).map_or_else(String::new, |o| format!(", for {o}"));
            let at = check_offset(state, *due);
            told(Tone::Plain, format!("{}  check {check} is due, of {at}{owner}", title(id)))
        }
        CheckFact::Ticked { watch: id, item, text, on, by, .. } => {
            let item = text.clone().unwrap_or_else(|| item_of(watch(id), *item));
            let (tone, verb) = if *on { (Tone::Good, "ticked") } else { (Tone::Plain, "unticked") };
            told(tone, format!("{}: {item}  {verb} by {by}", title(id)))
        }
        CheckFact::Done { watch: id, by, well, text, open, readings, .. } => {
            let open: Vec<String> = open.iter().map(|item| item_of(watch(id), *item)).collect();
            let without = if open.is_empty() { String::new() } else { format!(" without {}", open.join(", ")) };
            let (tone, how) = match (well, open.is_empty()) {
                (false, _) => (Tone::Warn, "found"),
                (true, true) => (Tone::Good, "checked"),
                (true, false) => (Tone::Warn, "checked"),
            };
            told(tone, format!("{}  {how} by {by}{without}{}{}", title(id), colon(text), seen(readings)))
        }
        CheckFact::Skipped { watch: id, check, by, why } => {
            told(Tone::Plain, format!("{}  check {check} left out, says {by}: {why}", title(id)))
        }
        CheckFact::Missed { watch: id, check, count: 1, unattended: false } => {
            told(Tone::Warn, format!("{}  check {check} missed: nobody did it until the next one was due", title(id)))
        }
        CheckFact::Missed { watch: id, count: n, unattended, .. } => {
            let why = if *unattended { "no engine ran" } else { "nobody did them" };
            told(Tone::Warn, format!("{}  {} missed: {why}", title(id), count(*n as usize, "check")))
        }
        CheckFact::Unknown => Told { tone: Tone::Warn, kind: "?", text: "written by a newer tminus".to_owned() },
    }
}

/// For how long it held, and for how long it did not.
pub(super) fn measured(state: &LaunchState, part: &Measured) -> Told {
    let known = state.outline.criteria.iter().find(|c| c.id == part.criterion);
    let title = known.map_or(part.criterion.as_str(), |c| c.title.as_str());
    let (tone, text) = match part.broke > Span::ZERO {
        true => (Tone::Warn, format!("did not hold for {} of {}", clock(part.broke), clock(part.held + part.broke))),
        false => (Tone::Plain, format!("held for {}", clock(part.held))),
    };
    Told { tone, kind: "over", text: format!("{title}  {text}") }
}

/// Half of an error budget is used.
pub(super) fn half_used(state: &LaunchState, criterion: &str, broke: Span, budget: Span) -> Told {
    let text = spent(state, criterion, "half of its error budget is used", broke, budget);
    Told { tone: Tone::Warn, kind: "over", text }
}

/// An error budget is used up.
pub(super) fn used_up(state: &LaunchState, criterion: &str, broke: Span, budget: Span) -> Told {
    let text = spent(state, criterion, "its error budget is used up", broke, budget);
    Told { tone: Tone::Bad, kind: "over", text }
}

fn spent(state: &LaunchState, criterion: &str, how: &str, broke: Span, budget: Span) -> String {
    let known = state.outline.criteria.iter().find(|c| c.id == criterion);
    let title = known.map_or(criterion, |c| c.title.as_str());
    format!("{title}  {how}: {} of {}", clock(broke), clock(budget))
}

fn item_of(watch: Option<&WatchOutline>, item: usize) -> String {
    watch.and_then(|w| w.items.get(item)).cloned().unwrap_or_else(|| format!("box {}", item.saturating_add(1)))
}

/// `; errors 0.06 %, lag[replica-1] 0.4 s and 3 more`, what is not well first.
fn seen(readings: &[CheckReading]) -> String {
    let shown: Vec<String> = readings.iter().take(SHOWN).map(ToString::to_string).collect();
    let bad = readings.iter().skip(SHOWN).filter(|r| r.level != Level::Ok).count();
    match (shown.is_empty(), readings.len().saturating_sub(SHOWN), bad) {
        (true, ..) => String::new(),
        (_, 0, _) => format!("; {}", shown.join(", ")),
        (_, more, 0) => format!("; {} and {more} more", shown.join(", ")),
        (_, more, bad) => format!("; {} and {more} more, {bad} of them not well", shown.join(", ")),
    }
}
