//! A launch without processes: the engine's step function over a journal, a production that is a few numbers, and commands
//! that are a list of who was started. It can be killed before each append, and after it before or between what follows;
//! then what the next engine finds is held against what was durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tminus::core::event::{Event, Mode, Recorded, RunEnd};
use tminus::core::ids::{OrderId, RunId, Seq};
use tminus::core::launch::{Effect, Input, LaunchState, RollbackStatus, Status, Undelivered, inject, notices};
use tminus::core::order::{Operator, Order};
use tminus::core::outline::Outline;
use tminus::core::practice::Practice;
use tminus::core::reading::{Outcome, Point, Poll};
use tminus::core::signals::Signals;
use tminus::core::spell;
use tminus::core::time::{Span, Timestamp};
use tminus::core::view::Readout;
use tminus::engine::machine::{Engine, Stepped};

use super::disk::{Disk, Store};
use super::truth::{Act, Health, Run, World, started};

/// When the engine dies over what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// Before the append of the event with this number; what stood in the same transaction is lost with it.
    Before(u64),
    /// All is durable, and nobody was told.
    After,
    /// Clients were told, and so many of the effects were done.
    Told(usize),
}

pub struct Life {
    disk: Disk,
    engine: Option<Engine<Store>>,
    pub world: World,
}

pub fn by(name: &str) -> Operator {
    let session = name.bytes().map(u64::from).sum();
    Operator { name: name.into(), declared: false, session }
}

fn fold(events: &[Arc<Recorded>]) -> LaunchState {
    let (first, rest) = events.split_first().unwrap();
    let mut state = LaunchState::open(first).unwrap();
    rest.iter().for_each(|event| state.apply(event));
    state
}

/// An order from its words, with `ben:` before it where it is his; none where it can't be read in this state.
fn read(line: &str, state: &LaunchState, id: OrderId) -> Option<Order> {
    let (who, line) = line.split_once(": ").filter(|(who, _)| *who == "ben").unwrap_or(("ana", line));
    let what = spell::read(&spell::words(line).unwrap(), state, &Readout::default()).ok()?;
    Some(Order { id, by: by(who), what })
}

/// How one probe answers; none where it says nothing.
fn poll(probe: &str, at: Timestamp, health: Health) -> Poll {
    let of = |instance: &str| Point { instance: Some(instance.into()), ..Point::new("value", Outcome::number(0.001)) };
    let points = match (probe, health) {
        (_, Health::Silent) => Err("401".to_owned()),
        ("errors", Health::Ok) => Ok(vec![of("blue"), of("green")]),
        ("errors", Health::Failing) => Ok(vec![of("blue")]),
        (_, Health::Ok) => Ok(vec![Point::new("up", Outcome::well())]),
        (_, Health::Failing) => Ok(vec![Point::new("up", Outcome::Failing("refused".into()))]),
    };
    Poll { probe: probe.into(), at, took_ms: 5, points }
}

/// What a poll found, as the engine takes it.
fn health(poll: &Poll) -> Health {
    match poll.points.as_ref().map(|points| points.first().map(|point| &point.outcome)) {
        Ok(Some(Outcome::Failing(_))) => Health::Failing,
        Ok(Some(_)) => Health::Ok,
        _ => Health::Silent,
    }
}

impl Life {
    pub fn begin(outline: &Outline, practice: Option<Practice>, seed: u64) -> Self {
        let now = Timestamp(1_790_000_000_000);
        let mode = if practice.is_some() { Mode::Rehearsal } else { Mode::Live };
        let event = Event::Opened {
            launch: "kills.test.2026-11-22.1".into(),
            mode,
            t0: now,
            by: by("ana"),
            plan_hash: String::new(),
            outline: Box::new(outline.clone()),
            practice,
        };
        let first = Arc::new(Recorded { seq: Seq(1), at: now, order: None, event });
        let measures = [("api", Health::Ok), ("out", Health::Ok), ("errors", Health::Ok)];
        let world = World {
            now,
            rng: SmallRng::seed_from_u64(seed),
            started: BTreeMap::new(),
            order: Vec::new(),
            void: Vec::new(),
            seen: vec![first.clone()],
            answered: BTreeMap::new(),
            pending: None,
            polls: Vec::new(),
            found: Vec::new(),
            measures: measures.into(),
            gaps: Vec::new(),
            alive: now,
            up: None,
            next: None,
            hook: true,
            letters: Vec::new(),
            told: Default::default(),
            orders: 0,
        };
        let mut life = Self { disk: Disk::of(&[first], false), engine: None, world };
        life.comes_up();
        life.give(&Act::Input(taken_up(None, Vec::new())), None);
        life
    }

    pub fn state(&self) -> &Arc<LaunchState> {
        self.engine.as_ref().unwrap().state()
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state().status, Status::Ended { .. })
    }

    /// The same launch at this moment beside this one, to be killed; its journal is a real one where `file` says so.
    pub fn fork(&self, seed: u64, file: bool) -> Self {
        let disk = Disk::of(&self.disk.durable(), file);
        let own = self.engine.as_ref().unwrap();
        let engine = Engine::new((**own.state()).clone(), own.signals().clone(), disk.open().0, "/nowhere".into());
        let world = World { rng: SmallRng::seed_from_u64(seed), ..self.world.clone() };
        Self { disk, engine: Some(engine), world }
    }

    /// The next engine, over what the journal and the readings have.
    fn comes_up(&mut self) {
        let (store, events) = self.disk.open();
        let state = fold(&events);
        let mut signals = Signals::new(&state.outline);
        signals.inform(&state.baselines, &state.forgotten);
        signals.unobserved(&state.gaps);
        self.world.polls.iter().for_each(|poll| signals.observe(poll));
        self.engine = Some(Engine::new(state, signals, store, "/nowhere".into()));
    }

    /// What comes by itself: a command's end as an engine finds it beside the run, the answer to a message, an order whose
    /// client had no answer.
    pub fn comes(&mut self) -> Option<Act> {
        if let Some(ended) = self.ended() {
            return Some(Act::Input(ended));
        }
        if let Some(order) = self.world.pending.clone() {
            return Some(Act::Input(Input::Order(order)));
        }
        if self.world.letters.is_empty() {
            return None;
        }
        let (channel, posts) = self.world.letters.remove(0);
        let result = if self.world.hook { Ok(()) } else { Err(Undelivered::new("refused")) };
        if result.is_ok() {
            let told = posts.iter().map(|(notice, _)| (channel.clone(), *notice));
            self.world.told.extend(told);
        }
        Some(Act::Input(Input::Posted { channel, posts, result }))
    }

    /// Half a minute passes, and all probes report.
    pub fn passes(&mut self) -> Act {
        let at = self.world.now + Span::secs(30);
        Act::Polls(at, self.world.measures.iter().map(|(probe, health)| poll(probe, at, *health)).collect())
    }

    /// An order as people type it; none where it can't be read in this state.
    pub fn order(&mut self, line: &str) -> Option<Act> {
        self.world.orders += 1;
        let id = OrderId::from(format!("order-{}-{:x}", self.world.orders, self.world.rng.random::<u32>()));
        read(line, self.state(), id).map(|order| Act::Input(Input::Order(order)))
    }

    fn ended(&self) -> Option<Input> {
        let open = self.state().runs.iter().filter(|(_, own)| own.end.is_none());
        open.map(|(run, _)| run).find_map(|run| {
            let took = Span::secs(9);
            let end = match self.world.started.get(run) {
                Some(own) if !own.is_over(self.world.now) => return None,
                Some(Run { stopped: Some(_), .. }) => RunEnd::Signalled { signal: 15, took, stopped: true },
                Some(Run { code: Some(code), .. }) => RunEnd::Exited { code: *code, took },
                Some(Run { code: None, .. }) => RunEnd::Interrupted,
                None => RunEnd::NotStarted { why: "the engine ended before it was started".into() },
            };
            let last = (run.step.as_str() == "migrate").then(|| Ok(format!("/{run}.dump")));
            Some(Input::Ended { run: run.clone(), end, left_running: false, asked: None, unkept: 0, last })
        })
    }

    /// Gives something to the engine, and kills it over it. Answers what became durable, and how many effects it has.
    pub fn give(&mut self, act: &Act, kill: Option<Kill>) -> (Vec<Recorded>, usize) {
        let before = self.state().clone();
        if let Some(Kill::Before(seq)) = kill {
            self.disk.stop_at(Some(seq));
        }
        let Stepped { reply, recorded, effects } = self.takes(act);
        let engine = self.engine.as_ref().unwrap();
        assert!(kill.is_some() || engine.trouble().is_none(), "{:?}", engine.trouble());
        let after = engine.state().clone();
        let durable = self.disk.durable();
        let came = (recorded.clone(), effects.len());
        // What it would tell and do next rests on nothing that could be lost.
        for event in &recorded {
            let kept = durable.get(event.seq.0 as usize - 1);
            assert_eq!(kept.map(|kept| &**kept), Some(event), "it would be told, and is not durable");
            self.world.is_observed(event, &after, &durable);
        }
        for effect in &effects {
            let begun = |run: &RunId| durable.iter().any(|r| started(r) == Some(run));
            assert!(
                !matches!(effect, Effect::Start(run) if !begun(run)),
                "{effect:?} would be done, and is not durable"
            );
        }
        if let (Act::Input(Input::Order(order)), Ok(seq)) = (act, &reply)
            && let Some(answer) = after.orders.get(&order.id)
        {
            assert_eq!(answer, seq, "the answer to {order:?}");
        }
        let takes_up = matches!(act, Act::Input(Input::TakenUp { gap: Some(_), .. }));
        if takes_up && after.engines > before.engines {
            self.world.gaps.push((self.world.alive, self.world.now));
            (self.world.up, self.world.alive) = (Some(self.world.now), self.world.now);
        }
        // Where it was killed before that was on record, the next engine finds the time since the last sign of life.
        let still = if let Act::Record(Event::StoodStill { gap }) = act { Some(*gap) } else { None };
        let known = after.gaps.len() > before.gaps.len();
        if let Some(gap) = still.filter(|_| known) {
            self.world.gaps.push((self.world.now - gap, self.world.now));
        }
        if !takes_up && (still.is_none() || known) {
            self.world.alive = self.world.now;
        }
        if let Some(Kill::Before(_) | Kill::After) = kill {
            self.dies(&after);
            return came;
        }
        // Told before anything is done.
        self.world.seen.extend(recorded.into_iter().map(Arc::new));
        if let Act::Input(Input::Order(order)) = act {
            if let Ok(seq) = reply {
                self.world.answered.insert(order.id.clone(), seq);
            }
            self.world.pending = None;
        }
        let done = if let Some(Kill::Told(done)) = kill { done } else { effects.len() };
        for effect in effects.into_iter().take(done) {
            self.does(effect, act, &before, &after, &durable);
        }
        if kill.is_some() {
            self.dies(&after);
        } else {
            self.tells(&durable);
        }
        came
    }

    fn takes(&mut self, act: &Act) -> Stepped {
        let engine = self.engine.as_mut().unwrap();
        let world = &mut self.world;
        match act {
            Act::Input(input) => {
                match input {
                    Input::Order(order) => world.pending = Some(order.clone()),
                    Input::Ended { run, end: RunEnd::NotStarted { .. }, .. } => world.void.push(run.clone()),
                    _ => {}
                }
                engine.step(input.clone(), world.now)
            }
            Act::Polls(at, polls) => {
                world.now = *at;
                let mut found = BTreeMap::new();
                for poll in polls {
                    let poll = inject(engine.state(), engine.signals(), poll.clone());
                    engine.observe(&poll);
                    found.insert(poll.probe.to_string(), health(&poll));
                    world.polls.push(poll);
                }
                world.found.push((*at, found["api"], found["out"]));
                engine.step(Input::Look, world.now)
            }
            Act::Record(event) => engine.record(vec![event.clone()], None, world.now),
            Act::Leave => engine.end("was asked to end", world.now),
        }
    }

    fn does(
        &mut self,
        effect: Effect,
        act: &Act,
        before: &LaunchState,
        after: &LaunchState,
        durable: &[Arc<Recorded>],
    ) {
        match effect {
            Effect::Start(run) => {
                self.world.starts(&run, act, before, after, durable);
                let rng = &mut self.world.rng;
                let (code, took) = match self.world.next.take() {
                    Some(code) => (code, 10),
                    None if rng.random_bool(0.05) => (None, 10),
                    None => (Some(0), rng.random_range(1..90)),
                };
                let own = Run { ends: self.world.now + Span::secs(took), code, stopped: None };
                self.world.started.insert(run.clone(), own);
                self.world.order.push(run);
            }
            Effect::Stop(run) => {
                let now = self.world.now;
                let own = self.world.started.get_mut(&run);
                own.into_iter().filter(|own| !own.is_over(now)).for_each(|own| own.stopped = Some(now));
            }
            Effect::Reschedule | Effect::Retire => {}
        }
    }

    /// Sends what is to be sent.
    fn tells(&mut self, durable: &[Arc<Recorded>]) {
        let state = self.state().clone();
        for channel in &state.outline.channels {
            if self.world.letters.iter().any(|(of, _)| *of == channel.id) || state.stands_in() {
                continue;
            }
            if let Some(post) = notices::next_post(&state, channel, self.world.now) {
                let letter = (post.channel, post.posts);
                self.world.is_new(&letter, durable);
                self.world.letters.push(letter);
            }
        }
    }

    /// The engine is gone. What is durable must be what it had, and have all that clients saw and were answered.
    fn dies(&mut self, had: &LaunchState) {
        self.engine = None;
        self.disk.stop_at(None);
        let durable = self.disk.whole();
        let found = fold(&durable);
        assert!(found == *had, "the fold of what is durable is not what the engine had: {found:#?}\nnot\n{had:#?}");
        let seen = &self.world.seen;
        assert_eq!(durable.get(..seen.len()), Some(&seen[..]), "an event that a client saw is missing");
        for (order, seq) in &self.world.answered {
            assert_eq!(found.orders.get(order), Some(seq), "the answer to {order} is not known any more");
        }
        // Who was attached comes back, and is shown all. Messages may have come through, or not.
        self.world.seen = durable;
        for (channel, posts) in std::mem::take(&mut self.world.letters) {
            if self.world.hook && self.world.rng.random_bool(0.5) {
                self.world.told.extend(posts.iter().map(|(notice, _)| (channel.clone(), *notice)));
            }
        }
        // Readings of the last second may not have come to the disk.
        if self.world.rng.random_bool(0.5) {
            let now = self.world.now;
            self.world.polls.retain(|poll| poll.at < now);
            self.world.found.retain(|(at, ..)| *at < now);
        }
    }

    /// The engine is gone without anything under its hands, and the next one comes; what it does first.
    pub fn next_engine(&mut self) -> Act {
        if let Some(engine) = self.engine.take() {
            self.dies(engine.state());
        }
        // Somebody is quick, or it takes a while.
        let longest = if self.world.rng.random_bool(0.5) { 10 } else { 600 };
        self.world.now = self.world.now + Span::secs(self.world.rng.random_range(1..longest));
        self.comes_up();
        // As it finds them beside the journal.
        let unknown = self.world.order.iter().filter(|run| !self.state().runs.contains_key(run));
        let strays = unknown.map(|run| (run.clone(), self.world.alive)).collect();
        Act::Input(taken_up(Some(self.world.now.since(self.world.alive.max(self.state().last_at))), strays))
    }

    /// The next engine takes the launch up after a while, and may be killed over it, too.
    pub fn again(&mut self, kill: Option<Kill>) {
        let act = self.next_engine();
        self.give(&act, kill);
        if kill.is_none() {
            self.is_taken_up();
        }
    }

    /// It holds, no way back goes on, and what nobody observed is known.
    pub fn is_taken_up(&self) {
        let state = self.state();
        assert!(self.is_over() || state.hold.is_some(), "the launch holds");
        let goes_on = state.rollbacks.iter().any(|back| back.status == RollbackStatus::Running);
        assert!(!goes_on, "an interrupted way back goes on alone");
        let all = |gaps: &[(Timestamp, Timestamp)]| gaps.iter().map(|(from, to)| to.since(*from).millis()).sum::<i64>();
        let (known, truth) = (all(&state.gaps), all(&self.world.gaps));
        assert!(self.is_over() || known == truth, "of {truth} ms without an engine {known} are known");
    }

    /// All that is under way comes to its end, and what must be so is.
    pub fn closes(&mut self) {
        for _ in 0..100 {
            self.world.now = self.world.now + Span::mins(10);
            let Some(act) = self.comes() else { break };
            self.give(&act, None);
        }
        let durable = self.disk.whole();
        assert!(fold(&durable) == **self.state(), "the fold of what is durable is not what the engine has");
        self.world.holds(self.state(), &durable);
    }
}

fn taken_up(gap: Option<Span>, strays: Vec<(RunId, Timestamp)>) -> Input {
    Input::TakenUp {
        pid: 1,
        version: "1".into(),
        gap,
        lost: None,
        torn: None,
        strays,
        lost_runs: Vec::new(),
        wall: Span::ZERO,
    }
}
