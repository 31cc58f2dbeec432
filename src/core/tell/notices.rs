//! What happened about notices, in words.

use super::{Told, Tone, colon};
use crate::core::event::Actor;
use crate::core::ids::ChannelId;
use crate::core::launch::LaunchState;
use crate::core::notice::{Act, Fact, Muted, NoticeKind};
use crate::core::time::Offset;
use crate::core::wall::Wall;

pub(super) fn tell(state: &LaunchState, fact: &Fact) -> Told {
    let told = |tone, kind, text: String| Told { tone, kind, text };
    match fact {
        Fact::Raised { notice, kind, text, to, muted, .. } => {
            let to = match muted {
                Some(who) => format!("to nobody, muted by {who}"),
                None if state.stands_in() => format!("would go to {} (a rehearsal sends nothing)", listed(to)),
                None => format!("to {}", listed(to)),
            };
            let tone = match kind {
                NoticeKind::Gate | NoticeKind::Handover | NoticeKind::Ended | NoticeKind::Test | NoticeKind::Sev4 => {
                    Tone::Plain
                }
                _ => Tone::Warn,
            };
            told(tone, "notice", format!("notice {notice} {to}: {text}"))
        }
        Fact::Routed { notice, to, why, .. } => {
            told(Tone::Warn, "notice", format!("notice {notice} to {}: {why}", listed(to)))
        }
        Fact::Over { notice, why } => told(Tone::Good, "notice", format!("notice {notice} is over: {why}")),
        Fact::Acknowledged { notices, triggers, by, text } => {
            let triggers = triggers.iter().map(ToString::to_string);
            let numbers: Vec<String> = notices.iter().map(ToString::to_string).collect();
            let numbers = (!numbers.is_empty()).then(|| format!("notice {}", numbers.join(", ")));
            let what = triggers.chain(numbers).collect::<Vec<_>>().join(", ");
            told(Tone::Said, "ack", format!("{by} is on it ({what}){}", colon(text)))
        }
        Fact::Sent { channel, posts } => told(Tone::Plain, "sent", format!("{channel} told of {}", said(posts))),
        Fact::Failed { channel, posts, why, next, .. } => {
            let (tone, then) = match next {
                Some(_) => (Tone::Warn, "it is tried again"),
                None => (Tone::Bad, "given up"),
            };
            told(tone, "sent", format!("{channel} could not tell of {}: {why}; {then}", said(posts)))
        }
        Fact::Muted { of, until, by, why } => {
            let (wall, offset) = (Wall::of(state), Offset(until.since(state.t0).seconds()));
            let until = format!("{} ({offset})", wall.zoned(*until, *until));
            told(Tone::Said, "mute", format!("{} muted until {until} by {by}: {why}", name(of)))
        }
        Fact::Unmuted { of, by } => {
            let why = match by {
                Actor::Engine => "its time is over".to_owned(),
                Actor::Operator(by) => format!("says {by}"),
            };
            told(Tone::Said, "mute", format!("{} is no longer muted: {why}", name(of)))
        }
        Fact::Unknown => told(Tone::Warn, "?", "written by a newer tminus".to_owned()),
    }
}

fn name(of: &Muted) -> String {
    if *of == Muted::All { "everything".to_owned() } else { of.to_string() }
}

fn listed(to: &[ChannelId]) -> String {
    to.iter().map(ChannelId::as_str).collect::<Vec<_>>().join(", ")
}

/// `notice 7`, `the end of notice 6`, ….
fn said(posts: &[(u32, Act)]) -> String {
    let each = posts.iter().map(|(number, act)| match act {
        Act::Trigger => format!("notice {number}"),
        Act::Acknowledge => format!("who is on notice {number}"),
        Act::Resolve => format!("the end of notice {number}"),
    });
    each.collect::<Vec<_>>().join(", ")
}
