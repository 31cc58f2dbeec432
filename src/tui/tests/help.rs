//! The help that can be searched and run, and the `:` line that takes a few letters.

use super::fixture::{Weather, cockpit};
use super::typing::{SIZE, calm};
use crate::core::order::What;
use crate::tui::dialogs::{Dialog, Kind, Overlay};
use crate::tui::model::PaneId;

fn line(cockpit: &super::Cockpit) -> String {
    match &cockpit.model.overlay {
        Some(Overlay::Line(line)) => line.edit.text().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_help_is_searched_and_enter_runs_what_is_selected() {
    let mut cockpit = calm();
    cockpit.keys("?/incid");
    let text = cockpit.text();
    assert!(text.contains("/incid") && text.contains("open an incident") && !text.contains("half a page"), "{text}");
    cockpit.keys("<enter>");
    assert!(
        matches!(&cockpit.model.overlay, Some(Overlay::Dialog(Dialog { kind: Kind::Severity(_), .. }))),
        "{:?}",
        cockpit.model.overlay
    );
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<esc>?/what happened<enter>");
    assert_eq!(cockpit.model.focus, PaneId::Log);
    // An order that has no key begins the line.
    cockpit.keys("?/leave a step<enter>");
    assert_eq!(line(&cockpit), "skip ");
}

#[test]
fn a_key_that_is_searched_for_comes_first_and_letters_are_no_keys_meanwhile() {
    let mut cockpit = calm();
    cockpit.keys("?/R");
    assert!(matches!(cockpit.model.overlay, Some(Overlay::Help(_))), "{:?}", cockpit.model.overlay);
    cockpit.keys("<enter>");
    assert!(matches!(&cockpit.model.overlay, Some(Overlay::Dialog(Dialog { kind: Kind::GoBack { .. }, .. }))));
    cockpit.keys("<esc>?/zzz");
    assert!(cockpit.text().contains("nothing here has this text"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    assert!(cockpit.model.overlay.is_none());
    cockpit.keys("?/log<esc>");
    assert!(cockpit.text().contains("/ searches"), "Esc shows all again: {}", cockpit.text());
    cockpit.keys("<esc>");
    assert!(cockpit.model.overlay.is_none());
    cockpit.keys("?R");
    assert!(matches!(&cockpit.model.overlay, Some(Overlay::Dialog(Dialog { kind: Kind::GoBack { .. }, .. }))));
}

#[test]
fn the_name_of_what_is_searched_for_comes_before_words_that_only_have_its_letters() {
    let mut cockpit = calm();
    cockpit.keys("?/zoom<enter>");
    assert!(cockpit.model.zoom, "{}", cockpit.text());
}

#[test]
fn all_of_the_help_can_be_reached_at_any_size() {
    for size in [(80, 24), (60, 15), SIZE, (200, 60)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        cockpit.keys("?");
        let mut seen = String::new();
        for _ in 0..150 {
            seen += &cockpit.text();
            cockpit.keys("j");
        }
        for part in ["can it start", "leave the screen", ":sh", ":untick"] {
            assert!(seen.contains(part), "{part} at {size:?}");
        }
    }
}

#[test]
fn a_few_letters_find_an_order_a_step_or_a_probe_and_an_order_is_seen_before_it_is_given() {
    let mut cockpit = calm();
    cockpit.keys(":untk<enter>");
    assert_eq!(line(&cockpit), "untick ");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<esc>:25 %");
    cockpit.keys("<esc>:shr25");
    assert!(cockpit.text().contains("explain share-25"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    assert_eq!(cockpit.model.page, Some("share-25".into()), "{}", cockpit.text());
    // A name typed in full is that command, whatever else it resembles.
    cockpit.keys("<esc>:note all well<enter>");
    assert_eq!(cockpit.orders(), [&What::Note { text: "all well".into() }]);
    cockpit.keys(":qqqq<enter>");
    assert!(cockpit.text().contains("there is no command `qqqq`"), "{}", cockpit.text());
    // The words of an order are found by what they are called, too.
    cockpit.keys("<esc>:run green<tab>");
    assert!(line(&cockpit).starts_with("run s"), "{}", line(&cockpit));
}

#[test]
fn the_help_and_the_footer_say_first_what_the_pane_in_focus_can_do() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        cockpit.keys("8");
        let footer = cockpit.text().lines().last().unwrap().to_owned();
        assert!(footer.contains("R go back") && footer.contains("/ filter"), "{size:?} {footer}");
        let text = cockpit.keys("?").text();
        let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}: {text}"));
        assert!(at("Log") < at("show only lines with this text") && at("the newest line, and follow") < at("Launch"));
        cockpit.keys("<enter>");
        assert!(matches!(&cockpit.model.overlay, Some(Overlay::Line(_))), "Enter runs the first of them: the filter");
        cockpit.keys("<esc>3?");
        assert!(cockpit.text().contains("a cursor back in time"), "{size:?} {}", cockpit.text());
        cockpit.keys("/cursor");
        assert!(!cockpit.text().contains("a cursor back in time"), "what is searched for stands once");
    }
}

#[test]
fn who_observes_is_told_of_no_order_in_a_pane() {
    let mut cockpit = calm();
    cockpit.model.observe = true;
    let text = cockpit.keys("9?").text();
    assert!(text.contains("show only lines with this text") && !text.contains("send a line"), "{text}");
}

#[test]
fn a_text_that_may_become_long_names_the_key_of_the_editor_where_there_is_one() {
    let mut cockpit = calm();
    assert!(!cockpit.keys("c").text().contains("Ctrl-x"), "none is known");
    cockpit.model.editor = Some("vi".into());
    assert!(cockpit.text().contains("Ctrl-x writes it in your editor"), "{}", cockpit.text());
    cockpit.keys("<esc>:");
    assert!(!cockpit.text().contains("Ctrl-x"), "an order is short");
}
