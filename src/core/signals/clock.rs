//! The fold: from readings since an anchor to how long a condition has held.
//!
//! From one true reading to the next, if no more than three intervals lie between, the time counts, but for what no engine
//! observed of it. A longer gap and no data add nothing and take nothing (or by the rule: start over, or count as true); one false reading starts over. The
//! scan goes from the newest reading back and ends where the answer is known.

use super::Series;
use super::row::{Row, Truth};
use crate::core::condition::{NoDataRule, Polls};
use crate::core::time::{Span, Timestamp};

/// What the fold goes by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rule {
    /// Readings before this moment don't count.
    pub from: Timestamp,
    /// How long it must hold.
    pub needs: Option<Span>,
    /// How many of the last polls must agree.
    pub polls: Option<Polls>,
    /// What no data does.
    pub no_data: NoDataRule,
    /// It is the opposite that must hold.
    pub not: bool,
}

/// What the fold comes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// The newest reading since the anchor, by its index; none where there is none.
    pub newest: Option<usize>,
    /// Whether that is no more than three intervals old.
    pub fresh: bool,
    /// How it stands at the newest reading, `k of n` included; no data where that is stale.
    pub agreed: Truth,
    /// How many of the last polls agreed.
    pub yes: u8,
    /// How long it has held, in observed time, up to what is needed.
    pub lasted: Span,
    /// The first reading since which it has held, while it has not held for long enough.
    pub since: Option<Timestamp>,
    /// When it would be full if every next reading agreed.
    pub full_at: Option<Timestamp>,
    /// How long it must hold.
    pub needs: Option<Span>,
}

impl Clock {
    /// How many of the last polls agreed, said behind what they found: `, 2 of the last 3 polls`.
    pub fn of_polls(&self, polls: Polls) -> String {
        format!(", {} of the last {} polls", self.yes, polls.of)
    }

    /// Whether it has held for as long as it must.
    pub fn verdict(&self) -> Truth {
        match self.agreed {
            Truth::True if self.needs.is_some_and(|needs| self.lasted < needs) => Truth::False,
            agreed => agreed,
        }
    }
}

/// Folds the readings of a row from the anchor to a moment.
pub(super) fn fold(row: &Row, rule: Rule, now: Timestamp) -> Clock {
    let mut clock = Clock {
        newest: None,
        fresh: false,
        agreed: Truth::NoData,
        yes: 0,
        lasted: Span::ZERO,
        since: None,
        full_at: None,
        needs: rule.needs,
    };
    let Some(series) = row.series else { return clock };
    let begin = series.partition_point(|(at, _)| *at < rule.from);
    let end = series.partition_point(|(at, _)| *at <= now);
    let mut newer: Option<Timestamp> = None;
    let mut last_true = None;
    for index in (begin..end).rev() {
        let Some((at, _)) = series.get(index) else { break };
        let (truth, yes) = agreed(row, series, rule, begin, index);
        if clock.newest.is_none() {
            clock.newest = Some(index);
            clock.fresh = now.since(*at) <= row.gap;
            clock.yes = yes;
            if clock.fresh {
                clock.agreed = truth;
            }
        }
        match (truth, rule.no_data) {
            (Truth::True, _) => {
                last_true = last_true.or(Some(*at));
                if let Some(newer) = newer.filter(|newer| newer.since(*at) <= row.gap) {
                    clock.lasted = clock.lasted + observed(row.unobserved, *at, newer);
                }
                newer = Some(*at);
                clock.since = Some(*at);
            }
            (Truth::False, _) | (Truth::NoData, NoDataRule::Reset) => break,
            // Where our own side is cut off nothing is known, whatever the plan makes of no data.
            (Truth::CutOff, _) | (Truth::NoData, NoDataRule::Freeze | NoDataRule::Breach) => newer = None,
        }
        if rule.needs.is_none_or(|needs| clock.lasted >= needs) {
            break;
        }
    }
    // The scan ends where it has held for long enough, which is not where that began.
    clock.since = clock.since.filter(|_| rule.needs.is_some_and(|needs| clock.lasted < needs));
    if let Some(needs) = rule.needs {
        clock.lasted = clock.lasted.min(needs);
        if clock.agreed == Truth::True && clock.lasted < needs {
            clock.full_at = last_true.map(|last| last + (needs - clock.lasted));
        }
    }
    clock
}

/// The time between two readings, less what nobody observed of it.
fn observed(gaps: &[(Timestamp, Timestamp)], from: Timestamp, to: Timestamp) -> Span {
    let within = gaps.iter().rev().take_while(|(_, end)| *end > from).filter(|(begin, _)| *begin < to);
    within.fold(to.since(from), |all, (begin, end)| all - (*end).min(to).since((*begin).max(from)))
}

/// `k of n` over the last readings up to one: true if enough agree, false if that is no longer possible. Without it, the
/// reading alone. Also how many agree.
fn agreed(row: &Row, series: &Series, rule: Rule, begin: usize, index: usize) -> (Truth, u8) {
    let truth = |index: usize| match series.get(index).map(|entry| row.truth(entry)) {
        None => Truth::NoData,
        Some(Truth::NoData) if rule.no_data == NoDataRule::Breach => Truth::True,
        Some(Truth::True) if rule.not => Truth::False,
        Some(Truth::False) if rule.not => Truth::True,
        Some(truth) => truth,
    };
    let Some(polls) = rule.polls else { return (truth(index), 0) };
    let (mut yes, mut no) = (0, 0);
    let mut newer: Option<Timestamp> = None;
    for index in (begin..=index).rev().take(usize::from(polls.of)) {
        let Some((at, _)) = series.get(index) else { break };
        if newer.is_some_and(|newer| newer.since(*at) > row.gap) {
            break;
        }
        newer = Some(*at);
        match truth(index) {
            Truth::True => yes += 1,
            Truth::False => no += 1,
            Truth::NoData | Truth::CutOff => {}
        }
    }
    let verdict = if yes >= polls.k {
        Truth::True
    } else if no > polls.of.saturating_sub(polls.k) {
        Truth::False
    } else {
        Truth::NoData
    };
    (verdict, yes)
}
