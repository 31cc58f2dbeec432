//! When it will be over: planned, actual and projected ends, and the latest safe go. Derived from the plan and the state
//! alone, never stored.
//!
//! A step that is not begun starts as early as the plan lets it: after what it waits for, at its time, in its window. It
//! takes its `estimate` or its `soak`, whichever is longer. What goes on takes what is left of that; what is over took
//! what it took. People are taken to answer at once, so a projected end is the earliest that can be hoped for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::answers::soak;
use super::due::{due_by, stands, window};
use super::{LaunchState, Status, StepState, StepStatus};
use crate::core::ids::StepId;
use crate::core::outline::StepOutline;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::core::window::{Stands, Window};

/// Ends of the phases and of the launch, and how the work left fits its window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The phases in the outline's order.
    pub phases: Vec<Ends>,
    /// The whole launch.
    pub launch: Ends,
    /// Steps that are not over and say nothing of how long they take: they count as no time at all.
    pub unknown: usize,
    /// How the work left fits the window that counts; none where no window binds any of it.
    pub fit: Option<Fit>,
}

/// Three ends of one part of the plan. All of them are none for a part without a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// By the plan alone, from the opening of the launch and T-0 as it stands now.
    pub planned: Option<Timestamp>,
    /// When it was over; none while it is not.
    pub actual: Option<Timestamp>,
    /// When it will be over; the actual end where it is.
    pub projected: Option<Timestamp>,
}

/// How the work left fits its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fit {
    /// When the window opens, or opened.
    pub opens: Timestamp,
    /// The window's end.
    pub until: Timestamp,
    /// When the work begins at the earliest: now, or when the window opens, or when its own time has come.
    pub begins: Timestamp,
    /// How long the work takes that would begin in it, from then on.
    pub remaining: Span,
    /// How long the way back takes; none where the plan does not say: it counts as no time at all.
    pub back: Option<Span>,
    /// Until when the next step can be begun so that all of it, and then the way back, fits before the end: a whole minute.
    pub latest_go: Timestamp,
    /// It does not fit any more, or never did.
    pub late: bool,
    /// A step with effects still waits for its start.
    pub waits: bool,
}

/// How the work left stands to its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It fits, and can be begun until the latest safe go.
    Fits,
    /// The latest safe go is over.
    Late,
    /// The latest safe go is still to come, but by the plan the work begins after it.
    BeginsLate,
    /// The window is too short for it, whenever it is begun.
    TooShort,
}

impl Fit {
    /// How the work stands to the window.
    pub fn room(&self, now: Timestamp) -> Room {
        match () {
            () if !self.late => Room::Fits,
            () if self.latest_go < self.opens => Room::TooShort,
            () if self.latest_go < now => Room::Late,
            () => Room::BeginsLate,
        }
    }
}

/// The forecast of a moment.
pub fn forecast(state: &LaunchState, readout: &Readout, now: Timestamp) -> Forecast {
    let run = Run::new(state, readout, now);
    let planned = run.project(state.opened, By::Plan(&BTreeMap::new()));
    let projected = run.project(now, By::Now);
    let ends = |of: &dyn Fn(&StepOutline) -> bool| {
        let within = || state.outline.steps.iter().enumerate().filter(|(_, s)| of(s)).map(|(i, _)| i);
        let over = within().map(|i| run.over(i)).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
        Ends {
            planned: within().map(|i| planned[i].1).max(),
            actual: over,
            projected: within().map(|i| projected[i].1).max(),
        }
    };
    let ended = match state.status {
        Status::Ended { at, .. } => Some(at),
        _ => None,
    };
    let unknown = state.outline.steps.iter().enumerate().filter(|(i, step)| {
        run.over(*i).is_none() && step.estimate.is_none() && step.soak.is_none() && step.gate.is_none()
    });
    Forecast {
        phases: state.outline.phases.iter().map(|phase| ends(&|step| step.phase == phase.id)).collect(),
        launch: match ended {
            Some(at) => Ends { actual: Some(at), projected: Some(at), ..ends(&|_| true) },
            None => ends(&|_| true),
        },
        unknown: if ended.is_some() { 0 } else { unknown.count() },
        fit: run.fit(&projected),
    }
}

/// When each step begins and ends by the plan alone, in the outline's order, from the opening of the launch and T-0 as it
/// stands now; those of `kept` where they stand there.
pub fn planned_slots(state: &LaunchState, kept: &BTreeMap<StepId, Slot>) -> Vec<Slot> {
    Run::new(state, &Readout::default(), state.last_at).project(state.opened, By::Plan(kept))
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60_000;

/// The last whole unit of so many milliseconds up to `until` for which something is so that is so at `from` and, once it is
/// not, stays so.
fn last(unit: i64, from: Timestamp, until: Timestamp, is_so: impl Fn(Timestamp) -> bool) -> Timestamp {
    let whole = |at: Timestamp| at.millis().div_euclid(unit);
    let (mut so, mut not) = (whole(from), whole(until) + 1);
    // Most often it is so for no longer than that.
    if not - so > 1 && !is_so(Timestamp((so + 1) * unit)) {
        not = so + 1;
    }
    while not - so > 1 {
        let half = so + (not - so) / 2;
        if is_so(Timestamp(half * unit)) { so = half } else { not = half }
    }
    Timestamp(so * unit)
}

/// How long a step takes by the plan.
fn length(step: &StepOutline) -> Span {
    step.estimate.max(step.soak).unwrap_or(Span::ZERO).max(Span::ZERO)
}

/// A start and an end.
pub type Slot = (Timestamp, Timestamp);

/// A time in which a window is open, or closed until its end.
struct Stretch<'a> {
    of: &'a Window,
    from: Timestamp,
    to: Timestamp,
    open: bool,
}

/// By what a projection goes.
#[derive(Clone, Copy)]
enum By<'a> {
    /// What has begun, and all windows.
    Now,
    /// The plan alone, as though nothing had begun at all; these steps as it was before.
    Plan(&'a BTreeMap<StepId, Slot>),
    /// As now, but through the end of this window, as though it stayed open.
    Through(&'a Window),
    /// The same with steps that take no time: what only the times of the plan put off.
    Times(&'a Window),
}

impl By<'_> {
    fn passes(self, window: &Window) -> bool {
        matches!(self, By::Through(bound) | By::Times(bound) if bound == window)
    }
}

struct Run<'a> {
    state: &'a LaunchState,
    readout: &'a Readout,
    now: Timestamp,
    index: BTreeMap<&'a StepId, usize>,
    /// The steps, each after all that it waits for.
    order: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(state: &'a LaunchState, readout: &'a Readout, now: Timestamp) -> Self {
        let steps = &state.outline.steps;
        let index: BTreeMap<&StepId, usize> = steps.iter().enumerate().map(|(i, s)| (&s.id, i)).collect();
        let mut later: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
        let mut open = vec![0_usize; steps.len()];
        for (i, step) in steps.iter().enumerate() {
            for before in step.after.iter().filter_map(|id| index.get(id)) {
                later[*before].push(i);
                open[i] += 1;
            }
        }
        let mut ready: BTreeSet<usize> = (0..steps.len()).filter(|i| open[*i] == 0).collect();
        let mut order = Vec::with_capacity(steps.len());
        while let Some(i) = ready.pop_first() {
            order.push(i);
            for next in &later[i] {
                open[*next] -= 1;
                if open[*next] == 0 {
                    ready.insert(*next);
                }
            }
        }
        // A plan whose steps wait for each other is refused; an old one that does is still told of.
        order.extend((0..steps.len()).filter(|i| open[*i] > 0));
        Self { state, readout, now, index, order }
    }

    fn step(&self, i: usize) -> &'a StepOutline {
        &self.state.outline.steps[i]
    }

    fn own(&self, i: usize) -> Option<&'a StepState> {
        self.state.steps.get(&self.step(i).id)
    }

    /// When a step was over, if it is.
    fn over(&self, i: usize) -> Option<Timestamp> {
        match &self.own(i)?.status {
            StepStatus::Done { at, .. } | StepStatus::Skipped { at, .. } => Some(*at),
            _ => None,
        }
    }

    fn active(&self, i: usize) -> bool {
        self.own(i).is_some_and(|own| own.status.is_active())
    }

    /// When each step begins and ends if nothing new begins before `from`.
    fn project(&self, from: Timestamp, by: By<'_>) -> Vec<Slot> {
        let mut slots: Vec<Option<Slot>> = vec![None; self.order.len()];
        let mut known = Vec::new();
        for i in &self.order {
            let (step, own) = (self.step(*i), self.own(*i).filter(|_| !matches!(by, By::Plan(_))));
            if let By::Plan(kept) = by
                && let Some(slot) = kept.get(&step.id)
            {
                slots[*i] = Some(*slot);
                continue;
            }
            let ends = |of: &[StepId]| {
                let all = of.iter().map(|id| slots[*self.index.get(id)?].map(|(_, end)| end));
                all.collect::<Option<Vec<_>>>()?.into_iter().max()
            };
            let begun = own.and_then(|own| own.started);
            let slot = match own.filter(|own| own.status.is_over() || own.status.is_active()) {
                Some(own) => {
                    let left = || if matches!(by, By::Times(_)) { self.now } else { self.left(step, own) };
                    let end = self.over(*i).unwrap_or_else(left);
                    (begun.unwrap_or(end).min(end), end)
                }
                None => {
                    let after = step.after.iter().filter_map(|id| ends(std::slice::from_ref(id)));
                    let ready = after.chain(due_by(self.state, step, &ends)).fold(from, Timestamp::max);
                    let passed = own.is_some_and(|own| own.outside == Some(own.attempt.saturating_add(1)));
                    let waits = |window: &&'a Window| !passed && !by.passes(window);
                    let start = match window(self.state, step).filter(waits) {
                        Some(window) => self.open(window, ready, &mut known),
                        None => ready,
                    };
                    (start, if matches!(by, By::Times(_)) { start } else { start + length(step) })
                }
            };
            slots[*i] = Some(slot);
        }
        slots.into_iter().map(|slot| slot.unwrap_or((from, from))).collect()
    }

    /// The first moment from `at` on at which a window is open. One that never opens is taken for open: nothing better is
    /// known. `known` is what was found out before.
    fn open(&self, window: &'a Window, at: Timestamp, known: &mut Vec<Stretch<'a>>) -> Timestamp {
        let within = |s: &&Stretch<'_>| std::ptr::eq(s.of, window) && s.from <= at && at < s.to;
        if let Some(stretch) = known.iter().find(within) {
            return if stretch.open { at } else { stretch.to };
        }
        let (from, to, open) = match stands(self.state, window, at) {
            Stands::Open { since, until } => (since, until, true),
            Stands::Closed { opens } => (at, opens.unwrap_or(at), false),
        };
        known.push(Stretch { of: window, from, to, open });
        if open { at } else { to }
    }

    /// When what goes on will be over; never before now.
    fn left(&self, step: &StepOutline, own: &StepState) -> Timestamp {
        let started = own.started.unwrap_or(self.now);
        let soaks = step.soak.unwrap_or(Span::ZERO);
        let end = match own.status {
            StepStatus::Running { .. } => (started + length(step)).max(self.now + soaks),
            StepStatus::Soaking { .. } => {
                let left =
                    soak(self.state, self.readout, step, self.now).map_or(Span::ZERO, |soak| soak.left(self.now));
                self.now + left
            }
            StepStatus::Claimed => started + length(step),
            _ => self.now,
        };
        end.max(self.now)
    }

    /// How the steps with effects that would begin in the window that counts fit into it.
    fn fit(&self, projected: &[Slot]) -> Option<Fit> {
        let (state, now) = (self.state, self.now);
        if !matches!(state.status, Status::Live | Status::RolledBack(_)) {
            return None;
        }
        let steps = || (0..projected.len()).filter(|i| self.over(*i).is_none());
        let bound = steps().find_map(|i| window(state, self.step(i)))?;
        let (opens, from, until) = match stands(state, bound, now) {
            Stands::Open { since, until } => (since, now, until),
            Stands::Closed { opens } => match stands(state, bound, opens?) {
                Stands::Open { since, until } => (since, since, until),
                Stands::Closed { .. } => return None,
            },
        };
        // What its own time puts behind the window is not meant for it; what only the work before it does, is.
        let times = self.project(from, By::Times(bound));
        let meant: Vec<usize> =
            steps().filter(|i| window(state, self.step(*i)) == Some(bound) && times[*i].0 < until).collect();
        let end = |go: Timestamp| {
            let slots = self.project(go, By::Through(bound));
            meant.iter().map(|i| slots[*i].1).max()
        };
        let ends = end(from)?;
        let back = self.back(&meant);
        let limit = until - back.unwrap_or(Span::ZERO);
        // What the plan's own times put off is no work: it begins where a later go would make the end later.
        let begins = last(SECOND, from, ends, |go| end(go) == Some(ends)).max(from);
        let latest_go = if ends > limit {
            let minute = (begins - ends.since(limit)).millis().div_euclid(MINUTE);
            Timestamp(minute * MINUTE)
        } else {
            last(MINUTE, from, until, |go| end(go).is_some_and(|end| end <= limit)).max(from)
        };
        Some(Fit {
            opens,
            until,
            begins,
            remaining: ends.since(begins),
            back,
            latest_go,
            late: ends > limit,
            waits: meant.iter().any(|i| !self.active(*i)),
        })
    }

    /// The minutes of the plan's own way back; else of the undos of what has begun or is meant to.
    fn back(&self, meant: &[usize]) -> Option<Span> {
        let outline = &self.state.outline;
        let own = outline.rollback.as_ref().and_then(|id| outline.rollback(id)).and_then(|r| r.estimate);
        let touched = |i: &usize| self.own(*i).is_some_and(|own| own.touched) || meant.contains(i);
        let undo = (0..outline.steps.len()).filter(touched).filter_map(|i| self.step(i).undo.as_ref()?.estimate);
        own.or_else(|| undo.reduce(|all, one| all + one))
    }
}
