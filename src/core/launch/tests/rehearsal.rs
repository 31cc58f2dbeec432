//! A rehearsal on stand-ins, and one for real.

use crate::core::estimates::Measured;
use crate::core::event::{Event, Mode, Recorded, RunEnd};
use crate::core::ids::Seq;
use crate::core::launch::testing::*;
use crate::core::launch::{Fix, LaunchState, forecast, inject, stand_in};
use crate::core::order::{Way, What};
use crate::core::outline::{Outline, TriggerAction};
use crate::core::practice::{Happening, Injection, Moment, Practice};
use crate::core::reading::{Outcome, Poll};
use crate::core::rehearsed::LastRehearsal;
use crate::core::report::{self, Report};
use crate::core::spell;
use crate::core::time::{Span, Timestamp};
use crate::core::window::Window;

/// The same launch as a rehearsal.
pub fn rehearsed(outline: Outline, practice: Practice) -> Sim {
    let mut sim = Sim::new(outline.clone());
    let event = Event::Opened {
        launch: "wallet.production.rehearsal-2026-11-21.1".into(),
        mode: Mode::Rehearsal,
        t0: Timestamp(1_800_000_000_000),
        by: who("ana"),
        plan_hash: "0".into(),
        outline: Box::new(outline),
        practice: Some(practice),
    };
    let first = Recorded { seq: Seq(1), at: sim.now, order: None, event };
    sim.state = LaunchState::open(&first).unwrap();
    sim.events = vec![first];
    sim
}

fn deploy() -> Outline {
    plan(vec![runs("deploy", |s| {
        s.estimate = Some(Span::mins(10));
        s.verify = conditions(&["green is ok"]);
        s.soak = Some(Span::mins(5));
        s.fail = conditions(&["green is failing"]);
        s.undo = undo(&["errors < 1% for 1m"]);
    })])
}

/// What the engine does with a stand-in.
fn stood_in(sim: &mut Sim, run: &str) {
    let takes = stand_in(&sim.state, &run.parse().unwrap()).unwrap().takes;
    sim.pass(takes);
    sim.ended(run, RunEnd::StoodIn { took: takes });
}

#[test]
fn a_stand_in_takes_the_estimate_and_what_it_did_not_do_is_taken_as_held() {
    let mut sim = rehearsed(deploy(), Practice::default());
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.start("deploy").unwrap();
    let stands = stand_in(&sim.state, &"deploy.do.1".parse().unwrap()).unwrap();
    assert_eq!(stands.takes, Span::mins(5), "the estimate of 10 minutes has the soak in it");
    assert!(stands.says().contains("takes 5m, its estimate of 10m without its soak"), "{}", stands.says());
    assert!(stands.says().contains("would run\n  ./deploy.sh\n"), "{}", stands.says());
    stood_in(&mut sim, "deploy.do.1");
    assert_eq!(sim.word("deploy"), "soaking", "nothing failed, though green does not answer");
    sim.pass(Span::mins(4));
    assert_eq!(sim.word("deploy"), "soaking");
    sim.pass(Span::mins(1));
    assert_eq!(sim.word("deploy"), "done");
    let Some(Event::StepDone { evidence, .. }) =
        sim.events.iter().rev().map(|r| &r.event).find(|e| matches!(e, Event::StepDone { .. }))
    else {
        panic!("no end")
    };
    assert_eq!(evidence[0].found, "not measured: taken as held in the rehearsal");
}

#[test]
fn a_quicker_rehearsal_takes_the_plans_time_on_a_quicker_clock() {
    let mut sim = rehearsed(deploy(), Practice { speed: 60, ..Practice::default() });
    assert_eq!(sim.state.pace(), 60);
    sim.start("deploy").unwrap();
    assert_eq!(stand_in(&sim.state, &"deploy.do.1".parse().unwrap()).unwrap().takes, Span::mins(5));
    assert_eq!(Sim::new(deploy()).state.pace(), 1);
}

#[test]
fn a_quicker_rehearsal_asks_no_more_often_than_production_bears() {
    let every = |practice: Practice| {
        let mut outline = deploy();
        practice.stretch(&mut outline);
        outline.probe(&"errors".into()).unwrap().every
    };
    let always = Injection { from: None, ..set("errors", "value", Outcome::number(0.0), Happening::Done, Span::ZERO) };
    let of = |instance: &str| Injection { instance: Some(instance.into()), ..always.clone() };
    let later = Injection { lasts: Some(Span::mins(1)), ..always.clone() };
    let (quick, plain) = (Practice { speed: 600, ..Practice::default() }, deploy().probes[0].every);
    let scenario = |scenario| Practice { scenario, ..quick.clone() };
    assert_eq!(plain, Span::secs(10));
    assert_eq!(every(Practice::default()), plain);
    assert_eq!(every(quick.clone()), Span::mins(10), "once a second");
    assert_eq!(every(scenario(vec![later, of("green")])), Span::mins(10), "it is measured");
    assert_eq!(every(scenario(vec![always.clone()])), Span::mins(1), "nobody is asked");
    assert_eq!(every(Practice { real: true, ..quick.clone() }), Span::mins(1), "a place for rehearsals");
    assert_eq!(every(Practice { speed: 2, real: true, ..quick.clone() }), plain);
    let mut probe = deploy().probe(&"errors".into()).unwrap().clone();
    probe.expect = vec!["blue".into(), "green".into()];
    assert!(!scenario(vec![of("green")]).plays(&probe) && scenario(vec![of("green"), of("blue")]).plays(&probe));
}

#[test]
fn a_way_back_is_rehearsed_on_stand_ins_too() {
    let mut sim = rehearsed(deploy(), Practice::default());
    sim.start("deploy").unwrap();
    stood_in(&mut sim, "deploy.do.1");
    sim.measures("errors", Outcome::number(0.2));
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: Some("production".into()), why: "try it".into() })
        .unwrap();
    stood_in(&mut sim, "deploy.undo.1");
    sim.pass(Span::mins(1));
    assert_eq!(sim.word("deploy"), "undone", "{:?}", sim.state.rollbacks);
}

#[test]
fn what_is_to_be_mended_in_the_plan_is_noted_with_its_step_also_after_the_end() {
    let mut sim = Sim::new(deploy());
    let fix = |sim: &mut Sim, line: &str| {
        let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
        assert_eq!(
            spell::read(&spell::words(&spell::write(&what)).unwrap(), &sim.state, &sim.readout()).unwrap(),
            what
        );
        sim.order(what)
    };
    fix(&mut sim, "fix deploy the script wants sudo").unwrap();
    sim.order(What::End { typed: "production".into(), why: "enough".into() }).unwrap();
    fix(&mut sim, "fix \"nobody owns the second phase\"").unwrap();
    let all: Vec<String> = sim.state.fixes.iter().map(Fix::words).collect();
    assert_eq!(all, ["deploy: the script wants sudo", "nobody owns the second phase"]);
    let report = report::markdown(&Report::of(&sim.events, None).unwrap());
    assert!(report.contains("## Fix the plan") && report.contains("deploy: the script wants sudo"), "{report}");
    let nothing = why(sim.order(What::Fix { step: None, text: " ".into() }));
    assert_eq!(nothing, "what is to be mended is not said; do fix TEXT");
}

#[test]
fn who_starts_a_launch_is_told_of_the_last_rehearsal_and_what_is_still_to_be_mended() {
    let mut sim = rehearsed(deploy(), Practice::default());
    sim.start("deploy").unwrap();
    stood_in(&mut sim, "deploy.do.1");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "try it".into() }).unwrap();
    stood_in(&mut sim, "deploy.undo.1");
    sim.pass(Span::mins(1));
    sim.order(What::Fix { step: Some("deploy".into()), text: "needs sudo".into() }).unwrap();
    sim.order(What::End { typed: "production".into(), why: "practised".into() }).unwrap();
    let last = LastRehearsal::of(&sim.state, "another text").unwrap();
    assert_eq!(
        last.words(sim.now + Span::mins(60 * 24 * 3)),
        [
            "last rehearsal 3d ago in production, on stand-ins: 0/1 boxes, ended by ana: practised \
             (wallet.production.rehearsal-2026-11-21.1)",
            "the plan has changed since",
            "way back, undo Step deploy: took 2m with stand-ins; estimate 1m",
            "1 thing to be mended in the plan:",
            "  deploy: needs sudo",
        ]
    );
    assert_eq!(LastRehearsal::of(&Sim::new(deploy()).state, "0"), None, "a live launch is none");
}

fn with(set: Injection, outline: Outline) -> Sim {
    rehearsed(outline, Practice { scenario: vec![set], ..Practice::default() })
}

/// From so long after a happening of `deploy` on.
fn set(probe: &str, measure: &str, outcome: Outcome, what: Happening, plus: Span) -> Injection {
    Injection {
        signal: probe.to_owned(),
        probe: probe.into(),
        instance: None,
        measure: measure.into(),
        also: Default::default(),
        shown: String::new(),
        outcome,
        from: Some(Moment::Step { step: "deploy".into(), what, plus }),
        until: None,
        lasts: None,
    }
}

/// A scenario that has a signal like that from the beginning.
pub fn always(probe: &str, measure: &str, outcome: Outcome) -> Injection {
    Injection { from: None, ..set(probe, measure, outcome, Happening::Done, Span::ZERO) }
}

#[test]
fn an_injected_fault_reaches_triggers_and_levels_and_ends_when_the_scenario_says() {
    let outline = Outline { triggers: vec![trigger("bad", "errors > 5% for 1m", TriggerAction::Propose)], ..deploy() };
    let until = Some(Moment::Rollback { what: Happening::Done, plus: Span::mins(1) });
    let high = set("errors", "value", Outcome::number(0.08), Happening::Done, Span::mins(2));
    let mut sim = with(Injection { until, ..high }, outline);
    sim.start("deploy").unwrap();
    stood_in(&mut sim, "deploy.do.1");
    sim.pass(Span::mins(5));
    assert_eq!((sim.word("deploy"), sim.count("injected")), ("done", 0));
    sim.pass(Span::mins(2));
    assert_eq!(sim.count("injected"), 1);
    assert!(sim.readout().signals.values().any(|view| view.injected));
    sim.pass(Span::mins(2));
    assert_eq!(sim.count("trigger-fired"), 1);
    let found = sim.state.triggers["bad"].fired.as_ref().unwrap().evidence.found.clone();
    assert_eq!(found, "8 % > 5 %, injected");
    let alarms = sim.answers().alarms;
    assert!(alarms.iter().any(|alarm| alarm.what.contains("8 % > 5 %, injected")), "{alarms:?}");
    let report = report::markdown(&Report::of(&sim.events, None).unwrap());
    assert!(report.contains("8 % > 5 %, injected"), "{report}");
    sim.order(What::Rollback { way: Way::All, trigger: Some("bad".into()), typed: None, why: String::new() }).unwrap();
    stood_in(&mut sim, "deploy.undo.1");
    assert_eq!(sim.count("rollback-done"), 0, "its undo requires errors < 1%, and that is injected");
    sim.pass(Span::mins(10));
    assert_eq!(sim.state.status, crate::core::launch::Status::RollingBack(1), "so it stops and asks");
    sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "looked".into() }).unwrap();
    sim.pass(Span::mins(1) + Span::secs(20));
    assert_eq!(sim.count("injection-ended"), 1);
    assert!(sim.readout().signals.values().all(|view| !view.injected));
    assert_eq!(
        sim.events.iter().filter(|r| matches!(r.event, Event::TriggerCleared { .. })).count(),
        1,
        "measured again"
    );
}

#[test]
fn where_nothing_answers_the_instances_that_the_scenario_names_are_all_there_are() {
    let green = set("errors", "value", Outcome::number(0.001), Happening::Done, Span::ZERO);
    let mut sim = with(Injection { instance: Some("green".into()), from: None, ..green }, deploy());
    sim.look();
    let poll = Poll { probe: "errors".into(), at: sim.now, took_ms: 1, points: Err("connection refused".into()) };
    sim.signals.observe(&poll);
    let found = inject(&sim.state, &sim.signals, poll).points.unwrap();
    let of: Vec<_> = found.iter().map(|p| p.instance.as_ref().map(|i| i.as_str().to_owned())).collect();
    assert_eq!(of, [Some("green".to_owned())]);
}

#[test]
fn a_verify_that_the_scenario_speaks_of_is_looked_at_and_breaks() {
    let down = set("green", "up", Outcome::Failing("refused".into()), Happening::Started, Span::mins(6));
    let down = Injection { lasts: Some(Span::mins(1)), ..down };
    let mut outline = deploy();
    outline.steps[0].fail.clear();
    let mut sim = with(down, outline);
    sim.start("deploy").unwrap();
    stood_in(&mut sim, "deploy.do.1");
    sim.pass(Span::secs(95));
    assert_eq!(sim.word("deploy"), "soak broken");
    let view = &sim.readout().conditions[&crate::core::view::ConditionOf::Verify("deploy".into(), 0)];
    assert_eq!(view.now, Some(false), "{view:?}");
    sim.pass(Span::mins(4));
    assert_eq!(sim.word("deploy"), "soaking", "its soak began anew when the fault was over");
    sim.pass(Span::mins(2));
    assert_eq!(sim.word("deploy"), "done");
}

#[test]
fn the_time_of_a_stand_in_is_no_measurement_and_that_of_people_is() {
    let mut outline = deploy();
    outline.steps.push(step("look", |s| s.items = vec!["A".into(), "B".into()]));
    let mut sim = rehearsed(outline.clone(), Practice::default());
    let play = |sim: &mut Sim, end: RunEnd| {
        sim.start("deploy").unwrap();
        sim.pass(Span::mins(10));
        sim.ended("deploy.do.1", end);
        sim.pass(Span::mins(6));
        for item in [Some(0), Some(1)] {
            sim.order(What::Tick { step: "look".into(), item, on: true }).unwrap();
            sim.pass(Span::mins(3));
        }
    };
    play(&mut sim, RunEnd::StoodIn { took: Span::mins(10) });
    let measured = Measured::of(&sim.events).unwrap();
    assert_eq!(measured.steps.into_iter().collect::<Vec<_>>(), [("look".into(), Span::mins(3))]);
    let mut sim = Sim::new(outline);
    play(&mut sim, RunEnd::Exited { code: 0, took: Span::mins(10) });
    let steps = Measured::of(&sim.events).unwrap().steps;
    assert_eq!(steps["deploy"], Span::mins(15), "with its soak");
}

#[test]
fn a_stand_in_that_is_stopped_did_not_end_well() {
    let mut sim = rehearsed(deploy(), Practice::default());
    sim.start("deploy").unwrap();
    sim.order(What::Stop { step: "deploy".into(), attempt: 1, let_finish: false }).unwrap();
    sim.ended("deploy.do.1", RunEnd::StoodIn { took: Span::secs(3) });
    assert_eq!(sim.word("deploy"), "failed");
}

#[test]
fn where_the_environment_is_marked_a_rehearsal_is_as_a_launch() {
    let mut sim = rehearsed(deploy(), Practice { real: true, ..Practice::default() });
    assert!(!sim.state.stands_in());
    assert_eq!(sim.state.rehearsal().as_deref(), Some("REAL REHEARSAL"), "nobody takes it for one on stand-ins");
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.start("deploy").unwrap();
    assert_eq!(stand_in(&sim.state, &"deploy.do.1".parse().unwrap()), None);
    sim.pass(Span::mins(1));
    assert_eq!(sim.word("deploy"), "failed", "what is measured counts");
}

#[test]
fn no_window_binds_a_rehearsal_on_stand_ins() {
    let never = |day| crate::core::window::Window { days: vec![day], ..window() };
    for (practice, starts) in [(Practice::default(), true), (Practice { real: true, ..Practice::default() }, false)] {
        let day = crate::core::window::Day::Sun;
        let outline = Outline { window: Some(never(day)), zone: Some("Europe/Berlin".into()), ..deploy() };
        let mut sim = rehearsed(outline, practice);
        assert_eq!(sim.start("deploy").is_ok(), starts);
    }
}

fn window() -> crate::core::window::Window {
    let (from, to) = ("02:00".parse().unwrap(), "02:01".parse().unwrap());
    crate::core::window::Window { days: Vec::new(), from, to, zone: "Europe/Berlin".into() }
}

#[test]
fn the_forecast_of_a_rehearsal_waits_for_no_window_since_its_stand_ins_do_not() {
    let mut outline = deploy();
    let (from, to) = ("22:00".parse().unwrap(), "23:00".parse().unwrap());
    outline.window = Some(Window { days: Vec::new(), from, to, zone: "UTC".into() });
    let live = Sim::new(outline.clone());
    let ends = |sim: &Sim| forecast(&sim.state, &sim.readout(), sim.now);
    assert_eq!(ends(&live).launch.projected, Some(live.now + Span::mins(14 * 60 + 10)), "the window opens at 22:00");
    let mut sim = rehearsed(outline, Practice::default());
    assert_eq!(ends(&sim).launch.projected, Some(sim.now + Span::mins(10)));
    assert_eq!(ends(&sim).fit, None);
    sim.start("deploy").unwrap();
}

#[test]
fn the_stand_ins_of_a_way_back_take_its_estimate_together() {
    let mut outline = deploy();
    let own = |s: &mut crate::core::outline::StepOutline| s.estimate = Some(Span::secs(2));
    let steps = vec![runs("back/a", |_| {}), runs("back/b", own), runs("back/c", |_| {})];
    outline.rollbacks = vec![rollback("back", steps)];
    outline.rollbacks[0].estimate = Some(Span::secs(8));
    let sim = rehearsed(outline, Practice::default());
    let takes = |run: &str| stand_in(&sim.state, &run.parse().unwrap()).unwrap();
    let all = ["back/a.do.1", "back/b.do.1", "back/c.do.1"].map(|run| takes(run).takes);
    assert_eq!(all, [Span::secs(3), Span::secs(2), Span::secs(3)]);
    assert!(takes("back/a.do.1").says().contains("takes 3s, its share of the way back's estimate of 8s"));
}
