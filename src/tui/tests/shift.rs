//! The change of shift on the screen: who is on, what is handed over, and who may do what about it.

use super::Cockpit;
use super::fixture::{Weather, cockpit_of};
use super::screens::look;
use crate::core::launch::{LaunchState, Offer, Taken, handover};
use crate::core::order::{Operator, What};
use crate::core::outline::{Outline, Role, ShiftsOutline, Turn};
use crate::core::time::{Offset, Span};
use crate::core::view::Readout;
use crate::core::watch::{Round, WatchOutline};

fn with(state: &mut LaunchState, turns: &[(i64, &str)]) {
    let mut outline: Outline = (*state.outline).clone();
    let turn = |(hours, who): &(i64, &str)| Turn { at: Offset(Span::mins(hours * 60)), who: (*who).to_owned() };
    let turns = turns.iter().map(turn).collect();
    outline.shifts =
        Some(ShiftsOutline { role: "on-call".into(), remind: Span::mins(15), late: Span::mins(10), turns });
    let ben = Role { name: "Ben".into(), contact: Some("+49 30 2".into()), backup: Some("Tom".into()) };
    outline.roles.insert("night".into(), ben);
    state.outline = outline.into();
}

/// Ana is on shift, Ben comes much later.
fn calm(state: &mut LaunchState) {
    with(state, &[(0, "Ana"), (40, "Ben")]);
}

/// Ben was to come an hour after T-0.
fn late(state: &mut LaunchState) {
    with(state, &[(0, "Ana"), (1, "Ben")]);
}

/// Tom is on shift and handed over to Ana.
fn offered(state: &mut LaunchState) {
    with(state, &[(0, "Tom"), (40, "Ana")]);
    let by = Operator { name: "tom".into(), declared: false, session: 2 };
    let sheet = handover(state, &Readout::default(), state.last_at);
    state.shifts.taken = Some(Taken { who: "Tom".into(), since: state.last_at, turn: Some(Offset(Span::ZERO)) });
    state.shifts.count = 1;
    let (at, to, text) = (state.last_at, "Ana".to_owned(), "replica-2 was slow at noon".to_owned());
    state.shifts.offer = Some(Offer { number: 1, at, by, to, turn: None, sheet, text, head: None });
}

fn dialog(size: (u16, u16), with: fn(&mut LaunchState)) -> Cockpit {
    let mut cockpit = cockpit_of(size, Weather::Calm, with);
    cockpit.keys(":handover<enter>");
    cockpit
}

#[test]
fn the_header_says_who_is_on_shift_and_until_when() {
    let text = cockpit_of((160, 40), Weather::Calm, calm).text();
    assert!(text.contains("on-call Ana to 12 Nov 18:00"), "{text}");
}

#[test]
fn a_handover_is_prefilled_and_the_one_on_shift_writes_what_else_there_is() {
    for size in [(80, 24), (120, 40)] {
        let text = dialog(size, calm).text();
        assert!(text.contains("On shift, on-call: Ana"), "{text}");
        assert!(text.contains("Open incidents: none") && text.contains("hand over"), "{text}");
    }
    let mut cockpit = dialog((120, 40), calm);
    cockpit.keys("ywatch<space>it<enter>");
    assert_eq!(cockpit.orders(), [&What::Handover { to: None, text: "watch it".into() }]);
}

/// Ben took over from Ana; the role's own name in the plan stays hers.
fn bens(state: &mut LaunchState) {
    with(state, &[(0, "Ana"), (1, "Ben")]);
    let outline = std::sync::Arc::make_mut(&mut state.outline);
    outline.roles.insert("on-call".into(), Role { name: "Ana".into(), contact: None, backup: None });
    outline.watches.push(WatchOutline {
        id: "round".into(),
        title: "Round".into(),
        owner: Some("on-call".into()),
        rounds: vec![Round { until: Offset(Span::mins(2880)), every: Span::mins(60) }],
        at: Vec::new(),
        items: Vec::new(),
        signals: Vec::new(),
        grace: None,
    });
    let turn = Some(Offset(Span::mins(60)));
    state.shifts.taken = Some(Taken { who: "Ben".into(), since: state.last_at, turn });
}

#[test]
fn a_check_is_of_who_is_on_shift_now() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, bens);
    cockpit.keys("w");
    let text = cockpit.text();
    assert!(text.contains("on-call: Ben"), "{text}");
    assert!(!text.contains("on-call: Ana"), "{text}");
}

#[test]
fn the_next_one_reads_it_and_accepts() {
    let mut cockpit = dialog((120, 40), offered);
    let text = cockpit.text();
    assert!(text.contains("Handed over by tom to Ana") && text.contains("replica-2 was slow at noon"), "{text}");
    cockpit.keys("y");
    assert_eq!(cockpit.orders(), [&What::Accept { handover: 1 }]);
}

#[test]
fn an_overdue_handover_stands_in_the_alarm_row() {
    let text = cockpit_of((120, 40), Weather::Calm, late).text();
    assert!(text.contains("HANDOVER OVERDUE"), "{text}");
    let mut taken = dialog((120, 40), |state| {
        late(state);
        state.shifts.taken = Some(Taken { who: "Cem".into(), since: state.last_at, turn: Some(Offset(Span::ZERO)) });
    });
    assert!(taken.text().contains("take over, with a reason"), "{}", taken.text());
    taken.keys("tasleep<enter>");
    assert_eq!(taken.orders(), [&What::TakeOver { from: "Cem".into(), why: "asleep".into() }]);
    for size in [(80, 24), (120, 40), (200, 60)] {
        look("handover", &dialog(size, late));
        look("handover-offered", &dialog(size, offered));
        look("handover-due", &cockpit_of(size, Weather::Calm, late));
    }
}
