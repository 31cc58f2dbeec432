//! Rules that concern several parts at once, a sentence each.

use crate::core::launch::testing::*;
use crate::core::launch::{Status, duties};
use crate::core::order::{Ballot, Way, What};
use crate::core::outline::{Outline, SeverityOutline, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::time::Span;

fn back(way: Way) -> What {
    What::Rollback { way, trigger: None, typed: None, why: "bad".into() }
}

fn outline() -> Outline {
    let mut outline = plan(vec![
        runs("first", |s| s.undo = undo(&[])),
        step("hand", |s| s.items = vec!["one".into(), "two".into()]),
        step("go", |s| s.gate = gate(&[], &["dba"], Some(Span::mins(30)))),
        runs("cmd", |s| s.undo = undo(&[])),
        step("soak", |s| {
            s.verify = conditions(&["errors < 1%"]);
            s.soak = Some(Span::mins(20));
        }),
    ]);
    outline.triggers = vec![trigger("high", "errors > 5% for 1m", TriggerAction::Notify)];
    outline
}

fn begun() -> Sim {
    let mut sim = Sim::new(outline());
    sim.does("first");
    sim
}

#[test]
fn the_way_back_is_open_in_every_state_but_the_end() {
    type Moved = fn(&mut Sim);
    let states: [(&str, Moved); 9] = [
        ("all is quiet", |_| {}),
        ("a hold", |sim| sim.order(What::Hold { why: "odd".into() }).unwrap()),
        ("an open poll", |sim| sim.start("go").unwrap()),
        ("a command that runs", |sim| sim.start("cmd").unwrap()),
        ("a command that failed", |sim| {
            sim.start("cmd").unwrap();
            sim.ends("cmd.do.1", 1);
        }),
        ("a command of which nobody saw the end", |sim| {
            sim.start("cmd").unwrap();
            sim.ended("cmd.do.1", crate::core::event::RunEnd::Interrupted);
        }),
        ("a soak", |sim| sim.start("soak").unwrap()),
        ("a gap without an engine", |sim| sim.gap(Span::mins(3))),
        ("a lead who is away", |sim| sim.order_by("asleep", What::lead("asleep")).unwrap()),
    ];
    for (state, moved) in states {
        for way in [Way::All, Way::Stage("first".into())] {
            let mut sim = begun();
            moved(&mut sim);
            let newest = sim.state.steps["cmd"].touched;
            let way = if newest && way != Way::All { Way::Stage("cmd".into()) } else { way };
            sim.order_by("bea", back(way.clone())).unwrap_or_else(|no| panic!("{state}, {way:?}: {no}"));
            assert_eq!(sim.state.status, Status::RollingBack(1), "{state}");
        }
    }
    let mut sim = begun();
    sim.order(What::End { typed: "production".into(), why: "over".into() }).unwrap();
    assert!(sim.order(back(Way::All)).is_err());
}

#[test]
fn a_gate_that_said_no_or_ran_out_is_polled_again_gone_back_from_or_ended() {
    for ran_out in [false, true] {
        let mut sim = begun();
        sim.start("go").unwrap();
        if ran_out {
            sim.pass(Span::mins(31));
        } else {
            let no = What::Decide { gate: "go".into(), round: 1, go: false, why: Some("tomorrow".into()) };
            sim.order(no).unwrap();
        }
        assert_eq!(sim.word("go"), if ran_out { "expired" } else { "no-go" }, "neither is a failure");
        assert!(sim.state.hold.is_none(), "nothing failed, so nothing is held");
        sim.clone().start("go").unwrap();
        sim.clone().order(back(Way::All)).unwrap();
        sim.clone().order(What::End { typed: "production".into(), why: "not today".into() }).unwrap();
    }
}

#[test]
fn an_override_stays_visible_when_its_step_was_undone_and_ran_again() {
    let mut sim = begun();
    sim.start("cmd").unwrap();
    sim.ends("cmd.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    sim.order(What::Done { step: "cmd".into(), why: Some("by ssh".into()) }).unwrap();
    sim.order(back(Way::Stage("cmd".into()))).unwrap();
    sim.ends("cmd.undo.1", 0);
    assert_eq!((&sim.state.status, sim.word("cmd")), (&Status::RolledBack(1), "undone"), "rolled back, not ended");
    sim.does("cmd");
    assert_eq!((sim.word("cmd"), sim.state.steps["cmd"].attempt), ("done", 2));
    assert_eq!(sim.state.steps["cmd"].overrides, ["ana says done: by ssh"]);
}

#[test]
fn after_a_crash_the_launch_holds_and_what_people_began_goes_on() {
    let mut sim = begun();
    sim.order(What::Tick { step: "hand".into(), item: Some(0), on: true }).unwrap();
    sim.start("go").unwrap();
    let vote = What::Vote { gate: "go".into(), round: 1, role: "dba".into(), vote: Ballot::Go, why: None };
    sim.order_by("dan", vote).unwrap();
    sim.start("soak").unwrap();
    sim.pass(Span::mins(10));
    sim.gap(Span::mins(60));
    assert!(why(sim.start("cmd")).contains("engine holds: no engine ran for 1h"));
    assert_eq!(
        [sim.word("hand"), sim.word("go"), sim.word("soak")],
        ["in progress", "waits for a decision", "soaking"]
    );
    sim.order(What::Tick { step: "hand".into(), item: Some(1), on: true }).unwrap();
    assert_eq!(sim.word("hand"), "done");
    assert_eq!(sim.state.steps["go"].poll.as_ref().unwrap().votes.len(), 1, "the vote stands");
    sim.pass(Span::mins(9));
    assert_eq!([sim.word("go"), sim.word("soak")], ["waits for a decision", "soaking"], "nobody watched for an hour");
    sim.pass(Span::mins(12));
    assert_eq!([sim.word("go"), sim.word("soak")], ["expired", "done"]);
}

#[test]
fn a_soak_keeps_what_it_had_however_long_nobody_watched() {
    for away in [Span::mins(20), Span::mins(60), Span::mins(600)] {
        let mut sim = begun();
        sim.measures("errors", Outcome::number(0.001));
        sim.start("soak").unwrap();
        sim.pass(Span::mins(12));
        sim.gap(away);
        sim.pass(Span::mins(7));
        assert_eq!(sim.word("soak"), "soaking", "{away}: the time away counts for nothing");
        sim.pass(Span::mins(2));
        assert_eq!(sim.word("soak"), "done", "{away}: the time before it counts");
    }
}

#[test]
fn triggers_are_evaluated_in_every_state() {
    let fires = |mut sim: Sim, state: &str| {
        sim.measures("errors", Outcome::number(0.06));
        sim.pass(Span::mins(2));
        assert_eq!(sim.count("trigger-fired"), 1, "{state}");
    };
    fires(Sim::new(outline()), "before anything began");
    let mut held = begun();
    held.order(What::Hold { why: "odd".into() }).unwrap();
    fires(held, "under a hold");
    let mut sim = begun();
    sim.order(back(Way::All)).unwrap();
    fires(sim.clone(), "going back");
    sim.ends("first.undo.1", 1);
    fires(sim.clone(), "stopped on the way back");
    sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "by hand".into() }).unwrap();
    assert_eq!(sim.state.status, Status::RolledBack(1));
    fires(sim, "rolled back");
}

#[test]
fn a_severity_is_opened_at_once_changed_or_another_opened_and_their_clocks_outlive_an_engine() {
    let mut plan = outline();
    let severity = |respond, update| SeverityOutline {
        respond: Some(Span::mins(respond)),
        update: Some(Span::mins(update)),
        ..SeverityOutline::default()
    };
    plan.severities = [(1, severity(0, 15)), (2, severity(15, 30))].into();
    let mut sim = Sim::new(plan);
    let open = |incident, level| What::Severity { incident, level, text: String::new() };
    sim.order_by("bea", open(None, 2)).unwrap();
    sim.order(What::Describe { incident: 1, text: "checkout fails".into() }).unwrap();
    sim.order(open(None, 2)).unwrap();
    sim.order(open(Some(2), 1)).unwrap();
    let wants = |sim: &Sim, n| duties(&sim.state, n).iter().map(|d| d.words(sim.now)).collect::<Vec<_>>();
    let first = ["response due in 15:00", "update due in 30:00"];
    assert_eq!(
        (wants(&sim, 1), wants(&sim, 2)),
        (first.map(str::to_owned).into(), vec!["response due now".to_owned(), "update due in 15:00".to_owned()])
    );
    sim.gap(Span::mins(20));
    assert_eq!(wants(&sim, 1), ["response OVERDUE 5:00", "update due in 10:00"], "people have no frozen clocks");
    sim.look();
    sim.order_by("bea", What::Respond { incident: 1, text: String::new() }).unwrap();
    assert_eq!(wants(&sim, 1), ["update due in 10:00"]);
}
