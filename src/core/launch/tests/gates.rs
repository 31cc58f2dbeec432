use crate::core::launch::StepStatus;
use crate::core::launch::testing::*;
use crate::core::order::{Ballot, Way, What};
use crate::core::reading::Outcome;
use crate::core::time::Span;

fn vote(role: &str, vote: Ballot, why: Option<&str>) -> What {
    What::Vote { gate: "go".into(), round: 1, role: role.into(), vote, why: why.map(str::to_owned) }
}

fn decide(round: u32, go: bool, why: Option<&str>) -> What {
    What::Decide { gate: "go".into(), round, go, why: why.map(str::to_owned) }
}

fn gated() -> Sim {
    let mut sim = Sim::new(plan(vec![
        step("go", |s| s.gate = gate(&["errors < 1%"], &["dba", "support"], Some(Span::mins(60)))),
        runs("next", |s| (s.after, s.undo) = (after(&["go"]), undo(&[]))),
    ]));
    sim.pass(Span::secs(30));
    sim
}

#[test]
fn votes_advise_and_the_lead_decides() {
    let mut sim = gated();
    assert!(why(sim.order(vote("dba", Ballot::Go, None))).contains("not open"));
    sim.start("go").unwrap();
    assert!(
        why(sim.order(vote("qa", Ballot::Go, None)))
            .contains("asks dba, support; do vote go dba go; do vote go support go")
    );
    sim.order_by("dora", vote("dba", Ballot::Go, None)).unwrap();
    sim.order_by("sam", vote("support", Ballot::Go, None)).unwrap();
    assert_eq!(sim.word("go"), "waits for a decision", "votes alone decide nothing");
    assert!(why(sim.order_by("sam", decide(1, true, None))).contains("only the lead, ana"));
    assert!(why(sim.order(decide(2, true, None))).contains("round 1"));
    sim.order(decide(1, true, None)).unwrap();
    assert!(matches!(sim.status("go"), StepStatus::Done { over: None, .. }));
    sim.start("next").unwrap();
}

#[test]
fn go_over_an_unmet_requirement_a_missing_vote_or_a_no_needs_a_reason_and_is_an_override() {
    let mut sim = gated();
    sim.measures("errors", Outcome::number(0.061));
    sim.pass(Span::secs(20));
    sim.start("go").unwrap();
    assert!(sim.order(vote("dba", Ballot::NoGo, None)).is_err(), "a no-go needs a reason");
    sim.order(vote("dba", Ballot::NoGo, Some("replica behind"))).unwrap();
    let said = why(sim.order(decide(1, true, None)));
    for part in ["errors < 1%", "support has not voted", "dba votes no-go: replica behind", "override"] {
        assert!(said.contains(part), "{said}");
    }
    sim.order(decide(1, true, Some("known, a test"))).unwrap();
    assert_eq!(sim.word("go"), "done by override");
    assert!(sim.state.steps["go"].overrides[0].contains("(known, a test)"));
}

#[test]
fn a_poll_runs_out_also_while_a_way_back_takes_its_gate_along() {
    let mut sim = Sim::new(plan(vec![
        runs("first", |s| s.undo = undo(&[])),
        step("go", |s| {
            s.gate = gate(&[], &["dba"], Some(Span::mins(60)));
            s.after = after(&["first"]);
        }),
    ]));
    sim.does("first");
    sim.start("go").unwrap();
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "no".into() }).unwrap();
    sim.pass(Span::mins(61));
    assert_eq!(sim.word("go"), "expired");
    assert!(sim.order(decide(1, true, Some("late"))).is_err());
}

#[test]
fn an_override_of_a_round_that_was_undone_is_none_of_the_next() {
    let mut sim = gated();
    sim.pass(Span::secs(20));
    sim.start("go").unwrap();
    sim.order(decide(1, true, Some("nobody is here"))).unwrap();
    assert_eq!(sim.state.steps["go"].overrides.len(), 1);
    sim.start("next").unwrap();
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "no".into() }).unwrap();
    for end in ["next.do.1", "next.undo.1"] {
        sim.ends(end, 0);
    }
    assert!(matches!(sim.status("go"), StepStatus::Undone { .. }), "{:?}", sim.status("go"));
    let own = &sim.state.steps["go"];
    assert_eq!((own.overrides.len(), own.overridden_before), (1, 1), "it stays visible, as one of before");
}

#[test]
fn a_no_go_is_no_dead_end() {
    let mut sim = gated();
    sim.start("go").unwrap();
    assert!(sim.order(decide(1, false, None)).is_err());
    sim.order(decide(1, false, Some("tomorrow"))).unwrap();
    assert_eq!(sim.word("go"), "no-go");
    assert!(sim.start("next").is_err(), "nothing runs on no");
    assert!(matches!(&sim.explain("go").orders[..], [What::Run { attempt: 2, .. }]));
    sim.start("go").unwrap();
    assert_eq!(sim.state.steps["go"].poll.as_ref().map(|p| (p.round, p.votes.len())), Some((2, 0)));
}

#[test]
fn an_open_poll_runs_out_and_stands_still_while_no_engine_runs() {
    let mut sim = gated();
    sim.start("go").unwrap();
    sim.pass(Span::mins(30));
    sim.gap(Span::mins(120));
    sim.pass(Span::mins(29));
    assert_eq!(sim.word("go"), "waits for a decision");
    sim.pass(Span::mins(2));
    assert_eq!(sim.word("go"), "expired");
    assert!(why(sim.order(decide(1, true, Some("x")))).contains("must be polled again; do release WHY"));
    sim.order(What::Release { of: None, seen: None, why: "back".into() }).unwrap();
    sim.start("go").unwrap();
}

#[test]
fn only_the_lead_leaves_a_gate_out() {
    let mut sim = gated();
    let skip = || What::Skip { step: "go".into(), why: "small change".into(), not_applicable: false };
    assert!(sim.order_by("tom", skip()).is_err());
    sim.order(skip()).unwrap();
    assert!(sim.order(What::Done { step: "go".into(), why: Some("x".into()) }).is_err());
}

#[test]
fn an_open_gate_says_on_whom_it_waits() {
    let mut sim = gated();
    sim.start("go").unwrap();
    sim.order_by("dora", vote("dba", Ballot::Go, None)).unwrap();
    let said = sim.explain("go");
    assert_eq!(said.because[..2], ["dba: go, says dora", "support has not voted"]);
    assert!(said.because.iter().any(|s| s == "the lead, ana, decides"));
    assert!(said.orders.iter().any(|o| matches!(o, What::Decide { go: true, round: 1, .. })));
}
