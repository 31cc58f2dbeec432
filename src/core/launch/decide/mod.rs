//! What an input comes to. One file a group of orders; [`look`] has what follows without anyone's order.

mod adopt;
mod checks;
mod gates;
mod incidents;
mod launch;
mod look;
pub(super) mod notices;
mod rollback;
mod shifts;
mod side;
mod slip;
mod steps;
mod watch;
mod way_out;

use super::due::{ended, going_back};
use super::hold::unobserved;
use super::{LaunchState, Status, judge_effect, marked};
use crate::core::condition::{Condition, NoDataRule, Quantifier};
use crate::core::event::{Actor, Event, Evidence, RunEnd};
use crate::core::ids::{ChannelId, RunId, RunKind, StepId};
use crate::core::notice::Act;
use crate::core::order::{Operator, Order, Rejection, Way, What};
use crate::core::outline::{Outline, RollbackOutline, StepOutline};
use crate::core::signals::{Finding, Judge, Signals};
use crate::core::time::{Span, Timestamp};

/// A run that the journal does not know, and of which the plan has no step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRun {
    /// As people read it: `` `sh-2.do.1`, which still runs as process 4711 ``.
    pub said: String,
    /// Which, where a plan may have its step; none of what was added in the launch.
    pub run: Option<RunId>,
}

/// What comes to the rules.
#[derive(Clone, Debug)]
pub enum Input {
    /// A person asks.
    Order(Order),
    /// A run ended, or was found to have ended or to be interrupted.
    Ended {
        /// Which.
        run: RunId,
        /// How.
        end: RunEnd,
        /// Processes that it started run on in the background.
        left_running: bool,
        /// The sign that it asked for input, which it did not have; see [`crate::core::asked`].
        asked: Option<String>,
        /// Bytes of its output that were not kept, since it was too long.
        unkept: u64,
        /// The last line of its output, or why it can't be kept; looked at where the step keeps it.
        last: Option<Result<String, String>>,
    },
    /// An engine begins its work on the launch.
    TakenUp {
        /// Its process.
        pid: u32,
        /// Its version.
        version: String,
        /// How long no engine ran; none for the first.
        gap: Option<Span>,
        /// Why what was measured before is lost, where it is.
        lost: Option<String>,
        /// What of the journal is missing, in words; none where nothing is known to be.
        torn: Option<String>,
        /// Runs that the journal does not know, in the order in which they began, and when they did.
        strays: Vec<(RunId, Timestamp)>,
        /// The same of which the plan has no step. They can't be taken up.
        lost_runs: Vec<LostRun>,
        /// What it adds to the launch's timeline for the clock on the wall.
        wall: Span,
    },
    /// A person's order to take in the plan file ([`What::Adopt`]), with what the engine read from it.
    Adopt {
        /// Who.
        by: Operator,
        /// SHA-256 of the text.
        hash: String,
        /// The plan.
        outline: Box<Outline>,
        /// Runs that the journal does not know and of which that plan has the step, as in [`Input::TakenUp`].
        strays: Vec<(RunId, Timestamp)>,
    },
    /// A channel has sent something, or could not.
    Posted {
        /// Which.
        channel: ChannelId,
        /// What was said of which notices.
        posts: Vec<(u32, Act)>,
        /// How it went.
        result: Result<(), Undelivered>,
    },
    /// An order to go back, with what its commands lack to be started, in words. Only the engine's machine can tell that.
    GoBack {
        /// The order.
        order: Order,
        /// What it goes over.
        lacks: String,
    },
    /// Time passed or readings came in: compare what holds with what is recorded.
    Look,
}

/// Why a message could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Undelivered {
    /// In words, secrets masked or absent.
    pub why: String,
    /// The other side will not take it, so that trying again helps only once somebody mended something.
    pub refused: bool,
    /// The other side asks not to be asked before this long.
    pub retry_after: Option<Span>,
}

impl Undelivered {
    /// One that may be tried again.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), refused: false, retry_after: None }
    }

    /// One that the other side will not take.
    pub fn refused(why: impl Into<String>) -> Self {
        Self { refused: true, ..Self::new(why) }
    }
}

/// What an input comes to. Everything but an order and a plan is never rejected. An order whose id is known comes to
/// nothing; its first answer stands in [`LaunchState::orders`].
pub fn decide(state: &LaunchState, signals: &Signals, input: Input, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let case = Case { state, signals, now, order: None };
    match input {
        Input::Order(order) => ordered(case, &order),
        Input::GoBack { order, lacks } => {
            let mut events = ordered(case, &order)?;
            for event in &mut events {
                if let Event::RollbackStarted { over, .. } = event {
                    over.push(lacks.clone());
                }
            }
            Ok(events)
        }
        Input::Adopt { by, hash, outline, strays } => adopt::adopt(case, &by, hash, outline, strays),
        Input::TakenUp { pid, version, gap, lost, torn, strays, lost_runs, wall } => {
            let other = launch::other_engine(case, &version);
            let why = [other, torn.as_ref().map(|torn| {
                format!("the journal lost something: {torn}. What is missing there was done all the same: look what is in effect")
            })];
            let unplanned = lost_runs.iter().filter_map(|lost| lost.run.clone()).collect();
            let started = Event::EngineStarted { pid, version, gap, lost, torn, unplanned, wall };
            Ok(launch::taken_up(case, started, gap, why.into_iter().flatten().collect(), (strays, &lost_runs)))
        }
        Input::Ended { run, end, left_running, asked, unkept, last } => Ok(match state.runs.get(&run) {
            Some(known) if known.end.is_none() => {
                let kept = steps::kept(state, &run, &end, last);
                let unseen = case.unseen(&run, &end);
                let ended = Event::RunEnded { run, end, left_running, asked, unkept };
                std::iter::once(ended).chain(kept).chain(unseen).collect()
            }
            _ => Vec::new(),
        }),
        Input::Posted { channel, posts, result } => Ok(notices::posted(case, &channel, &posts, result)),
        Input::Look => Ok(look::look(case)),
    }
}

fn ordered(case: Case<'_>, order: &Order) -> Result<Vec<Event>, Rejection> {
    if case.state.orders.contains_key(&order.id) {
        return Ok(Vec::new());
    }
    order_of(Case { order: Some(&order.what), ..case }, &order.by, &order.what)
}

fn order_of(case: Case<'_>, by: &Operator, what: &What) -> Result<Vec<Event>, Rejection> {
    if case.is_ended() && !matches!(what, What::Note { .. } | What::Fix { .. }) {
        let why = format!("{}: only notes can be added", ended(case.state));
        return Err(Rejection::new(why).or(What::Note { text: String::new() }));
    }
    match what {
        What::Run { step, attempt } => steps::run(case, by, step, *attempt),
        What::Sh { command } => steps::sh(case, by, command),
        What::Tick { step, item, on } => steps::tick(case, by, step, *item, *on),
        What::Done { step, why } => steps::done(case, by, step, why.as_deref()),
        What::Skip { step, why, not_applicable } => steps::skip(case, by, step, why, *not_applicable),
        What::Stop { step, attempt, let_finish } => steps::stop(case, by, step, *attempt, *let_finish),
        What::StopNow { step, attempt, typed, why } => steps::stop_now(case, by, step, *attempt, typed, why),
        What::Input { run, .. } => steps::input(case, run),
        What::Output { name, value, why } => steps::output(case, by, name, value, why),
        What::Resolve { run, found, why } => steps::resolve(case, by, run, *found, why),
        What::Approve { step, attempt, alone } => steps::approve(case, by, step, *attempt, alone.as_deref()),
        What::Check { watch, check, act } => checks::act(case, by, watch, *check, act),
        What::Vote { gate, round, role, vote, why } => gates::vote(case, by, gate, *round, role, *vote, why.as_deref()),
        What::Decide { gate, round, go, why } => gates::decide(case, by, gate, *round, *go, why.as_deref()),
        What::Hold { why } => launch::hold(case, by, why),
        What::Release { of, seen, why } => launch::release(case, by, of.as_deref(), seen.as_deref(), why),
        What::Note { text } => launch::note(case, by, text),
        What::Fix { step, text } => launch::fix(case, by, step.as_ref(), text),
        What::Slip { from, to, why } => slip::slip(case, by, *from, *to, why),
        What::Outside { step, attempt, why } => slip::outside(case, by, step, *attempt, why),
        What::Lead { name, why, here } => launch::lead(case, by, name, why.as_deref(), here),
        What::End { typed, why } => launch::end(case, by, typed, why),
        What::Adopt { .. } => Err(Rejection::new("the plan file was not read: this order goes through the engine")),
        What::Severity { incident, level, text } => incidents::severity(case, by, *incident, *level, text),
        What::Describe { incident, text } => incidents::describe(case, by, *incident, text),
        What::Respond { incident, text } => incidents::respond(case, by, *incident, text),
        What::Update { incident, text } => incidents::update(case, by, *incident, text),
        What::Move { incident, to, text } => incidents::moved(case, by, *incident, *to, text),
        What::Called { incident, role, backup, answered, text } => {
            incidents::called(case, by, *incident, (role, *backup), *answered, text)
        }
        What::Resolved { incident, text } => incidents::resolved(case, by, *incident, text),
        What::Fire { trigger, why } => watch::fire(case, by, trigger, why),
        What::Clear { trigger, why } => watch::clear(case, by, trigger, why),
        What::Dismiss { trigger, why } => watch::dismiss(case, by, trigger, why),
        What::Acknowledge { notices, triggers, text } => notices::acknowledge(case, by, notices, triggers, text),
        What::Mute { of, span, why } => notices::mute(case, by, of, *span, why),
        What::Unmute { of } => notices::unmute(case, by, of),
        What::NotifyTest { channel } => notices::test(case, by, channel),
        What::Handover { to, text } => shifts::hand_over(case, by, to.as_deref(), text),
        What::Accept { handover } => shifts::accept(case, by, *handover),
        What::TakeOver { from, why } => shifts::take_over(case, by, from, why),
        What::Forget { signal, why } => watch::forget(case, by, signal, why),
        What::Baseline { probe, over } => watch::baseline(case, by, probe.as_ref(), *over),
        What::Rollback { way, trigger, typed, why } => {
            rollback::start(case, by, way, trigger.as_ref(), typed.as_deref(), why)
        }
        What::RollbackAgain { rollback, item } => rollback::again(case, by, *rollback, *item),
        What::RollbackByHand { rollback, item, why } => rollback::by_hand(case, by, *rollback, *item, why),
        What::RollbackSettled { rollback, why } => rollback::settled(case, by, *rollback, why),
        What::RollbackLeave { rollback, why } => rollback::leave(case, by, *rollback, why),
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
struct Case<'a> {
    state: &'a LaunchState,
    signals: &'a Signals,
    now: Timestamp,
    /// The order that is asked, where it is one.
    order: Option<&'a What>,
}

impl<'a> Case<'a> {
    fn is_ended(&self) -> bool {
        matches!(self.state.status, Status::Ended { .. })
    }

    /// A step that stands in a phase of the plan.
    fn step(&self, id: &StepId) -> Result<&'a StepOutline, Rejection> {
        match self.state.outline.steps.iter().find(|s| s.id == *id) {
            Some(step) => Ok(step),
            None if self.state.outline.step(id).is_some() => {
                if let Some(order) = self.state.way_back_done_by_hand()
                    && self.state.way_back_by_hand().is_some_and(|(_, _, item)| item.run.step == *id)
                {
                    let why =
                        format!("`{id}` is a part of the way back and waits for a person, who says what was done");
                    return Err(Rejection::new(why).any([order]));
                }
                if let Status::RollingBack(number) = self.state.status {
                    let why = format!("`{id}` is a part of a rollback, and {}", going_back(self.state, number));
                    return Err(self.going_back(why, number));
                }
                let part = |rollback: &&RollbackOutline| rollback.steps.iter().any(|s| s.id == *id);
                let of = self.state.outline.rollbacks.iter().find(part).map(|r| Way::Named(r.id.clone()));
                let order = of.and_then(|way| self.takes(&way));
                Err(Rejection::new(format!("`{id}` is a part of a rollback, which does it in its turn")).any(order))
            }
            None => Err(Rejection::new(format!("the plan has no step `{id}`"))),
        }
    }

    /// Whether a command of a step is under way, whatever the step's own state.
    fn open_run(&self, id: &StepId) -> Option<&'a RunId> {
        self.state.runs.iter().find(|(run, s)| run.step == *id && s.end.is_none()).map(|(run, _)| run)
    }

    /// Judges what must hold: all instances, from a moment on.
    fn must(&self, condition: &Condition, from: Timestamp, soak: Option<Span>) -> Finding {
        let how = Judge { of: Quantifier::All, from, no_data: NoDataRule::Freeze, soak };
        marked(self.state, condition, self.signals.judge(condition, how, self.now))
    }

    /// Judges what must not happen: any instance, from a moment on.
    fn any(&self, condition: &Condition, from: Timestamp, no_data: NoDataRule) -> Finding {
        let how = Judge { of: Quantifier::Any, from, no_data, soak: None };
        marked(self.state, condition, self.signals.judge(condition, how, self.now))
    }

    /// Judges what must hold after a step did its work; in a rehearsal that may be a stand-in's.
    fn effect(&self, condition: &Condition, from: Timestamp, soak: Option<Span>) -> Finding {
        judge_effect(self.state, self.signals, condition, Judge { soak, ..Judge::all(from) }, self.now)
    }

    /// Judges what ends a step, from its start on; in a rehearsal a stand-in's does not.
    fn fails(&self, condition: &Condition, started: Timestamp) -> Finding {
        judge_effect(self.state, self.signals, condition, Judge::any(started), self.now)
    }

    /// Requirements as they are at this moment, and those that do not hold, in words.
    fn requirements(&self, all: &[Condition]) -> (Vec<Evidence>, Vec<String>) {
        let mut unmet = Vec::new();
        let evidence = all.iter().map(|condition| {
            let finding = self.must(condition, self.state.opened, None);
            if !finding.verdict.is_true() {
                unmet.push(match finding.needs.filter(|_| finding.now.is_true()) {
                    Some(needs) => {
                        let lasted = finding.lasted.seconds();
                        format!("{condition} holds for too short: {}, for {lasted} of {needs}", finding.found)
                    }
                    None => format!("{condition} does not hold: {}", finding.found),
                });
            }
            finding.evidence(condition)
        });
        (evidence.collect(), unmet)
    }

    /// A reason must say something; else the order is wanted anew, with one.
    fn said<'t>(&self, text: &'t str, what: &str) -> Result<&'t str, Rejection> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Rejection::new(format!("{what} needs a reason")).any(self.anew()));
        }
        Ok(text)
    }

    /// What a command did whose end nobody observed is not known: the launch holds, as it does where one fails.
    fn unseen(&self, run: &RunId, end: &RunEnd) -> Option<Event> {
        let step = self.state.outline.steps.iter().find(|step| step.id == run.step)?;
        let counts = *end == RunEnd::Interrupted && run.kind == RunKind::Do && !self.state.is_added(&step.id);
        let why = unobserved(&step.title);
        counts.then(|| self.hold(&why.clone(), why))?
    }

    /// The launch holds from now on, by a rule, beside what people hold it for. Each thing is a reason once, however
    /// often it comes: `begins` is how its reason begins.
    fn hold(&self, begins: &str, why: String) -> Option<Event> {
        let hold = self.state.holds().find(|hold| hold.by == Actor::Engine);
        let known = hold.is_some_and(|h| h.why.starts_with(begins) || h.why.contains(&format!("; {begins}")));
        (!known).then_some(Event::Held { by: Actor::Engine, why })
    }
}
