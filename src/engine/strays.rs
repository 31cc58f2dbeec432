//! Runs that the journal does not know: it was put back from a copy, or lost its end, after they had begun. Their
//! directories know how they are, so they are taken up from there. What is of no step of the plan can't be: it is named, and
//! taken up once a plan is taken in that has its step. What was added in the launch is in no plan: its directory is set
//! aside, so that a new run of the same name does not take its end for its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::core::ids::RunId;
use crate::core::launch::{LaunchState, LostRun, can_be_added};
use crate::core::outline::Outline;
use crate::core::time::Timestamp;
use crate::paths;
use crate::supervise;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Strays {
    /// Runs of steps of the plan, in the order in which they began, and when they did on the launch's timeline.
    pub runs: Vec<(RunId, Timestamp)>,
    /// The others.
    pub lost: Vec<LostRun>,
}

/// Looks for them in a launch's directory, as of a plan. What can't be looked at is among the lost, with the reason.
pub fn find(launch: &Path, state: &LaunchState, plan: &Outline) -> Strays {
    let runs = paths::runs(launch);
    look(&runs, state, plan).unwrap_or_else(|e| {
        let said = format!("{}: {e}", runs.display());
        Strays { lost: vec![LostRun { said, run: None }], ..Strays::default() }
    })
}

fn look(runs: &Path, state: &LaunchState, plan: &Outline) -> io::Result<Strays> {
    let entries = match fs::read_dir(runs) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Strays::default()),
        entries => entries?,
    };
    let mut found: Vec<(SystemTime, RunId)> = Vec::new();
    let mut lost = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(run) = paths::run_of(&entry.file_name().to_string_lossy()) else { continue };
        if state.runs.contains_key(&run) {
            continue;
        }
        if plan.step(&run.step).is_some() && !state.stands_in() {
            let began = supervise::claimed(&entry.path()).and_then(|claim| claim.modified());
            found.push((began.or_else(|_| entry.metadata()?.modified())?, run));
            continue;
        }
        let lives = supervise::outlived(&entry.path()).ok().flatten();
        let never = state.stands_in() || can_be_added(&run.step);
        if never {
            set_aside(&entry.path())?;
        }
        let lives = lives.map_or_else(String::new, |pid| format!(", which still runs as process {pid}"));
        lost.push(LostRun { said: format!("`{run}`{lives}"), run: Some(run).filter(|_| !never) });
    }
    found.sort();
    lost.sort_by(|a: &LostRun, b| a.said.cmp(&b.said));
    // The timeline is the wall clock but for what was added to it.
    let on_timeline = |at: SystemTime| Timestamp::from(DateTime::<Utc>::from(at)) - state.wall;
    Ok(Strays { runs: found.into_iter().map(|(at, run)| (run, on_timeline(at))).collect(), lost })
}

fn set_aside(dir: &Path) -> io::Result<()> {
    let free = |n: u32| PathBuf::from(format!("{}.unknown-{n}", dir.display()));
    let aside = (1..).map(free).find(|path| !path.exists());
    aside.map_or(Ok(()), |aside| fs::rename(dir, aside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::{Sim, plan, runs};

    #[test]
    fn a_run_that_the_journal_does_not_know_is_found_and_one_of_no_step_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
        assert_eq!(find(dir.path(), &sim.state, &sim.state.outline), Strays::default(), "there are no runs yet");
        sim.start("a").unwrap();
        let place = |name: &str| paths::runs(dir.path()).join(name);
        for (name, minutes) in [("a.do.1", 1), ("a.do.3", 3), ("a.undo.1", 2), ("sh-1.do.1", 4), ("notes", 5)] {
            fs::create_dir_all(place(name)).unwrap();
            let claim = fs::File::create(place(name).join("claim")).unwrap();
            claim.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60 * minutes)).unwrap();
        }
        let found = find(dir.path(), &sim.state, &sim.state.outline);
        let wanted = [("a.undo.1", 120_000), ("a.do.3", 180_000)];
        let wanted = wanted.map(|(run, at)| (run.parse().unwrap(), Timestamp(at) - sim.state.wall));
        assert_eq!(found.runs, wanted, "as they began");
        let lost = [LostRun { said: "`sh-1.do.1`".into(), run: None }];
        assert_eq!(found.lost, lost);
        assert!(place("a.do.3").exists() && place("notes").exists() && !place("sh-1.do.1").exists());
        fs::create_dir(place("sh-1.do.1")).unwrap();
        assert_eq!(find(dir.path(), &sim.state, &sim.state.outline).lost, lost, "again, beside the first");
    }
}
