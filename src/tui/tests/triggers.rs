//! The pane of triggers: how each stands, in the words of the command line.

use super::fixture::{T0, Weather, ana, cockpit_of, stopped_rollback};
use crate::core::condition::Polls;
use crate::core::event::Evidence;
use crate::core::launch::{Fired, LaunchState, RollbackStatus, Said, Status};
use crate::core::outline::Fires;
use crate::core::time::Span;

/// The row of the trigger on errors, with the pane's head before it.
fn row(weather: Weather, size: (u16, u16), change: impl FnOnce(&mut LaunchState)) -> String {
    let text = cockpit_of(size, weather, change).text();
    let rows: Vec<&str> = text.lines().collect();
    let head = rows.iter().position(|row| row.contains("Rollback triggers")).unwrap_or_else(|| panic!("{text}"));
    let own = rows[head..].iter().find(|row| row.contains("errors[green] > 1%")).unwrap_or_else(|| panic!("{text}"));
    let left = |row: &str| row.chars().take(usize::from(size.0) / 2).collect::<String>();
    format!("{}\n{}", left(rows[head]), left(own))
}

fn dismissed(state: &mut LaunchState) {
    let evidence = Evidence {
        condition: "errors[green] > 1%".into(),
        found: "6.1 %".into(),
        held: Some(true),
        lasted: Some(Span::mins(3)),
    };
    let dismissed = Some(Said { at: T0, by: ana(), text: "a load test".into() });
    let fired = Fired { at: T0, instance: Some("green".into()), evidence, dismissed, by: None, acked: None };
    state.triggers.get_mut("errors-green").unwrap().fired = Some(fired);
}

#[test]
fn one_that_was_dismissed_says_by_whom_and_why_and_is_not_called_fired() {
    for weather in [Weather::Breach, Weather::Calm, Weather::Empty] {
        let shown = row(weather, (200, 60), dismissed);
        assert!(shown.contains("dismissed by ana: a load test"), "{shown}");
        assert!(!shown.contains("FIRED") && !shown.contains("fired") && shown.contains("1 dismissed"), "{shown}");
    }
    let narrow = row(Weather::Breach, (120, 40), dismissed);
    assert!(narrow.contains("dismissed by ana"), "{narrow}");
}

#[test]
fn one_whose_way_back_was_left_says_that_it_is_disarmed_since() {
    let left = |state: &mut LaunchState| {
        stopped_rollback(state);
        state.rollbacks[0].status = RollbackStatus::Left { at: state.last_at, why: "not now".into() };
        state.status = Status::Live;
        state.triggers.get_mut("errors-green").unwrap().disarmed = Some(state.rollbacks[0].started);
    };
    for weather in [Weather::Breach, Weather::Empty] {
        let shown = row(weather, (200, 60), left);
        assert!(shown.contains("disarmed until it clears"), "{shown}");
    }
    let mut zoomed = cockpit_of((120, 40), Weather::Breach, left);
    let text = zoomed.keys("7z").text();
    assert!(text.contains("disarmed until it clears, since the way back was left"), "{text}");
}

#[test]
fn how_many_of_the_polls_agree_stands_beside_the_value() {
    let shown = row(Weather::Breach, (200, 60), |state| {
        let mut outline = (*state.outline).clone();
        let own = outline.triggers.iter_mut().find(|t| t.id == "errors-green".into()).unwrap();
        let Fires::When(when) = &mut own.fires else { panic!() };
        when.polls = Some(Polls { k: 2, of: 3 });
        state.outline = outline.into();
    });
    assert!(shown.contains(" %, 3 of 3  1:45 / 3:00"), "{shown}");
}
