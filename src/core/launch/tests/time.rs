//! Time that nobody observed, because no engine ran or the engine stood still, and a wall clock that is set: every clock of
//! a launch against each.

use super::checks;
use crate::core::event::Event;
use crate::core::launch::testing::*;
use crate::core::launch::{Status, duties};
use crate::core::order::What;
use crate::core::outline::{Outline, SeverityOutline, TriggerAction};
use crate::core::reading::{Level, Outcome};
use crate::core::spell;
use crate::core::time::{Offset, Span};

/// What happens to time, and for how long nobody observes anything.
type Case = (&'static str, fn(&mut Sim));

/// An hour without an engine, or with one that stands still.
const UNOBSERVED: [Case; 2] = [
    ("no engine runs", |sim| {
        sim.gap(Span::mins(60));
        let _ = sim.order(What::Release { of: None, seen: None, why: "seen".into() });
    }),
    ("the engine stands still", |sim| sim.stands_still(Span::mins(60))),
];

/// The wall clock is set by hours both ways, or nothing happens.
const SET: [Case; 3] = [
    ("nothing", |_| {}),
    ("three hours forward", |sim| sim.fold(Event::ClockStepped { by: Span::mins(180) })),
    ("three hours back", |sim| sim.fold(Event::ClockStepped { by: Span::mins(-180) })),
];

fn bad(sim: &mut Sim) {
    sim.measures("errors", Outcome::number(0.06));
}

fn triggered() -> Sim {
    let mut outline = plan(vec![]);
    outline.triggers.push(trigger("t", "errors > 5% for 5m", TriggerAction::Notify));
    let mut sim = Sim::new(outline);
    bad(&mut sim);
    sim
}

fn soaking() -> Sim {
    let mut sim = Sim::new(plan(vec![runs("a", |s| {
        s.verify = conditions(&["errors < 1%"]);
        s.soak = Some(Span::mins(30));
        s.limit = Some(Span::mins(90));
    })]));
    sim.pass(Span::mins(1));
    sim.does("a");
    sim
}

/// Whether a clock that has run for some time, then met the case, ran out after so much more, and not a minute before.
fn runs_out(name: &str, (case, happens): Case, mut sim: Sim, (before, after): (i64, i64), over: impl Fn(&Sim) -> bool) {
    sim.pass(Span::mins(before));
    happens(&mut sim);
    assert!(!over(&sim), "{name}, {case}: at once");
    sim.pass(Span::mins(after - 1));
    assert!(!over(&sim), "{name}, {case}: too soon");
    sim.pass(Span::mins(2));
    assert!(over(&sim), "{name}, {case}: too late");
}

#[test]
fn clocks_of_what_is_measured_and_appointments_stand_still_while_nobody_observes() {
    for case in UNOBSERVED {
        let fired = |sim: &Sim| sim.state.triggers["t"].fired.is_some();
        // A minute's worth of readings apart: the first after the gap connects to nothing before it.
        runs_out("`for`", case, triggered(), (3, 2), fired);
        runs_out("soak", case, soaking(), (20, 10), |sim| sim.word("a") == "done");
        let mut limited = soaking();
        bad(&mut limited);
        runs_out("limit", case, limited, (50, 39), |sim| sim.word("a") == "failed");
        let mut gated = Sim::new(plan(vec![step("go", |s| s.gate = gate(&[], &["lead"], Some(Span::mins(60))))]));
        gated.start("go").unwrap();
        runs_out("poll", case, gated, (30, 30), |sim| sim.word("go") == "expired");
    }
}

#[test]
fn what_nobody_observed_is_neither_good_nor_bad_until_it_is_measured_again() {
    for (case, happens) in UNOBSERVED {
        let mut sim = triggered();
        sim.pass(Span::mins(1));
        let level =
            |sim: &Sim| sim.readout().signals.iter().find(|(id, _)| id.probe == "errors".into()).unwrap().1.level;
        assert_ne!(level(&sim), Level::Unknown);
        happens(&mut sim);
        assert_eq!(level(&sim), Level::Unknown, "{case}");
        assert!(sim.state.triggers["t"].fired.is_none(), "{case}");
        sim.pass(Span::secs(10));
        assert_ne!(level(&sim), Level::Unknown, "{case}");
    }
}

#[test]
fn nothing_catches_up() {
    for (case, happens) in UNOBSERVED {
        let due = |minutes| {
            move |s: &mut crate::core::outline::StepOutline| {
                s.auto = true;
                s.at = Some(Offset(Span::mins(minutes)));
            }
        };
        let mut sim = Sim::new(plan(vec![runs("missed", due(30)), runs("later", due(90))]));
        sim.pass(Span::mins(1));
        happens(&mut sim);
        sim.pass(Span::mins(20));
        assert!(sim.started().is_empty(), "{case}: {:?}", sim.started());
        sim.pass(Span::mins(10));
        assert_eq!(sim.started(), ["later.do.1"], "{case}");
        sim.start("missed").unwrap();

        let mut sim = checks::sim();
        sim.pass(Span::mins(16));
        happens(&mut sim);
        let told = checks::told(&sim).join("\n");
        assert!(told.contains("3 checks missed: no engine ran"), "{case}: {told}");
        assert!(told.ends_with("check 5 is due, of T+1h15m, for on-call"), "the newest alone is open; {case}: {told}");
    }
}

#[test]
fn clocks_among_people_run_on() {
    for (case, happens) in UNOBSERVED {
        let severity = SeverityOutline { update: Some(Span::mins(90)), ..SeverityOutline::default() };
        let mut sim = Sim::new(Outline { severities: [(2, severity)].into(), ..plan(vec![]) });
        sim.order(What::Severity { incident: None, level: 2, text: "down".into() }).unwrap();
        let mute = spell::read(&spell::words("mute all 70m a test").unwrap(), &sim.state, &sim.readout()).unwrap();
        sim.order(mute).unwrap();
        sim.pass(Span::mins(5));
        happens(&mut sim);
        let update = |sim: &Sim| duties(&sim.state, 1).iter().map(|d| d.words(sim.now)).collect::<Vec<_>>();
        assert_eq!(update(&sim), ["update due in 25:00"], "{case}");
        assert_eq!(sim.state.notices.mutes.len(), 1, "{case}");
        sim.pass(Span::mins(6));
        assert!(sim.state.notices.mutes.is_empty(), "{case}: {:?}", sim.state.notices.mutes);
        assert_eq!(sim.state.status, Status::Live);
    }
}

#[test]
fn a_wall_clock_that_is_set_moves_no_clock_of_the_launch() {
    for case in SET {
        let fired = |sim: &Sim| sim.state.triggers["t"].fired.is_some();
        runs_out("`for`", case, triggered(), (3, 2), fired);
        runs_out("soak", case, soaking(), (20, 10), |sim| sim.word("a") == "done");
        let mut limited = soaking();
        bad(&mut limited);
        runs_out("limit", case, limited, (50, 39), |sim| sim.word("a") == "failed");
        let mut gated = Sim::new(plan(vec![step("go", |s| s.gate = gate(&[], &["lead"], Some(Span::mins(60))))]));
        gated.start("go").unwrap();
        runs_out("poll", case, gated, (30, 30), |sim| sim.word("go") == "expired");
        let auto = Sim::new(plan(vec![runs("a", |s| {
            s.auto = true;
            s.at = Some(Offset(Span::mins(60)));
        })]));
        runs_out("schedule", case, auto, (30, 30), |sim| !sim.started().is_empty());
        let severity = SeverityOutline { update: Some(Span::mins(60)), ..SeverityOutline::default() };
        let mut incident = Sim::new(Outline { severities: [(2, severity)].into(), ..plan(vec![]) });
        incident.order(What::Severity { incident: None, level: 2, text: "down".into() }).unwrap();
        let overdue = |sim: &Sim| duties(&sim.state, 1).iter().any(|d| d.words(sim.now).contains("OVERDUE"));
        runs_out("update", case, incident, (30, 30), overdue);
        let mut muted = Sim::new(plan(vec![]));
        let mute = spell::read(&spell::words("mute all 60m a test").unwrap(), &muted.state, &muted.readout()).unwrap();
        muted.order(mute).unwrap();
        runs_out("mute", case, muted, (30, 30), |sim| sim.state.notices.mutes.is_empty());
        // What stopped answering is unknown after three intervals, whatever the wall says.
        let mut silent = triggered();
        silent.pass(Span::mins(1));
        case.1(&mut silent);
        silent.silent("errors");
        let known = |sim: &Sim| {
            sim.readout().signals.iter().any(|(id, s)| id.probe == "errors".into() && s.level != Level::Unknown)
        };
        silent.pass(Span::secs(20));
        assert!(known(&silent), "{}", case.0);
        silent.pass(Span::secs(20));
        assert!(!known(&silent), "{}", case.0);
    }
}
