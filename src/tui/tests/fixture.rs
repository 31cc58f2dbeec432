//! A launch in the middle of its traffic phase, as an engine would tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Cockpit;
use super::plan::outline;
use crate::core::event::{Actor, Event, Mode, Recorded, RollbackItem, RunEnd};
use crate::core::ids::{RunId, RunKind, Seq};
use crate::core::launch::{LaunchState, PollState, RunState, Status, StepState, StepStatus, TriggerState};
use crate::core::order::Operator;
use crate::core::reading::{Outcome, Point, Poll};
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::wire::message::{EngineMessage, Person};

/// 2025-11-11 02:00:00 in Berlin.
pub const T0: Timestamp = Timestamp(1_762_822_800_000);

/// How production is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything within limits.
    Calm,
    /// The new version fails at 6 % for 2:10.
    Breach,
    /// Two probes can't measure.
    Unknown,
    /// Nothing was measured yet.
    Empty,
}

pub fn ana() -> Operator {
    Operator { name: "ana".into(), declared: false, session: 1 }
}

fn done(at: Timestamp) -> StepState {
    let status = StepStatus::Done { at, by: Actor::Operator(ana()), over: None };
    StepState { status, attempt: 1, touched: true, started: Some(at - Span::mins(4)), ..StepState::default() }
}

/// The launch at `now`, soaking 5 % (calm) or 25 % (breach).
pub fn launch(weather: Weather, now: Timestamp) -> LaunchState {
    let outline = outline();
    let mut steps: BTreeMap<_, StepState> = BTreeMap::new();
    for s in outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps)) {
        steps.insert(s.id.clone(), StepState::default());
    }
    for (id, minutes) in [("backup", -200), ("freeze", -100), ("start", 30), ("smoke", 65), ("go-5", 70)] {
        steps.insert(id.into(), done(T0 + Span::mins(minutes)));
    }
    for i in 0..4 {
        let tick = crate::core::launch::Tick { at: T0 + Span::mins(60 + i), by: ana() };
        steps.get_mut("smoke").unwrap().ticks.insert(i as usize, tick);
    }
    let breach = weather == Weather::Breach;
    let current = if breach { "share-25" } else { "share-5" };
    if breach {
        steps.insert("share-5".into(), done(T0 + Span::mins(200)));
        steps.insert("go-25".into(), done(T0 + Span::mins(230)));
    }
    let since = now - Span::mins(if breach { 12 } else { 71 });
    steps.insert(
        current.into(),
        StepState {
            status: StepStatus::Soaking { since, broken: breach },
            attempt: 1,
            touched: true,
            started: Some(since - Span::secs(41)),
            started_by: Some(Actor::Operator(ana())),
            broke: breach.then(|| now - Span::secs(125)),
            ..StepState::default()
        },
    );
    let run = RunId { step: current.into(), kind: RunKind::Do, attempt: 1 };
    let end = (since, RunEnd::Exited { code: 0, took: Span::secs(41) });
    let run_state = RunState { end: Some(end), ..RunState::new(since - Span::secs(41), 120, 40) };
    LaunchState {
        id: "wallet.production.2025-11-11.1".into(),
        mode: Mode::Live,
        practice: None,
        injections: BTreeMap::new(),
        fixes: Vec::new(),
        head: Seq(40),
        last_at: since,
        opened: T0 - Span::mins(300),
        t0: T0,
        plan_hash: "00".into(),
        lead: "ana".into(),
        shared: false,
        status: Status::Live,
        hold: None,
        more_holds: Vec::new(),
        steps,
        added: Vec::new(),
        outputs: BTreeMap::new(),
        runs: [(run, run_state)].into(),
        triggers: outline.triggers.iter().map(|t| (t.id.clone(), TriggerState::default())).collect(),
        outline: Arc::new(outline),
        rollbacks: Vec::new(),
        watches: BTreeMap::new(),
        criteria: BTreeMap::new(),
        notices: Default::default(),
        shifts: Default::default(),
        side: Default::default(),
        incidents: Vec::new(),
        baselines: BTreeMap::new(),
        forgotten: Vec::new(),
        let_go: BTreeMap::new(),
        engine_since: T0 - Span::mins(300),
        engine_ended: None,
        unplanned: BTreeSet::new(),
        asked_since: BTreeMap::new(),
        engine_version: None,
        engines: 1,
        gaps: Vec::new(),
        wall: Span::ZERO,
        orders: BTreeMap::new(),
    }
}

/// What was measured in the last 30 minutes.
pub fn signals(launch: &LaunchState, weather: Weather, now: Timestamp) -> Signals {
    let mut signals = Signals::new(&launch.outline);
    if weather == Weather::Empty {
        return signals;
    }
    let from = now - Span::mins(30);
    let noise = |i: i64, n: i64| ((i * 7919 + n * 104_729) % 97) as f64 / 97.0;
    for i in 0..360 {
        let at = from + Span::secs(i * 5 + 5);
        let bad = weather == Weather::Breach && now.since(at) < Span::secs(130);
        let value = |v: f64| Outcome::number(v);
        let mut poll = |probe: &str, points: Result<Vec<Point>, String>| {
            signals.observe(&Poll { probe: probe.into(), at, took_ms: 5, points });
        };
        let unknown = weather == Weather::Unknown;
        let up = |latency: f64| Ok(vec![Point::new("up", Outcome::well()), Point::new("latency", value(latency))]);
        poll(
            "api",
            if unknown { Err("HTTP 401: the token is not taken".into()) } else { up(0.03 + 0.02 * noise(i, 1)) },
        );
        poll("database", up(0.01 + 0.004 * noise(i, 2)));
        if i % 4 == 0 {
            poll("stripe", up(0.15 + 0.05 * noise(i, 3)));
        }
        if !(unknown && now.since(at) < Span::mins(2)) {
            poll(
                "lag",
                Ok(vec![
                    Point::of("replica-1", "time", value(0.3 + 0.2 * noise(i, 4))),
                    Point::of("replica-1", "bytes", value(1.1e6 * noise(i, 4))),
                    Point::of("replica-2", "time", value(0.9 + 0.3 * noise(i, 5))),
                    Point::of("replica-2", "bytes", value(2.0e6 * noise(i, 5))),
                ]),
            );
        }
        let hooks = if weather == Weather::Breach { 1200.0 + i as f64 } else { 31.0 + 9.0 * noise(i, 6) };
        poll(
            "queues",
            Ok(vec![
                Point::of("email", "depth", value((12.0 + 5.0 * noise(i, 7)).round())),
                Point::of("email", "oldest", value(2.0)),
                Point::of("webhooks", "depth", value(hooks.round())),
                Point::of("webhooks", "oldest", value(4.0)),
            ]),
        );
        if i % 3 == 2 {
            let errors = if bad { 0.061 } else { 0.0006 + 0.0004 * noise(i, 8) };
            let part = if weather == Weather::Breach { 0.248 } else { 0.051 };
            poll(
                "errors",
                Ok(vec![
                    Point::of("green", "value", value(errors)),
                    Point::of("blue", "value", value(0.0005 + 0.0002 * noise(i, 9))),
                ]),
            );
            poll(
                "share",
                Ok(vec![Point::of("green", "value", value(part)), Point::of("blue", "value", value(1.0 - part))]),
            );
            poll(
                "requests",
                Ok(vec![
                    Point::of("green", "value", value(41.0 * part)),
                    Point::of("blue", "value", value(41.0 * (1.0 - part))),
                ]),
            );
        }
    }
    signals
}

/// A screen of that size, attached to a launch in that weather.
pub fn cockpit(size: (u16, u16), weather: Weather) -> Cockpit {
    cockpit_of(size, weather, |_| {})
}

/// When all of it is.
pub const NOW: Timestamp = Timestamp(T0.0 + 258 * 60_000 + 42_000);

/// The first messages of an engine.
pub fn greeting(state: &LaunchState) -> [EngineMessage; 2] {
    let welcome = EngineMessage::Welcome {
        proto: crate::wire::PROTO,
        version: "0.1.0".into(),
        launch: state.id.clone(),
        you: ana(),
        observe: false,
        now: NOW,
        wall: Span::ZERO,
        last_here: None,
    };
    [welcome, EngineMessage::State { json: serde_json::to_string(state).unwrap(), more: false }]
}

/// What the engine says of the signals in such a weather.
pub fn measured(weather: Weather, at: Timestamp) -> EngineMessage {
    let state = launch(weather, NOW);
    let (signals, conditions) = Readout::of(&state, &signals(&state, weather, NOW), NOW).changes(&Readout::default());
    EngineMessage::Telemetry { at, signals, conditions, more: false }
}

/// A launch's screen with something else about the state.
pub fn cockpit_of(size: (u16, u16), weather: Weather, change: impl FnOnce(&mut LaunchState)) -> Cockpit {
    let now = NOW;
    let mut state = launch(weather, now);
    change(&mut state);
    let signals = signals(&state, weather, now);
    let readout = Readout::of(&state, &signals, now);
    let mut cockpit = Cockpit::new(size);
    for message in greeting(&state) {
        cockpit.hears(message);
    }
    let (views, conditions) = readout.changes(&Readout::default());
    for view in &views {
        let points = signals.readings(&view.id);
        let points = points.iter().map(|(at, o)| (*at, o.value())).collect();
        cockpit.model.traces.insert(view.id.clone(), points);
    }
    cockpit.hears(EngineMessage::Telemetry { at: now, signals: views, conditions, more: false });
    let people = ["ana", "tom", "mia"].map(|name| Person {
        who: Operator { name: name.into(), ..ana() },
        since: now,
        observe: false,
    });
    cockpit.hears(EngineMessage::Here { people: people.into() });
    let by = ana();
    let events = [
        Event::Ticked { step: "smoke".into(), item: Some(3), text: None, on: true, by: by.clone() },
        Event::GateDecided {
            gate: "go-5".into(),
            round: 1,
            go: true,
            by: by.clone(),
            why: None,
            over: vec![],
            evidence: vec![],
        },
        Event::RunEnded {
            run: RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 },
            end: RunEnd::Exited { code: 0, took: Span::secs(41) },
            left_running: false,
            asked: None,
            unkept: 0,
        },
        Event::Noted { by, text: "vacuum on wallet_transactions is done, locks are normal".into() },
    ];
    for (i, event) in (0..).zip(events) {
        let at = now - Span::mins(75) + Span::mins(i);
        cockpit.model.events.push_back(Recorded { seq: Seq(30 + i as u64), at, order: None, event });
    }
    cockpit.waits(Span::secs(2));
    cockpit.effects.clear();
    cockpit
}

/// A poll that is open.
pub fn polling(state: &mut LaunchState) {
    let poll = PollState { round: 1, opened: state.last_at, votes: BTreeMap::new() };
    let gate = state.steps.get_mut("go-25").unwrap();
    gate.status = StepStatus::Polling;
    gate.poll = Some(poll);
}

/// A way back whose first item failed.
pub fn stopped_rollback(state: &mut LaunchState) {
    use crate::core::launch::{RollbackState, RollbackStatus};
    use crate::core::order::Way;
    let item = |title: &str, step: &str| RollbackItem {
        title: title.into(),
        run: RunId { step: step.into(), kind: RunKind::Do, attempt: 1 },
        command: Some("./weight.sh 0".into()),
    };
    state.rollbacks.push(RollbackState {
        way: Way::Named("traffic".into()),
        title: "All traffic to blue v0.9.9".into(),
        items: vec![item("nginx to blue", "traffic/to-blue")],
        undoes: vec!["share-25".into()],
        stays: Vec::new(),
        asks: Vec::new(),
        started: state.last_at,
        by: ana(),
        trigger: None,
        why: "errors".into(),
        next: 0,
        status: RollbackStatus::Stopped { at: state.last_at, why: "exit 1 after 0:03".into() },
        settled: None,
        awaiting: None,
    });
    state.status = Status::RollingBack(1);
}
