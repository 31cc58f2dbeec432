//! Gates: votes advise, the lead's order decides, and what it went over stays visible.

use super::Case;
use crate::core::event::Event;
use crate::core::ids::{RoleId, StepId};
use crate::core::launch::wanted_baseline;
use crate::core::launch::{PollState, StepStatus};
use crate::core::order::{Ballot, Operator, Rejection, What};
use crate::core::outline::Gate;

/// The gate, if its poll of that round is open.
fn polled<'a>(case: Case<'a>, id: &StepId, round: u32) -> Result<(&'a Gate, &'a PollState), Rejection> {
    let step = case.step(id)?;
    let Some(gate) = &step.gate else {
        return Err(Rejection::new(format!("`{id}` is no gate")).any(case.moves(id)));
    };
    let state = case.state.steps.get(id);
    let poll = match state.map(|s| (&s.status, &s.poll)) {
        Some((StepStatus::Polling, Some(poll))) => poll,
        Some((StepStatus::Done { by, .. }, _)) => {
            return Err(Rejection::new(format!("`{id}` is decided: go, says {by}")));
        }
        Some((StepStatus::Skipped { by, .. }, _)) => {
            return Err(Rejection::new(format!("`{id}` was left out by {by}")));
        }
        Some((StepStatus::NoGo { by, .. }, _)) => {
            let why = format!("{by} decided no-go at `{id}`; it must be polled again");
            return Err(Rejection::new(why).any(case.moves(id)));
        }
        Some((StepStatus::Expired { .. }, _)) => {
            let why = format!("the poll at `{id}` ran out; it must be polled again");
            return Err(Rejection::new(why).any(case.moves(id)));
        }
        _ => {
            let why = format!("the poll at `{id}` is not open");
            return Err(match case.may_start(step) {
                Ok(()) => Rejection::new(why).any(case.moves(id)),
                Err(first) => Rejection { why: format!("{why}: {first}"), ..first },
            });
        }
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
        let roles = if roles.is_empty() { "nobody: the lead decides alone".to_owned() } else { roles.join(", ") };
        let why = format!("`{role}` has no vote at `{id}`, which asks {roles}");
        let of = |role: &RoleId| What::Vote { gate: id.clone(), round, role: role.clone(), vote, why: None };
        return Err(Rejection::new(why).any(gate.poll.iter().map(of)));
    }
    let why = why.map(str::trim).filter(|w| !w.is_empty());
    if vote == Ballot::NoGo {
        case.said(why.unwrap_or_default(), "a no-go")?;
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
        let why = format!("only the lead, {}, decides a gate", case.state.lead);
        return Err(Rejection::but(why, "vote, or take the lead").or(What::lead(by.name.clone())));
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
        case.said(why.unwrap_or_default(), "a no-go")?;
        over.clear();
    } else if !over.is_empty() && why.is_none() {
        let why = format!("go would be an override: {}", over.join("; "));
        let baseline = wanted_baseline(case.state, &gate.require);
        let order = What::Decide { gate: id.clone(), round, go, why: Some(String::new()) };
        return Err(Rejection::but(why, "with a reason it goes, and stays on record as one").any(baseline).or(order));
    }
    let why = why.map(str::to_owned);
    Ok(vec![Event::GateDecided { gate: id.clone(), round, go, by: by.clone(), why, over, evidence }])
}
