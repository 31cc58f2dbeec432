//! Success over time: which share of the observed time a `[[criterion]]` held, from T-0 on, and how much of its error
//! budget is used.
//!
//! What was seen is put on record every quarter of an hour, every minute's break within five, so that it outlives the
//! readings, and at once where by it half of the error budget is used, or all. How it stands is what is on record and what
//! was seen since ([`so_far`]), up to the last reading; the engine sends that along with the signals. What nobody saw is
//! neither good nor bad. When T-0 moves, it begins anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LaunchState, Status};
use crate::core::criterion::{CriterionOutline, Measured};
use crate::core::event::Event;
use crate::core::outline::Outline;
use crate::core::reading::Level;
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Finite;
use crate::core::view::Readout;
use crate::core::words::short;

/// What holds is put on record this often.
const STEP: Span = Span::mins(15);

/// What does not hold, this often.
const BROKEN: Span = Span::mins(5);

/// From this part of the error budget on people are warned.
const WARNS: f64 = 0.5;

/// What is on record of a criterion, or what was seen of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionState {
    /// For how long it held.
    pub held: Span,
    /// For how long it did not.
    pub broke: Span,
    /// The last reading that counts.
    pub until: Timestamp,
    /// Since when half of its error budget is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_used: Option<Timestamp>,
    /// Since when its error budget is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_up: Option<Timestamp>,
}

impl CriterionState {
    fn add(&mut self, part: &Measured) {
        self.held = self.held + part.held;
        self.broke = self.broke + part.broke;
        self.until = part.until;
    }
}

/// How a criterion stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriterionView {
    /// What people call it.
    pub title: String,
    /// What must hold.
    pub when: String,
    /// For how long from T-0.
    pub over: Span,
    /// For how long it was observed.
    pub observed: Span,
    /// For how long of that it did not hold.
    pub broke: Span,
    /// Which share of the observed time it held, 0 to 1; none where nobody observed it.
    pub share: Option<Finite>,
    /// Which share it must hold.
    pub target: Option<Finite>,
    /// The error budget.
    pub budget: Option<Span>,
    /// Which part of the budget is used; 1 and more is all of it.
    pub used: Option<Finite>,
    /// The last reading that counts.
    pub until: Option<Timestamp>,
    /// Since when its error budget is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_up: Option<Timestamp>,
    /// Its time is over.
    pub over_now: bool,
}

impl CriterionView {
    /// Critical once its budget is used up, warn from half of it on; unknown where nobody observed it.
    pub fn level(&self) -> Level {
        match (self.share, self.used.map(Finite::get)) {
            (None, _) => Level::Unknown,
            (_, Some(used)) if used >= 1.0 => Level::Critical,
            (_, Some(used)) if used >= WARNS => Level::Warn,
            _ => Level::Ok,
        }
    }

    /// `held 99.95 % of 5h 12m seen`, `not seen yet`.
    pub fn held(&self) -> String {
        match self.share {
            Some(share) => format!("held {} of {} seen", percent(share.get()), short(self.observed)),
            None => "not seen yet".to_owned(),
        }
    }

    /// `43s of 1m26s budget used, 50 %`; none where the plan gives it no target.
    pub fn spent(&self) -> Option<String> {
        let word = if self.used?.get() >= 1.0 { "budget USED UP" } else { "budget used" };
        self.figures(&format!(" {word}"))
    }

    /// `1m27s of 1m26s, 101 %`, with a word before the comma; none where the plan gives it no target.
    pub(super) fn figures(&self, word: &str) -> Option<String> {
        let (budget, used) = (self.budget?, self.used?.get());
        Some(format!("{} of {}{word}, {:.0} %", self.broke.seconds(), budget.seconds(), used * 100.0))
    }

    /// `as of 05:48`, where something was seen: the last reading that counts.
    pub fn as_of(&self, wall: &dyn Fn(Timestamp) -> String) -> Option<String> {
        self.until.map(|until| format!("as of {}", wall(until)))
    }

    /// All of it in a line:
    /// `errors < 1% over 24h: held 99.95 % of 5h 12m seen; 43s of 1m26s budget used, 50 %; as of 05:48`.
    pub fn line(&self, wall: &dyn Fn(Timestamp) -> String) -> String {
        let spent = self.spent().map_or_else(String::new, |spent| format!("; {spent}"));
        let title = if self.title == self.when { self.when.clone() } else { format!("{} ({})", self.title, self.when) };
        let as_of = self.as_of(wall).map_or_else(String::new, |said| format!("; {said}"));
        format!("{title} over {}: {}{spent}{as_of}", short(self.over), self.held())
    }
}

/// A share that is not all is never rounded to 100 %.
fn percent(share: f64) -> String {
    let part = (share * 1e5).floor() / 1e3;
    if share >= 1.0 { "100 %".to_owned() } else { format!("{part} %") }
}

/// How all criteria stand, in the plan's order: by what is on record and, where the readout knows more, up to its last
/// reading.
pub fn criteria(state: &LaunchState, readout: &Readout, now: Timestamp) -> Vec<CriterionView> {
    state.outline.criteria.iter().map(|of| view(state, readout.criteria.get(&of.id), of, now)).collect()
}

fn view(state: &LaunchState, seen: Option<&CriterionState>, of: &CriterionOutline, now: Timestamp) -> CriterionView {
    let known = state.criteria.get(&of.id);
    let newer = seen.filter(|seen| known.is_none_or(|known| known.until < seen.until));
    let own = newer.or(known).cloned().unwrap_or_default();
    let observed = own.held + own.broke;
    let seen = observed > Span::ZERO;
    let part = |a: Span, b: Span| Finite::new(a.millis() as f64 / b.millis().max(1) as f64);
    let budget = of.allowed();
    CriterionView {
        title: of.title.clone(),
        when: of.when.to_string(),
        over: of.over,
        observed,
        broke: own.broke,
        share: part(own.held, observed).filter(|_| seen),
        target: of.target,
        budget,
        used: budget.and_then(|budget| part(own.broke, budget)),
        until: seen.then_some(own.until),
        used_up: known.and_then(|known| known.used_up),
        over_now: state.t0 + of.over <= now,
    }
}

/// Whether so long a break uses half of a budget, and all of it.
fn uses(broke: Span, budget: Span) -> (bool, bool) {
    (broke.millis() as f64 >= budget.millis() as f64 * WARNS, broke >= budget)
}

/// Budgets of which half is used, or all, by what is on record, and of which that was not said yet.
pub(super) fn used_up(state: &LaunchState) -> Vec<Event> {
    let each = state.outline.criteria.iter().filter_map(|of| {
        let (own, budget) = (state.criteria.get(&of.id)?, of.allowed()?);
        let (criterion, broke) = (of.id.clone(), own.broke);
        match uses(broke, budget) {
            _ if own.used_up.is_some() => None,
            (_, true) => Some(Event::BudgetUsedUp { criterion, broke, budget }),
            (true, _) if own.half_used.is_none() => Some(Event::BudgetHalfUsed { criterion, broke, budget }),
            _ => None,
        }
    });
    each.collect()
}

/// `errors < 1% over 24h: its error budget is used up: 1m27s of 1m26s, 101 %; held 99.8 % of 12h seen`, by what is on
/// record; `how` says how much of it is used.
pub(super) fn budget_words(state: &LaunchState, of: &CriterionOutline, how: &str, now: Timestamp) -> String {
    let view = view(state, None, of, now);
    let figures = view.figures("").unwrap_or_default();
    format!("{} over {}: {how}: {figures}; {}", view.title, short(of.over), view.held())
}

/// What was seen of a criterion since it was put on record last; none where nobody saw anything.
fn seen_since(state: &LaunchState, signals: &Signals, of: &CriterionOutline, now: Timestamp) -> Option<Measured> {
    let from = begins(state, of);
    let to = now.min(state.t0 + of.over);
    if to <= from {
        return None;
    }
    let share = signals.share(&of.when, from, to);
    let (held, broke, until) = (share.held, share.broke, share.until?);
    (held + broke > Span::ZERO).then(|| Measured { criterion: of.id.clone(), until, held, broke })
}

/// From when on readings count that are not on record.
fn begins(state: &LaunchState, of: &CriterionOutline) -> Timestamp {
    let known = state.criteria.get(&of.id).map(|own| own.until);
    known.unwrap_or(state.t0).max(state.t0).max(state.opened)
}

/// What was seen of each criterion up to the last reading, put on record or not.
pub fn so_far(state: &LaunchState, signals: &Signals, now: Timestamp) -> BTreeMap<String, CriterionState> {
    let each = state.outline.criteria.iter().filter_map(|of| {
        let part = seen_since(state, signals, of, now)?;
        let mut all = state.criteria.get(&of.id).cloned().unwrap_or_default();
        all.add(&part);
        Some((of.id.clone(), all))
    });
    each.collect()
}

/// What was seen since it was put on record last, where it is time for that, or at once.
pub(super) fn measured(state: &LaunchState, signals: &Signals, now: Timestamp, at_once: bool) -> Vec<Measured> {
    if matches!(state.status, Status::Ended { .. }) {
        return Vec::new();
    }
    let each = state.outline.criteria.iter().filter_map(|of| {
        let part = seen_since(state, signals, of, now)?;
        // After its end only the readings until then are left.
        let over = now >= state.t0 + of.over;
        let waited = now.since(begins(state, of));
        let due = waited >= STEP || (waited >= BROKEN && part.broke > Span::ZERO);
        (at_once || over || due || passes(state, of, &part)).then_some(part)
    });
    each.collect()
}

/// Whether what was seen uses half of the budget, or all of it, where what is on record did not.
fn passes(state: &LaunchState, of: &CriterionOutline, part: &Measured) -> bool {
    let Some(budget) = of.allowed() else { return false };
    let before = state.criteria.get(&of.id).map_or(Span::ZERO, |own| own.broke);
    uses(before, budget) != uses(before + part.broke, budget)
}

/// The next moment at which a look could find something here.
pub(super) fn deadlines(state: &LaunchState, now: Timestamp) -> Vec<Timestamp> {
    let ends = state.outline.criteria.iter().map(|of| state.t0 + of.over);
    ends.filter(|end| *end > now).collect()
}

impl LaunchState {
    pub(super) fn fold_measured(&mut self, part: &Measured) {
        self.criteria.entry(part.criterion.clone()).or_default().add(part);
    }

    pub(super) fn fold_half_used(&mut self, criterion: &str, at: Timestamp) {
        self.criteria.entry(criterion.to_owned()).or_default().half_used = Some(at);
    }

    pub(super) fn fold_used_up(&mut self, criterion: &str, at: Timestamp) {
        self.criteria.entry(criterion.to_owned()).or_default().used_up = Some(at);
    }

    /// A plan was taken in: what asks for something else begins anew.
    pub(super) fn take_criteria(&mut self, outline: &Outline) {
        let before = self.outline.clone();
        let same = |id: &String| {
            let of = |outline: &Outline| outline.criteria.iter().find(|c| c.id == *id).map(|c| c.when.clone());
            of(&before).is_some() && of(&before) == of(outline)
        };
        self.criteria.retain(|id, _| same(id));
        // Another budget is used up anew.
        let allowed = |outline: &Outline, id: &String| {
            outline.criteria.iter().find(|c| c.id == *id).and_then(CriterionOutline::allowed)
        };
        for (id, own) in &mut self.criteria {
            if allowed(&before, id) != allowed(outline, id) {
                (own.half_used, own.used_up) = (None, None);
            }
        }
    }
}
