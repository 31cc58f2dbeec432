//! Orders about what is watched, by probes and by people: triggers, instances, baselines.

use std::collections::BTreeSet;

use super::Case;
use crate::core::event::{Actor, Event, Evidence};
use crate::core::ids::{Instance, ProbeId, SignalId, TriggerId};
use crate::core::launch::triggers::{answered_from, is_closed};
use crate::core::launch::{Said, Status};
use crate::core::order::{Operator, Rejection, What};
use crate::core::outline::{Fires, TriggerAction, TriggerOutline};
use crate::core::time::Span;

/// What a trigger comes to that fires: it is said, and one that proposes holds the launch. Nobody's going back begins by
/// itself.
pub(super) fn fires(
    case: Case<'_>,
    trigger: &TriggerOutline,
    instance: Option<Instance>,
    evidence: Evidence,
    by: Option<Operator>,
) -> Vec<Event> {
    let begins = format!("{} fired: ", trigger.title);
    let said = by.as_ref().map_or_else(String::new, |by| format!(", says {by}"));
    let held = (trigger.action == TriggerAction::Propose)
        .then(|| case.hold(&begins, format!("{begins}{}{said}", evidence.found)))
        .flatten();
    let closed = is_closed(case.state, trigger);
    let lasting = trigger.when().and_then(|when| when.lasting).unwrap_or(Span::ZERO);
    let answered = answered_from(case.state, trigger, case.now, Some(case.now - lasting));
    let fired = Event::TriggerFired { trigger: trigger.id.clone(), instance, evidence, by, closed, answered };
    std::iter::once(fired).chain(held).collect()
}

/// A person answers a trigger's question with yes. One that was dismissed, or led to a way back, may be fired again: what
/// they see now was not answered for then.
pub(super) fn fire(case: Case<'_>, by: &Operator, trigger: &TriggerId, why: &str) -> Result<Vec<Event>, Rejection> {
    let (outline, question) = asked(case, trigger, "its condition fires it")?;
    let fired = case.state.triggers.get(trigger).and_then(|own| own.fired.as_ref());
    if let Some(fired) = fired.filter(|fired| fired.dismissed.is_none()) {
        let who = fired.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let why = format!("`{trigger}` was fired already{who}: {}", fired.evidence.found);
        return Err(Rejection::but(why, "a note adds to it").or(What::Note { text: String::new() }));
    }
    let found = case.said(why, "firing a trigger")?.to_owned();
    let evidence = Evidence { condition: question.to_owned(), held: Some(true), found, lasted: None };
    Ok(fires(case, outline, None, evidence, Some(by.clone())))
}

/// A person says that what a trigger was fired for is over. Holds stay: they are released by themselves.
pub(super) fn clear(case: Case<'_>, by: &Operator, trigger: &TriggerId, why: &str) -> Result<Vec<Event>, Rejection> {
    let after = case.state.outline.trigger(trigger).map_or(Span::ZERO, |of| of.clear_after);
    let instead = format!("it clears by itself once its condition was false for {after} in one piece");
    asked(case, trigger, &instead)?;
    let own = case.state.triggers.get(trigger);
    if own.is_none_or(|own| own.fired.is_none() && own.disarmed.is_none()) {
        return Err(Rejection::new(format!("`{trigger}` has not fired")));
    }
    let why = Some(case.said(why, "clearing a trigger")?.to_owned());
    Ok(vec![Event::TriggerCleared { trigger: trigger.clone(), rearmed: false, by: Some(by.clone()), why }])
}

/// A trigger that people fire, with its question; `instead` is what moves one that is measured.
fn asked<'a>(case: Case<'a>, trigger: &TriggerId, instead: &str) -> Result<(&'a TriggerOutline, &'a str), Rejection> {
    let outline = case.state.outline.trigger(trigger).ok_or_else(|| no_trigger(case, trigger))?;
    match &outline.fires {
        Fires::Ask(question) => Ok((outline, question)),
        Fires::When(condition) => {
            let why = format!("`{trigger}` is measured ({condition}): {instead}");
            Err(Rejection::but(why, "go back without it where you must"))
        }
    }
}

fn no_trigger(case: Case<'_>, trigger: &TriggerId) -> Rejection {
    let known: Vec<&str> = case.state.outline.triggers.iter().map(|t| t.id.as_str()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Rejection::new(format!("the plan has no trigger `{trigger}`: it has {known}"))
}

pub(super) fn dismiss(case: Case<'_>, by: &Operator, trigger: &TriggerId, why: &str) -> Result<Vec<Event>, Rejection> {
    let state = case.state.triggers.get(trigger).ok_or_else(|| no_trigger(case, trigger))?;
    let Some(fired) = &state.fired else {
        // Of two who press at once the way back wins, and why the other would not have gone it is on record.
        if let Some(late) = led_to(case, trigger, by) {
            let why = case.said(why, "not following a trigger")?.to_owned();
            return Ok(vec![Event::TriggerDismissed {
                trigger: trigger.clone(),
                by: by.clone(),
                why,
                late: Some(late),
            }]);
        }
        return Err(match state.disarmed {
            Some(_) => {
                let why = format!("`{trigger}` fired and led to a way back: it asks nothing any more");
                match asked(case, trigger, "") {
                    Ok(_) => Rejection::but(why, "it is armed again once a person clears it")
                        .or(What::Clear { trigger: trigger.clone(), why: String::new() }),
                    Err(_) => Rejection::but(why, "it is armed again once its condition was false"),
                }
            }
            None => Rejection::new(format!("`{trigger}` has not fired")),
        });
    };
    if let Some(Said { by, text, .. }) = &fired.dismissed {
        return Err(Rejection::new(format!("{by} answered for `{trigger}` already: {text}")));
    }
    let why = case.said(why, "not following a trigger")?.to_owned();
    Ok(vec![Event::TriggerDismissed { trigger: trigger.clone(), by: by.clone(), why, late: None }])
}

/// The way back under way that this trigger led to and somebody else began, by its number.
fn led_to(case: Case<'_>, trigger: &TriggerId, by: &Operator) -> Option<u32> {
    let Status::RollingBack(number) = case.state.status else { return None };
    let rollback = case.state.rollbacks.get((number as usize).checked_sub(1)?)?;
    let disarmed = case.state.triggers.get(trigger)?.disarmed?;
    (disarmed == rollback.started && rollback.by.name != by.name).then_some(number)
}

pub(super) fn forget(case: Case<'_>, by: &Operator, signal: &SignalId, why: &str) -> Result<Vec<Event>, Rejection> {
    if case.state.outline.probe(&signal.probe).is_none() {
        return Err(Rejection::new(format!("the plan has no probe `{}`", signal.probe)));
    }
    let Some(instance) = &signal.instance else {
        return Err(Rejection::but(
            format!("`{signal}` names no instance"),
            "only an instance can be forgotten, as lag[replica-1].bytes; a probe leaves with the plan",
        ));
    };
    if case.state.forgotten.iter().any(|(p, i)| *p == signal.probe && i == instance) {
        return Err(Rejection::new(format!("{instance} of `{}` no longer counts already", signal.probe)));
    }
    let all = case.signals.ids();
    let known: BTreeSet<_> =
        all.iter().filter(|id| id.probe == signal.probe).filter_map(|id| id.instance.as_ref()).collect();
    if !known.contains(instance) {
        let known: Vec<&str> = known.iter().map(|i| i.as_str()).collect();
        let names = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Rejection::new(format!("`{}` never had an instance {instance}: it has {names}", signal.probe)));
    }
    if case.signals.is_there(&signal.probe, instance, case.now) {
        return Err(Rejection::but(
            format!("{instance} of `{}` is there: only one that is missing or failing can be let go", signal.probe),
            "what should no longer be watched leaves with the plan: change it and `tminus do adopt`",
        ));
    }
    let why = case.said(why, "forgetting an instance")?.to_owned();
    Ok(vec![Event::InstanceForgotten { probe: signal.probe.clone(), instance: instance.clone(), by: by.clone(), why }])
}

/// Instances that were let go and are there again: they count from now on, also should they go once more.
pub(super) fn back(case: Case<'_>) -> Vec<Event> {
    let there = case.state.forgotten.iter().filter(|(probe, i)| case.signals.is_there(probe, i, case.now));
    there.map(|(probe, instance)| Event::InstanceBack { probe: probe.clone(), instance: instance.clone() }).collect()
}

pub(super) fn baseline(
    case: Case<'_>,
    by: &Operator,
    probe: Option<&ProbeId>,
    over: Span,
) -> Result<Vec<Event>, Rejection> {
    if let Some(probe) = probe.filter(|p| case.state.outline.probe(p).is_none()) {
        let known: Vec<&str> = case.state.outline.probes.iter().map(|p| p.id.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Rejection::new(format!("the plan has no probe `{probe}`: it has {known}")));
    }
    if over <= Span::ZERO {
        let order = What::Baseline { probe: probe.cloned(), over: Span::mins(10) };
        return Err(Rejection::new("a baseline needs a window, as 10m").or(order));
    }
    let asked = probe;
    if let Some((probe, reach)) = case.signals.too_far(probe, over, case.now) {
        let reach = Span::secs(reach.millis().max(0) / 1000);
        let why = format!(
            "a baseline over {over} would rest on a part of it: the readings of `{probe}` at hand reach back {reach}"
        );
        let order = What::Baseline { probe: asked.cloned(), over: reach };
        return Err(Rejection::but(why, format!("say {reach} or less")).any((reach > Span::ZERO).then_some(order)));
    }
    let of = case.signals.baseline(probe, over, case.now);
    if of.is_empty() {
        return Err(Rejection::but(
            format!("nothing with a number was measured within {over}"),
            "wait until the probes have values, or look further back",
        ));
    }
    let missed = case.signals.without_number(probe, &of, case.now);
    let missed = missed.into_iter().map(|(id, why)| match case.state.baselines.contains_key(&id) {
        true => (id, format!("{why}; its older one stays")),
        false => (id, why),
    });
    let missed = missed.collect();
    Ok(vec![Event::BaselineCaptured { by: Actor::Operator(by.clone()), of, missed }])
}
