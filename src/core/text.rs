//! Texts that come from elsewhere: `${name}` templates, and words that production sends to our screen.

use unicode_width::UnicodeWidthChar as _;

/// One text or a list of them, where a schema says what may be written.
#[derive(Clone, Debug, schemars::JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// Replaces each `${name}` by what `value` gives for it; `$${` stands for a literal `${`.
pub fn fill(text: &str, mut value: impl FnMut(&str) -> Result<String, String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at]);
            out.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find('}').ok_or_else(|| format!("`${{{after}` has no closing brace"))?;
        out.push_str(&value(&after[..end])?);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// So many characters without a width of their own may stand on one letter: more than any script needs, and no flood.
const MARKS: usize = 4;

/// Words from outside, safe for a line of a screen: no control characters, no escape sequences, nothing that turns the
/// line round or hides in it, no flood of marks. What joins letters and emoji stays.
pub fn clean(text: &str) -> String {
    let mut shown = Shown::default();
    text.chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .filter(|c| shown.is(*c))
        .collect()
}

/// Tells what of a text a terminal shows as it stands from what it obeys, hides or piles up.
#[derive(Default)]
pub struct Shown {
    marks: usize,
}

impl Shown {
    /// Whether the next character of the text is shown.
    pub fn is(&mut self, c: char) -> bool {
        if c.is_control() || hides(c) {
            return false;
        }
        self.marks = if c.width() == Some(0) { self.marks + 1 } else { 0 };
        self.marks <= MARKS
    }
}

/// Whether a character hides, or turns what stands beside it: marks of direction, blanks without width, tags, notes
/// between lines.
pub fn hides(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a command's text speaks of a variable: `$name`, `${name}`, `${name:-…}`.
pub fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default().chars().next();
        (before.ends_with('$') || before.ends_with("${"))
            && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The line of a byte of a text, counted from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

/// The nearest of some names, if one is near; capitals do not matter.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let small = name.to_lowercase();
    let far = |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &small);
    let (far, near) = known.into_iter().map(|k| (far(k), k)).min()?;
    let length = name.chars().count();
    (far < length && far <= ((length + 1) / 3).max(1)).then_some(near)
}

/// `; did you mean `share-5`?`, or nothing where no name is near.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_and_dollars_kept() {
        let value = |name: &str| {
            if name == "site" { Ok("x.org".to_owned()) } else { Err(format!("no {name}")) }
        };
        assert_eq!(fill("https://${site}/a$b", value).unwrap(), "https://x.org/a$b");
        assert_eq!(fill("$${site} ${site}", value).unwrap(), "${site} x.org");
        assert_eq!(fill("${nope}", value), Err("no nope".to_owned()));
        assert!(fill("${site", value).is_err());
    }

    #[test]
    fn words_from_outside_can_not_move_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a[2Jb cd");
        assert_eq!(clean("a\u{9b}31m\u{2028}b\u{200b}\u{2060}\u{feff}\u{e0041}c"), "a31m bc");
        assert_eq!(
            clean("👩\u{200d}🚒 \u{6a9}\u{200c}\u{647}"),
            "👩\u{200d}🚒 \u{6a9}\u{200c}\u{647}",
            "what joins stays"
        );
        let flood: String = std::iter::once('o').chain(std::iter::repeat_n('\u{301}', 300)).collect();
        assert_eq!(clean(&flood).chars().count(), 1 + MARKS);
    }
}
