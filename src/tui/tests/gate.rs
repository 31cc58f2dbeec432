//! What a gate's dialog shows where not all of it fits, and what an observer may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fixture::{Weather, ana, cockpit, cockpit_of, polling};
use super::typing::select;
use crate::core::grammar;
use crate::core::ids::RoleId;
use crate::core::launch::{LaunchState, Vote};
use crate::core::order::{Ballot, What};

/// The gate has 14 requirements and 7 voters; the last of them said no.
fn crowded(state: &mut LaunchState) {
    polling(state);
    let mut outline = (*state.outline).clone();
    let step = outline.steps.iter_mut().find(|s| s.id.as_str() == "go-25").unwrap();
    let gate = step.gate.as_mut().unwrap();
    let condition = |n: usize| grammar::parse(&format!("errors[green] < {n}%"), None).unwrap();
    gate.require = (1..=14).map(condition).collect();
    gate.poll = (1..=7).map(|n| RoleId::from(format!("role-{n}"))).collect();
    state.outline = Arc::new(outline);
    let no = Vote { vote: Ballot::NoGo, by: ana(), at: state.last_at, why: Some("the replica is late".into()) };
    let poll = state.steps.get_mut("go-25").unwrap().poll.as_mut().unwrap();
    poll.votes = BTreeMap::from([("role-7".into(), no)]);
}

#[test]
fn what_stands_against_a_go_is_seen_at_any_size_and_nothing_covers_it() {
    for size in [(80, 24), (60, 15), (120, 40)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, crowded);
        select(&mut cockpit, "go-25");
        cockpit.keys("d");
        let text = cockpit.text();
        let no = text.lines().find(|l| l.contains("NO-GO, ana")).unwrap_or_else(|| panic!("{size:?}\n{text}"));
        assert!(no.contains("role-7"), "{no}");
        assert!(text.lines().any(|l| l.contains("g  GO    n NO-GO    Esc not now")), "{size:?}\n{text}");
        let more = match size.1 {
            15 => "against a go or unknown",
            24 => "+5 that hold or are go",
            _ => "errors[green] < 14%",
        };
        assert!(text.contains(more), "{size:?}\n{text}");
    }
    let mut cockpit = cockpit_of((80, 24), Weather::Calm, crowded);
    select(&mut cockpit, "go-25");
    cockpit.keys("v3");
    let text = cockpit.text();
    assert!(text.contains("go for role-3") && text.contains("1-7 role"), "{text}");
    assert!(text.lines().any(|l| l.contains("3 ") && l.contains("role-3") && l.contains("no vote yet")), "{text}");
}

#[test]
fn an_observer_holds_and_notes_and_is_told_at_once_that_all_else_is_for_operators() {
    for (keys, gives) in [("Hodd<enter>", true), ("codd<enter>", true), ("S", false), ("r", false), ("<space>", false)]
    {
        let mut cockpit = cockpit((120, 40), Weather::Calm);
        cockpit.model.observe = true;
        cockpit.keys(keys);
        let orders = cockpit.orders();
        assert_eq!(matches!(orders[..], [What::Hold { .. } | What::Note { .. }]), gives, "{keys}: {orders:?}");
        assert_eq!(cockpit.model.overlay.is_none() && cockpit.text().contains("you observe"), !gives, "{keys}");
    }
}
