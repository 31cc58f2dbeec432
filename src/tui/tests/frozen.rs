//! What is held still, what goes on meanwhile, and what came.

use super::fixture::{NOW, Weather, cockpit, measured};
use crate::core::time::Span;
use crate::tui::Model;

fn weather(cockpit: &mut super::Cockpit, weather: Weather) {
    cockpit.hears(measured(weather, NOW));
    cockpit.waits(Span::secs(1));
}

/// The head of new beside old, and its rows.
fn compare(cockpit: &super::Cockpit) -> (String, Vec<String>) {
    let text = cockpit.text();
    let part = |line: &str| line.chars().skip(56).collect::<String>();
    let mut rows = text.lines().map(part).skip_while(|line| !line.contains("New beside old"));
    (rows.next().unwrap(), rows.take(4).collect())
}

fn is_still(model: &Model) -> bool {
    model.frozen.is_some()
}

#[test]
fn what_is_measured_stands_still_and_the_answers_and_alarms_go_on() {
    for size in [(120, 40), (200, 60), (80, 24)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        assert!(cockpit.text().contains("ALL OK"));
        cockpit.keys("f");
        assert!(is_still(&cockpit.model));
        weather(&mut cockpit, Weather::Breach);
        cockpit.waits(Span::secs(41));
        let text = cockpit.text();
        let last = text.lines().last().unwrap();
        assert!(last.contains("frozen +0:42") && last.contains(" new alarm"), "{text}");
        assert!(last.contains("R go back"), "it never goes: {text}");
        assert!(text.contains("CRITICAL") && !text.contains("ALL OK"), "NOW goes on: {text}");
        let compare = cockpit.keys("2").text();
        assert!(compare.contains("frozen") && compare.contains("0.10 %") && !compare.contains("6.10 %  "), "{compare}");
        cockpit.keys("f");
        assert!(!is_still(&cockpit.model) && cockpit.text().contains("6.10 %"), "{}", cockpit.text());
    }
}

#[test]
fn a_still_picture_follows_the_person_and_not_the_time() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    let (_, before) = compare(&cockpit);
    cockpit.keys("f").waits(Span::mins(5));
    let (head, after) = compare(&cockpit);
    assert!(head.contains("frozen"), "{head}");
    assert_eq!(before, after, "ages stand still too");
    assert!(after.iter().any(|row| row.contains("errors") && row.trim_end().ends_with('s')), "{after:?}");
    // Zooming and scrolling are the person's.
    assert!(cockpit.keys("4z").text().contains("4 Health"), "{}", cockpit.text());
    assert!(cockpit.text().contains("frozen"));
    cockpit.keys("z1");
    assert!(cockpit.text().contains("1 Checklist"), "{}", cockpit.text());
}

#[test]
fn keys_act_on_what_is_now() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.keys("f");
    cockpit.keys("Hodd<enter>");
    assert_eq!(cockpit.orders().len(), 1);
    assert!(is_still(&cockpit.model), "nothing else lets it go on");
}
