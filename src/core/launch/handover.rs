//! What the next one on shift must know, put together from the state: one page to take over with. It is shown before the
//! handover is written, and goes on record with it, so that nobody can say later what stood in it.

use super::answers::{NO_LOSS, is_further};
use super::notices::Mute;
use super::triggers::{TriggerStands, trigger_stands};
use super::{LaunchState, OpenCheck, StepStatus, WayView, duties, open_checks, open_incidents, ways};
use crate::core::ids::StepId;
use crate::core::notice::{Muted, Subject};
use crate::core::outline::TriggerOutline;
use crate::core::shift::Part;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::core::wall::Wall;
use crate::core::words::{clock, short};

/// The page as it is now. Its heads are always the same; one without lines says that there is nothing of it.
pub fn handover(state: &LaunchState, readout: &Readout, now: Timestamp) -> Vec<Part> {
    let wall = Wall::of(state);
    let at = |then: Timestamp| wall.near(then, now);
    let part = |head: &str, lines: Vec<String>| Part { head: head.to_owned(), lines };
    let notes = state.shifts.notes.iter().map(|said| format!("{} {}: {}", at(said.at), said.by.name, said.text));
    vec![
        part("Open incidents", incidents(state, now)),
        part("Triggers", state.outline.triggers.iter().filter_map(|t| trigger(state, readout, t)).collect()),
        part("Under way and waiting", under_way(state)),
        part("Nobody is on it yet", unseen(state)),
        part("Checks due", open_checks(state).iter().map(|open| check(open, now)).collect()),
        part("Muted", state.notices.mutes.iter().map(|mute| muted(mute, &at(mute.until))).collect()),
        part("Ways back", ways(state, readout).iter().flat_map(|view| way(state, view)).collect()),
        part("Notes", notes.collect()),
    ]
}

/// `Metrics: overdue 4:10, 1 of 3 done`.
fn check(open: &OpenCheck<'_>, now: Timestamp) -> String {
    let of = open.watch.items.len();
    let done = if of > 0 { format!(", {} of {of} done", open.check.ticks.len()) } else { String::new() };
    format!("{}: {}{done}", open.watch.title, open.words(now))
}

/// `SEV2 #1 mitigating, open 1h 12m: checkout is slow`, who is on it, and what it wants of people.
fn incidents(state: &LaunchState, now: Timestamp) -> Vec<String> {
    let open = open_incidents(state).into_iter();
    let open = open.filter_map(|number| Some((number, state.incidents.get((number as usize).checked_sub(1)?)?)));
    let line = |(number, known): (u32, &super::Incident)| {
        let text = if known.text.is_empty() { "not described yet" } else { &known.text };
        let on_it =
            known.answered.as_ref().map_or_else(|| "nobody is on it".to_owned(), |s| format!("{} is on it", s.by));
        let wants: Vec<String> = duties(state, number).iter().map(|duty| duty.said(state, now)).collect();
        let wants = if wants.is_empty() { String::new() } else { format!("; {}", wants.join("; ")) };
        let (level, open) = (known.level, short(now.since(known.opened)));
        format!("SEV{level} #{number} {}, open {open}: {text}; {on_it}{wants}", known.state.word())
    };
    open.map(line).collect()
}

/// One that fired, or whose clock runs.
fn trigger(state: &LaunchState, readout: &Readout, of: &TriggerOutline) -> Option<String> {
    let (stands, view) = trigger_stands(state, readout, of);
    let own = state.triggers.get(&of.id);
    let clocks = view.and_then(|v| Some(format!(" {} of {}", clock(v.lasted), clock(v.needs?)))).unwrap_or_default();
    let found = view.map_or_else(String::new, |v| format!(": {}", v.found));
    let said = match stands {
        TriggerStands::Armed => return None,
        TriggerStands::Pending => format!("pending{clocks}{found}"),
        TriggerStands::Unknown => format!("unknown{found}"),
        TriggerStands::Fired | TriggerStands::Clearing => {
            let fired = own.and_then(|t| t.fired.as_ref())?;
            let seen = fired.acked.as_ref().map_or_else(String::new, |said| format!("; {} is on it", said.by));
            let quiet = if stands == TriggerStands::Clearing { format!(", quiet for{clocks}") } else { String::new() };
            format!("FIRED{quiet}: {}{seen}", fired.evidence.found)
        }
        TriggerStands::Dismissed => {
            let said = own.and_then(|t| t.fired.as_ref()?.dismissed.as_ref())?;
            format!("fired, dismissed by {}: {}", said.by, said.text)
        }
        TriggerStands::Followed => "led to a way back, and is not armed".to_owned(),
    };
    Some(format!("{} {said}", of.id))
}

/// Holds, and steps that go on or wait for a person's answer.
fn under_way(state: &LaunchState) -> Vec<String> {
    let holds = state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why));
    let back = state.rollbacks.last().filter(|_| matches!(state.status, super::Status::RollingBack(_)));
    let back = back.map(|back| format!("going back: {}, {} of {} done", back.title, back.next, back.items.len()));
    let half = state.half_backs().map(|half| format!("left half done: {}, {}", half.of.title, half.ran(state)));
    let open = |id: &StepId| {
        let status = state.steps.get(id).map(|own| &own.status);
        status.is_some_and(|status| match status {
            StepStatus::Failed { .. } => !state.is_added(id),
            StepStatus::Interrupted { .. } | StepStatus::NoGo { .. } | StepStatus::Expired { .. } => true,
            other => other.is_active(),
        })
    };
    let steps = state.outline.steps.iter().filter(|step| open(&step.id));
    let steps = steps.map(|step| {
        let owner = step.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner})"));
        format!("{}{owner}: {}", step.title, state.word(&step.id))
    });
    back.into_iter().chain(half).chain(holds).chain(steps).collect()
}

/// What people were told, what still is so, and nobody acknowledged; incidents and the handover itself stand elsewhere.
fn unseen(state: &LaunchState) -> Vec<String> {
    let elsewhere = |subject: &Subject| matches!(subject, Subject::Incident(_) | Subject::Shift);
    let open = state.notices.standing().filter(|notice| notice.wants_someone() && !elsewhere(&notice.subject));
    open.map(|notice| format!("notice {}: {}", notice.number, notice.text)).collect()
}

fn muted(mute: &Mute, until: &str) -> String {
    let what = if mute.of == Muted::All { "everything".to_owned() } else { mute.of.to_string() };
    format!("{what} until {until} by {}: {}", mute.by, mute.why)
}

/// `Traffic to blue: READY, about 2m; no loss named`, and what it leaves as it is.
fn way(state: &LaunchState, view: &WayView) -> Vec<String> {
    if goes_no_further(state, view) {
        return vec![format!("{}: taken, and nothing is left that it would undo", view.title)];
    }
    let ready = match (&view.closed, &view.ready) {
        (Some(why), _) => format!("closed: {why}"),
        (None, Ok(())) => "READY".to_owned(),
        (None, Err(why)) => format!("NOT READY: {why}"),
    };
    let about = view.estimate.filter(|e| *e > Span::ZERO).map_or("no estimate".to_owned(), |e| format!("about {e}"));
    let loses = view.loses.as_ref().map_or(NO_LOSS.to_owned(), |lost| format!("LOSES {lost}"));
    let first = format!("{}: {ready}, {about}; {loses}", view.title);
    let title = |id: &StepId| state.outline.step(id).map_or_else(|| id.to_string(), |step| step.title.clone());
    let stays: Vec<String> = view.stays.iter().map(title).collect();
    let stays = (!stays.is_empty()).then(|| format!("  without an undo, stays as it is: {}", stays.join(", ")));
    std::iter::once(first).chain(stays).collect()
}

/// Whether it is the way that was taken last, and nothing has begun since that it would undo.
fn goes_no_further(state: &LaunchState, view: &WayView) -> bool {
    let super::Status::RolledBack(number) = state.status else { return false };
    let taken = (number as usize).checked_sub(1).and_then(|n| state.rollbacks.get(n));
    taken.is_some_and(|taken| !is_further(state, taken, view))
}
