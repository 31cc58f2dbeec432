//! The TOML tree before it is typed: variables are filled in, short forms become long ones, and each table is read so
//! that one mistake does not hide the next.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use super::file::{LATER, Text};
use super::lost::Lost;
use super::problem::{Problem, Severity};
pub use super::words::unknown;
use super::words::{meant, meant_key, names_for_stand_in, said, wants_one_word};
use crate::core::text::fill;
pub use crate::core::text::nearest;

/// A table of the file.
pub type Table<'i> = Spanned<DeTable<'i>>;

/// A value of the file.
pub type Value<'i> = Spanned<DeValue<'i>>;

/// Keys whose text is a command: nothing is filled in there.
const COMMANDS: &[&str] = &["run"];

/// The key whose text keeps `${live.…}`, for what is so when it is used.
const TEMPLATE: &str = "template";

/// Keys of probes and channels whose text may have a secret in it.
pub const SECRET_KEYS: &[&str] =
    &["url", "headers", "body", "token", "tcp", "secret", "routing-key", "user", "password"];

/// Keys that take one text or a list of them.
const LISTS: &[&str] =
    &["warn", "critical", "verify", "fail", "require", "after", "undoes", "means", "then", "on", "to"];

/// Keys whose text is a length of time.
const TIMES: &[&str] =
    &["every", "timeout", "estimate", "soak", "limit", "expires", "clear-after", "grace", "respond", "update", "over"];

/// Takes a key out of a table.
pub fn take<'i>(table: &mut DeTable<'i>, key: &str) -> Option<Value<'i>> {
    let found = table.keys().find(|k| k.get_ref() == key)?.clone();
    table.remove(&found)
}

/// What stands under a key, or, where it is not there, under one that is nearly its name. That one stays in the table, so
/// that it is reported.
pub fn take_meant<'i>(table: &mut DeTable<'i>, key: &str) -> Option<Value<'i>> {
    take(table, key).or_else(|| {
        let near = |(name, _): &(&Spanned<Cow<'i, str>>, &Value<'i>)| nearest(name.get_ref(), [key]).is_some();
        table.iter().find(near).map(|(_, value)| value.clone())
    })
}

/// Fills `${name}` in every text but commands. A secret is left as written where one may stand.
pub fn fill_in(value: &mut Value<'_>, problems: &mut Vec<Problem>, get: &dyn Fn(&str) -> Result<String, String>) {
    let at = value.span();
    match value.get_mut() {
        DeValue::String(text) if text.contains("${") => {
            let filled = fill(text, get);
            match filled {
                Ok(filled) => *text = Cow::Owned(filled),
                Err(why) => problems.push(Problem::error("variable", at, why)),
            }
        }
        DeValue::Array(values) => values.iter_mut().for_each(|v| fill_in(v, problems, get)),
        DeValue::Table(table) => {
            for (key, value) in table.iter_mut() {
                let command = is_command(key.get_ref(), value.get_ref());
                if SECRET_KEYS.contains(&key.get_ref().as_ref()) {
                    let secret = |name: &str| name.starts_with("secret.").then(|| format!("${{{name}}}"));
                    fill_in(value, problems, &|name| secret(name).map_or_else(|| get(name), Ok));
                } else if key.get_ref() == TEMPLATE {
                    let live = |name: &str| name.starts_with("live.").then(|| Ok(format!("${{{name}}}")));
                    fill_in(value, problems, &|name| live(name).unwrap_or_else(|| get(name)));
                } else if !command {
                    fill_in(value, problems, get);
                }
            }
        }
        _ => {}
    }
}

/// Whether what stands under a key is a command: nothing is filled in there.
pub fn is_command(key: &str, value: &DeValue<'_>) -> bool {
    COMMANDS.contains(&key) || key == "undo" && matches!(value, DeValue::String(_))
}

/// Makes long forms of short ones, in place: a text where a list may stand, and `undo = "command"`.
pub fn lengthen(table: &mut DeTable<'_>) {
    lengthen_keys(table, LISTS);
}

/// The same with lists for these keys alone, where others mean something else.
pub fn lengthen_keys(table: &mut DeTable<'_>, lists: &[&str]) {
    for (key, value) in table.iter_mut() {
        let at = value.span();
        let DeValue::String(text) = value.get_ref() else { continue };
        let text = Cow::<'static, str>::Owned(text.clone().into_owned());
        let text = Spanned::new(at.clone(), DeValue::String(text));
        if lists.contains(&key.get_ref().as_ref()) {
            let mut list = toml::de::DeArray::default();
            list.push(text);
            *value.get_mut() = DeValue::Array(list);
        } else if key.get_ref() == "undo" {
            let mut long = DeTable::default();
            long.insert(Spanned::new(at, Cow::Borrowed("run")), text);
            *value.get_mut() = DeValue::Table(long);
        }
    }
}

/// What was read, complete where nothing is left out.
pub struct Read<T> {
    /// What it says. A key that is wrong stands there with its default; a needed one that is missing as `?`.
    pub table: T,
    /// Keys that were wrong, or are missing though needed.
    pub left_out: Vec<String>,
    /// Among them is one that is not known: nobody can tell what it would have said.
    pub strange: bool,
    /// Whether a needed key stands there as `?`, or a word as the nearest that may stand there.
    pub guessed: bool,
}

impl<T> Read<T> {
    /// Whether every key could be read.
    pub fn complete(&self) -> bool {
        self.left_out.is_empty()
    }

    /// Whether a key was wrong, or is missing though needed: what follows from that is not wrong too.
    pub fn lacks(&self, key: &str) -> bool {
        self.left_out.iter().any(|l| l == key)
    }
}

/// Reads a table as a type. A key that is wrong is reported and left out, and the rest read again, so that all are found;
/// one that is nearly a key that may stand there is reported and taken for it.
/// Nothing, without a word, where the value is no table.
pub fn read<T: DeserializeOwned>(value: &Value<'_>, known: &[&str], problems: &mut Vec<Problem>) -> Option<Read<T>> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    unnamed(table, problems);
    read_past(value, known, problems, |v| T::deserialize(v), false)
}

/// Names that say nothing: what they name would be a blank on every screen.
fn unnamed(table: &DeTable<'_>, problems: &mut Vec<Problem>) {
    let ways = [
        ("name", "say what people call it"),
        ("title", "say what people call it, or leave it out: its id is shown then"),
        ("environment", "say where, as production or staging"),
    ];
    for (key, help) in ways {
        let Some(value) = table.get(key) else { continue };
        if value.get_ref().as_str().is_some_and(|text| text.trim().is_empty()) {
            let message = format!("`{key}` is empty");
            problems.push(Problem::error("empty", value.span(), message).help(help));
        }
    }
}

/// As [`read`], of any value, by what makes it. A word that is nearly one that may stand there is reported and taken for
/// it, so that what hangs on it is checked too.
pub fn read_by<'i, T>(
    value: &Value<'i>,
    known: &[&str],
    problems: &mut Vec<Problem>,
    by: impl Fn(ValueDeserializer<'i>) -> Result<T, toml::de::Error>,
) -> Option<Read<T>> {
    read_past(value, known, problems, by, true)
}

fn read_past<'i, T>(
    value: &Value<'i>,
    known: &[&str],
    problems: &mut Vec<Problem>,
    by: impl Fn(ValueDeserializer<'i>) -> Result<T, toml::de::Error>,
    takes_near: bool,
) -> Option<Read<T>> {
    let mut value = value.clone();
    let (mut left_out, mut guessed, mut strange) = (Vec::<String>::new(), false, false);
    let mut renamed: Vec<Range<usize>> = Vec::new();
    // Each round takes one mistake out or one key in.
    for _ in 0..1000 {
        let error = match by(ValueDeserializer::from(value.clone())) {
            Ok(table) => return Some(Read { table, left_out, strange, guessed }),
            Err(error) => error,
        };
        let at = error.span().unwrap_or_else(|| value.span());
        let message = error.message();
        let Some(missing) = message.strip_prefix("missing field `").and_then(|m| m.split('`').next()) else {
            let key = meant_key(message, known).and_then(|key| rename(value.get_mut(), &at, &key));
            if let Some(what) = key {
                problems.push(said(message, at, known));
                renamed.push(what);
                continue;
            }
            // Of a key that may have meant another one it is enough that it is not known.
            if renamed.iter().any(|what| what.start <= at.start && at.end <= what.end) {
                left_out.push(drop_at(value.get_mut(), &at)?);
                continue;
            }
            strange |= message.starts_with("unknown field `");
            if takes_near && meant(message).is_some_and(|meant| put(value.get_mut(), &at, meant)) {
                problems.push(said(message, at.clone(), known));
                guessed = true;
                continue;
            }
            let one = wants_one_word(message);
            // What is left of a table of which something was wrong already.
            let told = one && problems.iter().any(|p| at.start <= p.at.start && p.at.end <= at.end);
            match names_for_stand_in(message).zip(problems.last_mut()) {
                Some((names, missing)) if guessed => missing.help = Some(format!("write {names}")),
                _ if told => {}
                _ => {
                    let mut problem = said(message, at.clone(), known);
                    if let Some(number) = seconds(value.get_ref(), &at) {
                        problem.help = Some(format!("write it with its unit, as \"{number}s\""));
                    }
                    let mut blank = value.clone();
                    if one && put(blank.get_mut(), &at, "?".to_owned()) {
                        let names =
                            by(ValueDeserializer::from(blank)).err().and_then(|e| names_for_stand_in(e.message()));
                        problem.help = names.map(|names| format!("write {names}"));
                    }
                    problems.push(problem);
                }
            }
            left_out.push(drop_at(value.get_mut(), &at)?);
            continue;
        };
        if left_out.iter().filter(|l| *l == missing).count() > 1 {
            return None;
        }
        // It may well stand there misspelt, or as a key of a later version.
        let instead = |l: &String| l == missing || LATER.contains(&l.as_str()) || nearest(l, [missing]).is_some();
        if !left_out.iter().any(instead) {
            problems.push(said(message, at.clone(), known));
        }
        left_out.push(missing.to_owned());
        let blank = || DeValue::String(Cow::Borrowed("?"));
        stand_in(value.get_mut(), &at, missing, blank());
        let wrong = by(ValueDeserializer::from(value.clone())).err();
        if wrong.is_some_and(|e| e.message().starts_with("invalid type: string \"?\", expected a sequence")) {
            let mut list = DeArray::new();
            list.push(Spanned::new(at.clone(), blank()));
            stand_in(value.get_mut(), &at, missing, DeValue::Array(list));
        }
        guessed = true;
    }
    None
}

/// Gives a key the name that was meant, where its table has no such key; the place of what stands under it.
fn rename(value: &mut DeValue<'_>, at: &Range<usize>, meant: &str) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => {
            let Some(key) = table.keys().find(|key| key.span() == *at).cloned() else {
                return table.iter_mut().find_map(|(_, inner)| rename(inner.get_mut(), at, meant));
            };
            if table.get(meant).is_some() {
                return None;
            }
            let what = table.remove(&key)?;
            let place = what.span();
            table.insert(Spanned::new(at.clone(), Cow::Owned(meant.to_owned())), what);
            lengthen(table);
            Some(place)
        }
        DeValue::Array(values) => values.iter_mut().find_map(|inner| rename(inner.get_mut(), at, meant)),
        _ => None,
    }
}

/// Puts a text in the place of the text or table that stands there; whether it did.
fn put(value: &mut DeValue<'_>, at: &Range<usize>, text: String) -> bool {
    fn find<'v, 'i>(value: &'v mut DeValue<'i>, at: &Range<usize>) -> Option<&'v mut DeValue<'i>> {
        let inner: Vec<&'v mut Value<'i>> = match value {
            DeValue::Table(table) => table.iter_mut().map(|(_, inner)| inner).collect(),
            DeValue::Array(list) => list.iter_mut().collect(),
            _ => Vec::new(),
        };
        let fits = |v: &DeValue<'_>| matches!(v, DeValue::String(_) | DeValue::Table(_));
        inner.into_iter().find_map(|inner| match inner.span() == *at && fits(inner.get_ref()) {
            true => Some(inner.get_mut()),
            false => find(inner.get_mut(), at),
        })
    }
    find(value, at).map(|found| *found = DeValue::String(Cow::Owned(text))).is_some()
}

/// Puts `?` for a key that is missing into the innermost table at a place; nearly every needed key is a text.
fn stand_in<'i>(value: &mut DeValue<'i>, at: &Range<usize>, key: &str, with: DeValue<'i>) {
    let DeValue::Table(table) = value else { return };
    let inside = |outer: Range<usize>| outer.start <= at.start && at.end <= outer.end;
    let inner = table.iter_mut().find(|(_, v)| matches!(v.get_ref(), DeValue::Table(_)) && inside(v.span()));
    if let Some((_, inner)) = inner {
        return stand_in(inner.get_mut(), at, key, with);
    }
    table.insert(Spanned::new(at.clone(), Cow::Owned(key.to_owned())), Spanned::new(at.clone(), with));
}

/// The number that stands at a place where a length of time belongs.
fn seconds(value: &DeValue<'_>, at: &Range<usize>) -> Option<String> {
    let DeValue::Table(table) = value else { return None };
    table.iter().find_map(|(key, inner)| match inner.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) if inner.span() == *at => {
            TIMES.contains(&key.get_ref().as_ref()).then(|| scalar(inner.get_ref()))?
        }
        inner => seconds(inner, at),
    })
}

/// Takes out the innermost key, or value of a list, at a place; its key.
fn drop_at(value: &mut DeValue<'_>, at: &Range<usize>) -> Option<String> {
    let inside = |outer: Range<usize>| outer.start <= at.start && at.end <= outer.end;
    let DeValue::Table(table) = value else { return None };
    let (key, inner) = table.iter_mut().find(|(k, v)| inside(k.span()) || inside(v.span()))?;
    let key = key.clone();
    let within = inside(inner.span());
    match inner.get_mut() {
        table @ DeValue::Table(_) if within => {
            if let Some(found) = drop_at(table, at) {
                return Some(found);
            }
        }
        DeValue::Array(values) if within => {
            if let Some(n) = values.iter().position(|v| inside(v.span())) {
                match values.get_mut(n).and_then(|v| drop_at(v.get_mut(), at)) {
                    Some(found) => return Some(found),
                    None => {
                        let rest = std::mem::replace(values, DeArray::new())
                            .into_iter()
                            .enumerate()
                            .filter(|(at, _)| *at != n);
                        rest.for_each(|(_, value)| values.push(value));
                    }
                }
                return Some(key.into_inner().into_owned());
            }
        }
        _ => {}
    }
    table.remove(&key);
    Some(key.into_inner().into_owned())
}

/// Ids are letters, digits, `-` and `_`; those of steps may have dots. What a variable could not be filled into was
/// reported already.
pub fn check_id(id: &Text, dots: bool, problems: &mut Vec<Problem>) {
    if unfilled(id, problems) {
        return;
    }
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_') || (dots && c == '.');
    let text = id.get_ref();
    let reserved = matches!(text.as_str(), "and" | "or" | "not" | "is" | "baseline" | "for" | "of");
    if text.is_empty()
        || text.len() > 64
        || !text.chars().all(good)
        || !text.starts_with(char::is_alphanumeric)
        || (!dots && reserved)
    {
        let what = if dots { "letters, digits, - _ and ." } else { "letters, digits, - and _" };
        let problem = Problem::error("id", id.span(), format!("`{text}` is no id: write {what}, at most 64"));
        let near: String = text.trim().chars().map(|c| if good(c) { c } else { '-' }).take(64).collect();
        let near = near.trim_matches(|c: char| !c.is_alphanumeric());
        problems.push(match near.is_empty() || text.len() > 64 || reserved {
            true => problem,
            false => problem.help(format!("write `{near}`; what people call it is its `title`")),
        });
    }
}

/// Whether something could not be filled into a text, which was reported already: what else is wrong with it is not.
pub fn unfilled(text: &Text, problems: &[Problem]) -> bool {
    text.get_ref().contains("${") && problems.iter().any(|p| p.severity == Severity::Error)
}

/// A text, a number or true/false as text.
pub fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) => Some(n.to_string()),
        DeValue::Float(n) => Some(n.to_string()),
        DeValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

/// The entries of a table; the value is reported where it is none, with `each`: how one is written.
pub fn tables_or_values<'i>(
    value: Option<Value<'i>>,
    each: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(Spanned<String>, Value<'i>)> {
    let Some(value) = value else { return Vec::new() };
    let at = value.span();
    match value.into_inner() {
        DeValue::Table(table) => {
            table.into_iter().map(|(k, v)| (Spanned::new(k.span(), k.into_inner().into_owned()), v)).collect()
        }
        _ => {
            problems.push(Problem::error("wrong-value", at, "a table belongs here").help(each));
            Vec::new()
        }
    }
}

/// The entries of a table of tables, `[key.NAME]`, in the file's order. Those that are no table are reported, and there all the same,
/// so that their names are known.
pub fn tables_by_name<'i>(
    value: Option<Value<'i>>,
    key: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(Spanned<String>, Value<'i>)> {
    let mut entries = tables_or_values(value, &format!("write each one as [{key}.NAME]"), problems);
    // The file's order, which the tree does not keep.
    entries.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in entries.iter().filter(|(_, value)| !matches!(value.get_ref(), DeValue::Table(_))) {
        let message = format!("`{}` must be a table", name.get_ref());
        problems.push(Problem::error("wrong-value", value.span(), message));
    }
    entries
}

/// The tables of an array of tables. What is none is reported, and some of them are lost then.
pub fn array<'i>(value: Option<Value<'i>>, key: &str, lost: &mut Lost, problems: &mut Vec<Problem>) -> Vec<Value<'i>> {
    let Some(value) = value else { return Vec::new() };
    let at = value.span();
    let values = match value.into_inner() {
        DeValue::Array(values) => values.into_iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let (tables, others): (Vec<_>, Vec<_>) = values.into_iter().partition(|v| matches!(v.get_ref(), DeValue::Table(_)));
    let wrong: Vec<Range<usize>> = match (tables.is_empty(), others.is_empty()) {
        (true, true) => vec![at],
        _ => others.iter().map(Spanned::span).collect(),
    };
    for at in wrong {
        problems.push(Problem::error("wrong-value", at, format!("write each one as [[{key}]]")));
        lost.add(None);
    }
    tables
}

/// The `id` of a table as written, whatever else is wrong with it.
pub fn id_of(value: &Value<'_>) -> Option<String> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    table.get("id")?.get_ref().as_str().map(str::to_owned)
}
