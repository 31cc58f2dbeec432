//! A client that takes in what changed knows what the engine knows.

use proptest::prelude::*;

use super::{ConditionOf, Readout};
use crate::core::event::{Baseline, Event, Mode, Recorded};
use crate::core::grammar::parse;
use crate::core::ids::Seq;
use crate::core::launch::{LaunchState, StepState, StepStatus};
use crate::core::order::Operator;
use crate::core::outline::{MeasureOutline, Outline, Pane, ProbeOutline, StepOutline};
use crate::core::reading::{Level, Outcome, Point, Poll};
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

fn outline() -> Outline {
    let probe = ProbeOutline {
        id: "lag".into(),
        title: "lag".into(),
        pane: Pane::Replication,
        kind: "test".into(),
        target: String::new(),
        every: Span::secs(10),
        timeout: Span::secs(5),
        measures: vec![MeasureOutline { name: "time".into(), unit: Unit::Seconds, what: String::new(), whole: false }],
        expect: vec!["a".into()],
        warn: vec![parse("> 5s", Some(&"lag".into())).unwrap()],
        critical: Vec::new(),
    };
    let step: StepOutline = serde_json::from_value(serde_json::json!({
        "id": "deploy", "title": "Deploy", "phase": "go", "run": "true", "soak": "1m",
    }))
    .unwrap();
    let step = StepOutline {
        verify: vec![parse("lag < 5s", None).unwrap()],
        fail: vec![parse("lag > 60s", None).unwrap()],
        ..step
    };
    Outline { probes: vec![probe], steps: vec![step], ..Outline::default() }
}

fn launch() -> LaunchState {
    let by = Operator { name: "ana".into(), declared: false, session: 0 };
    let event = Event::Opened {
        launch: "x".into(),
        mode: Mode::Live,
        t0: secs(0),
        by,
        plan_hash: String::new(),
        outline: Box::new(outline()),
        practice: None,
    };
    LaunchState::open(&Recorded { seq: Seq(1), at: secs(0), order: None, event }).unwrap()
}

#[test]
fn an_instance_with_a_normal_was_there_whatever_became_of_its_readings() {
    let state = launch();
    let mut signals = Signals::new(&state.outline);
    signals.observe(&poll(100, &[("a", 1.0)]));
    let one = crate::core::units::Finite::from(1);
    let over = Span::mins(5);
    let normal = Baseline { median: one, p95: one, samples: 30, over, from: None, at: secs(50) };
    let gone: crate::core::ids::SignalId = "lag[b].time".parse().unwrap();
    let baselines = [(gone.clone(), normal)].into();
    signals.inform(&baselines, &[]);
    assert_eq!(Readout::of(&state, &signals, secs(101)).signals[&gone].level, Level::Unknown);
    signals.inform(&baselines, &[("lag".into(), "b".into())]);
    assert!(!Readout::of(&state, &signals, secs(101)).signals.contains_key(&gone), "a person let it go");
}

#[test]
fn what_nobody_hears_of_any_more_is_not_known() {
    let mut state = launch();
    let soaking = StepState { status: StepStatus::Soaking { since: secs(90), broken: false }, ..StepState::default() };
    state.steps.insert("deploy".into(), soaking);
    let mut signals = Signals::new(&state.outline);
    signals.observe(&poll(100, &[("a", 1.0)]));
    let heard = Readout::of(&state, &signals, secs(101));
    let level = |at| heard.unheard(&state.outline, secs(at)).signals.into_values().next().unwrap();
    assert_eq!((level(129).level, level(129).why), (Level::Ok, None));
    let lost = level(131);
    assert_eq!((lost.level, lost.why.as_deref()), (Level::Unknown, Some("not seen for 31s")));
    assert_eq!(lost.last, Some(Outcome::number(1.0)), "what it was stays");
    assert!(!heard.conditions.is_empty());
    for (was, of) in heard.conditions.values().zip(heard.unheard(&state.outline, secs(131)).conditions.into_values()) {
        assert_eq!((of.held, of.now, of.frozen), (None, None, true), "of no condition is it known whether it holds");
        assert_eq!(of.found, format!("not seen, was {}", was.found));
    }
}

fn secs(at: i64) -> Timestamp {
    Timestamp(at * 1000)
}

fn poll(at: i64, values: &[(&str, f64)]) -> Poll {
    let points = values.iter().map(|(i, v)| Point::of(i, "time", Outcome::number(*v))).collect();
    Poll { probe: "lag".into(), at: secs(at), took_ms: 1, points: Ok(points) }
}

fn send(from: &Readout, to: &Readout, client: &mut Readout) {
    let (signals, conditions) = to.changes(from);
    let (gone, over) = to.gone(from);
    client.drop_gone(&gone, &over);
    client.take(to.at, signals, conditions);
}

#[test]
fn only_conditions_that_matter_now_are_shown() {
    let (mut state, signals) = (launch(), Signals::new(&outline()));
    assert!(Readout::of(&state, &signals, secs(0)).conditions.is_empty(), "the step is not active");
    let soaking = StepState {
        status: StepStatus::Soaking { since: secs(30), broken: false },
        started: Some(secs(5)),
        ..StepState::default()
    };
    state.steps.insert("deploy".into(), soaking);
    let shown = Readout::of(&state, &signals, secs(40)).conditions;
    let verify = &shown[&ConditionOf::Verify("deploy".into(), 0)];
    assert_eq!((verify.held, verify.needs), (None, Some(Span::mins(1))));
    assert!(shown.contains_key(&ConditionOf::Fail("deploy".into(), 0)));
}

#[test]
fn a_soak_counts_from_its_beginning_and_fail_from_the_start_of_the_step() {
    let (mut state, mut signals) = (launch(), Signals::new(&outline()));
    let soaking = StepState {
        status: StepStatus::Soaking { since: secs(30), broken: false },
        started: Some(secs(5)),
        ..StepState::default()
    };
    state.steps.insert("deploy".into(), soaking);
    for at in 0..=6 {
        signals.observe(&poll(at * 10, &[("a", 1.0)]));
    }
    let shown = Readout::of(&state, &signals, secs(60)).conditions;
    assert_eq!(shown[&ConditionOf::Verify("deploy".into(), 0)].lasted, Span::secs(30));
}

#[test]
fn an_instance_that_a_person_let_go_leaves_every_screen() {
    let (state, mut signals) = (launch(), Signals::new(&outline()));
    let mut client = Readout::default();
    signals.observe(&poll(0, &[("a", 1.0), ("b", 9.0)]));
    signals.observe(&poll(10, &[("a", 1.0)]));
    let before = Readout::of(&state, &signals, secs(10));
    send(&Readout::default(), &before, &mut client);
    assert_eq!(client.signals[&"lag[b].time".parse().unwrap()].level, Level::Unknown);
    assert_eq!(client.signals[&"lag[a].time".parse().unwrap()].level, Level::Ok);
    signals.inform(&Default::default(), &[("lag".into(), "b".into())]);
    send(&before, &Readout::of(&state, &signals, secs(20)), &mut client);
    assert_eq!(client.signals.len(), 1);
}

#[test]
fn the_last_known_value_is_kept_beside_the_silence() {
    let (state, mut signals) = (launch(), Signals::new(&outline()));
    signals.observe(&poll(0, &[("a", 7.0)]));
    signals.observe(&Poll { points: Err("refused".into()), ..poll(10, &[]) });
    let shown = Readout::of(&state, &signals, secs(10));
    let view = &shown.signals[&"lag[a].time".parse().unwrap()];
    assert_eq!((view.level, view.why.as_deref()), (Level::Unknown, Some("refused")));
    assert_eq!(view.was, Some(Outcome::number(7.0)));
    assert_eq!(view.spark.len(), 2);
}

proptest! {
    #[test]
    fn a_client_that_takes_in_changes_knows_what_the_engine_knows(
        polls in proptest::collection::vec((1..40_i64, proptest::option::of(0.0..9.0_f64), any::<bool>()), 1..80),
    ) {
        let (mut state, mut signals) = (launch(), Signals::new(&outline()));
        let (mut before, mut client, mut at) = (Readout::default(), Readout::default(), 0);
        for (gap, value, active) in polls {
            at += gap;
            let values: Vec<(&str, f64)> = value.map(|v| vec![("a", v), ("b", 1.0)]).unwrap_or_default();
            signals.observe(&poll(at, &values));
            let status = if active { StepStatus::Claimed } else { StepStatus::Todo };
            state.steps.insert("deploy".into(), StepState { status, ..StepState::default() });
            let now = Readout::of(&state, &signals, secs(at));
            send(&before, &now, &mut client);
            prop_assert_eq!(&client, &now);
            before = now;
        }
    }
}
