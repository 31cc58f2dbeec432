//! Success over time: which share of the observed time a `[[criterion]]` held, from T-0 on, and how much of its error
//! budget is used.
//!
//! What was seen is put on record every quarter of an hour, every minute's break within five, so that it outlives the
//! readings: the whole is the sum of what is on record. What nobody saw is neither good nor bad. When T-0 moves, it begins
//! anew.

use serde::{Deserialize, Serialize};

use super::{LaunchState, Status};
use crate::core::criterion::{CriterionOutline, Measured};
use crate::core::event::Event;
use crate::core::outline::Outline;
use crate::core::reading::Level;
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Finite;
use crate::core::words::short;

/// What holds is put on record this often.
const STEP: Span = Span::mins(15);

/// What does not hold, this often.
const BROKEN: Span = Span::mins(5);

/// What is on record of a criterion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionState {
    /// For how long it held.
    pub held: Span,
    /// For how long it did not.
    pub broke: Span,
    /// The last reading that counts.
    pub until: Timestamp,
    /// Since when its error budget is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_up: Option<Timestamp>,
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
            (_, Some(used)) if used >= 0.5 => Level::Warn,
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

    /// `as of 05:48`, where something was seen: what came since is not counted yet.
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

/// How all criteria stand, in the plan's order.
pub fn criteria(state: &LaunchState, now: Timestamp) -> Vec<CriterionView> {
    state.outline.criteria.iter().map(|of| view(state, of, now)).collect()
}

fn view(state: &LaunchState, of: &CriterionOutline, now: Timestamp) -> CriterionView {
    let own = state.criteria.get(&of.id).cloned().unwrap_or_default();
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
        used_up: own.used_up,
        over_now: state.t0 + of.over <= now,
    }
}

/// Criteria whose budget is used up and of which that was not said yet.
pub(super) fn used_up(state: &LaunchState) -> Vec<Event> {
    let each = state.outline.criteria.iter().filter_map(|of| {
        let (own, budget) = (state.criteria.get(&of.id)?, of.allowed()?);
        let (criterion, broke) = (of.id.clone(), own.broke);
        (own.used_up.is_none() && broke >= budget).then_some(Event::BudgetUsedUp { criterion, broke, budget })
    });
    each.collect()
}

/// `errors < 1% over 24h: its error budget is used up: 1m27s of 1m26s, 101 %; held 99.8 % of 12h seen`.
pub fn budget_used_up(state: &LaunchState, of: &CriterionOutline, now: Timestamp) -> String {
    let view = view(state, of, now);
    let figures = view.figures("").unwrap_or_default();
    format!("{} over {}: its error budget is used up: {figures}; {}", view.title, short(of.over), view.held())
}

/// What was seen since it was put on record last, where it is time for that, or at once.
pub(super) fn measured(state: &LaunchState, signals: &Signals, now: Timestamp, at_once: bool) -> Vec<Measured> {
    if matches!(state.status, Status::Ended { .. }) {
        return Vec::new();
    }
    let each = state.outline.criteria.iter().filter_map(|of| {
        let end = state.t0 + of.over;
        let known = state.criteria.get(&of.id).map(|own| own.until);
        let from = known.unwrap_or(state.t0).max(state.t0).max(state.opened);
        let to = now.min(end);
        // After its end only the readings until then are left.
        let due = at_once || to.since(from) >= BROKEN || now >= end;
        if !due || to <= from {
            return None;
        }
        let share = signals.share(&of.when, from, to);
        let (held, broke, until) = (share.held, share.broke, share.until?);
        let seen = held + broke > Span::ZERO;
        let enough = at_once || now >= end || broke > Span::ZERO || to.since(from) >= STEP;
        (seen && enough).then(|| Measured { criterion: of.id.clone(), until, held, broke })
    });
    each.collect()
}

/// The next moment at which a look could find something here.
pub(super) fn deadlines(state: &LaunchState, now: Timestamp) -> Vec<Timestamp> {
    let ends = state.outline.criteria.iter().map(|of| state.t0 + of.over);
    ends.filter(|end| *end > now).collect()
}

impl LaunchState {
    pub(super) fn fold_measured(&mut self, part: &Measured) {
        let own = self.criteria.entry(part.criterion.clone()).or_default();
        own.held = own.held + part.held;
        own.broke = own.broke + part.broke;
        own.until = part.until;
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
            own.used_up = own.used_up.filter(|_| allowed(&before, id) == allowed(outline, id));
        }
    }
}
