//! The phases along the launch.

use super::Cockpit;
use super::fixture::{Weather, cockpit, cockpit_of};
use super::screens::look;
use crate::core::launch::{LaunchState, StepState, StepStatus};
use crate::core::outline::PhaseOutline;
use crate::core::time::Span;
use crate::tui::timeline::stops;

/// Its two rows.
fn rows(cockpit: &Cockpit) -> [String; 2] {
    let at = crate::tui::view::layout(&cockpit.model).timeline;
    assert!(!at.is_empty());
    let text = cockpit.text();
    let row = |y: u16| text.lines().nth(usize::from(y)).unwrap_or_default().to_owned();
    [row(at.y), row(at.y + 1)]
}

#[test]
fn it_says_where_the_launch_stands_and_when_each_phase_began() {
    let [stops, rail] = rows(&cockpit((200, 60), Weather::Calm));
    for part in [
        "✓ 1 Prepare",
        "✓ 2 Green on 3002",
        "▸ 3 Traffic to green",
        "◐ 5 % to green",
        "◇ Go for 25 %?",
        "○ 5 Retire blue",
    ] {
        assert!(stops.contains(part), "{part}: {stops}");
    }
    for part in ["T-03:24", "T+00:26", "▲ now", "T+1d 00:00", "T+3d 00:00"] {
        assert!(rail.contains(part), "{part}: {rail}");
    }
    let column = |text: &str, part: &str| text[..text.find(part).unwrap()].chars().count();
    assert_eq!(column(&stops, "◐ 5 % to green"), column(&rail, "▲ now"));
    assert!(rail.find('━') < rail.find('▲') && rail.find('▲') < rail.find('─'), "{rail}");
    look("timeline", &cockpit((120, 40), Weather::Calm));
}

#[test]
fn a_way_back_is_seen_on_it_and_an_ended_launch_stands_nowhere() {
    let back = |change: fn(&mut LaunchState)| rows(&cockpit_of((120, 40), Weather::Calm, change))[1].clone();
    let rail = back(super::under_way::undoing);
    assert!(rail.contains("↶ going back"), "{rail}");
    let rail = back(super::fixture::stopped_rollback);
    assert!(rail.contains("✗ STOPPED going back"), "{rail}");
    let done = |state: &mut LaunchState| {
        let at = super::fixture::NOW;
        for step in state.steps.values_mut() {
            let by = crate::core::event::Actor::Engine;
            *step = StepState { status: StepStatus::Done { at, by, over: None }, ..StepState::default() };
        }
    };
    let [stops, rail] = rows(&cockpit_of((120, 40), Weather::Calm, done));
    assert!(!rail.contains("now") && !rail.contains('─') && stops.contains("✓ 5 Retire blue"), "{stops}\n{rail}");
}

#[test]
fn names_go_before_signs_and_what_is_over_before_what_is_to_come() {
    let cockpit = cockpit((200, 60), Weather::Calm);
    let text = |columns| stops(&cockpit.model, columns).into_iter().map(|s| s.text).collect::<Vec<_>>();
    let narrow = text(80);
    assert!(narrow.contains(&"5 % to green".to_owned()) && narrow.contains(&"Go for 25 %?".to_owned()), "{narrow:?}");
    assert!(!narrow.contains(&"Go for 5 %?".to_owned()), "{narrow:?}");
    for columns in 0..200 {
        let stops = stops(&cockpit.model, columns);
        for pair in stops.windows(2) {
            assert!(pair[0].x + pair[0].width() < pair[1].x, "{columns}: {stops:?}");
        }
        let end = stops.last().map_or(0, |s| s.x + s.width());
        assert!(end <= columns.max(1), "{columns}: {end}");
        assert!(columns < 20 || stops.iter().any(|s| s.here), "{columns}");
    }
}

#[test]
fn fifty_phases_do_not_hide_where_the_launch_stands() {
    let many = |state: &mut LaunchState| {
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        for n in 0..50 {
            let id = format!("more-{n}").as_str().into();
            let title = format!("One more phase {n}");
            outline.phases.push(PhaseOutline { id, title, at: None, since: None, not_before: None, window: None });
        }
    };
    let [stops, rail] = rows(&cockpit_of((120, 40), Weather::Calm, many));
    assert!(stops.contains("5 % to green") && rail.contains("▲ now") && stops.contains("-55"), "{stops}\n{rail}");
}

#[test]
fn low_and_narrow_screens_have_none() {
    for size in [(80, 24), (99, 60), (120, 35), (20, 5), (40, 10), (60, 15)] {
        let cockpit = cockpit(size, Weather::Breach);
        assert!(crate::tui::view::layout(&cockpit.model).timeline.is_empty(), "{size:?}");
        assert!(!cockpit.text().contains("▲ now"), "{size:?}");
    }
}

#[test]
fn a_phase_that_was_taken_back_whole_goes_on_nowhere() {
    let cockpit = cockpit_of((120, 40), Weather::Calm, |state| {
        let phase = state.outline.phases[2].id.clone();
        let outline = state.outline.clone();
        for step in outline.steps_of(&phase) {
            let own = state.steps.get_mut(&step.id).unwrap();
            own.started = Some(state.t0);
            own.status = StepStatus::Undone { at: state.t0 };
        }
    });
    let [stops, _] = rows(&cockpit);
    assert!(stops.contains("○ 3 Traffic to green"), "{stops}");
    assert!(cockpit.text().lines().any(|row| row.contains("○ 3  Traffic to green")), "{}", cockpit.text());
}

#[test]
fn what_is_to_come_has_no_time_of_a_first_attempt_that_was_undone() {
    let cockpit = cockpit_of((200, 60), Weather::Calm, |state| {
        for (id, minutes) in [("share-25", 90), ("metrics", 100), ("retire-blue", 110)] {
            let own = state.steps.get_mut(id).unwrap();
            own.started = Some(state.t0 + Span::mins(minutes));
            own.status = StepStatus::Undone { at: state.t0 + Span::mins(minutes + 5) };
        }
    });
    let now = cockpit.model.now();
    let stops = stops(&cockpit.model, 198);
    let here = stops.iter().position(|stop| stop.here).unwrap();
    for stop in &stops[here + 1..] {
        assert!(stop.at.is_none_or(|at| at > now), "{stop:?}");
    }
    let [_, rail] = rows(&cockpit);
    assert!(rail.contains("T+1d 00:00") && rail.contains("T+3d 00:00"), "their planned times stand: {rail}");
}

#[test]
fn the_launch_stands_before_a_phase_whose_time_is_still_to_come() {
    let cockpit = cockpit_of((200, 60), Weather::Calm, |state| {
        for step in state.outline.clone().steps.iter().take_while(|step| step.phase.as_str() != "watch") {
            let own = state.steps.get_mut(&step.id).unwrap();
            own.status = StepStatus::Done { at: state.t0, by: crate::core::event::Actor::Engine, over: None };
        }
    });
    let [stops, rail] = rows(&cockpit);
    let (now, planned) = (rail.find("▲ now").unwrap(), rail.find("T+1d 00:00").unwrap());
    assert!(now < planned && rail.rfind('━').unwrap() < planned, "{stops}\n{rail}");
}

#[test]
fn a_phase_that_has_begun_stands_before_one_that_has_not() {
    let texts = |begin: bool, columns| {
        let cockpit = cockpit_of((200, 60), Weather::Calm, |state| {
            if begin {
                state.steps.get_mut("retire-blue").unwrap().status = StepStatus::Claimed;
            }
        });
        let stops = stops(&cockpit.model, columns).into_iter().filter(|s| !s.step);
        stops.map(|s| s.text).collect::<Vec<_>>()
    };
    let numbers = |texts: Vec<String>| texts.iter().map(|t| t[..1].to_owned()).collect::<String>();
    assert_eq!(numbers(texts(false, 198)), "12345");
    assert_eq!(numbers(texts(true, 198)), "12354");
    assert!(!texts(true, 30).iter().any(|t| t.contains("-5") || t.contains("-4")), "{:?}", texts(true, 30));
}

#[test]
fn equal_times_stand_once() {
    for weather in [Weather::Calm, Weather::Breach] {
        let [_, rail] = rows(&cockpit((200, 60), weather));
        let times: Vec<&str> = rail.split(['━', '─', ' ']).filter(|part| part.starts_with("T")).collect();
        assert!(times.windows(2).all(|pair| pair[0] != pair[1]), "{rail}");
    }
}
