//! How long a step took that an engine did not see to its end.

use crate::core::estimates::Measured;
use crate::core::event::RunEnd;
use crate::core::ids::StepId;
use crate::core::launch::testing::*;
use crate::core::order::What;
use crate::core::report::Report;
use crate::core::time::Span;

/// What the report and the estimates say of how long a step took.
fn took(sim: &Sim, step: &str) -> (Span, Span) {
    let report = Report::of(&sim.events, None).unwrap();
    let own = report.steps.iter().find(|own| own.id == step).unwrap();
    (own.attempts.last().unwrap().took.unwrap(), Measured::of(&sim.events).unwrap().steps[&StepId::from(step)])
}

#[test]
fn a_command_that_ended_while_no_engine_ran_took_as_long_as_it_ran() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.start("deploy").unwrap();
    sim.pass(Span::secs(5));
    sim.gap(Span::mins(10));
    sim.ended("deploy.do.1", RunEnd::Exited { code: 0, took: Span::secs(15) });
    assert_eq!(sim.word("deploy"), "done");
    assert_eq!(took(&sim, "deploy"), (Span::secs(15), Span::secs(15)));
}

#[test]
fn a_command_that_ran_all_the_time_without_an_engine_took_all_of_it() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
    sim.start("deploy").unwrap();
    sim.pass(Span::secs(5));
    sim.gap(Span::mins(10));
    sim.pass(Span::secs(5));
    sim.ended("deploy.do.1", RunEnd::Exited { code: 0, took: Span::secs(610) });
    assert_eq!(took(&sim, "deploy"), (Span::secs(610), Span::secs(610)));
}

#[test]
fn a_soak_that_stood_still_without_an_engine_took_what_was_observed() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(2));
    })]));
    sim.does("deploy");
    sim.pass(Span::mins(1));
    sim.gap(Span::mins(30));
    sim.pass(Span::mins(2));
    let (reported, measured) = took(&sim, "deploy");
    assert_eq!(reported, measured);
    assert!((Span::mins(2)..Span::mins(3)).contains(&measured), "{measured}");
}

#[test]
fn people_go_on_without_an_engine() {
    let mut sim = Sim::new(plan(vec![step("look", |_| {})]));
    sim.start("look").unwrap();
    sim.gap(Span::mins(10));
    sim.order(What::Tick { step: "look".into(), item: None, on: true }).unwrap();
    assert_eq!(took(&sim, "look"), (Span::mins(10), Span::mins(10)));
}
