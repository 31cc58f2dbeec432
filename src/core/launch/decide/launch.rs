//! The launch as a whole: holds, the lead, notes, a changed plan, an engine that takes it up, the end.

use std::collections::BTreeSet;

use super::{Case, LostRun, notices};
use crate::core::event::{Actor, Event};
use crate::core::ids::{RunId, StepId};
use crate::core::launch::criteria::measured;
use crate::core::launch::due::going_back;
use crate::core::launch::{Progress, RollbackStatus, Status, StepStatus, open_incidents_called};
use crate::core::order::{Operator, Rejection, What};
use crate::core::outline::{Role, StepOutline};
use crate::core::time::{Span, Timestamp};

/// Everyone's objection counts by itself: one hold a person, beside those of others and of the engine.
pub(super) fn hold(case: Case<'_>, by: &Operator, why: &str) -> Result<Vec<Event>, Rejection> {
    if let Some(hold) = case.state.hold_of(&by.name) {
        let note = What::Note { text: String::new() };
        return Err(Rejection::but(format!("you hold already: {}", hold.why), "a note adds to it").or(note));
    }
    let why = case.said(why, "a hold")?.to_owned();
    Ok(vec![Event::Held { by: Actor::Operator(by.clone()), why }])
}

/// Any operator may release anyone's hold, but says whose where that is not plain, and none for a reason that they did not
/// see: an objection that one did not see must not go with another.
pub(super) fn release(
    case: Case<'_>,
    by: &Operator,
    of: Option<&str>,
    seen: Option<&str>,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    let hold = match of {
        Some(of) => state.hold_of(of).ok_or_else(|| format!("{of} does not hold")),
        None if state.more_holds.is_empty() => state.hold.as_ref().ok_or_else(|| "there is no hold to release".into()),
        None => state.hold_of(&by.name).ok_or_else(|| format!("{} hold", state.holds().count())),
    };
    let hold = hold.map_err(|what| match state.hold {
        None => Rejection::new("there is no hold to release"),
        Some(_) => Rejection::but(format!("{what}: {}", state.holds_words()), "say whose")
            .any(state.holds().map(|hold| hold.release(why))),
    })?;
    if let Some(more) = seen.and_then(|seen| hold.unseen(seen)) {
        let said = format!("{} holds for what you have not seen: {more}", hold.by);
        return Err(Rejection::but(said, "look at it, then release again").any(state.releases(why)));
    }
    let why = case.said(why, "the release of a hold")?.to_owned();
    Ok(vec![Event::Released { of: Some(hold.by.clone()), by: by.clone(), why }])
}

pub(super) fn note(case: Case<'_>, by: &Operator, text: &str) -> Result<Vec<Event>, Rejection> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Rejection::new("the note is empty").any(case.anew()));
    }
    Ok(vec![Event::Noted { by: by.clone(), text }])
}

/// What is to be mended in the plan: it changes nothing here.
pub(super) fn fix(case: Case<'_>, by: &Operator, step: Option<&StepId>, text: &str) -> Result<Vec<Event>, Rejection> {
    if let Some(step) = step.filter(|step| case.state.outline.step(step).is_none()) {
        return Err(Rejection::new(format!("the plan has no step `{step}`")));
    }
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Rejection::new("what is to be mended is not said").any(case.anew()));
    }
    Ok(vec![Event::FixNoted { by: by.clone(), step: step.cloned(), text }])
}

/// Any operator may take the lead or hand it over: a sleeping lead must not block a launch. The journal says who did. A
/// name that nobody known goes by is more often misspelled than meant, and then nobody could decide: it wants a reason.
pub(super) fn lead(
    case: Case<'_>,
    by: &Operator,
    name: &str,
    why: Option<&str>,
    here: &[String],
) -> Result<Vec<Event>, Rejection> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Rejection::new("the lead needs a name").any(case.anew()));
    }
    if name == case.state.lead {
        return Err(Rejection::new(format!("{name} leads already")));
    }
    let why = why.map(str::trim).filter(|why| !why.is_empty());
    let roles: BTreeSet<&str> = case.state.outline.roles.values().flat_map(Role::names).collect();
    if name != by.name && why.is_none() && !roles.contains(name) && !here.iter().any(|one| one == name) {
        let list = |all: BTreeSet<&str>| all.into_iter().collect::<Vec<_>>().join(", ");
        let here = list(here.iter().map(String::as_str).chain([by.name.as_str()]).collect());
        let roles = if roles.is_empty() { String::new() } else { format!("; the plan's roles name {}", list(roles)) };
        let why = format!("nobody known goes by `{name}`: attached are {here}{roles}");
        let order = What::Lead { name: name.to_owned(), why: Some(String::new()), here: Vec::new() };
        return Err(Rejection::but(why, "take one of these, or say why it is right").or(order));
    }
    Ok(vec![Event::LeadTaken { by: by.clone(), name: name.to_owned(), why: why.map(str::to_owned) }])
}

pub(super) fn end(case: Case<'_>, by: &Operator, typed: &str, reason: &str) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if by.name != state.lead {
        let why = format!("only the lead, {}, ends the launch", state.lead);
        return Err(Rejection::but(why, "take the lead").or(What::lead(by.name.clone())));
    }
    if let Some((run, _)) = state.runs.iter().find(|(_, s)| s.end.is_none()) {
        let why = format!("{} still runs", run.words());
        return Err(case.runs_on(why, &run.step, ""));
    }
    if let Status::RollingBack(number) = state.status {
        return Err(case.going_back(going_back(state, number), number));
    }
    let active =
        state.outline.steps.iter().filter(|s| state.steps.get(&s.id).is_some_and(|own| own.status.is_active()));
    let active: Vec<&StepId> = active.map(|s| &s.id).collect();
    if let Some(first) = active.first() {
        let all: Vec<String> = active.iter().map(|id| format!("`{id}` ({})", state.word(id))).collect();
        let why = format!("something still goes on: {}", all.join(", "));
        let own = state.steps.get(*first);
        let stoppable = |status: &StepStatus| matches!(status, StepStatus::Soaking { .. } | StepStatus::Claimed);
        let attempt = own.filter(|own| stoppable(&own.status)).map(|own| own.attempt);
        let stop = attempt.map(|attempt| What::Stop { step: (*first).clone(), attempt, let_finish: false });
        let orders = stop.map_or_else(|| case.moves(first), |stop| vec![stop]);
        return Err(Rejection::but(why, "wait for its end, or end it first").any(orders));
    }
    let asks = |step: &StepOutline| match &state.steps.get(&step.id)?.status {
        StepStatus::Interrupted { run, .. } => Some(run.clone()),
        _ => None,
    };
    if let Some(run) = state.outline.steps.iter().find_map(asks) {
        let what = run.kind.of(format_args!("`{}`", run.step));
        let why = format!("{what} was interrupted, and nobody has said what became of it");
        return Err(Rejection::but(why, "look, then say so").any(case.moves(&run.step)));
    }
    if typed != state.outline.environment {
        let environment = &state.outline.environment;
        let Progress { done, of, .. } = Progress::of_all(state);
        let boxes = (done < of).then(|| format!("{done} of {of} boxes are done"));
        let incidents = open_incidents_called(state)
            .into_iter()
            .map(|called| format!("{called} is open, and can't be closed after it"));
        let open: Vec<String> = boxes.into_iter().chain(incidents).collect();
        let open = if open.is_empty() { String::new() } else { format!(" ({})", open.join(", ")) };
        let why = format!("ending a launch can't be undone{open}, so its environment is typed: {environment}");
        return Err(Rejection::new(why).or(What::End { typed: environment.clone(), why: reason.to_owned() }));
    }
    let why = case.said(reason, "the end of a launch")?.to_owned();
    let told = notices::ended(case, by, &why);
    let measured = measured(state, case.signals, case.now, true).into_iter().map(Event::CriterionMeasured);
    Ok(measured.chain([Event::Ended { by: by.clone(), why }]).chain(told).collect())
}

/// Runs that the journal does not know, as of now.
pub(super) fn found(case: Case<'_>, strays: Vec<(RunId, Timestamp)>) -> impl Iterator<Item = Event> {
    strays.into_iter().map(move |(run, began)| Event::RunFound { run, began: began.min(case.now) })
}

/// After a gap the launch holds and a way back that was under way stops and asks: nothing goes on by surprise. A crash and
/// an end in good order are alike in that: nobody watched meanwhile. The reason says which it was.
/// That an engine of another version takes the launch up, where one does.
pub(super) fn other_engine(case: Case<'_>, version: &str) -> Option<String> {
    let before = case.state.engine_version.as_ref().filter(|before| *before != version)?;
    Some(format!("it is tminus {version} now, and was {before}"))
}

pub(super) fn taken_up(
    case: Case<'_>,
    started: Event,
    gap: Option<Span>,
    why: Vec<String>,
    (strays, lost): (Vec<(RunId, Timestamp)>, &[LostRun]),
) -> Vec<Event> {
    if case.is_ended() {
        return Vec::new();
    }
    let mut events = vec![started];
    let Some(gap) = gap else { return events };
    let before = case.state.engine_ended.as_deref().unwrap_or("died");
    let mut gone = format!("no engine ran for {}: the one before {before}", gap.seconds());
    for why in &why {
        gone = format!("{gone}; {why}");
    }
    let names: Vec<String> =
        strays.iter().map(|(run, _)| format!("`{run}`")).chain(lost.iter().map(|lost| lost.said.clone())).collect();
    if !names.is_empty() {
        gone = format!(
            "{gone}; the journal is older than what was done: it did not know {}. What is found of them is taken up, and undone as this plan \
             says; ticks, votes and ways back of that time are lost. Look what is in effect, then release",
            names.join(", ")
        );
    }
    events.extend(found(case, strays));
    if let Status::RollingBack(number) = case.state.status
        && let Some(rollback) = case.state.rollbacks.last()
        && rollback.status == RollbackStatus::Running
    {
        events.push(Event::RollbackStopped { rollback: number, item: rollback.next, why: gone.clone() });
    }
    // That no engine ran is a reason once; what this one found is another each time.
    let found_more = !why.is_empty() || !names.is_empty();
    let begins = if found_more { gone.clone() } else { "no engine ran for ".to_owned() };
    events.extend(case.hold(&begins, gone));
    events
}
