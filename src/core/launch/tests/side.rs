//! The vantage: what is known, and what may follow, while our own side is cut off.

use crate::core::condition::NoDataRule;
use crate::core::event::Event;
use crate::core::launch::answers::Ground;
use crate::core::launch::testing::*;
use crate::core::launch::{StepStatus, TriggerState, explain_named};
use crate::core::notice::NoticeKind;
use crate::core::order::Way;
use crate::core::outline::{Outline, TriggerAction};
use crate::core::reading::{Level, Outcome, Point, Poll, Verdict};
use crate::core::report::Report;
use crate::core::signals::Judge;
use crate::core::tell::tell;
use crate::core::time::Span;

fn failing(why: &str) -> Outcome {
    Outcome::Failing(why.into())
}

/// `green` is watched, `errors` too, and `gateway` is what our own side must reach.
fn watched(with: impl FnOnce(&mut Outline)) -> Sim {
    let mut plan = plan(vec![runs("a", |s| {
        s.verify = conditions(&["green is ok"]);
        s.soak = Some(Span::mins(5));
    })]);
    let mut gateway = plan.probes.iter().find(|p| p.id.as_str() == "green").unwrap().clone();
    gateway.id = "gateway".into();
    plan.probes.push(gateway);
    plan.vantage = vec!["gateway".into()];
    plan.triggers = vec![trigger("down", "green is failing for 30s", TriggerAction::Propose)];
    with(&mut plan);
    let mut sim = Sim::new(plan);
    sim.measures("gateway", Outcome::well());
    sim.pass(Span::mins(1));
    sim
}

fn fired(sim: &Sim) -> bool {
    sim.state.triggers.values().any(|TriggerState { fired, .. }| fired.is_some())
}

fn level(sim: &Sim, signal: &str) -> (Level, Option<String>) {
    sim.signals.level(&signal.parse().unwrap(), sim.now)
}

const CUT: &str = "our own side is cut off: vantage gateway does not answer";

#[test]
fn when_our_own_side_is_cut_off_health_is_unknown_and_no_trigger_fires() {
    let mut sim = watched(|_| {});
    sim.measures("green", failing("refused"));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(10));
    assert!(!fired(&sim));
    assert_eq!(level(&sim, "green.up"), (Level::Unknown, Some(CUT.to_owned())));
    assert!(sim.state.hold.is_none() && sim.state.side.cut.is_some());
    // It is said once, and once that it is over; then what still fails counts from there.
    assert_eq!((sim.count("side-cut-off"), sim.count("side-back")), (1, 0));
    sim.measures("gateway", Outcome::well());
    sim.pass(Span::secs(20));
    assert_eq!((sim.count("side-cut-off"), sim.count("side-back")), (1, 1));
    assert!(!fired(&sim), "nothing catches up");
    sim.pass(Span::secs(40));
    assert!(fired(&sim));
}

#[test]
fn what_fails_while_the_vantage_answers_is_failing_and_its_trigger_fires() {
    let mut sim = watched(|_| {});
    sim.measures("green", failing("refused"));
    sim.pass(Span::mins(1));
    assert!(fired(&sim));
    assert_eq!(level(&sim, "green.up").0, Level::Critical);
    assert_eq!(sim.count("side-cut-off"), 0);
}

#[test]
fn a_failure_counts_only_once_the_vantage_has_answered_after_it() {
    let mut sim = watched(|plan| plan.triggers = vec![trigger("down", "green is failing", TriggerAction::Propose)]);
    // The cut is seen by `green` a moment before it is seen by the vantage.
    sim.measures("green", failing("refused"));
    sim.silent("gateway");
    sim.pass(Span::secs(10));
    assert!(!fired(&sim), "not known yet whether it is our side");
    assert_eq!(level(&sim, "green.up").0, Level::Ok, "and the last that counts is what stands");
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::secs(10));
    assert!(!fired(&sim));
    assert_eq!(level(&sim, "green.up"), (Level::Unknown, Some(CUT.to_owned())));
}

#[test]
fn a_poll_that_waited_over_the_end_of_the_cut_is_no_failure() {
    let mut sim = watched(|plan| plan.triggers = vec![trigger("down", "green is failing", TriggerAction::Propose)]);
    sim.measures("gateway", failing("timed out"));
    sim.measures("green", failing("timed out"));
    sim.pass(Span::mins(1));
    // The line is back: the vantage says so first, and then `green` times out, which was asked before that.
    sim.measures("gateway", Outcome::well());
    sim.silent("green");
    sim.pass(Span::secs(10));
    let failed = Ok(vec![Point::new("up", failing("timed out"))]);
    sim.signals.observe(&Poll { probe: "green".into(), at: sim.now + Span(100), took_ms: 15_000, points: failed });
    sim.pass(Span::secs(10));
    assert_eq!(level(&sim, "green.up"), (Level::Unknown, Some(CUT.to_owned())));
    assert!(!fired(&sim));
    sim.measures("green", failing("refused"));
    sim.pass(Span::secs(20));
    assert!(fired(&sim), "what was asked since then counts");
}

#[test]
fn while_cut_off_clocks_stand_still_and_go_on_after() {
    let mut sim = watched(|_| {});
    sim.does("a");
    sim.pass(Span::mins(2));
    let green = |sim: &Sim| {
        let failing = crate::core::grammar::parse("green is failing for 1h", None).unwrap();
        sim.signals.judge(&failing, Judge::any(sim.state.opened), sim.now)
    };
    let soaked = |sim: &Sim| {
        let StepStatus::Soaking { since, .. } = *sim.status("a") else { panic!("{:?}", sim.status("a")) };
        let ok = crate::core::grammar::parse("green is ok", None).unwrap();
        sim.signals.judge(&ok, Judge { soak: Some(Span::mins(5)), ..Judge::all(since) }, sim.now)
    };
    let before = soaked(&sim).lasted;
    sim.measures("green", failing("refused"));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(10));
    let frozen = soaked(&sim);
    assert_eq!((frozen.lasted, frozen.frozen), (before, true), "neither longer nor broken");
    assert_eq!((green(&sim).lasted, green(&sim).verdict), (Span::ZERO, Verdict::NoData(CUT.to_owned())));
    assert!(frozen.found.ends_with(CUT), "{}", frozen.found);
    sim.measures("green", Outcome::well());
    sim.measures("gateway", Outcome::well());
    sim.pass(Span::mins(1));
    let after = soaked(&sim).lasted;
    assert!(after > before && after <= before + Span::mins(1), "{before} {after}");
}

#[test]
fn no_data_counts_as_a_breach_where_the_plan_says_so_but_never_while_our_own_side_is_cut_off() {
    let breach = |plan: &mut Outline| {
        plan.triggers = vec![trigger("errors", "errors > 5% for 30s", TriggerAction::Propose)];
        plan.triggers[0].no_data = NoDataRule::Breach;
    };
    let no_answer = Outcome::NoData("connection refused".into());
    let mut sim = watched(breach);
    sim.measures("errors", no_answer.clone());
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(10));
    assert!(!fired(&sim));
    assert_eq!(level(&sim, "errors.value"), (Level::Unknown, Some(CUT.to_owned())));
    let mut sim = watched(breach);
    sim.measures("errors", no_answer);
    sim.pass(Span::mins(1));
    assert!(fired(&sim), "the vantage answers: the plan's word holds");
    // Not even what is measured on our own side fires while nobody could go back from there.
    let mut sim = watched(breach);
    sim.measures("errors", Outcome::number(0.5));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(10));
    assert!(!fired(&sim));
}

#[test]
fn no_trigger_fires_while_our_own_side_is_cut_off_not_even_that_of_the_vantage() {
    for when in ["gateway is failing for 30s", "gateway is failing", "gateway is failing 2 of 3", "errors > 5%"] {
        let mut sim = watched(|plan| plan.triggers = vec![trigger("line", when, TriggerAction::Propose)]);
        sim.measures("gateway", failing("timed out"));
        sim.pass(Span::secs(20));
        sim.measures("errors", Outcome::number(0.5));
        sim.pass(Span::mins(5));
        // Its polls come late while they time out: it is cut off still, as far as anybody knows.
        sim.silent("gateway");
        sim.pass(Span::mins(2));
        assert!(sim.state.side.cut.is_some() && !fired(&sim), "{when}");
    }
    // What no data breaches would fire on its silence.
    let mut sim = watched(|plan| {
        plan.triggers = vec![trigger("line", "gateway is failing for 30s", TriggerAction::Propose)];
        plan.triggers[0].no_data = NoDataRule::Breach;
    });
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::secs(20));
    sim.silent("gateway");
    sim.pass(Span::mins(5));
    assert!(sim.state.side.cut.is_some() && !fired(&sim));
    // In a rehearsal on stand-ins it is no different, but for what the scenario plays: that nobody need reach.
    let outline = (*watched(|plan| {
        plan.triggers = vec![trigger("line", "gateway is failing for 30s", TriggerAction::Propose)];
    })
    .state
    .outline)
        .clone();
    for plays in [None, Some(("gateway", "up", failing("played"))), Some(("errors", "value", Outcome::number(0.5)))] {
        let mut outline = outline.clone();
        outline.triggers.push(trigger("high", "errors > 5% for 30s", TriggerAction::Propose));
        let part = |(probe, measure, outcome)| super::rehearsal::always(probe, measure, outcome);
        let high = plays.as_ref().is_some_and(|(probe, ..)| *probe == "errors");
        let scenario = plays.clone().map(part).into_iter().collect();
        let practice = crate::core::practice::Practice { scenario, ..Default::default() };
        let mut sim = super::rehearsal::rehearsed(outline, practice);
        sim.measures("gateway", failing("timed out"));
        sim.pass(Span::mins(5));
        assert!(sim.state.side.cut.is_some(), "{plays:?}");
        let fired: Vec<&str> =
            sim.state.triggers.iter().filter(|(_, t)| t.times > 0).map(|(id, _)| id.as_str()).collect();
        assert_eq!(fired, if high { vec!["high"] } else { vec![] }, "{plays:?}");
    }
}

#[test]
fn it_is_the_first_alarm_and_is_told_with_how_long_it_was() {
    let mut sim = watched(|_| {});
    sim.measures("green", failing("refused"));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(2));
    let answers = sim.answers();
    let first = &answers.alarms[0];
    assert_eq!(first.line(), format!("CUT OFF {CUT}  nothing is known of production; no trigger fires"));
    assert_eq!(answers.now.head.long(), "CUT OFF");
    sim.measures("gateway", Outcome::well());
    sim.pass(Span::secs(10));
    assert!(sim.answers().alarms.iter().all(|a| a.kind.word() != "CUT OFF"));
    let said = |event: &Event| tell(&sim.state, event).text;
    assert_eq!(
        said(&Event::SideCutOff { why: CUT.into() }),
        format!("{CUT}; nothing is known of production, and no trigger fires")
    );
    assert_eq!(
        said(&Event::SideBack { after: Span::mins(10) }),
        "our own side reaches its vantage again, after 10:00; clocks go on"
    );
}

#[test]
fn a_way_back_is_not_blocked_while_cut_off_but_nobody_is_told_that_it_is_ready() {
    let mut sim = watched(|plan| plan.steps[0].undo = undo(&[]));
    sim.does("a");
    assert_eq!(sim.answers().back.head.long(), "READY");
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(2));
    let back = sim.answers().back;
    assert_eq!((back.head.long(), back.ground), ("READY, CUT OFF", Ground::CutOff));
    assert!(back.why.long().starts_with("our own side is cut off: nobody knows whether it reaches"), "{back:?}");
    sim.order(super::back::back(Way::Stage("a".into()))).unwrap();
    assert_eq!(sim.started().last().map(String::as_str), Some("a.undo.1"));
}

#[test]
fn a_vantage_that_fails_says_that_we_are_cut_off_and_nothing_of_what_it_looks_at() {
    let mut sim = watched(|_| {});
    sim.measures("green", failing("refused"));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(2));
    let why = "failing: timed out: our own side is cut off".to_owned();
    assert_eq!(level(&sim, "gateway.up"), (Level::Unknown, Some(why)));
    let answers = sim.answers();
    assert_eq!(answers.now.tally.critical, 0, "{:?}", answers.now);
    assert!(answers.alarms.iter().all(|a| a.level != Level::Critical), "{:?}", answers.alarms);
}

#[test]
fn one_of_several_that_answers_is_enough() {
    let mut sim = watched(|plan| {
        let mut other = plan.probes.last().unwrap().clone();
        other.id = "resolver".into();
        plan.probes.push(other);
        plan.vantage.push("resolver".into());
    });
    sim.measures("resolver", Outcome::well());
    sim.measures("gateway", failing("timed out"));
    sim.measures("green", failing("refused"));
    sim.pass(Span::mins(1));
    assert!(fired(&sim) && sim.state.side.cut.is_none());
}

#[test]
fn that_we_are_cut_off_is_told_and_its_end_too_and_stands_in_the_report_as_a_period() {
    let mut sim = watched(|plan| {
        let told = super::notices::told();
        (plan.channels, plan.notify) = (told.channels, told.notify);
    });
    sim.measures("green", failing("refused"));
    sim.measures("gateway", failing("timed out"));
    sim.pass(Span::mins(10));
    let notice = |sim: &Sim| {
        let mut all = sim.state.notices.raised.iter().filter(|n| n.kind == NoticeKind::SideCutOff);
        let one = all.next().cloned().unwrap();
        assert!(all.next().is_none(), "once");
        one
    };
    assert_eq!(notice(&sim).text, format!("{CUT}: nothing is known of production, and no trigger fires"));
    assert_eq!(notice(&sim).over, None);
    sim.measures("gateway", Outcome::well());
    sim.pass(Span::mins(1));
    assert_eq!(notice(&sim).over.unwrap().1, "our own side reaches its vantage again");
    let report = Report::of(&sim.events, None).unwrap();
    let [period] = &report.cut_off[..] else { panic!("{:?}", report.cut_off) };
    let long = period.until.unwrap().since(period.from);
    assert!(long > Span::mins(9) && long < Span::mins(11), "{long}");
    let page = crate::core::report::markdown(&report);
    assert!(page.contains("## Cut off from production") && page.contains("nothing was known of production"), "{page}");
    let said = explain_named(&sim.state, &sim.readout(), "vantage", sim.now).unwrap();
    assert!(
        said[0].why.because[0].contains("(side-cut-off), raised at 08:01; waits for oncall; "),
        "{:?}",
        said[0].why.because
    );
}
