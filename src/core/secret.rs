//! What is said of a secret that has no value, from the engine that looked to the screen. A value is never here.

use serde::{Deserialize, Serialize};

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

impl std::fmt::Display for MissingSecret {
    /// ``primary: PRIMARY_URL is not set; give it with `tminus do env primary` ``
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.name, self.why, self.out)
    }
}
