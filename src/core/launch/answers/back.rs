//! BACK: can I go back, to what, how long does it take, on what ground, at what loss. It is never empty.

use serde::Serialize;

use super::now::back_at;
use super::{Moment, Scene, Words, measured};
use crate::core::condition::Condition;
use crate::core::ids::RunKind;
use crate::core::launch::patience::gives_up;
use crate::core::launch::ways::was_taken;
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, Status, StepStatus, WayView};
use crate::core::order::Way;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, Readout};
use crate::core::words::{about, age, clock, count, left};

/// Said of a way back where the plan says nothing of a loss. That is no promise: nobody says that nothing is lost.
pub const NO_LOSS: &str = "no loss named";

/// How the way back stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The plan has no way back, and nothing that was begun can be undone.
    None,
    /// Nothing has begun that would have to be undone.
    NothingYet,
    /// It can be taken now.
    Ready,
    /// The same, but our own side is cut off: whether its commands reach production is not known.
    CutOff,
    /// The same, but an undo among its own failed when it was tried last.
    FailedBefore,
    /// What it requires does not hold, or is not known.
    NotReady,
    /// What it requires was not measured yet; the first readings are on their way.
    Measuring,
    /// It was possible until a step that has started.
    Closed,
    /// It is under way.
    UnderWay,
    /// It stopped, and a person decides.
    Stopped,
    /// It was taken, and nothing is left to undo.
    Taken,
    /// The launch is over.
    Over,
}

/// Can I go back, to what, how long does it take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Back {
    /// How it stands.
    pub ground: Ground,
    /// The answer: `READY`, `NOT READY`, `2 of 4`, `rolled back 09:12`.
    pub head: Words,
    /// How long it is expected to take: `~2 m`. Empty where nothing is expected.
    pub takes: String,
    /// To what.
    pub to: Words,
    /// On what ground and how old that is, what is lost, or why not.
    pub why: Words,
}

pub(super) fn back(scene: &Scene<'_>) -> Back {
    let back = of_plan(scene);
    let Some(beyond) = scene.moment.state.unplanned_words().filter(|_| back.ground != Ground::Over) else {
        return back;
    };
    let more = match back.ground {
        Ground::Taken => beyond.clone(),
        _ => format!("{beyond}; {}", back.why.long()),
    };
    Back { why: Words::of([more, beyond]), ..back }
}

/// The same of what the plan knows.
fn of_plan(scene: &Scene<'_>) -> Back {
    let m = scene.moment;
    let answer = |ground, head: Words, to: Words, why: Words| Back { ground, head, takes: String::new(), to, why };
    match m.state.status {
        Status::Ended { .. } => {
            return answer(Ground::Over, "the launch is over".into(), "no way back from here".into(), "".into());
        }
        Status::RollingBack(_) => {
            if let Some(under_way) = under_way(m) {
                return under_way;
            }
        }
        Status::RolledBack(number) => {
            let taken = super::rollback(m.state, number);
            let ended = taken.map(|r| &r.status);
            let took = match ended {
                Some(RollbackStatus::Done { took, .. }) => format!(" took {}", clock(*took)),
                _ => String::new(),
            };
            let went = format!("rolled back{}{took}", back_at(m, number));
            // What breaks now and asks to go back is the question; else the way that was taken is the answer.
            let leads_on = |way: &&WayView| taken.is_none_or(|r| is_further(m.state, r, way));
            let first = scene.offered();
            if let Some(way) = first.filter(|_| scene.alarms.iter().any(|alarm| alarm.asks_back())) {
                return offered(m, way);
            }
            let further = first.filter(leads_on);
            let title = taken.map_or("", |r| r.title.as_str());
            // What asks for a way that has nothing to undo any more does not hide one that has.
            let Some(further) = further.or_else(|| m.ways.iter().find(leads_on)) else {
                let head = Words::of([went, format!("back{}", back_at(m, number))]);
                return answer(Ground::Taken, head, title.into(), "nothing is left to undo".into());
            };
            let next = offered(m, further);
            let taken = format!("{}; {title}: {went}", next.why.long());
            let (why, left) = (Words::of(std::iter::once(taken.as_str()).chain(next.why.forms())), &further.title);
            let to = Words::of([format!("left to undo: {left}"), format!("left: {left}")]);
            return Back { to, why, ..next };
        }
        Status::Live => {}
    }
    let Some(way) = scene.offered() else { return no_way(m) };
    let measuring = scene.tally.awaited > 0 && scene.tally.awaited == scene.tally.all();
    match offered(m, way) {
        Back { ground: Ground::NotReady, takes, to, why, .. } if measuring => {
            Back { ground: Ground::Measuring, head: "measuring…".into(), takes, to, why }
        }
        offered => offered,
    }
}

/// Whether a way leads further back than the one that was taken.
pub(in crate::core::launch) fn is_further(state: &LaunchState, taken: &RollbackState, way: &WayView) -> bool {
    // What a way names to undo and is undone by another already is nothing further.
    let names = |id| state.outline.rollback(id).is_some_and(|rollback| !rollback.undoes.is_empty());
    match &way.way {
        _ if !way.undoes.is_empty() => true,
        Way::Named(id) => !names(id) && !was_taken(state, &way.way),
        _ => taken.way != way.way,
    }
}

/// A way back that is under way: how far it is.
fn under_way(m: &Moment<'_>) -> Option<Back> {
    let (_, rollback) = m.going_back()?;
    let of = rollback.items.len();
    let item = rollback.items.get(rollback.next).map_or("", |i| i.title.as_str());
    let (ground, why) = match &rollback.status {
        RollbackStatus::Stopped { why, .. } => {
            let command = m.state.stopped_command().map_or_else(String::new, |command| format!("{command}; "));
            (Ground::Stopped, format!("stopped: {command}{why}").into())
        }
        _ => {
            let hand = m.state.way_back_by_hand().map(|_| format!("waits for a person: {item}").into());
            let first = m.state.way_back_awaits_words(m.readout).map(|what| format!("waits until {what}").into());
            let first = hand.or(first);
            (Ground::UnderWay, first.or_else(|| waits(m, rollback)).unwrap_or_else(|| item.into()))
        }
    };
    let took = clock(m.now.since(rollback.started));
    let head = format!("{} of {of}", (rollback.next + 1).min(of)).into();
    Some(Back { ground, head, takes: took, to: rollback.title.as_str().into(), why })
}

/// What the item that a way back is at waits for, in words: `share[green] 5 % = 0 %`, `until the command of Migrate ends`;
/// none where it waits for nothing, or all of it holds.
pub fn awaited(state: &LaunchState, readout: &Readout) -> Option<String> {
    let Status::RollingBack(number) = state.status else { return None };
    if let Some(what) = state.way_back_awaits_words(readout) {
        return Some(format!("until {what}"));
    }
    waits_for(state, readout, super::rollback(state, number)?).map(|(what, ..)| what)
}

/// What must hold after the item that a way back is at, whose command ended well, before it goes on; nothing where that is
/// not so yet.
pub fn must_hold<'a>(state: &'a LaunchState, rollback: &RollbackState) -> Vec<(&'a Condition, ConditionOf)> {
    let item = rollback.items.get(rollback.next).filter(|_| rollback.awaiting.is_some());
    let Some((item, step)) = item.and_then(|item| Some((item, state.outline.step(&item.run.step)?))) else {
        return Vec::new();
    };
    match item.run.kind {
        RunKind::Do => (0..).zip(&step.verify).map(|(i, c)| (c, ConditionOf::Verify(step.id.clone(), i))).collect(),
        RunKind::Undo => {
            let require = step.undo.iter().flat_map(|u| &u.require);
            (0..).zip(require).map(|(i, c)| (c, ConditionOf::Undo(step.id.clone(), i))).collect()
        }
    }
}

/// The first requirement of an item that has run which does not hold yet, how long it has, and whether it does now.
fn waits_for(state: &LaunchState, readout: &Readout, rollback: &RollbackState) -> Option<(String, String, bool)> {
    let mut views = must_hold(state, rollback).into_iter().map(|(c, of)| (c, readout.conditions.get(&of)));
    let (condition, view) = views.find(|(_, view)| view.is_none_or(|v| v.held != Some(true)))?;
    let found = view.map_or_else(|| format!("{condition}: not measured yet"), |view| measured::live(condition, view));
    let far = view.and_then(|v| Some(format!(", {} / {}", clock(v.lasted), clock(v.needs?)))).unwrap_or_default();
    Some((found, far, view.is_some_and(|v| v.now == Some(true))))
}

/// The same with its clocks.
fn waits(m: &Moment<'_>, rollback: &RollbackState) -> Option<Words> {
    let (found, far, holds) = waits_for(m.state, m.readout, rollback)?;
    let until = gives_up(m.state, rollback).filter(|_| !holds);
    let until = until.map_or_else(String::new, |at| format!("; stops and asks in {}", left(at.since(m.now))));
    Some(Words::of([format!("waits: {found}{far}{until}"), format!("waits: {found}{far}"), format!("waits: {found}")]))
}

fn no_way(m: &Moment<'_>) -> Back {
    let undos = m.state.outline.steps.iter().filter(|s| s.undo.is_some()).count();
    let begun = m.state.steps.values().filter(|s| s.touched).count();
    let (ground, head, to, why) = match (undos, begun) {
        (0, 0) => (Ground::None, "NONE", "the plan has no way back".to_owned(), "nothing has begun yet".to_owned()),
        (0, n) => (Ground::None, "NONE", "the plan has no way back".to_owned(), format!("{} began", count(n, "step"))),
        (_, 0) => (
            Ground::NothingYet,
            "nothing to undo",
            "nothing has begun yet".to_owned(),
            format!("{} can be undone", count(undos, "step")),
        ),
        (_, n) => (
            Ground::None,
            "NONE",
            format!("{} began, none can be undone", count(n, "step")),
            format!("{} to come can", count(undos, "step")),
        ),
    };
    Back { ground, head: head.into(), takes: String::new(), to: to.into(), why: why.into() }
}

fn offered(m: &Moment<'_>, way: &WayView) -> Back {
    let failed = failed_undo(m.state, way, m.now);
    let (ground, head) = match (&way.closed, &way.ready) {
        (Some(_), _) => (Ground::Closed, "CLOSED"),
        (None, Ok(())) if m.state.side.cut.is_some() => (Ground::CutOff, "READY, CUT OFF"),
        (None, Ok(())) if failed.is_some() => (Ground::FailedBefore, "READY, FAILED BEFORE"),
        (None, Ok(())) => (Ground::Ready, "READY"),
        (None, Err(_)) => (Ground::NotReady, "NOT READY"),
    };
    let open = m.ways.iter().filter(|w| w.way != way.way && w.closed.is_none()).count();
    let to = match open {
        0 => way.title.as_str().into(),
        n => {
            let more = format!("{}; or {n} more", way.title);
            Words::of([format!("{}; or {}", way.title, others(m.ways, way)), more, way.title.clone()])
        }
    };
    let why = match (&way.closed, &way.ready) {
        (Some(why), _) | (None, Err(why)) => why.as_str().into(),
        (None, Ok(())) if ground == Ground::CutOff => Words::of([
            format!("our own side is cut off: nobody knows whether it reaches production; {}", reasons(m, way).long()),
            "our own side is cut off".to_owned(),
            "cut off".to_owned(),
        ]),
        (None, Ok(())) => match failed.or_else(|| way.first.clone()) {
            Some(first) => Words::of([format!("{first}; {}", reasons(m, way).long()), first]),
            None => reasons(m, way),
        },
    };
    Back { ground, head: head.into(), takes: takes(way), to, why }
}

/// The undo of a way back that failed when it was tried last: `the undo of Deploy failed 2 min ago`.
pub fn failed_undo(state: &LaunchState, way: &WayView, now: Timestamp) -> Option<String> {
    let step = way.undoes.iter().find(|id| state.undo_failed(id))?;
    let StepStatus::Failed { at, .. } = &state.steps.get(step)?.status else { return None };
    let title = state.outline.step(step).map_or(step.as_str(), |step| step.title.as_str());
    Some(format!("the undo of {title} failed {} ago", age(now, *at)))
}

/// `Traffic back to blue ~15 s`, `2 more`.
fn others(ways: &[WayView], but: &WayView) -> String {
    let rest: Vec<&WayView> = ways.iter().filter(|w| w.way != but.way && w.closed.is_none()).collect();
    match rest.as_slice() {
        [one] => format!("{} {}", one.title, takes(one)),
        more => format!("{} more", more.len()),
    }
}

fn takes(way: &WayView) -> String {
    way.estimate.map_or_else(|| "time unknown".to_owned(), about)
}

/// What a way that is ready rests on, how old that is, and what it loses.
fn reasons(m: &Moment<'_>, way: &WayView) -> Words {
    let loses = way.loses.as_ref().map_or(NO_LOSS.to_owned(), |what| format!("loses {what}"));
    let stays = match way.stays.len() {
        0 => String::new(),
        n => format!("; {} can't be undone", count(n, "step")),
    };
    let require = match &way.way {
        Way::Named(id) => m.state.outline.rollback(id).map_or(&[][..], |r| &r.require),
        Way::Stage(_) | Way::All => &[],
    };
    let seen: Vec<(&Condition, Timestamp)> = require.iter().filter_map(|c| Some((c, measured_at(m, c)?))).collect();
    let oldest = seen.iter().min_by_key(|(_, at)| *at);
    let Some((condition, at)) = oldest else { return Words::of([format!("{loses}{stays}"), loses]) };
    let old = age(m.now, *at);
    let holds = if seen.len() > 1 { format!("{} hold", seen.len()) } else { condition.to_string() };
    Words::of([
        format!("{holds}, {old} ago; {loses}{stays}"),
        format!("{holds}, {old}; {loses}"),
        format!("{holds}, {old} ago"),
    ])
}

/// When what a condition is about was measured last; of several instances the one that is longest ago.
fn measured_at(m: &Moment<'_>, condition: &Condition) -> Option<Timestamp> {
    let subject = &condition.subject;
    let about = measured::of_probe(m.readout, &subject.probe).filter(|v| {
        subject.instance.as_ref().is_none_or(|i| v.id.instance.as_ref() == Some(i))
            && subject.measure.as_ref().is_none_or(|wanted| *wanted == v.id.measure)
    });
    about.filter_map(|v| v.at).min().filter(|at| m.now.since(*at) >= Span(-60_000))
}
