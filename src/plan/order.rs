//! What waits for what: `after`, gates as barriers, and no cycles.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::file::Text;
use super::lost::Lost;
use super::problem::Problem;
use super::tree::{nearest, unfilled};
use crate::core::ids::{PhaseId, StepId};
use crate::core::outline::StepOutline;

const TAKE_OUT: &str = "take it out of `after`";

/// `after` as written, of one step: its own and its phase's.
pub struct Written {
    /// The step.
    pub step: StepId,
    /// Names of steps and phases.
    pub after: Vec<Text>,
    /// What `at` counts from, its own and its phase's: it waits for these too.
    pub since: Vec<Text>,
}

impl Written {
    /// All that it waits for, each with the way out of a cycle.
    fn all(&self) -> impl Iterator<Item = (&Text, &'static str)> {
        let after = self.after.iter().map(|name| (name, TAKE_OUT));
        after.chain(self.since.iter().map(|name| (name, "let `at` count from something else")))
    }
}

/// Resolves `after`: names become steps, a phase means all of its steps, and a gate is a barrier for what stands below it
/// in its phase. Who waits for what was `lost` is not wrong too.
pub fn resolve(
    steps: &mut [StepOutline],
    phases: &[PhaseId],
    written: &[Written],
    lost: &Lost,
    problems: &mut Vec<Problem>,
) {
    let mut members: BTreeMap<&str, Vec<StepId>> = phases.iter().map(|p| (p.as_str(), Vec::new())).collect();
    steps.iter().for_each(|s| members.entry(s.phase.as_str()).or_default().push(s.id.clone()));
    let phase_of: BTreeMap<&str, &PhaseId> = steps.iter().map(|s| (s.id.as_str(), &s.phase)).collect();
    let mut after: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    // Once a place: the rows of `each` are written once.
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for entry in written {
        for (name, way_out) in entry.all() {
            let (step, wanted, at) = (&entry.step, name.get_ref().as_str(), name.span());
            let own_phase = phase_of.get(step.as_str()).is_some_and(|p| p.as_str() == wanted);
            let problem = if step.as_str() == wanted {
                let message = format!("`{step}` waits for itself and can never start");
                Problem::error("cycle", at, message).help(way_out)
            } else if own_phase {
                let message =
                    format!("`{step}` waits for its own phase `{wanted}`, of which it is part: it can never start");
                Problem::error("cycle", at, message).help(way_out)
            } else if phase_of.contains_key(wanted) {
                after.entry(step.clone()).or_default().push(StepId::from(wanted));
                continue;
            } else if let Some(all) = members.get(wanted) {
                after.entry(step.clone()).or_default().extend(all.iter().cloned());
                continue;
            } else if lost.may_be(wanted) || unfilled(name, problems) {
                continue;
            } else {
                let near = nearest(wanted, phase_of.keys().chain(members.keys()).copied());
                let mut problem = Problem::error("no-step", at, format!("there is no step or phase `{wanted}`"));
                problem.help = near.map(|n| format!("did you mean `{n}`?"));
                problem
            };
            if told.insert(problem.at.start) || problem.code == "no-step" && !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    let phase_of: BTreeMap<StepId, PhaseId> = steps.iter().map(|s| (s.id.clone(), s.phase.clone())).collect();
    let mut gates: BTreeMap<PhaseId, Vec<StepId>> = BTreeMap::new();
    for step in steps.iter_mut() {
        let above = gates.entry(step.phase.clone()).or_default();
        let mut all = after.remove(&step.id).unwrap_or_default();
        all.extend(above.last().filter(|gate| **gate != step.id).cloned());
        let mut seen = BTreeSet::new();
        all.retain(|id| seen.insert(id.clone()));
        step.after = all;
        if step.gate.is_some() {
            above.push(step.id.clone());
        }
    }
    for cycle in cycles(steps) {
        let inside: BTreeSet<&str> = cycle.iter().map(StepId::as_str).collect();
        let phases: BTreeSet<&str> = cycle.iter().filter_map(|id| phase_of.get(id)).map(PhaseId::as_str).collect();
        let among = |name: &&Text| [&inside, &phases].iter().any(|set| set.contains(name.get_ref().as_str()));
        let waits = written.iter().filter(|w| inside.contains(w.step.as_str()));
        let found = waits.flat_map(|w| w.all()).find(|(name, _)| among(name));
        let (at, way_out) = found.map_or((0..0, TAKE_OUT), |(name, way_out)| (name.span(), way_out));
        let help = if way_out == TAKE_OUT { "take one `after` away" } else { way_out };
        if told.insert(at.start) {
            let message = format!("these wait for each other and none can ever start: {}", chain(&cycle));
            problems.push(Problem::error("cycle", at, message).help(help));
        }
    }
}

/// Steps one after the other, a long row cut in its middle.
fn chain(steps: &[StepId]) -> String {
    let names: Vec<&str> = steps.iter().map(StepId::as_str).collect();
    match names.as_slice() {
        [first @ .., last_but_one, last] if first.len() > 10 => {
            let left = first.len() - 4;
            format!("{} → … {left} more … → {last_but_one} → {last}", first[..4].join(" → "))
        }
        _ => names.join(" → "),
    }
}

/// Steps that wait for each other, the first again at the end: of each step that is in such a row, the shortest one, where
/// no row before has it.
fn cycles(steps: &[StepOutline]) -> Vec<Vec<StepId>> {
    // Of two steps of one id, which is said by itself, the first is meant.
    let place: BTreeMap<&StepId, usize> = steps.iter().enumerate().rev().map(|(at, step)| (&step.id, at)).collect();
    let mut after: Vec<Vec<usize>> =
        steps.iter().map(|step| step.after.iter().filter_map(|id| place.get(id).copied()).collect()).collect();
    // What waits for nothing, or for such only, is in none.
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    after.iter().enumerate().for_each(|(at, all)| all.iter().for_each(|first| before[*first].push(at)));
    let mut open: Vec<usize> = after.iter().map(Vec::len).collect();
    let mut free: Vec<usize> = (0..steps.len()).filter(|at| open[*at] == 0).collect();
    while let Some(at) = free.pop() {
        for next in &before[at] {
            open[*next] -= 1;
            if open[*next] == 0 {
                free.push(*next);
            }
        }
    }
    after.iter_mut().for_each(|all| all.retain(|first| open[*first] > 0));
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for at in (0..steps.len()).filter(|at| open[*at] > 0) {
        if told.contains(&at) {
            continue;
        }
        let Some(row) = shortest(&after, at) else { continue };
        found.push(row.iter().chain([&at]).map(|at| steps[*at].id.clone()).collect());
        told.extend(row);
    }
    found
}

/// The shortest row that leads from a step back to it, beginning with it.
fn shortest(after: &[Vec<usize>], from: usize) -> Option<Vec<usize>> {
    let mut came: BTreeMap<usize, usize> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        for first in &after[at] {
            if *first == from {
                let mut row = vec![at];
                while let Some(back) = row.last().filter(|last| **last != from).and_then(|last| came.get(last)) {
                    row.push(*back);
                }
                row.reverse();
                return Some(row);
            }
            if let Entry::Vacant(new) = came.entry(*first) {
                new.insert(at);
                next.push_back(*first);
            }
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
