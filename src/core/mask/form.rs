//! The forms in which a secret is looked for: as it is written by people, shells, JSON, HTML and URLs, in base64, in hex.
//! A form is a row of units, a character or six bits each, and a unit has a few spellings.

use std::collections::BTreeMap;

/// A secret is looked for in base64 and in hex from so many bytes on: a short one is soon found where nobody wrote it.
const SHORTEST_ENCODED: usize = 6;

/// So many units of a form before `…` are the beginning of one that was cut off.
const SHORTEST_CUT: usize = 4;

/// What stands where a text was cut.
const CUT: &[u8] = "…".as_bytes();

/// The characters of base64, as in URLs.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The smallest part of a form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// A character of the secret.
    Char(char),
    /// Six bits of it; where not the first, a new line may come before.
    Six(u8, bool),
    /// Its last two or four bits, in six.
    Last(u8, u8),
    /// A byte in hex.
    Hex(u8),
}

/// One way to write a unit.
struct Spelling {
    bytes: Vec<u8>,
    /// Capitals do not matter: digits in hex.
    any_case: bool,
}

/// All forms of some secrets. It can't be printed.
#[derive(Default)]
pub(super) struct Forms {
    forms: Vec<Form>,
    /// Units are few, and forms have many of them.
    spellings: Vec<Vec<Spelling>>,
    known: BTreeMap<Unit, u32>,
}

/// A row of units, by their number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    units: Vec<u32>,
    /// What belongs to it where it is there.
    last: Option<u32>,
}

/// Room for where units end, so that not every byte of a stream asks for it.
#[derive(Default)]
pub(super) struct Ends(Vec<usize>, Vec<usize>);

/// What a text begins with.
#[derive(Clone, Copy, Default)]
pub(super) struct Read {
    /// A form, up to this byte.
    pub(super) end: Option<usize>,
    /// The text ends within one.
    pub(super) open: bool,
}

impl Forms {
    /// Adds a text as it is written by people and programs.
    pub(super) fn written(&mut self, text: &str) {
        let units = text.chars().map(Unit::Char).collect::<Vec<_>>();
        self.add(&units, None);
    }

    /// Adds a text in base64, wherever it stands in a longer one, and in hex.
    pub(super) fn encoded(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if bytes.len() < SHORTEST_ENCODED {
            return;
        }
        let hex = bytes.iter().map(|byte| Unit::Hex(*byte)).collect::<Vec<_>>();
        self.add(&hex, None);
        // Of the character that it shares with what stands before nothing is looked for.
        for shared in [0, 4, 2] {
            let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)).skip(shared);
            let bits: Vec<u8> = bits.collect();
            let number = |bits: &[u8]| bits.iter().fold(0, |sum, bit| sum << 1 | bit);
            let sixes = bits.chunks_exact(6);
            let rest = sixes.remainder();
            let last = (!rest.is_empty()).then(|| Unit::Last(number(rest), 6 - rest.len() as u8));
            let units: Vec<Unit> = sixes.enumerate().map(|(at, six)| Unit::Six(number(six), at > 0)).collect();
            self.add(&units, last);
        }
    }

    fn add(&mut self, units: &[Unit], last: Option<Unit>) {
        let units = units.iter().map(|unit| self.number(*unit)).collect();
        let last = last.map(|last| self.number(last));
        self.forms.push(Form { units, last });
    }

    fn number(&mut self, unit: Unit) -> u32 {
        if let Some(known) = self.known.get(&unit) {
            return *known;
        }
        // There are not so many characters.
        let number = u32::try_from(self.spellings.len()).unwrap_or(u32::MAX);
        self.spellings.push(unit.spellings());
        self.known.insert(unit, number);
        number
    }

    /// The forms by the bytes that they begin with.
    pub(super) fn by_first_byte(&mut self) -> Vec<Vec<usize>> {
        self.forms.sort_unstable();
        self.forms.dedup();
        let mut first = vec![Vec::new(); 256];
        for (at, form) in self.forms.iter().enumerate() {
            for spelling in form.units.first().into_iter().flat_map(|unit| self.of(*unit)) {
                let Some(byte) = spelling.bytes.first() else { continue };
                let cases = [*byte, byte.to_ascii_uppercase()];
                for byte in &cases[..if spelling.any_case { 2 } else { 1 }] {
                    if first[usize::from(*byte)].last() != Some(&at) {
                        first[usize::from(*byte)].push(at);
                    }
                }
            }
        }
        first
    }

    fn of(&self, unit: u32) -> &[Spelling] {
        self.spellings.get(unit as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a text begins with a form. Where it has more than one spelling it may end at several bytes: the last counts.
    pub(super) fn read(&self, form: usize, text: &[u8], Ends(ends, next): &mut Ends) -> Read {
        let mut found = Read::default();
        let Some(form) = self.forms.get(form) else { return found };
        ends.clear();
        ends.push(0);
        for (count, unit) in form.units.iter().enumerate() {
            self.step(*unit, text, ends, next, &mut found.open);
            if count >= SHORTEST_CUT {
                for end in ends.iter() {
                    match text.get(*end..).unwrap_or_default() {
                        rest if rest.starts_with(CUT) => found.end = found.end.max(Some(*end)),
                        rest => found.open |= CUT.starts_with(rest),
                    }
                }
            }
            if next.is_empty() {
                return found;
            }
            std::mem::swap(ends, next);
        }
        found.end = found.end.max(ends.iter().copied().max());
        if let Some(last) = form.last {
            self.step(last, text, ends, next, &mut found.open);
            found.end = found.end.max(next.iter().copied().max());
        }
        found
    }

    /// Where a unit ends that begins at one of some bytes; `open` where the text ends first.
    fn step(&self, unit: u32, text: &[u8], from: &[usize], ends: &mut Vec<usize>, open: &mut bool) {
        ends.clear();
        for from in from {
            let rest = text.get(*from..).unwrap_or_default();
            for spelling in self.of(unit) {
                let same = |bytes: &[u8], of: &[u8]| match spelling.any_case {
                    true => bytes.eq_ignore_ascii_case(of),
                    false => bytes == of,
                };
                match (rest.get(..spelling.bytes.len()), spelling.bytes.get(..rest.len())) {
                    (Some(bytes), _) if same(bytes, &spelling.bytes) => ends.push(from + spelling.bytes.len()),
                    (None, Some(begun)) if same(rest, begun) => *open = true,
                    _ => {}
                }
            }
        }
        if ends.len() > 1 {
            ends.sort_unstable();
            ends.dedup();
        }
    }
}

impl Unit {
    fn spellings(self) -> Vec<Spelling> {
        let exact = |text: &str| Spelling { bytes: text.as_bytes().to_vec(), any_case: false };
        let digits = |text: &str| Spelling { bytes: text.as_bytes().to_vec(), any_case: true };
        let line_before = |with: &[Spelling]| {
            let lines = ["\n", "\r\n"].into_iter();
            let led = lines.flat_map(|line| {
                with.iter().map(move |s| Spelling { bytes: [line.as_bytes(), &s.bytes].concat(), ..*s })
            });
            led.collect::<Vec<_>>()
        };
        match self {
            Unit::Char(c) => {
                let mut all = vec![exact(c.encode_utf8(&mut [0; 4]))];
                all.extend(written(c).iter().map(|text| exact(text)));
                all.extend(in_digits(c).iter().map(|text| digits(text)));
                all
            }
            Unit::Six(bits, inner) => {
                let mut all = six(bits);
                if inner {
                    all.extend(line_before(&all));
                }
                all
            }
            Unit::Last(bits, free) => {
                let mut all: Vec<Spelling> = (0..1_u8 << free).flat_map(|low| six(bits << free | low)).collect();
                all.extend(line_before(&all));
                all
            }
            Unit::Hex(byte) => {
                let plain = [digits(&format!("{byte:02x}"))];
                let led = line_before(&plain);
                plain.into_iter().chain(led).collect()
            }
        }
    }
}

/// Six bits as a character of base64, in either alphabet, and as URLs and JSON have those.
fn six(bits: u8) -> Vec<Spelling> {
    let exact = |text: &[u8]| Spelling { bytes: text.to_vec(), any_case: false };
    let mut all: Vec<Spelling> = BASE64.get(usize::from(bits)).map(|c| exact(&[*c])).into_iter().collect();
    let more: &[&[u8]] = match bits {
        62 => &[b"+", b"%2B", b"%2b"],
        63 => &[b"/", b"%2F", b"%2f", b"\\/"],
        _ => &[],
    };
    all.extend(more.iter().map(|text| exact(text)));
    all
}

/// A character as shells, JSON and HTML write it. Letters and digits they leave as they are.
fn written(c: char) -> Vec<String> {
    let known: &[&str] = match c {
        ' ' => &["+"],
        '\n' => &["\r\n", "\\n"],
        '\r' => &["\\r"],
        '\t' => &["\\t"],
        '\'' => &["'\\''", "'\"'\"'", "&apos;", "&#39;"],
        '"' => &["&quot;", "&#34;"],
        '&' => &["&amp;"],
        '<' => &["&lt;"],
        '>' => &["&gt;"],
        _ => &[],
    };
    let mut all: Vec<String> = known.iter().map(|text| (*text).to_owned()).collect();
    if c == ' ' || c.is_ascii_punctuation() {
        all.push(format!("\\{c}"));
    }
    all
}

/// A character as URLs, JSON and shells write it in digits. Letters and digits they leave as they are.
fn in_digits(c: char) -> Vec<String> {
    if c.is_ascii_alphanumeric() {
        return Vec::new();
    }
    let mut utf8 = [0; 4];
    let bytes = c.encode_utf8(&mut utf8).as_bytes();
    let each = |one: fn(&u8) -> String| bytes.iter().map(one).collect::<String>();
    let utf16 = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    let mut all =
        vec![each(|b| format!("%{b:02x}")), utf16, each(|b| format!("\\x{b:02x}")), each(|b| format!("\\{b:03o}"))];
    match c {
        '\n' => all.push("%0d%0a".to_owned()),
        '\'' => all.push("&#x27;".to_owned()),
        _ => {}
    }
    all
}
