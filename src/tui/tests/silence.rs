//! An engine that hangs must not look like a calm one.

use super::Cockpit;
use super::fixture::{Weather, cockpit};
use crate::core::time::Span;
use crate::tui::model::Line;
use crate::tui::msg::Happened;
use crate::wire::message::{EngineMessage, Trouble};

fn seconds(cockpit: &mut Cockpit, n: u32) {
    (0..n).for_each(|_| {
        cockpit.waits(Span::secs(1));
    });
}

#[test]
fn an_engine_that_says_nothing_is_seen_and_nothing_is_sent_to_it() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    seconds(&mut cockpit, 9);
    let text = cockpit.text();
    assert!(text.contains("LINK LOST") && text.contains("the engine says nothing"), "{text}");
    cockpit.keys("Hx<enter>");
    assert!(cockpit.orders().is_empty());
    cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    assert_eq!(cockpit.model.line, Line::Up);
    assert!(!cockpit.text().contains("LINK LOST") && cockpit.text().contains("the engine answers again"));
}

#[test]
fn while_nothing_is_heard_nothing_is_green() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    seconds(&mut cockpit, 1);
    let before = cockpit.text();
    assert!(before.contains("READY") && before.contains(" ● "), "{before}");
    // Past three intervals of the slowest probe.
    seconds(&mut cockpit, 240);
    let text = cockpit.text();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("BACK")).unwrap();
    assert!(lines[at].matches("? NOT SEEN").count() == 3, "NOW, NEXT and BACK: {text}");
    assert!(lines[at + 1].contains("was READY"), "{text}");
    assert!(!text.contains(" ● "), "{text}");
    assert!(text.contains("was soak 29:45") && text.contains("so it stood when the engine was heard last"), "{text}");
    assert!(!text.contains("its limit runs on") && !text.contains("fails in"), "{text}");
    cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    seconds(&mut cockpit, 1);
    assert!(!cockpit.text().contains("NOT SEEN") && cockpit.text().contains(" ● "), "{}", cockpit.text());
}

#[test]
fn what_no_order_can_move_is_not_offered_a_key() {
    let mut cockpit = cockpit((200, 60), Weather::Breach);
    seconds(&mut cockpit, 1);
    assert!(cockpit.text().contains("; R goes back"), "{}", cockpit.text());
    seconds(&mut cockpit, 20);
    assert!(cockpit.text().contains("LINK LOST") && !cockpit.text().contains("; R goes back"), "{}", cockpit.text());
}

#[test]
fn one_that_speaks_every_second_is_not_silent() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    for _ in 0..20 {
        seconds(&mut cockpit, 1);
        cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    }
    assert_eq!(cockpit.model.line, Line::Up);
}

#[test]
fn after_our_own_suspend_it_is_listened_to_first() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.waits(Span::mins(10));
    assert_eq!(cockpit.model.line, Line::Up);
}

#[test]
fn an_order_without_an_answer_is_said() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.keys("Hodd<enter>");
    seconds(&mut cockpit, 2);
    assert!(cockpit.text().contains("has not answered yet"), "{}", cockpit.text());
}

#[test]
fn without_an_engine_the_screen_says_how_it_comes_back_and_no_key_opens_what_could_not_be_sent() {
    for size in [(200, 60), (120, 40), (80, 24)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        let why = "no engine listens at /home/ana/.local/state/tminus/x/engine.sock: Connection refused (os error 111)";
        cockpit.happens(Happened::Lost(why.to_owned()));
        cockpit.waits(Span::secs(1));
        let attach = format!("`tminus attach {}`", cockpit.model.launch.as_ref().unwrap().id);
        let text = cockpit.text();
        let row = text.lines().find(|line| line.contains("LINK LOST")).unwrap();
        assert!(row.contains(&attach), "{size:?}: {row}");
        for key in ["R", "t", "x", "H", "a"] {
            cockpit.keys(key);
            assert!(cockpit.model.overlay.is_none(), "{key}: {:?}", cockpit.model.overlay);
            let text = cockpit.text();
            let said = text.lines().rev().find(|line| line.contains("no engine")).unwrap();
            assert!(said.contains(&attach), "{size:?}, {key}: {said}");
            assert!(size.0 < 120 || said.contains("`tminus check --sheet PLAN`"), "{size:?}, {key}: {said}");
        }
        cockpit.keys("?");
        assert!(cockpit.model.overlay.is_some(), "what only looks is open as before");
    }
}
