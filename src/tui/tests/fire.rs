//! Triggers that people fire, on the screen.

use std::sync::Arc;

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit_of};
use super::screens::look;
use crate::core::event::{Event, Evidence};
use crate::core::launch::{Fired, LaunchState, testing};
use crate::core::order::What;
use crate::core::outline::TriggerAction;

fn with_question(state: &mut LaunchState) {
    let outline = Arc::make_mut(&mut state.outline);
    let mut trigger = testing::asks_people("corruption", "Data corruption?", TriggerAction::Propose);
    trigger.title = "Data corruption?".into();
    outline.triggers.insert(0, trigger);
}

fn fired(state: &mut LaunchState) {
    with_question(state);
    let (condition, found) = ("Data corruption?".to_owned(), "two balances are negative".to_owned());
    let evidence = Evidence { condition, held: Some(true), found, lasted: None };
    let fired = Fired { at: state.last_at, instance: None, evidence, by: Some(ana()), dismissed: None, acked: None };
    state.triggers.entry("corruption".into()).or_default().fired = Some(fired);
}

fn seen(name: &str, size: (u16, u16), keys: &str, change: fn(&mut LaunchState)) -> Cockpit {
    let mut cockpit = cockpit_of(size, Weather::Calm, change);
    cockpit.keys(keys);
    look(name, &cockpit);
    cockpit
}

#[test]
fn the_list_says_how_a_question_is_answered_and_tab_knows_only_those() {
    for (size, row) in
        [((80, 24), ":fire corruption"), ((120, 40), ":fire corruption"), ((200, 60), ":fire corruption")]
    {
        let keys = if size.0 == 80 { "7" } else { "" };
        let text = seen("fire-list", size, keys, with_question).text();
        assert!(text.contains("Data corruption?") && text.contains(row), "{text}");
    }
    let full = seen("fire-zoom", (120, 40), "7z", with_question).text();
    for part in ["a person answers: `:fire corruption WHY`", "over once a person says so: `:clear"] {
        assert!(full.contains(part), "{part}: {full}");
    }
    let tab = seen("fire-tab", (120, 40), ":fire ", with_question).text();
    assert!(tab.contains("fire corruption") && !tab.contains("fire errors-5"), "{tab}");
}

#[test]
fn fire_is_typed_and_leads_to_the_alarm_and_the_way_back_of_a_measured_trigger() {
    let mut calm =
        seen("fire-typed", (120, 40), ":fire corruption \"two balances are negative\"<enter>", with_question);
    let why = "two balances are negative".to_owned();
    assert_eq!(calm.orders(), [&What::Fire { trigger: "corruption".into(), why }]);
    calm.keys(":fire corruption<enter>");
    assert!(calm.text().contains("why is missing; it is spelled: fire TRIGGER WHY"), "{}", calm.text());

    let mut cockpit = seen("fired", (120, 40), "", fired);
    let text = cockpit.text();
    for part in
        ["TRIGGER", "Data corruption: two balances are negative, says ana", "asks: All traffic to blue", "FIRED"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let back = cockpit.keys("R").text();
    look("fired-back", &cockpit);
    assert!(back.contains("Data corruption: two balances are negative"), "the dialog shows what led here: {back}");
    cockpit.keys("y");
    let led = cockpit.orders().into_iter().find_map(|order| match order {
        What::Rollback { trigger, .. } => trigger.clone(),
        _ => None,
    });
    assert_eq!(led, Some("corruption".into()), "and the way back names it");
}

#[test]
fn what_was_fired_is_told_in_the_log_with_who_and_what_it_asks() {
    let mut cockpit = cockpit_of((200, 60), Weather::Calm, with_question);
    let evidence =
        Evidence { condition: "Data corruption?".into(), held: Some(true), found: "two of them".into(), lasted: None };
    let event = Event::TriggerFired {
        trigger: "corruption".into(),
        instance: None,
        evidence,
        by: Some(ana()),
        closed: false,
        answered: None,
    };
    let text = crate::core::tell::tell(cockpit.model.launch.as_ref().unwrap(), &event).text;
    assert_eq!(
        text,
        "corruption FIRED by ana: Data corruption? two of them; the launch holds and asks: All traffic to blue v0.9.9? \
         (`rollback traffic`)"
    );
    cockpit.keys("q");
}
