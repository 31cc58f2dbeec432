//! Whether our own side sees anything: the plan's vantage, as it stands on record.

use serde::{Deserialize, Serialize};

use crate::core::time::Timestamp;

/// Our own side, where the plan names a vantage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Since when it is cut off, and why that is known; none while it is not.
    pub cut: Option<(Timestamp, String)>,
    /// When it was back last.
    pub back: Option<Timestamp>,
}
