//! How a trigger stands, what a fired one asks, and which way back answers it. The last is decided by what a way does, not
//! by what it is called: who undoes everything has done what a trigger for less asked for.

use super::answers::Words;
use super::ways::{WayView, has_begun, prepare};
use super::{Fired, LaunchState, RollbackState, RollbackStatus, Status};
use crate::core::condition::Condition;
use crate::core::ids::{ProbeId, RollbackId, StepId, TriggerId};
use crate::core::order::{Way, What};
use crate::core::outline::{TriggerAction, TriggerOutline};
use crate::core::reading::Level;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, ConditionView, Readout};

/// How a trigger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerStands {
    /// Its condition is false, or nobody answered its question with yes.
    Armed,
    /// Its condition holds, but not yet for as long as it must.
    Pending,
    /// There is no data: nobody knows whether its condition holds.
    Unknown,
    /// It fired, and its condition was not false since.
    Fired,
    /// It fired, its condition is false now, and it clears once that was so for its `clear-after`.
    Clearing,
    /// It fired, and a person answers for not following it.
    Dismissed,
    /// It led to a way back, or one does what it asks for; it is armed again once its condition was false, or a person
    /// cleared it.
    Followed,
}

impl LaunchState {
    /// From when on a fired trigger's condition must be false for it to clear: since it fired, and since a person let an
    /// instance go that it was about, which makes nothing well that was not.
    pub fn quiet_from(&self, when: &Condition, fired: &Fired) -> Timestamp {
        self.let_go.get(&when.subject.probe).map_or(fired.at, |gone| fired.at.max(*gone))
    }
}

/// How a trigger stands, and the clock that runs: that of its condition, or of its clearing.
pub fn trigger_stands<'a>(
    state: &LaunchState,
    readout: &'a Readout,
    trigger: &TriggerOutline,
) -> (TriggerStands, Option<&'a ConditionView>) {
    let of = |of: ConditionOf| readout.conditions.get(&of);
    let view = of(ConditionOf::Trigger(trigger.id.clone()));
    let holds = view.and_then(|v| v.now);
    let own = state.triggers.get(&trigger.id);
    let goes_back = || matches!(state.status, Status::RollingBack(_)) && answered(state, trigger, readout.at).is_some();
    if trigger.is_asked() {
        let stands = match own.and_then(|t| t.fired.as_ref()) {
            Some(fired) if fired.dismissed.is_some() => TriggerStands::Dismissed,
            Some(_) if goes_back() => TriggerStands::Followed,
            Some(_) => TriggerStands::Fired,
            None if own.is_some_and(|t| t.disarmed.is_some()) => TriggerStands::Followed,
            None => TriggerStands::Armed,
        };
        return (stands, None);
    }
    match own.and_then(|t| t.fired.as_ref()) {
        Some(fired) if fired.dismissed.is_some() => (TriggerStands::Dismissed, view),
        Some(_) if holds == Some(false) => (TriggerStands::Clearing, of(ConditionOf::Clear(trigger.id.clone()))),
        Some(_) if goes_back() => (TriggerStands::Followed, view),
        Some(_) => (TriggerStands::Fired, view),
        None if own.is_some_and(|t| t.disarmed.is_some()) => (TriggerStands::Followed, view),
        None => match holds {
            Some(true) => (TriggerStands::Pending, view),
            Some(false) => (TriggerStands::Armed, view),
            // Just begun, there is no reading yet that could count.
            None if view.is_some_and(|v| v.waits) => (TriggerStands::Armed, view),
            None => (TriggerStands::Unknown, view),
        },
    }
}

/// Triggers that nobody can judge although their probe is well, each with how its condition stands: what they name was
/// never seen, or they compare with a baseline that was not captured. What is wrong with a probe says that by itself.
pub fn blind<'a>(
    state: &'a LaunchState,
    readout: &'a Readout,
) -> impl Iterator<Item = (&'a TriggerOutline, &'a ConditionView)> {
    let unknown = |probe: &ProbeId| {
        let mut own = readout.signals.values().filter(|view| view.id.probe == *probe).peekable();
        own.peek().is_none() || own.any(|view| view.level == Level::Unknown)
    };
    state.outline.triggers.iter().filter_map(move |trigger| {
        let probe = &trigger.when()?.subject.probe;
        match trigger_stands(state, readout, trigger) {
            (TriggerStands::Unknown, Some(view)) if !unknown(probe) => Some((trigger, view)),
            _ => None,
        }
    })
}

/// Whether what a trigger watches holds at this moment, whatever became of it before.
pub fn holds_now(readout: &Readout, trigger: &TriggerOutline) -> bool {
    let view = readout.conditions.get(&ConditionOf::Trigger(trigger.id.clone()));
    view.is_some_and(|view| view.now == Some(true))
}

/// The order that a fired trigger asks for, with the way back that it names, else the plan's, else the first there is.
/// None where it asks nothing of anyone: it has not fired, only says so, was dismissed, was followed, a way back is under
/// way or stopped, there is no way back, or its own is closed. `ways` are those of [`super::ways`].
pub fn asks(state: &LaunchState, ways: &[WayView], trigger: &TriggerOutline, now: Timestamp) -> Option<What> {
    fired(state, trigger).filter(|fired| fired.dismissed.is_none())?;
    let going_back = matches!(state.status, Status::RollingBack(_) | Status::Ended { .. });
    if going_back || trigger.action == TriggerAction::Notify || answered(state, trigger, now).is_some() {
        return None;
    }
    if closed_way(state, ways, trigger).is_some() {
        return None;
    }
    let named = named(state, trigger).map(|id| Way::Named(id.clone()));
    let open = || ways.iter().filter(|view| view.closed.is_none());
    let view = open().find(|view| Some(&view.way) == named.as_ref()).or_else(|| open().next())?;
    let typed = view.typed.then(String::new);
    Some(What::Rollback { way: view.way.clone(), trigger: Some(trigger.id.clone()), typed, why: String::new() })
}

/// The way back that a trigger names, else the plan's, where that is closed: another one undoes something else, and is a
/// person's decision.
pub fn closed_way<'w>(state: &LaunchState, ways: &'w [WayView], trigger: &TriggerOutline) -> Option<&'w WayView> {
    let named = Way::Named(named(state, trigger)?.clone());
    ways.iter().find(|view| view.way == named && view.closed.is_some())
}

/// Whether the way back that a trigger asks for is possible no more.
pub(super) fn is_closed(state: &LaunchState, trigger: &TriggerOutline) -> bool {
    let way = named(state, trigger).and_then(|id| state.outline.rollback(id));
    way.is_some_and(|way| super::ways::closed(state, way).is_some())
}

/// How long a way back that is done may take to show: past this a trigger that still holds asks again.
const RECOVERS: Span = Span::mins(15);

/// The number of the way back that answers a fired trigger: it does at least what the trigger asks for, and is under way,
/// or was completed within 15 minutes and no step has started since. What began to hold after it was done is news.
pub fn answered(state: &LaunchState, trigger: &TriggerOutline, now: Timestamp) -> Option<u32> {
    let lasting = trigger.when().and_then(|when| when.lasting).unwrap_or(Span::ZERO);
    answered_from(state, trigger, now, fired(state, trigger).map(|fired| fired.at - lasting))
}

/// The same of one that may not have fired yet: its condition began to hold as what is measured says.
pub fn answered_seen(state: &LaunchState, readout: &Readout, trigger: &TriggerOutline) -> Option<u32> {
    if fired(state, trigger).is_some() {
        return answered(state, trigger, readout.at);
    }
    let view = readout.conditions.get(&ConditionOf::Trigger(trigger.id.clone()));
    let view = view.filter(|view| view.now == Some(true));
    let began = view.map(|view| view.since.unwrap_or(readout.at - view.lasted));
    answered_from(state, trigger, readout.at, began)
}

/// The same of one whose condition began to hold then; none where it does not.
pub(super) fn answered_from(
    state: &LaunchState,
    trigger: &TriggerOutline,
    now: Timestamp,
    began: Option<Timestamp>,
) -> Option<u32> {
    let (Status::RollingBack(number) | Status::RolledBack(number)) = state.status else { return None };
    let RollbackState { way, undoes, status, .. } = state.rollbacks.get((number as usize).checked_sub(1)?)?;
    if let RollbackStatus::Done { at, .. } = status {
        let lasting = trigger.when().and_then(|when| when.lasting).unwrap_or(Span::ZERO);
        if began.is_some_and(|began| began > *at) || now.since(*at) > RECOVERS + lasting {
            return None;
        }
    }
    follows(state, trigger, way, undoes).then_some(number)
}

/// Whether a way back that undoes these steps does at least what a trigger asks for: its own way back, else the plan's.
/// Where neither names one it asks for any, and one that only says so for nothing.
pub fn follows(state: &LaunchState, trigger: &TriggerOutline, way: &Way, undoes: &[StepId]) -> bool {
    if trigger.action == TriggerAction::Notify {
        return false;
    }
    let Some(asked) = named(state, trigger).and_then(|id| state.outline.rollback(id)) else { return true };
    match way {
        Way::All => true,
        Way::Named(id) if *id == asked.id => true,
        Way::Named(_) | Way::Stage(_) => {
            asked.undoes.iter().any(|id| undoes.contains(id))
                && asked.undoes.iter().filter(|id| has_begun(state, id)).all(|id| undoes.contains(id))
        }
    }
}

/// Whether the way back that a trigger led to was left where it stood.
pub fn way_was_left(state: &LaunchState, trigger: &TriggerOutline) -> bool {
    let Some(at) = state.triggers.get(&trigger.id).and_then(|own| own.disarmed) else { return false };
    let led = state.rollbacks.iter().rev().find(|back| back.started == at);
    led.is_some_and(|back| matches!(back.status, RollbackStatus::Left { .. }))
}

/// Why a trigger that led to a way back does not fire though its condition holds, and until when.
pub fn disarmed(state: &LaunchState, trigger: &TriggerOutline) -> Words {
    if way_was_left(state, trigger) {
        let left = "disarmed until it clears, since the way back was left";
        return Words::of([left, "disarmed until it clears", "disarmed"]);
    }
    Words::of(["led to the way back; armed again when it is false", "led to the way back"])
}

/// The trigger that a way back follows: one that fired, was not dismissed, and asks for no more than this way. One that
/// holds goes before one that clears, then one that proposes before one that only wants it considered; of several, the one
/// that fired first.
pub fn leading_to(state: &LaunchState, readout: &Readout, way: &Way) -> Option<TriggerId> {
    let undoes = prepare(state, way).map_or_else(|_| Vec::new(), |prepared| prepared.undoes);
    let open = state.outline.triggers.iter().filter_map(|trigger| Some((trigger, fired(state, trigger)?)));
    let open = open.filter(|(trigger, fired)| fired.dismissed.is_none() && follows(state, trigger, way, &undoes));
    let clears = |trigger: &TriggerOutline| trigger_stands(state, readout, trigger).0 == TriggerStands::Clearing;
    let rank = |trigger: &TriggerOutline| (clears(trigger), trigger.action != TriggerAction::Propose);
    let first = open.min_by_key(|(trigger, fired)| (rank(trigger), fired.at));
    first.map(|(trigger, _)| trigger.id.clone())
}

/// The way back that a trigger names, else the plan's.
fn named<'a>(state: &'a LaunchState, trigger: &'a TriggerOutline) -> Option<&'a RollbackId> {
    trigger.rollback.as_ref().or(state.outline.rollback.as_ref())
}

fn fired<'a>(state: &'a LaunchState, trigger: &TriggerOutline) -> Option<&'a Fired> {
    state.triggers.get(&trigger.id)?.fired.as_ref()
}
