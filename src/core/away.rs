//! *Since you were away*: what happened between two moments of a launch, counted, and what matters first.

use super::event::{Event, Recorded};
use super::launch::LaunchState;
use super::notice::{Fact, NoticeKind};
use super::shift::Fact as Change;
use super::tell::{Tone, tell};
use super::time::Timestamp;
use super::watch::CheckFact;

/// How much a line matters; the first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something broke, was gone back from, or has a severity.
    Grave,
    /// Somebody decided something, or passed something over.
    Decided,
    /// Look at it.
    Noted,
    /// It went on.
    WentOn,
}

/// What happened, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwayLine {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub weight: Weight,
    /// How it is told.
    pub tone: Tone,
    /// What.
    pub text: String,
}

/// What happened in a part of the launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Away {
    /// Each kind of thing with how often, what matters most first: `1 step failed`, `2 decisions`.
    pub counts: Vec<String>,
    /// What matters first; of one weight the newest.
    pub lines: Vec<AwayLine>,
}

impl Away {
    /// Whether nothing happened that somebody would be told.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.lines.is_empty()
    }
}

/// What is counted: one of it, several, and its weight, in the order in which they are listed.
const KINDS: [(&str, &str, Weight); 27] = [
    ("rollback", "rollbacks", Weight::Grave),
    ("step failed", "steps failed", Weight::Grave),
    ("command interrupted", "commands interrupted", Weight::Grave),
    ("trigger fired", "triggers fired", Weight::Grave),
    ("alert", "alerts", Weight::Grave),
    ("severity set", "severities set", Weight::Grave),
    ("gap without an engine", "gaps without an engine", Weight::Grave),
    ("time cut off", "times cut off", Weight::Grave),
    ("error budget used up", "error budgets used up", Weight::Grave),
    ("decision", "decisions", Weight::Decided),
    ("poll expired", "polls expired", Weight::Decided),
    ("override", "overrides", Weight::Decided),
    ("hold or release", "holds and releases", Weight::Decided),
    ("handover", "handovers", Weight::Decided),
    ("move of T-0", "moves of T-0", Weight::Decided),
    ("plan taken in", "plans taken in", Weight::Decided),
    ("end of the launch", "ends of the launch", Weight::Decided),
    ("check missed", "checks missed", Weight::Noted),
    ("finding", "findings", Weight::Noted),
    ("error budget half used", "error budgets half used", Weight::Noted),
    ("word on incidents", "words on incidents", Weight::Noted),
    ("note", "notes", Weight::Noted),
    ("alert or trigger cleared", "alerts or triggers cleared", Weight::Noted),
    ("step undone", "steps undone", Weight::WentOn),
    ("step done", "steps done", Weight::WentOn),
    ("check done", "checks done", Weight::WentOn),
    ("message sent", "messages sent", Weight::WentOn),
];

/// What happened by these events, oldest first; `state` is the present one.
pub fn away<'a>(state: &LaunchState, events: impl IntoIterator<Item = &'a Recorded>) -> Away {
    let mut counted = [0_usize; KINDS.len()];
    let mut lines = Vec::new();
    for recorded in events {
        for (kind, number) in kinds(state, &recorded.event) {
            let Some(place) = KINDS.iter().position(|(one, ..)| *one == kind) else { continue };
            counted[place] = counted[place].saturating_add(number);
        }
        // A message that was sent is counted alone; what it told of has its own line.
        let first = kinds(state, &recorded.event).first().map(|(kind, _)| *kind).filter(|kind| *kind != "message sent");
        let weight = first.and_then(|first| KINDS.iter().find(|(one, ..)| *one == first)).map(|(.., weight)| *weight);
        // Of incidents those that wake nobody do not hide those that do.
        let light = matches!(recorded.event, Event::SeveritySet { level: 3.., .. });
        let weight = weight.map(|weight| if light { Weight::Noted } else { weight });
        lines.extend(weight.map(|weight| {
            let told = tell(state, &recorded.event);
            AwayLine { at: recorded.at, weight, tone: told.tone, text: told.text }
        }));
    }
    lines.reverse();
    lines.sort_by_key(|line| line.weight);
    let counts = KINDS.iter().zip(counted).filter(|(_, n)| *n > 0);
    let counts = counts.map(|((one, many, _), n)| format!("{n} {}", if n == 1 { one } else { many }));
    Away { counts: counts.collect(), lines }
}

/// What an event is counted as, and how often; what it is first gives its line the weight.
fn kinds(state: &LaunchState, event: &Event) -> Vec<(&'static str, usize)> {
    let one = |kind| vec![(kind, 1)];
    match event {
        Event::RollbackStarted { .. } => one("rollback"),
        // Its further course has lines, and is counted once.
        Event::RollbackStopped { .. }
        | Event::RollbackLeft { .. }
        | Event::RollbackSettled { .. }
        | Event::RollbackDone { .. } => vec![("rollback", 0)],
        Event::StepFailed { .. } => one("step failed"),
        Event::RunEnded { end, .. } if *end == super::event::RunEnd::Interrupted => one("command interrupted"),
        Event::TriggerFired { .. } => one("trigger fired"),
        Event::SeveritySet { .. } => one("severity set"),
        Event::EngineStarted { gap: Some(_), .. } | Event::StoodStill { .. } => one("gap without an engine"),
        Event::SideCutOff { .. } => one("time cut off"),
        Event::SideBack { .. } => vec![("time cut off", 0)],
        Event::BudgetHalfUsed { .. } => one("error budget half used"),
        Event::BudgetUsedUp { .. } => one("error budget used up"),
        Event::GateDecided { over, .. } if !over.is_empty() => vec![("decision", 1), ("override", 1)],
        Event::GateDecided { .. } | Event::TriggerDismissed { .. } => one("decision"),
        Event::GateExpired { .. } => one("poll expired"),
        Event::StepSkipped { .. } => one("decision"),
        Event::StepDone { over: Some(_), .. } => vec![("override", 1), ("step done", 1)],
        Event::WindowPassed { .. } | Event::Approved { alone: Some(_), .. } => one("override"),
        Event::Held { .. } | Event::Released { .. } => one("hold or release"),
        Event::LeadTaken { .. } => one("handover"),
        Event::Shift(Change::Offered { .. }) => vec![("handover", 0)],
        Event::Shift(Change::Accepted { .. } | Change::TakenOver { .. }) => one("handover"),
        Event::T0Moved { .. } => one("move of T-0"),
        Event::PlanAdopted { .. } => one("plan taken in"),
        Event::Ended { .. } => one("end of the launch"),
        Event::Check(CheckFact::Missed { count, .. }) => vec![("check missed", *count as usize)],
        Event::Check(CheckFact::Done { well: false, .. }) => vec![("finding", 1), ("check done", 1)],
        Event::Check(CheckFact::Done { .. }) => one("check done"),
        Event::IncidentAnswered { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentMoved { .. }
        | Event::IncidentCalled { .. }
        | Event::IncidentResolved { .. } => one("word on incidents"),
        Event::Noted { .. } => one("note"),
        Event::TriggerCleared { .. } => one("alert or trigger cleared"),
        Event::StepDone { .. } => one("step done"),
        Event::StepUndone { .. } => one("step undone"),
        Event::Notice(Fact::Raised { kind: NoticeKind::Critical, .. }) => one("alert"),
        Event::Notice(Fact::Over { notice, .. })
            if state.notices.get(*notice).is_some_and(|n| n.kind == NoticeKind::Critical) =>
        {
            one("alert or trigger cleared")
        }
        Event::Notice(Fact::Sent { posts, .. }) => vec![("message sent", posts.len())],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::{Sim, gate, plan, runs, step, trigger, why};
    use crate::core::order::What;
    use crate::core::outline::TriggerAction;
    use crate::core::reading::Outcome;
    use crate::core::time::Span;

    #[test]
    fn a_command_that_was_interrupted_is_counted_as_that_and_as_no_step_that_failed() {
        use crate::core::event::RunEnd;
        use crate::core::order::Found;
        let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
        sim.start("deploy").unwrap();
        sim.ended("deploy.do.1", RunEnd::Interrupted);
        let run = "deploy.do.1".parse().unwrap();
        sim.order(What::Resolve { run, found: Found::NotDone, why: "looked".into() }).unwrap();
        let told = away(&sim.state, &sim.events);
        assert_eq!(told.counts, ["1 command interrupted", "1 hold or release"]);
    }

    #[test]
    fn who_comes_back_is_told_what_happened_counted_and_what_matters_first() {
        let mut outline = plan(vec![
            runs("deploy", |_| {}),
            step("go", |s| s.gate = gate(&["errors < 1%"], &["dba"], None)),
            step("tell", |_| {}),
        ]);
        outline.triggers = vec![trigger("too-many", "errors > 5% for 20s", TriggerAction::Notify)];
        let mut sim = Sim::new(outline);
        sim.does("deploy");
        sim.pass(Span::mins(1));
        let left = sim.events.len();
        assert!(away(&sim.state, &sim.events[left..]).is_empty(), "nothing where nothing happened");
        sim.start("go").unwrap();
        let go = What::Decide { gate: "go".into(), round: 1, go: true, why: Some("dba sleeps".into()) };
        sim.order(go).unwrap();
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::mins(1));
        sim.order(What::Note { text: "looking".into() }).unwrap();
        sim.order(What::Done { step: "tell".into(), why: None }).unwrap_or_else(|e| panic!("{}", why::<()>(Err(e))));
        sim.order(What::Severity { incident: None, level: 2, text: "cards".into() }).unwrap();
        sim.order(What::Severity { incident: None, level: 3, text: "slow".into() }).unwrap();
        let away = away(&sim.state, &sim.events[left..]);
        let counts = ["1 trigger fired", "2 severities set", "1 decision", "1 override", "1 note", "1 step done"];
        assert_eq!(away.counts, counts);
        let lines: Vec<&str> = away.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines[0], "SEV2 #1 opened by ana: cards", "of one weight the newest first");
        assert!(lines[1].starts_with("too-many"), "{lines:?}");
        assert!(lines[2].contains("GO, decided by ana"), "{lines:?}");
        assert_eq!(lines[3..], ["SEV3 #2 opened by ana: slow", "ana: looking", "Step tell  done, says ana"]);
    }
}
