//! A launch without an engine, for tests: the rules, a clock that is told the time, and signals that are set by hand.

use std::collections::BTreeMap;

use super::answers::{Answers, Moment, answers};
use super::{
    Effect, Explanation, Input, LaunchState, StepStatus, Unwritten, WayView, decide, effects, explain, inject, ways,
};
use crate::core::condition::Condition;
use crate::core::event::{Event, Mode, Recorded, RunEnd};
use crate::core::grammar;
use crate::core::ids::{OrderId, PhaseId, ProbeId, RunId, RunKind, Seq, StepId};
use crate::core::order::{Operator, Order, Rejection, What};
use crate::core::outline::*;
use crate::core::reading::{Outcome, Point, Poll};
use crate::core::secret::MissingSecret;
use crate::core::signals::Signals;
use crate::core::spell;
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::Readout;

/// A step of the phase `p`, with what `with` says about it.
pub fn step(id: &str, with: impl FnOnce(&mut StepOutline)) -> StepOutline {
    let mut step = StepOutline::command(id.into(), format!("Step {id}"), PhaseId::from("p"), "");
    step.run = None;
    with(&mut step);
    step
}

/// A secret whose variable is not set where the engine is.
pub fn no_value(name: &str, variable: &str) -> MissingSecret {
    let (why, out) = (format!("{variable} is not set"), format!("give it with `tminus do env {name}`"));
    MissingSecret { name: name.to_owned(), why, out }
}

/// A step with a command.
pub fn runs(id: &str, with: impl FnOnce(&mut StepOutline)) -> StepOutline {
    step(id, |s| {
        s.run = Some(format!("./{id}.sh"));
        with(s);
    })
}

pub fn after(ids: &[&str]) -> Vec<StepId> {
    ids.iter().map(|id| StepId::from(*id)).collect()
}

pub fn undo(require: &[&str]) -> Option<Undo> {
    Some(Undo { run: "./undo.sh".into(), require: conditions(require), timeout: None, estimate: Some(Span::mins(1)) })
}

pub fn conditions(all: &[&str]) -> Vec<Condition> {
    all.iter().map(|text| grammar::parse(text, None).unwrap()).collect()
}

pub fn gate(require: &[&str], poll: &[&str], expires: Option<Span>) -> Option<Gate> {
    Some(Gate { require: conditions(require), poll: poll.iter().map(|r| (*r).into()).collect(), expires })
}

pub fn trigger(id: &str, when: &str, action: TriggerAction) -> TriggerOutline {
    TriggerOutline {
        id: id.into(),
        title: id.to_owned(),
        fires: Fires::When(grammar::parse(when, None).unwrap()),
        action,
        rollback: None,
        no_data: Default::default(),
        clear_after: Span::mins(2),
    }
}

/// A trigger that people fire.
pub fn asks_people(id: &str, question: &str, action: TriggerAction) -> TriggerOutline {
    TriggerOutline { fires: Fires::Ask(question.to_owned()), ..trigger(id, "errors > 5%", action) }
}

pub fn rollback(id: &str, steps: Vec<StepOutline>) -> RollbackOutline {
    RollbackOutline {
        id: id.into(),
        title: format!("Rollback {id}"),
        estimate: Some(Span::mins(2)),
        require: Vec::new(),
        undoes: Vec::new(),
        loses: None,
        possible_until: None,
        steps,
    }
}

pub fn phase(id: &str, title: &str, at: Option<Offset>) -> PhaseOutline {
    PhaseOutline { id: id.into(), title: title.into(), at, since: None, not_before: None, window: None }
}

/// A plan of one phase with two probes, every 10 s: `errors` (a ratio) and `green` (up or failing).
pub fn plan(steps: Vec<StepOutline>) -> Outline {
    let probe = |id: &str, measure: &str, unit| ProbeOutline {
        id: id.into(),
        title: id.to_owned(),
        pane: Pane::Errors,
        kind: "test".into(),
        target: String::new(),
        every: Span::secs(10),
        timeout: Span::secs(5),
        measures: vec![MeasureOutline { name: measure.into(), unit, what: String::new(), whole: false }],
        expect: Vec::new(),
        warn: Vec::new(),
        critical: Vec::new(),
    };
    Outline {
        name: "Wallet".into(),
        environment: "production".into(),
        probes: vec![probe("errors", "value", Unit::Percent), probe("green", "up", Unit::State)],
        phases: vec![phase("p", "Phase", None)],
        steps,
        ..Outline::default()
    }
}

/// Somebody on a session of their own.
pub fn who(name: &str) -> Operator {
    let session = name.bytes().fold(0, |all, byte| all * 31 + u64::from(byte));
    Operator { name: name.to_owned(), declared: false, session }
}

/// A launch under test.
#[derive(Clone)]
pub struct Sim {
    pub state: LaunchState,
    pub signals: Signals,
    pub now: Timestamp,
    pub events: Vec<Recorded>,
    pub effects: Vec<Effect>,
    values: BTreeMap<&'static str, Vec<(Option<&'static str>, Outcome)>>,
    orders: u32,
}

impl Sim {
    /// Opened by ana, who leads; T-0 is now; all is well.
    pub fn new(outline: Outline) -> Self {
        let now = Timestamp(1_800_000_000_000);
        let opened = Event::Opened {
            launch: "wallet.production.2026-11-21.1".into(),
            mode: Mode::Live,
            t0: now,
            by: who("ana"),
            plan_hash: "0".into(),
            outline: Box::new(outline.clone()),
            practice: None,
        };
        let first = Recorded { seq: Seq(1), at: now, order: None, event: opened };
        let mut sim = Self {
            state: LaunchState::open(&first).unwrap(),
            signals: Signals::new(&outline),
            now,
            events: vec![first],
            effects: Vec::new(),
            values: [("errors", Outcome::number(0.001)), ("green", Outcome::well())]
                .map(|(p, o)| (p, vec![(None, o)]))
                .into(),
            orders: 0,
        };
        sim.input(Input::TakenUp {
            pid: 1,
            version: "1".into(),
            gap: None,
            lost: None,
            torn: None,
            strays: Vec::new(),
            lost_runs: Vec::new(),
            wall: Span::ZERO,
        })
        .unwrap();
        sim
    }

    /// What the engine does with an input: decide, fold, then look until nothing follows.
    pub fn input(&mut self, input: Input) -> Result<(), Rejection> {
        let order = match &input {
            Input::Order(order) | Input::GoBack { order, .. } => Some(order.id.clone()),
            _ => None,
        };
        let events = decide(&self.state, &self.signals, input, self.now)?;
        self.record(events, order);
        self.look();
        Ok(())
    }

    pub fn look(&mut self) {
        for round in 0.. {
            assert!(round < 200, "looks never end: {:?}", self.events.iter().rev().take(5).collect::<Vec<_>>());
            let events = decide(&self.state, &self.signals, Input::Look, self.now).unwrap();
            if events.is_empty() {
                break;
            }
            self.record(events, None);
        }
    }

    /// Folds what somebody found, whoever that is.
    pub fn fold(&mut self, event: Event) {
        self.record(vec![event], None);
    }

    fn record(&mut self, events: Vec<Event>, mut order: Option<OrderId>) {
        for event in events {
            let seq = Seq(self.state.head.0 + 1);
            let recorded = Recorded { seq, at: self.now, order: order.take(), event };
            let json = serde_json::to_string(&recorded).unwrap();
            assert_eq!(serde_json::from_str::<Recorded>(&json).unwrap(), recorded, "{json}");
            self.state.apply(&recorded);
            if let Event::PlanAdopted { outline, .. } = &recorded.event {
                self.signals.adopt(outline);
            }
            self.effects.extend(effects(&self.state, &recorded.event));
            self.events.push(recorded);
        }
        self.signals.inform(&self.state.baselines, &self.state.forgotten);
        self.signals.unobserved(&self.state.gaps);
        self.signals.asked(&self.state.asked_since);
    }

    pub fn order_by(&mut self, name: &str, what: What) -> Result<(), Rejection> {
        self.orders += 1;
        let id = OrderId::from(format!("o{}", self.orders));
        self.input(Input::Order(Order { id, by: who(name), what }))
    }

    pub fn order(&mut self, what: What) -> Result<(), Rejection> {
        self.order_by("ana", what)
    }

    /// Starts a step's next attempt.
    pub fn start(&mut self, id: &str) -> Result<(), Rejection> {
        let attempt = self.state.steps[&StepId::from(id)].attempt + 1;
        self.order(What::Run { step: id.into(), attempt })
    }

    pub fn ends(&mut self, run: &str, code: i32) {
        self.ended(run, RunEnd::Exited { code, took: Span::secs(1) });
    }

    /// A run's end comes in, with the last line of its output.
    pub fn gives(&mut self, run: &str, last: Result<&str, &str>) {
        let end = RunEnd::Exited { code: 0, took: Span::secs(1) };
        let last = Some(last.map(str::to_owned).map_err(str::to_owned));
        let run = run.parse().unwrap();
        self.input(Input::Ended { run, end, left_running: false, asked: None, unkept: 0, last }).unwrap();
    }

    /// A run's end comes in.
    pub fn ended(&mut self, run: &str, end: RunEnd) {
        self.input(Input::Ended {
            run: run.parse().unwrap(),
            end,
            left_running: false,
            asked: None,
            unkept: 0,
            last: None,
        })
        .unwrap();
    }

    /// Starts a step and lets its command succeed.
    pub fn does(&mut self, id: &str) {
        self.start(id).unwrap();
        let attempt = self.state.steps[&StepId::from(id)].attempt;
        self.ends(&RunId { step: id.into(), kind: RunKind::Do, attempt }.to_string(), 0);
    }

    pub fn measures(&mut self, probe: &'static str, outcome: Outcome) {
        self.values.insert(probe, vec![(None, outcome)]);
    }

    /// From now on a probe says nothing.
    pub fn silent(&mut self, probe: &'static str) {
        self.values.remove(probe);
    }

    /// From now on this is what an instance of a probe gives.
    pub fn measures_of(&mut self, probe: &'static str, instance: &'static str, outcome: Outcome) {
        self.values.insert(probe, vec![(Some(instance), outcome)]);
    }

    /// From now on a probe has instances, each with a value.
    pub fn measures_each(&mut self, probe: &'static str, of: &[(&'static str, f64)]) {
        let of = of.iter().map(|(instance, value)| (Some(*instance), Outcome::number(*value)));
        self.values.insert(probe, of.collect());
    }

    /// Time passes, all probes report every 10 s, and the engine looks after each report.
    pub fn pass(&mut self, span: Span) {
        let end = self.now + span;
        while self.now + Span::secs(10) <= end {
            self.now = self.now + Span::secs(10);
            for (probe, of) in &self.values {
                let planned = self.state.outline.probe(&ProbeId::from(*probe)).and_then(|p| p.measures.first());
                let measure = planned.map_or("value", |m| m.name.as_str());
                let point = |(instance, outcome): &(Option<&str>, Outcome)| Point {
                    instance: instance.map(Into::into),
                    ..Point::new(measure, outcome.clone())
                };
                let points = Ok(of.iter().map(point).collect());
                let poll = Poll { probe: ProbeId::from(*probe), at: self.now, took_ms: 5, points };
                let poll = inject(&self.state, &self.signals, poll);
                self.signals.observe(&poll);
            }
            self.look();
        }
        self.now = end;
        self.look();
    }

    /// No engine runs for a while, then another one takes the launch up.
    pub fn gap(&mut self, span: Span) {
        self.now = self.now + span;
        self.input(Input::TakenUp {
            pid: 2,
            version: "1".into(),
            gap: Some(span),
            lost: None,
            torn: None,
            strays: Vec::new(),
            lost_runs: Vec::new(),
            wall: Span::ZERO,
        })
        .unwrap();
    }

    /// The engine is stopped for a while, or its machine suspended, and goes on.
    pub fn stands_still(&mut self, span: Span) {
        self.now = self.now + span;
        self.fold(Event::StoodStill { gap: span });
        self.look();
    }

    /// The engine dies and takes the readings of its last moments along; another one takes the launch up at once.
    pub fn crash(&mut self, lost: Span) {
        let kept = self.now - lost;
        let mut signals = Signals::new(&self.state.outline);
        for id in self.signals.ids() {
            for (at, outcome) in self.signals.readings(&id).into_iter().filter(|(at, _)| *at <= kept) {
                let points = Ok(vec![Point::new(id.measure.as_str(), outcome)]);
                signals.observe(&Poll { probe: id.probe.clone(), at, took_ms: 5, points });
            }
        }
        self.signals = signals;
        self.gap(Span::secs(1));
    }

    pub fn status(&self, id: &str) -> &StepStatus {
        &self.state.steps[&StepId::from(id)].status
    }

    pub fn word(&self, id: &str) -> &'static str {
        self.state.word(&id.into())
    }

    pub fn readout(&self) -> Readout {
        Readout::of(&self.state, &self.signals, self.now)
    }

    pub fn explain(&self, id: &str) -> Explanation {
        explain(&self.state, &self.readout(), &id.into(), self.now)
    }

    pub fn ways(&self) -> Vec<WayView> {
        ways(&self.state, &self.readout())
    }

    /// NOW, NEXT, BACK and the alarms; times on the wall as offsets from T-0.
    pub fn answers(&self) -> Answers {
        self.answers_on(&self.readout())
    }

    /// The same on what a client knows.
    pub fn answers_on(&self, readout: &Readout) -> Answers {
        let (ways, t0) = (ways(&self.state, readout), self.state.t0);
        let wall = |at: Timestamp| Offset(at.since(t0).seconds()).to_string();
        let (state, ways, now) = (&self.state, &ways, self.now);
        answers(&Moment { state, readout, ways, secrets: &[], plan: None, ready: None, now, wall: &wall })
    }

    /// What clients know while the disk is full: since a moment ago.
    pub fn readout_full(&self) -> Readout {
        let (why, out) = ("no space left".to_owned(), "make room".to_owned());
        let unwritten =
            Unwritten { why, since: self.now - Span::secs(10), out, reserve: true, word: false, late: None };
        Readout { unwritten: Some(unwritten), ..self.readout() }
    }

    /// How many events of a kind there are, by their names in the journal.
    pub fn count(&self, kind: &str) -> usize {
        let is = |r: &&Recorded| serde_json::to_value(&r.event).unwrap()["type"] == kind;
        self.events.iter().filter(is).count()
    }

    /// Commands that were started, oldest first.
    pub fn started(&self) -> Vec<String> {
        let start = |e: &Effect| if let Effect::Start(run) = e { Some(run.to_string()) } else { None };
        self.effects.iter().filter_map(start).collect()
    }
}

/// The words of a rejection: what stands against it, what would help, and the orders as they are typed.
pub fn why<T: std::fmt::Debug>(result: Result<T, Rejection>) -> String {
    let Rejection { why, instead, orders } = result.unwrap_err();
    let orders = orders.iter().map(|order| format!("do {}", spell::write(order)));
    std::iter::once(why).chain(instead).chain(orders).collect::<Vec<_>>().join("; ")
}
