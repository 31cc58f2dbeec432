//! How long a durable append takes, alone and as a batch, and reading ten thousand events with every hash verified.

use divan::Bencher;
use tminus::core::event::{Event, Recorded};
use tminus::core::ids::Seq;
use tminus::core::order::Operator;
use tminus::core::time::Timestamp;
use tminus::journal::{Journal, Reader};

fn main() {
    divan::main();
}

fn note(seq: u64) -> Recorded {
    let by = Operator { name: "ana".to_owned(), declared: false, session: 1 };
    let event = Event::Noted { by, text: "a note of the length that people write at three".to_owned() };
    Recorded { seq: Seq(seq), at: Timestamp(seq.cast_signed()), order: None, event }
}

#[divan::bench(args = [1, 8, 64])]
fn append(bencher: Bencher<'_, '_>, batch: u64) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (mut journal, _) = Journal::open(&dir.path().join("journal.db")).expect("a journal");
    let mut head = 0;
    bencher.bench_local(|| {
        let events: Vec<Recorded> = (1..=batch).map(|n| note(head + n)).collect();
        journal.append(&events).expect("an append");
        head += batch;
    });
}

#[divan::bench]
fn read_10_000_events_verified(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.db");
    let (mut journal, _) = Journal::open(&path).expect("a journal");
    journal.append(&(1..=10_000).map(note).collect::<Vec<_>>()).expect("an append");
    bencher.bench(|| Reader::open(&path).and_then(|r| r.verified()).expect("events"));
}
