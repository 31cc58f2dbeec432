//! A changed plan in mid-launch: what people ticked, and what can be undone.

use super::back::back;
use crate::core::launch::testing::*;
use crate::core::launch::{Input, StepStatus};
use crate::core::order::{Ballot, Rejection, Way, What};
use crate::core::outline::{Outline, SeverityOutline, TriggerAction, TriggerOutline, Undo};
use crate::core::reading::Outcome;
use crate::core::tell::tell;
use crate::core::time::Span;

fn adopts(sim: &mut Sim, outline: Outline) -> Result<(), Rejection> {
    let hash = format!("{}", sim.state.head.0);
    sim.input(Input::Adopt { by: who("ana"), hash, outline: Box::new(outline), strays: Vec::new() })
}

#[test]
fn a_tick_goes_where_the_text_of_its_box_went_and_the_log_says_what_was_ticked() {
    let boxes = |items: &[&str]| plan(vec![step("c", |s| s.items = items.iter().map(|i| (*i).to_owned()).collect())]);
    let mut sim = Sim::new(boxes(&["One", "Two", "Three", "Two"]));
    for item in [0, 1] {
        sim.order(What::Tick { step: "c".into(), item: Some(item), on: true }).unwrap();
    }
    let ticked = |sim: &Sim| sim.state.steps["c"].ticks.keys().copied().collect::<Vec<_>>();
    adopts(&mut sim, boxes(&["Four", "Two", "Three", "Two"])).unwrap();
    assert_eq!(ticked(&sim), [1], "the first of the two");
    let told: Vec<String> = sim.events.iter().map(|r| tell(&sim.state, &r.event).text).collect();
    assert!(told.iter().any(|line| line == "Step c: One  ticked by ana"), "{told:?}");
    assert!(told.last().unwrap().ends_with("; ticked boxes that it does not have: Step c: One"), "{told:?}");
    adopts(&mut sim, boxes(&["Two", "Three"])).unwrap();
    assert_eq!(ticked(&sim), [0]);
    // Of two boxes of one text that are ticked one may go.
    sim.order(What::Tick { step: "c".into(), item: Some(0), on: false }).unwrap();
    adopts(&mut sim, boxes(&["Two", "Three", "Two"])).unwrap();
    for item in [0, 2] {
        sim.order(What::Tick { step: "c".into(), item: Some(item), on: true }).unwrap();
    }
    adopts(&mut sim, boxes(&["Two", "Three"])).unwrap();
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(last.ends_with("that it does not have: Step c: Two"), "{last}");
    assert_eq!(ticked(&sim), [0]);
    adopts(&mut sim, boxes(&["Two", "Three", "Four"])).unwrap();
    assert_ne!(sim.word("c"), "done", "nobody ticked Three");
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(!last.contains("does not have"), "nothing that was ticked is gone: {last}");
}

#[test]
fn a_plan_that_lost_the_undo_of_a_step_that_began_is_not_taken_in() {
    let with = |undone: bool| plan(vec![runs("a", |s| s.undo = undo(&[]).filter(|_| undone)), runs("b", |_| {})]);
    let mut sim = Sim::new(with(true));
    adopts(&mut sim, with(true)).unwrap();
    sim.does("a");
    let without = || plan(vec![runs("b", |_| {})]);
    assert!(
        why(adopts(&mut sim, without())).contains("`a` began, and the new plan does not have it: its undo would be")
    );
    assert!(
        why(adopts(&mut sim, with(false)))
            .contains("the new plan takes its undo away; keep it in the file, or go back")
    );
    sim.order(back(Way::All)).unwrap();
    sim.ends("a.undo.1", 0);
    adopts(&mut sim, without()).unwrap();
}

#[test]
fn a_plan_in_which_nothing_undoes_any_more_what_began_is_not_taken_in() {
    let with = |undoes: &[&str]| {
        let mut outline = plan(vec![runs("a", |_| {}), runs("b", |_| {})]);
        let mut rollback = rollback("rb", vec![runs("rb/x", |_| {})]);
        rollback.undoes = after(undoes);
        outline.rollbacks = vec![rollback];
        outline
    };
    let mut sim = Sim::new(with(&["a", "b"]));
    adopts(&mut sim, with(&["a"])).unwrap();
    sim.does("a");
    sim.does("b");
    assert!(why(adopts(&mut sim, plan(vec![runs("a", |_| {}), runs("b", |_| {})]))).contains("as rollback `rb` does"));
    assert!(why(adopts(&mut sim, with(&["b"]))).contains("`a` began, and in the new plan nothing undoes it"));
    let own = plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {})]);
    adopts(&mut sim, own).unwrap();
}

#[test]
fn a_box_that_nobody_ticked_is_not_put_into_a_step_that_is_done() {
    let boxes = |items: &[&str]| plan(vec![step("c", |s| s.items = items.iter().map(|i| (*i).to_owned()).collect())]);
    let mut sim = Sim::new(boxes(&["One", "Two"]));
    for item in [0, 1] {
        sim.order(What::Tick { step: "c".into(), item: Some(item), on: true }).unwrap();
    }
    assert_eq!(sim.word("c"), "done");
    let refused = why(adopts(&mut sim, boxes(&["One", "Two", "Three"])));
    assert!(refused.contains("`c` is done, and the new plan gives it another box, `Three`, that nobody"), "{refused}");
    assert!(why(adopts(&mut sim, boxes(&["One", "Two", "Two"]))).contains("`Two`"));
    adopts(&mut sim, boxes(&["Two", "One"])).unwrap();
    sim.order(What::Tick { step: "c".into(), item: Some(0), on: false }).unwrap();
    adopts(&mut sim, boxes(&["Two", "One", "Three"])).unwrap();
    assert_ne!(sim.word("c"), "done");
}

#[test]
fn a_plan_that_takes_a_no_go_a_fired_trigger_or_an_open_severity_away_is_not_taken_in() {
    let with = |poll: &[&str], trigger_id: Option<&str>, severity: bool| {
        let mut outline = plan(vec![step("go", |s| s.gate = gate(&[], poll, None))]);
        let fires = |id| trigger(id, "errors > 5% for 20s", TriggerAction::Propose);
        outline.triggers = trigger_id.into_iter().map(fires).collect();
        outline.severities = severity.then(|| (2, SeverityOutline::default())).into_iter().collect();
        outline
    };
    let all = || with(&["dba", "qa"], Some("high"), true);
    let mut sim = Sim::new(all());
    sim.start("go").unwrap();
    let vote = |role: &str, vote, why: Option<&str>| What::Vote {
        gate: "go".into(),
        round: 1,
        role: role.into(),
        vote,
        why: why.map(str::to_owned),
    };
    sim.order(vote("dba", Ballot::NoGo, Some("disk at 91 %"))).unwrap();
    sim.order(vote("qa", Ballot::Go, None)).unwrap();
    let refused = why(adopts(&mut sim, with(&["qa"], Some("high"), true)));
    assert!(refused.contains("said no-go for `dba` at `go`, and the new plan does not ask `dba`"), "{refused}");
    adopts(&mut sim, with(&["dba"], Some("high"), true)).unwrap();
    let next = sim.answers().next;
    assert!(next.who.long().contains("1 of 1 say no-go"), "{next:?}");

    sim.measures("errors", Outcome::number(0.3));
    sim.pass(Span::mins(1));
    assert!(
        why(adopts(&mut sim, with(&["dba"], None, true))).contains("trigger `high` fired, and the new plan does not")
    );
    sim.order(What::Dismiss { trigger: "high".into(), why: "known".into() }).unwrap();
    adopts(&mut sim, with(&["dba"], None, true)).unwrap();

    sim.order(What::Severity { incident: None, level: 2, text: "slow".into() }).unwrap();
    assert!(
        why(adopts(&mut sim, with(&["dba"], None, false))).contains("SEV2 #1 is open, and the new plan takes away")
    );
    let clocks = |respond: bool, update: bool| {
        let mut outline = with(&["dba"], None, true);
        let of = |is: bool| is.then(|| Span::mins(5));
        let severity = SeverityOutline { respond: of(respond), update: of(update), ..SeverityOutline::default() };
        outline.severities = [(2, severity)].into();
        outline
    };
    adopts(&mut sim, clocks(false, true)).unwrap();
    assert!(why(adopts(&mut sim, clocks(true, false))).contains("takes away"), "its update clock");
    adopts(&mut sim, clocks(true, true)).unwrap();
    sim.order(What::Resolved { incident: 1, text: "failover".into() }).unwrap();
    adopts(&mut sim, with(&["dba"], None, false)).unwrap();
}

#[test]
fn that_what_began_is_undone_in_another_way_is_said_where_the_plan_is_taken_in() {
    let with = |run: &str| {
        plan(vec![runs("a", |s| {
            s.undo = undo(&[]).map(|own| Undo { run: run.to_owned(), ..own });
        })])
    };
    let mut sim = Sim::new(with("./to.sh 5"));
    adopts(&mut sim, with("./to.sh 6")).unwrap();
    let last = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(!last(&sim).contains("undone in another way"), "it has not begun");
    sim.does("a");
    adopts(&mut sim, with("./to.sh 7")).unwrap();
    assert!(
        last(&sim).ends_with("; what began is undone in another way: undo of `a`: `./to.sh 6` -> `./to.sh 7`"),
        "{}",
        last(&sim)
    );
}

#[test]
fn of_a_way_back_that_stopped_a_changed_plan_may_mend_what_it_runs_and_not_its_steps() {
    let with = |steps: &[(&str, &str)]| {
        let mut outline = plan(vec![runs("a", |_| {})]);
        let steps = steps.iter().map(|(id, run)| runs(id, |s| s.run = Some((*run).to_owned())));
        let mut rollback = rollback("rb", steps.collect());
        rollback.undoes = after(&["a"]);
        outline.rollbacks = vec![rollback];
        outline
    };
    let mut sim = Sim::new(with(&[("rb/x", "./x.hs"), ("rb/y", "./y.sh")]));
    sim.does("a");
    sim.order(back(Way::Named("rb".into()))).unwrap();
    let mended = || with(&[("rb/x", "./x.sh"), ("rb/y", "./y.sh")]);
    assert!(why(adopts(&mut sim, mended())).contains("take the plan in after it"), "it runs");
    sim.ends("rb/x.do.1", 127);
    let other = with(&[("rb/x", "./x.sh"), ("rb/z", "./z.sh"), ("rb/y", "./y.sh")]);
    assert!(why(adopts(&mut sim, other)).contains("only what its steps run may change"));
    adopts(&mut sim, mended()).unwrap();
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert_eq!(sim.state.outline.step(&"rb/x".into()).unwrap().run.as_deref(), Some("./x.sh"));
    sim.ends("rb/x.do.2", 0);
    sim.pass(Span::secs(10));
    sim.ends("rb/y.do.1", 0);
    assert_eq!(sim.word("a"), "undone");
}

#[test]
fn that_an_undo_gets_other_values_or_a_rollback_other_commands_is_said_too() {
    let with = |previous: &str, version: &str, command: &str| {
        let mut outline = plan(vec![
            runs("a", |s| {
                s.undo = undo(&[]);
                s.vars = [("previous_n".to_owned(), previous.to_owned())].into();
            }),
            runs("b", |_| {}),
        ]);
        outline.vars = [("version".to_owned(), version.to_owned())].into();
        let mut rollback = rollback("rb", vec![runs("rb/x", |s| s.run = Some(command.to_owned()))]);
        rollback.undoes = after(&["a"]);
        outline.rollbacks = vec![rollback];
        outline
    };
    let mut sim = Sim::new(with("5", "v1", "./x.sh"));
    sim.does("a");
    let last = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event).text;
    for (outline, said) in [
        (with("25", "v1", "./x.sh"), Some("undo of `a`: previous_n 5 -> 25")),
        (with("25", "v7", "./x.sh"), Some("undo of `a`: version v1 -> v7")),
        (with("25", "v7", "true"), Some("rollback `rb` has other commands")),
        (with("25", "v7", "true"), None),
    ] {
        adopts(&mut sim, outline).unwrap();
        match said {
            Some(said) => assert!(last(&sim).ends_with(&format!("undone in another way: {said}")), "{}", last(&sim)),
            None => assert!(!last(&sim).contains("another way"), "{}", last(&sim)),
        }
    }
}

#[test]
fn a_decided_no_go_is_not_taken_out_of_the_way() {
    let with = |gated: bool, waits: bool| {
        plan(vec![
            step("go", |s| s.gate = gate(&[], &["dba", "qa"], None).filter(|_| gated)),
            runs("c", |s| s.after = if waits { after(&["go"]) } else { Vec::new() }),
        ])
    };
    let mut sim = Sim::new(with(true, true));
    sim.start("go").unwrap();
    let (gate_id, role, no) = ("go".into(), "dba".into(), Some("disk full".to_owned()));
    sim.order(What::Vote { gate: gate_id, round: 1, role, vote: Ballot::NoGo, why: no.clone() }).unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: false, why: no }).unwrap();
    let mut without_dba = with(true, true);
    without_dba.steps[0].gate = gate(&[], &["qa"], None);
    let refused = adopts(&mut sim, without_dba).unwrap_err();
    assert_eq!(refused.orders, [What::Run { step: "go".into(), attempt: 2 }], "{refused:?}");
    assert!(why(adopts(&mut sim, with(false, true))).contains("`go` is no-go, and in the new plan it is no gate"));
    assert!(why(adopts(&mut sim, plan(vec![runs("c", |_| {})]))).contains("it is no gate; answer that first"));
    assert!(why(adopts(&mut sim, with(true, false))).contains("in the new plan `c` does not wait for it"));
    adopts(&mut sim, with(true, true)).unwrap();
    sim.start("go").unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 2, go: true, why: Some("mended".into()) }).unwrap();
    adopts(&mut sim, with(true, false)).unwrap();
}

#[test]
fn a_way_back_that_is_open_or_half_done_is_not_closed_or_exchanged_by_a_changed_plan() {
    let with = |until: Option<&str>, steps: &[&str]| {
        let mut outline = plan(vec![runs("a", |_| {}), runs("b", |_| {})]);
        let mut rollback = rollback("rb", steps.iter().map(|id| runs(id, |_| {})).collect());
        rollback.undoes = after(&["a", "b"]);
        rollback.possible_until = until.map(Into::into);
        outline.rollbacks = vec![rollback];
        outline
    };
    let steps = ["rb/x", "rb/y"];
    let mut sim = Sim::new(with(None, &steps));
    sim.does("a");
    adopts(&mut sim, with(Some("b"), &steps)).unwrap();
    adopts(&mut sim, with(None, &steps)).unwrap();
    sim.does("b");
    assert!(why(adopts(&mut sim, with(Some("b"), &steps))).contains(
        "nothing undoes it, as rollback `rb` does: its rollback `rb` is possible until `b` begins, as it did"
    ));
    let mut renamed = with(Some("b"), &["rc/x"]);
    renamed.rollbacks[0].id = "rc".into();
    assert!(why(adopts(&mut sim, renamed.clone())).contains("its rollback `rc` is possible until"));
    renamed.rollbacks[0].possible_until = None;
    adopts(&mut sim, renamed).unwrap();
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(last.ends_with("rollback `rb` is gone; rollback `rc` undoes it now"), "{last}");
    adopts(&mut sim, with(None, &steps)).unwrap();
    sim.order(back(Way::Named("rb".into()))).unwrap();
    sim.ends("rb/x.do.1", 0);
    sim.pass(Span::secs(10));
    sim.ends("rb/y.do.1", 1);
    sim.order(What::RollbackLeave { rollback: 1, why: "by hand".into() }).unwrap();
    assert!(
        why(adopts(&mut sim, with(None, &["rb/y"]))).contains("was left half done, and the new plan has other steps")
    );
    sim.order(What::RollbackSettled { rollback: 1, why: "by hand".into() }).unwrap();
    adopts(&mut sim, with(None, &["rb/y"])).unwrap();
}

#[test]
fn that_a_rollback_undoes_others_of_what_began_is_said_also_where_they_are_as_many() {
    let with = |undoes: &str| {
        let undone = |id| runs(id, |s| s.undo = undo(&[]));
        let mut outline = plan(vec![undone("a"), undone("b")]);
        let mut rollback = rollback("rb", vec![runs("rb/x", |_| {})]);
        rollback.undoes = after(&[undoes]);
        outline.rollbacks = vec![rollback];
        outline
    };
    let mut sim = Sim::new(with("a"));
    sim.does("a");
    sim.does("b");
    adopts(&mut sim, with("b")).unwrap();
    let last = tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(last.ends_with("undone in another way: rollback `rb` undoes others"), "{last}");
}

#[test]
fn a_plan_that_changes_what_a_fired_trigger_fired_on_is_not_taken_in() {
    let with = |trigger: TriggerOutline| {
        let mut outline = plan(vec![runs("a", |_| {})]);
        outline.triggers = vec![trigger];
        outline
    };
    let asked = |question: &str| with(asks_people("corrupt", question, TriggerAction::Propose));
    let measured = || with(trigger("corrupt", "green is failing", TriggerAction::Propose));
    let mut sim = Sim::new(asked("Data corruption?"));
    sim.order(What::Fire { trigger: "corrupt".into(), why: "rows are mangled".into() }).unwrap();
    for other in [asked("Is the coffee ready?"), measured()] {
        let refused = adopts(&mut sim, other).unwrap_err();
        assert!(refused.why.contains("trigger `corrupt` fired, and the new plan does not have what it fired on"));
        assert!(matches!(refused.orders[..], [What::Dismiss { .. }]), "{refused:?}");
    }
    adopts(&mut sim, asked("Data corruption?")).unwrap();
}

#[test]
fn how_what_is_under_way_goes_on_in_another_way_is_said() {
    let with = |soak: Option<Span>, expires: i64| {
        plan(vec![
            runs("a", |s| {
                s.soak = soak;
                s.verify = conditions(&["green is ok"]);
            }),
            step("go", |s| s.gate = gate(&[], &["lead"], Some(Span::mins(expires)))),
        ])
    };
    let mut sim = Sim::new(with(Some(Span::mins(10)), 30));
    adopts(&mut sim, with(Some(Span::mins(11)), 31)).unwrap();
    let told = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(!told(&sim).contains("another way"), "nothing is under way: {}", told(&sim));
    sim.measures("green", Outcome::well());
    sim.does("a");
    sim.start("go").unwrap();
    adopts(&mut sim, with(None, 1)).unwrap();
    let said = "; what is under way goes on in another way: `a`: soak 11m -> none; `go`: expires 31m -> 1m";
    assert!(told(&sim).ends_with(said), "{}", told(&sim));
}

#[test]
fn a_run_that_the_journal_does_not_know_is_taken_up_with_the_plan_that_has_its_step() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    let outline = Box::new(plan(vec![runs("a", |_| {}), runs("extra", |_| {})]));
    let strays = vec![("extra.do.1".parse().unwrap(), sim.now - Span::mins(5))];
    sim.input(Input::Adopt { by: who("ana"), hash: "1".into(), outline, strays }).unwrap();
    assert!(matches!(sim.status("extra"), StepStatus::Running { .. }), "{:?}", sim.status("extra"));
    assert_eq!(sim.state.steps["extra"].attempt, 1);
    let held = sim.state.holds_words();
    assert!(held.contains("the journal did not know: `extra.do.1`"), "{held}");
}

#[test]
fn what_a_probe_measured_of_something_else_counts_for_nothing_and_that_is_said() {
    let with = |target: &str, every: i64| {
        let mut plan = plan(vec![runs("a", |s| {
            s.soak = Some(Span::secs(20));
            s.verify = conditions(&["green is ok"]);
        })]);
        let green = plan.probes.iter_mut().find(|probe| probe.id.as_str() == "green").unwrap();
        (green.target, green.every) = (target.to_owned(), Span::secs(every));
        plan
    };
    let mut sim = Sim::new(with("GET /blue", 60));
    sim.measures("green", Outcome::well());
    sim.does("a");
    sim.pass(Span::secs(10));
    assert_eq!(sim.word("a"), "soaking");
    adopts(&mut sim, with("GET /green", 60)).unwrap();
    let told = |sim: &Sim| tell(&sim.state, &sim.events.last().unwrap().event).text;
    let said = "another way: `green` asks GET /green now, and what it measured before does not count";
    assert!(told(&sim).ends_with(said), "{}", told(&sim));
    sim.pass(Span::secs(20));
    assert_eq!(sim.word("a"), "soaking", "the new one was seen well for 10 s");
    adopts(&mut sim, with("GET /green", 10)).unwrap();
    assert!(told(&sim).ends_with("another way: `green` is asked every 10s, not every 1m: its clocks begin anew"));
    sim.pass(Span::secs(10));
    assert_eq!(sim.word("a"), "done");
}
