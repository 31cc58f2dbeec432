//! What the reader of TOML says, in our words, with the key or the word that was meant.

use std::ops::Range;

use super::file::LATER;
use super::problem::Problem;
use crate::core::text::nearest;

/// What may stand where `?` was put for a key that is missing and could not be read there: `list, stream, …`.
pub(super) fn names_for_stand_in(message: &str) -> Option<String> {
    let listed = message.strip_prefix("unknown variant `?`, expected ")?;
    Some(listed.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", "))
}

/// Whether a table stands for a word.
pub(super) fn wants_one_word(message: &str) -> bool {
    message.starts_with("wanted exactly 1 element")
}

/// The word that was meant where one stands that may not: `replication` for `replicaton`.
pub(super) fn meant(message: &str) -> Option<String> {
    let mut names = message.strip_prefix("unknown variant `")?.split('`').step_by(2);
    let written = names.next()?;
    let known: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    near_value(written, &known).map(str::to_owned)
}

/// The key that was meant where one stands that is not known; only one of the table's own, not of those beside it.
pub(super) fn meant_key(message: &str, beside: &[&str]) -> Option<String> {
    let mut names = message.strip_prefix("unknown field `")?.split('`').step_by(2);
    let written = names.next()?;
    let own: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let all: Vec<&str> = own.iter().chain(beside).copied().collect();
    near_key(written, &all).filter(|near| own.contains(near)).map(str::to_owned)
}

/// The nearest of the keys that may stand somewhere, or what other tools call one of them.
fn near_key<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    if LATER.contains(&written) {
        return None;
    }
    let other = OTHER_WORDS.iter().find(|(word, ours)| *word == written && known.contains(ours)).map(|(_, ours)| *ours);
    other.or_else(|| nearest(written, known.iter().copied()))
}

/// The nearest of the words that may stand somewhere, or what people call one of them.
fn near_value<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let small = written.to_lowercase();
    let other = OTHER_VALUES.iter().find(|(word, _)| *word == small);
    let other = other.and_then(|(_, ours)| known.iter().find(|known| *known == ours).copied());
    other.or_else(|| nearest(written, known.iter().copied()))
}

/// A message of the reader in our words.
pub(super) fn said(message: &str, at: Range<usize>, known: &[&str]) -> Problem {
    if let Some(key) = message.strip_prefix("unknown field `").and_then(|m| m.split('`').next()) {
        let listed = message.split('`').skip(3).step_by(2).chain(known.iter().copied());
        return unknown(key, at, listed);
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|m| m.split('`').next()) {
        return Problem::error("missing-key", at, format!("the key `{key}` is missing here"));
    }
    if let Some(problem) = wrong_value(message, &at) {
        return problem;
    }
    Problem::error("wrong-value", at, message.to_owned())
}

/// What other tools call keys of ours.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("redirect", "follow"),
    ("redirects", "follow"),
    ("follow-redirects", "follow"),
    ("command", "run"),
    ("cmd", "run"),
    ("script", "run"),
    ("interval", "every"),
    ("needs", "after"),
    ("depends", "after"),
    ("depends-on", "after"),
    ("rollback", "undo"),
    ("revert", "undo"),
    ("check", "verify"),
    ("if", "when"),
    ("condition", "when"),
    ("then", "action"),
    ("do", "action"),
    ("name", "title"),
    ("env", "environment"),
];

/// What people call values of ours.
const OTHER_VALUES: &[(&str, &str)] = &[
    ("bytes", "B"),
    ("byte", "B"),
    ("percent", "%"),
    ("milliseconds", "ms"),
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("m", "min"),
    ("minutes", "min"),
    ("hour", "h"),
    ("hours", "h"),
    ("rps", "/s"),
    ("qps", "/s"),
    ("per second", "/s"),
    ("per minute", "/min"),
    ("number", "count"),
    ("string", "text"),
    ("bool", "state"),
    ("rollback", "propose"),
];

/// The reader's words for a value of a wrong kind, in ours; none for words that are ours already.
fn wrong_value(message: &str, at: &Range<usize>) -> Option<Problem> {
    let say = |message: String| Problem::error("wrong-value", at.clone(), message);
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let mut names = rest.split('`').step_by(2);
        let written = names.next()?;
        let known: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let problem = say(format!("`{written}` can't stand here: write {}", known.join(", ")));
        return Some(match near_value(written, &known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
    if wants_one_word(message) || message.starts_with("expected table, found ") {
        return Some(say("here stands one word, not a table".to_owned()));
    }
    // A list stands for a table where its length is right; here it is not.
    let list = message.starts_with("invalid length ") && message.contains(", expected struct ");
    let message =
        if list { message.replacen("invalid length ", "invalid type: sequence ", 1) } else { message.to_owned() };
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, wanted) = rest.split_once(", expected ")?;
    let found = match found.split_once(' ').map_or(found, |(kind, _)| kind) {
        "sequence" => "a list",
        "map" => "a table",
        "string" => "a text",
        "integer" | "floating" => "a number",
        "boolean" => "true or false",
        _ => found,
    };
    let most = match wanted {
        "u8" => Some(u32::from(u8::MAX)),
        "u16" => Some(u32::from(u16::MAX)),
        "u32" => Some(u32::MAX),
        _ => None,
    };
    let wanted = match wanted {
        "a string" | "a borrowed string" | "path string" => "a text",
        "a sequence" => "a list",
        "a map" => "a table",
        "a boolean" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => "a whole number",
        "f64" => "a number",
        _ if wanted.starts_with("struct UndoTable") => "a command or a table with `run`",
        _ if wanted.starts_with("struct ") || wanted.starts_with("enum ") => "a table",
        _ => wanted,
    };
    let written = format!("{wanted} belongs here, not {found}");
    Some(match (most, wanted, found) {
        (Some(most), _, "a number") => say(format!("a whole number up to {most} belongs here")),
        (_, "a text", "a number" | "true or false") => say(written).help("put it in quotes"),
        (_, "a table", "a text") => {
            say(written).help("write it as { KEY = … }; of {} it is said which keys are missing")
        }
        (_, "a whole number", "a number") => say("a whole number, 0 or more, belongs here".to_owned()),
        _ => say(written),
    })
}

/// A key that is not known, with the nearest that is.
pub fn unknown<'a>(key: &str, at: Range<usize>, known: impl Iterator<Item = &'a str>) -> Problem {
    let problem = Problem::error("unknown-key", at, format!("there is no key `{key}` here"));
    if LATER.contains(&key) {
        return problem.help(format!("`{key}` comes with a later version; leave it out for now"));
    }
    let known: Vec<&str> = known.collect();
    match near_key(key, &known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("there are {}", known.join(", "))),
    }
}
