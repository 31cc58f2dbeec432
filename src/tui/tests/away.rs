//! Who comes back is told what happened, once, and again on demand.

use super::Cockpit;
use super::fixture::{NOW, Weather, ana, cockpit, greeting, launch, signals};
use crate::core::event::{Event, Evidence, Recorded};
use crate::core::ids::Seq;
use crate::core::launch::LaunchState;
use crate::core::time::Span;
use crate::core::view::Readout;
use crate::core::watch::CheckFact;
use crate::tui::dialogs::Overlay;
use crate::tui::msg::{Effect, Happened};
use crate::wire::message::{Answer, ClientMessage, EngineMessage, LastHere, Query};

/// What happened while ana was away for eight hours.
fn happened() -> Vec<Recorded> {
    let evidence = Evidence {
        condition: "errors > 5% for 10m".into(),
        held: Some(true),
        found: "6.10 % > 5 %".into(),
        lasted: None,
    };
    let (trigger, gate) = ("errors-5".into(), "go-5".into());
    let events = vec![
        (
            420,
            Event::GateDecided {
                gate,
                round: 1,
                go: true,
                by: ana(),
                why: None,
                over: vec!["no vote for dba".into()],
                evidence: vec![],
            },
        ),
        (300, Event::Check(CheckFact::Missed { watch: "metrics".into(), check: 3, count: 4, unattended: false })),
        (200, Event::TriggerFired { trigger, instance: None, evidence, by: None, closed: false, answered: None }),
        (
            190,
            Event::SeveritySet {
                incident: 1,
                level: 2,
                by: ana(),
                text: "cards are declined at one bank of three, the others are fine".into(),
                was: None,
                onset: None,
            },
        ),
        (60, Event::Noted { by: ana(), text: "the bank says that it is theirs".into() }),
    ];
    let recorded = |(i, (ago, event)): (usize, (i64, Event))| Recorded {
        seq: Seq(20 + i as u64),
        at: NOW - Span::mins(ago),
        order: None,
        event,
    };
    events.into_iter().enumerate().map(recorded).collect()
}

/// The launch has 40 events.
fn back(size: (u16, u16), last: Option<LastHere>, events: Vec<Recorded>) -> Cockpit {
    back_to(launch(Weather::Calm, NOW), size, last, events)
}

fn back_to(state: LaunchState, size: (u16, u16), last: Option<LastHere>, events: Vec<Recorded>) -> Cockpit {
    let mut screen = Cockpit::new(size);
    for mut message in greeting(&state) {
        if let EngineMessage::Welcome { last_here, .. } = &mut message {
            *last_here = last;
        }
        screen.hears(message);
    }
    let readout = Readout::of(&state, &signals(&state, Weather::Calm, NOW), NOW);
    let (signals, conditions) = readout.changes(&Readout::default());
    screen.hears(EngineMessage::Telemetry { at: NOW, signals, conditions, more: false });
    let asked = screen.effects.iter().filter_map(|effect| match effect {
        Effect::Send(ClientMessage::Get { id, what: Query::Events { from, .. } }) => Some((*id, from.0)),
        _ => None,
    });
    let asked: Vec<(u64, u64)> = asked.collect();
    for (id, from) in asked {
        let events = events.iter().filter(|e| e.seq.0 >= from).cloned().collect();
        screen.hears(EngineMessage::Part { id, more: false, answer: Answer::Events(events) });
    }
    screen
}

fn eight_hours() -> Option<LastHere> {
    Some(LastHere { head: Seq(19), at: NOW - Span::mins(480) })
}

#[test]
fn who_comes_back_is_told_what_happened_once() {
    for size in [(80, 24), (120, 40)] {
        let mut screen = back(size, eight_hours(), happened());
        insta::assert_snapshot!(format!("away-{}", size.0), screen.screen());
        screen.keys("<esc>");
        assert!(screen.model.overlay.is_none());
        screen.keys(":away<enter>");
        assert!(matches!(screen.model.overlay, Some(Overlay::Away { .. })));
    }
}

#[test]
fn who_comes_to_do_something_does_it() {
    let mut screen = back((120, 40), eight_hours(), happened());
    screen.keys("j");
    assert!(matches!(screen.model.overlay, Some(Overlay::Away { scroll: 1, .. })), "it scrolls");
    screen.keys("H");
    assert!(matches!(screen.model.overlay, Some(Overlay::Line(_))), "{:?}", screen.model.overlay);
    screen.keys("<esc>:away<enter>H");
    assert!(screen.model.overlay.is_none(), "who asked for it reads it: {:?}", screen.model.overlay);
}

#[test]
fn a_key_on_its_way_when_it_comes_is_for_what_lies_below() {
    let mut screen = back((120, 40), eight_hours(), happened());
    screen.hastily("j");
    assert!(matches!(screen.model.overlay, Some(Overlay::Away { scroll: 0, .. })), "{:?}", screen.model.overlay);
    screen.hastily("x");
    let opened = format!("{:?}", screen.model.overlay);
    // A dialog that it opens is deaf itself.
    screen.hastily("y");
    assert!(screen.orders().is_empty(), "{opened}");
}

/// Back at a launch of which no step was begun.
fn back_before_it_begins(events: Vec<Recorded>) -> Cockpit {
    let mut state = launch(Weather::Calm, NOW);
    super::ready::before(&mut state);
    let mut screen = back_to(state, (120, 40), eight_hours(), events);
    screen.hears(EngineMessage::Trouble(super::ready::trouble()));
    screen
}

#[test]
fn before_the_start_what_happened_comes_first_and_whether_it_can_start_next() {
    let mut screen = back_before_it_begins(happened());
    assert!(matches!(screen.model.overlay, Some(Overlay::Away { .. })), "{:?}", screen.model.overlay);
    screen.keys("<esc>");
    assert!(matches!(screen.model.overlay, Some(Overlay::Ready { .. })), "{:?}", screen.model.overlay);
    screen.keys("<esc>");
    assert!(screen.model.overlay.is_none(), "once");
    // Who came to do something is not stopped by the next card.
    let mut screen = back_before_it_begins(happened());
    screen.keys("G").hears(EngineMessage::Trouble(super::ready::trouble()));
    assert!(screen.model.overlay.is_none(), "{:?}", screen.model.overlay);
    // Where nothing happened it is READY alone, also where that is known first.
    let screen = back_before_it_begins(Vec::new());
    assert!(matches!(screen.model.overlay, Some(Overlay::Ready { .. })), "{:?}", screen.model.overlay);
}

#[test]
fn it_never_hides_the_alarm_the_answers_or_the_clock() {
    for size in [(20, 5), (30, 8)] {
        let mut screen = back(size, eight_hours(), happened());
        assert!(matches!(screen.model.overlay, Some(Overlay::Away { .. })));
        let text = screen.screen();
        for part in ["NOW", "NEXT", "BACK", "LIVE", "T+"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        screen.keys("H");
        assert!(!matches!(screen.model.overlay, None | Some(Overlay::Away { .. })), "the key means what it says");
    }
    let mut screen = back((20, 5), eight_hours(), happened());
    screen.happens(Happened::Resize(120, 40));
    assert!(screen.screen().contains("Since you were away"), "{}", screen.screen());
}

#[test]
fn nothing_is_shown_where_nothing_happened_and_to_who_was_never_here() {
    let mut screen = back((120, 40), Some(LastHere { head: Seq(40), at: NOW - Span::mins(1) }), happened());
    assert!(screen.model.overlay.is_none(), "nothing since");
    screen.keys(":away<enter>");
    assert!(screen.screen().contains("nothing happened since you were here last"));
    let mut screen = back((120, 40), None, happened());
    assert!(screen.model.overlay.is_none(), "never here");
    screen.keys(":away<enter>");
    assert!(screen.screen().contains("no screen of yours was here before"), "{}", screen.screen());
}

#[test]
fn a_moment_can_be_named_instead() {
    let mut screen = Cockpit::new((120, 40));
    screen.model.since = Some(Span::mins(195));
    let state = launch(Weather::Calm, NOW);
    greeting(&state).into_iter().for_each(|message| screen.hears(message));
    let ids = screen.effects.iter().filter_map(|effect| match effect {
        Effect::Send(ClientMessage::Get { id, .. }) => Some(*id),
        _ => None,
    });
    for id in ids.collect::<Vec<_>>() {
        screen.hears(EngineMessage::Part { id, more: false, answer: Answer::Events(happened()) });
    }
    let told = screen.model.away.as_ref().and_then(|own| own.told.clone()).unwrap();
    assert_eq!(told.counts, ["1 severity set", "1 note"], "what was before it is not told");
}

#[test]
fn a_link_that_comes_back_shows_nothing() {
    let mut screen = cockpit((120, 40), Weather::Calm);
    let state = launch(Weather::Calm, NOW);
    for mut message in greeting(&state) {
        if let EngineMessage::Welcome { last_here, .. } = &mut message {
            *last_here = eight_hours();
        }
        screen.hears(message);
    }
    assert!(screen.model.away.is_none());
}

#[test]
fn the_way_back_is_one_key_away() {
    let mut screen = back((80, 24), eight_hours(), happened());
    screen.keys("R");
    assert!(matches!(screen.model.overlay, Some(Overlay::Dialog(_))));
}
