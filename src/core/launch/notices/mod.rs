//! What people are told: the notices that stand, what was sent of them, what is muted. Only `apply` writes it, from
//! [`Fact`]s.
//!
//! - [`worth`]: what is worth telling at a moment; a look compares it with the notices that stand;
//! - [`over`]: how one that stood came to its end;
//! - [`next_post`]: what a channel is to send next, by its rate and its retries, and the message that this is;
//! - [`retry`]: when something that failed is tried again; [`gives_up`]: when it is not.
//!
//! Sending is the engine's. It sends what is on record and neither sent nor given up, so a message may go out twice where
//! an engine died over it, but never unrecorded, and both times with the same key.

mod budget;
mod post;
mod shifts;
mod worth;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LaunchState, Said};
use crate::core::ids::ChannelId;
use crate::core::notice::{Act, Backup, Fact, Muted, NoticeKind, Subject};
use crate::core::order::Operator;
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::wall::Wall;

pub use post::{Post, compose, gives_up, next_post, retry};
pub use worth::{Worth, over, worth};

/// So many notices that are over and told are kept, for who looks at them.
const KEPT: usize = 30;

/// A channel's rate is counted over this long.
pub(super) const MINUTE: Span = Span::mins(1);

/// Notices and what belongs to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// How many were raised.
    pub count: u32,
    /// Those that stand, and the newest that are over, oldest first.
    pub raised: Vec<Notice>,
    /// What is to be sent, oldest first.
    pub queue: Vec<Delivery>,
    /// What is muted.
    pub mutes: Vec<Mute>,
    /// How channels do that something was sent by, or was to be.
    pub channels: BTreeMap<ChannelId, ChannelState>,
}

/// Something that people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Counted from 1.
    pub number: u32,
    /// What it is, once in a launch.
    pub key: String,
    /// What kind of thing it is.
    pub kind: NoticeKind,
    /// What it is about.
    pub subject: Subject,
    /// What is told.
    pub text: String,
    /// When it was raised.
    pub raised: Timestamp,
    /// When a mute of it ended last: somebody could not be waited for before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmuted: Option<Timestamp>,
    /// The channels by which it is told, or would be if it were not muted.
    pub to: Vec<ChannelId>,
    /// Who is told where nobody acknowledges, as far as they were not.
    pub unacked: Vec<Backup>,
    /// It was raised muted, and nothing was sent yet: by whom, and why.
    pub muted: Option<String>,
    /// Who is on it.
    pub acked: Option<Said>,
    /// When it was over, and how.
    pub over: Option<(Timestamp, String)>,
    /// By which channels it was sent.
    pub sent: Vec<ChannelId>,
    /// By which channels it could not be sent, and is not tried any more.
    pub given_up: Vec<ChannelId>,
}

impl Notice {
    /// Whether it stands and nobody is on it.
    pub fn wants_someone(&self) -> bool {
        self.over.is_none() && self.acked.is_none() && !matches!(self.kind, NoticeKind::Ended | NoticeKind::Test)
    }

    /// Since when somebody is waited for: people were told, or could be told again.
    pub fn asked(&self) -> Timestamp {
        self.unmuted.map_or(self.raised, |unmuted| unmuted.max(self.raised))
    }
}

/// Something that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// By which channel.
    pub channel: ChannelId,
    /// Which notice.
    pub notice: u32,
    /// What is said of it.
    pub act: Act,
    /// How often it was tried.
    pub tries: u32,
    /// How often the other side answered that it will not take it.
    #[serde(default)]
    pub refusals: u32,
    /// When it could not be sent first; none where it was not tried yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Timestamp>,
    /// It goes to who stands in, since nobody acknowledged it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backup: bool,
}

impl Delivery {
    fn new(channel: ChannelId, notice: u32, act: Act) -> Self {
        Self { channel, notice, act, tries: 0, refusals: 0, failed: None, backup: false }
    }
}

/// A silence that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Of what.
    pub of: Muted,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who.
    pub by: Operator,
    /// Why.
    pub why: String,
}

impl Mute {
    /// `everything is muted until 02:40 CET (T+1h40m) by ana: the fire alarm is tested`.
    pub fn words(&self, state: &LaunchState, now: Timestamp) -> String {
        let what = if self.of == Muted::All { "everything".to_owned() } else { self.of.to_string() };
        let offset = Offset(self.until.since(state.t0).seconds());
        let until = Wall::of(state).zoned(self.until, now);
        format!("{what} is muted until {until} ({offset}) by {}: {}", self.by, self.why)
    }
}

/// How a channel does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelState {
    /// When it sent, within the last minute before its newest message.
    pub sent: Vec<Timestamp>,
    /// Why nothing can be sent, where that is so.
    pub failing: Option<Failing>,
    /// How many notices were given up.
    pub given_up: u32,
}

/// A channel that can't send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// Since when.
    pub since: Timestamp,
    /// Why, as it was said last.
    pub why: String,
    /// When it is tried again; none where what it had was given up.
    pub next: Option<Timestamp>,
}

impl Notices {
    /// The notice of that number, if it is still known.
    pub fn get(&self, number: u32) -> Option<&Notice> {
        self.raised.iter().find(|n| n.number == number)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Notice> {
        self.raised.iter_mut().find(|n| n.number == number)
    }

    /// Those that stand, oldest first.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &Notice> {
        self.raised.iter().filter(|n| n.over.is_none())
    }

    /// The mute that silences what is told of a subject, if one stands.
    pub fn mute_of(&self, subject: &Subject) -> Option<&Mute> {
        self.mutes.iter().find(|m| m.of.covers(subject))
    }

    /// Channels that can't send, with how many of their posts wait.
    pub fn failing(&self) -> impl Iterator<Item = (&ChannelId, &Failing, usize)> {
        let waits = |id: &ChannelId| self.queue.iter().filter(|d| d.channel == *id).count();
        self.channels.iter().filter_map(move |(id, state)| Some((id, state.failing.as_ref()?, waits(id))))
    }

    /// What a changed plan no longer has can't be sent any more.
    pub(super) fn keep_channels(&mut self, known: impl Fn(&ChannelId) -> bool) {
        self.queue.retain(|d| known(&d.channel));
        self.channels.retain(|id, _| known(id));
    }

    /// Whoever was told, or is about to be, is told this too.
    fn follow_up(&mut self, number: u32, act: Act) {
        let Some(notice) = self.get(number) else { return };
        let waiting = self.queue.iter().filter(|d| d.notice == number && d.act == Act::Trigger).map(|d| &d.channel);
        let mut told: Vec<ChannelId> = notice.sent.iter().chain(waiting).cloned().collect();
        told.sort();
        told.dedup();
        self.queue.extend(told.into_iter().map(|channel| Delivery::new(channel, number, act)));
    }

    /// Whether something that is to be sent waits for the end of a mute: what was not told yet, and what follows upon it.
    /// A test is sent whatever is muted.
    pub fn is_held(&self, of: &Delivery) -> bool {
        let notice = self.get(of.notice).filter(|notice| notice.kind != NoticeKind::Test);
        notice.is_some_and(|notice| self.mute_of(&notice.subject).is_some())
            && self.queue.iter().any(|d| (&d.channel, d.notice, d.act) == (&of.channel, of.notice, Act::Trigger))
    }

    /// What is over while it is muted is told to nobody who does not know of it; what was tried may have arrived.
    fn drop_untold(&mut self, number: u32) {
        let held: Vec<Delivery> =
            self.queue.iter().filter(|d| d.notice == number && self.is_held(d)).cloned().collect();
        let untold = held.into_iter().filter(|d| d.act == Act::Trigger && d.tries == 0).map(|d| d.channel);
        let untold: Vec<ChannelId> = untold.collect();
        self.queue.retain(|d| d.notice != number || !untold.contains(&d.channel));
    }

    /// To whom it was sent already it is sent once more only where nobody acknowledged it.
    fn enqueue(&mut self, number: u32, to: &[ChannelId], backup: bool) {
        for channel in to {
            let known = self.queue.iter().any(|d| d.notice == number && d.channel == *channel)
                || !backup && self.get(number).is_some_and(|n| n.sent.contains(channel));
            if !known {
                self.queue.push(Delivery { backup, ..Delivery::new(channel.clone(), number, Act::Trigger) });
            }
        }
    }

    /// Forgets the oldest that are over and of which nothing is to be sent.
    fn prune(&mut self) {
        let queue = &self.queue;
        let done = |n: &Notice| n.over.is_some() && !queue.iter().any(|d| d.notice == n.number);
        let mut spare = self.raised.iter().filter(|n| done(n)).count().saturating_sub(KEPT);
        self.raised.retain(|n| {
            let goes = spare > 0 && done(n);
            spare -= usize::from(goes);
            !goes
        });
    }
}

impl LaunchState {
    /// Folds in what happened about notices. A rehearsal on stand-ins has notices and sends none.
    pub(super) fn fold_notice(&mut self, fact: &Fact, at: Timestamp) {
        let sends = !self.stands_in();
        let notices = &mut self.notices;
        match fact {
            Fact::Raised { notice, key, kind, subject, text, to, unacked, muted } => {
                notices.count = notices.count.max(*notice);
                notices.raised.push(Notice {
                    number: *notice,
                    key: key.clone(),
                    kind: *kind,
                    subject: subject.clone(),
                    text: text.clone(),
                    raised: at,
                    unmuted: None,
                    to: to.clone(),
                    unacked: unacked.clone(),
                    muted: muted.clone(),
                    acked: None,
                    // Of these there is no end to be told.
                    over: matches!(kind, NoticeKind::Ended | NoticeKind::Test).then(|| (at, String::new())),
                    sent: Vec::new(),
                    given_up: Vec::new(),
                });
                if sends && muted.is_none() {
                    notices.enqueue(*notice, to, false);
                }
                notices.prune();
            }
            Fact::Routed { notice, to, backup, .. } => {
                if let Some(known) = notices.get_mut(*notice) {
                    known.muted = None;
                    if *backup && !known.unacked.is_empty() {
                        known.unacked.remove(0);
                    }
                    let new: Vec<ChannelId> = to.iter().filter(|id| !known.to.contains(id)).cloned().collect();
                    known.to.extend(new);
                    if sends {
                        notices.enqueue(*notice, to, *backup);
                    }
                }
            }
            Fact::Over { notice, why } => {
                if let Some(known) = notices.get_mut(*notice) {
                    known.over = Some((at, why.clone()));
                    notices.drop_untold(*notice);
                    notices.follow_up(*notice, Act::Resolve);
                }
            }
            Fact::Acknowledged { notices: numbers, triggers, by, text } => {
                let said = Said { at, by: by.clone(), text: text.clone() };
                for number in numbers {
                    if let Some(known) = notices.get_mut(*number) {
                        known.acked = Some(said.clone());
                        notices.follow_up(*number, Act::Acknowledge);
                    }
                }
                for trigger in triggers {
                    if let Some(fired) = self.triggers.get_mut(trigger).and_then(|t| t.fired.as_mut()) {
                        fired.acked = Some(said.clone());
                    }
                }
            }
            Fact::Sent { channel, posts } => {
                let state = notices.channels.entry(channel.clone()).or_default();
                state.failing = None;
                state.sent.retain(|then| at.since(*then) < MINUTE);
                state.sent.push(at);
                for (number, act) in posts {
                    let waiting = notices.queue.len();
                    notices.queue.retain(|d| !(d.channel == *channel && d.notice == *number && d.act == *act));
                    let dropped = notices.queue.len() == waiting;
                    let Some(known) = notices.get_mut(*number).filter(|n| !n.sent.contains(channel)) else { continue };
                    known.sent.push(channel.clone());
                    // It went out after all, and who was told is told its end.
                    if dropped && known.over.is_some() {
                        notices.queue.push(Delivery::new(channel.clone(), *number, Act::Resolve));
                    }
                }
                notices.prune();
            }
            Fact::Failed { channel, posts, why, next, refused } => {
                let state = notices.channels.entry(channel.clone()).or_default();
                let since = state.failing.as_ref().map_or(at, |failing| failing.since);
                state.failing = Some(Failing { since, why: why.clone(), next: *next });
                notices.failed(channel, posts, next.is_none(), *refused, at);
                notices.prune();
            }
            Fact::Muted { of, until, by, why } => {
                notices.mutes.retain(|m| m.of != *of);
                let mute = Mute { of: of.clone(), since: at, until: *until, by: by.clone(), why: why.clone() };
                notices.mutes.push(mute);
            }
            Fact::Unmuted { of, .. } => {
                notices.mutes.retain(|m| m.of != *of);
                let all = notices.raised.iter_mut().filter(|n| n.over.is_none() && of.covers(&n.subject));
                all.for_each(|notice| notice.unmuted = Some(at));
            }
            Fact::Unknown => {}
        }
    }
}

impl Notices {
    /// Our own side reaches the world again: what could not be sent need not wait any longer.
    pub(super) fn line_is_back(&mut self, at: Timestamp) {
        let waiting = self.channels.values_mut().filter_map(|own| own.failing.as_mut()?.next.as_mut());
        waiting.for_each(|next| *next = at.min(*next));
    }

    fn failed(&mut self, channel: &ChannelId, posts: &[(u32, Act)], given_up: bool, refused: bool, at: Timestamp) {
        for (number, act) in posts {
            if !given_up {
                let tried = self.queue.iter_mut().filter(|d| d.channel == *channel && d.notice == *number);
                tried.filter(|d| d.act == *act).for_each(|d| {
                    d.tries += 1;
                    d.refusals += u32::from(refused);
                    d.failed.get_or_insert(at);
                });
                continue;
            }
            // Who was never told of it is not told of its end.
            let gone =
                |d: &Delivery| d.channel == *channel && d.notice == *number && (d.act == *act || *act == Act::Trigger);
            self.queue.retain(|d| !gone(d));
            if let Some(state) = self.channels.get_mut(channel).filter(|_| *act == Act::Trigger) {
                state.given_up += 1;
            }
            if let Some(known) = self.get_mut(*number).filter(|_| *act == Act::Trigger) {
                known.given_up.push(channel.clone());
            }
        }
    }
}
