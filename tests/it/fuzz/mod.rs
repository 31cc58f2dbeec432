//! Whoever reads what comes from outside is given thousands of broken texts: those that are kept under `tests/corpus`, one
//! directory a reader, and these with random changes. A reader answers or refuses; it never panics, and what it says of its
//! own holds. A text that breaks one is written into its directory, where it stays: from then on every run reads it.
//!
//! The changes of every run are the same. `tests/run --long` makes others for `TMINUS_FUZZ_SECONDS` (a reader; 20 unless
//! said) and prints their seed, which `TMINUS_FUZZ_SEED` repeats.

mod answers;
mod edits;
mod texts;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use sha2::{Digest as _, Sha256};

/// Something that reads texts from outside.
struct Reader {
    /// Its directory of texts.
    name: &'static str,
    /// Reads one; panics where something is wrong.
    read: fn(&[u8]),
    /// How many broken texts each run gives it.
    cases: u32,
    /// Further texts to begin with, from the project's root: a directory's files, or a file.
    more: &'static [&'static str],
}

const READERS: &[Reader] = &[
    Reader {
        name: "plan",
        read: texts::plan,
        cases: 300,
        more: &["plans", "tests/plans/valid", "tests/plans/invalid"],
    },
    Reader { name: "scenario", read: texts::scenario, cases: 200, more: &["plans/scenarios"] },
    Reader { name: "condition", read: texts::condition, cases: 2000, more: &[] },
    Reader { name: "order", read: texts::order, cases: 1000, more: &[] },
    Reader { name: "keymap", read: texts::keymap, cases: 500, more: &["src/tui/keymap.toml"] },
    Reader { name: "theme", read: texts::theme, cases: 300, more: &["themes"] },
    Reader { name: "client-frame", read: texts::client_frame, cases: 1000, more: &[] },
    Reader { name: "engine-frame", read: texts::engine_frame, cases: 1000, more: &[] },
    Reader { name: "events", read: texts::events, cases: 150, more: &["tests/journals/v1.jsonl"] },
    Reader { name: "journal-file", read: texts::journal_file, cases: 100, more: &["tests/journals/v1.db"] },
    Reader { name: "output", read: texts::output, cases: 1000, more: &[] },
    Reader { name: "http", read: answers::http, cases: 150, more: &[] },
    Reader { name: "prometheus", read: answers::prometheus, cases: 150, more: &[] },
    Reader { name: "sentry", read: answers::sentry, cases: 100, more: &[] },
    Reader { name: "redis", read: answers::redis, cases: 150, more: &[] },
    Reader { name: "postgres", read: answers::postgres, cases: 150, more: &[] },
    Reader { name: "command", read: answers::command, cases: 100, more: &[] },
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(at: &Path) -> Vec<PathBuf> {
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let entries = fs::read_dir(at).unwrap_or_else(|e| panic!("{}: {e}", at.display()));
    let mut all: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    all.sort();
    all
}

impl Reader {
    fn home(&self) -> PathBuf {
        root().join("tests/corpus").join(self.name)
    }

    /// The texts that are kept, with their files.
    fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let own = if self.home().exists() { files(&self.home()) } else { Vec::new() };
        let more = self.more.iter().flat_map(|at| files(&root().join(at)));
        own.into_iter().chain(more).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    /// Whether it gets through a text, and why not.
    fn gets_through(&self, text: &[u8]) -> Result<(), String> {
        answers::panics();
        catch_unwind(AssertUnwindSafe(|| (self.read)(text))).map_err(|why| said(&*why))?;
        match answers::panics() {
            None => Ok(()),
            Some(why) => Err(format!("it panicked inside: {why}")),
        }
    }

    /// Reads so many broken texts.
    fn fuzz(&self, cases: u32, seed: [u8; 32]) {
        let texts: Vec<Vec<u8>> = self.kept().into_iter().map(|(_, text)| text).collect();
        assert!(!texts.is_empty(), "there is nothing to begin with in {}", self.home().display());
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let broken = |(which, edits): &(proptest::sample::Index, Vec<edits::Edit>)| {
            let mut text = which.get(&texts).clone();
            edits.iter().for_each(|edit| edit.apply(&mut text, &texts));
            text
        };
        let ran = runner.run(&edits::edited(), |how| self.gets_through(&broken(&how)).map_err(TestCaseError::fail));
        match ran {
            Ok(()) => {}
            Err(TestError::Fail(why, how)) => {
                let text = broken(&how);
                let name: String = Sha256::digest(&text).iter().take(6).map(|b| format!("{b:02x}")).collect();
                let path = self.home().join(format!("found-{name}"));
                fs::create_dir_all(self.home()).unwrap();
                fs::write(&path, &text).unwrap();
                panic!("{} broke on what is now in {}: {why}", self.name, path.display());
            }
            Err(TestError::Abort(why)) => panic!("{}: {why}", self.name),
        }
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
}

#[test]
fn every_reader_gets_through_every_text_that_is_kept() {
    for reader in READERS {
        for (path, text) in reader.kept() {
            reader.gets_through(&text).unwrap_or_else(|why| panic!("{}: {}: {why}", reader.name, path.display()));
        }
    }
}

#[test]
fn every_directory_of_texts_has_its_reader() {
    for entry in fs::read_dir(root().join("tests/corpus")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(READERS.iter().any(|reader| *reader.name == *name), "nobody reads tests/corpus/{}", name.display());
    }
}

#[test]
fn no_broken_text_breaks_a_reader() {
    for reader in READERS {
        reader.fuzz(reader.cases, [7; 32]);
    }
}

#[test]
#[ignore = "minutes: tests/run --long"]
fn long_no_broken_text_breaks_a_reader_for_minutes() {
    let seconds = std::env::var("TMINUS_FUZZ_SECONDS").ok().map_or(20, |s| s.parse().unwrap());
    let seed = std::env::var("TMINUS_FUZZ_SEED").ok().map_or_else(rand::random, |s| s.parse::<u64>().unwrap());
    println!("TMINUS_FUZZ_SEED={seed}");
    for reader in READERS {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut rounds = 0_u64;
        while Instant::now() < until {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&seed.to_le_bytes());
            bytes[8..16].copy_from_slice(&rounds.to_le_bytes());
            reader.fuzz(reader.cases, bytes);
            rounds += 1;
        }
        println!("{}: {} broken texts", reader.name, rounds * u64::from(reader.cases));
    }
}
