//! What may not be begun, undone or said beside a command that runs on unwatched.

use super::back::back;
use crate::core::event::RunEnd;
use crate::core::launch::answers::wants;
use crate::core::launch::testing::*;
use crate::core::launch::{Input, RollbackStatus, Status, beside_unwatched, explain, explain_named, ways};
use crate::core::order::{Found, Way, What};
use crate::core::spell;
use crate::core::view::Readout;

/// What a client knows while the process of this run lives.
fn lives(sim: &Sim, run: &str) -> Readout {
    Readout { processes: [(run.parse().unwrap(), 4711)].into(), ..sim.readout() }
}

fn stands(sim: &Sim, what: &What, run: &str) -> Option<i32> {
    let run = run.parse().unwrap();
    beside_unwatched(&sim.state, what, |of| (*of == run).then_some(4711)).map(|(_, pid)| pid)
}

/// `one` with an undo, and `r`, which undoes it by a command of its own.
fn launch() -> Sim {
    let mut outline = plan(vec![runs("one", |s| s.undo = undo(&[])), runs("two", |_| {})]);
    let mut r = rollback("r", vec![runs("r/n1", |_| {})]);
    r.undoes = after(&["one", "two"]);
    outline.rollbacks = vec![r];
    outline.rollback = Some("r".into());
    Sim::new(outline)
}

/// The way back `r` was left while its command runs on unwatched.
fn left() -> Sim {
    let mut sim = launch();
    sim.does("one");
    sim.order(back(Way::Named("r".into()))).unwrap();
    sim.ended("r/n1.do.1", RunEnd::Interrupted);
    sim
}

#[test]
fn no_way_back_begins_beside_the_command_of_another_one() {
    let mut sim = left();
    sim.order(What::RollbackLeave { rollback: 1, why: "by hand".into() }).unwrap();
    for way in [Way::Named("r".into()), Way::Stage("one".into()), Way::All] {
        assert_eq!(stands(&sim, &back(way.clone()), "r/n1.do.1"), Some(4711), "{way:?}");
    }
    for view in ways(&sim.state, &lives(&sim, "r/n1.do.1")) {
        assert!(view.barred.is_some_and(|why| why.contains("kill 4711")), "{:?}", view.way);
    }
    assert!(ways(&sim.state, &sim.readout()).iter().all(|view| view.barred.is_none()), "its end lets them begin");
}

#[test]
fn a_way_back_that_stopped_at_what_runs_on_unwatched_offers_its_end_and_nothing_that_is_refused() {
    let sim = left();
    assert!(matches!(sim.state.rollbacks[0].status, RollbackStatus::Stopped { .. }));
    let readout = lives(&sim, "r/n1.do.1");
    let spelled = |readout: &Readout| {
        let said = explain_named(&sim.state, readout, "rollback", sim.now).unwrap().remove(0).why;
        (said.orders.iter().map(spell::write).collect::<Vec<_>>(), said.because)
    };
    let (orders, because) = spelled(&readout);
    assert_eq!(orders, ["leave WHY"]);
    assert!(because.iter().any(|line| line.contains("still runs, unwatched, as process 4711")), "{because:?}");
    assert_eq!(spelled(&sim.readout()).0, ["again", "by-hand WHY", "leave WHY"], "once it has ended");
    let answers = sim.answers_on(&readout);
    assert!(answers.next.moves.is_empty(), "{:?}", answers.next);
    assert!(answers.next.who.long().contains("`kill 4711`"), "{:?}", answers.next);
    let stopped = &answers.alarms[0];
    assert!(stopped.answer.is_none() && stopped.then.long().contains("`kill 4711`"), "{stopped:?}");
    assert_eq!(spell::write(&sim.answers().next.moves[0].order), "again");
}

#[test]
fn what_a_fired_trigger_asks_for_is_not_offered_beside_it() {
    let mut sim = left();
    sim.order(What::RollbackLeave { rollback: 1, why: "by hand".into() }).unwrap();
    let said = sim.answers_on(&lives(&sim, "r/n1.do.1"));
    let offered = said.alarms.iter().filter_map(|alarm| alarm.answer.as_ref()).map(|own| spell::write(&own.order));
    assert!(offered.clone().all(|order| !order.starts_with("rollback ")), "{:?}", offered.collect::<Vec<_>>());
    for name in ["rollback", "r", "all"] {
        let said = explain_named(&sim.state, &lives(&sim, "r/n1.do.1"), name, sim.now).unwrap().remove(0).why;
        let starts = |order: &What| matches!(order, What::Rollback { .. });
        assert!(!said.orders.iter().chain(&said.elsewhere).any(starts), "{name}: {said:?}");
    }
}

#[test]
fn now_says_that_a_command_runs_on_where_every_step_is_done() {
    let mut sim = launch();
    sim.does("one");
    sim.does("two");
    sim.order(back(Way::Named("r".into()))).unwrap();
    sim.ended("r/n1.do.1", RunEnd::Interrupted);
    sim.order(What::RollbackLeave { rollback: 1, why: "by hand".into() }).unwrap();
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    let now = sim.answers_on(&lives(&sim, "r/n1.do.1")).now;
    assert_eq!(now.doing.long(), "every step is done; `r/n1` runs on, unwatched");
}

#[test]
fn a_step_that_was_interrupted_is_left_out_only_once_somebody_said_what_became_of_it() {
    let mut sim = launch();
    sim.start("one").unwrap();
    sim.ended("one.do.1", RunEnd::Interrupted);
    let skip = || What::Skip { step: "one".into(), why: "not tonight".into(), not_applicable: false };
    let said = why(sim.order(skip()));
    assert!(said.contains("nobody knows whether its command did its work") && said.contains("resolve one"), "{said}");
    let not_done = What::Resolve { run: "one.do.1".parse().unwrap(), found: Found::NotDone, why: "I looked".into() };
    assert_eq!(stands(&sim, &not_done, "one.do.1"), Some(4711), "and that it did not, only once it has ended");
    sim.order(not_done).unwrap();
    sim.order(skip()).unwrap();
}

#[test]
fn a_named_way_back_undoes_what_ever_started_also_where_it_failed_and_was_left_out() {
    let mut sim = launch();
    sim.start("one").unwrap();
    sim.ends("one.do.1", 1);
    sim.order(What::Skip { step: "one".into(), why: "not tonight".into(), not_applicable: false }).unwrap();
    let named = sim.ways().into_iter().find(|view| view.way == Way::Named("r".into())).unwrap();
    assert_eq!(named.undoes, after(&["one"]), "what it did before is there; `two` never began");
    sim.order(back(Way::Named("r".into()))).unwrap();
    sim.ends("r/n1.do.1", 0);
    assert_eq!((sim.word("one"), &sim.state.status), ("undone", &Status::RolledBack(1)));
    assert!(why(sim.order(back(Way::All))).contains("nothing to undo"), "not a second time");
}

#[test]
fn a_launch_does_not_end_over_what_runs_on_or_what_nobody_said() {
    let mut sim = launch();
    sim.start("one").unwrap();
    sim.ended("one.do.1", RunEnd::Interrupted);
    let end = || What::End { typed: "production".into(), why: "done".into() };
    assert_eq!(stands(&sim, &end(), "one.do.1"), Some(4711));
    let said = why(sim.order(end()));
    assert!(said.contains("nobody has said what became of it") && said.contains("resolve one"), "{said}");
    let done = What::Resolve { run: "one.do.1".parse().unwrap(), found: Found::Done, why: "I looked".into() };
    sim.order(done).unwrap();
    sim.order(end()).unwrap();
}

#[test]
fn that_a_lost_command_must_end_first_is_said_while_it_lives_and_no_longer() {
    let mut sim = launch();
    sim.start("one").unwrap();
    let (run, end) = ("one.do.1".parse().unwrap(), RunEnd::Interrupted);
    sim.input(Input::Ended { run, end, left_running: true, asked: None, unkept: 0, last: None }).unwrap();
    let because = |readout: &Readout| explain(&sim.state, readout, &"one".into(), sim.now).because.join("; ");
    let (alive, gone) = (because(&lives(&sim, "one.do.1")), because(&sim.readout()));
    assert!(alive.contains("wait for its end, or `kill 4711`"), "{alive}");
    assert!(gone.contains("still ran when that was found") && !gone.contains("wait for"), "{gone}");
    let wanted = |readout: &Readout| wants(&sim.state, readout, None).pop().unwrap().what;
    assert_eq!(wanted(&lives(&sim, "one.do.1")), "one was interrupted, and still runs, unwatched, as process 4711");
    assert_eq!(wanted(&sim.readout()), "one was interrupted");
    let told = |readout: &Readout| {
        let told = sim.answers_on(readout);
        (told.alarms[0].line(), told.next.who.long().to_owned())
    };
    let (alarm, next) = told(&lives(&sim, "one.do.1"));
    assert!(
        alarm.contains("it still runs, unwatched, as process 4711  wait for its end, or `kill 4711`; then"),
        "{alarm}"
    );
    assert_eq!(next, "`one` still runs, unwatched, as process 4711: wait for its end, or `kill 4711`");
    let (alarm, next) = told(&sim.readout());
    assert!(alarm.contains("when that was found it still ran") && !alarm.contains("kill"), "{alarm}");
    assert_eq!(next, "nobody saw its end; any operator looks");
}
