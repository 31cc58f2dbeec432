//! A crash at every point of a launch: the engine is dropped before and after each append, and what is folded from the
//! file must be what the engine that lived had at that moment. No processes: `engine.rs` has the real `kill -9`.

use std::path::Path;

use tminus::core::event::{Event, Mode, Recorded, RunEnd};
use tminus::core::ids::Seq;
use tminus::core::launch::{Effect, Input, LaunchState};
use tminus::core::order::{Ballot, Operator, Order, Way, What};
use tminus::core::outline::{Gate, Outline, PhaseOutline, StepOutline, Undo};
use tminus::core::signals::Signals;
use tminus::core::time::{Span, Timestamp};
use tminus::engine::machine::Engine;
use tminus::journal::Journal;

fn by() -> Operator {
    Operator { name: "ana".into(), declared: false, session: 1 }
}

fn step(id: &str, more: serde_json::Value) -> StepOutline {
    let mut json = serde_json::json!({ "id": id, "title": id, "phase": "p" });
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(json).unwrap()
}

fn outline() -> Outline {
    let mut deploy = step("deploy", serde_json::json!({ "run": "true" }));
    deploy.undo = Some(Undo { run: "true".into(), require: Vec::new(), timeout: None, estimate: None });
    let mut gate = step("gate", serde_json::json!({}));
    gate.gate = Some(Gate { poll: vec!["dba".into()], ..Gate::default() });
    Outline {
        name: "Crash".into(),
        environment: "test".into(),
        roles: [("dba".into(), Default::default())].into(),
        phases: vec![PhaseOutline {
            id: "p".into(),
            title: "P".into(),
            at: None,
            since: None,
            not_before: None,
            window: None,
        }],
        steps: vec![step("boxes", serde_json::json!({ "items": ["a", "b"] })), deploy, gate],
        ..Outline::default()
    }
}

/// What happens in the course of the launch; a command ends well as soon as it has begun.
fn story() -> Vec<What> {
    let tick = |item| What::Tick { step: "boxes".into(), item: Some(item), on: true };
    vec![
        What::Note { text: "begins".into() },
        tick(0),
        tick(1),
        What::Run { step: "deploy".into(), attempt: 1 },
        What::Run { step: "gate".into(), attempt: 1 },
        What::Vote { gate: "gate".into(), round: 1, role: "dba".into(), vote: Ballot::Go, why: None },
        What::Decide { gate: "gate".into(), round: 1, go: true, why: None },
        What::Severity { incident: None, level: 2, text: "slow".into() },
        What::Hold { why: "look".into() },
        What::Rollback { way: Way::All, trigger: None, typed: None, why: "back".into() },
        What::Release { of: None, seen: None, why: "seen".into() },
        What::Run { step: "deploy".into(), attempt: 2 },
        What::Resolved { incident: 1, text: String::new() },
        What::End { typed: "test".into(), why: "over".into() },
    ]
}

fn begin(path: &Path) -> Engine {
    let (mut journal, events) = Journal::open(path).unwrap();
    assert!(events.is_empty());
    let event = Event::Opened {
        launch: "crash.test.2026-11-21.1".into(),
        mode: Mode::Live,
        t0: Timestamp(0),
        by: by(),
        plan_hash: String::new(),
        outline: Box::new(outline()),
        practice: None,
    };
    let first = Recorded { seq: Seq(1), at: Timestamp(0), order: None, event };
    journal.append(std::slice::from_ref(&first)).unwrap();
    let state = LaunchState::open(&first).unwrap();
    let signals = Signals::new(&state.outline);
    Engine::new(state, signals, journal, path.with_extension("reserve"))
}

/// What a new engine finds.
fn again(path: &Path) -> LaunchState {
    let (_, events) = Journal::open(path).unwrap();
    let (first, rest) = events.split_first().unwrap();
    let mut state = LaunchState::open(first).unwrap();
    rest.iter().for_each(|e| state.apply(e));
    // Applying them once more changes nothing.
    let once = state.clone();
    events.iter().for_each(|e| state.apply(e));
    assert_eq!(state, once);
    state
}

/// Gives inputs until `crash` of them have been taken, and says how many there were. Each state that the living engine
/// came to is put beside what the file says at that moment.
fn live(path: &Path, crash: usize) -> usize {
    let mut engine = begin(path);
    let mut taken = 0;
    let mut at = Timestamp(0);
    for (n, what) in story().into_iter().enumerate() {
        let mut queue = vec![Input::Order(Order { id: format!("order-{n}").as_str().into(), by: by(), what })];
        while let Some(input) = queue.pop() {
            if taken == crash {
                return taken;
            }
            at = at + Span::secs(1);
            let told = format!("{input:?}");
            let stepped = engine.step(input, at);
            assert!(stepped.reply.is_ok(), "{told}: {:?}", stepped.reply);
            taken += 1;
            let ends = stepped.effects.iter().filter_map(|effect| match effect {
                Effect::Start(run) => {
                    let end = RunEnd::Exited { code: 0, took: Span(1) };
                    Some(Input::Ended {
                        run: run.clone(),
                        end,
                        left_running: false,
                        asked: None,
                        unkept: 0,
                        last: None,
                    })
                }
                _ => None,
            });
            queue.extend(ends);
            assert_eq!(again(path), **engine.state(), "after {told}");
        }
    }
    taken
}

#[test]
fn at_every_point_the_file_has_what_the_engine_had() {
    let dir = tempfile::tempdir().unwrap();
    let all = live(&dir.path().join("whole.db"), usize::MAX);
    assert!(all > 15, "{all}");
    for crash in 0..all {
        let path = dir.path().join(format!("{crash}.db"));
        live(&path, crash);
        let found = again(&path);
        // The order that was answered is known to the next engine, so that a retry changes nothing.
        let (journal, _) = Journal::open(&path).unwrap();
        let signals = Signals::new(&found.outline);
        let mut next = Engine::new(found.clone(), signals, journal, path.with_extension("reserve"));
        for (id, seq) in &found.orders {
            let order = Order { id: id.clone(), by: by(), what: What::Note { text: "again".into() } };
            let stepped = next.step(Input::Order(order), found.last_at);
            assert_eq!(stepped.reply, Ok(*seq));
            assert!(stepped.recorded.is_empty());
        }
        assert_eq!(**next.state(), found);
    }
}

#[test]
fn what_can_not_be_made_durable_did_not_happen() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut engine = begin(&path);
    let order = |id: &str, what| Input::Order(Order { id: id.into(), by: by(), what });
    // Another connection holds the file for itself, as a full disk would.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = engine.state().clone();
    let stepped = engine.step(order("a", What::Run { step: "deploy".into(), attempt: 1 }), Timestamp(1));
    assert!(stepped.reply.unwrap_err().why.contains("can't be made durable"));
    assert!(stepped.effects.is_empty() && stepped.recorded.is_empty());
    assert_eq!(*engine.state(), before);
    other.execute_batch("ROLLBACK").unwrap();
    let stepped = engine.step(order("a", What::Run { step: "deploy".into(), attempt: 1 }), Timestamp(2));
    assert!(stepped.reply.is_ok() && !stepped.effects.is_empty());
}
