//! What is never lost, however few columns there are.

use super::fixture::{Weather, ana, cockpit_of};
use crate::core::event::Actor;
use crate::core::launch::{Hold, Incident};
use crate::core::time::Span;
use crate::tui::msg::Happened;

fn hold_and_severity(state: &mut crate::core::launch::LaunchState) {
    let mut outline = (*state.outline).clone();
    outline.name = "決済サービス非常に長い名前のローンチ計画".into();
    outline.version = "v2025.11.21-rc.3-build-4711".into();
    state.outline = outline.into();
    let since = state.t0 + Span::secs(60);
    state.hold = Some(Hold { since, by: Actor::Operator(ana()), why: "disk".into() });
    state.incidents.push(Incident {
        level: 2,
        text: "cards fail".into(),
        opened: since,
        by: ana(),
        levels: Vec::new(),
        answered: None,
        updated: None,
        resolved: None,
    });
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
