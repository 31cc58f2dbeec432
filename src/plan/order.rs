//! What waits for what: `after`, gates as barriers, and no cycles.

use std::collections::{BTreeMap, BTreeSet};

use super::file::Text;
use super::problem::Problem;
use super::tree::nearest;
use crate::core::ids::{PhaseId, StepId};
use crate::core::outline::StepOutline;

/// `after` as written, of one step: its own and its phase's.
pub struct Written {
    /// The step.
    pub step: StepId,
    /// Names of steps and phases.
    pub after: Vec<Text>,
}

/// Resolves `after`: names become steps, a phase means all of its steps, and a gate is a barrier for what stands below it
/// in its phase. `lost` are ids of tables that could not be read: who waits for one of them is not wrong too.
pub fn resolve(
    steps: &mut [StepOutline],
    phases: &[PhaseId],
    written: &[Written],
    lost: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    let ids: BTreeSet<StepId> = steps.iter().map(|s| s.id.clone()).collect();
    let of_phase = |steps: &[StepOutline], phase: &str| -> Vec<StepId> {
        steps.iter().filter(|s| s.phase.as_str() == phase).map(|s| s.id.clone()).collect()
    };
    let mut after: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    for entry in written {
        for name in &entry.after {
            let found = if ids.contains(name.get_ref().as_str()) {
                vec![StepId::from(name.get_ref().as_str())]
            } else if phases.iter().any(|p| p.as_str() == name.get_ref()) {
                of_phase(steps, name.get_ref())
            } else if lost.contains(name.get_ref()) {
                continue;
            } else {
                let known = ids.iter().map(StepId::as_str).chain(phases.iter().map(PhaseId::as_str));
                let mut problem =
                    Problem::error("no-step", name.span(), format!("there is no step or phase `{}`", name.get_ref()));
                problem.help = nearest(name.get_ref(), known).map(|n| format!("did you mean `{n}`?"));
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
                continue;
            };
            after.entry(entry.step.clone()).or_default().extend(found.into_iter().filter(|id| *id != entry.step));
        }
    }
    let mut gates: BTreeMap<PhaseId, Vec<StepId>> = BTreeMap::new();
    for step in steps.iter_mut() {
        let above = gates.entry(step.phase.clone()).or_default();
        let mut all = after.remove(&step.id).unwrap_or_default();
        all.extend(above.last().cloned());
        let mut seen = BTreeSet::new();
        all.retain(|id| seen.insert(id.clone()));
        step.after = all;
        if step.gate.is_some() {
            above.push(step.id.clone());
        }
    }
    if let Some(cycle) = cycle(steps) {
        let at =
            written.iter().find(|w| cycle.contains(&w.step)).and_then(|w| w.after.first()).map_or(0..0, Text::span);
        let names: Vec<&str> = cycle.iter().map(StepId::as_str).collect();
        let message = format!("these wait for each other and none can ever start: {}", names.join(" → "));
        problems.push(Problem::error("cycle", at, message).help("take one `after` away"));
    }
}

/// Steps that wait for each other, the first again at the end.
fn cycle(steps: &[StepOutline]) -> Option<Vec<StepId>> {
    let after: BTreeMap<&StepId, &Vec<StepId>> = steps.iter().map(|s| (&s.id, &s.after)).collect();
    let mut clear: BTreeSet<&StepId> = BTreeSet::new();
    for begin in steps {
        // Depth first without recursion: a plan of thousands of steps must not end the process.
        let mut path: Vec<(&StepId, usize)> = vec![(&begin.id, 0)];
        while let Some((id, next)) = path.pop() {
            if clear.contains(id) {
                continue;
            }
            let Some(child) = after.get(id).and_then(|a| a.get(next)) else {
                clear.insert(id);
                continue;
            };
            path.push((id, next + 1));
            if let Some(at) = path.iter().position(|(p, _)| *p == child) {
                let mut found: Vec<StepId> = path[at..].iter().map(|(p, _)| (*p).clone()).collect();
                found.push(child.clone());
                return Some(found);
            }
            path.push((child, 0));
        }
    }
    None
}

/// Whether a name fits a pattern in which `*` stands for anything.
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(previous) = last.replace(part) {
            let Some(at) = rest.find(previous) else { return false };
            rest = &rest[at + str::len(previous)..];
        }
    }
    match last {
        None => rest.is_empty(),
        Some(end) => rest.ends_with(end),
    }
}
