//! Any orders, ends, readings and gaps in any sequence keep what must be true.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::core::event::{Event, RunEnd};
use crate::core::ids::{RunKind, StepId};
use crate::core::launch::answers::{Moment, Standing, answers, wants};
use crate::core::launch::testing::*;
use crate::core::launch::{Input, LaunchState, Status, StepStatus, decide, next_deadline, waiting};
use crate::core::order::{self, Ballot, Found, Rejection, Way, What};
use crate::core::outline::{OnFail, OnStop, Outline, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::{Offset, Span, Timestamp};

pub(super) fn outline() -> Outline {
    let mut outline = plan(vec![
        step("hand", |s| s.items = vec!["x".into(), "y".into()]),
        runs("start", |s| {
            s.after = after(&["hand"]);
            s.undo = undo(&["errors < 1%"]);
            s.verify = conditions(&["green is ok"]);
            s.fail = conditions(&["green is failing for 30s"]);
            s.approvals = 2;
        }),
        step("go", |s| {
            s.gate = gate(&["errors < 1%"], &["dba"], Some(Span::mins(10)));
            s.after = after(&["start"]);
        }),
        runs("share", |s| {
            s.after = after(&["go"]);
            s.undo = undo(&[]);
            s.verify = conditions(&["errors < 1%"]);
            s.soak = Some(Span::mins(1));
            s.limit = Some(Span::mins(10));
            s.on_fail = OnFail::Propose;
            s.on_stop = OnStop::Finish;
        }),
        runs("auto", |s| {
            s.auto = true;
            s.at = Some(Offset(Span::mins(2)));
            s.after = after(&["start"]);
        }),
    ]);
    outline.triggers = vec![trigger("bad", "errors > 5% for 30s", TriggerAction::Propose)];
    let mut traffic = rollback("traffic", vec![runs("traffic/to-blue", |s| s.verify = conditions(&["errors < 1%"]))]);
    traffic.undoes = after(&["share"]);
    traffic.possible_until = Some("auto".into());
    outline.rollbacks = vec![traffic];
    outline
}

#[derive(Clone, Debug)]
pub(super) enum Move {
    Order(usize, What),
    /// Starts a step with the attempt that would be its next.
    Start(usize, usize),
    End(usize, bool),
    Pass(i64),
    Errors(bool),
    Green(bool),
    Gap(i64),
}

/// What may be asked of: the steps, and a part of a way back.
const ASKED: [&str; 6] = ["hand", "start", "go", "share", "auto", "traffic/to-blue"];
pub(super) const STEPS: [&str; 5] = ["hand", "start", "go", "share", "auto"];
const PEOPLE: [&str; 3] = ["ana", "tom", "zoe"];

fn what() -> impl Strategy<Value = What> {
    let id = || (0..ASKED.len()).prop_map(|i| ASKED[i]);
    let why = || "because".to_owned();
    let tick = |item| What::Tick { step: "hand".into(), item: Some(item), on: true };
    let way = prop_oneof![
        Just(Way::All),
        Just(Way::Named("traffic".into())),
        Just(Way::Stage("share".into())),
        Just(Way::Stage("start".into()))
    ];
    let steps = prop_oneof![
        3 => (0..2_usize).prop_map(tick),
        1 => (id(), any::<Option<bool>>()).prop_map(|(s, i)| What::Tick {
            step: s.into(),
            item: i.map(usize::from),
            on: false
        }),
        1 => (id(), any::<bool>()).prop_map(move |(s, w)| What::Done { step: s.into(), why: w.then(why) }),
        1 => id().prop_map(move |s| What::Skip { step: s.into(), why: why(), not_applicable: false }),
        1 => (id(), 1..3_u32, any::<bool>()).prop_map(|(s, attempt, let_finish)| What::Stop {
            step: s.into(),
            attempt,
            let_finish
        }),
        2 => (1..3_u32, any::<bool>()).prop_map(move |(attempt, a)| What::Approve {
            step: "start".into(),
            attempt,
            alone: a.then(why)
        }),
        1 => (id(), any::<bool>()).prop_map(move |(s, done)| What::Resolve {
            run: format!("{s}.do.1").parse().unwrap(),
            found: if done { Found::Done } else { Found::NotDone },
            why: why()
        }),
    ];
    let gates = prop_oneof![
        (1..3_u32, any::<bool>()).prop_map(move |(round, go)| What::Vote {
            gate: "go".into(),
            round,
            role: "dba".into(),
            vote: if go { Ballot::Go } else { Ballot::NoGo },
            why: Some(why())
        }),
        (1..3_u32, any::<bool>()).prop_map(move |(round, go)| What::Decide {
            gate: "go".into(),
            round,
            go,
            why: Some(why())
        }),
    ];
    let whole = prop_oneof![
        1 => Just(What::Hold { why: why() }),
        4 => Just(What::Release { of: None, seen: None, why: why() }),
        1 => Just(What::Note { text: why() }),
        1 => (1..5_u8).prop_map(|level| What::Severity { incident: None, level, text: String::new() }),
        1 => (-90..90_i64).prop_map(move |by| {
            let from = Timestamp(1_800_000_000_000);
            What::Slip { from, to: from + Span::mins(by), why: why() }
        }),
        1 => Just(What::lead("tom")),
        1 => Just(What::Dismiss { trigger: "bad".into(), why: why() }),
        1 => Just(What::End { typed: "production".into(), why: why() }),
    ];
    let back = prop_oneof![
        way.prop_map(move |way| What::Rollback { way, trigger: Some("bad".into()), typed: None, why: why() }),
        (1..3_u32, 0..2_usize).prop_map(|(rollback, item)| What::RollbackAgain { rollback, item }),
        (1..3_u32, 0..2_usize).prop_map(move |(rollback, item)| What::RollbackByHand { rollback, item, why: why() }),
        (1..3_u32).prop_map(move |rollback| What::RollbackLeave { rollback, why: why() }),
    ];
    prop_oneof![4 => steps, 2 => gates, 2 => whole, 1 => back]
}

pub(super) fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        8 => (0..3_usize, what()).prop_map(|(p, w)| Move::Order(p, w)),
        6 => (0..3_usize, 0..STEPS.len()).prop_map(|(p, s)| Move::Start(p, s)),
        4 => (0..4_usize, prop::bool::weighted(0.8)).prop_map(|(n, ok)| Move::End(n, ok)),
        4 => (1..120_i64).prop_map(Move::Pass),
        1 => any::<bool>().prop_map(Move::Errors),
        1 => any::<bool>().prop_map(Move::Green),
        1 => (1..600_i64).prop_map(Move::Gap),
    ];
    prop::collection::vec(one, 1..80)
}

pub(super) fn play(sim: &mut Sim, one: &Move) {
    match one {
        Move::Order(person, what) => drop(sim.order_by(PEOPLE[*person], what.clone())),
        Move::Start(person, index) => {
            let attempt = sim.state.steps[STEPS[*index]].attempt + 1;
            drop(sim.order_by(PEOPLE[*person], What::Run { step: STEPS[*index].into(), attempt }));
        }
        Move::End(nth, ok) => {
            let open: Vec<_> = sim.state.runs.iter().filter(|(_, s)| s.end.is_none()).map(|(r, _)| r.clone()).collect();
            if let Some(run) = open.get(*nth % open.len().max(1)) {
                let end = match (ok, nth) {
                    (true, _) => RunEnd::Exited { code: 0, took: Span::secs(1) },
                    (false, 0) => RunEnd::Interrupted,
                    (false, _) => RunEnd::Exited { code: 1, took: Span::secs(1) },
                };
                sim.ended(&run.to_string(), end);
            }
        }
        Move::Pass(secs) => sim.pass(Span::secs(*secs)),
        Move::Errors(bad) => sim.measures("errors", Outcome::number(if *bad { 0.06 } else { 0.001 })),
        Move::Green(down) => {
            sim.measures("green", if *down { Outcome::Failing("refused".into()) } else { Outcome::well() });
        }
        Move::Gap(secs) => sim.gap(Span::secs(*secs)),
    }
}

/// Folds the events again, one by one, and checks each against the state before it.
fn check(sim: &Sim) {
    let mut state = LaunchState::open(&sim.events[0]).unwrap();
    for recorded in &sim.events[1..] {
        let ended = matches!(state.status, Status::Ended { .. });
        assert!(
            !ended || matches!(recorded.event, Event::Noted { .. } | Event::FixNoted { .. }),
            "{:?} after the end",
            recorded.event
        );
        let step_of = |id: &StepId| state.outline.steps.iter().find(|s| s.id == *id);
        match &recorded.event {
            Event::StepStarted { step, .. } | Event::PollOpened { gate: step, .. } => {
                let planned = step_of(step).unwrap();
                for first in &planned.after {
                    assert!(state.steps[first].status.is_over(), "{step} started before {first} was over");
                }
                assert_eq!(state.hold, None, "{step} started under a hold");
                assert!(!matches!(state.status, Status::RollingBack(_)), "{step} started beside a way back");
                assert!(planned.at.is_none_or(|Offset(at)| state.t0 + at <= recorded.at), "{step} started early");
                assert!(!state.steps[step].status.is_active());
            }
            Event::RunStarted { run, .. } => {
                assert!(!state.runs.contains_key(run), "{run} started twice");
                let open = state.runs.iter().find(|(r, s)| r.step == run.step && s.end.is_none());
                assert_eq!(open, None, "{run} started beside another run of its step");
                if run.kind == RunKind::Undo || step_of(&run.step).is_none() {
                    assert!(matches!(state.status, Status::RollingBack(_)), "{run} without a way back");
                    let rollback = state.rollbacks.last().unwrap();
                    assert_eq!(rollback.items[rollback.next].run, *run, "{run} out of turn");
                }
            }
            Event::GateDecided { by, .. } => assert_eq!(by.name, state.lead),
            Event::StepDone { step, over: None, .. } if state.outline.step(step).unwrap().run.is_some() => {
                let attempt = state.steps[step].attempt;
                let mut runs = state.runs.iter();
                let ended = runs.any(|(r, s)| r.step == *step && r.attempt == attempt && s.end.is_some());
                assert!(ended, "{step} done without a run that ended");
            }
            _ => {}
        }
        state.apply(recorded);
    }
    assert_eq!(state, sim.state, "folding all again comes to the same");
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<LaunchState>(&json).unwrap(), state, "a state goes over the wire whole");
}

/// A launch with everything begun that can be undone.
pub(super) fn begun() -> Sim {
    let mut sim = Sim::new(outline());
    for item in [0, 1] {
        sim.order(What::Tick { step: "hand".into(), item: Some(item), on: true }).unwrap();
    }
    sim.order(What::Approve { step: "start".into(), attempt: 1, alone: Some("asleep".into()) }).unwrap();
    sim.does("start");
    sim.pass(Span::secs(10));
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: Some("so".into()) }).unwrap();
    sim.does("share");
    sim
}

pub(super) fn going_back() -> impl Strategy<Value = Vec<Move>> {
    let why = || "because".to_owned();
    let typed = || Some("production".to_owned());
    let way = prop_oneof![Just(Way::All), Just(Way::Named("traffic".into())), Just(Way::Stage("share".into()))];
    let stopped = prop_oneof![Just("share"), Just("start"), Just("traffic/to-blue")];
    let order = prop_oneof![
        3 => way.prop_map(move |way| What::Rollback { way, trigger: None, typed: typed(), why: why() }),
        2 => (1..3_u32, 0..2_usize).prop_map(|(rollback, item)| What::RollbackAgain { rollback, item }),
        1 => (1..3_u32, 0..2_usize).prop_map(move |(rollback, item)| What::RollbackByHand {
            rollback,
            item,
            why: why()
        }),
        2 => (1..3_u32).prop_map(move |rollback| What::RollbackLeave { rollback, why: why() }),
        1 => (1..3_u32).prop_map(move |rollback| What::RollbackSettled { rollback, why: why() }),
        1 => (stopped, any::<bool>()).prop_map(|(s, let_finish)| What::Stop { step: s.into(), attempt: 1, let_finish }),
        1 => any::<bool>().prop_map(move |done| What::Resolve {
            run: "share.undo.1".parse().unwrap(),
            found: if done { Found::Done } else { Found::NotDone },
            why: why()
        }),
    ];
    let one = prop_oneof![
        4 => order.prop_map(|what| Move::Order(0, what)),
        3 => (0..2_usize, prop::bool::weighted(0.6)).prop_map(|(n, ok)| Move::End(n, ok)),
        1 => (1..60_i64).prop_map(Move::Pass),
        1 => any::<bool>().prop_map(Move::Errors),
        1 => (1..60_i64).prop_map(Move::Gap),
        1 => (0..3_usize, what()).prop_map(|(p, w)| Move::Order(p, w)),
    ];
    prop::collection::vec(one, 1..30)
}

/// Whether a way back does something to a step at this moment, as far as its status tells.
fn is_on_its_way_back(sim: &Sim, id: &str) -> bool {
    let status = sim.status(id);
    matches!(status, StepStatus::Undoing { .. }) || (id == "traffic/to-blue" && status.is_active())
}

/// The same order by someone who says nothing to it.
fn without_reason(what: What) -> What {
    match what {
        What::Skip { step, not_applicable, .. } => What::Skip { step, why: String::new(), not_applicable },
        What::Done { step, .. } => What::Done { step, why: None },
        What::Resolve { run, found, .. } => What::Resolve { run, found, why: String::new() },
        What::Vote { gate, round, role, vote, .. } => What::Vote { gate, round, role, vote, why: None },
        What::Decide { gate, round, go, .. } => What::Decide { gate, round, go, why: None },
        What::Approve { step, attempt, alone } => What::Approve { step, attempt, alone: alone.map(|_| String::new()) },
        What::Hold { .. } => What::Hold { why: String::new() },
        What::Release { .. } => What::Release { of: None, seen: None, why: String::new() },
        What::Note { .. } => What::Note { text: String::new() },
        What::Slip { from, to, .. } => What::Slip { from, to, why: String::new() },
        What::Lead { .. } => What::lead(String::new()),
        What::Dismiss { trigger, .. } => What::Dismiss { trigger, why: String::new() },
        What::End { .. } => What::End { typed: String::new(), why: String::new() },
        What::Rollback { way, .. } => What::Rollback { way, trigger: None, typed: None, why: String::new() },
        What::RollbackByHand { rollback, item, .. } => What::RollbackByHand { rollback, item, why: String::new() },
        What::RollbackSettled { rollback, .. } => What::RollbackSettled { rollback, why: String::new() },
        What::RollbackLeave { rollback, .. } => What::RollbackLeave { rollback, why: String::new() },
        What::Tick { step, on, .. } => What::Tick { step, item: None, on },
        other => other,
    }
}

pub(super) fn given(sim: &Sim, by: &str, what: What) -> Result<(), Rejection> {
    let order = order::Order { id: "given".into(), by: who(by), what };
    decide(&sim.state, &sim.signals, Input::Order(order), sim.now).map(drop)
}

/// Whether an order that a rejection names is taken, as it is typed, from whoever may give it.
pub(super) fn named(sim: &Sim, order: &What) -> Result<(), Rejection> {
    let environment = |word: String| if word == "ENVIRONMENT" { "production".to_owned() } else { word };
    let words: Vec<_> = spell::words(&spell::write(order)).unwrap().into_iter().map(environment).collect();
    let what = spell::read(&words, &sim.state, &sim.readout()).map_err(Rejection::new)?;
    let what = match what {
        // Nobody known goes by what stands for a name here.
        What::Lead { name, here, .. } => What::Lead { name, why: Some("on the train".into()), here },
        other => other,
    };
    let by = match what {
        What::Decide { .. } | What::Skip { .. } | What::End { .. } | What::Outside { .. } => sim.state.lead.clone(),
        // From a session of their own.
        What::Approve { .. } => "kim".to_owned(),
        _ => "bea".to_owned(),
    };
    given(sim, &by, what)
}

/// Whether an order that is offered is taken, from whoever may give it, with a reason where it asks for one.
fn offered(sim: &Sim, order: &What) -> Result<(), Rejection> {
    let environment = |word: String| if word == "ENVIRONMENT" { "production".to_owned() } else { word };
    let words: Vec<_> = spell::words(&spell::write(order)).unwrap().into_iter().map(environment).collect();
    let what = spell::read(&words, &sim.state, &sim.readout()).map_err(Rejection::new)?;
    let by = match what {
        What::Decide { .. } | What::Skip { .. } => who(&sim.state.lead),
        _ => who("bea"),
    };
    decide(&sim.state, &sim.signals, Input::Order(order::Order { id: "offered".into(), by, what }), sim.now).map(drop)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/regressions/invariants.txt"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_course_keeps_the_invariants(all in moves(), under_way in any::<bool>()) {
        let mut sim = if under_way { begun() } else { Sim::new(outline()) };
        for one in &all {
            play(&mut sim, one);
            prop_assert!(next_deadline(&sim.state, &sim.signals, sim.now).is_none_or(|at| at > sim.now));
            for id in STEPS {
                let said = sim.explain(id);
                prop_assert!(!said.state.is_empty() && !said.because.is_empty(), "{id}: {said:?}");
                for order in said.orders.iter().chain(&said.elsewhere) {
                    if let Err(refused) = offered(&sim, order) {
                        prop_assert!(false, "{id} is {}: {} is offered: {refused}", said.state, spell::write(order));
                    }
                }
            }
            let (readout, ways) = (sim.readout(), sim.ways());
            for one in waiting(&sim.state, &readout, sim.now) {
                for order in one.why.orders.iter().chain(&one.why.elsewhere) {
                    if let Err(refused) = named(&sim, order) {
                        prop_assert!(false, "{} is {}: {} is offered: {refused}", one.name, one.why.state, spell::write(order));
                    }
                }
            }
            let wall = |at: Timestamp| at.to_string();
            let told = answers(&Moment {
                state: &sim.state,
                readout: &readout,
                ways: &ways,
                secrets: &[],
                plan: None,
                ready: None,
                now: sim.now,
                wall: &wall,
            });
            for order in told.alarms.iter().filter_map(|a| a.answer.as_ref()).map(|a| &a.order) {
                if let Err(refused) = named(&sim, order) {
                    prop_assert!(false, "an alarm offers {}: {refused}", spell::write(order));
                }
            }
            let wanted = wants(&sim.state, &readout, None);
            prop_assert!(told.now.standing != Standing::Ok || wanted.is_empty(), "ALL OK, and {wanted:?}");
        }
        check(&sim);
    }

    #[test]
    fn every_way_out_that_a_rejection_names_is_open(all in moves(), asked in prop::collection::vec(what(), 1..12)) {
        let mut sim = begun();
        for (one, asked) in all.iter().take(20).zip(asked.iter().cycle()) {
            play(&mut sim, one);
            for asked in [asked.clone(), without_reason(asked.clone())] {
                let Err(no) = given(&sim, "bea", asked.clone()) else { continue };
                let text = format!("{}; {}", no.why, no.instead.as_deref().unwrap_or_default());
                let ids = [".do.", ".undo.", "`tminus", "->"].iter().any(|id| text.contains(id));
                prop_assert!(!ids, "{asked:?}: {text}");
                for order in &no.orders {
                    let refused = |no: &Rejection| format!("{text}: {} is named: {no:?}", spell::write(order));
                    if let Err(no) = named(&sim, order) {
                        prop_assert!(false, "{}", refused(&no));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_on_its_way_back_for_ever(all in going_back()) {
        let mut sim = begun();
        for one in &all {
            play(&mut sim, one);
            for id in STEPS.into_iter().chain(["traffic/to-blue"]).filter(|id| is_on_its_way_back(&sim, id)) {
                let mut out = sim.clone();
                let open = out.state.runs.iter().find(|(run, s)| run.step.as_str() == id && s.end.is_none());
                if let Some(run) = open.map(|(run, _)| run.clone()) {
                    let attempt = out.state.steps[id].attempt;
                    out.order(What::Stop { step: id.into(), attempt, let_finish: false }).unwrap();
                    out.ends(&run.to_string(), 0);
                }
                let rollback = u32::try_from(out.state.rollbacks.len()).unwrap();
                if matches!(out.state.status, Status::RollingBack(_)) {
                    out.order(What::RollbackLeave { rollback, why: "no more".into() }).unwrap();
                }
                prop_assert!(!is_on_its_way_back(&out, id), "{id}: {:?}", out.status(id));
            }
        }
        check(&sim);
    }

    #[test]
    fn folding_a_part_and_then_the_rest_equals_folding_all(all in moves(), at in any::<prop::sample::Index>()) {
        let mut sim = Sim::new(outline());
        all.iter().for_each(|one| play(&mut sim, one));
        let mut state = LaunchState::open(&sim.events[0]).unwrap();
        let middle = at.index(sim.events.len());
        sim.events[..middle].iter().for_each(|r| state.apply(r));
        let text = serde_json::to_string(&state).unwrap();
        let mut state: LaunchState = serde_json::from_str(&text).unwrap();
        // What comes twice is taken once.
        sim.events.iter().for_each(|r| state.apply(r));
        prop_assert_eq!(state, sim.state);
    }

    #[test]
    fn taking_a_launch_up_again_and_again_changes_nothing_more(all in moves()) {
        let mut sim = Sim::new(outline());
        all.iter().for_each(|one| play(&mut sim, one));
        sim.gap(Span::secs(30));
        let (started, mut once) = (sim.started(), sim.state.clone());
        sim.gap(Span(1));
        // A soak that is broken begins anew with each engine.
        for (id, step) in &mut once.steps {
            if let StepStatus::Soaking { broken: true, .. } = step.status {
                step.status = sim.state.steps[id].status.clone();
            }
        }
        once.head = sim.state.head;
        once.last_at = sim.state.last_at;
        once.gaps.clone_from(&sim.state.gaps);
        once.engines = sim.state.engines;
        once.engine_since = sim.state.engine_since;
        prop_assert_eq!(&once, &sim.state);
        prop_assert_eq!(started, sim.started());
        let ended = matches!(sim.state.status, Status::Ended { .. });
        prop_assert!(sim.state.hold.is_some() || ended);
    }
}
