//! A launch that goes wrong and is brought back, as its report tells it.

mod decided;
mod onset;
mod planned;

use super::{Report, markdown};
use crate::core::event::Mode;
use crate::core::launch::testing::{Sim, conditions, gate, plan, rollback, runs, step, trigger, undo};
use crate::core::order::{Found, Way, What};
use crate::core::outline::{ShiftsOutline, TriggerAction, Turn};
use crate::core::reading::Outcome;
use crate::core::run_end::RunEnd;
use crate::core::time::{Offset, Span};

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
    let clock = firing.evidence.lasted.unwrap();
    assert_eq!(incident.detected, Some(incident.opened.at.since(firing.at) + clock), "from when its clock began");
    assert_eq!(incident.onset.as_deref(), Some("too-many"));
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
fn what_was_left_out_and_taken_up_after_all_was_no_attempt_then() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.undo = undo(&[]))]));
    sim.does("deploy");
    let back = || What::Rollback { way: Way::All, trigger: None, typed: None, why: "no".into() };
    sim.order(back()).unwrap();
    sim.ends("deploy.undo.1", 0);
    sim.order(What::Skip { step: "deploy".into(), why: "not today".into(), not_applicable: false }).unwrap();
    let page = markdown(&Report::of(&sim.events, None).unwrap());
    assert!(page.contains("skipped: not today") && !page.contains("attempt"), "{page}");
}

#[test]
fn what_a_person_says_of_a_failed_attempt_is_no_further_attempt() {
    let came = |what: What| {
        let mut sim = Sim::new(plan(vec![runs("deploy", |_| {})]));
        sim.start("deploy").unwrap();
        sim.ends("deploy.do.1", 1);
        sim.order(what).unwrap();
        let [deploy] = &Report::of(&sim.events, None).unwrap().steps[..] else { panic!() };
        deploy.attempts.iter().map(|a| a.outcome.clone()).collect::<Vec<_>>()
    };
    let done = came(What::Done { step: "deploy".into(), why: Some("it is there".into()) });
    assert!(
        done.len() == 1 && done[0].starts_with("failed: ") && done[0].ends_with(", then counted as done by ana"),
        "{done:?}"
    );
    let left = came(What::Skip { step: "deploy".into(), why: "by hand".into(), not_applicable: false });
    assert!(left.len() == 1 && left[0].ends_with(", then skipped: by hand by ana"), "{left:?}");
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
fn what_was_undone_what_asks_again_and_a_way_back_that_was_left_half_done_are_left_open() {
    let mut sim = Sim::new(plan(vec![
        runs("deploy", |s| s.undo = undo(&[])),
        step("go", |s| (s.gate, s.after) = (gate(&[], &[], None), vec!["deploy".into()])),
        runs("share", |s| (s.undo, s.after) = (undo(&[]), vec!["go".into()])),
    ]));
    sim.does("deploy");
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None }).unwrap();
    sim.pass(Span::secs(1));
    sim.does("share");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "slow".into() }).unwrap();
    sim.ends("share.undo.1", 0);
    sim.ends("deploy.undo.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "later".into() }).unwrap();
    let open = Report::of(&sim.events, None).unwrap().open;
    for said in [
        "a way back was left half done (undo all 2 steps, newest first): 1 of 2 done (Step share); at Step deploy its undo exited with 1",
        "Step deploy: undo failed",
        "Step go: asks again",
        "1 step was undone and not done again",
    ] {
        assert!(open.iter().any(|line| line.contains(said)), "{said}: {open:?}");
    }
}

#[test]
fn a_handover_that_is_overdue_is_left_open() {
    let mut outline = plan(vec![runs("deploy", |_| {})]);
    let turns = [(0, "Ana"), (8, "Ben")].map(|(h, who)| Turn { at: Offset(Span::mins(60 * h)), who: who.into() });
    let (remind, late) = (Span::mins(15), Span::mins(10));
    outline.shifts = Some(ShiftsOutline { role: "on-call".into(), remind, late, turns: turns.into() });
    let mut sim = Sim::new(outline);
    let open = |sim: &Sim| Report::of(&sim.events, Some(&sim.readout())).unwrap().open.join("; ");
    sim.pass(sim.state.t0.since(sim.now) + Span::mins(8 * 60 + 9));
    assert!(!open(&sim).contains("take over"), "{}", open(&sim));
    sim.pass(Span::mins(2));
    assert!(open(&sim).contains("Ben was to take over: OVERDUE 11:00"), "{}", open(&sim));
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
    assert_eq!(told(&sim, true).0, "armed again 40s after it fired: it was false since a way back");
}

#[test]
fn a_trigger_that_cleared_is_told_with_how_long_its_condition_held() {
    let mut outline = plan(vec![runs("deploy", |_| {})]);
    outline.triggers = vec![trigger("too-many", "errors > 5% for 20s", TriggerAction::Consider)];
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(50));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(5));
    let report = Report::of(&sim.events, None).unwrap();
    assert_eq!(report.triggers[0].stands, "its condition was false for good 50s after it began, and quiet for 2m then");
}

/// Every fact that the page says of somebody stands in the JSON too.
#[test]
fn handovers_messages_and_mutes_are_told_the_same_in_both_forms() {
    use crate::core::notice::{Act, Muted, NoticeKind, NotifyOutline};
    use crate::core::outline::{ShiftsOutline, Turn};
    use crate::core::time::Offset;
    let mut outline = plan(vec![runs("deploy", |_| {})]);
    let turn = |at: i64, who: &str| Turn { at: Offset(Span::mins(at)), who: who.into() };
    let (remind, late) = (Span::mins(15), Span::mins(10));
    let turns = vec![turn(0, "Ana"), turn(60, "Ben"), turn(120, "Cem")];
    outline.shifts = Some(ShiftsOutline { role: "on-call".into(), remind, late, turns });
    let on = vec![NoticeKind::Overdue];
    outline.notify = vec![NotifyOutline { on, to: vec!["oncall".into()], unacked: None }];
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(75));
    let posted = |result| crate::core::launch::Input::Posted {
        channel: "oncall".into(),
        posts: vec![(1, Act::Trigger)],
        result,
    };
    sim.input(posted(Ok(()))).unwrap();
    sim.order(What::Handover { to: None, text: "queue | slow".into() }).unwrap();
    sim.order_by("ben", What::Accept { handover: 1 }).unwrap();
    sim.order_by("tom", What::TakeOver { from: "Ben".into(), why: "he fell ill".into() }).unwrap();
    sim.order(What::Mute { of: Muted::All, span: Span::mins(5), why: "known".into() }).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    let (page, json) = (markdown(&report), serde_json::to_value(&report).unwrap());
    for said in [
        "ana handed over to Ben, who accepted it 2027-01-15 09:15:00, 15m late",
        "  - queue \\| slow",
        "  - Open incidents: none",
        "tom took over from Ben without a handover: he fell ill",
        "tom: took over the shift of Ben without a handover: he fell ill",
        "notice 1, overdue: on-call: Ben takes over from Ana, OVERDUE, was due 09:00 UTC: ",
        "sent by oncall 09:15:00; over after 5m: Ben is on shift",
        "muted all until 2027-01-15 09:20:00: known",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert_eq!(json["handovers"].as_array().unwrap().len(), 2);
    assert_eq!(json["handovers"][0]["written"]["text"], "queue | slow");
    assert_eq!(
        (&json["handovers"][1]["number"], &json["handovers"][1]["to"]),
        (&serde_json::Value::Null, &"tom".into())
    );
    assert_eq!(
        (&json["messages"][0]["sent"][0]["by"], &json["messages"][0]["kind"]),
        (&"oncall".into(), &"overdue".into())
    );
    assert_eq!(json["mutes"][0]["by"], "ana");
}

#[test]
fn what_was_not_in_the_plan_has_no_planned_end() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.estimate = Some(Span::mins(5)))]));
    sim.pass(Span::mins(1));
    sim.order(What::Sh { command: "df -h".into() }).unwrap();
    sim.ends("sh-1.do.1", 0);
    let report = Report::of(&sim.events, None).unwrap();
    let ends: Vec<_> = report.phases.iter().map(|own| (own.planned_end.is_some(), own.actual_end.is_some())).collect();
    assert_eq!(ends, [(true, false), (false, true)]);
}

#[test]
fn an_attempt_that_was_interrupted_says_so_and_what_a_person_found() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.undo = undo(&[])), runs("migrate", |_| ())]));
    let resolve = |sim: &mut Sim, run: &str, found| {
        sim.pass(Span::secs(2));
        sim.order(What::Resolve { run: run.parse().unwrap(), found, why: "looked".into() }).unwrap();
    };
    let outcomes = |sim: &Sim| -> Vec<(String, Option<Span>)> {
        let report = Report::of(&sim.events, None).unwrap();
        report.steps.iter().flat_map(|s| s.attempts.iter().map(|a| (a.outcome.clone(), a.took))).collect()
    };
    for (step, found) in [("deploy", Found::NotDone), ("migrate", Found::Done)] {
        if step == "migrate" {
            sim.does("deploy");
        }
        sim.start(step).unwrap();
        sim.pass(Span::secs(10));
        sim.ended(&format!("{step}.do.1"), RunEnd::Interrupted);
        assert_eq!(outcomes(&sim).last().unwrap(), &("interrupted".into(), Some(Span::secs(10))));
        resolve(&mut sim, &format!("{step}.do.1"), found);
        sim.order(What::Release { of: None, seen: None, why: "looked".into() }).unwrap();
    }
    sim.pass(Span::secs(1));
    let all: Vec<String> = outcomes(&sim).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(
        all,
        [
            "interrupted; did not do its work, says ana: looked",
            "done",
            "interrupted; did its work, says ana: looked, then done",
        ]
    );
    sim.order(What::Rollback { way: Way::Stage("deploy".into()), trigger: None, typed: None, why: "bad".into() })
        .unwrap();
    sim.ended("deploy.undo.1", RunEnd::Interrupted);
    resolve(&mut sim, "deploy.undo.1", Found::NotDone);
    assert_eq!(outcomes(&sim)[1].0, "done, then undo interrupted; did not do its work, says ana: looked");
}

#[test]
fn an_attempt_whose_undo_failed_and_that_was_counted_as_done_is_one_attempt() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.undo = undo(&[]))]));
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::Stage("deploy".into()), trigger: None, typed: None, why: "bad".into() })
        .unwrap();
    sim.ends("deploy.undo.1", 3);
    sim.order(What::RollbackLeave { rollback: 1, why: "look".into() }).unwrap();
    sim.order(What::Done { step: "deploy".into(), why: Some("count it".into()) }).unwrap();
    let report = Report::of(&sim.events, None).unwrap();
    let outcomes: Vec<_> = report.steps[0].attempts.iter().map(|own| own.outcome.as_str()).collect();
    let [outcome] = outcomes[..] else { panic!("{outcomes:?}") };
    assert!(
        outcome.starts_with("done, then undo failed") && outcome.ends_with("then counted as done by ana"),
        "{outcome}"
    );
}

#[test]
fn what_a_way_back_takes_back_took_until_its_command_ended_and_not_until_it_was_undone() {
    let finish = |s: &mut crate::core::outline::StepOutline| {
        (s.undo, s.on_stop) = (undo(&[]), crate::core::outline::OnStop::Finish);
    };
    let mut sim = Sim::new(plan(vec![runs("copy", finish)]));
    sim.start("copy").unwrap();
    sim.pass(Span::secs(3));
    let way = Way::Stage("copy".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sim.pass(Span::secs(22));
    sim.ends("copy.do.1", 0);
    sim.pass(Span::secs(30));
    sim.ends("copy.undo.1", 0);
    sim.pass(Span::secs(1));
    let report = Report::of(&sim.events, None).unwrap();
    let attempt = &report.steps[0].attempts[0];
    assert_eq!((attempt.outcome.as_str(), attempt.took), ("undone", Some(Span::secs(25))));
}
