//! The step function: decide → append (durable) → apply. Synchronous and total, without clocks, processes or clients, so
//! that a simulation and the crash harness call what the daemon calls.

use std::path::PathBuf;
use std::sync::Arc;

use super::reserve::{Need, Reserve};
use crate::core::event::{Event, Recorded};
use crate::core::head::Head;
use crate::core::ids::{OrderId, Seq};
use crate::core::launch::{
    Effect, Input, LaunchState, Status, Unwritten, WORD, decide, effects, has_room, must_be_said, without_word,
};
use crate::core::order::{Order, Rejection, What};
use crate::core::reading::Poll;
use crate::core::signals::Signals;
use crate::core::time::Timestamp;
use crate::journal::{Journal, JournalError, Log, MAKE_ROOM};

/// A look that leads to another look leads to at most this many.
const LOOKS: usize = 64;

/// The owner of a launch's state.
#[derive(Debug)]
pub struct Engine<J = Journal> {
    state: Arc<LaunchState>,
    signals: Signals,
    journal: J,
    reserve: Reserve,
    /// Where there is no room on the disk, what was given up of the reserve is for what it was given up for until it is
    /// whole.
    trouble: Option<Unwritten>,
}

/// What a step came to.
#[derive(Debug)]
pub struct Stepped {
    /// For an order: the event that answers it, or why it was not taken.
    pub reply: Result<Seq, Rejection>,
    /// What is durable now and was not before.
    pub recorded: Vec<Recorded>,
    /// What must be done now.
    pub effects: Vec<Effect>,
}

impl<J: Log> Engine<J> {
    /// Over a state that was folded from this journal. `reserve` is a file that is given up for a way back when the
    /// disk is full.
    pub fn new(state: LaunchState, signals: Signals, journal: J, reserve: PathBuf) -> Self {
        let trouble = journal.late().map(|late| Unwritten {
            why: format!("what happened from event {} on is kept in memory", late.first),
            since: late.since,
            out: MAKE_ROOM.to_owned(),
            reserve: false,
            word: true,
            late: Some(late.first),
        });
        Self { state: Arc::new(state), signals, journal, reserve: Reserve::new(reserve), trouble }
    }

    /// Why the journal can't be written; none where it can.
    pub fn trouble(&self) -> Option<&Unwritten> {
        self.trouble.as_ref()
    }

    /// Whether what happens is kept in memory until there is room for it.
    pub fn is_late(&self) -> bool {
        self.journal.late().is_some()
    }

    /// Room for the files of a command that is about to start: a way back has it also where the disk is full.
    pub fn make_way(&self) {
        if matches!(self.state.status, Status::RollingBack(_)) {
            self.reserve.make_way(Need::WayBack);
        }
    }

    /// Looks whether the journal is still there. Where the disk was full: whether there is room again, writes down what is
    /// late, and makes the reserve whole. Where that can't be, what is free is for what must be said, and an order is
    /// refused before it finds the disk full: whoever looks at the screen knows. To be called every few seconds.
    pub fn make_room(&mut self, now: Timestamp) -> Stepped {
        let mut stepped = Stepped { reply: Ok(self.state.head), recorded: Vec::new(), effects: Vec::new() };
        if let Err(e) = self.journal.is_there() {
            self.is_in_trouble(&e, now);
            return stepped;
        }
        if let Some(late) = self.journal.late() {
            let event = Event::WrittenLate { from: late.first, since: late.since, events: late.events };
            let (seq, at) = (Seq(self.state.head.0 + 1), now.max(self.state.last_at));
            let told = Recorded { seq, at, order: None, event };
            if let Err(e) = self.journal.write_down(&told) {
                self.is_in_trouble(&e, now);
                return stepped;
            }
            tracing::info!("what happened from event {} on is written down now", late.first);
            Arc::make_mut(&mut self.state).apply(&told);
            stepped.recorded.push(told);
            self.trouble = None;
        }
        if self.trouble.is_none() && !self.reserve.is_short() && self.reserve.is_full().is_none() {
            return stepped;
        }
        match self.reserve.fill() {
            Ok(()) if self.trouble.take().is_some() => tracing::info!("there is room for the journal again"),
            Ok(()) => {}
            Err(e) => {
                let why = self.reserve.lacks(&e);
                let word = self.reserve.is_spent() && self.reserve.is_full().is_some();
                match &mut self.trouble {
                    None => {
                        let out = if word { MAKE_ROOM.to_owned() } else { reserved() };
                        self.trouble = Some(Unwritten { why, since: now, out, reserve: !word, word, late: None });
                    }
                    // How much is free changes.
                    Some(by) if by.reserve => (by.why, by.reserve, by.word) = (why, !word, word),
                    Some(_) => {}
                }
            }
        }
        stepped
    }

    /// Whether the journal's file is where it was opened.
    pub fn is_there(&self) -> bool {
        self.journal.is_there().is_ok()
    }

    /// The journal's last event and its hash.
    pub fn head(&self) -> Option<Head> {
        self.journal.head()
    }

    /// The state.
    pub fn state(&self) -> &Arc<LaunchState> {
        &self.state
    }

    /// What is known of the signals.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Takes in a poll. A look should follow.
    pub fn observe(&mut self, poll: &Poll) {
        self.signals.observe(poll);
    }

    /// An input, then looks until nothing follows from anything any more.
    pub fn step(&mut self, mut input: Input, now: Timestamp) -> Stepped {
        let mut no_room = None;
        let mut back = None;
        let (id, need) = match &mut input {
            Input::Order(order) | Input::GoBack { order, .. } => {
                if let Some(seq) = self.state.orders.get(&order.id) {
                    return Stepped { reply: Ok(*seq), recorded: Vec::new(), effects: Vec::new() };
                }
                let by = self.has_no_room().filter(|by| !by.takes(&self.state, &order.what));
                no_room = by.map(|by| refused(&by.why, &by.out));
                let need = need(&self.state, &order.what);
                let need = if take_word(&mut order.what) { Some(Need::Unjournalled) } else { need };
                back = matches!(order.what, What::Rollback { .. }).then(|| order.what.clone());
                (Some(order.id.clone()), need)
            }
            // The launch holds by it.
            Input::TakenUp { .. } => (None, Some(Need::Word)),
            _ => (None, None),
        };
        let is_look = matches!(input, Input::Look);
        let decided = decide(&self.state, &self.signals, input, now);
        let mut stepped = match decided {
            // What the rules refuse has their reason, whatever the disk says.
            Ok(events) => match no_room.filter(|_| !events.is_empty()) {
                Some(refused) => refused,
                None => {
                    let put = self.put(events, id, need, now);
                    self.or_with_word(put, back)
                }
            },
            Err(why) => Stepped { reply: Err(why), recorded: Vec::new(), effects: Vec::new() },
        };
        if stepped.reply.is_err() || (is_look && stepped.recorded.is_empty()) {
            return stepped;
        }
        for _ in 0..LOOKS {
            let Ok(events) = decide(&self.state, &self.signals, Input::Look, now) else { break };
            if events.is_empty() {
                break;
            }
            let more = self.record(events, None, now);
            if more.reply.is_err() {
                break;
            }
            stepped.recorded.extend(more.recorded);
            stepped.effects.extend(more.effects);
        }
        stepped
    }

    /// There is no room on the disk but for what must be said. Whatever else keeps the journal from being written is tried
    /// anew each time.
    fn has_no_room(&self) -> Option<&Unwritten> {
        let no_room = |by: &&Unwritten| by.reserve || by.late.is_some() || self.reserve.is_full().is_some();
        self.trouble.as_ref().filter(no_room)
    }

    /// Puts on record that the engine ends in good order, and why.
    pub fn end(&mut self, why: &str, now: Timestamp) -> Stepped {
        if matches!(self.state.status, Status::Ended { .. }) {
            return Stepped { reply: Ok(self.state.head), recorded: Vec::new(), effects: Vec::new() };
        }
        self.put(vec![Event::EngineEnded { why: why.to_owned() }], None, Some(Need::Word), now)
    }

    /// Makes facts durable and folds them in. With `order`, the first of them answers it.
    pub fn record(&mut self, events: Vec<Event>, order: Option<OrderId>, now: Timestamp) -> Stepped {
        self.put(events, order, None, now)
    }

    /// The same of what a person ordered, and what is done only then: the order may have room on a full disk.
    pub fn record_order(&mut self, event: Event, order: &Order, now: Timestamp) -> Stepped {
        let need = need(&self.state, &order.what);
        self.put(vec![event], Some(order.id.clone()), need, now)
    }

    /// The same; with a need, the reserve on the disk may be given up for it.
    fn put(&mut self, events: Vec<Event>, mut id: Option<OrderId>, need: Option<Need>, now: Timestamp) -> Stepped {
        let mut stepped = Stepped { reply: Ok(self.state.head), recorded: Vec::new(), effects: Vec::new() };
        let at = now.max(self.state.last_at);
        let mut seq = self.state.head.0;
        let mut recorded: Vec<Recorded> = events
            .into_iter()
            .map(|mut event| {
                seq += 1;
                if let Event::Shift(fact) = &mut event {
                    fact.sign(self.journal.head());
                }
                Recorded { seq: Seq(seq), at, order: id.take(), event }
            })
            .collect();
        let Some(first) = recorded.first().map(|r| r.seq) else { return stepped };
        let going_back = matches!(self.state.status, Status::RollingBack(_));
        let must = recorded.iter().any(|r| must_be_said(&r.event, going_back));
        let need = need.or(must.then_some(if going_back { Need::WayBack } else { Need::Word }));
        // What can wait would eat what was given up of the reserve.
        if let (Some(by), None) = (self.has_no_room(), need) {
            return refused(&by.why, &by.out);
        }
        if let Err(e) = self.append(&mut recorded, need) {
            let by = self.is_in_trouble(&e, now);
            return refused(&by.why, &by.out);
        }
        match (&mut self.trouble, self.journal.late()) {
            (Some(by), Some(late)) => by.late = Some(late.first),
            (Some(by), None) if !by.reserve && self.reserve.is_full().is_none() => self.trouble = None,
            _ => {}
        }
        stepped.reply = Ok(first);
        let state = Arc::make_mut(&mut self.state);
        for r in &recorded {
            state.apply(r);
            if let Event::PlanAdopted { outline, .. } = &r.event {
                self.signals.adopt(outline);
            }
            stepped.effects.extend(effects(state, &r.event));
        }
        if recorded.iter().any(|r| {
            matches!(
                r.event,
                Event::EngineStarted { .. }
                    | Event::StoodStill { .. }
                    | Event::BaselineCaptured { .. }
                    | Event::InstanceForgotten { .. }
                    | Event::InstanceBack { .. }
                    | Event::PlanAdopted { .. }
            )
        }) {
            self.signals.inform(&self.state.baselines, &self.state.forgotten);
            self.signals.unobserved(&self.state.gaps);
            self.signals.asked(&self.state.asked_since);
        }
        stepped.recorded = recorded;
        stepped
    }

    fn is_in_trouble(&mut self, e: &JournalError, now: Timestamp) -> &Unwritten {
        let since = self.trouble.as_ref().map_or(now, |by| by.since);
        let reserve = e.wants_room() && !self.reserve.is_spent();
        let word = !reserve && !matches!(e, JournalError::Gone { .. });
        let late = self.journal.late().map(|late| late.first);
        let out = if reserve { reserved() } else { e.way_out().to_owned() };
        let now = Unwritten { why: e.to_string(), since, out, reserve, word, late };
        if self.trouble.as_ref() != Some(&now) {
            tracing::error!("the journal can't be written: {}", now.why);
        }
        self.trouble.insert(now)
    }

    fn append(&mut self, recorded: &mut [Recorded], need: Option<Need>) -> Result<(), JournalError> {
        if self.is_late() {
            return self.journal.append_late(recorded);
        }
        loop {
            match (self.journal.append(recorded), need) {
                (Err(e), Some(need)) if e.wants_room() && self.reserve.give_up(need) => {
                    tracing::warn!("the journal can't be written ({e}): a piece of the reserve is given up");
                }
                (Err(e), Some(Need::Unjournalled)) if !matches!(e, JournalError::Gone { .. }) => {
                    let first = recorded.first().map(|r| r.at).unwrap_or_default();
                    for recorded in &mut *recorded {
                        if let Event::RollbackStarted { over, .. } = &mut recorded.event {
                            over.push(format!("nothing can be written down: {e}"));
                        }
                    }
                    self.journal.append_late(recorded)?;
                    self.is_in_trouble(&e, first);
                    return Ok(());
                }
                (done, _) => return done,
            }
        }
    }

    /// A way back that could not be written down is told what to type.
    fn or_with_word(&self, mut stepped: Stepped, back: Option<What>) -> Stepped {
        let by = self.trouble.as_ref().filter(|by| by.wants_word());
        if let (Err(no), Some(by), Some(What::Rollback { way, trigger, typed, why })) = (&mut stepped.reply, by, back) {
            let typed = by.to_type(typed.as_deref());
            no.instead =
                Some(format!("{}; or go back all the same: what happens is kept in memory, type `{WORD}`", by.out));
            no.orders.push(What::Rollback { way, trigger, typed, why });
        }
        stepped
    }
}

/// The way out where the disk is full and something of the reserve is left.
fn reserved() -> String {
    format!("{MAKE_ROOM}; a way back, a hold and a severity have a reserve")
}

/// Takes [`WORD`] from what was typed for a way back; whether it was there.
fn take_word(what: &mut What) -> bool {
    let What::Rollback { typed, .. } = what else { return false };
    let (rest, word) = without_word(typed.as_deref());
    *typed = rest.map(str::to_owned);
    word
}

fn refused(why: &str, way_out: &str) -> Stepped {
    let reply = Err(Rejection::but(format!("it can't be made durable, so it was not done: {why}"), way_out));
    Stepped { reply, recorded: Vec::new(), effects: Vec::new() }
}

/// Which orders the reserve is for.
fn need(state: &LaunchState, what: &What) -> Option<Need> {
    let back = matches!(what, What::Rollback { .. }) || matches!(state.status, Status::RollingBack(_));
    has_room(state, what).then_some(if back { Need::WayBack } else { Need::Word })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::core::event::RunEnd;
    use crate::core::launch::StepStatus;
    use crate::core::launch::testing::{Sim, plan, runs, who};
    use crate::core::time::Span;

    thread_local! {
        static FREE: Cell<u64> = const { Cell::new(0) };
    }

    const PLENTY: u64 = 100 * 1024 * 1024;

    fn order(engine: &mut Engine, id: &str, what: What) -> Result<Seq, Rejection> {
        let now = engine.state().last_at;
        engine.step(Input::Order(Order { id: id.to_owned().into(), by: who("ana"), what }), now).reply
    }

    #[test]
    fn a_full_disk_is_known_before_an_order_and_until_the_reserve_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let sim = Sim::new(plan(vec![runs("a", |_| {})]));
        let (mut journal, _) = Journal::open(&dir.path().join("journal.db")).unwrap();
        journal.append(&sim.events).unwrap();
        let signals = Signals::new(&sim.state.outline);
        let file = dir.path().join("reserve");
        let mut engine = Engine::new(sim.state.clone(), signals, journal, file.clone());
        engine.reserve = Reserve::on(file, |_| Some(FREE.get()));
        let note = || What::Note { text: "x".into() };
        let at = |engine: &mut Engine, free: u64| {
            FREE.set(free);
            engine.make_room(engine.state().last_at);
            engine.trouble().map(|by| by.why.clone())
        };
        assert_eq!(at(&mut engine, PLENTY), None);
        assert!(!engine.reserve.is_short());
        order(&mut engine, "1", note()).unwrap();

        assert!(at(&mut engine, 9 * 1024 + 1).unwrap().ends_with(": 9 KiB are free on the disk"));
        let refused = order(&mut engine, "2", note()).unwrap_err();
        assert!(refused.why.contains("can't be made durable, so it was not done") && refused.instead.is_some());
        order(&mut engine, "3", What::Hold { why: "the disk is full".into() }).unwrap();
        assert!(engine.trouble().is_some(), "what was said does not make room");
        // What is given up for a word is not eaten by what can wait.
        assert!(engine.reserve.give_up(Need::Word));
        assert!(at(&mut engine, 200 * 1024).is_some());
        assert!(order(&mut engine, "4", note()).is_err());

        // What the rules refuse has their reason.
        let stop = What::Stop { step: "a".into(), attempt: 1, let_finish: false };
        assert_eq!(order(&mut engine, "6", stop).unwrap_err().why, "`a` is not under way");

        // The next engine finds what was given up of it and is free now.
        let file = dir.path().join("reserve");
        let (journal, _) = Journal::open(&dir.path().join("journal.db")).unwrap();
        let signals = Signals::new(&engine.state().outline);
        let mut engine = Engine::new((**engine.state()).clone(), signals, journal, file.clone());
        engine.reserve = Reserve::on(file, |_| Some(FREE.get()));
        assert!(at(&mut engine, 256 * 1024).unwrap().ends_with(": 256 KiB are free on the disk, kept for a way back"));
        assert!(order(&mut engine, "7", note()).is_err());
        order(&mut engine, "8", What::Severity { incident: None, level: 2, text: "disk".into() }).unwrap();

        assert_eq!(at(&mut engine, PLENTY), None);
        assert!(!engine.reserve.is_short());
        order(&mut engine, "5", note()).unwrap();
    }

    #[test]
    fn on_a_full_disk_a_command_ends_and_a_step_is_done_but_none_begins() {
        let dir = tempfile::tempdir().unwrap();
        let mut sim = Sim::new(plan(vec![
            runs("a", |_| {}),
            runs("b", |s| {
                s.after = vec!["a".into()];
                s.auto = true;
            }),
        ]));
        sim.start("a").unwrap();
        let (mut journal, _) = Journal::open(&dir.path().join("journal.db")).unwrap();
        journal.append(&sim.events).unwrap();
        let file = dir.path().join("reserve");
        let mut engine = Engine::new(sim.state.clone(), Signals::new(&sim.state.outline), journal, file.clone());
        engine.reserve = Reserve::on(file, |_| Some(FREE.get()));
        let full = |engine: &mut Engine, free: u64| {
            FREE.set(free);
            engine.make_room(engine.state().last_at);
            engine.trouble().is_some()
        };
        assert!(full(&mut engine, 9 * 1024));
        let run = engine.state().runs.keys().next().unwrap().clone();
        let (end, now) = (RunEnd::Exited { code: 0, took: Span::secs(1) }, engine.state().last_at);
        let ended = Input::Ended { run, end, left_running: false, asked: None, unkept: 0, last: None };
        assert!(engine.step(ended, now).reply.is_ok());
        let status = |engine: &Engine, step: &str| engine.state().steps.get(step).map(|own| own.status.clone());
        assert!(matches!(status(&engine, "a"), Some(StepStatus::Done { .. })), "{:?}", status(&engine, "a"));
        assert!(engine.step(Input::Look, now).reply.is_err());
        assert_eq!(status(&engine, "b").unwrap_or_default(), StepStatus::Todo);

        assert!(!full(&mut engine, PLENTY));
        engine.step(Input::Look, now);
        assert!(matches!(status(&engine, "b"), Some(StepStatus::Running { .. })), "{:?}", status(&engine, "b"));
    }
}
