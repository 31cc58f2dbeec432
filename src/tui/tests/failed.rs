//! A step has failed: why stands once, and what can be done and what comes next stay in sight.

use super::Cockpit;
use super::fixture::{NOW, Weather, cockpit_of};
use crate::core::event::Actor;
use crate::core::launch::{Hold, StepStatus};
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::model::PaneId;

const WHY: &str = "errors[green] > 1% for 3m: 6.10 % > 1 %";

fn failed(size: (u16, u16), why: &str) -> Cockpit {
    cockpit_of(size, Weather::Breach, |state| {
        let at = NOW - Span::secs(12);
        let own = state.steps.get_mut("share-25").unwrap();
        own.status = StepStatus::Failed { at, why: why.to_owned(), evidence: Vec::new() };
        let why = format!("25 % to green failed: {why}; a way back was proposed");
        state.hold = Some(Hold { since: at, by: Actor::Engine, why });
    })
}

/// The text of the checklist.
fn list(cockpit: &Cockpit) -> String {
    let (wide, height) = crate::tui::view::area_of(&cockpit.model, PaneId::Checklist);
    let text = cockpit.text();
    let rows = text.lines().map(|row| row.chars().take(usize::from(wide)).collect::<String>());
    let rows = rows.skip_while(|row| !row.contains("Checklist")).take(usize::from(height) + 1);
    rows.map(|row| row.trim().to_owned() + "\n").collect()
}

#[test]
fn the_reason_of_a_failed_step_stands_once_and_leaves_room_for_its_keys_and_what_comes_next() {
    for size in [(80, 24), (120, 40)] {
        let cockpit = failed(size, WHY);
        let list = list(&cockpit);
        let at = |what: &str| list.find(what).unwrap_or_else(|| panic!("{what}: {}", cockpit.text()));
        assert!(at("25 % to green") < at(":skip WHY") && at(":skip WHY") < at("50 % to green"));
        assert!(at(":done WHY") > 0 && at("Go for 50 %?") > 0);
        assert_eq!(list.matches("for 3m").count(), 1, "{list}");
    }
    let wordy = format!("exit 1: {}", "the migration of the table did not end, ".repeat(20));
    for size in [(80, 24), (120, 40), (200, 60)] {
        let cockpit = failed(size, &wordy);
        let list = list(&cockpit);
        for what in [":skip WHY", ":done WHY", "50 % to green"] {
            assert!(list.contains(what), "{what}: {}", cockpit.text());
        }
        assert!(list.contains('…'), "what is cut says so: {list}");
    }
}

#[test]
fn the_rows_of_a_small_list_say_why_in_few_lines() {
    let cockpit = failed((80, 24), WHY);
    let rows = checklist::rows(&cockpit.model, (38, 13));
    let kind = |row: &checklist::RowOf<'_>| match row {
        checklist::RowOf::Keys(_) => 'k',
        checklist::RowOf::Because(_) => 'b',
        _ => '.',
    };
    let kinds: String = rows.iter().map(|(_, row)| kind(row)).collect();
    assert!(kinds.contains("bk") && kinds.matches('b').count() <= 4, "{kinds}");
}

#[test]
fn the_limit_that_failed_a_step_stays_in_the_chart_until_it_runs_anew_or_is_undone() {
    let text = failed((120, 40), WHY).text();
    assert!(text.contains("fail 1 %"), "{text}");
    let other = failed((120, 40), "exit 1 after 0:03").text();
    assert!(!other.contains("fail 1 %"), "{other}");
    let undone = cockpit_of((120, 40), Weather::Breach, |state| {
        state.steps.get_mut("share-25").unwrap().status = StepStatus::Undone { at: NOW };
    });
    assert!(!undone.text().contains("fail 1 %"), "{}", undone.text());
}

#[test]
fn a_step_is_found_by_its_id_too() {
    let mut cockpit = failed((120, 40), WHY);
    cockpit.keys("1/share-50<enter>");
    let list = list(&cockpit);
    assert!(list.contains("50 % to green") && !list.contains("25 % to green"), "{list}");
}

#[test]
fn the_environment_is_told_before_a_long_name_and_a_long_version() {
    for size in [(80, 24), (120, 40)] {
        let cockpit = cockpit_of(size, Weather::Breach, |state| {
            let mut outline = (*state.outline).clone();
            outline.name = "Payments and settlements of the shop".into();
            outline.version = "release-2026-11-22-build-4711-a1b2c3d4".into();
            outline.environment = "production-eu-central-1-blue-green".into();
            state.outline = std::sync::Arc::new(outline);
            state.hold = Some(Hold { since: NOW - Span::secs(40), by: Actor::Engine, why: "x".into() });
        });
        let text = cockpit.text();
        let head = text.lines().next().unwrap_or_default();
        assert!(head.contains("production-eu-central-1-blue-green"), "{size:?} {head}");
        assert!(head.contains("Paym") && head.contains("HOLD") && head.contains("T+04:18:44"), "{size:?} {head}");
    }
    let narrow = cockpit_of((60, 20), Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        outline.environment = "production-eu-central-1-of-the-shop-blue".into();
        state.outline = std::sync::Arc::new(outline);
    });
    let text = narrow.text();
    let head = text.lines().next().unwrap_or_default();
    assert!(head.contains("prod") && head.contains("blue"), "both its ends are told: {head}");
}

#[test]
fn a_long_way_back_leaves_the_other_keys_of_its_dialog_in_sight() {
    for size in [(80, 24), (120, 40)] {
        let mut cockpit = cockpit_of(size, Weather::Breach, |state| {
            let mut outline = (*state.outline).clone();
            let title = "All of it back to the former version, on every single node of every region, one by one";
            outline.rollbacks[0].title = title.into();
            outline.version = "release-2026-11-22-build-4711-a1b2c3d4-of-the-payments-and-settlements".into();
            state.outline = std::sync::Arc::new(outline);
        });
        cockpit.keys("R2");
        let text = cockpit.text();
        let row = text.lines().find(|row| row.contains(" y  start 2: ")).unwrap_or_default();
        assert!(row.contains('…') && row.contains("choose") && row.contains("Esc not now"), "{text}");
        assert_eq!(row.contains("  Enter, R: nothing"), size.0 > 90, "{text}");
    }
}

#[test]
fn a_chart_without_a_value_says_why() {
    let mut cockpit = failed((120, 40), WHY);
    cockpit.model.traces.clear();
    for (id, view) in &mut cockpit.model.readout.signals {
        if id.probe == "errors".into() {
            view.level = crate::core::reading::Level::Unknown;
            view.why = Some("the server said 503".into());
        }
    }
    let text = cockpit.text();
    assert!(text.contains("no data yet") && text.contains("the server said 503"), "{text}");
}
