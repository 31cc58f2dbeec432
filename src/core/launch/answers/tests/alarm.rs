use super::*;
use crate::core::event::Event;
use crate::core::launch::answers::AlarmKind;
use crate::core::launch::waiting;
use crate::core::order::{Way, What};
use crate::core::reading::{Level, Outcome};

#[test]
fn in_calm_weather_there_is_none() {
    assert_eq!(alarms(&shifting(watch("errors[green] > 5%", TriggerAction::Propose))), Vec::<String>::new());
}

#[test]
fn a_breach_says_what_is_over_which_limit_the_other_version_the_clock_and_what_comes_of_it() {
    for (on_fail, then) in
        [(OnFail::Propose, "asks: undo 25 % to green?"), (OnFail::Hold, "it fails and the launch holds")]
    {
        let mut sim = shifting(|plan| *plan = shift(on_fail));
        sim.does("a");
        breaks(&mut sim, Span::secs(130));
        let line = format!("BREACH 25 % to green: errors[green] 6.10 % > 1 %, blue 0.05 %  2:00 / 3:00  {then}");
        assert_eq!(alarms(&sim), [line]);
        let told = told(&sim).alarms.remove(0);
        assert_eq!(spell::write(&told.answer.unwrap().order), "rollback stage WHY");
    }
}

#[test]
fn a_clock_without_data_stands_still_and_says_so() {
    let mut sim = shifting(watch("errors[green] > 5% for 5m", TriggerAction::Propose));
    breaks(&mut sim, Span::mins(2));
    assert_eq!(
        alarms(&sim),
        ["BREACH Too many errors: errors[green] 6.10 % > 5 %, blue 0.05 %  1:50 / 5:00  asks: All traffic to blue?"]
    );
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::secs(10));
    assert_eq!(alarms(&sim), Vec::<String>::new(), "what is not seen is unknown, and no breach");
}

#[test]
fn a_fail_clock_that_lost_its_data_stands_still_and_is_told_until_there_is_some() {
    let mut sim = shifting(|plan| *plan = shift(OnFail::Hold));
    sim.does("a");
    breaks(&mut sim, Span::secs(130));
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::secs(30));
    let still = "NO DATA 25 % to green: errors[green] > 1% for 3m: no data: not in the answer  2:00 / 3:00 frozen  its clock stands still";
    assert_eq!(alarms(&sim), [still]);
    let said = waiting(&sim.state, &sim.readout(), sim.now).remove(0).why.because.join("\n");
    let still = "it fails over errors[green] > 1% for 3m: no data: not in the answer, held 2m of 3m, the clock stands still for want of data";
    assert!(said.contains(still), "{said}");
    breaks(&mut sim, Span::secs(20));
    assert!(alarms(&sim)[0].starts_with("BREACH"), "{:?}", alarms(&sim));
}

#[test]
fn a_fail_of_which_nothing_is_ever_seen_is_told_while_its_step_goes_on() {
    let mut sim = shifting(|plan| {
        *plan = shift(OnFail::Hold);
        plan.steps[0].fail = conditions(&["errors[gren] > 1% for 3m"]);
    });
    sim.does("a");
    sim.pass(Span::secs(40));
    let unseen = "NO DATA 25 % to green: errors[gren] > 1% for 3m: no data: never seen  nothing shows whether it fails";
    assert_eq!(alarms(&sim), [unseen]);
    let said = waiting(&sim.state, &sim.readout(), sim.now).remove(0).why.because.join("\n");
    assert!(said.contains("it fails over errors[gren] > 1% for 3m: no data: never seen"), "{said}");
}

#[test]
fn a_trigger_that_fired_asks_until_it_clears_or_is_dismissed() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Propose));
    breaks(&mut sim, Span::secs(10));
    let line = "TRIGGER Too many errors: errors[green] 6.10 % > 5 %, blue 0.05 %  asks: All traffic to blue?";
    assert_eq!(alarms(&sim), [line], "without a clock none is shown");
    assert_eq!(told(&sim).alarms[0].when(), "since T+1m10s");
    recovers(&mut sim, Span::secs(30));
    let line =
        "CLEARING Too many errors: errors[green] 0.06 % <= 5 %, blue 0.05 %  0:20 / 1:00  its condition is false now";
    assert_eq!(alarms(&sim), [line]);
    assert_eq!(told(&sim).alarms[0].level, Level::Warn);
    sim.order(What::Dismiss { trigger: "high".into(), why: "a test".into() }).unwrap();
    assert_eq!(alarms(&sim), Vec::<String>::new());
}

#[test]
fn a_trigger_is_as_loud_as_its_action() {
    for (action, level, then) in [
        (TriggerAction::Propose, Level::Critical, "asks: All traffic to blue?"),
        (TriggerAction::Consider, Level::Critical, "consider going back"),
        (TriggerAction::Notify, Level::Warn, ""),
    ] {
        let mut sim = shifting(watch("errors[green] > 5%", action));
        breaks(&mut sim, Span::secs(10));
        let told = told(&sim).alarms.remove(0);
        assert_eq!((told.kind, told.level, told.then.long()), (AlarmKind::Trigger, level, then));
        assert_eq!(told.answer.is_some(), action > TriggerAction::Notify);
    }
}

#[test]
fn after_going_back_it_does_not_ask_for_the_same_again() {
    let mut sim = shifting(watch("errors[green] > 5% for 1m", TriggerAction::Propose));
    sim.does("a");
    breaks(&mut sim, Span::secs(30));
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "looks odd".into() }).unwrap();
    assert_eq!(alarms(&sim)[0], "GOING BACK All traffic to blue: 1 of 1, Step traffic/to-blue  started by ana");
    sim.ends("traffic/to-blue.do.1", 0);
    breaks(&mut sim, Span::mins(1));
    let told = told(&sim).alarms.remove(0);
    assert_eq!((told.kind, told.then.long()), (AlarmKind::Trigger, "went back T+1m30s; it should recover"));
    assert_eq!(told.answer, None);
    assert_eq!(next(&sim)[0], "when it is well again");
    let fired = sim.events.iter().find(|r| matches!(r.event, Event::TriggerFired { .. })).unwrap();
    let log = crate::core::tell::tell(&sim.state, &fired.event).text;
    assert!(log.ends_with("; the launch holds; rollback 1 answers it"), "it began before that was done: {log}");
}

#[test]
fn what_breaks_anew_after_it_had_recovered_from_a_way_back_asks_from_the_first_second() {
    let mut sim = shifting(watch("errors[green] > 5% for 1m", TriggerAction::Propose));
    sim.does("a");
    breaks(&mut sim, Span::secs(30));
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "looks odd".into() }).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    recovers(&mut sim, Span::mins(2));
    breaks(&mut sim, Span::secs(20));
    let alarm = told(&sim).alarms.remove(0);
    assert_eq!((alarm.kind, alarm.then.long()), (AlarmKind::Breach, "asks: All traffic to blue?"));
    assert_ne!(next(&sim)[0], "when it is well again");
}

#[test]
fn the_trigger_that_led_to_the_way_back_asks_no_more() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Propose));
    sim.does("a");
    breaks(&mut sim, Span::secs(10));
    let way = Way::Named("traffic".into());
    let trigger = Some("high".into());
    sim.order(What::Rollback { way, trigger, typed: None, why: String::new() }).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    sim.pass(Span::secs(10));
    let line = "BREACH Too many errors: errors[green] 6.10 % > 5 %, blue 0.05 %  led to the way back; armed again when \
                it is false";
    assert_eq!(alarms(&sim), [line]);
}

#[test]
fn a_step_that_failed_stands_there_until_a_person_answers() {
    let mut sim = shifting(|_| {});
    sim.start("a").unwrap();
    sim.ends("a.do.1", 3);
    assert_eq!(alarms(&sim), ["STEP FAILED 25 % to green: exited with 3 after 1s  asks: undo 25 % to green?"]);
    assert_eq!(now(&sim)[0], "STEP FAILED", "nothing measured is critical");
    sim.order(What::Release { of: None, seen: None, why: "we try again".into() }).unwrap();
    assert_eq!(alarms(&sim), ["STEP FAILED 25 % to green: exited with 3 after 1s"]);
    sim.start("a").unwrap();
    assert_eq!(alarms(&sim), Vec::<String>::new());
}

#[test]
fn a_step_that_a_person_stopped_stands_there_as_stopped_and_now_says_the_same() {
    // While its command runs, while it soaks, and in somebody's hands.
    for (until, why) in
        [(0, "was stopped by ana (exited with 143 after 1s)"), (1, "stopped by ana"), (2, "stopped by ana")]
    {
        let mut sim = shifting(|plan| plan.steps.push(step("hand", |_| {})));
        let id = if until == 2 { "hand" } else { "a" };
        sim.start(id).unwrap();
        if until == 1 {
            sim.ends("a.do.1", 0);
        }
        sim.order(What::Stop { step: id.into(), attempt: 1, let_finish: false }).unwrap();
        if until == 0 {
            sim.ends("a.do.1", 143);
        }
        let title = if until == 2 { "Step hand" } else { "25 % to green" };
        assert_eq!(alarms(&sim), [format!("STEP STOPPED {title}: {why}")]);
        assert_eq!(told(&sim).alarms[0].level, Level::Warn);
        assert_eq!(now(&sim)[..2], ["STEP STOPPED".to_owned(), format!("{title} stopped; nothing runs")]);
        let order = told(&sim).alarms[0].answer.clone().map(|a| spell::write(&a.order));
        assert!(order.is_some_and(|o| o == format!("run {id}") || o == format!("tick {id}")));
        sim.order(What::Skip { step: id.into(), why: "not now".into(), not_applicable: false }).unwrap();
        assert_eq!(alarms(&sim), Vec::<String>::new());
    }
}

#[test]
fn of_several_the_worst_is_first_and_no_thing_is_told_twice() {
    let mut sim = shifting(|plan| {
        watch("errors[green] > 5% for 10m", TriggerAction::Consider)(plan);
        plan.probes[0].critical = conditions(&["errors > 5%"]);
        plan.probes[1].critical = conditions(&["green is failing"]);
    });
    sim.does("a");
    sim.measures("green", Outcome::Failing("refused".into()));
    breaks(&mut sim, Span::mins(1));
    let kinds: Vec<AlarmKind> = told(&sim).alarms.iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [AlarmKind::Breach, AlarmKind::Breach, AlarmKind::Critical], "{:?}", alarms(&sim));
    assert!(alarms(&sim)[0].contains("0:50 / 3:00"), "the clock that is full first: {:?}", alarms(&sim));
    assert_eq!(alarms(&sim)[2], "CRITICAL green failing: refused", "errors of green are told by the breaches");
}

#[test]
fn what_acts_first_stands_before_what_only_asks_to_be_considered() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Consider));
    sim.does("a");
    breaks(&mut sim, Span::mins(1));
    let told = told(&sim);
    let kinds: Vec<AlarmKind> = told.alarms.iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [AlarmKind::Breach, AlarmKind::Trigger], "{:?}", alarms(&sim));
    assert!(told.now.counts.long().starts_with("1 trigger, 1 fail clock"), "{:?}", told.now.counts);
}

#[test]
fn a_full_disk_comes_before_all_and_missing_secrets_after() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Consider));
    breaks(&mut sim, Span::secs(10));
    let told = told_with(&sim, &sim.readout_full(), &[no_value("token", "TOKEN")]);
    let kinds: Vec<AlarmKind> = told.alarms.iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [AlarmKind::Disk, AlarmKind::Trigger, AlarmKind::Secrets]);
    assert_eq!(told.alarms[0].text().long(), "nothing can be written down: no space left");
    let calm = shifting(|_| {});
    let told = told_with(&calm, &calm.readout_full(), &[]);
    assert_eq!(told.now.head.long(), "CRITICAL");
}

#[test]
fn a_trigger_that_fired_and_then_lost_its_data_shows_what_it_fired_upon_first() {
    let mut sim = shifting(watch("errors[green] > 5%", TriggerAction::Propose));
    breaks(&mut sim, Span::secs(10));
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::secs(20));
    let line = "TRIGGER Too many errors: errors[green] 6.10 % > 5 %; now no data: not in the answer";
    assert!(alarms(&sim)[0].starts_with(line), "{:?}", alarms(&sim));
    assert_eq!(now(&sim)[0], "CRITICAL");
}

#[test]
fn how_often_of_how_many_polls_is_told_with_the_value() {
    let mut sim = shifting(|plan| {
        watch("errors[green] > 5% 2 of 3", TriggerAction::Propose)(plan);
        plan.probes[0].critical = conditions(&["errors[blue] > 4% 2 of 3"]);
    });
    sim.measures_each("errors", &[("green", 0.061), ("blue", 0.045)]);
    sim.pass(Span::secs(20));
    let all = alarms(&sim);
    assert!(
        all[0].starts_with("TRIGGER Too many errors: errors[green] 6.10 % > 5 %, 2 of the last 3 polls"),
        "{all:?}"
    );
    assert!(all[1].starts_with("CRITICAL errors blue 4.50 % > 4 %, 2 of the last 3 polls"), "{all:?}");
    recovers(&mut sim, Span::secs(30));
    assert!(alarms(&sim)[0].starts_with("CLEARING Too many errors: errors[green] 0.06 % <= 5 %"), "{:?}", alarms(&sim));
}

#[test]
fn a_fail_that_ended_a_running_command_stands_there_as_a_failed_step() {
    let mut sim = shifting(|_| {});
    sim.start("a").unwrap();
    breaks(&mut sim, Span::mins(4));
    assert_eq!(sim.word("a"), "failed");
    assert!(alarms(&sim)[0].starts_with("STEP FAILED 25 % to green: errors[green] > 1% for 3m"), "{:?}", alarms(&sim));
}
