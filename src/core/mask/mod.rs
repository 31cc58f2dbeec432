//! Keeps secrets out of what is shown, kept and sent: texts as a whole, and streams of bytes where a secret may be split
//! over two pieces.
//!
//! A value is known as it is, with characters as URLs (`%2f`), JSON (`\u002f`), shells (`\ `, `'\''`) and HTML (`&amp;`)
//! write them, in hex, and in base64 of both alphabets, alone or at any place of a longer text, in one line or in several;
//! also cut off before `…`. Of a value in base64 in a longer text the character that it shares with what stands before
//! it stays: four bits at most.
//!
//! Of a value of many lines each line is known too; of a URL also how it is written when it was read, its password, and the
//! path where that is long.
//!
//! What a value became otherwise is not known to be one: a part of it, another case, encoded twice, compressed, hashed,
//! encrypted, written backwards.

mod form;

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;

use form::{Ends, Forms};

/// What stands for a secret.
pub const MASK: &str = "••••••";

/// Values of fewer bytes are not masked: they would blot out half of what is said.
const SHORTEST: usize = 4;

/// A line or a password within a value is masked by itself from so many bytes on.
const SHORTEST_PART: usize = 8;

/// The path of a URL is masked by itself from so many bytes on.
const SHORTEST_PATH: usize = 16;

/// What is never to be seen. It can't be printed.
pub struct Mask {
    forms: Forms,
    /// Those that begin with a byte.
    begins: Vec<Vec<usize>>,
}

impl Mask {
    /// Of these values.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms = Forms::default();
        let values: BTreeSet<&str> = values.into_iter().map(str::trim).filter(|v| v.len() >= SHORTEST).collect();
        for value in values {
            let lines = value.lines().map(str::trim).filter(|l| l.len() >= SHORTEST_PART && l.len() < value.len());
            lines.for_each(|line| forms.written(line));
            for text in parts_of_url(value).into_iter().chain([value.to_owned()]) {
                forms.written(&text);
                forms.encoded(&text);
            }
        }
        let begins = forms.by_first_byte();
        Self { forms, begins }
    }

    /// A text with [`MASK`] for every secret in it.
    pub fn text(&self, text: &str) -> String {
        let (shown, _) = self.scan(text.as_bytes(), true);
        // A secret begins and ends where a character does.
        String::from_utf8(shown).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    /// What can be shown of a text, and the end of it that may be the beginning of a secret; nothing where it is the last.
    fn scan(&self, text: &[u8], last: bool) -> (Vec<u8>, Vec<u8>) {
        let mut shown = Vec::with_capacity(text.len());
        let (mut rest, mut ends) = (text, Ends::default());
        while let Some((first, after)) = rest.split_first() {
            let mut end = 0;
            for form in self.begins.get(usize::from(*first)).into_iter().flatten() {
                let found = self.forms.read(*form, rest, &mut ends);
                if found.open && !last {
                    return (shown, rest.to_vec());
                }
                end = end.max(found.end.unwrap_or_default());
            }
            if end > 0 {
                shown.extend_from_slice(MASK.as_bytes());
                rest = rest.get(end..).unwrap_or_default();
            } else {
                shown.push(*first);
                rest = after;
            }
        }
        (shown, Vec::new())
    }

    fn is_quiet(&self, piece: &[u8]) -> bool {
        piece.iter().all(|byte| self.begins.get(usize::from(*byte)).is_none_or(Vec::is_empty))
    }
}

/// Of a URL with something secret in it: how it is written once it was read, its password, and a long path.
fn parts_of_url(value: &str) -> Vec<String> {
    let Ok(url) = Url::parse(value) else { return Vec::new() };
    let mut parts = Vec::from([url.to_string()]);
    let clear = |part: &str| value.matches(part).count() > 1;
    if let Some(password) = url.password().filter(|p| p.len() >= SHORTEST_PART && !clear(p)) {
        parts.extend(String::from_utf8(decoded(password)));
    }
    let path = &url[url::Position::BeforePath..];
    if matches!(url.scheme(), "http" | "https") && path.len() >= SHORTEST_PATH {
        parts.push(path.to_owned());
    }
    parts
}

/// A part of a URL without its `%2f`.
fn decoded(part: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    bytes
}

/// Masks a stream of bytes, piece by piece. It can't be printed.
pub struct Stream {
    mask: Arc<Mask>,
    /// The end of the stream so far that may be the beginning of a secret.
    held: Vec<u8>,
}

impl Stream {
    /// From its beginning.
    pub fn new(mask: Arc<Mask>) -> Self {
        Self { mask, held: Vec::new() }
    }

    /// The next piece of the stream in, what can be shown of it out.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if self.held.is_empty() && self.mask.is_quiet(piece) {
            return piece.to_vec();
        }
        let mut stream = std::mem::take(&mut self.held);
        stream.extend_from_slice(piece);
        let (shown, held) = self.mask.scan(&stream, false);
        self.held = held;
        shown
    }

    /// What is still held back at the end of the stream.
    pub fn finish(&mut self) -> Vec<u8> {
        let stream = std::mem::take(&mut self.held);
        self.mask.scan(&stream, true).0
    }
}

#[cfg(test)]
mod tests;
