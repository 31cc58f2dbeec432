//! Commands that are not in the plan, on the screen.

use super::fixture::{Weather, ana, cockpit};
use super::screens::look;
use crate::core::event::{Event, Recorded};
use crate::core::ids::{OrderId, Seq};
use crate::core::order::What;
use crate::core::outline::StepOutline;
use crate::tui::dialogs::{Kind, Overlay};
use crate::tui::msg::Effect;
use crate::wire::message::{ClientMessage, EngineMessage};

const SIZE: (u16, u16) = (120, 40);

#[test]
fn sh_shows_the_command_as_typed_and_runs_it_with_y_alone() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.keys(":sh grep \"a  b\" log | wc -l<enter>");
    look("sh", &cockpit);
    let text = cockpit.text();
    for part in
        ["Run this beside the plan, on production?", "$ grep \"a  b\" log | wc -l", "nothing undoes it", "y run it"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    cockpit.keys("<enter>");
    assert!(cockpit.orders().is_empty(), "Enter is no yes");
    cockpit.keys("y");
    assert_eq!(cockpit.orders(), [&What::Sh { command: "grep \"a  b\" log | wc -l".into() }]);
    cockpit.keys(":sh<enter>");
    assert!(cockpit.text().contains("the command is missing"), "{}", cockpit.text());
}

#[test]
fn who_ran_it_is_led_to_it_and_nobody_else_is() {
    for (own, selected) in [(true, true), (false, false)] {
        let mut cockpit = cockpit(SIZE, Weather::Calm);
        cockpit.keys(":sh df<enter>y");
        let Some(Effect::Send(ClientMessage::Order { id, .. })) =
            cockpit.effects.iter().rev().find(|e| matches!(e, Effect::Send(ClientMessage::Order { .. }))).cloned()
        else {
            panic!()
        };
        let order = Some(if own { id } else { OrderId::from("else-1".to_owned()) });
        let state = cockpit.model.launch.as_ref().unwrap();
        let (seq, at) = (Seq(state.head.0 + 1), state.last_at);
        let step = Box::new(StepOutline::command("sh-1".into(), "$ df".into(), "sh".into(), "df"));
        let event = Event::StepAdded { by: ana(), step };
        cockpit.hears(EngineMessage::Event(Box::new(Recorded { seq, at, order, event })));
        assert_eq!(cockpit.model.selected_step().is_some_and(|id| id.as_str() == "sh-1"), selected);
        look("sh-added", &cockpit);
        assert!(!own || cockpit.text().contains("$ df"), "{}", cockpit.text());
    }
}

#[test]
fn who_observes_runs_nothing() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.model.observe = true;
    cockpit.keys(":sh df<enter>");
    assert!(!matches!(&cockpit.model.overlay, Some(Overlay::Dialog(d)) if matches!(d.kind, Kind::Sh(_))));
    assert!(cockpit.text().contains("you observe"), "{}", cockpit.text());
}
