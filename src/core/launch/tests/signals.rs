use crate::core::event::Event;
use crate::core::launch::answers::soak;
use crate::core::launch::testing::*;
use crate::core::launch::{Effect, Status, StepStatus, explain_named, next_deadline};
use crate::core::order::{Way, What};
use crate::core::outline::{OnFail, OnStop, Outline, ProbeOutline, TriggerAction, TriggerOutline};
use crate::core::reading::{Level, Outcome};
use crate::core::report::{Report, markdown};
use crate::core::tell::{Tone, tell};
use crate::core::time::Span;
use crate::core::view::{ConditionOf, Readout};

fn soaking(soak: i64) -> Outline {
    plan(vec![runs("a", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(soak));
        s.fail = conditions(&["green is failing for 1m"]);
        s.limit = Some(Span::mins(60));
    })])
}

#[test]
fn a_step_is_done_when_its_verify_has_held_for_its_soak() {
    let mut sim = Sim::new(soaking(5));
    sim.pass(Span::mins(1));
    sim.does("a");
    assert_eq!(sim.word("a"), "soaking");
    sim.pass(Span::mins(4));
    assert_eq!(sim.word("a"), "soaking", "what was measured before the command ended does not count");
    sim.pass(Span::mins(2));
    assert_eq!(sim.word("a"), "done");
    let evidence = sim.events.iter().rev().find_map(|r| match &r.event {
        Event::StepDone { evidence, .. } => evidence.first().cloned(),
        _ => None,
    });
    assert_eq!(evidence.unwrap().held, Some(true));
}

#[test]
fn a_broken_soak_starts_over_and_is_told_once() {
    let mut sim = Sim::new(soaking(5));
    sim.does("a");
    sim.pass(Span::mins(4));
    for _ in 0..20 {
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::secs(10));
        sim.measures("errors", Outcome::number(0.001));
        sim.pass(Span::secs(10));
    }
    assert_eq!(sim.word("a"), "soak broken");
    assert_eq!(sim.count("soak-broken"), 1);
    sim.pass(Span::mins(2));
    assert_eq!(sim.word("a"), "soaking");
    assert_eq!(sim.count("soak-mended"), 1);
    sim.pass(Span::mins(4));
    assert_eq!(sim.word("a"), "done");
}

#[test]
fn a_break_on_record_counts_though_its_readings_were_lost() {
    for mended in [false, true] {
        let mut sim = Sim::new(soaking(2));
        sim.does("a");
        sim.pass(Span::secs(100));
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::secs(10));
        assert_eq!(sim.word("a"), "soak broken");
        sim.measures("errors", Outcome::number(0.001));
        sim.pass(if mended { Span::secs(50) } else { Span::secs(10) });
        assert_eq!(sim.word("a"), if mended { "soaking" } else { "soak broken" });
        sim.crash(if mended { Span::secs(60) } else { Span::secs(20) });
        sim.pass(Span::secs(110));
        assert_ne!(sim.word("a"), "done", "its clock started over at the break");
        sim.pass(Span::secs(40));
        assert_eq!(sim.word("a"), "done");
    }
}

#[test]
fn what_never_held_is_not_broken() {
    let mut sim = Sim::new(soaking(5));
    sim.measures("errors", Outcome::number(0.06));
    sim.does("a");
    sim.pass(Span::mins(3));
    assert_eq!(sim.word("a"), "soaking");
    assert_eq!(sim.count("soak-broken"), 0);
}

#[test]
fn a_soak_of_which_one_condition_never_held_has_not_begun_and_does_not_break() {
    let mut outline = soaking(5);
    outline.steps[0].verify.extend(conditions(&["errors > 50%"]));
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(1));
    assert_eq!((sim.word("a"), sim.count("soak-broken")), ("soaking", 0));
}

#[test]
fn a_broken_soak_is_told_with_when_it_broke_also_by_the_next_engine() {
    let mut sim = Sim::new(soaking(5));
    sim.does("a");
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(10));
    let before = sim.explain("a");
    assert_eq!(before.state, "soak broken");
    sim.crash(Span::secs(20));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    assert_eq!((sim.explain("a").state, sim.explain("a").since), (before.state, before.since));
}

#[test]
fn no_data_stretches_a_soak_and_a_gap_earns_nothing() {
    let mut sim = Sim::new(soaking(5));
    sim.does("a");
    sim.pass(Span::mins(3));
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::mins(10));
    assert_eq!(sim.word("a"), "soaking", "no data is not healthy, and not broken");
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(1));
    sim.gap(Span::mins(10));
    assert_eq!(sim.word("a"), "soaking");
    sim.pass(Span::mins(2));
    assert_eq!(sim.word("a"), "done");
}

#[test]
fn a_fail_condition_ends_the_step_at_once_and_its_command() {
    let mut sim = Sim::new(soaking(5));
    sim.start("a").unwrap();
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(90));
    assert_eq!(sim.word("a"), "failed");
    assert!(sim.state.hold.is_some());
    assert!(sim.effects.contains(&Effect::Stop("a.do.1".parse().unwrap())));
    assert!(why(sim.start("a")).contains("has not ended yet"));
    sim.ends("a.do.1", 0);
    assert_eq!(sim.word("a"), "failed", "a late success does not mend it");
}

#[test]
fn a_command_that_must_finish_is_not_ended_by_a_fail_condition() {
    let mut outline = soaking(5);
    outline.steps[0].on_stop = OnStop::Finish;
    let mut sim = Sim::new(outline);
    sim.start("a").unwrap();
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(90));
    assert_eq!(sim.word("a"), "failed");
    assert!(!sim.effects.iter().any(|e| matches!(e, Effect::Stop(_))));
}

#[test]
fn a_limit_ends_the_step_and_stands_still_while_no_engine_runs() {
    let mut sim = Sim::new(soaking(30));
    sim.measures("errors", Outcome::number(0.06));
    sim.does("a");
    sim.pass(Span::mins(50));
    sim.gap(Span::mins(60));
    sim.pass(Span::mins(9));
    assert_eq!(sim.word("a"), "soaking");
    sim.pass(Span::mins(2));
    let StepStatus::Failed { why, .. } = sim.status("a") else { panic!() };
    assert_eq!(why, "it took longer than its limit of 1h; errors < 1%: 6 % >= 1 %", "with what it waited for");
}

fn triggered(action: TriggerAction) -> Sim {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {})]);
    outline.triggers.push(trigger("errors-5", "errors > 5% for 5m", action));
    Sim::new(outline)
}

#[test]
fn a_trigger_fires_when_its_clock_is_full_and_holds_only_where_it_proposes() {
    for action in [TriggerAction::Notify, TriggerAction::Consider, TriggerAction::Propose] {
        let mut sim = triggered(action);
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::mins(5));
        assert_eq!(sim.count("trigger-fired"), 0);
        sim.pass(Span::secs(20));
        assert_eq!(sim.count("trigger-fired"), 1);
        assert_eq!(sim.state.hold.is_some(), action == TriggerAction::Propose);
        assert_eq!(sim.state.status, Status::Live, "nothing goes back by itself");
    }
}

#[test]
fn a_trigger_clears_after_it_was_quiet_for_long_enough() {
    let mut sim = triggered(TriggerAction::Notify);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(90));
    assert!(sim.state.triggers["errors-5"].fired.is_some());
    sim.pass(Span::secs(60));
    assert!(sim.state.triggers["errors-5"].fired.is_none());
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    assert_eq!(sim.state.triggers["errors-5"].times, 2);
}

#[test]
fn a_trigger_that_clears_shows_how_far_it_is() {
    let mut plan = plan(vec![runs("a", |_| {})]);
    let mut slow = trigger("errors-5", "errors > 5% for 1m", TriggerAction::Notify);
    slow.clear_after = Span::mins(30);
    plan.triggers = vec![slow];
    let mut sim = Sim::new(plan);
    let clear = |sim: &Sim| sim.readout().conditions.get(&ConditionOf::Clear("errors-5".into())).cloned();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(30));
    assert_eq!(clear(&sim), None, "it has not fired");
    sim.pass(Span::mins(2));
    let view = clear(&sim).unwrap();
    assert_eq!((view.now, view.lasted, view.needs), (Some(false), Span::ZERO, Some(Span::mins(30))));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(70));
    let view = clear(&sim).unwrap();
    assert_eq!((view.now, view.lasted), (Some(true), Span::mins(1)));
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::mins(2));
    let view = clear(&sim).unwrap();
    assert_eq!((view.frozen, view.lasted), (true, Span::mins(1)), "what nobody saw counts for nothing");
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(28));
    assert!(sim.state.triggers["errors-5"].fired.is_some());
    sim.pass(Span::mins(2));
    assert!(sim.state.triggers["errors-5"].fired.is_none());
    assert_eq!(clear(&sim), None);
}

#[test]
fn a_trigger_fires_under_a_hold_too_and_the_first_hold_stays() {
    let mut sim = triggered(TriggerAction::Propose);
    sim.order(What::Hold { why: "lunch".into() }).unwrap();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    assert!(sim.state.triggers["errors-5"].fired.is_some());
    assert_eq!(sim.state.hold.as_ref().map(|h| h.why.as_str()), Some("lunch"));
}

#[test]
fn the_trigger_that_led_to_a_rollback_is_disarmed_until_it_was_false_once() {
    let mut sim = triggered(TriggerAction::Propose);
    sim.does("a");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    let (way, trigger) = (Way::Stage("a".into()), Some("errors-5".into()));
    sim.order(What::Rollback { way, trigger, typed: None, why: String::new() }).unwrap();
    sim.ends("a.undo.1", 0);
    assert_eq!(sim.state.status, Status::RolledBack(1));
    sim.pass(Span::mins(20));
    assert_eq!(sim.count("trigger-fired"), 1, "still true, still disarmed");
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    assert_eq!(sim.count("trigger-fired"), 2);
}

#[test]
fn a_fired_trigger_is_dismissed_with_a_reason() {
    let mut sim = triggered(TriggerAction::Propose);
    let dismiss = |why: &str| What::Dismiss { trigger: "errors-5".into(), why: why.into() };
    assert!(why(sim.order(dismiss("x"))).contains("has not fired"));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(6));
    assert!(sim.order(dismiss("")).is_err());
    sim.pass(Span::mins(3));
    sim.order(dismiss("a load test")).unwrap();
    assert!(sim.order(dismiss("again")).is_err());
    let [said] = &explain_named(&sim.state, &sim.readout(), "errors-5", sim.now).unwrap()[..] else { panic!() };
    assert_eq!((said.why.state.as_str(), said.why.since), ("fired and dismissed", Some(sim.now)));
    assert!(
        said.why.because.iter().any(|b| b.starts_with("it fired ") && b.ends_with(" ago")),
        "{:?}",
        said.why.because
    );
}

#[test]
fn a_baseline_needs_something_measured() {
    let mut sim = Sim::new(plan(vec![]));
    let capture = || What::Baseline { probe: Some("errors".into()), over: Span::mins(5) };
    assert!(sim.order(capture()).is_err());
    sim.pass(Span::mins(5));
    sim.order(capture()).unwrap();
    assert_eq!(sim.state.baselines.len(), 1);
}

#[test]
fn a_baseline_is_told_with_its_value_its_window_and_its_samples() {
    let mut sim = Sim::new(plan(vec![]));
    sim.measures("errors", Outcome::number(0.0005));
    sim.pass(Span::mins(6));
    let told = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event).text;
    let capture = |over| What::Baseline { probe: Some("errors".into()), over };
    sim.order(capture(Span::mins(5))).unwrap();
    let words = "errors 0.05 % of 31 samples in 5m";
    assert_eq!(told(&sim), format!("baseline captured by ana: {words}"));
    sim.pass(Span::secs(30));
    let explained = |sim: &Sim, name| {
        let [found] = &explain_named(&sim.state, &sim.readout(), name, sim.now).unwrap()[..] else { panic!() };
        found.why.because.join("; ")
    };
    assert!(explained(&sim, "errors").contains("its baseline: 0.05 % of 31 samples in 5m, captured 0:30 ago"));
    assert_eq!(explained(&sim, "baseline"), words);
    let page = markdown(&Report::of(&sim.events, None).unwrap());
    assert!(page.contains(&format!("ana: {words}")), "{page}");
    // What was asked for was not measured all the while.
    sim.order(capture(Span::mins(30))).unwrap();
    assert_eq!(told(&sim), "baseline captured by ana: errors 0.05 % of 39 samples in 6m of the 30m asked for");
}

#[test]
fn what_a_baseline_could_not_capture_is_said_and_so_is_one_of_few_samples() {
    let mut outline = plan(vec![]);
    let probe = outline.probes.iter_mut().find(|probe| probe.id.as_str() == "errors").unwrap();
    probe.expect = vec!["green".into()];
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.0005));
    sim.pass(Span::mins(6));
    let told = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event);
    sim.order(What::Baseline { probe: Some("errors".into()), over: Span::mins(5) }).unwrap();
    let said = told(&sim);
    assert!(said.text.contains("31 samples in 5m; not captured: errors[green]"), "{}", said.text);
    assert_eq!(said.tone, Tone::Warn);
    sim.order(What::Baseline { probe: Some("errors".into()), over: Span::secs(20) }).unwrap();
    assert!(told(&sim).text.contains("; of so few samples chance"), "{}", told(&sim).text);
}

#[test]
fn of_what_a_baseline_could_not_capture_anew_the_older_one_stays_and_is_said_to() {
    let mut outline = plan(vec![]);
    let errors = outline.probes.iter().find(|probe| probe.id.as_str() == "errors").unwrap();
    outline.probes.push(ProbeOutline { id: "other".into(), ..errors.clone() });
    let mut sim = Sim::new(outline);
    for probe in ["errors", "other"] {
        sim.measures(probe, Outcome::number(0.0005));
    }
    sim.pass(Span::mins(6));
    let capture = What::Baseline { probe: None, over: Span::mins(5) };
    sim.order(capture.clone()).unwrap();
    let older = sim.state.baselines.clone();
    sim.measures("errors", Outcome::NoData("NaN".into()));
    sim.measures("other", Outcome::number(0.5));
    sim.pass(Span::mins(6));
    sim.order(capture).unwrap();
    let said = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(said.ends_with("; not captured: errors.value: NaN; its older one stays"), "{said}");
    let changed: Vec<String> =
        older.iter().filter(|(id, own)| sim.state.baselines[*id] != **own).map(|(id, _)| id.to_string()).collect();
    assert_eq!((older.len(), changed), (2, vec!["other.value".to_owned()]));
}

#[test]
fn a_look_is_due_when_a_clock_will_be_full() {
    let mut sim = Sim::new(soaking(5));
    sim.pass(Span::mins(1));
    sim.does("a");
    sim.pass(Span::mins(1));
    let at = next_deadline(&sim.state, &sim.signals, sim.now).unwrap();
    assert!(at > sim.now && at <= sim.now + Span::mins(6), "{at}");
}

#[test]
fn a_failure_that_proposes_says_so_in_its_hold() {
    let mut outline = soaking(5);
    outline.steps[0].on_fail = OnFail::Propose;
    let mut sim = Sim::new(outline);
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    let why = sim.state.hold.map(|h| h.why).unwrap();
    assert_eq!(why, "Step a failed: exited with 1 after 1s; a way back was proposed");
}

#[test]
fn a_baseline_never_rests_on_a_part_of_its_window() {
    let mut sim = Sim::new(soaking(5));
    let over = |mins| What::Baseline { probe: Some("errors".into()), over: Span::mins(mins) };
    sim.pass(Span::mins(20));
    // Before the launch there was nothing to measure: what there is counts.
    assert!(sim.order(over(30)).is_ok());
    let horizon = sim.signals.horizon();
    sim.pass(horizon + Span::mins(5));
    let refused = sim.order(over(horizon.millis() / 60_000 + 2)).unwrap_err();
    assert!(refused.why.contains("would rest on a part of it"), "{refused:?}");
    let kept = sim.state.baselines.values().next().unwrap().over;
    assert_eq!(kept, Span::mins(30), "the refused one changed nothing");
    assert!(sim.order(over(horizon.millis() / 60_000)).is_ok());
    // After a restart only what was read back is there.
    sim.signals.begin(sim.now - Span::mins(10));
    let refused = sim.order(over(11)).unwrap_err();
    assert!(refused.instead.unwrap().contains("9m59s or less"));
    assert!(sim.order(over(9)).is_ok());
}

#[test]
fn a_trigger_that_cleared_on_record_counts_anew_though_the_readings_that_cleared_it_were_lost() {
    let mut outline = plan(vec![runs("a", |_| {})]);
    let brief = trigger("errors-5", "errors > 5% for 1m", TriggerAction::Notify);
    outline.triggers.push(TriggerOutline { clear_after: Span::secs(10), ..brief });
    let mut sim = Sim::new(outline);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(5));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    assert_eq!((sim.count("trigger-fired"), sim.count("trigger-cleared")), (1, 1));
    sim.crash(Span::secs(20));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(1));
    assert_eq!(sim.count("trigger-fired"), 1, "it has not held for 1m since it cleared");
    sim.pass(Span::secs(20));
    assert_eq!(sim.count("trigger-fired"), 2);
}

#[test]
fn an_instance_of_which_another_measure_is_there_is_not_offered_to_be_let_go() {
    let mut outline = plan(vec![step("a", |_| {})]);
    let mut second = outline.probes[0].measures[0].clone();
    second.name = "samples".into();
    outline.probes[0].measures.push(second);
    let mut sim = Sim::new(outline);
    sim.measures_each("errors", &[("green", 0.01), ("blue", 0.01)]);
    sim.pass(Span::secs(20));
    let mut readout = sim.readout();
    let mut missing = readout.signals.values().find(|v| v.id.to_string().contains("green")).unwrap().clone();
    (missing.id.measure, missing.level, missing.last) = ("samples".into(), Level::Unknown, None);
    readout.signals.insert(missing.id.clone(), missing.clone());
    let offered = |readout: &Readout, now| {
        let said = explain_named(&sim.state, readout, "errors[green].samples", now).unwrap().remove(0).why;
        said.orders.iter().any(|order| matches!(order, What::Forget { .. }))
    };
    assert!(!offered(&readout, sim.now), "its value is there");
    assert!(offered(&readout, sim.now + Span::mins(2)), "all of it is old");
}

#[test]
fn of_a_probe_whose_only_instance_was_let_go_explain_says_that() {
    let mut sim = Sim::new(plan(vec![step("a", |s| s.verify = conditions(&["errors < 1%"]))]));
    sim.measures_each("errors", &[("green", 0.01)]);
    sim.pass(Span::secs(20));
    sim.silent("errors");
    sim.pass(Span::mins(2));
    sim.order(What::Forget { signal: "errors[green].value".parse().unwrap(), why: "gone".into() }).unwrap();
    sim.pass(Span::secs(10));
    let said = explain_named(&sim.state, &sim.readout(), "errors", sim.now).unwrap().remove(0).why;
    assert_eq!(
        (said.state.as_str(), said.because.join("; ").as_str()),
        ("unknown", "green of errors was forgotten, and has not come back")
    );
}

#[test]
fn what_lacks_its_baseline_is_offered_to_be_captured_and_not_to_be_let_go() {
    let mut outline = plan(vec![step("a", |_| {})]);
    outline.probes[0].warn = conditions(&["errors > baseline * 2"]);
    let mut sim = Sim::new(outline);
    sim.measures_each("errors", &[("green", 0.01)]);
    sim.pass(Span::secs(20));
    let said = explain_named(&sim.state, &sim.readout(), "errors", sim.now).unwrap().remove(0).why;
    let spelled: Vec<String> = said.orders.iter().map(crate::core::spell::write).collect();
    assert_eq!(spelled, ["baseline errors 10m"], "{said:?}");
}

#[test]
fn a_step_that_verifies_without_data_says_that_its_limit_runs_on() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.limit = Some(Span::mins(5));
    })]));
    sim.pass(Span::secs(20));
    let mut silent = sim.clone();
    sim.measures("errors", Outcome::NoData("the table is gone".into()));
    sim.pass(Span::mins(2));
    silent.silent("errors");
    silent.pass(Span::mins(2));
    silent.does("a");
    silent.pass(Span::secs(20));
    let said = silent.explain("a");
    assert_eq!(said.because, ["errors < 1%: waits for a newer reading", "it fails at its limit of 5m, in 4:40"]);
    sim.does("a");
    sim.pass(Span::secs(20));
    let said = sim.explain("a");
    assert_eq!(said.state, "verifying");
    assert!(said.because.iter().any(|b| b == "its limit runs on meanwhile: it fails in 4:40"), "{said:?}");
    let next = sim.answers().next;
    assert_eq!((next.head.long(), next.level), ("when it holds", Level::Unknown));
    assert!(next.who.long().ends_with("no data for what must hold; fails in 4:40"), "{next:?}");
    sim.pass(Span::mins(4) + Span::secs(50));
    assert_eq!(sim.word("a"), "failed");
}

#[test]
fn the_number_of_a_soak_that_stands_still_is_that_of_the_clock_that_does() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.verify = conditions(&["green is ok", "errors < 1%"]);
        s.soak = Some(Span::mins(2));
    })]));
    sim.does("a");
    sim.pass(Span::secs(40));
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(10));
    sim.measures("green", Outcome::well());
    sim.silent("errors");
    sim.pass(Span::secs(50));
    let far = |sim: &Sim| {
        let step = sim.state.outline.step(&"a".into()).unwrap();
        soak(&sim.state, &sim.readout(), step, sim.now).map(|soak| (soak.lasted, soak.frozen)).unwrap()
    };
    let (lasted, frozen) = far(&sim);
    assert!(frozen, "{lasted}");
    sim.pass(Span::secs(20));
    assert_eq!(far(&sim), (lasted, true), "it stands, while `green` holds on");
}

#[test]
fn who_lets_an_instance_go_makes_no_trigger_recover_before_that_and_the_report_says_so() {
    let mut outline = plan(vec![step("a", |_| {})]);
    outline.triggers = vec![TriggerOutline {
        clear_after: Span::mins(2),
        ..trigger("gone", "errors > 5% for 10s", TriggerAction::Notify)
    }];
    let mut sim = Sim::new(outline);
    sim.measures_each("errors", &[("green", 0.09), ("blue", 0.01)]);
    sim.pass(Span::secs(30));
    assert!(sim.state.triggers["gone"].fired.is_some());
    sim.measures_each("errors", &[("blue", 0.01)]);
    sim.pass(Span::mins(5));
    let forget = What::Forget { signal: "errors[green].value".parse().unwrap(), why: "never built".into() };
    sim.order_by("bea", forget).unwrap();
    sim.pass(Span::secs(100));
    assert!(sim.state.triggers["gone"].fired.is_some(), "only since it was let go nothing is wrong");
    sim.pass(Span::secs(30));
    assert!(sim.state.triggers["gone"].fired.is_none());
    let said = explain_named(&sim.state, &sim.readout(), "errors", sim.now).unwrap().remove(0).why.because.join("; ");
    assert!(said.contains("green of errors was forgotten, and has not come back"), "{said}");
    let page = markdown(&Report::of(&sim.events, None).unwrap());
    assert!(page.contains("go, so that it counts no more: never built"), "{page}");
}
