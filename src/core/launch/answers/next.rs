//! NEXT: what, when, who decides. The first rule that has something to say says it; where a person is wanted now, the
//! answer says who and names the orders.

mod clocked;
mod following;
mod soaking;

use clocked::planned;
use following::goes_on;
use serde::Serialize;

use super::measured::live;
use super::unwatched::{awaits, beside_nothing};
use super::{Moment, Move, Scene, Words, by_time, checks, shifts};
use crate::core::condition::Condition;
use crate::core::ids::{RoleId, RunKind};
use crate::core::launch::due::{Obstacle, poll_ends};
use crate::core::launch::explain::{explain, first_open, needs_people, other_than};
use crate::core::launch::{
    Duty, DutyKind, LaunchState, NextCall, RollbackStatus, Status, StepStatus, StoppedItem, answered_seen,
    missing_secrets, next_call, next_duty, who_fills,
};
use crate::core::order::{Ballot, Found, What};
use crate::core::outline::StepOutline;
use crate::core::reading::Level;
use crate::core::ready::{Grade, is_before};
use crate::core::time::{Span, Timestamp};
use crate::core::view::ConditionOf;

use crate::core::words::{clock, left};

/// What comes next, when, who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    /// How urgent it is; unknown where a clock stands still for want of data.
    pub level: Level,
    /// When: `now`, `in 0:48:40`, `when it is done`.
    pub head: Words,
    /// When that is on the wall: `at 07:07`. May be empty.
    pub at: String,
    /// The same for machines.
    pub time: Option<Timestamp>,
    /// What.
    pub what: Words,
    /// It is a gate.
    pub gate: bool,
    /// Who.
    pub who: Words,
    /// A person is wanted now.
    pub wanted: bool,
    /// The orders that answer, best first.
    pub moves: Vec<Move>,
}

impl Next {
    pub(super) fn new(head: impl Into<Words>, what: impl Into<Words>, who: impl Into<Words>) -> Self {
        Self {
            level: Level::Ok,
            head: head.into(),
            at: String::new(),
            time: None,
            what: what.into(),
            gate: false,
            who: who.into(),
            wanted: false,
            moves: Vec::new(),
        }
    }

    /// A person is wanted now, with an order.
    pub(super) fn wanted(what: impl Into<Words>, who: impl Into<Words>, order: What, does: &'static str) -> Self {
        Self { wanted: true, ..Self::new("now", what, who) }.by(order, does)
    }

    fn by(mut self, order: What, does: &'static str) -> Self {
        self.moves.push(Move::new(order, does));
        self
    }

    pub(super) fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// What it waits for may last until its moment.
    fn until(self) -> Self {
        Self { at: self.at.replacen("at ", "until ", 1), ..self }
    }

    /// It comes at a moment on the wall.
    pub(super) fn at(self, m: &Moment<'_>, time: Timestamp) -> Self {
        Self { at: format!("at {}", (m.wall)(time)), time: Some(time), ..self }
    }
}

type Rule = fn(&Scene<'_>) -> Option<Next>;

/// The first that applies is the answer.
const RULES: [Rule; 19] = [
    over,
    rollback_stopped,
    unwritten,
    interrupted,
    input,
    asked_back,
    going_back,
    duty,
    polling,
    recovering,
    held,
    shifts::due,
    checks::overdue,
    not_ready,
    due,
    checks::due,
    goes_on,
    planned,
    half_back,
];

pub(super) fn next(scene: &Scene<'_>) -> Next {
    let next = RULES.iter().find_map(|rule| rule(scene)).unwrap_or_else(|| nothing_left(scene));
    beside_nothing(scene.moment, next)
}

fn over(scene: &Scene<'_>) -> Option<Next> {
    let over = matches!(scene.moment.state.status, Status::Ended { .. });
    over.then(|| Next::new("nothing", "the launch is over", ""))
}

fn rollback_stopped(scene: &Scene<'_>) -> Option<Next> {
    let (number, rollback) = scene.moment.going_back()?;
    let RollbackStatus::Stopped { .. } = &rollback.status else { return None };
    let item = rollback.items.get(rollback.next).map_or("", |i| i.title.as_str());
    let at = format!("{} of {}", rollback.next + 1, rollback.items.len());
    let what = Words::of([
        format!("the rollback stopped at {at}: {item}"),
        format!("stopped at {at}: {item}"),
        format!("stopped at {at}"),
    ]);
    let order = What::RollbackAgain { rollback: number, item: rollback.next };
    let stands = scene.moment.state.stopped_item().map(|(stands, _)| stands);
    let again = stands.map_or("again", StoppedItem::again);
    let who = Words::of(match stands {
        // Beside a command that runs nothing else is done, and nobody leaves it.
        Some(StoppedItem::Runs | StoppedItem::Waits) => [
            format!("any operator: {again}, or stop what runs"),
            format!("{again}, or stop it"),
            "any operator".to_owned(),
        ],
        _ => [
            format!("any operator: {again}, by hand, or leave it there"),
            format!("{again}, by hand, or leave it"),
            "any operator".to_owned(),
        ],
    });
    Some(Next::wanted(what, who, order, "you decide").level(Level::Critical))
}

/// Nothing can be written down: nothing comes before there is room, but the question whether to go back.
fn unwritten(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let by = m.readout.unwritten.as_ref().filter(|_| m.going_back().is_none())?;
    let asked = asked_back(scene).filter(|next| next.moves.iter().any(|own| by.takes(m.state, &own.order)));
    if asked.is_some() {
        return asked;
    }
    let what = match by.reserve || by.word {
        true => Words::of(["make room on the disk of the launch's directory", "make room on the disk", "make room"]),
        false => Words::of(["the journal can be written again: see why", "the journal", "journal"]),
    };
    let who = Words::of(["where the engine runs; until then no step starts", "no step starts", "who can"]);
    let next = Next { wanted: true, ..Next::new("now", what, who) }.level(Level::Critical);
    Some(match by.reserve {
        true => next.by(What::Hold { why: String::new() }, "holds"),
        false => next,
    })
}

fn interrupted(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let mut all = m.state.outline.steps.iter().filter_map(|s| Some((s, m.status(s)?)));
    let (step, run) = all.find_map(|(step, status)| match status {
        StepStatus::Interrupted { run, .. } => Some((step, run)),
        _ => None,
    })?;
    let order = What::Resolve { run: run.clone(), found: Found::Done, why: String::new() };
    let title = run.kind.of(&step.title);
    let short = match run.kind {
        RunKind::Do => title.clone(),
        RunKind::Undo => format!("undo: {}", step.title),
    };
    let what = Words::of([format!("what became of {title}?"), title, short]);
    let lives = m.readout.processes.get(run).map(|pid| awaits(&(run.clone(), *pid)));
    let who = lives.unwrap_or_else(|| Words::of(["nobody saw its end; any operator looks", "nobody saw its end"]));
    Some(Next::wanted(what, who, order, "say it").level(Level::Warn))
}

fn input(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let (run, asks) = m.readout.asking.iter().next()?;
    let title = m.state.outline.step(&run.step).map_or(run.step.as_str(), |s| s.title.as_str());
    let order = What::Input { run: run.clone(), line: "LINE".to_owned() };
    let what = Words::of([format!("{title} asks: {}", asks.words()), format!("{title} asks")]);
    let who = format!("any operator; it waits for {}", clock(m.now.since(asks.since)));
    Some(Next::wanted(what, Words::of([who.as_str(), "any operator"]), order, "answers it").level(Level::Warn))
}

fn going_back(scene: &Scene<'_>) -> Option<Next> {
    let (_, rollback) = scene.moment.going_back()?;
    if let Some((run, known)) = scene.moment.state.way_back_awaits() {
        let title = scene.moment.state.outline.step(&run.step).map_or(run.step.as_str(), |s| s.title.as_str());
        let what = Words::of([format!("the command of {title} ends, then the way back goes on"), title.to_owned()]);
        let who = format!("it runs for {}", clock(scene.moment.now.since(known.started)));
        return Some(Next::new(Words::of(["when it ends", "then"]), what, who));
    }
    if let Some((rollback, at, item)) = scene.moment.state.way_back_by_hand() {
        let order = What::RollbackByHand { rollback, item: at, why: String::new() };
        let what = Words::of([format!("by hand: {}", item.title).as_str(), &item.title]);
        let owner = scene.moment.state.outline.step(&item.run.step).and_then(|step| step.owner.as_ref());
        let who = owner.map_or_else(|| "any operator does it".to_owned(), |owner| format!("{owner} does it"));
        return Some(Next::wanted(what, who, order, "it is done").level(Level::Warn));
    }
    let what = match rollback.items.get(rollback.next + 1) {
        Some(item) => Words::of([format!("then {}", item.title).as_str(), &item.title]),
        None => Words::of(["then it is done, and you look", "then you look"]),
    };
    Some(Next::new(Words::of(["when this is done", "then"]), what, format!("started by {}", rollback.by)))
}

/// An alarm asks to go back, now or when its clock is full.
fn asked_back(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let alarm = scene.alarms.iter().find(|a| a.asks_back())?;
    let next = match alarm.clock {
        None => Next { wanted: true, ..Next::new("now", alarm.then.clone(), who_may(m, "answers")) },
        Some(clock) if clock.frozen => {
            let head = Words::of(["its clock stands still", "stands still"]);
            Next::new(head, alarm.then.clone(), "no data")
        }
        Some(clock) => {
            let head = format!("in {}", left(clock.left()));
            Next::new(head, alarm.then.clone(), who_may(m, "answers")).at(m, m.now + clock.left())
        }
    };
    let mut moves: Vec<Move> = alarm.answer.clone().into_iter().collect();
    if moves.is_empty() {
        // Its own way is closed: the others, for a person to choose from.
        moves.extend(m.ways.iter().filter(|way| way.closed.is_none()).map(|way| {
            let typed = way.typed.then(String::new);
            let order = What::Rollback { way: way.way.clone(), trigger: None, typed, why: String::new() };
            Move::new(order, "goes back")
        }));
    }
    Some(Next { moves, level: alarm.level, ..next })
}

/// The way back was taken and something is critical still: nobody starts anything before it has recovered.
fn recovering(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let back = matches!(m.state.status, Status::RolledBack(_));
    // What began to hold after it was done asks by itself.
    let old = |alarm: &&crate::core::launch::answers::Alarm| {
        let trigger = alarm.trigger.as_ref().and_then(|id| m.state.outline.trigger(id));
        trigger.is_none_or(|of| answered_seen(m.state, m.readout, of).is_some())
    };
    let bad = scene.alarms.iter().filter(|_| back).find(|a| a.level == Level::Critical && !a.kind.is_of_people())?;
    Some(bad).filter(old)?;
    let what = Words::of([format!("is it recovering? {}", bad.what).as_str(), "is it recovering?"]);
    let head = Words::of(["when it is well again", "when well again"]);
    Some(Next::new(head, what, who_may(m, "looks")).level(Level::Warn))
}

/// An incident wants a response or an update soon.
fn duty(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let due = next_duty(m.state).filter(|d| d.level(m.now) > Level::Ok)?;
    let Duty { incident, kind, .. } = due;
    let of = m.state.incidents.get((incident as usize).checked_sub(1)?)?;
    let name = format!("#{incident} SEV{} {}", of.level, of.text).trim_end().to_owned();
    let call = next_call(m.state, incident);
    let (what, who) = match (kind, &call) {
        (DutyKind::Call, Some(call)) => {
            let short = format!("call {}", call.who);
            let what =
                Words::of([format!("call {} about {name}", call.words()), format!("call {}", call.words()), short]);
            let then = call.then.as_ref().map_or_else(String::new, |then| format!("; no answer: {then}"));
            (what, Words::of([format!("anyone calls{then}").as_str(), "anyone calls"]))
        }
        (DutyKind::Response, _) => (format!("response on {name}").into(), "anyone: who is on it?".into()),
        _ => (format!("update on {name}").into(), "who is on it tells people".into()),
    };
    let Move { order, does } = answer_of(m.state, &due)?;
    let next = Next::wanted(what, who, order, does).level(due.level(m.now));
    Some(Next { head: Words::of([due.words(m.now), due.when(m.now)]), ..next })
}

/// The order that answers what an incident wants.
pub(super) fn answer_of(state: &LaunchState, duty: &Duty) -> Option<Move> {
    let (incident, text) = (duty.incident, String::new());
    Some(match duty.kind {
        DutyKind::Response => Move::new(What::Respond { incident, text }, "you are on it"),
        DutyKind::Update => Move::new(What::Update { incident, text }, "says how it goes"),
        DutyKind::Call => {
            let NextCall { role, backup, .. } = next_call(state, incident)?;
            Move::new(What::Called { incident, role, backup, answered: true, text }, "they answered")
        }
    })
}

/// So long before a poll ends without a decision that comes before who votes.
const SOON: Span = Span::mins(2);

/// A gate's poll is open.
fn polling(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let gate = m.active().find(|(_, status)| **status == StepStatus::Polling)?.0;
    let poll = m.own(&gate.id)?.poll.as_ref()?;
    let roles = gate.gate.as_ref().map_or(&[][..], |g| &g.poll);
    let silent: Vec<&RoleId> = roles.iter().filter(|role| !poll.votes.contains_key(*role)).collect();
    let against = |role: &&RoleId| poll.votes.get(*role).is_some_and(|v| v.vote == Ballot::NoGo);
    let against = roles.iter().filter(against).count();
    let votes = match (silent.as_slice(), roles.len()) {
        ([], 0) => String::new(),
        ([], n) if against == 0 => format!("; {n} of {n} say go"),
        ([], n) => format!("; {against} of {n} say no-go"),
        (silent, _) => format!("; {}", votes(silent)),
    };
    let round = poll.round;
    // Over what is not met it wants a reason.
    let goes = |order: &What| matches!(order, What::Decide { go: true, .. });
    let order = explain(m.state, m.readout, &gate.id, m.now).orders.into_iter().find(goes)?;
    let lead = &m.state.lead;
    let waits = if silent.is_empty() { votes.clone() } else { format!("; {} to vote", silent.len()) };
    let all = gate.gate.as_ref().map_or(&[][..], |g| &g.require);
    let few = few(m, all, |i| ConditionOf::Require(gate.id.clone(), i));
    let few = few.iter().flat_map(|few| [format!("{lead} decides{votes}; {few}"), format!("{lead} decides; {few}")]);
    let ends = poll_ends(m.state, gate);
    let (soon, ends) = ends.map_or((false, String::new()), |at| {
        let left_of = at.since(m.now);
        (left_of < SOON, format!("; ends in {}", left(left_of)))
    });
    let mut who = vec![format!("{lead} decides{votes}{ends}"), format!("{lead} decides{waits}{ends}")];
    let narrow = [format!("{lead} decides{waits}"), format!("{lead} decides{ends}")];
    who.extend(if soon { narrow.into_iter().rev().collect::<Vec<_>>() } else { narrow.into() });
    who.push(format!("{lead} decides"));
    let who = Words::of(few.chain(who));
    let mut next = Next { gate: true, ..Next::wanted(gate.title.as_str(), who, order, "decides") };
    if let Some(role) = silent.first() {
        let role = (*role).clone();
        next = next.by(What::Vote { gate: gate.id.clone(), round, role, vote: Ballot::Go, why: None }, "votes");
    }
    if let Some(ends) = poll_ends(m.state, gate) {
        next = next.at(m, ends);
        next.at = format!("until {}", next.at.trim_start_matches("at "));
    }
    Some(and_more(next, m.state.outline.steps.iter().filter(|step| is_due(m, step)).count()))
}

fn held(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let hold = m.state.hold.as_ref()?;
    let by = format!("{} holds", hold.by);
    let since = clock(m.now.since(hold.since));
    let more = m.state.more_holds.len();
    let since = if more > 0 { format!("{since}, +{more} more") } else { since };
    let order = m.state.releases("").into_iter().next()?;
    Some(
        Next::wanted(hold.why.as_str(), format!("{by} for {since}; any operator"), order, "releases")
            .level(Level::Warn),
    )
}

/// The launch has not begun, and something of it would not work: people decide, with that before their eyes.
fn not_ready(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let card = m.ready.filter(|_| is_before(m.state))?;
    let blocker = card.blocker()?;
    let more = match card.count(Grade::Blocker) {
        1 => String::new(),
        n => format!("  +{} more", n - 1),
    };
    let (words, name) = (blocker.words(), format!("{} {}", blocker.kind.word(), blocker.what));
    let what = Words::of([format!("{words}{more}"), format!("{name}{more}"), name]);
    let who = Words::of([blocker.todo.clone(), "before the start".to_owned()]);
    Some(Next::new("not ready", what, who).level(Level::Warn))
}

/// Something can be started now, or is in somebody's hands.
fn due(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let open = |s: &&StepOutline| is_due(m, s);
    // What failed first is what people begin with.
    let all: Vec<_> = by_time(m.state).into_iter().chain(&m.state.outline.steps).filter(open).collect();
    let step = *all.first()?;
    Some(and_more(hands_on(m, step), m.state.outline.steps.iter().filter(open).count() - 1))
}

/// How many others are in somebody's hands too.
fn and_more(mut next: Next, more: usize) -> Next {
    if more > 0 {
        let what = &next.what;
        next.what = Words::of(what.forms().map(|w| format!("{w}  +{more} more")).chain(what.forms().map(Into::into)));
    }
    next
}

/// Whether a step can be started now, or is in somebody's hands.
fn is_due(m: &Moment<'_>, step: &StepOutline) -> bool {
    let claimed = m.status(step) == Some(&StepStatus::Claimed);
    claimed || Obstacle::of(m.state, step, m.now).is_none() && !m.status(step).is_some_and(StepStatus::is_over)
}

fn hands_on(m: &Moment<'_>, step: &StepOutline) -> Next {
    let own = m.own(&step.id);
    let attempt = own.map_or(0, |s| s.attempt).saturating_add(1);
    let run = What::Run { step: step.id.clone(), attempt };
    let owner = own.and_then(|own| other_than(step, own)).unwrap_or_else(|| person(m, step));
    let title = step.title.as_str();
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    if m.status(step) == Some(&StepStatus::Claimed) {
        let ticked = own.map_or(0, |s| s.ticks.len());
        let item = own.and_then(|own| first_open(step, own));
        let who = own.and_then(|s| s.started_by.as_ref()).map_or(owner.clone(), |by| match by {
            crate::core::event::Actor::Operator(o) => o.to_string(),
            crate::core::event::Actor::Engine => owner,
        });
        let done = match step.items.len() {
            0 => String::new(),
            of => format!(": {ticked} of {of}"),
        };
        let order = What::Tick { step: step.id.clone(), item, on: true };
        return Next::wanted(title, format!("{who}{done}"), order, "ticks it");
    }
    if let Some(missing) = own.map(|own| needs_people(step, own)).filter(|n| *n > 0) {
        let order = What::Approve { step: step.id.clone(), attempt, alone: None };
        let who = [format!("{missing} more must approve before it starts"), format!("{missing} more must approve")];
        return Next::wanted(format!("{title}{again}"), Words::of(who), order, "approves");
    }
    if step.gate.is_some() {
        let next = Next::wanted(format!("{title}{again}"), deciders(m, step), run, "opens the poll");
        return Next { gate: true, ..next };
    }
    if step.is_ticked() {
        let item = own.map_or((!step.items.is_empty()).then_some(0), |own| first_open(step, own));
        let order = What::Tick { step: step.id.clone(), item, on: true };
        return Next::wanted(format!("{title}{again}"), owner, order, "ticks it");
    }
    let command = step.run.as_deref().unwrap_or_default();
    match missing_secrets(m.state, m.secrets, command).into_iter().next() {
        // Its start would be refused.
        Some(lacks) => Next { wanted: true, ..Next::new("now", format!("{title}{again}"), lacks) }.level(Level::Warn),
        None => Next::wanted(format!("{title}{again}"), owner, run, "starts it"),
    }
}

/// All else is done, and a way back that was left half done was not put right.
fn half_back(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let half = m.state.half_back()?;
    let what = Words::of([format!("{} was left half done", half.of.title), "a way back was left half done".to_owned()]);
    Some(Next::wanted(what, half.ran(m.state), half.settled(), "says that it is put right"))
}

fn nothing_left(scene: &Scene<'_>) -> Next {
    let m = scene.moment;
    let order = What::End { typed: m.state.outline.environment.clone(), why: String::new() };
    let next = Next::new(Words::of(["nothing is left", "all done"]), "the launch can be ended", m.state.lead.as_str());
    checks::sooner(scene, next.by(order, "ends the launch"))
}

fn who_of(m: &Moment<'_>, step: &StepOutline) -> Words {
    if step.gate.is_some() { deciders(m, step) } else { person(m, step).into() }
}

/// `ana decides; dba, support vote`
fn deciders(m: &Moment<'_>, gate: &StepOutline) -> Words {
    let lead = &m.state.lead;
    let decides = format!("{lead} decides");
    let voters: Vec<&RoleId> = gate.gate.iter().flat_map(|g| &g.poll).collect();
    let count = if let [_] = voters[..] { "votes" } else { "vote" };
    let forms = [format!("{decides}; {}", votes(&voters)), format!("{decides}; {} {count}", voters.len()), decides];
    Words::of(forms.into_iter().skip(if voters.is_empty() { 2 } else { 0 }))
}

/// `dba, support vote`, `dba votes`
fn votes(roles: &[&RoleId]) -> String {
    format!("{} {}", list(roles), if let [_] = roles { "votes" } else { "vote" })
}

/// `ana or any operator answers`
fn who_may(m: &Moment<'_>, verb: &str) -> Words {
    let lead = &m.state.lead;
    Words::of([format!("{lead} or any operator {verb}"), format!("any operator {verb}"), "any operator".to_owned()])
}

/// Who does a step: `qa: Quinn`.
fn person(m: &Moment<'_>, step: &StepOutline) -> String {
    let Some(role) = &step.owner else { return "any operator".to_owned() };
    match who_fills(m.state, role) {
        Some(name) => format!("{role}: {name}"),
        None => role.to_string(),
    }
}

fn list(roles: &[&RoleId]) -> String {
    roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ")
}

/// The first of what must hold that rests on too few samples: `errors[green] 0.02 % of 212/300 requests, about 7 min`.
fn few(m: &Moment<'_>, all: &[Condition], of: impl Fn(usize) -> ConditionOf) -> Option<String> {
    let mut views = (0..).zip(all).filter_map(|(i, c)| Some((c, m.readout.conditions.get(&of(i))?)));
    let (condition, view) = views.find(|(_, view)| view.few)?;
    Some(live(condition, view))
}
