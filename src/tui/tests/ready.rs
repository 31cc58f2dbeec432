//! The READY card: before T-0 it comes by itself, and says what would not work.

use super::Cockpit;
use super::fixture::{NOW, Weather, ana, cockpit_of};
use super::screens::look;
use crate::core::event::{Actor, Event, Recorded};
use crate::core::ids::Seq;
use crate::core::launch::testing::no_value;
use crate::core::launch::{LaunchState, StepState};
use crate::core::ready::{Found, Grade, Kind, Row};
use crate::core::time::Span;
use crate::tui::dialogs::Overlay;
use crate::wire::message::{EngineMessage, Trouble};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// No step was begun, and T-0 is in half an hour.
pub(super) fn before(state: &mut LaunchState) {
    state.steps.values_mut().for_each(|step| *step = StepState::default());
    state.runs.clear();
    state.t0 = NOW + Span::mins(30);
}

pub(super) fn trouble() -> Trouble {
    let row = Row::new;
    let rows = vec![
        row(Kind::Script, Grade::Blocker, "./weight.sh", "it is not executable").todo("chmod +x /opt/wallet/weight.sh"),
        row(Kind::Script, Grade::Ok, "./start-green.sh", "there and executable"),
        row(Kind::Host, Grade::Warning, "hooks.example.com:443", "no answer within 3s (channel oncall)")
            .todo("mend the name"),
        row(Kind::Host, Grade::Ok, "api.example.com:443", "takes a connection (probe api)"),
        row(Kind::Disk, Grade::Ok, "/var/lib/tminus (launches)", "41.2 GB free"),
        row(Kind::Clock, Grade::Ok, "this machine", "agrees with api.example.com to 5s, by the Date that it sends"),
        row(Kind::Blank, Grade::Warning, "plan.toml", "2 blanks to fill in, line 14, 61").todo("fill them in"),
    ];
    let secrets = vec![no_value("primary", "PRIMARY_URL")];
    Trouble { secrets, ready: Some(Found { at: NOW, rows }), ..Trouble::default() }
}

fn early(size: (u16, u16)) -> Cockpit {
    let mut cockpit = cockpit_of(size, Weather::Unknown, |state| {
        before(state);
        let mut outline = (*state.outline).clone();
        outline.secrets = [("primary".to_owned(), "${env:PRIMARY_URL}".to_owned())].into();
        state.outline = std::sync::Arc::new(outline);
    });
    cockpit.hears(EngineMessage::Trouble(trouble()));
    cockpit
}

#[test]
fn before_t0_it_comes_by_itself_with_blockers_first_and_what_to_do() {
    for size in SIZES {
        let mut cockpit = early(size);
        look("ready", &cockpit);
        let text = cockpit.text();
        for part in ["NOT READY", "blockers", "PRIMARY_URL is not set", "give it with `tminus do env primary`"] {
            assert!(text.contains(part), "{size:?} {part}\n{text}");
        }
        // NEXT names the first blocker.
        assert!(text.contains("not ready"), "{text}");
        // All of it can be read at any size.
        let mut seen = text;
        for _ in 0..20 {
            cockpit.keys("j");
            seen.push_str(&cockpit.text());
        }
        for part in
            ["./weight.sh", "chmod +x", "2 blanks to fill in", "41.2 GB free", "./start-green.sh", "agrees with"]
        {
            assert!(seen.contains(part), "{size:?} {part}\n{seen}");
        }
    }
}

#[test]
fn a_key_that_does_not_scroll_closes_it_and_does_what_it_does_below() {
    let mut cockpit = early((120, 40));
    assert!(matches!(cockpit.model.overlay, Some(Overlay::Ready { came: Some(_), .. })));
    cockpit.keys("?");
    assert!(matches!(cockpit.model.overlay, Some(Overlay::Help(_))), "{:?}", cockpit.model.overlay);
    cockpit.keys("<esc>");
    // It comes by itself once; then by its key and its word.
    cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    cockpit.hears(EngineMessage::Trouble(trouble()));
    assert!(cockpit.model.overlay.is_none());
    for keys in ["Y", ":ready<enter>"] {
        cockpit.keys(keys);
        assert!(cockpit.text().contains("NOT READY"), "{}", cockpit.text());
        cockpit.keys("q");
        assert!(cockpit.model.overlay.is_none() && cockpit.orders().is_empty());
    }
}

#[test]
fn it_comes_by_itself_as_long_as_no_step_was_begun_though_t0_is_over() {
    let late = |state: &mut LaunchState| {
        before(state);
        state.t0 = NOW - Span::mins(5);
    };
    let mut cockpit = cockpit_of((120, 40), Weather::Unknown, late);
    cockpit.hears(EngineMessage::Trouble(trouble()));
    assert!(cockpit.text().contains("NOT READY") && cockpit.text().contains("chmod +x"), "{}", cockpit.text());
    // Who may only look has nothing to get ready, and the demo's production is always ready.
    for (observe, quiet) in [(true, false), (false, true)] {
        let mut cockpit = cockpit_of((120, 40), Weather::Unknown, late);
        (cockpit.model.observe, cockpit.model.quiet) = (observe, quiet);
        cockpit.hears(EngineMessage::Trouble(trouble()));
        assert!(cockpit.model.overlay.is_none());
        cockpit.keys("Y");
        assert!(matches!(cockpit.model.overlay, Some(Overlay::Ready { came: None, .. })), "it can be asked for");
    }
}

#[test]
fn a_key_in_its_first_moments_is_for_what_lies_below_and_the_card_stays() {
    let mut cockpit = early((120, 40));
    let selected = cockpit.model.selected.clone();
    cockpit.hastily("j");
    assert!(matches!(cockpit.model.overlay, Some(Overlay::Ready { scroll: 0, .. })), "{:?}", cockpit.model.overlay);
    assert_ne!(cockpit.model.selected, selected, "the key moved what it was meant for");
    cockpit.hastily("?");
    assert!(matches!(cockpit.model.overlay, Some(Overlay::Help(_))), "{:?}", cockpit.model.overlay);
}

#[test]
fn a_card_of_which_nothing_is_left_takes_no_key() {
    let mut cockpit = early((120, 40));
    let launch = cockpit.model.launch.as_mut().unwrap();
    launch.t0 = NOW - Span::mins(5);
    let step = launch.steps.keys().next().unwrap().clone();
    let event = Event::StepStarted { step, attempt: 1, by: Actor::Operator(ana()) };
    let recorded = Recorded { seq: Seq(launch.head.0 + 1), at: NOW, order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert!(cockpit.model.overlay.is_none(), "{:?}", cockpit.model.overlay);
}

#[test]
fn once_the_launch_has_begun_it_does_not_come_and_says_why() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |_| {});
    cockpit.hears(EngineMessage::Trouble(trouble()));
    assert!(cockpit.model.overlay.is_none());
    cockpit.keys("Y");
    assert!(cockpit.model.overlay.is_none() && cockpit.text().contains("the launch has begun"), "{}", cockpit.text());
}
