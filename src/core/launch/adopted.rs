//! What stays of the boxes that people ticked where a changed plan is taken in: a tick is of a box's text and not of its
//! number, so it goes where the text went, and nowhere else.

use std::collections::BTreeMap;

use super::{LaunchState, Tick};
use crate::core::outline::Outline;

/// Where a box is in the changed plan; none where that does not have it. A text that stands there several times keeps its
/// order. What has no boxes is ticked itself, as its box 0.
fn place(at: usize, old: &[String], new: &[String]) -> Option<usize> {
    if old.is_empty() {
        return new.is_empty().then_some(at);
    }
    let text = old.get(at)?;
    let nth = old[..at].iter().filter(|other| *other == text).count();
    (0..new.len()).filter(|to| new[*to] == *text).nth(nth)
}

fn carried(ticks: &BTreeMap<usize, Tick>, old: &[String], new: &[String]) -> BTreeMap<usize, Tick> {
    ticks.iter().filter_map(|(at, tick)| Some((place(*at, old, new)?, tick.clone()))).collect()
}

impl LaunchState {
    /// The boxes that are ticked and that a changed plan does not have, each with its step or watch.
    pub(super) fn ticks_lost(&self, new: &Outline) -> Vec<String> {
        let mut lost = Vec::new();
        let mut gone = |title: &str, ticks: &BTreeMap<usize, Tick>, old: &[String], new: &[String]| {
            let without = ticks.keys().filter(|at| place(**at, old, new).is_none());
            lost.extend(without.map(|at| old.get(*at).map_or(title.to_owned(), |text| format!("{title}: {text}"))));
        };
        for step in &new.steps {
            if let (Some(own), Some(old)) = (self.steps.get(&step.id), self.outline.step(&step.id)) {
                gone(&old.title, &own.ticks, &old.items, &step.items);
            }
        }
        for watch in &new.watches {
            let open = self.watches.get(&watch.id).and_then(|own| own.open.as_ref());
            if let (Some(open), Some(old)) = (open, self.outline.watch(&watch.id)) {
                gone(&old.title, &open.ticks, &old.items, &watch.items);
            }
        }
        lost
    }

    /// Carries the ticks over into a changed plan, before it takes the old one's place.
    pub(super) fn carry_ticks(&mut self, new: &Outline) {
        for step in &new.steps {
            let (Some(own), Some(old)) = (self.steps.get_mut(&step.id), self.outline.step(&step.id)) else { continue };
            own.ticks = carried(&own.ticks, &old.items, &step.items);
            if let Some(was) = &mut own.was {
                was.ticks = carried(&was.ticks, &old.items, &step.items);
            }
        }
        for watch in &new.watches {
            let open = self.watches.get_mut(&watch.id).and_then(|own| own.open.as_mut());
            if let (Some(open), Some(old)) = (open, self.outline.watch(&watch.id)) {
                open.ticks = carried(&open.ticks, &old.items, &watch.items);
            }
        }
    }
}
