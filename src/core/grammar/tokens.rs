//! A condition's text cut into words, numbers, signs and names, each with its bytes.

use std::ops::Range;

use super::Syntax;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word,
    Number(f64),
    Quoted(String),
    /// What stands between brackets without quotes.
    Inside,
    Sign(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

pub(super) const SIGNS: [&str; 16] =
    ["<=", ">=", "==", "!=", "+-", "±", "<", ">", "=", "*", "+", "-", "[", "]", ".", "%"];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Syntax> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &text[at..];
        let (kind, length) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if c == '"' {
            quoted(rest).ok_or_else(|| Syntax { why: "this quote is not closed".into(), at: at..text.len() })?
        } else if c.is_ascii_digit() && !begins_name(&found, rest) {
            let length = number_length(rest);
            let number = rest[..length].parse::<f64>().ok().filter(|n| n.is_finite());
            let number = number.ok_or_else(|| Syntax { why: "this is no number".into(), at: at..at + length })?;
            (Kind::Number(number), length)
        } else if is_word(c) || c.is_ascii_digit() {
            let length = word_length(rest);
            (Kind::Word, length)
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Kind::Sign(sign), sign.len())
        } else if c == '/' {
            let letters = rest[1..].find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len() - 1);
            (Kind::Word, 1 + letters)
        } else {
            return Err(Syntax { why: format!("`{c}` has no meaning here"), at: at..at + c.len_utf8() });
        };
        found.push(Token { kind, at: at..at + length });
        at += length;
        if c == '[' && !text[at..].trim_start().starts_with('"') {
            let end =
                text[at..].find(']').ok_or_else(|| Syntax { why: "`]` is missing".into(), at: at..text.len() })?;
            found.push(Token { kind: Kind::Inside, at: at..at + end });
            at += end;
        }
    }
    Ok(found)
}

/// Whether digits begin a name here: a probe's `5xx-rate`, or the measure behind a dot in `requests.5xx`.
fn begins_name(before: &[Token], rest: &str) -> bool {
    match before.last().map(|token| &token.kind) {
        None => word_length(rest) > number_length(rest),
        Some(kind) => *kind == Kind::Sign("."),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// A name may hold dashes between letters or digits, as `error-rate` and `replica-1` do; `baseline - 1` needs blanks.
fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = c == '-' && end > 0 && chars.peek().is_some_and(|(_, n)| n.is_alphanumeric());
        if !(c.is_alphanumeric() || c == '_' || inside) {
            return at;
        }
        end = at + c.len_utf8();
    }
    end
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) {
        end += 1;
    }
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end += 1;
        while digit(end) {
            end += 1;
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    end
}

/// A JSON string at the beginning of the text, and its length.
fn quoted(rest: &str) -> Option<(Kind, usize)> {
    let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let text = stream.next()?.ok()?;
    Some((Kind::Quoted(text), stream.byte_offset()))
}
