//! What people are told while they do not look: the words of the plan's `[channel]` and `[[notify]]`, the facts that the
//! journal keeps of it, and the message that a channel gets. The rules are in [`super::launch`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::Actor;
use super::ids::{ChannelId, LaunchId, ProbeId, StepId, TriggerId, WatchId};
use super::order::Operator;
use super::time::{Span, Timestamp};

/// What kind of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A probe is over one of its `critical` limits.
    Critical,
    /// A trigger fired.
    Trigger,
    /// A gate asks for its decision.
    Gate,
    /// Something that people had to do by now was not done.
    Overdue,
    /// An incident of severity 1 is open.
    Sev1,
    /// One of severity 2.
    Sev2,
    /// One of severity 3.
    Sev3,
    /// One of severity 4.
    Sev4,
    /// A step failed, or the end of its command was not observed.
    StepFailed,
    /// A way back was begun, or stopped and asks.
    Rollback,
    /// A change of shift is near, or a handover waits for its acceptance.
    Handover,
    /// Half of the error budget of a criterion is used, or all of it.
    Budget,
    /// Our own side is cut off: nothing is known of production.
    SideCutOff,
    /// The launch is over.
    Ended,
    /// Somebody tries a channel. No rule names it.
    Test,
}

impl NoticeKind {
    /// Those that a rule of the plan may name, in the order of the docs.
    pub const PLANNED: [NoticeKind; 14] = [
        NoticeKind::Critical,
        NoticeKind::Trigger,
        NoticeKind::Gate,
        NoticeKind::Overdue,
        NoticeKind::Sev1,
        NoticeKind::Sev2,
        NoticeKind::Sev3,
        NoticeKind::Sev4,
        NoticeKind::StepFailed,
        NoticeKind::Rollback,
        NoticeKind::Handover,
        NoticeKind::Budget,
        NoticeKind::SideCutOff,
        NoticeKind::Ended,
    ];

    /// Its name in a plan.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Critical => "critical",
            NoticeKind::Trigger => "trigger",
            NoticeKind::Gate => "gate",
            NoticeKind::Overdue => "overdue",
            NoticeKind::Sev1 => "sev1",
            NoticeKind::Sev2 => "sev2",
            NoticeKind::Sev3 => "sev3",
            NoticeKind::Sev4 => "sev4",
            NoticeKind::StepFailed => "step-failed",
            NoticeKind::Rollback => "rollback",
            NoticeKind::Handover => "handover",
            NoticeKind::Budget => "budget",
            NoticeKind::SideCutOff => "side-cut-off",
            NoticeKind::Ended => "ended",
            NoticeKind::Test => "test",
        }
    }

    /// The kind of that name.
    pub fn planned(name: &str) -> Option<Self> {
        Self::PLANNED.into_iter().find(|kind| kind.name() == name)
    }

    /// That of an incident of this severity, 1 to 4.
    pub fn severity(level: u8) -> Self {
        match level {
            0 | 1 => NoticeKind::Sev1,
            2 => NoticeKind::Sev2,
            3 => NoticeKind::Sev3,
            _ => NoticeKind::Sev4,
        }
    }

    /// How bad it is, in the words that alerting services share: `critical`, `error`, `warning` or `info`.
    pub fn gravity(self) -> &'static str {
        match self {
            NoticeKind::Critical | NoticeKind::Trigger | NoticeKind::Sev1 | NoticeKind::Rollback => "critical",
            NoticeKind::StepFailed | NoticeKind::Sev2 | NoticeKind::Overdue => "error",
            NoticeKind::Budget | NoticeKind::SideCutOff => "error",
            NoticeKind::Sev3 => "warning",
            NoticeKind::Gate | NoticeKind::Sev4 | NoticeKind::Handover | NoticeKind::Ended | NoticeKind::Test => "info",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A probe.
    Probe(ProbeId),
    /// A trigger.
    Trigger(TriggerId),
    /// A step or gate.
    Step(StepId),
    /// An incident, counted from 1.
    Incident(u32),
    /// A way back of this launch, counted from 1.
    Rollback(u32),
    /// A watch.
    Watch(WatchId),
    /// Who is on shift.
    Shift,
    /// A criterion.
    Criterion(String),
    /// Our own side, by the plan's vantage.
    Side,
    /// The launch as a whole.
    Launch,
}

/// As people type it: `errors`, `#1`, `rollback`, `handover`, `vantage`, `launch`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Probe(id) => f.pad(id.as_str()),
            Subject::Trigger(id) => f.pad(id.as_str()),
            Subject::Step(id) => f.pad(id.as_str()),
            Subject::Incident(number) => f.pad(&format!("#{number}")),
            Subject::Rollback(_) => f.pad("rollback"),
            Subject::Watch(id) => f.pad(id.as_str()),
            Subject::Shift => f.pad("handover"),
            Subject::Criterion(id) => f.pad(id),
            Subject::Side => f.pad("vantage"),
            Subject::Launch => f.pad("launch"),
        }
    }
}

/// What a mute silences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Muted {
    /// Everything.
    All,
    /// What is told of a probe's `critical`. Triggers and steps that rest on it are not silenced.
    Probe(ProbeId),
    /// What is told of a trigger.
    Trigger(TriggerId),
}

impl Muted {
    /// What silences a subject alone, if there is such a thing.
    pub fn of(subject: &Subject) -> Option<Self> {
        match subject {
            Subject::Probe(id) => Some(Muted::Probe(id.clone())),
            Subject::Trigger(id) => Some(Muted::Trigger(id.clone())),
            _ => None,
        }
    }

    /// Whether what is told of a subject is silenced by it.
    pub fn covers(&self, subject: &Subject) -> bool {
        match (self, subject) {
            (Muted::All, _) => true,
            (Muted::Probe(of), Subject::Probe(id)) => of == id,
            (Muted::Trigger(of), Subject::Trigger(id)) => of == id,
            _ => false,
        }
    }
}

/// `all`, or the id.
impl fmt::Display for Muted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Muted::All => f.pad("all"),
            Muted::Probe(id) => f.pad(id.as_str()),
            Muted::Trigger(id) => f.pad(id.as_str()),
        }
    }
}

/// What is said of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// That it is so.
    Trigger,
    /// That somebody is on it.
    Acknowledge,
    /// That it is over.
    Resolve,
}

impl Act {
    /// Its name: `trigger`, `acknowledge`, `resolve`.
    pub fn name(self) -> &'static str {
        match self {
            Act::Trigger => "trigger",
            Act::Acknowledge => "acknowledge",
            Act::Resolve => "resolve",
        }
    }
}

/// Who is told where nobody acknowledges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// After this long.
    pub after: Span,
    /// By which channels.
    pub to: Vec<ChannelId>,
}

/// A rule of the plan: what is told, and by which channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyOutline {
    /// What is told.
    pub on: Vec<NoticeKind>,
    /// By which channels.
    pub to: Vec<ChannelId>,
    /// Who is told where nobody acknowledges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unacked: Option<Backup>,
}

/// A channel of the plan, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOutline {
    /// Its id.
    pub id: ChannelId,
    /// Which kind it is, by its key in the plan: `webhook`, `smtp`, ….
    pub kind: String,
    /// Where it leads, in a line, secrets as written.
    pub target: String,
    /// At most so many messages a minute; more wait, and go out as one where the kind can do that. At least 1.
    pub per_minute: u32,
    /// Whether several notices can go out as one message.
    pub together: bool,
}

/// What happened about notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// Something is worth telling. It is on record before anything is sent.
    Raised {
        /// Counted from 1.
        notice: u32,
        /// What it is, once in a launch: `trigger/errors-5/1`. With the launch's id it is the key by which a receiver
        /// knows a repeated message.
        key: String,
        /// What kind of thing it is.
        kind: NoticeKind,
        /// What it is about.
        subject: Subject,
        /// What is told.
        text: String,
        /// By which channels.
        to: Vec<ChannelId>,
        /// Who is told where nobody acknowledges, each once.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unacked: Vec<Backup>,
        /// Nothing is sent for now: who muted it, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted: Option<String>,
    },
    /// It goes to channels that were not told yet: nobody acknowledged it in time, or a mute is over.
    Routed {
        /// Which.
        notice: u32,
        /// By which channels.
        to: Vec<ChannelId>,
        /// Why, as the end of a sentence: `nobody acknowledged it for 5m`.
        why: String,
        /// Its next backup is told by this.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        backup: bool,
    },
    /// It is over. Who was told is told that.
    Over {
        /// Which.
        notice: u32,
        /// How, as a sentence's end: `cleared: quiet for 2m`.
        why: String,
    },
    /// Somebody knows and is on it. Backups are not told any more.
    Acknowledged {
        /// Which notices.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notices: Vec<u32>,
        /// Which fired triggers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        triggers: Vec<TriggerId>,
        /// Who.
        by: Operator,
        /// What they do; may be empty.
        text: String,
    },
    /// A message went out. It may have gone out before: an engine that died could not tell.
    Sent {
        /// By which channel.
        channel: ChannelId,
        /// What was said of which notices.
        posts: Vec<(u32, Act)>,
    },
    /// A message could not be sent.
    Failed {
        /// By which channel.
        channel: ChannelId,
        /// What was to be said of which notices.
        posts: Vec<(u32, Act)>,
        /// Why, secrets masked.
        why: String,
        /// When it is tried again; none where it is given up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Timestamp>,
        /// The other side answered that it will not take it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
    },
    /// Somebody wants silence for a while.
    Muted {
        /// Of what. What was muted already is muted anew.
        of: Muted,
        /// Until when.
        until: Timestamp,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// A mute is over: its time came, or somebody ended it.
    Unmuted {
        /// Of what.
        of: Muted,
        /// Who, or the engine when its time came.
        by: Actor,
    },
    /// Written by a newer tminus.
    #[serde(other)]
    Unknown,
}

/// What a channel sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The launch.
    pub launch: LaunchId,
    /// The plan's name and version: `Wallet v1.0.0`.
    pub plan: String,
    /// Where: `production`.
    pub environment: String,
    /// One line: `[production] Wallet v1.0.0: errors-5 fired: …`, and how many more.
    pub title: String,
    /// The notices, gravest first, of two that are as grave the older one; more than one where the channel says several at
    /// once.
    pub notices: Vec<Said>,
}

/// One notice in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The launch's id and the notice's key: the same in every message about it, also in one that is sent again.
    pub key: String,
    /// Its number in the launch.
    pub notice: u32,
    /// What is said of it.
    pub act: Act,
    /// What kind of thing it is.
    pub kind: NoticeKind,
    /// How bad it is: `critical`, `error`, `warning` or `info`.
    pub gravity: &'static str,
    /// What it is about, as it is typed in an order.
    pub about: String,
    /// What is told: of the thing, of who is on it, or of its end.
    pub text: String,
    /// When it was found, acknowledged, or over; the wall clock.
    pub at: Timestamp,
}

impl Message {
    /// What is said as a whole: that something is so, if any of it is; else that somebody is on it, else that it is over.
    pub fn act(&self) -> Act {
        self.notices.iter().map(|n| n.act).min().unwrap_or(Act::Trigger)
    }

    /// The key of the first notice.
    pub fn key(&self) -> &str {
        self.notices.first().map_or("", |n| n.key.as_str())
    }

    /// How bad the worst of it is.
    pub fn gravity(&self) -> &'static str {
        const ORDER: [&str; 4] = ["critical", "error", "warning", "info"];
        let rank = |g: &str| ORDER.iter().position(|o| *o == g).unwrap_or(ORDER.len());
        self.notices.iter().map(|n| n.gravity).min_by_key(|g| rank(g)).unwrap_or("info")
    }

    /// The body for people: a line for each notice, and how to come to the launch.
    pub fn body(&self) -> String {
        let mut text: String = self
            .notices
            .iter()
            .map(|said| format!("{}  {}\n", said.at.utc().format("%H:%M:%S UTC"), said.text))
            .collect();
        text.push_str(&format!("\n{} on {}: tminus attach {}\n", self.plan, self.environment, self.launch));
        text
    }
}
