//! An engine that hangs must not look like a calm one.

use super::Cockpit;
use super::fixture::{Weather, cockpit};
use crate::core::time::Span;
use crate::tui::model::Line;
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
