//! What the engine would refuse is not offered: the screen asks the same rules first, and says why not and which key
//! does instead.

use super::action::Action;
use super::answers::key_of;
use super::keymap::Keymap;
use super::model::Model;
use crate::core::ids::{OrderId, StepId};
use crate::core::launch::{Input, LaunchState, StepStatus, decide};
use crate::core::order::{Order, Rejection, What};
use crate::core::outline::StepOutline;
use crate::core::signals::Signals;
use crate::core::spell;

/// Why the rules refuse an order now. Only for orders that no measurement decides: the screen has no readings.
fn refused(model: &Model, what: What) -> Option<Rejection> {
    let launch = model.launch.as_ref()?;
    let order = Order { id: OrderId::from(String::new()), by: model.you.clone()?, what };
    decide(launch, &Signals::new(&launch.outline), Input::Order(order), model.now()).err()
}

/// Why a step can't be started now, and what can be done; none where it can.
pub(super) fn of_start(model: &Model, step: &StepId) -> Option<String> {
    let launch = model.launch.as_ref()?;
    let attempt = launch.steps.get(step).map_or(0, |s| s.attempt).saturating_add(1);
    let rejection = refused(model, What::Run { step: step.clone(), attempt })?;
    let outline = launch.outline.step(step)?;
    let own = own_words(model, launch, outline).map(|why| format!("{}: {why}", outline.title));
    Some(own.unwrap_or_else(|| format!("not started: {}", words(&model.keymap, &rejection))))
}

/// Why Space does nothing at a step whose command was started already; none where it was not.
pub(super) fn of_tick(model: &Model, step: &StepOutline) -> Option<String> {
    let why = own_words(model, model.launch.as_ref()?, step).filter(|_| step.run.is_some())?;
    Some(format!("{}: {why}", step.title))
}

/// What a step that is done or goes on has to say of its own state.
fn own_words(model: &Model, launch: &LaunchState, step: &StepOutline) -> Option<String> {
    let stop = model.key_of(Action::Stop);
    Some(match &launch.steps.get(&step.id)?.status {
        StepStatus::Done { .. } => done(model, step),
        StepStatus::Running { .. } => format!("its command runs; {stop} stops it"),
        StepStatus::Soaking { .. } => format!("it goes on; {stop} stops it"),
        StepStatus::Claimed => format!("it is in progress; {} ticks it, {stop} stops it", model.key_of(Action::Tick)),
        StepStatus::Polling => {
            format!("its poll is open; {} votes, {} decides", model.key_of(Action::Vote), model.key_of(Action::Decide))
        }
        StepStatus::Undoing { .. } => format!("its undo runs; {stop} stops it"),
        _ => return None,
    })
}

fn done(model: &Model, step: &StepOutline) -> String {
    let back = model.key_of(Action::GoBack);
    let tick = What::Tick { step: step.id.clone(), item: None, on: false };
    let undone = model.facts.ways.iter().any(|way| way.closed.is_none() && way.undoes.contains(&step.id));
    match (step.gate.is_some(), undone) {
        (true, true) => format!("it is decided; {back} goes back, then it asks again"),
        (true, false) => "it is decided, and no way back asks it again".to_owned(),
        (false, _) if step.by_hand() && step.items.is_empty() && refused(model, tick).is_none() => {
            format!("it is done; {} takes the tick back", model.key_of(Action::Tick))
        }
        (false, true) if step.by_hand() => format!("it is done; {back} goes back, then it asks again"),
        (false, true) => format!("it is done; {back} goes back, then it may run again"),
        (false, false) => "it is done, and no way back undoes it: it does not run again".to_owned(),
    }
}

/// A rejection in a line: why, what would help, and the keys of the orders that would; what has no key is typed after `:`.
pub(super) fn words(keymap: &Keymap, rejection: &Rejection) -> String {
    let Rejection { why, instead, orders } = rejection;
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for order in orders {
        let spelled = spell::write(order);
        match key_of(keymap, order).filter(|key| !key.starts_with(':')) {
            // What a person must say is asked for then.
            Some(key) => {
                let does = spelled.trim_end_matches(" WHY").trim_end_matches(" TEXT").to_owned();
                match keys.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, all)) => all.push(does),
                    None => keys.push((key, vec![does])),
                }
            }
            None => keys.push((format!(":{spelled}"), Vec::new())),
        }
    }
    let keys: Vec<String> =
        keys.into_iter().map(|(key, does)| format!("{key} {}", does.join(", ")).trim_end().to_owned()).collect();
    let keys = Some(keys.join(" or ")).filter(|keys| !keys.is_empty());
    std::iter::once(why.clone()).chain(instead.clone()).chain(keys).collect::<Vec<_>>().join("; ")
}
