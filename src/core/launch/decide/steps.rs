//! Steps: starting, ticking, doing by hand, skipping, stopping, and what became of an interrupted run.

use super::Case;
use super::rollback::item_done;
use crate::core::event::{Actor, Event, RunEnd};
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::launch::beside;
use crate::core::launch::due::{Obstacle, going_back};
use crate::core::launch::explain::go_on;
use crate::core::launch::rests::goes_back;
use crate::core::launch::state::TERMINAL;
use crate::core::launch::{LaunchState, Status, StepState, StepStatus};
use crate::core::order::{Found, Operator, Rejection, What};
use crate::core::outline::{OnStop, StepOutline};

pub(super) fn run(case: Case<'_>, by: &Operator, id: &StepId, attempt: u32) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    case.may_start(step)?;
    fresh(case, step, attempt)?;
    let own = case.state.steps.get(id);
    agreed(step, own, by)?;
    Ok(starts(step, attempt, Actor::Operator(by.clone())))
}

/// A command beside the plan. Neither a hold nor a way back stands against it: it is no step of the plan, and who looks
/// for the cause of either must be able to look.
pub(super) fn sh(case: Case<'_>, by: &Operator, command: &str) -> Result<Vec<Event>, Rejection> {
    let command = command.trim();
    if command.is_empty() {
        return Err(Rejection::new("there is no command to run").any(case.anew()));
    }
    if command.contains('\0') {
        return Err(Rejection::new("a command can't hold a zero byte"));
    }
    let step = beside::next(case.state, command);
    let start = starts(&step, 1, Actor::Operator(by.clone()));
    let added = Event::StepAdded { by: by.clone(), step: Box::new(step) };
    Ok(std::iter::once(added).chain(start).collect())
}

/// What a command that ended well gives to later ones.
pub(super) fn kept(
    state: &LaunchState,
    run: &RunId,
    end: &RunEnd,
    last: Option<Result<String, String>>,
) -> Option<Event> {
    let name = state.outline.step(&run.step)?.output.clone()?;
    if run.kind != RunKind::Do || !end.succeeded() {
        return None;
    }
    let (value, why) = match last {
        Some(Ok(line)) => (Some(line), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, Some("its command printed no line".to_owned())),
    };
    Some(Event::OutputKept { name, step: run.step.clone(), value, by: Actor::Engine, why })
}

/// A person says what an output is.
pub(super) fn output(
    case: Case<'_>,
    by: &Operator,
    name: &str,
    value: &str,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let outline = &case.state.outline;
    let steps = || outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps));
    let Some(step) = steps().find(|step| step.output.as_deref() == Some(name)) else {
        let known: Vec<&str> = steps().filter_map(|step| step.output.as_deref()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Rejection::new(format!("no step of the plan has an output `{name}`: it has {known}")));
    };
    let value = value.trim();
    if value.is_empty() || value.contains(['\n', '\0']) {
        return Err(Rejection::new("an output is one line, and not empty").any(case.anew()));
    }
    let why = Some(case.said(why, "giving an output by hand")?.to_owned());
    let (name, value, by) = (name.to_owned(), Some(value.to_owned()), Actor::Operator(by.clone()));
    Ok(vec![Event::OutputKept { name, step: step.id.clone(), value, by, why }])
}

/// The events of a step's start.
pub(super) fn starts(step: &StepOutline, attempt: u32, by: Actor) -> Vec<Event> {
    if step.gate.is_some() {
        return vec![Event::PollOpened { gate: step.id.clone(), round: attempt, by }];
    }
    let mut events = vec![Event::StepStarted { step: step.id.clone(), attempt, by }];
    if step.run.is_some() {
        events.push(run_starts(RunId { step: step.id.clone(), kind: RunKind::Do, attempt }));
    }
    events
}

pub(super) fn run_starts(run: RunId) -> Event {
    let (cols, rows) = TERMINAL;
    Event::RunStarted { run, cols, rows }
}

/// An order names the attempt it means, so that a late one starts nothing.
pub(super) fn fresh(case: Case<'_>, step: &StepOutline, attempt: u32) -> Result<(), Rejection> {
    let next = next_attempt(case.state.steps.get(&step.id));
    if attempt == next {
        return Ok(());
    }
    Err(Rejection::but(
        format!("the next attempt at `{}` is {next}, not {attempt}: it has moved since you looked", step.id),
        "look again, then order it",
    ))
}

pub(super) fn next_attempt(own: Option<&StepState>) -> u32 {
    own.map_or(1, |s| s.attempt.saturating_add(1))
}

/// Whether enough people agreed, the one who starts it among them; or one alone, with a reason.
fn agreed(step: &StepOutline, own: Option<&StepState>, by: &Operator) -> Result<(), Rejection> {
    if step.approvals <= 1 {
        return Ok(());
    }
    let approvals = own.map_or(&[][..], |s| s.approvals.as_slice());
    if approvals.iter().any(|a| a.alone.is_some()) {
        return Ok(());
    }
    let others = approvals.iter().filter(|a| !same(&a.by, by)).count();
    let missing = usize::from(step.approvals).saturating_sub(others + 1);
    if missing == 0 {
        return Ok(());
    }
    let why = format!("`{}` needs {} people, {missing} more must approve", step.id, step.approvals);
    Err(approvers(why, &step.id, next_attempt(own)))
}

/// Who may approve, and how.
fn approvers(why: String, step: &StepId, attempt: u32) -> Rejection {
    let approve = |alone| What::Approve { step: step.clone(), attempt, alone };
    let instead = "another operator approves from a session of their own; alone, with a reason, it is an override";
    Rejection::but(why, instead).any([approve(None), approve(Some(String::new()))])
}

/// Whether two orders may come from the same person: `Ana` is no other than `ana`.
fn same(a: &Operator, b: &Operator) -> bool {
    a.name.to_lowercase() == b.name.to_lowercase() || a.session == b.session
}

pub(super) fn approve(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    attempt: u32,
    alone: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    let own = case.state.steps.get(id);
    if step.approvals <= 1 {
        return Err(Rejection::new(format!("`{id}` needs no approval")).any(case.moves(id)));
    }
    if own.is_some_and(|s| s.status.is_active() || s.status.is_over()) {
        return Err(Rejection::new(format!("`{id}` has started already")));
    }
    fresh(case, step, attempt)?;
    let alone = alone.map(|why| case.said(why, "approving alone").map(str::to_owned)).transpose()?;
    if alone.is_none()
        && let Some(first) = own.and_then(|s| s.approvals.iter().find(|a| same(&a.by, by)))
    {
        let why = format!("{} approved `{id}` already, and this is the same name or session", first.by);
        return Err(approvers(why, id, attempt));
    }
    Ok(vec![Event::Approved { step: id.clone(), attempt, by: by.clone(), alone }])
}

pub(super) fn tick(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    item: Option<usize>,
    on: bool,
) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    let own = case.state.steps.get(id);
    match (item, step.items.len()) {
        (None, 0) => {}
        (None, n) => {
            let is_open = own.is_some_and(|s| s.status.is_active()) || case.may_start(step).is_ok();
            let open =
                (0..n).find(|i| on && is_open && !own.is_some_and(|s| !s.begins_anew() && s.ticks.contains_key(i)));
            let order = open.map(|open| What::Tick { step: id.clone(), item: Some(open), on });
            return Err(Rejection::but(format!("`{id}` has {n} boxes"), "say which, counted from 1").any(order));
        }
        (Some(i), n) if i < n || (n == 0 && i == 0) => {}
        (Some(i), n) => {
            return Err(Rejection::new(format!("`{id}` has no box {}, only 1 to {n}", i.saturating_add(1))));
        }
    }
    if step.items.is_empty() && !(step.by_hand() && step.verify.is_empty()) {
        return Err(Rejection::new(format!("`{id}` has no box to tick")).any(case.moves(id)));
    }
    let ticked = own.is_some_and(|s| !s.begins_anew() && s.ticks.contains_key(&item.unwrap_or(0)));
    if ticked == on {
        return Err(Rejection::new(format!("that box of `{id}` is {} already", if on { "ticked" } else { "open" })));
    }
    let text = item.and_then(|i| step.items.get(i).cloned());
    let tick = Event::Ticked { step: id.clone(), item, text, on, by: by.clone() };
    match own.map(|s| &s.status) {
        Some(status) if status.is_active() => Ok(vec![tick]),
        Some(StepStatus::Done { .. }) if !on => {
            if !step.by_hand() {
                return Err(Rejection::new(format!("`{id}` is done, and more than a box")));
            }
            let mut later = case.state.outline.steps.iter().filter(|s| s.after.contains(id));
            if let Some(later) = later.find(|s| case.state.steps.get(&s.id).is_some_and(|s| s.attempt > 0)) {
                let note = What::Note { text: String::new() };
                return Err(Rejection::new(format!("`{}` has started on the strength of it", later.id)).or(note));
            }
            Ok(vec![tick])
        }
        _ if on && step.by_hand() => {
            // A tick claims the step.
            case.may_start(step)?;
            agreed(step, own, by)?;
            let mut events = starts(step, next_attempt(own), Actor::Operator(by.clone()));
            events.push(tick);
            Ok(events)
        }
        _ => Err(Rejection::new(format!("`{id}` is not under way")).any(case.moves(id))),
    }
}

/// Boxes that are still open.
pub(super) fn open_boxes(step: &StepOutline, own: &StepState) -> usize {
    (0..step.items.len()).filter(|i| !own.ticks.contains_key(i)).count()
}

pub(super) fn done(case: Case<'_>, by: &Operator, id: &StepId, why: Option<&str>) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    if step.gate.is_some() {
        return Err(Rejection::new(format!("`{id}` is a gate: the lead decides it")).any(case.moves(id)));
    }
    let fallback = StepState::default();
    let own = case.state.steps.get(id).unwrap_or(&fallback);
    let why = why.map(str::trim).filter(|w| !w.is_empty());
    let actor = Actor::Operator(by.clone());
    let mut events = Vec::new();
    let mut attempt = own.attempt;
    let held = Obstacle::of(case.state, step, case.now) == Some(Obstacle::Held);
    // A hold lets nothing begin, a hand step no more than others: what failed may be counted as done.
    let counts = held && matches!(own.status, StepStatus::Failed { .. }) && why.is_some();
    match &own.status {
        StepStatus::Done { .. } => return Err(Rejection::new(format!("`{id}` is done already"))),
        StepStatus::Running { .. } | StepStatus::Undoing { .. } => {
            let why = format!("the command of `{id}` still runs");
            return Err(case.runs_on(why, id, ""));
        }
        StepStatus::Interrupted { run, .. } => {
            let found = |found| What::Resolve { run: run.clone(), found, why: String::new() };
            let what = run.kind.of(format_args!("`{id}`"));
            return Err(Rejection::but(format!("{what} was interrupted"), "look what became of it, then say so")
                .any([found(Found::Done), found(Found::NotDone)]));
        }
        StepStatus::Claimed | StepStatus::Soaking { .. } => {}
        _ => {
            // A word has no effect that a window could bind, and none on what failed that a hold could.
            match Obstacle::of(case.state, step, case.now) {
                Some(Obstacle::Outside(_)) => {}
                Some(Obstacle::Held) if counts => {}
                _ => case.may_start(step)?,
            }
            agreed(step, Some(own), by)?;
            if step.by_hand() && step.verify.is_empty() && !counts {
                attempt = next_attempt(Some(own));
                events.extend(starts(step, attempt, actor.clone()));
            }
        }
    }
    if let Some(run) = case.open_run(id) {
        let why = format!("{} has not ended yet", run.words());
        return Err(case.runs_on(why, id, ""));
    }
    let boxes = open_boxes(step, own);
    let plain = step.by_hand() && step.verify.is_empty() && boxes == 0 && !counts;
    let over = match (plain, why) {
        (true, _) => None,
        (false, Some(why)) => Some(format!("{} says done: {why}", by.name)),
        (false, None) => {
            let counts = What::Done { step: id.clone(), why: Some(String::new()) };
            let tick = (0..step.items.len()).find(|item| !own.ticks.contains_key(item));
            let tick = tick.map(|item| What::Tick { step: id.clone(), item: Some(item), on: true });
            let why = match boxes {
                0 => format!("`{id}` is not done by a word alone"),
                _ => format!("{boxes} of {} boxes of `{id}` are open", step.items.len()),
            };
            return Err(Rejection::but(why, "with a reason it counts as done, an override").any(tick).or(counts));
        }
    };
    events.push(Event::StepDone { step: id.clone(), attempt, by: actor, over, evidence: Vec::new() });
    Ok(events)
}

pub(super) fn skip(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    why: &str,
    not_applicable: bool,
) -> Result<Vec<Event>, Rejection> {
    let step = case.step(id)?;
    let status = case.state.steps.get(id).map(|s| &s.status);
    if status.is_some_and(StepStatus::is_over) {
        return Err(Rejection::new(format!("`{id}` is over already")));
    }
    if status.is_some_and(StepStatus::is_active) || case.open_run(id).is_some() {
        let gate = step.gate.is_some();
        let attempt = case.state.steps.get(id).map_or(0, |s| s.attempt);
        let orders = match case.state.status {
            _ if gate => case.moves(id),
            Status::RollingBack(number) if case.open_run(id).is_none() => go_on(case.state, number),
            _ if case.open_run(id).is_some() => return Err(case.runs_on(format!("`{id}` is under way"), id, "")),
            _ => vec![What::Stop { step: id.clone(), attempt, let_finish: false }],
        };
        return Err(Rejection::new(format!("`{id}` is under way")).any(orders));
    }
    still_in_effect(case, id)?;
    if let (Status::RollingBack(number), Some(rollback)) = (&case.state.status, case.state.rollbacks.last())
        && rollback.undoes.contains(id)
    {
        let why = format!("{}: it undoes `{id}` too", going_back(case.state, *number));
        return Err(Rejection::but(why, "leave it out after that").any(go_on(case.state, *number)));
    }
    if step.gate.is_some() && by.name != case.state.lead {
        let why = format!("`{id}` is a gate; only the lead, {}, leaves it out", case.state.lead);
        return Err(Rejection::but(why, "ask the lead, or take the lead").or(What::lead(by.name.clone())));
    }
    let why = case.said(why, "leaving a step out")?.to_owned();
    Ok(vec![Event::StepSkipped { step: id.clone(), by: by.clone(), why, not_applicable }])
}

/// What a step did and no undo took back is in production: leaving the step out would only hide it.
fn still_in_effect(case: Case<'_>, id: &StepId) -> Result<(), Rejection> {
    let why = match case.state.steps.get(id).map(|own| &own.status) {
        Some(StepStatus::Interrupted { run, .. }) if run.kind == RunKind::Undo => {
            format!("nobody knows whether its undo did its work: what `{id}` did may be in effect")
        }
        Some(StepStatus::Interrupted { .. }) => {
            format!("nobody knows whether its command did its work: what `{id}` did may be in effect")
        }
        _ if case.state.undo_failed(id) => format!("its undo failed: what `{id}` did is still in effect"),
        _ => return Ok(()),
    };
    // A hold stands against starting it, not against this.
    let orders = case.moves(id).into_iter().filter(|order| !matches!(order, What::Release { .. }));
    Err(Rejection::new(why).any(orders))
}

pub(super) fn stop(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    attempt: u32,
    let_finish: bool,
) -> Result<Vec<Event>, Rejection> {
    // A step of a rollback may be stopped as well.
    let step = case.state.outline.step(id).ok_or_else(|| Rejection::new(format!("the plan has no step `{id}`")))?;
    let Some(own) = case.state.steps.get(id).filter(|s| s.status.is_active() || case.open_run(id).is_some()) else {
        return Err(Rejection::new(format!("`{id}` is not under way")));
    };
    if own.attempt != attempt && !matches!(own.status, StepStatus::Undoing { .. }) {
        return Err(Rejection::but(
            format!("`{id}` is in attempt {}, not {attempt}: it has moved since you looked", own.attempt),
            "look again, then order it",
        ));
    }
    if let Some(run) = case.open_run(id) {
        // An undo is no migration: it may always be stopped, else nothing would get a way back out of one that hangs.
        if step.on_stop == OnStop::Finish && !let_finish && run.kind == RunKind::Do {
            let hold = What::Hold { why: String::new() };
            let now = What::StopNow { step: id.clone(), attempt, typed: String::new(), why: String::new() };
            let instead =
                "wait for its end: under a hold nothing that waits for it starts; or stop it now, an override";
            let why = format!("the plan says to let the command of `{id}` finish");
            return Err(Rejection::but(why, instead).or(hold).or(now));
        }
        if let_finish && case.state.runs.get(run).is_some_and(|known| known.stopping) {
            let why = format!("`{id}` is being stopped already: its command was told to end");
            return Err(Rejection::but(why, "wait for its end"));
        }
        let undo = run.kind == RunKind::Undo;
        return Ok(vec![Event::StopAsked { step: id.clone(), by: by.clone(), let_finish, undo, over: None }]);
    }
    let in_rollback = matches!(case.state.status, Status::RollingBack(_))
        && case.state.rollbacks.last().is_some_and(|r| r.items.iter().any(|i| i.run.step == *id));
    match own.status {
        StepStatus::Soaking { .. } | StepStatus::Claimed if !in_rollback => {
            let why = format!("stopped by {}", by.name);
            let stop =
                Event::StopAsked { step: id.clone(), by: by.clone(), let_finish: false, undo: false, over: None };
            Ok(vec![stop, Event::StepFailed { step: id.clone(), attempt: own.attempt, why, evidence: Vec::new() }])
        }
        StepStatus::Polling => {
            Err(Rejection::new(format!("`{id}` is a gate: the lead decides it")).any(case.moves(id)))
        }
        _ => {
            let orders = match case.state.status {
                Status::RollingBack(number) => go_on(case.state, number),
                _ => Vec::new(),
            };
            Err(Rejection::new(format!("`{id}` is a part of a rollback and runs no command now")).any(orders))
        }
    }
}

/// Stops a command that the plan lets finish: it may hang, and a way back waits for it.
pub(super) fn stop_now(
    case: Case<'_>,
    by: &Operator,
    id: &StepId,
    attempt: u32,
    typed: &str,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let plain = What::Stop { step: id.clone(), attempt, let_finish: false };
    let step = case.state.outline.step(id).ok_or_else(|| Rejection::new(format!("the plan has no step `{id}`")))?;
    let run = case.open_run(id).filter(|run| run.kind == RunKind::Do && step.on_stop == OnStop::Finish);
    let Some(run) = run else {
        // Nothing is passed over: what stands against a plain stop is said, or that it does.
        stop(case, by, id, attempt, false)?;
        return Err(Rejection::new(format!("the plan lets `{id}` be stopped without an override")).or(plain));
    };
    if run.attempt != attempt {
        let why = format!("`{id}` is in attempt {}, not {attempt}: it has moved since you looked", run.attempt);
        return Err(Rejection::but(why, "look again, then order it"));
    }
    if case.state.runs.get(run).is_some_and(|known| known.stopping) {
        return Err(Rejection::but(format!("`{id}` is being stopped already"), "wait for its end"));
    }
    let environment = &case.state.outline.environment;
    if typed != environment {
        let order = What::StopNow { step: id.clone(), attempt, typed: environment.clone(), why: why.trim().to_owned() };
        let said = format!("the plan says to let the command of `{id}` finish");
        return Err(Rejection::unless_typed(said, "to stop it", environment, order));
    }
    let over = Some(case.said(why, "stopping what the plan lets finish")?.to_owned());
    Ok(vec![Event::StopAsked { step: id.clone(), by: by.clone(), let_finish: false, undo: false, over }])
}

/// Whether a line may be sent. The engine sends it; it is never journalled.
pub(super) fn input(case: Case<'_>, run: &RunId) -> Result<Vec<Event>, Rejection> {
    match case.state.runs.get(run) {
        None => return Err(Rejection::new(format!("`{}` is not running", run.step)).any(case.moves(&run.step))),
        Some(state) if state.end.is_some() => return Err(Rejection::new(format!("{} has ended", run.words()))),
        Some(_) => {}
    }
    if !case.state.outline.step(&run.step).is_some_and(|s| s.input) {
        return Err(Rejection::but(format!("`{}` takes no input", run.step), "the plan must say `input = true`"));
    }
    Ok(Vec::new())
}

pub(super) fn resolve(
    case: Case<'_>,
    by: &Operator,
    run: &RunId,
    found: Found,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let status = case.state.steps.get(&run.step).map(|s| &s.status);
    if !matches!(status, Some(StepStatus::Interrupted { run: r, .. }) if r == run) {
        return Err(Rejection::new(format!("`{}` was not interrupted", run.step)).any(case.moves(&run.step)));
    }
    let why = case.said(why, "what became of a run")?.to_owned();
    let mut events = vec![Event::RunResolved { run: run.clone(), by: by.clone(), found, why: why.clone() }];
    // The way back that stopped at it goes on where it did its work; where it did not, a person says how.
    if let (Status::RollingBack(number), Some(rollback)) = (&case.state.status, case.state.rollbacks.last())
        && rollback.items.get(rollback.next).is_some_and(|item| item.run == *run)
        && found == Found::Done
    {
        events.extend(item_done(case.state, *number, rollback.next, run, Actor::Operator(by.clone()), Some(why)));
    } else if (run.kind, found) == (RunKind::Undo, Found::Done) {
        events.extend(goes_back(case.state, std::slice::from_ref(&run.step)));
    }
    Ok(events)
}
