//! Where the parts of a plan stand in its file, from the parser: the outline knows nothing of the file, and remarks on it
//! must not look for its words there, since a comment or another step may have the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::file::{StepTable, Text, Time};
use crate::core::ids::{ChannelId, PhaseId, ProbeId, RollbackId, StepId};

/// Bytes of the file.
type Bytes = Range<usize>;

/// The places of what an outline has, in bytes of the file.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The ids of phases.
    pub phases: BTreeMap<PhaseId, Bytes>,
    /// The ids of steps as they are written; the rows of an `each` share one.
    pub steps: BTreeMap<StepId, Bytes>,
    /// The rows of `each`, by the steps that were made of them.
    pub rows: BTreeMap<StepId, Bytes>,
    /// The `estimate` of steps.
    pub estimates: BTreeMap<StepId, Bytes>,
    /// The `estimate` of undos, by their steps.
    pub undo_estimates: BTreeMap<StepId, Bytes>,
    /// The `estimate` of rollbacks.
    pub rollback_estimates: BTreeMap<RollbackId, Bytes>,
    /// The `output` of steps.
    pub outputs: BTreeMap<StepId, Bytes>,
    /// The names of rollbacks.
    pub rollbacks: BTreeMap<RollbackId, Bytes>,
    /// Ids and conditions of triggers, in the outline's order.
    pub triggers: Vec<(Bytes, Bytes)>,
    /// The `run` and `undo` of steps, each once, whatever rows it is run for.
    pub commands: BTreeMap<usize, Text>,
    /// Those of them that a person can answer: the `run` of steps with `input = true`.
    pub answered: BTreeSet<usize>,
    /// The `run` of command probes.
    pub polled: BTreeMap<usize, Text>,
    /// The names of channels.
    pub channels: BTreeMap<ChannelId, Bytes>,
    /// The names of severities.
    pub severities: BTreeMap<u8, Bytes>,
    /// What of the plan could not be read.
    pub gaps: Gaps,
}

/// What of a plan could not be read, each of which is an error. That something is missing there is not said as well.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    /// There are steps, phases or rollbacks of which nothing is known.
    pub lost: bool,
    /// Where the ids and names of steps, phases and rollbacks begin of which some keys are not known, and which; an empty
    /// one may be any.
    pub partly: BTreeMap<usize, Vec<String>>,
    /// A rollback is among them.
    pub rollbacks: bool,
    /// Rollbacks that require something, whatever could be read of it.
    pub required: BTreeSet<RollbackId>,
    /// Probes of which some keys or limits are not known.
    pub probes: BTreeSet<ProbeId>,
    /// Variables whose value is not known.
    pub names: BTreeSet<String>,
    /// There are rules, who is told of what, of which something is not known.
    pub rules: bool,
}

impl Gaps {
    /// Whether a step, phase or rollback whose id stands there may have a key that could not be read.
    pub fn may_have(&self, id: &Bytes, key: &str) -> bool {
        self.partly.get(&id.start).is_some_and(|keys| keys.iter().any(|k| k == key || k.is_empty()))
    }

    /// Whether a way back may be there of which nothing is known.
    pub fn may_undo(&self) -> bool {
        self.lost || self.rollbacks || !self.partly.is_empty()
    }
}

impl Places {
    /// Notes a step and its commands.
    pub fn step(&mut self, id: &StepId, step: &StepTable) {
        self.steps.insert(id.clone(), step.id.span());
        let own = |estimate: &Option<Time>| estimate.as_ref().map(|at| (id.clone(), at.span()));
        self.estimates.extend(own(&step.estimate));
        self.undo_estimates.extend(step.undo.as_ref().and_then(|undo| own(&undo.estimate)));
        self.outputs.extend(step.output.iter().map(|name| (id.clone(), name.span())));
        self.answered.extend(step.run.iter().filter(|_| step.input).map(|run| run.span().start));
        for command in step.run.iter().chain(step.undo.as_ref().map(|undo| &undo.run)) {
            self.commands.entry(command.span().start).or_insert_with(|| command.clone());
        }
    }
}

/// Where a part of a text's content stands in the file, or the whole text with its quotes: where no part is meant, and
/// where the text is not what the file has, as when a variable was filled in. Of what is missing at its end it is that place.
pub fn inside(file: &str, text: &Text, part: Option<&Bytes>) -> Bytes {
    let found = part.and_then(|part| {
        let bytes = content(file, text)?;
        if part.start == bytes.len() {
            return bytes.last().map(|last| last.end..last.end);
        }
        let start = bytes.get(part.start)?.start;
        Some(start..bytes.get(part.start..part.end)?.last().map_or(start, |last| last.end))
    });
    found.unwrap_or_else(|| text.span())
}

/// For each byte of a text's content the bytes of the file that stand for it: more than one where it is escaped.
fn content(file: &str, text: &Text) -> Option<Vec<Bytes>> {
    let whole = text.span();
    let quoted = file.get(whole.clone())?;
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| quoted.starts_with(q))?;
    let inner = quoted.get(quotes.len()..quoted.len().checked_sub(quotes.len())?)?;
    // A line break right behind three quotes is no content.
    let first = match inner.as_bytes() {
        [b'\r', b'\n', ..] if quotes.len() == 3 => 2,
        [b'\n', ..] if quotes.len() == 3 => 1,
        _ => 0,
    };
    let (mut read, mut bytes) = (String::new(), Vec::new());
    let mut at = first;
    while let Some(c) = inner.get(at..)?.chars().next() {
        let (meant, length) = match c {
            '\\' if quotes.starts_with('"') => escaped(&inner[at..])?,
            // As the parser reads it.
            '\r' if inner[at..].starts_with("\r\n") && !text.get_ref().contains('\r') => (Some('\n'), 2),
            c => (Some(c), c.len_utf8()),
        };
        let begin = whole.start + quotes.len() + at;
        at += length;
        if let Some(meant) = meant {
            read.push(meant);
            bytes.resize(read.len(), begin..begin + length);
        }
    }
    (read == *text.get_ref()).then_some(bytes)
}

/// What an escape stands for, and its length; nothing for a line break that is taken away.
fn escaped(text: &str) -> Option<(Option<char>, usize)> {
    let letter = text.chars().nth(1)?;
    let code = |digits: usize| {
        let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), 2 + digits))
    };
    let meant = match letter {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '"' | '\\' => letter,
        'x' => return code(2),
        'u' => return code(4),
        'U' => return code(8),
        _ => {
            let rest = text[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((None, text.len() - rest.len())).filter(|(_, length)| *length > 1);
        }
    };
    Some((Some(meant), 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the file has for each part of the text under `x` that reads so.
    fn found(file: &str, part: &str) -> String {
        let table: BTreeMap<String, Text> = toml::from_str(file).unwrap();
        let at = table["x"].get_ref().find(part).unwrap();
        file[inside(file, &table["x"], Some(&(at..at + part.len())))].to_owned()
    }

    #[test]
    fn a_part_is_found_however_the_text_is_quoted() {
        for (file, part, there) in [
            ("x = 'ab c'", "c", "c"),
            ("x = \"a \\\"b\\\" c\"", "\"b\"", "\\\"b\\\""),
            ("x = \"\\u00e9 \\té\\n c\"", "c", "c"),
            ("x = \"\\u00e9\"", "é", "\\u00e9"),
            ("x = '''\nab\nc'''", "c", "c"),
            ("x = '''\r\nab\r\nc'''", "c", "c"),
            ("x = \"\"\"\nab \\\n   c\"\"\"", "c", "c"),
            ("x = '''ab''c'''", "c", "c"),
            ("x = '''\n\n  ab # c'''", "# c", "# c"),
        ] {
            assert_eq!(found(file, part), there, "{file}");
        }
    }

    #[test]
    fn where_a_variable_was_filled_in_the_whole_is_meant() {
        let filled = Text::new(4..10, "hosts".to_owned());
        assert_eq!(inside("x = '${h}'", &filled, Some(&(0..1))), 4..10);
    }

    proptest! {
        #[test]
        fn any_text_is_found_whole(text in "[ab\"'\\\\ \\n\\té]{0,20}") {
            let file = toml::to_string(&BTreeMap::from([("x", &text)])).unwrap();
            let table: BTreeMap<String, Text> = toml::from_str(&file).unwrap();
            prop_assert_eq!(table["x"].get_ref(), &text);
            prop_assert!(content(&file, &table["x"]).is_some_and(|bytes| bytes.len() == text.len()), "{}", file);
        }
    }
}
