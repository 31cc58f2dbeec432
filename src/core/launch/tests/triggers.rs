use crate::core::event::Event;
use crate::core::launch::testing::*;
use crate::core::launch::{Status, asks, explain_named, leading_to};
use crate::core::order::{Way, What};
use crate::core::outline::{RollbackOutline, TriggerAction, TriggerOutline};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;

/// A plan of two stages whose trigger asks for the way that undoes both, with `a` and `b` done and the trigger fired.
fn asking() -> Sim {
    let stage = |id: &str| runs(id, |s| s.undo = undo(&[]));
    let mut outline = plan(vec![stage("a"), stage("b")]);
    let named = |id: &str, undoes: &[&str]| RollbackOutline {
        undoes: after(undoes),
        ..rollback(id, vec![runs(&format!("{id}/x"), |_| {})])
    };
    outline.rollbacks = vec![named("one", &["b"]), named("both", &["a", "b"]), named("wide", &["b", "a"])];
    let rollback = Some("both".into());
    outline.triggers =
        vec![TriggerOutline { rollback, ..trigger("high", "errors > 5% for 1m", TriggerAction::Propose) }];
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim.does("b");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    assert!(sim.state.triggers["high"].fired.is_some());
    sim
}

/// What the trigger asks for, as it is typed.
fn asked(sim: &Sim) -> Option<String> {
    asks(&sim.state, &sim.ways(), &sim.state.outline.triggers[0], sim.now).map(|order| spell::write(&order))
}

#[test]
fn what_begins_after_a_way_back_and_what_does_not_recover_asks_again() {
    let mut sim = asking();
    goes_back(&mut sim, Way::Stage("b".into()));
    sim.state.outline = {
        let mut outline = crate::core::outline::Outline::clone(&sim.state.outline);
        outline.triggers[0].rollback = None;
        outline.into()
    };
    sim.ends("b.undo.1", 0);
    assert_eq!(sim.state.status, Status::RolledBack(1));
    assert_eq!(asked(&sim), None, "it began before: it should recover");
    sim.pass(Span::mins(14));
    assert_eq!(asked(&sim), None);
    sim.pass(Span::mins(3));
    assert_eq!(asked(&sim).as_deref(), Some("rollback stage"), "it did not");
    let mut sim = asking();
    sim.measures("errors", Outcome::number(0.0));
    sim.pass(Span::mins(5));
    goes_back(&mut sim, Way::All);
    sim.ends("b.undo.1", 0);
    sim.ends("a.undo.1", 0);
    sim.pass(Span::secs(30));
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    assert!(sim.state.triggers["high"].fired.is_some());
    assert_eq!(asked(&sim).as_deref(), Some("rollback both"), "it is news");
}

fn goes_back(sim: &mut Sim, way: Way) {
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "bad".into() }).unwrap();
}

#[test]
fn a_fired_trigger_asks_for_its_way_back_or_the_plans_by_name_and_is_followed_by_any_that_does_as_much() {
    for ((way, is_followed), of_the_plan) in [
        (Way::All, true),
        (Way::Named("both".into()), true),
        (Way::Named("wide".into()), true),
        (Way::Named("one".into()), false),
        (Way::Stage("b".into()), false),
    ]
    .into_iter()
    .flat_map(|row| [(row.clone(), false), (row, true)])
    {
        let mut sim = asking();
        if of_the_plan {
            let mut outline = crate::core::outline::Outline::clone(&sim.state.outline);
            outline.rollback = outline.triggers[0].rollback.take();
            sim.state.outline = outline.into();
        }
        assert_eq!(asked(&sim).as_deref(), Some("rollback both"));
        goes_back(&mut sim, way.clone());
        assert_eq!(asked(&sim), None, "{way:?}: nothing is asked while a way back is under way");
        assert_eq!(sim.state.triggers["high"].disarmed.is_some(), is_followed, "{way:?}");
        sim.ends(&sim.state.rollbacks[0].items[0].run.to_string(), 1);
        assert_eq!(asked(&sim), None, "{way:?}: nor while it has stopped and wants a person");
        sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "by hand".into() }).unwrap();
        if way == Way::All {
            sim.ends("a.undo.1", 0);
        }
        assert_eq!(sim.state.status, Status::RolledBack(1));
        assert_eq!(asked(&sim).is_none(), is_followed, "{way:?}: what did less than was asked answers nothing");
    }
}

#[test]
fn a_trigger_that_fires_while_the_launch_goes_back_far_enough_asks_nothing_until_a_step_starts() {
    let mut sim = asking();
    sim.order(What::Dismiss { trigger: "high".into(), why: "a load test".into() }).unwrap();
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(5));
    goes_back(&mut sim, Way::All);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    assert!(sim.state.triggers["high"].fired.is_some(), "it is evaluated in every state");
    assert_eq!(asked(&sim), None);
    sim.ends("b.undo.1", 0);
    sim.ends("a.undo.1", 0);
    assert_eq!((&sim.state.status, asked(&sim)), (&Status::RolledBack(1), None));
    sim.order(What::Release { of: None, seen: None, why: "again".into() }).unwrap();
    sim.does("a");
    assert_eq!(asked(&sim).as_deref(), Some("rollback both"));
}

#[test]
fn a_typed_way_back_that_does_as_much_as_a_trigger_asks_for_needs_no_other_reason() {
    let sim = asking();
    let read = |line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
    let trigger = |line: &str| match read(line) {
        What::Rollback { trigger, .. } => trigger.is_some(),
        other => panic!("{other:?}"),
    };
    assert!(trigger("rollback all") && trigger("rollback both") && trigger("rollback wide"));
    assert!(!trigger("rollback one") && !trigger("rollback stage"));
}

#[test]
fn a_way_back_follows_the_trigger_that_proposed_it_not_the_newest_that_only_considers() {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.triggers = vec![
        trigger("dead", "green is failing", TriggerAction::Consider),
        trigger("worse", "errors > 6%", TriggerAction::Propose),
        trigger("high", "errors > 5%", TriggerAction::Propose),
    ];
    let mut sim = Sim::new(outline);
    sim.pass(Span::secs(20));
    sim.does("a");
    let follows = |sim: &Sim| leading_to(&sim.state, &sim.readout(), &Way::All).map(|id| id.to_string());
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    assert_eq!(follows(&sim).as_deref(), Some("dead"), "there is no other");
    for (errors, first) in [(0.055, "high"), (0.07, "high")] {
        sim.measures("errors", Outcome::number(errors));
        sim.pass(Span::secs(20));
        assert_eq!(follows(&sim).as_deref(), Some(first));
    }
}

#[test]
fn a_way_back_follows_what_holds_and_not_what_clears() {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.triggers = vec![
        trigger("high", "errors > 5%", TriggerAction::Propose),
        trigger("dead", "green is failing", TriggerAction::Consider),
    ];
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(20));
    sim.measures("errors", Outcome::number(0.001));
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    assert!(sim.state.triggers["high"].fired.is_some(), "it has not been clear for long enough");
    let words = spell::words("rollback all").unwrap();
    let read = spell::read(&words, &sim.state, &sim.readout()).unwrap();
    assert!(matches!(&read, What::Rollback { trigger: Some(id), .. } if id.as_str() == "dead"), "{read:?}");
}

#[test]
fn one_that_led_to_a_way_back_that_was_left_says_that_it_is_disarmed_and_why() {
    let mut sim = asking();
    let said = |sim: &Sim| {
        let all = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap();
        (all[0].why.state.clone(), all[0].why.because.last().cloned().unwrap_or_default())
    };
    sim.order(What::Rollback { way: Way::All, trigger: Some("high".into()), typed: None, why: "bad".into() }).unwrap();
    sim.ends("b.undo.1", 1);
    assert_eq!(said(&sim), ("led to a way back".into(), "it is armed again once its condition was false".into()));
    sim.order(What::RollbackLeave { rollback: 1, why: "not now".into() }).unwrap();
    sim.pass(Span::secs(20));
    let disarmed = "disarmed until it clears, since the way back was left";
    assert_eq!(said(&sim), ("disarmed".into(), disarmed.into()));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    assert_eq!(said(&sim).0, "armed");
}

#[test]
fn of_two_who_decide_at_once_against_and_for_going_back_going_back_wins_and_says_what_it_goes_over() {
    let fired = || {
        let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
        outline.triggers = vec![trigger("bad", "errors > 5%", TriggerAction::Propose)];
        let mut sim = Sim::new(outline);
        sim.does("a");
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::secs(20));
        sim
    };
    let back = || What::Rollback { way: Way::All, trigger: Some("bad".into()), typed: None, why: String::new() };
    let dismiss = || What::Dismiss { trigger: "bad".into(), why: "known noise".into() };
    let mut sim = fired();
    sim.order(dismiss()).unwrap();
    sim.order_by("tom", back()).unwrap();
    let begun = sim.events.iter().find(|r| matches!(r.event, Event::RollbackStarted { .. })).unwrap();
    let text = crate::core::tell::tell(&sim.state, &begun.event).text;
    assert!(text.ends_with("; over the dismissal of its trigger by ana: known noise"), "{text}");
    let report = crate::core::report::Report::of(&sim.events, None).unwrap();
    let over: Vec<&str> = report.overrides.iter().map(|said| said.text.as_str()).collect();
    assert!(over.iter().any(|line| line.contains("over the dismissal of its trigger by ana")), "{over:?}");
}

#[test]
fn who_dismisses_a_trigger_just_after_somebody_went_back_for_it_is_too_late_and_on_record() {
    use crate::core::report::{Report, markdown};
    use crate::core::tell::tell;
    let back = || What::Rollback {
        way: Way::Named("both".into()),
        trigger: Some("high".into()),
        typed: None,
        why: "go".into(),
    };
    let dismiss = || What::Dismiss { trigger: "high".into(), why: "a load test".into() };
    let mut sim = asking();
    sim.order(back()).unwrap();
    assert!(why(sim.order(dismiss())).starts_with("`high` fired and led to a way back"), "her own, she took it");
    sim.order_by("olu", dismiss()).unwrap();
    let own = &sim.state.triggers["high"];
    assert!(matches!(sim.state.status, Status::RollingBack(1)) && own.fired.is_none() && own.disarmed.is_some());
    let late = "high dismissed by olu, too late: ana had begun rollback 1, Rollback both: a load test";
    assert_eq!(tell(&sim.state, &sim.events.last().unwrap().event).text, late);
    let report = Report::of(&sim.events, None).unwrap();
    let said = "olu answers for not following it: too late, rollback 1 had begun: a load test";
    assert!(markdown(&report).contains(said), "{}", markdown(&report));
    // Later there is nothing left to say it of.
    sim.ends("both/x.do.1", 0);
    assert!(why(sim.order_by("olu", dismiss())).contains("led to a way back: it asks nothing any more"));
}

#[test]
fn who_is_on_a_fired_trigger_is_said_wherever_it_is_told() {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.triggers = vec![trigger("high", "errors > 5% for 20s", TriggerAction::Propose)];
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim.measures("errors", Outcome::number(0.08));
    sim.pass(Span::secs(40));
    let said = |sim: &Sim| {
        let explained = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap().remove(0).why.because;
        let report = crate::core::report::Report::of(&sim.events, None).unwrap();
        (explained, sim.answers().alarms[0].since.clone().unwrap(), crate::core::report::markdown(&report))
    };
    let (explained, since, report) = said(&sim);
    assert!(!format!("{explained:?} {since} {report}").contains("on it"), "{explained:?} {since} {report}");
    let ack = What::Acknowledge { notices: vec![], triggers: vec!["high".into()], text: "looking".into() };
    sim.order_by("bea", ack).unwrap();
    let (explained, since, report) = said(&sim);
    assert!(explained.contains(&"bea is on it: looking".to_owned()), "{explained:?}");
    assert!(since.ends_with(", bea is on it"), "{since}");
    assert!(report.contains("bea was on it: looking"), "{report}");
}
