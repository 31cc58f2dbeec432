//! An engine that says nothing. It speaks every second; where it does not, what stands on the screen is old, and that
//! must be seen. A stopped or hung engine does not close its socket, so nothing else would tell.

use super::model::{Line, Model};
use crate::core::launch::answers::Words;
use crate::core::time::Span;

/// After this long without a word the link counts as lost.
pub(super) const SILENT: Span = Span::secs(5);

/// An order that is not answered for this long is said to be so.
const SLOW: Span = Span::secs(1);

/// The engine said something.
pub(super) fn heard(model: &mut Model) {
    model.heard = model.mono;
    if let Some(heard) = model.heard_last.take() {
        model.readout = heard;
    }
    if model.silent {
        model.silent = false;
        model.line = Line::Up;
        model.toast("the engine answers again");
    }
}

/// Lets what was measured age while nothing is heard: it stays on the screen, but as what was.
pub(super) fn age(model: &mut Model) {
    let (Line::Lost { .. }, Some(launch)) = (&model.line, &model.launch) else { return };
    let now = model.now();
    let heard = model.heard_last.take().unwrap_or_else(|| std::mem::take(&mut model.readout));
    model.readout = heard.unheard(&launch.outline, now);
    model.heard_last = Some(heard);
}

/// How people come to an engine again, and to the ways back without one: the longest form first. One that closed the
/// connection is gone, and was started again once already; one that hangs must end first.
pub(super) fn way_out(model: &Model) -> Option<Words> {
    let (Line::Lost { .. }, Some(launch)) = (&model.line, &model.launch) else { return None };
    let attach = format!("`tminus attach {}`", launch.id);
    let back = match model.silent {
        true => format!("end the process that hangs, then {attach}"),
        false => format!("{attach} starts it again"),
    };
    let sheet = "`tminus check --sheet PLAN`";
    Some(Words::of([format!("{back}; by hand: {sheet}"), format!("{attach}; by hand: {sheet}"), attach]))
}

/// That no order can be sent, and the way out, as long as the line at the bottom has room for.
pub(super) fn no_engine(model: &Model) -> Option<String> {
    let out = way_out(model)?;
    let room = usize::from(model.size.0.saturating_sub(16));
    let heads = ["no engine takes orders now, and nothing is queued", "no engine, nothing is queued", "no engine"];
    // What to do is worth more than what is not done.
    let all = out.forms().flat_map(|out| heads.iter().map(move |head| format!("{head}: {out}")));
    let all: Vec<String> = all.collect();
    all.iter().find(|text| text.chars().count() <= room).or(all.last()).cloned()
}

/// Looks whether the engine is silent; to be called every second.
pub(super) fn watch(model: &mut Model) {
    // After a suspend of our own what the engine said meanwhile is still to be read.
    if model.mono - model.ticked > Span::secs(3) {
        model.heard = model.mono;
    }
    model.ticked = model.mono;
    if model.line == Line::Up && model.launch.is_some() && model.mono - model.heard >= SILENT {
        model.silent = true;
        let why = "the engine says nothing; it may hang or be stopped".to_owned();
        model.line = Line::Lost { since: model.heard, why, attempts: 0, given_up: false };
        model.dirty = true;
    }
    let now = model.mono;
    if model.sent.values().any(|(at, _)| now - *at >= SLOW && now - *at < SILENT) {
        model.refuse("sent, but the engine has not answered yet");
    }
}
