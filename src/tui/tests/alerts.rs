//! Whom new alarms call.

use super::fixture::{NOW, Weather, cockpit, measured};
use crate::core::launch::Mute;
use crate::core::notice::Muted;
use crate::core::time::Span;
use crate::tui::alarm::alarms;
use crate::tui::alerts::{Caller, How};
use crate::tui::msg::Happened;

fn weather(cockpit: &mut super::Cockpit, weather: Weather) {
    cockpit.hears(measured(weather, NOW));
    cockpit.waits(Span::secs(1));
}

/// What the terminal is sent now.
fn call(caller: &mut Caller, cockpit: &super::Cockpit) -> Option<String> {
    caller.look(&cockpit.model, &alarms(&cockpit.model))
}

#[test]
fn a_new_alarm_calls_once_and_again_when_it_was_gone_for_a_minute() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.model.calls_by = How::Osc9;
    let mut caller = Caller::default();
    assert_eq!(call(&mut caller, &cockpit), None);
    weather(&mut cockpit, Weather::Breach);
    let told = call(&mut caller, &cockpit).unwrap();
    assert!(told.starts_with("\x1b]9;tminus Wallet v1.0.0: ■ ") && told.ends_with("\x07\x07"), "{told:?}");
    assert_eq!(call(&mut caller, &cockpit), None, "it is no news any more");
    for (away, calls) in [(30, false), (61, true)] {
        weather(&mut cockpit, Weather::Calm);
        cockpit.waits(Span::secs(away));
        let _ = call(&mut caller, &cockpit);
        weather(&mut cockpit, Weather::Breach);
        assert_eq!(call(&mut caller, &cockpit).is_some(), calls, "gone for {away} s");
    }
}

#[test]
fn who_looks_who_mutes_and_who_switched_it_off_is_not_called() {
    let quiet = |with: &dyn Fn(&mut super::Cockpit)| {
        let mut cockpit = cockpit((120, 40), Weather::Calm);
        let mut caller = Caller::default();
        call(&mut caller, &cockpit);
        with(&mut cockpit);
        weather(&mut cockpit, Weather::Breach);
        call(&mut caller, &cockpit).is_none()
    };
    assert!(!quiet(&|_| {}));
    assert!(quiet(&|cockpit| cockpit.happens(Happened::Focus(true))));
    assert!(!quiet(&|cockpit| {
        cockpit.happens(Happened::Focus(true));
        cockpit.happens(Happened::Focus(false));
    }));
    assert!(quiet(&|cockpit| {
        cockpit.keys("B");
    }));
    assert!(!quiet(&|cockpit| {
        cockpit.keys("BB");
    }));
    assert!(quiet(&|cockpit| cockpit.model.calls_by = How::Off));
    assert!(quiet(&|cockpit| {
        let by = cockpit.model.you.clone().unwrap();
        let launch = cockpit.model.launch.as_mut().unwrap();
        let until = NOW + Span::mins(60);
        launch.notices.mutes.push(Mute { of: Muted::All, by, why: "known".into(), since: NOW, until });
    }));
}

#[test]
fn what_stands_when_the_screen_opens_calls_nobody() {
    let cockpit = cockpit((120, 40), Weather::Breach);
    let mut caller = Caller::default();
    assert!(!alarms(&cockpit.model).is_empty());
    assert_eq!(call(&mut caller, &cockpit), None);
    assert_eq!(call(&mut caller, &cockpit), None);
}

#[test]
fn the_switch_says_what_it_does() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    assert!(cockpit.keys("B").text().contains("new alarms ring no more"));
    assert!(cockpit.keys("B").text().contains("new alarms ring the terminal's bell while you look elsewhere"));
    cockpit.model.calls_by = How::Off;
    assert!(cockpit.keys("B").text().contains("`--alerts off` was asked for"));
}
