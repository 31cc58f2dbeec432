//! Where the steps of a plan stand, so that looking one up is no walk through all of them: a plan has hundreds, and each
//! of them is asked for what it waits for at every moment.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::StepOutline;
use crate::core::ids::StepId;

/// Where each step stands, worked out when it is asked for first. A hint only: whoever follows it compares the id, so that
/// one that is out of date costs time and tells nothing false. Nothing of it is part of a plan.
#[derive(Debug, Default)]
pub struct StepIndex(OnceLock<HashMap<StepId, usize>>);

impl StepIndex {
    /// The step of that id among these, wherever it stands.
    pub(super) fn find<'s>(&self, id: &StepId, steps: &'s [StepOutline]) -> Option<&'s StepOutline> {
        let places = self.0.get_or_init(|| (0..).zip(steps).map(|(place, step)| (step.id.clone(), place)).collect());
        let hint = places.get(id).and_then(|place| steps.get(*place)).filter(|step| step.id == *id);
        hint.or_else(|| steps.iter().find(|step| step.id == *id))
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
        plan.steps.swap_remove(1);
        for id in ["b", "c"] {
            assert_eq!(plan.step(&id.into()).map(|step| step.id.as_str()), Some(id));
        }
        assert_eq!(plan.step(&"a".into()), None);
        assert_eq!(plan.clone(), plan);
    }
}
