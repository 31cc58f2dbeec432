//! How a launch stands, for `tminus status`: one number for scripts, and every reason, the worst first.
//!
//! The number is of the first that holds: over 20, no engine 21, a way back that stopped 11, a way back under way 12,
//! something critical 11, rolled back 13, something that wants a person 10, all well 0. A way back under way goes before
//! what is critical, since that is why it was begun, and it is being answered; one that stopped is critical itself.

use std::collections::BTreeMap;

use super::reach;
use super::recorded::recorded;
use super::triggers::{Trigger, triggers};
use crate::core::event::IncidentState;
use crate::core::ids::{RunKind, StepId, TriggerId};
use crate::core::launch::answers::Standing as NowStands;
use crate::core::launch::answers::{Alarm, AlarmKind, Answers, Ground, Moment, Soak, WantKind, answers, soak, wants};
use crate::core::launch::{
    CriterionState, CriterionView, Forecast, LaunchState, Progress, RollbackState, Status, WayView, aftermath, blind,
    criteria, duties, explain, forecast, open_incidents, open_incidents_called, ways,
};
use crate::core::reading::Level;
use crate::core::ready::{Card, is_before};
use crate::core::signals::let_go;
use crate::core::time::Timestamp;
use crate::core::view::{Readout, SignalView};
use crate::core::words::clock;
use crate::tui::words::Zone;
use crate::wire::message::Trouble;

/// How a launch stands.
pub struct Standing {
    /// The exit status.
    pub code: u8,
    /// The same in a word or two.
    pub word: &'static str,
    /// Why, the worst first.
    pub why: Vec<String>,
    /// How far the checklist is.
    pub progress: Progress,
    /// What goes on.
    pub active: Vec<Active>,
    /// What the screen says of the same moment; none where no engine runs.
    pub answers: Option<Answers>,
    /// The ways back as they stand; none where no engine runs.
    pub ways: Vec<WayView>,
    /// When it will be over, and the latest safe go; none where no engine runs.
    pub forecast: Option<Forecast>,
    /// Whether it can start; none once it has, and where nobody looked.
    pub ready: Option<Card>,
    /// Success over time; by what is on record, where no engine runs.
    pub criteria: Vec<CriterionView>,
    /// Now, on the launch's timeline.
    pub now: Timestamp,
}

/// A step with which something goes on.
pub struct Active {
    /// Which.
    pub step: StepId,
    /// What: `running`, `soaking`, `waits for a decision`.
    pub state: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// What it waits for.
    pub because: Vec<String>,
    /// How far its soak is.
    pub soak: Option<Soak>,
}

impl Active {
    /// `deploy running 0:45`, `settle soaking 1:10 / 5:00`
    pub fn words(&self, now: Timestamp) -> String {
        let long = match (&self.soak, self.since) {
            (Some(Soak { lasted, needs, frozen, .. }), _) => {
                let frozen = if *frozen { " frozen" } else { "" };
                format!(" {} / {}{frozen}", clock(*lasted), clock(*needs))
            }
            (None, Some(at)) => format!(" {}", clock(now.since(at))),
            (None, None) => String::new(),
        };
        format!("{} {}{long}", self.step, self.state)
    }
}

impl Standing {
    /// Of a state as an engine shows it; without a readout no engine runs, and the state is the journal's.
    pub fn of(state: &LaunchState, readout: Option<&Readout>, trouble: &Trouble) -> Self {
        // A rehearsal that is quicker stands still while no engine runs.
        let wall = || if state.pace() > 1 { state.last_at } else { Timestamp::from(chrono::Utc::now()) };
        // An event may have come after the newest telemetry.
        let now = readout.map_or_else(wall, |r| r.at).max(state.last_at);
        let zone = Zone::new(state.outline.zone.as_deref(), state.wall);
        let ways = readout.map_or_else(Vec::new, |readout| ways(state, readout));
        let found = readout.zip(trouble.ready.as_ref()).filter(|_| is_before(state));
        let ready =
            found.map(|(readout, found)| Card::of_launch(state, &readout.signals, &trouble.secrets, Some(found), now));
        let told = readout.map(|readout| {
            let wall = |at| format!("{} {}", zone.near(at, now), zone.name(at));
            let secrets = &trouble.secrets;
            let plan = trouble.plan.as_deref();
            let ready = ready.as_ref();
            answers(&Moment { state, readout, ways: &ways, secrets, plan, ready, now, wall: &wall })
        });
        let (code, word, why) = match (&state.status, readout.zip(told.as_ref())) {
            (Status::Ended { why, .. }, _) => {
                let open = open_incidents_called(state).into_iter().map(|called| format!("{called} was left open"));
                (20, "over", std::iter::once(why.clone()).chain(open).collect())
            }
            (_, None) => (21, "no engine", std::iter::once(no_engine(state)).chain(recorded(state, now)).collect()),
            (_, Some((readout, told))) => stands(&Live { state, readout, trouble, told, now }),
        };
        let active = readout.map_or_else(Vec::new, |readout| active(state, readout, now));
        let forecast = readout.map(|readout| forecast(state, readout, now));
        let progress = Progress::of_all(state);
        let criteria = readout.map_or_else(|| criteria(state, &Readout::default(), now), |r| criteria(state, r, now));
        Self { code, word, why, progress, active, answers: told, ways, forecast, ready, criteria, now }
    }

    /// The same where no engine runs, with success over time as it was by the last reading.
    pub fn with_last_readings(mut self, state: &LaunchState, read: BTreeMap<String, CriterionState>) -> Self {
        let last = Readout { criteria: read, ..Readout::default() };
        self.criteria = criteria(state, &last, self.now);
        self
    }
}

/// The way out, the way back that waits for it, and of when all else is.
fn no_engine(state: &LaunchState) -> String {
    let as_of = reach::stamp(state, state.last_at);
    let out = format!("`tminus attach {}` starts it again; as of {as_of}, the journal's last moment", state.id);
    match going_back(state) {
        Some(back) => format!("{}, {} of {} done, waits for it: {out}", back.title, back.next, back.items.len()),
        None => out,
    }
}

/// The way back that is under way or stopped.
pub(super) fn going_back(state: &LaunchState) -> Option<&RollbackState> {
    let Status::RollingBack(number) = state.status else { return None };
    state.rollbacks.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// What an engine shows.
struct Live<'a> {
    state: &'a LaunchState,
    readout: &'a Readout,
    trouble: &'a Trouble,
    told: &'a Answers,
    now: Timestamp,
}

fn stands(live: &Live<'_>) -> (u8, &'static str, Vec<String>) {
    let (back, critical, attention) = (back(live), critical(live), attention(live));
    let now = live.told.now.standing;
    let (code, word) = match (&live.state.status, live.told.back.ground) {
        (_, Ground::Stopped) => (11, "critical"),
        (Status::RollingBack(_), _) => (12, "rolling back"),
        // One fold: where NOW says so, there is no better word here.
        _ if now == NowStands::Critical || !critical.is_empty() => (11, "critical"),
        (Status::RolledBack(_), _) => (13, "rolled back"),
        _ if !attention.is_empty() => (10, "attention"),
        // A plan without probes: nothing is known to be ill, and nothing to be well.
        _ if now == NowStands::Unknown => (0, "not measured"),
        _ => (0, "ok"),
    };
    // What was taken is behind us; what is critical now is not.
    let (first, then) = match live.state.status {
        Status::RollingBack(_) => (back, critical),
        _ => (critical, back),
    };
    (code, word, first.into_iter().chain(then).chain(attention).collect())
}

/// The way back that is under way, that stopped, or that was taken, in one sentence.
fn back(live: &Live<'_>) -> Vec<String> {
    let Live { state, told, now, .. } = live;
    let said = match state.status {
        Status::RollingBack(_) => {
            let back = &told.back;
            let stopped = told.alarms.iter().find(|a| a.kind == AlarmKind::RollbackStopped);
            stopped.map_or_else(
                || format!("{}, {} for {}: {}", back.to.long(), back.head.long(), back.takes, back.why.long()),
                |Alarm { place, what, .. }| format!("the rollback stopped: {place}, {what}"),
            )
        }
        Status::RolledBack(number) => return rolled_back(state, number, *now).into_iter().collect(),
        _ => return Vec::new(),
    };
    vec![said]
}

/// A way back that was taken, in one sentence.
pub(super) fn rolled_back(state: &LaunchState, number: u32, now: Timestamp) -> Option<String> {
    let taken = usize::try_from(number).ok().and_then(|n| state.rollbacks.get(n.checked_sub(1)?))?;
    let said = format!("{}, {} of {} done", taken.title, taken.next, taken.items.len());
    Some(std::iter::once(said).chain(aftermath(state, number, now)).collect::<Vec<_>>().join("; "))
}

fn critical(live: &Live<'_>) -> Vec<String> {
    let Live { state, readout, trouble, told, now } = live;
    let mut found = Vec::new();
    found.extend(trouble.journal.iter().map(|by| format!("nothing can be written down: {}", by.why)));
    found.extend(incidents(state, 1..=2, *now));
    let loud = |t: &Trigger<'_>| t.is_critical() || (t.wants_a_look() && breaches(told, Some(t.id)).next().is_some());
    found.extend(triggers(state, Some(readout)).filter(loud).map(|t| t.words()));
    found.extend(breaches(told, None).map(Alarm::line));
    found.extend(measured(live, Level::Critical));
    found.extend(shift(told, Level::Critical));
    found
}

fn attention(live: &Live<'_>) -> Vec<String> {
    let Live { state, readout, trouble, told, now } = live;
    let mut found = Vec::new();
    let wants = wants(state, readout, trouble.plan.as_deref());
    let of = |kind: WantKind| wants.iter().filter(move |want| want.kind == kind).map(|want| want.what.clone());
    found.extend(of(WantKind::Input));
    let needed = trouble.secrets.iter().filter(|_| !state.stands_in());
    found.extend(needed.map(|missing| format!("no value for the secret {missing}")));
    found.extend(of(WantKind::Plan));
    found.extend(trouble.heartbeat.iter().map(|why| format!("nobody hears the heartbeat: {why}")));
    found.extend(untold(state));
    let quiet = |t: &Trigger<'_>| t.wants_a_look() && !t.is_critical() && breaches(told, Some(t.id)).next().is_none();
    found.extend(triggers(state, Some(readout)).filter(quiet).map(|t| t.words()));
    // After a way back its own sentence says so.
    if !matches!(state.status, Status::RolledBack(_)) {
        found.extend(of(WantKind::Hold));
    }
    found.extend(of(WantKind::HalfBack));
    found.extend(of(WantKind::Step));
    found.extend(of(WantKind::Verify));
    found.extend(told.alarms.iter().filter(|a| a.kind == AlarmKind::Window).map(|a| a.text().long().to_owned()));
    found.extend(incidents(state, 3..=4, *now));
    found.extend(shift(told, Level::Warn));
    found.extend(
        told.alarms.iter().filter(|a| matches!(a.kind, AlarmKind::Budget | AlarmKind::Unreached)).map(Alarm::line),
    );
    found.extend(measured(live, Level::Warn));
    found.extend(measured(live, Level::Unknown));
    found.extend(blind(state, readout).map(|(trigger, view)| {
        let why = trigger.fires.to_string();
        format!("nobody can say whether {} fires: {why}: {}", trigger.title, view.found)
    }));
    // A check that is overdue stands in no other list.
    let overdue = told.alarms.iter().filter(|a| a.kind == AlarmKind::Overdue && !a.place.starts_with("SEV"));
    found.extend(overdue.map(Alarm::line));
    found
}

/// A handover that is late, which is critical, or due, which warns.
fn shift(told: &Answers, level: Level) -> impl Iterator<Item = String> {
    let of = move |alarm: &&Alarm| alarm.kind.is_of_people() && alarm.level == level;
    told.alarms.iter().filter(of).map(Alarm::line)
}

/// Channels that can't send: `the channel oncall can't send, 3 wait: connection refused`.
pub(super) fn untold(state: &LaunchState) -> Vec<String> {
    let failing = state.notices.failing().map(|(id, failing, waits)| {
        let waits = if waits == 0 { "what it had was given up".to_owned() } else { format!("{waits} wait") };
        format!("the channel {id} can't send, {waits}: {}", failing.why)
    });
    failing.collect()
}

/// The critical alarms of a clock that runs: of a trigger, or of a step's `fail`.
fn breaches<'a>(told: &'a Answers, of: Option<&'a TriggerId>) -> impl Iterator<Item = &'a Alarm> {
    let all = told.alarms.iter().filter(|alarm| alarm.kind == AlarmKind::Breach && alarm.level == Level::Critical);
    all.filter(move |alarm| alarm.trigger.as_ref() == of)
}

/// Open incidents with a severity from `levels`, each with what it wants: `SEV2 #1 payments fail: update due in 4:10`.
pub(super) fn incidents(state: &LaunchState, levels: std::ops::RangeInclusive<u8>, now: Timestamp) -> Vec<String> {
    let known = |number: u32| Some((number, state.incidents.get((number as usize).checked_sub(1)?)?));
    let all = open_incidents(state).into_iter().filter_map(known).filter(|(_, i)| levels.contains(&i.level));
    let said = all.map(|(number, incident)| {
        let due: Vec<String> = duties(state, number).iter().map(|d| d.said(state, now)).collect();
        let due = if due.is_empty() { String::new() } else { format!(": {}", due.join(", ")) };
        let further = match incident.state {
            IncidentState::Investigating => String::new(),
            state => format!(" ({})", state.word()),
        };
        format!("{}{further}{due}", format!("SEV{} #{number} {}", incident.level, incident.text).trim_end())
    });
    said.collect()
}

/// The rows of the screen that have a level, one reason each: a probe or one of its instances counts by its worst
/// signal, and what else of it is not ok stands beside that.
fn measured(live: &Live<'_>, level: Level) -> Vec<String> {
    let all: Vec<&SignalView> = live.readout.signals.values().collect();
    let rows = all.chunk_by(|a, b| a.id.probe == b.id.probe && a.id.instance == b.id.instance);
    let mut found: Vec<String> = rows.filter_map(|row| row_at(row, level)).collect();
    if level == Level::Unknown {
        let probes = live.state.outline.probes.iter().map(|p| &p.id);
        let unseen = probes.filter(|id| all.iter().all(|view| view.id.probe != **id));
        let gone = |id| let_go(id, &live.state.forgotten).unwrap_or_else(|| "never seen".to_owned());
        found.extend(unseen.map(|id| format!("{id} is unknown: {}", gone(id))));
    }
    found
}

fn row_at(row: &[&SignalView], level: Level) -> Option<String> {
    let worst = row.iter().find(|view| view.level == level)?;
    if row.iter().any(|view| view.level > level) {
        return None;
    }
    let why = worst.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    let beside = row.iter().filter(|view| view.level != Level::Ok && view.id != worst.id);
    let beside: Vec<String> = beside.map(|view| format!("{} {}", view.id.measure, view.level)).collect();
    let beside = if beside.is_empty() { String::new() } else { format!(" (also {})", beside.join(", ")) };
    Some(format!("{} is {level}{why}{beside}", worst.id))
}

/// The steps with which something goes on, those of a way back included.
fn active(state: &LaunchState, readout: &Readout, now: Timestamp) -> Vec<Active> {
    let item = going_back(state).and_then(|r| r.items.get(r.next)).filter(|item| item.run.kind == RunKind::Do);
    let of_plan = state.outline.steps.iter().map(|s| &s.id);
    let all = of_plan.chain(item.map(|item| &item.run.step));
    let goes_on = all.filter(|id| state.steps.get(*id).is_some_and(|own| own.status.is_active()));
    goes_on
        .map(|id| {
            let said = explain(state, readout, id, now);
            let soak = state.outline.step(id).and_then(|step| soak(state, readout, step, now));
            Active { step: id.clone(), state: said.state, since: said.since, because: said.because, soak }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::*;
    use crate::core::order::{Way, What};
    use crate::core::outline::TriggerAction;
    use crate::core::reading::Outcome;
    use crate::core::time::Span;

    fn stands(sim: &Sim) -> Standing {
        Standing::of(&sim.state, Some(&sim.readout()), &Trouble::default())
    }

    fn said(sim: &Sim) -> (u8, String) {
        let Standing { code, why, .. } = stands(sim);
        (code, why.first().cloned().unwrap_or_default())
    }

    #[test]
    fn a_way_back_that_was_left_half_done_wants_a_person_though_nobody_holds() {
        let mut outline = plan(vec![runs("share", |_| {})]);
        outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/to-blue", |_| {})])];
        let mut sim = Sim::new(outline);
        sim.does("share");
        sim.order(What::Rollback {
            way: Way::Named("traffic".into()),
            trigger: None,
            typed: None,
            why: "errors".into(),
        })
        .unwrap();
        sim.ends("traffic/to-blue.do.1", 7);
        sim.order(What::RollbackLeave { rollback: 1, why: "by ssh".into() }).unwrap();
        sim.order(What::Release { of: None, seen: None, why: "looked".into() }).unwrap();
        let (code, why) = said(&sim);
        assert_eq!(code, 10, "{why}");
        assert!(why.contains("was left half done 0:00 ago: 0 of 1 done; at Step traffic/to-blue its command"), "{why}");
        assert!(why.ends_with("`tminus do rollback traffic WHY` or `tminus do settled rollback 1 WHY`"), "{why}");
    }

    /// Two steps done, and green is failing.
    fn failing() -> Sim {
        let with = |s: &mut crate::core::outline::StepOutline| s.undo = undo(&[]);
        let mut sim = Sim::new(plan(vec![runs("one", with), runs("two", with), step("tell", |_| {})]));
        sim.pass(Span::secs(20));
        sim.does("one");
        sim.does("two");
        sim.measures("green", Outcome::Failing("refused".into()));
        sim.pass(Span::secs(20));
        assert_eq!(said(&sim), (11, "green.up is critical: failing: refused".to_owned()));
        sim
    }

    #[test]
    fn a_way_back_under_way_is_the_first_reason_and_has_the_number() {
        let mut sim = failing();
        let rollback = What::Rollback { way: Way::All, trigger: None, typed: None, why: "green is dead".into() };
        sim.order(rollback).unwrap();
        sim.pass(Span::secs(12));
        let (code, first) = said(&sim);
        assert_eq!(code, 12);
        assert!(first.starts_with("undo all 2 steps, newest first, 1 of 2 for 0:12: Step two"), "{first}");
        assert!(stands(&sim).why.iter().any(|why| why.starts_with("green.up is critical")));
        let Standing { code, why, .. } = Standing::of(&sim.state, None, &Trouble::default());
        assert_eq!(
            (code, why[0].starts_with("undo all 2 steps, newest first, 0 of 2 done, waits for it: ")),
            (21, true)
        );
        // It fails: that is what a person is wanted for.
        sim.ends("two.undo.1", 7);
        let (code, first) = said(&sim);
        assert_eq!(code, 11);
        assert!(
            first.starts_with("the rollback stopped: undo all 2 steps, newest first, at 1 of 2, Step two: ")
                && first.ends_with("exited with 7 after 1s"),
            "{first}"
        );
        sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
        sim.ends("two.undo.2", 0);
        sim.ends("one.undo.1", 0);
        assert_eq!(said(&sim), (11, "green.up is critical: failing: refused".to_owned()), "it did not help yet");
        sim.measures("green", Outcome::well());
        sim.pass(Span::secs(20));
        let (code, first) = said(&sim);
        assert_eq!((code, first.starts_with("undo all 2 steps, newest first, 2 of 2 done")), (13, true), "{first}");
    }

    #[test]
    fn a_check_that_nobody_did_in_time_wants_a_person() {
        let mut outline = plan(vec![runs("deploy", |_| {})]);
        outline.watches = vec![crate::core::watch::WatchOutline {
            id: "round".into(),
            title: "Round".into(),
            owner: None,
            rounds: Vec::new(),
            at: vec![crate::core::time::Offset(Span::mins(1))],
            grace: Some(Span::secs(30)),
            signals: Vec::new(),
            items: Vec::new(),
        }];
        let mut sim = Sim::new(outline);
        sim.pass(Span::mins(3));
        let told = stands(&sim);
        assert_eq!((told.code, told.word), (10, "attention"), "{:?}", told.why);
        assert!(told.why[0].starts_with("OVERDUE Round"), "{:?}", told.why);
    }

    #[test]
    fn where_nothing_is_measured_nothing_is_called_ok() {
        let mut outline = plan(vec![runs("deploy", |_| {})]);
        outline.probes.clear();
        let told = stands(&Sim::new(outline));
        assert_eq!((told.code, told.word), (0, "not measured"), "{:?}", told.why);
    }

    #[test]
    fn where_now_is_critical_status_is_too() {
        let mut outline = plan(vec![runs("deploy", |s| s.fail = conditions(&["green is failing for 1m"]))]);
        outline.triggers = vec![trigger("high", "errors > 5% for 5m", TriggerAction::Propose)];
        let mut sim = Sim::new(outline);
        sim.pass(Span::secs(20));
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::secs(20));
        let told = stands(&sim);
        assert_eq!((told.code, told.word), (11, "critical"), "{:?}", told.why);
        assert!(told.why[0].starts_with("trigger high PENDING: "), "{:?}", told.why);
        assert_eq!(told.why.iter().filter(|why| why.contains("high")).count(), 1);
        sim.measures("errors", Outcome::number(0.001));
        sim.start("deploy").unwrap();
        sim.measures("green", Outcome::Failing("refused".into()));
        sim.pass(Span::secs(20));
        let told = stands(&sim);
        assert!(told.code == 11 && told.why[0].starts_with("BREACH Step deploy: "), "{:?}", told.why);
    }

    #[test]
    fn a_trigger_that_is_counted_is_named_also_where_it_was_followed_or_dismissed() {
        let fired = || {
            let mut outline = plan(vec![runs("deploy", |s| s.undo = undo(&[]))]);
            outline.triggers = vec![trigger("high", "errors > 5% for 20s", TriggerAction::Propose)];
            let mut sim = Sim::new(outline);
            sim.does("deploy");
            sim.measures("errors", Outcome::number(0.06));
            sim.pass(Span::mins(1));
            sim
        };
        let named = |sim: &Sim| {
            let all = stands(sim).why.into_iter();
            all.filter(|why| why.contains("trigger high")).collect::<Vec<_>>()
        };
        let mut sim = fired();
        sim.order(What::Dismiss { trigger: "high".into(), why: "a load test".into() }).unwrap();
        assert_eq!(named(&sim), ["trigger high fired and was dismissed: errors > 5% for 20s: 6 % > 5 %"]);
        let mut sim = fired();
        sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "x".into() }).unwrap();
        assert_eq!(named(&sim).len(), 1, "{:?}", stands(&sim).why);
        sim.ends("deploy.undo.1", 0);
        assert_eq!(named(&sim).len(), 1, "{:?}", stands(&sim).why);
    }

    #[test]
    fn a_trigger_that_only_tells_people_wants_a_look_where_it_fired() {
        let mut outline = plan(vec![runs("deploy", |_| {})]);
        outline.triggers = vec![trigger("note", "errors > 5% for 20s", TriggerAction::Notify)];
        let mut sim = Sim::new(outline);
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::mins(1));
        let told = stands(&sim);
        assert!(told.why.iter().any(|why| why.starts_with("trigger note FIRED")), "{:?}", told.why);
        assert_eq!((told.code, told.word), (10, "attention"));
    }

    #[test]
    fn what_goes_on_is_named_with_how_long() {
        let mut sim = Sim::new(plan(vec![
            runs("deploy", |_| {}),
            step("settle", |s| (s.verify, s.soak) = (conditions(&["green is ok"]), Some(Span::mins(5)))),
            step("go", |s| s.gate = gate(&[], &["lead"], None)),
        ]));
        sim.pass(Span::secs(20));
        let words = |sim: &Sim| stands(sim).active.iter().map(|a| a.words(sim.now)).collect::<Vec<_>>();
        assert_eq!(words(&sim), [""; 0]);
        for id in ["deploy", "settle", "go"] {
            sim.start(id).unwrap();
        }
        sim.pass(Span::secs(70));
        assert_eq!(words(&sim), ["deploy running 1:10", "settle soaking 1:10 / 5:00", "go waits for a decision 1:10"]);
    }

    #[test]
    fn rows_are_counted_as_on_the_screen_and_what_is_not_known_is_among_the_reasons() {
        let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
        let told = |sim: &Sim| {
            let Standing { code, why, answers, .. } = stands(sim);
            let tally = answers.unwrap().now.tally;
            (code, why, tally.all() - tally.ok)
        };
        let unseen =
            ["errors.value is unknown: never seen", "green.up is unknown: never seen"].map(str::to_owned).to_vec();
        assert_eq!(told(&sim), (10, unseen, 2), "what was never measured is not ok");
        sim.pass(Span::secs(20));
        assert_eq!(told(&sim), (0, Vec::new(), 0));
        sim.measures("green", Outcome::NoData("401".into()));
        sim.pass(Span::secs(20));
        assert_eq!(told(&sim), (10, vec!["green.up is unknown: 401".to_owned()], 1));
        // A row that has more than one signal is one row; none of them is left out.
        let mut readout = sim.readout();
        let mut other = readout.signals.values().find(|v| v.id.probe.as_str() == "green").unwrap().clone();
        (other.id.measure, other.level, other.why) = ("code".into(), Level::Critical, Some("500".into()));
        readout.signals.insert(other.id.clone(), other);
        let Standing { why, answers, .. } = Standing::of(&sim.state, Some(&readout), &Trouble::default());
        assert_eq!(why, ["green.code is critical: 500 (also up unknown)"]);
        assert_eq!(answers.unwrap().now.tally.critical, 1);
        // Of a probe that has instances, and none yet, there is no signal.
        readout.signals.retain(|id, _| id.probe.as_str() != "green");
        let Standing { why, answers, .. } = Standing::of(&sim.state, Some(&readout), &Trouble::default());
        assert_eq!(why, ["green is unknown: never seen"]);
        assert_eq!(answers.unwrap().now.tally.unknown, 1);
    }
}
