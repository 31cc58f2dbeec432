//! What is done to a text to break who reads it: bytes changed, cut, doubled, put in from another text, and values that
//! readers stumble over.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A byte becomes another.
    Byte(Index, u8),
    /// So many bytes are taken away.
    Cut(Index, usize),
    /// Everything from there on is taken away.
    End(Index),
    /// Something is put in.
    Insert(Index, &'static [u8]),
    /// So many bytes are repeated so often.
    Again(Index, usize, usize),
    /// A line is taken away, or stands twice.
    Line(Index, bool),
    /// What stands after the next `=` or `:` up to the end of the value becomes something else.
    Value(Index, &'static [u8]),
    /// A piece of another text, by its number, is put in.
    Splice(Index, Index, Index, usize),
}

/// What readers stumble over.
const STUMBLING: &[&[u8]] = &[
    b"",
    b"0",
    b"-1",
    b"1",
    b"-0.0",
    b"1e309",
    b"1e-400",
    b"NaN",
    b"inf",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"0.1",
    b"null",
    b"true",
    b"\"\"",
    b"\"x\"",
    b"[]",
    b"{}",
    b"[[[[[[[[[[[[[[[[",
    b"}",
    b"]",
    b"\"",
    b"'''",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xf0\x9f\x98",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\t",
    b"\x1b[2J",
    b"\x1b]52;c;aGk=\x07",
    b"\x1b[38;2;1;2",
    b"\x9b",
    b"\xe2\x80\xae",
    b"\xe2\x80\x8b",
    b"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
    "\u{65e5}\u{672c}".as_bytes(),
    "\u{1f469}\u{200d}\u{1f692}".as_bytes(),
    b"${",
    b"${var.x}",
    b"${secret.x}",
    b"$",
    b"#",
    b"%",
    b"@",
    b"..",
    b"/",
    b"2026-02-30T25:61:61Z",
    b"\"9999-12-31T23:59:59.999Z\"",
    b"\"-9999-01-01T00:00:00Z\"",
    b"\"1970-01-01T00:00:00Z\"",
    b"\"T-0\"",
    b"\"T+99999999d\"",
    b"\"99999999999999d\"",
    b"\"1ms\"",
    b"\"0s\"",
    b"\" \"",
    b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"_\r\n",
    b"*2147483647\r\n",
    b"$9223372036854775807\r\n",
];

/// Any change.
pub fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, to)| Edit::Byte(at, to)),
        2 => (at(), 1_usize..40).prop_map(|(at, n)| Edit::Cut(at, n)),
        1 => at().prop_map(Edit::End),
        3 => (at(), select(STUMBLING)).prop_map(|(at, what)| Edit::Insert(at, what)),
        1 => (at(), 1_usize..60, 1_usize..300).prop_map(|(at, n, times)| Edit::Again(at, n, times)),
        2 => (at(), any::<bool>()).prop_map(|(at, twice)| Edit::Line(at, twice)),
        6 => (at(), select(STUMBLING)).prop_map(|(at, what)| Edit::Value(at, what)),
        2 => (at(), at(), at(), 1_usize..200).prop_map(|(at, of, from, n)| Edit::Splice(at, of, from, n)),
    ]
}

/// A text of `texts`, by its number, and what is done to it.
pub fn edited() -> impl Strategy<Value = (Index, Vec<Edit>)> {
    (any::<Index>(), vec(edit(), 1..8))
}

impl Edit {
    /// Does it.
    pub fn apply(&self, text: &mut Vec<u8>, texts: &[Vec<u8>]) {
        let place = |at: &Index| at.index(text.len() + 1);
        match self {
            Edit::Byte(at, to) => {
                let at = place(at);
                if let Some(byte) = text.get_mut(at) {
                    *byte = *to;
                }
            }
            Edit::Cut(at, n) => {
                let at = place(at);
                text.drain(at..(at + n).min(text.len()));
            }
            Edit::End(at) => text.truncate(place(at)),
            Edit::Insert(at, what) => put(text, place(at), what),
            Edit::Again(at, n, times) => {
                let at = place(at);
                let piece = text[at..(at + n).min(text.len())].repeat(*times);
                put(text, at, &piece);
            }
            Edit::Line(at, twice) => {
                let at = place(at);
                let from = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
                let to = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| at + i + 1);
                let line: Vec<u8> = text[from..to].to_vec();
                if *twice { put(text, to, &line) } else { drop(text.drain(from..to)) }
            }
            Edit::Value(at, what) => {
                let at = place(at);
                let Some(from) = text[at..].iter().position(|b| matches!(b, b'=' | b':')).map(|i| at + i + 1) else {
                    return;
                };
                let ends = |b: &u8| matches!(b, b'\n' | b'\r' | b',' | b'}' | b']');
                let to = text[from..].iter().position(ends).map_or(text.len(), |i| from + i);
                text.splice(from..to, what.iter().copied());
            }
            Edit::Splice(at, of, from, n) => {
                let other = of.get(texts);
                let from = from.index(other.len() + 1);
                put(text, place(at), &other[from..(from + n).min(other.len())]);
            }
        }
    }
}

fn put(text: &mut Vec<u8>, at: usize, what: &[u8]) {
    text.splice(at..at, what.iter().copied());
}
