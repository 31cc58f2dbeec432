//! Whom to call next about an incident. Nothing here is stored but the calls that were made: the rest follows from the
//! plan's `escalate` and the time since the incident was this bad.
//!
//! - A role is called `after` the incident became this bad. Who does not answer has a backup, who is called at once.
//! - Where nobody of a rung answered, the next rung does not wait for its time.
//! - Who said to be on it, or opened the incident, needs no call; nor does who took over the shift since it was this bad:
//!   it stands in the handover that they accepted.
//! - Once nobody at all was reached it begins anew: somebody must be.
//! - It ends when the incident is mitigated. Until then an answer ends the calls to that role alone: the next rung is
//!   there for what takes too long, not only for who sleeps.

use std::collections::{BTreeMap, BTreeSet};

use super::incidents::bad_since;
use super::shifts::{on_shift, same, stands_in};
use super::{Call, Incident, LaunchState};
use crate::core::event::IncidentState;
use crate::core::ids::RoleId;
use crate::core::outline::Outline;
use crate::core::time::{Span, Timestamp};

/// A call that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextCall {
    /// By when.
    pub at: Timestamp,
    /// How long that is after the incident became this bad, as the plan says.
    pub of: Span,
    /// The role.
    pub role: RoleId,
    /// Who of it, by name.
    pub who: String,
    /// How to reach them, where the plan says.
    pub contact: Option<String>,
    /// It is the role's backup, since the role itself did not answer.
    pub backup: bool,
    /// Who is called if they don't answer either.
    pub then: Option<String>,
}

impl NextCall {
    /// `Ana, release-lead, +49 30 1`, `Tom, backup of release-lead`.
    pub fn words(&self) -> String {
        let of = if self.backup { "backup of " } else { "" };
        let contact = self.contact.as_ref().map_or_else(String::new, |c| format!(", {c}"));
        format!("{}, {of}{}{contact}", self.who, self.role)
    }
}

/// Somebody who can be called for a role.
struct Contact<'a> {
    who: &'a str,
    contact: Option<&'a str>,
}

/// Who is on shift, where this is the role that has shifts.
fn holder<'a>(state: &'a LaunchState, role: &RoleId) -> Option<&'a str> {
    on_shift(state).filter(|on| on.role == role).map(|on| on.who)
}

/// Who is meant by a name, a person's or a role's, and how to reach them; a person has a contact where a role is theirs.
pub(super) fn person<'a>(outline: &'a Outline, name: &'a str) -> (&'a str, Option<&'a str>) {
    let by_role = || outline.roles.iter().find(|(id, _)| same(id.as_str(), name)).map(|(_, role)| role);
    let found = outline.roles.values().find(|role| same(&role.name, name)).or_else(by_role);
    found.map_or((name, None), |role| (role.name.as_str(), role.contact.as_deref()))
}

/// The role itself, then its backup. Of the role that has shifts it is who took over last, and who stands in for them.
fn contacts<'a>(state: &'a LaunchState, role: &'a RoleId) -> Vec<Contact<'a>> {
    let outline = &*state.outline;
    let contact = |(who, contact)| Contact { who, contact };
    if let Some(who) = holder(state, role) {
        let backup = stands_in(state, role, who).map(|name| contact(person(outline, name)));
        return std::iter::once(contact(person(outline, who))).chain(backup).collect();
    }
    let Some(known) = outline.roles.get(role) else { return vec![Contact { who: role.as_str(), contact: None }] };
    let backup = known.backup.as_deref().map(|name| contact(person(outline, name)));
    let own = Contact { who: &known.name, contact: known.contact.as_deref() };
    std::iter::once(own).chain(backup).collect()
}

/// Who of a role is called, and how, the role itself or its backup; none where it has no backup.
pub fn who_of(state: &LaunchState, role: &RoleId, backup: bool) -> Option<(String, Option<String>)> {
    let all = contacts(state, role);
    let contact = all.get(usize::from(backup))?;
    Some((contact.who.to_owned(), contact.contact.map(str::to_owned)))
}

/// A role on the ladder: when it is called, and how long that is after the incident became this bad.
struct Due<'a> {
    at: Timestamp,
    of: Span,
    role: &'a RoleId,
}

/// All roles of the severities that count, in the order in which they are called; each once.
fn ladder<'a>(outline: &'a Outline, incident: &Incident) -> Vec<Due<'a>> {
    let rungs =
        bad_since(incident).into_iter().filter_map(|(level, since)| Some((outline.severities.get(&level)?, since)));
    let all = rungs.flat_map(|(severity, since)| {
        let rung = move |rung: &'a crate::core::outline::Rung| {
            rung.to.iter().map(move |role| Due { at: since + rung.after, of: rung.after, role })
        };
        severity.escalate.iter().flat_map(rung)
    });
    let mut all: Vec<Due<'a>> = all.collect();
    all.sort_by_key(|due| due.at);
    let mut seen = BTreeSet::new();
    all.retain(|due| seen.insert(due.role));
    all
}

/// The call that is due first, or overdue; none where nobody is to be called.
pub fn next_call(state: &LaunchState, number: u32) -> Option<NextCall> {
    next_of(state, state.incidents.get((number as usize).checked_sub(1)?)?)
}

/// When the first call of those was due that go on now: of an incident for which somebody is called, and of whom nobody
/// answered since. Each call that is made does not begin it anew.
pub(super) fn calling_since(state: &LaunchState, number: u32) -> Option<Timestamp> {
    let incident = state.incidents.get((number as usize).checked_sub(1)?)?;
    let answered = incident.calls.iter().rposition(|call| call.answered).map_or(0, |at| at + 1);
    let calls = incident.calls[..answered].to_vec();
    next_of(state, &Incident { calls, ..incident.clone() }).map(|call| call.at)
}

/// Nobody is left to call for an incident: who of the plan was not reached was called, and did not answer. Where nobody
/// was reached at all it begins anew from there, but people must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Who did not answer, by name, in the order in which they were called last.
    pub who: Vec<String>,
    /// Since when.
    pub since: Timestamp,
    /// Nobody else is on it either.
    pub nobody: bool,
}

/// Whether nobody is left to call for an incident; none where somebody is, or all were reached.
pub fn unreached(state: &LaunchState, number: u32) -> Option<Unreached> {
    let incident = state.incidents.get((number as usize).checked_sub(1)?)?;
    if incident.state >= IncidentState::Mitigated || incident.resolved.is_some() {
        return None;
    }
    let answered = incident.calls.iter().rposition(|call| call.answered).map_or(0, |at| at + 1);
    let silent = &incident.calls[answered..];
    let ladder = ladder(&state.outline, incident);
    let tried = |role: &RoleId| {
        let all = contacts(state, role);
        let called = |who: &str| silent.iter().find(|call| call.role == *role && same(&call.who, who)).map(|c| c.at);
        all.iter().map(|contact| called(contact.who)).collect::<Option<Vec<_>>>()?.into_iter().max()
    };
    let left: Vec<&Due<'_>> = ladder.iter().filter(|due| !reached(state, incident, due)).collect();
    let since = left.iter().map(|due| tried(due.role)).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let mut who: Vec<String> = Vec::new();
    for call in silent.iter().filter(|call| left.iter().any(|due| *due.role == call.role)) {
        who.retain(|known| !same(known, &call.who));
        who.push(call.who.clone());
    }
    Some(Unreached { who, since, nobody: left.len() == ladder.len() && incident.answered.is_none() })
}

/// Who opened an incident, or said to be on it, needs no call.
fn is_here(incident: &Incident, name: &str) -> bool {
    let mut known = std::iter::once(&incident.by).chain(incident.answered.as_ref().map(|said| &said.by));
    known.any(|by| by.name.eq_ignore_ascii_case(name))
}

/// Whether a role needs no call any more: somebody of it answered, is here, or took over the shift with the incident.
fn reached(state: &LaunchState, incident: &Incident, due: &Due<'_>) -> bool {
    let here = || contacts(state, due.role).iter().any(|contact| is_here(incident, contact.who));
    let answered = || incident.calls.iter().any(|call| call.role == *due.role && call.answered);
    let took_over = || {
        let taken = state.shifts.taken.as_ref().filter(|_| holder(state, due.role).is_some());
        taken.is_some_and(|taken| taken.since + due.of >= due.at)
    };
    here() || answered() || took_over()
}

fn next_of(state: &LaunchState, incident: &Incident) -> Option<NextCall> {
    if incident.state >= IncidentState::Mitigated || incident.resolved.is_some() {
        return None;
    }
    let outline = &*state.outline;
    let ladder = ladder(outline, incident);
    let reached = |due: &Due<'_>| reached(state, incident, due);
    // How many of a role did not answer in this round, and when the last one did not.
    let mut tried: BTreeMap<&RoleId, (usize, Timestamp)> = BTreeMap::new();
    let exhausted = |tried: &BTreeMap<&RoleId, (usize, Timestamp)>, role: &RoleId| {
        tried.get(role).is_some_and(|(n, _)| *n >= contacts(state, role).len())
    };
    let mut anew = None;
    // Who did not answer before the shift changed says nothing of who is on shift now.
    let since =
        |role: &RoleId| state.shifts.taken.as_ref().filter(|_| holder(state, role).is_some()).map(|taken| taken.since);
    let counts = |call: &&Call| call.answered || since(&call.role).is_none_or(|since| call.at >= since);
    let mut answered: BTreeSet<&RoleId> = BTreeSet::new();
    for call in incident.calls.iter().filter(counts) {
        if call.answered {
            answered.insert(&call.role);
            continue;
        }
        let (n, at) = tried.entry(&call.role).or_insert((0, call.at));
        (*n, *at) = ((*n).max(usize::from(call.backup)) + 1, call.at);
        let silent = |due: &Due<'_>| !answered.contains(due.role) && exhausted(&tried, due.role);
        if ladder.iter().all(silent) {
            tried.clear();
            anew = Some(call.at);
        }
    }
    // Who comes first is by the rungs: the backup of who did not answer before a rung that came due meanwhile.
    let mut found: Option<(Timestamp, Timestamp, &Due<'_>)> = None;
    // When nobody of the rungs before was left to call.
    let mut pulled: Option<Timestamp> = None;
    for rung in ladder.chunk_by(|a, b| a.at == b.at) {
        let silent = rung.iter().all(|due| !reached(due) && exhausted(&tried, due.role));
        for due in rung.iter().filter(|due| !reached(due) && !exhausted(&tried, due.role)) {
            let first = pulled.map_or(due.at, |pulled| due.at.min(pulled));
            let at = tried.get(due.role).map_or(first, |(_, at)| *at);
            let [turn, at] = [first, at].map(|at| anew.map_or(at, |anew| at.max(anew)));
            if found.is_none_or(|(earliest, ..)| turn < earliest) {
                found = Some((turn, at, due));
            }
        }
        let last = rung.iter().filter_map(|due| tried.get(due.role)).map(|(_, at)| *at).max();
        pulled = if silent { last } else { None };
    }
    let (_, at, due) = found?;
    let all = contacts(state, due.role);
    let n = tried.get(due.role).map_or(0, |(n, _)| *n);
    let contact = all.get(n)?;
    let next_role = || ladder.iter().skip_while(|other| other.role != due.role).skip(1).find(|other| !reached(other));
    let then = match all.get(n + 1) {
        Some(backup) => Some(backup.who.to_owned()),
        None => next_role().and_then(|other| Some(contacts(state, other.role).first()?.who.to_owned())),
    };
    Some(NextCall {
        at,
        of: due.of,
        role: due.role.clone(),
        who: contact.who.to_owned(),
        contact: contact.contact.map(str::to_owned),
        backup: n > 0,
        then,
    })
}
