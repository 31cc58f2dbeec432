//! A launch that goes wrong and is brought back, as its report tells it.

use super::{Report, markdown};
use crate::core::event::Mode;
use crate::core::launch::testing::{Sim, conditions, gate, plan, rollback, runs, step, trigger, undo};
use crate::core::order::{Way, What};
use crate::core::outline::TriggerAction;
use crate::core::reading::Outcome;
use crate::core::time::Span;

fn story() -> Sim {
    let mut outline = plan(vec![
        runs("deploy", |s| (s.undo, s.estimate) = (undo(&[]), Some(Span::mins(3)))),
        step("go", |s| {
            s.gate = gate(&["errors < 1%"], &["dba"], None);
            s.after = vec!["deploy".into()];
        }),
        step("tell | all", |_| {}),
    ]);
    outline.triggers = vec![trigger("too-many", "errors > 5% for 20s", TriggerAction::Consider)];
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/back", |_| {})])];
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.001));
    sim.start("deploy").unwrap();
    sim.pass(Span::secs(41));
    sim.ends("deploy.do.1", 0);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(60));
    sim.start("go").unwrap();
    let why = Some("we look at it".to_owned());
    sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why }).unwrap();
    sim.pass(Span::secs(30));
    sim.order(What::Severity { level: 2, text: "5xx <b>everywhere</b>".into(), incident: None }).unwrap();
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "too many errors".into() }).unwrap();
    sim.pass(Span::secs(90));
    sim.ends("traffic/back.do.1", 0);
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(3));
    sim
}

#[test]
fn the_report_says_what_was_planned_what_happened_and_what_is_open() {
    insta::assert_snapshot!(markdown(&Report::of(&story().events, None).unwrap()));
}

#[test]
fn detection_counts_from_the_trigger_and_an_override_is_told() {
    let report = Report::of(&story().events, None).unwrap();
    assert_eq!(report.mode, Mode::Live);
    assert!(report.overrides.iter().any(|own| own.text.contains("GO over") && own.text.contains("we look at it")));
    let [incident] = &report.incidents[..] else { panic!("{:?}", report.incidents) };
    let [firing] = &report.triggers[..] else { panic!("{:?}", report.triggers) };
    assert_eq!(incident.detected, Some(incident.opened.at.since(firing.at)));
    assert!(firing.cleared.is_some());
    let [back] = &report.rollbacks[..] else { panic!("{:?}", report.rollbacks) };
    assert_eq!((back.estimate, back.took), (Some(Span::mins(2)), Some(Span::secs(90))));
}

#[test]
fn a_rollback_says_what_it_lost_what_it_went_over_and_what_stays() {
    let mut outline = plan(vec![runs("migrate", |_| {}), runs("deploy", |s| s.undo = undo(&[]))]);
    let mut back = rollback("restore", vec![runs("restore/back", |_| {})]);
    back.loses = Some("orders since T-0".into());
    back.require = conditions(&["errors < 1%"]);
    outline.rollbacks = vec![back];
    let environment = outline.environment.clone();
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.06));
    sim.start("migrate").unwrap();
    sim.ends("migrate.do.1", 0);
    sim.start("deploy").unwrap();
    let way = Way::Named("restore".into());
    let order = |way| What::Rollback { way, trigger: None, typed: Some(environment.clone()), why: "broken".into() };
    sim.order(order(way)).unwrap();
    sim.ends("restore/back.do.1", 0);
    sim.ends("deploy.do.1", 0);
    sim.order(order(Way::All)).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    let page = markdown(&report);
    assert!(page.contains("- **loses orders since T-0**\n- over: errors \\< 1% does not hold"), "{page}");
    assert!(page.contains("- Step migrate has no undo: it stays as it is"), "{page}");
}

#[test]
fn an_undo_that_failed_is_no_failure_of_the_step() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.undo = undo(&[]))]));
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "broken".into() }).unwrap();
    sim.ends("deploy.undo.1", 1);
    let [deploy] = &Report::of(&sim.events, None).unwrap().steps[..] else { panic!() };
    assert_eq!(
        (deploy.status.as_str(), deploy.attempts[0].outcome.as_str()),
        ("undo failed", "done, then undo failed")
    );
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    sim.ends("deploy.undo.2", 0);
    let [deploy] = &Report::of(&sim.events, None).unwrap().steps[..] else { panic!() };
    assert_eq!(deploy.attempts[0].outcome, "done, then undo failed, then undone");
}

#[test]
fn a_command_is_told_with_the_values_that_it_ran_with() {
    let mut outline = plan(vec![runs("deploy", |s| {
        s.run = Some("./deploy.sh \"$version\" $n $token".into());
        s.undo = undo(&[]);
        s.vars = [("n".to_owned(), "5".to_owned())].into();
    })]);
    outline.vars = [("version", "v2"), ("n", "1")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    outline.secrets.insert("token".into(), "${env:TOKEN}".into());
    let mut sim = Sim::new(outline);
    sim.does("deploy");
    let report = Report::of(&sim.events, None).unwrap();
    assert_eq!(report.commands[0].command, "./deploy.sh v2 5 $token");
}

#[test]
fn events_that_are_no_launch_have_no_report() {
    assert_eq!(Report::of(&story().events[1..], None), None);
    assert_eq!(Report::of(&[], None), None);
}

#[test]
fn a_trigger_that_has_not_cleared_is_told_as_it_stands() {
    let mut outline = plan(vec![runs("deploy", |s| s.undo = undo(&[]))]);
    outline.triggers = vec![trigger("too-many", "errors > 5% for 20s", TriggerAction::Consider)];
    let mut sim = Sim::new(outline);
    sim.does("deploy");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(40));
    let told = |sim: &Sim, live: bool| {
        let report = Report::of(&sim.events, live.then(|| sim.readout()).as_ref()).unwrap();
        (report.triggers[0].stands.clone(), report.open.join("; "))
    };
    let both = |one: &str| (one.to_owned(), format!("too-many: {one}"));
    assert_eq!(told(&sim, true), both("it still holds"));
    assert_eq!(told(&sim, false), both("it has not cleared"), "without an engine nobody knows more");
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::secs(10));
    assert_eq!(told(&sim, true), both("it has not cleared, and there is no data"));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    assert_eq!(told(&sim, true), both("quiet for 0:10 of 2:00"));
    sim.order(What::Rollback { way: Way::All, trigger: Some("too-many".into()), typed: None, why: "bad".into() })
        .unwrap();
    sim.pass(Span::secs(10));
    assert_eq!(told(&sim, true).0, "it held for 40s");
}
