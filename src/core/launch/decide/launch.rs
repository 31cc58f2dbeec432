//! The launch as a whole: holds, the lead, notes, a changed plan, an engine that takes it up, the end.

use super::{Case, said};
use crate::core::event::{Actor, Event};
use crate::core::launch::{RollbackStatus, Status};
use crate::core::order::{Operator, Rejection};
use crate::core::outline::Outline;
use crate::core::time::Span;

/// Everyone's objection counts by itself: one hold a person, beside those of others and of the engine.
pub(super) fn hold(case: Case<'_>, by: &Operator, why: &str) -> Result<Vec<Event>, Rejection> {
    if let Some(hold) = case.state.hold_of(&by.name) {
        return Err(Rejection::but(format!("you hold already: {}", hold.why), "write a note to add to it"));
    }
    let why = said(why, "a hold")?.to_owned();
    Ok(vec![Event::Held { by: Actor::Operator(by.clone()), why }])
}

/// Any operator may release anyone's hold, but says whose where that is not plain: an objection that one did not see must
/// not go with another.
pub(super) fn release(case: Case<'_>, by: &Operator, of: Option<&str>, why: &str) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    let standing: Vec<String> = state.holds().map(|hold| format!("{}: {}", hold.whose(), hold.why)).collect();
    let hold = match of {
        Some(of) => state.hold_of(of).ok_or_else(|| format!("{of} does not hold")),
        None if state.more_holds.is_empty() => state.hold.as_ref().ok_or_else(|| "there is no hold to release".into()),
        None => state.hold_of(&by.name).ok_or_else(|| format!("{} hold", standing.len())),
    };
    let hold = hold.map_err(|why| match state.hold.as_ref() {
        None => Rejection::new("there is no hold to release"),
        Some(first) => Rejection::but(
            format!("{why}: {}", standing.join("; ")),
            format!("say whose: release of {} WHY", first.whose()),
        ),
    })?;
    let why = said(why, "the release of a hold")?.to_owned();
    Ok(vec![Event::Released { of: Some(hold.by.clone()), by: by.clone(), why }])
}

pub(super) fn note(by: &Operator, text: &str) -> Result<Vec<Event>, Rejection> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Rejection::new("the note is empty"));
    }
    Ok(vec![Event::Noted { by: by.clone(), text }])
}

/// Any operator may take the lead or hand it over: a sleeping lead must not block a launch. The journal says who did.
pub(super) fn lead(case: Case<'_>, by: &Operator, name: &str) -> Result<Vec<Event>, Rejection> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Rejection::new("the lead needs a name"));
    }
    if name == case.state.lead {
        return Err(Rejection::new(format!("{name} leads already")));
    }
    Ok(vec![Event::LeadTaken { by: by.clone(), name: name.to_owned() }])
}

pub(super) fn end(case: Case<'_>, by: &Operator, typed: &str, why: &str) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if by.name != state.lead {
        return Err(Rejection::but(format!("only the lead, {}, ends the launch", state.lead), "take the lead first"));
    }
    if let Some((run, _)) = state.runs.iter().find(|(_, s)| s.end.is_none()) {
        return Err(Rejection::but(format!("`{}` still runs a command", run.step), "wait for its end, or stop it"));
    }
    if let Status::RollingBack(number) = state.status {
        return Err(Rejection::but(
            format!("rollback {number} is not finished"),
            "finish it, or leave it where it stands with a reason",
        ));
    }
    if typed != state.outline.environment {
        return Err(Rejection::but(
            "ending a launch can't be undone",
            format!("type the environment's name, {}", state.outline.environment),
        ));
    }
    let why = said(why, "the end of a launch")?.to_owned();
    Ok(vec![Event::Ended { by: by.clone(), why }])
}

pub(super) fn adopt(case: Case<'_>, by: &Operator, hash: String, new: Box<Outline>) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if case.is_ended() {
        return Err(Rejection::new("the launch is over; its plan is history"));
    }
    if hash == state.plan_hash {
        return Err(Rejection::new("the plan file is the one that was taken in already"));
    }
    if let Status::RollingBack(number) = state.status {
        return Err(Rejection::but(format!("rollback {number} is under way"), "take the plan in after it"));
    }
    let gone = state.steps.iter().find(|(id, s)| s.status.is_active() && new.step(id).is_none());
    if let Some((id, _)) = gone {
        return Err(Rejection::but(
            format!("`{id}` is under way and the new plan does not have it"),
            "wait for its end, or stop it, then take the plan in",
        ));
    }
    if new.environment != state.outline.environment {
        return Err(Rejection::but(
            format!("the new plan is for {}, the launch for {}", new.environment, state.outline.environment),
            "launch it there instead",
        ));
    }
    Ok(vec![Event::PlanAdopted { by: by.clone(), plan_hash: hash, outline: new }])
}

/// After a gap the launch holds and a way back that was under way stops and asks: nothing goes on by surprise. A crash and
/// an end in good order are alike in that: nobody watched meanwhile. The reason says which it was.
pub(super) fn taken_up(case: Case<'_>, pid: u32, version: String, gap: Option<Span>) -> Vec<Event> {
    if case.is_ended() {
        return Vec::new();
    }
    let mut events = vec![Event::EngineStarted { pid, version, gap }];
    let Some(gap) = gap else { return events };
    let before = case.state.engine_ended.as_deref().unwrap_or("died");
    let gone = format!("no engine ran for {}: the one before {before}", gap.seconds());
    if let Status::RollingBack(number) = case.state.status
        && let Some(rollback) = case.state.rollbacks.last()
        && rollback.status == RollbackStatus::Running
    {
        events.push(Event::RollbackStopped { rollback: number, item: rollback.next, why: gone.clone() });
    }
    events.extend(case.hold(gone));
    events
}
