//! Planned against actual, also where T-0 was moved.

use crate::core::launch::testing::{Sim, phase, plan, runs};
use crate::core::order::{Found, Way, What};
use crate::core::outline::{Outline, Since};
use crate::core::report::{Report, markdown};
use crate::core::run_end::RunEnd;
use crate::core::tell;
use crate::core::time::{Offset, Span};

fn page(sim: &Sim) -> String {
    markdown(&Report::of(&sim.events, None).unwrap())
}

/// `first` at T+1m and `second` at T+30m, of a step of one minute each.
fn two() -> Outline {
    let of = |id: &str, phase: &str| {
        runs(id, |s| {
            s.phase = phase.into();
            s.estimate = Some(Span::mins(1));
        })
    };
    let offset = |minutes| Some(Offset(Span::mins(minutes)));
    Outline {
        phases: vec![phase("first", "First", offset(1)), phase("second", "Second", offset(30))],
        ..plan(vec![of("a", "first"), of("b", "second")])
    }
}

/// `a` is begun at its time and takes this long.
fn first_takes(span: Span) -> Sim {
    let mut sim = Sim::new(two());
    sim.pass(Span::mins(1));
    sim.start("a").unwrap();
    sim.pass(span);
    sim.ends("a.do.1", 0);
    sim
}

fn slips(sim: &mut Sim, span: Span) {
    let (from, why) = (sim.state.t0, "the freeze".to_owned());
    sim.order(What::Slip { from, to: from + span, why }).unwrap();
}

#[test]
fn what_was_over_before_a_slip_keeps_its_planned_times() {
    let mut sim = first_takes(Span::secs(65));
    slips(&mut sim, Span::mins(10));
    slips(&mut sim, Span::mins(10));
    let page = page(&sim);
    for said in [
        "| First | 2027-01-15 08:02:00 | 2027-01-15 08:02:05 | 5s later |",
        "| Second | 2027-01-15 08:51:00 |  |  |",
        "| Step a |  | 2027-01-15 08:01:00 (T+1m) |",
        "| Step b |  | 2027-01-15 08:50:00 (T+30m) |",
        "planned to be over 2027-01-15 08:51:00",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
}

#[test]
fn what_goes_on_during_a_slip_keeps_its_planned_times_and_what_waits_for_it_counts_from_them() {
    let mut outline = two();
    outline.phases[1].at = None;
    outline.steps[1].after = vec!["a".into()];
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.start("a").unwrap();
    slips(&mut sim, Span::mins(10));
    sim.pass(Span::mins(1));
    sim.ends("a.do.1", 0);
    let page = page(&sim);
    assert!(page.contains("| First | 2027-01-15 08:02:00 | 2027-01-15 08:02:00 | as planned |"), "{page}");
    assert!(page.contains("| Second | 2027-01-15 08:03:00 |  |  |"), "{page}");
}

#[test]
fn an_attempt_after_a_slip_stands_beside_the_time_that_the_slip_gave_it() {
    let mut sim = Sim::new(two());
    sim.pass(Span::mins(1));
    sim.start("a").unwrap();
    sim.ends("a.do.1", 1);
    slips(&mut sim, Span::mins(10));
    sim.order(What::Release { of: None, seen: None, why: "mended".into() }).unwrap();
    sim.pass(Span::mins(10));
    sim.start("a").unwrap();
    sim.ends("a.do.2", 0);
    let page = page(&sim);
    assert!(page.contains("| Step a |  | 2027-01-15 08:01:00 (T+1m) | 2027-01-15 08:01:00 |"), "{page}");
    assert!(page.contains("| Step a, attempt 2 |  | 2027-01-15 08:11:00 (T+1m) | 2027-01-15 08:11:00 |"), "{page}");
}

#[test]
fn a_phase_that_was_52s_late_was_not_as_planned() {
    let late = page(&first_takes(Span::secs(112)));
    assert!(late.contains("| 2027-01-15 08:02:52 | 52s later |"), "{late}");
    let early = page(&first_takes(Span::secs(48)));
    assert!(early.contains("| 2027-01-15 08:01:48 | 12s earlier |"), "{early}");
    let close = page(&first_takes(Span(60_400)));
    assert!(close.contains("| 2027-01-15 08:02:00 | as planned |"), "{close}");
}

#[test]
fn a_planned_time_is_told_to_the_second() {
    let mut outline = two();
    outline.phases[1].at = None;
    outline.phases[1].since = Some(Since { name: "First".into(), of: vec!["a".into()], plus: Span::secs(12) });
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.start("a").unwrap();
    sim.pass(Span(65_003));
    sim.ends("a.do.1", 0);
    let page = page(&sim);
    assert!(page.contains("| Step b |  | 2027-01-15 08:02:17 (T+2m17s) |"), "{page}");
}

#[test]
fn what_was_only_left_out_never_began() {
    let mut sim = Sim::new(two());
    let leaves = |sim: &mut Sim, step: &str, not_applicable| {
        sim.order(What::Skip { step: step.into(), why: "not today".into(), not_applicable }).unwrap();
    };
    leaves(&mut sim, "a", false);
    leaves(&mut sim, "b", true);
    let report = Report::of(&sim.events, None).unwrap();
    let page = markdown(&report);
    for said in ["(T+1m) |  |  | 1m | ana | skipped: not today |", "(T+30m) |  |  | 1m | ana | n/a: not today |"] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["steps"][0]["attempts"][0]["started"].is_null(), "{json}");
}

#[test]
fn an_engine_that_stood_still_was_no_engine_that_was_gone() {
    let mut sim = Sim::new(two());
    sim.stands_still(Span::mins(2));
    sim.pass(Span::mins(1));
    sim.gap(Span::mins(3));
    let report = Report::of(&sim.events, None).unwrap();
    let page = markdown(&report);
    let said = "## Without an engine\n\n- 2027-01-15 08:00:00 for 2m: the engine stood still, nothing was measured\n\
                - 2027-01-15 08:03:00 for 3m: nothing was measured\n";
    assert!(page.contains(said), "{page}");
    let json = serde_json::to_value(&report).unwrap();
    let lengths = |of: &str| json[of].as_array().map(|all| all.iter().map(|own| own[1].clone()).collect::<Vec<_>>());
    assert_eq!((lengths("gaps"), lengths("stalls")), (Some(vec!["3m".into()]), Some(vec!["2m".into()])));
}

#[test]
fn an_item_of_a_way_back_that_a_person_found_done_was_not_done_by_hand() {
    let mut outline = two();
    let mut way = crate::core::launch::testing::rollback("traffic", vec![runs("traffic/back", |_| {})]);
    way.require = crate::core::launch::testing::conditions(&["errors < 1%"]);
    outline.rollbacks = vec![way];
    let environment = outline.environment.clone();
    let mut sim = Sim::new(outline);
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: Some(environment), why: "broken".into() }).unwrap();
    sim.ended("traffic/back.do.1", RunEnd::Interrupted);
    let run = "traffic/back.do.1".parse().unwrap();
    sim.order(What::Resolve { run, found: Found::Done, why: "looked".into() }).unwrap();
    let page = page(&sim);
    assert!(page.contains("ana: Step traffic/back did its work: looked\n"), "{page}");
    assert!(!page.contains("by hand"), "{page}");
    let log: Vec<String> = sim.events.iter().map(|own| tell::tell(&sim.state, &own.event).text).collect();
    assert!(!log.iter().any(|line| line.contains("by hand")), "{log:?}");
    // Nothing was measured yet when it was begun.
    assert!(page.contains("  - `errors < 1%`: no data: ") && !page.contains("no data, no data"), "{page}");
}
