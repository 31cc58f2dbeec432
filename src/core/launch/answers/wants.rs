//! What wants a person though nothing that is measured is wrong: a question of a command, a hold, a step that did not come
//! to its end. NOW and `tminus status` are both made from it, so that neither calls it all well.

use super::{AlarmKind, Moment, by_time, cut_off, unmet};
use crate::core::ids::RunKind;
use crate::core::launch::{LaunchState, StepStatus, ways};
use crate::core::outline::StepOutline;
use crate::core::spell;
use crate::core::view::Readout;
use crate::core::words::{clock, left};

/// What kind of thing wants a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantKind {
    /// A command waits for a line.
    Input,
    /// Somebody, or the engine, holds the launch.
    Hold,
    /// A step failed or was stopped or interrupted, a gate was decided no-go or expired.
    Step,
    /// A way back was left half done.
    HalfBack,
    /// What must hold after a step's command does not yet, or not for long enough before its limit.
    Verify,
    /// The plan's file is not what the launch runs.
    Plan,
}

/// Something that wants a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// What kind.
    pub kind: WantKind,
    /// The word for NOW: `HELD`, `STEP FAILED`.
    pub head: &'static str,
    /// What, in a sentence: `ana holds: looks odd`.
    pub what: String,
}

/// All that wants a person, questions first, then holds, then a way back left half done,
/// then steps, the one that failed first first, then the plan's file,
/// of which `plan` says how it differs.
pub fn wants(state: &LaunchState, readout: &Readout, plan: Option<&str>) -> Vec<Want> {
    let want = |kind, head, what| Want { kind, head, what };
    let asking = readout.asking.iter().map(|(run, asks)| {
        let what = format!("{0} waits for input: {1} (`tminus do input {0} LINE`)", run.step, asks.words());
        want(WantKind::Input, "WAITS FOR INPUT", what)
    });
    let holds = state.holds().map(|hold| want(WantKind::Hold, "HELD", format!("{} holds: {}", hold.by, hold.why)));
    let failed = by_time(state).into_iter().map(|step| {
        let (id, word) = (&step.id, state.word(&step.id));
        match state.steps.get(id).map(|own| &own.status) {
            Some(StepStatus::Failed { why, .. }) if state.was_stopped(id) => {
                want(WantKind::Step, AlarmKind::Stopped.word(), format!("{id} {why}"))
            }
            Some(StepStatus::Failed { why, .. }) => {
                let head = if state.undo_failed(id) { "UNDO FAILED" } else { "STEP FAILED" };
                want(WantKind::Step, head, format!("{id} {word}: {why}"))
            }
            status => {
                let undo = matches!(status, Some(StepStatus::Interrupted { run, .. }) if run.kind == RunKind::Undo);
                let what = if undo { RunKind::Undo.of(id) } else { id.to_string() };
                let lives = state.outlived(readout).find(|(run, _)| run.step == *id).map(|(_, pid)| pid);
                let lives =
                    lives.map_or_else(String::new, |pid| format!(", and still runs, unwatched, as process {pid}"));
                want(WantKind::Step, "INTERRUPTED", format!("{what} was interrupted{lives}"))
            }
        }
    });
    let half = state.half_backs().map(|half| {
        let orders = half.orders(&ways(state, readout)).into_iter();
        let orders: Vec<_> = orders.map(|order| format!("`tminus do {}`", spell::write(&order))).collect();
        let (title, ran, ago) = (&half.of.title, half.ran(state), clock(readout.at.max(half.left).since(half.left)));
        let what = format!("{title} was left half done {ago} ago: {ran}; {}", orders.join(" or "));
        want(WantKind::HalfBack, AlarmKind::HalfBack.word(), what)
    });
    let gates = state.outline.steps.iter().filter_map(|step| match state.steps.get(&step.id)?.status {
        StepStatus::NoGo { .. } => Some(want(WantKind::Step, "NO-GO", format!("{} is no-go", step.id))),
        StepStatus::Expired { .. } => Some(want(WantKind::Step, "EXPIRED", format!("{} expired", step.id))),
        _ => None,
    });
    let late = |step: &StepOutline| {
        let at = cut_off(state, readout, step, readout.at)?;
        let (limit, left) = (step.limit?, left(at.since(readout.at)));
        let what = format!("{} soaks, and fails at its limit of {limit}, in {left}, before that is over", step.id);
        Some(want(WantKind::Verify, "SOAKS TOO LATE", what))
    };
    let unmet = state.outline.steps.iter().filter_map(|step| {
        let Some(unmet) = unmet(state, readout, step, readout.at) else { return late(step) };
        let head = if unmet.broken { "SOAK BROKEN" } else { "NOT HELD YET" };
        let what = format!("{} {}: {}, {}", step.id, unmet.word(), unmet.what, unmet.until(readout.at));
        Some(want(WantKind::Verify, head, what))
    });
    let plan = plan.map(|why| want(WantKind::Plan, AlarmKind::Plan.word(), format!("{why} (`tminus do diff`)")));
    asking.chain(holds).chain(half).chain(failed).chain(gates).chain(unmet).chain(plan).collect()
}

/// The word that NOW says of what wants a person but for holds: those often stand because of that. A file that was edited
/// says nothing of production: it is named where all else is well.
pub(super) fn head(m: &Moment<'_>) -> Option<&'static str> {
    wants(m.state, m.readout, None).iter().find(|want| want.kind != WantKind::Hold).map(|want| want.head)
}
