//! Shifts: a handover is written by the one on shift and accepted by the next one, or somebody takes over with a reason.

use super::Case;
use crate::core::event::Event;
use crate::core::launch::handover;
use crate::core::launch::shifts::{Change, Near, OnShift, next_change, on_shift, same, untaken_turn};
use crate::core::order::{Operator, Rejection, What};
use crate::core::outline::{Role, ShiftsOutline};
use crate::core::shift::Fact;
use crate::core::text::did_you_mean;
use crate::core::time::Offset;
use crate::core::view::Readout;

pub(super) fn hand_over(case: Case<'_>, by: &Operator, to: Option<&str>, text: &str) -> Result<Vec<Event>, Rejection> {
    let plan = planned(case)?;
    let on = on(case)?;
    let take_over = What::TakeOver { from: on.who.to_owned(), why: String::new() };
    if !same(on.who, &by.name) {
        let why = format!("{} is on shift, and hands over", on.who);
        return Err(Rejection::but(why, "take over with a reason, where they can't").or(take_over));
    }
    let next = next_change(case.state, case.now);
    let to = match (to.map(str::trim).filter(|to| !to.is_empty()), &next) {
        (Some(to), _) => known(case, plan, to)?,
        (None, Some(next)) => next.turn.who.clone(),
        (None, None) => {
            let order = What::Handover { to: Some("NAME".to_owned()), text: text.to_owned() };
            return Err(Rejection::but("the plan has no turn after this one", "say to whom").or(order));
        }
    };
    if same(&to, on.who) {
        return Err(Rejection::but(format!("{to} is on shift already"), "say to whom else"));
    }
    let turn = turn_for(case, next.as_ref(), &to);
    let (handover, by, text) = (case.state.shifts.count.saturating_add(1), by.clone(), text.trim().to_owned());
    Ok(vec![Event::Shift(Fact::Offered { handover, by, to, turn, sheet: sheet(case), text, head: None })])
}

pub(super) fn accept(case: Case<'_>, by: &Operator, handover: u32) -> Result<Vec<Event>, Rejection> {
    planned(case)?;
    let on = on(case)?.who;
    if same(on, &by.name) {
        return Err(Rejection::new("you are on shift already"));
    }
    let take_over = || What::TakeOver { from: on.to_owned(), why: String::new() };
    let Some(offer) = &case.state.shifts.offer else {
        let why = format!("nothing was handed over yet: {on} writes it");
        return Err(Rejection::but(why, "take over with a reason, where they can't").or(take_over()));
    };
    if offer.number != handover {
        let why = format!("it was written anew by {}", offer.by);
        return Err(Rejection::but(why, "read it again").or(What::Accept { handover: offer.number }));
    }
    if !same(&offer.to, &by.name) {
        let why = format!("it is {} who accepts it, and you are {}", offer.to, by.name);
        return Err(Rejection::but(why, "take over with a reason, where they can't").or(take_over()));
    }
    Ok(vec![Event::Shift(Fact::Accepted { handover, by: by.clone() })])
}

/// An override: the one on shift fell asleep, say. Any operator may, since somebody must be there.
pub(super) fn take_over(case: Case<'_>, by: &Operator, from: &str, why: &str) -> Result<Vec<Event>, Rejection> {
    planned(case)?;
    let on = on(case)?.who;
    if same(on, &by.name) {
        return Err(Rejection::new("you are on shift already"));
    }
    if !same(on, from) {
        let order = What::TakeOver { from: on.to_owned(), why: why.to_owned() };
        return Err(Rejection::but(format!("{on} is on shift meanwhile"), "look again").or(order));
    }
    if let Some(offer) = case.state.shifts.offer.as_ref().filter(|offer| same(&offer.to, &by.name)) {
        let why = format!("{} wrote a handover for you", offer.by);
        return Err(Rejection::but(why, "accept it").or(What::Accept { handover: offer.number }));
    }
    let why = case.said(why, "to take over without a handover")?.to_owned();
    let turn = turn_for(case, next_change(case.state, case.now).as_ref(), &by.name);
    let (by, from) = (by.clone(), on.to_owned());
    Ok(vec![Event::Shift(Fact::TakenOver { by, from, turn, why, sheet: sheet(case), head: None })])
}

/// The turn that somebody takes: the next one where it is theirs or near; else they stand in for the present one, also
/// where that is the turn of who hands over to them and nobody took it.
fn turn_for(case: Case<'_>, next: Option<&Change<'_>>, who: &str) -> Option<Offset> {
    let next = next.filter(|next| same(&next.turn.who, who) || next.near(case.now) >= Near::Soon);
    next.map(|next| next.turn.at).or_else(|| untaken_turn(case.state, case.now))
}

fn sheet(case: Case<'_>) -> Vec<crate::core::shift::Part> {
    handover(case.state, &Readout::of(case.state, case.signals, case.now), case.now)
}

fn planned(case: Case<'_>) -> Result<&ShiftsOutline, Rejection> {
    let lead = What::Lead { name: String::new(), why: None, here: Vec::new() };
    let none = || Rejection::but("the plan has no [shifts]", "hand over the lead").or(lead);
    case.state.outline.shifts.as_ref().ok_or_else(none)
}

fn on(case: Case<'_>) -> Result<OnShift<'_>, Rejection> {
    on_shift(case.state).ok_or_else(|| Rejection::new("the plan's [shifts] have no turn"))
}

/// A name of the plan, as it is written there.
fn known(case: Case<'_>, plan: &ShiftsOutline, name: &str) -> Result<String, Rejection> {
    let people = || case.state.outline.roles.values().flat_map(Role::names);
    let all: Vec<&str> = plan.turns.iter().map(|turn| turn.who.as_str()).chain(people()).collect();
    match all.iter().find(|one| same(one, name)) {
        Some(found) => Ok((*found).to_owned()),
        None => {
            let near = did_you_mean(name, all.iter().copied());
            let why = format!("the plan knows nobody of the name `{name}`{near}");
            Err(Rejection::but(why, "they take over themselves, with a reason"))
        }
    }
}
