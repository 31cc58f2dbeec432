use crate::core::event::{Event, RunEnd};
use crate::core::launch::testing::*;
use crate::core::launch::{Effect, RollbackStatus, Status, StepStatus, WayView, aftermath, ways};
use crate::core::order::{Found, Way, What};
use crate::core::outline::{OnStop, Outline};
use crate::core::reading::Outcome;
use crate::core::tell::tell;
use crate::core::time::Span;
use crate::core::view::ConditionView;

pub fn back(way: Way) -> What {
    What::Rollback { way, trigger: None, typed: None, why: "green fails".into() }
}

/// Three stages; the last one fails.
fn stages() -> Sim {
    let mut sim = Sim::new(plan(vec![
        runs("one", |s| s.undo = undo(&[])),
        runs("two", |s| s.undo = undo(&["errors < 1%"])),
        runs("plain", |_| {}),
        step("go", |s| {
            s.gate = gate(&[], &[], None);
            s.after = after(&["two"]);
        }),
        runs("three", |s| {
            s.undo = undo(&[]);
            s.after = after(&["go"]);
        }),
    ]));
    sim.pass(Span::secs(20));
    for id in ["one", "two", "plain"] {
        sim.does(id);
        sim.pass(Span::secs(10));
    }
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None }).unwrap();
    sim.start("three").unwrap();
    sim.ends("three.do.1", 1);
    sim
}

#[test]
fn a_gate_asks_again_whichever_way_takes_back_what_it_let_through() {
    let mut sim = stages();
    let mut traffic = rollback("traffic", vec![runs("traffic/to-blue", |_| {})]);
    traffic.undoes = after(&["three"]);
    let mut outline = Outline::clone(&sim.state.outline);
    outline.rollbacks = vec![traffic];
    sim.state.outline = outline.into();
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    assert_eq!((sim.word("three"), sim.word("go"), sim.word("two")), ("undone", "asks again", "done"));
    sim.order(What::Release { of: None, seen: None, why: "try again".into() }).unwrap();
    assert!(why(sim.start("three")).contains("go"), "the old go does not let it through");
}

#[test]
fn everything_that_ever_started_is_undone_newest_first_the_failed_step_too() {
    let mut sim = stages();
    assert!(sim.state.hold.is_some(), "a hold does not stop the way back");
    sim.order_by("tom", back(Way::All)).unwrap();
    assert_eq!(sim.started()[4..], ["three.undo.1"]);
    sim.ends("three.undo.1", 0);
    assert_eq!(sim.word("three"), "undone");
    assert_eq!(sim.started()[5..], ["two.undo.1"]);
    sim.pass(Span::secs(1));
    sim.ends("two.undo.1", 0);
    assert_eq!(sim.started().len(), 6, "its requirement must hold, measured after it ran");
    sim.pass(Span::secs(10));
    assert_eq!(sim.started()[6..], ["one.undo.1"]);
    sim.ends("one.undo.1", 0);
    assert_eq!(sim.state.status, Status::RolledBack(1));
    assert_eq!((sim.word("plain"), sim.word("go")), ("done", "asks again"));
    sim.order(What::Release { of: None, seen: None, why: "try again".into() }).unwrap();
    sim.start("one").unwrap();
    assert_eq!(sim.started()[7..], ["one.do.2"]);
    assert_eq!(sim.state.status, Status::Live);
}

#[test]
fn one_stage_back_is_the_newest_step_and_no_other() {
    let mut sim = stages();
    assert!(why(sim.order(back(Way::Stage("one".into())))).contains("`three` is"));
    let offered = sim.ways();
    assert_eq!(offered[0].way, Way::Stage("three".into()));
    assert_eq!(offered[0].ready, Ok(()));
    assert_eq!(offered[0].estimate, Some(Span::mins(1)));
    assert_eq!(offered[1].way, Way::All);
    assert_eq!(offered[1].stays, after(&["plain"]));
    sim.order(back(Way::Stage("three".into()))).unwrap();
    sim.ends("three.undo.1", 0);
    assert_eq!(sim.state.status, Status::RolledBack(1));
    assert_eq!((sim.word("two"), sim.word("go"), sim.word("three")), ("done", "asks again", "undone"));
    assert_eq!(sim.ways()[0].way, Way::Stage("two".into()));
}

#[test]
fn an_undo_that_fails_stops_and_asks_and_nothing_after_it_runs() {
    let mut sim = stages();
    sim.order(back(Way::All)).unwrap();
    sim.ends("three.undo.1", 7);
    let RollbackStatus::Stopped { why: said, .. } = &sim.state.rollbacks[0].status else { panic!() };
    assert!(said.contains("exited with 7"));
    sim.pass(Span::mins(5));
    assert_eq!(sim.started().len(), 5);
    let said = why(sim.order(back(Way::All)));
    assert!(
        said.contains("rollback 1, undo all 3 steps, newest first, stopped: ")
            && said.contains("do again; do by-hand WHY; do leave WHY"),
        "{said}"
    );
    assert!(why(sim.order(What::RollbackAgain { rollback: 1, item: 1 })).contains("item 1, not 2"));
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert_eq!(sim.started()[5..], ["three.undo.2"]);
    sim.ends("three.undo.2", 1);
    sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "stopped green by ssh".into() }).unwrap();
    assert_eq!(sim.word("three"), "undone");
    assert_eq!(sim.started()[6..], ["two.undo.1"]);
    sim.ends("two.undo.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "database first".into() }).unwrap();
    assert_eq!(sim.state.status, Status::Live);
    assert!(sim.state.hold.is_some());
    sim.order(back(Way::All)).unwrap();
    assert_eq!(sim.started()[7..], ["two.undo.2"], "what is undone already is left alone");
}

#[test]
fn a_running_step_is_stopped_before_its_undo_or_let_finish_where_the_plan_says_so() {
    for on_stop in [OnStop::Ask, OnStop::Finish] {
        let mut sim = Sim::new(plan(vec![runs("a", |s| {
            s.undo = undo(&[]);
            s.on_stop = on_stop;
        })]));
        sim.start("a").unwrap();
        sim.order(back(Way::All)).unwrap();
        let stopped = sim.effects.contains(&Effect::Stop("a.do.1".parse().unwrap()));
        assert_eq!(stopped, on_stop == OnStop::Ask);
        assert_eq!(sim.started(), ["a.do.1"], "its undo waits");
        sim.ends("a.do.1", 143);
        assert_eq!(sim.started()[1..], ["a.undo.1"]);
        sim.ends("a.undo.1", 0);
        assert_eq!(sim.word("a"), "undone");
    }
}

#[test]
fn no_step_starts_while_a_way_back_is_under_way_and_a_hold_does_not_stop_it() {
    let mut sim = stages();
    sim.order(What::Release { of: None, seen: None, why: "x".into() }).unwrap();
    sim.order(back(Way::All)).unwrap();
    sim.ends("three.undo.1", 0);
    assert!(
        why(sim.start("three")).contains("rollback 1, undo all 3 steps, newest first, is under way; wait for its end")
    );
    sim.order(What::Hold { why: "wait".into() }).unwrap();
    sim.ends("two.undo.1", 0);
    sim.pass(Span::secs(10));
    assert_eq!(sim.started().last().map(String::as_str), Some("one.undo.1"));
}

fn named() -> Outline {
    let share = runs("share", |s| s.undo = undo(&[]));
    let mut outline = plan(vec![share, runs("retire", |s| s.after = after(&["share"]))]);
    let to_blue = runs("traffic/to-blue", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::secs(30));
    });
    let mut traffic = rollback("traffic", vec![to_blue, step("traffic/tell", |_| {})]);
    traffic.undoes = after(&["share"]);
    traffic.require = conditions(&["green is ok"]);
    traffic.possible_until = Some("retire".into());
    let mut database = rollback("database", vec![runs("database/restore", |_| {})]);
    database.loses = Some("every write since the backup".into());
    outline.rollbacks = vec![database, traffic];
    outline.rollback = Some("traffic".into());
    outline
}

#[test]
fn a_named_rollback_verifies_its_steps_waits_for_hands_and_undoes_what_it_lists() {
    let mut sim = Sim::new(named());
    sim.pass(Span::mins(1));
    sim.does("share");
    sim.measures("errors", Outcome::number(0.06));
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    sim.pass(Span::mins(1));
    assert_eq!(sim.state.rollbacks[0].next, 0, "it is not back before errors are");
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(1));
    assert_eq!(sim.state.rollbacks[0].next, 1);
    let orders = sim.explain("traffic/tell").orders;
    assert!(orders.iter().any(|o| matches!(o, What::RollbackByHand { item: 1, .. })));
    sim.order(What::RollbackByHand { rollback: 1, item: 1, why: "called them".into() }).unwrap();
    assert_eq!(sim.state.status, Status::RolledBack(1));
    assert_eq!(sim.word("share"), "undone");
}

#[test]
fn what_loses_something_or_is_not_ready_needs_the_environments_name() {
    let mut sim = Sim::new(named());
    sim.pass(Span::mins(1));
    let order = |name: &str, typed: Option<&str>| What::Rollback {
        way: Way::Named(name.into()),
        trigger: None,
        typed: typed.map(str::to_owned),
        why: "x".into(),
    };
    let said = why(sim.order(order("database", None)));
    assert!(
        said.contains("every write since the backup") && said.contains("do rollback database typed production x"),
        "{said}"
    );
    assert!(sim.order(order("database", Some("staging"))).is_err());
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::mins(1));
    let said = why(sim.order(order("traffic", None)));
    assert!(said.contains("green is ok does not hold"), "{said}");
    let offered = sim.ways();
    assert_eq!(offered[0].way, Way::Named("traffic".into()));
    assert!(offered[0].ready.is_err() && offered[0].typed);
    sim.order(order("traffic", Some("production"))).unwrap();
}

/// The line of the log that begins the newest rollback.
fn begun(sim: &Sim) -> String {
    let begun = sim.events.iter().rev().find(|r| matches!(r.event, Event::RollbackStarted { .. })).unwrap();
    tell(&sim.state, &begun.event).text
}

#[test]
fn the_log_says_what_a_rollback_went_over_what_it_loses_and_what_it_leaves_as_it_is() {
    let order = |name: &str| What::Rollback {
        way: Way::Named(name.into()),
        trigger: None,
        typed: Some("production".into()),
        why: "x".into(),
    };
    let mut sim = Sim::new(named());
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::mins(1));
    sim.order(order("traffic")).unwrap();
    assert!(begun(&sim).contains("; over green is ok does not hold: "), "{}", begun(&sim));
    let mut sim = Sim::new(named());
    sim.order(order("database")).unwrap();
    assert!(begun(&sim).ends_with("; it loses every write since the backup"), "{}", begun(&sim));
    let mut sim = stages();
    sim.order(back(Way::All)).unwrap();
    assert!(begun(&sim).ends_with("; without an undo, as it is: Step plain"), "{}", begun(&sim));
    assert_eq!(sim.state.rollbacks[0].stays, after(&["plain"]));
}

#[test]
fn rolled_back_hides_neither_what_goes_on_nor_a_hold_nor_what_stays() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {}), runs("c", |_| {})]));
    for id in ["a", "b"] {
        sim.does(id);
    }
    sim.start("c").unwrap();
    sim.order(back(Way::All)).unwrap();
    sim.ends("a.undo.1", 0);
    assert_eq!(sim.state.status, Status::RolledBack(1));
    sim.order(What::Hold { why: "wait".into() }).unwrap();
    sim.pass(Span::secs(70));
    let left = aftermath(&sim.state, 1, sim.now);
    assert_eq!(left, ["c: running for 1:10", "ana holds: wait", "without an undo, as it is: b"]);
    assert_eq!(aftermath(&sim.state, 2, sim.now), Vec::<String>::new());
}

#[test]
fn a_way_back_closes_when_the_step_it_was_possible_until_has_started() {
    let mut sim = Sim::new(named());
    sim.pass(Span::mins(1));
    sim.does("share");
    sim.start("retire").unwrap();
    assert!(why(sim.order(back(Way::Named("traffic".into())))).contains("until `retire` started"));
    let offered = sim.ways();
    assert_eq!(offered.last().unwrap().way, Way::Named("traffic".into()));
    assert!(offered.last().unwrap().closed.is_some());
}

#[test]
fn a_way_back_whose_command_could_not_start_is_not_ready_whichever_way_it_is() {
    let mut sim = Sim::new(named());
    sim.pass(Span::mins(1));
    sim.does("share");
    let mut readout = sim.readout();
    for step in ["share", "traffic/to-blue"] {
        let view = ConditionView::lacks(step.into(), "no value for the secret `pw`".into());
        readout.conditions.insert(view.of.clone(), view);
    }
    let ready = |view: &WayView| (view.way.clone(), view.ready.clone().err());
    let ways: Vec<_> = ways(&sim.state, &readout).iter().map(ready).collect();
    let lacks = |title: &str| Some(format!("{title} could not start: no value for the secret `pw`"));
    assert_eq!(ways[0], (Way::Stage("share".into()), lacks("Step share")));
    assert_eq!(ways[1], (Way::Named("traffic".into()), lacks("Step traffic/to-blue")));
    assert_eq!(ways[2], (Way::Named("database".into()), None));
}

#[test]
fn a_way_back_is_open_again_when_the_step_it_was_possible_until_is_undone() {
    let mut outline = named();
    outline.steps[1].undo = undo(&[]);
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.does("share");
    sim.does("retire");
    sim.order(back(Way::All)).unwrap();
    sim.ends("retire.undo.1", 0);
    sim.ends("share.undo.1", 0);
    sim.does("share");
    let traffic = Way::Named("traffic".into());
    let view = sim.ways().into_iter().find(|view| view.way == traffic).unwrap();
    assert_eq!((view.closed, view.ready), (None, Ok(())));
    sim.order(back(traffic)).unwrap();
}

#[test]
fn a_way_back_that_a_gate_closes_is_open_again_when_the_gate_asks_again_but_not_upon_what_was_done_by_hand() {
    for (gate_closes, closed) in [(true, false), (false, true)] {
        let mut outline = named();
        outline.steps[1].run = None;
        outline.steps[1].gate = if gate_closes { gate(&[], &[], None) } else { None };
        let mut sim = Sim::new(outline);
        sim.pass(Span::mins(1));
        sim.does("share");
        sim.start("retire").unwrap();
        sim.order(back(Way::All)).unwrap();
        sim.ends("share.undo.1", 0);
        assert_eq!(sim.word("retire"), "asks again");
        sim.does("share");
        let view = sim.ways().into_iter().find(|view| view.way == Way::Named("traffic".into())).unwrap();
        assert_eq!(view.closed.is_some(), closed, "nobody has undone what was done by hand");
    }
}

#[test]
fn an_interrupted_rollback_stops_and_asks_and_runs_nothing_twice() {
    let mut sim = stages();
    sim.order(back(Way::All)).unwrap();
    sim.gap(Span::mins(3));
    let RollbackStatus::Stopped { why, .. } = &sim.state.rollbacks[0].status else { panic!() };
    assert_eq!(why, "no engine ran for 3m: the one before died");
    // Its supervisor lived: the end is true, and a person goes on from there.
    sim.ends("three.undo.1", 0);
    assert_eq!(sim.started().len(), 5);
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert_eq!(sim.started()[5..], ["two.undo.1"]);
    sim.ended("two.undo.1", RunEnd::Interrupted);
    assert!(matches!(sim.state.rollbacks[0].status, RollbackStatus::Stopped { .. }));
    sim.order(What::RollbackAgain { rollback: 1, item: 1 }).unwrap();
    assert_eq!(sim.started()[6..], ["two.undo.2"]);
}

#[test]
fn nothing_to_undo_is_said_and_not_done() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[]))]));
    assert!(why(sim.order(back(Way::All))).contains("nothing to undo"));
    assert!(sim.ways().is_empty());
}

#[test]
fn an_operator_goes_back_beside_an_incident_and_nobody_ends_the_launch_meanwhile() {
    let mut sim = stages();
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    sim.order_by("oncall", back(Way::All)).unwrap();
    assert_eq!(sim.state.status, Status::RollingBack(1));
    assert!(sim.order(What::End { typed: "production".into(), why: "x".into() }).is_err());
}

#[test]
fn an_undo_that_a_person_stopped_is_not_undone_also_where_it_exits_with_0_or_the_plan_lets_its_step_finish() {
    for on_stop in [OnStop::Ask, OnStop::Finish] {
        let mut sim = Sim::new(plan(vec![runs("a", |s| {
            s.undo = undo(&[]);
            s.on_stop = on_stop;
        })]));
        sim.does("a");
        sim.order(back(Way::All)).unwrap();
        sim.order_by("tom", What::Stop { step: "a".into(), attempt: 1, let_finish: false }).unwrap();
        sim.ends("a.undo.1", 0);
        assert_eq!(sim.word("a"), "undo failed");
        let RollbackStatus::Stopped { why, .. } = &sim.state.rollbacks[0].status else { panic!() };
        assert!(why.contains("was stopped by tom"), "{why}");
        sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
        assert_eq!(sim.started()[2..], ["a.undo.2"]);
    }
}

#[test]
fn a_rollback_that_is_left_settles_each_undo_from_its_recorded_end() {
    let ends = [
        (Some(RunEnd::Exited { code: 0, took: Span::secs(3) }), "undone"),
        (Some(RunEnd::Exited { code: 1, took: Span::secs(3) }), "undo failed"),
        (Some(RunEnd::Interrupted), "undo interrupted"),
    ];
    for (end, word) in ends {
        let mut sim = stages();
        sim.order(back(Way::All)).unwrap();
        sim.gap(Span::secs(5));
        assert_eq!(sim.word("three"), "undoing");
        sim.ended("three.undo.1", end.unwrap());
        sim.order(What::RollbackLeave { rollback: 1, why: "give up".into() }).unwrap();
        assert_eq!(sim.word("three"), word);
    }
}

#[test]
fn an_undo_that_is_left_before_what_it_requires_held_is_failed() {
    let mut sim = stages();
    sim.order(back(Way::All)).unwrap();
    sim.ends("three.undo.1", 0);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(10));
    sim.ends("two.undo.1", 0);
    sim.pass(Span::secs(30));
    assert_eq!(sim.word("two"), "undoing");
    sim.order(What::RollbackLeave { rollback: 1, why: "give up".into() }).unwrap();
    let StepStatus::Failed { why, .. } = sim.status("two") else { panic!("{:?}", sim.status("two")) };
    assert!(why.starts_with("its undo ended well but was left before errors < 1% held"), "{why}");
    assert_eq!(sim.ways()[0].way, Way::Stage("two".into()), "the way back still covers it");
}

#[test]
fn a_step_of_a_rollback_that_is_left_comes_to_what_is_on_record_too() {
    for (code, errors, word) in [(0, 0.001, "done"), (0, 0.06, "failed"), (1, 0.001, "failed")] {
        let mut sim = Sim::new(named());
        sim.pass(Span::mins(1));
        sim.does("share");
        sim.order(back(Way::Named("traffic".into()))).unwrap();
        sim.gap(Span::secs(5));
        sim.measures("errors", Outcome::number(errors));
        sim.ends("traffic/to-blue.do.1", code);
        sim.pass(Span::mins(1));
        sim.order(What::RollbackLeave { rollback: 1, why: "give up".into() }).unwrap();
        assert_eq!(sim.word("traffic/to-blue"), word);
    }
}

#[test]
fn an_undo_that_was_interrupted_in_a_rollback_is_resolved_there_and_the_rollback_goes_on() {
    let interrupted = || {
        let mut sim = stages();
        sim.order(back(Way::All)).unwrap();
        sim.ended("three.undo.1", RunEnd::Interrupted);
        sim
    };
    let resolve = |found| What::Resolve { run: "three.undo.1".parse().unwrap(), found, why: "looked".into() };
    let mut sim = interrupted();
    sim.order(resolve(Found::Done)).unwrap();
    assert_eq!(sim.word("three"), "undone");
    assert_eq!(sim.started()[5..], ["two.undo.1"]);
    let mut sim = interrupted();
    sim.order(resolve(Found::NotDone)).unwrap();
    assert_eq!((sim.word("three"), sim.started().len()), ("undo failed", 5), "how it goes on, a person says");
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert_eq!(sim.started()[5..], ["three.undo.2"]);
}

#[test]
fn an_undo_that_was_interrupted_in_a_rollback_that_was_left_is_undone_when_a_person_says_so() {
    for (found, word) in [(Found::Done, "undone"), (Found::NotDone, "undo failed")] {
        let mut sim = stages();
        sim.order(back(Way::All)).unwrap();
        let run = || "three.undo.1".parse().unwrap();
        sim.ended("three.undo.1", RunEnd::Interrupted);
        let resolve = || What::Resolve { run: run(), found, why: "looked".into() };
        sim.order(What::RollbackLeave { rollback: 1, why: "look first".into() }).unwrap();
        sim.order(resolve()).unwrap();
        assert_eq!(sim.word("three"), word);
        let newest = if found == Found::Done { "two" } else { "three" };
        assert_eq!(sim.ways()[0].way, Way::Stage(newest.into()));
    }
}

#[test]
fn where_a_way_back_stopped_what_others_said_of_rollbacks_stays() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[]))]));
    sim.does("a");
    sim.order_by("rollback bot", What::Hold { why: "looks odd".into() }).unwrap();
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sim.ends("a.undo.1", 1);
    let said = sim.explain("a").because;
    assert!(said.iter().any(|s| s.starts_with("rollback bot has held the launch for")), "{said:?}");
    let stopped: Vec<&String> = said.iter().filter(|s| s.starts_with("rollback 1")).collect();
    assert_eq!(stopped.len(), 1, "{said:?}");
    assert!(stopped[0].starts_with("rollback 1, undo Step a, stopped here: "), "{said:?}");
}

#[test]
fn nobody_is_led_to_tick_what_a_way_back_undoes_next() {
    let hand = step("hand", |s| {
        s.items = vec!["one".into(), "two".into()];
        s.undo = undo(&[]);
    });
    let mut sim = Sim::new(plan(vec![hand, runs("share", |s| s.undo = undo(&[]))]));
    sim.order(What::Tick { step: "hand".into(), item: Some(0), on: true }).unwrap();
    sim.does("share");
    sim.order(back(Way::All)).unwrap();
    let said = sim.explain("hand");
    assert_eq!(said.state, "in progress");
    assert_eq!(
        said.because.last().unwrap(),
        "rollback 1, undo all 2 steps, newest first, is under way: it undoes this too"
    );
    assert_eq!(said.orders, []);
}

#[test]
fn where_a_way_back_stopped_with_its_engine_what_it_waited_for_is_measured_on() {
    let mut sim = Sim::new(plan(vec![runs("two", |s| s.undo = undo(&["errors < 1%"]))]));
    sim.does("two");
    sim.measures("errors", Outcome::number(0.001));
    sim.order(back(Way::All)).unwrap();
    sim.crash(Span::secs(5));
    sim.ends("two.undo.1", 0);
    sim.pass(Span::secs(30));
    let said = sim.explain("two");
    assert!(!said.because.iter().any(|line| line.contains("not measured yet")), "{said:?}");
    let (stands, _) = sim.state.stopped_item().unwrap();
    assert_eq!((stands.word(), stands.again()), ("ended well", "go on"), "nobody waited for it in vain");
}

#[test]
fn a_way_back_that_stops_what_runs_says_so_before_it_is_taken() {
    let mut sim = Sim::new(plan(vec![runs("share", |s| s.undo = undo(&[]))]));
    sim.start("share").unwrap();
    sim.pass(Span::secs(12));
    assert_eq!(sim.ways()[0].first.as_deref(), Some("stops Step share, which runs for 0:12"));
    sim.ends("share.do.1", 0);
    assert_eq!(sim.ways()[0].first, None);
}

#[test]
fn one_stage_back_says_what_began_after_it_and_has_no_undo() {
    let mut sim =
        Sim::new(plan(vec![runs("share", |s| s.undo = undo(&[])), runs("old", |_| {}), runs("retire", |_| {})]));
    sim.does("old");
    sim.pass(Span::secs(10));
    sim.does("share");
    sim.pass(Span::secs(10));
    sim.start("retire").unwrap();
    let stage = sim.ways().into_iter().find(|way| way.way == Way::Stage("share".into())).unwrap();
    assert_eq!(stage.stays, after(&["retire"]), "`old` was there before");
    sim.order(back(Way::Stage("share".into()))).unwrap();
    assert_eq!(sim.state.rollbacks[0].stays, after(&["retire"]));
}
