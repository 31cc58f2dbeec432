//! The plan file as people write it: one type a table, with the docs that `tminus schema` shows. What it means is made of
//! it in [`super::build`].

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::clock::{At, WindowTable};
use super::forms;
use crate::core::condition::NoDataRule;
use crate::core::outline::{OnFail, OnStop, Pane, Then, TriggerAction};
use crate::core::text::OneOrMany;
use crate::core::time::{Offset, Span};
use crate::core::window::DayTime;

/// A text with its place in the file.
pub type Text = Spanned<String>;

/// A length of time with its place in the file.
pub type Time = Spanned<Span>;

/// `[plan]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlanTable {
    /// What is launched.
    #[schemars(with = "forms::Words")]
    pub name: Text,
    /// Which version of it.
    #[serde(default)]
    pub version: String,
    /// Where: `production`, `staging`.
    #[schemars(with = "forms::Words")]
    pub environment: String,
    /// The zone of the wall clock, as `Europe/Berlin`.
    #[schemars(with = "Option<String>")]
    pub zone: Option<Text>,
    /// When steps with a command may start, as `{ days = ["tue", "wed"], from = "02:00", to = "04:00" }`. It never binds
    /// a way back, nor what people do by hand.
    #[schemars(with = "Option<WindowTable>")]
    pub window: Option<Spanned<WindowTable>>,
    /// The rollback that is offered first where it undoes something that has begun, unless a trigger, an incident or a step
    /// that failed asks for another one. Until then what undoes the newest step is offered first.
    #[schemars(with = "Option<String>")]
    pub rollback: Option<Text>,
    /// What is told that the engine lives, so that something else notices when it does not.
    pub heartbeat: Option<HeartbeatTable>,
    /// The shell and its arguments before the command; `bash -eo pipefail -c` unless given.
    #[serde(default)]
    pub shell: Vec<String>,
}

/// `[environment.NAME]`: what `--env NAME` lays over the plan, beside its variables, secrets and probes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvironmentTable {
    /// `real` lets a rehearsal here start commands and send messages (`tminus launch PLAN --env NAME --rehearse`); any
    /// other runs on stand-ins. Not for the live environment: neither the plan's own, nor one called `production`.
    #[schemars(with = "Option<Rehearse>")]
    pub rehearse: Option<Spanned<Rehearse>>,
}

/// What a rehearsal may do in an environment.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rehearse {
    /// It starts commands.
    Real,
}

/// `[[probe]]`, beside the table of its kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProbeTable {
    /// Its name in conditions.
    #[schemars(with = "forms::ProbeId")]
    pub id: Text,
    /// What people call it.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// Where it is shown.
    pub pane: Option<Pane>,
    /// Its interval.
    #[schemars(with = "Option<forms::Some>")]
    pub every: Option<Time>,
    /// After this long a poll is given up.
    #[schemars(with = "Option<forms::Some>")]
    pub timeout: Option<Time>,
    /// Fewer samples than this are no data.
    pub min_samples: Option<u64>,
    /// Any of these makes it warn.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub warn: Vec<Text>,
    /// Any of these makes it critical.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub critical: Vec<Text>,
}

/// One consequence or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
pub enum OneThenOrMany {
    /// One.
    One(Then),
    /// Several.
    Many(Vec<Then>),
}

/// `[[phase]]`, beside its steps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PhaseTable {
    /// Its id.
    #[schemars(with = "forms::Id")]
    pub id: Text,
    /// Its title.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// When its steps become due: `T+30m`, or `deploy.done + 2h` after a phase or a step is done (for which they wait).
    #[schemars(with = "Option<At>")]
    pub at: Option<Spanned<At>>,
    /// Its steps are not due before this time of day in the plan's zone: of the day of `at`; without one of T-0's, or of
    /// the day after where it is over by more than six hours at T-0.
    #[schemars(with = "Option<DayTime>")]
    pub not_before: Option<Spanned<DayTime>>,
    /// When its steps with a command may start, instead of the plan's window.
    #[schemars(with = "Option<WindowTable>")]
    pub window: Option<Spanned<WindowTable>>,
    /// Phases and steps that must be over first.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub after: Vec<Text>,
}

/// `[[phase.step]]` and `[[rollback.NAME.step]]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepTable {
    /// Its id, unique in the plan.
    #[schemars(with = "forms::Id")]
    pub id: Text,
    /// Its title.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// The role that does it.
    #[schemars(with = "Option<String>")]
    pub owner: Option<Text>,
    /// How long it is expected to take, with its soak.
    #[schemars(with = "Option<forms::Least>")]
    pub estimate: Option<Time>,
    /// When it becomes due, beside its phase's time: `T+30m`, or `deploy.done + 2h` after a phase or a step is done (for
    /// which it waits).
    #[schemars(with = "Option<At>")]
    pub at: Option<Spanned<At>>,
    /// It is not due before this time of day in the plan's zone, as for a phase.
    #[schemars(with = "Option<DayTime>")]
    pub not_before: Option<Spanned<DayTime>>,
    /// Steps and phases that must be over first.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub after: Vec<Text>,
    /// Boxes to tick.
    #[serde(default)]
    #[schemars(with = "BTreeSet<forms::Words>")]
    pub items: Vec<Text>,
    /// The command. Variables and secrets reach it as environment variables; nothing is replaced in its text.
    #[schemars(with = "Option<forms::Shell>")]
    pub run: Option<Text>,
    /// Limit of the command.
    #[schemars(with = "Option<forms::Some>")]
    pub timeout: Option<Time>,
    /// All of these must hold after the command; of a step by hand, after its last box, or once it is begun where it has
    /// none.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub verify: Vec<Text>,
    /// How long `verify` must hold.
    #[schemars(with = "Option<forms::Some>")]
    pub soak: Option<Time>,
    /// Limit of the whole step.
    #[schemars(with = "Option<forms::Some>")]
    pub limit: Option<Time>,
    /// Any of these ends it at once.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub fail: Vec<Text>,
    /// What a failure does beyond failing.
    #[serde(default)]
    pub on_fail: OnFail,
    /// How it is undone: a command, or a table with more.
    pub undo: Option<UndoTable>,
    /// All of these must hold for a go: it is a gate.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany>")]
    pub require: Option<Vec<Text>>,
    /// Roles that vote: it is a gate.
    #[schemars(with = "Option<Vec<String>>")]
    pub poll: Option<Vec<Text>>,
    /// How long an opened poll stays open.
    #[schemars(with = "Option<forms::Some>")]
    pub expires: Option<Time>,
    /// How many people must agree to its start, the one who starts it among them.
    #[schemars(with = "Option<std::num::NonZeroU8>")]
    pub approvals: Option<Spanned<u8>>,
    /// What becomes of its command when someone stops it.
    #[serde(default)]
    pub on_stop: OnStop,
    /// It starts by itself when due.
    #[serde(default)]
    pub auto: bool,
    /// Its command may be sent lines.
    #[serde(default)]
    pub input: bool,
    /// Keeps the last line of its command's output under this name: later commands, also undos and rollbacks, receive it
    /// as an environment variable. A step that speaks of it does not start before it is there. A line that holds a secret
    /// is not kept.
    #[schemars(with = "Option<String>")]
    pub output: Option<Text>,
}

/// The long form of `undo`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UndoTable {
    /// The command.
    #[schemars(with = "forms::Shell")]
    pub run: Text,
    /// All of these must hold before the next undo.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub require: Vec<Text>,
    /// Limit of the command.
    #[schemars(with = "Option<forms::Some>")]
    pub timeout: Option<Time>,
    /// How long it is expected to take.
    #[schemars(with = "Option<forms::Least>")]
    pub estimate: Option<Time>,
}

/// `[[trigger]]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TriggerTable {
    /// Its id.
    #[schemars(with = "forms::Id")]
    pub id: Text,
    /// What people call it.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// When it fires. A trigger has this or `ask`.
    #[schemars(with = "Option<String>")]
    pub when: Option<Text>,
    /// A question that no probe can answer, as `Data corruption?`: a person fires the trigger, with `fire`, and clears
    /// it, with `clear`. A trigger has this or `when`.
    #[schemars(with = "Option<forms::Words>")]
    pub ask: Option<Text>,
    /// What it does.
    #[serde(default)]
    pub action: TriggerAction,
    /// The rollback it proposes.
    #[schemars(with = "Option<String>")]
    pub rollback: Option<Text>,
    /// What no data does to its clock; of a measured one.
    #[schemars(with = "Option<NoDataRule>")]
    pub no_data: Option<Spanned<NoDataRule>>,
    /// How long it must not hold before it counts as cleared; 2m unless given; of a measured one.
    #[schemars(with = "Option<forms::Least>")]
    pub clear_after: Option<Time>,
}

/// `[rollback.NAME]`, beside its steps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RollbackTable {
    /// Its title.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// How long it is expected to take.
    #[schemars(with = "Option<forms::Least>")]
    pub estimate: Option<Time>,
    /// READY while all of these hold.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub require: Vec<Text>,
    /// Steps of the plan that it undoes; `*` stands for anything, `[]` says that it undoes none.
    #[schemars(with = "Option<OneOrMany>")]
    pub undoes: Option<Vec<Text>>,
    /// What is lost by it.
    pub loses: Option<String>,
    /// It is closed once this step has started, until that is undone.
    #[schemars(with = "Option<String>")]
    pub possible_until: Option<Text>,
}

/// `[severity.N]`
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SeverityTable {
    /// What it looks like.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub means: Vec<String>,
    /// How soon somebody must be on it; 0m is at once.
    #[schemars(with = "Option<forms::Least>")]
    pub respond: Option<Time>,
    /// How often people must be told how it goes.
    #[schemars(with = "Option<forms::Some>")]
    pub update: Option<Time>,
    /// Who is called until it is mitigated. Where nobody of a rung answers, the next one does not wait for its time.
    #[serde(default)]
    #[schemars(with = "Vec<RungTable>")]
    pub escalate: Vec<Spanned<RungTable>>,
    /// What follows at once of an incident that gets this bad: `hold` (the launch holds), `propose` (the way back is
    /// asked for; nobody's going back begins by itself).
    #[serde(default)]
    #[schemars(with = "OneThenOrMany")]
    pub then: Vec<Spanned<Then>>,
    /// What an update says. `${live.now}`, `${live.signals}`, `${live.severity}`, `${live.incident}`, `${live.text}`,
    /// `${live.state}`, `${live.open}`, `${live.who}`, `${live.back}`, `${live.call}` and `${live.next}` are filled in
    /// when it is written, variables when the plan is read; its author reads it before it is told.
    #[schemars(with = "Option<forms::Words>")]
    pub template: Option<Text>,
}

/// A rung of `escalate`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RungTable {
    /// How long after the incident became this bad; 0m is at once.
    #[schemars(with = "forms::Least")]
    pub after: Time,
    /// Roles that are called, each with its backup where it does not answer.
    #[schemars(with = "OneOrMany")]
    pub to: Vec<Text>,
}

/// `[[watch]]`: the same check, again and again, done by a person. It has `rounds` or `at`. At its time a check is due; it
/// is overdue once `grace` is over, and missed when the next one is due: nothing catches up. What is measured at the moment
/// at which it is done is kept with it. A sync, a short meeting or an update to others, is one with `at`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WatchTable {
    /// Its id, other than that of any step: orders name it alike.
    #[schemars(with = "forms::Id")]
    pub id: Text,
    /// What people call it.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// The role that does it.
    #[schemars(with = "Option<String>")]
    pub owner: Option<Text>,
    /// How often, one span of time after the other: the first begins at T-0, with its first check `every` later.
    #[serde(default)]
    #[schemars(with = "Vec<RoundTable>")]
    pub rounds: Vec<Spanned<RoundTable>>,
    /// When, as `["T+6h", "T+24h"]`, instead of rounds.
    #[serde(default)]
    #[schemars(with = "OffsetOrMany")]
    pub at: Vec<Spanned<Offset>>,
    /// Boxes to tick each time; with the last one the check is done.
    #[serde(default)]
    #[schemars(with = "forms::Boxes")]
    pub items: Vec<Text>,
    /// Probes whose signals are kept with each check; all unless given. What is not well is kept whatever its probe.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub signals: Vec<Text>,
    /// How long after its time a check is overdue; 10m, or a third of `every` where that is less, unless given.
    #[schemars(with = "Option<forms::Some>")]
    pub grace: Option<Time>,
}

/// One of `rounds`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoundTable {
    /// Its end, as `T+2h`; the next one begins there.
    #[schemars(with = "Offset")]
    pub until: Spanned<Offset>,
    /// How often; 1m or longer.
    #[schemars(with = "forms::Some")]
    pub every: Time,
}

/// One offset or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
pub enum OffsetOrMany {
    /// One.
    One(Offset),
    /// Several.
    Many(Vec<Offset>),
}

/// `[[criterion]]`: success over time. Which share of the observed time `when` held, of all instances, from T-0 on; time
/// that nobody observed is neither good nor bad. It begins anew when T-0 moves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CriterionTable {
    /// Its id; the condition unless given.
    #[schemars(with = "Option<forms::Id>")]
    pub id: Option<Text>,
    /// What people call it.
    #[schemars(with = "Option<forms::Words>")]
    pub title: Option<String>,
    /// What must hold, as `errors < 1%`; all of the time counts, so it has no `for` and no `k of n`.
    #[schemars(with = "String")]
    pub when: Text,
    /// For how long from T-0.
    #[schemars(required, with = "Option<forms::Some>")]
    pub over: Option<Time>,
    /// Which share of `over` it must hold, as `99.9%`: the rest is the error budget.
    #[schemars(with = "Option<String>")]
    pub target: Option<Text>,
}

/// `[channel.NAME]`, beside the table of its kind.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChannelTable {
    /// At most so many messages a minute; 10 unless given. What is more waits, and goes out as one message where the kind
    /// can do that: `… (and 12 more)`.
    #[schemars(with = "Option<std::num::NonZeroU32>")]
    pub per_minute: Option<Spanned<u32>>,
}

/// `[[notify]]`: what is told, and by which channels. What no rule names is told to nobody.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotifyTable {
    /// What is told: `critical` (a probe is over that limit), `trigger` (one fired), `gate` (it asks for its decision),
    /// `overdue` (a response, an update, a decision, a check or a handover that did not come in time), `sev1` to `sev4`
    /// (such an incident is open), `step-failed`, `rollback` (begun, or stopped), `handover` (a change of shift is near,
    /// or waits to be accepted), `budget` (the error budget of a criterion is used up), `side-cut-off` (no vantage answers:
    /// nothing is known of production), `ended`. Each is told once, and its end too.
    #[serde(default)]
    #[schemars(with = "forms::Notices")]
    pub on: Vec<Text>,
    /// By which channels.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub to: Vec<Text>,
    /// Who is told where nobody acknowledges.
    pub unacked: Option<UnackedTable>,
}

/// `unacked` of a `[[notify]]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnackedTable {
    /// After this long without an acknowledgement, as long as it stands.
    #[schemars(with = "forms::Some")]
    pub after: Time,
    /// By which channels.
    #[serde(default)]
    #[schemars(with = "OneOrMany")]
    pub to: Vec<Text>,
}

/// `heartbeat` of `[plan]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HeartbeatTable {
    /// What is asked by GET, as `${secret.heartbeat}`: the check of a service that raises the alarm when nobody asks.
    #[schemars(with = "String")]
    pub url: Text,
    /// How often; 60s unless given.
    #[schemars(with = "Option<forms::Some>")]
    pub every: Option<Time>,
}

/// Keys of a later version, which are unknown until then.
pub const LATER: &[&str] = &["send", "wait"];
