//! Triggers that people fire.

use crate::core::event::Event;
use crate::core::launch::answers::AlarmKind;
use crate::core::launch::testing::*;
use crate::core::launch::{Status, TriggerStands, asks, explain_named, trigger_stands};
use crate::core::order::{Way, What};
use crate::core::outline::TriggerAction;
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;

const QUESTION: &str = "Data corruption?";

/// A step with an undo is done, and people may say that data are corrupt.
fn done(action: TriggerAction) -> Sim {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.triggers =
        vec![asks_people("corruption", QUESTION, action), trigger("high", "errors > 5%", TriggerAction::Notify)];
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim
}

fn fire(sim: &mut Sim, why: &str) -> Result<(), crate::core::order::Rejection> {
    sim.order_by("tom", What::Fire { trigger: "corruption".into(), why: why.into() })
}

fn clear(sim: &mut Sim, why: &str) -> Result<(), crate::core::order::Rejection> {
    sim.order(What::Clear { trigger: "corruption".into(), why: why.into() })
}

fn stands(sim: &Sim) -> TriggerStands {
    trigger_stands(&sim.state, &sim.readout(), &sim.state.outline.triggers[0]).0
}

fn asked(sim: &Sim) -> Option<String> {
    asks(&sim.state, &sim.ways(), &sim.state.outline.triggers[0], sim.now).map(|order| spell::write(&order))
}

#[test]
fn a_question_that_a_person_answers_with_yes_holds_the_launch_and_asks_to_go_back_like_a_measured_one() {
    let mut sim = done(TriggerAction::Propose);
    assert!(why(fire(&mut sim, " ")).starts_with("firing a trigger needs a reason"));
    fire(&mut sim, "two balances are negative").unwrap();
    assert_eq!((stands(&sim), asked(&sim).as_deref()), (TriggerStands::Fired, Some("rollback stage")));
    let hold = sim.state.hold.as_ref().unwrap();
    assert_eq!(hold.why, "corruption fired: two balances are negative, says tom");
    let told = sim.answers();
    let alarm = told.alarms.first().unwrap();
    assert_eq!((alarm.kind, alarm.trigger.as_ref().unwrap().as_str()), (AlarmKind::Trigger, "corruption"));
    assert_eq!(spell::write(&alarm.answer.as_ref().unwrap().order), "rollback stage");

    sim.order(What::Rollback { way: Way::All, trigger: Some("corruption".into()), typed: None, why: "bad".into() })
        .unwrap();
    sim.ends("a.undo.1", 0);
    assert_eq!((&sim.state.status, stands(&sim)), (&Status::RolledBack(1), TriggerStands::Followed));
    sim.pass(Span::mins(30));
    assert_eq!(stands(&sim), TriggerStands::Followed, "no reading arms it again");
    let late = sim.order_by("tom", What::Dismiss { trigger: "corruption".into(), why: "x".into() }).unwrap_err();
    assert_eq!(late.instead.as_deref(), Some("it is armed again once a person clears it"));
    assert!(matches!(late.orders[..], [What::Clear { .. }]), "{late:?}");
    clear(&mut sim, "the data were repaired").unwrap();
    assert_eq!(stands(&sim), TriggerStands::Armed);
}

#[test]
fn who_only_considers_or_is_told_is_not_held() {
    for action in [TriggerAction::Consider, TriggerAction::Notify] {
        let mut sim = done(action);
        fire(&mut sim, "a customer called").unwrap();
        assert_eq!((sim.state.hold.is_none(), asked(&sim).is_some()), (true, action == TriggerAction::Consider));
    }
}

#[test]
fn a_person_clears_it_with_a_reason_and_nothing_else_does() {
    let mut sim = done(TriggerAction::Notify);
    assert_eq!(why(clear(&mut sim, "x")), "`corruption` has not fired");
    fire(&mut sim, "two balances are negative").unwrap();
    sim.pass(Span::mins(60));
    sim.gap(Span::mins(5));
    assert_eq!(stands(&sim), TriggerStands::Fired, "neither time nor an engine clears it");
    assert!(why(clear(&mut sim, "")).contains("needs a reason"));
    clear(&mut sim, "a test account").unwrap();
    assert_eq!(stands(&sim), TriggerStands::Armed);
}

#[test]
fn one_that_was_dismissed_or_followed_may_be_fired_again_and_one_that_stands_not_twice() {
    let mut sim = done(TriggerAction::Propose);
    fire(&mut sim, "two balances are negative").unwrap();
    let twice = why(fire(&mut sim, "three"));
    assert!(twice.starts_with("`corruption` was fired already by tom: two balances are negative; "), "{twice}");
    sim.order(What::Dismiss { trigger: "corruption".into(), why: "known".into() }).unwrap();
    assert_eq!((stands(&sim), asked(&sim)), (TriggerStands::Dismissed, None));
    fire(&mut sim, "now all of them").unwrap();
    assert_eq!((stands(&sim), sim.state.triggers["corruption"].times), (TriggerStands::Fired, 2));
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sim.ends("a.undo.1", 0);
    fire(&mut sim, "still").unwrap();
    assert_eq!(sim.state.triggers["corruption"].disarmed, None);
}

#[test]
fn a_measured_trigger_is_neither_fired_nor_cleared_by_hand() {
    let mut sim = done(TriggerAction::Propose);
    let high = || "high".into();
    let refused = why(sim.order(What::Fire { trigger: high(), why: "x".into() }));
    assert!(refused.starts_with("`high` is measured (errors > 5%): its condition fires it"), "{refused}");
    let refused = why(sim.order(What::Clear { trigger: high(), why: "x".into() }));
    assert!(refused.contains("it clears by itself once its condition was false for 2m in one piece"), "{refused}");
    let refused = why(sim.order(What::Fire { trigger: "hihg".into(), why: "x".into() }));
    assert_eq!(refused, "the plan has no trigger `hihg`: it has corruption, high");
}

#[test]
fn it_is_never_without_data_and_says_how_it_is_fired() {
    let mut sim = done(TriggerAction::Propose);
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::mins(5));
    assert_eq!(stands(&sim), TriggerStands::Armed);
    let of = |sim: &Sim| explain_named(&sim.state, &sim.readout(), "corruption", sim.now).unwrap().remove(0).why;
    let said = of(&sim);
    assert_eq!((said.state.as_str(), said.because[0].as_str()), ("armed", "a person is asked: Data corruption?"));
    assert_eq!(spell::write(&said.orders[0]), "fire corruption WHY");
    fire(&mut sim, "two balances are negative").unwrap();
    let orders: Vec<String> = of(&sim).orders.iter().map(spell::write).collect();
    assert_eq!(orders, ["rollback stage", "dismiss corruption WHY", "clear corruption WHY"]);
}

#[test]
fn an_old_trigger_reads_back_and_who_fired_is_in_the_journal() {
    let old = serde_json::to_value(trigger("t", "errors > 5%", TriggerAction::Notify)).unwrap();
    assert!(old["when"]["subject"].is_object() && old.get("ask").is_none(), "as journals have had it: {old}");
    let read: crate::core::outline::TriggerOutline = serde_json::from_value(old).unwrap();
    assert_eq!((read.fires.to_string().as_str(), read.is_asked()), ("errors > 5%", false));
    let mut sim = done(TriggerAction::Notify);
    fire(&mut sim, "two balances are negative").unwrap();
    let fired = sim.events.iter().rev().find_map(|r| match &r.event {
        Event::TriggerFired { by, evidence, .. } => Some((by.as_ref()?.name.clone(), evidence.condition.clone())),
        _ => None,
    });
    assert_eq!(fired, Some(("tom".to_owned(), QUESTION.to_owned())));
}

#[test]
fn what_is_fired_while_a_way_back_is_under_way_did_not_lead_to_it() {
    let mut sim = done(TriggerAction::Propose);
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "slow".into() }).unwrap();
    sim.ends("a.undo.1", 1);
    sim.pass(Span::secs(10));
    fire(&mut sim, "balances").unwrap();
    let why = explain_named(&sim.state, &sim.readout(), "corruption", sim.now).unwrap().remove(0).why;
    assert_eq!(why.state, "fired");
    assert!(why.because.iter().any(|why| why == "a way back that does what it asks for is under way"), "{why:?}");
}
