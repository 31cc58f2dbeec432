//! The loop around the step function: it takes what clients ask and what probes report, looks at commands and deadlines,
//! does what follows, and shows the result. It owns everything and waits for nobody.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::machine::{Engine, Stepped};
use super::open::{Origin, Ours, write};
use super::runs::Runs;
use super::schedule::Schedule;
use super::secrets::Vault;
use super::timeline::{Timeline, WallClock};
use crate::core::event::Event;
use crate::core::ids::{OrderId, ProbeId, Seq};
use crate::core::launch::{Effect, Input, LaunchState, decide, next_deadline};
use crate::core::order::{Order, Rejection, What};
use crate::core::reading::Poll;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::hub::{Ask, Publisher, Shown};
use crate::probes::Spec;
use crate::probes::runner::Report;
use crate::readings::History;
use crate::{paths, plan};

/// How often an open run is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How often telemetry is sent while nothing remarkable happens.
const BEAT: Duration = Duration::from_secs(1);

/// How often it is sent at most, when something does.
const QUICK: Duration = Duration::from_millis(200);

/// How often history is written and the engine says that it lives. No timer is trusted for longer.
const WRITE: Duration = Duration::from_secs(5);

/// How long commands may take to end where the engine takes them along.
const TAKE_ALONG: Duration = Duration::from_secs(15);

/// Why the loop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The process is asked to end; commands go on under their supervisors.
    Asked,
    /// Whoever started it is gone and wanted nothing left: commands are ended too.
    Tied,
}

/// Everything that the loop owns.
pub struct Turn {
    /// Held as long as this is the launch's engine.
    _lock: std::fs::File,
    dir: PathBuf,
    origin: Origin,
    engine: Engine,
    specs: BTreeMap<ProbeId, Spec>,
    vault: Vault,
    /// Counts changes of the secrets.
    generation: u64,
    history: History,
    schedule: Schedule,
    runs: Runs,
    timeline: Timeline,
    wall: WallClock,
    publisher: Publisher,
    /// Answers to orders that left no event.
    quiet: VecDeque<(OrderId, Seq)>,
    /// What clients were shown last.
    readout: Arc<Readout>,
    /// Readings came since.
    fresh: bool,
    shown_at: Instant,
    looked_at: Instant,
    written_at: Instant,
    retired: bool,
}

impl Turn {
    /// Takes over a launch. Probes are begun, the take-up is put on record.
    pub fn new(ours: Ours, schedule: Schedule, publisher: Publisher) -> Self {
        let Ours { dir, lock, engine, plan, origin, vault, history, timeline, gap } = ours;
        let now = Instant::now();
        let mut turn = Self {
            runs: Runs::new(dir.clone(), origin.dir()),
            specs: plan.probes,
            wall: WallClock::new(timeline.wall()),
            quiet: VecDeque::new(),
            readout: Arc::default(),
            generation: 0,
            fresh: true,
            shown_at: now,
            looked_at: now,
            written_at: now,
            retired: false,
            _lock: lock,
            dir,
            origin,
            engine,
            vault,
            history,
            schedule,
            timeline,
            publisher,
        };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let _ = turn.step(Input::TakenUp { pid: std::process::id(), version, gap });
        turn.reschedule();
        turn.write();
        turn.look_at_runs();
        let _ = turn.step(Input::Look);
        turn.show();
        turn
    }

    /// Runs until it is asked to leave, or the launch is over and everyone has gone.
    pub async fn run(
        mut self,
        mut asks: mpsc::Receiver<Ask>,
        mut reports: mpsc::Receiver<Report>,
        mut leave: oneshot::Receiver<Leave>,
    ) {
        loop {
            let wait = self.wait();
            tokio::select! {
                biased;
                why = &mut leave => return self.leave(why.unwrap_or(Leave::Asked)).await,
                Some(ask) = asks.recv() => self.ask(ask),
                Some(report) = reports.recv() => {
                    self.report(report);
                    // Many probes at once are one look.
                    for _ in 0..256 {
                        let Ok(report) = reports.try_recv() else { break };
                        self.report(report);
                    }
                    let _ = self.step(Input::Look);
                }
                () = tokio::time::sleep(wait) => {}
            }
            self.turn();
            if self.retired && self.publisher.clients() == 0 {
                return self.leave(Leave::Asked).await;
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.timeline.now()
    }

    fn state(&self) -> &Arc<LaunchState> {
        self.engine.state()
    }

    fn open_runs(&self) -> bool {
        self.state().runs.values().any(|r| r.end.is_none())
    }

    /// How long nothing is to be done.
    fn wait(&self) -> Duration {
        let mut wait = BEAT.saturating_sub(self.shown_at.elapsed());
        if self.fresh {
            wait = wait.min(QUICK.saturating_sub(self.shown_at.elapsed()));
        }
        if self.open_runs() {
            wait = wait.min(LOOK.saturating_sub(self.looked_at.elapsed()));
        }
        if let Some(at) = next_deadline(self.state(), self.engine.signals(), self.now()) {
            // A deadline that has passed and moved nothing must not spin.
            wait = wait.min(at.since(self.now()).to_std().max(Duration::from_millis(20)));
        }
        wait
    }

    /// What is to be done whatever woke us.
    fn turn(&mut self) {
        if self.open_runs() && self.looked_at.elapsed() >= LOOK {
            self.look_at_runs();
        }
        let now = self.now();
        if next_deadline(self.state(), self.engine.signals(), now).is_some_and(|at| at <= now) {
            let _ = self.step(Input::Look);
        }
        if self.shown_at.elapsed() >= BEAT {
            if let Some(by) = self.wall.stepped(self.timeline.wall()) {
                self.record(vec![Event::ClockStepped { by }]);
            }
            self.schedule.t0(self.state().t0 + self.wall.wall());
            let _ = self.step(Input::Look);
            self.show();
        } else if self.fresh && self.shown_at.elapsed() >= QUICK {
            self.show_edges();
        }
        if self.written_at.elapsed() >= WRITE {
            self.write();
        }
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Order(order, reply) => {
                let result = self.order(order);
                // A client that has gone needs no reply.
                let _ = reply.send(result);
            }
            Ask::Env(by, values, reply) => {
                let names: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
                let references = self.state().outline.secrets.clone();
                let result = match names.iter().find(|name| !references.contains_key(*name)) {
                    Some(unknown) => Err(Rejection::but(
                        format!("the plan has no secret `{unknown}`"),
                        format!("it has {}", references.keys().cloned().collect::<Vec<_>>().join(", ")),
                    )),
                    None => {
                        let values = values.into_iter().map(|(name, value)| (name, value.0)).collect();
                        self.vault
                            .take(values, &references)
                            .map_err(|e| Rejection::new(format!("the digests of the secrets can't be written: {e}")))
                    }
                };
                let result = result.map(|()| {
                    self.generation += 1;
                    self.reschedule();
                    let text = format!("gave the engine {}", names.join(", "));
                    self.record(vec![Event::Noted { by, text }]);
                    self.state().head
                });
                let _ = reply.send(result);
            }
        }
    }

    fn order(&mut self, order: Order) -> Result<Seq, Rejection> {
        if let Some((_, seq)) = self.quiet.iter().find(|(id, _)| *id == order.id) {
            return Ok(*seq);
        }
        if let What::Adopt { hash } = &order.what {
            let hash = hash.clone();
            return match self.state().orders.get(&order.id) {
                Some(seq) => Ok(*seq),
                None => self.adopt(order, &hash),
            };
        }
        let (id, line) = match &order.what {
            What::Input { run, line } => (order.id.clone(), Some((run.clone(), line.clone()))),
            _ => (order.id.clone(), None),
        };
        let head = self.state().head;
        let reply = self.step(Input::Order(order))?;
        if let Some((run, line)) = line {
            self.runs.input(&run, &line).map_err(Rejection::new)?;
        }
        if self.state().head == head {
            self.quiet.push_back((id, reply));
            self.quiet.truncate(200);
        }
        Ok(reply)
    }

    /// Takes in the plan file as it is now. The file is read here, not in the pure rules.
    fn adopt(&mut self, order: Order, hash: &str) -> Result<Seq, Rejection> {
        let name = self.origin.plan.display().to_string();
        let wrong = |e: plan::Wrong| Rejection::but(e.to_string(), "mend the file, then look at the difference again");
        let text = plan::read(&self.origin.plan).map_err(wrong)?;
        let plan = plan::load(&text, &name, &self.origin.choices).map_err(wrong)?;
        if plan.hash != hash {
            return Err(Rejection::but(
                "the file has changed since you looked",
                "look at the difference again, and take that in",
            ));
        }
        let (hash, outline) = (plan.hash, Box::new(plan.outline));
        let input = Input::Adopt { by: order.by, hash, outline };
        let events = decide(self.state(), self.engine.signals(), input, self.now())?;
        let new = paths::plan(&self.dir).with_extension("new");
        write(&new, text.as_bytes()).map_err(|e| Rejection::new(e.to_string()))?;
        let stepped = self.engine.record(events, Some((order.id, false)), self.now());
        let seq = self.follow(stepped)?;
        if let Err(e) = std::fs::rename(&new, paths::plan(&self.dir)) {
            // Its text is beside the old one; that is found again.
            tracing::error!("{}: {e}", new.display());
        }
        self.specs = plan.probes;
        let references = self.state().outline.secrets.clone();
        self.vault.resolve(&references);
        self.history.keep(self.engine.signals().horizon());
        self.generation += 1;
        self.reschedule();
        self.show();
        Ok(seq)
    }

    fn report(&mut self, report: Report) {
        let poll = Poll { probe: report.probe, at: self.now(), took_ms: report.took_ms, points: report.points };
        self.engine.observe(&poll);
        self.history.add(&poll);
        self.fresh = true;
    }

    fn look_at_runs(&mut self) {
        let state = self.state().clone();
        for (run, end) in self.runs.ended(&state) {
            let _ = self.step(Input::Ended(run, end));
        }
        self.publisher.asking(self.runs.asking());
        self.looked_at = Instant::now();
    }

    fn step(&mut self, input: Input) -> Result<Seq, Rejection> {
        let stepped = self.engine.step(input, self.timeline.now());
        self.follow(stepped)
    }

    fn record(&mut self, events: Vec<Event>) {
        let stepped = self.engine.record(events, None, self.timeline.now());
        let _ = self.follow(stepped);
    }

    /// Publishes what is durable, then does what follows from it.
    fn follow(&mut self, stepped: Stepped) -> Result<Seq, Rejection> {
        let Stepped { reply, recorded, effects } = stepped;
        if !recorded.is_empty() {
            self.publisher.events(self.shown(), recorded);
            self.fresh = true;
        }
        for effect in effects {
            match effect {
                Effect::Start(run) => {
                    let state = self.state().clone();
                    if let Some(end) = self.runs.start(&state, &run, &self.vault.secrets()) {
                        let _ = self.step(Input::Ended(run, end));
                    }
                }
                Effect::Stop(run) => self.runs.stop(&run),
                Effect::Reschedule => self.reschedule(),
                Effect::Retire => {
                    self.schedule.stop();
                    self.retired = true;
                }
            }
        }
        reply
    }

    fn reschedule(&mut self) {
        let outline = self.state().outline.clone();
        self.schedule.set(&outline, &self.specs, &self.vault.secrets(), self.generation);
    }

    fn shown(&self) -> Shown {
        shown(self.state(), self.wall.wall(), &self.vault)
    }

    fn show(&mut self) {
        let readout = Readout::of(self.state(), self.engine.signals(), self.now());
        self.send(readout);
    }

    /// Shows the signals before the beat where one has come to another level, or a condition to another verdict.
    fn show_edges(&mut self) {
        let readout = Readout::of(self.state(), self.engine.signals(), self.now());
        let (signals, conditions) = readout.changes(&self.readout);
        let edge = signals.iter().any(|s| self.readout.signals.get(&s.id).map(|b| b.level) != Some(s.level))
            || conditions.iter().any(|c| {
                let before = self.readout.conditions.get(&c.of);
                before.map(|b| (b.held, b.now)) != Some((c.held, c.now))
            });
        if edge {
            self.send(readout);
        } else {
            self.fresh = false;
        }
    }

    fn send(&mut self, readout: Readout) {
        self.readout = Arc::new(readout);
        self.publisher.readout(self.readout.clone());
        self.fresh = false;
        self.shown_at = Instant::now();
    }

    fn write(&mut self) {
        let now = self.now();
        if let Err(e) = self.history.flush(now) {
            tracing::warn!("the history of the signals can't be written: {e}");
        }
        if let Err(e) = std::fs::write(paths::alive(&self.dir), now.millis().to_string()) {
            tracing::warn!("{}: {e}", paths::alive(&self.dir).display());
        }
        self.written_at = Instant::now();
    }

    async fn leave(mut self, why: Leave) {
        self.schedule.stop();
        if why == Leave::Tied {
            let open = self.state().runs.iter().filter(|(_, r)| r.end.is_none()).map(|(id, _)| id.clone());
            open.collect::<Vec<_>>().iter().for_each(|run| self.runs.stop(run));
            let until = Instant::now() + TAKE_ALONG;
            while self.open_runs() && Instant::now() < until {
                tokio::time::sleep(LOOK).await;
                self.look_at_runs();
            }
        }
        self.write();
        self.publisher.goodbye(match (self.retired, why) {
            (true, _) => "the launch is over",
            (false, Leave::Asked) => "the engine was asked to end; the launch and its commands go on: `tminus attach`",
            (false, Leave::Tied) => "the engine ends with what started it",
        });
        // Clients read their last lines meanwhile.
        let until = Instant::now() + Duration::from_secs(1);
        while self.publisher.clients() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What clients are shown.
pub fn shown(state: &Arc<LaunchState>, wall: Span, vault: &Vault) -> Shown {
    Shown { state: state.clone(), wall, missing_secrets: vault.missing().to_vec() }
}
