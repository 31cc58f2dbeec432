//! Reading conditions from text; [`super::condition`] has the grammar and prints them back.

use super::condition::Condition;
use super::ids::ProbeId;

/// Why a text is no condition, with the bytes of it that are wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Syntax {
    /// What is wrong and what would be right, a lower-case fragment.
    pub why: String,
    /// The offending part, as a byte range of the text.
    pub at: std::ops::Range<usize>,
}

/// Reads a condition. `own` is the probe whose `warn` or `critical` it is: then the subject may be left out, and a bare
/// name on the left is one of its measures. Names are not checked against the plan here.
pub fn parse(_text: &str, _own: Option<&ProbeId>) -> Result<Condition, Syntax> {
    unimplemented!()
}
