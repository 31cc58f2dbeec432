//! *Explain* of messages: what people were told of something, by which channels, and what became of it.

use super::super::notices::{Delivery, Notice};
use super::super::{LaunchState, Waiting};
use super::Explanation;
use crate::core::ids::ChannelId;
use crate::core::notice::Act;
use crate::core::order::What;
use crate::core::time::Timestamp;
use crate::core::wall::Wall;

/// The name of a notice: `notice-3`.
fn name(notice: &Notice) -> String {
    format!("notice-{}", notice.number)
}

/// One line for each notice of a subject, as `errors` or `#1`, oldest first.
pub(in crate::core::launch) fn told_of(state: &LaunchState, subject: &str, now: Timestamp) -> Vec<String> {
    let of = state.notices.raised.iter().filter(|notice| notice.subject.to_string() == subject);
    of.map(|notice| format!("{} ({}), {}", name(notice), notice.kind, course(state, notice, now).join("; "))).collect()
}

/// One notice by its name.
pub(in crate::core::launch) fn notice(state: &LaunchState, called: &str, now: Timestamp) -> Option<Waiting> {
    let notice = state.notices.raised.iter().find(|notice| name(notice) == called)?;
    let muted = notice.muted.is_some() || state.notices.mute_of(&notice.subject).is_some();
    let word = match (&notice.over, &notice.acked) {
        (Some(_), _) => "over",
        (None, Some(_)) => "somebody is on it",
        (None, None) if muted => "muted, nobody is on it",
        (None, None) => "nobody is on it",
    };
    let mut why = Explanation::new(word, Some(notice.raised));
    why.because.push(format!("{}: {}", notice.kind, notice.text));
    why.because.extend(course(state, notice, now));
    if notice.wants_someone() {
        let (notices, triggers, text) = (vec![notice.number], Vec::new(), String::new());
        why.orders.push(What::Acknowledge { notices, triggers, text });
    }
    Some(Waiting { name: name(notice), title: format!("Notice {} of {}", notice.number, notice.subject), why })
}

/// What became of it: `raised at 02:12`, `sent by oncall`, `given up by slack`, `ben is on it since 02:14`, ….
fn course(state: &LaunchState, notice: &Notice, now: Timestamp) -> Vec<String> {
    let wall = Wall::of(state);
    let at = |then| wall.near(then, now);
    let listed = |all: &[ChannelId]| all.iter().map(ChannelId::as_str).collect::<Vec<_>>().join(", ");
    let mut said = vec![format!("raised at {}", at(notice.raised))];
    match &notice.muted {
        Some(who) => said.push(format!("told to nobody: muted by {who}")),
        None if state.stands_in() => {
            said.push(format!("would go to {}: a rehearsal sends nothing", listed(&notice.to)))
        }
        None => {}
    }
    said.extend((!notice.sent.is_empty()).then(|| format!("sent by {}", listed(&notice.sent))));
    said.extend((!notice.given_up.is_empty()).then(|| format!("given up by {}", listed(&notice.given_up))));
    let waits = state.notices.queue.iter().filter(|of| of.notice == notice.number && of.act == Act::Trigger);
    said.extend(waits.map(|of| waiting(state, of, &at)));
    if let Some(acked) = &notice.acked {
        let text = if acked.text.is_empty() { String::new() } else { format!(": {}", acked.text) };
        said.push(format!("{} is on it since {}{text}", acked.by, at(acked.at)));
    } else if let Some(backup) = notice.unacked.first().filter(|_| notice.wants_someone()) {
        let (to, after) = (listed(&backup.to), backup.after);
        let told = at(super::appointment(state, notice.asked(), after));
        said.push(match state.notices.mute_of(&notice.subject) {
            Some(_) => format!("unless somebody acknowledges it, {to} is told {after} after the mute ended"),
            None => format!("unless somebody acknowledges it, {to} is told at {told}"),
        });
    }
    said.extend(
        notice
            .over
            .as_ref()
            .filter(|(_, why)| !why.is_empty())
            .map(|(then, why)| format!("over at {}: {why}", at(*then))),
    );
    said
}

/// What is still to be sent: `waits for slack, tried 2 times, again at 02:15: connection refused`.
fn waiting(state: &LaunchState, of: &Delivery, at: &dyn Fn(Timestamp) -> String) -> String {
    let failing = state.notices.channels.get(&of.channel).and_then(|own| own.failing.as_ref());
    let tried = match of.tries {
        0 => String::new(),
        1 => ", tried once".to_owned(),
        n => format!(", tried {n} times"),
    };
    let again = failing.map_or_else(String::new, |failing| {
        let next = failing.next.map_or_else(String::new, |next| format!(", again at {}", at(next)));
        format!("{next}: {}", failing.why)
    });
    if state.notices.is_held(of) {
        return format!("{} is told when it is no longer muted, where it still stands{tried}", of.channel);
    }
    format!("waits for {}{tried}{again}", of.channel)
}
