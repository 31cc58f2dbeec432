//! Taking a changed plan into a launch under way. It may change what is to come; what was done, is open or was said rests
//! on the old one, and a plan that would take that away is refused, with the place.

use super::Case;
use crate::core::event::Event;
use crate::core::ids::{RunKind, StepId};
use crate::core::launch::due::going_back;
use crate::core::launch::explain::go_on;
use crate::core::launch::{LaunchState, RollbackStatus, Status, StepStatus, open_incidents};
use crate::core::order::{Ballot, Operator, Rejection, Way, What};
use crate::core::outline::Outline;

pub(super) fn adopt(case: Case<'_>, by: &Operator, hash: String, new: Box<Outline>) -> Result<Vec<Event>, Rejection> {
    let state = case.state;
    if case.is_ended() {
        return Err(Rejection::new("the launch is over; its plan is history"));
    }
    if hash == state.plan_hash {
        return Err(Rejection::new("the plan file is the one that was taken in already"));
    }
    if let Status::RollingBack(number) = state.status
        && let Some(instead) = disturbs(state, &new)
    {
        return Err(Rejection::but(going_back(state, number), instead).any(go_on(state, number)));
    }
    let under_way = |id: &StepId| !state.is_added(id) && new.step(id).is_none();
    let gone = state.steps.iter().find(|(id, s)| s.status.is_active() && under_way(id));
    if let Some((id, _)) = gone {
        let why = format!("`{id}` is under way and the new plan does not have it");
        return Err(case.runs_on(why, id, ", then take the plan in"));
    }
    if let Some(why) = loses_undo(state, &new) {
        return Err(Rejection::but(why, "keep it in the file, or go back first"));
    }
    if let Some(why) = adds_a_box(state, &new) {
        return Err(Rejection::but(why, "put it into a step of its own"));
    }
    if let Some((why, instead)) = silences(state, &new) {
        return Err(Rejection::but(why, "answer that first, or keep it in the file").any(instead));
    }
    if new.environment != state.outline.environment {
        return Err(Rejection::but(
            format!("the new plan is for {}, the launch for {}", new.environment, state.outline.environment),
            "launch it there instead",
        ));
    }
    let (lost, other_undo) = (state.ticks_lost(&new), other_undo(state, &new));
    Ok(vec![Event::PlanAdopted { by: by.clone(), plan_hash: hash, outline: new, lost, other_undo }])
}

/// Why a changed plan can't be taken in while a way back is under way. One that stopped may be mended: what its steps run
/// may change, and not which they are.
fn disturbs(state: &LaunchState, new: &Outline) -> Option<&'static str> {
    let rollback = state.rollbacks.last()?;
    if !matches!(rollback.status, RollbackStatus::Stopped { .. }) || state.runs.values().any(|run| run.end.is_none()) {
        return Some("take the plan in after it");
    }
    let same = match &rollback.way {
        Way::Named(id) => {
            let items = rollback.items.iter().map(|item| &item.run.step);
            new.rollback(id).is_some_and(|kept| kept.steps.iter().map(|step| &step.id).eq(items))
        }
        Way::Stage(_) | Way::All => true,
    };
    let kept = rollback.items.iter().skip(rollback.next).all(|item| match item.run.kind {
        RunKind::Undo => new.step(&item.run.step).is_some_and(|step| step.undo.is_some()),
        RunKind::Do => new.step(&item.run.step).is_some(),
    });
    (!same || !kept).then_some("meanwhile only what its steps run may change, not which they are")
}

/// Steps that began and were not undone since, those that were added in the launch left out: an undo of those is not of
/// the file.
fn began(state: &LaunchState) -> impl Iterator<Item = &StepId> {
    let all = state.outline.steps.iter().map(|step| &step.id);
    all.filter(|id| state.steps.get(*id).is_some_and(|own| own.touched) && !state.is_added(id))
}

/// Why a changed plan would leave what a step did without its way back.
fn loses_undo(state: &LaunchState, new: &Outline) -> Option<String> {
    let own = |outline: &Outline, id: &StepId| outline.step(id).is_some_and(|step| step.undo.is_some());
    let named = |outline: &Outline, id: &StepId| {
        let of = outline.rollbacks.iter().find(|rollback| rollback.undoes.contains(id));
        of.map(|rollback| rollback.id.clone())
    };
    began(state).find_map(|id| match (own(&state.outline, id), named(&state.outline, id)) {
        (true, _) if new.step(id).is_none() => {
            Some(format!("`{id}` began, and the new plan does not have it: its undo would be lost"))
        }
        (true, _) if !own(new, id) => Some(format!("`{id}` began, and the new plan takes its undo away")),
        (_, Some(rollback)) if named(new, id).is_none() && !own(new, id) => {
            Some(format!("`{id}` began, and in the new plan nothing undoes it, as rollback `{rollback}` does"))
        }
        _ => None,
    })
}

/// Why a changed plan would call a box done that nobody ticked: one that is new in a step that is done.
fn adds_a_box(state: &LaunchState, new: &Outline) -> Option<String> {
    let done = new
        .steps
        .iter()
        .filter(|step| matches!(state.steps.get(&step.id).map(|own| &own.status), Some(StepStatus::Done { .. })));
    done.filter_map(|step| Some((step, state.outline.step(&step.id)?))).find_map(|(step, old)| {
        let count = |items: &[String], text: &String| items.iter().filter(|item| *item == text).count();
        let text = step.items.iter().find(|text| count(&step.items, text) > count(&old.items, text))?;
        Some(format!("`{}` is done, and the new plan gives it another box, `{text}`, that nobody ticked", step.id))
    })
}

/// Why a changed plan would make something vanish that waits for an answer, and the orders that answer it: the no-go of an
/// open poll, a trigger that fired, the severity of an open incident.
fn silences(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    let polls = state.outline.steps.iter().filter_map(|step| {
        let own = state.steps.get(&step.id).filter(|own| own.status == StepStatus::Polling)?;
        Some((step, own.poll.as_ref()?))
    });
    let votes =
        polls.flat_map(|(step, poll)| poll.votes.iter().map(move |(role, vote)| (step, poll.round, role, vote)));
    let no_go = votes.into_iter().find_map(|(step, round, role, vote)| {
        let kept = new.step(&step.id)?.gate.as_ref().is_some_and(|gate| gate.poll.contains(role));
        (vote.vote == Ballot::NoGo && !kept).then(|| {
            let why =
                format!("{} said no-go for `{role}` at `{}`, and the new plan does not ask `{role}`", vote.by, step.id);
            let decide = |go, why| What::Decide { gate: step.id.clone(), round, go, why };
            (why, vec![decide(false, Some(String::new())), decide(true, Some(String::new()))])
        })
    });
    let fired = || {
        state.outline.triggers.iter().find_map(|trigger| {
            let fired = state.triggers.get(&trigger.id)?.fired.as_ref()?;
            let kept = new.triggers.iter().any(|kept| kept.id == trigger.id);
            (fired.dismissed.is_none() && !kept).then(|| {
                let dismiss = What::Dismiss { trigger: trigger.id.clone(), why: String::new() };
                (format!("trigger `{}` fired, and the new plan does not have it", trigger.id), vec![dismiss])
            })
        })
    };
    let incident = || {
        open_incidents(state).into_iter().find_map(|number| {
            let level = state.incidents.get((number as usize).checked_sub(1)?)?.level;
            let had = state.outline.severities.contains_key(&level);
            (had && !new.severities.contains_key(&level)).then(|| {
                let why =
                    format!("SEV{level} #{number} is open, and the new plan does not say what a SEV{level} asks for");
                (why, vec![What::Resolved { incident: number, text: String::new() }])
            })
        })
    };
    no_go.or_else(fired).or_else(incident)
}

/// Steps that began and whose undo is another one in a changed plan: to mend one is what a plan may be changed for, but
/// nobody should learn of it when it runs.
fn other_undo(state: &LaunchState, new: &Outline) -> Vec<StepId> {
    let undo =
        |outline: &Outline, id: &StepId| outline.step(id).and_then(|step| step.undo.clone()).map(|undo| undo.run);
    began(state).filter(|id| undo(&state.outline, id) != undo(new, id)).cloned().collect()
}
