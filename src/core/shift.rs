//! Shifts as facts: a handover is written, accepted by the next one, or somebody takes over without it. The rules are in
//! [`super::launch`].

use serde::{Deserialize, Serialize};

use super::head::Head;
use super::order::Operator;
use super::time::Offset;

/// A part of a handover: what the next one must know, under one head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is about: `Open incidents`.
    pub head: String,
    /// A line each; empty where there is nothing of it, which is worth saying too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// What happened about shifts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// The one on shift hands over. They stay on shift until it is accepted.
    Offered {
        /// Counted from 1. One that stood before is replaced by it.
        handover: u32,
        /// The one on shift, who wrote it.
        by: Operator,
        /// Who is to accept it, by name.
        to: String,
        /// The turn that this is for; none where somebody stands in for the rest of the present one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<Offset>,
        /// What stood at that moment, as tminus knows it.
        sheet: Vec<Part>,
        /// What the writer adds; may be empty.
        text: String,
        /// The journal's head at that moment; none in journals from before this was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<Head>,
    },
    /// The next one accepted it, and is on shift.
    Accepted {
        /// Which.
        handover: u32,
        /// Who.
        by: Operator,
    },
    /// Somebody took over without a handover that was written for them: an override.
    TakenOver {
        /// Who is on shift from now on.
        by: Operator,
        /// Who was until now, by name.
        from: String,
        /// The turn that this is for; none where it is the present one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<Offset>,
        /// Why.
        why: String,
        /// What stood at that moment.
        sheet: Vec<Part>,
        /// The journal's head at that moment; none in journals from before this was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<Head>,
    },
    /// Written by a newer tminus.
    #[serde(other)]
    Unknown,
}

impl Fact {
    /// The journal's head when it was written, where it says so.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Fact::Offered { head, .. } | Fact::TakenOver { head, .. } => head.as_ref(),
            Fact::Accepted { .. } | Fact::Unknown => None,
        }
    }

    /// Writes down the journal's head, in what is to carry it.
    pub fn sign(&mut self, now: Option<Head>) {
        if let Fact::Offered { head, .. } | Fact::TakenOver { head, .. } = self {
            *head = now;
        }
    }
}
