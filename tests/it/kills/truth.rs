//! What must be so whatever was killed, by what really happened outside of the engine: the commands that ran, what the
//! probes found, and the times in which no engine ran. Nothing here asks the rules that it judges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::rngs::SmallRng;
use tminus::core::event::{Actor, Event, Recorded, RunEnd};
use tminus::core::ids::{ChannelId, OrderId, RunId, RunKind, Seq, StepId};
use tminus::core::launch::{Input, LaunchState, RollbackStatus};
use tminus::core::notice::{Act as Said, Fact};
use tminus::core::order::{Order, What};
use tminus::core::reading::Poll;
use tminus::core::time::{Span, Timestamp};

/// Two readings that are further from each other say nothing of the time between.
const APART: Span = Span::secs(90);

/// What comes to an engine.
#[derive(Clone, Debug)]
pub enum Act {
    Input(Input),
    /// All probes report at that moment.
    Polls(Timestamp, Vec<Poll>),
    /// The engine itself puts something on record.
    Record(Event),
    /// It is asked to end.
    Leave,
}

/// A command that was started.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it is over, unless it is stopped before.
    pub ends: Timestamp,
    /// With which status; none for one whose supervisor dies with it.
    pub code: Option<i32>,
    pub stopped: Option<Timestamp>,
}

impl Run {
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.stopped.is_some() || self.ends <= now
    }

    fn did_well(&self, now: Timestamp) -> bool {
        self.stopped.is_none() && self.ends <= now && self.code == Some(0)
    }
}

/// What probes found at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Ok,
    Failing,
    Silent,
}

/// Messages that are on their way, or came.
pub type Letter = (ChannelId, Vec<(u32, Said)>);

/// What is outside of the engine and outlives it.
#[derive(Clone)]
pub struct World {
    pub now: Timestamp,
    pub rng: SmallRng,
    pub started: BTreeMap<RunId, Run>,
    /// In which order.
    pub order: Vec<RunId>,
    /// Runs of which an engine said that they never started: they may not start any more.
    pub void: Vec<RunId>,
    /// What clients saw.
    pub seen: Vec<Arc<Recorded>>,
    /// What clients were answered.
    pub answered: BTreeMap<OrderId, Seq>,
    /// An order without an answer: its client gives it again.
    pub pending: Option<Order>,
    /// The readings that are on disk.
    pub polls: Vec<Poll>,
    /// What `api` and the vantage were found to be, with each of those.
    pub found: Vec<(Timestamp, Health, Health)>,
    /// What probes find from now on.
    pub measures: BTreeMap<&'static str, Health>,
    /// Times without an engine.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// When the last engine was seen alive.
    pub alive: Timestamp,
    /// When the present engine took the launch up; none for the first.
    pub up: Option<Timestamp>,
    /// How the next command ends, where that is said.
    pub next: Option<Option<i32>>,
    /// Whether messages come through.
    pub hook: bool,
    /// Messages that are on their way.
    pub letters: Vec<Letter>,
    /// What was told, by which channel.
    pub told: BTreeSet<(ChannelId, u32)>,
    /// How many orders were given.
    pub orders: u64,
}

impl World {
    /// A command is started by what was given to an engine in this state, which has come to that one by it.
    pub fn starts(
        &mut self,
        run: &RunId,
        act: &Act,
        before: &LaunchState,
        after: &LaunchState,
        durable: &[Arc<Recorded>],
    ) {
        let now = self.now;
        assert!(!self.void.contains(run), "{run} starts, of which was said that it did not");
        assert!(!self.started.contains_key(run), "{run} runs twice");
        let beside = self.started.iter().find(|(id, own)| id.step == run.step && !own.is_over(now));
        assert!(beside.is_none(), "{run} starts beside {beside:?}");
        assert!(!matches!(act, Act::Input(Input::TakenUp { .. })), "{run} starts by the take-up");
        let way = after.rollbacks.last().filter(|way| way.status == RollbackStatus::Running);
        let way = way.and_then(|way| Some((way, way.items.iter().position(|item| item.run == *run)?)));
        if let Some((way, at)) = way {
            self.goes_back(run, &way.items[..at], after.rollbacks.len() as u32, durable);
        } else {
            self.goes_forth(run, act, before, after);
        }
    }

    fn goes_forth(&self, run: &RunId, act: &Act, before: &LaunchState, after: &LaunchState) {
        let step = before.outline.step(&run.step);
        let order = match act {
            Act::Input(Input::Order(order)) => Some(&order.what),
            _ => None,
        };
        let asked = match order {
            Some(What::Run { step, .. }) => *step == run.step,
            Some(What::Sh { .. }) => step.is_none(),
            _ => false,
        };
        assert_eq!(run.kind, RunKind::Do, "{run} is of no way back");
        if asked {
            return;
        }
        assert!(step.is_some_and(|step| step.auto), "{run} starts alone, by {act:?}");
        let released = matches!(order, Some(What::Release { .. }));
        assert!(before.hold.is_none() || released, "{run} starts past a hold");
        // A slip that was just ordered counts.
        let due = after.t0 + step.and_then(|step| step.at).map_or(Span::ZERO, |at| at.0);
        assert!(self.up.is_none_or(|up| due > up), "{run} became due while no engine ran, and starts by itself");
    }

    fn goes_back(
        &self,
        run: &RunId,
        earlier: &[tminus::core::event::RollbackItem],
        way: u32,
        durable: &[Arc<Recorded>],
    ) {
        for (at, item) in earlier.iter().enumerate() {
            let by_hand = |r: &Arc<Recorded>| matches!(&r.event, Event::RollbackItemDone { rollback, item, by: Actor::Operator(_), .. } if (*rollback, *item) == (way, at));
            let did = self.started.get(&item.run).is_some_and(|own| own.did_well(self.now));
            assert!(did || durable.iter().any(by_hand), "{run} starts before {} is done", item.run);
        }
        if run.kind == RunKind::Undo {
            // A command that was to be started counts: the way back undoes what may have begun.
            let of_step: Vec<&RunId> =
                durable.iter().filter_map(|r| started(r)).filter(|id| id.step == run.step).collect();
            let since = of_step.iter().rposition(|id| id.kind == RunKind::Do).unwrap_or_default();
            let well = |id: &&&RunId| self.started.get(**id).is_some_and(|own| own.did_well(self.now));
            let done = of_step[since..].iter().filter(|id| id.kind == RunKind::Undo).find(well);
            assert!(done.is_none(), "{run} undoes what {done:?} undid");
        }
    }

    /// What is on record about clocks rests on time that somebody observed.
    pub fn is_observed(&self, of: &Recorded, state: &LaunchState, durable: &[Arc<Recorded>]) {
        match &of.event {
            Event::StepDone { step, attempt, by: Actor::Engine, over: None, .. } => {
                let Some(planned) = state.outline.step(step) else { return };
                let Some(soak) = planned.soak else { return };
                let Some(since) = began_to_soak(step, *attempt, of.seq, durable) else { return };
                // On stand-ins what no scenario speaks of counts as held, so that a soak is a wait.
                let seen = if planned.verify.is_empty() || state.stands_in() {
                    of.at.since(since) - self.unobserved(since, of.at)
                } else {
                    self.lasted(since, of.at, Health::Ok)
                };
                assert!(
                    seen >= soak,
                    "{step} is done after {seen} of its soak of {soak}: {:?}, {:?}",
                    self.gaps,
                    self.found
                );
            }
            Event::TriggerFired { by: None, trigger, .. } => {
                let seen = self.lasted(Timestamp::default(), of.at, Health::Failing);
                assert!(seen >= Span::mins(1), "{trigger} fires after {seen} of 1m");
            }
            _ => {}
        }
    }

    /// For how long `api` was seen like that up to a moment, without another finding between.
    fn lasted(&self, since: Timestamp, until: Timestamp, wanted: Health) -> Span {
        let (mut lasted, mut newer) = (Span::ZERO, None);
        for (at, api, out) in self.found.iter().rev().filter(|(at, ..)| *at >= since && *at <= until) {
            // What fails while our own side is cut off is not known.
            let api = if *api == Health::Failing && *out != Health::Ok { Health::Silent } else { *api };
            match api {
                Health::Silent => newer = None,
                api if api == wanted => {
                    if let Some(newer) = newer.filter(|newer: &Timestamp| newer.since(*at) <= APART) {
                        lasted = lasted + newer.since(*at) - self.unobserved(*at, newer);
                    }
                    newer = Some(*at);
                }
                _ => break,
            }
        }
        lasted
    }

    /// How much of a time no engine ran.
    fn unobserved(&self, from: Timestamp, to: Timestamp) -> Span {
        let within = self.gaps.iter().filter(|(begin, end)| *end > from && *begin < to);
        within.fold(Span::ZERO, |all, (begin, end)| all + (*end).min(to).since((*begin).max(from)))
    }

    /// Nothing is sent again that is on record as sent.
    pub fn is_new(&self, (channel, posts): &Letter, durable: &[Arc<Recorded>]) {
        for recorded in durable {
            let Event::Notice(Fact::Sent { channel: of, posts: sent }) = &recorded.event else { continue };
            let again = posts.iter().find(|post| of == channel && sent.contains(post));
            assert!(again.is_none(), "{again:?} is sent by {channel} again");
        }
    }

    /// All commands came to their end, each end is the true one, no order was taken twice, and nothing that was to be told
    /// is forgotten.
    pub fn holds(&self, state: &LaunchState, durable: &[Arc<Recorded>]) {
        let open: Vec<&RunId> = state.runs.iter().filter(|(_, r)| r.end.is_none()).map(|(run, _)| run).collect();
        assert!(open.is_empty(), "never told of: {open:?}");
        let mut orders = BTreeSet::new();
        for recorded in durable {
            if let Some(order) = &recorded.order {
                assert!(orders.insert(order.as_str()), "{order} was taken twice");
            }
            match &recorded.event {
                Event::RunEnded { run, end, .. } => self.is_true(run, end),
                Event::Notice(Fact::Raised { notice, to, muted: None, .. }) if !state.stands_in() => {
                    self.is_told(*notice, to, state, durable);
                }
                _ => {}
            }
        }
        for run in self.started.keys() {
            assert!(state.runs.contains_key(run), "{run} runs, and nobody knows of it");
        }
    }

    fn is_true(&self, run: &RunId, end: &RunEnd) {
        let truth = self.started.get(run);
        let is_true = match end {
            RunEnd::Exited { code, .. } => truth.is_some_and(|own| own.code == Some(*code) && own.stopped.is_none()),
            RunEnd::Interrupted => truth.is_some_and(|own| own.code.is_none()),
            RunEnd::NotStarted { .. } => truth.is_none(),
            _ => truth.is_some_and(|own| own.stopped.is_some()),
        };
        assert!(is_true, "{run} ended by {truth:?}, and {end:?} is on record");
    }

    fn is_told(&self, notice: u32, to: &[ChannelId], state: &LaunchState, durable: &[Arc<Recorded>]) {
        let gone = |r: &Arc<Recorded>| match &r.event {
            Event::Notice(Fact::Over { notice: of, .. }) => *of == notice,
            Event::Notice(Fact::Failed { posts, next: None, .. }) => posts.iter().any(|(of, _)| *of == notice),
            Event::PlanAdopted { .. } => true,
            _ => false,
        };
        for channel in to {
            let waits = state.notices.queue.iter().any(|of| of.channel == *channel && of.notice == notice);
            let told = self.told.contains(&(channel.clone(), notice));
            assert!(told || waits || durable.iter().any(gone), "{channel} was never told of notice {notice}");
        }
    }
}

/// The run whose intent an event is.
pub fn started(of: &Recorded) -> Option<&RunId> {
    match &of.event {
        Event::RunStarted { run, .. } => Some(run),
        _ => None,
    }
}

/// Since when an attempt soaks, by what is on record before an event.
fn began_to_soak(step: &StepId, attempt: u32, before: Seq, durable: &[Arc<Recorded>]) -> Option<Timestamp> {
    durable.iter().rev().filter(|r| r.seq < before).find_map(|r| match &r.event {
        Event::RunEnded { run, .. } if run.step == *step && run.kind == RunKind::Do => Some(r.at),
        Event::SoakBroken { step: of, .. } if of == step => Some(r.at),
        Event::StepStarted { step: of, attempt: own, .. } if of == step && *own == attempt => Some(r.at),
        _ => None,
    })
}
