//! Gates: votes advise, the lead's order decides, and what it went over stays visible.

use super::{Case, said};
use crate::core::event::Event;
use crate::core::ids::{RoleId, StepId};
use crate::core::launch::{PollState, StepStatus};
use crate::core::order::{Ballot, Operator, Rejection};
use crate::core::outline::Gate;

/// The gate, if its poll of that round is open.
fn polled<'a>(case: Case<'a>, id: &StepId, round: u32) -> Result<(&'a Gate, &'a PollState), Rejection> {
    let step = case.step(id)?;
    let Some(gate) = &step.gate else {
        return Err(Rejection::new(format!("`{id}` is no gate")));
    };
    let state = case.state.steps.get(id);
    let poll = match state.map(|s| (&s.status, &s.poll)) {
        Some((StepStatus::Polling, Some(poll))) => poll,
        Some((StepStatus::Done { .. }, _)) => return Err(Rejection::new(format!("`{id}` is decided: go"))),
        Some((StepStatus::NoGo { by, .. }, _)) => {
            return Err(Rejection::but(format!("{} decided no-go at `{id}`", by.name), "poll again first"));
        }
        Some((StepStatus::Expired { .. }, _)) => {
            return Err(Rejection::but(format!("the poll at `{id}` ran out"), "poll again first"));
        }
        _ => return Err(Rejection::but(format!("the poll at `{id}` is not open"), "open it first")),
    };
    if poll.round != round {
        return Err(Rejection::but(
            format!("`{id}` is in round {} of its poll, not {round}", poll.round),
            "look again, then answer",
        ));
    }
    Ok((gate, poll))
}

pub(super) fn vote(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    round: u32,
    role: &RoleId,
    vote: Ballot,
    why: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    let (gate, _) = polled(case, id, round)?;
    if !gate.poll.contains(role) {
        let roles: Vec<_> = gate.poll.iter().map(RoleId::as_str).collect();
        let roles = if roles.is_empty() { "nobody; the lead decides alone".to_owned() } else { roles.join(", ") };
        return Err(Rejection::but(format!("`{role}` has no vote at `{id}`"), format!("it asks {roles}")));
    }
    let why = why.map(str::trim).filter(|w| !w.is_empty());
    if vote == Ballot::NoGo {
        said(why.unwrap_or_default(), "a no-go")?;
    }
    Ok(vec![Event::Voted {
        gate: id.clone(),
        round,
        role: role.clone(),
        vote,
        by: by.clone(),
        why: why.map(str::to_owned),
    }])
}

pub(super) fn decide(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    round: u32,
    go: bool,
    why: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    let (gate, poll) = polled(case, id, round)?;
    if by.name != case.state.lead {
        return Err(Rejection::but(
            format!("only the lead, {}, decides a gate", case.state.lead),
            "vote, or take the lead first",
        ));
    }
    let why = why.map(str::trim).filter(|w| !w.is_empty());
    let (evidence, mut over) = case.requirements(&gate.require);
    for role in &gate.poll {
        match poll.votes.get(role) {
            None => over.push(format!("{role} has not voted")),
            Some(v) if v.vote == Ballot::NoGo => {
                over.push(format!("{role} votes no-go: {}", v.why.as_deref().unwrap_or("no reason given")));
            }
            Some(_) => {}
        }
    }
    if !go {
        said(why.unwrap_or_default(), "a no-go")?;
        over.clear();
    } else if !over.is_empty() && why.is_none() {
        return Err(Rejection::but(
            format!("go would be an override: {}", over.join("; ")),
            "give a reason, and it goes on record as one",
        ));
    }
    let why = why.map(str::to_owned);
    Ok(vec![Event::GateDecided { gate: id.clone(), round, go, by: by.clone(), why, over, evidence }])
}
