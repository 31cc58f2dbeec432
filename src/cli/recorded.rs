//! What the journal has of a launch without an engine, for `tminus status`: what stood at its last moment and asks for
//! somebody, gravest first. What production does no reading says, so nothing here is ever "ok"; clocks of people run on.

use super::standing::{going_back, incidents, rolled_back, untold};
use super::triggers::{Trigger, triggers};
use crate::core::launch::answers::{WantKind, wants};
use crate::core::launch::{LaunchState, Near, RollbackStatus, Status, change_words, next_change};
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// One reason a line.
pub fn recorded(state: &LaunchState, now: Timestamp) -> Vec<String> {
    let nothing_measured = Readout { at: state.last_at, ..Readout::default() };
    let wants = wants(state, &nothing_measured, None);
    let of = |kind: WantKind| wants.iter().filter(move |want| want.kind == kind).map(|want| want.what.clone());
    let mut found = Vec::new();
    found.extend(going_back(state).and_then(|back| match &back.status {
        RollbackStatus::Stopped { why, .. } => {
            let at = back.items.get(back.next).map_or("", |item| item.title.as_str());
            Some(format!("the rollback stopped: {at}, {why}"))
        }
        _ => None,
    }));
    found.extend(incidents(state, 1..=2, now));
    found.extend(triggers(state, None).filter(Trigger::is_critical).map(|t| t.words()));
    let change = next_change(state, now).filter(|change| change.near(now) >= Near::Due);
    found.extend(change.map(|change| change_words(state, &change, now)));
    if let Status::RolledBack(number) = state.status {
        found.extend(rolled_back(state, number, now));
    } else {
        found.extend(of(WantKind::Hold));
    }
    found.extend(of(WantKind::HalfBack));
    found.extend(of(WantKind::Step));
    found.extend(under_way(state));
    found.extend(incidents(state, 3..=4, now));
    found.extend(untold(state));
    found
}

/// Commands whose end is not on record. They run beside the engine, and may have ended since.
fn under_way(state: &LaunchState) -> impl Iterator<Item = String> {
    let open = state.runs.iter().filter(|(_, own)| own.end.is_none());
    open.map(|(run, _)| format!("{} was under way; its end is not on record", run.words()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::*;
    use crate::core::order::{Way, What};
    use crate::core::outline::TriggerAction;
    use crate::core::reading::Outcome;
    use crate::core::time::Span;

    /// All that it finds a minute after the engine's death.
    fn found(sim: &Sim) -> Vec<String> {
        recorded(&sim.state, sim.now + Span::mins(1))
    }

    fn sim() -> Sim {
        let mut outline = plan(vec![runs("deploy", |_| {}), runs("next", |_| {})]);
        outline.triggers = vec![trigger("high", "errors > 5% for 20s", TriggerAction::Propose)];
        outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/to-blue", |_| {})])];
        Sim::new(outline)
    }

    #[test]
    fn incidents_holds_what_fired_and_what_ran_are_in_the_journal_the_gravest_first() {
        let mut sim = sim();
        sim.pass(Span::secs(20));
        assert_eq!(found(&sim), [""; 0], "of what production does nothing is said");
        sim.does("deploy");
        for level in [3, 1] {
            let text = format!("the {level} of them");
            sim.order(What::Severity { incident: None, level, text }).unwrap();
        }
        sim.measures("errors", Outcome::number(0.3));
        sim.start("next").unwrap();
        sim.pass(Span::mins(1));
        sim.order(What::Hold { why: "we look".into() }).unwrap();
        let found = found(&sim);
        let starts = [
            "SEV1 #2 the 1 of them",
            "trigger high FIRED: errors > 5% for 20s: ",
            "ana holds: we look",
            "the command of `next` was under way; its end is not on record",
            "SEV3 #1 the 3 of them",
        ];
        let holds = found.iter().filter(|line| line.contains(" holds: ")).count();
        assert_eq!(found.len(), starts.len() - 1 + holds, "{found:?}");
        let at = |start: &str| found.iter().position(|line| line.starts_with(start));
        let places: Vec<Option<usize>> = starts.iter().map(|start| at(start)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{found:?}");
    }

    #[test]
    fn a_way_back_that_stopped_or_was_taken_is_said() {
        let mut sim = sim();
        sim.does("deploy");
        sim.order(What::Rollback {
            way: Way::Named("traffic".into()),
            trigger: None,
            typed: None,
            why: "because".into(),
        })
        .unwrap();
        sim.ends("traffic/to-blue.do.1", 1);
        assert!(found(&sim)[0].starts_with("the rollback stopped: Step traffic/to-blue, "), "{:?}", found(&sim));
        sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
        sim.ends("traffic/to-blue.do.2", 0);
        assert!(found(&sim)[0].starts_with("Rollback traffic, 1 of 1 done"), "{:?}", found(&sim));
    }
}
