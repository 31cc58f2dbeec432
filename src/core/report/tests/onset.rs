//! From when on the trouble was there that an incident was opened about.

use crate::core::event::Event;
use crate::core::launch::testing::{Sim, conditions, plan, runs, trigger, undo};
use crate::core::order::{Way, What};
use crate::core::outline::TriggerAction;
use crate::core::reading::Outcome;
use crate::core::report::{Report, markdown};
use crate::core::run_end::RunEnd;
use crate::core::time::Span;

#[test]
fn the_time_to_detect_counts_from_the_first_failure_of_a_step_that_is_tried_again_and_again() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.pass(Span::mins(1));
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    let first = sim.now;
    for attempt in 2..4 {
        sim.pass(Span::mins(5));
        sim.order(What::Release { of: None, seen: None, why: "once more".into() }).unwrap();
        sim.start("deploy").unwrap();
        sim.ends(&format!("deploy.do.{attempt}"), 1);
    }
    sim.pass(Span::mins(1));
    sim.order(What::Severity { level: 2, text: "it does not deploy".into(), incident: None }).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    assert_eq!(report.incidents[0].detected, Some(sim.now.since(first)));
    assert_eq!(report.incidents[0].onset.as_deref(), Some("Step deploy failed"));
}

#[test]
fn the_time_to_detect_has_the_time_in_it_in_which_no_engine_ran() {
    let mut outline = plan(vec![runs("deploy", |_| {})]);
    outline.triggers = vec![trigger("high", "errors > 5% for 2m", TriggerAction::Notify)];
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(1));
    sim.gap(Span::mins(10));
    sim.pass(Span::mins(2));
    assert!(sim.state.triggers["high"].fired.is_some());
    sim.order(What::Severity { level: 2, text: "errors".into(), incident: None }).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    let detected = report.incidents[0].detected.unwrap();
    assert!(detected > Span::mins(12) && detected < Span::mins(14), "{detected}");
}

#[test]
fn the_time_to_detect_counts_from_the_bad_signal_where_that_came_first() {
    let mut outline = plan(vec![runs("deploy", |_| {})]);
    outline.probes[0].critical = conditions(&["errors > 5%"]);
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(7));
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    sim.order(What::Severity { level: 2, text: "errors".into(), incident: None }).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    assert_eq!(report.incidents[0].detected, Some(Span::mins(7) - Span::secs(10)), "no rule tells of it");
    assert_eq!(report.incidents[0].onset.as_deref(), Some("errors.value was critical"));
}

#[test]
fn the_next_incident_is_not_about_what_the_one_before_was_opened_about() {
    let mut outline = plan(vec![runs("deploy", |_| {}), runs("other", |_| {})]);
    outline.probes[0].critical = conditions(&["errors > 5%"]);
    outline.triggers = vec![trigger("too-many", "errors > 5% for 20s", TriggerAction::Consider)];
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    let severity = |sim: &mut Sim, text: &str| {
        sim.order(What::Severity { level: 2, text: text.into(), incident: None }).unwrap();
    };
    severity(&mut sim, "errors");
    sim.pass(Span::mins(3));
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    sim.pass(Span::mins(1));
    severity(&mut sim, "it does not deploy");
    sim.pass(Span::mins(4));
    severity(&mut sim, "the icon is off");
    let report = Report::of(&sim.events, None).unwrap();
    let found = report.incidents.iter().map(|own| (own.detected, own.onset.as_deref()));
    let expected =
        [(Some(Span::secs(110)), Some("too-many")), (Some(Span::mins(1)), Some("Step deploy failed")), (None, None)];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    assert!(markdown(&report).contains("nothing new was seen wrong when it was opened"));
}

/// What went wrong, minute by minute, and from when on the incident that was opened then was there to be seen.
#[test]
fn time_to_detect_counts_from_when_the_trouble_began() {
    let launch = || {
        let mut outline = plan(vec![
            runs("deploy", |s| {
                s.fail = conditions(&["green is failing for 2m"]);
                s.verify = conditions(&["green is ok"]);
                s.undo = undo(&[]);
            }),
            runs("other", |_| {}),
        ]);
        outline.triggers = vec![trigger("too-many", "errors > 5% for 5m", TriggerAction::Consider)];
        outline.probes[0].critical = conditions(&["errors > 5% for 3m"]);
        let mut sim = Sim::new(outline);
        sim.pass(Span::mins(10));
        sim
    };
    let fails = |sim: &mut Sim, attempt: u32| {
        sim.start("deploy").unwrap();
        sim.ends(&format!("deploy.do.{attempt}"), 1);
        sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    };
    type Course = fn(&mut Sim, &dyn Fn(&mut Sim, u32));
    type Began = Option<(i64, &'static str)>;
    let table: [(&str, Course, Began); 7] = [
        ("nothing was wrong", |_, _| {}, None),
        (
            "a step failed, and failed again: the first time counts",
            |sim, fails| {
                fails(sim, 1);
                sim.pass(Span::mins(8));
                fails(sim, 2);
                sim.pass(Span::mins(2));
            },
            Some((600, "Step deploy failed")),
        ),
        (
            "a signal is bad, and no limit is over for long enough: its first breach",
            |sim, _| {
                sim.measures("errors", Outcome::number(0.06));
                sim.pass(Span::mins(2));
            },
            Some((110, "too-many")),
        ),
        (
            "a trigger fired: when its clock began",
            |sim, _| {
                sim.measures("errors", Outcome::number(0.06));
                sim.pass(Span::mins(7));
            },
            Some((410, "too-many")),
        ),
        (
            "it led to a way back before anybody opened the incident",
            |sim, fails| {
                fails(sim, 1);
                sim.order(What::Done { step: "deploy".into(), why: Some("it is there".into()) }).unwrap();
                sim.measures("errors", Outcome::number(0.06));
                sim.pass(Span::mins(7));
                let trigger = Some("too-many".into());
                sim.order(What::Rollback { way: Way::All, trigger, typed: None, why: "bad".into() }).unwrap();
                sim.pass(Span::mins(1));
            },
            Some((470, "too-many")),
        ),
        (
            "a step failed by what is measured: when that began",
            |sim, _| {
                sim.start("deploy").unwrap();
                sim.pass(Span::secs(10));
                sim.measures("green", Outcome::Failing("refused".into()));
                sim.pass(Span::mins(4));
                sim.ends("deploy.do.1", 1);
                sim.measures("green", Outcome::well());
                sim.pass(Span::mins(1));
            },
            Some((290, "Step deploy failed")),
        ),
        (
            "a step that failed and was done then is no trouble any more",
            |sim, fails| {
                fails(sim, 1);
                sim.pass(Span::mins(5));
                sim.does("deploy");
                sim.pass(Span::mins(5));
                sim.start("other").unwrap();
                sim.ends("other.do.1", 1);
                sim.pass(Span::mins(1));
            },
            Some((60, "Step other failed")),
        ),
    ];
    for (what, course, expected) in table {
        let mut sim = launch();
        course(&mut sim, &fails);
        sim.order(What::Severity { level: 2, text: "x".into(), incident: None }).unwrap();
        let report = Report::of(&sim.events, None).unwrap();
        let [incident] = &report.incidents[..] else { panic!("{:?}", report.incidents) };
        let found = incident.detected.zip(incident.onset.as_deref());
        assert_eq!(found, expected.map(|(secs, what)| (Span::secs(secs), what)), "{what}");
    }
}

fn opens(sim: &mut Sim) {
    sim.order(What::Severity { level: 2, text: "x".into(), incident: None }).unwrap();
}

fn goes_on(sim: &mut Sim) {
    sim.order(What::Release { of: None, seen: None, why: "once more".into() }).unwrap();
}

/// Of each incident from when on it was there to be seen, and what that was.
fn detected(sim: &Sim) -> Vec<(Option<Span>, Option<String>)> {
    let report = Report::of(&sim.events, None).unwrap();
    report.incidents.into_iter().map(|own| (own.detected, own.onset)).collect()
}

#[test]
fn a_soak_that_breaks_counts_from_its_break_and_not_from_the_failure_of_an_earlier_attempt() {
    let mut sim = Sim::new(plan(vec![runs("ship", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(10));
    })]));
    sim.pass(Span::mins(1));
    sim.start("ship").unwrap();
    sim.ends("ship.do.1", 1);
    goes_on(&mut sim);
    sim.pass(Span::mins(1));
    sim.start("ship").unwrap();
    sim.ends("ship.do.2", 0);
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(10));
    let broke = sim.events.iter().find(|own| matches!(own.event, Event::SoakBroken { .. })).unwrap().at;
    sim.pass(Span::secs(3));
    opens(&mut sim);
    let since = sim.now.since(broke);
    assert!(since <= Span::secs(13), "{since}");
    assert_eq!(detected(&sim), [(Some(since), Some("Step ship: its soak broke".to_owned()))]);
}

#[test]
fn a_failure_is_over_while_a_new_attempt_goes_on() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    goes_on(&mut sim);
    sim.pass(Span::mins(5));
    sim.start("deploy").unwrap();
    sim.pass(Span::mins(1));
    opens(&mut sim);
    assert_eq!(detected(&sim), [(None, None)]);
}

#[test]
fn what_a_person_stopped_is_over_with_the_next_attempt_and_that_one_s_failure_counts_from_itself() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.start("deploy").unwrap();
    sim.order(What::Stop { step: "deploy".into(), attempt: 1, let_finish: false }).unwrap();
    let end = RunEnd::Signalled { signal: 15, took: Span::secs(1), stopped: true };
    sim.ended("deploy.do.1", end);
    sim.pass(Span::mins(5));
    sim.start("deploy").unwrap();
    sim.pass(Span::secs(30));
    sim.ends("deploy.do.2", 1);
    sim.pass(Span::mins(1));
    opens(&mut sim);
    assert_eq!(detected(&sim), [(Some(Span::mins(1)), Some("Step deploy failed".to_owned()))]);
}

#[test]
fn a_step_that_failed_again_after_an_incident_about_it_is_what_the_next_one_is_about_since_then() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    sim.pass(Span::mins(1));
    opens(&mut sim);
    goes_on(&mut sim);
    sim.start("deploy").unwrap();
    sim.pass(Span::mins(5));
    sim.ends("deploy.do.2", 1);
    sim.pass(Span::mins(2));
    opens(&mut sim);
    let failed = |minutes| (Some(Span::mins(minutes)), Some("Step deploy failed".to_owned()));
    assert_eq!(detected(&sim), [failed(1), failed(2)]);
}
