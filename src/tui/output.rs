//! The output of one run as lines of text with their colours. A carriage return begins the line anew, a step back takes a
//! character away; of escape sequences only those that colour text are understood. Nothing else is held but letters.

mod look;

pub use look::{Ink, Look};

use crate::core::ids::RunId;
use crate::core::text::clean;
use crate::core::time::Timestamp;

/// So many bytes are held, what each line costs by itself included; the engine keeps 64 MiB of a run.
const HELD: usize = 96 << 20;
/// What a line costs beside its text.
const COST: usize = 96;
/// Longer lines go on in another one.
const WIDEST: usize = 800;
/// Longer parameters are no colours that anyone means.
const LONGEST: usize = 64;

/// A line of output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// From which byte of the text on it looks how; before the first one it is plain.
    pub looks: Vec<(usize, Look)>,
    /// When it began to come; none for what was there before this screen looked.
    pub came: Option<Timestamp>,
    /// It goes on with the line before it.
    pub goes_on: bool,
}

impl Line {
    /// Its text in pieces of one look each.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, Look)> {
        let ends = self.looks.iter().map(|(at, _)| *at).skip(1).chain([self.text.len()]);
        let first = self.looks.first().map_or(self.text.len(), |(at, _)| *at);
        let plain = (&self.text[..first], Look::default());
        let rest = self.looks.iter().zip(ends).map(|((from, look), to)| (&self.text[*from..to], *look));
        std::iter::once(plain).chain(rest).filter(|(text, _)| !text.is_empty())
    }
}

/// The newest lines of a run's output.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Which run; none shows nothing.
    pub run: Option<RunId>,
    /// Whole lines, then the one that is being written.
    pub lines: std::collections::VecDeque<Line>,
    /// Lines that were dropped from the front.
    pub dropped: usize,
    /// Some line has a time.
    pub timed: bool,
    held: usize,
    parts: usize,
    /// Bytes taken in so far.
    pub next: u64,
    /// Bytes there are.
    pub total: u64,
    state: State,
    pending: Vec<u8>,
    /// The parameters of the sequence that is being read.
    parameters: Vec<u8>,
    look: Look,
    came: Option<Timestamp>,
    seen: bool,
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
    /// How many lines there are in all; the last one counts once something is written in it.
    pub fn written(&self) -> usize {
        let open = self.lines.back().is_some_and(|last| last.text.is_empty());
        self.dropped + self.lines.len() - self.parts - usize::from(open)
    }

    /// Nothing yet of a run.
    pub fn of(run: Option<RunId>) -> Self {
        Self { run, ..Self::default() }
    }

    /// Whether all that there was has been taken in, so that what comes next is new.
    pub fn caught_up(&self) -> bool {
        self.seen && self.next >= self.total
    }

    /// Takes in bytes that begin at `offset` and came `at` that moment, where that is known; what was seen before is
    /// ignored.
    pub fn feed(&mut self, offset: u64, bytes: &[u8], total: u64, at: Option<Timestamp>) {
        self.seen = true;
        self.came = at;
        self.timed |= at.is_some();
        self.total = self.total.max(total);
        let seen = usize::try_from(self.next.saturating_sub(offset)).unwrap_or(usize::MAX);
        if offset > self.next && self.next > 0 {
            self.push_line(Line { text: format!("[{} bytes are not shown]", offset - self.next), ..Line::default() });
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
                let came = self.came;
                self.push_line(Line { came, ..Line::default() });
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
            (State::Escape, b'[') => {
                self.parameters.clear();
                State::Control
            }
            (State::Escape, b']' | b'P' | b'_' | b'^' | b'X') => State::String,
            (State::Escape, 0x20..=0x2f) => State::Escape,
            (State::Control, b'm') => {
                self.flush();
                self.look = self.look.after(&self.parameters);
                State::Text
            }
            (State::Control, 0x40..=0x7e) | (State::Escape, _) => State::Text,
            (State::Control, _) => {
                if self.parameters.len() < LONGEST {
                    self.parameters.push(byte);
                }
                State::Control
            }
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
            self.lines.push_back(Line { came: self.came, ..Line::default() });
        }
        if std::mem::take(&mut self.anew) {
            while let Some(part) = self.lines.pop_back_if(|line| line.goes_on) {
                self.held = self.held.saturating_sub(part.text.len() + COST);
                self.parts -= 1;
            }
            if let Some(line) = self.lines.back_mut() {
                self.held = self.held.saturating_sub(line.text.len());
                *line = Line { came: self.came, ..Line::default() };
            }
        }
        let mut parts = text.split('\u{8}');
        self.write(&clean(parts.next().unwrap_or_default()));
        for part in parts {
            self.back();
            self.write(&clean(part));
        }
    }

    /// Text for the last line, which goes on below where it is too wide.
    fn write(&mut self, mut rest: &str) {
        loop {
            let used = self.lines.back().map_or(0, |line| line.text.len());
            let mut end = rest.len().min(WIDEST.saturating_sub(used));
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            self.append(&rest[..end]);
            rest = &rest[end..];
            if rest.is_empty() {
                return;
            }
            self.parts += 1;
            self.push_line(Line { came: self.came, goes_on: true, ..Line::default() });
        }
    }

    /// A step back takes the last character away: what writes over it comes next.
    fn back(&mut self) {
        let Some(line) = self.lines.back_mut() else { return };
        let Some(last) = line.text.pop() else { return };
        self.held = self.held.saturating_sub(last.len_utf8());
        let end = line.text.len();
        line.looks.retain(|(from, _)| *from < end);
    }

    /// Text for the last line.
    fn append(&mut self, text: &str) {
        self.held += text.len();
        if let Some(line) = self.lines.back_mut() {
            if line.text.is_empty() {
                line.came = self.came;
            }
            let before = line.looks.last().map_or(Look::default(), |(_, look)| *look);
            if before != self.look && !text.is_empty() {
                line.looks.push((line.text.len(), self.look));
            }
            line.text.push_str(text);
        }
    }

    fn push_line(&mut self, line: Line) {
        self.anew = false;
        if self.lines.is_empty() {
            self.lines.push_back(Line { came: self.came, ..Line::default() });
        }
        self.held += line.text.len() + COST;
        self.lines.push_back(line);
        while self.held > HELD
            && let Some(old) = self.lines.pop_front()
        {
            self.held = self.held.saturating_sub(old.text.len() + COST);
            if old.goes_on { self.parts -= 1 } else { self.dropped += 1 }
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
            output.feed(at, chunk, 0, None);
        }
        output.lines.into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn a_line_counts_once_something_is_written_in_it() {
        for (text, count) in [("", 0), ("one", 1), ("one\n", 1), ("one\ntwo", 2), ("one\n\n", 2)] {
            let mut output = Output::default();
            output.feed(0, text.as_bytes(), 0, None);
            assert_eq!(output.written(), count, "{text:?}");
        }
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
        output.feed(0, b"hello ", 11, None);
        output.feed(0, b"hello world", 11, None);
        assert_eq!(output.lines[0].text, "hello world");
    }

    #[test]
    fn colours_stay_with_their_words() {
        let mut output = Output::default();
        output.feed(0, b"a \x1b[1;31mred\x1b[0m b\x1b[32m\ngreen\r\x1b[mplain", 0, None);
        let pieces = |i: usize| output.lines[i].pieces().map(|(t, l)| (t, l.ink, l.bold)).collect::<Vec<_>>();
        assert_eq!(pieces(0), [("a ", None, false), ("red", Some(Ink::Red), true), (" b", None, false)]);
        assert_eq!(pieces(1), [("plain", None, false)]);
    }

    #[test]
    fn only_what_comes_while_one_looks_has_a_time() {
        let mut output = Output::default();
        assert!(!output.caught_up());
        output.feed(0, b"old\n", 4, None);
        assert!(output.caught_up());
        output.feed(4, b"new\n", 8, Some(Timestamp(7)));
        let came: Vec<_> = output.lines.iter().map(|l| (l.text.as_str(), l.came)).collect();
        assert_eq!(came, [("old", None), ("new", Some(Timestamp(7))), ("", Some(Timestamp(7)))]);
    }

    #[test]
    fn a_long_line_goes_on_and_nothing_of_it_is_lost() {
        let long: String = (0..3000).map(|n| char::from(b'a' + n as u8 % 26)).collect();
        let mut output = Output::default();
        output.feed(0, format!("{long}\nnext").as_bytes(), 0, None);
        let texts: Vec<&str> = output.lines.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(texts[..4].concat(), long);
        assert_eq!((texts[4], output.written()), ("next", 2));
        output.feed(3005, format!("{long}\rshort").as_bytes(), 0, None);
        assert_eq!((output.lines.back().unwrap().text.as_str(), output.written()), ("short", 2));
    }

    #[test]
    fn a_step_back_takes_a_character_away_and_nothing_is_held_but_letters() {
        assert_eq!(lines(&[b"work |\x08/\x08", b"-\x08done\x07\xe2\x80\xae\x7f"]), ["work done"]);
        assert_eq!(lines(&[b"\x08\x08a\nb\x08\x08\x08c"]), ["a", "c"], "not beyond the beginning of the line");
    }

    #[test]
    fn what_a_line_was_before_it_began_anew_takes_no_room() {
        let mut output = Output::default();
        let mut sent = 0;
        for _ in 0..40 {
            let progress = "x".repeat(700) + "\r";
            output.feed(sent, progress.as_bytes(), 0, None);
            sent += progress.len() as u64;
        }
        assert!(output.held <= 700 + COST, "{}", output.held);
    }

    #[test]
    fn a_hundred_thousand_lines_are_held() {
        let text: String = (1..=100_000).map(|n| format!("line {n}\n")).collect();
        let mut output = Output::default();
        output.feed(0, text.as_bytes(), 0, None);
        assert_eq!((output.dropped, output.lines[0].text.as_str()), (0, "line 1"));
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
