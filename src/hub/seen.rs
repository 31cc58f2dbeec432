//! When each person's screen was here last, so that who comes back is told what happened since. It is no part of the
//! journal: coming and going decides nothing. A small file keeps it over the ends of engines; where it can't be written,
//! somebody is told more or nothing, and the launch goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::wire::message::LastHere;

/// So many names are kept.
const MOST: usize = 200;

/// What is known of all.
pub struct Seen {
    file: PathBuf,
    all: Mutex<BTreeMap<String, Person>>,
}

#[derive(Clone, Copy, Default)]
struct Person {
    /// Screens of theirs that are open.
    here: usize,
    last: Option<LastHere>,
}

/// What is written down of somebody.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    last: LastHere,
    /// A screen of theirs was open: should the engine die, nobody sees it close.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open: bool,
}

impl Seen {
    /// Reads what was written; nothing where that can't be read. Whose screen was open when the engine before died was
    /// here until then: `died` says when, and what it had made durable.
    pub fn open(file: PathBuf, died: Option<LastHere>) -> Self {
        let read = |file: &Path| serde_json::from_slice(&std::fs::read(file).ok()?).ok();
        let known: BTreeMap<String, Kept> = read(&file).unwrap_or_default();
        let last = |kept: Kept| died.filter(|_| kept.open).unwrap_or(kept.last);
        let all = known.into_iter().map(|(name, kept)| (name, Person { here: 0, last: Some(last(kept)) })).collect();
        Self { file, all: Mutex::new(all) }
    }

    /// A screen of somebody opens. Says when their last one was here, where none is open now.
    pub fn comes(&self, name: &str, now: LastHere) -> (Option<LastHere>, Visit<'_>) {
        let before = self.change(name, |person| {
            let before = person.last.filter(|_| person.here == 0);
            person.here += 1;
            person.last = Some(now);
            before
        });
        (before, Visit { seen: self, name: name.to_owned() })
    }

    fn leaves(&self, name: &str, now: LastHere) {
        self.change(name, |person| {
            person.here = person.here.saturating_sub(1);
            person.last = Some(now);
        });
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Person) -> T) -> T {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(all.entry(name.to_owned()).or_default());
        while all.len() > MOST {
            let oldest = all.iter().filter(|(_, p)| p.here == 0).min_by_key(|(_, p)| p.last.map(|l| l.head));
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            all.remove(&oldest);
        }
        let kept = |p: &Person| Some(Kept { last: p.last?, open: p.here > 0 });
        let known: BTreeMap<&String, Kept> = all.iter().filter_map(|(name, p)| Some((name, kept(p)?))).collect();
        if let Err(e) = serde_json::to_vec(&known).map_err(Into::into).and_then(|text| write(&self.file, &text)) {
            tracing::warn!("who was here when can't be written down: {e}");
        }
        result
    }
}

fn write(file: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let new = file.with_extension("new");
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    out.write_all(text)?;
    std::fs::rename(new, file)
}

/// Somebody's screen, while it is open.
pub struct Visit<'a> {
    seen: &'a Seen,
    name: String,
}

impl Visit<'_> {
    /// It closes.
    pub fn ends(self, now: LastHere) {
        self.seen.leaves(&self.name, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::Seq;
    use crate::core::time::Timestamp;

    fn at(head: u64) -> LastHere {
        LastHere { head: Seq(head), at: Timestamp(head as i64 * 1000) }
    }

    #[test]
    fn who_comes_back_is_told_when_they_were_here_last_also_by_another_engine() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("seen.json");
        let seen = Seen::open(file.clone(), None);
        let (before, ana) = seen.comes("ana", at(3));
        assert_eq!(before, None);
        let (before, _second) = seen.comes("ana", at(4));
        assert_eq!(before, None, "she is here");
        ana.ends(at(7));
        let (before, ben) = seen.comes("ben", at(7));
        assert_eq!(before, None);
        ben.ends(at(9));
        drop(seen);
        // ana's second screen was open when the engine died: nobody saw it close, and she saw all until then.
        let seen = Seen::open(file.clone(), Some(at(15)));
        assert_eq!(seen.comes("ana", at(20)).0, Some(at(15)));
        assert_eq!(seen.comes("ben", at(20)).0, Some(at(9)));
        let old: BTreeMap<&str, LastHere> = [("ana", at(3))].into();
        std::fs::write(&file, serde_json::to_vec(&old).unwrap()).unwrap();
        assert_eq!(Seen::open(file, Some(at(15))).comes("ana", at(20)).0, Some(at(3)), "as it was written before");
    }

    #[test]
    fn a_file_that_can_not_be_written_stops_nobody() {
        let seen = Seen::open(PathBuf::from("/nowhere/seen.json"), None);
        let (_, visit) = seen.comes("ana", at(1));
        visit.ends(at(2));
        assert_eq!(seen.comes("ana", at(3)).0, Some(at(2)));
    }
}
