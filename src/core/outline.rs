//! The plan as the launch carries it: everything a screen shows and everything `decide` needs, with all templates
//! expanded, all conditions read and `after` resolved. It is in the first event of the journal, so that a client, a
//! replay and a report need no plan file. No secret's value is in it, only references as written.

mod index;
mod shifts;
mod step;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, NoDataRule};
use super::criterion::CriterionOutline;
use super::ids::{Instance, Measure, PhaseId, ProbeId, RoleId, RollbackId, StepId, TriggerId, WatchId};
use super::notice::{ChannelOutline, NotifyOutline};
use super::time::{Offset, Span};
use super::units::Unit;
use super::watch::WatchOutline;
use super::window::{DayTime, Window};

pub use index::StepIndex;
pub use shifts::{ShiftsOutline, Turn};
pub use step::{Gate, OnFail, OnStop, StepOutline, Undo};

/// The whole plan, ready to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The plan's name, as `Wallet service`.
    pub name: String,
    /// What is launched, as `v1.0.0`; may be empty.
    pub version: String,
    /// Where, as `production`.
    pub environment: String,
    /// The time zone of the plan's people (IANA name), for the wall clock; none shows the client's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// When steps with a command may start; a phase may have its own instead. Never binds a way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What `R` offers first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackId>,
    /// The variables after `--var` and `--env`, as commands receive them.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// The names of secrets, and how each is referred to (`${env:PRIMARY_URL}`); never a value.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Who is who.
    #[serde(default)]
    pub roles: BTreeMap<RoleId, Role>,
    /// The shell and its arguments before the command text.
    #[serde(default)]
    pub shell: Vec<String>,
    /// The probes, in the file's order.
    pub probes: Vec<ProbeOutline>,
    /// The phases, in the file's order.
    pub phases: Vec<PhaseOutline>,
    /// All steps of all phases, in the file's order, `each` expanded.
    pub steps: Vec<StepOutline>,
    /// The triggers, in the file's order.
    pub triggers: Vec<TriggerOutline>,
    /// The named rollbacks, in the file's order.
    pub rollbacks: Vec<RollbackOutline>,
    /// SEV1..SEV4, for those that the plan describes.
    #[serde(default, deserialize_with = "by_level")]
    pub severities: BTreeMap<u8, SeverityOutline>,
    /// The channels by which people are told, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelOutline>,
    /// What is told, and by which of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<NotifyOutline>,
    /// The checks that come again, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watches: Vec<WatchOutline>,
    /// Who is on shift when; none where the plan has no shifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shifts: Option<ShiftsOutline>,
    /// Success over time, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<CriterionOutline>,
    /// How often the engine says to somebody else that it lives; none where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Span>,
    /// The probes that our own side must reach: while none of them answers, what fails says nothing of production. None
    /// where every failure counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vantage: Vec<ProbeId>,
    /// Where its steps stand.
    #[serde(skip)]
    pub places: StepIndex,
}

/// A person or group with a part in the launch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Role {
    /// Who it is.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Who stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
}

impl Role {
    /// The people it names: who it is, and who stands in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let both = std::iter::once(self.name.as_str()).chain(self.backup.as_deref());
        both.map(str::trim).filter(|name| !name.is_empty())
    }
}

/// Which pane of the screen shows a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pane {
    /// Health endpoints.
    Health,
    /// Error rates, drawn as a chart.
    Errors,
    /// Replica lag.
    Replication,
    /// Queue backlogs.
    Queues,
    /// Everything else.
    Signals,
}

/// A probe: what is measured, how often, and within which limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeOutline {
    /// Its id.
    pub id: ProbeId,
    /// What people call it; the id where the plan has none.
    pub title: String,
    /// Where it is shown.
    pub pane: Pane,
    /// Which kind of probe it is, by its key in the plan: `http`, `postgres`, …
    pub kind: String,
    /// What it asks, in a line, secrets as written.
    pub target: String,
    /// How often it is asked. After three of these without a reading its signals are stale.
    pub every: Span,
    /// After this long a poll is given up, or after `every` where that is shorter.
    pub timeout: Span,
    /// What it measures; the first is what the bare probe id means in a comparison.
    pub measures: Vec<MeasureOutline>,
    /// Instances that must be there; one that is missing is unknown.
    #[serde(default)]
    pub expect: Vec<Instance>,
    /// Any of these makes it warn.
    #[serde(default)]
    pub warn: Vec<Condition>,
    /// Any of these makes it critical.
    #[serde(default)]
    pub critical: Vec<Condition>,
}

/// One measure of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureOutline {
    /// The word after the dot in a condition, as `latency` in `api.latency`.
    pub name: Measure,
    /// How it is written and read.
    pub unit: Unit,
    /// One line on what it is.
    pub what: String,
    /// The probe has it once, for all its instances together; else each instance has one of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// A moment that counts from what happened: `deploy.done + 2h`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The step or phase, as written.
    pub name: String,
    /// The step, or the steps of the phase: it happened when the last of them is over. They stand in `after` too.
    pub of: Vec<StepId>,
    /// How long after that; not negative.
    pub plus: Span,
}

/// A phase: steps under one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseOutline {
    /// Its id.
    pub id: PhaseId,
    /// Its title.
    pub title: String,
    /// When its steps become due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Offset>,
    /// The same counted from what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The time of day before which it is not due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DayTime>,
    /// When its steps with a command may start, instead of the plan's window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

/// A rule that watches the launch in every state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerOutline {
    /// Its id.
    pub id: TriggerId,
    /// What people call it; the condition or the question where the plan has none.
    pub title: String,
    /// What makes it fire.
    #[serde(flatten)]
    pub fires: Fires,
    /// What happens when it fires.
    pub action: TriggerAction,
    /// The rollback it proposes; the plan's first where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackId>,
    /// What no data does to its clock. Means nothing where a person fires it.
    #[serde(default)]
    pub no_data: NoDataRule,
    /// How long it must not hold before it counts as cleared. Means nothing where a person fires it.
    pub clear_after: Span,
}

impl TriggerOutline {
    /// The condition that fires it, where it is measured.
    pub fn when(&self) -> Option<&Condition> {
        match &self.fires {
            Fires::When(condition) => Some(condition),
            Fires::Ask(_) => None,
        }
    }

    /// Whether a person fires it, and clears it.
    pub fn is_asked(&self) -> bool {
        matches!(self.fires, Fires::Ask(_))
    }
}

/// What makes a trigger fire. It is written as its key in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fires {
    /// The condition that must hold, for as long as it says.
    When(Condition),
    /// A question that a person answers with yes.
    Ask(String),
}

/// `errors > 5% for 10m`, `Data corruption?`.
impl std::fmt::Display for Fires {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fires::When(condition) => condition.fmt(f),
            Fires::Ask(question) => f.write_str(question),
        }
    }
}

/// What a fired trigger does. None of them starts anything by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerAction {
    /// It is said.
    #[default]
    Notify,
    /// It is said, with the way back beside it.
    Consider,
    /// The launch holds, and the way back is asked for.
    Propose,
}

/// A named way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackOutline {
    /// Its id.
    pub id: RollbackId,
    /// Its title.
    pub title: String,
    /// How long it is expected to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Span>,
    /// READY while all of these hold.
    #[serde(default)]
    pub require: Vec<Condition>,
    /// Steps of the plan that it undoes (patterns expanded).
    #[serde(default)]
    pub undoes: Vec<StepId>,
    /// What is lost by it; then the environment's name must be typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loses: Option<String>,
    /// It is closed once this step has started, until it is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_until: Option<StepId>,
    /// What it does, in order. Their ids are `ROLLBACK/STEP`.
    pub steps: Vec<StepOutline>,
}

/// What a severity means and sets going.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityOutline {
    /// What it looks like.
    #[serde(default)]
    pub means: Vec<String>,
    /// How soon somebody must be on it. Not negative; zero is at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond: Option<Span>,
    /// How often people must be told how it goes. Positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Span>,
    /// Who is called until it is mitigated, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate: Vec<Rung>,
    /// What follows at once of an incident that gets this bad.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Then>,
    /// What an update says, with `${live.NAME}` for what is so at that moment; the plan's variables are filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// A step of the escalation: who is called, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// How long after the incident became this bad. Not negative; zero is at once.
    pub after: Span,
    /// Who is called, each with their backup where they don't answer.
    pub to: Vec<RoleId>,
}

/// What follows at once of an incident that gets bad enough. Neither starts anything by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// The launch holds.
    Hold,
    /// The way back is asked for.
    Propose,
}

/// Inside a tagged event serde gives the keys of a JSON object as texts alone, never as the numbers that they are.
fn by_level<'de, D: serde::Deserializer<'de>>(d: D) -> Result<BTreeMap<u8, SeverityOutline>, D::Error> {
    let texts = BTreeMap::<String, SeverityOutline>::deserialize(d)?;
    let level = |(key, value): (String, _)| key.parse().map(|level| (level, value)).map_err(serde::de::Error::custom);
    texts.into_iter().map(level).collect()
}

impl Outline {
    /// What is launched: `Wallet service v1.0.0`, or the name alone where the plan says no version.
    pub fn called(&self) -> String {
        format!("{} {}", self.name, self.version).trim_end().to_owned()
    }

    /// The step of that id, of a phase or of a named rollback.
    pub fn step(&self, id: &StepId) -> Option<&StepOutline> {
        let of_phases = self.places.find(id, &self.steps);
        of_phases.or_else(|| self.rollbacks.iter().flat_map(|r| &r.steps).find(|s| s.id == *id))
    }

    /// The only step of a rollback whose id ends in this name: `to-blue` for `traffic/to-blue`.
    pub fn step_of_rollback(&self, name: &str) -> Option<&StepId> {
        let ends = |id: &&StepId| id.as_str().rsplit_once('/').is_some_and(|(_, own)| own == name);
        let mut fits = self.rollbacks.iter().flat_map(|r| &r.steps).map(|s| &s.id).filter(ends);
        fits.next().filter(|_| fits.next().is_none())
    }

    /// A command of a step as it will run: with the values of the step's row and of the plan filled in.
    pub fn as_run(&self, step: &StepId, command: &str) -> String {
        let own = self.step(step).map(|step| &step.vars);
        let value = |name: &str| own.and_then(|own| own.get(name)).or(self.vars.get(name)).map(String::as_str);
        super::expand::filled(command, value)
    }

    /// The phase of that id.
    pub fn phase(&self, id: &PhaseId) -> Option<&PhaseOutline> {
        self.phases.iter().find(|p| p.id == *id)
    }

    /// The probe of that id.
    pub fn probe(&self, id: &ProbeId) -> Option<&ProbeOutline> {
        self.probes.iter().find(|p| p.id == *id)
    }

    /// The trigger of that id.
    pub fn trigger(&self, id: &TriggerId) -> Option<&TriggerOutline> {
        self.triggers.iter().find(|t| t.id == *id)
    }

    /// The watch of that id.
    pub fn watch(&self, id: &WatchId) -> Option<&WatchOutline> {
        self.watches.iter().find(|w| w.id == *id)
    }

    /// The named rollback of that id.
    pub fn rollback(&self, id: &RollbackId) -> Option<&RollbackOutline> {
        self.rollbacks.iter().find(|r| r.id == *id)
    }

    /// The steps of a phase, in order.
    pub fn steps_of(&self, phase: &PhaseId) -> impl DoubleEndedIterator<Item = &StepOutline> + use<'_> {
        self.places.of_phase(phase, &self.steps).into_iter()
    }
}

impl ProbeOutline {
    /// The measure of that name, or the first where none is named.
    pub fn measure(&self, name: Option<&Measure>) -> Option<&MeasureOutline> {
        match name {
            Some(name) => self.measures.iter().find(|m| m.name == *name),
            None => self.measures.first(),
        }
    }

    /// Whether it asks the same question of the same place: what it measured goes on then.
    pub fn asks_as(&self, other: &Self) -> bool {
        (&self.kind, &self.target) == (&other.kind, &other.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Event;

    #[test]
    fn a_plan_with_severities_reads_back_from_an_event() {
        let severities =
            BTreeMap::from([(2, SeverityOutline { means: vec!["slow".to_owned()], ..Default::default() })]);
        let outline = Outline { severities, ..Outline::default() };
        let by = crate::core::order::Operator { name: "ana".to_owned(), declared: false, session: 1 };
        let (outline, plan_hash) = (Box::new(outline), String::new());
        let event = Event::PlanAdopted {
            by,
            plan_hash,
            outline,
            lost: Vec::new(),
            other_undo: Vec::new(),
            under_way: Vec::new(),
        };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
