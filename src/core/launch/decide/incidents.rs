//! Severities: any number of incidents may be open.

use super::{Case, Finding};
use crate::core::event::{Event, IncidentState, Onset};
use crate::core::ids::{ProbeId, RoleId};
use crate::core::launch::{Incident, observed_before, who_of};
use crate::core::order::{Operator, Rejection, What};
use crate::core::outline::Then;
use crate::core::reading::Level;
use crate::core::time::Span;

/// What is wrong is looked for so far back.
const LONGEST: Span = Span::mins(120);

pub(super) fn severity(
    case: Case<'_>,
    by: &Operator,
    incident: Option<u32>,
    level: u8,
    text: &str,
) -> Result<Vec<Event>, Rejection> {
    if !(1..=4).contains(&level) {
        return Err(Rejection::but(format!("there is no SEV{level}"), "1 is the worst, 4 the least"));
    }
    let (incident, was) = match incident {
        None => (u32::try_from(case.state.incidents.len()).unwrap_or(u32::MAX).saturating_add(1), None),
        Some(number) => {
            let known = open(case, number)?;
            if known.level == level && (text.trim().is_empty() || text.trim() == known.text) {
                let describe = What::Describe { incident: number, text: String::new() };
                return Err(Rejection::new(format!("incident {number} is a SEV{level} already")).or(describe));
            }
            (number, Some(known.level))
        }
    };
    let text = text.trim().to_owned();
    let worse = was.is_none_or(|was| level < was);
    let then = case.state.outline.severities.get(&level).map_or(&[][..], |severity| &severity.then);
    let begins = format!("SEV{level} #{incident}: ");
    let said = if text.is_empty() { "not described yet" } else { &text };
    let held = (worse && then.contains(&Then::Hold)).then(|| case.hold(&begins, format!("{begins}{said}"))).flatten();
    let onset = if was.is_none() { wrong_first(case) } else { None };
    let set = Event::SeveritySet { incident, level, by: by.clone(), text, was, onset };
    Ok(std::iter::once(set).chain(held).collect())
}

/// What of all that is measured is wrong now for longest: what a trigger waits for, what ends a step, what is critical. A
/// trigger says more than a signal that became critical with it. What an incident was opened about is not what the next
/// one is about.
fn wrong_first(case: Case<'_>) -> Option<Onset> {
    let before = |at, lasted| observed_before(case.state, at, lasted);
    let running = |finding: Finding| {
        finding.now.is_true().then(|| finding.since.unwrap_or_else(|| before(case.now, finding.lasted)))
    };
    let triggers = case.state.outline.triggers.iter().filter_map(|trigger| {
        let when = trigger.when()?;
        let fired = case.state.triggers.get(&trigger.id).and_then(|own| own.fired.as_ref());
        let since = match fired {
            Some(fired) => before(fired.at, fired.evidence.lasted.unwrap_or_default()),
            None => running(case.any(when, case.state.trigger_since(&trigger.id), trigger.no_data))?,
        };
        Some((Onset { since, what: trigger.title.clone() }, &when.subject.probe))
    });
    let triggers: Vec<(Onset, &ProbeId)> = triggers.collect();
    let critical = case.signals.ids().into_iter().filter_map(|id| {
        let bad = |at| case.signals.level(&id, at).0 == Level::Critical;
        let readings = case.signals.readings_since(&id, case.now - LONGEST);
        let since = readings.into_iter().rev().take_while(|at| bad(*at)).last().filter(|_| bad(case.now))?;
        let every = case.state.outline.probe(&id.probe).map_or(Span::ZERO, |probe| probe.every);
        let told = triggers.iter().any(|(onset, probe)| **probe == id.probe && onset.since <= since + every);
        (!told).then(|| Onset { since, what: format!("{id} was critical") })
    });
    let critical: Vec<Onset> = critical.collect();
    let steps = case.state.outline.steps.iter().filter_map(|step| {
        let own = case.state.steps.get(&step.id).filter(|own| own.status.is_active())?;
        let started = own.started.unwrap_or(case.state.opened);
        let all = step.fail.iter().filter_map(|condition| {
            let since = running(case.fails(condition, started))?;
            Some(Onset { since, what: format!("{}: {condition}", step.title) })
        });
        all.min_by_key(|onset| onset.since)
    });
    let triggers = triggers.into_iter().map(|(onset, _)| onset);
    let known = |onset: &Onset| {
        let about = |known: &Incident| known.onset.as_ref().is_some_and(|own| own.what == onset.what);
        case.state.incidents.iter().any(|known| about(known) && onset.since <= known.opened)
    };
    triggers.chain(steps).chain(critical).filter(|onset| !known(onset)).min_by_key(|onset| onset.since)
}

/// Says how far people are. Closing is an order of its own, and a mitigated incident may come back.
pub(super) fn moved(
    case: Case<'_>,
    by: &Operator,
    incident: u32,
    to: IncidentState,
    text: &str,
) -> Result<Vec<Event>, Rejection> {
    let known = open(case, incident)?;
    if to == IncidentState::Resolved {
        return resolved(case, by, incident, text);
    }
    if known.state == to {
        let update = What::Update { incident, text: String::new() };
        return Err(Rejection::new(format!("incident {incident} is {} already", to.word())).or(update));
    }
    Ok(vec![Event::IncidentMoved { incident, to, by: by.clone(), text: text.trim().to_owned() }])
}

/// Somebody was called, whether the escalation wanted them next or not.
pub(super) fn called(
    case: Case<'_>,
    by: &Operator,
    incident: u32,
    (role, backup): (&RoleId, bool),
    answered: bool,
    text: &str,
) -> Result<Vec<Event>, Rejection> {
    open(case, incident)?;
    let roles = &case.state.outline.roles;
    if !roles.contains_key(role) {
        let known: Vec<&str> = roles.keys().map(RoleId::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Rejection::new(format!("the plan has no role `{role}`: it has {known}")));
    }
    let Some((who, _)) = who_of(case.state, role, backup) else {
        return Err(Rejection::new(format!("`{role}` has no backup in the plan")));
    };
    let (role, by, text) = (role.clone(), by.clone(), text.trim().to_owned());
    Ok(vec![Event::IncidentCalled { incident, role, who, backup, answered, by, text }])
}

pub(super) fn describe(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    let known = open(case, incident)?;
    let text = needed(case, text, "a description")?;
    if text == known.text {
        return Err(Rejection::new(format!("incident {incident} is described so already")));
    }
    Ok(vec![Event::SeveritySet {
        incident,
        level: known.level,
        by: by.clone(),
        text,
        was: Some(known.level),
        onset: None,
    }])
}

pub(super) fn respond(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    let known = open(case, incident)?;
    let text = text.trim().to_owned();
    if known.answered.as_ref().is_some_and(|a| a.by.name == by.name && (text.is_empty() || text == a.text)) {
        let update = What::Update { incident, text: String::new() };
        return Err(Rejection::new(format!("you are on incident {incident} already")).or(update));
    }
    Ok(vec![Event::IncidentAnswered { incident, by: by.clone(), text }])
}

pub(super) fn update(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    open(case, incident)?;
    let text = needed(case, text, "an update, also one that nothing is new,")?;
    Ok(vec![Event::IncidentUpdated { incident, by: by.clone(), text }])
}

pub(super) fn resolved(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    open(case, incident)?;
    Ok(vec![Event::IncidentResolved { incident, by: by.clone(), text: text.trim().to_owned() }])
}

fn needed(case: Case<'_>, text: &str, what: &str) -> Result<String, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejection::new(format!("{what} needs a text")).any(case.anew()));
    }
    Ok(text.to_owned())
}

fn open(case: Case<'_>, number: u32) -> Result<&crate::core::launch::Incident, Rejection> {
    let known = (number as usize).checked_sub(1).and_then(|i| case.state.incidents.get(i));
    let known = known.ok_or_else(|| match open_ones(case).as_str() {
        "" => Rejection::new(format!("there is no incident {number}: none is open")),
        open => Rejection::new(format!("there is no incident {number}: open are {open}")),
    })?;
    match &known.resolved {
        Some((_, by)) => Err(Rejection::but(format!("incident {number} was closed by {by}"), "open another one")
            .or(What::Severity { incident: None, level: known.level, text: String::new() })),
        None => Ok(known),
    }
}

/// The numbers of the open ones: `#1, #3`.
fn open_ones(case: Case<'_>) -> String {
    let open = (1..).zip(&case.state.incidents).filter(|(_, incident)| incident.resolved.is_none());
    open.map(|(number, _)| format!("#{number}")).collect::<Vec<_>>().join(", ")
}
