//! The plan file: TOML to what a launch needs. All problems are found at once; a wrong plan never becomes a launch.

pub mod commands;

use std::collections::BTreeMap;
use std::path::Path;

use crate::core::ids::ProbeId;
use crate::core::outline::Outline;
use crate::probes::Spec;

/// What was chosen on the command line for this launch of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Choices {
    /// `--env`: which overlay.
    #[serde(default)]
    pub environment: Option<String>,
    /// `--var NAME=VALUE`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
}

/// A plan without errors.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the launch carries.
    pub outline: Outline,
    /// What each probe asks; secrets in it are references still.
    pub probes: BTreeMap<ProbeId, Spec>,
    /// SHA-256 of the text, hexadecimal.
    pub hash: String,
}

/// Why a plan can't be launched: every problem at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct Wrong {
    /// One text each, as `plan.toml:12:3: there is no key `evry`; did you mean `every`?`; may have several lines.
    pub problems: Vec<String>,
}

/// Reads a plan's text. Not UTF-8, too large, a directory and unreadable are one clear message each.
pub fn read(_path: &Path) -> Result<String, Wrong> {
    unimplemented!()
}

/// Makes a plan of its text. `name` stands in messages for the file. Warnings are left to `tminus check`.
pub fn load(_text: &str, _name: &str, _choices: &Choices) -> Result<Plan, Wrong> {
    unimplemented!()
}
