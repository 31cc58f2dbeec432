use super::*;
use crate::core::launch::answers::Standing;
use crate::core::order::{Way, What};
use crate::core::reading::Outcome;

#[test]
fn before_anything_was_measured_it_says_so_and_not_ok() {
    let mut sim = Sim::new(shift(OnFail::Hold));
    assert_eq!(now(&sim), ["measuring…", "Phase 0/3, nothing runs", "0 ok  0 warn  2 not yet"]);
    sim.measures_each("errors", &[]);
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[0], "measuring… 1/2");
    assert_eq!(told(&sim).now.standing, Standing::Measuring);
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[0], "1 UNKNOWN", "now it is overdue");
}

#[test]
fn a_plan_that_measures_nothing_is_never_ok() {
    let mut plan = plan(vec![]);
    plan.probes.clear();
    plan.phases.clear();
    let sim = Sim::new(plan);
    assert_eq!(now(&sim), ["NOT MEASURED", "the plan has no steps", "0 ok  0 warn  0 unknown"]);
}

#[test]
fn unknown_is_never_ok() {
    let mut sim = shifting(|_| {});
    assert_eq!(now(&sim), ["ALL OK", "Phase 0/3, nothing runs", "3 ok  0 warn  0 unknown"]);
    sim.measures("green", Outcome::NoData("HTTP 401".into()));
    sim.pass(Span::secs(10));
    assert_eq!(now(&sim), ["1 UNKNOWN", "Phase 0/3, nothing runs", "2 ok  0 warn  1 unknown"]);
}

#[test]
fn the_worst_is_the_answer() {
    let mut sim = shifting(|plan| {
        plan.probes[0].warn = conditions(&["errors > 1%"]);
        plan.probes[0].critical = conditions(&["errors > 5%"]);
    });
    sim.measures("green", Outcome::NoData("HTTP 401".into()));
    sim.measures_each("errors", &[("green", 0.02), ("blue", 0.0005)]);
    sim.pass(Span::secs(10));
    assert_eq!(now(&sim)[0], "1 WARN", "worse than unknown");
    breaks(&mut sim, Span::secs(10));
    assert_eq!(now(&sim), ["CRITICAL", "Phase 0/3, nothing runs", "1 critical  1 unknown  1 ok"]);
}

#[test]
fn it_names_the_step_that_goes_on() {
    let mut sim = shifting(|_| {});
    sim.start("a").unwrap();
    sim.now = sim.now + Span::secs(9);
    assert_eq!(now(&sim)[1], "25 % to green, running 0:09");
    sim.ends("a.do.1", 0);
    sim.pass(Span::secs(30));
    assert_eq!(now(&sim)[1], "25 % to green, soaking");
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    assert_eq!(now(&sim)[1], "25 % to green, soaking; held");
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::secs(60));
    assert_eq!(now(&sim)[1], "25 % to green, frozen, no data; held");
    breaks(&mut sim, Span::secs(60));
    assert_eq!(now(&sim)[1], "25 % to green, failing; held");
    breaks(&mut sim, Span::mins(3));
    assert_eq!(now(&sim)[1], "25 % to green failed; held");
}

#[test]
fn when_nothing_runs_it_names_the_phase_we_are_in() {
    let mut first = step("x", |s| s.items = vec!["one".into(), "two".into()]);
    first.phase = "first".into();
    let mut plan = plan(vec![first, runs("a", |_| {}), runs("b", |_| {})]);
    plan.phases.insert(
        0,
        crate::core::outline::PhaseOutline {
            id: "first".into(),
            title: "First".into(),
            at: None,
            since: None,
            not_before: None,
            window: None,
        },
    );
    let mut sim = Sim::new(plan);
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[1], "First 0/2, nothing runs");
    sim.does("a");
    assert_eq!(now(&sim)[1], "Phase 1/2, nothing runs", "what was begun last, though the first is open");
    sim.does("b");
    assert_eq!(now(&sim)[1], "First 0/2, nothing runs");
    sim.order(What::Skip { step: "x".into(), why: "no".into(), not_applicable: false }).unwrap();
    assert_eq!(now(&sim)[1], "every step is done, but 1 skipped");
}

#[test]
fn what_is_critical_now_and_what_clears_are_told_apart() {
    let mut sim = shifting(watch("errors[green] > 5% for 30s", TriggerAction::Propose));
    breaks(&mut sim, Span::secs(20));
    assert_eq!(now(&sim)[0], "CRITICAL", "its clock runs");
    breaks(&mut sim, Span::secs(30));
    assert_eq!(now(&sim), ["CRITICAL", "Phase 0/3, held", "1 trigger  3 ok"], "it fired and holds");
    recovers(&mut sim, Span::secs(30));
    assert_eq!(now(&sim), ["CLEARING 0:20 / 1:00", "Phase 0/3, held", "3 ok  0 warn  0 unknown"]);
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::secs(10));
    assert_eq!(now(&sim)[0], "CRITICAL", "nobody sees whether it clears");
    recovers(&mut sim, Span::mins(1));
    assert_eq!(now(&sim)[0], "HELD", "the trigger is over, its hold is not");
    sim.order(What::Release { of: None, seen: None, why: "recovered".into() }).unwrap();
    assert_eq!(now(&sim)[0], "ALL OK");
}

#[test]
fn what_wants_a_person_is_never_all_ok_though_all_that_is_measured_is() {
    let mut sim = Sim::new(plan(vec![
        runs("bad", |_| {}),
        runs("stopped", |_| {}),
        step("go", |s| s.gate = gate(&[], &[], None)),
    ]));
    sim.pass(Span::secs(20));
    assert_eq!(now(&sim)[0], "ALL OK");
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    assert_eq!(now(&sim)[0], "HELD");
    sim.order(What::Release { of: None, seen: None, why: "back".into() }).unwrap();
    sim.start("stopped").unwrap();
    sim.order(What::Stop { step: "stopped".into(), attempt: 1, let_finish: false }).unwrap();
    sim.ends("stopped.do.1", 143);
    assert_eq!(now(&sim)[..2], ["STEP STOPPED", "Step stopped stopped; nothing runs"]);
    sim.order(What::Skip { step: "stopped".into(), why: "not now".into(), not_applicable: false }).unwrap();
    sim.start("go").unwrap();
    let no = What::Decide { gate: "go".into(), round: 1, go: false, why: Some("no".into()) };
    sim.order(no).unwrap();
    assert_eq!(now(&sim)[0], "NO-GO");
    sim.start("bad").unwrap();
    sim.ends("bad.do.1", 1);
    assert_eq!(now(&sim)[0], "STEP FAILED");
}

#[test]
fn of_several_steps_that_failed_all_answers_begin_with_the_same() {
    let mut sim = Sim::new(plan(vec![runs("late", |_| {}), runs("early", |_| {}), runs("more", |_| {})]));
    sim.pass(Span::secs(20));
    for id in ["late", "early", "more"] {
        sim.start(id).unwrap();
    }
    for id in ["early", "late"] {
        sim.pass(Span::secs(10));
        sim.ends(&format!("{id}.do.1"), 1);
    }
    let said = |sim: &Sim| {
        let order = told(sim).alarms[0].answer.as_ref().map(|a| spell::write(&a.order)).unwrap();
        (told(sim).alarms[0].place.clone(), order, next(sim)[1].clone())
    };
    let (place, order, what) = said(&sim);
    assert_eq!((&*place, &*order), ("Step early", "release WHY"));
    assert!(what.starts_with("Step early failed"), "{what}");
    sim.ends("more.do.1", 0);
    assert_eq!(now(&sim)[1], "Step early failed, +1; held");
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    let (place, order, what) = said(&sim);
    assert_eq!((&*place, &*order, &*what), ("Step early", "run early", "Step early, attempt 2  +1 more"));
    assert_eq!(now(&sim)[1], "Step early failed, +1; nothing runs");
}

#[test]
fn a_way_back_that_stopped_is_no_trigger() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Propose));
    sim.does("a");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "odd".into() }).unwrap();
    sim.ends("a.undo.1", 1);
    assert_eq!((&*now(&sim)[0], &*now(&sim)[2]), ("ROLLBACK STOPPED", "3 ok  0 warn  0 unknown"));
}

#[test]
fn an_ended_launch_offers_nothing() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.pass(Span::secs(20));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    sim.order(What::End { typed: "production".into(), why: "no more today".into() }).unwrap();
    assert_eq!(alarms(&sim), Vec::<String>::new());
    assert_eq!(next(&sim)[3], "");
    assert!(sim.explain("a").orders.is_empty());
}

#[test]
fn a_declared_incident_is_not_ok_though_every_signal_is() {
    for (level, standing) in
        [(1, Standing::Critical), (2, Standing::Critical), (3, Standing::Warn), (4, Standing::Warn)]
    {
        let mut sim = shifting(|_| {});
        sim.order(What::Severity { incident: None, level, text: "cards fail".into() }).unwrap();
        assert_eq!((told(&sim).now.standing, &*now(&sim)[0]), (standing, &*format!("SEV{level}")));
    }
}

#[test]
fn going_back_is_said_until_it_is_done() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "looks odd".into() }).unwrap();
    assert_eq!(now(&sim)[..2], ["GOING BACK", "All traffic to blue, 1 of 1: Step traffic/to-blue"]);
    assert_eq!(told(&sim).now.standing, Standing::Warn);
    sim.ends("traffic/to-blue.do.1", 1);
    assert_eq!(now(&sim)[0], "ROLLBACK STOPPED");
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert_eq!(now(&sim)[0], "GOING BACK");
    sim.ends("traffic/to-blue.do.2", 0);
    assert_eq!(now(&sim)[..2], ["ALL OK", "rolled back T+1m; nothing runs"]);
    sim.order(What::End { typed: "production".into(), why: "enough".into() }).unwrap();
    assert_eq!(now(&sim)[..2], ["ENDED", "by ana: enough"]);
}

#[test]
fn a_soak_that_broke_is_broken_only_as_long_as_it_does_not_hold() {
    let mut sim = shifting(|plan| plan.steps[0].fail.clear());
    sim.does("a");
    sim.pass(Span::mins(1));
    assert_eq!(sim.explain("a").state, "soaking");
    breaks(&mut sim, Span::secs(10));
    let broke = sim.now;
    sim.pass(Span::secs(20));
    let said = sim.explain("a");
    assert_eq!((said.state.as_str(), said.since), ("soak broken", Some(broke)));
    assert_eq!(now(&sim)[1], "25 % to green, soak broken");
    assert_eq!(next(&sim)[0], "when it holds");
    recovers(&mut sim, Span::secs(20));
    assert_eq!(sim.word("a"), "soak broken", "on record it is mended only once it has held for a while");
    let said = sim.explain("a");
    let held = sim.now - Span::secs(10);
    assert_eq!((said.state.as_str(), said.since), ("soaking", Some(held)), "since it holds, not since it broke");
    assert!(held > broke);
    assert_eq!(now(&sim)[1], "25 % to green, soaking");
    assert!(next(&sim)[0].starts_with("in ~4:50"), "{:?}", next(&sim));
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::secs(20));
    assert_eq!(sim.word("a"), "soak broken", "on record still");
    let said = sim.explain("a");
    assert_eq!(said.state, "soaking", "it stands still since, and what it has held is not lost: {said:?}");
    assert!(said.since.is_none_or(|since| since > broke), "{said:?}");
    assert_eq!(now(&sim)[1], "25 % to green, frozen, no data");
    assert_eq!(next(&sim)[0], "its clock stands still");
}

#[test]
fn a_soak_that_broke_and_has_no_data_since_is_broken() {
    let mut sim = shifting(|plan| plan.steps[0].fail.clear());
    sim.does("a");
    sim.pass(Span::mins(1));
    breaks(&mut sim, Span::secs(20));
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::secs(20));
    assert_eq!(sim.explain("a").state, "soak broken");
    assert_eq!(now(&sim)[1], "25 % to green, soak broken");
}

#[test]
fn a_soak_is_looked_at_while_a_way_back_runs_and_nothing_comes_of_it() {
    let mut sim = shifting(|plan| {
        plan.steps[0].fail.clear();
        plan.steps[0].limit = Some(Span::mins(6));
    });
    sim.does("a");
    sim.pass(Span::mins(1));
    sim.order(What::Rollback { way: Way::Named("traffic".into()), trigger: None, typed: None, why: "x".into() })
        .unwrap();
    breaks(&mut sim, Span::secs(20));
    let said = sim.explain("a");
    assert_eq!(said.state, "does not hold", "whether it did before is on no record");
    let nothing = "while the way back runs nothing comes of that, and no limit ends it";
    assert!(said.because.contains(&nothing.to_owned()), "{said:?}");
    sim.pass(Span::mins(10));
    assert_eq!(sim.word("a"), "soaking", "its limit is long over");
    assert!(!sim.explain("a").because.iter().any(|line| line.contains("fails")), "{:?}", sim.explain("a"));
}

#[test]
fn a_plan_file_that_was_edited_is_not_all_ok_and_hides_nothing_that_is_worse() {
    let mut sim = shifting(|_| {});
    let plan = Some("wallet.toml differs");
    let told = |sim: &Sim| told_all(sim, &sim.readout(), &[], plan).now;
    assert_eq!((told(&sim).head.long(), told(&sim).standing), ("PLAN FILE", Standing::Warn));
    sim.measures("green", Outcome::NoData("HTTP 401".into()));
    sim.pass(Span::secs(10));
    assert_eq!(told(&sim).head.long(), "1 UNKNOWN");
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    assert_eq!(told(&sim).head.long(), "1 UNKNOWN", "a hold makes nothing known");
    sim.measures("green", Outcome::well());
    sim.pass(Span::secs(10));
    assert_eq!(told(&sim).head.long(), "HELD");
}

#[test]
fn a_limit_that_compares_with_a_baseline_that_nobody_captured_is_not_kept_but_unknown() {
    let mut sim = shifting(|plan| plan.probes[0].critical = conditions(&["errors > baseline * 3"]));
    assert_eq!(now(&sim)[0], "2 UNKNOWN");
    let views = sim.readout();
    let green = views.signals.values().find(|view| view.id.to_string() == "errors[green].value").unwrap();
    assert_eq!(green.why.as_deref(), Some("no baseline of errors[green].value was captured"));
    sim.order(What::Baseline { probe: Some("errors".into()), over: Span::mins(1) }).unwrap();
    sim.pass(Span::secs(10));
    assert_eq!(now(&sim)[0], "ALL OK");
}

#[test]
fn where_a_trigger_can_not_be_judged_it_is_never_all_ok() {
    for when in ["errors[gren] > 5%", "errors > baseline * 3 for 1m"] {
        let mut sim = shifting(watch(when, TriggerAction::Propose));
        assert_eq!(
            (now(&sim)[0].as_str(), told(&sim).now.standing),
            ("1 TRIGGER UNKNOWN", Standing::Unknown),
            "{when}"
        );
        sim.measures("errors", Outcome::NoData("401".into()));
        sim.pass(Span::secs(10));
        assert_eq!(now(&sim)[0], "3 UNKNOWN", "the probe itself says that it is not known");
    }
}
