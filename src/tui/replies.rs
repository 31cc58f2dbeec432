//! What the engine answers to an order, in words: what it did, or why it was refused.

use super::action::Action;
use super::dialogs;
use super::model::{Model, PaneId, Target};
use super::refusal;
use crate::core::event::Event;
use crate::core::ids::{Seq, StepId, TriggerId, WatchId};
use crate::core::launch::{Status, t0_outside};
use crate::core::order::{Rejection, What};
use crate::core::tell;
use crate::core::time::Timestamp;
use crate::core::wall::{Wall, signed};
use crate::core::watch::CheckAct;

/// Says what became of an order.
pub(super) fn said(model: &mut Model, what: &What, result: Result<Seq, Rejection>) {
    model.dirty = true;
    match result {
        Ok(_) => {
            let text = done(model, what);
            model.toast(text);
        }
        Err(rejection) => {
            model.refuse(format!("{}: {}", subject(model, what), refusal::words(&model.keymap, &rejection)))
        }
    }
}

fn title(model: &Model, step: &StepId) -> String {
    model.outline().and_then(|o| o.step(step)).map_or_else(|| step.to_string(), |s| s.title.clone())
}

/// What an order was about, for a rejection.
fn subject(model: &Model, what: &What) -> String {
    match what {
        What::Run { step, .. }
        | What::Tick { step, .. }
        | What::Done { step, .. }
        | What::Skip { step, .. }
        | What::Stop { step, .. }
        | What::StopNow { step, .. }
        | What::Approve { step, .. }
        | What::Outside { step, .. }
        | What::Vote { gate: step, .. }
        | What::Decide { gate: step, .. } => format!("{} refused", title(model, step)),
        What::Check { watch, .. } => format!("{} refused", watch_title(model, watch)),
        What::Rollback { .. } => "going back was refused".to_owned(),
        _ => "refused".to_owned(),
    }
}

/// What an order did, naming its row.
fn done(model: &Model, what: &What) -> String {
    match what {
        What::Run { step, .. } => {
            let gate = model.outline().and_then(|o| o.step(step)).is_some_and(|s| s.gate.is_some());
            format!("{}: {}", title(model, step), if gate { "its poll is open" } else { "started" })
        }
        What::Sh { .. } => format!("it runs, on the record; {} shows its output", PaneId::Output.key()),
        What::Tick { step, item: item_at, on } => {
            let item = item_at.and_then(|i| model.outline()?.step(step)?.items.get(i).cloned());
            let name = item.unwrap_or_else(|| title(model, step));
            let key = model.key_of(Action::Tick);
            let open = match &model.selected {
                Some(Target::Item(of, at)) if of == step && Some(*at) != *item_at => {
                    let ticks = model.launch.as_ref().and_then(|l| l.steps.get(step)).map(|own| &own.ticks);
                    let open = !ticks.is_some_and(|ticks| ticks.contains_key(at));
                    model.outline().and_then(|o| o.step(step)?.items.get(*at).cloned()).filter(|_| open)
                }
                _ => None,
            };
            match (on, open) {
                (true, Some(open)) => format!("ticked: {name}   (still open: {open})"),
                (true, None) => format!("ticked: {name}   ({key} takes it back)"),
                (false, _) => format!("unticked: {name}"),
            }
        }
        What::Check { watch, act, .. } => checked(model, watch, act),
        What::Done { step, .. } => format!("{}: done", title(model, step)),
        What::Skip { step, .. } => format!("{}: left out", title(model, step)),
        What::Stop { step, let_finish, .. } => {
            let undo = if dialogs::undoes(model, step) { "its undo " } else { "" };
            let how = if *let_finish { "is let finish" } else { "is being stopped" };
            format!("{}: {undo}{how}", title(model, step))
        }
        What::StopNow { step, .. } => {
            format!("{}: is being stopped though the plan lets it finish", title(model, step))
        }
        What::Input { run, .. } => format!("sent to {}", run.step),
        What::Output { name, .. } => format!("{name} is kept"),
        What::Resolve { run, .. } => format!("{}: noted what became of it", title(model, &run.step)),
        What::Vote { gate, role, .. } => format!("{}: voted for {role}", title(model, gate)),
        What::Decide { gate, go, .. } => format!("{}: {}", title(model, gate), if *go { "GO" } else { "NO-GO" }),
        What::Approve { step, .. } => format!("{}: approved", title(model, step)),
        What::Hold { .. } if model.observe => "the launch holds; those who drive release it".to_owned(),
        What::Hold { .. } => format!("the launch holds; {} releases", model.key_of(Action::Hold)),
        What::Release { .. } => "released".to_owned(),
        What::Severity { incident: None, level, .. } => {
            let [pane, open] = [Action::Pane(PaneId::Incidents), Action::Open].map(|action| model.key_of(action));
            format!("SEV{level} is open   ({pane} and {open}: say more of it)")
        }
        What::Severity { incident: Some(number), level, .. } => format!("#{number} is a SEV{level}"),
        What::Describe { incident, .. } => format!("#{incident} is described"),
        What::Respond { incident, .. } => format!("you are on #{incident}"),
        What::Update { incident, .. } => format!("#{incident}: the update is told"),
        What::Move { incident, to, .. } => format!("#{incident} is {}", to.word()),
        What::Called { incident, role, answered, .. } => {
            let how = if *answered { "answered" } else { "did not answer" };
            format!("#{incident}: {role} {how}")
        }
        What::Resolved { incident, .. } => format!("#{incident} is closed"),
        What::Note { .. } => "noted".to_owned(),
        What::Handover { .. } => {
            let offer = model.launch.as_ref().and_then(|launch| launch.shifts.offer.as_ref());
            let to = offer.map_or("the next one", |offer| offer.to.as_str());
            format!("handed over: you stay on shift until {to} accepts")
        }
        What::Accept { .. } | What::TakeOver { .. } => "you are on shift".to_owned(),
        What::Fix { .. } => "noted for the plan's author".to_owned(),
        What::Rollback { .. } => "going back".to_owned(),
        What::RollbackAgain { .. } => "the way back goes on".to_owned(),
        What::RollbackByHand { .. } => "noted as done by hand".to_owned(),
        What::RollbackSettled { .. } => "put right".to_owned(),
        What::RollbackLeave { .. } => "left as it stands".to_owned(),
        What::Fire { trigger, .. } => format!("{trigger}: fired"),
        What::Clear { trigger, .. } => format!("{trigger}: cleared"),
        What::Dismiss { trigger, .. } => dismissed(model, trigger),
        What::Acknowledge { .. } => "you are on it; nobody else is told".to_owned(),
        What::Mute { of, span, .. } => format!("{of}: muted for {span}"),
        What::Unmute { of } => format!("{of}: no longer muted"),
        What::NotifyTest { channel } => format!("a test goes out by {channel}; the log says whether it was taken"),
        What::Forget { .. } => "no longer counts".to_owned(),
        What::Baseline { .. } => "the normal is captured".to_owned(),
        What::Slip { from, to, .. } => slipped(model, *from, *to),
        What::Outside { step, .. } => format!("{}: may start outside its window", title(model, step)),
        What::Lead { name, .. } => format!("{name} leads"),
        What::Adopt { .. } => "the changed plan is taken in".to_owned(),
        What::End { .. } => "the launch is ended".to_owned(),
    }
}

/// Of two who press at once the one who goes back wins.
fn dismissed(model: &Model, trigger: &TriggerId) -> String {
    let back = model.launch.as_ref().and_then(|launch| match launch.status {
        Status::RollingBack(number) if launch.triggers.get(trigger)?.fired.is_none() => {
            launch.rollbacks.get((number as usize).checked_sub(1)?)
        }
        _ => None,
    });
    match back {
        Some(back) => format!("{trigger}: too late, {} went back; your reason is on record", back.by),
        None => format!("{trigger}: dismissed"),
    }
}

fn watch_title(model: &Model, watch: &WatchId) -> String {
    model.outline().and_then(|o| o.watch(watch)).map_or_else(|| watch.to_string(), |w| w.title.clone())
}

/// What was done about a check. With the last box it is over.
fn checked(model: &Model, watch: &WatchId, act: &CheckAct) -> String {
    let title = watch_title(model, watch);
    match act {
        CheckAct::Tick { item, on } => {
            let name = model.outline().and_then(|o| o.watch(watch)?.items.get(*item).cloned()).unwrap_or_default();
            if *on { format!("ticked: {name}   ({title})") } else { format!("unticked: {name}") }
        }
        CheckAct::Done { .. } => format!("{title}: checked"),
        CheckAct::Found { .. } => {
            format!("{title}: noted what was found   ({} makes it an incident)", model.key_of(Action::Severity))
        }
        CheckAct::Skip { .. } => format!("{title}: left out this time"),
    }
}

/// `T-0 is 02:35 now (+35m): Deploy at 02:35, Traffic at 04:35, 2 more`. The event came before the reply.
fn slipped(model: &Model, from: Timestamp, to: Timestamp) -> String {
    let moved = model.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::T0Moved { to: new, moved, .. } if *new == to => Some(moved.as_slice()),
        _ => None,
    });
    let (Some(launch), moved) = (&model.launch, moved.unwrap_or_default()) else { return String::new() };
    // Beside what the wall shows now: T-0 may be on another day.
    let now = model.now();
    let (mut parts, more) = tell::some_moved(launch, moved, 2, now);
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    let head = format!("T-0 is {} now ({})", Wall::of(launch).zoned(to, now), signed(to.since(from)));
    // What binds is worth more than what moves along.
    match t0_outside(launch, to) {
        Some(outside) => format!("{head}; {outside}"),
        None if parts.is_empty() => head,
        None => format!("{head}: {}", parts.join(", ")),
    }
}
