//! Whether a launch can start: what was found of everything that it will need, the gravest first, each with what to do.
//!
//! What is measured and which secrets have a value is known to whoever follows the launch. What only the engine's machine
//! can tell (scripts, hosts, disk, clock, blanks) comes as [`Found`]. Nothing of it stops anybody: people decide.

mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Mode;
use super::ids::SignalId;
use super::launch::{LaunchState, Status, USUAL, first_bound};
use super::outline::{Outline, ProbeOutline};
use super::practice::NOT_MEASURED;
use super::reading::{Level, Outcome};
use super::secret::MissingSecret;
use super::time::Timestamp;
use super::units::Unit;
use super::view::SignalView;
use super::wall::Wall;
use super::words::count;

/// What a row is about, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A secret has a value.
    Secret,
    /// Nobody else can write the plan's file.
    Plan,
    /// A script or program of a step is there and can be run.
    Script,
    /// A host is found and answers a connection.
    Host,
    /// Our own side reaches its vantage.
    Vantage,
    /// A probe measures.
    Probe,
    /// Every rule can be judged: what it names is there, and the baseline that it compares with.
    Rule,
    /// There is room on the disk.
    Disk,
    /// The clock of the engine's machine is right.
    Clock,
    /// The first command may start when it is due: its window is open then.
    Window,
    /// Nothing is left to fill in.
    Blank,
    /// The plan was rehearsed.
    Rehearsal,
}

impl Kind {
    /// The word in front.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Secret => "secret",
            Kind::Plan => "plan",
            Kind::Script => "script",
            Kind::Host => "host",
            Kind::Vantage => "vantage",
            Kind::Probe => "probe",
            Kind::Rule => "rule",
            Kind::Disk => "disk",
            Kind::Clock => "clock",
            Kind::Window => "window",
            Kind::Blank => "blanks",
            Kind::Rehearsal => "rehearsal",
        }
    }
}

/// How grave a row is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Something of the launch will not work.
    Blocker,
    /// It may not work, or is not as it should be.
    Warning,
    /// It can't be known, or is not yet.
    Unknown,
    /// It is well.
    Ok,
}

impl Grade {
    /// The word beside the symbol.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Blocker => "BLOCKER",
            Grade::Warning => "warning",
            Grade::Unknown => "unknown",
            Grade::Ok => "ok",
        }
    }
}

/// One thing that the launch will need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is about.
    pub kind: Kind,
    /// How grave it is.
    pub grade: Grade,
    /// Which one: `./deploy.sh`, `primary`.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What to do; empty where nothing is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub todo: String,
}

impl Row {
    /// A row without anything to do.
    pub fn new(kind: Kind, grade: Grade, what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { kind, grade, what: what.into(), found: found.into(), todo: String::new() }
    }

    /// With what to do.
    pub fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = todo.into();
        self
    }

    /// `secret primary: it has no value here`.
    pub fn words(&self) -> String {
        format!("{} {}: {}", self.kind.word(), self.what, self.found)
    }
}

/// What the engine's machine found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// When, on the wall.
    pub at: Timestamp,
    /// One a thing.
    pub rows: Vec<Row>,
}

/// The READY card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Card {
    /// All rows, the gravest first, then by kind.
    pub rows: Vec<Row>,
    /// When the engine's machine was looked at last, on the wall; none where that is not known yet.
    pub at: Option<Timestamp>,
}

impl Card {
    /// Of what is measured, which secrets lack a value and why, and what the machine found.
    pub fn of(
        outline: &Outline,
        signals: &BTreeMap<SignalId, SignalView>,
        missing: &[MissingSecret],
        found: Option<&Found>,
    ) -> Self {
        let mut rows: Vec<Row> = outline.probes.iter().map(|probe| measured(probe, signals)).collect();
        rows.extend(outline.secrets.keys().map(|name| secret(name, missing)));
        rows.extend(found.iter().flat_map(|found| found.rows.iter().cloned()));
        if found.is_none() {
            let asked = Row::new(Kind::Script, Grade::Unknown, "scripts, hosts, disk", "not looked at yet");
            rows.push(asked);
        }
        rows.sort_by_key(|row| (row.grade, row.kind));
        Self { rows, at: found.map(|found| found.at) }
    }

    /// Of a launch before its start, with its windows and our own side. A rehearsal on stand-ins is blocked by nothing: what
    /// would block the real launch is a warning.
    pub fn of_launch(
        state: &LaunchState,
        signals: &BTreeMap<SignalId, SignalView>,
        missing: &[MissingSecret],
        found: Option<&Found>,
        now: Timestamp,
    ) -> Self {
        let cut = state.side.cut.as_ref().map(|(_, why)| why.as_str());
        let card = Self::of(&state.outline, signals, missing, found);
        let mut card = card.with_side(&state.outline, signals, cut).and(window(state, now));
        card.rows.extend(rules::rules(state, signals));
        // Who rehearses is about to do what that row asks for.
        let rehearsed = card.rows.iter_mut().filter(|row| row.kind == Kind::Rehearsal && state.mode == Mode::Rehearsal);
        rehearsed.for_each(|row| (row.grade, row.todo) = (Grade::Ok, String::new()));
        for row in card.rows.iter_mut().filter(|row| state.stands_in() && row.grade == Grade::Blocker) {
            row.grade = Grade::Warning;
        }
        card.and(None)
    }

    /// The same with whether our own side reaches the plan's vantage. `cut` is why it does not: then it is not known whether
    /// anything is wrong where it looks, and nothing is to be mended there.
    pub fn with_side(mut self, outline: &Outline, signals: &BTreeMap<SignalId, SignalView>, cut: Option<&str>) -> Self {
        let beyond = |row: &&mut Row| matches!(row.kind, Kind::Probe | Kind::Host) && row.grade == Grade::Blocker;
        for row in self.rows.iter_mut().filter(|_| cut.is_some()).filter(beyond) {
            (row.grade, row.todo) = (Grade::Unknown, String::new());
        }
        self.and(vantage(outline, signals, cut))
    }

    /// The same with another row.
    pub fn and(mut self, row: Option<Row>) -> Self {
        self.rows.extend(row);
        self.rows.sort_by_key(|row| (row.grade, row.kind));
        self
    }

    /// How many rows have a grade.
    pub fn count(&self, grade: Grade) -> usize {
        self.rows.iter().filter(|row| row.grade == grade).count()
    }

    /// The first blocker.
    pub fn blocker(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.grade == Grade::Blocker)
    }

    /// `NOT READY` with a blocker, else `READY`, or `READY?` while something is not known.
    pub fn word(&self) -> &'static str {
        match (self.count(Grade::Blocker), self.count(Grade::Unknown)) {
            (0, 0) => "READY",
            (0, _) => "READY?",
            _ => "NOT READY",
        }
    }

    /// `2 blockers, 1 warning, 24 ok`.
    pub fn summary(&self) -> String {
        let said =
            [(Grade::Blocker, "blocker"), (Grade::Warning, "warning")].map(|(grade, one)| (self.count(grade), one));
        let said = said.into_iter().filter(|(n, _)| *n > 0).map(|(n, one)| count(n, one));
        let rest = [Grade::Unknown, Grade::Ok].map(|grade| (self.count(grade), grade.word()));
        let rest = rest.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
        said.chain(rest).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a launch is still before its start: no step was begun, and it is not over.
pub fn is_before(state: &LaunchState) -> bool {
    !matches!(state.status, Status::Ended { .. }) && state.steps.values().all(|step| step.attempt == 0 && !step.touched)
}

/// Whether our own side reaches the plan's vantage; none where it has none. `cut` is why it does not.
fn vantage(outline: &Outline, signals: &BTreeMap<SignalId, SignalView>, cut: Option<&str>) -> Option<Row> {
    let names = outline.vantage.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let row = |grade, found: &str| Row::new(Kind::Vantage, grade, names.as_str(), found);
    let asked = || signals.values().any(|view| outline.vantage.contains(&view.id.probe) && view.last.is_some());
    let found = match cut {
        Some(why) => row(Grade::Blocker, why).todo("mend the network of this machine: nothing is known of production"),
        None if asked() => row(Grade::Ok, "our own side reaches it"),
        None => row(Grade::Unknown, "not measured yet"),
    };
    (!outline.vantage.is_empty()).then_some(found)
}

/// Whether the first command may start when it is due; none where the plan has no window for it. A closed one blocks the
/// launch from T-0 on; before that T-0 can be moved, and it is a warning.
pub fn window(state: &LaunchState, now: Timestamp) -> Option<Row> {
    let first = first_bound(state, now)?;
    let (title, due) = (&first.step.title, Wall::of(state).zoned(first.at, now));
    let row = |grade, found| Row::new(Kind::Window, grade, first.window, found);
    Some(match first.opens {
        _ if state.stands_in() => row(Grade::Ok, "it binds no stand-in: this rehearsal goes on at any time".to_owned()),
        None => row(Grade::Ok, format!("open when {title} is due, {due}")),
        Some(opens) => row(
            if state.t0 <= now { Grade::Blocker } else { Grade::Warning },
            format!("closed when {title} is due, {due}: {opens}"),
        )
        .todo("slip T-0 into it, or the lead passes it for that start: an override"),
    })
}

fn secret(name: &str, missing: &[MissingSecret]) -> Row {
    match missing.iter().find(|secret| secret.name == name) {
        Some(MissingSecret { why, out, .. }) => Row::new(Kind::Secret, Grade::Blocker, name, why).todo(out),
        None => Row::new(Kind::Secret, Grade::Ok, name, "has a value"),
    }
}

/// Whether it was measured, and has a limit that compares with what was not captured yet.
pub fn lacks_baseline(why: &str) -> bool {
    why.starts_with("no baseline of ")
}

/// Whether nobody answered, so that nothing is wrong with what was asked.
fn is_silent(why: &str) -> bool {
    ["connection refused", "no answer within", "connection reset"].iter().any(|said| why.contains(said))
}

/// How a probe measures: as its worst signal.
fn measured(probe: &ProbeOutline, signals: &BTreeMap<SignalId, SignalView>) -> Row {
    let views: Vec<&SignalView> = signals.values().filter(|view| view.id.probe == probe.id).collect();
    let row = |grade, found: String| Row::new(Kind::Probe, grade, probe.id.as_str(), found);
    let named = |view: &SignalView| {
        let why = view.why.clone().unwrap_or_else(|| view.level.to_string());
        let said = view.id.instance.as_ref().map_or_else(|| why.clone(), |i| format!("{i}: {why}"));
        // What is as bad, or bad at all, is not hidden by it.
        let others = views.iter().filter(|other| other.id != view.id && other.level > Level::Ok && other.why.is_some());
        let others = others.filter(|other| other.why != view.why || other.id.instance != view.id.instance);
        match others.count() {
            0 => said,
            n => format!("{said}; and {n} more of its signals"),
        }
    };
    let unit = |view: &SignalView| probe.measure(Some(&view.id.measure)).map_or(Unit::Count, |m| m.unit);
    let shown = |view: &&SignalView| Some((view.id.clone(), view.last.as_ref()?.shown(unit(view))?));
    // What a condition means that names no measure says most.
    let first = probe.measures.first().map(|measure| &measure.name);
    let main = views.iter().filter(|view| Some(&view.id.measure) == first);
    let value = main.chain(&views).find_map(shown);
    let Some(worst) = views.iter().copied().max_by_key(|view| rank(view)) else {
        return row(Grade::Unknown, "not measured yet".to_owned());
    };
    match (worst.level, &worst.last) {
        (Level::Unknown, None) if views.iter().all(|view| view.last.is_none()) => {
            row(Grade::Unknown, "not measured yet".to_owned())
        }
        (Level::Unknown, Some(Outcome::Few(_))) => {
            row(Grade::Warning, named(worst)).todo("it counts once there are enough samples")
        }
        (Level::Unknown, Some(Outcome::Value(_))) if worst.why.as_deref().is_some_and(lacks_baseline) => {
            row(Grade::Warning, named(worst)).todo(format!("tminus do baseline {} {USUAL}", probe.id))
        }
        // A part of it is measured: another instance may come with the launch.
        (Level::Unknown, _) if views.iter().any(|view| view.level != Level::Unknown) => {
            row(Grade::Warning, named(worst)).todo("mend it, unless the launch brings it")
        }
        (Level::Unknown, _) if worst.why.as_deref().is_some_and(|why| why.contains(NOT_MEASURED)) => {
            row(Grade::Warning, named(worst)).todo("nothing to mend: a launch measures it, a scenario can set it")
        }
        (Level::Unknown, _) if worst.why.as_deref().is_some_and(|why| why.contains("has no value here")) => {
            row(Grade::Blocker, named(worst)).todo("give that secret its value; its own row says how")
        }
        // Asked too often, as by other launches beside this one: it answers again by itself.
        (Level::Unknown, _) if worst.why.as_deref().is_some_and(|why| why.contains("answered 429")) => {
            row(Grade::Unknown, named(worst)).todo("wait, or say a longer `every`: others ask it too")
        }
        (Level::Unknown, _) if worst.why.as_deref().is_some_and(is_silent) => {
            row(Grade::Blocker, named(worst)).todo("start it, or see why it does not answer from here")
        }
        (Level::Unknown, _) => {
            let asks = if probe.target.is_empty() { String::new() } else { format!(": {}", probe.target) };
            row(Grade::Blocker, named(worst)).todo(format!("mend what it asks{asks}"))
        }
        (Level::Critical | Level::Warn, _) => {
            row(Grade::Warning, named(worst)).todo("start only if you know why, and mean it")
        }
        (Level::Ok, _) => {
            let more = if views.len() > 1 { format!(", {}", count(views.len(), "signal")) } else { String::new() };
            // Whose value, and of what, unless that is all there is.
            let value = value.map_or_else(String::new, |(id, value)| {
                let measure = Some(id.measure.as_str()).filter(|measure| *measure != "value");
                let words = id.instance.iter().map(|i| i.as_str()).chain(measure).chain([value.as_str()]);
                words.collect::<Vec<_>>().join(" ")
            });
            row(Grade::Ok, format!("{value}{more}"))
        }
    }
}

/// What says most of a probe: what nobody knows, then what is bad.
fn rank(view: &SignalView) -> u8 {
    match (view.level, &view.last) {
        // What is not connected is not measured either: the failure says more.
        (_, Some(Outcome::Failing(_))) => 5,
        (Level::Unknown, Some(Outcome::Few(_))) => 2,
        (Level::Unknown, _) => 4,
        (Level::Critical, _) => 3,
        (Level::Warn, _) => 1,
        (Level::Ok, _) => 0,
    }
}

#[cfg(test)]
mod tests;
