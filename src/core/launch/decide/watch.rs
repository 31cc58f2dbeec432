//! Orders about what is measured: triggers, instances, baselines.

use std::collections::BTreeSet;

use super::Case;
use crate::core::event::{Actor, Event};
use crate::core::ids::{ProbeId, SignalId, TriggerId};
use crate::core::order::{Operator, Rejection, What};
use crate::core::time::Span;

pub(super) fn dismiss(case: Case<'_>, by: &Operator, trigger: &TriggerId, why: &str) -> Result<Vec<Event>, Rejection> {
    let state = case.state.triggers.get(trigger);
    let state = state.ok_or_else(|| {
        let known: Vec<&str> = case.state.outline.triggers.iter().map(|t| t.id.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Rejection::new(format!("the plan has no trigger `{trigger}`: it has {known}"))
    })?;
    let Some(fired) = &state.fired else {
        return Err(Rejection::new(format!("`{trigger}` has not fired")));
    };
    if let Some((who, why)) = &fired.dismissed {
        return Err(Rejection::new(format!("{who} answered for `{trigger}` already: {why}")));
    }
    let why = case.said(why, "not following a trigger")?.to_owned();
    Ok(vec![Event::TriggerDismissed { trigger: trigger.clone(), by: by.clone(), why }])
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
    let why = case.said(why, "forgetting an instance")?.to_owned();
    Ok(vec![Event::InstanceForgotten { probe: signal.probe.clone(), instance: instance.clone(), by: by.clone(), why }])
}

pub(super) fn baseline(
    case: Case<'_>,
    by: &Operator,
    probe: Option<&ProbeId>,
    over: Span,
) -> Result<Vec<Event>, Rejection> {
    if let Some(probe) = probe.filter(|p| case.state.outline.probe(p).is_none()) {
        return Err(Rejection::new(format!("the plan has no probe `{probe}`")));
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
    Ok(vec![Event::BaselineCaptured { by: Actor::Operator(by.clone()), of }])
}
