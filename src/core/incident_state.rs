//! How far people are with an incident. Journalled for ever, like the events.

use serde::{Deserialize, Serialize};

/// How far people are with an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentState {
    /// Nobody knows yet what it is.
    #[default]
    Investigating,
    /// Something is being done against it.
    Mitigating,
    /// People are no longer hurt by it; its cause is not gone, and updates go on.
    Mitigated,
    /// It is over.
    Resolved,
}

impl IncidentState {
    /// `investigating`, `mitigating`, `mitigated`, `resolved`.
    pub fn word(self) -> &'static str {
        match self {
            IncidentState::Investigating => "investigating",
            IncidentState::Mitigating => "mitigating",
            IncidentState::Mitigated => "mitigated",
            IncidentState::Resolved => "resolved",
        }
    }
}
