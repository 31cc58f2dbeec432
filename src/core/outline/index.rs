//! Where the steps of a plan stand, so that looking one up is no walk through all of them: a plan has hundreds, and each
//! of them is asked for what it waits for at every moment.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::StepOutline;
use crate::core::ids::{PhaseId, StepId};

/// Where each step stands, worked out when it is asked for first. A hint only: whoever follows it compares what is there,
/// so that one that is out of date costs time and tells nothing false. Nothing of it is part of a plan.
#[derive(Debug, Default)]
pub struct StepIndex(OnceLock<Places>);

#[derive(Debug)]
struct Places {
    steps: HashMap<StepId, usize>,
    phases: HashMap<PhaseId, Vec<usize>>,
    /// How many steps there were.
    of: usize,
}

impl StepIndex {
    fn places(&self, steps: &[StepOutline]) -> &Places {
        self.0.get_or_init(|| {
            let mut phases: HashMap<PhaseId, Vec<usize>> = HashMap::new();
            for (place, step) in steps.iter().enumerate() {
                phases.entry(step.phase.clone()).or_default().push(place);
            }
            let of_steps = (0..).zip(steps).map(|(place, step)| (step.id.clone(), place));
            Places { steps: of_steps.collect(), phases, of: steps.len() }
        })
    }

    /// The step of that id among these, wherever it stands.
    pub(super) fn find<'s>(&self, id: &StepId, steps: &'s [StepOutline]) -> Option<&'s StepOutline> {
        let hint = self.places(steps).steps.get(id).and_then(|place| steps.get(*place));
        hint.filter(|step| step.id == *id).or_else(|| steps.iter().find(|step| step.id == *id))
    }

    /// The steps of a phase among these, in order. Steps may be added to a plan that runs; which phase one is of never
    /// changes.
    pub(super) fn of_phase<'s>(&self, phase: &PhaseId, steps: &'s [StepOutline]) -> Vec<&'s StepOutline> {
        let all = || steps.iter().filter(|step| step.phase == *phase);
        let places = self.places(steps);
        if places.of != steps.len() {
            return all().collect();
        }
        let known = places.phases.get(phase).into_iter().flatten();
        let found: Vec<&StepOutline> = known.filter_map(|place| steps.get(*place)).collect();
        debug_assert!(found.iter().copied().eq(all()), "the steps of {phase} stand elsewhere by now");
        found
    }
}

impl Clone for StepIndex {
    /// A copy is most often changed: it works them out anew.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for StepIndex {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for StepIndex {}

#[cfg(test)]
mod tests {
    use crate::core::launch::testing::{plan, step};

    #[test]
    fn a_step_is_found_where_it_is_by_now() {
        let mut plan = plan(vec![step("a", |_| {}), step("b", |_| {})]);
        assert_eq!(plan.step(&"b".into()).map(|step| step.id.as_str()), Some("b"));
        plan.steps.insert(0, step("c", |_| {}));
        assert_eq!(plan.steps_of(&"p".into()).map(|step| step.id.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
        plan.steps.swap_remove(1);
        for id in ["b", "c"] {
            assert_eq!(plan.step(&id.into()).map(|step| step.id.as_str()), Some(id));
        }
        assert_eq!(plan.step(&"a".into()), None);
        assert_eq!(plan.clone(), plan);
    }
}
