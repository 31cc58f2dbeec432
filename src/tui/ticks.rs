//! What the key that ticks does at the selection: on a box that is ticked it takes the tick back, so what stands on the
//! screen never promises there that it ticks the next one.

use super::action::Action;
use super::checklist;
use super::model::{Model, PaneId, Target};
use super::refusal;
use super::view;
use crate::core::launch::StepStatus;
use crate::core::launch::answers::Words;
use crate::core::order::What;

/// Whether the key would take back the tick of the selected box.
pub fn unticks(model: &Model) -> bool {
    let Some(launch) = &model.launch else { return false };
    match &model.selected {
        Some(Target::Item(step, item)) => {
            launch.steps.get(step).is_some_and(|own| !own.begins_anew() && own.ticks.contains_key(item))
        }
        Some(Target::Step(id)) => {
            let done = launch.steps.get(id).is_some_and(|own| matches!(own.status, StepStatus::Done { .. }));
            let step = launch.outline.step(id).filter(|step| step.by_hand() && step.items.is_empty());
            done && step.is_some_and(|step| refusal::of_tick(model, step).is_none())
        }
        _ => false,
    }
}

/// How a box is come to from one that is ticked: the key that leads to the row beside, else in words.
pub fn way_to(model: &Model, order: &What) -> Words {
    let tick = model.key_of(Action::Tick);
    let target = match order {
        What::Tick { step, item: Some(item), .. } => Target::Item(step.clone(), *item),
        What::Tick { step, .. } => Target::Step(step.clone()),
        _ => return Words::default(),
    };
    let rows = checklist::rows(model, view::area_of(model, PaneId::Checklist));
    let rows: Vec<&Target> = rows.iter().filter_map(|(target, _)| target.as_ref()).collect();
    let at = |target: &Target| rows.iter().position(|row| *row == target);
    let move_by = match (model.selected.as_ref().and_then(at), at(&target)) {
        (Some(from), Some(to)) if to == from + 1 => Some(Action::Down),
        (Some(from), Some(to)) if to + 1 == from => Some(Action::Up),
        _ => None,
    };
    match move_by.map(|action| model.key_of(action)) {
        Some(key) => Words::of([format!("{key}, {tick} ticks it"), format!("{key}, {tick}")]),
        None => Words::of([format!("select it, {tick} ticks it"), format!("select it, {tick}")]),
    }
}

/// The keys of the selected row's orders, each with its word ([`checklist::keys_for`]), as they act on this row.
pub fn keys_of_row(model: &Model, orders: &[What]) -> Vec<(String, &'static str)> {
    let mut keys = checklist::keys_for(model, orders);
    if unticks(model) {
        let tick = model.key_of(Action::Tick);
        for (_, word) in keys.iter_mut().filter(|(key, _)| *key == tick) {
            *word = "untick";
        }
    }
    keys
}
