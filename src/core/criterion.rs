//! Success over time, of `[[criterion]]`: the plan's words, and the fact that the journal keeps. How it is measured is in
//! [`super::launch`].

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::time::{Span, Timestamp};
use super::units::Finite;

/// What must hold over a length of time, from T-0 on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionOutline {
    /// Its id; the condition where the plan gives none.
    pub id: String,
    /// What people call it; the condition where the plan has none.
    pub title: String,
    /// What must hold, of all instances.
    pub when: Condition,
    /// For how long from T-0; positive.
    pub over: Span,
    /// Which share of the time it must hold, as 0.999; more than 0 and less than 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Finite>,
}

impl CriterionOutline {
    /// The error budget: for how long it may not hold.
    pub fn allowed(&self) -> Option<Span> {
        let target = self.target?.get();
        Some(Span((self.over.millis() as f64 * (1.0 - target)).round() as i64))
    }
}

/// For how long a criterion was observed in a part of the time, and what was seen. The rest of that part nobody saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The criterion.
    pub criterion: String,
    /// The last reading that counts; the next part begins there.
    pub until: Timestamp,
    /// For how long it held.
    pub held: Span,
    /// For how long it did not.
    pub broke: Span,
}
