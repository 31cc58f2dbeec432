//! Output of runs, read from their files: a piece on request, or followed as it grows.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::core::ids::RunId;
use crate::wire::message::{Answer, EngineMessage};
use crate::{paths, supervise};

/// The largest piece, in bytes; base64 makes it a third longer.
const PIECE: usize = 32 * 1024;

/// At most this much is answered at once.
const MOST: usize = 1024 * 1024;

/// Follows a run's output.
#[derive(Debug)]
pub struct Follower {
    run: RunId,
    at: u64,
    told: Option<u64>,
}

impl Follower {
    /// From a byte on.
    pub fn new(run: RunId, from: u64) -> Self {
        Self { run, at: from, told: None }
    }

    /// The next piece, where there is one. The first time also an empty one, so that a client knows the length.
    pub fn next(&mut self, dir: &Path) -> Option<EngineMessage> {
        let (data, total) = piece(dir, &self.run, self.at, PIECE).ok()?;
        if data.is_empty() && self.told == Some(total) {
            return None;
        }
        let offset = self.at;
        self.at += data.len() as u64;
        self.told = Some(total);
        Some(EngineMessage::Output { run: self.run.clone(), offset, data: STANDARD.encode(data), total })
    }
}

/// The answer to a question for output.
pub fn answer(dir: &Path, run: &RunId, from: u64, max: u32) -> Vec<Answer> {
    let max = usize::try_from(max).unwrap_or(MOST).min(MOST);
    match piece(dir, run, from, max) {
        Err(e) => vec![Answer::Failed(format!("the output of {run} can't be read: {e}"))],
        Ok((data, total)) if data.is_empty() => vec![Answer::Output { offset: from, data: String::new(), total }],
        Ok((data, total)) => {
            let pieces = data.chunks(PIECE).scan(from, |offset, chunk| {
                let answer = Answer::Output { offset: *offset, data: STANDARD.encode(chunk), total };
                *offset += chunk.len() as u64;
                Some(answer)
            });
            pieces.collect()
        }
    }
}

/// Up to `max` bytes of a run's output from a byte on, and how long it is.
fn piece(dir: &Path, run: &RunId, from: u64, max: usize) -> io::Result<(Vec<u8>, u64)> {
    supervise::read_output(&paths::run_now(dir, run), from, max)
}
