//! The values of secrets, and what is said of one that has none.
//!
//! A value is a [`Hidden`], which prints as dots and can't be serialised. Two ways lead out of a process, both to another
//! one of ours over what nobody else reads, and both by [`Carried`]: a person's to the engine, and the engine's to the
//! process beside a run. In the environment of a command a value stands in clear.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::mask::{MASK, Mask};
use super::text::{clean, fill};

/// The value of a secret.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden(String);

impl Hidden {
    /// The value itself, to be used and never to be shown or kept.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Values by name on their way to another process of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried(pub BTreeMap<String, Hidden>);

impl Serialize for Carried {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value.reveal())))
    }
}

impl<'de> Deserialize<'de> for Carried {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(values.into_iter().map(|(name, value)| (name, Hidden(value))).collect()))
    }
}

/// The values of secrets, known to the engine alone.
#[derive(Clone)]
pub struct Secrets {
    values: BTreeMap<String, Hidden>,
    besides: Vec<Hidden>,
    mask: Arc<Mask>,
}

impl Secrets {
    /// From names and values.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self::with(values.into_iter().map(|(name, value)| (name, Hidden(value))).collect(), Vec::new())
    }

    /// From names and values, and with values that are not used and yet never shown.
    pub fn with(values: BTreeMap<String, Hidden>, besides: Vec<Hidden>) -> Self {
        let mask = Mask::of(values.values().chain(&besides).map(Hidden::reveal));
        Self { values, besides, mask: Arc::new(mask) }
    }

    /// The value of a secret, if it is known.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(Hidden::reveal)
    }

    /// Names and values, for the environment of a command.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.reveal()))
    }

    /// The same for the process beside a run.
    pub fn used(&self) -> Carried {
        Carried(self.values.clone())
    }

    /// The values that it masks without using them, under numbers.
    pub fn besides(&self) -> Carried {
        Carried(self.besides.iter().enumerate().map(|(at, value)| (at.to_string(), value.clone())).collect())
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
        self.mask.text(text)
    }

    /// Words from outside, safe for a line of a screen and without secrets, also where what is taken out of them stood
    /// within one.
    pub fn shown(&self, text: &str) -> String {
        self.mask(&clean(&self.mask(text)))
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::with(BTreeMap::new(), Vec::new())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// A secret of the plan without a usable value where the engine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingSecret {
    /// Its name in the plan.
    pub name: String,
    /// Why: `PRIMARY_URL is not set`.
    pub why: String,
    /// The way out, an imperative: ``give it with `tminus do env primary` ``.
    pub out: String,
}

impl fmt::Display for MissingSecret {
    /// ``primary: PRIMARY_URL is not set; give it with `tminus do env primary` ``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.name, self.why, self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secrets = Secrets::new([("token".to_owned(), "hunter22".to_owned())].into());
        assert_eq!(format!("{secrets:?}"), "{\"token\"}");
        assert_eq!(format!("{:?}", secrets.used()), format!("Carried({{\"token\": {MASK}}})"));
        assert_eq!(secrets.mask("GET /?key=hunter22 failed"), "GET /?key=•••••• failed");
        assert_eq!(secrets.shown("key=hunt\u{1b}er22\n"), "key=•••••• ");
        assert_eq!(secrets.fill("Bearer ${secret.token}").unwrap(), "Bearer hunter22");
        assert!(secrets.fill("${secret.other}").unwrap_err().contains("`other`"));
    }

    #[test]
    fn what_is_not_used_is_masked_too() {
        let secrets = Secrets::with(BTreeMap::new(), vec![Hidden("hunter22".to_owned())]);
        assert_eq!((secrets.mask("hunter22"), secrets.get("0")), (MASK.to_owned(), None));
    }
}
