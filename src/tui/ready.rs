//! The READY card: whether the launch can start, before it has. It opens by itself once, where T-0 is still to come.

use super::dialogs::Overlay;
use super::model::Model;
use crate::core::ready::{Card, is_before};

/// The card as it stands; none once a step was begun and T-0 is over, and before the engine has looked.
pub fn card(model: &Model) -> Option<Card> {
    let launch = model.launch.as_ref()?;
    let found = model.trouble.ready.as_ref()?;
    let ahead = is_before(launch) || model.now() < launch.t0;
    ahead.then(|| {
        let card = Card::of(&launch.outline, &model.readout.signals, &model.trouble.secrets, Some(found));
        card.for_stand_ins(launch.stands_in())
    })
}

/// Opens it by itself, once: where no step was begun, T-0 is still to come, and nothing else lies over the screen.
pub fn open_once(model: &mut Model) {
    let Some(launch) = &model.launch else { return };
    let early = is_before(launch) && model.now() < launch.t0 && model.trouble.ready.is_some();
    if early && model.loaded && !model.shown_ready && model.overlay.is_none() {
        model.shown_ready = true;
        model.overlay = Some(Overlay::Ready { scroll: 0, by_itself: true });
    }
}

/// Opens it, or says why there is none.
pub fn open(model: &mut Model) {
    match card(model) {
        Some(_) => model.overlay = Some(Overlay::Ready { scroll: 0, by_itself: false }),
        None if model.trouble.ready.is_none() => model.refuse("the engine has not looked yet whether it can start"),
        None => model.refuse("the launch has begun, and T-0 is over"),
    }
}
