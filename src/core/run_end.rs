//! How a run ended: what its supervisor wrote down, or that nobody knows.

use serde::{Deserialize, Serialize};

use super::time::Span;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// It exited by itself.
    Exited {
        /// The exit status.
        code: i32,
        /// How long it took.
        took: Span,
    },
    /// A signal ended it.
    Signalled {
        /// The signal's number.
        signal: i32,
        /// How long it took.
        took: Span,
        /// Whether we sent it: a person stopped it.
        stopped: bool,
    },
    /// It was ended because its `timeout` was over.
    TimedOut {
        /// How long it took.
        took: Span,
    },
    /// A stand-in took its place in a rehearsal: nothing ran.
    StoodIn {
        /// How long it took.
        took: Span,
    },
    /// It never started, and why.
    NotStarted {
        /// Why.
        why: String,
    },
    /// Its end was not observed: neither its supervisor nor a record of its end was found.
    Interrupted,
}

impl RunEnd {
    /// Whether it exited with 0, or a stand-in took its place.
    pub fn succeeded(&self) -> bool {
        matches!(self, RunEnd::Exited { code: 0, .. } | RunEnd::StoodIn { .. })
    }

    /// As the end of a sentence: `exited with 1 after 9s`.
    pub fn words(&self) -> String {
        match self {
            RunEnd::Exited { code, took } => format!("exited with {code} after {}", took.seconds()),
            RunEnd::Signalled { took, stopped: true, .. } => format!("was stopped after {}", took.seconds()),
            RunEnd::Signalled { signal, took, .. } => {
                format!("was ended by signal {signal} after {}", took.seconds())
            }
            RunEnd::TimedOut { took } => format!("ran longer than its timeout and was ended after {}", took.seconds()),
            RunEnd::StoodIn { took } => format!("was stood in for, for {}: nothing ran", took.seconds()),
            RunEnd::NotStarted { why } => format!("could not be started: {why}"),
            RunEnd::Interrupted => "was interrupted: its end was not observed".to_owned(),
        }
    }
}
