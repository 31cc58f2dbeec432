//! What is copied of each pane, and what is said of the way that it went.

use super::fixture::{Weather, cockpit};
use super::typing::{SIZE, breach, calm};
use crate::core::time::Span;
use crate::tui::clip::Went;
use crate::tui::model::Target;
use crate::tui::msg::{Effect, Happened};

fn copied(cockpit: &super::Cockpit) -> String {
    let texts = cockpit.effects.iter().rev().filter_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    texts.into_iter().next().unwrap_or_default()
}

#[test]
fn y_copies_what_is_selected_or_what_the_pane_shows() {
    let mut cockpit = calm();
    cockpit.model.selected = Some(Target::Step("share-5".into()));
    let text = { copied(cockpit.keys("y")) };
    assert!(text.starts_with("5 % to green (share-5): soaking\n- "), "{text}");
    cockpit.model.selected = Some(Target::Item("smoke".into(), 0));
    let item = cockpit.model.outline().unwrap().step(&"smoke".into()).unwrap().items[0].clone();
    assert_eq!(copied(cockpit.keys("y")).trim_end(), item);
    let log = copied(cockpit.keys("8y"));
    assert!(log.contains("8 Log") && log.contains("vacuum on wallet_transactions"), "{log}");
    assert!(log.lines().all(|line| line == line.trim_end() && !line.contains('\u{1b}')), "{log}");
    let health = copied(cockpit.keys("4y"));
    assert!(health.contains("replica") || health.contains("stripe"), "{health}");
}

#[test]
fn the_status_for_a_chat_is_markdown_with_the_answers_the_alarms_and_the_incidents() {
    let mut cockpit = breach();
    let text = copied(cockpit.keys("C"));
    assert!(text.starts_with("**Wallet v1.0.0** production, 06:18:"), "{text}");
    for part in
        ["- NOW **■ CRITICAL** ", "- NEXT **", "- BACK **✓ READY** ~1 m; ", "- ■ BREACH errors[green] 6.10 % > 1 %"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("  "), "{text}");
}

#[test]
fn what_is_copied_has_no_control_characters_and_can_be_read_to_its_end() {
    let mut cockpit = cockpit((80, 24), Weather::Calm);
    let mut outline = (*cockpit.model.launch.as_ref().unwrap().outline).clone();
    let smoke = outline.steps.iter_mut().find(|step| step.id.as_str() == "smoke").unwrap();
    smoke.items[0] = format!("\u{1b}]52;c;evil\u{7}{}THE END", "words ".repeat(900));
    cockpit.model.launch.as_mut().unwrap().outline = outline.into();
    cockpit.model.selected = Some(Target::Item("smoke".into(), 0));
    cockpit.keys("y");
    assert!(!copied(&cockpit).contains(['\u{1b}', '\u{7}']), "{:?}", copied(&cockpit));
    cockpit.keys("V");
    assert!(!cockpit.text().contains("THE END"));
    for _ in 0..20 {
        cockpit.keys("<pagedown>");
    }
    assert!(cockpit.text().contains("THE END"), "{}", cockpit.text());
}

#[test]
fn which_way_it_went_is_said_and_what_no_terminal_takes_is_shown_to_select() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.keys("V");
    assert!(cockpit.text().contains("nothing was copied yet; y copies"), "{}", cockpit.text());
    cockpit.keys("C");
    cockpit.happens(Happened::Copied(Went::Tmux));
    assert!(cockpit.text().contains("into tmux"), "{}", cockpit.text());
    cockpit.happens(Happened::Copied(Went::Terminal(Some("unknown flag -w".into()))));
    assert!(cockpit.text().contains("tmux did not take it: unknown flag -w"), "{}", cockpit.text());
    cockpit.waits(Span::secs(10));
    cockpit.happens(Happened::Copied(Went::TooLong));
    let text = cockpit.text();
    assert!(text.lines().any(|line| line.starts_with("**Wallet v1.0.0** production")), "from the first column: {text}");
    assert!(text.contains("ALL OK") && !text.contains("1 Checklist"), "{text}");
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("1 Checklist"));
}
