//! Cuts long messages into lines: the state, telemetry, events.

use std::sync::Arc;

use serde::Serialize;

use crate::core::event::{Event, Recorded};
use crate::core::launch::LaunchState;
use crate::core::outline::Outline;
use crate::core::view::Readout;
use crate::wire::MAX_LINE;
use crate::wire::message::EngineMessage;

/// How much of a line its content may take.
const ROOM: usize = MAX_LINE - 4096;

/// The state in pieces. A piece is JSON text inside JSON, where each quote takes two bytes.
pub fn state(state: &LaunchState) -> Vec<EngineMessage> {
    let text = serde_json::to_string(state).unwrap_or_default();
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let mut end = rest.len().min(ROOM / 2);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        pieces.push(EngineMessage::State { json: piece.to_owned(), more: !after.is_empty() });
        rest = after;
    }
    pieces
}

/// What changed from one readout to the next, in as many messages as it needs; at least one, a sign of life.
pub fn changes(before: &Readout, after: &Readout) -> Vec<EngineMessage> {
    let (signals, conditions) = after.changes(before);
    let mut messages = Vec::new();
    if before.asking != after.asking {
        messages.push(EngineMessage::Asking { runs: after.asking.clone() });
    }
    if before.processes != after.processes {
        messages.push(EngineMessage::Processes { runs: after.processes.clone() });
    }
    if before.criteria != after.criteria {
        messages.push(EngineMessage::Criteria { of: after.criteria.clone() });
    }
    let (gone, over) = after.gone(before);
    messages.extend(batches(gone).into_iter().map(|signals| EngineMessage::Gone { signals, conditions: Vec::new() }));
    messages
        .extend(batches(over).into_iter().map(|conditions| EngineMessage::Gone { signals: Vec::new(), conditions }));
    for signals in batches(signals) {
        messages.push(EngineMessage::Telemetry { at: after.at, signals, conditions: Vec::new(), more: false });
    }
    for mut batch in batches(conditions) {
        match messages.last_mut() {
            Some(EngineMessage::Telemetry { signals, conditions, .. }) if size(signals) + size(&batch) < ROOM => {
                conditions.append(&mut batch);
            }
            _ => {
                messages.push(EngineMessage::Telemetry {
                    at: after.at,
                    signals: Vec::new(),
                    conditions: batch,
                    more: false,
                });
            }
        }
    }
    if !messages.iter().any(|m| matches!(m, EngineMessage::Telemetry { .. })) {
        let (signals, conditions) = (Vec::new(), Vec::new());
        messages.push(EngineMessage::Telemetry { at: after.at, signals, conditions, more: false });
    }
    let last = messages.len() - 1;
    for message in &mut messages[..last] {
        if let EngineMessage::Telemetry { more, .. } = message {
            *more = true;
        }
    }
    messages
}

/// An event for a line; the outline in it is left empty where there is no room for it.
pub fn fit(event: &Arc<Recorded>) -> (Arc<Recorded>, bool) {
    if size(&**event) < ROOM {
        return (event.clone(), false);
    }
    let mut short = Recorded::clone(event);
    match &mut short.event {
        Event::Opened { outline, .. } | Event::PlanAdopted { outline, .. } => **outline = Outline::default(),
        _ => {}
    }
    (Arc::new(short), true)
}

/// Batches of values, each with room in a line.
pub fn batches<T: Serialize>(values: Vec<T>) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut used = ROOM;
    for value in values {
        let size = size(&value) + 1;
        if used + size > ROOM {
            batches.push(Vec::new());
            used = 0;
        }
        used += size;
        if let Some(batch) = batches.last_mut() {
            batch.push(value);
        }
    }
    batches
}

fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |v| v.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_fit_a_line_and_lose_nothing() {
        let values: Vec<String> = (0..300).map(|n| "x".repeat(n * 7)).collect();
        let batches = batches(values.clone());
        assert!(batches.len() > 1);
        assert!(batches.iter().all(|b| size(b) <= MAX_LINE - 4000));
        assert_eq!(batches.concat(), values);
    }
}
