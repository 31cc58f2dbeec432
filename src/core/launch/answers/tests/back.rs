use super::*;
use crate::core::event::RunEnd;
use crate::core::launch::answers::Ground;
use crate::core::order::{Way, What};
use crate::core::outline::{OnStop, TriggerAction};
use crate::core::reading::Outcome;

fn go(way: Way) -> What {
    What::Rollback { way, trigger: None, typed: None, why: "looks odd".into() }
}

#[test]
fn it_says_which_way_how_long_on_what_ground_and_what_is_lost() {
    let mut sim = shifting(|plan| plan.rollbacks[0].loses = Some("the last hour".into()));
    sim.now = sim.now + Span::secs(3);
    assert_eq!(back(&sim), ["READY ~2 m", "All traffic to blue", "green is ok, 3s ago; loses the last hour"]);
    let mut sim = shifting(|_| {});
    sim.does("a");
    let to_blue =
        ["READY ~2 m", "All traffic to blue; or undo 25 % to green ~1 m", "green is ok, 0s ago; no loss named"];
    assert_eq!(back(&sim), to_blue, "the plan says what is offered first");
    sim.start("b").unwrap_err();
    let mut other = shifting(|plan| plan.rollback = None);
    other.does("a");
    assert_eq!(back(&other)[1], "undo 25 % to green; or All traffic to blue ~2 m", "else the newest stage");
}

#[test]
fn the_plans_own_way_is_offered_where_it_has_something_to_undo_and_an_alarm_asks_for_no_other() {
    let mut sim = shifting(|plan| plan.steps.insert(0, runs("green", |s| s.undo = undo(&[]))));
    sim.does("green");
    assert_eq!(back(&sim)[1], "undo Step green; or All traffic to blue ~2 m", "no traffic to bring back yet");
    sim.does("a");
    assert_eq!(back(&sim)[1], "All traffic to blue; or 2 more");
    breaks(&mut sim, Span::mins(1));
    assert_eq!(back(&sim)[1], "undo 25 % to green; or 2 more", "the step that fails asks for its own stage");
}

#[test]
fn what_is_not_ready_says_the_first_thing_that_does_not_hold() {
    let mut sim = shifting(|plan| {
        plan.rollbacks[0].require = conditions(&["errors[blue] < 5%", "errors[green] < 5%", "green is ok"]);
    });
    sim.measures("green", Outcome::Failing("refused".into()));
    breaks(&mut sim, Span::secs(10));
    assert_eq!(back(&sim)[2], "errors[green] < 5%: 6.10 % >= 5 %");
    recovers(&mut sim, Span::secs(10));
    assert_eq!(back(&sim)[2], "green is ok: critical: failing: refused");
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::secs(10));
    assert!(back(&sim)[2].starts_with("errors[blue] < 5%: no data: "), "{:?}", back(&sim));
}

#[test]
fn what_is_not_ready_says_why() {
    let mut sim = shifting(|_| {});
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(10));
    assert_eq!(back(&sim), ["NOT READY ~2 m", "All traffic to blue", "green is ok: critical: failing: refused"]);
    let sim = Sim::new(shift(OnFail::Hold));
    assert_eq!(back(&sim)[0], "measuring… ~2 m", "not ready either, and nobody's fault");
    assert_eq!(told(&sim).back.ground, Ground::Measuring);
}

#[test]
fn a_plan_without_a_way_back_says_so() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    assert_eq!(back(&sim), ["NONE", "the plan has no way back", "nothing has begun yet"]);
    sim.does("a");
    assert_eq!(back(&sim), ["NONE", "the plan has no way back", "1 step began"]);
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |s| s.undo = undo(&[]))]));
    assert_eq!(back(&sim), ["nothing to undo", "nothing has begun yet", "1 step can be undone"]);
    sim.does("a");
    assert_eq!(back(&sim), ["NONE", "1 step began, none can be undone", "1 step to come can"]);
    sim.does("b");
    assert_eq!(back(&sim), ["READY ~1 m", "undo Step b", "no loss named"]);
}

#[test]
fn everything_includes_what_can_not_be_undone() {
    let undone = |id| runs(id, |s| s.undo = undo(&[]));
    let mut sim = Sim::new(plan(vec![undone("a"), undone("b"), runs("c", |_| {})]));
    for id in ["a", "b", "c"] {
        sim.does(id);
    }
    assert_eq!(back(&sim)[1], "undo Step b; or undo all 2 steps, newest first ~2 m");
}

#[test]
fn a_way_that_closed_says_since_what() {
    let mut sim = shifting(|plan| plan.rollbacks[0].possible_until = Some("a".into()));
    plan_without_undo(&mut sim);
    sim.does("a");
    assert_eq!(back(&sim), ["CLOSED ~2 m", "All traffic to blue", "it was possible until `a` started"]);
}

fn plan_without_undo(sim: &mut Sim) {
    let mut outline = (*sim.state.outline).clone();
    outline.steps[0].undo = None;
    sim.state.outline = outline.into();
}

#[test]
fn while_going_back_it_counts_and_says_what_it_waits_for_and_afterwards_when_it_was() {
    let mut sim = shifting(|plan| {
        let done = runs("traffic/drain", |s| s.verify = conditions(&["errors[green] < 1% for 30s"]));
        plan.rollbacks[0].steps.push(done);
    });
    sim.does("a");
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    assert_eq!(back(&sim), ["1 of 2 0:00", "All traffic to blue", "Step traffic/to-blue"]);
    sim.ends("traffic/to-blue.do.1", 0);
    sim.ends("traffic/drain.do.1", 0);
    breaks(&mut sim, Span::secs(20));
    assert_eq!(
        back(&sim),
        [
            "2 of 2 0:20",
            "All traffic to blue",
            "waits: errors[green] 6.10 % >= 1 %, 0:00 / 0:30; stops and asks in 4:40"
        ]
    );
    recovers(&mut sim, Span::secs(30));
    assert_eq!(back(&sim)[2], "waits: errors[green] 0.06 % < 1 %, 0:20 / 0:30");
    recovers(&mut sim, Span::secs(10));
    assert_eq!(back(&sim), ["rolled back T+2m took 1:00", "All traffic to blue", "nothing is left to undo"]);
    sim.order(What::End { typed: "production".into(), why: "enough".into() }).unwrap();
    assert_eq!(back(&sim)[0], "the launch is over");
}

#[test]
fn a_part_that_a_person_does_is_asked_of_a_person_with_the_order_that_says_so() {
    let mut sim = shifting(|plan| plan.rollbacks[0].steps.push(step("traffic/tell", |_| {})));
    sim.does("a");
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    assert!(!told(&sim).next.wanted, "a command runs");
    sim.ends("traffic/to-blue.do.1", 0);
    sim.pass(Span::secs(24));
    let all = told(&sim);
    let done = What::RollbackByHand { rollback: 1, item: 1, why: String::new() };
    assert_eq!(back(&sim)[2], "waits for a person: Step traffic/tell");
    assert_eq!(all.now.doing.long(), "All traffic to blue, 2 of 2 waits for a person: Step traffic/tell");
    assert_eq!(all.next.what.long(), "by hand: Step traffic/tell");
    assert!(all.next.wanted && all.next.moves[0].order == done, "{:?}", all.next);
    let why = sim.explain("traffic/tell");
    assert_eq!(why.state, "waits for a person");
    assert!(why.because.iter().any(|said| said == "waits for a person to do it, and to say what was done"), "{why:?}");
    assert!(why.orders.contains(&done), "{why:?}");
    for what in [
        What::Tick { step: "traffic/tell".into(), item: None, on: true },
        What::Done { step: "traffic/tell".into(), why: None },
        What::RollbackAgain { rollback: 1, item: 1 },
    ] {
        let refused = sim.order(what.clone()).unwrap_err();
        assert_eq!(refused.orders, std::slice::from_ref(&done), "{what:?}: {refused:?}");
    }
}

#[test]
fn an_undo_that_failed_is_not_offered_again_as_if_nothing_had_been() {
    let mut sim = shifting(|plan| plan.rollback = None);
    sim.does("a");
    sim.order(go(Way::Stage("a".into()))).unwrap();
    sim.ends("a.undo.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "by hand".into() }).unwrap();
    sim.pass(Span::secs(30));
    assert!(back(&sim)[2].starts_with("the undo of 25 % to green failed 30s ago; "), "{:?}", back(&sim));
    assert_eq!(sim.answers().back.ground, Ground::FailedBefore, "it is no way that is simply ready");
    assert!(back(&sim)[0].starts_with("READY, FAILED BEFORE"), "{:?}", back(&sim));
}

#[test]
fn one_that_stopped_says_why() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 1);
    assert_eq!(back(&sim)[..2], ["1 of 1 0:00", "All traffic to blue"]);
    assert_eq!(told(&sim).back.ground, Ground::Stopped);
    assert!(back(&sim)[2].starts_with("stopped: Step traffic/to-blue exited with 1"), "{:?}", back(&sim));
}

#[test]
fn after_a_way_back_it_says_how_the_next_one_stands() {
    let mut sim = shifting(|plan| {
        plan.steps.insert(0, runs("green", |s| s.undo = undo(&[])));
        plan.rollbacks[0].undoes = after(&["a", "green"]);
    });
    sim.does("green");
    sim.does("a");
    sim.order(go(Way::Stage("a".into()))).unwrap();
    sim.ends("a.undo.1", 0);
    let [head, to, why] = back(&sim);
    assert_eq!(head, "READY ~2 m");
    assert_eq!(to, "left to undo: All traffic to blue", "the one that is left");
    assert!(why.starts_with("green is ok, ") && why.ends_with(" took 0:00"), "{why}");
    assert!(why.contains("; undo 25 % to green: rolled back T"), "{why}");
    let narrow = sim.answers().back.to.fitting(|form| form.len() <= 20).to_owned();
    assert_eq!(narrow, "left: All traffic to blue", "on the narrowest screen it is cut, and named");
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(10));
    assert_eq!(back(&sim)[..2], ["NOT READY ~2 m", "left to undo: All traffic to blue"]);
    assert!(back(&sim)[2].starts_with("green is ok: critical: failing: refused; "), "{:?}", back(&sim));
    sim.measures("green", Outcome::well());
    sim.pass(Span::secs(10));
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    assert_eq!(back(&sim)[2], "nothing is left to undo");
}

#[test]
fn a_way_back_that_waits_for_a_running_command_says_so() {
    let mut sim = shifting(|plan| {
        plan.steps.insert(
            0,
            runs("migrate", |s| {
                s.on_stop = OnStop::Finish;
                s.undo = undo(&[]);
            }),
        )
    });
    sim.start("migrate").unwrap();
    sim.pass(Span::secs(30));
    sim.order(go(Way::Stage("migrate".into()))).unwrap();
    let waits = "waits until the command of Step migrate ends, which the plan lets finish";
    assert_eq!(back(&sim)[2], waits);
    assert_eq!(now(&sim)[1], format!("undo Step migrate, {waits}"));
    assert_eq!(
        next(&sim)[..3],
        ["when it ends", "the command of Step migrate ends, then the way back goes on", "it runs for 0:30"]
    );
    for (name, waits) in [("rollback", waits), ("migrate", "the way back, undo Step migrate, waits until it ends")] {
        let said = super::waits::explained(&sim, name);
        assert!(said.contains(waits) && !said.contains("its undo runs"), "{name}: {said}");
        assert!(said.contains("stop migrate now typed ENVIRONMENT WHY"), "{name}: {said}");
    }
    sim.ends("migrate.do.1", 0);
    assert!(super::waits::explained(&sim, "migrate").contains("its undo runs"));
}

#[test]
fn a_way_back_that_an_engine_died_over_says_what_became_of_its_command() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    sim.order(go(Way::Stage("a".into()))).unwrap();
    sim.gap(Span::mins(3));
    assert_eq!(sim.state.stopped_item().map(|(stands, _)| stands.word()), Some("still runs"));
    sim.ends("a.undo.1", 0);
    let (stands, command) = sim.state.stopped_item().unwrap();
    assert_eq!((stands.word(), stands.again()), ("ended well", "go on"));
    assert!(command.starts_with("its undo exited with 0"), "{command}");
    assert!(alarms(&sim)[0].contains(": its undo exited with 0 after 1s; no engine ran"), "{:?}", alarms(&sim));
    let mut sim = shifting(|_| {});
    sim.does("a");
    sim.order(go(Way::Stage("a".into()))).unwrap();
    sim.ended("a.undo.1", RunEnd::Interrupted);
    let (stands, command) = sim.state.stopped_item().unwrap();
    assert_eq!((stands.word(), stands.again()), ("INTERRUPTED", "run it again"));
    assert_eq!(command, "its undo was interrupted: its end was not observed");
}

#[test]
fn after_a_way_that_undoes_no_step_what_is_in_effect_is_left_to_undo() {
    let mut sim = shifting(|plan| {
        plan.steps.insert(0, runs("build", |s| s.undo = undo(&[])));
        plan.rollbacks[0].undoes = Vec::new();
        plan.rollback = Some("traffic".into());
        plan.triggers = vec![trigger("hot", "green is failing for 20s", TriggerAction::Propose)];
    });
    sim.does("build");
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    assert_eq!(back(&sim)[1], "left to undo: undo Step build", "its undo was not run");
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(60));
    assert!(alarms(&sim)[0].contains("hot"), "{:?}", alarms(&sim));
    // What is asked for is what `R` starts; a question that leads no further hides nothing.
    assert!(back(&sim)[1].starts_with("All traffic to blue; or undo Step build"), "{:?}", back(&sim));
    sim.order(go(Way::Stage("build".into()))).unwrap();
    sim.ends("build.undo.1", 0);
    assert!(alarms(&sim)[0].contains("hot"), "it asks for the traffic, which this way left alone: {:?}", alarms(&sim));
    sim.order(What::Dismiss { trigger: "hot".into(), why: "known".into() }).unwrap();
    assert_eq!(back(&sim)[2], "nothing is left to undo");
}

#[test]
fn what_asks_to_go_back_after_a_way_that_was_taken_offers_it_as_one_that_was() {
    let mut sim = shifting(|plan| {
        plan.rollback = Some("traffic".into());
        plan.rollbacks[0].require.clear();
        plan.triggers = vec![trigger("hot", "green is failing for 20s", TriggerAction::Consider)];
    });
    sim.does("a");
    sim.order(go(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    assert_eq!(back(&sim)[2], "nothing is left to undo");
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(60));
    let said = back(&sim);
    assert!(said[0].starts_with("READY") && said[2].starts_with("it was taken, and no step began since"), "{said:?}");
}

#[test]
fn a_way_whose_steps_another_undid_is_not_left_to_undo() {
    let mut sim = shifting(|plan| plan.rollbacks[0].undoes = after(&["a"]));
    sim.does("a");
    sim.order(go(Way::Stage("a".into()))).unwrap();
    sim.ends("a.undo.1", 0);
    assert_eq!(back(&sim)[2], "nothing is left to undo");
}
