//! Whether our own side can see anything at all. What fails while none of the plan's vantage answers says nothing of
//! production: it is our side that is cut off.
//!
//! A cut is seen by one probe before another. So a poll that failed, or learnt nothing, waits until the vantage has
//! answered after it, and counts if the vantage answered before it was asked, until it failed, and after; else it is
//! [`Outcome::CutOff`]. What follows it waits behind it. A value that arrived is proof enough of the way there, and waits for
//! nothing.

use std::collections::{BTreeMap, VecDeque};

use crate::core::ids::{Measure, ProbeId};
use crate::core::outline::{Outline, ProbeOutline};
use crate::core::reading::{Outcome, Poll};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

/// At most so many polls of a probe wait; of older ones it is not known whether they count.
const HELD: usize = 64;

/// At most so many answers of a vantage are remembered.
const ASKED: usize = 256;

/// The plan's vantage, what it answered lately, and the polls that wait for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Vantage {
    probes: Vec<One>,
    held: BTreeMap<ProbeId, VecDeque<Poll>>,
}

#[derive(Clone, Debug)]
struct One {
    outline: ProbeOutline,
    /// When it was asked, and whether it answered; oldest first.
    asked: VecDeque<(Timestamp, bool)>,
}

impl One {
    /// So long after it was asked nobody knows any more.
    fn gap(&self) -> Span {
        self.outline.every.times(3)
    }

    /// Whether it answered when it was asked last before or at a moment; none where it was not asked lately.
    fn before(&self, at: Timestamp) -> Option<bool> {
        let newest = self.asked.iter().rev().find(|(then, _)| *then <= at)?;
        (at.since(newest.0) <= self.gap()).then_some(newest.1)
    }

    /// Whether it answered whenever it was asked from a moment on up to another, beginning with the answer that stood at
    /// the first; none where it was not asked.
    fn during(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        let since = self.asked.iter().filter(|(then, _)| (from < *then) && *then <= to).map(|(_, answered)| *answered);
        self.before(from).into_iter().chain(since).reduce(|all, answered| all && answered)
    }

    /// Whether it answered when it was asked next; none where it was not yet.
    fn after(&self, at: Timestamp) -> Option<bool> {
        self.asked.iter().find(|(then, _)| *then >= at).map(|(_, answered)| *answered)
    }
}

impl Vantage {
    /// Takes in a changed plan; what was answered is kept.
    pub fn adopt(&mut self, outline: &Outline) {
        let mut old = std::mem::take(&mut self.probes);
        let of = |id: &ProbeId| outline.probes.iter().find(|p| p.id == *id).cloned();
        self.probes =
            outline.vantage.iter().filter_map(of).map(|outline| One { outline, asked: VecDeque::new() }).collect();
        for one in &mut self.probes {
            if let Some(at) = old.iter().position(|o| o.outline.id == one.outline.id) {
                one.asked = old.swap_remove(at).asked;
            }
        }
    }

    /// The polls that a poll lets count, in the order in which they do; beside each, why what failed in it says nothing.
    pub fn take(&mut self, poll: &Poll) -> Vec<(Poll, Option<String>)> {
        if let Some(one) = self.probes.iter_mut().find(|one| one.outline.id == poll.probe) {
            one.asked.push_back((poll.at, answers(&one.outline, poll)));
            if one.asked.len() > ASKED {
                one.asked.pop_front();
            }
            return std::iter::once((poll.clone(), None)).chain(self.release()).collect();
        }
        let waits = !self.probes.is_empty() && (self.held.contains_key(&poll.probe) || fails(poll));
        if !waits {
            return vec![(poll.clone(), None)];
        }
        self.held.entry(poll.probe.clone()).or_default().push_back(poll.clone());
        self.release()
    }

    /// What need not wait any more.
    fn release(&mut self) -> Vec<(Poll, Option<String>)> {
        let mut free = Vec::new();
        for (id, mut polls) in std::mem::take(&mut self.held) {
            while let Some(poll) = polls.pop_front() {
                let seen = if fails(&poll) { self.seen(&poll) } else { Some(true) };
                match seen {
                    Some(true) => free.push((poll, None)),
                    Some(false) => free.push((poll, Some(self.words()))),
                    None if polls.len() >= HELD => free.push((poll, Some(self.words()))),
                    None => {
                        polls.push_front(poll);
                        break;
                    }
                }
            }
            if !polls.is_empty() {
                self.held.insert(id, polls);
            }
        }
        free
    }

    /// Whether our side saw anything while a poll was under way, which may have waited long: any of the vantage answered
    /// before, meanwhile and after; none while that is open.
    fn seen(&self, poll: &Poll) -> Option<bool> {
        let (asked, at) = (poll.at - Span(i64::from(poll.took_ms)), poll.at);
        let before: Vec<bool> = self.probes.iter().filter_map(|one| one.during(asked, at)).collect();
        if self.probes.is_empty() {
            return Some(true);
        }
        if !before.is_empty() && !before.contains(&true) {
            return Some(false);
        }
        let after: Vec<Option<bool>> = self.probes.iter().map(|one| one.after(at)).collect();
        match after.contains(&Some(true)) {
            true => Some(true),
            false => (!after.contains(&None)).then_some(false),
        }
    }

    fn words(&self) -> String {
        // One that the plan gives no name is what it asks.
        let name = |p: &'_ ProbeOutline| if p.id.as_str() == "vantage" { p.target.clone() } else { p.id.to_string() };
        let names: Vec<String> = self.probes.iter().map(|one| name(&one.outline)).collect();
        let does = if names.len() == 1 { "does" } else { "do" };
        format!("our own side is cut off: vantage {} {does} not answer", names.join(", "))
    }

    /// Why nothing that is measured now says anything; none where any of the vantage answers, or was not asked lately.
    pub fn cut_off(&self, now: Timestamp) -> Option<String> {
        let none = !self.probes.is_empty() && self.probes.iter().all(|one| one.before(now) == Some(false));
        none.then(|| self.words())
    }

    /// Whether a probe is of the vantage, and none of it answers.
    pub fn cut_off_by(&self, probe: &ProbeId, now: Timestamp) -> bool {
        self.probes.iter().any(|one| one.outline.id == *probe) && self.cut_off(now).is_some()
    }

    /// Whether any of the vantage answers, or the plan has none.
    pub fn reached(&self, now: Timestamp) -> bool {
        self.probes.is_empty() || self.probes.iter().any(|one| one.before(now) == Some(true))
    }
}

/// Whether a vantage answered: any measure of state is up.
fn answers(outline: &ProbeOutline, poll: &Poll) -> bool {
    let state = |measure: &Measure| outline.measure(Some(measure)).is_some_and(|m| m.unit == Unit::State);
    poll.points.iter().flatten().any(|p| state(&p.measure) && matches!(p.outcome, Outcome::Value(_)))
}

/// Whether a poll failed or learnt nothing, in any part.
fn fails(poll: &Poll) -> bool {
    poll.points.as_ref().map_or(true, |points| points.iter().any(|p| says_nothing(&p.outcome)))
}

/// What says nothing where our own side is cut off.
pub(super) fn says_nothing(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failing(_) | Outcome::NoData(_))
}
