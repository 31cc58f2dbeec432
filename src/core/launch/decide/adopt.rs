//! Taking a changed plan into a launch under way. It may change what is to come; what was done, is open or was said rests
//! on the old one, and a plan that would take that away is refused, with the place.

use std::collections::BTreeMap;

use super::Case;
use super::launch::found;
use crate::core::event::Event;
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::launch::due::going_back;
use crate::core::launch::explain::go_on;
use crate::core::launch::{LaunchState, RollbackStatus, Status, StepStatus, open_incidents};
use crate::core::order::{Ballot, Operator, Rejection, Way, What};
use crate::core::outline::{Outline, RollbackOutline, SeverityOutline, StepOutline, TriggerOutline};
use crate::core::time::{Span, Timestamp};

pub(super) fn adopt(
    case: Case<'_>,
    by: &Operator,
    hash: String,
    new: Box<Outline>,
    strays: Vec<(RunId, Timestamp)>,
) -> Result<Vec<Event>, Rejection> {
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
    if let Some((why, settled)) = changes_half_back(state, &new) {
        return Err(Rejection::but(why, "put that right first").any(Some(settled)));
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
    let (lost, other_undo, under_way) = (state.ticks_lost(&new), other_undo(state, &new), goes_on(state, &new));
    let mut events =
        vec![Event::PlanAdopted { by: by.clone(), plan_hash: hash, outline: new, lost, other_undo, under_way }];
    if !strays.is_empty() {
        let names = strays.iter().map(|(run, _)| format!("`{run}`")).collect::<Vec<_>>().join(", ");
        let why =
            format!("the new plan has the steps of commands that the journal did not know: {names}. They are taken up");
        events.extend(found(case, strays));
        events.extend(case.hold("the new plan has the steps of ", why));
    }
    Ok(events)
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

/// Why a changed plan would leave what a step did without its way back: its own undo, or a rollback that is open.
fn loses_undo(state: &LaunchState, new: &Outline) -> Option<String> {
    let own = |outline: &Outline, id: &StepId| outline.step(id).is_some_and(|step| step.undo.is_some());
    let touched = |id: &StepId| state.steps.get(id).is_some_and(|own| own.touched);
    let open = |rollback: &&RollbackOutline| !rollback.possible_until.as_ref().is_some_and(touched);
    let named = |outline: &Outline, id: &StepId| {
        let mut of = outline.rollbacks.iter().filter(open).filter(|rollback| rollback.undoes.contains(id));
        of.next().map(|rollback| rollback.id.clone())
    };
    began(state).find_map(|id| match (own(&state.outline, id), named(&state.outline, id)) {
        (true, _) if new.step(id).is_none() => {
            Some(format!("`{id}` began, and the new plan does not have it: its undo would be lost"))
        }
        (true, _) if !own(new, id) => Some(format!("`{id}` began, and the new plan takes its undo away")),
        (_, Some(rollback)) if named(new, id).is_none() && !own(new, id) => {
            let shut = new.rollbacks.iter().find(|kept| kept.undoes.contains(id)).and_then(|kept| {
                let until = kept.possible_until.as_ref()?;
                Some(format!(": its rollback `{}` is possible until `{until}` begins, as it did", kept.id))
            });
            let shut = shut.unwrap_or_default();
            Some(format!("`{id}` began, and in the new plan nothing undoes it, as rollback `{rollback}` does{shut}"))
        }
        _ => None,
    })
}

/// Why a changed plan would change a way back that was left half done: which of its commands ran would not be known.
fn changes_half_back(state: &LaunchState, new: &Outline) -> Option<(String, What)> {
    state.half_backs().find_map(|half| {
        let Way::Named(id) = &half.of.way else { return None };
        let steps = |outline: &Outline| {
            outline.rollback(id).map(|of| of.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>())
        };
        let why = || format!("rollback `{id}` was left half done, and the new plan has other steps in it");
        (steps(&state.outline) != steps(new)).then(|| (why(), half.settled()))
    })
}

/// Why a changed plan would call a box done that nobody ticked: one that is new in a step that is done.
fn adds_a_box(state: &LaunchState, new: &Outline) -> Option<String> {
    let done = new.steps.iter().filter(|step| matches!(status(state, step), Some(StepStatus::Done { .. })));
    done.filter_map(|step| Some((step, state.outline.step(&step.id)?))).find_map(|(step, old)| {
        let count = |items: &[String], text: &String| items.iter().filter(|item| *item == text).count();
        let text = step.items.iter().find(|text| count(&step.items, text) > count(&old.items, text))?;
        Some(format!("`{}` is done, and the new plan gives it another box, `{text}`, that nobody ticked", step.id))
    })
}

/// Why a changed plan would make something vanish that waits for an answer, and the orders that answer it.
fn silences(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    no_go_gate(state, new)
        .or_else(|| no_go_vote(state, new))
        .or_else(|| fired_trigger(state, new))
        .or_else(|| open_severity(state, new))
}

/// Who waited for a gate that is no-go waits for it still, or is not in the plan any more.
fn no_go_gate(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    let steps = &state.outline.steps;
    let gates = steps.iter().filter(|step| matches!(status(state, step), Some(StepStatus::NoGo { .. })));
    gates.into_iter().find_map(|gate| {
        let waits = |outline: &Outline, id: &StepId| outline.step(id).is_some_and(|s| s.after.contains(&gate.id));
        let mut behind = steps.iter().map(|step| &step.id).filter(|id| waits(&state.outline, id));
        let free = behind.find(|id| new.step(id).is_some() && !waits(new, id));
        let kept = new.step(&gate.id).is_some_and(|kept| kept.gate.is_some());
        let why = match free {
            _ if !kept => format!("`{}` is no-go, and in the new plan it is no gate", gate.id),
            Some(free) => format!("`{}` is no-go, and in the new plan `{free}` does not wait for it", gate.id),
            None => return None,
        };
        Some((why, vec![polled_again(state, &gate.id)]))
    })
}

/// Whoever said no-go at a gate is asked still, in an open poll and once it is decided.
fn no_go_vote(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    state.outline.steps.iter().find_map(|step| {
        let polling = match status(state, step)? {
            StepStatus::Polling => true,
            StepStatus::NoGo { .. } => false,
            _ => return None,
        };
        let poll = state.steps.get(&step.id)?.poll.as_ref()?;
        let asked = &new.step(&step.id)?.gate.as_ref().map_or(&[][..], |gate| &gate.poll);
        let (role, vote) = poll.votes.iter().find(|(role, vote)| vote.vote == Ballot::NoGo && !asked.contains(role))?;
        let id = &step.id;
        let why = format!("{} said no-go for `{role}` at `{id}`, and the new plan does not ask `{role}`", vote.by);
        let decide = |go| What::Decide { gate: id.clone(), round: poll.round, go, why: Some(String::new()) };
        Some((why, if polling { vec![decide(false), decide(true)] } else { vec![polled_again(state, id)] }))
    })
}

/// A trigger that fired asks what it asked.
fn fired_trigger(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    state.outline.triggers.iter().find_map(|trigger| {
        let fired = state.triggers.get(&trigger.id)?.fired.as_ref()?;
        let asks = |of: &TriggerOutline| (of.id.clone(), of.fires.clone(), of.action, of.rollback.clone());
        let kept = new.triggers.iter().any(|kept| asks(kept) == asks(trigger));
        (fired.dismissed.is_none() && !kept).then(|| {
            let dismiss = What::Dismiss { trigger: trigger.id.clone(), why: String::new() };
            let why =
                format!("trigger `{}` fired, and the new plan does not have what it fired on and asks", trigger.id);
            (why, vec![dismiss])
        })
    })
}

/// The clocks of an open incident run on.
fn open_severity(state: &LaunchState, new: &Outline) -> Option<(String, Vec<What>)> {
    open_incidents(state).into_iter().find_map(|number| {
        let level = state.incidents.get((number as usize).checked_sub(1)?)?.level;
        let was = state.outline.severities.get(&level)?;
        let clocks = |of: &SeverityOutline| [of.respond.is_some(), of.update.is_some()];
        let now = new.severities.get(&level).map_or([false; 2], clocks);
        let kept = new.severities.contains_key(&level) && clocks(was).iter().zip(now).all(|(was, now)| now || !was);
        (!kept).then(|| {
            let why = format!("SEV{level} #{number} is open, and the new plan takes away what a SEV{level} asks for");
            (why, vec![What::Resolved { incident: number, text: String::new() }])
        })
    })
}

fn status<'a>(state: &'a LaunchState, step: &StepOutline) -> Option<&'a StepStatus> {
    state.steps.get(&step.id).map(|own| &own.status)
}

fn polled_again(state: &LaunchState, gate: &StepId) -> What {
    let attempt = state.steps.get(gate).map_or(1, |own| own.attempt.saturating_add(1));
    What::Run { step: gate.clone(), attempt }
}

/// How what is under way goes on in another way in a changed plan, each as people read it.
fn goes_on(state: &LaunchState, new: &Outline) -> Vec<String> {
    let active = state.outline.steps.iter().filter(|step| status(state, step).is_some_and(StepStatus::is_active));
    let both = active.filter_map(|step| Some((step, new.step(&step.id)?)));
    let mut found = Vec::new();
    for (was, now) in both {
        let expires = |step: &StepOutline| step.gate.as_ref().and_then(|gate| gate.expires);
        let require = |step: &StepOutline| step.gate.as_ref().map(|gate| gate.require.clone());
        let poll = |step: &StepOutline| step.gate.as_ref().map(|gate| gate.poll.clone());
        let spans = [
            ("timeout", was.timeout, now.timeout),
            ("soak", was.soak, now.soak),
            ("limit", was.limit, now.limit),
            ("expires", expires(was), expires(now)),
        ];
        let said = |span: Option<Span>| span.map_or_else(|| "none".to_owned(), |span| span.to_string());
        let spans = spans.into_iter().filter(|(_, was, now)| was != now);
        let spans = spans.map(|(name, was, now)| format!("{name} {} -> {}", said(was), said(now)));
        let other = [
            (was.verify != now.verify, "another verify"),
            (was.fail != now.fail, "another fail"),
            (require(was) != require(now), "another require"),
            (poll(was) != poll(now), "another poll"),
        ];
        let other = other.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.to_owned());
        let all: Vec<String> = spans.chain(other).collect();
        if !all.is_empty() {
            found.push(format!("`{}`: {}", was.id, all.join(", ")));
        }
    }
    for now in &new.probes {
        match state.outline.probe(&now.id) {
            Some(was) if !was.asks_as(now) => {
                found.push(format!("`{}` asks {} now, and what it measured before does not count", now.id, now.target));
            }
            Some(was) if was.every > now.every.times(3) => {
                let (was, now, id) = (was.every, now.every, &now.id);
                found.push(format!("`{id}` is asked every {now}, not every {was}: its clocks begin anew"));
            }
            _ => {}
        }
    }
    found
}

/// How what began is undone in another way in a changed plan, each as people read it. To mend that is what a plan may be
/// changed for, but nobody should learn of it when it runs.
fn other_undo(state: &LaunchState, new: &Outline) -> Vec<String> {
    let old = &state.outline;
    let undo = |outline: &Outline, id: &StepId| {
        let undo = outline.step(id)?.undo.as_ref()?;
        Some(outline.as_run(id, &undo.run))
    };
    let mut found = Vec::new();
    for id in began(state) {
        let Some(was) = undo(old, id) else {
            found.extend(undo(new, id).map(|now| format!("undo of `{id}`: none -> `{now}`")));
            continue;
        };
        // A command has the values of its row and of the plan in its environment too.
        let values = |outline: &Outline| {
            let row = outline.step(id).map(|step| step.vars.clone()).unwrap_or_default();
            outline.vars.clone().into_iter().chain(row).collect::<BTreeMap<_, _>>()
        };
        let (before, after) = (values(old), values(new));
        let other = before.iter().filter(|(name, value)| after.get(*name) != Some(*value));
        let none = "not set".to_owned();
        let other: Vec<String> =
            other.map(|(name, value)| format!("{name} {value} -> {}", after.get(name).unwrap_or(&none))).collect();
        match undo(new, id).filter(|now| *now != was) {
            Some(now) => found.push(format!("undo of `{id}`: `{was}` -> `{now}`")),
            None if !other.is_empty() => found.push(format!("undo of `{id}`: {}", other.join(", "))),
            None => {}
        }
    }
    let concerns = |rollback: &&RollbackOutline| began(state).any(|id| rollback.undoes.contains(id));
    for was in old.rollbacks.iter().filter(concerns) {
        let Some(now) = new.rollback(&was.id) else {
            found.push(format!("rollback `{}` is gone", was.id));
            continue;
        };
        let commands =
            |of: &RollbackOutline| of.steps.iter().map(|step| (step.id.clone(), step.run.clone())).collect::<Vec<_>>();
        let undoes = |of: &RollbackOutline| began(state).filter(|id| of.undoes.contains(id)).collect::<Vec<_>>();
        let other = [
            (commands(now) != commands(was), "has other commands"),
            (now.require != was.require, "requires something else"),
            (undoes(now) != undoes(was), "undoes others"),
        ];
        found.extend(other.iter().filter(|(is, _)| *is).map(|(_, how)| format!("rollback `{}` {how}", was.id)));
    }
    let had = |now: &&RollbackOutline| old.rollback(&now.id).is_none_or(|was| !concerns(&was));
    found.extend(
        new.rollbacks.iter().filter(concerns).filter(had).map(|now| format!("rollback `{}` undoes it now", now.id)),
    );
    found
}
