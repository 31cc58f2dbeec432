//! The clock: T-0 and what counts from it.

use crate::core::event::{Event, Part, Recorded, RunEnd};
use crate::core::ids::{RunId, Seq};
use crate::core::launch::testing::*;
use crate::core::launch::{Input, LostRun, due_at, next_deadline, waiting, waits, ways};
use crate::core::order::{Way, What};
use crate::core::outline::{Outline, ShiftsOutline, Since, StepOutline, Turn};
use crate::core::time::{Offset, Span};
use crate::core::watch::WatchOutline;
use crate::core::window::{Day, Window};
use crate::core::{spell, tell};

fn offset(minutes: i64) -> Option<Offset> {
    Some(Offset(Span::mins(minutes)))
}

/// `prepare` before T-0, `deploy` at it, `traffic` after it; `late` has a time of its own.
fn planned() -> Outline {
    let phase = |id: &str, minutes| phase(id, &id.to_uppercase(), offset(minutes));
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
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
    sim.order(what)
}

#[test]
fn a_slip_over_midnight_names_the_day_until_that_day_has_come() {
    let mut sim = Sim::new(planned());
    let said = |sim: &Sim| {
        let moves = sim.events.iter().filter(|r| matches!(r.event, Event::T0Moved { .. }));
        moves.map(|r| tell::tell(&sim.state, &r.event).text).collect::<Vec<_>>()
    };
    typed(&mut sim, "slip to 2027-01-16T00:10 \"the freeze overran\"").unwrap();
    typed(&mut sim, "slip +35m \"once more\"").unwrap();
    for (line, to) in said(&sim).iter().zip(["+15h10m to 16 Jan 00:10 CET", "+35m to 16 Jan 00:45 CET"]) {
        assert!(line.starts_with(&format!("T-0 moved by {to}, says ana: ")), "{line}");
    }
    sim.pass(Span::mins(16 * 60));
    sim.order(What::Note { text: "the day has come".into() }).unwrap();
    assert!(said(&sim)[1].starts_with("T-0 moved by +35m to 00:45 CET, says ana"), "{:?}", said(&sim));
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
fn a_slip_names_the_checks_and_the_turns_that_move_with_it() {
    let mut outline = planned();
    let watch = |id: &str, at: &[i64]| WatchOutline {
        id: id.into(),
        title: format!("The {id}"),
        owner: None,
        rounds: Vec::new(),
        at: at.iter().map(|m| Offset(Span::mins(*m))).collect(),
        items: Vec::new(),
        signals: Vec::new(),
        grace: None,
    };
    outline.watches = vec![watch("round", &[480, 960]), watch("sync", &[120])];
    let turn = |hours: i64, who: &str| Turn { at: Offset(Span::mins(hours * 60)), who: who.into() };
    let turns = vec![turn(0, "Ana"), turn(8, "Ben"), turn(16, "Cem")];
    outline.shifts =
        Some(ShiftsOutline { role: "on-call".into(), remind: Span::mins(15), late: Span::mins(10), turns });
    let mut sim = Sim::new(outline);
    typed(&mut sim, "slip +35m \"the freeze overran\"").unwrap();
    let Event::T0Moved { moved, .. } = &sim.events.last().unwrap().event else { panic!() };
    let names: Vec<String> = moved.iter().map(|one| tell::moved(&sim.state, one, sim.now)).collect();
    let said = names.join(", ");
    let own = "The sync at 11:35, The round at 17:35, the turn of Ben at 17:35, the turn of Cem at ";
    assert!(said.contains(own), "{said}");
    let text = tell::tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(text.contains("The sync at 11:35, the turn of Ben at 17:35 and "), "{text}");
}

#[test]
fn a_time_at_which_the_window_is_closed_is_told_with_when_it_opens_then() {
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |s| s.at = offset(240))]);
    sim.pass(Span::secs(1));
    let said = sim.explain("deploy").because.join("\n");
    assert!(said.contains("its window is closed then, 10:00 to 12:00 Europe/Berlin: it opens"), "{said}");
    assert!(!said.contains("outside its window"), "{said}");
}

#[test]
fn a_window_that_was_open_before_the_launch_was_is_no_time_since_which_a_step_is_due() {
    let mut sim = windowed(window(&[], "00:00", "23:00"), vec![runs("deploy", |_| {})]);
    sim.pass(Span::secs(1));
    assert_eq!(sim.explain("deploy").since.filter(|since| *since < sim.state.opened), None);
}

#[test]
fn a_slip_over_midnight_moves_a_not_before_to_the_day_on_which_its_phase_comes() {
    let mut outline = planned();
    // T-0 is at 09:00; the phase comes at 21:00, and its step not before 22:00.
    outline.phases[2].at = offset(12 * 60);
    outline.steps[2].not_before = Some("22:00".parse().unwrap());
    outline.steps.remove(3);
    let mut sim = Sim::new(outline);
    assert_eq!(due_at(&sim.state, &sim.state.outline.steps[2]), Some(sim.now + Span::mins(13 * 60)));
    typed(&mut sim, "slip +6h \"the freeze overran\"").unwrap();
    let text = tell::tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(text.contains("Step share at 16 Jan 22:00"), "the phase comes at 03:00 of that day: {text}");
    assert_eq!(due_at(&sim.state, &sim.state.outline.steps[2]), Some(sim.now + Span::mins(37 * 60)));
    let readout = sim.readout();
    let ends = crate::core::launch::forecast(&sim.state, &readout, sim.now);
    assert_eq!(ends.phases[2].projected, Some(sim.now + Span::mins(37 * 60)), "the forecast says the same");
}

#[test]
fn a_slip_to_a_moment_outside_the_plans_window_says_so_and_when_it_opens() {
    let mut sim = windowed(window(&[Day::Fri], "08:00", "12:00"), vec![runs("deploy", |_| {})]);
    let said = |sim: &Sim| tell::tell(&sim.state, &sim.events.last().unwrap().event).text;
    typed(&mut sim, "slip +35m \"the freeze overran\"").unwrap();
    assert!(!said(&sim).contains("window"), "{}", said(&sim));
    typed(&mut sim, "slip +4h \"the freeze overran again\"").unwrap();
    let outside = "; T-0 is outside the plan's window, fri 08:00 to 12:00 Europe/Berlin: it opens 22 Jan 08:00 CET";
    assert!(said(&sim).contains(outside), "{}", said(&sim));
    let page = crate::core::report::markdown(&crate::core::report::Report::of(&sim.events, None).unwrap());
    assert!(page.replace('\\', "").contains("outside the plan's window"), "{page}");
}

#[test]
fn the_report_is_written_in_the_plans_zone_as_its_notices_are() {
    let mut sim = Sim::new(planned());
    typed(&mut sim, "note the freeze overran").unwrap();
    let page = crate::core::report::markdown(&crate::core::report::Report::of(&sim.events, None).unwrap());
    assert!(page.contains("- T-0 2027-01-15 09:00:00\n"), "{page}");
    assert!(page.contains("times are Europe/Berlin") && page.contains("- 2027-01-15 09:00:00 ana: "), "{page}");
}

#[test]
fn a_slip_says_no_milliseconds() {
    let mut sim = Sim::new(planned());
    let from = sim.state.t0;
    sim.order(What::Slip { from, to: from + Span(35 * 60_000 - 655), why: "the freeze overran".into() }).unwrap();
    let text = tell::tell(&sim.state, &sim.events.last().unwrap().event).text;
    assert!(text.starts_with("T-0 moved by +34m59s to 09:34 CET"), "{text}");
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
        let said = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap_err();
        assert!(said.starts_with(wrong), "{line}: {said}");
    }
}

/// Sim's present is 2027-01-15 09:00 in Berlin, a Friday.
fn window(days: &[Day], from: &str, to: &str) -> Option<Window> {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    Some(Window { days: days.to_vec(), from, to, zone: "Europe/Berlin".into() })
}

fn windowed(window: Option<Window>, steps: Vec<StepOutline>) -> Sim {
    Sim::new(Outline { window, zone: Some("Europe/Berlin".into()), ..plan(steps) })
}

#[test]
fn outside_its_window_a_step_with_effects_does_not_start_and_is_told_when_it_opens() {
    let mut sim = windowed(window(&[Day::Fri, Day::Sat], "10:00", "12:00"), vec![runs("deploy", |_| {})]);
    let said = why(sim.start("deploy"));
    assert_eq!(
        said,
        "`deploy` is outside its window, fri, sat 10:00 to 12:00 Europe/Berlin: it opens 10:00 CET, in 60m; wait until \
         it opens; the lead may let it start before, an override; do outside deploy WHY"
    );
    let explained = sim.explain("deploy");
    assert!(!explained.due && explained.state == "not due", "{explained:?}");
    assert!(explained.because.iter().any(|b| b.contains("it opens 10:00 CET")), "{explained:?}");
    assert_eq!(next_deadline(&sim.state, &sim.signals, sim.now), Some(sim.now + Span::mins(60)));
    sim.pass(Span::mins(60));
    sim.start("deploy").unwrap();
    // What runs when it closes runs on, and what failed waits for the next one.
    sim.pass(Span::mins(125));
    assert_eq!(sim.word("deploy"), "running");
    sim.ends("deploy.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    assert!(why(sim.start("deploy")).contains("it opens 16 Jan 10:00 CET"));
}

#[test]
fn a_window_binds_neither_people_nor_a_gate_nor_a_way_back() {
    let mut outline = plan(vec![
        runs("deploy", |s| s.undo = undo(&[])),
        step("hand", |_| {}),
        step("go", |s| s.gate = gate(&[], &[], None)),
    ]);
    outline.window = window(&[], "08:00", "10:00");
    outline.rollbacks = vec![rollback("back", vec![runs("back/x", |_| {})])];
    let mut sim = Sim::new(outline);
    sim.does("deploy");
    sim.pass(Span::mins(120));
    assert!(why(sim.start("deploy")).contains("is done"));
    sim.order(What::Tick { step: "hand".into(), item: None, on: true }).unwrap();
    sim.start("go").unwrap();
    let (trigger, typed) = (None, None);
    let way = Way::Stage("deploy".into());
    sim.order(What::Rollback { way, trigger: trigger.clone(), typed: typed.clone(), why: "slow".into() }).unwrap();
    sim.ends("deploy.undo.1", 0);
    assert_eq!(sim.word("deploy"), "undone");
    let named = What::Rollback { way: Way::Named("back".into()), trigger, typed, why: "slow".into() };
    sim.order(named).unwrap();
    assert!(sim.started().contains(&"back/x.do.1".to_owned()), "{:?}", sim.started());
    sim.ends("back/x.do.1", 0);
    sim.pass(Span::secs(10));
    assert!(why(sim.start("deploy")).contains("outside its window"), "going forward again is bound");
}

#[test]
fn a_phases_window_stands_instead_of_the_plans() {
    let mut outline = plan(vec![runs("deploy", |_| {}), runs("clean", |s| s.phase = "office".into())]);
    outline.window = window(&[], "02:00", "04:00");
    let office = phase("office", "Office", None);
    outline.phases.push(crate::core::outline::PhaseOutline { window: window(&[], "08:00", "17:00"), ..office });
    let mut sim = Sim::new(outline);
    sim.start("clean").unwrap();
    assert!(why(sim.start("deploy")).contains("02:00 to 04:00"));
}

#[test]
fn the_lead_alone_lets_a_step_start_outside_its_window_and_it_stays_visible() {
    let mut sim = windowed(window(&[], "02:00", "04:00"), vec![runs("deploy", |_| {}), step("hand", |_| {})]);
    let pass = |attempt| What::Outside { step: "deploy".into(), attempt, why: "the fix can't wait".into() };
    assert_eq!(
        why(sim.order_by("tom", pass(1))),
        "only the lead, ana, lets a step start outside its window; ask the lead, or take the lead; do lead tom"
    );
    assert!(why(sim.order(pass(2))).contains("the next attempt at `deploy` is 1, not 2"));
    let hand = What::Outside { step: "hand".into(), attempt: 1, why: "x".into() };
    assert!(why(sim.order(hand)).starts_with("no window binds `hand`: it runs no command"));
    sim.order(pass(1)).unwrap();
    assert!(sim.explain("deploy").due);
    sim.start("deploy").unwrap();
    assert_eq!(
        sim.state.steps[&crate::core::ids::StepId::from("deploy")].overrides,
        ["ana lets it start outside its window: the fix can't wait"]
    );
    // For one attempt.
    sim.ends("deploy.do.1", 1);
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    assert!(why(sim.start("deploy")).contains("outside its window"));
}

#[test]
fn outside_its_window_nothing_starts_by_itself_and_when_it_opens_it_does() {
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |s| s.auto = true)]);
    sim.pass(Span::mins(10));
    sim.order(What::Outside { step: "deploy".into(), attempt: 1, why: "now".into() }).unwrap();
    assert!(sim.started().is_empty(), "a word of the lead is not an order to start");
    sim.pass(Span::mins(50));
    assert_eq!(sim.started(), ["deploy.do.1"]);
    // Where it opened in a gap, it waits for a person.
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |s| s.auto = true)]);
    sim.gap(Span::mins(70));
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    sim.pass(Span::mins(1));
    assert!(sim.started().is_empty(), "{:?}", sim.started());
    // And where it opens after the gap, nothing was missed.
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |s| s.auto = true)]);
    sim.gap(Span::mins(30));
    sim.order(What::Release { of: None, seen: None, why: "seen".into() }).unwrap();
    sim.pass(Span::mins(31));
    assert_eq!(sim.started(), ["deploy.do.1"]);
}

#[test]
fn a_window_is_kept_by_the_wall_clock_also_where_that_was_set() {
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |_| {})]);
    let stepped = Event::ClockStepped { by: Span::mins(60) };
    let seq = Seq(sim.state.head.0 + 1);
    sim.state.apply(&Recorded { seq, at: sim.now, order: None, event: stepped });
    sim.start("deploy").unwrap();
    // An engine that takes it up says how it stands.
    let mut sim = windowed(window(&[], "10:00", "12:00"), vec![runs("deploy", |_| {})]);
    let wall = Span::mins(60);
    sim.input(Input::TakenUp {
        pid: 2,
        version: "1".into(),
        gap: None,
        lost: None,
        torn: None,
        strays: Vec::new(),
        lost_runs: Vec::new(),
        wall,
    })
    .unwrap();
    sim.start("deploy").unwrap();
}

fn since(name: &str, of: &[&str], minutes: i64) -> Option<Since> {
    Some(Since { name: name.into(), of: after(of), plus: Span::mins(minutes) })
}

#[test]
fn a_time_of_its_own_says_nothing_before_what_its_phase_counts_from_has_happened() {
    let mut outline = plan(vec![
        runs("deploy", |_| {}),
        step("watch", |s| {
            s.phase = "after".into();
            s.after = after(&["deploy"]);
            s.at = Some(Offset(Span::mins(5)));
        }),
    ]);
    let mut phase = outline.phases[0].clone();
    phase.id = "after".into();
    phase.since = since("deploy", &["deploy"], 1);
    outline.phases.push(phase);
    let mut sim = Sim::new(outline);
    let watch = sim.state.outline.steps[1].clone();
    assert_eq!(due_at(&sim.state, &watch), None);
    sim.pass(Span::mins(7));
    sim.does("deploy");
    assert_eq!(due_at(&sim.state, &watch), Some(sim.now + Span::mins(1)));
}

#[test]
fn an_offset_counts_from_what_happened() {
    let mut sim = Sim::new(plan(vec![
        runs("deploy", |_| {}),
        step("watch", |s| {
            s.after = after(&["deploy"]);
            s.since = since("deploy", &["deploy"], 120);
        }),
    ]));
    let watch = sim.state.outline.steps[1].clone();
    assert_eq!(due_at(&sim.state, &watch), None, "nobody knows when that will be");
    assert_eq!(waits(&sim.state, &watch, sim.now).after, after(&["deploy"]));
    sim.pass(Span::mins(7));
    sim.does("deploy");
    assert_eq!(due_at(&sim.state, &watch), Some(sim.now + Span::mins(120)));
    let said = sim.explain("watch").because;
    assert!(said.contains(&"2h after `deploy` is done".to_owned()), "{said:?}");
    let tick = What::Tick { step: "watch".into(), item: None, on: true };
    assert!(why(sim.order(tick.clone())).starts_with("`watch` is not due before T+2h7m, in 2h"));
    sim.pass(Span::mins(120));
    sim.order(tick).unwrap();
}

#[test]
fn an_offset_that_lies_behind_stands_against_nothing() {
    let mut sim = Sim::new(plan(vec![
        runs("deploy", |_| {}),
        runs("shift", |s| {
            s.after = after(&["deploy"]);
            s.since = since("deploy", &["deploy"], 1);
        }),
    ]));
    sim.does("deploy");
    let offset = "1m after `deploy` is done".to_owned();
    assert!(sim.explain("shift").because.contains(&offset));
    sim.pass(Span::mins(2));
    sim.start("shift").unwrap();
    sim.ends("shift.do.1", 7);
    let said = sim.explain("shift");
    assert_eq!(said.state, "failed");
    assert!(!said.because.contains(&offset), "{:?}", said.because);
}

#[test]
fn not_before_is_a_time_of_day_in_the_plans_zone() {
    let with = |at: Option<Offset>, t0: i64, not_before: &str| {
        let mut sim =
            windowed(None, vec![step("tell", |s| (s.at, s.not_before) = (at, Some(not_before.parse().unwrap())))]);
        sim.state.t0 = sim.now + Span::mins(t0);
        due_at(&sim.state, &sim.state.outline.steps[0]).unwrap().since(sim.now)
    };
    // T-0 is at 09:00.
    assert_eq!(with(None, 0, "11:00"), Span::mins(120), "later that day");
    assert_eq!(with(None, 0, "06:00"), Span::mins(-180), "over already, and not long");
    assert_eq!(with(None, 13 * 60, "06:00"), Span::mins(21 * 60), "T-0 at 22:00: the next morning");
    assert_eq!(
        with(offset(60 * 17), 0, "06:00"),
        Span::mins(21 * 60),
        "at 02:00 of the next day: at 06:00 of that day"
    );
    assert_eq!(with(offset(60 * 23), 0, "06:00"), Span::mins(23 * 60), "at 08:00 of the next day: at 08:00");
}

#[test]
fn an_old_journal_without_windows_loads() {
    let old = r#"{"type":"engine-started","pid":1,"version":"1","gap":null}"#;
    let Event::EngineStarted { wall, .. } = serde_json::from_str(old).unwrap() else { panic!() };
    assert_eq!(wall, Span::ZERO);
}

#[test]
fn runs_that_the_journal_does_not_know_are_taken_up_as_they_are_and_hold_the_launch() {
    let mut sim = Sim::new(plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {})]));
    sim.does("a");
    sim.pass(Span::mins(5));
    let gap = Some(Span::secs(3));
    let began = sim.now - Span::mins(3);
    // In the plan the other one comes first.
    let strays = [("a.undo.1", -60), ("a.do.2", 20), ("b.do.1", 10)];
    let strays = strays.map(|(run, after)| (run.parse().unwrap(), began + Span::secs(after))).into();
    let (lost_runs, version) = (vec![LostRun { said: "`sh-1.do.1`".into(), run: None }], "1".to_owned());
    sim.input(Input::TakenUp { pid: 2, version, gap, lost: None, torn: None, strays, lost_runs, wall: Span::ZERO })
        .unwrap();
    let hold = sim.state.hold.as_ref().unwrap().why.clone();
    assert!(hold.contains("it did not know `a.undo.1`, `a.do.2`, `b.do.1`, `sh-1.do.1`."), "{hold}");
    assert_eq!(sim.started().len(), 1, "nothing runs twice: {:?}", sim.started());
    assert_eq!((sim.word("a"), sim.word("b")), ("running", "running"));
    assert!(sim.order(What::Run { step: "b".into(), attempt: 2 }).is_err());
    sim.ends("a.undo.1", 0);
    sim.ends("a.do.2", 0);
    sim.ended("b.do.1", RunEnd::Interrupted);
    assert_eq!((sim.word("a"), sim.word("b")), ("done", "interrupted"));
    assert_eq!(sim.state.steps["a"].started, Some(began + Span::secs(20)), "when it began, not when it was found");
    assert_eq!(sim.state.steps["b"].started, Some(began + Span::secs(10)));
    let undone: Vec<_> = ways(&sim.state, &sim.readout()).into_iter().flat_map(|way| way.undoes).collect();
    assert!(undone.contains(&"a".into()), "what they did is in effect: {undone:?}");
}

#[test]
fn an_engine_of_another_version_and_what_the_journal_lost_are_said_in_the_hold() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    let taken_up = |version: &str, torn: Option<&str>| Input::TakenUp {
        pid: 2,
        version: version.into(),
        gap: Some(Span::secs(3)),
        lost: None,
        torn: torn.map(str::to_owned),
        strays: Vec::new(),
        lost_runs: Vec::new(),
        wall: Span::ZERO,
    };
    sim.input(taken_up("1", None)).unwrap();
    let hold = |sim: &Sim| sim.state.hold.as_ref().unwrap().why.clone();
    assert_eq!(hold(&sim), "no engine ran for 3s: the one before died");
    sim.input(taken_up("2", Some("events 4 to 9 are missing"))).unwrap();
    let why = hold(&sim);
    assert!(
        why.contains("; it is tminus 2 now, and was 1; the journal lost something: events 4 to 9 are missing."),
        "{why}"
    );
}

#[test]
fn what_a_lost_plan_did_is_said_where_one_reads_how_to_go_back_until_a_plan_has_it() {
    let with = |extra: bool| {
        let extra = extra.then(|| runs("extra", |s| s.undo = undo(&[])));
        plan(std::iter::once(runs("a", |s| s.undo = undo(&[]))).chain(extra).collect())
    };
    let mut sim = Sim::new(with(false));
    sim.does("a");
    let run: RunId = "extra.do.1".parse().unwrap();
    let lost_runs = vec![LostRun { said: "`extra.do.1`".into(), run: Some(run.clone()) }];
    let (gap, version) = (Some(Span::secs(3)), "1".to_owned());
    let strays = Vec::new();
    sim.input(Input::TakenUp { pid: 2, version, gap, lost: None, torn: None, strays, lost_runs, wall: Span::ZERO })
        .unwrap();
    let said = "`extra.do.1` is of no step of this plan and is not undone";
    let why = |sim: &Sim| sim.answers().back.why.long().to_owned();
    assert!(why(&sim).starts_with(&format!("{said}; ")), "{}", why(&sim));
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "x".into() }).unwrap();
    sim.ends("a.undo.1", 0);
    sim.order(What::Release { of: None, seen: None, why: "looked".into() }).unwrap();
    assert_eq!(why(&sim), said, "not that nothing is left to undo");
    let all = waiting(&sim.state, &sim.readout(), sim.now);
    assert!(all.iter().any(|one| one.name == "plan" && one.why.because[0] == said), "{all:?}");
    let by = who("ana");
    let strays = vec![(run, sim.now - Span::mins(1))];
    sim.input(Input::Adopt { by, hash: "1".into(), outline: Box::new(with(true)), strays }).unwrap();
    assert!(!why(&sim).contains("no step of this plan"), "{}", why(&sim));
}
