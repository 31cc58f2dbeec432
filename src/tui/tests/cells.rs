//! What is never lost, however few columns there are.

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit_of};
use crate::core::event::Actor;
use crate::core::launch::{Hold, Incident, LaunchState};
use crate::core::order::What;
use crate::core::time::Span;
use crate::tui::msg::Happened;

fn hold_and_severity(state: &mut LaunchState) {
    let mut outline = (*state.outline).clone();
    outline.name = "決済サービス非常に長い名前のローンチ計画".into();
    outline.version = "v2025.11.21-rc.3-build-4711".into();
    state.outline = outline.into();
    let since = state.t0 + Span::secs(60);
    state.hold = Some(Hold { since, by: Actor::Operator(ana()), why: "disk".into() });
    state.incidents.push(Incident::new(2, "cards fail", since, ana()));
}

#[test]
fn live_hold_and_severity_are_never_lost_in_the_header() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, hold_and_severity);
    for columns in 24..=200 {
        for rows in [8, 10, 24, 40] {
            cockpit.happens(Happened::Resize(columns, rows));
            let text = cockpit.text();
            let row = text.lines().find(|l| l.contains("LIVE")).unwrap_or_else(|| panic!("{columns}x{rows}\n{text}"));
            let clock = if columns >= 40 { "T+04:18:44" } else { "" };
            for word in ["HOLD", "SEV2", clock] {
                assert!(row.contains(word), "{columns}x{rows} {word}: {row}");
            }
        }
    }
}

#[test]
fn what_is_pasted_over_several_lines_becomes_one_and_says_so() {
    let mut cockpit = cockpit_of((80, 24), Weather::Calm, |_| {});
    cockpit.keys("c").happens(Happened::Paste("locks are gone\r\n  replica is back\r".into()));
    let text = cockpit.text();
    assert!(text.contains("Note: locks are gone replica is back"), "{text}");
    assert!(text.contains("2 lines were pasted"), "{text}");
    cockpit.keys("<c-u>").happens(Happened::Paste("one line\r".into()));
    assert!(!cockpit.text().contains("were pasted"));
    cockpit.keys("<enter>");
    assert_eq!(cockpit.orders(), [&What::Note { text: "one line".into() }]);
}

#[test]
fn another_alarm_is_looked_at_for_a_while() {
    let mut cockpit = cockpit_of((130, 40), Weather::Breach, |_| {});
    let row = |cockpit: &Cockpit| cockpit.text().lines().nth(1).unwrap_or_default().to_owned();
    let worst = row(&cockpit);
    assert!(worst.contains("+2  A next"), "{worst}");
    let other = row(cockpit.keys("A"));
    assert!(other.contains("2 of 3") && other != worst, "{other}");
    cockpit.waits(Span::secs(11));
    assert!(row(&cockpit).contains("+2  A next"), "then it is the worst again");
    cockpit.keys("AAA");
    assert!(row(&cockpit).contains("+2  A next"), "and round again");
    let mut calm = cockpit_of((120, 40), Weather::Calm, |_| {});
    assert!(calm.keys("A").text().contains("there is no alarm"));
}

#[test]
fn a_trigger_that_led_to_the_way_back_and_still_holds_is_not_shown_as_calm() {
    let disarm = |state: &mut LaunchState| {
        for trigger in state.outline.clone().triggers.iter() {
            state.triggers.entry(trigger.id.clone()).or_default().disarmed = Some(state.opened);
        }
    };
    let text = cockpit_of((200, 60), Weather::Breach, disarm).text();
    assert!(text.contains("  disarmed until it is false"), "{text}");
    let row = text.lines().nth(1).unwrap();
    assert!(row.contains("2:00 / 3:00"), "what acts first leads, and not what nothing comes of: {row}");
    assert!(text.lines().any(|l| l.contains("api is failing") && l.ends_with("disarmed")), "{text}");
}
