//! The forecast: planned, actual and projected ends, and the latest safe go.

use proptest::prelude::*;

use crate::core::launch::answers::{AlarmKind, Moment, answers};
use crate::core::launch::testing::*;
use crate::core::launch::{Fit, Forecast, Room, forecast};
use crate::core::order::What;
use crate::core::outline::{Outline, Since, StepOutline};
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::window::Window;

fn told(sim: &Sim) -> Forecast {
    forecast(&sim.state, &sim.readout(), sim.now)
}

/// When the launch will be over, in minutes from now.
fn left(sim: &Sim) -> i64 {
    told(sim).launch.projected.unwrap().since(sim.now).millis() / 60_000
}

fn takes(id: &str, minutes: i64, before: &[&str]) -> StepOutline {
    runs(id, |s| (s.estimate, s.after) = (Some(Span::mins(minutes)), after(before)))
}

/// Sim's present is 09:00 in Berlin.
fn window(from: &str, to: &str) -> Option<Window> {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    Some(Window { days: Vec::new(), from, to, zone: "Europe/Berlin".into() })
}

#[test]
fn the_projected_end_is_that_of_the_longest_chain_of_what_waits_for_each_other() {
    let mut sim = Sim::new(plan(vec![
        takes("a", 10, &[]),
        takes("b", 20, &["a"]),
        takes("beside", 25, &[]),
        runs("soaks", |s| (s.soak, s.estimate, s.after) = (Some(Span::mins(40)), Some(Span::mins(5)), after(&["b"]))),
    ]));
    assert_eq!(left(&sim), 70);
    let planned = told(&sim).launch.planned;
    assert_eq!(planned, Some(sim.now + Span::mins(70)));
    // It ran in 4 minutes instead of 10; before that it waited for 6 to be begun.
    sim.pass(Span::mins(6));
    sim.start("a").unwrap();
    sim.pass(Span::mins(4));
    assert_eq!(left(&sim), 66);
    sim.ends("a.do.1", 0);
    assert_eq!(left(&sim), 60);
    assert_eq!(told(&sim).launch.planned, planned, "what was planned stays");
    // One that takes longer than its estimate is over now at the earliest.
    sim.start("b").unwrap();
    sim.pass(Span::mins(50));
    assert_eq!(left(&sim), 40);
}

#[test]
fn a_launch_that_was_ended_is_over_then_whatever_was_left() {
    let mut sim = Sim::new(plan(vec![takes("a", 60, &[])]));
    sim.pass(Span::mins(5));
    sim.order(What::End { typed: sim.state.outline.environment.clone(), why: "not tonight".into() }).unwrap();
    let over = sim.now;
    sim.pass(Span::mins(10));
    let told = told(&sim);
    assert_eq!((told.launch.actual, told.launch.projected, told.unknown), (Some(over), Some(over), 0));
    assert!(told.launch.planned > Some(over));
}

#[test]
fn times_and_windows_count_and_so_does_what_follows_from_what_happened() {
    let mut outline = plan(vec![
        takes("deploy", 30, &[]),
        step("watch", |s| {
            s.after = after(&["deploy"]);
            s.since = Some(Since { name: "deploy".into(), of: after(&["deploy"]), plus: Span::mins(120) });
        }),
        step("late", |s| s.at = Some(Offset(Span::mins(300)))),
    ]);
    outline.window = window("10:00", "12:00");
    let sim = Sim::new(outline);
    // At 10:00 the window opens, at 10:30 it is done, at 12:30 watched; `late` is at 14:00.
    assert_eq!(left(&sim), 300);
    let ends = told(&sim).phases;
    assert_eq!((ends.len(), ends[0].projected, ends[0].actual), (1, Some(sim.now + Span::mins(300)), None));
    let mut sim = Sim::new(Outline { steps: sim.state.outline.steps[..2].to_vec(), ..(*sim.state.outline).clone() });
    assert_eq!(left(&sim), 210);
    sim.order(What::Skip { step: "deploy".into(), why: "x".into(), not_applicable: true }).unwrap();
    assert_eq!(left(&sim), 120);
    sim.order(What::Skip { step: "watch".into(), why: "x".into(), not_applicable: true }).unwrap();
    assert_eq!(told(&sim).launch.actual, Some(sim.now));
}

fn night(minutes: i64) -> Sim {
    let mut outline = plan(vec![
        takes("a", minutes, &[]),
        step("go", |s| (s.gate, s.after) = (gate(&[], &[], None), after(&["a"]))),
        takes("b", 20, &["go"]),
    ]);
    outline.window = window("08:00", "11:00");
    outline.rollback = Some("back".into());
    outline.rollbacks = vec![rollback("back", vec![runs("back/x", |_| {})])];
    Sim::new(outline)
}

/// The alarm rows of the window, with times as offsets.
fn alarms(sim: &Sim) -> Vec<String> {
    let (state, readout, ways, now) = (&sim.state, &sim.readout(), &sim.ways(), sim.now);
    let wall = |at: Timestamp| Offset(at.since(sim.state.t0).seconds()).to_string();
    let (secrets, plan) = (&[][..], None);
    let told = answers(&Moment { state, readout, ways, secrets, plan, ready: None, now, wall: &wall });
    told.alarms.into_iter().filter(|a| a.kind == AlarmKind::Window).map(|a| a.line()).collect()
}

#[test]
fn the_latest_safe_go_is_the_windows_end_without_the_work_left_and_the_way_back() {
    let mut sim = night(30);
    let fit = told(&sim).fit.unwrap();
    // 50 minutes of work and 2 back before 11:00: 10:08.
    assert_eq!((fit.remaining, fit.back, fit.late), (Span::mins(50), Some(Span::mins(2)), false));
    assert_eq!((fit.until.since(sim.now), fit.latest_go.since(sim.now)), (Span::mins(120), Span::mins(68)));
    sim.pass(Span::mins(60));
    sim.does("a");
    // 20 minutes and 2 back are left, and it is 10:00.
    assert_eq!(told(&sim).fit.unwrap().latest_go.since(sim.now), Span::mins(38));
    assert!(alarms(&sim).is_empty());
    sim.pass(Span::mins(39));
    let fit = told(&sim).fit.unwrap();
    assert!(fit.late && fit.waits && fit.latest_go.since(sim.now) == Span::mins(-1), "{fit:?}");
    assert_eq!(
        alarms(&sim),
        ["WINDOW latest safe go was T+1h38m: 20m of work and 2m back do not fit before T+2h  slip, or do less of it"]
    );
}

#[test]
fn what_waits_for_its_own_time_does_not_make_the_go_earlier() {
    let mut sim = night(30);
    let outline = std::sync::Arc::make_mut(&mut sim.state.outline);
    outline.steps[2].at = Some(Offset(Span::mins(90)));
    // At 10:30 for 20 minutes whatever happens before: `a` may still begin at 10:00.
    let fit = told(&sim).fit.unwrap();
    assert_eq!((fit.remaining, fit.late), (Span::mins(50), false), "what it waits for its time is no work");
    assert_eq!(fit.latest_go.since(sim.now), Span::mins(68));
}

#[test]
fn work_that_is_meant_for_another_night_does_not_count() {
    let mut sim = night(30);
    let outline = std::sync::Arc::make_mut(&mut sim.state.outline);
    outline.steps[2].at = Some(Offset(Span::mins(24 * 60)));
    let fit = told(&sim).fit.unwrap();
    assert_eq!((fit.remaining, fit.late), (Span::mins(30), false));
    // A plan without a window has none.
    let outline = std::sync::Arc::make_mut(&mut sim.state.outline);
    outline.window = None;
    assert_eq!(told(&sim).fit, None);
}

#[test]
fn before_its_window_opens_a_launch_is_told_that_it_will_not_fit() {
    let mut sim = night(170);
    let outline = std::sync::Arc::make_mut(&mut sim.state.outline);
    outline.window = window("10:00", "12:00");
    let Some(Fit { late: true, waits: true, latest_go, .. }) = told(&sim).fit else { panic!() };
    // `a`, `b` and the way back take 192 minutes of 120.
    assert_eq!(latest_go.since(sim.now), Span::mins(180 - 192));
}

#[test]
fn a_t_0_that_is_too_late_makes_the_work_no_longer_and_the_safe_go_no_earlier() {
    let mut sim = night(90);
    std::sync::Arc::make_mut(&mut sim.state.outline).steps[0].at = Some(Offset(Span::ZERO));
    let noon = sim.now;
    for (minutes, late) in [(0, false), (5, false), (30, true), (50, true)] {
        sim.state.t0 = noon + Span::mins(minutes);
        let fit = told(&sim).fit.unwrap();
        assert_eq!((fit.remaining, fit.late), (Span::mins(110), late), "T-0 in {minutes} minutes");
        assert_eq!(fit.latest_go.since(sim.now), Span::mins(8));
        assert_eq!(fit.begins, sim.state.t0);
        assert_eq!(fit.room(sim.now), if late { Room::BeginsLate } else { Room::Fits });
    }
    let works = "1h50m of work and 2m back do not fit before T+1h10m";
    let then = "begin earlier, or do less of it";
    assert_eq!(
        alarms(&sim),
        [format!("WINDOW latest safe go is T-42m, and it begins T+0s at the earliest: {works}  {then}")]
    );
    sim.pass(Span::mins(9));
    let line = alarms(&sim).remove(0);
    assert!(line.starts_with("WINDOW latest safe go was T-42m: 1h50m of work"), "{line}");
}

#[test]
fn of_a_window_that_is_too_short_no_moment_is_named_at_which_it_would_fit() {
    let mut sim = night(170);
    std::sync::Arc::make_mut(&mut sim.state.outline).window = window("10:00", "12:00");
    let line = alarms(&sim).remove(0);
    let words = "WINDOW 3h10m of work and 2m back do not fit into T+1h to T+3h  do less of it, or open it for longer";
    assert_eq!(line, words);
}

#[test]
fn work_that_only_the_work_before_it_puts_off_does_not_fit() {
    // 110 minutes, 20 and 2 back in a window of 120: by the windows `b` would begin the next day.
    let mut sim = night(110);
    let fit = told(&sim).fit.unwrap();
    assert!(fit.late && fit.waits, "{fit:?}");
    assert_eq!((fit.remaining, fit.latest_go.since(sim.now)), (Span::mins(130), Span::mins(-12)));
    sim = night(90);
    assert_eq!(told(&sim).fit.map(|fit| (fit.late, fit.latest_go.since(sim.now))), Some((false, Span::mins(8))));
}

/// A plan of chains, with minutes, times and a window or none.
fn any_plan() -> impl Strategy<Value = Outline> {
    let one = (0..90_i64, 0..60_i64, proptest::option::of(-60..240_i64), proptest::collection::vec(0..8_usize, 0..3));
    let steps = proptest::collection::vec(one, 1..8);
    (steps, proptest::option::of((0..12_u8, 12..24_u8))).prop_map(|(steps, hours)| {
        let steps = steps.into_iter().enumerate().map(|(i, (estimate, soak, at, before))| {
            runs(&format!("s{i}"), |s| {
                s.estimate = Some(Span::mins(estimate));
                s.soak = (soak > 30).then(|| Span::mins(soak));
                s.at = at.map(|at| Offset(Span::mins(at)));
                s.after = before.into_iter().filter(|b| *b < i).map(|b| format!("s{b}").as_str().into()).collect();
            })
        });
        let window = hours.and_then(|(from, to)| window(&format!("{from:02}:00"), &format!("{to:02}:00")));
        Outline { window, ..plan(steps.collect()) }
    })
}

proptest! {
    #[test]
    fn no_end_is_earlier_than_now_and_longer_estimates_end_no_earlier(
        outline in any_plan(), which in 0..8_usize, more in 0..120_i64, passed in 0..200_i64, begun in 0..3_usize,
    ) {
        let mut sim = Sim::new(outline);
        for i in 0..begun.min(sim.state.outline.steps.len()) {
            drop(sim.start(&format!("s{i}")));
        }
        sim.now = sim.now + Span::mins(passed);
        let told_now = told(&sim);
        let ends = told_now.launch.projected.unwrap();
        prop_assert!(ends >= sim.now && told_now.launch.actual.is_none());
        prop_assert!(told_now.phases.iter().all(|p| p.projected.is_none_or(|end| end <= ends)));
        let mut longer = sim.clone();
        let steps = &mut std::sync::Arc::make_mut(&mut longer.state.outline).steps;
        let n = steps.len();
        let step = &mut steps[which % n];
        step.estimate = step.estimate.map(|e| e + Span::mins(more));
        let then = told(&longer);
        prop_assert!(then.launch.projected.unwrap() >= ends, "{:?} < {ends:?}", then.launch.projected);
        if let Some(fit) = told_now.fit {
            prop_assert!(fit.late || (sim.now..=fit.until).contains(&fit.latest_go), "{fit:?}");
        }
    }
}
