//! What breaks: with its limit and clock, the other version, what comes of it by itself, and the order that answers.

mod budget;
mod kind;
mod people;
mod propose;
mod step;
mod triggers;

use std::cmp::Reverse;

use serde::Serialize;

use super::measured::{name, sibling};
use super::unwatched::awaits;
use super::{Moment, Move, Words, by_time};
use crate::core::ids::{Instance, ProbeId, TriggerId};
use crate::core::launch::{
    HalfBack, INJECTED, LaunchState, RollbackStatus, Room, Status, Unwritten, forecast, open_incidents, window_now,
};
use crate::core::notice::Subject;
use crate::core::order::What;
use crate::core::outline::Pane;
use crate::core::reading::Level;
use crate::core::secret::MissingSecret;
use crate::core::time::Span;
use crate::core::view::{ConditionView, SignalView};
use crate::core::words::{clock, exact};

pub use kind::AlarmKind;
use people::{of_incident, shift};
use step::{failed, of_step};
use triggers::of_trigger;

/// A clock that runs towards a consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// How long it has lasted.
    pub lasted: Span,
    /// At which length something comes of it.
    pub needs: Span,
    /// It stands still for want of data.
    pub frozen: bool,
}

impl Clock {
    fn of(view: &ConditionView) -> Option<Self> {
        Some(Self { lasted: view.lasted, needs: view.needs?, frozen: view.frozen })
    }

    /// How long is left.
    pub fn left(&self) -> Span {
        self.needs - self.lasted
    }

    /// `2:10 / 3:00`, `2:10 / 3:00 frozen`.
    pub fn words(&self) -> String {
        let frozen = if self.frozen { " frozen" } else { "" };
        format!("{} / {}{frozen}", clock(self.lasted), clock(self.needs))
    }
}

impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.words())
    }
}

/// Something that breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// Critical, or worth a look.
    pub level: Level,
    /// What kind of thing it is.
    pub kind: AlarmKind,
    /// Where: the step, or what the trigger is called. Empty where `what` says it.
    pub place: String,
    /// What is over which limit, with the live value: `errors[green] 6.10 % > 1 %`.
    pub what: String,
    /// The same of the other version: `blue 0.05 %`.
    pub other: Option<String>,
    /// The clock that runs.
    pub clock: Option<Clock>,
    /// Since when, where no clock runs: `since 09:05`.
    pub since: Option<String>,
    /// What comes of it by itself: `asks: back to blue?`. May be empty.
    pub then: Words,
    /// The order that answers.
    pub answer: Option<Move>,
    /// The pane to look at, where no order answers.
    pub look: Option<Pane>,
    /// The trigger that it is of.
    #[serde(skip)]
    pub trigger: Option<TriggerId>,
    /// It asks to go back, now or when its clock is full, rather than letting people consider it.
    #[serde(skip)]
    pub(super) asks: bool,
    /// It is a step's `fail`, not a trigger.
    #[serde(skip)]
    pub(super) of_step: bool,
    /// What it is about, so that one thing is not told twice.
    #[serde(skip)]
    about: Option<(ProbeId, Option<Instance>)>,
}

impl Alarm {
    pub(super) fn new(level: Level, kind: AlarmKind, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            level,
            kind,
            place: place.into(),
            what: what.into(),
            other: None,
            clock: None,
            since: None,
            then: Words::default(),
            answer: None,
            look: None,
            trigger: None,
            asks: false,
            of_step: false,
            about: None,
        }
    }

    /// `25 % to green: errors[green] 6.10 % > 1 %, blue 0.05 %`; where something is measured, in short without the place.
    pub fn text(&self) -> Words {
        let other = self.other.as_ref().map_or_else(String::new, |o| format!(", {o}"));
        let place = if self.place.is_empty() { String::new() } else { format!("{}: ", self.place) };
        let long = format!("{place}{}{other}", self.what);
        match self.kind {
            AlarmKind::Trigger | AlarmKind::Breach | AlarmKind::Clearing | AlarmKind::Critical => {
                Words::of([long, format!("{}{other}", self.what), self.what.clone()])
            }
            _ => long.into(),
        }
    }

    /// What it is about, in words that stay as they are while it goes on: whether it is the same as one of before.
    pub fn identity(&self) -> String {
        let about =
            self.about.as_ref().map(|(probe, instance)| (probe.as_str(), instance.as_ref().map(|i| i.as_str())));
        let trigger = self.trigger.as_ref().map(TriggerId::as_str);
        format!("{} {} {trigger:?} {about:?}", self.kind.word(), self.place)
    }

    /// Whether what is told of it is silenced. It is shown all the same.
    pub fn is_muted(&self, state: &LaunchState) -> bool {
        let trigger = self.trigger.iter().map(|id| Subject::Trigger(id.clone()));
        let probe = self.about.iter().map(|(id, _)| Subject::Probe(id.clone()));
        trigger.chain(probe).chain([Subject::Launch]).any(|subject| state.notices.mute_of(&subject).is_some())
    }

    /// The clock, or since when: `2:10 / 3:00`, `since 09:05`. May be empty.
    pub fn when(&self) -> String {
        self.clock.map(|c| c.words()).or_else(|| self.since.clone()).unwrap_or_default()
    }

    /// The same in a line without a screen: `BREACH 25 % to green: … 2:10 / 3:00, asks: back to blue?`.
    pub fn line(&self) -> String {
        let clock = self.clock.map_or_else(String::new, |c| format!("  {}", c.words()));
        let then = if self.then.is_empty() { String::new() } else { format!("  {}", self.then.long()) };
        format!("{} {}{clock}{then}", self.kind.word(), self.text().long())
    }

    /// Whether it asks, or will ask, to go back.
    pub(super) fn asks_back(&self) -> bool {
        self.asks && self.answer.is_none()
            || self.answer.as_ref().is_some_and(|a| matches!(a.order, What::Rollback { .. }))
    }
}

/// All alarms, the worst first; before them a full disk, our own side cut off, and a way back under way, since it is what
/// happens.
pub(super) fn alarms(m: &Moment<'_>) -> Vec<Alarm> {
    if matches!(m.state.status, Status::Ended { .. }) {
        return Vec::new();
    }
    let mut all: Vec<Alarm> =
        m.readout.unwritten.as_ref().map(|by| disk(m, by)).into_iter().chain(cut_off(m)).chain(way_back(m)).collect();
    for step in &m.state.outline.steps {
        all.extend(of_step(m, step));
    }
    for trigger in &m.state.outline.triggers {
        all.extend(of_trigger(m, trigger));
    }
    all.extend(m.state.half_backs().map(|half| half_back(m, half)));
    all.extend(signals(m, &all));
    let bad = all.iter().any(|a| a.level == Level::Critical);
    all.extend(by_time(m.state).into_iter().filter_map(|step| failed(m, step, bad)));
    for number in open_incidents(m.state) {
        all.extend(of_incident(m, number));
    }
    all.extend(super::checks::alarms(m));
    all.extend(shift(m));
    all.extend(budget::alarms(m));
    // A rehearsal on stand-ins does without; the card before the start names them.
    all.extend(secrets(m.secrets).filter(|_| !m.state.stands_in()));
    all.extend(channels(m));
    all.extend(window(m));
    all.extend(m.plan.map(plan_file));
    for alarm in &mut all {
        if let Some(stands) = alarm.answer.as_ref().and_then(|own| m.state.stands_beside(m.readout, &own.order)) {
            (alarm.answer, alarm.then) = (None, awaits(&stands));
        }
        if let Some(by) = &m.readout.unwritten {
            alarm.answer = alarm.answer.take().filter(|own| by.takes(m.state, &own.order));
        }
    }
    // A clock that stands still acts last.
    let left = |a: &Alarm| a.clock.map_or(0, |c| if c.frozen { i64::MAX } else { c.left().millis() / 1000 });
    all.sort_by_key(|a| (a.kind > AlarmKind::GoingBack, Reverse(a.level), rank(a), left(a)));
    all
}

/// What comes first of one level: a question that is put now, a clock that runs, the rest.
fn rank(alarm: &Alarm) -> (u8, AlarmKind) {
    let urgent = match (alarm.kind, alarm.asks) {
        (AlarmKind::Trigger | AlarmKind::Failed | AlarmKind::UndoFailed | AlarmKind::Incident, true) => 0,
        (AlarmKind::Breach, _) if alarm.clock.is_some() => 1,
        _ => 2,
    };
    (urgent, alarm.kind)
}

fn cut_off(m: &Moment<'_>) -> Option<Alarm> {
    let (since, why) = m.state.side.cut.as_ref()?;
    let mut alarm = Alarm::new(Level::Unknown, AlarmKind::CutOff, "", why);
    alarm.since = Some(format!("since {}", (m.wall)(*since)));
    let then = "nothing is known of production; no trigger fires";
    alarm.then = Words::of([then, "nothing is known; no trigger fires", "no trigger fires"]);
    let vantage = m.state.outline.vantage.first();
    alarm.look = vantage.and_then(|id| m.state.outline.probe(id)).map(|probe| probe.pane);
    Some(alarm)
}

fn disk(m: &Moment<'_>, by: &Unwritten) -> Alarm {
    let what = format!("nothing can be written down: {}", by.why);
    let mut alarm = Alarm::new(Level::Critical, AlarmKind::Disk, "", what);
    alarm.since = Some(format!("since {}", (m.wall)(by.since)));
    let then = match by.late {
        Some(_) => "what happens is kept in memory, lost with the machine; no step starts",
        None if by.reserve => "no step starts; a way back, a hold and a severity still have their reserve",
        None if by.word => "no order is taken but to go back, with a word typed",
        None => "no order is taken",
    };
    alarm.then = Words::of([then, "no step starts"]);
    alarm
}

fn secrets(missing: &[MissingSecret]) -> Option<Alarm> {
    let all: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let text = format!("no value here for {}", all.join(", "));
    let mut alarm = Alarm::new(Level::Warn, AlarmKind::Secrets, "", text);
    alarm.then = "their probes and steps can't work".into();
    (!missing.is_empty()).then_some(alarm)
}

/// Channels that can't send: people are not told what they should be.
fn channels(m: &Moment<'_>) -> impl Iterator<Item = Alarm> {
    m.state.notices.failing().map(|(id, failing, waits)| {
        let mut alarm = Alarm::new(Level::Warn, AlarmKind::Channel, id.as_str(), &*failing.why);
        alarm.since = Some(format!("since {}", (m.wall)(failing.since)));
        alarm.then = match (waits, failing.next) {
            (0, _) => "what it had was given up".into(),
            (n, Some(_)) => Words::of([format!("{n} wait, it is tried again"), format!("{n} wait")]),
            (n, None) => format!("{n} wait").into(),
        };
        alarm
    })
}

fn plan_file(why: &str) -> Alarm {
    let mut alarm = Alarm::new(Level::Warn, AlarmKind::Plan, "", why);
    alarm.then = "nothing of it counts before it is taken in".into();
    alarm
}

/// The work does not fit its window while a step with effects still waits for its start.
fn window(m: &Moment<'_>) -> Option<Alarm> {
    // Nothing is bound where there is no window: the forecast is not worth its while.
    window_now(m.state, m.now)?;
    let fit = forecast(m.state, m.readout, m.now).fit.filter(|fit| fit.late && fit.waits)?;
    let back = fit.back.map_or_else(String::new, |back| format!(" and {} back", exact(back)));
    let (go, opens, until) = ((m.wall)(fit.latest_go), (m.wall)(fit.opens), (m.wall)(fit.until));
    let work = exact(fit.remaining);
    let (what, then) = match fit.room(m.now) {
        Room::Fits => return None,
        Room::Late => (
            format!("latest safe go was {go}: {work} of work{back} do not fit before {until}"),
            ["slip, or do less of it", "slip or do less"],
        ),
        Room::BeginsLate => (
            format!(
                "latest safe go is {go}, and it begins {} at the earliest: {work} of work{back} do not fit before {until}",
                (m.wall)(fit.begins)
            ),
            ["begin earlier, or do less of it", "do less"],
        ),
        Room::TooShort => (
            format!("{work} of work{back} do not fit into {opens} to {until}"),
            ["do less of it, or open it for longer", "do less"],
        ),
    };
    let mut alarm = Alarm::new(Level::Warn, AlarmKind::Window, "", what);
    alarm.then = Words::of(then);
    Some(alarm)
}

fn way_back(m: &Moment<'_>) -> Option<Alarm> {
    let (number, rollback) = m.going_back()?;
    let (at, of) = (rollback.next + 1, rollback.items.len());
    let item = rollback.items.get(rollback.next).map_or("", |i| i.title.as_str());
    if let RollbackStatus::Stopped { why, .. } = &rollback.status {
        let command = m.state.stopped_command().map_or_else(String::new, |command| format!("{command}; "));
        let what = format!("at {at} of {of}, {item}: {command}{why}");
        let mut alarm = Alarm::new(Level::Critical, AlarmKind::RollbackStopped, &rollback.title, what);
        alarm.then = "nothing after it runs".into();
        alarm.answer = Some(Move::new(What::RollbackAgain { rollback: number, item: rollback.next }, "you decide"));
        return Some(alarm);
    }
    let what = format!("{} of {of}, {item}", at.min(of));
    let mut alarm = Alarm::new(Level::Warn, AlarmKind::GoingBack, &rollback.title, what);
    alarm.since = Some(clock(m.now.since(rollback.started)));
    alarm.then = format!("started by {}", rollback.by).into();
    Some(alarm)
}

/// A way back that was left half done: nobody knows production to be as it was, or as it was to be.
fn half_back(m: &Moment<'_>, half: HalfBack<'_>) -> Alarm {
    let mut alarm = Alarm::new(Level::Warn, AlarmKind::HalfBack, &half.of.title, half.ran(m.state));
    alarm.since = Some(format!("since {}", (m.wall)(half.left)));
    alarm.then = Words::of(["take it once more, or put it right and say so", "once more, or put it right"]);
    alarm.answer = Some(Move::new(half.settled(), "it is put right"));
    alarm
}

/// Signals over their `critical` that no alarm tells of already.
fn signals(m: &Moment<'_>, told: &[Alarm]) -> Vec<Alarm> {
    let critical = m.readout.signals.values().filter(|v| v.level == Level::Critical);
    let mut found: Vec<Alarm> = Vec::new();
    for view in critical {
        let about = Some((view.id.probe.clone(), view.id.instance.clone()));
        let known = told.iter().filter(|a| a.level == Level::Critical).chain(&found).any(|a| a.about == about);
        found.extend((!known).then(|| signal(m, view)).flatten());
    }
    found
}

fn signal(m: &Moment<'_>, view: &SignalView) -> Option<Alarm> {
    let probe = m.state.outline.probe(&view.id.probe)?;
    let name = name(probe, view.id.instance.as_ref());
    let injected = if view.injected { INJECTED } else { "" };
    let what = format!("{name} {}{injected}", view.why.as_deref().unwrap_or("is critical"));
    let mut alarm = Alarm::new(Level::Critical, AlarmKind::Critical, "", what);
    alarm.other = view.id.instance.as_ref().and_then(|i| sibling(m.readout, probe, i, &view.id.measure));
    alarm.look = Some(probe.pane);
    alarm.about = Some((view.id.probe.clone(), view.id.instance.clone()));
    Some(alarm)
}
