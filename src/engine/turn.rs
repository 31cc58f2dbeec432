//! The loop around the step function: it takes what clients ask and what probes report, looks at commands and deadlines,
//! does what follows, and shows the result. It owns everything and waits for nobody.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::last::Alive;
use super::lock::Lock;
use super::machine::{Engine, Stepped};
use super::open::{Origin, Ours};
use super::planfile::PlanFile;
use super::post::{Back, Letters, Post};
use super::ready;
use super::runs::{Ended, Runs};
use super::schedule::Schedule;
use super::secrets::Vault;
use super::show::QUICK;
use super::standins;
use super::strays::{self, Strays};
use super::timeline::{Timeline, WallClock};
use crate::core::event::{Event, Mode};
use crate::core::ids::{ChannelId, OrderId, ProbeId, Seq};
use crate::core::launch::{Effect, Input, LaunchState, inject, next_deadline};
use crate::core::order::Rejection;
use crate::core::reading::Poll;
use crate::core::ready::is_before;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::hub::{Ask, Publisher};
use crate::notify;
use crate::paths;
use crate::probes::Spec;
use crate::probes::runner::Report;
use crate::readings::History;

/// How often an open run is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How often telemetry is sent while nothing remarkable happens, and how often the engine says that it lives: a gap is
/// measured from there, or from the last event where that is later.
const BEAT: Duration = Duration::from_secs(1);

/// How often the machine is looked at before the start.
const READY: Duration = Duration::from_secs(60);

/// How often it is looked whether the scripts of the ways back are there.
const BACK: Duration = Duration::from_secs(5);

/// So long the first such look may keep the engine from its clients: a mount may hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often history is written. No timer is trusted for longer.
const WRITE: Duration = Duration::from_secs(1);

/// The loop rests at least this long before a deadline: one that moves nothing must not spin.
const REST: Duration = Duration::from_millis(10);

/// Where the loop wakes so much later than it wanted to, its process did not run: nothing was observed meanwhile. Less is
/// no more than polls that were missed.
const STILL: Duration = Duration::from_secs(10);

/// How long commands may take to end where the engine takes them along.
const TAKE_ALONG: Duration = Duration::from_secs(15);

/// So long an engine whose launch is over stays to tell it.
const LAST_WORDS: Duration = Duration::from_secs(60);

/// So long a leaving engine waits for messages that are on their way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Why the loop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The process is asked to end; commands go on under their supervisors.
    Asked,
    /// The same where nothing outlives the process: commands are ended too, so that their end is on record.
    Contained,
    /// Whoever started it is gone and wanted nothing left: commands are ended too.
    Tied,
}

/// What woke the loop.
enum Woke {
    /// It is to end.
    Leave(Leave),
    /// Something that was sent came back.
    Heard(Back),
    /// A client asks.
    Asked(Ask),
    /// A probe reports.
    Measured(Report),
    /// It has slept for as long as it wanted.
    Time,
}

/// Everything that the loop owns.
pub struct Turn {
    /// Held as long as this is the launch's engine.
    _lock: Lock,
    pub(super) dir: PathBuf,
    pub(super) origin: Origin,
    pub(super) file: PlanFile,
    /// What the machine has of what the launch needs.
    pub(super) ready: ready::Watch,
    ready_at: Option<Instant>,
    /// What the machine has of what the ways back need.
    pub(super) back: ready::back::Scripts,
    back_at: Option<Instant>,
    pub(super) engine: Engine,
    pub(super) specs: BTreeMap<ProbeId, Spec>,
    /// What each channel does.
    pub(super) channels: BTreeMap<ChannelId, notify::Spec>,
    /// What is told that the engine lives.
    pub(super) heartbeat: Option<String>,
    pub(super) post: Post,
    pub(super) vault: Vault,
    /// Counts changes of the secrets.
    pub(super) generation: u64,
    pub(super) history: History,
    schedule: Schedule,
    pub(super) runs: Runs,
    timeline: Timeline,
    pub(super) wall: WallClock,
    pub(super) publisher: Publisher,
    /// Answers to orders that left no event.
    pub(super) quiet: VecDeque<(OrderId, Seq)>,
    /// What clients were shown last.
    pub(super) readout: Arc<Readout>,
    /// Readings came since.
    pub(super) fresh: bool,
    /// Until when everything was looked at; a deadline after it wants a look.
    seen: Timestamp,
    pub(super) shown_at: Instant,
    looked_at: Instant,
    written_at: Instant,
    /// The launch is over, and since when.
    retired: Option<Instant>,
}

impl Turn {
    /// Takes over a launch. The take-up is put on record, probes are begun. A take-up that can't be put on record is none:
    /// the launch would not hold.
    pub fn new(ours: Ours, schedule: Schedule, post: Post, publisher: Publisher) -> Result<Self, Rejection> {
        let Ours { dir, lock, engine, plan, origin, vault, history, timeline, gap, lost, torn } = ours;
        let now = Instant::now();
        let mut turn = Self {
            runs: Runs::new(dir.clone(), origin.dir()),
            file: PlanFile::new(&origin),
            ready: ready::Watch::new(),
            ready_at: None,
            back: ready::back::scripts(),
            back_at: None,
            specs: plan.probes,
            channels: plan.channels,
            heartbeat: plan.heartbeat,
            post,
            wall: WallClock::new(timeline.wall()),
            quiet: VecDeque::new(),
            readout: Arc::default(),
            generation: 0,
            fresh: true,
            seen: timeline.now(),
            shown_at: now,
            looked_at: now,
            written_at: now,
            retired: None,
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
        // Less than a second is no departure of the wall clock.
        let wall = Span::secs(timeline.wall().millis() / 1000);
        let Strays { runs: strays, lost: lost_runs } =
            strays::find(&turn.dir, turn.engine.state(), &turn.engine.state().outline);
        turn.step(Input::TakenUp { pid: std::process::id(), version, gap, lost, torn, strays, lost_runs, wall })?;
        turn.reschedule();
        turn.write();
        turn.look_whether_ready();
        turn.look_at_runs();
        turn.look_at_ways_back();
        turn.look();
        turn.show_trouble();
        turn.show();
        Ok(turn)
    }

    /// Runs until it is asked to leave, or the launch is over and everyone has gone.
    pub async fn run(
        mut self,
        mut asks: mpsc::Receiver<Ask>,
        mut reports: mpsc::Receiver<Report>,
        mut letters: mpsc::UnboundedReceiver<Back>,
        mut leave: oneshot::Receiver<Leave>,
    ) {
        // From look to look: it may be stopped over its work as well as asleep.
        let mut looked = self.now();
        loop {
            let wait = self.wait();
            let woke = tokio::select! {
                biased;
                why = &mut leave => Woke::Leave(why.unwrap_or(Leave::Asked)),
                Some(back) = letters.recv() => Woke::Heard(back),
                Some(ask) = asks.recv() => Woke::Asked(ask),
                Some(report) = reports.recv() => Woke::Measured(report),
                () = tokio::time::sleep(wait) => Woke::Time,
            };
            // Before anything is made of what woke us.
            self.look_whether_it_stood_still(looked, wait);
            looked = self.now();
            match woke {
                Woke::Leave(why) => return self.leave(why, letters).await,
                Woke::Heard(back) => self.heard(back),
                Woke::Asked(ask) => self.ask(ask),
                Woke::Measured(report) => {
                    self.report(report);
                    // Many probes at once are one look.
                    for _ in 0..256 {
                        let Ok(report) = reports.try_recv() else { break };
                        self.report(report);
                    }
                    self.look();
                }
                Woke::Time => {}
            }
            self.turn();
            if self.retired.is_some_and(|since| self.all_told(since)) && self.publisher.clients() == 0 {
                return self.leave(Leave::Asked, letters).await;
            }
        }
    }

    /// Puts on record that the process did not run for a while. `wait` is how long the loop wanted to sleep at most.
    fn look_whether_it_stood_still(&mut self, looked: Timestamp, wait: Duration) {
        let gap = self.timeline.overslept(looked, wait, STILL).filter(|_| self.retired.is_none());
        if let Some(gap) = gap {
            self.record(vec![Event::StoodStill { gap }]);
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.timeline.now()
    }

    pub(super) fn state(&self) -> &Arc<LaunchState> {
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
        if let Some(at) = standins::next_end(self.state()) {
            wait = wait.min(self.timeline.until(at).max(REST));
        }
        if let Some(at) = self.deadline() {
            wait = wait.min(self.timeline.until(at).max(REST));
        }
        wait
    }

    /// When something comes due that was not looked at yet; it may have passed a moment ago.
    fn deadline(&self) -> Option<Timestamp> {
        next_deadline(self.state(), self.engine.signals(), self.seen)
    }

    fn look(&mut self) {
        self.seen = self.now();
        let _ = self.step(Input::Look);
    }

    /// What is to be done whatever woke us.
    fn turn(&mut self) {
        let over = standins::next_end(self.state()).is_some_and(|at| at <= self.now());
        let some = self.open_runs() || !self.runs.processes().is_empty();
        if over || (some && self.looked_at.elapsed() >= LOOK) {
            self.look_at_runs();
        }
        if self.deadline().is_some_and(|at| at <= self.now()) {
            self.look();
        }
        if self.shown_at.elapsed() >= BEAT {
            if let Some(by) = self.wall.stepped(self.timeline.wall()) {
                self.record(vec![Event::ClockStepped { by }]);
            }
            self.schedule.t0(self.timeline.real(self.state().t0, self.wall.wall()));
            self.look();
            // Where that can't be written, `write` tells.
            let _ = self.say_alive(self.now());
            self.show();
        } else if self.fresh && self.shown_at.elapsed() >= QUICK {
            self.show_edges();
        }
        if self.written_at.elapsed() >= WRITE {
            self.write();
            self.file.look();
            if self.ready_at.is_none_or(|at| at.elapsed() >= READY) {
                self.look_whether_ready();
            }
        }
        if self.ready.hear() {
            self.show_trouble();
        }
        if self.back_at.is_none_or(|at| at.elapsed() >= BACK) {
            self.back.look((self.state().outline.clone(), self.origin.dir()));
            self.back_at = Some(Instant::now());
        }
        self.fresh |= self.back.hear();
        self.tell();
        if self.file.hear() {
            self.file.log(&self.engine.state().plan_hash);
            self.show_trouble();
        }
    }

    /// Looks at the scripts of the ways back before anybody may order one of them: a plan is new here.
    pub(super) fn look_at_ways_back(&mut self) {
        self.back.first((self.state().outline.clone(), self.origin.dir()), PATIENCE);
        self.back_at = Some(Instant::now());
    }

    /// Has the machine looked at, as long as that helps anybody: before the start, and before T-0.
    pub(super) fn look_whether_ready(&mut self) {
        let state = self.engine.state();
        if !is_before(state) && self.now() >= state.t0 {
            return;
        }
        let launches = self.dir.parent().unwrap_or(&self.dir);
        // A rehearsal goes to nobody but those whom its probes read.
        let lives = !state.stands_in();
        let played = |id: &ProbeId| {
            let practice = state.practice.as_ref().zip(state.outline.probe(id));
            practice.is_some_and(|(practice, probe)| practice.plays(probe))
        };
        let asked = |id: &ProbeId, spec: &Spec| (lives || spec.acts().is_none()) && !played(id);
        let needs = ready::Needs::of_parts(
            (&state.outline, self.heartbeat.as_deref().filter(|_| lives)),
            self.specs.iter().filter(|(id, spec)| asked(id, spec)).map(|(id, spec)| (id.as_str(), spec)),
            self.channels.iter().filter(|_| lives).map(|(id, spec)| (id.as_str(), spec)),
            (&self.origin.plan, &self.origin.choices, launches),
            self.vault.secrets(),
        )
        .asked_by(&state.id);
        self.ready.look(if lives { needs } else { needs.without_hosts_of_commands() });
        self.ready_at = Some(Instant::now());
    }

    /// Something that was sent came back.
    fn heard(&mut self, back: Back) {
        if let Some(input) = self.post.back(back) {
            let _ = self.step(input);
        }
        self.show_trouble();
    }

    /// Sends what is to be sent.
    fn tell(&mut self) {
        let (now, wall, secrets) = (self.now(), self.wall.wall(), self.vault.secrets());
        let state = self.engine.state();
        self.post.send(&Letters { state, specs: &self.channels, secrets: &secrets, now, wall });
    }

    /// Whether the end of the launch was told, or there was time enough for it.
    fn all_told(&self, since: Instant) -> bool {
        let notices = &self.state().notices;
        (notices.queue.iter().all(|of| notices.is_held(of)) && !self.post.is_busy()) || since.elapsed() >= LAST_WORDS
    }

    fn report(&mut self, report: Report) {
        let poll = Poll { probe: report.probe, at: self.now(), took_ms: report.took_ms, points: report.points };
        let poll = inject(self.state(), self.engine.signals(), poll);
        self.engine.observe(&poll);
        self.history.add(&poll);
        self.fresh = true;
    }

    fn look_at_runs(&mut self) {
        let state = self.state().clone();
        for Ended { run, end, left_running, asked, unkept, last } in self.runs.ended(&state, self.now()) {
            let _ = self.step(Input::Ended { run, end, left_running, asked, unkept, last });
        }
        if *self.runs.asking() != self.readout.asking || *self.runs.processes() != self.readout.processes {
            self.show();
        }
        self.looked_at = Instant::now();
    }

    pub(super) fn step(&mut self, input: Input) -> Result<Seq, Rejection> {
        let stepped = self.engine.step(input, self.timeline.now());
        self.follow(stepped)
    }

    pub(super) fn record(&mut self, events: Vec<Event>) {
        let stepped = self.engine.record(events, None, self.timeline.now());
        let _ = self.follow(stepped);
    }

    /// Publishes what is durable, then does what follows from it.
    pub(super) fn follow(&mut self, stepped: Stepped) -> Result<Seq, Rejection> {
        let Stepped { reply, recorded, effects } = stepped;
        self.show_trouble();
        if !recorded.is_empty() {
            // Before anybody sees it: what was seen can be missed.
            let _ = self.say_alive(self.now());
            self.publisher.events(self.shown(), recorded);
            self.fresh = true;
        }
        for effect in effects {
            match effect {
                Effect::Start(run) => {
                    self.engine.make_way();
                    let state = self.state().clone();
                    if let Some(end) = self.runs.start(&state, &run, &self.vault.secrets(), self.engine.is_late()) {
                        let _ = self.step(Input::Ended {
                            run,
                            end,
                            left_running: false,
                            asked: None,
                            unkept: 0,
                            last: None,
                        });
                    }
                }
                Effect::Stop(run) => self.runs.stop(&run),
                Effect::Reschedule => self.reschedule(),
                Effect::Retire => {
                    self.schedule.stop();
                    self.post.still();
                    self.retired = Some(Instant::now());
                }
            }
        }
        reply
    }

    pub(super) fn reschedule(&mut self) {
        let outline = self.state().outline.clone();
        let secrets = self.vault.secrets();
        let practice = Some(self.state().practice.clone().unwrap_or_default());
        let practice = practice.filter(|_| self.state().mode == Mode::Rehearsal);
        let signals = self.engine.signals();
        self.schedule.set(&outline, &self.specs, &secrets, self.generation, practice.as_ref(), signals);
        self.post.beat(self.heartbeat.as_ref(), self.engine.state(), &secrets, self.generation);
    }

    fn write(&mut self) {
        let now = self.now();
        if let Err(e) = self.history.flush(now) {
            tracing::warn!("the history of the signals can't be written: {e}");
        }
        if let Err(e) = self.say_alive(now) {
            tracing::warn!("{}: {e}", paths::alive(&self.dir).display());
        }
        let written = self.engine.make_room(now);
        let _ = self.follow(written);
        if !self.engine.is_late() {
            self.runs.bring_home(self.engine.state());
        }
        self.written_at = Instant::now();
    }

    fn say_alive(&self, now: Timestamp) -> std::io::Result<()> {
        // Where the directory was moved away, what stands at its path now is of another launch.
        if !self.engine.is_there() {
            return Ok(());
        }
        Alive { at: now, head: self.engine.head() }.write(&self.dir)
    }

    async fn leave(mut self, why: Leave, mut letters: mpsc::UnboundedReceiver<Back>) {
        self.schedule.stop();
        self.post.still();
        // What is on its way may arrive: else the next engine sends it again.
        let until = Instant::now() + ON_ITS_WAY;
        while self.post.is_busy()
            && let Ok(Some(back)) = tokio::time::timeout_at(until, letters.recv()).await
        {
            self.heard(back);
        }
        // A stand-in is no process: the next engine goes on with it.
        if why != Leave::Asked && !self.state().stands_in() {
            let open = self.state().runs.iter().filter(|(_, r)| r.end.is_none()).map(|(id, _)| id.clone());
            open.collect::<Vec<_>>().iter().for_each(|run| self.runs.stop(run));
            let until = Instant::now() + TAKE_ALONG;
            while self.open_runs() && Instant::now() < until {
                tokio::time::sleep(LOOK).await;
                self.look_at_runs();
            }
        }
        if self.retired.is_none() {
            let why = match why {
                Leave::Asked => "was asked to end",
                Leave::Contained => "was asked to end, and its commands with it",
                Leave::Tied => "ended with what started it",
            };
            let stepped = self.engine.end(why, self.timeline.now());
            let _ = self.follow(stepped);
        }
        self.write();
        self.publisher.goodbye(match (self.retired.is_some(), why) {
            (true, _) => "the launch is over",
            (false, Leave::Asked) => "the engine was asked to end; the launch and its commands go on: `tminus attach`",
            (false, Leave::Contained) => {
                "the engine was asked to end, and its commands with it; the launch goes on with the next"
            }
            (false, Leave::Tied) => "the engine ends with what started it",
        });
        // Clients read their last lines meanwhile.
        let until = Instant::now() + Duration::from_secs(1);
        while self.publisher.clients() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
