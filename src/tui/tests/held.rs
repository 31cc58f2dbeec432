//! Who reads further up is left in peace.

use base64::Engine as _;

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit};
use crate::core::event::{Event, Recorded};
use crate::core::ids::{RunId, RunKind, Seq};
use crate::tui::model::PaneId;
use crate::wire::message::EngineMessage;

fn notes(cockpit: &mut Cockpit, numbers: std::ops::Range<u64>) {
    for n in numbers {
        let event = Event::Noted { text: format!("note {n:03}"), by: ana() };
        let recorded = Recorded { seq: Seq(100 + n), at: cockpit.model.now(), order: None, event };
        cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    }
}

fn writes(cockpit: &mut Cockpit, offset: usize, text: &str) {
    let data = base64::engine::general_purpose::STANDARD.encode(text);
    let total = (offset + text.len()) as u64;
    let run = RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 };
    cockpit.hears(EngineMessage::Output { run, offset: offset as u64, data, total });
}

/// The rows of the screen that have such a text.
fn seen(cockpit: &Cockpit, what: &str) -> Vec<String> {
    cockpit.text().lines().filter(|l| l.contains(what)).map(|l| l.trim().to_owned()).collect()
}

#[test]
fn new_lines_of_the_log_do_not_move_what_is_read() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    notes(&mut cockpit, 0..40);
    cockpit.keys("8kkkkk");
    let read = seen(&cockpit, "note 0");
    assert!(cockpit.text().contains("5 newer below"), "{}", cockpit.text());
    notes(&mut cockpit, 40..52);
    assert_eq!(seen(&cockpit, "note 0"), read);
    assert!(cockpit.text().contains("+12 new ↓ G"), "{}", cockpit.text());
    cockpit.keys("G");
    assert!(seen(&cockpit, "note 051").len() == 1 && !cockpit.text().contains("new ↓"), "{}", cockpit.text());
    cockpit.keys("k");
    assert!(cockpit.text().contains("1 newer below"), "what was seen is new no more: {}", cockpit.text());
}

#[test]
fn new_output_does_not_move_what_is_read() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    let text: String = (0..60).map(|n| format!("line {n:03}\n")).collect();
    writes(&mut cockpit, 0, &text);
    cockpit.keys("9kkkk");
    let read = seen(&cockpit, "line 0");
    // A line that only grows is no new one.
    writes(&mut cockpit, text.len(), "line 060\nline 0");
    writes(&mut cockpit, text.len() + 15, "61\n");
    assert_eq!(seen(&cockpit, "line 0"), read);
    assert!(cockpit.text().contains("+2 new ↓ G"), "{}", cockpit.text());
    cockpit.keys("jj");
    assert!(cockpit.text().contains("+2 new ↓ G"));
    cockpit.keys("jjj");
    assert!(cockpit.text().contains("+1 new ↓ G"), "{}", cockpit.text());
    cockpit.keys("j");
    assert_eq!(cockpit.model.scrolled(PaneId::Output), 0);
}

#[test]
fn a_filter_counts_only_what_it_lets_through() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    notes(&mut cockpit, 0..40);
    cockpit.keys("8/note 0<enter>kkk");
    let read = seen(&cockpit, "ana: note 0");
    notes(&mut cockpit, 40..42);
    let event = Event::Noted { text: "something else".into(), by: ana() };
    let recorded = Recorded { seq: Seq(300), at: cockpit.model.now(), order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert!(cockpit.text().contains("+2 new ↓ G"), "{}", cockpit.text());
    assert_eq!(seen(&cockpit, "ana: note 0"), read);
}
