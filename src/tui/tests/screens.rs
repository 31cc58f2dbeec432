//! What is seen at three sizes, in four weathers.

use super::fixture::{Weather, cockpit, cockpit_of, polling, stopped_rollback};
use crate::tui::depth::Depth;
use crate::tui::tests::Cockpit;
use crate::tui::theme;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Writes a screen as a terminal would be sent it, where `TMINUS_SCREENS` names a directory.
pub(super) fn look(name: &str, cockpit: &Cockpit) {
    look_in(name, cockpit, Depth::True);
}

fn look_in(name: &str, cockpit: &Cockpit, depth: Depth) {
    if let Ok(dir) = std::env::var("TMINUS_SCREENS") {
        let (w, h) = cockpit.model.size;
        std::fs::write(format!("{dir}/{name}-{w}x{h}.ansi"), cockpit.ansi(depth)).unwrap();
    }
}

/// Compares with what a person has looked at and found good.
macro_rules! same {
    ($name:literal, $cockpit:expr) => {
        let (w, h) = $cockpit.model.size;
        insta::assert_snapshot!(format!("{}-{w}x{h}", $name), $cockpit.screen());
    };
}

#[test]
fn screens_are_as_they_were_found_good() {
    for size in SIZES {
        same!("calm", cockpit(size, Weather::Calm));
        same!("breach", cockpit(size, Weather::Breach));
        same!("unknown", cockpit(size, Weather::Unknown));
        same!("empty", cockpit(size, Weather::Empty));
        let mut back = cockpit(size, Weather::Breach);
        back.keys("R");
        same!("back", back);
    }
    same!("joining", Cockpit::new((80, 24)));
}

#[test]
fn what_a_quick_rehearsal_tells_seldom_is_no_gap() {
    use crate::core::event::Mode;
    use crate::core::practice::Practice;
    use crate::core::time::Span;
    for (mode, speed, gaps) in [(Mode::Live, 1, true), (Mode::Rehearsal, 60, false)] {
        let mut cockpit = cockpit_of((120, 40), Weather::Calm, |state| {
            state.mode = mode;
            state.practice = Some(Practice { speed, ..Practice::default() });
        });
        // Of what is measured every quarter of a minute each second minute was heard.
        for points in cockpit.model.traces.values_mut() {
            let mut last = None;
            points.retain(|(at, _)| {
                last.is_none_or(|before| at.since(before) >= Span::mins(2)).then(|| last = Some(*at)).is_some()
            });
        }
        cockpit.keys("3z").waits(Span::secs(1));
        assert_eq!(cockpit.text().contains('░'), gaps, "{speed} {}", cockpit.text());
    }
}

#[test]
fn ascii_and_no_colour_still_tell_every_state_apart() {
    let mut cockpit = cockpit((120, 40), Weather::Breach);
    cockpit.model.glyphs = &crate::tui::glyphs::ASCII;
    let text = cockpit.text();
    assert!(text.is_ascii() || text.chars().all(|c| c.is_ascii() || "±·".contains(c)), "{text}");
    assert!(text.contains("BREACH") && text.contains("errors CRITICAL"));
    let plain = cockpit.ansi(Depth::None);
    assert!(!plain.contains(";38;") && !plain.contains(";48;"), "no colour is no colour");
}

#[test]
fn look_at_all() {
    for theme in theme::built_in() {
        let mut cockpit = cockpit((120, 40), Weather::Breach);
        cockpit.model.theme = theme::load(theme).unwrap();
        look(theme, &cockpit);
        look_in(&format!("{theme}-16"), &cockpit, Depth::Ansi);
    }
    look_in("none", &cockpit((120, 40), Weather::Breach), Depth::None);
    for size in [(20, 5), (20, 6), (24, 7), (30, 8), (30, 14), (40, 10)] {
        look("tiny-calm", &cockpit(size, Weather::Calm));
        look("tiny-breach", &cockpit(size, Weather::Breach));
    }
    for size in SIZES {
        look("calm", &cockpit(size, Weather::Calm));
        look("breach", &cockpit(size, Weather::Breach));
        look("unknown", &cockpit(size, Weather::Unknown));
        look("empty", &cockpit(size, Weather::Empty));
        let mut back = cockpit(size, Weather::Breach);
        back.keys("R");
        look("back", &back);
        let mut typed = cockpit(size, Weather::Breach);
        typed.keys("R3prod");
        look("back-typed", &typed);
        let mut help = cockpit(size, Weather::Calm);
        help.keys("?");
        look("help", &help);
        let mut palette = cockpit(size, Weather::Calm);
        palette.keys(":ro");
        look("palette", &palette);
        let mut gate = cockpit_of(size, Weather::Calm, polling);
        gate.keys("v");
        look("vote", &gate);
        look("stopped", &cockpit_of(size, Weather::Calm, stopped_rollback));
        let mut zoom = cockpit(size, Weather::Breach);
        zoom.keys("3z");
        look("chart", &zoom);
    }
}
