//! What a gate's dialog shows where not all of it fits, and what an observer may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Cockpit;
use super::fixture::{NOW, Weather, ana, cockpit, cockpit_of, polling};
use super::typing::select;
use crate::core::event::{Actor, Event, Recorded};
use crate::core::grammar;
use crate::core::ids::{RoleId, Seq};
use crate::core::launch::{Hold, LaunchState, Vote};
use crate::core::order::{Ballot, What};
use crate::core::reading::{Few, Outcome, Point, Poll};
use crate::core::signals::Signals;
use crate::core::time::Span;
use crate::core::units::Finite;
use crate::core::view::{ConditionOf, Readout};
use crate::tui::dialogs::Overlay;
use crate::wire::message::EngineMessage;

/// The gate has 14 requirements and 7 voters; the last of them said no.
fn crowded(state: &mut LaunchState) {
    polling(state);
    let mut outline = (*state.outline).clone();
    let step = outline.steps.iter_mut().find(|s| s.id.as_str() == "go-25").unwrap();
    let gate = step.gate.as_mut().unwrap();
    let condition = |n: usize| grammar::parse(&format!("errors[green] < {n}%"), None).unwrap();
    gate.require = (1..=14).map(condition).collect();
    gate.poll = (1..=7).map(|n| RoleId::from(format!("role-{n}"))).collect();
    state.outline = Arc::new(outline);
    let no = Vote { vote: Ballot::NoGo, by: ana(), at: state.last_at, why: Some("the replica is late".into()) };
    let poll = state.steps.get_mut("go-25").unwrap().poll.as_mut().unwrap();
    poll.votes = BTreeMap::from([("role-7".into(), no)]);
}

#[test]
fn a_poll_that_ran_out_under_its_dialog_takes_no_decision() {
    for key in ["d", "v"] {
        let mut cockpit = cockpit_of((120, 40), Weather::Calm, crowded);
        select(&mut cockpit, "go-25");
        cockpit.keys(key);
        assert!(cockpit.text().contains("round 1, open"), "{}", cockpit.text());
        let event = Event::GateExpired { gate: "go-25".into(), round: 1 };
        let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event };
        cockpit.hears(EngineMessage::Event(Box::new(recorded)));
        let text = cockpit.text();
        assert!(
            text.contains("round 1 is over") && !text.contains("NO-GO    Esc") && !text.contains("open 0"),
            "{text}"
        );
        cockpit.waits(Span::secs(1)).keys("g");
        assert!(cockpit.orders().is_empty());
        assert!(cockpit.text().contains("the poll is over"), "{}", cockpit.text());
    }
}

#[test]
fn what_stands_against_a_go_is_seen_at_any_size_and_nothing_covers_it() {
    for size in [(80, 24), (60, 15), (120, 40)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, crowded);
        select(&mut cockpit, "go-25");
        cockpit.keys("d");
        let text = cockpit.text();
        let no = text.lines().find(|l| l.contains("NO-GO, ana")).unwrap_or_else(|| panic!("{size:?}\n{text}"));
        assert!(no.contains("role-7"), "{no}");
        assert!(text.lines().any(|l| l.contains("g  GO    n NO-GO    Esc not now")), "{size:?}\n{text}");
        let more = match size.1 {
            15 => "against a go or unknown",
            24 => "+5 that hold or are go",
            _ => "errors[green] < 14%",
        };
        assert!(text.contains(more), "{size:?}\n{text}");
    }
    let mut cockpit = cockpit_of((80, 24), Weather::Calm, crowded);
    select(&mut cockpit, "go-25");
    cockpit.keys("v3");
    let text = cockpit.text();
    assert!(text.contains("go for role-3") && text.contains("1-7 role"), "{text}");
    assert!(text.lines().any(|l| l.contains("3 ") && l.contains("role-3") && l.contains("no vote yet")), "{text}");
}

#[test]
fn an_observer_holds_and_notes_and_is_told_at_once_that_all_else_is_for_operators() {
    for (keys, gives) in [("Hodd<enter>", true), ("codd<enter>", true), ("S", false), ("x", false), ("<space>", false)]
    {
        let mut cockpit = cockpit((120, 40), Weather::Calm);
        cockpit.model.observe = true;
        cockpit.keys(keys);
        let orders = cockpit.orders();
        assert_eq!(matches!(orders[..], [What::Hold { .. } | What::Note { .. }]), gives, "{keys}: {orders:?}");
        assert_eq!(cockpit.model.overlay.is_none() && cockpit.text().contains("you observe"), !gives, "{keys}");
    }
}

#[test]
fn an_observer_is_offered_only_what_an_observer_may_do() {
    for weather in [Weather::Calm, Weather::Breach] {
        for size in [(80, 24), (120, 40), (200, 60)] {
            let mut cockpit = cockpit_of(size, weather, |state| {
                let (since, by) = (state.t0, Actor::Operator(ana()));
                state.hold = Some(Hold { since, by, why: "disk".into() });
            });
            cockpit.model.observe = true;
            for keys in ["", "?", "<esc>:explain<enter>"] {
                let text = cockpit.keys(keys).text();
                assert!(!text.contains("release:") && !text.contains("H release"), "{size:?} {keys}\n{text}");
                assert!(!text.contains("S severity") && !text.contains("t stop"), "{size:?} {keys}\n{text}");
            }
            assert!(cockpit.keys("<esc>").text().lines().last().unwrap().contains("H hold"), "{}", cockpit.text());
            cockpit.keys("?");
            assert!(cockpit.text().contains("hold: no new step starts; those who drive release it"));
            cockpit.keys("<esc>R");
            assert!(matches!(cockpit.model.overlay, Some(Overlay::Dialog(_))), "the ways back may be looked at");
        }
    }
}

/// The gate's own signal rests on too few requests, four more with each reading.
fn few(cockpit: &mut Cockpit) {
    let mut signals = Signals::new(cockpit.model.outline().unwrap());
    for n in 0..8 {
        let (value, samples) = (Finite::new(0.0), Finite::from(184 + 4 * n));
        let few = Few { value, samples, needs: Finite::from(300), of: "requests".into() };
        let points = Ok(vec![Point::of("green", "value", Outcome::Few(Box::new(few)))]);
        let at = NOW - Span::secs(15 * (7 - i64::from(n)));
        signals.observe(&Poll { probe: "errors".into(), at, took_ms: 5, points });
    }
    let readout = Readout::of(cockpit.model.launch.as_ref().unwrap(), &signals, NOW);
    let (signals, conditions) = readout.changes(&Readout::default());
    let signals = signals.into_iter().filter(|view| view.id.probe.as_str() == "errors").collect();
    let about = |of: &ConditionOf| matches!(of, ConditionOf::Require(gate, 0) if gate.as_str() == "go-25");
    let conditions = conditions.into_iter().filter(|view| about(&view.of)).collect();
    cockpit.hears(EngineMessage::Telemetry { at: NOW, signals, conditions, more: false });
}

#[test]
fn gate_rows_say_how_many_samples_of_how_many_and_about_how_long_until_there_are_enough() {
    let said = "0 % of 212/300 requests, about 6 min";
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, polling);
        few(&mut cockpit);
        select(&mut cockpit, "go-25");
        super::screens::look("few", &cockpit);
        if size.0 > 80 {
            assert!(cockpit.text().contains(said), "{size:?}\n{}", cockpit.text());
        }
        cockpit.keys("d");
        super::screens::look("few-asked", &cockpit);
        let text = cockpit.text();
        assert!(text.lines().any(|l| l.contains("errors[green] < 1%") && l.contains(said)), "{size:?}\n{text}");
    }
}

#[test]
fn a_gate_at_which_nobody_votes_says_who_decides_not_how_many_of_none() {
    let alone = |state: &mut LaunchState| {
        polling(state);
        let outline = Arc::make_mut(&mut state.outline);
        let gate =
            outline.steps.iter_mut().find(|step| step.id.as_str() == "go-25").and_then(|step| step.gate.as_mut());
        gate.unwrap().poll.clear();
    };
    for size in [(80, 24), (120, 40)] {
        let text = cockpit_of(size, Weather::Calm, alone).text();
        assert!(!text.contains("0/0") && text.contains("ana decides"), "{text}");
    }
}

#[test]
fn an_open_poll_says_when_it_ends_at_every_size_and_in_its_dialogs() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let ends = |state: &mut LaunchState| {
            polling(state);
            let outline = Arc::make_mut(&mut state.outline);
            let gate = outline.steps.iter_mut().find(|s| s.id.as_str() == "go-25").and_then(|s| s.gate.as_mut());
            gate.unwrap().expires = Some(Span::secs(100));
            let own = state.steps.get_mut("go-25").unwrap();
            own.poll.as_mut().unwrap().opened = NOW - Span::secs(40);
        };
        let mut cockpit = cockpit_of(size, Weather::Calm, ends);
        select(&mut cockpit, "go-25");
        super::screens::look("poll-ends", &cockpit);
        let text = cockpit.text();
        let row = text.lines().find(|line| line.contains("go 0/3")).unwrap_or_default();
        assert!(row.contains(" 0:5") && row.contains(" left"), "{size:?}\n{text}");
        for key in ["v", "d"] {
            cockpit.keys(key);
            super::screens::look(&format!("poll-ends-{key}"), &cockpit);
            assert!(
                cockpit.text().contains("open 0:4") && cockpit.text().contains(", ends in 0:5"),
                "{size:?} {key}\n{}",
                cockpit.text()
            );
            cockpit.keys("<esc>");
        }
    }
}

#[test]
fn who_does_not_lead_is_offered_a_vote_and_no_decision() {
    let led = |lead: &'static str| {
        let mut cockpit = cockpit_of((120, 40), Weather::Calm, move |state| {
            polling(state);
            state.lead = lead.into();
        });
        select(&mut cockpit, "go-25");
        cockpit
    };
    assert!(led("ana").text().contains("d decide"), "{}", led("ana").text());
    let mut cockpit = led("tom");
    let text = cockpit.text();
    assert!(!text.contains("d decide") && text.contains("v vote"), "{text}");
    cockpit.keys("d");
    let text = cockpit.text();
    assert!(text.contains("only the lead, tom, decides a gate; v votes"), "{text}");
    assert!(!text.contains("NO-GO"), "{text}");
}
