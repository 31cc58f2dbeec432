//! When a step is due and what it waits for. Derived, never stored.

use super::outputs::outputs_since;
use super::{LaunchState, Missing, RollbackState, RollbackStatus, Status, StepStatus, missing_outputs};
use crate::core::event::Actor;
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::outline::{Since, StepOutline};
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::wall::Wall;
use crate::core::window::{DayTime, Stands, Window};
use crate::core::words::short;

impl Closed {
    /// `tue 02:00 to 04:00 Europe/Berlin: it opens 24 Nov 02:00 CET, in 3h`.
    pub fn words(&self, state: &LaunchState, now: Timestamp) -> String {
        let left = self.opens.map_or_else(String::new, |at| format!(", in {}", short(at.since(now))));
        format!("{}: {}{left}", self.window, opens_words(state, self.opens, now))
    }
}

/// What stands between a step and its start, of what the plan says. (A hold or a way back under way stand beside it.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Steps that must be over first and are not.
    pub after: Vec<StepId>,
    /// Its time has not come: when it does.
    pub until: Option<Timestamp>,
    /// Its window is closed.
    pub outside: Option<Closed>,
}

/// A window that is closed for a step with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Which, in words.
    pub window: String,
    /// When it opens; none where it never does.
    pub opens: Option<Timestamp>,
}

impl Waits {
    /// Whether nothing stands in its way.
    pub fn is_due(&self) -> bool {
        self.after.is_empty() && self.until.is_none() && self.outside.is_none()
    }
}

/// When the clock makes a step due: its own time or its phase's, whichever is later. None where it has no time, and where
/// the time counts from what has not happened yet; the step waits for that.
pub fn due_at(state: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    due_by(state, step, &|of| happened_at(state, of))
}

/// The same, where another rule says when the last of some steps is over. Where its phase comes on a later day, its
/// `not-before` is that of the day on which it is due by all else.
pub(super) fn due_by(
    state: &LaunchState,
    step: &StepOutline,
    over: &dyn Fn(&[StepId]) -> Option<Timestamp>,
) -> Option<Timestamp> {
    let phase = state.outline.phase(&step.phase);
    // A time of its own says nothing while it counts from something else, too, that has not happened.
    let mut counts = phase.and_then(|p| p.since.as_ref()).into_iter().chain(&step.since);
    if counts.any(|since| over(&since.of).is_none()) {
        return None;
    }
    let phase = phase.and_then(|p| time_by(state, p.at, p.since.as_ref(), p.not_before, over));
    let own = time_by(state, step.at, step.since.as_ref(), step.not_before, over);
    let due = phase.into_iter().chain(own).max()?;
    match step.not_before {
        Some(not_before) if own.is_some_and(|own| own < due) => Some(on_day_of(state, not_before, due).max(due)),
        _ => Some(due),
    }
}

/// A time of day on the day of a moment, by the people's wall.
fn on_day_of(state: &LaunchState, time: DayTime, at: Timestamp) -> Timestamp {
    let wall = Wall::of(state);
    wall.met(time.on_day_of(wall.shown(at), wall.zone()))
}

/// After its day's `not-before` has passed by so much at T-0, that of the day after is meant.
const LONG_BEFORE: Span = Span::mins(6 * 60);

/// What `at` and `not-before` say: the time of day is that of the day of `at`, else of T-0's (where it is long over then,
/// of the day after).
pub(super) fn time_of(
    state: &LaunchState,
    at: Option<Offset>,
    since: Option<&Since>,
    not_before: Option<DayTime>,
) -> Option<Timestamp> {
    time_by(state, at, since, not_before, &|of| happened_at(state, of))
}

/// The same, where another rule says when the last of some steps is over.
fn time_by(
    state: &LaunchState,
    at: Option<Offset>,
    since: Option<&Since>,
    not_before: Option<DayTime>,
    over: &dyn Fn(&[StepId]) -> Option<Timestamp>,
) -> Option<Timestamp> {
    let happened = since.map(|since| over(&since.of).map(|end| end + since.plus));
    let own = at.map(|Offset(span)| state.t0 + span).into_iter().chain(happened.flatten()).max();
    let Some(not_before) = not_before else { return own };
    let on_day_of = |at: Timestamp| on_day_of(state, not_before, at);
    match (own, happened) {
        (Some(own), _) => Some(on_day_of(own).max(own)),
        (None, Some(_)) => None,
        (None, None) => {
            let same = on_day_of(state.t0);
            let late = state.t0.since(same) > LONG_BEFORE;
            Some(if late { on_day_of(state.t0 + Span::mins(24 * 60)) } else { same })
        }
    }
}

/// When the last of some steps was over; none while one is not.
fn happened_at(state: &LaunchState, of: &[StepId]) -> Option<Timestamp> {
    of.iter().map(|id| over_at(state, id)).collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// When a step was done or left out; none while it is neither.
pub(super) fn over_at(state: &LaunchState, id: &StepId) -> Option<Timestamp> {
    match &state.steps.get(id)?.status {
        StepStatus::Done { at, .. } | StepStatus::Skipped { at, .. } => Some(*at),
        _ => None,
    }
}

/// The window that the plan has for a step: its phase's, else its own; only one with a command has effects, and a step of
/// a way back is bound by none.
fn window_of<'a>(state: &'a LaunchState, step: &StepOutline) -> Option<&'a Window> {
    // Asked first: finding the phase takes longer, and this is asked of all steps.
    step.run.as_ref()?;
    let phase = state.outline.phase(&step.phase)?;
    phase.window.as_ref().or(state.outline.window.as_ref())
}

/// The window that binds a step. Stand-ins have no effect that one could bind, and a rehearsal is in the afternoon.
pub(super) fn window<'a>(state: &'a LaunchState, step: &StepOutline) -> Option<&'a Window> {
    window_of(state, step).filter(|_| !state.stands_in())
}

/// How a window stands, on the launch's timeline.
pub(super) fn stands(state: &LaunchState, window: &Window, now: Timestamp) -> Stands {
    let wall = Wall::of(state);
    match window.stands(wall.shown(now)) {
        Stands::Open { since, until } => Stands::Open { since: wall.met(since), until: wall.met(until) },
        Stands::Closed { opens } => Stands::Closed { opens: opens.map(|at| wall.met(at)) },
    }
}

/// The window that counts now: that of the first step with a command that is not over, else the plan's; and how it
/// stands. None where the plan has none, nothing with a command is left that one binds, and on
/// stand-ins.
pub fn window_now(state: &LaunchState, now: Timestamp) -> Option<Stands> {
    let open = |s: &&StepOutline| state.steps.get(&s.id).is_none_or(|own| !own.status.is_over());
    let mut steps = state.outline.steps.iter().filter(open);
    let window = steps.find_map(|step| window(state, step))?;
    Some(stands(state, window, now))
}

/// The first command for which the plan has a window, and whether that is open when it is due.
#[derive(Clone, Debug)]
pub struct FirstBound<'a> {
    /// Its step.
    pub step: &'a StepOutline,
    /// When it is due: at its time, else at T-0, and never before now.
    pub at: Timestamp,
    /// The window, in words.
    pub window: String,
    /// Where it is closed then: when it opens, in words.
    pub opens: Option<String>,
}

/// The first step that is not over and for whose command the plan has a window, which binds no stand-in; none where there
/// is none.
pub fn first_bound(state: &LaunchState, now: Timestamp) -> Option<FirstBound<'_>> {
    let open = |s: &&StepOutline| state.steps.get(&s.id).is_none_or(|own| !own.status.is_over());
    let mut steps = state.outline.steps.iter().filter(open);
    let (step, window) = steps.find_map(|step| Some((step, window_of(state, step)?)))?;
    let at = due_at(state, step).unwrap_or(state.t0).max(now);
    let opens = match stands(state, window, at) {
        Stands::Open { .. } => None,
        Stands::Closed { opens } => Some(opens_words(state, opens, at)),
    };
    Some(FirstBound { step, at, window: window.to_string(), opens })
}

/// `it opens 24 Nov 02:00 CET`; with its day where that is another one than `beside`.
fn opens_words(state: &LaunchState, opens: Option<Timestamp>, beside: Timestamp) -> String {
    opens.map_or("it never opens".to_owned(), |at| format!("it opens {}", Wall::of(state).zoned(at, beside)))
}

/// Its window, where that is closed, whatever was said about it.
pub(super) fn closed(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Closed> {
    let window = window(state, step)?;
    match stands(state, window, now) {
        Stands::Open { .. } => None,
        Stands::Closed { opens } => Some(Closed { window: window.to_string(), opens }),
    }
}

/// That T-0 lies outside the plan's window, where it does: `T-0 is outside the plan's window, tue 02:00 to 04:00
/// Europe/Berlin: it opens 24 Nov 02:00 CET`. None on stand-ins, which no window binds.
pub fn t0_outside(state: &LaunchState, t0: Timestamp) -> Option<String> {
    let window = state.outline.window.as_ref().filter(|_| !state.stands_in())?;
    match stands(state, window, t0) {
        Stands::Open { .. } => None,
        Stands::Closed { opens } => {
            let opens = opens_words(state, opens, t0);
            Some(format!("T-0 is outside the plan's window, {window}: {opens}"))
        }
    }
}

/// Its window, where that is closed at a moment and nobody said that it starts all the same.
pub(super) fn outside(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Closed> {
    let own = state.steps.get(&step.id);
    let passed = own.is_some_and(|own| own.outside == Some(own.attempt.saturating_add(1)));
    if passed { None } else { closed(state, step, now) }
}

/// When a step that waits for nothing but its clock can start: when it is due, or when its window opens after that. None
/// where it never does.
pub(super) fn starts_at(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Timestamp> {
    let due = due_at(state, step).map_or(now, |due| due.max(now));
    outside(state, step, due).map_or(Some(due), |closed| closed.opens)
}

/// What a step of the plan waits for.
pub fn waits(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Waits {
    let open =
        |id: &&StepId| state.outline.step(id).is_some() && state.steps.get(*id).is_none_or(|s| !s.status.is_over());
    Waits {
        after: step.after.iter().filter(open).cloned().collect(),
        until: due_at(state, step).filter(|at| *at > now),
        outside: outside(state, step, now),
    }
}

/// Since when a step that is due has been so: its time, the end of what it waited for, the release of nothing. None
/// where it is not due, or was from the beginning.
pub(super) fn due_since(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Timestamp> {
    let over = step.after.iter().filter_map(|id| match state.steps.get(id).map(|s| &s.status) {
        Some(StepStatus::Done { at, .. } | StepStatus::Skipped { at, .. }) => Some(*at),
        _ => None,
    });
    let opened = window(state, step).and_then(|window| match stands(state, window, now) {
        // One that opened before there was a launch kept nothing of it waiting.
        Stands::Open { since, .. } => Some(since).filter(|since| *since > state.opened),
        Stands::Closed { .. } => None,
    });
    let since = over.chain(due_at(state, step)).chain(opened).chain(outputs_since(state, step)).max();
    since.filter(|_| waits(state, step, now).is_due())
}

/// Whether a step that starts by itself became due before this engine took the launch up after a gap: then it waits for a
/// person.
pub(super) fn missed(state: &LaunchState, step: &StepOutline, now: Timestamp) -> bool {
    let is_due = waits(state, step, now).is_due();
    is_due && !state.gaps.is_empty() && due_since(state, step, now).unwrap_or(state.opened) <= state.engine_since
}

/// The end of an appointment among people: `span` after `start`, later by all time in which no engine ran.
pub(super) fn appointment(state: &LaunchState, start: Timestamp, span: Span) -> Timestamp {
    let mut end = start + span;
    for (from, to) in &state.gaps {
        if *to > start && *from < end {
            end = end + to.since((*from).max(start));
        }
    }
    end
}

/// When the open poll of a gate ends without a decision; none where no poll is open or nothing ends it.
pub fn poll_ends(state: &LaunchState, gate: &StepOutline) -> Option<Timestamp> {
    let own = state.steps.get(&gate.id).filter(|own| own.status == StepStatus::Polling)?;
    Some(appointment(state, own.poll.as_ref()?.opened, gate.gate.as_ref()?.expires?))
}

/// When something began that has lasted for so much observed time: the wall's clock went on where nothing was observed.
pub fn observed_before(state: &LaunchState, at: Timestamp, lasted: Span) -> Timestamp {
    let gaps = state.gaps.iter().rev();
    gaps.fold(at - lasted, |began, (from, to)| if *to <= at && *to > began { began - to.since(*from) } else { began })
}

/// A length of time for a sentence: whole seconds, rounded, never less than one.
pub(super) fn about(span: Span) -> Span {
    Span::secs(((span.millis() + 500) / 1000).max(1))
}

/// When a moment is, in words: `T+30m, in 12m`.
pub(super) fn when(state: &LaunchState, at: Timestamp, now: Timestamp) -> String {
    format!("{}, in {}", Offset(at.since(state.t0).seconds()), about(at.since(now)))
}

/// What stands against starting a step now: its own state, the launch's, or what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The launch is over.
    Ended,
    /// It has started.
    UnderWay,
    /// It is done.
    Done,
    /// A command of an earlier attempt, or its undo, has not ended.
    Runs(RunId),
    /// The way back of that number is under way or has stopped.
    GoingBack(u32),
    /// Somebody holds the launch.
    Held,
    /// These must be over first.
    After(Vec<StepId>),
    /// Its time has not come.
    Until(Timestamp),
    /// Its window is closed.
    Outside(Closed),
    /// Its command needs what an earlier one has not given.
    Needs(Missing),
}

impl Obstacle {
    /// The first thing that stands against it, if anything does.
    pub(super) fn of(state: &LaunchState, step: &StepOutline, now: Timestamp) -> Option<Self> {
        if let Status::Ended { .. } = state.status {
            return Some(Self::Ended);
        }
        match state.steps.get(&step.id).map(|own| &own.status) {
            Some(status) if status.is_active() => return Some(Self::UnderWay),
            Some(StepStatus::Done { .. }) => return Some(Self::Done),
            // Beside the plan a command runs once, however it ends.
            Some(StepStatus::Failed { .. }) if state.is_added(&step.id) => return Some(Self::Done),
            _ => {}
        }
        if let Some((run, _)) = state.runs.iter().find(|(run, s)| run.step == step.id && s.end.is_none()) {
            return Some(Self::Runs(run.clone()));
        }
        if let Status::RollingBack(number) = state.status {
            return Some(Self::GoingBack(number));
        }
        if state.hold.is_some() {
            return Some(Self::Held);
        }
        let waits = waits(state, step, now);
        if !waits.after.is_empty() {
            return Some(Self::After(waits.after));
        }
        let run = RunId { step: step.id.clone(), kind: RunKind::Do, attempt: 1 };
        let needs = || missing_outputs(state, &run, step.run.as_deref()?).into_iter().next();
        let clock = waits.until.map(Self::Until).or(waits.outside.map(Self::Outside));
        clock.or_else(|| needs().map(Self::Needs))
    }

    /// It in words, a lower-case fragment.
    pub(super) fn words(&self, state: &LaunchState, id: &StepId, now: Timestamp) -> String {
        let own = state.steps.get(id);
        match self {
            Self::Ended => ended(state),
            Self::UnderWay => {
                let by = own.and_then(|s| s.started_by.as_ref()).unwrap_or(&Actor::Engine);
                format!("`{id}` is under way, started by {by}")
            }
            Self::Done => match own.map(|s| &s.status) {
                Some(StepStatus::Done { by, .. }) => format!("`{id}` is done, says {by}"),
                Some(StepStatus::Failed { .. }) => format!("`{id}` ran once, beside the plan: `sh` runs it again"),
                _ => format!("`{id}` is done"),
            },
            Self::Runs(run) => format!("{} has not ended yet", run.words()),
            Self::GoingBack(number) => going_back(state, *number),
            Self::Held => {
                let all: Vec<_> = state.holds().map(|hold| format!("{} holds: {}", hold.by, hold.why)).collect();
                format!("the launch is held: {}", all.join("; "))
            }
            Self::After(first) => {
                let all: Vec<_> = first.iter().map(|id| format!("`{id}` ({})", state.word(id))).collect();
                format!("`{id}` waits for {}", all.join(", "))
            }
            Self::Needs(missing) => format!("`{id}` can't start: {}", missing.words()),
            Self::Until(at) => format!("`{id}` is not due before {}", when(state, *at, now)),
            Self::Outside(closed) => format!("`{id}` is outside its window, {}", closed.words(state, now)),
        }
    }
}

/// Whether a hold is all that stands against starting a step that is not over.
pub(super) fn is_only_held(state: &LaunchState, step: &StepOutline, now: Timestamp) -> bool {
    let over = state.steps.get(&step.id).is_some_and(|own| own.status.is_over());
    !over && Obstacle::of(state, step, now) == Some(Obstacle::Held) && waits(state, step, now).is_due()
}

/// `the launch was ended by ana`.
pub(super) fn ended(state: &LaunchState) -> String {
    match &state.status {
        Status::Ended { by, .. } => format!("the launch was ended by {by}"),
        _ => "the launch was ended".to_owned(),
    }
}

/// `rollback 1, traffic to blue, stopped: …`, `… is under way`.
pub(super) fn going_back(state: &LaunchState, number: u32) -> String {
    match state.rollbacks.get((number as usize).wrapping_sub(1)) {
        Some(RollbackState { title, status: RollbackStatus::Stopped { why, .. }, .. }) => {
            format!("rollback {number}, {title}, stopped: {why}")
        }
        Some(rollback) => format!("rollback {number}, {}, is under way", rollback.title),
        None => format!("rollback {number} is under way"),
    }
}
