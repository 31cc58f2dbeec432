//! The READY card: whether the launch can start, before it has. It opens by itself once, on the screen of who
//! may drive, as long as no step was begun.

use super::dialogs::Overlay;
use super::model::Model;
use crate::core::ready::{Card, is_before};

/// The card as it stands; none once a step was begun and T-0 is over, and before the engine has looked.
pub fn card(model: &Model) -> Option<Card> {
    let launch = model.launch.as_ref()?;
    let found = model.trouble.ready.as_ref()?;
    let ahead = is_before(launch) || model.now() < launch.t0;
    ahead.then(|| Card::of_launch(launch, &model.readout.signals, &model.trouble.secrets, Some(found), model.now()))
}

/// Opens it by itself, once: for who may drive, where no step was begun and nothing else lies over the screen or is to come
/// first.
pub fn open_once(model: &mut Model) {
    if model.loaded && !model.shown_ready && model.overlay.is_none() && !super::away::is_awaited(model) {
        come(model);
    }
}

/// Opens it by itself where no step was begun: after what came before it was closed.
pub fn come(model: &mut Model) {
    let Some(launch) = &model.launch else { return };
    if is_before(launch) && !model.observe && !model.quiet && model.trouble.ready.is_some() {
        model.shown_ready = true;
        model.overlay = Some(Overlay::Ready { scroll: 0, came: Some(model.mono) });
    }
}

/// Opens it, or says why there is none.
pub fn open(model: &mut Model) {
    match card(model) {
        Some(_) => model.overlay = Some(Overlay::Ready { scroll: 0, came: None }),
        None if model.trouble.ready.is_none() => model.refuse("the engine has not looked yet whether it can start"),
        None => model.refuse("the launch has begun, and T-0 is over"),
    }
}

/// Closes it where there is none any more: no key is for what isn't shown.
pub fn close_over(model: &mut Model) {
    if matches!(model.overlay, Some(Overlay::Ready { .. })) && card(model).is_none() {
        model.overlay = None;
    }
}
