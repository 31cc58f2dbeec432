//! A command that the plan lets finish, and that does not.

use super::back::back;
use crate::core::event::Event;
use crate::core::launch::testing::*;
use crate::core::launch::{Effect, StoppedItem, explain_named, ways};
use crate::core::order::{Way, What};
use crate::core::outline::OnStop;
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::Span;
use crate::core::view::Readout;

/// A migration runs for ten minutes, and a way back would undo it.
fn hangs() -> Sim {
    let mig = runs("mig", |s| {
        s.on_stop = OnStop::Finish;
        s.undo = undo(&[]);
    });
    let mut outline = plan(vec![mig]);
    let mut traffic = rollback("r", vec![runs("r/one", |_| {})]);
    traffic.undoes = after(&["mig"]);
    outline.rollbacks = vec![traffic];
    outline.rollback = Some("r".into());
    let mut sim = Sim::new(outline);
    sim.start("mig").unwrap();
    sim.pass(Span::mins(10));
    sim
}

fn now(typed: &str, why: &str) -> What {
    What::StopNow { step: "mig".into(), attempt: 1, typed: typed.into(), why: why.into() }
}

#[test]
fn a_way_back_that_must_wait_for_what_the_plan_lets_finish_says_so_before_it_is_taken() {
    let sim = hangs();
    let first = "waits for Step mig first, for 10:00 now: the plan says finish";
    assert!(sim.answers().back.why.long().starts_with(first), "{:?}", sim.answers().back);
    let said = &explain_named(&sim.state, &sim.readout(), "r", sim.now).unwrap()[0].why;
    assert!(said.because.iter().any(|line| line == first), "{said:?}");
    assert_eq!(spell::write(said.orders.last().unwrap()), "stop mig now typed ENVIRONMENT WHY");
}

#[test]
fn a_way_back_names_the_process_that_it_waits_for() {
    let mut sim = hangs();
    let knows = |sim: &Sim| Readout { processes: [("mig.do.1".parse().unwrap(), 4711)].into(), ..sim.readout() };
    let readout = knows(&sim);
    let ready = ways(&sim.state, &readout);
    assert_eq!(
        ready[0].first.as_deref(),
        Some("waits for Step mig (process 4711) first, for 10:00 now: the plan says finish")
    );
    sim.order(back(Way::Named("r".into()))).unwrap();
    let readout = knows(&sim);
    let waits = "the command of Step mig (process 4711) ends, which the plan lets finish";
    assert_eq!(sim.state.way_back_awaits_words(&readout).as_deref(), Some(waits));
    let said = explain_named(&sim.state, &readout, "rollback", sim.now).unwrap().remove(0).why;
    assert!(said.because.contains(&format!("waits until {waits}")), "{said:?}");
    let said = explain_named(&sim.state, &readout, "mig", sim.now).unwrap().remove(0).why;
    assert!(said.because[0].starts_with("its command (process 4711) runs"), "{said:?}");
}

#[test]
fn what_the_plan_lets_finish_is_stopped_by_nobody_but_who_types_the_environment_and_says_why() {
    let mut sim = hangs();
    let said = why(sim.order(What::Stop { step: "mig".into(), attempt: 1, let_finish: false }));
    assert!(said.contains("do stop mig now typed ENVIRONMENT WHY"), "{said}");
    let said = why(sim.order(now("staging", "it hangs")));
    assert!(said.contains("do stop mig now typed production \"it hangs\""), "{said}");
    assert!(why(sim.order(now("production", " "))).contains("needs a reason"));
    assert!(!sim.effects.contains(&Effect::Stop("mig.do.1".parse().unwrap())));
    sim.order(now("production", "it hangs")).unwrap();
    assert!(sim.effects.contains(&Effect::Stop("mig.do.1".parse().unwrap())));
    assert!(sim.state.steps["mig"].overrides[0].contains("it hangs"));
    let stopped = sim.events.iter().find(|r| matches!(r.event, Event::StopAsked { .. })).unwrap();
    let told = tell(&sim.state, &stopped.event).text;
    assert!(told.contains("is stopped though the plan lets it finish, says ana: it hangs"), "{told}");
    let overrides = crate::core::report::Report::of(&sim.events, None).unwrap().overrides;
    let said: Vec<_> = overrides.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(said, ["Step mig: stopped though the plan lets it finish: it hangs"]);
    assert!(why(sim.order(now("production", "it hangs"))).contains("is being stopped already"));
}

#[test]
fn a_way_back_that_waits_for_what_the_plan_lets_finish_names_the_order_that_gets_it_out() {
    let mut sim = hangs();
    sim.order(back(Way::Named("r".into()))).unwrap();
    for name in ["mig", "rollback", "r/one"] {
        let all = explain_named(&sim.state, &sim.readout(), name, sim.now).unwrap();
        let orders: Vec<_> = all.iter().flat_map(|w| &w.why.orders).map(spell::write).collect();
        assert!(orders.contains(&"stop mig now typed ENVIRONMENT WHY".to_owned()), "{name}: {all:?}");
    }
    sim.order(now("production", "it hangs")).unwrap();
    sim.ends("mig.do.1", 143);
    sim.ends("r/one.do.1", 0);
    assert_eq!(sim.word("mig"), "undone");
}

#[test]
fn a_way_back_that_stopped_while_it_waited_offers_only_what_is_taken_beside_the_command_that_runs() {
    let mut sim = hangs();
    sim.order(back(Way::Stage("mig".into()))).unwrap();
    sim.crash(Span::ZERO);
    let (stands, command) = sim.state.stopped_item().unwrap();
    assert_eq!(stands, StoppedItem::Waits);
    assert_eq!(command, "its undo was not begun: the command of `mig` still runs, and it waits for its end");
    let next = sim.answers().next;
    assert_eq!(next.who.long(), "any operator: wait for it, or stop what runs");
    let by_hand = What::RollbackByHand { rollback: 1, item: 0, why: "seen".into() };
    let refused = why(sim.order(by_hand));
    assert!(refused.starts_with("the command of `mig` still runs; wait for its end, or stop it"), "{refused}");
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    assert!(sim.state.way_back_awaits().is_some());
}
