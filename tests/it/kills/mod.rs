//! Kills at every point of seeded launches: before each append, after it, and between what follows from it. The points are
//! those of the step function, which is all that writes; [`real`] kills processes.
//!
//! One life is repeated by its name and seed: `TMINUS_KILLS=back:3 tests/run tests --test it -- kills::any`.

mod disk;
mod kinds;
mod life;
mod real;
mod stories;
mod truth;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use life::{Kill, Life};
use rand::RngExt as _;
use stories::{IMPATIENT, ORDERS, STORIES, Story};
use tminus::core::event::Event;
use tminus::core::launch::{LaunchState, Status, StepStatus};
use tminus::core::practice::Practice;
use tminus::core::time::Span;
use tminus::plan::{self, Choices, Plan};
use truth::{Act, Health, Run};

/// Of so many kills one is over a real journal in a file.
const FILE: usize = 20;

fn load(text: &str) -> Plan {
    plan::load(text, "kills", &Choices::default()).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// In the midst of what a launch is.
fn amid(state: &LaunchState) -> Vec<&'static str> {
    let is = |id: &str, of: fn(&StepStatus) -> bool| state.steps.get(id).is_some_and(|own| of(&own.status));
    let done = |own: &StepStatus| matches!(own, StepStatus::Done { .. });
    let idle = state.runs.values().all(|run| run.end.is_some());
    let back = state.rollbacks.last().filter(|_| matches!(state.status, Status::RollingBack(_)));
    let of = [
        ("a command", !idle),
        ("a soak", state.steps.values().any(|own| matches!(own.status, StepStatus::Soaking { .. }))),
        ("between two stages", idle && is("share-5", done) && !is("share-25", done)),
        ("undo 2 of 4", back.is_some_and(|back| back.items.len() == 4 && back.next == 1)),
        ("a way back", back.is_some()),
        ("a handover", state.shifts.offer.is_some()),
        ("a poll", is("go", |own| *own == StepStatus::Polling)),
        ("an incident", state.incidents.iter().any(|own| own.resolved.is_none())),
        ("a hold", state.hold.is_some()),
        ("messages to be sent", !state.notices.queue.is_empty()),
        ("a cut-off side", state.side.cut.is_some()),
    ];
    of.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect()
}

/// What was tried: kills before and after each kind of event, and amid what.
#[derive(Default)]
struct Tried {
    kills: usize,
    files: usize,
    kinds: BTreeMap<String, [usize; 2]>,
    amid: BTreeMap<&'static str, usize>,
}

impl Tried {
    fn add(&mut self, other: Tried) {
        self.kills += other.kills;
        self.files += other.files;
        for (kind, [before, after]) in other.kinds {
            let own = self.kinds.entry(kind).or_default();
            *own = [own[0] + before, own[1] + after];
        }
        other.amid.into_iter().for_each(|(what, n)| *self.amid.entry(what).or_default() += n);
    }

    fn table(&self) -> String {
        let kinds = self.kinds.iter().map(|(kind, [before, after])| format!("{before:>6} {after:>6}  {kind}"));
        let amid = self.amid.iter().map(|(what, n)| format!("{n:>13}  amid {what}"));
        let table = kinds.chain(amid).collect::<Vec<_>>().join("\n");
        format!("{} kills, {} of them over a real journal\nbefore  after\n{table}", self.kills, self.files)
    }
}

/// Says how to repeat what fails.
struct Place {
    story: &'static str,
    seed: u64,
    at: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { story, seed, at } = self;
            eprintln!("in {at}\nagain: TMINUS_KILLS={story}:{seed} tests/run tests --test it -- kills::any");
        }
    }
}

/// A story's lines, half a minute a line.
fn lines(story: &Story) -> Vec<String> {
    let mut all = Vec::new();
    for line in story.lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("pass ") {
            Some(span) => {
                let span: Span = span.parse().unwrap();
                all.extend((0..span.millis() / 30_000).map(|_| "pass".to_owned()));
            }
            None => all.push(line.to_owned()),
        }
    }
    all
}

/// What a line comes to; none where it changes what comes later, or can't be said in this state.
fn act(life: &mut Life, line: &str) -> Option<Act> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let now = life.world.now;
    match word {
        "pass" => return Some(life.passes()),
        "measure" => {
            let (probe, health) = rest.split_once(' ').unwrap();
            let known = *life.world.measures.keys().find(|known| **known == probe).unwrap();
            let health = match health {
                "ok" => Health::Ok,
                "failing" => Health::Failing,
                "silent" => Health::Silent,
                other => panic!("{other}"),
            };
            life.world.measures.insert(known, health);
        }
        "next" => life.world.next = Some(rest.parse().ok()),
        "hook" => life.world.hook = rest == "up",
        "adopt" => {
            let plan = load(&stories::changed());
            let input = tminus::core::launch::Input::Adopt {
                by: life::by("ana"),
                hash: plan.hash,
                outline: Box::new(plan.outline),
                strays: Vec::new(),
            };
            return Some(Act::Input(input));
        }
        "found" => {
            let run: tminus::core::ids::RunId = rest.parse().unwrap();
            let own = Run { ends: now + Span::mins(1), code: Some(0), stopped: None };
            life.world.started.insert(run.clone(), own);
            life.world.order.push(run);
            return Some(life.next_engine());
        }
        "wall" => return Some(Act::Record(Event::ClockStepped { by: rest.parse().unwrap() })),
        "still" => {
            let gap: Span = rest.parse().unwrap();
            life.world.now = life.world.now + gap;
            return Some(Act::Record(Event::StoodStill { gap }));
        }
        "leaves" => return Some(Act::Leave),
        _ => return life.order(line),
    }
    None
}

/// A life that is killed beside itself at each point of each thing that it is given, and goes on.
struct Killed<'a> {
    life: Life,
    place: Place,
    lines: Vec<String>,
    /// How often it was killed.
    kills: usize,
    tried: &'a mut Tried,
}

impl Killed<'_> {
    /// Tells the story, with other orders by chance between.
    fn goes(&mut self) {
        for at in 0..self.lines.len() {
            for _ in 0..10 {
                let Some(act) = self.life.comes() else { break };
                self.gives(&act, at);
            }
            if self.life.world.rng.random_bool(0.1) {
                let line = ORDERS[self.life.world.rng.random_range(0..ORDERS.len())];
                if let Some(act) = self.life.order(line) {
                    self.gives(&act, at);
                }
            }
            let line = self.lines[at].clone();
            if let Some(act) = act(&mut self.life, &line) {
                self.gives(&act, at + 1);
                if matches!(act, Act::Leave) {
                    let act = self.life.next_engine();
                    self.gives(&act, at + 1);
                    self.life.is_taken_up();
                }
            }
        }
        self.life.closes();
    }

    /// Gives something to it; before, to others in its place that are killed over it.
    fn gives(&mut self, act: &Act, next: usize) {
        let beside = self.life.fork(self.place.seed, false);
        let (amid, head) = (amid(self.life.state()), self.life.state().head.0);
        self.place.at = format!("line {next}, given {act:?}");
        let (recorded, effects) = self.life.give(act, None);
        let before = recorded.iter().map(|r| (Kill::Before(r.seq.0), Some((kinds::kind(r), 0))));
        let after = recorded.iter().take(1).map(|_| (Kill::After, None));
        let told = (0..=effects).filter(|_| !recorded.is_empty()).map(|done| (Kill::Told(done), None));
        for recorded in &recorded {
            self.tried.kinds.entry(kinds::kind(recorded)).or_default()[1] += 1;
        }
        for (kill, of) in before.chain(after).chain(told) {
            self.tried.kills += 1;
            self.kills += 1;
            let nth = self.kills;
            if let Some((kind, when)) = of {
                self.tried.kinds.entry(kind).or_default()[when] += 1;
            }
            amid.iter().for_each(|what| *self.tried.amid.entry(what).or_default() += 1);
            self.place.at = format!("line {next}, killed {kill:?} over {act:?}");
            let file = nth.is_multiple_of(FILE);
            self.tried.files += usize::from(file);
            let mut killed = beside.fork(self.place.seed ^ (nth as u64) << 8, file);
            killed.give(act, Some(kill));
            if nth.is_multiple_of(5) {
                killed.again(Some([Kill::Before(head + 1), Kill::After, Kill::Told(0)][nth / 5 % 3]));
            }
            killed.again(None);
            self.after(&mut killed, next);
        }
    }

    /// What becomes of one that was killed: somebody orders at once or only looks, then the launch goes on.
    fn after(&self, killed: &mut Life, next: usize) {
        let comes = |killed: &mut Life| {
            for _ in 0..3 {
                let Some(act) = killed.comes() else { break };
                killed.give(&act, None);
            }
        };
        if killed.world.rng.random_bool(0.5) {
            let line = IMPATIENT[killed.world.rng.random_range(0..IMPATIENT.len())];
            if let Some(order) = killed.order(line) {
                killed.give(&order, None);
            }
        }
        comes(killed);
        let passes = killed.passes();
        killed.give(&passes, None);
        if killed.world.rng.random_bool(0.8)
            && let Some(release) = killed.order("release of engine looked")
        {
            killed.give(&release, None);
        }
        for line in self.lines.iter().skip(next).take(4) {
            if line == "leaves" || line.starts_with("found") {
                break;
            }
            if let Some(act) = act(killed, line) {
                killed.give(&act, None);
            }
            comes(killed);
        }
        killed.closes();
    }
}

fn tried(story: &'static Story, seed: u64, tried: &mut Tried) {
    let plan = load(stories::PLAN);
    let scenario = || plan::scenario::load(stories::SCENARIO, "scenario", &plan).unwrap();
    let practice = (story.name == "rehearsal").then(|| Practice { real: false, speed: 1, scenario: scenario() });
    let life = Life::begin(&plan.outline, practice, seed);
    let place = Place { story: story.name, seed, at: "its beginning".to_owned() };
    Killed { life, place, lines: lines(story), kills: 0, tried }.goes();
}

/// So many seeds of each story, or the one that is asked for.
fn lives(seeds: u64) -> Tried {
    let only = std::env::var("TMINUS_KILLS").ok();
    let only = only.as_deref().map(|only| only.split_once(':').unwrap());
    let all = STORIES.iter().flat_map(|story| (0..seeds).map(move |seed| (story, seed)));
    let all: Vec<(&'static Story, u64)> = match only {
        Some((name, seed)) => STORIES.iter().filter(|s| s.name == name).map(|s| (s, seed.parse().unwrap())).collect(),
        None => all.collect(),
    };
    let next = AtomicUsize::new(0);
    let one = || {
        let mut own = Tried::default();
        while let Some((story, seed)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            tried(story, *seed, &mut own);
        }
        own
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let begun = std::time::Instant::now();
    let mut sum = Tried::default();
    std::thread::scope(|scope| {
        let all_of: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        all_of.into_iter().for_each(|of| sum.add(of.join().unwrap_or_else(|why| std::panic::resume_unwind(why))));
    });
    println!("{} lives, {:.1} s, {}", all.len(), begun.elapsed().as_secs_f64(), sum.table());
    if only.is_some() {
        return sum;
    }
    for what in ["a command", "a soak", "between two stages", "undo 2 of 4", "a handover", "a poll", "an incident"] {
        assert!(sum.amid.contains_key(what), "never amid {what}");
    }
    let met = |kind: &String| sum.kinds.get(kind).is_some_and(|[before, after]| *before > 0 && *after > 0);
    let missing: Vec<String> = kinds::all().into_iter().filter(|kind| !met(kind)).collect();
    assert!(missing.is_empty(), "never killed before and after {}", missing.join(", "));
    sum
}

#[test]
fn any_kill_loses_nothing_runs_nothing_twice_and_starts_nothing_alone() {
    let sum = lives(3);
    assert!(std::env::var_os("TMINUS_KILLS").is_some() || sum.kills >= 2000, "{} kills", sum.kills);
}

/// For `tests/run --long`.
#[test]
#[ignore = "it takes minutes: tests/run --long"]
fn long_any_kill_of_many_more_loses_nothing_runs_nothing_twice_and_starts_nothing_alone() {
    lives(60);
}
