//! Journals of older versions load for ever; a damaged one is said.

use std::path::{Path, PathBuf};

use tminus::core::event::{Event, Recorded, RunEnd};
use tminus::core::ids::Seq;
use tminus::core::launch::{LaunchState, RollbackStatus, RunState, Status};
use tminus::journal::{Journal, JournalError, Reader};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

/// Every kind of event, as the first version wrote it.
fn events() -> Vec<Recorded> {
    let text = std::fs::read_to_string(kept().join("v1.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
}

#[test]
fn the_first_versions_journal_loads_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    std::fs::copy(kept().join("v1.db"), &path).unwrap();
    let expected = events();
    assert!(expected.iter().all(|r| r.event != Event::Unknown));
    assert_eq!(Reader::open(&path).unwrap().verified().unwrap(), expected);
    let (mut journal, found) = Journal::open(&path).unwrap();
    assert_eq!(found, expected);
    let last = expected.last().unwrap();
    journal.append(&[Recorded { seq: Seq(last.seq.0 + 1), ..last.clone() }]).unwrap();
}

/// The journal of a launch as it was: through the test world, where green was dead at 25 %. Made by the journey.
#[test]
fn a_real_launch_of_the_first_version_folds_to_its_end_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    std::fs::copy(kept().join("v1-launch.db"), &path).unwrap();
    let events = Reader::open(&path).unwrap().verified().unwrap();
    assert!(events.iter().all(|r| r.event != Event::Unknown));
    assert!(Reader::open(&path).unwrap().is_over().unwrap());
    let (first, rest) = events.split_first().unwrap();
    let mut state = LaunchState::open(first).unwrap();
    rest.iter().for_each(|event| state.apply(event));

    assert_eq!((state.id.as_str(), state.lead.as_str()), ("world.world.2026-11-21.1", "root"));
    assert_eq!((state.outline.name.as_str(), state.outline.probes.len()), ("World", 7));
    assert!(matches!(&state.status, Status::Ended { why, .. } if why == "the test is over"), "{:?}", state.status);
    assert!(state.hold.as_ref().is_some_and(|h| h.why.starts_with("25 % to green failed: green is failing for 4s")));
    let steps: Vec<(&str, &str)> = state.steps.iter().map(|(id, s)| (id.as_str(), s.status.word())).collect();
    let expected = [
        ("backup", "done"),
        ("go", "undone"),
        ("share-25", "undone"),
        ("share-5", "undone"),
        ("traffic/to-blue", "done"),
        ("warm-up", "done"),
    ];
    assert_eq!(steps, expected);
    let ended = |run: &RunState| matches!(run.end, Some((_, RunEnd::Exited { code: 0, .. })));
    assert!(state.runs.len() == 5 && state.runs.values().all(ended), "{:?}", state.runs);
    assert!(state.rollbacks.iter().all(|r| matches!(r.status, RollbackStatus::Done { .. })));
    assert_eq!(
        state.rollbacks.iter().map(|r| r.title.as_str()).collect::<Vec<_>>(),
        ["undo: 25 % to green", "Traffic back to blue"]
    );
    let down = &state.triggers["green-down"];
    assert!(down.times == 1 && down.fired.is_none(), "{down:?}");
    assert_eq!(state.incidents.iter().map(|i| i.level).collect::<Vec<_>>(), [2]);
}

#[test]
fn what_is_written_reads_back_as_the_same() {
    for event in events() {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), event, "{text}");
    }
}

/// Makes `v1.db` from `v1.jsonl`, once: the file that is kept is what the first version wrote.
#[test]
#[ignore = "the file is made once and kept"]
fn make_the_first_versions_journal() {
    let path = kept().join("v1.db");
    assert!(!path.exists(), "it is there already");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&events()).unwrap();
}

#[test]
fn what_is_no_journal_is_said_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let words = |e: &JournalError| e.to_string();
    std::fs::write(&path, "these are words and no journal; ".repeat(100)).unwrap();
    let said = words(&Journal::open(&path).unwrap_err());
    assert!(said.contains("journal.db: it is damaged or no journal") && said.contains("tminus launch --new"), "{said}");
    let said = words(&Reader::open(&path).and_then(|r| r.verified()).unwrap_err());
    assert!(said.contains("damaged or no journal"), "{said}");

    std::fs::copy(kept().join("v1.db"), &path).unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 4096).unwrap();
    Journal::open(&path).unwrap_err();
}

#[test]
fn a_row_of_a_newer_format_stops_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    std::fs::copy(kept().join("v1.db"), &path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute("UPDATE event SET v = 2 WHERE seq = 5", []).unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::Newer { seq: 5, .. })));
}
