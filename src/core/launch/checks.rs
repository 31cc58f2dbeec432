//! How the checks of `[[watch]]` stand: which is due, which is overdue, and which comes next.
//!
//! One check of a watch is open at a time. It is due at its time, overdue once its grace is over (in which time without an
//! engine does not count), and missed when the next one is due. What came due while no engine ran is missed, but for the
//! newest, which is open from then on: nothing catches up. What is due moves with T-0; what T-0 was moved past never was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::due::appointment;
use super::{LaunchState, Status, Tick};
use crate::core::ids::WatchId;
use crate::core::order::{Operator, What};
use crate::core::outline::Outline;
use crate::core::reading::Level;
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::watch::{CheckAct, CheckFact, WatchOutline};
use crate::core::words::{clock, left};

/// A watch in the course of the launch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchState {
    /// Checks before this moment don't count: the launch was not open yet, the plan had others, or T-0 was moved past.
    pub since: Timestamp,
    /// How many came due, those missed among them.
    pub count: u32,
    /// The time of the newest that did.
    pub last: Option<Timestamp>,
    /// The one that waits for somebody.
    pub open: Option<Check>,
    /// How the newest that is over came to its end.
    pub end: Option<CheckEnd>,
    /// How many were done.
    pub done: u32,
    /// How many nobody did.
    pub missed: u32,
    /// How many were left out.
    pub skipped: u32,
}

/// A check that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Counted from 1.
    pub number: u32,
    /// Its time.
    pub due: Timestamp,
    /// How long after that it is overdue.
    pub grace: Span,
    /// The boxes that are ticked, counted from 0.
    pub ticks: BTreeMap<usize, Tick>,
}

/// How a check came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckEnd {
    /// The check, counted from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who; nobody where it was missed.
    pub by: Option<Operator>,
    /// How.
    pub how: CheckResult,
    /// What they said; may be empty.
    pub text: String,
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// All was well.
    Well,
    /// Something was found.
    Found,
    /// It was left out.
    Skipped,
    /// Nobody did it.
    Missed,
}

impl CheckResult {
    /// In a word or two: `done`, `found`, `left out`, `missed`.
    pub fn word(self) -> &'static str {
        match self {
            CheckResult::Well => "done",
            CheckResult::Found => "found",
            CheckResult::Skipped => "left out",
            CheckResult::Missed => "missed",
        }
    }
}

/// A check that is due, beside what the plan says of it.
#[derive(Clone, Copy, Debug)]
pub struct OpenCheck<'a> {
    /// The plan's words.
    pub watch: &'a WatchOutline,
    /// The check.
    pub check: &'a Check,
    /// From when on it is overdue.
    pub overdue: Timestamp,
}

impl OpenCheck<'_> {
    /// Whether its grace is over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.overdue <= now
    }

    /// Warn once it is overdue.
    pub fn level(&self, now: Timestamp) -> Level {
        if self.is_overdue(now) { Level::Warn } else { Level::Ok }
    }

    /// `due since 4:10`, `overdue 0:12`.
    pub fn words(&self, now: Timestamp) -> String {
        match self.is_overdue(now) {
            true => format!("overdue {}", clock(now.since(self.overdue))),
            false => format!("due since {}", clock(now.since(self.check.due))),
        }
    }

    /// The first item that nobody ticked.
    pub fn first_open(&self) -> Option<usize> {
        (0..self.watch.items.len()).find(|item| !self.check.ticks.contains_key(item))
    }

    /// The items that nobody ticked.
    pub fn open_items(&self) -> Vec<usize> {
        (0..self.watch.items.len()).filter(|item| !self.check.ticks.contains_key(item)).collect()
    }

    /// The order that brings it on: its first open box, or that all is well.
    pub fn order(&self) -> What {
        self.act(match self.first_open() {
            Some(item) => CheckAct::Tick { item, on: true },
            None => CheckAct::Done { why: None },
        })
    }

    /// An order about it.
    pub fn act(&self, act: CheckAct) -> What {
        What::Check { watch: self.watch.id.clone(), check: self.check.number, act }
    }
}

/// All checks that are due, also overdue, the one that is or will be overdue first at the top; none once the launch is
/// over.
pub fn open_checks(state: &LaunchState) -> Vec<OpenCheck<'_>> {
    if matches!(state.status, Status::Ended { .. }) {
        return Vec::new();
    }
    let mut all: Vec<_> = state.outline.watches.iter().filter_map(|watch| open_check(state, &watch.id)).collect();
    all.sort_by_key(|open| open.overdue);
    all
}

/// The check of a watch that is due, if one is.
pub fn open_check<'a>(state: &'a LaunchState, id: &WatchId) -> Option<OpenCheck<'a>> {
    let watch = state.outline.watch(id)?;
    let check = state.watches.get(id)?.open.as_ref()?;
    Some(OpenCheck { watch, check, overdue: appointment(state, check.due, check.grace) })
}

/// When the next check of a watch comes due, after the one that is open; none where there is no more, or the launch is
/// over.
pub fn next_check(state: &LaunchState, watch: &WatchOutline, now: Timestamp) -> Option<Timestamp> {
    if matches!(state.status, Status::Ended { .. }) {
        return None;
    }
    let from = after(state.watches.get(&watch.id)?).max(now);
    Some(state.t0 + watch.after(from.since(state.t0))?.0)
}

/// Which check comes first of all that are not due yet, and when.
pub fn coming_check(state: &LaunchState, now: Timestamp) -> Option<(&WatchOutline, Timestamp)> {
    let all = state.outline.watches.iter().filter_map(|watch| Some((watch, next_check(state, watch, now)?)));
    all.min_by_key(|(_, at)| *at)
}

/// When a check is on the plan's clock: `T+2h`.
pub fn check_offset(state: &LaunchState, at: Timestamp) -> Offset {
    Offset(at.since(state.t0).seconds())
}

/// `in 4:10`.
pub fn check_in(at: Timestamp, now: Timestamp) -> String {
    format!("in {}", left(at.since(now)))
}

/// Checks after this moment may still come due.
pub(super) fn after(own: &WatchState) -> Timestamp {
    let since = own.since - Span(1);
    own.last.map_or(since, |last| last.max(since))
}

/// The next moment at which a look could find something here.
pub(super) fn deadlines(state: &LaunchState, now: Timestamp) -> Vec<Timestamp> {
    let overdue = open_checks(state).into_iter().map(|open| open.overdue);
    overdue.chain(state.outline.watches.iter().filter_map(|watch| next_check(state, watch, now))).collect()
}

impl LaunchState {
    /// A plan was taken in: a watch with other times begins anew.
    pub(super) fn take_watches(&mut self, outline: &Outline, at: Timestamp) {
        for watch in &outline.watches {
            let same = |old: &WatchOutline| old.rounds == watch.rounds && old.at == watch.at;
            let known = self.outline.watch(&watch.id).is_some_and(same);
            let own = self.watches.entry(watch.id.clone()).or_default();
            if !known {
                own.since = at;
            }
        }
    }

    /// T-0 was moved: what would have been due until now by the new one never was.
    pub(super) fn watches_moved(&mut self, at: Timestamp) {
        self.watches.values_mut().for_each(|own| own.since = at);
    }

    pub(super) fn fold_check(&mut self, fact: &CheckFact, at: Timestamp) {
        match fact {
            CheckFact::Due { watch, check, due, grace } => {
                let own = self.watches.entry(watch.clone()).or_default();
                (own.count, own.last) = (*check, Some(*due));
                own.open = Some(Check { number: *check, due: *due, grace: *grace, ticks: BTreeMap::new() });
            }
            CheckFact::Ticked { watch, check, item, on, by, .. } => {
                let open = self.watches.get_mut(watch).and_then(|own| own.open.as_mut());
                let Some(open) = open.filter(|open| open.number == *check) else { return };
                match on {
                    true => _ = open.ticks.insert(*item, Tick { at, by: by.clone() }),
                    false => _ = open.ticks.remove(item),
                }
            }
            CheckFact::Done { watch, check, by, well, text, .. } => {
                let how = if *well { CheckResult::Well } else { CheckResult::Found };
                self.check_ends(
                    watch,
                    CheckEnd { number: *check, at, by: Some(by.clone()), how, text: text.clone() },
                    1,
                );
            }
            CheckFact::Skipped { watch, check, by, why } => {
                let (by, how) = (Some(by.clone()), CheckResult::Skipped);
                self.check_ends(watch, CheckEnd { number: *check, at, by, how, text: why.clone() }, 1);
            }
            CheckFact::Missed { watch, check, count, unattended } => {
                let text = if *unattended { "no engine ran" } else { "" }.to_owned();
                let number = check.saturating_add(count.saturating_sub(1));
                self.check_ends(watch, CheckEnd { number, at, by: None, how: CheckResult::Missed, text }, *count);
            }
            CheckFact::Unknown => {}
        }
    }

    fn check_ends(&mut self, watch: &WatchId, end: CheckEnd, count: u32) {
        let own = self.watches.entry(watch.clone()).or_default();
        let tally = match end.how {
            CheckResult::Well | CheckResult::Found => &mut own.done,
            CheckResult::Skipped => &mut own.skipped,
            CheckResult::Missed => &mut own.missed,
        };
        *tally = tally.saturating_add(count);
        if own.open.as_ref().is_some_and(|open| open.number <= end.number) {
            own.open = None;
        }
        own.end = Some(end);
    }
}
