//! The three answers that stand on every screen, and the alarms: one fold, so that the screen, `tminus status` and a
//! tab's title can't say different things of one moment.
//!
//! - NOW ([`Now`]): are we OK. The worst of what is measured, of triggers, steps and incidents; then what goes on.
//! - NEXT ([`Next`]): what, when, who decides. Where a person is wanted, the order that answers.
//! - BACK ([`Back`]): can I go back, to what, how long, on what ground, at what loss. There is always one.
//! - [`Alarm`]: what breaks, with its limit and clock, what comes of it, and the order that answers; the worst first.
//!
//! Here are words and data. Colours, symbols, widths and keys are the screen's: a text comes in several lengths
//! ([`Words`]), and an order ([`Move`]) has a key there and a `tminus do` on the command line.

mod alarm;
mod back;
mod checks;
mod measured;
mod next;
mod now;
mod shifts;
mod soak;
mod tally;
#[cfg(test)]
mod tests;
mod unmet;
mod unwatched;
mod wants;

use serde::{Serialize, Serializer};

pub use alarm::{Alarm, AlarmKind, Clock};
pub(super) use back::is_further;
pub use back::{Back, Ground, NO_LOSS, awaited, failed_undo, must_hold};
pub use next::Next;
pub use now::{Now, Standing};
pub use soak::{Soak, cut_off, lacks_data, only_boxes, soak};
pub use tally::Tally;
pub use unmet::fails_at;
pub use unmet::{Unmet, unmet};
pub use wants::{Want, WantKind, wants};

use super::{LaunchState, Status, StepState, StepStatus, WayView};
use crate::core::ids::StepId;
use crate::core::order::{Way, What};
use crate::core::outline::StepOutline;
use crate::core::ready::Card;
use crate::core::secret::MissingSecret;
use crate::core::spell;
use crate::core::time::Timestamp;
use crate::core::view::Readout;

/// What the answers are made from.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The launch.
    pub state: &'a LaunchState,
    /// Its signals and conditions.
    pub readout: &'a Readout,
    /// The ways back as they stand, as [`super::ways`] gives them.
    pub ways: &'a [WayView],
    /// Secrets that have no value where the engine is.
    pub secrets: &'a [MissingSecret],
    /// How the plan's file differs from the plan that the launch runs, where it does.
    pub plan: Option<&'a str>,
    /// What would not work of the launch, where it has not begun: the gravest first; none where nobody looked.
    pub ready: Option<&'a Card>,
    /// Now, on the launch's timeline.
    pub now: Timestamp,
    /// A moment as the clock on the people's wall shows it: `07:07`, or the day where that is another one.
    pub wall: &'a dyn Fn(Timestamp) -> String,
}

/// All that a screen says of a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Are we OK.
    pub now: Now,
    /// What comes next, when, who.
    pub next: Next,
    /// Can I go back, to what, how long does it take.
    pub back: Back,
    /// What breaks, the worst first.
    pub alarms: Vec<Alarm>,
    /// The way back that is offered first: the one that an alarm asks for, else the plan's own, else the shortest. None
    /// where there is none.
    #[serde(skip)]
    pub offered: Option<Way>,
}

/// A text in several lengths, the longest first. A screen takes the first that fits; in JSON it is the longest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// The longest first; at least one.
    pub fn of<T: Into<String>>(forms: impl IntoIterator<Item = T>) -> Self {
        Self(forms.into_iter().map(Into::into).collect())
    }

    /// The longest form.
    pub fn long(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The first form that fits, else the shortest.
    pub fn fitting(&self, fits: impl Fn(&str) -> bool) -> &str {
        self.0.iter().find(|form| fits(form)).or(self.0.last()).map_or("", String::as_str)
    }

    /// All forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.long().is_empty()
    }

    /// Every form changed alike.
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self(self.0.iter().map(|form| change(form)).collect())
    }
}

impl<T: Into<String>> From<T> for Words {
    fn from(text: T) -> Self {
        Self(vec![text.into()])
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.long())
    }
}

/// An order that answers, and what it does: `starts it`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The order; texts in it that a person must give are empty.
    #[serde(rename = "do", serialize_with = "spelled")]
    pub order: What,
    /// What it does.
    pub does: &'static str,
}

impl Move {
    fn new(order: What, does: &'static str) -> Self {
        Self { order, does }
    }
}

fn spelled<S: Serializer>(order: &What, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&spell::write(order))
}

/// The answers of a moment.
pub fn answers(moment: &Moment<'_>) -> Answers {
    let alarms = alarm::alarms(moment);
    let tally = Tally::of(moment.state, moment.readout, moment.now);
    let scene = Scene { moment, alarms: &alarms, tally };
    let (now, next, back) = (now::now(&scene), next::next(&scene), back::back(&scene));
    let offered = scene.offered().map(|w| w.way.clone());
    Answers { now, next, back, alarms, offered }
}

/// A moment with what was worked out of it first.
struct Scene<'a> {
    moment: &'a Moment<'a>,
    alarms: &'a [Alarm],
    tally: Tally,
}

impl<'a> Scene<'a> {
    /// The way back that an alarm asks for; else the plan's own, where there is something that it undoes; else the first
    /// that leads further than the one that was taken.
    fn offered(&self) -> Option<&'a WayView> {
        let asked = self.alarms.iter().filter(|a| a.asks).find_map(|a| match &a.answer.as_ref()?.order {
            What::Rollback { way, .. } => Some(way),
            _ => None,
        });
        let ways = self.moment.ways;
        let outline = &self.moment.state.outline;
        let own = outline.rollback.as_ref().and_then(|id| outline.rollback(id));
        let asked = ways.iter().find(|w| Some(&w.way) == asked);
        let taken = match self.moment.state.status {
            Status::RolledBack(number) => rollback(self.moment.state, number),
            _ => None,
        };
        let leads_on = |way: &&WayView| taken.is_none_or(|taken| is_further(self.moment.state, taken, way));
        let does_something = |way: &&WayView| match own {
            Some(own) if way.way == Way::Named(own.id.clone()) => {
                way.closed.is_none() && leads_on(way) && (own.undoes.is_empty() || !way.undoes.is_empty())
            }
            _ => false,
        };
        let rest = ways.iter().find(leads_on);
        asked.or_else(|| ways.iter().find(does_something)).or(rest).or(ways.first())
    }
}

impl<'a> Moment<'a> {
    fn own(&self, step: &StepId) -> Option<&'a StepState> {
        self.state.steps.get(step)
    }

    fn status(&self, step: &StepOutline) -> Option<&'a StepStatus> {
        self.own(&step.id).map(|s| &s.status)
    }

    /// The steps of the plan that something goes on with.
    fn active(&self) -> impl Iterator<Item = (&'a StepOutline, &'a StepStatus)> {
        let all = self.state.outline.steps.iter().filter_map(|s| Some((s, self.status(s)?)));
        all.filter(|(_, status)| status.is_active())
    }

    /// The way back that is under way, with its number.
    fn going_back(&self) -> Option<(u32, &'a super::RollbackState)> {
        let Status::RollingBack(number) = self.state.status else { return None };
        Some((number, rollback(self.state, number)?))
    }
}

/// The steps that failed or whose end nobody saw, the one that did first first: it is what people begin with.
fn by_time(state: &LaunchState) -> Vec<&StepOutline> {
    let since = |step: &StepOutline| match state.steps.get(&step.id)?.status {
        // What failed beside the plan is in its output; whose end nobody saw is asked of a person all the same.
        StepStatus::Failed { at, .. } if !state.is_added(&step.id) => Some(at),
        StepStatus::Interrupted { at, .. } => Some(at),
        _ => None,
    };
    let mut all: Vec<_> = state.outline.steps.iter().filter_map(|step| Some((since(step)?, step))).collect();
    all.sort_by_key(|(since, _)| *since);
    all.into_iter().map(|(_, step)| step).collect()
}

/// A way back that was begun, by its number.
fn rollback(state: &LaunchState, number: u32) -> Option<&super::RollbackState> {
    state.rollbacks.get((number as usize).checked_sub(1)?)
}
