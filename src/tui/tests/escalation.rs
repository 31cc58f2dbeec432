//! Whom to call, how far people are, and the update that the plan writes, on the screen.

use std::sync::Arc;

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit_of};
use super::screens::look;
use crate::core::event::IncidentState;
use crate::core::launch::{Incident, LaunchState};
use crate::core::order::What;
use crate::core::outline::{Role, Rung, Then};
use crate::core::time::Span;

const SIZE: (u16, u16) = (120, 40);

/// A SEV1 that tom opened a minute ago; zoe is called at once, her backup is not reached by any role.
fn planned(state: &mut LaunchState) {
    let outline = Arc::make_mut(&mut state.outline);
    let zoe = Role { name: "Zoe".into(), contact: Some("+49 30 1".into()), backup: Some("Carl".into()) };
    outline.roles.insert("on-call".into(), zoe);
    let severity = outline.severities.entry(1).or_default();
    severity.escalate = vec![Rung { after: Span::ZERO, to: vec!["on-call".into()] }];
    severity.then = vec![Then::Hold, Then::Propose];
    severity.template = Some("${live.severity}: ${live.text}\n${live.signals}".into());
    let mut tom = ana();
    tom.name = "tom".into();
    state.incidents = vec![Incident::new(1, "nobody can pay", state.last_at + Span::mins(70), tom)];
}

fn troubled(name: &str, size: (u16, u16), keys: &str) -> Cockpit {
    let mut cockpit = cockpit_of(size, Weather::Calm, planned);
    cockpit.keys(keys);
    look(name, &cockpit);
    cockpit
}

#[test]
fn an_incident_says_whom_to_call_and_takes_what_came_of_it() {
    for size in [(80, 24), SIZE, (200, 60)] {
        let text = troubled("escalation", size, "I<enter>").text();
        for part in ["Zoe, on-call, +49 30 1", "then Carl", "answered", "no answer", "mitigating", "x close"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let mut cockpit = troubled("escalation-asks", SIZE, "I<enter>n");
    assert!(cockpit.text().contains("Zoe did not answer; what was said (Enter alone: nothing)"), "{}", cockpit.text());
    cockpit.keys("<enter>");
    let call = |answered, text: &str| What::Called {
        incident: 1,
        role: "on-call".into(),
        backup: false,
        answered,
        text: text.into(),
    };
    assert_eq!(cockpit.orders(), [&call(false, "")]);
    let mut cockpit = troubled("escalation-asks", SIZE, "I<enter>yon her way<enter>");
    assert_eq!(cockpit.orders(), [&call(true, "on her way")]);
    assert!(cockpit.keys("").text().contains("SEV1"));
}

#[test]
fn m_says_how_far_people_are_and_i_that_it_came_back() {
    let mut cockpit = troubled("further", SIZE, "I<enter>mback to blue<enter>");
    let order = |to, text: &str| What::Move { incident: 1, to, text: text.into() };
    assert_eq!(cockpit.orders(), [&order(IncidentState::Mitigating, "back to blue")]);
    cockpit.keys("I<enter>i");
    assert_eq!(cockpit.orders().len(), 1, "it is being investigated already");
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        planned(state);
        state.incidents[0].state = IncidentState::Mitigated;
    });
    let text = cockpit.keys("I<enter>").text();
    look("mitigated", &cockpit);
    assert!(text.contains("mitigated") && text.contains("i investigating") && !text.contains("no answer"), "{text}");
    cockpit.keys("i<enter>");
    assert_eq!(cockpit.orders(), [&order(IncidentState::Investigating, "")]);
}

#[test]
fn a_severity_that_proposes_asks_to_go_back_in_the_alarm_and_r_opens_it() {
    let mut cockpit = troubled("incident-asks", SIZE, "");
    let text = cockpit.text();
    for part in ["INCIDENT", "SEV1 #1: nobody can pay", "asks: All traffic to blue"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    cockpit.keys("Ry");
    let why = cockpit.orders().into_iter().find_map(|order| match order {
        What::Rollback { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert!(why.is_some_and(|why| why.contains("SEV1 #1: nobody can pay")), "{:?}", cockpit.orders());
}

#[test]
fn an_update_begins_with_the_template_as_it_reads_now() {
    for keys in ["u", ":update 1<enter>"] {
        let mut cockpit = troubled("update", SIZE, keys);
        let text = cockpit.text();
        assert!(text.contains("SEV1: nobody can pay; all that is measured is within its limits"), "{text}");
        cockpit.keys(", so far<enter>");
        let text = "SEV1: nobody can pay; all that is measured is within its limits, so far".to_owned();
        assert_eq!(cockpit.orders(), [&What::Update { incident: 1, text }]);
    }
}
