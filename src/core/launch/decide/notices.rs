//! What people are told, acknowledge and mute.

use std::collections::BTreeSet;

use super::Case;
use crate::core::event::{Actor, Event};
use crate::core::ids::{ChannelId, TriggerId};
use crate::core::launch::LaunchState;
use crate::core::launch::due::appointment;
use crate::core::launch::notices::{Delivery, Notice, Worth, gives_up, over, retry, worth};
use crate::core::notice::{Act, Backup, Fact, Muted, NoticeKind, Subject};
use crate::core::order::{Operator, Rejection, What};
use crate::core::time::{Span, Timestamp};

/// A mute ends by itself within this time, so that none is forgotten.
const LONGEST: Span = Span::mins(24 * 60);

/// What of all that is worth telling is not told yet, and what of what was told is over.
pub(super) fn look(case: Case<'_>, events: &mut Vec<Event>) {
    let notices = &case.state.notices;
    let fact = |fact| Event::Notice(fact);
    for mute in notices.mutes.iter().filter(|m| m.until <= case.now) {
        events.push(fact(Fact::Unmuted { of: mute.of.clone(), by: Actor::Engine }));
    }
    if case.state.outline.notify.is_empty() && notices.standing().next().is_none() {
        return;
    }
    let all = worth(case.state, case.signals, case.now);
    let mut number = notices.count;
    for new in all.iter().filter(|w| !notices.standing().any(|n| w.is(n))) {
        number += 1;
        match raised(case, new, number) {
            Some(raised) => events.push(fact(raised)),
            None => number -= 1,
        }
    }
    for notice in notices.standing() {
        let worth = all.iter().find(|w| w.is(notice));
        let over = worth.is_none().then(|| over(case.state, case.signals, notice, case.now)).flatten();
        events.extend(match over {
            Some(why) => Some(fact(Fact::Over { notice: notice.number, why })),
            None => still(case, notice, worth).map(fact),
        });
    }
}

/// The next moment at which a look could find something here.
pub(in crate::core::launch) fn deadlines(state: &LaunchState) -> Vec<Timestamp> {
    let notices = &state.notices;
    let backups = notices.standing().filter(|n| n.wants_someone() && n.muted.is_none());
    let backups = backups.filter(|n| notices.mute_of(&n.subject).is_none());
    let backups = backups.filter_map(|n| Some(appointment(state, n.asked(), n.unacked.first()?.after)));
    notices.mutes.iter().map(|m| m.until).chain(backups).collect()
}

/// A notice of what no notice tells; none where no rule asks for it.
fn raised(case: Case<'_>, worth: &Worth, number: u32) -> Option<Fact> {
    let (mut to, mut unacked) = rules(case, worth.kind)?;
    if (worth.kind, &worth.subject) == (NoticeKind::Overdue, &Subject::Shift) {
        // Who does not come to relieve somebody will hardly acknowledge it: who stands in is told at once.
        let backups = unacked.drain(..).flat_map(|backup| backup.to);
        to.extend(backups.collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        to.retain(|id| seen.insert(id.clone()));
    }
    let known = || case.state.notices.raised.iter().any(|notice| notice.key == worth.key);
    let key = match worth.kind {
        NoticeKind::Critical => format!("{}{number}", worth.key),
        // A receiver would take it for what it was told to be over.
        _ if known() => worth.once_more(number),
        _ => worth.key.clone(),
    };
    let (kind, subject, text) = (worth.kind, worth.subject.clone(), worth.text.clone());
    let muted = case.state.notices.mute_of(&subject).map(|m| format!("{}: {}", m.by, m.why));
    Some(Fact::Raised { notice: number, key, kind, subject, text, to, unacked, muted })
}

/// By which channels a kind is told, and who stands in, soonest first; none where no rule names it.
fn rules(case: Case<'_>, kind: NoticeKind) -> Option<(Vec<ChannelId>, Vec<Backup>)> {
    let (mut to, mut unacked) = (Vec::new(), Vec::new());
    for rule in case.state.outline.notify.iter().filter(|rule| rule.on.contains(&kind)) {
        for id in &rule.to {
            if !to.contains(id) {
                to.push(id.clone());
            }
        }
        unacked.extend(rule.unacked.clone().filter(|backup| !unacked.contains(backup)));
    }
    unacked.sort_by_key(|backup: &Backup| backup.after);
    (!to.is_empty()).then_some((to, unacked))
}

/// What is to be done about a notice that stands; what it tells may not be known at this moment.
fn still(case: Case<'_>, notice: &Notice, worth: Option<&Worth>) -> Option<Fact> {
    let number = notice.number;
    if let (None, Some((by, text))) = (&notice.acked, worth.and_then(|w| w.seen.as_ref())) {
        let (by, text) = (by.clone(), text.clone());
        return Some(Fact::Acknowledged { notices: vec![number], triggers: Vec::new(), by, text });
    }
    if case.state.notices.mute_of(&notice.subject).is_some() {
        return None;
    }
    if notice.muted.is_some() {
        let why = "the mute is over".to_owned();
        return Some(Fact::Routed { notice: number, to: notice.to.clone(), why, backup: false });
    }
    let backup = notice.unacked.first().filter(|_| notice.acked.is_none())?;
    let due = appointment(case.state, notice.asked(), backup.after) <= case.now;
    let why = format!("nobody acknowledged it for {}", backup.after);
    due.then(|| Fact::Routed { notice: number, to: backup.to.clone(), why, backup: true })
}

/// That the launch is over: after it nobody looks any more.
pub(super) fn ended(case: Case<'_>, by: &Operator, why: &str) -> Option<Event> {
    let (kind, subject) = (NoticeKind::Ended, Subject::Launch);
    let text = format!("the launch was ended by {by}: {why}");
    let worth = Worth { kind, subject, key: "ended".to_owned(), text, seen: None };
    raised(case, &worth, case.state.notices.count + 1).map(Event::Notice)
}

/// What became of a post. One that is known already says nothing new.
pub(super) fn posted(
    case: Case<'_>,
    channel: &ChannelId,
    posts: &[(u32, Act)],
    result: Result<(), super::Undelivered>,
) -> Vec<Event> {
    let of = |(number, act): &(u32, Act)| {
        let mut queue = case.state.notices.queue.iter();
        queue.find(|d| d.channel == *channel && d.notice == *number && d.act == *act)
    };
    let open: Vec<&Delivery> = posts.iter().filter_map(of).collect();
    let Err(failed) = result else {
        // What was over in a mute waits no more, and may have been under way.
        let after_all = |(number, act): &(u32, Act)| {
            let known = case.state.notices.get(*number).is_some_and(|n| !n.sent.contains(channel));
            known && *act == Act::Trigger && case.state.outline.channels.iter().any(|c| c.id == *channel)
        };
        let new = posts.iter().filter(|post| of(post).is_some() || after_all(post)).copied();
        let (channel, posts) = (channel.clone(), new.collect::<Vec<_>>());
        return if posts.is_empty() { Vec::new() } else { vec![Event::Notice(Fact::Sent { channel, posts })] };
    };
    let posts = |of: &[&Delivery]| of.iter().map(|d| (d.notice, d.act)).collect::<Vec<_>>();
    let Some(tries) = open.iter().map(|d| d.tries + 1).min() else { return Vec::new() };
    let next = retry(tries, failed.retry_after, case.now);
    let refused = failed.refused;
    let hopeless = |d: &&Delivery| gives_up(d.refusals + u32::from(refused), d.failed.unwrap_or(case.now), next);
    let (gone, again): (Vec<&Delivery>, Vec<&Delivery>) = open.into_iter().partition(hopeless);
    let these = [(gone, None), (again, Some(next))].into_iter().filter(|(these, _)| !these.is_empty());
    let fact = |(these, next): (Vec<&Delivery>, _)| {
        let (channel, posts, why) = (channel.clone(), posts(&these), failed.why.clone());
        Event::Notice(Fact::Failed { channel, posts, why, next, refused })
    };
    these.map(fact).collect()
}

pub(super) fn acknowledge(
    case: Case<'_>,
    by: &Operator,
    notices: &[u32],
    triggers: &[TriggerId],
    text: &str,
) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    let trigger = |notice: &Notice| match &notice.subject {
        Subject::Trigger(id) => Some(id.clone()),
        _ => None,
    };
    let named = |n: &&Notice| notices.contains(&n.number) || trigger(n).is_some_and(|id| triggers.contains(&id));
    let open: Vec<&Notice> = state.notices.standing().filter(|n| n.acked.is_none()).filter(named).collect();
    let mut fired: Vec<TriggerId> = triggers.iter().cloned().chain(open.iter().filter_map(|n| trigger(n))).collect();
    fired.sort();
    fired.dedup();
    fired.retain(|id| state.triggers.get(id).and_then(|t| t.fired.as_ref()).is_some_and(|f| f.acked.is_none()));
    if open.is_empty() && fired.is_empty() {
        return Err(Rejection::new(nothing_to_acknowledge(case, notices, triggers)));
    }
    let (by, text) = (by.clone(), text.trim().to_owned());
    // Who is on what is told of an incident is on the incident.
    let mut incidents: Vec<u32> = open.iter().filter_map(|n| unanswered(state, n)).collect();
    incidents.sort_unstable();
    incidents.dedup();
    let notices = open.iter().map(|n| n.number).collect();
    let (who, said) = (&by, &text);
    let answered =
        incidents.into_iter().map(|incident| Event::IncidentAnswered { incident, by: who.clone(), text: said.clone() });
    let answered: Vec<Event> = answered.collect();
    let acked = Event::Notice(Fact::Acknowledged { notices, triggers: fired, by, text });
    Ok(std::iter::once(acked).chain(answered).collect())
}

/// The open incident that a notice is about, where nobody said that they are on it.
fn unanswered(state: &LaunchState, notice: &Notice) -> Option<u32> {
    let Subject::Incident(number) = notice.subject else { return None };
    let known = state.incidents.get((number as usize).checked_sub(1)?)?;
    (known.answered.is_none() && known.resolved.is_none()).then_some(number)
}

fn nothing_to_acknowledge(case: Case<'_>, notices: &[u32], triggers: &[TriggerId]) -> String {
    if let Some(id) = triggers.first() {
        return match case.state.triggers.get(id).and_then(|t| t.fired.as_ref()?.acked.as_ref()) {
            Some(said) => format!("{} is on `{id}` already", said.by),
            None => format!("`{id}` has not fired"),
        };
    }
    let Some(number) = notices.first() else { return "nothing wants to be acknowledged".to_owned() };
    match case.state.notices.get(*number) {
        Some(Notice { over: Some(_), text, .. }) => format!("notice {number} is over: {text}"),
        Some(Notice { acked: Some(said), .. }) => format!("{} is on notice {number} already", said.by),
        _ => format!("there is no notice {number}, or it was over long ago"),
    }
}

pub(super) fn mute(case: Case<'_>, by: &Operator, of: &Muted, span: Span, why: &str) -> Result<Vec<Event>, Rejection> {
    known(case, of)?;
    if span <= Span::ZERO || span > LONGEST {
        let order = What::Mute { of: of.clone(), span: Span::mins(60), why: why.to_owned() };
        let instead = format!("say how long, at most {LONGEST}; it can be muted anew");
        return Err(Rejection::but(format!("a mute of {span} is none that ends in time"), instead).or(order));
    }
    let why = case.said(why, "a mute")?.to_owned();
    Ok(vec![Event::Notice(Fact::Muted { of: of.clone(), until: case.now + span, by: by.clone(), why })])
}

pub(super) fn unmute(case: Case<'_>, by: &Operator, of: &Muted) -> Result<Vec<Event>, Rejection> {
    let mutes = &case.state.notices.mutes;
    if !mutes.iter().any(|m| m.of == *of) {
        let rejection = Rejection::new(match mutes.len() {
            0 => "nothing is muted".to_owned(),
            _ => format!("`{of}` is not muted"),
        });
        return Err(rejection.any(mutes.iter().map(|m| What::Unmute { of: m.of.clone() })));
    }
    Ok(vec![Event::Notice(Fact::Unmuted { of: of.clone(), by: Actor::Operator(by.clone()) })])
}

fn known(case: Case<'_>, of: &Muted) -> Result<(), Rejection> {
    let outline = &case.state.outline;
    match of {
        Muted::Probe(id) if outline.probe(id).is_none() => Err(Rejection::new(format!("the plan has no probe `{id}`"))),
        Muted::Trigger(id) if outline.trigger(id).is_none() => {
            Err(Rejection::new(format!("the plan has no trigger `{id}`")))
        }
        _ => Ok(()),
    }
}

/// A message that says that it is a test, whatever is muted.
pub(super) fn test(case: Case<'_>, by: &Operator, channel: &ChannelId) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if !state.outline.channels.iter().any(|c| c.id == *channel) {
        let known: Vec<&str> = state.outline.channels.iter().map(|c| c.id.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Rejection::new(format!("the plan has no channel `{channel}`: it has {known}")));
    }
    if state.stands_in() {
        return Err(Rejection::but("a rehearsal sends nothing", "try the channel in a live launch"));
    }
    let notice = state.notices.count + 1;
    Ok(vec![Event::Notice(Fact::Raised {
        notice,
        key: format!("test/{channel}/{notice}"),
        kind: NoticeKind::Test,
        subject: Subject::Launch,
        text: format!("this is a test of the channel {channel}, asked for by {by}"),
        to: vec![channel.clone()],
        unacked: Vec::new(),
        muted: None,
    })])
}
