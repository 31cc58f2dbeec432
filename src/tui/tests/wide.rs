//! What a wide screen shows more.

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit, cockpit_of};
use crate::core::event::{Actor, Event, Evidence, Recorded};

use crate::core::grammar::parse;
use crate::core::ids::Seq;
use crate::tui::model::{PaneId, Target};
use crate::wire::message::EngineMessage;

const WIDE: (u16, u16) = (200, 60);

#[test]
fn the_selected_step_stands_below_the_checklist_and_o_opens_its_page() {
    let mut cockpit = cockpit(WIDE, Weather::Calm);
    let text = cockpit.text();
    for part in [
        "o Step ",
        "Traffic to green  2 of 7",
        "runs       ./weight.sh 5",
        "owner      devops: Raj",
        "✓ 1  exit 0 after 0:41",
        "undo       ./weight.sh 0",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    cockpit.keys("j");
    assert!(cockpit.text().contains("Traffic to green  3 of 7"), "{}", cockpit.text());
    for _ in 0..20 {
        cockpit.keys("<tab>");
        assert_ne!(cockpit.model.focus, PaneId::Step, "it only follows");
    }
    cockpit.keys("1o");
    assert!(cockpit.model.page.is_some() && cockpit.text().contains("Esc  3 Traffic to green"), "{}", cockpit.text());
    let narrow = super::fixture::cockpit((120, 40), Weather::Calm);
    assert!(!narrow.text().contains("o Step"));
}

#[test]
fn nothing_jumps_when_the_selection_moves() {
    let mut cockpit = cockpit(WIDE, Weather::Calm);
    let at = |cockpit: &Cockpit| crate::tui::view::layout(&cockpit.model).pane(PaneId::Step);
    let before = at(&cockpit);
    assert!(before.is_some());
    for target in [Target::Step("smoke".into()), Target::Phase("watch".into()), Target::Step("go-25".into())] {
        cockpit.model.selected = Some(target);
        assert_eq!(at(&cockpit), before);
    }
}

#[test]
fn a_step_says_what_its_end_rested_on() {
    let mut cockpit = cockpit(WIDE, Weather::Calm);
    let seen = |condition: &str, held, found: &str| Evidence {
        condition: condition.into(),
        held,
        found: found.into(),
        lasted: None,
    };
    let evidence =
        vec![seen("share[green] = 5% ± 3%", Some(true), "5.10 %"), seen("errors[green] < 1%", None, "no data: 401")];
    let done = Event::StepDone { step: "share-5".into(), attempt: 1, by: Actor::Operator(ana()), over: None, evidence };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event: done };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    cockpit.model.selected = Some(Target::Step("share-5".into()));
    for keys in ["", "o"] {
        let text = cockpit.keys(keys).text();
        assert!(text.contains("✓ share[green] = 5% ± 3%: 5.10 %"), "{text}");
        assert!(text.contains("? errors[green] < 1%: no data: 401"), "{text}");
    }
}

#[test]
fn an_armed_trigger_shows_the_clock_that_it_would_run() {
    let text = cockpit(WIDE, Weather::Calm).text();
    assert!(text.contains("errors[green] > 1% for 3m") && text.contains("0.10 %  0:00 / 3:00"), "{text}");
}

#[test]
fn what_an_undo_needs_stands_below_its_command_on_one_row_with_its_label() {
    let mut cockpit = cockpit_of(WIDE, Weather::Calm, |state| {
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        let own = outline.steps.iter_mut().find(|step| step.id.as_str() == "share-5").unwrap();
        own.undo.as_mut().unwrap().require = vec![parse("share[green] = 0% for 4s", None).unwrap()];
    });
    cockpit.model.selected = Some(Target::Step("share-5".into()));
    let text = cockpit.text();
    let row = text.lines().find(|row| row.contains("needs ")).unwrap_or_else(|| panic!("{text}"));
    assert!(row.contains("needs      share[green] = 0% for 4s"), "{text}");
}
