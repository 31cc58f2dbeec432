//! The output file: appended to, bounded, and never a reason for a command to stand still.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The last bytes of an output that was too long are kept: errors come at the end.
const TAIL: usize = 64 * 1024;

/// Where output goes.
#[derive(Debug)]
pub(super) struct Sink {
    file: File,
    room: u64,
    tail: VecDeque<u8>,
    /// Bytes that are not kept, but for those in `tail`.
    dropped: u64,
}

impl Sink {
    /// Opens the file; `cap` is the most that is kept.
    pub(super) fn open(path: &Path, cap: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        Ok(Self { file, room: cap, tail: VecDeque::new(), dropped: 0 })
    }

    /// Appends. What finds no room is counted, and its end remembered.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let fits = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
        let (mut fits, mut over) = bytes.split_at(fits);
        while !fits.is_empty() {
            match self.file.write(fits) {
                Ok(n) if n > 0 => {
                    fits = fits.get(n..).unwrap_or_default();
                    self.room = self.room.saturating_sub(n as u64);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // A full disk: from here on only the end is remembered.
                Ok(_) | Err(_) => {
                    self.room = 0;
                    over = bytes.get(bytes.len() - over.len() - fits.len()..).unwrap_or_default();
                    break;
                }
            }
        }
        if over.is_empty() {
            return;
        }
        self.tail.extend(over);
        let too_many = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..too_many);
        self.dropped += too_many as u64;
    }

    /// Writes the end of what was too long, with a line that says so. Gives how many bytes are lost.
    pub(super) fn finish(mut self) -> u64 {
        if self.tail.is_empty() {
            return self.dropped;
        }
        let mut end = Vec::with_capacity(self.tail.len() + 80);
        if self.dropped > 0 {
            end.extend_from_slice(format!("\r\n[tminus: {} bytes were not kept]\r\n", self.dropped).as_bytes());
        }
        end.extend(&self.tail);
        match self.file.write_all(&end) {
            Ok(()) => self.dropped,
            Err(_) => self.dropped + self.tail.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_of_a_long_output_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut sink = Sink::open(&path, 10).unwrap();
        for _ in 0..100 {
            sink.push(&[b'x'; 1024]);
        }
        sink.push(b"the end");
        let dropped = sink.finish();
        assert_eq!(dropped, 100 * 1024 + 7 - 10 - TAIL as u64);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("xxxxxxxxxx\r\n[tminus: "), "{}", &text[..60]);
        assert!(text.contains(&format!("{dropped} bytes")) && text.ends_with("xthe end"));
    }

    #[test]
    fn a_full_disk_does_not_stop_it() {
        let mut sink = Sink::open(Path::new("/dev/full"), 1 << 20).unwrap();
        sink.push(b"hello");
        sink.push(b" world");
        assert_eq!(sink.finish(), 11);
    }
}
