//! Runs that the journal knows nothing of: it was put back from a copy, or lost its end, after they had begun. What they did
//! is in effect, or not; nobody can tell from here, so people are told their names. Their directories are set aside: a new
//! run of the same name must not take their end for its own.

use std::fs;
use std::io;
use std::path::Path;

use crate::core::ids::RunId;
use crate::core::launch::LaunchState;
use crate::paths;
use crate::supervise;

/// Finds them in a launch's directory and sets them aside. Each as people read it: `` `a.undo.1` ``, `` `a.do.2`, which still
/// runs as process 4711 ``.
pub fn set_aside(launch: &Path, state: &LaunchState) -> io::Result<Vec<String>> {
    let runs = paths::runs(launch);
    let entries = match fs::read_dir(&runs) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().replace('~', "/");
        let Ok(run) = name.parse::<RunId>() else { continue };
        if state.runs.contains_key(&run) {
            continue;
        }
        let lives = supervise::outlived(&entry.path()).unwrap_or_else(|e| {
            tracing::error!("whether the command of {run} lives on can't be told: {e}");
            None
        });
        let free = |n: u32| runs.join(format!("{}.unknown-{n}", entry.file_name().to_string_lossy()));
        let aside = (1..).map(free).find(|path| !path.exists());
        if let Some(aside) = aside {
            fs::rename(entry.path(), aside)?;
        }
        let lives = lives.map_or_else(String::new, |pid| format!(", which still runs as process {pid}"));
        found.push(format!("`{run}`{lives}"));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::{Sim, plan, runs};

    #[test]
    fn a_run_that_the_journal_does_not_know_is_named_once_and_its_place_is_free_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
        assert!(set_aside(dir.path(), &sim.state).unwrap().is_empty(), "there are no runs yet");
        sim.start("a").unwrap();
        for name in ["a.do.1", "a.do.2", "rb~x.do.1"] {
            fs::create_dir_all(paths::runs(dir.path()).join(name)).unwrap();
        }
        assert_eq!(set_aside(dir.path(), &sim.state).unwrap(), ["`a.do.2`", "`rb/x.do.1`"]);
        assert!(paths::runs(dir.path()).join("a.do.1").exists() && !paths::runs(dir.path()).join("a.do.2").exists());
        assert!(set_aside(dir.path(), &sim.state).unwrap().is_empty());
        fs::create_dir(paths::runs(dir.path()).join("a.do.2")).unwrap();
        assert_eq!(set_aside(dir.path(), &sim.state).unwrap(), ["`a.do.2`"], "again, beside the first");
    }
}
