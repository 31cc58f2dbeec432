//! How far back readings are kept: twice the longest clock that looks at them, at least an hour.

use crate::core::condition::{Condition, Operand, Test};
use crate::core::ids::ProbeId;
use crate::core::outline::{Outline, ProbeOutline, StepOutline};
use crate::core::time::Span;

/// How far back the readings of a probe are kept.
pub(super) fn horizon(outline: &Outline, probe: &ProbeOutline) -> Span {
    let limits = || probe.critical.iter().chain(&probe.warn);
    let own = limits().map(|limit| clock(limit, None, probe)).max().unwrap_or_default();
    let mut longest = Span::mins(30).max(own);
    let mut add = |conditions: &[Condition], soak: Option<Span>| {
        for condition in conditions.iter().filter(|c| concerns(c, &probe.id)) {
            // A question of level looks back from each of its moments by as much as the limits do.
            let levels = if matches!(condition.test, Test::Is(_)) { own } else { Span::ZERO };
            longest = longest.max(clock(condition, soak, probe) + levels);
        }
    };
    for trigger in &outline.triggers {
        add(trigger.when().map_or(&[], std::slice::from_ref), Some(trigger.clear_after));
    }
    let steps: Vec<&StepOutline> =
        outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps)).collect();
    for step in steps {
        add(&step.verify, step.soak);
        add(&step.fail, None);
        add(step.gate.as_ref().map_or(&[], |g| &g.require), None);
        add(step.undo.as_ref().map_or(&[], |u| &u.require), None);
    }
    for rollback in &outline.rollbacks {
        add(&rollback.require, None);
    }
    for other in outline.probes.iter().filter(|p| p.id != probe.id) {
        add(&other.warn, None);
        add(&other.critical, None);
    }
    longest.times(2)
}

fn clock(condition: &Condition, soak: Option<Span>, probe: &ProbeOutline) -> Span {
    let polls = condition.polls.map_or(1, |p| i64::from(p.of));
    condition.lasting.unwrap_or_default() + soak.unwrap_or_default() + probe.every.times(polls + 3)
}

/// Whether a condition looks at the probe, on either side.
fn concerns(condition: &Condition, probe: &ProbeId) -> bool {
    let right = match &condition.test {
        Test::Compare { to: Operand::Signal { subject, .. }, .. } => Some(&subject.probe),
        _ => None,
    };
    condition.subject.probe == *probe || right == Some(probe)
}
