//! Any size, any length: nothing breaks, nothing touches, the answers stay.

use super::fixture::{Weather, cockpit, cockpit_of};
use crate::core::launch::StepState;
use crate::tui::msg::Happened;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn no_size_and_no_keys_break_it() {
    let keys = "jjkGgg<tab>z<tab><enter>?<esc>R12<esc>S<esc>:ru<tab><esc>/x<esc>890<c-d><c-u>+-";
    for weather in [Weather::Calm, Weather::Breach, Weather::Unknown, Weather::Empty] {
        for size in [(1, 1), (2, 1), (20, 5), (39, 11), (40, 12), (60, 15), (69, 19), (70, 20), (80, 24), (300, 100)] {
            let mut cockpit = cockpit(size, weather);
            cockpit.text();
            for key in crate::tui::keymap::parse(keys).unwrap() {
                cockpit.happens(Happened::Key(key));
                cockpit.text();
            }
            cockpit.happens(Happened::Resize(1, 1));
            cockpit.text();
        }
    }
}

#[test]
fn the_smallest_screen_still_answers() {
    let text = cockpit((20, 5), Weather::Breach).text();
    for word in ["BREACH", "CRITICAL", "in 1:00", "READY", "T+04:18"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn every_row_of_a_small_screen_says_something() {
    for weather in [Weather::Calm, Weather::Breach, Weather::Unknown] {
        for size in [(20, 5), (20, 6), (24, 7), (30, 8), (40, 10), (39, 11), (30, 14)] {
            let text = cockpit(size, weather).text();
            // An alarm has a row of its own, empty while there is none; above a pane is a blank one where there is room.
            let blank = text.lines().filter(|row| row.trim().is_empty()).count();
            let may = usize::from(weather != Weather::Breach && size.1 > 6) + usize::from(size.1 > 11);
            assert!(blank <= may, "{size:?} {weather:?} {blank}\n{text}");
            let step = if weather == Weather::Breach { "25 %" } else { "5 %" };
            assert!(text.contains(step), "{size:?} {weather:?} the current step\n{text}");
            assert_eq!(text.lines().last().unwrap().contains("R go back"), size.1 > 5, "{size:?} {weather:?}\n{text}");
            assert!(size.1 > 5 || text.lines().nth(3).unwrap().ends_with(" R"), "{size:?} {weather:?}\n{text}");
        }
    }
}

#[test]
fn long_and_wide_texts_and_300_steps_fit() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, |state| {
            let mut outline = (*state.outline).clone();
            let step = outline.steps[11].clone();
            for i in 0..300 {
                let mut more = step.clone();
                more.id = format!("more-{i}").into();
                more.title = format!("決済サービスの切り替えを確認する、そして長い題名が続く {i}");
                state.steps.insert(more.id.clone(), StepState::default());
                outline.steps.push(more);
            }
            outline.name = "とても長い名前のサービス、そのまた続き".into();
            state.outline = std::sync::Arc::new(outline);
        });
        for row in cockpit.text().lines() {
            assert!(usize::from(size.0) >= unicode_width::UnicodeWidthStr::width(row), "{row}");
        }
        assert!(!cockpit.text().contains("切り替えを確認する、そして長い題名が続く 299"), "what is to come is folded");
        cockpit.keys("G");
        assert!(cockpit.text().contains("Retire blue"), "{}", cockpit.text());
    }
}

#[test]
fn titles_never_touch_what_stands_at_their_right() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        for (id, title) in [
            ("share-5", "5 % of the whole traffic of wallet.example goes to the new green instances"),
            ("go-25", "決済サービスの切り替えを確認する、そして長い題名が続く、まだ続く"),
        ] {
            outline.steps.iter_mut().find(|s| s.id == id.into()).unwrap().title = title.into();
        }
        state.outline = std::sync::Arc::new(outline);
    });
    let text = cockpit.text();
    let has = |text: &str, row: &str| text.lines().any(|l| l.contains(row));
    assert!(has(&text, "◐ 5 % of the whole     soak 29:45 / 2:00:00 →07:48"), "{text}");
    assert!(has(&text, "◇ 決済サービスの切り替えを確認する、そ…  3 to vote"), "{text}");
    cockpit.happens(Happened::Resize(80, 24));
    let text = cockpit.text();
    assert!(has(&text, "◐ 5 % of the whole    soak 29:45  "), "{text}");
}

#[test]
fn the_dialog_of_the_ways_back_is_legible_on_the_smallest_screen() {
    let mut cockpit = cockpit((20, 5), Weather::Breach);
    cockpit.keys("R");
    let text = cockpit.text();
    assert!(text.contains("Go back") && text.contains("1 undo 25 %"), "{text}");
    assert!(text.contains(" y  start undo 25"), "{text}");
    cockpit.keys("3");
    let text = cockpit.text();
    assert!(text.contains("3 Restore") && text.contains("LOSES") && text.contains("type production:"), "{text}");
    cockpit.keys("production<enter>");
    assert!(!cockpit.orders().is_empty(), "{}", cockpit.text());
    // It stays the same dialog while the screen changes its size.
    let mut cockpit = super::fixture::cockpit((200, 60), Weather::Breach);
    cockpit.keys("R2");
    let chosen = cockpit.model.facts.ways[1].title.clone();
    for size in [(20, 5), (39, 11), (59, 16), (120, 40)] {
        cockpit.happens(Happened::Resize(size.0, size.1));
        let text = cockpit.text();
        assert!(text.contains(&chosen[..7]) && text.contains("Go back"), "{size:?} {text}");
    }
    assert!(cockpit.text().contains(&format!("start 2: {chosen}")));
}
