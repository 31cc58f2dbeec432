//! What became of the plan's file since the launch took it in. A file may hang (a mount that is gone), so a thread of
//! its own looks; the loop asks and hears, and waits for nothing. What is found changes nothing of the launch: a plan is
//! taken in by an order alone.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::time::{Duration, SystemTime};

use super::open::Origin;
use crate::plan::problem::Severity;
use crate::plan::{self, Choices};

/// A file that was written less than this before it was read may have been written again with the same times.
const SETTLED: Duration = Duration::from_secs(2);

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// A plan: the SHA-256 of its text.
    Plan(String),
    /// A text of which no plan comes: how many errors, the first of them.
    Wrong(usize, String),
    /// Nothing that can be read, and why.
    Unread(String),
}

/// The plan's file as it was found last.
#[derive(Debug)]
pub struct PlanFile {
    path: PathBuf,
    name: String,
    ask: SyncSender<u64>,
    told: Receiver<(u64, Found)>,
    /// Counts plans that were taken in: what was read before is no news.
    round: u64,
    found: Option<Found>,
    /// What was written into the engine's log last.
    logged: Option<String>,
}

impl PlanFile {
    /// Begins to look at it. Where no thread can be had, nothing is ever found.
    pub fn new(origin: &Origin) -> Self {
        let (ask, asked) = mpsc::sync_channel(1);
        let (tell, told) = mpsc::channel();
        let (path, choices) = (origin.plan.clone(), origin.choices.clone());
        let looks = move || look_again(&path, &choices, &asked, &tell);
        if let Err(e) = std::thread::Builder::new().name("plan-file".to_owned()).spawn(looks) {
            tracing::warn!("nobody looks after the plan's file: {e}");
        }
        let name = origin.plan.file_name().unwrap_or(origin.plan.as_os_str()).to_string_lossy().into_owned();
        let file = Self { path: origin.plan.clone(), name, ask, told, round: 0, found: None, logged: None };
        file.look();
        file
    }

    /// Asks for a look. Nothing where one is under way.
    pub fn look(&self) {
        let _ = self.ask.try_send(self.round);
    }

    /// Takes in what was found since; whether that is news.
    pub fn hear(&mut self) -> bool {
        let heard = self.told.try_iter().filter(|(round, _)| *round == self.round).last();
        let Some((_, found)) = heard.filter(|(_, found)| self.found.as_ref() != Some(found)) else { return false };
        self.found = Some(found);
        true
    }

    /// The launch has taken the file in, with this hash.
    pub fn was_taken(&mut self, hash: &str) {
        self.round += 1;
        self.found = Some(Found::Plan(hash.to_owned()));
    }

    /// How the file differs from the plan that the launch runs, in a sentence; none where it does not, or was not looked at
    /// yet. `hash` is of the plan that the launch runs.
    pub fn words(&self, hash: &str) -> Option<String> {
        let name = &self.name;
        Some(match self.found.as_ref()? {
            Found::Plan(found) if found == hash => return None,
            Found::Plan(_) => format!("{name} is no longer the plan that the launch runs"),
            Found::Wrong(1, first) => format!("{name} was changed and has an error, {first}"),
            Found::Wrong(n, first) => format!("{name} was changed and has {n} errors, the first {first}"),
            Found::Unread(why) => format!("{name} can't be read any more: {why}"),
        })
    }

    /// Writes what was found into the engine's log, once each.
    pub fn log(&mut self, hash: &str) {
        let words = self.words(hash);
        if words.is_some() && words != self.logged {
            let said = words.as_deref().unwrap_or_default();
            let path = self.path.display();
            tracing::warn!("{path}: {said}; the launch goes on with the plan that it took in");
            self.logged = words;
        }
    }
}

/// The thread: a look whenever it is asked for, until nobody can ask any more.
fn look_again(path: &Path, choices: &Choices, asked: &Receiver<u64>, tell: &Sender<(u64, Found)>) {
    let mut known: Option<(Stamp, Found)> = None;
    while let Ok(round) = asked.recv() {
        let stamp = Stamp::of(path);
        let found = match (&known, &stamp) {
            (Some((before, found)), Some(stamp)) if before == stamp => found.clone(),
            _ => look(path, choices),
        };
        known = stamp.filter(Stamp::is_settled).map(|stamp| (stamp, found.clone()));
        if tell.send((round, found)).is_err() {
            return;
        }
    }
}

fn look(path: &Path, choices: &Choices) -> Found {
    let text = match plan::source::text(path) {
        Ok(text) => text,
        Err(e) => return Found::Unread(e.why),
    };
    let (plan, problems) = plan::check(&text, choices);
    let errors: Vec<_> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    match (plan, errors.first()) {
        (Some(plan), _) => Found::Plan(plan.hash),
        (None, Some(first)) => {
            let (line, _) = first.place(&text);
            Found::Wrong(errors.len(), format!("in line {line}: {}", first.message))
        }
        (None, None) => Found::Unread("no plan comes of it".to_owned()),
    }
}

/// By which a file is known not to have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        let (modified, changed) = ((about.mtime(), about.mtime_nsec()), (about.ctime(), about.ctime_nsec()));
        Some(Self { inode: about.ino(), size: about.size(), modified, changed })
    }

    /// Whether it was written long enough ago for another change to show.
    fn is_settled(&self) -> bool {
        let changed = u64::try_from(self.changed.0).unwrap_or_default();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(changed);
        at.elapsed().is_ok_and(|age| age > SETTLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str =
        "[plan]\nname = \"X\"\nenvironment = \"e\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n[[phase.step]]\nid = \"s\"\n";

    /// The next that is heard.
    fn hears(file: &mut PlanFile) {
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while !file.hear() {
            assert!(std::time::Instant::now() < until, "nothing is heard");
            file.look();
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_file_that_changes_goes_or_comes_back_is_told_and_one_that_was_taken_in_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.toml");
        // Never half a file: in place where it is of the same length, else by another in its place.
        let write = |text: &str| {
            if std::fs::metadata(&plan).is_ok_and(|known| known.len() == text.len() as u64) {
                let mut file = std::fs::File::options().write(true).open(&plan).unwrap();
                std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
            } else {
                let other = dir.path().join("other");
                std::fs::write(&other, text).unwrap();
                std::fs::rename(other, &plan).unwrap();
            }
        };
        write(PLAN);
        let hash = plan::hash(PLAN);
        let mut file = PlanFile::new(&Origin { plan: plan.clone(), choices: Choices::default() });
        assert_eq!(file.words(&hash), None);
        hears(&mut file);
        assert_eq!(file.words(&hash), None);
        // Of the same length, at once.
        write(&PLAN.replace("\"s\"", "\"t\""));
        hears(&mut file);
        assert_eq!(file.words(&hash).unwrap(), "plan.toml is no longer the plan that the launch runs");
        write(&PLAN.replace("id = \"s\"", "id = \"s\"\nrnu = \"true\"\nafter = \"nobody\""));
        hears(&mut file);
        let said = file.words(&hash).unwrap();
        assert!(said.starts_with("plan.toml was changed and has 2 errors, the first in line 9: "), "{said}");
        std::fs::remove_file(&plan).unwrap();
        hears(&mut file);
        assert!(file.words(&hash).unwrap().starts_with("plan.toml can't be read any more: No such file"));
        write(PLAN);
        hears(&mut file);
        assert_eq!(file.words(&hash), None);
        let other = PLAN.replace("\"X\"", "\"Y\"");
        write(&other);
        hears(&mut file);
        assert!(file.words(&hash).is_some());
        file.was_taken(&plan::hash(&other));
        assert_eq!(file.words(&plan::hash(&other)), None);
    }
}
