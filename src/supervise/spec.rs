//! What a supervisor is told, on its stdin: nothing of it is seen in the list of processes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::mask::Mask;
use crate::core::secret::{Carried, Hidden};

/// What to run, and how.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The program and its arguments, as `["bash", "-eo", "pipefail", "-c", "./deploy.sh"]`.
    pub argv: Vec<String>,
    /// Added to the environment that the engine has: variables and outputs.
    pub env: BTreeMap<String, String>,
    /// Where it runs.
    pub cwd: PathBuf,
    /// When it is ended, counted from its start by a clock that stands still in suspend; none is never.
    pub timeout: Option<Duration>,
    /// Columns of its terminal.
    pub cols: u16,
    /// Rows of its terminal.
    pub rows: u16,
    /// It gets a controlling terminal and lines by [`super::send_line`]; else prompts fail at once.
    pub input: bool,
    /// Added to it too, and masked in the output, as [`crate::core::mask`] says.
    pub secrets: Carried,
    /// What is masked in the output besides.
    pub masked: Carried,
    /// The number of the signal that asks it to end, as 15 for TERM.
    pub signal: i32,
    /// How long it may take to end before all of it is killed.
    pub grace: Duration,
    /// The most output that is kept, in bytes; what is beyond is counted.
    pub cap: u64,
}

impl Spec {
    /// What never appears in the output.
    pub(super) fn mask(&self) -> Mask {
        Mask::of(self.secrets.0.values().chain(self.masked.0.values()).map(Hidden::reveal))
    }

    /// With a terminal of 80×24, TERM and ten seconds of grace, 64 MiB of output, no timeout, no input.
    pub fn new(argv: Vec<String>, cwd: PathBuf) -> Self {
        Self {
            argv,
            env: BTreeMap::new(),
            cwd,
            timeout: None,
            cols: 80,
            rows: 24,
            input: false,
            secrets: Carried::default(),
            masked: Carried::default(),
            signal: 15,
            grace: Duration::from_secs(10),
            cap: 64 * 1024 * 1024,
        }
    }
}

impl std::fmt::Debug for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spec").field("argv", &self.argv).field("cwd", &self.cwd).finish_non_exhaustive()
    }
}
