//! What people are told: the log's lines, and what *explain* says and offers.

use crate::core::event::{Actor, Event, RunEnd};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::testing::*;
use crate::core::launch::{Explanation, explain_named};
use crate::core::order::{Found, Operator, Rejection, Way, What};
use crate::core::outline::{OnFail, OnStop, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::time::Span;
use crate::core::{spell, tell};

fn back(way: Way) -> What {
    What::Rollback { way, trigger: None, typed: None, why: "green fails".into() }
}

/// The log's newest lines.
fn log(sim: &Sim, newest: usize) -> Vec<String> {
    let from = sim.events.len().saturating_sub(newest);
    sim.events[from..].iter().map(|r| tell::tell(&sim.state, &r.event).text).collect()
}

fn written(orders: &[What]) -> Vec<String> {
    orders.iter().map(spell::write).collect()
}

fn why_not(result: Result<(), Rejection>) -> String {
    result.unwrap_err().to_string()
}

fn offers(said: &Explanation) -> Vec<String> {
    written(&said.orders)
}

#[test]
fn a_rollback_that_stopped_is_explained_where_it_stopped_and_to_who_waits() {
    let mut sim =
        Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |s| s.undo = undo(&[])), runs("c", |_| {})]));
    ["a", "b"].into_iter().for_each(|id| sim.does(id));
    sim.order(back(Way::All)).unwrap();
    sim.ends("b.undo.1", 1);
    let said = sim.explain("b");
    assert_eq!(offers(&said)[..3], ["again", "by-hand WHY", "leave WHY"]);
    assert!(said.because.iter().any(|b| {
        b.starts_with("rollback 1, undo all 2 steps, newest first, stopped here: undo of Step b exited with 1")
    }));
    let said = sim.explain("c");
    assert_eq!(written(&said.elsewhere), ["again", "by-hand WHY", "leave WHY"]);
    assert!(said.because[0].contains("stopped: "), "{said:?}");
    let (rollback, item) = (1, 0);
    sim.order(What::RollbackAgain { rollback, item }).unwrap();
    assert_eq!(log(&sim, 2)[0], "rollback 1 goes on with undo of Step b, says ana");
    sim.ends("b.undo.2", 0);
    assert!(log(&sim, 5).contains(&"undo of Step b  done".to_owned()), "{:?}", log(&sim, 5));
}

#[test]
fn an_undo_that_waits_for_what_it_requires_says_for_what_and_what_can_be_done() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&["errors < 1%"]))]));
    sim.does("a");
    sim.measures("errors", Outcome::number(0.061));
    sim.pass(Span::secs(20));
    sim.order(back(Way::All)).unwrap();
    let said = sim.explain("a");
    assert_eq!(said.state, "undoing");
    assert!(said.because.iter().any(|b| b == "its undo runs; when that is over it may run again"), "{said:?}");
    assert_eq!(offers(&said), ["stop a"]);
    sim.ends("a.undo.1", 0);
    sim.pass(Span::secs(10));
    let said = sim.explain("a");
    assert!(said.because.iter().any(|b| b == "waits for errors < 1%: 6.10 % >= 1 %"), "{said:?}");
    assert_eq!(offers(&said), ["by-hand WHY", "leave WHY"]);
}

#[test]
fn what_is_offered_is_spelled_as_it_is_taken() {
    let mut sim = Sim::new(plan(vec![
        runs("migrate", |s| s.on_stop = OnStop::Finish),
        runs("fails", |_| {}),
        step("boxes", |s| s.items = vec!["one".into(), "two".into()]),
        runs("soaks", |s| {
            s.verify = conditions(&["errors < 1%"]);
            s.soak = Some(Span::mins(10));
        }),
    ]));
    sim.start("migrate").unwrap();
    let now = "stop migrate now typed ENVIRONMENT WHY";
    assert_eq!(offers(&sim.explain("migrate")), ["stop migrate finish", now]);
    sim.order(What::Stop { step: "migrate".into(), attempt: 1, let_finish: true }).unwrap();
    let said = sim.explain("migrate");
    assert_eq!(
        (offers(&said), said.because.last().unwrap().as_str()),
        (vec![now.to_owned()], "it is let finish, says ana")
    );
    sim.does("soaks");
    assert_eq!(offers(&sim.explain("soaks")), ["stop soaks", "done soaks WHY"]);
    sim.order(What::Tick { step: "boxes".into(), item: Some(0), on: true }).unwrap();
    assert_eq!(offers(&sim.explain("boxes")), ["tick boxes 2", "done boxes WHY", "stop boxes"]);
    sim.start("fails").unwrap();
    sim.ends("fails.do.1", 1);
    assert_eq!(offers(&sim.explain("fails")), ["release WHY", "skip fails WHY", "done fails WHY"]);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    assert_eq!(offers(&sim.explain("fails")), ["run fails", "skip fails WHY", "done fails WHY"]);
}

#[test]
fn who_waits_is_told_the_order_that_moves_the_first_it_waits_for() {
    let mut sim = Sim::new(plan(vec![
        runs("a", |_| {}),
        step("go", |s| {
            s.gate = gate(&[], &["dba"], Some(Span::mins(60)));
            s.after = after(&["a"]);
        }),
        runs("b", |s| s.after = after(&["go"])),
    ]));
    assert_eq!(written(&sim.explain("b").elsewhere), ["run a"], "what the gate waits for in turn");
    sim.does("a");
    assert_eq!(written(&sim.explain("b").elsewhere), ["run go"]);
    sim.start("go").unwrap();
    let said = sim.explain("go");
    assert_eq!(offers(&said), ["vote go dba go", "go go WHY", "no-go go WHY"], "a vote is missing");
    assert!(said.because.contains(&"the poll runs out in 1h".to_owned()), "{said:?}");
}

#[test]
fn under_a_hold_no_order_is_said_twice_and_what_comes_after_its_release_is_not_lost() {
    let mut sim = Sim::new(plan(vec![
        step("ask", |s| s.gate = gate(&[], &["dba"], None)),
        step("box", |_| {}),
        runs("b", |s| s.after = after(&["ask", "box"])),
        runs("c", |s| s.after = after(&["b"])),
    ]));
    sim.order(What::Hold { why: "looks odd".into() }).unwrap();
    let said = sim.explain("b");
    assert_eq!((offers(&said), written(&said.elsewhere)), (vec!["release WHY".to_owned()], vec![]));
    assert_eq!(
        said.because[1..],
        [
            "waits for `ask` (Step ask): not begun; once nothing holds the launch: `run ask`",
            "waits for `box` (Step box): not begun; once nothing holds the launch: `tick box`",
        ]
    );
    assert!(sim.explain("c").because.contains(&"waits for `b` (Step b): not begun".to_owned()));
    assert_eq!(sim.explain("ask").because.last().unwrap(), "nothing else of the plan stands against its poll");
}

#[test]
fn what_a_person_said_of_an_interrupted_run_is_the_persons_word_everywhere() {
    for verified in [false, true] {
        let verify = conditions(if verified { &["green is ok"] } else { &[] });
        let mut sim = Sim::new(plan(vec![runs("cmd", |s| s.verify = verify)]));
        sim.pass(Span::secs(20));
        sim.start("cmd").unwrap();
        sim.ended("cmd.do.1", RunEnd::Interrupted);
        let (run, why) = ("cmd.do.1".parse().unwrap(), "it was done".to_owned());
        sim.order(What::Resolve { run, found: Found::Done, why }).unwrap();
        sim.pass(Span::secs(20));
        let done = if verified { "Step cmd  done" } else { "Step cmd  done, says ana: it was done" };
        assert_eq!(log(&sim, 1), [done]);
        let because = if verified {
            "engine says so; that its command did its work, says ana: it was done"
        } else {
            "ana says so: it was done"
        };
        assert_eq!(sim.explain("cmd").because, [because]);
        let by = if verified { "engine" } else { "ana" };
        assert_eq!(why_not(sim.start("cmd")), format!("`cmd` is done, says {by}"));
        // Older journals name the engine.
        let mut old = sim.events.clone();
        for recorded in &mut old {
            if let Event::StepDone { by, .. } = &mut recorded.event {
                *by = Actor::Engine;
            }
        }
        let mut state = crate::core::launch::LaunchState::open(&old[0]).unwrap();
        old[1..].iter().for_each(|recorded| state.apply(recorded));
        assert_eq!(state, sim.state);
        assert_eq!(tell::tell(&state, &old.last().unwrap().event).text, done);
    }
}

#[test]
fn after_the_first_of_two_approved_someone_else_starts_it() {
    let mut sim = Sim::new(plan(vec![runs("two", |s| s.approvals = 2)]));
    sim.order_by("root", What::Approve { step: "two".into(), attempt: 1, alone: None }).unwrap();
    let said = sim.explain("two");
    assert_eq!(said.because, ["approved by root", "someone other than root starts it"]);
    let again = sim.order_by("Root", What::Approve { step: "two".into(), attempt: 1, alone: None });
    assert!(why(again).contains("this is the same name or session"), "a capital letter makes no second person");
}

#[test]
fn a_trigger_is_told_with_its_condition_what_comes_of_it_and_why_it_is_over() {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[]))]);
    outline.triggers.push(trigger("high", "errors > 5% for 1m", TriggerAction::Propose));
    let mut sim = Sim::new(outline);
    sim.does("a");
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    let fired = "high FIRED: errors > 5% for 1m: 6 % > 5 %; the launch holds and asks: go back?";
    assert!(log(&sim, 2).contains(&fired.to_owned()), "{:?}", log(&sim, 2));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(3));
    assert_eq!(log(&sim, 1), ["high cleared: quiet for 2m"]);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    let followed = Way::Stage("a".into());
    sim.order(What::Rollback { way: followed, trigger: Some("high".into()), typed: None, why: String::new() }).unwrap();
    sim.ends("a.undo.1", 0);
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::secs(20));
    assert_eq!(log(&sim, 1), ["high is armed again: it was false since the way back"]);
}

#[test]
fn a_broken_soak_names_the_condition_that_broke_it_and_no_other() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.verify = conditions(&["green is ok", "errors < 1%"]);
        s.soak = Some(Span::mins(10));
    })]));
    sim.does("a");
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.061));
    sim.pass(Span::secs(10));
    assert_eq!(log(&sim, 1), ["Step a  soak broken: errors < 1%: 6.10 % >= 1 %"]);
}

#[test]
fn a_declared_name_is_marked_and_the_engine_has_one_name() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    let mia = Operator { name: "mia".into(), declared: true, session: 7 };
    let noted = tell::tell(&sim.state, &Event::Noted { by: mia.clone(), text: "hi".into() });
    assert_eq!(noted.text, "mia (declared): hi");
    sim.start("a").unwrap();
    sim.ended("a.do.1", RunEnd::Exited { code: 1, took: Span::secs(1) });
    assert!(log(&sim, 1)[0].starts_with("engine holds: "), "{:?}", log(&sim, 1));
    assert!(sim.explain("a").because.iter().any(|b| b.starts_with("engine has held the launch for ")));
    assert_eq!(Actor::Engine.to_string(), "engine");
}

#[test]
fn why_a_step_failed_is_not_said_again_of_the_hold_that_came_of_it() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.on_fail = OnFail::Propose), runs("b", |_| {})]));
    sim.start("a").unwrap();
    sim.ended("a.do.1", RunEnd::Exited { code: 1, took: Span::secs(1) });
    let said = sim.explain("a").because;
    assert_eq!(said.iter().filter(|b| b.contains("exited with 1 after")).count(), 1, "{said:?}");
    assert!(said.iter().any(|b| b.ends_with(" over this; a way back was proposed")), "{said:?}");
    let other = sim.explain("b").because;
    assert!(other.iter().any(|b| b.contains("Step a failed: exited with 1 after")), "{other:?}");
}

#[test]
fn a_baseline_that_is_spelled_wrong_says_what_it_takes() {
    let sim = Sim::new(plan(vec![]));
    let read = |line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout());
    let spelled = "it is spelled: baseline [PROBE] [SPAN]";
    assert_eq!(
        read("baseline num 10").unwrap_err(),
        format!("`10` is no length of time: 10s, 10m and 10h are; {spelled}")
    );
    assert_eq!(read("baseline errors green").unwrap_err(), format!("`green` is one word too many; {spelled}"));
    assert_eq!(read("baseline 5m 10m").unwrap_err(), format!("`10m` is one word too many; {spelled}"));
    let over = Span::mins(5);
    for line in ["baseline errors 5m", "baseline 5m errors"] {
        assert_eq!(read(line), Ok(What::Baseline { probe: Some("errors".into()), over }));
    }
    assert_eq!(read("baseline"), Ok(What::Baseline { probe: None, over: Span::mins(10) }));
    let mut sim = sim;
    let unknown = sim.order(What::Baseline { probe: Some("num".into()), over });
    assert_eq!(why(unknown), "the plan has no probe `num`: it has errors, green");
}

#[test]
fn a_command_past_its_timeout_is_being_stopped_and_nobody_is_offered_to_stop_it() {
    let mut undone = undo(&[]);
    undone.iter_mut().for_each(|undo| undo.timeout = Some(Span::secs(6)));
    let mut sim = Sim::new(plan(vec![runs("a", |s| (s.timeout, s.undo) = (Some(Span::secs(4)), undone))]));
    sim.start("a").unwrap();
    sim.pass(Span::secs(3));
    let stops = |sim: &Sim| sim.explain("a").orders.iter().any(|order| matches!(order, What::Stop { .. }));
    assert!(stops(&sim));
    sim.pass(Span::secs(2));
    let said = sim.explain("a");
    assert_eq!(said.because[1], "it runs longer than its timeout of 4s and is being ended", "{said:?}");
    assert!(!stops(&sim), "{said:?}");
    sim.ends("a.do.1", 0);
    sim.order(back(Way::All)).unwrap();
    assert!(stops(&sim));
    sim.pass(Span::secs(7));
    let said = sim.explain("a").because;
    assert!(said.contains(&"it runs longer than its timeout of 6s and is being ended".to_owned()), "{said:?}");
    assert!(!stops(&sim), "{said:?}");
}

#[test]
fn a_command_that_was_found_is_named_with_its_attempt() {
    let sim = Sim::new(plan(vec![runs("a", |_| {})]));
    let found = |attempt, kind| {
        let run = RunId { step: "a".into(), kind, attempt };
        tell::tell(&sim.state, &Event::RunFound { run, began: sim.now }).text
    };
    let tail = ": it began after what the journal ended with";
    assert_eq!(found(2, RunKind::Do), format!("Step a  its command was found, attempt 2{tail}"));
    assert_eq!(found(1, RunKind::Undo), format!("undo of Step a  its command was found, attempt 1{tail}"));
}

#[test]
fn that_something_is_failing_is_said_once() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.fail = conditions(&["green is failing for 6s"]))]));
    sim.pass(Span::secs(20));
    sim.start("a").unwrap();
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    let all = log(&sim, 6).concat() + &sim.explain("a").because.concat();
    assert!(all.contains("green is failing for 6s: refused") && !all.contains("6s: failing"), "{all}");

    let mut of_trigger = plan(vec![runs("a", |_| ())]);
    of_trigger.triggers = vec![trigger("dead", "green is failing for 6s", TriggerAction::Propose)];
    let mut sim = Sim::new(of_trigger);
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    let explained = explain_named(&sim.state, &sim.readout(), "dead", sim.now).unwrap().remove(0).why.because.concat();
    for all in [explained, log(&sim, 6).concat()] {
        assert!(all.contains("green is failing for 6s: refused") && !all.contains("6s: failing"), "{all}");
    }
}
