//! What stands in the alarm row: the worst thing, what will come of it, and the key that answers.

use super::model::{Line, Model};
use super::rows;
use super::words;
use crate::core::launch::{LaunchState, RollbackStatus, Status, StepStatus};
use crate::core::outline::{OnFail, TriggerAction};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::view::{ConditionOf, ConditionView};

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// How it is filled.
    pub level: Level,
    /// The symbol and the word: `■ BREACH`.
    pub word: String,
    /// Where and what.
    pub text: String,
    /// How long it has lasted, and how long until something comes of it.
    pub clock: Option<(Span, Span)>,
    /// The clock stands still for want of data.
    pub frozen: bool,
    /// What comes of it.
    pub then: String,
    /// The key that answers, with a word.
    pub key: String,
}

/// All alarms, the worst first.
pub fn alarms(model: &Model) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    lost(model, &mut alarms);
    if let Some(launch) = &model.launch {
        going_back(launch, model, &mut alarms);
        interrupted(launch, model, &mut alarms);
        fired(launch, model, &mut alarms);
        pending(launch, model, &mut alarms);
        critical(model, &mut alarms);
        let (secrets, journal) = (&model.trouble.secrets, &model.trouble.journal);
        if let Some(why) = journal {
            let then = "no step starts; a way back, a hold and a severity still have their reserve";
            alarms
                .insert(0, simple(model, Level::Critical, "DISK", format!("nothing can be written down: {why}"), then));
        }
        if !secrets.is_empty() {
            let text = format!("no value here for {}", secrets.join(", "));
            alarms.push(simple(model, Level::Warn, "SECRETS", text, "their probes and steps can't work"));
        }
    }
    alarms
}

fn simple(model: &Model, level: Level, word: &str, text: String, then: &str) -> Alarm {
    let sign = if level == Level::Critical { model.glyphs.critical } else { model.glyphs.warn };
    Alarm {
        level,
        word: format!("{sign} {word}"),
        text,
        clock: None,
        frozen: false,
        then: then.to_owned(),
        key: String::new(),
    }
}

fn lost(model: &Model, alarms: &mut Vec<Alarm>) {
    let Line::Lost { since, why, attempts, given_up } = &model.line else { return };
    let ago = words::clock(model.mono - *since);
    let then = if *given_up { "nothing tries again".to_owned() } else { format!("attempt {attempts}") };
    let text = format!("for {ago}: {why}; what you see is that old. The engine goes on without you");
    alarms.push(simple(model, Level::Warn, "LINK LOST", text, &then));
}

fn going_back(launch: &LaunchState, model: &Model, alarms: &mut Vec<Alarm>) {
    let Status::RollingBack(number) = launch.status else { return };
    let Some(rollback) = launch.rollbacks.get((number as usize).saturating_sub(1)) else { return };
    let (at, of) = (rollback.next + 1, rollback.items.len());
    let item = rollback.items.get(rollback.next).map_or("", |i| i.title.as_str());
    let (level, word, text, then, key) = match &rollback.status {
        RollbackStatus::Stopped { why, .. } => (
            Level::Critical,
            format!("{} ROLLBACK STOPPED", model.glyphs.critical),
            format!("{} at {at} of {of}, {item}: {why}", rollback.title),
            "nothing after it runs",
            "R decide",
        ),
        _ => (
            Level::Warn,
            format!("{} GOING BACK", model.glyphs.undone),
            format!("{}: {} of {of}, {item}", rollback.title, at.min(of)),
            "started by ",
            "",
        ),
    };
    let then = if then.ends_with(' ') { format!("{then}{}", rollback.by.name) } else { then.to_owned() };
    let key = key.to_owned();
    alarms.push(Alarm { level, word, text, clock: None, frozen: false, then, key });
}

fn interrupted(launch: &LaunchState, model: &Model, alarms: &mut Vec<Alarm>) {
    for step in &launch.outline.steps {
        if let Some(StepStatus::Interrupted { .. }) = launch.steps.get(&step.id).map(|s| &s.status) {
            let mut alarm = simple(
                model,
                Level::Warn,
                "INTERRUPTED",
                format!("{}: the end of its command was not observed", step.title),
                "a person must say what became of it",
            );
            alarm.key = "r say it".to_owned();
            alarms.push(alarm);
        }
    }
}

fn fired(launch: &LaunchState, model: &Model, alarms: &mut Vec<Alarm>) {
    for trigger in launch.outline.triggers.iter().filter(|t| t.action > TriggerAction::Notify) {
        let state = launch.triggers.get(&trigger.id);
        let Some(fired) = state.and_then(|s| s.fired.as_ref()).filter(|f| f.dismissed.is_none()) else { continue };
        if matches!(launch.status, Status::RollingBack(_)) {
            continue;
        }
        let then = match trigger.action {
            TriggerAction::Propose => "asks to go back",
            _ => "consider going back",
        };
        let since = words::clock(model.now().since(fired.at));
        let title = &trigger.title;
        let text = if fired.evidence.condition == *title {
            format!("{title}: {}, for {since}", fired.evidence.found)
        } else {
            format!("{title}  {}, for {since}", fired.evidence.found)
        };
        let mut alarm = simple(model, Level::Critical, "TRIGGER", text, then);
        alarm.key = "R now".to_owned();
        alarms.push(alarm);
    }
}

fn pending(launch: &LaunchState, model: &Model, alarms: &mut Vec<Alarm>) {
    let running = |view: &&ConditionView| view.now == Some(true) && view.held != Some(true);
    let mut views: Vec<&ConditionView> = model.readout.conditions.values().filter(running).collect();
    // What comes first stands first; a step's own clock before a trigger's.
    let left = |v: &ConditionView| v.needs.map_or(Span::ZERO, |needs| needs - v.lasted);
    views.sort_by_key(|v| (left(v).millis() / 1000, matches!(v.of, ConditionOf::Trigger(_))));
    for view in views {
        let (place, then) = match &view.of {
            ConditionOf::Fail(step, i) => {
                let Some(step) = launch.outline.step(step) else { continue };
                let then = match step.on_fail {
                    OnFail::Hold => "then it fails and the launch holds",
                    OnFail::Propose => "then it fails and asks to go back",
                };
                let subject = step.fail.get(*i).map_or(String::new(), |c| format!(": {}", c.subject));
                (format!("{}{subject}", step.title), then)
            }
            ConditionOf::Trigger(id) => {
                let Some(trigger) = launch.outline.trigger(id) else { continue };
                if launch.triggers.get(id).is_some_and(|t| t.fired.is_some()) {
                    continue;
                }
                let then = match trigger.action {
                    TriggerAction::Notify => continue,
                    TriggerAction::Consider => "then: consider going back",
                    TriggerAction::Propose => "then asks to go back",
                };
                (format!("{}:", trigger.title), then)
            }
            _ => continue,
        };
        let mut alarm = simple(model, Level::Critical, "BREACH", format!("{place} {}", view.found), then);
        alarm.clock = view.needs.map(|needs| (view.lasted, needs));
        alarm.frozen = view.frozen;
        alarm.key = "R now".to_owned();
        alarms.push(alarm);
    }
}

fn critical(model: &Model, alarms: &mut Vec<Alarm>) {
    use super::model::PaneId;
    for pane in [PaneId::Errors, PaneId::Health, PaneId::Lag, PaneId::Queues] {
        for row in rows::rows(model, pane).iter().filter(|r| r.level == Level::Critical) {
            let why = row.why.as_deref().unwrap_or_default();
            let text =
                if why.is_empty() { format!("{} {}", row.name, row.value) } else { format!("{}: {why}", row.name) };
            let mut alarm = simple(model, Level::Critical, "CRITICAL", text, "");
            alarm.key = format!("{} look", pane.key());
            alarms.push(alarm);
        }
    }
}
