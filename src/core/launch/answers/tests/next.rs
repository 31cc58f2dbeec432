use super::*;
use crate::core::order::{Ballot, Way, What};
use crate::core::outline::{Role, Since, StepOutline};
use crate::core::reading::{Few, Level, Outcome};
use crate::core::time::Offset;
use crate::core::units::Finite;
use crate::core::view::Asks;

fn hold(why: &str) -> What {
    What::Hold { why: why.into() }
}

#[test]
fn a_step_that_is_due_names_who_and_the_order() {
    let mut sim = shifting(|plan| {
        plan.steps[0].owner = Some("devops".into());
        plan.roles = [("devops".into(), Role { name: "Raj".into(), ..Role::default() })].into();
    });
    assert_eq!(next(&sim), ["now", "25 % to green", "devops: Raj", "run a starts it"]);
    assert!(told(&sim).next.wanted);
    sim.order(hold("lunch")).unwrap();
    sim.now = sim.now + Span::secs(12);
    assert_eq!(next(&sim), ["now", "lunch", "ana holds for 0:12; any operator", "release WHY releases"]);
}

#[test]
fn a_step_that_lacks_a_secret_says_which_and_is_not_offered() {
    let sim = Sim::new(plan(vec![runs("deploy", |s| s.run = Some("./deploy.sh \"$token\"".into()))]));
    let next = told_with(&sim, &sim.readout(), &[no_value("token", "TOKEN")]).next;
    assert!(next.wanted && next.moves.is_empty(), "{next:?}");
    assert!(next.who.long().ends_with("TOKEN is not set; give it with `tminus do env token`"), "{next:?}");
    let other = told_with(&sim, &sim.readout(), &[no_value("key", "KEY")]).next;
    assert_eq!(spell::write(&other.moves[0].order), "run deploy", "it speaks of no such secret");
}

#[test]
fn what_is_done_by_hand_is_ticked_and_says_how_far_it_is() {
    let boxes = step("smoke", |s| s.items = ["home", "login"].map(Into::into).into());
    let mut sim = Sim::new(plan(vec![boxes, step("tell", |_| {})]));
    assert_eq!(next(&sim), ["now", "Step smoke  +1 more", "any operator", "tick smoke 1 ticks it"]);
    sim.order_by("jo", What::Tick { step: "smoke".into(), item: Some(0), on: true }).unwrap();
    assert_eq!(next(&sim), ["now", "Step smoke  +1 more", "jo: 1 of 2", "tick smoke 2 ticks it"]);
}

#[test]
fn a_soak_says_when_it_is_over_and_who_decides_then() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    sim.pass(Span::secs(70));
    let who = "ana decides; dba, support vote";
    assert_eq!(next(&sim), ["in ~3:50 at T+6m", "Go for 50 %?", who, ""]);
    assert!(told(&sim).next.gate && !told(&sim).next.wanted);
    sim.measures("errors", Outcome::NoData("429".into()));
    sim.pass(Span::secs(10));
    let blind = ["its clock stands still", "Go for 50 %?", "25 % to green: no data for what must hold", ""];
    assert_eq!(next(&sim), blind);
    assert_eq!(told(&sim).next.level, Level::Unknown);
}

/// `a` is to hold for 5 minutes after its command; what follows has a clock of its own.
#[test]
fn what_follows_waits_for_its_own_clock_too() {
    type Own = fn(&mut StepOutline);
    let since = |s: &mut StepOutline| {
        s.since = Some(Since { name: "a".into(), of: vec!["a".into()], plus: Span::secs(30) });
    };
    let at = |s: &mut StepOutline| s.at = Some(Offset(Span::mins(9)));
    let table: [(Own, [&str; 4]); 3] = [
        (|_| {}, ["in ~5:00 at T+6m30s", "in ~5:00 at T+8m10s", "in ~5:00 at T+8m10s", "when it is done"]),
        (
            since,
            [
                "in ~5:30 at T+7m",
                "in ~5:30 at T+8m40s",
                "in ~5:30 at T+8m40s",
                "when it is done, in 0:30 at the earliest",
            ],
        ),
        (at, ["in ~7:30 at T+9m", "in ~5:50 at T+9m", "in ~5:50 at T+9m", "when it is done, in 8:00 at the earliest"]),
    ];
    for (own, expected) in table {
        let plan = |estimate| {
            let mut sim = shifting(|plan| {
                plan.steps[0].estimate = estimate;
                own(&mut plan.steps[1]);
            });
            sim.start("a").unwrap();
            sim
        };
        let mut sim = plan(Some(Span::mins(2)));
        sim.now = sim.now + Span::secs(30);
        let mut found = vec![next(&sim)[0].clone()];
        sim.now = sim.now + Span::secs(100);
        found.push(next(&sim)[0].clone());
        sim.ends("a.do.1", 0);
        found.push(next(&sim)[0].clone());
        found.push(next(&plan(None))[0].clone());
        assert_eq!(found, expected);
    }
}

#[test]
fn what_comes_first_is_next_and_not_what_stands_first_in_the_plan() {
    let mut sim = shifting(|plan| {
        plan.steps[0].estimate = Some(Span::mins(1));
        plan.steps[1].at = Some(Offset(Span::mins(30)));
        plan.steps.push(runs("tell", |s| s.after = after(&["a"])));
    });
    sim.start("a").unwrap();
    assert_eq!(next(&sim)[..2], ["in ~5:00 at T+6m", "Step tell"], "its soak counts, and the gate has its time");
    sim.ends("a.do.1", 0);
    sim.pass(Span::secs(70));
    assert_eq!(next(&sim)[..2], ["in ~3:50 at T+6m", "Step tell"]);
}

#[test]
fn nothing_waits_for_a_command_beside_the_plan() {
    let mut sim = shifting(|plan| plan.steps[0].at = Some(Offset(Span::mins(30))));
    let before = next(&sim);
    sim.order(What::Sh { command: "sleep 200".into() }).unwrap();
    assert_eq!(next(&sim), before);
}

#[test]
fn a_command_is_over_at_its_estimate_or_late() {
    let mut sim = shifting(|plan| {
        (plan.steps[0].estimate, plan.steps[0].soak) = (Some(Span::mins(2)), None);
    });
    sim.start("a").unwrap();
    sim.now = sim.now + Span::secs(30);
    assert_eq!(next(&sim)[..2], ["in ~1:30 at T+3m", "Go for 50 %?"]);
    sim.now = sim.now + Span::secs(100);
    assert_eq!(next(&sim)[0], "when it is done, 0:10 late");
    let mut sim = shifting(|_| {});
    sim.start("a").unwrap();
    assert_eq!(next(&sim)[0], "when it is done");
}

#[test]
fn a_gate_says_who_decides_and_who_has_yet_to_vote() {
    let mut sim = shifting(|_| {});
    sim.order(What::Skip { step: "a".into(), why: "no".into(), not_applicable: false }).unwrap();
    assert_eq!(next(&sim), ["now", "Go for 50 %?", "ana decides; dba, support vote", "run go opens the poll"]);
    sim.start("go").unwrap();
    let orders = "go go WHY decides; vote go dba go votes";
    assert_eq!(next(&sim), ["now", "Go for 50 %?", "ana decides; dba, support vote", orders]);
    let vote = |role: &str, vote, why: Option<&str>| What::Vote {
        gate: "go".into(),
        round: 1,
        role: role.into(),
        vote,
        why: why.map(Into::into),
    };
    sim.order_by("tom", vote("dba", Ballot::Go, None)).unwrap();
    assert_eq!(next(&sim)[2], "ana decides; support votes");
    sim.order_by("mia", vote("support", Ballot::NoGo, Some("calls pile up"))).unwrap();
    assert_eq!(next(&sim)[2..], ["ana decides; 1 of 2 say no-go", "go go WHY decides"]);
}

#[test]
fn a_time_that_comes_is_counted_down() {
    let mut sim = shifting(|plan| plan.steps[0].at = Some(Offset(Span::mins(60))));
    sim.now = sim.now + Span::secs(20);
    assert_eq!(next(&sim), ["in 58:40 at T+1h", "25 % to green", "any operator", ""]);
}

#[test]
fn a_breach_comes_before_all_that_is_planned() {
    let mut sim = shifting(watch("errors[green] > 5% for 10m", TriggerAction::Propose));
    sim.does("a");
    breaks(&mut sim, Span::secs(70));
    let orders = "rollback stage WHY goes back";
    assert_eq!(next(&sim), ["in 2:00 at T+4m10s", "asks: undo 25 % to green?", "ana or any operator answers", orders]);
    assert!(!told(&sim).next.wanted);
    breaks(&mut sim, Span::mins(3));
    assert_eq!(sim.word("a"), "failed");
    assert_eq!(next(&sim), ["now", "asks: undo 25 % to green?", "ana or any operator answers", orders]);
    assert!(told(&sim).next.wanted);
}

#[test]
fn people_are_asked_for_what_only_they_know() {
    let mut sim = shifting(|_| {});
    sim.start("a").unwrap();
    let mut readout = sim.readout();
    readout
        .asking
        .insert("a.do.1".parse().unwrap(), Asks { since: sim.now, prompt: "go on? [y/N]".into(), hidden: false });
    sim.now = sim.now + Span::secs(4);
    let asking = told_with(&sim, &readout, &[]);
    assert_eq!(asking.now.doing.long(), "25 % to green, waits for input");
    let who = "any operator; it waits for 0:04";
    assert_eq!(shown(&asking), ["now", "25 % to green asks: go on? [y/N]", who, "input a LINE answers it"]);
    sim.ended("a.do.1", crate::core::event::RunEnd::Interrupted);
    assert_eq!(
        next(&sim),
        ["now", "what became of 25 % to green?", "nobody saw its end; any operator looks", "resolve a done WHY say it"]
    );
}

#[test]
fn while_going_back_it_says_what_follows_and_where_it_stopped_who_decides() {
    let mut sim = shifting(|_| {});
    sim.does("a");
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "looks odd".into() }).unwrap();
    assert_eq!(next(&sim), ["when this is done", "then it is done, and you look", "started by ana", ""]);
    sim.ends("traffic/to-blue.do.1", 1);
    let what = "the rollback stopped at 1 of 1: Step traffic/to-blue";
    assert_eq!(next(&sim), ["now", what, "any operator: try again, by hand, or leave it there", "again you decide"]);
}

#[test]
fn an_incident_is_heard_once_it_is_due_soon() {
    let mut sim = shifting(|plan| {
        let two = crate::core::outline::SeverityOutline { update: Some(Span::mins(30)), ..Default::default() };
        plan.severities = [(2, two)].into();
    });
    sim.order(What::Severity { incident: None, level: 2, text: "cards fail".into() }).unwrap();
    assert_eq!(next(&sim)[1], "25 % to green", "there is time");
    sim.pass(Span::mins(28));
    let who = "who is on it tells people";
    assert_eq!(
        next(&sim),
        ["update due in 2:00", "update on #1 SEV2 cards fail", who, "update 1 TEXT says how it goes"]
    );
}

#[test]
fn at_the_end_the_launch_can_be_ended() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.does("a");
    assert_eq!(next(&sim)[..2], ["nothing is left", "the launch can be ended"]);
    sim.order(What::End { typed: "production".into(), why: "done".into() }).unwrap();
    assert_eq!(next(&sim), ["nothing", "the launch is over", "", ""]);
}

#[test]
fn a_soak_that_only_waits_for_its_last_reading_says_when_that_is_due() {
    // Its clock counts from the first reading to the last: 0:40, then 0:50 of 0:55.
    let mut sim = shifting(|plan| plan.steps[0].soak = Some(Span::secs(55)));
    sim.does("a");
    sim.pass(Span::secs(40));
    let because = |sim: &Sim| sim.explain("a").because;
    assert_eq!(next(&sim)[0], "in ~0:15 at T+1m55s");
    assert_eq!(because(&sim).len(), 1, "two readings are wanted: {:?}", because(&sim));
    sim.pass(Span::secs(10));
    sim.now = sim.now + Span::secs(3);
    assert_eq!(next(&sim)[0], "in ~0:07, with the next reading at T+2m");
    assert_eq!(because(&sim)[1], "the next reading is due in 7s");
    sim.now = sim.now + Span::secs(9);
    assert_eq!(because(&sim)[1], "the next reading is due now");
    assert!(next(&sim)[0].starts_with("in ~0:00, with the next reading"), "{:?}", next(&sim));
}

#[test]
fn too_few_samples_are_named_with_how_many_of_how_many() {
    let few = |samples: i32| {
        let (value, samples, needs) = (Finite::new(0.0002), Finite::from(samples), Finite::from(300));
        Outcome::Few(Box::new(Few { value, samples, needs, of: "requests".into() }))
    };
    let mut sim = shifting(|_| {});
    sim.does("a");
    for n in 0..4 {
        sim.measures_of("errors", "green", few(203 + 2 * n));
        sim.pass(Span::secs(10));
    }
    let said = "25 % to green: errors[green] 0.02 % of 209/300 requests, about 8 min";
    assert_eq!(next(&sim), ["its clock stands still", "Go for 50 %?", said, ""]);
    assert!(sim.explain("a").because.iter().any(|b| b.contains("0.02 % of 209/300 requests, about 8 min")));
    let told = told(&sim);
    assert!(
        told.alarms.iter().any(|a| a.what.contains("0.02 % of 209/300 requests, about 8 min")),
        "{:?}",
        told.alarms
    );

    let gate = step("go", |s| s.gate = gate(&["errors < 1%"], &["dba"], None));
    let mut sim = Sim::new(plan(vec![gate]));
    sim.start("go").unwrap();
    sim.measures("errors", few(212));
    sim.pass(Span::secs(10));
    assert_eq!(next(&sim)[2], "ana decides; dba votes; errors 0.02 % of 212/300 requests");
    assert!(sim.explain("go").because.contains(&"errors < 1%: 0.02 % of 212/300 requests".to_owned()));
}

/// A step that takes a minute, and others that do not wait for it.
fn beside() -> Sim {
    let mut sim = Sim::new(plan(vec![
        runs("mig", |s| s.estimate = Some(Span::secs(50))),
        runs("by-itself", |s| (s.auto, s.at) = (true, Some(Offset(Span::secs(20))))),
        runs("by-hand", |s| s.at = Some(Offset(Span::secs(40)))),
        runs("last", |s| s.after = after(&["mig"])),
    ]));
    let t0 = sim.state.t0;
    sim.pass(t0.since(sim.now));
    sim.start("mig").unwrap();
    sim
}

#[test]
fn what_does_not_wait_for_what_runs_is_next_at_its_own_time() {
    let mut sim = beside();
    sim.pass(Span::secs(1));
    assert_eq!(next(&sim)[..3], ["in 0:19 at T+20s", "Step by-itself", "it starts by itself"]);
    sim.pass(Span::secs(20));
    sim.ends("by-itself.do.1", 0);
    assert_eq!(next(&sim)[..2], ["in 0:19 at T+40s", "Step by-hand"]);
}

#[test]
fn what_waits_for_what_runs_is_next_at_its_estimated_end_where_nothing_comes_before() {
    let mut sim = beside();
    sim.pass(Span::secs(25));
    sim.ends("by-itself.do.1", 0);
    sim.order(What::Skip { step: "by-hand".into(), why: "no".into(), not_applicable: false }).unwrap();
    assert_eq!(next(&sim)[..2], ["in ~0:25 at T+50s", "Step last"]);
}
