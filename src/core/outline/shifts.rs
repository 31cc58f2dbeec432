//! Who is on shift when, as the plan says it.

use serde::{Deserialize, Serialize};

use crate::core::ids::RoleId;
use crate::core::time::{Offset, Span};

/// One role that several people fill, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftsOutline {
    /// The role.
    pub role: RoleId,
    /// How long before a turn people are reminded of it. Not negative.
    pub remind: Span,
    /// How long after its time a handover that nobody accepted is overdue. Not negative.
    pub late: Span,
    /// Who is on shift from when on, the first first; at least one.
    pub turns: Vec<Turn>,
}

/// From when on somebody is to be on shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// From when on; a slip moves it.
    pub at: Offset,
    /// Who, by name.
    pub who: String,
}
