//! What outlives an engine of these lives: a journal in memory, of which thousands are made in a second, or a real one in a
//! file. Both can be told to die before the append of an event.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tempfile::TempDir;
use tminus::core::event::Recorded;
use tminus::core::head::Head;
use tminus::core::ids::Seq;
use tminus::journal::{IsLate, Journal, JournalError, Log, Reader};

/// Nothing dies.
const NEVER: u64 = 1 << 60;

#[derive(Debug)]
pub struct Memory {
    events: Mutex<Vec<Arc<Recorded>>>,
    /// The first event that can't be appended.
    stop: AtomicU64,
}

pub enum Disk {
    Memory(Arc<Memory>),
    /// The connection stands beside the engine's: it says up to where events may be appended. And what was read of it.
    File(TempDir, Connection, Mutex<Vec<Arc<Recorded>>>),
}

/// What an engine appends to.
#[derive(Debug)]
pub enum Store {
    Memory(Arc<Memory>),
    File(Journal),
}

fn killed() -> JournalError {
    JournalError::Gone { path: PathBuf::from("killed") }
}

impl Log for Store {
    fn head(&self) -> Option<Head> {
        match self {
            Store::File(journal) => journal.head(),
            // It has no hashes: what would carry one carries none.
            Store::Memory(_) => None,
        }
    }

    fn is_there(&self) -> Result<(), JournalError> {
        Ok(())
    }

    fn append(&mut self, events: &[Recorded]) -> Result<(), JournalError> {
        let memory = match self {
            Store::File(journal) => return journal.append(events),
            Store::Memory(memory) => memory,
        };
        if events.iter().any(|event| event.seq.0 >= memory.stop.load(Ordering::Relaxed)) {
            return Err(killed());
        }
        let mut all = memory.events.lock().unwrap();
        for event in events {
            assert_eq!(event.seq.0, all.len() as u64 + 1, "an event out of order");
            all.push(Arc::new(event.clone()));
        }
        Ok(())
    }

    // Nobody types the word here.
    fn late(&self) -> Option<IsLate> {
        None
    }

    fn append_late(&mut self, _: &[Recorded]) -> Result<(), JournalError> {
        Err(killed())
    }

    fn write_down(&mut self, _: &Recorded) -> Result<(), JournalError> {
        Err(killed())
    }
}

impl Disk {
    /// One on which these events are, and no more.
    pub fn of(events: &[Arc<Recorded>], file: bool) -> Self {
        if !file {
            let (events, stop) = (Mutex::new(events.to_vec()), AtomicU64::new(NEVER));
            return Disk::Memory(Arc::new(Memory { events, stop }));
        }
        // In memory where there is such a place: nothing here asks what a disk does when the power fails.
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = dir.path().join("journal.db");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&events.iter().map(|event| (**event).clone()).collect::<Vec<_>>()).unwrap();
        let stop = Connection::open(&path).unwrap();
        stop.execute_batch(&format!(
            "PRAGMA synchronous=OFF; CREATE TABLE stop (at INTEGER); INSERT INTO stop VALUES ({NEVER});
             CREATE TRIGGER stop BEFORE INSERT ON event WHEN NEW.seq >= (SELECT at FROM stop)
             BEGIN SELECT RAISE(ABORT, 'killed'); END;"
        ))
        .unwrap();
        Disk::File(dir, stop, Mutex::new(events.to_vec()))
    }

    fn path(dir: &TempDir) -> PathBuf {
        dir.path().join("journal.db")
    }

    /// Opens it for an engine, and reads it as one does.
    pub fn open(&self) -> (Store, Vec<Arc<Recorded>>) {
        match self {
            Disk::Memory(memory) => (Store::Memory(memory.clone()), memory.events.lock().unwrap().clone()),
            Disk::File(dir, ..) => {
                let (journal, events) = Journal::open(&Self::path(dir)).unwrap();
                (Store::File(journal), events.into_iter().map(Arc::new).collect())
            }
        }
    }

    /// What is durable.
    pub fn durable(&self) -> Vec<Arc<Recorded>> {
        match self {
            Disk::Memory(memory) => memory.events.lock().unwrap().clone(),
            Disk::File(dir, _, known) => {
                let mut known = known.lock().unwrap();
                let (next, last) = (Seq(known.len() as u64 + 1), Seq(NEVER));
                let new = Reader::open(&Self::path(dir)).unwrap().events(next, last).unwrap();
                known.extend(new.into_iter().map(Arc::new));
                known.clone()
            }
        }
    }

    /// The same, all of it read anew, and checked as far as can be.
    pub fn whole(&self) -> Vec<Arc<Recorded>> {
        match self {
            Disk::Memory(_) => self.durable(),
            Disk::File(dir, ..) => {
                let events = Reader::open(&Self::path(dir)).unwrap().verified().unwrap();
                events.into_iter().map(Arc::new).collect()
            }
        }
    }

    /// From now on this event can't be appended, nor one after it; all can where none is named.
    pub fn stop_at(&self, seq: Option<u64>) {
        let seq = seq.unwrap_or(NEVER);
        match self {
            Disk::Memory(memory) => memory.stop.store(seq, Ordering::Relaxed),
            Disk::File(_, stop, _) => {
                stop.execute("UPDATE stop SET at = ?1", [seq as i64]).unwrap();
            }
        }
    }
}
