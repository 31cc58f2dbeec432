//! Rules that nobody could judge now: they name what its probe does not have, or compare with a baseline that was not
//! captured. A launch that starts so is watched by fewer rules than its plan has.

use std::collections::{BTreeMap, BTreeSet};

use super::{Grade, Kind, Row};
use crate::core::condition::{Condition, Operand, Subject, Test};
use crate::core::ids::{Instance, ProbeId, SignalId};
use crate::core::launch::{LaunchState, USUAL};
use crate::core::outline::{Outline, StepOutline};
use crate::core::text::nearest;
use crate::core::view::SignalView;
use crate::core::words::count;

/// Stands before the probe whose limits they are.
const LIMITS: &str = "the limits of ";

/// A row for each name that is not among what its probe has, and for each probe without a baseline that some rule wants.
pub(super) fn rules(state: &LaunchState, signals: &BTreeMap<SignalId, SignalView>) -> Vec<Row> {
    let mut absent: BTreeMap<(&ProbeId, &Instance), Vec<String>> = BTreeMap::new();
    let mut bare: BTreeMap<&ProbeId, usize> = BTreeMap::new();
    for (owner, condition) in all(&state.outline) {
        for subject in subjects(condition) {
            let Some(instance) = &subject.instance else { continue };
            let there = has(signals, &subject.probe);
            let expected = state.outline.probe(&subject.probe).is_some_and(|probe| probe.expect.contains(instance));
            if !there.is_empty() && !there.contains(instance) && !expected {
                absent.entry((&subject.probe, instance)).or_default().push(owner.clone());
            }
        }
        // A probe's own limits are told in its own row.
        let limit = owner.starts_with(LIMITS);
        if matches!(condition.test, Test::Compare { to: Operand::Baseline { .. }, .. })
            && !limit
            && !state.baselines.keys().any(|id| id.probe == condition.subject.probe)
        {
            *bare.entry(&condition.subject.probe).or_default() += 1;
        }
    }
    let absent = absent.into_iter().map(|((probe, instance), mut owners)| {
        owners.dedup();
        let there = has(signals, probe);
        let names = || there.iter().map(|one| one.as_str());
        let found = format!("not among {}, and named by {}", names().collect::<Vec<_>>().join(", "), owners.join(", "));
        let todo = match nearest(instance.as_str(), names()) {
            Some(near) => format!("did you mean `{near}`? until it is there too, nobody can say whether that holds"),
            None => "until it is there too, nobody can say whether that holds".to_owned(),
        };
        Row::new(Kind::Rule, Grade::Warning, format!("{probe}[{instance}]"), found).todo(todo)
    });
    let bare = bare.into_iter().map(|(probe, n)| {
        let compare = if n == 1 { "compares" } else { "compare" };
        let found = format!("not captured, and {} {compare} with it", count(n, "rule"));
        let row = Row::new(Kind::Rule, Grade::Warning, format!("baseline of {probe}"), found);
        row.todo(format!("tminus do baseline {probe} {USUAL}, while all is as usual"))
    });
    absent.chain(bare).collect()
}

/// The instances that a probe was seen to have.
fn has<'s>(signals: &'s BTreeMap<SignalId, SignalView>, probe: &ProbeId) -> BTreeSet<&'s Instance> {
    let seen = signals.values().filter(|view| view.id.probe == *probe && view.at.is_some());
    seen.filter_map(|view| view.id.instance.as_ref()).collect()
}

fn subjects(condition: &Condition) -> impl Iterator<Item = &Subject> {
    let right = match &condition.test {
        Test::Compare { to: Operand::Signal { subject, .. }, .. } => Some(subject),
        _ => None,
    };
    std::iter::once(&condition.subject).chain(right)
}

/// All conditions of a plan, each with whose it is.
fn all(outline: &Outline) -> impl Iterator<Item = (String, &Condition)> {
    let limits = outline.probes.iter().flat_map(|probe| {
        let of = probe.warn.iter().chain(&probe.critical);
        of.map(move |condition| (format!("{LIMITS}{}", probe.id), condition))
    });
    let triggers = outline.triggers.iter().filter_map(|of| Some((format!("the trigger {}", of.id), of.when()?)));
    let steps = outline.steps.iter().flat_map(of_step);
    let ways = outline.rollbacks.iter().flat_map(|way| {
        let own = way.require.iter().map(move |condition| (format!("the rollback {}", way.id), condition));
        own.chain(way.steps.iter().flat_map(of_step))
    });
    limits.chain(triggers).chain(steps).chain(ways)
}

fn of_step(step: &StepOutline) -> impl Iterator<Item = (String, &Condition)> {
    let gate = step.gate.iter().flat_map(|gate| &gate.require);
    let undo = step.undo.iter().flat_map(|undo| &undo.require);
    let own = step.verify.iter().chain(&step.fail).chain(gate).chain(undo);
    own.map(move |condition| (step.id.to_string(), condition))
}
