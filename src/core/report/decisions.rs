//! Who decided what: gates, and what a person agreed to.

use super::fold::{acted, said, title};
use super::{Approval, Decision, Said};
use crate::core::event::{Actor, Event};
use crate::core::ids::StepId;
use crate::core::launch::LaunchState;
use crate::core::order::Ballot;
use crate::core::time::Timestamp;

/// A gate's decision, or that it ran out; `state` is that before it, with the votes as they stood.
pub(super) fn decided(state: &LaunchState, event: &Event, at: Timestamp) -> Option<Decision> {
    match event {
        Event::GateDecided { gate, round, go, by, why, over, evidence } => Some(Decision {
            gate: title(state, gate),
            round: *round,
            said: said(at, by, word(*go)),
            why: why.clone(),
            votes: votes(state, gate),
            over: over.clone(),
            evidence: evidence.clone(),
        }),
        Event::GateExpired { gate, round } => Some(Decision {
            gate: title(state, gate),
            round: *round,
            said: acted(at, &Actor::Engine, "expired"),
            why: None,
            votes: votes(state, gate),
            over: Vec::new(),
            evidence: Vec::new(),
        }),
        _ => None,
    }
}

/// What a gate's decision passed over, where it is an override.
pub(super) fn gone_over(state: &LaunchState, event: &Event, at: Timestamp) -> Option<Said> {
    let Event::GateDecided { gate, go: true, by, why, over, .. } = event else { return None };
    let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let text = format!("{}: {} over {}{why}", title(state, gate), word(true), over.join(", "));
    (!over.is_empty()).then(|| said(at, by, text))
}

fn word(go: bool) -> &'static str {
    if go { "GO" } else { "NO-GO" }
}

fn votes(state: &LaunchState, gate: &StepId) -> Vec<String> {
    let poll = state.steps.get(gate).and_then(|s| s.poll.as_ref());
    let word = |vote| if vote == Ballot::Go { "go" } else { "no-go" };
    poll.map_or_else(Vec::new, |poll| {
        let asked = state.outline.step(gate).and_then(|s| s.gate.as_ref()).map_or(&[][..], |g| &g.poll);
        let silent =
            asked.iter().filter(|role| !poll.votes.contains_key(*role)).map(|role| format!("no vote for {role}"));
        let cast = poll.votes.iter().map(|(role, own)| {
            let why = own.why.as_ref().map_or_else(String::new, |w| format!(": {w}"));
            format!("{} for {role} by {}{why}", word(own.vote), own.by)
        });
        cast.chain(silent).collect()
    })
}

/// What stands in the list of decisions.
pub(super) enum Entry<'a> {
    /// A gate's.
    Gate(&'a Decision),
    /// A person's agreement to a step's start.
    Approval(&'a Approval),
}

/// Decisions and approvals together, in time.
pub(super) fn in_time<'a>(gates: &'a [Decision], approvals: &'a [Approval]) -> Vec<Entry<'a>> {
    let gates = gates.iter().map(|own| (own.said.at, Entry::Gate(own)));
    let mut all: Vec<_> = approvals.iter().map(|own| (own.at, Entry::Approval(own))).chain(gates).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, entry)| entry).collect()
}
