//! Output read to its beginning, long lines, and the filters of panes.

use base64::Engine as _;

use super::Cockpit;
use super::fixture::{NOW, Weather, cockpit, greeting, launch, signals};
use crate::core::view::Readout;
use crate::tui::model::PaneId;
use crate::wire::message::EngineMessage;

fn writes(size: (u16, u16), text: &str) -> Cockpit {
    let mut cockpit = cockpit(size, Weather::Calm);
    let run = cockpit.model.output.run.clone().unwrap();
    let data = base64::engine::general_purpose::STANDARD.encode(text);
    cockpit.hears(EngineMessage::Output { run, offset: 0, data, total: text.len() as u64 });
    cockpit.keys("9z");
    cockpit
}

#[test]
fn the_output_is_read_back_to_its_first_line() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let text: String = (1..=30_000).map(|n| format!("line {n} {}\n", "x".repeat(n % 300))).collect();
        let mut cockpit = writes(size, &text);
        assert!(cockpit.text().contains("line 30000"), "{}", cockpit.text());
        cockpit.keys("gg");
        assert!(cockpit.text().contains("line 1 x"), "{}", cockpit.text());
        // Each line is seen on the way down.
        let mut seen = String::new();
        for _ in 0..200 {
            seen += &cockpit.text();
            cockpit.keys("j");
        }
        for n in 1..200 {
            assert!(seen.contains(&format!("line {n} x")), "{n} at {size:?}");
        }
    }
}

#[test]
fn the_end_of_a_long_line_can_be_read() {
    let mut cockpit = writes((80, 24), &format!("error: {}THE END\n", "because ".repeat(150)));
    assert!(cockpit.text().contains("THE END"), "{}", cockpit.text());
    cockpit.keys("z");
    assert!(!cockpit.text().contains("THE END"), "beside others it is one row");
}

#[test]
fn a_filter_is_the_panes_own_and_says_where_it_finds_nothing() {
    let text: String = (1..=3000).map(|n| format!("line {n}\n")).collect();
    let mut cockpit = writes((120, 40), &text);
    cockpit.keys("/line 277<enter>");
    let seen = cockpit.text();
    assert!(seen.contains("line 277") && seen.contains("line 2779") && !seen.contains("line 278"), "{seen}");
    assert_eq!((cockpit.model.focus, cockpit.model.filter(PaneId::Checklist)), (PaneId::Output, ""));
    cockpit.keys("/nowhere<enter>");
    assert!(cockpit.text().contains("no line has this text"), "{}", cockpit.text());
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("line 3000"));
    let mut cockpit = super::fixture::cockpit((120, 40), Weather::Calm);
    cockpit.keys("/nowhere<enter>");
    assert!(cockpit.text().contains("no step has this text"), "{}", cockpit.text());
    cockpit.keys("<esc>4/");
    assert!(cockpit.model.overlay.is_none() && cockpit.text().contains("Health has no filter"), "{}", cockpit.text());
}

#[test]
fn nothing_is_said_of_what_is_measured_before_all_of_it_came() {
    let state = launch(Weather::Calm, NOW);
    let readout = Readout::of(&state, &signals(&state, Weather::Calm, NOW), NOW);
    let (mut all, conditions) = readout.changes(&Readout::default());
    let rest = all.split_off(3);
    let mut cockpit = Cockpit::new((120, 40));
    for message in greeting(&state) {
        cockpit.hears(message);
    }
    cockpit.hears(EngineMessage::Telemetry { at: NOW, signals: all, conditions: Vec::new(), more: true });
    let text = cockpit.text();
    assert!(text.contains("loading what is measured") && !text.contains("unknown"), "{text}");
    cockpit.keys("<space>");
    assert!(cockpit.orders().is_empty());
    let mut slow = Cockpit::new((120, 40));
    for message in greeting(&state) {
        slow.hears(message);
    }
    let text = slow.waits(crate::core::time::Span::secs(2)).text();
    assert!(text.contains("Checklist") && text.contains("◐ loading"), "nothing waits for it for ever: {text}");
    cockpit.hears(EngineMessage::Telemetry { at: NOW, signals: rest, conditions, more: false });
    let text = cockpit.text();
    assert!(text.contains("ALL OK") && !text.contains("never measured yet"), "{text}");
}
