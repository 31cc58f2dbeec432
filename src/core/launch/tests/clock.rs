//! The clock: T-0 and what counts from it.

use crate::core::event::{Event, Part};
use crate::core::launch::testing::*;
use crate::core::launch::{due_at, waits};
use crate::core::order::What;
use crate::core::outline::{Outline, PhaseOutline};
use crate::core::time::{Offset, Span};
use crate::core::{spell, tell};

fn offset(minutes: i64) -> Option<Offset> {
    Some(Offset(Span::mins(minutes)))
}

/// `prepare` before T-0, `deploy` at it, `traffic` after it; `late` has a time of its own.
fn planned() -> Outline {
    let phase = |id: &str, minutes| PhaseOutline { id: id.into(), title: id.to_uppercase(), at: offset(minutes) };
    let of = |id: &str, phase: &str, at| {
        step(id, |s| {
            s.phase = phase.into();
            s.at = at;
        })
    };
    Outline {
        zone: Some("Europe/Berlin".into()),
        phases: vec![phase("prepare", -60), phase("deploy", 30), phase("traffic", 60)],
        steps: vec![
            of("backup", "prepare", None),
            of("start", "deploy", None),
            of("share", "traffic", None),
            of("late", "traffic", offset(90)),
        ],
        ..plan(Vec::new())
    }
}

fn typed(sim: &mut Sim, line: &str) -> Result<(), crate::core::order::Rejection> {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state).unwrap();
    sim.order(what)
}

#[test]
fn a_slip_moves_t0_and_what_counts_from_it_and_has_not_begun_and_says_what_moved() {
    let mut sim = Sim::new(planned());
    sim.order(What::Tick { step: "backup".into(), item: None, on: true }).unwrap();
    let before = due_at(&sim.state, &sim.state.outline.steps[1]).unwrap();
    typed(&mut sim, "slip +35m \"the freeze overran\"").unwrap();
    assert_eq!(due_at(&sim.state, &sim.state.outline.steps[1]), Some(before + Span::mins(35)));
    let Event::T0Moved { moved, from, to, .. } = &sim.events.last().unwrap().event else { panic!() };
    assert_eq!((sim.state.t0, to.since(*from)), (*to, Span::mins(35)));
    let parts: Vec<&Part> = moved.iter().map(|m| &m.part).collect();
    // The backup is over: it stays where it was.
    assert_eq!(parts, [&Part::Phase("deploy".into()), &Part::Phase("traffic".into()), &Part::Step("late".into())]);
    assert_eq!(
        tell::tell(&sim.state, &sim.events.last().unwrap().event).text,
        "T-0 moved by +35m to 09:35 CET, says ana: the freeze overran; with it: DEPLOY at 10:05, TRAFFIC at 10:35, \
         Step late at 11:05"
    );
}

#[test]
fn t0_may_be_earlier_or_be_named_in_the_plans_zone() {
    let mut sim = Sim::new(planned());
    let first = sim.state.t0;
    typed(&mut sim, "slip -10m \"all is ready\"").unwrap();
    assert_eq!(sim.state.t0, first - Span::mins(10));
    typed(&mut sim, "slip to 09:30 \"as said\"").unwrap();
    assert_eq!(sim.state.t0, first + Span::mins(30));
    // What was not due any more waits anew.
    typed(&mut sim, "slip -2h \"test\"").unwrap();
    assert_eq!(waits(&sim.state, &sim.state.outline.steps[1], sim.now).until, None);
    typed(&mut sim, "slip +4h \"test\"").unwrap();
    assert!(waits(&sim.state, &sim.state.outline.steps[1], sim.now).until.is_some());
}

#[test]
fn of_two_who_slip_at_once_one_wins_and_the_other_is_told() {
    let mut sim = Sim::new(planned());
    let from = sim.state.t0;
    let slip = |why: &str| What::Slip { from, to: from + Span::mins(35), why: why.into() };
    sim.order(slip("the freeze overran")).unwrap();
    assert_eq!(
        why(sim.order_by("tom", slip("so do I"))),
        "T-0 was moved meanwhile by +35m, to 09:35 CET; look whether it must move further; do slip +35m \"so do I\""
    );
}

#[test]
fn a_slip_needs_a_reason_and_goes_somewhere() {
    let mut sim = Sim::new(planned());
    let from = sim.state.t0;
    let slip = |span: Span, why: &str| What::Slip { from, to: from + span, why: why.into() };
    assert_eq!(why(sim.order(slip(Span::mins(5), " "))), "moving T-0 needs a reason; do slip +5m WHY");
    assert_eq!(why(sim.order(slip(Span::ZERO, "x"))), "T-0 is that already");
    let far = why(sim.order(slip(Span::mins(60 * 24 * 400), "x")));
    assert_eq!(far, "+400d is more than a year; plan another launch for then");
    for (line, wrong) in [
        ("slip", "by how much is missing"),
        ("slip +35m", "why is missing"),
        ("slip soon x", "`soon` is no length of time"),
        ("slip to soon x", "`soon` is no time"),
    ] {
        let said = spell::read(&spell::words(line).unwrap(), &sim.state).unwrap_err();
        assert!(said.starts_with(wrong), "{line}: {said}");
    }
}
