//! What a toast must not cover, and what stands beside it.

use super::fixture::{Weather, cockpit, cockpit_of};
use crate::tui::clip::Went;
use crate::tui::msg::Happened;

/// The last row.
fn footer(cockpit: &super::Cockpit) -> String {
    cockpit.text().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_toast_leaves_the_key_that_leads_back_to_now() {
    for (size, said) in [((120, 40), "0 back to now"), ((200, 60), "0 back to now"), ((80, 24), "0 live")] {
        let mut cockpit = cockpit(size, Weather::Breach);
        cockpit.keys("3z<left>");
        assert!(footer(&cockpit).contains(said), "{}", footer(&cockpit));
        cockpit.model.toast("SEV2 is open  (I and Enter: say more of it)");
        let row = footer(&cockpit);
        assert!(row.contains("SEV2 is open") && row.contains(said) && row.contains("R go back"), "{row}");
        cockpit.model.refuse("not taken: the selection had just moved");
        let row = footer(&cockpit);
        assert!(row.contains("not taken") && row.contains(said) && row.contains("R go back"), "{row}");
    }
}

#[test]
fn what_was_copied_stands_apart_and_how_to_leave_it_is_said() {
    for size in [(80, 24), (120, 40)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        cockpit.keys("C");
        cockpit.happens(Happened::Copied(Went::TooLong));
        let text = cockpit.text();
        let rows: Vec<&str> = text.lines().collect();
        let first = rows.iter().position(|row| row.starts_with("**Wallet")).unwrap_or_else(|| panic!("{text}"));
        assert!(rows[first - 1].is_empty(), "{text}");
        assert!(
            rows.last().unwrap().contains("select it here") && rows.last().unwrap().contains("Esc closes"),
            "{text}"
        );
    }
}

#[test]
fn a_strip_has_its_whole_name_where_there_is_plenty_of_room() {
    let long = |state: &mut crate::core::launch::LaunchState| {
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        outline.probes.iter_mut().find(|p| p.id.as_str() == "share").unwrap().title = "share of traffic".into();
    };
    for size in [(120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Breach, long);
        let text = cockpit.keys("3z").text();
        let row = |part: &str| text.lines().any(|row| row.trim_start().starts_with(part));
        assert!(row("share of traffic"), "{text}");
    }
}
