//! What the report says of messages: what people were told, by which channels, when it was sent, who was on it.

use super::{MessageReport, Said};
use crate::core::notice::{Act, Fact};
use crate::core::time::Timestamp;
use crate::core::wall::Wall;

/// What a fact adds to the messages.
pub(super) fn fold(all: &mut Vec<MessageReport>, fact: &Fact, at: Timestamp) {
    let mut of = |number: u32, with: &dyn Fn(&mut MessageReport)| {
        all.iter_mut().filter(|own| own.notice == number).for_each(with);
    };
    let words = |to: &[crate::core::ids::ChannelId]| to.iter().map(ToString::to_string).collect::<Vec<_>>();
    let told = |by: &str, text: &str| Said { at, by: by.to_owned(), text: text.to_owned() };
    match fact {
        Fact::Raised { notice, kind, text, to, muted, .. } => all.push(MessageReport {
            notice: *notice,
            at,
            kind: *kind,
            text: text.clone(),
            to: words(to),
            muted: muted.clone(),
            sent: Vec::new(),
            failed: Vec::new(),
            acknowledged: None,
            over: None,
        }),
        Fact::Routed { notice, to, .. } => of(*notice, &|own| {
            own.to.extend(words(to).into_iter().filter(|id| !own.to.contains(id)).collect::<Vec<_>>());
        }),
        Fact::Sent { channel, posts } => {
            for (number, _) in posts.iter().filter(|(_, act)| *act == Act::Trigger) {
                of(*number, &|own| own.sent.push(told(channel.as_str(), "")));
            }
        }
        Fact::Failed { channel, posts, why, next: None, .. } => {
            for (number, _) in posts.iter().filter(|(_, act)| *act == Act::Trigger) {
                of(*number, &|own| own.failed.push(told(channel.as_str(), why)));
            }
        }
        Fact::Acknowledged { notices, by, text, .. } => {
            for number in notices {
                of(*number, &|own| own.acknowledged = Some(told(&by.to_string(), text)));
            }
        }
        Fact::Over { notice, why } => of(*notice, &|own| own.over = Some(told("engine", why))),
        Fact::Failed { next: Some(_), .. } | Fact::Muted { .. } | Fact::Unmuted { .. } | Fact::Unknown => {}
    }
}

/// `sent by oncall at 02:00:05, backup at 02:05:05; acknowledged by ben after 5m: on it`.
pub(super) fn course(of: &MessageReport, wall: Wall) -> String {
    let each =
        |all: &[Said]| all.iter().map(|s| format!("{} {}", s.by, wall.clock(s.at))).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if of.sent.is_empty() {
        parts.push(match &of.muted {
            Some(who) => format!("not sent, muted by {who}"),
            None => format!("not sent (to {})", of.to.join(", ")),
        });
    } else {
        parts.push(format!("sent by {}", each(&of.sent)));
    }
    parts.extend(of.failed.iter().map(|s| format!("{} gave up: {}", s.by, s.text)));
    parts.extend(of.acknowledged.as_ref().map(|s| {
        let text = if s.text.is_empty() { String::new() } else { format!(": {}", s.text) };
        format!("acknowledged by {} after {}{text}", s.by, super::fold::whole(s.at.since(of.at)))
    }));
    parts.extend(of.over.as_ref().map(|s| format!("over after {}: {}", super::fold::whole(s.at.since(of.at)), s.text)));
    parts.join("; ")
}

/// A mute, or its end.
pub(super) fn mute(fact: &Fact, at: Timestamp, wall: Wall) -> Option<Said> {
    match fact {
        Fact::Muted { of, until, by, why } => {
            let until = wall.full(*until);
            Some(Said { at, by: by.to_string(), text: format!("muted {of} until {until}: {why}") })
        }
        Fact::Unmuted { of, by } => Some(Said { at, by: by.to_string(), text: format!("{of} is no longer muted") }),
        _ => None,
    }
}
