//! What is answered where an order is not taken: why, and the orders that help, by their real names.

use crate::core::launch::Input;
use crate::core::launch::testing::*;
use crate::core::order::{Operator, Order, Way, What};
use crate::core::outline::{OnStop, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;

/// What bea is answered who types a line.
fn answer(sim: &Sim, line: &str) -> String {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
    why(sim.clone().order_by("bea", what))
}

fn says(sim: &Sim, all: &[(&str, &str)]) {
    for (line, said) in all {
        assert_eq!(answer(sim, line), *said, "{line}");
    }
}

fn planned() -> Sim {
    let mut outline = plan(vec![
        step("hand", |s| s.items = vec!["one".into(), "two".into()]),
        runs("ask", |s| s.input = true),
        runs("deploy", |s| s.undo = undo(&[])),
        step("go", |s| {
            s.gate = gate(&[], &["dba", "qa"], None);
            s.after = after(&["deploy"]);
        }),
        runs("pair", |s| s.approvals = 2),
        runs("migrate", |s| s.on_stop = OnStop::Finish),
        runs("later", |s| s.after = after(&["go"])),
    ]);
    let mut database = rollback("database", vec![runs("database/restore", |_| {})]);
    database.loses = Some("every write".into());
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/blue", |_| {})]), database];
    outline.triggers = vec![trigger("high", "errors > 5% for 1m", TriggerAction::Consider)];
    Sim::new(outline)
}

#[test]
fn before_anything_began_the_order_that_begins_it_is_named() {
    let blank = "`pair` needs 2 people, 1 more must approve; another operator approves from a session of their own; \
                 alone, with a reason, it is an override; do approve pair; do approve pair alone WHY";
    says(
        &planned(),
        &[
            ("input ask yes", "`ask` is not running; do run ask"),
            ("resolve ask done x", "`ask` was not interrupted; do run ask"),
            ("stop ask", "`ask` is not under way"),
            (
                "run later",
                "`later` waits for `go` (not begun); it must be done, decided go, or left out with a reason; do run \
                    deploy",
            ),
            (
                "go go",
                "the poll at `go` is not open: `go` waits for `deploy` (not begun); it must be done, decided go, or \
                    left out with a reason; do run deploy",
            ),
            (
                "skip go x",
                "`go` is a gate; only the lead, ana, leaves it out; ask the lead, or take the lead; do lead bea",
            ),
            ("vote deploy dba go", "`deploy` is no gate; do run deploy"),
            ("tick deploy", "`deploy` has no box to tick; do run deploy"),
            ("approve deploy", "`deploy` needs no approval; do run deploy"),
            ("run pair", blank),
            (
                "run traffic/blue",
                "`traffic/blue` is a part of a rollback, which does it in its turn; do rollback traffic WHY",
            ),
            (
                "again",
                "no way back was started, so none has stopped; do rollback traffic WHY; do rollback database typed \
                    ENVIRONMENT WHY",
            ),
            (
                "rollback stage x",
                "no step that started has an undo: there is no stage to go back; do rollback traffic WHY; do \
                    rollback database typed ENVIRONMENT WHY",
            ),
            ("rollback traffic", "going back needs a reason; do rollback traffic WHY"),
            (
                "rollback database",
                "it loses every write; to do it all the same, type the environment's name, production; do rollback \
                    database typed production WHY",
            ),
            ("release x", "there is no hold to release"),
            ("end production x", "only the lead, ana, ends the launch; take the lead; do lead bea"),
            ("lead ana", "ana leads already"),
            ("dismiss low x", "the plan has no trigger `low`: it has high"),
            ("dismiss high x", "`high` has not fired"),
            ("update 1 x", "there is no incident 1: none is open"),
            ("severity 9 x", "there is no SEV9; 1 is the worst, 4 the least"),
        ],
    );
}

#[test]
fn of_what_is_under_way_the_order_that_moves_it_is_named() {
    let mut sim = planned();
    sim.does("deploy");
    sim.start("go").unwrap();
    sim.start("migrate").unwrap();
    sim.start("ask").unwrap();
    sim.order(What::Tick { step: "hand".into(), item: Some(0), on: true }).unwrap();
    sim.order_by("bea", What::Severity { incident: None, level: 2, text: "slow".into() }).unwrap();
    says(
        &sim,
        &[
            ("run ask", "`ask` is under way, started by ana"),
            ("done ask", "the command of `ask` still runs; wait for its end, or stop it; do stop ask"),
            ("skip ask x", "`ask` is under way; wait for its end, or stop it; do stop ask"),
            ("input migrate x", "`migrate` takes no input; the plan must say `input = true`"),
            ("input deploy x", "the command of `deploy` has ended"),
            (
                "stop migrate",
                "the plan says to let the command of `migrate` finish; wait for its end: under a hold nothing that \
                    waits for it starts; or stop it now, an override; do hold WHY; \
                    do stop migrate now typed ENVIRONMENT WHY",
            ),
            (
                "done hand",
                "1 of 2 boxes of `hand` are open; with a reason it counts as done, an override; do tick hand 2; do \
                    done hand WHY",
            ),
            ("tick hand 1", "that box of `hand` is ticked already"),
            ("done go", "`go` is a gate: the lead decides it; do vote go dba go; do vote go qa go"),
            ("vote go ops go", "`ops` has no vote at `go`, which asks dba, qa; do vote go dba go; do vote go qa go"),
            ("vote go dba no-go", "a no-go needs a reason; do vote go dba no-go WHY"),
            ("go go", "only the lead, ana, decides a gate; vote, or take the lead; do lead bea"),
            ("severity 2 #1", "incident 1 is a SEV2 already; do describe 1 TEXT"),
            ("describe 2 x", "there is no incident 2: open are #1"),
        ],
    );
    let lead = |line: &str| {
        let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
        why(sim.clone().order(what))
    };
    let over = "go would be an override: dba has not voted; qa has not voted; with a reason it goes, and stays on \
        record \
                as one; do go go WHY";
    assert_eq!(lead("go go"), over);
    assert_eq!(lead("end production x"), "the command of `ask` still runs; wait for its end, or stop it; do stop ask");
}

#[test]
fn a_way_back_that_stopped_names_what_goes_on_with_it() {
    let mut sim = planned();
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    says(&sim, &[("again", "rollback 1 is under way, it has not stopped; wait for its end")]);
    sim.ends("deploy.undo.1", 1);
    let goes_on = "do again; do by-hand WHY; do leave WHY";
    let stopped = "rollback 1, undo Step deploy, stopped: undo of Step deploy exited with 1 after 1s";
    says(
        &sim,
        &[
            ("run ask", &format!("{stopped}; {goes_on}")),
            ("rollback traffic x", &format!("{stopped}; another may be started once it is done or left; {goes_on}")),
        ],
    );
}

#[test]
fn a_declared_name_is_marked_where_a_hold_is_told() {
    let mut sim = planned();
    let by = Operator { declared: true, ..who("mia") };
    let what = What::Hold { why: "lunch".into() };
    sim.input(Input::Order(Order { id: "h".into(), by, what })).unwrap();
    says(
        &sim,
        &[
            ("run ask", "the launch is held: mia (declared) holds: lunch; do release WHY"),
            ("release of tom x", "tom does not hold: mia (declared): lunch; say whose; do release of mia x"),
        ],
    );
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    sim.order_by("bea", What::Dismiss { trigger: "high".into(), why: "a test".into() }).unwrap();
    says(&sim, &[("dismiss high x", "bea answered for `high` already: a test")]);
}

#[test]
fn where_all_is_undone_already_it_is_not_said_that_nothing_had_an_undo() {
    let mut sim = planned();
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    sim.ends("deploy.undo.1", 0);
    sim.pass(Span::secs(5));
    for (line, what) in
        [("rollback stage x", "there is no stage to go back"), ("rollback all x", "there is nothing to undo")]
    {
        let said = answer(&sim, line);
        assert!(said.starts_with(&format!("every step that started and has an undo is undone: {what}")), "{said}");
    }
}
