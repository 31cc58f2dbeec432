use crate::core::event::{Event, Recorded, RunEnd};
use crate::core::ids::Seq;
use crate::core::launch::testing::*;
use crate::core::launch::{Effect, Input, StepStatus};
use crate::core::order::{Found, Operator, Order, What};
use crate::core::outline::{OnStop, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::tell::{Tone, tell};
use crate::core::time::{Offset, Span};

#[test]
fn a_step_waits_for_what_stands_before_it() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |s| s.after = after(&["a"]))]));
    assert!(why(sim.start("b")).contains("`b` waits for `a`"));
    assert!(!sim.explain("b").due);
    sim.does("a");
    assert_eq!(sim.word("a"), "done");
    assert!(sim.explain("b").due);
    sim.start("b").unwrap();
    assert_eq!(sim.started(), ["a.do.1", "b.do.1"]);
}

#[test]
fn a_step_is_not_due_before_its_time_or_its_phases() {
    let mut outline = plan(vec![step("a", |s| s.at = Some(Offset(Span::mins(5))))]);
    outline.phases[0].at = Some(Offset(Span::mins(10)));
    let mut sim = Sim::new(outline);
    assert!(why(sim.start("a")).contains("not due before T+10m, in 10m"));
    sim.pass(Span::mins(10));
    sim.start("a").unwrap();
}

#[test]
fn a_late_order_for_an_attempt_that_is_over_starts_nothing() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    assert!(why(sim.order(What::Run { step: "a".into(), attempt: 1 })).contains("the next attempt at `a` is 2"));
    sim.order(What::Run { step: "a".into(), attempt: 2 }).unwrap();
    let late = sim.order_by("tom", What::Run { step: "a".into(), attempt: 2 });
    assert!(why(late).contains("under way, started by ana"));
}

#[test]
fn a_failed_command_fails_its_step_and_the_launch_holds() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 3);
    assert!(matches!(sim.status("a"), StepStatus::Failed { why, .. } if why == "exited with 3 after 1s"));
    assert!(why(sim.start("b")).contains("engine holds: Step a failed: exited with 3 after 1s; do release WHY"));
    assert!(matches!(&sim.explain("a").orders[..], [What::Release { .. }, ..]));
}

#[test]
fn a_hold_is_called_and_released_with_a_reason() {
    let mut sim = Sim::new(plan(vec![step("a", |_| {})]));
    assert!(sim.order_by("tom", What::Hold { why: " ".into() }).is_err());
    sim.order_by("tom", What::Hold { why: "odd logs".into() }).unwrap();
    assert!(why(sim.order_by("tom", What::Hold { why: "x".into() })).contains("odd logs"));
    assert_eq!(sim.explain("a").state, "held");
    sim.order(What::Release { of: None, seen: None, why: "understood".into() }).unwrap();
    sim.start("a").unwrap();
}

#[test]
fn a_hand_step_is_claimed_then_done() {
    let mut sim = Sim::new(plan(vec![step("a", |_| {})]));
    sim.start("a").unwrap();
    assert_eq!(sim.word("a"), "in progress");
    sim.order_by("tom", What::Done { step: "a".into(), why: None }).unwrap();
    assert_eq!(sim.word("a"), "done");
}

#[test]
fn a_tick_claims_a_step_and_its_last_box_ends_it() {
    let mut sim = Sim::new(plan(vec![
        step("a", |s| s.items = vec!["one".into(), "two".into()]),
        step("b", |s| s.after = after(&["a"])),
    ]));
    let tick = |item, on| What::Tick { step: "a".into(), item, on };
    assert!(why(sim.order(tick(None, true))).contains("2 boxes; say which, counted from 1; do tick a 1"));
    assert!(why(sim.order(tick(Some(2), true))).contains("no box 3"));
    sim.order(tick(Some(1), true)).unwrap();
    assert_eq!(sim.word("a"), "in progress");
    assert!(why(sim.order(What::Done { step: "a".into(), why: None })).contains("1 of 2 boxes"));
    sim.order_by("tom", tick(Some(0), true)).unwrap();
    assert_eq!(sim.word("a"), "done");
    sim.order(tick(Some(0), false)).unwrap();
    assert_eq!(sim.word("a"), "in progress");
    sim.order(tick(Some(0), true)).unwrap();
    sim.start("b").unwrap();
    assert!(why(sim.order(tick(Some(0), false))).contains("`b` has started"));
}

#[test]
fn an_order_that_counts_as_done_what_was_not_is_an_override_for_ever() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "x".into() }).unwrap();
    assert!(sim.order(What::Done { step: "a".into(), why: None }).is_err());
    sim.order(What::Done { step: "a".into(), why: Some("did it by ssh".into()) }).unwrap();
    assert_eq!(sim.word("a"), "done by override");
    assert_eq!(sim.state.steps["a"].overrides, ["ana says done: did it by ssh"]);
}

#[test]
fn everyones_hold_counts_and_is_released_by_itself() {
    let release = |of: Option<&str>| What::Release { of: of.map(str::to_owned), seen: None, why: "seen".into() };
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
    sim.start("a").unwrap();
    for (name, reason) in [("tom", "odd logs"), ("zoe", "no backup")] {
        sim.order_by(name, What::Hold { why: reason.into() }).unwrap();
    }
    sim.ends("a.do.1", 1);
    let standing = |sim: &Sim| sim.state.holds().map(|h| h.whose().to_owned()).collect::<Vec<_>>();
    assert_eq!(standing(&sim), ["tom", "zoe", "engine"], "a rule's hold counts beside those of people");
    let said = why(sim.order(release(None)));
    assert!(
        said.contains("3 hold: tom: odd logs; zoe: no backup; engine: ")
            && said.contains("do release of tom seen; do release of zoe seen; do release of engine seen"),
        "{said}"
    );
    sim.order_by("zoe", release(None)).unwrap();
    assert_eq!(standing(&sim), ["tom", "engine"], "one's own, where nothing else is said");
    assert!(why(sim.order(release(Some("zoe")))).contains("zoe does not hold"));
    sim.order(release(Some("tom"))).unwrap();
    assert!(sim.start("b").is_err());
    sim.order(release(None)).unwrap();
    assert_eq!(standing(&sim), [] as [&str; 0], "the only one, whosever it is");
    sim.start("b").unwrap();
}

#[test]
fn a_release_of_a_journal_that_knew_but_one_hold_releases_all() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    for name in ["tom", "zoe"] {
        sim.order_by(name, What::Hold { why: "wait".into() }).unwrap();
    }
    let before = serde_json::to_string(&Event::Released { of: None, by: who("ana"), why: "x".into() }).unwrap();
    assert!(!before.contains("of"), "{before}");
    let released = serde_json::from_str(&before).unwrap();
    sim.state.apply(&Recorded { seq: Seq(sim.state.head.0 + 1), at: sim.now, order: None, event: released });
    assert_eq!(sim.state.holds().count(), 0);
}

#[test]
fn a_typed_release_means_the_hold_that_was_seen() {
    let mut sim = Sim::new(plan(vec![]));
    sim.order_by("tom", What::Hold { why: "odd logs".into() }).unwrap();
    let read = |sim: &Sim, line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout());
    let of =
        |of: &str, saw: &str| Ok(What::Release { of: Some(of.into()), seen: Some(saw.into()), why: "all fine".into() });
    let seen = read(&sim, "release all fine");
    assert_eq!(seen, of("tom", "odd logs"));
    sim.order_by("zoe", What::Hold { why: "no backup".into() }).unwrap();
    let own = Ok(What::Release { of: None, seen: None, why: "all fine".into() });
    assert_eq!(read(&sim, "release all fine"), own, "one's own");
    assert_eq!(read(&sim, "release of zoe all fine"), of("zoe", "no backup"));
    sim.order_by("tom", What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    assert!(why(sim.order(seen.unwrap())).contains("tom does not hold: zoe: no backup"));
}

#[test]
fn a_release_is_for_the_reasons_that_were_seen() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
    sim.start("a").unwrap();
    sim.start("b").unwrap();
    sim.ends("a.do.1", 1);
    let seen = sim.state.hold.as_ref().unwrap().release("only the linter");
    sim.ends("b.do.1", 1);
    let said = why(sim.order(seen));
    assert!(said.contains("engine holds for what you have not seen: Step b failed: "), "{said}");
    assert!(said.contains("do release \"only the linter\""), "{said}");
    let all = sim.state.hold.as_ref().unwrap().release("both are known");
    sim.order(all).unwrap();
    assert_eq!(sim.state.holds().count(), 0);
}

#[test]
fn two_people_from_two_sessions_or_one_alone_with_a_reason() {
    let approve = |alone: Option<&str>| What::Approve { step: "a".into(), attempt: 1, alone: alone.map(str::to_owned) };
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.approvals = 2)]));
    assert!(why(sim.start("a")).contains("1 more must approve"));
    sim.order(approve(None)).unwrap();
    assert!(why(sim.start("a")).contains("1 more must approve"), "one's own approval is not another's");
    assert!(sim.order(approve(None)).is_err());
    sim.order_by("tom", approve(None)).unwrap();
    sim.start("a").unwrap();

    let mut sim = Sim::new(plan(vec![runs("a", |s| s.approvals = 2)]));
    assert!(sim.order(approve(Some(""))).is_err());
    sim.order(approve(Some("tom is asleep"))).unwrap();
    sim.start("a").unwrap();
    assert_eq!(sim.state.steps["a"].overrides, ["ana alone: tom is asleep"]);
}

#[test]
fn a_stopped_command_is_signalled_unless_it_must_finish() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("migrate", |s| s.on_stop = OnStop::Finish)]));
    sim.start("a").unwrap();
    sim.start("migrate").unwrap();
    let stop = |step: &str, let_finish| What::Stop { step: step.into(), attempt: 1, let_finish };
    sim.order(stop("a", true)).unwrap();
    assert!(!sim.effects.contains(&Effect::Stop("a.do.1".parse().unwrap())));
    sim.order(stop("a", false)).unwrap();
    assert!(sim.effects.contains(&Effect::Stop("a.do.1".parse().unwrap())));
    assert!(
        why(sim.order(stop("a", true))).contains("`a` is being stopped already"),
        "it can't be let finish any more"
    );
    assert!(why(sim.order(stop("migrate", false))).contains("let the command of `migrate` finish"));
    let end = RunEnd::Signalled { signal: 15, took: Span::secs(2), stopped: true };
    sim.ended("a.do.1", end);
    assert_eq!(sim.word("a"), "failed");
    assert_eq!(sim.state.hold, None, "a person stopped it and knows");
}

#[test]
fn a_command_that_a_person_stopped_is_failed_also_where_it_exits_with_0_and_one_let_finish_may_be_done() {
    for let_finish in [false, true] {
        let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |s| s.after = after(&["a"]))]));
        sim.start("a").unwrap();
        sim.order_by("tom", What::Stop { step: "a".into(), attempt: 1, let_finish }).unwrap();
        sim.ends("a.do.1", 0);
        assert_eq!(sim.word("a"), if let_finish { "done" } else { "failed" });
        assert_eq!(sim.start("b").is_ok(), let_finish, "what waits for it");
        assert_eq!(sim.state.hold, None);
    }
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.start("a").unwrap();
    sim.order_by("tom", What::Stop { step: "a".into(), attempt: 1, let_finish: false }).unwrap();
    sim.ends("a.do.1", 0);
    let StepStatus::Failed { why, .. } = sim.status("a") else { panic!() };
    assert_eq!(why, "was stopped by tom (exited with 0 after 1s)");
}

#[test]
fn the_log_says_that_processes_of_a_command_run_on() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.start("a").unwrap();
    let end = RunEnd::Exited { code: 0, took: Span::secs(1) };
    sim.input(Input::Ended {
        run: "a.do.1".parse().unwrap(),
        end,
        left_running: true,
        asked: None,
        unkept: 0,
        last: None,
    })
    .unwrap();
    let ended = sim.events.iter().find(|r| matches!(r.event, Event::RunEnded { .. })).unwrap();
    let told = tell(&sim.state, &ended.event);
    assert_eq!(
        (told.tone, told.text.as_str()),
        (Tone::Warn, "Step a  exit 0 after 0:01; processes that it started still run")
    );
    assert_eq!(sim.word("a"), "done");
}

#[test]
fn an_interrupted_run_is_neither_done_nor_failed_until_a_person_says() {
    for (found, word) in [(Found::Done, "done"), (Found::NotDone, "failed")] {
        let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |s| s.after = after(&["a"]))]));
        sim.start("a").unwrap();
        sim.gap(Span::mins(5));
        sim.ended("a.do.1", RunEnd::Interrupted);
        assert_eq!(sim.word("a"), "interrupted");
        sim.order(What::Release { of: None, seen: None, why: "back".into() }).unwrap();
        assert!(sim.start("b").is_err());
        assert_eq!(sim.started(), ["a.do.1"], "it never runs again by itself");
        sim.order(What::Resolve { run: "a.do.1".parse().unwrap(), found, why: "looked".into() }).unwrap();
        assert_eq!(sim.word("a"), word);
    }
}

#[test]
fn the_launch_holds_when_the_end_of_a_command_was_not_observed() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
    sim.start("a").unwrap();
    sim.ended("a.do.1", RunEnd::Interrupted);
    let why = "Step a was interrupted: nobody knows whether its command did its work";
    assert_eq!(sim.state.hold.as_ref().map(|hold| hold.why.as_str()), Some(why));
    assert!(sim.start("b").is_err(), "as where it failed");
}

#[test]
fn what_a_person_found_of_a_command_stands_in_the_hold_where_it_was_said_that_nobody_knows() {
    for (found, known) in [(Found::Done, "did its work"), (Found::NotDone, "did not do its work")] {
        let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
        sim.start("a").unwrap();
        sim.start("b").unwrap();
        sim.ended("a.do.1", RunEnd::Interrupted);
        sim.ended("b.do.1", RunEnd::Interrupted);
        sim.order(What::Resolve { run: "b.do.1".parse().unwrap(), found, why: "looked".into() }).unwrap();
        let unknown = "Step a was interrupted: nobody knows whether its command did its work";
        let why = format!("{unknown}; Step b was interrupted: its command {known}, says ana");
        assert_eq!(sim.state.hold.as_ref().map(|hold| hold.why.clone()), Some(why));
    }
}

#[test]
fn a_skipped_step_lets_others_go_on_and_says_why() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), step("b", |s| s.after = after(&["a"]))]));
    let skip = |why: &str| What::Skip { step: "a".into(), why: why.into(), not_applicable: true };
    assert!(sim.order(skip("")).is_err());
    sim.order(skip("no mail here")).unwrap();
    assert_eq!(sim.word("a"), "n/a");
    sim.start("b").unwrap();
}

#[test]
fn a_step_starts_by_itself_only_where_the_plan_says_so_and_never_past_a_hold_or_a_gap() {
    let outline = plan(vec![
        runs("by-person", |_| {}),
        runs("auto", |s| {
            s.auto = true;
            s.at = Some(Offset(Span::mins(5)));
        }),
    ]);
    let mut sim = Sim::new(outline.clone());
    sim.pass(Span::mins(6));
    assert_eq!(sim.started(), ["auto.do.1"]);

    let mut sim = Sim::new(outline.clone());
    sim.order(What::Hold { why: "wait".into() }).unwrap();
    sim.pass(Span::mins(6));
    assert!(sim.started().is_empty());

    // Due in the gap: nothing catches up, a person starts it.
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.gap(Span::mins(10));
    sim.order(What::Release { of: None, seen: None, why: "back".into() }).unwrap();
    sim.pass(Span::mins(1));
    assert!(sim.started().is_empty());
    sim.start("auto").unwrap();
}

#[test]
fn an_ended_launch_takes_notes_and_nothing_else() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    let end = |typed: &str| What::End { typed: typed.into(), why: "done".into() };
    assert!(why(sim.order_by("tom", end("production"))).contains("only the lead, ana"));
    assert!(why(sim.order(end("staging"))).contains("its environment is typed: production; do end production done"));
    sim.start("a").unwrap();
    assert!(why(sim.order(end("production"))).contains("still runs"));
    sim.ends("a.do.1", 0);
    sim.order(end("production")).unwrap();
    assert!(sim.effects.contains(&Effect::Retire));
    assert!(why(sim.start("a")).contains("ended by ana"));
    sim.order_by("tom", What::Note { text: "after all".into() }).unwrap();
}

#[test]
fn an_order_id_that_was_answered_does_nothing_again() {
    let mut sim = Sim::new(plan(vec![]));
    let order = Order { id: "x".into(), by: who("ana"), what: What::Note { text: "once".into() } };
    sim.input(Input::Order(order.clone())).unwrap();
    let head = sim.state.head;
    sim.input(Input::Order(order)).unwrap();
    assert_eq!(sim.state.head, head);
    assert_eq!(sim.state.orders["x"], head);
}

#[test]
fn a_plan_that_lost_a_step_under_way_is_not_taken_in() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("old", |_| {})]));
    sim.start("a").unwrap();
    let adopt =
        |outline| Input::Adopt { by: who("ana"), hash: "1".into(), outline: Box::new(outline), strays: Vec::new() };
    assert!(why(sim.input(adopt(plan(vec![])))).contains("`a` is under way"));
    sim.input(adopt(plan(vec![runs("a", |_| {}), step("new", |_| {})]))).unwrap();
    assert_eq!(sim.word("new"), "not begun");
    assert_eq!(sim.word("old"), "not begun", "what the plan lost is kept");
    assert!(sim.effects.contains(&Effect::Reschedule));
}

#[test]
fn any_operator_may_take_the_lead() {
    let mut sim = Sim::new(plan(vec![]));
    sim.order_by("tom", What::lead("tom")).unwrap();
    assert_eq!(sim.state.lead, "tom");
    assert!(sim.order(What::lead("tom")).is_err());
}

#[test]
fn the_lead_goes_to_somebody_known_or_with_a_reason() {
    let mut outline = plan(vec![]);
    let dba = crate::core::outline::Role {
        name: "Quinn".into(),
        backup: Some("Pia".into()),
        ..crate::core::outline::Role::default()
    };
    outline.roles = [("dba".into(), dba)].into();
    let to = |name: &str, why: Option<&str>, here: &[&str]| What::Lead {
        name: name.into(),
        why: why.map(str::to_owned),
        here: here.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut sim = Sim::new(outline);
    assert_eq!(
        why(sim.order(to("nobody-here", None, &["tom", "ana"]))),
        "nobody known goes by `nobody-here`: attached are ana, tom; the plan's roles name Pia, Quinn; take one of these, \
         or say why it is right; do lead nobody-here WHY"
    );
    assert_eq!(sim.state.lead, "ana");
    for (name, here) in [("tom", &["tom", "ana"][..]), ("Quinn", &[]), ("Pia", &[])] {
        sim.order(to(name, None, here)).unwrap();
        assert_eq!(sim.state.lead, name);
    }
    assert!(
        why(sim.order(to("zoe", Some("  "), &[]))).contains("nobody known goes by `zoe`"),
        "a reason says something"
    );
    sim.order(to("zoe", Some("she is on the train"), &[])).unwrap();
    assert_eq!(sim.state.lead, "zoe");
    let told = crate::core::tell::tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert_eq!(told, "zoe leads, says ana: she is on the train");
}

#[test]
fn incidents_are_numbered_changed_and_closed() {
    let mut sim = Sim::new(plan(vec![]));
    let severity = |incident, level, text: &str| What::Severity { incident, level, text: text.into() };
    sim.order(severity(None, 2, "")).unwrap();
    sim.order_by("tom", severity(None, 3, "mail is slow")).unwrap();
    sim.order(severity(Some(1), 1, "payments fail")).unwrap();
    assert!(sim.order(severity(Some(1), 5, "")).is_err());
    assert!(sim.order(severity(Some(7), 1, "")).is_err());
    sim.order(What::Resolved { incident: 2, text: "restarted".into() }).unwrap();
    assert!(sim.order(What::Resolved { incident: 2, text: String::new() }).is_err());
    let levels: Vec<_> = sim.state.incidents.iter().map(|i| (i.level, i.resolved.is_some())).collect();
    assert_eq!(levels, [(1, false), (3, true)]);
}

#[test]
fn a_refused_start_names_everyone_who_holds_and_every_reason_of_the_engine() {
    let mut outline = plan(vec![runs("a", |_| {}), runs("b", |_| {}), runs("c", |_| {})]);
    outline.triggers = vec![trigger("high", "errors > 5% for 1m", TriggerAction::Propose)];
    let mut sim = Sim::new(outline);
    sim.start("a").unwrap();
    sim.start("b").unwrap();
    for (name, reason) in [("mia", "lunch"), ("tom", "odd logs")] {
        let by = Operator { declared: name == "mia", ..who(name) };
        let what = What::Hold { why: reason.into() };
        sim.input(Input::Order(Order { id: name.into(), by, what })).unwrap();
    }
    sim.ends("a.do.1", 1);
    sim.ends("b.do.1", 2);
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(2));
    let engine = "Step a failed: exited with 1 after 1s; Step b failed: exited with 2 after 1s; high fired: 6 % > 5 %";
    assert_eq!(
        why(sim.start("c")),
        format!(
            "the launch is held: mia (declared) holds: lunch; tom holds: odd logs; engine holds: {engine}; \
             do release of mia WHY; do release of tom WHY; do release of engine WHY"
        )
    );
    sim.order(What::Release { of: Some("engine".into()), seen: None, why: "seen".into() }).unwrap();
    assert!(!why(sim.start("c")).contains("Step a"), "one release for all that a rule held it for");
}

#[test]
fn a_launch_in_which_something_goes_on_is_not_ended_and_says_what() {
    let mut sim = Sim::new(plan(vec![
        step("soaks", |s| (s.verify, s.soak) = (conditions(&["green is ok"]), Some(Span::mins(1)))),
        step("hand", |s| s.items = vec!["x".into(), "y".into()]),
        step("go", |s| s.gate = gate(&[], &[], None)),
    ]));
    sim.pass(Span::secs(20));
    ["soaks", "hand", "go"].into_iter().for_each(|id| sim.start(id).unwrap());
    let end = |typed: &str| What::End { typed: typed.into(), why: "enough".into() };
    let said = why(sim.order(end("production")));
    let all = "something still goes on: `soaks` (soaking), `hand` (in progress), `go` (waits for a decision)";
    assert!(said.starts_with(all), "{said}");
    let stop = |step: &str| What::Stop { step: step.into(), attempt: 1, let_finish: false };
    sim.order(stop("soaks")).unwrap();
    sim.order(stop("hand")).unwrap();
    sim.order(What::Decide { gate: "go".into(), round: 1, go: false, why: Some("no".into()) }).unwrap();
    let said = why(sim.order(end("")));
    assert!(said.contains("can't be undone (0 of 4 boxes are done)"), "{said}");
    sim.order(end("production")).unwrap();
}

#[test]
fn under_a_hold_a_failed_step_by_hand_is_counted_as_done_and_does_not_begin_again() {
    let mut sim = Sim::new(plan(vec![step("hand", |_| {})]));
    sim.start("hand").unwrap();
    sim.order(What::Stop { step: "hand".into(), attempt: 1, let_finish: false }).unwrap();
    sim.order(What::Hold { why: "looks odd".into() }).unwrap();
    assert_eq!(sim.word("hand"), "failed");
    sim.order(What::Done { step: "hand".into(), why: Some("it was done".into()) }).unwrap();
    assert_eq!((sim.word("hand"), sim.count("step-started")), ("done by override", 1));
}

#[test]
fn a_soak_stands_still_while_no_engine_runs_however_short_that_is() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.verify = conditions(&["errors < 5%"]);
        s.soak = Some(Span::secs(60));
    })]));
    sim.measures("errors", crate::core::reading::Outcome::number(0.001));
    sim.pass(Span::secs(10));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 0);
    let lasted = |sim: &Sim| {
        let step = sim.state.outline.step(&"a".into()).unwrap();
        crate::core::launch::answers::soak(&sim.state, &sim.readout(), step, sim.now).unwrap().lasted
    };
    sim.pass(Span::secs(20));
    let before = lasted(&sim);
    sim.gap(Span::secs(15));
    sim.pass(Span::secs(10));
    assert_eq!(lasted(&sim), before + Span::secs(10));
}

#[test]
fn what_is_done_by_hand_has_to_hold_from_its_last_box_on() {
    let mut sim = Sim::new(plan(vec![step("dns", |s| {
        s.items = vec!["open the console".into(), "switch".into()];
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(2));
    })]));
    let tick = |item, on| What::Tick { step: "dns".into(), item: Some(item), on };
    sim.order(tick(0, true)).unwrap();
    sim.pass(Span::mins(5));
    assert_eq!(sim.word("dns"), "in progress", "nothing was switched yet");
    sim.order(tick(1, true)).unwrap();
    assert_eq!(sim.word("dns"), "soaking");
    sim.pass(Span::mins(1));
    sim.order(tick(1, false)).unwrap();
    assert_eq!(sim.word("dns"), "in progress", "a box that is open again ends its soak");
    sim.pass(Span::mins(5));
    sim.order(tick(1, true)).unwrap();
    sim.pass(Span::secs(110));
    assert_eq!(sim.word("dns"), "soaking");
    sim.pass(Span::mins(1));
    assert_eq!(sim.word("dns"), "done");
}

#[test]
fn a_command_that_has_a_timeout_says_when_it_ends() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.timeout = Some(Span::mins(10)))]));
    sim.start("a").unwrap();
    sim.pass(Span::mins(4));
    let said = sim.explain("a").because;
    assert!(said.contains(&"it is ended at its timeout of 10m, in 6:00".to_owned()), "{said:?}");
}

#[test]
fn another_attempt_by_hand_begins_with_all_its_boxes_open_and_says_so() {
    let mut sim = Sim::new(plan(vec![step("dns", |s| s.items = vec!["one".into(), "two".into()])]));
    let tick = |item| What::Tick { step: "dns".into(), item: Some(item), on: true };
    sim.order(tick(0)).unwrap();
    sim.order(What::Stop { step: "dns".into(), attempt: 1, let_finish: false }).unwrap();
    let said = sim.explain("dns");
    assert!(said.because.iter().any(|why| why.ends_with("does it by hand, with all its boxes open again")), "{said:?}");
    assert!(said.orders.contains(&tick(0)) && !said.orders.contains(&tick(1)), "{said:?}");
    sim.order(What::Release { of: None, seen: None, why: "looked".into() }).unwrap_or_default();
    sim.order(tick(0)).unwrap();
    assert_eq!(sim.state.steps["dns"].attempt, 2, "the box that was ticked before begins it as any other");
}

#[test]
fn how_many_must_approve_is_known_before_the_step_is_due() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |s| (s.after, s.approvals) = (after(&["a"]), 2))]));
    let early = "1 more must approve before it starts; they may do so now";
    assert!(sim.explain("b").because.contains(&early.to_owned()), "{:?}", sim.explain("b"));
    sim.order_by("tom", What::Approve { step: "b".into(), attempt: 1, alone: None }).unwrap();
    assert!(!sim.explain("b").because.iter().any(|why| why.contains("must approve")), "{:?}", sim.explain("b"));
}
