//! For how long a condition held, and for how long it did not, within a part of the time.
//!
//! Each reading stands for the time since the one before it, where that is known too and no more than three intervals
//! older. All instances must hold at once. What nobody saw counts for neither side.

use std::collections::BTreeMap;

use super::Signals;
use super::row::Truth;
use crate::core::condition::Condition;
use crate::core::time::{Span, Timestamp};

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// For how long it held.
    pub held: Span,
    /// For how long it did not.
    pub broke: Span,
    /// The last reading that was looked at; none where there was none.
    pub until: Option<Timestamp>,
}

impl Signals {
    /// Of the readings from one moment to another, both included.
    pub fn share(&self, condition: &Condition, from: Timestamp, to: Timestamp) -> Share {
        let mut share = Share::default();
        let Some(tracked) = self.probes.get(&condition.subject.probe) else { return share };
        let instances = match &condition.subject.instance {
            Some(one) => vec![Some(one.clone())],
            None => self.instances_of(tracked, condition),
        };
        let mut all: BTreeMap<Timestamp, Truth> = BTreeMap::new();
        for instance in instances {
            let row = self.row(tracked, condition, instance.as_ref());
            let Some(series) = row.series else { continue };
            let (begin, end) =
                (series.partition_point(|(at, _)| *at < from), series.partition_point(|(at, _)| *at <= to));
            for entry in series.range(begin..end.max(begin)) {
                let truth = row.truth(entry);
                let known = all.entry(entry.0).or_insert(truth);
                *known = match (*known, truth) {
                    (Truth::False, _) | (_, Truth::False) => Truth::False,
                    (Truth::NoData | Truth::CutOff, _) | (_, Truth::NoData | Truth::CutOff) => Truth::NoData,
                    (Truth::True, Truth::True) => Truth::True,
                };
            }
        }
        let mut before: Option<(Timestamp, Truth)> = None;
        for (at, truth) in all {
            if let Some((since, known)) = before
                && matches!(known, Truth::True | Truth::False)
                && at.since(since) <= tracked.gap()
            {
                match truth {
                    Truth::True => share.held = share.held + at.since(since),
                    Truth::False => share.broke = share.broke + at.since(since),
                    Truth::NoData | Truth::CutOff => {}
                }
            }
            before = Some((at, truth));
            share.until = Some(at);
        }
        share
    }
}
