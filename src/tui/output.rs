//! The output of one run as lines of text. Escape sequences are left out, a carriage return begins the line anew.

use crate::core::ids::RunId;

const MOST: usize = 2000;
const WIDEST: usize = 4000;

/// The newest lines of a run's output.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Which run; none shows nothing.
    pub run: Option<RunId>,
    /// Whole lines, then the one that is being written.
    pub lines: std::collections::VecDeque<String>,
    /// Lines that were dropped from the front.
    pub dropped: usize,
    /// Bytes taken in so far.
    pub next: u64,
    /// Bytes there are.
    pub total: u64,
    state: State,
    pending: Vec<u8>,
    anew: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    Control,
    String,
    StringEscape,
}

impl Output {
    /// Nothing yet of a run.
    pub fn of(run: Option<RunId>) -> Self {
        Self { run, ..Self::default() }
    }

    /// Takes in bytes that begin at `offset`; what was seen before is ignored.
    pub fn feed(&mut self, offset: u64, bytes: &[u8], total: u64) {
        self.total = self.total.max(total);
        let seen = usize::try_from(self.next.saturating_sub(offset)).unwrap_or(usize::MAX);
        if offset > self.next && self.next > 0 {
            self.push_line(format!("[{} bytes are not shown]", offset - self.next));
        }
        let Some(new) = bytes.get(seen..) else { return };
        self.next = offset + bytes.len() as u64;
        for byte in new {
            self.byte(*byte);
        }
        self.flush();
    }

    fn byte(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::Text, 0x1b) => State::Escape,
            (State::Text, b'\n') => {
                self.flush();
                self.push_line(String::new());
                State::Text
            }
            (State::Text, b'\r') => {
                self.flush();
                self.anew = true;
                State::Text
            }
            (State::Text, _) => {
                self.pending.push(byte);
                State::Text
            }
            (State::Escape, b'[') => State::Control,
            (State::Escape, b']' | b'P' | b'_' | b'^' | b'X') => State::String,
            (State::Escape, 0x20..=0x2f) => State::Escape,
            (State::Control, 0x40..=0x7e) | (State::Escape, _) => State::Text,
            (State::Control, _) => State::Control,
            (State::String, 0x07) | (State::StringEscape, _) => State::Text,
            (State::String, 0x1b) => State::StringEscape,
            (State::String, _) => State::String,
        };
    }

    /// Bytes that are whole characters become text; the rest of a cut character waits.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut whole = 0;
        loop {
            match std::str::from_utf8(&self.pending[whole..]) {
                Ok(text) => break whole += text.len(),
                Err(e) => match e.error_len() {
                    Some(bad) => whole += e.valid_up_to() + bad,
                    None => break whole += e.valid_up_to(),
                },
            }
        }
        let rest = self.pending.split_off(whole);
        let text = String::from_utf8_lossy(&self.pending).replace('\t', "    ");
        self.pending = rest;
        if self.lines.is_empty() {
            self.lines.push_back(String::new());
        }
        if let Some(line) = self.lines.back_mut() {
            if self.anew {
                line.clear();
                self.anew = false;
            }
            if line.len() < WIDEST {
                line.push_str(&text);
            }
        }
    }

    fn push_line(&mut self, line: String) {
        self.anew = false;
        if self.lines.is_empty() {
            self.lines.push_back(String::new());
        }
        self.lines.push_back(line);
        while self.lines.len() > MOST {
            self.lines.pop_front();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let mut output = Output::default();
        for chunk in chunks {
            let at = output.next;
            output.feed(at, chunk, 0);
        }
        output.lines.into()
    }

    #[test]
    fn output_becomes_lines() {
        assert_eq!(lines(&[b"one\r\ntwo\n"]), ["one", "two", ""]);
        assert_eq!(lines(&[b"10 %\r20", b" %\r100 %\n"]), ["100 %", ""]);
        assert_eq!(lines(&[b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain \x1b]8;;x\x1b\\link"]), ["red plain link"]);
        assert_eq!(lines(&[b"caf\xc3", b"\xa9"]), ["café"]);
    }

    #[test]
    fn what_was_seen_before_is_not_shown_twice() {
        let mut output = Output::default();
        output.feed(0, b"hello ", 11);
        output.feed(0, b"hello world", 11);
        assert_eq!(output.lines, ["hello world"]);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            let cut = cut.min(bytes.len());
            let whole = lines(&[&bytes]);
            let parts = lines(&[&bytes[..cut], &bytes[cut..]]);
            // A cut inside a broken character may show one replacement sign more or less.
            let same = |a: &[String]| a.iter().map(|l| l.replace('\u{fffd}', "")).collect::<Vec<_>>();
            prop_assert_eq!(same(&whole), same(&parts));
        }
    }
}
