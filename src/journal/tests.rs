//! What was written is there again, and what was not is named.

use super::check::{Broken, How, Witness};
use super::*;
use crate::core::event::Event;
use crate::core::order::Operator;
use crate::core::shift::Fact;
use crate::core::time::Timestamp;

fn note(seq: u64) -> Recorded {
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let event = Event::Noted { by, text: format!("note {seq} ●") };
    Recorded { seq: Seq(seq), at: Timestamp(seq as i64), order: None, event }
}

#[test]
fn what_was_appended_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, events) = Journal::open(&path).unwrap();
    assert!(events.is_empty());
    journal.append(&[note(1), note(2)]).unwrap();
    let reader = Reader::open(&path).unwrap();
    journal.append(&[note(3)]).unwrap();
    assert_eq!(reader.events(Seq(2), Seq(3)).unwrap(), [note(2), note(3)]);
    drop(journal);
    let (mut journal, events) = Journal::open(&path).unwrap();
    assert_eq!(events, [note(1), note(2), note(3)]);
    assert!(matches!(journal.append(&[note(3)]), Err(JournalError::OutOfOrder { seq: 3, head: 3, .. })));
    journal.append(&[note(4)]).unwrap();
    assert_eq!(reader.verified().unwrap().len(), 4);
}

#[test]
fn what_is_late_stands_behind_the_journal_for_all_who_read_it_until_it_is_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[note(1), note(2)]).unwrap();
    assert_eq!(journal.late(), None);
    journal.append_late(&[note(3), note(4)]).unwrap();
    assert_eq!(journal.late(), Some(IsLate { first: Seq(3), since: Timestamp(3), events: 2 }));
    assert!(matches!(journal.append(&[note(5)]), Err(JournalError::Late { seq: 3, .. })), "its place is behind them");
    let all = |n: u64| (1..=n).map(note).collect::<Vec<_>>();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.verified().unwrap(), all(4));
    assert_eq!(reader.events(Seq(2), Seq(3)).unwrap(), [note(2), note(3)]);
    assert_eq!(reader.checked().unwrap().head(), journal.head());

    // The next process goes on after them; a line that was torn is none.
    drop(journal);
    let rows = crate::paths::late(dir.path()).join("journal");
    let torn = std::fs::read_to_string(&rows).unwrap() + "{\"seq\":5,\"v\":1,\"bo";
    std::fs::write(&rows, torn).unwrap();
    let (mut journal, events) = Journal::open(&path).unwrap();
    assert_eq!(events, all(4));
    journal.append_late(&[note(5)]).unwrap();
    journal.write_down(&note(6)).unwrap();
    assert!(journal.late().is_none() && !rows.exists());
    journal.append(&[note(7)]).unwrap();
    assert_eq!(reader.verified().unwrap(), all(7));
    std::fs::remove_dir_all(crate::paths::late(dir.path())).unwrap();
}

#[test]
fn rows_in_memory_that_do_not_follow_are_of_another_journal_and_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[note(1), note(2)]).unwrap();
    journal.append_late(&[note(3)]).unwrap();
    drop(journal);
    // The launch was removed, and another one has its directory.
    std::fs::remove_file(&path).unwrap();
    let other = |seq: u64| Recorded { at: Timestamp(77), ..note(seq) };
    let (mut journal, events) = Journal::open(&path).unwrap();
    assert!(events.is_empty());
    journal.append(&[other(1), other(2)]).unwrap();
    assert_eq!(Reader::open(&path).unwrap().verified().unwrap(), [other(1), other(2)]);
    drop(journal);
    let (journal, _) = Journal::open(&path).unwrap();
    assert!(journal.late().is_none() && !crate::paths::late(dir.path()).exists(), "nothing of the other one is left");
}

/// A journal of five notes, to which something is done behind our back, as far as it is what was written.
fn after(change: &str) -> Checked {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[note(1), note(2), note(3), note(4), note(5)]).unwrap();
    drop(journal);
    let db = Connection::open(&path).unwrap();
    db.execute_batch(change).unwrap();
    let checked = Reader::open(&path).unwrap().checked().unwrap();
    let opened = Journal::open(&path).err();
    assert_eq!(opened.is_some(), checked.broken.is_some(), "nothing is appended to what is not as it was written");
    checked
}

fn broken(change: &str) -> (u64, How) {
    let broken = after(change).broken.unwrap_or_else(|| panic!("nothing is noticed: {change}"));
    (broken.seq.0, broken.how)
}

const SWAP: &str = "UPDATE event SET seq = 9 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3;
                    UPDATE event SET seq = 3 WHERE seq = 9;";

#[test]
fn what_was_edited_removed_or_swapped_is_named() {
    assert_eq!(after("").broken, None);
    let edit = |seq: u64| format!("UPDATE event SET body = replace(body, 'note ', 'vote ') WHERE seq = {seq}");
    assert_eq!(broken(&edit(1)), (1, How::Edited));
    assert_eq!(broken(&edit(3)), (3, How::Edited));
    assert_eq!(broken(&edit(5)), (5, How::Edited));
    assert_eq!(broken("UPDATE event SET hash = zeroblob(32) WHERE seq = 3"), (3, How::Edited));
    assert_eq!(broken("DELETE FROM event WHERE seq = 1"), (1, How::Removed(Seq(1))));
    assert_eq!(broken("DELETE FROM event WHERE seq IN (2, 3, 4)"), (2, How::Removed(Seq(4))));
    assert_eq!(broken(SWAP), (2, How::Swapped(Seq(3))));
    assert_eq!(
        broken("DELETE FROM event WHERE seq = 3; UPDATE event SET seq = seq - 1 WHERE seq > 3"),
        (3, How::Swapped(Seq(4)))
    );
    let checked = after(&edit(3));
    assert_eq!((checked.events, checked.beyond.len()), (vec![note(1), note(2)], 3));
}

#[test]
fn an_event_with_a_fresh_hash_shows_at_the_next_one() {
    let forged = note(3);
    let text = serde_json::to_string(&forged).unwrap().replace("note 3", "nothing");
    let two = serde_json::to_string(&note(2)).unwrap();
    let one = chain(&[], &serde_json::to_string(&note(1)).unwrap());
    let hash: String = Head::new(Seq(3), &chain(&chain(&one, &two), &text)).hash;
    let change = format!("UPDATE event SET body = '{text}', hash = x'{hash}' WHERE seq = 3");
    assert_eq!(broken(&change), (4, How::Edited));
    // All of it with fresh hashes: nothing in it tells.
    let all = after(&format!("{change}; DELETE FROM event WHERE seq > 3"));
    assert_eq!(all.broken, None);
}

#[test]
fn a_head_that_was_kept_elsewhere_tells_that_the_end_is_cut_off_or_all_was_written_anew() {
    let whole = after("");
    let head = whole.head().unwrap();
    assert_eq!((head.seq, whole.differs(&head, Witness::Given)), (Seq(5), None));
    let earlier = Head::new(Seq(2), &[1; 32]);
    let cut = after("DELETE FROM event WHERE seq > 3");
    assert_eq!(cut.broken, None, "the chain alone can't tell");
    let how = |checked: &Checked, head: &Head| checked.differs(head, Witness::Engine).map(|b| (b.seq.0, b.how));
    assert_eq!(how(&cut, &head), Some((4, How::Cut(Witness::Engine, Seq(5)))));
    assert_eq!(how(&cut, &cut.head().unwrap()), None);
    assert_eq!(how(&whole, &earlier), Some((2, How::Rewritten(Witness::Engine))));
    let said = cut.known_by(Some(&head), Witness::Engine).broken.unwrap();
    assert_eq!(said.to_string(), "events 4 to 5 are missing: the engine's last sign of life knows of event 5");
    assert_eq!(said.sound(), "events 1 to 3 are sound: `tminus log` tells them");
}

#[test]
fn a_handover_bears_witness_of_what_was_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[note(1), note(2)]).unwrap();
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let offered = |head| {
        let (to, text) = ("Ben".to_owned(), String::new());
        let fact = Fact::Offered { handover: 1, by: by.clone(), to, turn: None, sheet: Vec::new(), text, head };
        Recorded { event: Event::Shift(fact), ..note(3) }
    };
    let head = journal.head();
    journal.append(&[offered(head)]).unwrap();
    assert_eq!(Reader::open(&path).unwrap().checked().unwrap().broken, None);
    drop(journal);
    // The same with another beginning and fresh hashes.
    std::fs::remove_file(&path).unwrap();
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal
        .append(&[note(1), Recorded { at: Timestamp(7), ..note(2) }, offered(Some(Head::new(Seq(2), &[1; 32])))])
        .unwrap();
    let broken = Reader::open(&path).unwrap().checked().unwrap().broken;
    assert_eq!(broken, Some(Broken { seq: Seq(2), how: How::Rewritten(Witness::Shift(Seq(3))) }));
}

#[test]
fn an_end_is_seen_without_reading_all_and_no_note_looks_like_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    let over = || Reader::open(&path).unwrap().is_over().unwrap();
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let said = Event::Noted { by: by.clone(), text: r#""event":{"type":"ended""#.into() };
    journal.append(&[note(1), Recorded { event: said, ..note(2) }]).unwrap();
    assert!(!over());
    let ended = Event::Ended { by, why: "done".into() };
    journal.append(&[Recorded { event: ended, ..note(3) }, note(4)]).unwrap();
    assert!(over());
}

#[test]
fn nothing_goes_into_a_file_that_is_no_longer_at_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[note(1)]).unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        let (file, aside) = (dir.path().join(name), dir.path().join("aside"));
        std::fs::rename(&file, &aside).unwrap();
        assert!(matches!(journal.append(&[note(2)]), Err(JournalError::Gone { .. })), "{name}");
        std::fs::copy(&aside, &file).unwrap();
        assert!(matches!(journal.append(&[note(2)]), Err(JournalError::Gone { .. })), "{name}");
        std::fs::rename(&aside, &file).unwrap();
    }
    journal.append(&[note(2)]).unwrap();
    assert_eq!(Reader::open(&path).unwrap().verified().unwrap().len(), 2);
}

#[test]
fn nothing_follows_an_event_of_a_newer_version() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(&[Recorded { event: Event::Unknown, ..note(1) }]).unwrap();
    drop(journal);
    assert!(matches!(Journal::open(&path), Err(JournalError::Newer { seq: 1, .. })));
    assert_eq!(Reader::open(&path).unwrap().events(Seq(1), Seq(9)).unwrap()[0].event, Event::Unknown);
}
