use super::back::back;
use crate::core::launch::testing::*;
use crate::core::launch::{TriggerStands, explain_named, trigger_stands, waiting};
use crate::core::order::{Way, What};
use crate::core::outline::{OnFail, RollbackOutline, SeverityOutline, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::secret::MissingSecret;
use crate::core::spell;
use crate::core::time::Span;
use crate::core::view::Readout;

/// Two steps, a gate, two triggers, a named way back and a severity with a clock.
fn sim() -> Sim {
    let mut outline = plan(vec![
        runs("a", |s| s.undo = undo(&[])),
        step("go", |s| {
            s.gate = gate(&[], &["dba"], None);
            s.after = after(&["a"]);
        }),
        runs("b", |s| s.after = after(&["go"])),
    ]);
    outline.triggers = vec![
        trigger("high", "errors > 5% for 1m", TriggerAction::Propose),
        trigger("down", "green is failing for 1m", TriggerAction::Notify),
    ];
    outline.rollbacks = vec![RollbackOutline {
        loses: Some("an hour of orders".into()),
        require: conditions(&["green is ok"]),
        ..rollback("back", vec![runs("back/x", |_| {})])
    }];
    outline.severities = [(2, SeverityOutline { respond: Some(Span::mins(10)), ..SeverityOutline::default() })].into();
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim
}

/// What waits, a line each: `name title: state; because; … → order → order`.
fn told(sim: &Sim) -> Vec<String> {
    waiting(&sim.state, &sim.readout(), sim.now).iter().map(line).collect()
}

fn named(sim: &Sim, name: &str) -> Result<Vec<String>, String> {
    explain_named(&sim.state, &sim.readout(), name, sim.now).map(|found| found.iter().map(line).collect())
}

fn line(w: &super::super::Waiting) -> String {
    let orders: String = w.why.orders.iter().map(|o| format!(" → {}", spell::write(o))).collect();
    format!("{} {}: {}; {}{orders}", w.name, w.title, w.why.state, w.why.because.join("; "))
}

#[test]
fn in_calm_weather_what_is_due_waits_for_a_person_and_what_is_not_due_is_left_out() {
    assert_eq!(told(&sim()), ["a Step a: due; an operator starts it → run a"]);
}

#[test]
fn where_nothing_is_due_yet_the_first_step_says_what_all_wait_for() {
    let mut outline = plan(vec![runs("a", |_| {}), runs("b", |_| {})]);
    outline.phases[0].at = Some("T+10m".parse().unwrap());
    let sim = Sim::new(outline);
    let told = told(&sim);
    assert!(told.len() == 1 && told[0].starts_with("a Step a: ") && told[0].contains("in 10"), "{told:?}");
}

#[test]
fn a_step_of_a_rollback_is_found_by_its_own_name_as_the_log_has_it() {
    let sim = sim();
    assert_eq!(named(&sim, "x"), named(&sim, "back/x"));
    assert!(named(&sim, "x").unwrap()[0].starts_with("back/x "));
    let order = spell::read(&["stop".into(), "x".into()], &sim.state, &sim.readout()).unwrap();
    assert_eq!(order, What::Stop { step: "back/x".into(), attempt: 0, let_finish: false });
}

#[test]
fn whatever_waits_is_told_with_the_order_that_moves_it_what_concerns_all_first() {
    let mut sim = sim();
    sim.does("a");
    sim.order(What::Run { step: "go".into(), attempt: 1 }).unwrap();
    sim.order_by("tom", What::Hold { why: "looks odd".into() }).unwrap();
    sim.order(What::Severity { incident: None, level: 2, text: "payments fail".into() }).unwrap();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    assert_eq!(
        told(&sim),
        [
            "hold tom: holds; looks odd; no new step starts until it is released → release WHY",
            "high high: pending; errors > 5% for 1m: 6 % > 5 %, held 20s of 1m; when it fires the launch holds and asks \
             to go back",
            "#1 SEV2 #1 payments fail: investigating; opened by ana; nobody has said to be on it; response due in 9:30 → respond \
             1 → mitigating 1 → mitigated 1 → update 1 TEXT → close 1",
            "go Step go: waits for a decision; dba has not voted; the lead, ana, decides → vote go dba go → go go WHY → \
             no-go go WHY",
        ]
    );
    sim.pass(Span::secs(60));
    let told = told(&sim);
    assert!(told[1].starts_with("hold engine: holds; high fired"), "{told:#?}");
    assert!(told[2].starts_with("high high: fired; "), "{told:#?}");
    assert!(told[2].ends_with("it fired upon 6 % > 5 % → rollback stage → dismiss high WHY"), "{told:#?}");
}

#[test]
fn a_trigger_whose_way_back_is_closed_promises_it_nowhere() {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/back", |_| {})])];
    outline.rollbacks[0].possible_until = Some("a".into());
    outline.rollback = Some("traffic".into());
    outline.triggers = vec![trigger("high", "errors > 5% for 1m", TriggerAction::Propose)];
    let mut sim = Sim::new(outline);
    let high = |sim: &Sim| named(sim, "high").unwrap()[0].clone();
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(30));
    assert!(high(&sim).contains("when it fires the launch holds and asks to go back"), "{}", high(&sim));
    sim.does("a");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    let closed = "its way back, Rollback traffic, is closed: when it fires a person decides";
    assert!(high(&sim).contains(closed) && !high(&sim).contains("asks to go back"), "{}", high(&sim));
    sim.pass(Span::secs(60));
    let fired = sim.events.iter().find(|r| matches!(r.event, crate::core::event::Event::TriggerFired { .. })).unwrap();
    let said = crate::core::tell::tell(&sim.state, &fired.event).text;
    assert!(
        said.ends_with("; the launch holds; its way back, Rollback traffic, is closed: a person decides"),
        "{said}"
    );
}

#[test]
fn an_incident_says_since_when_people_are_how_far() {
    let mut sim = sim();
    sim.order(What::Severity { incident: None, level: 2, text: "payments fail".into() }).unwrap();
    let opened = sim.now;
    sim.pass(Span::mins(6));
    let to = crate::core::event::IncidentState::Mitigating;
    sim.order(What::Move { incident: 1, to, text: String::new() }).unwrap();
    let moved = sim.now;
    sim.pass(Span::secs(10));
    let told = explain_named(&sim.state, &sim.readout(), "#1", sim.now).unwrap().remove(0).why;
    assert_eq!((told.state.as_str(), told.since), ("mitigating", Some(moved)));
    assert!(told.because[0].starts_with("opened by ana 6:10 ago") && moved > opened, "{told:?}");
}

#[test]
fn a_trigger_that_clears_says_since_when_it_does() {
    let mut sim = sim();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(3));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(30));
    let told = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap();
    assert_eq!(told[0].why.state, "clearing");
    assert_eq!(told[0].why.since, Some(sim.now - Span::secs(20)), "not when it fired");
    assert!(!told[0].why.because.iter().any(|why| why.contains("nothing was observed")), "{told:?}");
    // A stretch without data is none of its quiet.
    sim.measures("errors", Outcome::NoData("refused".into()));
    sim.pass(Span::secs(40));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    let told = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap();
    let unseen = told[0].why.because.iter().find(|why| why.contains("nothing was observed"));
    assert!(unseen.is_some_and(|why| why.ends_with("its clock stood still")), "{told:?}");
}

#[test]
fn a_requirement_that_holds_for_too_short_says_how_long() {
    let outline = plan(vec![step("go", |s| s.gate = gate(&["errors < 5% for 1m"], &[], None))]);
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(30));
    sim.start("go").unwrap();
    let refused = why(sim.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None }));
    assert!(refused.contains("errors < 5% for 1m holds for too short: 0.10 % < 5 %, for 20s of 1m"), "{refused}");
}

#[test]
fn a_way_back_is_explained_before_it_is_taken_while_it_runs_and_where_it_stopped() {
    let mut sim = sim();
    assert_eq!(
        named(&sim, "stage"),
        Err("`stage`: there is nothing to undo yet, or it is no way back of this plan".into())
    );
    sim.does("a");
    assert_eq!(
        named(&sim, "back").unwrap(),
        ["back Rollback back: READY; it takes about 2m; it loses an hour of orders; 1. Step back/x → rollback back \
          typed ENVIRONMENT WHY"]
    );
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    assert!(named(&sim, "back").unwrap()[0].contains(": NOT READY; green is ok: "), "{:?}", named(&sim, "back"));
    let way = Way::Stage("a".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "bad".into() }).unwrap();
    assert_eq!(
        told(&sim)[0],
        "rollback undo Step a: under way; started by ana: bad; 1 of 1: Step a; its undo runs; when that is over it may \
         run again; stopped, the way back stops there with it and asks how to go on → stop a"
    );
    sim.ends("a.undo.1", 1);
    let told = &told(&sim)[0];
    assert!(told.starts_with("rollback undo Step a: stopped; "), "{told}");
    assert!(told.ends_with(" → again → by-hand WHY → leave WHY"), "{told}");
    assert_eq!(named(&sim, "rollback").unwrap(), std::slice::from_ref(told));
}

#[test]
fn a_probe_says_its_level_its_value_and_why() {
    let mut sim = sim();
    assert_eq!(named(&sim, "errors").unwrap(), ["errors.value errors.value: ok; measured: 0.10 %, 0:00 ago"]);
    sim.measures("errors", Outcome::NoData("no HTTP answer".into()));
    sim.pass(Span::secs(20));
    let unknown = &named(&sim, "errors.value").unwrap()[0];
    assert!(unknown.ends_with(": unknown; no HTTP answer; the last that was measured: 0.10 %"), "{unknown}");
}

#[test]
fn a_name_that_means_nothing_is_answered_with_the_nearest() {
    let sim = sim();
    let all = "there is no step, phase, trigger, watch, way back, incident or probe";
    for (name, said) in [
        ("hihg", format!("{all} `hihg`; did you mean `high`?")),
        ("#7", "there is no incident #7: none was opened".to_owned()),
        ("hold", "nobody holds the launch".to_owned()),
        ("rollback", "no way back is under way".to_owned()),
    ] {
        let found = named(&sim, name).unwrap_err();
        assert!(found.starts_with(&said), "{name}: {found}");
    }
    assert_eq!(named(&sim, "p").unwrap().len(), 3, "a phase means its steps that are not over");
}

#[test]
fn a_trigger_without_data_is_never_armed() {
    let mut sim = sim();
    let stands = |sim: &Sim, n: usize| trigger_stands(&sim.state, &sim.readout(), &sim.state.outline.triggers[n]).0;
    assert_eq!(stands(&sim, 0), TriggerStands::Armed);
    sim.measures("errors", Outcome::NoData("no answer".into()));
    sim.pass(Span::mins(2));
    assert_eq!(stands(&sim, 0), TriggerStands::Unknown);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    assert_eq!(stands(&sim, 0), TriggerStands::Pending);
    sim.pass(Span::mins(1));
    assert_eq!(stands(&sim, 0), TriggerStands::Fired);
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    assert_eq!(stands(&sim, 0), TriggerStands::Clearing);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(20));
    sim.order(What::Dismiss { trigger: "high".into(), why: "a load test".into() }).unwrap();
    assert_eq!(stands(&sim, 0), TriggerStands::Dismissed);
    // What holds now may be another thing than what was dismissed.
    let all = waiting(&sim.state, &sim.readout(), sim.now);
    let high = &all.iter().find(|one| one.name == "high").unwrap().why;
    let until =
        |far: &str| format!("it fires anew only after its condition was false for 2m in one piece: {far} of 2:00");
    assert_eq!(high.because.last(), Some(&until("0:00")), "{high:?}");
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(40));
    assert!(waiting(&sim.state, &sim.readout(), sim.now).iter().all(|one| one.name != "high"));
    let high = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap().remove(0).why;
    assert_eq!(high.because.last(), Some(&until("0:30")), "{high:?}");
}

#[test]
fn a_step_under_a_hold_names_the_way_out_of_a_missing_secret_after_the_hold() {
    let deploy = runs("deploy", |s| s.run = Some("./deploy.sh --key \"$primary\"".into()));
    let mut sim = Sim::new(plan(vec![deploy, runs("tell", |_| {})]));
    let said = |sim: &Sim, name: &str, missing: &[MissingSecret]| {
        let readout = Readout { secrets: missing.to_vec(), ..sim.readout() };
        line(&explain_named(&sim.state, &readout, name, sim.now).unwrap()[0])
    };
    let missing = [no_value("primary", "PRIMARY_URL")];
    let lacks = "its command needs the secret `primary`: PRIMARY_URL is not set; give it with `tminus do env primary`";
    let due = said(&sim, "deploy", &missing);
    assert_eq!(due, format!("deploy Step deploy: due; an operator starts it; {lacks}"));
    sim.order_by("tom", What::Hold { why: "looks odd".into() }).unwrap();
    let held = said(&sim, "deploy", &missing);
    let expected =
        format!("deploy Step deploy: held; tom has held the launch for 1s: looks odd; {lacks} → release WHY");
    assert_eq!(held, expected);
    assert!(!said(&sim, "tell", &missing).contains("secret"), "it does not need it");
    assert!(said(&sim, "deploy", &[]).contains("nothing else of the plan stands against it"));
}

#[test]
fn a_way_back_is_not_ready_while_another_one_is_under_way() {
    let mut outline = plan(vec![runs("one", |s| s.undo = undo(&[])), runs("two", |s| s.undo = undo(&[]))]);
    outline.rollbacks = vec![rollback("r", vec![runs("r/n1", |_| {})])];
    let mut sim = Sim::new(outline);
    sim.does("one");
    sim.does("two");
    let state = |sim: &Sim, name: &str| {
        let why = explain_named(&sim.state, &sim.readout(), name, sim.now).unwrap().remove(0).why;
        (why.state, why.because.join("; "))
    };
    assert_eq!(state(&sim, "all").0, "READY");
    sim.order(back(Way::Named("r".into()))).unwrap();
    let (word, because) = state(&sim, "all");
    assert_eq!(word, "NOT NOW");
    assert!(because.contains("rollback 1, ") && because.contains("is under way"), "{because}");
    assert_eq!(state(&sim, "r").0, "under way");
}

#[test]
fn the_fail_clock_of_a_step_that_goes_on_is_named() {
    let mut sim = Sim::new(plan(vec![runs("share", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(10));
        s.fail = conditions(&["errors > 5% for 3m"]);
    })]));
    sim.start("share").unwrap();
    sim.ends("share.do.1", 0);
    let because =
        |sim: &Sim| explain_named(&sim.state, &sim.readout(), "share", sim.now).unwrap().remove(0).why.because;
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(1));
    assert!(!because(&sim).iter().any(|line| line.contains("fails over")), "{:?}", because(&sim));
    sim.measures("errors", Outcome::number(0.061));
    sim.pass(Span::mins(1));
    let line =
        because(&sim).into_iter().find(|line| line.starts_with("it fails over errors > 5% for 3m: 6.1")).unwrap();
    assert!(line.contains(" of 3m"), "{line}");
}

#[test]
fn a_way_back_that_a_person_turned_down_by_a_release_is_not_proposed_again_by_the_next_hold() {
    let proposes = |s: &mut crate::core::outline::StepOutline| {
        s.on_fail = OnFail::Propose;
        s.undo = undo(&[]);
    };
    let mut outline = plan(vec![runs("canary", proposes), runs("more", |_| {})]);
    let then = vec![crate::core::outline::Then::Hold];
    outline.severities = [(1, SeverityOutline { then, ..Default::default() })].into();
    let mut sim = Sim::new(outline);
    sim.start("canary").unwrap();
    sim.ends("canary.do.1", 1);
    let proposed = |sim: &Sim| {
        let all = waiting(&sim.state, &sim.readout(), sim.now);
        let asked = sim.answers().alarms.iter().any(|alarm| alarm.line().contains("asks: undo"));
        (all.iter().any(|one| one.why.state.starts_with("proposed")), asked)
    };
    assert_eq!(proposed(&sim), (true, true));
    sim.pass(Span::secs(5));
    let release = || What::Release { of: None, seen: None, why: "go on".into() };
    sim.order(release()).unwrap();
    assert_eq!(proposed(&sim), (false, false));
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    assert_eq!(proposed(&sim), (false, false), "a hold of a person's asks for nothing");
    sim.order(release()).unwrap();
    sim.order(What::Severity { incident: None, level: 1, text: "down".into() }).unwrap();
    assert!(sim.state.hold.is_some(), "the severity holds");
    assert_eq!(proposed(&sim), (false, false), "nor does one for something else");
    sim.order(release()).unwrap();
    sim.start("canary").unwrap();
    sim.ends("canary.do.2", 1);
    assert_eq!(proposed(&sim), (true, true), "what fails anew asks anew");
}

#[test]
fn a_step_that_failed_and_proposes_the_way_back_names_the_order_that_answers() {
    let mut outline = plan(vec![
        runs("shift", |s| (s.undo, s.on_fail) = (undo(&[]), OnFail::Propose)),
        runs("next", |s| s.after = after(&["shift"])),
    ]);
    outline.steps[0].title = "Shift".into();
    let mut sim = Sim::new(outline);
    sim.start("shift").unwrap();
    sim.ends("shift.do.1", 7);
    let found = told(&sim);
    assert!(found[0].starts_with("hold engine: holds; Shift failed: "), "{found:#?}");
    assert!(found[1].starts_with("stage undo Shift: proposed; Shift failed: exited with 7 after"), "{found:#?}");
    assert!(found[1].ends_with(" → rollback stage WHY"), "{found:#?}");
    let step = sim.explain("shift");
    assert_eq!(spell::write(&step.orders[0]), "rollback stage WHY", "{step:?}");
    // A person answered otherwise.
    sim.order(What::Release { of: None, seen: None, why: "it is well".into() }).unwrap();
    assert!(!told(&sim).concat().contains("proposed"), "{:#?}", told(&sim));
    assert!(!sim.explain("shift").orders.iter().any(|order| matches!(order, What::Rollback { .. })));
}

#[test]
fn a_failed_step_that_a_stopped_way_back_undoes_too_is_not_offered_to_be_left_out() {
    let mut outline = plan(vec![runs("two", |_| {})]);
    let mut way = rollback("back", vec![runs("back/b1", |_| {})]);
    way.undoes = after(&["two"]);
    outline.rollbacks = vec![way];
    let mut sim = Sim::new(outline);
    sim.start("two").unwrap();
    sim.ends("two.do.1", 1);
    let offers = |sim: &Sim| sim.explain("two").orders.iter().any(|order| matches!(order, What::Skip { .. }));
    assert!(offers(&sim));
    sim.order(back(Way::Named("back".into()))).unwrap();
    sim.ends("back/b1.do.1", 1);
    let skip = What::Skip { step: "two".into(), why: "x".into(), not_applicable: false };
    assert!(sim.order(skip).is_err() && !offers(&sim), "{:?}", sim.explain("two"));
}

#[test]
fn a_held_step_that_one_has_approved_waits_for_another_to_start_it() {
    let mut sim = Sim::new(plan(vec![runs("pair", |s| s.approvals = 2)]));
    sim.order(What::Approve { step: "pair".into(), attempt: 1, alone: None }).unwrap();
    sim.order(What::Hold { why: "mine".into() }).unwrap();
    let because = sim.explain("pair").because;
    assert_eq!(
        because.last().unwrap(),
        "then someone other than ana starts it; nothing else of the plan stands against it"
    );
}

#[test]
fn of_a_way_that_was_taken_it_is_said_that_all_of_it_would_run_again_until_a_step_begins() {
    let mut outline = plan(vec![runs("a", |_| {}), runs("b", |_| {})]);
    outline.rollbacks = vec![rollback("back", vec![runs("back/b1", |_| {})])];
    let mut sim = Sim::new(outline);
    let said = |sim: &Sim| {
        let because = explain_named(&sim.state, &sim.readout(), "back", sim.now).unwrap().remove(0).why.because;
        because.iter().any(|why| why == "it was taken, and no step began since: all of it would run again")
    };
    sim.does("a");
    assert!(!said(&sim));
    sim.order(back(Way::Named("back".into()))).unwrap();
    sim.ends("back/b1.do.1", 0);
    assert!(said(&sim));
    sim.pass(Span::secs(10));
    sim.does("b");
    assert!(!said(&sim));
}

#[test]
fn a_trigger_that_fired_where_there_is_no_way_back_is_dismissed_and_asks_for_none() {
    for (action, then) in [
        (TriggerAction::Consider, "consider going back; there is no way back"),
        (TriggerAction::Propose, "asks to go back; there is no way back"),
    ] {
        let mut outline = plan(vec![runs("deploy", |_| {})]);
        outline.triggers = vec![trigger("high", "errors > 5% for 20s", action)];
        let mut sim = Sim::new(outline);
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::mins(1));
        let said = explain_named(&sim.state, &sim.readout(), "high", sim.now).unwrap().remove(0).why;
        assert_eq!(said.orders, [What::Dismiss { trigger: "high".into(), why: String::new() }]);
        let alarm = sim.answers().alarms.into_iter().find(|alarm| alarm.trigger.is_some()).unwrap();
        assert_eq!(alarm.then.long(), then);
    }
}

#[test]
fn a_step_that_became_due_while_no_engine_ran_never_promises_to_start_by_itself() {
    let planned = |at: &str| {
        let mut outline = plan(vec![runs("a", |s| s.auto = true)]);
        outline.phases[0].at = Some(at.parse().unwrap());
        Sim::new(outline)
    };
    let mut sim = planned("T+10m");
    sim.gap(Span::mins(11));
    let said = sim.explain("a").because.join("; ");
    assert!(
        said.ends_with("it became due while no engine ran, so it does not start by itself: a person starts it"),
        "{said}"
    );
    let release = sim.state.releases("seen").into_iter().next().unwrap();
    sim.order(release).unwrap();
    sim.pass(Span::secs(10));
    assert_eq!(sim.state.steps["a"].attempt, 0);
    // One that is due only later still does.
    let mut sim = planned("T+20m");
    sim.gap(Span::mins(11));
    let said = sim.explain("a").because.join("; ");
    assert!(said.ends_with("then it starts by itself"), "{said}");
}
