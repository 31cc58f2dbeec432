//! *Since you were away*: asked for when the screen comes to a launch, shown once where something happened, and again with
//! `:away`. It comes before the READY card, which has its turn when this is closed with Esc.

use super::dialogs::Overlay;
use super::model::{Asked, Model};
use super::update::{Effects, get};
use super::view;
use crate::core::away::{Away, away};
use crate::core::event::Recorded;
use crate::core::ids::Seq;
use crate::core::time::Timestamp;
use crate::wire::message::Query;

/// So many events are looked at, at most; the engine gives no more at once.
const MOST: u64 = 20_000;

/// What happened since somebody was here.
#[derive(Clone, Debug)]
pub struct SinceAway {
    /// Since when.
    pub since: Timestamp,
    /// The person asked for that moment; else it is when their last screen closed.
    pub asked: bool,
    events: Vec<Recorded>,
    /// What it comes to; none while it is on its way.
    pub told: Option<Away>,
}

/// Asks what happened since the person was here, or since the moment that they named.
pub(super) fn ask(model: &mut Model, out: &mut Effects) {
    let Some(head) = model.launch.as_ref().map(|launch| launch.head) else { return };
    let oldest = Seq(head.0.saturating_sub(MOST - 1).max(1));
    let asked = model.since.map(|span| (model.now() - span, oldest));
    let (since, from) = match (asked, model.last_here) {
        (Some(asked), _) => asked,
        (None, Some(last)) => (last.at, Seq(last.head.0 + 1).max(oldest)),
        (None, None) => return,
    };
    let told = (from > head).then(Away::default);
    let waits = told.is_none();
    model.away = Some(SinceAway { since, asked: asked.is_some(), events: Vec::new(), told });
    if waits {
        get(model, Asked::Away, Query::Events { from, to: head }, out);
    }
}

/// Takes in a part of the answer.
pub(super) fn part(model: &mut Model, events: Vec<Recorded>, more: bool) {
    let (Some(launch), Some(own)) = (&model.launch, &mut model.away) else { return };
    let since = own.since;
    let asked = own.asked;
    own.events.extend(events.into_iter().filter(|recorded| !asked || recorded.at >= since));
    if more {
        return;
    }
    own.events.sort_by_key(|recorded| recorded.seq);
    let told = away(launch, &own.events);
    own.events.clear();
    let happened = !told.is_empty();
    own.told = Some(told);
    match (happened, &model.overlay) {
        (true, None) => {
            model.overlay = Some(Overlay::Away { scroll: 0, came: Some(model.mono) });
            // It has its turn when this one is closed.
            model.shown_ready = true;
        }
        // A key on its way is meant for what is open.
        (true, Some(_)) => model.toast("something happened since you were here; :away shows it"),
        (false, _) => {}
    }
    super::ready::open_once(model);
}

/// The engine can't say.
pub(super) fn failed(model: &mut Model, why: String) {
    model.away = None;
    model.refuse(why);
    super::ready::open_once(model);
}

/// Whether it is still on its way.
pub(super) fn is_awaited(model: &Model) -> bool {
    model.away.as_ref().is_some_and(|own| own.told.is_none())
}

/// Shows it again.
pub(super) fn show(model: &mut Model) {
    if view::layout(model).tiny {
        return model.refuse("this screen has no room for it: make it larger, or `tminus log`");
    }
    match model.away.as_ref().map(|own| own.told.as_ref().map(Away::is_empty)) {
        None => model.refuse("no screen of yours was here before: nothing is known to have been missed"),
        Some(None) => model.toast("what happened is on its way"),
        Some(Some(true)) => model.toast("nothing happened since you were here last"),
        Some(Some(false)) => model.overlay = Some(Overlay::Away { scroll: 0, came: None }),
    }
}
