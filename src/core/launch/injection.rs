//! A scenario in the course of a rehearsal: when its parts begin and end, and what they put in the place of what is
//! measured. Where two parts are about one signal, the lower one of the file counts.

use std::collections::BTreeSet;

use super::{LaunchState, RollbackStatus, StepStatus};
use crate::core::condition::{Condition, Operand, Subject, Test};
use crate::core::event::Event;
use crate::core::ids::{Instance, Measure, SignalId};
use crate::core::outline::ProbeOutline;
use crate::core::practice::{Happening, Injection, Moment};
use crate::core::reading::{NONE_FOUND, Outcome, Point, Poll};
use crate::core::signals::{Finding, Signals};
use crate::core::time::Timestamp;

/// Ends what is said of a condition that rests on an injected reading.
pub const INJECTED: &str = ", injected";

fn parts(state: &LaunchState) -> impl Iterator<Item = (usize, &Injection)> {
    state.practice.iter().flat_map(|practice| practice.scenario.iter().enumerate())
}

/// When a moment comes or came; none while that can't be known. Of ways back it is the first after `after`.
fn met(state: &LaunchState, moment: &Moment, after: Timestamp) -> Option<Timestamp> {
    match moment {
        Moment::T0(offset) => Some(state.t0 + offset.0),
        Moment::Step { step, what, plus } => {
            let own = state.steps.get(step)?;
            let at = match (what, &own.status) {
                (Happening::Started, _) => own.started,
                (Happening::Done, StepStatus::Done { at, .. }) => Some(*at),
                (Happening::Failed, StepStatus::Failed { at, .. }) => Some(*at),
                _ => None,
            };
            Some(at? + *plus)
        }
        Moment::Rollback { what, plus } => {
            let mut all = state.rollbacks.iter().filter_map(|own| match (what, &own.status) {
                (Happening::Started, _) => Some(own.started),
                (Happening::Done, RollbackStatus::Done { at, .. })
                | (Happening::Failed, RollbackStatus::Stopped { at, .. }) => Some(*at),
                _ => None,
            });
            Some(all.find(|at| *at >= after)? + *plus)
        }
    }
}

/// When a part begins, where that is known.
fn begins(state: &LaunchState, part: &Injection) -> Option<Timestamp> {
    part.from.as_ref().map_or(Some(state.opened), |from| met(state, from, state.opened))
}

/// When a part that began ends, where that is known.
fn ends(state: &LaunchState, part: &Injection, since: Timestamp) -> Option<Timestamp> {
    let until = part.until.as_ref().and_then(|until| met(state, until, since));
    until.into_iter().chain(part.lasts.map(|lasts| since + lasts)).min()
}

/// What of the scenario begins or ends by now.
pub(super) fn scenario_goes_on(state: &LaunchState, now: Timestamp) -> Vec<Event> {
    let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let event = |(part, own): (usize, &Injection)| match state.injections.get(&part) {
        None if due(begins(state, own)) => {
            Some(Event::Injected { part, signal: own.signal.clone(), shown: own.shown.clone() })
        }
        Some((since, None)) if due(ends(state, own, *since)) => {
            Some(Event::InjectionEnded { part, signal: own.signal.clone() })
        }
        _ => None,
    };
    parts(state).filter_map(event).collect()
}

/// When the next parts begin and end, as far as that is known.
pub(super) fn scenario_turns(state: &LaunchState) -> impl Iterator<Item = Timestamp> {
    parts(state).filter_map(|(part, own)| match state.injections.get(&part) {
        None => begins(state, own),
        Some((since, None)) => ends(state, own, *since),
        Some(_) => None,
    })
}

fn is_on(state: &LaunchState, part: usize) -> bool {
    matches!(state.injections.get(&part), Some((_, None)))
}

/// Whether a signal's readings come from the scenario now.
pub fn injected(state: &LaunchState, signal: &SignalId) -> bool {
    parts(state).any(|(part, own)| {
        own.probe == signal.probe
            && own.outcome_of(&signal.measure).is_some()
            && own.instance.as_ref().is_none_or(|own| signal.instance.as_ref() == Some(own))
            && is_on(state, part)
    })
}

/// How the scenario stands to what a condition is about.
#[derive(Default)]
pub(super) struct About {
    /// It is injected now, and since when.
    pub since: Option<Timestamp>,
    /// When it was injected last.
    pub ended: Option<Timestamp>,
}

pub(super) fn injected_about(state: &LaunchState, condition: &Condition) -> About {
    let other = match &condition.test {
        Test::Compare { to: Operand::Signal { subject, .. }, .. } => Some(subject),
        _ => None,
    };
    let about = |own: &Injection, subject: &Subject| {
        let instance = own.instance.as_ref().zip(subject.instance.as_ref()).is_none_or(|(a, b)| a == b);
        let measure = subject.measure.as_ref().is_none_or(|measure| own.outcome_of(measure).is_some());
        own.probe == subject.probe && instance && measure
    };
    let mut found = About::default();
    for (part, own) in parts(state) {
        if !about(own, &condition.subject) && !other.is_some_and(|subject| about(own, subject)) {
            continue;
        }
        match state.injections.get(&part) {
            Some((since, None)) => found.since = found.since.max(Some(*since)),
            Some((_, ended)) => found.ended = found.ended.max(*ended),
            None => {}
        }
    }
    found
}

/// Whether the scenario plays what a condition is about and stand-ins can act on it, though our own side is cut off: a
/// rehearsal may be where production can't be reached. Not where it is the scenario that cuts it off.
pub(super) fn played_here(state: &LaunchState, condition: &Condition) -> bool {
    let cuts = || parts(state).any(|(part, own)| state.outline.vantage.contains(&own.probe) && is_on(state, part));
    state.stands_in() && injected_about(state, condition).since.is_some() && !cuts()
}

/// The instances of a measure where the scenario names none: those that were measured or that it names elsewhere, else
/// those of the probe's other measures, else those that the plan expects, else the probe as a whole.
fn all_of(
    points: &[Point],
    now: &[&Injection],
    measure: &Measure,
    probe: Option<&ProbeOutline>,
) -> Vec<Option<Instance>> {
    let named = |of: &dyn Fn(&Measure) -> bool| -> BTreeSet<Option<Instance>> {
        let elsewhere = now.iter().filter(|own| own.sets().any(|(measure, _)| of(measure)));
        let elsewhere = elsewhere.filter_map(|own| own.instance.clone()).map(Some);
        let here = points.iter().filter(|p| of(&p.measure)).map(|p| p.instance.clone());
        here.chain(elsewhere).collect()
    };
    let mut of = named(&|other| other == measure);
    // Nothing was learnt of the probe as a whole: no row of its own beside those of instances.
    let blank = |p: &Point| p.measure == *measure && p.instance.is_none() && matches!(p.outcome, Outcome::NoData(_));
    if of.len() > 1 && points.iter().any(blank) {
        of.remove(&None);
    }
    if of.is_empty() {
        of = named(&|_| true).into_iter().filter(Option::is_some).collect();
    }
    if of.is_empty() {
        of = probe.into_iter().flat_map(|probe| probe.expect.iter().cloned().map(Some)).collect();
    }
    if of.is_empty() { vec![None] } else { of.into_iter().collect() }
}

/// A finding as it is told: what rests on an injected reading says so.
pub fn marked(state: &LaunchState, condition: &Condition, mut finding: Finding) -> Finding {
    let whole = || injected_about(state, condition).since.is_some();
    let one = |instance: &Instance| {
        let subject = Subject { instance: Some(instance.clone()), ..condition.subject.clone() };
        injected_about(state, &Condition { subject, ..condition.clone() }).since.is_some()
    };
    if state.practice.is_some() && finding.instance.as_ref().map_or_else(whole, one) {
        finding.found.push_str(INJECTED);
    }
    finding
}

/// A poll as the scenario has it. What it does not name stays as it was measured.
pub fn inject(state: &LaunchState, signals: &Signals, mut poll: Poll) -> Poll {
    let now: Vec<&Injection> =
        parts(state).filter(|(part, own)| own.probe == poll.probe && is_on(state, *part)).map(|(_, own)| own).collect();
    if now.is_empty() {
        return poll;
    }
    let known = signals.of_probe(&poll.probe);
    let mut points = poll.points.unwrap_or_else(|why| {
        let no_data = |id: &SignalId| Point {
            instance: id.instance.clone(),
            measure: id.measure.clone(),
            outcome: Outcome::NoData(why.clone()),
        };
        known.iter().map(no_data).collect()
    });
    points.retain(|point| point.instance.as_ref().is_none_or(|instance| instance.as_str() != NONE_FOUND));
    for own in &now {
        for (measure, outcome) in own.sets() {
            let of = match &own.instance {
                Some(one) => vec![Some(one.clone())],
                None => all_of(&points, &now, measure, state.outline.probe(&own.probe)),
            };
            for instance in of {
                points.retain(|p| p.measure != *measure || p.instance != instance);
                points.push(Point { instance, measure: measure.clone(), outcome: outcome.clone() });
            }
        }
    }
    // Where the scenario names instances, the row that stood for a probe that never answered is not one of them.
    let names = |p: &Point| p.instance.is_some() && !matches!(p.outcome, Outcome::NoData(_));
    if points.iter().any(names) {
        points.retain(|p| p.instance.is_some() || !matches!(p.outcome, Outcome::NoData(_)));
    }
    poll.points = Ok(points);
    poll
}
