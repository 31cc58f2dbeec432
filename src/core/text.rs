//! Texts that come from elsewhere: `${name}` templates, secrets, and words that production sends to our screen.

use std::collections::BTreeMap;
use std::fmt;

/// One text or a list of them, where a schema says what may be written.
#[derive(Clone, Debug, schemars::JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// The values of secrets, known to the engine alone. It can't be serialised, and printing it shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// From names and values.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The value of a secret, if it is known.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values, for the environment of a command and for masking its output.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The text with each `${secret.NAME}` replaced. An error names the first secret that is not known.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        fill(text, |name| {
            match name.strip_prefix("secret.") {
            Some(secret) => self.get(secret).map(str::to_owned).ok_or_else(|| {
                format!("the secret `{secret}` has no value here: set what [secrets] refers to, or send it with `tminus do env`")
            }),
            None => Err(format!("`${{{name}}}` is no secret; variables were replaced when the plan was read")),
        }
        })
    }

    /// The text with every secret's value replaced by dots, for messages that may carry one (a URL in an error).
    pub fn mask(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in self.0.values().filter(|v| v.len() >= 4) {
            if out.contains(value.as_str()) {
                out = out.replace(value.as_str(), "••••••");
            }
        }
        out
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
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

/// Words from outside, safe for a line of a screen: no control characters, no escape sequences, no direction overrides.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\t' || c == '\n' { ' ' } else { c })
        .filter(|c| !c.is_control() && !matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .collect()
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
    fn a_secret_is_never_printed() {
        let secrets = Secrets::new([("token".to_owned(), "hunter22".to_owned())].into());
        assert_eq!(format!("{secrets:?}"), "{\"token\"}");
        assert_eq!(secrets.mask("GET /?key=hunter22 failed"), "GET /?key=•••••• failed");
        assert_eq!(secrets.fill("Bearer ${secret.token}").unwrap(), "Bearer hunter22");
        assert!(secrets.fill("${secret.other}").unwrap_err().contains("`other`"));
    }

    #[test]
    fn words_from_outside_can_not_move_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a[2Jb cd");
    }
}
