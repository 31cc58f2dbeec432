//! How a launch is rehearsed: on stand-ins or for real, and how fast. It is in the first event of the journal.

use serde::{Deserialize, Serialize};

/// The fastest that stand-ins can be.
pub const FASTEST: u32 = 1000;

/// How a rehearsal is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Commands run and messages are sent: the plan says so of its environment, which is not the live one.
    #[serde(default)]
    pub real: bool,
    /// Stand-ins, and clocks for which nothing is measured, take so many times less than the plan says; 1 to [`FASTEST`].
    #[serde(default = "one")]
    pub speed: u32,
}

fn one() -> u32 {
    1
}

impl Default for Practice {
    fn default() -> Self {
        Self { real: false, speed: one() }
    }
}
