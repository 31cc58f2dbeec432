//! What waits says on what, until when, and what then: nothing waits for ever, and nothing that waits looks well.

use super::*;
use crate::core::launch::{RollbackStatus, Status, explain_named};
use crate::core::order::{Way, What};
use crate::core::reading::Outcome;
use crate::core::tell::tell;

pub(super) fn explained(sim: &Sim, name: &str) -> String {
    let found = explain_named(&sim.state, &sim.readout(), name, sim.now).unwrap();
    let line = |w: &crate::core::launch::Waiting| {
        let orders: Vec<String> = w.why.orders.iter().map(spell::write).collect();
        format!("{}; {} → {}", w.why.state, w.why.because.join("; "), orders.join(", "))
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn last_told(sim: &Sim) -> String {
    tell(&sim.state, &sim.events.last().unwrap().event).text
}

#[test]
fn a_command_of_a_way_back_is_failed_since_it_failed_and_not_since_it_began() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "odd".into() }).unwrap();
    sim.pass(Span::mins(2));
    sim.ends("traffic/to-blue.do.1", 1);
    let failed = sim.now;
    sim.pass(Span::secs(30));
    let said = sim.explain("traffic/to-blue");
    assert_eq!((said.state.as_str(), said.since), ("failed", Some(failed)));
}

/// A step whose undo ended well while what must hold then does not.
fn undone(timeout: Option<Span>) -> Sim {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.undo = undo(&["errors < 1% for 20s"]);
        s.undo.iter_mut().for_each(|u| u.timeout = timeout);
    })]));
    sim.does("a");
    sim.measures("errors", Outcome::number(0.06));
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sim.ends("a.undo.1", 0);
    sim
}

#[test]
fn a_way_back_that_waits_in_vain_stops_and_asks() {
    let mut sim = undone(Some(Span::secs(60)));
    sim.pass(Span::secs(30));
    assert_eq!(back(&sim)[2], "waits: errors 6 % >= 1 %, 0:00 / 0:20; stops and asks in 0:30");
    assert!(explained(&sim, "rollback").contains("if that does not hold, the way back stops and asks in 0:30"));
    sim.pass(Span::secs(30));
    let RollbackStatus::Stopped { why, .. } = &sim.state.rollbacks[0].status else { panic!("{:?}", sim.state.status) };
    let wanted =
        "the undo of Step a ended well, but what must hold then did not within 1m: errors < 1% for 20s: 6 % >= 1 %";
    assert_eq!(why, wanted);
    assert_eq!(next(&sim)[3], "again you decide");
    let way = explained(&sim, "all");
    assert!(
        way.starts_with("stopped; ") && way.contains("the undo of Step a ended well") && way.contains("leave"),
        "{way}"
    );
    // Again waits as long once more, and goes on once it holds.
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    sim.pass(Span::secs(30));
    assert_eq!(sim.state.rollbacks[0].status, RollbackStatus::Running);
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(40));
    assert_eq!(sim.state.status, Status::RolledBack(1));
}

#[test]
fn without_a_timeout_a_way_back_waits_for_five_minutes() {
    let mut sim = undone(None);
    sim.pass(Span::secs(290));
    assert_eq!(sim.state.rollbacks[0].status, RollbackStatus::Running);
    sim.pass(Span::secs(20));
    assert!(matches!(sim.state.rollbacks[0].status, RollbackStatus::Stopped { .. }));
}

#[test]
fn a_verify_that_never_held_is_not_well() {
    let mut sim = shifting(|plan| {
        plan.steps[0].limit = Some(Span::mins(2));
        plan.steps[0].fail.clear();
    });
    sim.measures_each("errors", &[("green", 0.02), ("blue", 0.0005)]);
    // What was measured before its command ended counts for nothing.
    sim.now = sim.now + Span::secs(1);
    sim.does("a");
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[..2], ["NOT HELD YET", "25 % to green, does not hold yet, fails in 1:40"]);
    assert_eq!(
        next(&sim)[..3],
        ["when it holds until T+3m1s", "Go for 50 %?", "25 % to green: errors[green] 2 % >= 1 %; fails in 1:40",]
    );
    let said = explained(&sim, "a");
    assert!(said.starts_with("does not hold yet; errors[green] < 1%: 2 % >= 1 %"), "{said}");
    assert!(said.contains("it fails at its limit of 2m, in 1:40"), "{said}");
    recovers(&mut sim, Span::secs(20));
    // What is left of its limit is shorter than its soak: that is told while there is time.
    assert_eq!(now(&sim)[..2], ["SOAKS TOO LATE", "25 % to green, soaks too late, fails in 1:20"]);
    assert_eq!(next(&sim)[0], "fails in 1:20 at T+3m1s");
    assert!(next(&sim)[2].starts_with("25 % to green: its limit of 2m comes before "), "{:?}", next(&sim));
    assert!(explained(&sim, "a").contains("it fails at its limit of 2m, in 1:20, before its soak is over"));
    // It broke: that is not well either.
    breaks(&mut sim, Span::secs(20));
    assert_eq!(now(&sim)[..2], ["SOAK BROKEN", "25 % to green, soak broken"]);
}

#[test]
fn a_soak_that_has_no_data_yet_is_no_alarm_until_it_ought_to_have_some() {
    let mut sim = shifting(|_| {});
    sim.measures("errors", Outcome::NoData("3 of 300 samples".into()));
    sim.does("a");
    sim.pass(Span::secs(25));
    assert_eq!((sim.count("soak-frozen"), alarms(&sim)), (0, Vec::new()));
    assert_eq!(now(&sim)[0], "3 UNKNOWN", "it is said nevertheless");
    sim.pass(Span::secs(10));
    assert_eq!((sim.count("soak-frozen"), alarms(&sim).len()), (1, 1));
}

#[test]
fn a_soak_that_stands_still_is_said_also_under_a_hold() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    sim.pass(Span::secs(30));
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    assert_eq!(now(&sim)[0], "HELD");
    sim.measures("errors", Outcome::NoData("refused".into()));
    sim.pass(Span::mins(1));
    assert_eq!(sim.count("soak-frozen"), 1);
    let told = last_told(&sim);
    assert!(told.starts_with("25 % to green  its clock stands still: errors[green] < 1%: no data"), "{told}");
    assert!(now(&sim)[0].ends_with("UNKNOWN"), "{:?}", now(&sim));
    let all = alarms(&sim);
    assert!(
        all[0].starts_with("NO DATA 25 % to green: errors[green] < 1%: no data") && all[0].contains("frozen"),
        "{all:?}"
    );
    recovers(&mut sim, Span::mins(2));
    assert_eq!((sim.count("soak-thawed"), alarms(&sim)), (1, Vec::new()));
    assert_eq!(now(&sim)[0], "HELD");
}

#[test]
fn a_trigger_whose_way_is_closed_asks_a_person_and_names_no_other_way() {
    let mut sim = shifting(|plan| {
        plan.steps[0].fail.clear();
        plan.steps.push(step("late", |_| {}));
        plan.rollbacks[0].possible_until = Some("late".into());
        watch("errors[green] > 5% for 20s", TriggerAction::Propose)(plan);
        plan.triggers[0].rollback = Some("traffic".into());
    });
    sim.does("a");
    sim.order(What::Tick { step: "late".into(), item: None, on: true }).unwrap();
    assert!(!back(&sim)[1].contains("; or"), "a closed way is no choice: {:?}", back(&sim));
    breaks(&mut sim, Span::secs(40));
    let [first, ..] = &alarms(&sim)[..] else { panic!() };
    assert!(first.ends_with("its way back, All traffic to blue, is closed: a person decides"), "{first}");
    let [head, what, _, orders] = next(&sim);
    assert_eq!(
        (head.as_str(), what.as_str()),
        ("now", "its way back, All traffic to blue, is closed: a person decides")
    );
    assert_eq!(orders, "rollback stage WHY goes back");
    let said = explained(&sim, "high");
    assert!(said.contains("is closed: it was possible until `late` started; a person decides"), "{said}");
    assert!(said.ends_with("→ rollback stage WHY, dismiss high WHY"), "{said}");
}

#[test]
fn what_was_skipped_is_not_called_done() {
    let mut sim = Sim::new(plan(vec![step("a", |_| {}), step("b", |_| {})]));
    sim.pass(Span::secs(20));
    sim.order(What::Tick { step: "a".into(), item: None, on: true }).unwrap();
    sim.order(What::Skip { step: "b".into(), why: "no time".into(), not_applicable: false }).unwrap();
    assert_eq!(now(&sim)[1], "every step is done, but 1 skipped");
}

#[test]
fn a_decided_gate_is_go_and_an_incident_that_is_not_there_is_said() {
    let mut sim = Sim::new(plan(vec![step("go", |s| s.gate = gate(&[], &[], None))]));
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None }).unwrap();
    assert_eq!(explained(&sim, "go"), "GO; decided by ana → ");
    let none = explain_named(&sim.state, &sim.readout(), "#1", sim.now).unwrap_err();
    assert_eq!(none, "there is no incident #1: none was opened; `severity 1 WHAT` opens one");
}

#[test]
fn a_trigger_that_led_to_a_way_back_did_fire() {
    let mut sim = shifting(watch("errors[green] > 5% for 20s", TriggerAction::Propose));
    sim.does("a");
    breaks(&mut sim, Span::secs(40));
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: Some("high".into()), typed: None, why: String::new() }).unwrap();
    let no = sim.order(What::Dismiss { trigger: "high".into(), why: "seen".into() }).unwrap_err();
    assert_eq!(no.why, "`high` fired and led to a way back: it asks nothing any more");
}

#[test]
fn a_command_that_is_over_and_boxes_that_are_open_want_a_tick() {
    let mut sim = shifting(|plan| {
        plan.steps[0].items = vec!["Login".into(), "Payment".into()];
        plan.steps[0].soak = None;
    });
    sim.does("a");
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[1], "25 % to green, boxes are open");
    assert_eq!(next(&sim)[..2], ["now", "25 % to green"]);
    let said = explained(&sim, "a");
    assert!(said.starts_with("waits for boxes; ") && said.contains("2 of 2 boxes are open"), "{said}");
    assert!(said.contains("tick a 1"), "{said}");
}

#[test]
fn what_waits_for_a_baseline_names_the_order_that_captures_it() {
    let mut sim = shifting(|plan| {
        plan.steps[1].after.clear();
        plan.steps[1].gate = gate(&["errors[green] <= baseline * 1.5"], &[], None);
    });
    sim.start("go").unwrap();
    let said = explained(&sim, "go");
    assert!(said.contains("baseline errors 10m"), "{said}");
    let no = sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None });
    assert!(why(no).contains("do baseline errors 10m; do go go WHY"));
    sim.order(What::Baseline { probe: Some("errors".into()), over: Span::mins(10) }).unwrap();
    assert!(!explained(&sim, "go").contains("baseline errors 10m"));
}

#[test]
fn a_step_that_failed_asks_for_a_way_that_undoes_it_not_for_the_newest_stage() {
    let mut sim = shifting(|plan| plan.steps.push(runs("other", |s| s.undo = undo(&[]))));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    sim.does("other");
    sim.order(What::Hold { why: "look".into() }).unwrap();
    let all = alarms(&sim);
    assert!(!all[0].contains("undo Step other"), "{all:?}");
    sim.order(What::Rollback { way: Way::Stage("other".into()), trigger: None, typed: None, why: "odd".into() })
        .unwrap();
    let all = alarms(&sim);
    assert!(
        !all.iter().any(|alarm| alarm.contains("asks: ")),
        "while one is under way nothing asks for another: {all:?}"
    );
}
