//! Severities: any number of incidents may be open.

use super::Case;
use crate::core::event::Event;
use crate::core::order::{Operator, Rejection};

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
                return Err(Rejection::new(format!("incident {number} is a SEV{level} already")));
            }
            (number, Some(known.level))
        }
    };
    Ok(vec![Event::SeveritySet { incident, level, by: by.clone(), text: text.trim().to_owned(), was }])
}

pub(super) fn describe(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    let known = open(case, incident)?;
    let text = needed(text, "say what is wrong")?;
    if text == known.text {
        return Err(Rejection::new(format!("incident {incident} is described so already")));
    }
    Ok(vec![Event::SeveritySet { incident, level: known.level, by: by.clone(), text, was: Some(known.level) }])
}

pub(super) fn respond(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    let known = open(case, incident)?;
    let text = text.trim().to_owned();
    if known.answered.as_ref().is_some_and(|a| a.by.name == by.name && (text.is_empty() || text == a.text)) {
        return Err(Rejection::but(format!("you are on incident {incident} already"), "give an update"));
    }
    Ok(vec![Event::IncidentAnswered { incident, by: by.clone(), text }])
}

pub(super) fn update(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    open(case, incident)?;
    let text = needed(text, "say how it goes, also where nothing is new")?;
    Ok(vec![Event::IncidentUpdated { incident, by: by.clone(), text }])
}

pub(super) fn resolved(case: Case<'_>, by: &Operator, incident: u32, text: &str) -> Result<Vec<Event>, Rejection> {
    open(case, incident)?;
    Ok(vec![Event::IncidentResolved { incident, by: by.clone(), text: text.trim().to_owned() }])
}

fn needed(text: &str, way_out: &str) -> Result<String, Rejection> {
    let text = text.trim();
    if text.is_empty() { Err(Rejection::but("the text is missing", way_out)) } else { Ok(text.to_owned()) }
}

fn open(case: Case<'_>, number: u32) -> Result<&crate::core::launch::Incident, Rejection> {
    let known = (number as usize).checked_sub(1).and_then(|i| case.state.incidents.get(i));
    let known = known.ok_or_else(|| Rejection::new(format!("there is no incident {number}")))?;
    match &known.resolved {
        Some((_, by)) => Err(Rejection::but(
            format!("incident {number} was closed by {}", by.name),
            "open another one with a severity",
        )),
        None => Ok(known),
    }
}
