//! The mouse: off unless wanted, a click focuses and selects, and nothing dangerous is ever confirmed by it.

use ratatui::layout::Position;

use super::Cockpit;
use super::fixture::{Weather, cockpit};
use crate::core::time::Span;
use crate::tui::dialogs::Overlay;
use crate::tui::model::{PaneId, Target};
use crate::tui::mouse::Did;
use crate::tui::msg::{Effect, Happened};

const SIZE: (u16, u16) = (120, 40);

/// Where a text stands first.
fn place(cockpit: &Cockpit, text: &str) -> Position {
    let screen = cockpit.text();
    let (y, row) = (0..).zip(screen.lines()).find(|(_, row)| row.contains(text)).unwrap_or_else(|| panic!("{screen}"));
    let x = row[..row.find(text).unwrap()].chars().count();
    Position::new(u16::try_from(x).unwrap(), y)
}

fn click(cockpit: &mut Cockpit, text: &str) {
    let at = place(cockpit, text);
    cockpit.waits(Span(500));
    cockpit.happens(Happened::Mouse(Did::Click, at));
}

fn with_mouse(weather: Weather) -> Cockpit {
    let mut cockpit = cockpit(SIZE, weather);
    cockpit.keys("O");
    assert_eq!(cockpit.effects, [Effect::Mouse(true)]);
    cockpit.effects.clear();
    cockpit
}

#[test]
fn without_it_the_mouse_is_the_terminals() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    let before = cockpit.model.focus;
    click(&mut cockpit, "4 Health");
    assert_eq!(cockpit.model.focus, before);
    cockpit.keys("OO");
    assert_eq!(cockpit.effects, [Effect::Mouse(true), Effect::Mouse(false)], "and it is given back");
}

#[test]
fn a_click_focuses_a_pane_selects_a_row_and_opens_a_tab() {
    let mut cockpit = with_mouse(Weather::Calm);
    click(&mut cockpit, "4 Health");
    assert_eq!(cockpit.model.focus, PaneId::Health);
    click(&mut cockpit, "Go for 25 %?  ");
    assert_eq!(cockpit.model.focus, PaneId::Health, "NEXT is no pane");
    click(&mut cockpit, "25 % to green");
    assert_eq!(
        (cockpit.model.focus, &cockpit.model.selected),
        (PaneId::Checklist, &Some(Target::Step("share-25".into())))
    );
    click(&mut cockpit, "9 Output");
    assert_eq!((cockpit.model.focus, cockpit.model.tab), (PaneId::Output, PaneId::Output));
    click(&mut cockpit, "I Incidents");
    assert_eq!(cockpit.model.tab, PaneId::Incidents);
    // Two clicks open: a phase, a step, a pane.
    let phase = place(&cockpit, "4  Watch 48 h");
    for _ in 0..2 {
        cockpit.happens(Happened::Mouse(Did::Click, phase));
    }
    assert_eq!(cockpit.model.opened.len(), 1, "{}", cockpit.text());
    cockpit.waits(Span(500));
    let health = place(&cockpit, "4 Health");
    for _ in 0..2 {
        cockpit.happens(Happened::Mouse(Did::Click, health));
    }
    assert!(cockpit.model.zoom && cockpit.model.focus == PaneId::Health);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut cockpit = with_mouse(Weather::Calm);
    let before = cockpit.model.selected.clone();
    let at = place(&cockpit, "1 Checklist");
    cockpit.happens(Happened::Mouse(Did::Wheel(1), at));
    assert_ne!(cockpit.model.selected, before);
    cockpit.keys("?");
    cockpit.happens(Happened::Mouse(Did::Wheel(1), at));
    assert!(matches!(&cockpit.model.overlay, Some(Overlay::Help(help)) if help.at == 1));
}

#[test]
fn no_click_gives_an_order_or_answers_a_dialog() {
    for keys in ["R", "R3", "S", "S2", "H", ":end", "c"] {
        let mut cockpit = with_mouse(Weather::Breach);
        cockpit.keys(keys);
        let before = cockpit.text();
        cockpit.waits(Span::secs(2));
        for (x, y) in (0..SIZE.0).step_by(2).flat_map(|x| (0..SIZE.1).map(move |y| (x, y))) {
            for did in [Did::Click, Did::Click, Did::Wheel(1), Did::Wheel(-1)] {
                cockpit.happens(Happened::Mouse(did, Position::new(x, y)));
            }
        }
        assert!(cockpit.orders().is_empty() && cockpit.model.overlay.is_some(), "{keys}: {before}");
    }
    // Nor anywhere on the screen itself.
    for size in [(20, 5), (60, 15), (80, 24), SIZE] {
        let mut cockpit = with_mouse(Weather::Breach);
        cockpit.happens(Happened::Resize(size.0, size.1));
        for (x, y) in (0..size.0 + 2).step_by(3).flat_map(|x| (0..size.1 + 2).map(move |y| (x, y))) {
            for did in [Did::Click, Did::Click, Did::Wheel(1)] {
                cockpit.happens(Happened::Mouse(did, Position::new(x, y)));
                cockpit.model.overlay = None;
            }
        }
        assert!(cockpit.orders().is_empty(), "{size:?}");
        cockpit.text();
    }
}
