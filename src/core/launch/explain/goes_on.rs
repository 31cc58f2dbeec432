//! What a step waits for that goes on: its command runs, or is over and what must hold is looked at.

use super::back::{rollback_of, stops};
use super::{Explanation, found};
use crate::core::event::Actor;
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::answers::{cut_off, fails_at, lacks_data, only_boxes, soak, unmet};
use crate::core::launch::due::{about, going_back};
use crate::core::launch::{LaunchState, RunState, Status, StepState, wanted_baseline};
use crate::core::order::What;
use crate::core::outline::{OnStop, StepOutline};
use crate::core::time::Timestamp;
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::{left, short};

/// Something of what must hold is known not to.
fn is_false(readout: &Readout, step: &StepOutline) -> bool {
    let of = |at| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), at));
    (0..step.verify.len()).any(|at| of(at).is_some_and(|view| view.now == Some(false)))
}

/// Its command runs.
pub(super) fn running(
    state: &LaunchState,
    readout: &Readout,
    step: &StepOutline,
    own: &StepState,
    run: &RunId,
    now: Timestamp,
) -> Explanation {
    let mut said = Explanation::new("running", own.started);
    let by = own.started_by.as_ref().map_or_else(|| "engine".to_owned(), Actor::to_string);
    if let Some(asks) = readout.asking.get(run) {
        said = Explanation::new("waits for input", Some(asks.since));
        said.because.push(format!("its command asks: {}", asks.words()));
        said.orders.push(What::Input { run: run.clone(), line: String::new() });
    }
    said.because.push(format!("its command{} runs, started by {by}", readout.process(run)));
    if let (Status::RollingBack(number), Some((awaited, _))) = (&state.status, state.way_back_awaits())
        && awaited == run
    {
        let title = rollback_of(state, *number).map_or("", |rollback| rollback.title.as_str());
        said.because.push(format!("the way back, {title}, waits until it ends"));
    }
    if let Some(limit) = fails_at(state, step) {
        said.because.push(format!(
            "it fails at its limit, in {}",
            about(limit.since(now).min(limit.since(own.started.unwrap_or(now))))
        ));
    }
    let ends = state.runs.get(run).zip(step.timeout).map(|(known, timeout)| (known.started + timeout, timeout));
    if let Some((at, timeout)) = ends.filter(|(at, _)| *at > readout.at) {
        said.because.push(format!("it is ended at its timeout of {timeout}, in {}", left(at.since(readout.at))));
    }
    let stop = |let_finish| What::Stop { step: step.id.clone(), attempt: own.attempt, let_finish };
    let only_finish = step.on_stop == OnStop::Finish;
    match state.runs.get(run) {
        Some(r) if r.stopping => {
            let by = r.stopped_by.as_ref().map_or_else(|| "engine".to_owned(), |by| by.to_string());
            said.because.push(format!("it is being stopped, says {by}"));
        }
        Some(RunState { let_finish: Some(by), .. }) => {
            said.because.push(format!("it is let finish, says {by}"));
            said.orders.extend(stops(state, run));
        }
        _ if overtime(state, run, readout.at).is_some() => {
            said.because.extend(overtime(state, run, readout.at));
        }
        _ if only_finish => {
            said.because.push("the plan says to let its command finish".to_owned());
            said.orders.push(stop(true));
            said.orders.extend(stops(state, run));
        }
        _ => said.orders.push(stop(false)),
    }
    said
}

/// Its command was given its time, and is ended by what watches it: nobody need stop it.
pub(super) fn overtime(state: &LaunchState, run: &RunId, now: Timestamp) -> Option<String> {
    let began = state.runs.get(run).filter(|known| known.end.is_none())?.started;
    let step = state.outline.step(&run.step)?;
    let timeout = match run.kind {
        RunKind::Do => step.timeout,
        RunKind::Undo => step.undo.as_ref().and_then(|undo| undo.timeout),
    }?;
    (now >= began + timeout).then(|| format!("it runs longer than its timeout of {timeout} and is being ended"))
}

/// Whether all of its `verify` holds, and did for as long as it must.
fn all_hold(readout: &Readout, step: &StepOutline) -> bool {
    let view = |i| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i));
    (0..step.verify.len()).all(|i| view(i).is_some_and(|view| view.held == Some(true)))
}

/// Its command is over, and what must hold is looked at.
pub(super) fn soaking(
    state: &LaunchState,
    readout: &Readout,
    step: &StepOutline,
    own: &StepState,
    since: Timestamp,
    now: Timestamp,
) -> Explanation {
    let open = step.items.len() - (0..step.items.len()).filter(|i| own.ticks.contains_key(i)).count();
    let broken = state.soak_is_broken(readout, &step.id);
    let word = match (broken, step.soak, step.verify.is_empty()) {
        _ if open > 0 && only_boxes(state, readout, step, now) => "waits for boxes",
        (true, ..) => "soak broken",
        (false, Some(_), _) => "soaking",
        (false, None, false) => "verifying",
        (false, None, true) if open > 0 => "waits for boxes",
        (false, None, true) => "its command is over",
    };
    let lacks = unmet(state, readout, step, readout.at);
    // Its clock is that of what began to hold last.
    let views = (0..step.verify.len()).filter_map(|i| readout.conditions.get(&ConditionOf::Verify(step.id.clone(), i)));
    let holds = views.filter_map(|view| view.since).max().filter(|_| !broken && lacks.is_none());
    let since = match (&lacks, own.broke.filter(|broke| *broke >= since)) {
        // That it broke once more is not on record, as while a way back runs.
        (Some(unmet), Some(_)) if unmet.broken && !broken => None,
        // Also where it broke under an engine before: it begins anew with the next one, and broke when it did.
        _ if broken => own.broke.or(Some(since)),
        // Where it held again after that and has no data now, since when is not known.
        (_, broke) => holds.or_else(|| broke.is_none().then_some(since)),
    };
    let mut said = Explanation::new(word, since);
    if let Status::RollingBack(number) = state.status
        && rollback_of(state, number).is_some_and(|back| back.undoes.contains(&step.id))
    {
        said.because.push(format!("{}: it undoes this too", going_back(state, number)));
    }
    for (i, condition) in step.verify.iter().enumerate() {
        said.because.push(found(readout, condition, &ConditionOf::Verify(step.id.clone(), i)));
    }
    if let Some(due) = soak(state, readout, step, now).and_then(|soak| soak.reading) {
        let when = if due > now { format!("in {}", short(due.since(now))) } else { "now".to_owned() };
        said.because.push(format!("the next reading is due {when}"));
    }
    let lacks_nothing = lacks.is_none() && !is_false(readout, step);
    if let Some(unmet) = lacks {
        said.state = unmet.word().to_owned();
        match (unmet.fails, step.limit) {
            (Some(at), Some(limit)) => {
                said.because.push(format!("it fails at its limit of {limit}, in {}", left(at.since(readout.at))));
            }
            _ if unmet.going_back => {
                said.because.push("while the way back runs nothing comes of that, and no limit ends it".to_owned());
            }
            _ if unmet.broken => {}
            _ => said.because.push("no limit: it waits until that holds".to_owned()),
        }
    } else if let Some(at) = fails_at(state, step).filter(|_| is_false(readout, step)) {
        said.because.push(format!("it fails at its limit, in {}", left(at.since(readout.at))));
    }
    if let (false, Some(at), Some(limit)) = (broken, cut_off(state, readout, step, now), step.limit) {
        let left = left(at.since(now));
        said.because.push(format!("it fails at its limit of {limit}, in {left}, before its soak is over"));
    }
    let blind = !broken && lacks_data(state, readout, step, now);
    let waits = lacks_nothing && step.soak.is_none() && !all_hold(readout, step);
    match (fails_at(state, step), step.limit) {
        (Some(at), _) if blind => {
            said.because.push(format!("its limit runs on meanwhile: it fails in {}", left(at.since(now))));
        }
        (Some(at), Some(limit)) if waits => {
            said.because.push(format!("it fails at its limit of {limit}, in {}", left(at.since(now))));
        }
        _ => {}
    }
    said.orders.extend(wanted_baseline(state, &step.verify));
    let first = (0..step.items.len()).find(|i| !own.ticks.contains_key(i));
    if let Some(first) = first {
        said.because.push(format!("{open} of {} boxes are open", step.items.len()));
        said.orders.push(What::Tick { step: step.id.clone(), item: Some(first), on: true });
    }
    said.orders.push(What::Stop { step: step.id.clone(), attempt: own.attempt, let_finish: false });
    said.orders.push(What::Done { step: step.id.clone(), why: Some(String::new()) });
    said
}
