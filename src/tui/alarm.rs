//! What stands in the alarm row: core's alarms with a symbol and a key, and what only a client knows: that its link is
//! lost.

use super::answers::{key_of, offered, told};
use super::model::{Line, Model, PaneId};
use super::words;
use crate::core::ids::TriggerId;
use crate::core::launch::answers::{self as core, AlarmKind, Clock, Words};
use crate::core::reading::Level;
use crate::core::time::Span;

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// How it is filled.
    pub level: Level,
    /// The symbol and the word: `■ BREACH`.
    pub word: String,
    /// Where and what, and the other version.
    pub text: Words,
    /// What is over which limit, as the text has it. May be empty.
    pub what: String,
    /// The clock that runs towards what comes of it.
    pub clock: Option<Clock>,
    /// The clock in words, or since when.
    pub when: String,
    /// What comes of it.
    pub then: Words,
    /// The key that answers, with a word.
    pub key: String,
    /// The trigger that it is of.
    pub trigger: Option<TriggerId>,
    /// What it is about, in words that stay as they are while it goes on.
    pub identity: String,
    /// It calls who looks elsewhere: it is neither muted nor nearly over.
    pub calls: bool,
    /// Its condition is false now: it is no reason for anything any more.
    pub clearing: bool,
    /// It may be why somebody goes back.
    pub ground: bool,
}

/// All alarms, the worst first.
pub fn alarms(model: &Model) -> Vec<Alarm> {
    of_told(model, told(model).as_ref())
}

/// The same of what core said already.
pub fn of_told(model: &Model, told: Option<&core::Answers>) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = lost(model).into_iter().collect();
    alarms.extend(told.into_iter().flat_map(|told| &told.alarms).map(|alarm| of(model, alarm.clone())));
    alarms
}

/// So long another alarm than the worst is looked at.
const LOOK: Span = Span::secs(10);

/// Which alarm of so many stands in the row: the worst, unless a person looks at another.
pub fn shown(model: &Model, of: usize) -> usize {
    model.alarm.filter(|(_, until)| *until > model.mono).map_or(0, |(at, _)| at.checked_rem(of).unwrap_or(0))
}

/// Looks at the next one.
pub(super) fn next(model: &mut Model) {
    match alarms(model).len() {
        0 => model.refuse("there is no alarm"),
        1 => model.refuse("there is no other alarm"),
        n => model.alarm = Some(((shown(model, n) + 1) % n, model.mono + LOOK)),
    }
}

fn of(model: &Model, alarm: core::Alarm) -> Alarm {
    let g = model.glyphs;
    let sign = match (alarm.kind, alarm.level) {
        (AlarmKind::GoingBack, _) => g.undone,
        (AlarmKind::Interrupted, _) => g.interrupted,
        (_, Level::Critical) => g.critical,
        (_, Level::Unknown) => g.unknown,
        _ => g.warn,
    };
    let by = alarm
        .answer
        .as_ref()
        .filter(|a| offered(model, &a.order))
        .and_then(|a| Some((key_of(&model.keymap, &a.order)?, a.does)));
    let key = match (by, alarm.look) {
        (Some((key, "goes back")), _) => format!("{key} now"),
        (Some((key, does)), _) => format!("{key} {does}"),
        (None, Some(pane)) => {
            let shown = PaneId::ALL.iter().find(|p| p.probes().contains(&pane));
            shown.map_or_else(String::new, |p| format!("{} look", p.key()))
        }
        (None, None) if alarm.kind == AlarmKind::Window => ":slip moves T-0".to_owned(),
        (None, None) if alarm.kind == AlarmKind::Budget => format!("{} shows it", PaneId::Checks.key()),
        (None, None) if alarm.kind == AlarmKind::Plan => ":diff shows it".to_owned(),
        (None, None) => String::new(),
    };
    let muted = model.launch.as_ref().is_some_and(|launch| alarm.is_muted(launch));
    Alarm {
        identity: alarm.identity(),
        calls: !muted && alarm.kind != AlarmKind::Clearing,
        clearing: alarm.kind == AlarmKind::Clearing,
        ground: alarm.kind.is_ground(),
        level: alarm.level,
        word: format!("{sign} {}", alarm.kind.word()),
        text: alarm.text(),
        what: alarm.what.clone(),
        clock: alarm.clock,
        when: alarm.when(),
        then: alarm.then,
        key,
        trigger: alarm.trigger,
    }
}

fn lost(model: &Model) -> Option<Alarm> {
    let Line::Lost { since, why, attempts, given_up } = &model.line else { return None };
    let ago = words::clock(model.mono - *since);
    let tried = match (given_up, attempts) {
        (true, _) => "nothing tries again".to_owned(),
        (_, 0) => String::new(),
        (_, n) => format!("attempt {n}"),
    };
    // The way out is worth more than why.
    let short = if model.silent { "the engine says nothing" } else { "no engine" };
    let out = super::silence::way_out(model).unwrap_or_default();
    let long = format!("for {ago}: {why}; what you see is that old");
    let first = if out.is_empty() { long } else { format!("{long}; {}", out.long()) };
    let with_why = out.forms().map(|out| format!("for {ago}: {short}; {out}"));
    let bare = out.forms().last().map(|out| format!("for {ago}: {out}"));
    let text = Words::of(std::iter::once(first).chain(with_why).chain(bare).collect::<Vec<_>>());
    Some(Alarm {
        level: Level::Warn,
        word: format!("{} LINK LOST", model.glyphs.warn),
        text,
        what: String::new(),
        clock: None,
        when: String::new(),
        then: tried.into(),
        key: String::new(),
        trigger: None,
        identity: "link".to_owned(),
        calls: true,
        ground: true,
        clearing: false,
    })
}
