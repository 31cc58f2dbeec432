//! A person's own keys: every hint names them, and they work.

use super::fixture::{Weather, cockpit};
use crate::tui::dialogs::{Kind, Overlay};
use crate::tui::keymap::Keymap;

#[test]
fn hints_help_and_refusals_name_the_persons_own_keys_and_only_they_work() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.model.keymap =
        Keymap::standard().with("x = \"severity\"\nS = \"none\"\nE = \"go-back\"\nR = \"none\"").unwrap();
    let footer = cockpit.text().lines().last().unwrap().to_owned();
    assert!(footer.starts_with(" E go back") && footer.contains("x severity"), "{footer}");
    assert!(!footer.contains('S') && !footer.contains('R'), "{footer}");
    cockpit.keys("I");
    assert!(cockpit.text().contains("none; x opens one"), "{}", cockpit.text());
    cockpit.keys("S");
    assert!(cockpit.model.overlay.is_none(), "a freed key does nothing");
    cockpit.keys("x");
    let open = |kind: fn(&Kind) -> bool, c: &super::Cockpit| matches!(&c.model.overlay, Some(Overlay::Dialog(d)) if kind(&d.kind));
    assert!(open(|kind| matches!(kind, Kind::Severity(_)), &cockpit));
    cockpit.keys("E");
    assert!(open(|kind| matches!(kind, Kind::GoBack { .. }), &cockpit), "it outranks what is open");
    cockpit.keys("<esc>?");
    assert!(cockpit.text().contains("x                open an incident"), "{}", cockpit.text());
}
