//! The war room: what it shows in large type, what it never claims, and that everything urgent is reached from it.

use super::Cockpit;
use super::fixture::{Weather, cockpit, cockpit_of, stopped_rollback};
use super::screens::look;
use crate::core::order::What;
use crate::core::outline::Pane;
use crate::core::time::Span;
use crate::tui::depth::Depth;
use crate::tui::dialogs::{Dialog, Kind, Overlay};
use crate::tui::model::PaneId;
use crate::tui::msg::Happened;
use crate::tui::theme;
use crate::tui::war;

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];

fn room(size: (u16, u16), weather: Weather) -> Cockpit {
    let mut cockpit = cockpit(size, weather);
    cockpit.keys("p");
    cockpit
}

/// So high is large type: more rows than one have blocks in them.
fn blocks(text: &str) -> usize {
    text.lines().filter(|row| row.contains(['█', '▀', '▄'])).count()
}

macro_rules! same {
    ($name:literal, $cockpit:expr) => {
        let (w, h) = $cockpit.model.size;
        insta::assert_snapshot!(format!("{}-{w}x{h}", $name), $cockpit.screen());
    };
}

#[test]
fn rooms_are_as_they_were_found_good() {
    for size in SIZES {
        same!("calm", room(size, Weather::Calm));
        same!("breach", room(size, Weather::Breach));
    }
    same!("unknown", room((120, 40), Weather::Unknown));
    same!("empty", room((120, 40), Weather::Empty));
    let mut ascii = room((80, 24), Weather::Breach);
    ascii.model.glyphs = &crate::tui::glyphs::ASCII;
    assert!(ascii.text().is_ascii(), "{}", ascii.text());
    same!("ascii", ascii);
}

#[test]
fn p_opens_it_and_p_or_esc_leads_back_to_the_cockpit_as_it_was() {
    for out in ["p", "<esc>"] {
        let mut cockpit = cockpit((120, 40), Weather::Breach);
        cockpit.keys("4z");
        assert!(blocks(&cockpit.text()) < 4);
        cockpit.keys("p");
        let text = cockpit.text();
        assert!(blocks(&text) > 12, "{text}");
        for word in
            ["■ BREACH", "errors[green] 6.10 % > 1 %", "2:00 / 3:00", "✓ READY", "NEXT in", "p cockpit", "R now"]
        {
            assert!(text.contains(word), "{word}: {text}");
        }
        let text = cockpit.keys(out).text();
        assert!(text.contains("4 Health ━") && text.contains("z all panes") && blocks(&text) < 4, "{out}: {text}");
    }
}

#[test]
fn what_is_not_measured_is_no_number() {
    let text = room((120, 40), Weather::Empty).text();
    assert!(text.contains("errors  ? UNKNOWN  never seen") && !text.contains("ALL OK"), "{text}");
    // The error rate stops: its last value is only what was.
    let mut cockpit = room((120, 40), Weather::Calm);
    assert!(cockpit.text().contains("errors green  ● ok"), "{}", cockpit.text());
    cockpit.happens(Happened::Lost("gone".into()));
    cockpit.waits(Span::mins(10));
    let text = cockpit.text();
    assert!(text.contains("errors green  ? UNKNOWN") && text.contains("was 0.10 %"), "{text}");
    assert!(text.contains("LINK LOST") && text.contains("NOT SEEN"), "{text}");
}

#[test]
fn where_no_error_rate_is_measured_the_worst_of_the_rest_is_shown() {
    let mut cockpit = cockpit_of((120, 40), Weather::Breach, |state| {
        let mut outline = (*state.outline).clone();
        outline.probes.retain(|probe| probe.pane != Pane::Errors);
        state.outline = outline.into();
    });
    cockpit.keys("p");
    let text = cockpit.text();
    assert!(text.contains("webhooks  ▲ warn"), "{text}");
}

#[test]
fn an_alert_a_dialog_and_the_way_back_are_reached_from_it() {
    for size in SIZES {
        let mut cockpit = room(size, Weather::Breach);
        let text = cockpit.text();
        assert!(text.contains("BREACH") && text.lines().last().unwrap().contains("R go back"), "{size:?} {text}");
        cockpit.keys("R");
        assert!(matches!(&cockpit.model.overlay, Some(Overlay::Dialog(Dialog { kind: Kind::GoBack { .. }, .. }))));
        assert!(cockpit.text().contains("Go back"), "{size:?} {}", cockpit.text());
        cockpit.keys("<esc>");
        assert!(war::is_shown(&cockpit.model), "{size:?} the room is there again");
        cockpit.keys("S2");
        assert!(cockpit.text().contains("SEV2"), "{size:?} {}", cockpit.text());
        cockpit.keys("cards<enter>");
        assert!(matches!(cockpit.orders().last(), Some(What::Severity { level: 2, .. })), "{:?}", cockpit.orders());
        assert!(war::is_shown(&cockpit.model));
        cockpit.keys("A");
        assert!(cockpit.text().contains("2 of 3"), "{size:?} {}", cockpit.text());
    }
}

#[test]
fn what_acts_on_a_row_does_nothing_in_it_and_a_panes_key_leads_there() {
    let mut cockpit = room((120, 40), Weather::Calm);
    for key in ["j", "x", "<space>", "z", "<enter>", "f", "<left>", "y"] {
        cockpit.keys(key);
        assert!(cockpit.text().contains("nothing is selected in the war room"), "{key}: {}", cockpit.text());
        cockpit.waits(Span::secs(30));
    }
    assert!(cockpit.effects.is_empty(), "{:?}", cockpit.effects);
    cockpit.keys("3");
    assert!(!cockpit.model.war && cockpit.model.focus == PaneId::Errors, "{}", cockpit.text());
}

#[test]
fn it_shows_what_is_now_also_where_somebody_looked_back() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.keys("3z<left><left>");
    assert!(cockpit.model.cursor().is_some());
    cockpit.keys("p");
    assert!(cockpit.model.frozen.is_none() && war::is_shown(&cockpit.model));
}

#[test]
fn a_screen_too_small_for_it_is_the_usual_small_one() {
    let mut cockpit = cockpit((59, 15), Weather::Breach);
    assert!(cockpit.keys("p").text().contains("the war room needs 60"), "{}", cockpit.text());
    assert!(!cockpit.model.war);
    let mut cockpit = room((60, 15), Weather::Breach);
    cockpit.happens(Happened::Resize(40, 12));
    let text = cockpit.text();
    assert!(blocks(&text) == 0 && text.contains("BREACH") && text.contains("NEXT"), "{text}");
    cockpit.happens(Happened::Resize(60, 15));
    assert!(blocks(&cockpit.text()) > 6);
}

#[test]
fn no_size_and_no_keys_break_it() {
    for weather in [Weather::Calm, Weather::Breach, Weather::Unknown, Weather::Empty] {
        let mut cockpit = room((120, 40), weather);
        for (w, h) in (1..210).step_by(7).flat_map(|w| (1..70).step_by(3).map(move |h| (w, h))) {
            cockpit.happens(Happened::Resize(w, h));
            cockpit.text();
        }
        for key in crate::tui::keymap::parse("R1<esc>?<esc>:ru<tab><esc>cx<esc>P+-0AVY<esc>pp").unwrap() {
            cockpit.happens(Happened::Key(key));
            cockpit.text();
        }
    }
}

#[test]
fn names_hosts_and_secrets_are_covered_on_request_and_stay_so() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        outline.steps[0].title = "Ask Tom for db-1.internal:5432".into();
        outline.steps[0].run = Some("ssh deploy@web3 TOKEN=hunter2 ./go.sh".into());
        state.outline = outline.into();
    });
    assert!(cockpit.text().contains("ana, lead"));
    cockpit.keys("P");
    for keys in ["", "p", "R", "<esc>?", "<esc>ggo"] {
        let text = cockpit.keys(keys).text().to_lowercase();
        for word in ["ana", "tom", "db-1", "web3", "hunter2"] {
            let whole = text.split(|c: char| !c.is_alphanumeric() && c != '-').any(|part| part == word);
            assert!(!whole, "{word} after {keys}: {text}");
        }
        assert!(text.contains("production") && text.contains("wallet"), "{text}");
    }
    cockpit.keys("<esc><esc>P");
    assert!(cockpit.text().contains("ana, lead"), "{}", cockpit.text());
    // Who is here later is covered too.
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |_| {});
    cockpit.keys("P");
    let by = crate::core::order::Operator { name: "zoe".into(), ..super::fixture::ana() };
    let noted = crate::core::event::Event::Noted { by, text: "zoe says hello".into() };
    let seq = crate::core::ids::Seq(cockpit.model.launch.as_ref().unwrap().head.0 + 1);
    let event = crate::core::event::Recorded { seq, at: cockpit.model.now(), order: None, event: noted };
    cockpit.hears(crate::wire::message::EngineMessage::Event(Box::new(event)));
    let text = cockpit.text();
    assert!(text.contains("••• says hello") || text.contains("says hello") && !text.contains("zoe"), "{text}");
}

#[test]
fn somebody_called_you_leaves_our_own_sentences_whole() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        outline.roles.values_mut().for_each(|role| role.name = "You".into());
        outline.steps[0].title = "Ask You what you see".into();
        state.outline = outline.into();
    });
    for keys in ["P", "p"] {
        cockpit.keys(keys);
    }
    assert!(cockpit.text().contains("a you are on it"), "{}", cockpit.text());
    let text = cockpit.keys("<esc>gg").text();
    assert!(!text.contains("Ask You") && !text.contains("You "), "{text}");
}

#[test]
fn a_name_that_a_dialog_cuts_in_two_is_covered_on_both_sides() {
    for width in 80..160 {
        let mut cockpit = cockpit_of((width, 40), Weather::Calm, |state| {
            let mut outline = (*state.outline).clone();
            outline.roles.values_mut().for_each(|role| role.name = "Bartholomew".into());
            let text = "ask Bartholomew, Bartholomew, Bartholomew and Bartholomew, then Bartholomew, or Bartholomew";
            outline.steps.iter_mut().for_each(|step| step.title = text.into());
            state.outline = outline.into();
        });
        cockpit.keys("P");
        for keys in ["R", "<esc>S"] {
            let text = cockpit.keys(keys).text().to_lowercase();
            let part = ["bart", "holo", "mew"].iter().find(|part| text.contains(**part));
            assert_eq!(part, None, "{width} columns, after {keys}:\n{text}");
        }
    }
}

#[test]
fn look_at_it() {
    for size in SIZES {
        for (name, weather) in [
            ("war-calm", Weather::Calm),
            ("war-breach", Weather::Breach),
            ("war-unknown", Weather::Unknown),
            ("war-empty", Weather::Empty),
        ] {
            look(name, &room(size, weather));
            let mut light = room(size, weather);
            light.model.theme = theme::load("light").unwrap();
            look(&format!("{name}-light"), &light);
            let mut ascii = room(size, weather);
            ascii.model.glyphs = &crate::tui::glyphs::ASCII;
            look(&format!("{name}-ascii"), &ascii);
            let mut masked = room(size, weather);
            look(&format!("{name}-masked"), masked.keys("P"));
        }
        let mut back = cockpit_of(size, Weather::Calm, stopped_rollback);
        back.keys("p");
        look("war-stopped", &back);
        let plain = room(size, Weather::Breach).ansi(Depth::None);
        assert!(!plain.contains(";38;") && !plain.contains(";48;"), "no colour is no colour");
    }
}
