//! A pane that is scrolled hides nothing that matters: it never goes past its end, says what is above, and forgets how far
//! it was scrolled when nobody is there.

use super::Cockpit;
use super::fixture::{Weather, cockpit, cockpit_of};
use crate::tui::model::PaneId;
use crate::tui::msg::Happened;

/// A launch with so many more endpoints of which nothing is known.
fn many(size: (u16, u16), more: usize) -> Cockpit {
    cockpit_of(size, Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        let api = outline.probes.iter().find(|p| p.id == "api".into()).cloned().unwrap();
        for n in 0..more {
            let mut probe = api.clone();
            (probe.id, probe.title) = (format!("node-{n:02}").as_str().into(), format!("node {n:02}"));
            outline.probes.push(probe);
        }
        state.outline = std::sync::Arc::new(outline);
    })
}

fn has(cockpit: &Cockpit, what: &str) -> bool {
    cockpit.text().contains(what)
}

#[test]
fn what_was_scrolled_large_is_seen_from_its_beginning_small() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = many(size, 30);
        cockpit.keys("4zG");
        assert!(
            has(&cockpit, "↑ ") && has(&cockpit, "● errors green"),
            "what is well is at the end: {}",
            cockpit.text()
        );
        cockpit.keys("<esc>");
        assert!(has(&cockpit, "? node 00"), "{}", cockpit.text());
        cockpit.keys("zGz");
        assert!(has(&cockpit, "? node 00"), "{}", cockpit.text());
        cockpit.keys("Gz");
        assert!(has(&cockpit, "? node 00"), "{}", cockpit.text());
    }
}

#[test]
fn a_pane_that_is_scrolled_says_how_much_is_above_and_how_bad_that_is() {
    for size in [(80, 24), (120, 40)] {
        let mut cockpit = many(size, 30);
        assert!(!has(&cockpit, "↑"), "{}", cockpit.text());
        cockpit.keys("4G");
        let text = cockpit.text();
        let head = text.lines().find(|row| row.contains("4 Health")).unwrap_or_default().to_owned();
        assert!(head.contains("↑ ") && head.contains(" UNKNOWN"), "{text}");
        // With the focus elsewhere the worst stands at the top again.
        cockpit.keys("<tab>");
        assert!(!has(&cockpit, "↑") && has(&cockpit, "? node 00"), "{}", cockpit.text());
    }
    let mut breach = cockpit((80, 24), Weather::Breach);
    breach.keys("4zG");
    assert!(has(&breach, " above: CRITICAL"), "{}", breach.text());
    let mut triggers = cockpit((80, 20), Weather::Breach);
    triggers.keys("7zG");
    assert!(has(&triggers, " above: CRITICAL"), "{}", triggers.text());
    let mut page = cockpit((80, 24), Weather::Breach);
    page.keys("oG");
    assert!(has(&page, "↑ "), "{}", page.text());
}

#[test]
fn a_screen_that_grows_shows_what_was_scrolled_away() {
    let mut cockpit = many((80, 24), 12);
    cockpit.keys("4G");
    cockpit.happens(Happened::Resize(200, 60));
    assert!(has(&cockpit, "? node 00") && !has(&cockpit, "↑"), "{}", cockpit.text());
}

#[test]
fn log_output_and_the_chosen_chart_stay_where_they_are() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    for pane in [PaneId::Log, PaneId::Output, PaneId::Errors] {
        cockpit.model.scroll.insert(pane, 1);
    }
    cockpit.keys("8<tab>9<tab>3<tab>");
    for pane in [PaneId::Log, PaneId::Output, PaneId::Errors] {
        assert_eq!(cockpit.model.scrolled(pane), 1, "{pane:?}");
    }
}
