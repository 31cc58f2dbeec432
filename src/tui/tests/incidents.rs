//! Incidents on the screen: opened, changed, answered and closed by keys; what is due is seen where people look.

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit, cockpit_of};
use super::screens::look;
use crate::core::event::{Event, Recorded};
use crate::core::ids::Seq;
use crate::core::launch::{Incident, LaunchState, Said};
use crate::core::order::{Operator, What};
use crate::core::time::{Span, Timestamp};
use crate::tui::dialogs::{Kind, Overlay};
use crate::tui::msg::Effect;
use crate::wire::message::{ClientMessage, EngineMessage};

const SIZE: (u16, u16) = (120, 40);

fn tom() -> Operator {
    Operator { name: "tom".into(), ..ana() }
}

fn incident(level: u8, text: &str, opened: Timestamp) -> Incident {
    Incident::new(level, text, opened, ana())
}

/// The present of a calm fixture.
fn now(state: &LaunchState) -> Timestamp {
    state.last_at + Span::mins(71)
}

/// #1 SEV3 is new; #2 SEV2 was answered by tom and its update is three minutes late; #3 is closed.
pub fn three(state: &mut LaunchState) {
    let now = now(state);
    let mut late = incident(2, "some cards are declined", now - Span::mins(40));
    late.answered = Some(Said { at: now - Span::mins(38), by: tom(), text: "looking at the gateway".into() });
    late.updated = Some(Said { at: now - Span::mins(33), by: tom(), text: "one bank of three".into() });
    let mut closed = incident(4, "a typo in the mail", now - Span::mins(90));
    closed.resolved = Some((now - Span::mins(80), tom()));
    state.incidents = vec![incident(3, "mail is slow", now - Span::mins(2)), late, closed];
}

fn troubled(size: (u16, u16)) -> Cockpit {
    cockpit_of(size, Weather::Calm, three)
}

/// Only #1, a SEV2 that was opened `ago`.
fn one(ago: Span) -> Cockpit {
    cockpit_of(SIZE, Weather::Calm, |s| s.incidents = vec![incident(2, "", now(s) - ago)])
}

fn severity(incident: Option<u32>, level: u8, text: &str) -> What {
    What::Severity { incident, level, text: text.into() }
}

#[test]
fn where_the_words_of_a_key_do_not_fit_the_key_stands_alone_and_not_half_a_sentence() {
    let late = |state: &mut LaunchState| state.incidents = vec![incident(2, "", now(state) - Span::mins(16))];
    let small = cockpit_of((80, 24), Weather::Calm, late).text();
    let next = small.lines().find(|line| line.contains("NEXT")).unwrap();
    assert!(next.contains("  a  ") && !next.contains("you"), "{small}");
}

#[test]
fn s_2_enter_opens_a_sev2_at_once_and_text_may_follow() {
    let mut calm = cockpit(SIZE, Weather::Calm);
    calm.keys("S2<enter>");
    assert_eq!(calm.orders(), [&severity(None, 2, "")]);
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = calm.effects.last().cloned() else { panic!() };
    calm.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    calm.keys("<esc>");
    assert!(calm.text().contains("SEV2 is open   (I and Enter: say more of it)"), "{}", calm.text());

    let mut open = one(Span::mins(1));
    assert!(!open.keys("I").text().contains("SEV2 #1 not"));
    assert!(open.text().contains("SEV2 #1  not described yet"), "{}", open.text());
    open.keys("<enter>tpayments fail<enter>");
    assert_eq!(open.orders(), [&What::Describe { incident: 1, text: "payments fail".into() }]);
}

#[test]
fn s_again_opens_another_or_changes_the_one_that_is_chosen() {
    let mut cockpit = troubled(SIZE);
    cockpit.keys("S");
    let text = cockpit.text();
    assert!(text.contains("▸  open another") && text.contains("change #2 SEV2 some cards are declined"), "{text}");
    cockpit.keys("2<enter>");
    assert_eq!(cockpit.orders(), [&severity(None, 2, "")], "it opens another one also where one is open");
    let mut cockpit = troubled(SIZE);
    cockpit.keys("Sj1");
    assert!(cockpit.text().contains("#2 becomes SEV1, what is wrong"), "{}", cockpit.text());
    cockpit.keys("nobody can pay<enter>Sk3");
    assert!(cockpit.text().contains("#1 is a SEV3 already"), "k goes round to the last: {}", cockpit.text());
    assert_eq!(cockpit.orders(), [&severity(Some(2), 1, "nobody can pay")]);
}

#[test]
fn keys_mean_the_incident_that_wants_it_first_and_say_which() {
    let mut cockpit = troubled(SIZE);
    cockpit.keys("u");
    assert!(cockpit.text().contains("Update on #2 SEV2 some cards are declined"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    assert!(cockpit.orders().is_empty() && cockpit.text().contains("say how it goes"), "an update says something");
    cockpit.keys("two banks<enter>");
    assert_eq!(cockpit.orders(), [&What::Update { incident: 2, text: "two banks".into() }]);
    let mut cockpit = troubled(SIZE);
    cockpit.keys("Iju");
    assert!(cockpit.text().contains("Update on #1 SEV3 mail is slow"), "the selected one: {}", cockpit.text());
    let mut cockpit = one(Span::mins(1));
    cockpit.keys("a<enter>");
    assert_eq!(cockpit.orders(), [&What::Respond { incident: 1, text: String::new() }]);
    let mut left = one(Span::mins(1));
    left.keys("alooking<esc>");
    assert!(left.orders().is_empty() && left.text().contains("you did not take it on"), "{}", left.text());
    let mut none = super::fixture::cockpit(SIZE, Weather::Calm);
    none.keys("ua");
    assert!(none.orders().is_empty() && none.text().contains("no incident is open; S opens one"));
}

#[test]
fn enter_on_an_incident_shows_it_with_what_can_be_done() {
    let mut cockpit = troubled(SIZE);
    cockpit.keys("I<enter>");
    let text = cockpit.text();
    for part in ["tom, 38m: looking at the gateway", "tom, 33m ago: one bank of three", "update OVERDUE 3:02"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    cockpit.keys("xfixed by the bank<enter>I<enter>1<enter>");
    assert_eq!(
        cockpit.orders(),
        [&What::Resolved { incident: 2, text: "fixed by the bank".into() }, &severity(Some(2), 1, "")]
    );
    let mut closed = troubled(SIZE);
    closed.keys("IG<enter>xut1");
    assert!(matches!(&closed.model.overlay, Some(Overlay::Dialog(d)) if matches!(d.kind, Kind::Incident(3))));
    assert!(closed.text().contains("closed at") && closed.orders().is_empty());
    closed.keys("<esc>:close 1 done<enter>:describe 2 x<enter>:respond 2<enter>:resolved 2<enter>");
    assert_eq!(closed.orders().len(), 4, "all of it can be typed too");
}

#[test]
fn a_closed_incident_keeps_its_name_with_what_was_said_at_its_close_beside_it() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |s| {
        let mut closed = incident(2, "payments fail", now(s) - Span::mins(90));
        closed.resolved = Some((now(s) - Span::mins(80), tom()));
        closed.closing = "was failover".into();
        s.incidents = vec![closed];
    });
    cockpit.keys("I");
    assert!(cockpit.text().contains("payments fail; closed: was failover"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    assert!(cockpit.text().contains("by tom: was failover"), "{}", cockpit.text());
}

#[test]
fn what_is_due_next_stands_in_the_header_and_once_it_is_soon_or_overdue_in_next() {
    let text = troubled(SIZE).text();
    assert!(text.lines().next().unwrap().contains("SEV2 +1  OVERDUE 3:02"), "{text}");
    assert!(text.contains("NEXT  OVERDUE 3:02  u says how it goes"), "{text}");
    let soon = one(Span::mins(13)).text();
    assert!(soon.contains("NEXT  due in 1:58  a you are on it"), "{soon}");
    let early = one(Span::mins(1)).text();
    assert!(!early.contains("NEXT  due"), "{early}");
    assert!(early.lines().next().unwrap().contains(" SEV2  due in 13:58  "), "{early}");
    let small = cockpit_of((80, 24), Weather::Calm, |s| s.incidents = vec![incident(2, "", now(s) - Span::mins(1))]);
    assert!(small.text().lines().next().unwrap().contains(" SEV2  due in 13:58  "), "{}", small.text());
    let mut passing = one(Span::secs(11 * 60 + 50));
    assert!(!passing.text().contains("NEXT  due"));
    assert!(passing.waits(Span::secs(10)).text().contains("NEXT  due in 2:58"), "{}", passing.text());
}

#[test]
fn the_selection_stays_on_its_incident() {
    let mut cockpit = troubled(SIZE);
    cockpit.keys("Ij");
    assert_eq!(cockpit.model.incident, Some(1));
    cockpit.model.launch.as_mut().unwrap().incidents[0].level = 1;
    assert_eq!(crate::tui::incidents::selected(&cockpit.model), Some(1), "also where the list is sorted anew");
}

#[test]
fn no_size_breaks_them() {
    for size in [(1, 1), (10, 3), (20, 5), (39, 12), (60, 16), (400, 7)] {
        for keys in ["0", "0z", "0<enter>", "S", "Sjjjj", "0G<enter>", "0kkggG<enter>u"] {
            let mut many = cockpit_of(size, Weather::Calm, |s| {
                let all =
                    (0..30).map(|i| incident(i % 4 + 1, &"日本語 ".repeat(30), now(s) - Span::mins(i64::from(i))));
                s.incidents = all.collect();
            });
            many.keys(keys).screen();
        }
    }
}

#[test]
fn the_last_key_of_an_incidents_footer_is_whole_at_any_size() {
    for size in [(80, 24), (120, 40)] {
        let text = troubled(size).keys("I<enter>").text();
        let footer = text.lines().last().unwrap();
        assert!(footer.trim_end().ends_with("Esc back"), "{footer}");
    }
}

#[test]
fn incidents_are_as_they_were_found_good() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut list = troubled(size);
        list.keys("I");
        insta::assert_snapshot!(format!("incidents-{}x{}", size.0, size.1), list.screen());
        look("incidents", &list);
        let mut dialog = troubled(size);
        dialog.keys("I<enter>");
        look("incident", &dialog);
        let mut severity = troubled(size);
        severity.keys("Sj");
        look("severity", &severity);
        if size == SIZE {
            insta::assert_snapshot!("incident-120x40", dialog.screen());
            insta::assert_snapshot!("severity-120x40", severity.screen());
        }
    }
}

#[test]
fn s_2_enter_opens_one_also_where_the_link_brings_the_keys_at_once() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.hastily("S2<enter>");
    assert_eq!(cockpit.orders(), [&severity(None, 2, "")]);
}

/// The order that was sent last, and the event that answers it: a new incident.
fn answered(cockpit: &mut Cockpit, incident: u32) {
    let sent = cockpit.effects.iter().rev().find_map(|e| match e {
        Effect::Send(ClientMessage::Order { id, what: What::Severity { .. } }) => Some(id.clone()),
        _ => None,
    });
    let event = Event::SeveritySet { incident, level: 2, text: String::new(), by: ana(), was: None, onset: None };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: sent.clone(), event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    cockpit.hears(EngineMessage::Reply { id: sent.unwrap(), result: Ok(Seq(41)) });
}

#[test]
fn what_is_typed_after_s_2_enter_says_what_is_wrong_and_presses_no_keys() {
    let describe = What::Describe { incident: 1, text: "payments are slow, Raj yells".into() };
    let opens = severity(None, 2, "");
    // In one packet, before the engine answers.
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.hastily("S2<enter>");
    assert_eq!(cockpit.orders(), [&opens], "it opens at once");
    cockpit.hastily("payments are slow, Raj yells<enter>");
    assert_eq!(cockpit.orders(), [&opens]);
    answered(&mut cockpit, 1);
    assert_eq!(cockpit.orders(), [&opens, &describe]);
    // Slowly, after it.
    let mut cockpit = super::fixture::cockpit(SIZE, Weather::Calm);
    cockpit.keys("S2<enter>pay");
    answered(&mut cockpit, 1);
    assert!(cockpit.text().contains("SEV2 is open, #1; what is wrong (Enter or Esc: say it later): pay"));
    cockpit.keys("ments are slow, Raj yells<enter>");
    assert_eq!(cockpit.orders(), [&opens, &describe]);
    cockpit.keys("c");
    assert!(cockpit.text().contains("Note:"), "then keys are keys again");
}

#[test]
fn the_key_that_goes_back_typed_into_that_text_says_how_it_goes_back() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.keys("S2<enter>Ry");
    assert!(cockpit.text().contains("this is the text of the incident; Esc, then R goes back"), "{}", cockpit.text());
    cockpit.keys("an is on it");
    assert!(!cockpit.text().contains("then R goes back"), "it is a text: {}", cockpit.text());
}

#[test]
fn the_text_after_a_severity_may_be_left_out() {
    for leave in ["<enter>", "<esc>", "<c-c>", "payments<esc>"] {
        let mut cockpit = cockpit(SIZE, Weather::Calm);
        cockpit.keys("S2<enter>");
        answered(&mut cockpit, 1);
        cockpit.keys(leave);
        assert!(cockpit.model.overlay.is_none(), "{leave}");
        assert_eq!(cockpit.orders().len(), 1, "{leave}");
    }
    let mut refused = cockpit(SIZE, Weather::Calm);
    refused.keys("S2<enter>payments");
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = refused.effects.last().cloned() else { panic!() };
    let result = Err(crate::core::order::Rejection::new("the launch is over"));
    refused.hears(EngineMessage::Reply { id, result });
    refused.keys("<enter>");
    assert!(refused.text().contains("not said: the incident was not opened"), "{}", refused.text());
    assert_eq!(refused.orders().len(), 1);
}

#[test]
fn enter_does_what_the_choice_of_a_severity_marks() {
    let mut cockpit = troubled(SIZE);
    cockpit.keys("Sj");
    assert!(cockpit.text().contains("▸  change #2 SEV2"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    let opened = matches!(&cockpit.model.overlay, Some(Overlay::Dialog(d)) if matches!(d.kind, Kind::Incident(2)));
    assert!(opened, "its own window, where all of it can be changed: {}", cockpit.text());
    let mut cockpit = troubled(SIZE);
    cockpit.keys("S<enter>");
    assert!(cockpit.text().contains("1, 2, 3 or 4 says how bad it is"), "{}", cockpit.text());
    assert!(cockpit.text().contains("▸  open another"), "it stays: {}", cockpit.text());
    assert!(cockpit.orders().is_empty());
}
