//! What open incidents want of people, and by when. Nothing here is stored: a clock is what the plan says for the
//! severity, counted from what was done.
//!
//! - A *response* is due `respond` after the incident became this bad, until somebody says that they are on it. Opening an
//!   incident says that something is wrong, not that anyone works on it, so it is no response. A response stands when the
//!   severity changes; another one says who is on it now.
//! - An *update* is due `update` after the last one, or after the incident became this bad. Every update starts it anew.
//!   A changed description or severity tells nobody anything, so it does not.
//! - A *call* is due as the plan's escalation says, see [`super::escalation`], until the incident is mitigated.
//! - A worse severity never gives more time than the one before it gave. A better one counts from the moment since which
//!   it was at least that bad.
//!
//! These are clocks of people who look at a wall clock: they do not stand still where no engine ran. A closed incident has
//! none, nor has one of a launch that is over.

use super::{Incident, LaunchState, Status, next_call};
use crate::core::event::IncidentState;
use crate::core::outline::{SeverityOutline, Then};
use crate::core::reading::Level;
use crate::core::time::{Span, Timestamp};
use crate::core::words::clock;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// Somebody says that they are on it.
    Response,
    /// Somebody is called; whom, [`super::next_call`] says.
    Call,
    /// Somebody says how it goes.
    Update,
}

/// Something that an incident wants of people by a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The incident, counted from 1.
    pub incident: u32,
    /// What.
    pub kind: DutyKind,
    /// By when.
    pub at: Timestamp,
    /// How long the clock runs in all.
    pub of: Span,
}

impl Duty {
    /// How long there is; negative once it is overdue.
    pub fn left(&self, now: Timestamp) -> Span {
        self.at.since(now)
    }

    /// Whether its time is over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.left(now) <= Span(-1000)
    }

    /// Critical once it is due, warn in the last fifth of its time.
    pub fn level(&self, now: Timestamp) -> Level {
        match self.left(now) {
            left if left <= Span::ZERO => Level::Critical,
            left if left.times(5) < self.of => Level::Warn,
            _ => Level::Ok,
        }
    }

    /// `response due in 4:10`, `update due now`, `update OVERDUE 3:00`.
    pub fn words(&self, now: Timestamp) -> String {
        let what = match self.kind {
            DutyKind::Response => "response",
            DutyKind::Call => "call",
            DutyKind::Update => "update",
        };
        format!("{what} {}", self.when(now))
    }

    /// The same with who is called: `call Ana, release-lead, +49 30 1, due now`.
    pub fn said(&self, state: &LaunchState, now: Timestamp) -> String {
        match (self.kind, next_call(state, self.incident)) {
            (DutyKind::Call, Some(call)) => format!("call {}, {}", call.words(), self.when(now)),
            _ => self.words(now),
        }
    }

    /// The same without what it is: `due in 4:10`, `OVERDUE 3:00`.
    pub fn when(&self, now: Timestamp) -> String {
        match self.left(now).seconds() {
            left if self.is_overdue(now) => format!("OVERDUE {}", clock(Span::ZERO - left)),
            left if left.millis() < 1000 => "due now".to_owned(),
            left => format!("due in {}", clock(left)),
        }
    }
}

/// What an incident wants, what is due first at the top.
pub fn duties(state: &LaunchState, incident: u32) -> Vec<Duty> {
    let known = (incident as usize).checked_sub(1).and_then(|i| state.incidents.get(i));
    let Some(known) = known.filter(|i| i.resolved.is_none() && !matches!(state.status, Status::Ended { .. })) else {
        return Vec::new();
    };
    let bad = bad_since(known);
    let first = |kind, after: Timestamp, span: fn(&SeverityOutline) -> Option<Span>| {
        let each = bad.iter().filter_map(|(level, since)| {
            let of = span(state.outline.severities.get(level)?)?;
            Some(Duty { incident, kind, at: after.max(*since) + of, of })
        });
        each.min_by_key(|d| d.at)
    };
    let told = known.updated.as_ref().map_or(known.opened, |u| u.at);
    let response = first(DutyKind::Response, known.opened, |s| s.respond).filter(|_| known.answered.is_none());
    let update = first(DutyKind::Update, told, |s| s.update);
    let call = next_call(state, incident).map(|call| Duty { incident, kind: DutyKind::Call, at: call.at, of: call.of });
    let mut found: Vec<Duty> = response.into_iter().chain(call).chain(update).collect();
    found.sort_by_key(|d| (d.at, d.kind));
    found
}

/// The numbers of the open incidents, the gravest at the top, of one severity the oldest.
pub fn open_incidents(state: &LaunchState) -> Vec<u32> {
    let open = (1..).zip(&state.incidents).filter(|(_, incident)| incident.resolved.is_none());
    let mut all: Vec<(u8, u32)> = open.map(|(number, incident)| (incident.level, number)).collect();
    all.sort_unstable();
    all.into_iter().map(|(_, number)| number).collect()
}

/// The same as they are called: `SEV2 #1 checkout is slow`.
pub fn open_incidents_called(state: &LaunchState) -> Vec<String> {
    let called = |number: u32| {
        let own = state.incidents.get((number as usize).checked_sub(1)?)?;
        Some(format!("SEV{} #{number} {}", own.level, own.text).trim_end().to_owned())
    };
    open_incidents(state).into_iter().filter_map(called).collect()
}

/// What is due first of all that the open incidents want.
pub fn next_duty(state: &LaunchState) -> Option<Duty> {
    let all = (1..).zip(&state.incidents).flat_map(|(number, _)| duties(state, number));
    all.min_by_key(|d| (d.at, d.kind, d.incident))
}

/// Since when an incident asks to go back, as its severity's `then` says; none where it does not, where people act on it
/// (`mitigating`), or where a way back was begun since.
pub fn proposes_back(state: &LaunchState, number: u32) -> Option<Timestamp> {
    let incident = state.incidents.get((number as usize).checked_sub(1)?)?;
    if incident.resolved.is_some() || matches!(state.status, Status::Ended { .. }) {
        return None;
    }
    let proposes = |level: &u8| state.outline.severities.get(level).is_some_and(|s| s.then.contains(&Then::Propose));
    let since = bad_since(incident).into_iter().filter(|(level, _)| proposes(level)).map(|(_, since)| since).max()?;
    let acted = incident.states.iter().any(|(at, to)| *at >= since && *to > IncidentState::Investigating);
    let went_back = state.rollbacks.iter().any(|back| back.started >= since);
    (!acted && !went_back).then_some(since)
}

/// The severities that count for an incident, each with the moment since which it was at least that bad: the present one
/// and those it rose from.
pub(super) fn bad_since(incident: &Incident) -> Vec<(u8, Timestamp)> {
    let mut since: Vec<(u8, Timestamp)> = vec![(incident.level, incident.opened)];
    let mut floor = incident.level;
    for (at, level) in incident.levels.iter().rev() {
        if *level > floor {
            floor = *level;
            since.push((floor, *at));
        } else if let Some(last) = since.last_mut() {
            last.1 = *at;
        }
    }
    since
}
