//! A launch is made, found, or taken up again.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::found::{Taken, taken};
use super::last::{Alive, informed, last_alive};
use super::lock::{Lock, lock};
use super::machine::Engine;
use super::reserve::{Need, Reserve};
use super::resume::Otherwise;
use super::secrets::Vault;
use super::timeline::Timeline;
use crate::access::{self, Shared};
use crate::core::event::{Event, Mode, Recorded};
use crate::core::ids::{LaunchId, Seq};
use crate::core::launch::{LaunchState, Status};
use crate::core::order::Operator;
use crate::core::practice::{Injection, Practice};
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::journal::check::{Checked, Witness};
use crate::journal::{self, Journal, JournalError};
use crate::paths;
use crate::plan::{self, Choices, Plan, Wrong, scenario};
use crate::readings::{History, ReadingsError};

/// Where a launch's plan came from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The file, absolute.
    pub plan: PathBuf,
    /// What was chosen for this launch.
    #[serde(flatten)]
    pub choices: Choices,
}

impl Origin {
    /// The plan's directory, in which commands run.
    pub fn dir(&self) -> PathBuf {
        self.plan.parent().unwrap_or(Path::new("/")).to_owned()
    }
}

/// A launch that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which plan.
    pub origin: Origin,
    /// T-0 for a new one; none is now.
    pub t0: Option<Timestamp>,
    /// Who opens a new one.
    pub by: Operator,
    /// A rehearsal; else a live launch. Neither is ever taken for the other.
    pub rehearse: bool,
    /// How many times as fast as the plan says a rehearsal goes; 1 for a new one unless given.
    pub speed: Option<u32>,
    /// The scenario of a new rehearsal, absolute.
    pub scenario: Option<PathBuf>,
    /// A new one even if there is a live one.
    pub new: bool,
    /// A live one that was launched with other values is taken up as it is, with a warning: for a supervisor that starts
    /// the same command again and again. Otherwise that is an error.
    pub as_it_is: bool,
}

impl Wanted {
    /// What its scenario sets in this plan; nothing where it has none.
    pub(super) fn scenario_for(&self, plan: &Plan) -> Result<Vec<Injection>, Wrong> {
        let Some(path) = &self.scenario else { return Ok(Vec::new()) };
        scenario::load(&plan::read(path)?, &path.display().to_string(), plan)
    }

    fn mode(&self) -> Mode {
        if self.rehearse { Mode::Rehearsal } else { Mode::Live }
    }
}

/// What was found.
pub enum Found {
    /// Another engine has it.
    Running(LaunchId),
    /// It is ours now.
    Ours(Box<Ours>),
}

/// A launch of which this process is the engine.
pub struct Ours {
    /// The launch's directory.
    pub dir: PathBuf,
    /// Held while we are the engine.
    pub lock: Lock,
    /// The state, its journal, the signals.
    pub engine: Engine,
    /// The plan as it was taken in.
    pub plan: Plan,
    /// Where it came from.
    pub origin: Origin,
    /// The secrets.
    pub vault: Vault,
    /// The history of the signals.
    pub history: History,
    /// The clock.
    pub timeline: Timeline,
    /// How long no engine ran before; none for a new launch.
    pub gap: Option<Span>,
    /// Why what was measured before is lost, where it is.
    pub lost: Option<String>,
    /// What of the journal is missing, in words; none where nothing is known to be.
    pub torn: Option<String>,
}

/// Why there is no launch.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The plan is wrong.
    #[error(transparent)]
    Plan(#[from] Wrong),
    /// The directory of all launches.
    #[error("{0}")]
    State(io::Error),
    /// Others could change it.
    #[error(transparent)]
    Shared(#[from] Shared),
    /// A file or directory.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// What the launch was begun with can't be read.
    #[error(
        "{path}: {source}; it has the plan file and the choices that the launch was begun with: put a copy in its place, or begin anew with `tminus launch --new`"
    )]
    NoOrigin {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal is not as it was written.
    #[error("{source}; {kept}")]
    Damaged {
        /// In which way.
        source: Box<JournalError>,
        /// Where it is kept as it was found.
        kept: String,
    },
    /// The history of the signals.
    #[error(transparent)]
    Readings(#[from] ReadingsError),
    /// There is none of that name.
    #[error("there is no launch `{0}`: `tminus ls` lists them")]
    NoLaunch(LaunchId),
    /// It lives, and was launched with other values.
    #[error("{0}")]
    Otherwise(Otherwise),
    /// One of the same plan's name and environment lives, and is of another file with another text.
    #[error(
        "{id} is live, opened by {by} from {}: {} has the same plan name and environment, and is another plan\n\
        \x20 → that launch: `tminus attach {id}`\n\
        \x20 → a launch of this file beside it: --new", .theirs.display(), .ours.display()
    )]
    OtherFile {
        /// The launch that lives.
        id: LaunchId,
        /// Its file.
        theirs: PathBuf,
        /// The file that was given.
        ours: PathBuf,
        /// Who opened it.
        by: String,
    },
    /// It is over.
    #[error("the launch {0} is over: `tminus log {0}` shows what happened")]
    Over(LaunchId),
    /// The journal begins with something else than the launch's opening.
    #[error(
        "{0}: the journal does not begin with the launch's opening; put a copy in its place, or begin anew with `tminus launch --new`"
    )]
    NoBeginning(PathBuf),
    /// A launch lost its journal.
    #[error("{0}: the journal is gone; put it back, or begin anew with `tminus launch --new`")]
    Gone(PathBuf),
    /// The text of the plan that was taken in is gone.
    #[error(
        "{path}: this is not the plan that the launch took in (its text has another SHA-256): put it back, or begin anew with \
         `tminus launch --new`"
    )]
    OtherPlan {
        /// Where its text was.
        path: PathBuf,
    },
    /// The text of the plan that was taken in can't be read.
    #[error("{0}\nit is the plan that the launch took in: put it back, or begin anew with `tminus launch --new`")]
    NoPlan(plan::Wrong),
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}

/// Finds the live launch of a plan and its environment and takes it up, or makes one. A file that was broken since it was
/// launched keeps nobody from its live launch, which goes on with the plan that it took in.
pub fn find_or_make(wanted: &Wanted) -> Result<Found, OpenError> {
    let file = &wanted.origin.plan;
    let read = plan::read(file).and_then(|text| {
        let plan = plan::load(&text, &file.display().to_string(), &wanted.origin.choices)?;
        Ok((text, plan))
    });
    let (text, plan) = match read {
        Ok(read) => read,
        Err(wrong) => {
            let live = of_file(file).into_iter().filter(|(origin, state)| {
                let asked = &wanted.origin.choices.environment;
                let same = *asked == origin.choices.environment || asked.as_ref() == Some(&state.outline.environment);
                same && state.mode == wanted.mode()
            });
            let Some((origin, state)) = live.max_by_key(|(_, state)| state.opened).filter(|_| !wanted.new) else {
                return Err(wrong.into());
            };
            tracing::warn!("{wrong}\ngoing on with the plan that the launch took in");
            return come_back(wanted, None, &origin, &state);
        }
    };
    let state = paths::state().map_err(OpenError::State)?;
    let no_state = |e| OpenError::State(paths::no_state(&state, &e));
    paths::make(&state).map_err(no_state)?;
    access::root(&state).map_err(no_state)??;
    // Two who launch at once get one launch.
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(state.join(".lock"));
    let guard = open.map_err(no_state)?;
    guard.lock().map_err(no_state)?;
    if !wanted.new
        && let Some(state) = newest(&plan, file, wanted.mode())?
    {
        let origin = origin(&state.id)?;
        // The same text somewhere else is the plan moved; another one is another team's.
        if whole(&origin.plan) != whole(file) && plan.hash != state.plan_hash {
            let by = opened_by(&state.id).unwrap_or(state.lead);
            return Err(OpenError::OtherFile { id: state.id, theirs: origin.plan, ours: file.clone(), by });
        }
        return come_back(wanted, Some(&plan), &origin, &state);
    }
    let scenario = wanted.scenario_for(&plan)?;
    make(wanted, &text, plan, scenario, &state).map(|ours| Found::Ours(Box::new(ours)))
}

/// Takes up a live launch, unless it was launched with other values than are asked for now.
fn come_back(wanted: &Wanted, plan: Option<&Plan>, origin: &Origin, state: &LaunchState) -> Result<Found, OpenError> {
    match Otherwise::of(wanted, plan, origin, state) {
        Some(otherwise) if !wanted.as_it_is => return Err(OpenError::Otherwise(otherwise)),
        Some(otherwise) => tracing::warn!("going on as it is: {otherwise}"),
        None => {}
    }
    take_up(&state.id, false)
}

/// A path without links, where it is there.
pub(super) fn whole(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The live launches that were launched from this file, as far as they can be read.
pub fn of_file(file: &Path) -> Vec<(Origin, LaunchState)> {
    let file = whole(file);
    let ids = paths::launches().unwrap_or_default();
    let live = ids.into_iter().filter(|id| !is_over(id).unwrap_or(true));
    let from = live.filter_map(|id| origin(&id).ok().map(|origin| (id, origin)));
    let same = from.filter(|(_, origin)| whole(&origin.plan) == file);
    same.filter_map(|(id, origin)| Some((origin, state(&id).ok()?))).collect()
}

/// The newest launch of a plan and its environment that is not over: a live one, or a rehearsal.
pub fn live(plan: &Plan, file: &Path, mode: Mode) -> Result<Option<LaunchId>, OpenError> {
    Ok(newest(plan, file, mode)?.map(|state| state.id))
}

/// The newest launch of a plan, its environment and a mode that is not over; one of this file, or of the same text, before others. Of this
/// file it is one whatever the plan is called there by now.
fn newest(plan: &Plan, file: &Path, mode: Mode) -> Result<Option<LaunchState>, OpenError> {
    let prefix = prefix(plan, mode);
    let mut found: Vec<LaunchState> = Vec::new();
    let mut unread = None;
    for id in paths::launches().map_err(OpenError::State)? {
        if is_over(&id).unwrap_or_default() {
            continue;
        }
        match state(&id) {
            Ok(state) => found.push(state),
            Err(e) if id.as_str().starts_with(&prefix) && is_rehearsal(&id) == (mode == Mode::Rehearsal) => {
                // Without a sign of life, whoever made it did not come to its beginning.
                unread = unread.or(paths::launch(&id).is_ok_and(|dir| paths::alive(&dir).exists()).then_some(e));
            }
            // Of another plan.
            Err(_) => {}
        }
    }
    let of_file = |s: &LaunchState| origin(&s.id).is_ok_and(|origin| whole(&origin.plan) == whole(file));
    found.retain(|s| s.mode == mode && s.outline.environment == plan.outline.environment);
    found.retain(|s| s.outline.name == plan.outline.name || of_file(s));
    let of_this = |s: &LaunchState| s.plan_hash == plan.hash || of_file(s);
    match (found.into_iter().max_by_key(|s| (of_this(s), s.opened)), unread) {
        // It may be live; that another one begins beside it is a person's word.
        (None, Some(e)) => Err(e),
        (found, _) => Ok(found),
    }
}

/// Who opened a launch; the lead may be another person by now.
fn opened_by(id: &LaunchId) -> Option<String> {
    let journal = journal::Reader::open(&paths::journal(&paths::launch(id).ok()?)).ok()?;
    match &journal.events(Seq(1), Seq(1)).ok()?.first()?.event {
        Event::Opened { by, .. } => Some(by.to_string()),
        _ => None,
    }
}

/// Where a launch's plan came from, as its directory has it.
pub fn origin(id: &LaunchId) -> Result<Origin, OpenError> {
    let dir = paths::launch(id).map_err(OpenError::State)?;
    let path = paths::origin(&dir);
    let read = fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?));
    read.map_err(|source| OpenError::NoOrigin { path, source })
}

/// A launch's state as its journal has it. Reads beside the engine, if there is one.
pub fn state(id: &LaunchId) -> Result<LaunchState, OpenError> {
    let journal = journal_of(id)?;
    let events = journal::Reader::open(&journal)?.verified()?;
    fold(&events).ok_or(OpenError::NoBeginning(journal))
}

/// The journal of a launch. The error says whether there is no such launch, or its journal is gone.
pub fn journal_of(id: &LaunchId) -> Result<PathBuf, OpenError> {
    let dir = paths::launch(id).map_err(OpenError::State)?;
    match (paths::journal(&dir), paths::alive(&dir)) {
        (journal, _) if journal.exists() => Ok(journal),
        (journal, alive) if alive.exists() => Err(OpenError::Gone(journal)),
        _ => Err(OpenError::NoLaunch(id.clone())),
    }
}

/// The journal of a launch, read as far as it is what was written, also by what its engine's last sign of life knows of it.
pub fn checked(id: &LaunchId) -> Result<(PathBuf, Checked), OpenError> {
    let path = journal_of(id)?;
    // Before the journal is read: an engine writes it after the event that it names.
    let alive = Alive::read(&paths::launch(id).map_err(OpenError::State)?);
    let checked = journal::Reader::open(&path)?.checked()?;
    Ok((path, checked.known_by(alive.and_then(|alive| alive.head).as_ref(), Witness::Engine)))
}

/// Whether a launch was ended, as its journal has it. Much cheaper than its state.
pub fn is_over(id: &LaunchId) -> Result<bool, OpenError> {
    Ok(journal::Reader::open(&journal_of(id)?)?.is_over()?)
}

fn fold(events: &[Recorded]) -> Option<LaunchState> {
    let (first, rest) = events.split_first()?;
    let mut state = LaunchState::open(first)?;
    rest.iter().for_each(|event| state.apply(event));
    Some(state)
}

/// A rehearsal is told by its name already.
fn prefix(plan: &Plan, mode: Mode) -> String {
    let environment = Some(plan.outline.environment.as_str()).filter(|e| !e.is_empty()).unwrap_or("default");
    let mode = if mode == Mode::Rehearsal { REHEARSAL } else { "" };
    format!("{}.{}.{mode}", paths::slug(&plan.outline.name), paths::slug(environment))
}

/// Begins the day in the name of a rehearsal: `wallet.production.rehearsal-2026-11-21.1`.
const REHEARSAL: &str = "rehearsal-";

/// Whether a launch is a rehearsal, by its name.
pub(super) fn is_rehearsal(id: &LaunchId) -> bool {
    id.as_str().rsplit('.').nth(1).is_some_and(|day| day.starts_with(REHEARSAL))
}

fn make(
    wanted: &Wanted,
    text: &str,
    mut plan: Plan,
    scenario: Vec<Injection>,
    state: &Path,
) -> Result<Ours, OpenError> {
    let speed = wanted.speed.unwrap_or(1);
    let practice = wanted.rehearse.then_some(Practice { real: plan.rehearse_real, speed, scenario });
    // Stand-ins start no command.
    if practice.as_ref().is_none_or(|practice| practice.real) {
        let file = &wanted.origin.plan;
        access::plan(file).map_err(io_error(file))??;
    }
    practice.iter().for_each(|practice| practice.stretch(&mut plan.outline));
    let timeline = Timeline::new(practice.as_ref().map_or(1, Practice::pace));
    let now = timeline.now();
    let prefix = format!("{}{}", prefix(&plan, wanted.mode()), now.utc().date_naive());
    let mut number = 1;
    let (id, dir) = loop {
        let id = LaunchId::from(format!("{prefix}.{number}"));
        let dir = state.join(id.as_str());
        if !dir.exists() {
            break (id, dir);
        }
        number += 1;
    };
    paths::make(&dir).map_err(io_error(&dir))?;
    let made = (|| {
        let lock = lock(&dir)?.ok_or_else(|| io_error(&dir)(io::Error::other("somebody else has it")))?;
        lock.sign();
        paths::make(&paths::plans(&dir)).map_err(io_error(&dir))?;
        write(&paths::plan(&dir, &plan.hash), text.as_bytes())?;
        let origin = serde_json::to_vec(&wanted.origin).map_err(io::Error::from).map_err(io_error(&dir))?;
        write(&paths::origin(&dir), &origin)?;
        Reserve::new(paths::reserve(&dir)).fill().map_err(io_error(&paths::reserve(&dir)))?;
        let vault = Vault::open(&paths::secrets(&dir), &plan.outline.secrets);
        let signals = Signals::new(&plan.outline);
        let (history, _) = History::open(&paths::readings(&dir), signals.horizon())?;
        let (mut journal, _) = Journal::open(&paths::journal(&dir))?;
        let event = Event::Opened {
            launch: id.clone(),
            mode: wanted.mode(),
            practice: practice.clone(),
            t0: wanted.t0.unwrap_or(now),
            by: wanted.by.clone(),
            plan_hash: plan.hash.clone(),
            outline: Box::new(plan.outline.clone()),
        };
        let first = Recorded { seq: crate::core::ids::Seq(1), at: now, order: None, event };
        journal.append(std::slice::from_ref(&first))?;
        let launch = LaunchState::open(&first).ok_or_else(|| OpenError::NoBeginning(paths::journal(&dir)))?;
        let engine = Engine::new(launch, signals, journal, paths::reserve(&dir));
        let origin = wanted.origin.clone();
        Ok(Ours {
            dir: dir.clone(),
            lock,
            engine,
            plan,
            origin,
            vault,
            history,
            timeline,
            gap: None,
            lost: None,
            torn: None,
        })
    })();
    if made.is_err() {
        let _ = fs::remove_dir_all(&dir);
    }
    made
}

/// Takes up a launch whose engine is gone: everything is as the journal has it. Where that is not as it was written, only by
/// a person's word, `sound`: it goes on after the last event that is.
pub fn take_up(id: &LaunchId, sound: bool) -> Result<Found, OpenError> {
    let dir = paths::launch(id).map_err(OpenError::State)?;
    journal_of(id)?;
    access::launch(&dir).map_err(io_error(&dir))??;
    let Some(lock) = lock(&dir)? else { return Ok(Found::Running(id.clone())) };
    let Taken { journal, events, torn } = match taken(&dir, sound) {
        Err(OpenError::Journal(e)) if e.wants_room() && Reserve::new(paths::reserve(&dir)).give_up(Need::Word) => {
            taken(&dir, sound)?
        }
        taken => taken?,
    };
    if let Some(torn) = &torn {
        tracing::warn!("{torn}");
    }
    lock.sign();
    let launch = fold(&events).ok_or_else(|| OpenError::NoBeginning(paths::journal(&dir)))?;
    if matches!(launch.status, Status::Ended { .. }) {
        return Err(OpenError::Over(id.clone()));
    }
    let origin = origin(id)?;
    let plan = pinned(&dir, &origin, &launch.plan_hash)?;
    let last = last_alive(&dir, &launch);
    let timeline = Timeline::after(last, launch.pace());
    let now = timeline.now();
    let mut signals = informed(&launch);
    let gap = now.since(last);
    let file = paths::readings(&dir);
    // Every launch is made with one.
    let gone = (!file.exists()).then(|| format!("{} is gone, and begins anew", file.display()));
    let (mut history, damage) = History::open(&file, signals.horizon() + gap)?;
    let lost = gone.or(damage);
    if let Some(lost) = &lost {
        tracing::warn!("{lost}");
    }
    for poll in history.since(Timestamp::default())? {
        signals.observe(&poll);
    }
    // The times in which no engine ran reach further back; this one is among them only with the next poll.
    let reach = signals.horizon() + gap;
    history.keep(reach);
    // What was measured before is in the history's minutes at most; if that was damaged, not even there.
    let known = if lost.is_some() { now } else { now - reach };
    if launch.opened < known {
        signals.begin(known);
    }
    let vault = Vault::open(&paths::secrets(&dir), &launch.outline.secrets);
    let engine = Engine::new(launch, signals, journal, paths::reserve(&dir));
    let gap = Some(gap);
    Ok(Found::Ours(Box::new(Ours { dir, lock, engine, plan, origin, vault, history, timeline, gap, lost, torn })))
}

/// The plan as it was taken in. Its text is written before the event that takes it in is appended.
fn pinned(dir: &Path, origin: &Origin, hash: &str) -> Result<Plan, OpenError> {
    let path = paths::plan(dir, hash);
    let text = plan::read(&path).map_err(OpenError::NoPlan)?;
    if plan::hash(&text) != hash {
        return Err(OpenError::OtherPlan { path });
    }
    Ok(plan::load_again(&text, &path.display().to_string(), &origin.choices)?)
}

/// Writes a file of the launch for its owner alone, on disk when this returns.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), OpenError> {
    let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = open.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(io_error(path))
}
