//! What stays of the boxes that people ticked where a changed plan is taken in: a tick is of a box's text and not of its
//! number, so it goes where the text went, and nowhere else.

use std::collections::BTreeMap;

use super::{LaunchState, Tick};
use crate::core::outline::Outline;

/// The ticks of boxes by their numbers in the changed plan; those whose box it does not have are left out. A text that
/// stands there several times keeps its order.
fn carried(ticks: &BTreeMap<usize, Tick>, old: &[String], new: &[String]) -> BTreeMap<usize, Tick> {
    // What has no boxes is ticked itself.
    if old.is_empty() {
        return if new.is_empty() { ticks.clone() } else { BTreeMap::new() };
    }
    let nth = |items: &[String], at: usize| items[..at].iter().filter(|text| **text == items[at]).count();
    let place = |at: usize| {
        let text = old.get(at)?;
        (0..new.len()).find(|to| new[*to] == *text && nth(new, *to) == nth(old, at))
    };
    ticks.iter().filter_map(|(at, tick)| Some((place(*at)?, tick.clone()))).collect()
}

impl LaunchState {
    /// The boxes that are ticked and that a changed plan does not have, each with its step or watch.
    pub(super) fn ticks_lost(&self, new: &Outline) -> Vec<String> {
        let mut lost = Vec::new();
        let mut gone = |title: &str, ticks: &BTreeMap<usize, Tick>, old: &[String], new: &[String]| {
            let kept = carried(ticks, old, new);
            let all = ticks.keys().filter_map(|at| old.get(*at));
            let left: Vec<&String> = kept.keys().filter_map(|at| new.get(*at)).collect();
            lost.extend(all.filter(|text| !left.contains(text)).map(|text| format!("{title}: {text}")));
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
