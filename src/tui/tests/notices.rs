//! What people were told, on the screen: counted in the header, listed in its pane, answered and silenced by keys.

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit, cockpit_of};
use super::screens::look;
use crate::core::launch::notices::{ChannelState, Failing};
use crate::core::launch::{LaunchState, Mute, Notice};
use crate::core::notice::{Muted, NoticeKind, Subject};
use crate::core::order::What;
use crate::core::time::Span;

fn notice(state: &LaunchState, number: u32, kind: NoticeKind, subject: Subject, text: &str) -> Notice {
    Notice {
        number,
        key: format!("{kind}/{number}"),
        kind,
        subject,
        text: text.into(),
        raised: state.last_at + Span::mins(60),
        to: vec!["oncall".into()],
        unacked: Vec::new(),
        muted: None,
        acked: None,
        over: None,
        sent: vec!["oncall".into()],
        given_up: Vec::new(),
        unmuted: None,
    }
}

/// Two that nobody is on, one that is over, a mute, and a channel that can't send.
fn told(state: &mut LaunchState) {
    let trigger = state.outline.triggers[0].id.clone();
    let fired = notice(state, 1, NoticeKind::Trigger, Subject::Trigger(trigger.clone()), "it FIRED: 6 % > 5 %");
    let asked = notice(state, 2, NoticeKind::Gate, Subject::Step("go-25".into()), "Go for 25 %? asks for its decision");
    let mut over = notice(state, 3, NoticeKind::StepFailed, Subject::Step("share-5".into()), "5 % to green  failed");
    over.over = Some((state.last_at, "done".into()));
    state.notices.raised = vec![fired, asked, over];
    let (since, until) = (state.last_at, state.last_at + Span::mins(120));
    let mute = Mute { of: Muted::Probe("queues".into()), since, until, by: ana(), why: "a backfill runs".into() };
    state.notices.mutes = vec![mute];
    let failing = Failing { since, why: "127.0.0.1:25: connection refused".into(), next: None };
    let mail = ChannelState { failing: Some(failing), ..ChannelState::default() };
    state.notices.channels = [("mail".into(), mail)].into();
}

fn loud(size: (u16, u16)) -> Cockpit {
    cockpit_of(size, Weather::Calm, told)
}

#[test]
fn the_header_counts_what_nobody_is_on_and_the_pane_lists_it() {
    let calm = cockpit((120, 40), Weather::Calm);
    assert!(!calm.text().contains("unacked") && !calm.text().contains("muted"), "{}", calm.text());
    let mut wide = loud((160, 40));
    assert!(wide.text().contains("2 unacked, 1 muted, 1 channel fails"), "{}", wide.text());
    wide.keys("b");
    let text = wide.text();
    for row in [
        "CAN'T SEND   mail: 127.0.0.1:25: connection refused",
        "muted        queues: a backfill runs",
        "nobody is on it  to oncall",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    look("notices-160x40", &wide);
}

#[test]
fn a_says_that_one_is_on_all_of_it() {
    let mut cockpit = loud((120, 40));
    cockpit.keys("a");
    assert!(cockpit.text().contains("You take on"), "{}", cockpit.text());
    cockpit.keys("looking<enter>");
    let orders: Vec<What> = cockpit.orders().into_iter().cloned().collect();
    assert_eq!(orders, [What::Acknowledge { notices: vec![1, 2], triggers: vec![], text: "looking".into() }]);
    let mut calm = super::fixture::cockpit((120, 40), Weather::Calm);
    calm.keys("a");
    assert!(calm.orders().is_empty() && calm.text().contains("nothing else wants somebody"), "{}", calm.text());
}

#[test]
fn m_offers_what_is_loud_and_wants_a_reason() {
    let mut cockpit = loud((120, 40));
    let trigger = cockpit.model.launch.as_ref().unwrap().outline.triggers[0].id.clone();
    cockpit.keys("m<enter>");
    assert!(cockpit.orders().is_empty() && cockpit.text().contains("why is missing"), "{}", cockpit.text());
    cockpit.keys("known<enter>");
    let orders: Vec<What> = cockpit.orders().into_iter().cloned().collect();
    assert_eq!(orders, [What::Mute { of: Muted::Trigger(trigger), span: Span::mins(60), why: "known".into() }]);
}

#[test]
fn that_everything_is_muted_stands_in_the_header_at_every_size() {
    let silent = |state: &mut LaunchState| {
        told(state);
        let (since, until) = (state.last_at, state.last_at + Span::mins(120));
        let mute = Mute { of: Muted::All, since, until, by: ana(), why: "the fire alarm is tested".into() };
        state.notices.mutes.push(mute);
    };
    let mut listed = cockpit_of((160, 40), Weather::Calm, silent);
    listed.keys("b");
    assert!(listed.text().contains("muted, nobody is on it  to oncall"), "{}", listed.text());
    for (size, said) in [((200, 60), "ALL MUTED to "), ((120, 40), "ALL MUTED"), ((80, 24), "MUTED")] {
        let cockpit = cockpit_of(size, Weather::Calm, silent);
        let text = cockpit.text();
        let header = text.lines().next().unwrap();
        assert!(header.contains(said), "{size:?}: {header}");
    }
}
